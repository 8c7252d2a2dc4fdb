"""Recomputes the coefficients of `mills` in acts/_special.py and acts_jax/_special.py, and prints their error.

    python scripts/mills.py [TERMS]

The function (1 + t) * Q(t) / phi(t), smooth on t >= 0, is interpolated at Chebyshev points of
u = (t - 4) / (t + 4) in [-1, 1] with mpmath and written in powers of u, lowest first.
"""

import argparse

from mpmath import chebyt, cos, erfc, exp, linspace, mp, mpf, pi, sqrt, taylor


def scaled_mills(u):
    """(1 + t) * Q(t) / phi(t) at t = 4 (1 + u) / (1 - u); its limit at t = inf is 1."""
    if u == 1:
        return mpf(1)
    t = 4 * (1 + u) / (1 - u)
    if t > 10**4:  # the asymptotic series, where erfc underflows any precision
        return (1 + t) * (1 / t - 1 / t**3 + 3 / t**5 - 15 / t**7)
    return (1 + t) * sqrt(pi / 2) * erfc(t / sqrt(2)) * exp(t * t / 2)


def coefficients(terms):
    """The interpolating polynomial's coefficients in powers of u, lowest first, as mpf."""
    nodes = [cos(pi * (2 * k + 1) / (2 * terms)) for k in range(terms)]
    values = [scaled_mills(u) for u in nodes]
    powers = [mpf(0)] * terms
    for n in range(terms):
        c = mpf(2 - (n == 0)) / terms * sum(v * cos(n * pi * (2 * k + 1) / (2 * terms)) for k, v in enumerate(values))
        for i, a in enumerate(taylor(lambda u, n=n: chebyt(n, u), 0, n)):
            powers[i] += c * a
    return powers


def largest_error(powers, points=2000):
    """The largest relative error of the polynomial over [-1, 1), on `points` points."""
    worst = mpf(0)
    for u in linspace(-1, 1, points)[:-1]:
        polynomial = sum(c * u**k for k, c in enumerate(powers))
        worst = max(worst, abs(polynomial / scaled_mills(u) - 1))
    return worst


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("terms", type=int, nargs="?", default=26)
    terms = parser.parse_args().terms
    mp.dps = 60
    powers = coefficients(terms)
    for c in powers:
        print(f"    {float(c)!r},")
    print(f"# {terms} terms: relative error {float(largest_error([mpf(float(c)) for c in powers])):.1e}")
