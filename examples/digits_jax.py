"""Learn to read handwritten digits: a network in JAX, with acts_jax and optax.

    python examples/digits_jax.py
    python examples/digits_jax.py --activation gelu --upsample

digits_numpy.py is the same network in NumPy, its backward pass written by hand.
"""

from collections.abc import Iterable, Iterator, Sequence

import digits
import jax
import numpy as np
import optax
from digits import Weights

import acts
import acts_jax


def initial_weights(widths: Sequence[int], activation, init="he", seed=0, dtype=np.float32) -> Weights:
    """The activation is one of a layer's weights: PReLU brings its alphas, any other function brings none."""

    def act(units):
        if activation == acts.prelu:
            return acts_jax.PReLU.init(units, digits.FIRST_ALPHA, dtype=dtype)  # one slope per hidden unit
        return jax.tree_util.Partial(acts_jax.get(activation.__name__))

    example = activation.bind(alpha=digits.FIRST_ALPHA) if activation == acts.prelu else activation
    *hidden, last = digits.first_weights(widths, example, init, seed, dtype)
    return [*({"W": W, "b": b, "act": act(len(b))} for W, b in hidden), {"W": last[0], "b": last[1]}]


def forward(layers: Weights, x):
    *hidden, last = layers
    for layer in hidden:
        x = layer["act"](x @ layer["W"] + layer["b"])  # (batch, units)
    return x @ last["W"] + last["b"]  # (batch, 10)


def cross_entropy(weights: Weights, x, labels):
    return optax.softmax_cross_entropy_with_integer_labels(forward(weights, x), labels).mean()


def train(weights: Weights, batches: Iterable, lr: float) -> Iterator:
    """One step of stochastic gradient descent per batch; yields the batch's loss and the weights after the step."""
    optimizer = optax.sgd(lr)
    state = optimizer.init(weights)

    @jax.jit
    def step(weights, state, x, labels):
        loss, gradients = jax.value_and_grad(cross_entropy)(weights, x, labels)  # forward and backward
        updates, state = optimizer.update(gradients, state)
        return loss, optax.apply_updates(weights, updates), state

    for x, labels in batches:
        loss, weights, state = step(weights, state, x, labels)
        yield loss, weights


def accuracy(weights: Weights, x, labels) -> float:
    return float((forward(weights, x).argmax(axis=1) == labels).mean())


def main() -> None:
    given = digits.parser(__doc__).parse_args()
    data = digits.load(given.upsample)
    digits.announce(given, data)
    weights = initial_weights(digits.widths(given, data), given.activation, given.init, given.seed)
    steps = train(weights, digits.batches(data, given.epochs, given.seed), given.lr)
    weights = digits.follow(steps, total=digits.steps_in(data, given.epochs))
    alphas = [layer["act"].alpha for layer in weights[:-1]] if given.activation == acts.prelu else ()
    digits.report(accuracy(weights, data.test_x, data.test_labels), alphas)


if __name__ == "__main__":
    main()
