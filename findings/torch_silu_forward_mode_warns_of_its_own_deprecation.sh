#!/usr/bin/env bash
# torch 2.13.0 (CPU).
# Forward mode warns of torch's own code: the first torch.func.jvp of a process raises a DeprecationWarning that
# `torch.jit.script` is deprecated, which the caller never named. Where warnings are errors, as in many test suites,
# the first forward-mode derivative of silu fails with it.
# Output seen:
#   DeprecationWarning: `torch.jit.script` is deprecated. Please switch to `torch.compile` or `torch.export`.
#   with warnings ignored: 0.9276705
# The script fails if the warning is gone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "torch==2.13.0" "numpy==2.4.6"
cat > "$folder/forward.py" <<'PYTHON'
import sys
import warnings

import torch

warnings.simplefilter(sys.argv[1])
x = torch.tensor(1.0)
try:
    print(f"{torch.func.jvp(torch.nn.functional.silu, (x,), (x,))[1].item():.7f}")
except DeprecationWarning as warning:
    print(f"DeprecationWarning: {warning}")
PYTHON
strict=$("$folder/venv/bin/python" "$folder/forward.py" error)
lenient=$("$folder/venv/bin/python" "$folder/forward.py" ignore)
printf '%s\nwith warnings ignored: %s\n' "$strict" "$lenient"
[[ $strict == "DeprecationWarning: "*"torch.jit.script"* ]]
[[ $lenient == 0.92767* ]]
