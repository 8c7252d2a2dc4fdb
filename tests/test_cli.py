"""python -m acts: what each command prints and writes, its exit status, and what it says to wrong usage."""

import json
import os
import subprocess
import sys
from typing import NamedTuple

import jax
import pytest

import acts
import acts_jax
from acts.__main__ import main
from acts._install import install_command

MINE = """
import jax.numpy as jnp
import numpy as np
import acts
import acts_jax
gelu, gelu_jax = acts.gelu.formula, acts_jax.gelu
number = 3
def slope(x): return acts.gelu.derivative(x)
def gelu_tanh(x): return acts.gelu_tanh(x)
def half_slope(x): return acts.gelu.derivative(x) / 2
def one(x): return acts.gelu(x)
def two(x): return acts.gelu_tanh(x)
def renamed(x, weight): return jnp.where(x > 0, x, weight * x)
def leaky(x, negative_slope=0.01): return jnp.where(x > 0, x, negative_slope * x)
def in_place(x):
    x *= 0
    return x
class Layer:
    def __call__(self, x): return acts.gelu(x)
layer = Layer()

def raises(x): raise RuntimeError("it broke")
def shorter(x): return acts.gelu(x)[:-1]
def complex_(x): return acts.gelu(x) + 1j
def double(x): return acts.gelu(np.asarray(x, np.float64))
def branches(x): return x if x > 0 else 0.0
"""


