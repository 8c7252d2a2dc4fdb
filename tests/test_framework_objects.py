"""The functions of acts_jax as what Flax, Equinox and Keras keep: fields, activations of a saved model, checkpoints."""

import importlib
import inspect

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from support import FUNCTIONS
from test_peers import peer

import acts
import acts_jax
from acts.testing import example_parameters
from acts_jax import PReLU, interchange

pytestmark = pytest.mark.peers
X = jnp.linspace(-2, 2, 8).reshape(2, 4)


def kinds(function):
    """A function, its derivative and a face, as a configuration may name them, made anew."""
    f = acts_jax.get(function.__name__, **example_parameters(function))
    return [f, acts_jax.derivative(f), acts_jax.as_custom_vjp(f)]


def holders():
    """A module of each framework that holds an activation in a static field, and its call."""
    nnx, linen, eqx = peer("flax.nnx"), peer("flax.linen"), peer("equinox")

    class OfNNX(nnx.Module):
        def __init__(self, act):
            self.act = act

        def __call__(self, x):
            return self.act(x)

    class OfLinen(linen.Module):
        act: object

        def __call__(self, x):
            return self.act(x)

    class OfEquinox(eqx.Module):
        act: object = eqx.field(static=True)

        def __call__(self, x):
            return self.act(x)

    return [
        (nnx.jit, OfNNX, lambda module, x: module(x), {}),
        (jax.jit, OfLinen, lambda module, x: module.apply({}, x), {"static_argnums": 0}),
        (eqx.filter_jit, OfEquinox, lambda module, x: module(x), {}),
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_field_traces_once(function):
    for jit, holder, call, options in holders():
        traces = []

        def apply(module, x, call=call, traces=traces):
            traces.append(1)
            return call(module, x)

        jitted = jit(apply, **options)
        for _ in range(2):
            for act in kinds(function):
                np.testing.assert_array_equal(jitted(holder(act), X), jax.jit(act)(X))
        assert len(traces) == 3, holder


OF_ROWS = ("softmax", "log_softmax", "hardmax", "solu", "sparsemax", "entmax15", "squash", "gaussian_topk")
CATALOGUE = ("golu", "pelu", "soft_clipping")


def needs_parameters(act):
    return any(p.default is p.empty for p in list(inspect.signature(act).parameters.values())[1:])


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
def test_a_keras_model_saves_and_loads(tmp_path):
    """Every function, its derivative, and each with parameters bound, also to an array; one after the other.

    Of rows, of acts_jax.nn and of one line, too.
    """
    keras = peer("keras")
    importlib.import_module("acts_jax.keras")
    plain = [act for act in map(acts_jax.get, acts.names()) if not needs_parameters(act)]
    bound = [act for name in acts.names() for act in kinds(acts.get(name))[:2] if acts.get(name).params]
    channels = acts_jax.get("prelu", alpha=np.linspace(0, 1, 4), axis=-1)
    every = [*plain, *map(acts_jax.derivative, plain), *bound, channels, *map(acts_jax.get, OF_ROWS)]
    every += [acts_jax.nn.gelu, acts_jax.nn.silu, acts_jax.nn.softmax, acts_jax.get("softmax", axis=0)]
    for f in (*map(acts_jax.get, CATALOGUE), acts_jax.define("bent(x, a) = x + a * exp(-x**2)", defaults={"a": 1.0})):
        every += [f, acts_jax.derivative(f), acts_jax.second_derivative(f)]
    every += [acts_jax.get("pelu", alpha=2.0), acts_jax.derivative(acts_jax.get("pelu", alpha=2.0))]
    layers = [keras.layers.Dense(4, activation=act) for act in every]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    found = [layer.activation for layer in loaded.layers]
    assert [a for a, b in zip(every, found, strict=True) if a != b] == []
    x = np.asarray(X)
    for before, after in zip(model.layers, loaded.layers, strict=True):
        np.testing.assert_array_equal(before(x), after(x))


@pytest.mark.parametrize("layer", [PReLU.init(), PReLU.init(3, axis=1, min_alpha=0.125, dtype=jnp.bfloat16)])
def test_flax_serialization_turns_a_prelu_into_bytes_and_back(layer):
    serialization = peer("flax.serialization")
    importlib.import_module("acts_jax.linen")
    params = {"w": jnp.ones(2), "act": layer}
    blank = jax.tree.map(jnp.zeros_like, params)
    chex.assert_trees_all_equal(serialization.from_bytes(blank, serialization.to_bytes(params)), params)
    assert serialization.to_state_dict(params)["act"] == {"alpha": layer.alpha}
    with pytest.raises(KeyError, match="alpha"):
        serialization.from_state_dict(layer, {"slope": layer.alpha})


def test_nnx_takes_its_own_prelu_and_another_one_as_data_only():
    nnx, ours = peer("flax.nnx"), importlib.import_module("acts_jax.nnx")
    linear = nnx.Linear(4, 4, rngs=nnx.Rngs(0))

    def gradient(layer):
        graph = nnx.grad(lambda model: model(X).sum())(nnx.Sequential(linear, layer))
        return nnx.to_pure_dict(graph)["layers"]

    assert gradient(ours.PReLU(4))[1]["alpha"].shape == (4,)
    assert 1 not in gradient(nnx.data(PReLU.init(4)))  # no nnx.Param, and so not learned, as its docstring says
    with pytest.raises(ValueError, match=r"PReLU.*nnx\.data"):
        nnx.Sequential(linear, PReLU.init(4))


def test_checkpoints_of_flax_load_by_name():
    linen, ours = peer("flax.linen"), importlib.import_module("acts_jax.linen")

    def network(prelu):
        return linen.Sequential([linen.Dense(4), prelu.PReLU(), linen.Dense(3), prelu.PReLU()])

    params = network(linen).init(jax.random.key(0), X)
    params["params"]["layers_1"]["negative_slope"] += 0.5
    loaded = interchange.from_flax(params)
    chex.assert_trees_all_equal_structs(loaded, network(ours).init(jax.random.key(0), X))
    np.testing.assert_array_equal(network(ours).apply(loaded, X), network(linen).apply(params, X))
    chex.assert_trees_all_equal(interchange.to_flax(loaded), params)


def test_checkpoints_of_nnx_load_by_name():
    nnx, ours = peer("flax.nnx"), importlib.import_module("acts_jax.nnx")

    def network(prelu):
        return nnx.Sequential(nnx.Linear(4, 4, rngs=nnx.Rngs(0)), prelu.PReLU())

    theirs, mine = network(nnx), network(ours)
    theirs.layers[1].negative_slope[...] = jnp.float32(0.5)
    state = nnx.state(mine)
    nnx.replace_by_pure_dict(state, interchange.from_flax(nnx.to_pure_dict(nnx.state(theirs))))
    nnx.update(mine, state)
    np.testing.assert_array_equal(mine(X), theirs(X))
