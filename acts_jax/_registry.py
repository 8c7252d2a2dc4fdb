"""The registry of the mirror: formulas bound to the NumPy record of the same name, found by function or by name."""

import functools
import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import acts
from acts._arguments import UnknownNameError, hint
from acts.dialects import resolved

from ._objects import Bound, examples_in_jax
from ._special import where

Formula = Callable[..., Any]
Function = Callable[..., jax.Array]
Constants = tuple[float | None, ...]


class Rule:
    """What is known of one function: its NumPy record, its formulas, and what its backward pass keeps."""

    def __init__(self, value: Formula, residual: str, record: acts.Activation | None = None) -> None:
        self.name = value.__name__
        self.record = record or acts.get(self.name)
        self.function: Function | None = None  # the public one
        signature = inspect.signature(value)
        if signature != inspect.signature(self.record.formula):
            raise TypeError(f"{self.name}{signature} does not mirror {self.record!r}")
        value.__doc__ = examples_in_jax(self.record.__doc__ or "")
        self.residual = residual
        self.argument, *names = signature.parameters
        self.argument_names = tuple(names)
        self.defaults = {n: p.default for n, p in signature.parameters.items() if p.default is not p.empty}
        self.has_axis = "axis" in self.argument_names
        self.formulas: dict[str, Formula] = {"f": value}
        self.short: dict[str, Formula] = {}

    def formula(self, key: str, dtype: Any = jnp.float32) -> Formula:
        """f for "f", df/dx for "x", d2f/dx2 for "xx", df/dx from the output for "y", a partial by its parameter's name.

        For a dtype of at most 16 bits the short formula, if there is one.
        """
        if key in self.short and jnp.dtype(dtype).itemsize <= 2:
            return self.short[key]
        if key not in self.formulas:
            raise NotImplementedError(f"{self.name} was registered in acts_jax without its formula for {key!r}")
        return self.formulas[key]


ATTRIBUTES = {"x": "derivative", "xx": "second_derivative"}  # of a public function: its derivatives
_FUNCTIONS: dict[str, Function] = {}


def derivative_of(function: Function, *, keeps_nan: bool = False) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of x and the parameters, as df/dx; at a kink, that of the outer piece.

    keeps_nan: it is NaN where x is, of itself; else that is added, here and for every other formula.
    """
    return _formula_of(function, "x", keeps_nan)


def second_derivative_of(function: Function) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of x and the parameters, as d2f/dx2."""
    return _formula_of(function, "xx")


def partial_of(function: Function, name: str) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of x and the parameters, as df/d(name); a LookupError for no parameter."""
    rule = find(function)
    if name not in rule.record.params:
        raise UnknownNameError(f"{rule.name} has no parameter {name!r}{hint(name, rule.record.params)}")
    return _formula_of(function, name)


def derivative_from_output_of(function: Function, *, keeps_nan: bool = False) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of y = f(x) and the parameters, as df/dx."""
    return _formula_of(function, "y", keeps_nan)


def in_16_bits(function: Function, key: str = "f", *, keeps_nan: bool = False) -> Callable[[Formula], Formula]:
    """Register the formula below, in float32, as f (or df/dx, "x") where x has 16 bits or fewer.

    It is exact enough to be rounded to those types once, and shorter than the formula for float32.
    """
    return _formula_of(function, key, keeps_nan or key == "f", short=True)


def _formula_of(
    function: Function, key: str, keeps_nan: bool = False, short: bool = False
) -> Callable[[Formula], Formula]:
    rule = find(function)

    def register(formula: Formula) -> Formula:
        registered = formula if keeps_nan else nan_through(formula)
        (rule.short if short else rule.formulas)[key] = registered
        if key in ATTRIBUTES and not short:
            getattr(function, ATTRIBUTES[key]).__wrapped__ = registered
        return formula

    return register


def nan_through(formula: Formula) -> Formula:
    """The formula, and NaN where x is."""

    @functools.wraps(formula)
    def complete(x: Any, *params: Any) -> Any:
        return where(jnp.isnan(x), x, formula(x, *params))

    return complete


def formulas(function: Function, dtype: Any = jnp.float32) -> Mapping[str, Formula]:
    """The bare formulas of a function of acts_jax, in plain jnp: no jit, no rule, no check; for your own kernels.

    "f" for the value, "x" for df/dx, "xx" for d2f/dx2, and each parameter's partial by its name, as functions of x and
    the parameters (of x alone, where `get(name, **params)` bound them). They compute in the type that they are given,
    float32 or float64; those for a dtype of 16 bits or fewer are shorter, computed in float32 and exact enough to be
    rounded to it. All of them lower inside Pallas kernels. A LookupError for a function that is not one of acts_jax.

    >>> import acts_jax
    >>> sorted(acts_jax.formulas(acts_jax.elu))
    ['alpha', 'f', 'x', 'xx']
    >>> float(acts_jax.formulas(acts_jax.get("elu", alpha=0.5))["x"](jnp.float32(0.0)))
    0.5
    """
    rule = find(function)
    bound = bound_parameters(function)
    constants = tuple(bound.get(name) for name in rule.record.params)
    return MappingProxyType({k: fixed(rule.formula(k, dtype), constants) for k in rule.formulas if k != "y"})