class Result(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs the command line in a folder with mine.py; undoes its import path, its modules and its switch to float64."""
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "broken.py").write_text("def f(x) return x")
    (tmp_path / "raising.py").write_text("raise RuntimeError('at import')")
    (tmp_path / "needing.py").write_text("import nowhere_to_be_found")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setattr(sys, "path", list(sys.path))
    precision = jax.config.jax_enable_x64

    def run(*arguments):
        try:
            status = main(list(arguments))
        except SystemExit as stop:  # argparse
            status = stop.code
        return Result(status, *capsys.readouterr())

    yield run
    jax.config.update("jax_enable_x64", precision)
    for module in ("mine", "broken", "raising", "needing"):
        sys.modules.pop(module, None)


def process(*arguments, code=""):
    """The same in a process of its own; the code runs first."""
    program = (
        ["-c", f"{code}\nfrom acts.__main__ import main\nsys.exit(main(sys.argv[1:]))"] if code else ["-m", "acts"]
    )
    done = subprocess.run(
        [sys.executable, *program, *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "200"},
        timeout=120,
    )
    return Result(done.returncode, done.stdout, done.stderr)


# -- check -------------------------------------------------------------------------------------------------------------


def test_check_compares_the_mirror():
    done = process("check", "acts_jax", "--only", "elu,gelu")
    verdicts = {line.split()[0]: line.split()[-1] for line in done.out.splitlines() if line.strip()}
    assert (verdicts["elu"], verdicts["gelu"]) == ("pass", "pass")
    assert "2 checked, all pass" in done.out
    assert done.status == 0


def strictly(constant):
    raise ValueError(f"{constant} is not JSON")


@pytest.mark.parametrize("file", ["-", "report.json"])
def test_json_has_every_finding(run, tmp_path, file):
    done = run("check", "acts", "--only", "elu,relu", "--points", "200", "--json", file)
    text, table = (done.out, done.err) if file == "-" else ((tmp_path / file).read_text(), done.out)
    elu, relu = json.loads(text, parse_constant=strictly)
    assert (elu["function"], elu["passed"], relu["function"], relu["passed"]) == ("elu", True, "relu", True)
    against_acts = {(q, "acts", d) for q in ("f", "f'", "f''", "df/dalpha") for d in ("float32", "float64")}
    differences = {(q, "differences", "float64") for q in ("f'", "f''", "df/dalpha")}
    assert {(f["quantity"], f["against"], f["dtype"]) for f in elu["findings"]} == against_acts | differences
    assert "2 checked, all pass" in table


def test_a_broken_mirror_fails_and_is_located(run, monkeypatch):
    right = acts_jax.derivative
    monkeypatch.setattr(acts_jax, "derivative", lambda f: lambda x, **params: right(f)(x, **params) * 1.00001)
    done = run("check", "acts_jax", "--only", "elu,relu", "--points", "200")
    assert done.status == 1
    assert "acts_jax.elu: f' in float32 at x = " in done.out
    assert "finite differences give" in done.out
    assert "2 checked, 2 FAIL: elu, relu" in done.out


FINE = {  # arguments: exit status
    "mine:one --as gelu --derivative mine:slope": 0,
    "mine.py:one --as gelu --derivative mine.py:slope --level ulp": 0,
    "mine:gelu_jax --as gelu": 0,
    "mine:leaky --as leaky_relu": 0,
    "mine:renamed --as prelu --params weight=alpha": 0,
    "mine:gelu mine:layer --as gelu": 3,  # no derivative
    "mine:one mine:two --as gelu --as gelu_tanh": 3,
}


@pytest.mark.parametrize("arguments", FINE)
def test_a_right_function_passes_or_is_not_fully_checked(run, arguments):
    done = run("check", *arguments.split(), "--dtypes", "float32")
    assert done.status == FINE[arguments], done
    assert ("not checked: gradient" in done.out) == (done.status == 3)
    assert " all pass" in done.out or " incomplete: " in done.out


BAD = {
    "mine:gelu_tanh --as gelu": "diagnosis: this is gelu_tanh",
    "mine:leaky --as relu": "value in float32: ",
    "mine:one --as gelu --derivative mine:half_slope": "derivative in float32: ",
    "mine:in_place --as relu": "value in float32: ",
    "mine:double --as gelu": "value of float32 has dtype float64",
    "mine:raises --as gelu": "RuntimeError: it broke",
    "mine:branches --as gelu": "ValueError: The truth value",
    "mine:shorter --as gelu": "has shape",
    "mine:complex_ --as gelu": "complex64",
    "mine:layer mine:two --as gelu": "1 FAIL: mine:two; 1 incomplete: mine:layer",
}


@pytest.mark.parametrize("arguments", BAD)
def test_a_wrong_function_fails_and_is_told_why(run, arguments):
    done = run("check", *arguments.split(), "--dtypes", "float32")
    assert (done.status, "1 FAIL: " in done.out, done.err.count("Traceback")) == (1, True, 0), done
    assert BAD[arguments] in done.out


def test_a_namespace_by_its_dialect_and_one_of_ones_own(run, tmp_path):
    done = run("check", "jax.nn", "--only", "gelu,relu", "--dtypes", "float32", "--json", "-")
    assert [(r["function"], r["verdict"]) for r in json.loads(done.out)] == [("gelu_tanh", "pass"), ("relu", "pass")]
    (tmp_path / "mine.py").write_text("import numpy as np\ndef relu(x): return np.maximum(x, 0)\ndef helper(): pass\n")
    assert "1 checked, 1 incomplete: mine.relu" in run("check", "mine", "--dtypes", "float32").out


def test_the_page_needs_nothing_else(run, tmp_path):
    assert run("check", "mine:one", "--as", "gelu", "--dtypes", "float32", "--html", "a.html").status == 3
    text = (tmp_path / "a.html").read_text()
    assert "<svg" in text
    assert "//" not in text.replace("</", "")


# -- help --------------------------------------------------------------------------------------------------------------

PICTURE = ["--xlim LOW HIGH", "--theme {light,dark}", "--output FILE"]
OPTIONS = {
    "": ["check", "list", "show", "plot", "compare", "gallery", "error", "--version"],
    "check": [
        "target",
        "--as NAME",
        "--derivative MODULE:FUNCTION",
        "--level",
        "--dtypes TYPES",
        "--params",
        "--only NAMES",
        "--json FILE",
        "--html FILE",
        "--points N",
    ],
    "list": ["--json"],
    "show": ["name"],
    "plot": ["name", "--alpha 0.5 1 2", "--orders ORDERS", *PICTURE],
    "compare": ["name", "--alpha 0.5", "--orders ORDERS", *PICTURE],
    "gallery": ["name", *PICTURE],
    "error": ["name", "--against TARGETS", "--dtype TYPE", "--orders ORDERS", *PICTURE],
}


@pytest.mark.parametrize("command", OPTIONS)
def test_help_has_every_option(run, command):
    done = run(*command.split(), "--help")
    assert done.status == 0
    assert [option for option in ("--help", *OPTIONS[command]) if option not in done.out] == []


def test_version(run):
    assert run("--version") == (0, f"acts {acts.__version__}\n", "")


# -- wrong usage -------------------------------------------------------------------------------------------------------

WRONG = {
    "show gleu": "did you mean glu, ",
    "plot gleu -o a.png": "did you mean glu, ",
    "plot elu": "no window can be opened here; name a file: -o picture.png",
    "plot elu --alhpa 1 -o a.png": "elu has no parameter 'alhpa'; did you mean alpha",
    "plot elu --order 0,1 -o a.png": "elu has no parameter 'order'; allowed: alpha; the options are --orders, ",
    "plot elu --alpha much -o a.png": "--alpha takes numbers, not 'much'",
    "plot elu --alpha -o a.png": "alpha was given no value",
    "plot elu --orders 0,3 -o a.png": "3 is no order; allowed: 0, 1, 2, alpha",
    "plot elu --xlim 1 0 -o a.png": "the smaller one first",
    "plot softmax -o a.png": "softmax is a function of rows",
    "compare relu elu --alhpa 1 -o a.png": "none of relu, elu has a parameter 'alhpa'; did you mean alpha",
    "gallery relu gleu -o a.png": "did you mean glu, ",
    "error gelu --against jaxnn -o a.png": "did you mean jax.nn",
    "show elu --alpha 1": "unrecognized arguments: --alpha 1",
    "plot elu -o nowhere/a.png": "nowhere/a.png",
    "plot elu -o a.xyz": "'xyz' is not supported",
    "plot elu -o noending": "noending",
    "chek": "invalid choice: 'chek'",
    "check": "required: target",
    "check act_jax": "did you mean acts_jax",
    "check mind": "package.module:function",
    "check json": "no function whose name acts knows",
    "check mine:one --as gelu --level strict": "allowed: ulp, framework, close",
    "check mine:one --as gelu --params weight": "weight=alpha",
    "check mine:one --as gelu --dtypes float33": "float32",
    "check mine:one mine:two --as gelu --as tanh --as relu": "one for each",
    "check jax.nn --as gelu": "package.module:function",
    "check acts --only elu,gleu": "did you mean glu, ",
    "check acts --only ,": "names no function",
    "check acts --only elu --points 3": "a grid needs 100 points or more",
    "check acts --only elu --points many": "invalid int value: 'many'",
    "check acts --only elu --points 200 --json nowhere/a.json": "nowhere/a.json",
    "check acts --as elu": "for a function of your own",
    "check mine:one": "Add --as NAME",
    "check mine:one --as gleu": "did you mean glu, ",
    "check mine:one --as gelu --only elu": "--only is for packages",
    "check mine:on --as gelu": "mine has no 'on'; did you mean one",
    "check mine:number --as gelu": "mine:number is 3, which can't be called",
    "check mine:one --as gelu --derivative slope": "slope",
    "check nowhere:f --as gelu": "No module named 'nowhere'",
    "check needing:f --as gelu": "No module named 'nowhere_to_be_found'",
    "check broken:f --as gelu": "broken.py",
    "check raising:f --as gelu": "RuntimeError: at import",
}


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_usage(run, arguments):
    done = run(*arguments.split())
    assert (done.status, done.out) == (2, "")
    assert WRONG[arguments] in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(("missing", "arguments"), [
    ("jax", "check acts_jax --only elu"),
    ("rich", "list"),
    ("plotext", "show elu"),
    ("matplotlib", "plot elu -o a.png"),
    ("matplotlib", "gallery"),
    ("torch", "error elu --against torch -o a.png"),
])  # fmt: skip
def test_a_missing_package_is_named_with_the_command_that_installs_it(missing, arguments):
    done = process(*arguments.split(), code=f"import sys; sys.modules[{missing!r}] = None")
    assert (done.status, done.out) == (2, "")
    assert done.err == f"acts: this command needs {missing}: {install_command(missing)}\n"


def test_numpy_functions_are_checked_without_jax(run, tmp_path):
    (tmp_path / "plain.py").write_text("import numpy as np\ndef relu(x): return np.maximum(x, 0)\n")
    done = process("check", "plain:relu", "--as", "relu", code="import sys; sys.modules['jax'] = None")
    assert (done.status, "1 checked, 1 incomplete" in done.out) == (3, True), done
