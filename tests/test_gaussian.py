"""Moments and gains against mpmath's quadrature, what initialisers make of them, and selu's promise over 100 layers."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf
from support import FUNCTIONS, example

import acts
import acts_jax
from acts.testing.definitions import evaluate

EXACT = 1e-12


def expectation(function, power, mean=0.0, std=1.0, about=0.0, unit=1.0):
    """E[((f(x) - about) / unit)**power] with 30 digits, from the definition."""
    values = {name: mpf(float(function.__signature__.parameters[name].default)) for name in function.params}
    text, (mean, std) = function.definition.partition(" = ")[2], map(mpf, (mean, std))

    def term(z):
        y = evaluate(text, {"x": mean + std * z, **values}, function.constants())
        return ((getattr(y, "value", y) - about) / unit) ** power * mp.npdf(z)  # a jet, without derivatives here

    with mp.workdps(30):
        edges = {(mpf(x) - mean) / std for x in (*function.kinks_at(), 0, 8, -8)}
        return mpmath.quad(term, sorted({*range(-12, 13, 2), *(z for z in edges if abs(z) < 12)}))


def assert_moments(function, mean, std):
    got = acts.moments(function, mean, std)
    first, second = (expectation(function, power, mean, std, got.mean, got.std) for power in (1, 2))
    assert abs(first) <= EXACT * max(abs(got.mean / got.std), 1)
    assert abs(mp.sqrt(second - first**2) - 1) <= EXACT


@pytest.mark.parametrize("name", ["relu", "selu", "gelu", "tanh"])
def test_moments_and_gain_agree_with_mpmath(name):
    assert_moments(acts.get(name), 0.5, 2.0)
    assert abs(acts.gain(name) - float(1 / mp.sqrt(expectation(acts.get(name), 2)))) <= EXACT


@pytest.mark.parametrize(("name", "mean", "std"), [
    ("gelu", 1.0, 1e-8), ("gelu", -1.0, 1e-12), ("softplus", 0.0, 1e-12), ("relu6", 6.0, 1e-16),
    ("hardshrink", 0.5, 1e-9), ("sigmoid", 3e7, 1e8),
])  # fmt: skip
def test_moments_of_narrow_and_wide_gaussians_agree_with_mpmath(name, mean, std):
    assert_moments(acts.get(name), mean, std)


@pytest.mark.exhaustive
@pytest.mark.parametrize("function", FUNCTIONS)
def test_moments_of_every_function(function):
    assert_moments(example(function), 0.5, 2.0)


def test_gains_that_are_known_in_closed_form():
    assert abs(acts.gain("relu") - np.sqrt(2)) <= EXACT
    assert abs(acts.gain("selu") - 1) <= EXACT
    assert abs(acts.gain("leaky_relu") - np.sqrt(2 / (1 + 0.01**2))) <= EXACT
    assert abs(acts.gain(np.sin) - np.sqrt(2 / (1 - np.exp(-2)))) <= EXACT
    assert abs(acts.gain("tanh") - 5 / 3) > 0.07, "torch's number is not tanh's gain"


@pytest.mark.peers
def test_gains_beside_those_of_torch():
    from torch.nn.init import calculate_gain

    assert calculate_gain("relu") == pytest.approx(acts.gain("relu"), rel=EXACT)
    assert calculate_gain("leaky_relu", 0.2) == pytest.approx(acts.gain(acts.get("leaky_relu", negative_slope=0.2)))
    assert (calculate_gain("tanh"), calculate_gain("selu")) == (5 / 3, 3 / 4)
    for name in ("gelu", "silu", "elu", "mish", "softplus"):
        with pytest.raises(ValueError, match="nonlinearity"):
            calculate_gain(name)


def test_wide_and_narrow_gaussians():
    assert acts.moments("identity", 3.0, 1e6) == pytest.approx((3.0, 1e6), rel=EXACT)
    assert acts.moments("tanh", 0.0, 1e-6) == pytest.approx((0.0, 1e-6), rel=1e-11)
    assert acts.moments("relu6", 100.0, 1.0) == pytest.approx((6.0, 0.0))
    assert acts.moments("relu", 0.0, 1e300) == pytest.approx(np.array(acts.moments("relu")) * 1e300, rel=EXACT)
    assert acts.moments("relu", 0.0, 1e-300) == pytest.approx(np.array(acts.moments("relu")) * 1e-300, rel=EXACT, abs=0)
    assert acts.moments("step", 0.0, 1e-300) == pytest.approx((0.5, 0.5), rel=EXACT)
    assert acts.moments("identity", 1e200, 1e100) == pytest.approx((1e200, 1e100), rel=EXACT)


def test_a_function_of_ones_own_in_a_narrow_gaussian_is_known_as_well_as_it_is_rounded():
    mean, std = acts.moments(lambda x: x / (1 + np.exp(-x)), 1.0, 1e-8)
    assert mean == pytest.approx(acts.silu(1.0), rel=EXACT)
    assert std == pytest.approx(acts.silu.derivative(1.0) * 1e-8, rel=1e-7)


def test_what_has_no_moments_is_refused():
    with pytest.raises(ValueError, match="std is 0"):
        acts.moments("relu", std=0.0)
    with pytest.raises(ValueError, match=r"at -?38\.\d* standard deviations"):
        acts.moments(lambda x: np.exp(x * x / 3))
    with pytest.raises(ValueError, match="kinks="):
        acts.gain(lambda x: np.heaviside(x - 0.3, 0.0))
    assert acts.gain(lambda x: np.heaviside(x, 0.0)) == pytest.approx(np.sqrt(2), rel=EXACT)  # an edge of the panels
    assert acts.moments(lambda x: np.heaviside(x - 0.3, 0.0), kinks=[0.3]).mean == pytest.approx(0.3820885778110474)
    with pytest.raises(LookupError, match="gelu"):
        acts.gain("gelo")
    with pytest.raises(TypeError, match="the function gives float32 for float64"):
        acts.gain(acts_jax.gelu)
    with pytest.raises(TypeError, match="softmax is no function of one number"):
        acts.gain("softmax")
    with pytest.raises(TypeError, match="3 is no function of one number"):
        acts.gain(3)
    with pytest.raises(ValueError, match="it has no gain"):
        acts.gain(lambda x: 0 * x)


@pytest.mark.parametrize("name", ["relu", "tanh", "gelu"])
def test_a_jax_layer_keeps_its_second_moment(name):
    kernel = acts_jax.initializer(name)(jax.random.key(0), (512, 512))
    y = acts_jax.get(name)(jax.random.normal(jax.random.key(1), (2048, 512)) @ kernel / acts.gain(name))
    assert float(jnp.var(kernel)) * 512 == pytest.approx(acts.gain(name) ** 2, rel=0.02)
    assert float(jnp.mean(jnp.square(y))) * acts.gain(name) ** 2 == pytest.approx(1, rel=0.02)


def test_the_initialiser_takes_bound_functions_and_no_others():
    bound = acts_jax.initializer(acts_jax.get("leaky_relu", negative_slope=0.3), "fan_out", "normal")
    kernel = bound(jax.random.key(0), (64, 1024))
    assert float(jnp.var(kernel)) * 1024 == pytest.approx(2 / (1 + 0.3**2), rel=0.03)
    with pytest.raises(LookupError, match=r"acts_jax\.silu is one"):
        acts_jax.initializer(jax.nn.silu)


def layers(name, weights_of, depth=100, width=512, batch=256):
    """Means and variances of the activations after each of `depth` layers."""
    random = np.random.default_rng(0)
    x = random.standard_normal((batch, width))
    for _ in range(depth):
        x = acts.get(name)(x @ (random.standard_normal((width, width)) * weights_of(width)))
        yield x.mean(), x.var()


def test_selu_keeps_mean_0_and_variance_1_through_100_layers_and_relu_does_not():
    means, variances = np.array(list(layers("selu", lambda fan_in: fan_in**-0.5))).T
    assert np.all(np.abs(means) < 0.1)
    assert np.all((variances > 0.8) & (variances < 1.25))
    *_, (_, last) = layers("relu", lambda fan_in: fan_in**-0.5)
    assert last < 1e-20
