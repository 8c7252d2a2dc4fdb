"""The functions as papers and tutorials print them, in NumPy: what acts is measured against, not what to copy.

Each line takes x and an array `out` that it may use for its last operation; backward lines take the cotangent g, too.
Their tails are often wrong (docs/numerics.md), x * x * x is used in place of x**3, which takes 50 times as long.
"""

import numpy as np

try:
    from scipy.special import erf
except ImportError:  # without scipy the lines for gelu are left out
    erf = None

SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772
ROOT_2, ROOT_2_OVER_PI, ROOT_2_PI = 2**0.5, (2 / np.pi) ** 0.5, (2 * np.pi) ** 0.5


def _d_gelu(x):
    return 0.5 * (1 + erf(x / ROOT_2)) + x * np.exp(-0.5 * x * x) / ROOT_2_PI


def _tanh_of_cubic(x):
    return np.tanh(ROOT_2_OVER_PI * (x + 0.044715 * x * x * x))


def _d_gelu_tanh(x):
    t = _tanh_of_cubic(x)
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * ROOT_2_OVER_PI * (1 + 3 * 0.044715 * x * x)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _d_swish(x, beta):
    s = _sigmoid(beta * x)
    return s + beta * x * s * (1 - s)


def _d_mish(x):
    t, s = np.tanh(np.log1p(np.exp(x))), _sigmoid(x)
    return t + x * s * (1 - t * t)


def _d_sigmoid(x):
    s = _sigmoid(x)
    return s * (1 - s)


def _d_tanh(x):
    t = np.tanh(x)
    return 1 - t * t


FORWARD = {
    "identity": lambda x, out: np.positive(x, out=out),
    "relu": lambda x, out: np.maximum(x, 0, out=out),
    "relu6": lambda x, out: np.minimum(np.maximum(x, 0), 6, out=out),
    "leaky_relu": lambda x, out: np.where(x > 0, x, 0.01 * x),
    "prelu": lambda x, out: np.where(x > 0, x, 0.25 * x),
    "threshold": lambda x, out: np.where(x > 0.25, x, 0.5),
    "thresholded_relu": lambda x, out: np.where(x > 1, x, 0),
    "relu_squared": lambda x, out: np.square(np.maximum(x, 0), out=out),
    "softplus": lambda x, out: np.log(1 + np.exp(x), out=out),
    "squareplus": lambda x, out: np.multiply(x + np.sqrt(x * x + 4), 0.5, out=out),
    "elu": lambda x, out: np.where(x > 0, x, np.exp(x) - 1),
    "selu": lambda x, out: np.multiply(SCALE, np.where(x > 0, x, ALPHA * (np.exp(x) - 1)), out=out),
    "celu": lambda x, out: np.where(x > 0, x, np.exp(x) - 1),
    "gelu": lambda x, out: np.multiply(0.5 * x, 1 + erf(x / ROOT_2), out=out),
    "gelu_tanh": lambda x, out: np.multiply(0.5 * x, 1 + _tanh_of_cubic(x), out=out),
    "quick_gelu": lambda x, out: np.divide(x, 1 + np.exp(-1.702 * x), out=out),
    "silu": lambda x, out: np.divide(x, 1 + np.exp(-x), out=out),
    "swish": lambda x, out: np.divide(x, 1 + np.exp(-x), out=out),
    "mish": lambda x, out: np.multiply(x, np.tanh(np.log1p(np.exp(x))), out=out),
    "hard_swish": lambda x, out: np.divide(x * np.minimum(np.maximum(x + 3, 0), 6), 6, out=out),
    "sigmoid": lambda x, out: np.divide(1, 1 + np.exp(-x), out=out),
    "hard_sigmoid": lambda x, out: np.divide(np.minimum(np.maximum(x + 3, 0), 6), 6, out=out),
    "log_sigmoid": lambda x, out: np.negative(np.log(1 + np.exp(-x)), out=out),
    "tanh": lambda x, out: np.tanh(x, out=out),
    "hard_tanh": lambda x, out: np.minimum(np.maximum(x, -1), 1, out=out),
    "softsign": lambda x, out: np.divide(x, 1 + np.abs(x), out=out),
    "hardshrink": lambda x, out: np.where(np.abs(x) > 0.5, x, 0),
    "softshrink": lambda x, out: np.multiply(np.sign(x), np.maximum(np.abs(x) - 0.5, 0), out=out),
    "tanhshrink": lambda x, out: np.subtract(x, np.tanh(x), out=out),
}

_SLOPE = {
    "identity": lambda x: 1,
    "relu": lambda x: np.where(x > 0, 1, 0),
    "relu6": lambda x: np.where((x > 0) & (x < 6), 1, 0),
    "leaky_relu": lambda x: np.where(x > 0, 1, 0.01),
    "prelu": lambda x: np.where(x > 0, 1, 0.25),
    "threshold": lambda x: np.where(x > 0.25, 1, 0),
    "thresholded_relu": lambda x: np.where(x > 1, 1, 0),
    "relu_squared": lambda x: 2 * np.maximum(x, 0),
    "softplus": _sigmoid,
    "squareplus": lambda x: 0.5 * (1 + x / np.sqrt(x * x + 4)),
    "elu": lambda x: np.where(x > 0, 1, np.exp(x)),
    "selu": lambda x: SCALE * np.where(x > 0, 1, ALPHA * np.exp(x)),
    "celu": lambda x: np.where(x > 0, 1, np.exp(x)),
    "gelu": _d_gelu,
    "gelu_tanh": _d_gelu_tanh,
    "quick_gelu": lambda x: _d_swish(x, 1.702),
    "silu": lambda x: _d_swish(x, 1),
    "swish": lambda x: _d_swish(x, 1),
    "mish": _d_mish,
    "hard_swish": lambda x: np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * x + 3) / 6)),
    "sigmoid": _d_sigmoid,
    "hard_sigmoid": lambda x: np.where((x > -3) & (x < 3), 1 / 6, 0),
    "log_sigmoid": lambda x: _sigmoid(-x),
    "tanh": _d_tanh,
    "hard_tanh": lambda x: np.where((x > -1) & (x < 1), 1, 0),
    "softsign": lambda x: 1 / np.square(1 + np.abs(x)),
    "hardshrink": lambda x: np.where(np.abs(x) > 0.5, 1, 0),
    "softshrink": lambda x: np.where(np.abs(x) > 0.5, 1, 0),
    "tanhshrink": lambda x: np.square(np.tanh(x)),
}


FUNCTIONS = {  # of a definition
    **{name: getattr(np, name) for name in ("exp", "log", "log1p", "tanh", "sqrt", "sin", "cos")},
    **{"max": np.maximum, "min": np.minimum, "erf": erf, "ncdf": lambda x: 0.5 * (1 + erf(x / ROOT_2))},
    **{"_choose": np.where, "_log1p": np.log1p, "_expm1": np.expm1},
    **{"_softplus": lambda x: np.log1p(np.exp(x)), "_log_add": lambda a, x: np.log(a + np.exp(x))},
}


def backward(name):
    """The cotangent times the slope; np.where's integers and float64 numbers are brought to x's type first."""
    slope = _SLOPE[name]
    return lambda x, g, out: np.multiply(g, _in_type_of(x, slope(x)), out=out)


def _in_type_of(x, slope):
    return slope if isinstance(slope, int) else slope.astype(x.dtype, copy=False)


LACKING = {"gelu"} if erf is None else set()
NAMES = [name for name in FORWARD if name not in LACKING]
