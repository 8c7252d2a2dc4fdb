"""Every transformation of JAX, with respect to x and to every parameter, gives the analytic values and derivatives."""

import functools
import importlib.util
import json
from pathlib import Path

import chex
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from support import FUNCTIONS, OF_EACH_SHAPE
from transformations import BY_ORDER, EVERYDAY

import acts
import acts_jax
from acts.testing import example_parameters, ulp_size
from acts.testing.conformance import BOUNDS, conditioned_ulp
from acts.testing.definitions import Jet, evaluate
from acts.testing.ulp import scaled_error, smallest_normal

ROOT = Path(__file__).parents[1]
DEFAULT = jnp.result_type(float)
X = np.array([-4.1, -3, -2, -1, -0.8, -0.5, 0, 0.25, 0.5, 0.7, 1, 1.4, 2.3, 3, 6, 10], DEFAULT)  # kinks, too
FAR = np.concatenate([X, [-360, -85, -60, -45, -30, -10, 10, 30, 45, 60, 85, 360]]).astype(DEFAULT)  # and the tails
ORDERS = {name: order for order, ways in enumerate(BY_ORDER) for name in ways}
ALLOWED = {(0, True): BOUNDS["f"], (1, True): BOUNDS["grad"], (2, True): BOUNDS["f''"]}
ALLOWED |= {(1, False): BOUNDS["partial"], (2, False): BOUNDS["partial"]}
ALLOWED |= {(3, True): 2 * BOUNDS["f''"], (3, False): 2 * BOUNDS["partial"]}  # no formula of ours: JAX's of f''
FROM_OUTPUT = (
    "sigmoid",
    "tanh",
)  # backward keeps the output, which tells of the tails what the largest slope's ulp can
CHOPPED = 1e-60  # a second or third derivative of a definition is 0 below that
JET = {"reason": "jax.experimental.jet knows no custom rule, whosever it is (jax#30352)", "strict": True}


def mirror(function):
    return acts_jax.get(function.__name__)


def arguments(function, x=X):
    """x and every parameter, as vectors."""
    return [jnp.asarray(x), *(jnp.full_like(x, p) for p in example_parameters(function).values())]


def second(function, values, direction):
    """d2/dt2 of f(x + t dx, p + t dp), exactly, from the definition; mixed derivatives included."""
    variables = {name: Jet(mpmath.mpf(v), direction.get(name, 0)) for name, v in values.items()}
    jet = evaluate(function.definition.partition(" = ")[2], variables, function.constants())
    return mpmath.mpf(Jet(*jet).second) if isinstance(jet, Jet) else mpmath.mpf(0)


def by_definition(function, order, wrt, x):
    """The second or third derivative of the definition, at a kink that of the outer piece; NaN at a pole.

    The third is a difference on that side, or if the second jumps there, as where a kink moves with a parameter, on the
    other.
    """
    start = example_parameters(function) | {"x": float(x)}
    along = lambda t: second(function, start | {wrt: start[wrt] + t}, {wrt: mpmath.mpf(1)})  # noqa: E731
    with mpmath.workdps(80):
        try:
            exact = along(0)
            if order == 3:
                outer = 1 if x > 0 else -1
                jumps = abs(along(outer * mpmath.mpf(10) ** -40) - exact) > 1e-20
                exact = mpmath.diff(along, 0, direction=-outer if jumps else outer)
        except ZeroDivisionError:
            return np.nan
        return float(mpmath.chop(exact, CHOPPED) if order == 3 else exact)  # where it is 0, a difference is not quite


def reference(function, order, wrt):
    """The analytic derivative as a function of x: the NumPy core's, or the definition's where that has none."""
    bound = function.bind(**example_parameters(function))
    in_numpy = {(1, "x"): bound.derivative, (2, "x"): bound.second_derivative}
    in_numpy |= {(1, p): functools.partial(bound.partial, p) for p in function.params}
    if order == 0:
        return bound
    by_points = lambda xs: np.array([by_definition(function, order, wrt, x) for x in xs])  # noqa: E731
    return in_numpy.get((order, wrt), by_points)


@functools.cache
def wanted(function, order, wrt):
    """The right vector, and by how much each of its elements may be missed: the conformance kit's bounds."""
    compute = reference(function, order, wrt)
    want = np.asarray(compute(X), np.float64)
    unit = conditioned_ulp(compute, X, want)
    if order and function.__name__ in FROM_OUTPUT:
        unit = np.maximum(unit, ulp_size(np.max(np.abs(want)), X.dtype))
    if order == 3 or (order == 2 and wrt != "x"):  # what JAX makes of a formula: of its terms XLA flushes some
        formula = np.abs(reference(function, 2 if wrt == "x" else 1, wrt)(X))
        unit = np.where((formula > 0) & (formula < 2**24 * smallest_normal(X.dtype)), np.inf, unit)
    if order == 3:
        jumps = (X == 0) & (
            function.__name__ in ("softsign", "hard_mish", "rational")
        )  # f'' there, and the left side has no say
        unit = np.where(jumps, np.inf, np.maximum(unit, CHOPPED))
    return want, unit * ALLOWED[order, wrt == "x"]


def failures(function, name, outputs):
    """A line for every argument with respect to which the transformation's numbers are wrong."""
    for wrt, got in outputs.items():
        want, allowed = wanted(function, ORDERS[name], wrt)
        error = scaled_error(np.asarray(got, np.float64), want, allowed)
        if ORDERS[name]:  # a slope is what it likes where there is no value; at a pole it is infinite or NaN
            outside = np.isnan(reference(function, 0, "x")(X))
            error = np.where(outside | (np.isnan(want) & ~np.isfinite(got)), 0, error)
        if np.max(error) > 1:
            yield f"{name} by {wrt}: {np.max(error):.3g} times the bound\nx    {X}\ngot  {got}\nwant {want}"


