"""A fused kernel in Pallas: act(x + bias) in one pass over memory, its backward in another, for any activation.

    python examples/pallas_kernel.py
    python examples/pallas_kernel.py --activation mish --rows 1000 --columns 300 --dtype bfloat16

Compiled for the GPU (by Triton) or TPU that JAX finds, else interpreted on the CPU.
"""

import argparse
import functools

import jax
import jax.numpy as jnp
from jax.experimental import pallas
from jax.experimental.pallas import triton
from rich.console import Console
from rich.table import Table

import acts
import acts_jax
from acts.testing import example_parameters

BLOCK = (32, 128)  # powers of two for Triton; for a TPU multiples of its tiles, in bfloat16 (16, 128)
SIZES = range(1, 100_001)
WAYS = {"gpu": {"compiler_params": triton.CompilerParams()}, "tpu": {}, "cpu": {"interpret": True}}


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def bias_act(act, x, bias):
    """act(x + bias): x has the shape (rows, columns), bias (columns,); act is a function of acts_jax, of x alone."""
    f = acts_jax.formulas(act, x.dtype)["f"]

    def kernel(x, bias, y):
        y[...] = f(wide(x) + wide(bias)).astype(y.dtype)

    (y,) = over_blocks(kernel, [x], bias, [x.dtype])
    return y


def forward(act, x, bias):
    return bias_act(act, x, bias), (x, bias)


def backward(act, kept, g):
    """dx, and the bias's gradient: every block adds up its rows in float32, and JAX what the blocks found."""
    x, bias = kept
    df = acts_jax.formulas(act, x.dtype)["x"]

    def kernel(x, g, bias, dx, sums):
        exact = wide(g) * df(wide(x) + wide(bias))
        dx[...] = exact.astype(dx.dtype)
        sums[...] = jnp.sum(exact, axis=0, keepdims=True)

    dx, sums = over_blocks(kernel, [x, g], bias, [x.dtype, None])
    return dx, sums.sum(axis=0).astype(bias.dtype)


bias_act.defvjp(forward, backward)


def wide(block):
    """What a reference holds, in the type to compute in; the result is rounded once."""
    return block[...].astype(jnp.float32)


def over_blocks(kernel, arrays, bias, outputs):
    """The kernel on every block of the arrays, padded with zeros to whole blocks.

    outputs: for each its type, if it is an array like those; None if it is one row per block, in float32.
    """
    rows, columns = arrays[0].shape
    grid = pallas.cdiv(rows, BLOCK[0]), pallas.cdiv(columns, BLOCK[1])
    padding = (0, grid[0] * BLOCK[0] - rows), (0, grid[1] * BLOCK[1] - columns)
    full = tuple(block * count for block, count in zip(BLOCK, grid, strict=True))
    tile = pallas.BlockSpec(BLOCK, lambda i, j: (i, j))
    row = pallas.BlockSpec((1, BLOCK[1]), lambda i, j: (0, j))
    sums = pallas.BlockSpec((None, 1, BLOCK[1]), lambda i, j: (i, 0, j))
    results = pallas.pallas_call(
        kernel,
        grid=grid,
        in_specs=[*(tile for _ in arrays), row],
        out_specs=[tile if dtype else sums for dtype in outputs],
        out_shape=[
            jax.ShapeDtypeStruct(full, dtype) if dtype else jax.ShapeDtypeStruct((grid[0], 1, full[1]), jnp.float32)
            for dtype in outputs
        ],
        **WAYS[jax.default_backend()],
    )(*(jnp.pad(array, padding) for array in arrays), jnp.pad(bias, padding[1])[None])
    return [
        result[:rows, :columns] if dtype else result[:, 0, :columns]
        for result, dtype in zip(results, outputs, strict=True)
    ]


def unfused(act, x, bias):
    """The same in plain JAX, in float32 throughout."""
    return act(x.astype(jnp.float32) + bias.astype(jnp.float32))


def compare(act, x, bias, g):
    """Name, result, what plain JAX makes of it and the scale of rounding errors, of the value and both gradients."""
    y, dx, dbias = jax.jit(functools.partial(results, functools.partial(bias_act, act)))(x, bias, g)
    x, bias, g = (array.astype(jnp.float32) for array in (x, bias, g))
    plain_y, plain_dx, plain_dbias = jax.jit(functools.partial(results, functools.partial(unfused, act)))(x, bias, g)
    yield "value", y, plain_y, jnp.abs(plain_y).max()
    yield "dx", dx, plain_dx, jnp.abs(plain_dx).max()
    yield "dbias", dbias, plain_dbias, jnp.abs(plain_dx).sum(axis=0).max()


def results(f, x, bias, g):
    """f(x, bias), and the gradients of sum(f * g)."""
    loss = lambda x, bias: jnp.sum(f(x, bias).astype(jnp.float32) * g.astype(jnp.float32))  # noqa: E731
    return f(x, bias), *jax.grad(loss, argnums=(0, 1))(x, bias)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--activation", choices=acts_jax.names(), metavar="NAME", default="gelu",
                        help="its name in acts (%(default)s); with examples of the parameters it has")  # fmt: skip
    parser.add_argument("--rows", type=int, choices=SIZES, metavar="N", default=100, help="(%(default)s)")
    parser.add_argument(
        "--columns", type=int, choices=range(1, 100_001), metavar="N", default=300, help="(%(default)s)"
    )
    parser.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), default="float32", help="(%(default)s)")
    given = parser.parse_args()
    act = acts_jax.get(given.activation, **example_parameters(acts.get(given.activation)))
    keys = jax.random.split(jax.random.key(0), 3)
    shapes = (given.rows, given.columns), (given.columns,), (given.rows, given.columns)
    x, bias, g = (jax.random.normal(k, s).astype(given.dtype) for k, s in zip(keys, shapes, strict=True))
    ulps = float(jnp.finfo(given.dtype).eps) / 2 + 16 * float(jnp.finfo(jnp.float32).eps)  # rounding, arithmetic
    way = "interpreted" if jax.default_backend() == "cpu" else "compiled"
    print(f"{given.activation}(x + bias), {given.rows} x {given.columns}, {given.dtype}, {way}, against plain JAX:")
    table = Table("", "largest difference", "allowed")
    fine = True
    for name, result, plain, scale in compare(act, x, bias, g):
        difference, allowed = float(jnp.abs(result - plain).max()), float(scale) * ulps
        fine &= difference <= allowed
        table.add_row(name, f"{difference:.2g}", f"{allowed:.2g}")
    Console().print(table)
    if not fine:
        raise SystemExit("the fused kernel differs from plain JAX")


if __name__ == "__main__":
    main()
