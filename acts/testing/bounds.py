"""The bounds that both packages keep, for every function: tested at many parameters, and shown in docs/numerics.md.

A bound is on the measures of `acts.testing.accuracy`. Where one function can't keep that of all, its own stands in
OWN with the reason, and a test fails once it is no longer needed.
"""

from math import inf
from typing import NamedTuple


class Bound(NamedTuple):
    """The largest errors allowed, in ulp."""

    ulp: float = inf
    scaled: float = inf
    conditioned: float = inf
    everywhere: float = inf


class Own(NamedTuple):
    """A wider bound of some functions, why, and the largest error that `pytest -m exhaustive` found.

    at: an x that needs it at the example parameters, where a sample has none.
    """

    package: str
    dtypes: tuple[str, ...]
    functions: tuple[str, ...]
    quantities: tuple[str, ...]
    bound: Bound
    found: str
    reason: str
    at: float | None = None


KINDS = ("f", "f'", "f''")
HALF, SINGLE, DOUBLE = ("float16", "bfloat16"), ("float32",), ("float64",)
ALL: dict[tuple[str, tuple[str, ...]], tuple[Bound, Bound, Bound]] = {  # for f; f' and the partials; f''
    ("acts", HALF): (Bound(everywhere=0.51), Bound(everywhere=0.55), Bound(everywhere=0.65)),
    ("acts", SINGLE + DOUBLE): (Bound(4, 3, 9), Bound(32, 4, 16), Bound(64, 8, 32)),
    ("acts_jax", HALF): (Bound(0.51, 0.51), Bound(0.55, 0.55), Bound(0.6, 0.6)),
    ("acts_jax", SINGLE + DOUBLE): (Bound(8, 5, 9), Bound(64, 8.5, 16), Bound(128, 16, 32)),
}
PIECEWISE = {
    **dict.fromkeys(("identity", "relu", "relu6", "threshold", "thresholded_relu", "hard_tanh", "hardshrink"), 0.0),
    **dict.fromkeys(("softshrink", "relu_squared"), 0.5),
    **dict.fromkeys(("leaky_relu", "prelu"), 1.0),
    **{"hard_sigmoid": 1.5, "hard_swish": 2.0},
    **dict.fromkeys(("step", "relun"), 0.0),
    **dict.fromkeys(("shrink", "sparse_sigmoid"), 0.5),
    **{"sparse_plus": 2.0, "hard_mish": 2.0, "general_relu": 2.0},
    **{"bilinear": 0.5, "reglu": 0.5, "relu2_glu": 1.5},
}
"""The bound on the ulp of the value of the functions that are polynomials in pieces, 16-bit types apart."""
WITHOUT_ROOT = {"acts": 6.0}
"""The bound on the ulp of a derivative that has no root, in float32 and float64."""

ROOTED = ("acon_c", "snake", "snake_beta", "xielu", "dyt", "derf", "stan")
"""Functions whose value may have a root that is not at 0: next to it the bound on its ulp is that of a derivative.

snake has none, but comes down to a quarter of its terms.
"""
WAVES = (("siren", "df/domega"), ("snake", "df/da"), ("snake_beta", "df/da"))
"""Partials that are x times a wave: next to a root far out they are no more exact than x, whatever M on [-1, 1] is."""
SQUARES = (("snake", "f'"), ("snake_beta", "df/db"))
"""Squares of waves: far out a x is a sum of two float64, a sine four roundings, its square eight: 6 scaled ulp."""

