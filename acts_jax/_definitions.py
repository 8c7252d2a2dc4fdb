"""The JAX function of an activation that `acts.define` made: its definition on jets of jax.numpy."""

import functools
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

import acts
from acts._definitions import formulas_of, functions_of, named
from acts._grammar import head_of

from . import _special
from ._functions import made
from ._objects import ByValue, shown, with_attribute
from ._registry import Formula, Function, Rule, nan_through


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

    def get_config(self) -> dict[str, Any]:
        """What Keras saves, once `acts_jax.keras` is imported: the arguments of `define`."""
        return {"define": dict(self._record._defined), "attribute": self._attribute}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """What Keras loads."""
        return with_attribute(define(**config["define"]), config["attribute"])

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
    functions = functions_of(_Numpy(), _special.erf, _ncdf)
    whole, finite = (formulas_of(expression, tuple(names), functions, infinite) for infinite in (True, False))
    named(whole, name, __name__)
    whole["f"].__signature__ = record.formula.__signature__  # type: ignore[attr-defined]
    formulas = {
        key: nan_through(_limits_by_number(_of_arrays(formula), _of_arrays(finite[key]), record.formulas()[key]))
        for key, formula in whole.items()
    }
    rule = Rule(formulas["f"], "input", record)
    rule.formulas.update(formulas)
    function = made(rule, lambda function, attribute="": Defined(function, record, attribute))
    return function


def _of_arrays(formula: Formula) -> Formula:
    """The formula with parameters that are numbers as arrays, of which 1 / 0 is no error, and all of one shape."""

    @functools.wraps(formula)
    def of_arrays(x: Any, *params: Any) -> Any:
        return formula(x, *(lax.full_like(x, p) if isinstance(p, (int, float)) else p for p in params))

    return of_arrays


def _limits_by_number(whole: Formula, finite: Formula, in_numpy: Formula) -> Formula:
    """The whole formula; of parameters that are numbers that of finite x, with NumPy's limits as constants."""

    @functools.wraps(whole)
    def formula(x: Any, *params: Any) -> Any:
        if not all(isinstance(p, (int, float)) for p in params):
            return whole(x, *params)
        with np.errstate(all="ignore"):
            left, right = in_numpy(np.array([-np.inf, np.inf]), *params).tolist()
        y = finite(_special.where(jnp.isinf(x), 1, x), *params)
        return _special.where(x == jnp.inf, right, _special.where(x == -jnp.inf, left, y))

    return formula


class _Numpy:
    """jax.numpy with functions in place of its own that lower in every kernel."""

    where, expm1 = staticmethod(_special.where), staticmethod(_special.expm1)

    def __getattr__(self, name: str) -> Any:
        return getattr(jnp, name)


def _ncdf(x: Any) -> Any:
    t = jnp.minimum(jnp.abs(x), 40)
    tail = _special.times_npdf(_special.mills(t), t)
    return _special.where(x < 0, tail, 1 - tail)


def _found(record: acts.Activation, attribute: str) -> Any:
    return with_attribute(mirrored(record), attribute)
