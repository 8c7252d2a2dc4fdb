"""The record that every function is: found by name, bound to other defaults, equal by value, picklable."""

import functools
import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from ._arguments import known_arguments
from ._completed import Formula
from ._grammar import NUMBERS, on_arrays
from ._special import SQRT_2_PI, erf

ON_NUMBERS: dict[str, Any] = {
    **{name: getattr(np, name) for name in ("exp", "log", "log1p", "sqrt", "tanh", "sin", "cos", "sign", "abs")},
    **{"atan": np.arctan, "erf": erf, "ncdf": lambda x: (1 + erf(x / np.sqrt(2))) / 2},
    **{"npdf": lambda x: np.exp(-x * x / 2) / SQRT_2_PI},
    **{name: lambda *of, f=f: functools.reduce(f, of) for name, f in (("max", np.maximum), ("min", np.minimum))},
    **{"_choose": np.where, "_expm1": np.expm1, "_softplus": lambda u: np.logaddexp(0, u)},
    **{"_log_add": lambda a, u: np.log(a + np.exp(u))},
    **NUMBERS,
}  # what domains and kinks may use


class Record:
    """A function as an object: what `Activation` and `AxisFunction` have in common."""

    __name__: str
    __call__: Callable[..., Any]
    formula: Formula
    kind: str
    paper: str
    aliases: tuple[str, ...]
    params: tuple[str, ...]
    _names: tuple[str, ...]
    _defaults: dict[str, Any]
    _defined: Mapping[str, Any] = MappingProxyType({})  # the arguments of `define`, for a function that it made
    _unbound: Any

    @property
    def definition(self) -> str:
        """The executable definition: the first line of the docstring."""
        return (self.__doc__ or "").partition("\n")[0].strip()

    @property
    def family(self) -> str:
        """The name of the module that the function lives in."""
        return str(self.formula.__module__).rpartition(".")[2]

    def bind(self, **params: Any) -> Self:
        """The same function with other defaults, with every method; `get(name, **params)` calls this."""
        values = {k: np.copy(v) if isinstance(v, np.ndarray) else v for k, v in params.items()}
        bound = object.__new__(type(self))
        known = known_arguments(self.__name__, self._names, values)
        bound.__dict__.update(self.__dict__, _defaults={**self._defaults, **known})
        return bound

    def _key(self) -> tuple[Any, ...]:
        """Name and changed defaults, as values: 0.5 and np.float64(0.5) bind alike."""
        changed = sorted(self._changed().items())
        made_of = repr([self._defined.get(key) for key in ("defaults", "kinks", "domain")])
        return (
            self.__name__,
            self.definition,
            made_of,
            tuple((k, np.shape(v), tuple(np.ravel(v).tolist())) for k, v in changed),
        )

    def _changed(self) -> dict[str, Any]:
        plain = self._unbound._defaults
        return {k: v for k, v in self._defaults.items() if k not in plain or not np.array_equal(v, plain[k])}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"<activation {self.__name__}{inspect.signature(self)}>"

    def __reduce__(self) -> Any:
        changed = self._changed()
        if changed:
            return _bind, (self._unbound, changed)
        return (_define, (dict(self._defined),)) if self._defined else self.__name__

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self


def _bind(base: Record, params: dict[str, Any]) -> Record:
    return base.bind(**params)


def _define(arguments: dict[str, Any]) -> Record:
    from ._definitions import define  # which imports this file

    return define(**arguments)


def on_numbers(text: str, values: Mapping[str, Any]) -> Any:
    """An expression in the parameters, of the grammar of definitions: a kink, a domain, a condition."""
    if text in ("True", "False"):
        return text == "True"
    functions = tuple(name for name, value in values.items() if callable(value))
    return on_arrays(text, tuple(values), functions)({**ON_NUMBERS, **values})


def require(name: str, domain: str, values: Mapping[str, Any]) -> None:
    """A ValueError unless the parameters satisfy the domain, an expression in them."""
    if not np.all(on_numbers(domain, values)):
        given = ", ".join(f"{k}={np.asarray(v).tolist()}" for k, v in values.items() if k in domain)
        raise ValueError(f"{name} needs {domain}, but was given {given}")
