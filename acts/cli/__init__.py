"""What the commands do. Needs the extra cli."""

import argparse

import acts


def elementwise(name: str) -> acts.Activation:
    """The function of that name, if it has a curve; a LookupError for a function of rows."""
    f = acts.get(name)
    if isinstance(f, acts.AxisFunction):
        raise LookupError(f"{f.__name__} is a function of rows: show and list know it, the other commands do not")
    return f


def run(args: argparse.Namespace) -> int:
    """Carry out the parsed command line and return the exit status."""
    if args.command == "check":
        from .check import check

        return check(args)
    if args.command == "accuracy":
        from .accuracy import accuracy

        return accuracy(args)
    if args.command == "dialects":
        from .dialects import dialects

        return dialects(args)
    if args.command == "docs":
        from .docs import docs

        return docs(args)
    from . import show

    return {"list": show.list_all, "show": show.show, "plot": show.plot}[args.command](args)
