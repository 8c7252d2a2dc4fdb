"""acts_jax.nn in place of jax.nn: its names, signatures, types and values, and what JAX asks of its own activations."""

import functools
import importlib
import inspect
import pickle
import re
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

import acts_jax
import acts_jax.nn as nn
from acts.dialects import ROWS

OF_ROWS = [name for name in nn.__all__ if name in acts_jax.names("axis")]  # in test_jax_nn_rows.py
OURS = [name for name in nn.__all__ if getattr(nn, name) is not getattr(jax.nn, name) and name not in OF_ROWS]
WITH_PARAMETER = ("celu", "elu", "leaky_relu", "squareplus")
VALUES = np.array([[-2.5, -1, -0.5], [0.5, 1.5, 7]])
TYPES = ("float16", "bfloat16", "float32", "float64", "float8_e4m3fn", "float8_e5m2", "int4", "int8", "int32",
         "uint8", "bool", "complex64")  # fmt: skip
INPUTS = {
    "a float": -1.5, "an int": -2, "a bool": True, "a complex": -1.5 + 1j, "a NumPy float32": np.float32(-1.5),
    "a NumPy float64": np.float64(-1.5), "a NumPy int": np.int32(2), "weak": jnp.asarray(-1.5),
    "a weak int": jnp.asarray(-2), "empty": jnp.zeros((0, 3)), "a list": [1.0, 2.0], "None": None,
    **{f"{t} of NumPy": VALUES.astype(jnp.dtype(t)) for t in TYPES},
    **{t: jnp.asarray(VALUES.astype(jnp.dtype(t))) for t in TYPES},
}  # fmt: skip
WITH_PARAMETERS = ("a float", "an int", "weak", "empty", "float16", "float32", "float64 of NumPy", "int32")
PARAMETERS = {
    "a float": 0.3, "an int": 2, "a bool": True, "a NumPy float32": np.float32(0.3), "a NumPy float64": np.float64(0.3),
    "weak": jnp.asarray(0.3), "a weak int": jnp.asarray(2), "float16": jnp.float16(0.3), "a complex": 1j,
    "one per channel": jnp.array([0.3, 0.4, 0.5]), "bfloat16 ones": jnp.ones(3, jnp.bfloat16),
    "ints": np.array([1, 2, 3]),
    "of size 1": jnp.ones(1), "of a higher rank": jnp.ones((1, 1, 1)), "larger": jnp.ones((2, 1, 1)),
    "of another shape": jnp.ones(5), "a list": [0.3], "None": None,
}  # fmt: skip
ACTIVATIONS = [pytest.param(n, marks=pytest.mark.xdist_group(f"nn-{n}")) for n in OURS]


def outcome(f, *args):
    """The type, its weakness and the shape of f(*args), or the error that it raises."""
    try:
        y = jax.eval_shape(lambda: f(*args))
    except Exception as error:
        return type(error)
    return y.dtype, y.weak_type, y.shape


def accepted(name, *types):
    """Those of the types that jax.nn's function takes."""
    return [t for t in types if isinstance(outcome(getattr(jax.nn, name), VALUES.astype(t)), tuple)]


def test_every_name_is_there_and_no_other():
    names = [name for name in dir(jax.nn) if not name.startswith("_")]
    assert names == nn.__all__
    assert set(names) <= set(dir(nn))
    for name in set(names) - {*OURS, *OF_ROWS}:
        assert getattr(nn, name) is getattr(jax.nn, name)
    with pytest.raises(AttributeError, match=r"jax\.nn [\d.]+ has no 'soft_max'"):
        _ = nn.soft_max


def test_ours_are_the_rows_of_the_migration_table():
    """What the table knows of jax.nn is ours here, and it knows every one of ours. jax.nn.glu splits an array."""
    known = {re.match(r"jax\.nn\.(\w+)", row.theirs)[1] for row in ROWS if row.framework == "jax"}
    assert {*OURS, *OF_ROWS, "glu"} == known


