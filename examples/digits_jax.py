"""Learn to read handwritten digits: a two-layer network in JAX, with acts_jax and optax.

    python examples/digits_jax.py
    python examples/digits_jax.py --activation gelu --upsample

digits_numpy.py is the same network in NumPy, its backward pass written by hand.
"""

from collections.abc import Iterable, Iterator

import digits
import jax
import numpy as np
import optax
from digits import Weights

import acts
import acts_jax


def initial_weights(inputs, hidden, activation, seed=0, dtype=np.float32) -> Weights:
    """The activation is one of the weights: PReLU brings its alphas, any other function brings none."""
    if activation == acts.prelu:
        act = acts_jax.PReLU.init(hidden, digits.FIRST_ALPHA, dtype=dtype)  # one slope per hidden unit
    else:
        act = jax.tree_util.Partial(acts_jax.get(activation.__name__))
    return {**digits.first_weights(inputs, hidden, seed, dtype), "act": act}


def forward(weights: Weights, x):
    h = weights["act"](x @ weights["W1"] + weights["b1"])  # (batch, hidden)
    return h @ weights["W2"] + weights["b2"]  # (batch, 10)


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
    given = digits.options(__doc__)
    data = digits.load(given.upsample)
    digits.announce(given, data)
    weights = initial_weights(data.x.shape[1], given.hidden, given.activation, given.seed)
    steps = train(weights, digits.batches(data, given.epochs, given.seed), given.lr)
    weights = digits.follow(steps, total=digits.steps_in(data, given.epochs))
    alphas = weights["act"].alpha if given.activation == acts.prelu else None
    digits.report(accuracy(weights, data.test_x, data.test_labels), alphas)


if __name__ == "__main__":
    main()
