"""Gates: the input times a smooth step of itself, so that it is nearly 0 far left and nearly x far right."""

import math

import jax.numpy as jnp

from ._registry import derivative_of, partial_of, second_derivative_of
from ._rules import activation
from ._special import exp_roots, finite, mills, times_npdf, up_to

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
    x = up_to(40, x)
    return times_npdf(2 - x * x, x)


# The others are x * sigmoid(v(x)): with a**2 / b**2 = exp(v), sigmoid(v) = a**2 / (a**2 + b**2).


def _gate(x, v, roots):
    a, b = roots
    return jnp.where(v < 0, finite(x), x) * a * a / (a * a + b * b)  # finite: the limit at -inf is 0, not inf * 0


def _d_gate(x, dv, roots):
    a, b = roots
    p, q = a * a, b * b
    return a * finite(p + q + finite(x) * q * dv) * a / (p + q) ** 2


def _d2_gate(x, dv, d2v, roots):
    a, b = roots
    p, q = a * a, b * b
    bend = dv * (2 - finite(x) * dv * ((p - q) / (p + q))) + finite(x) * d2v
    return a * b * finite(bend) * (a * b) / (p + q) ** 2


@activation()
def gelu_tanh(x):
    v = 2 * _tanh_argument(x)
    return _gate(x, v, exp_roots(v))  # (1 + tanh(u)) / 2 is sigmoid(2 u), without its cancellation


def _tanh_argument(x):
    x = up_to(100, x)  # saturated long before; the cube of a large x would overflow
    return SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)


def _d_tanh_argument(x):
    return SQRT_2_OVER_PI * (1 + 3 * 0.044715 * x * x)


def _d2_tanh_argument(x):
    return SQRT_2_OVER_PI * 6 * 0.044715 * x


@derivative_of(gelu_tanh)
def d_gelu_tanh(x):
    x = up_to(100, x)
    return _d_gate(x, 2 * _d_tanh_argument(x), exp_roots(2 * _tanh_argument(x)))


@second_derivative_of(gelu_tanh)
def d2_gelu_tanh(x):
    x = up_to(100, x)
    return _d2_gate(x, 2 * _d_tanh_argument(x), 2 * _d2_tanh_argument(x), exp_roots(2 * _tanh_argument(x)))


@activation()
def quick_gelu(x):
    return _gate(x, 1.702 * x, exp_roots(finite(x), 1.702))


@derivative_of(quick_gelu)
def d_quick_gelu(x):
    return _d_gate(x, 1.702, exp_roots(finite(x), 1.702))


@second_derivative_of(quick_gelu)
def d2_quick_gelu(x):
    return _d2_gate(x, 1.702, 0, exp_roots(finite(x), 1.702))


@activation()
def silu(x):
    return _gate(x, x, exp_roots(x))


@derivative_of(silu)
def d_silu(x):
    return _d_gate(x, 1, exp_roots(x))


@second_derivative_of(silu)
def d2_silu(x):
    return _d2_gate(x, 1, 0, exp_roots(x))


@activation()
def swish(x, beta=1.0):
    return _gate(x, beta * finite(x), exp_roots(finite(x), beta))


@derivative_of(swish)
def d_swish(x, beta):
    return _d_gate(x, beta, exp_roots(finite(x), beta))


@second_derivative_of(swish)
def d2_swish(x, beta):
    return _d2_gate(x, beta, 0, exp_roots(finite(x), beta))


@partial_of(swish, "beta")
def d_swish_beta(x, beta):
    a, b = exp_roots(finite(x), beta)
    return (a * b * finite(x) / (a * a + b * b)) ** 2


@activation()
def mish(x):
    a, b = exp_roots(x)  # with w = a**2 / b**2 = exp(x), tanh(softplus(x)) = w (w + 2) / (w (w + 2) + 2)
    p, q = a * a, b * b
    return jnp.where(x < 0, finite(x), x) * a * (p + 2 * q) * a / (p * (p + 2 * q) + 2 * q * q)


@derivative_of(mish)
def d_mish(x):
    x = finite(x)
    a, b = exp_roots(x)
    p, q = a * a, b * b
    d = p * (p + 2 * q) + 2 * q * q
    return a * finite((p + 2 * q) * d + 4 * q * q * (p + q) * x) * a / d**2


@second_derivative_of(mish)
def d2_mish(x):
    x = finite(x)
    a, b = exp_roots(x)
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
