"""Initial weights for a layer in front of an activation."""

from typing import Any, Literal

import jax

import acts

from ._registry import Function, bound_parameters, find, get


def initializer(
    function: str | Function,
    mode: Literal["fan_in", "fan_out", "fan_avg", "fan_geo_avg"] = "fan_in",
    distribution: Literal["truncated_normal", "normal", "uniform"] = "truncated_normal",
    **axes: Any,
) -> jax.nn.initializers.Initializer:
    """JAX's variance scaling with the gain of an activation: what the layer gives keeps a second moment of 1.

    function: the name of the activation that follows the weights, or a function of acts_jax, with its parameters bound
    to numbers; its gain is `acts.gain`'s. mode, distribution and axes (in_axis, out_axis, batch_axis, dtype) are those
    of `jax.nn.initializers.variance_scaling`. A LookupError for a function that is not one of acts_jax.

    >>> import jax, jax.numpy as jnp
    >>> import acts_jax
    >>> weights = acts_jax.initializer("relu")(jax.random.key(0), (512, 256))
    >>> print(f"{jnp.var(weights) * 512:.1f}")  # gain**2 / fan_in: that of He et al.
    2.0
    """
    function = get(function) if isinstance(function, str) else function
    record = find(function).record.bind(**bound_parameters(function))
    return jax.nn.initializers.variance_scaling(acts.gain(record) ** 2, mode, distribution, **axes)
