"""What is drawn of a function, where, and how one curve of it is drawn."""

import inspect
import itertools
import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from numpy.typing import NDArray

from .._activation import Activation
from .._arguments import hint
from .._registry import get
from ..testing.grids import example_parameters
from ._themes import style

Order = int | str
"""0, 1 or 2 for the value and its derivatives; a parameter's name for the partial by it."""

FAR = np.linspace(-100, 100, 1000)
WORDS = ("value", "first derivative", "second derivative")
BESIDE = 1e-9  # the distance from a kink at which its two sides are evaluated
GREEK = ("alpha", "beta", "gamma", "lambda", "mu", "omega", "sigma", "theta")


# -- which functions, and what of them --------------------------------------------------------


def activation(function: str | Activation, params: dict[str, Any] | None = None) -> Activation:
    """The function with a value for every parameter: those given, the defaults, or else example values."""
    f = get(function) if isinstance(function, str) else function
    if not isinstance(f, Activation):
        why = "is a function of rows" if getattr(f, "kind", "") == "axis" else "is no activation of acts, nor a name"
        raise LookupError(f"{getattr(f, '__name__', f)} {why}: it has no curve to draw")
    return f.bind(**{**example_parameters(f), **(params or {})})


def family(function: str | Activation, params: dict[str, Any]) -> list[Activation]:
    """The function once for every combination of its parameters' values, where a parameter has several.

    >>> family("elu", {"alpha": [0.5, 1.0]})
    [<activation elu(x, alpha=0.5, *, out=None)>, <activation elu(x, alpha=1.0, *, out=None)>]
    """
    values = {name: np.ravel(value).tolist() for name, value in params.items()}
    empty = [name for name, several in values.items() if not several]
    if empty:
        raise ValueError(f"{empty[0]} was given no value; give one, or several for a family of curves")
    return [activation(function, dict(zip(values, each, strict=True))) for each in itertools.product(*values.values())]


def chosen(orders: Iterable[Order], functions: Sequence[Activation]) -> list[Order]:
    """The orders, if all functions have them; else a LookupError."""
    common = [p for p in functions[0].params if all(p in f.params for f in functions)]
    allowed = (0, 1, 2, *common)
    found = list(orders)
    for order in found:
        if order not in allowed or isinstance(order, bool):
            near = hint(order, common) if isinstance(order, str) else ""
            raise LookupError(f"{order!r} is no order{near}; allowed: {', '.join(map(str, allowed))}")
    if not found:
        raise ValueError(f"no order to draw; allowed: {', '.join(map(str, allowed))}")
    return found


def rule(f: Activation, order: Order) -> Callable[..., Any]:
    """The function or derivative of that order."""
    return partial(f.partial, order) if isinstance(order, str) else (f, f.derivative, f.second_derivative)[order]


def all_kinks(functions: Sequence[Activation]) -> tuple[float, ...]:
    """The kinks of all of them."""
    return tuple(sorted({k for f in functions for k in f.kinks_at()}))


# -- how it is called -------------------------------------------------------------------------


def settings(f: Activation) -> list[str]:
    """ "alpha=0.5" for every parameter."""
    values = {p: inspect.signature(f).parameters[p].default for p in f.params}
    return [f"{p}={v:g}" if isinstance(v, float | np.floating) else f"{p}={v}" for p, v in values.items()]


def label(f: Activation) -> str:
    """The function's name, with its parameters."""
    return f"{f.__name__}({', '.join(settings(f))})" if f.params else f.__name__


def tex(name: str) -> str:
    """A name of the code as TeX has it.

    >>> tex("alpha_p"), tex("lambd"), tex("a0"), tex("negative_slope")
    ('\\\\alpha_{p}', '\\\\lambda', 'a_{0}', '\\\\mathrm{negative\\\\ slope}')
    """
    parts = re.fullmatch(r"([A-Za-z]+?)_?(\d*|(?<=_)[a-z]+)", name)
    stem, below = parts.groups() if parts else (name, "")
    stem = "lambda" if stem == "lambd" else stem
    if stem in GREEK or len(stem) == 1:
        return "\\" * (stem in GREEK) + stem + (f"_{{{below}}}" if below else "")
    return "\\mathrm{" + name.replace("_", "\\ ") + "}"


