"""PReLU, the layer: how it is made, transformed, bounded, learned, and spared by weight decay."""

import itertools

import chex
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from test_prelu import CUBE, drawn

import acts
import acts_jax
from acts_jax import PReLU


def test_default_layer():
    layer = PReLU.init()
    assert (layer.alpha.shape, layer.alpha.dtype, float(layer.alpha)) == ((), jnp.float32, 0.25)
    assert (layer.axis, layer.min_alpha) == (None, None)
    assert len(jax.tree.leaves(layer)) == 1


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_layer_with_everything_chosen(dtype):
    device = jax.NamedSharding(jax.make_mesh((1,), ("data",)), jax.P())  # not what an array has by default
    layer = PReLU.init(3, 0.5, axis=1, dtype=dtype, device=device, min_alpha=0.01)
    assert (layer.alpha.shape, layer.alpha.dtype, layer.alpha.sharding) == ((3,), dtype, device)
    assert layer.alpha.tolist() == [0.5] * 3
    assert layer(jnp.ones(CUBE, dtype)).dtype == dtype
    assert jax.tree.map(lambda alpha: alpha, layer).axis == 1  # what is static survives


@pytest.mark.parametrize("number", [0, -1])
def test_layer_needs_parameters(number):
    with pytest.raises(ValueError, match=f"num_parameters is {number}"):
        PReLU.init(number)


def test_layer_refuses_what_is_no_number():
    for wrong in ({"num_parameters": 2.0}, {"axis": "a"}):
        with pytest.raises(TypeError, match="integer"):
            PReLU.init(**wrong)
    with pytest.raises(ValueError, match="min_alpha is NaN"):
        PReLU.init(min_alpha=float("nan"))
    assert PReLU(0.25, min_alpha=0.5)(-2.0) == -1


@pytest.mark.parametrize("dtype", [int, bool, complex, jnp.float8_e8m0fnu])
def test_layer_needs_a_floating_type(dtype):
    with pytest.raises(TypeError, match="floating type"):
        PReLU.init(dtype=dtype)


def test_a_layer_is_itself_a_function_to_transform():
    layer, x = PReLU.init(4), jnp.asarray(drawn((5, 4)))
    np.testing.assert_array_equal(jax.jit(layer)(x), layer(x))
    remat = jax.jit(jax.grad(lambda layer, x: jax.checkpoint(layer)(x).sum()))(layer, x)
    np.testing.assert_array_equal(remat.alpha, jax.grad(lambda layer: layer(x).sum())(layer).alpha)


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


def test_at_the_bound_alpha_has_no_gradient_and_nan_is_not_hidden():
    at = PReLU(jnp.float32(0.25), min_alpha=0.25)
    assert jax.grad(lambda layer: layer(jnp.float32(-2.0)))(at).alpha == 0
    assert jnp.isnan(PReLU(jnp.float32(jnp.nan), min_alpha=0.25)(jnp.float32(-2.0)))


def test_layers_in_scan():
    """A stack of layers, alpha of shape (depth, channels): value and gradient are those of the loop."""
    stack, x = PReLU(jnp.asarray(drawn((5, 4), 1) / 8), axis=1), jnp.asarray(drawn((3, 4, 2)) - 4)

    def scanned(stack, x):
        return jax.lax.scan(lambda x, layer: (layer(x) - 1, None), x, stack)[0]

    def looped(stack, x):
        for alpha in stack.alpha:
            x = acts_jax.prelu(x, alpha, 1) - 1
        return x

    chex.assert_trees_all_close(scanned(stack, x), looped(stack, x), rtol=0, atol=0)
    got, want = (jax.jit(jax.grad(lambda stack, x, f=f: f(stack, x).sum()))(stack, x) for f in (scanned, looped))
    chex.assert_trees_all_close(got, want, rtol=1e-6)


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


def test_weight_decay_spares_the_parameters_of_activations():
    """Also one of shape (), which a mask by rank would not find; and all else decays, whatever its shape."""
    params = {
        "layers": [{"w": jnp.ones((2, 2)), "b": jnp.ones(2), "act": PReLU.init(shape)} for shape in (1, 2)],
        "swish": {"beta": jnp.ones(2)},
        "scale": jnp.ones(()),
        "knee": {"theta": jnp.ones(())},
    }
    act = {"w": True, "b": True, "act": PReLU(False)}
    mask = {"layers": [act, act], "swish": {"beta": False}, "scale": True, "knee": {"theta": True}}
    chex.assert_trees_all_equal(acts_jax.weight_decay_mask(params), mask)
    for more in (["theta"], "theta"):
        chex.assert_trees_all_equal(acts_jax.weight_decay_mask(params, more=more), {**mask, "knee": {"theta": False}})
    chex.assert_trees_all_equal(acts_jax.weight_decay_mask(PReLU.init()), PReLU(False))

    optimiser = optax.adamw(1.0, weight_decay=0.5, mask=acts_jax.weight_decay_mask)
    still = jax.tree.map(jnp.zeros_like, params)
    updates, _ = optimiser.update(still, optimiser.init(params), params)
    after = optax.apply_updates(params, updates)
    want = jax.tree.map(lambda p, decays: p * (0.5 if decays else 1), params, mask)
    chex.assert_trees_all_close(after, want, rtol=0, atol=0)
