"""PyTorch's functions of the same meaning on the device that JAX is on, eager and compiled."""

import functools
import types

import jax

from acts.dialects import ROWS

try:
    import torch
    import torch._functorch.config
except ImportError:
    torch = types.ModuleType("torch")
    WHY_NOT = "PyTorch is not installed"
else:
    torch._functorch.config.donated_buffer = False  # a backward pass is run again and again
    DEVICE = "cuda" if jax.default_backend() == "gpu" else jax.default_backend()
    on_device = {"cuda": torch.cuda.is_available(), "cpu": True}.get(DEVICE, False)
    WHY_NOT = "" if on_device else f"PyTorch {torch.__version__} does not run on {DEVICE}"


def function_of(name):
    """PyTorch's function of x that the migration table has for a function of acts_jax, or None."""
    expression = name if "(" in name else f"{name}(x)"
    theirs = [row.theirs for row in ROWS if row.framework == "torch" and row.ours == expression]
    return eval(f"lambda x: {theirs[0]}", {"torch": torch, "F": torch.nn.functional}) if theirs else None


@functools.cache
def arrays(elements, dtype):
    """x and a cotangent."""
    return tuple(3 * torch.randn(elements, device=DEVICE, dtype=getattr(torch, dtype)) for _ in range(2))


def runs(f, kind, elements, dtype):
    """Calls of no arguments, forward or gradient, eager and compiled; each gradient is made from what forward kept."""
    x, g = arrays(elements, dtype)
    faces = {"torch": f, "compiled": torch.compile(f, dynamic=False)}
    if kind == "forward":
        return {name: functools.partial(face, x) for name, face in faces.items()}
    x = x.detach().requires_grad_()
    return {
        name: functools.partial(torch.autograd.grad, face(x), x, g, retain_graph=True) for name, face in faces.items()
    }


def wait(result):
    """Until a result of JAX or of PyTorch is there."""
    jax.block_until_ready(result)
    if DEVICE == "cuda":
        torch.cuda.synchronize()
