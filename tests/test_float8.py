"""The 8-bit floats of ml_dtypes, and bfloat16: computed wider and rounded once, right at every pattern."""

import ml_dtypes
import numpy as np
import pytest
from support import FUNCTIONS, example

import acts
from acts._dtypes import EIGHT_BITS
from acts.testing import all_patterns

NARROW = [np.dtype(getattr(ml_dtypes, f"float8_{kind}")) for kind in EIGHT_BITS]


def quantities(f):
    return [f, f.derivative, f.second_derivative, *(lambda x, p=p: f.partial(p, x) for p in f.params)]


def patterns(dtype):
    return np.arange(256**dtype.itemsize, dtype=f"u{dtype.itemsize}").view(dtype)


def nearest(values, dtype):
    """Each float64 number in the type, by search among its numbers; ties go to the even pattern, overflow as cast."""
    with np.errstate(all="ignore"):
        numbers = patterns(dtype).astype(np.float64)
        finite = np.isfinite(numbers)
        order = np.argsort(numbers[finite], kind="stable")
        kinds = patterns(dtype)[finite][order]
        numbers = numbers[finite][order]
        above = np.searchsorted(numbers, values).clip(1, numbers.size - 1)
        low, high = numbers[above - 1], numbers[above]
        even = kinds[above].view("u1") % 2 == 0
        up = (high - values < values - low) | ((high - values == values - low) & even)
        found = np.where(up, high, low)
        beyond = ~(np.abs(values) <= numbers[-1])  # NaN, too
        found[beyond] = values[beyond].astype(np.float32).astype(dtype).astype(np.float64)
    return found


@pytest.mark.parametrize("dtype", NARROW, ids=str)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_pattern_is_rounded_once(function, dtype):
    f, x = example(function), patterns(dtype)
    with np.errstate(all="ignore"):
        wide = x.astype(np.float64)
    for g in quantities(f):
        got, true = g(x), g(wide)
        assert got.dtype == dtype
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(got.astype(np.float64), nearest(true, dtype))


@pytest.mark.parametrize("dtype", NARROW, ids=str)
def test_a_cotangent_and_every_way_to_run(dtype):
    x = np.resize(patterns(dtype)[:100], 40_000)
    with np.errstate(all="raise"):
        for f in (acts.relu, acts.gelu, acts.swish):
            whole = f(x)
            np.testing.assert_array_equal(whole.view("u1"), np.concatenate([f(x[:9]), f(x[9:])]).view("u1"))
            np.testing.assert_array_equal(f(x[::2]).view("u1"), whole[::2].view("u1"))
            out = x.copy()
            assert f(out, out=out) is out
            np.testing.assert_array_equal(out.view("u1"), whole.view("u1"))
            dx, *others = f.vjp(x, np.ones_like(x))
            assert dx.dtype == dtype
            assert all(other.dtype == np.float32 for other in others)
            np.testing.assert_array_equal(dx.astype(np.float32), f.derivative(x).astype(np.float32))


def test_zero_and_overflow_are_those_of_the_type():
    assert not np.signbit(acts.silu(ml_dtypes.float8_e4m3fnuz(-16)).astype(np.float32))  # it has no -0
    big = np.array([448], ml_dtypes.float8_e4m3fn)  # without inf
    assert np.isnan(acts.relu_squared(big)).all()
    assert np.isinf(acts.relu_squared(big.astype(ml_dtypes.float8_e4m3))).all()


@pytest.mark.parametrize("name", ["float8_e8m0fnu", "float4_e2m1fn", "float6_e2m3fn", "float6_e3m2fn"])
def test_what_has_no_sign_or_too_few_bits_is_refused(name):
    with pytest.raises(TypeError, match=f"x has dtype {name}; allowed: float16, .*float8_e4m3fn"):
        acts.relu(np.ones(3, getattr(ml_dtypes, name)))


@pytest.mark.parametrize("name", ["int4", "uint4", "int2", "uint2"])
def test_narrow_integers_become_float64(name):
    y = acts.silu(np.array([1, 0], getattr(ml_dtypes, name)))
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y, acts.silu([1, 0]))


def test_bfloat16_is_rounded_once_beside_the_middle_between_two_numbers():
    """ml_dtypes rounds float64 to float32 first: the middle, from where the digits beyond don't count."""
    middle = 1 + 2.0**-8
    f = acts.leaky_relu.bind(negative_slope=middle * (1 + 2.0**-40))
    assert np.float64(middle * (1 + 2.0**-40)).astype(ml_dtypes.bfloat16) == 1
    assert f(ml_dtypes.bfloat16(-1)) == -(1 + 2.0**-7)


def test_a_table_has_the_bits_of_the_formula():
    for dtype in (np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)):
        x = np.resize(all_patterns(dtype), 100_000)
        for f in (acts.gelu, acts.mish, acts.hard_sigmoid):
            for g in quantities(f):
                pieces = np.concatenate([g(part.astype(np.float64)) for part in np.array_split(x, 9)])
                assert np.mean(g(x) == pieces.astype(dtype)) > 0.999  # ml_dtypes rounds twice
                np.testing.assert_array_equal(g(x).view("u2"), g(np.tile(x, 2))[: x.size].view("u2"))
