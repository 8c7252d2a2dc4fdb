"""The exponential; and exponential units: the identity on the right, an exponential that saturates on the left."""

import numpy as np

from .._registry import activation, derivative_from_output_of, derivative_of, partial_of, second_derivative_of
from .._special import finite, is_gentle, is_number, lambert, negative_part, positive_part, quotient, step

SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717


@activation(
    kinks=("0",),
    paper="Clevert, Unterthiner, Hochreiter, 'Fast and Accurate Deep Network Learning by Exponential Linear Units "
    "(ELUs)', 2015, arXiv:1511.07289",
)
def elu(x, alpha=1.0):
    """elu(x, alpha) = x if x > 0 else alpha * (exp(x) - 1)

    Exponential linear unit: negative outputs pull the mean activation towards 0, and saturate at -alpha.

    >>> acts.elu([-1000.0, 0.0, 2.0])
    array([-1.,  0.,  2.])
    >>> acts.elu.derivative(0.0, alpha=0.5)
    np.float64(0.5)
    """
    left = alpha * np.expm1(negative_part(x))
    return np.maximum(x, left) if is_gentle(alpha) else positive_part(x) + left


@derivative_of(elu)
def d_elu(x, alpha):
    e = np.exp(negative_part(x))  # not elu + alpha: expm1 + 1 loses the tail
    if is_number(alpha, 1):
        return e
    s = np.ceil(x.clip(-0.0, 1))  # as step; -0.0 lets the limit at -inf keep its sign
    return s + alpha * (e - s)


@second_derivative_of(elu)
def d2_elu(x, alpha):
    return alpha * (np.exp(negative_part(x)) - step(x))


@partial_of(elu, "alpha")
def d_elu_alpha(x, alpha):
    return np.expm1(negative_part(x))


@derivative_from_output_of(elu, domain="alpha > 0")
def d_elu_from_output(y, alpha):
    return np.where(y > 0, 1, y + alpha)


@activation(
    kinks=("0",),
    paper="Klambauer, Unterthiner, Mayr, Hochreiter, 'Self-Normalizing Neural Networks', 2017, arXiv:1706.02515",
)
def selu(x):
    """selu(x) = SELU_SCALE * (x if x > 0 else SELU_ALPHA * (exp(x) - 1))

    Self-normalising elu: with these two constants, mean 0 and variance 1 are a fixed point that the
    activations of a deep plain network return to, given weights of variance 1 / fan-in.

    >>> acts.selu([-1000.0, 1.0])
    array([-1.75809934,  1.05070099])
    """
    return SELU_SCALE * positive_part(x) + SELU_SCALE * SELU_ALPHA * np.expm1(negative_part(x))


@derivative_of(selu)
def d_selu(x):
    s = step(x)
    return SELU_SCALE * s + SELU_SCALE * SELU_ALPHA * (np.exp(negative_part(x)) - s)


@second_derivative_of(selu)
def d2_selu(x):
    return d2_elu(x, SELU_SCALE * SELU_ALPHA)


@derivative_from_output_of(selu)
def d_selu_from_output(y):
    return np.where(y > 0, SELU_SCALE, y + SELU_SCALE * SELU_ALPHA)


@activation(
    kinks=("0",),
    paper="Barron, 'Continuously Differentiable Exponential Linear Units', 2017, arXiv:1704.07483",
    domain="alpha != 0",
    wide="alpha != 1",
)
def celu(x, alpha=1.0):
    """celu(x, alpha) = x if x > 0 else alpha * (exp(x / alpha) - 1)

    elu with slope 1 at 0 for every alpha, and so a continuous derivative.

    >>> acts.celu([-1000.0, 2.0], alpha=3.0)
    array([-3.,  2.])
    """
    if is_number(alpha, 1):
        return elu.formula(x, alpha)
    u, low = quotient(negative_part(x), alpha)
    e, h = np.expm1(u), np.exp(u / 2)
    near = alpha * (e * (1 + low) + low)  # alpha expm1(u + low), since exp(u) = e + 1
    far = alpha * h * h * (1 + low) - alpha  # for alpha < 0: exp(u) may overflow where the result does not
    return np.where(x > 0, x, np.where(u > 700, far, near))


@derivative_of(celu)
def d_celu(x, alpha):
    if is_number(alpha, 1):
        return d_elu(x, alpha)
    u, low = quotient(negative_part(x), alpha)
    return np.where(x > 0, 1, np.exp(u) * (1 + low))


@second_derivative_of(celu)
def d2_celu(x, alpha):
    if is_number(alpha, 1):
        return d2_elu(x, alpha)
    u, low = quotient(negative_part(x), alpha)
    h = np.exp(u / 2)
    return np.where(x > 0, 0, h / alpha * h * (1 + low))


@partial_of(celu, "alpha")
def d_celu_alpha(x, alpha):
    u, low = (negative_part(x), 0) if is_number(alpha, 1) else quotient(negative_part(x), alpha)
    s, d = lambert(u / 2)  # in them, (1 - u) exp(u) - 1 has no cancellation near 0
    left = np.expm1(u) - finite(u) * np.exp(u)
    right = (1 - u) * np.exp(u) * (1 + low) - 1
    return np.where(np.abs(u) < 1, -u * (s + u / 2 * d) / (d + s - u / 2 * d), np.where(u < 0, left, right))


@derivative_from_output_of(celu, domain="alpha > 0")
def d_celu_from_output(y, alpha):
    return np.where(y > 0, 1, y / alpha + 1)


@activation(paper="keras.activations.exponential, Keras documentation", aliases=("exp",))
def exponential(x):
    """exponential(x) = exp(x)

    A positive output from any input, such as a rate or a scale.

    >>> acts.exponential([-1000.0, 0.0, 1.0])
    array([0.        , 1.        , 2.71828183])
    """
    return np.exp(x)


@derivative_of(exponential)
def d_exponential(x):
    return np.exp(x)


@second_derivative_of(exponential)
def d2_exponential(x):
    return np.exp(x)


@derivative_from_output_of(exponential)
def d_exponential_from_output(y):
    return +y