EXPONENT = "exp magnifies the rounding of its argument, a cubic"
OUTPUT = "from the output, the tails are lost: scaled ulp only"
KNEE = "the knee is computed from the parameters, and rounded"
EXP = "NumPy's exp is off by 2.5 ulp, and four roundings follow"
NARROW = "without AVX2 NumPy takes other float32 functions, and their errors add up a little differently"
CANCEL = "its terms cancel around a root of the value"
BENT = "its terms cancel around a root"
HORNER = "five roundings of Horner's rule, and those of the coefficients"
TERMS = "terms of learned coefficients cancel, left of 0 to a 500th of their size"
OPPOSITE = "slopes of opposite signs: the two lines cancel beside a root"
SQUARED = (
    "the bell is the square of its root, so that its tail outlives it, and so is off by 2 ulp; its quotient by 2.2"
)
MILLS = "an exponential, a polynomial of 12 terms and two quotients follow each other"
OVERFLOW = "in JAX 0.10 XLA's exp is off by 5.4 ulp next to its overflow"
SLOPED = "the slope of a sigmoid, and four factors"
SCORE = "the square of a rounded quotient, three factors and exp's error"
CAPPED = "the roundings of two capped factors add up"
DOUBLED = "a square doubles five roundings"
SIXTH = "XLA divides by 6 by multiplying by a rounded 1/6"
OWN = (
    Own("acts", DOUBLE, ("hard_sigmoid",), ("f",), Bound(32, conditioned=9), "20 ulp", KNEE),
    Own("acts", SINGLE, ("mish",), ("f",), Bound(6, 3, 9), "4.5 ulp", EXP),
    Own("acts", SINGLE, ("logcosh",), ("f",), Bound(6, 5, 9), "4.0003 ulp", NARROW),
    Own("acts", SINGLE + DOUBLE, ("star_relu",), ("f",), Bound(16, 3, 9), "11 ulp", CANCEL),
    Own("acts", SINGLE, ("polyrelu",), ("f",), Bound(4, 4, 9), "3.4 ulp", HORNER),
    Own("acts", DOUBLE, ("polyrelu",), ("f",), Bound(64, 32, 9), "28 ulp", CANCEL),
    Own("acts_jax", SINGLE, ("polyrelu",), ("f",), Bound(64, 32, 9), "30 ulp", CANCEL),
    Own("acts", DOUBLE, ("xielu",), ("f",), Bound(64, 8, 16), "33 ulp", CANCEL),
    Own("acts", DOUBLE, ("laplace",), ("f",), Bound(7, 3, 9), "5.3 ulp", MILLS, -1.563208331298858),
    Own("acts", DOUBLE, ("pflu",), ("f''",), Bound(96, 8, 32), "65 ulp", BENT, -1.5000000000001041),
    Own("acts", DOUBLE, ("acon_c",), ("df/dbeta",), Bound(32, 8, 16), "6.1 scaled", DOUBLED, 2.3996032134157783),
    Own("acts", DOUBLE, ("gaussian",), ("df/dsigma",), Bound(32, 5, 16), "4.53 scaled", SCORE, -0.39501655101776123),
    Own("acts", DOUBLE, ("geglu",), ("f",), Bound(6, 3, 9), "5.0 ulp", SQUARED),
    Own("acts", DOUBLE, ("situ_glu",), ("df/dbeta2",), Bound(32, 8, 16), "5.8 scaled", CAPPED),
    Own("acts", DOUBLE, ("clamped_swiglu",), ("df/dalpha",), Bound(8, 4, 16), "6.5 ulp", SLOPED),
    Own("acts", DOUBLE, ("rational",), ("f",), Bound(scaled=9), "6.7 scaled", TERMS),
    Own("acts", DOUBLE, ("rational",), ("f'",), Bound(scaled=9), "6.5 scaled", TERMS),
    Own("acts", DOUBLE, ("rational",), ("f''",), Bound(scaled=8), "4.0 scaled", TERMS),
    Own("acts", DOUBLE, ("rational",), ("df/db1", "df/db2"), Bound(scaled=9), "5.7 scaled", TERMS),
    Own("acts", DOUBLE, ("rational",), ("df/db3", "df/db4"), Bound(scaled=128), "77 scaled", TERMS),
    Own("acts_jax", SINGLE + DOUBLE, ("rational",), ("f",), Bound(scaled=9), "6.2 scaled", TERMS),
    Own("acts_jax", ("float16",), ("rational",), ("f",), Bound(0.55, 0.51), "0.526 ulp", TERMS),
    Own("acts_jax", SINGLE, ("rational",), ("f'", "grad"), Bound(scaled=12), "8.7 scaled", TERMS),
    Own("acts_jax", DOUBLE, ("rational",), ("f'",), Bound(scaled=9), "5.5 scaled", TERMS, -1.4971977582065676),
    Own("acts_jax", DOUBLE, ("rational",), ("grad",), Bound(scaled=9), "5.5 scaled", TERMS, -1.849479583666934),
    Own("acts_jax", SINGLE + DOUBLE, ("rational",), ("f''",), Bound(scaled=8), "5.7 scaled", TERMS),
    Own("acts_jax", SINGLE + DOUBLE, ("rational",), ("df/db1", "df/db2"), Bound(scaled=12), "8.0 scaled", TERMS),
    Own("acts_jax", SINGLE + DOUBLE, ("rational",), ("df/db3", "df/db4"), Bound(scaled=96), "60 scaled", TERMS),
    Own("acts_jax", SINGLE + DOUBLE, ("hard_sigmoid",), ("f",), Bound(32, conditioned=9), "20 ulp", KNEE),
    Own("acts_jax", HALF, ("hard_sigmoid",), ("df/dslope",), Bound(0.55), "x at the knee on its other side", KNEE),
    Own("acts_jax", SINGLE, ("exponential",), ("f",), Bound(8, 6, 9), "5.4 scaled", OVERFLOW),
    Own("acts_jax", SINGLE, ("xielu",), ("f",), Bound(96, 8, 16), "72 ulp", CANCEL),
    Own("acts_jax", SINGLE, ("hard_swish",), ("f",), Bound(2.5, 2.5), "2.5 ulp", SIXTH),
    Own("acts_jax", SINGLE, ("gelu_tanh", "geglu_tanh"), ("f",), Bound(200, 5, 9), "169 ulp", EXPONENT),
    Own("acts_jax", SINGLE, ("gelu_tanh", "geglu_tanh"), ("f'", "grad"), Bound(400, 8.5, 16), "189 ulp", EXPONENT),
    Own("acts_jax", SINGLE, ("gelu_tanh", "geglu_tanh"), ("f''",), Bound(800, 16, 32), "175 ulp", EXPONENT),
    Own("acts_jax", DOUBLE, ("gelu_tanh", "geglu_tanh"), ("f",), Bound(2000, 5, 9), "1.1e3 ulp", EXPONENT),
    Own("acts_jax", DOUBLE, ("gelu_tanh", "geglu_tanh"), ("f'", "grad"), Bound(2500, 8.5, 16), "1.3e3 ulp", EXPONENT),
    Own("acts_jax", DOUBLE, ("gelu_tanh", "geglu_tanh"), ("f''",), Bound(4000, 16, 32), "1.1e3 ulp", EXPONENT),
    Own("acts_jax", SINGLE, ("geglu_tanh",), ("df/dvalue",), Bound(200, 8.5, 16), "121 ulp", EXPONENT),
    Own("acts_jax", DOUBLE, ("geglu_tanh",), ("df/dvalue",), Bound(2000, 8.5, 16), "176 ulp", EXPONENT),
    Own("acts_jax", SINGLE, ("acon_c",), ("f",), Bound(64, 5, 16), "14 conditioned", OPPOSITE),
    Own("acts_jax", SINGLE, ("acon_c",), ("f'", "grad"), Bound(64, 8.5, 32), "20 conditioned", OPPOSITE),
    Own("acts_jax", SINGLE, ("laplace",), ("f",), Bound(9, 7, 9), "8.02 ulp", MILLS),
    Own("acts_jax", HALF, ("sigmoid", "tanh"), ("grad",), Bound(scaled=1), "1 scaled", OUTPUT),
    Own("acts_jax", SINGLE + DOUBLE, ("sigmoid", "tanh"), ("grad",), Bound(scaled=8.5), "4.3 scaled", OUTPUT),
)


