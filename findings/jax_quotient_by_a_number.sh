#!/usr/bin/env bash
# jax 0.10.2, CPU: a float32 array divided by a number is not rounded right: for 1000, 2000, ... 999000 divided by 1000, 731 of
# 999 quotients are not whole, with or without jit, and also where the number comes as an argument: XLA multiplies by its
# reciprocal. lax.div of two arrays and NumPy give all 999. So jnp.round(x, 3), which ends in such a division, turns 3.0
# into 3.0000002.
# Seen: by a constant 731, by an argument 731, by an array 0, numpy 0; jnp.round changes 731 whole numbers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 ml_dtypes==0.5.4
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PY'
import jax
import jax.numpy as jnp
import numpy as np

whole = np.arange(1, 1000, dtype=np.float32)
thousands = whole * 1000


def wrong(quotients):
    return int(np.sum(np.asarray(quotients) != whole))


found = {
    "by a constant": wrong(jnp.asarray(thousands) / 1000),
    "by an argument": wrong(jax.jit(lambda a, b: a / b)(thousands, np.float32(1000))),
    "by an array": wrong(jax.lax.div(jnp.asarray(thousands), jnp.full_like(thousands, 1000))),
    "numpy": wrong(thousands / np.float32(1000)),
    "round": wrong(jnp.round(whole, 3)),
}
print(found)
assert found == {"by a constant": 731, "by an argument": 731, "by an array": 0, "numpy": 0, "round": 731}
PY
