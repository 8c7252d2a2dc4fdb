"""Periodic functions: a sine, or a sine beside the identity, for signals that repeat."""

import math

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import finite, product, times, where


def _sin_cos(a, x):
    """sin(a x) and cos(a x), of the product before rounding; NaN at ±inf, where a wave has no limit, unless a is 0."""
    v, low = product(a, finite(x))
    v = where(jnp.abs(x) < math.inf, v, times(a, x))
    s, c = jnp.sin(v), jnp.cos(v)
    if isinstance(low, float):
        return s, c
    s_low, c_low = jnp.sin(low), jnp.cos(low)
    return s * c_low + c * s_low, c * c_low - s * s_low


@activation()
def siren(x, omega=30.0):
    return _sin_cos(omega, x)[0]


@derivative_of(siren)
def d_siren(x, omega):
    return omega * _sin_cos(omega, x)[1]


@second_derivative_of(siren)
def d2_siren(x, omega):
    return -omega * omega * _sin_cos(omega, x)[0]


@partial_of(siren, "omega")
def d_siren_omega(x, omega):
    return x * _sin_cos(omega, x)[1]


@activation()
def snake(x, a=1.0):
    at = finite(x)
    s = _sin_cos(a, at)[0]
    return x + s * _over(s, a, at)


def _is_line(a, x):
    """Whether a x is so small that sin(a x) is a x, as for a = 0."""
    return jnp.abs(times(a, x)) < 2.0**-26


def _over(s, a, x):
    """sin(a x) / a, and its limit x where a is 0."""
    line = _is_line(a, x)
    return where(line, x, s / where(line, 1, a))


@derivative_of(snake)
def d_snake(x, a):
    s, c = _sin_cos(a, x)
    return jnp.square(s + c)  # not 1 + sin(2 a x), which cancels where the slope is 0


@second_derivative_of(snake)
def d2_snake(x, a):
    s, c = _sin_cos(a, x)
    return 2 * a * (c - s) * (c + s)


@partial_of(snake, "a")
def d_snake_a(x, a):
    s, c = _sin_cos(a, x)
    r = _over(s, a, x)
    return where(_is_line(a, x), x * x, 2 * r * c * x - r * r)


@activation()
def snake_beta(x, a=1.0, b=1.0):
    s, c = _sin_cos(a, finite(x))
    r = 1 / b
    return where(jnp.abs(s) < jnp.abs(c), x + s * (s * r), (x + r) - c * (c * r))  # the smaller of both squares


@derivative_of(snake_beta)
def d_snake_beta(x, a, b):
    s, c = _sin_cos(a, x)
    ratio = a / b
    sign = where(ratio < 0, -1, 1)
    return jnp.square(s + sign * c) + 2 * (ratio - sign) * s * c  # 1 + 2 ratio s c, without cancellation for a = ±b


@second_derivative_of(snake_beta)
def d2_snake_beta(x, a, b):
    s, c = _sin_cos(a, x)
    return 2 * a * (a / b) * (c - s) * (c + s)


@partial_of(snake_beta, "a")
def d_snake_beta_a(x, a, b):
    s, c = _sin_cos(a, x)
    return times(2 * s * c / b, x)


@partial_of(snake_beta, "b")
def d_snake_beta_b(x, a, b):
    r = _sin_cos(a, x)[0] / b
    return -r * r
