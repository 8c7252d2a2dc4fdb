"""How formulas are run over arrays: called as they stand, replayed from a tape, or brought tile by tile.

Small arrays: the formula is called as it stands. Long contiguous ones: its tape is replayed (acts._tape says why). What
is strided, broadcast, or has a parameter that is an array, np.nditer cuts into contiguous tiles. All do the same
operations, so the bits depend on nothing but the values.
"""

import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._dtypes import NATIVE, computed_in, round_once
from ._tape import Tape

Formula = Callable[..., Any]
Arrays = Sequence[NDArray[Any]]
SMALL = 16384  # elements up to which a formula is called as it stands; also of the tiles that nditer brings
WHOLE, TILE = 2**19, 2**18  # bytes: an array up to WHOLE is replayed at once, a longer one in tiles up to TILE
KEPT = 8  # scratch arrays, of WHOLE bytes, that a thread keeps
ELEMENTWISE = "overlap_assume_elementwise"  # out may be x itself without a copy
_thread = threading.local()


class Program:
    """Formulas of (*arrays, *parameters) made ready, once, for arrays of these types.

    parameters: numbers as float.hex writes them, which tells 0.0 from -0.0, or None for one that is an array. sums: the
    first results are summed in float64 and rounded to these types; the others have the type of arrays[0], or `result`.
    NaN in arrays[0] is NaN in every result, whatever a formula makes of it. Warnings are off: parts of a formula that
    don't count may overflow.
    """

    def __init__(
        self, formulas: Sequence[Formula], dtypes: Sequence[Any], parameters: Sequence[str | None], wide: bool = False,
        sums: Sequence[Any] = (), result: Any = None,
    ) -> None:  # fmt: skip
        self.compute, self.result, self.sums = computed_in(dtypes[0], wide), np.dtype(result or dtypes[0]), sums
        self.numbers = [None if p is None else self.compute.type(float.fromhex(p)) for p in parameters]
        self.samples = [np.full(1, sample, dtype) for sample, dtype in zip((np.nan, 1), dtypes, strict=False)]
        self.samples += [np.ones(1, self.compute) for p in parameters if p is None]
        with np.errstate(all="ignore"):
            self.formulas = [self._ready(formula, i < len(sums)) for i, formula in enumerate(formulas)]
        self.single, self.tabled = len(self.formulas) == len(self.samples) == 1, False
        self.tape: Tape | None = None  # written when the first long array comes
        self.recordable = None not in parameters and self.result in NATIVE

    def _ready(self, formula: Formula, summed: bool) -> Formula:
        """The formula as a function of the arrays alone, with the conversions, and the NaN, that it lacks."""

        def of_arrays(*arrays: Any) -> Any:
            wide = [a if a.dtype == self.compute else a.astype(self.compute) for a in arrays]
            varying = iter(wide[count:])
            return formula(*wide[:count], *(next(varying) if p is None else p for p in self.numbers))

        def complete(*arrays: Any) -> Any:
            y = of_arrays(*arrays)
            y = y if lets_nan_through else np.where(np.isnan(arrays[0]), np.nan, y)
            return y if summed else round_once(y, self.result)

        count = len(self.samples) - self.numbers.count(None)
        probe = of_arrays(*self.samples)
        lets_nan_through = np.shape(probe) == (1,) and bool(np.isnan(probe[0]))
        types = {self.compute, *(a.dtype for a in self.samples), self.compute if summed else self.result}
        if not lets_nan_through or len(types) > 1 or probe.dtype not in types or None in self.numbers:
            return complete
        if np.may_share_memory(probe, self.samples[0]):
            return complete
        return (lambda *arrays: formula(*arrays, *self.numbers)) if self.numbers else formula

    def __call__(self, *arrays: NDArray[Any], out: NDArray[Any] | None = None) -> list[Any]:
        """The results; the last one in `out`, which may be one of the arrays or overlap them."""
        x = arrays[0]
        if self.single and out is None and x.size <= SMALL and x.ndim and x.flags.c_contiguous:
            with np.errstate(all="ignore"):
                return [self.formulas[0](x)]  # what a small call costs counts
        flat = None not in self.numbers and all(
            a.flags.c_contiguous for a in (*arrays, arrays[0] if out is None else out)
        )
        with np.errstate(all="ignore"):
            if flat and arrays[0].size <= SMALL:
                return self._at_once(arrays, out)
            targets = [np.empty_like(arrays[0], self.result, subok=False) for _ in self.formulas[len(self.sums) + 1 :]]
            targets.append(np.empty_like(arrays[0], self.result, subok=False) if out is None else out)
            if self.samples[0].itemsize < 4 and len(self.samples) == 1 and not self.tabled:
                self.formulas = [_looked_up(formula, arrays[0].dtype) for formula in self.formulas]
                self.tabled, self.recordable = True, False
            totals = self._replayed(arrays, targets) if flat and self._recorded() else self._by_tiles(arrays, targets)
            return [*self._rounded(totals), *(t[()] for t in targets)]

    def _rounded(self, totals: Sequence[Any]) -> list[Any]:
        return [total.astype(dtype) for total, dtype in zip(totals, self.sums, strict=True)]

    def _at_once(self, arrays: Arrays, out: NDArray[Any] | None) -> list[Any]:
        shape, sums = arrays[0].shape, len(self.sums)
        lines = arrays if shape else [a.reshape(1) for a in arrays]
        results = [formula(*lines) for formula in self.formulas]
        results[:sums] = self._rounded([np.add.reduce(r, axis=None, dtype=np.float64) for r in results[:sums]])
        if out is not None:
            out[...] = results[-1].reshape(shape)
        return results if shape else [*results[:sums], *(r[0] for r in results[sums:])]

    def _recorded(self) -> bool:
        if self.tape is None and self.recordable:
            try:
                self.tape = Tape(self.formulas, self.samples, len(self.sums))
            except Exception:  # UnrecordableError, or what else a formula makes of a witness: its own will come again
                self.recordable = False
        return self.recordable

    def _replayed(self, arrays: Arrays, targets: Arrays) -> list[Any]:
        tape, shared = self.tape, [np.may_share_memory(a, targets[-1]) for a in arrays]
        assert tape is not None
        if any(shared):  # written where it is read, element by element, or not at all
            arrays = [a if a.ctypes.data == targets[-1].ctypes.data else a.copy() for a in arrays]
        lines, others, summed = tape.layouts[not any(shared)]
        flat, totals = [a.reshape(-1) for a in (*arrays, *targets)], [np.float64(0)] * len(summed)
        length = flat[0].size
        size = length if length * tape.widest <= WHOLE else TILE // tape.widest
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

    def _by_tiles(self, arrays: Arrays, targets: Arrays) -> list[Any]:
        reading, writing = ("readonly", "contig", ELEMENTWISE), ("writeonly", "contig", ELEMENTWISE)
        tiles: Any = np.nditer(  # type: ignore[call-overload]  # numpy's stub lacks the flag "contig"
            [*targets, *arrays],
            flags=["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
            op_flags=[*(writing for _ in targets), *(reading for _ in arrays)],
            order="K",
            buffersize=SMALL,
        )
        totals = [np.float64(0)] * len(self.sums)
        with tiles:
            for tile in tiles:
                results = [formula(*tile[len(targets) :]) for formula in self.formulas]
                for target, result in zip(tile, results[len(totals) :], strict=False):
                    target[...] = result
                totals = [t + np.add.reduce(r, dtype=np.float64) for t, r in zip(totals, results, strict=False)]
        return totals


def _looked_up(formula: Formula, dtype: np.dtype[Any]) -> Formula:
    """A formula of one array of 8 or 16 bits, from the table of all its values."""
    pattern = f"u{dtype.itemsize}"
    values = formula(np.arange(256**dtype.itemsize, dtype=pattern).view(dtype))
    return lambda x: values.take(x.view(pattern))


def _view(scratch: list[Any], slot: int, dtype: Any, count: int) -> NDArray[Any]:
    while len(scratch) <= slot:
        scratch.append(np.empty(WHOLE // 8))
    view: NDArray[Any] = scratch[slot].view(dtype)[:count]
    return view


prepared = functools.lru_cache(maxsize=256)(Program)
