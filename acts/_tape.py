"""A formula written down, so that it can be replayed without Python's arithmetic and without fresh memory.

NumPy runs `x * (w / (1 + w))` one operation at a time, each into an array of its own as long as x. For a long x each of
them comes from the operating system, page by page, and leaves the processor's cache before it is read again: that takes
longer than the arithmetic. So the formula is called once, on a `Witness`: an array of one element. NumPy hands whatever
is done to it to its `__array_ufunc__`, which writes it on the `Tape`:

    value 1 = clip(value 0, -1000, 40);  value 2 = exp(value 1);  value 3 = add(1, value 2);  ...

A line that is there already is not written twice, so that f and f' together need their exponential once. `Tape` then
decides where each value lives: in a scratch array that is free again after the value's last use, or in `out` itself.
`run` cuts the arrays into tiles that fit into the cache and calls line after line for each. These are the operations
of the formula, on the same numbers: the bits are those of the formula called by hand.
"""

import threading
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

WHOLE, TILE = 2**19, 2**17  # bytes: an array up to WHOLE is a single tile, a longer one is cut into tiles of TILE
KEPT = 8  # scratch arrays of WHOLE bytes that a thread keeps


class UnrecordableError(TypeError):
    """A formula that does what a tape can't hold: branch on the values of x, index, sum, ..."""


class Witness(np.ndarray[Any, Any]):
    """One element that a formula is called with in place of x; a NaN, to see whether the formula lets it through."""

    tape: "Tape"
    number: int

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            raise UnrecordableError(f"{ufunc.__name__}.{method} with {options}")
        plain = [i.view(np.ndarray) if isinstance(i, Witness) else i for i in inputs]
        kinds = [type(i) if type(i) in (int, float) else np.asarray(i).dtype for i in plain]
        types = ufunc.resolve_dtypes((*kinds, None))
        numbers = (self.tape.number(i, t) for i, t in zip(inputs, types, strict=False))
        return self.tape.write(ufunc, tuple(numbers), ufunc(*plain))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is not np.where or kwargs or len(args) != 3:
            raise UnrecordableError(function.__name__)
        plain = [i.view(np.ndarray) if isinstance(i, Witness) else i for i in args]
        sample = np.where(*plain)
        numbers = (self.tape.number(i, t) for i, t in zip(args, (bool, sample.dtype, sample.dtype), strict=True))
        return self.tape.write(_where, tuple(numbers), sample)

    def astype(self, dtype: Any) -> Any:  # type: ignore[override]
        """A conversion is a line of its own."""
        return self.tape.write(_copy, (self.number,), self.view(np.ndarray).astype(dtype))

    def _refuse(self, *_: Any) -> Any:
        raise UnrecordableError("the values of x decide what is computed")

    __bool__ = __float__ = __int__ = __index__ = __iter__ = __getitem__ = item = tolist = _refuse


def _where(condition: Any, a: Any, b: Any, out: Any) -> None:
    np.copyto(out, np.where(condition, a, b))


def _copy(x: Any, out: Any) -> None:
    np.copyto(out, x, casting="unsafe")


