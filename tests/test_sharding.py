"""Over eight devices an activation adds no communication, and a parameter's gradient one all-reduce, in float32."""

import functools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec
from support import HAVING_PARAMETERS, OF_EACH_SHAPE, WITH_PARAMETERS, one_of_each_shape

import acts_jax
from acts.testing import example_parameters

pytestmark = pytest.mark.skipif(
    jax.default_backend() != "cpu" and jax.device_count() < 8,
    reason=f"needs 8 devices, and {jax.default_backend()} has {jax.device_count()}",
)
COLLECTIVE = re.compile(
    r"= (.+?) (all-reduce|all-gather|all-to-all|reduce-scatter|collective-permute|collective-broadcast)(?:-start)?\("
)
ROWS, SHARED = PartitionSpec("batch"), PartitionSpec()
ONE_SUM = [("all-reduce", "f32")]
both_ways = pytest.mark.parametrize("way", ["automatic", "shard_map"])


def devices(**sizes):
    """Eight devices as a mesh with axes of these names and sizes."""
    assert jax.device_count() >= 8, "XLA_FLAGS must ask for 8 CPU devices before JAX is imported, as conftest.py does"
    return Mesh(np.array(jax.devices()[:8]).reshape(*sizes.values()), tuple(sizes))


def drawn(shape, seed):
    """Multiples of 1/8 below 8: sums of some products are exact, so that any order of summation gives the same."""
    return jnp.asarray(np.random.default_rng(seed).integers(-63, 64, shape) / 8, jnp.float32)


X, G = drawn((64, 5), 0), drawn((64, 5), 1)


def spread(way, f, args, given, returned, mesh):
    """What f returns with its arguments cut over the mesh as `given` says, and the collectives in its compiled text.

    XLA cuts the program by itself, from explicit types that say how arrays lie, or shard_map does; in every way the
    results must lie on the mesh as `returned` says.
    """
    if way == "explicit":
        mesh = Mesh(mesh.devices, mesh.axis_names, axis_types=(AxisType.Explicit,) * len(mesh.axis_names))
    elif way == "shard_map":
        f = jax.shard_map(f, mesh=mesh, in_specs=given, out_specs=returned)
    args = [jax.device_put(a, NamedSharding(mesh, spec)) for a, spec in zip(args, given, strict=True)]
    compiled = jax.jit(f).lower(*args).compile()
    results = compiled(*args)
    for result, spec in zip(results, returned, strict=True):
        assert result.sharding.is_equivalent_to(NamedSharding(mesh, spec), result.ndim), result.sharding
    return results, [(kind, shape.partition("[")[0]) for shape, kind in COLLECTIVE.findall(compiled.as_text())]


@functools.cache
def on_one_device(make, *key):
    """What the function made by make(*key) returns for the arguments made with it: the same for both ways to cut."""
    f, args = make(*key)
    return jax.jit(f)(*args)


def backward(f, *args):
    """f of all arguments but the last, followed by the cotangents that the last, that of the output, gives them."""
    y, pull = jax.vjp(f, *args[:-1])
    return y, *pull(args[-1])


def value_and_gradient(function):
    f = acts_jax.get(function.__name__)

    def run(x, g, *params):
        return backward(lambda x: f(x, *params), x, g)

    return run, (X, G, *map(jnp.float32, example_parameters(function).values()))


@both_ways
@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_value_and_gradient_add_no_collective(function, way):
    run, args = value_and_gradient(function)
    shared = [SHARED] * len(function.params)
    got, collectives = spread(way, run, args, (ROWS, ROWS, *shared), (ROWS, ROWS), devices(batch=8))
    assert collectives == []
    for a, b in zip(got, on_one_device(value_and_gradient, function), strict=True):
        np.testing.assert_array_equal(a, b)


def default(f, name):
    return lambda x, v: f(x, **{name: v})


def custom_vjp(f, name):
    return acts_jax.as_custom_vjp(f)


