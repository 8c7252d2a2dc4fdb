"""Finite differences that never accuse correct code: the bound comes from the differences themselves."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation

from .candidates import Candidate, Compute
from .grids import grid
from .ulp import typical_size

if TYPE_CHECKING:
    from .conformance import Finding

EPS = float(np.finfo(np.float64).eps)
CENTRAL, ONE_SIDED = 2.0**-16, 2.0**-26  # steps in units of max(1, |x|): truncation against rounding
BESIDE, WAVY = (
    (-0.97, -0.73, -0.31, 0, 0.17, 0.46, 0.89),
    2.0**-6,
)  # a slope that changes by more, of its size, within the step
USEFUL = 1e-6  # a bound above USEFUL * max(1, |f'|) says nothing: such points are counted as untested


def differences(candidate: Candidate, function: Activation, params: dict[str, Any], count: int) -> list["Finding"]:
    """f' against differences of f, f'' against those of f', and every partial against those of f, in float64.

    Central, with steps h and h/2, and from one side next to a kink. A point passes if
    |analytic - FD(h/2)| <= 4 (|FD(h) - FD(h/2)| + eps max|f| / h), max|f| being the largest of the values used and of
    those on [-1, 1] (next to a root of f its rounding is that of its terms); at a kink itself if it does so for either
    side, or lies between the two. It is untested where the analytic slope changes within h: that is part of a wave; and
    next to a pole. Where the function itself is NaN, outside its domain, there is nothing to test.
    """
    x = grid(np.float64, function.kinks_at(**params), count)
    x = x[(np.abs(x) < 1e100) & ~np.isnan(function(x, **params))]
    kinks = np.array(function.kinks_at(**params))
    poles = kinks[~np.isfinite(function(kinks, **params))]
    asked, x = x.size, x[_distance(x, poles) > 2 * CENTRAL]  # nearer, a step is more than the way to the pole
    findings = []
    for lower, upper in (("f", "f'"), ("f'", "f''")):
        f, df = candidate.quantity(lower), candidate.quantity(upper)
        if f is not None and df is not None:
            findings.append(_finding(upper, x, np.asarray(df(x, **params)), _along_x(f, df, x, params, kinks)))
    for name in function.params:
        f, df = candidate.quantity("f"), candidate.quantity(f"df/d{name}")
        if f is not None and df is not None:
            away = _distance(x, _moving_kinks(function, params, name)) > 4 * CENTRAL * np.maximum(1, np.abs(x))
            at = x[away]  # a kink that moves with the parameter would pass through the points next to it
            slopes = _along(f, df, at, params, name)
            findings.append(_finding(f"df/d{name}", at, np.asarray(df(at, **params)), slopes))
    for finding in findings:
        finding.untested = asked - finding.points
    return findings


def _moving_kinks(function: Activation, params: dict[str, Any], name: str) -> NDArray[Any]:
    here, there = function.kinks_at(**params), function.kinks_at(**{**params, name: params[name] + 2.0**-10})
    return np.array([kink for kink in here if kink not in there])


Slopes = list[tuple[NDArray[Any], NDArray[Any]]]  # (difference, its bound), one for each side that may be right


def _along_x(f: Compute, df: Compute, x: NDArray[Any], params: dict[str, Any], kinks: NDArray[Any]) -> Slopes:
    scale = np.maximum(1, np.abs(x))
    near = _distance(x, kinks) <= 2 * CENTRAL * scale
    value, slope = ((lambda t, g=g: np.asarray(g(t, **params)), _size(g, params)) for g in (f, df))
    values = {s: _quotients(value, slope, x, scale, s) for s in (-1, 0, 1)}
    side = np.sign(x - _nearest(x, kinks))  # away from the kink; 0 at the kink itself
    either = []
    for at_kink in (-1, 1):
        chosen = np.where(~near, 0, np.where(side == 0, at_kink, side)).astype(int)
        either.append(tuple(np.choose(chosen + 1, [values[s][i] for s in (-1, 0, 1)]) for i in (0, 1)))
    return either  # type: ignore[return-value]


def _along(f: Compute, df: Compute, x: NDArray[Any], params: dict[str, Any], name: str) -> Slopes:
    value = min(max(params[name], -1e200), 1e200)  # inf can't be moved; that is as far beyond every x

    def of_parameter(g: Compute) -> Compute:  # t is constant: x stays, the parameter moves
        return lambda t: np.asarray(g(x, **{**params, name: float(t.flat[0])}))

    at = np.full_like(x, value)
    value_of, slope = ((of_parameter(g), _size(g, params)) for g in (f, df))
    return [_quotients(value_of, slope, at, np.full_like(x, max(1, abs(value))), 0)]


def _size(f: Compute, params: dict[str, Any]) -> float:
    return typical_size(lambda t: f(t, **params))


def _quotients(
    f: tuple[Compute, float], df: tuple[Compute, float], x: NDArray[Any], scale: NDArray[Any], side: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """FD(h/2) and its bound: central for side 0, else forward or backward. Both functions with their typical size."""
    h = (ONE_SIDED if side else CENTRAL) * scale
    (value, typical), (slope, usual) = f, df
    with np.errstate(all="ignore"):
        parts = []
        for step in (h, h / 2):
            a, b = (x, x + side * step) if side else (x - step, x + step)
            fa, fb = value(a), value(b)
            parts.append(((fb - fa) / (b - a), np.maximum(np.maximum(np.abs(fa), np.abs(fb)), typical)))
        (coarse, size), (fine, _) = parts
        bound = 4 * (np.abs(coarse - fine) + EPS * size / h)
        if side:
            return fine, bound
        slopes = [slope(x + share * h) for share in BESIDE]
        changes = np.max(slopes, axis=0) - np.min(slopes, axis=0)
        return fine, np.where(changes > WAVY * np.maximum(np.max(np.abs(slopes), axis=0), usual), np.inf, bound)


def _finding(quantity: str, x: NDArray[Any], analytic: NDArray[Any], slopes: Slopes) -> "Finding":
    from .conformance import Finding

    share = np.full(x.shape, np.inf)
    testable = np.zeros(x.shape, bool)
    for slope, bound in slopes:
        with np.errstate(all="ignore"):
            useful = np.isfinite(slope) & (bound <= USEFUL * np.maximum(1, np.abs(analytic)))
            off = np.abs(analytic - slope)
            share = np.fmin(share, np.where(off == 0, 0.0, off / bound))
        testable |= useful
    with np.errstate(invalid="ignore"):
        low = np.minimum.reduce([s - b for s, b in slopes])
        high = np.maximum.reduce([s + b for s, b in slopes])
    share = np.where((share > 1) & (low <= analytic) & (analytic <= high), 0.0, share)
    share = np.where(testable, share, 0.0)
    share = np.where(testable & ~np.isfinite(analytic), np.inf, share)
    worst = int(np.argmax(share))
    return Finding(
        quantity,
        "differences",
        "float64",
        error=float(share[worst]),
        allowed=1.0,
        x=float(x[worst]),
        got=float(analytic[worst]),
        want=float(slopes[0][0][worst]),
        points=int(testable.sum()),
        failing=int(np.sum(share > 1)),
    )


def _distance(x: NDArray[Any], kinks: NDArray[Any]) -> NDArray[Any]:
    return np.abs(x - _nearest(x, kinks)) if kinks.size else np.full_like(x, np.inf)


def _nearest(x: NDArray[Any], kinks: NDArray[Any]) -> NDArray[Any]:
    if not kinks.size:
        return np.full_like(x, np.inf)
    nearest: NDArray[Any] = kinks[np.argmin(np.abs(x[:, None] - kinks), axis=1)]
    return nearest
