"""PReLU in Flax NNX, Flax Linen and Equinox: the layers, and the examples that train, save and restore them."""

import doctest
import importlib
import re

import chex
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from test_examples import EXAMPLES, command, digits  # also makes the examples importable
from test_peers import peer
from test_prelu import CASES, by_loops, drawn

import acts_jax

pytestmark = pytest.mark.peers
NEEDS = {"flax_nnx": "flax.nnx", "flax_linen": "flax.linen", "equinox_mlp": "equinox"}
FLAX = ["nnx", "linen"]


def layer(kind, x, *args, **options):
    """A layer of that kind, as (its alpha, the function of alpha and x that it computes)."""
    peer(f"flax.{kind}")
    module = importlib.import_module(f"acts_jax.{kind}").PReLU(*args, **options)
    if kind == "linen":
        variables = module.init(jax.random.key(0), x)
        chex.assert_trees_all_equal_structs(variables, {"params": {"alpha": 0}})
        return variables["params"]["alpha"], lambda alpha, x: module.apply({"params": {"alpha": alpha}}, x)
    nnx = peer("flax.nnx")
    graph, state = nnx.split(module, nnx.Param)  # fails if there is any other variable
    assert list(nnx.to_pure_dict(state)) == ["alpha"]
    return module.alpha[...], lambda alpha, x: nnx.merge(graph, nnx.State({"alpha": nnx.Param(alpha)}))(x)


