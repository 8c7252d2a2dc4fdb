"""Speed of acts_jax against jax.nn, or against an older checkout of itself, interleaved in one run.

    python benchmarks/jax_speed.py
    python benchmarks/jax_speed.py --only gelu,elu --sizes 1e4,1e6 --dtypes float32 --parts calls
    python benchmarks/jax_speed.py --against ../older --dtypes bfloat16 --parts calls

eager: one call at 10 elements, outside jit. calls: forward, gradient (given the cotangent) and both together, jitted.
compile: tracing and compiling a training step of a network of 48 layers.

A ratio is the time of acts_jax over that of the other, on a CPU the CPU's on one thread: below 1, acts_jax is faster.
Each is a median with its quartiles, over rounds in which both take turns. Against jax.nn, all ends with what is slower,
lower quartile above 1.05, and why.
"""

import os
from functools import partial

import jax
import numpy as np
from programs import CALLS, arrays, training_step
from shared import (
    checkout,
    clock,
    geometric_mean,
    interleaved,
    keep,
    page,
    pairs,
    parser,
    progress,
    show,
    some_of,
    spread,
    types,
)

PARTS = ("eager", "calls", "compile")
SLOWER = 1.05
WIDTH, BATCH = 64, 32
TAILS = "the left tail is computed from its own side; jax.nn's is 0 or rounding noise there"
NOT_A_NUMBER = "the gradient at NaN is NaN: a comparison more; and in float32, of 16-bit types"
SERIES = "a series near 0, of up to 2.4 ulp; XLA's expm1 is off by 4.6 in jax 0.10 and missing in Pallas for TPUs"
REASONS = {
    "identity": "noise: both compile to the same program",
    "gelu": TAILS,
    "gelu_tanh": f"{TAILS}; an exponential in place of XLA's tanh, whose 1 + tanh cancels",
    "silu": "no hole below -87, where sigmoid is subnormal and XLA takes it for 0, and no NaN at -inf",
    "squareplus": f"{TAILS}, and x**2 does not overflow: two divisions more",
    "celu": "the quotient x / alpha is not rounded before exp",
    **dict.fromkeys(("elu", "selu"), SERIES),
    **dict.fromkeys(("relu", "relu6", "leaky_relu", "hard_tanh", "sigmoid", "tanh"), NOT_A_NUMBER),
    **dict.fromkeys(("hard_sigmoid", "hard_swish"), NOT_A_NUMBER),
}
LONGER = "Where acts_jax takes longer, its formulas are longer, and each backward pass has its forward's in it again."
RECOMPUTED = "In the column of value and gradient backward computes anew what forward had, for the memory's sake."


def ratio(times):
    return times["ours"] / times["theirs"]


def eager(chosen, other, rounds, tick):
    """One call at 10 elements: microseconds of each, and the ratio."""
    x = arrays((10,), "float32")[0]
    rows = []
    for pair in chosen:
        times = interleaved({"ours": pair.ours, "theirs": pair.theirs}, [x], rounds, 1e-3)
        rows.append([pair.name, *(spread(1e6 * times[k], ".1f") for k in ("ours", "theirs")), spread(ratio(times))])
        tick()
    return show("An eager call at 10 elements", ["function", "acts_jax, us", f"{other}, us", "ratio"], rows, [])


