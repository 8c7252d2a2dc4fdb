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


NAN_IS_LOST = "NaN, or its gradient, becomes a number"
FAILING = {  # why it does not pass: a fault of theirs, or of the kit where it says so
    "keras.activations.relu(x, threshold=2.0)": NAN_IS_LOST,
    "keras.activations.relu(x, negative_slope=0.1, max_value=5.0, threshold=2.0)": NAN_IS_LOST,
    "keras.activations.hard_shrink(x)": NAN_IS_LOST,
    "keras.activations.hard_shrink(x, threshold=1.5)": NAN_IS_LOST,
    "keras.activations.soft_shrink(x)": NAN_IS_LOST,
    "keras.activations.soft_shrink(x, threshold=1.5)": NAN_IS_LOST,
    "keras.activations.threshold(x, threshold=1.0, default_value=-7.0)": NAN_IS_LOST,
    "keras.activations.tanh_shrink(x)": "x - tanh(x) cancels, and so does 1 - (1 - tanh²)",
    "keras.activations.squareplus(x)": "its gradient is wrong where x² overflows",
    "keras.activations.exponential(x)": "the kit asks for cotangent times slope where the value overflows",
    "torch.exp(x)": "the same",
    "F.mish(x)": "the kit asks for the sign of 0 times an infinite cotangent",
}


def expected(theirs, request):
    if theirs in FAILING:
        request.applymarker(pytest.mark.xfail(strict=True, reason=FAILING[theirs]))


@pytest.mark.parametrize("mutant", [pytest.param(row, id=row.id) for row in (*IN_TORCH, *FIELD_OF_TORCH)])
def test_a_mutant_is_caught_and_told_what_it_is(mutant):
    caught(mutant)


def test_there_are_40_right_kernels():
    assert sum(len(right_kernels(framework)) for framework in ("torch", "jax")) > 40


@pytest.mark.parametrize(("theirs", "function"), right_kernels("torch"))
def test_no_function_of_torch_is_accused(theirs, function, request):
    expected(theirs, request)
    accepted(kernel_of(theirs, **NAMES), function, dtypes=["float32"], **ONE_SHAPE)


@pytest.mark.parametrize(("theirs", "function"), right_kernels("keras"))
def test_no_function_of_keras_is_accused(theirs, function, request):
    expected(theirs, request)
    keras = pytest.importorskip("keras", reason="keras is not installed")
    accepted(kernel_of(theirs, keras=keras, **NAMES), function, dtypes=["float32"], **ONE_SHAPE)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("theirs", "function"), right_kernels("torch"))
def test_no_function_of_torch_is_accused_in_any_shape_or_type(theirs, function, request):
    expected(theirs, request)
    accepted(kernel_of(theirs, **NAMES), function)


@pytest.mark.exhaustive
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_compiled_elu_is_wrong_near_0_and_the_eager_one_is_not():
    elu = torch.nn.functional.elu
    assert_conforms(lambda x: elu(x), "elu", dtypes=["float32"], **ONE_SHAPE)
    with pytest.raises(AssertionError, match="middle: x = -"):
        assert_conforms(torch.compile(elu), "elu", dtypes=["float32"], **ONE_SHAPE)
