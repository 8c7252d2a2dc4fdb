"""The demonstrations on the digits show what they say: each is run in a small way; its pictures, science and words."""

import contextlib
import io
import math
import re
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import acts
from acts.testing import example_parameters

EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))

import choosing  # noqa: E402
import demonstration  # noqa: E402
import digits  # noqa: E402
import digits_numpy  # noqa: E402
import dying_relu  # noqa: E402
import learned_activations  # noqa: E402
import self_normalising  # noqa: E402
import vanishing_gradients  # noqa: E402

pytestmark = pytest.mark.programs
MODULES = [dying_relu, vanishing_gradients, self_normalising, choosing, learned_activations]
by_name = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """A function: (what main returns, what it printed, the picture) of a module's quick run, each run once."""
    folder = tmp_path_factory.mktemp("pictures")

    @cache
    def run(module):
        file = folder / f"{module.__name__}.png"
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            found = module.main(["--quick", "--plot", str(file)])
        return found, printed.getvalue(), file

    return run


@by_name
def test_a_quick_run_prints_and_draws(module, quick):
    _, printed, file = quick(module)
    assert "──" in printed  # the table
    assert " ± " in printed  # the spread over the seeds
    assert "2 seeds" in printed
    assert printed.splitlines()[-1] == f"drawn: {file}"
    assert file.read_bytes().startswith(b"\x89PNG")
    assert file.stat().st_size > 10_000


@by_name
def test_help(module, capsys):
    with pytest.raises(SystemExit, match="0"):
        module.main(["--help"])
    printed = capsys.readouterr().out
    assert f"python examples/{module.__name__}.py --plot" in printed
    for option in ("--seeds", "--quick", "--plot"):
        assert option in printed


