"""Gates of two arrays: an activation of `gate` times `value`. The gate comes first, whatever a library calls it.

Sigmoids are in terms of h = exp(-abs(v) / 2): each h meets an operand before it meets the other h, so that nothing
underflows, and nothing overflows, where the result does not.
"""

import numpy as np

from .._registry import activation, derivative_of, partial_of, second_derivative_of
from .._special import (
    SQRT_2_PI,
    bell,
    d2_times_sigmoid,
    d_times_sigmoid,
    finite,
    half_exp,
    inverse_mills,
    is_number,
    positive_part,
    product_of_any,
    step,
    times_sigmoid,
    zero,
)
from .self_gated import d2_cubic, d_cubic, exp_of_cubic
from .sigmoids import d_tanh, sigmoid

DAUPHIN = "Dauphin, Fan, Auli, Grangier, 'Language Modeling with Gated Convolutional Networks', 2016, arXiv:1612.08083"
PIXELCNN = "van den Oord et al., 'Conditional Image Generation with PixelCNN Decoders', 2016, arXiv:1606.05328"
SHAZEER = "Shazeer, 'GLU Variants Improve Transformer', 2020, arXiv:2002.05202"


def linear_in_value(function):
    """The activation of gate times value below, with its partial for "value": itself at value 1."""

    @partial_of(function, "value")
    def at_value_1(gate, value, *params):
        return function.formula(gate, 1.0, *params)

    return function


@linear_in_value
@activation(kind="gated", paper=DAUPHIN, wide=True)
def glu(gate, value):
    """glu(gate, value) = value / (1 + exp(-gate))

    The gated linear unit: value, let through by sigmoid(gate). torch and jax.nn split one array, the gate last.

    >>> acts.glu([0.0, 0.0], [2.0, -4.0])
    array([ 1., -2.])
    """
    h = half_exp(gate)
    q = value / (1 + h * h)
    return np.where(gate < 0, (q * h) * h, q)


@derivative_of(glu)
def d_glu(gate, value):
    h = half_exp(gate)
    return h * (value / np.square(1 + h * h)) * h


@second_derivative_of(glu)
def d2_glu(gate, value):
    h = half_exp(gate)
    return (h * -np.tanh(gate / 2)) * (value / np.square(1 + h * h)) * h


@linear_in_value
@activation(kind="gated", paper=f"{DAUPHIN}; {SHAZEER}")
def bilinear(gate, value):
    """bilinear(gate, value) = gate * value

    The product of two linear layers, without any activation.

    >>> acts.bilinear([1.0, -2.0], [3.0, 4.0])
    array([ 3., -8.])
    """
    return gate * value


@derivative_of(bilinear)
def d_bilinear(gate, value):
    return value + zero(gate)


@second_derivative_of(bilinear)
def d2_bilinear(gate, value):
    return zero(gate)


@linear_in_value
@activation(kind="gated", kinks=("0",), paper=SHAZEER)
def reglu(gate, value):
    """reglu(gate, value) = max(0, gate) * value

    relu(gate) * value.

    >>> acts.reglu([1.0, -2.0], [3.0, 4.0])
    array([3., 0.])
    """
    return positive_part(gate) * value


@derivative_of(reglu)
def d_reglu(gate, value):
    return step(gate) * value


@second_derivative_of(reglu)
def d2_reglu(gate, value):
    return zero(gate)


@linear_in_value
@activation(kind="gated", kinks=("0",), paper="BitNet b1.58 2B4T, as in transformers, models/bitnet")
def relu2_glu(gate, value):
    """relu2_glu(gate, value) = max(0, gate)**2 * value

    relu_squared(gate) * value.

    >>> acts.relu2_glu([2.0, -2.0], [3.0, 4.0])
    array([12.,  0.])
    """
    p = positive_part(gate)
    return p * value * p


@derivative_of(relu2_glu)
def d_relu2_glu(gate, value):
    return positive_part(gate) * value * 2


@second_derivative_of(relu2_glu)
def d2_relu2_glu(gate, value):
    return step(gate) * value * 2


@linear_in_value
@activation(kind="gated", paper=SHAZEER, wide=True)
def geglu(gate, value):
    """geglu(gate, value) = gate * ncdf(gate) * value

    gelu(gate) * value, with the exact gelu.

    >>> print(f"{acts.geglu(-10.0, 1e9):.4g}")
    -7.62e-14
    """
    t, b = _bell(gate)
    q = value / inverse_mills(t) * b
    return np.where(gate < 0, -(t * b) * q, gate * (value - q * b))


def _bell(gate):
    """t = |gate| as far as it counts, and the square root of the bell."""
    t = np.abs(gate).clip(0, 60)
    return t, bell(t, 0.25)


