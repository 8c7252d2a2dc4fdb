"""Python numbers as parameters are constants of what JAX compiles, with formulas of their own, at the same bounds."""

import contextlib

import jax
import numpy as np
import pytest
from support import SETS
from test_accuracy import SAMPLED, truths

import acts_jax
from acts.testing import measure
from acts.testing.bounds import Bound, bound

WITH_PARAMETERS = [case for case in SETS if case.values[1]]
TYPES = ["float32", "bfloat16", *(pytest.param(t, marks=pytest.mark.exhaustive) for t in ("float16", "float64"))]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("function", "params"), WITH_PARAMETERS)
def test_numbers_keep_every_bound(function, params, dtype):
    f = acts_jax.get(function.__name__, **params)
    faces = {"f": f, "f'": acts_jax.derivative(f), "f''": acts_jax.second_derivative(f)}
    program = jax.jit(lambda x: {quantity: face(x) for quantity, face in faces.items()})
    for truth in truths(function.bind(**params), dtype, SAMPLED[dtype])[: len(faces)]:
        with jax.enable_x64(True) if dtype == "float64" else contextlib.nullcontext():
            found = measure(lambda x, q=truth.quantity: np.asarray(program(x)[q]), truth, dtype != "float16")
        allowed = bound("acts_jax", dtype, function.__name__, truth.quantity, truth.roots.size > 0)
        for name in Bound._fields:
            assert getattr(found, name) <= getattr(allowed, name), f"{f!r} {truth.quantity} in {dtype}: {name}, {found}"
        assert found.nans == 0
