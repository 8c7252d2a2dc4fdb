#!/usr/bin/env bash
# jax 0.10.2, jaxlib 0.10.2 (jax 0.12.0.1 behaves the same).
# A Pallas kernel that negates a constant, or chooses between two by a constant condition, does not lower for Triton:
# the errors are those of Pallas itself, and name neither the operation nor the constant. Interpret mode computes both, an
# exponential and a product of constants lower, and so does the negation once the constant has the shape of the array.
# A formula that is generated meets this where its parameters are numbers. No device is needed to see it.
# Output seen (what Triton's lowering says; element 0 in interpret mode, where x is 1):
#   x + -c: AttributeError; -2.0
#   x + where(c > 0, 1, 2): AssertionError; 2.0
#   x + exp(c): lowers; 21.0855
#   x * (c * c): lowers; 9.0
#   x + -full_like(x, c): lowers; -2.0
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
from jax.experimental import pallas
from jax.experimental.pallas import triton
from jax.sharding import AbstractDevice, AbstractMesh, AxisType

BODIES = {
    "x + -c": lambda x: x + jnp.negative(jnp.float32(3)),
    "x + where(c > 0, 1, 2)": lambda x: x + jnp.where(jnp.float32(3) > 0, 1.0, 2.0),
    "x + exp(c)": lambda x: x + jnp.exp(jnp.float32(3)),
    "x * (c * c)": lambda x: x * (jnp.float32(3) * jnp.float32(3)),
    "x + -full_like(x, c)": lambda x: x + jnp.negative(jnp.full_like(x, 3)),
}
SHAPE = jax.ShapeDtypeStruct((16, 128), jnp.float32)
DEVICE = AbstractDevice("NVIDIA H100", 1, "gpu")


def outcome(body):
    def kernel(x, y):
        y[...] = body(x[...])

    interpreted = pallas.pallas_call(kernel, out_shape=SHAPE, interpret=True)(jnp.ones(SHAPE.shape))
    call = pallas.pallas_call(kernel, out_shape=SHAPE, compiler_params=triton.CompilerParams())
    mesh = AbstractMesh((1,), ("x",), axis_types=(AxisType.Auto,), abstract_device=DEVICE)
    with jax.sharding.use_abstract_mesh(mesh):
        try:
            jax.jit(call).trace(SHAPE).lower(lowering_platforms=("cuda",))
            lowering = "lowers"
        except (AttributeError, AssertionError) as error:
            lowering = type(error).__name__
    return f"{lowering}; {round(float(interpreted[0, 0]), 4)}"


expected = [line[4:].rstrip() for line in open(sys.argv[1]) if re.match(r"#   x ", line)]
seen = [f"{name}: {outcome(body)}" for name, body in BODIES.items()]
print(f"jax {jax.__version__}", *seen, sep="\n")
sys.exit(0 if seen == expected and len(seen) == 5 else "the behaviour has changed")
PYTHON
