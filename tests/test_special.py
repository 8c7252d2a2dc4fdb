"""Coefficients come from the script that says so, polynomials are as good as it prints; products that are exact."""

import math
import runpy
from pathlib import Path

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

import acts
import acts_jax
from acts._special import INVERSE_MILLS, SQRT_2_PI, product, quotient
from acts.families import self_gated
from acts_jax import _polynomials, _registry
from acts_jax._special import exp_of_product, leading, standard_score

SCRIPTS = Path(__file__).parents[1] / "scripts"
SCRIPT = runpy.run_path(str(SCRIPTS / "polynomials.py"))


def test_a_score_keeps_what_rounding_took_of_python_numbers():
    x = np.float32([-30.1, -2.3, 0.71, 4.7])
    z, low = jax.jit(lambda x: standard_score(x, 0.707107, 0.282095))(x)
    true = (x.astype(np.float64) - 0.707107) / 0.282095
    lost = np.abs(np.asarray(z, np.float64) + np.asarray(low, np.float64) - true)
    assert np.all(lost < 1e-10 * np.abs(true))
    assert np.max(np.abs(z - true) / np.abs(true)) > 1e-8


@pytest.mark.parametrize("name", SCRIPT["TABLES"])
def test_the_coefficients_are_those_the_script_computes(name):
    table, double = getattr(_polynomials, name), name.endswith("FLOAT64")
    error = 1.2e-16 if double else 5e-6 if name.endswith("SHORT") else 1e-8
    with mpmath.workdps(60):
        assert tuple(map(float, SCRIPT["coefficients"](SCRIPT["TABLES"][name]))) == table
        assert SCRIPT["largest_error"]([mpmath.mpf(c) for c in table], SCRIPT["TABLES"][name], points=200) < error


def test_every_polynomial_comes_from_the_script():
    assert {name for name in vars(_polynomials) if name.isupper()} == set(SCRIPT["TABLES"])


@pytest.mark.parametrize(("dtype", "error"), [("float32", 2.3e-8), ("float64", 1e-17)])
def test_the_fraction_of_inverse_mills_is_the_one_the_script_computes(dtype, error):
    script, table = runpy.run_path(str(SCRIPTS / "inverse_mills.py")), INVERSE_MILLS[np.dtype(dtype).type]
    degrees = script["DEGREES"][dtype]
    with mpmath.workdps(120):
        computed = script["fraction"](*degrees)
        assert [tuple(float(np.dtype(dtype).type(float(c))) for c in part) for part in computed] == list(table)
        exact = ([mpmath.mpf(c) for c in part] for part in table)
        assert script["largest_inverse_error"](*exact, degrees[2], points=300) < error


def test_softplus_of_0_is_log_2_to_the_last_bit():
    with jax.enable_x64(True):
        assert float(acts_jax.softplus(np.zeros(1))[0]) == math.log(2)


def test_constants_are_those_of_mpmath():
    with mpmath.workdps(60):
        k = 2 * mpmath.sqrt(2 / mpmath.pi)
        c = k * mpmath.mpf(0.044715)
        assert (float(k), float(c)) == (self_gated.K, self_gated.C)
        assert (float(k - self_gated.K_HIGH), float(c - self_gated.C_HIGH)) == (self_gated.K_LOW, self_gated.C_LOW)
        assert np.float32(self_gated.K_HIGH) == self_gated.K_HIGH
        assert (self_gated.C_HIGH * 2**17).is_integer()
        assert float(mpmath.sqrt(2 * mpmath.pi)) == SQRT_2_PI


def test_a_product_and_a_quotient_keep_what_rounding_took():
    a, b = np.random.default_rng(0).normal(size=(2, 1000))
    for operation, high, low in ((mpmath.mpf.__mul__, *product(a, b)), (mpmath.mpf.__truediv__, *quotient(a, b))):
        with mpmath.workdps(60):
            exact = [operation(mpmath.mpf(x), mpmath.mpf(y)) for x, y in zip(a, b, strict=True)]
            error = [abs((e - h) - rest) / abs(e) for e, h, rest in zip(exact, high, low, strict=True)]
        assert np.any(low != 0)
        assert max(error) < 2.0**-100


@pytest.mark.parametrize(("dtype", "farthest"), [("float32", 85), ("float64", 700)])
@pytest.mark.parametrize("number", [2 / 3, 1.702, -0.3])
def test_an_exponential_of_a_product_with_a_python_number(number, dtype, farthest):
    with jax.enable_x64(dtype == "float64"), mpmath.workdps(40):
        x = (-np.linspace(0, farthest, 200) / number).astype(dtype)
        given = float(np.dtype(dtype).type(number)) if dtype == "float32" else number
        true = [mpmath.exp(mpmath.mpf(given) * mpmath.mpf(float(value))) for value in x]
        errors = [abs(mpmath.mpf(float(y)) / t - 1) for y, t in zip(exp_of_product(given, x), true, strict=True)]
    assert max(errors) < 3 * np.finfo(dtype).eps


@pytest.mark.parametrize("number", [1.7, -0.3, 1, 0.0, 1e300, float("inf")])
def test_the_leading_part_of_a_python_number_is_one(number):
    """Its square is exact in float32, and it is within 2**-12 of the number."""
    part = leading(number)
    assert not isinstance(part, jax.Array)
    assert part == number or abs(part - number) <= abs(number) * 2**-12
    assert math.frexp(part)[0] * 2**12 % 1 == 0 or math.isinf(part)


@pytest.mark.parametrize("name", ["swish", "celu", "softplus"])
def test_a_constant_that_is_infinite_is_no_error(name):
    act = acts_jax.get(name)
    assert jax.jit(lambda x: act(x, float("inf")))(jnp.float32(2)) == act(2.0, float("inf")) == 2


@pytest.mark.parametrize("name", [n for n in acts.names() if "f" in _registry.find(acts_jax.get(n)).short])
def test_short_formulas_keep_numbers_next_to_the_smallest_normal_one(name):
    smallest = float(jnp.finfo(jnp.bfloat16).smallest_normal)
    x = smallest * 2.0 ** np.arange(2, 12)
    x = np.concatenate([-x, x])
    want, got = acts.get(name)(x), np.asarray(acts_jax.get(name)(jnp.asarray(x, jnp.bfloat16)), np.float64)
    seen = np.abs(want) >= 2 * smallest
    np.testing.assert_allclose(got[seen], want[seen], rtol=2.0**-8)


def test_log1mexp_in_float64_where_the_logarithm_begins():
    """XLA's log1p(-exp(-x)) is off by 100 ulp there in JAX 0.10."""
    x = np.linspace(0.7, 3, 2000)
    with jax.enable_x64(True):
        got = np.asarray(acts_jax.log1mexp(x))
    assert np.max(np.abs(got - acts.log1mexp(x)) / np.spacing(np.abs(acts.log1mexp(x)))) < 8
