"""python -m acts list and show: all that is known of a function, whole at any width."""

import functools
import inspect
import json
import re
import subprocess
import sys

import pytest

import acts
import acts_jax
from acts import testing
from acts.__main__ import main
from acts._install import install_command
from acts._record import ON_NUMBERS
from acts.cli import _sources, _textbook
from acts.cli.listing import entry

ELEMENTWISE = (*acts.names(), *acts.names("gated"))


@pytest.fixture
def run(capsys, monkeypatch):
    """Runs the command line in a terminal 80 columns wide; what it printed."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments):
        assert main(list(arguments)) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out

    return run


def process(*arguments, code):
    """The command line in a process of its own; the code runs first."""
    program = f"{code}\nfrom acts.__main__ import main\nsys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, encoding="utf-8", check=False, timeout=120
    )


def squeezed(text):
    """Without what the lines and columns of a table put between."""
    return "".join(text.split())


# -- list --------------------------------------------------------------------------------------------------------------


def test_list_has_every_function_with_definition_and_parameters(run):
    rows, cells = run("list").splitlines(), {}
    for row in rows:
        if row.startswith("│"):
            name, *columns = (cell.strip() for cell in row.split("│")[1:-1])
            last = name or last  # noqa: F821
            cells.setdefault(last, []).append(columns)
    assert all(len(row) <= 80 for row in rows)
    for name in acts.names("all"):
        f = acts.get(name)
        definition, parameters, _ = (squeezed("".join(column)) for column in zip(*cells[name], strict=True))
        assert definition == squeezed(f.definition.partition(" = ")[2])
        assert all(p in parameters for p in f.params)
    assert "alpha=1" in cells["elu"][0][1]


def test_list_as_json_has_all_of_the_record_and_needs_no_rich():
    done = process("list", "--json", code="import sys; sys.modules['rich'] = sys.modules['plotext'] = None")
    entries = {e["name"]: e for e in json.loads(done.stdout, parse_constant=pytest.fail)}
    assert list(entries) == list(acts.names("all"))
    for name, found in entries.items():
        f = acts.get(name)
        assert (found["definition"], found["source"]) == (f.definition, f.paper)
        assert found["aliases"] == list(f.aliases)
        defaults = {p["name"]: p["default"] for p in found["parameters"] if "default" in p}
        assert {p: float(d) for p, d in defaults.items() if p in f.params and d is not None} == pytest.approx(
            {p: f.__signature__.parameters[p].default for p in f.params if p in defaults and defaults[p] is not None}
        )
        assert set(f.params) <= {p["name"] for p in found["parameters"]}
    assert entries["prelu"]["parameters"] == [{"name": "alpha"}, {"name": "axis", "default": None}]
    assert entry("general_relu")["parameters"][1] == {"name": "max_value", "default": "inf"}


# -- show --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_show(run, name):
    f, done = acts.get(name), run("show", name)
    lines = done.splitlines()
    assert lines[0] == f.definition
    assert _textbook.textbook(f) in done
    assert "…" not in done
    whole = squeezed(done)
    for word in (f.paper, *f.aliases, *f.params):
        assert squeezed(word) in whole
    for formulas in (f.formulas(), acts_jax.formulas(acts_jax.get(name))):
        for formula in formulas.values():
            assert _sources.source_of(formula) in done
    params = testing.example_parameters(f)
    at_one = [f"{compute(1.0, **params):.7g}" for compute in (f, f.derivative, f.second_derivative)]
    at_one += [f"{f.partial(p, 1.0, **params):.7g}" for p in f.params]
    assert any(line.replace("│", " ").split() == ["1", *at_one] for line in lines)
    assert "•• f'" in done


@pytest.mark.parametrize("name", [*acts.names("axis"), acts.names("literature")[0]])
def test_show_of_rows_and_of_the_literature(run, name):
    f, done = acts.get(name), run("show", name)
    assert done.splitlines()[0] == f.definition
    assert squeezed(f.paper) in squeezed(done)
    if f.kind == "axis":
        for source in (f.formula, f.rules["vjp"]):
            assert _sources.source_of(source) in done


def test_show_says_what_a_parameter_is_worth_and_whether_that_is_its_default(run):
    assert "parameters  alpha=1" in run("show", "elu")
    prelu = run("show", "prelu")
    assert "parameters  alpha, axis=None" in prelu
    assert "With alpha = 0.25:" in prelu
    with pytest.raises(TypeError, match="alpha"):
        acts.prelu(1.0)


def test_show_explains_helpers_and_constants(run):
    gelu = run("show", "gelu")
    assert "f(x) = x · Φ(x)\nΦ(u), in code ncdf(u), is the distribution function" in gelu
    for helper in ("inverse_mills(t): bell(t) / Q(t)", "mills(t): Q(t) / npdf(t)", "SQRT_2_PI: 2.5066282746310007"):
        assert helper in gelu
    assert "constant    SELU_ALPHA = 1.6732632423543772" in run("show", "selu")
    assert "torch: F.gelu(x) is gelu(x)" in gelu
    assert "def d_leaky_relu(x, negative_slope):" in run("show", "prelu")  # d_prelu calls it


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_nothing_of_a_source_is_left_unexplained(name):
    """Every function of the package that a formula names has a line or its source."""
    for formulas in (acts.get(name).formulas(), acts_jax.formulas(acts_jax.get(name))):
        own = {formula.__name__ for formula in formulas.values()}
        said, shown = _sources.explained(formulas.values())
        told = {line.partition("(")[0] for line in said} | shown.keys() | own
        used = {n for formula in formulas.values() for n, _ in _sources._used(inspect.unwrap(formula))}
        assert used <= told
        assert all(len(meaning) > 3 for meaning in said.values())


TEXTBOOK = {
    "relu": "f(x) = max(0, x)",
    "softsign": "f(x) = x / (1 + |x|)",
    "relu_squared": "f(x) = max(0, x)²",
    "lisht": "f(x) = x · tanh(x)",
    "elu": "f(x) = ⎰ x                    if x > 0\n       ⎱ \N{GREEK SMALL LETTER ALPHA} · (exp(x) - 1)     otherwise",
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_textbook_formula(name):
    assert _textbook.textbook(acts.get(name)) == TEXTBOOK[name]


def read_of(params, text):
    """A line of the textbook as Python; two names, lam and lambd, are written λ."""
    known = {**_textbook.GREEK, **_textbook.CALLED}
    names = {sign: name for name, sign in known.items()} | {known[p]: p for p in params if p in known}
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = re.sub(r"√(?=\()", "sqrt", re.sub(r"√(\w+)", r"sqrt(\1)", text))
    text = re.sub(
        "[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda high: "**" + high[0].translate({v: k for k, v in _textbook.HIGH.items()}), text
    )
    text = text.translate({v: k for k, v in _textbook.LOW.items()})
    for sign, name in names.items():
        text = re.sub(rf"(?<![A-Za-z]){sign}(?![A-Za-z])", name, text)
    for sign, code in (("·", "*"), (" = ", " == "), ("≤", "<="), ("≥", ">="), ("≠", "!="), (", else ", " else ")):
        text = text.replace(sign, code)
    return text.replace("undefined", "nan")


@pytest.mark.parametrize("name", [*ELEMENTWISE, *acts.names("literature")])
def test_the_textbook_formula_has_the_values_of_the_definition(name):
    """Read again, with the parentheses that it has, and its cases from the top."""
    f = acts.get(name)
    read = functools.partial(read_of, f.params)
    _, lines = _textbook.textbook(f).split(" = ", 1)
    if lines[0] in "⎧⎰":
        cases = [re.fullmatch(r"\s*\S (.*?) {5,}(?:if (.*)|otherwise)", line).groups() for line in lines.splitlines()]
        text = "".join(f"({read(value)}) if ({read(when)}) else " for value, when in cases[:-1]) + read(cases[-1][0])
    else:
        text = read(lines)
    known = {**ON_NUMBERS, **f.constants(), **testing.example_parameters(f)}
    for x in (-3.25, -0.75, -0.1, 0.1, 0.8, 1.5, 4.0):
        given = {**known, f.argument: x}
        right = eval(f.definition.partition(" = ")[2], {**given})
        assert eval(text, given) == pytest.approx(right, rel=1e-12, nan_ok=True), text


def test_an_encoding_without_blocks_still_shows():
    done = process("show", "elu", code="import sys; sys.stdout.reconfigure(encoding='ascii')")
    assert (done.returncode, done.stderr) == (0, "")


def test_without_jax_one_line_says_what_its_source_needs():
    done = process(
        "show", "elu", code="import sys; sys.modules['jax'] = None; sys.stdout.reconfigure(encoding='utf-8')"
    )
    assert done.returncode == 0, done.stderr
    assert f"The source in JAX needs jax: {install_command('jax')}" in done.stdout
