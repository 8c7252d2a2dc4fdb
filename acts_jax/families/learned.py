"""Functions that are learned with the weights: in place of a normalisation, or of a fixed feed-forward function."""

import math

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import (
    erf,
    expm1,
    expm1_minus,
    finite,
    half_exp,
    negative_part,
    product,
    roots_of_bell,
    square,
    times,
    where,
)
from .._special import tanh as _tanh

TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
LINE = 2.0**-30  # up to here a function is its slope times x, in an order in which XLA flushes nothing


def _sech(alpha, x):
    """1 / cosh(alpha x): the slope of tanh is its square, which 1 - tanh**2 would lose in its tails."""
    h = half_exp(finite(x), 2 * alpha)
    return 2 * h / (1 + square(h))


@activation()
def dyt(x, alpha=0.5, gamma=1.0, beta=0.0):
    return _times_tanh(gamma, alpha, x) + beta


def _times_tanh(factor, alpha, x):
    x = finite(x)
    v = alpha * x
    return where(jnp.abs(v) < LINE, factor * alpha * x, factor * _tanh(v))


@derivative_of(dyt)
def d_dyt(x, alpha, gamma, beta):
    h = half_exp(finite(x), 2 * alpha)
    s = 1 + square(h)
    return 4 * gamma * alpha * h * (h / (s * s))  # h squared is lost sooner


@second_derivative_of(dyt)
def d2_dyt(x, alpha, gamma, beta):
    r = _sech(alpha, x)
    return _times_tanh(-2 * gamma * alpha * alpha, alpha, x) * r * r


@partial_of(dyt, "alpha")
def d_dyt_alpha(x, alpha, gamma, beta):
    r = _sech(alpha, x)
    return times(gamma * r, x) * r


@partial_of(dyt, "gamma")
def d_dyt_gamma(x, alpha, gamma, beta):
    return _times_tanh(1.0, alpha, x)


@partial_of(dyt, "beta")
def d_dyt_beta(x, alpha, gamma, beta):
    return jnp.ones_like(x)


@activation()
def derf(x, alpha=0.5, s=0.0, gamma=1.0, beta=0.0):
    return _erf(x, alpha, s, gamma) + beta


def _erf(x, alpha, s, gamma):
    z = _argument(x, alpha, s)[0]
    return where(_is_line(x, alpha, s), _line(TWO_OVER_ROOT_PI * gamma, x, alpha, s), gamma * erf(z))


def _is_line(x, alpha, s):
    """Whether both terms of alpha x + s are so small that erf is a line; where large ones cancel, z is closer."""
    return jnp.abs(alpha * finite(x)) + jnp.abs(s) < LINE


def _line(factor, x, alpha, s):
    return factor * alpha * finite(x) + factor * s


def _argument(x, alpha, s):
    """(z, low): alpha x + s as rounded, and what the rounding took, as far as the bell of it is not 0."""
    v, low = product(alpha, finite(x))
    z = v + s
    back = z - v
    low = low + ((v - (z - back)) + (s - back))
    return jnp.clip(z, -40, 40), where(jnp.abs(z) < 40, low, 0)


@derivative_of(derf)
def d_derf(x, alpha, s, gamma, beta):
    g, h = roots_of_bell(*_argument(x, alpha, s))
    return TWO_OVER_ROOT_PI * gamma * alpha * g * h


@second_derivative_of(derf)
def d2_derf(x, alpha, s, gamma, beta):
    z, low = _argument(x, alpha, s)
    g, h = roots_of_bell(z, low)
    factor = -2 * TWO_OVER_ROOT_PI * gamma * alpha * alpha
    return where(_is_line(x, alpha, s), _line(factor, x, alpha, s), factor * z) * g * h


@partial_of(derf, "alpha")
def d_derf_alpha(x, alpha, s, gamma, beta):
    g, h = roots_of_bell(*_argument(x, alpha, s))
    return times(TWO_OVER_ROOT_PI * gamma * g, x) * h


@partial_of(derf, "s")
def d_derf_s(x, alpha, s, gamma, beta):
    g, h = roots_of_bell(*_argument(x, alpha, s))
    return TWO_OVER_ROOT_PI * gamma * g * h


@partial_of(derf, "gamma")
def d_derf_gamma(x, alpha, s, gamma, beta):
    return _erf(x, alpha, s, 1.0)


@partial_of(derf, "beta")
def d_derf_beta(x, alpha, s, gamma, beta):
    return jnp.ones_like(x)


@activation()
def stan(x, beta=1.0):
    return _tanh(x) * (1 + times(beta, x))


@derivative_of(stan)
def d_stan(x, beta):
    h = half_exp(x, 2.0)
    e = square(h)
    tanh = where(x < 0, e - 1, 1 - e)  # times 1 + e
    return (4 * (1 + beta * jnp.clip(x, -1000, 1000)) * h / (1 + e) * h + beta * tanh) / (1 + e)


@second_derivative_of(stan)
def d2_stan(x, beta):
    r = _sech(1.0, x)
    return 2 * (beta - _tanh(x) * (1 + beta * jnp.clip(x, -1000, 1000))) * r * r


@partial_of(stan, "beta")
def d_stan_beta(x, beta):
    return x * _tanh(x)


@activation()
def xielu(x, alpha_p=0.8, alpha_n=0.8, beta=0.5, eps=0.0):
    p, n = where(x > 0, x, 0), negative_part(x)
    m = where(n > eps, eps, n)
    near = alpha_n * expm1_minus(m) + (beta * n - alpha_n * (n - m))
    far = alpha_n * (jnp.exp(m) - 1) + times(beta - alpha_n, n)
    return where(x > 0, times(times(alpha_p, p) + beta, p), where(m > -1, near, far))


@derivative_of(xielu)
def d_xielu(x, alpha_p, alpha_n, beta, eps):
    n = negative_part(x)
    near, far = alpha_n * expm1(n) + beta, alpha_n * jnp.exp(n) + (beta - alpha_n)
    left = where(n > eps, beta - alpha_n, where(n > -1, near, far))
    return where(x > 0, times(2 * alpha_p, x) + beta, left)


@second_derivative_of(xielu)
def d2_xielu(x, alpha_p, alpha_n, beta, eps):
    h = jnp.exp(negative_part(x) / 2)
    return where(x > 0, 2 * alpha_p, where(x > eps, 0.0, alpha_n * h * h))


@partial_of(xielu, "alpha_p")
def d_xielu_alpha_p(x, alpha_p, alpha_n, beta, eps):
    return jnp.square(where(x > 0, x, 0))


@partial_of(xielu, "alpha_n")
def d_xielu_alpha_n(x, alpha_p, alpha_n, beta, eps):
    n = negative_part(x)
    m = where(n > eps, eps, n)
    left = where(m > -1, expm1_minus(m) - (n - m), (jnp.exp(m) - 1) - n)
    return where(x > 0, 0.0, left)


@partial_of(xielu, "beta")
def d_xielu_beta(x, alpha_p, alpha_n, beta, eps):
    return +x


@partial_of(xielu, "eps")
def d_xielu_eps(x, alpha_p, alpha_n, beta, eps):
    return where((x <= 0) & (x > eps), alpha_n * jnp.exp(eps), 0.0)
