"""Powers: polynomials of relu, which grow faster than a line on the right and are constant on the left."""

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import finite, times, where


def _right(x):
    """max(x, 0), with slope 0 at 0: the point belongs to the left piece."""
    return where(x > 0, x, 0)


@activation()
def relu_cubed(x):
    p = jnp.maximum(x, 0)
    return p * p * p


@derivative_of(relu_cubed)
def d_relu_cubed(x):
    p = _right(x)
    return 3 * p * p  # from left to right: XLA would flush a subnormal p * p to 0


@second_derivative_of(relu_cubed)
def d2_relu_cubed(x):
    return 6 * _right(x)


@activation()
def star_relu(x, scale=0.8944, bias=-0.4472):
    p = finite(jnp.maximum(x, 0))  # finite: scale = 0 makes it 0
    return scale * p * p + bias


@derivative_of(star_relu)
def d_star_relu(x, scale, bias):
    return times(2 * scale, _right(x))


@second_derivative_of(star_relu)
def d2_star_relu(x, scale, bias):
    return where(x > 0, 2 * scale, 0.0)


@partial_of(star_relu, "scale")
def d_star_relu_scale(x, scale, bias):
    return jnp.square(_right(x))


@partial_of(star_relu, "bias")
def d_star_relu_bias(x, scale, bias):
    return jnp.ones_like(x)


@activation()
def polyrelu(x, a0=0.0, a1=1 / 3, a2=1 / 3, a3=1 / 3):
    p = jnp.maximum(x, 0)
    q = finite(p)
    return a0 + times(a1 + q * (a2 + q * a3), p)  # at inf the sum is 0 or a large number of the right sign


@derivative_of(polyrelu)
def d_polyrelu(x, a0, a1, a2, a3):
    p = _right(x)
    return where(x > 0, a1 + times(2 * a2 + 3 * a3 * finite(p), p), 0.0)


@second_derivative_of(polyrelu)
def d2_polyrelu(x, a0, a1, a2, a3):
    return where(x > 0, 2 * a2 + times(6 * a3, _right(x)), 0.0)


@partial_of(polyrelu, "a0")
def d_polyrelu_a0(x, a0, a1, a2, a3):
    return jnp.ones_like(x)


@partial_of(polyrelu, "a1")
def d_polyrelu_a1(x, a0, a1, a2, a3):
    return _right(x)


@partial_of(polyrelu, "a2")
def d_polyrelu_a2(x, a0, a1, a2, a3):
    return jnp.square(_right(x))


@partial_of(polyrelu, "a3")
def d_polyrelu_a3(x, a0, a1, a2, a3):
    p = _right(x)
    return p * p * p
