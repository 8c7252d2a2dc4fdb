"""The transformations of JAX that every function is tested under, as data: name -> way.

A way takes f, which maps arrays element by element, and the number of an argument. It gives a function of f's
arguments, all of them vectors, whose value is the vector of f's values or of its derivatives with respect to that one.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.export
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental.jet import jet
from jax.sharding import AxisType, NamedSharding, PartitionSpec

Function = Callable[..., Any]
Way = Callable[[Function, int], Function]

ROWS = PartitionSpec("rows")


def value(f: Function, i: int) -> Function:
    return f


def total(f: Function) -> Function:
    return lambda *args: f(*args).sum()


def grad(f: Function, i: int) -> Function:
    return jax.grad(total(f), i)


def jvp(f: Function, i: int) -> Function:
    return of_one(lambda g, v: jax.jvp(g, (v,), (jnp.ones_like(v),))[1])(f, i)


# -- ways from ways -------------------------------------------------------------------------------


def of(inner: Callable[[Function], Function], way: Way = value) -> Way:
    """The way of what `inner` makes of f: of(scan, grad) is the gradient of a scan."""
    return lambda f, i: way(inner(f), i)


def around(outer: Callable[[Function], Function], way: Way = grad) -> Way:
    """What `outer` makes of the way's function: around(scan, grad) is a scan of gradients."""
    return lambda f, i: outer(way(f, i))


def twice(outer: Way, inner: Way) -> Way:
    """The derivative by `outer` of the derivative by `inner`."""
    return lambda f, i: outer(inner(f, i), i)


def of_one(way: Callable[[Function, Any], Any]) -> Way:
    """From a way that takes a function of one vector and the vector."""
    return lambda f, i: lambda *args: way(lambda v: f(*args[:i], v, *args[i + 1 :]), args[i])


def diagonal(way: Way) -> Way:
    """For the ways that give a whole Jacobian."""
    return around(lambda jacobian: lambda *args: jnp.diagonal(jacobian(*args)), way)


def one_by_one(convert: Callable[[Any], Any], way: Way, *, weak: bool = False) -> Way:
    """Each element by itself, of rank 0; a number of Python's gives a weakly typed result, and only that does."""

    def element(g: Function, point: Any) -> Any:
        y = g(*map(convert, point))
        assert (y.shape, y.weak_type) == ((), weak)
        return y

    return lambda f, i: lambda *args: np.array([element(way(f, i), p) for p in zip(*args, strict=True)])


# -- functions that do what f does, by way of ... --------------------------------------------------


def scan(f: Function) -> Function:
    return lambda *args: lax.scan(lambda count, point: (count + 1, f(*point)), 0, args)[1]


def while_loop(f: Function) -> Function:
    step = lambda args: lambda state: (state[0] + 1, f(*args))  # noqa: E731
    return lambda *args: lax.while_loop(lambda state: state[0] < 2, step(args), (0, jnp.zeros_like(args[0])))[1]


def fori_loop(f: Function) -> Function:
    return lambda *args: lax.fori_loop(0, 1, lambda i, y: f(*args), jnp.zeros_like(args[0]))


def cond(f: Function) -> Function:
    return lambda *args: lax.cond(args[0][0] < 9, f, lambda *args: args[0], *args)


def switch(f: Function) -> Function:
    return lambda *args: lax.switch(jnp.int32(args[0][0] < 9), [lambda *args: args[0], f], *args)


def by_policy(name: str) -> Callable[[Function], Function]:
    return functools.partial(jax.checkpoint, policy=getattr(jax.checkpoint_policies, name))


def numpy_inputs(f: Function) -> Function:
    return lambda *args: f(*map(np.asarray, args))


@functools.cache
def mesh() -> jax.sharding.Mesh:
    """All devices in a row."""
    assert jax.device_count() == 8 or jax.default_backend() != "cpu", "set XLA_FLAGS before JAX: conftest.py does"
    return jax.make_mesh((jax.device_count(),), ("rows",), axis_types=(AxisType.Auto,))


def shard_map(f: Function) -> Function:
    return lambda *args: jax.shard_map(f, mesh=mesh(), in_specs=ROWS, out_specs=ROWS)(*args)


def pmap(f: Function) -> Function:
    return lambda *args: jax.pmap(f)(*(a.reshape(mesh().size, -1) for a in args)).reshape(-1)


def automatic_sharding(f: Function) -> Function:
    """f, compiled for arguments that lie apart on the devices."""
    return lambda *args: jax.jit(f)(*jax.device_put(args, NamedSharding(mesh(), ROWS)))


def exported(f: Function, shape: str | None = None, order: int = 0) -> Function:
    """f through jax.export and bytes, for that symbolic shape or for the shape of its arguments."""

    def g(*args: Any) -> Any:
        shapes = jax.export.symbolic_args_specs(args, shape)
        written = jax.export.export(jax.jit(f))(*shapes).serialize(vjp_order=order)
        return jax.export.deserialize(written).call(*args)

    return g


symbolic = functools.partial(exported, shape="batch")

# -- the ways, by the order of the derivative that they give ---------------------------------------

