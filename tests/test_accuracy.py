"""Every bound of acts.testing.bounds, both packages, every type: sampled by default, whole with -m exhaustive."""

import ast
import contextlib
import dataclasses
import functools
import itertools
from pathlib import Path

import jax
import ml_dtypes
import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_features__
from support import FUNCTIONS, SETS, held, mirror

import acts
from acts.testing import Truth, example_parameters, fast_oracle, measure, parameter_sets, ulp_size, walk
from acts.testing.bounds import EXP, NARROW, OVERFLOW, OWN, Bound, bound, general
from acts.testing.candidates import from_acts, from_acts_jax
from acts.testing.definitions import oracle

ROOT = Path(acts.__file__).parents[1]
COUNTS = {"float16": 0, "bfloat16": 0, "float32": 2_200_000, "float64": 5000}
SAMPLED = {"float16": 0, "bfloat16": 0, "float32": 20_000, "float64": 60}
WIDTHS = {"float32": 64, "float64": 1}
MEASURES = Bound._fields


def with_odd_parameters(function):
    """The examples, and each parameter at 1.7 and -0.375, or 0.375 where no negative one is admitted.

    They are numbers that float32 has: JAX rounds parameters to that.

    hard_sigmoid computes its knees, and in JAX rounds them: test_kinks.py tells what happens there.
    """
    base = example_parameters(function)
    if function is acts.hard_sigmoid:
        return [base]
    odd = [[{**base, name: value} for value in (float(np.float32(1.7)), -0.375, 0.375)] for name in base]
    return [base, *(params for some in odd for params in some[: 2 if admitted(function, some[1]) else 3])]


def admitted(function, params):
    try:
        return bool(np.isfinite(function(0.0, **params)))
    except ValueError:
        return False


SAMPLED_SETS = [
    pytest.param(f, params, id="-".join([f.__name__, *(f"{k}={v:.4g}" for k, v in params.items())]))
    for f in map(acts.get, acts.names())
    for params in with_odd_parameters(f)
    if admitted(f, params)
]
NEW_SETS = [case for case in SAMPLED_SETS if case.values not in [known.values for known in SETS]]


def in_types(cases):
    """Each case in every type, its parameters as that has them; the odd ones in float32 and float64 alone."""
    return [
        pytest.param(case.values[0], held(*case.values, dtype), dtype, id=f"{case.id}-{dtype}")
        for case in cases
        for dtype in (WIDTHS if case in NEW_SETS else SAMPLED)
    ]


