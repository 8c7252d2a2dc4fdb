"""The notebooks are committed clear of outputs, and each ends in exercises with answers. Sphinx executes them."""

import json
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "notebooks"
HTML = ROOT / "docs" / "_build" / "html" / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "notebooks.py"))


@pytest.fixture(params=NOTEBOOKS)
def text(request):
    return (FOLDER / f"{request.param}.ipynb").read_text(encoding="utf-8")


@pytest.fixture
def cells(text):
    return [{**cell, "source": "".join(cell["source"])} for cell in json.loads(text)["cells"]]


def test_every_notebook_is_on_the_site():
    index = (FOLDER / "index.md").read_text(encoding="utf-8")
    toc = re.search(r"```\{toctree\}\n:hidden:\n\n(.*?)\n```", index, flags=re.DOTALL)
    assert sorted((toc[1] if toc else "").split()) == NOTEBOOKS
    assert set(NOTEBOOKS) == set(re.findall(r"\]\((\w+)\.ipynb\)", index))


def test_it_is_committed_clear(text):
    assert text == SCRIPT["cleared"](text), "run python scripts/notebooks.py"
    assert len(text) < 60_000


def test_what_a_run_leaves_behind_is_cleared(text):
    run = json.loads(text)
    code = next(cell for cell in run["cells"] if cell["cell_type"] == "code")
    code |= {"execution_count": 3, "outputs": [{"name": "stdout", "output_type": "stream", "text": ["1\n"]}]}
    code["metadata"]["execution"] = {"iopub.execute_input": "2026-01-01"}
    run["metadata"]["language_info"]["version"] = "3.12.1"
    assert SCRIPT["cleared"](json.dumps(run)) == text


def test_cells_are_short_and_known_apart(cells):
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert cells[0]["source"].startswith("# ")
    for cell in cells:
        assert 0 < len(cell["source"].splitlines()) <= 30, cell["id"]


def test_exercises_have_answers(cells):
    start = next(i for i, cell in enumerate(cells) if cell["source"].startswith("## Exercises"))
    assert not any(SCRIPT["HIDDEN"] in cell["metadata"].get("tags", []) for cell in cells[:start])
    asked = [n for cell in cells[start:] for n in re.findall(r"^\*\*(\d)\.\*\*", cell["source"], flags=re.MULTILINE)]
    answers = [cell for cell in cells[start:] if SCRIPT["HIDDEN"] in cell["metadata"].get("tags", [])]
    assert asked == [str(n) for n in range(1, len(asked) + 1)]
    assert len(answers) >= len(asked) >= 3
    assert all(cell["cell_type"] == "code" for cell in answers)


@pytest.mark.site
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_site_shows_what_was_run_without_a_network(name):
    page = (HTML / f"{name}.html").read_text(encoding="utf-8")
    assert page.count('<div class="output') >= 5
    assert page.count("Show an answer") == page.count(f"tag_{SCRIPT['HIDDEN']}") >= 3
    assert "<math" in page
    assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"(https?:[^\"]+)", page)
