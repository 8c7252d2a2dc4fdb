"""Gates: the input times a smooth step of itself, so that it is nearly 0 far left and nearly x far right."""

import math

import jax.numpy as jnp

from .._functions import activation
from .._polynomials import TAIL_SHORT, polynomial
from .._registry import derivative_of, in_16_bits, partial_of, second_derivative_of
from .._special import finite, half_exp, mills, square, times_npdf, where

SQRT_2_OVER_PI = math.sqrt(2 / math.pi)


@activation()
def gelu(x):
    t = jnp.minimum(jnp.abs(x), 40)
    tail = times_npdf(t * mills(t), t)  # t Q(t), Q the normal upper tail: x ncdf(x) is max(x, 0) - t Q(t)
    return where(x < 0, -0.0, x) - tail


@in_16_bits(gelu)
def gelu_in_16_bits(x):
    t = jnp.minimum(jnp.abs(x), 40)
    return where(x < 0, -0.0, x) - t * jnp.exp(3 - t * t / 2) * _short_tail(t)  # in this order nothing is flushed


def _short_tail(t):
    """Q(t) * exp(t**2 / 2 - 3); with that 3, no exponential is subnormal where the result is not."""
    r = 1 / (t + 2.24)
    return r * polynomial(r, TAIL_SHORT)


@derivative_of(gelu, keeps_nan=True)
def d_gelu(x):
    t = jnp.minimum(jnp.abs(x), 40)
    left = times_npdf(mills(t) - t, t)  # ncdf(x) + x npdf(x) for x < 0; the two sides add up to 1
    return where(x < 0, left, 1 - left)


@in_16_bits(gelu, "x", keeps_nan=True)
def d_gelu_in_16_bits(x):
    t = jnp.minimum(jnp.abs(x), 40)
    left = (_short_tail(t) - math.exp(-3) / math.sqrt(2 * math.pi) * t) * jnp.exp(3 - t * t / 2)
    return where(x < 0, left, 1 - left)


@second_derivative_of(gelu)
def d2_gelu(x):
    x = jnp.clip(x, -40, 40)
    return times_npdf(2 - x * x, x)


# The others are x * sigmoid(v(x)), in terms of h = exp(-abs(v) / 2).


def _magnitude(x):
    """|x|, bounded where h is 0 in every type, so that the limit at -inf is 0, not inf * 0."""
    return jnp.minimum(jnp.abs(x), 2000)


def _gate(x, h):
    """x * sigmoid(v), where v has the sign of x."""
    return where(x < 0, jnp.maximum(x, -2000) * h * h, x) / (1 + square(h))


def _d_gate(v, h, u):
    """sigmoid(v) * (1 + x * dv/dx * sigmoid(-v)), where u = |x * dv/dx| is finite."""
    e = square(h)
    s = 1 + e
    left = 1 - u + e  # in this order: the difference is exact next to the root
    return where(v < 0, h * left * h, s + u * e) / (s * s)  # one quotient: one kernel


def _d2_gate(v, h, u, dv, bend):
    """sigmoid(v) * sigmoid(-v) * (dv * (2 - u * tanh(v / 2)) + bend), where bend is x * d2v/dx2."""
    e = square(h)
    s = 1 + e
    odd = where(v < 0, e - 1, 1 - e) / s
    return h * finite(dv * (2 - u * odd) + bend) * h / (s * s)


@activation()
def gelu_tanh(x):
    return _gate(x, jnp.exp(-_tanh_argument(jnp.abs(x))))  # (1 + tanh(u)) / 2 is sigmoid(2 u), without its cancellation


def _tanh_argument(x):
    return x * (SQRT_2_OVER_PI + SQRT_2_OVER_PI * 0.044715 * (x * x))


def _d_tanh_argument(x):
    return SQRT_2_OVER_PI + SQRT_2_OVER_PI * 3 * 0.044715 * (x * x)


def _d2_tanh_argument(x):
    return SQRT_2_OVER_PI * 6 * 0.044715 * x


@derivative_of(gelu_tanh, keeps_nan=True)
def d_gelu_tanh(x):
    t = jnp.minimum(jnp.abs(x), 100)  # saturated long before; the cube of a large x would overflow
    return _d_gate(x, jnp.exp(-_tanh_argument(t)), t * 2 * _d_tanh_argument(t))


@second_derivative_of(gelu_tanh)
def d2_gelu_tanh(x):
    x = jnp.clip(x, -100, 100)
    v, dv = 2 * _tanh_argument(x), 2 * _d_tanh_argument(x)
    return _d2_gate(v, half_exp(v), x * dv, dv, x * 2 * _d2_tanh_argument(x))


@activation()
def quick_gelu(x):
    return _gate(x, half_exp(_magnitude(x), 1.702))


@in_16_bits(quick_gelu)
def quick_gelu_in_16_bits(x):
    return _gate(x, jnp.exp(-0.851 * jnp.abs(x)))


