"""python -m acts docs."""

import argparse
import importlib.util
import subprocess
import sys
import webbrowser
from pathlib import Path

import acts

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "_build" / "html"
INSTALL = "pip install -e '.[docs]'"


def docs(args: argparse.Namespace) -> int:
    """Open the page of a function, or the site, which is built first if it has not been."""
    page = "index.html" if args.name is None else f"functions/{acts.get(args.name).__name__}.html"
    if not (ROOT / "docs" / "conf.py").exists():
        raise FileNotFoundError("the documentation is built from the source tree, and this is an installed copy")
    if args.build or not (SITE / page).exists():
        if not all(importlib.util.find_spec(name) for name in ("sphinx", "myst_nb", "pydata_sphinx_theme")):
            raise FileNotFoundError(f"the documentation is not built yet; to build it, in {ROOT}: {INSTALL}")
        print("building the documentation, which takes a few minutes ...", flush=True)
        command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(ROOT / "docs"), str(SITE)]
        if subprocess.run(command, check=False).returncode:
            return 1
    print(SITE / page)
    if not args.no_open:
        webbrowser.open((SITE / page).as_uri())
    return 0
