"""What the kit found: one verdict per property, and the report that a failing test prints."""

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from acts._json import plain

GROUPS = ("value", "gradient", "second", "parameters", "shapes")
"""Value and range; gradient; forward mode and second derivative; gradients of parameters and a gate's value; shapes."""
SHOWN = 4  # failures that are told in full


@dataclass(frozen=True)
class Point:
    """One place where a candidate is off: x, what it gave, what was wanted, how far that is in ulp."""

    x: float
    got: float
    want: float
    ulp: float
    allowed: float  # in ulp

    def __str__(self) -> str:
        return (
            f"x = {self.x!r} ({self.x.hex() if math.isfinite(self.x) else self.x}): got {self.got!r}, "
            f"wanted {self.want!r}: {_ulps(self.ulp)} ulp > {_ulps(self.allowed)} allowed"
        )


@dataclass
class Verdict:
    """One property of a candidate in one type: how far off it is at worst, by regions of x."""

    name: str  # "value", "gradient", "partial alpha", "shape (2, 3)", ...
    dtype: str
    params: dict[str, float]
    points: int = 0
    failing: int = 0
    worst: dict[str, Point] = field(default_factory=dict)  # by region: tail, middle, kink, subnormal, not finite
    excused: int = 0  # points where a framework's known defect allows anything
    ignored: int = 0  # points that the policy for what is not finite leaves out
    levels: dict[str, bool] = field(default_factory=dict)  # what each level says
    problem: str = ""  # a wrong type, an exception
    notes: list[str] = field(default_factory=list)
    curve: list[tuple[float, float, float]] = field(default_factory=list)  # x, ulp, ulp allowed: for a picture

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.failing and not self.problem

    @property
    def of_shape(self) -> bool:
        """Whether it is about another shape or other strides than those of the grid."""
        return any(word in self.name for word in ("shape ", "every other", "transposed"))

    @property
    def group(self) -> str:
        """What the property is part of: one of GROUPS."""
        if self.of_shape:
            return "shapes"
        starts = {"gradient of": "parameters", "gradient": "gradient", "derivative": "gradient", "never": "value"}
        second = {"forward mode": "second", "second": "second"}
        return next((group for start, group in {**starts, **second}.items() if self.name.startswith(start)), "value")

    def lines(self) -> list[str]:
        """What is to be said of a failure."""
        at = ", ".join(f"{name}={value:g}" for name, value in self.params.items())
        head = f"{self.name} in {self.dtype}" + (f" at {at}" if at else "")
        if self.problem:
            return [f"{head}: {self.problem}"]
        lines = [f"{head}: {self.failing} of {self.points} points fail"]
        lines += [f"  {region}: {point}" for region, point in self.worst.items()]
        if self.levels:
            lines.append("  " + ", ".join(f"{name}: {'pass' if ok else 'fail'}" for name, ok in self.levels.items()))
        return lines


@dataclass(repr=False)
class Report:
    """All verdicts on a candidate. Its text is the report, also where a session or a notebook shows it."""

    function: str
    candidate: str
    level: str
    verdicts: list[Verdict] = field(default_factory=list)
    diagnoses: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    reproduce: str = ""
    fixed: str = ""  # which parameters it does not take

    @property
    def failures(self) -> list[Verdict]:
        """The verdicts that are not good."""
        return [verdict for verdict in self.verdicts if not verdict.passed]

    @property
    def verdict(self) -> str:
        """ "pass", "fail", or "incomplete" where something could not be checked."""
        if self.failures:
            return "fail"
        return "incomplete" if self.unchecked or not self.verdicts else "pass"

    @property
    def passed(self) -> bool:
        """Whether everything was checked and is right."""
        return self.verdict == "pass"

    def part(self, group: str, dtype: str) -> "Report":
        """The verdicts of one group and type, and a failure of the kernel as a whole."""
        of_part = [v for v in self.verdicts if v.dtype == dtype and (v.group == group or v.name == "call")]
        unchecked = [text for text in self.unchecked if text.startswith((group, dtype))]
        return replace(self, verdicts=of_part, unchecked=unchecked)

    def __str__(self) -> str:
        lines = [f"{self.candidate} as {self.function} at level {self.level}: {self.verdict}"]
        lines += [f"diagnosis: {text}" for text in self.diagnoses]
        lines += [line for verdict in self.failures[:SHOWN] for line in verdict.lines()]
        others = [f"{verdict.name} in {verdict.dtype}" for verdict in self.failures[SHOWN:]]
        lines += [f"and {len(others)} more: {', '.join(dict.fromkeys(others))}"] if others else []
        lines += [f"not checked: {text}" for text in self.unchecked]
        excused = dict.fromkeys(
            "other shapes" if v.of_shape else v.name.partition(",")[0] for v in self.verdicts if v.excused
        )
        if excused:
            lines.append(f"a known defect of jax.nn or torch excuses points of: {', '.join(excused)}")
        notes = dict.fromkeys(note for verdict in self.verdicts for note in verdict.notes)
        lines += [f"note: {note}" for note in (*([self.fixed] if self.fixed else []), *notes)]
        if self.failures and self.reproduce:
            lines.append(f"reproduce: {self.reproduce}")
        return "\n".join(lines)

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """For JSON: infinities and NaN become the strings "inf", "-inf" and "nan"."""
        found = {"verdict": self.verdict, **plain(asdict(self))}
        for verdict in found["verdicts"]:
            del verdict["curve"]
        return found


def _ulps(value: float) -> str:
    return f"{value:.3g}" if value < 1e4 else f"{value:.1e}"
