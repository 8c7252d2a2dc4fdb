"""An activation from one line: the definition is evaluated on jets of arrays, in float64 and rounded once."""

import functools
import inspect
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._activation import Activation
from ._arguments import hint
from ._completed import Formula
from ._grammar import NUMBERS, DefinitionError, head_of, on_arrays, parsed
from ._jets import Jet, Rule
from ._record import on_numbers
from ._registry import registered
from ._special import SQRT_2_PI, bell, erf, inverse_mills

LARGEST_EXPONENT = {4: 88.5, 8: 709.5}  # by bytes: beyond, an exponential would overflow, and a quotient be NaN
FAR = {4: 2.0**30, 8: 2.0**200}  # stands for infinity, and times an exponential beyond that is 0; so does its root
PHASES = (1.0, 1.0 + math.pi, 2.2)  # where what has a limit is the same in all, it has one whatever the phase


def define(
    definition: str,
    *,
    paper: str = "",
    kinks: str | float | tuple[str | float, ...] = (),
    defaults: Mapping[str, float] | None = None,
    domain: str = "True",
    aliases: tuple[str, ...] = (),
    register: bool = False,
    kind: str = "elementwise",
) -> Activation:
    """A full activation from one line of mathematics: value, derivatives, partials, and every method of the others.

    definition: "name(x, parameter, ...) = expression", in the grammar of `acts._grammar`; anything else is a
    `DefinitionError`, a ValueError that shows the place. kinks: the x, as numbers or expressions in the parameters,
    where it bends or jumps; its derivatives there are those of the piece that the text takes: max and min take the
    first that ties. defaults: values of parameters. domain: what they must satisfy. It is computed in float64 on jets,
    and rounded once. It enters the registry with register=True alone; the same definition may be registered again.

    >>> import acts
    >>> telu = acts.define("telu(x) = x * tanh(exp(x))")
    >>> print(f"{telu(1.0):.6f} {telu.derivative(0.0):.6f}")
    0.991329 0.761594
    >>> acts.define("shifted(x, b) = max(x, b)", kinks=("b",), defaults={"b": -1.0})([-3.0, 2.0])
    array([-1.,  2.])
    >>> [float(acts.define(f"f(x) = {text}").derivative(0.0)) for text in ("max(0, x)", "max(x, 0)", "abs(x)")]
    [0.0, 1.0, 0.0]
    """
    kinks = tuple(_one_line(kink) for kink in ((kinks,) if isinstance(kinks, str | float | int) else kinks))
    definition, domain = _one_line(definition), _one_line(domain)
    name, (x, *params), expression = head_of(definition)
    head = definition.removesuffix(expression)
    defaults = {given: float(value) for given, value in (defaults or {}).items()}
    unknown = [given for given in defaults if given not in params]
    if unknown:
        raise DefinitionError(f"defaults: {unknown[0]!r} is no parameter{hint(unknown[0], params)}", definition)
    parsed(expression, (x, *params))
    ones = dict.fromkeys(params, np.ones(1))
    for text in (*kinks, *(() if domain == "True" else (domain,))):
        parsed(text, params)
        _tried(on_numbers, (text, ones), text)
    if [p in defaults for p in params] != sorted(p in defaults for p in params):
        raise DefinitionError("parameters without a default come before those with one", definition)
    formulas = formulas_of(expression, (x, *params), functions_of(np, erf, _ncdf))
    kind_of = inspect.Parameter.POSITIONAL_OR_KEYWORD
    arguments = [inspect.Parameter(p, kind_of, default=defaults.get(p, inspect.Parameter.empty)) for p in (x, *params)]
    named(formulas, name, __name__)
    formulas["f"].__signature__ = inspect.Signature(arguments)  # type: ignore[attr-defined]
    formulas["f"].__doc__ = f"{name}({', '.join((x, *params))}) = {expression}\n"
    for formula in formulas.values():
        _tried(formula, (np.ones(1), *np.ones(len(params))), definition, len(head))
    function = Activation(formulas["f"], kinks=kinks, paper=paper, aliases=aliases, domain=domain, wide=True, kind=kind)
    function._rules.update({key: formula for key, formula in formulas.items() if key != "f"})
    function._defined = {
        **{"definition": definition, "paper": paper, "kinks": kinks, "defaults": defaults, "domain": domain},
        **{"aliases": aliases, "register": register, "kind": kind},
    }
    return registered(function) if register else function


def _one_line(text: str | float) -> str:
    return " ".join(str(text).split())


