"""Softmax and its kin: exponentials of a row over their sum, and the logarithm of that sum.

Formulas see rows along the last axis. The maximum is subtracted first, and where all is -inf or masked the result is
the limit 0, with slope 0. A row with +inf is NaN, as inf / inf is; its logsumexp is inf.
"""

import numpy as np

from .._registry import axis_function, jvp_of, vjp_of
from .._rows import finite, masked, put_first, shifted, total

BLANCHARD = (
    "Blanchard, Higham, Higham, 'Accurately computing the log-sum-exp and softmax functions', IMA Journal of Numerical "
    "Analysis 41, 2021, doi:10.1093/imanum/draa038"
)
BRIDLE = (
    "Bridle, 'Training Stochastic Model Recognition Algorithms as Networks can Lead to Maximum Mutual Information "
    "Estimation of Parameters', 1989"
)


def probabilities(x, where, temperature=1.0, sink=-np.inf):
    """(p, the sink's p, and of what they are the softmax: the row and the sink, shifted)."""
    z, s, _ = shifted(x, where, temperature, sink)
    e, e_sink = np.exp(z), np.exp(s)
    whole = (total(e) + e_sink).clip(1)  # less than that only where all is -inf
    return e / whole, e_sink / whole, z, s


def cotangents(g, g_sink, z, s, temperature):
    """Those of x, temperature and sink from those of z and s."""
    slope = total(g * finite(z)) + g_sink * finite(s)
    return g / temperature, -slope / temperature, g_sink / temperature


@axis_function(paper=BRIDLE, params=("temperature", "sink"), domain="temperature > 0")
def softmax(x, axis=-1, *, where=None, temperature=1.0, sink=None):
    """softmax(x)[i] = exp(x[i]) / sum(exp(t) for t in x)

    Numbers that sum to 1, for attention, routing and classes. x is divided by the temperature. A sink is one more logit
    of the row, often learned, that takes a share and is dropped: the result sums to less than 1; sink=0 is softmax1,
    or quiet softmax. It is divided by the temperature, too.

    >>> acts.softmax([1e4, 1e4, -np.inf])
    array([0.5, 0.5, 0. ])
    >>> acts.softmax([0.0, 0.0], sink=0.0)
    array([0.33333333, 0.33333333])
    """
    return probabilities(x, where, temperature, -np.inf if sink is None else sink)[0]


@vjp_of(softmax, symmetric=True)
def softmax_vjp(x, g, where, temperature, sink):
    p, p_sink, z, s = probabilities(x, where, temperature, sink)
    mean = total(p * g)
    return cotangents(p * (g - mean), -p_sink * mean, z, s, temperature)


@axis_function(paper="torch.nn.Softmin, PyTorch documentation", params=("temperature",), domain="temperature > 0")
def softmin(x, axis=-1, *, where=None, temperature=1.0):
    """softmin(x)[i] = exp(-x[i]) / sum(exp(-t) for t in x)

    Softmax of -x: the least element has the largest share.

    >>> acts.softmin([0.0, 1e4])
    array([1., 0.])
    """
    return probabilities(-x, where, temperature)[0]


@vjp_of(softmin, symmetric=True)
def softmin_vjp(x, g, where, temperature):
    dx, d_temperature, _ = softmax_vjp(-x, g, where, temperature, -np.inf)
    return -dx, d_temperature


def log_partition(x, where, temperature=1.0, sink=-np.inf):
    """(z, s, m, l): the row and the sink less the maximum m, over temperature, and the logarithm of exp's sum of them.

    The largest term, exp(0), is left out of the sum, so that log1p keeps all that the others add.
    """
    z, s, m = shifted(x, where, temperature, sink)
    e, first = put_first(np.exp(z), z, 0)
    return z, s, m, np.log1p(total(e) + np.where(s == 0, first, np.exp(s)))


def partition(z, m, log_sum):
    """The maximum, +inf as such, and the logarithm of the sum."""
    return np.where(m == np.inf, m, m + z.max(-1, keepdims=True, initial=-np.inf) + log_sum)


@axis_function(paper=BLANCHARD, params=("temperature", "sink"), domain="temperature > 0")
def log_softmax(x, axis=-1, *, where=None, temperature=1.0, sink=None):
    """log_softmax(x)[i] = x[i] - log(sum(exp(t) for t in x))

    The logarithm of softmax, for losses: finite where softmax is 0, and not 0 where softmax is 1. What is masked is
    -inf, and has no slope. Temperature and sink are those of softmax.

    >>> acts.log_softmax([0.0, -50.0])
    array([-1.92874985e-22, -5.00000000e+01])
    """
    z, _, _, log_sum = log_partition(x, where, temperature, -np.inf if sink is None else sink)
    return z - log_sum


@vjp_of(log_softmax)
def log_softmax_vjp(x, g, where, temperature, sink):
    p, p_sink, z, s = probabilities(x, where, temperature, sink)
    g = np.where(z == -np.inf, 0, g)
    whole = total(g)
    return cotangents(g - p * whole, -p_sink * whole, z, s, temperature)


@jvp_of(log_softmax)
def log_softmax_jvp(x, t, where, temperature, sink):
    p, _, z, _ = probabilities(x, where, temperature, sink)
    return np.where(z == -np.inf, 0, t - total(p * t)) / temperature


