"""The picture of a function as SVG that stands in the page and takes its colours, light or dark."""

import io
import re

import matplotlib
from matplotlib.figure import Figure

from acts import plotting
from acts.plotting._themes import GROUND

GRID = "var(--pst-color-border, #d5d8dc)"
CURVES = ("#0072b2", "#d55e00", "#009e73")
"""The colours of value, first and second derivative in `acts.plotting`; the style sheet has two shades of each."""


def picture(name: str) -> str:
    """The `svg` element that `acts.plotting.plot` draws."""
    stream = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": name, "path.simplify_threshold": 0.5}):
        figure = plotting.plot(name, figure=Figure(figsize=(9, 4.5), layout="constrained"))
        figure.suptitle("")  # the page has the definition
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    paper, ink, lines = (color.lower() for color in GROUND["light"])
    for color, other in ((ink, "currentColor"), ("#000000", "currentColor"), (paper, "none"), (lines, GRID)):
        svg = svg.replace(color, other)
    for i, color in enumerate(CURVES):
        svg = svg.replace(color, f"var(--acts-curve-{i}, {color})")
    svg = re.sub(
        r'<svg ([^>]*?)width="[^"]*"', rf'<svg role="img" aria-label="{name} and its derivatives" \1', svg, count=1
    )
    svg = re.sub(r'(<svg [^>]*?)height="[^"]*"', r"\1", svg, count=1)
    return re.sub(r"\s+", " ", svg).strip()  # one line: to Markdown an empty one would be the end of it
