"""The catalogue: every entry against the oracle, finite where the truth is, found by name, and cited."""

import re

import jax.numpy as jnp
import numpy as np
import pytest

import acts
import acts_jax
from acts.__main__ import main
from acts.testing import example_parameters, oracle

NAMES = acts.names("literature")
NEAR = np.array([-7.9, -2.3, -0.41, 0.37, 1.9, 6.1])
FAR = np.array([-1e4, -300.0, -60.0, -25.0, 25.0, 60.0, 300.0, 1e4])
PARTS = ("__call__", "derivative", "second_derivative")


def truth(function, x):
    """Value and two derivatives at each x, as float64: an array of shape (3, x.size)."""
    return np.array([[float(part) for part in oracle(function, at)] for at in x]).T


@pytest.mark.parametrize("name", NAMES)
def test_near_0_value_and_derivatives_are_the_oracle_s(name):
    function = acts.get(name)
    got = np.array([getattr(function, part)(NEAR) for part in PARTS])
    want = truth(function, NEAR)
    assert np.all(np.abs(got - want) <= 2e-12 * np.maximum(1, np.abs(want)))


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", NAMES)
def test_far_out_it_is_finite_where_the_truth_is(name):
    function, x = acts.get(name), FAR[1:] if name == "eis" else FAR  # the oracle's softplus underflows at -1e4
    got = np.array([getattr(function, part)(x) for part in PARTS])
    want = truth(function, x)
    assert np.all(np.isfinite(got) | ~np.isfinite(want))
    assert np.all((got == want) | (np.abs(got - want) <= 1e-9 * np.maximum(1, np.abs(want))))


@pytest.mark.parametrize("name", NAMES)
def test_every_kink_is_one_and_no_other_is_seen(name):
    """At each kink f, f' or f'' jumps; elsewhere f' is continuous on a grid."""
    function = acts.get(name)
    function = function.bind(**{k: 0.75 * v + 0.1 for k, v in example_parameters(function).items()})  # odd ones
    for kink in function.kinks_at():
        left, right = (np.array([getattr(function, part)(kink + side * 1e-7) for part in PARTS]) for side in (-1, 1))
        assert np.any(np.abs(left - right) > 1e-3)
    x = np.arange(-3, 3, 2.0**-12) + 2.0**-14
    slope = function.derivative(x)
    jumps = np.abs(np.diff(slope)) > 4 * 2.0**-12 * (1 + np.abs(function.second_derivative((x[1:] + x[:-1]) / 2)))
    places = x[1:][jumps]
    allowed = np.array(function.kinks_at())
    near = np.min(np.abs(places[:, None] - allowed), axis=1) if allowed.size else np.full(places.shape, np.inf)
    sharp = name in ("finer", "real_gabor", "sau", "soft_clipping")  # their bends are steeper than the grid is fine
    assert sharp or np.all(near < 2.0**-10), places[:5]


def test_in_jax_they_are_the_same_functions():
    x = jnp.asarray(NEAR, jnp.float32)
    for name in NAMES:
        np.testing.assert_allclose(acts_jax.get(name)(x), acts.get(name)(NEAR), rtol=1e-4, atol=1e-5, err_msg=name)


def test_they_are_found_by_name_and_listed_apart():
    assert len(NAMES) > 50
    assert acts.get("TeLU") is acts.literature.tanhexp
    assert not set(NAMES) & set(acts.names())
    assert set(NAMES) < set(acts.names("all"))
    assert acts_jax.names("literature") == NAMES
    assert all(acts.get(name).kind == "literature" and acts.get(name).paper for name in NAMES)


def test_every_function_is_cited():
    for name in acts.names("all"):
        entry = acts.cite(name)
        assert re.fullmatch(r"@misc\{\w+,\n(  \w+ = \{.*\},\n)*  \w+ = \{.*\}\n\}", entry), entry
        assert entry.count("{") == entry.count("}")
        assert "title = {" in entry
    both = acts.cite("golu", "sqnl")
    assert "author = {Das and Safari and Adriaensen and Hutter}" in both
    assert "eprint = {2502.03654}" in both
    assert "doi = {10.1109/IJCNN.2018.8489043}" in both
    with pytest.raises(LookupError, match="gelu"):
        acts.cite("gelo")


def test_their_errors_are_printed(capsys):
    assert main(["accuracy", "acts.literature", "--only", "golu,seagull", "--points", "1000"]) == 0
    shown = capsys.readouterr().out
    assert "golu" in shown
    assert "seagull" in shown
