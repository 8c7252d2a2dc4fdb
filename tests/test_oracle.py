"""The oracle agrees with formulas written otherwise, differentiated by mpmath, and has the limits at infinity."""

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from support import FUNCTIONS, SETS, WITH_PARAMETERS

from acts.testing import example_parameters, oracle

INF = np.inf


def relu(x):
    return (x + abs(x)) / 2


def step(x):
    return (1 + mpmath.sign(x)) / 2


INDEPENDENT = {  # written otherwise than in the docstrings: (formula, (f, f') at -inf, (f, f') at inf)
    "identity": (lambda x: x, (-INF, 1), (INF, 1)),
    "relu": (relu, (0, 0), (INF, 1)),
    "relu6": (lambda x: relu(x) - relu(x - 6), (0, 0), (6, 0)),
    "leaky_relu": (lambda x, a: relu(x) - a * relu(-x), (-INF, 0.01), (INF, 1)),
    "prelu": (lambda x, a: relu(x) - a * relu(-x), (-INF, 0.25), (INF, 1)),
    "threshold": (lambda x, t, v: v + step(x - t) * (x - v), (0.5, 0), (INF, 1)),
    "thresholded_relu": (lambda x, t: x * step(x - t), (0, 0), (INF, 1)),
    "relu_squared": (lambda x: x * relu(x), (0, 0), (INF, INF)),
    "softplus": (lambda x, b: relu(b * x) / b + mpmath.log1p(mpmath.exp(-abs(b * x))) / b, (0, 0), (INF, 1)),
    "squareplus": (lambda x, b: x / 2 + mpmath.hypot(x / 2, mpmath.sqrt(b) / 2), (0, 0), (INF, 1)),
    "elu": (lambda x, a: relu(x) + a * mpmath.expm1(-relu(-x)), (-1, 0), (INF, 1)),
    "selu": (
        lambda x: mpf(1.0507009873554805) * (relu(x) + mpf(1.6732632423543772) * mpmath.expm1(-relu(-x))),
        (-1.7580993408473766, 0),
        (INF, 1.0507009873554805),
    ),
    "celu": (lambda x, a: relu(x) + a * mpmath.expm1(-relu(-x) / a), (-1, 0), (INF, 1)),
    "gelu": (lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2, (0, 0), (INF, 1)),
    "gelu_tanh": (
        lambda x: x / (1 + mpmath.exp(-mpmath.sqrt(8 / mpmath.pi) * (x + mpf(0.044715) * x**3))), (0, 0), (INF, 1)
    ),
    "quick_gelu": (lambda x: x * (1 + mpmath.tanh(mpf(1.702) * x / 2)) / 2, (0, 0), (INF, 1)),
    "silu": (lambda x: x * (1 + mpmath.tanh(x / 2)) / 2, (0, 0), (INF, 1)),
    "swish": (lambda x, b: x * (1 + mpmath.tanh(b * x / 2)) / 2, (0, 0), (INF, 1)),
    "mish": (lambda x: x - 2 * x / ((1 + mpmath.exp(x)) ** 2 + 1), (0, 0), (INF, 1)),
    "hard_swish": (lambda x: x * (relu(x + 3) - relu(x - 3)) / 6, (0, 0), (INF, 1)),
    "sigmoid": (lambda x: (1 + mpmath.tanh(x / 2)) / 2, (0, 0), (1, 0)),
    "hard_sigmoid": (lambda x, s, o: relu(s * x + o) - relu(s * x + o - 1), (0, 0), (1, 0)),
    "log_sigmoid": (lambda x: x - mpmath.log1p(mpmath.exp(x)), (-INF, 1), (0, 0)),
    "tanh": (lambda x: (mpmath.exp(2 * x) - 1) / (mpmath.exp(2 * x) + 1), (-1, 0), (1, 0)),
    "hard_tanh": (lambda x, low, high: low + relu(x - low) - relu(x - high), (-1, 0), (1, 0)),
    "softsign": (lambda x: mpmath.sign(x) - mpmath.sign(x) / (1 + abs(x)), (-1, 0), (1, 0)),
    "hardshrink": (lambda x, t: x * step(abs(x) - t), (-INF, 1), (INF, 1)),
    "softshrink": (lambda x, t: relu(x - t) - relu(-x - t), (-INF, 1), (INF, 1)),
    "tanhshrink": (lambda x: x - 1 + 2 / (1 + mpmath.exp(2 * x)), (-INF, 1), (INF, 1)),
}  # fmt: skip
AWAY_FROM_KINKS = (-7.5, -2.25, -0.625, 0.125, 0.875, 3.5, 9.0)


def having_a_formula(rows):
    """The rows of functions that are written here once more; the oracle itself needs no formula of theirs."""
    return [row for row in rows if row.values[0].__name__ in INDEPENDENT]


def differentiated(f, *point):
    """f, f' and f'' along the first argument, by mpmath's own differences."""
    return [f(*point), *(mpmath.diff(lambda t: f(t, *point[1:]), point[0], n) for n in (1, 2))]


def assert_same(got, want):
    for g, w in zip(got, want, strict=True):
        assert abs(g - w) <= mpf(10) ** -30 * max(1, abs(w))


@pytest.mark.parametrize(("function", "params"), having_a_formula(SETS))
def test_the_oracle_agrees_with_an_independent_formula(function, params):
    formula = INDEPENDENT[function.__name__][0]
    for x in AWAY_FROM_KINKS:
        if params.get("alpha") != 0 and not np.isclose(x, function.kinks_at(**params)).any():
            with mpmath.workdps(60):
                want = differentiated(formula, mpf(x), *map(mpf, params.values()))
                assert_same(oracle(function, x, **params), want)


@pytest.mark.parametrize(("function", "name"), having_a_formula(WITH_PARAMETERS))
def test_the_oracle_differentiates_along_a_parameter(function, name):
    formula, params = INDEPENDENT[function.__name__][0], example_parameters(function)
    for x in AWAY_FROM_KINKS:
        with mpmath.workdps(60):
            want = differentiated(lambda t, x=x: formula(mpf(x), *{**params, name: t}.values()), mpf(params[name]))
            assert_same(oracle(function, x, wrt=name, **params), want)


@pytest.mark.parametrize("function", having_a_formula(FUNCTIONS))
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_oracle_takes_limits_at_infinity(function, dtype):
    as_dtype = np.dtype(dtype).type
    for x, limits in zip((-INF, INF), INDEPENDENT[function.__name__][1:], strict=True):
        jet = oracle(function, x, dtype, **example_parameters(function))
        with np.errstate(over="ignore"):
            assert [as_dtype(float(part)) for part in jet[:2]] == [as_dtype(limit) for limit in limits]


def test_the_oracle_takes_activations_of_one_number():
    for wrong in ("softmax", np.tanh):
        with pytest.raises(TypeError, match="it must be a name or an activation of one number; row_oracle takes rows"):
            oracle(wrong, 0.5)
