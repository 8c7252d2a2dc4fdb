"""Every coefficient comes from the script that says so, and the polynomial is as good as it prints."""

import math
import runpy
from pathlib import Path

import jax
import mpmath
import numpy as np
import pytest

import acts_jax
from acts._special import MILLS, SQRT_2_PI, product, quotient
from acts.gates import K_LOW, K
from acts_jax import _polynomials

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "scripts" / "polynomials.py"))


@pytest.mark.parametrize("name", SCRIPT["TABLES"])
def test_the_coefficients_are_those_the_script_computes(name):
    table = MILLS if name == "MILLS" else getattr(_polynomials, name)
    double = name in ("MILLS", "EXPM1_FLOAT64", "TANHSHRINK_FLOAT64")
    error = 1.2e-16 if double else 5e-6 if name.endswith("SHORT") else 1e-8
    with mpmath.workdps(60):
        assert tuple(map(float, SCRIPT["coefficients"](SCRIPT["TABLES"][name]))) == table
        assert SCRIPT["largest_error"]([mpmath.mpf(c) for c in table], SCRIPT["TABLES"][name], points=200) < error


def test_every_polynomial_comes_from_the_script():
    assert {name for name in vars(_polynomials) if name.isupper()} | {"MILLS"} == set(SCRIPT["TABLES"])


def test_softplus_of_0_is_log_2_to_the_last_bit():
    with jax.enable_x64(True):
        assert float(acts_jax.softplus(np.zeros(1))[0]) == math.log(2)


def test_constants_are_those_of_mpmath():
    with mpmath.workdps(60):
        k = 2 * mpmath.sqrt(2 / mpmath.pi)
        assert float(k) == K
        assert float(k - K) == K_LOW
        assert float(mpmath.sqrt(2 * mpmath.pi)) == SQRT_2_PI


def test_a_product_and_a_quotient_keep_what_rounding_took():
    a, b = np.random.default_rng(0).normal(size=(2, 1000))
    for operation, high, low in ((mpmath.mpf.__mul__, *product(a, b)), (mpmath.mpf.__truediv__, *quotient(a, b))):
        with mpmath.workdps(60):
            exact = [operation(mpmath.mpf(x), mpmath.mpf(y)) for x, y in zip(a, b, strict=True)]
            error = [abs((e - h) - rest) / abs(e) for e, h, rest in zip(exact, high, low, strict=True)]
        assert np.any(low != 0)
        assert max(error) < 2.0**-100
