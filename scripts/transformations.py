"""Runs every transformation of JAX on every function, and records which fail, for the table in docs/jax.md.

    python scripts/transformations.py [FUNCTION ...]

The record, docs/transformations.json, has one entry for each release of JAX and default type; the environment this is
run in, and JAX_ENABLE_X64, say which entry is renewed: the functions named, or those that it does not have yet. Each is
written as soon as it is measured, half a minute on an idle core, so a run may be stopped and gone on with. Then
`scripts/tables.py` writes the table.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "docs" / "transformations.json"


class Recorder:
    """A plugin of pytest that keeps what passed and what failed of one function, and the reason of what may fail."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.failed: set[str] = set()
        self.reasons: dict[str, str] = {}

    @property
    def measured(self) -> list[str]:
        """The transformations that were carried out."""
        return sorted(self.passed | self.failed)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Called by pytest for each phase of each test."""
        name = dict(report.user_properties).get("transformation")
        if name and report.when == "call":
            (self.passed if report.passed else self.failed).add(name)
            if hasattr(report, "wasxfail"):
                self.reasons[name] = report.wasxfail


def added(run: dict[str, Any], function: str, found: Recorder) -> dict[str, Any]:
    """The entry with what was found of a function; begun anew where the transformations are no longer the same."""
    transformations = found.measured
    if run.get("transformations") != transformations:
        run = {"transformations": transformations, "functions": [], "failed": {}, "reasons": {}}
    failed = {name: set(run["failed"].get(name, ())) - {function} for name in transformations}
    for name in found.failed:
        failed[name].add(function)
    return {
        **run,
        "functions": sorted({*run["functions"], function}),
        "failed": {name: sorted(functions) for name, functions in failed.items() if functions},
        "reasons": run["reasons"] | found.reasons,
    }


def main(functions: list[str]) -> int:
    """The exit status: pytest's, of the first function that is not right."""
    tests = str(ROOT / "tests" / "test_jax_transformations.py") + "::test_every_transformation"
    import jax  # after conftest.py has set the devices

    import acts_jax

    entry, status = f"jax {jax.__version__} {jax.numpy.result_type(float)}", 0
    for name in functions or missing(entry, acts_jax.names()):
        recorder = Recorder()
        ids = [f"{tests}[{name}-{way}]" for way in transformations()]
        of_this = int(pytest.main(["-q", "-m", "exhaustive", *ids], plugins=[recorder]))
        status = status or of_this
        if recorder.measured != sorted(transformations()):
            raise SystemExit(f"{name}: not all was run, and nothing of it is recorded")
        record = json.loads(RECORD.read_text(encoding="utf-8"))
        record[entry] = added(record.get(entry, {}), name, recorder)
        record[entry]["devices"] = f"{jax.device_count()} x {jax.default_backend()}"
        RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return status


def missing(entry: str, names: tuple[str, ...]) -> list[str]:
    """The functions that the entry does not have."""
    run = json.loads(RECORD.read_text(encoding="utf-8")).get(entry, {"functions": []})
    return [name for name in names if name not in run["functions"]]


def transformations() -> list[str]:
    """The names of all transformations, as tests/transformations.py has them."""
    sys.path.insert(0, str(ROOT / "tests"))
    from transformations import BY_ORDER

    return [name for ways in BY_ORDER for name in ways]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
