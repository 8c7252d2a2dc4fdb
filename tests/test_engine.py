"""The engine: the same bits however a formula is run, nothing large allocated, safe in threads, forks, re-entrance."""

import gc
import multiprocessing
import signal
import sys
import threading
import tracemalloc
import warnings

import ml_dtypes
import numpy as np
import pytest
from support import FUNCTIONS, example

import acts
from acts import _replay
from acts._evaluate import SMALL, Program
from acts._replay import KEPT, TILE

LENGTHS = (1, 2, 7, 33, SMALL, SMALL + 1, 65_537, 131_072, 131_073, 400_001)
TYPES = [np.float32, np.float64]


def points(size, dtype):
    """Numbers of every kind, NaN and both zeros among them."""
    x = np.random.default_rng(0).standard_normal(size) * 5
    special = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-40, -1e30)
    for i, value in enumerate(special):
        x[i :: 101 + i] = value
    with np.errstate(under="ignore"):
        return x.astype(dtype)


def same_bits(got, want):
    nan = np.isnan(want)
    np.testing.assert_array_equal(np.isnan(got), nan)
    unsigned = f"u{want.itemsize}"
    np.testing.assert_array_equal(got[~nan].view(unsigned), want[~nan].view(unsigned))


def rules(f):
    return {
        "f": f,
        "x": f.derivative,
        "xx": f.second_derivative,
        **{p: lambda x, p=p: f.partial(p, x) for p in f.params},
    }


def by_hand(f, key, x):
    """The plain formula on the whole array, with the parameters in its type."""
    with np.errstate(all="ignore"):
        return f.formulas()[key](x, *(x.dtype.type(f._defaults[p]) for p in f.params))


def computed_in(f, dtype):
    """Whether the formula of these parameters runs in that type itself."""
    return dtype == np.float64 or f.wide == "False" or not eval(f.wide, {}, dict(f._defaults))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_formula_by_hand_gives_the_same_bits(function, dtype):
    f = example(function)
    if not computed_in(f, dtype):
        return
    for length in LENGTHS:
        x = points(length, dtype)
        for key, run in rules(f).items():
            same_bits(run(x), by_hand(f, key, x))


def test_most_functions_run_in_float32_itself_by_default():
    wide = [f.values[0].__name__ for f in FUNCTIONS if not computed_in(example(f.values[0]), np.float32)]
    assert {acts.get(name).family for name in wide} <= {
        "periodic",
        "rational",
        "learned",
        "bells",
        "softcaps",
        "logarithms",
        "smooth_maxima",
    }


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_same_bits_in_any_layout(function, dtype):
    f, x = example(function), points(300_000, dtype)
    for run in (f, f.derivative, f.second_derivative):
        want = run(x)
        out = x.copy()
        assert run(out, out=out) is out
        same_bits(out, want)
        twice = np.repeat(x, 2)
        same_bits(run(twice[::2]), want)
        same_bits(run(x[::-1])[::-1], want)
        same_bits(run(x.reshape(300, 1000).T).T.ravel(), want)
        same_bits(np.ascontiguousarray(run(np.broadcast_to(x, (2, x.size)))[1]), want)
        memory = np.concatenate([x, x[:3]])
        run(memory[:-3], out=memory[3:])  # what overlaps is read before it is written
        same_bits(memory[3:].copy(), want)
        memory = np.concatenate([x[:3], x])
        run(memory[3:], out=memory[:-3])
        same_bits(memory[:-3].copy(), want)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_one_pass_gives_the_same_bits(function, dtype):
    f = example(function)
    for length in (5, 300_000):
        x, g = points(length, dtype), np.ones(length, dtype) * 3
        y, slope = f.value_and_derivative(x)
        same_bits(y, f(x))
        same_bits(slope, f.derivative(x))
        with np.errstate(all="ignore"):
            exact = slope if computed_in(f, dtype) else f.derivative(x.astype(float))
            want = (g * exact).astype(dtype)
        same_bits(f.vjp(x, g)[0], want)
        same_bits(f.vjp(x, g, wrt=())[0], want)
        for target in (x.copy(), g.copy()):
            arguments = (target, g) if target[0] != 3 else (x, target)
            assert f.vjp(*arguments, out=target)[0] is target
            same_bits(target, want)
    assert isinstance(f.value_and_derivative(1.0)[1], np.float64)


