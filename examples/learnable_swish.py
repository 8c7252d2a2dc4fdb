"""Learn a parameter of any function: swish with one beta per channel, in a plain pytree.

    python examples/learnable_swish.py

A parameter is an argument like x: JAX differentiates with respect to it, and an array gets one gradient per entry.
"""

import jax
import jax.numpy as jnp

import acts_jax

x = jax.random.normal(jax.random.key(0), (256, 3))
target = acts_jax.swish(x, jnp.array([0.5, 2.0, 4.0]))  # the betas to be found
params = {"beta": jnp.ones(3)}


@jax.jit
@jax.grad
def gradient(params):
    return jnp.mean((acts_jax.swish(x, params["beta"]) - target) ** 2)


for _ in range(2000):
    params = jax.tree.map(lambda value, slope: value - 20 * slope, params, gradient(params))
print("beta:", params["beta"])
