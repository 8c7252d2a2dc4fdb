"""What a wrong kernel most likely is: alternatives are tried, and those that fit are named."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import acts
from acts import Activation

from .grids import example_parameters
from .judge import Array, wide
from .kernels import KernelError
from .properties import Subject
from .ulp import ulp_size
from .verdicts import Conformance

FIT = 64.0  # ulp at which an alternative fits, where the function itself is further away
OTHER_VALUES = (0.01, 0.1, 0.2, 0.25, 0.3, 1 / 3, 0.5, 1 / 6, 1.0, 2.0, 3.0, 0.0, -1.0)
SQRT_HALF, SQRT_2_PI = 0.7071067811865476, 0.7978845608028654
CONSTANTS: dict[str, tuple[float, Callable[[Any, float], Any]]] = {  # what is often cut short, and where it stands
    "gelu": (SQRT_HALF, lambda x, c: acts.gelu(x * (c / SQRT_HALF)) / (c / SQRT_HALF)),
    "gelu_tanh": (SQRT_2_PI, lambda x, c: x * acts.sigmoid(2 * c * (x + 0.044715 * x**3))),
    "selu": (1.0507009873554805, lambda x, c: acts.selu(x) * (c / 1.0507009873554805)),
}
FROM_OUTPUT: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "tanh": ("1 - y² cancels", lambda y: 1 - y * y),
    "sigmoid": ("y (1 - y) cancels", lambda y: y * (1 - y)),
    "elu": ("y + alpha cancels", lambda y: np.where(y > 0, 1, y + 1)),
}
Alternative = tuple[str, Any]


def diagnoses(report: Conformance, subject: Subject) -> list[str]:
    """One line for each alternative that fits where the function itself does not."""
    failed = {verdict.name for verdict in report.failures}
    try:
        if "value" in failed:
            return _of_value(subject)
        if any(name.startswith("gradient") and not name.startswith("gradient of") for name in failed | {""}):
            return _of_gradient(subject)
        if any(name.startswith("gradient of") for name in failed):
            return _of_parameter(report)
    except (KernelError, ValueError, TypeError):
        return []  # it fails in another way: that is told already
    return []


def _of_value(subject: Subject) -> list[str]:
    x = subject.x
    got, near = wide(subject.value(x)), _middle(x)
    operands = [wide(operand) for operand in subject.operands(x)]
    want = np.asarray(subject.function(*operands))
    off = _distance(got, want, x)[near]
    last = np.flatnonzero(off > FIT)
    if last.size and last.size < off.size / 2 and last[0] > off.size / 2 and np.all(np.diff(last) == 1):
        return ["the last block is not written"]
    found = [
        text
        for text, y in _other_values(subject, operands)
        if _fits(got, y, x, near) and not _fits(np.asarray(y, np.float64), want, x, near)
    ]
    found = list(dict.fromkeys(found))[:3]
    if x.dtype.itemsize >= 4 and not found and _rounded_to_bfloat16(got, want, near):
        found.append("computed in bfloat16 throughout")
    if found or subject.gated:
        return found
    closest = min(_others(subject.function), key=lambda f: _gap(got, f(operands[0]), near))
    if _gap(got, closest(operands[0]), near) < min(0.05, 0.5 * _gap(got, want, near)):
        return [f"closest of all: {closest.__name__}"]
    return []


def _other_values(subject: Subject, operands: list[Array]) -> Iterator[Alternative]:
    f, x = subject.function, operands[0]
    if subject.gated:
        yield "gate and value are swapped", f(operands[1], operands[0])
        return
    for other in _others(f):
        yield f"this is {other.__name__}", other(x)
    for name, value in example_parameters(f).items():
        for tried in OTHER_VALUES:
            if tried != value and _admitted(f, name, tried):
                yield f"{name} {tried:.3g} instead of {value:.3g}", f(x, **{name: tried})
    if f.__name__ in CONSTANTS:
        exact, compute = CONSTANTS[f.__name__]
        for digits in range(3, 8):
            for cut in (round(exact, digits), float(np.floor(exact * 10**digits) / 10**digits)):
                yield f"constant truncated ({cut:g})", compute(x, cut)


def _others(function: Activation) -> list[Activation]:
    """The other functions of one array, at values of their parameters."""
    others = [acts.get(name) for name in acts.names() if name != function.__name__]
    return [other.bind(**example_parameters(other)) for other in others]


def _of_gradient(subject: Subject) -> list[str]:
    x = subject.x
    g = np.random.default_rng(2).uniform(0.5, 2, x.shape).astype(x.dtype)
    got, near, c = wide(subject.pull(x, g)[0]), _middle(x), wide(g)
    operands = [wide(operand) for operand in subject.operands(x)]
    f, at = subject.function, operands[0]
    slope = np.asarray(f.derivative(*operands))
    if _fits(got, c * slope, x, near):
        return []
    y = np.asarray(f(*operands))
    alternatives: list[Alternative] = [
        ("the cotangent is missing", slope),
        ("the cotangent is squared", c * c * slope),
        ("the derivative is taken at y", c * f.derivative(y, *operands[1:])),
        ("the sign is wrong", -c * slope),
        ("the derivative is 1 everywhere", c),
        ("the derivative is 0 everywhere", 0 * c),
    ]
    if f.__name__ in FROM_OUTPUT:
        text, compute = FROM_OUTPUT[f.__name__]
        alternatives.append((text, c * wide(compute(y.astype(x.dtype)).astype(x.dtype))))
    if not subject.gated:
        alternatives += [(f"the derivative is that of {o.__name__}", c * o.derivative(at)) for o in _others(f)]
        for name, value in example_parameters(f).items():
            alternatives += [
                (f"the derivative has {name} {v:.3g} instead of {value:.3g}", c * f.bind(**{name: v}).derivative(at))
                for v in OTHER_VALUES
                if v != value and _admitted(f, name, v)
            ]
    right = c * slope
    return [t for t, want in alternatives if _fits(got, want, x, near) and not _fits(want, right, x, near)][:3]


def _of_parameter(report: Conformance) -> list[str]:
    wrong = {verdict.dtype for verdict in report.failures if verdict.name.startswith("gradient of")}
    right = {verdict.dtype for verdict in report.verdicts if verdict.name.startswith("gradient of") and verdict.passed}
    if right and wrong <= {"float16", "bfloat16"}:
        return ["a parameter's sum is accumulated in 16 bits"]
    return []


def _admitted(function: Activation, name: str, value: float) -> bool:
    try:
        function(0.0, **{name: value})
    except ValueError:
        return False
    return True


def _middle(x: NDArray[Any]) -> NDArray[np.bool_]:
    at = wide(x)
    inside: NDArray[np.bool_] = (np.abs(at) <= 8) & (np.abs(at) >= 2.0**-8)
    return inside


def _distance(got: Array, want: Any, x: NDArray[Any]) -> Array:
    """In ulp of the type, of numbers of at least a thousandth."""
    want = np.asarray(want, np.float64)
    with np.errstate(all="ignore"):
        unit = ulp_size(np.maximum(np.abs(np.where(np.isfinite(want), want, 1.0)), 1e-3), x.dtype)
        return np.where(np.isfinite(got), np.abs(got - want) / unit, np.inf)


def _fits(got: Array, want: Any, x: NDArray[Any], near: NDArray[np.bool_]) -> bool:
    limit = FIT if x.dtype.itemsize >= 4 else 4.0
    return bool(np.mean(_distance(got, want, x)[near] <= limit) > 0.995)


def _gap(got: Array, want: Any, near: NDArray[np.bool_]) -> float:
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(np.where(np.isfinite(got), got, 1e9) - want)[near]))


def _rounded_to_bfloat16(got: Array, want: Any, near: NDArray[np.bool_]) -> bool:
    import ml_dtypes

    with np.errstate(all="ignore"):
        same = got == got.astype(ml_dtypes.bfloat16).astype(np.float64)
        small = np.abs(got - want) <= 2.0**-5 * np.abs(want) + 2.0**-9
    return bool(np.mean(same[near]) > 0.99 and np.mean(small[near]) > 0.95)
