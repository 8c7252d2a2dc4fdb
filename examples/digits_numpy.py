"""Learn to read handwritten digits: a network in NumPy, its backpropagation written by hand with acts.

    python examples/digits_numpy.py
    python examples/digits_numpy.py --activation gelu --upsample
    python examples/digits_numpy.py --activation relu --depth 3 --lr 1 --plot digits.png

digits_jax.py is the same network in JAX, which finds the backward pass by itself. The demonstrations (dying_relu.py,
vanishing_gradients.py, self_normalising.py, choosing.py, learned_activations.py) look into this network.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import digits
import numpy as np
from demonstration import by_depth, figure_with, picture, save

import acts


class Layer(NamedTuple):
    """x @ W + b, and what the activation behind it learns: prelu's alpha, one per unit. Most learn nothing."""

    W: np.ndarray
    b: np.ndarray
    learned: dict[str, np.ndarray]


def initial_layers(widths: Sequence[int], activation, init="he", seed=0, dtype=np.float32, learned=None) -> list[Layer]:
    """A layer for each pair of widths that follow each other.

    learned: the first value of each of the activation's parameters that are to be learned, one per unit.
    """
    if learned is None:
        learned = {"alpha": digits.FIRST_ALPHA} if activation == acts.prelu else {}
    *hidden, last = digits.first_weights(widths, activation.bind(**learned), init, seed, dtype)
    layers = [Layer(W, b, {name: np.full_like(b, first) for name, first in learned.items()}) for W, b in hidden]
    return [*layers, Layer(*last, {})]  # no activation behind the last one


def forward(layers: Sequence[Layer], activation: acts.Activation, x):
    """The logits, and what backward needs: the input of every layer, and the sums z in front of every activation."""
    *hidden, last = layers
    inputs, sums = [x], []
    for layer in hidden:
        z = inputs[-1] @ layer.W + layer.b  # (batch, units)
        inputs.append(activation(z, **layer.learned))
        sums.append(z)
    return inputs[-1] @ last.W + last.b, inputs, sums


def cross_entropy(logits, labels):
    """The mean of -log(probability given to the true digit), and its gradient with respect to the logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)  # the same probabilities, and exp can't overflow
    log_probability = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    truth = np.eye(digits.CLASSES, dtype=logits.dtype)[labels]
    loss = -(truth * log_probability).sum(axis=1).mean()
    return loss, (np.exp(log_probability) - truth) / len(labels)


def backward(layers: Sequence[Layer], activation: acts.Activation, inputs, sums, dlogits) -> list[Layer]:
    """The chain rule, from the logits back to the first layer: dv is the gradient of the loss with respect to v."""
    *hidden, last = layers
    *inputs, h = inputs
    gradients = [Layer(h.T @ dlogits, dlogits.sum(axis=0), {})]
    dh = dlogits @ last.W.T
    for layer, x, z in zip(hidden[::-1], inputs[::-1], sums[::-1], strict=True):
        dz, *dlearned = activation.vjp(z, dh, **layer.learned, wrt=tuple(layer.learned))
        gradients.append(Layer(x.T @ dz, dz.sum(axis=0), dict(zip(layer.learned, dlearned, strict=True))))
        dh = dz @ layer.W.T
    return gradients[::-1]


def descended(layer: Layer, gradient: Layer, lr: float) -> Layer:
    """The layer after a step of gradient descent."""
    learned = {name: value - lr * gradient.learned[name] for name, value in layer.learned.items()}
    return Layer(layer.W - lr * gradient.W, layer.b - lr * gradient.b, learned)


def train(layers: list[Layer], batches: Iterable, activation: acts.Activation, lr: float) -> Iterator:
    """One step of stochastic gradient descent per batch; yields the batch's loss and the layers after the step."""
    for x, labels in batches:
        logits, inputs, sums = forward(layers, activation, x)
        loss, dlogits = cross_entropy(logits, labels)
        gradients = backward(layers, activation, inputs, sums, dlogits)
        layers = [descended(layer, gradient, lr) for layer, gradient in zip(layers, gradients, strict=True)]
        yield loss, layers


def accuracy(layers: Sequence[Layer], activation: acts.Activation, x, labels) -> float:
    logits, *_ = forward(layers, activation, x)
    return float((logits.argmax(axis=1) == labels).mean())


def dead_units(layers: Sequence[Layer], activation: acts.Activation, x) -> list[np.ndarray]:
    """For each hidden layer, which units pass no gradient on: the activation's derivative is 0 on every image."""
    _, _, sums = forward(layers, activation, x)
    return [~activation.derivative(z, **layer.learned).any(axis=0) for layer, z in zip(layers[:-1], sums, strict=True)]


def draw(losses: Sequence[float], dead: Sequence[Sequence[float]], file: Path) -> None:
    """The loss of every batch, and after every epoch each hidden layer's share of dead units."""
    figure, (left, right) = figure_with(1, 2)
    left.semilogy(np.arange(1, len(losses) + 1), losses, linewidth=0.8)
    left.set(xlabel="step", ylabel="loss of the batch", title="Loss")
    left.yaxis.set_major_formatter("{x:g}")
    depth = len(dead[0])
    for number, (shares, color) in enumerate(zip(zip(*dead, strict=True), by_depth(depth), strict=True), 1):
        label = f"hidden layer {number}" if depth <= 8 or number in (1, depth) else None
        right.plot(np.arange(1, len(shares) + 1), 100 * np.array(shares), ".-", color=color, label=label)
    right.set(xlabel="epoch", ylabel="dead units, %", ylim=(-3, 103), title="Units whose gradient is 0 on every image")
    right.xaxis.get_major_locator().set_params(integer=True)
    right.legend()
    save(figure, file)


def main() -> None:
    parser = digits.parser(__doc__)
    parser.add_argument(
        "--plot", type=picture, metavar="FILE", help="loss and dead units, drawn into a PNG, SVG or PDF"
    )
    given = parser.parse_args()
    data = digits.load(given.upsample)
    digits.announce(given, data)
    layers = initial_layers(digits.widths(given, data), given.activation, given.init, given.seed)
    losses, dead = [], []

    def watched(steps):
        for loss, after in steps:
            losses.append(loss)
            if given.plot and len(losses) % digits.steps_in(data, 1) == 0:
                dead.append([units.mean() for units in dead_units(after, given.activation, data.x)])
            yield loss, after

    steps = train(layers, digits.batches(data, given.epochs, given.seed), given.activation, given.lr)
    layers = digits.follow(watched(steps), total=digits.steps_in(data, given.epochs))
    alphas = np.concatenate([layer.learned.get("alpha", []) for layer in layers])
    digits.report(accuracy(layers, given.activation, data.test_x, data.test_labels), alphas)
    if given.plot:
        draw(losses, dead, given.plot)


if __name__ == "__main__":
    main()
