"""python -m acts vectors: test vectors of functions as files, for kernels in any language."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import track

import acts
from acts._dtypes import ALLOWED
from acts.cli import chosen, elementwise
from acts.testing.vector_files import write
from acts.testing.vectors import cases


def vectors(args: argparse.Namespace) -> int:
    """The command; its exit status is 0."""
    names = acts.names() if args.only is None else [elementwise(name).__name__ for name in args.only.split(",")]
    dtypes = chosen(args.dtype.split(","), ALLOWED, "a type")
    work = [(name, dtype) for name in names for dtype in dtypes]
    steps = track(work, "computing", console=Console(stderr=True), transient=True)
    manifest = write((cases(name, dtype) for name, dtype in steps), Path(args.out))
    print(f"{len(work)} cases, listed in {manifest}")
    return 0
