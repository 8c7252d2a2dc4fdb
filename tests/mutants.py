"""Wrong kernels: the classic bugs, one a row, with what the kit is to say of each. Here those in NumPy."""

from collections.abc import Callable
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np

import acts

log, exp, expm1, log1p, tanh, where = np.log, np.exp, np.expm1, np.log1p, np.tanh, np.where
sigmoid = acts.sigmoid


class Mutant(NamedTuple):
    """A wrong kernel of a function, and a part of the report; "diagnosis: ..." where the kit can tell what it is."""

    bug: str
    function: str
    kernel: Callable[..., Any]
    told: str = ""
    dtype: str = "float32"
    level: str = "framework"
    given: dict[str, Any] = {}  # noqa: RUF012 - of assert_conforms, besides

    @property
    def id(self):
        return f"{self.function} {self.dtype}, {self.bug}"


def erf(x):
    return 1 - 2 * acts.gelu(-x * np.sqrt(2, dtype=x.dtype)) / (-x * np.sqrt(2, dtype=x.dtype))


def without_the_end(x):
    y = acts.silu(x).reshape(-1)
    if y.size > 128:
        y[y.size // 128 * 128 :] = 0
    return y.reshape(x.shape)


def wrong_from_5_elements_on(x):
    return acts.elu(x) if x.size < 5 else where(x > 0, x, exp(np.minimum(x, 0)) - 1)


def in_order_of_memory(x):
    return np.maximum(x.ravel("K"), 0).reshape(x.shape)


def narrow(dtype, f):
    """f, computed in another type."""
    return lambda x: f(x.astype(dtype)).astype(x.dtype)


def gaps_are_read(x):
    return np.maximum(
        np.lib.stride_tricks.as_strided(x, x.shape, np.cumprod((1, *x.shape[:0:-1]))[::-1] * x.itemsize), 0
    )


def at_one_number(f, x):
    """f, but for its value at one number, which is 2 there."""
    return lambda t: where(t == x, 2, f(t)).astype(t.dtype)


ONE_SHAPE, EVERY_SHAPE = {"shape": (4096,)}, {"shape": None}  # one is faster
VALUES = [
    Mutant("the tanh form", "gelu", acts.gelu_tanh, "gelu_tanh"),
    Mutant("the sigmoid form", "gelu", acts.quick_gelu, "diagnosis: this is quick_gelu"),
    Mutant("the erf form", "gelu_tanh", acts.gelu, "gelu"),
    Mutant("0.7071 for a constant", "gelu", lambda x: acts.gelu(x * 0.99999) / 0.99999, "constant truncated (0.7071"),
    Mutant("half forgotten", "gelu", lambda x: 2 * acts.gelu(x)),
    Mutant("1 + erf cancels", "gelu", lambda x: x * (1 + erf(x)) / 2, level="ulp"),
    Mutant("0.0447 for 0.044715", "gelu_tanh", lambda x: x * sigmoid(1.5957691 * (x + 0.0447 * x * x * x))),
    Mutant("0.797 for sqrt(2/π)", "gelu_tanh", lambda x: x * sigmoid(1.594 * (x + 0.044715 * x * x * x)), "(0.797)"),
    Mutant("x³ is x²", "gelu_tanh", lambda x: x * sigmoid(1.5957691 * (x + 0.044715 * x * x))),
    Mutant("NaN at -inf", "silu", lambda x: x * sigmoid(x), "got nan", given={"nonfinite": "limits"}),
    Mutant("a sign", "silu", lambda x: x * sigmoid(-x)),
    Mutant("hard_swish", "silu", acts.hard_swish, "hard_swish"),
    Mutant("1.702 x", "silu", acts.quick_gelu, "diagnosis: this is quick_gelu"),
    Mutant("log(1 + exp(x))", "softplus", lambda x: log(1 + exp(x)), "got inf"),
    Mutant("log1p(exp(x))", "softplus", lambda x: log1p(exp(x)), "got inf"),
    Mutant("a threshold of 10", "softplus", lambda x: where(x > 10, x, acts.softplus(np.minimum(x, 10)))),
    Mutant("a threshold of 20", "softplus", lambda x: where(x > 20, x, acts.softplus(x)), "", "float64", "ulp"),
    Mutant("beta is ignored", "softplus", lambda x, beta=1.0: acts.softplus(x), "diagnosis: beta is ignored"),
    Mutant("exp(x) - 1", "elu", lambda x: where(x > 0, x, exp(np.minimum(x, 0)) - 1)),
    Mutant("alpha is ignored", "elu", lambda x, alpha=1.0: acts.elu(x), "diagnosis: alpha is ignored"),
    Mutant("alpha inside exp", "elu", lambda x, alpha=1.0: where(x > 0, x, expm1(np.minimum(alpha * x, 0)))),
    Mutant("alpha on the right", "elu", lambda x, alpha=1.0: where(x > 0, alpha * x, acts.elu(x, alpha))),
    Mutant("without the scale", "selu", lambda x: acts.selu(x) / 1.0507009873554805),
    Mutant("1.05 for the scale", "selu", lambda x: acts.selu(x) * (1.05 / 1.0507009873554805), "truncated (1.05)"),
    Mutant("x not divided", "celu", lambda x, alpha=1.0: acts.elu(x, alpha)),
    Mutant("0.2", "leaky_relu", lambda x: where(x > 0, x, 0.2 * x), "diagnosis: negative_slope 0.2 instead of 0.01"),
    Mutant("0.1", "leaky_relu", lambda x: where(x > 0, x, 0.1 * x), "diagnosis: negative_slope 0.1 instead of 0.01"),
    Mutant("max(x, ax)", "leaky_relu", lambda x, negative_slope=0.01: np.maximum(x, x * x.dtype.type(negative_slope))),
    Mutant("alpha is ignored", "prelu", lambda x, alpha=0.25: acts.leaky_relu(x, 0.25), "diagnosis: alpha is ignored"),
    Mutant("|x|", "relu", np.abs),
    Mutant("NaN becomes 0", "relu", lambda x: np.fmax(x, 0), "x = nan"),
    Mutant("capped", "relu", acts.relu6, "diagnosis: this is relu6"),
    Mutant("not capped", "relu6", acts.relu, "diagnosis: this is relu"),
    Mutant("its gate alone", "hard_swish", acts.hard_sigmoid, "diagnosis: this is hard_sigmoid"),
    Mutant("0.2 x + 0.5", "hard_sigmoid", lambda x: np.clip(0.2 * x + 0.5, 0, 1), "slope 0.2 instead of 0.167"),
    Mutant("tanh", "hard_tanh", tanh, "diagnosis: this is tanh"),
    Mutant("x / (1 + |x|)", "tanh", acts.softsign, "diagnosis: this is softsign"),
    Mutant("above 1", "tanh", lambda x: tanh(x) * x.dtype.type(1 + 2**-23), "never above 1"),
    Mutant("hard", "sigmoid", acts.hard_sigmoid, "diagnosis: this is hard_sigmoid"),
    Mutant("inf / inf", "sigmoid", lambda x: exp(x) / (1 + exp(x)), "got nan"),
    Mutant("inf / inf", "sigmoid", lambda x: exp(x) / (1 + exp(x)), "got nan", "float16"),
    Mutant("silu", "mish", acts.silu, "diagnosis: this is silu"),
    Mutant("log1p cancels", "mish", lambda x: x * tanh(log(1 + exp(x)))),
    Mutant("log of 0", "log_sigmoid", lambda x: log(sigmoid(x)), "got -inf"),
    Mutant("a sign", "log_sigmoid", lambda x: -acts.softplus(x)),
    Mutant("x²", "softsign", lambda x: x / (1 + x * x)),
    Mutant("half forgotten", "squareplus", lambda x: x + np.sqrt(x * x + 4)),
    Mutant("the other shrink", "softshrink", acts.hardshrink, "diagnosis: this is hardshrink"),
    Mutant("the other shrink", "hardshrink", acts.softshrink, "diagnosis: this is softshrink"),
    Mutant("lambd 1", "softshrink", lambda x: acts.softshrink(x, 1.0), "diagnosis: lambd 1 instead of 0.5"),
    Mutant("a sign", "tanhshrink", lambda x: tanh(x) - x),
    Mutant("no square", "relu_squared", acts.relu, "diagnosis: this is relu"),
    Mutant("in bfloat16", "silu", narrow(ml_dtypes.bfloat16, acts.silu), "diagnosis: computed in bfloat16 throughout"),
    Mutant("in bfloat16", "mish", narrow(ml_dtypes.bfloat16, acts.mish), "diagnosis: computed in bfloat16 throughout"),
    Mutant("in float16", "softplus", narrow(np.float16, acts.softplus), "got inf"),
    Mutant("the end", "silu", without_the_end, "diagnosis: the last block is not written", given=EVERY_SHAPE),
    Mutant("from 5 elements on", "elu", wrong_from_5_elements_on, given=EVERY_SHAPE),
    Mutant("strides are ignored", "relu", in_order_of_memory, "transposed", given=EVERY_SHAPE),
    Mutant("gaps are read", "relu", gaps_are_read, "every other element", given=EVERY_SHAPE),
    Mutant("empty fails", "relu", lambda x: np.maximum(x, 0) + 0 * np.max(x), "shape (0,)", given=EVERY_SHAPE),
    Mutant("one number of 256", "tanh", at_one_number(tanh, 1.25), "x = 1.25", "float8_e5m2"),
    Mutant("one number of 65536", "silu", at_one_number(acts.silu, 1.25), "x = 1.25", "bfloat16"),
    Mutant(
        "a step back",
        "sigmoid",
        lambda x: sigmoid(where(x == 1, x.dtype.type(0.9), x)),
        "never falls",
        "float16",
        "ulp",
    ),
    Mutant("all float64", "gelu", lambda x: acts.gelu(x.astype(float)), "value of float32 has dtype float64"),
    Mutant("in place", "relu", lambda x: np.maximum(x, 0, out=x), "the input is overwritten"),
    Mutant("flat", "relu", lambda x: np.maximum(x, 0).ravel(), "has shape", given=EVERY_SHAPE),
    Mutant("elements mixed", "tanh", lambda x: tanh(x) + 0 * x.sum()),
    Mutant("0-D fails", "relu", lambda x: np.maximum(x, 0)[...] if len(x) else x, "TypeError", given=EVERY_SHAPE),
    Mutant(
        "wrong in 2-D", "relu", lambda x: np.maximum(x, -0.1 if x.ndim == 2 else 0), "shape (2, 3)", given=EVERY_SHAPE
    ),
    Mutant("wrong in a narrow type", "relu", narrow("float32", lambda x: np.maximum(x, -0.01)), "", "bfloat16"),
    Mutant("silu", "sigmoid", acts.silu, "diagnosis: this is silu", "float8_e4m3fn"),
    Mutant("the tanh form", "gelu", acts.gelu_tanh, "", "float16"),
    Mutant("swapped", "swiglu", lambda gate, value: acts.swiglu(value, gate), "diagnosis: gate and value are swapped"),
    Mutant("swapped", "geglu", lambda gate, value: acts.geglu(value, gate), "diagnosis: gate and value are swapped"),
    Mutant("no gate", "swiglu", lambda gate, value: gate * value),
    Mutant("the tanh form", "geglu", lambda gate, value: acts.gelu_tanh(gate) * value),
]


def right_gradient(function):
    """(x, g, parameters) -> dx, for a NumPy kernel whose value alone is wrong."""
    f = acts.get(function)
    return lambda *x_and_g, **params: f.vjp(*x_and_g, **params)[: len(x_and_g) - 1]


IN_NUMPY = [row._replace(given={**ONE_SHAPE, "vjp": right_gradient(row.function), **row.given}) for row in VALUES]

# -- backward passes, each of these for several functions and libraries ------------------------------------------------

BACKWARD = {  # bug: dx from x, y, g and f'; what is told
    "g is forgotten": (lambda x, y, g, slope: slope(x), "diagnosis: the cotangent is missing"),
    "g is squared": (lambda x, y, g, slope: g * g * slope(x), "diagnosis: the cotangent is squared"),
    "f'(y)": (lambda x, y, g, slope: g * slope(y), "diagnosis: the derivative is taken at y"),
    "-f'": (lambda x, y, g, slope: -g * slope(x), "diagnosis: the sign is wrong"),
    "g passed on": (lambda x, y, g, slope: g + 0 * x, "diagnosis: the derivative is 1 everywhere"),
    "no gradient": (lambda x, y, g, slope: 0 * g, "diagnosis: the derivative is 0 everywhere"),
    "relu's": (lambda x, y, g, slope: g * (x > 0), "diagnosis: the derivative is that of relu"),
    "2 f'": (lambda x, y, g, slope: 2 * g * slope(x), ""),
    "|g|": (lambda x, y, g, slope: abs(g) * slope(x), ""),
    "g is averaged": (lambda x, y, g, slope: g.mean() * slope(x), ""),
    "f g": (lambda x, y, g, slope: g * y, ""),
    "noise": (lambda x, y, g, slope: g * slope(x) * (1 + 2.0**-13), ""),
}


def numpy_backward(function, rule):
    f = acts.get(function)
    return lambda x, g: rule(x, f(x), g, f.derivative).astype(x.dtype)


IN_NUMPY_TOO = [
    Mutant(bug, function, acts.get(function), told, given={**ONE_SHAPE, "vjp": numpy_backward(function, rule)})
    for function in ("gelu", "mish", "tanh")
    for bug, (rule, told) in BACKWARD.items()
]
slope = acts.silu.derivative
IN_NUMPY += [
    Mutant(bug, "silu", acts.silu, told, given={**ONE_SHAPE, "vjp": rule})
    for bug, told, rule in (
        ("g is cut at 9", "cotangent -inf", lambda x, g: g.clip(-9, 9) * slope(x)),
        ("g is never 0", "cotangent 0 in", lambda x, g: where(g == 0, x.dtype.type(1e-6), g) * slope(x)),
        ("g to a neighbour", "cotangent 0 but at one point", lambda x, g: np.roll(g, 1) * slope(x)),
        ("g is overwritten", "gradient: the input is overwritten", lambda x, g: np.multiply(g, slope(x), out=g)),
        ("float64 comes out", "gradient of float32 has dtype float64", lambda x, g: g.astype(float) * slope(x)),
    )
]
IN_NUMPY += IN_NUMPY_TOO[: len(BACKWARD)]
