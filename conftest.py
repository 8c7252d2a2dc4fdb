"""Eight CPU devices for the tests of sharding, and the names that the examples in docstrings use."""

import importlib.util
import os

import pytest

os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=8"  # before JAX
needs = {
    "acts_jax/nnx.py": "flax",
    "acts_jax/linen.py": "flax",
    "acts_jax/_flax.py": "flax",
    "acts_jax/keras.py": "keras",
}
collect_ignore = [file for file, package in needs.items() if not importlib.util.find_spec(package)]


@pytest.fixture(autouse=True)
def _names_in_examples(doctest_namespace):
    import jax.numpy as jnp
    import numpy as np

    import acts
    import acts_jax

    doctest_namespace.update(acts=acts, acts_jax=acts_jax, np=np, jnp=jnp)
