"""Sigmoids: bounded, S-shaped, saturating at both ends; and the logarithm of one."""

import numpy as np

from .._registry import activation, derivative_from_output_of, derivative_of, partial_of, second_derivative_of
from .._special import finite, indicator, zero


@activation(paper="torch.nn.Sigmoid, PyTorch documentation", aliases=("logistic", "expit"))
def sigmoid(x):
    """sigmoid(x) = 1 / (1 + exp(-x))

    The logistic function: a probability from a log-odds; gates. As a hidden unit it saturates.

    >>> acts.sigmoid([-1000.0, 0.0, 1000.0])
    array([0. , 0.5, 1. ])
    >>> print(f"{acts.sigmoid.derivative(40.0):.4g}")  # s * (1 - s) would be 0
    4.248e-18
    """
    return 1 / (1 + np.exp(-x))


@derivative_of(sigmoid)
def d_sigmoid(x):
    e = np.exp(-np.abs(x))
    return e / np.square(1 + e)  # not s * (1 - s): 1 - s is 0 from x = 37 on


@second_derivative_of(sigmoid)
def d2_sigmoid(x):
    return -d_sigmoid(x) * np.tanh(x / 2)


@derivative_from_output_of(sigmoid)
def d_sigmoid_from_output(y):
    return y * (1 - y)  # 1 - y loses the right tail


@activation(
    kinks=("-offset / slope", "(1 - offset) / slope"),
    paper="Howard, Sandler et al., 'Searching for MobileNetV3', 2019, arXiv:1905.02244, for relu6(x + 3) / 6",
    aliases=("hsigmoid",),
    domain="slope != 0",
    wide="(slope != 1 / 6) | (offset != 0.5)",
)
def hard_sigmoid(x, slope=1 / 6, offset=0.5):
    """hard_sigmoid(x, slope, offset) = max(0, min(1, slope * x + offset))

    sigmoid in three straight pieces. slope is 1/6 in torch, jax and Keras 3; it was 0.2 in Keras 2 and is in ONNX.

    >>> acts.hard_sigmoid([-3.0, 0.0, 1.5, 3.0])
    array([0.  , 0.5 , 0.75, 1.  ])
    """
    return (slope * (x + offset / slope)).clip(0, 1)  # x + 3 is exact next to the lower knee, x / 6 + 0.5 is not


def _inside(x, slope, offset):
    """Strictly between the knees: x is compared with them, since slope * x + offset has already been rounded."""
    lower, upper = -offset / slope, (1 - offset) / slope
    return (np.minimum(lower, upper) < x) & (x < np.maximum(lower, upper))


@derivative_of(hard_sigmoid)
def d_hard_sigmoid(x, slope, offset):
    return slope * indicator(_inside(x, slope, offset), x)


@second_derivative_of(hard_sigmoid)
def d2_hard_sigmoid(x, slope, offset):
    return zero(x)


@partial_of(hard_sigmoid, "slope")
def d_hard_sigmoid_slope(x, slope, offset):
    return np.where(_inside(x, slope, offset) | np.isnan(x), x, 0)


@partial_of(hard_sigmoid, "offset")
def d_hard_sigmoid_offset(x, slope, offset):
    return indicator(_inside(x, slope, offset), x)


@activation(paper="torch.nn.LogSigmoid, PyTorch documentation", aliases=("logsigmoid", "log_expit"))
def log_sigmoid(x):
    """log_sigmoid(x) = -log(1 + exp(-x))

    The logarithm of sigmoid, for log-likelihoods: linear on the left, where log(sigmoid(x)) would be -inf.

    >>> acts.log_sigmoid([-1000.0, 0.0])
    array([-1.00000000e+03, -6.93147181e-01])
    """
    return np.minimum(x, -np.log1p(np.exp((-x).clip(-np.inf, 60))))


@derivative_of(log_sigmoid)
def d_log_sigmoid(x):
    return 1 / (1 + np.exp(x))


@second_derivative_of(log_sigmoid)
def d2_log_sigmoid(x):
    return -d_sigmoid(x)


@activation(paper="torch.nn.Tanh, PyTorch documentation")
def tanh(x):
    """tanh(x) = tanh(x)

    The hyperbolic tangent: a sigmoid centred at 0, between -1 and 1.

    >>> acts.tanh([-1000.0, 0.0, 1000.0])
    array([-1.,  0.,  1.])
    """
    return np.tanh(x)


@derivative_of(tanh)
def d_tanh(x):
    e = np.exp(-2 * np.abs(x))
    return e / np.square(0.5 + 0.5 * e)  # not 1 - tanh(x)**2, which is 0 from x = 19 on


@second_derivative_of(tanh)
def d2_tanh(x):
    return -2 * np.tanh(x) * d_tanh(x)


@derivative_from_output_of(tanh)
def d_tanh_from_output(y):
    return (1 - y) * (1 + y)  # 1 - |y| loses both tails


@activation(
    kinks=("min_val", "max_val"),
    paper="torch.nn.Hardtanh, PyTorch documentation",
    domain="min_val < max_val",
)
def hard_tanh(x, min_val=-1.0, max_val=1.0):
    """hard_tanh(x, min_val, max_val) = max(min_val, min(max_val, x))

    tanh in three straight pieces: x, clipped.

    >>> acts.hard_tanh([-2.0, 0.5, 2.0])
    array([-1. ,  0.5,  1. ])
    """
    return x.clip(min_val, max_val)


@derivative_of(hard_tanh)
def d_hard_tanh(x, min_val, max_val):
    return indicator((min_val < x) & (x < max_val), x)


@second_derivative_of(hard_tanh)
def d2_hard_tanh(x, min_val, max_val):
    return zero(x)


@partial_of(hard_tanh, "min_val")
def d_hard_tanh_min_val(x, min_val, max_val):
    return indicator(x <= min_val, x)


@partial_of(hard_tanh, "max_val")
def d_hard_tanh_max_val(x, min_val, max_val):
    return indicator(x >= max_val, x)


@activation(
    kinks=("0",),
    paper="Glorot, Bengio, 'Understanding the difficulty of training deep feedforward neural networks', AISTATS 2010",
    aliases=("soft_sign",),
)
def softsign(x):
    """softsign(x) = x / (1 + abs(x))

    A sigmoid with algebraic tails: it saturates far more slowly than tanh.

    >>> acts.softsign([-3.0, 0.0, np.inf])
    array([-0.75,  0.  ,  1.  ])
    """
    x = finite(x)
    return x / (1 + np.abs(x))


@derivative_of(softsign)
def d_softsign(x):
    r = 1 / (1 + np.abs(x))
    return r * r


@second_derivative_of(softsign)
def d2_softsign(x):
    r = 1 / (1 + np.abs(x))
    return -2 * np.sign(x) * r * r * r
