"""The documents say what is true: examples run, tables are fresh, CONTRIBUTING works when followed literally."""

import doctest
import inspect
import os
import re
import runpy
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import acts
import acts.testing
import acts_jax

ROOT = Path(__file__).parents[1]


PAGES = [
    ("README.md", 15),
    ("docs/jax.md", 15),
    ("docs/porting.md", 4),
    ("docs/gates.md", 12),
    ("docs/softmaxes.md", 15),
    ("docs/initialisation.md", 9),
    ("docs/checking.md", 20),
    ("docs/quickstart_models.md", 11),
    ("docs/quickstart_teaching.md", 24),
    ("docs/quickstart_kernels.md", 13),
    ("docs/faq.md", 16),
]


@pytest.mark.parametrize(("page", "least"), PAGES)
def test_the_examples_of_a_page_run(page, least):
    failed, tried = doctest.testfile(str(ROOT / page), module_relative=False)
    assert tried >= least
    assert failed == 0


def test_the_readme_is_short_and_counts_right():
    text = " ".join((ROOT / "README.md").read_text().split())
    assert (ROOT / "README.md").stat().st_size < 8000
    hand, gates, rows, papers = (len(acts.names(kind=kind)) for kind in ("elementwise", "gated", "axis", "literature"))
    counted = (
        f"{hand} of one array, {gates} gates of two and {rows} functions of whole rows by hand, {papers} from papers"
    )
    assert counted in text


def test_every_link_within_the_project_leads_somewhere():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", prose):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_tables_of_the_pages_are_fresh(capsys):
    tables = runpy.run_path(str(ROOT / "scripts" / "tables.py"))
    assert tables["main"](["--check"]) == 0, capsys.readouterr().out


def test_a_stale_table_is_noticed(tmp_path, capsys):
    tables = runpy.run_path(str(ROOT / "scripts" / "tables.py"))
    stale, page = tmp_path / "functions.md", ROOT / "docs" / "functions.md"
    stale.write_text(page.read_text().replace("`max(0, x)`", "`max(x, 0)`", 1))
    assert tables["main"](["--check", str(stale)]) == 1
    assert "function table is stale" in capsys.readouterr().out
    assert tables["main"]([str(stale)]) == 0
    assert stale.read_text() == page.read_text()


@pytest.mark.parametrize("package", [acts, acts_jax, acts.testing], ids=lambda p: p.__name__)
def test_every_public_name_is_documented(package):
    for name, value in vars(package).items():
        if not name.startswith("_") and callable(value):
            assert len(inspect.getdoc(value) or "") > 40, name


def test_every_file_is_short():
    for path in [*ROOT.glob("acts*/**/*.py"), *ROOT.glob("tests/*.py"), *ROOT.glob("examples/*.py")]:
        assert len(path.read_text().splitlines()) <= 300, path


def blocks_of(document):
    """(files, code) of the code blocks whose fence names files."""
    for files, code in re.findall(r"```python ([^\n]+)\n(.*?)```", document, flags=re.S):
        yield files.split(), textwrap.dedent("   " + code.lstrip() if not code.startswith(" ") else code)


@pytest.mark.programs
def test_adding_an_activation_as_contributing_says_gives_it_all_its_tests(tmp_path):
    """In a copy of the tree: the blocks are appended to the files they name, and the tests run for the new name."""
    for part in (p for p in ROOT.iterdir() if not p.name.startswith(".")):
        (shutil.copytree if part.is_dir() else shutil.copy)(part, tmp_path / part.name)
    blocks = list(blocks_of((ROOT / "CONTRIBUTING.md").read_text()))
    assert [files for files, _ in blocks] == [
        ["acts/families/rectifiers.py"],
        ["acts_jax/families/rectifiers.py"],
        ["acts/__init__.py", "acts_jax/__init__.py"],
    ]
    for files, code in blocks:
        for file in files:
            with (tmp_path / file).open("a") as target:
                target.write("\n\n" + code)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-k", "cubed_relu", "-p", "no:cacheprovider", "--assert=plain",
               "--doctest-modules", "tests", "acts"]  # fmt: skip
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    passed = re.search(r"(\d+) passed", run.stdout)
    assert run.returncode == 0, run.stdout[-3000:]
    assert int(passed[1]) >= 40
    check = [sys.executable, "-m", "acts", "check", "acts_jax", "--only", "cubed_relu", "--points", "200"]
    run = subprocess.run(check, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 checked, all pass" in run.stdout
