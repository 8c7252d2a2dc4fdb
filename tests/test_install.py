"""The distribution: what the wheel holds, its console command, and what to install where a package is missing."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from acts import _install

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OPTIONAL = [package for group in _install.TOGETHER for package in group]
COMMAND = """
import sys
from importlib.metadata import distribution
sys.modules[sys.argv[1]] = None
(script,) = distribution("acts-nn").entry_points.select(group="console_scripts")
sys.argv = [script.name, *sys.argv[2:]]
sys.exit(script.load()())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = f"import hatchling.build; hatchling.build.build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    return file


def run(path, folder, *arguments):
    """The console command of what is installed at the path, with the first argument, a package, missing."""
    environment = {**os.environ, "PYTHONPATH": str(path)}
    command = [sys.executable, "-c", COMMAND, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def requirements_of(command):
    """The packages that a command of pip installs, with their versions."""
    words = re.fullmatch(r"pip install (.+)", command)[1].split()
    return {r.name: r.specifier for r in (Requirement(word.strip("'")) for word in words)}


def test_the_wheel_holds_both_packages_and_the_command(wheel):
    assert wheel.name.startswith("acts_nn-")
    files = zipfile.ZipFile(wheel).namelist()
    for package in ("acts", "acts_jax"):
        here = {str(path.relative_to(ROOT)) for path in (ROOT / package).rglob("*.*") if path.suffix != ".pyc"}
        assert here == {file for file in files if file.startswith(package + "/") and "__pycache__" not in file}
    scripts = next(file for file in files if file.endswith("entry_points.txt"))
    assert "acts = acts.__main__:main" in zipfile.ZipFile(wheel).read(scripts).decode()


def test_the_command_of_the_wheel(wheel, tmp_path):
    done = run(wheel, tmp_path, "nothing", "list")
    assert (done.returncode, "gelu_tanh" in done.stdout) == (0, True), done.stderr
    (tmp_path / "mine.py").write_text("import numpy as np\ndef relu(x): return np.maximum(x, 0)\n")
    done = run(wheel, tmp_path, "nothing", "check", "mine:relu", "--as", "relu", "--dtypes", "float32")
    assert (done.returncode, "1 incomplete" in done.stdout) == (3, True), done.stderr  # it was given no derivative


@pytest.mark.parametrize(("package", "arguments"), [("rich", ["list"]), ("plotext", ["show", "elu"])])
def test_what_a_wheel_says_to_install_has_the_versions_of_the_extra(wheel, tmp_path, package, arguments):
    done = run(wheel, tmp_path, package, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    said = re.fullmatch(rf"acts: this command needs {package}: (.+)\n", done.stderr)
    wanted = map(Requirement, PROJECT["optional-dependencies"]["cli"])
    assert requirements_of(said[1]) == {r.name: r.specifier for r in wanted}


@pytest.mark.parametrize("package", OPTIONAL)
def test_without_metadata_the_packages_themselves_are_named(package, monkeypatch):
    monkeypatch.setattr(_install, "DISTRIBUTION", "a-distribution-that-nobody-installed")
    named = requirements_of(_install.install_command(package))
    assert package in named
    assert not any(map(str, named.values()))
    assert _install.install_command("jaxlib") == "pip install jax"
    assert _install.install_command("numpy") is None


def test_the_optional_packages_are_those_of_the_extras():
    assert _install.DISTRIBUTION == PROJECT["name"]
    extras = PROJECT["optional-dependencies"]
    named = {Requirement(line).name for extra in ("jax", "cli", "plot", "peers") for line in extras[extra]}
    assert set(OPTIONAL) <= named
    assert {Requirement(line).name for extra in ("jax", "cli", "plot") for line in extras[extra]} <= set(OPTIONAL)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/gpu_and_tpu.md", "pyproject.toml"])
def test_nothing_tells_to_install_the_other_acts(document):
    """`acts` on the index is a test suite for Android."""
    assert not re.search(r"""install (-\w+ )*['"]?acts\b(?!-)|["']acts\[""", (ROOT / document).read_text())
