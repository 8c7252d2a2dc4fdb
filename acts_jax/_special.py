"""Numerical building blocks that several families share, written for XLA.

XLA flushes subnormal numbers to 0, so that no intermediate may be one where the result is not: products with exp(x)
are formed as (a * h) * h with h = exp(x / 2). Formulas that JAX may differentiate clamp with `where`: minimum and
maximum would give half the slope at a tie.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ._polynomials import (
    EXPM1,
    EXPM1_FLOAT64,
    LOG1P,
    MILLS_FLOAT32,
    MILLS_FLOAT64,
    TANHSHRINK,
    TANHSHRINK_FLOAT64,
    polynomial,
)

SHORT_EXP = tuple(1 / math.factorial(n) for n in range(11))
ERF = tuple(1 / math.prod(range(1, 2 * n + 2, 2)) for n in range(19))  # erf(z) exp(z**2) / z sqrt(pi) / 2 in 2 z**2


def where(condition: Any, a: Any, b: Any) -> Any:
    """jnp.where, but inline: that is jitted by itself, and XLA takes time for every call of it."""
    a, b = _full(condition, a, b), _full(condition, b, a)
    if not jnp.shape(condition) == jnp.shape(a) == jnp.shape(b) or jnp.result_type(a) != jnp.result_type(b):
        return jnp.where(condition, a, b)
    return lax.select(condition, a, b)


def _full(condition: Any, value: Any, other: Any) -> Any:
    """value; a Python number as an array, and with the type of the other one, if that is an array."""
    if not isinstance(value, (int, float)):
        return value
    if not isinstance(other, (int, float)):
        return lax.full_like(other, value)
    sharding = jax.typeof(condition).sharding  # on an explicit mesh the condition's
    return lax.full(jnp.shape(condition), value, sharding=None if sharding.mesh.empty else sharding)


def half_exp(x: Any, factor: Any = 1.0) -> Any:
    """h = exp(-abs(v) / 2), v = factor * x: sigmoid(v) is 1 / (1 + h**2) for v >= 0 and h**2 / (1 + h**2) for v < 0."""
    left = where(factor * x < 0, x, -x)
    return jnp.exp(factor / 2 * left) if is_exact(factor) else exp_of_product(factor / 2, left)


def is_exact(parameter: Any) -> bool:
    """Whether a parameter is a Python number and a power of 2, with which no product or quotient is rounded."""
    return isinstance(parameter, float) and abs(math.frexp(parameter)[0]) == 0.5


def square(h: Any) -> Any:
    """h**2 for h = exp(v) >= 0, in a form that XLA leaves alone: it would compute exp(2 * v), a second exponential."""
    return jnp.maximum(h, 0) * h


def leading(x: Any) -> Any:
    """Finite x, the lower half of its bits 0, so that the product of two such numbers is exact; its slope is 1.

    Of a Python number it is one: Pallas has no bits of a constant for Triton.
    """
    if isinstance(x, (int, float)):
        if not math.isfinite(x):
            return x
        mantissa, exponent = math.frexp(x)
        return math.ldexp(round(mantissa * 2**12), exponent - 12)
    x = jnp.asarray(x)
    mask = -(1 << 27) if x.dtype == jnp.float64 else -(1 << 12)
    return x - constant(x - constant(x, mask))


def constant(x: Any, mask: int = -1) -> Any:
    """x, or the bits of x that are in mask, as a constant: what has passed through integers has no slope."""
    bits = jnp.int64 if x.dtype == jnp.float64 else jnp.int32
    return lax.bitcast_convert_type(lax.bitcast_convert_type(x, bits) & mask, x.dtype)


def product(a: Any, x: Any) -> tuple[Any, Any]:
    """(high, low): a * x as rounded, for finite x, and what the rounding took; low is 0 where high overflows."""
    high = a * x
    if is_exact(a) or all(jax.typeof(value).weak_type for value in (a, x)):
        return finite(high), 0.0
    a1, x1 = leading(a), leading(x)
    low = ((a1 * x1 - high) + a1 * (x - x1) + (a - a1) * x1) + (a - a1) * (x - x1)
    return finite(high), where(jnp.abs(low) < math.inf, low, 0)


def exp_of_product(a: Any, b: Any) -> Any:
    """exp(a * b) for finite a, b, without the rounding of a * b, which exp would magnify, or of a Python number a."""
    if all(jax.typeof(value).weak_type for value in (a, b)):
        return jnp.exp(a * b)  # of Python numbers: the bits of a weak type can't be had, and it must stay one
    a1, b1 = leading(a), leading(b)
    rest = a * (b - b1) + (a - a1) * b1  # at most 2**-10 of a * b, and so small wherever exp is neither 0 nor inf
    return jnp.exp(a1 * b1) * _short_exp(where(jnp.abs(rest) < 1, rest, 0))


def times_exp_of_quotient(factor: Any, a: Any, b: Any) -> Any:
    """factor * exp(a / b), without the rounding of a / b, or an overflow or a flush that the result has not."""
    u = a / b
    h = jnp.exp(u / 2)
    if is_exact(b) or all(jax.typeof(value).weak_type for value in (a, b)):
        return factor * h * h
    rest = _lost_in_quotient(a, b, u)
    return factor * h * _short_exp(where(jnp.abs(rest) < 1, rest, 0)) * h


def _lost_in_quotient(a: Any, b: Any, u: Any) -> Any:
    """a / b - u, u the rounded quotient; its slope is 0."""
    u1, b1 = leading(u), leading(b)
    return constant(((a - u1 * b1) - u1 * (b - b1) - (u - u1) * b1 - (u - u1) * (b - b1)) / b)


def standard_score(x: Any, mean: Any, deviation: Any) -> tuple[Any, Any]:
    """(z, low): (x - mean) / deviation as rounded, and what the roundings took, with slope 0.

    Also that of a mean that is a Python number.
    """
    x = finite(x)
    difference = x - mean
    z = difference / deviation
    if all(jax.typeof(value).weak_type for value in (x, mean, deviation)):
        return z, 0.0  # as in exp_of_product
    back = difference - x
    low = _lost_in_quotient(difference, deviation, z)
    low = low + constant(((x - (difference - back)) - (mean + back) - _lost_as(x, mean)) / deviation)
    return z, where(jnp.abs(low) < 1e-3, low, 0)


def _lost_as(x: Any, number: Any) -> Any:
    """What the rounding to x's type takes of a Python number."""
    return number - float(np.asarray(number, jnp.result_type(x))) if isinstance(number, float) else 0.0


