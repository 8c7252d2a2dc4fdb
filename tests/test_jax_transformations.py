"""Every transformation of JAX, with respect to x and to every parameter, gives the analytic derivative."""

import functools

import chex
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from support import FUNCTIONS

import acts
import acts_jax
from acts.testing import example_parameters, ulp_size
from acts.testing.definitions import Jet, evaluate

DEFAULT = jnp.result_type(float)
X = np.array([-3.7, -2.2, -1.3, -0.8, -0.3, 0.0, 0.2, 0.7, 1.4, 2.3, 4.1], DEFAULT)  # 0.0 is a kink of many
ONES = jnp.ones_like(X)
SMOOTH = X != 0
KEEPS_OUTPUT = {"relu", "relu6", "sigmoid", "tanh"}
FROM_OUTPUT = {"relu", "relu6", "leaky_relu", "softplus", "elu", "selu", "celu", "sigmoid", "tanh"}

# f maps the vector v element by element; every entry makes of it the vector of its derivatives.
FIRST = {
    "grad": lambda f: jax.grad(lambda v: f(v).sum()),
    "value_and_grad": lambda f: lambda v: jax.value_and_grad(lambda v: f(v).sum())(v)[1],
    "vmap": lambda f: lambda v: jax.vmap(FIRST["grad"](f))(jnp.stack([v[::-1], v]))[1],
    "vjp": lambda f: lambda v: jax.vjp(f, v)[1](ONES)[0],
    "jvp": lambda f: lambda v: jax.jvp(f, (v,), (ONES,))[1],
    "jacfwd": lambda f: lambda v: jnp.diagonal(jax.jacfwd(f)(v)),
    "jacrev": lambda f: lambda v: jnp.diagonal(jax.jacrev(f)(v)),
    "linearize": lambda f: lambda v: jax.linearize(f, v)[1](ONES),
    "scan": lambda f: jax.grad(lambda v: jax.lax.scan(lambda total, _: (total + f(v).sum(), None), 0.0, length=1)[0]),
    "cond": lambda f: jax.grad(lambda v: jax.lax.cond(v[0] < 9e9, lambda v: f(v).sum(), lambda v: v.sum(), v)),
    "while": lambda f: lambda v: jax.jvp(lambda v: jax.lax.while_loop(lambda s: s[0] < 1, lambda s: (s[0] + 1, f(v)),
                                                                      (0, v))[1], (v,), (ONES,))[1],
    "checkpoint": lambda f: jax.grad(lambda v: jax.checkpoint(f)(v).sum()),
}  # fmt: skip
SECOND = {
    "hessian": lambda f: lambda v: jnp.diagonal(jax.hessian(lambda v: f(v).sum())(v)),
    "grad of grad": lambda f: jax.grad(lambda v: FIRST["grad"](f)(v).sum()),
    "jvp of grad": lambda f: FIRST["jvp"](FIRST["grad"](f)),
    "jacrev of jacfwd": lambda f: FIRST["jacrev"](FIRST["jvp"](f)),
}


def arguments(function):
    """x and the parameters as vectors, by name; the functions of each of them alone, with the others fixed."""
    vectors = {"x": X} | {k: np.full_like(X, v) for k, v in example_parameters(function).items()}
    return vectors, {n: lambda v, n=n: mirror(function)(**{**vectors, n: v}) for n in vectors}


def mirror(function):
    return acts_jax.get(function.__name__)


def without_x(vectors):
    return {name: v for name, v in vectors.items() if name != "x"}


def together(transformation, of_one):
    """The transformation with respect to each argument, compiled at once."""
    return jax.jit(lambda vectors: {name: transformation(f)(vectors[name]) for name, f in of_one.items()})


