"""Functions as Python objects: they pickle, copy to themselves, compare and hash by value, and know their own name.

A function of acts_jax is a plain Python function around a jitted one, so all of this is Python's own, by its qualified
name; so are `elu.derivative` and `elu.second_derivative`, its attributes. What has a state of its own is here.
"""

import functools
import inspect
import re
from typing import Any

import jax
import numpy as np

from acts._arguments import UnknownNameError

_LIST = re.compile(r"(?<=[( ])(?<!array\()\[(?:[^\[\]]|\[[^\[\]]*\])*\]")
_ROUNDED = re.compile(r"(.*)(\.round\(\d\))")
_EXAMPLE = re.compile(r">>> (.*)\n((?:(?!>>> ).+\n)*)")


def examples_in_jax(text: str) -> str:
    """The docstring of an activation of acts with the examples that its mirror has, in JAX's types and in float32."""
    return _EXAMPLE.sub(_in_jax, text)


def _in_jax(example: re.Match[str]) -> str:
    source, result = example.groups()
    if re.search(r"acts\.\w+\.(?!(second_)?derivative\()", source):  # a method that the mirror has not
        return ""
    if result.startswith("array("):
        numbers = np.array(eval(result, {"array": list, "inf": np.inf, "nan": np.nan}), np.float32)
        result = f"{numbers!r}\n"
        if rounded := _ROUNDED.fullmatch(source):  # by NumPy: XLA multiplies by the reciprocal of 10**n
            source = "np.asarray({}){}".format(*rounded.groups())
        else:
            result = result.replace("array", "Array")
    elif result.startswith("np.float64("):
        result = f"Array({eval(result, {'np': np}).astype(np.float32)!s}, dtype=float32, weak_type=True)\n"
    source = _LIST.sub(r"jnp.array(\g<0>)", source.replace("acts.", "acts_jax."))
    return f">>> {source}\n{result}"


def shown(function: Any) -> str:
    """Name, parameters and what they are by default: "elu(x, alpha=0.5)"."""
    return f"{function.__qualname__}{inspect.signature(function)}".replace("*, ", "")


class ByValue:
    """A callable object that is equal to another one made alike: of its type and with its key."""

    _key: Any

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and bool(self._key == other._key)

    def __hash__(self) -> int:
        return hash(self._key)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self


class Bound(ByValue, functools.partial):  # type: ignore[type-arg]
    """A function of acts_jax with parameters bound by name: what `get(name, **params)` returns."""

    def __init__(self, function: Any, **params: Any) -> None:
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        self.__module__, self.__doc__ = function.__module__, function.__doc__

    @functools.cached_property
    def _key(self) -> tuple[Any, ...]:
        return self.func, tuple((name, _as_key(self.keywords[name])) for name in sorted(self.keywords))

    def __reduce__(self) -> Any:
        return functools.partial(Bound, self.func, **self.keywords), ()

    def get_config(self) -> dict[str, Any]:
        """What Keras saves, once `acts_jax.keras` is imported: the function's name, and numbers or nested lists."""
        params = {name: np.asarray(value).tolist() for name, value in self.keywords.items()}
        defined = getattr(self.func, "get_config", None)
        return {"function": defined() if defined else self.__qualname__, "params": params}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Bound":
        """What Keras loads."""
        from ._definitions import Defined  # which import this file
        from ._registry import get

        given = config["function"]
        if isinstance(given, dict):
            function = Defined.from_config(given)
        else:
            name, _, attribute = given.partition(".")
            function = with_attribute(get(name), attribute)
        params = {k: np.asarray(v) if isinstance(v, list) else v for k, v in config["params"].items()}
        return cls(function, **params)

    def __repr__(self) -> str:
        return f"<acts_jax {shown(self)}>"


def with_attribute(function: Any, attribute: str) -> Any:
    """The function, or its attribute "derivative" or "second_derivative"."""
    if attribute not in ("", "derivative", "second_derivative"):
        raise UnknownNameError(f"{function.__qualname__} has no derivative {attribute!r}")
    return getattr(function, attribute) if attribute else function


def _as_key(value: Any) -> Any:
    """A number or an array as something that compares and hashes by value; a traced one is itself alone."""
    if isinstance(value, jax.core.Tracer):
        return id(value)
    return np.shape(value), tuple(np.ravel(np.asarray(value)).tolist())
