"""The explorer: one file without a network, whose numbers are those of acts, in Node and in a browser."""

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from explorer_support import CURVES, NAMES, PROBE, drawn_cases, failures, script, text

import acts
from acts.__main__ import main
from acts._mathml import typeset
from acts.explorer._javascript import javascript, number

WITHOUT_NODE = pytest.mark.skipif(
    shutil.which("node") is None, reason="node, which runs the page's script, is not here"
)


# -- the page ----------------------------------------------------------------------------------


def test_the_page_is_one_file_of_at_most_2_mb_that_asks_for_nothing():
    assert len(text().encode()) < 2_000_000
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!data:)", text())
    assert not re.search(r"\b(?:fetch|XMLHttpRequest|WebSocket|import)\s*\(|@import|url\((?!#)", text())
    assert "default-src 'none'" in text()  # and the browser would refuse it


def test_every_part_of_the_page_is_in_place():
    assert not re.search(r"/\* [\w.]+ \*/", text())
    assert text().count("<script>") == text().count("</script>") == 1
    assert acts.__version__ in text()


def test_every_function_of_one_array_and_every_gate_is_there_and_those_of_rows_that_are_formulas():
    missing = [name for name in acts.names("all") if name not in NAMES]
    constructed = ["hardmax", "gumbel_softmax", "sparsemax", "entmax15", "entmax", "maxout", "crelu", "concat_elu"]
    assert missing == [*constructed, "polynorm", "gaussian_topk"]


@pytest.mark.parametrize("name", [name for name in acts.names(kind="axis") if name in NAMES])
def test_the_curve_of_a_function_of_rows_is_its_first_output(name):
    x, curve, f = np.linspace(-9, 9, 19), CURVES[name], acts.get(name)
    rows = np.stack([x, 0 * x, 0 * x + 1], axis=-1)
    y = f(rows)
    first = np.eye(3)[np.zeros(19, int)] if y.ndim > 1 else np.ones(19)
    dx = f.vjp(rows, first)[0]
    assert curve(x) == pytest.approx(y[first == 1], rel=1e-12)
    assert curve.derivative(x) == pytest.approx(dx[:, 0], rel=1e-12)
    assert curve.partial("x2", x) == pytest.approx(dx[:, 2], rel=1e-12)


