"""Shrinkers: small inputs go to 0, for sparse codes and denoising."""

import jax.numpy as jnp

from .._functions import activation
from .._polynomials import TANHSHRINK_SHORT, polynomial
from .._registry import derivative_of, in_16_bits, partial_of, second_derivative_of
from .._special import tanh, where, x_minus_tanh
from .sigmoids import d2_tanh


@activation()
def hardshrink(x, lambd=0.5):
    return where(jnp.abs(x) <= lambd, 0, x)


@derivative_of(hardshrink)
def d_hardshrink(x, lambd):
    return where(jnp.abs(x) > lambd, 1.0, 0.0)


@second_derivative_of(hardshrink)
def d2_hardshrink(x, lambd):
    return jnp.zeros_like(x)


@partial_of(hardshrink, "lambd")
def d_hardshrink_lambd(x, lambd):
    return jnp.zeros_like(x)


@activation()
def softshrink(x, lambd=0.5):
    return x - jnp.clip(x, -lambd, lambd)


@derivative_of(softshrink)
def d_softshrink(x, lambd):
    return where(jnp.abs(x) > lambd, 1.0, 0.0)


@second_derivative_of(softshrink)
def d2_softshrink(x, lambd):
    return jnp.zeros_like(x)


@partial_of(softshrink, "lambd")
def d_softshrink_lambd(x, lambd):
    return where(jnp.abs(x) > lambd, -jnp.sign(x), 0.0)


@activation()
def tanhshrink(x):
    return x_minus_tanh(x)


@in_16_bits(tanhshrink)
def tanhshrink_in_16_bits(x):
    w = x * x
    far = x - 1 + 2 / (1 + jnp.exp(2 * x))
    return where(jnp.abs(x) < 0.625, x * w * polynomial(w, TANHSHRINK_SHORT), far)


@derivative_of(tanhshrink, keeps_nan=True)
def d_tanhshrink(x):
    return tanh(x) ** 2


@in_16_bits(tanhshrink, "x", keeps_nan=True)
def d_tanhshrink_in_16_bits(x):
    return jnp.square(jnp.tanh(x))


@second_derivative_of(tanhshrink)
def d2_tanhshrink(x):
    return -d2_tanh(x)


@activation()
def shrink(x, lambd=0.5, bias=0.0):
    return where(jnp.abs(x) <= lambd, 0, x - jnp.sign(x) * bias)


@derivative_of(shrink)
def d_shrink(x, lambd, bias):
    return where(jnp.abs(x) > lambd, 1.0, 0.0)


@second_derivative_of(shrink)
def d2_shrink(x, lambd, bias):
    return jnp.zeros_like(x)


@partial_of(shrink, "lambd")
def d_shrink_lambd(x, lambd, bias):
    return jnp.zeros_like(x)


@partial_of(shrink, "bias")
def d_shrink_bias(x, lambd, bias):
    return where(jnp.abs(x) > lambd, -jnp.sign(x), 0.0)
