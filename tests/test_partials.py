"""Every parameter's partial is within its bound of the exact one; unknown names are refused."""

import pytest
from support import FUNCTIONS, SETS, WITH_PARAMETERS, assert_close_to_truth, example


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("function", "params"), SETS)
def test_partials(function, params, dtype):
    for name in function.params:
        assert_close_to_truth(function.bind(**params), name, dtype, 16)


@pytest.mark.parametrize(("function", "name"), WITH_PARAMETERS)
def test_partial_in_float16_is_rounded_once(function, name):
    assert_close_to_truth(example(function), name, "float16", 0.55, conditioned=False)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_partial_of_an_unknown_parameter(function):
    with pytest.raises(LookupError, match="has no parameter 'gama'"):
        function.partial("gama", 1.0)
