"""Gated functions in JAX: what backward keeps and costs, transformations, Pallas, and split_gate in both packages."""

import functools
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.ad_checkpoint import print_saved_residuals
from transformations import BY_ORDER, EVERYDAY

import acts
import acts_jax
from acts.testing import example_parameters

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import gates
import programs

CPU = jax.default_backend() == "cpu"
NAMES = acts.names("gated")
G = np.array([-4.1, -3, -2.2, -1, -0.8, -0.5, 0, 0.25, 0.5, 0.7, 1, 1.4, 2.3, 3, 4.1, 6], jnp.result_type(float))
V = np.roll(0.6 * G, 5) + 0.3  # nowhere equal to G
MORE_MEMORY = {("bilinear", "bfloat16"), ("glu", "bfloat16")}  # XLA keeps the product's float32 for a while


def some(*names):
    """Those functions by default, and the others with -m exhaustive."""
    return [name if name in names else pytest.param(name, marks=pytest.mark.exhaustive) for name in NAMES]


# -- what backward keeps and costs ----------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", some("swiglu", "bilinear", "situ_glu"))
def test_backward_keeps_gate_and_value_alone(name, dtype, capsys):
    f = acts_jax.get(name)
    gate, value = jnp.asarray(G, dtype), jnp.asarray(V, dtype)
    for wrapped in (f, jax.jit(f), acts_jax.as_custom_vjp(f)):
        kept = [leaf for leaf in jax.tree.leaves(jax.vjp(wrapped, gate, value)[1]) if jnp.size(leaf) > 1]
        assert sorted((k.dtype.name, float(k[0])) for k in kept) == sorted(
            (dtype, float(x[0])) for x in (gate, value)
        ), wrapped
    capsys.readouterr()
    print_saved_residuals(f, gate, value)
    assert sorted(line.split(" from ")[-1] for line in capsys.readouterr().out.splitlines()) == [
        "the argument gate",
        "the argument value",
    ]


def test_operands_of_two_types_are_kept_as_they_are():
    kept = jax.tree.leaves(jax.vjp(acts_jax.swiglu, jnp.asarray(G, jnp.bfloat16), jnp.asarray(V))[1])
    assert sorted(k.dtype.name for k in kept) == sorted(["bfloat16", jnp.asarray(V).dtype.name])


def both_cotangents(f):
    return lambda gate, value, g: jax.vjp(f, gate, value)[1](g)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_takes_no_more_kernels_than_by_hand(name, dtype):
    """One for each cotangent on the CPU; on a GPU one in all."""
    x = jax.ShapeDtypeStruct((1024,), dtype)
    count = lambda f: len(programs.kernels(jax.jit(both_cotangents(f)).lower(x, x, x).compile()))  # noqa: E731
    ours = count(acts_jax.get(name))
    assert ours <= (2 if CPU else 1)
    assert ours <= count(gates.BY_HAND[name])


def step_bytes(f, dtype):
    step, abstract = programs.gated_step(f, 2, 128, 8192, dtype)
    return programs.temporary(step.lower(*abstract).compile())


@pytest.mark.parametrize(("name", "dtype"), [
    ("swiglu", "float32"),
    ("swiglu", "bfloat16"),
    *(pytest.param(name, dtype, marks=pytest.mark.exhaustive) for dtype in ("float32", "bfloat16") for name in NAMES),
])  # fmt: skip
def test_a_training_step_needs_no_more_memory_than_by_hand(name, dtype):
    needed, by_hand = (step_bytes(f, dtype) for f in (acts_jax.get(name), gates.BY_HAND[name]))
    assert (needed > by_hand + 1024) == ((name, dtype) in MORE_MEMORY and CPU)


# -- transformations ------------------------------------------------------------------------------


def expected(function, order, i):
    """The analytic derivative by gate (0) or value (1) from NumPy; None where that has none."""
    f = function.bind(**{n: v for n, v in example_parameters(function).items() if n != "value"})
    by_order = {
        (0, 0): f,
        (1, 0): f.derivative,
        (1, 1): functools.partial(f.partial, "value"),
        (2, 0): f.second_derivative,
    }
    compute = by_order.get((order, i))
    return None if compute is None else np.asarray(compute(G.astype(np.float64), V.astype(np.float64)))


def assert_right(function, outputs):
    for (name, i), got in outputs.items():
        order = next(order for order, ways in enumerate(BY_ORDER) if name in ways)
        np.testing.assert_allclose(got, expected(function, order, i), rtol=3e-5, atol=3e-5, err_msg=f"{name} {i}")


def cases(function, names):
    for name in names:
        order = next(order for order, ways in enumerate(BY_ORDER) if name in ways)
        for i in (0, 1):
            if expected(function, order, i) is not None:
                yield name, i, BY_ORDER[order][name](acts_jax.get(function.__name__), i)


@pytest.mark.parametrize("name", ["swiglu", "clamped_swiglu"])
def test_everyday_transformations_by_gate_and_by_value(name):
    function = acts.get(name)
    together = jax.jit(lambda g, v: {f"{way} {i}": run(g, v) for way, i, run in cases(function, EVERYDAY)})
    got = {(key[:-2], int(key[-1])): y for key, y in together(G, V).items()}
    assert len(got) >= 28
    assert_right(function, got)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", NAMES)
def test_every_transformation_by_gate_and_by_value(name):
    function = acts.get(name)
    jax.clear_caches()
    every = [way for ways in BY_ORDER[:3] for way in ways if way != "jet"]
    assert_right(function, {(way, i): run(G, V) for way, i, run in cases(function, every)})