def gradient_of_a_parameter(function, name, wrap):
    params = example_parameters(function)
    others = {other: value for other, value in params.items() if other != name}

    def run(value, x, g):
        f = wrap(acts_jax.get(function.__name__, **others), name)
        return backward(lambda v: f(x, v), value, g)[1:]

    return run, (jnp.float32(params[name]), X, G)


@both_ways
@pytest.mark.parametrize("wrap", [default, custom_vjp])
@pytest.mark.parametrize(("function", "name"), one_of_each_shape(WITH_PARAMETERS))
def test_the_gradient_of_a_shared_parameter_is_one_all_reduce(function, name, wrap, way):
    run, args = gradient_of_a_parameter(function, name, wrap)
    (got,), collectives = spread(way, run, args, (SHARED, ROWS, ROWS), (SHARED,), devices(batch=8))
    assert collectives == ONE_SUM
    terms = function.partial(name, np.asarray(X), **example_parameters(function)) * np.asarray(G)
    bound = X.size * np.finfo(np.float32).eps * np.abs(terms).sum()  # of two orders of summing X.size terms
    (want,) = on_one_device(gradient_of_a_parameter, function, name, wrap)
    np.testing.assert_allclose(got, want, rtol=0, atol=bound)


@pytest.mark.parametrize("wrap", [lambda f: f, acts_jax.as_custom_vjp], ids=["default", "custom_vjp"])
def test_without_check_vma_a_shard_has_its_own_share(wrap):
    def run(alpha, x, g):
        return jax.lax.psum(backward(lambda alpha: wrap(acts_jax.prelu)(x, alpha), alpha, g)[1], "batch")

    cut = jax.shard_map(run, mesh=devices(batch=8), in_specs=(SHARED, ROWS, ROWS), out_specs=SHARED, check_vma=False)
    whole = backward(lambda alpha: acts_jax.prelu(X, alpha), jnp.float32(0.5), G)[1]
    np.testing.assert_array_equal(jax.jit(cut)(jnp.float32(0.5), X, G), whole)


def prelu_per_channel(alpha_dtype, dtype):
    x, g = (drawn((16, 8, 3), seed).astype(dtype) for seed in (2, 3))

    def run(x, alpha, g):
        return backward(lambda x, alpha: acts_jax.prelu(x, alpha, axis=1), x, alpha, g)

    return run, (x, drawn(8, 4).astype(alpha_dtype), g)


@pytest.mark.parametrize("way", ["automatic", "explicit", "shard_map"])
@pytest.mark.parametrize(("alpha_dtype", "dtype"), [("float32",) * 2, ("bfloat16", "float32"), ("bfloat16",) * 2])
@pytest.mark.parametrize(
    ("sizes", "sums"),
    [({"batch": 8}, ONE_SUM), ({"channel": 8}, []), ({"batch": 4, "channel": 2}, ONE_SUM)],
    ids=["batch", "channel", "both"],
)
def test_alpha_per_channel_cut_by_batch_by_channel_and_by_both(sizes, sums, alpha_dtype, dtype, way):
    run, args = prelu_per_channel(alpha_dtype, dtype)
    batch, channel = (axis if axis in sizes else None for axis in ("batch", "channel"))
    cut, channels = PartitionSpec(batch, channel), PartitionSpec(channel)
    got, collectives = spread(way, run, args, (cut, channels, cut), (cut, cut, channels), devices(**sizes))
    assert collectives == sums
    for a, b in zip(got, on_one_device(prelu_per_channel, alpha_dtype, dtype), strict=True):
        np.testing.assert_array_equal(a, b, strict=True)


BOTH_FACES = [
    pytest.param(lambda f: f, id="default"),
    pytest.param(acts_jax.as_custom_vjp, id="custom_vjp", marks=pytest.mark.exhaustive),  # the same arguments' check
]


