"""The registry of the mirror: formulas bound to the NumPy record of the same name, found by function or by name."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

import acts
from acts._arguments import hint

Formula = Callable[..., Any]
Function = Callable[..., jax.Array]


class Rule:
    """What is known of one function: its NumPy record, its formulas, and what its backward pass keeps."""

    def __init__(self, value: Formula, residual: str) -> None:
        self.name = value.__name__
        self.record = acts.get(self.name)
        signature = inspect.signature(value)
        if signature != inspect.signature(self.record.formula):
            raise TypeError(f"{self.name}{signature} does not mirror {self.record!r}")
        value.__doc__ = self.record.__doc__
        self.value, self.residual = value, residual
        self.argument_names = tuple(signature.parameters)[1:]
        self.defaults = {n: p.default for n, p in signature.parameters.items() if p.default is not p.empty}
        self.has_axis = "axis" in self.argument_names
        self.formulas: dict[str, Formula] = {}

    def formula(self, key: str) -> Formula:
        """df/dx for "x", d2f/dx2 for "xx", df/dx from the output for "y", the partial for a parameter's name."""
        if key not in self.formulas:
            raise NotImplementedError(f"{self.name} was registered in acts_jax without its formula for {key!r}")
        return self.formulas[key]


_RULES: dict[str, Rule] = {}
_FUNCTIONS: dict[str, Function] = {}


def derivative_of(function: Function) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of x and the parameters, as df/dx; at a kink, that of the outer piece."""
    return _formula_of(function, "x")


def second_derivative_of(function: Function) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of x and the parameters, as d2f/dx2."""
    return _formula_of(function, "xx")


def partial_of(function: Function, name: str) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of x and the parameters, as df/d(name)."""
    return _formula_of(function, name)


def derivative_from_output_of(function: Function) -> Callable[[Formula], Formula]:
    """Register the formula below, a function of y = f(x) and the parameters, as df/dx."""
    return _formula_of(function, "y")


def _formula_of(function: Function, key: str) -> Callable[[Formula], Formula]:
    rule = find(function)

    def register(formula: Formula) -> Formula:
        @functools.wraps(formula)
        def nan_through(x: Any, *params: Any) -> Any:
            return jnp.where(jnp.isnan(x), x, formula(x, *params))

        rule.formulas[key] = nan_through
        return formula

    return register


def add(rule: Rule, function: Function) -> Function:
    """Register the public function of a rule."""
    _RULES[rule.name], _FUNCTIONS[rule.name] = rule, function
    return function


def find(function: Function) -> Rule:
    """The rule of a function of acts_jax, or of one with bound parameters; else a LookupError."""
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", str(function))
    if _FUNCTIONS.get(name) is not function:
        nearest = f"; acts_jax.{name} is one" if name in _FUNCTIONS else hint(name, _FUNCTIONS)
        raise LookupError(f"{function!r} is not a function of acts_jax{nearest}")
    return _RULES[name]


def names() -> tuple[str, ...]:
    """The canonical names of the mirrored activations, in the order of acts.names()."""
    return tuple(name for name in acts.names() if name in _FUNCTIONS)


def get(name: str, **params: Any) -> Function:
    """The activation of that name or alias, in any case, with - or _; params are bound as keyword arguments.

    >>> import acts_jax
    >>> float(acts_jax.get("ELU", alpha=0.5)(-1e9))
    -0.5
    """
    canonical = acts.get(name, **params).__name__
    if canonical not in _FUNCTIONS:
        raise LookupError(f"{canonical} has no mirror in acts_jax{hint(canonical, _FUNCTIONS)}")
    return functools.partial(_FUNCTIONS[canonical], **params) if params else _FUNCTIONS[canonical]
