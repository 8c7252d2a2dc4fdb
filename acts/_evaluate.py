"""How a formula is run over an array: called as it stands, replayed from a tape, or brought tile by tile."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._dtypes import computed_in
from ._tape import Tape, UnrecordableError

Formula = Callable[..., Any]
SMALL = 16384  # elements up to which a formula is called as it stands; also the elements that nditer brings at once
ELEMENTWISE = "overlap_assume_elementwise"  # out may be x itself without a copy


class Program:
    """Formulas of (*arrays, *parameters) made ready, once, for arrays of these types.

    parameters: numbers as float.hex writes them, which tells 0.0 from -0.0, or None for one that varies and is an array more. sums: how many of the results, the first
    ones, are summed in float64 instead of stored; the others are rounded to the type of arrays[0], or to `result`.
    NaN in arrays[0] is NaN in every result, whatever a formula makes of it. Warnings are off: parts of a formula that
    don't count may overflow.
    """

    def __init__(
        self, formulas: Sequence[Formula], dtypes: Sequence[Any], parameters: Sequence[str | None], wide: bool,
        sums: int = 0, result: Any = None,
    ) -> None:  # fmt: skip
        self.compute, self.result, self.sums = computed_in(dtypes[0], wide), np.dtype(result or dtypes[0]), sums
        self.parameters = [None if p is None else self.compute.type(float.fromhex(p)) for p in parameters]
        self.samples = [np.full(1, sample, dtype) for sample, dtype in zip((np.nan, 1), dtypes, strict=False)]
        self.samples += [np.ones(1, self.compute) for p in parameters if p is None]
        with np.errstate(all="ignore"):
            self.formulas = [self._ready(formula, i < sums) for i, formula in enumerate(formulas)]
        self.tape: Tape | None = None  # made when the first large array comes
        self.recordable = None not in self.parameters

    def _ready(self, formula: Formula, summed: bool) -> Formula:
        """The formula of arrays of the given types, with what its answer to NaN shows to be missing."""
        compute, result, parameters = self.compute, self.result, self.parameters

        def of_arrays(*arrays: Any) -> Any:
            arrays = [a if a.dtype == compute else a.astype(compute) for a in arrays]
            varying = iter(arrays[count:])
            return formula(*arrays[:count], *(next(varying) if p is None else p for p in parameters))

        def complete(*arrays: Any) -> Any:
            y = of_arrays(*arrays)
            y = y if lets_nan_through else np.where(np.isnan(arrays[0]), np.nan, y)
            return y if y.dtype == result or summed else y.astype(result)

        count = len(self.samples) - parameters.count(None)
        probe = of_arrays(*self.samples)
        lets_nan_through = np.shape(probe) == (1,) and bool(np.isnan(probe[0]))
        plain = lets_nan_through and (summed or probe.dtype == result) and self.samples[0].dtype == compute
        return formula if plain and count == 1 and not parameters else complete

    def __call__(self, *arrays: NDArray[Any], out: NDArray[Any] | None = None) -> list[Any]:
        """The results; the last one in `out`, which may be one of the arrays or overlap them."""
        x = arrays[0]
        flat = self.recordable and all(a.flags.c_contiguous for a in (arrays if out is None else (*arrays, out)))
        if flat and x.size <= SMALL:
            return self._at_once(arrays, out)
        fresh = len(self.formulas) - self.sums - (out is not None)
        targets = [*(np.empty_like(x, self.result, subok=False) for _ in range(fresh)), *([] if out is None else [out])]
        overlap = out is not None and any(np.may_share_memory(a, out) for a in arrays)
        with np.errstate(all="ignore"):
            tape = self._recorded() if flat else None
            if tape is None:
                return [*self._by_tiles(arrays, targets), *(t[()] for t in targets)]
            arrays = [a.copy() if overlap and a.ctypes.data != out.ctypes.data and np.may_share_memory(a, out) else a for a in arrays]
            return [*tape.run(arrays, targets, not overlap), *targets]

    def _at_once(self, arrays: Sequence[Any], out: Any) -> list[Any]:
        shape = arrays[0].shape
        if not shape:
            arrays = [a.reshape(1) for a in arrays]
        with np.errstate(all="ignore"):
            results = [formula(*arrays) for formula in self.formulas]
            results[: self.sums] = [np.add.reduce(r, axis=None, dtype=np.float64) for r in results[: self.sums]]
        if not shape:
            results[self.sums :] = [r[0] for r in results[self.sums :]]
        if out is not None:
            out[...] = results[-1]
        return results

    def _recorded(self) -> Tape | None:
        if self.tape is None and self.recordable:
            try:
                self.tape = Tape(self.formulas, self.samples, self.sums)
            except UnrecordableError:
                self.recordable = False
        return self.tape

    def _by_tiles(self, arrays: Sequence[Any], targets: Sequence[Any]) -> list[Any]:
        """Contiguous tiles of arrays in any layout, repeated where they broadcast; overlapping ones are copied."""
        totals = [np.float64(0)] * self.sums
        reading, writing = ("readonly", "contig", ELEMENTWISE), ("writeonly", "contig", ELEMENTWISE)
        tiles: Any = np.nditer(  # type: ignore[call-overload]  # numpy's stub lacks the flag "contig"
            [*targets, *arrays],
            flags=["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
            op_flags=[*(writing for _ in targets), *(reading for _ in arrays)],
            order="K",
            buffersize=SMALL,
        )
        with tiles:
            for tile in tiles:
                results = [formula(*tile[len(targets) :]) for formula in self.formulas]
                for target, result in zip(tile, results[self.sums :], strict=False):
                    target[...] = result
                totals = [t + np.add.reduce(r, dtype=np.float64) for t, r in zip(totals, results, strict=False)]
        return totals


prepared = functools.lru_cache(maxsize=256)(Program)
