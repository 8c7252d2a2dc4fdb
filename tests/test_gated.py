"""Gated functions: the order of the operands, their types and shapes, limits and kinks, the backward pass."""

import copy
import functools
import pickle

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

import acts
import acts_jax
from acts.testing import example_parameters, grid, oracle, parameter_sets

NAMES = acts.names("gated")
FUNCTIONS = [pytest.param(acts.get(name), id=name) for name in NAMES]
TYPES = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16, "float32": np.float32, "float64": np.float64}
GATE, VALUE = np.linspace(-6, 6, 25), np.linspace(3, -2, 25) ** 3 / 4  # nowhere equal


def test_there_are_twelve_in_both_packages_and_none_among_the_elementwise():
    assert len(NAMES) == 12
    assert acts_jax.names("gated") == NAMES
    assert not set(NAMES) & {*acts.names(), *acts_jax.names()}
    assert acts.get("swiglu-step") is acts.step_swiglu
    assert acts_jax.get("swiglu_oai") is acts_jax.clamped_swiglu


# -- which is the gate ----------------------------------------------------------------------------


@pytest.mark.parametrize("swiglu", [acts.swiglu, acts_jax.swiglu], ids=["acts", "acts_jax"])
def test_a_swapped_order_is_another_number(swiglu):
    assert float(swiglu(1.0, 2.0)) == pytest.approx(1.4621172, abs=1e-6)
    assert float(swiglu(2.0, 1.0)) == pytest.approx(1.7615942, abs=1e-6)
    assert swiglu(value=2.0, gate=1.0) == swiglu(1.0, value=2.0) == swiglu(1.0, 2.0)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_operands_by_position_and_by_name(function):
    f = function.bind(**{n: v for n, v in example_parameters(function).items() if n != "value"})
    assert f.argument == "gate"
    assert f.params[0] == "value"
    in_jax = [acts_jax.swiglu] if function is acts.swiglu else []
    for g in (f, f.derivative, f.second_derivative, functools.partial(f.partial, "value"), *in_jax):
        expected = np.asarray(g(GATE, VALUE))
        np.testing.assert_array_equal(g(GATE, value=VALUE), expected)
        np.testing.assert_array_equal(g(value=VALUE, gate=GATE), expected)
    for both in (f.value_and_derivative(GATE, VALUE), f.value_and_derivative(value=VALUE, gate=GATE)):
        np.testing.assert_array_equal(both, [f(GATE, VALUE), f.derivative(GATE, VALUE)])


@pytest.mark.parametrize("package", [acts, acts_jax])
@pytest.mark.parametrize(("args", "named", "said"), [
    ((), {}, "swiglu needs a value for gate"),
    ((1.0,), {}, "swiglu needs a value for value"),
    ((), {"value": 1.0}, "swiglu needs a value for gate"),
    ((), {"x": 1.0, "value": 2.0}, "swiglu needs a value for gate"),
    ((1.0, 2.0), {"gate": 1.0}, "swiglu was given 'gate' twice"),
    ((1.0, 2.0), {"value": 1.0}, "swiglu was given 'value' twice"),
])  # fmt: skip
def test_what_a_wrong_call_is_told(package, args, named, said):
    with pytest.raises(TypeError, match=said):
        package.swiglu(*args, **named)


@pytest.mark.parametrize("package", [acts, acts_jax])
def test_a_value_never_enlarges_the_gate(package):
    with pytest.raises(
        ValueError, match=r"value has shape \(2, 25\), which does not broadcast to gate's shape \(25,\)"
    ):
        package.swiglu(GATE, np.ones((2, 25)))
    gate = np.outer([1, 2], GATE)
    for value in (VALUE, np.array([[1.5], [-2.5]]), 1.5, np.array([1.5])):
        np.testing.assert_allclose(
            package.swiglu(gate, value), acts.swiglu(gate, np.broadcast_to(value, gate.shape)), rtol=3e-6, atol=1e-7
        )


