"""In place of jax.nn: `import acts_jax.nn as nn` where `import jax.nn as nn` stood.

Every name of the installed jax.nn is here with its signature and defaults. What is defined below is computed by
acts_jax, with its accuracy, memory and kinks; all else, as softmax and initializers, is jax.nn's own object. jax.nn's
own function answers, too, where acts_jax would refuse the input or give another type or shape: for integers, booleans,
complex numbers, and for an array as parameter that is not floating, would widen x's type or enlarge its shape.
One thing differs: squareplus with b < 0, which is NaN here.

>>> import jax
>>> import acts_jax.nn as nn
>>> x = jax.numpy.float32(-3.0)
>>> bool(nn.gelu(x) == acts_jax.gelu_tanh(x)), bool(nn.gelu(x, approximate=False) == acts_jax.gelu(x))
(True, True)
>>> nn.relu(-3).dtype, nn.softmax is jax.nn.softmax
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

    function.__name__ = function.__qualname__ = theirs.__name__
    function.__signature__ = inspect.signature(theirs)  # type: ignore[attr-defined]
    function.__doc__ = f"jax.nn.{theirs.__name__}, computed by acts_jax.{ours.__name__}.\n\n{ours.__doc__}"
    return function


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
soft_sign = _by(acts_jax.softsign, jax.nn.soft_sign)

__all__ = [name for name in dir(jax.nn) if not name.startswith("_")]
sys.modules[f"{__name__}.initializers"] = jax.nn.initializers  # as os.path is one: it can be imported by this name


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"jax.nn {jax.__version__} has no {name!r}, and so acts_jax.nn has none")
    return getattr(jax.nn, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
