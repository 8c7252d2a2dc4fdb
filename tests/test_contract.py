"""The contract of a call: types, shapes, out=, errors, no warnings, no allocation in place."""

import tracemalloc

import ml_dtypes
import numpy as np
import pytest
from support import FUNCTIONS, SETS, defined, example

import acts
from acts._dtypes import round_once
from acts._evaluate import SMALL as TILE
from acts.testing import grid

FLOATS = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64]
X = np.linspace(-7, 7, 57)


def everything(f):
    """f, f', f'' and the partials, as functions of x."""
    yield from (f, f.derivative, f.second_derivative)
    yield from (lambda x, p=p, **kw: f.partial(p, x, **kw) for p in f.params)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("dtype", FLOATS)
def test_a_float_keeps_its_type(function, dtype):
    for f in everything(example(function)):
        assert f(X.astype(dtype)).dtype == dtype
        assert f(X.astype(dtype)[3]).dtype == dtype


@pytest.mark.parametrize("function", FUNCTIONS)
def test_bfloat16_is_a_wider_computation_rounded_once(function):
    """The float64 result, rounded: a cast by ml_dtypes would go through float32, and round twice."""
    x = grid(np.float32, example(function).kinks_at(), 4000).astype(ml_dtypes.bfloat16)
    for f in everything(example(function)):
        with np.errstate(over="ignore"):
            want = round_once(f(x.astype(np.float64)), np.dtype(ml_dtypes.bfloat16))
        np.testing.assert_array_equal(f(x).astype(np.float32), want.astype(np.float32))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "x", [[-2, 0, 3], [True, False], np.array([-2, 3], np.int8), np.array([5], np.uint64), -2, True]
)
def test_integers_and_booleans_become_float64(function, x):
    for f in everything(example(function)):
        y = f(x)
        assert y.dtype == np.float64
        np.testing.assert_array_equal(y, f(np.asarray(x, np.float64)))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "x", [1j, np.array([1 + 2j]), np.array(["1"]), np.array([1.0], object), None, np.longdouble(1), np.ma.array([1.0])]
)
def test_other_types_are_refused(function, x):
    for f in everything(example(function)):
        with pytest.raises(TypeError, match="masked array" if isinstance(x, np.ma.MaskedArray) else "allowed: float16"):
            f(x)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_shapes(function):
    f = example(function)
    flat = f(X)
    assert isinstance(f(1.5), np.float64)
    assert isinstance(f(np.array(1.5)), np.float64)
    for shape in ((), (0,), (3, 0, 2), (57,), (3, 19), (57, 1, 1)):
        x = np.resize(X, shape)
        for g in everything(f):
            assert np.shape(g(x)) == shape
    np.testing.assert_array_equal(f(X.reshape(3, 19)), flat.reshape(3, 19))
    np.testing.assert_array_equal(f(list(X)), flat)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_bits_depend_on_nothing_but_the_value(function, dtype):
    f, x = example(function), np.resize(X, TILE + 70).astype(dtype)
    for g in everything(f):
        whole = g(x)
        alone = {value: g(value) for value in np.unique(x)}
        np.testing.assert_array_equal(whole, [alone[value] for value in x])
        for view in (x[::-1], x[::3], x[5:-9], np.asfortranarray(x[:990].reshape(33, 30)), x.reshape(2, -1).T,
                     np.broadcast_to(x[:7], (5, 7)), x.astype(x.dtype.newbyteorder())):  # fmt: skip
            np.testing.assert_array_equal(g(view), np.vectorize(alone.get, otypes=[dtype])(view))
        for length in (*range(1, 71), TILE - 1, TILE, TILE + 1):
            np.testing.assert_array_equal(g(x[:length]), whole[:length])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_read_only_input_is_left_alone(function):
    x = X.copy()
    x.flags.writeable = False
    for f in everything(example(function)):
        f(x)
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_out(function):
    for f in everything(example(function)):
        want = f(X)
        out = np.full_like(X, np.nan)
        assert f(X, out=out) is out
        np.testing.assert_array_equal(out, want)
        x = X.copy()
        assert f(x, out=x) is x
        np.testing.assert_array_equal(x, want)
        x = np.resize(X, 100).copy()
        want = f(x[:-1].copy())
        np.testing.assert_array_equal(f(x[:-1], out=x[1:]), want)  # overlapping, shifted by one
        strided = np.zeros((57, 2))
        f(X, out=strided[:, 1])
        np.testing.assert_array_equal(strided[:, 1], f(X))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_wrong_out_is_refused(function):
    for f in everything(example(function)):
        with pytest.raises(ValueError, match=r"out has shape \(3,\), the result has \(57,\)"):
            f(X, out=np.empty(3))
        with pytest.raises(TypeError, match="out must be an array of dtype float64, not float32"):
            f(X, out=np.empty(57, np.float32))
        with pytest.raises(TypeError, match="out must be an array"):
            f(X, out=list(X))
        frozen = X.copy()
        frozen.flags.writeable = False
        with pytest.raises(ValueError, match="read-only"):
            f(X, out=frozen)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_in_place_allocates_no_full_size_array(function):
    """The value in place, and dx of the backward pass: the memory beyond x stays under a quarter of it."""
    f, x = example(function), np.resize(X.astype(np.float32), 4_000_000).copy()
    want = f(x[:1000].copy())
    tracemalloc.start()
    try:
        f(x, out=x)
        assert tracemalloc.get_traced_memory()[1] < x.nbytes / 4
        if not f.params:
            f.vjp(x, x, out=x)
            assert tracemalloc.get_traced_memory()[1] < x.nbytes / 4
    finally:
        tracemalloc.stop()
    if f.params:
        np.testing.assert_array_equal(x[:1000], want)


