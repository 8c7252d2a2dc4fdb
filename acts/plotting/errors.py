"""error_plot: how far implementations of a function are from the truth, over x."""

import contextlib
import importlib
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .._activation import Activation
from .._arguments import hint
from .._install import install_command
from ..testing.accuracy import Truth
from ..testing.candidates import Candidate, CandidateError, from_acts, from_acts_jax, from_callable
from ..testing.grids import example_parameters
from ..testing.ulp import smallest_normal, ulp_size
from . import _curves as curves
from ._themes import drawing, finish, legend, style

DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
POINTS = 20_000
SLOW = 50  # float64 is judged with hundreds of digits, at so many times fewer points
STRIPES = 200  # of each, the largest error is drawn
LEAST = 0.05  # ulp, the lower end of the picture

Target = str | Callable[..., Any]


def error_plot(
    function: str | Activation,
    against: Iterable[Target] = (),
    *,
    orders: Iterable[int] = (0, 1),
    dtype: str = "float32",
    xlim: tuple[float, float] = (-20, 20),
    theme: str = "light",
    figure: Figure | None = None,
) -> Figure:
    """The error of acts and of others over x, in units of the last place (ulp), a panel for each order.

    function: a name, or an activation. against: of "acts_jax", "jax.nn", "torch", "keras" and "onnx", each of which
    must be installed, nothing else is imported; and functions of your own, of NumPy or JAX. orders: of 0, 1 and 2;
    derivatives of others are those of their automatic differentiation, where there is one. dtype: "float16",
    "bfloat16", "float32" or "float64". xlim, theme, figure: as for `plot`.

    Drawn is the largest error in each of 200 stripes, of 20000 points (of float64 400). Not judged are results below
    the smallest normal number, kinks, and the neighbourhood of a derivative's root, where an ulp is as small as one
    likes. NaN counts as no digit right. Others are judged at the parameters that they have. The truth is acts in
    float64, for float64 the definition with hundreds of digits. An unknown name, or a function that one of them has
    not, is a LookupError.

    >>> from acts.plotting import error_plot
    >>> figure = error_plot("gelu", xlim=(-14, 4))
    >>> print(*(ax.get_title() for ax in figure.axes), sep=", ")
    gelu: $f(x)$, gelu: $f'(x)$
    """
    f = curves.activation(function)
    asked = curves.chosen(orders, [f])
    if dtype not in DIGITS:
        raise LookupError(f"no error is known in {dtype!r}{hint(dtype, DIGITS)}; allowed: {', '.join(DIGITS)}")
    candidates = {"acts": _candidate("acts", f), **{target: _candidate(target, f) for target in against}}
    quantities = [f"df/d{order}" if isinstance(order, str) else "f" + "'" * order for order in asked]
    x = _points(dtype, xlim)
    bound = {target: f.bind(**params) for target, (_, params) in candidates.items()}
    truths = {g: _truths(g, x, quantities) for g in set(bound.values())}
    with drawing(figure, (12, 3.2 * len(asked) + 0.8), theme) as figure:
        axes = figure.subplots(len(asked), 1, sharex=True, squeeze=False)[:, 0]
        for i, (ax, order) in enumerate(zip(axes, asked, strict=True)):
            for number, (target, (candidate, _)) in enumerate(candidates.items()):
                error = _errors(target, candidate, bound[target], truths[bound[target]][i])
                if error is not None:
                    middle, largest = _striped(x, error, DIGITS[dtype])
                    ax.plot(middle, largest, label=_name(target, candidate), **style(number))
            ax.set_title(f"{f.__name__}: {curves.symbol(f, order)}", fontsize=12)
            _scales(ax, dtype, xlim)
        axes[-1].set_xlabel(f"${curves.tex(f.argument)}$", fontsize=13)
        legend(figure, 2 if len(candidates) > 3 else len(candidates))
    return figure


Found = tuple[Candidate, dict[str, Any]]


