"""check_grad accuses no correct code and finds wrong one; Taylor's order is 2.00 for a derivative."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import acts
from acts.testing import check_grad, example_parameters, taylor_order

DTYPES = ("float64", "float32", "bfloat16", "float16")
OF_JAX = ("relu", "relu6", "elu", "celu", "gelu", "silu", "mish", "hard_swish", "hard_sigmoid", "softplus", "soft_sign")


def bound(name):
    f = acts.get(name)
    return f.bind(**example_parameters(f))


@pytest.mark.parametrize("name", acts.names())
def test_our_derivatives_are_never_accused(name):
    f = bound(name)
    for dtype in DTYPES:
        check_grad(f, dtype=dtype)


@pytest.mark.parametrize("name", acts.names())
def test_the_order_is_two(name):
    order = taylor_order(bound(name))
    assert order == np.inf or f"{order:.2f}" == "2.00"


@pytest.mark.parametrize("name", OF_JAX)
def test_those_of_jax_are_not_accused(name):
    for dtype in ("float32", "bfloat16", "float16"):
        assert check_grad(getattr(jax.nn, name), dtype=dtype).worst <= 1
    kinks = () if name == "soft_sign" else acts.get(name).kinks_at()
    order = taylor_order(getattr(jax.nn, name), kinks=(0.0, *kinks))
    assert order == np.inf or abs(order - 2) < 0.05  # float32 unless x64 is on


COARSE = ("step", "siren", "log1mexp", "softplus_inverse")  # no slope; waves within a step; a pole


@pytest.mark.parametrize("name", [name for name in acts.names() if name not in COARSE])
def test_a_tenth_too_much_is_found(name):
    f = bound(name)
    for dtype in ("float64", "float32"):
        with pytest.raises(AssertionError, match=r"analytic .*, numerical .* allowed"):
            check_grad(f, lambda x: (f.derivative(x) * 1.1).astype(x.dtype), dtype=dtype)
    if (order := taylor_order(f)) < np.inf:
        assert taylor_order(f, lambda x: f.derivative(x) * 1.001) < order - 0.05


WRONG = {
    "step for a linear piece": (acts.leaky_relu, lambda x: (x > 0).astype(x.dtype)),
    "the wrong side of a saturated piece": (acts.relu6, lambda x: (x > 0).astype(x.dtype)),
    "tanh form": (acts.gelu, acts.gelu_tanh.derivative),
    "NaN": (acts.silu, lambda x: np.where(x == 3, np.nan, acts.silu.derivative(x)).astype(x.dtype)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_derivative_is_found(name):
    f, df = WRONG[name]
    with pytest.raises(AssertionError, match="f' in float64 is wrong at"):
        check_grad(f, df, dtype="float64")


@pytest.mark.parametrize(("slope", "right"), [(0.0, True), (0.5, True), (1.0, True), (1.1, False), (-0.1, False)])
def test_at_a_kink_any_value_between_the_slopes_passes(slope, right):
    def df(x):
        return np.where(x == 0, slope, x > 0).astype(x.dtype)

    if right:
        check_grad(acts.relu, df, dtype="float64")
    else:
        with pytest.raises(AssertionError, match=r"wrong at 1 of 2001 points:\n  x = 0\.0 "):
            check_grad(acts.relu, df, dtype="float64")


def test_a_custom_rule_is_what_is_checked():
    kernel = jax.custom_vjp(jnp.tanh)
    kernel.defvjp(lambda x: (jnp.tanh(x), x), lambda x, g: (g * (1 - jnp.tanh(x)),))
    with pytest.raises(AssertionError, match="float32"):
        check_grad(kernel)


def test_without_a_derivative_numpy_has_none():
    with pytest.raises(TypeError, match="df is missing"):
        check_grad(np.tanh)
