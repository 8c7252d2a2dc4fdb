"""Expressions of the grammar as MathML, which browsers show without a library.

>>> equation("half(x)", "x / 2")
'<math display="block"><mrow><mrow><mi>half</mi><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow><mo>=</mo><mfrac><mi>x</mi><mn>2</mn></mfrac></mrow></math>'
"""  # noqa: E501  # one element after the other

import ast
import re
from collections.abc import Iterable

from ._grammar import head_of

LETTERS = "alpha beta gamma delta theta kappa lam lambd mu omega sigma eps pi inf"
GREEK = dict(zip(LETTERS.split(), "αβγδθκλλμωσεπ∞", strict=True))
MINUS = "\N{MINUS SIGN}"
SIGNS: dict[type[ast.AST], str] = {
    **{ast.Add: "+", ast.Sub: MINUS, ast.Mult: "·", ast.USub: MINUS, ast.UAdd: "+", ast.BitAnd: "and", ast.BitOr: "or"},
    **{ast.Lt: "&lt;", ast.LtE: "≤", ast.Gt: "&gt;", ast.GtE: "≥", ast.Eq: "=", ast.NotEq: "≠"},
}
CALLED = {"ncdf": "Φ", "npdf": "φ", "log": "ln", "atan": "arctan", "sign": "sgn"}
MEANT = {
    "ncdf": "Φ(u), in code `ncdf(u)`, is the distribution function of the standard normal: (1 + erf(u / √2)) / 2.",
    "npdf": "φ(u), in code `npdf(u)`, is the density of the standard normal: exp(-u²/2) / √(2π).",
    "erf": "erf(u) is the error function, 2 / √π times the integral of exp(-t²) from 0 to u.",
    "log": "ln, in code `log`, is the natural logarithm.",
    "atan": "arctan, in code `atan`, is the inverse of the tangent.",
    "sign": "sgn(u), in code `sign(u)`, is 1 for u > 0, -1 for u < 0, and 0 at 0.",
}
"""What a reader may not know of what stands in a formula."""
SUMS = (ast.Add, ast.Sub, ast.BitAnd, ast.BitOr)


def equation(left: str, right: str) -> str:
    """The `math` element of left = right: left is `f(x, ...)`, `derivative x f` or `second x f`."""
    match left.split():
        case ["derivative", by, f]:
            head = f"<mfrac>{_row('<mi>∂</mi>', f'<mi>{f}</mi>')}{_row('<mi>∂</mi>', _name(by))}</mfrac>"
        case ["second", by, f]:
            squared = _row("<mi>∂</mi>", f"<msup>{_name(by)}<mn>2</mn></msup>")
            head = f"<mfrac>{_row('<msup><mi>∂</mi><mn>2</mn></msup>', f'<mi>{f}</mi>')}{squared}</mfrac>"
        case _:
            name, _, arguments = left.rstrip(")").partition("(")
            head = _row(f"<mi>{name}</mi>", _brackets(*(_name(a.strip()) for a in arguments.split(","))))
    return f'<math display="block">{_row(head, "<mo>=</mo>", _of(ast.parse(right, mode="eval").body))}</math>'


def typeset(definition: str) -> str:
    """The `math` element of a definition."""
    name, arguments, expression = head_of(definition)
    return equation(f"{name}({', '.join(arguments)})", expression)


def remarks(*expressions: str) -> list[str]:
    """A sentence for each function in these expressions that not every reader knows."""
    return [text for name, text in MEANT.items() if any(re.search(rf"\b{name}\(", part) for part in expressions)]


def read_kinks(kinks: Iterable[str]) -> list[str]:
    """Kinks as they are read: NaN says that there is none.

    >>> read_kinks(("0 if b == 0 else nan",))
    ['0 if b == 0']
    """
    return [kink.removesuffix(" else nan") for kink in kinks]


