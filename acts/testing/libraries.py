"""NumPy, JAX and torch behind one face: arrays in and out, and each one's own differentiation.

A library is used only where it is loaded already. Arrays come and go as NumPy's; bfloat16 and the 8-bit floats as those
of ml_dtypes. JAX's setting of x64 is left as it is, and torch computes on the device that it is told.
"""

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Call = Callable[..., Any]


class Library(Protocol):
    """What the kit needs of an array library."""

    name: str
    differentiates: bool

    def array(self, x: Any) -> Any:
        """A NumPy array as one of the library's, which the candidate may write to."""

    def numpy(self, y: Any) -> NDArray[Any]:
        """A result as a NumPy array."""

    def computes(self, dtype: np.dtype[Any]) -> bool:
        """Whether it has the type, as it is set up."""

    def compiled(self, call: Call) -> Call:
        """The same function, where many shapes are quicker so."""

    def pull(self, call: Call) -> Call:
        """The function of (*operands, g, **named) that gives the operands' cotangents; None where there is none."""

    def push(self, call: Call, operands: Sequence[Any], tangents: Sequence[Any]) -> Any:
        """The tangent of the output, by forward mode."""

    def bend(self, call: Call, x: Any) -> Any:
        """The second derivative, element by element."""


class InNumPy:
    """NumPy, or whatever np.asarray or dlpack understands; it differentiates nothing."""

    name, differentiates = "numpy", False

    def array(self, x: Any) -> Any:
        """A copy."""
        return copy(x)

    def numpy(self, y: Any) -> NDArray[Any]:
        """By __array__, else by dlpack."""
        if hasattr(y, "__array__") or not hasattr(y, "__dlpack__"):
            return np.asarray(y)
        return np.from_dlpack(y)

    def computes(self, dtype: np.dtype[Any]) -> bool:
        """All types."""
        return True

    def compiled(self, call: Call) -> Call:
        """As it is."""
        return call

    def pull(self, call: Call) -> Call:
        """Not here."""
        raise NotImplementedError

    def push(self, call: Call, operands: Sequence[Any], tangents: Sequence[Any]) -> Any:
        """Not here."""
        raise NotImplementedError

    def bend(self, call: Call, x: Any) -> Any:
        """Not here."""
        raise NotImplementedError


class InJax:
    """JAX, as it is set up."""

    name, differentiates = "jax", True

    def __init__(self) -> None:
        self.jax = sys.modules["jax"]

    def array(self, x: Any) -> Any:
        """On the default device, without a program to put it there; a Python number stays one."""
        return self.jax.device_put(np.array(x) if isinstance(x, np.ndarray) else x)

    def numpy(self, y: Any) -> NDArray[Any]:
        """Off the device."""
        return np.asarray(y)

    def computes(self, dtype: np.dtype[Any]) -> bool:
        """float64 with x64 alone."""
        return dtype != np.float64 or bool(self.jax.config.jax_enable_x64)

    def compiled(self, call: Call) -> Call:
        """One program for a shape instead of one for each operation; what can't be traced stays as it is."""
        program = self.jax.jit(call)

        def run(*operands: Any, **named: Any) -> Any:
            try:
                return program(*operands, **named)
            except Exception:  # whatever a foreign function raises when it is handed a tracer
                return call(*operands, **named)

        return run

    def pull(self, call: Call) -> Call:
        """jax.vjp, compiled once for all parameters, or for each where the function looks at them."""

        def pull(*operands_and_g: Any, **named: Any) -> Any:
            *operands, g = operands_and_g
            y, back = self.jax.vjp(functools.partial(call, **named), *operands)
            return back(g.astype(y.dtype))

        compiled = self.jax.jit(pull)

        def run(*operands_and_g: Any, **named: Any) -> Any:
            try:
                return compiled(*operands_and_g, **named)
            except (TypeError, self.jax.errors.JAXTypeError):
                return self.jax.jit(functools.partial(pull, **named))(*operands_and_g)

        return run

    def push(self, call: Call, operands: Sequence[Any], tangents: Sequence[Any]) -> Any:
        """jax.jvp."""
        push = self.jax.jit(lambda operands, tangents: self.jax.jvp(call, operands, tangents)[1])
        return push(tuple(operands), tuple(tangents))

    def bend(self, call: Call, x: Any) -> Any:
        """Reverse over reverse mode."""

        def slope(x: Any) -> Any:
            y, pull = self.jax.vjp(call, x)
            return pull(self.jax.numpy.ones_like(y))[0]

        def bend(x: Any) -> Any:
            y, pull = self.jax.vjp(slope, x)
            return pull(self.jax.numpy.ones_like(y))[0]

        return self.jax.jit(bend)(x)


