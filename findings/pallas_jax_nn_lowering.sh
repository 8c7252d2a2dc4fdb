#!/usr/bin/env bash
# jax 0.10.2, jaxlib 0.10.2 (jax 0.12.0.1 behaves the same).
# Inside a Pallas kernel, jax.nn.gelu(x, approximate=False) lowers neither for TPU nor for Triton, and jax.nn.elu, celu and
# selu do not lower for TPU, though jax.lax.erf lowers for TPU and jnp.exp for both. No device is needed to see it.
# Output seen:
#   tpu gelu exact: Unimplemented primitive in Pallas TPU lowering for tc: erfc
#   tpu elu: Unimplemented primitive in Pallas TPU lowering for tc: expm1
#   tpu celu: Unimplemented primitive in Pallas TPU lowering for tc: expm1
#   tpu selu: Unimplemented primitive in Pallas TPU lowering for tc: expm1
#   tpu gelu tanh: lowers
#   tpu erf: lowers
#   cuda gelu exact: Unimplemented primitive in Pallas Triton lowering: erfc
#   cuda elu: lowers
#   cuda celu: lowers
#   cuda selu: lowers
#   cuda gelu tanh: lowers
#   cuda erf: Unimplemented primitive in Pallas Triton lowering: erf
# The script fails if any of these lines changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "jax==0.10.2" "jaxlib==0.10.2"
JAX_PLATFORMS=cpu "$folder/venv/bin/python" -W ignore - "$0" <<'PYTHON'
import re
import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import pallas
from jax.experimental.pallas import tpu, triton
from jax.sharding import AbstractDevice, AbstractMesh, AxisType

PLATFORMS = {
    "tpu": (AbstractDevice("TPU v5 lite", 1, "tpu"), tpu.CompilerParams()),
    "cuda": (AbstractDevice("NVIDIA H100", 1, "gpu"), triton.CompilerParams()),
}
FUNCTIONS = {
    "gelu exact": lambda x: jax.nn.gelu(x, approximate=False),
    "elu": jax.nn.elu,
    "celu": jax.nn.celu,
    "selu": jax.nn.selu,
    "gelu tanh": jax.nn.gelu,
    "erf": jax.lax.erf,
}


def outcome(platform, function):
    def kernel(x, y):
        y[...] = function(x[...])

    device, parameters = PLATFORMS[platform]
    mesh = AbstractMesh((1,), ("x",), axis_types=(AxisType.Auto,), abstract_device=device)
    x = np.zeros((8, 128), np.float32)
    with jax.sharding.use_abstract_mesh(mesh):
        shape = jax.ShapeDtypeStruct(x.shape, jnp.float32)
        call = jax.jit(pallas.pallas_call(kernel, out_shape=shape, compiler_params=parameters))
        try:
            call.trace(x).lower(lowering_platforms=(platform,))
        except NotImplementedError as error:
            return re.search(r"Unimplemented primitive in [\w ]+(?: for tc)?: \w+", str(error))[0]
    return "lowers"


expected = [line[4:].rstrip() for line in open(sys.argv[1]) if re.match(r"#   (tpu|cuda) ", line)]
seen = [f"{platform} {name}: {outcome(platform, f)}" for platform in PLATFORMS for name, f in FUNCTIONS.items()]
print(f"jax {jax.__version__}", *seen, sep="\n")
sys.exit(0 if seen == expected and len(seen) == 12 else "the behaviour has changed")
PYTHON