def _of(node: ast.AST) -> str:
    match node:
        case ast.Constant(value):
            return f"<mn>{value!r}</mn>"
        case ast.Name(name):
            return _name(name)
        case ast.BinOp(left, ast.Div(), right):
            return f"<mfrac>{_of(left)}{_of(right)}</mfrac>"
        case ast.BinOp(ast.Call(ast.Name("exp"), [u]), ast.Pow(), ast.Constant(n)):
            return f"<msup><mi>e</mi>{_of(ast.BinOp(ast.Constant(n), ast.Mult(), u))}</msup>"
        case ast.BinOp(left, ast.Pow(), right):
            simple = isinstance(left, ast.Name) or (isinstance(left, ast.Call) and left.func.id != "abs")  # type: ignore[attr-defined]
            return f"<msup>{_of(left) if simple else _brackets(_of(left))}{_of(right)}</msup>"
        case ast.BinOp(ast.UnaryOp(ast.USub(), left), ast.Mult(), right):
            return _of(ast.UnaryOp(ast.USub(), ast.BinOp(left, ast.Mult(), right)))
        case ast.BinOp(left, sign, right):
            product = isinstance(sign, ast.Mult)
            first = _grouped(left, product, first=True)
            return _row(first, f"<mo>{SIGNS[type(sign)]}</mo>", _grouped(right, product or isinstance(sign, ast.Sub)))
        case ast.UnaryOp(sign, operand):
            return _row(f"<mo>{SIGNS[type(sign)]}</mo>", _grouped(operand, True))
        case ast.Compare(left, signs, others):
            rest = (f"<mo>{SIGNS[type(s)]}</mo>{_of(o)}" for s, o in zip(signs, others, strict=True))
            return _row(_of(left), *rest)
        case ast.IfExp():
            return _cases(node)
        case ast.Call(ast.Name("exp"), [u]):
            return f"<msup><mi>e</mi>{_of(u)}</msup>"
        case ast.Call(ast.Name("sqrt"), [u]):
            return f"<msqrt>{_of(u)}</msqrt>"
        case ast.Call(ast.Name("abs"), [u]):
            return _row("<mo>|</mo>", _of(u), "<mo>|</mo>")
        case ast.Call(ast.Name("log1p"), [u]):
            return _row("<mi>ln</mi>", _brackets(_row("<mn>1</mn><mo>+</mo>", _of(u))))
        case ast.Call(ast.Name(name), arguments):
            return _row(f"<mi>{CALLED.get(name, name)}</mi>", _brackets(*map(_of, arguments)))
    raise AssertionError(f"{ast.dump(node)} has passed the grammar")


def _cases(node: ast.AST) -> str:
    """What is chosen, line by line, after one brace."""
    lines = []
    while isinstance(node, ast.IfExp):
        lines.append((_of(node.body), _row("<mtext>if&#160;</mtext>", _of(node.test))))
        node = node.orelse
    lines.append((_of(node), "<mtext>otherwise</mtext>"))
    rows = "".join(f"<mtr><mtd>{value}</mtd><mtd>{condition}</mtd></mtr>" for value, condition in lines)
    return _row('<mo stretchy="true">{</mo>', f'<mtable columnalign="left">{rows}</mtable>')


def _grouped(node: ast.AST, product: bool, first: bool = False) -> str:
    """An operand, in brackets where it would be read otherwise without."""
    loose = product and isinstance(node, ast.BinOp) and isinstance(node.op, SUMS)
    signed = isinstance(node, ast.UnaryOp) and (product or not first)
    return _brackets(_of(node)) if loose or signed or isinstance(node, ast.IfExp) else _of(node)


def _name(name: str) -> str:
    """A name, with the Greek letter that it spells, and a number or a letter after it as an index."""
    found = re.fullmatch(r"([a-zA-Z]|[a-z]{2,})_?(\d|(?<=_)[a-z])", name)
    if found and (len(found[1]) == 1 or found[1] in GREEK):
        return f"<msub><mi>{GREEK.get(found[1], found[1])}</mi><mi>{found[2]}</mi></msub>"
    return f"<mi>{GREEK.get(name, name)}</mi>"


def _brackets(*parts: str) -> str:
    return _row("<mo>(</mo>", "<mo>,</mo>".join(parts), "<mo>)</mo>")


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"
