"""prelu: shapes, axes and types of alpha, and its gradient as a sum."""

import functools

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

import acts
import acts_jax
from acts_jax import PReLU

CUBE = (2, 3, 3, 3)  # C == H == W: an axis that is guessed from the sizes would be wrong
CASES = [  # the shape of x, that of alpha, axis, and the axis of x that alpha[c] belongs to (None: shared)
    ((), (), None, None),
    ((), (1,), None, None),
    ((), (), 1, None),
    ((4,), (), None, None),
    ((4,), (1,), None, None),
    ((4,), (1,), 1, None),
    ((4,), (4,), None, 0),
    ((4,), (4,), -1, 0),
    ((4,), (4,), 0, 0),
    ((2, 4), (1,), 1, None),
    ((2, 4), (4,), None, 1),
    ((2, 4), (4,), 1, 1),
    ((2, 4), (4,), -1, 1),
    ((2, 4), (2,), 0, 0),
    ((3, 3), (3,), None, 1),
    ((3, 3), (3,), 0, 0),
    ((2, 4, 5), (), None, None),
    ((2, 4, 5), (1,), None, None),
    ((2, 4, 5), (4,), 1, 1),
    ((2, 4, 5), (5,), -1, 2),
    ((2, 4, 5), (4,), -2, 1),
    (CUBE, (1,), None, None),
    (CUBE, (3,), 1, 1),
    (CUBE, (3,), 2, 2),
    (CUBE, (3,), -1, 3),
    ((2, 3, 4, 5, 6), (1,), 1, None),
    ((2, 3, 4, 5, 6), (3,), 1, 1),
    ((2, 3, 4, 5, 6), (6,), -1, 4),
    ((2, 3, 4, 5, 6), (5,), -2, 3),
]
MISFITS = [  # the shape of x, that of alpha, axis, and what the message names
    ((2, 4), (3,), None, r"alpha has shape \(3,\), but x has 4 channels on axis -1 \(shape \(2, 4\)\)"),
    ((2, 4), (4,), 0, r"alpha has shape \(4,\), but x has 2 channels on axis 0 \(shape \(2, 4\)\)"),
    ((2, 3, 4), (4,), 1, r"alpha has shape \(4,\), but x has 3 channels on axis 1 \(shape \(2, 3, 4\)\)"),
    ((2, 3, 4), (3,), None, r"\(3,\).*\(2, 3, 4\): say which axis holds the channels.*can't be told apart"),
    (CUBE, (3,), None, r"\(3,\).*\(2, 3, 3, 3\): say which axis holds the channels.*can't be told apart"),
    ((), (3,), None, r"alpha has shape \(3,\), but x of shape \(\) has no axis -1; only a shared alpha fits"),
    ((4,), (4,), 1, r"alpha has shape \(4,\), but x of shape \(4,\) has no axis 1; only a shared alpha fits"),
    ((2, 4), (4,), -3, r"alpha has shape \(4,\), but x of shape \(2, 4\) has no axis -3"),
    ((2, 3, 4), (3, 1), 1, r"alpha has shape \(3, 1\); with axis=1 it must be \(\) or \(channels,\)"),
    ((2, 3, 4), (4, 1), None, r"alpha has shape \(4, 1\), which does not broadcast to x's shape \(2, 3, 4\)"),
    ((3, 4), (2, 3, 4), None, r"alpha has shape \(2, 3, 4\), which does not broadcast to x's shape \(3, 4\)"),
]


def drawn(shape, seed=0, dtype=np.float32):
    """Multiples of 1/8 below 8: sums and products of a few are exact, so that any order of summation gives the same."""
    return (np.random.default_rng(seed).integers(-63, 64, shape) / 8).astype(dtype)


def by_loops(x, g, alpha, channel_axis):
    """prelu and its backward pass, one element at a time."""
    y, dx, dalpha = np.empty_like(x), np.empty_like(x), np.zeros_like(alpha)
    for index in np.ndindex(x.shape):
        c = () if channel_axis is None else (index[channel_axis],)
        slope = alpha.reshape(()) if channel_axis is None else alpha[c]
        y[index] = x[index] if x[index] > 0 else slope * x[index]
        dx[index] = g[index] if x[index] > 0 else slope * g[index]
        if not x[index] > 0:
            dalpha.reshape(-1)[c or (0,)] += g[index] * x[index]
    return y, dx, dalpha


def in_jax(x, g, alpha, axis):
    y, pull = jax.vjp(lambda x, alpha: acts_jax.prelu(x, alpha, axis), x, alpha)
    return y, *pull(g)


def in_numpy(x, g, alpha, axis):
    return acts.prelu(x, alpha, axis), *acts.prelu.vjp(x, g, alpha, axis)


def by_custom_vjp(x, g, alpha, axis):
    face = acts_jax.as_custom_vjp(functools.partial(acts_jax.prelu, axis=axis))
    y, residuals = face.fwd(x, alpha)
    return y, *face.bwd(residuals, g)


def by_module(x, g, alpha, axis):
    y, pull = jax.vjp(lambda layer, x: layer(x), PReLU(jnp.asarray(alpha), axis), x)
    dlayer, dx = pull(g)
    return y, dx, dlayer.alpha


