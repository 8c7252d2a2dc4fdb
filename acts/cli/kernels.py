"""python -m acts check, of functions that are not ours: one, several, or all of a namespace."""

import argparse
import importlib
import importlib.util
import inspect
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

import acts
from acts._arguments import hint
from acts.dialects import known_defect, resolved
from acts.testing.conforms import DTYPES, check
from acts.testing.exhaustive import PATTERNS, Stopped, check_exhaustively
from acts.testing.verdicts import Report

DIALECTS = {"jax": "jax", "flax": "jax", "torch": "torch", "keras": "keras"}  # by the namespace's package
STATUS = {"pass": 0, "fail": 1, "incomplete": 3}
CAPTION = "excused: points where jax.nn or torch is as wrong. incomplete: part of it could not be checked."
Work = tuple[str, Any, acts.Activation, str]  # what it is called, the function, what it should be, its known defect


def check_kernels(args: argparse.Namespace) -> int:
    """The command; its exit status is that of the worst verdict: 0 pass, 3 incomplete, 1 fail."""
    types = args.dtypes.split(",") if args.dtypes else list(DTYPES)
    if "float64" in types and importlib.util.find_spec("jax"):
        importlib.import_module("jax").config.update("jax_enable_x64", True)
    level = args.level if args.level.isalpha() else float(args.level)
    given: dict[str, Any] = {"dtypes": types, "level": level, "params": _params(args.params)}
    work = list(_work(args))
    if args.derivative:
        given["derivative"] = load(args.derivative)
    for file in (args.json, args.html):
        if file not in (None, "-"):
            Path(file).open("a").close()  # can't be written: say so now
    progress = Console(stderr=True)
    if args.exhaustive or args.resume:
        reports = [exhaustively(work, args, given, progress)]
    else:
        reports = []
        for name, candidate, function, defect in track(work, "checking", console=progress, transient=True):
            report = replace(check(candidate, function, **given), candidate=name)
            report.diagnoses += [f"known: {defect}"] if defect and report.failures else []
            reports.append(report)
    _show(reports, types, Console(stderr=args.json == "-", emoji=False))
    if args.json:
        text = json.dumps([report.as_dict() for report in reports], indent=1, allow_nan=False)
        sys.stdout.write(text + "\n") if args.json == "-" else Path(args.json).write_text(text + "\n", encoding="utf-8")
    if args.html:
        from acts.testing.page import page

        Path(args.html).write_text(page(reports), encoding="utf-8")
    verdicts = {report.verdict for report in reports}
    return STATUS["fail" if "fail" in verdicts else "incomplete" if "incomplete" in verdicts else "pass"]


def exhaustively(work: list[Work], args: argparse.Namespace, given: dict[str, Any], console: Console) -> Report:
    """The report on one function at every number of float32, with a bar; Ctrl-C ends it with what was found."""
    if len(work) != 1 or not args.exhaustive:
        raise ValueError(
            "--resume is for --exhaustive" if not args.exhaustive else "--exhaustive is for one function at a time"
        )
    name, candidate, function, _ = work[0]
    with Progress(*Progress.get_default_columns(), console=console, transient=True) as bar:
        task = bar.add_task("every float32", total=len(PATTERNS))
        try:
            report = check_exhaustively(
                candidate, function, resume=args.resume, progress=lambda done: bar.update(task, completed=done), **given
            )
        except Stopped as stopped:
            report = stopped.report
            if args.resume:
                report.unchecked.append(f"the same command goes on, with --resume {args.resume}")
    return replace(report, candidate=name)


def _params(text: str | None) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",")] if text else []
    if not all(theirs and ours for theirs, _, ours in pairs):
        raise ValueError(f"--params {text!r}: write their name, then ours, as in weight=alpha,scale=beta")
    return {theirs.strip(): ours.strip() for theirs, _, ours in pairs}


def _work(args: argparse.Namespace) -> Iterator[Work]:
    names, targets = args.reference or [], args.target
    if ":" not in targets[0]:
        if len(targets) > 1 or names or args.derivative:
            raise ValueError(
                "--as and --derivative are for functions, written package.module:function or file.py:function"
            )
        yield from namespace(targets[0], args.only)
        return
    if args.only:
        raise ValueError("--only is for packages and namespaces; a function of your own is checked --as one")
    if not names:
        raise ValueError(f"which function is {targets[0]}? Add --as NAME, such as --as gelu")
    if len(targets) > 1 and len(names) not in (1, len(targets)):
        raise ValueError(f"{len(targets)} functions and {len(names)} --as: give one for all, or one for each")
    pairs = (
        list(zip(targets, names, strict=True))
        if len(names) == len(targets)
        else [(t, n) for t in targets for n in names]
    )
    for target, name in pairs:
        yield target, load(target), function_of(name), ""


