"""What to install where an optional package is missing: a command that works however acts itself was installed."""

import re
import shlex
from importlib.metadata import PackageNotFoundError, requires

DISTRIBUTION = "acts-nn"
TOGETHER = (("rich", "plotext", "mpmath", "ml_dtypes"), ("matplotlib",), ("jax",), ("torch",), ("keras",), ("onnx",))
"""The optional packages; those that one command of the command line needs are installed at once."""


def install_command(package: str) -> str | None:
    """pip's command for a package, in the versions that the extras ask for; None if it is none of the optional ones.

    >>> install_command("numpy") is None
    True
    """
    package = {"jaxlib": "jax"}.get(package, package)
    needed = next((group for group in TOGETHER if package in group), None)
    return needed and f"pip install {shlex.join(map(_requirement, needed))}"


def _requirement(package: str) -> str:
    """The package with its versions, which a copy of the code that was not installed doesn't know."""
    try:
        found = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        found = []
    versions = (re.fullmatch(rf"{package.replace('_', '[-_]')}\s*([^;\[]*);.*", line) for line in found)
    return package + next((match[1].strip() for match in versions if match), "")
