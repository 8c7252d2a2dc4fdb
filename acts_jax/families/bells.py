"""Bells: the shape of the normal density, and its integral, a sigmoid."""

import math

import jax.numpy as jnp

from .._functions import activation
from .._registry import derivative_of, partial_of, second_derivative_of
from .._special import mills, standard_score, times_bell, where

SQRT_2_PI = math.sqrt(2 * math.pi)


def _score(x, mu, sigma):
    """z = (x - mu) / sigma, as far as the bell is not 0, and what its rounding took."""
    z, low = standard_score(x, mu, sigma)
    return jnp.clip(z, -40, 40), low


@activation()
def gaussian(x, sigma=1.0):
    return times_bell(1, *_score(x, 0.0, sigma))


@derivative_of(gaussian)
def d_gaussian(x, sigma):
    z, low = _score(x, 0.0, sigma)
    return times_bell(-z / sigma, z, low)


@second_derivative_of(gaussian)
def d2_gaussian(x, sigma):
    z, low = _score(x, 0.0, sigma)
    return times_bell((z - 1) * (z + 1) / sigma / sigma, z, low)


@partial_of(gaussian, "sigma")
def d_gaussian_sigma(x, sigma):
    z, low = _score(x, 0.0, sigma)
    return times_bell(z * (z / sigma), z, low)


@activation()
def laplace(x, mu=0.707107, sigma=0.282095):
    z, low = _score(x, mu, sigma)
    left = times_bell(mills(jnp.abs(z)) / SQRT_2_PI, z, low)
    return where(z < 0, left, 1 - left)


@derivative_of(laplace)
def d_laplace(x, mu, sigma):
    return times_bell(1 / SQRT_2_PI / sigma, *_score(x, mu, sigma))


@second_derivative_of(laplace)
def d2_laplace(x, mu, sigma):
    z, low = _score(x, mu, sigma)
    return times_bell(-z / SQRT_2_PI / sigma / sigma, z, low)


@partial_of(laplace, "mu")
def d_laplace_mu(x, mu, sigma):
    return -d_laplace(x, mu, sigma)


@partial_of(laplace, "sigma")
def d_laplace_sigma(x, mu, sigma):
    z, low = _score(x, mu, sigma)
    return times_bell(-z / SQRT_2_PI / sigma, z, low)
