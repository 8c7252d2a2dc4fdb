"""The functions of rows in acts_jax.nn: the types, shapes, errors and values of jax.nn, without its NaN."""

import functools
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import acts_jax
import acts_jax.nn as nn

NAMES = ("softmax", "log_softmax", "logsumexp", "logmeanexp")
X = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
MASK = np.random.default_rng(1).random((3, 1)) < 0.5
CALLS = [
    {}, {"axis": 0}, {"axis": (0, -1)}, {"axis": None}, {"axis": -1, "where": MASK},
    {"where": np.ones((5, 1, 1, 1), bool)},    {"where": MASK.astype(int)}, {"axis": 5}, {"axis": ()},
]  # fmt: skip
OF_LOGSUMEXP = [{"b": X}, {"return_sign": True}, {"keepdims": True, "axis": 1}]
TYPES = ("float16", "bfloat16", "float32", "float8_e5m2", "int32", "bool", "complex64")


def outcome(f, x, **named):
    """The types, weakness and shapes of f(x), or the error that it raises."""
    try:
        y = jax.eval_shape(functools.partial(f, **named), x)
    except Exception as error:
        return type(error)
    return jax.tree.map(lambda leaf: (leaf.dtype, leaf.weak_type, leaf.shape), y)


def calls(name):
    return CALLS + (OF_LOGSUMEXP if name == "logsumexp" else [])


@pytest.mark.parametrize("name", NAMES)
def test_types_shapes_and_errors(name):
    ours, theirs = getattr(nn, name), getattr(jax.nn, name)
    for named in calls(name):
        for x in (
            *(jnp.asarray(X).astype(dtype) for dtype in TYPES),
            X,
            X.astype(np.float64),
            1.0,
            jnp.asarray(1.5),
            3,
            [1.0],
        ):
            assert outcome(ours, x, **named) == outcome(theirs, x, **named), (named, getattr(x, "dtype", x))


@pytest.mark.parametrize("name", NAMES)
def test_values(name):
    f, theirs = getattr(nn, name), getattr(jax.nn, name)
    for named in calls(name):
        if isinstance(outcome(theirs, X, **named), type):
            continue
        for got, want in zip(*(jax.tree.leaves(g(X, **named)) for g in (f, theirs)), strict=True):
            want = np.where(np.isnan(want), -np.inf, want)  # the mean of a row that is masked as a whole
            np.testing.assert_allclose(got, want, rtol=3e-6, atol=3e-6)
    assert f.__doc__.startswith(f"jax.nn.{name}, computed by acts_jax.{name}.")
    assert pickle.loads(pickle.dumps(f)) is f
    assert "acts_jax" not in str(jax.make_jaxpr(f)(X.astype(np.complex64)))
    with pytest.raises(TypeError, match="dim"):
        f(X, dim=1)


def test_what_is_better_than_in_jax_nn():
    assert nn.log_softmax(jnp.array([0.0, -50.0]))[0] == acts_jax.log_softmax(jnp.array([0.0, -50.0]))[0] < 0
    assert nn.softmax(jnp.array([-jnp.inf, -jnp.inf])).tolist() == [0, 0]
    assert nn.softmax(jnp.array([0.5, 1, 2], jnp.float8_e4m3fn)).tolist() == [0.140625, 0.234375, 0.625]
