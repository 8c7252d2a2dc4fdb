"""What acts in NumPy is compared with: each peer gives a call without arguments for a function, a kind and arrays.

A kind is "forward", "backward" (dx from x and a cotangent), "vjp" (the cotangents of parameters, too) or "both" (value
and slope). None: the peer has no such call.
"""

import argparse
import contextlib
import importlib.util
import inspect
import math
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import textbook
from shared import pairs

import acts
from acts._grammar import on_arrays
from acts.testing import example_parameters

TYPES = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16, "float32": np.float32, "float64": np.float64}


def found(package, name):
    """The function of acts, or of another version of it, with examples of the parameters that have no default."""
    f = package.get(name)
    arguments, examples = inspect.signature(f).parameters, example_parameters(f)
    missing = {p: value for p, value in examples.items() if arguments[p].default is inspect.Parameter.empty}
    return f.bind(**missing) if missing else f


def of_acts(package):
    """acts, or another version of it, with out=. A version whose `vjp` has no wrt= makes all cotangents, always."""

    def peer(name, kind, x, g, out):
        f = found(package, name)
        if kind == "both":
            if hasattr(f, "value_and_derivative"):
                return lambda: f.value_and_derivative(x)
            return lambda: (f(x), f.derivative(x))
        if kind == "forward":
            return lambda: f(x, out=out)
        if kind == "backward" and "wrt" in inspect.signature(f.vjp).parameters:
            return lambda: f.vjp(x, g, out=out, wrt=())
        return lambda: f.vjp(x, g, out=out)

    return peer


def without_out(name, kind, x, g, out):
    """acts, into fresh arrays."""
    f = found(acts, name)
    return {"forward": lambda: f(x), "backward": lambda: f.vjp(x, g, wrt=()), "vjp": lambda: f.vjp(x, g)}.get(kind)


def as_defined(name, x):
    """The definition on arrays as it stands, which is what a textbook has of the other functions."""
    f = found(acts, name)
    names, functions = list(inspect.signature(f.formula).parameters), textbook.FUNCTIONS
    if "ncdf" in f.definition and textbook.erf is None:
        return None
    compute = on_arrays(f.definition.partition(" = ")[2], tuple(names))
    values = {**functions, **f.constants(), **example_parameters(f), names[0]: x}
    return lambda: compute(values)


def in_textbooks(name, kind, x, g, out):
    if name not in textbook.NAMES:
        return as_defined(name, x) if kind == "forward" else None
    f, backward, ones = textbook.FORWARD[name], textbook.backward(name), np.ones_like(x)
    if kind == "both":
        return lambda: (f(x, None), backward(x, ones, None))
    return (lambda: f(x, out)) if kind == "forward" else (lambda: backward(x, g, out))


def copy(name, kind, x, g, out):
    """The limit that memory sets."""
    return lambda: np.copyto(out, x)


def in_scipy(name, kind, x, g, out):
    from scipy import special

    known = {
        "sigmoid": lambda: special.expit(x, out=out),
        "log_sigmoid": lambda: special.log_expit(x, out=out),
        "gelu": lambda: np.multiply(x, special.ndtr(x), out=out),
    }
    return known.get(name) if kind == "forward" and x.dtype in (np.float32, np.float64) else None


NUMEXPR = {
    "relu": "where(x > 0, x, 0)",
    "leaky_relu": "where(x > 0, x, x * slope)",
    "elu": "where(x > 0, x, expm1(x))",
    "silu": "x / (1 + exp(-x))",
    "mish": "x * tanh(log1p(exp(x)))",
    "softplus": "log1p(exp(x))",
    "sigmoid": "1 / (1 + exp(-x))",
    "tanh": "tanh(x)",
    "softsign": "x / (1 + abs(x))",
}


def in_numexpr(name, kind, x, g, out):
    import numexpr

    if kind != "forward" or name not in NUMEXPR or x.dtype not in (np.float32, np.float64):
        return None
    numexpr.set_num_threads(1)
    variables = {"x": x, "slope": x.dtype.type(0.01)}
    return lambda: numexpr.evaluate(NUMEXPR[name], variables, {}, out=out, casting="unsafe")


def in_numba(name, kind, x, g, out):
    """The executable definition itself, compiled, for each element alone."""
    import numba

    if kind != "forward" or x.dtype not in (np.float32, np.float64):
        return None
    f = acts.get(name)
    names = {n: getattr(math, n) for n in ("exp", "log", "tanh", "sqrt", "erf", "pi")}
    names["ncdf"] = numba.njit(lambda x: math.erfc(-x / math.sqrt(2)) / 2)
    names["sign"] = numba.njit(lambda x: (x > 0) - (x < 0))
    scope = {**names, **f.constants(), **example_parameters(f)}
    compiled = numba.vectorize(eval(f"lambda x: {f.definition.partition(' = ')[2]}", scope))
    try:
        compiled(x[:1], out[:1])
    except numba.core.errors.NumbaError:
        return None
    return lambda: compiled(x, out)


