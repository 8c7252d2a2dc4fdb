"""Functions that are learned with the weights: in place of a normalisation, or of a fixed feed-forward function."""

import math

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import (
    erf,
    exp_of_minus_square,
    finite,
    indicator,
    lambert,
    negative_part,
    positive_part,
    product_of_any,
    times,
)
from .sigmoids import d_tanh

TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)


@activation(
    paper="Zhu, Chen, He, LeCun, Liu, 'Transformers without Normalization', 2025, arXiv:2503.10622",
    aliases=("dynamic_tanh",),
    wide=True,
)
def dyt(x, alpha=0.5, gamma=1.0, beta=0.0):
    """dyt(x, alpha, gamma, beta) = gamma * tanh(alpha * x) + beta

    Dynamic tanh, in place of a layer normalisation: alpha is one number for all, gamma and beta one per channel, and
    all three are learned. examples/dyt.py trains a network with it.

    >>> acts.dyt([-2.0, 0.0, 1000.0], 0.5, [1.0, 2.0, 3.0]).round(3)
    array([-0.762,  0.   ,  3.   ])
    """
    return gamma * np.tanh(alpha * finite(x)) + beta


def _square_of_sech(alpha, x):
    """1 - tanh(alpha x)**2, which tanh itself would lose in its tails."""
    v, low = product_of_any(alpha, finite(x))
    e = np.exp(-2 * np.abs(v)) * (1 - 2 * np.sign(v) * low)
    return e / np.square(0.5 + 0.5 * e)


@derivative_of(dyt)
def d_dyt(x, alpha, gamma, beta):
    return gamma * alpha * _square_of_sech(alpha, x)


@second_derivative_of(dyt)
def d2_dyt(x, alpha, gamma, beta):
    return -2 * gamma * alpha * alpha * np.tanh(alpha * finite(x)) * _square_of_sech(alpha, x)


@partial_of(dyt, "alpha")
def d_dyt_alpha(x, alpha, gamma, beta):
    return times(gamma * _square_of_sech(alpha, x), x)


@partial_of(dyt, "gamma")
def d_dyt_gamma(x, alpha, gamma, beta):
    return np.tanh(alpha * finite(x))


@partial_of(dyt, "beta")
def d_dyt_beta(x, alpha, gamma, beta):
    return x.clip(1, 1)


@activation(
    paper="Chen, Lu, Zhu, Sun, Liu, 'Stronger Normalization-Free Transformers', 2025, arXiv:2512.10938",
    wide=True,
)
def derf(x, alpha=0.5, s=0.0, gamma=1.0, beta=0.0):
    """derf(x, alpha, s, gamma, beta) = gamma * erf(alpha * x + s) + beta

    Dynamic erf: dyt with the error function for tanh, and a shift s that is learned, too.

    >>> acts.derf([-2.0, 0.0, 1000.0]).round(4)
    array([-0.8427,  0.    ,  1.    ])
    """
    return gamma * erf(_argument(x, alpha, s)[0]) + beta


def _argument(x, alpha, s):
    """(z, low): alpha x + s as rounded, and what the rounding took, as far as the bell of it is not 0."""
    v, low = product_of_any(alpha, finite(x))
    z = v + s
    back = z - v
    low = low + ((v - (z - back)) + (s - back))
    return z.clip(-40, 40), np.where(np.abs(z) < 40, low, 0)


def _bell(x, alpha, s):
    """The slope of erf at alpha x + s."""
    return TWO_OVER_ROOT_PI * exp_of_minus_square(*_argument(x, alpha, s))


@derivative_of(derf)
def d_derf(x, alpha, s, gamma, beta):
    return gamma * alpha * _bell(x, alpha, s)


@second_derivative_of(derf)
def d2_derf(x, alpha, s, gamma, beta):
    return -2 * gamma * alpha * alpha * _argument(x, alpha, s)[0] * _bell(x, alpha, s)


@partial_of(derf, "alpha")
def d_derf_alpha(x, alpha, s, gamma, beta):
    return times(gamma * _bell(x, alpha, s), x)


@partial_of(derf, "s")
def d_derf_s(x, alpha, s, gamma, beta):
    return gamma * _bell(x, alpha, s)


@partial_of(derf, "gamma")
def d_derf_gamma(x, alpha, s, gamma, beta):
    return erf(_argument(x, alpha, s)[0])


@partial_of(derf, "beta")
def d_derf_beta(x, alpha, s, gamma, beta):
    return x.clip(1, 1)


