"""PReLU: shapes and axes of alpha, its gradient as a sum, and the layer that learns it."""

import functools
import itertools

import chex
import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import optax
import pytest

import acts
import acts_jax
from acts_jax import PReLU

CUBE = (2, 3, 3, 3)  # C == H == W: an axis that is guessed from the sizes would be wrong
CASES = [  # the shape of x, that of alpha, axis, and the axis of x that alpha[c] belongs to (None: shared)
    ((), (), None, None),
    ((), (1,), None, None),
    ((), (), 1, None),
    ((4,), (), None, None),
    ((4,), (1,), None, None),
    ((4,), (1,), 1, None),
    ((4,), (4,), None, 0),
    ((4,), (4,), -1, 0),
    ((4,), (4,), 0, 0),
    ((2, 4), (1,), 1, None),
    ((2, 4), (4,), None, 1),
    ((2, 4), (4,), 1, 1),
    ((2, 4), (4,), -1, 1),
    ((2, 4), (2,), 0, 0),
    ((3, 3), (3,), None, 1),
    ((3, 3), (3,), 0, 0),
    ((2, 4, 5), (), None, None),
    ((2, 4, 5), (1,), None, None),
    ((2, 4, 5), (4,), 1, 1),
    ((2, 4, 5), (5,), -1, 2),
    ((2, 4, 5), (4,), -2, 1),
    (CUBE, (1,), None, None),
    (CUBE, (3,), 1, 1),
    (CUBE, (3,), 2, 2),
    (CUBE, (3,), -1, 3),
    ((2, 3, 4, 5, 6), (1,), 1, None),
    ((2, 3, 4, 5, 6), (3,), 1, 1),
    ((2, 3, 4, 5, 6), (6,), -1, 4),
    ((2, 3, 4, 5, 6), (5,), -2, 3),
]
MISFITS = [  # the shape of x, that of alpha, axis, and what the message names
    ((2, 4), (3,), None, r"alpha has shape \(3,\), but x has 4 channels on axis -1 \(shape \(2, 4\)\)"),
    ((2, 4), (4,), 0, r"alpha has shape \(4,\), but x has 2 channels on axis 0 \(shape \(2, 4\)\)"),
    ((2, 3, 4), (4,), 1, r"alpha has shape \(4,\), but x has 3 channels on axis 1 \(shape \(2, 3, 4\)\)"),
    ((2, 3, 4), (3,), None, r"\(3,\).*\(2, 3, 4\): say which axis holds the channels.*can't be told apart"),
    (CUBE, (3,), None, r"\(3,\).*\(2, 3, 3, 3\): say which axis holds the channels.*can't be told apart"),
    ((), (3,), None, r"alpha has shape \(3,\), but x of shape \(\) has no axis -1; only a shared alpha fits"),
    ((4,), (4,), 1, r"alpha has shape \(4,\), but x of shape \(4,\) has no axis 1; only a shared alpha fits"),
    ((2, 4), (4,), -3, r"alpha has shape \(4,\), but x of shape \(2, 4\) has no axis -3"),
    ((2, 3, 4), (3, 1), 1, r"alpha has shape \(3, 1\); with axis=1 it must be \(\) or \(channels,\)"),
    ((2, 3, 4), (4, 1), None, r"alpha has shape \(4, 1\), which does not broadcast to x's shape \(2, 3, 4\)"),
    ((3, 4), (2, 3, 4), None, r"alpha has shape \(2, 3, 4\), which does not broadcast to x's shape \(3, 4\)"),
]


def drawn(shape, seed=0, dtype=np.float32):
    """Multiples of 1/8 below 8: sums and products of a few are exact, so that any order of summation gives the same."""
    return (np.random.default_rng(seed).integers(-63, 64, shape) / 8).astype(dtype)


def by_loops(x, g, alpha, channel_axis):
    """prelu and its backward pass, one element at a time."""
    y, dx, dalpha = np.empty_like(x), np.empty_like(x), np.zeros_like(alpha)
    for index in np.ndindex(x.shape):
        c = () if channel_axis is None else (index[channel_axis],)
        slope = alpha.reshape(()) if channel_axis is None else alpha[c]
        y[index] = x[index] if x[index] > 0 else slope * x[index]
        dx[index] = g[index] if x[index] > 0 else slope * g[index]
        if not x[index] > 0:
            dalpha.reshape(-1)[c or (0,)] += g[index] * x[index]
    return y, dx, dalpha


def in_jax(x, g, alpha, axis):
    y, pull = jax.vjp(lambda x, alpha: acts_jax.prelu(x, alpha, axis), x, alpha)
    return y, *pull(g)


def in_numpy(x, g, alpha, axis):
    return acts.prelu(x, alpha, axis), *acts.prelu.vjp(x, g, alpha, axis)


