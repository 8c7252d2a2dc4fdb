"""The oracle of axis functions: a definition evaluated for one row, with its exact Jacobian, on jets."""

import ast
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import mpmath
import numpy as np
from mpmath import mp, mpf

import acts
from acts._record import on_numbers

from .definitions import _FUNCTIONS, Jet, _Exact, _jet

EXPONENT = 2.3  # a decimal digit for each of these keeps exp(-x) beside 1
MOST_DIGITS, LEAST_DIGITS = 900, 60


class RowTruth(NamedTuple):
    """What a function makes of a row: its outputs, and their slopes by every element of x and by each parameter."""

    values: list[Any]
    by_x: list[list[Any]]
    by_parameter: dict[str, list[Any]]


def row_oracle(
    function: "acts.AxisFunction | str", row: Sequence[float], where: Sequence[bool] | None = None, **params: Any
) -> RowTruth:
    """The true outputs of an axis function for one finite row, and their slopes, as numbers of mpmath.

    where: what is not left out; outputs that are left out are None. A temperature divides the row, a sink is one
    element more, whose output is dropped. params: numbers, taken exactly; noise: that of gumbel_softmax. Needs mpmath.

    >>> truth = row_oracle("softmax", [0.0, 0.0])
    >>> [float(p) for p in truth.values], [float(d) for d in truth.by_x[0]]
    ([0.5, 0.5], [0.25, -0.25])
    """
    f: Any = acts.get(function) if isinstance(function, str) else function
    given = {**f._defaults, **params}
    moving = [name for name in f.params if given[name] is not None]
    with mp.workdps(_digits(row, given)):
        tangents = iter(np.identity(len(row) + len(moving), object) * mpf(1))
        x = [Jet(mpf(float(t)), next(tangents)) for t in row]
        variables = {k: mpf(v) if isinstance(v, float) else v for k, v in given.items()}
        variables |= {name: Jet(mpf(float(given[name])), next(tangents)) for name in moving}
        kept = [i for i in range(len(row)) if where is None or where[i]]
        outputs = _outputs(f, [x[i] for i in kept], variables)
        if f.width == "n":
            outputs = [outputs[kept.index(i)] if i in kept else None for i in range(len(row))]
        values = [None if y is None else +mpf(_jet(y).value) for y in outputs]
        slopes = [_jet(0 if y is None else y).first + np.full(len(row) + len(moving), mpf(0)) for y in outputs]
        by = {name: [s[len(row) + i] for s in slopes] for i, name in enumerate(moving)}
        return RowTruth(values, [list(s[: len(row)]) for s in slopes], by)


def _digits(row: Sequence[float], given: Mapping[str, Any]) -> int:
    """So many that no exponential of the row is lost beside the largest."""
    logits = [*row, *([] if given.get("sink") is None else [float(given["sink"])])]
    spread = (max(logits) - min(logits)) / float(given.get("temperature", 1)) if len(logits) else 0
    return min(MOST_DIGITS, LEAST_DIGITS + math.ceil(spread / EXPONENT))


def _outputs(f: Any, x: list[Any], variables: dict[str, Any]) -> list[Any]:
    """The definition, whose left side ends with [i] unless the right one is a list or the only number."""
    left, _, expression = f.definition.partition(" = ")
    with_sink = variables.get("sink") is not None
    x = [*x, variables["sink"]] if with_sink else x
    if "temperature" in f.params:
        x = [t / variables["temperature"] for t in x]
        variables["noise"] = [mpf(e) / variables["temperature"] for e in variables.get("noise", ())]
    found: list[Any] = []

    def root(falling: Callable[[Any], Any]) -> Any:
        found.extend([] if found else [_root(falling)])  # the same for every i
        return found[0]

    scope = _scope(expression, {"x": x, **variables, "root": root})
    if not left.endswith("[i]"):
        y = eval(_code(expression), scope)
        return y if isinstance(y, list) else [y]
    n = int(on_numbers(f.width, {"n": len(x), **variables}))
    y = [eval(_code(expression), {**scope, "i": i}) for i in range(n)]
    return y[:-1] if with_sink else y


class _ExactRows(_Exact):
    """As in a definition of one number; what cuts a row stays an integer."""

    def visit_Slice(self, node: ast.Slice) -> ast.AST:
        return node


@functools.cache
def _code(expression: str) -> Any:
    tree = ast.fix_missing_locations(_ExactRows().visit(ast.parse(expression, mode="eval")))
    return compile(tree, f"<{expression}>", "eval")


def _scope(expression: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Every name of the expression, as what lambdas and comprehensions see."""
    known = {**_FUNCTIONS, "pi": mpmath.pi, "erfinv": mpmath.erfinv, "mpf": mpf, **_OF_ROWS, **variables}
    names = {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)}
    own = {"i", "t", "s", "e", "k", "len", "sum", "sorted", "zip"}
    return {"mpf": mpf, **{name: known[name] for name in names - own}}


def _mean(row: Sequence[Any]) -> Any:
    return sum(row) / len(row)


def _deviation(row: Sequence[Any]) -> Any:
    mean = _mean(row)
    return _FUNCTIONS["sqrt"](_mean([(t - mean) ** 2 for t in row]))


def _rms(row: Sequence[Any], k: Any, eps: Any) -> list[Any]:
    powers = [t ** int(k) for t in row]
    size = _FUNCTIONS["sqrt"](_mean([v**2 for v in powers]) + eps)
    return [v / size for v in powers]


def _q_exp(u: Any, alpha: Any) -> Any:
    base = 1 + (_jet(alpha) - 1) * u
    return _FUNCTIONS["exp"](_FUNCTIONS["log"](base) / (_jet(alpha) - 1)) if base > 0 else Jet(mpf(0))


def _root(falling: Callable[[Any], Any]) -> Jet:
    """Where a falling function of one number is 0; its slope by what that depends on, implicitly."""

    def value(s: Any) -> Any:
        return _jet(falling(s)).value

    low, high = mpf(-1), mpf(1)
    while value(low) < 0:
        low *= 2
    while value(high) > 0:
        high *= 2
    at = mpmath.findroot(value, (low, high), solver="anderson", verify=False, maxsteps=10 * mp.dps)
    step = mpf(10) ** (-mp.dps // 3)
    slope = (value(at + step) - value(at - step)) / (2 * step)
    return Jet(at, _jet(falling(at)).first * (-1 / slope))


_OF_ROWS = {
    "mean": _mean,
    "deviation": _deviation,
    "rms": _rms,
    "q_exp": _q_exp,
    "range": lambda *ends: range(*map(int, ends)),
}
