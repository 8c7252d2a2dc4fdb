"""The examples: they learn, they agree with each other, and their command lines take nonsense calmly."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import acts
import acts_jax

EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))

import digits  # noqa: E402
import digits_jax  # noqa: E402
import digits_numpy  # noqa: E402
import mixer  # noqa: E402
import pallas_kernel  # noqa: E402

pytestmark = pytest.mark.programs
SCRIPTS = ["digits_numpy.py", "digits_jax.py"]


@pytest.fixture(scope="module")
def data():
    return digits.load()


def trained(module, data, activation=acts.prelu, hidden=256, epochs=5, lr=0.1, dtype=np.float32, depth=1, init="he"):
    """An iterator over (loss, weights), one per step, of either example."""
    start = digits_numpy.initial_layers if module is digits_numpy else digits_jax.initial_weights
    weights = start([data.x.shape[1], *[hidden] * depth, 10], activation, init, dtype=dtype)
    batches = digits.batches(data, epochs, seed=0)
    return module.train(weights, batches, *([activation] if module is digits_numpy else []), lr)


def parts(layer):
    """The arrays of a layer of either example: matrix, bias, and the alphas if it has some."""
    if isinstance(layer, digits_numpy.Layer):
        return [layer.W, layer.b, *layer.learned.values()]
    return [np.asarray(leaf) for leaf in (layer["W"], layer["b"], *jax.tree.leaves(layer.get("act")))]


def alphas(weights):
    return parts(weights[0])[2]


@pytest.mark.parametrize("module", [digits_numpy, digits_jax])
def test_learns_digits_and_alphas(module, data):
    losses, weights = zip(*trained(module, data), strict=True)
    assert len(losses) == digits.steps_in(data, epochs=5) == 210
    epoch_means = np.array(losses, float).reshape(5, -1).mean(axis=1)
    assert (np.diff(epoch_means) < 0).all()
    activation = [acts.prelu] if module is digits_numpy else []
    assert module.accuracy(weights[-1], *activation, data.test_x, data.test_labels) >= 0.92
    moved = np.abs(alphas(weights[-1]) - digits.FIRST_ALPHA)
    assert moved.shape == (256,)
    assert moved.max() > 0.02
    assert (moved > 0).mean() > 0.95
    assert {w.dtype for layer in weights[-1] for w in parts(layer)} == {np.dtype(np.float32)}


@pytest.mark.parametrize(("name", "depth", "init"), [("prelu", 3, "gain"), ("gelu", 1, "he"), ("swish", 2, "lecun")])
def test_numpy_and_jax_agree_in_float64(name, depth, init):
    data = digits.load(dtype=np.float64)
    given = {"activation": acts.get(name), "dtype": np.float64, "hidden": 64, "depth": depth, "init": init}
    by_hand = list(itertools.islice(trained(digits_numpy, data, **given), 50))
    with jax.enable_x64(True):
        by_jax = [(float(loss), w) for loss, w in itertools.islice(trained(digits_jax, data, **given), 50)]
        last = [parts(layer) for layer in by_jax[-1][1]]
    assert len(by_hand) == 50
    np.testing.assert_allclose([loss for loss, _ in by_jax], [loss for loss, _ in by_hand], rtol=1e-10)
    assert len(last) == depth + 1
    for theirs, layer in zip(last, by_hand[-1][1], strict=True):
        for value, ours in zip(theirs, parts(layer), strict=True):
            assert value.dtype == np.float64
            np.testing.assert_allclose(value, ours, rtol=1e-8, atol=1e-12)


def test_the_784_256_10_shape():
    data = digits.load(upsample=True)
    assert data.x.shape == (1347, 784)
    assert (data.x.min(), data.x.max()) == (0, 1)
    x, _ = next(digits.batches(data, epochs=1, seed=0))
    assert x.shape == (32, 784)
    losses = []
    for module in (digits_numpy, digits_jax):
        loss, weights = next(trained(module, data))
        assert [[w.shape for w in parts(layer)] for layer in weights] == [
            [(784, 256), (256,), (256,)],
            [(256, 10), (10,)],
        ]
        losses.append(float(loss))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_upsampling_keeps_the_corners_and_the_line_between():
    small, large = digits.load().x.reshape(-1, 8, 8), digits.load(upsample=True).x.reshape(-1, 28, 28)
    np.testing.assert_allclose(large[:, ::27, ::27], small[:, ::7, ::7], atol=1e-6)
    columns = [np.interp(np.linspace(0, 7, 28), np.arange(8), row) for row in small[:, 0]]
    np.testing.assert_allclose(large[:, 0], columns, atol=1e-6)


def test_batches_are_shuffled_anew_and_repeatable(data):
    def labels(seed):
        return [tuple(labels) for _, labels in digits.batches(data, epochs=2, seed=seed)]

    assert labels(0) == labels(0) != labels(1)
    assert labels(0)[:42] != labels(0)[42:]


def test_cross_entropy_survives_huge_logits():
    loss, gradient = digits_numpy.cross_entropy(np.array([[1e4] + [0.0] * 9]), np.array([1]))
    assert loss == 1e4
    np.testing.assert_array_equal(gradient, [[1, -1, 0, 0, 0, 0, 0, 0, 0, 0]])


def command(script, *arguments):
    return subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / script, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "200"},
        timeout=120,
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_command_line(script):
    done = command(script, "--hidden", "8", "--depth", "2", "--epochs", "1", "--upsample", "--seed", "3", "--lr", "0.1")
    assert done.returncode == 0, done.stderr
    assert "resized to 28x28" in done.stdout
    assert "784-8-8-10 network with prelu" in done.stdout
    assert "test accuracy: " in done.stdout
    assert "alphas, one per hidden unit (16)" in done.stdout
    assert "42/42" in done.stderr  # the progress bar


def run_main(module, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", [module.__name__, *arguments])
    module.main()


@pytest.mark.parametrize("module", [digits_numpy, digits_jax])
def test_another_activation(module, monkeypatch, capsys):
    run_main(module, monkeypatch, "--hidden", "16", "--epochs", "1", "--activation", "Hard-Swish")
    printed = capsys.readouterr().out
    assert "64-16-10 network with hard_swish" in printed
    assert "alphas" not in printed
    assert "resized" not in printed


@pytest.mark.parametrize("module", [digits_numpy, digits_jax])
def test_help(module, monkeypatch, capsys):
    with pytest.raises(SystemExit) as end:
        run_main(module, monkeypatch, "--help")
    assert end.value.code == 0
    printed = capsys.readouterr().out
    for option in ("--depth", "--init", "--hidden", "--activation", "--epochs", "--lr", "--seed", "--upsample"):
        assert option in printed


@pytest.mark.parametrize("module", [digits_numpy, digits_jax])
def test_unknown_activation(module, monkeypatch, capsys):
    with pytest.raises(SystemExit) as end:
        run_main(module, monkeypatch, "--activation", "gelo")
    assert end.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "did you mean gelu" in printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--activation", "threshold"], "threshold needs a value for threshold and value"),
        (["--hidden", "0"], "'0' is not a whole number from 1 to 10,000"),
        (["--hidden", "2.5"], "'2.5' is not a whole number"),
        (["--depth", "0"], "'0' is not a whole number from 1 to 1,000"),
        (["--init", "zeros"], "invalid choice: 'zeros' (choose from"),
        (["--plot", "digits.jpg"], "'digits.jpg' ends neither in .png nor in .svg or .pdf"),
        (["--plot", "nowhere/digits.png"], "there is no folder 'nowhere'"),
        (["--epochs", "many"], "'many' is not a whole number from 1 to 1,000"),
        (["--lr", "nan"], "'nan' is not a number from"),
        (["--lr", "-0.1"], "'-0.1' is not a number from"),
        (["--seed", "-1"], "'-1' is not a whole number from 0"),
        (["--momentum", "0.9"], "unrecognized arguments: --momentum"),
    ],
)
def test_nonsense_options(arguments, message, monkeypatch, capsys):
    with pytest.raises(SystemExit, match="2"):
        run_main(digits_numpy, monkeypatch, *arguments)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("module", [digits_numpy, digits_jax])
def test_divergence_says_what_to_do(module, monkeypatch):
    with pytest.raises(SystemExit, match="try a smaller --lr"):
        run_main(module, monkeypatch, "--lr", "1000")


def test_jax_steps_need_no_retracing(data, monkeypatch):
    """All batches have one shape, so the step is compiled once."""
    calls = []
    forward = digits_jax.forward
    monkeypatch.setattr(digits_jax, "forward", lambda *given: calls.append(1) or forward(*given))
    list(itertools.islice(trained(digits_jax, data, hidden=8), 50))
    assert len(calls) == 1


DEPTH = 2
OTHERS = ["jax.nn.gelu(x, approximate=False)", "jax.nn.silu(x)", "jax.nn.mish(x)", "jax.nn.elu(x)", "jax.nn.relu(x)"]


@pytest.mark.parametrize("theirs", ["jax.nn.gelu(x)", *(pytest.param(a, marks=pytest.mark.exhaustive) for a in OTHERS)])
def test_a_deep_model_by_the_migration_table(theirs):
    """The losses are the same but for rounding, which grows from step to step; memory is never more, mostly less."""
    data = digits.load(dtype=np.float64)
    with jax.enable_x64(True):
        batches = itertools.islice(digits.batches(data, epochs=1, seed=0), 10)
        theirs_run, ours_run = mixer.compare(theirs, DEPTH, data, batches).values()
    np.testing.assert_allclose(ours_run.losses, theirs_run.losses, rtol=1e-12)
    assert ours_run.losses[-1] < ours_run.losses[0]
    one_array = digits.BATCH * mixer.PATCHES * 4 * mixer.WIDTH * 8  # of a hidden layer over the channels
    saved = 0 if theirs in ("jax.nn.relu(x)", "jax.nn.elu(x)") else DEPTH * one_array  # one for every block
    assert ours_run.memory <= theirs_run.memory - saved


def test_command_line_of_the_deep_model(monkeypatch, capsys):
    monkeypatch.setattr(mixer, "EPOCHS", 1)
    run_main(mixer, monkeypatch, "--depth", "1", "--activation", "jax.nn.relu(x)")
    printed = capsys.readouterr()
    theirs, ours = ([cell.strip() for cell in line.split("│")] for line in printed.out.splitlines() if "relu" in line)
    assert (theirs[1], ours[1]) == ("jax.nn.relu(x)", "acts_jax.relu(x)")
    assert ours[2:4] == theirs[2:4]  # loss and accuracy
    assert "in 42 steps" in printed.out
    assert "100%" in printed.err
    with pytest.raises(SystemExit, match="2"):
        run_main(mixer, monkeypatch, "--activation", "jax.nn.rel(x)")
    assert "invalid choice: 'jax.nn.rel(x)'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("activation", "dtype"), [("gelu", "float32"), ("prelu", "bfloat16"), ("hard_swish", "float16")]
)
def test_a_fused_kernel(activation, dtype, monkeypatch, capsys):
    """100 rows of 300 are no whole number of blocks."""
    run_main(pallas_kernel, monkeypatch, "--activation", activation, "--dtype", dtype)
    printed = capsys.readouterr().out
    assert f"{activation}(x + bias), 100 x 300, {dtype}" in printed
    assert [line.split()[1] for line in printed.splitlines() if line.startswith("│")] == ["value", "dx", "dbias"]


def test_a_wrong_backward_kernel_is_noticed(monkeypatch, capsys):
    monkeypatch.setattr(acts_jax, "formulas", lambda act, dtype: dict.fromkeys("fx", act))
    with pytest.raises(SystemExit, match="differs from plain JAX"):
        run_main(pallas_kernel, monkeypatch, "--activation", "silu", "--rows", "1", "--columns", "1")


def test_command_line_of_the_fused_kernel(monkeypatch, capsys):
    with pytest.raises(SystemExit, match="0"):
        run_main(pallas_kernel, monkeypatch, "--help")
    assert "--activation NAME" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        run_main(pallas_kernel, monkeypatch, "--activation", "gelo")
    assert "invalid choice: 'gelo'" in capsys.readouterr().err
