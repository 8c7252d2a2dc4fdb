"""Powers: polynomials of relu, which grow faster than a line on the right and are constant on the left."""

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import finite, polynomial, positive_part, step, times


@activation(kinks=("0",), paper="praxis, layers/activations.py, CubedReLU")
def relu_cubed(x):
    """relu_cubed(x) = max(0, x)**3

    The cube of relu, with a continuous second derivative.

    >>> acts.relu_cubed([-1.0, 2.0])
    array([0., 8.])
    """
    p = positive_part(x)
    return p * p * p


@derivative_of(relu_cubed)
def d_relu_cubed(x):
    p = positive_part(x)
    return 3 * p * p


@second_derivative_of(relu_cubed)
def d2_relu_cubed(x):
    return 6 * positive_part(x)


@activation(
    kinks=("0",),
    paper="Yu, Si, Zhou, Luo, Zhou, Feng, Yan, Wang, 'MetaFormer Baselines for Vision', 2022, arXiv:2210.13452",
)
def star_relu(x, scale=0.8944, bias=-0.4472):
    """star_relu(x, scale, bias) = scale * max(0, x)**2 + bias

    relu_squared, scaled and shifted so that a standard normal input gives mean 0 and variance 1. Both numbers are
    learned in the paper; its code starts them at 1 and 0, not at these.

    >>> acts.star_relu([-1.0, 2.0], scale=1.0, bias=0.5)
    array([0.5, 4.5])
    """
    p = finite(positive_part(x))  # finite: scale = 0 makes it 0
    return scale * p * p + bias


@derivative_of(star_relu)
def d_star_relu(x, scale, bias):
    return times(2 * scale, positive_part(x))


@second_derivative_of(star_relu)
def d2_star_relu(x, scale, bias):
    return 2 * scale * step(x)


@partial_of(star_relu, "scale")
def d_star_relu_scale(x, scale, bias):
    return np.square(positive_part(x))


@partial_of(star_relu, "bias")
def d_star_relu_bias(x, scale, bias):
    return x.clip(1, 1)


@activation(
    kinks=("0",),
    paper="Zhuo, Wang, Zeng, Li, Zhou, Ma, 'Polynomial Composition Activations: Unleashing the Dynamics of Large "
    "Language Models', 2024, arXiv:2411.03884",
    wide="(a0 < 0) | (a1 < 0) | (a2 < 0) | (a3 < 0)",
)
def polyrelu(x, a0=0.0, a1=1 / 3, a2=1 / 3, a3=1 / 3):
    """polyrelu(x, a0, a1, a2, a3) = a0 + a1 * max(0, x) + a2 * max(0, x)**2 + a3 * max(0, x)**3

    A polynomial of relu whose coefficients are learned, here of the third degree, as in the paper.

    >>> acts.polyrelu([-1.0, 3.0])
    array([ 0., 13.])
    >>> acts.polyrelu([-1.0, 3.0], a0=1.0, a1=1.0, a2=0.0, a3=0.0)
    array([1., 4.])
    """
    return a0 + _times_polynomial(positive_part(x), a1, a2, a3)


def _times_polynomial(p, *coefficients):
    """p times a polynomial in p >= 0: at inf 0 if all of it is 0, else the infinity of its sign."""
    rest = polynomial(finite(p), coefficients)
    if any(map(np.ndim, coefficients)):
        return times(rest, p)
    return rest * p if any(coefficients) else rest


@derivative_of(polyrelu)
def d_polyrelu(x, a0, a1, a2, a3):
    return a1 * step(x) + _times_polynomial(positive_part(x), 2 * a2, 3 * a3)


@second_derivative_of(polyrelu)
def d2_polyrelu(x, a0, a1, a2, a3):
    return 2 * a2 * step(x) + times(6 * a3, positive_part(x))


@partial_of(polyrelu, "a0")
def d_polyrelu_a0(x, a0, a1, a2, a3):
    return x.clip(1, 1)


@partial_of(polyrelu, "a1")
def d_polyrelu_a1(x, a0, a1, a2, a3):
    return positive_part(x)


@partial_of(polyrelu, "a2")
def d_polyrelu_a2(x, a0, a1, a2, a3):
    return np.square(positive_part(x))


@partial_of(polyrelu, "a3")
def d_polyrelu_a3(x, a0, a1, a2, a3):
    return relu_cubed.formula(x)
