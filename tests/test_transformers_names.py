"""Every key of transformers' ACT2FN (5.24.0) is a name here, of the function that transformers computes under it."""

import numpy as np
import pytest

import acts
import acts_jax

ACT2FN = {
    "gelu": "gelu",
    "gelu_10": "clipped_gelu",
    "gelu_fast": "gelu_tanh",
    "gelu_new": "gelu_tanh",
    "gelu_python": "gelu",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_python_tanh": "gelu_tanh",
    "gelu_accurate": "gelu_tanh",
    "hardswish": "hard_swish",
    "laplace": "laplace",
    "leaky_relu": "leaky_relu",
    "linear": "identity",
    "mish": "mish",
    "quick_gelu": "quick_gelu",
    "relu": "relu",
    "relu2": "relu_squared",
    "relu6": "relu6",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "sqrtsoftplus": "sqrt_softplus",
    "swish": "swish",
    "tanh": "tanh",
    "prelu": "prelu",
    "xielu": "xielu",
}


@pytest.mark.parametrize(("key", "name"), ACT2FN.items())
def test_every_key_is_a_name(key, name):
    assert acts.get(key).__name__ == name
    assert acts_jax.get(key) is acts_jax.get(name)


def test_swish_is_silu_unless_beta_is_given():
    x = np.linspace(-9, 9, 101, dtype=np.float32)
    np.testing.assert_array_equal(acts.get("swish")(x), acts.silu(x))


def test_the_lower_limit_of_gelu_10_is_never_reached():
    assert acts.gelu(np.linspace(-40, 0, 10_001)).min() > -0.17005
