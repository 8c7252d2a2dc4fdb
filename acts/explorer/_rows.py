"""Functions of rows as curves: the first output over the first of three inputs, the other two being parameters.

>>> along_first("softmax(x)[i] = exp(x[i]) / sum(exp(t) for t in x)")
'softmax(x, x1, x2) = exp(x) / (exp(x) + exp(x1) + exp(x2))'
"""

import ast
import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._activation import Activation
from .._axis import AxisFunction
from .._definitions import define
from .._grammar import DefinitionError, head_of

ROW = ("x", "x1", "x2")
OTHERS = {"x1": 0.0, "x2": 1.0}


def curve_of(f: AxisFunction) -> Activation | None:
    """The curve, as an activation of its own; None where the definition sorts, solves or returns rows of its own."""
    try:
        definition = along_first(f.definition)
        arguments = head_of(definition)[1]
        given = {name: value for name, value in f._defaults.items() if name in arguments}
        domain = f.domain if set(f.params) <= set(arguments) else "True"  # a temperature is 1 in the definition
        return define(definition, defaults={**OTHERS, **given}, domain=domain, paper=f.paper, aliases=f.aliases)
    except (DefinitionError, SyntaxError):
        return None


def first_output(f: AxisFunction, x: NDArray[Any]) -> NDArray[Any]:
    """What f itself makes of the rows (x, x1, x2), x of any type."""
    y = f(np.stack([x, *(np.full_like(x, other) for other in OTHERS.values())], axis=-1))
    first: NDArray[Any] = y[..., 0] if y.ndim > x.ndim else y
    return first


def along_first(definition: str) -> str:
    """The definition of a function of rows, written out for the first output of three inputs."""
    name, (_, *params), expression = head_of(definition.replace(")[i] =", ") =", 1))
    tree = _WrittenOut({}).visit(ast.parse(expression, mode="eval"))
    return f"{name}({', '.join((*ROW, *params))}) = {ast.unparse(tree)}"


class _WrittenOut(ast.NodeTransformer):
    """x[i] is x; sums over x are sums of three; max(x) and len(x) are of three. values: those of a sum's variable."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.values.get(node.id, node.id))

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        match node:
            case ast.Subscript(ast.Name("x"), ast.Name("i")):
                return ast.Name("x")
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(ast.Name("len"), [ast.Name("x")]):
                return ast.Constant(len(ROW))
            case ast.Call(ast.Name("sum"), [ast.GeneratorExp(term, [ast.comprehension(ast.Name(t), ast.Name("x"))])]):
                copies = [_WrittenOut({t: x}).visit(ast.parse(ast.unparse(term), mode="eval").body) for x in ROW]
                total: ast.expr = functools.reduce(lambda a, b: ast.BinOp(a, ast.Add(), b), copies)
                return total
        return ast.Call(node.func, [self.visit(argument) for argument in node.args], node.keywords)
