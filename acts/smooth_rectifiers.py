"""Smooth rectifiers: like relu far out on both sides, with a smooth corner."""

import numpy as np

from ._registry import activation, derivative_from_output_of, derivative_of, partial_of, second_derivative_of
from ._special import exp_pair, finite, product


@activation(
    paper="Dugas, Bengio, Belisle, Nadeau, Garcia, 'Incorporating Second-Order Functional Knowledge for Better Option "
    "Pricing', NIPS 2001",
    aliases=("softrelu",),
    domain="beta != 0",
    wide=True,
)
def softplus(x, beta=1.0):
    """softplus(x, beta) = log(1 + exp(beta * x)) / beta

    The integral of sigmoid: positive, smooth, for variances and rates. There is no threshold beyond which
    it turns linear: this form doesn't overflow.

    >>> acts.softplus([-1000.0, 0.0, 1000.0])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    e = _exp_of_minus_abs(beta, x)
    return np.where(beta * x > 0, x, -0.0) + np.log1p(e) / beta


def _exp_of_minus_abs(beta, x):
    p, q = exp_pair(*product(beta, x))
    return np.minimum(p, q) / np.maximum(p, q)


@derivative_of(softplus)
def d_softplus(x, beta):
    p, q = exp_pair(*product(beta, x))
    return p / (p + q)


@second_derivative_of(softplus)
def d2_softplus(x, beta):
    p, q = exp_pair(*product(beta, x))
    return beta * (p * q) / (p + q) ** 2


@partial_of(softplus, "beta")
def d_softplus_beta(x, beta):
    x = finite(x)
    e = _exp_of_minus_abs(beta, x)
    return -(finite(np.abs(beta * x)) * e / (1 + e) + np.log1p(e)) / beta**2


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
    h = np.hypot(x, np.sqrt(b))  # sqrt(x**2 + b) would overflow
    m = np.abs(x) / 2 + h / 2
    return np.where(x < 0, b / 4 / np.where(m > 0, m, 1), m)  # x + h cancels for x < 0; (h + x) (h - x) = b


@derivative_of(squareplus)
def d_squareplus(x, b):
    x = finite(x)
    h = np.hypot(x, np.sqrt(b))
    slope = np.where(x < 0, b / 2 / h / (h - x), (1 + x / h) / 2)  # (1 + x / h) cancels for x < 0
    return np.where(h > 0, slope, 0)


@second_derivative_of(squareplus)
def d2_squareplus(x, b):
    h = np.hypot(x, np.sqrt(b))
    h = np.where(h > 0, h, 1)
    return b / 2 / h / h / h


@partial_of(squareplus, "b")
def d_squareplus_b(x, b):
    return 0.25 / np.hypot(x, np.sqrt(b))
