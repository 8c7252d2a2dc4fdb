"""Wrong kernels in JAX, which differentiates most of them itself; and what jax.nn does."""

import jax
import jax.numpy as jnp
from mutants import BACKWARD, ONE_SHAPE, Mutant

import acts_jax


def kernel(function, rule):
    """The right value, and dx by rule(x, y, g, f')."""
    f = acts_jax.get(function)
    made, slope = jax.custom_vjp(lambda x: f(x)), acts_jax.derivative(f)
    made.defvjp(lambda x: (f(x), x), lambda x, g: (rule(x, f(x), g, slope).astype(x.dtype),))
    return made


def bent(function, bend):
    """The right value and slope, and bend(x) for the second derivative."""
    f = acts_jax.get(function)
    slope = jax.custom_jvp(acts_jax.derivative(f))
    slope.defjvp(lambda x, t: (slope(*x), t[0] * bend(x[0])))
    made = jax.custom_jvp(lambda x: f(x))
    made.defjvp(lambda x, t: (made(*x), t[0] * slope(*x)))
    return made


def prelu(rule):
    """The right value and dx, and alpha's cotangent by rule(x, g)."""
    made = jax.custom_vjp(lambda x, alpha: jnp.where(x > 0, x, alpha * x))

    def backward(saved, g):
        x, alpha = saved
        return jnp.where(x > 0, g, alpha * g), jnp.asarray(rule(x, g), x.dtype).reshape(alpha.shape)

    made.defvjp(lambda x, alpha: (made(x, alpha), (x, jnp.asarray(alpha))), backward)
    return made


def narrow_sum(x, g):
    terms = (g * jnp.minimum(x, 0)).reshape(-1)
    return jax.lax.fori_loop(0, x.size, lambda i, total: total + terms[i], jnp.zeros((), x.dtype))


IN_JAX = [
    Mutant(bug, function, kernel(function, rule), told)
    for function in ("softplus", "silu", "gelu")
    for bug, (rule, told) in BACKWARD.items()
]
IN_JAX, IN_JAX_TOO = IN_JAX[: len(BACKWARD)], IN_JAX[len(BACKWARD) :]

