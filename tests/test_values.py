"""f is within its bound of the executable definition, evaluated with hundreds of digits."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from support import FUNCTIONS, SETS, assert_close_to_truth, defined, example

from acts.testing import oracle, parameter_sets, ulp_size


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("function", "params"), SETS)
def test_value(function, params, dtype):
    assert_close_to_truth(function.bind(**params), 0, dtype, 9)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_value_in_float16_is_rounded_once(function):
    assert_close_to_truth(example(function), 0, "float16", 0.51, conditioned=False)


def drawn(function, data):
    """x, and for each parameter one of its values in parameter_sets, a quarter to four times as large."""
    sets = parameter_sets(function)
    values = {name: st.sampled_from(sorted({params[name] for params in sets})) for name in function.params}
    params = {n: data.draw(v, label=n) * data.draw(st.floats(0.25, 4), label="times") for n, v in values.items()}
    return data.draw(st.floats(-30, 30), label="x"), params


def check_drawn(function, data):
    x, params = drawn(function, data)
    try:
        got = function(x, **params)
    except ValueError:
        hypothesis.assume(False)
    bound = function.bind(**params)
    hypothesis.assume(defined(bound, x))
    hypothesis.assume(x not in bound.kinks_at())  # test_kinks.py has these
    true, slope, _ = oracle(bound, x)
    unit = max(float(ulp_size(float(true), "float64")), float(abs(slope)) * float(ulp_size(x, "float64")))
    for name, value in params.items():  # a knee such as -offset / slope is rounded: what an ulp of a parameter does
        unit = max(unit, float(abs(oracle(bound, x, wrt=name).first)) * float(ulp_size(value, "float64")))
    assert abs(float(got - true)) <= 9 * unit


@pytest.mark.parametrize("function", FUNCTIONS)
@hypothesis.settings(max_examples=30, deadline=None, derandomize=True)
@hypothesis.given(data=st.data())
def test_value_for_drawn_parameters_and_inputs(function, data):
    check_drawn(function, data)


@pytest.mark.exhaustive
@pytest.mark.parametrize("function", FUNCTIONS)
@hypothesis.settings(max_examples=500, deadline=None, database=None)
@hypothesis.given(data=st.data())
def test_value_for_others_drawn_each_time(function, data):
    check_drawn(function, data)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nan_goes_through(function):
    f = example(function)
    for dtype in (np.float16, np.float32, np.float64):
        x = np.array([1.0, np.nan, 2.0], dtype)
        for y in (f(x), f.derivative(x), f.second_derivative(x), *(f.partial(p, x) for p in f.params)):
            assert np.isnan(y).tolist() == [False, True, False]
