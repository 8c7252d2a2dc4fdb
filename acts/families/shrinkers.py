"""Shrinkers: small inputs go to 0, for sparse codes and denoising."""

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import indicator, x_minus_tanh, zero
from .sigmoids import d2_tanh


@activation(
    kinks=("-lambd", "lambd"),
    paper="Donoho, Johnstone, 'Ideal spatial adaptation by wavelet shrinkage', Biometrika 81(3), 1994",
    aliases=("hshrink",),
    domain="lambd >= 0",
)
def hardshrink(x, lambd=0.5):
    """hardshrink(x, lambd) = x if abs(x) > lambd else 0

    Keep what is larger than lambd, drop the rest.

    >>> acts.hardshrink([-1.0, 0.3, 1.0])
    array([-1.,  0.,  1.])
    """
    return np.where(np.abs(x) <= lambd, 0, x)


@derivative_of(hardshrink)
def d_hardshrink(x, lambd):
    return indicator(np.abs(x) > lambd, x)


@second_derivative_of(hardshrink)
def d2_hardshrink(x, lambd):
    return zero(x)


@partial_of(hardshrink, "lambd")
def d_hardshrink_lambd(x, lambd):
    return zero(x)


@activation(
    kinks=("-lambd", "lambd"),
    paper="Donoho, 'De-noising by soft-thresholding', IEEE Transactions on Information Theory 41(3), 1995",
    aliases=("soft_shrink",),
    domain="lambd >= 0",
)
def softshrink(x, lambd=0.5):
    """softshrink(x, lambd) = sign(x) * max(0, abs(x) - lambd)

    Move everything towards 0 by lambd: the proximal map of the absolute value.

    >>> acts.softshrink([-1.0, 0.3, 1.0])
    array([-0.5,  0. ,  0.5])
    """
    return x - x.clip(-lambd, lambd)


@derivative_of(softshrink)
def d_softshrink(x, lambd):
    return indicator(np.abs(x) > lambd, x)


@second_derivative_of(softshrink)
def d2_softshrink(x, lambd):
    return zero(x)


@partial_of(softshrink, "lambd")
def d_softshrink_lambd(x, lambd):
    return -np.sign(x) * (np.abs(x) > lambd)


@activation(paper="torch.nn.Tanhshrink, PyTorch documentation", aliases=("tanh_shrink",))
def tanhshrink(x):
    """tanhshrink(x) = x - tanh(x)

    Nearly x**3 / 3 around 0, nearly x -+ 1 far out.

    >>> print(f"{acts.tanhshrink(0.001):.4g}")  # 0.001 - tanh(0.001) has 7 correct digits left, in float32 none
    3.333e-10
    """
    return x_minus_tanh(x)


@derivative_of(tanhshrink)
def d_tanhshrink(x):
    return np.square(np.tanh(x))


@second_derivative_of(tanhshrink)
def d2_tanhshrink(x):
    return -d2_tanh(x)


@activation(kinks=("-lambd", "lambd"), paper="Shrink, ONNX operator documentation", domain="lambd >= 0")
def shrink(x, lambd=0.5, bias=0.0):
    """shrink(x, lambd, bias) = x + bias if x < -lambd else x - bias if x > lambd else 0

    Drop what is not larger than lambd, move the rest towards 0 by bias: hardshrink with bias 0, softshrink with bias
    equal to lambd.

    >>> acts.shrink([-1.0, 0.3, 1.0], bias=0.25)
    array([-0.75,  0.  ,  0.75])
    """
    return np.where(np.abs(x) <= lambd, 0, x - np.sign(x) * bias)


@derivative_of(shrink)
def d_shrink(x, lambd, bias):
    return indicator(np.abs(x) > lambd, x)


@second_derivative_of(shrink)
def d2_shrink(x, lambd, bias):
    return zero(x)


@partial_of(shrink, "lambd")
def d_shrink_lambd(x, lambd, bias):
    return zero(x)


@partial_of(shrink, "bias")
def d_shrink_bias(x, lambd, bias):
    return -np.sign(x) * (np.abs(x) > lambd)
