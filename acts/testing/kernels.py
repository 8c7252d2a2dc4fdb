"""Anyone's activation as a kernel to call: a function, a layer or a pair of passes, of any array library."""

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation

from .candidates import Candidate
from .grids import example_parameters
from .libraries import Library, loaded, owner

Call = Callable[..., Any]


class KernelError(AssertionError):
    """A kernel that raises, or returns what can't be compared: it has failed."""


@dataclass
class Kernel:
    """A candidate, as a function of library arrays, with the ways in which it can be differentiated.

    call: of the operands, then of its parameters by name. accepts: our parameters, each with its name there. has: the
    values of our parameters that it holds itself. derivative, backward: f'(x) and (x, g) -> cotangents, if given.
    """

    name: str
    library: Library
    call: Call
    accepts: dict[str, str] = field(default_factory=dict)
    has: dict[str, float] = field(default_factory=dict)
    derivative: Call | None = None
    backward: Call | None = None
    arrays: tuple[int, ...] | None = None  # the shape of the arrays that its parameters are; None: they are numbers
    _pulls: dict[str, Call] = field(default_factory=dict)

    def parameter(self, value: float, dtype: Any) -> Any:
        """A parameter as it takes it."""
        return value if self.arrays is None else self.library.array(np.full(self.arrays, value, dtype))

    @functools.cached_property
    def pull(self) -> Call:
        """The function of (*operands, g, **parameters) that gives the operands' cotangents."""
        return self.backward or self.library.pull(self.call)

    def pull_of(self, theirs: str) -> Call:
        """The function of (parameter, *operands, g, **others) whose first result is the parameter's cotangent."""

        def call(parameter: Any, *operands: Any, **others: Any) -> Any:
            return self.call(*operands, **others, **{theirs: parameter})

        return self._pulls.setdefault(theirs, self.library.pull(call))

    @property
    def differentiates(self) -> bool:
        """Whether there is a way to its gradient."""
        return self.library.differentiates or self.derivative is not None or self.backward is not None


def kernel_of(
    candidate: Any,
    function: Activation,
    *,
    derivative: Call | None = None,
    vjp: Call | None = None,
    params: Mapping[str, str] | None = None,
    trial: NDArray[Any] | None = None,
) -> Kernel:
    """The kernel of what a user hands over; a TypeError for what can't be called, a KernelError if a trial call fails.

    candidate: a function, a layer of torch, Flax or Equinox, a class of torch.autograd.Function, or a pair (fwd, bwd)
    as jax.custom_vjp takes it. derivative: f'(x). vjp: (x, g) -> dx. params: {theirs: ours}, names and attributes.
    """
    if isinstance(candidate, Candidate):
        derivative, candidate = derivative or candidate.computes.get("f'"), candidate.computes["f"]
    renamed = dict(params or {})
    unknown = [ours for ours in renamed.values() if ours not in function.params]
    if unknown:
        allowed = ", ".join(function.params) or "none"
        raise ValueError(f"params: {function.__name__} has no parameter {unknown[0]!r}; allowed: {allowed}")
    call, own, backward = _opened(candidate)
    if not callable(call):
        raise TypeError(f"a candidate is a function, a layer or a pair (fwd, bwd), not {type(candidate).__name__}")
    ours_here = [name for name in function.params if not (function.kind == "gated" and name == "value")]
    names = {**{name: name for name in ours_here}, **{ours: theirs for theirs, ours in renamed.items()}}
    takes = _names(candidate[0] if backward else call) if own is None else set(own)
    accepts = {ours: theirs for ours, theirs in names.items() if theirs in takes}
    missing = [theirs for theirs, ours in renamed.items() if theirs not in takes and not hasattr(candidate, theirs)]
    if missing:
        raise ValueError(
            f"params: {_name(candidate)} has no {missing[0]!r}; it has {', '.join(sorted(takes)) or 'none'}"
        )
    has = {ours: _number(value) for ours, value in _held(candidate, own, names).items()}
    backward = vjp or backward
    forms: list[tuple[int, ...] | None] = [None, (), (1,)]  # a parameter is a number, or an array
    if own is not None:
        forms = [np.shape(own[theirs]) if np.size(own[theirs]) == 1 else (1,) for theirs in accepts.values()][:1]
    library, arrays = _trial(
        candidate, call, function, accepts, forms, trial, traced=derivative is None and backward is None
    )
    return Kernel(_name(candidate), library, call, accepts, has, derivative, backward, arrays)


def _pair(pair: tuple[Any, ...]) -> tuple[Call, None, Call]:
    """Value and backward pass of (fwd, bwd)."""
    if len(pair) != 2 or not all(map(callable, pair)):
        raise TypeError("a pair of passes is (fwd, bwd): fwd(x) -> (y, residual), bwd(residual, g) -> cotangents")
    fwd, bwd = pair

    def call(*operands: Any, **named: Any) -> Any:
        return fwd(*operands, **named)[0]

    def backward(*operands_and_g: Any, **named: Any) -> Any:
        *operands, g = operands_and_g
        return bwd(fwd(*operands, **named)[1], g)

    return call, None, backward


