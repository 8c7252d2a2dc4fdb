"""Speed of acts in NumPy, interleaved in one run with textbook NumPy, torch, scipy, numexpr, numba, jitted jax.nn.

    python benchmarks/numpy_speed.py
    python benchmarks/numpy_speed.py --only gelu,elu --sizes 8,1e5 --dtypes float32 --kinds forward --against ../before

forward: f(x, out=). backward: vjp(x, g, out=, wrt=()), dx alone. vjp: with the cotangents of parameters, which no peer
makes. both: value_and_derivative(x).
A column has a peer's time over that of acts, in processor time, on one thread: above 1, acts is faster. It is a median
with quartiles over rounds in which all take turns. "before" is the checkout that --against names; "copy" is what
memory allows. "without AVX" has acts' time with all of AVX2 and AVX-512 switched off, over its time with them.

It starts itself again with the C allocator's thresholds pinned: else the ratio would be that of page faults.
"""

import json
import os
import subprocess
import sys
import time

import numpy as np
from numpy_peers import TYPES, available, calls, checkout
from shared import geometric_mean, keep, parser, progress, show, some_of, spread, types

import acts

PINNED = {
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "2000000000",
    "OMP_NUM_THREADS": "1",
    "NPROC": "1",  # of XLA
}
WITHOUT_AVX = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4"}
KINDS = ("forward", "backward", "vjp", "both")
TWELVE = (
    *("relu", "leaky_relu", "elu", "selu", "gelu", "gelu_tanh"),
    *("silu", "mish", "softplus", "sigmoid", "tanh", "hard_swish"),
)
SAMPLE = 0.5e-3  # seconds that a sample takes at least


def seconds(made, rounds):
    """Processor time per call of each, in turns."""
    repeats, found = {}, {label: [] for label in made}
    for label, call in made.items():
        start = time.process_time()
        call()
        repeats[label] = max(1, round(SAMPLE / max(time.process_time() - start, 1e-7)))
    with np.errstate(all="ignore"):
        for _ in range(rounds):
            for label, call in made.items():
                start = time.process_time_ns()
                for _ in range(repeats[label]):
                    call()
                found[label].append((time.process_time_ns() - start) * 1e-9 / repeats[label])
    return {label: np.array(times) for label, times in found.items()}


def arrays(size, dtype):
    random = np.random.default_rng(0)
    return tuple((random.standard_normal(size, np.float32) * 3).astype(TYPES[dtype]) for _ in range(2))


def table(peers, names, kind, dtype, size, rounds, tick):
    """Rows of one setting: the time of acts, and every peer's in terms of it."""
    x, g = arrays(size, dtype)
    found = {}
    for name in names:
        found[name] = seconds(calls(peers, name, kind, x, g), rounds)
        tick()
    labels = [label for label in peers if label != "acts" and any(label in times for times in found.values())]
    unit, scale = ("us a call", 1e6) if size < 1000 else ("ns per element", 1e9 / size)
    rows = []
    for name, times in found.items():
        ratios = [spread(times[label] / times["acts"]) if label in times else "-" for label in labels]
        rows.append([name, f"{scale * np.median(times['acts']):.2f}", *ratios])
    for title, chosen in (("the twelve", TWELVE), ("all", names)):
        some = [times for name, times in found.items() if name in chosen]
        if not some:
            continue
        mean = [geometric_mean([float(np.median(t["acts"])) for t in some]) * scale]
        mean += [
            geometric_mean([float(np.median(t[label] / t["acts"])) for t in some if label in t]) for label in labels
        ]
        rows.append([f"geometric mean, {title}", *(f"{value:.2f}" for value in mean)])
    title = f"{kind}, {dtype}, {size:.0e} elements" if size >= 1000 else f"{kind}, {dtype}, {size} elements"
    return show(title, ["function", f"acts, {unit}", *labels], rows, [])


def medians(names, kinds, dtype, size, rounds, tick):
    """Median seconds of acts alone, by kind and name."""
    alone = {"acts": available()["acts"]}
    found = {}
    for kind in kinds:
        for name in names:
            times = seconds(calls(alone, name, kind, *arrays(size, dtype)), rounds)
            found[f"{kind} {name}"] = float(np.median(times["acts"]))
            tick()
    return found


def without_avx(names, kinds, tick):
    """acts with and without AVX2 and AVX-512, in processes of their own: a table."""
    options = ["--medians", "--only", ",".join(names), "--kinds", ",".join(kinds)]
    found = []
    for extra in ({}, WITHOUT_AVX):
        run = subprocess.run(
            [sys.executable, __file__, *options],
            env={**os.environ, **extra},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(json.loads(run.stdout.splitlines()[-1]))
        tick()
    rows = [
        [name, *(f"{found[1][f'{kind} {name}'] / found[0][f'{kind} {name}']:.2f}" for kind in kinds)] for name in names
    ]
    means = [geometric_mean([found[1][f"{k} {n}"] / found[0][f"{k} {n}"] for n in names]) for k in kinds]
    rows.append(["geometric mean", *(f"{mean:.2f}" for mean in means)])
    return show(
        "Without AVX2 and AVX-512: time over that with them, float32, 1e5 elements", ["function", *kinds], rows, []
    )


def numbers(text):
    return [int(float(number)) for number in text.split(",")]


def main():
    options = parser(__doc__, "numpy-speed.md")
    options.add_argument("--sizes", type=numbers, default="8,1e3,1e5,1e7", help="elements, up to 1e8, and commas")
    options.add_argument("--dtypes", type=types, default="float32,float64,float16,bfloat16", help="separated by commas")
    options.add_argument("--kinds", type=some_of(*KINDS), default=",".join(KINDS), help=f"of {','.join(KINDS)}")
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--against", type=checkout, metavar="PATH", help="an older checkout of acts")
    options.add_argument("--without-avx", action="store_true", help="also a table without AVX2 and AVX-512")
    options.add_argument("--medians", action="store_true", help="print seconds of acts at 1e5 as JSON, nothing else")
    given = options.parse_args()
    names = some_of(*acts.names())(given.only) if given.only else list(acts.names())
    with progress() as bar:
        if given.medians:
            task = bar.add_task("acts alone", total=len(names) * len(given.kinds))
            found = medians(names, given.kinds, "float32", 100_000, given.rounds, lambda: bar.advance(task))
            print(json.dumps(found))
            return
        peers, sections = available(given.against), []
        for size in given.sizes:
            for dtype in given.dtypes:
                for kind in given.kinds:
                    task = bar.add_task(f"{kind}, {dtype}, {size}", total=len(names))
                    rounds = given.rounds if size < 1e6 else max(2, given.rounds // 3)
                    tick = lambda task=task: bar.advance(task)  # noqa: E731
                    sections.append(table(peers, names, kind, dtype, size, rounds, tick))
        if given.without_avx:
            task = bar.add_task("without AVX", total=2)
            sections.append(without_avx(names, given.kinds, lambda: bar.advance(task)))
    keep(given.markdown, "numpy-speed.md", "Speed in NumPy", sections)


if __name__ == "__main__":
    if PINNED.items() - os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **PINNED})
    main()
