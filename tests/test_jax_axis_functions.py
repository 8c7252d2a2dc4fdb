"""Axis functions in JAX: definitions, transformations, what backward keeps, and rows over several devices."""

import functools
import inspect
import pickle
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec
from rows_support import AXIS, ROWS, errors, example, of_each_kind, type_of

import acts
import acts_jax

inf, nan = np.inf, np.nan
OUTPUT = ("softmax", "softmin", "sparsemax", "entmax15", "entmax", "hardmax")  # what backward keeps; else the input
OTHERS = [name for name in AXIS if name != "gumbel_softmax"]
NO_RULE = ("crelu", "concat_elu", "hardmax")  # elementwise functions keep what theirs keep, hardmax where NaN is
X = np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)
TYPES = [
    pytest.param("float16", marks=pytest.mark.exhaustive),
    "bfloat16",
    "float32",
    *(["float64"] if jax.config.jax_enable_x64 else []),
]


def arguments(name):
    """Of the example: what is learned, and the rest."""
    kept = example(name)
    return {k: kept.pop(k) for k in acts.get(name).params}, kept


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", OTHERS)
def test_the_definition_is_what_is_computed(name, dtype, rows, record_property):
    f, (params, options) = acts_jax.get(name), arguments(name)
    params = {k: np.array(v, type_of(dtype)) for k, v in params.items()}

    @jax.jit
    def together(x, g, t):
        y, pull = jax.vjp(lambda x, params: f(x, **params, **options), x, params)
        dx, rest = pull(g)
        return y, (dx, *(rest[p] for p in params)), jax.jvp(lambda x: f(x, **params, **options), (x,), (t,))[1]

    wide = np.float64 if dtype == "float64" else np.float32
    found = errors(name, type_of(dtype), together, wide, rows, kept=type_of(dtype) if name in OUTPUT else wide)
    record_property("rows", ["acts_jax, jit", dtype, name, found])
    assert max(found.values()) <= 16, found


@pytest.mark.parametrize("name", of_each_kind(OTHERS))
def test_every_transformation_gives_what_numpy_has(name):
    f, record, (params, options) = acts_jax.get(name), acts.get(name), arguments(name)
    kept = params | options
    y = record(X, **kept)
    g, t = np.resize(np.float32([1, -2, 0.5, 3]), y.shape), np.resize(np.float32([0.5, 1, -1]), X.shape)

    def of(x):
        return f(x, **kept)

    def rows(x):
        return jax.lax.scan(lambda carry, row: (carry, of(row)), 0, x)[1]

    def loss(way):
        return lambda x: jnp.vdot(way(x), g)

    def first(x):
        return jnp.vdot(of(x), g[0])

    ways = {
        "y": [jax.vmap(of), rows, jax.checkpoint(of)],
        "dx": [jax.grad(loss(way)) for way in (of, jax.vmap(of), rows, jax.checkpoint(of), jax.jit(of))],
        "tangent": [lambda x: jax.jvp(of, (x,), (t,))[1], lambda x: jax.linearize(of, x)[1](t)],
        "hessian": [lambda x: jax.hessian(first)(x[0]), lambda x: jax.jacrev(jax.grad(first))(x[0])],
    }
    steps = np.identity(6) * 1e-4
    slope = lambda row: record.vjp(row, g[0], **kept)[0]  # noqa: E731
    wanted = {
        "y": y,
        "dx": record.vjp(X, g, **kept)[0],
        "tangent": record.jvp(X, t, **kept),
        "hessian": np.array([(slope(X[0] + h) - slope(X[0] - h)) / 2e-4 for h in steps]),
    }
    found = jax.jit(lambda x: {key: [way(x) for way in ways[key]] for key in ways})(X)
    found["y"].append(of(X))
    found["dx"].append(jax.vjp(of, X)[1](g)[0])
    for key, results in found.items():
        for result in results:
            np.testing.assert_allclose(result, wanted[key], rtol=2e-5, atol=2e-5, err_msg=key)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", [n for n in OTHERS if n not in NO_RULE])
