"""Functions that measure an element by its row: by the norm, the root mean square, or mean and deviation."""

from statistics import NormalDist

import jax.numpy as jnp
from jax import lax

from .._axis import axis_function
from .._rows import total


def largest(x, axis, least=0.0):
    """max(abs(x)) of each row, 1 where that is 0, and at least `least`; a constant, for what is scaled by it."""
    m = lax.stop_gradient(jnp.max(jnp.abs(x), axis, keepdims=True, initial=least))
    return jnp.where(m == 0, 1, m)


@axis_function()
def squash(x, c=1.0, axis=-1):
    m = largest(x, axis)
    u = jnp.where(jnp.isinf(x), jnp.sign(x), x / m)
    square = total(u * u, axis)
    norm = jnp.sqrt(jnp.where(square == 0, 1, square))
    r = jnp.minimum(m * norm, jnp.finfo(x.dtype).max)
    return u / norm * (r / (r + c / r))


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
    m = largest(x, axis)
    u = x / m
    centred = u - jnp.mean(u, axis, keepdims=True)
    variance = jnp.mean(centred * centred, axis, keepdims=True)
    deviation = jnp.where(variance == 0, 0, jnp.sqrt(jnp.where(variance == 0, 1, variance)))
    z = centred - NormalDist().inv_cdf(p) * deviation
    return jnp.where((z > 0) | jnp.isnan(z), z, 0) * m
