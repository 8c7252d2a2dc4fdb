"""python -m acts accuracy: what it measures, writes and refuses; and that a bad implementation looks bad."""

import json
import sys

import numpy as np
import pytest

import acts
from acts.__main__ import main
from acts._install import install_command
from acts.testing import Candidate
from acts.testing.peers import PEERS, from_peer


def measured(tmp_path, *arguments):
    file = tmp_path / "rows.json"
    assert main(["accuracy", *arguments, "--points", "2000", "--json", str(file)]) == 0
    return {(r["target"], r["function"], r["dtype"], r["quantity"]): r for r in json.loads(file.read_text())}


def test_every_type_and_order_is_measured(tmp_path, capsys):
    rows = measured(tmp_path, "--only", "silu,relu", "--dtype", "float16,bfloat16,float32,float64")
    assert len(rows) == 2 * 4 * 3
    assert all(row["nans"] == row["limits"] == 0 for row in rows.values())
    assert rows["acts", "relu", "float32", "f"]["ulp"] == 0
    assert 0.4 < rows["acts", "silu", "float16", "f'"]["ulp"] <= 0.5001
    assert 1 < rows["acts", "silu", "float32", "f"]["ulp"] < 4
    assert rows["acts", "silu", "float16", "f"]["points"] == 63488
    assert "silu" in capsys.readouterr().out


def test_targets_stand_side_by_side(tmp_path):
    file = tmp_path / "table.md"
    targets = ["acts", "acts_jax", "jax.nn"]
    assert main(["accuracy", *targets, "--only", "gelu,relu_squared", "--points", "2000", "--markdown", str(file)]) == 0
    text = file.read_text()
    assert "| function | acts | acts_jax | jax.nn |" in text
    [summary] = [line for line in text.splitlines() if line.startswith("| `gelu` |") and " / " in line]
    ours, mirror, theirs = (float(cell.split("/")[0].split(",")[0]) for cell in summary.split("|")[2:5])
    assert ours < mirror < 10 < theirs
    assert "±inf" in summary.split("|")[4]
    theirs = [line.split("|")[-2].strip() for line in text.splitlines() if line.startswith("| `relu_squared` |")]
    assert theirs == ["-"] * 4


def test_a_gradient_from_the_output_is_the_one_in_the_summary(tmp_path):
    rows = measured(tmp_path, "acts_jax", "--only", "sigmoid")
    assert (
        rows["acts_jax", "sigmoid", "float32", "f'"]["ulp"]
        < 10
        < 1e6
        < rows["acts_jax", "sigmoid", "float32", "grad"]["ulp"]
    )


def test_a_bad_implementation_looks_bad(tmp_path, monkeypatch):
    textbook = {"f": lambda x: x * (1 / (1 + np.exp(-x))), "f'": lambda x: x - x**3}
    monkeypatch.setattr("acts.cli.accuracy.from_acts", lambda function: Candidate("bad", textbook))
    rows = measured(tmp_path, "--only", "silu", "--dtype", "float32,float64")
    value, slope = rows["acts", "silu", "float32", "f"], rows["acts", "silu", "float32", "f'"]
    assert (value["limits"], value["nans"]) == (1, 0)  # -inf * 0
    assert slope["ulp"] == "inf"
    assert slope["nans"] > 100
    assert slope["limits"] == 2
    assert ("acts", "silu", "float32", "f''") not in rows  # it has none
    assert rows["acts", "silu", "float64", "f'"]["nans"] > 0


def test_a_parameter_may_be_infinite(tmp_path):
    rows = measured(tmp_path, "--only", "general_relu")
    assert acts.testing.example_parameters(acts.general_relu)["max_value"] == np.inf
    assert rows["acts", "general_relu", "float32", "f"]["params"]["max_value"] == "inf"


def test_a_default_is_called_as_one_and_is_a_constant(tmp_path):
    """Written down it would be an argument, of float32: 120 ulp in the tail."""
    rows = measured(tmp_path, "acts_jax", "--only", "laplace")
    assert 1 < rows["acts_jax", "laplace", "float32", "f"]["ulp"] < 9
    assert rows["acts_jax", "laplace", "float32", "f"]["params"]["mu"] == 0.707107


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tourch"], "'tourch' is not a target; did you mean torch"),
        (["--dtype", "float8"], "'float8' is not a type"),
        (["--only", "sillu"], "silu"),
        (["--points", "10"], "1000 points or more"),
        (["--json", "/nowhere/at/all.json"], "/nowhere/at/all.json"),
        (["--markdown", "/nowhere/at/all.md"], "/nowhere/at/all.md"),
    ],
)
def test_nonsense_is_refused(arguments, message, capsys):
    assert main(["accuracy", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_missing_framework_is_named_with_the_command_that_installs_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["accuracy", "torch"]) == 2
    assert f"needs torch: {install_command('torch')}" in capsys.readouterr().err


def test_a_peer_is_measured_at_the_parameters_of_its_row():
    candidate, params = from_peer("jax.nn", acts.leaky_relu)
    assert (candidate.name, params) == ("jax.nn.leaky_relu(x)", {"negative_slope": 0.01})
    assert from_peer("onnx", acts.swish)[1] == {"beta": 2.0}
    assert from_peer("torch", acts.quick_gelu) is None
    assert from_peer("jax.nn", acts.prelu) is None


@pytest.mark.peers
def test_all_peers(tmp_path):
    rows = measured(tmp_path, *PEERS, "--only", "gelu,elu", "--dtype", "float16,bfloat16,float32,float64")
    for peer in ("jax.nn", "torch", "keras"):
        for dtype in ("float16", "bfloat16", "float32", "float64"):
            assert {(peer, "elu", dtype, q) for q in ("f", "f'", "f''")} <= rows.keys()
    assert rows["onnx", "elu", "float32", "f"]["ulp"] < 10
    assert ("onnx", "elu", "float32", "f'") not in rows
    assert float(rows["torch", "gelu", "float32", "f"]["ulp"]) > 1e6