def test_the_command_writes_the_page(tmp_path, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("acts.explorer.page", text)
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.chdir(tmp_path)
    assert main(["explore", "-o", "mine.html"]) == 0
    assert (tmp_path / "mine.html").read_text(encoding="utf-8") == text()
    assert main(["explore", "--no-open"]) == 0
    assert (tmp_path / "acts-explorer.html").exists()
    assert opened == []
    assert "acts-explorer.html" in capsys.readouterr().out
    assert main(["explore"]) == 0
    assert opened == [(tmp_path / "acts-explorer.html").as_uri()]


def test_where_the_page_cannot_be_written_it_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("acts.explorer.page", text)
    assert main(["explore", "-o", str(tmp_path / "no" / "folder.html")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_a_registered_function_of_ones_own_is_on_the_page(tmp_path):
    code = """
import sys, acts
from acts.explorer import explore
acts.define("mine(x, a) = x * tanh(a * x)", defaults={"a": 2.0}, register=True)
print('"mine": {' in explore(sys.argv[1], show=False).read_text(encoding="utf-8"))
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a.html"], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


# -- translations ------------------------------------------------------------------------------


@pytest.mark.parametrize(("definition", "wanted"), [
    ("x ** 2", "($, $x) => $.pow($x, 2)"),
    ("-1 < x < 1", "($, $x) => ($.lt($.neg(1.0), $x) && $.lt($x, 1.0))"),
    ("log(1 + exp(x)) if x > 0 else pi", f"($, $x) => ($.gt($x, 0.0) ? $._softplus($x) : {3.141592653589793})"),
    ("max(x, 0, -x)", "($, $x) => $.max($x, 0.0, $.neg($x))"),
])  # fmt: skip
def test_a_definition_in_javascript(definition, wanted):
    assert javascript(definition, ("x",)) == wanted


def test_numbers_in_javascript():
    assert [number(x) for x in (0.5, float("inf"), -float("inf"), float("nan"))] == [
        "0.5",
        "Infinity",
        "-Infinity",
        "NaN",
    ]


def test_what_is_not_of_the_grammar_is_not_translated():
    with pytest.raises(ValueError, match="only these can be called"):
        javascript("alert(x)", ("x",))


@pytest.mark.parametrize(("definition", "wanted"), [
    ("f(x) = x ** 2 / theta", "<mfrac><msup><mi>x</mi><mn>2</mn></msup><mi>θ</mi></mfrac>"),
    ("f(x) = 2 * (x + 1)", "<mo>·</mo><mrow><mo>(</mo><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow><mo>)</mo></mrow>"),
    ("f(x, a0) = a0 - (x - 1)", "<msub><mi>a</mi><mi>0</mi></msub><mo>\N{MINUS SIGN}</mo><mrow><mo>(</mo>"),
    ("f(x) = x if x > 0 else 0", "<mtd><mi>x</mi></mtd><mtd><mrow><mtext>if&#160;</mtext>"),
])  # fmt: skip
def test_a_definition_typeset(definition, wanted):
    assert wanted in typeset(definition)


# -- numbers, in Node --------------------------------------------------------------------------


def in_node(expression):
    code = f"{script()}\nconsole.log(JSON.stringify({expression}));"
    done = subprocess.run(["node", "-"], input=code, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@WITHOUT_NODE
def test_values_derivatives_and_partials_are_those_of_acts_in_node():
    cases = drawn_cases(seed=0)
    assert failures(cases, in_node(f"{PROBE}({json.dumps(cases)})")) == []


@WITHOUT_NODE
def test_a_kink_that_only_some_parameters_have():
    case = {"squareplus": {"params": {"b": 0.0}, "points": [-1.0, -(2.0**-30), 0.0, 2.0**-30, 1.0]}}
    assert failures(case, in_node(f"{PROBE}({json.dumps(case)})")) == []


@WITHOUT_NODE
def test_a_wrong_rule_would_be_seen():
    cases = drawn_cases(seed=0, count=3)
    wrong = "(RULES.tanh = x => [Math.tanh(x), 1, 0], JETS.tanh = x => Jet.of(x).through(RULES.tanh(Jet.of(x).value)), "
    assert {found[0] for found in failures(cases, in_node(f"{wrong}{PROBE}({json.dumps(cases)}))"))} >= {"tanh", "mish"}


@WITHOUT_NODE
def test_moments_and_gains_are_those_of_acts_in_node():
    names = ["relu", "elu", "gelu", "tanh", "selu", "hardshrink", "snake"]
    answers = in_node(f"{names}.map(name => [FUNCTIONS[name], FUNCTIONS[name].params]).map(([f, p]) => "
                      "[moments(f, p, 0.5, 2).mean, moments(f, p, 0.5, 2).std, gain(f, p)])")  # fmt: skip
    for name, (mean, std, gain) in zip(names, answers, strict=True):
        wanted = acts.moments(name, 0.5, 2.0)
        assert (mean, std, gain) == pytest.approx((wanted.mean, wanted.std, acts.gain(name)), rel=1e-9), name


@WITHOUT_NODE
def test_a_distribution_has_its_atoms_and_its_whole_probability():
    atoms, total, mean = in_node("(d => [d.atoms, d.parts.reduce((sum, part) => sum + part.share, 0), "
                                 "d.parts.reduce((sum, p) => sum + p.share * (p.from + p.to) / 2, 0)])"
                                 "(distribution(FUNCTIONS.relu, {}, 0, 1))")  # fmt: skip
    assert [(atom["at"], round(atom["share"], 6)) for atom in atoms] == [(0, 0.5)]
    assert total == pytest.approx(0.5, abs=1e-6)
    assert mean == pytest.approx(acts.moments("relu").mean, rel=1e-4)


@WITHOUT_NODE
def test_the_measured_errors_are_small_and_the_textbook_s_are_not():
    largest, textbook = in_node("[Object.values(FUNCTIONS).map(f => f.largest), ulpError(FUNCTIONS.gelu, {}, -5.5)[1]]")
    assert 0.4 < max(largest) < 10
    assert textbook > 1000
