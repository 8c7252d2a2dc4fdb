"""What replaces what: the activations of other frameworks, and the expression here that computes the same.

>>> from acts import dialects
>>> [row.ours for row in dialects.ROWS if row.theirs == "jax.nn.gelu(x)"]
['gelu_tanh(x)']
"""

import re
from itertools import groupby
from typing import NamedTuple

LAYER = "a layer, {}; `PReLU` is acts_jax.PReLU"


class Row(NamedTuple):
    """An activation of another framework, and its replacement.

    theirs, ours: Python expressions in x, and for prelu in alpha, an array of one slope per channel. ours uses the
    names of acts and acts_jax. An ONNX operator is written as a call with its inputs, then its attributes.
    note: what is easily missed. slopes: the kinks where the derivatives differ, as (kink, theirs, ours), ours again an
    expression in alpha; Keras has the derivatives of its backend, and these are those on JAX.
    """

    framework: str
    theirs: str
    ours: str
    note: str = ""
    slopes: tuple[tuple[float, float, str], ...] = ()


FRAMEWORKS = {
    "jax": "JAX; flax.nnx and flax.linen have most of the same functions",
    "flax": "Flax, its own layers",
    "equinox": "Equinox",
    "torch": "PyTorch, with `F = torch.nn.functional`",
    "keras": "Keras 3",
    "onnx": "ONNX operators, with their attributes",
}
"""The frameworks of the table, and how a reader knows them."""

