"""How arguments are matched and what shapes parameters may have. Knows no array library: both packages use it."""

import difflib
import functools
import inspect
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

Shape = tuple[int, ...]
Maker = TypeVar("Maker", bound=Callable[..., Any])
MISSING: Any = inspect.Parameter.empty


class UnknownNameError(KeyError):
    """A name that nothing has; a LookupError, as every KeyError is."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError's own puts the message in quotes


def hint(name: str, allowed: Iterable[str]) -> str:
    """The end of an error message: the nearest allowed names, five at most, or all if none is near and they are few."""
    allowed = list(allowed)
    close = difflib.get_close_matches(name, allowed, n=5, cutoff=0.5)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    return f"; allowed: {', '.join(allowed) or 'none'}" if len(allowed) <= 12 else ""


def known_arguments(function: str, names: tuple[str, ...], named: Mapping[str, Any]) -> Mapping[str, Any]:
    """`named`, if it holds nothing but the names of parameters; else a TypeError."""
    for name in named:
        if name not in names:
            from .dialects import way_here  # a table that no right call needs

            way = way_here(function, name)
            raise TypeError(f"{function} has no parameter {name!r}{f'; {way}' if way else hint(name, names)}")
    return named


def checked_names(function: Maker) -> Maker:
    """The class method with the same answer to a keyword of another framework as the activations have."""
    names = tuple(inspect.signature(function).parameters)[1:]

    @functools.wraps(function)
    def checked(cls: Any, *args: Any, **named: Any) -> Any:
        return function(cls, *args, **known_arguments(function.__qualname__, names, named))

    return checked  # type: ignore[return-value]


def first_argument(function: str, name: str, given: Any, named: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """The first argument, by position or by its name, and the other named ones; else a TypeError."""
    if given is MISSING and name not in named:
        raise TypeError(f"{function} needs a value for {name}")
    if given is not MISSING and name in named:
        raise TypeError(f"{function} was given {name!r} twice")
    return named.get(name, given), {k: v for k, v in named.items() if k != name}


def match_arguments(
    function: str,
    names: tuple[str, ...],
    defaults: Mapping[str, Any],
    positional: tuple[Any, ...],
    named: Mapping[str, Any],
) -> dict[str, Any]:
    """Every parameter's value, in the order of names, from a call's arguments and the defaults; else a TypeError."""
    if len(positional) > len(names):
        raise TypeError(f"{function} takes {len(names)} parameters ({', '.join(names)}), was given {len(positional)}")
    given = dict(zip(names, positional, strict=False))
    for name in known_arguments(function, names, named):
        if name in given:
            raise TypeError(f"{function} was given {name!r} twice")
    values = {**defaults, **given, **named}
    missing = [name for name in names if name not in values]
    if missing:
        raise TypeError(f"{function} needs a value for {' and '.join(missing)}")
    return {name: values[name] for name in names}


def parameter_shape(
    function: str, name: str, shape: Shape, x: Shape, axis: int | None, per_channel: bool, first: str = "x"
) -> Shape:
    """The shape to give a parameter so that it broadcasts to x's and never enlarges it; else a ValueError.

    first: what the function calls x.
    One of size 1 is shared. For a function with an axis, one of shape (C,) belongs to the channels on that
    axis; without a stated axis that is the last one, for x of rank 1 or 2: beyond, channels first and
    channels last cannot be told apart.
    """
    if axis is not None and not hasattr(axis, "__index__"):
        raise TypeError(f"{function}: axis is {axis!r}; it must be an integer")
    if math.prod(shape) == 1:
        return ()
    if per_channel and len(shape) == 1:
        return _channel_shape(function, name, shape[0], x, axis)
    if axis is not None:
        raise ValueError(f"{function}: {name} has shape {shape}; with axis={axis} it must be () or (channels,)")
    if not broadcasts(shape, x):
        raise ValueError(f"{function}: {name} has shape {shape}, which does not broadcast to {first}'s shape {x}")
    return shape


def _channel_shape(function: str, name: str, channels: int, x: Shape, axis: int | None) -> Shape:
    rank = len(x)
    if axis is None and rank > 2:
        raise ValueError(
            f"{function}: {name} has shape ({channels},) and x has shape {x}: say which axis holds the channels, "
            "axis=1 (channels first, as torch) or axis=-1 (channels last); they can't be told apart"
        )
    axis = operator.index(-1 if axis is None else axis)
    if not -rank <= axis < rank:
        raise ValueError(
            f"{function}: {name} has shape ({channels},), but x of shape {x} has no axis {axis}; "
            f"only a shared {name} fits"
        )
    if x[axis] != channels:
        raise ValueError(
            f"{function}: {name} has shape ({channels},), but x has {x[axis]} channels on axis {axis} (shape {x})"
        )
    return (1,) * (axis % rank) + (channels,) + (1,) * (rank - 1 - axis % rank)


def axes_of(function: str, axis: Any, shape: Shape) -> Shape:
    """The axes that an integer, a tuple of integers or None for all name in a shape, each from 0; else an error."""
    rank = len(shape)
    given = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if not all(hasattr(a, "__index__") and not isinstance(a, bool) for a in given):
        raise TypeError(f"{function}: axis is {axis!r}; it must be an integer, a tuple of integers or None")
    axes = tuple(operator.index(a) for a in given)
    if not all(-rank <= a < rank for a in axes):
        allowed = f"an axis is from {-rank} to {rank - 1}" if rank else "it has none"
        raise ValueError(f"{function}: axis is {axis!r}, and x has shape {shape}: {allowed}")
    axes = tuple(a % rank for a in axes)
    if len(set(axes)) != len(axes):
        raise ValueError(f"{function}: axis {axis!r} names an axis of x of shape {shape} twice")
    return axes


def row_parameter_shape(function: str, name: str, shape: Shape, kept: Shape) -> Shape:
    """The shape of a parameter, () for one of size 1, if it broadcasts to `kept`, x's with 1 on the axis."""
    if math.prod(shape) == 1:
        return ()
    if not broadcasts(shape, kept):
        raise ValueError(f"{function}: {name} has shape {shape}; it must broadcast to {kept}: x's shape, 1 on the axis")
    return shape


def check_mask(function: str, where: Any, shape: Shape) -> None:
    """An error unless the array `where` holds booleans and broadcasts to the shape."""
    if where.dtype != bool:
        raise TypeError(f"{function}: where has dtype {where.dtype}; it must be bool")
    if not broadcasts(where.shape, shape):
        raise ValueError(f"{function}: where has shape {where.shape}, which does not broadcast to x's shape {shape}")


def broadcasts(shape: Shape, to: Shape) -> bool:
    """Whether an array of the shape broadcasts to the other, and so does not enlarge it."""
    return len(shape) <= len(to) and all(s in (1, t) for s, t in zip(reversed(shape), reversed(to), strict=False))
