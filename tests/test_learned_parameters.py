"""Every parameter of every function can be learned: as a number or an array in any pytree it gets its gradient."""

import runpy
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from support import WITH_PARAMETERS, one_of_each_shape

import acts_jax
from acts.testing import parameter_sets

EXAMPLE = Path(__file__).parents[1] / "examples" / "learnable_swish.py"
ULPS = 16
"""Allowed deviation of a gradient, in ulp of the sum of its terms' magnitudes."""


@pytest.mark.parametrize(("function", "name"), one_of_each_shape(WITH_PARAMETERS))
def test_gradient_of_a_number_and_of_arrays_that_broadcast(function, name):
    rng = np.random.default_rng(0)
    x, g = (rng.normal(0, 2, (5, 3)).astype(np.float32) for _ in range(2))
    params = parameter_sets(function)[0]
    shapes = [(), (3,), (5, 1), (5, 3)]
    values = [np.float32(params[name]) * rng.uniform(0.5, 2, s).astype(np.float32) for s in shapes]

    @jax.jit
    @jax.grad
    def gradients(tree):
        f = acts_jax.get(function.__name__)
        return sum(jnp.sum(g * f(x, **{**params, name: value})) for value in tree["values"])

    got = gradients({"values": values})["values"]
    for value, gradient in zip(values, got, strict=True):
        wide = value.astype(np.float64)
        terms = g * function.partial(name, x.astype(np.float64), **{**params, name: wide})
        repeated = tuple(i for i, n in enumerate((1,) * (2 - wide.ndim) + wide.shape) if n == 1)
        want, size = (np.sum(t, axis=repeated).reshape(wide.shape) for t in (terms, np.abs(terms)))
        assert gradient.dtype == np.float32
        assert np.all(np.abs(gradient - want) <= ULPS * np.finfo(np.float32).eps * size)


def test_learnable_swish(capsys):
    learned = runpy.run_path(str(EXAMPLE))["params"]["beta"]
    np.testing.assert_allclose(learned, [0.5, 2.0, 4.0], atol=1e-3)
    assert capsys.readouterr().out == f"beta: {learned}\n"


def test_the_example_takes_ten_lines():
    body = EXAMPLE.read_text().partition("import acts_jax\n")[2]
    assert len([line for line in body.splitlines() if line.strip()]) == 10
