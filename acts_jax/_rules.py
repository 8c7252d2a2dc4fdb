"""From a function and its derivatives to what JAX runs: the default face and the custom_vjp face.

A family file holds plain jnp formulas; this file adds, once for all of them, types (16-bit floats are computed in
float32 and rounded once), NaN, the derivative rules and the choice of what the backward pass keeps.

The default face is jax.jit around jax.custom_jvp, so that every transformation works. Its tangent map is wrapped in
jax.checkpoint: the arguments of that map, the declared residual and the parameters, are all that backward keeps.

The residual is "input", "output", "sign" (of x, in one byte: all that the derivative from the output looks at) or
"nothing" (f is linear). Where a parameter moves it is the input, which the partial needs.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

from acts._arguments import match_arguments

from ._arrays import at_least_float32, cast, checked_arguments
from ._registry import Formula, Function, Rule, add, find

# Keeps XLA from merging backward's recomputation with forward, which would keep forward's intermediates alive.
BARRIER = True


def activation(residual: str = "input") -> Callable[[Formula], Function]:
    """Make the formula below the mirror of the NumPy activation of its name; backward keeps the residual.

    Its signature must be that of the NumPy function (else a TypeError); docstring and aliases come from there.
    """

    def register(value: Formula) -> Function:
        rule = Rule(value, residual)
        return add(rule, jitted(rule, default_face(rule)))

    return register


def rounded_once(formula: Formula, x: Any, params: Sequence[Any]) -> Any:
    """The formula in at least float32, as x's type."""
    wide = at_least_float32(x.dtype)
    return cast(x.dtype, formula(cast(wide, x), *(cast(wide, p) for p in params)))


def default_face(rule: Rule) -> Function:
    """act(x, *params) with the derivative rules on it; the parameters already broadcast to x."""

    def value(x: Any, *params: Any) -> Any:
        return rounded_once(rule.value, x, params)

    if rule.residual == "nothing":  # JAX's own derivative of a linear function is exact, and keeps nothing
        return value
    act = jax.custom_jvp(value)

    def act_jvp(primals: Any, tangents: Any) -> Any:
        x, *params = primals
        y = act(*primals)  # act, not the formula: higher orders stay on the rule
        moving = dict(_moving(("x", *rule.record.params), tangents))
        residual = rule.residual if list(moving) == ["x"] else "input"
        kept = y if residual == "output" else _sign(x) if residual == "sign" else x
        push = jax.checkpoint(_push, static_argnums=(0, 1, 2), prevent_cse=BARRIER)
        return y, push(rule, residual, x.dtype, kept, params, moving)

    act.defjvp(act_jvp, symbolic_zeros=True)
    return act


def _sign(x: Any) -> Any:
    """1 for x > 0, -1 for x <= 0, 0 for NaN, in one byte."""
    return (x > 0).astype(jnp.int8) - (x <= 0).astype(jnp.int8)


def _push(rule: Rule, residual: str, dtype: Any, kept: Any, params: Any, tangents: Any) -> Any:
    """The tangent of the output: the sum of derivative times tangent over the inputs that move, rounded once."""
    wide = at_least_float32(dtype)
    kept = cast(wide, kept)
    if residual == "sign":
        kept = jnp.where(kept == 0, jnp.nan, kept)
    params = [cast(wide, p) for p in params]
    derivatives = {name: _derivative(rule, residual, name) for name in tangents}
    terms = [
        derivatives[name](kept, *params) * cast(wide, t)  # t is widened before it is broadcast, and so
        for name, t in tangents.items()  # is the sum that the transpose, a parameter's gradient, makes of it
    ]
    return cast(dtype, functools.reduce(jnp.add, terms))


def _moving(names: Sequence[Any], tangents: Sequence[Any]) -> list[tuple[Any, Any]]:
    return [(n, t) for n, t in zip(names, tangents, strict=True) if not isinstance(t, SymbolicZero)]


def _derivative(rule: Rule, residual: str, name: str) -> Formula:
    if name == "x":
        return first(rule) if residual == "input" else rule.formula("y")
    return rule.formula(name)


@functools.cache
def first(rule: Rule) -> Formula:
    """df/dx, with d2f/dx2 as its own rule; with respect to the parameters JAX differentiates the formula."""

    @jax.custom_jvp
    def slope(x: Any, *params: Any) -> Any:
        return rule.formula("x")(x, *params)

    def slope_jvp(primals: Any, tangents: Any) -> Any:
        x, *params = primals
        dx, *dparams = tangents
        terms = [] if isinstance(dx, SymbolicZero) else [rule.formula("xx")(x, *params) * dx]
        for i, dp in _moving(range(len(params)), dparams):
            of_one = lambda p, i=i: rule.formula("x")(x, *params[:i], p, *params[i + 1 :])  # noqa: E731
            terms.append(jax.jvp(of_one, (params[i],), (dp,))[1])
        return slope(*primals), functools.reduce(jnp.add, terms)

    slope.defjvp(slope_jvp, symbolic_zeros=True)
    return slope


