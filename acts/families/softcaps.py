"""Soft caps: nearly straight in the middle, bent until they stay below a cap; for logits, and for hidden units."""

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import exp_pair, finite, product_of_any, quotient, standard_score, times, x_minus_tanh


def _sech_squared(v, low):
    """1 / cosh(v + low)**2, the derivative of tanh: not 1 - tanh**2, which is 0 from 19 on."""
    e = np.exp(-2 * np.abs(v)) * (1 - 2 * np.sign(v) * low)
    return e / np.square(0.5 + 0.5 * e)


@activation(
    paper="Gemma Team, 'Gemma 2: Improving Open Language Models at a Practical Size', 2024, arXiv:2408.00118",
    aliases=("softclamp", "logit_softcap"),
    domain="cap > 0",
    wide=True,
)
def softcap(x, cap):
    """softcap(x, cap) = cap * tanh(x / cap)

    Keeps logits within ±cap, smoothly: Gemma 2 has cap = 50 for attention and 30 for the output. cap = inf is no cap.

    >>> acts.softcap([-1000.0, 0.0, 1000.0], cap=30.0)
    array([-30.,   0.,  30.])
    >>> print(f"{acts.softcap.derivative(1000.0, cap=30.0):.4g}")  # 1 - tanh**2 would be 0
    4.458e-29
    """
    v = finite(x) / cap
    return np.where(np.abs(v) < 2**-30, x, cap * np.tanh(v))


@derivative_of(softcap)
def d_softcap(x, cap):
    return _sech_squared(*quotient(finite(x), cap))


@second_derivative_of(softcap)
def d2_softcap(x, cap):
    v, low = quotient(finite(x), cap)
    return -2 / cap * np.tanh(v) * _sech_squared(v, low)


@partial_of(softcap, "cap")
def d_softcap_cap(x, cap):
    v, low = quotient(finite(x), cap)
    v, t = finite(v), np.tanh(v)
    return np.where(np.abs(v) < 1, v * t * t - x_minus_tanh(v), t - v * _sech_squared(v, low))  # tanh(v) - v sech(v)**2


@activation(
    paper="LeCun, Bottou, Orr, Mueller, 'Efficient BackProp', Neural Networks: Tricks of the Trade, 1998, "
    "doi:10.1007/3-540-49430-8_2",
    aliases=("lecun_tanh",),
    wide=True,
)
def scaled_tanh(x, a=1.7159, b=2 / 3):
    """scaled_tanh(x, a, b) = a * tanh(b * x)

    tanh between -a and a. With LeCun's constants, the defaults, it is 1 at 1, and bends most there.

    >>> acts.scaled_tanh([-1000.0, 1.0]).round(4)
    array([-1.7159,  1.    ])
    """
    return a * np.tanh(b * finite(x))


@derivative_of(scaled_tanh)
def d_scaled_tanh(x, a, b):
    return a * b * _sech_squared(*product_of_any(b, finite(x)))


@second_derivative_of(scaled_tanh)
def d2_scaled_tanh(x, a, b):
    v, low = product_of_any(b, finite(x))
    return -2 * a * b * b * np.tanh(v) * _sech_squared(v, low)


@partial_of(scaled_tanh, "a")
def d_scaled_tanh_a(x, a, b):
    return np.tanh(b * finite(x))


@partial_of(scaled_tanh, "b")
def d_scaled_tanh_b(x, a, b):
    return a * times(_sech_squared(*product_of_any(b, finite(x))), x)


@activation(
    paper="github.com/KellerJordan/modded-nanogpt, train_gpt.py",
    domain="c > 0",
    wide=True,
)
def sigmoid_softcap(x, a=23.0, b=5.0, c=7.5):
    """sigmoid_softcap(x, a, b, c) = a / (1 + exp(-(x + b) / c))

    A cap for logits that is 0 far left, a far right, and a / 2 at -b.

    >>> acts.sigmoid_softcap([-1000.0, -5.0, 1000.0]).round(4)
    array([ 0. , 11.5, 23. ])
    """
    p, q = exp_pair(*standard_score(x, -b, c))
    return a * (p / (p + q))


@derivative_of(sigmoid_softcap)
def d_sigmoid_softcap(x, a, b, c):
    p, q = exp_pair(*standard_score(x, -b, c))
    return a / c * (p * q / np.square(p + q))


@second_derivative_of(sigmoid_softcap)
def d2_sigmoid_softcap(x, a, b, c):
    return -d_sigmoid_softcap(x, a, b, c) / c * np.tanh(standard_score(x, -b, c)[0] / 2)


@partial_of(sigmoid_softcap, "a")
def d_sigmoid_softcap_a(x, a, b, c):
    p, q = exp_pair(*standard_score(x, -b, c))
    return p / (p + q)


@partial_of(sigmoid_softcap, "b")
def d_sigmoid_softcap_b(x, a, b, c):
    return d_sigmoid_softcap(x, a, b, c)


@partial_of(sigmoid_softcap, "c")
def d_sigmoid_softcap_c(x, a, b, c):
    return -finite(standard_score(x, -b, c)[0]) * d_sigmoid_softcap(x, a, b, c)
