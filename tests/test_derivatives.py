"""f' is within its bound of the exact derivative of the definition, and of finite differences of f."""

import numpy as np
import pytest
from support import FUNCTIONS, SETS, assert_close_to_truth, defined, example

from acts.testing.candidates import from_acts
from acts.testing.conformance import compare as check
from acts.testing.ulp import is_wave


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("function", "params"), SETS)
def test_derivative(function, params, dtype):
    assert_close_to_truth(function.bind(**params), 1, dtype, 16)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_derivative_in_float16_is_rounded_once(function):
    assert_close_to_truth(example(function), 1, "float16", 0.55, conditioned=False)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_derivative_agrees_with_finite_differences(function):
    half = defined(function, np.array([-1.0, 1.0])).mean()  # of a function of x > 0, fewer points tell
    report = check(from_acts(function), function, count=int(400 / half**2))
    found = [f for f in report.findings if f.against == "differences"]
    assert {f.quantity for f in found} == {"f'", "f''", *(f"df/d{name}" for name in function.params)}
    enough = (
        60 if is_wave(example(function).derivative) else 200
    )  # no difference tells of a wave far out, or next to a kink that moves
    assert all(f.points > enough for f in found), "too few points were testable"
    assert [f for f in found if not f.passed] == []
