"""The bounds of float64 on 100,000 points of each function, where formulas switch, beside roots and in the tails.

The oracle of 900 digits takes up to six milliseconds a point. So the truth is the formula in 80-bit long doubles, whose
ulp is a 2048th of that of float64, and of gelu and clipped_gelu, which have no fraction for them, mpmath's with 50
digits. How good that is, the oracle tells on a sample.
"""

import mpmath
import numpy as np
import pytest
from support import FUNCTIONS

import acts
from acts.testing import Truth, example_parameters, measure, walk
from acts.testing.accuracy import variable
from acts.testing.bounds import Bound, bound
from acts.testing.candidates import from_acts

pytestmark = pytest.mark.skipif(np.finfo(np.longdouble).nmant != 63, reason="needs long doubles of 80 bits")
SWITCHES = (0.5, 1, 2, 3, 7, 7.6, 15, 20, 25, 36, 39, 40, 60, 100, 600, 708, 745, 1000, 2.0**60)
BY_ORACLE = {"gaussian": 100, "laplace": 100, "derf": 100}  # every 100th point


def quantities(function):
    return ["f", "f'", "f''", *(f"df/d{name}" for name in function.params)]


def points(function, count):
    """Half of them from walk; a quarter beside switches, kinks and roots; a quarter where exponentials underflow."""
    at = [*function.kinks_at(), *SWITCHES, *(-s for s in SWITCHES)]
    at += [root for q in quantities(function) for root in Truth.fast(function, np.zeros(1), q).roots]
    random = np.random.default_rng(0)
    each = count // 4 // len(at) + 1
    near = np.concatenate([p + np.exp(random.uniform(-30, -1, each)) * random.choice([-1, 1], each) for p in at])
    tails = random.uniform(-760, 760, count // 4)
    x = np.unique(np.concatenate([walk(np.float64, count // 2, at, 8), near, tails]))
    return x[~np.isin(x, function.kinks_at())]


def truth(function, x, quantity):
    """Each value as a double and what it lacks."""
    if function.__name__ in BY_ORACLE:
        return Truth.slow(function, x[:: BY_ORACLE[function.__name__]], [quantity])[0]
    if function.__name__ in ("gelu", "clipped_gelu"):
        high, low = np.array([gelu(at, quantity) for at in x.tolist()]).T
        clipped = (x >= 10) & (function.__name__ == "clipped_gelu")
        high, low = np.where(clipped, 10.0 if quantity == "f" else 0.0, high), np.where(clipped, 0.0, low)
    else:
        name, order = variable(quantity)
        key = name if name != "x" else ("f", "x", "xx")[order]
        params = [np.longdouble(function._defaults[p]) for p in function.params]
        with np.errstate(all="ignore"):
            exact = function.formulas()[key](x.astype(np.longdouble), *params)
            high = exact.astype(np.float64)
            low = np.where(np.isfinite(high), exact - high, 0).astype(np.float64)
    reference = from_acts(function).computes[quantity]
    return Truth(x, high, low, reference, quantity, function.kinks_at())


def gelu(x, quantity):
    with mpmath.workdps(50):
        t = mpmath.mpf(min(max(x, -1000), 1000))
        cdf, pdf = mpmath.ncdf(t), mpmath.npdf(t)
        exact = {"f": x * cdf, "f'": cdf + x * pdf, "f''": pdf * (2 - t * t)}[quantity]
        return float(exact), float(exact - float(exact))


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.id not in BY_ORACLE])
def test_the_truth_is_true(function):
    """To a small part of an ulp; beside roots to one and a half, since the constants in the formulas are doubles."""
    f = function.bind(**example_parameters(function))
    x = points(f, 40_000)[::400]
    for quantity in quantities(f):
        slow, fast = Truth.slow(f, x, [quantity])[0], truth(f, x, quantity)
        counted = slow.headline & (np.abs(slow.high) > 1e-290) & (np.abs(slow.high) < 1e300)
        a, b = (np.array([t.high, t.low])[:, counted] for t in (fast, slow))
        error = np.abs((a[0] - b[0]) + (a[1] - b[1])) / np.spacing(np.abs(b[0]))
        assert np.max(error, initial=0) < (0.3 if slow.roots.size == 0 else 1.5), quantity


@pytest.mark.exhaustive
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_bound_of_float64_on_dense_points(function, record_property):
    f = function.bind(**example_parameters(function))
    x = points(f, 110_000)
    assert x.size >= 100_000
    for quantity in quantities(f):
        exact = truth(f, x, quantity)
        found = measure(from_acts(f).computes[quantity], exact)
        allowed = bound("acts", "float64", f.__name__, quantity, exact.roots.size > 0)
        record_property("dense", [f.__name__, quantity, found.ulp, found.scaled, found.conditioned])
        assert found.nans == 0
        for name, limit in zip(Bound._fields, allowed, strict=True):
            assert getattr(found, name) <= limit, f"{f!r} {quantity}: {name} is {getattr(found, name):.4g}: {found}"


def test_the_points_are_as_many_as_they_say():
    assert points(acts.mish, 110_000).size >= 100_000
