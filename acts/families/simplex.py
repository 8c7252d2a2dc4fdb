"""Sparse softmaxes: sparsemax, entmax15 and entmax, with exact zeros for what is far below the maximum.

With eps = alpha - 1, all of them are p = (1 + eps (x - t)) ** (1 / eps) where that base is positive, with the t for
which p sums to 1. Formulas see rows along the last axis. Where all is -inf or masked the result is 0, with slope 0.
"""

import numpy as np

from .._registry import axis_function, vjp_of
from .._rows import shifted, total

ENTMAX = "Peters, Niculae, Martins, 'Sparse Sequence-to-Sequence Models', 2019, arXiv:1905.05702"
TINY = 1e-150  # for an alpha of 1: near enough to softmax to round to it
NEWTON = 100  # steps at most; ten are usual


def powers(u, eps):
    """(p, q) = ((1 + eps u) ** (1 / eps), p ** (1 - eps)), and 0 where the base is negative. q is the slope dp/du."""
    if np.ndim(eps) == 0 and eps in (1, 0.5):
        base = (1 + eps * u).clip(0)
        return (base, np.sign(base)) if eps == 1 else (base * base, base)
    log_p = np.log1p((eps * u).clip(-1)) / eps
    return np.exp(log_p), np.where(log_p == -np.inf, 0, np.exp((1 - eps) * log_p))


def projected(x, where, alpha):
    """The p that sums to 1, by Newton's method for t, between bounds that are halved where it leaves them."""
    z, _, _ = shifted(x, where)
    eps = np.maximum(alpha - 1, TINY)
    low, high = np.zeros(1), -np.expm1(-eps * np.log(max(z.shape[-1], 1))) / eps
    t = total(z[:, :0])
    for _ in range(NEWTON):
        p, q = powers(z - t, eps)
        excess = total(p) - 1
        low, high = np.where(excess > 0, t, low), np.where(excess < 0, t, high)
        step = t + excess / total(q)
        step = np.where((step >= low) & (step <= high), step, (low + high) / 2)
        if not np.any(np.abs(step - t) > 4e-16 * np.abs(t)):  # NaN stops it, too
            break
        t = step
    return p


@axis_function(
    paper="Martins, Astudillo, 'From Softmax to Sparsemax: A Sparse Model of Attention and Multi-Label "
    "Classification', 2016, arXiv:1602.02068"
)
def sparsemax(x, axis=-1, *, where=None):
    """sparsemax(x)[i] = max(0, x[i] - max((sum(sorted(x)[-k:]) - 1) / k for k in range(1, len(x) + 1)))

    The nearest point to x whose elements are at least 0 and sum to 1: a softmax with exact zeros.

    >>> acts.sparsemax([2.0, 1.5, -1.0])
    array([0.75, 0.25, 0.  ])
    """
    return projected(x, where, 2.0)


@axis_function(paper=ENTMAX)
def entmax15(x, axis=-1, *, where=None):
    """entmax15(x)[i] = max(0, x[i] / 2 - root(lambda s: sum(max(0, t / 2 - s) ** 2 for t in x) - 1)) ** 2

    entmax with alpha = 1.5, half-way between softmax and sparsemax: zeros, and a smooth way there.

    >>> acts.entmax15([1.0, 1.0, -1.0])
    array([0.5, 0.5, 0. ])
    """
    return projected(x, where, 1.5)


@axis_function(paper=ENTMAX, params=("alpha",), domain="alpha >= 1")
def entmax(x, alpha=1.5, axis=-1, *, where=None):
    """entmax(x, alpha)[i] = q_exp(x[i] - root(lambda s: sum(q_exp(t - s, alpha) for t in x) - 1), alpha)

    A family of softmaxes, with q_exp(u, alpha) = max(0, 1 + (alpha - 1) u) ** (1 / (alpha - 1)): softmax at alpha = 1,
    sparsemax at 2; the larger alpha, the more zeros. alpha may be learned, for each head, say.

    >>> acts.entmax([2.0, 1.5, -1.0], alpha=2.0)
    array([0.75, 0.25, 0.  ])
    """
    return projected(x, where, alpha)


@vjp_of(entmax, symmetric=True)
def entmax_vjp(x, g, alpha, where):
    p = projected(x, where, alpha)
    eps = np.maximum(alpha - 1, TINY)
    q = np.where(p > 0, p ** (1 - eps), p)  # 0 stays 0, and NaN NaN
    return q * (g - total(q * g) / total(q).clip(1)), total(g * d_alpha(p, eps))


def d_alpha(p, eps):
    """dp/dalpha in a form without a difference that cancels as alpha goes to 1 (there: p (E[l**2] - l**2) / 2)."""
    log_p = np.log(np.where(p > 0, p, 1))
    a = np.expm1(-eps * log_p) / eps
    b = log_p**2 * second_remainder(-eps * log_p)
    mean_a, mean_b, entropy = total(p * a), total(p * b), -total(p * log_p)
    return p / (1 + eps * mean_a) * (mean_b - b - log_p * mean_a - a * entropy)


def second_remainder(u):
    """(exp(u) - 1 - u) / u**2 for u >= 0."""
    near, series = u.clip(0, 1), 0
    for n in range(19, 1, -1):
        series = (1 + series * near) / n
    return np.where(u < 1, series, (np.expm1(u) - u) / np.maximum(u, 1) ** 2)


@vjp_of(sparsemax, symmetric=True)
def sparsemax_vjp(x, g, where):
    return entmax_vjp(x, g, 2.0, where)[:1]


@vjp_of(entmax15, symmetric=True)
def entmax15_vjp(x, g, where):
    return entmax_vjp(x, g, 1.5, where)[:1]
