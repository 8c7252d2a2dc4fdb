"""Gates: the input times a smooth step of itself, so that it is nearly 0 far left and nearly x far right."""

import numpy as np

from ._registry import activation, derivative_of, partial_of, second_derivative_of
from ._special import exp_pair, finite, mills, ncdf, npdf, product

GELU = "Hendrycks, Gimpel, 'Gaussian Error Linear Units (GELUs)', 2016, arXiv:1606.08415"
K, K_LOW = 1.5957691216057308, -9.96930880911092e-17  # their sum is 2 sqrt(2 / pi)


@activation(paper=GELU, aliases=("gelu_erf", "gelu_exact"), wide=True)
def gelu(x):
    """gelu(x) = x * ncdf(x)

    Gaussian error linear unit: x times the probability that a standard normal variable is below x.
    This is the exact form; jax.nn.gelu's default is gelu_tanh.

    >>> print(f"{acts.gelu(-10.0):.4g}")  # -10 * (1 + erf(-10 / sqrt(2))) / 2 would be 0
    -7.62e-23
    """
    return np.maximum(x, -40) * ncdf(x)  # ncdf(-40) is 0: a product of 0 and -inf would be NaN


@derivative_of(gelu)
def d_gelu(x):
    t = np.minimum(np.abs(x), 40)
    left = npdf(t) * (mills(t) - t)  # ncdf(x) + x npdf(x) for x < 0; the two sides add up to 1
    return np.where(x < 0, left, 1 - left)


@second_derivative_of(gelu)
def d2_gelu(x):
    x = np.clip(x, -40, 40)
    return npdf(x) * (2 - x * x)


# The others are x * sigmoid(v(x)), with p / q = exp(v): sigmoid(v) = p / (p + q). low is what v's rounding took.


def _gate(x, v, low=0):
    p, q = exp_pair(v, low)
    return np.where(v < 0, finite(x), x) * (p / (p + q))  # finite: the limit at -inf is 0, not inf * 0


def _d_gate(x, dv, v, low=0):
    p, q = exp_pair(v, low)
    return p * finite(p + q + finite(x) * q * dv) / (p + q) ** 2


def _d2_gate(x, dv, d2v, v, low=0):
    p, q = exp_pair(v, low)
    bend = dv * (2 - finite(x) * dv * ((p - q) / (p + q))) + finite(x) * d2v
    return p * q * finite(bend) / (p + q) ** 2


@activation(
    paper=GELU, aliases=("gelu_new", "gelu_accurate", "gelu_pytorch_tanh", "gelu_approx", "gelu_approximate"), wide=True
)
def gelu_tanh(x):
    """gelu_tanh(x) = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))

    The tanh approximation of gelu, up to 5e-4 away from it: the default of jax.nn.gelu.

    >>> print(f"{acts.gelu_tanh(-8.0):.4g}")  # 1 + tanh would be 0
    -3.108e-21
    """
    return _gate(x, *_twice_tanh_argument(x))  # (1 + tanh(u)) / 2 is sigmoid(2 u), without its cancellation


def _twice_tanh_argument(x):
    """(high, low) of 2 sqrt(2 / pi) (x + 0.044715 x**3): k x (1 + s), each rounding kept."""
    x = np.clip(x, -100, 100)  # saturated long before; the cube of a large x would overflow
    square, low = product(x, x)
    s, low_s = product(0.044715, square)
    kx, low_kx = product(K, x)
    w = 1 + s
    low_w = np.where(s < 1, (1 - w) + s, (s - w) + 1) + low_s + 0.044715 * low
    v, low_v = product(kx, w)
    return v, low_v + low_kx * w + kx * low_w + K_LOW * x * w


def _d_twice_tanh_argument(x):
    return K * (1 + 3 * 0.044715 * x * x)


def _d2_twice_tanh_argument(x):
    return K * 6 * 0.044715 * x


@derivative_of(gelu_tanh)
def d_gelu_tanh(x):
    x = np.clip(x, -100, 100)
    return _d_gate(x, _d_twice_tanh_argument(x), *_twice_tanh_argument(x))


@second_derivative_of(gelu_tanh)
def d2_gelu_tanh(x):
    x = np.clip(x, -100, 100)
    return _d2_gate(x, _d_twice_tanh_argument(x), _d2_twice_tanh_argument(x), *_twice_tanh_argument(x))


@activation(
    paper=GELU + ", in the form of github.com/hendrycks/GELUs",
    aliases=("gelu_quick", "qgelu", "approximate_gelu"),
    wide=True,
)
def quick_gelu(x):
    """quick_gelu(x) = x / (1 + exp(-1.702 * x))

    The sigmoid approximation of gelu, up to 2e-2 away from it: swish with beta = 1.702.

    >>> print(f"{acts.quick_gelu(1.0):.4g}")
    0.8458
    """
    return _gate(x, *product(1.702, x))


