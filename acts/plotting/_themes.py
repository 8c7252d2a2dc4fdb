"""How pictures look: colours and lines that are told apart, on white and on black."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cycler import cycler
from matplotlib import rc_context, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .._arguments import hint

COLORS = {
    "light": ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#654BFF", "#6C5133", "#7A1F5C"),
    "dark": ("#56B4E9", "#FF8C42", "#16E36E", "#C699A6", "#FFFFFF", "#F0E442", "#8C7BFF", "#D54140"),
}
"""Eight each: three times the background's contrast, and apart for readers who don't see red, green or blue."""

LINES: tuple[tuple[Any, float], ...] = (
    ("-", 2.4),
    ("--", 2.0),
    ("-.", 1.8),
    (":", 2.2),
    ((0, (6, 1, 1, 1, 1, 1)), 1.6),
)
"""The first curves are wide and solid, the later ones narrow and dashed: those that coincide are all seen."""

GROUND = {"light": ("#FFFFFF", "#1A1A1A", "#D5D8DC"), "dark": ("#14171C", "#E8E8E8", "#3A4048")}
"""Paper, ink and the grid's lines."""


@contextmanager
def drawing(figure: Figure | None, size: tuple[float, float], theme: str) -> Iterator[Figure]:
    """The figure to draw on, a new one of that size if none is given, while matplotlib has the theme's colours."""
    if theme not in GROUND:
        raise LookupError(f"no theme is called {theme!r}{hint(theme, GROUND)}; allowed: {', '.join(GROUND)}")
    paper, ink, lines = GROUND[theme]
    inked = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    papered = ("figure.facecolor", "axes.facecolor", "legend.facecolor")
    colors: dict[Any, Any] = {**dict.fromkeys(inked, ink), **dict.fromkeys(papered, paper)}
    colors |= {"grid.color": lines, "legend.edgecolor": lines, "axes.prop_cycle": cycler(color=COLORS[theme])}
    with rc_context({**colors, "mathtext.fontset": "cm", "axes.axisbelow": True}):
        figure = figure or Figure(figsize=size, layout="constrained")
        figure.set_facecolor(paper)
        yield figure


def style(number: int) -> dict[str, Any]:
    """Colour and line of the curve of that number, within `drawing`; 40 are different."""
    color = rcParams["axes.prop_cycle"].by_key()["color"][number % 8]
    line, width = LINES[number % 5]
    return {"color": color, "linestyle": line, "linewidth": width}


def finish(ax: Axes, xlabel: str = "", ylabel: str = "") -> None:
    """The grid, the labels, and the colour of ticks, those that are made later too."""
    ax.grid(visible=True)
    ax.tick_params(colors=rcParams["xtick.color"])
    ax.set_xlabel(xlabel, fontsize=13)
    ax.set_ylabel(ylabel, fontsize=13)


def legend(figure: Figure, columns: int) -> None:
    """One legend below all panels, each label once."""
    curves = [zip(*ax.get_legend_handles_labels(), strict=True) for ax in figure.axes]
    handles = {label: handle for panel in curves for handle, label in panel}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=columns)
