"""Numerical building blocks that several families share. NumPy only; each says what it keeps accurate and why."""

from typing import Any

import numpy as np

SQRT_2_PI = 2.5066282746310007

# Mills ratio of the normal distribution, Q(t) / phi(t), as a polynomial in (t - 4) / (t + 4), over (1 + t).
# From `python scripts/polynomials.py MILLS`: relative error 3.2e-17 before rounding in the evaluation.
MILLS = (
    1.1832619145678034,
    -0.24239967052180733,
    0.035091880234747914,
    0.07169048120135671,
    -0.08070800967904801,
    0.04495912907955541,
    -0.012539103620477497,
    -0.0007159509407866192,
    0.001741848774490837,
    -0.00023670147484589974,
    -0.00022021557997499815,
    5.3265566703279293e-05,
    3.415882965473892e-05,
    -8.601651640082263e-06,
    -6.553390599426187e-06,
    1.0096399962127908e-06,
    1.3908196174637467e-06,
    1.1381516028497087e-08,
    -2.8698921161192715e-07,
    -5.9176471926713914e-08,
    5.081753236610078e-08,
    2.2665244887729327e-08,
    -6.577270844412554e-09,
    -4.946772485089893e-09,
    4.5048582892252513e-10,
    5.202016936582969e-10,
)


def exp_pair(x: Any, low: Any = 0) -> tuple[Any, Any]:
    """(p, q) with p / q = exp(x + low) and the larger one about 1: any ratio of exponentials without overflow.

    sigmoid(x) = p / (p + q), and 1 - sigmoid(x) = q / (p + q) keeps the right tail that 1 - s loses.
    """
    return np.exp(np.minimum(x, 0)) * (1 + low), np.exp(np.minimum(-x, 0))


def product(a: Any, b: Any) -> tuple[Any, Any]:
    """(high, low): a * b as rounded, and what the rounding took, for the exponentials that would magnify it.

    In float64; float32 keeps low = 0.
    """
    high = a * b
    a1, b1 = np.float64(np.float32(a)), np.float64(np.float32(b))  # 24 of the 53 bits, so that a1 * b1 is exact
    low = ((a1 * b1 - high) + a1 * (b - b1) + (a - a1) * b1) + (a - a1) * (b - b1)
    return high, np.where(np.abs(low) < 1, low, 0)  # not where something overflows


def quotient(a: Any, b: Any) -> tuple[Any, Any]:
    """(high, low): a / b as rounded, and what the rounding took."""
    high = a / b
    back, rest = product(high, b)
    low = ((a - back) - rest) / b
    return high, np.where(np.abs(low) < 1, low, 0)


def finite(x: Any) -> Any:
    """x with ±inf replaced by the largest finite numbers, so that 0 * x is 0 where the limit is."""
    largest = np.finfo(x.dtype).max
    return np.clip(x, -largest, largest)


def times(a: Any, x: Any) -> Any:
    """a * x, where a = 0 gives 0 at x = ±inf too."""
    return a * np.where((a == 0) & np.isinf(x), np.sign(x), x)


def npdf(x: Any) -> Any:
    """The normal density exp(-x**2 / 2) / sqrt(2 pi)."""
    square, low = product(x, x)
    e = np.exp(-square / 2)
    return (e - e * (low / 2)) / SQRT_2_PI


def mills(t: Any) -> Any:
    """Q(t) / npdf(t) for t >= 0, where Q is the normal upper tail: the factor that varies slowly."""
    u = (t - 4) / (t + 4)
    total = np.full_like(t, MILLS[-1])
    for coefficient in MILLS[-2::-1]:
        total = total * u + coefficient
    return total / (1 + t)


def ncdf(x: Any) -> Any:
    """The normal distribution function, each tail from its own side: 1 + erf(x) would lose the left one."""
    t = np.minimum(np.abs(x), 40)  # the density is 0 in float64 from 38.6 on
    tail = npdf(t) * mills(t)
    return np.where(x < 0, tail, 1 - tail)


def lambert(x: Any) -> Any:
    """w with tanh(x) = x / (1 + w) for |x| < 2, by Lambert's continued fraction: all its terms are positive."""
    square = np.minimum(x * x, 4)
    w = np.zeros_like(square)
    for odd in range(25, 1, -2):  # x^2 / (3 + x^2 / (5 + x^2 / (7 + ...)))
        w = square / (odd + w)
    return w


def x_minus_tanh(x: Any) -> Any:
    """x - tanh(x) without the cancellation near 0."""
    w = lambert(x)
    return np.where(np.abs(x) < 2, x * (w / (1 + w)), x - np.tanh(x))
