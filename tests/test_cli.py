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
gelu, gelu_jax, gelu_tanh_jax = acts.gelu.formula, acts_jax.gelu, acts_jax.gelu_tanh
number = 3
def slope(x): return acts.gelu.derivative(x)
def gelu_tanh(x): return acts.gelu_tanh(x)
def half_slope(x): return acts.gelu.derivative(x) / 2
def one(x): return acts.gelu(x)
def two(x): return acts.gelu_tanh(x)
def relu(x): return jnp.maximum(x, 0)
def prelu(x, alpha): return jnp.where(x > 0, x, alpha * x)
def leaky(x, negative_slope=0.01): return jnp.where(x > 0, x, negative_slope * x)
SLOPE = jnp.asarray(0.01)
def leaky_constant(x): return jnp.where(x > 0, x, SLOPE * x)
def in_place(x):
    x *= 0
    return x
class Layer:
    def __call__(self, x): return acts.gelu(x)
layer = Layer()

def raises(x): raise RuntimeError("it broke")
def key_error(x): return {}["weight"]
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


ONLY_VALUES = ["mine:one --as gelu", "mine:gelu --as GELU", "mine:layer --as gelu"]
WITH_SLOPES = [
    "mine:one --as gelu --derivative mine:slope",
    "mine:gelu_jax --as gelu",
    "mine:relu --as relu",
    "mine:prelu --as prelu",
    "mine:leaky --as leaky_relu",
    "mine:leaky_constant --as leaky_relu",
]


@pytest.mark.parametrize("arguments", ONLY_VALUES + WITH_SLOPES)
def test_a_right_function_passes(run, arguments):
    done = run("check", *arguments.split(), "--points", "200")
    assert (done.status, "1 checked, all pass" in done.out) == (0, True), done
    assert ("not checked: f', f''" in done.out) == (arguments in ONLY_VALUES)
    assert ("f'', df/dnegative_slope; all else at negative_slope=0.01 alone" in done.out) == ("leaky" in arguments)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("mine:gelu_tanh --as gelu", "mine:gelu_tanh: f in float32 at x = "),
        ("mine:gelu_tanh_jax --as gelu", "mine:gelu_tanh_jax: f' in float64 at x = "),
        ("mine:relu --as leaky_relu", "acts gives"),
        ("mine:one --as gelu --derivative mine:half_slope", "finite differences give"),
        ("mine:two --as gelu", "mine:two: f in float32 at x = "),
        ("mine:in_place --as relu", "mine:in_place: f in float32 at x = "),
    ],
)
def test_a_wrong_function_fails_and_is_located(run, arguments, says):
    done = run("check", *arguments.split(), "--points", "200")
    assert (done.status, "1 FAIL: " in done.out) == (1, True)
    assert says in done.out


def test_another_type_is_noted(run):
    done = run("check", "mine:double", "--as", "gelu", "--points", "200")
    assert "mine:double: f of float32 came back as float64" in done.out


# -- help --------------------------------------------------------------------------------------------------------------

PICTURE = ["--xlim LOW HIGH", "--theme {light,dark}", "--output FILE"]
OPTIONS = {
    "": ["check", "list", "show", "plot", "compare", "gallery", "error", "--version"],
    "check": ["target", "--as NAME", "--derivative MODULE:FUNCTION", "--only NAMES", "--json FILE", "--points N"],
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
    "check mine": "package.module:function",
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
FAILING = {
    "check mine:raises --as gelu": "mine:raises: f raised RuntimeError: it broke",
    "check mine:key_error --as gelu": "mine:key_error: f raised KeyError: 'weight'",
    "check mine:branches --as gelu": "mine:branches: f raised ValueError: The truth value",
    "check mine:shorter --as gelu": "mine:shorter: f of x with shape (204,) has shape (203,)",
    "check mine:complex_ --as gelu": "complex64",
}


@pytest.mark.parametrize("arguments", [*WRONG, *FAILING])
def test_wrong_usage_and_functions_that_fail_outright(run, arguments):
    small = ["--points", "200"] if "check mine:" in arguments else []
    done = run(*arguments.split(), *small)
    assert (done.status, done.out) == (1 if arguments in FAILING else 2, "")
    assert {**WRONG, **FAILING}[arguments] in done.err
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
    assert (done.status, "1 checked, all pass" in done.out) == (0, True), done
