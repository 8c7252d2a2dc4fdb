"""acts: neural-network activation functions and their analytic derivatives, in NumPy.

>>> import acts
>>> y = acts.elu([-1.0, 0.0, 2.0], alpha=0.5)
>>> slope = acts.elu.derivative([-1.0, 0.0, 2.0], alpha=0.5)
"""

from ._activation import Activation as Activation
from ._citations import cite as cite
from ._definitions import define as define
from ._axis import AxisFunction as AxisFunction
from ._gaussian import Moments as Moments
from ._gaussian import gain as gain
from ._gaussian import moments as moments
from ._registry import activation as activation
from ._registry import axis_function as axis_function
from ._registry import derivative_from_output_of as derivative_from_output_of
from ._registry import derivative_of as derivative_of
from ._registry import get as get
from ._registry import jvp_of as jvp_of
from ._registry import names as names
from ._registry import partial_of as partial_of
from ._registry import second_derivative_of as second_derivative_of
from ._split import split_gate as split_gate
from ._registry import vjp_of as vjp_of
from .families.rectifiers import identity as identity  # isort: split
from .families.rectifiers import leaky_relu as leaky_relu
from .families.rectifiers import prelu as prelu
from .families.rectifiers import relu as relu
from .families.rectifiers import relu6 as relu6
from .families.rectifiers import relu_squared as relu_squared
from .families.rectifiers import threshold as threshold
from .families.rectifiers import thresholded_relu as thresholded_relu
from .families.smooth_rectifiers import softplus as softplus
from .families.smooth_rectifiers import squareplus as squareplus
from .families.exponentials import celu as celu
from .families.exponentials import elu as elu
from .families.exponentials import exponential as exponential
from .families.exponentials import selu as selu
from .families.self_gated import gelu as gelu
from .families.self_gated import gelu_tanh as gelu_tanh
from .families.self_gated import hard_swish as hard_swish
from .families.self_gated import mish as mish
from .families.self_gated import quick_gelu as quick_gelu
from .families.self_gated import silu as silu
from .families.self_gated import swish as swish
from .families.sigmoids import hard_sigmoid as hard_sigmoid
from .families.sigmoids import hard_tanh as hard_tanh
from .families.sigmoids import log_sigmoid as log_sigmoid
from .families.sigmoids import sigmoid as sigmoid
from .families.sigmoids import softsign as softsign
from .families.sigmoids import tanh as tanh
from .families.shrinkers import hardshrink as hardshrink
from .families.shrinkers import shrink as shrink
from .families.shrinkers import softshrink as softshrink
from .families.shrinkers import tanhshrink as tanhshrink
from .families.softmaxes import softmax as softmax
from .families.softmaxes import log_softmax as log_softmax
from .families.softmaxes import softmin as softmin
from .families.softmaxes import logsumexp as logsumexp
from .families.softmaxes import logmeanexp as logmeanexp
from .families.softmaxes import hardmax as hardmax
from .families.softmaxes import gumbel_softmax as gumbel_softmax
from .families.softmaxes import solu as solu
from .families.simplex import sparsemax as sparsemax
from .families.simplex import entmax15 as entmax15
from .families.simplex import entmax as entmax
from .families.channels import maxout as maxout
from .families.channels import crelu as crelu
from .families.channels import concat_elu as concat_elu
from .families.normalized import squash as squash
from .families.normalized import polynorm as polynorm
from .families.normalized import gaussian_topk as gaussian_topk
from .families.gated import glu as glu
from .families.gated import bilinear as bilinear
from .families.gated import reglu as reglu
from .families.gated import relu2_glu as relu2_glu
from .families.gated import geglu as geglu
from .families.gated import geglu_tanh as geglu_tanh
from .families.gated import quick_geglu as quick_geglu
from .families.gated import swiglu as swiglu
from .families.gated import gtu as gtu
from .families.clamped_gates import clamped_swiglu as clamped_swiglu
from .families.clamped_gates import step_swiglu as step_swiglu
from .families.clamped_gates import situ_glu as situ_glu
from .families.powers import polyrelu as polyrelu
from .families.powers import relu_cubed as relu_cubed
from .families.powers import star_relu as star_relu
from .families.rational import rational as rational
from .families.clipped import clipped_gelu as clipped_gelu
from .families.clipped import general_relu as general_relu
from .families.clipped import rectified_tanh as rectified_tanh
from .families.clipped import relun as relun
from .families.clipped import step as step
from .families.sparse import hard_mish as hard_mish
from .families.sparse import sparse_plus as sparse_plus
from .families.sparse import sparse_sigmoid as sparse_sigmoid
from .families.even import lisht as lisht
from .families.periodic import siren as siren
from .families.periodic import snake as snake
from .families.periodic import snake_beta as snake_beta
from .families.learned import derf as derf
from .families.learned import dyt as dyt
from .families.learned import stan as stan
from .families.learned import xielu as xielu
from .families.bells import gaussian as gaussian
from .families.bells import laplace as laplace
from .families.logarithms import log1mexp as log1mexp
from .families.logarithms import logcosh as logcosh
from .families.logarithms import softplus_inverse as softplus_inverse
from .families.logarithms import sqrt_softplus as sqrt_softplus
from .families.smooth_maxima import acon_c as acon_c
from .families.smooth_maxima import pflu as pflu
from .families.softcaps import scaled_tanh as scaled_tanh
from .families.softcaps import sigmoid_softcap as sigmoid_softcap
from .families.softcaps import softcap as softcap

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """`acts.literature`, which is imported when it is asked for."""
    if name != "literature":
        raise AttributeError(f"module 'acts' has no attribute {name!r}")
    from importlib import import_module

    return import_module("acts.literature")