def test_cotangents_of_chosen_parameters():
    x = np.linspace(-5, 5, 50_000)
    _, slope, offset = acts.hard_sigmoid.vjp(x, x)
    for wrt, want in ((("offset",), [offset]), (("offset", "slope"), [offset, slope]), ((), [])):
        np.testing.assert_allclose(acts.hard_sigmoid.vjp(x, x, wrt=wrt)[1:], want, rtol=1e-9, atol=1e-9)
    assert len(acts.hard_sigmoid.vjp(x, x, np.full(x.shape, 0.2), wrt=["slope"])) == 2
    with pytest.raises(LookupError, match="has no parameter 'slop'; did you mean slope"):
        acts.hard_sigmoid.vjp(x, x, wrt=("slop",))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nothing_large_is_allocated(function):
    f, x = example(function), np.ones(4_000_000, np.float32)
    out = np.empty_like(x)
    calls = [lambda: f(x, out=out), lambda: f.derivative(x, out=out), lambda: f.vjp(x, x, out=out)]
    for call in calls:
        call()  # the scratch arrays of this thread are there from now on
        tracemalloc.start()
        try:
            call()
            assert tracemalloc.get_traced_memory()[1] < x.nbytes / 4  # each np.where makes an array of a tile
        finally:
            tracemalloc.stop()
    assert sum(a.nbytes for a in _replay._thread.scratch) <= KEPT * TILE


def test_a_table_has_the_bits_of_the_formula():
    for dtype in (np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)):
        x = np.arange(2**16, dtype=np.uint16).view(dtype)
        for formula in (acts.gelu.formula, acts.mish.formulas()["x"]):
            fresh, tabled = (Program((formula,), (dtype,), ()) for _ in range(2))
            whole = tabled(x)[0]
            pieces = np.concatenate([fresh(part)[0] for part in np.split(x, 8)])
            assert tabled.tabled
            assert not fresh.tabled
            same_bits(whole.astype(np.float32), pieces.astype(np.float32))


def test_zero_and_its_negative_are_different_parameters():
    assert np.signbit(acts.prelu(-np.ones(3), -0.0)).tolist() == [False] * 3
    assert np.signbit(acts.prelu(-np.ones(3), 0.0)).tolist() == [True] * 3


def test_threads_at_once():
    x = points(300_000, np.float32)
    want, found, start = acts.gelu(x), [], threading.Barrier(6)

    def work():
        start.wait()
        for _ in range(5):
            found.append(acts.gelu(x))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 30
    for y in found:
        same_bits(y, want)


def _child(x, pipe):
    pipe.send(acts.gelu(x))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_after_a_fork():
    x = points(300_000, np.float32)
    want = acts.gelu(x)
    here, there = multiprocessing.Pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of forks beside threads, JAX of any fork
        warnings.simplefilter("ignore", RuntimeWarning)
        child = multiprocessing.get_context("fork").Process(target=_child, args=(x, there))
        child.start()
    same_bits(here.recv(), want)
    child.join()


def test_a_call_within_a_call():
    """From a signal handler, in the middle of a long one."""
    x, found = points(3_000_000, np.float32), []
    want = acts.gelu(x)
    old = signal.signal(signal.SIGALRM, lambda *_: found.append(acts.gelu(x)))
    signal.setitimer(signal.ITIMER_REAL, 0.005)
    try:
        got = acts.gelu(x)
        while not found:
            got = acts.gelu(x)
    finally:
        signal.signal(signal.SIGALRM, old)
    same_bits(got, want)
    same_bits(found[0], want)


def test_an_exception_inside_a_formula_leaves_everything_usable():
    fail = False

    def formula(x):
        if fail:
            raise ArithmeticError("as asked")
        return x + np.max(x)  # not on a tape, so that it is called each time

    program, x = Program((formula,), (np.dtype(float),), ()), np.ones(SMALL + 1)
    before = np.geterr()
    fail = True
    with pytest.raises(ArithmeticError, match="as asked"):
        program(x)
    fail = False
    np.testing.assert_array_equal(program(x)[0], x + 1)
    assert np.geterr() == before
    gc.collect()


class Kelvin(np.ndarray):
    """A subclass, as others make them."""


def test_subclasses_iterators_and_odd_arrays():
    x = np.linspace(-3, 3, 40_000)
    want = acts.silu(x)
    assert type(acts.silu(x.view(Kelvin))) is np.ndarray
    out = np.empty_like(x).view(Kelvin)
    assert acts.silu(x, out=out) is out
    np.testing.assert_array_equal(np.asarray(out), want)
    frozen = x.copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(acts.silu(frozen), want)
    np.testing.assert_array_equal(acts.silu(memoryview(x)), want)
    assert acts.silu(np.array(x[5])) == want[5]
    out = np.empty(())
    assert acts.silu(np.array(x[5]), out=out) is out
    assert out == want[5]
    with pytest.raises(TypeError, match="dtype object"):
        acts.silu(v for v in x)


def test_no_warning_from_any_path():
    for dtype in (np.float16, np.float32, np.float64):
        for size in (10, 300_000):
            with np.errstate(all="ignore"):
                x = points(size, np.float64).astype(dtype)
            with np.errstate(all="raise"):
                for f in (acts.relu, acts.gelu, acts.softplus, acts.mish, acts.celu):
                    f(x), f.value_and_derivative(x), f.vjp(x, x), f(x[::2])


def test_an_output_in_the_memory_of_a_wider_cotangent():
    x = points(100_000, np.float32)
    g = np.ones(x.shape)
    out = g.view(np.float32)[: x.size]
    same_bits(acts.silu.vjp(x, g, out=out)[0], acts.silu.derivative(x))
