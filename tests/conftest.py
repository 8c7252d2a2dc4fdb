"""One worker for all tests of a function; and what the tests of accuracy measured, printed at the end."""

from collections import defaultdict

import pytest
from support import OF_EACH_SHAPE, function_in

import acts

COMPILING = ("kernels", "pallas", "jax_settings", "residuals", "jax_lowering", "jax_float8", "jax_objects")

HALF_LINE = "outside x >= 0 this function is NaN, and this check knows no domain of x yet"
THIRD = "JAX's third derivative of the formulas is of no use here: a place where our f'' is a piece, or 0/0 of mpmath"
UNFINISHED = {  # (test, function): why it fails today; one that passes fails the suite
    **dict.fromkeys(
        [
            (test, function)
            for function in ("log1mexp", "softplus_inverse")
            for test in (
                "test_the_fast_oracle_on_a_sample",
                "test_curves_are_the_function_and_its_derivatives",
                "test_kinks_are_marked",
                "test_show",
                "test_untested_points_are_counted",
            )
        ],
        HALF_LINE,
    ),
    ("test_no_formula_makes_a_nan_or_divides_by_zero_on_the_way", "softplus_inverse"): HALF_LINE,
    **{
        ("test_what_jax_makes_of_the_formulas_themselves", function): THIRD
        for function in ("xielu", "laplace", "log1mexp", "softplus_inverse", "sqrt_softplus")
    },
    ("test_numbers_keep_every_bound", "snake_beta"): "float32: f is off by 12.6 conditioned ulp, 9 are allowed",
    ("test_numbers_keep_every_bound", "derf"): "float32, s=2.5: f'' is off by 48 scaled ulp, 16 are allowed",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Where each test compiles a program for each function, a third of the functions do by default, the others when
    exhaustive: those of one_of_each_shape, and every third of the rest."""
    chosen = {case.id for case in OF_EACH_SHAPE if not case.marks} | set(acts.names()[::3])
    for item in items:
        function = function_in(item.nodeid)
        if reason := UNFINISHED.get((item.name.partition("[")[0], function)):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
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
    errors, oracles = defaultdict(list), defaultdict(list)
    for key, value in (item for report in reports for item in report.user_properties):
        if key == "accuracy":
            label, dtype, name, quantity, *numbers = value
            errors[label, dtype, name, "df/dp" if quantity.startswith("df/d") else quantity].append(numbers)
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
