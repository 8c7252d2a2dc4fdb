"""A formula written down, so that it can be replayed without Python's arithmetic and without fresh memory.

NumPy runs `x * (w / (1 + w))` one operation at a time, each into a new array as long as x. For a long x such an array
comes from the operating system page by page, and has left the processor's cache before it is read: that takes longer
than the arithmetic. So the formula is called once, on a `Witness`: an array of one element. NumPy hands whatever is
done to it to its `__array_ufunc__`, which writes it down on a `Tape`:

    value 1 = clip(value 0, -1000, 40);  value 2 = exp(value 1);  value 3 = add(value 2, 1);  ...

A line that is there already is not written again: f and f' together need their exponential once. Then each value gets a
place to live: a scratch array, free again after the value's last use, or the result's own array. `acts._replay` cuts
long arrays into tiles that fit into the cache, and calls the lines for each. They are the formula's own operations on
the same numbers, so the bits are those of the formula called by hand.
"""

import functools
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np


class UnrecordableError(TypeError):
    """A formula does what a tape can't hold: it branches on the values of x, assigns to some, takes their sum, ..."""


class Witness(np.ndarray[Any, Any]):
    """One element that a formula is called with in place of x: a NaN, so that no comparison leads anywhere."""

    tape: "Tape"
    number: int

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            raise UnrecordableError(f"{ufunc.__name__}.{method} with {options}")
        plain = _plain(inputs)
        kinds = [type(i) if type(i) in (int, float) else np.asarray(i).dtype for i in plain]
        types = ufunc.resolve_dtypes((*kinds, None))  # of numbers, too, which take that of the arrays beside them
        return self.tape.write(ufunc, inputs, types, ufunc(*plain))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is not np.where or kwargs or len(args) != 3:
            raise UnrecordableError(function.__name__)
        sample = np.where(*_plain(args))
        return self.tape.write(_where, args, (bool, sample.dtype, sample.dtype), sample)

    def astype(self, dtype: Any) -> Any:  # type: ignore[override]
        """A conversion is a line, too."""
        return self.tape.write(_to(np.dtype(dtype)), (self,), (self.dtype,), np.asarray(self).astype(dtype))

    def _refuse(self, *_: Any) -> Any:
        raise UnrecordableError("the values of x decide what is computed")

    __bool__ = __float__ = __int__ = __index__ = __iter__ = __getitem__ = __setitem__ = item = tolist = _refuse


def _plain(values: Sequence[Any]) -> list[Any]:
    return [v.view(np.ndarray) if isinstance(v, Witness) else v for v in values]


def _where(condition: Any, a: Any, b: Any, out: Any = None) -> Any:
    chosen = np.where(condition, a, b)
    return chosen if out is None else _copied(chosen, out)


def _copied(x: Any, out: Any) -> Any:
    np.copyto(out, x, casting="unsafe")
    return out


@functools.cache
def _to(dtype: np.dtype[Any]) -> Callable[..., Any]:
    return lambda x, out=None: x.astype(dtype) if out is None else _copied(x, out)


