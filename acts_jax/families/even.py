"""Even functions: the same on both sides."""

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_of, in_16_bits, second_derivative_of
from .._special import expm1, half_exp, square, tanh


@activation()
def lisht(x):
    return x * tanh(x)


@in_16_bits(lisht)
def lisht_in_16_bits(x):
    return x * jnp.tanh(x)


@derivative_of(lisht, keeps_nan=True)
def d_lisht(x):
    t = jnp.minimum(jnp.abs(x), 400)  # where float32 and float64 have both long been ±1
    m = expm1(-2 * t)
    s = 2 + m
    return jnp.sign(x) * (4 * t * jnp.exp(-2 * t) - m * s) / (s * s)  # tanh(t) is -m / s, its slope 4 exp(-2 t) / s**2


@in_16_bits(lisht, "x", keeps_nan=True)
def d_lisht_in_16_bits(x):
    x = jnp.clip(x, -20, 20)
    t = jnp.tanh(x)
    return t + x * (1 - t * t)


@second_derivative_of(lisht)
def d2_lisht(x):
    x = jnp.clip(x, -400, 400)
    h = half_exp(2 * x)
    r = 2 * h / (1 + square(h))  # r**2, the slope of tanh, may be subnormal where its product is not
    return r * (2 - 2 * x * tanh(x)) * r
