"""The types of arguments and results: the one place with a dtype policy."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import parameter_shape

NATIVE = tuple(map(np.dtype, (np.float32, np.float64, np.float16)))
FLOATS = ("float16", "bfloat16", "float32", "float64")  # by name: bfloat16 is a type of ml_dtypes, not of NumPy
EIGHT_BITS = ("e3m4", "e4m3", "e4m3b11fnuz", "e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz")
ALLOWED = (*FLOATS, *(f"float8_{kind}" for kind in EIGHT_BITS))
INTEGERS = ("int1", "uint1", "int2", "uint2", "int4", "uint4")  # of ml_dtypes, too


def as_floating(function: str, role: str, x: ArrayLike) -> NDArray[Any]:
    """x as an array of a supported floating type; integers, booleans and an empty list become float64."""
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"{function}: {role} is a masked array; pass {role}.filled(value) or {role}.data")
    array = np.asarray(x)
    if array.dtype.kind in "iub" or array.dtype.name in INTEGERS:
        return array.astype(np.float64)
    if array.dtype not in NATIVE and array.dtype.name not in ALLOWED:
        raise TypeError(
            f"{function}: {role} has dtype {array.dtype}; allowed: {', '.join(ALLOWED)}, integers, booleans"
        )
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def as_parameter(
    function: str, name: str, value: ArrayLike, x: NDArray[Any], axis: int | None, per_channel: bool, first: str = "x"
) -> NDArray[Any]:
    """A parameter as an array in the shape in which it broadcasts to x, which the function calls `first`."""
    array = as_floating(function, name, value)
    return array.reshape(parameter_shape(function, name, array.shape, x.shape, axis, per_channel, first))


def promoted(function: str, gate: ArrayLike, value: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Two operands in the type of their product, by NumPy's rules; a Python number takes the type of the other."""
    first, second = as_floating(function, "gate", gate), as_floating(function, "value", value)
    kinds = [np.asarray(operand).dtype for operand in (gate, value) if type(operand) not in (bool, int, float)]
    try:
        dtype = np.result_type(*(kinds or [first.dtype]))
    except TypeError:
        raise TypeError(
            f"{function}: gate has dtype {first.dtype} and value has dtype {second.dtype}, for which NumPy has no "
            "common type; cast one of them"
        ) from None
    dtype = as_floating(function, "gate", np.empty(0, dtype)).dtype  # of integers, too
    with np.errstate(over="ignore"):
        return first.astype(dtype, copy=False), second.astype(dtype, copy=False)


def as_output(function: str, out: Any, x: NDArray[Any]) -> NDArray[Any]:
    """`out` as a plain array, if it can receive a result of x's type and shape."""
    if not isinstance(out, np.ndarray) or out.dtype != x.dtype:
        raise TypeError(f"{function}: out must be an array of dtype {x.dtype}, not {getattr(out, 'dtype', type(out))}")
    if out.shape != x.shape:
        raise ValueError(f"{function}: out has shape {out.shape}, the result has {x.shape}")
    if not out.flags.writeable:
        raise ValueError(f"{function}: out is read-only")
    return np.asarray(out)


def computed_in(dtype: np.dtype[Any], wide: bool) -> np.dtype[Any]:
    """The type that a formula is run in: float32 for float32 unless wide, else float64, rounded once."""
    return np.dtype(np.float32 if dtype == np.float32 and not wide else np.float64)


def round_once(y: Any, dtype: np.dtype[Any]) -> Any:
    """y in another type. The types of ml_dtypes round float64 by way of float32: twice, unless that is to odd."""
    if dtype in NATIVE:
        return y.astype(dtype)
    y = np.asarray(y, np.float64)
    single = y.astype(np.float32)
    towards_zero = single.view(np.uint32) - (np.abs(single) > np.abs(y))
    odd = towards_zero | (towards_zero.view(np.float32) != y)
    return odd.view(np.float32).astype(dtype)


def cotangent_type(parameter: Any, x: NDArray[Any]) -> np.dtype[Any]:
    """The type of a parameter's gradient: its own, or for a number without one x's, and at least float32."""
    dtype = getattr(parameter, "dtype", np.dtype(int))
    if dtype.name in ALLOWED:
        return dtype
    return np.dtype(np.float64 if x.dtype == np.float64 else np.float32)


def sum_to_shape(terms: Any, broadcast: tuple[int, ...], shape: tuple[int, ...], dtype: Any) -> Any:
    """The sum of terms over every axis along which an array of shape `broadcast` was repeated, as `shape`."""
    padded = (1,) * (np.ndim(terms) - len(broadcast)) + broadcast
    axes = tuple(i for i, n in enumerate(padded) if n == 1)
    with np.errstate(all="ignore"):
        return np.sum(terms, axis=axes, keepdims=True).reshape(shape).astype(dtype)[()]
