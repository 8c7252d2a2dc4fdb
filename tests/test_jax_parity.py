"""acts_jax computes what acts computes: values, derivatives and partials, in every type, at kinks and at infinity."""

import functools
import inspect
import types

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from support import FUNCTIONS, OF_EACH_SHAPE, SETS, WITH_PARAMETERS, held, mirror, one_of_each_shape

import acts
import acts_jax
from acts.testing import Truth, example_parameters, grid, ulp_size
from acts.testing.accuracy import limit_failures
from acts.testing.bounds import only_scaled
from acts.testing.conformance import BOUNDS, quantities
from acts.testing.ulp import conditioned_ulp, scaled_error, typical_size

DEFAULT = jnp.result_type(float)
DTYPES = ["float16", "bfloat16", "float32", *(["float64"] if DEFAULT == jnp.float64 else [])]
HALF = (np.dtype(np.float16).name, np.dtype(ml_dtypes.bfloat16).name)


def points(kinks, dtype):
    """The grid; bfloat16 has float32's range, and takes its points."""
    x = grid("float32" if dtype == "bfloat16" else dtype, kinks, 200)
    with np.errstate(over="ignore"):
        return x.astype(dtype)


def assert_conforms(function, quantity, reference, x, params):
    """Within the conformance kit's bounds of NumPy.

    16-bit types are computed in float32 and rounded: NumPy's result, rounded from float64, is then the same number
    or its neighbour, unless the bound of float32 itself, as next to a root, is more than that.
    """
    got, want = mirror(function.__name__).quantity(quantity)(x, **params), reference(x)
    assert (got.dtype, got.shape) == (x.dtype, x.shape)
    half = x.dtype.name in HALF
    computed = x.astype(np.float32) if half else x
    got, want = got.astype(np.float64), want.astype(np.float64)
    size = np.where(np.isfinite(want), np.abs(want), 1)
    unit = conditioned_ulp(reference, computed, want)
    if only_scaled(function.__name__, quantity):
        size = np.maximum(size, typical_size(reference))
        unit = np.maximum(unit, ulp_size(size, computed.dtype))
    bound = BOUNDS.get(quantity, BOUNDS["partial"]) * unit + half * ulp_size(size, x.dtype)
    error = scaled_error(got, want, bound)
    worst = int(np.argmax(error))
    assert error[worst] <= 1, (
        f"{function.__name__}{params} {quantity} in {x.dtype} at x = {x[worst]!r}: "
        f"JAX {got[worst]!r}, NumPy {want[worst]!r}, {error[worst]:.3g} times the bound"
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("function", "params"), SETS)
def test_same_numbers(function, params, dtype):
    params = held(function, params, dtype)
    x = points(function.kinks_at(**params), dtype)
    for quantity, reference in quantities(function, params):
        assert_conforms(function, quantity, reference, x, params)


@functools.cache
def faces(name):
    """Every way to each quantity at a point, default rule and analytic, of (x, params): eager, under jit, mapped."""
    f = acts_jax.get(name)
    value = lambda x, params: f(x, **params)  # noqa: E731
    slope, curvature = jax.grad(value), jax.grad(jax.grad(value))
    ways = {
        "f": [value],
        "f'": [slope, lambda x, params: acts_jax.derivative(f)(x, **params)],
        "f''": [curvature, lambda x, params: acts_jax.second_derivative(f)(x, **params)],
    }
    for p in acts.get(name).params:
        ways[f"df/d{p}"] = [lambda x, params, p=p: jax.grad(value, argnums=1)(x, params)[p]]

    def each(x, params):
        return {quantity: [way(x, params) for way in several] for quantity, several in ways.items()}

    return each, jax.jit(each), jax.jit(jax.vmap(each, in_axes=(0, None)))


WITH_KINKS = [case for case in SETS if case.values[0].kinks_at(**case.values[1])]


@pytest.mark.parametrize(("function", "params"), WITH_KINKS)
def test_kinks_are_exactly_equal(function, params):
    params = held(function, params, DEFAULT.name)
    x = np.array(function.kinks_at(**params), DEFAULT)
    for quantity, reference in quantities(function, params):
        got = mirror(function.__name__).quantity(quantity)(x, **params)
        np.testing.assert_array_equal(got, reference(x), err_msg=quantity)


@pytest.mark.parametrize("function", one_of_each_shape([f for f in FUNCTIONS if f.values[0].kinks]))
def test_kinks_are_exactly_equal_in_every_way(function):
    params = example_parameters(function)
    eager, jitted, mapped = faces(function.__name__)
    for x in jnp.array(function.kinks_at(**params), DEFAULT):
        found = eager(x, params), jitted(x, params), jax.tree.map(lambda y: y[0], mapped(x[None], params))
        for quantity, reference in quantities(function, params):
            if quantity != "grad":  # which is among the ways to f'
                values = {float(y) for outputs in found for y in outputs[quantity]}
                want = float(reference(np.asarray(x)))
                if function is acts.xielu and quantity == "f" and want:  # for eps < 0 it is no round number there
                    assert all(abs(value - want) <= 4 * np.spacing(abs(DEFAULT.type(want))) for value in values)
                else:
                    assert values == {want}, (quantity, x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("function", "params"), SETS)
