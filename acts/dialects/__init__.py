"""What replaces what: the activations of other frameworks, and the expression here that computes the same.

`acts.get("leaky_relu", dialect="keras")` looks here; so do the errors for a keyword of another framework.

>>> from acts import dialects
>>> [row.ours for row in dialects.ROWS if row.theirs == "jax.nn.gelu(x)"]
['gelu_tanh(x)']
"""

import re
from itertools import groupby
from typing import Any

from .._arguments import UnknownNameError, hint
from .._registry import get, names, spelling_of
from . import of_jax, of_keras, of_onnx, of_torch, others
from .row import Row as Row

FRAMEWORKS = {
    "jax": "JAX; flax.nnx and flax.linen have most of the same functions",
    "flax": "Flax, its own layers",
    "equinox": "Equinox",
    "torch": "PyTorch, with `F = torch.nn.functional`",
    "keras": "Keras 3",
    "keras2": "Keras 2, as tf_keras 2.21.0 has it",
    "tensorflow": "TensorFlow 2.21.0",
    "onnx": "ONNX operators, with their attributes",
    "transformers": "transformers 5.24.0, `transformers.activations`",
    "mlx": "MLX 0.32.4, with `nn = mlx.nn`",
}
"""The frameworks of the table, and how a reader knows them. Those with a version were read, the others are run."""

ROWS = (*of_jax.ROWS, *of_torch.ROWS, *of_keras.ROWS, *of_onnx.ROWS, *others.ROWS)
"""The rows, framework by framework."""

NOT_IN_FLAX = ("log1mexp", "logmeanexp", "mish", "sparse_plus", "sparse_sigmoid", "squareplus")
"""The functions of jax.nn that flax.nnx and flax.linen don't hand on."""

KEYWORDS = {
    "inplace": "in NumPy pass out=x, in JAX donate x: jax.jit(f, donate_argnums=0)",
    "out": "arrays of JAX don't change; donate x: jax.jit(f, donate_argnums=0)",
    "dim": "it is axis here, where a function has one",
    "approximate": "gelu is exact, gelu_tanh and quick_gelu are its approximations",
    "max_value": "relu6 is cut at 6, hard_tanh at min_val and max_val",
    "threshold": "threshold, thresholded_relu, hardshrink and softshrink have one; no other function is cut",
    "beta": "swish and softplus have one",
    **dict.fromkeys(("num_parameters", "init", "init_alpha", "alpha_initializer", "weight", "negative_slope_init"),
                    "prelu takes its slopes as alpha; the layer is acts_jax.PReLU.init(num_parameters, init)"),
}  # fmt: skip
"""Keywords of other frameworks that no function here has, or few, and the way here."""


def frameworks(row: Row) -> tuple[str, ...]:
    """Whose row it is: one of JAX may be Flax's, too."""
    return ("jax", "flax") if row.framework == "jax" and row.name not in NOT_IN_FLAX else (row.framework,)


