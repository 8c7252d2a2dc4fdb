"""Axis functions in NumPy: values and derivatives by the definitions, rows that are hard, shapes, types and errors."""

import copy
import inspect
import pickle
import re

import mpmath
import numpy as np
import pytest
from rows_support import AXIS, ROWS, SEED, cotangent, errors, example, type_of

import acts
from acts.testing import row_oracle

SIMPLEX = ("softmax", "softmin", "hardmax", "sparsemax", "entmax15", "entmax")
inf, nan = np.inf, np.nan


def rng(name):
    return {"rng": SEED} if name == "gumbel_softmax" else {}


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("name", AXIS)
def test_the_definition_is_what_is_computed(name, dtype, rows, record_property):
    f, kept = acts.get(name), example(name) | rng(name)
    noise = tuple(np.random.default_rng(SEED).gumbel(size=6)) if rng(name) else None

    def compute(x, g, t):
        return f(x, **kept), f.vjp(x, g, **kept), f.jvp(x, t, **kept)

    found = errors(name, type_of(dtype), compute, np.float64, rows, noise=noise)
    record_property("rows", ["acts", dtype, name, found])
    assert max(found.values()) <= 10, found


def test_the_oracle_divides_by_a_length_exactly():
    row = [0.01953125, -0.021484375, -0.109375, -0.005859375, -0.046875, 0.0625]
    with mpmath.workdps(50):
        true = mpmath.log(sum(map(mpmath.exp, row)) / 6)
    assert abs(row_oracle("logmeanexp", row).values[0] / true - 1) < 1e-30


@pytest.mark.parametrize("name", AXIS)
def test_axes_are_rows(name):
    """Any axis, and several at once where the length stays: what the rows give one by one."""
    f, x = acts.get(name), np.random.default_rng(0).normal(size=(2, 6, 3)).astype(np.float32)
    kept = example(name) | rng(name)
    if not rng(name):
        y = np.moveaxis(f(x, axis=1, **kept), 1, -1) if f(x, axis=1, **kept).ndim == 3 else f(x, axis=1, **kept)
        for i, j in np.ndindex(2, 3):
            np.testing.assert_array_equal(y[i, j], f(x[i, :, j], **kept))
    if f.width == "n":
        flat = f(x.transpose(1, 0, 2).reshape(6, 6), **kept)
        np.testing.assert_array_equal(f(x, axis=(0, -1), **kept).transpose(1, 0, 2).reshape(6, 6), flat)
        np.testing.assert_array_equal(f(x, axis=None, **kept).ravel(), f(x.ravel(), **kept))
    out = np.empty_like(f(x, **kept))
    assert f(x, **kept, out=out) is out
    np.testing.assert_array_equal(out, f(x, **kept))
    assert f(x.astype(int), **kept).dtype == np.float64
    assert f(x[:0], **kept).shape == (0, *f(x, **kept).shape[1:])


@pytest.mark.parametrize("name", [*SIMPLEX, "log_softmax", "logsumexp", "logmeanexp"])
def test_what_is_masked_or_minus_infinity_is_left_out(name):
    f, x = acts.get(name), np.array([[0.5, nan, -2.0, 1.0], [3.0, 1.0, 1.0, inf], [nan, inf, 0.0, 1.0]])
    where = np.array([[True, False, True, True], [True, True, True, False], [False] * 4])
    y, g = f(x, where=where), cotangent(f(x, where=where).shape)
    dx = f.vjp(x, g, where=where)[0]
    left, lowest = np.where(where, x, inf if name == "softmin" else -inf), -inf if name.startswith("log") else 0.0
    np.testing.assert_array_equal(y if name == "logmeanexp" else f(left), y)
    np.testing.assert_array_equal(f.vjp(left, g)[0], dx)
    for i in (0, 1):
        true = row_oracle(name, [*x[i][where[i]]])
        kept = y[i] if y.ndim == 1 else y[i][where[i]]
        np.testing.assert_allclose(np.ravel(kept), np.array(true.values, float), rtol=1e-15)
    assert np.all(dx[~where] == 0)
    assert y.ndim == 1 or np.all(y[~where] == lowest)
    assert np.all(y[2] == lowest)


