"""The exponential; and exponential units: the identity on the right, an exponential that saturates on the left."""

import jax.numpy as jnp

from acts.families.exponentials import SELU_ALPHA, SELU_SCALE

from .._functions import activation
from .._registry import derivative_from_output_of, derivative_of, in_16_bits, partial_of, second_derivative_of
from .._special import (
    expm1,
    expm1_ratio,
    finite,
    lambert,
    left_of_0,
    negative_part,
    times_exp,
    times_exp_of_quotient,
    where,
)


def _short_ratio(x):
    """(exp(x) - 1) / x to 20 bits for |x| < 1 / 32, where exp(x) - 1 would lose what 16-bit types have."""
    return 1 + x * (1 / 2 + x / 6)


def _short_expm1(x):
    return where(jnp.abs(x) < 1 / 32, x * _short_ratio(x), jnp.exp(x) - 1)


@activation()
def elu(x, alpha=1.0):
    return where(x > 0, x, alpha * expm1(x))


@in_16_bits(elu)
def elu_in_16_bits(x, alpha):
    return where(x > 0, x, alpha * _short_expm1(x))


@derivative_of(elu, keeps_nan=True)
def d_elu(x, alpha):
    return where(x > 0, 1.0, times_exp(alpha, left_of_0(x)))  # not elu + alpha: expm1 + 1 loses the tail


@second_derivative_of(elu)
def d2_elu(x, alpha):
    return where(x > 0, 0.0, times_exp(alpha, left_of_0(x)))


@partial_of(elu, "alpha")
def d_elu_alpha(x, alpha):
    return expm1(negative_part(x))


@derivative_from_output_of(elu, keeps_nan=True)
def d_elu_from_output(y, alpha):
    return where(y > 0, 1.0, y + alpha)


@activation()
def selu(x):
    return where(x > 0, SELU_SCALE * x, SELU_SCALE * SELU_ALPHA * expm1(x))


@in_16_bits(selu)
def selu_in_16_bits(x):
    return where(x > 0, SELU_SCALE * x, SELU_SCALE * SELU_ALPHA * _short_expm1(x))


@derivative_of(selu, keeps_nan=True)
def d_selu(x):
    return where(x > 0, SELU_SCALE, times_exp(SELU_SCALE * SELU_ALPHA, left_of_0(x)))


@second_derivative_of(selu)
def d2_selu(x):
    return where(x > 0, 0.0, times_exp(SELU_SCALE * SELU_ALPHA, left_of_0(x)))


@derivative_from_output_of(selu, keeps_nan=True)
def d_selu_from_output(y):
    return where(y > 0, SELU_SCALE, y + SELU_SCALE * SELU_ALPHA)


@activation()
def celu(x, alpha=1.0):
    left = left_of_0(x)
    u = left / alpha
    far = times_exp_of_quotient(alpha, left, alpha) - alpha
    return where(x > 0, x, where(jnp.abs(u) < 1, left * expm1_ratio(u), far))


@in_16_bits(celu)
def celu_in_16_bits(x, alpha):
    u = x / alpha
    left = where(jnp.abs(u) < 1 / 32, x * _short_ratio(u), alpha * (jnp.exp(u) - 1))
    return where(x > 0, x, left)


@derivative_of(celu, keeps_nan=True)
def d_celu(x, alpha):
    return where(x > 0, 1.0, times_exp_of_quotient(1, left_of_0(x), alpha))


@in_16_bits(celu, "x", keeps_nan=True)
def d_celu_in_16_bits(x, alpha):
    return where(x > 0, 1.0, jnp.exp(x / alpha))


@second_derivative_of(celu)
def d2_celu(x, alpha):
    return where(x > 0, 0.0, times_exp_of_quotient(1 / alpha, negative_part(x), alpha))


@partial_of(celu, "alpha")
def d_celu_alpha(x, alpha):
    u = negative_part(x) / alpha
    w = lambert(u / 2)  # in it, (1 - u) exp(u) - 1 has no cancellation near 0
    left = expm1(u) - finite(u) * jnp.exp(u)
    right = times_exp_of_quotient(1 - u, negative_part(x), alpha) - 1
    return where(jnp.abs(u) < 1, -u * (w + u / 2) / (1 + w - u / 2), where(u < 0, left, right))


@derivative_from_output_of(celu, keeps_nan=True)
def d_celu_from_output(y, alpha):
    return where(y > 0, 1.0, y / alpha + 1)


@activation(residual="output")
def exponential(x):
    return jnp.exp(x)


@derivative_of(exponential, keeps_nan=True)
def d_exponential(x):
    return jnp.exp(x)


@second_derivative_of(exponential)
def d2_exponential(x):
    return jnp.exp(x)


@derivative_from_output_of(exponential, keeps_nan=True)
def d_exponential_from_output(y):
    return y