class InTorch:
    """torch, on one device."""

    name, differentiates = "torch", True

    def __init__(self, device: Any = "cpu") -> None:
        self.torch, self.device = sys.modules["torch"], device

    def array(self, x: Any) -> Any:
        """By way of integers where NumPy has not the type itself."""
        x = copy(x)
        name = x.dtype.name
        if name == "bfloat16" or name.startswith("float8"):
            bits = self.torch.from_numpy(x.view(f"i{x.dtype.itemsize}"))
            return bits.view(getattr(self.torch, name)).to(self.device)
        return self.torch.from_numpy(x).to(self.device)

    def numpy(self, y: Any) -> NDArray[Any]:
        """The way back."""
        y = y.detach().cpu()
        name = str(y.dtype).removeprefix("torch.")
        if name == "bfloat16" or name.startswith("float8"):
            import ml_dtypes

            bits = y.contiguous().view(self.torch.int16 if name == "bfloat16" else self.torch.int8).numpy()
            return np.asarray(bits.view(getattr(ml_dtypes, name)))
        return np.asarray(y.numpy())

    def computes(self, dtype: np.dtype[Any]) -> bool:
        """Those that torch has by the same name."""
        return hasattr(self.torch, dtype.name)

    def compiled(self, call: Call) -> Call:
        """As it is."""
        return call

    def pull(self, call: Call) -> Call:
        """torch.autograd.grad."""

        def pull(*operands_and_g: Any, **named: Any) -> Any:
            *operands, g = operands_and_g
            leaves = [operand.requires_grad_() for operand in operands]
            y = call(*leaves, **named)
            if not y.requires_grad:
                return [None for _ in leaves]
            return self.torch.autograd.grad(y, leaves, g.to(y.dtype), allow_unused=True)

        return pull

    def push(self, call: Call, operands: Sequence[Any], tangents: Sequence[Any]) -> Any:
        """torch.func.jvp."""
        return self.torch.func.jvp(call, tuple(operands), tuple(tangents))[1]

    def bend(self, call: Call, x: Any) -> Any:
        """Reverse over reverse mode."""
        x = x.requires_grad_()
        (slope,) = self.torch.autograd.grad(call(x).sum(), x, create_graph=True)
        if not slope.requires_grad:  # a backward pass of which autograd knows nothing
            raise NotImplementedError("the gradient can't be differentiated")
        (bend,) = self.torch.autograd.grad(slope.sum(), x, allow_unused=True)
        return self.torch.zeros_like(x) if bend is None else bend


def copy(x: Any) -> NDArray[Any]:
    """A copy that has gaps between its elements, zeros, where x has gaps, and x's order of axes."""
    x = np.asarray(x)
    if x.flags.forc:
        return np.array(x)
    spaced = np.zeros((*x.shape, 2), x.dtype)[..., 0]
    spaced[...] = x
    return spaced


def loaded(device: Any = "cpu") -> list[Library]:
    """Those that are loaded, NumPy first."""
    made: list[Library] = [InNumPy()]
    if sys.modules.get("jax"):
        made.append(InJax())
    if sys.modules.get("torch"):
        made.append(InTorch(device))
    return made


def owner(result: Any, libraries: Sequence[Library]) -> Library:
    """The library that a result belongs to."""
    for library in libraries:
        kind = {"jax": "Array", "torch": "Tensor"}.get(library.name)
        if kind and isinstance(result, getattr(sys.modules[library.name], kind)):
            return library
    return libraries[0]
