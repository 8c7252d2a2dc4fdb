"""One worker for all tests of a function; and what the tests of accuracy measured, printed at the end."""

from collections import defaultdict

import pytest
from support import OF_EACH_SHAPE, function_in

import acts

COMPILING = {"kernels", "pallas", "jax_settings", "residuals", "jax_lowering", "jax_float8", "jax_objects"}
COMPILING |= {"jax_transformations", "parameters_as_numbers"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Where each test compiles a program for each function, a third of the functions do by default, the others when
    exhaustive: those of one_of_each_shape, and every third of the rest."""
    chosen = {case.id for case in OF_EACH_SHAPE if not case.marks} | set(acts.names()[::3])
    for item in items:
        function = function_in(item.nodeid)
        if function and function not in chosen and item.path.stem.removeprefix("test_") in COMPILING:
            item.add_marker(pytest.mark.exhaustive)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With --dist loadgroup, tests with the same function in their ids share a worker, and so all that is cached.

    pytest-xdist's own groups are ignored by pytest 9.2 (pytest-xdist#1386).
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByFunction(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return function_in(nodeid) or (file if "chromium" in file else nodeid)  # one browser is enough

    return ByFunction(config, log)


def pytest_terminal_summary(terminalreporter):
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.getreports(kind)]
    errors, oracles, of_rows = (defaultdict(list) for _ in range(3))
    for key, value in (item for report in reports for item in report.user_properties):
        if key == "accuracy":
            label, dtype, name, quantity, *numbers = value
            errors[label, dtype, name, "df/dp" if quantity.startswith("df/d") else quantity].append(numbers)
        elif key == "rows":
            label, dtype, name, found = value
            of_rows[label, dtype, name].append(found)
        elif key == "oracle":
            dtype, _, quantity, error = value
            oracles[dtype, "df/dp" if quantity.startswith("df/d") else quantity].append(error)
    if errors:
        terminalreporter.section("accuracy: largest errors in ulp")
        terminalreporter.line(
            f"{'':16}{'type':9} {'function':17}{'':6} {'ulp':>8} {'scaled':>7} {'cond.':>7} {'at':>12} "
            f"{'NaN':>4} {'points':>9}"
        )
    for (label, dtype, name, quantity), rows in sorted(errors.items()):
        worst = max(rows, key=lambda row: row[0])
        scaled, conditioned = (max(row[i] for row in rows) for i in (1, 2))
        nans, points = (sum(row[i] for row in rows) for i in (5, 6))
        terminalreporter.line(
            f"{label:16}{dtype:9} {name:17}{quantity:6} {worst[0]:8.3g} {scaled:7.3g} {conditioned:7.3g} "
            f"{worst[4]:12.6g} {nans:4d} {points:9d}"
        )
    for (dtype, quantity), found in sorted(oracles.items()):
        terminalreporter.line(
            f"the fast oracle {dtype:9} {quantity:6} is off by {max(found):.2g} conditioned ulp at most"
        )
    if of_rows:
        terminalreporter.section("functions of rows: largest errors beyond the last rounding, in ulp")
    for (label, dtype, name), found in sorted(of_rows.items()):
        worst = " ".join(f"{what} {max(each[what] for each in found):8.3g}" for what in found[0])
        terminalreporter.line(f"{label:16}{dtype:9} {name:17}{worst}")
