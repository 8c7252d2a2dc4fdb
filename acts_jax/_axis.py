"""Axis functions in JAX: types and shapes of arguments, and what backward keeps."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import acts
from acts._arguments import axes_of, check_mask, match_arguments, row_parameter_shape

from ._arrays import at_least_float32, cast, explain, floating
from ._functions import written_down
from ._objects import examples_in_jax
from ._registry import Formula, Function, add_axis_function

STATIC = ("axis", "keepdims", "hard", "size", "p", "eps")


def axis_function(*, has_rule: bool = False) -> Callable[[Formula], Function]:
    """Make the formula below the mirror of the axis function of acts of its name, whose signature it must have.

    The formula sees x with axis as a tuple of axes from 0. has_rule: it sees x in its own type, and what it calls has
    its own derivative rule; else it sees x in at least float32, is rounded once, and backward keeps its arguments only.
    """

    def register(formula: Formula) -> Function:
        record: Any = acts.get(formula.__name__)
        signature = inspect.signature(formula)
        if str(signature).replace("key", "rng") != str(inspect.signature(record.formula)):
            raise TypeError(f"{formula.__name__}{signature} does not mirror {record!r}")
        formula.__doc__ = examples_in_jax(record.__doc__ or "")
        compute = (lambda x, given: formula(x, **given)) if has_rule else _rounded(formula)
        function = _public(record, compute, signature)
        functools.update_wrapper(function, formula)
        add_axis_function(record.__name__, function)
        return function

    return register


def _public(record: Any, formula: Formula, signature: inspect.Signature) -> Function:
    names = tuple(signature.parameters)[1:]
    defaults = {p.name: p.default for p in signature.parameters.values() if p.default is not p.empty}

    def checked(x: Any, *args: Any, **named: Any) -> Any:
        return _checked(record, x, match_arguments(record.__name__, names, defaults, args, named))

    def run(x: Any, *args: Any, **named: Any) -> Any:
        return formula(*checked(x, *args, **named))

    run.__name__ = record.__name__
    run.__signature__ = signature  # type: ignore[attr-defined]
    called = jax.jit(run, static_argnames=[name for name in names if name in STATIC])

    def function(x: Any, *args: Any, **named: Any) -> Any:
        try:
            return run(x, *args, **named) if written_down(x) else called(x, *args, **named)
        except (TypeError, ValueError):
            explain(checked, x, *args, **named)
            raise

    return function


def _checked(record: Any, x: Any, given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """x as a floating array, and the arguments as formulas take them."""
    name = record.__name__
    x = floating(name, "x", x)
    axes = axes_of(name, given["axis"], x.shape)
    if record.width != "n" and len(axes) != 1 and "keepdims" not in given:
        raise ValueError(f"{name}: axis is {given['axis']}; it must be one integer")
    kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    for p in record.params:
        if given[p] is not None and not isinstance(given[p], (int, float)):
            value = floating(name, p, given[p])
            given[p] = value.reshape(row_parameter_shape(name, p, value.shape, kept))
    if given.get("where") is not None:
        try:
            given["where"] = jnp.asarray(given["where"])
        except (TypeError, ValueError):  # of text or objects: refused for its type
            given["where"] = np.asarray(given["where"])
        check_mask(name, given["where"], x.shape)
    return x, given | {"axis": axes}


def _rounded(formula: Formula) -> Formula:
    """The formula in at least float32, as x's type; backward keeps what it is given and computes it anew."""

    def run(x: Any, given: Mapping[str, Any]) -> Any:
        arrays = {k: v for k, v in given.items() if isinstance(v, jax.Array)}
        others = {k: v for k, v in given.items() if k not in arrays}
        dtype, wide = x.dtype, at_least_float32(x.dtype)

        @jax.checkpoint
        def compute(x: Any, arrays: dict[str, Any]) -> Any:
            parameters = {k: cast(wide, v) if jnp.issubdtype(v.dtype, jnp.floating) else v for k, v in arrays.items()}
            return cast(dtype, formula(cast(wide, x), **parameters, **others))

        return compute(x, arrays)

    return run
