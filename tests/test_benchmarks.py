"""The benchmarks' command lines work: help, a tiny run, and the page that --markdown writes."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import jax
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import shared  # noqa: E402

pytestmark = pytest.mark.programs
STEP = ["--only=gelu,threshold", "--layers=2", "--width=8", "--batch=16", "--steps=2"]
TINY = [
    ("memory.py", STEP, "gelu"),
    (
        "jax_speed.py",
        ["--only=relu", "--sizes=100,1e3", "--dtypes=float32", "--rounds=2", "--layers=2"],
        "geometric mean",
    ),
    (
        "jax_speed.py",
        ["--only=prelu", "--sizes=9", "--rounds=2", "--layers=2", f"--against={BENCHMARKS.parent}"],
        "older checkout",
    ),
    ("gpu.py", ["--only=gelu,prelu", "--sizes=small", "--dtypes=bfloat16", "--parts=functions,steps"], "lowest %"),
    ("gpu.py", ["--only=elu", "--sizes=small", "--dtypes=float16", "--budget=0"], "want of time: elu in float16"),
    ("softmaxes.py", ["--rounds=1", "--dtype=bfloat16"], "log_softmax"),
    ("saved_output.py", ["--only=elu"], "elu"),
    ("gates.py", ["--only=reglu", "--layers=1", "--width=8", "--batch=16", "--dtypes=float32", "--rounds=1"], "reglu"),
    ("numpy_speed.py", ["--only=elu,gelu", "--sizes=8,1e3", "--rounds=1", f"--against={BENCHMARKS.parent}"], "before"),
]


@pytest.fixture(autouse=True)
def pinned(monkeypatch):
    """numpy_speed.py starts itself again unless these are set."""
    for name, value in runpy.run_path(str(BENCHMARKS / "numpy_speed.py"))["PINNED"].items():
        monkeypatch.setenv(name, value)


def run(monkeypatch, script, *options):
    monkeypatch.setattr(sys, "argv", [script, *options])
    runpy.run_path(str(BENCHMARKS / script), run_name="__main__")


@pytest.mark.parametrize("script", sorted({script for script, _, _ in TINY}))
def test_help(monkeypatch, capsys, script):
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, script, "--help")
    assert end.value.code == 0
    assert "--markdown" in capsys.readouterr().out


@pytest.mark.parametrize(("script", "options", "says"), TINY)
def test_a_tiny_run_writes_what_it_prints(monkeypatch, capsys, tmp_path, script, options, says):
    run(monkeypatch, script, *options, f"--markdown={tmp_path / 'page.md'}")
    text = (tmp_path / "page.md").read_text()
    assert says in text
    assert says in " ".join(capsys.readouterr().out.split())
    assert f"Made by `python benchmarks/{script} {options[0]}" in text
    assert text.count("| --- |") >= 1
    assert str(tmp_path) not in text
    assert str(BENCHMARKS.parent) not in text


def test_a_page_goes_to_the_results(monkeypatch, tmp_path):
    monkeypatch.setattr(shared, "RESULTS", tmp_path)
    run(monkeypatch, "saved_output.py", "--only=elu", "--markdown")
    assert [page.name for page in tmp_path.iterdir()] == ["saved-output.md"]


@pytest.mark.parametrize("option", ["--only=nope", "--parts=nope", "--dtypes=nope", "--against=nope"])
def test_unknown_names_are_refused(monkeypatch, capsys, option):
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, "jax_speed.py", option)
    assert "nope" in f"{end.value}{capsys.readouterr().err}"


def test_the_device_check_runs_what_is_asked_and_says_what_it_leaves_out():
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = ["bash", "scripts/device_check.sh", "-n0", "-k", "test_jax_lowering and gradient and leaky_relu-float32"]
    run = subprocess.run(command, cwd=BENCHMARKS.parent, env=env | {"PYTHON": sys.executable}, capture_output=True)
    said = run.stdout.decode()
    assert run.returncode == 0, said
    assert f"jax {jax.__version__} on " in said
    assert "1 passed" in said
    assert "tests/test_cli.py" in said.partition("Skipped:")[2]
