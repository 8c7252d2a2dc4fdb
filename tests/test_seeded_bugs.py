"""The classic bugs, each rejected by the suite's own checks, which accept the right implementation in its place."""

import dataclasses
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from support import assert_close_to_truth

import acts
from acts.testing import grid
from acts.testing.candidates import from_acts, from_callable
from acts.testing.conformance import compare as check

MATH_ERF = np.vectorize(math.erf, otypes=[float])
MATH_ERFC = np.vectorize(math.erfc, otypes=[float])


class Bug(NamedTuple):
    """A wrong and a right implementation of a quantity of a function: "f", "f'", "f''" or "df/d(parameter)"."""

    name: str
    function: acts.Activation
    quantity: str
    wrong: Any
    right: Any


def e(x):
    """exp(-|x|), which overflows nowhere."""
    return np.exp(-np.abs(x))


LOGISTIC = lambda x: np.where(x > 0, 1, e(x)) / (1 + e(x))  # noqa: E731
STEEP = acts.leaky_relu.bind(negative_slope=2.0)

BUGS = [
    Bug(
        "s(1-s) cancels",
        acts.sigmoid,
        "f'",
        lambda x: LOGISTIC(x) * (1 - LOGISTIC(x)),
        lambda x: e(x) / (1 + e(x)) ** 2,
    ),
    Bug(
        "1-y*y cancels",
        acts.tanh,
        "f'",
        lambda x: 1 - np.tanh(x) ** 2,
        lambda x: 4 * e(2 * x) / (1 + e(2 * x)) ** 2,
    ),
    Bug(
        "y for x",
        acts.tanh,
        "f'",
        lambda x: acts.tanh.derivative(np.tanh(x)),
        lambda x: acts.tanh.derivative(x),
    ),
    Bug(
        "log(1+exp(x)) overflows and cancels",
        acts.softplus,
        "f",
        lambda x: np.log(1 + np.exp(x)),
        lambda x: np.maximum(x, 0) + np.log1p(e(x)),
    ),
    Bug(
        "exp(x)-1 for expm1",
        acts.elu,
        "f",
        lambda x: np.where(x > 0, x, np.exp(x) - 1),
        lambda x: np.where(x > 0, x, np.expm1(x)),
    ),
    Bug(
        "y+alpha for the slope",
        acts.elu,
        "f'",
        lambda x: np.where(x > 0, 1, np.expm1(x) + 1),
        lambda x: np.where(x > 0, 1, np.exp(x)),
    ),
    Bug(
        "max(x,ax) with a>1",
        STEEP,
        "f",
        lambda x: np.maximum(x, 2 * x),
        lambda x: np.where(x > 0, x, 2 * x),
    ),
    Bug(
        "tanh gelu for the exact one",
        acts.gelu,
        "f",
        acts.gelu_tanh,
        lambda x: np.maximum(x, -99) * (MATH_ERFC(-x / np.sqrt(2)) / 2),
    ),
    Bug(
        "1+erf in the left tail",
        acts.gelu,
        "f",
        lambda x: np.maximum(x, -99) * ((1 + MATH_ERF(x / np.sqrt(2))) / 2),
        lambda x: np.maximum(x, -99) * (MATH_ERFC(-x / np.sqrt(2)) / 2),
    ),
    Bug(
        "inf*0 at -inf",
        acts.silu,
        "f",
        lambda x: x * LOGISTIC(x),
        lambda x: np.maximum(x, -1e4) * LOGISTIC(x),
    ),
    Bug(
        "0.5 at the kink, as jnp.maximum",
        acts.relu,
        "f'",
        lambda x: jax.vmap(jax.grad(lambda t: jnp.maximum(t, 0)))(x),
        lambda x: jax.vmap(jax.grad(lambda t: jnp.where(t > 0, t, 0)))(x),
    ),
    Bug(
        "the closed piece at the kink",
        acts.hard_tanh,
        "f'",
        lambda x: np.where(np.abs(x) <= 1, 1, 0),
        lambda x: np.where(np.abs(x) < 1, 1, 0),
    ),
    Bug(
        "the wrong sign of a partial",
        acts.softshrink,
        "df/dlambd",
        lambda x: np.where(np.abs(x) > 0.5, np.sign(x), 0),
        lambda x: np.where(np.abs(x) > 0.5, -np.sign(x), 0),
    ),
]
ROWS = [pytest.param(bug, id=f"{bug.function.__name__} {bug.quantity}, {bug.name}") for bug in BUGS]


