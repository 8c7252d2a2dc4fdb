#!/usr/bin/env bash
# onnxruntime 1.32.0 (CPU), onnx 1.23.2, float32.
# Sigmoid loses its left tail: from x = -18 on it is exactly 0, though float32 has numbers down to sigmoid(-87), so that
# its logarithm is -inf. At -17 it is more than twice the true value, and larger than at -16. Tanh reaches
# 1.0000002: 1 - y**2 is then negative, and arctanh(y) NaN. Elu is exp(x) - 1: at -1e-6 it is off by 1.3 %, at -1e-8 it is 0.
# Output seen:
#   Sigmoid at -16, -17, -18: 5.9604645e-08 8.940697e-08 0.0, true 1.1253516e-07 4.1399377e-08 1.5229979e-08
#   largest Tanh on [0, 20]: 1.0000002
#   Elu at -1e-6, -1e-8: -1.013279e-06 0.0
# The script fails if one of the three is mended.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "onnxruntime==1.32.0" "onnx==1.23.2" "numpy==2.4.6"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper


def run(operator, x):
    graph = helper.make_graph(
        [helper.make_node(operator, ["x"], ["y"])],
        operator,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.asarray(x, np.float32)})[0]


at = np.array([-16.0, -17.0, -18.0])
sigmoid, true = run("Sigmoid", at), np.exp(at) / (1 + np.exp(at))
largest = run("Tanh", np.linspace(0, 20, 2_000_001)).max()
elu = run("Elu", [-1e-6, -1e-8])
print(f"onnxruntime {onnxruntime.__version__}")
print("Sigmoid at -16, -17, -18:", *sigmoid, "true", *true.astype(np.float32))
print("largest Tanh on [0, 20]:", largest)
print("Elu at -1e-6, -1e-8:", *elu)
seen = sigmoid[2] == 0 and sigmoid[1] > 2 * true[1] and sigmoid[1] > sigmoid[0] and largest > 1 and elu[1] == 0
sys.exit(0 if seen else "the behaviour has changed")
PYTHON
