"""A definition as JavaScript: calls of an arithmetic `$`, which page.js runs on numbers, on jets and in float32.

>>> javascript("x if x > 0 else alpha * (exp(x) - 1)", ("x", "alpha"))
'($, $x, $alpha) => ($.gt($x, 0.0) ? $x : $.mul($alpha, $._expm1($x)))'
"""

import ast
import math
from collections.abc import Iterable, Mapping

from .._grammar import NUMBERS, rewritten

CALLS: dict[type[ast.AST], str] = {
    **{ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.USub: "neg"},
    **{ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne"},
}
INVERSES = ("silu_inverse",)  # what a kink may call besides the functions of the grammar


def javascript(text: str, names: Iterable[str], constants: Mapping[str, float] = NUMBERS) -> str:
    """An arrow function of `$` and the names, in order; a `DefinitionError` for what is not of the grammar."""
    names = tuple(names)
    tree = rewritten(text, (*names, *constants), INVERSES)
    return f"({', '.join(['$', *(f'${name}' for name in names)])}) => {_translated(tree.body, constants)}"


def _translated(node: ast.AST, constants: Mapping[str, float]) -> str:
    def of(part: ast.AST) -> str:
        return _translated(part, constants)

    match node:
        case ast.Constant(value):
            return number(float(value))  # type: ignore[arg-type]
        case ast.Name(name):
            return number(constants[name]) if name in constants else f"${name}"
        case ast.BinOp(left, ast.BitAnd() | ast.BitOr() as both, right):
            return f"({of(left)} {'&&' if isinstance(both, ast.BitAnd) else '||'} {of(right)})"
        case ast.BinOp(left, ast.Pow(), right):
            return f"$.pow({of(left)}, {ast.literal_eval(right)})"
        case ast.BinOp(left, operation, right):
            return f"$.{CALLS[type(operation)]}({of(left)}, {of(right)})"
        case ast.Compare(left, [operation], [right]):
            return f"$.{CALLS[type(operation)]}({of(left)}, {of(right)})"
        case ast.UnaryOp(ast.USub(), operand):
            return f"$.neg({of(operand)})"
        case ast.UnaryOp(_, operand):
            return of(operand)
        case ast.Call(ast.Name("_choose"), [condition, one, other]):
            return f"({of(condition)} ? {of(one)} : {of(other)})"
        case ast.Call(ast.Name(name), arguments):
            return f"$.{name}({', '.join(map(of, arguments))})"
    raise AssertionError(f"{ast.dump(node)} has passed the grammar")


def number(value: float) -> str:
    """A number as JavaScript writes it."""
    return repr(value) if math.isfinite(value) else "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Infinity"
