#!/usr/bin/env bash
# keras 3.15.1 (backend jax 0.10.2, CPU).
# keras.activations.sparsemax projects a row on the probability simplex, so that its entries add up to 1. Of rows with
# three or more entries that are close together it gives zeros: [0.1, 0.2, 0.3, 0.15, 0.05, 0] becomes six zeros, where the
# projection is that row plus a constant. Rows with one large entry come out right, which hides it.
# Output seen:
#   [5, 0, 0, 0, 0, 0]: sum 1.0
#   [0.1, 0.2, 0.3, 0.15, 0.05, 0]: sum 0.0
#   [2, 1.9, 1.8, -5, -6, -7]: sum 0.0
# The script fails if these sums change.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "keras==3.15.1" "jax==0.10.2" "jaxlib==0.10.2"
KERAS_BACKEND=jax JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PYTHON'
import sys

import keras
import numpy as np

rows = ([5, 0, 0, 0, 0, 0], [0.1, 0.2, 0.3, 0.15, 0.05, 0], [2, 1.9, 1.8, -5, -6, -7])
sums = [float(np.sum(keras.activations.sparsemax(np.array([row], np.float32)))) for row in rows]
print(f"keras {keras.__version__}", *(f"{row}: sum {total}" for row, total in zip(rows, sums)), sep="\n")
sys.exit(0 if np.allclose(sums, [1, 0, 0]) else "the behaviour has changed")
PYTHON
