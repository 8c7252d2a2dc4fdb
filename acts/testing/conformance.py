"""The main job: a candidate against the NumPy core, and its derivatives against finite differences of its values."""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation
from acts._json import plain

from .bounds import only_scaled
from .candidates import Candidate
from .differences import differences
from .grids import example_parameters, grid
from .ulp import conditioned_ulp, scaled_error, typical_size, ulp_size

BOUNDS = {"f": 16.0, "f'": 16.0, "f''": 32.0, "partial": 32.0, "grad": 16.0}
"""What two right implementations may differ by, in conditioned ulp."""


@dataclass
class Finding:
    """One comparison: its largest error as a multiple of what is allowed, and where that was."""

    quantity: str  # f, f', f'', grad or df/d(parameter)
    against: str  # "acts" or "differences"
    dtype: str
    error: float  # in conditioned ulp against acts; as a share of the bound against differences
    allowed: float
    x: float
    got: float
    want: float
    points: int
    failing: int  # of those points
    untested: int = 0  # points where differences can't tell: their own bound exceeds 1e-6 max(1, |f'|)

    @property
    def passed(self) -> bool:
        """Whether the error is within what is allowed."""
        return self.error <= self.allowed


@dataclass
class Comparison:
    """All findings on one function."""

    function: str
    candidate: str
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every finding passed; a report without any has not."""
        return bool(self.findings) and all(f.passed for f in self.findings)

    def worst(self, dtype: str = "", against: str = "") -> Finding | None:
        """The finding, of one type and one kind or of all, that is nearest to what is allowed, or furthest beyond."""
        chosen = [f for f in self.findings if dtype in ("", f.dtype) and against in ("", f.against)]
        return max(chosen, key=lambda f: f.error / f.allowed, default=None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: infinities and NaN become the strings "inf", "-inf" and "nan"."""
        findings = [{**asdict(f), "passed": f.passed} for f in self.findings]
        found: dict[str, Any] = plain({**asdict(self), "findings": findings, "passed": self.passed})
        return found


def compare(candidate: Candidate, function: Activation, count: int = 4000) -> Comparison:
    """Compare a candidate with a function of acts in float32 and float64, and with finite differences in float64.

    Against acts, the error is in conditioned ulp: |got - want| over the larger of one ulp of the wanted value and
    the change that one ulp of x makes in it. That is about what the exact answer for a neighbouring x would differ by,
    so a steep tail or a root of a derivative accuses nobody, and a lost digit shows. Where the wanted value is below
    the smallest normal number the unit is that number, since accelerators flush smaller ones. "grad", reverse mode
    through the default rule, may keep the output, which tells less of the tails: it is held to the ulp of the largest
    |f'| on [-1, 1], the analytic "f'" to its own.
    """
    params = example_parameters(function)
    report = Comparison(function.__name__, candidate.name)
    with _double_precision():
        for dtype in (np.dtype(np.float32), np.dtype(np.float64)):
            x = grid(dtype, function.kinks_at(**params), count)
            for quantity, reference in quantities(function, params):
                compute = candidate.quantity(quantity)
                if compute is not None:
                    allowed = BOUNDS.get(quantity, BOUNDS["partial"])
                    report.findings.append(
                        _against_acts(quantity, compute, reference, x, params, allowed, candidate, function)
                    )
        report.findings += differences(candidate, function, params, count)
    missing = [q for q, _ in quantities(function, params) if q != "grad" and candidate.quantity(q) is None]
    if missing:
        at = ", ".join(f"{name}={value:.6g}" for name, value in params.items())
        candidate.note(f"not checked: {', '.join(missing)}" + (f"; all else at {at} alone" if at else ""))
    report.notes += candidate.notes
    return report


def _double_precision() -> AbstractContextManager[Any]:
    """Within, JAX computes in float64, if anything has imported it."""
    jax = sys.modules.get("jax")
    return jax.enable_x64(True) if jax else nullcontext()


def quantities(function: Activation, params: dict[str, Any]) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """The name and the reference of everything that is checked of a function."""
    bound = function.bind(**params)
    yield "f", bound
    yield "f'", bound.derivative
    yield "grad", bound.derivative
    yield "f''", bound.second_derivative
    for name in function.params:
        yield f"df/d{name}", functools.partial(bound.partial, name)


def _against_acts(
    quantity: str,
    compute: Callable[..., Any],
    reference: Callable[[Any], Any],
    x: NDArray[Any],
    params: dict[str, Any],
    allowed: float,
    candidate: Candidate,
    function: Activation,
) -> Finding:
    if quantity == "f":  # NaN in, NaN out; many a right derivative has another opinion of NaN
        x = np.append(x, np.asarray(np.nan, x.dtype))
    got, want = compute(x, **params), reference(x)
    if got.dtype != x.dtype:
        candidate.note(f"{quantity} of {x.dtype} came back as {got.dtype}")
    got, want = got.astype(np.float64), want.astype(np.float64)
    unit = conditioned_ulp(reference, x, want)
    if only_scaled(function.__name__, quantity):
        unit = np.maximum(unit, ulp_size(typical_size(reference), x.dtype))
    error = scaled_error(got, want, unit)
    if not candidate.strict:
        error = np.where(_between_sides(got, reference, x, function.kinks_at(**params), allowed), 0.0, error)
    worst = int(np.argmax(error))
    return Finding(
        quantity,
        "acts",
        x.dtype.name,
        error=float(error[worst]),
        allowed=allowed,
        x=float(x[worst]),
        got=float(got[worst]),
        want=float(want[worst]),
        points=x.size,
        failing=int(np.sum(error > allowed)),
    )


def _between_sides(
    got: NDArray[Any], reference: Callable[[Any], Any], x: NDArray[Any], kinks: tuple[float, ...], allowed: float
) -> NDArray[np.bool_]:
    """Where x is a kink and got lies between the values on its two sides: any such convention is right."""
    with np.errstate(all="ignore"):
        left = reference(np.nextafter(x, -np.inf, dtype=x.dtype)).astype(np.float64)
        right = reference(np.nextafter(x, np.inf, dtype=x.dtype)).astype(np.float64)
        slack = allowed * ulp_size(np.maximum(np.abs(left), np.abs(right)), x.dtype)
        inside = (np.minimum(left, right) - slack <= got) & (got <= np.maximum(left, right) + slack)
    at_kink: NDArray[np.bool_] = np.isin(x, np.asarray(kinks, x.dtype)) & inside
    return at_kink
