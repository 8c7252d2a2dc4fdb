"""Sparse: exactly 0 on the far left, then a line or a parabola, in place of sigmoid, softplus and mish."""

import numpy as np

from .._registry import activation, derivative_of, second_derivative_of
from .._special import indicator, zero

FENCHEL_YOUNG = "Blondel, Martins, Niculae, 'Learning with Fenchel-Young Losses', 2019, arXiv:1901.02324"


@activation(kinks=("-1", "1"), paper=FENCHEL_YOUNG + ", in the form of jax.nn.sparse_sigmoid")
def sparse_sigmoid(x):
    """sparse_sigmoid(x) = max(0, min(1, (x + 1) / 2))

    sigmoid in three straight pieces, the derivative of sparse_plus: hard_sigmoid with slope 1/2.

    >>> acts.sparse_sigmoid([-2.0, 0.0, 0.5, 2.0])
    array([0.  , 0.5 , 0.75, 1.  ])
    """
    return (x.clip(-1, 1) + 1) / 2


@derivative_of(sparse_sigmoid)
def d_sparse_sigmoid(x):
    return indicator(np.abs(x) < 1, x) / 2


@second_derivative_of(sparse_sigmoid)
def d2_sparse_sigmoid(x):
    return zero(x)


@activation(kinks=("-1", "1"), paper=FENCHEL_YOUNG + ", in the form of jax.nn.sparse_plus")
def sparse_plus(x):
    """sparse_plus(x) = 0 if x <= -1 else x if x >= 1 else (x + 1)**2 / 4

    softplus in three pieces, which sparse_sigmoid is the derivative of: 0, a parabola, x.

    >>> acts.sparse_plus([-2.0, 0.0, 2.0])
    array([0.  , 0.25, 2.  ])
    """
    return np.maximum(x, np.square((x.clip(-1, 1) + 1) / 2))


@derivative_of(sparse_plus)
def d_sparse_plus(x):
    return (x.clip(-1, 1) + 1) / 2


@second_derivative_of(sparse_plus)
def d2_sparse_plus(x):
    return indicator(np.abs(x) < 1, x) / 2


@activation(kinks=("-2", "0"), paper="Misra, github.com/digantamisra98/H-Mish")
def hard_mish(x):
    """hard_mish(x) = x / 2 * max(0, min(2, x + 2))

    mish in three pieces, cheap and without an exponential: 0, a parabola, x.

    >>> acts.hard_mish([-3.0, -1.0, 0.0, 4.0])
    array([-0. , -0.5,  0. ,  4. ])
    """
    return x.clip(-2, np.inf) * ((x + 2).clip(0, 2) / 2)


@derivative_of(hard_mish)
def d_hard_mish(x):
    return x.clip(-2, 0) + 1 + (x <= -2)


@second_derivative_of(hard_mish)
def d2_hard_mish(x):
    return indicator((x > -2) & (x < 0), x)