def _short_exp(x: Any) -> Any:
    """exp(x) for |x| < 0.1, in float32 0.03. Not exp itself: XLA would merge a product of two exps again."""
    return polynomial(x, SHORT_EXP[:5], SHORT_EXP)


def expm1(x: Any) -> Any:
    """exp(x) - 1, by a polynomial near 0: Pallas has no expm1 for TPUs, and XLA's own is off by 4.6 ulp in JAX 0.10."""
    small = jnp.abs(x) < 1
    near = where(small, x, 0)
    return where(small, near * expm1_ratio(near), jnp.exp(x) - 1)


def expm1_minus(x: Any) -> Any:
    """exp(x) - 1 - x for |x| <= 1, by the rest of the polynomial: what is small is not a difference."""
    near = where(jnp.abs(x) <= 1, x, 0)
    return near * (near * polynomial(near, EXPM1[1:], EXPM1_FLOAT64[1:]))


def expm1_ratio(x: Any) -> Any:
    """(exp(x) - 1) / x for |x| <= 1."""
    return polynomial(x, EXPM1, EXPM1_FLOAT64)


def log1p_ratio(e: Any) -> Any:
    """log(1 + e) / e for 0 <= e <= 1."""
    if jnp.result_type(e) == jnp.float64:
        some = where(e > 1e-5, e, 1)  # below, the series: the quotient's derivative would be inf - inf
        return where(e > 1e-5, jnp.log1p(some) / some, 1 - e * (1 / 2 - e * (1 / 3 - e / 4)))
    return polynomial(e, LOG1P)


def log1p_of_negative(v: Any) -> Any:
    """log(1 + v) for -1 <= v <= 0: XLA's own is off by 128 ulp near -0.4 in float64 in JAX 0.10, and not right of 0."""
    return -jnp.log1p(-v / (1 + v))


def times_exp(a: Any, x: Any) -> Any:
    """a * exp(x) for x <= 0."""
    h = jnp.exp(x / 2)
    return a * h * h


def times_npdf(a: Any, x: Any) -> Any:
    """a * exp(-x**2 / 2) / sqrt(2 pi)."""
    return times_bell(a, x) / math.sqrt(2 * math.pi)


def times_bell(a: Any, x: Any, low: Any = 0.0, b: Any = 1.0) -> Any:
    """a * b * exp(-(x + low)**2 / 2). x is split so that the rounding of x**2 is not magnified by exp."""
    scale = 2.0**20 if jnp.result_type(x) == jnp.float64 else 2.0**8
    high = jnp.floor(x * scale + 0.5) / scale
    h = jnp.exp(-high * high / 4)  # high**2 is exact
    rest = (high - x) * (high + x) / 2 - x * low
    return a * h * (b * _short_exp(rest)) * h


def times_sigmoid(x: Any, v: Any, h: Any, value: Any) -> Any:
    """x * sigmoid(v) * value, where h is exp(-abs(v) / 2) and v has the sign of x. One quotient: one kernel."""
    return where(v < 0, finite(x) * h, x) * (value * where(v < 0, h, 1) / (1 + square(h)))


