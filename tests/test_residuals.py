"""What backward keeps: one array and no more than jax.nn, in the residuals and in the memory of a compiled step."""

import functools
import re
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.ad_checkpoint import print_saved_residuals
from support import FUNCTIONS

import acts_jax
from acts.testing import example_parameters

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import memory
import saved_output
import shared

OLD_JAX = tuple(map(int, jax.__version__.split(".")[:2])) <= (0, 10)
DECLARED = {"relu": "output", "relu6": "output", "sigmoid": "output", "tanh": "output", "leaky_relu": "sign",
            "identity": "nothing"}  # fmt: skip
# There the barrier ends before fusion, and what is kept is made from x again, where that is cheap.
XLA_KEEPS_INPUT = {("relu", "output"), ("leaky_relu", "sign")} if OLD_JAX else set()
LAYERS, WIDTH, BATCH = 3, 64, 1024
ELEMENTS = WIDTH * BATCH
BYTES = {"input": 4, "output": 0, "sign": 1, "nothing": 0}  # per element; the next layer keeps the output anyway
SCALARS = 1024
PAIRS = [pytest.param(pair, id=pair.name, marks=pytest.mark.xdist_group("residuals")) for pair in shared.pairs()]
WAYS = [pytest.param("float32", lambda f: f, id="float32-eager"), pytest.param("bfloat16", jax.jit, id="bfloat16-jit")]
PEERS = [p for p in PAIRS if p.values[0].theirs]


def leaves(f, *args):
    """What backward keeps, as arrays."""
    return jax.tree.leaves(jax.vjp(f, *args)[1])


def printed(capsys, f, *args):
    """The types and shapes that JAX says it saves."""
    capsys.readouterr()
    print_saved_residuals(f, *args)
    found = re.findall(r"^(\w+)\[([\d,]*)\]", capsys.readouterr().out, flags=re.M)
    return [(dtype, tuple(int(n) for n in shape.split(",") if n)) for dtype, shape in found]


@pytest.mark.parametrize(("dtype", "wrap"), WAYS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_backward_keeps_the_declared_residual_alone(function, dtype, wrap, capsys):
    f = wrap(acts_jax.get(function.__name__, **example_parameters(function)))
    x = jnp.linspace(-8, 8, 64).astype(dtype)
    declared = DECLARED.get(function.__name__, "input")
    arrays = [leaf for leaf in leaves(f, x) if jnp.size(leaf) > 1]
    expected = {"input": x, "output": f(x), "sign": jnp.where(x > 0, 1, -1), "nothing": None}[declared]
    assert len(arrays) == (expected is not None)
    for array in arrays:
        assert array.dtype == (jnp.int8 if declared == "sign" else dtype)
        np.testing.assert_array_equal(np.asarray(array, np.float32), np.asarray(expected, np.float32))
    name = {"float32": "f32", "bfloat16": "bf16"}[dtype] if declared != "sign" else "i8"
    assert [kind for kind in printed(capsys, f, x) if kind[1]] == [(name, (64,))] * len(arrays)


@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit], ids=["eager", "jit"])
@pytest.mark.parametrize("function", [p for p in FUNCTIONS if p.values[0].params])
def test_a_parameter_that_moves_adds_itself_alone(function, wrap, capsys):
    f, x = wrap(acts_jax.get(function.__name__)), jnp.linspace(-8, 8, 12).reshape(4, 3)
    args = x, *(jnp.full(3, p) for p in example_parameters(function).values())
    shapes = sorted(leaf.shape for leaf in leaves(f, *args))
    assert shapes[-1:] == [(4, 3)]
    assert set(shapes[:-1]) <= {(), (3,), (1, 3)}
    assert [shape for _, shape in printed(capsys, f, *args) if len(shape) == 2 and shape[0] == 4] == [(4, 3)]


@pytest.mark.parametrize(("dtype", "wrap"), WAYS)
@pytest.mark.parametrize("pair", PEERS)
def test_no_more_bytes_than_jax_nn(pair, dtype, wrap):
    x = jnp.linspace(-8, 8, 1024).astype(dtype)
    ours, theirs = (sum(leaf.nbytes for leaf in leaves(wrap(f), x)) for f in (pair.ours, pair.theirs))
    assert ours <= theirs


def test_a_nan_is_kept_in_one_byte():
    x = jnp.array([jnp.nan, -0.0, 2.0], jnp.float32)
    assert [leaf.nbytes for leaf in leaves(acts_jax.leaky_relu, x) if jnp.size(leaf) > 1] == [3]
    np.testing.assert_array_equal(
        jax.vjp(acts_jax.leaky_relu, x)[1](jnp.ones_like(x))[0], np.float32([np.nan, 0.01, 1])
    )


@functools.cache
def floor():
    return memory.temporary_bytes(lambda x: x, LAYERS, WIDTH, BATCH)


def bytes_reached(f, kept, name):
    """Those of a training step with f: no more than the floor and, per layer but the last, what backward keeps."""
    got = memory.temporary_bytes(f, LAYERS, WIDTH, BATCH)
    if (name, kept) in XLA_KEEPS_INPUT:
        assert got > floor() + 4 * ELEMENTS, f"{name}: XLA mended it; remove it from XLA_KEEPS_INPUT"
        kept = "input"
    assert got <= floor() + SCALARS + (LAYERS - 1) * ELEMENTS * BYTES[kept]
    return got


@pytest.mark.parametrize("pair", PAIRS)
def test_a_training_step_reaches_what_its_residual_allows(pair):
    name = pair.name.partition("(")[0]
    ours = bytes_reached(pair.ours, DECLARED.get(name, "input"), name)
    if pair.theirs:
        assert ours <= memory.temporary_bytes(pair.theirs, LAYERS, WIDTH, BATCH) + SCALARS


@pytest.mark.parametrize("save", ["input", "output"])
@pytest.mark.parametrize("name", saved_output.from_output())
def test_a_training_step_with_an_explicit_rule(name, save):
    bytes_reached(acts_jax.as_custom_vjp(acts_jax.get(name), save=save), save, name)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", saved_output.from_output())
def test_the_gradient_from_the_output_is_as_exact_as_documented(name, dtype):
    assert saved_output.scaled_error(name, "output", dtype) <= 4
    assert saved_output.scaled_error(name, "input", dtype) <= 4
    lost = saved_output.lost(name, "output", dtype)
    assert saved_output.lost(name, "input", dtype) == ("-", "-")
    assert (lost != ("-", "-")) == (name in acts_jax.as_custom_vjp.__doc__)
