"""What importing pulls in: acts only NumPy, acts_jax only NumPy and JAX; and proof that this test can fail."""

import subprocess
import sys

import pytest

HEAVY = ("jax", "scipy", "matplotlib", "mpmath", "rich", "ml_dtypes", "flax", "torch")
JAX_NEEDS = ("jax", "scipy", "ml_dtypes")  # jax itself imports scipy and ml_dtypes


def imported(statement, *watched):
    code = f"import sys; {statement}; print(*(m for m in {watched!r} if m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize("module", ["acts", "acts.testing", "acts.dialects"])
def test_acts_needs_only_numpy(module):
    assert imported(f"import {module}", "numpy", *HEAVY) == {"numpy"}


def test_acts_jax_needs_only_numpy_and_jax():
    assert imported("import acts_jax", *HEAVY) <= set(JAX_NEEDS)


@pytest.mark.parametrize("module", ["jax", "mpmath"])
def test_this_test_can_fail(module):
    assert module in imported(f"import acts, {module}", *HEAVY)
