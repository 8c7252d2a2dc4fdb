"""The kit on kernels of other frameworks: wrong ones in torch are caught, right ones of torch and Keras pass."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytestmark = pytest.mark.peers

import jax  # noqa: E402
from mutants import ONE_SHAPE  # noqa: E402
from mutants_in_torch import FIELD_OF_TORCH, IN_TORCH  # noqa: E402
from test_mutants import accepted, caught, kernel_of, right_kernels  # noqa: E402

from acts.testing import assert_conforms  # noqa: E402

NAMES = {"jax": jax, "torch": torch, "F": torch.nn.functional}


@pytest.mark.parametrize("mutant", [pytest.param(row, id=row.id) for row in (*IN_TORCH, *FIELD_OF_TORCH)])
def test_a_mutant_is_caught_and_told_what_it_is(mutant):
    caught(mutant)


def test_there_are_40_right_kernels():
    assert sum(len(right_kernels(framework)) for framework in ("torch", "jax")) > 40


@pytest.mark.parametrize(("theirs", "function"), right_kernels("torch"))
def test_no_function_of_torch_is_accused(theirs, function, request):
    if theirs in ("torch.exp(x)", "F.mish(x)"):
        request.applymarker(pytest.mark.xfail(strict=True, reason="the kit accuses it: not yet looked into"))
    accepted(kernel_of(theirs, **NAMES), function, dtypes=["float32"], **ONE_SHAPE)


@pytest.mark.parametrize(("theirs", "function"), right_kernels("keras"))
def test_no_function_of_keras_is_accused(theirs, function):
    keras = pytest.importorskip("keras", reason="keras is not installed")
    accepted(kernel_of(theirs, keras=keras, **NAMES), function, dtypes=["float32"], **ONE_SHAPE)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("theirs", "function"), right_kernels("torch"))
def test_no_function_of_torch_is_accused_in_any_shape_or_type(theirs, function):
    accepted(kernel_of(theirs, **NAMES), function)


@pytest.mark.exhaustive
def test_a_compiled_elu_is_wrong_near_0_and_the_eager_one_is_not():
    elu = torch.nn.functional.elu
    assert_conforms(lambda x: elu(x), "elu", dtypes=["float32"], **ONE_SHAPE)
    with pytest.raises(AssertionError, match="middle: x = -"):
        assert_conforms(torch.compile(elu), "elu", dtypes=["float32"], **ONE_SHAPE)
