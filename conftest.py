"""The names that the examples in docstrings use."""

import pytest


@pytest.fixture(autouse=True)
def _names_in_examples(doctest_namespace):
    import jax.numpy as jnp
    import numpy as np

    import acts
    import acts_jax

    doctest_namespace.update(acts=acts, acts_jax=acts_jax, np=np, jnp=jnp)