# -- types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gate", "value", "in_numpy", "in_jax"), [
    ("float32", "float32", "float32", "float32"),
    ("bfloat16", "float32", "float32", "float32"),
    ("float32", "bfloat16", "float32", "float32"),
    ("float32", "float64", "float64", "float32"),  # in JAX without x64
    ("bfloat16", "float16", None, "float32"),
    ("float16", "int8", "float16", "float16"),
    ("float16", "int32", "float64", "float16"),
    ("int32", "int32", "float64", "float32"),
    ("bfloat16", float, "bfloat16", "bfloat16"),
    ("float16", bool, "float16", "float16"),
    ("int32", float, "float64", "float32"),
])  # fmt: skip
def test_mixed_types_promote_as_the_librarys_own_do(gate, value, in_numpy, in_jax):
    x = np.array([1, -2], TYPES.get(gate, gate))
    y = value(1.5) if isinstance(value, type) else np.array([3, 1], TYPES.get(value, value))
    got = acts_jax.swiglu(jnp.asarray(x), y if isinstance(value, type) else jnp.asarray(y))
    assert got.dtype == in_jax
    if in_numpy is None:
        with pytest.raises(TypeError, match="gate has dtype bfloat16 and value has dtype float16, for which NumPy has"):
            acts.swiglu(x, y)
        return
    assert acts.swiglu(x, y).dtype == acts.swiglu.derivative(x, y).dtype == in_numpy
    np.testing.assert_allclose(acts.swiglu(x, y).astype(float), np.asarray(got, float), rtol=0.01)


def test_a_number_takes_the_type_of_the_other_operand_and_may_be_too_large_for_it():
    assert acts.swiglu(np.float16([-20.0, 1.0]), 1e6).tolist() == [-np.inf, np.inf]
    assert acts_jax.swiglu(2.0, 3.0).weak_type


def test_each_cotangent_has_the_type_of_its_operand():
    gate, value, g = GATE.astype(np.float16), VALUE.astype(np.float32), np.ones(25, np.float32)
    dgate, dvalue, dbeta = acts.swiglu.vjp(gate, g, value)
    assert (dgate.dtype, dvalue.dtype, dbeta.dtype) == (np.float16, np.float32, np.float32)
    out = np.empty_like(gate)
    assert acts.swiglu.vjp(gate, g, value, out=out)[0] is out
    np.testing.assert_array_equal(out, dgate)
    for f in (acts_jax.swiglu, acts_jax.as_custom_vjp(acts_jax.swiglu)):
        x, y = jnp.asarray(gate), jnp.asarray(value)
        in_jax = jax.vjp(f, x, y)[1](jnp.ones(25, f(x, y).dtype))
        assert [c.dtype for c in in_jax] == [np.float16, np.float32]
        np.testing.assert_allclose(in_jax[0], dgate, rtol=2e-3)
        np.testing.assert_allclose(in_jax[1], dvalue, rtol=1e-6, atol=1e-7)


