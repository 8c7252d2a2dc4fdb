"""What the commands do. Each imports what it needs: tables rich, pictures matplotlib."""

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
    if args.command == "explore":
        from ..explorer import explore

        print(explore(args.output or "acts-explorer.html", show=not (args.output or args.no_open)))
        return 0
    if args.command in ("list", "show"):
        from . import listing

        if args.command == "list":
            return listing.list_all(args)
        from .show import show

        return show(args)
    from . import pictures

    return {"plot": pictures.plot, "compare": pictures.compare, "gallery": pictures.gallery, "error": pictures.error}[
        args.command
    ](args)
