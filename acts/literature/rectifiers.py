"""Rectifiers of the literature, and what bends left of 0."""

from .entry import entry

# fmt: off
flatten_t_swish = entry(
    "flatten_t_swish(x, t) = (x / (1 + exp(-x)) if x >= 0 else 0) + t",
    "Chieng, Wahid, Ong, Perla, 'Flatten-T Swish: a thresholded ReLU-Swish-like activation function for deep "
    "learning', 2018, arXiv:1812.06247",
    kinks=("0",), t=-0.2,
)
elish = entry(
    "elish(x) = x / (1 + exp(-x)) if x >= 0 else (exp(x) - 1) / (1 + exp(-x))",
    "Basirat, Roth, 'The Quest for the Golden Activation Function', 2018, arXiv:1808.00783",
    kinks=("0",),
)
hard_elish = entry(
    "hard_elish(x) = (x if x >= 0 else exp(x) - 1) * max(0, min(1, (x + 1) / 2))",
    "Basirat, Roth, 'The Quest for the Golden Activation Function', 2018, arXiv:1808.00783",
    kinks=("-1", "0", "1",),
)
isrlu = entry(
    "isrlu(x, alpha) = x if x >= 0 else x / sqrt(1 + alpha * x**2)",
    "'Improving Deep Learning by Inverse Square Root Linear Units (ISRLUs)', 2017, arXiv:1710.09967",
    domain="alpha >= 0", alpha=1.0,
)
nlrelu = entry(
    "nlrelu(x, beta) = log(1 + beta * max(x, 0))",
    "Liu, Zhang, Gao, Qu, Ji, 'Natural-Logarithm-Rectified Activation Function in Convolutional Neural Networks',"
    " 2019, arXiv:1908.03682",
    kinks=("0",), domain="beta > 0", beta=1.0,
)
smelu = entry(
    "smelu(x, beta) = 0 if x <= -beta else x if x >= beta else (x + beta)**2 / (4 * beta)",
    "Shamir, Lin, 'Real World Large Scale Recommendation Systems Reproducibility and Smooth Activations', 2022, "
    "arXiv:2202.06499",
    kinks=("-beta", "beta",), domain="beta > 0", beta=1.0,
)
# sources differ in the defaults
smu = entry(
    "smu(x, alpha, mu) = ((1 + alpha) * x + (1 - alpha) * x * erf(mu * (1 - alpha) * x)) / 2",
    "Biswas, Kumar, Banerjee, Pandey, 'SMU: smooth activation function for deep networks using smoothing maximum "
    "technique', 2021, arXiv:2111.04682",
    alpha=0.25, mu=2.5,
)
# the default of mu is not the paper's
smu1 = entry(
    "smu1(x, alpha, mu) = ((1 + alpha) * x + sqrt((1 - alpha)**2 * x**2 + mu**2)) / 2",
    "Biswas, Kumar, Banerjee, Pandey, 'SMU: smooth activation function for deep networks using smoothing maximum "
    "technique', 2021, arXiv:2111.04682",
    domain="mu > 0", alpha=0.25, mu=1.0,
)
# leaky_relu smoothed by a Gaussian of width s
sau = entry(
    "sau(x, alpha, s) = (1 - alpha) * s / sqrt(2 * pi) * exp(-x**2 / (2 * s**2)) + (1 + alpha) * x / 2 + (1 - "
    "alpha) * x * erf(x / (sqrt(2) * s)) / 2",
    "Biswas, Kumar, Banerjee, Pandey, 'SAU: Smooth activation function using convolution with approximate "
    "identities', 2021, arXiv:2109.13210",
    domain="s > 0", alpha=0.15, s=5e-05,
)
fpflu = entry(
    "fpflu(x) = max(x, x / (1 + x**2))",
    "Zhu, Min, Wang et al., 'PFLU and FPFLU: Two novel non-monotonic activation functions in convolutional neural"
    " networks', Neurocomputing 429:110, 2021, doi:10.1016/j.neucom.2020.11.068",
)
# sources differ in the defaults; elsewhere it has a pole
soft_root_sign = entry(
    "soft_root_sign(x, alpha, beta) = x / (x / alpha + exp(-x / beta))",
    "Zhou, Li, Huo, Kung, 'Soft-Root-Sign Activation Function', 2020, arXiv:2003.00547",
    domain="(e * alpha > beta) & (beta > 0)", alpha=3.0, beta=2.0,
)
pelu = entry(
    "pelu(x, alpha, beta) = alpha / beta * x if x >= 0 else alpha * (exp(x / beta) - 1)",
    "Trottier, Giguere, Chaib-draa, 'Parametric Exponential Linear Unit for Deep Convolutional Neural Networks', "
    "2016, arXiv:1605.09332",
    kinks=("0",), domain="(alpha > 0) & (beta > 0)", alpha=1.0, beta=1.0,
)
# sources differ in the default of alpha
mpelu = entry(
    "mpelu(x, alpha, beta) = x if x > 0 else alpha * (exp(beta * x) - 1)",
    "Li, Fan, Li, Wu, Ming, 'Improving Deep Neural Network with Multiple Parametric Exponential Linear Units', "
    "2016, arXiv:1606.00305",
    kinks=("0",), alpha=1.0, beta=1.0,
)
# the paper learns all four; these are places to begin
s_shaped_relu = entry(
    "s_shaped_relu(x, tl, al, tr, ar) = tr + ar * (x - tr) if x >= tr else tl + al * (x - tl) if x <= tl else x",
    "Jin, Xu, Feng, Wei, Xiong, Yan, 'Deep Learning with S-shaped Rectified Linear Activation Units', 2015, "
    "arXiv:1512.07030",
    kinks=("tl", "tr",), domain="tl <= tr", tl=0.0, al=0.2, tr=1.0, ar=1.0,
)
# one hinge, of which the paper adds several
apl = entry(
    "apl(x, a, b) = max(x, 0) + a * max(-x + b, 0)",
    "Agostinelli, Hoffman, Sadowski, Baldi, 'Learning Activation Functions to Improve Deep Neural Networks', "
    "2014, arXiv:1412.6830",
    kinks=("0", "b",), a=0.2, b=0.5,
)
flexible_relu = entry(
    "flexible_relu(x, b) = max(x, 0) + b",
    "Qiu, Xu, Cai, 'FReLU: Flexible Rectified Linear Units for Improving Convolutional Neural Networks', 2017, "
    "arXiv:1706.08098",
    kinks=("0",), b=0.0,
)
arelu = entry(
    "arelu(x, alpha, beta) = (1 + 1 / (1 + exp(-beta))) * x if x >= 0 else max(0.01, min(0.99, alpha)) * x",
    "Chen, Xu, 'AReLU: Attention-based Rectified Linear Unit', 2020, arXiv:2006.13858",
    kinks=("0",), alpha=0.9, beta=2.0,
)
shilu = entry(
    "shilu(x, alpha, beta) = alpha * max(x, 0) + beta",
    "Pishchik, 'Trainable Activations for Image Classification', 2023, preprints 202301.0463",
    kinks=("0",), alpha=1.0, beta=0.0,
)
delu = entry(
    "delu(x, n) = x / (1 + exp(-x)) if x <= 0 else (n + 0.5) * x + abs(exp(-x) - 1)",
    "Pishchik, 'Trainable Activations for Image Classification', 2023, preprints 202301.0463",
    kinks=("0",), n=1.0,
)
pvlu = entry(
    "pvlu(x, alpha, beta) = max(x, 0) + alpha * sin(beta * x)",
    "Gupta, Ahuja, 'Parametric Variational Linear Units (PVLUs) in Deep Convolutional Networks', 2021, "
    "arXiv:2110.12246",
    kinks=("0",), alpha=1.0, beta=1.0,
)
p_telu = entry(
    "p_telu(x, alpha, beta) = x if x >= 0 else alpha * tanh(beta * x)",
    "Duggal, Gupta, 'P-TELU: Parametric Tan Hyperbolic Linear Unit Activation for Deep Neural Networks', ICCV "
    "Workshops, 2017",
    kinks=("0",), domain="(alpha >= 0) & (beta >= 0)", alpha=1.0, beta=1.0,
)
# thresholded_relu with another default
fatrelu = entry(
    "fatrelu(x, t) = x if x > t else 0",
    "Song et al., 'ProSparse: Introducing and Enhancing Intrinsic Activation Sparsity within Large Language "
    "Models', 2024, arXiv:2402.13516",
    kinks=("t",), t=0.0,
)
