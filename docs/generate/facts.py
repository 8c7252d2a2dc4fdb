"""What a page tells of a function in numbers: kinks, limits, range, a Gaussian's image, measured errors."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import acts
from acts.testing.grids import example_parameters

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
QUANTITIES = ("f", "f'", "f''")


def number(value: Any, digits: int = 7) -> str:
    """A number as a page shows it: no -0 for 0, ∞ for inf, 0 for what an exponential leaves far out.

    >>> number(-0.0), number(-np.inf), number(0.1 + 0.2), number(np.nan)
    ('0', '-∞', '0.3', 'none')
    """
    if np.isnan(value):
        return "none"
    return f"{0 if abs(value) < 1e-100 else value:.{digits}g}".replace("inf", "∞")


def settings(f: acts.Activation) -> str:
    """The parameters that figures and numbers are for, as keywords; empty if there are none."""
    return ", ".join(f"{name}={value:g}" for name, value in example_parameters(f).items())


def kinks(f: acts.Activation) -> list[tuple[str, ...]]:
    """For each kink: as it is written, where it is, the value, and the slopes to the left, at it and to the right."""
    params = example_parameters(f)
    rows = []
    for written, at in zip(f.kinks, f.kinks_at(**params), strict=False):
        around = np.array([np.nextafter(at, -np.inf), at, np.nextafter(at, np.inf)])
        slopes = np.round(f.derivative(around, **params), 6)
        rows.append((f"`{written}`", number(at), number(f(at, **params)), *map(number, slopes)))
    return rows


def limits(f: acts.Activation) -> list[tuple[str, str, str]]:
    """f, f' and f'' with their limits at -∞ and ∞; none where a wave has no limit."""
    params, ends = example_parameters(f), np.array([-np.inf, np.inf])
    rules = (f, f.derivative, f.second_derivative)
    return [(name, *map(number, rule(ends, **params))) for name, rule in zip(QUANTITIES, rules, strict=True)]


def range_of(f: acts.Activation) -> str:
    """The values that it takes, as an interval; in brackets those ends that are taken.

    >>> range_of(acts.gelu), range_of(acts.sigmoid), range_of(acts.relu6)
    ('[-0.1699712, ∞)', '(0, 1)', '[0, 6]')
    """
    params = example_parameters(f)
    low = _smallest(lambda x: f(x, **params), f.kinks_at(**params))
    high = _smallest(lambda x: -f(x, **params), f.kinks_at(**params))
    return f"{'[' if low[1] else '('}{number(low[0])}, {number(-high[0])}{']' if high[1] else ')'}"


def _smallest(f: Any, at: tuple[float, ...]) -> tuple[float, bool]:
    """The smallest value, and whether it is taken: looked for on a grid that is refined about its lowest point."""
    far = np.geomspace(1e-3, 1e4, 4001)
    x = np.unique(np.concatenate([-far, np.linspace(-8, 8, 8001), far, at]))
    y = f(x)
    limit = np.nanmin([*f(np.array([-np.inf, np.inf])), y[0], y[-1]])
    lowest = int(np.nanargmin(y))
    if -np.inf in (limit, y[lowest]) or (lowest in (0, x.size - 1) and abs(y[lowest]) > 1e3):
        return -np.inf, False
    if y[lowest] >= limit:
        return float(limit), _reached(y, limit)
    left, right = x[max(lowest - 1, 0)], x[min(lowest + 1, x.size - 1)]
    for _ in range(12):
        near = np.append(np.linspace(left, right, 101), x[lowest])
        best = near[np.nanargmin(f(near))]
        left, right = best - (right - left) / 50, best + (right - left) / 50
    return float(f(best)), True


def _reached(y: Any, value: float) -> bool:
    """Whether these values, in the order of x, step to that one; else they tend to it, and are rounded to it."""
    there = np.isclose(y, value, rtol=1e-15, atol=0)
    edges = np.flatnonzero(there[1:] != there[:-1])
    return bool(np.any(np.abs(y[edges + 1] - y[edges]) > 1e-12))


def gaussian(f: acts.Activation) -> tuple[str, str, str] | None:
    """Mean and standard deviation of f of a standard normal variable, and the gain; None where there are none."""
    bound = f.bind(**example_parameters(f))
    try:
        mean, std = acts.moments(bound)
    except ValueError:  # log1mexp and softplus_inverse live on x > 0
        return None
    return tuple(f"{value + 0:.4f}".replace("-0.0000", "0.0000") for value in (mean, std, acts.gain(bound)))  # type: ignore[return-value]


def measured() -> Mapping[str, list[tuple[str, ...]]]:
    """Of each function, the lines of benchmarks/results/accuracy.md: type, quantity, a cell per library."""
    text = (RESULTS / "accuracy.md").read_text(encoding="utf-8")
    found: dict[str, list[tuple[str, ...]]] = {}
    for dtype, table in re.findall(r"^## (\w+): largest \(mean\) error\n(.*?)(?=^## |\Z)", text, flags=re.M | re.S):
        for line in re.findall(r"^\| `(\w+)` \| (.*) \|$", table, flags=re.M):
            found.setdefault(line[0], []).append((dtype, *line[1].split(" | ")))
    return found


def libraries() -> list[str]:
    """The columns of that table."""
    text = (RESULTS / "accuracy.md").read_text(encoding="utf-8")
    header = re.search(r"^\| function \| (?!quantity|\W)(.*) \|$", text, flags=re.M)
    assert header is not None, "benchmarks/results/accuracy.md has no summary"
    return header[1].split(" | ")
