#!/usr/bin/env bash
# jax 0.10.2, CPU (0.12.0.1 does the same): jax.nn.softmax and log_softmax of [0.5, 1, 2] in float8_e4m3fn are NaN throughout,
# without an error, while float8_e5m2 gives [0.15625, 0.25, 0.625]. logsumexp of the same array is 2.5, so it isn't the
# exponentials that overflow: e4m3fn has no infinity, and the -inf with which the row's maximum starts becomes NaN.
# Seen: e4m3fn softmax [nan nan nan], log_softmax [nan nan nan], logsumexp 2.5; e5m2 softmax [0.15625 0.25 0.625].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 ml_dtypes==0.5.4
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PY'
import jax
import jax.numpy as jnp
import numpy as np

x = [0.5, 1.0, 2.0]
without, with_inf = jnp.array(x, jnp.float8_e4m3fn), jnp.array(x, jnp.float8_e5m2)
softmax, log_softmax, total = (
    np.asarray(f(without), np.float32) for f in (jax.nn.softmax, jax.nn.log_softmax, jax.nn.logsumexp)
)
print("e4m3fn softmax", softmax, "log_softmax", log_softmax, "logsumexp", total)
assert np.isnan(softmax).all()
assert np.isnan(log_softmax).all()
assert total == 2.5
other = np.asarray(jax.nn.softmax(with_inf), np.float32)
print("e5m2 softmax", other)
assert other.tolist() == [0.15625, 0.25, 0.625]
PY
