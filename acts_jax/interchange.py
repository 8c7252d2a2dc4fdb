"""PReLU's slopes in the shapes in which other frameworks keep them. None of them is imported here.

torch has one slope per channel of axis 1, or one. Keras, ONNX, Flax and Equinox have an array that broadcasts to x
from the last axis. What goes out is a NumPy array with min_alpha applied, bfloat16 as float32, for NumPy has no
bfloat16; what comes in is copied.
The shape asked for is that of x; a batch axis may be None.

>>> from acts_jax import interchange
>>> layer = interchange.from_torch(np.array([0.25, 0.5], np.float32))
>>> weight, shared_axes = interchange.to_keras(layer, shape=(None, 2, 8, 8))
>>> weight.shape, shared_axes
((2, 1, 1), [2, 3])
"""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from acts._arguments import UnknownNameError, parameter_shape

from .modules import PReLU


def from_torch(weight: Any) -> PReLU:
    """The PReLU with the `weight` of a torch.nn.PReLU, of shape (1,) or (C,): the channels are on axis 1.

    weight: a tensor, attached or not, on any device, or an array; alpha lies on JAX's default device. A TypeError if
    its type is not a floating one, a ValueError if its shape is another.

    >>> from acts_jax import interchange
    >>> interchange.from_torch(np.array([0.5], np.float32))
    PReLU(alpha=Array(0.5, dtype=float32), axis=None, min_alpha=None)
    """
    if hasattr(weight, "detach"):
        weight = np.asarray(jnp.from_dlpack(weight.detach().cpu()))  # NumPy alone could not read a bfloat16 tensor
    alpha = _slopes(weight)
    if alpha.ndim > 1:
        raise ValueError(f"the weight of a torch.nn.PReLU has shape (1,) or (C,); this has {alpha.shape}")
    return PReLU(alpha.reshape(())) if alpha.size == 1 else PReLU(alpha, axis=1)


def to_torch(layer: PReLU, shape: tuple[Any, ...]) -> NDArray[Any]:
    """The `weight` of the torch.nn.PReLU that does the same to an x of that shape: shape (1,) or (C,).

    A ValueError where the slopes are not per channel of axis 1.

    >>> from acts_jax import PReLU, interchange
    >>> interchange.to_torch(PReLU.init(3, axis=1), shape=(None, 3, 8, 8))
    array([0.25, 0.25, 0.25], dtype=float32)
    """
    slope = _with_rank_of(shape, to_slope(layer, shape))
    channels = slope.shape[1] if slope.ndim > 1 else 1
    if slope.size != channels:
        raise ValueError(f"torch has one slope per channel of axis 1; these have shape {slope.shape} for x {shape}")
    return slope.reshape(channels)


def from_keras(weight: ArrayLike) -> PReLU:
    """The PReLU with the `alpha` of a keras.layers.PReLU; its shape is 1 along shared_axes.

    >>> from acts_jax import interchange
    >>> interchange.from_keras(np.full((1, 1, 3), 0.5, np.float32)).axis
    -1
    """
    return from_slope(weight)


def to_keras(layer: PReLU, shape: tuple[Any, ...]) -> tuple[NDArray[Any], list[int]]:
    """The `alpha`, and the shared_axes, of the keras.layers.PReLU that does the same to an x of that shape.

    A ValueError where the slopes differ along the batch axis, which Keras can't have.

    >>> from acts_jax import PReLU, interchange
    >>> weight, shared_axes = interchange.to_keras(PReLU.init(3, axis=-1), shape=(None, 8, 8, 3))
    >>> weight.shape, shared_axes
    ((1, 1, 3), [1, 2])
    """
    slope = _with_rank_of(shape, to_slope(layer, shape))
    if slope.shape[:1] != (1,):
        raise ValueError(f"Keras shares slopes along axis 0, the batch; these have shape {slope.shape} for x {shape}")
    return np.asarray(slope[0]), [axis for axis in range(1, slope.ndim) if slope.shape[axis] == 1]


def from_slope(slope: ArrayLike) -> PReLU:
    """The PReLU with slopes that broadcast to x: of ONNX PRelu, or the `negative_slope` of Flax or Equinox.

    Where they differ along one axis only, that is the layer's axis, counted from the end.

    >>> from acts_jax import interchange
    >>> layer = interchange.from_slope(np.array([[[0.25]], [[0.5]]], np.float32))  # (2, 1, 1): channels first
    >>> layer.alpha.shape, layer.axis
    ((2,), -3)
    """
    alpha = _slopes(slope)
    long = [axis - alpha.ndim for axis, n in enumerate(alpha.shape) if n != 1]
    if len(long) > 1:
        return PReLU(alpha)
    return PReLU(alpha.reshape(-1), long[0]) if long else PReLU(alpha.reshape(()))


