"""What the benchmarks share: the functions with their peers in jax.nn, timing, and how results are printed and kept."""

import argparse
import datetime
import importlib
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable
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
    """A function of acts_jax, and another of the same meaning or None; both take x alone."""

    name: str
    ours: Any
    theirs: Any


def pairs(only: str | None = None, older: Any = None) -> list[Pair]:
    """Every function with jax.nn's, by the migration table, or an older acts_jax's; `only`: names and commas."""
    found: dict[str, Pair] = {}
    for row in ROWS:
        if row.framework == "jax":
            theirs = in_x(row.ours, older) if older else eval(f"lambda x: {row.theirs}", {"jax": jax})
            found.setdefault(row.ours, Pair(row.ours.replace("(x)", ""), in_x(row.ours, acts_jax), theirs))
    named = {expression.partition("(")[0] for expression in found}
    for name in acts_jax.names():
        if name not in named:
            ours, theirs = (
                module.get(name, **example_parameters(acts.get(name))) if module and name in module.names() else None
                for module in (acts_jax, older)
            )
            found[name] = Pair(name, ours, theirs)
    wanted = only.split(",") if only else acts_jax.names()
    unknown = set(wanted) - set(acts_jax.names())
    if unknown:
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(acts_jax.names())}")
    return [pair for pair in found.values() if pair.name.partition("(")[0] in wanted]


def in_x(expression: str, module: Any) -> Any:
    """The function of x that a row of the migration table writes, or None if the module lacks it."""
    functions = {name: module.get(name) for name in module.names()}
    return eval(f"lambda x: {expression}", functions) if expression.partition("(")[0] in functions else None


def checkout(path: str) -> Any:
    """The acts_jax of another checkout of this project, imported beside this one."""
    ours = {name: sys.modules.pop(name) for name in _packages()}
    sys.path.insert(0, path)
    try:
        other = importlib.import_module("acts_jax")
    finally:
        sys.path.remove(path)
        for name in _packages():
            del sys.modules[name]
        sys.modules.update(ours)
    if Path(str(other.__file__)).parents[1] != Path(path).resolve():
        raise argparse.ArgumentTypeError(f"there is no acts_jax in {path}")
    return other


def _packages() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] in ("acts", "acts_jax")]


def clock() -> Callable[[], float]:
    """What tells the seconds: on a CPU those that this process had of it, whatever else the machine does."""
    return time.process_time if jax.default_backend() == "cpu" else time.perf_counter


def interleaved(
    functions: dict[str, Any], args: Any, rounds: int, at_least: float = 0.0, wait: Any = jax.block_until_ready
) -> dict[str, np.ndarray]:
    """Seconds per f(*args) of each f, `rounds` times, in turns; each sample repeats the call for `at_least` s."""
    repeats, now = {}, clock()
    for name, f in functions.items():
        wait(f(*args))  # compiles
        start = now()
        wait(f(*args))
        repeats[name] = max(1, round(at_least / (now() - start)))
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, f in functions.items():
            start = now()
            for _ in range(repeats[name]):
                result = f(*args)
            wait(result)
            seconds[name].append((now() - start) / repeats[name])
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
    written = f"write FILE, too, or {markdown} in benchmarks/results"
    options.add_argument("--markdown", metavar="FILE", nargs="?", const=RESULTS, type=Path, help=written)
    return options


def some_of(*allowed: str) -> Callable[[str], list[str]]:
    """The type of an option that takes some of these words, separated by commas."""

    def some(text: str) -> list[str]:
        if unknown := [word for word in text.split(",") if word not in allowed]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}; allowed: {', '.join(allowed)}")
        return text.split(",")

    return some


types = some_of("float32", "bfloat16", "float16", "float64")


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


def page(kind: str) -> str:
    """The name of a page of results: of what, on which kind of device, with which jax."""
    return f"{kind}-{jax.default_backend()}-jax{'.'.join(jax.__version__.split('.')[:2])}.md"


def keep(to: Path | None, name: str, title: str, sections: list[str]) -> None:
    """Write the file `to`, or `name` in the folder of results: how the figures were made, then the sections."""
    if to is None:
        return
    to = to / name if to == RESULTS else to
    to.parent.mkdir(exist_ok=True)
    options = (re.sub(r"(?<![\w.])/\S*/", "", option) for option in sys.argv[1:])  # no folder of this machine
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *options])
    made = f"{setting()}; {datetime.date.today()}."
    to.write_text("\n".join([f"# {title}", "", made, "", f"Made by `{command}`.", "", *sections]))
