"""Rectifiers: piecewise linear around a threshold, and the square of one."""

import numpy as np

from .._registry import activation, derivative_from_output_of, derivative_of, partial_of, second_derivative_of
from .._special import indicator, is_gentle, negative_part, positive_part, step, times, zero

HE_2015 = (
    "He, Zhang, Ren, Sun, 'Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet "
    "Classification', 2015, arXiv:1502.01852"
)


@activation(paper="torch.nn.Identity, PyTorch documentation", aliases=("linear",))
def identity(x):
    """identity(x) = x

    The activation of a linear layer, for places where a function must be named.

    >>> acts.identity([-1.0, 2.0])
    array([-1.,  2.])
    """
    return 1 * x


@derivative_of(identity)
def d_identity(x):
    return x.clip(1, 1)  # NaN stays NaN


@second_derivative_of(identity)
def d2_identity(x):
    return zero(x)


@activation(
    kinks=("0",), paper="Nair, Hinton, 'Rectified Linear Units Improve Restricted Boltzmann Machines', ICML 2010"
)
def relu(x):
    """relu(x) = max(0, x)

    The rectified linear unit: cheap, sparse (exact zeros), and the default of convolutional networks.
    A unit whose input stays negative has gradient 0 and stops learning.

    >>> acts.relu([-1.0, 0.0, 2.0])
    array([0., 0., 2.])
    >>> acts.relu.derivative([-1.0, 0.0, 2.0])
    array([0., 0., 1.])
    """
    return positive_part(x)


@derivative_of(relu)
def d_relu(x):
    return step(x)


@second_derivative_of(relu)
def d2_relu(x):
    return zero(x)


@derivative_from_output_of(relu)
def d_relu_from_output(y):
    return step(y)


@activation(
    kinks=("0", "6"), paper="Krizhevsky, 'Convolutional Deep Belief Networks on CIFAR-10', 2010", aliases=("relu_6",)
)
def relu6(x):
    """relu6(x) = min(6, max(0, x))

    relu with a ceiling: the range of the output is known beforehand, as low-precision arithmetic wants it.

    >>> acts.relu6([-1.0, 3.0, 8.0])
    array([0., 3., 6.])
    """
    return x.clip(0, 6)


@derivative_of(relu6)
def d_relu6(x):
    return indicator((x > 0) & (x < 6), x)


@second_derivative_of(relu6)
def d2_relu6(x):
    return zero(x)


@derivative_from_output_of(relu6)
def d_relu6_from_output(y):
    return d_relu6(y)


@activation(
    kinks=("0",),
    paper="Maas, Hannun, Ng, 'Rectifier Nonlinearities Improve Neural Network Acoustic Models', ICML 2013",
)
def leaky_relu(x, negative_slope=0.01):
    """leaky_relu(x, negative_slope) = x if x > 0 else negative_slope * x

    relu that leaks: a negative input keeps a small gradient, so that no unit dies. Any real slope is
    right, also a negative one or one above 1, where the form max(x, slope * x) is not.

    >>> acts.leaky_relu([2.0, -4.0], 0.4)
    array([ 2. , -1.6])
    """
    return _with_slope(negative_slope, x)


def _with_slope(slope, x):
    if is_gentle(slope):
        return np.maximum(x, slope * x)
    return np.where(x > 0, x, times(slope, x))


@derivative_of(leaky_relu)
def d_leaky_relu(x, negative_slope):
    s = step(x)
    if is_gentle(negative_slope):
        return s.clip(negative_slope, 1)
    return s + negative_slope * (1 - s)


@second_derivative_of(leaky_relu)
def d2_leaky_relu(x, negative_slope):
    return zero(x)


@partial_of(leaky_relu, "negative_slope")
def d_leaky_relu_negative_slope(x, negative_slope):
    return negative_part(x)


@derivative_from_output_of(leaky_relu, domain="negative_slope > 0")
def d_leaky_relu_from_output(y, negative_slope):
    return d_leaky_relu(y, negative_slope)


