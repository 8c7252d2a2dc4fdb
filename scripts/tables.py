"""Writes the generated tables of README.md: functions, migration, and transformations of JAX.

    python scripts/tables.py [--check] [FILE]

A table stands between <!-- NAME --> and <!-- end NAME -->. With --check nothing is written; the exit status is 1 and
the message says which table is stale. It is 1, too, where the markers of a table are missing.
"""

import argparse
import json
import sys
from pathlib import Path

import acts
from acts.dialects import migration_table

ROOT = Path(__file__).parent.parent


def function_table() -> str:
    """One line per function: name, definition, kinks, family."""
    lines = ["| function | definition | kinks | family |", "| --- | --- | --- | --- |"]
    for f in map(acts.get, acts.names()):
        kinks = ", ".join(f"`{kink.removesuffix(' else nan')}`" for kink in f.kinks) or "none"
        family = f.family.replace("_", " ")
        lines.append(f"| `{f.__name__}` | `{f.definition.partition(' = ')[2]}` | {kinks} | {family} |")
    return "\n".join(lines)


def transformation_table() -> str:
    """One line per transformation of JAX: of how many functions it is right, as scripts/transformations.py found."""
    record = json.loads((ROOT / "docs" / "transformations.json").read_text(encoding="utf-8"))
    lines = [f"| transformation | {' | '.join(record)} |", "| --- " * (1 + len(record)) + "|"]
    for name in next(iter(record.values()))["passed"]:
        passed = [f"{run['passed'].get(name, 0)} of {run['functions']}" for run in record.values()]
        lines.append(f"| {name} | {' | '.join(passed)} |")
    reasons = {f"{name}: {why}." for run in record.values() for name, why in run["reasons"].items()}
    return "\n".join([*lines, "", *sorted(reasons)])


TABLES = {
    "migration table": migration_table,
    "function table": function_table,
    "transformation table": transformation_table,
}


def without_table(text: str) -> list[str]:
    """The names of the tables whose markers the text lacks."""
    return [name for name in TABLES if f"<!-- {name} -->" not in text or f"<!-- end {name} -->" not in text]


def rewritten(text: str, name: str) -> str:
    """The text with that table as it is generated now; its markers must be there."""
    before, _, rest = text.partition(f"<!-- {name} -->")
    _, _, after = rest.partition(f"<!-- end {name} -->")
    return f"{before}<!-- {name} -->\n\n{TABLES[name]()}\n\n<!-- end {name} -->{after}"


def main(arguments: list[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=ROOT / "README.md")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a table is stale")
    given = parser.parse_args(arguments)
    text = given.file.read_text(encoding="utf-8") if given.file.exists() else ""
    missing = without_table(text)
    stale = [name for name in TABLES if name not in missing and rewritten(text, name) != text]
    for name in missing:
        print(f"{given.file} has no place for the {name}: <!-- {name} --> and <!-- end {name} --> are missing")
    for name in stale:
        print(f"{given.file}: the {name} {'is stale, run scripts/tables.py' if given.check else 'is rewritten'}")
        text = rewritten(text, name)
    if stale and not given.check:
        given.file.write_text(text, encoding="utf-8")
    return int(bool(missing or (given.check and stale)))


if __name__ == "__main__":
    sys.exit(main())
