"""How far an implementation is from the truth: the measurement behind every claim of accuracy.

Three measures of the same error, all in units of the last place (ulp):

- ulp: of the true value, wherever that is a normal number (2**24 smallest normals or more, in float16 one) and x is
  more than 1/16, and a 64th of it, away from a root, other than 0, of the quantity measured. The headline number.
- scaled: in max(ulp(true), ulp(M)), M the largest |true| over [-1, 1]: what an error does to a sum of gradients.
- conditioned: in max(ulp(true), |slope| ulp(x)): what the exact answer for a neighbouring x may differ by.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation

from .candidates import Compute, from_acts
from .ulp import beyond, conditioned_ulp, is_wave, largest, smallest_normal, typical_size, ulp_size

Array = NDArray[np.float64]


def fast_oracle(function: Activation, x: Any, quantity: str = "f", **params: Any) -> Any:
    """True values in float64, for millions of points; quantity: "f", "f'", "f''" or "df/d(parameter)".

    It is the NumPy core in float64, in formulas without cancellation: good enough to judge float32 and narrower, whose
    ulp is 2**29 times as large. How good, `Truth.slow` tells: `measure` it as any other.

    >>> import acts
    >>> float(fast_oracle(acts.silu, 0.0, "f'"))
    0.5
    """
    return _fast(function.bind(**params), quantity, x)


def _fast(function: Activation, quantity: str, x: Any) -> Any:
    return from_acts(function).computes[quantity](np.asarray(x, np.float64))


@dataclass(frozen=True)
class Truth:
    """True values at the numbers x of one type, as high + low, and the function of x in float64 that they belong to."""

    x: NDArray[Any]
    high: Array
    low: Array
    reference: Callable[[Any], Any]
    quantity: str = "f"
    kinks: tuple[float, ...] = ()

    @classmethod
    def fast(cls, function: Activation, x: NDArray[Any], quantity: str = "f", **params: Any) -> "Truth":
        """By `fast_oracle`: for types narrower than float64."""
        bound = function.bind(**params)
        reference = functools.partial(_fast, bound, quantity)
        high = reference(x)
        return cls(x, high, np.zeros_like(high), reference, quantity, bound.kinks_at())

    @classmethod
    def slow(cls, function: Activation, x: NDArray[Any], quantities: Sequence[str], **params: Any) -> "list[Truth]":
        """By `oracle`, with hundreds of digits: for any type, one point at a time. A Truth for each quantity."""
        from .definitions import oracle  # needs mpmath

        by_variable = {}
        for wrt in dict.fromkeys(variable(q)[0] for q in quantities):
            by_variable[wrt] = [list(oracle(function, at, x.dtype, wrt, **params)) for at in x]
        truths = []
        for quantity in quantities:
            wrt, order = variable(quantity)
            exact = [jet[order] for jet in by_variable[wrt]]
            high = np.array([float(value) for value in exact])
            low = [
                float(value - at) if np.isfinite(at) else 0.0 for value, at in zip(exact, high.tolist(), strict=True)
            ]
            bound = function.bind(**params)
            reference = functools.partial(_fast, bound, quantity)
            truths.append(cls(x, high, np.array(low), reference, quantity, bound.kinks_at()))
        return truths

    @functools.cached_property
    def scale(self) -> float:
        """M, the largest |true| over [-1, 1]."""
        return typical_size(self.reference, 2001)

    @functools.cached_property
    def roots(self) -> Array:
        """Where it is 0 with another sign on each side, or touches 0, in steps of 2**-9 on [-64, 64].

        Of a value only those that are not at 0, where it keeps its relative accuracy, and kinks: a knee such as
        -offset / slope is rounded itself. A derivative that touches 0 at 0 keeps its relative accuracy, too.
        """
        at = np.linspace(-64, 64, 2**16 + 1) + 2.0**-20  # beside the kinks
        y = np.asarray(self.reference(at))
        with np.errstate(invalid="ignore"):
            step = np.abs(np.diff(y, prepend=y[0], append=y[-1]))
            steep = step[1:-1] <= 2 * np.maximum(step[:-2], step[2:])  # as on both sides of it; a jump is no root
            small = (step[1:-1] < 0.01 * (1 + self.scale)) | steep
        changes = (np.sign(y[:-1]) * np.sign(y[1:]) < 0) & small
        size, away = np.abs(y), np.abs(at[:-1]) > 1 / 64
        beside = np.minimum(size[:-2], size[2:])
        touches = (size[1:-1] < beside) & (beside > 1e-9) & (size[1:-1] < 1e-4 * (1 + self.scale))
        found: Array = at[:-1][changes & (away | (self.quantity != "f")) | np.append(False, touches) & away]
        knees = [kink for kink in self.kinks if kink and abs(self.reference(kink)) < 1e-6]
        return np.append(found, knees) if self.quantity == "f" else found

    @functools.cached_property
    def conditioned(self) -> Array:
        """The unit of `conditioned`."""
        return conditioned_ulp(self.reference, self.x, self.high)

    @functools.cached_property
    def headline(self) -> NDArray[np.bool_]:
        """The points that `ulp` is measured at, of a wave those where its `roots` are known."""
        smallest = smallest_normal(self.x.dtype) * (1 if self.x.dtype.name == "float16" else 2.0**24)
        counted: NDArray[np.bool_] = (np.abs(self.high) >= smallest) & np.isfinite(self.high)
        x = self.x.astype(np.float64)
        if is_wave(self.reference):
            counted &= np.abs(x) <= 64
        for root in self.roots:
            counted &= np.abs(x - root) > max(1 / 16, abs(root) / 64)
        return counted


def limit_failures(compute: Compute, function: Activation, truth: Truth, signed: bool = True) -> int:
    """How many of the two limits at ±inf compute(x) misses by more than an ulp; where there is none, NaN is right.

    signed: a limit of 0 that is approached, not reached, must have the sign that the function has on the way.

    >>> import acts
    >>> x = np.zeros(1, np.float32)
    >>> limit_failures(lambda x: x / (1 + np.exp(-x)), acts.silu, Truth.fast(acts.silu, x))
    1
    """
    x = np.array([-np.inf, np.inf], truth.x.dtype)
    wrt, order = variable(truth.quantity)
    limits = np.array([jet[order] for jet in _at_infinity(function, x.dtype.name, wrt)])
    with np.errstate(all="ignore"):
        got = np.asarray(compute(x)).astype(np.float64)
    want = np.where(np.abs(limits) > largest(x.dtype), np.copysign(np.inf, limits), limits)
    with np.errstate(invalid="ignore"):
        near = (got == want) | (np.isnan(got) & np.isnan(want))
        near |= np.abs(got - want) <= ulp_size(np.where(np.isfinite(want), want, 1), x.dtype)
    on_the_way = np.array([_last(truth.reference(side * 2.0 ** np.arange(300))) for side in (-1, 1)])
    approached = (0 < np.abs(on_the_way)) & (np.abs(on_the_way) < 1e-20)
    sign = (np.signbit(got) == (on_the_way < 0)) | (want != 0) | ~approached
    return int(np.sum(~(near & (sign | (not signed)))))


@functools.lru_cache(maxsize=1024)  # several implementations are judged by the same limits
def _at_infinity(function: Activation, dtype: str, wrt: str) -> list[tuple[float, ...]]:
    """Value, first and second derivative at -inf and at inf, by the oracle."""
    from .definitions import oracle  # needs mpmath

    return [tuple(float(part) for part in oracle(function, at, dtype, wrt)) for at in (-np.inf, np.inf)]


def _last(values: Array) -> float:
    """The last value that is not 0, or 0."""
    return float(values[values != 0][-1]) if values.any() else 0.0


def variable(quantity: str) -> tuple[str, int]:
    """What a quantity is differentiated by, and how often: ("x", 2) for "f''".

    >>> variable("df/dalpha")
    ('alpha', 1)
    """
    if quantity.startswith("df/d"):
        return quantity.removeprefix("df/d"), 1
    return "x", quantity.count("'") if quantity != "grad" else 1


@dataclass(frozen=True)
class Accuracy:
    """What `measure` found; largest errors in ulp, inf where a value is NaN or infinite and should not be."""

    points: int
    ulp: float
    mean: float  # of the points of `ulp`
    x: float  # where `ulp` is largest, or `everywhere` if there is a NaN or a false infinity
    scaled: float
    conditioned: float
    everywhere: float  # plain ulp over all points, roots and subnormals included
    nans: int  # NaN and false infinities at finite x


def measure(compute: Compute, truth: Truth, flushes: bool = False) -> Accuracy:
    """The errors of compute(x) at truth.x, all finite numbers. Where the truth is NaN, nothing else is right.

    flushes: whether subnormal numbers count as 0, in x and in results, as XLA treats them. At such x only NaN counts,
    and the unit of an error is at least the smallest normal number where the true value is below it. Nor does
    more count `beyond` measure, far out on a wave. An infinity where the truth lies between the largest number and the
    middle to the next, which would be the right answer from there on, is wrong by its distance to that next one.

    >>> import acts
    >>> x = np.linspace(-20, 20, 1001).astype(np.float32)
    >>> found = measure(lambda x: 1 / (1 + np.exp(-x)), Truth.fast(acts.sigmoid, x))
    >>> 1 < found.ulp < 4
    True
    """
    x, dtype = truth.x, truth.x.dtype
    got = np.asarray(compute(x)).astype(np.float64)
    tiny = smallest_normal(dtype)
    unit = ulp_size(np.where(np.isfinite(truth.high), truth.high, 1), dtype)
    if flushes:
        unit = np.where(np.abs(truth.high) < tiny, tiny, unit)
        seen = (np.abs(x.astype(np.float64)) >= tiny) | (x == 0)
    else:
        seen = np.ones(x.shape, bool)
    seen &= ~beyond(truth.reference, x)
    with np.errstate(all="ignore"):
        error = np.abs((got - truth.high) - truth.low)
    last, spacing = largest(dtype), ulp_size(largest(dtype), dtype)
    overflow = np.abs(truth.high) - last >= spacing / 2
    infinite = got == np.copysign(np.inf, truth.high)
    error = np.where(overflow, np.where(infinite, 0, np.inf), error)
    early = infinite & ~overflow & (np.abs(truth.high) > last)
    error[early] = spacing - (np.abs(truth.high[early]) - last)
    undefined = np.isnan(truth.high)
    false = np.where(undefined, ~np.isnan(got), ~np.isfinite(got) & ~overflow & ~early)
    error = np.where(seen & ~(undefined & ~false), np.where(false, np.inf, error), 0)
    with np.errstate(over="ignore"):
        plain, counted = error / unit, truth.headline & seen
    headline = np.where(counted, plain, 0)
    nan = np.isnan(got) & ~undefined
    worst = np.argmax(nan if nan.any() else plain if np.any(false & seen) else headline)
    with np.errstate(over="ignore"):
        scaled = float(np.max(error / np.maximum(unit, ulp_size(truth.scale, dtype))))
        conditioned = float(np.max(error / np.maximum(unit, truth.conditioned)))
    return Accuracy(
        points=int(seen.sum()),
        ulp=float(headline.max()),
        mean=float(headline[counted].mean()) if counted.any() else 0.0,
        x=float(x[worst]),
        scaled=scaled,
        conditioned=conditioned,
        everywhere=float(plain.max()),
        nans=int(np.sum((false & seen) | nan)),
    )
