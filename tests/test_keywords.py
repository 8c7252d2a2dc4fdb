"""A keyword of another framework gets an error that names the way here, in acts and in acts_jax."""

import inspect
import re

import pytest

import acts
import acts_jax
from acts.dialects import KEYWORDS, ROWS, keywords


def callee(expression):
    return expression.partition("(")[0]


USED = [pytest.param(row, keyword, id=f"{row.theirs}-{keyword}") for row in ROWS for keyword in keywords(row.theirs)]


def message(package, name, keyword, value=0.5):
    """The message with which the function refuses the keyword."""
    with pytest.raises(TypeError, match=f"^{name} has no parameter '{keyword}'") as error:
        getattr(package, name)(1.0, **{keyword: value})
    with pytest.raises(TypeError) as bound:
        package.get(name, **{keyword: value})
    assert str(bound.value) == str(error.value)
    return str(error.value)


@pytest.mark.parametrize(("row", "keyword"), USED)
def test_every_keyword_of_the_migration_table(row, keyword):
    """Each function that stands for the row's takes the keyword, or says what stands for it."""
    standing = {callee(other.ours) for other in ROWS if callee(other.theirs) == callee(row.theirs)}
    if "PReLU.init" in standing:
        with pytest.raises(TypeError, match=re.escape(f"is {row.ours} here")):
            acts_jax.PReLU.init(**{keyword: 0.5})
    for name in standing - {"PReLU.init"}:
        if keyword in inspect.signature(acts.get(name)).parameters:
            acts.get(name, **{keyword: 0.5})
        else:
            for package in (acts, acts_jax):
                assert f"{row.ours} here" in message(package, name, keyword)


def test_the_keywords_were_found():
    assert {"approximate", "alpha", "threshold", "max_value", "negative_slope_init", "weight", "default_value"} <= {
        keyword for row in ROWS for keyword in keywords(row.theirs)
    }


@pytest.mark.parametrize("name", acts.names())
def test_every_keyword_of_other_frameworks_on_every_function(name):
    """The answer of the table, where it has the function, else the general one."""
    for package, own in ((acts, {*acts.get(name).params, "out"}), (acts_jax, {*acts.get(name).params})):
        for keyword in KEYWORDS.keys() - own:
            said = message(package, name, keyword)
            assert KEYWORDS[keyword] in said or " here" in said


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_the_general_answers_name_what_exists(keyword):
    functions = {word for word in re.findall(r"\w+", KEYWORDS[keyword]) if word in acts.names()}
    assert functions or keyword in ("inplace", "out", "dim")


@pytest.mark.parametrize(("name", "keyword", "said"), [
    ("gelu", "approximate", "is gelu_tanh(x) here"),
    ("relu", "max_value", "is relu6(x) here"),
    ("relu", "inplace", "pass out=x, in JAX donate x"),
    ("softplus", "threshold", "is softplus(x) here"),
    ("leaky_relu", "alpha", "leaky_relu(x, negative_slope=0.1) here"),
    ("thresholded_relu", "alpha", "thresholded_relu(x, theta=2.0) here"),
    ("threshold", "default_value", "threshold(x, threshold=1.0, value=-7.0) here"),
    ("hardshrink", "threshold", "hardshrink(x, lambd=1.5) here"),
    ("softshrink", "lambda", "did you mean lambd?"),
    ("silu", "beta", "tf.nn.silu(x, beta=2.0) is swish(x, beta=2.0) here"),
    ("relu", "beta", "swish and softplus have one"),
    ("silu", "alpha", "swish(x, beta=2.0) here"),
    ("prelu", "weight", "prelu(x, alpha, axis=1) here"),
    ("prelu", "num_parameters", "acts_jax.PReLU.init(num_parameters, init)"),
    ("elu", "dim", "it is axis here"),
    ("elu", "slope", "allowed: alpha"),
])  # fmt: skip
def test_what_is_said(name, keyword, said):
    for package in (acts, acts_jax):
        assert said in message(package, name, keyword)
