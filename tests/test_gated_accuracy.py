"""Every bound of the gated functions over the product of gates and values, in both packages; tails and limits."""

import contextlib
import functools

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

import acts
import acts_jax
from acts.testing import Truth, example_parameters, measure, oracle, walk
from acts.testing.bounds import bound
from acts.testing.candidates import from_acts, from_acts_jax

FUNCTIONS = [pytest.param(acts.get(name), id=name) for name in acts.names("gated")]
TYPES = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16, "float32": np.float32, "float64": np.float64}
VALUES = {**dict.fromkeys(TYPES, (2.0**-20, -0.375, 1.5, 2.0**20)), "float16": (2.0**-10, -0.375, 1.5, 2.0**10)}
FEW = [-745.0, -709.5, -100.3, -36.7, -20.1, -1.3, -(2.0**-20), 0.7, 3.1, 40.2, 1e300]  # of float64


def quantities(function):
    return ["f", "f'", "f''", *(f"df/d{name}" for name in function.params)]


@functools.cache
def mirrored(name):
    """Every quantity of the mirror in one program, of gates and a value of full size."""
    f = acts_jax.get(name)

    def run(x, value):
        y, pull = jax.vjp(f, x, value)
        by_hand = {"f": y, "f'": acts_jax.derivative(f)(x, value), "f''": acts_jax.second_derivative(f)(x, value)}
        return by_hand | dict(zip(("grad", "df/dvalue"), pull(jnp.ones_like(y)), strict=True))

    together = jax.jit(run)
    return lambda x, value: together(x, jnp.full_like(x, value))


def truths(function, x, value, chosen):
    if x.dtype == np.float64:
        return Truth.slow(function, x, chosen, value=value)
    return [Truth.fast(function, x, quantity, value=value) for quantity in chosen]


def gates(function, dtype, some=False):
    count = {"float32": 2000, "float64": 8}[dtype] if dtype in ("float32", "float64") else 0
    if some and dtype == "float64":
        return np.array(FEW)
    x = walk(TYPES[dtype], count if some else 10 * count, function.kinks_at(value=1.0), beside=2)
    if function is acts.step_swiglu:  # whose kink is rounded
        kink = function.kinks_at(value=1.0)[0]
        x = x[np.abs(x.astype(np.float64) / kink - 1) > 2 * float(np.finfo(np.float32).eps)]
    return x[:: 16 if some and count == 0 else 1]


def judge(name, package, truth, got, failed, record):
    dtype = truth.x.dtype.name
    quantity = truth.quantity
    for key in (quantity, "grad") if quantity == "f'" and package == "acts_jax" else (quantity,):
        found = measure(lambda _, y=got[key]: y, truth, package == "acts_jax" and dtype != "float16")
        allowed = bound(package, dtype, name, key, truth.roots.size > 0)
        largest = [getattr(found, m) for m in allowed._fields]
        record("accuracy", [package, dtype, name, key, *largest, found.x, found.nans, found.points])
        beyond = [m for m in allowed._fields if getattr(found, m) > getattr(allowed, m)]
        if beyond or found.nans:
            failed.append(f"{package} {name} {key} in {dtype}: {beyond} {found} {allowed}")


def assert_bounds(function, dtype, values, x, chosen, record, packages=("acts", "acts_jax")):
    name, failed = function.__name__, []
    for value in values:
        found = {"acts": {q: c(x, value=value) for q, c in from_acts(function).computes.items()}}
        if "acts_jax" in packages:
            with jax.enable_x64(True) if dtype == "float64" else contextlib.nullcontext():
                found["acts_jax"] = {q: np.asarray(y) for q, y in mirrored(name)(jnp.asarray(x), value).items()}
        for truth in truths(function, x, value, chosen):
            for package, got in found.items():
                if truth.quantity in got:
                    judge(name, package, truth, got, failed, record)
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_bound_on_a_sample_of_the_product(function, dtype, record_property):
    """Of 16-bit types every 16th gate; in JAX float32, and of swiglu all types."""
    in_jax = dtype == "float32" or function is acts.swiglu
    chosen = quantities(function) if dtype in ("float32", "float64") else ["f", "f'", "df/dvalue"]
    values = VALUES[dtype] if dtype == "float32" else VALUES[dtype][::3] if dtype != "float64" else [2.0**20]
    x, packages = gates(function, dtype, some=True), ("acts", "acts_jax")[: 1 + in_jax]
    assert_bounds(function, dtype, values, x, chosen, record_property, packages)


@pytest.mark.exhaustive
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_bound_over_the_product(function, dtype, record_property):
    lowest = 10 if dtype == "float16" else 20
    values = [s * 2.0**k for k in range(-lowest, lowest + 1, 5) for s in (1, -1.75)]
    assert_bounds(function, dtype, values, gates(function, dtype), quantities(function), record_property)


