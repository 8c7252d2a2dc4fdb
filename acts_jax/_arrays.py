"""Types and shapes of arguments: the JAX side of the contract that acts._evaluate keeps in NumPy."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from acts._arguments import match_arguments, parameter_shape

if TYPE_CHECKING:
    from ._registry import Rule

FLOAT8 = ("e3m4", "e4m3", "e4m3b11fnuz", "e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz")  # those with a sign
FLOATS = tuple(map(jnp.dtype, ("float16", "bfloat16", "float32", "float64", *(f"float8_{name}" for name in FLOAT8))))


def checked_arguments(rule: "Rule", x: Any, params: Sequence[Any], named: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    """x as a floating array, and the parameters' values in the shapes in which they broadcast to x."""
    values = match_arguments(rule.name, rule.argument_names, rule.defaults, tuple(params), named)
    if rule.record.kind == "gated":
        x, values["value"] = _operands(rule, x, values["value"])
    x = floating(rule.name, rule.argument, x)
    axis = values.pop("axis", None)
    return x, [_parameter(rule, name, value, x, axis) for name, value in values.items()]


def _operands(rule: "Rule", *operands: Any) -> list[Any]:
    """Gate and value as they are, but for integers: those have the type of the product."""
    for role, operand in zip((rule.argument, "value"), operands, strict=True):
        floating(rule.name, role, operand)  # a TypeError, if it is none
    common = jnp.result_type(*operands)
    dtype: Any = common if jnp.issubdtype(common, jnp.floating) else float
    kinds = [float(o) if isinstance(o, (float, int)) else o for o in operands]
    return [o if jnp.issubdtype(jnp.result_type(o), jnp.floating) else jnp.asarray(o, dtype) for o in kinds]


def _parameter(rule: "Rule", name: str, value: Any, x: Any, axis: int | None) -> Any:
    if isinstance(value, (float, int)):  # stays a Python number, a constant of the compiled code
        return float(value)
    value = floating(rule.name, name, value)
    shape = parameter_shape(rule.name, name, value.shape, x.shape, axis, rule.has_axis, rule.argument)
    value = value if shape == value.shape else value.reshape(shape)
    lies, x_lies = jax.typeof(value).sharding, jax.typeof(x).sharding
    # A full-size one lies on an explicit mesh as x does, because jnp.where mixes no two ways.
    if shape == x.shape and lies != x_lies:
        return jax.sharding.reshard(value, x_lies)  # type: ignore[no-untyped-call]
    return value


def floating(function: str, role: str, x: Any) -> Any:
    """x as an array of a floating type: integers and booleans become the default float, others are a TypeError."""
    try:
        dtype: Any = None if x is None or isinstance(x, (list, tuple, str)) else jnp.result_type(x)
    except TypeError:  # an array of text or objects has a type, and what is no array has none
        dtype = getattr(x, "dtype", None)
    if dtype is None:
        raise TypeError(f"{function}: {role} is a {type(x).__name__}; pass an array, as jnp.asarray makes one")
    if jnp.issubdtype(dtype, jnp.integer) or dtype == jnp.bool_:
        return jnp.asarray(x, float)
    if dtype not in FLOATS:
        allowed = ", ".join(map(str, FLOATS))
        raise TypeError(f"{function}: {role} has dtype {dtype}; allowed: {allowed}, integers, booleans")
    return x if isinstance(x, jax.Array) else jnp.asarray(x)


def explain(check: Callable[..., Any], *args: Any, **named: Any) -> None:
    """Raise the error of the check of a call's arguments, if it has one: jit refuses some before it comes to that."""
    try:
        check(*args, **named)
    except (TypeError, ValueError) as clearer:
        raise clearer from None


def at_least_float32(dtype: Any) -> Any:
    """The type to compute in."""
    return jnp.dtype(jnp.float64 if dtype == jnp.float64 else jnp.float32)  # not promote_types: it may be strict


def cast(dtype: Any, value: Any) -> Any:
    """value in that type; untouched where it has it, since a cast strips JAX's weak types."""
    return value if jnp.result_type(value) == dtype else jnp.asarray(value, dtype)
