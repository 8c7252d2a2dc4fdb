"""Smooth maxima of two straight lines through 0: a weighted mean of them, the weights from a sigmoid of x."""

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import finite, product, product_of_any, times

# acon_c in e = exp(-|v|), v = beta (p1 - p2) x: `outer` is the line that it approaches on the side of x, `inner` the
# other. -0.0 in place of 0 lets a sum keep the sign of the other term.


@activation(
    paper="Ma, Zhang, Liu, Sun, 'Activate or Not: Learning Customized Activation', 2020, arXiv:2009.04759; "
    "github.com/nmaac/acon",
    wide=True,
)
def acon_c(x, p1=1.0, p2=0.0, beta=1.0):
    """acon_c(x, p1, p2, beta) = (p1 - p2) * x / (1 + exp(-beta * (p1 - p2) * x)) + p2 * x

    A smooth maximum of p1 x and p2 x, all three learned per channel: their mean at beta = 0, the maximum for a
    large beta. The paper draws p1 and p2 from a normal distribution; the defaults here make it silu.

    >>> acts.acon_c([-1.0, 1.0], p1=1.0, p2=0.25, beta=100.0)
    array([-0.25,  1.  ])
    """
    _, e, outer, inner = _lines(x, p1, p2, beta)
    return (np.where(outer == 0, -0.0, outer * x) + times(inner * e, x)) / (1 + e)


def _lines(x, p1, p2, beta):
    """v, exp(-|v|), the outer slope and the inner one."""
    a, low_a = product(beta, p1 - p2)
    v, low = product_of_any(a, finite(x))
    e = np.exp(-np.abs(v)) * (1 - np.sign(v) * (low + low_a * finite(x)))
    return finite(v), e, np.where(v > 0, p1, p2), np.where(v > 0, p2, p1)


def _inner_share(v, e):
    """How much of the inner line there is in the slope: the derivative of silu at -|v|."""
    return e * (1 - np.abs(v) + e) / np.square(1 + e)


@derivative_of(acon_c)
def d_acon_c(x, p1, p2, beta):
    v, e, outer, inner = _lines(x, p1, p2, beta)
    return np.where(outer == 0, -0.0, outer) + (inner - outer) * _inner_share(v, e)


@second_derivative_of(acon_c)
def d2_acon_c(x, p1, p2, beta):
    v, e, _, _ = _lines(x, p1, p2, beta)
    return beta * (p1 - p2) ** 2 * (e * (2 - np.abs(v) * ((1 - e) / (1 + e))) / np.square(1 + e))


@partial_of(acon_c, "p1")
def d_acon_c_p1(x, p1, p2, beta):
    v, e, _, _ = _lines(x, p1, p2, beta)
    share = _inner_share(v, e)
    return times(np.where(v > 0, 1 - share, share), x)


@partial_of(acon_c, "p2")
def d_acon_c_p2(x, p1, p2, beta):
    v, e, _, _ = _lines(x, p1, p2, beta)
    share = _inner_share(v, e)
    return times(np.where(v > 0, share, 1 - share), x)


@partial_of(acon_c, "beta")
def d_acon_c_beta(x, p1, p2, beta):
    _, e, _, _ = _lines(x, p1, p2, beta)
    return np.square(finite(x) * (np.sqrt(e) / (1 + e)) * (p1 - p2))


@activation(
    paper="Zhu, Min, Wang et al., 'PFLU and FPFLU: Two novel non-monotonic activation functions in convolutional "
    "neural networks', Neurocomputing 429, 2021, doi:10.1016/j.neucom.2020.11.068",
    aliases=("dish",),
    wide=True,
)
def pflu(x):
    """pflu(x) = x * (1 + x / sqrt(1 + x**2)) / 2

    A smooth maximum of x and 0 without exponentials: like silu, with the algebraic left tail -1 / (4 |x|).

    >>> print(*(f"{y:.4g}" for y in acts.pflu([-1e9, -1.0, 1.0])))
    -2.5e-10 -0.1464 0.8536
    """
    u, _, half = _gate(x)
    return x.clip(-0.0, np.inf) - u * half


def _gate(x):
    """u = |x| / h, 1 / h and 1 / (2 (h + |x|)) = h (1 - u) / 2 without its cancellation, where h = sqrt(1 + x**2)."""
    t = np.abs(finite(x))
    h = np.maximum(t, np.sqrt(1 + np.square(t.clip(0, 2**60))))
    return t / h, 1 / h, 0.5 / (h + t)


@derivative_of(pflu)
def d_pflu(x):
    u, r, half = _gate(x)
    left = half * r * (1 - u - u * u)  # the slope for x < 0; the two sides add up to 1
    return left + np.ceil(x.clip(-0.0, 1)) * (1 - 2 * left)


@second_derivative_of(pflu)
def d2_pflu(x):
    u, r, _ = _gate(x)
    return (1 - 1.5 * u * u) * r * r * r
