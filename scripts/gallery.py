"""Draw the pictures of the pages: docs/gallery.png, and where torch is installed docs/errors.png, which it measures."""

from importlib.util import find_spec
from pathlib import Path

from acts.plotting import error_plot, gallery

DOCS = Path(__file__).parents[1] / "docs"


def main():
    DOCS.mkdir(exist_ok=True)
    gallery().savefig(DOCS / "gallery.png", dpi=85)
    if find_spec("torch") is None:
        print("docs/errors.png is as it was: to measure it takes the extra peers")
        return
    errors = error_plot("gelu", against=["acts_jax", "jax.nn", "torch"], xlim=(-14, 4))
    errors.savefig(DOCS / "errors.png", dpi=85)


if __name__ == "__main__":
    main()
