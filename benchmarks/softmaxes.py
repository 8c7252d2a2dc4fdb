"""Speed of the functions of rows in acts_jax against jax.nn's, jitted, interleaved in one run, in CPU time.

    python benchmarks/softmaxes.py [--rounds 100] [--dtype float32]

A ratio is the time of acts_jax over that of jax.nn, the median over rounds in which both take turns: below 1, acts_jax
is faster. forward is one call, gradient the backward pass given the cotangent, with what it needs of forward.
"""

import argparse
import functools
import statistics
import time

import jax
import jax.numpy as jnp
import numpy as np
from rich.console import Console
from rich.table import Table

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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100, metavar="N")
    parser.add_argument("--dtype", default="float32")
    given = parser.parse_args()
    table = Table("function", *(f"{kind} {shape}" for kind in ("forward", "gradient") for shape in SHAPES))
    for name in NAMES:
        functions = [functools.partial(getattr(module, name), axis=-1) for module in (acts_jax, jax.nn)]
        row = []
        for make in (lambda f: f, gradient):
            for shape in SHAPES:
                x = jnp.asarray(np.random.default_rng(0).normal(size=shape), given.dtype)
                arguments = (x,) if make is not gradient else (x, 0.5 + functions[0](x))
                row.append(f"{ratio(*(jax.jit(make(f)) for f in functions), arguments, given.rounds):.2f}")
        table.add_row(name, *row)
    Console().print(table)


if __name__ == "__main__":
    main()
