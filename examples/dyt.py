"""Dynamic tanh in place of a layer normalisation: a residual network learns to read digits, and its alphas.

    python examples/dyt.py

dyt's parameters begin as in its paper: alpha 0.5, one number for a layer; gamma 1 and beta 0, one for each channel.
They are learned with the weights, but don't decay. Needs scikit-learn and optax, both in the extra "test".
"""

import digits
import jax
import jax.numpy as jnp
import optax

import acts_jax

WIDTH, DEPTH, EPOCHS = 64, 4, 8
OPTIMIZER = optax.adamw(2e-3, weight_decay=0.1, mask=acts_jax.weight_decay_mask)


def initial_weights(key):
    """DEPTH blocks and the last layer; the pixels are the first channels."""
    keys = jax.random.split(key, DEPTH + 1)
    draw = lambda key, n, m: jax.random.normal(key, (n, m)) * (2 / n) ** 0.5  # noqa: E731
    blocks = [{"dyt": initial_dyt(WIDTH), "matrix": draw(k, WIDTH, WIDTH), "bias": jnp.zeros(WIDTH)} for k in keys[1:]]
    return {"blocks": blocks, "dyt": initial_dyt(WIDTH), "out": draw(keys[0], WIDTH, digits.CLASSES) / 10}


def initial_dyt(channels):
    """The parameters of dyt by their names, so that it is called with **."""
    return {"alpha": jnp.array(0.5), "gamma": jnp.ones(channels), "beta": jnp.zeros(channels)}


def logits(weights, x):
    """Before every block and the last layer, where a layer normalisation would stand, dyt."""
    for block in weights["blocks"]:
        x = x + acts_jax.gelu(acts_jax.dyt(x, **block["dyt"]) @ block["matrix"] + block["bias"])
    return acts_jax.dyt(x, **weights["dyt"]) @ weights["out"]


@jax.jit
def step(weights, state, x, labels):
    """One step of AdamW."""

    def loss(weights):
        return optax.softmax_cross_entropy_with_integer_labels(logits(weights, x), labels).mean()

    updates, state = OPTIMIZER.update(jax.grad(loss)(weights), state, weights)
    return optax.apply_updates(weights, updates), state


def train(data):
    """The weights after EPOCHS epochs."""
    weights = initial_weights(jax.random.key(0))
    state = OPTIMIZER.init(weights)
    for x, labels in digits.batches(data, EPOCHS, seed=0):
        weights, state = step(weights, state, x, labels)
    return weights


if __name__ == "__main__":
    data = digits.load()
    weights = train(data)
    accuracy = jnp.mean(logits(weights, data.test_x).argmax(-1) == data.test_labels)
    alphas = [round(float(block["dyt"]["alpha"]), 2) for block in weights["blocks"]]
    print(f"test accuracy: {accuracy:.1%}, alphas: {alphas}")
