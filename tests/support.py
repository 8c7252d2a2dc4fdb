"""What the test files share: the functions, their parameters, and the oracle's answers on a grid."""

import functools
import re
from typing import Any

import jax
import numpy as np
import pytest
from numpy.typing import NDArray

import acts
import acts_jax._registry
from acts.testing import Candidate, grid, oracle, parameter_sets
from acts.testing.candidates import from_acts_jax
from acts.testing.ulp import conditioned_ulp, scaled_error, ulp_size

FUNCTIONS = [pytest.param(acts.get(n), id=n) for n in acts.names()]
WITH_PARAMETERS = [pytest.param(acts.get(n), p, id=f"{n}-{p}") for n in acts.names() for p in acts.get(n).params]
SETS = [  # every third by default, the examples first: each parameter is tried at one other value, or more
    pytest.param(
        acts.get(n),
        params,
        id="-".join([n, *(f"{k}={v:g}" for k, v in params.items())]),
        marks=[pytest.mark.exhaustive] if i % 3 else [],
    )
    for n in acts.names()
    for i, params in enumerate(parameter_sets(acts.get(n)))
]


def _rule(function: acts.Activation) -> Any:
    return acts_jax._registry.find(acts_jax.get(function.__name__))


def shape_of_the_rule(function: acts.Activation) -> tuple[Any, ...]:
    """All that JAX's side of a function depends on, but for the formulas themselves.

    What backward keeps, whether there are no, one or several parameters, an axis, and a derivative from the output:
    acts_jax/_rules.py, _functions.py and _custom_vjp.py look at nothing else, but for shorter formulas in 16 bits.
    """
    rule = _rule(function)
    return rule.residual, min(len(function.params), 2), rule.has_axis, "y" in rule.formulas


def one_of_each_shape(cases: list[Any]) -> list[Any]:
    """The same cases, with all but those of one function for each shape of rule left to -m exhaustive.

    For tests of what surrounds the formulas, be it ours or JAX's: rules, transformations, shardings, settings, objects.
    Functions whose rules have one shape differ in nothing that these look at, so one of them stands for all: one with
    shorter formulas in 16 bits, if any has them, and of these with the fewest kinks. A new shape is in at once.
    Formulas, their numbers, types and operations, are tested on every function. A case is a pytest.param that begins
    with the function.
    """
    functions = dict.fromkeys(case.values[0] for case in cases)
    chosen: dict[tuple[Any, ...], acts.Activation] = {}
    for function in sorted(functions, key=lambda f: (not _rule(f).short, len(f.kinks))):
        chosen.setdefault(shape_of_the_rule(function), function)
    left = {f: [] if f in chosen.values() else [pytest.mark.exhaustive] for f in functions}
    return [pytest.param(*c.values, id=c.id, marks=[*c.marks, *left[c.values[0]]]) for c in cases]


OF_EACH_SHAPE = one_of_each_shape(FUNCTIONS)
HAVING_PARAMETERS = [case for case in FUNCTIONS if case.values[0].params]
LENGTH = 2**16  # of what goes through `mirror`, or a multiple
POINTS = {"float16": 150, "float32": 150, "float64": 40}

LONGEST_FIRST = "|".join(sorted(acts.names(), key=len, reverse=True))


def function_in(test: str) -> str | None:
    """The name of the function in a test's id: elu in "test_x[float32-elu]", none in "test_x[elu_like]"."""
    found = re.search(rf"[^a-z0-9]({LONGEST_FIRST})(?![a-z0-9]|_[a-z])", test.partition("::")[2])
    return found and found[1]


def example(function: acts.Activation) -> acts.Activation:
    """The function with a value for every parameter."""
    return function.bind(**parameter_sets(function)[0])


@functools.cache
def mirror(name: str) -> Candidate:
    """The function of acts_jax, its quantities compiled together, whichever is asked for: one program for each type.

    What they are at an array is computed once, and kept until they were asked for at two others.
    """
    computes = from_acts_jax(acts.get(name)).computes
    together = jax.jit(lambda x, params: {quantity: compute(x, **params) for quantity, compute in computes.items()})

    @functools.lru_cache(maxsize=2)
    def everything(numbers: bytes, dtype: Any, params: tuple[Any, ...]) -> dict[str, NDArray[Any]]:
        x = np.frombuffer(numbers, dtype)
        padded = np.zeros(-(-x.size // LENGTH) * LENGTH, dtype)
        padded[: x.size] = x
        return {quantity: np.asarray(y)[: x.size] for quantity, y in together(padded, dict(params)).items()}

    def one(quantity: str, x: NDArray[Any], **params: Any) -> NDArray[Any]:
        return everything(x.tobytes(), x.dtype, tuple(params.items()))[quantity]

    return Candidate(f"acts_jax.{name}", {q: functools.partial(one, q) for q in computes}, strict=True)


@functools.cache
def truth(function: acts.Activation, dtype: str, wrt: str = "x") -> tuple[NDArray[Any], list[Any]]:
    """A grid and the oracle's jet at each of its points."""
    x, jets = [], []
    for value in grid(dtype, function.kinks_at(), POINTS[dtype]):
        try:
            jets.append(oracle(function, value, dtype, wrt))
        except ZeroDivisionError:  # squareplus with b = 0: its kink is tested by value in test_kinks.py
            assert float(value) in function.kinks_at()
        else:
            x.append(value)
    return np.array(x), jets


def defined(function: acts.Activation, x: Any) -> Any:
    """Where the function has a value: everywhere, unless its definition says nan."""
    if "nan" not in function.definition:
        return np.ones(np.shape(x), bool)
    at = [value or 1e-300 for value in np.ravel(x).tolist()]  # not 0, where it has no derivative
    return ~np.isnan([float(oracle(function, value).value) for value in at]).reshape(np.shape(x))


def held(function: acts.Activation, params: dict[str, float], dtype: str) -> dict[str, float]:
    """The parameters as that type has them, as JAX makes them; in float32 hard_sigmoid needs each digit."""
    if function is acts.hard_sigmoid and dtype == "float32":
        return params
    return {name: float(np.asarray(value, np.dtype(dtype))) for name, value in params.items()}


def quantity(function: acts.Activation, order: int | str) -> Any:
    """f, f', f'' for 0, 1, 2; a partial for a parameter's name."""
    by_order = {0: function, 1: function.derivative, 2: function.second_derivative}
    return by_order[order] if isinstance(order, int) else functools.partial(function.partial, order)


def assert_close_to_truth(
    function: acts.Activation, order: int | str, dtype: str, bound: float, compute: Any = None, conditioned: bool = True
) -> None:
    """Every point of the grid is within `bound` ulp of the oracle, conditioned or plain; the message has the worst."""
    wrt, index = ("x", order) if isinstance(order, int) else (order, 1)
    x, jets = truth(function, dtype, wrt)
    reference = quantity(function, order)
    got = np.asarray((compute or reference)(x)).astype(np.float64)
    want = np.array([float(jet[index]) for jet in jets])
    largest = float(np.finfo(dtype).max)
    overflow = np.abs(want) - largest >= ulp_size(largest, dtype) / 2
    want = np.where(overflow, np.copysign(np.inf, want), want)
    unit = conditioned_ulp(reference, x, want) if conditioned else ulp_size(np.where(np.isfinite(want), want, 1), dtype)
    error = scaled_error(got, want, unit)
    worst = int(np.argmax(error))
    assert error[worst] <= bound, (
        f"{function!r} order {order} in {dtype} at x = {x[worst]!r}: got {got[worst]!r}, true {want[worst]!r}, "
        f"{error[worst]:.3g} ulp > {bound}"
    )
