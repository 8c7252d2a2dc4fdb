"""Gates of two arrays that are clamped, before or after the sigmoid, so that activations stay small in current models.

The clamps' kinks in `value` follow the same rule as those in `gate`: at a limit itself the slope is 0.
"""

import math
from inspect import unwrap

import jax.numpy as jnp

from .._functions import activation
from .._polynomials import TANHSHRINK, TANHSHRINK_FLOAT64, polynomial
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import finite, half_exp, square, times_exp_of_quotient, times_sigmoid, where
from .._special import tanh as _tanh
from .gated import d2_swiglu, d_swiglu, d_swiglu_beta, glu, swiglu

_swiglu, _glu = unwrap(swiglu), unwrap(glu)


def _at_most(gate, limit):
    return where(gate >= limit, limit, gate)


def _clipped(value, limit, gate):
    value = jnp.broadcast_to(value, jnp.shape(gate))  # Pallas for Triton has no `where` of a number and an array
    return where(value >= limit, limit, where(value <= -limit, -limit, value))


def _within(value, limit, gate):
    """1 where abs(value) < limit, else 0."""
    value = jnp.broadcast_to(value, jnp.shape(gate))
    return _known(value, where(jnp.abs(value) < limit, 1.0, 0.0))


def _known(value, y):
    """y, and NaN where value is."""
    return where(jnp.isnan(value), value, y)


def _side(value, limit, gate):
    """d/d(limit) of value, clamped to [-limit, limit]."""
    value = jnp.broadcast_to(value, jnp.shape(gate))
    return _known(value, where(value >= limit, 1.0, where(value <= -limit, -1.0, 0.0)))


@activation()
def clamped_swiglu(gate, value, alpha=1.702, limit=7.0, offset=1.0):
    return _swiglu(_at_most(gate, limit), _clipped(value, limit, gate) + offset, alpha)


@derivative_of(clamped_swiglu)
def d_clamped_swiglu(gate, value, alpha, limit, offset):
    slope = d_swiglu(_at_most(gate, limit), _clipped(value, limit, gate) + offset, alpha)
    return where(gate < limit, 1.0, 0.0) * slope


@second_derivative_of(clamped_swiglu)
def d2_clamped_swiglu(gate, value, alpha, limit, offset):
    bend = d2_swiglu(_at_most(gate, limit), _clipped(value, limit, gate) + offset, alpha)
    return where(gate < limit, 1.0, 0.0) * bend


@partial_of(clamped_swiglu, "value")
def d_clamped_swiglu_value(gate, value, alpha, limit, offset):
    return _swiglu(_at_most(gate, limit), _within(value, limit, gate), alpha)


@partial_of(clamped_swiglu, "alpha")
def d_clamped_swiglu_alpha(gate, value, alpha, limit, offset):
    return d_swiglu_beta(_at_most(gate, limit), _clipped(value, limit, gate) + offset, alpha)


@partial_of(clamped_swiglu, "limit")
def d_clamped_swiglu_limit(gate, value, alpha, limit, offset):
    x, u = _at_most(gate, limit), _clipped(value, limit, gate) + offset
    return where(gate >= limit, d_swiglu(x, u, alpha), 0.0) + _swiglu(x, _side(value, limit, gate), alpha)


@partial_of(clamped_swiglu, "offset")
def d_clamped_swiglu_offset(gate, value, alpha, limit, offset):
    return _swiglu(_at_most(gate, limit), 1.0, alpha)


@activation()
def step_swiglu(gate, value, limit=7.0):
    c = _clipped(value, limit, gate)
    return where(_is_above(gate, limit), limit * c, _swiglu(gate, c))


def _is_above(gate, limit):
    """Whether silu(gate) is at the limit or above, without a quotient."""
    return gate >= limit * (1 + square(half_exp(finite(gate))))


@derivative_of(step_swiglu)
def d_step_swiglu(gate, value, limit):
    return where(_is_above(gate, limit), 0.0, 1.0) * d_swiglu(gate, _clipped(value, limit, gate), 1.0)


