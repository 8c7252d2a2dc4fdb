"""The kink table: at a kink, the value of the outer piece, exactly, in NumPy and in JAX, eager and compiled."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import acts
import acts_jax

SELU = 1.0507009873554804934193349852946 * 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946

# function, parameters, kink: f', f'', {partial: value}
TABLE = [
    ("relu", {}, 0, 0, 0, {}),
    ("relu6", {}, 0, 0, 0, {}),
    ("relu6", {}, 6, 0, 0, {}),
    ("step", {}, 0, 0, 0, {}),
    ("relun", {}, 0, 0, 0, {"n": 0}),
    ("relun", {}, 1, 0, 0, {"n": 1}),
    ("relun", {"n": 6.0}, 6, 0, 0, {"n": 1}),
    ("general_relu", {}, 0, 0, 0, {"negative_slope": 0, "max_value": 0, "threshold": 0}),
    ("general_relu", {"negative_slope": 0.5, "max_value": 6.0, "threshold": 2.0}, 2, 0.5, 0,
     {"negative_slope": 0, "max_value": 0, "threshold": -0.5}),
    ("general_relu", {"negative_slope": 0.5, "max_value": 6.0, "threshold": 2.0}, 6, 0, 0,
     {"negative_slope": 0, "max_value": 1, "threshold": 0}),
    ("clipped_gelu", {}, 10, 0, 0, {}),
    ("rectified_tanh", {}, 0, 0, 0, {}),
    ("relu_cubed", {}, 0, 0, 0, {}),
    ("star_relu", {}, 0, 0, 0, {"scale": 0, "bias": 1}),
    ("polyrelu", {}, 0, 0, 0, {"a0": 1, "a1": 0, "a2": 0, "a3": 0}),
    ("sparse_sigmoid", {}, -1, 0, 0, {}),
    ("sparse_sigmoid", {}, 1, 0, 0, {}),
    ("sparse_plus", {}, -1, 0, 0, {}),
    ("sparse_plus", {}, 1, 1, 0, {}),
    ("hard_mish", {}, -2, 0, 0, {}),
    ("hard_mish", {}, 0, 1, 0, {}),
    ("shrink", {}, -0.5, 0, 0, {"lambd": 0, "bias": 0}),
    ("shrink", {"bias": 0.25}, 0.5, 0, 0, {"lambd": 0, "bias": 0}),
    ("shrink", {}, 0.5, 0, 0, {"lambd": 0, "bias": 0}),
    ("leaky_relu", {}, 0, 0.01, 0, {"negative_slope": 0}),
    ("leaky_relu", {"negative_slope": -2.0}, 0, -2, 0, {"negative_slope": 0}),
    ("prelu", {"alpha": 0.25}, 0, 0.25, 0, {"alpha": 0}),
    ("elu", {}, 0, 1, 1, {"alpha": 0}),
    ("elu", {"alpha": 2.0}, 0, 2, 2, {"alpha": 0}),
    ("selu", {}, 0, SELU, SELU, {}),
    ("celu", {}, 0, 1, 1, {"alpha": 0}),
    ("celu", {"alpha": 2.0}, 0, 1, 0.5, {"alpha": 0}),
    ("hard_tanh", {}, -1, 0, 0, {"min_val": 1, "max_val": 0}),
    ("hard_tanh", {}, 1, 0, 0, {"min_val": 0, "max_val": 1}),
    ("hard_sigmoid", {}, -3, 0, 0, {"slope": 0, "offset": 0}),
    ("hard_sigmoid", {}, 3, 0, 0, {"slope": 0, "offset": 0}),
    ("hard_sigmoid", {"slope": 0.2}, 2.5, 0, 0, {"slope": 0, "offset": 0}),
    ("hard_sigmoid", {"slope": -0.25}, 2, 0, 0, {"slope": 0, "offset": 0}),
    ("hard_swish", {}, -3, 0, 0, {}),
    ("hard_swish", {}, 3, 1, 0, {}),
    ("softsign", {}, 0, 1, 0, {}),
    ("hardshrink", {}, -0.5, 0, 0, {"lambd": 0}),
    ("hardshrink", {}, 0.5, 0, 0, {"lambd": 0}),
    ("softshrink", {}, -0.5, 0, 0, {"lambd": 0}),
    ("softshrink", {}, 0.5, 0, 0, {"lambd": 0}),
    ("threshold", {"threshold": 1.0, "value": 7.0}, 1, 0, 0, {"threshold": 0, "value": 1}),
    ("thresholded_relu", {}, 1, 0, 0, {"theta": 0}),
    ("relu_squared", {}, 0, 0, 0, {}),
    ("squareplus", {"b": 0.0}, 0, 0, 0, {}),
]  # fmt: skip
ROWS = [pytest.param(*row, id=f"{row[0]}-{row[1]}-at-{row[2]}") for row in TABLE]


def test_the_table_has_every_kink():
    for name in {row[0] for row in TABLE if not row[1]}:
        assert {row[2] for row in TABLE if row[0] == name and not row[1]} == set(acts.get(name).kinks_at())


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("name", "params", "kink", "first", "second", "partials"), ROWS)
def test_numpy(name, params, kink, first, second, partials, dtype):
    f, x = acts.get(name, **params), dtype(kink)
    assert f.derivative(x) == dtype(first)
    assert f.second_derivative(x) == dtype(second)
    assert {p: float(f.partial(p, x)) for p in partials} == partials
    for zero in (0.0, -0.0) if kink == 0 else ():
        assert f.derivative(dtype(zero)) == dtype(first)


@pytest.mark.parametrize(("name", "params", "kink", "first", "second", "partials"), ROWS)
def test_jax(name, params, kink, first, second, partials):
    f = functools.partial(acts_jax.get(name), **params)
    bound = acts_jax.get(name, **params)

    def everything(x):
        return {
            "first": (jax.grad(f)(x), acts_jax.derivative(bound)(x)),
            "explicit": (jax.grad(acts_jax.as_custom_vjp(bound))(x),),
            "second": (jax.jacfwd(jax.grad(f))(x), acts_jax.second_derivative(bound)(x)),
            **{p: (jax.grad(lambda v, p=p: f(x, **{p: v}))(values[p]),) for p in partials},
        }

    in_the_middle = jax.jit(lambda x: jax.tree.map(lambda y: y[1], jax.vmap(everything)(x + jnp.arange(-1, 2))))
    values = {p: jnp.float32(acts.get(name, **params)._defaults[p]) for p in partials}
    x = jnp.float32(kink)
    want = {"first": np.float32(first), "explicit": np.float32(first), "second": np.float32(second), **partials}
    got = {key: set(map(float, found)) for key, found in in_the_middle(x).items()}
    assert got == {key: {float(value)} for key, value in want.items()}
    assert jax.grad(f)(x) == np.float32(first)


def test_a_knee_that_float32_rounds_is_the_rounded_one():
    """The parameter 0.3 is rounded to float32 with x: the point that a float32 user calls 0.3 is the kink."""
    x = np.float32(0.3)
    assert acts.threshold(x, 0.3, 7.0) == 7
    for name in ("thresholded_relu", "hardshrink", "softshrink"):
        assert acts.get(name).derivative(x, 0.3) == 0
        assert acts_jax.derivative(acts_jax.get(name))(x, 0.3) == 0


def test_half_way_is_nowhere():
    """Differentiating a maximum at a tie gives 0.5; nothing here does."""
    for name, params, kink, *_ in TABLE:
        if kink == 0 and name not in ("celu",):
            assert acts.get(name, **params).derivative(0.0) != 0.5