def _tried(compute: Callable[..., Any], arguments: tuple[Any, ...], text: str, column: int = 0) -> None:
    """A DefinitionError for what fails on every number: 1 / 0, and a condition that is used as a number."""
    try:
        with np.errstate(all="ignore"):
            compute(*arguments)
    except (ArithmeticError, TypeError) as error:
        raise DefinitionError(str(error), text, column) from None


def named(formulas: Mapping[str, Formula], name: str, module: str) -> None:
    """Give the formulas the names that hand-written ones have."""
    for key, formula in formulas.items():
        called = {"f": name, "x": f"d_{name}", "xx": f"d2_{name}"}.get(key, f"d_{name}_{key}")
        formula.__name__, formula.__qualname__, formula.__module__ = called, called, module


def formulas_of(
    expression: str, names: tuple[str, ...], functions: Mapping[str, Any], infinite: bool = True
) -> dict[str, Formula]:
    """The expression and its derivatives, each a function of the arguments in order: "f", "x", "xx" and partials.

    infinite: for x = ±inf, too.
    """
    evaluate = on_arrays(expression, names)
    turns = re.search(r"\b(sin|cos)\(", expression)

    def along(variable: str | None, order: int) -> Formula:
        def at(x: Any, parameters: tuple[Any, ...], known: Mapping[str, Any] = functions) -> Any:
            given = [x.dtype.type(p) if isinstance(p, float | int) else p for p in parameters]  # 1 / 0.0 is an error
            values = dict(zip(names, (x, *given), strict=True))
            if variable is not None:
                values[variable] = functions["jet"](values[variable], 1)
            with np.errstate(all="ignore"):
                y = evaluate({**known, **values})
            return y[order] if isinstance(y, Jet) else y if order == 0 else 0

        def formula(x: Any, *parameters: Any) -> Any:
            if not infinite:
                return at(x, parameters)
            infinities = [functions["constant"](x, end) for end in (-math.inf, math.inf)]
            ends = () if order else tuple(at(end, parameters) for end in infinities)
            y = functions["limit"](x, at(functions["far"](x), parameters), *ends)
            for end in infinities if turns else ():
                point = functions["far"](end)
                known = [{**functions, **functions["wave"](phase)} for phase in PHASES]
                limits = [functions["limit"](end, at(point, parameters, k), *ends) for k in known]
                y = functions["settled"](x, y, end, limits)
            return y

        return formula

    rest = {name: along(name, 1) for name in names[1:]}
    return {"f": along(None, 0), "x": along(names[0], 1), "xx": along(names[0], 2), **rest}