def symbol(f: Activation, order: Order) -> str:
    r"""What the order is called on an axis: $f'(x)$, $\partial f/\partial\alpha$."""
    if isinstance(order, str):
        return rf"$\partial f\,/\,\partial {tex(order)}$"
    return f"$f{chr(39) * order}({tex(f.argument)})$"


def name(f: Activation, order: Order) -> str:
    """What the order is called in a legend."""
    return symbol(f, order) if isinstance(order, str) else f"{WORDS[order]} {symbol(f, order)}"


# -- where ------------------------------------------------------------------------------------


def near(kinks: Sequence[float], reach: float = 6, count: int = 1001) -> NDArray[Any]:
    """An even grid over [-reach, reach], wider if needed to show both sides of every finite kink."""
    sides = [k + side * max(2, abs(k) / 3) for k in kinks if math.isfinite(k) for side in (-1, 1)]
    return np.linspace(min(-reach, *sides, 0), max(reach, *sides, 0), count)


def between(xlim: tuple[float, float], count: int = 1001) -> NDArray[Any]:
    """An even grid over xlim; a ValueError unless it is two numbers, the smaller one first."""
    limits = np.ravel(xlim)
    if limits.shape != (2,) or not np.all(np.isfinite(limits)) or limits[0] >= limits[1]:
        raise ValueError(f"xlim is {xlim}; allowed: two finite numbers, the smaller one first")
    return np.linspace(limits[0], limits[1], count)


def share_without_blur(f: Activation) -> float:
    """The part of [-4, 4] on which a wave goes up and down 16 times; 1 for a function that does so less often."""
    turns = np.count_nonzero(np.diff(np.sign(np.nan_to_num(f.derivative(np.linspace(-4, 4, 4001))))))
    return min(1.0, 16 / turns) if turns else 1.0


def has_a_pole(f: Activation) -> bool:
    """Whether it is infinite at a kink."""
    return bool(np.isinf(f(np.array(f.kinks_at()))).any())


def in_view(value: NDArray[Any], *others: NDArray[Any]) -> tuple[float, float]:
    """Limits for a panel that show the first curve, and of the others what is not far beyond it."""
    shown = np.quantile(value[np.isfinite(value)], [0.02, 0.98])
    reach = 1.5 * max(1.0, *np.abs(shown))
    every = np.concatenate([value, *others])
    every = every[np.isfinite(every)].clip(-reach, reach)
    margin = 0.05 * (np.ptp(every) or 1)
    return float(every.min() - margin), float(every.max() + margin)


# -- drawing ----------------------------------------------------------------------------------


def draw(
    ax: Axes, compute: Callable[..., Any], kinks: Sequence[float], grid: NDArray[Any], number: int, label: str
) -> NDArray[Any]:
    """The panel's curve of that number, with a gap and a dot at each kink where it jumps; what was drawn."""
    look = style(number)
    kinks = [k for k in kinks if grid[0] <= k <= grid[-1]]
    x = np.unique([*grid, *(k + side * BESIDE * max(1, abs(k)) for k in kinks for side in (-1, 0, 1))])
    y = np.array(compute(x))
    jumps = []
    for k in kinks:
        distance = np.abs(x - k) / max(1, abs(k))
        if np.ptp(y[distance < 2 * BESIDE]) > 1e-6:
            y[distance < BESIDE / 2] = np.nan
            jumps.append(k)
    finite = y[np.isfinite(y)]
    if np.count_nonzero(np.diff(np.sign(finite - finite.mean()))) > 50:  # a wave from afar
        look |= {"linewidth": 0.5, "linestyle": "-"}
    ax.plot(x, y, label=label, **look)
    if jumps:
        ax.plot(jumps, compute(np.array(jumps)), "o", color=look["color"], markersize=max(3, 8 - 2 * number), zorder=3)
    return y


def mark_kinks(ax: Axes, grid: NDArray[Any], kinks: Sequence[float]) -> None:
    """Dotted lines at the kinks, in a panel as wide as the grid."""
    for i, k in enumerate(k for k in kinks if grid[0] <= k <= grid[-1]):
        ax.axvline(k, color=rcParams["axes.edgecolor"], linestyle=":", linewidth=1, label="_" * (i > 0) + "kink")
    ax.set_xlim(grid[0], grid[-1])
