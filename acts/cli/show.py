"""python -m acts list, show and plot."""

import argparse
import inspect
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import plotext
from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

import acts
from acts.cli import elementwise
from acts.testing.grids import example_parameters


def list_all(args: argparse.Namespace) -> int:
    """Every function with its definition."""
    table = Table("function", "definition", "kinks", "family")
    for name in acts.names("all"):
        f = acts.get(name)
        kinks = ", ".join(f.kinks) if isinstance(f, acts.Activation) else ""
        table.add_row(name, escape(f.definition.partition(" = ")[2]), kinks or "-", f.family)
    Console().print(table)
    return 0


def show(args: argparse.Namespace) -> int:
    """All that the record knows of a function, with values at a few points and a small plot."""
    f, console = acts.get(args.name), Console()
    console.print(f"[bold]{escape(f.definition)}[/]", highlight=False)
    console.print(inspect.cleandoc(f.formula.__doc__ or "").partition("\n\n")[2].partition("\n\n")[0], highlight=False)
    if isinstance(f, acts.AxisFunction):
        _show_rows(f, console)
        return 0
    params = example_parameters(f)
    facts = Table.grid(padding=(0, 2))
    facts.add_row("parameters", ", ".join(f"{n} = {v:g}" for n, v in params.items()) or "none")
    kinks = ", ".join(
        f"{k} = {at:g}" if k != f"{at:g}" else k for k, at in zip(f.kinks, f.kinks_at(**params), strict=False)
    )
    facts.add_row("kinks", kinks or "none")
    facts.add_row("aliases", ", ".join(f.aliases) or "none")
    facts.add_row("source", f.paper)
    console.print(facts)
    if f._defined:
        console.print(
            "\nIts derivatives are those of its definition, by the rules for jets in acts/_jets.py", highlight=False
        )
    else:
        _formulas(f.formulas().values(), console)
    console.print(_values(f, params))
    if not console.options.ascii_only:
        console.print(_plot(f, params), highlight=False, markup=False)
    return 0


def _formulas(formulas: Iterable[Any], console: Console) -> None:
    console.print("\n[bold]Formulas[/]")
    for formula in formulas:
        source = textwrap.dedent(inspect.getsource(formula))
        console.print(
            Syntax(source[source.index("def ") :].replace(_docstring(formula), ""), "python", theme="ansi_dark")
        )


def _show_rows(f: acts.AxisFunction, console: Console) -> None:
    """What the record of an axis function knows, with what it makes of a row."""
    facts = Table.grid(padding=(0, 2))
    facts.add_row("call", escape(f"{f.__name__}{inspect.signature(f)}"))
    facts.add_row("aliases", ", ".join(f.aliases) or "none")
    facts.add_row("source", f.paper or "none")
    console.print(facts)
    _formulas([f.formula, f.rules["vjp"]], console)
    row = np.array([-2.0, -0.5, 0.0, 0.5, 1.0, 3.0])
    y = np.asarray(f(row, *([0] if f.__name__ == "gumbel_softmax" else [])))
    console.print("x", np.array2string(row, precision=6), "f", np.array2string(y, precision=6), highlight=False)


def _docstring(formula: object) -> str:
    doc = getattr(formula, "__doc__", None)
    return f'    """{doc}"""\n' if doc else ""


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


def plot(args: argparse.Namespace) -> int:
    """Draw one function, or compare several."""
    from acts import plotting

    if not Path(args.output).suffix:
        raise ValueError(f"--output {args.output!r} needs an ending: .png, .svg or .pdf")
    functions = [elementwise(name) for name in args.name]
    if len(functions) == 1:
        figure = plotting.plot(functions[0], **example_parameters(functions[0]))
    else:
        figure = plotting.compare(*functions)
    figure.savefig(args.output)
    Console().print(f"wrote {args.output}", highlight=False)
    return 0