@pytest.mark.parametrize("name", ["relu", "reglu", "relu2_glu", "clamped_swiglu", "powlu"])
def test_slopes_that_choose_between_two_numbers_lie_on_an_explicit_mesh(name):
    mesh = Mesh(np.array(jax.devices()[:8]), ("x",), axis_types=(AxisType.Explicit,))
    with jax.set_mesh(mesh):
        x = jax.device_put(jnp.linspace(-2, 2, 32).reshape(8, 4), NamedSharding(mesh, PartitionSpec("x")))
        f = acts_jax.get(name)
        operands = (x, x) if name in acts_jax.names("gated") else (x,)
        assert f.derivative(*operands).sharding.spec[0] == "x"
        assert jax.grad(lambda *of: f(*of).sum())(*operands).sharding.spec[0] == "x"


@pytest.mark.parametrize("wrap", BOTH_FACES)
@pytest.mark.parametrize("function", one_of_each_shape(HAVING_PARAMETERS))
def test_parameters_of_every_shape_on_an_explicit_mesh(function, wrap):
    """Scalar, per channel and of x's shape, lying as x does or not: values and gradients as on one device."""
    f = wrap(acts_jax.get(function.__name__))
    x, g, sizes = drawn((8, 6), 5), drawn((8, 6), 6), {"batch": 4, "channel": 2}
    cut, channels = PartitionSpec("batch", "channel"), PartitionSpec("channel")
    ways = [((), SHARED), ((6,), channels), ((6,), SHARED), ((8, 6), cut), ((8, 6), SHARED)]

    def run(x, g, *params):
        return [backward(f, x, *params[i :: len(ways)], g) for i in range(len(ways))]

    count = len(function.params)
    params = [jnp.full(shape, p, jnp.float32) for p in example_parameters(function).values() for shape, _ in ways]
    mesh = Mesh(devices(**sizes).devices, tuple(sizes), axis_types=(AxisType.Explicit,) * 2)
    given = [cut, cut, *[spec for _, spec in ways] * count]
    args = [jax.device_put(a, NamedSharding(mesh, spec)) for a, spec in zip((x, g, *params), given, strict=True)]
    for found, want in zip(jax.jit(run)(*args), jax.jit(run)(x, g, *params), strict=True):
        y, dx, *_ = found
        assert y.sharding.spec == dx.sharding.spec == cut
        for a, b in zip(found, want, strict=True):
            bound = 100 * np.finfo(np.float32).eps * max(1, float(jnp.abs(b).max()))
            np.testing.assert_allclose(a, b, rtol=0, atol=bound)


def naive_prelu(x, alpha):
    return jnp.where(x > 0, x, alpha * x)


@both_ways
@pytest.mark.parametrize(("prelu", "total"), [(acts_jax.prelu, -4), (naive_prelu, 0)])
def test_what_the_devices_add_up_was_not_rounded_before(prelu, total, way):
    # XLA on CPU widens a 16-bit all-reduce, so that the compiled text alone doesn't tell what came in: here four
    # devices bring -257, which bfloat16 doesn't have, and four 256. The naive function has rounded them to -256.
    x = -jnp.ones((8, 257), jnp.bfloat16)
    g = jnp.ones_like(x).at[4:].set(-1).at[4:, 0].set(0)

    def run(alpha, x, g):
        return backward(lambda alpha: prelu(x, alpha), alpha, g)[1:]

    (got,), collectives = spread(way, run, (jnp.bfloat16(0.5), x, g), (SHARED, ROWS, ROWS), (SHARED,), devices(batch=8))
    assert collectives == ONE_SUM
    assert (got.dtype, got) == (jnp.bfloat16, total)


@pytest.mark.parametrize(
    ("talks", "kinds"),
    [
        (lambda x: x - x.sum(axis=0), ["all-reduce"]),
        (lambda x: jax.nn.softmax(x, axis=0), ["all-reduce", "all-reduce"]),
        (lambda x: x[::-1], ["collective-permute"]),
        (lambda x: jnp.sort(x, axis=0), ["all-to-all", "all-to-all"]),
    ],
)
def test_collectives_are_found_where_they_are(talks, kinds):
    _, collectives = spread("automatic", lambda x: (talks(x),), [drawn((64, 8), 0)], (ROWS,), (ROWS,), devices(batch=8))
    assert [kind for kind, _ in collectives] == kinds