def to_slope(layer: PReLU, shape: tuple[Any, ...]) -> NDArray[Any]:
    """The slopes that broadcast to an x of that shape, as Flax and Equinox take them; () if shared.

    A ValueError where alpha does not fit x, as in `prelu`.

    >>> from acts_jax import PReLU, interchange
    >>> interchange.to_slope(PReLU.init(3, axis=1), shape=(10, 3, 8, 8)).shape
    (1, 3, 1, 1)
    """
    slope = layer.slope
    slope = slope.astype(jnp.float32) if slope.dtype == jnp.bfloat16 else slope
    sizes = parameter_shape("PReLU", "alpha", slope.shape, shape, layer.axis, per_channel=True)
    return np.array(slope).reshape(sizes)


def to_onnx(layer: PReLU, shape: tuple[Any, ...]) -> NDArray[Any]:
    """The slope of an ONNX PRelu for an x of that shape, which every runtime reads alike: with as many axes as x.

    A slope of one axis is not safe: the standard aligns it with the last axis, OpenVINO 2026.4.1 with axis 1.

    >>> import jax.numpy as jnp
    >>> from acts_jax import PReLU, interchange
    >>> interchange.to_onnx(PReLU.init(3, axis=-1), shape=(10, 3, 8, 3)).shape
    (1, 1, 1, 3)
    """
    return _with_rank_of(shape, to_slope(layer, shape))


def from_flax(params: Any) -> Any:
    """The parameters of a network of Flax's layers for one with acts_jax.linen.PReLU or acts_jax.nnx.PReLU in place of
    Flax's: the same nested dicts, with each PReLU's `negative_slope` under the name of `alpha`.

    params: what Linen's `init` returns, or `nnx.to_pure_dict`, restored from a checkpoint. A LookupError if there is no
    `negative_slope`, a TypeError or ValueError if one is no array of slopes.

    >>> from acts_jax import interchange
    >>> interchange.from_flax({"params": {"PReLU_0": {"negative_slope": jnp.float32(0.5)}}})
    {'params': {'PReLU_0': {'alpha': Array(0.5, dtype=float32)}}}
    """
    return _renamed(params, "negative_slope", "alpha", _slopes)


def to_flax(params: Any) -> Any:
    """What `from_flax` undoes: each `alpha` under the name of `negative_slope`.

    A ValueError for slopes per channel, since Flax has one; a LookupError if there is no `alpha`. A bound, min_alpha,
    is no parameter and is not applied.

    >>> from acts_jax import interchange
    >>> interchange.to_flax({"params": {"PReLU_0": {"alpha": jnp.float32(0.5)}}})
    {'params': {'PReLU_0': {'negative_slope': Array(0.5, dtype=float32)}}}
    """
    return _renamed(params, "alpha", "negative_slope", _shared)


def _renamed(params: Any, old: str, new: str, convert: Callable[[Any], Any]) -> Any:
    found = []

    def walk(tree: Any) -> Any:
        if not isinstance(tree, Mapping):
            return tree
        found.append(old in tree)
        return {new if key == old else key: convert(v) if key == old else walk(v) for key, v in tree.items()}

    renamed = walk(params)
    if not any(found):
        raise UnknownNameError(
            f"there is no {old!r} in these parameters; they are nested dicts, as Flax's init returns"
        )
    return renamed


def _shared(alpha: Any) -> Any:
    slope = _slopes(alpha)
    if slope.size != 1:
        raise ValueError(f"Flax has one slope for all channels; these have shape {slope.shape}")
    return slope.reshape(())


def _slopes(given: Any) -> Any:
    """A copy of the slopes, as an array of JAX."""
    array = given if isinstance(given, jax.Array) else np.asarray(given)
    if not jnp.issubdtype(array.dtype, jnp.floating):
        kind = f"{type(given).__name__} of dtype {array.dtype}"
        raise TypeError(f"slopes are arrays of a floating type, as the layer's weight is; this is a {kind}")
    if not array.size:
        raise ValueError(f"there are no slopes in an array of shape {array.shape}")
    return jnp.array(array)


def _with_rank_of(shape: tuple[Any, ...], slope: NDArray[Any]) -> NDArray[Any]:
    return slope.reshape((1,) * (len(shape) - slope.ndim) + slope.shape)
