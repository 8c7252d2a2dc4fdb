"""python -m acts accuracy: measures how far acts, acts_jax and other frameworks are from the truth."""

import argparse
import contextlib
import dataclasses
import importlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import track
from rich.table import Table

import acts
from acts._json import plain
from acts.cli import chosen, elementwise
from acts.testing.accuracy import Truth, limit_failures, measure
from acts.testing.candidates import Candidate, CandidateError, from_acts, from_acts_jax
from acts.testing.grids import example_parameters, walk
from acts.testing.peers import PEERS, from_peer

LITERATURE = ("acts.literature", "acts_jax.literature")
TARGETS = ("acts", "acts_jax", *LITERATURE, *PEERS)
DTYPES = ("float16", "bfloat16", "float32", "float64")
FLUSHING = ("acts_jax", "acts_jax.literature", "jax.nn", "keras")  # XLA treats subnormal numbers as 0
SLOW = 100  # float64 is measured with hundreds of digits, at a hundredth of the points


@dataclass(frozen=True)
class Row:
    """What was measured of one quantity of one function in one type."""

    target: str
    function: str
    dtype: str
    quantity: str
    params: dict[str, float]
    ulp: float
    mean: float
    x: float
    scaled: float
    conditioned: float
    nans: int
    limits: int
    points: int


def accuracy(args: argparse.Namespace) -> int:
    """The command; its exit status is 0."""
    targets = chosen(args.target or ["acts"], TARGETS, "a target")
    usual = "float64" if LITERATURE[0] in targets else "float32"  # narrower types would be judged by acts itself
    dtypes = chosen((args.dtype or usual).split(","), DTYPES, "a type")
    kind = "literature" if any(target in LITERATURE for target in targets) else "elementwise"
    names = acts.names(kind) if args.only is None else [elementwise(n).__name__ for n in args.only.split(",")]
    if args.points < 1000:
        raise ValueError(f"--points {args.points}: a measurement needs 1000 points or more")
    if args.markdown == args.json == "-":
        raise ValueError("--markdown - and --json - would both be written to standard output; give one a file")
    for file in (args.markdown, args.json):
        if file not in (None, "-"):
            Path(file).open("a").close()  # can't be written: say so now
    for target in targets:
        importlib.import_module(PEERS.get(target, target.partition(".")[0]))
    work = [(name, dtype) for dtype in dtypes for name in names]
    rows: list[Row] = []
    for name, dtype in track(work, "measuring", console=Console(stderr=True), transient=True):
        rows += _measured(acts.get(name), dtype, targets, args.points)
    _show(rows, targets, Console(stderr="-" in (args.markdown, args.json), emoji=False))
    text = json.dumps(plain([dataclasses.asdict(row) for row in rows]), indent=1, allow_nan=False)
    command = f"{' '.join(targets)} --dtype {','.join(dtypes)} --points {args.points}"
    command += f" --only {args.only}" if args.only else ""
    for file, content in ((args.markdown, _markdown(rows, targets, dtypes, command)), (args.json, text)):
        if file == "-":
            print(content)
        elif file:
            Path(file).write_text(content + "\n", encoding="utf-8")
    return 0


def _measured(function: acts.Activation, dtype: str, targets: list[str], points: int) -> Iterator[Row]:
    truths: dict[tuple[Any, ...], list[Truth]] = {}
    for target in targets:
        found = _candidate(target, function)
        if found is None:
            continue
        candidate, params = found
        key = tuple(params.items())
        if key not in truths:
            truths[key] = _truths(function.bind(**params), dtype, points)
        for truth in truths[key]:
            yield from _rows(target, function, candidate, params, truth)


def _candidate(target: str, function: acts.Activation) -> tuple[Candidate, dict[str, Any]] | None:
    if target in PEERS:
        return from_peer(target, function)
    return (from_acts if target.partition(".")[0] == "acts" else from_acts_jax)(function), example_parameters(function)


