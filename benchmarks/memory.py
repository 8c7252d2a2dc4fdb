"""Memory of one jitted training step, acts_jax against jax.nn, function by function.

    python benchmarks/memory.py                    what XLA allocates besides arguments and results, in MB
    python benchmarks/memory.py --steps 5          the time of a step, too
    python benchmarks/memory.py --batch 256 --width 128 --only gelu,elu --dtypes bfloat16

The step is gradient descent on a plain MLP. Its floor is the same MLP without any activation: one array per layer
for the next layer's weights, and what the matrix products need. Nothing runs unless --steps is given.
"""

from programs import MB, compiled_step, step_arguments, temporary, temporary_bytes
from shared import interleaved, keep, page, pairs, parser, progress, show, spread, types


def measured_row(pair, shape, steps):
    """The memory of jax.nn's step, if there is one, and ours, and a row: both in MB, the ratio of their times."""
    functions = {"jax.nn": pair.theirs, "acts_jax": pair.ours}
    runs = {name: compiled_step(f, *shape) for name, f in functions.items() if f}
    memory = {name: temporary(run) for name, run in runs.items()}
    row = [pair.name, *(f"{memory[name] / MB:.0f}" if name in memory else "-" for name in functions)]
    if steps and len(runs) == 2:
        times = interleaved(runs, step_arguments(*shape), steps)
        row.append(spread(times["acts_jax"] / times["jax.nn"]))
    return memory, row + ["-"] * (steps > 0 and len(runs) < 2)


def table(chosen, shape, steps, tick):
    """The section of one type."""
    layers, width, batch, dtype = shape
    rows, above = [], []
    for pair in chosen:
        memory, row = measured_row(pair, shape, steps)
        rows.append(row)
        if memory["acts_jax"] > memory.get("jax.nn", float("inf")) + 1024:  # a temporary scalar is no array
            above.append(f"{pair.name} ({memory['acts_jax'] / memory['jax.nn']:.2f})")
        tick()
    notes = [
        f"The floor, the same network without any activation: {temporary_bytes(lambda x: x, *shape) / MB:.0f} MB.",
        "",
        f"acts_jax needs more than jax.nn in: {', '.join(above) or 'none'}.",
    ]
    title = f"Temporary memory of a training step, MB: {dtype}, {layers} layers, width {width}, batch {batch}"
    return show(title, ["function", "jax.nn", "acts_jax", *["time, ratio [quartiles]"] * (steps > 0)], rows, notes)


def main():
    options = parser(__doc__, "memory.md or memory-and-time.md")
    options.add_argument("--layers", type=int, default=12)
    options.add_argument("--width", type=int, default=1024)
    options.add_argument("--batch", type=int, default=4096)
    options.add_argument("--dtypes", type=types, default="float32,bfloat16,float16", help="separated by commas")
    options.add_argument("--steps", type=int, default=0, help="time that many steps of each, in turns")
    given = options.parse_args()
    if given.steps < 0:
        options.error(f"--steps {given.steps}: it is a number of steps, or 0 for none")
    chosen = pairs(given.only)
    with progress() as bar:
        task = bar.add_task(
            "compiling and running" if given.steps else "compiling", total=len(chosen) * len(given.dtypes)
        )
        sections = [
            table(chosen, (given.layers, given.width, given.batch, dtype), given.steps, lambda: bar.advance(task))
            for dtype in given.dtypes
        ]
    keep(given.markdown, page("memory-and-time" if given.steps else "memory"), "Memory", sections)


if __name__ == "__main__":
    main()
