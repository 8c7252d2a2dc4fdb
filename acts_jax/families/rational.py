"""Rational functions: a quotient of two polynomials, whose coefficients are all learned."""

import jax.numpy as jnp

from .._functions import activation
from .._polynomials import polynomial
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import times

P, Q = 5, 4  # the degrees


@activation()
def rational(
    x, a0=0.029792778657264946, a1=0.6183735264987601, a2=2.323309062531321, a3=3.051936237265109,
    a4=1.4854203263828845, a5=0.2510244961111299, b1=1.1419548357285474, b2=4.393159974992486, b3=0.8714712309957245,
    b4=0.34719662339598834,
):  # fmt: skip
    return _quotient(x, (a0, a1, a2, a3, a4, a5), Q, _scaled(x, _bottom(x, b1, b2, b3, b4), Q))


def _bottom(x, b1, b2, b3, b4):
    """The coefficients of the denominator, those of odd powers with the sign of x."""
    side = jnp.sign(x)
    return 1, jnp.abs(b1) * side, jnp.abs(b2), jnp.abs(b3) * side, jnp.abs(b4)


def _scaled(x, coefficients, degree):
    """The polynomial over max(1, |x|)**degree, an even one: nothing overflows; one power more grows as x."""
    c, above = coefficients[: degree + 1], coefficients[degree + 1 :]
    t = jnp.abs(x)
    far, inverse = 0, 2.0**24 / jnp.where(t > 1, x, 1)  # not 1 / x, which XLA may flush to 0
    for each in (*c, *[-0.0] * (degree + 1 - len(c))):
        far = far * inverse * 2.0**-24 + each
    y = jnp.where(t > 1, far, polynomial(jnp.where(t > 1, 0, x), c))
    return y + times(above[0], x * jnp.minimum(t, 1) ** degree) if above else y


def _quotient(x, top, degree, below):
    """The polynomial, `_scaled`, over `below`; what may be small is large until then, lest XLA flush it."""
    scale = 1 if len(top) > degree + 1 else 2.0**24
    return _scaled(x, [scale * each for each in top], degree) / (scale * below)


def _derivative(p, q, n, count):
    """The first coefficients of p' q - n p q', over q**(n + 1) the derivative of p / q**n; the others are 0."""
    orders = [[(i, k + 1 - i) for i in range(len(p)) if 0 <= k + 1 - i < len(q)] for k in range(count)]
    return tuple(sum((i - n * j) * p[i] * q[j] for i, j in pairs) for pairs in orders)


@derivative_of(rational)
def d_rational(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
    b = _bottom(x, b1, b2, b3, b4)
    return _quotient(x, _derivative((a0, a1, a2, a3, a4, a5), b, 1, P + Q), 2 * Q, _scaled(x, b, Q) ** 2)


@second_derivative_of(rational)
def d2_rational(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
    b = _bottom(x, b1, b2, b3, b4)
    slope = _derivative((a0, a1, a2, a3, a4, a5), b, 1, P + Q)
    return _quotient(x, _derivative(slope, b, 2, 2 * P), 3 * Q, _scaled(x, b, Q) ** 3)


def _partial(name, top, k):
    """The partial of a coefficient of x**k, in the numerator or the denominator."""

    def partial(x, a0, a1, a2, a3, a4, a5, b1, b2, b3, b4):
        a, b, power = (a0, a1, a2, a3, a4, a5), (b1, b2, b3, b4), (0,) * k
        q = _scaled(x, _bottom(x, *b), Q)
        if top:
            return _quotient(x, (*power, 1), Q, q)
        return -jnp.sign(b[k - 1]) * jnp.sign(x) ** k * _quotient(x, (*power, *a), 2 * Q, q * q)

    partial.__name__ = f"d_rational_{name}"
    partial_of(rational, name)(partial)


for _k in range(P + 1):
    _partial(f"a{_k}", True, _k)
for _k in range(1, Q + 1):
    _partial(f"b{_k}", False, _k)
