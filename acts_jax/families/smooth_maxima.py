"""Smooth maxima of two straight lines through 0: a weighted mean of them, the weights from a sigmoid of x."""

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import finite, half_exp, square, where

# acon_c in h = exp(-|v| / 2), v = beta (p1 - p2) x: `outer` is the line that it approaches on the side of x, `inner`
# the other.


def _lines(x, p1, p2, beta):
    """v, h, the outer slope and the inner one, and x, finite where h is 0."""
    v = beta * (p1 - p2) * finite(x)
    h = half_exp(finite(x), beta * (p1 - p2))
    return v, h, where(v > 0, p1, p2), where(v > 0, p2, p1), where(v == 0, x, finite(x))


def _inner_share(factor, v, h):
    """factor times how much of the inner line there is in the slope, the derivative of silu at -|v|."""
    u = finite(where(v < 0, -v, v))
    s = 1 + square(h)
    return factor * h * ((1 - u + square(h)) / (s * s)) * h


@activation()
def acon_c(x, p1=1.0, p2=0.0, beta=1.0):
    v, h, outer, inner, near = _lines(x, p1, p2, beta)
    s = 1 + square(h)
    far = where(outer == 0, -0.0, outer * x) + where(inner == 0, 0.0, near * h * inner * h)
    total = outer + inner * square(h)
    near = total * where(total == 0, finite(x), x)
    return where(jnp.abs(v) < 1, near, far) / s  # next to 0 the products in `far` may be flushed


@derivative_of(acon_c)
def d_acon_c(x, p1, p2, beta):
    v, h, outer, inner, _ = _lines(x, p1, p2, beta)
    return _inner_share(inner - outer, v, h) - (0.0 - outer)  # + outer, but -0.0 where both are 0


@second_derivative_of(acon_c)
def d2_acon_c(x, p1, p2, beta):
    v, h, _, _, _ = _lines(x, p1, p2, beta)
    e = square(h)
    s = 1 + e
    u = finite(where(v < 0, -v, v))
    return h * finite(beta * (p1 - p2) * (p1 - p2) * (2 - u * ((1 - e) / s))) * h / (s * s)


@partial_of(acon_c, "p1")
def d_acon_c_p1(x, p1, p2, beta):
    v, h, _, _, near = _lines(x, p1, p2, beta)
    return where(v > 0, x * (1 - _inner_share(1, v, h)), _inner_share(near, v, h))


@partial_of(acon_c, "p2")
def d_acon_c_p2(x, p1, p2, beta):
    v, h, _, _, near = _lines(x, p1, p2, beta)
    return where(v > 0, _inner_share(near, v, h), x * (1 - _inner_share(1, v, h)))


@partial_of(acon_c, "beta")
def d_acon_c_beta(x, p1, p2, beta):
    _, h, _, _, near = _lines(x, p1, p2, beta)
    return where(p1 == p2, 0.0, h * near / (1 + square(h)) * (p1 - p2)) ** 2


@activation()
def pflu(x):
    t = jnp.abs(finite(x))
    h = _root(t)
    return where(x < 0, -0.0, x) - t / h * (0.5 / (h + t))


def _root(t):
    """sqrt(1 + t**2)."""
    s = jnp.minimum(t, 2.0**60)
    return jnp.maximum(t, jnp.sqrt(s * s + 1))


@derivative_of(pflu)
def d_pflu(x):
    t = jnp.abs(finite(x))
    h = _root(t)
    q = 1 / (h * (h + t))  # 1 - t / h without its cancellation
    left = q * (1.5 * q - 0.5 - 0.5 * q * q)  # the slope for x < 0; the two sides add up to 1
    return where(x < 0, left, 1 - left)


@second_derivative_of(pflu)
def d2_pflu(x):
    t = jnp.abs(finite(x))
    h = _root(t)
    r, u = 1 / h, t / h  # r is flushed to 0 next to the largest numbers, u is 1
    return (1 - 1.5 * u * u) * r * r * r
