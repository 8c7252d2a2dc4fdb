"""Self-gated functions of the literature: x times a step of its own."""

from .entry import entry

# fmt: off
tanhexp = entry(
    "tanhexp(x) = x * tanh(exp(x))",
    "Liu, Di, 'TanhExp: A Smooth Activation Function with High Convergence Speed for Lightweight Neural "
    "Networks', 2020, arXiv:2003.09855; as TeLU: Fernandez, Mali, arXiv:2412.20269",
    aliases=("telu",),
)
smish = entry(
    "smish(x, alpha, beta) = alpha * x * tanh(log(1 + 1 / (1 + exp(-beta * x))))",
    "Wang, Ren, Wang, 'Smish: A Novel Activation Function for Deep Learning Methods', Electronics 11(4):540, 2022",
    alpha=1.0, beta=1.0,
)
logish = entry(
    "logish(x, alpha, beta) = alpha * x * log(1 + 1 / (1 + exp(-beta * x)))",
    "Zhu, Zeng, Liu, Zhang, 'Logish: A New Nonlinear Nonmonotonic Activation Function for Convolutional Neural "
    "Network', Neurocomputing, 2021, doi:10.1016/j.neucom.2021.06.067",
    alpha=1.0, beta=1.0,
)
serf = entry(
    "serf(x) = x * erf(log(1 + exp(x)))",
    "Nag, Bhattacharyya, 'SERF: Towards better training of deep neural networks using log-Softplus ERror "
    "activation Function', 2021, arXiv:2108.09598",
)
phish = entry(
    "phish(x) = x * tanh(x * ncdf(x))",
    "Naveen, 'Phish: A Novel Hyper-Optimizable Activation Function', 2022, TechRxiv 17283824",
)
gish = entry(
    "gish(x) = x * log(2 - exp(-exp(x)))",
    "Kaytan, Aydilek, Yeroglu, 'Gish: a novel activation function for image classification', Neural Computing and"
    " Applications 35(34):24259, 2023, doi:10.1007/s00521-023-09035-5",
)
golu = entry(
    "golu(x, alpha, beta, gamma) = x * alpha * exp(-beta * exp(-gamma * x))",
    "Das, Safari, Adriaensen, Hutter, 'Gompertz Linear Units: Leveraging Asymmetry for Enhanced Learning "
    "Dynamics', 2025, arXiv:2502.03654",
    alpha=1.0, beta=1.0, gamma=1.0,
)
colu = entry(
    "colu(x) = x / (1 - x * exp(-(x + exp(x))))",
    "Vagerwal, 'Deeper Learning with CoLU Activation', 2021, arXiv:2112.12078",
)
sinlu = entry(
    "sinlu(x, a, b) = (x + a * sin(b * x)) / (1 + exp(-x))",
    "Paul et al., 'SinLU: Sinu-Sigmoidal Linear Unit', Mathematics 10(3):337, 2022, doi:10.3390/math10030337",
    a=1.0, b=1.0,
)
coslu = entry(
    "coslu(x, a, b) = (x + a * cos(b * x)) / (1 + exp(-x))",
    "Pishchik, 'Trainable Activations for Image Classification', 2023, preprints 202301.0463",
    a=1.0, b=1.0,
)
# beta: 1 to 2; sources differ
e_swish = entry(
    "e_swish(x, beta) = beta * x / (1 + exp(-x))",
    "Alcaide, 'E-swish: Adjusting Activations to Different Network Depths', 2018, arXiv:1801.07145",
    beta=1.75,
)
# times x, as the paper's curve-weighted input; some libraries drop it, and their defaults differ
aria2 = entry(
    "aria2(x, alpha, beta) = x * exp(-alpha * log(1 + exp(-beta * x)))",
    "Patwardhan, Ingalhalikar, Walambe, 'ARiA: Utilizing Richard's Curve for Controlling the Non-monotonicity of "
    "the Activation Function in Deep Neural Nets', 2018, arXiv:1805.08878",
    alpha=1.5, beta=2.0,
)
# sources differ in the defaults
erfact = entry(
    "erfact(x, alpha, beta) = x * erf(alpha * exp(beta * x))",
    "Biswas, Kumar, Banerjee, Pandey, 'ErfAct and Pserf: Non-monotonic Smooth Trainable Activation Functions', "
    "2021, arXiv:2109.04386",
    alpha=0.75, beta=0.75,
)
# sources differ in the defaults
pserf = entry(
    "pserf(x, gamma, delta) = x * erf(gamma * log(1 + exp(delta * x)))",
    "Biswas, Kumar, Banerjee, Pandey, 'ErfAct and Pserf: Non-monotonic Smooth Trainable Activation Functions', "
    "2021, arXiv:2109.04386",
    gamma=1.25, delta=0.85,
)
# 0, 0.6, 1, 0 is x tanh(0.6 exp(x))
tanhsoft = entry(
    "tanhsoft(x, alpha, beta, gamma, delta) = tanh(alpha * x + beta * exp(gamma * x)) * log(delta + exp(x))",
    "Biswas, Kumar, Banerjee, Pandey, 'TanhSoft - a family of activation functions combining Tanh and Softplus', "
    "2020, arXiv:2009.03863",
    alpha=0.87, beta=0.0, gamma=0.0, delta=1.0,
)
# the paper's second example
eis = entry(
    "eis(x, alpha, beta, gamma, delta, theta) = x * exp(alpha * log(log(1 + exp(x)))) / (sqrt(beta + gamma * "
    "x**2) + delta * exp(-theta * x))",
    "Biswas, Kumar, Banerjee, Pandey, 'EIS - a family of activation functions combining Exponential, ISRU, and "
    "Softplus', 2020, arXiv:2009.13501",
    domain="beta > 0", alpha=1.0, beta=1.0, gamma=1.0, delta=0.0, theta=0.0,
)
aptx = entry(
    "aptx(x, alpha, beta, gamma) = (alpha + tanh(beta * x)) * gamma * x",
    "Kumar, 'APTx: better activation function than MISH, SWISH, and ReLU's variants used in deep learning', 2022,"
    " arXiv:2209.06119",
    alpha=1.0, beta=1.0, gamma=0.5,
)
b_silu = entry(
    "b_silu(x, alpha) = (x + alpha) / (1 + exp(-x)) - alpha / 2",
    "'The Resurrection of the ReLU', 2025, arXiv:2505.22074",
    alpha=1.67,
)
gelu_sine = entry(
    "gelu_sine(x, a) = x * ncdf(x) + a * sin(x)",
    "'Mining Generalizable Activation Functions', arXiv:2602.05688",
    a=0.1,
)
aglu = entry(
    "aglu(x, lam, kappa) = x * exp(-log(1 + lam * exp(-kappa * x)) / lam)",
    "'Adaptive Parametric Activation', arXiv:2407.08567",
    domain="lam > 0", lam=1.0, kappa=1.0,
)
# atan(x) / pi + 1 / 2, which cancels left of -1
x_atlu = entry(
    "x_atlu(x, a) = x * ((atan(-1 / x) / pi if x < -1 else atan(x) / pi + 1 / 2) * (1 + 2 * a) - a)",
    "'Expanded Gating Ranges Improve Activation Functions', arXiv:2405.20768",
    a=0.0,
)
powlu = entry(
    "powlu(x, m) = exp((1 + m / (sqrt(x) + 1)) * log(x)) / (1 + exp(-x)) if x > 0 else x**2 / (1 + exp(-x))",
    "'PowLU: An Activation Function for Stable Pre-Training of LLMs', Ling Team, Ant Group, arXiv:2605.25704",
    kinks=("0",), m=3.0,
)
