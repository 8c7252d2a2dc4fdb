"""acts.define: what one line gives, in both packages, and what the grammar refuses."""

import ast
import pickle
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import acts
import acts_jax
from acts._grammar import DefinitionError
from acts.testing import compare, from_acts, oracle
from acts.testing.candidates import from_acts_jax

GOLU = "golu(x, alpha, beta, gamma) = x * alpha * exp(-beta * exp(-gamma * x))"
ONES = {"alpha": 1.0, "beta": 1.0, "gamma": 1.0}
BENT = acts.define(
    "bent(x, a) = a * x if x < 0 else x + x**2 if x <= 1 else 3 * x - 1", kinks=("0", "1"), defaults={"a": 0.5}
)
X = np.linspace(-5, 5, 41)


@pytest.mark.parametrize("function", [acts.define(GOLU, defaults=ONES), BENT], ids=lambda f: f.__name__)
def test_it_is_checked_as_every_activation_is(function):
    report = compare(from_acts(function), function, 400)
    assert report.passed, [finding for finding in report.findings if not finding.passed]
    mirror = from_acts_jax(function, acts_jax.define(**function._defined))
    for finding in compare(mirror, function, 400).findings:  # in float32 it computes so: what is lost is a table's
        assert finding.passed or (finding.dtype == "float32" and np.isfinite(finding.got)), finding


def test_its_values_and_derivatives_are_the_oracle_s():
    golu = acts.define(GOLU, defaults=ONES)
    for at in (-3.0, 0.5, 40.0):
        jet = [float(part) for part in oracle(golu, at)]
        got = [golu(at), golu.derivative(at), golu.second_derivative(at)]
        np.testing.assert_allclose(got, jet, rtol=1e-13)
        partial = float(oracle(golu, at, wrt="gamma")[1])
        np.testing.assert_allclose(golu.partial("gamma", at), partial, rtol=1e-12)


def test_it_has_every_method_and_type():
    golu = acts.define(GOLU, defaults=ONES)
    y, slope = golu.value_and_derivative(X)
    np.testing.assert_array_equal(y, golu(X))
    np.testing.assert_array_equal(slope, golu.derivative(X))
    assert golu(X.astype(np.float16)).dtype == np.float16
    out = np.empty_like(X)
    assert golu(X, out=out) is out
    _, *totals = golu.vjp(X, np.ones_like(X))
    np.testing.assert_allclose(totals[0], golu.partial("alpha", X).sum())
    assert golu.bind(beta=2.0)(1.0) == golu(1.0, beta=2.0)
    assert np.isnan(golu(np.nan))
    assert BENT.kinks_at() == (0.0, 1.0)
    long = np.linspace(-9, 9, 300_001)
    np.testing.assert_array_equal(golu(long)[::1000], golu(long[::1000]))


def test_it_pickles_by_its_text_and_compares_by_value():
    golu = acts.define(GOLU, defaults=ONES)
    assert pickle.loads(pickle.dumps(golu)) == golu == acts.define(GOLU, defaults=ONES)
    assert golu != acts.define("golu(x) = x")
    bound = golu.bind(beta=2.0)
    assert pickle.loads(pickle.dumps(bound)) == bound != golu
    mirror = acts_jax.define(GOLU, defaults=ONES)
    for function in (mirror, mirror.derivative, acts_jax.get(mirror, beta=2.0)):
        assert pickle.loads(pickle.dumps(function)) == function
    assert repr(mirror) == "<acts_jax golu(x, alpha=1.0, beta=1.0, gamma=1.0)>"