@second_derivative_of(step_swiglu)
def d2_step_swiglu(gate, value, limit):
    return where(_is_above(gate, limit), 0.0, 1.0) * d2_swiglu(gate, _clipped(value, limit, gate), 1.0)


@partial_of(step_swiglu, "value")
def d_step_swiglu_value(gate, value, limit):
    return where(_is_above(gate, limit), limit, _swiglu(gate, 1.0)) * _within(value, limit, gate)


@partial_of(step_swiglu, "limit")
def d_step_swiglu_limit(gate, value, limit):
    above, side = _is_above(gate, limit), _side(value, limit, gate)
    return where(above, _clipped(value, limit, gate) + limit * side, _swiglu(gate, side))


@activation()
def situ_glu(gate, value, beta1=4.0, beta2=25.0):
    return times_sigmoid(_capped(gate, beta1), gate, _half_exp(gate), _capped(value, beta2))


def _half_exp(gate):
    return jnp.exp(-jnp.abs(gate) / 2)


def _capped(x, beta):
    """beta * tanh(x / beta)."""
    if isinstance(beta, float) and math.isinf(beta):
        return x
    a = finite(x) / beta
    return where(jnp.abs(a) < 1e-9, x, beta * _tanh(a))  # a may have been flushed to 0


def _times_slope(x, beta, a, b):
    """a * b / cosh(x / beta)**2, where a has the slope's square root as a factor before b has."""
    k = times_exp_of_quotient(1.0, -jnp.abs(finite(x)), beta)
    return (2 * k * a) * (2 * k * b) / jnp.square(1 + k * k)


def _slope_in_beta(x, beta, factor):
    """factor times d/d(beta) of `_capped`: factor * (tanh(a) - a / cosh(a)**2) with a = x / beta."""
    x = finite(x)
    a, m = finite(x / beta), times_exp_of_quotient(1.0, -2 * jnp.abs(x), beta)
    some = where(jnp.abs(a) < 1, a, 0)
    p = polynomial(some * some, TANHSHRINK, TANHSHRINK_FLOAT64)  # tanh(a) is a - p * a**3
    near = some * factor * some * some * (jnp.square(1 - some * some * p) - p)
    far = where(x < 0, -factor, factor) * ((1 - m * m - 4 * m * jnp.abs(a)) / jnp.square(1 + m))
    return where(jnp.abs(a) < 1, near, far)


@derivative_of(situ_glu)
def d_situ_glu(gate, value, beta1, beta2):
    x, h, u = jnp.maximum(gate, -2000), _half_exp(gate), _capped(value, beta2)
    left, s = where(x < 0, h, 1), 1 + square(h)
    return (_times_slope(x, beta1, left * u, left) + (_capped(x, beta1) * h) * (u * h) / s) / s


@second_derivative_of(situ_glu)
def d2_situ_glu(gate, value, beta1, beta2):
    x, h, u = jnp.maximum(gate, -2000), _half_exp(gate), _capped(value, beta2)
    left, e = where(x < 0, h, 1), square(h)
    s = 1 + e
    bend = 2 * where(x < 0, 1, e) / s - 2 / beta1 * _tanh(x / beta1)
    return (_times_slope(x, beta1, left * u, left * bend) - (_capped(x, beta1) * h) * _tanh(x / 2) * (u * h) / s) / s


@partial_of(situ_glu, "value")
def d_situ_glu_value(gate, value, beta1, beta2):
    left, h = where(gate < 0, _half_exp(gate), 1), _half_exp(gate)
    return _times_slope(value, beta2, _capped(jnp.maximum(gate, -2000), beta1) * left, left) / (1 + square(h))


@partial_of(situ_glu, "beta1")
def d_situ_glu_beta1(gate, value, beta1, beta2):
    return _glu(gate, _slope_in_beta(gate, beta1, _capped(value, beta2)))


@partial_of(situ_glu, "beta2")
def d_situ_glu_beta2(gate, value, beta1, beta2):
    return _slope_in_beta(value, beta2, times_sigmoid(_capped(gate, beta1), gate, _half_exp(gate), 1.0))
