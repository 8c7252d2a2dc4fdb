"""Every number of float32: all 2**32 patterns of bits, block by block, with a file from which a later run goes on.

The truth is acts in float64, as in `fast_oracle`. Most points are settled by their plain error: within an ulp hardly
any level finds fault. `Judge` has those that are left.
"""

import functools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import acts
from acts import Activation

from .conforms import check, policy_of, subjects
from .judge import Judge, wide
from .kernels import KernelError, kernel_of
from .levels import LEVELS, allowed, half_lost
from .properties import Subject
from .resuming import State, ctrl_c, identity
from .ulp import smallest_normal
from .verdicts import Point, Report, Verdict

SINGLE = np.dtype(np.float32)
PATTERNS = range(2**32)
BLOCK = 2**18
SAVED_EVERY = 10.0  # seconds
MEASURES = ("ulp", "conditioned")  # as in `acts.testing.accuracy`
Compute = Callable[[NDArray[Any]], NDArray[Any]]


class Stopped(KeyboardInterrupt):
    """Ctrl-C: what was found until then is in `report`, and in the file to resume from, if there is one."""

    def __init__(self, report: Report):
        super().__init__("stopped")
        self.report = report


def check_exhaustively(
    candidate: Any,
    function: "str | Activation",
    *,
    patterns: range = PATTERNS,
    resume: "str | Path | None" = None,
    progress: Callable[[int], Any] | None = None,
    **given: Any,
) -> Report:
    """`check` in float32, then value and gradient, with a cotangent of 1, at every number of float32, NaNs included.

    patterns: those to walk, as integers: range(0x3F800000, 0x40000000) is [1, 2), a step leaves some out. resume: a
    file that keeps what was found, every ten seconds and at Ctrl-C, which raises `Stopped`; a walk of anything else
    that it holds is a ValueError. progress: called with the number of patterns done. given: as for `check`.

    >>> import numpy as np
    >>> def relu(x):
    ...     return np.where(x == 1.5, 0, x.clip(0))
    >>> one_to_two = range(0x3F800000, 0x40000000, 0x1000)
    >>> print(check_exhaustively(relu, "relu", derivative=lambda x: (x > 0).astype(x.dtype), patterns=one_to_two))
    relu as relu at level framework: fail
    value, every number in float32: 1 of 2048 points fail
      middle: x = 1.5 (0x1.8000000000000p+0): got 0.0, wanted 1.5: 1.3e+07 ulp > 2 allowed
      framework: fail, ulp: fail, close: fail
    note: derivative at the kink 0: of the left
    note: value: worst 1.258e+07 ulp at x = 1.5 (0x1.8000000000000p+0), 1.258e+07 conditioned at x = 1.5 \
(0x1.8000000000000p+0); 0 finite x with a false NaN or infinity
    note: gradient: worst 0 ulp; 0 finite x with a false NaN or infinity
    reproduce: assert_conforms(relu, 'relu', level='framework')
    """
    function = acts.get(function) if isinstance(function, str) else function
    if function.kind != "elementwise":
        raise TypeError(f"{function.__name__} has two operands, and pairs of them are 2**64: give `check` a grid")
    report = check(candidate, function, **{"dtypes": ["float32"], **given})
    if any(verdict.name == "call" for verdict in report.verdicts):
        return report
    ways = {name: given.get(name) for name in ("derivative", "vjp", "params")}
    shape, level = given.get("shape"), given.get("level", "framework")
    trial = None if shape is None else np.zeros(shape, SINGLE)
    subject = subjects(kernel_of(candidate, function, trial=trial, **ways), function, SINGLE, shape)[0]
    judge = Judge(subject.function, level, policy_of(level, given.get("nonfinite")))
    walks = [_Walk(subject, judge, *quantity) for quantity in _quantities(subject)]
    state = None if resume is None else State(Path(resume), identity(candidate, subject, judge, patterns))
    try:
        done = _walk(walks, patterns, state, progress or (lambda done: None))
    except KernelError as error:
        report.verdicts.append(Verdict("call", SINGLE.name, subject.params, problem=str(error)))
        return report
    report.verdicts += [walk.conclusion() for walk in walks]
    if done < len(patterns):
        report.unchecked.append(f"float32: {len(patterns) - done} of {len(patterns)} numbers, since it was stopped")
        raise Stopped(report)
    return report


