"""The pictures show what the functions say, with gaps only at jumps; the table shows the same numbers."""

import functools
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import acts
from acts._install import install_command
from acts.plotting import compare, gallery, plot, print_table
from acts.testing import example_parameters

NAMES = acts.names()
ORDERS = ["value $f(x)$", "first derivative $f'(x)$", "second derivative $f''(x)$"]
WAVES = ("siren",)


def example(name):
    return acts.get(name, **example_parameters(acts.get(name)))


@functools.cache
def drawn(name):
    """The picture of the example, to look at and not to change."""
    return plot(example(name))


def rules(f):
    return dict(zip(ORDERS, (f, f.derivative, f.second_derivative), strict=True))


def curves(ax):
    """Label -> (x, y) of the drawn curves."""
    named = [line for line in ax.get_lines() if not line.get_label().startswith("_") and line.get_label() != "kink"]
    return {line.get_label(): line.get_data() for line in named}


def finite(y):
    return y[np.isfinite(y)]


def dots(ax):
    """All (x, y) that carry a dot."""
    return [
        (float(x), float(y))
        for line in ax.get_lines()
        if line.get_marker() == "o"
        for x, y in zip(*line.get_data(), strict=True)
    ]


def dotted(ax):
    """Where the dotted vertical lines stand."""
    return sorted(line.get_xdata()[0] for line in ax.get_lines() if line.get_label().endswith("kink"))


@pytest.mark.parametrize("name", NAMES)
def test_curves_are_the_function_and_its_derivatives(name):
    f = example(name)
    for ax in drawn(name).axes[:2]:
        assert list(curves(ax)) == ORDERS
        for order, (x, y) in curves(ax).items():
            gaps = np.isnan(y)
            assert set(x[gaps & ~np.isnan(f(x))]) <= set(f.kinks_at())
            np.testing.assert_array_equal(y[~gaps], rules(f)[order](x[~gaps]))


@pytest.mark.parametrize("name", [name for name in NAMES if acts.get(name).params])
def test_partials_of_the_parameters_have_a_panel(name):
    f = example(name)
    near, _, partials = drawn(name).axes
    assert partials.get_xlim() == near.get_xlim()
    for parameter, (x, y) in zip(f.params, curves(partials).values(), strict=True):
        np.testing.assert_array_equal(y[~np.isnan(y)], f.partial(parameter, x[~np.isnan(y)]))


@pytest.mark.parametrize("name", NAMES)
def test_no_line_joins_the_two_sides_of_a_jump(name):
    f = example(name)
    for ax in drawn(name).axes[:2]:
        for order, (x, y) in curves(ax).items():
            for k in f.kinks_at():
                left, right = rules(f)[order](np.array([k - 1e-7, k + 1e-7]))
                segments = pairwise(zip(x, y, strict=True))
                joined = any(x0 <= k <= x1 and np.isfinite(y0 + y1) for (x0, y0), (x1, y1) in segments)
                assert joined == (abs(left - right) < 1e-5), (order, k)


@pytest.mark.parametrize("name", NAMES)
def test_kinks_are_marked(name):
    f = example(name)
    near, far = drawn(name).axes[:2]
    for ax in near, far:
        assert dotted(ax) == sorted(f.kinks_at())
        gaps = [(o, x[np.isnan(y) & ~np.isnan(f(x))]) for o, (x, y) in curves(ax).items()]
        expected = {(k, float(rules(f)[o](k))) for o, xs in gaps for k in xs}
        assert set(dots(ax)) == expected
    low, high = near.get_xlim()
    assert (low <= -6 and high >= 6) or name in WAVES
    assert all(low < k < high for k in f.kinks_at())


@pytest.mark.parametrize("name", NAMES)
def test_far_view_has_a_thousand_points_from_minus_to_plus_100(name):
    far = drawn(name).axes[1]
    grid = np.linspace(-100, 100, 1000)
    assert far.get_xlim() == (-100, 100)
    assert (far.get_xscale(), far.get_yscale()) == ("symlog", "symlog")
    for x, _ in curves(far).values():
        assert np.isin(grid, x).all()


