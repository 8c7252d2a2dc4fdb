"""Axis functions: those whose outputs look at a whole row of x, as softmax does, and how they are run."""

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import axes_of, check_mask, match_arguments, row_parameter_shape
from ._completed import Formula
from ._dtypes import as_floating, as_output, cotangent_type, round_once, sum_to_shape
from ._record import Record, on_numbers, require

Array = NDArray[Any]


class Rows:
    """How the axes of an array of a shape lie as rows: (rows, length), and back."""

    def __init__(self, function: str, shape: tuple[int, ...], axis: Any) -> None:
        self.function, self.shape, self.axes = function, shape, axes_of(function, axis, shape)
        self.lengths = tuple(shape[a] for a in self.axes)
        self.rest = tuple(n for i, n in enumerate(shape) if i not in self.axes)
        self.kept = tuple(1 if i in self.axes else n for i, n in enumerate(shape))
        self.last = tuple(range(-len(self.axes), 0))

    def of(self, a: Array) -> Array:
        """Rows of an array that has the shape but for the lengths on the axes."""
        moved = np.moveaxis(a, self.axes, self.last)
        return moved.reshape(math.prod(self.rest), math.prod(a.shape[i] for i in self.axes))

    def back(self, rows: Array) -> Array:
        """An array whose rows these are."""
        lengths = self.lengths if rows.shape[1] == math.prod(self.lengths) else (rows.shape[1],)
        if rows.shape[1] == 1:
            lengths = (1,) * len(self.axes)
        return np.moveaxis(rows.reshape(self.rest + lengths), self.last, self.axes)

    def parameter(self, name: str, value: Array) -> Array:
        """A parameter as a column, or one number."""
        shape = row_parameter_shape(self.function, name, value.shape, self.kept)
        value = value.astype(np.float64).reshape(shape)
        return self.of(np.broadcast_to(value, self.kept)) if shape else value


