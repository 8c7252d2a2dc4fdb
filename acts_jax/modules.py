"""Activations with state of their own: PReLU, whose slopes are learned."""

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp

from .rectifiers import prelu


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class PReLU:
    """prelu with its own alpha, a pytree whose only leaf is alpha: it goes through jit, grad, vmap and optax as it is.

    alpha has shape () (shared) or (C,), one per channel on `axis`, as in `prelu`. With min_alpha, alpha is
    bounded below by it wherever it is used, and gets no gradient below it.

    Source: He, Zhang, Ren, Sun, 'Delving Deep into Rectifiers', 2015, arXiv:1502.01852.

    >>> layer = PReLU.init(2)
    >>> layer(jnp.array([[-0.5, 1.0], [2.0, -1.0]])).tolist()
    [[-0.125, 1.0], [2.0, -0.25]]
    >>> jax.grad(lambda layer, x: layer(x).sum())(layer, jnp.array([[-0.5, 1.0], [2.0, -1.0]])).alpha.tolist()
    [-0.5, -1.0]
    """

    alpha: jax.Array
    axis: int | None = field(default=None, metadata={"static": True})
    min_alpha: float | None = field(default=None, metadata={"static": True})

    @classmethod
    def init(
        cls,
        num_parameters: int = 1,
        init: float = 0.25,
        *,
        axis: int | None = None,
        dtype: Any = jnp.float32,
        device: Any = None,
        min_alpha: float | None = None,
    ) -> "PReLU":
        """A PReLU with alpha = init: shape () for one parameter, (num_parameters,) for more, on that device.

        ValueError if num_parameters is not 1 or more; TypeError if dtype is not a floating type.
        """
        if num_parameters < 1:
            raise ValueError(f"num_parameters is {num_parameters}; it must be 1 (shared) or the number of channels")
        if not jnp.issubdtype(dtype, jnp.floating):
            raise TypeError(f"alpha can't have dtype {dtype}: it is learned, so it must be a floating type")
        shape = () if num_parameters == 1 else (num_parameters,)
        return cls(jnp.full(shape, init, dtype, device=device), axis, min_alpha)

    def __call__(self, x: Any) -> jax.Array:
        """The activation of x; alpha's shape must fit x, as in `prelu`."""
        alpha = self.alpha
        if self.min_alpha is not None:
            alpha = jnp.where(alpha > self.min_alpha, alpha, jnp.asarray(self.min_alpha, alpha.dtype))
        return prelu(x, alpha, self.axis)
