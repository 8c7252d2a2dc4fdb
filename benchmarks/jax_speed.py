"""Speed of acts_jax against jax.nn, interleaved in one run.

    python benchmarks/jax_speed.py
    python benchmarks/jax_speed.py --only gelu,elu --sizes 1e4,1e6 --dtypes float32 --parts calls

eager: one call at 10 elements, outside jit. calls: forward, gradient (given the cotangent) and both together, jitted.
kernels: how many kernels XLA makes, and the speed in percent of the speed at which it copies an array of the largest
size. compile: tracing and compiling a training step of a network of 48 layers.

A ratio is the time of acts_jax over the time of jax.nn: below 1, acts_jax is faster. Each is a median with its
quartiles, over rounds in which both take turns. All ends with what is slower, lower quartile above 1.05, and why.
"""

import re
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
from memory import training_step
from shared import geometric_mean, interleaved, keep, pairs, parser, progress, show, spread

PARTS = ("eager", "calls", "kernels", "compile")
SLOWER = 1.05
LAYERS, WIDTH, BATCH = 48, 64, 32
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
BOTH = "value and gradient"
BARRIER = (
    "In the column of value and gradient the backward pass also computes anew what forward had, for the memory's sake: "
    "the barrier of acts_jax, whose cost in a training step `benchmarks/memory.py --barrier` prints."
)


def gradient(f):
    return lambda x, g: jax.vjp(f, x)[1](g)[0]


def value_and_gradient(f):
    def both(x, g):
        y, pull = jax.vjp(f, x)
        return y, pull(g)[0]

    return both


CALLS = {"forward": lambda f: lambda x, g: f(x), "gradient": gradient, BOTH: value_and_gradient}


def arrays(size, dtype):
    """x and a cotangent."""
    random = np.random.default_rng(0)
    return tuple(jnp.asarray(random.standard_normal(size, np.float32) * 3, dtype) for _ in range(2))


def ratio(times):
    return times["ours"] / times["theirs"]


def eager(chosen, rounds, tick):
    """One call at 10 elements: microseconds of each, and the ratio."""
    x = arrays(10, "float32")[0]
    rows = []
    for pair in chosen:
        times = interleaved({"ours": pair.ours, "theirs": pair.theirs}, [x], rounds, 1e-3)
        rows.append([pair.name, *(spread(1e6 * times[k], ".1f") for k in ("ours", "theirs")), spread(ratio(times))])
        tick()
    return show("An eager call at 10 elements", ["function", "acts_jax, us", "jax.nn, us", "ratio"], rows, [])


def calls(chosen, sizes, dtypes, rounds, tick):
    """A table of ratios per kind of call and dtype, one column per size."""
    sections, slower = [], {pair.name: {kind: [] for kind in CALLS} for pair in chosen}
    for dtype in dtypes:
        for kind, make in CALLS.items():
            rows, medians = [], {size: [] for size in sizes}
            for pair in chosen:
                row = [pair.name]
                for size in sizes:
                    compiled = {k: jax.jit(make(getattr(pair, k))) for k in ("ours", "theirs")}
                    times = interleaved(compiled, arrays(size, dtype), rounds, 1e-3)
                    row.append(spread(ratio(times)))
                    medians[size].append(float(np.median(ratio(times))))
                    if np.quantile(ratio(times), 0.25) > SLOWER:
                        slower[pair.name][kind].append(medians[size][-1])
                    tick()
                rows.append(row)
            rows.append(["geometric mean", *(f"{geometric_mean(medians[size]):.2f}" for size in sizes)])
            head = ["function", *(f"{size:.0e}" for size in sizes)]
            sections.append(show(f"Ratio to jax.nn: {kind}, {dtype}", head, rows, []))
    return "\n".join([*sections, reasons(slower)])


def reasons(slower):
    """For each function that is slower somewhere, the largest ratio of each kind of call, and why."""
    rows = []
    for name, found in slower.items():
        if any(found.values()):
            worst = [f"{max(ratios):.2f}" if ratios else "-" for ratios in found.values()]
            rows.append([name, *worst, REASONS.get(name.partition("(")[0], "no reason is known")])
    return show("Slower than jax.nn: the largest ratio, and why", ["function", *CALLS, "why"], rows, [BARRIER])


