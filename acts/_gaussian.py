"""What a function makes of a Gaussian: mean and standard deviation of its output, the gain for initial weights."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._activation import Activation
from ._registry import get

FARTHEST = 38.5  # standard deviations: the density beyond is 0 in float64
RELATIVE = 1e-13  # where two refinements agree to this, the finer one is taken
MOST_POINTS = 2**23


class Moments(NamedTuple):
    """Mean and standard deviation of a random number, as floats."""

    mean: float
    std: float


def moments(
    function: "str | Callable[[Any], Any]", mean: float = 0.0, std: float = 1.0, *, kinks: Sequence[float] | None = None
) -> Moments:
    """Mean and standard deviation of f(x) for a Gaussian x with this mean and standard deviation.

    function: a name, an activation with its parameters bound, or your own function of float64 arrays. kinks: where your
    own is not smooth, or jumps; an activation knows its own. Computed by quadrature between the kinks, refined until it
    stands still, to about 1e-12. A ValueError for std <= 0, where f is not finite within the Gaussian's reach (38
    standard deviations), or where refining does not settle, as at a jump that `kinks` does not name.

    >>> import acts
    >>> mean, std = acts.moments("relu")
    >>> print(f"{mean:.4f} {std:.4f}")
    0.3989 0.5838
    """
    f, kinks = _function_and_kinks(function, kinks)
    if not 0 < std < np.inf:
        raise ValueError(f"moments: std is {std}; it must be a positive number")
    expect = functools.partial(_expectation, mean=float(mean), std=float(std), kinks=kinks)
    of_f = expect(f)
    return Moments(of_f, float(np.sqrt(expect(lambda x: np.square(f(x) - of_f)))))


def gain(function: "str | Callable[[Any], Any]", *, kinks: Sequence[float] | None = None) -> float:
    """1 / sqrt(E[f(x)**2]) for a standard Gaussian x: weights of variance gain**2 / fan_in keep the second moment at 1.

    Arguments as `moments` has them. For relu it is the factor of He et al., 2015 (arXiv:1502.01852), sqrt(2).

    >>> import acts
    >>> print(f"{acts.gain('relu'):.6f} {acts.gain('selu'):.6f} {acts.gain('tanh'):.6f}")  # torch says 5/3 for tanh
    1.414214 1.000000 1.592537
    """
    f, kinks = _function_and_kinks(function, kinks)
    return float(1 / np.sqrt(_expectation(lambda x: np.square(f(x)), 0.0, 1.0, kinks)))


def _function_and_kinks(function: Any, kinks: Sequence[float] | None) -> tuple[Any, tuple[float, ...]]:
    function = get(function) if isinstance(function, str) else function
    if isinstance(function, Activation) and kinks is None:
        kinks = function.kinks_at()
    return function, tuple(kinks or ())


def _expectation(f: Callable[[Any], Any], mean: float, std: float, kinks: Sequence[float]) -> float:
    """E[f(x)], by Gauss-Legendre quadrature on panels that are halved until the sum stands still."""
    bends = [(kink - mean) / std for kink in kinks]
    edges = np.unique([z for z in (*np.arange(-38.5, 39), *bends) if abs(z) <= FARTHEST])
    before = np.nan
    while 16 * edges.size <= MOST_POINTS:
        now, magnitude = _composite(f, mean, std, edges)
        if abs(now - before) <= RELATIVE * magnitude:
            return now
        before, edges = now, np.sort(np.concatenate([edges, (edges[1:] + edges[:-1]) / 2]))
    raise ValueError(
        f"the expectation of {f!r} does not settle: it was {before} at last; name its kinks and jumps in kinks=, "
        "or take a smaller std"
    )


def _composite(f: Callable[[Any], Any], mean: float, std: float, edges: NDArray[np.float64]) -> tuple[float, float]:
    """The sum of 16 points on each panel, and that of their magnitudes."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    z = middle + half * nodes
    density = np.exp(-z * z / 2) * (half * weights) / np.sqrt(2 * np.pi)
    x = mean + std * z
    with np.errstate(all="ignore"):
        y = np.asarray(f(x), np.float64)
    if not np.isfinite(y).all():
        at = x[~np.isfinite(y)][0]
        raise ValueError(f"the function, or its square, is {y[~np.isfinite(y)][0]} at x = {at:.6g}: no such moment")
    return float(np.sum(y * density)), float(np.sum(np.abs(y) * density))
