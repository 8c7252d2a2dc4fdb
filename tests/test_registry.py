"""Names, aliases, records and Python behaviour: public = registered = documented, in both packages."""

import copy
import inspect
import pickle
import re

import numpy as np
import pytest
from support import FUNCTIONS

import acts
import acts_jax

NAMES = [
    "identity", "relu", "relu6", "leaky_relu", "prelu", "threshold", "thresholded_relu", "relu_squared",
    "softplus", "squareplus", "elu", "selu", "celu", "gelu", "gelu_tanh", "quick_gelu", "silu", "swish", "mish",
    "hard_swish", "sigmoid", "hard_sigmoid", "log_sigmoid", "tanh", "hard_tanh", "softsign", "hardshrink",
    "softshrink", "tanhshrink",
]  # fmt: skip

ALIASES = {
    "hardswish": "hard_swish", "HardSwish": "hard_swish", "hard_silu": "hard_swish", "HSwish": "hard_swish",
    "hswish": "hard_swish", "hardsigmoid": "hard_sigmoid", "HSigmoid": "hard_sigmoid", "hardtanh": "hard_tanh",
    "soft_sign": "softsign", "logsigmoid": "log_sigmoid", "log_expit": "log_sigmoid", "tanh_shrink": "tanhshrink",
    "hard_shrink": "hardshrink", "HShrink": "hardshrink", "soft_shrink": "softshrink", "trelu": "thresholded_relu",
    "thresholdrelu": "thresholded_relu", "relu2": "relu_squared", "squared_relu": "relu_squared",
    "ReLUSquared": "relu_squared", "gelu_quick": "quick_gelu", "qgelu": "quick_gelu", "ApproximateGELU": "quick_gelu",
    "gelu_new": "gelu_tanh", "gelu_accurate": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_approximate": "gelu_tanh", "gelu_approx": "gelu_tanh", "linear": "identity", "logistic": "sigmoid",
    "expit": "sigmoid", "softrelu": "softplus", "Leaky-ReLU": "leaky_relu", "LeakyReLU": "leaky_relu", "SiLU": "silu",
    "heaviside": "step", "exp": "exponential", "clipped_relu": "relun", "ReLUN": "relun", "gelu_10": "clipped_gelu",
}  # fmt: skip


def test_names_in_order():
    assert [name for name in acts.names() if name in NAMES] == NAMES
    assert acts_jax.names() == acts.names()


def test_public_names_are_the_registered_ones():
    public = {n for n, v in vars(acts).items() if isinstance(v, acts.Activation)}
    assert public == {*acts.names(), *acts.names("gated")}
    assert all(getattr(acts_jax, name) is acts_jax.get(name) for name in public)


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_aliases(alias, name):
    assert acts.get(alias) is acts.get(name)
    assert acts_jax.get(alias) is acts_jax.get(name)


@pytest.mark.parametrize("ambiguous", ["FastGELU", "fast_gelu", "gelu_fast_approx"])
def test_fast_gelu_means_three_things_and_so_nothing(ambiguous):
    with pytest.raises(LookupError, match="did you mean"):
        acts.get(ambiguous)


def test_unknown_names_get_suggestions():
    with pytest.raises(LookupError, match="no activation is called 'gelo'; did you mean gelu"):
        acts.get("gelo")
    with pytest.raises(LookupError, match="leaky_relu"):
        acts_jax.get("leakyrelo")
    with pytest.raises(LookupError, match=r"no activation is called 'xyzzy'; names\(\) has all of them"):
        acts.get("xyzzy")


