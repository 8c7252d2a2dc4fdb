"""PReLU as a layer of Flax Linen. Needs flax."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import linen

from . import _flax, modules

_flax.register()


class PReLU(linen.Module):
    """acts_jax.PReLU as a Linen layer; its only parameter is `alpha`.

    num_parameters: 1 for one alpha, of shape (), or the number of channels on `axis`; see `acts_jax.prelu`.
    alpha_init: what alpha starts at. min_alpha: its lower bound. param_dtype: alpha's type. dtype: the type of
    the computation and the result, by default that of x. ValueError and TypeError as in `acts_jax.PReLU.init`.

    >>> import acts_jax.linen
    >>> layer = acts_jax.linen.PReLU(2)
    >>> x = jnp.array([[-1.0, 2.0], [3.0, -4.0]])
    >>> layer.apply(layer.init(jax.random.key(0), x), x).tolist()
    [[-0.25, 2.0], [3.0, -1.0]]
    """

    num_parameters: int = 1
    alpha_init: float = 0.25
    axis: int | None = None
    min_alpha: float | None = None
    dtype: Any = None
    param_dtype: Any = jnp.float32

    @linen.compact
    def __call__(self, x: Any) -> jax.Array:
        """The activation of x; alpha's shape must fit x, as in `acts_jax.prelu`."""
        first = modules.PReLU.init(self.num_parameters, self.alpha_init, dtype=self.param_dtype)
        alpha = self.param("alpha", lambda key: first.alpha)
        x = x if self.dtype is None else jnp.asarray(x, self.dtype)
        return modules.PReLU(alpha, self.axis, self.min_alpha)(x)