class Tape:
    """formulas(*x), x like `samples`, as lines to replay; the first `sums` results are summed, the others stored."""

    def __init__(self, formulas: Sequence[Callable[..., Any]], samples: Sequence[Any], sums: int = 0) -> None:
        self.values: list[Any] = []  # a sample of each value
        self.lines: list[tuple[Any, tuple[int, ...], int]] = []  # what is called, on which values, and the one it makes
        self.known: dict[Any, int] = {}
        inputs = [self._new(sample) for sample in samples]
        results = [self.number(formula(*inputs)) for formula in formulas]
        needed = set(results)
        for function, reads, made in reversed(self.lines):
            needed |= {*reads} if made in needed else set()
        self.lines = [line for line in self.lines if line[2] in needed]
        self.summed, stored = results[:sums], results[sums:]
        for i, number in enumerate(stored):  # each has a line of its own, and the last one the last line
            made = [line[2] for line in self.lines]
            if number not in made or number in results[: sums + i] or (number != made[-1] and number == results[-1]):
                stored[i] = self._new(self.values[number].view(np.ndarray)).number
                self.lines.append((_copy, (number,), stored[i]))
        self.stored = stored
        self.widest = max(value.itemsize for value in self.values)
        self.inputs = len(inputs)
        self.layouts = [self._lay_out(reuse) for reuse in (False, True)]
        self.slots = max(1 + o[0] for _, others, _ in self.layouts for o in [(-1,), *others] if isinstance(o, tuple))

    def number(self, value: Any, dtype: Any = None) -> int:
        """The number of a value that a formula has at hand: a witness, or a constant, which is written down here."""
        if isinstance(value, Witness):
            if getattr(value, "tape", None) is not self:
                raise UnrecordableError("made by an operation that is not recorded")
            return value.number
        constant = np.asarray(value, dtype)
        if constant.ndim:
            raise UnrecordableError("an array other than x")
        key = constant.dtype, constant.tobytes()
        if key not in self.known:
            self.known[key] = self._new(constant).number
        return self.known[key]

    def write(self, function: Any, reads: tuple[int, ...], sample: Any) -> Any:
        """The value that function makes of others: a line, if it isn't known."""
        key = function, sample.dtype, reads
        if key not in self.known:
            self.known[key] = self._new(sample).number
            self.lines.append((function, reads, self.known[key]))
        return self.values[self.known[key]]

    def _new(self, sample: Any) -> Any:
        witness = sample.view(Witness)
        witness.tape, witness.number = self, len(self.values)
        self.values.append(witness)
        return witness

    def _lay_out(self, reuse: bool) -> Any:
        """The lines in terms of registers, and those beyond inputs and outputs: constants, and (slot, type) of scratch.

        reuse: whether the last output serves as scratch, too, until the last line.
        """
        place = {number: register for register, number in enumerate([*range(self.inputs), *self.stored])}
        first = len(place)
        ends = {number: step for step, (_, reads, made) in enumerate(self.lines) for number in (*reads, made)}
        ends |= dict.fromkeys((*self.summed, *self.stored), len(self.lines))
        slots: dict[int, int] = {}  # by value; -1 is the output
        free = [-1] if reuse else []
        others: list[Any] = []
        program = []
        for step, (function, reads, made) in enumerate(self.lines):
            dtype = self.values[made].dtype
            for number in reads:
                if number not in place:
                    place[number] = first + len(others)
                    others.append(self.values[number].view(np.ndarray))
            ended = [number for number in dict.fromkeys(reads) if ends[number] == step and number in slots]
            free += [slots[n] for n in ended if self.values[n].dtype == dtype]  # it may be written where it is read
            if made not in place:
                fitting = [s for s in free if s >= 0 or dtype == self.values[self.stored[-1]].dtype]
                slots[made] = fitting[-1] if fitting else max(slots.values(), default=-1) + 1
                free = [slot for slot in free if slot != slots[made]]
                place[made] = first - 1 if slots[made] < 0 else first + len(others)
                others += [(slots[made], dtype)] if slots[made] >= 0 else []
            free += [slots[n] for n in ended if self.values[n].dtype != dtype]
            program.append((function, _picker(*(place[n] for n in reads)), place[made]))
        return program, others, [place[n] for n in self.summed]

    def run(self, inputs: Sequence[Any], outputs: Sequence[Any], reuse: bool) -> list[Any]:
        """Fill the outputs, contiguous as the inputs are, and return the sums; reuse if no output is an input, too."""
        program, others, summed = self.layouts[reuse]
        length = inputs[0].size
        size = max(length if length * self.widest <= WHOLE else TILE // self.widest, 1)
        arrays, totals = [a.reshape(-1) for a in (*inputs, *outputs)], [np.float64(0)] * len(summed)
        held, _local.slots = getattr(_local, "slots", []), []  # a call from a finaliser or a signal finds none
        held += [_aligned(WHOLE) for _ in range(self.slots - len(held))]
        try:
            for start in range(0, length, size):
                count = min(size, length - start)
                tile = [a[start : start + count] for a in arrays]
                if not start or count < size:
                    scratch = [o if isinstance(o, np.ndarray) else _view(held[o[0]], o[1], count) for o in others]
                registers = tile + scratch
                for function, pick, made in program:
                    function(*pick(registers), out=registers[made])
                totals = [t + np.add.reduce(registers[n], dtype=np.float64) for t, n in zip(totals, summed, strict=True)]
        finally:
            _local.slots = held[:KEPT]
        return totals


_local = threading.local()


def _picker(*numbers: int) -> Any:
    return itemgetter(*numbers) if len(numbers) > 1 else lambda registers: (registers[numbers[0]],)


def _aligned(size: int) -> Any:
    memory = np.empty(size + 64, np.uint8)
    return memory[-memory.ctypes.data % 64 :][:size]


def _view(slot: Any, dtype: Any, count: int) -> Any:
    return slot[: count * dtype.itemsize].view(dtype)
