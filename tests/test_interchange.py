"""PReLU's slopes to and from other frameworks, by value: the libraries themselves compute what is compared."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from test_peers import peer
from test_prelu import CUBE, drawn

from acts_jax import PReLU, interchange

IMAGE = (2, 3, 4, 5)
SLOPES = [  # the shape of x, and that of slopes that broadcast to it
    (IMAGE, ()),
    (IMAGE, (1,)),
    (IMAGE, (1, 1, 1)),
    (IMAGE, (5,)),
    (IMAGE, (4, 1)),
    (IMAGE, (3, 1, 1)),
    (IMAGE, (1, 3, 1, 1)),
    (IMAGE, (3, 1, 5)),
    (IMAGE, (3, 4, 5)),
    (CUBE, (3,)),
    (CUBE, (3, 1)),
    (CUBE, (3, 1, 1)),
    ((2, 3), (3,)),
    ((3,), (3,)),
    ((), ()),
]


def applied(x, slope):
    return np.where(x > 0, x, slope * x)


@pytest.mark.parametrize(("shape", "slopes"), SLOPES, ids=str)
def test_slopes_that_broadcast_there_and_back(shape, slopes):
    x, slope = drawn(shape), drawn(slopes, 1)
    layer = interchange.from_slope(slope)
    np.testing.assert_array_equal(layer(x), applied(x, slope))
    assert layer.alpha.ndim <= 1 or layer.alpha.shape == slopes  # per channel wherever that is possible
    np.testing.assert_array_equal(applied(x, interchange.to_slope(layer, shape)), applied(x, slope))


def test_slopes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"PReLU: alpha has shape \(3,\), but x has 4 channels on axis 2"):
        interchange.to_slope(PReLU.init(3, axis=2), IMAGE)
    with pytest.raises(ValueError, match="say which axis holds the channels"):
        interchange.to_slope(PReLU.init(3), IMAGE)
    with pytest.raises(ValueError, match=r"axis 1; these have shape \(1, 1, 1, 5\) for x \(2, 3, 4, 5\)"):
        interchange.to_torch(PReLU.init(5, axis=-1), IMAGE)
    with pytest.raises(ValueError, match=r"axis 1; these have shape \(3,\) for x \(3,\)"):
        interchange.to_torch(PReLU.init(3), (3,))
    with pytest.raises(ValueError, match=r"axis 0, the batch; these have shape \(2, 1, 1, 1\)"):
        interchange.to_keras(PReLU.init(2, axis=0), IMAGE)


def test_the_bound_goes_out_applied_and_bfloat16_as_float32():
    layer = PReLU(jnp.array([-1.0, 0.5], jnp.bfloat16), axis=1, min_alpha=0.25)
    for out in (interchange.to_torch(layer, (1, 2)), interchange.to_slope(layer, (1, 2))[0]):
        assert (out.tolist(), out.dtype) == ([0.25, 0.5], np.float32)


def test_what_is_no_weight_is_refused():
    with pytest.raises(ValueError, match=r"shape \(1,\) or \(C,\); this has \(2, 3\)"):
        interchange.from_torch(np.ones((2, 3), np.float32))
    with pytest.raises(ValueError, match=r"no slopes in an array of shape \(0,\)"):
        interchange.from_keras(np.ones(0, np.float32))
    for wrong in (np.ones(3, int), np.ones(3, complex), {"weight": np.ones(3)}):
        with pytest.raises(TypeError, match=f"this is a {type(wrong).__name__} of dtype"):
            interchange.from_torch(wrong)


def test_parameters_of_flax_are_renamed_and_copied():
    slope = jnp.float32(0.5)
    theirs = {"a": {"negative_slope": slope}, "b": [1], "c": {"d": {"negative_slope": slope, "w": slope}}}
    ours = {"a": {"alpha": slope}, "b": [1], "c": {"d": {"alpha": slope, "w": slope}}}
    assert interchange.from_flax(theirs) == ours
    assert interchange.to_flax(ours) == theirs
    with pytest.raises(LookupError, match="no 'negative_slope' in these parameters"):
        interchange.from_flax(ours)
    with pytest.raises(LookupError, match="no 'alpha' in these parameters"):
        interchange.to_flax(theirs)
    with pytest.raises(ValueError, match=r"one slope for all channels; these have shape \(3,\)"):
        interchange.to_flax({"a": {"alpha": jnp.ones(3)}})
    with pytest.raises(TypeError, match="floating type"):
        interchange.from_flax({"negative_slope": np.ones((), int)})


@pytest.mark.peers
def test_a_tensor_goes_to_the_default_device():
    torch, device = peer("torch"), jax.devices()[-1]
    with jax.default_device(device):
        layer = interchange.from_torch(torch.nn.PReLU(3).weight)
        assert layer.alpha.devices() == {device}
        assert not layer.alpha.committed
        assert layer(jnp.ones((2, 3))).devices() == {device}


@pytest.mark.peers
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize(
    ("shape", "channels"), [((), 1), ((4,), 1), ((2, 3), 3), ((2, 1), 1), (CUBE, 3), (CUBE, 1), ((2, 3, 4, 5, 6), 3)]
)
def test_torch(shape, channels, dtype):
    torch = peer("torch")
    x = torch.from_numpy(np.asarray(drawn(shape))).to(getattr(torch, dtype))
    theirs = torch.nn.PReLU(channels, dtype=x.dtype)
    with torch.no_grad():
        theirs.weight.copy_(torch.from_numpy(drawn((channels,), 1)))
    layer = interchange.from_torch(theirs.weight)
    assert layer.alpha.dtype == dtype
    assert interchange.from_torch(theirs.state_dict()["weight"]).alpha.tolist() == layer.alpha.tolist()
    want = theirs(x).detach().float().numpy()
    np.testing.assert_array_equal(layer(jnp.asarray(x.float().numpy(), dtype)).astype(jnp.float32), want)

    back = torch.nn.PReLU(channels, dtype=x.dtype)
    back.load_state_dict({"weight": torch.from_numpy(interchange.to_torch(layer, shape))})
    np.testing.assert_array_equal(back(x).detach().float().numpy(), want)

    before = layer.alpha.tolist()
    with torch.no_grad():
        theirs.weight.mul_(2)
    assert layer.alpha.tolist() == before


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")  # get_weights
@pytest.mark.parametrize(
    ("shape", "shared_axes"),
    [((2, 3), None), ((2, 3), [1]), (IMAGE, None), (IMAGE, [2]), (IMAGE, [1, 2]), (IMAGE, [2, 3]), (IMAGE, [1, 2, 3]),
     (CUBE, [1, 2]), (CUBE, [1, 3]), (CUBE, [2, 3])],
)  # fmt: skip
def test_keras(shape, shared_axes):
    keras, x = peer("keras"), drawn(shape)
    theirs = keras.layers.PReLU(shared_axes=shared_axes)
    theirs.build(shape)
    theirs.set_weights([drawn(theirs.alpha.shape, 1)])
    layer = interchange.from_keras(theirs.get_weights()[0])
    np.testing.assert_array_equal(layer(x), theirs(x))

    weight, axes = interchange.to_keras(layer, (None, *shape[1:]))
    assert axes == (shared_axes or [])
    back = keras.layers.PReLU(shared_axes=axes)
    back.build(shape)
    back.set_weights([weight])
    np.testing.assert_array_equal(back(x), theirs(x))


@pytest.mark.peers
@pytest.mark.parametrize(("shape", "slopes"), SLOPES, ids=str)
def test_onnx(shape, slopes):
    onnx, x = peer("onnx"), drawn(shape)
    model = one_node_model(onnx, shape, drawn(slopes, 1))
    layer = interchange.from_slope(onnx.numpy_helper.to_array(model.graph.initializer[0]))
    want = evaluated(model, x)
    np.testing.assert_array_equal(layer(x), want)
    slope = interchange.to_onnx(layer, shape)
    assert slope.ndim == len(shape), "the same axis in every runtime"
    back = one_node_model(onnx, shape, slope)
    np.testing.assert_array_equal(evaluated(back, x), want)


def one_node_model(onnx, shape, slope):
    single = onnx.TensorProto.FLOAT
    x, y = (onnx.helper.make_tensor_value_info(name, single, shape) for name in "xy")
    node = onnx.helper.make_node("PRelu", ["x", "slope"], ["y"])
    initializer = onnx.numpy_helper.from_array(np.asarray(slope), "slope")
    graph = onnx.helper.make_graph([node], "prelu", [x], [y], [initializer])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", onnx.defs.onnx_opset_version())])
    onnx.checker.check_model(model, full_check=True)
    return model


def evaluated(model, x):
    return peer("onnx.reference").ReferenceEvaluator(model).run(None, {"x": x})[0]


@pytest.mark.peers
@pytest.mark.parametrize("slopes", [(), (5,), (3, 1, 1)], ids=str)
def test_equinox(slopes):
    eqx, image = peer("equinox"), drawn(IMAGE)
    theirs = eqx.nn.PReLU(jnp.asarray(drawn(slopes, 1)))
    layer = interchange.from_slope(theirs.negative_slope)
    want = jax.vmap(theirs)(image)
    np.testing.assert_array_equal(layer(image), want)
    np.testing.assert_array_equal(jax.vmap(layer)(image), want)
    back = eqx.nn.PReLU(jnp.asarray(interchange.to_slope(layer, IMAGE[1:])))
    assert back.negative_slope.ndim <= 3
    np.testing.assert_array_equal(jax.vmap(back)(image), want)


@pytest.mark.peers
def test_flax():
    """Its layers have one shared slope."""
    nnx, linen, x = peer("flax.nnx"), peer("flax.linen"), drawn(IMAGE)
    theirs = nnx.PReLU(0.5)
    layer = interchange.from_slope(theirs.negative_slope[...])
    np.testing.assert_array_equal(layer(x), theirs(x))
    slope = jnp.asarray(interchange.to_slope(layer, x.shape))
    np.testing.assert_array_equal(linen.PReLU().apply({"params": {"negative_slope": slope}}, x), theirs(x))
