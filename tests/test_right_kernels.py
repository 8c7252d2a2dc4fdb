"""The kit accuses no right kernel: functions and layers of JAX, Flax, Equinox, torch, Keras."""

import importlib

import jax
import pytest
from mutants import ONE_SHAPE

import acts
from acts.cli.kernels import namespace
from acts.dialects import ROWS
from acts.testing import check
from acts.testing.conforms import DTYPES
from acts.testing.peers import parameters

MODULES = {"jax": "jax", "torch": "torch", "F": "torch.nn.functional", "keras": "keras"}


def right_kernels(framework, *marks):
    """(the row, our function with its parameters) of every row of the dialects that is a function of x alone."""
    rows = [row for row in ROWS if row.framework == framework and "=alpha" not in row.theirs]
    pairs = [(row, acts.get(name)) for name in acts.names() for row in rows]
    found = [(row, f, parameters(row, f)) for row, f in pairs]
    return [
        pytest.param(row, f.bind(**given), id=row.theirs, marks=marks) for row, f, given in found if given is not None
    ]


IN_JAX = right_kernels("jax")
PEERS = [*IN_JAX, *right_kernels("torch"), *right_kernels("keras")]


def checked(row, function, **given):
    names = {short: pytest.importorskip(name) for short, name in MODULES.items() if f"{short}." in row.theirs}
    kernel = lambda x: eval(row.theirs, {**names, "x": x})  # noqa: E731
    kernel.__name__ = row.theirs
    return check(kernel, function, **given)


def types_of(row, *types):
    """Those that are asked for; of a layer of Keras the one that it casts to."""
    return types[:1] if ".layers." in row.theirs else types


def test_there_are_90_of_them():
    assert len(PEERS) >= 90


@pytest.mark.parametrize(("row", "function"), IN_JAX)
def test_no_function_of_jax_nn_is_accused(row, function):
    report = checked(row, function, dtypes=["float32"], **ONE_SHAPE)
    assert report.passed or row.defect, report


@pytest.mark.peers
@pytest.mark.parametrize(("row", "function"), PEERS)
def test_no_function_is_accused_but_of_its_known_defect(row, function):
    report = checked(row, function, dtypes=types_of(row, "float32", "bfloat16"), **ONE_SHAPE)
    assert report.passed == (not row.defect), report


@pytest.mark.peers
@pytest.mark.exhaustive
@pytest.mark.parametrize(("row", "function"), PEERS)
def test_no_function_is_accused_in_any_shape_or_type(row, function):
    report = checked(row, function, dtypes=types_of(row, *DTYPES))
    assert report.passed == (not row.defect), report


TORCH_LAYERS = {
    **{"CELU": "celu", "ELU": "elu", "GELU": "gelu", "Hardshrink": "hardshrink", "Hardsigmoid": "hard_sigmoid"},
    **{"Hardswish": "hard_swish", "Hardtanh": "hard_tanh", "LeakyReLU": "leaky_relu", "LogSigmoid": "log_sigmoid"},
    **{"Mish": "mish", "PReLU": "prelu", "ReLU": "relu", "ReLU6": "relu6", "SELU": "selu", "SiLU": "silu"},
    **{"Sigmoid": "sigmoid", "Softplus": "softplus", "Softshrink": "softshrink", "Softsign": "softsign"},
    **{"Tanh": "tanh", "Tanhshrink": "tanhshrink"},
}


@pytest.mark.peers
@pytest.mark.parametrize("layer", TORCH_LAYERS)
def test_no_layer_of_torch_is_accused_in_any_shape_or_with_strides(layer):
    torch = pytest.importorskip("torch")
    params = {"weight": "alpha"} if layer == "PReLU" else None
    report = check(getattr(torch.nn, layer)(), TORCH_LAYERS[layer], dtypes=["float32"], params=params)
    assert report.passed, report


@pytest.mark.peers
@pytest.mark.parametrize("place", ["flax.linen", "flax.nnx", "equinox.nn"])
def test_no_prelu_layer_is_accused(place):
    pytest.importorskip(place)
    layer = importlib.import_module(place).PReLU()
    report = check(layer, "prelu", dtypes=["float32"], params={"negative_slope": "alpha"})
    assert report.passed, report


@pytest.mark.peers
@pytest.mark.parametrize(("place", "at_least"), [
    ("jax.nn", 24), ("flax.linen", 18), ("flax.nnx", 19), ("torch.nn.functional", 21), ("torch", 8),
    ("keras.activations", 25), ("keras.ops", 22),
])  # fmt: skip
def test_a_namespace_is_walked_whole_and_its_own_functions_are_not_accused(place, at_least):
    pytest.importorskip(place.partition(".")[0])
    work = list(namespace(place, None))
    assert len(work) >= at_least
    for name, candidate, function, defect in work:
        if candidate is not getattr(jax.nn, name.rpartition(".")[2], None):
            report = check(candidate, function, dtypes=["float32"], **ONE_SHAPE)
            assert report.passed or defect, report
