"""Every wrong kernel of the tables is caught, and told what it is."""

import functools

import numpy as np
import pytest
from mutants import IN_NUMPY, IN_NUMPY_TOO, ONE_SHAPE
from mutants_in_jax import FIELD, IN_JAX, IN_JAX_TOO

import acts
from acts.testing import example_parameters
from acts.testing.conforms import check, points
from acts.testing.judge import Wanted, wide
from acts.testing.levels import allowed
from acts.testing.ulp import smallest_normal

DEFAULT = [*IN_NUMPY, *IN_JAX, *FIELD]
REST = [row for row in (*IN_NUMPY_TOO, *IN_JAX_TOO) if row not in DEFAULT]
CASES = [pytest.param(row, id=row.id) for row in DEFAULT]
CASES += [pytest.param(row, id=row.id, marks=pytest.mark.exhaustive) for row in REST]


def test_there_are_80_mutants():
    assert len({row.id for row in DEFAULT}) == len(DEFAULT) >= 80
    assert sum("diagnosis" in row.told for row in DEFAULT) >= 30


def caught(mutant):
    with np.errstate(all="ignore"):
        report = check(
            mutant.kernel, mutant.function, dtypes=mutant.dtype.split(","), level=mutant.level, **mutant.given
        )
    assert report.verdict == "fail"
    assert mutant.told in str(report)


@pytest.mark.parametrize("mutant", CASES)
def test_a_mutant_is_caught_and_told_what_it_is(mutant):
    caught(mutant)


# -- a perturbation ----------------------------------------------------------------------------------------------------

PERTURBED = ("gelu", "silu", "softplus", "elu", "tanh", "mish", "hard_swish", "softshrink", "snake", "softsign")


@functools.cache
def may_be_off(name, quantity, level):
    """The points of the kit, what is wanted there and what is allowed; at kinks and among subnormal numbers more is."""
    f = acts.get(name)
    f = f.bind(**example_parameters(f))
    compute = {"f": f, "f'": f.derivative}[quantity]
    wanted = Wanted.of(quantity, points(f, np.dtype(np.float32)), compute, f.kinks_at())
    slack = allowed(level, f, quantity, wanted.x, wanted.truth, wanted.unit, np.full(wanted.unit.shape, wanted.scale))
    plain = np.isfinite(wanted.x) & ~wanted.at_kink & np.isfinite(slack) & (np.abs(wide(wanted.x)) > 1e-30)
    plain &= (np.abs(wanted.truth) > 8 * smallest_normal(np.float32)) & (np.abs(wanted.truth) < 1e30)
    return f, wanted, slack, np.flatnonzero(plain)


@pytest.mark.parametrize("quantity", ["f", "f'"])
@pytest.mark.parametrize("seed", range(10))
def test_twice_the_allowed_error_at_one_random_point_is_found(seed, quantity):
    random = np.random.default_rng(seed)
    name, level = PERTURBED[seed], random.choice(["ulp", "framework", "close"])
    f, wanted, slack, plain = may_be_off(name, quantity, str(level))
    at = random.choice(plain)
    wrong = np.float32(wanted.truth[at] + 2 * random.choice([-1, 1]) * slack[at])

    def kernel(compute, off, x):
        y = compute(x.astype(np.float64)).astype(np.float32)
        return np.where(x == wanted.x[at], wrong, y) if off else y

    def report(mine):
        value, slope = (functools.partial(kernel, c, q == mine) for c, q in ((f, "f"), (f.derivative, "f'")))
        return check(value, f, dtypes=["float32"], level=str(level), derivative=slope, **ONE_SHAPE)

    found = [report(None), report(quantity)]
    assert [report.verdict for report in found] == ["pass", "fail"], found[0]
    assert float(wanted.x[at]) in {point.x for verdict in found[1].failures for point in verdict.worst.values()}
