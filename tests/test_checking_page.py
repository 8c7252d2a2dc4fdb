"""docs/checking.md: every example that is no doctest runs as it stands there, with the packages that it names."""

import functools
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import acts.cli.kernels as command
from acts.__main__ import main
from acts.testing import check_exhaustively

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8")
CODE = re.compile(r"^```python\n(?!>>>)(.*?)^```$", re.M | re.S)
MARKED = [block for block in CODE.findall(PAGE) if block.startswith("@pytest.mark")]
KINDS = {
    kind: CODE.findall(text) for kind, text in re.findall(r"^\*\*([\w.]+).*?:(.*?)(?=^\*\*|^## )", PAGE, re.M | re.S)
}
KERNELS = {kind: blocks[0] for kind, blocks in KINDS.items() if blocks}
MINE = """
import jax
from acts_jax import gelu, leaky_relu, swiglu
def my_gelu(x): return gelu(x)
def leaky(x, slope): return leaky_relu(x, slope)
"""


def python(*arguments, cwd):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TRITON_INTERPRET": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=600
    )


@pytest.mark.peers
@pytest.mark.parametrize("kind", KERNELS)
def test_a_kernel_of_each_kind(kind, tmp_path):
    block = KERNELS[kind]
    for needed in [*re.findall(r"^(?:import|from) (\w+)", block, re.M), *["onnxscript"] * ("torch.onnx" in block)]:
        if not importlib.util.find_spec(needed):
            pytest.skip(f"{needed} is not installed")
    (tmp_path / "example.py").write_text(block)
    done = python("example.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_every_example_is_run():
    assert list(KERNELS) == ["NumPy", "torch", "torch.compile", "Triton", "onnxruntime", "Flax"]
    assert len(CODE.findall(PAGE)) == len(KERNELS) + len(MARKED)


def test_the_mark(tmp_path, pytestconfig):
    (example,) = MARKED
    (tmp_path / "test_mine.py").write_text(f"import pytest\nfrom acts import gelu as my_gelu\n\n{example}")
    known = any(pytestconfig.pluginmanager.hasplugin(name) for name in ("acts", "pytest_acts"))
    plugin = [] if known else ["-p", "pytest_acts"]  # the entry point calls it acts
    listed = ("-m", "pytest", "-q", *plugin, "-p", "no:cacheprovider", "--collect-only", "test_mine.py")
    done = python(*listed, cwd=tmp_path)
    assert "test_my_gelu[float32-gradient]" in done.stdout, done.stdout + done.stderr


LINES = re.findall(r"^python -m acts (check .*)$", PAGE, re.M)


@pytest.mark.peers
@pytest.mark.parametrize("line", LINES)
def test_a_command_line(line, tmp_path, monkeypatch, capsys):
    """On kernels that are right; a namespace for one function, every float32 for a few."""
    (tmp_path / "mypkg").mkdir()
    for file in ("kernels.py", "mypkg/__init__.py", "mypkg/kernels.py"):
        (tmp_path / file).write_text(MINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    few = functools.partial(check_exhaustively, patterns=range(0, 2**32, 2**16))
    monkeypatch.setattr(command, "check_exhaustively", few)
    assert main(line.split() + (["--only", "silu"] if line == "check jax.nn" else [])) == 0, capsys.readouterr().out
