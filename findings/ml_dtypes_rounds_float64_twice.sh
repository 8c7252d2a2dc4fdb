#!/usr/bin/env bash
# ml_dtypes 0.6.0 with numpy 2.4.6: float64 to bfloat16, and to every 8-bit float, is rounded twice, by way of float32. A number
# just above the middle of two neighbours becomes the middle in float32, and then goes to the even one, the wrong side.
# NumPy's own conversion of float64 to float16 rounds once. Who computes a reference in float64 and casts it is off by a whole step.
# Seen: 1 + 2**-8 + 2**-40 -> bfloat16 1.0 (nearest 1.0078125); 1 + 2**-4 + 2**-40 -> float8_e4m3fn 1.0 (nearest 1.125);
# 1 + 2**-11 + 2**-40 -> float16 1.000977 (right).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ml_dtypes==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import ml_dtypes
import numpy as np

for dtype, bits, right in (
    (ml_dtypes.bfloat16, 8, False),
    (ml_dtypes.float8_e4m3fn, 4, False),
    (ml_dtypes.float8_e5m2, 3, False),
    (np.float16, 11, True),
):
    x = np.float64(1 + 2.0**-bits + 2.0**-40)
    got, above = float(x.astype(dtype)), 1 + 2.0 ** (1 - bits)
    print(np.dtype(dtype).name, "of", repr(float(x)), "is", got, "nearest", above)
    assert abs(above - x) < abs(1 - x)
    assert got == (above if right else 1.0)
PY
