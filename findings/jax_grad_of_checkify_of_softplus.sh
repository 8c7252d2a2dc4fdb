#!/usr/bin/env bash
# jax 0.10.2, CPU: jax.grad through checkify with nan_checks (or float_checks, all_checks) raises an internal ValueError for
# jax.nn.softplus, mish and log_sigmoid at ordinary points; relu, silu, elu, gelu pass, and so do all with user_checks, the default.
# Seen: softplus, mish, log_sigmoid: "ValueError: foreach() argument 2 is shorter than argument 1"; silu 0.0724 at -1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PY'
import jax
import jax.numpy as jnp
from jax.experimental import checkify

x = jnp.array([-1.0, 2.0])


def gradient(f, checks):
    return jax.grad(lambda x: checkify.checkify(f, errors=checks)(x)[1].sum())(x)


for f in (jax.nn.softplus, jax.nn.mish, jax.nn.log_sigmoid):
    gradient(f, checkify.user_checks)
    try:
        gradient(f, checkify.nan_checks)
    except ValueError as error:
        print(f.__name__, "ValueError:", error)
        assert "foreach() argument 2 is shorter" in str(error)
    else:
        raise AssertionError(f"{f.__name__} passes")
for f in (jax.nn.relu, jax.nn.silu, jax.nn.elu, jax.nn.gelu):
    print(f.__name__, gradient(f, checkify.nan_checks))
PY
