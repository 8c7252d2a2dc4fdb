"""The check of anyone's kernel: value, gradients, shapes, types, and what needs no reference."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation, get

from .diagnosis import diagnoses
from .grids import example_parameters, grid, kinks_of, parameter_sets
from .invariants import invariants
from .judge import POLICIES, Judge
from .kernels import Kernel, KernelError, kernel_of
from .levels import Level, checked_level
from .properties import Subject, gradients, partials, shapes, values
from .ulp import FORMATS, dtype_named
from .verdicts import Report

DTYPES = ("float32", "bfloat16", "float16")
LENGTH = 4096  # points of float32 and float64


def assert_conforms(
    candidate: Any,
    function: "str | Activation",
    *,
    dtypes: Sequence[str] = DTYPES,
    level: Level = "framework",
    nonfinite: str | None = None,
    derivative: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    params: Mapping[str, str] | None = None,
    shape: tuple[int, ...] | None = None,
) -> Report:
    """An AssertionError, whose message is the report, unless the candidate is a right implementation of the function.

    candidate: a function on arrays of NumPy, JAX or torch, a layer of torch, Flax or Equinox, a class of
    torch.autograd.Function, or a pair (fwd, bwd). function: of acts, by name or itself, with parameters bound or not.
    dtypes: by name; float8 types, too. level: "framework", "ulp", "close", or a number of ulps (`acts.testing.levels`).
    nonfinite: "limits" (that of "ulp"), "propagate" (of the others) or "ignore" (`acts.testing.judge`).
    derivative, vjp: f'(x) and (x, g) -> dx of a NumPy function. params: {theirs: ours}. shape: the only one it takes.
    Returns the report. What the candidate does wrong is an AssertionError, a wrong call of this one a TypeError,
    ValueError or LookupError; a part that could not be checked is an AssertionError, too.

    >>> import numpy as np
    >>> from acts.testing import assert_conforms
    >>> print(assert_conforms(lambda x: x.clip(0), "relu", derivative=lambda x: (x > 0).astype(x.dtype)))
    <lambda> as relu at level framework: pass
    note: derivative at the kink 0: of the left
    >>> try:
    ...     assert_conforms(np.tanh, "tanh", dtypes=["float32"])
    ... except AssertionError as error:
    ...     print(error)
    tanh as tanh at level framework: incomplete
    not checked: gradient: no derivative or vjp was given, and numpy does not differentiate
    """
    report = check(
        candidate,
        function,
        dtypes=dtypes,
        level=level,
        nonfinite=nonfinite,
        derivative=derivative,
        vjp=vjp,
        params=params,
        shape=shape,
    )
    if not report.passed:
        raise AssertionError(str(report))
    return report


def check(
    candidate: Any,
    function: "str | Activation",
    *,
    dtypes: Sequence[str] = DTYPES,
    level: Level = "framework",
    nonfinite: str | None = None,
    derivative: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    params: Mapping[str, str] | None = None,
    shape: tuple[int, ...] | None = None,
) -> Report:
    """The report that `assert_conforms` asserts; the same arguments."""
    function = get(function) if isinstance(function, str) else function
    if not isinstance(function, Activation):
        raise TypeError(f"function is {function!r}; it must be a name or an activation of acts")
    policy = policy_of(level, nonfinite)
    types = [dtype_of(name) for name in ([dtypes] if isinstance(dtypes, str) else dtypes)]
    report = Report(function.__name__, getattr(candidate, "__name__", type(candidate).__name__), str(level))
    report.reproduce = f"assert_conforms({report.candidate}, {function.__name__!r}, level={level!r})"
    trial = None if shape is None else np.zeros(shape, types[0])
    try:
        kernel = kernel_of(candidate, function, derivative=derivative, vjp=vjp, params=params, trial=trial)
    except KernelError as error:
        return _failed(report, str(error), types[0].name)
    report.candidate = kernel.name
    if not kernel.differentiates:
        report.unchecked.append(
            f"gradient: no derivative or vjp was given, and {kernel.library.name} does not differentiate"
        )
    fixed = [n for n in function.params if n not in kernel.accepts and not (n == "value" and function.kind == "gated")]
    if fixed:
        at = {**example_parameters(function), **kernel.has}
        report.fixed = "it takes no " + ", ".join(f"{name}: checked at {at[name]:g}" for name in fixed)
    tested = [dtype for dtype in types if kernel.library.computes(dtype)]
    report.unchecked += [
        f"{t.name}: {kernel.library.name} has it not, as it is set up" for t in types if t not in tested
    ]
    for i, dtype in enumerate(tested):
        for subject in subjects(kernel, function, dtype, shape):
            judge = Judge(subject.function, level, policy)
            _judge(report, judge, subject, with_shapes=i == 0 and shape is None and subject.first)
            if report.failures and not report.diagnoses:
                report.diagnoses = diagnoses(report, subject)
    if kernel.backward is not None:
        seen = {verdict.name for verdict in report.verdicts}
        names = [f"gradient of {name}" for name in kernel.accepts]
        report.unchecked += [f"{name}: the backward pass returns none" for name in names if name not in seen]
    return report


def policy_of(level: Level, nonfinite: str | None) -> str:
    """The policy for what is not finite: the one that is asked for, or the level's own."""
    if nonfinite not in (None, *POLICIES):
        raise ValueError(f"nonfinite is {nonfinite!r}; allowed: {', '.join(POLICIES)}")
    return nonfinite or ("limits" if checked_level(level) == "ulp" else "propagate")