def resolved(dialect: str, name: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name here and its parameters for a framework's function, called with these keywords of its own.

    name: as in F.leaky_relu, or with where it is found, as ops.gelu, which in Keras is not activations.gelu.
    A LookupError for an unknown framework or function; a TypeError for keywords that the table doesn't tell of.

    >>> resolved("keras", "leaky_relu", {})
    ('leaky_relu', {'negative_slope': 0.2})
    >>> resolved("onnx", "HardSigmoid", {"alpha": 0.3, "beta": 0.4})
    ('hard_sigmoid', {'slope': 0.3, 'offset': 0.4})
    """
    of_dialect = [row for row in ROWS if dialect in frameworks(row)]
    if not of_dialect:
        nearest = hint(dialect, FRAMEWORKS)
        raise UnknownNameError(f"no dialect is called {dialect!r}{nearest}; allowed: {', '.join(FRAMEWORKS)}")
    exactly = [row for row in of_dialect if f".{row.path}".endswith(f".{name}")]  # leaky_relu is no LeakyReLU
    spelled = [row for row in of_dialect if f".{spelling_of(row.path)}".endswith(f".{spelling_of(name)}")]
    rows = exactly or spelled
    if not rows:
        raise UnknownNameError(f"{dialect} has no {name!r} in the table{hint(name, {row.name for row in of_dialect})}")
    functions = [row for row in rows if row.function in names("all")]
    for match in (_called_so, _with_other_values, _by_our_names):
        for row in functions:
            found = match(row, given)
            if found is not None:
                return row.function, found
    forms = "; ".join(f"{row.theirs} is {row.ours} here" for row in rows)
    raise TypeError(f"{dialect}: the table has no {name} with {', '.join(given) or 'defaults'}; {forms}")


def _called_so(row: Row, given: dict[str, Any]) -> dict[str, Any] | None:
    return row.parameters() if row.given() == given else None


def _with_other_values(row: Row, given: dict[str, Any]) -> dict[str, Any] | None:
    """A parameter of ours with the value of one of theirs is the same parameter, if it is the only one."""
    theirs, ours = row.given(), row.parameters()
    same = {key: [name for name in ours if ours[name] == theirs[key]] for key in theirs}
    if theirs.keys() != given.keys() or any(len(found) != 1 for found in same.values()):
        return None
    return {**ours, **{same[key][0]: value for key, value in given.items()}}


def _by_our_names(row: Row, given: dict[str, Any]) -> dict[str, Any] | None:
    """What the call without keywords is, if those given are all called as they are here."""
    function = get(row.function)
    if row.given() or not given.keys() <= set(function._names if function.kind == "axis" else function.params):
        return None
    return {**row.parameters(), **given}


def known_defect(dialect: str, name: str) -> str:
    """What is wrong with a framework's function as it is called without keywords; empty if nothing is known.

    >>> known_defect("keras", "hard_shrink")
    'Keras 3.15.1: NaN becomes 0'
    """
    rows = (row for row in ROWS if dialect in frameworks(row) and f".{row.path}".endswith(f".{name}"))
    return next((row.defect for row in rows if not row.given()), "")


def way_here(function: str, keyword: str) -> str:
    """What stands here for that keyword of another framework's counterpart of a function; empty if none is known.

    >>> way_here("gelu", "approximate")
    'jax.nn.gelu(x, approximate=False) is gelu(x) here, jax.nn.gelu(x, approximate=True) is gelu_tanh(x) here'
    """
    counterparts = {_callee(row.theirs) for row in ROWS if _callee(row.ours) == function}
    rows = [row for row in ROWS if _callee(row.theirs) in counterparts and keyword in keywords(row.theirs)]
    answers = {row.ours: f"{row.theirs} is {row.ours} here" for row in reversed(rows)}
    return ", ".join(reversed(answers.values())) or KEYWORDS.get(keyword, "")


def keywords(expression: str) -> list[str]:
    """The keywords in an expression of the table."""
    return re.findall(r"(\w+)=", expression)


def _callee(expression: str) -> str:
    return expression.partition("(")[0]


def migration_table() -> str:
    """The rows as Markdown: one table per framework."""
    return "\n\n".join(_table(framework, list(rows)) for framework, rows in groupby(ROWS, lambda row: row.framework))


def _table(framework: str, rows: list[Row]) -> str:
    lines = [f"**{FRAMEWORKS[framework]}**", "", "| theirs | here | to know |", "| --- | --- | --- |"]
    return "\n".join(lines + [f"| `{row.theirs}` | `{row.ours}` | {remark(row)} |" for row in rows])


def remark(row: Row) -> str:
    """What is easily missed or wrong, in words."""
    slopes = [f"at {at:g} their derivative is {slope:g}, here {ours}" for at, slope, ours in row.slopes]
    return "; ".join(filter(None, (row.note, *slopes, row.defect)))
