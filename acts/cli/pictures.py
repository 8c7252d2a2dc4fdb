"""python -m acts plot, compare, gallery and error."""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from acts import plotting
from acts._arguments import hint, known_arguments
from acts.cli import elementwise

Draw = Callable[..., Any]
OPTIONS = "the options are --orders, --xlim, --theme and -o"
# What matplotlib draws with where it has no display:
WINDOWLESS = ["agg", "cairo", "pdf", "pgf", "ps", "svg", "template"]


def plot(args: argparse.Namespace) -> int:
    """One function, or a family of it."""
    if len(args.name) > 1:
        return compare(args)
    f, params = elementwise(args.name[0]), parameters(args.rest)
    try:
        known_arguments(f.__name__, f.params, params)
    except TypeError as error:
        raise TypeError(f"{error}; {OPTIONS}") from None
    draw: Draw = partial(plotting.plot, f, **params)  # type: ignore[arg-type]
    return _drawn(args, draw if args.orders is None else partial(draw, orders=_orders(args.orders)))


def compare(args: argparse.Namespace) -> int:
    """Several functions, each with those of the parameters that it has; and their values."""
    functions, params = [elementwise(name) for name in args.name], parameters(args.rest)
    known = [name for f in functions for name in f.params]
    for name in params:
        if name not in known:
            raise TypeError(f"none of {', '.join(args.name)} has a parameter {name!r}{hint(name, known)}; {OPTIONS}")
    members = [m for f in functions for m in plotting.family(f, {n: v for n, v in params.items() if n in f.params})]
    orders = (0, 1, 2) if args.orders is None else _orders(args.orders)
    status = _drawn(args, partial(plotting.compare, *members, orders=orders, print_values=False))
    try:
        plotting.print_table(*members)
    except ModuleNotFoundError as error:
        print(f"acts: {error}", file=sys.stderr)
    return status


def gallery(args: argparse.Namespace) -> int:
    """A panel for each function."""
    functions = [elementwise(name) for name in args.name] or None
    return _drawn(args, partial(plotting.gallery, functions))


def error(args: argparse.Namespace) -> int:
    """The errors of a function's implementations over x."""
    against = args.against.split(",") if args.against else ()
    draw = partial(plotting.error_plot, elementwise(args.name), against, dtype=args.dtype)
    return _drawn(args, draw if args.orders is None else partial(draw, orders=_orders(args.orders)))


def _drawn(args: argparse.Namespace, draw: Draw) -> int:
    """Draw into the file, or into a window."""
    if args.xlim is not None:
        draw = partial(draw, xlim=tuple(args.xlim))
    if args.output is None:
        draw(theme=args.theme, figure=_window(draw))
        import matplotlib.pyplot as plt

        plt.show()
        return 0
    if not Path(args.output).suffix:
        raise ValueError(f"--output {args.output!r} needs an ending: .png, .svg or .pdf")
    draw(theme=args.theme).savefig(args.output)
    print(f"wrote {args.output}")
    return 0


def _window(draw: Draw) -> Any:
    """A figure in a window; a ValueError where none can be opened, after what is wrong with the drawing itself."""
    import matplotlib.pyplot as plt

    if plt.get_backend().lower() in WINDOWLESS:
        draw()
        raise ValueError("no window can be opened here; name a file: -o picture.png, or .svg or .pdf")
    return plt.figure(figsize=(12, 8), layout="constrained")


def _orders(text: str) -> list[int | str]:
    return [int(order) if order.isdigit() else order for order in text.split(",")]


def parameters(rest: list[str]) -> dict[str, list[float]]:
    """What is left of the command line: --alpha 0.5 1 2 --beta=3 for {"alpha": [0.5, 1.0, 2.0], "beta": [3.0]}.

    >>> parameters(["--alpha", "0.5", "1", "--beta=-3"])
    {'alpha': [0.5, 1.0], 'beta': [-3.0]}
    """
    found: dict[str, list[float]] = {}
    values: list[float] | None = None
    for word in rest:
        if word.startswith("--"):
            name, _, word = word.removeprefix("--").partition("=")
            values = found.setdefault(name.replace("-", "_"), [])
        if values is None:
            raise ValueError(f"{word!r} is not understood; a parameter is given as --alpha 0.5")
        try:
            values += [float(number) for number in word.split(",") if number]
        except ValueError:
            raise ValueError(f"--{name} takes numbers, not {word!r}") from None
    return found
