"""Gates of two arrays that are clamped, before or after the sigmoid, so that activations stay small in current models.

The clamps' kinks in `value` follow the same rule as those in `gate`: at a limit itself the slope is 0.
"""

import math

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import finite, half_exp, indicator, is_number, lambert, quotient, times_sigmoid
from .gated import d2_swiglu, d_swiglu, d_swiglu_beta, glu, swiglu


def within(value, limit):
    """1 where abs(value) < limit, else 0."""
    return indicator(np.abs(value) < limit, value)


def side(value, limit):
    """d/d(limit) of value, clamped to [-limit, limit]."""
    return np.sign(value) * indicator(np.abs(value) >= limit, value)


@activation(
    kind="gated",
    kinks=("limit",),
    paper="gpt-oss, as in transformers, models/gpt_oss",
    aliases=("swiglu_oai", "gegelu"),
    domain="limit > 0",
    wide=True,
)
def clamped_swiglu(gate, value, alpha=1.702, limit=7.0, offset=1.0):
    """clamped_swiglu(gate, value, alpha, limit, offset) = min(limit, gate) / (1 + exp(-alpha * min(limit, gate))) * (max(-limit, min(limit, value)) + offset)

    swiglu of clamped operands, and 1 added to the value. That is gpt-oss's, MiniMax-M3's and Phi-3-small's; alpha = 1,
    limit = 10, offset = 0 is DeepSeek-V4's and GLM-5.3's. limit = inf clamps nothing.

    >>> print(acts.clamped_swiglu([1.0, 100.0], [2.0, 100.0]).round(4))
    [ 2.5374 55.9996]
    """  # noqa: E501
    return swiglu.formula(*_clamped(gate, value, limit, offset), alpha)


def _clamped(gate, value, limit, offset):
    return gate.clip(-np.inf, limit), value.clip(-limit, limit) + offset


@derivative_of(clamped_swiglu)
def d_clamped_swiglu(gate, value, alpha, limit, offset):
    return indicator(gate < limit, gate) * d_swiglu(*_clamped(gate, value, limit, offset), alpha)


@second_derivative_of(clamped_swiglu)
def d2_clamped_swiglu(gate, value, alpha, limit, offset):
    return indicator(gate < limit, gate) * d2_swiglu(*_clamped(gate, value, limit, offset), alpha)


@partial_of(clamped_swiglu, "value")
def d_clamped_swiglu_value(gate, value, alpha, limit, offset):
    return swiglu.formula(gate.clip(-np.inf, limit), within(value, limit), alpha)


@partial_of(clamped_swiglu, "alpha")
def d_clamped_swiglu_alpha(gate, value, alpha, limit, offset):
    return d_swiglu_beta(*_clamped(gate, value, limit, offset), alpha)


@partial_of(clamped_swiglu, "limit")
def d_clamped_swiglu_limit(gate, value, alpha, limit, offset):
    x, u = _clamped(gate, value, limit, offset)
    return indicator(gate >= limit, gate) * d_swiglu(x, u, alpha) + swiglu.formula(x, side(value, limit), alpha)


@partial_of(clamped_swiglu, "offset")
def d_clamped_swiglu_offset(gate, value, alpha, limit, offset):
    return swiglu.formula(gate.clip(-np.inf, limit), 1.0, alpha)


def silu_inverse(y):
    """The x > 0 with silu(x) = y > 0, by Newton's rule from below."""
    x = y
    for _ in range(9):
        x -= (x - y - y * math.exp(-x)) / (1 + y * math.exp(-x))
    return x


@activation(
    kind="gated",
    kinks=("silu_inverse(limit)",),
    paper="Step-3.7 Flash, as in transformers, models/step3p7",
    aliases=("swiglu_step",),
    domain="limit > 0",
    wide=True,
)
def step_swiglu(gate, value, limit=7.0):
    """step_swiglu(gate, value, limit) = min(limit, gate / (1 + exp(-gate))) * max(-limit, min(limit, value))

    swiglu, clamped after the activation: silu(gate) by limit, value on both sides. limit = inf clamps nothing.

    >>> acts.step_swiglu([1.0, 100.0], [2.0, 100.0])
    array([ 1.46211716, 49.        ])
    """
    below, c = _below(gate, limit), value.clip(-limit, limit)
    return np.where(below, swiglu.formula(gate, c), limit * c)


def _below(gate, limit):
    """Whether silu(gate) is below the limit."""
    return swiglu.formula(gate, 1.0) < limit


@derivative_of(step_swiglu)
def d_step_swiglu(gate, value, limit):
    return indicator(_below(gate, limit), gate) * d_swiglu(gate, value.clip(-limit, limit), 1)


