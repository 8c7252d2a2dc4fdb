"""Gates: the input times a smooth step of itself, so that it is nearly 0 far left and nearly x far right."""

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import (
    SQRT_2_PI,
    bell,
    below_the_line,
    exp_of_product,
    exp_pair,
    finite,
    indicator,
    inverse_mills,
    is_number,
    product_of_any,
)

GELU = "Hendrycks, Gimpel, 'Gaussian Error Linear Units (GELUs)', 2016, arXiv:1606.08415"
K, C = 1.5957691216057308, 0.07135481627260025  # 2 sqrt(2 / pi), and that times 0.044715
K_HIGH, K_LOW = 1.5957691669464111, -4.534068042105272e-08  # 24 bits of K, and the rest
C_HIGH, C_LOW = 0.07135772705078125, -2.910778181004728e-06  # 14 bits of C, and the rest


@activation(paper=GELU, aliases=("gelu_erf", "gelu_exact", "gelu_python"))
def gelu(x):
    """gelu(x) = x * ncdf(x)

    Gaussian error linear unit: x times the probability that a standard normal variable is below x.
    This is the exact form; jax.nn.gelu's default is gelu_tanh.

    >>> print(f"{acts.gelu(-10.0):.4g}")  # -10 * (1 + erf(-10 / sqrt(2))) / 2 would be 0
    -7.62e-23
    """
    t = _within_bell(x)
    m = t.clip(2.0**-120, np.inf)  # with it t / inverse_mills(t) has fewer roundings
    tail = t / m * (bell(t) / ((SQRT_2_PI - below_the_line(t)) + 2 / m))
    return x.clip(-0.0, np.inf) - tail  # x ncdf(x) = max(x, 0) - t ncdf(-t) with t = |x|


def _within_bell(x):
    """|x| as far as the bell is not 0."""
    return np.abs(x).clip(0, 15 if x.dtype == np.float32 else 39)


@derivative_of(gelu)
def d_gelu(x):
    t = _within_bell(x)
    left = bell(t) * (1 / inverse_mills(t) - t / SQRT_2_PI)  # ncdf(x) + x npdf(x) for x < 0; the two sides add up to 1
    return left + np.ceil(x.clip(-0.0, 1)) * (1 - 2 * left)


@second_derivative_of(gelu)
def d2_gelu(x):
    t = _within_bell(x)
    return bell(t) / SQRT_2_PI * (2 - t * t)


# The others are x * sigmoid(v(x)), in w = exp(v): sigmoid(v) = w / (1 + w). It keeps the left tail, which underflows
# gradually, and is 1 on the right, long before w overflows: x is clipped to where either has happened.


def _d_gate(slope, w):
    """The derivative, from slope = x v'(x) and w."""
    u = 1 + w
    return (u + slope) * (w / (u * u))


def _d2_gate(x, dv, d2v, w):
    """The second derivative over w, both even: for x <= 0, where its tail is small and w is, too."""
    u = 1 + w
    return (dv * (2 - x * dv * ((w - 1) / u)) + x * d2v) / (u * u)


@activation(
    paper=GELU,
    aliases=("gelu_new", "gelu_fast", "gelu_accurate", "gelu_python_tanh", "gelu_pytorch_tanh", "gelu_approx",
             "gelu_approximate"),
)  # fmt: skip
def gelu_tanh(x):
    """gelu_tanh(x) = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))

    The tanh approximation of gelu, up to 5e-4 away from it: the default of jax.nn.gelu.

    >>> print(f"{acts.gelu_tanh(-8.0):.4g}")  # 1 + tanh would be 0
    -3.108e-21
    """
    w = exp_of_cubic(x.clip(-100, 7.6))  # (1 + tanh(u)) / 2 is sigmoid(2 u), without its cancellation
    return x.clip(-100, np.inf) * (w / (1 + w))


def exp_of_cubic(x, part=1):
    """exp(part (K x + C x**3)); in float64 exp of it at h, which is x to 8 binary places, times exp of the rest."""
    if x.dtype == np.float32:
        x = x.astype(np.float64)
        return np.exp(part * (x * (K + C * (x * x)))).astype(np.float32)
    h = (x + 1.5 * 2**44) - 1.5 * 2**44
    square = h * h
    a, b = K_HIGH * h, C_HIGH * (square * h)  # exact, and so is the sum of `at_h` and `low`
    at_h = a + b
    c = at_h - a
    low = (a - (at_h - c)) + (b - c)
    rest = (x - h) * (K + C * (x * (x + h) + square)) + (low + h * (K_LOW + C_LOW * square))
    return np.exp(part * at_h) * np.exp(part * rest)


def d_cubic(x):
    return K + 3 * C * (x * x)


def d2_cubic(x):
    return 6 * C * x


@derivative_of(gelu_tanh)
def d_gelu_tanh(x):
    x = x.clip(-100, 7.5)  # where float32 and float64 both make it 1
    return _d_gate(x * d_cubic(x), exp_of_cubic(x))


@second_derivative_of(gelu_tanh)
def d2_gelu_tanh(x):
    x = -np.abs(x).clip(0, 100)
    h = exp_of_cubic(x, 0.5)  # its square is subnormal before the result is
    return h * _d2_gate(x, d_cubic(x), d2_cubic(x), h * h) * h


