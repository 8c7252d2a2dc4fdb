"""Every function and its gradient lower for every platform; test_pallas.py is about kernels."""

import jax
import jax.export
import pytest
from support import FUNCTIONS

import acts_jax

PLATFORMS = ("cpu", "cuda", "rocm", "tpu")


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
