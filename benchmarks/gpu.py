"""Speed and memory on a GPU, in at most five minutes: all functions, a training step with each, then PyTorch.

    python benchmarks/gpu.py --markdown gpu.md
    python benchmarks/gpu.py --only gelu,elu --dtypes bfloat16
    python benchmarks/gpu.py --sizes small          on a CPU, where it shows that it runs, and nothing else

%: of the speed at which the same device copies an array; of a gradient, of x + g. kernels: what the compiled program
launches. The other columns are ratios of times, below 1 where acts_jax is faster: to jax.nn, to PyTorch eager and
compiled. PyTorch's gradient is its backward pass alone, ours both passes in one. Medians of interleaved rounds. What
the budget does not allow is left out, and named.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch_peers
from programs import CALLS, MB, arrays, compiled_step, kernels, step_arguments, temporary
from shared import geometric_mean, interleaved, keep, page, pairs, parser, progress, show, some_of, types

PARTS = ("functions", "steps", "torch")
KINDS = {"forward": lambda x, g: -x, "gradient": lambda x, g: x + g}
"""What is timed, and what moves the same arrays and does no more."""
RATIOS = ("jax.nn", "torch", "compiled")
FORMS = {"%": ".0f", "kernels": "d"} | dict.fromkeys(RATIOS, ".2f")


class Sizes(NamedTuple):
    """Bytes of an array, and layers, width and bytes of a column of the batch of the training step; rounds and s."""

    array: int
    layers: int
    width: int
    batch: int
    rounds: int
    at_least: float


SIZES = {"card": Sizes(2**29, 8, 4096, 16384, 7, 4e-3), "small": Sizes(2**14, 2, 16, 128, 2, 0.0)}


class Budget:
    """Seconds that all may take, and what was left out because they were spent."""

    def __init__(self, seconds):
        self.start, self.seconds, self.left_out = time.monotonic(), seconds, []

    def allows(self, share, what):
        """Whether that share of the seconds is not yet spent; else `what` is noted."""
        in_time = time.monotonic() - self.start <= share * self.seconds
        self.left_out += [] if in_time else [what]
        return in_time


def medians(times):
    return {name: float(np.median(seconds)) for name, seconds in times.items()}


def compiled_calls(pair, shape, dtype):
    """The compiled programs of one function in one type, by kind and whose they are."""
    x = jax.ShapeDtypeStruct(shape, dtype)
    functions = {"ours": pair.ours, "jax.nn": pair.theirs}
    return {
        kind: {name: jax.jit(CALLS[kind](f)).lower(x, x).compile() for name, f in functions.items() if f}
        for kind in KINDS
    }


def speed(chosen, dtype, sizes, budget, found, tick):
    """Adds what each function reaches in one type to found[name, kind], by column."""
    shape = (sizes.array // jnp.dtype(dtype).itemsize,)
    given = arrays(shape, dtype)
    with ThreadPoolExecutor() as pool:
        programs = list(pool.map(lambda pair: compiled_calls(pair, shape, dtype), chosen))
    for pair, by_kind in zip(chosen, programs, strict=True):
        if budget.allows(0.5, f"{pair.name} in {dtype}"):
            for kind, runs in by_kind.items():
                bare = {"copy": jax.jit(KINDS[kind])}
                t = medians(interleaved(bare | runs, given, sizes.rounds, sizes.at_least))
                cell = found[pair.name, kind] = {
                    "%": 100 * t["copy"] / t["ours"],
                    "kernels": len(kernels(runs["ours"])),
                }
                if "jax.nn" in t:
                    cell["jax.nn"] = t["ours"] / t["jax.nn"]
        tick()


def against_torch(chosen, dtype, sizes, budget, found, tick):
    """Adds the ratios to PyTorch."""
    elements = sizes.array // jnp.dtype(dtype).itemsize
    given = arrays((elements,), dtype)
    for pair in chosen:
        peer = torch_peers.function_of(pair.name)
        if peer and budget.allows(1, f"PyTorch's {pair.name} in {dtype}"):
            for kind in KINDS:
                ours = jax.jit(CALLS[kind](pair.ours))
                runs = {"ours": lambda ours=ours: ours(*given), **torch_peers.runs(peer, kind, elements, dtype)}
                t = medians(interleaved(runs, (), sizes.rounds, sizes.at_least, torch_peers.wait))
                found.setdefault((pair.name, kind), {}).update({p: t["ours"] / t[p] for p in RATIOS[1:]})
        tick()


def figures(found, kind, column):
    """The figures of a column that are there, by function."""
    return {name: cell[column] for (name, k), cell in found.items() if k == kind and column in cell}


def summary(by_type, notes):
    """The geometric means of all types."""
    rows = []
    for dtype, found in by_type.items():
        for kind in KINDS:
            share = figures(found, kind, "%")
            lowest = f"{min(share.values()):.0f} ({min(share, key=share.get)})" if share else "-"
            means = [geometric_mean([*figures(found, kind, column).values()]) for column in ("%", *RATIOS)]
            rows.append([dtype, kind, f"{means[0]:.0f}", lowest, *(f"{mean:.2f}" for mean in means[1:])])
    return show("Geometric means over the functions", ["dtype", "", "%", "lowest %", *RATIOS], rows, notes)


def speed_table(chosen, dtype, found, bytes_):
    """All figures of one type."""
    rows = []
    for pair in chosen:
        cells = [(found.get((pair.name, kind), {}), column) for kind in KINDS for column in FORMS]
        rows.append([pair.name, *(format(cell[c], FORMS[c]) if c in cell else "-" for cell, c in cells)])
    head = ["function", *(c if c != "%" else f"{kind}, %" for kind in KINDS for c in FORMS)]
    return show(f"{dtype}, arrays of {bytes_ / 2**20:g} MiB", head, rows, [])


def steps(chosen, dtypes, sizes, budget, tick):
    """Time and memory of a training step against jax.nn's."""
    rows, ratios = [], {dtype: [] for dtype in dtypes}
    for dtype in dtypes:
        shape = (sizes.layers, sizes.width, sizes.batch // jnp.dtype(dtype).itemsize, dtype)
        given = step_arguments(*shape)
        for pair in chosen:
            if pair.theirs and budget.allows(0.75, f"the training step of {pair.name} in {dtype}"):
                with ThreadPoolExecutor() as pool:
                    compiled = pool.map(lambda f, shape=shape: compiled_step(f, *shape), (pair.ours, pair.theirs))
                runs = dict(zip(("ours", "jax.nn"), compiled, strict=True))
                t = medians(interleaved(runs, given, sizes.rounds))
                memory = [f"{temporary(run) / MB:.0f}" for run in runs.values()]
                ratios[dtype].append(t["ours"] / t["jax.nn"])
                rows.append([pair.name, dtype, *memory, f"{ratios[dtype][-1]:.3f}", f"{1e3 * t['ours']:.2f}"])
            tick()
    rows += [["geometric mean", dtype, "", "", f"{geometric_mean(r):.3f}", ""] for dtype, r in ratios.items()]
    head = ["function", "dtype", "MB", "MB, jax.nn", "time, ratio to jax.nn", "ms"]
    title = f"A training step: {sizes.layers} layers, width {sizes.width}, {sizes.batch} bytes of each feature"
    return show(title, head, rows, [])


def main():
    options = parser(__doc__, "a page")
    options.add_argument("--dtypes", type=types, default="bfloat16,float32,float16", help="separated by commas")
    options.add_argument("--sizes", choices=SIZES, default="card")
    options.add_argument("--parts", type=some_of(*PARTS), default=",".join(PARTS), help="separated by commas")
    options.add_argument("--budget", type=float, default=300, help="seconds that all may take (default: 300)")
    given = options.parse_args()
    sizes, chosen, budget = SIZES[given.sizes], pairs(given.only), Budget(given.budget)
    parts = [part for part in PARTS if part in given.parts and not (part == "torch" and torch_peers.WHY_NOT)]
    found, sections = {dtype: {} for dtype in given.dtypes}, []

    with progress() as bar:
        tasks = {part: bar.add_task(part, total=len(chosen) * len(given.dtypes)) for part in parts}
        tick = {part: lambda task=task: bar.advance(task) for part, task in tasks.items()}
        for dtype in given.dtypes if "functions" in parts else ():
            speed(chosen, dtype, sizes, budget, found[dtype], tick["functions"])
        if "steps" in parts:
            sections.append(steps(chosen, given.dtypes, sizes, budget, tick["steps"]))
        for dtype in given.dtypes if "torch" in parts else ():
            against_torch(chosen, dtype, sizes, budget, found[dtype], tick["torch"])

    sections += [speed_table(chosen, dtype, found[dtype], sizes.array) for dtype in given.dtypes]
    peer = torch_peers.WHY_NOT or f"PyTorch {torch_peers.torch.__version__}"
    took = f"It took {time.monotonic() - budget.start:.0f} s of {given.budget:g}."
    notes = [f"{peer}. {took} Left out for want of time: {', '.join(budget.left_out) or 'nothing'}."]
    keep(given.markdown, page("gpu"), "Speed and memory on a GPU", [summary(found, notes), *sections])


if __name__ == "__main__":
    main()
