"""The JAX function of an activation that `acts.define` made: its definition on jets of jax.numpy."""

import functools
from typing import Any

import jax.numpy as jnp
from jax.scipy.special import erf, ndtr

import acts
from acts._definitions import formulas_of, functions_of, named
from acts._grammar import head_of

from ._functions import made
from ._objects import ByValue, shown
from ._registry import Function, Rule, nan_through


class Defined(ByValue):
    """A function of acts_jax from one line, or a derivative of it; it pickles as its text."""

    def __init__(self, function: Any, record: acts.Activation, attribute: str = "") -> None:
        functools.update_wrapper(self, function)
        self._function, self._record, self._attribute = function, record, attribute
        self._key = record, attribute

    def __call__(self, x: Any, *params: Any, **named: Any) -> Any:
        return self._function(x, *params, **named)

    def __reduce__(self) -> Any:
        return _found, (self._record, self._attribute)

    def __repr__(self) -> str:
        return f"<acts_jax {shown(self)}>"


def define(definition: str, **options: Any) -> Function:
    """The JAX function of one line of mathematics; the arguments are those of `acts.define`.

    It has all that the others have: rules for every transformation, parameters that are learned, `derivative`, `get` by
    name once it is registered (register=True does so in both packages). It computes in x's type, at least float32, and
    keeps x for the backward pass.

    >>> import jax
    >>> import acts_jax
    >>> telu = acts_jax.define("telu(x) = x * tanh(exp(x))")
    >>> print(f"{telu(1.0):.6f} {jax.grad(telu)(0.0):.6f}")
    0.991329 0.761594
    """
    return mirrored(acts.define(definition, **options))


@functools.cache
def mirrored(record: acts.Activation) -> Function:
    """The JAX function of a record that `acts.define` made."""
    name, names, expression = head_of(record.definition)
    formulas = formulas_of(expression, tuple(names), functions_of(jnp, erf, ndtr))
    named(formulas, name, __name__)
    formulas["f"].__signature__ = record.formula.__signature__  # type: ignore[attr-defined]
    rule = Rule(formulas["f"], "input", record)
    rule.formulas.update({key: nan_through(formula) for key, formula in formulas.items() if key != "f"})
    function = made(rule, lambda function, attribute="": Defined(function, record, attribute))
    return function


def _found(record: acts.Activation, attribute: str) -> Any:
    function = mirrored(record)
    return getattr(function, attribute) if attribute else function
