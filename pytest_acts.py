"""The mark `acts` of pytest: one test for each property and type of a kernel.

    @pytest.mark.acts("gelu", dtypes=["float32", "bfloat16"], level="framework")
    def test_my_gelu(conforms):
        conforms(my_gelu)

runs as test_my_gelu[float32-value], test_my_gelu[float32-gradient], and so on. The mark takes what
`acts.testing.assert_conforms` takes. NumPy and acts are imported where a test has the mark, and nowhere else.
"""

import pytest


def pytest_configure(config):
    """Make the mark known."""
    config.addinivalue_line("markers", "acts(function, **options): checks the kernel that is handed to conforms")


def pytest_generate_tests(metafunc):
    """One id for each type and group of properties."""
    mark = metafunc.definition.get_closest_marker("acts")
    if mark is None:
        return
    if "conforms" not in metafunc.fixturenames:
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid} has the mark acts, but no argument conforms to hand its kernel to"
        )
    from acts import get
    from acts.testing.conforms import DTYPES
    from acts.testing.verdicts import GROUPS

    name, dtypes = mark.args[0], mark.kwargs.get("dtypes", DTYPES)
    params = (get(name) if isinstance(name, str) else name).params
    parts = [(dtype, group) for dtype in dtypes for group in GROUPS]
    parts = [(d, g) for d, g in parts if (g != "shapes" or d == dtypes[0]) and (g != "parameters" or params)]
    metafunc.parametrize("conforms", parts, indirect=True, ids=[f"{dtype}-{group}" for dtype, group in parts])


@pytest.fixture
def conforms(request):
    """Takes the kernel, and fails as `acts.testing.assert_conforms` does, on one part of it."""
    mark = request.node.get_closest_marker("acts")
    if mark is None:
        raise pytest.UsageError("conforms needs the mark acts: @pytest.mark.acts('gelu')")
    dtype, group = request.param
    reports = request.node.parent.__dict__.setdefault("_acts_reports", {})  # one check serves all parts

    def assert_part(kernel):
        from acts.testing import check

        __tracebackhide__ = True
        known = reports.get(request.node.originalname)
        if known is None or known[0] is not kernel:
            known = reports[request.node.originalname] = (kernel, check(kernel, *mark.args, **mark.kwargs))
        part = known[1].part(group, dtype)
        if not part.verdicts and not part.unchecked:
            pytest.skip(f"{group}: there is none")
        if not part.passed:
            pytest.fail(str(part), pytrace=False)

    return assert_part
