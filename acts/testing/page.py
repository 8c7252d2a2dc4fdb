"""A report as one page that needs nothing else: the error in ulp over x, for each type and property."""

import html
import math
from collections.abc import Sequence

from .verdicts import Report, Verdict

WIDTH, HEIGHT, LEFT = 640, 150, 60
DECADES = 12.0  # of ulp, from 0.01 on
STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
svg { width: 100%; height: auto } text { font-size: 11px; fill: currentColor }
.error { stroke: #2f6fdd; fill: none } .allowed { stroke: #c8402f; fill: none; stroke-dasharray: 4 3 }
.grid { stroke: currentColor; opacity: .2 }
"""


def page(reports: Sequence[Report]) -> str:
    """HTML with the text of each report and a picture of each property that was measured point by point.

    >>> from acts.testing import check
    >>> text = page([check(lambda x: x.clip(0), "relu", dtypes=["float32"], derivative=lambda x: 1 * (x > 0))])
    >>> text.count("<svg") == 1 and "<script" not in text
    True
    """
    body = "\n".join(_section(report) for report in reports)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>activations, checked</title>'
        f"<style>{STYLE}</style></head><body>\n<h1>Activations, checked</h1>\n"
        "<p>Blue: the largest error near x, in units in the last place. Red: what is allowed there.</p>\n"
        f"{body}\n</body></html>\n"
    )


def _section(report: Report) -> str:
    heading = f"{report.candidate} as {report.function}: {report.verdict}"
    pictures = [_picture(verdict) for verdict in report.verdicts if verdict.curve]
    return f"<h2>{html.escape(heading)}</h2>\n<pre>{html.escape(str(report))}</pre>\n" + "\n".join(pictures)


def _picture(verdict: Verdict) -> str:
    title = html.escape(", ".join([verdict.name, verdict.dtype, *(f"{k} = {v:g}" for k, v in verdict.params.items())]))
    reach = max(abs(x) for x, _, _ in verdict.curve) or 1.0
    lines = []
    for name, column in (("allowed", 2), ("error", 1)):
        points = [(_across(row[0], reach), _up(row[column])) for row in verdict.curve if not math.isnan(row[column])]
        lines.append(f'<polyline class="{name}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>')
    grid = []
    for ulp in (0.01, 1.0, 100.0, 1e4, 1e6, 1e8, 1e10):
        grid.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{_up(ulp):.1f}" y2="{_up(ulp):.1f}"/>')
        grid.append(f'<text x="{LEFT - 6}" y="{_up(ulp) + 4:.1f}" text-anchor="end">{ulp:g}</text>')
    for x in (-reach, -1.0, 0.0, 1.0, reach):
        grid.append(f'<text x="{_across(x, reach):.1f}" y="{HEIGHT + 16}" text-anchor="middle">{x:.3g}</text>')
    return f'<h3>{title}</h3>\n<svg viewBox="0 0 {WIDTH + 30} {HEIGHT + 24}">{"".join(grid + lines)}</svg>'


def _across(x: float, reach: float) -> float:
    """Linear around 0, logarithmic further out, with both signs."""
    share = math.asinh(8 * x) / math.asinh(8 * reach)
    return LEFT + (WIDTH - LEFT) * (1 + share) / 2


def _up(ulp: float) -> float:
    decade = math.log10(min(max(ulp, 0.01), 1e10)) + 2
    return HEIGHT - HEIGHT * decade / DECADES
