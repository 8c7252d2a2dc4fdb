"""One array taken apart into the gate and the value of a gated function. `parts` knows no array library."""

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def split_gate(
    x: ArrayLike, *, gate: str, axis: int = -1, layout: str | int = "halves"
) -> tuple[NDArray[Any], NDArray[Any]]:
    """(gate, value) of x, the output of one matrix product for both, as the functions of acts take them.

    gate: "first" or "last". There is no default, since libraries differ and the wrong one is no error: transformers,
    vLLM and SGLang have the gate first, torch.nn.functional.glu, jax.nn.glu and diffusers' GEGLU last. axis: where the
    two lie. layout: "halves", "interleaved" (each gate beside its value), or a block size n: n gates, n values, ...
    Both have x's type, and half its length on the axis; they are views of x where NumPy can have one. A ValueError for
    another gate or layout, an axis that x lacks, or a length that can't be halved so.

    >>> x = np.array([1.0, 2.0, 3.0, 4.0])
    >>> acts.split_gate(x, gate="first")
    (array([1., 2.]), array([3., 4.]))
    >>> acts.split_gate(x, gate="last")
    (array([3., 4.]), array([1., 2.]))
    >>> acts.split_gate(x, gate="first", layout="interleaved")
    (array([1., 3.]), array([2., 4.]))
    """
    return parts(np.asarray(x), gate, axis, layout)


def parts(x: Any, gate: str, axis: int, layout: str | int) -> tuple[Any, Any]:
    """`split_gate` of an array of any library."""
    if gate not in ("first", "last"):
        raise ValueError(f"split_gate: gate is {gate!r}; allowed: 'first', 'last'")
    axis, rank = operator.index(axis), len(x.shape)
    if not -rank <= axis < rank:
        raise ValueError(f"split_gate: x of shape {x.shape} has no axis {axis}")
    length = x.shape[axis]
    block = _block(layout, length)
    if length % 2 or length % (2 * block):
        needed = "it must be even" if layout in ("halves", "interleaved") else f"it must be a multiple of {2 * block}"
        raise ValueError(f"split_gate: x has length {length} on axis {axis} (shape {x.shape}); {needed}")
    axis %= rank
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    pairs = x.reshape(*before, length // (2 * block), 2, block, *after)
    first, last = (pairs[(slice(None),) * (axis + 1) + (i,)].reshape(*before, length // 2, *after) for i in (0, 1))
    return (first, last) if gate == "first" else (last, first)


def _block(layout: str | int, length: int) -> int:
    """How many gates, and then values, lie next to each other."""
    if layout == "halves":
        return max(length // 2, 1)
    if layout == "interleaved":
        return 1
    if isinstance(layout, (str, bool)) or not hasattr(layout, "__index__") or operator.index(layout) < 1:
        raise ValueError(
            f"split_gate: layout is {layout!r}; allowed: 'halves', 'interleaved', or a block size of 1 or more"
        )
    return operator.index(layout)
