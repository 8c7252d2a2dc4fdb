"""Sigmoids: bounded, S-shaped, saturating at both ends; and the logarithm of one."""

import jax.numpy as jnp
from jax import lax

from .._functions import activation
from .._polynomials import LOG1P_SHORT, polynomial
from .._registry import derivative_from_output_of, derivative_of, in_16_bits, partial_of, second_derivative_of
from .._special import finite, half_exp, log1p_ratio, square, where
from .._special import tanh as _tanh


@activation(residual="output")
def sigmoid(x):
    return lax.logistic(x)


@derivative_of(sigmoid, keeps_nan=True)
def d_sigmoid(x):
    h = half_exp(x)
    return (h / (1 + square(h))) ** 2  # not s * (1 - s): 1 - s is 0 from x = 37 on


@second_derivative_of(sigmoid)
def d2_sigmoid(x):
    return -d_sigmoid(x) * _tanh(x / 2)


@derivative_from_output_of(sigmoid, keeps_nan=True)
def d_sigmoid_from_output(y):
    return y * (1 - y)  # 1 - y loses the right tail


@activation()
def hard_sigmoid(x, slope=1 / 6, offset=0.5):
    return jnp.clip(slope * (x + offset / slope), 0, 1)  # x + 3 is exact next to the lower knee, x / 6 + 0.5 is not


def _inside(x, slope, offset):
    lower, upper = -offset / slope, (1 - offset) / slope
    return (jnp.minimum(lower, upper) < x) & (x < jnp.maximum(lower, upper))


@derivative_of(hard_sigmoid)
def d_hard_sigmoid(x, slope, offset):
    return where(_inside(x, slope, offset), slope, 0.0)


@second_derivative_of(hard_sigmoid)
def d2_hard_sigmoid(x, slope, offset):
    return jnp.zeros_like(x)


@partial_of(hard_sigmoid, "slope")
def d_hard_sigmoid_slope(x, slope, offset):
    return where(_inside(x, slope, offset), x, 0.0)


@partial_of(hard_sigmoid, "offset")
def d_hard_sigmoid_offset(x, slope, offset):
    return where(_inside(x, slope, offset), 1.0, 0.0)


@activation()
def log_sigmoid(x):
    e = jnp.exp(-jnp.abs(x))
    return -(jnp.maximum(-x, 0) + e * log1p_ratio(e))


@in_16_bits(log_sigmoid)
def log_sigmoid_in_16_bits(x):
    e = jnp.exp(-jnp.abs(x))
    return -(jnp.maximum(-x, 0) + e * polynomial(e, LOG1P_SHORT))


@derivative_of(log_sigmoid, keeps_nan=True)
def d_log_sigmoid(x):
    return lax.logistic(-x)


@second_derivative_of(log_sigmoid)
def d2_log_sigmoid(x):
    return -d_sigmoid(x)


@activation(residual="output")
def tanh(x):
    return _tanh(x) if jnp.result_type(x) == jnp.float64 else jnp.tanh(x)


@derivative_of(tanh, keeps_nan=True)
def d_tanh(x):
    h = half_exp(2 * x)
    return (2 * h / (1 + square(h))) ** 2  # not 1 - tanh(x)**2, which is 0 from x = 19 on


@second_derivative_of(tanh)
def d2_tanh(x):
    h = half_exp(2 * x)
    r = 2 * h / (1 + square(h))
    return -2 * _tanh(x) * r * r


@derivative_from_output_of(tanh, keeps_nan=True)
def d_tanh_from_output(y):
    return (1 - y) * (1 + y)  # 1 - |y| loses both tails


@activation()
def hard_tanh(x, min_val=-1.0, max_val=1.0):
    return where(x > max_val, max_val, where(x < min_val, min_val, x))


@derivative_of(hard_tanh)
def d_hard_tanh(x, min_val, max_val):
    return where((min_val < x) & (x < max_val), 1.0, 0.0)


@second_derivative_of(hard_tanh)
def d2_hard_tanh(x, min_val, max_val):
    return jnp.zeros_like(x)


@partial_of(hard_tanh, "min_val")
def d_hard_tanh_min_val(x, min_val, max_val):
    return where(x <= min_val, 1.0, 0.0)


@partial_of(hard_tanh, "max_val")
def d_hard_tanh_max_val(x, min_val, max_val):
    return where(x >= max_val, 1.0, 0.0)


@activation()
def softsign(x):
    x = finite(x)
    return x / (1 + jnp.abs(x))


@derivative_of(softsign, keeps_nan=True)
def d_softsign(x):
    r = 1 / (1 + jnp.abs(x))
    return r * r


@second_derivative_of(softsign)
def d2_softsign(x):
    r = 1 / (1 + jnp.abs(x))
    return -2 * jnp.sign(x) * r * r * r
