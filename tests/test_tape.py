"""What a tape can't hold runs without one; what a formula forgets, NaN and types, the engine adds."""

import numpy as np
import pytest
from test_engine import TYPES, points, same_bits

from acts._evaluate import SMALL, Program
from acts._tape import Tape, UnrecordableError


def assigning(x):
    y = x * 2
    y[x > 0.5] = 7
    return y


def filling(x):
    y = x * 2
    y.fill(3)
    return y


UNRECORDABLE = {
    "a reduction": lambda x: x + 0 * np.max(x),
    "an element": lambda x: x + 0 * float(x[0]),
    "a branch": lambda x: x if x.any() else -x,
    "an assignment": assigning,
    "a fill": filling,
    "in place": lambda x: np.multiply(x, 2, out=x.copy()),
    "a view": lambda x: x.reshape(-1) * 2,
    "an array of its own": lambda x: x + np.zeros(1),
    "another conversion": lambda x: x.astype(np.float64, copy=False) * 2,
}


@pytest.mark.parametrize("name", UNRECORDABLE)
def test_what_a_tape_cannot_hold_runs_without_one(name):
    formula = UNRECORDABLE[name]
    with pytest.raises((UnrecordableError, ValueError, TypeError, AttributeError)):
        Tape([formula], [np.full(1, np.nan)])
    program = Program((formula,), (np.dtype(float),), ())
    x = np.repeat([0.0, 1.0], SMALL)
    np.testing.assert_array_equal(program(x)[0], formula(x))
    assert program.tape is None


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_an_error_of_a_formula_is_raised(dtype):
    def formula(x):
        if x.size > 1:
            raise ArithmeticError("too long")
        return x * x.tolist()[0]

    with pytest.raises(ArithmeticError, match="too long"):
        Program((formula,), (np.dtype(dtype),), ())(np.ones(SMALL + 1, dtype))


FORGETFUL = {
    "a comparison": lambda x: np.where(x > 0, 1, 0),
    "a constant": lambda x: 2,
    "the input": lambda x: x,
    "nothing new": lambda x: np.asarray(x),
    "clip": lambda x: np.clip(x, 0, 1),
    "shared": lambda x: np.exp(x) + np.exp(x),
    "in two": lambda x: (x > 0) * np.sqrt(x.astype(np.float64)).astype(x.dtype),
}


@pytest.mark.parametrize("name", FORGETFUL)
@pytest.mark.parametrize("dtype", TYPES)
def test_a_formula_that_forgets_nan_or_its_type_is_completed(name, dtype):
    formula = FORGETFUL[name]
    x = np.abs(points(300_000, dtype))
    with np.errstate(all="ignore"):
        want = np.where(np.isnan(x), x, formula(x)).astype(dtype)
    for length in (9, x.size):
        program = Program((formula,), (x.dtype,), ())
        (got,) = program(x[:length])
        assert got.dtype == dtype
        assert not np.may_share_memory(got, x)
        same_bits(got, want[:length])


def test_formulas_that_return_the_same_value_have_results_of_their_own():
    program = Program((np.exp, np.exp, lambda x: x), (np.dtype(float),), ())
    a, b, c = program(np.zeros(SMALL + 1))
    a[:] = 7
    assert (b[0], c[0]) == (1, 0)