def assert_close(got, want, bound, message=""):
    """Within `bound` ulp of the largest: the plumbing is tested here, the last digits in test_jax_parity.py."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    error = np.abs(got - want) / ulp_size(max(1.0, np.max(np.abs(want))), DEFAULT)
    assert np.all(error <= bound), (message, error, got, want)


def along(function, x, direction):
    """d2/dt2 of f(x + t dx, p + t dp), exactly, from the definition: mixed derivatives included."""
    params = example_parameters(function)
    with mpmath.workdps(80):
        variables = {k: Jet(mpmath.mpf(float(v)), direction[k]) for k, v in {"x": x, **params}.items()}
        jet = evaluate(function.definition.partition(" = ")[2], variables, function.constants())
        return float(Jet(*jet).second) if isinstance(jet, Jet) else 0.0


def third(function, x):
    """d3f/dx3, from exact second derivatives of the definition at points very close to x."""

    def second(t):
        jet = evaluate(function.definition.partition(" = ")[2], {"x": Jet(t, 1), **fixed}, function.constants())
        return jet.second if isinstance(jet, Jet) else mpmath.mpf(0)

    with mpmath.workdps(80):
        fixed = {k: mpmath.mpf(v) for k, v in example_parameters(function).items()}
        return float(mpmath.diff(second, mpmath.mpf(float(x))))


@pytest.mark.parametrize("transformation", FIRST)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_first_derivative(function, transformation):
    vectors, of_one = arguments(function)
    got = together(FIRST[transformation], of_one)(vectors)
    params = without_x(vectors)
    assert_close(got.pop("x"), function.derivative(X, **params), 16)
    for name in got:
        assert_close(got[name], function.partial(name, X, **params), 16, name)


@pytest.mark.parametrize("transformation", SECOND)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_second_derivative(function, transformation):
    vectors, of_one = arguments(function)
    got = together(SECOND[transformation], of_one)(vectors)
    chex.assert_tree_all_finite(got)
    assert_close(got.pop("x"), function.second_derivative(X, **without_x(vectors)), 32)
    for name in got:
        direction = {k: mpmath.mpf(k == name) for k in vectors}
        assert_close(got[name][SMOOTH], [along(function, x, direction) for x in X[SMOOTH]], 32, name)


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.values[0].params])
def test_mixed_second_derivatives(function):
    vectors, _ = arguments(function)
    steps = {name: mpmath.mpf(i + 2) / 2 for i, name in enumerate(vectors)}
    line = lambda t: mirror(function)(**{k: v + float(steps[k]) * t for k, v in vectors.items()})  # noqa: E731
    got = together(SECOND["jvp of grad"], {"t": line})({"t": jnp.zeros_like(X)})["t"]
    assert_close(got[SMOOTH], [along(function, x, steps) for x in X[SMOOTH]], 32)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_third_derivative(function):
    vectors, of_one = arguments(function)
    got = together(lambda f: FIRST["grad"](SECOND["jvp of grad"](f)), of_one)(vectors)
    chex.assert_tree_all_finite(got)
    compared = ~np.isin(X, np.asarray(function.kinks_at(**example_parameters(function)), DEFAULT))
    assert compared.sum() >= 10
    assert_close(got["x"][compared], [third(function, x) for x in X[compared]], 64)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_finite_differences(function):
    vectors, _ = arguments(function)
    kinks = np.array([*function.kinks_at(**example_parameters(function)), np.inf])
    clear = np.min(np.abs(X[:, None] - kinks), axis=1) > 0.05
    step = 2.0**-6 if DEFAULT == jnp.float32 else 2.0**-13  # errors of order step**2 and eps / step**2, both under 1e-3
    args = [v[clear] for v in vectors.values()]
    chex.assert_numerical_grads(mirror(function), args, order=2, atol=1e-2, rtol=1e-2, eps=step, modes=("rev",))


@pytest.mark.parametrize("function", FUNCTIONS)
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
@pytest.mark.parametrize("function", FUNCTIONS)
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


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_backward_keeps_one_array(function, dtype):
    x = jnp.linspace(-8, 8, 64).astype(dtype)
    args = x, *(jnp.asarray(p, dtype) for p in example_parameters(function).values())
    y, pull = jax.vjp(mirror(function), *args)
    (kept,) = [leaf for leaf in jax.tree.leaves(pull) if jnp.size(leaf) > 1]
    assert kept.dtype == dtype
    np.testing.assert_array_equal(kept, y if function.__name__ in KEEPS_OUTPUT else x)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_second_call_compiles_nothing(function, caplog):
    params = example_parameters(function)
    chex.clear_trace_counter()  # it counts by name, and every function here is the same lambda
    traced = chex.assert_max_traces(lambda *args: mirror(function)(*args).sum(), n=1)
    gradient = jax.jit(jax.value_and_grad(traced, argnums=tuple(range(1 + len(params)))))
    lines = []
    for shift in (0.0, 0.125):
        x, values = jnp.linspace(-1, 1, 33) + shift, [p + shift for p in params.values()]
        caplog.clear()
        with jax.log_compiles():
            mirror(function)(x, *values)
            gradient(x, *values)
        lines.append([r.getMessage() for r in caplog.records if "Compiling" in r.getMessage()])
    assert lines[0]
    assert not lines[1]
