"""Wrong kernels in torch: autograd functions, modules, plain functions; and what torch itself does."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from mutants import BACKWARD, ONE_SHAPE, Mutant  # noqa: E402
from torch.nn import functional as F  # noqa: E402

FORMULAS = {"gelu": F.gelu, "silu": F.silu, "mish": F.mish}


def kernel(function, rule):
    """An autograd function: the right value, and dx by rule(x, y, g, f')."""
    f = FORMULAS[function]

    def slope(x):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            return torch.autograd.grad(f(x).sum(), x)[0]

    class Kernel(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return f(x)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return rule(x, f(x), g, slope).to(x.dtype)

    return Kernel


class OfAnotherForwardMode(torch.autograd.Function):
    """silu, whose forward mode forgets the tangent."""

    @staticmethod
    def forward(x):
        return F.silu(x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * (s + x * s * torch.sigmoid(-x))

    @staticmethod
    def jvp(ctx, t):
        return 0 * t


class Slope(torch.nn.Module):
    """prelu, whose weight is taken for something else."""

    def __init__(self, forward):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.full((1,), 0.25))
        self.compute = forward

    def forward(self, x):
        return self.compute(x, self.weight)


WEIGHT = {"params": {"weight": "alpha"}}
IN_TORCH = [
    Mutant(bug, function, kernel(function, rule), told)
    for function in FORMULAS
    for bug, (rule, told) in BACKWARD.items()
]
IN_TORCH += [
    Mutant("the tanh form", "gelu", torch.nn.GELU(approximate="tanh"), "gelu_tanh"),
    Mutant("the sigmoid form", "gelu", lambda x: x * torch.sigmoid(1.702 * x), "diagnosis: this is quick_gelu"),
    Mutant("0.7071", "gelu", lambda x: x * torch.erfc(-0.7071 * x) / 2, "constant truncated (0.7071)"),
    Mutant("log(1 + exp(x))", "softplus", lambda x: torch.log(1 + torch.exp(x)), "got inf"),
    Mutant("exp(x) - 1", "elu", lambda x: torch.where(x > 0, x, torch.exp(x) - 1), "got nan"),
    Mutant("detached", "silu", lambda x: x * torch.sigmoid(x).detach()),
    Mutant("0.2", "leaky_relu", lambda x: F.leaky_relu(x, 0.2), "negative_slope 0.2 instead of 0.01"),
    Mutant("capped", "relu", torch.nn.ReLU6(), "diagnosis: this is relu6"),
    Mutant("in place", "relu", torch.nn.ReLU(inplace=True), "the input is overwritten"),
    Mutant("softplus of 10", "softplus", torch.nn.Softplus(threshold=10)),
    Mutant("in bfloat16", "silu", lambda x: F.silu(x.bfloat16()).to(x.dtype), "computed in bfloat16 throughout"),
    Mutant("float32 comes out", "silu", lambda x: F.silu(x.float()), "dtype float32", "bfloat16"),
    Mutant("g is forgotten", "silu", kernel("silu", BACKWARD["g is forgotten"][0]), "is missing", "bfloat16"),
    Mutant("wrong side", "prelu", Slope(lambda x, w: torch.where(x < 0, x, w * x)), given=WEIGHT),
    Mutant("a frozen slope", "prelu", Slope(lambda x, w: F.prelu(x, w.detach())), "gradient of alpha", given=WEIGHT),
    Mutant("another jvp", "silu", OfAnotherForwardMode, "forward mode in float32", given={"shape": None}),
    Mutant("swapped", "swiglu", lambda gate, value: gate * F.silu(value), "gate and value are swapped"),
    Mutant("the other half", "reglu", lambda gate, value: gate * value),
]
FIELD_OF_TORCH = [  # found at the strictest level, or by the policy that wants limits
    Mutant("a threshold of 20", "softplus", F.softplus, "value in float64", "float64", "ulp"),
    Mutant(
        "f' is NaN far out", "gelu_tanh", torch.nn.GELU("tanh"), "got nan", "float32", "ulp", {"nonfinite": "ignore"}
    ),
    Mutant(
        "f'' is NaN",
        "mish",
        F.mish,
        "second derivative in float32",
        "float32",
        "ulp",
        {"nonfinite": "ignore", "shape": None},
    ),
    Mutant("NaN at -inf", "hard_swish", F.hardswish, "x = -inf", given={"nonfinite": "limits"}),
    Mutant("NaN at -inf", "silu", F.silu, "x = -inf", given={"nonfinite": "limits"}),
    Mutant("f' of NaN is 0", "relu6", F.relu6, "x = nan", given={"nonfinite": "limits"}),
]
IN_TORCH, FIELD_OF_TORCH = (
    [row._replace(given={**ONE_SHAPE, **row.given}) for row in rows] for rows in (IN_TORCH, FIELD_OF_TORCH)
)