def d_times_sigmoid(v: Any, h: Any, u: Any, value: Any) -> Any:
    """sigmoid(v) * (1 + x * dv/dx * sigmoid(-v)) * value, where u = abs(x * dv/dx) is finite."""
    e = square(h)
    s = 1 + e
    left = h * (1 - u + e)  # in this order: the difference is exact next to the root
    return where(v < 0, left, s + u * e) * (value * where(v < 0, h, 1) / (s * s))


def d2_times_sigmoid(h: Any, u: Any, dv: Any, bend: Any, value: Any) -> Any:
    """sigmoid(v) * sigmoid(-v) * (dv * (2 - u * tanh(abs(v) / 2)) + bend) * value; bend is abs(x) * d2v/dx2."""
    e = square(h)
    s = 1 + e
    return (h * finite(dv * (2 - u * ((1 - e) / s)) + bend)) * (value / (s * s) * h)


def roots_of_bell(z: Any, low: Any) -> tuple[Any, Any]:
    """Two factors of exp(-(z + low)**2), where low is what the rounding of z took; z is split as in times_npdf."""
    scale = 2.0**20 if jnp.result_type(z) == jnp.float64 else 2.0**8
    high = jnp.floor(z * scale + 0.5) / scale
    h = jnp.exp(-high * high / 2)  # high**2 is exact
    rest = (z - high) + low
    return h * _short_exp(-(2 * high + rest) * rest), h


def erf(z: Any) -> Any:
    """The error function: near 0 by its series with positive terms, else 1 less the tail."""
    t = jnp.minimum(jnp.abs(z), 40)
    near = where(t < 1, z, 0)
    s = near * near
    tail = times_npdf(2 * mills(math.sqrt(2) * t), math.sqrt(2) * t)
    series = 2 / math.sqrt(math.pi) * near * (jnp.exp(-s) * polynomial(2 * s, ERF[:12], ERF))
    return where(t < 1, series, where(z < 0, tail - 1, 1 - tail))


def mills(t: Any) -> Any:
    """Q(t) / npdf(t) for t >= 0, where Q is the normal upper tail: the factor that varies slowly."""
    q = 1 / ((t + 4) * (1 + t))  # of both quotients
    u = 1 - 8 * (1 + t) * q  # (t - 4) / (t + 4)
    return polynomial(u, MILLS_FLOAT32, MILLS_FLOAT64) * ((t + 4) * q)


def finite(x: Any) -> Any:
    """x with ±inf replaced by the largest finite numbers, so that 0 * x is 0 where the limit is."""
    largest = float(jnp.finfo(jnp.result_type(x)).max)  # type: ignore[no-untyped-call]
    return jnp.clip(x, -largest, largest)  # a where on isinf(x) would be a kernel and an array of its own


def negative_part(x: Any) -> Any:
    """min(x, 0), with slope 1 at 0: the point belongs to the left piece."""
    return where(x > 0, 0, x)


def left_of_0(x: Any) -> Any:
    """x where x <= 0, and nearly 0 where a `where` takes another branch; unlike negative_part, XLA always fuses it."""
    return jnp.minimum(x, float(jnp.finfo(jnp.result_type(x)).tiny))  # type: ignore[no-untyped-call]


def times(a: Any, x: Any) -> Any:
    """a * x, where a = 0 gives 0 at x = ±inf too."""
    if isinstance(a, float) and a:
        return a * x
    return a * where((a == 0) & jnp.isinf(x), jnp.sign(x), x)


def hypot(x: Any, y: Any) -> Any:
    """sqrt(x**2 + y**2) for y >= 0, without overflow."""
    x = jnp.abs(x)
    large, small = where(x > y, x, y), where(x > y, y, x)
    ratio = small / where(large > 0, large, 1)
    return large * jnp.sqrt(1 + ratio * ratio)


def tanh(x: Any) -> Any:
    """tanh(x) to 3 ulp; XLA's own is faster, and up to 4 ulp off in float32, 7 in float64."""
    m = expm1(-2 * where(x < 0, -x, x))
    return where(x < 0, m, -m) / (2 + m)


def lambert(x: Any) -> Any:
    """w with tanh(x) = x / (1 + w) for |x| < 2, by Lambert's continued fraction: all its terms are positive."""
    square = where(jnp.abs(x) < 2, x * x, 4)
    w = jnp.zeros_like(square)
    for odd in range(25, 1, -2):  # x^2 / (3 + x^2 / (5 + x^2 / (7 + ...)))
        w = square / (odd + w)
    return w


def x_minus_tanh(x: Any) -> Any:
    """x - tanh(x) without the cancellation near 0."""
    t = jnp.abs(x)
    near = x * (x * x) * polynomial(x * x, TANHSHRINK, TANHSHRINK_FLOAT64)
    m = jnp.exp(-2 * t)
    far = t - 1 + 2 * m / (1 + m)
    return where(t < 1, near, where(x < 0, -far, far))