ROWS = (
    Row("jax", "jax.nn.identity(x)", "identity(x)"),
    Row("jax", "jax.nn.relu(x)", "relu(x)"),
    Row("jax", "jax.nn.relu6(x)", "relu6(x)"),
    Row("jax", "jax.nn.leaky_relu(x)", "leaky_relu(x)", slopes=((0, 1, "0.01"),)),
    Row("jax", "jax.nn.elu(x)", "elu(x)"),
    Row("jax", "jax.nn.elu(x, alpha=2.0)", "elu(x, alpha=2.0)"),
    Row("jax", "jax.nn.selu(x)", "selu(x)"),
    Row("jax", "jax.nn.celu(x)", "celu(x)"),
    Row("jax", "jax.nn.celu(x, alpha=2.0)", "celu(x, alpha=2.0)"),
    Row("jax", "jax.nn.gelu(x)", "gelu_tanh(x)", "the default is the tanh form, not `gelu`"),
    Row("jax", "jax.nn.gelu(x, approximate=False)", "gelu(x)"),
    Row("jax", "jax.nn.silu(x)", "silu(x)"),
    Row("jax", "jax.nn.swish(x)", "silu(x)", "or `swish(x)`, whose beta is 1 by default"),
    Row("jax", "jax.nn.mish(x)", "mish(x)"),
    Row("jax", "jax.nn.hard_swish(x)", "hard_swish(x)"),
    Row("jax", "jax.nn.hard_silu(x)", "hard_swish(x)"),
    Row("jax", "jax.nn.sigmoid(x)", "sigmoid(x)"),
    Row("jax", "jax.nn.hard_sigmoid(x)", "hard_sigmoid(x)", "slope 1/6"),
    Row("jax", "jax.nn.log_sigmoid(x)", "log_sigmoid(x)"),
    Row("jax", "jax.nn.tanh(x)", "tanh(x)"),
    Row("jax", "jax.nn.hard_tanh(x)", "hard_tanh(x)", slopes=((-1, 1, "0"), (1, 1, "0"))),
    Row("jax", "jax.nn.softplus(x)", "softplus(x)"),
    Row("jax", "jax.nn.soft_sign(x)", "softsign(x)"),
    Row("jax", "jax.nn.squareplus(x)", "squareplus(x)", "b is 4 by default in both"),
    Row("jax", "jax.nn.squareplus(x, b=1.0)", "squareplus(x, b=1.0)"),
    Row(
        "flax",
        "nnx.PReLU(negative_slope_init=0.1)(x)",
        "PReLU.init(init=0.1)(x)",
        LAYER.format("alpha is its weight"),
        ((0, 1, "0.1"),),
    ),
    Row("flax", "nnx.PReLU()(x)", "PReLU.init(init=0.01)(x)", LAYER.format("starts at 0.01"), ((0, 1, "0.01"),)),
    Row(
        "flax",
        "linen.PReLU().init_with_output(jax.random.key(0), x)[0]",
        "PReLU.init(init=0.01)(x)",
        LAYER.format("starts at 0.01"),
        ((0, 1, "0.01"),),
    ),
    Row("equinox", "eqx.nn.PReLU()(x)", "PReLU.init()(x)", LAYER.format("starts at 0.25"), ((0, 1, "0.25"),)),
    Row(
        "equinox", "eqx.nn.PReLU(alpha)(x)", "prelu(x, alpha, axis=-1)", "alpha is on the last axis", ((0, 1, "alpha"),)
    ),
    Row("torch", "torch.nn.Identity()(x)", "identity(x)", "`F.linear` is the dense layer"),
    Row("torch", "F.relu(x)", "relu(x)"),
    Row("torch", "F.relu6(x)", "relu6(x)"),
    Row("torch", "F.leaky_relu(x)", "leaky_relu(x)"),
    Row("torch", "F.prelu(x, weight=alpha)", "prelu(x, alpha, axis=1)", "channels on axis 1; here the axis is named"),
    Row("torch", "torch.nn.PReLU()(x)", "PReLU.init()(x)", LAYER.format("starts at 0.25")),
    Row("torch", "F.threshold(x, 1.0, -7.0)", "threshold(x, threshold=1.0, value=-7.0)"),
    Row("torch", "F.elu(x)", "elu(x)"),
    Row("torch", "F.elu(x, alpha=2.0)", "elu(x, alpha=2.0)"),
    Row("torch", "F.selu(x)", "selu(x)"),
    Row("torch", "F.celu(x)", "celu(x)"),
    Row("torch", "F.celu(x, alpha=2.0)", "celu(x, alpha=2.0)"),
    Row("torch", "F.gelu(x)", "gelu(x)"),
    Row("torch", "F.gelu(x, approximate='tanh')", "gelu_tanh(x)"),
    Row("torch", "F.silu(x)", "silu(x)"),
    Row("torch", "F.mish(x)", "mish(x)"),
    Row("torch", "F.hardswish(x)", "hard_swish(x)"),
    Row("torch", "F.sigmoid(x)", "sigmoid(x)"),
    Row("torch", "F.hardsigmoid(x)", "hard_sigmoid(x)", "slope 1/6; in float64 their derivative is the float32 1/6"),
    Row("torch", "F.logsigmoid(x)", "log_sigmoid(x)"),
    Row("torch", "F.tanh(x)", "tanh(x)"),
    Row("torch", "F.hardtanh(x)", "hard_tanh(x)"),
    Row("torch", "F.hardtanh(x, min_val=-2.0, max_val=3.0)", "hard_tanh(x, min_val=-2.0, max_val=3.0)"),
    Row("torch", "F.softplus(x)", "softplus(x)", "above their threshold of 20, log(1 + exp(x)) is cut to x"),
    Row("torch", "F.softplus(x, beta=2.0)", "softplus(x, beta=2.0)", "cut where beta * x is above 20"),
    Row("torch", "F.softplus(x, threshold=20.0)", "softplus(x)", "nothing is cut, and there is no threshold"),
    Row("torch", "F.softsign(x)", "softsign(x)"),
    Row("torch", "F.hardshrink(x)", "hardshrink(x)"),
    Row("torch", "F.softshrink(x)", "softshrink(x)"),
    Row("torch", "F.tanhshrink(x)", "tanhshrink(x)"),
    Row("keras", "keras.activations.linear(x)", "identity(x)"),
    Row("keras", "keras.activations.relu(x)", "relu(x)"),
    Row(
        "keras",
        "keras.activations.relu(x, negative_slope=0.1)",
        "leaky_relu(x, negative_slope=0.1)",
        slopes=((0, 1, "0.1"),),
    ),
    Row("keras", "keras.activations.relu(x, max_value=6.0)", "relu6(x)"),
    Row("keras", "keras.activations.relu(x, threshold=2.0)", "thresholded_relu(x, theta=2.0)"),
    Row("keras", "keras.activations.relu6(x)", "relu6(x)"),
    Row(
        "keras",
        "keras.activations.leaky_relu(x)",
        "leaky_relu(x, negative_slope=0.2)",
        "slope 0.2, and so for `keras.ops`; here 0.01",
        ((0, 1, "0.2"),),
    ),
    Row(
        "keras",
        "keras.layers.LeakyReLU()(x)",
        "leaky_relu(x, negative_slope=0.3)",
        "slope 0.3 in the layer",
        ((0, 1, "0.3"),),
    ),
    Row("keras", "keras.layers.PReLU()(x)", "PReLU.init(init=0.0)(x)", "starts at 0, one slope per unit"),
    Row(
        "keras",
        "keras.activations.threshold(x, threshold=1.0, default_value=-7.0)",
        "threshold(x, threshold=1.0, value=-7.0)",
    ),
    Row("keras", "keras.activations.elu(x)", "elu(x)"),
    Row("keras", "keras.activations.elu(x, alpha=2.0)", "elu(x, alpha=2.0)"),
    Row("keras", "keras.activations.selu(x)", "selu(x)"),
    Row("keras", "keras.activations.celu(x)", "celu(x)"),
    Row("keras", "keras.activations.celu(x, alpha=2.0)", "celu(x, alpha=2.0)"),
    Row("keras", "keras.activations.gelu(x)", "gelu(x)", "the exact form, unlike `keras.ops.gelu(x)`"),
    Row("keras", "keras.activations.gelu(x, approximate=True)", "gelu_tanh(x)"),
    Row("keras", "keras.ops.gelu(x)", "gelu_tanh(x)", "the tanh form, unlike `keras.activations.gelu(x)`"),
    Row("keras", "keras.activations.silu(x)", "silu(x)", "also called swish there"),
    Row("keras", "keras.activations.mish(x)", "mish(x)"),
    Row("keras", "keras.activations.hard_silu(x)", "hard_swish(x)", "also called hard_swish there"),
    Row("keras", "keras.activations.sigmoid(x)", "sigmoid(x)"),
    Row("keras", "keras.activations.hard_sigmoid(x)", "hard_sigmoid(x)", "slope 1/6; it was 0.2 in Keras 2"),
    Row("keras", "keras.activations.log_sigmoid(x)", "log_sigmoid(x)"),
    Row("keras", "keras.activations.tanh(x)", "tanh(x)"),
    Row("keras", "keras.activations.hard_tanh(x)", "hard_tanh(x)", slopes=((-1, 1, "0"), (1, 1, "0"))),
    Row("keras", "keras.activations.softplus(x)", "softplus(x)"),
    Row("keras", "keras.activations.softsign(x)", "softsign(x)"),
    Row("keras", "keras.activations.squareplus(x)", "squareplus(x)", "b is 4 by default in both"),
    Row("keras", "keras.activations.hard_shrink(x)", "hardshrink(x)"),
    Row(
        "keras",
        "keras.activations.hard_shrink(x, threshold=1.5)",
        "hardshrink(x, lambd=1.5)",
        "threshold is lambd here",
    ),
    Row("keras", "keras.activations.soft_shrink(x)", "softshrink(x)"),
    Row(
        "keras",
        "keras.activations.soft_shrink(x, threshold=1.5)",
        "softshrink(x, lambd=1.5)",
        "threshold is lambd here",
    ),
    Row("keras", "keras.activations.tanh_shrink(x)", "tanhshrink(x)"),
    Row("onnx", "Identity(x)", "identity(x)"),
    Row("onnx", "Relu(x)", "relu(x)"),
    Row("onnx", "Clip(x, 0.0, 6.0)", "relu6(x)"),
    Row("onnx", "Clip(x, -1.0, 1.0)", "hard_tanh(x)"),
    Row("onnx", "LeakyRelu(x)", "leaky_relu(x)", "slope 0.01"),
    Row("onnx", "LeakyRelu(x, alpha=0.1)", "leaky_relu(x, negative_slope=0.1)", "alpha is negative_slope here"),
    Row("onnx", "PRelu(x, alpha)", "prelu(x, alpha, axis=-1)", "alpha is broadcast from the last axis"),
    Row("onnx", "ThresholdedRelu(x)", "thresholded_relu(x)"),
    Row("onnx", "ThresholdedRelu(x, alpha=2.0)", "thresholded_relu(x, theta=2.0)", "alpha is theta here"),
    Row("onnx", "Elu(x)", "elu(x)"),
    Row("onnx", "Elu(x, alpha=2.0)", "elu(x, alpha=2.0)"),
    Row("onnx", "Selu(x)", "selu(x)"),
    Row("onnx", "Celu(x)", "celu(x)"),
    Row("onnx", "Celu(x, alpha=2.0)", "celu(x, alpha=2.0)"),
    Row("onnx", "Gelu(x)", "gelu(x)"),
    Row("onnx", "Gelu(x, approximate='tanh')", "gelu_tanh(x)"),
    Row("onnx", "Swish(x)", "silu(x)"),
    Row("onnx", "Swish(x, alpha=2.0)", "swish(x, beta=2.0)", "alpha is beta here"),
    Row("onnx", "Mish(x)", "mish(x)"),
    Row("onnx", "HardSwish(x)", "hard_swish(x)"),
    Row("onnx", "Sigmoid(x)", "sigmoid(x)"),
    Row("onnx", "HardSigmoid(x)", "hard_sigmoid(x, slope=0.2)", "slope 0.2; here 1/6"),
    Row("onnx", "HardSigmoid(x, alpha=1 / 6)", "hard_sigmoid(x)"),
    Row(
        "onnx",
        "HardSigmoid(x, alpha=0.25, beta=0.375)",
        "hard_sigmoid(x, slope=0.25, offset=0.375)",
        "alpha is slope, beta is offset here",
    ),
    Row("onnx", "Tanh(x)", "tanh(x)"),
    Row("onnx", "Softplus(x)", "softplus(x)"),
    Row("onnx", "Softsign(x)", "softsign(x)"),
    Row("onnx", "Shrink(x)", "hardshrink(x)", "bias is 0 by default, a hard shrink"),
    Row("onnx", "Shrink(x, bias=0.5)", "softshrink(x)", "bias equal to lambd"),
)
"""The rows, framework by framework."""

