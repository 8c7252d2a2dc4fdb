"""python -m acts show."""

import argparse
import inspect
from collections.abc import Iterable
from typing import Any

import numpy as np
import plotext
from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

import acts
from acts._grammar import head_of
from acts._install import install_command
from acts._mathml import remarks
from acts.dialects import ROWS
from acts.testing.grids import example_parameters

from ._sources import explained, source_of
from ._textbook import textbook
from .listing import parameters


def show(args: argparse.Namespace) -> int:
    """All that the record knows of a function, its source in both packages, values at a few points, a small plot."""
    f, console = acts.get(args.name), Console()
    console.print(f"[bold]{escape(f.definition)}[/]", highlight=False, soft_wrap=True)
    elementwise = isinstance(f, acts.Activation)
    if elementwise and not console.options.ascii_only:
        console.print("\n" + escape(textbook(f)), highlight=False, soft_wrap=True)
        for remark in remarks(head_of(f.definition)[2]):
            console.print(escape(remark.replace("`", "")), highlight=False)
    summary = inspect.cleandoc(f.formula.__doc__ or "").partition("\n\n")[2].partition("\n\n")[0]
    if summary:
        console.print("\n" + escape(" ".join(summary.split())), highlight=False)
    console.print()
    _facts(f, console)
    if f._defined:
        console.print(
            "\nIts derivatives are those of its definition, by the rules for jets in acts/_jets.py", highlight=False
        )
    else:
        _sources("NumPy", [*f.formulas().values()] if elementwise else [f.formula, f.rules["vjp"]], console)
        _jax_sources(f, console)
    if not elementwise:
        _row(f, console)
        return 0
    params = example_parameters(f)
    bare = [name for name in f.params if name not in f._defaults]
    console.print()
    if bare:
        console.print(f"With {', '.join(f'{name} = {params[name]:g}' for name in bare)}:", highlight=False)
    _print_whole(_values(f, params), console)
    if not console.options.ascii_only:
        console.print(_plot(f, params), highlight=False, markup=False)
    return 0


def _facts(f: Any, console: Console) -> None:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("parameters", escape(parameters(f) or "none"))
    if isinstance(f, acts.Activation):
        at = f.kinks_at(**example_parameters(f))
        kinks = [k if k == f"{x:g}" else f"{k} = {x:g}" for k, x in zip(f.kinks, at, strict=False)]
        facts.add_row("kinks", ", ".join(kinks) or "none")
        for name, value in f.constants().items():
            if name.isupper() and name in f.definition:
                facts.add_row("constant", f"{name} = {value!r}")
    facts.add_row("aliases", ", ".join(f.aliases) or "none")
    rows = [row for row in ROWS if row.function == f.__name__]
    facts.add_row(
        "elsewhere", escape("\n".join(f"{row.framework}: {row.theirs} is {row.ours}" for row in rows)) or "unknown"
    )
    facts.add_row("source", escape(f.paper) or "none")
    console.print(facts, highlight=False)


def _sources(title: str, formulas: Iterable[Any], console: Console) -> None:
    """Formulas, what they use, and the source of that which nothing is said of; no line is cut."""
    formulas = list(formulas)
    said, shown = explained(formulas)
    console.print(f"\n[bold]{title}[/]")
    for source in dict.fromkeys([*map(source_of, formulas), *shown.values()]):
        console.print(Syntax("", "python", theme="ansi_dark").highlight(source), soft_wrap=True)
    for name, meaning in said.items():
        console.print(f"[bold]{escape(name)}[/]: {escape(meaning)}", highlight=False)


def _jax_sources(f: Any, console: Console) -> None:
    try:
        import acts_jax
    except ModuleNotFoundError as error:
        command = install_command((error.name or "").partition(".")[0])
        if command is None:
            raise
        console.print(f"\n[bold]JAX[/]\nThe source in JAX needs {error.name}: {escape(command)}", highlight=False)
        return
    mirror = acts_jax.get(f.__name__)
    formulas = [inspect.unwrap(mirror)] if f.kind == "axis" else [*acts_jax.formulas(mirror).values()]
    _sources("JAX", formulas, console)


def _row(f: Any, console: Console) -> None:
    """What an axis function makes of a row."""
    row = np.array([-2.0, -0.5, 0.0, 0.5, 1.0, 3.0])
    y = np.asarray(f(row, *([0] if f.__name__ == "gumbel_softmax" else [])))
    console.print("\nx", np.array2string(row, precision=6), "f", np.array2string(y, precision=6), highlight=False)


def _print_whole(table: Table, console: Console) -> None:
    """Rather a long line than a cut number."""
    whole = console.measure(table, options=console.options.update(max_width=10_000)).maximum
    width = console.width
    console.width = max(width, whole)
    console.print(table)
    console.width = width


def _values(f: acts.Activation, params: dict[str, Any]) -> Table:
    x = np.unique([-np.inf, -10.0, -1.0, -0.1, 0.0, 0.1, 1.0, 10.0, np.inf, *f.kinks_at(**params)])
    columns = {
        f.argument: x,
        "f": f(x, **params),
        "f'": f.derivative(x, **params),
        "f''": f.second_derivative(x, **params),
    }
    columns |= {f"df/d{name}": f.partial(name, x, **params) for name in f.params}
    table = Table(*(header for header in columns))
    for row in zip(*columns.values(), strict=True):
        table.add_row(*(f"{value:.7g}" for value in row))
    return table


def _plot(f: acts.Activation, params: dict[str, Any]) -> str:
    x = np.linspace(-5, 5, 201)
    x = x[np.isfinite(f(x, **params))]  # not outside its domain, where it is NaN, nor at a pole
    plotext.clear_figure()
    plotext.plotsize(72, 18)
    plotext.theme("clear")
    plotext.plot(x.tolist(), np.asarray(f(x, **params)).tolist(), label="f")
    plotext.plot(x.tolist(), np.asarray(f.derivative(x, **params)).tolist(), label="f'", marker="dot")
    return str(plotext.uncolorize(plotext.build()))
