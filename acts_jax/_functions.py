"""The public functions: plain Python functions around what _rules.py makes, with their derivatives as attributes.

A plain function pickles by its name, copies to itself and shows its own help; so do `elu.derivative` and
`elu.second_derivative`, which `acts_jax.derivative(elu)` returns. On arrays it calls a jitted function, 5 us a call,
and so it does under an eager jax.grad; inside a program that is being traced it applies the rule directly, so that JAX
sees the rule and not a jit around it.
"""

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.extend.core import take_current_trace

from ._arrays import checked_arguments
from ._objects import Bound
from ._registry import ATTRIBUTES, Constants, Formula, Function, Rule, add, find
from ._rules import default_face, rounded_derivative

Tracer = jax.core.Tracer


def activation(residual: str = "input") -> Callable[[Formula], Function]:
    """Make the formula below the mirror of the NumPy activation of its name.

    residual: what the backward pass keeps, "input", "output", "sign" or "nothing" (see `acts_jax._rules`). The
    signature must be that of the NumPy function (else a TypeError); docstring and aliases come from there.
    """

    def register(formula: Formula) -> Function:
        rule = Rule(formula, residual)
        function = _public(rule, functools.partial(default_face, rule))
        functools.update_wrapper(function, formula)
        for key, name in ATTRIBUTES.items():
            setattr(function, name, _derivative(rule, function, key, name))
        return add(rule, function)

    return register


def _derivative(rule: Rule, function: Any, key: str, name: str) -> Any:
    run = _public(rule, functools.partial(rounded_derivative, rule, key))
    run.__name__, run.__qualname__ = f"{name}_of_{rule.name}", f"{function.__qualname__}.{name}"
    run.__module__, run.__signature__ = function.__module__, inspect.signature(function)
    run.__doc__ = (
        f"{'df/dx' if key == 'x' else 'd2f/dx2'} of {rule.record.definition}\n\n"
        f"The analytic {name.replace('_', ' ')} of `{rule.name}`, a function of the same arguments, in x's shape and "
        f"type.\n\n>>> acts_jax.{name}(acts_jax.{rule.name}) is acts_jax.{rule.name}.{name}\nTrue\n"
    )
    return run


def _public(rule: Rule, face: Callable[[Constants], Formula]) -> Any:
    """The function of (x, *params, **named) that checks its arguments and applies the face for their constants."""

    def run(x: Any, *params: Any, **named: Any) -> Any:
        x, values = checked_arguments(rule, x, params, named)
        constants = tuple(v if isinstance(v, float) else None for v in values)
        if any(c != c for c in constants):
            return x * math.nan  # XLA computes exp of a constant that is NaN as some number or other
        return face(constants)(x, *(v for v in values if not isinstance(v, float)))

    run.__name__, run.__signature__ = rule.name, inspect.signature(rule.formula("f"))  # type: ignore[attr-defined]
    function = _jitted_on_arrays(run, ("axis",) if rule.has_axis else ())
    function.of_numbers = _jitted_on_arrays(run, rule.argument_names)  # compiled for each number: `get` binds some
    return function


def _jitted_on_arrays(run: Formula, static: Sequence[str]) -> Any:
    compiled = jax.jit(run, static_argnames=static)

    def function(x: Any, *params: Any, **named: Any) -> Any:
        if _unknown(x) or ((params or named) and any(map(_unknown, (*params, *named.values())))):
            return run(x, *params, **named)
        return compiled(x, *params, **named)

    return function


def _unknown(value: Any) -> bool:
    """Whether JAX is tracing a program with this value as a variable; an eager jax.grad has its number at hand."""
    if not isinstance(value, Tracer) or value.to_concrete_value() is None:  # type: ignore[no-untyped-call]
        return isinstance(value, Tracer)
    with take_current_trace() as trace:
        return trace is not value._trace  # checkify traces a program around the values of a jax.grad outside of it


def derivative(function: Function) -> Function:
    """The analytic df/dx of a function of acts_jax, as a JAX function of the same arguments.

    >>> import acts_jax
    >>> float(acts_jax.derivative(acts_jax.silu)(0.0))
    0.5
    """
    return _attribute(function, "derivative")


def second_derivative(function: Function) -> Function:
    """The analytic d2f/dx2 of a function of acts_jax, as a JAX function of the same arguments.

    >>> import acts_jax
    >>> float(acts_jax.second_derivative(acts_jax.silu)(0.0))
    0.5
    """
    return _attribute(function, "second_derivative")


def _attribute(function: Function, name: str) -> Function:
    if isinstance(function, functools.partial):
        kind = Bound if isinstance(function, Bound) else functools.partial
        return kind(_attribute(function.func, name), *function.args, **function.keywords)
    find(function)
    found: Function = getattr(function, name)
    return found