@derivative_of(geglu)
def d_geglu(gate, value):
    t, b = _bell(gate)
    left = b * (1 / inverse_mills(t) - t / SQRT_2_PI) * value * b
    return np.where(gate < 0, left, value - left)


@second_derivative_of(geglu)
def d2_geglu(gate, value):
    t, b = _bell(gate)
    return b * ((2 - t * t) / SQRT_2_PI) * value * b


@linear_in_value
@activation(kind="gated", paper=SHAZEER, wide=True)
def geglu_tanh(gate, value):
    """geglu_tanh(gate, value) = gate / 2 * (1 + tanh(sqrt(2 / pi) * (gate + 0.044715 * gate**3))) * value

    gelu_tanh(gate) * value.

    >>> print(f"{acts.geglu_tanh(1.0, 2.0):.4g}")
    1.682
    """
    return times_sigmoid(gate, gate, exp_of_cubic(-np.abs(gate).clip(0, 100), 0.5), value)


@derivative_of(geglu_tanh)
def d_geglu_tanh(gate, value):
    t = np.abs(gate).clip(0, 100)
    return d_times_sigmoid(gate, exp_of_cubic(-t, 0.5), t * d_cubic(t), value)


@second_derivative_of(geglu_tanh)
def d2_geglu_tanh(gate, value):
    t = np.abs(gate).clip(0, 100)
    return d2_times_sigmoid(exp_of_cubic(-t, 0.5), t * d_cubic(t), d_cubic(t), t * d2_cubic(t), value)


@linear_in_value
@activation(kind="gated", paper=SHAZEER, wide=True)
def swiglu(gate, value, beta=1.0):
    """swiglu(gate, value, beta) = gate / (1 + exp(-beta * gate)) * value

    swish(gate, beta) * value; with beta = 1, silu(gate) * value, the gate of most language models.

    >>> print(f"{acts.swiglu(1.0, 2.0):.4f}, {acts.swiglu(2.0, 1.0):.4f}")
    1.4621, 1.7616
    >>> print(f"{float(acts.swiglu(np.float32(-100), np.float32(1e30))):.3g}")  # silu(-100) is subnormal
    -3.72e-12
    """
    v, h = _scaled(gate, beta)
    return times_sigmoid(gate, v, h, value)


def _scaled(gate, beta):
    """v = beta * gate, and exp(-abs(v) / 2)."""
    v, low = (gate, 0) if is_number(beta, 1) else product_of_any(beta, finite(gate))
    return v, half_exp(v, low)


@derivative_of(swiglu)
def d_swiglu(gate, value, beta):
    v, h = _scaled(gate, beta)
    return d_times_sigmoid(v, h, finite(np.abs(v)), value)


@second_derivative_of(swiglu)
def d2_swiglu(gate, value, beta):
    v, h = _scaled(gate, beta)
    return d2_times_sigmoid(h, finite(np.abs(v)), beta, 0, value)


@partial_of(swiglu, "beta")
def d_swiglu_beta(gate, value, beta):
    h = _scaled(gate, beta)[1]
    root = finite(gate) * (h / (1 + h * h))
    return root * value * root


@linear_in_value
@activation(kind="gated", paper=SHAZEER + ", with the sigmoid approximation of gelu", wide=True)
def quick_geglu(gate, value):
    """quick_geglu(gate, value) = gate / (1 + exp(-1.702 * gate)) * value

    quick_gelu(gate) * value: swiglu with beta = 1.702.
    """
    return swiglu.formula(gate, value, 1.702)


@derivative_of(quick_geglu)
def d_quick_geglu(gate, value):
    return d_swiglu(gate, value, 1.702)


@second_derivative_of(quick_geglu)
def d2_quick_geglu(gate, value):
    return d2_swiglu(gate, value, 1.702)


@activation(kind="gated", paper=PIXELCNN, wide=True)
def gtu(gate, value):
    """gtu(gate, value) = tanh(value) / (1 + exp(-gate))

    The gated tanh unit, sigmoid(gate) * tanh(value), of WaveNet and of vocoders.

    >>> print(f"{acts.gtu(0.0, 1.0):.4g}")
    0.3808
    """
    return glu.formula(gate, np.tanh(value))


@derivative_of(gtu)
def d_gtu(gate, value):
    return d_glu(gate, np.tanh(value))


@second_derivative_of(gtu)
def d2_gtu(gate, value):
    return d2_glu(gate, np.tanh(value))


@partial_of(gtu, "value")
def d_gtu_value(gate, value):
    return sigmoid.formula(gate) * d_tanh(value)