def as_custom_vjp(function: Function, save: str | None = None) -> Any:
    """The function as a jax.custom_vjp: reverse mode only, with `fwd` and `bwd` to read and to call, by position.

    fwd(x, *params) -> (y, (kept, params)); bwd((kept, params), g) -> one cotangent per argument of fwd.
    save: what backward keeps, "input" or "output"; by default the output where the default face keeps it, else the
    input. From the output only dx can be had, so the parameters are then the defaults, or those bound by
    `get(name, **params)`, as an axis always is. A ValueError where the output does not determine the slope, or not for
    these parameters; a TypeError for a functools.partial with positional arguments. Made from the output, dx is within
    4 ulp of the largest slope, but lost where the output saturates: in float32 for elu, selu and celu below -16,
    sigmoid above 16, tanh beyond 8; in bfloat16 below -5, above 5, beyond 3 (`python benchmarks/saved_output.py`).

    >>> import acts_jax
    >>> silu = acts_jax.as_custom_vjp(acts_jax.silu)
    >>> y, kept = silu.fwd(1.0)
    >>> [round(float(c), 4) for c in silu.bwd(kept, 2.0)]
    [1.8553]
    """
    rule = find(function)
    bound = dict(function.keywords) if isinstance(function, functools.partial) else {}
    if isinstance(function, functools.partial) and function.args:
        raise TypeError(f"bind parameters of {rule.name} by name, as in get({rule.name!r}, name=value)")
    free = tuple(name for name in rule.record.params if name not in bound)
    save = save or ("output" if rule.residual == "output" else "input")
    if save not in ("input", "output"):
        raise ValueError(f"save={save!r}; allowed: 'input', 'output'")
    if save == "output" and "y" not in rule.formulas:
        raise ValueError(f"the output of {rule.name} does not determine its slope; use save='input'")
    if save == "output":
        rule.record.bind(**bound).derivative_from_output(0.0)  # a ValueError if not for these parameters

    def arguments(x: Any, params: Sequence[Any]) -> tuple[Any, list[Any]]:
        return checked_arguments(rule, x, (), bound | match_arguments(rule.name, free, rule.defaults, (*params,), {}))

    @jax.custom_vjp
    def face(x: Any, *params: Any) -> Any:
        return fwd(x, *params)[0]

    def fwd(x: Any, *params: Any) -> Any:
        if params and save == "output":
            raise ValueError(f"save='output' gives no gradient of parameters: bind them by get({rule.name!r}, ...)")
        x, values = arguments(x, params)
        y = rounded_once(rule.value, x, values)
        return y, (y if save == "output" else x, params)

    def bwd(residuals: Any, g: Any) -> Any:
        kept, params = residuals
        if BARRIER:
            kept, g = jax.lax.optimization_barrier((kept, g))  # type: ignore[no-untyped-call]
        wide = at_least_float32(kept.dtype)
        _, values = arguments(kept, params)
        wide_values = [cast(wide, v) for v in values]
        cotangents = [cast(kept.dtype, cast(wide, g) * _derivative(rule, save, "x")(cast(wide, kept), *wide_values))]
        for name, given in zip(free, params, strict=False):
            terms = cast(wide, g) * rule.formula(name)(cast(wide, kept), *wide_values)
            shape = jnp.shape(values[rule.record.params.index(name)])
            # The sum of the terms over all that shares the parameter, also over the devices of a shard_map.
            shared = lambda p, terms=terms, shape=shape: jnp.sum(cast(wide, p).reshape(shape) * terms)  # noqa: E731
            cotangents.append(jax.grad(shared, allow_int=True)(given))
        return tuple(cotangents)

    face.defvjp(fwd, bwd)
    return functools.update_wrapper(face, rule.value)


def derivative(function: Function) -> Function:
    """The analytic df/dx of a function of acts_jax, as a JAX function of the same arguments.

    >>> import acts_jax
    >>> float(acts_jax.derivative(acts_jax.silu)(0.0))
    0.5
    """
    return _as_function(function, 1)


def second_derivative(function: Function) -> Function:
    """The analytic d2f/dx2 of a function of acts_jax, as a JAX function of the same arguments.

    >>> import acts_jax
    >>> float(acts_jax.second_derivative(acts_jax.silu)(0.0))
    0.5
    """
    return _as_function(function, 2)


def _as_function(function: Function, order: int) -> Function:
    if isinstance(function, functools.partial):
        return functools.partial(_as_function(function.func, order), *function.args, **function.keywords)
    return _jitted_derivative(find(function), order)


@functools.cache
def _jitted_derivative(rule: Rule, order: int) -> Function:
    formula = first(rule) if order == 1 else rule.formula("xx")
    return jitted(rule, lambda x, *params: rounded_once(formula, x, params))


def jitted(rule: Rule, run: Formula) -> Function:
    """jax.jit of run(x, *params) behind the check of the arguments, with the formula as its __wrapped__."""

    @functools.wraps(rule.value)
    def function(x: Any, *params: Any, **named: Any) -> Any:
        x, values = checked_arguments(rule, x, params, named)
        return run(x, *values)

    return jax.jit(function, static_argnames="axis" if rule.has_axis else ())
