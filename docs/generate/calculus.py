"""Derivatives of definitions as expressions, as a textbook writes them: for reading, not for computing.

>>> derivative("x * ncdf(x)", "x")
'ncdf(x) + x * npdf(x)'
>>> derivative("x if x > 0 else alpha * (exp(x) - 1)", "x")
'1 if x > 0 else alpha * exp(x)'
>>> derivative("max(0, x)**3", "x")
'3 * x ** 2 if x > 0 else 0'
"""

import ast
import copy
import functools
from collections.abc import Callable
from fractions import Fraction

Number = Fraction | float
Factors = dict[str, tuple[ast.expr, int]]
"""By how a factor is written: it, and its exponent."""

RULES = {
    "exp": "exp(u)",
    "log": "1 / u",
    "log1p": "1 / (1 + u)",
    "sqrt": "1 / (2 * sqrt(u))",
    "tanh": "1 - tanh(u)**2",
    "erf": "2 / sqrt(pi) * exp(-u**2)",
    "ncdf": "npdf(u)",
    "npdf": "-u * npdf(u)",
    "atan": "1 / (1 + u**2)",
    "sin": "cos(u)",
    "cos": "-sin(u)",
    "sign": "0",
    "abs": "sign(u)",
}
"""What each function of the grammar has for a derivative, in u, its argument."""


def derivative(expression: str, name: str) -> str:
    """The derivative of an expression of the grammar by one of its names, away from kinks."""
    return ast.unparse(ast.fix_missing_locations(_of(ast.parse(expression, mode="eval").body, name)))


def _of(node: ast.expr, name: str) -> ast.expr:
    of = functools.partial(_of, name=name)
    match node:
        case ast.Name("nan"):
            return node
        case ast.Constant() | ast.Name():
            return _number(int(isinstance(node, ast.Name) and node.id == name))
        case ast.UnaryOp(ast.USub(), u):
            return _minus(of(u))
        case ast.BinOp(a, ast.Add() | ast.Sub() as sign, b):
            return _sum(of(a), of(b) if isinstance(sign, ast.Add) else _minus(of(b)))
        case ast.BinOp(a, ast.Mult(), b):
            return _sum(_product(of(a), b), _product(a, of(b)))
        case ast.BinOp(a, ast.Div(), b):
            return _sum(_quotient(of(a), b), _minus(_quotient(_product(a, of(b)), _power(b, 2))))
        case ast.BinOp(a, ast.Pow(), exponent):
            n = ast.literal_eval(exponent)
            return _product(_product(_number(n), _power(a, n - 1)), of(a))
        case ast.IfExp(test, a, b):
            return _cases(test, of(a), of(b))
        case ast.Call(ast.Name("max" | "min" as kind), [*first, last]):
            rest = ast.Call(node.func, first, []) if first[1:] else first[0]
            larger = ast.Compare(last, [ast.Gt() if kind == "max" else ast.Lt()], [rest])
            return _cases(larger, of(last), of(rest))
        case ast.Call(ast.Name(function), [u]):
            inner = of(u)
            return _number(0) if _is(inner, 0) else _product(_rule(function, u), inner)
    raise AssertionError(f"{ast.dump(node)} has passed the grammar")


