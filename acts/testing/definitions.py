"""The oracle: a definition evaluated, and differentiated exactly, with enough digits that no term is absorbed.

The first docstring line of an activation is Python over mpmath's names. It is evaluated here on jets, numbers that
carry their first and second derivative, so that derivatives need no differences. Comparisons in the definition choose
a branch, and the derivative is that branch's: at a kink, the piece that the point belongs to.
"""

import ast
import functools
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

import acts
from acts import _jets as jets
from acts._grammar import parsed

DIGITS = {"float16": 80, "bfloat16": 200, "float32": 200, "float64": 900}
"""Decimal digits per type: x**2 + 1 keeps its 1, and 1 + exp(-x) its exponential, wherever the result is a number."""

FAR = {"float16": 10**20, "bfloat16": 10**90, "float32": 10**90, "float64": 10**700}
"""Stands for infinity: its root beyond the largest number of the type, near enough to its limits to round to them."""


class Jet(jets.Jet):
    """A value of mpmath with its first and second derivative; numbers that nearly agree count as equal."""

    __slots__ = ()

    @classmethod
    def of(cls, x: Any) -> "Jet":
        """x itself, or the jet of a constant: an mpf, for 1 / 6 would be a double."""
        return x if isinstance(x, cls) else cls(mpf(x) if isinstance(x, int) else x)

    def __repr__(self) -> str:  # cheap: mpmath writes it into an error, and drops that, wherever it meets a jet
        return f"Jet({', '.join(str(part if isinstance(part, Jet) else float(part)) for part in self)})"

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

    def __ne__(self, other: object) -> bool:
        return not self == other


def _jet(x: Any) -> Jet:
    return Jet.of(x)


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


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": _smooth(lambda x: (_exp(x),) * 3),
    "log": _smooth(lambda x: (mpmath.log(x), 1 / x, -1 / x**2)),
    "log1p": _smooth(lambda x: (mpmath.log1p(x), 1 / (1 + x), -1 / (1 + x) ** 2)),
    "sqrt": _smooth(lambda x: (mpmath.sqrt(x), 1 / (2 * mpmath.sqrt(x)), -1 / (4 * mpmath.sqrt(x) ** 3))),
    "tanh": _smooth(lambda x: (_tanh(x), _sech(x) ** 2, -2 * _tanh(x) * _sech(x) ** 2)),
    "erf": _smooth(lambda x: (mpmath.erf(x) if abs(x) < 10**6 else mpmath.sign(x), _bell(x), -2 * x * _bell(x))),
    "ncdf": _smooth(lambda x: (_ncdf(x), _npdf(x), -x * _npdf(x))),
    "npdf": _smooth(lambda x: (_npdf(x), -x * _npdf(x), (x * x - 1) * _npdf(x))),
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
    if abs(x) > mpf(2) ** 4000:  # an exponential itself
        return mpf(0) if x < 0 else mpmath.inf
    return mpmath.exp(x) if abs(x) < 10**6 else mpmath.exp(x / 3) ** 3


def _tanh(x: Any) -> Any:
    return mpmath.tanh(x) if abs(x) < 10**6 else mpmath.sign(x)


def _sech(x: Any) -> Any:
    return mpmath.sech(x) if abs(x) < 10**6 else 2 * _exp(-abs(x))


def _ncdf(x: Any) -> Any:
    if abs(x) < 10**6:
        return mpmath.ncdf(x)
    tail = _npdf(x) / abs(x)  # mpmath's overflows out there, where two digits are more than any type can hold
    return tail if x < 0 else 1 - tail


def _bell(x: Any) -> Any:
    return 2 * _exp(-x * x) / mpmath.sqrt(mpmath.pi)


def _npdf(x: Any) -> Any:
    return _exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)


