"""A picture as a network: SIREN, with its initialisation, learns the grey of a digit from the place of a pixel.

    python examples/siren.py

The weights are drawn so that every layer's input to sin is of one size: uniform up to 1 / n in the first layer and up
to sqrt(6 / n) / omega in the others, n being the number of inputs. Needs scikit-learn and optax, both in the extra
"test".
"""

import itertools
import math

import jax
import jax.numpy as jnp
import optax
from sklearn.datasets import load_digits

import acts_jax

WIDTHS, OMEGA, STEPS = (2, 64, 64, 1), 30.0, 300

image = jnp.asarray(load_digits().images[8] / 16, jnp.float32)  # 8 x 8 pixels from 0 to 1
axis = jnp.linspace(-1, 1, 8)
places = jnp.stack(jnp.meshgrid(axis, axis, indexing="ij"), axis=-1)  # (8, 8, 2)


def initial_weights(key):
    """A matrix and a bias per layer."""
    layers = []
    for i, (n, m) in enumerate(itertools.pairwise(WIDTHS)):
        bound = 1 / n if i == 0 else math.sqrt(6 / n) / OMEGA
        of_matrix, of_bias, key = jax.random.split(key, 3)
        matrix = jax.random.uniform(of_matrix, (n, m), minval=-bound, maxval=bound)
        layers.append({"matrix": matrix, "bias": jax.random.uniform(of_bias, (m,), minval=-bound, maxval=bound)})
    return layers


def grey(layers, places, act):
    """The network's picture: act after every layer but the last."""
    *hidden, last = layers
    for layer in hidden:
        places = act(places @ layer["matrix"] + layer["bias"])
    return (places @ last["matrix"] + last["bias"])[..., 0]


def error_after_training(act):
    """The mean square error, which begins at about 0.2."""
    optimizer = optax.adam(1e-3)

    def step(carry, _):
        layers, state = carry
        error, gradients = jax.value_and_grad(lambda w: jnp.mean((grey(w, places, act) - image) ** 2))(layers)
        updates, state = optimizer.update(gradients, state)
        return (optax.apply_updates(layers, updates), state), error

    layers = initial_weights(jax.random.key(0))
    _, errors = jax.jit(lambda carry: jax.lax.scan(step, carry, length=STEPS))((layers, optimizer.init(layers)))
    return float(errors[-1])


if __name__ == "__main__":
    for act in (acts_jax.get("siren", omega=OMEGA), acts_jax.tanh):
        print(f"{act!r}: mean square error {error_after_training(act):.1e} after {STEPS} steps")