def functions_of(xp: Any, erf: Callable[[Any], Any], ncdf: Callable[[Any], Any]) -> dict[str, Any]:
    """What a definition may name, for NumPy or jax.numpy: functions of jets and of plain arrays, and numbers."""

    class OfArrays(Jet):
        """A jet of arrays, in which a factor of 0 stays 0 beside one that overflowed."""

        __slots__ = ()

        @staticmethod
        def times(a: Any, b: Any) -> Any:
            numbers = [factor for factor in (a, b) if isinstance(factor, (int, float))]
            return (0 if 0 in numbers else a * b) if numbers else xp.where((a == 0) | (b == 0), 0, a * b)

    def smooth(rule: Rule) -> Callable[[Any], Any]:
        return lambda x: x.through(*rule(x.value)) if isinstance(x, Jet) else rule(x)[0]

    def size(x: Any) -> int:
        return 4 if xp.result_type(x) == xp.float32 else 8

    def below(x: Any) -> Any:
        return xp.minimum(x, LARGEST_EXPONENT[size(x)])

    def exp(x: Any) -> Any:
        e = xp.exp(below(x))
        return e, e, e

    def expm1(x: Any) -> Any:
        e = xp.exp(below(x))
        return xp.expm1(below(x)), e, e

    def softplus(u: Any) -> Any:
        e = xp.exp(-xp.abs(u))
        return xp.maximum(u, 0) + xp.log1p(e), xp.where(u > 0, 1, e) / (1 + e), e / (1 + e) ** 2

    def tanh(x: Any) -> Any:
        e = xp.exp(-2 * xp.abs(x))
        t, slope = xp.tanh(x), 4 * e / (1 + e) ** 2
        return t, slope, -2 * t * slope

    def root(x: Any) -> Any:
        s = xp.sqrt(x)
        return s, 1 / (2 * s), -1 / (4 * s * x)

    def density(x: Any) -> Any:
        return xp.exp(-x * x / 2) / SQRT_2_PI

    def error(x: Any) -> Any:
        slope = 2 / math.sqrt(math.pi) * xp.exp(-x * x)
        return erf(x), slope, -2 * (x * slope)

    def sine(x: Any) -> tuple[Any, Any, Any]:
        return xp.sin(x), xp.cos(x), -xp.sin(x)

    def cosine(x: Any) -> tuple[Any, Any, Any]:
        return xp.cos(x), -xp.sin(x), -xp.cos(x)

    def log_add(a: Any, u: Any) -> Any:
        e = exponential(u)
        small = choose(a > 0.5, log1p((a - 1) + e), log(a + e))
        return choose(u > 0, u + log1p(a * exponential(-1 * absolute(u))), small)

    def absolute(x: Any) -> Any:
        return x * sign(x)

    def choose(condition: Any, a: Any, b: Any) -> Any:
        if isinstance(a, Jet) or isinstance(b, Jet):
            both = zip(OfArrays.of(a), OfArrays.of(b), strict=True)
            return OfArrays(*(xp.where(condition, p, q) for p, q in both))
        return xp.where(condition, a, b)

    def sign(x: Any) -> Any:
        return xp.sign(Jet.of(x).value)

    def far(x: Any) -> Any:
        return xp.where(xp.isinf(x), xp.sign(x) * FAR[x.dtype.itemsize], x)

    def limit(x: Any, y: Any, left: Any = math.nan, right: Any = math.nan) -> Any:
        """y, which at x = ±inf was computed far out: infinite if large there or growing to the result at x; or 0."""
        y = y + xp.zeros_like(x)
        infinite = xp.sign(y) * math.inf
        grows = (xp.where(x < 0, left, right) == infinite) & (xp.abs(y) > 2)  # as a logarithm does
        large = xp.abs(y) > math.sqrt(FAR[x.dtype.itemsize]) / 2
        small = xp.abs(y) * FAR[x.dtype.itemsize] < 4  # as 1 / x is, and x / exp(x)
        return xp.where(xp.isinf(x), xp.where(large | grows, infinite, xp.where(small, 0 * y, y)), y)

    def wave(phase: float) -> dict[str, Any]:
        """sin and cos of a variable that far out has this phase."""

        def turned(rule: Rule) -> Callable[[Any], Any]:
            return smooth(lambda x: rule(xp.where(xp.abs(x) > math.sqrt(FAR[size(x)]), phase, x)))

        return {"sin": turned(sine), "cos": turned(cosine)}

    def settled(x: Any, y: Any, end: Any, limits: list[Any]) -> Any:
        """y, but NaN where x is the end, and the limit there depends on the phase of a wave."""
        near = [(one == limits[0]) | (xp.abs(one - limits[0]) < 1e-6 * xp.abs(one)) for one in limits[1:]]
        return xp.where((x == end) & ~functools.reduce(xp.logical_and, near), math.nan, y)

    def constant(x: Any, value: float) -> Any:
        return xp.asarray(value, x.dtype)

    exponential, log = smooth(exp), smooth(lambda x: (xp.log(x), 1 / x, -1 / (x * x)))
    log1p = smooth(lambda x: (xp.log1p(x), 1 / (1 + x), -1 / ((1 + x) * (1 + x))))
    return {
        **{"exp": exponential, "log": log, "_softplus": smooth(softplus), "_log_add": log_add},
        "_expm1": smooth(expm1),
        **{"log1p": log1p, "_log1p": log1p, "tanh": smooth(tanh), "sqrt": smooth(root)},
        **{"erf": smooth(error), "ncdf": smooth(lambda x: (ncdf(x), density(x), -x * density(x)))},
        "npdf": smooth(lambda x: (density(x), -x * density(x), x * (x * density(x)) - density(x))),
        "atan": smooth(lambda x: (xp.arctan(x), 1 / (1 + x * x), -2 * x / (1 + x * x) ** 2)),
        **{"sin": smooth(sine), "cos": smooth(cosine)},
        **{
            "sign": sign,
            "abs": absolute,
            "_choose": choose,
            "far": far,
            "limit": limit,
            "wave": wave,
            "settled": settled,
            "jet": OfArrays,
            "constant": constant,
        },
        "max": lambda *of: functools.reduce(lambda a, b: choose(b > a, b, a), of),
        "min": lambda *of: functools.reduce(lambda a, b: choose(b < a, b, a), of),
        **NUMBERS,
    }


def _ncdf(x: Any) -> Any:
    t = np.abs(x).clip(0, 39)
    tail = bell(t) / inverse_mills(t)
    return np.where(x < 0, tail, 1 - tail)