class _Exact(ast.NodeTransformer):
    """Numbers become mpf: integers stay exact under division, decimals are the IEEE double. Exponents stay integers.

    log(1 + u) becomes log1p(u): at x = -1e308 no number of digits keeps the exponential in log(1 + exp(x)).
    """

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(ast.Name("log"), [ast.BinOp(ast.Constant(1), ast.Add(), u)]):
                node = ast.copy_location(ast.Call(ast.Name("log1p", ast.Load()), [u], []), node)
        self.generic_visit(node)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        node.left = self.visit(node.left)
        if not isinstance(node.op, ast.Pow):
            node.right = self.visit(node.right)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.copy_location(ast.Call(ast.Name("mpf", ast.Load()), [node], []), node)


@functools.cache
def _compiled(expression: str, names: frozenset[str], functions: frozenset[str]) -> Any:
    tree = ast.fix_missing_locations(_Exact().visit(parsed(expression, names, functions)))
    return compile(tree, f"<{expression}>", "eval")


def evaluate(expression: str, variables: Mapping[str, Any], constants: Mapping[str, Any]) -> Any:
    """The expression of a definition or a kink, at mp's current precision; a DefinitionError for another grammar's."""
    exact = {name: mpf(value) if isinstance(value, float) else value for name, value in constants.items()}
    functions = frozenset(name for name, value in exact.items() if callable(value))
    code = _compiled(expression, frozenset((*exact, *variables)), functions)
    numbers = {"pi": mpmath.pi, "e": mpmath.e, "nan": mpmath.nan}
    return eval(code, {"__builtins__": {}, "mpf": mpf, **_FUNCTIONS}, {**exact, **numbers, **variables})


def oracle(function: "acts.Activation | str", x: Any, dtype: Any = "float64", wrt: str = "x", **params: Any) -> Jet:
    """The true value, first and second derivative with respect to `wrt` at one point, as numbers of mpmath.

    x, params: numbers, taken exactly. dtype: the type whose range decides how many digits are used and what
    stands for infinity. wrt: "x", whatever the function calls it, or a parameter's name. At x = ±inf these are the
    limits, NaN where there is none. Needs mpmath.

    >>> from acts.testing import oracle
    >>> [float(d) for d in oracle("silu", 0.0)]
    [0.0, 0.5, 0.5]
    """
    f = acts.get(function) if isinstance(function, str) else function
    if not isinstance(f, acts.Activation):
        raise TypeError(f"function is {f!r}; it must be a name or an activation of one number; row_oracle takes rows")
    f = f.bind(**params)
    given = f._bind((), {})
    values = {name: float(given[name]) for name in f.params}
    dtype = np.dtype(dtype).name
    with mp.workdps(DIGITS[dtype] * (1 if np.isfinite(float(x)) else 2)):
        variables = {name: mpf(value) for name, value in values.items()}
        far = mpf(FAR[dtype]) * (1 if float(x) > 0 else -1)
        point = mpf(float(x)) if np.isfinite(float(x)) else far
        for kink, at in zip(f.kinks, f.kinks_at(), strict=False):
            if float(x) == at:
                point = evaluate(kink, variables, f.constants())
        variable = f.argument if wrt == "x" else wrt

        def jet_at(point: Any) -> Jet:
            at = {f.argument: point, **variables}
            at[variable] = Jet(at[variable], mpf(1), mpf(0))
            result = _jet(evaluate(f.definition.partition(" = ")[2], at, f.constants()))
            if mpmath.isnan(result.value):
                return Jet(*[result.value] * 3)
            return Jet(*(+mpf(part.value if isinstance(part, Jet) else part) for part in result))

        if point is not far:
            return jet_at(point)
        return Jet(*map(_limit, *(jet_at(far * (1 + mpf(step) ** 3 / 700)) for step in range(10))))


def _limit(far: Any, *further: Any) -> Any:
    """far, if the values further out are nearly the same; infinite if they grow; NaN if they go up and down: a wave."""
    settled = all(abs(far - value) <= mpf(10) ** -6 * max(1, abs(far)) for value in further)
    grows = all(abs(b) > abs(a) and a * b > 0 for a, b in itertools.pairwise((far, *further)))
    return far if settled else mpmath.inf * mpmath.sign(far) if grows else mpmath.nan
