"""A formula made complete: a function of arrays alone, with the parameters, the types and the NaN that it lacks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._dtypes import round_once

Formula = Callable[..., Any]


def completed(
    formula: Formula, samples: Sequence[NDArray[Any]], parameters: Sequence[Any], compute: Any, result: Any
) -> Formula:
    """formula(*arrays, *parameters) of arrays like the samples, computed in one type and rounded to another.

    A parameter that is None is an array, too, after the others. samples[0] is NaN: if the formula's answer is not, its
    NaN are put in. A formula that lacks nothing is returned as it is.
    """
    count = len(samples) - parameters.count(None)

    def of_arrays(*arrays: Any) -> Any:
        wide = [a if a.dtype == compute else a.astype(compute) for a in arrays]
        varying = iter(wide[count:])
        return formula(*wide[:count], *(next(varying) if p is None else p for p in parameters))

    def complete(*arrays: Any) -> Any:
        y = of_arrays(*arrays)
        return round_once(y if lets_nan_through else np.where(np.isnan(arrays[0]), np.nan, y), result)

    probe = of_arrays(*samples)
    lets_nan_through = np.shape(probe) == (1,) and bool(np.isnan(probe[0]))
    plain = lets_nan_through and {probe.dtype, *(a.dtype for a in samples)} == {compute} == {result}
    if not plain or None in parameters or np.may_share_memory(probe, samples[0]):
        return complete
    return (lambda *arrays: formula(*arrays, *parameters)) if parameters else formula


def looked_up(formula: Formula, dtype: np.dtype[Any]) -> Formula:
    """A complete formula of one array of 8 or 16 bits, from the table of all its values."""
    pattern = f"u{dtype.itemsize}"
    values = formula(np.arange(256**dtype.itemsize, dtype=pattern).view(dtype))
    return lambda x: values.take(x.view(pattern))