KEYWORDS = {
    "inplace": "in NumPy pass out=x, in JAX donate x: jax.jit(f, donate_argnums=0)",
    "out": "arrays of JAX don't change; donate x: jax.jit(f, donate_argnums=0)",
    "dim": "it is axis here, where a function has one",
    "approximate": "gelu is exact, gelu_tanh and quick_gelu are its approximations",
    "max_value": "relu6 is cut at 6, hard_tanh at min_val and max_val",
    "threshold": "threshold, thresholded_relu, hardshrink and softshrink have one; no other function is cut",
    "beta": "swish and softplus have one",
    **dict.fromkeys(("num_parameters", "init", "init_alpha", "alpha_initializer", "weight", "negative_slope_init"),
                    "prelu takes its slopes as alpha; the layer is acts_jax.PReLU.init(num_parameters, init)"),
}  # fmt: skip
"""Keywords of other frameworks that no function here has, or few, and the way here."""


def way_here(function: str, keyword: str) -> str:
    """What stands here for that keyword of another framework's counterpart of a function; empty if none is known.

    >>> way_here("gelu", "approximate")
    "jax.nn.gelu(x, approximate=False) is gelu(x) here, F.gelu(x, approximate='tanh') is gelu_tanh(x) here"
    """
    counterparts = {_callee(row.theirs) for row in ROWS if _callee(row.ours) == function}
    rows = [row for row in ROWS if _callee(row.theirs) in counterparts and keyword in keywords(row.theirs)]
    answers = {row.ours: f"{row.theirs} is {row.ours} here" for row in reversed(rows)}
    return ", ".join(reversed(answers.values())) or KEYWORDS.get(keyword, "")


def keywords(expression: str) -> list[str]:
    """The keywords in an expression of the table."""
    return re.findall(r"(\w+)=", expression)


def _callee(expression: str) -> str:
    return expression.partition("(")[0]


def migration_table() -> str:
    """The rows as Markdown: one table per framework."""
    return "\n\n".join(_table(framework, list(rows)) for framework, rows in groupby(ROWS, lambda row: row.framework))


def _table(framework: str, rows: list[Row]) -> str:
    lines = [f"**{FRAMEWORKS[framework]}**", "", "| theirs | here | to know |", "| --- | --- | --- |"]
    return "\n".join(lines + [f"| `{row.theirs}` | `{row.ours}` | {_remark(row)} |" for row in rows])


def _remark(row: Row) -> str:
    slopes = [f"at {at:g} their derivative is {slope:g}, here {ours}" for at, slope, ours in row.slopes]
    return "; ".join(([row.note] if row.note else []) + slopes)