@activation(kinks=("0",), paper=HE_2015)
def prelu(x, alpha, axis=None):
    """prelu(x, alpha) = x if x > 0 else alpha * x

    leaky_relu whose slope is learned, one for all or one per channel. alpha of size 1 is shared, on any
    rank. alpha of shape (C,) belongs to the C channels on `axis`: axis=1 as in torch, axis=-1 for channels
    last; for x of rank 1 or 2 the default is the last axis, beyond that the axis must be given.

    >>> acts.prelu([[-1.0, 2.0], [3.0, -4.0]], [0.25, 0.5])
    array([[-0.25,  2.  ],
           [ 3.  , -2.  ]])
    >>> acts.prelu.vjp([[-1.0, 2.0], [3.0, -4.0]], [[1.0, 1.0], [1.0, 1.0]], np.array([0.25, 0.5]))[1]
    array([-1., -4.])
    """
    return _with_slope(alpha, x)


@derivative_of(prelu)
def d_prelu(x, alpha):
    return d_leaky_relu(x, alpha)


@second_derivative_of(prelu)
def d2_prelu(x, alpha):
    return zero(x)


@partial_of(prelu, "alpha")
def d_prelu_alpha(x, alpha):
    return negative_part(x)


@activation(kinks=("threshold",), paper="torch.nn.Threshold, PyTorch documentation")
def threshold(x, threshold, value):
    """threshold(x, threshold, value) = x if x > threshold else value

    x above the threshold, a constant up to it. threshold(x, 0, 0) is relu.

    >>> acts.threshold([0.5, 1.5], 1.0, -7.0)
    array([-7. ,  1.5])
    """
    return np.where(x <= threshold, value, x)


@derivative_of(threshold)
def d_threshold(x, threshold, value):
    return indicator(x > threshold, x)


@second_derivative_of(threshold)
def d2_threshold(x, threshold, value):
    return zero(x)


@partial_of(threshold, "threshold")
def d_threshold_threshold(x, threshold, value):
    return zero(x)


@partial_of(threshold, "value")
def d_threshold_value(x, threshold, value):
    return indicator(x <= threshold, x)


@activation(
    kinks=("theta",),
    paper="Konda, Memisevic, Krueger, 'Zero-bias autoencoders and the benefits of co-adapting features', 2014, "
    "arXiv:1402.3337",
    aliases=("trelu", "threshold_relu"),
)
def thresholded_relu(x, theta=1.0):
    """thresholded_relu(x, theta) = x if x > theta else 0

    Silent up to theta, then the input itself, with a jump: sparser codes without a bias.

    >>> acts.thresholded_relu([0.5, 1.5])
    array([0. , 1.5])
    """
    return np.where(x <= theta, 0, x)


@derivative_of(thresholded_relu)
def d_thresholded_relu(x, theta):
    return indicator(x > theta, x)


@second_derivative_of(thresholded_relu)
def d2_thresholded_relu(x, theta):
    return zero(x)


@partial_of(thresholded_relu, "theta")
def d_thresholded_relu_theta(x, theta):
    return zero(x)


@activation(
    kinks=("0",),
    paper="So, Manke, Liu, Dai, Shazeer, Le, 'Primer: Searching for Efficient Transformers for Language Modeling', "
    "2021, arXiv:2109.08668",
    aliases=("relu2", "squared_relu"),
)
def relu_squared(x):
    """relu_squared(x) = max(0, x)**2

    The square of relu, found by search for the feed-forward layers of language models.

    >>> acts.relu_squared([-1.0, 3.0])
    array([0., 9.])
    """
    return np.square(positive_part(x))


@derivative_of(relu_squared)
def d_relu_squared(x):
    return 2 * positive_part(x)


@second_derivative_of(relu_squared)
def d2_relu_squared(x):
    return 2 * step(x)
