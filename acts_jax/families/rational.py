"""Rational functions: a quotient of two polynomials, whose coefficients are all learned."""

import math

import jax.numpy as jnp

from acts.families.rational import P, Q, quotient_rule, sides

from .._functions import activation
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import times, where

LIFT = 2.0**24


@activation()
def rational(
    x, a0=0.029792778657264946, a1=0.6183735264987601, a2=2.323309062531321, a3=3.051936237265109,
    a4=1.4854203263828845, a5=0.2510244961111299, b1=1.1419548357285474, b2=4.393159974992486, b3=0.8714712309957245,
    b4=0.34719662339598834,
):  # fmt: skip
    return _quotient(x, *sides((a0, a1, a2, a3, a4, a5)), _bottom(b1, b2, b3, b4))


def _bottom(*b):
    return {0: 1, **{k: jnp.abs(each) for k, each in enumerate(b, 1)}}


def _quotient(x, even, odd, bottom, power=1):
    """(even + sign(x) * odd) / bottom**power at t = abs(x)."""
    t, s, degree = jnp.abs(x), jnp.sign(x), Q * power
    scale = 1 if degree + 1 in odd else LIFT  # what is small is large until it is divided, lest XLA flush it
    even, odd = ({k: scale * each for k, each in side.items()} for side in (even, odd))
    return _scaled(t, s, even, odd, degree) / math.prod([_scaled(t, s, bottom, {}, Q)] * power, start=scale)


def _scaled(t, s, even, odd, degree):
    """even + s * odd, polynomials in t; beyond 1 all over t**degree, so that nothing overflows but what grows as t."""
    near = far = 0.0
    inside, inverse = where(t > 1, 1, t), LIFT / where(t > 1, t, 1)

    def add(k, total):
        if k in even:
            total = total + even[k]
        return total + s * odd[k] if k in odd else total

    for k in range(max((*even, *odd)), -1, -1):
        near = add(k, near * inside)
    for k in range(degree + 1):
        far = add(k, far * inverse / LIFT)
    if degree + 1 in odd:
        far = far + times(odd[degree + 1], s * t)
    return where(t > 1, far, near)


@derivative_of(rational)
def d_rational(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
    even, odd = sides((a0, a1, a2, a3, a4, a5))
    b = _bottom(b1, b2, b3, b4)
    return _quotient(x, quotient_rule(odd, b, 1), quotient_rule(even, b, 1), b, 2)


@second_derivative_of(rational)
def d2_rational(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
    b = _bottom(where(x == 0, 0, b1), b2, b3, b4)  # abs has no slope at 0
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
        shifted = (
            {i + k: -jnp.sign(b[k - 1]) * a for i, a in side.items()} for side in sides((a0, a1, a2, a3, a4, a5))
        )
        return _quotient(x, *shifted, _bottom(*b), 2)

    d_rational_b.__name__ += f"{k}"


for _k in range(P + 1):
    _partial_of_the_top(_k)
for _k in range(1, Q + 1):
    _partial_of_the_bottom(_k)
