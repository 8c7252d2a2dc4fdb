"""Logarithms of exponentials: functions that overflow or cancel when they are computed as they are written."""

import math

import jax.numpy as jnp

from .._functions import activation
from .._polynomials import polynomial
from .._registry import derivative_from_output_of, derivative_of, second_derivative_of
from .._special import expm1, expm1_ratio, finite, half_exp, log1p_of_negative, log1p_ratio, square, tanh, where
from .sigmoids import d_tanh

LOG_2 = 0.6931471805599453, 2.3190468138462996e-17  # log(2) and what its rounding took
COSH = tuple(1 / math.factorial(k) for k in range(2, 22, 2))  # (cosh(x) - 1) / x**2 in x**2
LOG_2_IN_FLOAT32 = 0.6931471824645996, -1.904654299957768e-09


@activation()
def logcosh(x):
    t = jnp.abs(x)
    near = where(t < 1, t * t, 0)
    y = near * polynomial(near, COSH[:6], COSH)  # cosh(x) - 1
    e = jnp.exp(-2 * t)
    return where(t < 1, y * log1p_ratio(y), t - LOG_2[0] + e * log1p_ratio(e))


@derivative_of(logcosh, keeps_nan=True)
def d_logcosh(x):
    return tanh(x)


@second_derivative_of(logcosh)
def d2_logcosh(x):
    return d_tanh(x)


def _not_negative(x):
    """x, with NaN for negative numbers and +0 for -0."""
    return where(x < 0, jnp.nan, jnp.abs(x))


@activation()
def log1mexp(x):
    near = where(x < 0.7, x, 0.5)
    e = jnp.exp(-where(x < 0.7, 0.7, x))
    return where(x < 0.7, jnp.log(near * expm1_ratio(-near)), log1p_of_negative(-e))


@derivative_of(log1mexp, keeps_nan=True)
def d_log1mexp(x):
    return 1 / expm1(_not_negative(x))


@second_derivative_of(log1mexp)
def d2_log1mexp(x):
    x = _not_negative(x)
    r = jnp.exp(-x / 2) / expm1(-x)
    return -r * r


@activation()
def softplus_inverse(x):
    high, low = LOG_2 if jnp.result_type(x) == jnp.float64 else LOG_2_IN_FLOAT32
    d = jnp.maximum(jnp.minimum(x, 1) - high, -0.5) - low  # x - log(2): XLA would merge two constants without a maximum
    y = 2 * expm1(d)  # exp(x) - 2
    e = where(x < 1, where(d < 0, -y / (1 + y), y), 1 / expm1(where(x < 1, 1, x)))
    log = e * log1p_ratio(jnp.clip(e, 0, 1))
    middle = where(x < 1, where(d < 0, -log, log), x - log)
    return where(x < 0.5, jnp.log(expm1(_not_negative(jnp.minimum(x, 1)))), middle)


@derivative_of(softplus_inverse, keeps_nan=True)
def d_softplus_inverse(x):
    return -1 / expm1(-_not_negative(x))


@second_derivative_of(softplus_inverse)
def d2_softplus_inverse(x):
    return d2_log1mexp(x)


def _parts(x):
    """(exp(x / 2), e, log(1 + e) / e) for x < 0, (1, e, softplus(x)) for x >= 0, where e = exp(-|x|)."""
    h = half_exp(x)
    e = square(h)
    ratio = log1p_ratio(e)
    return where(x < 0, h, 1), e, where(x < 0, ratio, x + e * ratio)


@activation()
def sqrt_softplus(x):
    front, _, b = _parts(x)
    return front * jnp.sqrt(b)


@derivative_of(sqrt_softplus, keeps_nan=True)
def d_sqrt_softplus(x):
    front, e, b = _parts(x)
    return front / (2 * (1 + e) * jnp.sqrt(b))


@second_derivative_of(sqrt_softplus)
def d2_sqrt_softplus(x):
    front, e, b = _parts(finite(x))
    bend = b * where(x < 0, 2, 2 * e) - 1
    return front * bend / ((2 + 2 * e) ** 2 * jnp.sqrt(b) * b)


@derivative_from_output_of(sqrt_softplus, keeps_nan=True)
def d_sqrt_softplus_from_output(y):
    return where(y < 1e-8, y / 2, -expm1(-y * y) / (2 * y))
