"""Functions that change how many channels there are: the maximum of groups, and two signs side by side.

Formulas see rows along the last axis.
"""

import numpy as np

from .._registry import axis_function, jvp_of, vjp_of
from .._rows import put_first
from .exponentials import d_elu, d_elu_alpha, elu


@axis_function(
    paper="Goodfellow, Warde-Farley, Mirza, Courville, Bengio, 'Maxout Networks', 2013, arXiv:1302.4389",
    width="n / size",
)
def maxout(x, size=2, axis=-1):
    """maxout(x, size)[i] = max(x[size * i : size * (i + 1)])

    The maximum of each group of `size` neighbours on the axis, whose length must be a multiple of that. The slope
    is that of the first maximum.

    >>> acts.maxout([1.0, 5.0, 2.0, -3.0], size=2)
    array([5., 2.])
    """
    return grouped(x, size).max(-1)


def grouped(x, size):
    if not hasattr(size, "__index__") or size < 1 or x.shape[-1] % size:
        raise ValueError(f"maxout: size is {size!r}; it must be an integer that divides the axis, of {x.shape[-1]}")
    return x.reshape(len(x), x.shape[-1] // size, size)


def winners(x, size):
    """1 for the first maximum of each group, 0 for the others; NaN in a group with NaN."""
    groups = x.reshape(-1, size)
    nan = np.where(np.isnan(groups).any(-1, keepdims=True), np.nan, 0)
    return put_first(np.zeros_like(groups), groups, 1)[0] + nan


@vjp_of(maxout)
def maxout_vjp(x, g, size):
    grouped(x, size)
    return ((winners(x, size) * g.reshape(-1, 1)).reshape(x.shape),)


@jvp_of(maxout)
def maxout_jvp(x, t, size):
    return grouped((winners(x, size) * t.reshape(-1, size)).reshape(x.shape), size).sum(-1)


def both_signs(x):
    return np.concatenate([x, -x], -1)


@axis_function(
    paper="Shang, Sohn, Almeida, Lee, 'Understanding and Improving Convolutional Neural Networks via Concatenated "
    "Rectified Linear Units', 2016, arXiv:1603.05201",
    width="2 * n",
)
def crelu(x, axis=-1):
    """crelu(x) = [max(0, t) for t in x] + [max(0, -t) for t in x]

    relu of x and of -x, one after the other on the axis, which is twice as long: no sign is lost.

    >>> acts.crelu([-1.0, 2.0])
    array([0., 2., 1., 0.])
    """
    return both_signs(x).clip(0)


def folded(g):
    positive, negative = np.split(g, 2, -1)
    return positive - negative


@vjp_of(crelu)
def crelu_vjp(x, g):
    return (folded(g * np.sign(both_signs(x).clip(0))),)


@jvp_of(crelu)
def crelu_jvp(x, t):
    return both_signs(t) * np.sign(both_signs(x).clip(0))


@axis_function(
    paper="Salimans, Karpathy, Chen, Kingma, 'PixelCNN++: Improving the PixelCNN with Discretized Logistic Mixture "
    "Likelihood and Other Modifications', 2017, arXiv:1701.05517; github.com/openai/pixel-cnn",
    params=("alpha",),
    width="2 * n",
)
def concat_elu(x, alpha=1.0, axis=-1):
    """concat_elu(x, alpha) = [t if t > 0 else alpha * (exp(t) - 1) for t in [*x, *[-t for t in x]]]

    elu of x and of -x, one after the other on the axis, which is twice as long.

    >>> acts.concat_elu([-1000.0, 2000.0])
    array([-1.e+00,  2.e+03,  1.e+03, -1.e+00])
    """
    return elu.formula(both_signs(x), alpha)


@vjp_of(concat_elu)
def concat_elu_vjp(x, g, alpha):
    both = both_signs(x)
    return folded(g * d_elu(both, alpha)), (g * d_elu_alpha(both, alpha)).sum(-1, keepdims=True)


@jvp_of(concat_elu)
def concat_elu_jvp(x, t, alpha):
    return both_signs(t) * d_elu(both_signs(x), alpha)
