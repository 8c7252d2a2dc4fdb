#!/usr/bin/env bash
# jax 0.10.2, jaxlib 0.10.2, numpy 2.4.6, on a CPU (x86-64).
# jax.numpy.log1p in float64 is off by a hundred units in the last place and more for some x near -0.4, where NumPy's is
# within one of the true value (mpmath); for x in [0.1, 1] it is good to a few.
# Output seen:
#   ulp: jax near -0.4 128.2, jax in [0.1, 1] 1.9, numpy near -0.4 0.5
# The script fails if the first figure is below 20, or one of the others above 8.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "jax==0.10.2" "jaxlib==0.10.2" "numpy==2.4.6" "mpmath==1.3.0"
JAX_PLATFORMS=cpu JAX_ENABLE_X64=1 "$folder/venv/bin/python" - <<'PYTHON'
import sys

import jax
import jax.numpy as jnp
import mpmath
import numpy as np

mpmath.mp.dps = 40


def largest(function, x):
    true = [mpmath.log1p(mpmath.mpf(v)) for v in x.tolist()]
    got = np.asarray(function(x)).tolist()
    return max(float(abs(g - t) / np.spacing(abs(float(t)))) for g, t in zip(got, true, strict=True))


near, right = np.linspace(-0.45, -0.38, 2000), np.linspace(0.1, 1, 2000)
found = largest(jax.jit(jnp.log1p), near), largest(jax.jit(jnp.log1p), right), largest(np.log1p, near)
print("ulp: jax near -0.4 {:.1f}, jax in [0.1, 1] {:.1f}, numpy near -0.4 {:.1f}".format(*found))
sys.exit(0 if found[0] > 20 and max(found[1:]) < 8 else "the behaviour has changed")
PYTHON
