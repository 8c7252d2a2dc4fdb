"""A deep model with the activations of jax.nn and with those of acts_jax: the same losses, in less memory.

    python examples/mixer.py
    python examples/mixer.py --activation "jax.nn.mish(x)" --depth 16
    python examples/mixer.py --width 256 --depth 4

In less memory the backward pass computes again what forward had. Where all fits into the processor's cache, as by
default, that takes gelu_tanh and silu some percent more time; with wider layers it takes less.

An MLP-Mixer (Tolstikhin et al., 2021, arXiv:2105.01601) in a plain pytree learns to read handwritten digits, twice
at once: a step with a function of jax.nn, then the same step with its replacement in the migration table.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import digits
import jax
import jax.numpy as jnp
import numpy as np
import optax
from rich.console import Console
from rich.progress import track
from rich.table import Table

import acts_jax
from acts.dialects import ROWS

PATCHES, PIXELS, WIDTH = 16, 4, 64  # an image of 8x8 is 16 patches of 2x2
EPOCHS = 5
REPLACEMENTS = {row.theirs: row.ours for row in ROWS if row.framework == "jax"}
OPTIMIZER = optax.adam(1e-3)


def activations(theirs: str) -> dict[str, Callable]:
    """The activation of jax.nn, written as a call, and what the migration table puts in its place."""
    names = {"jax": jax} | {name: acts_jax.get(name) for name in acts_jax.names()}
    calls = {"jax.nn": theirs, "acts_jax": REPLACEMENTS[theirs]}
    return {package: eval(f"lambda x: {call}", names) for package, call in calls.items()}


def initial_weights(depth: int, width: int = WIDTH, dtype: Any = np.float32) -> Any:
    rng = np.random.default_rng(0)

    def dense(inputs, outputs):
        w = rng.normal(size=(inputs, outputs)) / math.sqrt(inputs)
        return {"w": jnp.asarray(w, dtype), "b": jnp.zeros(outputs, dtype)}

    def mlp(size):
        return [dense(size, 4 * size), dense(4 * size, size)]

    blocks = [{"tokens": mlp(PATCHES), "channels": mlp(width)} for _ in range(depth)]
    return {"embed": dense(PIXELS, width), "blocks": blocks, "head": dense(width, digits.CLASSES)}


def apply(layer, x):
    return x @ layer["w"] + layer["b"]


def mlp(layers, act, x):
    return apply(layers[1], act(apply(layers[0], jax.nn.standardize(x))))


@partial(jax.jit, static_argnums=1)
def forward(weights, act, x):
    x = x.reshape(-1, 4, 2, 4, 2).swapaxes(2, 3).reshape(-1, PATCHES, PIXELS)
    x = apply(weights["embed"], x)  # (batch, patches, width)
    for block in weights["blocks"]:
        x = x + mlp(block["tokens"], act, x.mT).mT  # every channel by itself, over the patches
        x = x + mlp(block["channels"], act, x)  # every patch by itself, over the channels
    return apply(weights["head"], x.mean(axis=1))


def training_step(act: Callable) -> Callable:
    """(weights, optimiser's state, x, labels) -> (weights, state, loss), jitted."""

    def cross_entropy(weights, x, labels):
        return optax.softmax_cross_entropy_with_integer_labels(forward(weights, act, x), labels).mean()

    @jax.jit
    def step(weights, state, x, labels):
        loss, gradients = jax.value_and_grad(cross_entropy)(weights, x, labels)
        updates, state = OPTIMIZER.update(gradients, state)
        return optax.apply_updates(weights, updates), state, loss

    return step


class Run(NamedTuple):
    """How one of the two models fared; memory: bytes of intermediate results that its compiled step holds."""

    losses: list[float]
    seconds: list[float]
    memory: int
    accuracy: float


def compare(theirs: str, depth: int, data: digits.Digits, batches: Iterable, width: int = WIDTH) -> dict[str, Run]:
    """Train both models from the same weights on the same batches, in turns."""
    weights = initial_weights(depth, width, data.x.dtype)
    first = weights, OPTIMIZER.init(weights), data.x[: digits.BATCH], data.labels[: digits.BATCH]
    acts = activations(theirs)
    steps = {package: training_step(act).lower(*first).compile() for package, act in acts.items()}
    states = dict.fromkeys(acts, first[:2])
    losses, seconds = {package: [] for package in acts}, {package: [] for package in acts}
    for x, labels in batches:
        for package, step in steps.items():
            start = time.perf_counter()
            *states[package], loss = jax.block_until_ready(step(*states[package], x, labels))
            seconds[package].append(time.perf_counter() - start)
            losses[package].append(float(loss))
    runs = {}
    for package, act in acts.items():
        memory = steps[package].memory_analysis().temp_size_in_bytes
        guesses = forward(states[package][0], act, data.test_x).argmax(axis=1)
        runs[package] = Run(losses[package], seconds[package], memory, float((guesses == data.test_labels).mean()))
    return runs


def report(theirs: str, runs: dict[str, Run]) -> Table:
    table = Table("activation", "last loss", "accuracy", "memory", "time")
    for call, run in zip((theirs, f"acts_jax.{REPLACEMENTS[theirs]}"), runs.values(), strict=True):
        memory, median = run.memory / 2**20, 1e3 * np.median(run.seconds)
        table.add_row(call, f"{run.losses[-1]:.4f}", f"{run.accuracy:.2%}", f"{memory:.1f} MiB", f"{median:.1f} ms")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--activation", choices=REPLACEMENTS, metavar="CALL", default="jax.nn.gelu(x)",
                        help="a call of jax.nn, as in the migration table (%(default)s)")  # fmt: skip
    parser.add_argument(
        "--depth", type=int, choices=range(1, 65), metavar="1..64", default=8, help="blocks (%(default)s)"
    )
    parser.add_argument(
        "--width", type=int, choices=range(1, 1025), metavar="1..1024", default=WIDTH, help="channels (%(default)s)"
    )
    given = parser.parse_args()
    data = digits.load()
    batches, total = digits.batches(data, EPOCHS, seed=0), digits.steps_in(data, EPOCHS)
    batches = track(batches, "training", total, console=Console(stderr=True))
    runs = compare(given.activation, given.depth, data, batches, given.width)
    Console().print(report(given.activation, runs))
    apart = np.abs(np.subtract(*(run.losses for run in runs.values()))).max()
    print(f"memory and time: of one training step; largest difference of the losses in {total} steps: {apart:.1g}")


if __name__ == "__main__":
    main()
