"""Soft caps: nearly straight in the middle, bent until they stay below a cap; for logits, and for hidden units."""

import jax.numpy as jnp

from .._functions import activation
from .._polynomials import TANHSHRINK, TANHSHRINK_FLOAT64, polynomial
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import finite, half_exp, square, standard_score, tanh, times_exp_of_quotient, where


def _capped(x, cap):
    v = finite(x) / cap
    return where(jnp.abs(v) < 2.0**-30, x, cap * tanh(v))  # a smaller v may be flushed to 0 where x is not


def _sech(x, cap):
    """1 / cosh(x / cap), whose square is the derivative of tanh: not 1 - tanh**2, which is 0 far out."""
    h = times_exp_of_quotient(1, -jnp.abs(finite(x)), cap)
    return 2 * h / (1 + square(h))


@activation()
def softcap(x, cap):
    return _capped(x, cap)


@derivative_of(softcap, keeps_nan=True)
def d_softcap(x, cap):
    r = _sech(x, cap)
    return r * r


@second_derivative_of(softcap)
def d2_softcap(x, cap):
    r = _sech(x, cap)
    return -2 / cap / cap * _capped(finite(x), cap) * r * r


@partial_of(softcap, "cap")
def d_softcap_cap(x, cap):
    v = finite(finite(x) / cap)
    r, near = _sech(x, cap), where(jnp.abs(v) < 1, v, 0)
    w = near * near
    p = polynomial(w, TANHSHRINK, TANHSHRINK_FLOAT64)  # tanh(v) = v (1 - w p)
    return where(jnp.abs(v) < 1, near * w * ((1 - w * p) ** 2 - p), tanh(v) - v * r * r)  # tanh(v) - v sech(v)**2


def _scaled(x, a, b):
    v = b * finite(x)
    return where(jnp.abs(v) < 2.0**-30, a * b * finite(x), a * tanh(v))


def _sech_of_product(b, x):
    h = half_exp(finite(x), 2 * b)
    return 2 * h / (1 + square(h))


@activation()
def scaled_tanh(x, a=1.7159, b=2 / 3):
    return _scaled(x, a, b)


@derivative_of(scaled_tanh, keeps_nan=True)
def d_scaled_tanh(x, a, b):
    return a * b * 2.0**-24 * (2.0**12 * _sech_of_product(b, x)) ** 2  # its square may be flushed where f' is not


@second_derivative_of(scaled_tanh)
def d2_scaled_tanh(x, a, b):
    r = _sech_of_product(b, x)
    return -2 * b * b * _scaled(x, a, b) * r * r


@partial_of(scaled_tanh, "a")
def d_scaled_tanh_a(x, a, b):
    return tanh(b * finite(x))


@partial_of(scaled_tanh, "b")
def d_scaled_tanh_b(x, a, b):
    r = _sech_of_product(b, x)
    return a * r * finite(x) * r


def _half_exp_of_score(x, b, c):
    """u = (x + b) / c and exp(-|u| / 2)."""
    u, low = standard_score(x, -b, c)
    left = where(u < 0, u, -u)
    return u, jnp.exp(left / 2) * (1 - jnp.sign(u) * low / 2)


@activation()
def sigmoid_softcap(x, a=23.0, b=5.0, c=7.5):
    u, h = _half_exp_of_score(x, b, c)
    return where(u < 0, a * h * h, a) / (1 + square(h))


@derivative_of(sigmoid_softcap, keeps_nan=True)
def d_sigmoid_softcap(x, a, b, c):
    _, h = _half_exp_of_score(x, b, c)
    return a / c * 2.0**-24 * (2.0**12 * h / (1 + square(h))) ** 2  # the square may be flushed where f' is not


@second_derivative_of(sigmoid_softcap)
def d2_sigmoid_softcap(x, a, b, c):
    u, h = _half_exp_of_score(x, b, c)
    r = h / (1 + square(h))
    return -a / c / c * tanh(u / 2) * r * r


@partial_of(sigmoid_softcap, "a")
def d_sigmoid_softcap_a(x, a, b, c):
    u, h = _half_exp_of_score(x, b, c)
    return where(u < 0, square(h), 1) / (1 + square(h))


@partial_of(sigmoid_softcap, "b")
def d_sigmoid_softcap_b(x, a, b, c):
    return d_sigmoid_softcap(x, a, b, c)


@partial_of(sigmoid_softcap, "c")
def d_sigmoid_softcap_c(x, a, b, c):
    u, h = _half_exp_of_score(x, b, c)
    r = h / (1 + square(h))
    return -a / c * r * finite(u) * r