def _candidate(target: Target, f: Activation) -> Found:
    """What is measured, and the parameters that it is measured at."""
    if callable(target):
        return from_callable(getattr(target, "__name__", repr(target)), target), example_parameters(f)
    from ..testing.peers import PEERS, from_peer

    allowed = ("acts", "acts_jax", *PEERS)
    if target not in allowed:
        raise LookupError(f"{target!r} can't be measured{hint(target, allowed)}; allowed: {', '.join(allowed)}")
    package = PEERS.get(target, "acts" if target == "acts" else "jax")
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"measuring {target} needs {package}: {install_command(package)}", name=package
        ) from error
    if target in PEERS:
        found = from_peer(target, f)
        if found is None:
            raise LookupError(f"{target} has no {f.__name__}, as far as the table of `acts.dialects` knows")
        return found
    return (from_acts if target == "acts" else from_acts_jax)(f), example_parameters(f)


def _name(target: Target, candidate: Candidate) -> str:
    if callable(target):
        return candidate.name
    if target.startswith("acts"):
        return target
    from ..testing.peers import PEERS

    return f"{target} {version(PEERS[target])}: {candidate.name}"


def _points(dtype: str, xlim: tuple[float, float]) -> NDArray[Any]:
    kind = importlib.import_module("ml_dtypes").bfloat16 if dtype == "bfloat16" else dtype
    return np.unique(curves.between(xlim, POINTS // (SLOW if dtype == "float64" else 1)).astype(kind))


def _truths(f: Activation, x: NDArray[Any], quantities: list[str]) -> list[Truth]:
    if x.dtype == np.float64:
        return Truth.slow(f, x, quantities)
    return [Truth.fast(f, x, quantity) for quantity in quantities]


def _errors(target: Target, candidate: Candidate, f: Activation, truth: Truth) -> NDArray[Any] | None:
    """In ulp, NaN where it isn't judged; None if the candidate has no such derivative."""
    x, quantity = truth.x, truth.quantity
    compute = candidate.quantity("grad" if target == "acts_jax" and quantity == "f'" else quantity)
    if compute is None:
        return None
    double = contextlib.nullcontext()
    if x.dtype == np.float64 and target != "acts":
        double = importlib.import_module("jax").enable_x64(True)
    try:
        with double, np.errstate(all="ignore"):
            got = np.asarray(compute(x, **{p: f._defaults[p] for p in f.params})).astype(np.float64)
    except CandidateError:
        return None
    at = x.astype(np.float64)
    judged = (np.abs(truth.high) >= smallest_normal(x.dtype)) & np.isfinite(truth.high) | (truth.high == 0)
    for root in truth.roots:
        judged &= np.abs(at - root) > max(1 / 16, abs(root) / 64)
    judged &= ~np.isin(at, f.kinks_at())
    unit = ulp_size(np.where(np.isfinite(truth.high), truth.high, 1), x.dtype)
    with np.errstate(all="ignore"):
        error = np.abs((got - truth.high) - truth.low) / unit
    return np.where(judged, np.where(np.isfinite(error), error, np.inf), np.nan)


def _striped(x: NDArray[Any], error: NDArray[Any], digits: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The middle of each stripe of x and the largest error in it, from `LEAST` to no digit right."""
    stripes = np.array_split(np.arange(x.size), min(STRIPES, x.size))
    largest = np.array([np.fmax.reduce(error[s]) for s in stripes])
    return np.array([x[s].astype(np.float64).mean() for s in stripes]), largest.clip(LEAST, 2.0 ** (digits - 1))


def _scales(ax: Axes, dtype: str, xlim: tuple[float, float]) -> None:
    """Ulp on the left, right decimal digits on the right; lines at half an ulp and where no digit is right."""
    ink, none = matplotlib.rcParams["axes.edgecolor"], 2.0 ** (DIGITS[dtype] - 1)
    ax.set_yscale("log")
    margin = none**0.08  # as high as a line of text
    ax.set_ylim(LEAST / margin**0.4, none * margin)
    ax.set_xlim(*xlim)
    finish(ax, ylabel=f"error in ulp of {dtype}")
    ax.axhline(0.5, color=ink, linewidth=0.8, linestyle=":")
    for height, text, where in (
        (0.45, "half an ulp: rounded right", "top"),
        (none * 1.3, "no digit is right", "bottom"),
    ):
        ax.text(0.005, height, text, transform=ax.get_yaxis_transform(), va=where, fontsize=8)
    right = ax.secondary_yaxis("right")
    whole = np.arange(int(np.log10(none)) + 1)
    right.set_yticks(none / 10.0**whole, [str(n) for n in whole])
    right.minorticks_off()
    right.tick_params(colors=ink)
    right.set_ylabel("right decimal digits")