@activation(
    paper=GELU + ", in the form of github.com/hendrycks/GELUs", aliases=("gelu_quick", "qgelu", "approximate_gelu")
)
def quick_gelu(x):
    """quick_gelu(x) = x / (1 + exp(-1.702 * x))

    The sigmoid approximation of gelu, up to 2e-2 away from it: swish with beta = 1.702.

    >>> print(f"{acts.quick_gelu(1.0):.4g}")
    0.8458
    """
    w = exp_of_product(1.702, x.clip(-1000, 25))
    return x.clip(-1000, np.inf) * (w / (1 + w))


@derivative_of(quick_gelu)
def d_quick_gelu(x):
    x = x.clip(-1000, 25.75)  # where float32 and float64 both make it 1
    return _d_gate(1.702 * x, exp_of_product(1.702, x))


@second_derivative_of(quick_gelu)
def d2_quick_gelu(x):
    x = -np.abs(x).clip(0, 1000)
    w = exp_of_product(1.702, x)
    return w * _d2_gate(x, 1.702, 0, w)


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
    w = np.exp(x.clip(-1000, 44))
    return x.clip(-1000, np.inf) * (w / (1 + w))


@derivative_of(silu)
def d_silu(x):
    x = x.clip(-1000, 44)
    return _d_gate(x, np.exp(x))


@second_derivative_of(silu)
def d2_silu(x):
    x = -np.abs(x).clip(0, 1000)
    w = np.exp(x)
    return w * _d2_gate(x, 1, 0, w)


@activation(
    paper="Ramachandran, Zoph, Le, 'Searching for Activation Functions', 2017, arXiv:1710.05941",
    wide="beta != 1",
)
def swish(x, beta=1.0):
    """swish(x, beta) = x / (1 + exp(-beta * x))

    silu with a parameter for the sharpness of the gate, which may be learned: beta = 0 gives x / 2, a large
    beta nearly relu.

    >>> acts.swish([-1.0, 1.0], beta=0.0)
    array([-0.5,  0.5])
    """
    if is_number(beta, 1):
        return silu.formula(x)
    v, w = _scaled(x, beta)
    return np.where(v < 0, finite(x), x) * (w / (1 + w))  # finite: the limit at -inf is 0, not inf * 0


def _scaled(x, beta):
    """v = beta x, clipped as for silu, and exp(v)."""
    v, low = product_of_any(beta, finite(x))
    v = v.clip(-1000, 44)
    return v, np.exp(v) * (1 + low)


@derivative_of(swish)
def d_swish(x, beta):
    return d_silu(x) if is_number(beta, 1) else _d_gate(*_scaled(x, beta))


@second_derivative_of(swish)
def d2_swish(x, beta):
    if is_number(beta, 1):
        return d2_silu(x)
    v, w = _scaled(-np.abs(x), np.abs(beta))
    return beta * (w * _d2_gate(v, 1, 0, w))


@partial_of(swish, "beta")
def d_swish_beta(x, beta):
    kind, x = x.dtype, finite(x).astype(np.float64)  # in float32 the square below would have twice the error of exp
    v, low = product_of_any(beta, x)
    e = np.exp(-np.abs(v))
    near = e / np.square(1 + e) * x * x
    far = np.square(np.exp(-np.abs(v) / 2) * x)  # there e is subnormal before the result is
    return (np.where(np.abs(v) < 600, near, far) * (1 - np.tanh(v / 2) * low)).astype(kind)


@activation(
    paper="Misra, 'Mish: A Self Regularized Non-Monotonic Activation Function', 2019, arXiv:1908.08681",
)
def mish(x):
    """mish(x) = x * tanh(log(1 + exp(x)))

    x * tanh(softplus(x)): close to silu, a little steeper.

    >>> acts.mish([-1.0, 0.0, 1.0])
    array([-0.30340146,  0.        ,  0.86509839])
    """
    w = np.exp(x.clip(-1000, 22))
    n = w * (0.5 * w) + w
    return x.clip(-1000, np.inf) * (n / (n + 1))  # tanh(log(1 + w))


@derivative_of(mish)
def d_mish(x):
    x = x.clip(-1000, 21)  # where float32 and float64 both make it 1
    w = np.exp(x)
    m = w * (w + 2) + 2
    return w * ((w + 2) * m + 4 * x * (w + 1)) / (m * m)


@second_derivative_of(mish)
def d2_mish(x):
    x = finite(x)
    p, q = exp_pair(x)  # w = p / q; one of the two is 1
    s, pp, qq = p + q, p * p, q * q
    d = s * s + qq
    bend = 2 * s * (d + x * qq) - x * (pp * (2 * s + q))  # at the left root d + x is small, and exact
    return 4 * p * qq * finite(bend) / (d * d * d)


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
    return x.clip(-3, np.inf) * ((x + 3).clip(0, 6) / 6)


@derivative_of(hard_swish)
def d_hard_swish(x):
    q = x.clip(-3, 3) / 3
    return q + (0.5 - 0.5 * np.trunc(q))  # 0 and 1 at the knees, and beyond


@second_derivative_of(hard_swish)
def d2_hard_swish(x):
    return indicator(np.abs(x) < 3, x) / 3
