"""python -m acts plot, compare, gallery and error: what is drawn, and where to."""

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

import acts
from acts import plotting
from acts.__main__ import main
from acts._install import install_command
from acts.cli import pictures


@pytest.fixture
def drawn(capsys, monkeypatch, tmp_path):
    """Runs a command that writes a.svg in an empty folder; returns its figure and what it printed."""
    monkeypatch.chdir(tmp_path)
    figures = []
    for name in ("plot", "compare", "gallery", "error_plot"):
        right = getattr(plotting, name)

        def recording(*args, right=right, **options):
            figures.append(right(*args, **options))
            return figures[-1]

        monkeypatch.setattr(plotting, name, recording)

    def run(arguments):
        assert main([*arguments.split(), "-o", "a.svg"]) == 0
        printed = capsys.readouterr()
        assert printed.out.startswith("wrote a.svg\n")
        assert (tmp_path / "a.svg").read_bytes().startswith(b"<?xml")
        return figures[-1], printed.out

    return run


def labels(ax):
    return [line.get_label() for line in ax.get_lines() if not line.get_label().startswith("_")]


def test_plot_takes_parameters_limits_orders_and_a_theme(drawn):
    figure, printed = drawn("plot elu --alpha -0.5 --xlim -3 1 --orders 0,alpha --theme dark")
    near, _, partials = figure.axes
    assert near.get_xlim() == partials.get_xlim() == (-3, 1)
    x, y = near.get_lines()[0].get_data()
    np.testing.assert_array_equal(y, acts.elu(x, -0.5))
    assert labels(partials)[0] == r"$\partial f\,/\,\partial \alpha$"
    assert figure.get_facecolor() != (1, 1, 1, 1)
    assert printed == "wrote a.svg\n"


@pytest.mark.parametrize("given", ["--alpha 0.5 1", "--alpha 0.5,1", "--alpha=0.5 --alpha 1"])
def test_several_values_are_a_family(drawn, given):
    figure, _ = drawn(f"plot elu {given}")
    assert labels(figure.axes[0])[:2] == ["elu(alpha=0.5)", "elu(alpha=1)"]


@pytest.mark.parametrize("command", ["compare", "plot"])
def test_compare_gives_parameters_to_those_that_have_them(drawn, command):
    figure, printed = drawn(f"{command} relu elu hard_sigmoid --alpha 2 --slope 0.5 --orders 0")
    named = ["relu", "elu(alpha=2)", "hard_sigmoid(slope=0.5, offset=0.5)"]
    assert [label for label in labels(figure.axes[0]) if label != "kink"] == named
    assert "alpha=2 ┃" in printed  # the table of values


def test_gallery_draws_those_named(drawn):
    figure, _ = drawn("gallery relu GELU --xlim -1 1")
    assert [(ax.get_title(), ax.get_xlim()) for ax in figure.axes] == [("relu", (-1, 1)), ("gelu", (-1, 1))]


def test_error_measures_those_named(drawn):
    figure, _ = drawn("error gelu --against jax.nn --xlim -5 5 --orders 0")
    (ax,) = figure.axes
    assert labels(ax)[0] == "acts"
    assert labels(ax)[1].startswith("jax.nn 0.")


def test_without_a_file_a_window_opens(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(plt, "get_backend", lambda: "tkagg")
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    plt.switch_backend("agg")
    assert main(["plot", "relu"]) == 0
    (figure,) = shown
    assert figure.get_suptitle() == acts.relu.definition
    assert capsys.readouterr().out == ""
    plt.close(figure)


def test_a_parameter_of_every_function_can_be_given():
    """No option of the command stands in the way of one that is called alike."""
    for name in acts.names("all"):
        for parameter in getattr(acts.get(name), "params", ()):
            assert pictures.parameters([f"--{parameter}", "-1.5"]) == {parameter: [-1.5]}
            assert f"--{parameter}" not in ("--orders", "--xlim", "--theme", "--output", "--help")


def test_pictures_need_no_rich_and_compare_says_what_its_table_needs(tmp_path):
    for arguments, says in (("plot relu", ""), ("gallery relu", ""), ("compare relu gelu", install_command("rich"))):
        code = "import sys; sys.modules['rich'] = None; from acts.__main__ import main; sys.exit(main(sys.argv[1:]))"
        command = [sys.executable, "-c", code, *arguments.split(), "-o", "a.png"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "wrote a.png\n"), done.stderr
        assert done.stderr == (f"acts: the table needs rich: {says}\n" if says else "")
