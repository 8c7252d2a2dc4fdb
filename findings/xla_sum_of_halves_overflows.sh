#!/usr/bin/env bash
# jax 0.10.2, CPU (0.12.0.1 does the same): under jit, a * 0.5 + b * 0.5 is inf at a = b = 3e38 in float32, where every
# intermediate as written is finite and the same line without jit gives 3e+38: XLA takes the common factor out and adds first.
# Written with a division, a / 2 + b / 2, it is 3e+38 on the CPU. So the customary way to average without overflow overflows.
# Seen: jit inf, eager 3e+38, jit with / 3e+38, jit of a + (b - a) * 0.5 3e+38.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 ml_dtypes==0.5.4
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PY'
import jax
import jax.numpy as jnp
import numpy as np

a = jnp.float32(3e38)
halves = lambda a, b: a * 0.5 + b * 0.5
jitted, eager = float(jax.jit(halves)(a, a)), float(halves(a, a))
divided = float(jax.jit(lambda a, b: a / 2 + b / 2)(a, a))
difference = float(jax.jit(lambda a, b: a + (b - a) * 0.5)(a, a))
print("jit", jitted, "eager", eager, "jit with /", divided, "jit of a + (b - a) * 0.5", difference)
assert np.isinf(jitted)
assert eager == divided == difference == float(a)
PY
