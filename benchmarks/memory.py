"""Memory of one jitted training step, acts_jax against jax.nn, function by function.

    python benchmarks/memory.py                    what XLA allocates besides arguments and results, in MB
    python benchmarks/memory.py --steps 5          the time of a step, too
    python benchmarks/memory.py --barrier          with the barrier in the backward pass and without it
    python benchmarks/memory.py --batch 256 --width 128 --only gelu,elu

The step is gradient descent on a plain MLP. Its floor is the same MLP without any activation: one array per layer
for the next layer's weights, and what the matrix products need. Nothing runs unless --steps is given.
"""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from shared import Pair, interleaved, keep, pairs, parser, progress, show, spread

import acts_jax._rules

MB = 1e6


def training_step(activation, layers, width, batch, dtype):
    """A jitted step of gradient descent on an MLP, and abstract arguments for it."""

    def loss(weights, x, target):
        for matrix, bias in weights:
            x = activation(x @ matrix + bias)
        return jnp.mean((x - target) ** 2)

    def step(weights, x, target):
        gradient = jax.grad(loss)(weights, x, target)
        return jax.tree.map(lambda w, g: w - 0.01 * g, weights, gradient)

    array = lambda *shape: jax.ShapeDtypeStruct(shape, dtype)  # noqa: E731
    weights = [(array(width, width), array(width))] * layers
    return jax.jit(step), (weights, array(batch, width), array(batch, width))


def compiled(activation, shape):
    step, abstract = training_step(activation, *shape)
    return step.lower(*abstract).compile(), abstract


def temporary_bytes(activation, layers, width, batch, dtype=jnp.float32):
    """What the compiled step allocates besides its arguments and results."""
    return compiled(activation, (layers, width, batch, dtype))[0].memory_analysis().temp_size_in_bytes


def without_barrier(activation, shape):
    """The compiled step with BARRIER = False, and its abstract arguments."""
    acts_jax._rules.BARRIER = False
    jax.clear_caches()
    try:
        return compiled(activation, shape)
    finally:
        acts_jax._rules.BARRIER = True
        jax.clear_caches()


def variants(pair, shape, barrier):
    """The compiled steps to compare, by what they are called: the base first, then ours."""
    if barrier:
        base, other = ("without", without_barrier(pair.ours, shape)), ("with", compiled(pair.ours, shape))
        return dict((base, other))
    theirs = {"jax.nn": compiled(pair.theirs, shape)} if pair.theirs else {}
    return theirs | {"acts_jax": compiled(pair.ours, shape)}


def values(abstract):
    """Random arguments for a step."""
    random = np.random.default_rng(0)
    leaves, tree = jax.tree.flatten(abstract)
    scaled = [random.standard_normal(a.shape, np.float32) / np.sqrt(a.shape[-1]) for a in leaves]
    return jax.tree.unflatten(tree, [jnp.asarray(v, a.dtype) for v, a in zip(scaled, leaves, strict=True)])


def measured_row(pair: Pair, shape, barrier, steps):
    """The memory of both variants in MB, and the ratio of their times if steps are run."""
    runs = variants(pair, shape, barrier)
    memory = [run.memory_analysis().temp_size_in_bytes / MB for run, _ in runs.values()]
    cells = ["-"] * (2 - len(memory)) + [f"{m:.0f}" for m in memory]
    if not steps:
        return memory, [pair.name, *cells]
    arguments = values(next(iter(runs.values()))[1])
    times = interleaved({name: run for name, (run, _) in runs.items()}, arguments, steps)
    first, *second = times.values()
    return memory, [pair.name, *cells, spread(second[0] / first) if second else "-"]


def main():
    options = parser(__doc__, "memory.md, memory-and-time.md or memory-barrier.md")
    options.add_argument("--layers", type=int, default=12)
    options.add_argument("--width", type=int, default=1024)
    options.add_argument("--batch", type=int, default=4096)
    options.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    options.add_argument("--steps", type=int, default=0, help="time that many steps of each, in turns")
    options.add_argument("--barrier", action="store_true", help="compare acts_jax with itself without its barrier")
    given = options.parse_args()
    if given.steps < 0:
        options.error(f"--steps {given.steps}: it is a number of steps, or 0 for none")
    shape = (given.layers, given.width, given.batch, jnp.dtype(given.dtype))

    floor = temporary_bytes(lambda x: x, *shape) / MB
    rows, above = [], []
    with progress() as bar:
        for pair in bar.track(pairs(given.only), description="compiling and running" if given.steps else "compiling"):
            memory, row = measured_row(pair, shape, given.barrier, given.steps)
            rows.append(row)
            if len(memory) == 2 and memory[1] > memory[0] + 1e-3:  # a temporary scalar is no array
                above.append(pair.name)

    columns = ["without barrier", "with barrier"] if given.barrier else ["jax.nn", "acts_jax"]
    title = f"Temporary memory of a training step, MB: {given.layers} layers, width {given.width}, batch {given.batch}"
    head = ["function", *columns, *(["time, ratio [quartiles]"] if given.steps else [])]
    notes = [
        f"{given.dtype}. The floor, the same network without any activation: {floor:.0f} MB.",
        "",
        f"{columns[1]} needs more than {columns[0]} in: {', '.join(above) or 'none'}.",
    ]
    section = show(title, head, rows, notes)
    if given.markdown:
        version = ".".join(jax.__version__.split(".")[:2])
        kind = "memory-barrier" if given.barrier else "memory-and-time" if given.steps else "memory"
        name = f"{kind}-{jax.default_backend()}-jax{version}.md"
        keep(name, "Memory", f"python benchmarks/memory.py {' '.join(sys.argv[1:])}", [section])


if __name__ == "__main__":
    main()
