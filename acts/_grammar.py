"""The grammar of definitions: what may stand in one, and how it is evaluated, on numbers, jets or arrays of any kind.

    definition:  name(x, parameter, ...) = expression
    expression:  numbers, x, parameters, pi, e, named constants; + - * / and ** an integer; comparisons, & and |;
                 a if condition else b; and calls of the functions in FUNCTIONS, max and min of two or more

Kinks and domains are expressions, too. Anything else is a `DefinitionError` that shows the place, before anything is
evaluated.
"""

import ast
import functools
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

FUNCTIONS = (
    *("exp", "log", "log1p", "sqrt", "tanh", "erf", "ncdf", "npdf", "atan", "sin", "cos", "sign", "abs", "max", "min"),
)
RESERVED = ("axis", "g", "out", "wrt")  # what the methods of an activation take
NUMBERS = {"pi": math.pi, "e": math.e, "nan": math.nan}
HEAD = re.compile(r"\s*([A-Za-z]\w*)\(([\w\s,]*)\)\s*=\s*")
ALLOWED = (
    *(ast.Expression, ast.Constant, ast.Name, ast.Load, ast.Call, ast.IfExp, ast.Compare),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.UnaryOp, ast.USub, ast.UAdd, ast.BitAnd, ast.BitOr),
    *(ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
)


class DefinitionError(ValueError):
    """A definition that says what the grammar does not have."""

    def __init__(self, problem: str, text: str, column: int = 0) -> None:
        super().__init__(f"{problem}\n    {text}\n    {' ' * column}^")


def head_of(definition: str) -> tuple[str, list[str], str]:
    """The name, the arguments and the expression of a definition.

    >>> head_of("elu(x, alpha) = x if x > 0 else alpha * (exp(x) - 1)")
    ('elu', ['x', 'alpha'], 'x if x > 0 else alpha * (exp(x) - 1)')
    """
    found = HEAD.match(definition)
    if found is None:
        raise DefinitionError("a definition is written name(x, parameter, ...) = expression", definition)
    arguments = [argument.strip() for argument in found[2].split(",")]
    if not all(re.fullmatch(r"[A-Za-z]\w*", argument) for argument in arguments):
        raise DefinitionError("an argument is a name", definition, found.start(2))
    taken = [a for i, a in enumerate(arguments) if a in (*FUNCTIONS, *NUMBERS, *RESERVED) or a in arguments[:i]]
    if taken:
        raise DefinitionError(f"the argument {taken[0]!r} is taken", definition, found.start(2))
    return found[1], arguments, definition[found.end() :].strip()


def parsed(text: str, names: Iterable[str], functions: Iterable[str] = ()) -> ast.Expression:
    """The tree of an expression in these names; a DefinitionError for anything that is not of the grammar.

    functions: what may be called besides FUNCTIONS.
    """
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise DefinitionError(error.msg, text, (error.offset or 1) - 1) from None
    except (RecursionError, MemoryError):
        raise DefinitionError("too deeply nested", text) from None
    known = {*names, *NUMBERS}
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if id(node) not in called:
            _checked(node, text, known, {*FUNCTIONS, *functions})
    return tree


def _checked(node: ast.AST, text: str, known: set[str], functions: set[str]) -> None:
    column = getattr(node, "col_offset", 0)
    if not isinstance(node, ALLOWED):
        raise DefinitionError(f"{type(node).__name__} is not of the grammar of definitions", text, column)
    if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
        raise DefinitionError(f"{node.value!r} is no number", text, column)
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in functions or node.keywords:
            raise DefinitionError(f"only these can be called: {', '.join(FUNCTIONS)}", text, column)
        many = node.func.id in ("max", "min")
        if node.func.id in FUNCTIONS and (len(node.args) < 2 if many else len(node.args) != 1):
            raise DefinitionError(f"{node.func.id} takes {'two or more' if many else 'one'}", text, column)
    if isinstance(node, ast.Name) and node.id not in known:
        raise DefinitionError(f"{node.id!r} is unknown; known: {', '.join(sorted(known))}", text, column)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not _is_integer(node.right):
        raise DefinitionError(
            "an exponent is an integer of at most 64; x**a is exp(a * log(x))", text, node.right.col_offset
        )


def _is_integer(node: ast.AST) -> bool:
    node = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value <= 64


class _OnArrays(ast.NodeTransformer):
    """a if c else b becomes a choice element by element, chains of comparisons one condition.

    log(1 + exp(u)) becomes _softplus(u), log(a + exp(u)) _log_add(a, u), which do not overflow. Numbers are floats, so
    that powers of them are no endless integers; exponents stay integers.
    """

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(float(node.value))  # type: ignore[arg-type]

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        right = node.right if isinstance(node.op, ast.Pow) else self.visit(node.right)
        return ast.BinOp(self.visit(node.left), node.op, right)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return _call("_choose", *(self.visit(part) for part in (node.test, node.body, node.orelse)))

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        parts = [self.visit(part) for part in (node.left, *node.comparators)]
        single: list[ast.expr] = [
            ast.Compare(a, [op], [b]) for a, op, b in zip(parts, node.ops, parts[1:], strict=False)
        ]
        return functools.reduce(lambda a, b: ast.BinOp(a, ast.BitAnd(), b), single)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        assert isinstance(node.func, ast.Name)
        match node:
            case ast.Call(ast.Name("log"), [ast.BinOp(a, ast.Add(), ast.Call(ast.Name("exp"), [exponent]))]):
                of_1 = isinstance(a, ast.Constant) and a.value == 1
                u = self.visit(exponent)
                return _call("_softplus", u) if of_1 else _call("_log_add", self.visit(a), u)
        return _call(node.func.id, *(self.visit(argument) for argument in node.args))


def _call(name: str, *arguments: Any) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


@functools.cache
def on_arrays(text: str, names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Any]:
    """The expression as a function of a mapping: its names, numbers and functions, with _choose and _softplus."""
    tree = ast.fix_missing_locations(_OnArrays().visit(parsed(text, names)))
    code = compile(tree, f"<{text}>", "eval")
    return lambda values: eval(code, {"__builtins__": {}}, values)
