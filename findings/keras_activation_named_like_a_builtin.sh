#!/usr/bin/env bash
# keras 3.15.1, JAX backend: a model whose activation is a function of your own that is called as one of Keras's is saved by the bare
# name, and load_model puts Keras's function in its place, without an error or a warning. A function whose name Keras
# hasn't got is refused at loading instead, as it should be.
# Seen: before saving 7.0, after loading 1.0 (keras.activations.elu of 1), for `def elu(x): return x * 0 + 7`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$folder"
JAX_PLATFORMS=cpu KERAS_BACKEND=jax "$folder/venv/bin/python" - <<'PY'
import keras


def elu(x):
    return x * 0 + 7.0


def seven(x):
    return x * 0 + 7.0


def saved_and_loaded(activation):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Activation(activation)])
    model.save("model.keras")
    one = keras.ops.ones((1, 1))
    return float(model(one)[0, 0]), float(keras.models.load_model("model.keras")(one)[0, 0])


before, after = saved_and_loaded(elu)
print("before saving", before, "after loading", after)
assert (before, after) == (7.0, 1.0)
try:
    saved_and_loaded(seven)
except (TypeError, ValueError) as error:
    print("another name:", type(error).__name__)
else:
    raise AssertionError("a name that Keras hasn't got was loaded")
PY
