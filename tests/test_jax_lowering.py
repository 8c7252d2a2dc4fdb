"""Every function and its gradient lower for every platform, and the bare body inside a Pallas kernel for TPU."""

import inspect

import jax
import jax.export
import jax.numpy as jnp
import pytest
from jax.experimental import pallas
from jax.sharding import AbstractDevice, AbstractMesh, AxisType
from support import FUNCTIONS

import acts_jax
from acts.testing import example_parameters

PLATFORMS = ("cpu", "cuda", "rocm", "tpu")
TPU = AbstractMesh(
    (1,), ("core",), axis_types=(AxisType.Auto,), abstract_device=AbstractDevice("TPU v5 lite", 1, "tpu")
)  # Pallas asks which kind of TPU it lowers for


def mirror(function):
    return acts_jax.get(function.__name__)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_and_gradient_lower_for_every_platform(function, dtype):
    args = [jax.ShapeDtypeStruct(shape, dtype) for shape in ((8, 128), *[()] * len(function.params))]
    both = lambda *args: (mirror(function)(*args), jax.vjp(mirror(function), *args)[1](args[0]))  # noqa: E731
    exported = jax.export.export(jax.jit(both), platforms=PLATFORMS)(*args)
    assert exported.platforms == PLATFORMS
    assert "custom_call" not in exported.mlir_module()  # plain operations, which every platform has


def in_a_kernel(body, dtype, *params):
    """The module of a Pallas kernel for TPU that applies the body to a block, computed in float32 as everywhere."""

    def kernel(x, y):
        y[...] = body(x[...].astype(jnp.float32), *params).astype(dtype)

    block = jax.ShapeDtypeStruct((8, 128), dtype)
    with jax.sharding.use_abstract_mesh(TPU), jax.enable_x64(False):  # a TPU has no float64
        call = jax.jit(pallas.pallas_call(kernel, out_shape=block))
        return jax.export.export(call, platforms=["tpu"])(block).mlir_module()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_bare_body_lowers_in_a_pallas_kernel_for_tpu(function, dtype):
    body = inspect.unwrap(mirror(function))
    assert "tpu_custom_call" in in_a_kernel(body, dtype, *example_parameters(function).values())


def test_a_barrier_would_not_lower_in_a_kernel():
    with pytest.raises(NotImplementedError, match="optimization_barrier"):
        in_a_kernel(lambda x: jax.lax.optimization_barrier(jnp.exp(x)), "float32")
