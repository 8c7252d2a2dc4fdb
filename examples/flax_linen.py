"""PReLU in Flax Linen: a network learns to read handwritten digits, is saved and restored.

python examples/flax_linen.py

Needs the extra test, and `pip install flax`.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import digits
import jax
import jax.numpy as jnp
import optax
import orbax.checkpoint as ocp
from flax import linen
from flax.training.train_state import TrainState

import acts_jax
import acts_jax.linen

HIDDEN, EPOCHS = 64, 20
Variables = dict[str, Any]


class Network(linen.Module):
    """64 pixels, one hidden layer with a learned slope per unit, 10 logits."""

    @linen.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """The logits of a batch of images."""
        x = linen.Dense(HIDDEN)(x)
        x = acts_jax.linen.PReLU(HIDDEN, name="act")(x)
        return linen.Dense(digits.CLASSES)(x)


def first_variables() -> Variables:
    return Network().init(jax.random.key(0), jnp.zeros((1, 64)))


@jax.jit
def step(state: TrainState, x, labels):
    def cross_entropy(variables):
        return optax.softmax_cross_entropy_with_integer_labels(state.apply_fn(variables, x), labels).mean()

    loss, gradients = jax.value_and_grad(cross_entropy)(state.params)
    return loss, state.apply_gradients(grads=gradients)


def train(data: digits.Digits, epochs: int) -> Iterator[tuple[jax.Array, Variables]]:
    """One step of AdamW per batch, without weight decay on alpha; yields the loss and the variables after the step."""
    optimizer = optax.adamw(3e-3, mask=acts_jax.weight_decay_mask)
    state = TrainState.create(apply_fn=Network().apply, params=first_variables(), tx=optimizer)
    for x, labels in digits.batches(data, epochs, seed=0):
        loss, state = step(state, x, labels)
        yield loss, state.params


def save(variables: Variables, path: Path) -> None:
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(path, variables)


def restore(path: Path) -> Variables:
    with ocp.StandardCheckpointer() as checkpointer:
        return checkpointer.restore(path, jax.eval_shape(first_variables))


def accuracy(variables: Variables, data: digits.Digits) -> float:
    return float((Network().apply(variables, data.test_x).argmax(axis=1) == data.test_labels).mean())


def main() -> None:
    data = digits.load()
    variables = digits.follow(train(data, EPOCHS), total=digits.steps_in(data, EPOCHS))
    digits.report(accuracy(variables, data), variables["params"]["act"]["alpha"])
    with tempfile.TemporaryDirectory() as folder:
        save(variables, Path(folder) / "network")
        print(f"saved and restored: {accuracy(restore(Path(folder) / 'network'), data):.2%}")


if __name__ == "__main__":
    main()