@pytest.mark.parametrize(
    "look_up",
    [
        acts.get,
        acts_jax.get,
        acts_jax.derivative,
        acts_jax.as_custom_vjp,
        lambda name: acts_jax.partial_of(acts_jax.elu, name),
        lambda name: acts.elu.partial(name, 1.0),
        lambda name: acts.partial_of(acts.elu, name),
    ],
)
@pytest.mark.parametrize("name", ["gelo", "softrelo", "shrunk", "alhpa", "xyzzy", ""])
def test_an_unknown_name_is_a_key_error_that_reads_well_and_names_at_most_five(look_up, name):
    with pytest.raises(LookupError) as raised:
        look_up(name)
    assert isinstance(raised.value, KeyError)
    message = str(raised.value)
    assert repr(name) in message
    assert message[0] not in "\"'" or message.startswith(repr(name))
    assert sum(word in NAMES for word in re.findall(r"\w+", message.partition(";")[2])) <= 5


def test_what_a_configuration_may_hold():
    """act_fn: str | Callable | None, in both packages."""
    for package in (acts, acts_jax):
        assert package.get(None) is package.identity
        for function in (package.elu, np.tanh, len, package.get("elu", alpha=0.5)):
            assert package.get(function) is function
        assert package.get(package.elu, alpha=0.5) == package.get("elu", alpha=0.5)
        assert package.get(package.get("hard_tanh", min_val=-2), max_val=2) == package.get(
            "hard_tanh", min_val=-2, max_val=2
        )
        with pytest.raises((TypeError, LookupError), match="tanh"):
            package.get(np.tanh, alpha=0.5)
        with pytest.raises(TypeError, match="identity has no parameter 'alpha'"):
            package.get(None, alpha=0.5)