class AxisFunction(Record):
    """A function of the rows of x along an axis: call it, or ask it for `vjp` and `jvp`.

    Made by `axis_function`, found by `get`. Its formulas see x in float64, as rows along the last of two axes. Types
    are those of an `Activation`: what comes back has x's, and integers and booleans become float64.
    """

    kind = "axis"

    def __init__(
        self, formula: Formula, paper: str, aliases: tuple[str, ...], domain: str, params: tuple[str, ...], width: str
    ) -> None:
        functools.update_wrapper(self, formula)
        self.formula, self.paper, self.aliases = formula, paper, aliases
        self.domain, self.params, self.width = domain, params, width
        self._signature = list(inspect.signature(formula).parameters.values())
        self._names = tuple(p.name for p in self._signature[1:])
        self._defaults = {p.name: p.default for p in self._signature if p.default is not p.empty}
        self.rules: dict[str, Callable[..., Any]] = {}
        self._unbound = self
        self.__doc__ = f"{inspect.cleandoc(formula.__doc__ or '')}\n\n{self._contract()}\n"

    def _contract(self) -> str:
        """What every function's documentation says of shapes, types, errors and source."""
        lines = [
            "x: any shape that has the axis, by default the last one; axis: an integer, a tuple of them, None for all.",
            "The result has x's type (integers, booleans: float64; in JAX the default float).",
        ]
        if self.width != "n":
            lines[0] = "x: any shape that has the axis, by default the last one."
        if "where" in self._names:
            lines.append("where: booleans that broadcast to x's shape; what is False is left out.")
        if self.params:
            lines.append(
                f"{', '.join(self.params)}: a number, or an array that broadcasts to x's shape with 1 on the axis."
            )
        if self.domain != "True":
            lines.append(f"In NumPy a ValueError unless {self.domain}; in JAX it is not checked.")
        lines.append("A ValueError for an axis or a shape that doesn't fit; a TypeError for complex and object arrays.")
        return "\n".join(lines) + (f"\nSource: {self.paper}." if self.paper else "")

    @property
    def __signature__(self) -> inspect.Signature:
        given = [p.replace(default=self._defaults.get(p.name, p.default)) for p in self._signature]
        return inspect.Signature([*given, inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None)])

    def __call__(self, x: ArrayLike, *args: Any, out: Array | None = None, **named: Any) -> Any:
        return self._forward(self.formula, x, args, named, out)

    def jvp(self, x: ArrayLike, t: ArrayLike, *args: Any, out: Array | None = None, **named: Any) -> Any:
        """The forward pass: the tangent of the output for a tangent t of x, of its shape."""
        return self._forward(self.rules["jvp"], x, args, named, out, t)

    def vjp(self, x: ArrayLike, g: ArrayLike, *args: Any, out: Array | None = None, **named: Any) -> tuple[Any, ...]:
        """The backward pass: (dx, one cotangent for each of `params`) for the output's cotangent g, of its shape.

        A parameter's cotangent is accumulated in float64, summed to the parameter's shape and returned in its type
        (for a Python number: x's type, at least float32); it is None for a parameter that is None. `out` receives dx.
        """
        x, rows, called, given = self._arguments(x, args, named)
        g = self._alike("g", g, self._shape(rows, called))
        dx, *terms = self._run(
            self.rules["vjp"], given, rows.of(x), rows.of(g.reshape(self._shape(rows, called, True)))
        )
        values = [called[name] for name in self.params]
        totals = [
            None if value is None else self._total(rows, column, value, x)
            for column, value in zip(terms, values, strict=True)
        ]
        return self._rounded(rows.back(dx), x.dtype, out), *totals

    # -- how a call is carried out ------------------------------------------------------------

    def _forward(self, rule: Any, x: Any, args: Any, named: Any, out: Any, *tangent: Any) -> Any:
        x, rows, called, given = self._arguments(x, args, named)
        tangents = [rows.of(self._alike("t", t, x.shape)) for t in tangent]
        y = rows.back(self._run(rule, given, rows.of(x), *tangents))
        return self._rounded(y.reshape(self._shape(rows, called)), x.dtype, out)

    def _arguments(
        self, x: ArrayLike, args: tuple[Any, ...], named: Mapping[str, Any]
    ) -> tuple[Array, Rows, dict[str, Any], dict[str, Any]]:
        """x, its rows, the arguments as they were given, and those that the formulas take, as they take them."""
        x = as_floating(self.__name__, "x", x)
        called = match_arguments(self.__name__, self._names, self._defaults, args, named)
        given = {name: value for name, value in called.items() if name not in ("axis", "keepdims")}
        rows = Rows(self.__name__, x.shape, called["axis"])
        if self.width != "n" and len(rows.axes) != 1 and "keepdims" not in called:
            raise ValueError(f"{self.__name__}: axis is {called['axis']}; it must be one integer")
        for name in self.params:
            value = -np.inf if given[name] is None else given[name]  # no sink is one that takes nothing
            given[name] = rows.parameter(name, as_floating(self.__name__, name, value))
        require(self.__name__, self.domain, given)
        if given.get("where") is not None:
            check_mask(self.__name__, np.asarray(given["where"]), x.shape)
            given["where"] = rows.of(np.broadcast_to(given["where"], x.shape))
        return x, rows, called, given

    def _alike(self, role: str, a: ArrayLike, shape: tuple[int, ...]) -> Array:
        array = as_floating(self.__name__, role, a)
        if array.shape != shape:
            raise ValueError(f"{self.__name__}: {role} has shape {array.shape}; it must be {shape}")
        return array

    def _shape(self, rows: Rows, called: Mapping[str, Any], keepdims: bool = False) -> tuple[int, ...]:
        """The shape of the output."""
        if "keepdims" in called:
            return rows.kept if keepdims or called["keepdims"] else rows.rest
        if self.width == "n":
            return rows.shape
        (axis,), (n,) = rows.axes, rows.lengths
        return (*rows.shape[:axis], int(on_numbers(self.width, {**called, "n": n})), *rows.shape[axis + 1 :])

    @staticmethod
    def _run(rule: Any, given: Mapping[str, Any], *rows: Array) -> Any:
        with np.errstate(all="ignore"):
            return rule(*(a.astype(np.float64) for a in rows), **given)

    @staticmethod
    def _total(rows: Rows, column: Array, value: Any, x: Array) -> Any:
        """The sum of a parameter's terms, one for each row, over what the parameter was broadcast to."""
        terms = rows.back(np.broadcast_to(column, (math.prod(rows.rest), 1)))
        shape = np.shape(value)
        return sum_to_shape(terms, () if math.prod(shape) == 1 else shape, shape, cotangent_type(value, x))

    def _rounded(self, y: Array, dtype: Any, out: Array | None) -> Any:
        with np.errstate(all="ignore"):
            rounded = y if y.dtype == dtype else round_once(y, dtype)
        if out is None:
            return np.ascontiguousarray(rounded) if rounded.ndim else rounded[()]
        as_output(self.__name__, out, rounded)[...] = rounded
        return out
