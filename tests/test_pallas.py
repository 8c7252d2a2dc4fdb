"""Inside Pallas kernels: every formula lowers for TPU and for Triton, and keeps its bounds in interpret mode.

Lowering needs neither device: Pallas asks the mesh which kind it lowers for.
"""

import contextlib
import doctest
import functools
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from jax import lax
from jax.experimental import pallas
from jax.experimental.pallas import tpu, triton
from jax.sharding import AbstractDevice, AbstractMesh, AxisType
from support import FUNCTIONS, OF_EACH_SHAPE

import acts
import acts_jax
from acts.testing import Truth, example_parameters, measure, walk
from acts.testing.bounds import Bound, bound

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "examples"))

import pallas_kernel  # noqa: E402

ROWS, LANES = 16, 128
DEVICES = {"tpu": AbstractDevice("TPU v5 lite", 1, "tpu"), "cuda": AbstractDevice("NVIDIA H100", 1, "gpu")}
COMPILERS = {"tpu": tpu.CompilerParams(), "cuda": triton.CompilerParams()}
DTYPES = {"float32": np.dtype(np.float32), "bfloat16": np.dtype(ml_dtypes.bfloat16)}
KEYS = {"f": "f", "x": "f'", "xx": "f''"}  # of formulas, in terms of acts.testing; "df/d..." for a parameter

pytestmark = pytest.mark.filterwarnings("ignore:The Pallas Triton backend is deprecated:DeprecationWarning")


def kernel_of(bodies, kind, params):
    """A kernel that computes every body(x, *params) in float32 and rounds it once, as everywhere.

    kind: "number" for parameters that are Python numbers; "scalar" and "row" for what the kernel reads from references.
    """

    def kernel(x, *refs):
        given, outputs = refs[: -len(bodies)], refs[-len(bodies) :]
        wide = x[...].astype(jnp.float32)
        read = [p[0] if kind == "scalar" else p[...].astype(jnp.float32) for p in given]
        for body, y in zip(bodies, outputs, strict=True):
            y[...] = body(wide, *(params.values() if kind == "number" else read)).astype(y.dtype)

    return kernel


def call(bodies, kind, params, x, platform=None):
    """A jitted pallas_call of the kernel, and what it is called with; interpreted where there is no platform."""
    block = pallas.BlockSpec(x.shape, lambda: (0, 0))
    given = []
    if kind == "scalar":
        given = [np.full(1, p, np.float32) for p in params.values()]
        spec = pallas.BlockSpec(memory_space=tpu.SMEM) if platform == "tpu" else pallas.BlockSpec((1,), lambda: (0,))
    if kind == "row":
        given = [np.full((1, x.shape[1]), p, x.dtype) for p in params.values()]
        spec = pallas.BlockSpec((1, x.shape[1]), lambda: (0, 0))
    made = pallas.pallas_call(
        kernel_of(bodies, kind, params),
        out_shape=[jax.ShapeDtypeStruct(x.shape, x.dtype)] * len(bodies),
        in_specs=[block, *(spec for _ in given)],
        out_specs=[block] * len(bodies),
        compiler_params=COMPILERS.get(platform),
        interpret=platform is None,
    )
    return jax.jit(made), (x, *given)


def lowered(platform, make):
    """How many kernels there are in what make() returns, a jitted function and its arguments, lowered."""
    mesh = AbstractMesh((1,), ("x",), axis_types=(AxisType.Auto,), abstract_device=DEVICES[platform])
    with jax.sharding.use_abstract_mesh(mesh), jax.enable_x64(False):  # a TPU has no float64
        made, given = make()
        text = made.trace(*given).lower(lowering_platforms=(platform,)).as_text()
    return text.count("@tpu_custom_call(" if platform == "tpu" else "@__gpu$xla.gpu.triton(")


def lower(platform, dtype, bodies, kind="number", params=None):
    """Lower a kernel of the bodies; a NotImplementedError for an operation that the platform's Pallas lacks."""
    x = np.zeros((ROWS, LANES), DTYPES[dtype])
    assert lowered(platform, lambda: call(bodies, kind, params or {}, x, platform)) == 1


def mirror(function):
    return acts_jax.get(function.__name__)


def kinds(function, *read):
    """How the parameters are given: as numbers, and as what is read from references."""
    return ("number", *read) if function.params else ("number",)