@activation(
    paper="Gnanasambandam, Shen, Chung, Yue, Kong, 'Self-scalable Tanh (Stan): Faster Convergence and Better "
    "Generalization in Physics-informed Neural Networks', 2022, arXiv:2204.12589",
    wide=True,
)
def stan(x, beta=1.0):
    """stan(x, beta) = tanh(x) * (1 + beta * x)

    Self-scalable tanh, for networks that solve differential equations: smooth, and linear far out, with the slope
    beta, one per unit, that is learned.

    >>> acts.stan([-1.0, 0.0, 2.0], [1.0, 1.0, 0.5]).round(4)
    array([-0.    ,  0.    ,  1.9281])
    """
    return np.tanh(x) * (1 + times(beta, x))


@derivative_of(stan)
def d_stan(x, beta):
    return d_tanh(x) * (1 + beta * x.clip(-1000, 1000)) + beta * np.tanh(x)


@second_derivative_of(stan)
def d2_stan(x, beta):
    return 2 * d_tanh(x) * (beta - np.tanh(x) * (1 + beta * x.clip(-1000, 1000)))


@partial_of(stan, "beta")
def d_stan_beta(x, beta):
    return x * np.tanh(x)


@activation(
    kinks=("0", "eps if eps < 0 else nan"),
    paper="Huang, Schlag, 'Deriving Activation Functions Using Integration', 2024, arXiv:2411.13010",
    wide=True,
)
def xielu(x, alpha_p=0.8, alpha_n=0.8, beta=0.5, eps=0.0):
    """xielu(x, alpha_p, alpha_n, beta, eps) = alpha_p * x**2 + beta * x if x > 0 else alpha_n * (exp(min(x, eps)) - 1 - x) + beta * x

    The expanded integral of elu: its slope is a line on the right and an elu, that may turn negative, on the left.
    alpha_p and alpha_n are those of the formula. Models store what softplus makes of them, and bound alpha_n by beta:
    `alpha_p = softplus(p)`, `alpha_n = beta + softplus(n)`. eps is 0 in the paper; the -1e-6 of public code makes the
    slope beta - alpha_n, -0.3, instead of beta just left of 0, and f(0) -8e-7.

    >>> acts.xielu([-1.0, 0.0, 2.0]).round(4)
    array([-0.2057,  0.    ,  4.2   ])
    >>> acts.xielu.derivative([0.0, 0.0], 0.8, 0.8, 0.5, [0.0, -1e-6])
    array([ 0.5, -0.3])
    """  # noqa: E501
    p, n = positive_part(x), negative_part(x)
    m = np.minimum(n, eps)
    near = alpha_n * _expm1_minus(m) + (beta * n - alpha_n * (n - m))
    far = alpha_n * np.expm1(m) + times(beta - alpha_n, n)
    return np.where(x > 0, times(times(alpha_p, p) + beta, p), np.where(m > -1, near, far))


def _expm1_minus(x):
    """exp(x) - 1 - x for -4 < x <= 0, without cancellation, from Lambert's fraction for tanh(x / 2)."""
    s, d = lambert(x / 2)
    return x * (x / 2 * d - s) / (d + s - x / 2 * d)


@derivative_of(xielu)
def d_xielu(x, alpha_p, alpha_n, beta, eps):
    n = negative_part(x)
    near, far = alpha_n * np.expm1(n) + beta, alpha_n * np.exp(n) + (beta - alpha_n)
    left = np.where(n > eps, beta - alpha_n, np.where(n > -1, near, far))
    return np.where(x > 0, times(2 * alpha_p, x) + beta, left)


@second_derivative_of(xielu)
def d2_xielu(x, alpha_p, alpha_n, beta, eps):
    n = negative_part(x)
    return np.where(x > 0, 2 * alpha_p, alpha_n * np.exp(n) * (n <= eps))


@partial_of(xielu, "alpha_p")
def d_xielu_alpha_p(x, alpha_p, alpha_n, beta, eps):
    return np.square(positive_part(x))


@partial_of(xielu, "alpha_n")
def d_xielu_alpha_n(x, alpha_p, alpha_n, beta, eps):
    n = negative_part(x)
    m = np.minimum(n, eps)
    left = np.where(m > -1, _expm1_minus(m) - (n - m), np.expm1(m) - n)
    return np.where(x > 0, 0, left)


@partial_of(xielu, "beta")
def d_xielu_beta(x, alpha_p, alpha_n, beta, eps):
    return +x


@partial_of(xielu, "eps")
def d_xielu_eps(x, alpha_p, alpha_n, beta, eps):
    return alpha_n * np.exp(eps) * indicator((x <= 0) & (x > eps), x)
