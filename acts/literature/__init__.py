"""The catalogue: activations whose papers were read, one entry each, made by `acts.define`.

Each is a full activation, registered under the kind "literature" once this package is imported, as `acts.get` does for
a name that it does not know. Their errors: `python -m acts accuracy acts.literature`.

>>> import acts
>>> print(f"{acts.literature.golu(1.0):.6f}")
0.692201

The beginnings of `rational`, to learn from there, are `RATIONAL_AS`:

>>> like_tanh = acts.get("rational", **acts.literature.RATIONAL_AS["tanh"])
>>> print(f"{like_tanh(1.0):.4f}, {acts.tanh(1.0):.4f}")
0.7616, 0.7616
"""

from .fits import RATIONAL_AS as RATIONAL_AS

from .self_gated import tanhexp as tanhexp
from .self_gated import smish as smish
from .self_gated import logish as logish
from .self_gated import serf as serf
from .self_gated import phish as phish
from .self_gated import gish as gish
from .self_gated import golu as golu
from .self_gated import colu as colu
from .self_gated import sinlu as sinlu
from .self_gated import coslu as coslu
from .self_gated import e_swish as e_swish
from .self_gated import aria2 as aria2
from .self_gated import erfact as erfact
from .self_gated import pserf as pserf
from .self_gated import tanhsoft as tanhsoft
from .self_gated import eis as eis
from .self_gated import aptx as aptx
from .self_gated import b_silu as b_silu
from .self_gated import gelu_sine as gelu_sine
from .self_gated import aglu as aglu
from .self_gated import x_atlu as x_atlu
from .self_gated import powlu as powlu
from .rectifiers import flatten_t_swish as flatten_t_swish
from .rectifiers import elish as elish
from .rectifiers import hard_elish as hard_elish
from .rectifiers import isrlu as isrlu
from .rectifiers import nlrelu as nlrelu
from .rectifiers import smelu as smelu
from .rectifiers import smu as smu
from .rectifiers import smu1 as smu1
from .rectifiers import sau as sau
from .rectifiers import fpflu as fpflu
from .rectifiers import soft_root_sign as soft_root_sign
from .rectifiers import pelu as pelu
from .rectifiers import mpelu as mpelu
from .rectifiers import s_shaped_relu as s_shaped_relu
from .rectifiers import apl as apl
from .rectifiers import flexible_relu as flexible_relu
from .rectifiers import arelu as arelu
from .rectifiers import shilu as shilu
from .rectifiers import delu as delu
from .rectifiers import pvlu as pvlu
from .rectifiers import p_telu as p_telu
from .rectifiers import fatrelu as fatrelu
from .curves import gcu as gcu
from .curves import isru as isru
from .curves import sqnl as sqnl
from .curves import soft_clipping as soft_clipping
from .curves import penalized_tanh as penalized_tanh
from .curves import seagull as seagull
from .curves import finer as finer
from .curves import real_gabor as real_gabor
from .curves import soft_exponential as soft_exponential
from .curves import slaf as slaf
from .curves import scaled_softsign as scaled_softsign
from .curves import uaf as uaf
from .curves import taaf_tanh as taaf_tanh
