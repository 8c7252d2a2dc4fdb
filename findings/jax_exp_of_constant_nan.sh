#!/usr/bin/env bash
# jax 0.10.2, jaxlib 0.10.2, on a CPU (x86-64).
# jax.jit(lambda x: jnp.exp(c * x)) with a constant c that is NaN gives arbitrary finite numbers, other ones in each run.
# IEEE 754, NumPy, the same line without jit, and jit with c as an argument all give NaN. So a NaN that reached a number
# closed over by a jitted function (a slope, a temperature) vanishes. (jax 0.12.0.1 gives NaN here, but in some runs finite
# numbers for jax.jit(lambda x: x / (1 + jnp.exp(c * x))) of one element.)
# Output seen:
#   no jit: 1000 of 1000 are NaN
#   c an argument: 1000 of 1000 are NaN
#   c a constant: 0 of 1000 are NaN
# The script fails if the first two lines change, or the constant gives NaN everywhere.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "jax==0.10.2" "jaxlib==0.10.2"
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PYTHON'
import sys

import jax
import jax.numpy as jnp


def f(x, c):
    return jnp.exp(c * x)


x, c = jnp.full(1000, 1.5), float("nan")
ways = {"no jit": f(x, c), "c an argument": jax.jit(f)(x, c), "c a constant": jax.jit(lambda x: f(x, c))(x)}
found = {way: int(jnp.isnan(y).sum()) for way, y in ways.items()}
print(f"jax {jax.__version__}", *(f"{way}: {count} of 1000 are NaN" for way, count in found.items()), sep="\n")
unchanged = found["no jit"] == found["c an argument"] == 1000 > found["c a constant"]
sys.exit(0 if unchanged else "the behaviour has changed")
PYTHON