@second_derivative_of(step_swiglu)
def d2_step_swiglu(gate, value, limit):
    return indicator(_below(gate, limit), gate) * d2_swiglu(gate, value.clip(-limit, limit), 1)


@partial_of(step_swiglu, "value")
def d_step_swiglu_value(gate, value, limit):
    return swiglu.formula(gate, 1.0).clip(-np.inf, limit) * within(value, limit)


@partial_of(step_swiglu, "limit")
def d_step_swiglu_limit(gate, value, limit):
    a = swiglu.formula(gate, 1.0)
    return indicator(a >= limit, gate) * value.clip(-limit, limit) + a.clip(-np.inf, limit) * side(value, limit)


@activation(
    kind="gated",
    paper="Kimi Team, 'Kimi K3: Open Frontier Intelligence', 2026, arXiv:2607.24653",
    aliases=("softcapped_swiglu",),
    domain="(beta1 > 0) & (beta2 > 0)",
    wide=True,
)
def situ_glu(gate, value, beta1=4.0, beta2=25.0):
    """situ_glu(gate, value, beta1, beta2) = beta1 * tanh(gate / beta1) / (1 + exp(-gate)) * beta2 * tanh(value / beta2)

    swiglu whose linear factors are capped by tanh, gate at beta1 and value at beta2; the sigmoid sees the gate itself.
    inf caps nothing.

    >>> acts.situ_glu([1.0, 100.0], [2.0, 100.0])
    array([ 1.42935113, 99.93292997])
    """
    return times_sigmoid(_capped(gate, beta1), gate, half_exp(gate), _capped(value, beta2))


def _capped(x, beta):
    """beta * tanh(x / beta)."""
    if is_number(beta, np.inf):
        return x
    return np.where(np.isinf(beta), x, beta * np.tanh(x / beta))


def _root_of_slope(x, beta):
    """1 / cosh(x / beta), the square root of the slope of `_capped`."""
    v, low = quotient(finite(x), beta)
    k = half_exp(2 * v, 2 * low)
    return 2 * k / (1 + k * k)


def _slope_in_beta(x, beta, factor):
    """factor times d/d(beta) of `_capped`: factor * (tanh(a) - a / cosh(a)**2) with a = x / beta."""
    v, low = quotient(finite(x), beta)
    a, m = np.abs(finite(v)), half_exp(4 * v, 4 * low)
    s, d = lambert(a)  # tanh(a) is a * d / (d + s), s = a**2
    near = v * factor * a * a * ((d * d - d - s) / np.square(d + s))
    return np.where(a < 1, near, np.sign(v) * factor * ((1 - m * m - 4 * m * a) / np.square(1 + m)))


@derivative_of(situ_glu)
def d_situ_glu(gate, value, beta1, beta2):
    x, h, u = _situ_parts(gate, value, beta1, beta2)
    s, r = 1 + h * h, _root_of_slope(x, beta1)
    q, capped = u / s, _capped(x, beta1)
    left = (h * (r * r + capped / s)) * (q * h)  # sigmoid(x) * (r**2 + capped * sigmoid(-x)) * u
    return np.where(x < 0, left, (r * q) * r + (capped * h) * (q * h) / s)


def _situ_parts(gate, value, beta1, beta2):
    """The gate as far as it counts on the left, exp(-abs(gate) / 2), and the capped value."""
    return gate.clip(-2000, np.inf), half_exp(gate), _capped(value, beta2)


@second_derivative_of(situ_glu)
def d2_situ_glu(gate, value, beta1, beta2):
    x, h, u = _situ_parts(gate, value, beta1, beta2)
    e = h * h
    s, r = 1 + e, _root_of_slope(x, beta1)
    q, capped, odd = u / s, _capped(x, beta1), np.tanh(x / 2)
    bend = 2 / beta1 * np.tanh(x / beta1)
    left = (h * (r * r * (2 / s - bend) - capped / s * odd)) * (q * h)
    return np.where(x < 0, left, (r * (2 * e / s - bend)) * q * r - (capped * h) * odd * (q * h) / s)


@partial_of(situ_glu, "value")
def d_situ_glu_value(gate, value, beta1, beta2):
    r = _root_of_slope(value, beta2)
    return times_sigmoid(_capped(gate, beta1), gate, half_exp(gate), r) * r


@partial_of(situ_glu, "beta1")
def d_situ_glu_beta1(gate, value, beta1, beta2):
    return glu.formula(gate, _slope_in_beta(gate, beta1, _capped(value, beta2)))


@partial_of(situ_glu, "beta2")
def d_situ_glu_beta2(gate, value, beta1, beta2):
    return _slope_in_beta(value, beta2, times_sigmoid(_capped(gate, beta1), gate, half_exp(gate), 1.0))
