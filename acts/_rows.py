"""What formulas of rows share: sums along the last axis, masks, and exponents less their maximum."""

from typing import Any

import numpy as np

LOWEST, LARGEST = np.finfo(np.float64).min, np.finfo(np.float64).max


def total(a: Any) -> Any:
    """The sum of each row, as a column."""
    return a.sum(-1, keepdims=True)


def finite(a: Any) -> Any:
    """a with ±inf replaced by the largest finite numbers, so that 0 * a is 0."""
    return a.clip(LOWEST, LARGEST)


def masked(x: Any, where: Any) -> Any:
    """x, and -inf where it is left out."""
    return x if where is None else np.where(where, x, -np.inf)


def shifted(x: Any, where: Any, temperature: Any = 1.0, sink: Any = -np.inf) -> tuple[Any, Any, Any]:
    """((x - m) / temperature, (sink - m) / temperature, m), m the maximum of the row and the sink, but not -inf.

    The difference is taken first, which loses least. It is NaN all over a row with +inf.
    """
    x = masked(x, where)
    m = np.maximum(np.maximum(x.max(-1, keepdims=True, initial=LOWEST), sink), LOWEST)
    finite = np.where(m == np.inf, np.nan, m)
    return (x - finite) / temperature, (sink - finite) / temperature, m


def put_first(a: Any, z: Any, value: Any) -> tuple[Any, Any]:
    """a with `value` where z has the first maximum of its row, and what stood there."""
    if z.shape[-1] == 0:
        return a, np.zeros_like(total(a))
    at = z.argmax(-1)[:, None]
    before = np.take_along_axis(a, at, -1)
    np.put_along_axis(a, at, value, -1)
    return a, before
