"""The limits at ±inf with their sign of zero, and monotone functions that stay so from each number to the next."""

import ml_dtypes
import numpy as np
import pytest
from support import SETS, example, mirror, quantity

import acts
from acts.testing import Truth, all_patterns, example_parameters, fast_oracle, ulp_size, walk
from acts.testing.accuracy import limit_failures
from acts.testing.bounds import bound
from acts.testing.grids import parameter_sets

TYPES = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16, "float32": np.float32, "float64": np.float64}
ALL = np.linspace(-50, 50, 20_001)


def falls(y):
    return y[1:] < y[:-1]


def monotone():
    """The functions that fall nowhere, by the fast oracle."""
    functions = [acts.get(name) for name in acts.names()]
    return [f for f in functions if not falls(fast_oracle(example(f), ALL)).any()]


MONOTONE = [pytest.param(f, id=f.__name__) for f in monotone()]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("function", "params"), SETS)
def test_limits_with_their_sign_of_zero(function, params, dtype):
    f, nothing = function.bind(**params), np.zeros(1, TYPES[dtype])
    for order in (0, 1, 2, *function.params):
        name = f"df/d{order}" if isinstance(order, str) else "f" + "'" * order
        assert limit_failures(quantity(f, order), f, Truth.fast(f, nothing, name)) == 0, name


def test_a_wrong_sign_of_zero_is_a_failure():
    x = np.zeros(1, np.float32)
    assert limit_failures(lambda x: abs(acts.silu(x)), acts.silu, Truth.fast(acts.silu, x)) == 1
    assert limit_failures(lambda x: abs(acts.silu(x)), acts.silu, Truth.fast(acts.silu, x), signed=False) == 0


def test_most_functions_are_monotone():
    names = {f.values[0].__name__ for f in MONOTONE}
    assert {"relu", "elu", "selu", "softplus", "squareplus", "sigmoid", "tanh", "softsign", "log_sigmoid"} <= names
    assert not {"gelu", "silu", "mish", "hard_swish"} & names


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("function", MONOTONE)
def test_monotone_over_every_pair_of_neighbouring_numbers(function, dtype):
    x = all_patterns(TYPES[dtype])
    for params in parameter_sets(function):
        f = function.bind(**params)
        if not falls(fast_oracle(f, ALL)).any():
            assert not falls(f(x).astype(np.float64)).any(), params
    if dtype == "bfloat16":  # XLA takes subnormal numbers for 0: theirs is the order of their values
        x = x[np.abs(x.astype(np.float64)) >= 2.0**-126]
    y = mirror(function.__name__).quantity("f")(x, **example_parameters(function))
    assert not falls(y.astype(np.float64)).any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", MONOTONE)
def test_no_step_down_exceeds_the_bound(function, dtype):
    x = walk(dtype, 100_000, function.kinks_at(**example_parameters(function)))
    faces = {"acts": function}
    if dtype == "float32":
        faces["acts_jax"] = mirror(function.__name__).quantity("f")
    for package, f in faces.items():
        y = np.asarray(f(x, **example_parameters(function))).astype(np.float64)
        finite = np.isfinite(y)
        with np.errstate(over="ignore"):
            step = np.diff(y[finite]) / ulp_size(y[finite][1:], dtype)
        allowed = bound(package, dtype, function.__name__, "f")
        assert not (step < -max(allowed.ulp, allowed.conditioned if allowed.conditioned < np.inf else 0)).any(), package
