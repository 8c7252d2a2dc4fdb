"""One line of the table: an activation of another framework, and the expression here that computes the same."""

import ast
import re
from typing import Any, NamedTuple

SQUARES = "JAX 0.10.2: far left, where x² overflows, its gradient is 0.5"
KINK = "JAX 0.10.2: in 16 bits the number next to 1 is rounded to 1, and has its slope"
LAYER = "a layer, {}; `PReLU` is acts_jax.PReLU"


class Row(NamedTuple):
    """An activation of another framework, and its replacement.

    theirs, ours: Python expressions in x, for a gate of two inputs in gate and value, and for prelu in alpha, an array
    of one slope per channel. ours uses the names of acts and acts_jax. An ONNX operator is written as a call with its
    inputs, then its attributes.
    note: what is easily missed. slopes: the kinks where the derivatives differ, as (kink, theirs, ours), ours again an
    expression in alpha; Keras has the derivatives of its backend, and these are those on JAX. defect: what
    `acts.testing.check` finds wrong at its level "framework", and in which version.
    """

    framework: str
    theirs: str
    ours: str
    note: str = ""
    slopes: tuple[tuple[float, float, str], ...] = ()
    defect: str = ""

    @property
    def name(self) -> str:
        """What the framework calls it: leaky_relu in F.leaky_relu(x), gelu_new in ACT2FN['gelu_new'](x)."""
        return self.path.rpartition(".")[2]

    @property
    def path(self) -> str:
        """The name with where it is found: keras.ops.gelu, ACT2FN.gelu_new."""
        return re.sub(r"\['(\w+)'\]", r".\1", self.theirs.partition("(")[0])

    @property
    def function(self) -> str:
        """The name here."""
        return self.ours.partition("(")[0]

    def given(self) -> dict[Any, Any]:
        """Their keywords, of a layer those it is made with, with values; what is given by position under its number."""
        call = _call(self.theirs)
        while call and isinstance(call.func, ast.Call):
            call = call.func
        return _constants(call)

    def parameters(self) -> dict[Any, Any]:
        """Our keywords, with values."""
        return _constants(_call(self.ours))


def _call(expression: str) -> ast.Call | None:
    body = ast.parse(expression, mode="eval").body
    return body if isinstance(body, ast.Call) else None


def _constants(call: ast.Call | None) -> dict[Any, Any]:
    """The arguments that are constants, such as 0.5, 'tanh', -1.0 and 1 / 6."""
    given = [*enumerate(call.args), *((k.arg, k.value) for k in call.keywords)] if call else []
    values = {k: v for k, v in given if not any(isinstance(node, (ast.Name, ast.Call)) for node in ast.walk(v))}
    return {k: _constant(v) for k, v in values.items()}


def _constant(node: ast.expr) -> Any:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _constant(node.left) / _constant(node.right)
    return ast.literal_eval(node)