def _opened(candidate: Any) -> tuple[Any, dict[str, Any] | None, Call | None]:
    """What to call; for a layer with parameters of its own these, which it takes by name; a pair's backward pass."""
    if isinstance(candidate, tuple):
        return _pair(candidate)
    torch, linen = sys.modules.get("torch"), sys.modules.get("flax.linen")
    nnx, eqx = sys.modules.get("flax.nnx"), sys.modules.get("equinox")
    if torch and isinstance(candidate, type) and issubclass(candidate, torch.autograd.Function):
        return getattr(candidate, "apply"), None, None  # noqa: B009 (mypy knows no more than that it is a class)
    if torch and isinstance(candidate, torch.nn.Module):
        weights = {name: value.detach() for name, value in candidate.named_parameters()}
        return (lambda *x, **w: torch.func.functional_call(candidate, {**weights, **w}, x)), weights, None
    if linen and isinstance(candidate, linen.Module):
        import jax

        weights = candidate.init(jax.random.key(0), np.zeros((2, 3), np.float32)).get("params", {})
        return (lambda *x, **w: candidate.apply({"params": {**weights, **w}}, *x)), dict(weights), None
    if nnx and isinstance(candidate, nnx.Module):
        graph, state = nnx.split(candidate)
        weights = {name: leaf.get_value() for name, leaf in state.items() if hasattr(leaf, "get_value")}

        def merged(*x: Any, **w: Any) -> Any:
            changed = nnx.clone(nnx.merge(graph, state))
            for name, value in w.items():
                setattr(changed, name, type(getattr(changed, name))(value))
            return changed(*x)

        return merged, weights, None
    if eqx and isinstance(candidate, eqx.Module):
        weights = {k: v for k, v in vars(candidate).items() if eqx.is_array(v)}

        def replaced(*x: Any, **w: Any) -> Any:
            changed = candidate
            for name, value in w.items():
                changed = eqx.tree_at(lambda module, name=name: getattr(module, name), changed, value)
            return changed(*x)

        return replaced, weights, None
    return candidate, None, None


def _held(candidate: Any, own: dict[str, Any] | None, names: Mapping[str, str]) -> dict[str, Any]:
    """The values of our parameters that a layer holds, as weights or as plain attributes."""
    if own is None:
        return {}
    found = {ours: own.get(theirs, getattr(candidate, theirs, None)) for ours, theirs in names.items()}
    return {ours: value for ours, value in found.items() if value is not None and np.size(value) == 1}


def _number(value: Any) -> float:
    return float(np.asarray(value.float() if hasattr(value, "float") else value, np.float64).reshape(()))


def _names(call: Call) -> set[str]:
    """The names that a function takes after its first argument; none for a compiled one without a signature."""
    try:
        return set(list(inspect.signature(call).parameters)[1:])
    except (TypeError, ValueError):
        return set()


def _name(candidate: Any) -> str:
    if isinstance(candidate, tuple):
        return _name(candidate[0])
    shown = repr(candidate)
    return str(getattr(candidate, "__name__", None) or (type(candidate).__name__ if "\n" in shown else shown))


def _trial(
    candidate: Any,
    call: Call,
    function: Activation,
    accepts: Mapping[str, str],
    forms: list[tuple[int, ...] | None],
    trial: NDArray[Any] | None,
    traced: bool,
) -> tuple[Library, tuple[int, ...] | None]:
    """The array library, from the type of what a trial call returns, and the first form in which it takes parameters.

    traced: whether a function that runs on NumPy's arrays, and that JAX can trace, is one of JAX.
    """
    weights = getattr(candidate, "parameters", None)
    device = next((w.device for w in weights() if hasattr(w, "device")), "cpu") if callable(weights) else "cpu"
    x = np.linspace(-1, 1, 8, dtype=np.float32) if trial is None else trial
    operands = [x] * (2 if function.kind == "gated" else 1)
    numbers = {accepts[name]: value for name, value in example_parameters(function).items() if name in accepts}
    libraries, errors = loaded(device), []
    for library in libraries:
        for form in forms if numbers else [None]:
            named = {k: v if form is None else library.array(np.full(form, v, x.dtype)) for k, v in numbers.items()}
            try:
                with np.errstate(all="ignore"):
                    y = call(*map(library.array, operands), **named)
            except Exception as error:  # whatever a foreign function raises
                errors.append(f"with {library.name}: {type(error).__name__}: {error}")
                continue
            found = owner(y, libraries)
            if traced and found.name == "numpy":
                found = _traceable(call, operands, named, libraries) or found
            return found, form
    raise KernelError(f"{_name(candidate)} raised on {x.shape} {x.dtype}: " + "; ".join(errors))


def _traceable(call: Call, operands: list[Any], named: Mapping[str, Any], libraries: list[Library]) -> Library | None:
    """JAX, if it is loaded and can trace what also runs on NumPy arrays."""
    for library in libraries:
        if library.name == "jax":
            jax = sys.modules["jax"]
            try:
                jax.eval_shape(functools.partial(call, **named), *operands)
            except Exception:  # whatever a foreign function raises when it is handed a tracer
                return None
            return library
    return None