def carried_out(function, name, args):
    """What the transformation gives with respect to each argument."""
    order, f = ORDERS[name], mirror(function)
    names = ["x", *function.params][: None if order else 1]
    return {wrt: BY_ORDER[order][name](f, i)(*args) for i, wrt in enumerate(names)}


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_everyday_transformations(function):
    together = jax.jit(lambda args: {name: carried_out(function, name, args) for name in EVERYDAY})
    outputs = together(arguments(function))
    assert not [line for name in EVERYDAY for line in failures(function, name, outputs[name])]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_jax_makes_of_the_formulas_themselves(function):
    """It differentiates f'' with respect to x, and f' to a parameter, and has no formula of ours for that."""
    name = "grad of grad of grad"
    outputs = jax.jit(lambda args: carried_out(function, name, args))(arguments(function))
    assert not list(failures(function, name, outputs))


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_transformation(function, name, request, record_property):
    if name == next(iter(ORDERS)):
        jax.clear_caches()  # what was compiled for the function before; all together would be gigabytes
    record_property("transformation", name)  # for the table in docs/jax.md: scripts/transformations.py
    if name == "jet":
        request.applymarker(pytest.mark.xfail(has_custom_rule(function), **JET))
    assert not list(failures(function, name, carried_out(function, name, arguments(function))))


ruled = jax.custom_jvp(jnp.sin)
ruled.defjvps(lambda t, y, x: t * jnp.cos(x))


def has_custom_rule(function):
    return "custom_jvp_call" in str(jax.make_jaxpr(mirror(function))(*arguments(function)))


@pytest.mark.parametrize("sin", [jnp.sin, pytest.param(ruled, marks=pytest.mark.xfail(**JET))])
def test_jet_fails_for_a_custom_rule_alone(sin):
    np.testing.assert_allclose(BY_ORDER[1]["jet"](sin, 0)(X), np.cos(X), atol=4 * np.finfo(X.dtype).eps)


def test_every_kink_is_among_the_points():
    for function in map(acts.get, acts.names()):
        assert np.isin(np.asarray(function.kinks_at(**example_parameters(function)), X.dtype), X).all(), function


def test_the_table_is_of_these_transformations():
    record = json.loads((ROOT / "docs" / "transformations.json").read_text(encoding="utf-8"))
    versions, types = (set(column) for column in list(zip(*map(str.split, record), strict=True))[1:])
    assert types == {"float32", "float64"}
    assert len(record) == 2 * len(versions) >= 4
    for run in record.values():
        assert run["transformations"] == sorted(ORDERS)
        assert set(run["failed"]) <= set(run["reasons"])
        assert set(run["functions"]) <= set(acts_jax.names())
        assert len(run["functions"]) >= 29  # as many as were measured in that environment


def test_what_is_measured_of_a_function_is_added_to_the_record():
    spec = importlib.util.spec_from_file_location("of_scripts", ROOT / "scripts" / "transformations.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.transformations() == list(ORDERS)
    assert not set(script.missing("jax 0 float32", ("relu",))) ^ {"relu"}
    found = script.Recorder()
    found.passed, found.failed, found.reasons = {"grad"}, {"jet"}, {"jet": "why"}
    run = script.added({}, "silu", found)
    assert run == {
        **{"transformations": ["grad", "jet"], "functions": ["silu"], "failed": {"jet": ["silu"]}},
        "reasons": {"jet": "why"},
    }
    found.passed, found.failed = {"grad", "jet"}, set()
    run = script.added(run, "identity", found)
    assert (run["functions"], run["failed"]) == (["identity", "silu"], {"jet": ["silu"]})
    found.passed = {"grad", "vmap"}
    assert script.added(run, "relu", found)["functions"] == ["relu"]  # other transformations: begun anew


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.values[0].params])
def test_mixed_second_derivatives(function):
    args, names = arguments(function, FAR), ["x", *function.params]
    steps = {name: i / 2 + 1 for i, name in enumerate(names)}
    line = lambda t: mirror(function)(*(v + step * t for v, step in zip(args, steps.values(), strict=True)))  # noqa: E731
    got = jax.jit(BY_ORDER[2]["jvp of grad"](line, 0))(jnp.zeros_like(FAR))
    with mpmath.workdps(80):
        want = np.array([float(second(function, example_parameters(function) | {"x": float(x)}, steps)) for x in FAR])
    smooth = ~np.isin(FAR, np.asarray(function.kinks_at(**example_parameters(function)), FAR.dtype))
    assert smooth.sum() >= 12
    error = np.abs(np.asarray(got, np.float64) - want) / ulp_size(np.maximum(1.0, np.abs(want)), FAR.dtype)
    assert np.all(error[smooth] <= BOUNDS["f''"]), (error, got, want)


@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_finite_differences(function):
    kinks = np.array([*function.kinks_at(**example_parameters(function)), np.inf])
    clear = np.min(np.abs(X[:, None] - kinks), axis=1) > 0.05
    step = 2.0**-6 if DEFAULT == jnp.float32 else 2.0**-13  # errors of order step**2 and eps / step**2, both under 1e-3
    args = [v[clear] for v in arguments(function)]
    if function is acts.siren:
        args[1] = args[1] / 30  # else a step is half a wave
    chex.assert_numerical_grads(mirror(function), args, order=2, atol=1e-2, rtol=1e-2, eps=step, modes=("rev",))
