"""Speed of the functions of rows in acts_jax against jax.nn's, jitted, interleaved in one run, in CPU time.

    python benchmarks/softmaxes.py [--rounds 100] [--dtype float32]

A ratio is the time of acts_jax over that of jax.nn, the median over rounds in which both take turns: below 1, acts_jax
is faster. forward is one call, gradient the backward pass given the cotangent, with what it needs of forward.
"""

import functools
import statistics
import time

import jax
import jax.numpy as jnp
import numpy as np
from shared import keep, page, parser, show

import acts_jax

SHAPES = ((4096, 128), (512, 1024), (64, 32768))
NAMES = ("softmax", "log_softmax", "logsumexp")


def gradient(f):
    return lambda x, g: jax.vjp(f, x)[1](g)[0]


def ratio(ours, theirs, arguments, rounds):
    """The median of the time of `ours` over that of `theirs`, in process CPU time."""
    times = {f: [] for f in (ours, theirs)}
    for turn in range(rounds + 1):
        for f, taken in times.items():
            start = time.process_time()
            f(*arguments).block_until_ready()
            if turn:  # the first call compiles
                taken.append(time.process_time() - start)
    return statistics.median(times[ours]) / statistics.median(times[theirs])


def main():
    options = parser(__doc__, page("softmaxes"))
    options.add_argument("--rounds", type=int, default=100, metavar="N")
    options.add_argument("--dtype", default="float32")
    given = options.parse_args()
    names = given.only.split(",") if given.only else NAMES
    if unknown := set(names) - set(NAMES):
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}")
    rows = []
    for name in names:
        functions = [functools.partial(getattr(module, name), axis=-1) for module in (acts_jax, jax.nn)]
        for shape in SHAPES:
            x = jnp.asarray(np.random.default_rng(0).normal(size=shape), given.dtype)
            forward = ratio(*map(jax.jit, functions), (x,), given.rounds)
            backward = ratio(*(jax.jit(gradient(f)) for f in functions), (x, 0.5 + functions[0](x)), given.rounds)
            rows.append([name, str(shape), f"{forward:.2f}", f"{backward:.2f}"])
    section = show(f"{given.dtype}, acts_jax over jax.nn", ["function", "shape", "forward", "gradient"], rows, [])
    keep(given.markdown, page("softmaxes"), "Functions of rows", [section])


if __name__ == "__main__":
    main()
