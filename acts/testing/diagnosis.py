"""What a wrong kernel most likely is: alternatives are tried, and those that fit are named."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import acts
from acts import Activation

from .grids import example_parameters
from .judge import wide
from .kernels import KernelError
from .levels import Array
from .properties import Subject
from .ulp import ulp_size
from .verdicts import Report

FIT = 64.0  # ulp at which an alternative fits, in 16 bits a 16th, if the function itself is 8 times as far away
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


def diagnoses(report: Report, subject: Subject) -> list[str]:
    """One line for each alternative that fits where the function itself does not."""
    failed = {verdict.name for verdict in report.failures}
    try:
        with np.errstate(all="ignore"):
            if "shape (1027,)" in failed and (found := _of_shape(subject)):
                return found
            if "value" in failed:
                return _of_value(subject)
            if any(name.startswith("gradient") and not name.startswith("gradient of") for name in failed):
                return _of_gradient(subject)
            if any(name.startswith("gradient of") for name in failed):
                return _of_parameter(report)
    except (KernelError, LookupError, ValueError, TypeError):
        return []  # it fails in another way: that is told already
    return []


def _of_value(subject: Subject) -> list[str]:
    x = subject.x
    got, near = wide(subject.value(x)), _middle(x)
    operands = [wide(operand) for operand in subject.operands(x)]
    want = np.asarray(subject.function(*operands))
    off = _off(got, want, x, near)
    fit = [(_off(got, y, x, near), text) for text, y in _other_values(subject, operands)]
    best = min(fit, default=(np.inf, ""))[0]
    found = [text for error, text in fit if error < min(_fit(x), off / 8, 4 * best + 1)]
    if x.dtype.itemsize >= 4 and not found and _rounded_to_bfloat16(got, want, near):
        found.append("computed in bfloat16 throughout")
    if found or subject.gated:
        return list(dict.fromkeys(found))[:3]
    closest = min(_others(subject.function), key=lambda f: _gap(got, f(operands[0]), near))
    if _gap(got, closest(operands[0]), near) < min(0.05, 0.5 * _gap(got, want, near)):
        return [f"closest of all: {closest.__name__}"]
    return []


def _of_shape(subject: Subject) -> list[str]:
    """A ragged end that is not written: in any order of x it is the last points alone that fail."""
    x = np.random.default_rng(3).uniform(0.5, 4, 1027).astype(subject.dtype)
    want = np.asarray(subject.function(*map(wide, subject.operands(x))))
    wrong = np.flatnonzero(_distance(wide(subject.value(x)), want, x) > FIT)
    if 0 < wrong.size < x.size / 2 and wrong[0] == x.size - wrong.size:
        return ["the last block is not written"]
    return []


def _other_values(subject: Subject, operands: list[Array]) -> Iterator[Alternative]:
    f, x = subject.function, operands[0]
    if subject.gated:
        yield "gate and value are swapped", f(operands[1], operands[0])
        return
    if not subject.first:
        yield f"{', '.join(subject.params)} is ignored", subject.example(x)
        return
    for other in _others(f):
        yield f"this is {other.__name__}", other(x)
    for name, value in example_parameters(f).items():
        for tried in OTHER_VALUES:
            if tried != value and _admitted(f, name, tried):
                yield f"{name} {tried:.3g} instead of {value:.3g}", f.bind(**{name: tried})(x)
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
    off = _off(got, c * slope, x, near)
    y = np.asarray(f(*operands))
    alternatives: list[Alternative] = [
        ("the cotangent is missing", slope),
        ("the cotangent is squared", c * c * slope),
        ("the derivative is taken at y", c * f.derivative(y, *operands[1:])),
        ("the sign is wrong", -c * slope),
        ("the derivative is 1 everywhere", c),
        ("the derivative is 0 everywhere", 0 * c),
    ]
    if not subject.gated:
        alternatives += [(f"the derivative is that of {o.__name__}", c * o.derivative(at)) for o in _others(f)]
        for name, value in example_parameters(f).items():
            alternatives += [
                (f"the derivative has {name} {v:.3g} instead of {value:.3g}", c * f.bind(**{name: v}).derivative(at))
                for v in OTHER_VALUES
                if v != value and _admitted(f, name, v)
            ]
    found = [text for text, want in alternatives if _off(got, want, x, near) < min(_fit(x), off / 8)][:3]
    if not found and f.__name__ in FROM_OUTPUT:
        text, compute = FROM_OUTPUT[f.__name__]
        bad = np.isfinite(got) & (np.abs(got - c * slope) > FIT * ulp_size(c * slope, x.dtype))
        if bad.any() and np.mean((wide(g * compute(y.astype(x.dtype))) == got)[bad]) > 0.5:
            return [text]
    return found


def _of_parameter(report: Report) -> list[str]:
    wrong = {verdict.dtype for verdict in report.failures if verdict.name.startswith("gradient of")}
    right = {verdict.dtype for verdict in report.verdicts if verdict.name.startswith("gradient of") and verdict.passed}
    if right and wrong <= {"float16", "bfloat16"}:
        return ["a parameter's sum is accumulated in 16 bits"]
    return []


def _admitted(function: Activation, name: str, value: float) -> bool:
    try:
        function.bind(**{name: value})(0.0)
    except ValueError:
        return False
    return True


def _middle(x: NDArray[Any]) -> NDArray[np.bool_]:
    at = wide(x)
    inside: NDArray[np.bool_] = (np.abs(at) <= 8) & (np.abs(at) >= 2.0**-8)
    return inside


def _distance(got: Array, want: Any, x: NDArray[Any]) -> Array:
    """In ulp of the type, of numbers of at least a sixteenth."""
    want = np.asarray(want, np.float64)
    with np.errstate(all="ignore"):
        unit = ulp_size(np.maximum(np.abs(np.where(np.isfinite(want), want, 1.0)), 2.0**-4), x.dtype)
        return np.where(np.isfinite(got), np.abs(got - want) / unit, np.inf)


def _fit(x: NDArray[Any]) -> float:
    return FIT if x.dtype.itemsize >= 4 else FIT / 16


def _off(got: Array, want: Any, x: NDArray[Any], near: NDArray[np.bool_]) -> float:
    """How far in ulp the points in the middle are off, but for a twentieth of them."""
    return float(np.quantile(_distance(got, want, x)[near], 0.95, method="lower"))


def _gap(got: Array, want: Any, near: NDArray[np.bool_]) -> float:
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(np.where(np.isfinite(got), got, 1e9) - want)[near]))


def _rounded_to_bfloat16(got: Array, want: Any, near: NDArray[np.bool_]) -> bool:
    import ml_dtypes

    with np.errstate(all="ignore"):
        same = got == got.astype(ml_dtypes.bfloat16).astype(np.float64)
        small = np.abs(got - want) <= 2.0**-5 * np.abs(want) + 2.0**-9
    return bool(np.mean(same[near]) > 0.99 and np.mean(small[near]) > 0.95)
