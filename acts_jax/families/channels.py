"""Functions that change how many channels there are: the maximum of groups, and two signs side by side."""

import jax.numpy as jnp
from jax import lax

from .._axis import axis_function
from .exponentials import elu
from .rectifiers import relu


@axis_function()
def maxout(x, size=2, axis=-1):
    (axis,) = axis
    if not hasattr(size, "__index__") or size < 1 or x.shape[axis] % size:
        raise ValueError(f"maxout: size is {size!r}; it must be an integer that divides the axis, of {x.shape[axis]}")
    groups = x.reshape(*x.shape[:axis], x.shape[axis] // size, size, *x.shape[axis + 1 :])
    y, *others = (lax.index_in_dim(groups, i, axis + 1, keepdims=False) for i in range(size))
    for other in others:
        y = jnp.where((other > y) | jnp.isnan(other), other, y)  # the first maximum, and NaN
    return y


def both_signs(x, axis):
    return jnp.concatenate([x, -x], *axis)


@axis_function()
def crelu(x, axis=-1):
    return relu(both_signs(x, axis))


@axis_function()
def concat_elu(x, alpha=1.0, axis=-1):
    return elu(both_signs(x, axis), alpha)
