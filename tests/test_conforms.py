"""The kit as an author of kernels meets it: right kernels pass, wrong ones fail, and the report says why."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import acts
import acts_jax
from acts.testing import assert_conforms, check

where, expm1 = jnp.where, jnp.expm1
single = functools.partial(check, dtypes=["float32"])
exact_gelu = functools.partial(jax.nn.gelu, approximate=False)
step = lambda x: (x > 0).astype(x.dtype)  # noqa: E731


def slope(f, x):
    """f' at every element."""
    return jax.jvp(f, (x,), (jnp.ones_like(x),))[1]


def with_backward(f, backward):
    """f with (x, g) -> dx as its rule."""
    kernel = jax.custom_vjp(f)
    kernel.defvjp(lambda x: (f(x), x), lambda x, g: (backward(x, g).astype(x.dtype),))
    return kernel


@jax.custom_vjp
def prelu_of_the_wrong_side(x, alpha):
    return jnp.where(x > 0, x, alpha * x)


prelu_of_the_wrong_side.defvjp(
    lambda x, alpha: (prelu_of_the_wrong_side(x, alpha), (x, alpha)),
    lambda saved, g: (
        jnp.where(saved[0] > 0, g, saved[1] * g),
        jnp.sum(g * jnp.maximum(saved[0], 0)).astype(saved[0].dtype),
    ),
)