@pytest.mark.parametrize("name", some("geglu", "gtu"))
def test_mixed_second_derivatives(name):
    """d2f/dgate dvalue from both sides, against differences of the NumPy derivative; at the gate 0, too."""
    f, step = acts.get(name), 2.0**-20
    gate = np.array([-3.3, -0.7, 0.0, 0.4, 2.9])
    value = np.array([0.6, -1.9, 2.2, 1.3, -0.4])
    want = (f.derivative(gate, value + step) - f.derivative(gate, value - step)) / (2 * step)
    g = acts_jax.get(name)
    by_gate_first = jax.vmap(jax.grad(jax.grad(g, 0), 1))(gate, value)
    by_value_first = jax.vmap(jax.grad(jax.grad(g, 1), 0))(gate, value)
    np.testing.assert_allclose(by_gate_first, want, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(by_value_first, want, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", some("swiglu"))
def test_the_explicit_rule_gives_the_same_cotangents(name):
    f, g = acts_jax.get(name), jnp.cos(G)
    value = V[:1]  # shared: its cotangent is a sum
    face = acts_jax.as_custom_vjp(f)
    y, kept = face.fwd(G, value)
    np.testing.assert_allclose(y, f(G, value), rtol=1e-6)
    want = jax.vjp(f, G, value)[1](g)
    for got in (face.bwd(kept, g), jax.vjp(face, G, value)[1](g)):
        for a, b in zip(got, want, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


# -- split_gate -----------------------------------------------------------------------------------

X = np.arange(24.0).reshape(2, 12)


@pytest.mark.parametrize("package", [acts, acts_jax])
@pytest.mark.parametrize(("layout", "first"), [
    ("halves", [0, 1, 2, 3, 4, 5]),
    ("interleaved", [0, 2, 4, 6, 8, 10]),
    (1, [0, 2, 4, 6, 8, 10]),
    (2, [0, 1, 4, 5, 8, 9]),
    (3, [0, 1, 2, 6, 7, 8]),
    (np.int64(6), [0, 1, 2, 3, 4, 5]),
])  # fmt: skip
def test_split_gate(package, layout, first):
    last = sorted({*range(12)} - {*first})
    gate, value = package.split_gate(X, gate="first", layout=layout)
    np.testing.assert_array_equal(gate, X[:, first])
    np.testing.assert_array_equal(value, X[:, last])
    gate, value = package.split_gate(X.T, gate="last", axis=0, layout=layout)
    np.testing.assert_array_equal(gate, X.T[last])
    np.testing.assert_array_equal(value, X.T[first])


@pytest.mark.parametrize("package", [acts, acts_jax])
@pytest.mark.parametrize(("named", "error", "said"), [
    ({}, TypeError, "gate"),
    ({"gate": "middle"}, ValueError, "gate is 'middle'; allowed: 'first', 'last'"),
    ({"gate": "first", "layout": "blocks"}, ValueError, "layout is 'blocks'; allowed: 'halves', 'interleaved'"),
    ({"gate": "first", "layout": 0}, ValueError, "layout is 0"),
    ({"gate": "first", "layout": True}, ValueError, "layout is True"),
    ({"gate": "first", "layout": 4}, ValueError, r"length 12 on axis -1 .* a multiple of 8"),
    ({"gate": "first", "axis": 2}, ValueError, r"x of shape \(2, 12\) has no axis 2"),
    ({"gate": "first", "axis": "rows"}, TypeError, "integer"),
])  # fmt: skip
def test_split_gate_refuses(package, named, error, said):
    with pytest.raises(error, match=said):
        package.split_gate(X, **named)


@pytest.mark.parametrize("layout", ["halves", "interleaved"])
def test_an_odd_length_is_refused(layout):
    with pytest.raises(ValueError, match=r"length 3 on axis 0 \(shape \(3,\)\); it must be even"):
        acts.split_gate([1.0, 2.0, 3.0], gate="first", layout=layout, axis=0)


def test_split_gate_makes_views_and_jax_nn_glu_has_the_gate_last():
    x = np.linspace(-3, 2, 12)
    assert all(np.shares_memory(part, x) for part in acts.split_gate(x, gate="first"))
    assert all(np.shares_memory(part, x) for part in acts.split_gate(x, gate="first", layout="interleaved"))
    ours = jax.jit(lambda x: acts_jax.glu(*acts_jax.split_gate(x, gate="last")))
    np.testing.assert_allclose(ours(x), jax.nn.glu(x), rtol=1e-6)
    assert not np.allclose(acts.glu(*acts.split_gate(x, gate="first")), jax.nn.glu(x))


NOT_NUMBERS = ("a", "float32", None, object(), {}, [1, "b"], np.array(["a"]), np.array([None]), 1j, jax.random.key(0))


@pytest.mark.parametrize("name", [*some("swiglu", "clamped_swiglu"), "softmax", "sparsemax", "crelu", "snake"])
def test_what_is_no_number_is_refused_by_the_name_of_its_role(name):
    f, x = getattr(acts_jax, name), jnp.asarray(G)
    gated = acts.get(name).kind == "gated"
    first, rest = ("gate", (x,)) if gated else ("x", ())
    for wrong in NOT_NUMBERS:
        with pytest.raises(TypeError, match=f"^{name}: {first} (is a .*; pass an|has dtype .*; allowed: float16)"):
            f(wrong, *rest)
        if gated:
            with pytest.raises(TypeError, match=f"^{name}: value (is a|has dtype) "):
                jax.grad(lambda x, wrong=wrong: f(x, wrong).sum())(x)
        if name == "softmax" and isinstance(wrong, (dict, np.ndarray)):
            with pytest.raises(TypeError, match=r"^softmax: where has dtype .*; it must be bool"):
                f(x, where=wrong)
