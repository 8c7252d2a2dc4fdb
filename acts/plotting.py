"""Pictures of activations and their derivatives, and a table to compare them; needs matplotlib.

Every function draws on a `matplotlib.figure.Figure` and returns it, so that no display is needed: save it
with `figure.savefig("relu.png")`. To show it in a window, pass `figure=plt.figure(layout="constrained")`.
"""

import inspect
import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._activation import Activation
from ._install import install_command
from ._registry import get, names
from .testing.grids import example_parameters

try:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ModuleNotFoundError as error:
    message = f"acts.plotting needs matplotlib: {install_command('matplotlib')}"
    raise ModuleNotFoundError(message, name=error.name) from error

FAR = np.linspace(-100, 100, 1000)
ORDERS = ("value", "first derivative", "second derivative")
# Okabe and Ito's palette, which colour-blind readers can tell apart. The first curves are wide and solid,
# the later ones narrow and dashed, so that curves which coincide are all seen.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = (("-", 2.6), ("--", 2.0), ("-.", 1.6), (":", 2.2))
BESIDE = 1e-9  # the distance from a kink at which its two sides are evaluated


def plot(function: str | Activation, *, figure: Figure | None = None, **params: Any) -> Figure:
    """The value and both derivatives near the origin and over [-100, 100], with the kinks marked.

    function: a name, or an activation. params: its parameters, a number each. figure: where to draw.
    A curve is broken where it jumps, and a dot shows its value there.
    An unknown name is a LookupError; an unknown parameter is a TypeError.

    >>> from acts.plotting import plot
    >>> figure = plot("elu", alpha=0.5)
    >>> figure.savefig("elu.png")  # doctest: +SKIP
    """
    f = _activation(function, params)
    kinks = f.kinks_at()
    figure = figure or Figure(figsize=(11, 4.8), layout="constrained")
    figure.suptitle(textwrap.fill(f.definition, 110) + "\n" * bool(f.params) + ", ".join(_settings(f)), fontsize=11)
    axes = figure.subplots(1, 2)
    for ax, grid in zip(axes, (_near(kinks), FAR), strict=True):
        for order in range(3):
            _draw(ax, f, order, grid, order, ORDERS[order])
        _finish(ax, grid, kinks, "value and derivatives")
        if _has_a_pole(f):
            ax.set_ylim(*_in_view(ax))
        ax.set_xlabel("x")
    _legend(figure, 4)
    return figure


def compare(
    first: str | Activation, *more: str | Activation, figure: Figure | None = None, print_values: bool = True
) -> Figure:
    """Several functions in one picture, a row each for value, first and second derivative; and printed.

    first, more: names, or activations such as acts.get("elu", alpha=0.5). figure: where to draw.
    print_values: whether to print `print_table` too, which needs rich.
    An unknown name is a LookupError.

    >>> from acts.plotting import compare
    >>> figure = compare("relu", "leaky_relu", print_values=False)
    >>> figure.savefig("compare.png")  # doctest: +SKIP
    """
    functions = [_activation(f) for f in (first, *more)]
    kinks = _all_kinks(functions)
    if print_values:
        print_table(*functions)
    figure = figure or Figure(figsize=(11, 9), layout="constrained")
    figure.suptitle(textwrap.fill(", ".join(f.__name__ for f in functions), 110), fontsize=11)
    axes = figure.subplots(3, 2, sharex="col")
    for order, row in enumerate(axes):
        for ax, grid in zip(row, (_near(kinks), FAR), strict=True):
            for i, f in enumerate(functions):
                _draw(ax, f, order, grid, i, _label(f))
            _finish(ax, grid, kinks, ORDERS[order])
            if any(map(_has_a_pole, functions)):
                ax.set_ylim(*_in_view(ax))
    for ax in axes[-1]:
        ax.set_xlabel("x")
    _legend(figure, 3)
    return figure


