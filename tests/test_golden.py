"""The values printed in the documents the library was asked for in, in both packages; and the identities of PReLU."""

import jax.numpy as jnp
import numpy as np
import pytest

import acts
import acts_jax

QUARTER = [-0.6559, -0.3400, -0.5796, 1.2480]
PAIRS = [[-0.7314, 0.0393], [0.0932, -0.7079]]
GOLDEN = [
    ("prelu", {"alpha": 0.25}, QUARTER, [-0.1640, -0.0850, -0.1449, 1.2480]),
    ("prelu", {"alpha": np.float32([0.25, 0.25]), "axis": 1}, PAIRS, [[-0.1828, 0.0393], [0.0932, -0.1770]]),
    ("relu", {}, [-0.6559, 1.5118], [0.0, 1.5118]),
    ("relu", {}, [-1, 0, 1], [0, 0, 1]),
    ("leaky_relu", {"negative_slope": 0.4}, [2, -4, 5, -6], [2, -1.6, 5, -2.4]),
    ("leaky_relu", {"negative_slope": 0.6}, [2, -3, 4, -6], [2, -1.8, 4, -3.6]),
    ("relu", {}, [2, -3, 4, -6], [2, 0, 4, 0]),
]


@pytest.mark.parametrize("get", [acts.get, acts_jax.get], ids=["acts", "acts_jax"])
@pytest.mark.parametrize(("name", "params", "x", "y"), GOLDEN)
def test_golden(get, name, params, x, y):
    """To the four decimals printed: half a unit of the last, and a float32 rounding on top."""
    np.testing.assert_allclose(get(name, **params)(np.float32(x)), y, rtol=0, atol=0.5e-4 + 1e-6)


def test_prelu_layers_of_the_documents():
    assert np.allclose(acts_jax.PReLU.init()(jnp.array(QUARTER)), GOLDEN[0][3], rtol=0, atol=0.51e-4)
    assert np.allclose(acts_jax.PReLU.init(2)(jnp.array(PAIRS)), GOLDEN[1][3], rtol=0, atol=0.51e-4)


@pytest.mark.parametrize("package", [acts, acts_jax], ids=["acts", "acts_jax"])
def test_prelu_with_alpha_0_is_relu_and_with_a_small_one_leaky_relu(package):
    x = np.concatenate([np.linspace(-5, 5, 101), [-np.inf, -3e38, 3e38, np.inf, 0.0]]).astype(np.float32)
    np.testing.assert_array_equal(package.prelu(x, 0.0), package.relu(x))
    np.testing.assert_array_equal(package.prelu(x, 0.01), package.leaky_relu(x))


def test_selu_keeps_mean_0_and_variance_1_through_100_layers():
    """The fixed point of the paper, for weights of variance 1 / fan-in: measured, within a tenth."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((500, 300))
    for _ in range(100):
        x = acts.selu(x @ (rng.standard_normal((300, 300)) / np.sqrt(300)))
    assert abs(x.mean()) < 0.1
    assert abs(x.var() - 1) < 0.1
