"""How tests are shared out: all of a function to one worker, and some to one function of each shape of rule."""

import pytest
from support import FUNCTIONS, OF_EACH_SHAPE, function_in, shape_of_the_rule


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


def test_one_function_of_each_shape_is_tested_by_default_and_all_with_exhaustive():
    assert [case.id for case in OF_EACH_SHAPE] == [case.id for case in FUNCTIONS]
    by_default = [shape_of_the_rule(case.values[0]) for case in OF_EACH_SHAPE if not case.marks]
    assert sorted(by_default, key=str) == sorted({shape_of_the_rule(f.values[0]) for f in FUNCTIONS}, key=str)
    assert {mark.name for case in OF_EACH_SHAPE for mark in case.marks} == {"exhaustive"}
