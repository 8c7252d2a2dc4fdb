"""The mark of pytest: one id for each type and group of properties, and nothing is imported where it is not used."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import numpy as np
import pytest

def relu(x):
    return np.maximum(x, 0).reshape(x.shape if x.ndim != 2 else -1)

def step(x):
    return (x > 0).astype(x.dtype)

@pytest.mark.acts("relu", dtypes=["float32", "float16"], derivative=step)
def test_relu(conforms):
    conforms(relu)

@pytest.mark.acts("leaky_relu", dtypes=["float32"])
def test_without_a_derivative(conforms):
    conforms(lambda x, negative_slope=0.01: np.where(x > 0, x, x.dtype.type(negative_slope) * x))
"""


def run(pytester, *arguments):
    known = any(pytester._request.config.pluginmanager.hasplugin(name) for name in ("acts", "pytest_acts"))
    plugin = [] if known else ["-p", "pytest_acts"]  # the entry point calls it acts
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *plugin, *arguments)


def test_one_id_for_each_property(pytester):
    pytester.makepyfile(TESTS)
    result = run(pytester, "-v")
    ran = [line.split("::")[1].split() for line in result.outlines if line.endswith("%]")]
    outcomes = {words[0]: words[1] for words in ran}
    names = ("value", "gradient", "second", "shapes")
    first = {f"test_relu[float32-{name}]": "PASSED" for name in names}
    first |= {"test_relu[float32-second]": "SKIPPED", "test_relu[float32-shapes]": "FAILED"}
    second = {"value": "PASSED", "gradient": "PASSED", "second": "SKIPPED"}
    third = {"value": "PASSED", "gradient": "FAILED", "second": "SKIPPED", "parameters": "SKIPPED", "shapes": "PASSED"}
    assert outcomes == {
        **first,
        **{f"test_relu[float16-{name}]": outcome for name, outcome in second.items()},
        **{f"test_without_a_derivative[float32-{name}]": outcome for name, outcome in third.items()},
    }
    result.stdout.fnmatch_lines(["*value of x with shape (2, 3) has shape (6,)*", "*no derivative or vjp was given*"])


def test_a_mark_without_conforms_is_told(pytester):
    pytester.makepyfile("import pytest\n@pytest.mark.acts('relu')\ndef test_it(): pass\n")
    result = run(pytester)
    assert result.ret != 0
    assert any("no argument conforms" in line for line in result.outlines + result.errlines)


def test_the_plugin_imports_neither_numpy_nor_acts():
    code = "import pytest_acts, sys; sys.exit(any(name in sys.modules for name in ('numpy', 'acts', 'jax')))"
    root = Path(__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_it_is_an_entry_point():
    assert 'acts = "pytest_acts"' in (Path(__file__).parents[1] / "pyproject.toml").read_text()


@pytest.mark.parametrize("name", ["pytest_acts.py", "acts", "acts_jax"])
def test_the_wheel_has_it(name):
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text()
    assert f'"{name}"' in text.partition("only-include = ")[2].partition("\n")[0]
