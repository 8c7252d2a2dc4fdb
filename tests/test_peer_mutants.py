"""The kit on kernels in torch: wrong ones are caught, and told what they are."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytestmark = pytest.mark.peers

from mutants import ONE_SHAPE  # noqa: E402
from mutants_in_torch import FIELD_OF_TORCH, IN_TORCH  # noqa: E402
from test_mutants import caught  # noqa: E402

from acts.testing import assert_conforms  # noqa: E402


@pytest.mark.parametrize("mutant", [pytest.param(row, id=row.id) for row in (*IN_TORCH, *FIELD_OF_TORCH)])
def test_a_mutant_is_caught_and_told_what_it_is(mutant):
    caught(mutant)


@pytest.mark.exhaustive
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_compiled_elu_is_wrong_near_0_and_the_eager_one_is_not():
    elu = torch.nn.functional.elu
    assert_conforms(lambda x: elu(x), "elu", dtypes=["float32"], **ONE_SHAPE)
    with pytest.raises(AssertionError, match="middle: x = -"):
        assert_conforms(torch.compile(elu), "elu", dtypes=["float32"], **ONE_SHAPE)
