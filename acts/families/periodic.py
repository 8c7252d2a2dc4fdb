"""Periodic functions: a sine, or a sine beside the identity, for signals that repeat."""

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import finite, times

BIGVGAN = "Lee, Ping, Ginsburg, Catanzaro, Yoon, 'BigVGAN: A Universal Neural Vocoder with Large-Scale Training', 2022"


def _angle(a, x):
    """(v, low): a x as rounded to float64, and what that took; v is inf at inf, where a wave has no limit."""
    if x.dtype == np.float32:
        return times(a, x.astype(np.float64)), 0  # exact
    y = finite(x)
    v, (a1, a2), (y1, y2) = a * y, _halves(a), _halves(y)
    low = ((a1 * y1 - v) + a1 * y2 + a2 * y1) + a2 * y2
    return np.where(np.isinf(x), times(a, x), finite(v)), np.where(np.isfinite(low), low, 0)


def _halves(x):
    """The upper and the lower half of the bits of a float64; products of halves are exact."""
    t = x * 2.0**-28
    high = (t + t * 2**27) - t * 2**27
    return high * 2.0**28, x - high * 2.0**28


def _sin(a, x):
    """sin(a x), of the product before rounding; NaN at ±inf."""
    v, low = _angle(a, x)
    return np.sin(v).astype(np.float32) if x.dtype == np.float32 else np.sin(v) * np.cos(low) + np.cos(v) * np.sin(low)


def _cos(a, x):
    """cos(a x), likewise."""
    v, low = _angle(a, x)
    return np.cos(v).astype(np.float32) if x.dtype == np.float32 else np.cos(v) * np.cos(low) - np.sin(v) * np.sin(low)


@activation(
    paper="Sitzmann, Martel, Bergman, Lindell, Wetzstein, 'Implicit Neural Representations with Periodic Activation "
    "Functions', 2020, arXiv:2006.09661",
)
def siren(x, omega=30.0):
    """siren(x, omega) = sin(omega * x)

    The sine of an implicit representation: a network that maps coordinates to a signal. omega sets its frequency; the
    weights are drawn to match, as examples/siren.py shows. At ±inf there is no limit, and the result is NaN.

    >>> acts.siren([0.0, np.pi / 60])
    array([0., 1.])
    """
    return _sin(omega, x)


@derivative_of(siren)
def d_siren(x, omega):
    return omega * _cos(omega, x)


@second_derivative_of(siren)
def d2_siren(x, omega):
    return -omega * omega * _sin(omega, x)


@partial_of(siren, "omega")
def d_siren_omega(x, omega):
    return x * _cos(omega, x)


@activation(
    paper="Ziyin, Hartwig, Ueda, 'Neural Networks Fail to Learn Periodic Functions and How to Fix It', 2020, "
    "arXiv:2006.08195",
    wide=True,
)
def snake(x, a=1.0):
    """snake(x, a) = x + sin(a * x)**2 / a if a != 0 else x + a * x**2

    The identity with a ripple of frequency a, which is learned, mostly one per channel: it extrapolates what repeats,
    as in audio. At a = 0 it is the identity, its limit. Where a is stored as its logarithm, pass exp(a).

    >>> acts.snake([-1.0, 0.0, 1.0], [0.0, 1.0, 1.0]).round(4)
    array([-1.    ,  0.    ,  1.7081])
    >>> acts.snake([1.0, 1.0], np.exp([0.0, 0.5])).round(4)
    array([1.7081, 1.6029])
    """
    at = finite(x)
    s = _sin(a, at)
    return x + s * _over(s, a, at)


def _over(s, a, x):
    """sin(a x) / a, and its limit x where a is 0."""
    return s / a if np.ndim(a) == 0 and a != 0 else np.where(a == 0, x, s / a)


@derivative_of(snake)
def d_snake(x, a):
    return np.square(_sin(a, x) + _cos(a, x))  # not 1 + sin(2 a x), which cancels where the slope is 0


@second_derivative_of(snake)
def d2_snake(x, a):
    s, c = _sin(a, x), _cos(a, x)
    return 2 * a * (c - s) * (c + s)


@partial_of(snake, "a")
def d_snake_a(x, a):
    s = _sin(a, x)
    r = _over(s, a, x)
    return np.where(a == 0, x * x, 2 * r * _cos(a, x) * x - r * r)


@activation(paper=f"{BIGVGAN}, arXiv:2206.04658", domain="b != 0", wide=True)
def snake_beta(x, a=1.0, b=1.0):
    """snake_beta(x, a, b) = x + sin(a * x)**2 / b

    snake with the size of the ripple, 1 / b, apart from its frequency a. With a = 0 it is the identity; as b goes to 0
    there is no limit. Vocoders learn both as logarithms, from 0 on, and so keep them positive:

    >>> acts.snake_beta([1.0, 1.0], np.exp([0.0, 0.0]), np.exp([0.0, 1.0])).round(4)
    array([1.7081, 1.2605])
    """
    s = _sin(a, finite(x))
    return x + s * (s / b)


@derivative_of(snake_beta)
def d_snake_beta(x, a, b):
    s, c = _sin(a, x), _cos(a, x)
    ratio = a / b
    sign = np.where(ratio < 0, -1, 1)
    return np.square(s + sign * c) + 2 * (ratio - sign) * s * c  # 1 + 2 ratio s c, without cancellation for a = ±b


@second_derivative_of(snake_beta)
def d2_snake_beta(x, a, b):
    s, c = _sin(a, x), _cos(a, x)
    return 2 * a * (a / b) * (c - s) * (c + s)


@partial_of(snake_beta, "a")
def d_snake_beta_a(x, a, b):
    return times(2 * _sin(a, x) * _cos(a, x) / b, x)


@partial_of(snake_beta, "b")
def d_snake_beta_b(x, a, b):
    return -np.square(_sin(a, x) / b)
