"""What is checked: a package of activations, or one function of your own, NumPy or JAX."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import acts
from acts._dtypes import FLOATS

Compute = Callable[..., Any]


class CandidateError(ValueError):
    """A candidate that raises, or returns what can't be compared: it has failed."""


@dataclass
class Candidate:
    """An implementation under test: what it computes for "f", "f'", "f''", "grad" and each "df/d(parameter)"."""

    name: str
    computes: dict[str, Compute]
    strict: bool = False  # must it follow acts at a kink, or may it take any value between the two sides?
    notes: list[str] = field(default_factory=list)

    def quantity(self, quantity: str) -> Compute | None:
        """The function of (x, **params) for that quantity, or None where the candidate has none."""
        compute = self.computes.get(quantity)
        return None if compute is None else functools.partial(self._computed, quantity, compute)

    def _computed(self, quantity: str, compute: Compute, x: NDArray[Any], **params: Any) -> NDArray[Any]:
        try:
            with np.errstate(all="ignore"):  # the results are judged, not the warnings on the way
                got = np.asarray(compute(x.copy(), **params))  # a copy, since it may work in place
        except Exception as error:  # whatever a foreign function raises
            raise CandidateError(f"{self.name}: {quantity} raised {type(error).__name__}: {error}") from error
        if got.shape != x.shape:
            raise CandidateError(f"{self.name}: {quantity} of x with shape {x.shape} has shape {got.shape}")
        if got.dtype.name not in FLOATS and got.dtype.kind not in "iub":
            raise CandidateError(f"{self.name}: {quantity} of {x.dtype} has dtype {got.dtype}; allowed: real numbers")
        return got

    def note(self, text: str) -> None:
        """Something worth knowing that is not a failure."""
        if text not in self.notes:
            self.notes.append(text)


def from_acts(function: acts.Activation) -> Candidate:
    """The NumPy function itself: only finite differences can say something of it."""
    computes: dict[str, Compute] = {"f": function, "f'": function.derivative, "f''": function.second_derivative}
    computes |= {f"df/d{name}": functools.partial(function.partial, name) for name in function.params}
    return Candidate(f"acts.{function.__name__}", computes, strict=True)


def from_acts_jax(function: acts.Activation, mirror: Any = None) -> Candidate:
    """The JAX mirror. Derivatives are the analytic ones and, for the parameters, those of jax.vjp."""
    import acts_jax

    mirror = mirror or acts_jax.get(function.__name__)
    computes: dict[str, Compute] = {
        "f": mirror,
        "f'": acts_jax.derivative(mirror),
        "grad": _jax_derivative(mirror),
        "f''": acts_jax.second_derivative(mirror),
    }
    computes |= {f"df/d{name}": _jax_partial(mirror, name) for name in function.params}
    return Candidate(f"acts_jax.{function.__name__}", computes, strict=True)


def from_callable(name: str, function: Compute, derivative: Compute | None = None) -> Candidate:
    """Your own function of x, NumPy or JAX; its derivative is JAX's, unless one is given.

    Parameters are handed to it by name where it has parameters of those names. A function that JAX can't
    differentiate and that comes without a derivative is checked in value alone. What is not checked, the notes say.
    """
    given, function = function, _accepting(function)
    candidate = Candidate(name, {"f": function})
    if derivative is not None:
        candidate.computes["f'"] = _accepting(derivative)
    elif _differentiable(given):
        candidate.computes["f'"] = _jax_derivative(function)
    else:
        candidate.note("no derivative was given, and JAX is missing or can't differentiate it")
    return candidate


def _accepting(function: Compute) -> Compute:
    """function(x, **params) that drops the parameters it has no names for."""
    try:
        known = inspect.signature(function).parameters
    except (TypeError, ValueError):  # a compiled function without a signature
        return lambda x, **params: function(x)
    if any(p.kind is p.VAR_KEYWORD for p in known.values()):
        return function
    return lambda x, **params: function(x, **{k: v for k, v in params.items() if k in known})


def _differentiable(function: Compute) -> bool:
    try:
        import jax
    except ImportError:
        return False
    try:
        _, *others = inspect.signature(function).parameters.values()
        params = {
            p.name: 0.5 for p in others if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        }
    except (TypeError, ValueError):  # no signature, or an empty one
        params = {}
    try:
        jax.eval_shape(_jax_derivative(function), np.ones(2, np.float32), **params)
    except Exception:  # whatever a foreign function raises when it is handed a tracer
        return False
    return True


def _jax_derivative(function: Compute) -> Compute:
    import jax
    import jax.numpy as jnp

    def derivative(x: Any, **params: Any) -> Any:
        y, pull = jax.vjp(lambda x: function(x, **params), jnp.asarray(x))
        return pull(jnp.ones_like(y))[0]

    return derivative


def _jax_partial(function: Compute, name: str) -> Compute:
    import jax
    import jax.numpy as jnp

    def partial(x: Any, **params: Any) -> Any:
        x = jnp.asarray(x)
        value = jnp.full_like(x, params.pop(name))
        y, pull = jax.vjp(lambda value: function(x, **{**params, name: value}), value)
        return pull(jnp.ones_like(y))[0]

    return partial
