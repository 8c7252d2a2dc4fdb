"""How a formula is run over an array: types, tiles, NaN. The one place with a dtype policy."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import parameter_shape

TILE = 16384  # elements handed to a formula at once, so that its temporaries stay in the cache
ELEMENTWISE = "overlap_assume_elementwise"  # out may be x itself without a copy
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


def evaluate(
    function: str,
    formula: Callable[..., Any],
    arrays: Sequence[NDArray[Any]],
    params: Sequence[NDArray[Any]],
    wide: bool = False,
    dtype: Any = None,
    out: NDArray[Any] | None = None,
) -> Any:
    """formula(*arrays, *params), tile by tile, in the type of arrays[0] unless dtype says otherwise.

    The formula sees contiguous one-dimensional tiles in the type to compute in: float32 or float64, or float64
    alone where it is wide; 16-bit types are computed in float64. The result is rounded once. NaN in arrays[0] is
    NaN in the result, whatever the formula makes of it. Warnings are off: a formula's unused branches may overflow.
    """
    x = arrays[0]
    compute = np.float32 if x.dtype == np.float32 and not wide else np.float64
    result = np.empty_like(x, dtype=dtype, subok=False) if out is None else _checked(function, out, x)
    with np.errstate(all="ignore"):
        shared = [p.astype(compute) if p.ndim == 0 else None for p in params]
    varying = [p for p in params if p.ndim]
    inputs = [*arrays, *varying]
    reading, writing = (("readonly", "contig", ELEMENTWISE), ("writeonly", "contig", ELEMENTWISE))
    tiles: Any = np.nditer(  # type: ignore[call-overload]  # numpy's stub lacks the flag "contig"
        [result, *inputs],
        flags=["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
        op_flags=[writing, *(reading for _ in inputs)],
        op_dtypes=[compute for _ in (result, *inputs)],
        casting="unsafe",
        order="K",
        buffersize=TILE,
    )
    with tiles, np.errstate(all="ignore"):
        for target, *tile in tiles:
            rest = iter(tile[len(arrays) :])
            values = [next(rest) if p is None else p for p in shared]
            target[...] = formula(*tile[: len(arrays)], *values)
            nan = np.isnan(tile[0])
            if nan.any():
                np.copyto(target, np.nan, where=nan)
    return result[()] if out is None else out


def _checked(function: str, out: NDArray[Any], x: NDArray[Any]) -> NDArray[Any]:
    if not isinstance(out, np.ndarray) or out.dtype != x.dtype:
        raise TypeError(f"{function}: out must be an array of dtype {x.dtype}, not {getattr(out, 'dtype', type(out))}")
    if out.shape != x.shape:
        raise ValueError(f"{function}: out has shape {out.shape}, the result has {x.shape}")
    if not out.flags.writeable:
        raise ValueError(f"{function}: out is read-only")
    return out


def cotangent_type(parameter: Any, x: NDArray[Any]) -> np.dtype[Any]:
    """The type of a parameter's gradient: its own, or for a number without one x's, and at least float32."""
    dtype = getattr(parameter, "dtype", np.dtype(int))
    if dtype.name in FLOATS:
        return dtype
    return np.dtype(np.float64 if x.dtype == np.float64 else np.float32)


def sum_to_shape(terms: NDArray[Any], broadcast: tuple[int, ...], shape: tuple[int, ...], dtype: Any) -> Any:
    """The sum of terms over every axis along which an array of shape `broadcast` was repeated, as `shape`."""
    padded = (1,) * (np.ndim(terms) - len(broadcast)) + broadcast
    axes = tuple(i for i, n in enumerate(padded) if n == 1)
    with np.errstate(all="ignore"):
        return np.sum(terms, axis=axes, keepdims=True).reshape(shape).astype(dtype)[()]
