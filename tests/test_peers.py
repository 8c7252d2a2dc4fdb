"""Every row of the migration table, evaluated on both sides: values, derivatives, and derivatives at the kinks.

The JAX rows run by default, those of the other frameworks with `-m peers`. Both acts and acts_jax are compared.
"""

import os
import re
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import acts
import acts_jax
from acts.dialects import ROWS, Row, frameworks
from acts.testing import grid, smallest_normal, ulp_size
from acts.testing.peers import halves, run

ULPS = 256
"""Allowed deviation, in ulp of the result plus the change that one ulp of x makes: what a rounding of x costs.
The peers round several times on the way; outside the gaps, the largest deviation seen is 179, of elu'(-8.8) in JAX.
In float32, too, it tells neighbours apart: `test_the_tolerance_tells_neighbours_apart`.
"""
NEW_JAX = tuple(map(int, jax.__version__.split(".")[:2])) > (0, 10)
PARTS = ("__call__", "derivative", "second_derivative")
INF, MAX, NAN = np.inf, float(np.finfo(np.float64).max), np.inf  # NAN as a bound: the peer may be anything


class Gap(NamedTuple):
    """Where a peer is off, if `there` in its version: in [low, high] by more than ULPS, by at most `bound`."""

    frameworks: str
    functions: str
    what: str
    low: float
    high: float
    bound: float
    there: bool = True


GAPS = (
    # -inf * 0 and inf / inf are NaN; the limits are -0, 0, 1 and -1, 1
    Gap("jax torch keras onnx", "gelu gelu_tanh silu mish hard_swish", "value", -INF, -INF, NAN),
    Gap("onnx", "swish", "value", -INF, -INF, NAN),
    Gap("jax torch keras onnx", "softsign", "value", -INF, -INF, NAN),
    Gap("jax torch keras onnx", "softsign", "value", INF, INF, NAN),
    Gap("jax torch keras", "gelu silu mish softsign", "derivative", -INF, -INF, NAN),
    Gap("jax torch keras", "gelu silu mish softsign", "derivative", INF, INF, NAN),
    Gap("keras", "PReLU", "value", -INF, -INF, NAN),
    # a square or a product overflows
    Gap("jax torch keras", "gelu_tanh", "derivative", -INF, -1e150, NAN),
    Gap("jax torch keras", "gelu_tanh", "derivative", 1e150, INF, NAN),
    Gap("jax keras", "sparse_plus", "derivative", -INF, -1e150, NAN),
    Gap("jax keras", "sparse_plus", "derivative", 1e150, INF, NAN),
    Gap("jax keras", "squareplus", "value", 1e150, MAX, INF),
    Gap("jax keras", "squareplus", "derivative", 1e150, INF, NAN),
    Gap("torch", "hard_swish", "value", 1e307, MAX, INF),
    # a tail lost to cancellation
    Gap("jax keras", "squareplus", "value", -INF, -10, INF),
    Gap("jax keras", "squareplus", "derivative", -INF, -10, NAN),
    Gap("torch", "gelu", "value", -40, -3.5, 1e-15),
    Gap("torch", "gelu", "derivative", -40, -4.5, 1e-15),
    Gap("jax torch keras", "gelu_tanh", "value", -40, -3, 1e-14),
    Gap("jax torch keras", "gelu_tanh", "derivative", -40, -3, 1e-13),
    Gap("onnx", "gelu gelu_tanh", "value", -15, -3.5, 1e-6),
    Gap("jax keras", "elu selu celu", "derivative", -1e4, -9, 1e-15, there=not NEW_JAX),  # mended after 0.10
    Gap("jax", "gelu", "derivative", -40, -36, 1e-280, there=NEW_JAX),  # its density underflows
    Gap("jax torch keras", "sigmoid", "derivative", 7, 1e3, 1e-15),
    Gap("jax torch", "tanh", "derivative", -1e3, -3, 1e-14),
    Gap("jax torch", "tanh", "derivative", 3, 1e3, 1e-14),
    Gap("jax torch keras", "softsign", "derivative", -MAX, -1e4, 1e-20),
    Gap("jax torch keras", "softsign", "derivative", 1e4, MAX, 1e-20),
    Gap("torch keras", "tanhshrink", "value", -0.1, 0.1, 1e-16),
    Gap("torch keras", "tanhshrink", "derivative", -0.1, 0.1, 1e-15),
    # a shortcut: softplus is cut at 20; 1/6 is a float32; tanh of float64 is computed in float32
    Gap("torch", "softplus", "value", 10, 40, 3e-9),
    Gap("torch", "softplus", "derivative", 10, 40, 3e-9),
    Gap("torch", "hard_sigmoid", "derivative", -3, 3, 1e-8),
    Gap("keras", "tanh", "value", -40, 40, 1e-6),
    Gap("keras", "tanh", "derivative", -1e3, 1e3, 1e-6),
)
"""The known gaps of the peers. One that has closed fails its row's test."""