def in_jax(name, kind, x, g, out):
    import jax

    theirs = next((p.theirs for p in pairs(name) if p.theirs and p.name == name), None)
    if theirs is None or kind == "both" or x.dtype == np.float64:
        return None
    x, g = jax.numpy.asarray(x), jax.numpy.asarray(g)
    if kind == "forward":
        f = jax.jit(theirs)
        return lambda: f(x).block_until_ready()
    backward = jax.jit(lambda x, g: jax.vjp(theirs, x)[1](g)[0])
    return lambda: backward(x, g).block_until_ready()


SELU = (1.6732632423543772, 1.0507009873554805, 1)
ATEN = {  # operator, arguments after x; backward operator, arguments after g and x, or after g and y where it takes y
    "relu": ("relu", (), "threshold_backward", (0,)),
    "leaky_relu": ("leaky_relu", (0.01,), "leaky_relu_backward", (0.01, False)),
    "elu": ("elu", (), "elu_backward", (1, 1, 1, True, "y")),
    "selu": ("elu", SELU, "elu_backward", (*SELU, True, "y")),
    "gelu": ("gelu", (), "gelu_backward", ()),
    "gelu_tanh": ("gelu", {"approximate": "tanh"}, "gelu_backward", {"approximate": "tanh"}),
    "silu": ("silu", (), "silu_backward", ()),
    "mish": ("mish", (), "mish_backward", ()),
    "softplus": ("softplus", (), "softplus_backward", (1, 20)),
    "sigmoid": ("sigmoid", (), "sigmoid_backward", ("y",)),
    "tanh": ("tanh", (), "tanh_backward", ("y",)),
    "hard_swish": ("hardswish", (), "hardswish_backward", ()),
    "hard_sigmoid": ("hardsigmoid", (), "hardsigmoid_backward", ()),
    "log_sigmoid": ("log_sigmoid", (), None, ()),
    "hard_tanh": ("hardtanh", (), "hardtanh_backward", (-1, 1)),
    "hardshrink": ("hardshrink", (), "hardshrink_backward", (0.5,)),
    "softshrink": ("softshrink", (), "softshrink_backward", (0.5,)),
}


def of_torch(name, kind, x, g, out, into=True):
    """Eager torch, by the operators that torch.nn.functional calls; into: with out=, where the operator has it."""
    import torch

    torch.set_num_threads(1)
    if kind == "both" or name not in ATEN or x.dtype.name == "bfloat16":
        return None
    operator, after, back, after_back = ATEN[name]
    x, g, out = torch.from_numpy(x), torch.from_numpy(g), torch.from_numpy(out)
    given, options = ((), after) if isinstance(after, dict) else (after, {})
    packet = getattr(torch.ops.aten, operator)
    if kind == "forward":
        return (lambda: packet.out(x, *given, **options, out=out)) if into else lambda: packet(x, *given, **options)
    if back is None:
        return None
    y = packet(x, *given, **options)
    given, options = ((), after_back) if isinstance(after_back, dict) else (after_back, {})
    from_y = "y" in given
    given = tuple(value for value in given if value != "y")
    packet = getattr(torch.ops.aten, back)
    given = (*given, y) if back == "elu_backward" else (y if from_y else x, *given)
    if not into:
        return lambda: packet(g, *given, **options)
    overload = next((o for o in ("grad_input", "out") if o in packet.overloads()), None)
    if overload is None:
        return lambda: packet(g, *given, **options)
    return lambda: getattr(packet, overload)(g, *given, **options, **{overload: out})


def of_torch_without_out(*arguments):
    return of_torch(*arguments, into=False)


def checkout(path):
    """The package acts in another checkout, under another name beside this one."""
    init = Path(path) / "acts" / "__init__.py"
    if not init.exists():
        raise argparse.ArgumentTypeError(f"there is no acts in {path}")
    spec = importlib.util.spec_from_file_location("acts_before", init, submodule_search_locations=[str(init.parent)])
    package = importlib.util.module_from_spec(spec)
    sys.modules["acts_before"] = package
    spec.loader.exec_module(package)
    return package


def available(against=None):
    """Label: peer, of those that are installed."""
    peers = {"acts": of_acts(acts), "textbook": in_textbooks}
    if against:
        peers["before"] = of_acts(against)
    optional = {
        "torch": [("torch, out=", of_torch), ("torch", of_torch_without_out)],
        "scipy": [("scipy", in_scipy)],
        "numexpr": [("numexpr", in_numexpr)],
        "numba": [("numba", in_numba)],
        "jax": [("jax.nn, jit", in_jax)],
    }
    for module, found in optional.items():
        if importlib.util.find_spec(module):
            peers |= dict(found)
    return peers | {"acts, no out=": without_out, "copy": copy}


def calls(peers, name, kind, x, g):
    """Label: call, of the peers that have one; every call has run once."""
    made = {}
    for label, peer in peers.items():
        call = peer(name, kind, x, g, np.empty_like(x))
        if call is not None:
            with contextlib.redirect_stderr(None), np.errstate(all="ignore"):
                call()
            made[label] = call
    return made
