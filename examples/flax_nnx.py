"""PReLU in Flax NNX: a network learns to read handwritten digits, is saved and restored.

python examples/flax_nnx.py

Needs the extra test, and `pip install flax`.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import digits
import jax
import optax
import orbax.checkpoint as ocp
from flax import nnx

import acts_jax
import acts_jax.nnx

HIDDEN, EPOCHS = 64, 20


class Network(nnx.Module):
    """64 pixels, one hidden layer with a learned slope per unit, 10 logits."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        self.hidden = nnx.Linear(64, HIDDEN, rngs=rngs)
        self.act = acts_jax.nnx.PReLU(HIDDEN, rngs=rngs)
        self.out = nnx.Linear(HIDDEN, digits.CLASSES, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """The logits of a batch of images."""
        return self.out(self.act(self.hidden(x)))


def cross_entropy(network: Network, x, labels):
    return optax.softmax_cross_entropy_with_integer_labels(network(x), labels).mean()


@nnx.jit
def step(network: Network, optimizer: nnx.Optimizer, x, labels):
    loss, gradients = nnx.value_and_grad(cross_entropy)(network, x, labels)
    optimizer.update(network, gradients)
    return loss


def train(data: digits.Digits, epochs: int) -> Iterator[tuple[jax.Array, Network]]:
    """One step of AdamW per batch, without weight decay on alpha; yields the loss and the network after the step."""
    network = Network(nnx.Rngs(0))
    optimizer = nnx.Optimizer(network, optax.adamw(3e-3, mask=acts_jax.weight_decay_mask), wrt=nnx.Param)
    for x, labels in digits.batches(data, epochs, seed=0):
        yield step(network, optimizer, x, labels), network


def save(network: Network, path: Path) -> None:
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(path, nnx.state(network))


def restore(path: Path) -> Network:
    graph, shapes = nnx.split(nnx.eval_shape(lambda: Network(nnx.Rngs(0))))
    with ocp.StandardCheckpointer() as checkpointer:
        return nnx.merge(graph, checkpointer.restore(path, shapes))


def accuracy(network: Network, data: digits.Digits) -> float:
    return float((network(data.test_x).argmax(axis=1) == data.test_labels).mean())


def main() -> None:
    data = digits.load()
    network = digits.follow(train(data, EPOCHS), total=digits.steps_in(data, EPOCHS))
    digits.report(accuracy(network, data), network.act.alpha[...])
    with tempfile.TemporaryDirectory() as folder:
        save(network, Path(folder) / "network")
        print(f"saved and restored: {accuracy(restore(Path(folder) / 'network'), data):.2%}")


if __name__ == "__main__":
    main()
