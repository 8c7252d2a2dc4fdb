"""Gates of two arrays that are clamped, before or after the sigmoid, so that activations stay small in current models.

The clamps' kinks in `value` follow the same rule as those in `gate`: at a limit itself the slope is 0.
"""

import math
from inspect import unwrap

import jax.numpy as jnp

from .._functions import activation
from .._polynomials import TANHSHRINK, TANHSHRINK_FLOAT64, polynomial
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import finite, half_exp, square, times_exp_of_quotient, times_sigmoid
from .._special import tanh as _tanh
from .gated import d2_swiglu, d_swiglu, d_swiglu_beta, glu, swiglu

_swiglu, _glu = unwrap(swiglu), unwrap(glu)


def _at_most(gate, limit):
    return jnp.where(gate >= limit, limit, gate)


def _clipped(value, limit):
    return jnp.where(value >= limit, limit, jnp.where(value <= -limit, -limit, value))


def _within(value, limit):
    """1 where abs(value) < limit, else 0."""
    return jnp.where(jnp.abs(value) < limit, 1.0, 0.0)


def _side(value, limit):
    """d/d(limit) of value, clamped to [-limit, limit]."""
    return jnp.where(value >= limit, 1.0, jnp.where(value <= -limit, -1.0, 0.0))


@activation()
def clamped_swiglu(gate, value, alpha=1.702, limit=7.0, offset=1.0):
    return _swiglu(_at_most(gate, limit), _clipped(value, limit) + offset, alpha)


@derivative_of(clamped_swiglu)
def d_clamped_swiglu(gate, value, alpha, limit, offset):
    slope = d_swiglu(_at_most(gate, limit), _clipped(value, limit) + offset, alpha)
    return jnp.where(gate < limit, slope, 0.0)


@second_derivative_of(clamped_swiglu)
def d2_clamped_swiglu(gate, value, alpha, limit, offset):
    bend = d2_swiglu(_at_most(gate, limit), _clipped(value, limit) + offset, alpha)
    return jnp.where(gate < limit, bend, 0.0)


@partial_of(clamped_swiglu, "value")
def d_clamped_swiglu_value(gate, value, alpha, limit, offset):
    return _swiglu(_at_most(gate, limit), _within(value, limit), alpha)


@partial_of(clamped_swiglu, "alpha")
def d_clamped_swiglu_alpha(gate, value, alpha, limit, offset):
    return d_swiglu_beta(_at_most(gate, limit), _clipped(value, limit) + offset, alpha)


@partial_of(clamped_swiglu, "limit")
def d_clamped_swiglu_limit(gate, value, alpha, limit, offset):
    x, u = _at_most(gate, limit), _clipped(value, limit) + offset
    return jnp.where(gate >= limit, d_swiglu(x, u, alpha), 0.0) + _swiglu(x, _side(value, limit), alpha)


@partial_of(clamped_swiglu, "offset")
def d_clamped_swiglu_offset(gate, value, alpha, limit, offset):
    return _swiglu(_at_most(gate, limit), 1.0, alpha)


@activation()
def step_swiglu(gate, value, limit=7.0):
    c = _clipped(value, limit)
    return jnp.where(_is_above(gate, limit), limit * c, _swiglu(gate, c))


def _is_above(gate, limit):
    """Whether silu(gate) is at the limit or above, without a quotient."""
    return gate >= limit * (1 + square(half_exp(finite(gate))))


@derivative_of(step_swiglu)
def d_step_swiglu(gate, value, limit):
    return jnp.where(_is_above(gate, limit), 0.0, d_swiglu(gate, _clipped(value, limit), 1.0))


@second_derivative_of(step_swiglu)
def d2_step_swiglu(gate, value, limit):
    return jnp.where(_is_above(gate, limit), 0.0, d2_swiglu(gate, _clipped(value, limit), 1.0))


@partial_of(step_swiglu, "value")
def d_step_swiglu_value(gate, value, limit):
    return jnp.where(_is_above(gate, limit), limit, _swiglu(gate, 1.0)) * _within(value, limit)


@partial_of(step_swiglu, "limit")
def d_step_swiglu_limit(gate, value, limit):
    above, side = _is_above(gate, limit), _side(value, limit)
    return jnp.where(above, _clipped(value, limit) + limit * side, _swiglu(gate, side))


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
    return jnp.where(jnp.abs(a) < 1e-9, x, beta * _tanh(a))  # a may have been flushed to 0


def _root_of_slope(x, beta):
    """1 / cosh(x / beta), the square root of the slope of `_capped`."""
    k = times_exp_of_quotient(1.0, -jnp.abs(finite(x)), beta)
    return 2 * k / (1 + k * k)


def _slope_in_beta(x, beta, factor):
    """factor times d/d(beta) of `_capped`: factor * (tanh(a) - a / cosh(a)**2) with a = x / beta."""
    x = finite(x)
    a, m = x / beta, times_exp_of_quotient(1.0, -2 * jnp.abs(x), beta)
    some = jnp.where(jnp.abs(a) < 1, a, 0)
    p = polynomial(some * some, TANHSHRINK, TANHSHRINK_FLOAT64)  # tanh(a) is a - p * a**3
    near = some * factor * some * some * (jnp.square(1 - some * some * p) - p)
    far = jnp.where(x < 0, -factor, factor) * ((1 - m * m - 4 * m * jnp.abs(a)) / jnp.square(1 + m))
    return jnp.where(jnp.abs(a) < 1, near, far)


def _situ_parts(gate, value, beta1, beta2):
    """The gate as far as it counts on the left, h, e = h**2, 1 / cosh(x / beta1), the capped gate and value."""
    x, h = jnp.maximum(gate, -2000), _half_exp(gate)
    return x, h, square(h), _root_of_slope(x, beta1), _capped(x, beta1), _capped(value, beta2)


@derivative_of(situ_glu)
def d_situ_glu(gate, value, beta1, beta2):
    x, h, e, r, capped, u = _situ_parts(gate, value, beta1, beta2)
    s = 1 + e
    left = (h * (r * r + capped / s)) * (u * h)  # sigmoid(x) * (r**2 + capped * sigmoid(-x)) * u
    return jnp.where(x < 0, left, (r * u) * r + (capped * h) * (u * h) / s) / s  # not u / s: it would be a kernel


@second_derivative_of(situ_glu)
def d2_situ_glu(gate, value, beta1, beta2):
    x, h, e, r, capped, u = _situ_parts(gate, value, beta1, beta2)
    s = 1 + e
    q, odd = u / s, _tanh(x / 2)
    bend = 2 / beta1 * _tanh(x / beta1)
    left = (h * (r * r * (2 / s - bend) - capped / s * odd)) * (q * h)
    return jnp.where(x < 0, left, (r * (2 * e / s - bend)) * q * r - (capped * h) * odd * (q * h) / s)


@partial_of(situ_glu, "value")
def d_situ_glu_value(gate, value, beta1, beta2):
    r = _root_of_slope(value, beta2)
    return times_sigmoid(_capped(gate, beta1), gate, _half_exp(gate), r) * r


@partial_of(situ_glu, "beta1")
def d_situ_glu_beta1(gate, value, beta1, beta2):
    return _glu(gate, _slope_in_beta(gate, beta1, _capped(value, beta2)))


@partial_of(situ_glu, "beta2")
def d_situ_glu_beta2(gate, value, beta1, beta2):
    return _slope_in_beta(value, beta2, times_sigmoid(_capped(gate, beta1), gate, _half_exp(gate), 1.0))
