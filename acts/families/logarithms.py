"""Logarithms of exponentials: functions that overflow or cancel when they are computed as they are written."""

import numpy as np

from .._registry import activation, derivative_from_output_of, derivative_of, second_derivative_of
from .._special import finite
from .sigmoids import d_tanh

LOG_2, LOG_2_LOW = 0.6931471805599453, 2.3190468138462996e-17  # their sum is log(2)


@activation(paper="tfp.math.log_cosh, TensorFlow Probability documentation")
def logcosh(x):
    """logcosh(x) = log((exp(x) + exp(-x)) / 2)

    The integral of tanh: x**2 / 2 near 0, |x| - log(2) far out. A smooth absolute value, often a loss.

    >>> acts.logcosh([-1000.0, 0.0, 1.0])
    array([9.99306853e+02, 0.00000000e+00, 4.33780830e-01])
    >>> print(f"{acts.logcosh(1e-10):.4g}")  # log(cosh(x)) would be 0
    5e-21
    """
    t = np.abs(x)
    near = t.clip(0, 20)
    return np.log1p(2 * np.square(np.sinh(near / 2))) + (t - near)  # cosh(x) = 1 + 2 sinh(x / 2)**2


@derivative_of(logcosh)
def d_logcosh(x):
    return np.tanh(x)


@second_derivative_of(logcosh)
def d2_logcosh(x):
    return d_tanh(x)


def _not_negative(x):
    """x, with NaN for negative numbers and +0 for -0."""
    return np.where(x < 0, np.nan, np.abs(x))


@activation(
    kinks=("0",),
    paper="Maechler, 'Accurately Computing log(1 - exp(-|a|)), Assessed by the Rmpfr package', 2012; jax.nn.log1mexp",
    wide=True,
)
def log1mexp(x):
    """log1mexp(x) = log(1 - exp(-x)) if x >= 0 else nan

    The logarithm of a complementary probability, 1 - exp(-x) where the other's logarithm is -x. -inf at 0, and
    NaN for x < 0, where the logarithm is not defined.

    >>> acts.log1mexp([0.0, 0.1, 2.0])
    array([       -inf, -2.35216846, -0.14541346])
    >>> print(f"{acts.log1mexp(50.0):.4g}")  # log(1 - exp(-50)) would be 0
    -1.929e-22
    """
    return np.where(x < 0.7, np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))


@derivative_of(log1mexp)
def d_log1mexp(x):
    return 1 / np.expm1(_not_negative(x))


@second_derivative_of(log1mexp)
def d2_log1mexp(x):
    return -np.square(0.5 / np.sinh(_not_negative(x) / 2))


@activation(
    kinks=("0",),
    paper="tfp.math.softplus_inverse, TensorFlow Probability documentation",
    aliases=("inv_softplus",),
    wide=True,
)
def softplus_inverse(x):
    """softplus_inverse(x) = log(exp(x) - 1) if x >= 0 else nan

    What softplus takes to x: for the raw value of a parameter that softplus keeps positive. -inf at 0, and
    NaN for x < 0, which softplus does not reach.

    >>> acts.softplus_inverse(acts.softplus([-20.0, 1.0, 20.0])).round(4)
    array([-20.,   1.,  20.])
    """
    near = x.clip(0.5, 40)
    right = np.log1p(2 * np.expm1((near - LOG_2) - LOG_2_LOW)) + (x - near)  # exp(x) - 1 = 1 + 2 (exp(x - log(2)) - 1)
    return np.where(x < 0.5, np.log(np.expm1(x)), right)


@derivative_of(softplus_inverse)
def d_softplus_inverse(x):
    return -1 / np.expm1(-_not_negative(x))


@second_derivative_of(softplus_inverse)
def d2_softplus_inverse(x):
    return d2_log1mexp(x)


@activation(paper="transformers, activations.py, sqrtsoftplus, as in DeepSeek-V4's router", wide=True)
def sqrt_softplus(x):
    """sqrt_softplus(x) = sqrt(log1p(exp(x)))

    The square root of softplus: scores for a router. Its left tail exp(x / 2) goes twice as far as softplus's.

    >>> print(*(f"{y:.4g}" for y in acts.sqrt_softplus([-150.0, 0.0, 100.0])))
    2.679e-33 0.8326 10
    """
    front, _, b = _parts(x)
    return front * np.sqrt(b)


def _parts(x):
    """(exp(x / 2), e, log(1 + e) / e) for x < 0, (1, e, softplus(x)) for x >= 0, where e = exp(-|x|)."""
    e = np.exp(-np.abs(x))
    gone = e == 0
    log = np.log1p(e)
    return np.exp(x.clip(-np.inf, 0) / 2), e, np.where(x < 0, (log + gone) / (e + gone), x + log)


@derivative_of(sqrt_softplus)
def d_sqrt_softplus(x):
    front, e, b = _parts(x)
    return front / (2 * (1 + e) * np.sqrt(b))


@second_derivative_of(sqrt_softplus)
def d2_sqrt_softplus(x):
    front, e, b = _parts(finite(x))
    bend = b * np.where(x < 0, 2, 2 * e) - 1
    return front * bend / (np.square(2 + 2 * e) * b * np.sqrt(b))


@derivative_from_output_of(sqrt_softplus)
def d_sqrt_softplus_from_output(y):
    return np.where(y < 1e-8, y / 2, -np.expm1(-y * y) / (2 * y))
