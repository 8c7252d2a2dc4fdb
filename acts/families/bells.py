"""Bells: the shape of the normal density, and its integral, a sigmoid."""

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import SQRT_2_PI, bell, inverse_mills, standard_score, step


def _score(x, mu, sigma):
    """z = (x - mu) / sigma, as far as the bell is not 0, and the bell exp(-z**2 / 2)."""
    z, low = standard_score(x, mu, sigma)
    z = z.clip(-39, 39)
    return z, bell(z) * (1 - z * low)


@activation(
    paper="Ramasinghe, Lucey, 'Beyond Periodicity: Towards a Unifying Framework for Activations in Coordinate-MLPs', "
    "2021, arXiv:2111.15135",
    domain="sigma > 0",
    wide=True,
)
def gaussian(x, sigma=1.0):
    """gaussian(x, sigma) = exp(-x**2 / (2 * sigma**2))

    A bell of height 1: for networks of coordinates, as an alternative to sines. sigma is its width.

    >>> print(*(f"{y:.4g}" for y in acts.gaussian([-10.0, 0.0, 1.0])))
    1.929e-22 1 0.6065
    """
    return _score(x, 0, sigma)[1]


@derivative_of(gaussian)
def d_gaussian(x, sigma):
    z, e = _score(x, 0, sigma)
    return -z * e / sigma


@second_derivative_of(gaussian)
def d2_gaussian(x, sigma):
    z, e = _score(x, 0, sigma)
    return (z - 1) * (z + 1) * e / sigma**2


@partial_of(gaussian, "sigma")
def d_gaussian_sigma(x, sigma):
    z, e = _score(x, 0, sigma)
    return z * z * e / sigma


@activation(
    paper="Ma, Zhou, Kong, He, Gui, Neubig, May, Zettlemoyer, 'Mega: Moving Average Equipped Gated Attention', 2022, "
    "arXiv:2209.10655; the defaults are those of transformers' LaplaceActivation",
    domain="sigma > 0",
    wide=True,
)
def laplace(x, mu=0.707107, sigma=0.282095):
    """laplace(x, mu, sigma) = ncdf((x - mu) / sigma)

    The normal distribution function, (1 + erf((x - mu) / (sigma sqrt(2)))) / 2: with these constants near
    relu(x)**2 at 1/sqrt(2), and bounded.

    >>> print(*(f"{y:.4g}" for y in acts.laplace([-2.0, 0.707107, 3.0])))  # with 1 + erf the first would be 0
    4.138e-22 0.5 1
    """
    z, e = _score(x, mu, sigma)
    left = e / inverse_mills(np.abs(z))
    return left + step(z) * (1 - 2 * left)


@derivative_of(laplace)
def d_laplace(x, mu, sigma):
    return _score(x, mu, sigma)[1] / (SQRT_2_PI * sigma)


@second_derivative_of(laplace)
def d2_laplace(x, mu, sigma):
    z, e = _score(x, mu, sigma)
    return -z * e / (SQRT_2_PI * sigma**2)


@partial_of(laplace, "mu")
def d_laplace_mu(x, mu, sigma):
    return -d_laplace(x, mu, sigma)


@partial_of(laplace, "sigma")
def d_laplace_sigma(x, mu, sigma):
    z, e = _score(x, mu, sigma)
    return -z * e / (SQRT_2_PI * sigma)
