"""PReLU in Equinox: a network with acts_jax.PReLU as a field learns to read digits, is saved and restored.

python examples/equinox_mlp.py

Needs the extra test, and `pip install equinox`.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import digits
import equinox as eqx
import jax
import optax

import acts_jax

HIDDEN, EPOCHS = 64, 20


class Network(eqx.Module):
    """64 pixels, one hidden layer with a learned slope per unit, 10 logits."""

    hidden: eqx.nn.Linear
    act: acts_jax.PReLU
    out: eqx.nn.Linear

    def __init__(self, key: jax.Array) -> None:
        hidden_key, out_key = jax.random.split(key)
        self.hidden = eqx.nn.Linear(64, HIDDEN, key=hidden_key)
        self.act = acts_jax.PReLU.init(HIDDEN)
        self.out = eqx.nn.Linear(HIDDEN, digits.CLASSES, key=out_key)

    def __call__(self, image: jax.Array) -> jax.Array:
        """The logits of one image."""
        return self.out(self.act(self.hidden(image)))


OPTIMIZER = optax.adamw(3e-3, mask=acts_jax.weight_decay_mask)


def cross_entropy(network: Network, x, labels):
    return optax.softmax_cross_entropy_with_integer_labels(jax.vmap(network)(x), labels).mean()


@eqx.filter_jit
def step(network: Network, state, x, labels):
    loss, gradients = eqx.filter_value_and_grad(cross_entropy)(network, x, labels)
    updates, state = OPTIMIZER.update(gradients, state, network)
    return loss, eqx.apply_updates(network, updates), state


def train(data: digits.Digits, epochs: int) -> Iterator[tuple[jax.Array, Network]]:
    """One step of AdamW per batch, without weight decay on alpha; yields the loss and the network after the step."""
    network = Network(jax.random.key(0))
    state = OPTIMIZER.init(network)
    for x, labels in digits.batches(data, epochs, seed=0):
        loss, network, state = step(network, state, x, labels)
        yield loss, network


def save(network: Network, path: Path) -> None:
    eqx.tree_serialise_leaves(path, network)


def restore(path: Path) -> Network:
    return eqx.tree_deserialise_leaves(path, eqx.filter_eval_shape(Network, jax.random.key(0)))


def accuracy(network: Network, data: digits.Digits) -> float:
    return float((jax.vmap(network)(data.test_x).argmax(axis=1) == data.test_labels).mean())


def main() -> None:
    data = digits.load()
    network = digits.follow(train(data, EPOCHS), total=digits.steps_in(data, EPOCHS))
    digits.report(accuracy(network, data), network.act.alpha)
    with tempfile.TemporaryDirectory() as folder:
        save(network, Path(folder) / "network")
        print(f"saved and restored: {accuracy(restore(Path(folder) / 'network'), data):.2%}")


if __name__ == "__main__":
    main()
