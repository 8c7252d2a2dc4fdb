"""Recomputes the fractions of polynomials in acts/_special.py, and prints their error.

    python scripts/inverse_mills.py

With Q the normal upper tail, exp(-t**2 / 2) / Q(t) is 2 + sqrt(2 pi) t - t U(t). U is fitted by a fraction of
polynomials in t, lowest power first: by least squares, whose weights grow where the error is large, until it is even
(Lawson's method).
"""

import numpy as np
from mpmath import cos, erfc, exp, fdot, lu_solve, matrix, mp, mpf, pi, sqrt

DEGREES = {"float32": (3, 4, 15), "float64": (9, 10, 40)}  # of numerator and denominator, and the largest t


def inverse_mills(t):
    """exp(-t**2 / 2) / Q(t)."""
    return 2 * exp(-t * t / 2) / erfc(t / sqrt(2))


def small_part(t):
    """U(t)."""
    return (2 + sqrt(2 * pi) * t - inverse_mills(t)) / t


def value_of(coefficients, t):
    """The polynomial at t."""
    return sum(c * t**power for power, c in enumerate(coefficients))


def fraction(above, below, last, points=120, rounds=30):
    """Numerator and denominator of U, of these degrees, for 0 < t <= last; the denominator begins with 1."""
    end = (last - 4) / mpf(last + 4)
    nodes = [-1 + (end + 1) * (1 - cos(pi * (2 * i + 1) / (2 * points))) / 2 for i in range(points)]
    ts = [4 * (1 + u) / (1 - u) for u in nodes]
    values, scales = [small_part(t) for t in ts], [t / inverse_mills(t) for t in ts]
    weights, denominators = [mpf(1)] * points, [mpf(1)] * points
    for turn in range(rounds):
        rows, size = [], above + below + 1
        for t, value, scale, weight, denominator in zip(ts, values, scales, weights, denominators, strict=True):
            w = scale / denominator * sqrt(weight)
            row = [w * t**j for j in range(above + 1)] + [-w * value * t**j for j in range(1, below + 1)]
            rows.append((row, w * value))
        normal = matrix([[fdot((r[i], r[j]) for r, _ in rows) for j in range(size)] for i in range(size)])
        found = list(lu_solve(normal, matrix([fdot((r[i], y) for r, y in rows) for i in range(size)])))
        p, q = found[: above + 1], [mpf(1), *found[above + 1 :]]
        denominators = [value_of(q, t) for t in ts]
        errors = [
            abs(s * (value_of(p, t) / d - v)) for t, v, s, d in zip(ts, values, scales, denominators, strict=True)
        ]
        if turn > 4:
            weights = [weight * error for weight, error in zip(weights, errors, strict=True)]
            weights = [weight * points / sum(weights) for weight in weights]
    return p, q


def largest_inverse_error(p, q, last, points=1000):
    """The largest relative error of inverse_mills with that U, for 0 < t <= last."""
    ts = [mpf(last) * (mpf(i) / points) ** 2 for i in range(1, points + 1)]
    return max(abs(t * (value_of(p, t) / value_of(q, t) - small_part(t)) / inverse_mills(t)) for t in ts)


if __name__ == "__main__":
    mp.dps = 120
    for name, degrees in DEGREES.items():
        rounded = [[float(np.dtype(name).type(float(c))) for c in part] for part in fraction(*degrees)]
        error = largest_inverse_error(*([mpf(c) for c in part] for part in rounded), degrees[2])
        print(f"# {name}: relative error {float(error):.1e}", *rounded, sep="\n")
