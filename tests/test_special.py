"""Every coefficient comes from the script that says so, and the polynomial is as good as it prints."""

import runpy
from pathlib import Path

import mpmath
import pytest

from acts._special import MILLS
from acts_jax._special import MILLS_FLOAT32

SCRIPT = Path(__file__).parents[1] / "scripts" / "mills.py"


@pytest.mark.parametrize(("table", "error"), [(MILLS, 5e-17), (MILLS_FLOAT32, 2e-9)], ids=["float64", "float32"])
def test_the_coefficients_of_mills_are_those_the_script_computes(table, error):
    script = runpy.run_path(str(SCRIPT))
    with mpmath.workdps(60):
        assert tuple(map(float, script["coefficients"](len(table)))) == table
        assert script["largest_error"]([mpmath.mpf(c) for c in table], points=400) < error
