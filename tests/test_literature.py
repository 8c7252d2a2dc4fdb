"""The catalogue: every entry against the oracle, finite where the truth is, found by name, and cited."""

import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import acts
import acts_jax
from acts.__main__ import main
from acts.testing import example_parameters, oracle

NAMES = acts.names("literature")
RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
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
        kinds = [acts_jax.get(name), acts_jax.get(name).derivative, acts_jax.get(name).second_derivative]
        assert all(np.isnan(f(jnp.float32(np.nan))) for f in kinds), name  # which defaults must not turn into an error


def test_soft_exponential_leaves_0_where_it_is_the_identity():
    x, slope = np.array([-2.0, 0.0, 3.0, 1e100]), np.array([3.0, 1.0, 5.5, 5e199])
    f, in_jax = acts.literature.soft_exponential, acts_jax.get("soft_exponential")
    np.testing.assert_array_equal(f(x), x)
    np.testing.assert_array_equal(f.derivative(x), np.ones(4))
    np.testing.assert_allclose(f.partial("alpha", x), slope)
    for alpha in (-1e-9, 1e-9):
        np.testing.assert_allclose(f(x[:3], alpha), x[:3] + alpha * slope[:3], atol=1e-15)
    assert jax.grad(in_jax)(3.0) == 1
    np.testing.assert_allclose(jax.vmap(jax.grad(in_jax, 1), (0, None))(x[:3], 0.0), slope[:3])


def test_rational_begins_as_what_it_is_fitted_to():
    x = np.linspace(-3, 3, 601)
    for name, params in acts.literature.RATIONAL_AS.items():
        fitted = acts.get("leaky_relu", negative_slope=0.1) if name == "leaky_relu_0.1" else acts.get(name)
        for package in (acts, acts_jax):
            np.testing.assert_allclose(package.get("rational", **params)(x), fitted(x), atol=0.03, err_msg=name)
    assert example_parameters(acts.rational) == acts.literature.RATIONAL_AS["leaky_relu"]


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
        assert re.search(r"title = \{+\w", entry), entry
        assert not re.search(r"title = .*(?<!\\)[_&%#]", entry), f"LaTeX stops at {entry}"
    both = acts.cite("golu", "sqnl")
    assert "author = {Das and Safari and Adriaensen and Hutter}" in both
    assert "eprint = {2502.03654}" in both
    assert "doi = {10.1109/IJCNN.2018.8489043}" in both
    assert "howpublished = {https://transformer-circuits.pub/2022/solu/index.html}" in acts.cite("solu")
    assert all(acts.get(name).paper for name in acts.names("all"))
    with pytest.raises(LookupError, match="gelu"):
        acts.cite("gelo")
    assert r"title = {{f(x, a\_b) = a\_b * x}" in acts.cite(acts.define("f(x, a_b) = a_b * x"))


def test_their_errors_are_printed(capsys):
    shown = []
    for entries in ("golu,seagull", "eis"):  # eis takes the logarithm of an exponential that -1e308 has
        assert main(["accuracy", "acts.literature", "--only", entries, "--points", "1000"]) == 0
        shown.append(capsys.readouterr().out)
    assert "golu" in shown[0]
    assert "seagull" in shown[0]
    assert "eis" in shown[1]


@pytest.mark.parametrize(("file", "target"), [("literature", "acts"), ("literature-jax", "acts_jax")])
def test_the_table_of_errors_has_every_entry(file, target):
    text = (RESULTS / f"{file}.md").read_text(encoding="utf-8")
    assert f"python -m acts accuracy {target}.literature " in text
    summary = text.partition("## Summary")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \| [^-|]", summary, re.MULTILINE) == list(NAMES)


def test_tails_are_kept_and_values_beside_0():
    """A sum with 1 under a logarithm, a 1 taken from an exponential: their terms are small there, and are not lost."""
    x = np.array([-50.0, -1e-18])
    for text, want in (
        ("f(x) = log(1 + 1 / (1 + exp(-x)))", np.log1p(1 / (1 + np.exp(-x)))),
        ("f(x) = exp(2 * x) - 1", np.expm1(2 * x)),
        ("f(x, a) = log(a + exp(x))", np.log1p(np.exp(x))),
    ):
        defaults = {"a": 1.0} if ", a)" in text else {}
        np.testing.assert_allclose(acts.define(text, defaults=defaults)(x), want, rtol=1e-15)
        in_jax = acts_jax.define(text, defaults=defaults)(jnp.asarray(x, jnp.float32))
        np.testing.assert_allclose(in_jax, want, rtol=1e-6)


def test_slopes_of_quotients_of_large_numbers_and_limits_of_0():
    far = np.array([1e5, 1e15, np.inf])
    slope = float(oracle("rational", 1e5)[1])
    text, defaults = acts.rational.definition, example_parameters(acts.rational)
    np.testing.assert_allclose(acts.define(text, defaults=defaults).derivative(far), slope, rtol=1e-4)
    in_jax = acts_jax.derivative(acts_jax.define(text, defaults=defaults))(jnp.float32(1e5))
    np.testing.assert_allclose(in_jax, slope, rtol=1e-4)
    assert [float(f(-np.inf)) for f in (acts.literature.logish, acts.literature.sinlu.derivative)] == [0, 0]
    for package in (acts, acts_jax):
        ends = package.get("x_atlu")(np.float32([-np.inf, -1e8, np.inf]))
        np.testing.assert_allclose(ends, [-1 / np.pi, -1 / np.pi, np.inf], rtol=1e-6)