def meets_the_oracle(bug, compute):
    order = {"f": 0, "f'": 1, "f''": 2}.get(bug.quantity, bug.quantity.removeprefix("df/d"))
    with jax.enable_x64(True), np.errstate(all="ignore"):
        assert_close_to_truth(bug.function, order, "float64", 16, compute)


def passes_the_check(bug, compute):
    def typed(x, **params):
        return np.asarray(compute(x)).astype(x.dtype)

    candidate = dataclasses.replace(from_acts(bug.function), computes={bug.quantity: typed})
    with jax.enable_x64(True), np.errstate(all="ignore"):
        report = check(candidate, bug.function, 400)
    assert report.passed, report.worst()


def agrees_with_differences(bug, compute):
    """A user's candidate: the right values, and this derivative."""
    report = check(from_callable("mine", bug.function, lambda x: np.asarray(compute(x))), bug.function, 400)
    found = [f for f in report.findings if f.against == "differences"]
    assert found
    assert all(f.passed for f in found), found


@pytest.mark.parametrize("bug", ROWS)
@pytest.mark.parametrize("holds", [meets_the_oracle, passes_the_check])
def test_the_bug_is_rejected_and_the_cure_accepted(bug, holds):
    holds(bug, bug.right)
    with pytest.raises(AssertionError):
        holds(bug, bug.wrong)


FORGOTTEN = Bug("the chain rule's factor is forgotten", acts.sigmoid, "f'", LOGISTIC, acts.sigmoid.derivative)


def test_finite_differences_need_no_oracle_to_reject_a_wrong_slope():
    agrees_with_differences(FORGOTTEN, FORGOTTEN.right)
    with pytest.raises(AssertionError):
        agrees_with_differences(FORGOTTEN, FORGOTTEN.wrong)


# -- backward passes ---------------------------------------------------------------------------------------------------

G = np.random.default_rng(0).standard_normal(57)
X = grid(np.float64, (), 100)
X = np.resize(X[np.abs(X) < 20], 57)


def is_the_backward_pass(vjp, function, x, g, alpha, channel=...):
    """dx is g times the slope; dalpha has alpha's shape and holds the sums over each channel."""
    dx, dalpha = vjp(x, g, alpha)
    slopes, partials = np.empty_like(x), np.zeros_like(alpha)
    for c in np.ndindex(np.shape(alpha)):
        mine = (channel, *c) if c else ...
        slopes[mine] = function.derivative(x[mine], float(alpha[c]))
        partials[c] = np.sum(g[mine] * function.partial("alpha", x[mine], float(alpha[c])))
    np.testing.assert_allclose(dx, g * slopes, rtol=1e-14)
    assert np.shape(dalpha) == np.shape(alpha)
    np.testing.assert_allclose(dalpha, partials, rtol=1e-12)


BACKWARD = {
    "g is forgotten": lambda x, g, a: (acts.elu.derivative(x, a), np.sum(g * acts.elu.partial("alpha", x, a))),
    "g is forgotten in dalpha": lambda x, g, a: (g * acts.elu.derivative(x, a), acts.elu.partial("alpha", x, a).sum()),
    "dalpha is not summed": lambda x, g, a: (g * acts.elu.derivative(x, a), g * acts.elu.partial("alpha", x, a)),
    "dalpha is averaged": lambda x, g, a: (g * acts.elu.derivative(x, a), np.mean(g * acts.elu.partial("alpha", x, a))),
}


@pytest.mark.parametrize("wrong", BACKWARD.values(), ids=BACKWARD)
def test_a_wrong_backward_pass_is_rejected(wrong):
    alpha = np.array(0.75)
    is_the_backward_pass(acts.elu.vjp, acts.elu, X, G, alpha)
    with pytest.raises(AssertionError):
        is_the_backward_pass(wrong, acts.elu, X, G, alpha)


def test_prelu_on_the_wrong_axis_is_rejected_where_all_axes_are_equally_long():
    x, g = np.random.default_rng(0).standard_normal((2, 3, 3, 3, 3))
    alpha = np.array([0.1, 0.2, 0.3])

    def along(axis):
        return lambda x, g, alpha: acts.prelu.vjp(x, g, alpha, axis)

    is_the_backward_pass(along(-1), acts.prelu, x, g, alpha)
    for wrong in (0, 1, 2):
        with pytest.raises(AssertionError):
            is_the_backward_pass(along(wrong), acts.prelu, x, g, alpha)
    with pytest.raises(ValueError, match="can't be told apart"):
        acts.prelu.vjp(x, g, alpha)