@pytest.mark.parametrize("name", nn.__all__)
def test_signatures_are_those_of_jax_nn(name):
    ours, theirs = getattr(nn, name), getattr(jax.nn, name)
    if callable(theirs):
        assert inspect.signature(ours) == inspect.signature(theirs)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_ours_are_plain_functions_of_the_module(name):
    f = getattr(nn, name)
    assert inspect.isfunction(f)
    assert pickle.loads(pickle.dumps(f)) is f
    assert f.__module__ == "acts_jax.nn"
    assert f.__doc__.startswith(f"jax.nn.{f.__name__}, computed by acts_jax.")
    assert (nn.swish, nn.hard_silu) == (nn.silu, nn.hard_swish)
    with pytest.raises(LookupError, match="not a function of acts_jax"):
        acts_jax.derivative(f)


@pytest.mark.parametrize("statement", [
    "import acts_jax; f = acts_jax.nn.initializers.he_normal",
    "import acts_jax.nn.initializers; f = acts_jax.nn.initializers.he_normal",
    "from acts_jax.nn.initializers import he_normal as f",
    "from acts_jax.nn import *; f = initializers.he_normal; assert one_hot is jax.nn.one_hot",
])  # fmt: skip
def test_every_form_of_import(statement):
    code = f"import jax; {statement}; assert f is jax.nn.initializers.he_normal"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert importlib.import_module("acts_jax.nn.initializers") is jax.nn.initializers


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_types_shapes_and_errors_are_those_of_jax_nn(name):
    ours, theirs = getattr(nn, name), getattr(jax.nn, name)
    for label, x in INPUTS.items():
        assert outcome(ours, x) == outcome(theirs, x), label
        for of_parameter, p in PARAMETERS.items() if name in WITH_PARAMETER and label in WITH_PARAMETERS else ():
            assert outcome(ours, x, p) == outcome(theirs, x, p), (label, of_parameter)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_are_those_of_jax_nn(name):
    inputs = [VALUES.astype(t) for t in accepted(name, "float32", "int32", "complex64")]
    both = jax.jit(lambda xs: [[jax.vmap(getattr(module, name))(x) for x in xs] for module in (nn, jax.nn)])
    for x, ours, theirs in zip(inputs, *both(inputs), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-7, err_msg=str(x.dtype))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_floats_are_ours_and_the_rest_is_theirs(name):
    """In the jaxpr: a function of acts_jax is there for floats, and for no other type."""

    def runs(x, *params):
        return str(jax.make_jaxpr(lambda x: getattr(nn, name)(x, *params))(x))

    ours, theirs = (str(jax.make_jaxpr(f)(VALUES)) for f in (expression(name), getattr(jax.nn, name)))
    assert runs(VALUES) == ours
    assert ours != theirs or name == "identity"
    other = VALUES.astype(accepted(name, "int32", "complex64")[0])
    assert runs(other) == str(jax.make_jaxpr(lambda x: getattr(jax.nn, name)(x))(other))


def expression(name):
    """The function of acts_jax in the row of the migration table."""
    row = next(row for row in ROWS if row.theirs == f"jax.nn.{name}(x)")
    return acts_jax.get(row.ours.removesuffix("(x)"))


@pytest.mark.parametrize("name", WITH_PARAMETER)
def test_every_way_to_give_a_parameter(name):
    f, x = getattr(nn, name), jnp.array([-1.0, 2.0, 3.0])
    parameter = list(inspect.signature(f).parameters)[1]
    wanted = acts_jax.get({"soft_sign": "softsign"}.get(name, name))(x, 0.5)
    alpha = jnp.float32(0.5)
    for y in (f(x, 0.5), f(x, **{parameter: 0.5}), f(**{parameter: alpha, "x": x}), jax.jit(f)(x, alpha), f(x, alpha),
              jax.jit(functools.partial(f, **{parameter: 0.5}))(x), jax.vmap(f, (0, None))(x, 0.5),
              f(np.asarray(x), np.float32(0.5))):  # fmt: skip
        np.testing.assert_allclose(y, wanted, rtol=1e-6)
    assert (f(x, 2) == f(x, 2.0)).all()
    slope = jax.grad(lambda alpha: f(x, alpha).sum())(alpha)
    np.testing.assert_allclose(slope, jax.grad(lambda a: getattr(jax.nn, name)(x, a).sum())(alpha), rtol=1e-5)
    with pytest.raises(TypeError, match="slop"):
        f(x, slop=1)


