"""SIREN and dynamic tanh learn with their published initialisations; RReLU's recipe; which parameters may decay."""

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import acts
import acts_jax

EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))

import digits  # noqa: E402
import dyt  # noqa: E402
import siren  # noqa: E402

pytestmark = pytest.mark.programs


def test_siren_learns_a_picture_that_tanh_does_not():
    with_sine = siren.error_after_training(acts_jax.siren)
    with_tanh = siren.error_after_training(acts_jax.tanh)
    assert with_sine < 1e-6 < 1e-2 < with_tanh


def test_the_initialisation_of_siren_keeps_the_size_of_what_it_hands_on():
    """The input of sin has a standard deviation of about 1 in every layer, and its output one of about 0.65."""
    n, places = 1024, np.random.default_rng(0).uniform(-1, 1, (512, 2))
    x = places
    for i, bound in enumerate((1 / 2, *[np.sqrt(6 / n) / siren.OMEGA] * 4)):
        matrix = np.random.default_rng(i).uniform(-bound, bound, (x.shape[1], n))
        x = acts.siren(x @ matrix, siren.OMEGA)
        assert 0.6 < np.std(x) < 0.72
    layers = siren.initial_weights(jax.random.key(0))
    found = [float(jnp.abs(layer["matrix"]).max()) for layer in layers]
    assert found == pytest.approx([1 / 2, *[np.sqrt(6 / 64) / siren.OMEGA] * 2], rel=0.05)


def test_dyt_learns_digits_and_its_alphas():
    data = digits.load()
    weights = dyt.train(data)
    accuracy = np.mean(dyt.logits(weights, data.test_x).argmax(-1) == data.test_labels)
    assert accuracy >= 0.94
    first = dyt.initial_dyt(3)
    assert (float(first["alpha"]), first["gamma"].tolist(), first["beta"].tolist()) == (0.5, [1] * 3, [0] * 3)
    assert all(abs(block["dyt"]["alpha"] - 0.5) > 0.05 for block in weights["blocks"])


def test_every_learned_parameter_is_kept_from_decay():
    """Under the function's name whatever the parameter's, and by a name of more than one letter anywhere."""
    learned = ("siren", "snake", "snake_beta", "xielu", "dyt", "derf", "stan", "rational", "swish", "prelu")
    params = {name: dict.fromkeys(acts.get(name).params, jnp.ones(2)) for name in learned}
    assert not any(jax.tree.leaves(acts_jax.weight_decay_mask(params)))
    bare = {"w": 1.0, "a": 1.0, "b": 1.0, "s": 1.0, "lora": {"a": 1.0, "b": 1.0}, "gamma": 1.0, "omega": 1.0, "a0": 1.0}
    kept = {"w", "a", "b", "s", "lora"}
    mask = acts_jax.weight_decay_mask(bare)
    assert {name: all(jax.tree.leaves(mask[name])) for name in bare} == {name: name in kept for name in bare}


def test_rrelu_is_leaky_relu_with_drawn_slopes():
    """The recipe of docs/porting.md: a slope for each element in training, the mean slope afterwards."""
    x = jnp.linspace(-3, 3, 1001)
    slopes = jax.random.uniform(jax.random.key(0), x.shape, minval=1 / 8, maxval=1 / 3)
    y, pull = jax.vjp(lambda x: acts_jax.leaky_relu(x, slopes), x)
    np.testing.assert_array_equal(y, jnp.where(x > 0, x, slopes * x))
    np.testing.assert_array_equal(pull(jnp.ones_like(x))[0], jnp.where(x > 0, 1, slopes))
    np.testing.assert_allclose(y[x < 0].sum(), acts_jax.leaky_relu(x, (1 / 8 + 1 / 3) / 2)[x < 0].sum(), rtol=0.02)
