"""The oracle: a definition evaluated, and differentiated exactly, with enough digits that no term is absorbed.

The first docstring line of an activation is Python over mpmath's names. It is evaluated here on jets, numbers that
carry their first and second derivative, so that derivatives need no differences. Comparisons in the definition choose
a branch, and the derivative is that branch's: at a kink, the piece that the point belongs to.
"""

import ast
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

import acts

DIGITS = {"float16": 80, "bfloat16": 200, "float32": 200, "float64": 900}
"""Decimal digits per type: x**2 + 1 keeps its 1, and 1 + exp(-x) its exponential, wherever the result is a number."""

FAR = {"float16": 10**20, "bfloat16": 10**60, "float32": 10**60, "float64": 10**400}
"""Stands for infinity: beyond the largest number of the type, near enough to its limits to round to them."""


@dataclass(frozen=True, eq=False)
class Jet:
    """A value with its first and second derivative along one variable."""

    value: Any
    first: Any = 0
    second: Any = 0

    def __repr__(self) -> str:  # cheap: mpmath writes it into an error, and drops that, wherever it meets a jet
        return f"Jet({', '.join(str(part if isinstance(part, Jet) else float(part)) for part in self)})"

    def through(self, f: Any, df: Any, d2f: Any) -> "Jet":
        """The chain rule, for a function with these values at self.value."""
        return Jet(f, df * self.first, d2f * self.first**2 + df * self.second)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.value, self.first, self.second))

    def __getitem__(self, order: int) -> Any:
        return (self.value, self.first, self.second)[order]

    def __add__(self, other: Any) -> "Jet":
        a, b = self, _jet(other)
        return Jet(a.value + b.value, a.first + b.first, a.second + b.second)

    def __mul__(self, other: Any) -> "Jet":
        a, b = self, _jet(other)
        return Jet(
            a.value * b.value,
            a.first * b.value + a.value * b.first,
            a.second * b.value + 2 * a.first * b.first + a.value * b.second,
        )

    def __pow__(self, n: int) -> "Jet":
        x = self.value
        return self.through(x**n, n * x ** (n - 1), n * (n - 1) * x ** (n - 2) if n > 1 else 0)

    def __truediv__(self, other: Any) -> "Jet":
        b = _jet(other)
        return self * b.through(1 / b.value, -1 / b.value**2, 2 / b.value**3)

    def __neg__(self) -> "Jet":
        return Jet(-self.value, -self.first, -self.second)

    def __sub__(self, other: Any) -> "Jet":
        return self + -_jet(other)

    def __rsub__(self, other: Any) -> "Jet":
        return _jet(other) - self

    def __rtruediv__(self, other: Any) -> "Jet":
        return _jet(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __abs__(self) -> "Jet":
        return self * _sign(self)

    def __gt__(self, other: Any) -> bool:
        return bool(self.value - _jet(other).value > _same())

    def __lt__(self, other: Any) -> bool:
        return bool(_jet(other).value - self.value > _same())

    def __ge__(self, other: Any) -> bool:
        return not self < other

    def __le__(self, other: Any) -> bool:
        return not self > other

    def __eq__(self, other: object) -> bool:
        return self >= other and self <= other


def _jet(x: Any) -> Jet:
    return x if isinstance(x, Jet) else Jet(x)


def _same() -> mpf:
    """Numbers closer than this are equal: far under every input, far over the rounding of a kink's expression."""
    return _small(mp.dps)


@functools.cache
def _small(digits: int) -> mpf:
    return mpf(10) ** (-(digits * 2 // 3))


def _sign(x: Any) -> int:
    return int(_jet(x) > 0) - int(_jet(x) < 0)


def _smooth(rule: Callable[[Any], tuple[Any, Any, Any]]) -> Callable[[Any], Any]:
    return lambda x: _jet(x).through(*rule(_jet(x).value))


def _by_differences(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return _smooth(lambda x: (f(x), mpmath.diff(f, x), mpmath.diff(f, x, 2)))


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": _smooth(lambda x: (_exp(x),) * 3),
    "log": _smooth(lambda x: (mpmath.log(x), 1 / x, -1 / x**2)),
    "sqrt": _smooth(lambda x: (mpmath.sqrt(x), 1 / (2 * mpmath.sqrt(x)), -1 / (4 * mpmath.sqrt(x) ** 3))),
    "tanh": _smooth(lambda x: (mpmath.tanh(x), mpmath.sech(x) ** 2, -2 * mpmath.tanh(x) * mpmath.sech(x) ** 2)),
    "erf": _smooth(lambda x: (mpmath.erf(x) if abs(x) < 10**6 else mpmath.sign(x), _bell(x), -2 * x * _bell(x))),
    "ncdf": _smooth(lambda x: (_ncdf(x), mpmath.npdf(x), -x * mpmath.npdf(x))),
    "npdf": _smooth(lambda x: (mpmath.npdf(x), -x * mpmath.npdf(x), (x * x - 1) * mpmath.npdf(x))),
    "atan": _smooth(lambda x: (mpmath.atan(x), 1 / (1 + x**2), -2 * x / (1 + x**2) ** 2)),
    "sin": _smooth(lambda x: (mpmath.sin(x), mpmath.cos(x), -mpmath.sin(x))),
    "cos": _smooth(lambda x: (mpmath.cos(x), -mpmath.sin(x), -mpmath.cos(x))),
    "sign": _sign,
    "abs": abs,
    "max": max,
    "min": min,
}


def _exp(x: Any) -> Any:
    """exp(x); beyond a million without mpmath's way for integers, which is slow there: all floats are integers."""
    return mpmath.exp(x) if abs(x) < 10**6 else mpmath.exp(x / 3) ** 3


def _ncdf(x: Any) -> Any:
    if abs(x) < 10**6:
        return mpmath.ncdf(x)
    tail = mpmath.npdf(x) / abs(x)  # mpmath's overflows out there, where two digits are more than any type can hold
    return tail if x < 0 else 1 - tail


def _bell(x: Any) -> Any:
    return 2 * mpmath.exp(-x * x) / mpmath.sqrt(mpmath.pi)


class _Names(dict[str, Any]):
    """The definition's names: the variables given, the module's constants, then mpmath's."""

    def __missing__(self, name: str) -> Any:
        if name in _FUNCTIONS:
            return _FUNCTIONS[name]
        found = getattr(mpmath, name)
        return _by_differences(found) if callable(found) and not hasattr(found, "func") else found


class _Exact(ast.NodeTransformer):
    """Numbers become mpf: integers stay exact under division, decimals are the IEEE double. Exponents stay integers."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        node.left = self.visit(node.left)
        if not isinstance(node.op, ast.Pow):
            node.right = self.visit(node.right)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.copy_location(ast.Call(ast.Name("mpf", ast.Load()), [node], []), node)


@functools.cache
def _compiled(expression: str) -> Any:
    tree = ast.fix_missing_locations(_Exact().visit(ast.parse(expression, mode="eval")))
    return compile(tree, f"<{expression}>", "eval")


def evaluate(expression: str, variables: Mapping[str, Any], constants: Mapping[str, Any]) -> Any:
    """The expression of a definition or a kink, at mp's current precision."""
    exact = {name: mpf(value) if isinstance(value, float) else value for name, value in constants.items()}
    return eval(_compiled(expression), {}, _Names(mpf=mpf, **exact, **variables))


def oracle(function: "acts.Activation | str", x: Any, dtype: Any = "float64", wrt: str = "x", **params: Any) -> Jet:
    """The true value, first and second derivative with respect to `wrt` at one point, as numbers of mpmath.

    x, params: numbers, taken exactly. dtype: the type whose range decides how many digits are used and what
    stands for infinity. wrt: "x", whatever the function calls it, or a parameter's name. At x = ±inf these are the
    limits. Needs mpmath.

    >>> from acts.testing import oracle
    >>> [float(d) for d in oracle("silu", 0.0)]
    [0.0, 0.5, 0.5]
    """
    f = acts.get(function) if isinstance(function, str) else function
    f = f.bind(**params)
    given = f._bind((), {})
    values = {name: float(given[name]) for name in f.params}
    dtype = np.dtype(dtype).name
    with mp.workdps(DIGITS[dtype]):
        variables = {name: mpf(value) for name, value in values.items()}
        point = mpf(float(x)) if np.isfinite(float(x)) else mpf(FAR[dtype]) * (1 if float(x) > 0 else -1)
        for kink, at in zip(f.kinks, f.kinks_at(), strict=False):
            if float(x) == at:
                point = evaluate(kink, variables, f.constants())
        variables = {f.argument: point, **variables}
        variable = f.argument if wrt == "x" else wrt
        variables[variable] = Jet(variables[variable], mpf(1), mpf(0))
        result = _jet(evaluate(f.definition.partition(" = ")[2], variables, f.constants()))
        return Jet(*(+mpf(part.value if isinstance(part, Jet) else part) for part in result))
