"""In place of jax.nn: `import acts_jax.nn as nn` where `import jax.nn as nn` stood.

Every name of the installed jax.nn is here with its signature and defaults. What is defined below is computed by
acts_jax, with its accuracy, memory and kinks; all else, as standardize and initializers, is jax.nn's own object.
jax.nn's own function answers, too, where acts_jax would refuse the input or give another type or shape: for
integers, booleans, complex numbers, and for an array as parameter that is not floating, would widen x's type or
enlarge its shape. Two things differ: squareplus with b < 0 is NaN here; and a softmax, log_softmax or logmeanexp of a
row that has +inf in it, or nothing but -inf, or is masked as a whole, is not.

>>> import jax
>>> import acts_jax.nn as nn
>>> x = jax.numpy.float32(-3.0)
>>> bool(nn.gelu(x) == acts_jax.gelu_tanh(x)), bool(nn.gelu(x, approximate=False) == acts_jax.gelu(x))
(True, True)
>>> nn.relu(-3).dtype, nn.standardize is jax.nn.standardize
(dtype('int32'), True)
"""

from __future__ import annotations  # as in jax.nn, whose signatures are equal to these

import inspect
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

import acts_jax
from acts._arguments import broadcasts

from ._arrays import FLOATS
from ._registry import Function

ARRAYS = (Array, np.ndarray, np.generic)
TYPES = frozenset(map(jnp.dtype, FLOATS))


def _is_floating(x: Any) -> bool:
    return x.dtype in TYPES if isinstance(x, ARRAYS) else type(x) is float


def _keeps(x: Any, p: Any) -> bool:
    """Whether with this parameter the result has the type and the shape of x."""
    if type(p) in (int, float):
        return True
    shape, dtype = jnp.shape(x), jnp.result_type(x)
    return _is_floating(p) and jnp.result_type(x, p) == dtype and jnp.broadcast_shapes(shape, jnp.shape(p)) == shape


def _fits(x: Any = None, *params: Any, **named: Any) -> bool:
    return _is_floating(x) and all(_keeps(x, p) for p in (*params, *named.values()))


def _number(p: Any) -> Any:
    return float(p) if type(p) is int else p  # acts_jax makes of an int the default float, which is not weakly typed


def _by(ours: Function, theirs: Function) -> Function:
    """The function `theirs` of jax.nn, computed by `ours` where both give a result of the same type and shape."""

    def function(*args: Any, **named: Any) -> Any:
        if _fits(*args, **named):
            return ours(*map(_number, args), **{name: _number(p) for name, p in named.items()})
        return theirs(*args, **named)

    return _in_place_of(theirs, ours, function)


def _in_place_of(theirs: Function, ours: Function, function: Any) -> Function:
    function.__name__ = function.__qualname__ = theirs.__name__
    function.__signature__ = inspect.signature(theirs)
    function.__doc__ = f"jax.nn.{theirs.__name__}, computed by acts_jax.{ours.__name__}.\n\n{ours.__doc__}"
    return function  # type: ignore[no-any-return]


def _along(ours: Function, theirs: Function) -> Function:
    """As `_by`, for functions of rows: theirs has an answer to b, return_sign and masks that enlarge x."""
    signature = inspect.signature(theirs)
    first = next(iter(signature.parameters))

    def function(*args: Any, **named: Any) -> Any:
        call = signature.bind(*args, **named)
        call.apply_defaults()
        x = call.arguments.pop(first)
        rest = {name: value for name, value in call.arguments.items() if name not in ("b", "return_sign")}
        fits = isinstance(x, ARRAYS) and x.ndim and _is_floating(x) and _masks(x, rest["where"])
        if fits and call.arguments.get("b") is None and not call.arguments.get("return_sign"):
            return ours(x, **rest)
        return theirs(*args, **named)

    return _in_place_of(theirs, ours, function)


def _masks(x: Any, where: Any) -> bool:
    """Whether there is no mask, or an array of booleans that doesn't enlarge x."""
    if where is None:
        return True
    return isinstance(where, ARRAYS) and where.dtype == bool and broadcasts(where.shape, x.shape)


def gelu(x: ArrayLike, approximate: bool = True) -> Array:
    """jax.nn.gelu, computed by acts_jax.gelu_tanh or, with approximate=False, by acts_jax.gelu."""
    if not _is_floating(x):
        return jax.nn.gelu(x, approximate)
    if getattr(x, "weak_type", True):
        x = jnp.asarray(x, jnp.result_type(x))  # alone in jax.nn, gelu makes no weakly typed result
    return acts_jax.gelu_tanh(x) if approximate else acts_jax.gelu(x)


identity = _by(acts_jax.identity, jax.nn.identity)
relu = _by(acts_jax.relu, jax.nn.relu)
relu6 = _by(acts_jax.relu6, jax.nn.relu6)
leaky_relu = _by(acts_jax.leaky_relu, jax.nn.leaky_relu)
softplus = _by(acts_jax.softplus, jax.nn.softplus)
squareplus = _by(acts_jax.squareplus, jax.nn.squareplus)
elu = _by(acts_jax.elu, jax.nn.elu)
selu = _by(acts_jax.selu, jax.nn.selu)
celu = _by(acts_jax.celu, jax.nn.celu)
silu = swish = _by(acts_jax.silu, jax.nn.silu)
mish = _by(acts_jax.mish, jax.nn.mish)
hard_silu = hard_swish = _by(acts_jax.hard_swish, jax.nn.hard_silu)
sigmoid = _by(acts_jax.sigmoid, jax.nn.sigmoid)
hard_sigmoid = _by(acts_jax.hard_sigmoid, jax.nn.hard_sigmoid)
log_sigmoid = _by(acts_jax.log_sigmoid, jax.nn.log_sigmoid)
tanh = _by(acts_jax.tanh, jax.nn.tanh)
hard_tanh = _by(acts_jax.hard_tanh, jax.nn.hard_tanh)
sparse_plus = _by(acts_jax.sparse_plus, jax.nn.sparse_plus)
sparse_sigmoid = _by(acts_jax.sparse_sigmoid, jax.nn.sparse_sigmoid)
log1mexp = _by(acts_jax.log1mexp, jax.nn.log1mexp)
softmax = _along(acts_jax.softmax, jax.nn.softmax)
log_softmax = _along(acts_jax.log_softmax, jax.nn.log_softmax)
logsumexp = _along(acts_jax.logsumexp, jax.nn.logsumexp)
logmeanexp = _along(acts_jax.logmeanexp, jax.nn.logmeanexp)
soft_sign = _by(acts_jax.softsign, jax.nn.soft_sign)

__all__ = [name for name in dir(jax.nn) if not name.startswith("_")]
sys.modules[f"{__name__}.initializers"] = jax.nn.initializers  # as os.path is one: it can be imported by this name


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"jax.nn {jax.__version__} has no {name!r}, and so acts_jax.nn has none")
    return getattr(jax.nn, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
