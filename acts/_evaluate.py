"""How formulas are run over arrays: from a tape, or tile by tile.

A formula is written on a tape (acts._tape says why). For a small array its lines are called once, for a long one tile
by tile. What is strided, broadcast, or has a parameter that is an array, np.nditer cuts into contiguous tiles, and the
formula is called on each. All do the same operations, so the bits depend on nothing but the values.
"""

import contextlib
import contextvars
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._completed import Formula, completed, looked_up
from ._dtypes import NATIVE, computed_in
from ._replay import replay
from ._tape import Tape
from ._tiles import by_tiles

Arrays = Sequence[NDArray[Any]]
SMALL = 16384  # elements up to which every line makes an array of its own; also of the tiles that nditer brings
QUIET = contextvars.Context()  # without warnings: parts of a formula that don't count may overflow
QUIET.run(np.seterr, all="ignore")  # a call in a copy of it costs a tenth of np.errstate


class Program:
    """Formulas of (*arrays, *parameters) made ready, once, for arrays of these types.

    parameters: numbers as float.hex writes them, which tells 0.0 from -0.0, or None for one that is an array. sums: the
    first results are summed in float64 and rounded to these types; the others have the type of arrays[0], or `result`.
    NaN in arrays[0] is NaN in every result.
    """

    def __init__(
        self, formulas: Sequence[Formula], dtypes: Sequence[Any], parameters: Sequence[str | None], wide: bool = False,
        sums: Sequence[Any] = (), result: Any = None,
    ) -> None:  # fmt: skip
        self.compute, self.result, self.sums = computed_in(dtypes[0], wide), np.dtype(result or dtypes[0]), sums
        numbers = [None if p is None else self.compute.type(float.fromhex(p)) for p in parameters]
        samples = [np.full(1, 1 if others else np.nan, dtype) for others, dtype in enumerate(dtypes)]
        samples += [np.ones(1, self.compute) for p in parameters if p is None]
        types = [*(self.compute for _ in sums), *(self.result for _ in formulas[len(sums) :])]
        self.by_number, self.narrow, self.tabled = None not in parameters, samples[0].itemsize < 4, False
        self.tape: Tape | None = None
        with np.errstate(all="ignore"):
            made = zip(formulas, types, strict=True)
            self.formulas = [completed(f, samples, numbers, self.compute, t) for f, t in made]
            if self.by_number and self.result in NATIVE:
                with contextlib.suppress(Exception):  # of a formula on a witness: its own errors will come again
                    self.tape = Tape(self.formulas, samples, len(sums))

    def __call__(self, *arrays: NDArray[Any], out: NDArray[Any] | None = None) -> list[Any]:
        """The results; the last one in `out`, which may be one of the arrays or overlap them."""
        return QUIET.copy().run(self._results, arrays, out)

    def _results(self, arrays: Arrays, out: NDArray[Any] | None) -> list[Any]:
        x, flat = arrays[0], self.by_number
        for array in arrays if out is None else (*arrays, out):
            flat = flat and array.flags.c_contiguous
        if flat and x.size <= SMALL:
            return self._at_once(arrays, out)
        targets = [np.empty_like(x, self.result, subok=False) for _ in self.formulas[len(self.sums) + 1 :]]
        targets.append(np.empty_like(x, self.result, subok=False) if out is None else out)
        if self.narrow and len(arrays) == 1 and not self.tabled:
            self.formulas = [looked_up(formula, x.dtype) for formula in self.formulas]
            self.tabled, self.tape = True, None
        if flat and self.tape:
            totals = replay(self.tape, arrays, targets)
        else:
            totals = by_tiles(self.formulas, arrays, targets, SMALL)
        return [*map(_rounded, totals, self.sums), *(t[()] for t in targets)]

    def _at_once(self, arrays: Arrays, out: NDArray[Any] | None) -> list[Any]:
        if not arrays[0].ndim:
            results = self._at_once([a.reshape(1) for a in arrays], None if out is None else out.reshape(1))
            return [result[0] if result.ndim else result for result in results]
        if self.tape:
            results = self.tape(*arrays, out=out)
        else:
            results = [formula(*arrays) for formula in self.formulas]
            if out is not None:
                out[...] = results[-1]
        if self.sums:
            totals = [np.add.reduce(terms, axis=None, dtype=np.float64) for terms in results[: len(self.sums)]]
            results[: len(totals)] = map(_rounded, totals, self.sums)
        return results


def _rounded(total: Any, dtype: Any) -> Any:
    return dtype.type(total)


prepared = functools.lru_cache(maxsize=256)(Program)