def test_gelu_has_both_forms():
    x = jnp.linspace(-5, 5, 11)
    for form in ({}, {"approximate": True}, {"approximate": np.bool_(True)}):
        assert (nn.gelu(x, **form) == acts_jax.gelu_tanh(x)).all()
    assert (nn.gelu(x, False) == acts_jax.gelu(x)).all()
    assert (jax.jit(nn.gelu, static_argnames="approximate")(x, approximate=False) == jax.jit(acts_jax.gelu)(x)).all()
    np.testing.assert_allclose(nn.gelu(jnp.arange(-3, 4), False), nn.gelu(jnp.arange(-3.0, 4.0), False), rtol=1e-5)


@pytest.mark.parametrize(("name", "x", "order"), [
    ("softplus", 1e-2, 4), ("squareplus", 1e-2, 3), ("mish", 1e-2, 3), ("elu", 1e4, 3), ("relu", 1.0, 3),
    ("relu", -1.0, 3), ("relu6", 1.0, 3), ("relu6", -1.0, 3),
])  # fmt: skip
def test_derivatives_of_higher_order(name, x, order):
    check_grads(getattr(nn, name), (x,), order=order, modes=["rev"], eps=1.0 if x > 10 else None, atol=2e-2, rtol=2e-2)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_special_points(name):
    f = getattr(nn, name)
    points = (0.0, 1e30, np.inf, -1e30, -np.inf)
    for x in points[:3] if name == "log1mexp" else points:  # that lives on x >= 0
        y, slope = jax.value_and_grad(f)(x)
        assert not jnp.isnan(y), x
        assert not jnp.isnan(slope), x
    assert jnp.isnan(f(jnp.nan))
    assert jax.vmap(f)(jnp.zeros((0,), jnp.bfloat16)).dtype == jnp.bfloat16
    jax.make_jaxpr(lambda: f(jnp.ones(10**12)))  # nothing of that size is made while tracing


@pytest.mark.parametrize(("f", "x", "slope"), [
    (nn.relu, 0.0, 0.0), (nn.relu6, 0.0, 0.0), (nn.relu6, 6.0, 0.0), (nn.leaky_relu, 0.0, 0.01),
    (nn.hard_tanh, 1.0, 0.0), (nn.hard_tanh, -1.0, 0.0), (nn.hard_swish, 3.0, 1.0), (nn.elu, 0.0, 1.0),
    (nn.softplus, np.inf, 1.0), (nn.softplus, -np.inf, 0.0), (nn.identity, 6.0, 1.0),
])  # fmt: skip
def test_kinks_are_ours(f, x, slope):
    assert jax.grad(f)(x) == jnp.asarray(slope)


@pytest.mark.parametrize(("f", "x", "y"), [
    (nn.softplus, 89.0, 89.0), (nn.squareplus, 1e3, 1e3), (nn.squareplus, 0.0, 1.0), (nn.mish, 1e3, 1e3),
    (nn.elu, 1e4, 1e4), (nn.mish, 0.0, 0.0), (nn.gelu, -1e3, 0.0),
])  # fmt: skip
def test_values_far_out_and_at_0(f, x, y):
    assert f(x) == pytest.approx(y, abs=1e-3)


def test_no_tracer_leaks():
    """A function with a rule of its own, one for each kind of what backward keeps, in a scan that closes over one."""

    def step(h, _):
        return nn.relu(nn.leaky_relu(nn.sigmoid(nn.gelu(h + jnp.float32(1))))), None

    with jax.checking_leaks():
        jax.jit(lambda: jax.lax.scan(step, jnp.float32(0), None, length=2)[0])()


@pytest.mark.parametrize("name", OURS)
def test_backward_keeps_no_more_than_jax_nn(name):
    x = jnp.linspace(-4, 4, 64)
    kept = [sum(leaf.nbytes for leaf in jax.tree.leaves(jax.vjp(getattr(m, name), x)[1])) for m in (nn, jax.nn)]
    assert kept[0] <= max(kept[1], x.nbytes) + 64