def bound(package: str, dtype: str, function: str, quantity: str, has_root: bool = True) -> Bound:
    """The bound of a quantity ("f", "f'", "f''", "grad", "df/d(parameter)") of a function.

    >>> bound("acts", "float16", "gelu", "f").everywhere
    0.51
    """
    for own in OWN:
        if own.package == package and dtype in own.dtypes and function in own.functions and quantity in own.quantities:
            return own.bound
    return general(package, dtype, function, quantity, has_root)


def only_scaled(function: str, quantity: str) -> bool:
    """Whether JAX is held to ulp of the size on [-1, 1] alone: a gradient, from the output, and where terms cancel."""
    return quantity == "grad" or bound("acts_jax", "float32", function, quantity).conditioned == inf


def general(package: str, dtype: str, function: str, quantity: str, has_root: bool = True) -> Bound:
    """The bound without the exceptions in OWN."""
    if function in PIECEWISE and dtype not in HALF and quantity == "f":
        return Bound(PIECEWISE[function], max(1.0, PIECEWISE[function]))
    if function in PIECEWISE and dtype not in HALF and function != "hard_swish":
        return Bound(0.5, 0.5)  # a slope, rounded
    found = next(bounds for (name, dtypes), bounds in ALL.items() if name == package and dtype in dtypes)
    chosen = found[KINDS.index(quantity) if quantity in KINDS else 1]
    if dtype not in HALF and (function, quantity) in WAVES:
        return chosen._replace(ulp=found[2].ulp, scaled=inf)
    if dtype in DOUBLE and (function, quantity) in SQUARES:
        return chosen._replace(scaled=max(6.0, chosen.scaled))
    if dtype not in HALF and function in ROOTED and quantity == "f":
        return chosen._replace(ulp=found[1].ulp)
    if quantity != "f" and quantity != "f''" and not has_root and package in WITHOUT_ROOT and dtype not in HALF:
        return chosen._replace(ulp=WITHOUT_ROOT[package])
    return chosen
