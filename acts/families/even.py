"""Even functions: the same on both sides."""

import numpy as np

from .._registry import activation, derivative_of, second_derivative_of
from .sigmoids import d_tanh


@activation(
    paper="Roy, Manna, Dubey, Chaudhuri, 'LiSHT: Non-Parametric Linearly Scaled Hyperbolic Tangent Activation Function "
    "for Neural Networks', 2019, arXiv:1901.05894"
)
def lisht(x):
    """lisht(x) = x * tanh(x)

    Nearly x**2 around 0, nearly abs(x) far out.

    >>> acts.lisht([-1000.0, 0.0, 1000.0])
    array([1000.,    0., 1000.])
    """
    return x * np.tanh(x)


@derivative_of(lisht)
def d_lisht(x):
    x = x.clip(-400, 400)  # where float32 and float64 have both long been ±1
    return np.tanh(x) + x * d_tanh(x)


@second_derivative_of(lisht)
def d2_lisht(x):
    x = x.clip(-400, 400)
    return 2 * d_tanh(x) * (1 - x * np.tanh(x))
