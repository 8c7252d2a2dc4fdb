"""Rectifiers: piecewise linear around a threshold, and the square of one."""

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_from_output_of, derivative_of, partial_of, second_derivative_of
from .._special import negative_part, times, where


@activation(residual="nothing")
def identity(x):
    return x


@derivative_of(identity)
def d_identity(x):
    return jnp.ones_like(x)


@second_derivative_of(identity)
def d2_identity(x):
    return jnp.zeros_like(x)


@activation(residual="output")
def relu(x):
    return where(x <= 0, 0, x)


@derivative_of(relu)
def d_relu(x):
    return where(x > 0, 1.0, 0.0)


@second_derivative_of(relu)
def d2_relu(x):
    return jnp.zeros_like(x)


@derivative_from_output_of(relu, keeps_nan=True)
def d_relu_from_output(y):
    return where(y > 0, 1.0, y)


@activation(residual="output")
def relu6(x):
    return where(x <= 0, 0, where(x > 6, 6, x))  # XLA would compute min(max) twice, and keep x for it


@derivative_of(relu6)
def d_relu6(x):
    return where((x > 0) & (x < 6), 1.0, 0.0)


@second_derivative_of(relu6)
def d2_relu6(x):
    return jnp.zeros_like(x)


@derivative_from_output_of(relu6, keeps_nan=True)
def d_relu6_from_output(y):
    return where(y > 0, where(y < 6, 1.0, 0.0), y)


@activation(residual="sign")
def leaky_relu(x, negative_slope=0.01):
    return where(x > 0, x, times(negative_slope, x))


@derivative_of(leaky_relu)
def d_leaky_relu(x, negative_slope):
    return where(x > 0, 1.0, negative_slope)


@second_derivative_of(leaky_relu)
def d2_leaky_relu(x, negative_slope):
    return jnp.zeros_like(x)


@partial_of(leaky_relu, "negative_slope")
def d_leaky_relu_negative_slope(x, negative_slope):
    return negative_part(x)


@derivative_from_output_of(leaky_relu)
def d_leaky_relu_from_output(y, negative_slope):
    return where(y > 0, 1.0, negative_slope)


@activation()
def prelu(x, alpha, axis=None):
    return where(x > 0, x, times(alpha, x))


@derivative_of(prelu)
def d_prelu(x, alpha):
    return where(x > 0, 1.0, alpha)


@second_derivative_of(prelu)
def d2_prelu(x, alpha):
    return jnp.zeros_like(x)


@partial_of(prelu, "alpha")
def d_prelu_alpha(x, alpha):
    return negative_part(x)


@activation()
def threshold(x, threshold, value):
    return where(x <= threshold, value, x)


@derivative_of(threshold)
def d_threshold(x, threshold, value):
    return where(x > threshold, 1.0, 0.0)


@second_derivative_of(threshold)
def d2_threshold(x, threshold, value):
    return jnp.zeros_like(x)


@partial_of(threshold, "threshold")
def d_threshold_threshold(x, threshold, value):
    return jnp.zeros_like(x)


@partial_of(threshold, "value")
def d_threshold_value(x, threshold, value):
    return where(x > threshold, 0.0, 1.0)


@activation()
def thresholded_relu(x, theta=1.0):
    return where(x <= theta, 0, x)


@derivative_of(thresholded_relu)
def d_thresholded_relu(x, theta):
    return where(x > theta, 1.0, 0.0)


@second_derivative_of(thresholded_relu)
def d2_thresholded_relu(x, theta):
    return jnp.zeros_like(x)


@partial_of(thresholded_relu, "theta")
def d_thresholded_relu_theta(x, theta):
    return jnp.zeros_like(x)


@activation()
def relu_squared(x):
    return jnp.square(jnp.maximum(x, 0))


@derivative_of(relu_squared)
def d_relu_squared(x):
    return 2 * where(x > 0, x, 0)


@second_derivative_of(relu_squared)
def d2_relu_squared(x):
    return where(x > 0, 2.0, 0.0)
