"""What the tests of axis functions share: rows to try, with parameters, and what is true of them."""

import functools

import ml_dtypes
import numpy as np
import pytest

import acts
from acts.testing import row_oracle, smallest_normal, ulp_size

AXIS = acts.names(kind="axis")
PARAMETERS = {"temperature": 0.75, "sink": 0.5, "alpha": 1.25, "c": 0.5, "w0": 0.5, "w1": -0.25, "w2": 0.75, "b": 0.125}
OPTIONS = {"maxout": {"size": 3}, "gaussian_topk": {"p": 0.625}}
SEED = 7
ONE_OF_EACH = ("softmax", "logsumexp", "entmax15", "maxout")  # of each kind of rule in JAX
FEW = (
    (1.0, -0.5, 2.0, 0.25, -1.5, 0.75),
    (0.0, -50.0, -60.0, -51.0, -55.0, -70.0),  # a dominant element
    (100.0, 100.0, 99.0, 98.0, 100.0, -8.0),
    (-3.0, -3.0, -3.0, -3.0, -3.0, -3.0),
    (-40.0, 26.0, -4.0, 18.0, -26.0, 48.0),  # an exponential that is flushed to 0 where x times it is not
    (0.01953125, -0.021484375, -0.109375, -0.005859375, -0.046875, 0.0625),  # the logarithm of nearly 1
    (-0.5, 1.5, -0.4375, -0.28125, -0.6875, -0.21875),  # a temperature's cotangent that was rounded twice
)
_random = np.random.default_rng(0)
_drawn = _random.normal(size=(200, 6)) * np.exp(_random.uniform(-3, 4, (200, 1)))
MANY = FEW + tuple(map(tuple, _drawn.astype(ml_dtypes.float8_e4m3fn).astype(float).tolist()))  # numbers of every type
ROWS = [pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=pytest.mark.exhaustive)]


def example(name):
    """Arguments of the function, by name: a value for each parameter and option."""
    return OPTIONS.get(name, {}) | {p: PARAMETERS[p] for p in acts.get(name).params}


def type_of(dtype):
    return np.dtype(getattr(ml_dtypes, dtype, dtype))


def cotangent(shape):
    return np.resize([0.5, -1.0, 0.25, 2.0, -0.75, 1.5, -0.125], shape)


def defined(name, rows):
    """Those that have a slope: a deviation of 0 has none."""
    return [row for row in rows if name != "gaussian_topk" or len(set(row)) > 1]


@functools.cache
def truth(name, rows, noise=None):
    """For every row: the outputs, their slopes by x, and by each parameter."""
    found = []
    for row in defined(name, rows):
        more = {} if noise is None else {"noise": noise}
        true = row_oracle(name, row, **example(name), **more)
        found.append(
            (to_float(true.values), to_float(true.by_x), {p: to_float(s) for p, s in true.by_parameter.items()})
        )
    return found


def to_float(numbers):
    return np.array(numbers).astype(np.float64)


def errors(name, dtype, compute, wide, rows, kept=None, noise=None):
    """The largest errors of y, of vjp and of jvp beyond the last rounding: see `beyond`.

    compute(row, g, t) gives (y, (dx, dparameters...), jvp) in the type; wide: the type that it is computed in; kept:
    that of what backward keeps, by default wide.
    """
    worst = dict.fromkeys(("y", "vjp", "jvp"), 0.0)
    for row, (y, by_x, by_parameter) in zip(defined(name, rows), truth(name, rows, noise), strict=True):
        g, t = cotangent(y.shape), cotangent(len(row))
        shape = y.shape if len(y) > 1 else ()  # as logsumexp has it
        got_y, got_vjp, got_jvp = compute(np.array(row, dtype), g.reshape(shape).astype(dtype), t.astype(dtype))
        columns = [by_x, *(by_parameter[p][:, None] for p in by_parameter)]
        found = [("y", got_y, y, np.abs(by_x) @ np.abs(row), wide)]
        found += [("jvp", got_jvp, by_x @ t, np.abs(by_x) @ np.abs(t) + np.abs(t).max(), kept or wide)]
        for got, slopes in zip(got_vjp, columns, strict=True):
            found.append(("vjp", got, g @ slopes, np.abs(g) @ np.abs(slopes) + np.abs(g).max(), kept or wide))
        for key, got, true, terms, noisy in found:
            worst[key] = max(worst[key], beyond(np.asarray(got), true, terms, noisy, smallest_normal(wide)))
    return worst


def beyond(got, true, terms, noisy, tiny):
    """By how much the error exceeds half an ulp of the result, in ulp, in the type `noisy`, of what it is a sum of.

    Of a value that is slope times x: an exact answer for an x within an ulp is all that can be asked for. What is below
    tiny, the smallest normal number of the type that is computed in, may be 0.
    """
    error = np.abs(got.astype(np.float64).ravel() - true)
    error = np.where(np.abs(true) < tiny, error - tiny, error) - 0.51 * ulp_size(true, got.dtype)
    return float(np.max(np.maximum(0, error) / ulp_size(np.maximum(terms, np.abs(true)), noisy)))


def of_each_kind(names):
    """One function of each kind of rule by default, the others where everything is tested."""
    return [pytest.param(n, marks=() if n in ONE_OF_EACH else pytest.mark.exhaustive) for n in names]