def _rule(function: str, u: ast.expr) -> ast.expr:
    class _Argument(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return copy.deepcopy(u) if node.id == "u" else node

    return _Argument().visit(ast.parse(RULES[function], mode="eval").body)  # type: ignore[no-any-return]


# -- expressions that are simple where their parts are ----------------------------------------


def _number(value: int) -> ast.expr:
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def _is(node: ast.expr, value: float) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def _minus(u: ast.expr) -> ast.expr:
    return _product(_number(-1), u)


def _sum(a: ast.expr, b: ast.expr) -> ast.expr:
    """The sum; like terms are one."""
    lifted = _lifted(_sum, a, b)
    if lifted is not None:
        return lifted
    terms: dict[str, tuple[Number, Factors]] = {}
    for number, factors in (*_terms(a), *_terms(b)):
        key = " ".join(f"{name}^{n}" for name, (_, n) in sorted(factors.items()))
        terms[key] = (number + terms[key][0] if key in terms else number, factors)
    written = sorted((term for term in terms.values() if term[0]), key=lambda term: term[0] < 0)
    if not written:
        return _number(0)
    first, *rest = written
    whole = _written(*first)
    for number, factors in rest:
        whole = ast.BinOp(whole, ast.Sub() if number < 0 else ast.Add(), _written(abs(number), factors))
    return whole


def _product(a: ast.expr, b: ast.expr) -> ast.expr:
    """The product, as one fraction; equal factors are a power, or cancel."""
    return _lifted(_product, a, b) or _written(*_times(_fraction(a), _fraction(b), 1))


def _quotient(a: ast.expr, b: ast.expr) -> ast.expr:
    return _lifted(_quotient, a, b) or _written(*_times(_fraction(a), _fraction(b), -1))


def _power(u: ast.expr, n: int) -> ast.expr:
    return _written(*_times((Fraction(1), {}), _fraction(u), n))


def _lifted(of: Callable[[ast.expr, ast.expr], ast.expr], a: ast.expr, b: ast.expr) -> ast.expr | None:
    """A sum, product or quotient of cases as cases of it, if one of the two is cases, or both by one condition."""
    match a, b:
        case (ast.IfExp(), ast.IfExp()):
            same = ast.dump(a.test) == ast.dump(b.test)
            return _cases(a.test, of(a.body, b.body), of(a.orelse, b.orelse)) if same else None
        case (ast.IfExp(test, yes, no), u):
            return _cases(test, of(yes, _where(test, True, u)), of(no, _where(test, False, u)))
        case (u, ast.IfExp(test, yes, no)):
            return _cases(test, of(_where(test, True, u), yes), of(_where(test, False, u), no))
    return None


def _terms(node: ast.expr) -> list[tuple[Number, Factors]]:
    match node:
        case ast.BinOp(a, ast.Add(), b):
            return _terms(a) + _terms(b)
        case ast.BinOp(a, ast.Sub(), b):
            return _terms(a) + [(-number, factors) for number, factors in _terms(b)]
        case ast.UnaryOp(ast.USub(), u):
            return [(-number, factors) for number, factors in _terms(u)]
    return [_fraction(node)]


def _fraction(node: ast.expr) -> tuple[Number, Factors]:
    """A product of powers: its number, and its other factors, each with its exponent."""
    match node:
        case ast.Constant(int(value)):
            return Fraction(value), {}
        case ast.Constant(value):
            return value, {}
        case ast.UnaryOp(ast.USub(), u):
            number, factors = _fraction(u)
            return -number, factors
        case ast.BinOp(a, ast.Mult() | ast.Div() as sign, b):
            return _times(_fraction(a), _fraction(b), 1 if isinstance(sign, ast.Mult) else -1)
        case ast.BinOp(u, ast.Pow(), exponent):
            return _times((Fraction(1), {}), _fraction(u), ast.literal_eval(exponent))
    return Fraction(1), {ast.unparse(node): (node, 1)}


def _times(a: tuple[Number, Factors], b: tuple[Number, Factors], exponent: int) -> tuple[Number, Factors]:
    """a * b**exponent."""
    factors = dict(a[1])
    for name, (node, n) in b[1].items():
        factors[name] = (node, n * exponent + (factors[name][1] if name in factors else 0))
    return a[0] * b[0] ** exponent, {name: factor for name, factor in factors.items() if factor[1]}


def _written(number: Number, factors: Factors) -> ast.expr:
    """A number times powers, as one fraction: names first, then what is longer."""
    if not number:
        return _number(0)
    ordered = sorted(factors.values(), key=lambda factor: not isinstance(factor[0], ast.Name))
    above, below = [_raised(u, n) for u, n in ordered if n > 0], [_raised(u, -n) for u, n in ordered if n < 0]
    size = abs(number)
    over, under = (size.numerator, size.denominator) if isinstance(size, Fraction) else (size, 1)
    above = above if over == 1 and above else [ast.Constant(over), *above]
    below = below if under == 1 else [ast.Constant(under), *below]
    whole = functools.reduce(_multiplied, above)
    whole = ast.BinOp(whole, ast.Div(), functools.reduce(_multiplied, below)) if below else whole
    return ast.UnaryOp(ast.USub(), whole) if number < 0 else whole


def _raised(u: ast.expr, n: int) -> ast.expr:
    return u if n == 1 else ast.BinOp(u, ast.Pow(), ast.Constant(n))


def _multiplied(a: ast.expr, b: ast.expr) -> ast.expr:
    return ast.BinOp(a, ast.Mult(), b)


def _cases(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    """One of two by a condition, written as a chain: no case within the first of another."""
    test = _shorter(test)
    known = ast.dump(test)
    yes = yes.body if isinstance(yes, ast.IfExp) and ast.dump(yes.test) == known else yes
    no = no.orelse if isinstance(no, ast.IfExp) and ast.dump(no.test) == known else no
    if ast.dump(yes) == ast.dump(no):
        return yes
    if isinstance(yes, ast.IfExp):
        return ast.IfExp(ast.BinOp(test, ast.BitAnd(), yes.test), yes.body, _cases(test, yes.orelse, no))
    return ast.IfExp(test, yes, no)


def _shorter(test: ast.expr) -> ast.expr:
    """min(6, u) > 0 is u > 0, and max(0, u) < 6 is u < 6."""
    match test:
        case ast.Compare(ast.Call(ast.Name("min"), [ast.Constant(c), u]), [ast.Gt()], [ast.Constant(k)]) if c > k:
            return ast.Compare(u, test.ops, test.comparators)
        case ast.Compare(ast.Call(ast.Name("max"), [ast.Constant(c), u]), [ast.Lt()], [ast.Constant(k)]) if c < k:
            return ast.Compare(u, test.ops, test.comparators)
    return test


def _where(test: ast.expr, holds: bool, u: ast.expr) -> ast.expr:
    """The expression where that comparison holds, or does not: max and min of its two sides are one of them."""
    match test:
        case ast.Compare(last, [ast.Gt() | ast.Lt() as sign], [first]):
            kind = "max" if isinstance(sign, ast.Gt) else "min"
            whole = ast.unparse(ast.Call(ast.Name(kind), [first, last], []))
        case _:
            return u

    class _Chosen(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            if ast.unparse(node) == whole:
                return copy.deepcopy(last if holds else first)
            return self.generic_visit(node)  # type: ignore[return-value]

    return _Chosen().visit(copy.deepcopy(u))  # type: ignore[no-any-return]