def gallery(functions: Iterable[str | Activation] | None = None, *, figure: Figure | None = None) -> Figure:
    """One picture with a small panel for each function: its value and both derivatives near the origin.

    functions: names or activations; None for all. figure: where to draw. An unknown name is a LookupError.

    >>> from acts.plotting import gallery
    >>> figure = gallery(["relu", "gelu", "prelu"])
    >>> figure.savefig("gallery.png")  # doctest: +SKIP
    """
    chosen = [_activation(f) for f in (names() if functions is None else functions)]
    columns = min(6, max(1, len(chosen)))
    rows = max(1, math.ceil(len(chosen) / columns))
    figure = figure or Figure(figsize=(2.3 * columns + 0.5, 2 * rows + 0.6), layout="constrained")
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for ax, f in zip(axes, chosen, strict=False):
        kinks = f.kinks_at()
        grid = _near(kinks, 4, 301) * _share_without_blur(f)
        for order in range(3):
            _draw(ax, f, order, grid, order, ORDERS[order])
        _finish(ax, grid, kinks)
        ax.set_ylim(*_in_view(ax))
        ax.set_title(f.__name__, fontsize=9)
        paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        settings = _settings(f)[:4] + ["..."] * (len(f.params) > 4)
        ax.text(0.04, 0.95, "\n".join(settings), fontsize=7, va="top", transform=ax.transAxes, bbox=paper)
        ax.tick_params(labelsize=7)
    for ax in axes[len(chosen) :]:
        ax.set_axis_off()
    _legend(figure, min(4, columns))
    return figure


def print_table(first: str | Activation, *more: str | Activation, x: ArrayLike | None = None) -> None:
    """Print values and both derivatives of several functions side by side; needs rich.

    first, more: as for `compare`. x: the inputs; by default -100, -1, the kinks, 0, 1 and 100.

    >>> from acts.plotting import print_table
    >>> print_table("relu", "tanh", x=[-1, 1])
    ┏━━━━━━━━┳━━━━┳━━━━━━┳━━━━━━━━━━━┓
    ┃        ┃ x  ┃ relu ┃      tanh ┃
    ┡━━━━━━━━╇━━━━╇━━━━━━╇━━━━━━━━━━━┩
    │ f(x)   │ -1 │    0 │ -0.761594 │
    │        │ 1  │    1 │  0.761594 │
    ├────────┼────┼──────┼───────────┤
    │ f'(x)  │ -1 │    0 │  0.419974 │
    │        │ 1  │    1 │  0.419974 │
    ├────────┼────┼──────┼───────────┤
    │ f''(x) │ -1 │    0 │    0.6397 │
    │        │ 1  │    0 │   -0.6397 │
    └────────┴────┴──────┴───────────┘
    """
    try:
        from rich.console import Console
        from rich.table import Table
    except ImportError as error:
        raise ImportError(f"the table needs rich: {install_command('rich')}") from error
    functions = [_activation(f) for f in (first, *more)]
    inputs = np.unique([-100, -1, *_all_kinks(functions), 0, 1, 100]) if x is None else np.ravel(x)
    table = Table("", "x")
    for f in functions:
        table.add_column("\n".join([f.__name__, *_settings(f)]), justify="right")
    for order, title in enumerate(("f(x)", "f'(x)", "f''(x)")):
        rows = zip(inputs, *(np.atleast_1d(_rule(f, order)(inputs)) for f in functions), strict=True)
        for i, row in enumerate(rows):
            table.add_row(title if i == 0 else "", *(f"{number + 0:.6g}" for number in row))
        table.add_section()
    console = Console()
    whole = console.measure(table, options=console.options.update(max_width=10_000)).maximum
    console.width = max(console.width, whole)  # rather a long line than a cut number
    console.print(table)


# -- what is drawn, and where -----------------------------------------------------------------


def _activation(function: str | Activation, params: dict[str, Any] | None = None) -> Activation:
    """The function with a value for every parameter: those given, the defaults, or else example values."""
    f = get(function) if isinstance(function, str) else function
    return f.bind(**{**example_parameters(f), **(params or {})})


def _rule(f: Activation, order: int) -> Callable[..., Any]:
    return (f, f.derivative, f.second_derivative)[order]