@functools.partial(jax.jit, static_argnums=3)
def compiled_in_jax(*args):
    """What every way through JAX computes, in one program."""
    return {compute.__name__: compute(*args) for compute in (in_jax, by_custom_vjp, by_module)}


def compiled(compute, *args):
    return in_numpy(*args) if compute is in_numpy else compiled_in_jax(*args)[compute.__name__]


EVERYWHERE = pytest.mark.parametrize("compute", [in_numpy, in_jax, by_custom_vjp, by_module])


@EVERYWHERE
@pytest.mark.parametrize(("shape", "channels", "axis", "channel_axis"), CASES, ids=str)
def test_forward_and_backward_against_loops(compute, shape, channels, axis, channel_axis):
    x, g, alpha = drawn(shape, 1), drawn(shape, 2), drawn(channels, 3)
    got, want = compiled(compute, x, g, alpha, axis), by_loops(x, g, alpha, channel_axis)
    for a, b in zip(got, want, strict=True):
        assert (np.asarray(a).dtype, np.shape(a)) == (b.dtype, b.shape)
        np.testing.assert_array_equal(a, b)


@EVERYWHERE
@pytest.mark.parametrize(("shape", "channels", "axis", "message"), MISFITS, ids=str)
def test_what_does_not_fit_is_refused(compute, shape, channels, axis, message):
    with pytest.raises(ValueError, match=message):
        compute(drawn(shape), drawn(shape), drawn(channels), axis)


@EVERYWHERE
@pytest.mark.parametrize("broadcast", [(3, 1, 1), (1, 3, 1, 1), (3, 3, 1), (2, 1, 1, 3), CUBE], ids=str)
def test_alpha_of_higher_rank_broadcasts_without_an_axis(compute, broadcast):
    x, g, alpha = drawn(CUBE, 1), drawn(CUBE, 2), drawn(broadcast, 3)
    y, dx, dalpha = compute(x, jnp.asarray(g) if compute is not in_numpy else g, alpha, None)
    full = np.broadcast_to(alpha, CUBE)
    np.testing.assert_array_equal(y, np.where(x > 0, x, full * x))
    np.testing.assert_array_equal(dx, np.where(x > 0, g, full * g))
    repeated = tuple(i for i, n in enumerate((1,) * (4 - alpha.ndim) + broadcast) if n == 1)
    np.testing.assert_array_equal(dalpha, np.where(x > 0, 0, g * x).sum(axis=repeated).reshape(broadcast))


@EVERYWHERE
@pytest.mark.parametrize("alpha_type", [np.float16, np.float32, ml_dtypes.bfloat16], ids=lambda t: t.__name__)
@pytest.mark.parametrize("x_type", [np.float16, np.float32, ml_dtypes.bfloat16], ids=lambda t: t.__name__)
def test_types_mix(compute, x_type, alpha_type):
    """Value and dx have x's type, dalpha has alpha's; alpha is not rounded to x's type before it is used."""
    x, g, alpha = drawn((3, 4), 1, x_type), drawn((3, 4), 2, x_type), (drawn((4,), 3) / 1000).astype(alpha_type)
    got = compiled(compute, x, g, alpha, -1)
    want = by_loops(*(a.astype(np.float64) for a in (x, g, alpha)), 1)
    for a, b, dtype in zip(got, want, (x_type, x_type, alpha_type), strict=True):
        assert np.asarray(a).dtype == dtype
        np.testing.assert_array_equal(a, b.astype(np.float32).astype(dtype))


@EVERYWHERE
@pytest.mark.parametrize("alpha_type", [np.float32, ml_dtypes.bfloat16], ids=lambda t: t.__name__)
def test_gradient_of_alpha_is_accumulated_in_float32(compute, alpha_type):
    """Summation by pairs and blocks: far below the n eps of a running sum, which in bfloat16 would stop at 256.
    Then one rounding to alpha's type."""
    n = 262_144
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 0, (n, 1)).astype(ml_dtypes.bfloat16)
    g = rng.uniform(0, 1, (n, 1)).astype(ml_dtypes.bfloat16)
    exact = np.sum(x.astype(np.float64) * g.astype(np.float64))
    dalpha = compute(x, jnp.asarray(g) if compute is not in_numpy else g, alpha_type(0.25), None)[2]
    assert np.asarray(dalpha).dtype == alpha_type
    bound = np.sqrt(n) * np.finfo(np.float32).eps + ml_dtypes.finfo(alpha_type).eps / 2
    assert abs(np.float64(dalpha) - exact) <= bound * abs(exact)


@pytest.mark.parametrize("package", [acts, acts_jax], ids=lambda p: p.__name__)
def test_identities(package):
    x = np.concatenate([drawn((64,)), np.array([0.0, -np.inf, np.inf, np.nan, 1e30, -1e30], np.float32)])
    np.testing.assert_array_equal(package.prelu(x, 0.0), package.relu(x))
    np.testing.assert_array_equal(package.prelu(x, 0.01), package.leaky_relu(x))
    for slope in (0.2, 0.4, -1.5, 3.0):
        np.testing.assert_array_equal(package.prelu(x, slope), package.leaky_relu(x, slope))
    np.testing.assert_array_equal(package.prelu(x, 1.0), package.identity(x))
