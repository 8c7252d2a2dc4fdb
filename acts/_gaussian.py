"""What a function makes of a Gaussian: mean and standard deviation of its output, the gain for initial weights."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._activation import Activation
from ._registry import get

FARTHEST = 38.5  # standard deviations: the density beyond is 0 in float64
RELATIVE = 1e-13  # where two refinements agree to this, the finer one is taken
MOST_POINTS = 2**23
NARROW = 2.0**-10  # below this std, beside 1 or |mean|, the derivative is integrated: differences of f lose digits
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
_BASE = np.linalg.inv(np.polynomial.legendre.legvander(NODES, 15))
UP_TO_NODES = np.polynomial.legendre.legval(NODES, np.polynomial.legendre.legint(_BASE, lbnd=-1))  # integrals from -1
Array = NDArray[np.float64]


class Moments(NamedTuple):
    """Mean and standard deviation of a random number, as floats."""

    mean: float
    std: float


class Sample(NamedTuple):
    """A function at the nodes z of each panel, their weights, and what rounding may have done to it."""

    z: Array
    y: Array
    weights: Array
    rounding: Array


def moments(
    function: "str | Callable[[Any], Any]", mean: float = 0.0, std: float = 1.0, *, kinks: Sequence[float] | None = None
) -> Moments:
    """Mean and standard deviation of f(x) for a Gaussian x with this mean and standard deviation.

    function: a name, an activation with its parameters bound, or your own function of float64 arrays. kinks: where your
    own is not smooth, or jumps; an activation knows its own. Computed by quadrature between the kinks, refined until it
    stands still, to about 1e-12; where std is small, that of your own no closer than f is rounded. A ValueError for
    std <= 0, where f is not finite within the Gaussian's reach (38 standard deviations) or grows too fast, or where
    refining does not settle, as at a jump that `kinks` does not name.

    >>> import acts
    >>> mean, std = acts.moments("relu")
    >>> print(f"{mean:.4f} {std:.4f}")
    0.3989 0.5838
    """
    f, kinks = _function_and_kinks(function, kinks)
    mean, std = float(mean), float(std)
    if not 0 < std < np.inf:
        raise ValueError(f"moments: std is {std}; it must be a positive number")
    if not np.isfinite(mean):
        raise ValueError(f"moments: mean is {mean}; it must be a finite number")
    edges = _panels(mean, std, kinks)
    if isinstance(f, Activation) and std < NARROW * max(1, abs(mean)):
        start, sample = float(f(mean)), partial(_increments, f, mean, std, kinks)
    else:
        start, sample = 0.0, partial(_values, f, mean, std)
    change = _settled(sample, edges, _average)
    return Moments(start + change, _settled(sample, edges, partial(_root_mean_square, about=change)))


def gain(function: "str | Callable[[Any], Any]", *, kinks: Sequence[float] | None = None) -> float:
    """1 / sqrt(E[f(x)**2]) for a standard Gaussian x: weights of variance gain**2 / fan_in keep the second moment at 1.

    Arguments as `moments` has them. For relu it is the factor of He et al., 2015 (arXiv:1502.01852), sqrt(2).

    >>> import acts
    >>> print(f"{acts.gain('relu'):.6f} {acts.gain('selu'):.6f} {acts.gain('tanh'):.6f}")  # torch says 5/3 for tanh
    1.414214 1.000000 1.592537
    """
    f, kinks = _function_and_kinks(function, kinks)
    root = _settled(partial(_values, f, 0.0, 1.0), _panels(0.0, 1.0, kinks), _root_mean_square)
    if root == 0:
        raise ValueError("the function is 0 wherever the Gaussian is: it has no gain")
    return 1 / root


def _function_and_kinks(function: Any, kinks: Sequence[float] | None) -> tuple[Any, tuple[float, ...]]:
    function = get(function) if isinstance(function, str) else function
    if not callable(function) or getattr(function, "kind", "") == "axis":
        name = getattr(function, "__name__", repr(function))
        raise TypeError(f"{name} is no function of one number; moments and gain take one, or its name")
    if isinstance(function, Activation) and kinks is None:
        kinks = function.kinks_at()
    return function, tuple(kinks or ())


def _settled(sample: Callable[[Array], Sample], edges: Array, of: Callable[[Sample], tuple[float, float]]) -> float:
    """A number of a sample, on panels that are halved until it stands still, but for its rounding."""
    before = np.nan
    while NODES.size * edges.size <= MOST_POINTS:
        now, tolerance = of(sample(edges))
        if abs(now - before) <= tolerance:
            return now
        before, edges = now, np.sort(np.concatenate([edges, (edges[1:] + edges[:-1]) / 2]))
    raise ValueError(
        f"a moment does not settle: it was {before} at last; name the function's kinks and jumps in kinks=, "
        "or take a smaller std"
    )


def _average(sample: Sample) -> tuple[float, float]:
    """E[y], and how close two refinements have to come."""
    terms = sample.y * sample.weights
    _vanishing(sample, np.abs(terms))
    return float(terms.sum()), float(RELATIVE * np.abs(terms).sum() + 2 * (sample.rounding * sample.weights).sum())


def _root_mean_square(sample: Sample, about: float = 0.0) -> tuple[float, float]:
    """The root of E[(y - about)**2], and how close two refinements have to come."""

    def norm(y: Array) -> float:  # squares neither overflow nor vanish
        size = float(np.abs(y).max()) or 1.0
        terms = (y / size) ** 2 * sample.weights
        _vanishing(sample, terms)
        return size * float(np.sqrt(terms.sum()))

    root = norm(sample.y - about)
    return root, RELATIVE * root + 2 * norm(sample.rounding)


def _vanishing(sample: Sample, terms: Array) -> None:
    """A ValueError unless the terms of an expectation end before the Gaussian does."""
    last = np.abs(sample.z) > FARTHEST - 1
    if terms[last].sum() > RELATIVE * terms.sum():
        z, y = (part[last][terms[last].argmax()] for part in (sample.z, sample.y))
        raise ValueError(f"the function is {y:.3g} at {z:.4g} standard deviations from the mean: no such moment")


def _panels(mean: float, std: float, kinks: Sequence[float]) -> Array:
    """Edges between which f is smooth: standard deviations, the kinks, in a wide Gaussian the powers of 2 around 0."""
    powers = 2.0 ** np.arange(-4, np.log2(std) + 5) if std > 1 else np.array([])
    edges = np.concatenate([np.arange(-FARTHEST, 39), [0.0], _standard([0.0, *powers, *-powers, *kinks], mean, std)])
    return np.unique(edges[np.abs(edges) <= FARTHEST])


def _standard(x: Any, mean: float, std: float) -> Array:
    with np.errstate(over="ignore"):
        return (np.asarray(x, np.float64) - mean) / std


def _nodes(edges: Array) -> tuple[Array, Array, Array]:
    """The nodes, their weights with the density, and half the widths of the panels."""
    half, middle = np.diff(edges)[:, None] / 2, (edges[1:] + edges[:-1])[:, None] / 2
    z = middle + half * NODES
    return z, np.exp(-z * z / 2) * (half * WEIGHTS) / np.sqrt(2 * np.pi), half


def _values(f: Any, mean: float, std: float, edges: Array) -> Sample:
    """f itself."""
    z, weights, _ = _nodes(edges)
    y = _finite(f, mean + std * z)
    return Sample(z, y, weights, _rounding(y, mean, std, z))


def _increments(f: Activation, mean: float, std: float, kinks: Sequence[float], edges: Array) -> Sample:
    """f(x) - f(mean): the integral of the derivative from z = 0 on, to both sides, and the jumps."""
    z, weights, half = _nodes(edges)
    x, leaps, origin = mean + std * z, np.zeros(edges.size), np.searchsorted(edges, 0.0)
    backward, forward = np.nextafter(mean, -np.inf), np.nextafter(mean, np.inf)
    for kink, at in zip(kinks, _standard(kinks, mean, std), strict=True):
        left, right = np.nextafter(kink, -np.inf), np.nextafter(kink, np.inf)
        x = np.where(z < at, np.minimum(x, left), np.maximum(x, right))  # each node on its own side, rounded or not
        if abs(at) < FARTHEST:
            leaps[np.searchsorted(edges, at)] += _leap(f, left, right)
    slope = _finite(f.derivative, x)
    whole = (std * half * slope) @ WEIGHTS
    leaps[origin] = _leap(f, mean, forward)
    up = np.cumsum(leaps[origin:-1]) + np.cumsum(np.append(0, whole[origin:-1]))
    leaps[origin] = _leap(f, backward, mean)
    down = np.cumsum(leaps[origin:0:-1]) + np.cumsum(whole[:origin][::-1])
    y = np.append(-down[::-1], up)[:, None] + std * half * (slope @ UP_TO_NODES)
    return Sample(z, y, weights, std * np.abs(z) * _rounding(slope, mean, std, z).max())


def _leap(f: Activation, left: float, right: float) -> float:
    """f(right) - f(left) of two neighbours, 0 where it is only the slope or rounding."""
    (a, b), slopes = _finite(f, np.array([left, right])), np.abs(f.derivative(np.array([left, right])))
    allowed = 16 * np.finfo(np.float64).eps * max(abs(a), abs(b)) + 4 * (right - left) * slopes.max()
    return float(b - a) if abs(b - a) > allowed else 0.0


def _finite(f: Callable[[Any], Any], x: Array) -> Array:
    with np.errstate(all="ignore"):
        y = np.asarray(f(x))
    if y.dtype.kind not in "iub" and y.dtype != np.float64:  # integers and booleans are exact
        raise TypeError(f"the function gives {y.dtype} for float64, which is too little for quadrature to settle")
    y = y.astype(np.float64)
    if not np.isfinite(y).all():
        at = x[~np.isfinite(y)][0]
        raise ValueError(f"the function is {y[~np.isfinite(y)][0]} at x = {at:.6g}: no such moment")
    return y


def _rounding(y: Array, mean: float, std: float, z: Array) -> Array:
    """What rounding does to y: to itself, and by way of x."""
    dy, dz = np.gradient(y, axis=1), np.gradient(z, axis=1)
    slope = np.abs(np.divide(dy, dz, out=np.zeros_like(y), where=dz > 0))  # by z, so that x is divided by std, too
    eps = float(np.finfo(np.float64).eps)
    x: Array = np.abs(np.clip(mean / std, -1e300, 1e300) + z)
    return eps * (np.abs(y) + x * slope)
