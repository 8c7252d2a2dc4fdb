"""Measures what jax.nn, or Keras on JAX where jax.nn has no such function, and torch are off by: the level "framework".

    python scripts/framework_levels.py [--only elu,gelu]

Writes acts/testing/framework_levels.json: for each function, type and quantity the largest error of the worse of the
two, octave by octave of x, in units of `conditioned_ulp`; "inf" where the result is not finite. JAX runs with jit and
without, torch on arrays in a row, with gaps, and of columns: its loops over them are others.
Needs torch, keras, and jax with x64, which it turns on.
"""

import argparse
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import ml_dtypes
import numpy as np
import torch
from rich.progress import track

import acts
from acts.dialects import ROWS, Row
from acts.testing import all_patterns, walk
from acts.testing.judge import Wanted, wide
from acts.testing.levels import octaves
from acts.testing.libraries import InJax, InTorch
from acts.testing.peers import parameters
from acts.testing.ulp import digits_of

FILE = Path(__file__).parents[1] / "acts" / "testing" / "framework_levels.json"
TYPES = (np.float16, ml_dtypes.bfloat16, np.float32, np.float64)
NAMES = {"jax": jax, "keras": keras, "torch": torch, "F": torch.nn.functional}
POINTS = {"float32": 100_000, "float64": 20_000}


def points(dtype: Any, kinks: tuple[float, ...]) -> Any:
    """All finite numbers of a narrow type, else many."""
    return all_patterns(dtype) if np.dtype(dtype).itemsize == 2 else walk(dtype, POINTS[np.dtype(dtype).name], kinks)


def row_of(framework: str, function: acts.Activation) -> tuple[Row, dict[str, Any]] | None:
    """The first row of a framework for the function, and our parameters in it."""
    found = ((row, parameters(row, function)) for row in ROWS if row.framework == framework)
    return next(((row, params) for row, params in found if params is not None), None)


def computed(row: Row, x: Any, quantity: str) -> Iterator[Any]:
    """What the row gives, in each way that its library has of computing it."""
    library: Any = InTorch() if row.framework == "torch" else InJax()
    alpha = library.array(np.array([0.25], x.dtype))

    def call(x: Any) -> Any:
        return eval(row.theirs, {**NAMES, "x": x, "alpha": alpha})

    columns = np.resize(x, x.size + x.size % 2).reshape(2, -1).T
    ways = (x, np.repeat(x, 2)[::2], columns) if row.framework == "torch" else (x,)
    calls = (call,) if row.framework == "torch" else (call, jax.jit(call))
    for way in ways:
        for run in calls if quantity == "f" else calls[:1]:
            given = library.array(way)
            if quantity == "f":
                got = run(given)
            elif quantity == "f'":
                got = library.pull(run)(given, library.array(np.ones_like(way)))[0]
            else:
                got = library.bend(run, given)
            yield library.numpy(got).T.reshape(-1)[: x.size]


def levels(function: acts.Activation, dtype: Any, quantity: str) -> list[list[Any]] | None:
    """[[from x on, ulp], ...], or None if neither has the function."""
    edges = octaves(dtype)
    worst = np.zeros(edges.size)
    found = False
    for row, params in filter(None, (row_of("jax", function) or row_of("keras", function), row_of("torch", function))):
        bound = function.bind(**params)
        reference = {"f": bound, "f'": bound.derivative, "f''": bound.second_derivative}[quantity]
        x = points(dtype, bound.kinks_at())
        wanted = Wanted.of(quantity, x, reference, bound.kinks_at())
        overflow = ~np.isfinite(wanted.truth) | (np.abs(wanted.truth) >= float(ml_dtypes.finfo(dtype).max))
        try:
            for got in map(wide, computed(row, x, quantity)):
                found = True
                with np.errstate(all="ignore"):
                    error = np.abs(got - wanted.truth) / wanted.unit
                right = (got == wanted.truth) | wanted.at_kink | wanted.subnormal
                error = np.where(right | overflow, 0.0, np.where(np.isfinite(got), error, np.inf))
                np.maximum.at(worst, np.searchsorted(edges, wide(x), side="right") - 1, error)
        except RuntimeError:  # torch has no second derivative of some
            continue
    return merged(edges, worst, 2.0 ** digits_of(dtype)[0]) if found else None


def merged(edges: Any, errors: Any, lost: float) -> list[list[Any]]:
    """Neighbouring octaves whose errors differ by a factor of 2 at most as one, with the largest; none above `lost`."""
    rows: list[list[Any]] = []
    lowest = 0.0
    for edge, error in zip(edges.tolist(), errors.tolist(), strict=True):
        shown = error if math.isinf(error) else min(rounded_up(error), lost)
        lowest = min(lowest, shown) if rows else shown
        if rows and max(rows[-1][1], shown) <= 2 * lowest:
            rows[-1][1] = max(rows[-1][1], shown)
        else:
            rows.append([str(edge) if math.isinf(edge) else edge, shown])
            lowest = shown
    return [[edge, str(error) if math.isinf(error) else error] for edge, error in rows]


def rounded_up(error: float) -> float:
    """To two digits, at least half an ulp."""
    error = max(error, 0.5)
    step = 10.0 ** (math.floor(math.log10(error)) - 1)
    return float(f"{math.ceil(error / step) * step:.2g}")


def main() -> None:
    """Measure all functions, or some, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="these functions alone, the others stay as they are in the file")
    only = parser.parse_args().only
    jax.config.update("jax_enable_x64", True)
    names = only.split(",") if only else acts.names()
    table = json.loads(FILE.read_text()) if only else {}
    for name in track(names, "measuring"):
        function = acts.get(name)
        rows = {np.dtype(t).name: {q: levels(function, t, q) for q in ("f", "f'", "f''")} for t in TYPES}
        if any(row for quantities in rows.values() for row in quantities.values()):
            table[name] = rows
    lines = [f"{json.dumps(name)}: {json.dumps(rows)}" for name, rows in table.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(table)} functions, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
