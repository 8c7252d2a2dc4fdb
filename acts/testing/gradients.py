"""A derivative against differences of its function, of any array library, that never accuses correct code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation

from .grids import kinks_of
from .judge import wide
from .kernels import KernelError
from .libraries import Library, loaded, owner
from .ulp import digits_of, largest, ulp_size

Array = NDArray[np.float64]
Call = Callable[..., Any]
STEPS = np.arange(-4, 5) / 4  # where the function is looked at, in units of h
VALUE_ULPS, SLOPE_ULPS = 4.0, 8.0  # what an implementation may be off by, of the largest number involved
USEFUL = 0.05  # a bound above this share of max(1, |f'|) says little: such points are counted as untested
ORDERS = {"float64": range(8, 13), "float32": range(3, 7)}  # of Taylor's steps 2**-k
SHOWN = 5


@dataclass(frozen=True)
class GradCheck:
    """What `check_grad` did: at how many points, how many of them tell little, the largest share of a bound."""

    points: int
    untested: int
    worst: float


def check_grad(f: Call, df: Call | None = None, x: Any = None, *, dtype: str = "float32") -> GradCheck:
    """An AssertionError that names the points, unless df is the derivative of f, element by element.

    f, df: of an array of NumPy, JAX or torch; without df, that of an activation of acts, or by its library. x: where,
    by default 2001 points in [-20, 20]. dtype: of x; f is differenced in float32 if it is narrower.

    The interval [x - h, x + h], h = eps**(1/4), has eight slopes. Where f is smooth, f'(x) is between the two next to
    x, or beyond them by no more than slopes on the same side differ among each other; at a kink this is any value
    between the one-sided slopes, and next to a jump the bound is wide. Added to it is what rounding makes of slopes.

    >>> import numpy as np
    >>> from acts.testing import check_grad
    >>> check_grad(np.tanh, lambda x: 1 - np.tanh(x) ** 2).untested
    0
    >>> try:
    ...     check_grad(np.tanh, lambda x: 1 - np.tanh(x), x=[0.5])
    ... except AssertionError as error:
    ...     print(error)
    f' in float32 is wrong at 1 of 1 points:
      x = 0.5 (0x1.0000000000000p-1): analytic 0.537883, numerical 0.786453, |difference| 0.247 > 0.0172 allowed
    """
    library, f, df = _opened(f, df, dtype)
    narrow = _type(dtype)
    at = np.linspace(-20, 20, 2001).astype(narrow) if x is None else np.asarray(x).astype(narrow)
    work = np.dtype(np.float32) if narrow.itemsize < 4 else narrow
    analytic = _run(library, df, at)
    values, places = _around(library, f, at, work)
    with np.errstate(all="ignore"):
        slopes = np.diff(values, axis=0) / np.diff(places, axis=0)
        noise = _noise(library, f, values, places, slopes, work)
        left, right = slopes[:4], slopes[4:]
        bend = sum(np.abs(np.diff(side, axis=0)).sum(axis=0) for side in (left, right))
        beside = slopes if narrow.itemsize < 4 else slopes[3:5]  # a narrow x + 3 may fall on the other side of a kink
        low, high = beside.min(axis=0), beside.max(axis=0)
        eps = 2.0 ** (1 - digits_of(narrow)[0])
        inner = np.abs(slopes[:, np.abs(wide(at)) <= 1])
        usual = np.max(inner[np.isfinite(inner)], initial=0.0)
        allowed = bend + noise + SLOPE_ULPS * eps * np.maximum(usual, np.abs(slopes).max(axis=0))
        overflows = np.isinf(analytic) & (np.maximum(np.abs(low), np.abs(high)) + allowed >= largest(narrow))
        off = np.where(overflows, 0.0, np.maximum(low - analytic, analytic - high))
        testable = np.isfinite(slopes).all(axis=0) & np.isfinite(allowed)
        share = np.where(testable, np.where(np.isfinite(analytic) | overflows, off / allowed, np.inf), 0.0)
    wrong = np.flatnonzero(share > 1)
    if wrong.size:
        worst = wrong[np.argsort(-share[wrong], kind="stable")][:SHOWN]
        lines = [f"f' in {narrow.name} is wrong at {wrong.size} of {at.size} points:"]
        lines += [
            f"  x = {float(at[i])!r} ({float(at[i]).hex()}): analytic {analytic[i]:.6g}, numerical "
            f"{(low[i] + high[i]) / 2:.6g}, |difference| {off[i]:.3g} > {allowed[i]:.3g} allowed"
            for i in worst
        ]
        raise AssertionError("\n".join(lines))
    untested = int(np.sum(~testable | (allowed > USEFUL * np.maximum(1, np.abs(analytic)))))
    return GradCheck(at.size, untested, float(share.max(initial=0.0)))


def taylor_order(
    f: Call, df: Call | None = None, x: Any = None, *, kinks: Sequence[float] = (), dtype: str = ""
) -> float:
    """The order in h of f(x + h) - f(x) - h f'(x): 2 if df is the derivative, 1 if not; inf if nothing remains.

    Nothing depends on a step that must be chosen well: the order is that of a line through several. x: points, by
    default 400 in [-4, 4]; those within 1/4 of a kink are left out. kinks: an activation of acts has its own. dtype:
    float64 by default, or float32 where JAX has no other.

    >>> import numpy as np
    >>> from acts.testing import taylor_order
    >>> print(f"{taylor_order(np.tanh, lambda x: 1 - np.tanh(x) ** 2):.2f}")
    2.00
    >>> print(f"{taylor_order(np.tanh, lambda x: 1 - np.tanh(x)):.2f}")
    1.00
    """
    kinks = kinks_of(f) if isinstance(f, Activation) and not kinks else kinks
    library, f, df = _opened(f, df, dtype or "float32")
    work = _type(dtype or ("float64" if library.computes(np.dtype(np.float64)) else "float32"))
    at = np.linspace(-4, 4, 400) if x is None else np.asarray(x, np.float64).reshape(-1)
    at = at[[all(abs(point - kink) > 0.25 for kink in kinks) for point in at]].astype(work)
    value, slope = (_run(library, g, at) for g in (f, df))
    steps, sizes = [], []
    for k in ORDERS[work.name]:
        beside = (wide(at) + 2.0**-k).astype(work)
        step = wide(beside) - wide(at)
        rest = _run(library, f, beside) - value - step * slope
        steps.append(2.0**-k)
        sizes.append(float(np.sqrt(np.mean(np.square(rest[np.isfinite(rest)])))))
    eps = 2.0 ** (1 - digits_of(work)[0])
    if max(sizes) <= 4 * eps * max(1.0, float(np.nanmax(np.abs(value)))):
        return float("inf")
    return float(np.polyfit(np.log(steps), np.log(sizes), 1)[0])


def _opened(f: Call, df: Call | None, dtype: str) -> tuple[Library, Call, Call]:
    """The library of f, f, and its derivative."""
    if isinstance(f, Activation) and df is None:
        df = f.derivative
    trial, libraries = np.linspace(-1, 1, 8).astype(_type(dtype)), loaded()
    errors = []
    for library in libraries:
        try:
            with np.errstate(all="ignore"):
                found = owner(f(library.array(trial)), libraries)
        except Exception as error:  # whatever a foreign function raises
            errors.append(f"with {library.name}: {type(error).__name__}: {error}")
            continue
        if df is None and not found.differentiates:
            raise TypeError(f"df is missing: {found.name} does not differentiate")
        return found, f, df or _differentiated(found, f)
    raise KernelError(f"f raised on {trial.shape} {trial.dtype}: " + "; ".join(errors))


def _differentiated(library: Library, f: Call) -> Call:
    pull = library.pull(f)
    return lambda x: pull(x, library.array(np.ones_like(library.numpy(x))))[0]


def _type(name: str) -> np.dtype[Any]:
    from .conforms import dtype_of

    return dtype_of(name)


def _run(library: Library, f: Call, x: NDArray[Any]) -> Array:
    with np.errstate(all="ignore"):
        y = library.numpy(f(library.array(x)))
    if y.shape != x.shape:
        raise AssertionError(f"of x with shape {x.shape} it has shape {y.shape}")
    return wide(y)


def _around(library: Library, f: Call, x: NDArray[Any], work: np.dtype[Any]) -> tuple[Array, Array]:
    """f at nine places around each point, and the places."""
    at = wide(x)
    h = 2.0 ** np.round((1 - digits_of(work)[0]) / 4) * np.maximum(1, np.abs(at) * 2.0**-6)
    h = np.maximum(h, 2 * ulp_size(at, x.dtype))
    places = (at + STEPS[:, None] * h).astype(work)
    values = np.stack([_run(library, f, row) for row in places])
    return values, wide(places)


def _noise(library: Library, f: Call, values: Array, places: Array, slopes: Array, work: np.dtype[Any]) -> Array:
    """What rounding makes of a slope: of f, of its terms, and of its argument."""
    eps = 2.0 ** (1 - digits_of(work)[0])
    inner = _run(library, f, np.linspace(-1, 1, 65).astype(work))
    size = np.maximum(np.abs(values).max(axis=0), np.max(np.abs(inner[np.isfinite(inner)]), initial=0.0))
    size = np.maximum(size, np.abs(places).max(axis=0) * np.abs(slopes).max(axis=0))
    noise: Array = 2 * VALUE_ULPS * eps * size / np.diff(places, axis=0).min(axis=0)
    return noise
