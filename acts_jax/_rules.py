"""From a function and its derivatives to what JAX runs: the default face and the custom_vjp face.

A family file holds plain jnp formulas; this file adds, once for all of them, types (narrow floats are computed in
float32 and rounded once), NaN, the derivative rules and the choice of what the backward pass keeps.

The default face is jax.custom_jvp, so that every transformation works, around formulas that are jitted one by one. Its
tangent map is wrapped in jax.checkpoint: the arguments of that map, the declared residual and the parameters, are
all that backward keeps. Parameters that are Python numbers are constants of the formulas.

The residual is "input", "output", "sign" (of x, in one byte, all that the derivative from the output looks at; or the
output itself where the parameters are constants >= 0, for then it has the sign of x) or "nothing" (f is linear).
Where a parameter moves it is the input, which the partial needs.
"""

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_derivatives import SymbolicZero

from ._arrays import at_least_float32, cast
from ._registry import Constants, Formula, Rule, fixed
from ._special import where

compiled_once = functools.lru_cache(maxsize=4096)  # per function, constants and type


def rounded_once(formula: Formula, x: Any, operands: Sequence[Any], dtype: Any) -> Any:
    """The formula in at least float32, as that type."""
    wide = at_least_float32(dtype)
    return cast(dtype, formula(cast(wide, x), *(cast(wide, p) for p in operands)))


def result_type(rule: Rule, constants: Constants, x: Any, operands: Sequence[Any]) -> Any:
    """The type of x, or of gate times value."""
    gated = rule.record.kind == "gated" and constants[0] is None
    return jnp.result_type(x, operands[0]) if gated else x.dtype


@compiled_once
def value(rule: Rule, constants: Constants) -> Formula:
    """f(x, *operands) without rules, jitted; the operands are the parameters that are no constants."""

    def run(x: Any, *operands: Any) -> Any:
        dtype = result_type(rule, constants, x, operands)
        return rounded_once(fixed(rule.formula("f", dtype), constants), x, operands, dtype)

    run.__name__ = rule.name
    return jax.jit(run)


@compiled_once
def _jitted(rule: Rule, key: str, dtype: Any, constants: Constants) -> Formula:
    return jax.jit(fixed(rule.formula(key, dtype), constants))


@compiled_once
def default_face(rule: Rule, constants: Constants) -> Formula:
    """act(x, *operands) with the derivative rules on it; the operands already broadcast to x."""
    if rule.residual == "nothing":  # JAX's own derivative of a linear function is exact, in any type, and keeps nothing
        return fixed(rule.formula("f"), constants)
    act = jax.custom_jvp(value(rule, constants))
    names = ("x", *(n for n, c in zip(rule.record.params, constants, strict=True) if c is None))

    def act_jvp(primals: Any, tangents: Any) -> Any:
        x, *operands = primals
        y = act(*primals)  # act, not the formula: higher orders stay on the rule
        moving = dict(_moving(names, tangents))
        residual = _residual(rule, constants) if list(moving) == ["x"] else "input"
        kept = y if residual == "output" else _sign(x) if residual == "sign" else x
        dtype = result_type(rule, constants, x, operands)
        return y, _push(rule, constants, residual, dtype, kept, operands, moving)

    act.defjvp(act_jvp, symbolic_zeros=None in constants)  # with x alone none is needed, and TPU kernels take none
    return act


def _residual(rule: Rule, constants: Constants) -> str:
    if rule.residual == "sign" and all(c is not None and c >= 0 for c in constants):
        return "output"
    return rule.residual


def _sign(x: Any) -> Any:
    """1 for x > 0, -1 for x <= 0, 0 for NaN, in one byte."""
    return (x > 0).astype(jnp.int8) - (x <= 0).astype(jnp.int8)


@functools.partial(jax.checkpoint, static_argnums=(0, 1, 2, 3), prevent_cse=False)  # held_apart does it, at less cost
def _push(rule: Rule, constants: Constants, residual: str, dtype: Any, kept: Any, operands: Any, tangents: Any) -> Any:
    """The tangent of the output: the sum of derivative times tangent over the inputs that move, rounded once."""
    wide = at_least_float32(dtype)

    def term(name: str, t: Any) -> Any:
        x, held = all_held_apart(rule, residual, kept, operands, name == "x")
        if dtype == jnp.float16 and name == "x":  # a product in float16 ends backward: else XLA for CPUs computes it
            t = t * where(jnp.isnan(x), jnp.nan, jnp.ones((), dtype))  # once per use, and keeps in float32 what
        x = cast(wide, x)  # the uses share
        if residual == "sign":
            x = where(x == 0, jnp.nan, x)
        derivative = _derivative(rule, constants, residual, dtype, name)(x, *(cast(wide, p) for p in held))
        return derivative * cast(wide, t)  # t is widened before it is broadcast, and so is the sum, its transpose

    return cast(dtype, functools.reduce(jnp.add, [term(name, t) for name, t in tangents.items()]))