def fixed(formula: Formula, constants: tuple[Any, ...]) -> Formula:
    """The formula of x and of those parameters that are None in constants; the others have that value."""
    if all(c is None for c in constants):
        return formula

    def of_the_others(x: Any, *others: Any) -> Any:
        rest = iter(others)
        return formula(x, *(next(rest) if c is None else c for c in constants))

    of_the_others.__name__ = formula.__name__
    return of_the_others


def add(rule: Rule, function: Function) -> Function:
    """Register the public function of a rule."""
    _FUNCTIONS[rule.name] = function
    return function


def add_axis_function(name: str, function: Function) -> None:
    """Register a public function of rows, which has no elementwise rule."""
    _FUNCTIONS[name] = function


def find(function: Function) -> Rule:
    """The rule of a function of acts_jax, or of one with bound parameters; else a LookupError."""
    function = _unbound(function)
    rule = getattr(function, "_rule", None)
    if isinstance(rule, Rule) and rule.function is function:  # unlike what functools.wraps made of one
        return rule
    name = getattr(function, "__name__", str(function))
    if _FUNCTIONS.get(name) is function:
        raise UnknownNameError(
            f"{name} has no elementwise derivative: it is a function of rows; use jax.vjp or jax.jvp"
        )
    nearest = f"; acts_jax.{name} is one" if name in _FUNCTIONS else hint(name, _FUNCTIONS)
    raise UnknownNameError(f"{function!r} is not a function of acts_jax{nearest}")


def _unbound(function: Function) -> Function:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def bound_parameters(function: Function) -> dict[str, Any]:
    """What is bound by name in a function, or partial of a partial; a TypeError for what is bound by position."""
    if not isinstance(function, functools.partial):
        return {}
    if function.args:
        name = _unbound(function).__name__
        raise TypeError(f"bind parameters of {name} by name, as in get({name!r}, name=value)")
    return {**bound_parameters(function.func), **function.keywords}


def names(kind: str = "elementwise") -> tuple[str, ...]:
    """The canonical names of the mirrored activations of a kind, as `acts.names` has them and in its order."""
    return tuple(name for name in acts.names(kind) if name in _FUNCTIONS or acts.get(name)._defined)


def get(name: str | Function | None, *, dialect: str | None = None, **params: Any) -> Function:
    """The activation of that name or alias, in any case, with - or _; params are bound as keyword arguments.

    For a configuration's `str | Callable | None`: a callable is returned as it is, and None is the identity; with
    params, a callable must be a function of acts_jax, else a LookupError. What is returned pickles, copies to itself,
    and compares and hashes by value. An unknown name is a KeyError, and so a LookupError, that shows the nearest ones.
    dialect: a framework of `acts.dialects`, whose name, keywords and defaults these are.

    >>> import acts_jax
    >>> acts_jax.get("leaky_relu", dialect="keras")
    <acts_jax leaky_relu(x, negative_slope=0.2)>
    >>> acts_jax.get("ELU", alpha=0.5)
    <acts_jax elu(x, alpha=0.5)>
    >>> acts_jax.get("ELU", alpha=0.5) == acts_jax.get("elu", alpha=0.5)
    True
    """
    if dialect is not None:
        name, params = resolved(dialect, str(name), params)
    if callable(name) and not params:
        return name
    if callable(name):
        function, params = _unbound(name), {**bound_parameters(name), **params}
        of_rows = _FUNCTIONS.get(getattr(function, "__name__", "")) is function
        record: Any = acts.get(function.__name__) if of_rows else find(function).record
    else:
        record = acts.get(name)._unbound
        function = _mirror(record)
    if not params:
        return function
    record.bind(**params)  # refuses names that it has not
    return Bound(function, **{k: np.copy(v) if isinstance(v, np.ndarray) else v for k, v in params.items()})


def _mirror(record: Any) -> Function:
    if record._defined:
        from ._definitions import mirrored  # which imports this file

        return mirrored(record)
    if record.__name__ not in _FUNCTIONS:
        raise UnknownNameError(f"{record.__name__} has no mirror in acts_jax{hint(record.__name__, _FUNCTIONS)}")
    return _FUNCTIONS[record.__name__]