RUN = [row for row in ROWS if row.framework in ("jax", "flax", "equinox", "torch", "keras", "onnx")]
ELEMENTWISE = [row for row in RUN if row.function in (*acts.names(), "PReLU.init")]
OF_ROWS = [row for row in RUN if row not in ELEMENTWISE]
"""Rows of the frameworks that are run: those of one number at a time, and those of gates and of whole rows."""


def marked(cases: Any) -> list[Any]:
    """Rows or frameworks as parameters of a test: all but those of JAX need the extra."""
    marks = lambda case: () if getattr(case, "framework", case) == "jax" else pytest.mark.peers  # noqa: E731
    return [pytest.param(case, marks=marks(case), id=getattr(case, "theirs", case)) for case in cases]


def dtype_of(row: Row) -> Any:
    """float32 for ONNX's attributes and for the layers with parameters, float64 otherwise."""
    return np.dtype(np.float32 if row.framework == "onnx" or re.search(r"PReLU|layers", row.theirs) else np.float64)


def points(row: Row, kinks: tuple[float, ...]) -> Any:
    """(n, 3, 3), so that the channels may be on either axis: the grid, densely up to ±40, and kinks."""
    dtype = dtype_of(row)
    x = np.unique(np.concatenate([grid(dtype, kinks), np.linspace(-40, 40, 801, dtype=dtype)]))
    return np.pad(x, (0, -x.size % 9), mode="edge").reshape(-1, 3, 3)


def ours(row: Row, x: Any, alpha: Any, get: Callable[[str], Any], layer: Any = None) -> Any:
    """The row's own side, with the functions that get(name) gives; a layer, too, is by default made of them."""
    names = {name: get(name) for name in acts.names()}
    layer = layer or SimpleNamespace(init=lambda init=0.25: partial(names["prelu"], alpha=init))
    return eval(row.ours, {**names, "PReLU": layer, "x": x, "alpha": alpha})


def kinks_of(name: str) -> Callable[..., tuple[float, ...]]:
    f = acts.get(name)
    return lambda x, *params, **named: f.kinks_at(**dict(zip(f.params, params, strict=False)), **named)


def theirs(row: Row, x: Any, alpha: Any) -> tuple[Any, Any]:
    """Value and derivative of the peer, the latter None without automatic differentiation."""
    peer(row.framework)
    return run(row, x, alpha), None if row.framework == "onnx" else run(row, x, alpha, 1)


def peer(name: str) -> Any:
    if name == "keras":
        os.environ.setdefault("KERAS_BACKEND", "jax")
    module = pytest.importorskip(name, reason=f"{name} is in the extra 'peers'")
    if name == "keras" and module.backend.backend() != "jax":
        pytest.skip("the rows state Keras's derivatives on its JAX backend: KERAS_BACKEND=jax")
    return module