@by_name
@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--seeds", "0"], "'0' is not a whole number from 1"), (["--plot", "a.gif"], "'a.gif' ends neither in .png")],
)
def test_nonsense_options(module, arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        module.main(arguments)
    assert message in capsys.readouterr().err


def test_the_backward_pass_by_differences():
    """Each parameter of each layer, learned ones too, against central differences along a random direction."""
    rng, data = np.random.default_rng(0), digits.standardised(digits.load(dtype=np.float64))
    x, labels = data.x[:20], data.labels[:20]
    for name, learned in learned_activations.BEGIN.items():
        f = acts.get(name)
        layers = digits_numpy.initial_layers([64, 7, 6, 5, 10], f, "gain", 1, np.float64, learned)
        logits, inputs, sums = digits_numpy.forward(layers, f, x)
        _, dlogits = digits_numpy.cross_entropy(logits, labels)
        gradients = digits_numpy.backward(layers, f, inputs, sums, dlogits)

        def loss(layers, f=f):
            return digits_numpy.cross_entropy(digits_numpy.forward(layers, f, x)[0], labels)[0]

        for i, layer in enumerate(layers):
            way = digits_numpy.Layer(
                rng.normal(size=layer.W.shape),
                rng.normal(size=layer.b.shape),
                {parameter: rng.normal(size=value.shape) for parameter, value in layer.learned.items()},
            )
            there, back = (
                loss([*layers[:i], digits_numpy.descended(layer, way, step), *layers[i + 1 :]])
                for step in (-1e-6, 1e-6)
            )
            slope = np.sum(gradients[i].W * way.W) + np.sum(gradients[i].b * way.b)
            slope += sum(np.sum(gradients[i].learned[p] * way.learned[p]) for p in way.learned)
            assert slope == pytest.approx((there - back) / 2e-6, rel=1e-6, abs=1e-8), (name, i)


# -- dying relu -------------------------------------------------------------------------------


def test_relu_dies_more_at_a_larger_rate_and_the_others_of_its_family_do_not(quick):
    trained, _ = quick(dying_relu)[0]
    share = {key: np.mean([run.share_dead()[-1].mean() for run in runs]) for key, runs in trained.items()}
    assert share["relu", 0.6] > 2 * share["relu", 0.1]
    assert all(share[name, 0.1] == 0 for name in dying_relu.FUNCTIONS if name != "relu")
    assert share["leaky_relu", 0.6] == 0


def test_what_died_in_the_first_layer_stays_dead(quick):
    trained, _ = quick(dying_relu)[0]
    ever, back = (sum(getattr(run, what)() for run in trained["relu", 0.6]) for what in ("ever_dead", "came_back"))
    assert ever[0] > 20
    assert back[0] == 0
    assert back[1:].sum() > 0  # the inputs of the deeper layers go on changing


def test_relu_makes_exact_zeros_and_no_other_does(quick):
    trained, _ = quick(dying_relu)[0]
    for name in dying_relu.FUNCTIONS:
        zeros = np.mean([run.zeros for run in trained[name, 0.1]])
        assert 0.2 < zeros < 0.8 if name == "relu" else zeros == 0, name


def test_pushed_down_relu_never_learns_and_prelu_does(quick):
    _, pushed = quick(dying_relu)[0]
    accuracy = {name: np.mean([run.accuracy for run in pushed[name, 3.0]]) for name in dying_relu.FUNCTIONS}
    assert all(run.dead[-1][0].all() for run in pushed["relu", 3.0])
    assert not any(run.dead[-1][0].any() for run in pushed["prelu", 3.0])
    assert accuracy["relu"] < 0.15  # of guessing
    assert dying_relu.train("prelu", 0.1, seed=0, epochs=6, data=digits.load(), push=3.0).accuracy > 0.5


def test_a_dead_unit_is_one_whose_derivative_is_0_on_every_image():
    layer = digits_numpy.Layer(np.eye(2), np.array([-5.0, -0.5]), {})
    last = digits_numpy.Layer(np.eye(2), np.zeros(2), {})
    x = np.array([[1.0, 1.0], [4.0, 0.0]])
    assert [units.tolist() for units in digits_numpy.dead_units([layer, last], acts.relu, x)] == [[True, False]]
    assert [units.tolist() for units in digits_numpy.dead_units([layer, last], acts.elu, x)] == [[False, False]]


def test_the_paragraph_on_dying_relu_says_what_the_runs_show():
    def run(dead):
        return dying_relu.Run(np.array([np.zeros_like(dead), dead]), np.full((2, 3), 0.5), 0.9)

    dead, alive = np.array([[True, True], [False, True], [False, False]]), np.zeros((3, 2), bool)
    trained = {(name, rate): [run(alive)] for name in dying_relu.FUNCTIONS for rate in (0.1, 1.0)}
    trained["relu", 1.0] = [run(dead)]
    trained["elu", 1.0] = [run(alive)._replace(accuracy=np.nan)]
    pushed = {(name, 3.0): [run(alive)] for name in dying_relu.FUNCTIONS} | {
        ("relu", 3.0): [run(dead)._replace(accuracy=0.1)]
    }
    words = " ".join(dying_relu.conclusion(trained, pushed))
    assert "by learning rate: 0% at 0.1 and 50% at 1." in words
    assert "in its first layer 2 were dead at some time and 0 of them came back" in words
    assert "0 of 1 did" in words
    assert "the loss overflowed for elu at 1." in words
    assert words.endswith("gelu 90% and relu 10%.")


# -- depth ------------------------------------------------------------------------------------


def test_the_gradient_of_sigmoid_vanishes_and_the_gain_helps_relu(quick):
    found = quick(vanishing_gradients)[0]
    left = {key: np.exp(np.mean([np.log(run.left()) for run in runs])) for key, runs in found.items()}
    assert left["sigmoid", "lecun"] < 0.05 * left["sigmoid", "gain"]
    assert left["sigmoid", "gain"] < 1e-3
    assert left["relu", "lecun"] < 0.1 < 0.3 < left["relu", "gain"] < 3
    for run in found["sigmoid", "lecun"]:
        assert np.all(np.diff(run.norms) > 0)  # smaller from layer to layer, from the last one to the first
    assert left["selu", "lecun"] == pytest.approx(left["selu", "gain"], rel=1e-3)


@pytest.mark.parametrize("init", vanishing_gradients.INITS)
@pytest.mark.parametrize("name", vanishing_gradients.FUNCTIONS)
def test_gradients_are_what_the_theory_of_wide_layers_says(name, init, quick):
    """To a factor of 1.6, for layers of 64 units and few images; sigmoid's falls by more than a factor of 1000."""
    runs = quick(vanishing_gradients)[0][name, init]
    measured = np.mean([np.log10(run.norms / run.norms[-1]) for run in runs], axis=0)
    theory = np.log10(vanishing_gradients.theory(name, init, len(measured)))
    assert np.all(np.abs(measured - theory) <= math.log10(1.6))


def test_selu_keeps_mean_0_and_variance_1_through_100_layers(quick):
    found, starts = quick(self_normalising)[0]
    selu = found["selu"][:, 1:]
    assert selu.shape[1] == 100
    assert np.all(np.abs(selu[:, :, self_normalising.MEAN]) < 0.2)
    assert np.all(np.abs(selu[:, :, self_normalising.VARIANCE] - 1) < 0.3)
    ends = np.array([runs[:, -1, self_normalising.VARIANCE] for runs in starts.values()])
    assert np.all(np.abs(ends - 1) < 0.2)  # from images with variances from 0.1 to 10
    assert found["gelu"][:, -1, self_normalising.SUMS].min() > 100  # whose gain is right, yet nothing leads it back


def test_likeness_is_the_mean_cosine():
    rows = np.random.default_rng(0).normal(size=(5, 8))
    cosines = np.corrcoef(rows)[np.triu_indices(5, 1)]
    assert self_normalising.likeness(rows) == pytest.approx(cosines.mean())
    assert self_normalising.likeness(np.tile(rows[0], (3, 1))) == pytest.approx(1)


# -- choosing and learning ----------------------------------------------------------------------


def test_choosing_ranks_by_accuracy_and_says_what_cannot_be_trained(quick):
    found, printed, _ = quick(choosing)
    assert set(found) == set(choosing.QUICK)
    assert found["softplus_inverse"] == "not defined for every x"
    assert "not defined for every x" in printed
    means = [choosing.accuracies(runs).mean() for _, runs in choosing.ranked(found).values()]
    assert means == sorted(means, reverse=True)
    assert means[0] > 85
    assert list(choosing.ranked(found))[-1] == "step"  # its derivative is 0: the last layer learns alone
    assert all(run.seconds > 0 for _, runs in choosing.ranked(found).values() for run in runs)


def test_every_elementwise_function_can_be_chosen():
    for name in acts.names():
        assert choosing.bound(name).params == acts.get(name).params
        values = {"alpha": 0.25} if name == "prelu" else {}
        assert np.shape(choosing.bound(name)(np.ones(2), **values)) == (2,)
    assert choosing.bound("softcap").bind() == acts.get("softcap", **example_parameters(acts.get("softcap")))


def test_the_paragraph_on_choosing_says_what_the_runs_show():
    def runs(*accuracies, seconds):
        return 0.1, [choosing.Run(0.0, accuracy, seconds) for accuracy in accuracies]

    found = {
        "relu": runs(0.9, 0.96, seconds=1e-4),
        "gelu": runs(0.95, 0.97, seconds=3e-4),
        "identity": runs(0.8, 0.8, seconds=5e-5),
        "step": runs(0.5, 0.5, seconds=5e-4),
        "log1mexp": "not defined for every x",
    }
    words = " ".join(choosing.conclusion(found))
    assert words.startswith("gelu is first with 96.0 %. 1 of 3 other functions")
    assert "The quickest of them is relu, 100 µs a step; the slowest of all functions is step with 500 µs." in words
    assert words.endswith("(80.0 %): step.")


def test_unknown_functions_are_refused_with_the_nearest(capsys):
    with pytest.raises(SystemExit, match="2"):
        choosing.main(["--only", "relu,gelo"])
    assert "did you mean gelu" in capsys.readouterr().err


def test_every_parameter_moves_when_it_is_learned(quick):
    learned, fixed = quick(learned_activations)[0]
    for name, begin in learned_activations.BEGIN.items():
        assert all(np.isfinite(run.accuracy) and not run.learned[0] for run in fixed[name])
        for parameter, start in begin.items():
            for layer in range(learned_activations.DEPTH):
                moved = learned_activations.values(learned[name], layer, parameter) - np.float32(start)
                assert np.mean(moved != 0) > 0.9, (name, parameter)
                assert np.abs(moved).max() < 1


# -- the page, and what they share ----------------------------------------------------------------------------


def test_every_command_of_the_page_is_one_and_draws_the_picture_below_it():
    page = (EXAMPLES.parent / "docs" / "demonstrations.md").read_text()
    drawn = re.findall(r"^python examples/(\w+)\.py.* --plot (\w+)\.png$", page, flags=re.MULTILINE)
    shown = re.findall(r"!\[[^\]]+\]\(demonstrations/(\w+)\.png\)", page)
    assert [name for name, _ in drawn] == [file for _, file in drawn] == shown
    assert set(shown) == {"digits_numpy", *(module.__name__ for module in MODULES)}


def test_spread_and_listed():
    assert demonstration.spread([1, 3]) == "2.0 ± 1.0"
    assert demonstration.spread([1, 3, np.nan]) == "2.0 ± 1.0 (2 of 3)"
    assert demonstration.spread([np.nan]) == "diverged"
    assert [demonstration.listed(names) for names in (["a"], ["a", "b"], "abc")] == ["a", "a and b", "a, b and c"]


def test_the_network_draws_its_loss_and_its_dead_units(tmp_path, monkeypatch, capsys):
    file = tmp_path / "digits.svg"
    options = {"activation": "relu", "depth": 3, "hidden": 16, "init": "gain", "epochs": 2, "plot": file}
    monkeypatch.setattr(sys, "argv", ["digits_numpy.py", *(f"--{name}={value}" for name, value in options.items())])
    digits_numpy.main()
    assert f"drawn: {file}" in capsys.readouterr().out
    assert file.read_text().count("hidden layer") == 3
