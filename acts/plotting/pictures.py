"""plot, compare and gallery."""

import math
import textwrap
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import SymmetricalLogLocator
from numpy.typing import NDArray

from .._activation import Activation
from .._registry import names
from . import _curves as curves
from ._curves import Order
from ._themes import drawing, finish, legend
from .table import print_table

FLAT = 1e-2  # values that small are drawn in proportion in the far view, larger ones by their logarithm
FINE = np.concatenate([curves.FAR, np.linspace(-2, 2, 401), -np.geomspace(2, 100, 200), np.geomspace(2, 100, 200)])


def plot(
    function: str | Activation,
    *,
    orders: Iterable[Order] | None = None,
    xlim: tuple[float, float] | None = None,
    theme: str = "light",
    figure: Figure | None = None,
    **params: Any,
) -> Figure:
    """The value, both derivatives and the partial of every parameter: near the origin, and over [-100, 100].

    function: a name, or an activation. params: its parameters, a number each; several for one, `alpha=[0.5, 1, 2]`,
    are a family of curves, drawn as `compare` draws. orders: of 0, 1, 2 and names of parameters, by default all.
    xlim: of the near view. theme: "light" or "dark". figure: where to draw. The far view has the scale symlog: in
    proportion near 0, beyond by the logarithm. A curve is broken where it jumps, and a dot shows its value there.
    An unknown name is a LookupError; an unknown parameter is a TypeError.

    >>> from acts.plotting import plot
    >>> figure = plot("elu", alpha=0.5)
    >>> figure.savefig("elu.png")  # doctest: +SKIP
    """
    members = curves.family(function, params)
    if len(members) > 1:
        wanted = (0, 1, 2) if orders is None else orders
        return compare(*members, orders=wanted, xlim=xlim, theme=theme, figure=figure, print_values=False)
    (f,) = members
    asked = curves.chosen((0, 1, 2, *f.params) if orders is None else orders, members)
    in_x = [order for order in asked if not isinstance(order, str)]
    in_params = [order for order in asked if isinstance(order, str)]
    kinks = f.kinks_at()
    grid = curves.near(kinks) * curves.share_without_blur(f) if xlim is None else curves.between(xlim)
    with drawing(figure, (12, 6), theme) as figure:
        figure.suptitle(_wrapped(f.definition) + "\n" * bool(f.params) + ", ".join(curves.settings(f)), fontsize=11)
        cells = figure.add_gridspec(2, 2, width_ratios=(2, 1))
        both = bool(in_x and in_params)
        _panel(figure.add_subplot(cells[:, 0]), f, in_x or in_params, grid, kinks)
        far = figure.add_subplot(cells[0, 1] if both else cells[:, 1])
        _panel(far, f, in_x or in_params, curves.FAR, kinks, far=True)
        if both:
            _panel(figure.add_subplot(cells[1, 1]), f, in_params, grid, kinks, first=len(in_x))
        legend(figure, min(5, len(asked) + bool(kinks)))
    return figure


def compare(
    first: str | Activation,
    *more: str | Activation,
    orders: Iterable[Order] = (0, 1, 2),
    xlim: tuple[float, float] | None = None,
    theme: str = "light",
    figure: Figure | None = None,
    print_values: bool = True,
) -> Figure:
    """Several functions in one picture, a row for each order, and of two their difference; and printed.

    first, more: names, or activations such as acts.get("elu", alpha=0.5). orders, xlim, theme, figure: as for `plot`.
    print_values: whether to print `print_table` too, which needs rich. Eight curves have a colour of their own.
    An unknown name is a LookupError.

    >>> from acts.plotting import compare
    >>> figure = compare("gelu", "gelu_tanh", print_values=False)
    >>> figure.axes[-2].get_ylabel()
    'gelu - gelu_tanh'
    """
    functions = [curves.activation(f) for f in (first, *more)]
    kinks, asked = curves.all_kinks(functions), curves.chosen(orders, functions)
    grids = (curves.near(kinks) if xlim is None else curves.between(xlim), curves.FAR)
    labels = [curves.label(f) for f in functions]
    between = " - ".join(f.__name__ for f in functions)
    if len({f.__name__ for f in functions}) == 1:  # of one family
        between = "first - second"
    if print_values:
        print_table(*functions)
    pole = any(map(curves.has_a_pole, functions))
    rows = len(asked) + (len(functions) == 2)
    with drawing(figure, (12, 2.5 * rows + 1.2), theme) as figure:
        figure.suptitle(_wrapped(", ".join(dict.fromkeys(f.__name__ for f in functions))), fontsize=11)
        axes = figure.subplots(rows, 2, sharex="col", squeeze=False, width_ratios=(2, 1))
        for order, row in zip(asked, axes, strict=False):
            for ax, grid in zip(row, grids, strict=True):
                drawn = [
                    curves.draw(ax, curves.rule(f, order), f.kinks_at(), _points(grid), i, labels[i])
                    for i, f in enumerate(functions)
                ]
                _dress(ax, grid, kinks, curves.symbol(functions[0], order))
                if pole and grid is not curves.FAR:
                    ax.set_ylim(*curves.in_view(*drawn))
        if len(functions) == 2:
            for ax, grid in zip(axes[-1], grids, strict=True):
                drawn = _difference(ax, functions, asked, grid)
                _dress(ax, grid, kinks, between, log=False)
                if pole:
                    ax.set_ylim(*curves.in_view(*drawn))
        for ax in axes[-1]:
            ax.set_xlabel(f"${curves.tex(functions[0].argument)}$", fontsize=12)
        legend(figure, 4)
    return figure


