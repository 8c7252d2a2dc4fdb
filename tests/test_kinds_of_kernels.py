"""Whatever an author has: of each kind of kernel a right one is accepted, and the same with one fault is not.

Those of torch, Flax and Equinox run with `-m peers`.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from test_peers import peer

import acts
from acts.__main__ import main
from acts.testing import check


class WithArray:
    """An array of a library that acts has never heard of."""

    def __init__(self, array):
        self.array = np.asarray(array)

    def __array__(self, dtype=None, copy=None):
        return self.array


class WithDlpack:
    """The same by the other protocol alone."""

    def __init__(self, array):
        self.array = np.asarray(array)

    def __dlpack__(self, **asked):
        return self.array.__dlpack__(**asked)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def step(x):
    return (x > 0).astype(x.dtype)


BLOCKS = {"shape": (8, 128)}


def numpy_function(fault):
    return lambda x: x.clip(0.001 * fault, np.inf), "relu", {"derivative": step}


def numpy_with_vjp(fault):
    return lambda x: x.clip(0, np.inf), "relu", {"vjp": lambda x, g: step(x) * (1 if fault else g)}


def array_interface(fault):
    return lambda x: WithArray(acts.relu(x) * x.dtype.type(1 + fault)), "relu", {"derivative": step}


def dlpack(fault):
    return lambda x: WithDlpack(acts.relu(x) * x.dtype.type(1 + fault)), "relu", {"derivative": step}


def pair(fault):
    return (lambda x: (np.tanh(x), np.tanh(x)), lambda y, g: (g * (1 - (1 if fault else y) * y),)), "tanh", {}


def pair_of_a_gate(fault):
    def backward(saved, g):
        dx, dvalue = acts.swiglu.vjp(saved[0], g, saved[1])[:2]
        return (dvalue, dx) if fault else (dx, dvalue)

    return (lambda x, value: (acts.swiglu(x, value), (x, value)), backward), "swiglu", {}


def jax_function(fault):
    return lambda x: jnp.maximum(x, 0.001 * fault), "relu", {"shape": (4096,)}


def jax_custom_vjp(fault):
    kernel = jax.custom_vjp(jax.nn.silu)
    slope = lambda x: jax.vjp(jax.nn.silu, x)[1](jnp.ones_like(x))[0]  # noqa: E731
    kernel.defvjp(lambda x: (jax.nn.silu(x), x), lambda x, g: ((g * g if fault else g) * slope(x),))
    return kernel, "silu", {"shape": (4096,)}


def jax_blocks(fault):
    """Of one shape alone, of whose columns the last may be forgotten."""
    last = np.arange(128) == 127
    return lambda x: jnp.maximum(x, jnp.where(last & fault, x, jnp.zeros((8, 128), x.dtype))), "relu", BLOCKS


def renamed(fault):
    kernel = lambda x, weight: jnp.where(x > 0, x, weight * x + (x * x if fault else 0))  # noqa: E731
    return kernel, "prelu", {"params": {"weight": "alpha"}, "shape": (4096,)}


def torch_function(fault):
    torch = peer("torch")
    return lambda x: torch.nn.functional.gelu(x, approximate="tanh" if fault else "none"), "gelu", {}


def torch_module(fault):
    torch = peer("torch")

    class Leaky(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.tensor([0.25]))

        def forward(self, x):
            weight = self.weight.abs() if fault else self.weight
            return torch.nn.functional.prelu(x, weight)

    return Leaky(), "prelu", {"params": {"weight": "alpha"}}


def torch_autograd_function(fault):
    torch = peer("torch")

    class Silu(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return torch.nn.functional.silu(x)

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            s = torch.sigmoid(x)
            return g * s * (1 + x * (1 - s)) + (g.sum() if fault else 0)

    return Silu, "silu", {}


def torch_blocks(fault):
    torch = peer("torch")
    return lambda x: torch.relu(x.view(8, 128)) * (1 - 0.1 * fault), "relu", BLOCKS


def flax_linen(fault):
    linen = peer("flax.linen")

    class Leaky(linen.Module):
        @linen.compact
        def __call__(self, x):
            slope = self.param("slope", lambda key: jnp.float32(0.25)).astype(x.dtype)
            return jnp.where(x >= 0, x, (jax.lax.stop_gradient(slope) if fault else slope) * x)

    return Leaky(), "prelu", {"params": {"slope": "alpha"}}


def flax_nnx(fault):
    nnx = peer("flax.nnx")

    class Leaky(nnx.Module):
        def __init__(self):
            self.slope = nnx.Param(jnp.float32(0.25))

        def __call__(self, x):
            return jnp.where(x >= 0, x, self.slope[...].astype(x.dtype) * (x - fault))

    return Leaky(), "prelu", {"params": {"slope": "alpha"}}


def equinox_module(fault):
    eqx = peer("equinox")

    class Leaky(eqx.Module):
        slope: jax.Array

        def __call__(self, x):
            return jnp.where(x >= 0, x, self.slope.astype(x.dtype) * x) + 0.001 * fault

    return Leaky(jnp.float32(0.25)), "prelu", {"params": {"slope": "alpha"}}


KINDS = [numpy_function, numpy_with_vjp, array_interface, dlpack, pair, pair_of_a_gate]
KINDS += [jax_function, jax_custom_vjp, jax_blocks, renamed]
OF_PEERS = [torch_function, torch_module, torch_autograd_function, torch_blocks, flax_linen, flax_nnx, equinox_module]


@pytest.mark.parametrize("kind", [*KINDS, *(pytest.param(kind, marks=pytest.mark.peers) for kind in OF_PEERS)])
def test_the_right_one_is_accepted_and_the_wrong_one_is_not(kind):
    for fault, verdict in ((False, "pass"), (True, "fail")):
        candidate, function, given = kind(fault)
        report = check(candidate, function, dtypes=["float32"], **given)
        assert report.verdict == verdict, str(report)


LAYERS = [("torch.nn", "weight"), ("flax.linen", "negative_slope"), ("flax.nnx", "negative_slope")]
LAYERS += [("equinox.nn", "negative_slope")]


@pytest.mark.peers
@pytest.mark.parametrize(("module", "theirs"), LAYERS)
def test_the_layers_of_frameworks_have_a_slope_to_learn(module, theirs):
    layer = peer(module).PReLU()
    report = check(layer, "prelu", dtypes=["float32"], params={theirs: "alpha"})
    assert report.passed, str(report)
    assert {verdict.params["alpha"] for verdict in report.verdicts if verdict.name == "gradient of alpha"} >= {
        -1.5,
        2.5,
    }
    assert check(layer, "gelu", dtypes=["float32"]).verdict == "fail"


KERNELS = """
import numpy as np
def relu(x): return np.maximum(x, 0)
def relu6(x): return np.minimum(np.maximum(x, 0), 7)
def leaky(x, slope=0.01): return np.where(x > 0, x, slope * x)
"""


def test_from_a_file_several_with_a_name_for_each(tmp_path, monkeypatch, capsys):
    """Of NumPy, without derivatives: what is right is incomplete, 3."""
    (tmp_path / "kernels_of_mine.py").write_text(KERNELS)
    monkeypatch.chdir(tmp_path)
    file, types = "kernels_of_mine.py", ["--dtypes", "float32"]
    assert main(["check", f"{file}:relu", f"{file}:relu6", "--as", "relu", "--as", "relu6", *types]) == 1
    assert "2 checked, 1 FAIL: kernels_of_mine.py:relu6; 1 incomplete: k" in capsys.readouterr().out
    named = ["--as", "leaky_relu", "--params", "slope=negative_slope", *types]
    assert main(["check", f"{file}:leaky", *named]) == 3
    assert main(["check", f"{file}:relu", *named]) == 2
    assert "relu has no 'slope'" in capsys.readouterr().err


@pytest.mark.parametrize(("factor", "verdict"), [(1, "pass"), (2, "fail"), (None, "incomplete")])
def test_a_backward_pass_is_asked_for_the_cotangents_of_parameters(factor, verdict):
    def forward(x, alpha=1.0):
        return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))).astype(x.dtype), (x, alpha)

    def backward(kept, g):
        x, alpha = kept
        dx = np.where(x > 0, g, g * alpha * np.exp(np.minimum(x, 0))).astype(x.dtype)
        terms = np.where(x > 0, 0, g * np.expm1(np.minimum(x, 0)))
        return (dx,) if factor is None else (dx, (factor * terms.sum()).astype(x.dtype))

    assert check((forward, backward), "elu", dtypes=["float32"]).verdict == verdict