def test_in_jax_it_has_rules_and_learned_parameters():
    mirror, record = acts_jax.define(GOLU, defaults=ONES), acts.define(GOLU, defaults=ONES)
    x = jnp.asarray(X, jnp.float32)
    np.testing.assert_allclose(jax.jit(mirror)(x), record(X), rtol=2e-6, atol=1e-7)
    slopes = jax.vmap(jax.grad(mirror))(x)
    np.testing.assert_allclose(slopes, record.derivative(X), rtol=2e-5, atol=1e-6)
    got = jax.grad(lambda gamma: jnp.sum(mirror(x, gamma=gamma)))(1.0)
    np.testing.assert_allclose(got, record.partial("gamma", X).sum(), rtol=1e-5)
    np.testing.assert_allclose(
        jax.vmap(jax.grad(jax.grad(mirror)))(x), record.second_derivative(X), rtol=1e-4, atol=1e-6
    )
    (kept,) = jax.tree.leaves(jax.vjp(mirror, x)[1])
    assert kept.shape == x.shape
    assert mirror(x.astype(jnp.bfloat16)).dtype == jnp.bfloat16
    at_0 = acts_jax.define("f(x, a) = x if a == 0 else x / a + 1 / a", defaults={"a": 0.0})
    assert jax.grad(at_0)(2.0) == 1, "a number may be 0 where the other piece divides by it"


def test_it_enters_the_registry_only_when_told_and_may_do_so_twice():
    name = "test_only_curve"
    made = acts.define(f"{name}(x) = x / (1 + x**2)")
    with pytest.raises(LookupError):
        acts.get(name)
    try:
        for _ in range(2):
            acts.define(f"{name}(x) = x / (1 + x**2)", register=True)
        assert acts.get("test-only curve") == made
        assert acts_jax.get(name)(1.0) == 0.5
        with pytest.raises(ValueError, match=r"the name 'testonlycurve' of test_only_curve is taken"):
            acts.define(f"{name}(x) = x", register=True)
        with pytest.raises(ValueError, match="taken by gelu"):
            acts.define("gelu(x) = x", register=True)
    finally:
        acts._registry._ACTIVATIONS.pop(name)
        acts._registry._SPELLINGS.pop("testonlycurve")


@pytest.mark.parametrize(("definition", "problem", "column"), [
    ("f(x) = __import__('os')", "only these can be called", 0),
    ("f(x) = x.real", "Attribute is not of the grammar", 0),
    ("f(x) = 1 + (lambda: 3)", "Lambda is not of the grammar", 5),
    ("f(x) = [x][0]", "Subscript is not of the grammar", 0),
    ("f(x) = x ^ 2", "BitXor is not of the grammar of definitions; a power is x**2", 0),
    ("f(x) = x + 'a'", "'a' is no number", 4),
    ("f(x) = x**a", "an exponent is an integer of at most 64; x**a is exp(a * log(x))", 3),
    ("f(x) = x * tahn(exp(x))", "'tahn' is no function (did you mean tanh", 4),
    ("f(x) = exp(x=x)", "exp has no keyword", 0),
    ("f(x) = 2 * y", "'y' is unknown; known: e, nan, pi, x", 4),
    ("f(x, alpha) = alhpa * x", "'alhpa' is unknown; known: alpha, e, nan, pi, x (did you mean alpha?)", 0),
    ("f(x) = x + exp", "'exp' is unknown", 4),
    ("f(x) = max(x)", "max takes two or more", 0),
    ("f(x) = exp(x, x)", "exp takes one", 0),
    ("f(x) = (x", "never closed", 0),
    ("f(x) = x and 1", "BoolOp is not of the grammar", 0),
    ("f(x) = x + 1 / 0", "division by zero", 7),
    ("f(x, out) = x * out", "the argument 'out' is taken", 2),
    ("f x = x", "written name(x, parameter, ...) = expression", 0),
    ("f(x, exp) = x", "the argument 'exp' is taken", 2),
    ("f(x, x) = x", "the argument 'x' is taken", 2),
    ("f(x, if) = x", "the argument 'if' is taken", 2),
    ("f(x, bé) = bé + y", "'y' is unknown", 5),
])  # fmt: skip
def test_anything_else_is_an_error_that_shows_the_place(definition, problem, column):
    for package in (acts, acts_jax):
        with pytest.raises(DefinitionError) as error:
            package.define(definition)
        first, shown, caret = str(error.value).splitlines()
        assert problem in first
        assert shown.strip() in definition
        assert caret == " " * (4 + column) + "^"


