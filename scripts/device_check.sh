#!/usr/bin/env bash
# What must pass on an accelerator, in under 4 minutes on 16 cores: the tests of JAX and of its accuracy, on the device
# that JAX finds. Options go to pytest: scripts/device_check.sh -k gelu. PYTHON is the interpreter, if not python.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
export XLA_PYTHON_CLIENT_PREALLOCATE=false  # else the first worker takes the memory of all
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}"
cores=$(nproc)
tests=(tests/test_jax_*.py tests/test_accuracy.py tests/test_tails.py tests/test_kinks.py tests/test_prelu*.py
    tests/test_residuals.py tests/test_kernels.py tests/test_donation.py tests/test_sharding.py
    tests/test_gated_jax.py tests/test_gated_accuracy.py)

"$python" -c 'import jax
print(f"jax {jax.__version__} on {jax.device_count()} x {jax.devices()[0].device_kind} ({jax.default_backend()})")'
status=0
"$python" -m pytest -q -p no:benchmark -n $((cores < 14 ? cores : 14)) --dist loadgroup \
    --deselect tests/test_kinks.py::test_numpy "${tests[@]}" "$@" || status=$?

printf '\nSkipped: what pytest names above, with its reason; test_numpy of test_kinks.py and these files, which test NumPy,
documents, command lines, and of JAX what is the same on every device:\n'
printf '%s\n' tests/test_*.py | grep -vxF "$(printf '%s\n' "${tests[@]}")" | xargs
exit $status
