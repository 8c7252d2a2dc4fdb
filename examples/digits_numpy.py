"""Learn to read handwritten digits: a two-layer network in NumPy, its backpropagation written by hand with acts.

    python examples/digits_numpy.py
    python examples/digits_numpy.py --activation gelu --upsample

digits_jax.py is the same network in JAX, which finds the backward pass by itself.
"""

from collections.abc import Iterable, Iterator

import digits
import numpy as np
from digits import Weights

import acts


def initial_weights(inputs, hidden, activation, seed=0, dtype=np.float32) -> Weights:
    weights = digits.first_weights(inputs, hidden, seed, dtype)
    if activation == acts.prelu:  # one slope per hidden unit, learned like any other weight
        weights["alpha"] = np.full(hidden, digits.FIRST_ALPHA, dtype)
    return weights


def learned(weights: Weights) -> list[np.ndarray]:
    """The activation's own weights: prelu has one array, alpha; the other activations have none."""
    return [weights["alpha"]] if "alpha" in weights else []


def forward(weights: Weights, activation: acts.Activation, x):
    z = x @ weights["W1"] + weights["b1"]  # (batch, hidden)
    h = activation(z, *learned(weights))
    logits = h @ weights["W2"] + weights["b2"]  # (batch, 10)
    return z, h, logits


def cross_entropy(logits, labels):
    """The mean of -log(probability given to the true digit), and its gradient with respect to the logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)  # the same probabilities, and exp can't overflow
    log_probability = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    truth = np.eye(digits.CLASSES, dtype=logits.dtype)[labels]
    loss = -(truth * log_probability).sum(axis=1).mean()
    return loss, (np.exp(log_probability) - truth) / len(labels)


def backward(weights: Weights, activation: acts.Activation, x, z, h, dlogits) -> Weights:
    """The chain rule, from the logits back to the weights: dv is the gradient of the loss with respect to v."""
    dh = dlogits @ weights["W2"].T
    dz, *dlearned = activation.vjp(z, dh, *learned(weights))
    gradients = {"W1": x.T @ dz, "b1": dz.sum(axis=0), "W2": h.T @ dlogits, "b2": dlogits.sum(axis=0)}
    if "alpha" in weights:
        (gradients["alpha"],) = dlearned
    return gradients


def train(weights: Weights, batches: Iterable, activation: acts.Activation, lr: float) -> Iterator:
    """One step of stochastic gradient descent per batch; yields the batch's loss and the weights after the step."""
    for x, labels in batches:
        z, h, logits = forward(weights, activation, x)
        loss, dlogits = cross_entropy(logits, labels)
        gradients = backward(weights, activation, x, z, h, dlogits)
        weights = {name: w - lr * gradients[name] for name, w in weights.items()}
        yield loss, weights


def accuracy(weights: Weights, activation: acts.Activation, x, labels) -> float:
    *_, logits = forward(weights, activation, x)
    return float((logits.argmax(axis=1) == labels).mean())


def main() -> None:
    given = digits.options(__doc__)
    data = digits.load(given.upsample)
    digits.announce(given, data)
    weights = initial_weights(data.x.shape[1], given.hidden, given.activation, given.seed)
    steps = train(weights, digits.batches(data, given.epochs, given.seed), given.activation, given.lr)
    weights = digits.follow(steps, total=digits.steps_in(data, given.epochs))
    digits.report(accuracy(weights, given.activation, data.test_x, data.test_labels), weights.get("alpha"))


if __name__ == "__main__":
    main()
