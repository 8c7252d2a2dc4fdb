"""The picture of errors: its curves are what was measured, and nothing is imported that wasn't asked for."""

import subprocess
import sys

import numpy as np
import pytest

import acts
from acts._install import install_command
from acts.plotting import error_plot, errors
from acts.testing.candidates import Candidate

NO_DIGIT = 2.0**23


def curves(ax):
    """Label -> (x, ulp) of the drawn curves."""
    return {line.get_label(): line.get_data() for line in ax.get_lines() if not line.get_label().startswith("_")}


@pytest.fixture
def mine(monkeypatch):
    """The error plot of a candidate in place of torch, that computes these quantities."""

    def draw(function, computes, **options):
        right = errors._candidate
        candidate = lambda target, f: (Candidate("mine(x)", computes), {}) if target == "torch" else right(target, f)  # noqa: E731
        monkeypatch.setattr(errors, "_candidate", candidate)
        monkeypatch.setattr(errors, "_name", lambda target, candidate: candidate.name)
        return error_plot(function, against=["torch"], **options)

    return draw


def test_a_known_error_is_drawn(mine):
    """Of 2**-20 of the value, which is between 8 and 16 ulp."""
    value, slope = mine(
        "gelu",
        {"f": lambda x: acts.gelu(x) * np.float32(1 + 2**-20), "f'": lambda x: acts.gelu.derivative(x) * np.nan},
        xlim=(-10, 4),
    ).axes
    own, theirs = curves(value)["acts.gelu"][1], curves(value)["mine(x)"][1]
    assert np.all(own < 3)
    assert np.all((theirs > 7.5) & (theirs < 19))
    judged = curves(slope)["mine(x)"][1]
    assert np.all((judged == NO_DIGIT) | np.isnan(judged))
    assert np.isnan(judged).sum() <= 3  # the root at -0.75


def test_what_is_not_judged_is_not_drawn(mine):
    """Kinks, where conventions differ, and values below the smallest normal number, which may be flushed to 0."""
    zero = {"f": lambda x: np.where(x < -80, 0, acts.exponential(x)), "f'": lambda x: np.where(x >= 0, 1, 0) + 0 * x}
    (value,) = mine("exponential", zero, orders=[0], xlim=(-100, 1)).axes
    x, ulp = curves(value)["mine(x)"]
    assert np.all(np.isnan(ulp[x < -88]))
    assert np.all(ulp[(x > -86) & (x < -81)] == NO_DIGIT)
    (slope,) = mine("relu", zero, orders=[1], xlim=(-1, 1)).axes
    assert np.all(curves(slope)["mine(x)"][1] == errors.LEAST)


def test_jax_is_drawn_with_its_version_and_its_call():
    figure = error_plot("gelu_tanh", against=["jax.nn", "acts_jax"], xlim=(-9, 4))
    for ax in figure.axes:
        (own, theirs, mirror), labels = curves(ax).values(), list(curves(ax))
        assert (labels[0], labels[2]) == ("acts", "acts_jax")
        assert labels[1].startswith("jax.nn 0.")
        assert labels[1].endswith(": jax.nn.gelu(x)")
        far = theirs[0] < -6
        assert np.all(theirs[1][far] > 1e4)  # 1 + tanh cancels
        assert np.nanmax(own[1]) < 20
        assert np.nanmax(mirror[1]) < 130
    assert [ax.get_title() for ax in figure.axes] == ["gelu_tanh: $f(x)$", "gelu_tanh: $f'(x)$"]


def test_a_function_of_your_own_is_drawn_by_its_name():
    def textbook(x):
        return np.log(1 + np.exp(x))

    value, slope = error_plot("softplus", against=[textbook], xlim=(-30, 100)).axes
    x, ulp = curves(value)["textbook"]
    assert np.all(ulp[(x < -17) | (x > 89)] == NO_DIGIT)
    assert np.all(ulp[(x > 1) & (x < 88)] < 4)
    assert list(curves(slope)) == ["acts"]  # NumPy differentiates nothing


@pytest.mark.peers
def test_torch_loses_the_tail_of_gelu():
    value, _ = error_plot("gelu", against=["torch"], xlim=(-12, 4)).axes
    ((x, ulp),) = (curve for label, curve in curves(value).items() if label.startswith("torch"))
    assert np.all(ulp[x < -6] == NO_DIGIT)
    assert np.all(ulp[x > 0] < 10)


@pytest.mark.parametrize("dtype", errors.DIGITS)
def test_every_type_is_measured(dtype, monkeypatch):
    monkeypatch.setattr(errors, "POINTS", 2000)
    (ax,) = error_plot("tanh", dtype=dtype, orders=[0], xlim=(-2, 2), theme="dark").axes
    ulp = curves(ax)["acts"][1]
    assert np.nanmax(ulp) < 4
    assert np.any((ulp > 0.1) & (ulp < 0.5))  # fractions of an ulp, of float64 too
    assert ax.get_ylabel() == f"error in ulp of {dtype}"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"function": "gleu"}, "did you mean glu"),
        ({"function": "gelu", "against": ["jaxnn"]}, "'jaxnn' can't be measured; did you mean jax.nn"),
        ({"function": "softcap", "against": ["jax.nn"]}, "jax.nn has no softcap"),
        ({"function": "gelu", "dtype": "float31"}, "allowed: float16, bfloat16, float32, float64"),
        ({"function": "gelu", "orders": [7]}, "7 is no order"),
    ],
)
def test_wrong_usage_is_a_lookup_error(arguments, says):
    with pytest.raises(LookupError, match=says):
        error_plot(**arguments)


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_peers_are_imported_only_when_asked_for():
    code = "import sys; from acts.plotting import error_plot; error_plot('gelu', orders=[0])"
    done = run(f"{code}; print([m for m in ('jax', 'torch', 'keras', 'onnx', 'mpmath') if m in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr
    done = run(f"import sys; sys.modules['torch'] = None; {code[:-1]}, against=['torch'])")
    assert f"measuring torch needs torch: {install_command('torch')}" in done.stderr
