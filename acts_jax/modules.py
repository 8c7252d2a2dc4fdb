"""Activations with state of their own: PReLU, whose slopes are learned, and what an optimiser should know of them."""

import itertools
import operator
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp

import acts
from acts._arguments import checked_names

from ._arrays import FLOATS
from .families.rectifiers import prelu


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)  # hashed as an object, so that jax.jit(layer) and jax.checkpoint(layer) work
class PReLU:
    """prelu with its own alpha, a pytree whose only leaf is alpha: it goes through jit, grad, vmap and optax as it is.

    alpha has shape () (shared) or (C,), one per channel on `axis`, as in `prelu`. With min_alpha, alpha is
    bounded below by it wherever it is used, and gets no gradient at or below it.
    In Flax use acts_jax.nnx.PReLU or acts_jax.linen.PReLU, whose alpha is a parameter of Flax: an NNX module, as
    nnx.Sequential, takes this one only as nnx.data, and then nnx.grad and nnx.Optimizer leave its alpha as it is.

    Source: He, Zhang, Ren, Sun, 'Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet
    Classification', 2015, arXiv:1502.01852.

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
    @checked_names
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

        ValueError if num_parameters is not 1 or more, or min_alpha is NaN; TypeError if num_parameters or axis is no
        integer, or dtype is not a floating type that functions take.
        """
        if operator.index(num_parameters) < 1:
            raise ValueError(f"num_parameters is {num_parameters}; it must be 1 (shared) or the number of channels")
        if axis is not None:
            operator.index(axis)
        if jnp.dtype(dtype) not in FLOATS:
            allowed = ", ".join(map(str, FLOATS))
            raise TypeError(f"alpha can't have dtype {dtype}: it is learned, so it must be a floating type: {allowed}")
        if min_alpha != min_alpha:
            raise ValueError("min_alpha is NaN; it must be a number, or None for no bound")
        shape = () if num_parameters == 1 else (num_parameters,)
        return cls(jnp.full(shape, init, dtype, device=device), axis, min_alpha)

    @property
    def slope(self) -> jax.Array:
        """alpha as it is used: not below min_alpha."""
        if self.min_alpha is None:
            return self.alpha
        least = jnp.asarray(self.min_alpha, jnp.result_type(self.alpha))
        return jnp.where(self.alpha <= least, least, self.alpha)  # maximum would halve the gradient at the bound

    def __call__(self, x: Any) -> jax.Array:
        """The activation of x; alpha's shape must fit x, as in `prelu`."""
        return prelu(x, self.slope, self.axis)


LEARNED = {"alpha", "alpha_n", "alpha_p", "beta", "gamma", "negative_slope", "omega"}
LEARNED |= {"a0", "a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "b4"}


def weight_decay_mask(params: Any, more: Collection[str] = ()) -> Any:
    """What weight decay may touch, for `optax.adamw(mask=...)`: False at every activation's parameter, else True.

    Weight decay would pull alpha to 0, and PReLU to relu. params: any pytree of parameters, also of Flax or
    Equinox; the mask has its structure. A leaf is an activation's parameter, whatever its shape, if an attribute
    or key on the way to it is a name in LEARNED, such as alpha, or in `more` (or `more` itself, a name), or if it is
    a parameter of the activation named before it: `params["snake"]["a"]`, since many a weight is called a or b.

    >>> import acts_jax
    >>> params = {"w": jnp.ones((2, 2)), "act": acts_jax.PReLU.init()}
    >>> acts_jax.weight_decay_mask(params)
    {'act': PReLU(alpha=False, axis=None, min_alpha=None), 'w': True}
    """
    functions, kept = set(acts.names("all")), {*LEARNED, *([more] if isinstance(more, str) else more)}

    def decays(path: Any, _: Any) -> bool:
        keys = [jax.tree_util.keystr((key,), simple=True) for key in path]
        of_named = (key in acts.get(name).params for name, key in itertools.pairwise(keys) if name in functions)
        return kept.isdisjoint(keys) and not any(of_named)

    return jax.tree_util.tree_map_with_path(decays, params)