def test_the_near_view_is_the_large_one():
    near, far, partials = drawn("prelu").axes
    assert near.get_position().width > 1.5 * far.get_position().width
    assert near.get_position().height > 1.5 * max(far.get_position().height, partials.get_position().height)


def test_dots_follow_the_convention_at_the_kink():
    near = plot("hard_swish").axes[0]
    assert {(-3.0, 0.0), (3.0, 1.0)} <= set(dots(near))
    assert dots(plot("softsign").axes[0]) == [(0.0, 0.0)]
    assert dots(plot("gelu").axes[0]) == []


@pytest.mark.parametrize("draw", [lambda: plot("log1mexp"), lambda: compare("log1mexp", "relu", print_values=False)])
def test_beside_a_pole_the_curve_leaves_the_picture(draw):
    for ax in (ax for ax in draw().axes if ax.get_yscale() == "linear" and ax.get_xscale() == "linear"):
        low, high = ax.get_ylim()
        first = finite(next(iter(curves(ax).values()))[1])
        assert np.mean((low < first) & (first < high)) > 0.9
        assert max(-low, high) < max(np.max(np.abs(finite(y))) for _, y in curves(ax).values()) / 4


def test_title_holds_definition_and_parameters():
    assert plot("elu", alpha=0.5).get_suptitle() == f"{acts.elu.definition}\nalpha=0.5"
    assert plot("Hard-Swish").get_suptitle() == acts.hard_swish.definition
    assert "slope=0.166667, offset=0.5" in plot("hard_sigmoid").get_suptitle()


def test_parameters_reach_the_curves():
    x, y = curves(plot(acts.elu, alpha=0.5).axes[0])[ORDERS[0]]
    np.testing.assert_array_equal(y, acts.elu(x, 0.5))
    assert dotted(plot("threshold", threshold=500, value=-3).axes[1]) == []
    assert plot("threshold", threshold=500, value=-3).axes[0].get_xlim()[1] > 600


@pytest.mark.parametrize("draw", [plot, lambda name: compare(name), lambda name: gallery([name])])
def test_a_wrong_name_is_a_lookup_error_with_a_suggestion(draw):
    with pytest.raises(LookupError, match="leaky_relu"):
        draw("leaky_rellu")
    with pytest.raises(LookupError, match="softmax is a function of rows"):
        draw("softmax")


def test_what_is_no_activation_is_not_called_one_of_rows():
    with pytest.raises(LookupError, match="tanh is no activation of acts, nor a name"):
        plot(np.tanh)


def test_a_wrong_parameter_is_a_type_error():
    with pytest.raises(TypeError, match="did you mean alpha"):
        plot("elu", alhpa=1)


def test_labels_are_those_of_mathematics():
    near, far, partials = drawn("elu").axes
    assert near.get_ylabel() == "$f(x)$, $f'(x)$, $f''(x)$"
    assert [ax.get_xlabel() for ax in (near, far, partials)] == ["$x$"] * 3
    assert partials.get_ylabel() == r"$\partial f\,/\,\partial \alpha$"
    assert plot("swiglu", value=1).axes[0].get_xlabel() == r"$\mathrm{gate}$"


