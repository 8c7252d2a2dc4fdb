"""f'' is within its bound of the exact second derivative of the definition."""

import pytest
from support import FUNCTIONS, SETS, assert_close_to_truth, example


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("function", "params"), SETS)
def test_second_derivative(function, params, dtype):
    assert_close_to_truth(function.bind(**params), 2, dtype, 16)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_second_derivative_in_float16_is_rounded_once(function):
    assert_close_to_truth(example(function), 2, "float16", 0.65, conditioned=False)
