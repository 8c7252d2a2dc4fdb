"""Functions that measure an element by its row: by the norm, the root mean square, or mean and deviation.

Formulas see rows along the last axis. Rows are scaled by their largest element before anything is squared.
"""

from statistics import NormalDist

import numpy as np

from .._registry import axis_function, jvp_of, vjp_of
from .._rows import total


def largest(x, least=0.0):
    """max(abs(x)) of each row, 1 where that is 0, and at least `least`."""
    m = abs(x).max(-1, keepdims=True, initial=least)
    return np.where(m == 0, 1, m)


def direction(x):
    """(x / r, r) for the norm r of each row; infinite entries share the direction, and that of 0 is 0."""
    m = largest(x)
    u = np.where(np.isinf(x), np.sign(x), x / m)
    norm = np.sqrt(total(u * u))
    return u / norm.clip(1), m * norm


@axis_function(
    paper="Sabour, Frosst, Hinton, 'Dynamic Routing Between Capsules', 2017, arXiv:1710.09829",
    params=("c",),
    domain="c > 0",
)
def squash(x, c=1.0, axis=-1):
    """squash(x, c)[i] = x[i] * sqrt(sum(t**2 for t in x)) / (c + sum(t**2 for t in x))

    A vector of the same direction and a length below 1: that of a capsule. c = 1 is the paper's; a common variant
    has 0.5.

    >>> acts.squash([0.0, 1.0])
    array([0. , 0.5])
    """
    u, r = direction(x)
    return u / (1 + c / r / r)


@vjp_of(squash, symmetric=True)
def squash_vjp(x, g, c):
    u, r = direction(x)
    share = 1 / (1 + c / r / r)  # r**2 / (c + r**2)
    slope = np.where(np.isinf(r), 0, 1 / (r + c / r))  # share / r
    along = total(u * g)
    return slope * (g + u * along * (1 - 2 * share)), -along * slope * slope


@axis_function(
    paper="Zhuo, Wang, Zeng, Li, Zhou, Ma, 'Polynomial Composition Activations: Unleashing the Dynamics of Large "
    "Language Models', 2024, arXiv:2411.03884, and its code, which divides by the root mean square",
    params=("w0", "w1", "w2", "b"),
    domain="eps > 0",
)
def polynorm(x, w0=1 / 3, w1=1 / 3, w2=1 / 3, b=0.0, axis=-1, *, eps=1e-6):
    """polynorm(x, w0, w1, w2, b, eps)[i] = w0 * rms(x, 3, eps)[i] + w1 * rms(x, 2, eps)[i] + w2 * rms(x, 1, eps)[i] + b

    A learned cubic whose powers are normalised first: rms(x, k, eps) is x**k over the square root of the row's mean of
    x**(2 k) plus eps. The weights run from the cube down.

    >>> acts.polynorm([1.0, -1.0, 1.0, -1.0]).round(4)
    array([ 1.    , -0.3333,  1.    , -0.3333])
    """
    cube, square, line = (n for n, _, _ in normalised(x, eps))
    return w0 * cube + w1 * square + w2 * line + b


def normalised(x, eps):
    """For x**3, x**2 and x: (v over its root mean square, one over that, dv/dx), of x over m where m exceeds 1."""
    m = largest(x, 1.0)
    u = x / m
    for k in (3, 2, 1):
        v = u**k
        scale = 1 / np.sqrt((v * v).mean(-1, keepdims=True) + eps / m ** (2 * k))
        yield v * scale, scale, k * u ** (k - 1) / m


@vjp_of(polynorm)
def polynorm_vjp(x, g, w0, w1, w2, b, eps):
    dx, sums = 0, []
    for w, (n, scale, slope) in zip((w0, w1, w2), normalised(x, eps), strict=True):
        dx = dx + w * slope * scale * (g - n * (n * g).mean(-1, keepdims=True))
        sums.append(total(n * g))
    return dx, *sums, total(g)


@jvp_of(polynorm)
def polynorm_jvp(x, t, w0, w1, w2, b, eps):
    tangent = 0
    for w, (n, scale, slope) in zip((w0, w1, w2), normalised(x, eps), strict=True):
        tangent = tangent + w * (slope * scale * t - n * (n * slope * scale * t).mean(-1, keepdims=True))
    return tangent


@axis_function(paper="Gemma 3n, gaussian_topk of its feed-forward layers, 2025", domain="(0 < p) & (p < 1)")
def gaussian_topk(x, p=0.95, axis=-1):
    """gaussian_topk(x, p)[i] = max(0, x[i] - mean(x) - sqrt(2) * erfinv(2 * p - 1) * deviation(x))

    What exceeds the quantile p of a normal distribution with the row's mean and (population) deviation: about a share
    of 1 - p of the row stays, without a sort. In Gemma 3n, gelu_tanh of it is a gate. p: a number.

    >>> acts.gaussian_topk([0.0, 1.0, 2.0, 9.0], p=0.8).round(4)
    array([0.    , 0.    , 0.    , 3.0244])
    """
    z, m, _, _ = above(x, p)
    return z.clip(0) * m


def above(x, p):
    """(the row less its cut-off, over m; m, its largest element; the quantile; the row, standardised)."""
    if not isinstance(p, float | int | np.floating):
        raise TypeError(f"gaussian_topk: p is a {type(p).__name__}; it must be a number")
    m = largest(x)
    u = x / m
    u = u - u.max(-1, keepdims=True, initial=-np.inf)  # of a constant row, exactly 0
    centred = u - u.mean(-1, keepdims=True)
    deviation = np.sqrt((centred * centred).mean(-1, keepdims=True))
    quantile = NormalDist().inv_cdf(float(p))
    return centred - quantile * deviation, m, quantile, centred / np.where(deviation == 0, 1, deviation)


@vjp_of(gaussian_topk)
def gaussian_topk_vjp(x, g, p):
    z, _, quantile, standard = above(x, p)
    g = np.where(z > 0, g, 0)
    return (g - total(g) / x.shape[-1] * (1 + quantile * standard),)


@jvp_of(gaussian_topk)
def gaussian_topk_jvp(x, t, p):
    z, _, quantile, standard = above(x, p)
    return np.where(z > 0, t - (t * (1 + quantile * standard)).mean(-1, keepdims=True), 0)