def test_limits_at_infinity_and_nan(function, params, dtype):
    x = np.array([np.inf, -np.inf, np.nan], dtype)
    params = held(function, params, dtype)
    for quantity, reference in quantities(function, params):
        if (function.__name__, quantity) == ("identity", "grad"):
            continue  # backward keeps nothing, as jax.nn's, and so can't know of NaN: docs/functions.md says so
        compute = functools.partial(mirror(function.__name__).quantity(quantity), **params)
        got, want = compute(x), reference(x)
        np.testing.assert_array_equal(got.astype(np.float64), want.astype(np.float64), err_msg=quantity)
        assert np.isnan(got[2])
        truth = Truth.fast(function.bind(**params), np.zeros(1, x.dtype), "f'" if quantity == "grad" else quantity)
        assert limit_failures(compute, function.bind(**params), truth) == 0, quantity


@pytest.mark.parametrize("function", FUNCTIONS)
def test_names_signature_and_documentation(function):
    f = getattr(acts_jax, function.__name__)
    assert (f.__name__, f.__doc__.partition("\n")[0]) == (function.__name__, function.definition)
    assert inspect.signature(f) == inspect.signature(function.formula)
    assert all(acts_jax.get(name) is f for name in (function.__name__, *function.aliases))


def test_same_names_in_the_same_order():
    assert acts_jax.names() == acts.names()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_bare_body_is_plain_arithmetic(function):
    body = inspect.unwrap(acts_jax.get(function.__name__))
    assert type(body) is types.FunctionType
    text = str(jax.make_jaxpr(body)(jnp.ones(3), *example_parameters(function).values()))
    assert not [word for word in ("custom_jvp", "custom_vjp", "remat", "checkpoint", "barrier") if word in text]
    assert f"name={function.__name__}" not in text.split()


@pytest.mark.parametrize("compiled", [lambda f: f, jax.jit], ids=["eager", "jit"])
@pytest.mark.parametrize("face", [inspect.unwrap, acts_jax.as_custom_vjp], ids=["bare body", "custom_vjp"])
@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_the_other_faces_compute_what_numpy_computes(function, face, compiled):
    params = {k: np.float32(v) for k, v in example_parameters(function).items()}
    x = np.linspace(-6, 6, 97, dtype=np.float32)
    reference = functools.partial(function, **params)
    got = np.asarray(compiled(face(acts_jax.get(function.__name__)))(x, *params.values()))
    want = reference(x).astype(np.float64)
    assert got.dtype == np.float32
    assert np.all(scaled_error(got, want, conditioned_ulp(reference, x, want)) <= BOUNDS["f"])


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_integers_and_booleans_become_the_default_float(function):
    f, params = acts_jax.get(function.__name__), example_parameters(function)
    computes = (f, acts_jax.derivative(f), acts_jax.second_derivative(f))
    given = (np.array([-2, 0, 1], np.int32), np.array([True, False, True]), 2, True)
    for x in given:
        assert [jax.eval_shape(lambda c=c, x=x: c(x, **params)).dtype for c in computes] == [DEFAULT] * 3
    together = jax.jit(lambda given: [(f(x, **params), f(jnp.asarray(x, DEFAULT), **params)) for x in given])
    for got, want in together(given):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_python_scalars_stay_weak(function):
    f, params = acts_jax.get(function.__name__), example_parameters(function)
    for compute in (f, acts_jax.derivative(f), acts_jax.second_derivative(f), jax.grad(f)):
        assert jax.eval_shape(lambda compute=compute: compute(1.5, **params)).weak_type
        scaled = jax.eval_shape(lambda compute=compute: compute(1.5, **params) * jnp.ones(2, jnp.bfloat16))
        assert scaled.dtype == jnp.bfloat16


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("x", [np.array([1j]), np.array([1.0, None]), "relu", [1.0, 2.0], None], ids=repr)
def test_other_types_are_refused(function, x):
    f, params = acts_jax.get(function.__name__), example_parameters(function)
    for compute in (f, acts_jax.derivative(f), acts_jax.second_derivative(f), acts_jax.as_custom_vjp(f)):
        with pytest.raises(TypeError):
            compute(x, *params.values())


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_no_type_is_widened(function):
    f = acts_jax.get(function.__name__)
    for x in DTYPES:
        for p in DTYPES if function.params else DTYPES[:1]:
            args = [jax.ShapeDtypeStruct((3,), d) for d in (x, *(p for _ in function.params))]
            for compute in (f, acts_jax.derivative(f), acts_jax.second_derivative(f), acts_jax.as_custom_vjp(f)):
                assert jax.eval_shape(compute, *args).dtype == x
            pull = lambda g, *args: jax.vjp(f, *args)[1](g)  # noqa: E731
            assert [c.dtype for c in jax.eval_shape(pull, args[0], *args)] == [a.dtype for a in args]


def assert_same_words(kind, function, *args, **named):
    """Both packages refuse the call, with the same message."""
    messages = []
    for package in (acts, acts_jax):
        with pytest.raises(kind) as caught:
            package.get(function.__name__)(*args, **named)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert function.__name__ in messages[0]


@pytest.mark.parametrize(("function", "name"), WITH_PARAMETERS)
@pytest.mark.parametrize("shape", [(2,), (2, 2), (3, 3), (2, 2, 3), (0,)], ids=str)
def test_parameters_of_a_wrong_shape_are_refused_in_the_same_words(function, name, shape):
    params = {**example_parameters(function), name: np.full(shape, example_parameters(function)[name], np.float32)}
    assert_same_words(ValueError, function, np.ones((2, 3), np.float32), **params)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_arguments_that_do_not_fit_are_refused_in_the_same_words(function):
    values = list(example_parameters(function).values())
    assert_same_words(TypeError, function, 1.0, *values, *[None] * 3)
    assert_same_words(TypeError, function, 1.0, gama=2.0)
    assert_same_words(TypeError, function, np.complex64(1j), *values)
    if values:
        assert_same_words(TypeError, function, 1.0, *values, **{function.params[0]: 2.0})
