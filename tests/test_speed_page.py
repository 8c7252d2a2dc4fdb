"""What docs/speed.md shows is so: its sessions run, one after the other.."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"


def test_the_sessions_of_the_page_run():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried > 30
    assert failed == 0
