"""The activations of other frameworks, run through the rows of `acts.dialects`. Each needs its framework."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acts import Activation
from acts.dialects import ROWS, Row

from .candidates import Candidate

os.environ.setdefault("KERAS_BACKEND", "jax")  # read when keras is imported
PEERS = {"jax.nn": "jax", "torch": "torch", "keras": "keras", "onnx": "onnx"}
"""Whom `python -m acts accuracy` can measure, and the module that this takes."""


def from_peer(peer: str, function: Activation) -> tuple[Candidate, dict[str, Any]] | None:
    """What a peer computes for f, f' and f'', and the parameters that it does so at; None if it has no such function.

    Derivatives are the framework's own, by automatic differentiation. Keras runs on JAX. ONNX, in its reference
    implementation, has values alone.
    """
    for row in ROWS:
        params = parameters(row, function)
        if row.framework == PEERS[peer] and params is not None:
            orders = 1 if peer == "onnx" else 3
            return Candidate(
                row.theirs, {"f" + "'" * order: partial(_compute, row, order) for order in range(orders)}
            ), params
    return None


def _compute(row: Row, order: int, x: NDArray[Any], alpha: float = 0.25, **params: Any) -> Any:
    return run(row, x, np.array([alpha], x.dtype), order)


def parameters(row: Row, function: Activation) -> dict[str, Any] | None:
    """The function's parameters in the row, where alpha is 0.25; None if the row is about another one or a layer."""

    def given(x: Any, *values: Any, axis: int | None = None, **named: Any) -> dict[str, Any]:
        plain = {name: function.__signature__.parameters[name].default for name in function.params}
        return {**plain, **dict(zip(function.params, values, strict=False)), **named}

    try:
        found: dict[str, Any] = eval(row.ours, {function.__name__: given, "x": None, "alpha": 0.25})
    except NameError:
        return None
    return found


def run(row: Row, x: NDArray[Any], alpha: NDArray[Any], order: int = 0) -> Any:
    """The row's other side, or its derivative of that order, in x's type. The two inputs of a gate are halves of x."""
    return {"torch": _run_torch, "onnx": _run_onnx}.get(row.framework, _run_jax)(row, x, alpha, order)


def _run_jax(row: Row, x: NDArray[Any], alpha: NDArray[Any], order: int) -> Any:
    import jax
    import jax.numpy as jnp

    names = {"jax": jax, "alpha": jnp.asarray(alpha)}
    if row.framework == "keras":
        import keras

        names["keras"] = keras
    elif row.framework == "flax":
        from flax import linen, nnx

        names |= {"nnx": nnx, "linen": linen}
    elif row.framework == "equinox":
        import equinox

        names["eqx"] = equinox

    def slope(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def of(x: Any) -> Any:
            y, pull = jax.vjp(f, x)
            return pull(jnp.ones_like(y))[0]

        return of

    f = lambda x: eval(row.theirs, {**names, "x": x})  # noqa: E731
    for _ in range(order):
        f = slope(f)
    return np.asarray(f(jnp.asarray(x)))  # type: ignore[no-untyped-call]


def _run_torch(row: Row, x: NDArray[Any], alpha: NDArray[Any], order: int) -> Any:
    import torch

    def tensor(array: NDArray[Any]) -> Any:  # torch knows nothing of NumPy's bfloat16
        wide = torch.tensor(array.astype(np.float32) if array.dtype.name == "bfloat16" else array)
        return wide.bfloat16() if array.dtype.name == "bfloat16" else wide

    leaf = tensor(x).requires_grad_(order > 0)
    y = eval(row.theirs, {"torch": torch, "F": torch.nn.functional, "x": leaf, "alpha": tensor(alpha)})
    for _ in range(order):
        if not y.requires_grad:  # a constant slope
            return np.zeros_like(x)
        y = torch.autograd.grad(y.sum(), leaf, create_graph=order > 1)[0]
    y = y.detach()
    return (y.float() if x.dtype.name == "bfloat16" else y).numpy().astype(x.dtype)


def _run_onnx(row: Row, x: NDArray[Any], alpha: NDArray[Any], order: int) -> Any:
    if order:
        raise ValueError(f"{row.theirs} has no derivative in ONNX")
    name = row.theirs.partition("(")[0]
    with np.errstate(all="ignore"):
        known = {"x": x, "alpha": alpha, **(halves(x) if "gate" in row.theirs else {})}
        return eval(row.theirs, {name: partial(_run_operator, name, x.dtype), **known})


def halves(x: Any) -> dict[str, Any]:
    """The two inputs of a gate, from one array."""
    half = x.shape[-1] // 2
    return {"gate": x[..., :half], "value": x[..., half:]}


def _run_operator(name: str, dtype: Any, *inputs: Any, **attributes: Any) -> Any:
    """One ONNX operator, by the reference implementation of the standard."""
    import onnx.reference
    from onnx import helper

    feed = {f"input{i}": np.asarray(value, dtype) for i, value in enumerate(inputs)}
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    infos = [helper.make_tensor_value_info(n, kind, v.shape) for n, v in feed.items()]
    node = helper.make_node(name, list(feed), ["y"], **attributes)
    graph = helper.make_graph([node], name, infos, [helper.make_tensor_value_info("y", kind, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", onnx.defs.onnx_opset_version())])
    return onnx.reference.ReferenceEvaluator(model).run(None, feed)[0]
