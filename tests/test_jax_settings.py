"""JAX's strict settings change nothing; and numbers that XLA's flush of subnormals or its algebra once got wrong."""

import contextlib
import functools
import inspect

import chex
import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from jax.experimental import checkify
from support import FUNCTIONS, HAVING_PARAMETERS, OF_EACH_SHAPE, example, one_of_each_shape

import acts
import acts_jax
from acts.testing import example_parameters
from acts.testing.ulp import is_wave

X = np.array([-np.inf, -1e30, -100, -3, -1, -0.5, 0, 0.25, 0.5, 1, 3, 100, 1e30, np.inf], jnp.result_type(float))


def with_a_value(function):
    """Those of X at which the function is neither NaN, outside its domain or at the ends of a wave, nor has a pole."""
    f = example(function)
    x = X[np.isfinite(X)] if is_wave(f.derivative) else X
    return x[~np.isnan(f(x)) & ~np.isin(x, [kink for kink in f.kinks_at() if np.isinf(f(kink))])]


def everything(function):
    """Value, gradients with respect to x and the parameters, and second derivative, compiled."""
    f, params, x = acts_jax.get(function.__name__), example_parameters(function), with_a_value(function)
    args = jnp.asarray(x), *(jnp.full_like(x, p) for p in params.values())

    @jax.jit
    def compute(*args):
        y, pull = jax.vjp(f, *args)
        slope = lambda x: jax.vjp(lambda x: f(x, *args[1:]), x)[1](jnp.ones_like(x))[0]  # noqa: E731
        return y, *pull(jnp.ones_like(y)), jax.jvp(slope, args[:1], (jnp.ones_like(y),))[1]

    return compute, args


def checked():
    """JAX checks its own internals, and every result of compiled code for NaN."""
    settings = contextlib.ExitStack()
    settings.enter_context(jax.enable_checks(True))
    settings.enter_context(jax.debug_nans(True))
    return settings


def assert_right(function, x, outputs):
    bound = function.bind(**example_parameters(function))
    partials = [functools.partial(bound.partial, name) for name in function.params]
    allowed = 32 * np.finfo(X.dtype).eps
    for got, reference in zip(outputs, (bound, bound.derivative, *partials, bound.second_derivative), strict=True):
        np.testing.assert_allclose(got, reference(np.asarray(x)), rtol=allowed, atol=allowed)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_without_jit_nothing_changes(function):
    compute, args = everything(function)
    with jax.disable_jit():
        assert_right(function, args[0], compute(*args))


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_settings_for_debugging_change_nothing_and_raise_no_alarm(function):
    compute, args = everything(function)
    with checked():
        assert_right(function, args[0], compute(*args))


def test_debug_nans_would_raise_an_alarm():
    compute, args = everything(acts.gelu)
    with checked(), pytest.raises(FloatingPointError):
        compute(args[0] * jnp.nan)


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_checkify_can_be_differentiated_and_raises_no_alarm(function):
    """jax.grad of it, and it of jax.grad, with a check on every NaN, division and index."""
    f, params = acts_jax.get(function.__name__), list(example_parameters(function).values())
    every = tuple(range(1 + len(params)))
    x, checks = with_a_value(function), checkify.all_checks
    finite = jnp.asarray(x[np.isfinite(x)])

    def checked(x, *params):
        error, y = checkify.checkify(f, errors=checks)(x, *params)
        return y.sum(), error

    def both(x):
        outside, error = jax.grad(checked, every, has_aux=True)(x, *params)
        within = checkify.checkify(jax.grad(lambda *args: f(*args).sum(), every), errors=checks)(x, *params)
        return outside, within[1], error, within[0]

    want = jax.grad(lambda *args: f(*args).sum(), every)(finite, *params)
    *compiled, error, another = jax.jit(both)(finite)
    eager, raised = jax.grad(checked, every, has_aux=True)(finite, *params)
    error.throw(), another.throw(), raised.throw()
    for got in (*compiled, eager):
        chex.assert_trees_all_close(got, want, rtol=1e-5, atol=1e-6)