@pytest.mark.parametrize("name", SIMPLEX)
def test_hard_rows_of_the_simplex(name):
    f = acts.get(name)
    sign = -1 if name == "softmin" else 1
    long = np.random.default_rng(1).normal(size=10**6 if name == "softmax" else 10**5).astype(np.float32)
    for x in (np.array([1e4, 1e4 - 1, -1e4]), np.array([3e38, 0.0, -inf], np.float32), long):
        y = f(sign * x)
        assert abs(y.sum(dtype=np.float64) - 1) < 1e-6
        assert y.argmax() == x.argmax()
        assert not np.isnan(f.vjp(sign * x, cotangent(x.shape))[0]).any()
    nothing = np.full(3, sign * -inf)
    assert f(nothing).tolist() == f.vjp(nothing, np.ones(3))[0].tolist() == [0, 0, 0]
    infinite = [] if name == "hardmax" else [[sign * inf, 0.0], [sign * inf, sign * inf]]  # inf is a maximum, too
    for x in ([nan, 0.0], *infinite):
        assert np.isnan(f(x)).all()
        assert np.isnan(f.vjp(x, [1.0, 2.0])[0]).all()


def test_the_logarithm_of_a_sum_with_infinity():
    for f in (acts.logsumexp, acts.logmeanexp):
        assert f([inf, 0.0]) == f([inf, inf]) == inf
        assert f([-inf, 0.0]) > f([-inf, -inf]) == -inf
        assert np.isnan(f([inf, nan]))
        assert np.isnan(f.vjp([inf, 0.0], 1.0)[0]).all()  # softmax has no limit there


def test_narrow_types():
    x = np.random.default_rng(2).normal(size=32768).astype(type_of("bfloat16"))
    assert abs(acts.softmax(x).astype(np.float64).sum() - 1) < 0.01
    eight = np.array([0.5, 1, 2], type_of("float8_e4m3fn"))
    assert acts.softmax(eight).astype(float).tolist() == [0.140625, 0.234375, 0.625]
    assert acts.log_softmax(eight).astype(float).tolist() == [-2, -1.5, -0.46875]


def test_sink_and_temperature():
    x = np.array([[1.0, 2.0], [3.0, -1.0]])
    np.testing.assert_allclose(acts.softmax(x, sink=0.0), np.exp(x) / (1 + np.exp(x).sum(-1, keepdims=True)))
    np.testing.assert_array_equal(acts.softmax(x, sink=-inf), acts.softmax(x))
    assert acts.softmax([-1e4, -2e4], sink=1e4).tolist() == [0, 0]
    assert acts.softmax([-inf, -inf], sink=0.0).tolist() == [0, 0]
    sink = np.array([[0.5], [1.0]], np.float32)
    dx, d_temperature, d_sink = acts.softmax.vjp(x, x, temperature=2.0, sink=sink)
    assert (dx.shape, np.shape(d_temperature), d_sink.shape, d_sink.dtype) == ((2, 2), (), (2, 1), np.float32)
    assert acts.softmax.vjp(x, x)[2] is None
    assert not np.isnan(acts.softmax.vjp([0.0, -inf], [1.0, 2.0], temperature=0.5)[1])


def test_entmax_between_its_ends():
    x = np.random.default_rng(3).normal(size=(4, 7))
    np.testing.assert_allclose(acts.entmax(x, 1.0), acts.softmax(x), rtol=1e-13)
    np.testing.assert_array_equal(acts.entmax(x, 2.0), acts.sparsemax(x))
    alphas = np.array([1.0, 1.5, 2.5, 4.0])[:, None]
    np.testing.assert_allclose(acts.entmax(x, alphas).sum(-1), 1, rtol=1e-14)
    h, g = 1e-6, cotangent(x.shape)
    by_differences = ((acts.entmax(x, alphas + h) - acts.entmax(x, alphas - h * (alphas > 1))) * g).sum(
        -1, keepdims=True
    )
    np.testing.assert_allclose(
        acts.entmax.vjp(x, g, alphas)[1], by_differences / (h + h * (alphas > 1)), rtol=1e-4, atol=1e-6
    )


def test_gumbel_softmax_draws_by_the_softmax():
    x = np.log([0.5, 0.3, 0.2])
    y = acts.gumbel_softmax(np.tile(x, (20000, 1)), np.random.default_rng(0), hard=True)
    np.testing.assert_allclose(y.mean(0), [0.5, 0.3, 0.2], atol=4 * 0.0036)
    noise = np.random.default_rng(SEED).gumbel(size=3)
    soft = acts.softmax(x + noise, temperature=0.5)
    np.testing.assert_array_equal(acts.gumbel_softmax(x, SEED, temperature=0.5), soft)
    np.testing.assert_array_equal(acts.gumbel_softmax(x, SEED, hard=True), acts.hardmax(soft))
    g = np.arange(3.0)
    assert acts.gumbel_softmax.vjp(x, g, SEED, hard=True)[0].tolist() == acts.softmax.vjp(x + noise, g)[0].tolist()