@partial(jax.jit, static_argnums=0)
def value_and_derivative(f: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    y, pull = jax.vjp(f, x)
    return y, pull(jnp.ones_like(y))[0]


def deviation(got: Any, want: Any, slope: Any, x: Any) -> Any:
    """|got - want| in ulp of want plus |slope| ulp of x. Subnormal numbers count as 0: XLA has none."""
    finite = lambda a: np.where(np.isfinite(a), a, 1)  # noqa: E731
    unit = ulp_size(finite(want), x.dtype) + np.abs(slope, dtype=np.float64) * ulp_size(finite(x), x.dtype)
    with np.errstate(over="ignore"):
        return absolute(got, want, x.dtype) / unit


def absolute(got: Any, want: Any, dtype: Any) -> Any:
    """|got - want|; inf where one is NaN, 0 where both are the same infinity."""
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(np.asarray(got, np.float64) - np.asarray(want, np.float64))
    error = np.where((got == want) | (np.isnan(got) & np.isnan(want)), 0, error)
    return np.maximum(np.where(np.isnan(error), INF, error) - 2 * smallest_normal(dtype), 0)


def name_of(row: Row) -> str:
    return re.split(r"\W", row.ours)[0]


def gaps_of(row: Row, what: str) -> list[Gap]:
    mine = [
        g for g in GAPS if g.there and row.framework in g.frameworks.split() and name_of(row) in g.functions.split()
    ]
    return [g for g in mine if g.what == what]


@pytest.mark.parametrize("row", marked(ELEMENTWISE))
def test_both_sides_agree(row: Row) -> None:
    with jax.enable_x64(True):
        kinks = ours(row, 0.0, 0.5, kinks_of)
        x = points(row, kinks)
        alpha = np.array([0.25, -0.5, 2.0], x.dtype)
        value, slope = theirs(row, x, alpha)
        orders = [ours(row, x, alpha, lambda n, part=part: getattr(acts.get(n), part)) for part in PARTS]
        in_jax = lambda x: ours(row, x, alpha, partial(getattr, acts_jax), acts_jax.PReLU)  # noqa: E731
        jax_value, jax_slope = map(np.asarray, value_and_derivative(in_jax, x))

    compare(row, "value", value, (orders[0], jax_value), orders[1], x)
    if slope is not None:
        # next to a kink x + 3 and the like round to it; at it, see the next test
        away = np.all([x == x, *(~(np.abs(x - k) <= 4 * ulp_size(k, x.dtype)) for k in kinks)], axis=0)
        sides = (orders[1][away], jax_slope[away])
        compare(row, "derivative", slope[away], sides, orders[2][away], x[away])


def compare(row: Row, what: str, got: Any, sides: tuple[Any, Any], slope: Any, x: Any) -> None:
    """Within ULPS of acts and of acts_jax, except in the gaps: there within their bounds, and still off."""
    off = deviation(got, sides[0], slope, x) > ULPS
    bound = np.zeros(x.shape)
    for gap in gaps_of(row, what):
        inside = (gap.low <= x) & (x <= gap.high)
        bound[inside] = np.maximum(bound[inside], gap.bound)
        assert np.any(off & inside), f"{row.theirs} has closed this gap, remove it: {gap}"
    for package, want in zip(("acts", "acts_jax"), sides, strict=True):
        wrong = (deviation(got, want, slope, x) > ULPS) & ~(absolute(got, want, x.dtype) <= bound)
        assert not wrong.any(), f"{row.theirs} {what}, {package}: at {x[wrong][:5]} {got[wrong][:5]} {want[wrong][:5]}"


@pytest.mark.parametrize("row", marked(row for row in ELEMENTWISE if row.framework != "onnx"))
def test_derivatives_at_kinks_are_as_stated(row: Row) -> None:
    """Where the row says nothing, they are equal."""
    stated = {at: slopes for at, *slopes in row.slopes}
    kinks = ours(row, 0.0, 0.5, kinks_of)
    assert stated.keys() <= set(kinks)
    for kink in kinks:
        with jax.enable_x64(True):
            x = np.full((1, 3, 3), kink, dtype_of(row))
            alpha = np.array([0.25, -0.5, 2.0], x.dtype)
            mine = ours(row, x, alpha, lambda n: acts.get(n).derivative)
            got = theirs(row, x, alpha)[1]
        if kink in stated:
            assert np.all(got == stated[kink][0])
            assert np.all(mine == np.asarray(eval(stated[kink][1], {"alpha": alpha}), x.dtype))
            assert np.all(mine != got)
        else:
            np.testing.assert_array_equal(got, mine)


@pytest.mark.parametrize("row", marked(OF_ROWS))
def test_gates_and_functions_of_whole_rows_agree(row: Row) -> None:
    """Value and gradient, where gate and value differ and so do the entries of a row."""
    x = np.random.default_rng(0).normal(0, 3, (2, 6, 4, 6)).astype(np.float32)
    peer(row.framework)
    if row.theirs == "keras.activations.sparsemax(x)":  # its rows don't add up to 1: the row of the table says so
        assert np.min(run(row, x, np.array([])).sum(axis=-1)) < 0.5, "it is mended; compare it again"
        return
    for package in (acts, acts_jax):
        mine = jnp.asarray(x) if package is acts_jax else x
        got = np.asarray(eval(row.ours, {**vars(package), "x": mine, **halves(mine)}))
        np.testing.assert_allclose(got, run(row, x, np.array([])), rtol=2e-6, atol=2e-6)
    if row.framework != "onnx" and "hardmax" not in row.ours:
        y, pull = jax.vjp(lambda x: eval(row.ours, {**vars(acts_jax), "x": x}), jnp.asarray(x))
        np.testing.assert_allclose(pull(jnp.ones_like(y))[0], run(row, x, np.array([]), 1), rtol=2e-5, atol=2e-6)


FUNCTIONS = {
    "jax": lambda: vars(jax.nn),
    "torch": lambda: vars(peer("torch").nn.functional),
    "keras": lambda: vars(peer("keras").activations),
    "onnx": lambda: {schema.name: schema for schema in peer("onnx").defs.get_all_schemas()},
}


@pytest.mark.parametrize("framework", marked(FUNCTIONS))
def test_no_function_is_without_a_row(framework: str) -> None:
    """Whatever the peer has under a name or alias of acts, but for dense layers and what draws."""
    rows = " ".join(row.theirs for row in ROWS if row.framework == framework)
    covered = {same(name) for name in re.findall(r"(\w+)\(", rows)} | {"linear", "bilinear", "gumbel_softmax"}
    offered = [name for name in FUNCTIONS[framework]() if not name.startswith("_")]
    assert len(offered) > 20
    assert [name for name in offered if is_known(name) and same(name) not in covered] == []


def same(name: str) -> str:
    """One name for what a peer has under two: swish is silu, hard_silu hard_swish, and a final _ is in-place."""
    name = name.rstrip("_").lower()
    return {"silu": "swish", "hard_silu": "hard_swish"}.get(name, name)


def is_known(name: str) -> bool:
    try:
        return bool(acts.get(name))
    except LookupError:
        return False


@pytest.mark.peers
@pytest.mark.parametrize("module", ["flax.nnx", "flax.linen"])
def test_flax_has_the_functions_of_jax(module: str) -> None:
    shared = {name: f for name, f in vars(peer(module)).items() if hasattr(jax.nn, name) and is_known(name)}
    assert len(shared) > 15
    assert all(f is getattr(jax.nn, name) for name, f in shared.items())
    rows = {row.name for row in ROWS if frameworks(row) == ("jax", "flax")}
    assert rows - shared.keys() <= ({"identity"} if module == "flax.linen" else set())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("one", "other"), [("gelu", "gelu_tanh"), ("gelu", "quick_gelu"), ("silu", "mish")])
def test_the_tolerance_tells_neighbours_apart(one: str, other: str, dtype: Any) -> None:
    x = np.linspace(-3, 3, 1001, dtype=dtype)
    f, g = acts.get(one), acts.get(other)
    assert np.max(deviation(f(x), g(x), g.derivative(x), x)) > 4 * ULPS


def test_every_gap_has_a_row() -> None:
    rows = {(row.framework, name_of(row)) for row in RUN}
    assert {(f, n) for gap in GAPS for f in gap.frameworks.split() for n in gap.functions.split()} <= rows