def alarm(formulas, x, *params):
    """What checkify says of plain formulas at finite x, operation by operation; None if nothing."""
    every = checkify.checkify(lambda x: [formula(x, *params) for formula in formulas], errors=checkify.all_checks)
    with jax.disable_jit():
        return every(jnp.asarray(x[np.isfinite(x)]))[0].get()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_formula_makes_a_nan_or_divides_by_zero_on_the_way(function):
    formulas = acts_jax.formulas(acts_jax.get(function.__name__)).values()
    assert alarm(formulas, with_a_value(function), *example_parameters(function).values()) is None


def test_a_nan_and_a_division_by_zero_on_the_way_are_noticed():
    assert "nan generated" in alarm([lambda x: jnp.where(x > 0, jnp.log(x), 0)], X)
    assert "division by zero" in alarm([lambda x: jnp.where(x > 0, 1 / x, 0)], X)


def test_checkify_would_raise_an_alarm():
    error, _ = checkify.checkify(acts_jax.gelu, errors=checkify.nan_checks)(jnp.nan)
    with pytest.raises(checkify.JaxRuntimeError, match="nan generated"):
        error.throw()


@pytest.mark.parametrize("dtype", ["int2", "uint2", "int4", "uint4", "int8"])
@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_small_integers_become_the_default_float(function, dtype):
    f, params = acts_jax.get(function.__name__), example_parameters(function)
    x = np.array([-2, -1, 0, 1] if dtype[0] == "i" else [0, 1, 2, 3], jnp.dtype(dtype))
    wide = x.astype(X.dtype)
    for given in (x, jnp.asarray(x)):
        y = f(given, **params)
        assert y.dtype == X.dtype
        # another program, whose sums XLA may fuse otherwise; those of xielu cancel
        np.testing.assert_array_max_ulp(y, f(wide, **params), 2 if function is acts.xielu else 1)


