"""Softmax, its logarithm and entmax with the derivative rules that the functions of rows share.

x comes in its own type and is computed in at least float32. Backward of softmax and entmax keeps the output alone, that
of log_softmax x and two numbers for each row. In x, what is left out is -inf. The maximum m that is taken from x is
not -inf, so that x - m is -inf for what is left out, and NaN for an x of inf alone. Nothing else is done before exp:
XLA for CPUs has one kernel for the maximum, the difference and exp.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ._arrays import at_least_float32, cast
from ._rules import held_apart
from ._special import log1p_of_negative

Axes = tuple[int, ...]


def total(a: Any, axis: Axes) -> Any:
    """The sum of each row, with 1 on the axis."""
    return jnp.sum(a, axis, keepdims=True)


def masked(x: Any, where: Any) -> Any:
    """x in at least float32, and -inf where it is left out."""
    x = cast(at_least_float32(x.dtype), x)
    return x if where is None else jnp.where(where, x, -jnp.inf)


def below(x: Any, where: Any, sink: Any, axis: Axes) -> tuple[Any, Any, Any]:
    """(x - m, sink - m, m) in at least float32, m the maximum of the row and its sink: not -inf, and a constant."""
    x = masked(x, where)
    lowest = np.asarray(jnp.finfo(x.dtype).min, x.dtype)  # type: ignore[no-untyped-call]
    m = lax.stop_gradient(jnp.expand_dims(lax.reduce(x, lowest, lax.max, axis), axis))
    if sink is None:
        return x - m, None, m
    m = jnp.maximum(m, lax.stop_gradient(sink))
    return x - m, sink - m, m


def tempered(x: Any, where: Any, axis: Axes, temperature: Any, sink: Any) -> tuple[Any, Any]:
    """x and the sink less their maximum, over temperature: what is infinite stays so, and has no slope."""
    if isinstance(temperature, (int, float)) and temperature == 1:
        return x, sink

    @jax.checkpoint
    def divide(x: Any, temperature: Any, sink: Any) -> tuple[Any, Any]:
        z, s, _ = below(x, where, sink, axis)
        temperature = jnp.asarray(temperature, z.dtype)  # once, so that its cotangent is rounded once

        def quotient(d: Any) -> Any:
            return jnp.where(jnp.isinf(d), d, jnp.where(jnp.isinf(d), 0, d) / temperature)

        return quotient(z), None if s is None else quotient(s)

    return divide(x, temperature, sink)  # type: ignore[no-any-return]


def softmax(x: Any, axis: Axes, where: Any, temperature: Any = 1.0, sink: Any = None) -> Any:
    """In x's type, for axes from 0."""
    dtype = x.dtype
    sink = None if sink is None else jnp.asarray(sink, at_least_float32(dtype))
    x, sink = tempered(x, where, axis, temperature, sink)
    return _softmax(axis, dtype, x, where, sink)[0]


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _softmax(axis: Axes, dtype: Any, x: Any, where: Any, sink: Any) -> tuple[Any, Any]:
    """(p, the sink's p)."""
    d, d_sink, _ = below(x, where, sink, axis)
    e, e_sink = jnp.exp(d), None if d_sink is None else jnp.exp(d_sink)
    whole = total(e, axis) if e_sink is None else total(e, axis) + e_sink
    whole = jnp.maximum(whole, 1)  # less only where all is -inf
    return cast(dtype, e / whole), None if e_sink is None else e_sink / whole


@_softmax.defjvp
def _softmax_jvp(axis: Axes, dtype: Any, primals: Any, tangents: Any) -> Any:
    x, where, sink = primals
    dx, _, d_sink = tangents
    p, p_sink = _softmax(axis, dtype, x, where, sink)
    return (p, p_sink), _push_softmax(axis, p, p_sink, dx, d_sink)


@functools.partial(jax.checkpoint, static_argnums=0, prevent_cse=False)
def _push_softmax(axis: Axes, p: Any, p_sink: Any, dx: Any, d_sink: Any) -> Any:
    dtype, p = p.dtype, _kept(p)
    term = p * cast(p.dtype, dx)
    mean = total(term, axis)
    if p_sink is None:
        return cast(dtype, term - p * mean), None
    mean = mean + p_sink * d_sink
    return cast(dtype, term - p * mean), p_sink * (d_sink - mean)