VALUES = {
    "eval": value,
    "jit": around(jax.jit, value),
    "vmap": around(jax.vmap, value),
    "scan": of(scan),
    "while_loop": of(while_loop),
    "fori_loop": of(fori_loop),
    "cond": of(cond),
    "checkpoint": of(jax.checkpoint),
    "shard_map": of(shard_map),
    "pmap": of(pmap),
    "automatic sharding": of(automatic_sharding),
    "export, serialized": of(exported),
    "export, symbolic batch": of(symbolic),
    "NumPy inputs": of(numpy_inputs),
    "rank 0": one_by_one(jnp.asarray, value),
    "weak types": one_by_one(float, value, weak=True),
}
FIRST = {
    "grad": grad,
    "value_and_grad": lambda f, i: lambda *args: jax.value_and_grad(total(f), i)(*args)[1],
    "vjp": lambda f, i: lambda *args: jax.vjp(f, *args)[1](jnp.ones_like(args[0]))[i],
    "jvp": jvp,
    "linearize": of_one(lambda g, v: jax.linearize(g, v)[1](jnp.ones_like(v))),
    "linear_transpose": of_one(lambda g, v: jax.linear_transpose(jax.linearize(g, v)[1], v)(jnp.ones_like(v))[0]),
    "jacfwd": diagonal(jax.jacfwd),
    "jacrev": diagonal(jax.jacrev),
    "jit of grad": around(jax.jit),
    "grad of jit": of(jax.jit, grad),
    "vmap of grad": lambda f, i: jax.vmap(jax.grad(f, i)),
    "grad of vmap": of(jax.vmap, grad),
    "jvp of vmap": of(jax.vmap, jvp),
    "scan of grad": lambda f, i: scan(jax.grad(f, i)),
    "grad of scan": of(scan, grad),
    "jvp of scan": of(scan, jvp),
    "while_loop of grad": around(while_loop),
    "jvp of while_loop": of(while_loop, jvp),
    "fori_loop of grad": around(fori_loop),
    "grad of fori_loop": of(fori_loop, grad),
    "cond of grad": around(cond),
    "grad of cond": of(cond, grad),
    "grad of switch": of(switch, grad),
    "grad of checkpoint": of(jax.checkpoint, grad),
    "jvp of checkpoint": of(jax.checkpoint, jvp),
    "grad of checkpoint, dots_saveable": of(by_policy("dots_saveable"), grad),
    "grad of checkpoint, everything_saveable": of(by_policy("everything_saveable"), grad),
    "shard_map of grad": around(shard_map),
    "grad of shard_map": of(shard_map, grad),
    "jvp of shard_map": of(shard_map, jvp),
    "pmap of grad": around(pmap),
    "grad of pmap": of(pmap, grad),
    "grad, automatic sharding": around(automatic_sharding),
    "export of grad, serialized": around(exported),
    "export of grad, symbolic batch": around(symbolic),
    "grad of export, serialized": of(functools.partial(exported, order=1), grad),
    "grad of export, symbolic batch": of(functools.partial(symbolic, order=1), grad),
    "grad, NumPy inputs": around(numpy_inputs),
    "grad, rank 0": one_by_one(jnp.asarray, jax.grad),
    "grad, weak types": one_by_one(float, jax.grad, weak=True),
    "jet": of_one(lambda g, v: jet(g, (v,), ((jnp.ones_like(v),),))[1][0]),
}
SECOND = {
    "hessian": diagonal(lambda f, i: jax.hessian(total(f), i)),
    "grad of grad": twice(grad, grad),
    "jvp of grad": twice(jvp, grad),
    "grad of jvp": twice(grad, jvp),
    "jvp of jvp": twice(jvp, jvp),
    "jacrev of jacfwd": twice(diagonal(jax.jacrev), diagonal(jax.jacfwd)),
    "vmap of hessian": lambda f, i: jax.vmap(jax.hessian(f, i)),
    "grad of grad of scan": of(scan, twice(grad, grad)),
    "jvp of grad of scan": of(scan, twice(jvp, grad)),
    "grad of grad of cond": of(cond, twice(grad, grad)),
    "grad of grad of checkpoint": of(jax.checkpoint, twice(grad, grad)),
    "grad of grad of shard_map": of(shard_map, twice(grad, grad)),
    "grad of grad of export": of(functools.partial(exported, order=2), twice(grad, grad)),
    "grad of grad, rank 0": one_by_one(jnp.asarray, twice(jax.grad, jax.grad)),
}
THIRD = {
    "grad of grad of grad": twice(grad, twice(grad, grad)),
    "jvp of grad of grad": twice(jvp, twice(grad, grad)),
    "jvp of hessian": twice(jvp, SECOND["hessian"]),
    "jvp of jvp of jvp": twice(jvp, twice(jvp, jvp)),
}
BY_ORDER = (VALUES, FIRST, SECOND, THIRD)
EVERYDAY = (  # what the default suite tests, all of it compiled together
    *("eval", "vmap", "grad", "vjp", "jvp", "jacfwd", "jacrev", "linearize", "vmap of grad", "grad of scan"),
    *("jvp of while_loop", "grad of cond", "grad of checkpoint", "shard_map of grad"),
    *("hessian", "jvp of grad", "grad of jvp", "grad of grad of grad"),
)