@axis_function(paper=BLANCHARD, width="1")
def logsumexp(x, axis=-1, *, where=None, keepdims=False):
    """logsumexp(x) = log(sum(exp(t) for t in x))

    A smooth maximum, whose gradient is softmax. The axis goes, unless keepdims.

    >>> acts.logsumexp([[1e4, 1e4]])
    array([10000.69314718])
    """
    z, _, m, log_sum = log_partition(x, where)
    return partition(z, m, log_sum)


@vjp_of(logsumexp)
def logsumexp_vjp(x, g, where):
    return (g * probabilities(x, where)[0],)


@jvp_of(logsumexp)
def logsumexp_jvp(x, t, where):
    return total(probabilities(x, where)[0] * t)


@axis_function(paper="jax.nn.logmeanexp, JAX documentation", width="1")
def logmeanexp(x, axis=-1, *, where=None, keepdims=False):
    """logmeanexp(x) = log(sum(exp(t) for t in x) / len(x))

    logsumexp less the logarithm of how many there are: a smooth maximum that stays at t where all are t.

    >>> acts.logmeanexp([[1e4, 1e4]])
    array([10000.])
    """
    z, _, m, log_sum = log_partition(x, where)
    count = max(x.shape[-1], 1) if where is None else total(where).clip(1)
    mean = total(np.expm1(z) if where is None else np.where(where, np.expm1(z), 0)) / count
    near = mean > -0.5  # then log(1 + mean), and not the difference of two logarithms
    return partition(z, m, np.where(near, np.log1p(np.where(near, mean, 0)), log_sum - np.log1p(count - 1)))


vjp_of(logmeanexp)(logsumexp_vjp)
jvp_of(logmeanexp)(logsumexp_jvp)


@axis_function(paper="Hardmax, ONNX operator documentation", aliases=("argmax_one_hot",))
def hardmax(x, axis=-1, *, where=None):
    """hardmax(x)[i] = 1 if i == x.index(max(x)) else 0

    1 at the first maximum, 0 elsewhere: what softmax tends to as its temperature goes to 0. Its slope is 0.

    >>> acts.hardmax([1.0, 3.0, 3.0])
    array([0., 1., 0.])
    """
    z = masked(x, where)
    some = np.exp(0 * finite(z.max(-1, keepdims=True, initial=-np.inf)))  # 1, or NaN
    one_hot, _ = put_first(np.zeros_like(z), z, some)
    return np.where(np.isnan(some), some, np.where(z == -np.inf, 0, one_hot))


@vjp_of(hardmax, symmetric=True)
def hardmax_vjp(x, g, where):
    return (0 * hardmax.formula(x, where=where),)


@axis_function(
    paper="Jang, Gu, Poole, 'Categorical Reparameterization with Gumbel-Softmax', 2016, arXiv:1611.01144",
    params=("temperature",),
    domain="temperature > 0",
)
def gumbel_softmax(x, rng, axis=-1, *, temperature=1.0, hard=False):
    """gumbel_softmax(x, noise)[i] = exp(x[i] + noise[i]) / sum(exp(t + e) for t, e in zip(x, noise))

    A sample of the classes whose logits x are, with a gradient: the softmax of x plus Gumbel noise. rng: a NumPy
    Generator or a seed; the noise is rng.gumbel of as many numbers as x has, row by row. In JAX it is a key, and the
    noise is jax.random.gumbel. hard: 1 for the class drawn and 0 for the others, with the gradient of the soft sample.

    >>> acts.gumbel_softmax.bind(hard=True)([0.0, 1.0], np.random.default_rng(0))
    array([0., 1.])
    """
    z = x + noise(x, rng)
    return hardmax.formula(z) if hard else probabilities(z, None, temperature)[0]


def noise(x, rng):
    return np.random.default_rng(rng).gumbel(size=x.shape)


@vjp_of(gumbel_softmax, symmetric=True)
def gumbel_softmax_vjp(x, g, rng, temperature, hard):
    return softmax_vjp(x + noise(x, rng), g, None, temperature, -np.inf)[:2]


@axis_function(
    paper="Elhage and others, 'Softmax Linear Units', 2022, https://transformer-circuits.pub/2022/solu/index.html"
)
def solu(x, axis=-1):
    """solu(x)[i] = x[i] * exp(x[i]) / sum(exp(t) for t in x)

    Softmax linear unit: x times its softmax, which lets few neurons of a layer speak. A LayerNorm follows it.

    >>> acts.solu([0.0, 100.0])
    array([  0., 100.])
    """
    z, _, _ = shifted(x, None)
    h = np.exp(z / 2)  # whose square may underflow where x times it does not
    return np.where(h == 0, 0, x * h) * (h / total(h * h).clip(1))


def less_mean(a, p):
    """a less its mean, weighted by p: first less what stands where p is largest, which else would cancel there."""
    a = a - put_first(a.copy(), p, 0)[1]
    return a - total(p * a)


@vjp_of(solu)
def solu_vjp(x, g):
    p = probabilities(x, None)[0]
    return (p * (g + less_mean(np.where(p == 0, 0, x * g), p)),)


@jvp_of(solu)
def solu_jvp(x, t):
    p = probabilities(x, None)[0]
    return p * (t + np.where(p == 0, 0, x) * less_mean(t, p))
