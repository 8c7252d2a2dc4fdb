"""python -m acts check: acts and its mirror against each other and finite differences; other functions by the kit."""

import argparse
import functools
import importlib.util
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import track
from rich.table import Table

import acts
from acts._arguments import hint
from acts.cli import elementwise
from acts.testing.candidates import Candidate, CandidateError, from_acts, from_acts_jax
from acts.testing.conformance import Comparison, Finding, compare

CAPTION = "f32, f64: conditioned ulp against acts; diff.: share of the differences' bound"
PACKAGES: dict[str, Callable[[acts.Activation], Candidate]] = {"acts": from_acts, "acts_jax": from_acts_jax}


def check(args: argparse.Namespace) -> int:
    """The command; its exit status is 0 if all pass, 1 if one fails, 3 if something could not be checked."""
    if args.target not in [[package] for package in PACKAGES]:
        return _others(args)
    if args.points < 100:
        raise ValueError(f"--points {args.points}: a grid needs 100 points or more")
    pairs = _pairs(args)
    _double_precision(needed=args.target == ["acts_jax"])
    if args.json not in (None, "-"):
        Path(args.json).open("a").close()  # can't be written: say so now
    progress = Console(stderr=True)
    try:
        reports = [
            compare(candidate(), function, args.points)
            for candidate, function in track(pairs, "checking", console=progress, transient=True)
        ]
    except CandidateError as error:
        print(f"acts: FAIL: {error}", file=sys.stderr)
        return 1
    out = Console(stderr=args.json == "-", emoji=False)
    _show(reports, out)
    if args.json:
        text = json.dumps([report.as_dict() for report in reports], indent=1, allow_nan=False)
        sys.stdout.write(text + "\n") if args.json == "-" else Path(args.json).write_text(text + "\n")
    return 0 if all(report.passed for report in reports) else 1


def _others(args: argparse.Namespace) -> int:
    from .kernels import check_kernels

    target = args.target[0]
    if ":" not in target and not _importable(target):
        raise LookupError(
            f"{target!r} can't be checked{hint(target, PACKAGES)}; a function of your own is written "
            "package.module:function or file.py:function, a namespace package.module"
        )
    return check_kernels(args)


def _importable(name: str) -> bool:
    try:
        sys.path.insert(0, "")
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _pairs(args: argparse.Namespace) -> list[tuple[Callable[[], Candidate], acts.Activation]]:
    given = (args.reference, args.derivative, args.html, args.params, args.dtypes, args.exhaustive, args.resume)
    if any(given) or args.level != "framework":
        raise ValueError(
            "--as, --derivative, --params, --dtypes, --level, --exhaustive and --html are for a function of your own, "
            "written package.module:function"
        )
    names = acts.names() if args.only is None else [n for n in args.only.replace(" ", "").split(",") if n]
    if not names:
        raise ValueError(f"--only {args.only!r} names no function; write --only elu,gelu")
    functions = [elementwise(name) for name in names]
    return [(functools.partial(PACKAGES[args.target[0]], f), f) for f in functions]


def _double_precision(needed: bool) -> None:
    try:
        import jax
    except ModuleNotFoundError:
        if needed:
            raise
    else:
        jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]


def _show(reports: list[Comparison], console: Console) -> None:
    table = Table(box=SIMPLE, pad_edge=False, caption=CAPTION)
    table.add_column("function", no_wrap=True)
    for heading in ("f32", "f64", "diff."):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("worst at", overflow="fold")
    table.add_column("untested", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for report in reports:
        kinds = (("float32", "acts"), ("float64", "acts"), ("float64", "differences"))
        errors = [_number(worst.error) if (worst := report.worst(*kind)) else "-" for kind in kinds]
        worst, untested = report.worst(), sum(f.untested for f in report.findings)
        where = f"{worst.quantity} at {worst.x:.3g}" if worst and worst.error else ""
        table.add_row(report.function, *errors, where, str(untested), "pass" if report.passed else "[bold red]FAIL[/]")
    console.print(table)
    for report in reports:
        for finding in report.findings:
            if not finding.passed:
                console.print(_sentence(report, finding), style="red", highlight=False, markup=False, soft_wrap=True)
        for note in report.notes:
            console.print(f"{report.candidate}: {note}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    failed = [r.function for r in reports if not r.passed]
    verdict = f"{len(failed)} FAIL: {', '.join(failed)}" if failed else "all pass"
    console.print(f"{len(reports)} checked, {verdict}", highlight=False, soft_wrap=True)


def _sentence(report: Comparison, finding: Finding) -> str:
    """Everything needed to look into a failure: where, what was computed, what was wanted, the exact inequality."""
    acts_says = finding.against == "acts"
    return (
        f"{report.candidate}: {finding.quantity} in {finding.dtype} at x = {finding.x!r} is {finding.got!r}, "
        f"{'acts gives' if acts_says else 'finite differences give'} {finding.want!r}: "
        f"{_number(finding.error)} {'conditioned ulp' if acts_says else 'of the bound'} > {finding.allowed:g} allowed "
        f"({finding.failing} of {finding.points} points fail)"
    )


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 1000 else ("inf" if math.isinf(value) else f"{value:.1e}")
