"""Curves of the literature that are no rectifiers: waves, bumps, saturating and growing ones."""

from .entry import entry

# fmt: off
gcu = entry(
    "gcu(x) = x * cos(x)",
    "Noel, Arunkumar, Trivedi, Dutta, 'Growing Cosine Unit: A Novel Oscillatory Activation Function That Can "
    "Speedup Training and Reduce Parameters in Convolutional Neural Networks', 2021, arXiv:2108.12943",
)
isru = entry(
    "isru(x, alpha) = x / sqrt(1 + alpha * x**2)",
    "'Improving Deep Learning by Inverse Square Root Linear Units (ISRLUs)', 2017, arXiv:1710.09967",
    domain="alpha >= 0", alpha=1.0,
)
sqnl = entry(
    "sqnl(x) = 1 if x > 2 else x - x**2 / 4 if x >= 0 else x + x**2 / 4 if x >= -2 else -1",
    "Wuraola, Patel, 'SQNL: A New Computationally Efficient Activation Function', IJCNN, 2018, "
    "doi:10.1109/IJCNN.2018.8489043",
    kinks=("-2", "0", "2",),
)
# sources differ in the default; they have the first branch alone, which cancels above 1
soft_clipping = entry(
    "soft_clipping(x, p) = (log(1 + exp(p * x)) - log(1 + exp(p * (x - 1)))) / p if x < 0.5 else "
    "1 - (log(1 + exp(p * (1 - x))) - log(1 + exp(-p * x))) / p",
    "Klimek et al., 'Neural Network-Based Approach to Phase Space Integration', 2018, arXiv:1810.11509",
    domain="p > 0", p=50.0,
)
penalized_tanh = entry(
    "penalized_tanh(x, a) = tanh(x) if x > 0 else a * tanh(x)",
    "Xu, Huang, Li, 'Revise Saturated Activation Functions', 2016, arXiv:1602.05980",
    kinks=("0",), a=0.25,
)
seagull = entry(
    "seagull(x) = log(1 + x**2)",
    "'A Use of Even Activation Functions in Neural Networks', 2020, arXiv:2011.11713",
)
finer = entry(
    "finer(x, omega) = sin(omega * (abs(x) + 1) * x)",
    "Liu, Zhu, Zhang, Fu, Deng, Ma, Guo, Cao, 'FINER: Flexible spectral-bias tuning in Implicit NEural "
    "Representation by Variable-periodic Activation Functions', CVPR, 2024, arXiv:2312.02434",
    kinks=("0",), omega=30.0,
)
# of one array; WIRE's own is complex
real_gabor = entry(
    "real_gabor(x, omega, s) = cos(omega * x) * exp(-(s * x)**2)",
    "Saragadam, LeJeune, Tan, Balakrishnan, Veeraraghavan, Baraniuk, 'WIRE: Wavelet Implicit Neural "
    "Representations', 2023, arXiv:2301.05187",
    omega=10.0, s=10.0,
)
# for alpha < 0, NaN unless x > 1 / alpha - alpha; at 0 it is x, with the slope in alpha that both sides tend to
soft_exponential = entry(
    "soft_exponential(x, alpha) = -log1p(-alpha * (x + alpha)) / alpha if alpha < 0 else "
    "x * (1 + alpha * x / 2) + alpha if alpha == 0 else (exp(alpha * x) - 1) / alpha + alpha",
    "Godfrey, Gashler, 'A continuum among logarithmic, linear, and exponential functions, and its potential to "
    "improve generalization in neural networks', 2016, arXiv:1602.01321",
    alpha=0.0,
)
# of degree 3, beginning as the identity
slaf = entry(
    "slaf(x, a0, a1, a2, a3) = a0 + a1 * x + a2 * x**2 + a3 * x**3",
    "Goyal, Goyal, Lall, 'Learning Activation Functions: A new paradigm for understanding Neural Networks', 2019,"
    " arXiv:1906.09529",
    a0=0.0, a1=1.0, a2=0.0, a3=0.0,
)
scaled_softsign = entry(
    "scaled_softsign(x, alpha, beta) = alpha * x / (beta + abs(x))",
    "Pishchik, 'Trainable Activations for Image Classification', 2023, preprints 202301.0463",
    kinks=("0",), domain="beta > 0", alpha=1.0, beta=1.0,
)
# as fitted to sigmoid; shift is their e
uaf = entry(
    "uaf(x, a, b, c, d, shift) = log(1 + exp(a * (x + b) + c * x**2)) - log(1 + exp(d * (x - b))) + shift",
    "Yuen, Hoang, Dong, Lu, 'Universal activation function for machine learning', Scientific Reports 11, 2021, "
    "arXiv:2011.03842",
    a=1.01605291, b=0.4921, c=0.0, d=1.01605291, shift=0.0,
)
# their wrapper a f(b x + c) + d, around tanh
taaf_tanh = entry(
    "taaf_tanh(x, a, b, c, d) = a * tanh(b * x + c) + d",
    "Kunc, Klema, 2024, arXiv:2402.09249",
    a=1.0, b=1.0, c=0.0, d=0.0,
)