def test_a_taken_name_is_refused():
    with pytest.raises(ValueError, match="'hardswish' of mine is taken by hard_swish"):

        @acts.activation(aliases=("Hard-Swish",))
        def mine(x):
            """mine(x) = x"""

    assert "mine" not in acts.names()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_record(function):
    name = function.__name__
    head = re.fullmatch(r"(\w+)\(([\w, ]+)\) = \S.*", function.definition)
    assert head[1] == name
    assert head[2].split(", ") == ["x", *function.params]
    assert list(inspect.signature(function).parameters) == [
        "x", *function.params, *(["axis"] if name == "prelu" else []), "out",
    ]  # fmt: skip
    assert function.formula.__module__ == f"acts.families.{function.family}"
    assert function.paper in function.__doc__
    for line in ("x: any shape", "Kinks: ", "A TypeError for complex"):
        assert line in function.__doc__
    assert re.search(rf"^>>> .*\bacts\.{name}\b", function.__doc__, flags=re.M)
    assert all(name in function.__doc__ for name in function.params)
    assert len(function.__doc__.split("\n\n")[1]) > 40, "what it is for"
    assert f"def {name}(" in inspect.getsource(function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_rule_is_there_and_named_for_what_it_is(function):
    rules = function.formulas()
    assert set(rules) == {"f", "x", "xx", *function.params}
    suffix = {"x": f"d_{function.__name__}", "xx": f"d2_{function.__name__}"}
    for key, rule in rules.items():
        assert rule.__name__ == suffix.get(key, function.__name__ if key == "f" else f"d_{function.__name__}_{key}")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_mirror_has_the_same_signature_docs_and_order(function):
    mirror = acts_jax.get(function.__name__)
    assert inspect.signature(mirror) == inspect.signature(function.formula)
    without_examples = [doc.partition(">>>")[0] for doc in (mirror.__doc__, function.__doc__)]
    assert without_examples[0] == without_examples[1]
    assert mirror.__doc__.rpartition("\n\n")[2] == function.__doc__.rpartition("\n\n")[2]
    assert mirror.__name__ == function.__name__
    assert inspect.unwrap(mirror).__module__ == f"acts_jax.families.{function.family}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_pickle_copy_repr_hash(function):
    assert pickle.loads(pickle.dumps(function)) is function
    assert copy.copy(function) is function
    assert copy.deepcopy(function) is function
    assert repr(function) == f"<activation {function.__name__}{inspect.signature(function)}>"
    assert function == acts.get(function.__name__)
    assert len({function, acts.get(function.__name__)}) == 1
    assert function != len


def test_bound_activations():
    half = acts.get("elu", alpha=0.5)
    assert half == acts.get("ELU", alpha=np.float64(0.5)) == acts.elu.bind(alpha=0.5)
    assert hash(half) == hash(acts.get("elu", alpha=0.5))
    assert half != acts.elu
    assert half != acts.get("elu", alpha=0.25)
    assert acts.get("elu", alpha=1) == acts.elu
    assert pickle.loads(pickle.dumps(half)) == half
    assert repr(half) == "<activation elu(x, alpha=0.5, *, out=None)>"
    assert half(-1.0) == acts.elu(-1.0, 0.5)
    assert half(-1.0, alpha=2.0) == acts.elu(-1.0, 2.0)
    assert half.derivative(-1.0) == acts.elu.derivative(-1.0, 0.5)
    assert half.second_derivative(-1.0) == acts.elu.second_derivative(-1.0, 0.5)
    assert half.partial("alpha", -1.0) == acts.elu.partial("alpha", -1.0, 0.5)
    assert half.vjp(-1.0, 3.0) == acts.elu.vjp(-1.0, 3.0, 0.5)
    assert half.derivative_from_output(-0.25) == 0.25
    channels = acts.get("prelu", alpha=np.array([0.25, 0.5]))
    assert channels == acts.get("prelu", alpha=np.array([0.25, 0.5]))
    assert hash(channels) == hash(acts.get("prelu", alpha=np.array([0.25, 0.5])))
    assert channels != acts.get("prelu", alpha=np.array([0.25, 0.25]))
    assert channels([[-1.0, -1.0]]).tolist() == [[-0.25, -0.5]]
    assert pickle.loads(pickle.dumps(channels)) == channels
    with pytest.raises(TypeError, match="elu has no parameter 'gamma'; allowed: alpha"):
        acts.get("elu", gamma=1)
    with pytest.raises(TypeError, match="elu has no parameter 'alhpa'; did you mean alpha"):
        acts_jax.get("elu", alhpa=1)


def test_a_parameter_bound_before_one_that_is_needed():
    half_bound = acts.get("threshold", threshold=1.0)
    assert repr(half_bound) == "<activation threshold(x, *, threshold=1.0, value, out=None)>"
    assert half_bound(0.5, value=7.0) == 7.0
    with pytest.raises(TypeError, match="needs a value for value"):
        half_bound(0.5)


def test_a_bound_array_is_a_copy():
    alpha = np.array([0.25, 0.5])
    f = acts.get("prelu", alpha=alpha)
    alpha[:] = 9
    assert f([[-1.0, -1.0]]).tolist() == [[-0.25, -0.5]]


def test_names_that_are_no_strings():
    with pytest.raises(LookupError, match="no activation is called '3'"):
        acts.get(3)


def test_kinks_at():
    assert acts.hard_sigmoid.kinks == ("-offset / slope", "(1 - offset) / slope")
    assert acts.hard_sigmoid.kinks_at() == (-3.0, 3.0)
    assert acts.hard_sigmoid.kinks_at(slope=0.2) == (-2.5, 2.5)
    assert acts.get("hard_sigmoid", slope=0.2).kinks_at() == (-2.5, 2.5)
    assert acts.squareplus.kinks_at() == ()
    assert acts.squareplus.kinks_at(b=0) == (0.0,)
    with pytest.raises(ValueError, match="needs slope != 0"):
        acts.hard_sigmoid.kinks_at(slope=0)
    with pytest.raises(TypeError, match="has no parameter 'scale'"):
        acts.hard_sigmoid.kinks_at(scale=1)


def test_a_function_without_rules_says_which_is_missing():
    bare = acts.Activation(lambda x: x)
    with pytest.raises(NotImplementedError, match="without its second derivative"):
        bare.second_derivative(1.0)
