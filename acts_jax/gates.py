"""Gates: the input times a smooth step of itself, so that it is nearly 0 far left and nearly x far right."""

import math

import jax.numpy as jnp

from ._functions import activation
from ._registry import derivative_of, partial_of, second_derivative_of
from ._special import finite, half_exp, mills, square, times_npdf

SQRT_2_OVER_PI = math.sqrt(2 / math.pi)


@activation()
def gelu(x):
    t = jnp.minimum(jnp.abs(x), 40)
    tail = times_npdf(t * mills(t), t)  # t Q(t), Q the normal upper tail: x ncdf(x) is max(x, 0) - t Q(t)
    return jnp.where(x < 0, -0.0, x) - tail


@derivative_of(gelu)
def d_gelu(x):
    t = jnp.minimum(jnp.abs(x), 40)
    left = times_npdf(mills(t) - t, t)  # ncdf(x) + x npdf(x) for x < 0; the two sides add up to 1
    return jnp.where(x < 0, left, 1 - left)


@second_derivative_of(gelu)
def d2_gelu(x):
    x = jnp.clip(x, -40, 40)
    return times_npdf(2 - x * x, x)


# The others are x * sigmoid(v(x)), in terms of h = exp(-abs(v) / 2).


def _magnitude(x):
    """|x|, bounded where h is 0 in every type, so that the limit at -inf is 0, not inf * 0."""
    return jnp.minimum(jnp.abs(x), 2000)


def _gate(x, t, h):
    """x * sigmoid(v), where v has the sign of x and t is |x|, bounded as by _magnitude."""
    return jnp.where(x < 0, -t * h * h, x) / (1 + square(h))


def _d_gate(v, h, u):
    """sigmoid(v) * (1 + x * dv/dx * sigmoid(-v)), where u = |x * dv/dx| is finite."""
    e = square(h)
    return jnp.where(v < 0, h * (1 - u + e) * h, 1 + e + u * e) / ((1 + e) * (1 + e))  # one quotient: one kernel


def _d2_gate(v, h, u, dv, bend):
    """sigmoid(v) * sigmoid(-v) * (dv * (2 - u * tanh(v / 2)) + bend), where bend is x * d2v/dx2."""
    e = square(h)
    s = 1 + e
    odd = jnp.where(v < 0, e - 1, 1 - e) / s
    return h * finite(dv * (2 - u * odd) + bend) * h / (s * s)


@activation()
def gelu_tanh(x):
    t = jnp.minimum(jnp.abs(x), 100)  # saturated long before; the cube of a large x would overflow
    return _gate(x, t, jnp.exp(-_tanh_argument(t)))  # (1 + tanh(u)) / 2 is sigmoid(2 u), without its cancellation


def _tanh_argument(x):
    return SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)


def _d_tanh_argument(x):
    return SQRT_2_OVER_PI * (1 + 3 * 0.044715 * x * x)


def _d2_tanh_argument(x):
    return SQRT_2_OVER_PI * 6 * 0.044715 * x


@derivative_of(gelu_tanh)
def d_gelu_tanh(x):
    t = jnp.minimum(jnp.abs(x), 100)
    return _d_gate(x, jnp.exp(-_tanh_argument(t)), t * 2 * _d_tanh_argument(t))


@second_derivative_of(gelu_tanh)
def d2_gelu_tanh(x):
    x = jnp.clip(x, -100, 100)
    v, dv = 2 * _tanh_argument(x), 2 * _d_tanh_argument(x)
    return _d2_gate(v, half_exp(v), x * dv, dv, x * 2 * _d2_tanh_argument(x))


@activation()
def quick_gelu(x):
    t = _magnitude(x)
    return _gate(x, t, half_exp(t, 1.702))


@derivative_of(quick_gelu)
def d_quick_gelu(x):
    t = _magnitude(x)
    return _d_gate(x, half_exp(t, 1.702), 1.702 * t)


@second_derivative_of(quick_gelu)
def d2_quick_gelu(x):
    x = finite(x)
    return _d2_gate(x, half_exp(x, 1.702), 1.702 * x, 1.702, 0)


@activation()
def silu(x):
    t = _magnitude(x)
    return _gate(x, t, jnp.exp(-t / 2))


@derivative_of(silu)
def d_silu(x):
    t = _magnitude(x)
    return _d_gate(x, jnp.exp(-t / 2), t)


@second_derivative_of(silu)
def d2_silu(x):
    return _d2_gate(x, half_exp(x), x, 1, 0)


@activation()
def swish(x, beta=1.0):
    h = half_exp(finite(x), beta)
    return jnp.where(beta * finite(x) < 0, finite(x) * h * h, x) / (1 + square(h))


@derivative_of(swish)
def d_swish(x, beta):
    x = finite(x)
    v = beta * x
    return _d_gate(v, half_exp(x, beta), finite(jnp.where(v < 0, -v, v)))  # not abs, whose slope at 0 is 0


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
    return jnp.where(x < 0, h, 1), jnp.where(x < 0, 1, h)


@activation()
def mish(x):
    a, b = _roots(x)  # with w = a**2 / b**2 = exp(x), tanh(softplus(x)) = w (w + 2) / (w (w + 2) + 2)
    p, q = a * a, b * b
    return jnp.where(x < 0, finite(x), x) * a * (p + 2 * q) * a / (p * (p + 2 * q) + 2 * q * q)


@derivative_of(mish)
def d_mish(x):
    x = finite(x)
    a, b = _roots(x)
    p, q = a * a, b * b
    d = p * (p + 2 * q) + 2 * q * q
    return a * finite((p + 2 * q) * d + 4 * q * q * (p + q) * x) * a / d**2


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


@derivative_of(hard_swish)
def d_hard_swish(x):
    return jnp.where(x <= -3, 0.0, jnp.where(x >= 3, 1.0, (2 * x + 3) / 6))


@second_derivative_of(hard_swish)
def d2_hard_swish(x):
    return jnp.where(jnp.abs(x) < 3, 1 / 3, 0.0)
