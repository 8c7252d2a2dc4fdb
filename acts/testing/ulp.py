"""Units in the last place: how errors are measured."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FORMATS = {  # binary digits, and the exponent of the smallest normal number
    **{"float16": (11, -14), "bfloat16": (8, -126), "float32": (24, -126), "float64": (53, -1022)},
    **{"float8_e3m4": (5, -2), "float8_e4m3": (4, -6), "float8_e4m3fn": (4, -6), "float8_e4m3b11fnuz": (4, -10)},
    **{"float8_e4m3fnuz": (4, -7), "float8_e5m2": (3, -14), "float8_e5m2fnuz": (3, -15)},
}


def digits_of(dtype: Any) -> tuple[int, int]:
    """The binary digits of a floating type and the exponent of its smallest normal number; else a TypeError."""
    name = np.dtype(dtype).name
    if name not in FORMATS:
        raise TypeError(f"no ulp is known for {name}; allowed: {', '.join(FORMATS)}")
    return FORMATS[name]


def dtype_named(name: str) -> np.dtype[Any]:
    """NumPy's type of a name in FORMATS, or that of ml_dtypes, which NumPy does not know by name."""
    if name in ("float16", "float32", "float64"):
        return np.dtype(name)
    import ml_dtypes

    found: np.dtype[Any] = np.dtype(getattr(ml_dtypes, name))
    return found


def smallest_normal(dtype: Any) -> float:
    """The smallest normal number of a floating type.

    >>> smallest_normal("float16")
    6.103515625e-05
    """
    return float(2.0 ** digits_of(dtype)[1])


def largest(dtype: Any) -> float:
    """The largest number of a floating type.

    >>> largest("float16")
    65504.0
    """
    digits, lowest = digits_of(dtype)
    if np.dtype(dtype).itemsize == 1:
        import ml_dtypes  # whose types they are: some use the last exponent for numbers, some do not

        info: Any = ml_dtypes.finfo
        return float(info(dtype).max)
    return float(np.ldexp(2.0 - 2.0 ** (1 - digits), 1 - lowest))


def ulp_size(x: ArrayLike, dtype: Any) -> NDArray[np.float64]:
    """The distance between the numbers of the type next to |x|; in the subnormal range, that of subnormals.

    x: float64 or less, any shape. A type without a known format is a TypeError.

    >>> float(ulp_size(1.0, "float32"))
    1.1920928955078125e-07
    """
    digits, lowest = digits_of(dtype)
    exponent = np.frexp(np.abs(np.asarray(x, np.float64)))[1] - 1
    exponent = np.where(np.asarray(x, np.float64) == 0, lowest, exponent)
    size: NDArray[np.float64] = np.ldexp(1.0, np.maximum(exponent, lowest) - (digits - 1))
    return size


def ulp_distance(got: ArrayLike, want: ArrayLike, dtype: Any) -> NDArray[np.float64]:
    """|got - want| in ulp of want; 0 where both are the same infinity or both NaN, inf where only one is.

    >>> float(ulp_distance(1.0000002, 1.0, "float32"))  # doctest: +ELLIPSIS
    1.67...
    """
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    return scaled_error(got, want, ulp_size(np.where(np.isfinite(want), want, 1), dtype))


def scaled_error(got: NDArray[np.float64], want: NDArray[np.float64], unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """|got - want| / unit, with equal infinities and NaNs at distance 0 and unequal ones at inf."""
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(got - want) / unit
    same = (got == want) | (np.isnan(got) & np.isnan(want)) | (np.isinf(unit) & np.isfinite(got))
    return np.where(same, 0.0, np.where(np.isfinite(error), error, np.inf))


def typical_size(reference: Callable[[Any], Any], count: int = 65) -> float:
    """The largest finite |reference(x)| over [-1, 1], on `count` points."""
    with np.errstate(all="ignore"):
        values = np.abs(reference(np.linspace(-1, 1, count)))
    return float(np.max(values[np.isfinite(values)]))


def conditioned_ulp(reference: Callable[[Any], Any], x: NDArray[Any], want: NDArray[np.float64]) -> NDArray[np.float64]:
    """The larger of ulp(want) and |slope| ulp(x), and at least the smallest normal number where want is below it.

    reference: the function whose values at x are `want`, in float64; its slope is taken from two values beside x, and
    far out on a wave, where they are not in line with `want`, from those at the numbers next to x. inf `beyond`.
    """
    tiny, step = smallest_normal(x.dtype), 2.0**-20
    finite = np.where(np.isfinite(want), want, 1.0)
    unit = ulp_size(finite, x.dtype)
    at = x.astype(np.float64)
    at = np.where(np.abs(at) < 1e300, at, 0.0)
    with np.errstate(all="ignore"):
        above, below = reference(at * (1 + step)), reference(at * (1 - step))
        slope = np.abs(above - below) / (2 * step * np.abs(at))
        change = slope * ulp_size(at, x.dtype)
        bent = np.abs(above - 2 * finite + below) > 2.0**-16 * (np.abs(above) + np.abs(finite) + np.abs(below))
    unit = np.fmax(unit, np.where(np.isfinite(change), change, 0.0))
    if bent.any() and is_wave(reference):  # elsewhere it is a kink that is bent
        unit[bent] = np.fmax(unit[bent], _change_to_neighbours(reference, x[bent], finite[bent]))
    unit = np.where(beyond(reference, x), np.inf, unit)
    return np.where(np.abs(finite) < tiny, np.maximum(unit, tiny), unit)


def beyond(reference: Callable[[Any], Any], x: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a function without a limit, a wave, has no value to be held to: a product with x may overflow there.

    These are the last 16 powers of two of the type that is computed in, where one ulp of x is many periods.
    """
    last = largest("float64" if x.dtype == np.float64 else "float32")
    far: NDArray[np.bool_] = is_wave(reference) & np.isfinite(x) & (np.abs(x.astype(np.float64)) > last * 2.0**-16)
    return far


def _change_to_neighbours(reference: Callable[[Any], Any], x: NDArray[Any], want: NDArray[np.float64]) -> Any:
    """The largest change in value per ulp of x among the eight numbers on each side of x."""
    at, size = x.astype(np.float64), ulp_size(x, x.dtype)
    with np.errstate(all="ignore"):
        changes = [np.abs(reference(at + k * size) - want) / abs(k) for k in range(-8, 9) if k]
    return np.fmax.reduce([np.where(np.isfinite(change), change, 0) for change in changes])


def is_wave(reference: Callable[[Any], Any]) -> bool:
    """Whether a function has no limit at -inf or inf, where it is NaN, though it has values on the way.

    >>> is_wave(lambda x: np.sin(x) if np.isfinite(x).all() else x * np.nan), is_wave(np.tanh)
    (True, False)
    """
    with np.errstate(all="ignore"):
        return bool(
            np.any(np.isnan(reference(np.array([-np.inf, np.inf]))) > np.isnan(reference(np.array([-9.0, 9.0]))))
        )