def _all_kinks(functions: Sequence[Activation]) -> tuple[float, ...]:
    return tuple(sorted({k for f in functions for k in f.kinks_at()}))


def _near(kinks: Sequence[float], reach: float = 6, count: int = 1001) -> NDArray[Any]:
    """An even grid over [-reach, reach], wider if needed to show both sides of every finite kink."""
    sides = [k + side * max(2, abs(k) / 3) for k in kinks if math.isfinite(k) for side in (-1, 1)]
    return np.linspace(min(-reach, *sides, 0), max(reach, *sides, 0), count)


def _share_without_blur(f: Activation) -> float:
    """The part of [-4, 4] on which a wave goes up and down 16 times; 1 for a function that does so less often."""
    turns = np.count_nonzero(np.diff(np.sign(np.nan_to_num(f.derivative(np.linspace(-4, 4, 4001))))))
    return min(1.0, 16 / turns) if turns else 1.0


def _has_a_pole(f: Activation) -> bool:
    return bool(np.isinf(f(f.kinks_at())).any())


def _in_view(ax: Axes) -> tuple[float, float]:
    """Limits for a panel that show the first curve, such as the value, and of the others what is not far beyond it."""
    value, *others = (np.asarray(line.get_ydata(), float) for line in ax.lines if not _is_mark(line.get_label()))
    shown = np.quantile(value[np.isfinite(value)], [0.02, 0.98])
    reach = 1.5 * max(1.0, *np.abs(shown))
    every = np.concatenate([value, *others])
    every = every[np.isfinite(every)].clip(-reach, reach)
    margin = 0.05 * np.ptp(every)
    return float(every.min() - margin), float(every.max() + margin)


def _is_mark(label: object) -> bool:
    return str(label).startswith("_") or label == "kink"


def _settings(f: Activation) -> list[str]:
    values = {p: inspect.signature(f).parameters[p].default for p in f.params}
    return [f"{p}={v:g}" if isinstance(v, float | np.floating) else f"{p}={v}" for p, v in values.items()]


def _label(f: Activation) -> str:
    return f"{f.__name__}({', '.join(_settings(f))})" if f.params else f.__name__


# -- drawing ----------------------------------------------------------------------------------


def _draw(ax: Axes, f: Activation, order: int, grid: NDArray[Any], number: int, label: str) -> None:
    """The panel's curve of that number, with a gap and a dot at each kink where it jumps."""
    color, (line, width) = COLORS[number % len(COLORS)], LINES[number % len(LINES)]
    rule = _rule(f, order)
    kinks = [k for k in f.kinks_at() if grid[0] <= k <= grid[-1]]
    x = np.unique([*grid, *(k + side * BESIDE * max(1, abs(k)) for k in kinks for side in (-1, 0, 1))])
    y = np.array(rule(x))
    jumps = []
    for k in kinks:
        distance = np.abs(x - k) / max(1, abs(k))
        if np.ptp(y[distance < 2 * BESIDE]) > 1e-6:
            y[distance < BESIDE / 2] = np.nan
            jumps.append(k)
    ax.plot(x, y, color=color, linestyle=line, linewidth=width, label=label)
    if jumps:
        ax.plot(jumps, rule(jumps), "o", color=color, markersize=max(3, 8 - 2 * number), zorder=3)


def _finish(ax: Axes, grid: NDArray[Any], kinks: Sequence[float], ylabel: str = "") -> None:
    """The dotted lines at the kinks, the grid, and the scale of the vertical axis."""
    for i, k in enumerate(k for k in kinks if grid[0] <= k <= grid[-1]):
        ax.axvline(k, color="0.4", linestyle=":", linewidth=1, label="_" * (i > 0) + "kink")
    ax.grid(alpha=0.3)
    ax.set_xlim(grid[0], grid[-1])
    ax.set_ylabel(ylabel)


def _legend(figure: Figure, columns: int) -> None:
    curves = [zip(*ax.get_legend_handles_labels(), strict=True) for ax in figure.axes]
    handles = {label: handle for panel in curves for handle, label in panel}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=columns)