def test_backward_keeps_one_array_of_the_type(name, dtype):
    f, options = acts_jax.get(name), arguments(name)[1]
    x = jnp.asarray(X, dtype)
    for way in (lambda x: f(x, **options), jax.jit(lambda x: f(x, **options))):
        y, pull = jax.vjp(way, x)
        arrays = [leaf for leaf in jax.tree.leaves(pull) if jnp.size(leaf) > 3]
        expected = y if name in OUTPUT else x
        assert [a.dtype for a in arrays] == [dtype]
        assert (arrays[0] == expected).all()


@pytest.mark.parametrize("kind", [AxisType.Auto, AxisType.Explicit], ids=["auto", "explicit"])
@pytest.mark.parametrize("name", of_each_kind(OTHERS))
def test_over_devices_no_word_is_needed(name, kind):
    """Rows on eight devices: value and gradient by x, without a collective."""
    f, options = acts_jax.get(name), arguments(name)[1]
    lies = NamedSharding(Mesh(np.array(jax.devices()[:8]), ("batch",), axis_types=(kind,)), PartitionSpec("batch"))
    x = jax.device_put(np.tile(X, (8, 1)), lies)
    out = {} if kind is AxisType.Explicit else {"out_shardings": lies}  # there it is known from the types
    both = jax.jit(lambda x: jax.vjp(lambda x: f(x, **options), x)[1](f(x, **options))[0], **out)
    text = both.lower(x).compile().as_text()
    assert not re.search("all-reduce|all-gather|all-to-all|collective", text)
    assert both(x).sharding.is_equivalent_to(lies, 2)
    y = f(np.tile(X, (8, 1)), **options)
    np.testing.assert_allclose(both(x), acts.get(name).vjp(np.tile(X, (8, 1)), np.asarray(y), **options)[0], 2e-5, 2e-5)


@pytest.mark.parametrize("name", [n for n in OTHERS if "where" in inspect.signature(acts_jax.get(n)).parameters])
def test_infinities_nan_and_masks_are_those_of_numpy(name):
    x = np.float32([
        [inf, 0, inf], [inf, 0, -inf], [-inf, 0, 1], [-inf, -inf, -inf], [nan, 0, 1], [1e4, 1e4, 0], [3e38, 0, 1],
        [0, -80, -90], [inf, inf, inf],
    ])  # fmt: skip
    x = -x if name == "softmin" else x
    f, record = acts_jax.get(name), acts.get(name)
    for where in (None, np.array([[True, False, True]]), np.arange(len(x))[:, None] % 2 == 0):
        y = record(x, where=where)
        g = np.resize(np.float32([1, 2, -3, 0.5]), y.shape)
        got, pull = jax.jit(lambda x, where=where: jax.vjp(lambda x: f(x, where=where), x))(x)
        np.testing.assert_allclose(got, y, rtol=1e-6, atol=1e-37)
        np.testing.assert_allclose(pull(g)[0], record.vjp(x, g, where=where)[0], rtol=1e-5, atol=1e-7)


def test_long_and_narrow_rows():
    x = jnp.asarray(np.random.default_rng(2).normal(size=32768), jnp.bfloat16)
    assert abs(np.asarray(acts_jax.softmax(x), np.float64).sum() - 1) < 0.01
    long = np.random.default_rng(2).normal(size=10**6).astype(np.float32)
    for f in (acts_jax.softmax, acts_jax.sparsemax):
        assert abs(np.asarray(f(long), np.float64).sum() - 1) < 1e-5
    assert acts_jax.softmax(jnp.asarray([0.5, 1, 2], jnp.float8_e4m3fn)).tolist() == [0.140625, 0.234375, 0.625]
    assert acts_jax.log_softmax(jnp.float32([0, -50]))[0] == pytest.approx(-1.9287498e-22, rel=1e-6)


