"""Writes the pages of the site that come from code: one per function, the list of all, the reference, the measurements.

    python -m generate             (in docs/)

`conf.py` does so before every build; what is written is not committed.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import acts
from acts.__main__ import parser

from . import api, functions

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
WRITTEN = ("functions", "reference", "results", "examples", "project")
"""The folders of generated pages."""
OTHERS = ("command_line", "../results/index", "../project/CONTRIBUTING", "../project/CHANGELOG")
"""What stands in the reference besides the modules."""


def pages(pictures: bool = True) -> Iterator[tuple[str, str]]:
    """Every generated page, as its path below docs/ and its text."""
    names = acts.names("all")
    drawn = _drawn([name for name in names if isinstance(acts.get(name), acts.Activation)]) if pictures else {}
    for name in names:
        yield f"functions/{name}.md", functions.page(name, drawn.get(name, ""))
    yield "functions/index.md", index(names)
    for module in (*api.MODULES, *api.LAYERS):
        yield f"reference/{module}.md", api.page(module)
    yield "reference/index.md", _listed("Reference", [*api.MODULES, *api.LAYERS, *OTHERS])
    yield "reference/command_line.md", command_line()
    results = sorted((ROOT / "benchmarks" / "results").glob("*.md"))
    for path in results:
        text = path.read_text(encoding="utf-8") or f"# {path.stem}\n\nNothing is recorded here yet.\n"
        yield f"results/{path.name}", relinked(text if text.startswith("# ") else f"# {path.stem}\n\n{text}")
    yield "results/index.md", _listed("Measurements", [path.stem for path in results])
    scripts = sorted((ROOT / "examples").glob("*.py"))
    for path in scripts:
        text = f"# {path.name}\n\n```{{literalinclude}} ../../examples/{path.name}\n:language: python\n```\n"
        yield f"examples/{path.stem}.md", text
    yield "examples/index.md", _listed("Examples", [path.stem for path in scripts])
    for name in ("CONTRIBUTING", "CHANGELOG"):
        text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
        yield f"project/{name}.md", relinked(re.sub(r"^( *```\w+) [^\n]+$", r"\1", text, flags=re.M))


def write(pictures: bool = True) -> None:
    """Write the pages, and remove those that are generated no longer."""
    current = dict(pages(pictures))
    for folder in WRITTEN:
        for path in (DOCS / folder).glob("*.md"):
            if f"{folder}/{path.name}" not in current:
                path.unlink()
    for name, text in current.items():
        path = DOCS / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # what is not touched is not read again
            path.write_text(text, encoding="utf-8")


def remove() -> None:
    """Remove all that `write` wrote."""
    for folder in WRITTEN:
        shutil.rmtree(DOCS / folder, ignore_errors=True)


def index(names: tuple[str, ...]) -> str:
    """The list of all functions, family by family, each with its definition."""
    text = (
        "Every function has a page: its definition, derivatives, picture, kinks, limits and errors, its code in NumPy "
        "and JAX, and its names in other frameworks, by which the search finds it, too."
    )
    parts = ["# Every function", text]
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(functions.group_of(acts.get(name)), []).append(name)
    for group, found in groups.items():
        lines = [(f"[{name}]({name}.md)", f"`{acts.get(name).definition.partition(' = ')[2]}`") for name in found]
        toc = "\n".join(["```{toctree}", ":hidden:", f":caption: {group}", "", *found, "```"])
        parts += [f"## {group}", functions.table(("function", "definition"), lines), toc]
    return "\n\n".join(parts) + "\n"


def command_line() -> str:
    """What every command's --help says."""
    main = parser()
    commands = next(action for action in main._actions if action.dest == "command").choices or {}
    parts = ["# Command line", f"```text\n{main.format_help()}```"]
    parts += [f"## {name}\n\n```text\n{sub.format_help()}```" for name, sub in commands.items()]
    return "\n\n".join(parts) + "\n"


def relinked(text: str) -> str:
    """Links between files of the project as links between pages of the site.

    >>> relinked("[a](../benchmarks/results/a.md) [b](../examples/b.py) [c](docs/c.md) [L](LICENSE)")
    '[a](/results/a.md) [b](/examples/b.md) [c](/c.md) L'
    """
    text = re.sub(r"\]\((?:\.\./)*benchmarks/results/([\w.-]+\.md)", r"](/results/\1", text)
    text = re.sub(r"\]\((?:\.\./)*examples/(\w+)\.py", r"](/examples/\1.md", text)
    text = re.sub(r"\]\((?:\.\./)*(CONTRIBUTING|CHANGELOG)\.md", r"](/project/\1.md", text)
    text = re.sub(r"\[([^\]]*)\]\(LICENSE\)", r"\1", text)
    return re.sub(r"\]\(docs/", "](/", text)


def _listed(title: str, names: list[str]) -> str:
    return "\n".join([f"# {title}", "", "```{toctree}", ":maxdepth: 1", "", *names, "```", ""])


def _drawn(names: list[str]) -> dict[str, str]:
    """The picture of each, drawn by as many processes as there are processors for them."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from .pictures import picture

    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        return dict(zip(names, pool.map(picture, names, chunksize=8), strict=True))
