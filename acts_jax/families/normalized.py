"""Functions that measure an element by its row: by the norm, the root mean square, or mean and deviation."""

import functools
from statistics import NormalDist

import jax
import jax.numpy as jnp
from jax import lax

from .._axis import axis_function
from .._rows import total


def largest(x, axis, least=0.0):
    """max(abs(x)) of each row, at least `least` and not 0: a constant, for what is scaled by it and scaled back."""
    m = lax.stop_gradient(jnp.max(jnp.abs(x), axis, keepdims=True, initial=least))
    return jnp.where(m == 0, 1, jnp.minimum(m, jnp.finfo(x.dtype).max / 4))  # whose reciprocal is no subnormal


@axis_function()
def squash(x, c=1.0, axis=-1):
    return squashed(axis, x, jnp.asarray(c, x.dtype))


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def squashed(axis, x, c):
    u, r = direction(x, axis)
    return u / (1 + c / r / r)


@squashed.defjvp
def squashed_jvp(axis, primals, tangents):
    (x, c), (t, d_c) = primals, tangents
    u, r = direction(x, axis)
    share, slope = 1 / (1 + c / r / r), 1 / (r + c / r)
    along = total(u * t, axis)
    return squashed(axis, x, c), slope * (t + u * along * (1 - 2 * share) - u * slope * d_c)


def direction(x, axis):
    """(x / r, r) for the norm r of each row; infinite entries share the direction, and that of 0 is 0."""
    m = largest(x, axis)
    u = jnp.where(jnp.isinf(x), jnp.sign(x), jnp.where(jnp.isinf(jnp.max(jnp.abs(x), axis, keepdims=True)), 0, x / m))
    norm = jnp.sqrt(jnp.where(jnp.any(u != 0, axis, keepdims=True), total(u * u, axis), 1))
    return u / norm, m * norm


@axis_function()
def polynorm(x, w0=1 / 3, w1=1 / 3, w2=1 / 3, b=0.0, axis=-1, *, eps=1e-6):
    m = largest(x, axis, 1.0)
    u = x / m

    def normalised(k):
        v = u**k
        return v / jnp.sqrt(jnp.mean(v * v, axis, keepdims=True) + eps / m ** (2 * k))

    return w0 * normalised(3) + w1 * normalised(2) + w2 * normalised(1) + b


@axis_function()
def gaussian_topk(x, p=0.95, axis=-1):
    if not isinstance(p, float | int):
        raise TypeError(f"gaussian_topk: p is a {type(p).__name__}; it must be a number")
    if not 0 < p < 1:
        raise ValueError(f"gaussian_topk: p is {p}; it must be between 0 and 1")
    m = largest(x, axis)
    u = x / m
    u = u - lax.stop_gradient(jnp.max(u, axis, keepdims=True, initial=-jnp.inf))  # of a constant row, exactly 0
    centred = u - jnp.mean(u, axis, keepdims=True)
    variance = jnp.mean(centred * centred, axis, keepdims=True)
    deviation = jnp.where(variance == 0, 0, jnp.sqrt(jnp.where(variance == 0, 1, variance)))
    z = centred - NormalDist().inv_cdf(p) * deviation
    return jnp.where((z > 0) | jnp.isnan(z), z, 0) * m
