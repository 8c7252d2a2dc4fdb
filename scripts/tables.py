"""Writes the generated tables of the pages in docs/.

    python scripts/tables.py [--check] [FILE]

A table stands between <!-- NAME --> and <!-- end NAME -->. With --check nothing is written; the exit status is 1 and
the message says which table is stale. It is 1, too, where the markers of a table are missing.
"""

import argparse
import inspect
import json
import math
import re
import sys
from pathlib import Path

import jax

import acts
from acts._mathml import read_kinks
from acts.dialects import migration_table
from acts.testing import bounds
from acts_jax import nn

ROOT = Path(__file__).parent.parent


def function_table() -> str:
    """One line per function: name, definition, kinks, family."""
    lines = ["| function | definition | kinks | family |", "| --- | --- | --- | --- |"]
    for f in map(acts.get, acts.names()):
        kinks = ", ".join(f"`{kink}`" for kink in read_kinks(f.kinks)) or "none"
        family = f.family.replace("_", " ")
        lines.append(f"| `{f.__name__}` | `{f.definition.partition(' = ')[2]}` | {kinks} | {family} |")
    return "\n".join(lines)


def axis_table() -> str:
    """One line per function of rows: name, definition, what has a cotangent, family."""
    lines = ["| function | definition | besides x, vjp goes to | family |", "| --- | --- | --- | --- |"]
    for f in map(acts.get, acts.names("axis")):
        params = ", ".join(f"`{name}`" for name in f.params) or "nothing"
        lines.append(f"| `{f.__name__}` | `{f.definition.partition(' = ')[2]}` | {params} | {f.family} |")
    return "\n".join(lines)


def gain_table() -> str:
    """One line per function that has a value for every parameter: mean and deviation of its output, and its gain."""
    lines = ["| function | mean | standard deviation | gain |", "| --- | --- | --- | --- |"]
    for f in map(acts.get, acts.names()):
        if all(p.default is not p.empty for p in list(inspect.signature(f).parameters.values())[1:]):
            try:
                mean, std = acts.moments(f)
            except ValueError:  # log1mexp and softplus_inverse live on x > 0
                continue
            lines.append(f"| `{f.__name__}` | {mean + 0:.4f} | {std:.4f} | {acts.gain(f):.4f} |")
    return "\n".join(lines).replace("-0.0000", "0.0000")


def literature_table() -> str:
    """One line per entry of the catalogue: name, definition, defaults, kinks."""
    lines = ["| function | definition | parameters | kinks |", "| --- | --- | --- | --- |"]
    for f in map(acts.get, acts.names("literature")):
        params = ", ".join(f"{name} = {value:g}" for name, value in f._defaults.items()) or "none"
        kinks = ", ".join(f"`{kink}`" for kink in f.kinks) or "none"
        lines.append(f"| `{f.__name__}` | `{f.definition.partition(' = ')[2]}` | {params} | {kinks} |")
    return "\n".join(lines)


def gated_table() -> str:
    """One line per gated function: name, definition, the parameters besides both operands, kinks, source."""
    lines = ["| function | definition | parameters | kinks | source |", "| --- " * 5 + "|"]
    for f in map(acts.get, acts.names("gated")):
        defaults = ((name, f.__signature__.parameters[name].default) for name in f.params[1:])
        params = ", ".join(f"{name} = {value:g}" for name, value in defaults) or "none"
        kinks = ", ".join(f"`{kink}`" for kink in f.kinks) or "none"
        lines.append(f"| `{f.__name__}` | `{f.definition.partition(' = ')[2]}` | {params} | {kinks} | {f.paper} |")
    return "\n".join(lines)


def nn_table() -> str:
    """One line per function of acts_jax.nn that is not jax.nn's own: what computes it."""
    lines = ["| `acts_jax.nn` | computed by |", "| --- | --- |"]
    for name in nn.__all__:
        if getattr(nn, name) is not getattr(jax.nn, name):
            first = getattr(nn, name).__doc__.partition("\n")[0]
            by = " or ".join(f"`{function}`" for function in re.findall(r"acts_jax\.\w+", first))
            lines.append(f"| `{name}` | {by} |")
    return "\n".join([*lines, "| every other name | the object of jax.nn |"])