# -- the backward pass ----------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_backward_pass_is_made_of_the_partials(function):
    params = {n: v for n, v in example_parameters(function).items() if n != "value"}
    g = np.cos(GATE)
    names = ("value", *params)
    dgate, *others = function.vjp(GATE, g, VALUE, **params)
    np.testing.assert_array_equal(dgate, g * function.derivative(GATE, VALUE, **params))
    terms = [g * function.partial(name, GATE, VALUE, **params) for name in names]
    np.testing.assert_array_equal(others[0], terms[0])
    np.testing.assert_allclose(others[1:], [t.sum() for t in terms[1:]], rtol=1e-13)
    shared = function.vjp(np.outer([1.0, 2.0], GATE), np.outer([3.0, 1.0], g), VALUE, **params)
    wide = function.partial("value", np.outer([1.0, 2.0], GATE), VALUE, **params) * np.outer([3.0, 1.0], g)
    np.testing.assert_allclose(shared[1], wide.sum(0), rtol=1e-13, atol=1e-13)
    number = function.vjp(gate=GATE, g=g, value=1.5, **params)
    np.testing.assert_allclose(number[1], (g * function.partial("value", GATE, 1.5, **params)).sum(), rtol=1e-12)
    assert function.vjp(GATE, g, VALUE, wrt=(), **params)[1:] == ()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_long_strided_and_small_arrays_give_the_same_bits(function):
    f = function.bind(**{n: v for n, v in example_parameters(function).items() if n != "value"})
    gate, value = (np.resize(a, 40_000).astype(np.float32) for a in (GATE, VALUE))
    for g in (f, f.derivative, functools.partial(f.partial, "value")):
        small = g(gate[:25], value[:25])
        np.testing.assert_array_equal(g(gate, value)[:25], small)
        np.testing.assert_array_equal(g(np.repeat(gate, 2)[::2], np.repeat(value, 3)[::3])[:25], small)
        out = gate.copy()
        np.testing.assert_array_equal(g(out, value, out=out)[:25], small)


@pytest.mark.parametrize("package", [acts, acts_jax])
def test_zero_times_infinity_is_nan_and_a_limit_is_not(package):
    inf = np.array([np.inf, -np.inf, 2.0, -2.0, np.inf])
    value = np.array([0.0, 3.0, np.inf, np.inf, 2.0])
    swiglu = np.asarray(package.swiglu(inf, value))
    assert np.isnan(swiglu[0])
    assert swiglu[1:].tolist() == [0, np.inf, -np.inf, np.inf]
    assert np.signbit(swiglu[1])
    reglu = np.asarray(package.reglu(inf, value))
    assert np.isnan(reglu).tolist() == [True, False, False, True, False]  # relu(-2) * inf
    assert "0 * inf is NaN" in package.swiglu.__doc__


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nan_goes_through(function):
    f = function.bind(**{n: v for n, v in example_parameters(function).items() if n != "value"})
    gate, value = np.array([1.0, np.nan, -1.0, 2.0, 1e3]), np.array([2.0, 3.0, np.nan, -1.0, np.nan])
    mirror = acts_jax.get(f.__name__)
    for y in (f(gate, value), mirror(gate, value)):
        assert np.isnan(y).tolist() == [False, True, True, False, True]
    for g in (f.derivative, f.second_derivative, *(functools.partial(f.partial, name) for name in f.params)):
        assert np.isnan(g(gate, value)).tolist()[:2] == [False, True]
    operands, given = jnp.float32([gate, value]), [jnp.float32(example_parameters(f)[n]) for n in f.params[1:]]
    for key, formula in acts_jax.formulas(mirror).items():
        of = {"f": f, "x": f.derivative, "xx": f.second_derivative}.get(key) or functools.partial(f.partial, key)
        assert np.isnan(formula(*operands, *given)).tolist() == np.isnan(of(gate, value)).tolist(), key


@pytest.mark.parametrize("package", [acts, acts_jax])
def test_slopes_at_kinks_are_those_outside(package):
    def slopes(name, gate, value):
        if package is acts:
            return acts.get(name).derivative(gate, value), acts.get(name).partial("value", gate, value)
        return jax.grad(acts_jax.get(name), (0, 1))(gate, value)

    assert slopes("reglu", 0.0, 2.0) == (0, 0)
    assert slopes("relu2_glu", 0.0, 2.0) == (0, 0)
    assert slopes("clamped_swiglu", 7.0, 2.0)[0] == 0
    assert slopes("clamped_swiglu", 6.99, 2.0)[0] > 2.9
    for name in ("clamped_swiglu", "step_swiglu"):
        assert slopes(name, 2.0, 7.0)[1] == slopes(name, 2.0, -7.0)[1] == 0 < slopes(name, 2.0, 6.99)[1]
    assert slopes("step_swiglu", 7.007, 2.0)[0] == 0 < slopes("step_swiglu", 7.006, 2.0)[0]


