"""What an activation is: a formula, its derivatives and a small record, callable like a NumPy ufunc."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arguments import UnknownNameError, hint, match_arguments
from ._completed import Formula
from ._dtypes import as_floating, as_output, as_parameter, cotangent_type, sum_to_shape
from ._evaluate import Program, prepared
from ._record import Record, compiled, require


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
        params = ", ".join(self.params)
        lines = [
            "x: any shape; the result has x's shape and type (integers, booleans: float64; in JAX the default float)."
        ]
        if params:
            lines.append(f"{params}: a number, or an array that broadcasts to x's shape; else a ValueError.")
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
        points = [float(eval(k, self.constants(), values)) for k in self.kinks]
        return tuple(point for point in points if not np.isnan(point))

    def formulas(self) -> dict[str, Formula]:
        """The plain NumPy formulas: "f", "x" for df/dx, "xx" for d2f/dx2, and each parameter's partial by its name."""
        return {"f": self.formula, **{k: v for k, v in self._rules.items() if k != "y"}}

    def constants(self) -> dict[str, float]:
        """The named numbers that the definition may use: the float constants of the function's module."""
        return {k: v for k, v in self.formula.__globals__.items() if isinstance(v, float)} | {"nan": np.nan}

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

    def __call__(self, x: ArrayLike, *params: Any, out: NDArray[Any] | None = None, **named: Any) -> Any:
        return self._evaluate((self.formula,), x, params, named, out)[0]

    def derivative(self, x: ArrayLike, *params: Any, out: NDArray[Any] | None = None, **named: Any) -> Any:
        """df/dx, element by element; at a kink, the slope of the outer piece."""
        return self._evaluate((self._rule("x"),), x, params, named, out)[0]

    def second_derivative(self, x: ArrayLike, *params: Any, out: NDArray[Any] | None = None, **named: Any) -> Any:
        """d2f/dx2, element by element; at a kink, that of the outer piece."""
        return self._evaluate((self._rule("xx"),), x, params, named, out)[0]

    def value_and_derivative(self, x: ArrayLike, *params: Any, **named: Any) -> tuple[Any, Any]:
        """(f(x), df/dx) from one pass over x, which shares what both need, such as an exponential.

        >>> import acts
        >>> acts.relu.value_and_derivative([-1.0, 2.0])
        (array([0., 2.]), array([0., 1.]))
        """
        y, slope = self._evaluate((self.formula, self._rule("x")), x, params, named, None)
        return y, slope

    def partial(self, name: str, x: ArrayLike, *params: Any, out: NDArray[Any] | None = None, **named: Any) -> Any:
        """df/d(name) for a parameter, element by element and unsummed; an unknown name is a LookupError."""
        return self._evaluate((self._rule(self._known(name)),), x, params, named, out)[0]

    def vjp(
        self,
        x: ArrayLike,
        g: ArrayLike,
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
        names = self.params if wrt is None else tuple(map(self._known, wrt))
        rules = tuple(_times(self._rule(name)) for name in (*names, "x"))
        if type(x) is np.ndarray and type(g) is np.ndarray and x.shape == g.shape and not (params or named):
            program = self._programs.get((rules, x.dtype, g.dtype))
            if program is not None:
                *totals, dx = program(x, g, out=None if out is None else as_output(self.__name__, out, x))
                return dx if out is None else out, *totals
        given = self._bind(params, named)
        x, g = as_floating(self.__name__, "x", x), as_floating(self.__name__, "g", g)
        if g.shape != x.shape:
            raise ValueError(f"{self.__name__}.vjp: g has shape {g.shape}, x has shape {x.shape}; they must be equal")
        values = self._parameters(x, given)
        types = tuple(cotangent_type(given[name], x) for name in names)
        shapes = [np.shape(given[name]) for name in names]
        if any(v.ndim for v in values):
            terms = [self._run((rule,), (x, g), values, result=np.float64)[0] for rule in rules[:-1]]
            padded = [dict(zip(self.params, values, strict=True))[name].shape for name in names]
            totals = [sum_to_shape(*each) for each in zip(terms, padded, shapes, types, strict=True)]
            return self._run(rules[-1:], (x, g), values, out=out)[0], *totals
        *totals, dx = self._run(rules, (x, g), values, sums=types, out=out)
        if not (params or named or any(shapes)):
            self._programs[rules, x.dtype, g.dtype] = self._program(rules, (x, g), values, sums=types)
        return dx, *(total.reshape(shape)[()] for total, shape in zip(totals, shapes, strict=True))

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
                return program(x) if out is None else [*program(x, out=as_output(self.__name__, out, x))[:-1], out]
        x = as_floating(self.__name__, "x", x)
        values = self._parameters(x, self._bind(params, named))
        if not (params or named or any(v.ndim for v in values)):
            self._programs[formulas, x.dtype] = self._program(formulas, (x,), values)
        return self._run(formulas, (x,), values, out=out)

    def _run(
        self, formulas: tuple[Formula, ...], arrays: tuple[Any, ...], values: Any, out: Any = None, **options: Any
    ) -> list[Any]:
        """Results of formulas of (*arrays, *values), the last one in `out`."""
        program = self._program(formulas, arrays, values, **options)
        varying = [v.astype(program.compute) for v in values if v.ndim]
        if out is None:
            return program(*arrays, *varying)
        return [*program(*arrays, *varying, out=as_output(self.__name__, out, arrays[0]))[:-1], out]

    def _program(self, formulas: tuple[Formula, ...], arrays: tuple[Any, ...], values: Any, **options: Any) -> Program:
        wide = np.any(eval(compiled(self.wide), {}, dict(zip(self.params, values, strict=True))))
        numbers = tuple(None if v.ndim else float(v).hex() for v in values)
        return prepared(formulas, tuple(a.dtype for a in arrays), numbers, bool(wide), **options)

    def _bind(self, params: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        return match_arguments(self.__name__, self._names, self._defaults, params, named)

    def _parameters(self, x: NDArray[Any], given: Mapping[str, Any]) -> list[NDArray[Any]]:
        axis = given.get("axis")
        values = [as_parameter(self.__name__, p, given[p], x, axis, "axis" in self._names) for p in self.params]
        require(self.__name__, self.domain, dict(zip(self.params, values, strict=True)))
        return values

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


@functools.cache
def _times(rule: Formula) -> Formula:
    """The terms of a backward pass: the cotangent g times a derivative."""
    return lambda x, g, *params: g * rule(x, *params)