def test_a_learned_sink_and_temperature():
    x, sink = np.float32(np.random.default_rng(3).normal(size=(2, 3, 4, 5))), np.float32([[[[0.5]], [[1]], [[-2]]]])
    g, where = np.float32(np.random.default_rng(4).normal(size=x.shape)), np.tri(4, 5, dtype=bool)
    for name in ("softmax", "log_softmax"):
        f, record = acts_jax.get(name), acts.get(name)
        g = np.where(where, g, 0)
        of = functools.partial(f, where=where)
        pull = jax.jit(lambda g, of=of: jax.vjp(lambda x, s, t: of(x, sink=s, temperature=t), x, sink, 0.5)[1](g))
        dx, d_temperature, d_sink = record.vjp(x, g, where=where, sink=sink, temperature=0.5)
        for got, want in zip(pull(g), (dx, d_sink, d_temperature), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)
    kept = jax.tree.leaves(jax.vjp(lambda x, s: acts_jax.softmax(x, sink=s), jnp.bfloat16(x), sink)[1])
    assert [k.shape for k in kept if k.size == x.size] == [x.shape]
    minus = jax.grad(lambda t: acts_jax.softmax(jnp.array([0, -jnp.inf]), temperature=t)[0])(0.5)
    assert minus == 0


def test_gumbel_softmax():
    key, x = jax.random.key(0), jnp.log(jnp.array([[0.5, 0.3, 0.2]]))
    noisy = x + jax.random.gumbel(key, (4000, 3), x.dtype)
    x = jnp.tile(x, (4000, 1))

    @functools.partial(jax.jit, static_argnames="hard")
    def drawn(x, hard):
        y, pull = jax.vjp(lambda x: acts_jax.gumbel_softmax(x, key, temperature=0.5, hard=hard), x)
        return y, pull(x)[0]

    (hard, d_hard), (soft, d_soft) = drawn(x, True), drawn(x, False)
    np.testing.assert_allclose(hard.mean(0), [0.5, 0.3, 0.2], atol=4 * 0.008)
    np.testing.assert_allclose(soft, acts.softmax(noisy, temperature=0.5), 2e-5, 1e-30)
    np.testing.assert_array_equal(hard, acts.hardmax(noisy))
    np.testing.assert_array_equal(d_hard, d_soft)
    narrow = jax.eval_shape(lambda x: acts_jax.gumbel_softmax(x, key, axis=0), x.astype(jnp.bfloat16))
    assert narrow.dtype == jnp.bfloat16


@pytest.mark.parametrize("name", AXIS)
def test_the_mirror(name):
    f, record = acts_jax.get(name), acts.get(name)
    assert f is getattr(acts_jax, name)
    assert pickle.loads(pickle.dumps(f)) is f
    assert str(inspect.signature(f)).replace("key", "rng") == str(inspect.signature(record.formula))
    ours, theirs = (doc.split("\n\n") for doc in (f.__doc__, record.__doc__))
    assert (ours[:2], ours[-1].strip()) == (theirs[:2], theirs[-1].strip())  # between them are the examples
    assert name in acts_jax.names(kind="axis")
    with pytest.raises(LookupError, match=f"{name} has no elementwise derivative"):
        acts_jax.derivative(f)


def test_types_and_errors():
    assert acts_jax.softmax(jnp.arange(3)).dtype == jnp.result_type(float)
    assert acts_jax.get("entmax", alpha=1.25)(X[0]).tolist() == acts_jax.entmax(X[0], alpha=1.25).tolist()
    with pytest.raises(ValueError, match=r"softmax: axis is 2, and x has shape \(3, 6\): an axis is from -2 to 1"):
        acts_jax.softmax(X, axis=2)
    with pytest.raises(ValueError, match=r"sink has shape \(6,\); it must broadcast to \(3, 1\)"):
        acts_jax.softmax(X, sink=jnp.ones(6))
    with pytest.raises(TypeError, match="softmax has no parameter 'temprature'; did you mean temperature"):
        acts_jax.softmax(X, temprature=1)
    with pytest.raises(TypeError, match="where has dtype int32; it must be bool"):
        acts_jax.softmax(X, where=np.ones(6, np.int32))
    with pytest.raises(ValueError, match="size is 4; it must be an integer that divides the axis, of 6"):
        acts_jax.maxout(X, 4)
    with pytest.raises(ValueError, match=r"gaussian_topk: p is 1\.5; it must be between 0 and 1"):
        acts_jax.gaussian_topk(X, 1.5)
    with pytest.raises(TypeError, match="complex64"):
        acts_jax.softmax(jnp.ones(3, jnp.complex64))
