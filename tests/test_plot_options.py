"""What the options of pictures choose: orders, limits, families of curves; and what they say to wrong ones."""

import inspect

import numpy as np
import pytest

import acts
from acts.plotting import compare, gallery, plot

VALUE, SLOPE, ALPHA = "value $f(x)$", "first derivative $f'(x)$", r"$\partial f\,/\,\partial \alpha$"


def curves(ax):
    """Label -> (x, y) of the drawn curves."""
    named = [line for line in ax.get_lines() if not line.get_label().startswith("_") and line.get_label() != "kink"]
    return {line.get_label(): line.get_data() for line in named}


@pytest.mark.parametrize(
    ("draw", "error", "says"),
    [
        (lambda: plot("elu", orders=[3]), LookupError, "3 is no order; allowed: 0, 1, 2, alpha"),
        (lambda: plot("elu", orders=["alhpa"]), LookupError, "did you mean alpha"),
        (lambda: plot("elu", orders=[]), ValueError, "no order to draw"),
        (lambda: plot("elu", alpha=[]), ValueError, "alpha was given no value"),
        (lambda: plot("elu", xlim=(1, -1)), ValueError, "the smaller one first"),
        (lambda: plot("elu", xlim=(0, np.inf)), ValueError, "two finite numbers"),
        (lambda: plot("elu", theme="drak"), LookupError, "did you mean dark"),
        (lambda: plot("softmax"), LookupError, "softmax is a function of rows"),
        (lambda: compare("elu", "relu", orders=["alpha"]), LookupError, "allowed: 0, 1, 2$"),
    ],
)
def test_wrong_usage_says_what_is_allowed(draw, error, says):
    with pytest.raises(error, match=says):
        draw()


def test_no_parameter_is_called_as_an_option_of_plot_is():
    options = {name for name, p in inspect.signature(plot).parameters.items() if p.kind is p.KEYWORD_ONLY}
    assert options == {"orders", "xlim", "theme", "figure"}
    for name in acts.names("all"):
        assert options.isdisjoint(acts.get(name).params)


def test_xlim_and_orders_choose_what_is_seen():
    near, far = plot("elu", orders=[1], xlim=(-2, 1)).axes
    assert (near.get_xlim(), far.get_xlim()) == ((-2, 1), (-100, 100))
    assert list(curves(near)) == list(curves(far)) == [SLOPE]
    near, far = plot("elu", orders=["alpha"]).axes
    (x, y) = curves(near)[ALPHA]
    np.testing.assert_array_equal(y, acts.elu.partial("alpha", x))
    assert len(compare("relu", "elu", "gelu", orders=[0, 2], print_values=False).axes) == 4
    (panel,) = gallery(["gelu"], orders=[0], xlim=(-1, 1)).axes
    assert (list(curves(panel)), panel.get_xlim()) == ([VALUE], (-1, 1))


def test_several_values_of_a_parameter_are_a_family():
    values = [0.25, 0.5, 1.0]
    figure = plot("elu", alpha=values)
    assert [ax.get_ylabel() for ax in figure.axes[::2]] == ["$f(x)$", "$f'(x)$", "$f''(x)$"]
    for value, (x, y) in zip(values, curves(figure.axes[0]).values(), strict=True):
        np.testing.assert_array_equal(y, acts.elu(x, value))
    assert list(curves(plot("hard_sigmoid", slope=[0.2, 0.5], offset=[0, 1]).axes[0])) == [
        f"hard_sigmoid(slope={slope}, offset={offset})" for slope in (0.2, 0.5) for offset in (0, 1)
    ]