def _kept(y: Any) -> Any:
    """The output that backward keeps, in at least float32."""
    return cast(at_least_float32(y.dtype), held_apart(y, "output"))


def log_softmax(x: Any, axis: Axes, where: Any, temperature: Any = 1.0, sink: Any = None) -> tuple[Any, Any]:
    """(log_softmax in x's type, logsumexp in at least float32)."""
    dtype = x.dtype
    sink = None if sink is None else jnp.asarray(sink, at_least_float32(dtype))
    x, sink = tempered(x, where, axis, temperature, sink)
    y, m, log_sum = _log_softmax(axis, dtype, x, where, sink)
    return y, m + log_sum


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _log_softmax(axis: Axes, dtype: Any, x: Any, where: Any, sink: Any) -> tuple[Any, Any, Any]:
    """(x - m - l, m, l) for the maximum m and the logarithm l of the sum of exp(x - m).

    Where one term, exp(0), dominates, it is left out of the sum, so that log1p keeps all that the others add.
    """
    d, d_sink, m = below(x, where, sink, axis)
    e = jnp.exp(d)
    whole, others = total(e, axis), total(jnp.where(e < 1, e, 0), axis)
    if d_sink is not None:
        e = jnp.exp(d_sink)
        whole, others = whole + e, others + jnp.where(e < 1, e, 0)
    log_sum = jnp.where(whole < 1.5, jnp.log1p(others), jnp.log(whole))
    return cast(dtype, d - log_sum), m, jnp.where(m == jnp.inf, 0, jnp.where(whole == 0, -jnp.inf, log_sum))


@_log_softmax.defjvp
def _log_softmax_jvp(axis: Axes, dtype: Any, primals: Any, tangents: Any) -> Any:
    x, where, sink = primals
    dx, _, d_sink = tangents
    y, m, log_sum = _log_softmax(axis, dtype, x, where, sink)
    dy, slope = _push_log_softmax(axis, dtype, (x, sink, m, log_sum), where, dx, d_sink)
    return (y, m, log_sum), (dy, jnp.zeros_like(m), slope)


@functools.partial(jax.checkpoint, static_argnums=(0, 1), prevent_cse=False)
def _push_log_softmax(axis: Axes, dtype: Any, kept: Any, where: Any, dx: Any, d_sink: Any) -> tuple[Any, Any]:
    """The tangents of x - m - l and of l, where m counts as a constant: of m + l it makes no difference."""
    x, sink, m, log_sum = kept
    x = masked(held_apart(x, "input"), where)
    dx = cast(x.dtype, dx)
    log_sum = jnp.where(log_sum == -jnp.inf, 0, log_sum)
    m = jnp.where(m == jnp.inf, jnp.nan, m)  # as the value is
    d = x - m
    slope = total(jnp.exp(d - log_sum) * dx, axis)
    if sink is not None:
        slope = slope + jnp.exp(sink - m - log_sum) * d_sink
    return cast(dtype, jnp.where(d == -jnp.inf, 0, dx - slope)), slope


def entmax(x: Any, alpha: Any, axis: Axes, where: Any) -> Any:
    """entmax in x's type; alpha as a Python number is a constant."""
    if isinstance(alpha, (int, float)):
        return _entmax(axis, float(alpha), x, where, None)
    return _entmax(axis, None, x, where, jnp.asarray(alpha, at_least_float32(x.dtype)))


def powers(u: Any, eps: Any) -> tuple[Any, Any]:
    """(p, q) = ((1 + eps u) ** (1 / eps), p ** (1 - eps)), and 0 where the base is negative. q is the slope dp/du."""
    base = jnp.maximum(1 + eps * u, 0)
    if isinstance(eps, float) and eps in (1, 0.5):
        return (base, jnp.sign(base)) if eps == 1 else (base * base, base)
    log_p = log1p_of_negative(jnp.where(base > 0, eps * u, 0)) / eps
    return jnp.where(base > 0, jnp.exp(log_p), base), jnp.where(base > 0, jnp.exp((1 - eps) * log_p), base)


