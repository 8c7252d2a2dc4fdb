"""The public functions: plain Python functions around what _rules.py makes, with their derivatives as attributes.

A plain function pickles by its name, copies to itself and shows its own help; so do `elu.derivative` and
`elu.second_derivative`, which `acts_jax.derivative(elu)` returns.

A call on arrays takes 5 us, and compiles nothing new for another number as a parameter; where x is traced, such numbers
are constants of what is compiled. Under grad and vmap the rule stands inside a jit, which remembers what they made of
it; in a program that is written down (a jit, a scan, checkify) it stands there itself: checkify asks for that.
"""

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
from jax.extend.core import find_top_trace
from jax.interpreters.partial_eval import DynamicJaxprTracer

from acts._arguments import MISSING, first_argument, match_arguments

from ._arrays import checked_arguments, explain
from ._objects import Bound
from ._registry import ATTRIBUTES, Constants, Formula, Function, Rule, add, find
from ._rules import default_face, rounded_derivative


def activation(residual: str = "input") -> Callable[[Formula], Function]:
    """Make the formula below the mirror of the NumPy activation of its name.

    residual: what the backward pass keeps, "input", "output", "sign" or "nothing" (see `acts_jax._rules`). The
    signature must be that of the NumPy function (else a TypeError); docstring and aliases come from there.
    """

    def register(formula: Formula) -> Function:
        rule = Rule(formula, residual)
        return add(rule, made(rule))

    return register


def made(rule: Rule, wrapped: Callable[..., Any] = lambda function, attribute="": function) -> Function:
    """The public function of a rule, with its derivatives as attributes; each wrapped."""
    plain = _public(rule, functools.partial(default_face, rule))
    functools.update_wrapper(plain, rule.formulas["f"])
    function = wrapped(plain)
    for key, name in ATTRIBUTES.items():
        setattr(function, name, wrapped(_derivative(rule, function, key, name), name))
    function._rule, rule.function = rule, function
    return function  # type: ignore[no-any-return]


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

    def run(x: Any, /, *params: Any, **named: Any) -> Any:
        x, values = checked_arguments(rule, x, params, named)
        constants = tuple(v if isinstance(v, float) else None for v in values)
        if any(c != c for c in constants):
            return x * math.nan  # XLA computes exp of a constant that is NaN as some number or other
        return face(constants)(x, *(v for v in values if not isinstance(v, float)))

    def with_numbers(numbers: tuple[tuple[str, Any], ...], x: Any, /, **others: Any) -> Any:
        return run(x, **dict(numbers), **others)

    run.__name__ = with_numbers.__name__ = rule.name
    run.__signature__ = inspect.signature(rule.formula("f"))  # type: ignore[attr-defined]
    called = jax.jit(run, static_argnames="axis" if rule.has_axis else ())
    transformed = jax.jit(with_numbers, static_argnums=0)

    def function(x: Any = MISSING, /, *params: Any, **named: Any) -> Any:
        if x is MISSING or rule.argument in named:
            x, others = first_argument(rule.name, rule.argument, x, named)
            return function(x, *params, **others)
        try:
            return dispatched(x, params, named)
        except (TypeError, ValueError):
            explain(checked_arguments, rule, x, params, named)
            raise

    def dispatched(x: Any, params: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
        if not isinstance(x, jax.core.Tracer):
            return called(x, *params, **named)
        if written_down(x):
            return run(x, *params, **named)
        values = match_arguments(rule.name, rule.argument_names, rule.defaults, params, named)
        numbers = {name: value for name, value in values.items() if isinstance(value, (int, float, type(None)))}
        others = {name: value for name, value in values.items() if name not in numbers}
        return transformed(tuple(numbers.items()), x, **others)

    return function


def written_down(x: Any) -> bool:
    """Whether what is done to x becomes a line of a program, and not its derivative or its batch at once."""
    if isinstance(x, DynamicJaxprTracer):
        return True
    now = find_top_trace((x,))  # type: ignore[no-untyped-call]
    return now is not getattr(x, "_trace", None)  # as inside a checkify that is inside a grad


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