def test_large_and_small_rows_are_scaled():
    for scale in (1e-150, 1e150):
        x = scale * np.array([3.0, -4.0, 1.0])
        r = np.sqrt(26.0) * scale
        np.testing.assert_allclose(acts.squash(x), x / r / (1 + 1 / r**2) if scale > 1 else x * r, rtol=1e-14)
        np.testing.assert_allclose(acts.gaussian_topk(x, 0.6) / scale, acts.gaussian_topk(x / scale, 0.6), rtol=1e-14)
    np.testing.assert_allclose(acts.polynorm(x), acts.polynorm(x * 1e-140), rtol=1e-14)
    assert acts.squash.vjp(np.zeros(3), np.ones(3))[0].tolist() == [0, 0, 0]
    assert acts.gaussian_topk.vjp(np.ones(3), np.ones(3))[0].tolist() == [0, 0, 0]


def test_the_first_maximum_wins():
    assert acts.maxout([1.0, 1.0, -inf, 2.0], 2).tolist() == [1, 2]
    assert acts.maxout.vjp([1.0, 1.0, -inf, 2.0], [3.0, 5.0])[0].tolist() == [3, 0, 0, 5]
    assert np.isnan(acts.maxout([1.0, nan, 2.0, 3.0])).tolist() == [True, False]
    assert acts.crelu.vjp([0.0, 2.0, -3.0], np.arange(1.0, 7))[0].tolist() == [0, 2, -6]


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: acts.softmax(1.0), ValueError, r"softmax: axis is -1, and x has shape \(\): it has none"),
    (lambda: acts.softmax([1.0], axis=1), ValueError, "an axis is from -1 to 0"),
    (lambda: acts.softmax([[1.0]], axis=(0, -2)), ValueError, "twice"),
    (lambda: acts.softmax([1.0], axis=0.5), TypeError, "axis is 0.5; it must be an integer"),
    (lambda: acts.softmax([1.0], temprature=1), TypeError, "did you mean temperature"),
    (lambda: acts.softmax([1.0], temperature=0.0), ValueError, "softmax needs temperature > 0, but was given"),
    (lambda: acts.softmax([1.0, 2.0], sink=[1.0, 2.0]), ValueError, r"sink has shape \(2,\); it must broadcast to"),
    (lambda: acts.softmax([1.0], where=[1]), TypeError, "where has dtype int64; it must be bool"),
    (lambda: acts.softmax([1.0], where=[True, False]), ValueError, r"where has shape \(2,\)"),
    (lambda: acts.softmax([1j]), TypeError, "dtype complex128; allowed"),
    (lambda: acts.softmax.vjp([1.0, 2.0], [1.0]), ValueError, r"g has shape \(1,\); it must be \(2,\)"),
    (lambda: acts.logsumexp.jvp([1.0, 2.0], 1.0), ValueError, r"t has shape \(\); it must be \(2,\)"),
    (lambda: acts.softmax(np.ones(2), out=np.ones(3)), ValueError, r"out has shape \(3,\)"),
    (lambda: acts.entmax([1.0], alpha=0.5), ValueError, "entmax needs alpha >= 1"),
    (lambda: acts.maxout([1.0, 2.0, 3.0], 2), ValueError, "size is 2; it must be an integer that divides"),
    (lambda: acts.crelu([[1.0]], axis=(0, 1)), ValueError, "must be one integer"),
    (lambda: acts.gaussian_topk([1.0], 1.5), ValueError, "gaussian_topk needs"),
    (lambda: acts.gumbel_softmax([1.0]), TypeError, "gumbel_softmax needs a value for rng"),
])  # fmt: skip
def test_errors_say_what_is_allowed(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", AXIS)
def test_the_record(name):
    f = acts.get(name)
    assert f is getattr(acts, name)
    assert isinstance(f, acts.AxisFunction)
    assert not isinstance(f, acts.Activation)
    assert re.fullmatch(rf"{name}\(x[\w, ]*\)(\[i\])? = \S.*", f.definition)
    assert pickle.loads(pickle.dumps(f)) is copy.deepcopy(f) is f
    assert repr(f) == f"<activation {name}{inspect.signature(f)}>"
    assert set(f.params) <= set(inspect.signature(f).parameters)
    assert re.search(rf"^>>> acts\.{name}\b", f.__doc__, flags=re.M)
    assert f.kind == "axis"
    assert f.paper in f.__doc__


def test_bound():
    half = acts.get("entmax", alpha=1.25)
    assert half == acts.get("Entmax", alpha=np.float64(1.25)) != acts.entmax
    assert pickle.loads(pickle.dumps(half)) == half
    np.testing.assert_array_equal(half([1.0, 0.5]), acts.entmax([1.0, 0.5], 1.25))
    assert half.vjp([1.0, 0.5], [1.0, 0.0]) is not None
    with pytest.raises(TypeError, match="softmax has no parameter 'dim'"):
        acts.get("softmax", dim=1)
