"""python -m acts dialects."""

import argparse

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

import acts
from acts._arguments import UnknownNameError, hint
from acts._registry import spelling_of
from acts.dialects import FRAMEWORKS, ROWS, frameworks, remark


def dialects(args: argparse.Namespace) -> int:
    """What a function is in every framework, and what a framework calls by its name."""
    try:
        here = acts.get(args.name).__name__
    except LookupError:
        here = None
    rows = [row for row in ROWS if row.function == here or spelling_of(row.name) == spelling_of(args.name)]
    if not rows:
        known = {name for row in ROWS for name in (row.name, row.function)}
        problem = f"no framework of the table has {args.name!r}{hint(args.name, known)}"
        raise UnknownNameError(f"{problem}; frameworks: {', '.join(FRAMEWORKS)}")
    table = Table("framework", *(Column(name, overflow="fold") for name in ("theirs", "here", "to know")))
    for row in rows:
        table.add_row(", ".join(frameworks(row)), *(escape(text) for text in (row.theirs, row.ours, remark(row))))
    Console().print(table)
    return 0
