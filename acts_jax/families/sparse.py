"""Sparse: exactly 0 on the far left, then a line or a parabola, in place of sigmoid, softplus and mish."""

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_of, second_derivative_of
from .._special import where


def _ramp(x):
    return (jnp.clip(x, -1, 1) + 1) / 2


@activation()
def sparse_sigmoid(x):
    return _ramp(x)


@derivative_of(sparse_sigmoid)
def d_sparse_sigmoid(x):
    return where(jnp.abs(x) < 1, 0.5, 0.0)


@second_derivative_of(sparse_sigmoid)
def d2_sparse_sigmoid(x):
    return jnp.zeros_like(x)


@activation()
def sparse_plus(x):
    return jnp.maximum(x, jnp.square(_ramp(x)))


@derivative_of(sparse_plus, keeps_nan=True)
def d_sparse_plus(x):
    return _ramp(x)


@second_derivative_of(sparse_plus)
def d2_sparse_plus(x):
    return where(jnp.abs(x) < 1, 0.5, 0.0)


@activation()
def hard_mish(x):
    return jnp.maximum(x, -2) * (jnp.clip(x + 2, 0, 2) / 2)


@derivative_of(hard_mish, keeps_nan=True)
def d_hard_mish(x):
    return where(x <= -2, 0.0, where(x >= 0, 1.0, x + 1))


@second_derivative_of(hard_mish)
def d2_hard_mish(x):
    return where((x > -2) & (x < 0), 1.0, 0.0)
