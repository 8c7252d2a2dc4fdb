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
from support import HAVING_PARAMETERS, OF_EACH_SHAPE, one_of_each_shape

import acts_jax
from acts.testing import example_parameters

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import programs
import saved_output
import shared

CPU = jax.default_backend() == "cpu"
OUTPUT = ("relu", "relu6", "leaky_relu", "sigmoid", "tanh", "step", "exponential")
DECLARED = {**dict.fromkeys(OUTPUT, "output"), "identity": "nothing"}
TYPES = ["float32", "bfloat16", "float16"]
LAYERS, WIDTH, BATCH = 3, 128, 32768
ELEMENTS = WIDTH * BATCH
BYTES = {"input": 4, "output": 0, "nothing": 0}  # per float32; the next layer keeps the output anyway
# Elsewhere matrix products have a workspace, 1 MiB on an H100; the smallest array has 8 MiB.
SLACK = 1024 if CPU else 2**21
FLOAT16_ON_CPU = 1.3  # XLA computes float16 in float32 there, and keeps some of it so
PAIRS = [pytest.param(pair, id=pair.name, marks=pytest.mark.xdist_group(pair.name)) for pair in shared.pairs()]
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
@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_backward_keeps_the_declared_residual_alone(function, dtype, wrap, capsys):
    f = wrap(acts_jax.get(function.__name__, **example_parameters(function)))
    x = jnp.linspace(-8, 8, 64).astype(dtype)
    declared = DECLARED.get(function.__name__, "input")
    arrays = [leaf for leaf in leaves(f, x) if jnp.size(leaf) > 1]
    expected = {"input": [x], "output": [f(x)], "nothing": []}[declared]
    assert [array.dtype for array in arrays] == [dtype] * len(expected)
    for array, kept in zip(arrays, expected, strict=True):
        np.testing.assert_array_equal(np.asarray(array, np.float32), np.asarray(kept, np.float32))
    name = {"float32": "f32", "bfloat16": "bf16"}[dtype]
    assert [kind for kind in printed(capsys, f, x) if kind[1]] == [(name, (64,))] * len(arrays)


@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit], ids=["eager", "jit"])
@pytest.mark.parametrize("function", one_of_each_shape(HAVING_PARAMETERS))
def test_a_parameter_that_moves_adds_itself_alone(function, wrap, capsys):
    f, x = wrap(acts_jax.get(function.__name__)), jnp.linspace(-8, 8, 12).reshape(4, 3)
    args = x, *(jnp.full(3, p) for p in example_parameters(function).values())
    shapes = sorted(leaf.shape for leaf in leaves(f, *args))
    assert shapes[-1:] == [(4, 3)]
    assert set(shapes[:-1]) <= {(), (3,), (1, 3)}
    assert [shape for _, shape in printed(capsys, f, *args) if len(shape) == 2 and shape[0] == 4] == [(4, 3)]


def extra_bytes(f, x):
    """Those of what backward keeps besides the output, which the next layer keeps anyway."""
    y, pull = jax.vjp(f, x)
    return sum(leaf.nbytes for leaf in jax.tree.leaves(pull) if not np.array_equal(leaf, y))


@pytest.mark.parametrize(("dtype", "wrap"), WAYS)
@pytest.mark.parametrize("pair", PEERS)
def test_no_more_bytes_than_jax_nn(pair, dtype, wrap):
    x = jnp.linspace(-8, 8, 1024).astype(dtype)
    assert extra_bytes(wrap(pair.ours), x) <= extra_bytes(wrap(pair.theirs), x)


@pytest.mark.parametrize("slope", [-0.5, jnp.float32(0.01)], ids=["negative", "traced"])
def test_leaky_relu_keeps_a_sign_where_its_output_may_not_have_it(slope):
    x = jnp.array([jnp.nan, -1.0, 2.0], jnp.float32)
    f = lambda x: acts_jax.leaky_relu(x, negative_slope=slope)  # noqa: E731
    assert [leaf.nbytes for leaf in leaves(f, x) if jnp.size(leaf) > 1] == [3]
    np.testing.assert_array_equal(jax.vjp(f, x)[1](jnp.ones_like(x))[0], np.float32([np.nan, slope, 1]))


@functools.cache
def step_bytes(f, dtype):
    return programs.temporary_bytes(f, LAYERS, WIDTH, BATCH, dtype)


def no_activation(x):
    return x


def assert_reached(f, kept):
    """A float32 step with f needs the step without it and, per layer but the last, what backward keeps."""
    got, floor = step_bytes(f, "float32"), step_bytes(no_activation, "float32")
    assert got <= floor + SLACK + (LAYERS - 1) * ELEMENTS * BYTES[kept]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_training_step_reaches_what_its_residual_allows(pair):
    name = pair.name.partition("(")[0]
    assert_reached(pair.ours, DECLARED.get(name, "input"))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("pair", PEERS)
def test_a_training_step_needs_no_more_memory_than_with_jax_nn(pair, dtype):
    allowed = FLOAT16_ON_CPU if CPU and dtype == "float16" else 1
    assert step_bytes(pair.ours, dtype) <= allowed * step_bytes(pair.theirs, dtype) + SLACK


@pytest.mark.skipif(not CPU, reason="it is the CPU that computes float16 in float32")
def test_float16_on_the_cpu_needs_its_allowance():
    pairs = [p.values[0] for p in PEERS]
    assert any(step_bytes(p.ours, "float16") > step_bytes(p.theirs, "float16") for p in pairs), "remove FLOAT16_ON_CPU"


@pytest.mark.parametrize("save", ["input", "output"])
@pytest.mark.parametrize("name", saved_output.from_output())
def test_a_training_step_with_an_explicit_rule(name, save):
    assert_reached(acts_jax.as_custom_vjp(acts_jax.get(name), save=save), save)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", saved_output.from_output())
def test_the_gradient_from_the_output_is_as_exact_as_documented(name, dtype):
    assert saved_output.scaled_error(name, "output", dtype) <= 4
    assert saved_output.scaled_error(name, "input", dtype) <= 4
    lost = saved_output.lost(name, "output", dtype)
    assert saved_output.lost(name, "input", dtype) == ("-", "-")
    assert (lost != ("-", "-")) == (name in acts_jax.as_custom_vjp.__doc__)
