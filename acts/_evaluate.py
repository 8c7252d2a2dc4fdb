"""How formulas are run over arrays: from a tape, or tile by tile.

A formula is written on a tape (acts._tape says why). For a small array its lines are called once, for a long one tile
by tile. What is strided, broadcast, or has a parameter that is an array, np.nditer cuts into contiguous tiles, and the
formula is called on each. All do the same operations, so the bits depend on nothing but the values.
"""

import functools
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._completed import Formula, completed, looked_up
from ._dtypes import NATIVE, computed_in
from ._tape import Tape
from ._tiles import by_tiles

Arrays = Sequence[NDArray[Any]]
SMALL = 16384  # elements up to which every line makes an array of its own; also of the tiles that nditer brings
WHOLE, TILE = 2**19, 2**18  # bytes: an array up to WHOLE is replayed at once, a longer one in tiles up to TILE
KEPT = 8  # scratch arrays, of WHOLE bytes, that a thread keeps
_thread = threading.local()


class Program:
    """Formulas of (*arrays, *parameters) made ready, once, for arrays of these types.

    parameters: numbers as float.hex writes them, which tells 0.0 from -0.0, or None for one that is an array. sums: the
    first results are summed in float64 and rounded to these types; the others have the type of arrays[0], or `result`.
    NaN in arrays[0] is NaN in every result. Warnings are off: parts of a formula that don't count may overflow.
    """

    def __init__(
        self, formulas: Sequence[Formula], dtypes: Sequence[Any], parameters: Sequence[str | None], wide: bool = False,
        sums: Sequence[Any] = (), result: Any = None,
    ) -> None:  # fmt: skip
        self.compute, self.result, self.sums = computed_in(dtypes[0], wide), np.dtype(result or dtypes[0]), sums
        self.numbers = [None if p is None else self.compute.type(float.fromhex(p)) for p in parameters]
        self.samples = [np.full(1, 1 if others else np.nan, dtype) for others, dtype in enumerate(dtypes)]
        self.samples += [np.ones(1, self.compute) for p in parameters if p is None]
        with np.errstate(all="ignore"):
            types = [*(self.compute for _ in sums), *(self.result for _ in formulas[len(sums) :])]
            made = zip(formulas, types, strict=True)
            self.formulas = [completed(f, self.samples, self.numbers, self.compute, t) for f, t in made]
        self.single, self.tabled = len(self.formulas) == len(self.samples) == 1, False
        self.tape: Tape | None = None  # written at the first call
        self.recordable = None not in parameters and self.result in NATIVE

    def __call__(self, *arrays: NDArray[Any], out: NDArray[Any] | None = None) -> list[Any]:
        """The results; the last one in `out`, which may be one of the arrays or overlap them."""
        x = arrays[0]
        if self.single and out is None and self.tape and x.size <= SMALL and x.ndim and x.flags.c_contiguous:
            with np.errstate(all="ignore"):
                return self.tape(x)  # what a small call costs counts
        flat = None not in self.numbers and all(a.flags.c_contiguous for a in (*arrays, x if out is None else out))
        with np.errstate(all="ignore"):
            if flat and x.size <= SMALL:
                return self._at_once(arrays, out)
            targets = [np.empty_like(x, self.result, subok=False) for _ in self.formulas[len(self.sums) + 1 :]]
            targets.append(np.empty_like(x, self.result, subok=False) if out is None else out)
            if self.samples[0].itemsize < 4 and len(self.samples) == 1 and not self.tabled:
                self.formulas = [looked_up(formula, x.dtype) for formula in self.formulas]
                self.tabled, self.recordable = True, False
            tape = self._recorded() if flat else None
            totals = _replay(tape, arrays, targets) if tape else by_tiles(self.formulas, arrays, targets, SMALL)
            return [*self._rounded(totals), *(t[()] for t in targets)]

    def _rounded(self, totals: Sequence[Any]) -> list[Any]:
        return [total.astype(dtype) for total, dtype in zip(totals, self.sums, strict=True)]

    def _at_once(self, arrays: Arrays, out: NDArray[Any] | None) -> list[Any]:
        shape, sums = arrays[0].shape, len(self.sums)
        lines = arrays if shape else [a.reshape(1) for a in arrays]
        results = tape(*lines) if (tape := self._recorded()) else [formula(*lines) for formula in self.formulas]
        results[:sums] = self._rounded([np.add.reduce(r, axis=None, dtype=np.float64) for r in results[:sums]])
        if out is not None:
            out[...] = results[-1].reshape(shape)
        return results if shape else [*results[:sums], *(r[0] for r in results[sums:])]

    def _recorded(self) -> Tape | None:
        try:
            self.tape = self.tape or (Tape(self.formulas, self.samples, len(self.sums)) if self.recordable else None)
        except Exception:  # UnrecordableError, or what else a formula makes of a witness: its own will come again
            self.recordable = False
        return self.tape


def _replay(tape: Tape, arrays: Arrays, targets: Arrays) -> list[Any]:
    out, shared = targets[-1], any(np.may_share_memory(a, targets[-1]) for a in arrays)
    if shared:  # written where it is read, element by element, or not at all
        arrays = [a if (a.ctypes.data, a.dtype) == (out.ctypes.data, out.dtype) else a.copy() for a in arrays]
    lines, others, summed = tape.layouts[not shared]
    flat, totals = [a.reshape(-1) for a in (*arrays, *targets)], [np.float64(0)] * len(summed)
    length, size = flat[0].size, (WHOLE if flat[0].size * tape.widest <= WHOLE else TILE) // tape.widest
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
        scratch.append(np.empty(WHOLE // 8))
    return scratch[slot].view(dtype)[:count]


prepared = functools.lru_cache(maxsize=256)(Program)
