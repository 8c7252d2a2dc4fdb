"""Clear the notebooks to be committed: no outputs, no counts, nothing that a program or a machine left behind.

python scripts/notebooks.py              all that are in docs/notebooks
"""

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
KERNEL["language_info"] = {"name": "python"}
HIDDEN = "hide-cell"
"""The tag of an answer: the site folds it, and so does Jupyter."""


def cleared(text: str) -> str:
    """The notebook as it is committed: a change of one line is one line of the diff."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags", [])
        cell["metadata"] = {"tags": tags} if tags else {}
        if HIDDEN in tags:
            cell["metadata"]["jupyter"] = {"source_hidden": True}
        if cell["cell_type"] == "code":
            cell |= {"execution_count": None, "outputs": []}
        cell["source"] = "".join(cell["source"]).strip().splitlines(keepends=True)
    notebook["metadata"] = KERNEL
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(paths: list[str]) -> None:
    for path in [Path(path) for path in paths] or FOLDER.glob("*.ipynb"):
        path.write_text(cleared(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
