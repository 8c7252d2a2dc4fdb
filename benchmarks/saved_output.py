"""What a gradient loses that is made from the output: as_custom_vjp(f, save="output") against save="input".

    python benchmarks/saved_output.py

Against the NumPy core in float64, over every x in [-100, 100] that the grid has, where the slope does not overflow.
scaled: the largest error in ulp of the slope or, if that is larger, of the largest slope over [-1, 1], which is what it
does to a gradient. lost below, lost above: from there on out, more
than half of the true derivative is gone, though it is a normal number.
"""

import jax
import jax.numpy as jnp
import numpy as np
from shared import keep, parser, show

import acts
import acts_jax
from acts.testing import grid, ulp_size


def from_output():
    """The functions whose output determines their derivative."""
    return [name for name in acts_jax.names() if hasattr(acts.get(name), "derivative_from_output")]


def points(name, dtype):
    x = grid("float32", acts.get(name).kinks_at(), 2000)
    return np.unique(np.asarray(jnp.asarray(x[np.isfinite(x) & (np.abs(x) <= 100)], dtype)))


def errors(name, save, dtype):
    """x, the true derivative, and the error of the gradient at each x."""
    x = points(name, dtype)
    face = acts_jax.as_custom_vjp(acts_jax.get(name), save=save)
    got = np.asarray(jax.vjp(face, jnp.asarray(x))[1](jnp.ones_like(x))[0], np.float64)
    truth = acts.get(name).derivative(x.astype(np.float64))
    near = np.abs(truth) <= float(jnp.finfo(dtype).max)
    return x[near], truth[near], np.abs(got - truth)[near]


def scaled_error(name, save, dtype):
    """The largest error in ulp of the slope, or of the largest one over [-1, 1]."""
    x, truth, error = errors(name, save, dtype)
    size = np.maximum(np.abs(truth), np.abs(truth[np.abs(x) <= 1]).max())
    return float(np.max(error / ulp_size(size, dtype)))


def lost(name, save, dtype):
    """Where the derivative is gone on the left and on the right, if it is."""
    x, truth, error = errors(name, save, dtype)
    gone = x[(error > np.abs(truth) / 2) & (np.abs(truth) >= np.finfo(np.float32).tiny)].astype(np.float32)
    left, right = gone[gone < 0], gone[gone > 0]
    return f"{left.max():.1f}" if left.size else "-", f"{right.min():.1f}" if right.size else "-"


def main():
    given = parser(__doc__, "saved-output.md").parse_args()
    names = given.only.split(",") if given.only else from_output()
    if set(names) - set(from_output()):
        raise SystemExit(f"--only {given.only}: the gradient from the output is known of {', '.join(from_output())}")
    rows = []
    for name in names:
        for dtype in ("float32", "bfloat16"):
            scaled = (f"{scaled_error(name, save, dtype):.2f}" for save in ("input", "output"))
            rows.append([name, dtype, *scaled, *lost(name, "output", dtype)])
    head = ["function", "dtype", 'scaled, "input"', 'scaled, "output"', "lost below", "lost above"]
    section = show("The gradient from the output: error in ulp of the largest slope", head, rows, [])
    keep(given.markdown, "saved-output.md", "The gradient from the output", [section])


if __name__ == "__main__":
    main()
