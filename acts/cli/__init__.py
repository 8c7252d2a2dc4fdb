"""What the commands do. Each imports what it needs: tables rich, pictures matplotlib."""

import argparse
import importlib
from collections.abc import Sequence

import acts
from acts._arguments import hint


def elementwise(name: str) -> acts.Activation:
    """The function of that name, if it has a curve; a LookupError for a function of rows."""
    f = acts.get(name)
    if isinstance(f, acts.AxisFunction):
        raise LookupError(f"{f.__name__} is a function of rows: show and list know it, the other commands do not")
    return f


def chosen(given: list[str], allowed: Sequence[str], what: str) -> list[str]:
    """What was given, each once; a LookupError that lists what is allowed."""
    for value in given:
        if value not in allowed:
            raise LookupError(f"{value!r} is not {what}{hint(value, allowed)}; allowed: {', '.join(allowed)}")
    return list(dict.fromkeys(given))


COMMANDS = {  # where each is done
    **{name: f"{name}.{name}" for name in ("check", "accuracy", "vectors", "show", "dialects", "explore", "docs")},
    **{name: f"pictures.{name}" for name in ("plot", "compare", "gallery", "error")},
    "list": "listing.list_all",
}


def run(args: argparse.Namespace) -> int:
    """Carry out the parsed command line and return the exit status."""
    module, function = COMMANDS[args.command].split(".")
    status: int = getattr(importlib.import_module(f".{module}", __package__), function)(args)
    return status
