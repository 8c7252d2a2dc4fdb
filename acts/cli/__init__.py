"""What the commands do. Needs the extra cli."""

import argparse


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
    from . import show

    return {"list": show.list_all, "show": show.show, "plot": show.plot}[args.command](args)
