"""PReLU as a layer of Flax NNX. Needs flax."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from . import _flax, modules

_flax.register()


class PReLU(nnx.Module):
    """acts_jax.PReLU as an NNX layer; its only variable is `alpha`, an nnx.Param.

    num_parameters: 1 for one alpha, of shape (), or the number of channels on `axis`; see `acts_jax.prelu`.
    alpha_init: what alpha starts at. min_alpha: its lower bound. param_dtype: alpha's type. dtype: the type of
    the computation and the result, by default that of x. rngs: taken as by every layer; nothing here is random.
    ValueError and TypeError as in `acts_jax.PReLU.init`.

    >>> import acts_jax.nnx
    >>> layer = acts_jax.nnx.PReLU(2)
    >>> layer(jnp.array([[-1.0, 2.0], [3.0, -4.0]])).tolist()
    [[-0.25, 2.0], [3.0, -1.0]]
    """

    def __init__(
        self,
        num_parameters: int = 1,
        alpha_init: float = 0.25,
        *,
        axis: int | None = None,
        min_alpha: float | None = None,
        dtype: Any = None,
        param_dtype: Any = jnp.float32,
        rngs: nnx.Rngs | None = None,
    ) -> None:
        self.alpha = nnx.Param(modules.PReLU.init(num_parameters, alpha_init, dtype=param_dtype).alpha)
        self.axis, self.min_alpha, self.dtype = axis, min_alpha, dtype

    def __call__(self, x: Any) -> jax.Array:
        """The activation of x; alpha's shape must fit x, as in `acts_jax.prelu`."""
        x = x if self.dtype is None else jnp.asarray(x, self.dtype)
        return modules.PReLU(self.alpha[...], self.axis, self.min_alpha)(x)
