"""One array taken apart into the gate and the value of a gated function."""

from typing import Any

import jax
import jax.numpy as jnp

from acts._split import parts


def split_gate(x: Any, *, gate: str, axis: int = -1, layout: str | int = "halves") -> tuple[jax.Array, jax.Array]:
    """(gate, value) of x, as `acts.split_gate` makes them: the same arguments, errors and order, in JAX.

    gate: "first" or "last", without a default. axis: where the two lie. layout: "halves", "interleaved", a block size.
    Both have x's type, and half its length on the axis. A ValueError for another gate or layout, an axis that x lacks,
    or a length that can't be halved so.

    >>> gate, value = acts_jax.split_gate(jnp.array([1.0, 2.0, 3.0, 4.0]), gate="last")
    >>> acts_jax.glu(gate, value)
    Array([0.95257413, 1.9640275 ], dtype=float32)
    """
    return parts(jnp.asarray(x), gate, axis, layout)
