"""python -m acts list."""

import argparse
import inspect
import json
from typing import Any

import acts
from acts._json import plain
from acts._mathml import read_kinks


def list_all(args: argparse.Namespace) -> int:
    """Every function with its definition, its parameters and their defaults, its kinks; or all of it as JSON."""
    if args.json:
        print(json.dumps([entry(name) for name in acts.names("all")], indent=1, allow_nan=False))
        return 0
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    columns = (Column(header, overflow="fold") for header in ("definition", "parameters", "kinks"))
    table = Table(Column("function", no_wrap=True), *columns)
    family = ""
    for name in acts.names("all"):
        f = acts.get(name)
        if f.family != family:
            family = f.family
            table.add_section()
            table.add_row(f"[bold]{family}[/]")
        kinks = ", ".join(read_kinks(f.kinks)) if isinstance(f, acts.Activation) else ""
        table.add_row(name, escape(f.definition.partition(" = ")[2]), parameters(f) or "-", kinks or "-")
    Console().print(table)
    return 0


def parameters(f: Any) -> str:
    """Every parameter with its default, if it has one."""
    shown = [name if default is inspect.Parameter.empty else f"{name}={_short(default)}" for name, default in _of(f)]
    return ", ".join(shown)


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _of(f: Any) -> list[tuple[str, Any]]:
    _, *rest = inspect.signature(f).parameters.values()
    return [(p.name, p.default) for p in rest if p.name != "out"]


def entry(name: str) -> dict[str, Any]:
    """What the record of a function says, for programs; a parameter without a default has none here."""
    f = acts.get(name)
    given = [(p, float(d) if isinstance(d, float) else d) for p, d in _of(f)]
    params = [{"name": p} if d is inspect.Parameter.empty else {"name": p, "default": plain(d)} for p, d in given]
    return {
        "name": f.__name__,
        "kind": f.kind,
        "family": f.family,
        "definition": f.definition,
        "parameters": params,
        "kinks": list(f.kinks) if isinstance(f, acts.Activation) else [],
        "aliases": list(f.aliases),
        "source": f.paper,
    }