@derivative_of(quick_gelu)
def d_quick_gelu(x):
    return _d_gate(x, 1.702, *product(1.702, x))


@second_derivative_of(quick_gelu)
def d2_quick_gelu(x):
    return _d2_gate(x, 1.702, 0, *product(1.702, x))


@activation(
    paper="Elfwing, Uchibe, Doya, 'Sigmoid-Weighted Linear Units for Neural Network Function Approximation in "
    "Reinforcement Learning', 2017, arXiv:1702.03118",
)
def silu(x):
    """silu(x) = x / (1 + exp(-x))

    Sigmoid linear unit: x * sigmoid(x), self-gated, smooth, unbounded above. swish with beta = 1.

    >>> acts.silu([-np.inf, -1.0, 0.0, 1.0])
    array([-0.        , -0.26894142,  0.        ,  0.73105858])
    """
    return _gate(x, x)


@derivative_of(silu)
def d_silu(x):
    return _d_gate(x, 1, x)


@second_derivative_of(silu)
def d2_silu(x):
    return _d2_gate(x, 1, 0, x)


@activation(
    paper="Ramachandran, Zoph, Le, 'Searching for Activation Functions', 2017, arXiv:1710.05941",
    wide=True,
)
def swish(x, beta=1.0):
    """swish(x, beta) = x / (1 + exp(-beta * x))

    silu with a parameter for the sharpness of the gate, which may be learned: beta = 0 gives x / 2, a large
    beta nearly relu.

    >>> acts.swish([-1.0, 1.0], beta=0.0)
    array([-0.5,  0.5])
    """
    return _gate(x, *product(beta, finite(x)))


@derivative_of(swish)
def d_swish(x, beta):
    return _d_gate(x, beta, *product(beta, finite(x)))


@second_derivative_of(swish)
def d2_swish(x, beta):
    return _d2_gate(x, beta, 0, *product(beta, finite(x)))


@partial_of(swish, "beta")
def d_swish_beta(x, beta):
    x = finite(x)
    v, low = product(beta, x)
    p, q = exp_pair(v, low)
    h = np.exp(-np.abs(v) / 2) * (1 - np.sign(v) * low / 2)  # far out p * q = h**2 is subnormal before the result is
    return np.where(np.abs(v) < 600, p * q * x / (p + q) ** 2 * x, (h * x) ** 2)


@activation(
    paper="Misra, 'Mish: A Self Regularized Non-Monotonic Activation Function', 2019, arXiv:1908.08681",
    wide=True,
)
def mish(x):
    """mish(x) = x * tanh(log(1 + exp(x)))

    x * tanh(softplus(x)): close to silu, a little steeper.

    >>> acts.mish([-1.0, 0.0, 1.0])
    array([-0.30340146,  0.        ,  0.86509839])
    """
    p, q = exp_pair(x)  # with w = p / q = exp(x), tanh(softplus(x)) = w (w + 2) / (w (w + 2) + 2)
    return np.where(x < 0, finite(x), x) * p * (p + 2 * q) / (p * (p + 2 * q) + 2 * q * q)


@derivative_of(mish)
def d_mish(x):
    x = finite(x)
    p, q = exp_pair(x)
    d = p * (p + 2 * q) + 2 * q * q
    return p * finite((p + 2 * q) * d + 4 * q * q * (p + q) * x) / d**2


@second_derivative_of(mish)
def d2_mish(x):
    x = finite(x)
    p, q = exp_pair(x)
    d = p * (p + 2 * q) + 2 * q * q
    cubic = 2 * q**3 + 2 * p * q * q - 3 * p * p * q - 2 * p**3
    return 4 * p * q * q * finite(2 * (p + q) * d + x * cubic) / d**3


@activation(
    kinks=("-3", "3"),
    paper="Howard, Sandler et al., 'Searching for MobileNetV3', 2019, arXiv:1905.02244",
    aliases=("hard_silu", "hswish"),
)
def hard_swish(x):
    """hard_swish(x) = x * max(0, min(6, x + 3)) / 6

    silu in three pieces: 0, a parabola, x. Cheap, for small devices.

    >>> acts.hard_swish([-4.0, -1.0, 1.0, 4.0])
    array([-0.        , -0.33333333,  0.66666667,  4.        ])
    """
    return np.maximum(x, -3) * (np.clip(x + 3, 0, 6) / 6)


@derivative_of(hard_swish)
def d_hard_swish(x):
    return np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * x + 3) / 6))


@second_derivative_of(hard_swish)
def d2_hard_swish(x):
    return np.where(np.abs(x) < 3, 1 / 3, 0)
