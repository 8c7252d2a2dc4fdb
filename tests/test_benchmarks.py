"""The benchmarks' command lines work: help, a tiny run, and the page that --markdown writes."""

import runpy
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import shared  # noqa: E402

TINY = {
    "memory.py": ["--only=gelu,threshold", "--layers=2", "--width=8", "--batch=16", "--steps=2"],
    "memory.py --barrier": ["--only=gelu", "--layers=2", "--width=8", "--batch=16", "--steps=2"],
    "jax_speed.py": ["--only=relu", "--sizes=100,1e3", "--dtypes=float32", "--rounds=2"],
    "saved_output.py": ["--only=elu"],
}
SAYS = {
    "memory.py": "gelu",
    "memory.py --barrier": "without barrier",
    "jax_speed.py": "geometric mean",
    "saved_output.py": "elu",
}


def run(monkeypatch, command, *options):
    script, *more = command.split()
    monkeypatch.setattr(sys, "argv", [script, *more, *options])
    runpy.run_path(str(BENCHMARKS / script), run_name="__main__")


@pytest.mark.parametrize("script", sorted({command.split()[0] for command in TINY}))
def test_help(monkeypatch, capsys, script):
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, script, "--help")
    assert end.value.code == 0
    assert "--markdown" in capsys.readouterr().out


@pytest.mark.parametrize("command", TINY)
def test_a_tiny_run_writes_what_it_prints(monkeypatch, capsys, tmp_path, command):
    monkeypatch.setattr(shared, "RESULTS", tmp_path)
    run(monkeypatch, command, *TINY[command], "--markdown")
    (page,) = tmp_path.iterdir()
    text = page.read_text()
    assert SAYS[command] in text
    assert SAYS[command] in capsys.readouterr().out
    assert f"Made by `python benchmarks/{command} " in text
    assert text.count("| --- |") >= 1
    assert str(Path.home()) not in text


@pytest.mark.parametrize("options", [["--only=nope"], ["--parts=nope"]])
def test_unknown_names_are_refused(monkeypatch, options):
    with pytest.raises(SystemExit, match="nope"):
        run(monkeypatch, "jax_speed.py", *options)