@pytest.mark.parametrize("package", [acts, acts_jax])
def test_infinite_limits_clamp_nothing(package):
    close = functools.partial(np.testing.assert_allclose, rtol=2e-6, atol=1e-6)
    gate, value, swiglu = 3 * GATE, 3 * VALUE, package.swiglu(3 * GATE, 3 * VALUE)
    close(package.clamped_swiglu(gate, value, 1.0, np.inf, 0.0), swiglu)
    close(package.step_swiglu(gate, value, np.inf), swiglu)
    close(package.situ_glu(gate, value, np.inf, np.inf), swiglu)
    uncapped = package.get("situ_glu", beta1=np.inf, beta2=np.inf)
    slope = uncapped.derivative(gate, value) if package is acts else acts_jax.derivative(uncapped)(gate, value)
    close(slope, acts.swiglu.derivative(gate, value))


@pytest.mark.parametrize("named", [{"limit": 0.0}, {"limit": -1.0}])
def test_what_clamps_must_be_positive(named):
    for name in ("clamped_swiglu", "step_swiglu"):
        with pytest.raises(ValueError, match="needs limit > 0"):
            acts.get(name)(1.0, 2.0, **named)
    with pytest.raises(ValueError, match="needs"):
        acts.situ_glu(1.0, 2.0, beta1=0.0)


def test_clamped_gates_against_the_definitions_of_their_models():
    """gpt-oss (alpha, + 1), DeepSeek-V4 (none of both), Step (clamped after), by hand in NumPy."""
    gate, value = np.linspace(-12, 12, 49), np.linspace(20, -9, 49)
    g, u = np.minimum(gate, 7), np.clip(value, -7, 7)
    np.testing.assert_allclose(acts.clamped_swiglu(gate, value), g / (1 + np.exp(-1.702 * g)) * (u + 1), rtol=1e-14)
    g, u = np.minimum(gate, 10), np.clip(value, -10, 10)
    deepseek = acts.get("clamped_swiglu", alpha=1, limit=10, offset=0)
    np.testing.assert_allclose(deepseek(gate, value), g / (1 + np.exp(-g)) * u, rtol=1e-14)
    step = np.minimum(gate / (1 + np.exp(-gate)), 7) * np.clip(value, -7, 7)
    np.testing.assert_allclose(acts.step_swiglu(gate, value), step, rtol=1e-14)


# -- the oracle, and as objects -------------------------------------------------------------------


def test_the_oracle_differentiates_by_gate_and_by_value():
    by_gate = [float(d) for d in oracle("swiglu", 1.0, value=2.0)]
    assert by_gate == pytest.approx([2 * float(d) for d in oracle("silu", 1.0)], rel=1e-15)
    assert [float(d) for d in oracle("swiglu", 1.0, wrt="gate", value=2.0)] == by_gate
    by_value = [float(d) for d in oracle("swiglu", 1.0, "float32", wrt="value", value=2.0)]
    assert by_value == pytest.approx([1.4621172, 0.7310586, 0], abs=1e-6)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_kits_values_are_none_of_its_gates(function):
    values = {params["value"] for params in parameter_sets(function)}
    assert len(values) >= 5
    assert not values & set(grid(np.float32, (), 4000)) - {0.0}


@pytest.mark.parametrize("name", ["reglu", "clamped_swiglu"])
def test_bound_and_pickled(name):
    for package in (acts, acts_jax):
        f = package.get(name)
        assert pickle.loads(pickle.dumps(f)) is f
        bound = package.get(name, value=1.5)
        assert pickle.loads(pickle.dumps(bound)) == bound == copy.deepcopy(bound) != package.get(name, value=2.5)
        np.testing.assert_array_equal(bound(GATE), f(GATE, 1.5))
    assert str(acts.get(name)).startswith(f"<activation {name}(gate, value")
