"""Parallel runs give all tests of a function to one worker, which compiles it once."""

import pytest
from support import FUNCTIONS, function_in


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_one_worker_has_all_tests_of_a_function(function, turn, request, tmp_path_factory):
    if not request.config.getoption("loadgroup", False):
        pytest.skip("this run is not parallel, or not with --dist loadgroup")
    everybody = tmp_path_factory.getbasetemp().parent
    (everybody / f"{function.__name__}@{request.config.workerinput['workerid']}").touch()
    assert len(list(everybody.glob(f"{function.__name__}@*"))) == 1


@pytest.mark.parametrize(
    ("test", "function"),
    [
        ("test_x[elu-float32]", "elu"),
        ("test_x[float32-hard_sigmoid-slope=0.5]", "hard_sigmoid"),
        ("test_x[jax.nn.relu6(x)]", "relu6"),
        ("Same::test_x_leaky_relu__with_jit", "leaky_relu"),
        ("test_x[relu_like]", None),
        ("test_x[preluded]", None),
        ("test_x[float32]", None),
    ],
)
def test_the_function_is_read_from_the_id(test, function):
    assert function_in(f"tests/test_prelu.py::{test}") == function
