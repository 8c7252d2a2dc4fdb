"""Light and dark: curves are told apart, by colour-blind readers too, and all of a picture has the theme's colours."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import acts
from acts.plotting import compare, plot
from acts.plotting._themes import COLORS, GROUND


def looks(ax):
    """Colour, dashes and width of the curves."""
    named = [line for line in ax.get_lines() if not line.get_label().startswith("_") and line.get_label() != "kink"]
    return [(line.get_color(), line.get_linestyle(), line.get_linewidth()) for line in named]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_eight_curves_have_a_colour_each_and_sixteen_differ(theme):
    shown = looks(compare(*acts.names()[:16], theme=theme, print_values=False).axes[0])
    assert len({color for color, *_ in shown[:8]}) == 8
    assert len(set(shown)) == 16


# How red, green and blue look to those who lack the cones of one of them: Machado, Oliveira, Fernandes, "A
# Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1.
BLIND = {
    "nobody": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colors):
    """Linear sRGB, a row for each colour."""
    c = np.array([to_rgb(color) for color in colors])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIELAB, in which a distance of 2.3 is just seen."""
    t = rgb @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    t = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.stack([116 * t[:, 1] - 16, 500 * (t[:, 0] - t[:, 1]), 200 * (t[:, 1] - t[:, 2])], axis=1)


@pytest.mark.parametrize("blind", BLIND)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_told_apart_and_stand_out(theme, blind):
    seen = lab(np.clip(linear(COLORS[theme]) @ np.transpose(BLIND[blind]), 0, 1))
    distances = np.linalg.norm(seen[:, None] - seen, axis=2)
    assert np.min(distances + 999 * np.eye(8)) > 15
    luminance = linear([GROUND[theme][0], *COLORS[theme]]) @ TO_XYZ[1] + 0.05
    assert np.all(np.maximum(luminance[0] / luminance, luminance / luminance[0])[1:] > 3)


def test_a_theme_colours_all_of_a_picture():
    figure = compare("relu", "gelu", theme="dark", print_values=False)
    paper, ink, _ = map(to_rgb, GROUND["dark"])
    assert to_rgb(figure.get_facecolor()) == paper
    for ax in figure.axes:
        assert to_rgb(ax.get_facecolor()) == paper
        ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()]
        assert {to_rgb(text.get_color()) for text in (ax.xaxis.label, ax.yaxis.label, *ticks)} == {ink}
    assert to_rgb(plot("relu").get_facecolor()) == (1, 1, 1)