def gallery(
    functions: Iterable[str | Activation] | None = None,
    *,
    orders: Iterable[int] = (0, 1, 2),
    xlim: tuple[float, float] | None = None,
    theme: str = "light",
    figure: Figure | None = None,
) -> Figure:
    """One picture with a small panel for each function: its value and both derivatives near the origin.

    functions: names or activations; None for all. orders, xlim, theme, figure: as for `plot`.
    An unknown name is a LookupError.

    >>> from acts.plotting import gallery
    >>> figure = gallery(["relu", "gelu", "prelu"])
    >>> figure.savefig("gallery.png")  # doctest: +SKIP
    """
    members = [curves.activation(f) for f in (names() if functions is None else functions)]
    asked = curves.chosen(orders, members) if members else []
    columns = min(6, max(1, len(members)))
    rows = max(1, math.ceil(len(members) / columns))
    with drawing(figure, (2.3 * columns + 0.5, 2 * rows + 0.6), theme) as figure:
        axes = list(figure.subplots(rows, columns, squeeze=False).flat)
        for ax, f in zip(axes, members, strict=False):
            _small(ax, f, asked, xlim)
        for ax in axes[len(members) :]:
            ax.set_axis_off()
        legend(figure, min(4, columns))
    return figure


# -- panels -----------------------------------------------------------------------------------


def _panel(
    ax: Axes,
    f: Activation,
    orders: Sequence[Order],
    grid: NDArray[Any],
    kinks: Sequence[float],
    first: int = 0,
    far: bool = False,
) -> None:
    """Curves of one function, numbered from `first`."""
    drawn = [
        curves.draw(ax, curves.rule(f, order), kinks, _points(grid), first + i, curves.name(f, order))
        for i, order in enumerate(orders)
    ]
    one = len(orders) == 1 or isinstance(orders[0], str)
    ylabel = ", ".join(curves.symbol(f, order) for order in orders) if one or not far else ""
    _dress(ax, grid, kinks, ylabel if len(orders) < 4 else r"$\partial f\,/\,\partial\,\cdot$")
    ax.set_xlabel(f"${curves.tex(f.argument)}$", fontsize=12)
    if not far:
        ax.set_ylim(*curves.in_view(*drawn))


def _dress(ax: Axes, grid: NDArray[Any], kinks: Sequence[float], ylabel: str = "", log: bool = True) -> None:
    """The kinks, the grid, and for the far view the scales: that of y is even unless it is log."""
    if grid is curves.FAR:
        ax.set_xscale("symlog", linthresh=1, linscale=0.5)
    if grid is curves.FAR and log:
        ax.set_yscale("symlog", linthresh=FLAT)
        ax.yaxis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=FLAT))
    curves.mark_kinks(ax, grid, kinks)
    finish(ax, ylabel=ylabel)


def _points(grid: NDArray[Any]) -> NDArray[Any]:
    return np.unique(FINE) if grid is curves.FAR else grid


def _difference(
    ax: Axes, functions: Sequence[Activation], orders: Sequence[Order], grid: NDArray[Any]
) -> list[NDArray[Any]]:
    (first, second), drawn = functions, []
    for i, order in enumerate(orders):
        of_first, of_second = curves.rule(first, order), curves.rule(second, order)
        label = "difference of " + curves.symbol(first, order)
        kinks = curves.all_kinks(functions)
        both = lambda x, f=of_first, g=of_second: f(x) - g(x)  # noqa: E731
        drawn.append(curves.draw(ax, both, kinks, _points(grid), 2 + i, label))
    return drawn


def _small(ax: Axes, f: Activation, orders: Sequence[Order], xlim: tuple[float, float] | None) -> None:
    """The gallery's panel of a function."""
    kinks = f.kinks_at()
    even = partial(curves.near, kinks, 4) if xlim is None else partial(curves.between, xlim)
    grid = even(count=301) * (curves.share_without_blur(f) if xlim is None else 1)
    drawn = [
        curves.draw(ax, curves.rule(f, order), kinks, grid, i, curves.name(f, order)) for i, order in enumerate(orders)
    ]
    _dress(ax, grid, kinks)
    ax.set_ylim(*curves.in_view(*drawn))
    ax.set_title(f.__name__, fontsize=9)
    paper = {"facecolor": ax.get_facecolor(), "edgecolor": "none", "alpha": 0.8, "pad": 1}
    settings = curves.settings(f)[:4] + ["..."] * (len(f.params) > 4)
    ax.text(0.04, 0.95, "\n".join(settings), fontsize=7, va="top", transform=ax.transAxes, bbox=paper)
    ax.tick_params(labelsize=7)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 110)
