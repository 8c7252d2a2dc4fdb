"""In the 8-bit types every pattern has the true value, rounded once as the type's own cast does, overflow too."""

import contextlib

import jax
import ml_dtypes
import numpy as np
import pytest
from support import FUNCTIONS, OF_EACH_SHAPE

import acts_jax
from acts.testing import example_parameters
from acts_jax._arrays import FLOAT8

TYPES = {name: np.dtype(getattr(ml_dtypes, f"float8_{name}")) for name in FLOAT8}
PATTERNS = np.arange(256, dtype=np.uint8)
EXACT = (1.0, 1 - 2**-23, 1 + 2**-23)  # what float32 computes may be its neighbour: next to a tie, the other side


def rounded(true, dtype):
    with np.errstate(over="ignore", invalid="ignore"):
        return [(true * factor).astype(dtype) for factor in EXACT]


def check(function, types, context):
    params = example_parameters(function)
    bound, mirror = function.bind(**params), acts_jax.get(function.__name__, **params)
    truths = bound, bound.derivative, bound.second_derivative
    quantities = mirror, acts_jax.derivative(mirror), acts_jax.second_derivative(mirror)
    inputs = [PATTERNS.view(dtype) for dtype in types]
    with context():
        results = jax.jit(lambda inputs: [[quantity(x) for quantity in quantities] for x in inputs])(inputs)
    for x, values in zip(inputs, results, strict=True):
        for order, (truth, got) in enumerate(zip(truths, map(np.asarray, values), strict=True)):
            allowed = rounded(truth(x.astype(np.float64)), x.dtype)
            right = (np.isnan(got) & np.isnan(allowed[0])) | (got == allowed).any(axis=0)
            wrong = x[~right], got[~right], allowed[0][~right]
            assert right.all(), f"{bound!r} of order {order} in {x.dtype}: x, got and true {wrong}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_pattern_is_rounded_once(function):
    check(function, TYPES.values(), jax.disable_jit)


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_every_pattern_is_rounded_once_under_jit(function):
    check(function, [TYPES["e4m3fn"], TYPES["e5m2"]], contextlib.nullcontext)


@pytest.mark.exhaustive
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_pattern_of_every_type_is_rounded_once_under_jit(function):
    check(function, TYPES.values(), contextlib.nullcontext)
