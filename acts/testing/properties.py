"""What is checked of a kernel, one function per property; each gives verdicts.

The gradient is asked for with several cotangents: ones, random, one that is 0 but at one place, zeros, infinite
negative ones. A backward pass that forgets the cotangent, squares it or mixes elements fails one of them.
"""

import functools
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation, get

from .grids import example_parameters, kinks_of
from .judge import Judge, Wanted, wide
from .kernels import Kernel, KernelError
from .ulp import largest, smallest_normal, ulp_size
from .verdicts import Verdict

SHAPES = ((), (1,), (5,), (64,), (0,), (1027,), (2, 3), (3, 5, 7), (2, 3, 4, 5))
VALUES = (0.75, -3.0, 2.0**-20, -16.0, 1.5, -0.0625)  # of a gate's second operand, along the first one's grid


@dataclass
class Subject:
    """A kernel with one set of parameters and the points of one type."""

    kernel: Kernel
    function: Activation  # with the parameters bound
    dtype: np.dtype[Any]
    x: NDArray[Any]
    params: dict[str, float]  # those that are handed over
    first: bool
    shape: tuple[int, ...] | None = None
    _wanted: dict[str, Wanted] = field(default_factory=dict)

    @property
    def gated(self) -> bool:
        """Whether there is a second operand."""
        return self.function.kind == "gated"

    def operands(self, x: NDArray[Any]) -> list[NDArray[Any]]:
        """x, and for a gate the values beside it, which differ from it."""
        if not self.gated:
            return [x]
        pattern, size = np.resize(np.array(VALUES), x.size).reshape(x.shape), np.abs(wide(x))
        extreme = (size > largest(self.dtype) / 32) | (size < 32 * smallest_normal(self.dtype))
        return [x, np.where(extreme, 0.75 * np.sign(pattern), pattern).astype(self.dtype)]  # no product overflows

    def example(self, x: Any) -> Any:
        """The function with the parameters that the kernel has of itself."""
        function = get(self.function.__name__)
        return function.bind(**{**example_parameters(function), **self.kernel.has})(x)

    def reference(self, quantity: str, x: NDArray[Any]) -> Callable[[Any], Any]:
        """f, f', f'' or a partial as a function of float64, where x are the points."""
        f = self.function
        of: dict[str, Callable[..., Any]] = {"f": f, "f'": f.derivative, "grad": f.derivative}
        of |= {"f''": f.second_derivative, "grad of grad": f.second_derivative}
        compute = of[quantity] if quantity in of else functools.partial(f.partial, quantity.removeprefix("df/d"))
        others = [wide(operand) for operand in self.operands(x)[1:]]
        return lambda at: compute(at, *(np.resize(other, np.shape(at)) for other in others))

    def wanted(self, quantity: str, x: NDArray[Any] | None = None) -> Wanted:
        """What is wanted of "f", "f'", "grad", "f''" or a partial at x, by default at all points."""
        if x is not None:
            flat = x.reshape(-1)
            return Wanted.of(quantity, flat, self.reference(quantity, flat), kinks_of(self.function))
        if quantity not in self._wanted:
            self._wanted[quantity] = self.wanted(quantity, self.x)
        return self._wanted[quantity]

    def named(self) -> dict[str, Any]:
        """The parameters as the kernel takes them."""
        return {
            self.kernel.accepts[name]: self.kernel.parameter(value, self.dtype) for name, value in self.params.items()
        }

    def value(self, x: NDArray[Any]) -> NDArray[Any]:
        """What the kernel gives; a KernelError where it raises, changes its input or gives what can't be compared."""
        return self._in_blocks(self._value, self.operands(x))

    def _value(self, *operands: NDArray[Any]) -> NDArray[Any]:
        library = self.kernel.library
        given = [library.array(operand) for operand in operands]
        y = self.attempt("value", lambda: library.numpy(self.kernel.call(*given, **self.named())))
        self.unchanged("value", operands, given)
        return self.compared("value", y, operands[0])

    def pull(self, x: NDArray[Any], g: NDArray[Any]) -> list[NDArray[Any]]:
        """The cotangents of the operands for that of the output."""

        def back(*operands_and_g: NDArray[Any]) -> NDArray[Any]:
            operands, given = operands_and_g[:-1], [*map(self.kernel.library.array, operands_and_g)]
            found = self.kernel.pull(*given, **self.named())
            self.unchanged("gradient", operands_and_g, given)
            found = list(found) if isinstance(found, (tuple, list)) else [found]
            pairs = zip(found, operands, strict=False)
            return np.stack([self.compared("gradient", self._numpy(f, o), o) for f, o in pairs])

        return list(self._in_blocks(lambda *o: self.attempt("gradient", lambda: back(*o)), [*self.operands(x), g]))

    def unchanged(self, what: str, before: Sequence[NDArray[Any]], given: Sequence[Any]) -> None:
        """A KernelError where what was given to the kernel is no longer what it was."""
        for array, after in zip(before, given, strict=True):
            if self.kernel.library.numpy(after).tobytes() != array.tobytes():
                raise KernelError(f"{what}: the input is overwritten")

    def _numpy(self, found: Any, operand: NDArray[Any]) -> NDArray[Any]:
        return np.zeros_like(operand) if found is None else self.kernel.library.numpy(found)

    def _in_blocks(self, run: Callable[..., NDArray[Any]], arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
        if self.shape is None:
            return run(*arrays)
        size, count = int(np.prod(self.shape)), arrays[0].size
        padded = [np.resize(a, -(-count // size) * size).reshape(-1, *self.shape) for a in arrays]
        blocks = [run(*(p[i] for p in padded)) for i in range(len(padded[0]))]
        lead = blocks[0].shape[: blocks[0].ndim - len(self.shape)]
        return np.concatenate([b.reshape(*lead, -1) for b in blocks], axis=-1)[..., :count]

    def attempt(self, what: str, run: Callable[[], Any]) -> Any:
        """run(); a KernelError where it raises."""
        try:
            with np.errstate(all="ignore"):
                return run()
        except KernelError:
            raise
        except Exception as error:  # whatever a foreign function raises
            raise KernelError(f"{what} raised {type(error).__name__}: {error}") from error

    def compared(self, what: str, y: NDArray[Any], x: NDArray[Any]) -> NDArray[Any]:
        """y, if it has x's shape and type."""
        if y.shape != x.shape:
            raise KernelError(f"{what} of x with shape {x.shape} has shape {y.shape}")
        if y.dtype != x.dtype:
            raise KernelError(f"{what} of {x.dtype} has dtype {y.dtype}")
        return y


def values(subject: Subject, judge: Judge) -> list[Verdict]:
    """The value at every point."""
    return [judge.verdict("value", subject.wanted("f"), subject.value(subject.x), subject.params)]


def gradients(subject: Subject, judge: Judge) -> list[Verdict]:
    """df/dx with several cotangents, forward mode and the second derivative where there are any."""
    x, kernel = subject.x, subject.kernel
    if kernel.derivative is not None:
        given = kernel.derivative
        library = kernel.library
        got = subject.attempt("derivative", lambda: library.numpy(given(library.array(x), **subject.named())))
        got = subject.compared("derivative", got, x)
        return [judge.verdict("derivative", subject.wanted("f'"), got, subject.params)]
    random = np.random.default_rng(0)
    hot = np.zeros(x.shape)
    hot[np.argmin(np.abs(np.nan_to_num(wide(x), nan=np.inf) - 1))] = 1.5
    cotangents = {
        "": np.ones(x.shape),
        ", random cotangent": random.uniform(0.25, 1, x.shape) * random.choice([-1, 1], x.shape),
        ", cotangent 0 but at one point": hot,
        ", cotangent 0": np.zeros(x.shape),
        ", cotangent -inf": np.full(x.shape, -np.inf),
    }
    found = []
    for name, cotangent in cotangents.items() if subject.first else list(cotangents.items())[:2]:
        g = cotangent.astype(x.dtype)
        got = subject.pull(x, g)[0]
        found.append(judge.verdict(f"gradient{name}", subject.wanted("grad"), got, subject.params, g if name else None))
    if subject.first and subject.shape is None and kernel.backward is None:
        found += _other_modes(subject, judge)
    return found


def _other_modes(subject: Subject, judge: Judge) -> list[Verdict]:
    """Forward mode and the second derivative, with a note where the kernel has none."""
    library, found = subject.kernel.library, []
    call = functools.partial(subject.kernel.call, **subject.named())
    x = subject.x
    operands = [library.array(operand) for operand in subject.operands(x)]

    def first(x: Any) -> Any:
        return call(x, *operands[1:])

    modes: dict[str, tuple[str, Callable[[], Any]]] = {
        "forward mode": ("grad", lambda: library.push(first, operands[:1], [library.array(np.ones_like(x))])),
        "second derivative": ("grad of grad", lambda: library.bend(first, operands[0])),
    }
    for name, (quantity, run) in modes.items():
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):  # those of the library are no end
                got = library.numpy(run())
        except Exception as error:  # a custom_vjp has no forward mode, many a kernel no second derivative
            found.append(Verdict(name, x.dtype.name, subject.params, notes=[f"no {name}: {type(error).__name__}"]))
            continue
        found.append(judge.verdict(name, subject.wanted(quantity), subject.compared(name, got, x), subject.params))
    return found


def partials(subject: Subject, judge: Judge) -> list[Verdict]:
    """The gradient of the second operand, point by point, and of each parameter, summed."""
    found: list[Verdict | None] = []
    if subject.gated and subject.kernel.derivative is None:
        x = subject.x
        g = np.random.default_rng(1).normal(size=x.shape).astype(x.dtype)
        got = subject.pull(x, g)
        if len(got) < 2:
            return [Verdict("gradient of value", x.dtype.name, subject.params, problem="it has no gradient")]
        found.append(judge.verdict("gradient of value", subject.wanted("df/dvalue"), got[1], subject.params, g))
    if subject.kernel.derivative is None:
        found += [_summed(subject, name) for name in subject.params]
    return [verdict for verdict in found if verdict is not None]


def _summed(subject: Subject, name: str) -> Verdict | None:
    """sum(g df/dparameter) over points in the middle; None where the kernel takes the parameter as a plain number.

    A backward pass that was given may return it behind those of the operands, in the order of the parameters.
    """
    kernel, library = subject.kernel, subject.kernel.library
    kinks = np.asarray(kinks_of(subject.function), subject.dtype)  # where the slope depends on the convention
    middle = (np.abs(wide(subject.x)) <= 8) & ~np.isin(wide(subject.x), wide(kinks))
    x = subject.x[middle][:: max(1, int(middle.sum()) // 4096)]
    others = {kernel.accepts[n]: kernel.parameter(v, x.dtype) for n, v in subject.params.items() if n != name}
    theirs = kernel.accepts[name]
    given = library.array(np.full(kernel.arrays or (), subject.params[name], x.dtype))
    g = np.ones_like(x)
    try:
        with np.errstate(all="ignore"):
            operands = map(library.array, [*subject.operands(x), g])
            if kernel.backward is None:
                got = kernel.pull_of(theirs)(given, *operands, **others)[0]
            else:
                found = kernel.backward(*operands, **others, **{theirs: given})
                place = len(subject.operands(x)) + [*kernel.accepts].index(name)
                got = found[place] if isinstance(found, (tuple, list)) and len(found) > place else None
        if got is None:
            raise TypeError("no gradient")
        got = library.numpy(got)
    except Exception as error:
        text = f"{theirs} has no gradient: {type(error).__name__}"
        return (
            None
            if kernel.arrays is None or kernel.backward is not None
            else Verdict(f"gradient of {name}", x.dtype.name, subject.params, problem=text)
        )
    verdict = Verdict(f"gradient of {name}", x.dtype.name, subject.params, points=1)
    if got.dtype != x.dtype:
        verdict.problem = f"{theirs} of {x.dtype} has a gradient of {got.dtype}"
        return verdict
    terms = np.asarray(subject.reference(f"df/d{name}", x)(wide(x)), np.float64)
    want = float(terms.sum())
    ulp = float(ulp_size(max(abs(want), float(np.abs(terms).max())), x.dtype))
    each = 4 * np.sqrt(np.sum(np.square(ulp_size(terms, x.dtype)))) + 2.0**-20 * np.abs(terms).sum()
    total = float(got.reshape(()))
    off = 0.0 if total == want else abs(total - want)
    if not off <= 2 * ulp + each:
        verdict.problem = f"is {total:.6g}, wanted {want:.6g}, the sum of {x.size} terms"
    return verdict


def shapes(subject: Subject, judge: Judge) -> list[Verdict]:
    """The same function of every element, whatever the shape and the strides: of value and gradient."""
    kernel = replace(subject.kernel, call=subject.kernel.library.compiled(subject.kernel.call))
    subject = replace(subject, kernel=kernel)
    middle = subject.x[np.abs(np.nan_to_num(wide(subject.x), nan=np.inf)) <= 8]
    middle = np.random.default_rng(4).permutation(middle)  # both signs in the smallest shape, and no order
    found = []
    for shape in SHAPES:
        x = np.resize(middle, int(np.prod(shape))).reshape(shape)
        found += _one_shape(subject, judge, f"shape {shape}", x)
    found += _one_shape(subject, judge, "every other element", np.resize(middle, 2 * 64)[::2])
    found += _one_shape(subject, judge, "transposed", np.resize(middle, (5, 7)).T)
    return found


def _one_shape(subject: Subject, judge: Judge, name: str, x: NDArray[Any]) -> list[Verdict]:
    try:
        found = [judge.verdict(name, subject.wanted("f", x), subject.value(x), subject.params)]
        if subject.kernel.differentiates and subject.kernel.derivative is None:
            got = subject.pull(x, np.ones_like(x))[0]
            found.append(judge.verdict(f"gradient, {name}", subject.wanted("grad", x), got, subject.params))
    except KernelError as error:
        return [Verdict(name, x.dtype.name, subject.params, problem=str(error))]
    return found
