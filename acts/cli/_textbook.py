"""A definition as a textbook has it: the same expression in the signs of mathematics, one line for each case."""

import ast
import re

from acts import Activation
from acts._grammar import head_of
from acts._mathml import CALLED, GREEK

SIGNS = {ast.Add: " + ", ast.Sub: " - ", ast.Mult: " · ", ast.Div: " / ", ast.BitAnd: " and ", ast.BitOr: " or "}
RANKS = {ast.BitOr: 1, ast.BitAnd: 2, ast.Add: 4, ast.Sub: 4, ast.Mult: 5, ast.Div: 5}
COMPARED = {ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Eq: "=", ast.NotEq: "≠"}
HIGH, LOW = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"), str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def textbook(f: Activation) -> str:
    """The definition's right side after f(x) =, of several lines where there are cases.

    >>> import acts
    >>> print(textbook(acts.gelu))
    f(x) = x · Φ(x)
    >>> print(textbook(acts.leaky_relu))
    f(x) = ⎰ x                      if x > 0
           ⎱ negative_slope · x     otherwise
    """
    _, _, expression = head_of(f.definition)
    cases, node = [], ast.parse(expression, mode="eval").body
    while isinstance(node, ast.IfExp):
        cases.append((written(node.body), f"if {written(node.test)}"))
        node = node.orelse
    start = f"f({_name(f.argument)}) = "
    if not cases:
        return start + written(node)
    undefined = isinstance(node, ast.Name) and node.id == "nan"
    cases.append(("undefined" if undefined else written(node), "otherwise"))
    width = max(len(value) for value, _ in cases) + 5
    brace = ["⎧", *"⎨" * (len(cases) - 2), "⎩"] if len(cases) > 2 else ["⎰", "⎱"]
    lines = [f"{sign} {value:<{width}}{when}" for sign, (value, when) in zip(brace, cases, strict=True)]
    return start + ("\n" + " " * len(start)).join(lines)


def written(node: ast.expr, rank: int = 0) -> str:
    """The expression, in parentheses where what surrounds it binds more tightly than rank."""
    text, own = _ranked(node)
    return f"({text})" if own < rank else text


def _ranked(node: ast.expr) -> tuple[str, int]:
    match node:
        case ast.Constant(value):
            return str(value), 9
        case ast.Name(name):
            return _name(name), 9
        case ast.BinOp(base, ast.Pow(), exponent):
            return written(base, 8) + ast.unparse(exponent).translate(HIGH), 7
        case ast.BinOp(left, sign, right):
            own = RANKS[type(sign)]
            return written(left, own) + SIGNS[type(sign)] + written(right, own + 1), own
        case ast.UnaryOp(ast.USub(), operand):
            return "-" + written(operand, 5), 4
        case ast.UnaryOp(_, operand):
            return _ranked(operand)
        case ast.Call(ast.Name("abs"), [argument]):
            return f"|{written(argument)}|", 9
        case ast.Call(ast.Name("sqrt"), [argument]):
            return "√" + written(argument, 9), 8
        case ast.Call(ast.Name("log1p"), [argument]):
            return f"ln(1 + {written(argument, 4)})", 8
        case ast.Call(ast.Name(name), arguments):
            return f"{CALLED.get(name, name)}({', '.join(map(written, arguments))})", 8
        case ast.Compare(left, signs, others):
            rest = [f" {COMPARED[type(s)]} {written(o, 4)}" for s, o in zip(signs, others, strict=True)]
            return written(left, 4) + "".join(rest), 3
        case ast.IfExp(test, body, other):
            return f"{written(body, 1)} if {written(test)}, else {written(other, 1)}", 0
    raise TypeError(f"{ast.unparse(node)} is not of the grammar of definitions")


def _name(name: str) -> str:
    parts = re.fullmatch(r"([A-Za-z]+?)_?(\d*)", name)
    stem, below = parts.groups() if parts else (name, "")
    known = stem in GREEK or len(stem) == 1
    return GREEK.get(stem, stem) + below.translate(LOW) if known else name