def kernel_count(compiled):
    """The instructions of the compiled program that do work."""
    entry = compiled.as_text().partition("\nENTRY")[2].partition("\n}")[0]
    opcodes = re.findall(r"= \S+ ([a-z-]+)\(", entry)
    return len([o for o in opcodes if o not in ("parameter", "constant", "tuple", "get-tuple-element", "bitcast")])


def kernels(chosen, size, dtypes, rounds, tick):
    """Kernels, and the share of the copy's speed: the forward reads and writes one array, the gradient reads two."""
    rows = []
    for dtype in dtypes:
        x, g = arrays(size, dtype)
        copy = jax.jit(lambda x, g: -x)
        for pair in chosen:
            row = [pair.name, dtype]
            for kind, moved in (("forward", 2), ("gradient", 3)):
                run = jax.jit(CALLS[kind](pair.ours)).lower(x, g).compile()
                times = interleaved({"run": run, "copy": copy}, (x, g), rounds)
                share = 100 * moved / 2 * times["copy"] / times["run"]
                row += [str(kernel_count(run)), spread(share, ".0f")]
            rows.append(row)
            tick()
    head = ["function", "dtype", "forward: kernels", "% of copy", "gradient: kernels", "% of copy"]
    return show(f"Kernels of acts_jax, and speed in percent of a copy's, {size:.0e} elements", head, rows, [])


def compile_times(chosen, rounds, tick):
    """Seconds to trace and compile a training step, and the ratio."""
    rows, ratios = [], []
    for pair in chosen:
        times = {"ours": [], "theirs": []}
        for _ in range(rounds):
            for name, seconds in times.items():
                jax.clear_caches()
                start = time.perf_counter()
                step, abstract = training_step(getattr(pair, name), LAYERS, WIDTH, BATCH, jnp.float32)
                step.lower(*abstract).compile()
                seconds.append(time.perf_counter() - start)
        times = {name: np.array(seconds) for name, seconds in times.items()}
        ratios.append(float(np.median(ratio(times))))
        rows.append([pair.name, *(spread(times[k]) for k in ("ours", "theirs")), spread(ratio(times))])
        tick()
    rows.append(["geometric mean", "", "", f"{geometric_mean(ratios):.2f}"])
    head = ["function", "acts_jax, s", "jax.nn, s", "ratio"]
    return show(f"Compiling a training step of {LAYERS} layers", head, rows, [LONGER])


def numbers(text):
    return [int(float(number)) for number in text.split(",")]


def main():
    options = parser(__doc__, "a page")
    options.add_argument("--sizes", type=numbers, default="1e3,1e4,1e5,1e6,1e7", help="elements, separated by commas")
    options.add_argument("--dtypes", default="float32,bfloat16", help="separated by commas")
    options.add_argument("--rounds", type=int, default=30)
    options.add_argument("--parts", default=",".join(PARTS), help=f"of {','.join(PARTS)}")
    given = options.parse_args()
    sizes, dtypes, parts = given.sizes, given.dtypes.split(","), given.parts.split(",")
    if set(parts) - set(PARTS):
        raise SystemExit(f"--parts {given.parts}: allowed are {', '.join(PARTS)}")
    everything = pairs(given.only)
    peers = [pair for pair in everything if pair.theirs]

    work = {
        "eager": (lambda tick: eager(peers, given.rounds, tick), len(peers)),
        "calls": (
            lambda tick: calls(peers, sizes, dtypes, given.rounds, tick),
            len(peers) * len(CALLS) * len(sizes) * len(dtypes),
        ),
        "kernels": (
            lambda tick: kernels(everything, max(sizes), dtypes, given.rounds, tick),
            len(everything) * len(dtypes),
        ),
        "compile": (lambda tick: compile_times(peers, max(3, given.rounds // 10), tick), len(peers)),
    }
    sections = []
    with progress() as bar:
        for part in parts:
            run, total = work[part]
            task = bar.add_task(part, total=total)
            sections.append(run(lambda task=task: bar.advance(task)))
    if given.markdown:
        version = ".".join(jax.__version__.split(".")[:2])
        command = f"python benchmarks/jax_speed.py {' '.join(sys.argv[1:])}"
        keep(f"jax-speed-{jax.default_backend()}-jax{version}.md", "Speed in JAX", command, sections)


if __name__ == "__main__":
    main()
