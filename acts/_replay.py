"""A tape replayed over long arrays, tile by tile, in scratch arrays that each thread keeps."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._tape import Tape

TILE = 2**19  # bytes: an array up to this is replayed at once, a longer one in tiles of nearly the same size
KEPT = 24  # scratch arrays, of TILE bytes, that a thread keeps: as many as the longest formula needs
_thread = threading.local()


def replay(tape: Tape, arrays: Sequence[NDArray[Any]], targets: Sequence[NDArray[Any]]) -> list[Any]:
    """Fill the targets, the last one of which may overlap the arrays; the sums in float64 are returned."""
    out, shared = targets[-1], any(np.may_share_memory(a, targets[-1]) for a in arrays)
    if shared:  # written where it is read, element by element, or not at all
        arrays = [a if (a.ctypes.data, a.dtype) == (out.ctypes.data, out.dtype) else a.copy() for a in arrays]
    lines, others, summed = tape.layouts[not shared]
    flat, totals = [a.reshape(-1) for a in (*arrays, *targets)], [np.float64(0)] * len(summed)
    length, size = flat[0].size, TILE // tape.widest
    size = -(-length // -(-length // size))  # tiles of nearly the same size
    scratch, _thread.scratch = getattr(_thread, "scratch", []), []  # a call from a finaliser or a signal finds none
    try:
        for start in range(0, length, size):
            tile = [a[start : start + size] for a in flat]
            if start == 0 or tile[0].size < size:
                rest = [_view(scratch, o[0], o[1], tile[0].size) if isinstance(o, tuple) else o for o in others]
            places = tile + rest
            for function, pick, made in lines:
                function(*pick(places), out=places[made])
            totals = [t + np.add.reduce(places[i], dtype=np.float64) for t, i in zip(totals, summed, strict=True)]
    finally:
        _thread.scratch = scratch[:KEPT]
    return totals


def _view(scratch: list[Any], slot: int, dtype: Any, count: int) -> Any:
    while len(scratch) <= slot:
        scratch.append(np.empty(TILE // 8))
    return scratch[slot].view(dtype)[:count]