def all_held_apart(rule: Rule, residual: str, kept: Any, operands: Sequence[Any], of_x: bool) -> tuple[Any, Any]:
    """`held_apart`, and the operands; of a gate the value is held apart, too.

    XLA takes what is held for x's cotangent and for the others as different arrays. Else it would compute what they
    share, an exponential, as an array of its own, and that in forward already, as it needs no cotangent.
    """
    if rule.record.kind != "gated" or not operands:
        return held_apart(kept, residual), operands
    value, *others = operands
    if of_x:
        kept, value = lax.optimization_barrier((kept, value))  # type: ignore[no-untyped-call]
    else:
        value, kept = lax.optimization_barrier((value, kept))  # type: ignore[no-untyped-call]
    return kept, (value, *others)


def held_apart(kept: Any, residual: str) -> Any:
    """The residual in a form from which alone XLA can compute backward.

    Behind a barrier, so that backward's recomputation isn't merged with forward, whose intermediates would then stay
    alive. The output needs none; but XLA would skip its rounding to 16 bits, and so depend on what it was rounded from.
    """
    if residual != "output" or kept.dtype.itemsize == 1:
        return lax.optimization_barrier(kept)  # type: ignore[no-untyped-call]
    if kept.dtype.itemsize > 2:
        return kept
    info = jnp.finfo(kept.dtype)  # type: ignore[no-untyped-call]
    return lax.reduce_precision(kept, info.nexp, info.nmant)


def _moving(names: Sequence[Any], tangents: Sequence[Any]) -> list[tuple[Any, Any]]:
    return [(n, t) for n, t in zip(names, tangents, strict=True) if not isinstance(t, SymbolicZero)]


def _derivative(rule: Rule, constants: Constants, residual: str, dtype: Any, name: str) -> Formula:
    if name == "x" and residual == "input":
        return slope(rule, constants, dtype)
    if rule.record.kind == "gated":
        return slope(rule, constants, dtype, name)
    return _jitted(rule, "y" if name == "x" else name, dtype, constants)


@compiled_once
def slope(rule: Rule, constants: Constants, dtype: Any, name: str = "x") -> Formula:
    """df/dx, with d2f/dx2 as its own rule; with respect to the parameters JAX differentiates the formula.

    Or df/d(name), whose own rule is what JAX makes of df/dx: d2f/dxd(name).
    """
    act = jax.custom_jvp(_jitted(rule, name, dtype, constants))
    free = [n for n, c in zip(rule.record.params, constants, strict=True) if c is None]

    def along(key: str, i: int, t: Any, x: Any, operands: Any) -> Any:
        of_operands = functools.partial(_jitted(rule, key, jnp.float32, constants), x)
        of_one = lambda p: of_operands(*operands[:i], p, *operands[i + 1 :])  # noqa: E731
        return jax.jvp(of_one, (operands[i],), (t,))[1]

    def act_jvp(primals: Any, tangents: Any) -> Any:
        x, *operands = primals
        dx, *others = tangents
        terms = []
        if not isinstance(dx, SymbolicZero):
            i = free.index(name) if name != "x" else -1
            bend = (
                _jitted(rule, "xx", dtype, constants)(x, *operands)
                if name == "x"
                else along("x", i, jnp.ones_like(operands[i]), x, operands)
            )
            terms.append(bend * dx)
        terms += [along(name, i, t, x, operands) for i, t in _moving(range(len(operands)), others)]
        return act(*primals), functools.reduce(jnp.add, terms)

    act.defjvp(act_jvp, symbolic_zeros=None in constants)
    return act


@compiled_once
def rounded_derivative(rule: Rule, key: str, constants: Constants) -> Formula:
    """df/dx ("x") or d2f/dx2 ("xx") of (x, *operands), in x's type, or that of gate times value."""

    def run(x: Any, *operands: Any) -> Any:
        dtype = result_type(rule, constants, x, operands)
        formula = slope(rule, constants, dtype) if key == "x" else _jitted(rule, key, dtype, constants)
        return rounded_once(formula, x, operands, dtype)

    return run
