"""The explicit reverse rule, acts_jax.as_custom_vjp, has the numbers of the default face, for either residual."""

import functools

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from support import FUNCTIONS, HAVING_PARAMETERS, OF_EACH_SHAPE, one_of_each_shape

import acts
import acts_jax
from acts.testing import example_parameters, ulp_size

DEFAULT = jnp.result_type(float)
X = np.array([-3.7, -2.2, -1.3, -0.8, -0.3, 0.0, 0.2, 0.7, 1.4, 2.3, 4.1], DEFAULT)  # 0.0 is a kink of many
ONES = jnp.ones_like(X)
SMOOTH = X != 0
FROM_OUTPUT = {"relu", "relu6", "leaky_relu", "softplus", "elu", "selu", "celu", "sigmoid", "tanh"}


def mirror(function):
    return acts_jax.get(function.__name__)


def assert_close(got, want, bound, message=""):
    """Within `bound` ulp of the largest: the plumbing is tested here, the last digits in test_jax_parity.py."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    error = np.abs(got - want) / ulp_size(max(1.0, np.max(np.abs(want))), DEFAULT)
    assert np.all(error <= bound), (message, error, got, want)


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_custom_vjp_gives_the_numbers_of_the_default_face(function):
    face = acts_jax.as_custom_vjp(mirror(function))
    args = X, *(np.asarray(p, DEFAULT) for p in example_parameters(function).values())
    g = jnp.linspace(-2, 2, X.size)

    @functools.partial(jax.jit, static_argnums=0)
    def forward_and_back(f, args):
        y, pull = jax.vjp(f, *args)
        return y, pull(g)

    @jax.jit
    def by_hand(args):
        y, residuals = face.fwd(*args)
        return y, face.bwd(residuals, g)

    want = jax.tree.leaves(forward_and_back(mirror(function), args))
    for way in (forward_and_back(face, args), by_hand(args)):
        for a, b in zip(jax.tree.leaves(way), want, strict=True):
            assert_close(a, b, 2)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_custom_vjp_cotangents_have_type_and_shape_of_their_primals(function):
    params = example_parameters(function).values()
    face = acts_jax.as_custom_vjp(mirror(function))
    for shape in ((), (1,), (3,), (2, 1), (2, 3)):
        args = np.ones((2, 3), jnp.bfloat16), *(np.full(shape, p, np.float32) for p in params)
        back = jax.eval_shape(lambda *args: face.bwd(face.fwd(*args)[1], args[0]), *args)
        chex.assert_trees_all_equal_shapes_and_dtypes(back, args)


@pytest.mark.parametrize("save", ["input", "output"])
@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_custom_vjp_by_what_it_saves(function, save):
    f = acts_jax.get(function.__name__, **example_parameters(function))
    if save == "output" and not hasattr(function, "derivative_from_output"):
        with pytest.raises(ValueError, match=function.__name__):
            acts_jax.as_custom_vjp(f, save=save)
        return
    face, example = acts_jax.as_custom_vjp(f, save=save), function.bind(**example_parameters(function))
    y, (kept, _) = face.fwd(X)
    np.testing.assert_array_equal(kept, X if save == "input" else y)
    assert_close(jax.vjp(face, X)[1](ONES)[0], example.derivative(X), 16)
    hessian = jax.jit(jax.jacfwd(jax.jacrev(lambda v: face(v).sum())))(X)
    assert_close(jnp.diagonal(hessian)[SMOOTH], example.second_derivative(X)[SMOOTH], 32)


def test_output_can_be_saved_where_numpy_has_the_derivative_from_it():
    assert {n for n in acts.names() if hasattr(acts.get(n), "derivative_from_output")} >= FROM_OUTPUT


@pytest.mark.parametrize("value", [0.0, -0.5])
@pytest.mark.parametrize("name", ["leaky_relu", "elu", "celu", "softplus"])
def test_output_that_does_not_determine_the_slope_is_not_saved(name, value):
    f = acts_jax.get(name)
    (parameter,) = acts.get(name).params
    with pytest.raises(ValueError, match=parameter):
        acts_jax.as_custom_vjp(functools.partial(f, **{parameter: value}), save="output")
    with pytest.raises(ValueError, match="bind them"):
        acts_jax.as_custom_vjp(f, save="output")(X, 1.0)
    with pytest.raises(ValueError, match="'input', 'output'"):
        acts_jax.as_custom_vjp(f, save="both")


def test_parameters_bound_and_given():
    f = acts_jax.as_custom_vjp(acts_jax.get("hard_tanh", min_val=-2.0))
    assert [float(v) for v in (f(3.0, 5.0), f(7.0, 5.0), f(-3.0))] == [3.0, 5.0, -2.0]
    assert [float(g) for g in jax.grad(f, (0, 1))(7.0, 5.0)] == [0.0, 1.0]
    with pytest.raises(TypeError, match=r"takes 1 parameters \(max_val\), was given 2"):
        f(1.0, 1.0, 2.0)
    with pytest.raises(TypeError, match=r"prelu takes 1 parameters \(alpha\), was given 2"):
        acts_jax.as_custom_vjp(acts_jax.prelu)(1.0, 0.25, 1)  # the axis is bound by get("prelu", axis=1)
    with pytest.raises(TypeError, match="by name"):
        acts_jax.as_custom_vjp(functools.partial(acts_jax.elu, -1.0))


@pytest.mark.parametrize("function", one_of_each_shape(HAVING_PARAMETERS))
def test_a_parameter_bound_while_it_is_traced_is_refused(function):
    """Bound, it would get no gradient; given to the face, it gets one. A partial of a partial binds what both bind."""
    name, params = function.__name__, example_parameters(function)
    first, value = next(iter(params.items()))

    refusal = rf"{name}: {first} is traced, and bound it gets no gradient; call face\("

    def lost(bind):
        return lambda v: acts_jax.as_custom_vjp(bind(v))(1.5)

    f = acts_jax.get(name)
    for bind in (
        lambda v: functools.partial(f, **{**params, first: v}),
        lambda v: acts_jax.get(name, **{**params, first: v}),
        lambda v: functools.partial(acts_jax.get(name, **{first: v}), **{k: params[k] for k in params if k != first}),
    ):
        for transform in (jax.grad, jax.jit):
            with pytest.raises(TypeError, match=refusal):
                transform(lost(bind))(value)
    face = acts_jax.as_custom_vjp(acts_jax.get(name, **{k: params[k] for k in params if k != first}))
    got = jax.jit(jax.grad(lambda v: face(-1.5, v)))(value)
    assert_close(got, function.partial(first, -1.5, **params), 16)


def test_another_function_is_refused_by_name():
    for other in (jnp.tanh, acts.tanh, "tanh"):
        with pytest.raises(LookupError, match=r"acts_jax\.tanh is one"):
            acts_jax.as_custom_vjp(other)
    with pytest.raises(LookupError, match="did you mean elu"):
        acts_jax.derivative("ellu")
