"""The other face of a function: a jax.custom_vjp whose forward and backward can be read and called."""

import functools
import inspect
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from acts._arguments import match_arguments

from ._arrays import at_least_float32, cast, checked_arguments
from ._objects import ByValue, shown
from ._registry import Function, bound_parameters, find, get
from ._rules import all_held_apart, result_type, rounded_once, slope


class CustomVJP(ByValue, jax.custom_vjp):  # type: ignore[type-arg]
    """A jax.custom_vjp that pickles, and is equal to another one of the same function that saves the same."""

    def __init__(self, primal: Any, function: Function, save: str) -> None:
        super().__init__(primal)
        self._key = function, save

    def __reduce__(self) -> Any:
        return as_custom_vjp, self._key

    def __repr__(self) -> str:
        return f"<acts_jax as_custom_vjp({shown(self._key[0])}, save={self._key[1]!r})>"


def as_custom_vjp(function: Function, save: str | None = None) -> Any:
    """The function as a jax.custom_vjp: reverse mode only, with `fwd` and `bwd` to read and to call, by position.

    fwd(x, *params) -> (y, (kept, params)); bwd((kept, params), g) -> one cotangent per argument of fwd.
    save: what backward keeps, "input" or "output"; by default the output where the default face keeps it, else the
    input. From the output only dx can be had, so the parameters are then the defaults, or those bound by
    `get(name, **params)`, as an axis always is. A ValueError where the output does not determine the slope, or not for
    these parameters; a TypeError for a functools.partial with positional arguments, or a bound value that is traced,
    whose gradient would be lost. Made from the output, dx is within 4 ulp of the largest slope, but lost where the
    output saturates: in float32 for elu, selu and celu below -16, sigmoid above 16, tanh beyond 8; in bfloat16 below
    -5, above 5, beyond 3 (`python benchmarks/saved_output.py`).

    >>> import acts_jax
    >>> silu = acts_jax.as_custom_vjp(acts_jax.silu)
    >>> y, kept = silu.fwd(1.0)
    >>> [round(float(c), 4) for c in silu.bwd(kept, 2.0)]
    [1.8553]
    """
    rule = find(function)
    bound = bound_parameters(function)
    traced = [name for name, value in bound.items() if isinstance(value, jax.core.Tracer)]
    free = tuple(name for name in rule.record.params if name not in bound)
    if traced:
        names = ", ".join(name for name in rule.record.params if name not in bound or name in traced)
        raise TypeError(f"{rule.name}: {traced[0]} is traced, and bound it gets no gradient; call face(x, {names})")
    save = save or ("output" if rule.residual == "output" else "input")
    if save not in ("input", "output"):
        raise ValueError(f"save={save!r}; allowed: 'input', 'output'")
    if save == "output" and "y" not in rule.formulas:
        raise ValueError(f"the output of {rule.name} does not determine its slope; use save='input'")
    if save == "output":
        rule.record.bind(**bound).derivative_from_output(0.0)  # a ValueError if not for these parameters

    constants = (None,) * len(rule.record.params)

    def arguments(x: Any, params: Sequence[Any]) -> tuple[Any, list[Any]]:
        return checked_arguments(rule, x, (), bound | match_arguments(rule.name, free, rule.defaults, (*params,), {}))

    def primal(x: Any, *params: Any) -> Any:
        return fwd(x, *params)[0]

    def fwd(x: Any, *params: Any) -> Any:
        if params and save == "output":
            raise ValueError(f"save='output' gives no gradient of parameters: bind them by get({rule.name!r}, ...)")
        x, values = arguments(x, params)
        dtype = result_type(rule, constants, x, values)
        y = rounded_once(rule.formula("f", dtype), x, values, dtype)
        return y, (y if save == "output" else x, params)

    def bwd(residuals: Any, g: Any) -> Any:
        kept, params = residuals
        _, values = arguments(kept, params)
        dtype = result_type(rule, constants, kept, values)
        own, wide = kept.dtype, at_least_float32(dtype)
        slope_of_kept = rule.formula("y") if save == "output" else slope(rule, constants, dtype)
        g = cast(wide, g)

        def times(formula: Any, of_x: bool) -> Any:
            x, held = all_held_apart(rule, save, kept, values, of_x)
            return g * formula(cast(wide, x), *(cast(wide, v) for v in held))

        cotangents = [cast(own, times(slope_of_kept, True))]
        for name, given in zip(free, params, strict=False):
            terms = times(rule.formula(name), False)
            shape = jnp.shape(values[rule.record.params.index(name)])
            # The sum of the terms over all that shares the parameter, also over the devices of a shard_map.
            shared = lambda p, terms=terms, shape=shape: jnp.sum(cast(wide, p).reshape(shape) * terms)  # noqa: E731
            cotangents.append(jax.grad(shared, allow_int=True)(given))
        return tuple(cotangents)

    base = get(rule.function, **bound)
    face = CustomVJP(primal, base, save)
    face.defvjp(fwd, bwd)
    functools.update_wrapper(face, base, updated=())
    parameters = inspect.signature(rule.formula("f")).parameters
    given = [parameters[name].replace(kind=inspect.Parameter.POSITIONAL_ONLY) for name in (rule.argument, *free)]
    face.__signature__ = inspect.Signature(given)  # type: ignore[attr-defined]
    return face