def subjects(kernel: Kernel, function: Activation, dtype: np.dtype[Any], shape: Any) -> list[Subject]:
    """The function with each set of parameters that the kernel can be given, and its points."""
    sets = list(parameter_sets(function)) if kernel.accepts else parameter_sets(function)[:1]
    number = np.float64 if dtype == np.float64 else np.float32  # a number that the kernel may round to is exact
    chosen: list[dict[str, float]] = []
    for params in sets:
        given = {name: float(number(value)) for name, value in params.items() if name in kernel.accepts}
        if given not in chosen:
            chosen.append(given)
    made: list[Subject] = []
    for given in chosen:
        bound = function.bind(**{**kernel.has, **given})
        x = points(bound, dtype)
        made.append(Subject(kernel, bound, dtype, x, given, first=not made, shape=shape))
    return made


def points(function: Activation, dtype: np.dtype[Any], count: int = LENGTH) -> NDArray[Any]:
    """Every pattern of a type of at most 16 bits, else a grid of `count` points with NaN at its end."""
    if dtype.itemsize <= 2:
        return np.arange(2 ** (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}").view(dtype)
    line = np.linspace(-110, 110, count // 2 - 64).astype(dtype)  # the tails: exp(-x) is 0 beyond
    x = np.unique(np.concatenate([grid(dtype, kinks_of(function), count // 2), line]))
    return np.resize(np.append(x, np.asarray(np.nan, dtype)), count)


def _judge(report: Report, judge: Judge, subject: Subject, with_shapes: bool) -> None:
    properties = [values, invariants]
    if subject.kernel.differentiates:
        properties += [gradients, partials]
    if with_shapes:
        properties.append(shapes)
    for property_of in properties:
        try:
            report.verdicts += property_of(subject, judge)
        except KernelError as error:
            _failed(report, str(error), subject.dtype.name)
            return


def _failed(report: Report, problem: str, dtype: str) -> Report:
    from .verdicts import Verdict

    report.verdicts.append(Verdict("call", dtype, {}, problem=problem))
    return report


def dtype_of(name: Any) -> np.dtype[Any]:
    """The type of that name, as NumPy or ml_dtypes has it; a TypeError that lists them all."""
    spelled = name if isinstance(name, str) else getattr(name, "__name__", str(name)).removeprefix("torch.")
    if spelled not in FORMATS:
        raise TypeError(f"dtypes: {name!r} is no floating type of ours; allowed: {', '.join(FORMATS)}")
    return dtype_named(spelled)
