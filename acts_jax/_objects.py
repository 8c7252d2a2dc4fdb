"""Functions as Python objects: they pickle, copy to themselves, compare and hash by value, and know their own name.

A function of acts_jax is a plain Python function around a jitted one, so all of this is Python's own, by its qualified
name; so are `elu.derivative` and `elu.second_derivative`, its attributes. What has a state of its own is here.
"""

import functools
import inspect
from typing import Any

import jax
import numpy as np


class ByValue:
    """A callable object that is equal to another one made alike."""

    def _key(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self


class Bound(ByValue, functools.partial):  # type: ignore[type-arg]
    """A function of acts_jax with parameters bound by name: what `get(name, **params)` returns."""

    def __init__(self, function: Any, **params: Any) -> None:
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        self.__module__, self.__doc__ = function.__module__, function.__doc__

    def _key(self) -> tuple[Any, ...]:
        return self.func, tuple((name, _as_key(self.keywords[name])) for name in sorted(self.keywords))

    def __reduce__(self) -> Any:
        return functools.partial(Bound, self.func, **self.keywords), ()

    def __repr__(self) -> str:
        return f"<acts_jax {self.__qualname__}{inspect.signature(self)}>".replace("*, ", "")


def _as_key(value: Any) -> Any:
    """A number or an array as something that compares and hashes by value; a traced one is itself alone."""
    if isinstance(value, jax.core.Tracer):
        return id(value)
    return np.shape(value), tuple(np.ravel(np.asarray(value)).tolist())
