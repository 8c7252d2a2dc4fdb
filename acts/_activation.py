"""What an activation is: a formula, its derivatives and a small record, callable like a NumPy ufunc."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import MISSING, UnknownNameError, first_argument, hint, match_arguments
from ._backward import vjp
from ._completed import Formula
from ._dtypes import as_floating, as_output, as_parameter, promoted
from ._evaluate import Program, prepared
from ._grammar import NUMBERS
from ._record import Record, on_numbers, require


class Activation(Record):
    """An activation function with its derivatives: call it, or ask it for `derivative`, `partial`, `vjp`, ...

    Made by `activation`, found by `get`. Shapes: every method works element by element on x of any
    shape. Types: float16, bfloat16, float32, float64 and the signed 8-bit floats of ml_dtypes come back
    as they went in; integers and booleans become float64; anything else is a TypeError.
    """

    def __init__(
        self,
        formula: Formula,
        *,
        kinks: tuple[str, ...] = (),
        paper: str = "",
        aliases: tuple[str, ...] = (),
        domain: str = "True",
        wide: bool | str = False,
        kind: str = "elementwise",
    ) -> None:
        functools.update_wrapper(self, formula)
        self.formula = formula
        self.kinks, self.paper, self.aliases, self.domain, self.wide = kinks, paper, aliases, domain, str(wide)
        self.kind = kind
        self.argument, *_ = inspect.signature(formula).parameters
        signature = list(inspect.signature(formula).parameters.values())[1:]
        self.params = tuple(p.name for p in signature if p.name != "axis")
        self._names = tuple(p.name for p in signature)
        self._defaults = {p.name: p.default for p in signature if p.default is not p.empty}
        self._rules: dict[str, Formula] = {}
        self._programs: dict[Any, Program] = {}  # for calls without parameters
        self._output_domain = "True"
        self._unbound = self
        self.__doc__ = f"{inspect.cleandoc(formula.__doc__ or '')}\n\n{self._contract()}\n"

    # -- the record ---------------------------------------------------------------------------

    def _contract(self) -> str:
        """What every function's documentation says of shapes, types, errors, kinks and source."""
        x, params = self.argument, ", ".join(self.params)
        kind = "the type of gate * value" if self.kind == "gated" else "type"
        lines = [
            f"{x}: any shape; the result has {x}'s shape and {kind} (integers, booleans: float64; in JAX the default "
            "float)."
        ]
        if params:
            lines.append(f"{params}: a number, or an array that broadcasts to {x}'s shape; else a ValueError.")
        if self.kind == "gated":
            lines.append("0 * inf is NaN: where one operand makes the product 0 and the other is infinite.")
        if self.domain != "True":
            lines.append(f"In NumPy a ValueError unless {self.domain}; in JAX it is not checked.")
        lines.append("A TypeError for complex and object arrays; in NumPy for masked ones, too.")
        lines.append(f"Kinks: {', '.join(self.kinks) or 'none'}.")
        return "\n".join(lines) + (f"\nSource: {self.paper}." if self.paper else "")

    def kinks_at(self, **params: Any) -> tuple[float, ...]:
        """The points, as numbers, where the function or a derivative of it has a kink.

        >>> import acts
        >>> acts.hard_sigmoid.kinks_at(slope=0.2)
        (-2.5, 2.5)
        """
        values = self._bind((), params)
        require(self.__name__, self.domain, values)
        points = [float(on_numbers(kink, {**self.constants(), **values})) for kink in self.kinks]
        return tuple(point for point in points if np.isfinite(point))

    def formulas(self) -> dict[str, Formula]:
        """The plain NumPy formulas: "f", "x" for df/dx, "xx" for d2f/dx2, and each parameter's partial by its name."""
        return {"f": self.formula, **{k: v for k, v in self._rules.items() if k != "y"}}

    def constants(self) -> dict[str, Any]:
        """What definition and kinks may use by name: float constants of the function's module, functions of a kink."""
        names = self.formula.__globals__.items()
        of_kinks = {k: v for k, v in names if any(kink.startswith(f"{k}(") for kink in self.kinks)}
        return {k: v for k, v in names if isinstance(v, float)} | of_kinks | NUMBERS

    @property
    def __signature__(self) -> inspect.Signature:
        given = list(inspect.signature(self.formula).parameters.values())
        parameters = [p.replace(default=self._defaults.get(p.name, p.default)) for p in given]
        optional = [p.default is not p.empty for p in parameters]
        if optional != sorted(optional):  # bound before one that is needed: from there on by name
            first = optional.index(True)
            parameters[first:] = [p.replace(kind=p.KEYWORD_ONLY) for p in parameters[first:]]
        return inspect.Signature([*parameters, inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None)])

    # -- the mathematics ----------------------------------------------------------------------

    def __call__(self, x: ArrayLike = MISSING, /, *params: Any, out: NDArray[Any] | None = None, **named: Any) -> Any:
        return self._evaluate((self.formula,), x, params, named, out)[0]

    def derivative(self, x: ArrayLike = MISSING, /, *params: Any, out: NDArray[Any] | None = None, **named: Any) -> Any:
        """df/dx, element by element; at a kink, the slope of the outer piece."""
        return self._evaluate((self._rule("x"),), x, params, named, out)[0]

    def second_derivative(
        self, x: ArrayLike = MISSING, /, *params: Any, out: NDArray[Any] | None = None, **named: Any
    ) -> Any:
        """d2f/dx2, element by element; at a kink, that of the outer piece."""
        return self._evaluate((self._rule("xx"),), x, params, named, out)[0]

    def value_and_derivative(self, x: ArrayLike = MISSING, /, *params: Any, **named: Any) -> tuple[Any, Any]:
        """(f(x), df/dx) from one pass over x, which shares what both need, such as an exponential.

        >>> import acts
        >>> acts.relu.value_and_derivative([-1.0, 2.0])
        (array([0., 2.]), array([0., 1.]))
        """
        y, slope = self._evaluate((self.formula, self._rule("x")), x, params, named, None)
        return y, slope

    def partial(
        self, name: str, x: ArrayLike = MISSING, /, *params: Any, out: NDArray[Any] | None = None, **named: Any
    ) -> Any:
        """df/d(name) for a parameter, element by element and unsummed; an unknown name is a LookupError."""
        return self._evaluate((self._rule(self._known(name)),), x, params, named, out)[0]

    def vjp(
        self,
        x: ArrayLike = MISSING,
        /,
        g: ArrayLike = MISSING,
        *params: Any,
        out: NDArray[Any] | None = None,
        wrt: Sequence[str] | None = None,
        **named: Any,
    ) -> tuple[Any, ...]:
        """The backward pass: (dx, one cotangent per parameter) for the output's cotangent g, shaped as x.

        A parameter's cotangent is accumulated in float64, summed to the parameter's shape and returned
        in its type (for a Python number: x's type, at least float32). `out` receives dx; it may be x or g.
        wrt: the parameters that have one, by default all: () where none is learned.
        """
        return vjp(self, x, g, params, named, out, self.params if wrt is None else tuple(wrt))

    @property
    def derivative_from_output(self) -> Callable[..., Any]:
        """df/dx from y = f(x), for the functions whose output determines it; AttributeError for the others."""
        if "y" not in self._rules:
            raise AttributeError(
                f"{self.__name__} has no derivative_from_output: its output does not determine the slope "
                f"well enough; use {self.__name__}.derivative(x)"
            )
        return self._derivative_from_output

    def _derivative_from_output(self, y: ArrayLike, *params: Any, out: NDArray[Any] | None = None, **named: Any) -> Any:
        require(self.__name__ + ".derivative_from_output", self._output_domain, self._bind(params, named))
        return self._evaluate((self._rules["y"],), y, params, named, out)[0]

    # -- how a call is carried out ------------------------------------------------------------

    def _evaluate(
        self, formulas: tuple[Formula, ...], x: Any, params: tuple[Any, ...], named: Mapping[str, Any], out: Any
    ) -> list[Any]:
        if type(x) is np.ndarray and not (params or named):
            program = self._programs.get((formulas, x.dtype))
            if program is not None:
                return self._into(out, program, x)
        x, named = first_argument(self.__name__, self.argument, x, named)
        x, values = self._arguments(x, self._bind(params, named))
        if not (params or named or any(v.ndim for v in values)):
            self._programs[formulas, x.dtype] = self._program(formulas, (x,), values)
        return self._run(formulas, (x,), values, out=out)

    def _run(
        self, formulas: tuple[Formula, ...], arrays: tuple[Any, ...], values: Any, out: Any = None, **options: Any
    ) -> list[Any]:
        """Results of formulas of (*arrays, *values), the last one in `out`."""
        program, whole = self._program(formulas, arrays, values, **options), self._whole(values, arrays[0])
        varying = [v.astype(program.compute) for v in values[len(whole) :] if v.ndim]
        return self._into(out, program, *arrays, *whole, *varying)

    def _into(self, out: Any, program: Program, *arrays: NDArray[Any]) -> list[Any]:
        if out is None:
            return program(*arrays)
        results = program(*arrays, out=as_output(self.__name__, out, arrays[0]))
        results[-1] = out  # which may be of a subclass
        return results

    def _program(self, formulas: tuple[Formula, ...], arrays: tuple[Any, ...], values: Any, **options: Any) -> Program:
        wide = np.any(on_numbers(self.wide, dict(zip(self.params, values, strict=True))))
        whole = self._whole(values, arrays[0])
        numbers = tuple(None if v.ndim else float(v).hex() for v in values[len(whole) :])
        return prepared(formulas, tuple(a.dtype for a in (*arrays, *whole)), numbers, bool(wide), **options)

    def _whole(self, values: list[NDArray[Any]], x: NDArray[Any]) -> list[NDArray[Any]]:
        """The first parameter, where it is an array as long as x: then formulas are run over both alike."""
        return values[:1] if values and x.ndim and values[0].shape == x.shape else []

    def _bind(self, params: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        return match_arguments(self.__name__, self._names, self._defaults, params, named)

    def _arguments(self, x: Any, given: Mapping[str, Any]) -> tuple[NDArray[Any], list[NDArray[Any]]]:
        """The first argument and the parameters as arrays; the operands of a gate have one type."""
        if self.kind == "gated":
            x, value = promoted(self.__name__, x, given["value"])
            given = {**given, "value": value}
        x, axis = as_floating(self.__name__, self.argument, x), given.get("axis")
        channels = "axis" in self._names
        values = [as_parameter(self.__name__, p, given[p], x, axis, channels, self.argument) for p in self.params]
        require(self.__name__, self.domain, dict(zip(self.params, values, strict=True)))
        return x, values

    def _known(self, name: str) -> str:
        if name not in self.params:
            raise UnknownNameError(f"{self.__name__} has no parameter {name!r}{hint(name, self.params)}")
        return name

    def _rule(self, key: str) -> Formula:
        if key not in self._rules:
            kind = {"x": "derivative", "xx": "second derivative"}.get(key, f"partial for {key!r}")
            raise NotImplementedError(f"{self.__name__} was registered without its {kind}")
        return self._rules[key]

    def bind(self, **params: Any) -> Self:
        """The same activation with other defaults, with every method; `get(name, **params)` calls this."""
        bound = super().bind(**params)
        bound._programs = {}
        return bound