@derivative_of(quick_gelu, keeps_nan=True)
def d_quick_gelu(x):
    t = _magnitude(x)
    return _d_gate(x, half_exp(t, 1.702), 1.702 * t)


@in_16_bits(quick_gelu, "x", keeps_nan=True)
def d_quick_gelu_in_16_bits(x):
    u = 1.702 * _magnitude(x)
    return _d_gate(x, jnp.exp(-u / 2), u)


@second_derivative_of(quick_gelu)
def d2_quick_gelu(x):
    x = finite(x)
    return _d2_gate(x, half_exp(x, 1.702), 1.702 * x, 1.702, 0)


@activation()
def silu(x):
    return _gate(x, jnp.exp(-0.5 * jnp.abs(x)))


@derivative_of(silu, keeps_nan=True)
def d_silu(x):
    t = _magnitude(x)
    return _d_gate(x, jnp.exp(-0.5 * t), t)


@second_derivative_of(silu)
def d2_silu(x):
    return _d2_gate(x, half_exp(x), x, 1, 0)


@activation()
def swish(x, beta=1.0):
    h = half_exp(finite(x), beta)
    return where(beta * finite(x) < 0, finite(x) * h * h, x) / (1 + square(h))


@in_16_bits(swish)
def swish_in_16_bits(x, beta):
    f = finite(x)
    v = beta * f
    h = jnp.exp(-jnp.abs(v) / 2)
    return where(v < 0, f * h * h, x) / (1 + square(h))


@derivative_of(swish, keeps_nan=True)
def d_swish(x, beta):
    x = finite(x)
    v = beta * x
    return _d_gate(v, half_exp(x, beta), finite(where(v < 0, -v, v)))  # not abs, whose slope at 0 is 0


@in_16_bits(swish, "x", keeps_nan=True)
def d_swish_in_16_bits(x, beta):
    v = beta * finite(x)
    u = finite(jnp.abs(v))
    return _d_gate(v, jnp.exp(-u / 2), u)


@second_derivative_of(swish)
def d2_swish(x, beta):
    x = finite(x)
    return _d2_gate(beta * x, half_exp(x, beta), beta * x, beta, 0)


@partial_of(swish, "beta")
def d_swish_beta(x, beta):
    h = half_exp(finite(x), beta)
    return (h * finite(x) / (1 + square(h))) ** 2


def _roots(x):
    """(a, b) with a**2 / b**2 = exp(x), the larger one 1."""
    h = half_exp(x)
    return where(x < 0, h, 1), where(x < 0, 1, h)


@activation()
def mish(x):
    a, b = _roots(x)  # with w = a**2 / b**2 = exp(x), tanh(softplus(x)) = w (w + 2) / (w (w + 2) + 2)
    p, q = a * a, b * b
    s = p + 2 * q
    return where(x < 0, finite(x), x) * a * s * a / (p * s + 2 * q * q)


@in_16_bits(mish)
def mish_in_16_bits(x):
    c = jnp.maximum(x, -2000)
    h = jnp.exp(jnp.minimum(c, 20) / 2)  # from 20 on, mish(x) is x
    w = square(h)
    p = w + 2
    return c * (h * (p / (w * p + 2))) * h  # in this order nothing is flushed or overflows where the result does not


@derivative_of(mish, keeps_nan=True)
def d_mish(x):
    x = finite(x)
    a, b = _roots(x)
    p, q = a * a, b * b
    s, r = p + 2 * q, 2 * q * q
    d = p * s + r
    return a * finite(s * d + 2 * r * (p + q) * x) * a / d**2


@in_16_bits(mish, "x", keeps_nan=True)
def d_mish_in_16_bits(x):
    c = jnp.clip(x, -2000, 20)
    h = jnp.exp(c / 2)
    w = square(h)
    d = w * (w + 2) + 2
    return h * (((w + 4) * w + (4 * c + 6)) * w + 4 * c + 4) * h / (d * d)


@second_derivative_of(mish)
def d2_mish(x):
    x = finite(x)
    a, b = _roots(x)
    p, q = a * a, b * b
    d = p * (p + 2 * q) + 2 * q * q
    cubic = 2 * q**3 + 2 * p * q * q - 3 * p * p * q - 2 * p**3
    return 4 * (a * q) * finite(2 * (p + q) * d + x * cubic) * (a * q) / d**3


@activation()
def hard_swish(x):
    return jnp.maximum(x, -3) * (jnp.clip(x + 3, 0, 6) / 6)


@derivative_of(hard_swish, keeps_nan=True)
def d_hard_swish(x):
    return where(x <= -3, 0.0, where(x >= 3, 1.0, (2 * x + 3) / 6))


@second_derivative_of(hard_swish)
def d2_hard_swish(x):
    return where(jnp.abs(x) < 3, 1 / 3, 0.0)