@pytest.mark.exhaustive
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_bound_at_other_parameters(function, dtype, record_property):
    x, base = gates(function, dtype), example_parameters(function) | {"value": 1.5}
    sets = [{**base, n: float(np.float32(v))} for n in base if n != "value" for v in (1.7, 0.375, 3.0)]
    for params in sets:
        f, failed = function.bind(**params), []
        in_jax = {key: functools.partial(c, **params) for key, c in from_acts_jax(function).computes.items()}
        for truth in truths(f, x, 1.5, quantities(function)):
            if not (function is acts.step_swiglu and "limit" in params):  # its kink is elsewhere
                by_numpy = {truth.quantity: from_acts(f).computes[truth.quantity](x)}
                judge(f.__name__, "acts", truth, by_numpy, failed, record_property)
                keys = ("f'", "grad") if truth.quantity == "f'" else (truth.quantity,)
                with jax.enable_x64(True) if dtype == "float64" else contextlib.nullcontext():
                    got = {key: np.asarray(jax.jit(in_jax[key])(x)) for key in keys}
                judge(f.__name__, "acts_jax", truth, got, failed, record_property)
        assert not failed, "\n".join(failed)


@pytest.mark.parametrize("package", [acts, acts_jax])
def test_nothing_underflows_or_overflows_where_the_result_does_not(package):
    close = functools.partial(pytest.approx, rel=2e-6)
    f = functools.partial(np.asarray, dtype=np.float32)
    assert float(package.swiglu(f(-100), f(1e30))) == close(-3.7200760e-12)
    assert float(package.glu(f(-100), f(1e30))) == close(3.7200760e-14)
    assert float(package.geglu(f(-14), f(1e30))) == close(-1.0905094e-13, rel=2e-5)
    assert float(package.geglu_tanh(f(-10.5), f(1e30))) == close(float(acts.geglu_tanh(-10.5, 1e30)), rel=2e-5)
    assert float(package.swiglu(f(1.2), f(3.3e38))) == close(float(acts.swiglu(1.2, 3.3e38)))  # 1.2 * 3.3e38 is inf
    assert float(package.swiglu(f(3), f(3e38))) == np.inf
    assert float(package.swiglu(f(2.0**-126), f(2.0**20))) == 2.0**-107
    assert float(package.relu2_glu(f(2.0**-70), f(2.0**20))) == 2.0**-120


@pytest.mark.parametrize("name", ["geglu", "relu2_glu"])
def test_nothing_overflows_in_jax_beside_the_largest_value(name):
    f, g = acts.get(name), acts_jax.get(name)
    gate, value = np.array([0, -0.0, -1, -3, 0.1, 0.25, 2.0**-100]), np.float32(3.3e38)
    for true, got in ((f, g), (f.derivative, g.derivative), (f.second_derivative, g.second_derivative)):
        with np.errstate(over="ignore"):  # relu2_glu's second derivative is 2 * value
            wanted = true(gate, float(value)).astype(np.float32)
        np.testing.assert_allclose(got(gate.astype(np.float32), value), wanted, rtol=2e-5)


def test_tails_in_float64():
    assert acts.swiglu(-740.0, 1e300) == pytest.approx(float(oracle("swiglu", -740.0, value=1e300)[0]), rel=1e-14)
    assert acts.geglu(-39.0, 1e300) == pytest.approx(float(oracle("geglu", -39.0, value=1e300)[0]), rel=1e-12)
    with jax.enable_x64(True):
        assert float(acts_jax.swiglu(-740.0, 1e300)) == pytest.approx(float(acts.swiglu(-740.0, 1e300)), rel=1e-14)


@functools.cache
def limits(function):
    """Every quantity at the gates -inf and inf, with a value of -1.5."""
    found = {}
    for truth in Truth.slow(function, np.float32([-np.inf, np.inf]), quantities(function), value=-1.5):
        want = np.where(np.abs(truth.high) > 1e20, np.copysign(np.inf, truth.high), truth.high)
        found[truth.quantity] = np.where(np.abs(want) < 1e-20, 0, want)
    return found


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_limits_of_the_gate(function, dtype):
    x = np.array([-np.inf, np.inf], TYPES[dtype])
    found = [{q: c(x, value=-1.5) for q, c in from_acts(function).computes.items()}]
    if dtype == "float32":  # compiled for the test above, for as many gates
        many = jnp.asarray(np.resize(x, gates(function, dtype, some=True).size))
        found.append({q: np.asarray(y)[:2] for q, y in mirrored(function.__name__)(many, -1.5).items()})
    for got in found:
        for quantity in got.keys() & limits(function).keys():
            want, eps = limits(function)[quantity], float(ml_dtypes.finfo(TYPES[dtype]).eps)
            np.testing.assert_allclose(got[quantity].astype(float), want, rtol=2 * eps, err_msg=quantity)
