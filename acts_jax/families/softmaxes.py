"""Softmax and its kin: exponentials of a row over their sum, and the logarithm of that sum."""

import functools
import math

import jax
import jax.numpy as jnp
from jax import lax

from .. import _rows
from .._arrays import at_least_float32, cast
from .._axis import axis_function
from .._rows import below, masked, total
from .._special import log1p_of_negative, square


@axis_function(has_rule=True)
def softmax(x, axis=-1, *, where=None, temperature=1.0, sink=None):
    return _rows.softmax(x, axis, where, temperature, sink)


@axis_function(has_rule=True)
def softmin(x, axis=-1, *, where=None, temperature=1.0):
    return _rows.softmax(-x, axis, where, temperature)


@axis_function(has_rule=True)
def log_softmax(x, axis=-1, *, where=None, temperature=1.0, sink=None):
    return _rows.log_softmax(x, axis, where, temperature, sink)[0]


@axis_function(has_rule=True)
def logsumexp(x, axis=-1, *, where=None, keepdims=False):
    y = cast(x.dtype, _rows.log_softmax(x, axis, where)[1])
    return y if keepdims else jnp.squeeze(y, axis)


@axis_function(has_rule=True)
def logmeanexp(x, axis=-1, *, where=None, keepdims=False):
    y = _rows.log_softmax(x, axis, where)[1] - jnp.log1p(count(x, axis, where) - 1)
    y = cast(x.dtype, y + _lost(*lax.stop_gradient((y, x)), axis, where))
    return y if keepdims else jnp.squeeze(y, axis)


def _lost(y, x, axis, where):
    """What y, the difference of two logarithms, lost of the logarithm of a mean of exponentials near 1."""
    d, _, m = below(x, where, None, axis)
    part = jnp.expm1(d) if where is None else jnp.where(where, jnp.expm1(d), 0)
    mean = total(part, axis) / count(x, axis, where)
    near = (mean > -0.5) & jnp.isfinite(y)
    return jnp.where(near, m + log1p_of_negative(jnp.where(near, mean, 0)) - y, 0)


def count(x, axis, where):
    """How many elements of each row are not left out, at least 1."""
    wide = at_least_float32(x.dtype)
    ones = jnp.ones(x.shape, wide) if where is None else jnp.where(jnp.broadcast_to(where, x.shape), 1, 0).astype(wide)
    return jnp.maximum(total(ones, axis), 1)


@axis_function(has_rule=True)
def hardmax(x, axis=-1, *, where=None):
    return first_maximum(x, axis, where)


@functools.partial(jax.custom_jvp, nondiff_argnums=(1,))
def first_maximum(x, axis, where=None):
    """1 at the first maximum of each row, NaN in a row with NaN."""
    z = masked(x, where)
    top = jnp.max(z, axis, keepdims=True, initial=-jnp.inf)
    lengths = [z.shape[a] for a in axis]
    place = sum(lax.broadcasted_iota(int, z.shape, a) * math.prod(lengths[i + 1 :]) for i, a in enumerate(axis))
    first = jnp.min(jnp.where(z == top, place, math.prod(lengths)), axis, keepdims=True, initial=math.prod(lengths))
    one_hot = ((place == first) & (z > -jnp.inf)).astype(z.dtype)
    return cast(x.dtype, jnp.where(jnp.isnan(top), jnp.nan, one_hot))


@first_maximum.defjvp
def first_maximum_jvp(axis, primals, tangents):
    y = first_maximum(primals[0], axis, primals[1])
    return y, jnp.where(jnp.isnan(y), y, 0) * tangents[0]


@axis_function(has_rule=True)
def gumbel_softmax(x, key, axis=-1, *, temperature=1.0, hard=False):
    wide = at_least_float32(x.dtype)
    z = cast(wide, x) + jax.random.gumbel(key, x.shape, wide)
    y = cast(x.dtype, _rows.softmax(z, axis, None, temperature))
    return straight_through(cast(x.dtype, first_maximum(z, axis)), y) if hard else y


@jax.custom_jvp
def straight_through(hard, soft):
    """`hard`, with the slope of `soft`."""
    return hard


straight_through.defjvp(lambda primals, tangents: (primals[0], tangents[1]))


@axis_function(has_rule=True)
def solu(x, axis=-1):
    return _solu(axis, x)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _solu(axis, x):
    h, p, left = _halves(x, axis)
    return cast(x.dtype, left * h * p)


def _halves(x, axis):
    """(h, p / h, x), h the root of exp(x - m): it may be flushed to 0 where x times it is not. x is 0 where h is."""
    d, _, _ = below(x, None, None, axis)
    h = jnp.exp(d / 2)
    whole = total(square(h), axis)
    return h, h / jnp.where(whole == 0, 1, whole), jnp.where(h == 0, 0, cast(h.dtype, x))


@_solu.defjvp
def _solu_jvp(axis, primals, tangents):
    return _solu(axis, *primals), _push_solu(axis, *primals, *tangents)


@functools.partial(jax.checkpoint, static_argnums=0, prevent_cse=False)
def _push_solu(axis, x, t):
    """p (t + x (t - the mean of t)), the mean from the first maximum's t on, which else would cancel there."""
    kept = _rows.held_apart(x, "input")
    h, p, left = _halves(kept, axis)
    t = cast(h.dtype, t)
    from_top = t - total(cast(h.dtype, first_maximum(kept, axis)) * t, axis)
    return cast(x.dtype, h * (t + left * (from_top - total(h * p * from_top, axis))) * p)