def _truths(function: acts.Activation, dtype: str, points: int) -> list[Truth]:
    """The truth next to kinks, and not at them: there conventions differ."""
    quantities, kinks = ["f", "f'", "f''"], function.kinks_at()
    kind = importlib.import_module("ml_dtypes").bfloat16 if dtype == "bfloat16" else dtype
    x = walk(kind, points // SLOW if dtype == "float64" else points, kinks, 1 if dtype == "float64" else 64)
    x = x[~np.isin(x, np.array(kinks, x.dtype))]
    if dtype == "float64":
        return Truth.slow(function, x, quantities)
    return [Truth.fast(function, x, quantity) for quantity in quantities]


def _rows(
    target: str, function: acts.Activation, candidate: Candidate, params: dict[str, Any], truth: Truth
) -> Iterator[Row]:
    dtype = truth.x.dtype.name
    own = target in ("acts", "acts_jax", *LITERATURE)  # whose defaults are called as such: as constants, in JAX
    given = {k: v for k, v in params.items() if not own or v != function._defaults.get(k)}
    for quantity in [truth.quantity, "grad"] if truth.quantity == "f'" else [truth.quantity]:
        compute = candidate.quantity(quantity)
        if compute is None:
            continue
        flushes = target in FLUSHING and dtype != "float16"
        double = importlib.import_module("jax").enable_x64(True) if dtype == "float64" else contextlib.nullcontext()
        try:
            with double:
                found = measure(lambda x, f=compute: f(x, **given), truth, flushes)
                wrong = limit_failures(
                    lambda x, f=compute: f(x, **given), function.bind(**params), truth, target == "acts"
                )
        except CandidateError:  # it has no such derivative, or not in this type
            continue
        numbers = {k: v for k, v in dataclasses.asdict(found).items() if k != "everywhere"}
        yield Row(target, function.__name__, dtype, quantity, params, limits=wrong, **numbers)


def _show(rows: list[Row], targets: list[str], console: Console) -> None:
    for target in targets:
        table = Table(box=SIMPLE, pad_edge=False, title=f"{target} {_version(target)}", title_justify="left")
        table.add_column("function", no_wrap=True)
        table.add_column("type", no_wrap=True)
        table.add_column("order", no_wrap=True)
        for heading in ("ulp", "mean", "worst at", "NaN", "limits"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in rows:
            if row.target == target:
                numbers = (_number(row.ulp), _number(row.mean), f"{row.x:.4g}")
                table.add_row(row.function, row.dtype, row.quantity, *numbers, str(row.nans), str(row.limits))
        console.print(table)
    console.print(LEGEND, highlight=False)


LEGEND = (
    "ulp: the largest error in units of the last place, away from roots of the derivative measured, subnormal results "
    "and kinks; mean: the mean of these; NaN: NaN and false infinities at finite x; limits: wrong values at ±inf."
)


def _number(value: float) -> str:
    if value >= 1000:
        return "inf" if math.isinf(value) else f"{value:.0e}".replace("e+0", "e")
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


def _version(target: str) -> str:
    return acts.__version__ if target.startswith("acts") else version(PEERS[target])


def _markdown(rows: list[Row], targets: list[str], dtypes: list[str], command: str) -> str:
    """A summary of value and gradient in the first type, then everything, the targets side by side."""
    cells = {(r.target, r.function, r.dtype, r.quantity): r for r in rows}
    names = list(dict.fromkeys(row.function for row in rows))
    versions = ", ".join(f"{target} {_version(target)}" for target in targets)
    lines = [
        "# Accuracy",
        "",
        f"{versions}; NumPy {np.__version__}. Written by `python -m acts accuracy {command} --markdown FILE`.",
        "",
        LEGEND,
        "",
        f"## Summary: {dtypes[0]}, value / gradient, largest error in ulp",
        "",
        f"| function | {' | '.join(targets)} |",
        f"| --- |{' --- |' * len(targets)}",
    ]
    for name in names:
        pairs = [_pair(cells, target, name, dtypes[0]) for target in targets]
        lines.append(f"| `{name}` | {' | '.join(pairs)} |")
    for dtype in dtypes:
        lines += ["", f"## {dtype}: largest (mean) error", ""]
        lines += [f"| function | order | {' | '.join(targets)} |", f"| --- | --- |{' --- |' * len(targets)}"]
        for name in names:
            for quantity in ("f", "f'", "f''"):
                lines.append(
                    f"| `{name}` | {quantity} | {' | '.join(_cell(cells, t, name, dtype, quantity) for t in targets)} |"
                )
    return "\n".join(lines)


def _gradient(cells: dict[Any, Row], target: str, name: str, dtype: str) -> Row | None:
    """The derivative that a model is trained with: jax.grad's, where that is not the analytic one."""
    return cells.get((target, name, dtype, "grad")) or cells.get((target, name, dtype, "f'"))


def _pair(cells: dict[Any, Row], target: str, name: str, dtype: str) -> str:
    pair = (cells.get((target, name, dtype, "f")), _gradient(cells, target, name, dtype))
    return " / ".join(f"{_number(row.ulp)}{_flags(row)}" if row else "-" for row in pair) if any(pair) else "-"


def _flags(row: Row) -> str:
    return (", NaN" if row.nans else "") + (", ±inf" if row.limits else "")


def _cell(cells: dict[Any, Row], target: str, name: str, dtype: str, quantity: str) -> str:
    row = _gradient(cells, target, name, dtype) if quantity == "f'" else cells.get((target, name, dtype, quantity))
    if row is None:
        return "-"
    counts = (f"; {row.nans} NaN" if row.nans else "") + (f"; {row.limits} of 2 limits" if row.limits else "")
    return f"{_number(row.ulp)} ({_number(row.mean)}) at {row.x:.4g}{counts}" if row.ulp or counts else "0"