@pytest.mark.parametrize(("function", "params"), SETS)
def test_no_warning_and_no_nan_for_any_number(function, params):
    f = function.bind(**params)
    for dtype in FLOATS[::2] + FLOATS[3:]:
        x = grid(dtype, f.kinks_at(), 400)
        with np.errstate(all="raise"):
            for g in everything(f):
                np.testing.assert_array_equal(np.isnan(g(x))[np.isfinite(x)], ~defined(f, x)[np.isfinite(x)])
            x = x[np.isfinite(x) & defined(f, x)]  # at ±inf there may be no limit: test_tails.py
            assert not np.isnan(f.vjp(x, np.ones_like(x))[0]).any()


def test_the_domain_of_the_parameters():
    for call in (
        lambda: acts.softplus(1.0, beta=0), lambda: acts.celu(1.0, alpha=0), lambda: acts.squareplus(1.0, b=-1),
        lambda: acts.hardshrink(1.0, lambd=-1), lambda: acts.softshrink(1.0, -0.5), lambda: acts.hard_sigmoid(1, 0),
        lambda: acts.hard_tanh(1.0, 1.0, -1.0), lambda: acts.celu.derivative(1.0, 0), lambda: acts.celu.vjp(1, 1, 0),
        lambda: acts.softplus([1.0, 2.0], [1.0, 0.0]),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"needs .*, but was given"):
            call()


def test_parameters_may_be_arrays_that_do_not_enlarge_x():
    x = X.reshape(3, 19).astype(np.float32)
    alpha = np.linspace(0.5, 2, 19)
    y = acts.elu(x, alpha)
    assert y.dtype == np.float32
    for i in range(19):
        np.testing.assert_array_equal(y[:, i], acts.elu(x[:, i], alpha[i]))
    np.testing.assert_array_equal(acts.elu(x, np.float32([[2.0]])), acts.elu(x, 2.0))
    assert acts.elu(1.0, np.array([2.0])).shape == ()
    for bad in (np.ones(3), np.ones((2, 3, 19)), np.ones((3, 18))):
        with pytest.raises(
            ValueError, match=r"elu: alpha has shape .*, which does not broadcast to x's shape \(3, 19\)"
        ):
            acts.elu(x, bad)
    with pytest.raises(TypeError, match="elu: alpha has dtype complex128"):
        acts.elu(x, 1j)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_vjp(function):
    f, g = example(function), np.cos(X)
    given = {p: np.float32(f._defaults[p]) for p in f.params}
    dx, *dparams = f.vjp(X, g, **given)
    np.testing.assert_allclose(dx, g * f.derivative(X, **given), rtol=1e-15)
    assert len(dparams) == len(f.params)
    for p, d in zip(f.params, dparams, strict=True):
        terms = g * f.partial(p, X, **given)
        assert d.dtype == np.float32
        assert d.shape == ()
        assert abs(float(d) - terms.sum()) <= 2**-23 * np.abs(terms).sum()
    for half in (X.astype(np.float16), X.astype(ml_dtypes.bfloat16)):
        dx, *dparams = f.vjp(half, half)
        assert dx.dtype == half.dtype
        assert all(d.dtype == np.float32 for d in dparams)
    out = X.copy()
    assert f.vjp(out, g, out=out)[0] is out
    np.testing.assert_array_equal(out, f.vjp(X, g)[0])
    out = g.copy()
    assert f.vjp(X, out, out=out)[0] is out
    np.testing.assert_array_equal(out, f.vjp(X, g)[0])
    with pytest.raises(ValueError, match=r"g has shape \(3,\), x has shape \(57,\)"):
        f.vjp(X, np.ones(3))


def test_vjp_of_array_parameters_has_their_shape_and_type():
    x, g = np.linspace(-2, 2, 24).reshape(2, 3, 4), np.ones((2, 3, 4))
    for shape in ((), (1,), (4,), (3, 1), (2, 1, 4), (2, 3, 4)):
        beta = np.full(shape, 1.5, np.float16)
        _, d = acts.swish.vjp(x, g, beta)
        assert d.shape == shape
        assert d.dtype == np.float16
        terms = acts.swish.partial("beta", x, 1.5)
        reduced = terms.sum() if beta.size == 1 else terms.sum(tuple(range(3 - beta.ndim)), keepdims=False)
        axes = tuple(i for i, n in enumerate(beta.shape) if n == 1) if beta.size > 1 else ()
        np.testing.assert_allclose(d, np.sum(reduced, axis=axes, keepdims=True).reshape(shape), rtol=2e-3)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_wrong_arguments(function):
    with pytest.raises(TypeError, match="has no parameter 'gama'"):
        function(1.0, gama=1)
    with pytest.raises(TypeError, match="takes"):
        function(1.0, *range(19))
    if function.params:
        with pytest.raises(TypeError, match="twice"):
            function(1.0, 1.0, **{function.params[0]: 1.0})


def test_derivative_from_output():
    for name in ("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "sigmoid", "tanh", "softplus"):
        f = acts.get(name)
        np.testing.assert_allclose(f.derivative_from_output(f(X)), f.derivative(X), rtol=0, atol=4e-16)
    for name in ("gelu", "silu", "mish", "hard_swish", "prelu"):
        assert not hasattr(acts.get(name), "derivative_from_output")
    with pytest.raises(AttributeError, match="does not determine the slope"):
        acts.gelu.derivative_from_output(1.0)
    with pytest.raises(ValueError, match=r"elu\.derivative_from_output needs alpha > 0"):
        acts.elu.derivative_from_output(1.0, alpha=-1.0)