@pytest.mark.parametrize(("text", "problem", "column"), [
    ("a.real", "Attribute is not of the grammar", 0),
    ("a.__class__.__mro__", "Attribute is not of the grammar", 0),
    ("a * __import__('os').getpid()", "only these can be called", 4),
    ("eval('1')", "only these can be called", 0),
    ("_choose(a, a, a)", "only these can be called", 0),
    ("(lambda: a)()", "only these can be called", 0),
    ("max(a, key=a)", "only these can be called", 0),
    ("max(1, *a, a)", "Starred is not of the grammar", 7),
    ("a + [t for t in a]", "ListComp is not of the grammar", 4),
    ("exp(t for t in a)", "GeneratorExp is not of the grammar", 3),
    ("(a := 3)", "NamedExpr is not of the grammar", 1),
    ("f'{a}'", "JoinedStr is not of the grammar", 0),
    ("a if not a else 1", "Not is not of the grammar", 5),
    ("a**1000000", "an exponent is an integer of at most 64", 3),
    ("a**-65", "an exponent is an integer of at most 64", 3),
    ("a**2**2", "an exponent is an integer of at most 64", 3),
    ("((((10**64)**64)**64)**64)**64", "out of range", 0),  # as integers it would have a thousand million digits
    ("a * 1e999", "a number beyond the largest float64", 4),
    ("a * 0x" + "f" * 6000, "a number beyond the largest float64", 4),
    ("a + " * 150 + "a", "nested more than 100 deep", 0),
    ("abs(" * 150 + "a" + ")" * 150, "nested more than 100 deep", 396),
    ("(" * 1000 + "a" + ")" * 1000, "too many nested parentheses", 200),
    ("-" * 100_000 + "a", "too deeply nested", 0),
    ("a\0", "null byte", 0),
    ("a + 1 / 0", "division by zero", 0),
    ("(a > 0) & a", "bitwise_and", 0),
    ("print(a)", "only these can be called", 0),
    ("b", "'b' is unknown; known: a, e, nan, pi", 0),
])  # fmt: skip
def test_kinks_and_domains_are_of_the_grammar_and_hostile_ones_show_the_place(text, problem, column):
    definition = f"f(a) = {text}"
    head = 7 if problem in ("division by zero", "bitwise_and", "out of range") else 0  # what is found by computing
    cases = [
        (lambda: acts.define("f(x, a) = a * x", kinks=text), text, column),
        (lambda: acts.define("f(x, a) = a * x", domain=text), text, column),
        (lambda: acts.define(definition), definition if head else text, column + head),
    ]
    for define, whole, place in cases:
        with pytest.raises(DefinitionError) as error:
            define()
        first, shown, caret = str(error.value).split("\n")
        assert problem in first
        assert (shown, caret) == (f"    {whole}", " " * (4 + place) + "^")


