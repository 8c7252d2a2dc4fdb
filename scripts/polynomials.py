"""Recomputes the polynomials of acts_jax/_polynomials.py, and prints their relative errors.

    python scripts/polynomials.py
    python scripts/polynomials.py MILLS_FLOAT64 LOG1P_SHORT

Each interpolates a smooth function at the Chebyshev points of an interval, with mpmath, and is written in powers of
the variable, lowest first.
"""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from mpmath import cos, erfc, exp, expm1, linspace, log1p, lu_solve, matrix, mp, mpf, pi, sqrt, tanh


def scaled_mills(u):
    """(1 + t) * Q(t) / phi(t) at t = 4 (1 + u) / (1 - u), Q the normal upper tail; its limit at t = inf is 1."""
    if u == 1:
        return mpf(1)
    t = 4 * (1 + u) / (1 - u)
    if t > 10**4:  # the asymptotic series, where erfc underflows any precision
        return (1 + t) * (1 / t - 1 / t**3 + 3 / t**5 - 15 / t**7)
    return (1 + t) * sqrt(pi / 2) * erfc(t / sqrt(2)) * exp(t * t / 2)


def tail(r):
    """Q(t) * exp(t**2 / 2 - 3) / r at t = 1 / r - 2.24."""
    t = 1 / r - 2.24
    return erfc(t / sqrt(2)) / 2 * exp(t * t / 2 - 3) / r


def log1p_ratio(e):
    """log(1 + e) / e."""
    return log1p(e) / e if e else mpf(1)


def expm1_ratio(x):
    """(exp(x) - 1) / x."""
    return expm1(x) / x if x else mpf(1)


def tanhshrink_ratio(w):
    """(x - tanh(x)) / x**3 at x = sqrt(w)."""
    x = sqrt(w)
    return (x - tanh(x)) / (x * w) if w > mpf(10) ** -15 else mpf(1) / 3 - 2 * w / 15


class Polynomial(NamedTuple):
    """What is interpolated, where, and by how many terms."""

    function: Callable[[Any], Any]
    low: Any
    high: Any
    terms: int


TABLES = {
    "MILLS_FLOAT64": Polynomial(scaled_mills, -1, 1, 26),
    "MILLS_FLOAT32": Polynomial(scaled_mills, -1, 1, 12),
    "TAIL_SHORT": Polynomial(tail, 1 / 8.24, 1 / 2.24, 6),
    "LOG1P": Polynomial(log1p_ratio, 0, 1, 10),
    "LOG1P_SHORT": Polynomial(log1p_ratio, 0, 1, 7),
    "EXPM1": Polynomial(expm1_ratio, -1, 1, 9),
    "EXPM1_FLOAT64": Polynomial(expm1_ratio, -1, 1, 16),
    "TANHSHRINK": Polynomial(tanhshrink_ratio, 0, 1, 8),
    "TANHSHRINK_FLOAT64": Polynomial(tanhshrink_ratio, 0, 1, 17),
    "TANHSHRINK_SHORT": Polynomial(tanhshrink_ratio, 0, 0.625**2, 4),
}


def coefficients(polynomial):
    """The interpolating polynomial's coefficients in powers of the variable, lowest first, as mpf."""
    function, low, high, terms = polynomial
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    nodes = [middle + half * cos(pi * (2 * k + 1) / (2 * terms)) for k in range(terms)]
    powers = matrix([[node**k for k in range(terms)] for node in nodes])
    return list(lu_solve(powers, matrix([function(node) for node in nodes])))


def largest_error(powers, polynomial, points=1000):
    """The largest relative error of the polynomial with these coefficients over its interval, on `points` points."""
    function, low, high, _ = polynomial
    at = [x for x in linspace(low, high, points) if x != 1 or function is not scaled_mills]
    return max(abs(sum(c * x**k for k, c in enumerate(powers)) / function(x) - 1) for x in at)


if __name__ == "__main__":
    mp.dps = 60
    for name in sys.argv[1:] or TABLES:
        floats = [float(c) for c in coefficients(TABLES[name])]
        print(f"{name} = (")
        print(*(f"    {c!r},\n" for c in floats), sep="", end=")\n")
        print(f"# {float(largest_error(list(map(mpf, floats)), TABLES[name])):.1e}")
