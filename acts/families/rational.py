"""Rational functions: a quotient of two polynomials, whose coefficients are all learned."""

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import polynomial, times

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
    start as a fit of leaky_relu on [-3, 3]. At 0, where abs(b1 * x) has a kink, the slope is the mean of both sides.

    >>> acts.rational([-2.0, 0.0, 2.0]).round(3)
    array([-0.018,  0.03 ,  2.   ])
    """  # noqa: E501
    return _scaled(x, (a0, a1, a2, a3, a4, a5), Q) / _scaled(x, _bottom(x, b1, b2, b3, b4), Q)


def _bottom(x, *b):
    """The coefficients of the denominator, those of odd powers with the sign of x."""
    return (1, *(np.abs(each) * np.sign(x) if odd else np.abs(each) for each, odd in zip(b, (1, 0, 1, 0), strict=True)))


def _scaled(x, coefficients, degree):
    """The polynomial over max(1, |x|)**degree, an even one: nothing overflows; one power more grows as x."""
    c, above = coefficients[: degree + 1], coefficients[degree + 1 :]
    reverse = (*c, *(-0.0,) * (degree + 1 - len(c)))[::-1]  # -0.0 lets a limit of 0 keep its sign
    t = np.abs(x)
    y = np.where(t > 1, polynomial(1 / x, reverse), polynomial(x * (t <= 1), c))
    return y + times(above[0], x * t.clip(0, 1) ** degree) if above else y


def _derivative(p, q, n, count):
    """The first coefficients of p' q - n p q', over q**(n + 1) the derivative of p / q**n; the others are 0."""
    orders = [[(i, k + 1 - i) for i in range(len(p)) if 0 <= k + 1 - i < len(q)] for k in range(count)]
    return tuple(sum((i - n * j) * p[i] * q[j] for i, j in pairs) for pairs in orders)


@derivative_of(rational)
def d_rational(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
    b = _bottom(x, b1, b2, b3, b4)
    return _scaled(x, _derivative((a0, a1, a2, a3, a4, a5), b, 1, P + Q), 2 * Q) / np.square(_scaled(x, b, Q))


@second_derivative_of(rational)
def d2_rational(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
    b = _bottom(x, b1, b2, b3, b4)
    slope = _derivative((a0, a1, a2, a3, a4, a5), b, 1, P + Q)
    q = _scaled(x, b, Q)
    return _scaled(x, _derivative(slope, b, 2, 2 * P), 3 * Q) / (q * q * q)


def _partial(name, top, k):
    """The partial of a coefficient of x**k, in the numerator or the denominator."""

    def partial(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
        a, b, power = (a0, a1, a2, a3, a4, a5), (b1, b2, b3, b4), (0,) * k
        q = _scaled(x, _bottom(x, *b), Q)
        if top:
            return _scaled(x, (*power, 1), Q) / q
        return -np.sign(b[k - 1]) * np.sign(x) ** k * _scaled(x, (*power, *a), 2 * Q) / np.square(q)

    partial.__name__ = f"d_rational_{name}"
    partial_of(rational, name)(partial)


for _k in range(P + 1):
    _partial(f"a{_k}", True, _k)
for _k in range(1, Q + 1):
    _partial(f"b{_k}", False, _k)
