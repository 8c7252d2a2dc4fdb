"""Draw the README's pictures: docs/gallery.png and docs/compare.png."""

from pathlib import Path

from acts.plotting import compare, gallery

DOCS = Path(__file__).parents[1] / "docs"


def main():
    DOCS.mkdir(exist_ok=True)
    gallery().savefig(DOCS / "gallery.png", dpi=85)
    compare("relu", "leaky_relu", "elu", "gelu", print_values=False).savefig(DOCS / "compare.png", dpi=100)


if __name__ == "__main__":
    main()
