"""The conformance kit itself: its units, its grids, and a checker that misses nothing and accuses nobody."""

import dataclasses

import ml_dtypes
import numpy as np
import pytest
from support import FUNCTIONS, example

import acts
from acts.testing import (
    all_patterns,
    example_parameters,
    grid,
    neighbours,
    parameter_sets,
    smallest_normal,
    ulp_distance,
    ulp_size,
)
from acts.testing.candidates import Candidate, from_acts, from_acts_jax, from_callable
from acts.testing.conformance import compare as check
from acts.testing.ulp import is_wave

INF = np.inf
DTYPES = ["float16", "float32", "float64"]


def bit_patterns(dtype, unsigned):
    """Numbers of a type with every exponent, subnormal ones too, and random digits."""
    bits = np.random.default_rng(0).integers(0, np.iinfo(unsigned).max, 100_000, unsigned, endpoint=True)
    x = np.concatenate([bits, np.arange(1000, dtype=unsigned)]).view(dtype)
    return x[np.abs(x) < np.finfo(dtype).max]  # NumPy's spacing of the largest is inf


# -- units -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dtype", "unsigned"), [("float16", "u2"), ("float32", "u4"), ("float64", "u8")])
def test_ulp_size_is_the_spacing(dtype, unsigned):
    x = bit_patterns(dtype, unsigned)
    np.testing.assert_array_equal(ulp_size(x, dtype), np.spacing(np.abs(x)).astype(np.float64))


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_ulp_size_is_the_step_between_the_patterns_of_a_16_bit_type(dtype):
    x = all_patterns(dtype).astype(np.float64)
    x = x[x > 0]
    np.testing.assert_array_equal(ulp_size(x[:-1], dtype), np.diff(x))
    assert ulp_size(0.0, dtype) == x[0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_neighbour_is_one_ulp_away(dtype):
    x = np.abs(grid(dtype))[1:-1].astype(dtype)
    x = x[x < np.finfo(dtype).max]
    assert set(ulp_distance(np.nextafter(x, np.inf, dtype=x.dtype), x, dtype)) == {1.0}


def test_infinities_and_nans_are_equal_or_infinitely_far():
    got, want = [INF, -INF, np.nan, INF, np.nan, 1.0, 1.0], [INF, -INF, np.nan, -INF, 1.0, INF, np.nan]
    assert ulp_distance(got, want, "float32").tolist() == [0, 0, 0, INF, INF, INF, INF]


def test_a_type_without_a_known_format_is_refused():
    with pytest.raises(TypeError, match=r"no ulp is known for int32; allowed: float16, bfloat16"):
        ulp_size(1.0, "int32")


# -- grids -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [200, 4000])
def test_the_grid_leaves_no_wide_gap(dtype, count):
    x = grid(dtype, count=count).astype(np.float64)
    tiny, largest = smallest_normal(dtype), float(np.finfo(dtype).max)
    assert np.array_equal(x, np.unique(x))
    assert {0.0, tiny, -tiny, largest, -largest, INF, -INF} <= set(x)
    for side in (x[(x > 0) & (x < INF)], -x[(x < 0) & (x > -INF)]):
        step = np.max(np.abs(np.diff(np.log(side))))
        assert step <= 1.000001 * (np.log(largest) - np.log(tiny)) / (count // 4 - 1) + 2 * np.finfo(dtype).eps
    assert np.max(np.diff(x[np.abs(x) <= 20])) <= 40 / (count // 2 - 1) + 2 * ulp_size(20, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_grid_has_every_decade(dtype):
    x = np.abs(grid(dtype, count=4000).astype(np.float64))
    decades = set(np.floor(np.log10(x[(x > 0) & (x < INF)])))
    assert len(decades) == max(decades) - min(decades) + 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kink", [-3.0, 0.1, 6.0])
def test_the_grid_has_a_kink_with_both_neighbours(dtype, kink):
    at = np.dtype(dtype).type(kink)
    around = {np.nextafter(at, -INF, dtype=at.dtype), at, np.nextafter(at, INF, dtype=at.dtype)}
    assert around == set(neighbours(kink, dtype))
    assert around <= set(grid(dtype, (kink,), 100))


@pytest.mark.parametrize(("dtype", "count"), [(np.float16, 63488), (ml_dtypes.bfloat16, 65280)])
def test_all_patterns(dtype, count):
    x = all_patterns(dtype)
    assert (x.size, x.dtype) == (count, dtype)
    assert np.unique(x.view(np.uint16)).size == count
    assert np.all(np.isfinite(x) & (np.diff(x.astype(np.float64), prepend=-INF) >= 0))
    assert np.signbit(x[x == 0]).tolist() in ([True, False], [False, True])
    with pytest.raises(TypeError, match="float32 are too many; allowed: the 16-bit types"):
        all_patterns(np.float32)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_parameter_sets(function):
    first, *others = parameter_sets(function)
    assert first == example_parameters(function)
    assert np.isfinite([function(0.5, **params) for params in (first, *others)]).all()
    for name in function.params:
        tried = {params[name] for params in others} - {first[name]}
        refused = {-1.5, 0.0, 0.375, 2.5} - tried - {first[name]}
        assert len(tried) >= 2
        for value in refused:
            with pytest.raises(ValueError, match="needs"):
                function(0.5, **{**first, name: value})


# -- the check ---------------------------------------------------------------------------------------------------------


def moving(function):
    """The quantities of a function that are not 0 everywhere."""
    x, params = np.linspace(-3, 3, 61), example_parameters(function)
    return [q for q, compute in from_acts(function).computes.items() if np.any(compute(x, **params))]


SCALED = [pytest.param(*f.values, q, id=f"{f.id}-{q}", marks=f.marks) for f in FUNCTIONS for q in moving(*f.values)]


def slightly_off(compute):
    """The same, a hundred-thousandth larger on [-10, 10]."""
    return lambda x, *a, **p: compute(x, *a, **p) * np.where(np.abs(x) <= 10, 1 + 1e-5, 1).astype(x.dtype)


def failures(report, **of):
    return {f.quantity for f in report.findings if not f.passed and of.items() <= dataclasses.asdict(f).items()}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("count", [300, 1111])
def test_every_function_passes(function, count):
    report = check(from_acts(function), function, count)
    assert report.passed, failures(report)


@pytest.mark.parametrize(("function", "quantity"), SCALED)
def test_a_scaled_candidate_fails(function, quantity):
    candidate = from_acts(function)
    candidate.computes[quantity] = slightly_off(candidate.computes[quantity])
    report = check(candidate, function, 300)
    for dtype in ("float32", "float64"):
        assert failures(report, against="acts", dtype=dtype) == {quantity}


@pytest.mark.parametrize(("function", "quantity"), [row for row in SCALED if row.values[1] != "f"])
def test_a_scaled_reference_fails_by_finite_differences(function, quantity, monkeypatch):
    key = {"f'": "x", "f''": "xx"}.get(quantity, quantity.removeprefix("df/d"))
    rule = function._rules[key]
    monkeypatch.setitem(function._rules, key, lambda x, *params: slightly_off(rule)(x, *params))
    report = check(from_acts(function), function, 300)
    assert failures(report, against="acts") == set()
    assert quantity in failures(report, against="differences")


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.values[0].kinks])
@pytest.mark.parametrize(("share", "right"), [(-0.25, False), (0, True), (0.5, True), (1, True), (1.25, False)])
def test_between_the_one_sided_slopes_any_convention_is_right(function, share, right):
    params = example_parameters(function)
    kinks = np.array(function.kinks_at(**params))
    left, right_slope = (function.derivative(np.nextafter(kinks, s * INF), **params) for s in (-1, 1))
    corner = np.abs(left - right_slope) > 1e-9
    chosen = dict(zip(kinks[corner], (left + share * (right_slope - left))[corner], strict=True))

    def slope(x):
        at_kinks = [chosen.get(float(t), d) for t, d in zip(x, function.derivative(x, **params), strict=True)]
        return np.array(at_kinks, x.dtype)

    report = check(from_callable("mine", lambda x: function(x, **params), slope), function, 300)
    assert report.passed == (right or not chosen), failures(report)


def test_acts_itself_is_held_to_its_own_side():
    half = dataclasses.replace(
        from_acts(acts.relu), computes={"f'": lambda x: np.where(x == 0, x.dtype.type(0.5), x > 0)}
    )
    assert failures(check(half, acts.relu, 100), against="acts") == {"f'"}
    assert check(dataclasses.replace(half, strict=False), acts.relu, 100).passed


@pytest.mark.parametrize("function", FUNCTIONS)
def test_untested_points_are_counted(function):
    f = example(function)
    x = grid(np.float64, f.kinks_at(), 300)
    compared = np.sum((np.abs(x) < 1e100) & ~np.isnan(f(x)))
    for finding in check(from_acts(function), function, 300).findings:
        asked = x.size + (finding.quantity == "f") if finding.against == "acts" else compared
        if finding.dtype == "float64":
            assert finding.points + finding.untested == asked
            assert finding.points > (0.3 if is_wave(f.derivative) else 0.6) * asked


def test_points_where_the_differences_disagree_are_untested():
    noisy = from_callable("mine", lambda x: acts.tanh(x) + 1e-9 * np.sin(1e12 * np.arctan(x)), acts.tanh.derivative)
    (finding,) = [f for f in check(noisy, acts.tanh, 300).findings if f.against == "differences"]
    assert finding.untested > 100


def test_a_report_without_findings_has_not_passed():
    report = check(Candidate("nothing", {}), acts.elu, 100)
    assert (report.passed, report.findings, report.worst()) == (False, [], None)


def test_jax_is_checked_in_double_precision_whatever_its_setting():
    report = check(from_acts_jax(acts.elu), acts.elu, 100)
    assert report.passed, failures(report)
    assert {f.quantity for f in report.findings} == {"f", "f'", "grad", "f''", "df/dalpha"}
