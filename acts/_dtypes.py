"""The types of arguments and results: the one place with a dtype policy."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import parameter_shape

NATIVE = tuple(map(np.dtype, (np.float32, np.float64, np.float16)))
FLOATS = ("float16", "bfloat16", "float32", "float64")  # by name: bfloat16 is a type of ml_dtypes, not of NumPy


def as_floating(function: str, role: str, x: ArrayLike) -> NDArray[Any]:
    """x as an array of a supported floating type; integers, booleans and an empty list become float64."""
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"{function}: {role} is a masked array; pass {role}.filled(value) or {role}.data")
    array = np.asarray(x)
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    if array.dtype not in NATIVE and array.dtype.name not in FLOATS:
        raise TypeError(f"{function}: {role} has dtype {array.dtype}; allowed: {', '.join(FLOATS)}, integers, booleans")
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def as_parameter(
    function: str, name: str, value: ArrayLike, x: NDArray[Any], axis: int | None, per_channel: bool
) -> NDArray[Any]:
    """A parameter as an array in the shape in which it broadcasts to x."""
    array = as_floating(function, name, value)
    return array.reshape(parameter_shape(function, name, array.shape, x.shape, axis, per_channel))


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


def cotangent_type(parameter: Any, x: NDArray[Any]) -> np.dtype[Any]:
    """The type of a parameter's gradient: its own, or for a number without one x's, and at least float32."""
    dtype = getattr(parameter, "dtype", np.dtype(int))
    if dtype.name in FLOATS:
        return dtype
    return np.dtype(np.float64 if x.dtype == np.float64 else np.float32)


def sum_to_shape(terms: Any, broadcast: tuple[int, ...], shape: tuple[int, ...], dtype: Any) -> Any:
    """The sum of terms over every axis along which an array of shape `broadcast` was repeated, as `shape`."""
    padded = (1,) * (np.ndim(terms) - len(broadcast)) + broadcast
    axes = tuple(i for i, n in enumerate(padded) if n == 1)
    with np.errstate(all="ignore"):
        return np.sum(terms, axis=axes, keepdims=True).reshape(shape).astype(dtype)[()]