@functools.cache
def numbers_in_the_source():
    """Every number that a formula may switch at."""
    files = [f for package in ("acts", "acts_jax") for f in (ROOT / package / "families").glob("*.py")]
    files += [ROOT / package / "_special.py" for package in ("acts", "acts_jax")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    found = {float(n.value) for n in nodes if isinstance(n, ast.Constant) and type(n.value) in (int, float)}
    return sorted(number for number in found if 1e-3 < number < 1e4)


def quantities(function):
    return ["f", "f'", "f''", *(f"df/d{name}" for name in function.params)]


@functools.lru_cache(maxsize=1)  # the arrays are large
def truths(function, dtype, count):
    """For each quantity the true values, at kinks, roots and switches with their neighbours, and all over the type."""
    beside = WIDTHS.get(dtype, 0)
    near = [*function.kinks_at(), *(numbers_in_the_source() if count > 1000 else ())]
    if dtype != "float64":
        roots = [root for q in quantities(function) for root in Truth.fast(function, np.zeros(1), q).roots]
        x = walk(dtype_of(dtype), count, [*near, *roots], beside)
        return [Truth.fast(function, x, q) for q in quantities(function)]
    zeros = Truth.fast(function, np.zeros(1)).roots  # of the value; and where the headline begins beside them
    zeros = zeros[:: 1 + zeros.size // count]
    x = walk(dtype, count, [*near, *zeros, *(zeros - 1 / 14), *(zeros + 1 / 14)], beside)
    return Truth.slow(function, x[~np.isin(x, undefined(function))], quantities(function))


def undefined(function):
    """Where the definition can't be differentiated: squareplus with b = 0 at its kink, which test_kinks.py tests."""
    try:
        oracle(function, 0.0)
    except ZeroDivisionError:
        assert function.kinks_at() == (0.0,)
        return [0.0]
    return []


def dtype_of(name):
    if name == "bfloat16":
        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def both(function, of_jax):
    """Name in the figures, package, what computes it, and the context to do it in."""
    return [
        ("acts", "acts", from_acts(function), contextlib.nullcontext),
        ("acts_jax, jit", "acts_jax", of_jax, contextlib.nullcontext),
    ]


def implementations(function, params, dtype):
    """Of JAX each quantity compiled by itself, and at the example parameters eager."""
    by_itself = from_acts_jax(acts.get(function.__name__))
    eager = [("acts_jax, eager", "acts_jax", by_itself, jax.disable_jit)]
    return both(function, by_itself) + eager * (params == held(function, example_parameters(function), dtype))


def check(implementation, function, params, truth, quantity, record):
    label, package, candidate, context = implementation
    dtype = truth.x.dtype.name
    flushes = package == "acts_jax" and dtype != "float16"
    double = jax.enable_x64(True) if dtype == "float64" else contextlib.nullcontext()
    with double, context():
        found = measure(lambda x: candidate.quantity(quantity)(x, **params), truth, flushes)
    largest = [getattr(found, measure) for measure in MEASURES]
    record("accuracy", [label, dtype, function.__name__, quantity, *largest, found.x, found.nans, found.points])
    allowed = bound(package, dtype, function.__name__, quantity, truth.roots.size > 0)
    for name, error, limit in zip(MEASURES, largest, allowed, strict=True):
        assert error <= limit, f"{label} {function!r} {quantity} in {dtype}: {name} is {error:.4g} > {limit}: {found}"
    assert found.nans == 0


@pytest.mark.exhaustive
@pytest.mark.parametrize(("function", "params", "dtype"), in_types(SETS + NEW_SETS))
def test_every_bound(function, params, dtype, record_property):
    for truth in truths(function.bind(**params), dtype, COUNTS[dtype]):
        for implementation in implementations(function, params, dtype):
            for quantity in judged(implementation, truth):
                check(implementation, function, params, truth, quantity, record_property)


@pytest.mark.parametrize(("function", "params", "dtype"), in_types(SAMPLED_SETS))
def test_every_bound_on_a_sample(function, params, dtype, record_property):
    some = slice(None) if dtype in WIDTHS else slice(2)  # f and f' of 16-bit types
    for truth in truths(function.bind(**params), dtype, SAMPLED[dtype])[some]:
        for implementation in both(function, mirror(function.__name__)):
            for quantity in judged(implementation, truth):
                check(implementation, function, params, truth, quantity, record_property)


def judged(implementation, truth):
    """In JAX f' is judged twice: analytic, and by jax.vjp of the function."""
    both = truth.quantity == "f'" and implementation[1] == "acts_jax"
    return [truth.quantity, "grad"] if both else [truth.quantity]


JUDGED = ("float16", "bfloat16", "float32")


@pytest.mark.parametrize("dtype", JUDGED)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_fast_oracle_on_a_sample(function, dtype, record_property):
    compare_oracles(function, example_parameters(function), dtype, 300, record_property)


@pytest.mark.exhaustive
@pytest.mark.parametrize("dtype", JUDGED)
@pytest.mark.parametrize(("function", "params"), SETS)
def test_the_fast_oracle(function, params, dtype, record_property):
    compare_oracles(function, params, dtype, 2000, record_property)


def compare_oracles(function, params, dtype, count, record):
    """The error of the fast oracle, in conditioned ulp of the type that it judges, and in ulp away from roots."""
    bound = function.bind(**params)
    x = truths(bound, dtype, SAMPLED[dtype])[0].x
    x = x[:: max(1, x.size // count)]
    x = x[~np.isin(x, undefined(bound))]
    for truth in Truth.slow(bound, x, quantities(function)):
        fast = fast_oracle(bound, x, truth.quantity)
        near = np.isfinite(truth.high)
        np.testing.assert_array_equal(fast[~near], truth.high[~near])
        truth = dataclasses.replace(truth, high=np.where(near, truth.high, 0))
        unit = np.maximum(ulp_size(truth.high, dtype), truth.conditioned)
        fast = np.where(near, fast, 0)
        error = np.max(np.abs((fast - truth.high) - truth.low) / unit)
        record("oracle", [dtype, function.__name__, truth.quantity, float(error)])
        assert error <= 1e-6, f"{function!r} {truth.quantity}: {error} ulp of {dtype}"
        tails = near & truth.headline
        error = np.max((np.abs((fast - truth.high) - truth.low) / ulp_size(truth.high, dtype))[tails], initial=0)
        assert error <= 1e-6, f"{function!r} {truth.quantity}: {error} ulp of {dtype} away from roots"


@pytest.mark.parametrize("own", OWN, ids=str)
def test_a_wider_bound_is_needed(own):
    widest = any(__cpu_features__.get(name) for name in ("X86_V4", "AVX512_SKX"))
    if own.reason == EXP and not widest:
        pytest.skip("without AVX-512 NumPy's exp is closer, and mish needs no wider bound")
    if own.at is not None and not widest:
        pytest.skip("without AVX-512 NumPy's exp is another, and so may be the x that needs it")
    if own.reason == NARROW and any(__cpu_features__.get(name) for name in ("AVX2", "X86_V3")):
        pytest.skip("with AVX2 the general bound is kept")
    if own.reason == OVERFLOW and not jax.__version__.startswith("0.10."):
        pytest.skip("XLA's exp was mended after JAX 0.10")
    for name in set(own.functions) & set(acts.names()):  # those of gates are of a product grid: test_gated_accuracy.py
        for dtype in own.dtypes:
            for quantity in own.quantities:
                needed = needs_more_than_all(own.package, name, dtype, quantity, own.at)
                assert needed, f"{name} {quantity} in {dtype}: {own}"


def needs_more_than_all(package, name, dtype, quantity, at):
    """Whether an x, or the one that is known, of any set of parameters has an error above the general bound."""
    function = acts.get(name)
    allowed = general(package, dtype, name, quantity)
    candidate = from_acts(function) if package == "acts" else mirror(name)
    odd = [held(function, p, dtype) for p in with_odd_parameters(function) if admitted(function, p)]
    counts = [SAMPLED[dtype], *([COUNTS[dtype]] if dtype == "float32" else [])]
    of_interest = [quantity.replace("grad", "f'")]
    for count, params in itertools.product(counts, [*parameter_sets(function), *odd]):  # the first is enough
        bound = function.bind(**params)
        known = None if at is None else Truth.slow(bound, np.array([at], dtype_of(dtype)), of_interest)
        for truth in known or truths(bound, dtype, count):
            if truth.quantity in of_interest:
                with jax.enable_x64(True) if dtype == "float64" else contextlib.nullcontext():
                    found = measure(
                        lambda x, params=params: candidate.quantity(quantity)(x, **params),
                        truth,
                        package != "acts",
                    )
                if any(getattr(found, name) > getattr(allowed, name) for name in MEASURES):
                    return True
    return False


def test_an_infinity_before_the_middle_to_the_next_number_is_measured_by_its_distance():
    """65504 is the largest number of float16, from 65520 on inf is right."""
    one = Truth.fast(acts.identity, np.float16([1.0]))

    def error(true, got):
        truth = dataclasses.replace(one, high=np.array([true]), low=np.zeros(1))
        return measure(lambda x: np.float16([got]), truth).everywhere

    assert error(65519.99, np.inf) == pytest.approx(0.5, abs=0.001)
    assert error(65505.0, np.inf) == pytest.approx(31 / 32)
    assert error(65520.0, np.inf) == 0
    assert error(65504.0, np.inf) == error(65519.99, -np.inf) == error(65520.0, 65504.0) == np.inf


def test_a_root_of_a_value_counts_unless_it_is_at_0():
    roots = Truth.fast(acts.rational, np.zeros(1)).roots
    assert np.min(np.abs(roots + 0.0608)) < 2e-3  # next to 0, and none of leaky_relu's
    assert acts.rational(-0.065) < 0 < acts.rational(-0.055)
    assert Truth.fast(acts.gelu, np.zeros(1)).roots.size == 0
