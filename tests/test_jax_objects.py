"""What acts_jax returns behaves as an object of Python: it pickles, copies, compares, and documents itself."""

import copy
import doctest
import functools
import inspect
import pickle
import pydoc
import re
import subprocess
import sys

import cloudpickle
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from support import FUNCTIONS, OF_EACH_SHAPE

import acts
import acts_jax
from acts.testing import example_parameters

ADDRESS = re.compile(r" at 0x\w+")


def plain(function):
    """The function and its derivatives, each of which exists once."""
    f = acts_jax.get(function.__name__)
    return [f, acts_jax.derivative(f), acts_jax.second_derivative(f)]


def made(function):
    """What is made anew at every call: faces, and functions with parameters bound, numbers and arrays."""
    name, params = function.__name__, example_parameters(function)
    save = ["input", *(["output"] if hasattr(function, "derivative_from_output") else [])]
    faces = [acts_jax.as_custom_vjp(acts_jax.get(name, **params), save=s) for s in save]
    faces.append(acts_jax.as_custom_vjp(acts_jax.get(name)))
    if not params:
        return faces
    arrays = {k: np.full(3, v, np.float32) for k, v in params.items()}
    bound = [acts_jax.get(name, **params), acts_jax.get(name, **arrays)]
    bound.append(acts_jax.get(name, **{k: jnp.asarray(v) for k, v in arrays.items()}))
    slopes = [kind(f) for f in bound for kind in (acts_jax.derivative, acts_jax.second_derivative)]
    return [*faces, *bound, *slopes, *map(acts_jax.as_custom_vjp, bound)]


def copies(thing):
    """It from every protocol of pickle, from cloudpickle, and copied."""
    protocols = range(2, pickle.HIGHEST_PROTOCOL + 1)
    pickled = [pickle.loads(dump(thing, p)) for p in protocols for dump in (pickle.dumps, cloudpickle.dumps)]
    return [*pickled, copy.copy(thing), copy.deepcopy(thing)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_pickles_and_copies_are_the_same(function):
    for thing in plain(function):
        assert all(found is thing for found in copies(thing))
    for thing, again in zip(made(function), made(function), strict=True):
        for found in (again, *copies(thing)):
            assert (found == thing, hash(found), repr(found)) == (True, hash(thing), repr(thing))
    assert len({*plain(function), *made(function)}) > 3  # not all of them are equal


def test_pickles_of_one_process_load_in_another(tmp_path):
    every = [thing for name in acts.names() for thing in (*plain(acts.get(name)), *made(acts.get(name)))]
    path = tmp_path / "every"
    path.write_bytes(pickle.dumps(every))
    code = f"import pickle, pathlib; print(pickle.loads(pathlib.Path({str(path)!r}).read_bytes()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ADDRESS.sub("", done.stdout.strip()) == ADDRESS.sub("", str(every))


def test_numbers_bind_alike_by_value():
    half = acts_jax.get("elu", alpha=0.5)
    for other in (acts_jax.get("ELU", alpha=np.float64(0.5)), acts_jax.get(acts_jax.elu, alpha=np.float32(0.5))):
        assert (other == half, hash(other)) == (True, hash(half))
    assert half not in (acts_jax.elu, acts_jax.get("elu", alpha=0.25), acts_jax.get("celu", alpha=0.5))
    assert half != acts_jax.derivative(half)
    assert repr(half) == "<acts_jax elu(x, alpha=0.5)>"
    assert repr(acts_jax.derivative(half)) == "<acts_jax elu.derivative(x, alpha=0.5)>"
    assert repr(acts_jax.as_custom_vjp(half)) == "<acts_jax as_custom_vjp(elu(x, alpha=0.5), save='input')>"


def test_a_bound_array_is_a_copy():
    alpha = np.array([0.25, 0.5], np.float32)
    f = acts_jax.get("prelu", alpha=alpha)
    before = hash(f)
    alpha[:] = 9
    assert (f(-jnp.ones(2)).tolist(), hash(f)) == ([-0.25, -0.5], before)


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_as_a_static_argument_it_traces_once(function):
    traces = []

    @functools.partial(jax.jit, static_argnames="f")
    def apply(f, x):
        traces.append(f)
        return f(x)

    def once():
        params = example_parameters(function)
        f = acts_jax.get(function.__name__, **params)
        return [f, acts_jax.derivative(f), acts_jax.second_derivative(f), acts_jax.as_custom_vjp(f)]

    for _ in range(2):
        for f in once():
            apply(f, jnp.ones(3))
    assert len(traces) == 4


@pytest.mark.parametrize("function", FUNCTIONS)
def test_names_signatures_and_help_are_its_own(function):
    name = function.__name__
    f, slope, bend = plain(function)
    for thing, called, definition in (
        (f, name, function.definition),
        (slope, f"derivative_of_{name}", f"df/dx of {function.definition}"),
        (bend, f"second_derivative_of_{name}", f"d2f/dx2 of {function.definition}"),
    ):
        assert thing.__name__ == called
        assert thing.__doc__.partition("\n")[0] == definition
        assert inspect.signature(thing) == inspect.signature(function.formula)
        shown = pydoc.plain(pydoc.render_doc(thing))
        signature = re.sub(r"\s", "", f"{called}{inspect.signature(thing)}")  # Python 3.13 breaks a long one into lines
        assert signature in re.sub(r"\s", "", shown).replace(",)", ")")
        assert definition in shown
    assert inspect.unwrap(f).__name__ == name
    assert inspect.unwrap(slope).__name__ == f"d_{name}"
    assert inspect.unwrap(bend).__name__ == f"d2_{name}"
    assert inspect.unwrap(slope).__module__ == inspect.unwrap(bend).__module__ == inspect.unwrap(f).__module__


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_made_shows_what_it_takes(function):
    for thing in made(function):
        assert function.definition in pydoc.plain(pydoc.render_doc(thing))
        assert repr(thing).startswith("<acts_jax ")
        assert not ADDRESS.search(repr(thing))
    face = acts_jax.as_custom_vjp(acts_jax.get(function.__name__))
    assert list(inspect.signature(face).parameters) == ["x", *function.params]
    bound = acts_jax.as_custom_vjp(acts_jax.get(function.__name__, **example_parameters(function)))
    assert list(inspect.signature(bound).parameters) == ["x"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_examples_in_docstrings_run(function):
    names = {"acts_jax": acts_jax, "jax": jax, "jnp": jnp, "np": np}
    runner = doctest.DocTestRunner()
    with jax.enable_x64(False):
        for thing in plain(function):
            examples = doctest.DocTestParser().get_doctest(thing.__doc__, names, thing.__name__, None, None)
            assert examples.examples
            assert all("acts_jax." in example.source for example in examples.examples)
            assert runner.run(examples).failed == 0
