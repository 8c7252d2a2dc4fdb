"""Where functions are tested: every order of magnitude, both signs, kinks and their neighbours, special values."""

from collections.abc import Iterable
from inspect import Parameter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation

from .ulp import largest, smallest_normal


def grid(dtype: Any = np.float64, kinks: tuple[float, ...] = (), count: int = 4000) -> NDArray[Any]:
    """About `count` points of a floating type, sorted, without NaN.

    Half of them are evenly spaced in [-20, 20], half geometrically between the smallest normal and the largest
    number, with both signs. Added: 0, ±inf, ± the largest number, and each kink with its neighbours on both sides
    (for the kink 0 the smallest normal numbers, since accelerators flush smaller ones to 0).

    >>> grid(np.float32, kinks=(3.0,), count=100).dtype
    dtype('float32')
    """
    dtype = np.dtype(dtype)
    tiny, huge = smallest_normal(dtype), largest(dtype)
    wide = np.exp(np.linspace(np.log(tiny), np.log(huge), count // 4)[1:-1])
    special = np.array([0.0, tiny, -tiny, huge, -huge, np.inf, -np.inf])
    points = [np.linspace(-20, 20, count // 2), wide, -wide, special]
    near = [neighbours(kink, dtype) for kink in kinks]
    return np.unique(np.concatenate([np.concatenate(points).astype(dtype), *near]))


def kinks_of(function: Activation) -> tuple[float, ...]:
    """The kinks with the parameters that are bound, and for a gate those of its first operand."""
    return function.kinks_at(**({"value": 1.0} if function.kind == "gated" else {}))


def neighbours(kink: float, dtype: Any) -> NDArray[Any]:
    """The kink and the numbers next to it; for 0, the smallest normal ones."""
    at = np.asarray(kink, dtype)
    tiny = np.asarray(smallest_normal(dtype), dtype)
    beside = [tiny, -tiny] if at == 0 else [np.nextafter(at, np.asarray(s * np.inf, dtype)) for s in (1, -1)]
    return np.array([at, *beside], dtype)


def walk(dtype: Any, count: int, near: Iterable[float] = (), beside: int = 64) -> NDArray[Any]:
    """About `count` finite numbers of a type, sorted: all of them for a 16-bit type.

    Half are bit patterns at equal distances, so every sign and exponent has its share, subnormals too; half are evenly
    spaced in [-110, 110], where functions bend and switch. Added: the `beside` patterns on each side of every number
    in `near`, and both ends of the type.

    >>> walk(np.float32, 10_000, near=(0.5,)).size
    10259
    """
    dtype = np.dtype(dtype)
    if dtype.itemsize == 2:
        return all_patterns(dtype)
    ints = np.dtype(f"i{dtype.itemsize}")
    huge = np.array(largest(dtype), dtype)
    last = int(huge.view(ints))
    patterns = [np.arange(0, last, last // (count // 4) | 1), np.array([last])]
    patterns += [np.arange(-beside, beside + 1) + int(np.array(abs(at), dtype).view(ints)) for at in near]
    positive = np.concatenate(patterns)
    positive = positive[(positive >= 0) & (positive <= last)].astype(ints).view(dtype)
    bends = np.linspace(-110, 110, count // 2).astype(dtype)
    return np.unique(np.concatenate([positive, -positive, bends]))


def all_patterns(dtype: Any) -> NDArray[Any]:
    """Every finite number of a 16-bit type, sorted, with both zeros; another type is a TypeError.

    >>> all_patterns(np.float16).size
    63488
    """
    dtype = np.dtype(dtype)
    if dtype.itemsize != 2:
        raise TypeError(f"all patterns of {dtype} are too many; allowed: the 16-bit types")
    values = np.arange(2**16, dtype=np.uint16).view(dtype)
    with np.errstate(invalid="ignore"):  # bfloat16 has signalling NaNs
        values = values[np.isfinite(values)]
    ordered: NDArray[Any] = values[np.argsort(values.astype(np.float64), kind="stable")]
    return ordered


def example_parameters(function: Activation) -> dict[str, Any]:
    """The default of every parameter; 0.25, 0.5, ... for those that have none.

    >>> import acts
    >>> example_parameters(acts.prelu)
    {'alpha': 0.25}
    """
    defaults = {name: function.__signature__.parameters[name].default for name in function.params}
    return {n: 0.25 * (i + 1) if d is Parameter.empty else float(d) for i, (n, d) in enumerate(defaults.items())}


def parameter_sets(function: Activation) -> list[dict[str, Any]]:
    """The examples, then each parameter in turn at a negative, a small and a large value, where it is admitted.

    >>> import acts
    >>> parameter_sets(acts.softshrink)
    [{'lambd': 0.5}, {'lambd': 0.0}, {'lambd': 0.375}, {'lambd': 2.5}]
    """
    base = example_parameters(function)
    sets = [base, *({**base, name: value} for name in base for value in (-1.5, 0.0, 0.375, 2.5) if value != base[name])]
    return [params for params in sets if _admitted(function, params)]


def _admitted(function: Activation, params: dict[str, Any]) -> bool:
    try:
        function(0.0, **params)
    except ValueError:
        return False
    return True