class Tape:
    """formulas(*x), x like `samples`, written down; the first `sums` results are to be summed, the others stored."""

    def __init__(self, formulas: Sequence[Callable[..., Any]], samples: Sequence[Any], sums: int = 0) -> None:
        self.values: list[Any] = []  # a sample of each value
        self.lines: list[tuple[Any, tuple[int, ...], int]] = []  # what is called, on which values, and the one it makes
        self.known: dict[Any, int] = {}
        self.inputs = [self._new(sample) for sample in samples]
        results = [self._number(formula(*map(self.values.__getitem__, self.inputs))) for formula in formulas]
        needed = set(results)
        for _, reads, made in reversed(self.lines):
            needed |= {*reads} if made in needed else set()
        self.lines = [line for line in self.lines if line[2] in needed]
        self.summed, self.stored = results[:sums], results[sums:]
        for i, number in enumerate(self.stored):  # each by a line of its own, and the last one by the last line
            made = [line[2] for line in self.lines]
            if made.count(number) != 1 or number in results[: sums + i] or number == results[-1] != made[-1]:
                self.stored[i] = self._new(np.asarray(self.values[number]))
                self.lines.append((_to(self.values[number].dtype), (number,), self.stored[i]))
        self.widest = max(value.itemsize for value in self.values)
        self.layouts = [self._lay_out(reuse) for reuse in (False, True)]
        *self.calls, self.last = [(function, _pick(*reads), made) for function, reads, made in self.lines]
        self.results = _pick(*self.summed, *self.stored)
        self.others = [np.asarray(value) for value in self.values[len(samples) :]]

    def __call__(self, *arrays: Any, out: Any = None) -> list[Any]:
        """The results, each line into an array of its own, but for `out`: of few elements, they cost nothing."""
        values = [*arrays, *self.others]
        for function, pick, made in self.calls:
            values[made] = function(*pick(values))
        function, pick, made = self.last
        values[made] = function(*pick(values), out=out)
        return [*self.results(values)]

    def write(self, function: Any, inputs: Sequence[Any], types: Sequence[Any], sample: Any) -> Any:
        """The value that function makes of the inputs: a new line, if it isn't known; x itself of x * 1 and x / 1."""
        for x, factor in {np.multiply: (inputs, inputs[::-1]), np.divide: (inputs,)}.get(function, ()):
            if not isinstance(factor, Witness) and factor == 1 and x.dtype == sample.dtype:
                return x
        reads = tuple(self._number(value, dtype) for value, dtype in zip(inputs, types, strict=False))
        key = function, sample.dtype, reads
        if key not in self.known:
            self.known[key] = self._new(sample)
            self.lines.append((function, reads, self.known[key]))
        return self.values[self.known[key]]

    def _number(self, value: Any, dtype: Any = None) -> int:
        """The number of a value: of a witness, or of a constant, which needs no line."""
        if isinstance(value, Witness):
            if getattr(value, "tape", None) is not self:
                raise UnrecordableError("made by an operation that is not written down")
            return value.number
        constant = np.asarray(value, dtype)
        if constant.ndim:
            raise UnrecordableError("an array other than x")
        key = constant.dtype, constant.tobytes()
        if key not in self.known:
            self.known[key] = self._new(constant)
        return self.known[key]

    def _new(self, sample: Any) -> int:
        witness = sample.view(Witness)
        witness.tape, witness.number, witness.flags.writeable = self, len(self.values), False
        self.values.append(witness)
        return len(self.values) - 1

    def _lay_out(self, reuse: bool) -> tuple[list[Any], list[Any], list[int]]:
        """Where the values live: lines in terms of places, what is in the places after inputs and results, and sums.

        Those are constants, and (slot, type) of a scratch array. reuse: the last result's array is a slot, too, until
        the last line.
        """
        place = {number: i for i, number in enumerate([*self.inputs, *self.stored])}
        first, others, lines = len(place), list[Any](), list[Any]()
        ends = {number: step for step, (_, reads, made) in enumerate(self.lines) for number in (*reads, made)}
        ends |= dict.fromkeys((*self.summed, *self.stored), len(self.lines))
        slots: dict[int, int] = {}  # by value; -1 is the last result's array
        free = [-1] if reuse else []
        for step, (function, reads, made) in enumerate(self.lines):
            dtype = self.values[made].dtype
            for number in reads:
                if number not in place:
                    place[number] = first + len(others)
                    others.append(np.asarray(self.values[number]))
            ended = [number for number in dict.fromkeys(reads) if ends[number] == step and number in slots]
            free += [slots[n] for n in ended if self.values[n].dtype == dtype]  # it may be written where it is read
            if made not in place:
                output = dtype == self.values[self.stored[-1]].dtype and made not in self.summed
                fitting = [slot for slot in free if slot >= 0 or output]
                slots[made] = slot = fitting[-1] if fitting else max(slots.values(), default=-1) + 1
                free = [other for other in free if other != slot]
                place[made] = first - 1 if slot < 0 else first + len(others)
                others += [(slot, dtype)] if slot >= 0 else []
            free += [slots[n] for n in ended if self.values[n].dtype != dtype]
            lines.append((function, _pick(*(place[n] for n in reads)), place[made]))
        return lines, others, [place[n] for n in self.summed]


def _pick(*places: int) -> Callable[[list[Any]], tuple[Any, ...]]:
    return itemgetter(*places) if len(places) > 1 else lambda arrays: (arrays[places[0]],)
