"""What needs no reference: a limit that is not passed, steps that go one way."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .judge import Judge, wide
from .properties import Subject
from .ulp import smallest_normal
from .verdicts import Verdict


def invariants(subject: Subject, judge: Judge) -> list[Verdict]:
    """What holds without a tolerance: a limit that is the least or largest value is not passed.

    At the level ulp a function that only rises or only falls does so in every step from one 16-bit number to the next.
    """
    if subject.gated:
        return []
    x = np.sort(subject.x[np.isfinite(wide(subject.x))])
    got, want = wide(subject.value(x)), np.asarray(subject.reference("f", x)(wide(x)), np.float64)
    ends = subject.function(np.array([-np.inf, np.inf]))
    with np.errstate(all="ignore"):
        low, high = (wide(np.asarray(end).astype(x.dtype)) for end in (want.min(), want.max()))
        flushed = np.where(np.abs(got) < smallest_normal(x.dtype), 0, got)
        steps, true_steps = np.diff(flushed, prepend=flushed[:1]), np.diff(want)
        strict = judge.level == "ulp" and x.dtype.itemsize == 2
        rules = {
            f"never below {want.min():g}": (np.isfinite(low) and want.min() in ends, low - got),
            f"never above {want.max():g}": (np.isfinite(high) and want.max() in ends, got - high),
            "never falls": (strict and np.all(true_steps >= 0), -steps),
            "never rises": (strict and np.all(true_steps <= 0), steps),
        }
    return [_rule(subject, x, name, got, off) for name, (holds, off) in rules.items() if holds]


def _rule(subject: Subject, x: NDArray[Any], name: str, got: NDArray[Any], off: NDArray[Any]) -> Verdict:
    verdict = Verdict(name, x.dtype.name, subject.params, points=x.size, failing=int((off > 0).sum()))
    if verdict.failing:
        i = int(np.nanargmax(off))
        verdict.problem = f"at x = {float(x[i])!r} it is {float(got[i])!r}, off by {off[i]:.3g}"
    return verdict