def transformation_table() -> str:
    """One line per transformation of JAX: of how many functions it is right, as scripts/transformations.py found."""
    record = json.loads((ROOT / "docs" / "transformations.json").read_text(encoding="utf-8"))
    lines = [f"| transformation | {' | '.join(record)} |", "| --- " * (1 + len(record)) + "|"]
    for name in next(iter(record.values()))["transformations"]:
        all_and_failed = [(len(run["functions"]), len(run["failed"].get(name, ()))) for run in record.values()]
        lines.append(f"| {name} | {' | '.join(f'{n - failed} of {n}' for n, failed in all_and_failed)} |")
    reasons = {f"{name}: {why}." for run in record.values() for name, why in run["reasons"].items()}
    return "\n".join([*lines, "", *sorted(reasons)])


def accuracy_table() -> str:
    """The summary of benchmarks/results/accuracy.md, which `python -m acts accuracy` wrote."""
    text = (ROOT / "benchmarks" / "results" / "accuracy.md").read_text(encoding="utf-8")  # float32 comes first
    return text.partition("\n## Summary")[2].partition("\n\n")[2].partition("\n\n## ")[0]


def bounds_table() -> str:
    """One line per package and types: the bounds that all functions keep."""
    lines = ["| package | types | value | derivative, partials | second derivative |", "| --- " * 5 + "|"]
    for (package, dtypes), kinds in bounds.ALL.items():
        lines.append(f"| `{package}` | {', '.join(dtypes)} | {' | '.join(map(_limits, kinds))} |")
    pieces = "; ".join(f"`{name}` {limit:g}" for name, limit in bounds.PIECEWISE.items())
    return "\n".join([*lines, "", f"In ulp, of the values of polynomials in pieces, in float32 and float64: {pieces}."])


def wider_table() -> str:
    """One line per bound that is wider than that of all functions, with its reason."""
    lines = ["| package | types | functions | quantities | bound | found | reason |", "| --- " * 7 + "|"]
    for own in bounds.OWN:
        named = [", ".join(map("`{}`".format, names)) for names in (own.functions, own.quantities)]
        rest = (", ".join(own.dtypes), *named, _limits(own.bound), own.found, own.reason)
        lines.append(f"| `{own.package}` | {' | '.join(rest)} |")
    return "\n".join(lines)


def _limits(bound: bounds.Bound) -> str:
    given = bound._asdict().items()
    return ", ".join(f"{name} {limit:g}" for name, limit in given if limit != math.inf)


TABLES = {
    "migration table": migration_table,
    "jax.nn table": nn_table,
    "function table": function_table,
    "axis table": axis_table,
    "gain table": gain_table,
    "gated table": gated_table,
    "literature table": literature_table,
    "transformation table": transformation_table,
    "accuracy table": accuracy_table,
    "bounds table": bounds_table,
    "wider bounds": wider_table,
}
DOCUMENTS = {
    "docs/functions.md": ("function table", "gated table", "axis table", "literature table", "accuracy table"),
    "docs/initialisation.md": ("gain table",),
    "docs/jax.md": ("transformation table",),
    "docs/porting.md": ("jax.nn table", "migration table"),
    "docs/numerics.md": ("bounds table", "wider bounds"),
}


def without_table(text: str, names: tuple[str, ...]) -> list[str]:
    """The names of the tables whose markers the text lacks."""
    return [name for name in names if f"<!-- {name} -->" not in text or f"<!-- end {name} -->" not in text]


def rewritten(text: str, name: str) -> str:
    """The text with that table as it is generated now; its markers must be there."""
    before, _, rest = text.partition(f"<!-- {name} -->")
    _, _, after = rest.partition(f"<!-- end {name} -->")
    return f"{before}<!-- {name} -->\n\n{TABLES[name]()}\n\n<!-- end {name} -->{after}"


def main(arguments: list[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", help="a copy of one of them; by default, all where they are")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a table is stale")
    given = parser.parse_args(arguments)
    files = [given.file] if given.file else [ROOT / document for document in DOCUMENTS]
    stale = [_stale(file, given.check) for file in files]
    return int(any(stale))


def _stale(file: Path, check: bool) -> bool:
    names = next((tables for document, tables in DOCUMENTS.items() if Path(document).name == file.name), ())
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    missing = without_table(text, names)
    stale = [name for name in names if name not in missing and rewritten(text, name) != text]
    for name in missing:
        print(f"{file} has no place for the {name}: <!-- {name} --> and <!-- end {name} --> are missing")
    for name in stale:
        print(f"{file}: the {name} {'is stale, run scripts/tables.py' if check else 'is rewritten'}")
        text = rewritten(text, name)
    if stale and not check:
        file.write_text(text, encoding="utf-8")
    return bool(missing or (check and stale) or not names)


if __name__ == "__main__":
    sys.exit(main())