def function_of(name: str) -> acts.Activation:
    """The function of acts of that name; a LookupError for a function of rows."""
    f = acts.get(name)
    if isinstance(f, acts.AxisFunction):
        raise LookupError(f"{f.__name__} is a function of rows; the kit checks functions of one array, and gates")
    return f


def load(target: str) -> Any:
    """What package.module:function or file.py:function names."""
    module_name, _, path = target.rpartition(":")
    if not module_name or not path:
        raise ValueError(f"{target!r}: a function of your own is written package.module:function or file.py:function")
    found: Any = module(module_name)
    for part in path.split("."):
        if not hasattr(found, part):
            raise LookupError(f"{module_name} has no {part!r}{hint(part, [n for n in dir(found) if n[0] != '_'])}")
        found = getattr(found, part)
    if not callable(found) and not isinstance(found, tuple):
        raise TypeError(f"{target} is {found!r}, which can't be called")
    return found


def module(name: str) -> ModuleType:
    """A module by its name, or by its file."""
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        if not name.endswith(".py"):
            return importlib.import_module(name)
        spec = importlib.util.spec_from_file_location(Path(name).stem, name)
        if spec is None or spec.loader is None or not Path(name).exists():
            raise FileNotFoundError(name)
        loaded = importlib.util.module_from_spec(spec)
        sys.modules.setdefault(spec.name, loaded)
        spec.loader.exec_module(loaded)
        return loaded
    except Exception as error:  # whatever a foreign module raises
        raise ValueError(f"{name} can't be imported: {type(error).__name__}: {error}") from error


def namespace(name: str, only: str | None) -> Iterator[Work]:
    """Every function of a module that the dialect of its package, or acts itself, knows as one of one array."""
    found, dialect = module(name), DIALECTS.get(name.partition(".")[0])
    wanted = only.replace(" ", "").split(",") if only else None
    missing = [n for n in wanted or [] if not hasattr(found, n)]
    if missing:
        raise LookupError(f"{name} has no {missing[0]!r}{hint(missing[0], dir(found))}")
    number = 0
    for own in wanted or sorted(n for n in dir(found) if n[0] != "_" and n[-1] != "_"):  # relu_ overwrites x
        candidate = getattr(found, own)
        if not callable(candidate) or inspect.isclass(candidate):
            continue
        try:
            ours, params, defect = _known(dialect, name, own) if dialect else (own, {}, "")
            function = function_of(ours).bind(**params)
        except (LookupError, TypeError):
            if wanted:
                raise
            continue
        # a framework's gates take both operands in one array, and its prelu one of slopes
        if dialect is None or (function.kind == "elementwise" and function.__name__ != "prelu"):
            number += 1
            yield f"{name}.{own}", candidate, function, defect
    if not number:
        raise LookupError(f"{name} has no function whose name acts knows; write module:function --as NAME")


def _known(dialect: str, place: str, name: str) -> tuple[str, dict[str, Any], str]:
    """Our name, parameters and the defect of a function, first by where it is found: keras.ops.gelu is another one."""
    for path in (f"{place.rpartition('.')[2]}.{name}", name):
        try:
            return *resolved(dialect, path, {}), known_defect(dialect, path)
        except LookupError:
            continue
    raise LookupError(f"{dialect} has no {name}")


def _show(reports: list[Report], types: list[str], console: Console) -> None:
    table = Table(box=SIMPLE, pad_edge=False, caption=CAPTION)
    for heading in ("function", "as", *types, "excused", "verdict"):
        table.add_column(heading, no_wrap=heading not in ("function", "as"))
    for report in reports:
        cells = []
        for dtype in types:
            of_type = [verdict for verdict in report.verdicts if verdict.dtype == dtype]
            wrong = sum(not verdict.passed for verdict in of_type)
            cells.append(f"[bold red]{wrong} of {len(of_type)}[/]" if wrong else "pass" if of_type else "-")
        excused = str(sum(verdict.excused for verdict in report.verdicts) or "")
        verdict = report.verdict if report.verdict != "fail" else "[bold red]FAIL[/]"
        table.add_row(re.split(r"[.:]", report.candidate)[-1], report.function, *cells, excused, verdict)
    console.print(table)
    for report in reports:
        if not report.passed or len(reports) == 1:
            style = {"fail": "red", "incomplete": "yellow"}.get(report.verdict)
            console.print(str(report), style=style, highlight=False, markup=False, soft_wrap=True)
    failed = [report.candidate for report in reports if report.verdict == "fail"]
    open_ = [report.candidate for report in reports if report.verdict == "incomplete"]
    parts = [f"{len(failed)} FAIL: {', '.join(failed)}"] if failed else []
    parts += [f"{len(open_)} incomplete: {', '.join(open_)}"] if open_ else []
    console.print(f"{len(reports)} checked, {'; '.join(parts) or 'all pass'}", highlight=False, soft_wrap=True)
