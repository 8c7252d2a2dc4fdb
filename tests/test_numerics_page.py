"""What docs/numerics.md shows is so: its sessions run, one after the other."""

import doctest
from pathlib import Path

import jax
import numpy as np
import pytest

PAGE = Path(__file__).parents[1] / "docs" / "numerics.md"


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="the page shows what XLA does on the CPU")
def test_the_sessions_of_the_page_run():
    with np.errstate():  # the page sets its own
        failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried > 60
    assert failed == 0