def calls(chosen, other, sizes, dtypes, rounds, tick):
    """A table of ratios per kind of call and dtype, one column per size."""
    sections, slower = [], {pair.name: {kind: [] for kind in CALLS} for pair in chosen}
    for dtype in dtypes:
        for kind, make in CALLS.items():
            rows, medians = [], {size: [] for size in sizes}
            for pair in chosen:
                row = [pair.name]
                for size in sizes:
                    compiled = {k: jax.jit(make(getattr(pair, k))) for k in ("ours", "theirs")}
                    times = interleaved(compiled, arrays((size,), dtype), rounds, 1e-3)
                    row.append(spread(ratio(times)))
                    medians[size].append(float(np.median(ratio(times))))
                    if np.quantile(ratio(times), 0.25) > SLOWER:
                        slower[pair.name][kind].append(medians[size][-1])
                    tick()
                rows.append(row)
            rows.append(["geometric mean", *(f"{geometric_mean(medians[size]):.2f}" for size in sizes)])
            head = ["function", *(f"{size:.0e}" for size in sizes)]
            sections.append(show(f"Ratio to {other}: {kind}, {dtype}", head, rows, []))
    return "\n".join([*sections, reasons(slower)] if other == "jax.nn" else sections)


def reasons(slower):
    """For each function that is slower somewhere, the largest ratio of each kind of call, and why."""
    rows = []
    for name, found in slower.items():
        if any(found.values()):
            worst = [f"{max(ratios):.2f}" if ratios else "-" for ratios in found.values()]
            rows.append([name, *worst, REASONS.get(name.partition("(")[0], "no reason is known")])
    return show("Slower than jax.nn: the largest ratio, and why", ["function", *CALLS, "why"], rows, [RECOMPUTED])


def compile_times(chosen, other, rounds, layers, tick):
    """Seconds to trace and compile a training step, and the ratio."""
    rows, ratios, now = [], [], clock()
    for pair in chosen:
        times = {"ours": [], "theirs": []}
        for _ in range(rounds):
            for name, seconds in times.items():
                jax.clear_caches()
                start = now()
                step, abstract = training_step(getattr(pair, name), layers, WIDTH, BATCH, "float32")
                step.lower(*abstract).compile()
                seconds.append(now() - start)
        times = {name: np.array(seconds) for name, seconds in times.items()}
        ratios.append(float(np.median(ratio(times))))
        rows.append([pair.name, *(spread(times[k]) for k in ("ours", "theirs")), spread(ratio(times))])
        tick()
    rows.append(["geometric mean", "", "", f"{geometric_mean(ratios):.2f}"])
    head = ["function", "acts_jax, s", f"{other}, s", "ratio"]
    return show(f"Compiling a training step of {layers} layers", head, rows, [LONGER])


def numbers(text):
    return [int(float(number)) for number in text.split(",")]


def main():
    os.environ["NPROC"] = "1"  # to XLA on a CPU: how many threads; what several take depends on who waits for whom
    options = parser(__doc__, "a page")
    options.add_argument("--sizes", type=numbers, default="1e3,1e4,1e5,1e6,1e7", help="elements, separated by commas")
    options.add_argument("--dtypes", type=types, default="float32,bfloat16", help="separated by commas")
    options.add_argument("--rounds", type=int, default=30)
    options.add_argument("--layers", type=int, default=48, help="of the network that is compiled")
    options.add_argument("--parts", type=some_of(*PARTS), default=",".join(PARTS), help="separated by commas")
    options.add_argument("--against", type=checkout, metavar="CHECKOUT", help="a folder with an older acts_jax")
    given = options.parse_args()
    chosen = [pair for pair in pairs(given.only, given.against) if pair.theirs]
    other = "the older checkout" if given.against else "jax.nn"

    work = {
        "eager": (partial(eager, chosen, other, given.rounds), 1),
        "calls": (
            partial(calls, chosen, other, given.sizes, given.dtypes, given.rounds),
            len(CALLS) * len(given.sizes) * len(given.dtypes),
        ),
        "compile": (partial(compile_times, chosen, other, max(3, given.rounds // 10), given.layers), 1),
    }
    sections = []
    with progress() as bar:
        for part in given.parts:
            run, per_function = work[part]
            task = bar.add_task(part, total=len(chosen) * per_function)
            sections.append(run(lambda task=task: bar.advance(task)))
    keep(given.markdown, page("jax-speed-older" if given.against else "jax-speed"), "Speed in JAX", sections)


if __name__ == "__main__":
    main()
