"""Clipped: flat on the right, or on both sides, and something else in between."""

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_from_output_of, derivative_of, in_16_bits, partial_of, second_derivative_of
from .._special import finite, negative_part, tanh, times, where
from .self_gated import d2_gelu, d_gelu, d_gelu_in_16_bits, gelu, gelu_in_16_bits
from .sigmoids import d2_tanh, d_tanh


@activation(residual="output")
def step(x):
    return where(x > 0, 1.0, where(x <= 0, 0.0, x))  # NaN stays NaN


@derivative_of(step)
def d_step(x):
    return jnp.zeros_like(x)


@second_derivative_of(step)
def d2_step(x):
    return jnp.zeros_like(x)


@derivative_from_output_of(step)
def d_step_from_output(y):
    return jnp.zeros_like(y)


@activation()
def relun(x, n=1.0):
    return where(x > n, n, where(x <= 0, 0, x))


def _between(x, low, high):
    """Whether low < x < high; high = inf is below nothing."""
    return (low < x) & (finite(x) < high)


@derivative_of(relun)
def d_relun(x, n):
    return where(_between(x, 0, n), 1.0, 0.0)


@second_derivative_of(relun)
def d2_relun(x, n):
    return jnp.zeros_like(x)


@partial_of(relun, "n")
def d_relun_n(x, n):
    return where(finite(x) >= n, 1.0, 0.0)


@activation()
def general_relu(x, negative_slope=0.0, max_value=jnp.inf, threshold=0.0):
    return where(x > threshold, jnp.minimum(x, max_value), times(negative_slope, x - threshold))


@derivative_of(general_relu)
def d_general_relu(x, negative_slope, max_value, threshold):
    return where(x <= threshold, negative_slope, where(finite(x) < max_value, 1.0, 0.0))


@second_derivative_of(general_relu)
def d2_general_relu(x, negative_slope, max_value, threshold):
    return jnp.zeros_like(x)


@partial_of(general_relu, "negative_slope")
def d_general_relu_negative_slope(x, negative_slope, max_value, threshold):
    return negative_part(x - threshold)


@partial_of(general_relu, "max_value")
def d_general_relu_max_value(x, negative_slope, max_value, threshold):
    return where(finite(x) >= max_value, 1.0, 0.0)


@partial_of(general_relu, "threshold")
def d_general_relu_threshold(x, negative_slope, max_value, threshold):
    return where(x <= threshold, -negative_slope, 0.0)


@activation()
def clipped_gelu(x):
    return jnp.minimum(gelu.__wrapped__(x), 10)


@in_16_bits(clipped_gelu)
def clipped_gelu_in_16_bits(x):
    return jnp.minimum(gelu_in_16_bits(x), 10)


@derivative_of(clipped_gelu)
def d_clipped_gelu(x):
    return where(x < 10, d_gelu(x), 0.0)


@in_16_bits(clipped_gelu, "x")
def d_clipped_gelu_in_16_bits(x):
    return where(x < 10, d_gelu_in_16_bits(x), 0.0)


@second_derivative_of(clipped_gelu)
def d2_clipped_gelu(x):
    return where(x < 10, d2_gelu(x), 0.0)


@activation()
def rectified_tanh(x):
    return tanh(jnp.maximum(x, 0))


@in_16_bits(rectified_tanh)
def rectified_tanh_in_16_bits(x):
    return jnp.tanh(jnp.maximum(x, 0))


@derivative_of(rectified_tanh)
def d_rectified_tanh(x):
    return where(x > 0, d_tanh(x), 0.0)


@second_derivative_of(rectified_tanh)
def d2_rectified_tanh(x):
    return where(x > 0, d2_tanh(x), 0.0)