@pytest.mark.parametrize("platform", DEVICES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_formula_lowers(function, platform):
    for dtype in DTYPES:
        bodies = list(acts_jax.formulas(mirror(function), dtype).values())
        for kind in kinds(function, "row" if dtype == "float32" else "scalar"):
            lower(platform, dtype, bodies, kind, example_parameters(function))


CATALOGUE = ("elish", "serf", "gelu_sine", "soft_exponential")  # expm1, erf, ncdf, a default of 0; the others by hand
DEFINED = [
    name if name in CATALOGUE else pytest.param(name, marks=pytest.mark.exhaustive) for name in acts.names("literature")
]


@pytest.mark.parametrize("platform", DEVICES)
@pytest.mark.parametrize("name", DEFINED)
def test_every_formula_of_a_definition_lowers(name, platform):
    f = acts.get(name)
    without = platform == "tpu" and "atan(" in f.definition  # Pallas has none for TPU
    with pytest.raises(NotImplementedError, match="atan") if without else contextlib.nullcontext():
        lower(platform, "float32", list(acts_jax.formulas(mirror(f)).values()), "number", example_parameters(f))


def public(function):
    return [mirror(function), acts_jax.derivative(mirror(function)), acts_jax.second_derivative(mirror(function))]


@pytest.mark.parametrize("platform", DEVICES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_function_itself_lowers_and_its_derivatives(function, platform):
    for kind in kinds(function, *(["scalar"] if platform == "cuda" else [])):
        lower(platform, "bfloat16", public(function), kind, example_parameters(function))


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.values[0].params])
def test_what_pallas_for_tpu_can_not_lower(function):
    """A function of a parameter that the kernel reads asks JAX which arguments move: there the formulas are the way."""
    with pytest.raises(NotImplementedError):
        lower("tpu", "float32", [mirror(function)], "scalar", example_parameters(function))


@pytest.mark.parametrize("platform", DEVICES)
@pytest.mark.parametrize("body", [lambda x: lax.optimization_barrier(jnp.exp(x)), lax.erfc], ids=["barrier", "erfc"])
def test_a_body_that_does_not_lower_is_noticed(body, platform):
    with pytest.raises(NotImplementedError, match=r"optimization_barrier|erfc"):
        lower(platform, "float32", [acts_jax.formulas(acts_jax.gelu)["f"], body])


@pytest.mark.parametrize("platform", DEVICES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_example_lowers(platform, dtype, monkeypatch):
    monkeypatch.setitem(pallas_kernel.WAYS, "cpu", pallas_kernel.WAYS["gpu" if platform == "cuda" else platform])
    run = functools.partial(pallas_kernel.results, functools.partial(pallas_kernel.bias_act, acts_jax.gelu))
    x, bias = np.zeros((100, 300), DTYPES[dtype]), np.zeros(300, DTYPES[dtype])
    assert lowered(platform, lambda: (jax.jit(run), (x, bias, x))) == 2


def worst(found, allowed):
    """By how much the worst measure exceeds its bound: at most 1 is within all."""
    return max(
        getattr(found, m) / getattr(allowed, m) if getattr(allowed, m) else getattr(found, m) for m in Bound._fields
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", OF_EACH_SHAPE)
def test_every_formula_keeps_its_bound_in_interpret_mode(function, dtype):
    params = example_parameters(function)
    formulas = acts_jax.formulas(mirror(function), dtype)
    kind = "scalar" if function.params and dtype == "bfloat16" else "number"
    x = walk(DTYPES[dtype], 3000, function.bind(**params).kinks_at())
    x = np.resize(x, (-(-x.size // LANES), LANES))
    made, given = call(list(formulas.values()), kind, params, x)
    for key, y in zip(formulas, made(*given), strict=True):
        quantity = KEYS.get(key, f"df/d{key}")
        assert excess(np.asarray(y), function.bind(**params), x, quantity) <= 1, quantity


def excess(y, function, x, quantity):
    truth = Truth.fast(function, x.ravel(), quantity)
    found = measure(lambda _: y.ravel(), truth, flushes=True)
    assert found.nans == 0
    return worst(found, bound("acts_jax", x.dtype.name, function.__name__, quantity, truth.roots.size > 0))


def test_a_formula_that_loses_digits_is_noticed():
    x = np.linspace(-4, 4, ROWS * LANES, dtype=np.float32).reshape(ROWS, LANES)
    made, given = call([lambda x: x - jnp.tanh(x)], "number", {}, x)
    assert excess(np.asarray(made(*given)[0]), acts.tanhshrink, x, "f") > 100


def test_the_examples_of_the_page_run():
    failed, tried = doctest.testfile(str(ROOT / "docs" / "kernels.md"), module_relative=False)
    assert tried > 20
    assert failed == 0
