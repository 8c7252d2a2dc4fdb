"""Arrays that are strided, broadcast or overlapping, brought to a formula in contiguous tiles."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

ELEMENTWISE = "overlap_assume_elementwise"  # out may be x itself without a copy


def by_tiles(
    formulas: Sequence[Callable[..., Any]], arrays: Sequence[Any], targets: Sequence[Any], size: int
) -> list[Any]:
    """Fill the targets with the last results, and return the sums of the others; np.nditer brings `size` elements."""
    reading, writing = ("readonly", "contig", ELEMENTWISE), ("writeonly", "contig", ELEMENTWISE)
    tiles: Any = np.nditer(  # type: ignore[call-overload]  # numpy's stub lacks the flag "contig"
        [*targets, *arrays],
        flags=["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
        op_flags=[*(writing for _ in targets), *(reading for _ in arrays)],
        order="K",
        buffersize=size,
    )
    totals = [np.float64(0)] * (len(formulas) - len(targets))
    with tiles:
        for tile in tiles:
            results = [formula(*tile[len(targets) :]) for formula in formulas]
            for target, result in zip(tile, results[len(totals) :], strict=False):
                target[...] = result
            totals = [t + np.add.reduce(r, dtype=np.float64) for t, r in zip(totals, results, strict=False)]
    return totals
