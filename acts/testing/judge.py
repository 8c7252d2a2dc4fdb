"""The comparison of what a candidate gave with what was wanted, point by point."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation

from .levels import LEVELS, Array, Level, allowed, half_lost
from .ulp import conditioned_ulp, largest, smallest_normal, typical_size, ulp_size
from .verdicts import Point, Verdict

POLICIES = ("limits", "propagate", "ignore")


@dataclass(frozen=True)
class Wanted:
    """What is wanted at points x: the truth, one ulp of it, and the truth just left and right of each x."""

    quantity: str  # "f", "f'", "grad" (f' by differentiation), "f''", "grad of grad", "df/d(parameter)"
    x: NDArray[Any]
    truth: Array
    unit: Array
    sides: tuple[Array, Array]
    at_kink: NDArray[np.bool_]
    subnormal: NDArray[np.bool_]  # x, which accelerators take for 0
    scale: float  # the largest |truth| for x in [-1, 1]

    @classmethod
    def of(cls, quantity: str, x: NDArray[Any], reference: Callable[[Any], Any], kinks: Sequence[float]) -> "Wanted":
        """Of a function of float64."""
        at, tiny = wide(x), smallest_normal(x.dtype)
        step = np.where(np.isfinite(at), np.maximum(np.abs(at), tiny), 0.0) * 2.0**-20
        with np.errstate(all="ignore"):
            truth, left, right = (np.asarray(reference(at + s * step), np.float64) for s in (0, -1, 1))
            small = np.abs(at) < tiny
            if small.any():  # accelerators take x for 0, or for a number that is not, in another branch
                around = [np.asarray(reference(np.full_like(at, t)), np.float64) for t in (-tiny, 0.0, tiny)]
                left = np.where(small, np.min(around, axis=0) - tiny * (quantity == "f"), left)
                right = np.where(small, np.max(around, axis=0) + tiny * (quantity == "f"), right)
            unit = np.maximum(conditioned_ulp(reference, x, truth), _unit(truth, x.dtype))
            scale = typical_size(reference)
        kink = np.isin(at, wide(np.asarray(kinks, np.float64).astype(x.dtype)))
        unit = np.where(kink, _unit(truth, x.dtype), unit)  # a step of x over a kink is no measure: `sides` are
        return cls(quantity, x, truth, unit, (left, right), kink, small, scale)


@dataclass(frozen=True)
class Judge:
    """How strictly a candidate for a function is judged: the level, and the policy for what is not finite.

    limits: at ±inf the limit, at NaN NaN. propagate: at ±inf NaN is as good, and a derivative at NaN may be anything.
    ignore: x that is not finite is counted and left out.
    """

    function: Activation
    level: Level
    policy: str

    def verdict(
        self, name: str, wanted: Wanted, got: NDArray[Any], params: dict[str, float], g: NDArray[Any] | None = None
    ) -> Verdict:
        """The verdict on got, wanted as the cotangent g times the truth."""
        x, got = wanted.x, got.reshape(-1)
        g = None if g is None else g.reshape(-1)
        found = Verdict(name, x.dtype.name, params, points=x.size)
        with np.errstate(all="ignore"):
            factor = np.ones(x.shape) if g is None else wide(g)
            y = wide(got)
            want = wanted.truth * factor
            rounded = 1.0 if g is None else 2.0  # g has digits of its own: each rounding counts up to twice
            unit = np.maximum(wanted.unit * np.abs(factor), _unit(want, x.dtype)) * rounded
            between = self._between(wanted, y, factor)
            excess = {
                level: self._excess(level, wanted, y, want, unit, factor, found if level == self.level else None)
                for level in dict.fromkeys((self.level, *LEVELS))
            }
            if g is None and not found.of_shape:
                self._note_conventions(wanted, y, between, found)
                found.curve = _curve(wanted, np.where(between, 0.0, np.abs(y - want) / unit), excess[self.level])
        wrong = ~((excess[self.level] <= 1) | between)
        found.failing = int(wrong.sum())
        found.levels = {str(level): bool(np.all((over <= 1) | between)) for level, over in excess.items()}
        if found.failing:
            found.worst = dict(_worst_by_region(wanted, y, want, unit, excess[self.level], wrong))
        return found

    def _excess(
        self,
        level: Level,
        wanted: Wanted,
        got: Array,
        want: Array,
        unit: Array,
        factor: Array,
        found: Verdict | None,
    ) -> Array:
        """|got - want| as a share of what is allowed: above 1 is wrong."""
        x, dtype = wide(wanted.x), wanted.x.dtype
        slack = self._slack(level, wanted, want, unit, factor)
        over = np.where(got == want, 0.0, np.abs(got - want) / slack)
        over = np.where(np.isfinite(got) & np.isfinite(want) | (got == want), over, np.inf)
        same_side = np.sign(got) == np.sign(want)
        top = largest(dtype)
        at_top = (np.abs(want) + np.where(np.isfinite(slack), slack, 0) >= top) & (np.abs(got) >= top - slack)
        over = np.where(at_top & same_side, 0.0, over)
        beyond = ~np.isfinite(x) | ~np.isfinite(factor)
        over = np.where(~np.isfinite(slack) & ~beyond, 0.0, over)
        excused = (level == "framework") & ~beyond & ~(np.abs(got - want) <= half_lost(dtype) * unit) & (over <= 1)
        over = np.where(np.isinf(factor) & (got != want), np.inf, over)
        over = np.where(np.isnan(want), np.where(np.isnan(got), 0.0, np.inf), over)
        if wanted.quantity != "f":
            over = np.where(self._by_a_slope_of_the_type(level, wanted, got, factor), 0.0, over)
        if self.policy == "propagate":
            over = np.where(beyond & (np.isnan(got) | (np.isnan(want) & (wanted.quantity != "f"))), 0.0, over)
        elif self.policy == "ignore":
            over = np.where(beyond, 0.0, over)
        if found is not None:
            found.excused = int(excused.sum())
            found.ignored = int(beyond.sum()) if self.policy == "ignore" else 0
        return over

    def _slack(self, level: Level, wanted: Wanted, want: Array, unit: Array, factor: Array) -> Array:
        """What |got - want| may be where want = factor * truth: never less than half an ulp."""
        dtype, tiny = wanted.x.dtype, smallest_normal(wanted.x.dtype)
        scale = wanted.scale * np.abs(factor) * (1 if np.all(factor == 1) else 2)  # as in `verdict`
        slack = allowed(level, self.function, wanted.quantity, wanted.x, want, unit, scale)
        flushed = np.minimum(np.abs(want), np.abs(wanted.truth)) <= 2 * tiny  # or a factor of it was
        slack = np.where(flushed, np.maximum(slack, 2 * tiny * np.maximum(1, np.abs(factor))), slack)
        return np.maximum(slack, 0.501 * _unit(want, dtype))

    def _by_a_slope_of_the_type(self, level: Level, wanted: Wanted, got: Array, factor: Array) -> NDArray[np.bool_]:
        """Where got is the factor times a slope that is right, though the product of the true one is another.

        A slope that overflows is infinite in the type, and so is its product, or NaN if the factor is 0. A slope that
        may be 0 has no sign: times an infinite factor it is infinite with either sign, 0 or NaN. At a kink it may be 0
        where the slope of one side is. A slope that is one number everywhere is that number at NaN, too.
        """
        slope = wanted.truth
        slack = self._slack(level, wanted, slope, wanted.unit, np.ones(slope.shape))
        slack = np.where(np.isnan(slack), 0.0, slack)
        infinite = np.sign(slope) * np.inf * factor
        overflows = np.abs(slope) + slack >= largest(wanted.x.dtype)
        product = overflows & ((got == infinite) | (np.isnan(got) & np.isnan(infinite)))
        nothing = np.isnan(got) | (got == 0)
        may_be_0 = (np.abs(slope) <= slack) & (nothing | np.isinf(got))
        may_be_0 |= (wanted.at_kink | wanted.subnormal) & (np.prod(wanted.sides, axis=0) <= 0) & nothing
        finite = slope[np.isfinite(slope)]
        constant = finite[0] if finite.size and np.all(finite == finite[0]) else np.nan
        right: NDArray[np.bool_] = (
            product | (np.isinf(factor) & may_be_0) | (np.isnan(slope) & (got == constant * factor))
        )
        return right

    def _between(self, wanted: Wanted, got: Array, factor: Array) -> NDArray[np.bool_]:
        """Where x is a kink and got lies between the two sides: any such convention is right."""
        sides = np.stack([side * factor for side in wanted.sides])
        slack = 4 * _unit(np.max(np.abs(sides), axis=0), wanted.x.dtype) + np.abs(sides[0] - sides[1]) * 2.0**-16
        inside: NDArray[np.bool_] = (sides.min(axis=0) - slack <= got) & (got <= sides.max(axis=0) + slack)
        return inside & (wanted.at_kink | wanted.subnormal)

    def _note_conventions(self, wanted: Wanted, got: Array, between: NDArray[np.bool_], found: Verdict) -> None:
        """Where on its way from the left to the right slope the candidate is, at each kink."""
        left, right = wanted.sides
        for i in np.flatnonzero(between & wanted.at_kink & (np.abs(right - left) > 1e-3)):
            share = round(float((got[i] - left[i]) / (right[i] - left[i])), 3)
            side = {0.0: "of the left", 1.0: "of the right"}.get(share, f"{share:g} of the way from left to right")
            found.notes.append(f"{found.name} at the kink {float(wanted.x[i]) + 0:g}: {side}")


def _curve(wanted: Wanted, ulp: Array, excess: Array) -> list[tuple[float, float, float]]:
    """At most 200 points, in the order of x: each the worst of its neighbourhood."""
    at = wide(wanted.x)
    order = np.argsort(at)[: int(np.isfinite(at).sum())]
    chosen = [part[np.nanargmax(ulp[part])] for part in np.array_split(order, 200) if np.isfinite(ulp[part]).any()]
    bound = np.where((excess > 0) & np.isfinite(excess), ulp / excess, np.nan)
    return [(float(at[i]), float(ulp[i]), float(bound[i])) for i in chosen]


def _worst_by_region(
    wanted: Wanted, got: Array, want: Array, unit: Array, excess: Array, wrong: NDArray[np.bool_]
) -> list[tuple[str, Point]]:
    """The worst point of each region."""
    at = wide(wanted.x)
    regions = {
        "not finite": ~np.isfinite(got) | ~np.isfinite(want) | ~np.isfinite(at),
        "kink": wanted.at_kink,
        "subnormal": (np.abs(want) < smallest_normal(wanted.x.dtype)) & (want != 0),
        "middle": np.abs(at) <= 4,
        "tail": np.ones(at.shape, bool),
    }
    points, seen = [], np.zeros(at.shape, bool)
    for region, inside in regions.items():
        chosen = np.flatnonzero(wrong & inside & ~seen)
        seen |= inside
        if chosen.size:
            i = chosen[np.argmax(np.minimum(excess[chosen], 1e300))]
            finite = bool(np.isfinite(got[i]) and np.isfinite(want[i]))
            off = float(np.abs(got[i] - want[i]) / unit[i]) if finite else np.inf
            may = off / excess[i] if finite and excess[i] > 0 else 0.0
            points.append((region, Point(float(at[i]), float(got[i]), float(want[i]), off, float(may))))
    return points


def wide(x: NDArray[Any]) -> Array:
    """As float64."""
    with np.errstate(invalid="ignore"):  # bfloat16 has signalling NaNs
        return np.asarray(x.astype(np.float64))


def _unit(want: Array, dtype: Any) -> Array:
    """One ulp of what is wanted, rounded to the type: next to a power of 2 that is one of either side.

    At least the smallest normal number's, where accelerators flush smaller ones.
    """
    finite = np.where(np.isfinite(want), want, 1.0)
    with np.errstate(over="ignore"):
        rounded = wide(finite.astype(dtype))
    tiny = smallest_normal(dtype)
    size = ulp_size(np.where(np.isfinite(rounded), rounded, finite), dtype)
    return np.where(np.abs(finite) < tiny, tiny, size)
