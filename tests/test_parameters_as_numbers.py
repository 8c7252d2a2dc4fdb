"""Python numbers as parameters are constants of what JAX compiles, with formulas of their own, at the same bounds."""

import contextlib

import jax
import numpy as np
import pytest
from support import HAVING_PARAMETERS
from test_accuracy import SAMPLED, truths

import acts_jax
from acts.testing import measure, parameter_sets
from acts.testing.bounds import Bound, bound


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("function", HAVING_PARAMETERS)
def test_numbers_keep_every_bound(function, dtype):
    numbers_keep_every_bound(function, dtype, parameter_sets(function))


@pytest.mark.parametrize("function", HAVING_PARAMETERS)
def test_numbers_keep_every_bound_in_16_bits(function):
    """The formulas are those of float32 or shorter; which number it is, float32 tells better."""
    numbers_keep_every_bound(function, "bfloat16", parameter_sets(function)[:1])


@pytest.mark.exhaustive
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("function", HAVING_PARAMETERS)
def test_all_numbers_keep_every_bound_in_16_bits(function, dtype):
    numbers_keep_every_bound(function, dtype, parameter_sets(function))


def numbers_keep_every_bound(function, dtype, sets):
    """For every set of parameters f, f' and f'', all in one program."""
    acts_of_x = [acts_jax.get(function.__name__, **params) for params in sets]
    faces = [{"f": f, "f'": acts_jax.derivative(f), "f''": acts_jax.second_derivative(f)} for f in acts_of_x]
    every = [truths(function.bind(**params), dtype, SAMPLED[dtype])[:3] for params in sets]
    program = jax.jit(lambda xs: [{q: face(x) for q, face in of.items()} for of, x in zip(faces, xs, strict=True)])
    with jax.enable_x64(True) if dtype == "float64" else contextlib.nullcontext():
        results = program([truth.x for truth, *_ in every])
    for f, found, truth in ((f, found, t) for f, found, ts in zip(acts_of_x, results, every, strict=True) for t in ts):
        error = measure(lambda x, y=found[truth.quantity]: np.asarray(y), truth, dtype != "float16")
        allowed = bound("acts_jax", dtype, function.__name__, truth.quantity, truth.roots.size > 0)
        for name in Bound._fields:
            assert getattr(error, name) <= getattr(allowed, name), f"{f!r} {truth.quantity} in {dtype}: {name}, {error}"
        assert error.nans == 0
