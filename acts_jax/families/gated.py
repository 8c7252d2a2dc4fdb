"""Gates of two arrays: an activation of `gate` times `value`. The gate comes first, whatever a library calls it.

Sigmoids are in terms of h = exp(-abs(v) / 2): each h meets an operand before it meets the other h, so that nothing is
flushed to 0, and nothing overflows, where the result does not.
"""

import math
from inspect import unwrap

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import (
    d2_times_sigmoid,
    d_times_sigmoid,
    expm1,
    finite,
    half_exp,
    mills,
    square,
    times_bell,
    times_sigmoid,
    where,
)
from .._special import tanh as _tanh
from .self_gated import _d2_tanh_argument, _d_tanh_argument, _tanh_argument


def linear_in_value(function):
    """The activation of gate times value below, with its partial for "value": itself at value 1."""

    @partial_of(function, "value")
    def at_value_1(gate, value, *params):
        return unwrap(function)(gate, 1.0, *params)

    return function


@linear_in_value
@activation()
def glu(gate, value):
    h = jnp.exp(-jnp.abs(gate) / 2)
    left = where(gate < 0, h, 1)
    return value * left / (1 + square(h)) * left


@derivative_of(glu, keeps_nan=True)
def d_glu(gate, value):
    h = half_exp(gate)
    return h * (value * h / jnp.square(1 + square(h)))  # one quotient, used once: one kernel


@second_derivative_of(glu)
def d2_glu(gate, value):
    h, m = half_exp(gate), expm1(-jnp.abs(gate))  # tanh(abs(gate) / 2) is -m / (2 + m)
    r = h / (1 + square(h))
    return (r * value) * where(gate < 0, -m, m) * (r / (2 + m))


@linear_in_value
@activation()
def bilinear(gate, value):
    return gate * value


@derivative_of(bilinear)
def d_bilinear(gate, value):
    return value * jnp.ones_like(gate)


@second_derivative_of(bilinear)
def d2_bilinear(gate, value):
    return jnp.zeros_like(gate)


@linear_in_value
@activation()
def reglu(gate, value):
    return jnp.maximum(gate, 0) * value


@derivative_of(reglu)
def d_reglu(gate, value):
    return where(gate > 0, 1.0, 0.0) * value


@second_derivative_of(reglu)
def d2_reglu(gate, value):
    return jnp.zeros_like(gate)


@linear_in_value
@activation()
def relu2_glu(gate, value):
    p = jnp.maximum(gate, 0)
    return p * value * p


@derivative_of(relu2_glu)
def d_relu2_glu(gate, value):
    p = where(gate > 0, gate, 0)
    # The 2 goes where nothing overflows or is flushed before the end; a plain one XLA would move to the value.
    return where(p > 1, p, 2 * p) * value * where(p > 1, 2.0, 1.0)


@second_derivative_of(relu2_glu)
def d2_relu2_glu(gate, value):
    return where(gate > 0, 2.0, 0.0) * value


@linear_in_value
@activation()
def geglu(gate, value):
    t = jnp.minimum(jnp.abs(gate), 60)
    p = _times_density(where(gate < 0, -t, 1) * mills(t), t, value)
    return where(gate < 0, p, gate * (value - p))


def _times_density(a, t, value):
    """a * npdf(t) * value, the value scaled first: a * value may overflow where the result does not."""
    return times_bell(a, t, b=value / math.sqrt(2 * math.pi))


@derivative_of(geglu, keeps_nan=True)
def d_geglu(gate, value):
    t = jnp.minimum(jnp.abs(gate), 60)
    left = _times_density(mills(t) - t, t, value)
    return where(gate < 0, left, value - left)


@second_derivative_of(geglu)
def d2_geglu(gate, value):
    t = jnp.clip(gate, -60, 60)
    return _times_density(2 - t * t, t, value)


@linear_in_value
@activation()
def geglu_tanh(gate, value):
    return times_sigmoid(gate, gate, jnp.exp(-_tanh_argument(jnp.abs(gate))), value)


@derivative_of(geglu_tanh, keeps_nan=True)
def d_geglu_tanh(gate, value):
    t = jnp.minimum(jnp.abs(gate), 100)
    return d_times_sigmoid(gate, jnp.exp(-_tanh_argument(t)), t * 2 * _d_tanh_argument(t), value)


@second_derivative_of(geglu_tanh)
def d2_geglu_tanh(gate, value):
    t = jnp.minimum(jnp.abs(gate), 100)
    dv, bend = 2 * _d_tanh_argument(t), t * 2 * _d2_tanh_argument(t)
    return d2_times_sigmoid(jnp.exp(-_tanh_argument(t)), t * dv, dv, bend, value)


@linear_in_value
@activation()
def swiglu(gate, value, beta=1.0):
    return times_sigmoid(gate, beta * finite(gate), half_exp(finite(gate), beta), value)


@derivative_of(swiglu, keeps_nan=True)
def d_swiglu(gate, value, beta):
    x = finite(gate)
    v = beta * x
    return d_times_sigmoid(v, half_exp(x, beta), finite(where(v < 0, -v, v)), value)


@second_derivative_of(swiglu)
def d2_swiglu(gate, value, beta):
    x = finite(gate)
    v = beta * x
    return d2_times_sigmoid(half_exp(x, beta), finite(jnp.abs(v)), beta, 0, value)


@partial_of(swiglu, "beta")
def d_swiglu_beta(gate, value, beta):
    h = half_exp(finite(gate), beta)
    root = h * finite(gate)
    return root * (value * root / jnp.square(1 + square(h)))


@linear_in_value
@activation()
def quick_geglu(gate, value):
    return unwrap(swiglu)(gate, value, 1.702)


@derivative_of(quick_geglu, keeps_nan=True)
def d_quick_geglu(gate, value):
    return d_swiglu(gate, value, 1.702)


@second_derivative_of(quick_geglu)
def d2_quick_geglu(gate, value):
    return d2_swiglu(gate, value, 1.702)


@activation()
def gtu(gate, value):
    return unwrap(glu)(gate, _tanh(jnp.broadcast_to(value, jnp.shape(gate))))


@derivative_of(gtu, keeps_nan=True)
def d_gtu(gate, value):
    return d_glu(gate, _tanh(jnp.broadcast_to(value, jnp.shape(gate))))


@second_derivative_of(gtu)
def d2_gtu(gate, value):
    return d2_glu(gate, _tanh(jnp.broadcast_to(value, jnp.shape(gate))))


@partial_of(gtu, "value")
def d_gtu_value(gate, value):
    h = jnp.exp(-jnp.abs(value))
    return unwrap(glu)(gate, 2 * h) * (2 * h / jnp.square(1 + square(h)))