tanh_slope = acts_jax.derivative(acts_jax.gelu_tanh)
stop, where = jax.lax.stop_gradient, jnp.where
IN_JAX += [
    Mutant("where of an overflow", "elu", lambda x: where(x > 0, x, jnp.expm1(x)), "got nan"),
    Mutant("log1p(exp(x))", "mish", lambda x: x * jnp.tanh(jnp.log1p(jnp.exp(x))), "got nan"),
    Mutant("(e - 1) / (e + 1)", "tanh", lambda x: (jnp.exp(2 * x) - 1) / (jnp.exp(2 * x) + 1), "got nan"),
    Mutant("a gate is stopped", "silu", lambda x: x * stop(jax.nn.sigmoid(x))),
    Mutant("straight through", "relu", lambda x: x + stop(jnp.maximum(x, 0) - x), "the derivative is 1 everywhere"),
    Mutant("by the norm", "softsign", lambda x: x / (1 + jnp.linalg.norm(x))),
    Mutant("y for x", "leaky_relu", lambda x: where(x > 1, x, 0.01 * x)),
    Mutant("-1 at the kink", "relu", kernel("relu", lambda x, y, g, d: where(x == 0, -g, g * d(x))), "kink: x = "),
    Mutant(
        "2 at 3", "hard_swish", kernel("hard_swish", lambda x, y, g, d: where(x == 3, 2 * g, g * d(x))), "kink: x ="
    ),
    Mutant("up to 1.01", "hard_tanh", kernel("hard_tanh", lambda x, y, g, d: g * (abs(x) <= 1.01))),
    Mutant("1 - y²", "tanh", kernel("tanh", lambda x, y, g, d: g * (1 - y * y)), "1 - y² cancels", level=9.0),
    Mutant("y (1 - y)", "sigmoid", kernel("sigmoid", lambda x, y, g, d: g * y * (1 - y)), "(1 - y) cancels", level=9.0),
    Mutant(
        "y + 1", "elu", kernel("elu", lambda x, y, g, d: g * where(x > 0, 1, y + 1)), "y + alpha cancels", level=9.0
    ),
    Mutant("no density", "gelu", kernel("gelu", lambda x, y, g, d: g * y / x)),
    Mutant("the tanh form's f'", "gelu", kernel("gelu", lambda x, y, g, d: g * tanh_slope(x)), "is that of gelu_tanh"),
    Mutant("f' of 0.1", "leaky_relu", kernel("leaky_relu", lambda x, y, g, d: where(x > 0, g, 0.1 * g)), "slope 0.1"),
    Mutant("alpha's other side", "prelu", prelu(lambda x, g: jnp.sum(g * jnp.maximum(x, 0))), "gradient of alpha"),
    Mutant("float32 comes out", "silu", lambda x: x * jax.nn.sigmoid(x.astype("float32")), "dtype float32", "bfloat16"),
    Mutant("wrong in 16 bits", "relu", lambda x: jnp.maximum(x, -0.1 * (x.dtype != "float32")), "", "bfloat16"),
    Mutant("g is forgotten", "silu", kernel("silu", BACKWARD["g is forgotten"][0]), "is missing", "bfloat16"),
    Mutant("f'(y)", "gelu", kernel("gelu", BACKWARD["f'(y)"][0]), "taken at y", "float16"),
    Mutant("swapped", "reglu", lambda gate, value: gate * jax.nn.relu(value), "gate and value are swapped"),
    Mutant("f'' is 0", "gelu", bent("gelu", jnp.zeros_like), "second derivative", given={"shape": None}),
    Mutant("value is stopped", "swiglu", lambda gate, value: jax.nn.silu(gate) * stop(value), "gradient of value"),
]
IN_JAX_TOO += [
    Mutant("alpha's sign", "prelu", prelu(lambda x, g: -jnp.sum(g * jnp.minimum(x, 0))), "gradient of alpha"),
    Mutant("alpha's mean", "prelu", prelu(lambda x, g: jnp.mean(g * jnp.minimum(x, 0))), "gradient of alpha"),
    Mutant("alpha doubled", "prelu", prelu(lambda x, g: 2 * jnp.sum(g * jnp.minimum(x, 0))), "gradient of alpha"),
    Mutant("alpha is frozen", "prelu", prelu(lambda x, g: 0), "gradient of alpha"),
    Mutant("a narrow sum", "prelu", prelu(narrow_sum), "sum is accumulated in 16 bits", "float32,bfloat16"),
]

FIELD = [  # what jax.nn does, found at the strictest level, or by the policy that wants limits
    Mutant("NaN far out", "gelu_tanh", jax.nn.gelu, "got nan", "float32", "ulp", {"nonfinite": "ignore"}),
    Mutant("0 in the tail", "gelu_tanh", jax.nn.gelu, "got -0.0", "float32", "ulp"),
    Mutant("0 in the tail", "silu", jax.nn.silu, "got -0.0", "float32", "ulp"),
    Mutant("cancels on the left", "squareplus", lambda x: jax.nn.squareplus(x), "got 0.0", "float32", "ulp"),
    Mutant("f' where x² overflows", "squareplus", lambda x: jax.nn.squareplus(x), "got 0.5, wanted "),
    Mutant("NaN at -inf", "hard_swish", jax.nn.hard_swish, "x = -inf", given={"nonfinite": "limits"}),
    Mutant("NaN at -inf", "softsign", jax.nn.soft_sign, "x = -inf", given={"nonfinite": "limits"}),
]
IN_JAX, IN_JAX_TOO, FIELD = (
    [row._replace(given={**ONE_SHAPE, **row.given}) for row in rows] for rows in (IN_JAX, IN_JAX_TOO, FIELD)
)
