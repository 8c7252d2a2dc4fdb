"""python -m acts explore."""

import argparse

from acts import explorer


def explore(args: argparse.Namespace) -> int:
    """The page on which to try every function."""
    print(explorer.explore(args.output or "acts-explorer.html", show=not (args.output or args.no_open)))
    return 0