def test_compare_overlays_the_functions():
    figure = compare("relu", acts.get("elu", alpha=0.5), "tanh", print_values=False)
    assert len(figure.axes) == 6
    for i, ax in enumerate(figure.axes):
        drawn = curves(ax)
        assert list(drawn) == ["relu", "elu(alpha=0.5)", "tanh"]
        assert ax.get_ylabel() in ORDERS[i // 2]
        x, y = drawn["elu(alpha=0.5)"]
        shown = ~np.isnan(y)
        expected = rules(acts.get("elu", alpha=0.5))[ORDERS[i // 2]](x)
        np.testing.assert_array_equal(y[shown], expected[shown])


def test_the_difference_of_two_has_a_panel():
    figure = compare("gelu", "gelu_tanh", print_values=False)
    assert len(figure.axes) == 8
    for ax in figure.axes[-2:]:
        assert ax.get_ylabel() == "gelu - gelu_tanh"
        assert ax.get_yscale() == "linear"
        for (x, y), order in zip(curves(ax).values(), ORDERS, strict=True):
            np.testing.assert_array_equal(y, rules(acts.gelu)[order](x) - rules(acts.gelu_tanh)[order](x))


def test_a_difference_is_broken_where_it_jumps():
    near = plot("elu", alpha=[1, 2]).axes[-2]
    assert near.get_ylabel() == "first - second"
    x, slopes = curves(near)["difference of $f'(x)$"]
    assert np.isnan(slopes[x == 0])
    assert (0.0, -1.0) in dots(near)


def test_compare_prints_the_values(capsys):
    compare("relu", "leaky_relu")
    printed = capsys.readouterr().out
    assert "negative_slope=0.01" in printed
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in printed.splitlines() if line.startswith("│")]
    assert [row[1:] for row in rows[:5]] == [
        ["-100", "0", "-1"], ["-1", "0", "-0.01"], ["0", "0", "0"], ["1", "1", "1"], ["100", "100", "100"]
    ]  # fmt: skip
    assert [row[2:] for row in rows[5:10]] == [["0", "0.01"]] * 3 + [["1", "1"]] * 2
    compare("relu", "leaky_relu", print_values=False)
    assert capsys.readouterr().out == ""


def test_the_table_is_never_cut(capsys):
    print_table(*NAMES, x=[-0.3, 2.5])
    printed = capsys.readouterr().out
    assert "…" not in printed
    for name in NAMES:
        assert name in printed
        assert f"{example(name).derivative(-0.3) + 0:.6g}" in printed
    print_table("relu", x=3)
    assert "3" in capsys.readouterr().out


def test_gallery_shows_every_function():
    figure = gallery()
    assert [ax.get_title() for ax in figure.axes if ax.axison] == list(NAMES)
    for ax, name in zip(figure.axes, NAMES, strict=False):
        x, y = curves(ax)[ORDERS[0]]
        np.testing.assert_array_equal(y[~np.isnan(y)], example(name)(x)[~np.isnan(y)])
    assert [ax.get_title() for ax in gallery([acts.get("elu", alpha=3)]).axes] == ["elu"]


@pytest.mark.parametrize(
    "draw", [lambda: plot("hardshrink"), lambda: compare("relu", "gelu"), lambda: gallery(NAMES[:7])]
)
def test_saving_a_picture(draw, tmp_path):
    figure = draw()
    for ending, magic in ((".png", b"\x89PNG"), (".svg", b"<?xml")):
        figure.savefig(tmp_path / f"picture{ending}", dpi=50)
        assert (tmp_path / f"picture{ending}").read_bytes().startswith(magic)


@pytest.mark.parametrize(
    "draw", [lambda: plot("gelu_tanh"), lambda: plot("rational"), lambda: gallery(["relu"]), gallery]
)
def test_nothing_is_drawn_outside_the_picture(draw):
    figure = draw()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    inside = figure.bbox
    for part in [*figure.texts, *figure.legends, *figure.axes]:
        box = part.get_tightbbox(canvas.get_renderer())
        assert inside.x0 <= box.x0
        assert box.x1 <= inside.x1
        assert inside.y0 <= box.y0
        assert box.y1 <= inside.y1


def test_a_given_figure_is_used():
    figure = type(plot("relu"))(layout="constrained")
    assert plot("relu", figure=figure) is figure


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_import_acts_does_not_import_matplotlib_or_rich():
    code = "import acts, sys; print([m for m in ('matplotlib', 'rich') if m in sys.modules])"
    assert run(code).stdout.strip() == "[]"


def test_pyplot_is_not_imported():
    code = "import sys, acts.plotting; acts.plotting.plot('relu'); print('matplotlib.pyplot' in sys.modules)"
    assert run(code).stdout.strip() == "False"


def test_what_to_install_when_a_package_is_missing():
    hidden = run("import sys; sys.modules['matplotlib'] = None; import acts.plotting")
    assert f"needs matplotlib: {install_command('matplotlib')}" in hidden.stderr
    hidden = run("import sys; sys.modules['rich'] = None; from acts.plotting import compare; compare('relu')")
    assert f"needs rich: {install_command('rich')}" in hidden.stderr