@pytest.mark.parametrize("dtype", ["float8_e8m0fnu", "float4_e2m1fn", "float6_e2m3fn", "float6_e3m2fn"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_floats_without_sign_or_with_fewer_than_8_bits_are_refused(function, dtype):
    x = np.ones(2, getattr(ml_dtypes, dtype))
    with pytest.raises(TypeError, match=f"{function.__name__}: x has dtype {dtype}; allowed: float16, bfloat16"):
        acts_jax.get(function.__name__)(x, *example_parameters(function).values())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_strict_promotion_of_types_and_ranks(function):
    f, params = acts_jax.get(function.__name__), example_parameters(function)

    def back(x, given):
        y, pull = jax.vjp(lambda x, given: f(x, **given), x, given)
        return y, pull(jnp.ones_like(y))

    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        for dtype in (jnp.float16, jnp.bfloat16, jnp.float32):
            x = jax.ShapeDtypeStruct((2, 3), dtype)
            given = dict.fromkeys(params, jax.ShapeDtypeStruct((), dtype))
            y, cotangents = jax.eval_shape(back, x, given)  # tracing alone is what the settings act on
            assert {leaf.dtype for leaf in jax.tree.leaves((y, cotangents))} == {jnp.dtype(dtype)}
            assert len(jax.tree.leaves(cotangents)) == 1 + len(params)


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_second_call_compiles_nothing(function, caplog):
    f, params = acts_jax.get(function.__name__), example_parameters(function)
    chex.clear_trace_counter()  # it counts by name, and every function here is the same lambda
    traced = chex.assert_max_traces(lambda *args: f(*args).sum(), n=1)
    gradient = jax.jit(jax.value_and_grad(traced, argnums=tuple(range(1 + len(params)))))
    lines = []
    for shift in (0.0, 0.125):  # Python numbers, also another one, and an eager gradient, of which they are constants
        x, values = jnp.linspace(-1, 1, 33) + shift, [p + shift for p in params.values()]
        caplog.clear()
        with jax.log_compiles():
            f(x, *values)
            gradient(x, *values)
            jax.grad(f)(shift, *params.values())
        lines.append([r.getMessage() for r in caplog.records if "Compiling" in r.getMessage()])
    assert lines[0]
    assert not lines[1]


def test_prelu_channels_under_strict_ranks():
    with jax.numpy_rank_promotion("raise"):
        x = -jnp.ones((2, 3, 4))
        assert acts_jax.prelu(x, jnp.arange(3.0), 1)[0, :, 0].tolist() == [0, -1, -2]
        assert jax.grad(lambda a: acts_jax.prelu(x, a, -1).sum())(jnp.ones(4)).tolist() == [-6] * 4


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_the_hessian_of_an_explicit_face_takes_a_python_number(function):
    face = acts_jax.as_custom_vjp(acts_jax.get(function.__name__, **example_parameters(function)))
    want = float(acts.get(function.__name__, **example_parameters(function)).second_derivative(1.25))
    got = jax.jit(lambda: jax.hessian(face)(1.25))()  # compiled as one, in which 1.25 is still a number of Python's
    assert abs(float(got) - want) <= 1e-5 * max(1, abs(want))


def test_the_bare_body_can_be_differentiated_by_a_slope_of_0():
    body = inspect.unwrap(acts_jax.leaky_relu)
    assert jax.grad(lambda slope: body(jnp.float32(-3.0), slope))(0.0) == -3


TAILS = [
    ("tanh", 43.75, {}, "derivative"),
    ("tanh", 43.75, {}, "second_derivative"),
    ("celu", -1.1754944e-38, {"alpha": 2.5}, "__call__"),
    ("celu", -1e-8, {"alpha": 1e30}, "__call__"),
    ("squareplus", -1.1754944e-38, {"b": 0.0}, "__call__"),
    ("squareplus", -1e-13, {"b": 0.0}, "second_derivative"),
    ("squareplus", 0.0, {"b": 1e-26}, "second_derivative"),
    ("squareplus", 0.0, {"b": 1e26}, "second_derivative"),
    ("swish", 0.0, {"beta": 1e30}, "second_derivative"),
    ("swish", 1e-30, {"beta": 1e30}, "second_derivative"),
    ("silu", -90.0, {}, "__call__"),
    ("silu", -90.0, {}, "derivative"),
    ("mish", -90.0, {}, "second_derivative"),
    ("gelu", -13.0, {}, "derivative"),
]


@pytest.mark.parametrize(("name", "x", "params", "quantity"), TAILS)
def test_a_normal_result_is_not_lost_to_a_subnormal_or_an_overflow_on_the_way(name, x, params, quantity):
    compute = {"__call__": lambda f: f, "derivative": acts_jax.derivative}.get(quantity, acts_jax.second_derivative)
    got = float(compute(acts_jax.get(name))(jnp.float32(x), **params))
    want = float(getattr(acts.get(name), quantity)(np.float64(np.float32(x)), **params))
    assert abs(got - want) <= 2e-5 * abs(want)


def test_the_far_tail_of_the_gradient_of_beta():
    got = float(jax.grad(acts_jax.softplus, argnums=1)(jnp.float32(-88.5), 1.0))
    want = float(acts.softplus.partial("beta", -88.5))
    assert abs(got - want) <= 2e-5 * abs(want)


@pytest.mark.parametrize("function", one_of_each_shape(HAVING_PARAMETERS))
def test_a_parameter_that_is_nan_gives_nan_under_jit(function):
    nans = dict.fromkeys(function.params, float("nan"))
    result = jax.jit(lambda x: acts_jax.get(function.__name__)(x, **nans))(jnp.full(1000, -1.5))
    assert jnp.isnan(result).all()