def by_custom_vjp(x, g, alpha, axis):
    face = acts_jax.as_custom_vjp(functools.partial(acts_jax.prelu, axis=axis))
    y, residuals = face.fwd(x, alpha)
    return y, *face.bwd(residuals, g)


def by_module(x, g, alpha, axis):
    y, pull = jax.vjp(lambda layer, x: layer(x), PReLU(jnp.asarray(alpha), axis), x)
    dlayer, dx = pull(g)
    return y, dx, dlayer.alpha


EVERYWHERE = pytest.mark.parametrize("compute", [in_numpy, in_jax, by_custom_vjp, by_module])


@EVERYWHERE
@pytest.mark.parametrize(("shape", "channels", "axis", "channel_axis"), CASES, ids=str)
def test_forward_and_backward_against_loops(compute, shape, channels, axis, channel_axis):
    x, g, alpha = drawn(shape, 1), drawn(shape, 2), drawn(channels, 3)
    got, want = (
        compute(x, jnp.asarray(g) if compute is not in_numpy else g, alpha, axis),
        by_loops(x, g, alpha, channel_axis),
    )
    for a, b in zip(got, want, strict=True):
        assert (np.asarray(a).dtype, np.shape(a)) == (b.dtype, b.shape)
        np.testing.assert_array_equal(a, b)


@EVERYWHERE
@pytest.mark.parametrize(("shape", "channels", "axis", "message"), MISFITS, ids=str)
def test_what_does_not_fit_is_refused(compute, shape, channels, axis, message):
    with pytest.raises(ValueError, match=message):
        compute(drawn(shape), drawn(shape), drawn(channels), axis)


@EVERYWHERE
@pytest.mark.parametrize("broadcast", [(3, 1, 1), (1, 3, 1, 1), (3, 3, 1), (2, 1, 1, 3), CUBE], ids=str)
def test_alpha_of_higher_rank_broadcasts_without_an_axis(compute, broadcast):
    x, g, alpha = drawn(CUBE, 1), drawn(CUBE, 2), drawn(broadcast, 3)
    y, dx, dalpha = compute(x, jnp.asarray(g) if compute is not in_numpy else g, alpha, None)
    full = np.broadcast_to(alpha, CUBE)
    np.testing.assert_array_equal(y, np.where(x > 0, x, full * x))
    np.testing.assert_array_equal(dx, np.where(x > 0, g, full * g))
    repeated = tuple(i for i, n in enumerate((1,) * (4 - alpha.ndim) + broadcast) if n == 1)
    np.testing.assert_array_equal(dalpha, np.where(x > 0, 0, g * x).sum(axis=repeated).reshape(broadcast))


@EVERYWHERE
@pytest.mark.parametrize("alpha_type", [np.float16, np.float32, ml_dtypes.bfloat16], ids=lambda t: t.__name__)
@pytest.mark.parametrize("x_type", [np.float16, np.float32, ml_dtypes.bfloat16], ids=lambda t: t.__name__)
def test_cotangents_have_the_types_of_their_primals(compute, x_type, alpha_type):
    x, alpha = drawn((2, 4), 1, x_type), drawn((4,), 2, alpha_type)
    g = jnp.asarray(x) if compute is not in_numpy else x
    assert [np.asarray(a).dtype for a in compute(x, g, alpha, -1)] == [x_type, x_type, alpha_type]


@EVERYWHERE
def test_gradient_of_alpha_is_accumulated_in_float32(compute):
    """Summation by pairs and blocks: far below the n eps of a running sum, which in bfloat16 would stop at 256."""
    n = 262_144
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 0, (n, 1)).astype(ml_dtypes.bfloat16)
    g = rng.uniform(0, 1, (n, 1)).astype(ml_dtypes.bfloat16)
    exact = np.sum(x.astype(np.float64) * g.astype(np.float64))
    dalpha = compute(x, jnp.asarray(g) if compute is not in_numpy else g, np.float32(0.25), None)[2]
    assert abs(dalpha - exact) <= np.sqrt(n) * np.finfo(np.float32).eps * abs(exact)


@pytest.mark.parametrize("package", [acts, acts_jax], ids=lambda p: p.__name__)
def test_identities(package):
    x = np.concatenate([drawn((64,)), np.array([0.0, -np.inf, np.inf, np.nan, 1e30, -1e30], np.float32)])
    np.testing.assert_array_equal(package.prelu(x, 0.0), package.relu(x))
    np.testing.assert_array_equal(package.prelu(x, 0.01), package.leaky_relu(x))
    for slope in (0.2, 0.4, -1.5, 3.0):
        np.testing.assert_array_equal(package.prelu(x, slope), package.leaky_relu(x, slope))
    np.testing.assert_array_equal(package.prelu(x, 1.0), package.identity(x))


