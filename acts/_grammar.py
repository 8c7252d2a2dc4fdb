"""The grammar of definitions: what may stand in one, and how it is evaluated, on numbers, jets or arrays of any kind.

    definition:  name(x, parameter, ...) = expression
    expression:  numbers, x, parameters, pi, e, named constants; + - * / and ** an integer; comparisons, & and |;
                 a if condition else b; and calls of the functions in FUNCTIONS, max and min of two or more

Kinks, domains and conditions are expressions of it, too. Anything else is a `DefinitionError` that shows the place,
before anything is evaluated.

Where two pieces meet, the derivatives are those of the piece that the text takes there. `x if x > 0 else 0` is 0 at 0,
with slope 0, and `x if x >= 0 else 0` has slope 1. max and min take the first of their arguments that tie: `max(x, 0)`
has slope 1 at 0, `max(0, x)` slope 0. abs and sign take the middle, 0.
"""

import ast
import difflib
import functools
import keyword
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

FUNCTIONS = (
    *("exp", "log", "log1p", "sqrt", "tanh", "erf", "ncdf", "npdf", "atan", "sin", "cos", "sign", "abs", "max", "min"),
)
RESERVED = ("axis", "g", "out", "wrt")  # what the methods of an activation take
LARGEST = sys.float_info.max
DEEPEST = 100  # levels of a tree; Python's own limit depends on who calls
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
    reserved = {*FUNCTIONS, *NUMBERS, *RESERVED, *keyword.kwlist}
    taken = [a for i, a in enumerate(arguments) if a in reserved or a in arguments[:i]]
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
    except ValueError as error:  # a null byte, half a surrogate pair
        raise DefinitionError(str(error), text) from None
    except (RecursionError, MemoryError):
        raise DefinitionError("too deeply nested", text) from None
    known, may_be_called = {*names, *NUMBERS}, {*FUNCTIONS, *functions}
    nodes: list[tuple[ast.AST, int]] = [(tree, 0)]
    for _ in range(DEEPEST):
        for node, column in nodes:
            _checked(node, text, column, known, may_be_called)
        nodes = [(part, _column(part, text, column)) for node, column in nodes for part in _parts(node)]
    if nodes:
        raise DefinitionError(f"nested more than {DEEPEST} deep", text, nodes[0][1])
    return tree


def _parts(node: ast.AST) -> Iterable[ast.AST]:
    """What is to be checked in a node; of a call, its arguments."""
    return node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)


def _column(node: ast.AST, text: str, around: int = 0) -> int:
    """Where it begins, in characters, of which ast counts the bytes; an operator where what is around it does."""
    return len(text.encode()[: node.col_offset].decode()) if hasattr(node, "col_offset") else around


def _checked(node: ast.AST, text: str, column: int, known: set[str], functions: set[str]) -> None:
    if not isinstance(node, ALLOWED):
        power = "; a power is x**2" if isinstance(node, ast.BitXor) else ""
        raise DefinitionError(f"{type(node).__name__} is not of the grammar of definitions{power}", text, column)
    if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
        raise DefinitionError(f"{node.value!r} is no number", text, column)
    if isinstance(node, ast.Constant) and node.value > LARGEST:  # type: ignore[operator]
        raise DefinitionError("a number beyond the largest float64", text, column)
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in functions or node.keywords:
            problem = f"{_given(node)}only these can be called: {', '.join(FUNCTIONS)}"
            raise DefinitionError(problem, text, column)
        many = node.func.id in ("max", "min")
        if node.func.id in FUNCTIONS and (len(node.args) < 2 if many else len(node.args) != 1):
            raise DefinitionError(f"{node.func.id} takes {'two or more' if many else 'one'}", text, column)
    if isinstance(node, ast.Name) and node.id not in known:
        raise DefinitionError(
            f"{node.id!r} is unknown; known: {', '.join(sorted(known))}{_near(node.id, known)}", text, column
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not _is_integer(node.right):
        raise DefinitionError(
            "an exponent is an integer of at most 64; x**a is exp(a * log(x))", text, _column(node.right, text)
        )


def _given(call: ast.Call) -> str:
    """What a call that is refused says, as far as it says something: its function or its keyword."""
    if not isinstance(call.func, ast.Name):
        return ""
    if call.func.id in FUNCTIONS:
        return f"{call.func.id} has no keyword; without any, "
    return f"{call.func.id!r} is no function{_near(call.func.id, FUNCTIONS)}; "


def _near(name: str, allowed: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, allowed, cutoff=0.5)
    return f" (did you mean {' or '.join(close)}?)" if close else ""


def _is_integer(node: ast.AST) -> bool:
    node = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value <= 64


class _OnArrays(ast.NodeTransformer):
    """a if c else b becomes a choice element by element, chains of comparisons one condition.

    log(1 + exp(u)) becomes _softplus(u), log(a + exp(u)) _log_add(a, u), which do not overflow, and any other
    log(1 + u) _log1p(u); exp(u) - 1 becomes _expm1(u). Numbers are floats, so that powers of them are no endless
    integers; exponents stay integers.
    """

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(float(node.value))  # type: ignore[arg-type]

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        match node:
            case ast.BinOp(ast.Call(ast.Name("exp"), [exponent]), ast.Sub(), ast.Constant(1)):
                return _call("_expm1", self.visit(exponent))
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
            case ast.Call(ast.Name("log"), [ast.BinOp(ast.Constant(1), ast.Add(), u)]):
                return _call("_log1p", self.visit(u))
        return _call(node.func.id, *(self.visit(argument) for argument in node.args))


def _call(name: str, *arguments: Any) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def rewritten(text: str, names: Iterable[str], functions: Iterable[str] = ()) -> ast.Expression:
    """The tree of an expression as it is evaluated: with _choose, _softplus, _log_add, _log1p and _expm1."""
    tree: ast.Expression = ast.fix_missing_locations(_OnArrays().visit(parsed(text, names, functions)))
    return tree


@functools.cache
def on_arrays(text: str, names: tuple[str, ...], functions: tuple[str, ...] = ()) -> Callable[[Mapping[str, Any]], Any]:
    """The expression as a function of a mapping: its names, numbers and functions, as `rewritten`."""
    code = compile(rewritten(text, names, functions), f"<{text}>", "eval")
    return lambda values: eval(code, {"__builtins__": {}}, values)
