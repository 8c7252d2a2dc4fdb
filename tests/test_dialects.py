"""acts.get with a dialect, the command that shows the table, and the page on what changes on the way."""

import re
from pathlib import Path

import pytest

import acts
import acts_jax
from acts.__main__ import main
from acts.dialects import FRAMEWORKS, ROWS

FUNCTIONS = [
    pytest.param(row, id=row.theirs)
    for row in ROWS
    if row.function in acts.names("all") and all(isinstance(key, str) for key in row.given())  # not by position
]


def test_every_row_names_what_is_here():
    layers = {"PReLU.init"}
    assert {row.function for row in ROWS} - layers <= set(acts.names("all"))
    assert {row.framework for row in ROWS} == set(FRAMEWORKS)


@pytest.mark.parametrize("row", FUNCTIONS)
def test_every_row_is_found_by_its_own_name_and_keywords(row):
    params = row.parameters()
    for package in (acts, acts_jax):
        assert package.get(row.path, dialect=row.framework, **row.given()) == package.get(row.function, **params)


@pytest.mark.parametrize(("dialect", "name", "given", "function", "params"), [
    ("jax", "gelu", {}, "gelu_tanh", {}),
    ("torch", "gelu", {}, "gelu", {}),
    ("keras", "activations.gelu", {}, "gelu", {}),
    ("keras", "ops.gelu", {}, "gelu_tanh", {}),
    ("keras", "leaky_relu", {}, "leaky_relu", {"negative_slope": 0.2}),
    ("keras", "LeakyReLU", {}, "leaky_relu", {"negative_slope": 0.3}),
    ("keras", "hard_shrink", {"threshold": 2.5}, "hardshrink", {"lambd": 2.5}),
    ("keras", "relu", {"max_value": 6.0}, "relu6", {}),
    ("onnx", "HardSigmoid", {}, "hard_sigmoid", {"slope": 0.2}),
    ("onnx", "hardsigmoid", {"alpha": 0.3, "beta": 0.4}, "hard_sigmoid", {"slope": 0.3, "offset": 0.4}),
    ("onnx", "HardSigmoid", {"alpha": 0.3}, "hard_sigmoid", {"slope": 0.3}),
    ("onnx", "Elu", {"alpha": 3.0}, "elu", {"alpha": 3.0}),
    ("onnx", "SwiGLU", {}, "swiglu", {}),
    ("onnx", "SwiGLU", {"alpha": 3.0}, "swiglu", {"beta": 3.0}),
    ("flax", "gelu", {}, "gelu_tanh", {}),
    ("flax", "softmax", {"axis": 0}, "softmax", {"axis": 0}),
    ("torch", "softmax", {"dim": 1}, "softmax", {"axis": 1}),
    ("keras", "log_softmax", {"axis": 1}, "log_softmax", {"axis": 1}),
    ("jax", "logsumexp", {}, "logsumexp", {"axis": None}),
    ("jax", "logsumexp", {"axis": 0}, "logsumexp", {"axis": 0}),
    ("flax", "elu", {"alpha": 0.25}, "elu", {"alpha": 0.25}),
    ("keras2", "hard_sigmoid", {}, "hard_sigmoid", {"slope": 0.2}),
    ("tensorflow", "silu", {"beta": 3.0}, "swish", {"beta": 3.0}),
    ("transformers", "gelu_new", {}, "gelu_tanh", {}),
    ("torch", "elu", {"alpha": 0.25}, "elu", {"alpha": 0.25}),
])  # fmt: skip
def test_what_is_found(dialect, name, given, function, params):
    for package in (acts, acts_jax):
        assert package.get(name, dialect=dialect, **given) == package.get(function, **params)


@pytest.mark.parametrize(("dialect", "name", "given", "error", "said"), [
    ("jaxx", "gelu", {}, LookupError, "no dialect is called 'jaxx'; did you mean jax or flax?; allowed: jax, flax"),
    ("jax", "geluu", {}, LookupError, "jax has no 'geluu' in the table; did you mean gelu"),
    ("flax", "mish", {}, LookupError, "flax has no 'mish' in the table"),
    ("torch", "softplus", {"threshold": 3.0}, TypeError, "F.softplus(x, threshold=20.0) is softplus(x) here"),
    ("jax", "gelu", {"approximate": "tanh"}, TypeError, "jax.nn.gelu(x, approximate=False) is gelu(x) here"),
    ("flax", "PReLU", {}, TypeError, "is PReLU.init(init=0.01)(x) here"),
    ("torch", "elu", {"beta": 1.0}, TypeError, "F.elu(x, alpha=2.0) is elu(x, alpha=2.0) here"),
])  # fmt: skip
def test_what_the_table_does_not_tell_is_an_error_that_shows_what_it_does(dialect, name, given, error, said):
    for package in (acts, acts_jax):
        with pytest.raises(error, match=re.escape(said)):
            package.get(name, dialect=dialect, **given)


def test_every_activation_of_transformers_is_found():
    keys = [
        *("gelu", "gelu_10", "gelu_fast", "gelu_new", "gelu_python", "gelu_pytorch_tanh", "gelu_python_tanh"),
        *("gelu_accurate", "hardswish", "laplace", "leaky_relu", "linear", "mish", "quick_gelu", "relu", "relu2"),
        *("relu6", "sigmoid", "silu", "sqrtsoftplus", "swish", "tanh", "xielu"),
    ]
    for key in keys:
        acts.get(key, dialect="transformers")
    assert {row.name for row in ROWS if row.framework == "transformers"} == {*keys, "prelu"}


def test_the_command_shows_one_function_across_frameworks(capsys):
    assert main(["dialects", "hard-shrink"]) == 0
    shown = capsys.readouterr().out
    for word in ("torch", "keras", "onnx", "mlx", "lambd=1.5"):
        assert word in shown
    assert main(["dialects", "gelu"]) == 0
    assert "jax, flax" in capsys.readouterr().out
    assert "…" not in shown
    assert main(["dialects", "relu2"]) == 0
    assert "transformers" in capsys.readouterr().out
    assert main(["dialects", "no_such_thing"]) == 2
    assert "frameworks: jax, flax" in capsys.readouterr().err
    assert main(["dialects", "seluu"]) == 2
    assert "did you mean selu" in capsys.readouterr().err


def test_the_row_of_a_slope_says_who_puts_it_elsewhere():
    (row,) = (row for row in ROWS if row.theirs == "PRelu(x, alpha)")
    assert "OpenVINO" in row.note


def test_the_page_on_the_way_has_its_rows_each_with_a_version():
    page = (Path(__file__).parents[1] / "docs" / "on_the_way.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    versions = [row for row in rows if re.search(r"\d+\.\d+|Keras 2|1\.0\.2026", row)]
    assert len(rows) - len(versions) == 5, "the heads of the five tables"
    assert len(versions) >= 40