def _eps(fixed: float | None, alpha: Any) -> Any:
    """alpha - 1, at least so much that an alpha of 1 rounds to softmax."""
    return max(fixed - 1, 1e-18) if fixed is not None else jnp.maximum(alpha - 1, 1e-18)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _entmax(axis: Axes, fixed: float | None, x: Any, where: Any, alpha: Any) -> Any:
    """The p = (1 + eps (x - t)) ** (1 / eps) that sums to 1, eps = alpha - 1.

    Each step halves the bounds of t. From the middle it also takes Newton's step: for alpha <= 2 the sum is convex in
    t, and that step ends below t, at a far better bound. As many steps are taken as halving alone needs, so that no
    row, and no device, waits for another.
    """
    dtype = x.dtype
    z, _, _ = below(x, where, None, axis)
    eps = _eps(fixed, alpha)
    n = max(1, functools.reduce(lambda a, i: a * x.shape[i], axis, 1))
    high = -jnp.expm1(-eps * jnp.log(jnp.asarray(n, z.dtype))) / eps
    low = jnp.zeros_like(total(z, axis))

    def step(t: Any) -> tuple[Any, Any]:
        p, q = powers(z - t, eps)
        excess, slope = total(p, axis) - 1, total(q, axis)
        return excess, t + excess / slope

    def halve(_: Any, bounds: Any) -> Any:
        low, high = bounds
        middle = (low + high) / 2
        excess, newton = step(middle)
        better = jnp.where(excess > 0, middle, low)
        better = jnp.where(eps <= 1, jnp.maximum(better, jnp.minimum(newton, high)), better)
        return better, jnp.where(excess > 0, high, middle)

    convex = isinstance(eps, float) and eps <= 1
    steps = (14 if convex else 26) * (2 if z.dtype == jnp.float64 else 1)
    low, _ = lax.fori_loop(0, steps, halve, (low, low + high))
    t = jnp.where(eps <= 1, jnp.maximum(step(low)[1], low), low)
    p, _ = powers(z - t, eps)
    return cast(dtype, p / jnp.maximum(total(p, axis), 0.5))


@_entmax.defjvp
def _entmax_jvp(axis: Axes, fixed: float | None, primals: Any, tangents: Any) -> Any:
    x, where, alpha = primals
    dx, _, d_alpha = tangents
    p = _entmax(axis, fixed, x, where, alpha)
    return p, _push_entmax(axis, fixed, p, alpha, dx, d_alpha)


@functools.partial(jax.checkpoint, static_argnums=(0, 1), prevent_cse=False)
def _push_entmax(axis: Axes, fixed: float | None, p: Any, alpha: Any, dx: Any, d_alpha: Any) -> Any:
    dtype, p, eps = p.dtype, _kept(p), _eps(fixed, alpha)
    log_p = jnp.log(jnp.where(p > 0, p, 1))
    q = jnp.where(p > 0, jnp.exp((1 - eps) * log_p), p)  # 0 stays 0, and NaN NaN
    term = q * cast(p.dtype, dx)
    tangent = term - q * (total(term, axis) / jnp.maximum(total(q, axis), 1))
    if alpha is not None:
        tangent = tangent + _by_alpha(p, log_p, eps, axis) * d_alpha
    return cast(dtype, tangent)


def _by_alpha(p: Any, log_p: Any, eps: Any, axis: Axes) -> Any:
    """dp/dalpha in a form without a difference that cancels as alpha goes to 1 (there: p (E[l**2] - l**2) / 2)."""
    a = jnp.expm1(-eps * log_p) / eps
    b = log_p**2 * _second_remainder(-eps * log_p)
    mean_a, mean_b, entropy = total(p * a, axis), total(p * b, axis), -total(p * log_p, axis)
    return p / (1 + eps * mean_a) * (mean_b - b - log_p * mean_a - a * entropy)


def _second_remainder(u: Any) -> Any:
    """(exp(u) - 1 - u) / u**2 for u >= 0."""
    near, series = jnp.where(u < 1, u, 0), jnp.zeros_like(u)
    for n in range(19, 1, -1):
        series = (1 + series * near) / n
    far = jnp.where(u < 1, 1, u)
    return jnp.where(u < 1, series, (jnp.expm1(far) - far) / far**2)