def test_text_is_evaluated_in_one_place_alone():
    """That is where the grammar is checked; acts.testing has tables of its own, of Python expressions."""
    package = Path(acts.__file__).parent
    files = [f for f in package.rglob("*.py") if "testing" not in f.parts]
    found = {
        f.name: node.func.id
        for f in files
        for node in ast.walk(ast.parse(f.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec")
    }
    assert len(files) > 50
    assert found == {"_grammar.py": "eval"}


def test_options_are_of_the_grammar_too():
    kinked = acts.define("f(x) = max(x, 0)", kinks=0.0)
    assert kinked.kinks_at() == (0.0,)
    assert kinked == acts.define("f(x) = max(x, 0)", kinks=(0.0,))
    with pytest.raises(DefinitionError, match=r"'bta' is no parameter; did you mean beta\?"):
        acts.define("f(x, beta) = beta * x", defaults={"bta": 1.0})
    with pytest.raises(DefinitionError, match="come before"):
        acts.define("f(x, a, b) = a * x + b", defaults={"a": 1.0})
    with pytest.raises(ValueError, match="needs a > 0, but was given"):
        acts.define("f(x, a) = a * x", domain="a > 0")(1.0, -1.0)


def test_other_defaults_kinks_and_domains_make_another_function():
    text = "scaled(x, a) = a * max(x, 0)"
    one, two = (acts.define(text, defaults={"a": a}) for a in (1.0, 2.0))
    assert one != two
    assert one != acts.define(text, defaults={"a": 1.0}, kinks=("0",))
    assert [acts_jax.define(text, defaults={"a": a})(1.0) for a in (1.0, 2.0)] == [1.0, 2.0]


def test_kinks_and_domains_may_call_functions():
    f = acts.define("f(x, a) = max(x, sqrt(a))", kinks="sqrt(a)", domain="max(a, 0) > exp(0)", defaults={"a": 4.0})
    assert f.kinks_at() == (2.0,)
    with pytest.raises(ValueError, match="needs max"):
        f(1.0, np.full(1, 0.5))


def test_exponents_may_be_negative_and_names_those_of_the_machinery():
    bump = acts.define("bump(x) = (1 + x**2)**-2")
    want = [float(part) for part in oracle(bump, 0.5)]
    np.testing.assert_allclose([bump(0.5), bump.derivative(0.5), bump.second_derivative(0.5)], want, rtol=1e-14)
    assert acts.define("f(x, softplus) = softplus * log(1 + exp(x))")(0.0, 2.0) == 2 * np.log(2)
    assert acts.define("f(x) = (x\n + 1)").definition == "f(x) = (x + 1)"


def test_domains_are_conditions_on_arrays():
    f = acts.define("f(x, a) = a * x", domain="0 < a < 2 if a < 5 else a == 7")
    np.testing.assert_array_equal(f([1.0, 1.0, 1.0], [0.5, 1.5, 7.0]), [0.5, 1.5, 7.0])
    with pytest.raises(ValueError, match="needs 0 < a < 2"):
        f([1.0, 1.0], [0.5, 3.0])


AT_A_TIE = [  # (expression, the slope at 0, and the second derivative): those of the piece that the text takes there
    ("x if x > 0 else 3 * x**2", 0, 6),
    ("x if x >= 0 else 3 * x**2", 1, 0),
    ("x if 0 < x else 2 * x", 2, 0),
    ("5 * x if x == 0 else x", 5, 0),
    ("x if x != 0 else 5 * x", 5, 0),
    ("x if 0 <= x <= 1 else 2 * x", 1, 0),
    ("max(x, 0)", 1, 0),
    ("max(0, x)", 0, 0),
    ("min(0, x, 2 * x)", 0, 0),
    ("min(2 * x, x, 0)", 2, 0),
    ("max(x**2, x)", 0, 2),
    ("abs(x)", 0, 0),
    ("x + sign(x) * x", 1, 0),
]


@pytest.mark.parametrize(("text", "slope", "bend"), AT_A_TIE)
def test_at_a_tie_the_derivatives_are_of_the_piece_that_the_text_takes(text, slope, bend):
    f, mirror = (package.define(f"tie(x) = {text}", kinks="0") for package in (acts, acts_jax))
    for zero in (0.0, -0.0):
        assert (f(zero), f.derivative(zero), f.second_derivative(zero)) == (0, slope, bend)
        assert [float(part) for part in oracle(f, zero)] == [0, slope, bend]
        assert (mirror(zero), jax.grad(mirror)(zero), jax.grad(jax.grad(mirror))(zero)) == (0, slope, bend)
