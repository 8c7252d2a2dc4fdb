"""acts_jax.PReLU in flax.serialization: its state is its alpha, as a Flax layer's is its parameter. Needs flax."""

import dataclasses
from typing import Any

from flax import serialization

from .modules import PReLU


def register() -> None:
    """Let flax.serialization turn a PReLU into bytes and back; axis and min_alpha are those of the target."""
    serialization.register_serialization_state(PReLU, _state_of, _with_state, override=True)


def _state_of(layer: PReLU) -> dict[str, Any]:
    return {"alpha": serialization.to_state_dict(layer.alpha)}


def _with_state(layer: PReLU, state: dict[str, Any]) -> PReLU:
    return dataclasses.replace(layer, alpha=serialization.from_state_dict(layer.alpha, state["alpha"]))
