"""What the benchmarks share: the functions with their peers in jax.nn, timing, and how results are printed and kept."""

import argparse
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import acts
import acts_jax
from acts.dialects import ROWS
from acts.testing import example_parameters

RESULTS = Path(__file__).parent / "results"


class Pair(NamedTuple):
    """A function of acts_jax, and jax.nn's of the same meaning or None; both take x alone."""

    name: str
    ours: Any
    theirs: Any


def pairs(only: str | None = None) -> list[Pair]:
    """Every row of the migration table for jax.nn, then what jax.nn lacks; `only` is a comma-separated choice."""
    spaces = {"jax": {"jax": jax}, "acts_jax": {name: acts_jax.get(name) for name in acts_jax.names()}}
    found: dict[str, Pair] = {}
    for row in ROWS:
        if row.framework == "jax":
            ours, theirs = (eval(f"lambda x: {e}", spaces[s]) for e, s in ((row.ours, "acts_jax"), (row.theirs, "jax")))
            found.setdefault(row.ours, Pair(row.ours.replace("(x)", ""), ours, theirs))
    named = {expression.partition("(")[0] for expression in found}
    for name in acts_jax.names():
        if name not in named:
            found[name] = Pair(name, acts_jax.get(name, **example_parameters(acts.get(name))), None)
    wanted = only.split(",") if only else acts_jax.names()
    unknown = set(wanted) - set(acts_jax.names())
    if unknown:
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(acts_jax.names())}")
    return [pair for pair in found.values() if pair.name.partition("(")[0] in wanted]


def interleaved(functions: dict[str, Any], args: Any, rounds: int, at_least: float = 0.0) -> dict[str, np.ndarray]:
    """Seconds per f(*args) of each f, `rounds` times, in turns; each sample repeats the call for `at_least` s."""
    repeats = {}
    for name, f in functions.items():
        jax.block_until_ready(f(*args))  # compiles
        start = time.perf_counter()
        jax.block_until_ready(f(*args))
        repeats[name] = max(1, round(at_least / (time.perf_counter() - start)))
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, f in functions.items():
            start = time.perf_counter()
            for _ in range(repeats[name]):
                result = f(*args)
            jax.block_until_ready(result)
            seconds[name].append((time.perf_counter() - start) / repeats[name])
    return {name: np.array(times) for name, times in seconds.items()}


def spread(values: np.ndarray, form: str = ".2f") -> str:
    """The median, and the quartiles in brackets."""
    low, middle, high = (format(q, form) for q in np.quantile(values, (0.25, 0.5, 0.75)))
    return f"{middle} [{low}, {high}]"


def geometric_mean(values: list[float]) -> float:
    return statistics.geometric_mean(values) if values else float("nan")


def setting() -> str:
    """Versions and hardware, in a line."""
    device = jax.devices()[0]
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        cpu = models[0].partition(":")[2].strip() if models else cpu
    kind = f"{device.platform} ({device.device_kind})" if device.platform != "cpu" else "cpu"
    return (
        f"acts {acts.__version__}, jax {jax.__version__}, numpy {np.__version__}, Python {platform.python_version()}; "
        f"device {kind}; {cpu}, {os.cpu_count()} cores"
    )


def parser(description: str | None, markdown: str) -> argparse.ArgumentParser:
    """The options that all benchmarks have."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", metavar="NAMES", help="these functions alone: gelu,elu")
    options.add_argument("--markdown", action="store_true", help=f"write {markdown} in benchmarks/results, too")
    return options


def progress() -> Progress:
    return Progress(console=Console(stderr=True), transient=True)


def show(title: str, head: list[str], rows: list[list[str]], notes: list[str]) -> str:
    """Print a table and the notes under it; the same in Markdown is returned."""
    table = Table(*head, title=title, box=SIMPLE)
    for row in rows:
        table.add_row(*row)
    console = Console()
    console.print(table)
    for note in notes:
        console.print(note, highlight=False)
    lines = [f"## {title}", "", *(f"| {' | '.join(r)} |" for r in (head, ["---"] * len(head), *rows)), "", *notes, ""]
    return "\n".join(lines)


def keep(name: str, title: str, command: str, sections: list[str]) -> None:
    """Write benchmarks/results/NAME: a header that says where and how the figures were made, then the sections."""
    RESULTS.mkdir(exist_ok=True)
    header = [f"# {title}", "", setting() + ".", "", f"Made by `{command}`.", ""]
    (RESULTS / name).write_text("\n".join([*header, *sections]))
