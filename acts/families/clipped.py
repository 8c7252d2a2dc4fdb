"""Clipped: flat on the right, or on both sides, and something else in between."""

import numpy as np

from .._registry import activation, derivative_from_output_of, derivative_of, partial_of, second_derivative_of
from .._special import finite, indicator, negative_part, positive_part, times, zero
from .._special import step as _step
from .self_gated import d2_gelu, d_gelu, gelu
from .sigmoids import d2_tanh, d_tanh


@activation(kinks=("0",), paper="numpy.heaviside, NumPy documentation", aliases=("heaviside", "binary_step"))
def step(x):
    """step(x) = 1 if x > 0 else 0

    The threshold unit: numpy.heaviside(x, 0). 0 belongs to the left piece, as at every threshold here; mlx.nn.step
    is 1 there. Its derivative is 0, so that nothing is learned through it.

    >>> acts.step([-1.0, 0.0, 2.0])
    array([0., 0., 1.])
    """
    return _step(x)


@derivative_of(step)
def d_step(x):
    return zero(x)


@second_derivative_of(step)
def d2_step(x):
    return zero(x)


@derivative_from_output_of(step)
def d_step_from_output(y):
    return zero(y)


@activation(
    kinks=("0", "n"),
    paper="Pishchik, 'Trainable Activations for Image Classification', 2023, preprints.org 202301.0463",
    aliases=("relu_n", "clipped_relu"),
    domain="n > 0",
)
def relun(x, n=1.0):
    """relun(x, n) = min(n, max(0, x))

    relu with a ceiling n, which may be learned; relu6 is relun(x, 6).

    >>> acts.relun([-1.0, 0.5, 8.0])
    array([0. , 0.5, 1. ])
    """
    return x.clip(0, n)


def _between(x, low, high):
    """1 where low < x < high, else 0; high = inf is below nothing."""
    return indicator((low < x) & (finite(x) < high), x)


@derivative_of(relun)
def d_relun(x, n):
    return _between(x, 0, n)


@second_derivative_of(relun)
def d2_relun(x, n):
    return zero(x)


@partial_of(relun, "n")
def d_relun_n(x, n):
    return indicator(finite(x) >= n, x)


@activation(
    kinks=("threshold", "max_value"),
    paper="keras.activations.relu, Keras documentation",
    domain="threshold < max_value",
)
def general_relu(x, negative_slope=0.0, max_value=np.inf, threshold=0.0):
    """general_relu(x, negative_slope, max_value, threshold) = min(max_value, x) if x > threshold else negative_slope * (x - threshold)

    relu with the three arguments of Keras: a line up to a threshold, at which it may jump, x from there to a ceiling.
    In Keras max_value=None is the inf of here; a max_value below the threshold is an error here, and unspecified there.

    >>> acts.general_relu([-1.0, 3.0, 8.0], negative_slope=0.1, max_value=6.0)
    array([-0.1,  3. ,  6. ])
    """  # noqa: E501
    return np.where(x > threshold, np.minimum(x, max_value), times(negative_slope, x - threshold))


@derivative_of(general_relu)
def d_general_relu(x, negative_slope, max_value, threshold):
    return _between(x, threshold, max_value) + negative_slope * (x <= threshold)


@second_derivative_of(general_relu)
def d2_general_relu(x, negative_slope, max_value, threshold):
    return zero(x)


@partial_of(general_relu, "negative_slope")
def d_general_relu_negative_slope(x, negative_slope, max_value, threshold):
    return negative_part(x - threshold)


@partial_of(general_relu, "max_value")
def d_general_relu_max_value(x, negative_slope, max_value, threshold):
    return indicator(finite(x) >= max_value, x)


@partial_of(general_relu, "threshold")
def d_general_relu_threshold(x, negative_slope, max_value, threshold):
    return -negative_slope * indicator(x <= threshold, x)


@activation(
    kinks=("10",),
    paper="Wu, Judd, Zhang, Isaev, Micikevicius, 'Integer Quantization for Deep Learning Inference: Principles and "
    "Empirical Evaluation', 2020, arXiv:2004.09602",
    aliases=("gelu_10",),
)
def clipped_gelu(x):
    """clipped_gelu(x) = x * ncdf(x) if x < 10 else 10

    gelu with the ceiling 10, so that its few negative values keep some of the levels of an 8-bit integer. The lower
    limit -10 of transformers' gelu_10 is never reached.

    >>> acts.clipped_gelu([-10.0, 0.0, 30.0])
    array([-7.61985302e-23,  0.00000000e+00,  1.00000000e+01])
    """
    return gelu.formula(x).clip(-1, 10)


@derivative_of(clipped_gelu)
def d_clipped_gelu(x):
    return d_gelu(x) * (x < 10)


@second_derivative_of(clipped_gelu)
def d2_clipped_gelu(x):
    return d2_gelu(x) * (x < 10)


@activation(kinks=("0",), paper="ND4J, RectifiedTanh; Deeplearning4j, Activation.RECTIFIEDTANH")
def rectified_tanh(x):
    """rectified_tanh(x) = max(0, tanh(x))

    The right half of tanh: relu that saturates smoothly at 1.

    >>> acts.rectified_tanh([-1.0, 0.0, 1000.0])
    array([0., 0., 1.])
    """
    return np.tanh(positive_part(x))


@derivative_of(rectified_tanh)
def d_rectified_tanh(x):
    return d_tanh(x) * _step(x)


@second_derivative_of(rectified_tanh)
def d2_rectified_tanh(x):
    return d2_tanh(x) * _step(x)