def test_default_layer():
    layer = PReLU.init()
    assert (layer.alpha.shape, layer.alpha.dtype, float(layer.alpha)) == ((), jnp.float32, 0.25)
    assert (layer.axis, layer.min_alpha) == (None, None)
    assert len(jax.tree.leaves(layer)) == 1


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_layer_with_everything_chosen(dtype):
    device = jax.devices()[0]
    layer = PReLU.init(3, 0.5, axis=1, dtype=dtype, device=device, min_alpha=0.01)
    assert (layer.alpha.shape, layer.alpha.dtype, layer.alpha.devices()) == ((3,), dtype, {device})
    assert layer.alpha.tolist() == [0.5] * 3
    assert layer(jnp.ones(CUBE, dtype)).dtype == dtype
    assert jax.tree.map(lambda alpha: alpha, layer).axis == 1  # what is static survives


@pytest.mark.parametrize("number", [0, -1])
def test_layer_needs_parameters(number):
    with pytest.raises(ValueError, match=f"num_parameters is {number}"):
        PReLU.init(number)


@pytest.mark.parametrize("dtype", [int, bool, complex])
def test_layer_needs_a_floating_type(dtype):
    with pytest.raises(TypeError, match="floating type"):
        PReLU.init(dtype=dtype)


def test_layer_in_jit_and_vmap():
    x = drawn((5, 4))
    ensemble = PReLU(jnp.asarray(drawn((3, 4), 1)))  # three layers in one: alpha has a leading axis
    apart = [PReLU(alpha) for alpha in ensemble.alpha]
    together = jax.jit(jax.vmap(lambda layer: layer(x)))(ensemble)
    chex.assert_trees_all_close(together, jnp.stack([layer(x) for layer in apart]), rtol=0, atol=0)
    gradients = jax.vmap(jax.grad(lambda layer: layer(x).sum()))(ensemble)
    chex.assert_trees_all_equal_structs(gradients, ensemble)
    want = [jax.grad(lambda layer: layer(x).sum())(layer).alpha for layer in apart]
    chex.assert_trees_all_close(gradients.alpha, jnp.stack(want), rtol=0, atol=0)


@pytest.mark.parametrize("alpha", [-2.0, 0.0, 0.01, 0.25, 2.0])
def test_lower_bound_is_the_keras_writing_to_the_last_bit(alpha):
    """relu(x) - a relu(-x) with a = max(0.01, alpha): one of the two terms is 0 and the other is exact or rounded once,
    as in prelu, so that only the sign of a zero may differ: 0 - a * 0 is 0, a * -0.0 is -0.0."""
    x = np.concatenate([np.random.default_rng(0).normal(0, 3, 1000), [0.0, -0.0]]).astype(np.float32)
    bounded = jnp.maximum(jnp.float32(0.01), jnp.float32(alpha))
    keras = acts_jax.relu(x) - bounded * acts_jax.relu(-x)
    layer = PReLU(jnp.float32(alpha), min_alpha=0.01)
    np.testing.assert_array_equal(layer(x), keras)
    active = float(alpha > np.float32(0.01))
    want = active * acts.prelu.partial("alpha", x, np.float32(alpha)).astype(np.float64).sum()
    got = jax.grad(lambda layer: layer(x).sum())(layer).alpha
    assert abs(got - want) <= np.sqrt(x.size) * np.finfo(np.float32).eps * abs(want)


def test_donated_input_gives_its_buffer():
    x = jnp.asarray(drawn((256,)))
    want, address = acts.prelu(np.array(x), 0.25), x.unsafe_buffer_pointer()
    y = jax.jit(lambda x: acts_jax.prelu(x, 0.25), donate_argnums=0)(x)
    assert x.is_deleted()
    assert y.unsafe_buffer_pointer() == address
    np.testing.assert_array_equal(y, want)


def test_alpha_is_learned():
    """Two channels whose true slopes are 0.6 and -0.3: gradient descent finds them from the default 0.25."""
    x = jnp.asarray(np.random.default_rng(0).normal(size=(256, 2)), jnp.float32)
    target = acts_jax.prelu(x, jnp.array([0.6, -0.3]))
    loss = lambda layer: jnp.mean((layer(x) - target) ** 2)  # noqa: E731
    optimiser = optax.sgd(1.0)

    @jax.jit
    def step(layer, state):
        value, gradient = jax.value_and_grad(loss)(layer)
        updates, state = optimiser.update(gradient, state)
        return optax.apply_updates(layer, updates), state, value

    layer = PReLU.init(2)
    state, losses = optimiser.init(layer), []
    for _ in range(40):
        layer, state, value = step(layer, state)
        losses.append(float(value))
    assert all(later < earlier for earlier, later in itertools.pairwise(losses[:10]))
    assert losses[-1] < 1e-6 * losses[0]
    chex.assert_trees_all_close(layer, PReLU(jnp.array([0.6, -0.3], jnp.float32)), atol=1e-3)
