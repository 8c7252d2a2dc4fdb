"""What XLA makes of the formulas: each gradient one kernel, and no sum that it may rewrite into one that overflows."""

import functools
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import pytest
from jax.extend.core import Literal
from support import FUNCTIONS, OF_EACH_SHAPE

import acts_jax
import acts_jax._registry
from acts.testing import example_parameters

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import programs

TYPES = ["float32", "bfloat16", "float16"]
COPIES = {"neg", "convert_element_type", "broadcast_in_dim", "reshape", "copy", "reduce_precision"}


def mirror(function):
    return acts_jax.get(function.__name__, **example_parameters(function))


def formulas(function):
    """The bare formulas of a function, by what they compute."""
    rule = acts_jax._registry.find(mirror(function))
    return rule.formulas | {f"{key} in 16 bits": formula for key, formula in rule.short.items()}


def assert_one_kernel_with_its_constants_in_it(function, dtype):
    x = jax.ShapeDtypeStruct((1024,), dtype)
    compiled = programs.looked_at(jax.jit(programs.gradient(function)).lower(x, x))
    assert programs.kernels(compiled) in (["fusion"], ["copy"])  # of g, for identity
    assert "constant" not in programs.instructions(compiled)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_gradient_is_one_kernel(function, dtype):
    assert_one_kernel_with_its_constants_in_it(mirror(function), dtype)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_a_gradient_by_an_explicit_rule_is_one_kernel(function, dtype):
    assert_one_kernel_with_its_constants_in_it(acts_jax.as_custom_vjp(mirror(function)), dtype)


def test_what_cannot_be_fused_is_several_kernels():
    assert len(programs.kernels(jax.jit(lambda x: x / x.sum()).lower(jnp.zeros(1024)).compile())) > 1


def test_kernels_are_counted_in_calls_and_with_several_results():
    text = """HloModule m
%inner (p: f32[8]) -> (f32[8], f32[8]) {
  %p = f32[8]{0} parameter(0)
  ROOT %both = (f32[8]{0}, f32[8]{0}) fusion(%p), kind=kLoop, calls=%work
}

ENTRY %main (x: f32[8]) -> f32[8] {
  %x = f32[8]{0} parameter(0)
  %call = (f32[8]{0}, f32[8]{0}) call(%x), to_apply=%inner
  %first = f32[8]{0} get-tuple-element(%call), index=0
  ROOT %product = f32[8]{0} custom-call(%first), custom_call_target="matmul"
}
"""
    assert programs.kernels(SimpleNamespace(as_text=lambda: text)) == ["fusion", "custom-call"]


def sums_with_a_common_factor(f, *args):
    """The sums a * c + b * c of f, c one power of 2: XLA may make (a + b) * c of them, and a + b may overflow."""
    with jax.disable_jit():  # what f calls becomes part of it
        equations = jax.make_jaxpr(f)(*args).eqns
    made_by = {equation.outvars[0]: equation for equation in equations}

    def name_and_terms(atom):
        equation = None if isinstance(atom, Literal) else made_by.get(atom)
        return (equation.primitive.name, equation.invars) if equation else ("", [])

    def number(atom):
        name, terms = name_and_terms(atom)
        if name in COPIES:
            return number(terms[0])
        return float(atom.val) if isinstance(atom, Literal) else None

    def factor(atom):
        name, terms = name_and_terms(atom)
        if name in COPIES:
            return factor(terms[0])
        for term, other in [terms, terms[::-1]] if name == "mul" else [terms] if name == "div" else []:
            if c := number(other):
                return abs(c if name == "mul" else 1 / c) * factor(term)
        return 1.0

    sums = [equation for equation in equations if equation.primitive.name in ("add", "sub", "add_any")]
    factors = {str(equation): [factor(term) for term in equation.invars] for equation in sums}
    return [text for text, (a, b) in factors.items() if a == b != 1 and math.frexp(a)[0] == 0.5]


@pytest.mark.parametrize("bound", [False, True], ids=["traced", "bound"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_formula_adds_two_terms_with_a_common_factor(function, bound):
    x, values = jnp.ones(3), example_parameters(function).values()
    for key, formula in formulas(function).items():
        found = (
            sums_with_a_common_factor(functools.partial(lambda f, x: f(x, *values), formula), x)
            if bound
            else sums_with_a_common_factor(formula, x, *map(jnp.float32, values))
        )
        assert found == [], key


@pytest.mark.parametrize(
    ("f", "count"),
    [
        (lambda a, b: a * 0.5 + b * 0.5, 1),
        (lambda a, b: a / 2 - jnp.float32(0.5) * b, 1),
        (lambda a, b: jax.jit(lambda a: -a / 2)(a) + (b / 4 * 2).astype(a.dtype), 1),
        (lambda a, b: a * 0.3 + b * 0.3, 0),
        (lambda a, b: a / 2 + b / 4, 0),
        (lambda a, b: a + (b - a) * 0.5, 0),
    ],
)
def test_a_common_factor_is_found(f, count):
    x = jnp.ones(3)
    assert len(sums_with_a_common_factor(f, x, x)) == count


@pytest.mark.parametrize("traced", [False, True], ids=["numbers", "traced"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_formula_keeps_nan(function, traced):
    x, values = jnp.full(2, jnp.nan), [jnp.float32(v) if traced else v for v in example_parameters(function).values()]
    every = jax.jit(lambda x, values: {key: formula(x, *values) for key, formula in formulas(function).items()})
    found = every(x, values) if traced else jax.jit(lambda x: every(x, values))(x)
    assert [key for key, y in found.items() if not jnp.isnan(y).all()] == []