def without_its_last_block(x):
    y = np.array(x * (0.5 * np.tanh(0.5 * x) + 0.5), x.dtype)
    y.reshape(-1)[x.size // 128 * 128 :] = 0 if x.size > 128 else y.reshape(-1)[x.size // 128 * 128 :]
    return y


WRONG = {  # name: candidate, function, a word of the report, further arguments
    "no cotangent": (with_backward(exact_gelu, lambda x, g: slope(exact_gelu, x)), "gelu", "cotangent is missing"),
    "squared": (with_backward(exact_gelu, lambda x, g: g * g * slope(exact_gelu, x)), "gelu", "cotangent is squared"),
    "minus": (with_backward(exact_gelu, lambda x, g: -g * slope(exact_gelu, x)), "gelu", "the sign is wrong"),
    "at y": (with_backward(exact_gelu, lambda x, g: g * slope(exact_gelu, exact_gelu(x))), "gelu", "taken at y"),
    "tanh form": (jax.nn.gelu, "gelu", "this is gelu_tanh"),
    "quick": (lambda x: x * jax.nn.sigmoid(1.702 * x), "gelu", "this is quick_gelu"),
    "0.7071": (lambda x: 0.5 * x * (1 + jax.lax.erf(0.7071 * x)), "gelu", "constant truncated (0.7071)"),
    "no alpha": (
        lambda x, alpha=1.0: where(x > 0, x, expm1(where(x > 0, 0, x))),
        "elu",
        "alpha is ignored",
    ),
    "slope": (lambda x: jnp.where(x > 0, x, 0.2 * x), "leaky_relu", "negative_slope 0.2 instead of 0.01"),
    "alpha's side": (prelu_of_the_wrong_side, "prelu", "gradient of alpha"),
    "in 2-D": (lambda x: jnp.maximum(x, -0.1 * (x.ndim == 2)), "relu", "shape (2, 3)"),
    "wide": (lambda x: jnp.maximum(x, 0).astype(jnp.float16), "relu", "value of float32 has dtype float16"),
    "in bfloat16": (lambda x: jax.nn.silu(x.astype(jnp.bfloat16)).astype(x.dtype), "silu", "in bfloat16 throughout"),
    "last block": (without_its_last_block, "silu", "the last block is not written"),
    "in place": (lambda x: np.maximum(x, 0, out=x), "relu", "the input is overwritten"),
    "raises": (lambda x: 1 / 0, "relu", "ZeroDivisionError"),
    "beyond 1": (lambda x: np.tanh(x) * x.dtype.type(1 + 2.0**-23), "tanh", "never above 1"),
    "swapped": (lambda gate, value: value * jax.nn.sigmoid(value) * gate, "swiglu", "gate and value are swapped"),
    "naive": (lambda x: jnp.log(1 + jnp.exp(x)), "softplus", "got inf"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_kernel_fails_and_is_told_why(name):
    candidate, function, word = WRONG[name]
    report = single(candidate, function)
    assert report.verdict == "fail"
    assert word in str(report)


def test_a_relu_that_is_wrong_in_bfloat16_alone():
    def relu(x):
        return jnp.maximum(x, 0 if x.dtype == jnp.float32 else -0.1)

    assert single(relu, "relu").passed
    assert {v.dtype for v in check(relu, "relu", dtypes=["float32", "bfloat16"]).failures} == {"bfloat16"}


RIGHT = {
    "numpy relu": (lambda x: np.maximum(x, 0), "relu", {"derivative": step}),
    "numpy gelu": (acts.gelu, "gelu", {"vjp": lambda x, g: acts.gelu.vjp(x, g)[0], "level": "ulp"}),
    "a pair": ((lambda x: (np.tanh(x), np.tanh(x)), lambda y, g: (g * (1 - y * y),)), "tanh", {}),
    "jax.nn.gelu": (jax.nn.gelu, "gelu_tanh", {}),
    "jax.nn.elu": (jax.nn.elu, "elu", {}),
    "jax.nn.celu": (jax.nn.celu, "celu", {}),
    "jax.nn.silu": (jax.nn.silu, "silu", {}),
    "jnp.tanh": (jnp.tanh, "tanh", {}),
    "jax.nn.softplus": (jax.nn.softplus, "softplus", {}),
    "jax.nn.mish": (jax.nn.mish, "mish", {}),
    "jax.nn.leaky_relu": (jax.nn.leaky_relu, "leaky_relu", {}),
    "a gate": (lambda gate, value: jax.nn.silu(gate) * value, "swiglu", {}),
    "renamed": (lambda x, weight: jnp.where(x > 0, x, weight * x), "prelu", {"params": {"weight": "alpha"}}),
    "blocks": (jax.jit(lambda x: jnp.maximum(x, jnp.zeros((8, 128), x.dtype))), "relu", {"shape": (8, 128)}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_kernel_passes(name):
    candidate, function, given = RIGHT[name]
    assert_conforms(candidate, function, **{"dtypes": ["float32"], **given})


DEFAULT = ("gelu", "tanh", "prelu", "exponential", "swiglu")
OURS = [pytest.param(n, marks=() if n in DEFAULT else pytest.mark.exhaustive) for n in (*acts.names(), "swiglu")]
WORSE = {"squareplus": "its gradient left of 0 is off by 3.03 ulp, that of jax.nn by 1"}


@pytest.mark.parametrize("name", OURS)
def test_ours_keep_their_own_bounds_and_are_no_worse_than_the_frameworks(name):
    report = assert_conforms(acts_jax.get(name), name, dtypes=["float32"], level="ulp", shape=(4096,))
    worse = {verdict.name for verdict in report.verdicts if not verdict.levels.get("framework", True)}
    assert worse == ({"gradient"} if name in WORSE else set())


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_every_pattern_of_a_narrow_type(dtype):
    report = check(jax.nn.silu, "silu", dtypes=[dtype])
    assert report.passed, report
    assert report.verdicts[0].points == 2**16


def test_what_is_not_checked_is_never_a_pass():
    report = single(np.tanh, "tanh")
    assert (report.verdict, report.passed) == ("incomplete", False)
    assert "not checked: gradient" in str(report)


def test_a_level_is_a_number_of_ulps_or_a_word():
    def check(level):
        kernel = lambda x: x * x.dtype.type(1 + 2.0**-20)  # noqa: E731
        return single(kernel, "identity", derivative=np.ones_like, level=level).verdict

    assert [check(level) for level in ("close", 20, 5, "framework", "ulp")] == ["pass"] * 2 + ["fail"] * 3


@pytest.mark.parametrize(
    ("given", "error", "word"),
    [
        ({"function": "gellu"}, LookupError, "gelu"),
        ({"level": "strict"}, ValueError, "framework"),
        ({"level": -1.0}, ValueError, "above 0"),
        ({"dtypes": ["float33"]}, TypeError, "float32"),
        ({"nonfinite": "never"}, ValueError, "propagate"),
        ({"params": {"slope": "alpha"}}, ValueError, "no parameter"),
        ({"candidate": 3}, TypeError, "a function"),
    ],
)
def test_a_wrong_call_says_what_is_right(given, error, word):
    with pytest.raises(error, match=word):
        assert_conforms(**{"candidate": np.tanh, "function": "tanh", **given})
