"""Smooth rectifiers: like relu far out on both sides, with a smooth corner."""

import numpy as np

from .._registry import activation, derivative_from_output_of, derivative_of, partial_of, second_derivative_of
from .._special import exp_pair, finite, is_number, positive_part, product_of_any, step


@activation(
    paper="Dugas, Bengio, Belisle, Nadeau, Garcia, 'Incorporating Second-Order Functional Knowledge for Better Option "
    "Pricing', NIPS 2001",
    aliases=("softrelu",),
    domain="beta != 0",
    wide="beta != 1",
)
def softplus(x, beta=1.0):
    """softplus(x, beta) = log(1 + exp(beta * x)) / beta

    The integral of sigmoid: positive, smooth, for variances and rates. There is no threshold beyond which
    it turns linear: this form doesn't overflow.

    >>> acts.softplus([-1000.0, 0.0, 1000.0])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    if is_number(beta, 1):
        return np.maximum(x, np.log1p(np.exp(x.clip(-np.inf, 60))))
    e = _exp_of_minus_abs(beta, x)
    return np.where(beta * x > 0, x, -0.0) + np.log1p(e) / beta


def _pair(beta, x):
    return exp_pair(x) if is_number(beta, 1) else exp_pair(*product_of_any(beta, x))


def _exp_of_minus_abs(beta, x):
    if is_number(beta, 1):
        return np.exp(-np.abs(x))
    p, q = exp_pair(*product_of_any(beta, finite(x)))
    return np.minimum(p, q) / np.maximum(p, q)


@derivative_of(softplus)
def d_softplus(x, beta):
    if is_number(beta, 1):
        return 1 / (1 + np.exp(-x))
    p, q = _pair(beta, x)
    return p / (p + q)


@second_derivative_of(softplus)
def d2_softplus(x, beta):
    p, q = _pair(beta, x)
    return beta * (p * q) / (p + q) ** 2


@partial_of(softplus, "beta")
def d_softplus_beta(x, beta):
    v, e = -np.abs(beta * x), _exp_of_minus_abs(beta, x)
    return (v.clip(-1000, 0) * (e / (1 + e)) - np.log1p(e)) / beta**2


@derivative_from_output_of(softplus, domain="beta > 0")
def d_softplus_from_output(y, beta):
    return -np.expm1(-beta * y)


@activation(
    kinks=("0 if b == 0 else nan",),
    paper="Barron, 'Squareplus: A Softplus-Like Algebraic Rectifier', 2021, arXiv:2112.11687",
    domain="b >= 0",
)
def squareplus(x, b=4.0):
    """squareplus(x, b) = (x + sqrt(x**2 + b)) / 2

    softplus without exponentials: its tails are b / (4 |x|) away from relu. b = 0 is relu.

    >>> acts.squareplus([-1e30, 0.0, 1e30])
    array([1.e-30, 1.e+00, 1.e+30])
    """
    return positive_part(x) + _root_and_left(x, b)[1]  # (x + h) / 2 would cancel for x < 0


def _root_and_left(x, b):
    """h = sqrt(x**2 + b) without overflow, and squareplus(-|x|) = (h - |x|) / 2 = b / (h + |x|) / 2; never 0 / 0."""
    t = np.abs(x)
    h = _root(t, b)
    h = h + (h == 0)
    return h, b / 2 / (t + h)


def _root(t, b):
    if np.ndim(b) == 0 and b > 2**-40:  # below, t * t may underflow where it counts
        return np.maximum(t, np.sqrt(np.square(t.clip(0, 2**60)) + b))
    return np.hypot(t, np.sqrt(b))


@derivative_of(squareplus)
def d_squareplus(x, b):
    h, left = _root_and_left(x, b)
    slope = left / h  # for x <= 0; the two sides add up to 1
    return slope + step(x) * (1 - 2 * slope)


@second_derivative_of(squareplus)
def d2_squareplus(x, b):
    h = _root_and_left(x, b)[0]
    return b / 2 / h / h / h


@partial_of(squareplus, "b")
def d_squareplus_b(x, b):
    return 0.25 / _root(np.abs(x), b)