@pytest.mark.parametrize("kind", FLAX)
@pytest.mark.parametrize(("shape", "channels", "axis", "channel_axis"), CASES, ids=str)
def test_layer_against_loops(kind, shape, channels, axis, channel_axis):
    x, g = drawn(shape, 1), drawn(shape, 2)
    first, f = layer(kind, x, *channels, axis=axis)
    alpha = drawn(first.shape, 3)
    y, pull = jax.vjp(f, jnp.asarray(alpha), x)
    for got, want in zip((y, *reversed(pull(g))), by_loops(x, g, alpha, channel_axis), strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("kind", FLAX)
def test_options(kind):
    x = jnp.asarray(drawn((2, 4)), jnp.bfloat16)
    alpha, f = layer(kind, x)
    assert (alpha.shape, alpha.dtype, float(alpha), f(alpha, x).dtype) == ((), jnp.float32, 0.25, jnp.bfloat16)
    alpha, f = layer(kind, x, 4, -0.5, axis=1, min_alpha=0.125, dtype=jnp.float32, param_dtype=jnp.float16)
    assert (alpha.tolist(), alpha.dtype, f(alpha, x).dtype) == ([-0.5] * 4, jnp.float16, jnp.float32)
    np.testing.assert_array_equal(f(alpha, x), acts_jax.prelu(x.astype(jnp.float32), 0.125))
    with pytest.raises(ValueError, match="num_parameters is 0"):
        layer(kind, x, 0)
    with pytest.raises(TypeError, match="floating type"):
        layer(kind, x, param_dtype=int)
    with pytest.raises(ValueError, match=r"alpha has shape \(4,\), but x has 3 channels"):
        f(alpha, x[:, :3])


@pytest.mark.parametrize("kind", FLAX)
def test_docstrings(kind):
    module = importlib.import_module(f"acts_jax.{kind}")
    failed, tried = doctest.testmod(module, extraglobs={"jnp": jnp, "jax": jax})
    assert (failed, tried > 2) == (0, True)


@pytest.fixture(scope="module")
def data():
    return digits.load()


def example(name):
    peer(NEEDS[name])
    return importlib.import_module(name)


def parameters(network):
    """The pytree that the optimiser sees."""
    nnx = peer("flax.nnx")
    return nnx.state(network, nnx.Param) if isinstance(network, nnx.Module) else network


def alpha_of(network):
    """The leaf of alpha's name."""
    leaves = jax.tree_util.tree_leaves_with_path(parameters(network))
    [alpha] = [leaf for path, leaf in leaves if "alpha" in jax.tree_util.keystr(path)]
    return np.asarray(alpha)


@pytest.mark.parametrize("name", NEEDS)
def test_trained_saved_and_restored(name, data, tmp_path):
    module = example(name)
    losses, networks = zip(*module.train(data, epochs=4), strict=True)
    assert (np.diff(np.array(losses, float).reshape(4, -1).mean(axis=1)) < 0).all()
    network = networks[-1]
    accuracy = module.accuracy(network, data)
    assert accuracy >= 0.9
    alpha = alpha_of(network)
    assert (alpha.shape, alpha.dtype) == ((module.HIDDEN,), np.float32)
    assert (np.abs(alpha - digits.FIRST_ALPHA) > 1e-3).mean() > 0.9  # learned

    module.save(network, tmp_path / "network")
    restored = module.restore(tmp_path / "network")
    chex.assert_trees_all_equal(parameters(restored), parameters(network))
    assert module.accuracy(restored, data) == accuracy


@pytest.mark.parametrize("name", NEEDS)
def test_steps_need_no_retracing(name, data, monkeypatch):
    module, calls = example(name), []
    prelu = acts_jax.modules.prelu
    monkeypatch.setattr(acts_jax.modules, "prelu", lambda *given: calls.append(1) or prelu(*given))
    jax.clear_caches()
    steps = module.train(data, 1)
    next(steps)
    first = len(calls)
    next(steps), next(steps)
    assert first == len(calls) >= 1


@pytest.mark.parametrize("name", NEEDS)
def test_weight_decay_spares_alpha_alone(name, data):
    """One step of a pure decay: all weights shrink but alpha."""
    params = parameters(next(example(name).train(data, epochs=1))[1])
    mask = acts_jax.weight_decay_mask(params)
    optimiser = optax.adamw(1.0, weight_decay=0.5, mask=acts_jax.weight_decay_mask)
    updates, _ = optimiser.update(jax.tree.map(jnp.zeros_like, params), optimiser.init(params), params)
    after = jax.tree.leaves(optax.apply_updates(params, updates))
    decays = jax.tree.leaves(mask)
    assert decays.count(False) == 1
    for old, new, decay in zip(jax.tree.leaves(params), after, decays, strict=True):
        np.testing.assert_array_equal(new, old * 0.5 if decay else old)


@pytest.mark.parametrize("num_parameters", [1, 3])
def test_checkpoint_of_a_plain_pytree(num_parameters, tmp_path):
    ocp = peer("orbax.checkpoint")
    params = {"w": jnp.ones((3, 3)), "act": acts_jax.PReLU.init(num_parameters, 0.1, axis=1, min_alpha=0.01)}
    shapes = jax.eval_shape(lambda: params)
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(tmp_path / "params", params)
    with ocp.StandardCheckpointer() as checkpointer:
        restored = checkpointer.restore(tmp_path / "params", shapes)
    assert (restored["act"].axis, restored["act"].min_alpha) == (1, 0.01)
    chex.assert_trees_all_equal(restored, params)


@pytest.mark.parametrize("name", NEEDS)
def test_command_line(name):
    peer(NEEDS[name])
    done = command(EXAMPLES / f"{name}.py")
    assert done.returncode == 0, done.stderr
    accuracy, restored = (line.rpartition(" ")[2] for line in done.stdout.splitlines() if "%" in line)
    assert accuracy == restored
    assert "learned alphas, one per hidden unit (64)" in done.stdout
    assert "840/840" in done.stderr


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart_models.md"])
def test_the_flax_model_of_a_page(page):
    nnx = peer("flax.nnx")
    (code,) = re.findall(r"```python\n((?:from|import) .*?)```", (EXAMPLES.parent / page).read_text(), flags=re.DOTALL)
    names = {}
    exec(code, names)
    block, x = names["Block"](4, rngs=nnx.Rngs(0)), jnp.asarray(drawn((2, 4)))
    slopes = nnx.grad(lambda block: block(x).sum())(block).learned.alpha[...]
    assert block(x).shape == x.shape
    assert slopes.shape == (4,)
    assert slopes.any()
