"""JAX's way to work in place: a donated input gives its buffer to the result, and is gone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from support import OF_EACH_SHAPE

import acts_jax
from acts.testing import parameter_sets


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_a_donated_input_becomes_the_output(function):
    f = acts_jax.get(function.__name__, **parameter_sets(function)[0])
    x = jnp.linspace(-4, 4, 1000, dtype=jnp.float32)
    want, address = jax.jit(f)(x), x.unsafe_buffer_pointer()
    y = jax.jit(lambda x: f(x), donate_argnums=0)(x)
    assert x.is_deleted()
    assert y.unsafe_buffer_pointer() == address
    np.testing.assert_array_equal(y, want)
