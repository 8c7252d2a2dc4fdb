"""A jitted training step of a gated MLP, and a gradient alone: acts_jax against the gates as jnp code writes them.

    python benchmarks/gates.py
    python benchmarks/gates.py --only swiglu --dtypes float32 --rounds 60

Temporary memory in MB, kernels of the gradient by both operands, and ratios of time, medians with their quartiles over
rounds in which both take turns: below 1, acts_jax is faster.
"""

import jax
import jax.numpy as jnp
from programs import MB, arrays, gated_step, kernels, step_arguments, temporary
from shared import interleaved, keep, page, parser, progress, show, spread, types

import acts_jax


def clamped(gate, value):
    gate, value = jnp.minimum(gate, 7.0), jnp.clip(value, -7.0, 7.0)
    return gate * jax.nn.sigmoid(1.702 * gate) * (value + 1)


BY_HAND = {
    "glu": lambda gate, value: jax.nn.sigmoid(gate) * value,
    "bilinear": lambda gate, value: gate * value,
    "reglu": lambda gate, value: jax.nn.relu(gate) * value,
    "relu2_glu": lambda gate, value: jnp.square(jax.nn.relu(gate)) * value,
    "geglu": lambda gate, value: jax.nn.gelu(gate, approximate=False) * value,
    "geglu_tanh": lambda gate, value: jax.nn.gelu(gate) * value,
    "swiglu": lambda gate, value: jax.nn.silu(gate) * value,
    "quick_geglu": lambda gate, value: gate * jax.nn.sigmoid(1.702 * gate) * value,
    "gtu": lambda gate, value: jax.nn.sigmoid(gate) * jnp.tanh(value),
    "clamped_swiglu": clamped,
    "step_swiglu": lambda gate, value: jnp.minimum(jax.nn.silu(gate), 7.0) * jnp.clip(value, -7.0, 7.0),
    "situ_glu": lambda gate, value: 4 * jnp.tanh(gate / 4) * jax.nn.sigmoid(gate) * (25 * jnp.tanh(value / 25)),
}


def gradient(f):
    """The cotangents of both operands."""
    return jax.jit(lambda gate, value, g: jax.vjp(f, gate, value)[1](g))


def row(name, shape, rounds):
    """Memory, kernels and times of one gate."""
    functions = {"by hand": BY_HAND[name], "acts_jax": acts_jax.get(name)}
    *_, width, batch, dtype = shape
    operands = (*arrays((batch, width), dtype), jnp.ones((batch, width), dtype))
    cells, times = [name], {}
    steps, gradients = {}, {}
    for key, f in functions.items():
        step, abstract = gated_step(f, *shape)
        steps[key] = step.lower(*abstract).compile()
        gradients[key] = gradient(f).lower(*operands).compile()
    cells += [f"{temporary(run) / MB:.0f}" for run in steps.values()]
    cells += [str(len(kernels(run))) for run in gradients.values()]
    times = interleaved(steps, step_arguments(*shape, step=gated_step), rounds)
    cells.append(spread(times["acts_jax"] / times["by hand"]))
    times = interleaved(gradients, operands, rounds, 1e-2)
    return [*cells, spread(times["acts_jax"] / times["by hand"])]


def main():
    options = parser(__doc__, "gates.md")
    options.add_argument("--layers", type=int, default=4)
    options.add_argument("--width", type=int, default=256)
    options.add_argument("--batch", type=int, default=2048)
    options.add_argument("--dtypes", type=types, default="float32,bfloat16", help="separated by commas")
    options.add_argument("--rounds", type=int, default=20)
    given = options.parse_args()
    names = given.only.split(",") if given.only else list(BY_HAND)
    if unknown := set(names) - set(BY_HAND):
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(BY_HAND)}")
    head = ["gate", "MB by hand", "MB", "kernels by hand", "kernels", "step, ratio [quartiles]", "gradient, ratio"]
    sections = []
    with progress() as bar:
        task = bar.add_task("compiling and running", total=len(names) * len(given.dtypes))
        for dtype in given.dtypes:
            rows = []
            for name in names:
                rows.append(row(name, (given.layers, given.width, given.batch, dtype), given.rounds))
                bar.advance(task)
            title = f"{dtype}, {given.layers} blocks of width {given.width}, batch {given.batch}"
            sections.append(show(title, head, rows, []))
    keep(given.markdown, page("gates"), "Gates", sections)


if __name__ == "__main__":
    main()
