"""Rational functions: a quotient of two polynomials, whose coefficients are all learned."""

import itertools
import math

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import times

P, Q = 5, 4  # the degrees


@activation(
    kinks=("0 if b1 != 0 else nan",),
    paper="Molina, Schramowski, Kersting, 'Pade Activation Units: End-to-end Learning of Flexible Activation Functions "
    "in Deep Networks', 2019, arXiv:1907.06732, version A; coefficients: ml-research/rational_activations, "
    "rationals_config.json",
    aliases=("pau",),
    domain="b4 != 0",
    wide=True,
)
def rational(
    x, a0=0.029792778657264946, a1=0.6183735264987601, a2=2.323309062531321, a3=3.051936237265109,
    a4=1.4854203263828845, a5=0.2510244961111299, b1=1.1419548357285474, b2=4.393159974992486, b3=0.8714712309957245,
    b4=0.34719662339598834,
):  # fmt: skip
    """rational(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4) = (a0 + a1 * x + a2 * x**2 + a3 * x**3 + a4 * x**4 + a5 * x**5) / (1 + abs(b1 * x) + abs(b2) * x**2 + abs(b3 * x**3) + abs(b4) * x**4)

    The Padé activation unit, of degree 5 over 4, without poles: any shape, as ten coefficients that are learned. They
    start as a fit of leaky_relu on [-3, 3]; `acts.literature.RATIONAL_AS` has the other published ones. At 0, where
    abs(b1 * x) has a kink, the slope is the mean of both sides.

    >>> acts.rational([-2.0, 0.0, 2.0]).round(3)
    array([-0.018,  0.03 ,  2.   ])
    """  # noqa: E501
    return _quotient(x, *sides((a0, a1, a2, a3, a4, a5)), _bottom(b1, b2, b3, b4))


def sides(a):
    """{power: coefficient} of even and odd terms: right of 0 the polynomial is their sum, left their difference."""
    return {k: a[k] for k in range(0, len(a), 2)}, {k: a[k] for k in range(1, len(a), 2)}


def _bottom(*b):
    return {0: 1, **{k: np.abs(each) for k, each in enumerate(b, 1)}}


def quotient_rule(p, q, n):
    """The polynomial p' q - n p q': over q**(n + 1) it is the derivative of p / q**n."""
    slope = {}
    for i, j in itertools.product(p, q):
        if i != n * j:
            slope[i + j - 1] = slope.get(i + j - 1, 0) + (i - n * j) * p[i] * q[j]
    return slope


def _quotient(x, even, odd, bottom, power=1):
    """(even + sign(x) * odd) / bottom**power at t = abs(x)."""
    t, s = np.abs(x), np.sign(x)
    return _scaled(t, s, even, odd, Q * power) / math.prod([_scaled(t, s, bottom, {}, Q)] * power)


def _scaled(t, s, even, odd, degree):
    """even + s * odd, polynomials in t; beyond 1 all over t**degree, so that nothing overflows but what grows as t."""
    v = t.clip(0, 1) / t.clip(1)  # t, and beyond 1 its inverse

    def add(k, total):
        if k in even:
            total = total + even[k]
        return total + s * odd[k] if k in odd else total

    near = far = 0.0
    for k in range(max((*even, *odd)), -1, -1):
        near = add(k, near * v)
    for k in range(degree + 1):
        far = add(k, far * v)
    if degree + 1 in odd:
        far = far + times(odd[degree + 1], s * t)
    return np.where(t > 1, far, near)


@derivative_of(rational)
def d_rational(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
    even, odd = sides((a0, a1, a2, a3, a4, a5))
    b = _bottom(b1, b2, b3, b4)
    return _quotient(x, quotient_rule(odd, b, 1), quotient_rule(even, b, 1), b, 2)


@second_derivative_of(rational)
def d2_rational(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
    b = _bottom(np.where(x == 0, 0, b1), b2, b3, b4)  # abs has no slope at 0
    even, odd = (quotient_rule(quotient_rule(side, b, 1), b, 2) for side in sides((a0, a1, a2, a3, a4, a5)))
    del odd[2 * P]  # whose two terms cancel
    return _quotient(x, even, odd, b, 3)


def _partial_of_the_top(k):
    @partial_of(rational, f"a{k}")
    def d_rational_a(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
        even, odd = ({}, {k: 1}) if k % 2 else ({k: 1}, {})
        return _quotient(x, even, odd, _bottom(b1, b2, b3, b4))

    d_rational_a.__name__ += f"{k}"


def _partial_of_the_bottom(k):
    @partial_of(rational, f"b{k}")
    def d_rational_b(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
        b = (b1, b2, b3, b4)
        shifted = ({i + k: -np.sign(b[k - 1]) * a for i, a in side.items()} for side in sides((a0, a1, a2, a3, a4, a5)))
        return _quotient(x, *shifted, _bottom(*b), 2)

    d_rational_b.__name__ += f"{k}"


for _k in range(P + 1):
    _partial_of_the_top(_k)
for _k in range(1, Q + 1):
    _partial_of_the_bottom(_k)
