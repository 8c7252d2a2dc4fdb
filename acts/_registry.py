"""The registry: how a family file says what it holds, and how a name finds its function."""

import difflib
from collections.abc import Callable
from typing import Any, TypeVar, overload

from ._activation import Activation
from ._arguments import UnknownNameError, hint
from ._axis import AxisFunction
from ._completed import Formula
from ._record import Record

Function = TypeVar("Function", bound=Callable[..., Any])
Known = TypeVar("Known", bound=Record)

KINDS = ("elementwise", "gated", "axis", "literature")
_ACTIVATIONS: dict[str, Any] = {}  # canonical name -> function, in order
_SPELLINGS: dict[str, str] = {}  # lower-case spelling without - and _ -> canonical name


def activation(
    *,
    kinks: tuple[str, ...] = (),
    paper: str = "",
    aliases: tuple[str, ...] = (),
    domain: str = "True",
    wide: bool | str = False,
    kind: str = "elementwise",
) -> Callable[[Formula], Activation]:
    """Make the formula below an Activation and register it under its name and aliases.

    kinks: expressions in the parameters. domain: what the parameters must satisfy, as an expression.
    wide: compute float32 in float64 and round once, where the plain formula would lose accuracy; an expression in the
    parameters, if it depends on them. kind: one of KINDS, under which `names` lists it.
    A name or spelling that is taken is a ValueError.
    """

    def register(formula: Formula) -> Activation:
        function = Activation(formula, kinks=kinks, paper=paper, aliases=aliases, domain=domain, wide=wide, kind=kind)
        return registered(function)

    return register


def axis_function(
    *,
    paper: str = "",
    aliases: tuple[str, ...] = (),
    domain: str = "True",
    params: tuple[str, ...] = (),
    width: str = "n",
) -> Callable[[Formula], AxisFunction]:
    """Make the formula below, of rows along the last axis, an AxisFunction and register it, of the kind "axis".

    params: the arguments that have a cotangent, a number for each row. domain: what arguments must satisfy, width: how
    long an output row is, expressions in them and in n, the length of a row.
    A name or spelling that is taken is a ValueError.
    """

    def register(formula: Formula) -> AxisFunction:
        return registered(AxisFunction(formula, paper, aliases, domain, params, width))

    return register


def vjp_of(function: AxisFunction, *, symmetric: bool = False) -> Callable[[Formula], Formula]:
    """Register the formula below, of (rows, cotangents, arguments by name), as the cotangents of x and of params.

    symmetric: so is the Jacobian, and dx for a cotangent is the tangent of the output for a tangent.
    """

    def register(formula: Formula) -> Formula:
        function.rules["vjp"] = formula
        if symmetric:
            function.rules["jvp"] = lambda x, t, **given: formula(x, t, **given)[0]
        return formula

    return register


def jvp_of(function: AxisFunction) -> Callable[[Formula], Formula]:
    """Register the formula below, of (rows, tangents, arguments by name), as the tangents of the output."""
    return lambda formula: function.rules.setdefault("jvp", formula)


def registered(function: Known) -> Known:
    """The function, under its name and aliases from now on; a ValueError if one of them is another function's."""
    name = function.__name__
    spellings = {spelling_of(s) for s in (name, *function.aliases)}
    for spelling in spellings:
        if spelling in _SPELLINGS and _ACTIVATIONS[_SPELLINGS[spelling]] != function:
            raise ValueError(f"the name {spelling!r} of {name} is taken by {_SPELLINGS[spelling]}")
    _SPELLINGS.update(dict.fromkeys(spellings, name))
    _ACTIVATIONS[name] = function
    return function


def derivative_of(function: Activation) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of x and the parameters, as df/dx; at a kink, that of the outer piece."""
    return _rule_of(function, "x")


def second_derivative_of(function: Activation) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of x and the parameters, as d2f/dx2."""
    return _rule_of(function, "xx")


def partial_of(function: Activation, name: str) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of x and the parameters, as df/d(name); a LookupError for no parameter."""
    if name not in function.params:
        raise UnknownNameError(f"{function.__name__} has no parameter {name!r}{hint(name, function.params)}")
    return _rule_of(function, name)


def derivative_from_output_of(function: Activation, domain: str = "True") -> Callable[[Formula], Formula]:
    """Register the formula below, a function of y = f(x) and the parameters, as df/dx, for parameters in the domain."""
    function._output_domain = domain
    return _rule_of(function, "y")


def _rule_of(function: Activation, key: str) -> Callable[[Formula], Formula]:
    def register(formula: Formula) -> Formula:
        function._rules[key] = formula
        return formula

    return register


def names(kind: str = "elementwise") -> tuple[str, ...]:
    """The canonical names of the registered activations of a kind, in order; an unknown kind is a LookupError.

    kind: "elementwise" for functions of one array, "gated" of two, "axis" for those of whole rows, "literature" for
    the catalogue in `acts.literature`, "all" for every name that `get` finds.

    >>> import acts
    >>> acts.names()[:3]
    ('identity', 'relu', 'relu6')
    """
    if kind in ("literature", "all"):
        from . import literature  # noqa: F401  # registers its functions
    if kind not in (*KINDS, "all"):
        raise UnknownNameError(f"no activations are of the kind {kind!r}; allowed: {', '.join(KINDS)}, all")
    return tuple(name for name, function in _ACTIVATIONS.items() if kind in (function.kind, "all"))


@overload
def get(name: str | None, *, dialect: str | None = None, **params: Any) -> Activation: ...
@overload
def get(name: Function, **params: Any) -> Function: ...
def get(name: Any, *, dialect: str | None = None, **params: Any) -> Any:
    """The activation of that name or alias, in any case, with - or _; params become its defaults.

    For a configuration's `str | Callable | None`: a callable is returned as it is, and None is the identity; with
    params, a callable must be an Activation, else a TypeError. An unknown name is a KeyError, and so a LookupError,
    that shows the nearest ones. dialect: a framework of `acts.dialects`, whose name, keywords and defaults these are.

    >>> import acts
    >>> acts.get("gelu", dialect="jax")  # there the default is the tanh form
    <activation gelu_tanh(x, *, out=None)>
    >>> acts.get("Hard-Swish")
    <activation hard_swish(x, *, out=None)>
    >>> float(acts.get("elu", alpha=0.5)(-1e9))
    -0.5
    """
    if callable(name):
        return _with_defaults(name, params)
    if dialect is not None:
        from .dialects import resolved  # a table that most programs don't need

        name, params = resolved(dialect, str(name), params)
    name = "identity" if name is None else str(name)
    if spelling_of(name) not in _SPELLINGS:
        from . import literature  # noqa: F401  # registers its functions
    found = _SPELLINGS.get(spelling_of(name))
    if found is None:
        close = difflib.get_close_matches(spelling_of(name), _SPELLINGS, n=5, cutoff=0.5)
        nearest = ", ".join(dict.fromkeys(_SPELLINGS[c] for c in close))
        known = f"did you mean {nearest}?" if nearest else "names() has all of them"
        raise UnknownNameError(f"no activation is called {name!r}; {known}")
    return _with_defaults(_ACTIVATIONS[found], params)


def _with_defaults(function: Any, params: dict[str, Any]) -> Any:
    if params and not isinstance(function, Record):
        raise TypeError(f"{function!r} is no activation of acts: bind {', '.join(params)} with functools.partial")
    return function.bind(**params) if params else function


def spelling_of(name: str) -> str:
    """What is left of a name without case, - and _."""
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")
