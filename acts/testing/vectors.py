"""Test vectors: points, the exact answers there, and what else is right; for kernels that can use nothing but files.

Every number is found by mpmath with hundreds of digits and rounded once, by rules that are written out here, so that
each file is the same, byte by byte, on any machine.
"""

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

import acts
from acts import Activation
from acts._arguments import hint
from acts._dtypes import ALLOWED

from .accuracy import variable
from .definitions import DIGITS, oracle
from .grids import example_parameters
from .levels import allowed
from .ulp import digits_of, dtype_named, largest, smallest_normal, ulp_size

VALUES = (0.75, -3.0, 10.0, -0.0625, 1.5, -10.0)  # of a gate's second operand, in turn: each type has them
WAVE = 64.0  # of a function without a limit no larger |x| is asked for
KEYS = {"f": "f", "f'": "df", "f''": "d2f"}


@dataclass(frozen=True)
class Cases:
    """Points of a function in one type, with the exact answers.

    arrays: of one length and of the type. "x", for a gate "value", and for each quantity the exact result, rounded, and
    the least and the largest that are right: "f", "f_low", "f_high", the same for "df", "d2f", and "df_dalpha" of a
    parameter alpha. bounds: the error in ulp that low and high allow, by quantity.
    """

    function: str
    definition: str
    dtype: str
    params: dict[str, float]
    bounds: dict[str, float]
    arrays: dict[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self.arrays:
            raise KeyError(f"{self.function} has no {name!r}{hint(name, self.arrays)}")
        return self.arrays[name]

    def __len__(self) -> int:
        return len(self.arrays["x"])

    def wrong(self, name: str, got: Any) -> NDArray[np.bool_]:
        """Where `got`, of the quantity of that name, is not between low and high; NaN is right for NaN alone."""
        y = np.asarray(got)
        low, high = self[f"{name}_low"], self[f"{name}_high"]
        if (y.shape, y.dtype) != (low.shape, low.dtype):
            raise ValueError(f"{name} has shape {y.shape} and type {y.dtype}; wanted: {low.shape} and {low.dtype}")
        with np.errstate(invalid="ignore"):  # bfloat16 warns of a comparison with NaN
            right: NDArray[np.bool_] = (low <= y) & (y <= high) | (np.isnan(low) & np.isnan(y))
        return ~right


def cases(name: str | Activation, dtype: Any = "float32", **params: float) -> Cases:
    """Test vectors of a function of one array or of a gate, at its example parameters or those given. Needs mpmath.

    The points: both zeros, the ends of the type, NaN and infinities, every kink with its neighbours, roots of f, f' and
    f'' (the two numbers beside each), where f, f' and f'' reach their limits (in a tail, the last number before 0),
    and every order of magnitude. A subnormal x may be taken for 0, a subnormal result be given as 0; at a kink all
    between the two sides is right. The bounds are those of acts_jax in `acts.testing.bounds`.

    >>> import numpy as np
    >>> from acts.testing import cases
    >>> case = cases("relu", "float32")
    >>> case["x"][np.flatnonzero(case.wrong("f", np.abs(case["x"])))[0]]
    np.float32(-inf)
    >>> case.wrong("f", np.maximum(case["x"], 0)).any()
    np.False_
    """
    f = acts.get(name) if isinstance(name, str) else name
    if not isinstance(f, Activation):
        raise TypeError(f"{f.__name__} is a function of rows; vectors are of functions of one array and of gates")
    gated = f.kind == "gated"
    examples = {k: v for k, v in example_parameters(f).items() if not (gated and k == "value")}
    exact = _Exact(f.bind(**{**examples, **params}), _type(dtype), gated)
    x = [at for at in (*sorted(_points(exact)), -0.0, np.nan) if exact.poles.isdisjoint((at, *_sides(exact, at)))]
    given = {k: float(v) for k, v in {**examples, **params}.items()}
    arrays = {"x": exact.array(x)}
    values = (
        [exact.round(mpf(v)) for v, _ in zip(itertools.cycle(VALUES), x, strict=False)] if gated else [0.0] * len(x)
    )
    if gated:
        arrays["value"] = exact.array(values)
    bounds = {}
    for quantity in ("f", "f'", "f''", *(f"df/d{param}" for param in f.params)):
        key = KEYS.get(quantity) or quantity.replace("/", "_")
        bounds[key], arrays[key], arrays[f"{key}_low"], arrays[f"{key}_high"] = _answers(exact, quantity, x, values)
    return Cases(f.__name__, f.definition, exact.dtype.name, given, bounds, arrays)


def _type(dtype: Any) -> np.dtype[Any]:
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    if name not in ALLOWED:
        raise TypeError(f"no vectors in {name!r}{hint(name, ALLOWED)}; allowed: {', '.join(ALLOWED)}")
    return dtype_named(name)


class _Exact:
    """A function in a type: its exact quantities, and exact rounding. Numbers of the type are Python's floats."""

    def __init__(self, function: Activation, dtype: np.dtype[Any], gated: bool) -> None:
        self.function, self.dtype, self.gated = function, dtype, gated
        self.range = dtype.name if dtype.name in DIGITS else "float16"
        self.bits = np.dtype(f"u{dtype.itemsize}")
        self.top, self.tiny = largest(dtype), smallest_normal(dtype)
        self.kinks = [self.round(mpf(kink)) for kink in function.kinks_at(**({"value": VALUES[0]} if gated else {}))]
        self.poles: set[float] = set()  # where a division by zero was met: these points are left out
        self.jet = functools.lru_cache(maxsize=None)(self._jet)

    def _jet(self, x: float, value: float, wrt: str) -> tuple[Any, ...]:
        given = {"value": value} if self.gated else {}
        try:
            return tuple(oracle(self.function, x, self.range, wrt, **given))
        except ZeroDivisionError:
            self.poles.add(x)
            return (mpmath.nan,) * 3

    def at(self, quantity: str, x: float, value: float = VALUES[0]) -> Any:
        """The quantity, of mpmath."""
        wrt, order = variable(quantity)
        return self.jet(x, value, wrt)[order]

    def array(self, numbers: list[float]) -> NDArray[Any]:
        return np.array(numbers, np.float64).astype(self.dtype)

    def number(self, index: int) -> float:
        """The number that is so many steps from 0."""
        found = float(np.array(abs(index), self.bits).view(self.dtype))
        return -found if index < 0 else found

    def index(self, x: float) -> int:
        found = int(np.array(abs(x)).astype(self.dtype).view(self.bits))
        return -found if x < 0 else found

    def round(self, y: Any, to: Callable[[Any], Any] = mpmath.nint, dtype: Any = None) -> float:
        """The number of the type next to y: to even, or by mpmath's floor or ceil. Beyond the largest inf, or NaN."""
        dtype = dtype or self.dtype
        digits, lowest = digits_of(dtype)
        top = largest(dtype)
        if mpmath.isnan(y) or y == 0:
            return float(y)
        if abs(y) >= top + mpf(ulp_size(top, dtype).item()) / 2:
            return float(np.array(float(mpmath.sign(y)) * np.inf).astype(dtype))
        if abs(y) > top:
            return float(mpmath.sign(y)) * top
        step = max(mpmath.frexp(y)[1] - 1, lowest) - (digits - 1)
        return float(mpmath.ldexp(to(mpmath.ldexp(y, -step)), step))


def _points(exact: _Exact) -> set[float]:
    """Where it is asked, NaN apart."""
    dtype = exact.dtype
    with mp.workdps(DIGITS[exact.range]):
        if dtype.itemsize == 1:
            numbers = np.arange(256, dtype=np.uint8).view(dtype).astype(np.float64)
            return set(numbers[~np.isnan(numbers)].tolist())
        _, lowest = digits_of(dtype)
        line = [k / 4 for k in range(-44, 45)]
        powers = [1.375 * 2.0**k for k in range(lowest, -lowest, max(1, -lowest // 24))]
        sizes = [exact.number(1), exact.tiny - exact.number(1), exact.tiny, exact.top, np.inf, *powers]
        found = {0.0, *line, *sizes, *(-x for x in sizes)}
        for kink in exact.kinks:
            found |= {exact.number(exact.index(kink) + step) for step in (-1, 0, 1)}
        for quantity in KEYS:
            found.update(_beside_roots(exact, quantity, line))
            for side in (-1, 1):
                found.update(_edge(exact, quantity, side))
        waves = [
            s for s in (-1, 1) if mpmath.isnan(exact.at("f", s * np.inf)) and not mpmath.isnan(exact.at("f", s * 9.0))
        ]
        return {x for x in found if not any(np.isfinite(x) and x * side > WAVE for side in waves)}


def _beside_roots(exact: _Exact, quantity: str, line: list[float]) -> Iterator[float]:
    """The numbers on both sides of a change of sign, with |x| <= 8."""
    for a, b in itertools.pairwise(x for x in line if abs(x) <= 8):
        left, right = (exact.at(quantity, x) for x in (a, b))
        if left * right < 0:
            high = _first(functools.partial(_opposite, exact, quantity, left), exact.index(a), exact.index(b))
            yield from (exact.number(high - 1), exact.number(high))


def _opposite(exact: _Exact, quantity: str, sign: Any, index: int) -> bool:
    return bool(exact.at(quantity, exact.number(index)) * sign <= 0)


def _edge(exact: _Exact, quantity: str, side: int) -> Iterator[float]:
    """Where the rounded quantity reaches its limit at side * inf, the number before, and eighths of the way there."""
    limit = exact.round(exact.at(quantity, side * np.inf))

    def settled(index: int) -> bool:
        return exact.round(exact.at(quantity, exact.number(side * index))) == limit

    last = exact.index(exact.top)
    start = next((index for index in (exact.index(1.0), 0) if not settled(index)), None)  # many have a root at 0
    if start is None or not settled(last):
        return
    edge = _first(settled, start, last)
    yield from (exact.number(side * (edge + step)) for step in (-1, 0))
    yield from (exact.round(mpf(exact.number(side * edge)) * k / 8) for k in range(1, 8))


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The first index in (low, high] where it holds, if it goes on to hold; at `high` it does, at `low` not."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _answers(exact: _Exact, quantity: str, x: list[float], values: list[float]) -> tuple[float, Any, Any, Any]:
    """The bound in ulp, the exact answers, and the least and the largest right ones."""
    nan = mpf("nan")
    with mp.workdps(DIGITS[exact.range]):
        truth = [exact.at(quantity, at, v) if at == at else nan for at, v in zip(x, values, strict=True)]
        right = [
            [y for y in (t, *(exact.at(quantity, beside, v) for beside in _sides(exact, at))) if not mpmath.isnan(y)]
            for t, at, v in zip(truth, x, values, strict=True)
        ]
        want = np.array([exact.round(max(all_, key=abs, default=nan), dtype="float64") for all_ in right])
        unit = ulp_size(np.where(np.isfinite(want), want, 1.0), exact.dtype)
        unit = np.maximum(unit, [_change(exact, quantity, *at) for at in zip(x, values, truth, strict=True)])
        small = np.abs(want) <= 2 * exact.tiny  # accelerators take subnormal numbers for 0
        unit = np.where(small, np.maximum(unit, exact.tiny), unit)
        in_ulp, slack = (
            allowed("ulp", exact.function, quantity, exact.array(x), want, one, np.zeros_like(unit))
            for one in (np.ones_like(unit), unit)
        )
        slack = np.where(small, np.maximum(slack, exact.tiny), slack)
        nearest, low, high = ([exact.round(t) for t in truth] for _ in range(3))
        for i, (all_, off) in enumerate(zip(right, slack.tolist(), strict=True)):
            if not np.isnan(nearest[i]):
                low[i] = np.fmin(exact.round(min(all_) - off, mpmath.ceil), nearest[i])
                high[i] = np.fmax(exact.round(max(all_) + off, mpmath.floor), nearest[i])
        return float(in_ulp[0]), exact.array(nearest), exact.array(low), exact.array(high)


def _sides(exact: _Exact, x: float) -> list[float]:
    """The numbers whose answers are right at x, too: at a kink its neighbours, for a subnormal x those around 0."""
    if abs(x) < exact.tiny:
        return [-exact.tiny, 0.0, exact.tiny]
    if np.isfinite(x) and x in exact.kinks:
        return [exact.number(exact.index(x) + step) for step in (-1, 1)]
    return []


def _change(exact: _Exact, quantity: str, x: float, value: float, truth: Any) -> float:
    """What one ulp of x makes in the quantity; 0 at a kink and where it has none. It steps outwards, if to no kink."""
    if not np.isfinite(x) or x in exact.kinks or mpmath.isnan(truth):
        return 0.0
    step = 1 if x >= 0 else -1
    beside = [exact.number(exact.index(x) + s) for s in (step, -step)]
    chosen = next((b for b in beside if np.isfinite(b) and b not in exact.kinks), None)
    change = mpf(0) if chosen is None else abs(exact.at(quantity, chosen, value) - truth)
    return 0.0 if mpmath.isnan(change) else exact.round(change, dtype="float64")
