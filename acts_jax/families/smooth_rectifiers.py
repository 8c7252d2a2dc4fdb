"""Smooth rectifiers: like relu far out on both sides, with a smooth corner."""

import jax.numpy as jnp
from jax import lax

from .._functions import activation
from .._polynomials import LOG1P_SHORT, polynomial
from .._registry import derivative_from_output_of, derivative_of, in_16_bits, partial_of, second_derivative_of
from .._special import expm1, finite, half_exp, hypot, log1p_ratio, square, where


@activation()
def softplus(x, beta=1.0):
    if isinstance(beta, float) and beta == 1:
        e = jnp.exp(-jnp.abs(x))
        return jnp.maximum(x, 0) + e * log1p_ratio(e)
    h = half_exp(finite(x), beta)  # h**2 = exp(-abs(beta * x)) may be flushed to 0 where the result is not
    return where(beta * x > 0, x, -0.0) + log1p_ratio(square(h)) * h / beta * h


@in_16_bits(softplus)
def softplus_in_16_bits(x, beta):
    h = jnp.exp(-jnp.abs(beta * x) / 2)
    return where(beta * x > 0, x, -0.0) + polynomial(square(h), LOG1P_SHORT) * h / beta * h


@derivative_of(softplus, keeps_nan=True)
def d_softplus(x, beta):
    if isinstance(beta, float) and beta == 1:
        return lax.logistic(x)
    e = square(half_exp(finite(x), beta))
    return where(beta * x < 0, e, 1) / (1 + e)


@in_16_bits(softplus, "x", keeps_nan=True)
def d_softplus_in_16_bits(x, beta):
    return lax.logistic(beta * x)


@second_derivative_of(softplus)
def d2_softplus(x, beta):
    h = half_exp(finite(x), beta)
    r = h / (1 + square(h))
    return beta * r * r


@partial_of(softplus, "beta")
def d_softplus_beta(x, beta):
    x = finite(x)
    h = half_exp(x, beta)
    u = finite(jnp.abs(beta * x))
    return -finite((u / (1 + square(h)) + log1p_ratio(square(h))) / beta / beta) * h * h


@derivative_from_output_of(softplus, keeps_nan=True)
def d_softplus_from_output(y, beta):
    return -expm1(-beta * y)


@activation()
def squareplus(x, b=4.0):
    m, _ = _mean_and_root(jnp.abs(x), b)
    return where(x < 0, b / 4 / m, m)  # (h + x) (h - x) = b


def _mean_and_root(t, b):
    """(t + h) / 2 and h for h = sqrt(t**2 + b); neither the square nor the sum overflows. Of inf, h may be finite."""
    if isinstance(b, float) and 1e-9 < b < 1e9:
        s = jnp.minimum(t, 2.0**60)  # from there on, both are t
        h = jnp.sqrt(s * s + b)
        return jnp.maximum(t, 0.5 * (s + h)), jnp.maximum(t, h)
    h = hypot(finite(t), jnp.sqrt(b))
    return jnp.maximum(t, _mean(finite(t), h)), where(h > 0, h, 1)


def _mean(a, b):
    return a + (b - a) * 0.5  # XLA makes (a + b) / 2 of a / 2 + b / 2


@derivative_of(squareplus, keeps_nan=True)
def d_squareplus(x, b):
    if isinstance(b, float) and 1e-6 < b < 1e6 and jnp.result_type(x) == jnp.float32:
        return _d_squareplus_by_one_quotient(x, b)
    m, h = _mean_and_root(finite(jnp.abs(x)), b)
    return where(x < 0, b / 4 / m, m) / h  # (1 + x / h) / 2, without cancellation; 0 / 0 is 0


def _d_squareplus_by_one_quotient(x, b):
    s = where(x < 0, -x, jnp.minimum(x, 2.0**60))  # right of it the slope is 1
    t = jnp.minimum(s, 2.0**60)
    h = jnp.maximum(s, jnp.sqrt(t * t + b))
    m = s + h
    return where(x < 0, 2.0**-21 * b, m * (2.0**-21 * m)) / (2.0**-20 * m * h)  # scaled: it overflows where f' is 0


@second_derivative_of(squareplus)
def d2_squareplus(x, b):
    h = hypot(x, jnp.sqrt(b))
    h = where(h > 0, h, 1)
    r = jnp.sqrt(b) / h  # not b / h / h / h: XLA would divide by h**3, which may overflow or be 0
    return r * r / 2 / h


@partial_of(squareplus, "b")
def d_squareplus_b(x, b):
    return 0.25 / hypot(x, jnp.sqrt(b))
