"""What the demonstrations share: command line, progress bar, table, closing paragraph and picture.

Pictures need matplotlib; all is in the extra "test".
"""

import argparse
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import digits
import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito's, for every eye
MARKERS = "osD^vP"


def parser(description: str, seeds: int) -> argparse.ArgumentParser:
    """The options that all demonstrations have."""
    shape = argparse.RawDescriptionHelpFormatter
    options = argparse.ArgumentParser(description=description, formatter_class=shape)
    options.add_argument("--seeds", type=digits.number(int, 1, 1_000), help=f"runs of everything ({seeds}; quick: 2)")
    options.add_argument("--quick", action="store_true", help="a few seconds: less of everything")
    options.add_argument("--plot", type=picture, metavar="FILE", help="draw into this PNG, SVG or PDF")
    options.set_defaults(default_seeds=seeds)
    return options


def picture(text: str) -> Path:
    """What argparse calls to read the name of a picture: it is refused before all the work, not after."""
    file = Path(text)
    if file.suffix not in (".png", ".svg", ".pdf"):
        raise argparse.ArgumentTypeError(f"{text!r} ends neither in .png nor in .svg or .pdf")
    if not file.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(file.parent)!r}")
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError:
        raise argparse.ArgumentTypeError("a picture needs matplotlib: pip install matplotlib") from None
    return file


def parsed(options: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    given = options.parse_args(arguments)
    given.seeds = given.seeds or (2 if given.quick else given.default_seeds)
    return given


def progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def spread(values: Iterable[float], form: str = ".1f") -> str:
    """Mean ± standard deviation, and how many of the values are finite where not all are."""
    values = np.array(list(values), float)
    kept = values[np.isfinite(values)]
    if not kept.size:
        return "diverged"
    note = f" ({kept.size} of {values.size})" if kept.size < values.size else ""
    return f"{kept.mean():{form}} ± {kept.std():{form}}{note}"


def show(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table, never cut: rather a long line than a number without its end."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for i, name in enumerate(head):
        table.add_column(name, justify="right" if i else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console()
    console.width = max(console.width, console.measure(table, options=console.options.update(max_width=1_000)).maximum)
    console.print(table)


def say(*sentences: str) -> None:
    print(textwrap.fill(" ".join(sentence for sentence in sentences if sentence), 100))


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def figure_with(rows: int, columns: int, width: float = 4.6, height: float = 3.6, **shared: Any) -> tuple[Any, Any]:
    """A figure and its panels, which need no display."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    panels = figure.subplots(rows, columns, **shared)
    for panel in np.ravel(panels):
        panel.grid(alpha=0.3)
        panel.set_prop_cycle(color=COLORS)
    return figure, panels


def by_depth(layers: int) -> Any:
    """A colour for each layer, from dark to light, and told apart in grey, too."""
    import matplotlib

    return matplotlib.colormaps["viridis"](np.linspace(0, 0.85, layers))


def save(figure: Any, file: Path) -> None:
    figure.savefig(file, dpi=110)
    print(f"drawn: {file}")