def _quantities(subject: Subject) -> Iterator[tuple[str, str, Compute]]:
    """Name, quantity and how the kernel computes it."""
    kernel = subject.kernel
    yield "value", "f", subject.value
    if kernel.derivative is not None:
        yield "gradient", "f'", functools.partial(_slope, subject, kernel.derivative)
    elif kernel.differentiates:
        yield "gradient", "grad", lambda x: subject.pull(x, np.ones_like(x))[0]


def _slope(subject: Subject, derivative: Callable[..., Any], x: NDArray[Any]) -> NDArray[Any]:
    library = subject.kernel.library
    got = subject.attempt("derivative", lambda: library.numpy(derivative(library.array(x), **subject.named())))
    return subject.compared("derivative", got, x)


@dataclass
class _Walk:
    """One quantity: how it is computed, what was found of it, and the points that the judge has yet to see."""

    subject: Subject
    judge: Judge
    name: str
    quantity: str
    compute: Compute
    worst: dict[str, tuple[float, float]] = field(default_factory=lambda: dict.fromkeys(MEASURES, (0.0, 0.0)))
    false: int = 0  # NaN or infinite where it should not be, or not where it should
    verdict: Verdict = field(init=False)
    pending: list[tuple[NDArray[Any], NDArray[Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.verdict = Verdict(f"{self.name}, every number", SINGLE.name, self.subject.params)
        self.levels = list(dict.fromkeys((self.judge.level, *LEVELS)))
        self.verdict.levels = dict.fromkeys(map(str, self.levels), True)
        one, zero = np.ones(1), np.zeros(1)
        ulp = float(allowed("ulp", self.judge.function, self.quantity, one.astype(SINGLE), zero, one, zero)[0])
        number = [level for level in self.levels if not isinstance(level, str)]
        self.least = max(0.501, min(1.0, ulp, *number))  # what every level allows
        self.scale = np.asarray(self.subject.wanted(self.quantity, np.ones(1, SINGLE)).scale)

    def conclusion(self) -> Verdict:
        """The verdict, with a note of the largest errors."""
        errors = [f"{ulp:.4g} {what} at x = {x!r} ({x.hex()})" for what, (ulp, x) in self.worst.items() if ulp]
        self.verdict.notes.append(
            f"{self.name}: worst {', '.join(errors) or '0 ulp'}; {self.false} finite x with a false NaN or infinity"
        )
        return self.verdict

    def block(self, x: NDArray[Any]) -> None:
        """Compute, measure, and put aside what is not right beyond doubt."""
        with np.errstate(all="ignore"):  # there are signalling NaNs
            self._measure(x, self.compute(x))
        if sum(part.size for part, _ in self.pending) >= BLOCK:
            self.settle()

    def _measure(self, x: NDArray[Any], exact: NDArray[Any]) -> None:
        at, got = wide(x), wide(exact)
        want = self.subject.reference(self.quantity, x)(at)
        unit = _units(want)
        error = np.abs(got - want) / unit
        same = (got == want) | (np.isnan(got) & np.isnan(want))
        rounded = want.astype(SINGLE)
        finite = np.isfinite(got) & np.isfinite(rounded)
        odd = np.flatnonzero(~finite & np.isfinite(at))
        self.false += int(np.sum(~((got[odd] == rounded[odd]) | np.isnan(got[odd]) & np.isnan(rounded[odd]))))
        self.verdict.points += x.size
        left = np.flatnonzero(~(same | (error <= self.least)))
        right = [
            error[left] * unit[left]
            <= allowed(level, self.judge.function, self.quantity, x[left], want[left], unit[left], self.scale)
            for level in self.levels
        ]
        left = left[~np.all([error[left] <= half_lost(SINGLE), *right], axis=0)]
        if left.size:
            self.pending.append((x[left], exact[left]))
        error[~finite | _flushed(got, want)] = 0
        self._note("ulp", error, x)
        error[left] = 0
        self._note("conditioned", error, x)  # which is at most as much

    def _note(self, what: str, errors: NDArray[Any], x: NDArray[Any]) -> None:
        i = int(np.argmax(errors))
        if errors[i] > self.worst[what][0]:
            self.worst[what] = float(errors[i]), float(x[i])

    def settle(self) -> None:
        """The judge's verdict on what is pending, added to that on all before."""
        if not self.pending:
            return
        x, got = (np.concatenate(parts) for parts in zip(*self.pending, strict=True))
        self.pending.clear()
        wanted, all_ = self.subject.wanted(self.quantity, x), self.verdict
        with np.errstate(all="ignore"):
            error = np.abs(wide(got) - wanted.truth) / wanted.unit
            counted = np.isfinite(error) & ~_flushed(wide(got), wanted.truth)
        self._note("conditioned", np.where(counted, error, 0), x)
        new = self.judge.verdict("", wanted, got, self.subject.params)
        for count in ("failing", "excused", "ignored"):
            setattr(all_, count, getattr(all_, count) + getattr(new, count))
        all_.levels = {level: ok and new.levels[level] for level, ok in all_.levels.items()}
        for region, point in new.worst.items():
            all_.worst[region] = max(all_.worst.get(region, point), point, key=lambda p: p.ulp)

    def as_dict(self) -> dict[str, Any]:
        """What a later run needs."""
        self.settle()
        return {"worst": self.worst, "false": self.false, "verdict": asdict(self.verdict)}

    def go_on(self, found: dict[str, Any]) -> None:
        """Take over what an earlier run found."""
        self.false, kept = found["false"], found["verdict"]
        self.worst = {what: (ulp, x) for what, (ulp, x) in found["worst"].items()}
        self.verdict = Verdict(**{**kept, "worst": {region: Point(**point) for region, point in kept["worst"].items()}})


def _units(want: NDArray[np.float64]) -> NDArray[np.float64]:
    """One ulp of float32, as the judge has it: at least the smallest normal number where those below are flushed."""
    tiny = smallest_normal(SINGLE)
    binade = (want.view(np.int64) & 0x7FF0000000000000).view(np.float64)
    return np.where(binade < tiny, tiny, binade * 2.0**-23)


def _flushed(got: NDArray[np.float64], want: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where nothing is left that accelerators keep."""
    found: NDArray[np.bool_] = np.maximum(np.abs(got), np.abs(want)) <= 2 * smallest_normal(SINGLE)
    return found


def _walk(walks: list[_Walk], patterns: range, state: State | None, progress: Callable[[int], Any]) -> int:
    """How many patterns were walked: all, unless Ctrl-C was pressed."""
    done = state.restore(walks) if state else 0
    block, saved = math.prod(walks[0].subject.shape or (1,)), time.monotonic()
    size = max(BLOCK // block, 1) * block
    with ctrl_c() as pressed:
        while done < len(patterns) and not pressed:
            progress(done)
            part = patterns[done : done + size]
            x = np.arange(part.start, part.stop, part.step, dtype=np.int64).astype(np.uint32).view(SINGLE)
            for walk in walks:
                walk.block(x)
            done += len(part)
            if state and time.monotonic() - saved >= SAVED_EVERY:
                state.save(walks, done)
                saved = time.monotonic()
        for walk in walks:
            walk.settle()
        if state:
            state.save(walks, done)
    progress(done)
    return done
