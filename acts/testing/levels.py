"""What an error may be: three levels, or a number of ulps.

- ulp: the bounds of acts itself (`acts.testing.bounds`).
- framework: twice the error of the worse of jax.nn and torch in that type, plus one ulp, octave by octave of x, as
  scripts/framework_levels.py measured them. Where one of them loses half of all digits or is not finite, a candidate
  may, too, up to 4 ulp of the largest result for x in [-1, 1], and the report says so. For a function that neither has,
  acts itself stands in: twice its bounds and one ulp. At parameters that were not measured, `close` is enough, too.
- close: the tolerances of torch.testing.assert_close, or two ulp where these are more.
"""

import functools
import json
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation, get

from .bounds import HALF, bound
from .grids import example_parameters
from .ulp import digits_of, ulp_size

Array = NDArray[np.float64]
Level = str | float
LEVELS = ("ulp", "framework", "close")
CLOSE = {  # rtol, atol of torch.testing.assert_close
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
}
MEASURED = {"grad": "f'", "grad of grad": "f''", "df/dvalue": "f"}
GATES = {"glu": "sigmoid", "reglu": "relu", "geglu": "gelu", "geglu_tanh": "gelu_tanh", "swiglu": "silu"}
"""Gates that frameworks write as a function times a value."""
EIGHT_BITS = 1.0  # ulp: of a float8, either neighbour, since few frameworks compute in it


def checked_level(level: Level) -> Level:
    """The level; a ValueError that lists them, for another word or a number that is not positive."""
    if isinstance(level, str) and level not in LEVELS:
        raise ValueError(f"level is {level!r}; allowed: {', '.join(LEVELS)}, or a number of ulps")
    if not isinstance(level, str) and not level > 0:
        raise ValueError(f"level is {level!r}; a number of ulps is above 0")
    return level


def allowed(
    level: Level, function: Activation, quantity: str, x: NDArray[Any], want: Array, unit: Array, scale: Array
) -> Array:
    """The largest |got - want| at each x; inf where a framework is not finite.

    unit: one ulp of what is wanted, or what one ulp of x makes of it, as `conditioned_ulp` gives it. scale: the largest
    number wanted for x in [-1, 1].
    """
    dtype = x.dtype.name
    if not isinstance(level, str):
        return level * unit
    if dtype.startswith("float8"):
        return np.where(level == "ulp", 0.55, EIGHT_BITS) * unit
    if level == "ulp":
        return _of_ours(function, quantity, dtype, unit, scale)
    rtol, atol = CLOSE[dtype]
    slack = np.maximum(atol + rtol * np.abs(np.where(np.isfinite(want), want, 0.0)), 2 * unit)
    known = defects(function.__name__, dtype, quantity) if level == "framework" else None
    if known is None and level == "framework":
        return 2 * _of_ours(function, quantity, dtype, unit, scale) + unit
    if known is None:
        return slack
    errors = known(x)
    measured: Array = (2 * errors + 1) * unit
    noise = 4 * ulp_size(scale, dtype) * np.clip(np.abs(np.nan_to_num(x.astype(np.float64))), 1, 16)  # x (1 + tanh(x))
    measured = np.where(errors > half_lost(dtype), np.maximum(measured, noise), measured)
    return measured if at_examples(function) else np.maximum(measured, slack)


def _of_ours(function: Activation, quantity: str, dtype: str, unit: Array, scale: Array) -> Array:
    """What acts_jax itself keeps."""
    second = quantity == "grad of grad"
    found = bound("acts_jax", dtype, function.__name__, "f''" if second else quantity)
    from_output = np.isinf(bound("acts_jax", dtype, function.__name__, "grad").conditioned)
    within = found.ulp if dtype in HALF or np.isinf(found.conditioned) else found.conditioned
    if np.isfinite(within) and not second:
        return within * unit
    scaled = np.maximum(found.scaled, 4 if second and from_output else 0)  # y - y³ has a slope of 4 by y, where y is 1
    keeps: Array = np.maximum(scaled * ulp_size(scale, dtype), unit)
    return keeps


def half_lost(dtype: Any) -> float:
    """The error in ulp at which half of a type's digits are lost."""
    return float(2.0 ** (digits_of(dtype)[0] // 2))


def at_examples(function: Activation) -> bool:
    """Whether the parameters that are bound are those with which the frameworks were measured."""
    measured, bound = example_parameters(get(function.__name__)), example_parameters(function)
    return all(np.float32(bound[name]) == np.float32(value) for name, value in measured.items())


@functools.cache
def defects(name: str, dtype: str, quantity: str) -> Any:
    """The error of the worse framework as a function of x, in ulp, inf where it is not finite; None if unknown."""
    found = _table().get(GATES.get(name, name), {}).get(dtype, {}).get(MEASURED.get(quantity, quantity))
    if found is None:
        return None
    edges, errors = np.array([float(edge) for edge, _ in found]), np.array([float(error) for _, error in found])

    def at(x: NDArray[Any]) -> Array:
        index = np.searchsorted(edges, x.astype(np.float64), side="right") - 1
        return np.asarray(errors[np.clip(index, 0, None)])

    return at


@functools.cache
def _table() -> dict[str, Any]:
    """{function: {type: {quantity: [[from x on, ulp], ...]}}}."""
    data: dict[str, Any] = json.loads((files("acts.testing") / "framework_levels.json").read_text(encoding="utf-8"))
    return data


def octaves(dtype: Any) -> Array:
    """The edges in x between which errors are told apart: powers of two with both signs, by the type's range."""
    _, lowest = digits_of(dtype)
    powers = 2.0 ** np.arange(lowest, 2 - lowest)
    return np.concatenate([[-np.inf], -powers[::-1], [0.0], powers])
