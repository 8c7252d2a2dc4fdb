"""Even functions: the same on both sides."""

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_of, in_16_bits, second_derivative_of
from .._special import half_exp, square, tanh


@activation()
def lisht(x):
    return x * tanh(x)


@in_16_bits(lisht)
def lisht_in_16_bits(x):
    return x * jnp.tanh(x)


def _root_of_slope(x):
    """sqrt(1 - tanh(x)**2), without its cancellation: the slope may be subnormal where what is made of it is not."""
    h = half_exp(2 * x)
    return 2 * h / (1 + square(h))


@derivative_of(lisht, keeps_nan=True)
def d_lisht(x):
    x = jnp.clip(x, -400, 400)  # where float32 and float64 have both long been ±1
    r = _root_of_slope(x)
    return tanh(x) + x * r * r


@in_16_bits(lisht, "x", keeps_nan=True)
def d_lisht_in_16_bits(x):
    x = jnp.clip(x, -20, 20)
    t = jnp.tanh(x)
    return t + x * (1 - t * t)


@second_derivative_of(lisht)
def d2_lisht(x):
    x = jnp.clip(x, -400, 400)
    r = _root_of_slope(x)
    return r * (2 - 2 * x * tanh(x)) * r
