"""Self-normalising networks: selu keeps mean 0 and variance 1 through 100 layers, and finds back to them.

    python examples/self_normalising.py
    python examples/self_normalising.py --plot self_normalising.png

Scikit-learn's digits, each image standardised, go through 100 layers whose weights have variance gain**2 / inputs, the
gain by which acts.gain keeps gain**2 E[f(z)**2] at 1, the variance of the next layer's sums z; selu's is 1. After each
layer that number, mean and variance of the outputs are taken over all units and images, and how alike two images have
become: the mean cosine between the outputs for different images. Then selu starts from images of another mean
and variance.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import demonstration
import digits
import digits_numpy
import numpy as np
from demonstration import COLORS, by_depth, listed, spread

import acts

FUNCTIONS = ("selu", "elu", "relu", "tanh", "gelu")
DEPTH, HIDDEN, IMAGES = 100, 256, 100
STARTS = ((0.0, 0.1), (0.5, 0.5), (0.0, 1.0), (-0.5, 2.0), (0.0, 10.0))  # mean and variance of the images
MEAN, VARIANCE, SUMS, LIKENESS = range(4)


def statistics(name: str, seed: int, hidden: int, x: np.ndarray) -> np.ndarray:
    """Of the images and of each hidden layer's outputs: mean, variance, that of the next sums, and likeness."""
    activation = acts.get(name)
    layers = digits_numpy.initial_layers([64, *[hidden] * DEPTH, digits.CLASSES], activation, "gain", seed)
    _, outputs, _ = digits_numpy.forward(layers, activation, x)
    gain = digits.gain(activation)
    return np.array([(h.mean(), h.var(), gain**2 * np.square(h).mean(), likeness(h)) for h in outputs])


def likeness(h: np.ndarray) -> float:
    """The mean cosine of the angle between two different rows, each taken from its own mean."""
    h = h - h.mean(axis=1, keepdims=True)
    h = h / np.linalg.norm(h, axis=1, keepdims=True)
    return float((np.square(h.sum(axis=0)).sum() - len(h)) / (len(h) * (len(h) - 1)))


def conclusion(found: dict, starts: dict, hidden: int) -> list[str]:
    """What the numbers say."""
    mean, variance = found["selu"][:, 1:, MEAN], found["selu"][:, 1:, VARIANCE]
    depth = mean.shape[1]
    last = {name: runs[:, -1].mean(axis=0) for name, runs in found.items()}
    off = {name: np.abs(np.log2(runs[:, -1, SUMS])).max() for name, runs in found.items()}
    moved = [name for name in FUNCTIONS if off[name] > 1]
    alike = [f"{name} ({last[name][LIKENESS]:.2f})" for name in FUNCTIONS if last[name][LIKENESS] > 0.9]
    ends = np.array([runs[:, -1, VARIANCE].mean() for runs in starts.values()])
    first = np.array([variance for _, variance in starts])
    return [
        f"Through {depth} layers of selu the means stay between {mean.min():.2f} and {mean.max():.2f}, the variances "
        f"between {variance.min():.2f} and {variance.max():.2f}.",
        f"With {listed(moved)} the variance of the sums ends off by more than a factor of 2 in at least one run: the "
        f"gain holds it in infinitely wide layers, but with {hidden} units it drifts away." if moved else "",
        f"Images with variances from {first.min():g} to {first.max():g} come out of selu's last layer with variances "
        f"from {ends.min():.2f} to {ends.max():.2f}.",
        "The outputs for different images point the same way, with a cosine above 0.9, for "
        f"{listed(alike)}; selu's cosine is {last['selu'][LIKENESS]:.2f}." if alike else "",
    ]  # fmt: skip


def draw(found: dict, starts: dict, file: Path) -> None:
    """Mean, variance and likeness by layer; and selu's way back."""
    figure, ((mean, sums), (alike, back)) = demonstration.figure_with(2, 2, width=4.8, height=3.3)
    for name, color in zip(FUNCTIONS, COLORS, strict=False):
        for panel, which in ((mean, MEAN), (sums, SUMS), (alike, LIKENESS)):
            runs = found[name][:, 1:, which]
            layer = np.arange(1, runs.shape[1] + 1)
            panel.plot(layer, np.median(runs, axis=0), color=color, label=name)
            panel.fill_between(layer, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2, linewidth=0)
    for (m, v), color in zip(starts, by_depth(len(starts)), strict=True):
        runs = starts[m, v][:, :, VARIANCE]
        back.semilogy(np.median(runs, axis=0), color=color, label=f"mean {m:g}, variance {v:g}")
    mean.set(title="mean of the outputs", ylim=(-0.5, 1.5))
    sums.set(title="variance of the next sums", yscale="log", ylim=(0.01, 100))
    alike.set(title="cosine between different images", ylim=(-0.05, 1.05))
    back.set(title="selu: variance, from other images", xlim=(-1, 40))
    for panel in (mean, sums, alike, back):
        panel.set(xlabel="layer")
    mean.legend(fontsize=8)
    back.legend(fontsize=8)
    demonstration.save(figure, file)


def main(arguments: Sequence[str] | None = None) -> tuple[dict, dict]:
    given = demonstration.parsed(demonstration.parser(__doc__, seeds=5), arguments)
    hidden, images = (128, 30) if given.quick else (HIDDEN, IMAGES)
    x = digits.standardised(digits.load()).x[:images]
    seeds = range(given.seeds)
    with demonstration.progress() as bar:
        found = {
            name: np.array([statistics(name, seed, hidden, x) for seed in seeds])
            for name in bar.track(FUNCTIONS, description="functions")
        }
        starts = {(m, v): np.array([statistics("selu", seed, hidden, np.float32(m + v**0.5 * x)) for seed in seeds])
                  for m, v in bar.track(STARTS, description="other images")}  # fmt: skip
    demonstration.show(
        f"Layer {DEPTH}, over its {hidden} units and {len(x)} images; {given.seeds} seeds",
        ["function", "gain", "mean", "variance", "variance of the next sums", "cosine"],
        [
            [name, f"{acts.gain(name):.4f}", *(spread(runs[:, -1, which], ".3g") for which in range(4))]
            for name, runs in found.items()
        ],
    )
    demonstration.show(
        "selu, from images with another mean and variance: the variance",
        ["images", *(f"layer {layer}" for layer in (1, 10, 30, DEPTH))],
        [
            [f"mean {m:g}, variance {v:g}", *(spread(runs[:, layer, VARIANCE], ".2f") for layer in (1, 10, 30, DEPTH))]
            for (m, v), runs in starts.items()
        ],
    )
    demonstration.say(*conclusion(found, starts, hidden))
    if given.plot:
        draw(found, starts, given.plot)
    return found, starts


if __name__ == "__main__":
    main(sys.argv[1:])
