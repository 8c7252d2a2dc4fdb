"""Runs every transformation of JAX on every function, and records how many pass each, for the table in docs/jax.md.

    python scripts/transformations.py [ARGUMENTS OF PYTEST]

The record, docs/transformations.json, has one entry for each release of JAX and default type; the environment this is
run in, and JAX_ENABLE_X64, say which entry is renewed. Then `scripts/tables.py` writes the table. With two workers,
`-n 2 --dist loadgroup`, and two cores it takes about five minutes.
"""

import collections
import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "docs" / "transformations.json"


class Recorder:
    """A plugin of pytest that counts the passes of each transformation, and keeps the reason of what may fail."""

    def __init__(self) -> None:
        self.passed: collections.Counter[str] = collections.Counter()
        self.reasons: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Called by pytest for each phase of each test."""
        name = dict(report.user_properties).get("transformation")
        if name and report.when == "call":
            self.passed[name] += report.passed
            if hasattr(report, "wasxfail"):
                self.reasons[name] = report.wasxfail


def main(arguments: list[str]) -> int:
    """The exit status, pytest's."""
    recorder = Recorder()
    tests = str(ROOT / "tests" / "test_jax_transformations.py") + "::test_every_transformation"
    status = pytest.main(["-q", "-m", "exhaustive", tests, *arguments], plugins=[recorder])
    import jax

    import acts_jax

    run = f"jax {jax.__version__} {jax.numpy.result_type(float)}"
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    record[run] = {
        "devices": f"{jax.device_count()} x {jax.default_backend()}",
        "functions": len(acts_jax.names()),
        "passed": dict(recorder.passed),
        "reasons": recorder.reasons,
    }
    RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
