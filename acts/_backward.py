"""The backward pass of an activation: the cotangents of its first argument and of its parameters, in one program."""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arguments import first_argument
from ._completed import Formula
from ._dtypes import as_floating, as_output, cotangent_type, sum_to_shape

if TYPE_CHECKING:
    from ._activation import Activation


def vjp(
    f: "Activation", x: Any, g: Any, params: tuple[Any, ...], named: Mapping[str, Any], out: Any, names: tuple[str, ...]
) -> tuple[Any, ...]:
    """(dx, one cotangent for each name) of f(x, *params, **named), for the output's cotangent g."""
    if type(x) is np.ndarray and type(g) is np.ndarray and x.shape == g.shape and not (params or named):
        program = f._programs.get((names, x.dtype, g.dtype))
        if program is not None:
            *sums, dx = f._into(out, program, x, g)
            return dx, *sums
    rules = {name: _times(f._rule(name)) for name in (*map(f._known, names), "x")}
    x, named = first_argument(f"{f.__name__}.vjp", f.argument, x, named)
    g, named = first_argument(f"{f.__name__}.vjp", "g", g, named)
    given = f._bind(params, named)
    own, g = as_floating(f.__name__, f.argument, x), as_floating(f.__name__, "g", g)
    if g.shape != own.shape:
        shapes = f"g has shape {g.shape}, {f.argument} has shape {own.shape}"
        raise ValueError(f"{f.__name__}.vjp: {shapes}; they must be equal")
    x, values = f._arguments(x, given)
    types = {name: cotangent_type(given[name], x) for name in names}
    target = out if own.dtype == x.dtype else None
    totals: dict[str, Any] = {}
    whole = f.params[: len(f._whole(values, x))]
    if sum(v.ndim > 0 for v in values) > len(whole):
        padded = dict(zip(f.params, values, strict=True))
        for name in names:
            [terms] = f._run((rules[name],), (x, g), values, result=np.float64)
            totals[name] = sum_to_shape(terms, padded[name].shape, np.shape(given[name]), types[name])
        [dx] = f._run((rules["x"],), (x, g), values, out=target)
    else:
        order = sorted(rules, key=lambda name: (name == "x", name in whole))  # the sums come first
        summed = [types[name] for name in order if name not in (*whole, "x")]
        results = f._run(tuple(rules[name] for name in order), (x, g), values, sums=tuple(summed), out=target)
        dx = results.pop()
        for name, total in zip(order, results, strict=False):
            totals[name] = _cast(total, types[name]).reshape(np.shape(given[name]))[()]
        if not (params or named or whole or any(map(np.shape, given.values()))):
            f._programs[names, x.dtype, g.dtype] = f._program(tuple(rules.values()), (x, g), values, sums=tuple(summed))
    if own.dtype != x.dtype:  # narrower than the other operand of a gate
        dx = _cast(dx, own.dtype)
        if out is not None:
            as_output(f.__name__, out, own)[...] = dx
    return dx if out is None else out, *(totals[name] for name in names)


@functools.cache
def _times(rule: Formula) -> Formula:
    """The terms of a backward pass: the cotangent g times a derivative."""
    return lambda x, g, *params: g * rule(x, *params)


def _cast(y: Any, dtype: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.asarray(y).astype(dtype, copy=False)
