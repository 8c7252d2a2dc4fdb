"""Vanishing gradients: how much of the gradient is left in the first of many layers, with and without the right gain.

    python examples/vanishing_gradients.py
    python examples/vanishing_gradients.py --plot vanishing_gradients.png

A deep network in NumPy on scikit-learn's digits, each image standardised. The first weights have variance 1 / inputs,
or gain**2 / inputs with acts.gain of the function, which keeps the second moment of what goes forward at 1. Before any
training the norm of the loss's gradient with respect to the sums of every layer is measured, on one image after the
other, and compared with the theory of infinitely wide layers: each multiplies the gradient's variance by
gain**2 E[f'(z)**2], for a Gaussian z of the variance that the layers before have made. Then the network is trained.
"""

import functools
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import demonstration
import digits
import digits_numpy
import numpy as np
from demonstration import COLORS, MARKERS, listed, spread

import acts

FUNCTIONS = ("sigmoid", "tanh", "relu", "gelu", "selu")
INITS = {"lecun": "variance 1 / inputs", "gain": "variance gain² / inputs"}
DEPTH, HIDDEN, IMAGES, EPOCHS, RATE = 30, 64, 32, 8, 0.01


class Run(NamedTuple):
    """One network: the gradient's norm in front of every hidden layer's activation, and what training made of it."""

    norms: np.ndarray
    accuracy: float

    def left(self) -> float:
        """The first layer's gradient in units of the last one's."""
        return float(self.norms[0] / self.norms[-1])


def gradient_norms(layers, activation: acts.Activation, x, labels) -> np.ndarray:
    """The norm of the loss's gradient with respect to each hidden layer's sums: root mean square over the images."""
    squares = []
    for image, label in zip(x, labels, strict=True):
        logits, inputs, sums = digits_numpy.forward(layers, activation, image[None])
        _, dlogits = digits_numpy.cross_entropy(logits, [label])
        gradients = digits_numpy.backward(layers, activation, inputs, sums, dlogits)
        squares.append(
            [np.sum(np.square(layer.b)) for layer in gradients[:-1]]
        )  # of one image, b's is that of the sums
    return np.sqrt(np.mean(squares, axis=0))


def run(name: str, init: str, seed: int, depth: int, epochs: int, images: int, data: digits.Digits) -> Run:
    activation = acts.get(name)
    start = digits_numpy.initial_layers([64, *[HIDDEN] * depth, digits.CLASSES], activation, init, seed, np.float64)
    norms = gradient_norms(start, activation, data.x[:images], data.labels[:images])
    layers = digits_numpy.initial_layers([64, *[HIDDEN] * depth, digits.CLASSES], activation, init, seed)
    with np.errstate(all="ignore"):
        for loss, after in digits_numpy.train(layers, digits.batches(data, epochs, seed), activation, RATE):
            if not np.isfinite(loss):
                return Run(norms, np.nan)
            layers = after
    return Run(norms, digits_numpy.accuracy(layers, activation, data.test_x, data.test_labels))


@functools.cache
def theory(name: str, init: str, depth: int) -> np.ndarray:
    """The norms that infinitely wide layers would have, in units of the last one's: one for each hidden layer."""
    f = acts.get(name)
    gain = acts.gain(f) if init == "gain" else 1.0

    def second_moment(g, std):  # E[g(z)**2] for a Gaussian z with this standard deviation
        return acts.gain(lambda x: g(std * x), kinks=[kink / std for kink in f.kinks_at()]) ** -2

    std, factors = gain, []
    for _ in range(depth):
        factors.append(gain**2 * second_moment(f.derivative, std))
        std = gain * math.sqrt(second_moment(f, std))
    return np.sqrt(np.cumprod([1.0, *factors[:0:-1]])[::-1])


def conclusion(found: dict, depth: int) -> list[str]:
    """What the numbers say."""
    left = {key: np.exp(np.mean([math.log(run.left()) for run in runs])) for key, runs in found.items()}
    gone = {init: [name for name in FUNCTIONS if left[name, init] < 1e-3] for init in INITS}
    kept = [name for name in FUNCTIONS if 0.1 < left[name, "gain"] < 10]
    reached = {key: np.nan_to_num([run.accuracy for run in runs]).mean() for key, runs in found.items()}
    learned = {init: [name for name in FUNCTIONS if reached[name, init] > 0.5] for init in INITS}
    sigmoid = left["sigmoid", "gain"] / left["sigmoid", "lecun"]
    sentences = [
        f"Without the gain, the gradient in the first of {depth} layers is less than a thousandth of that in the last "
        "for {}." if gone["lecun"] else "",
        "With it, {} are within a factor of 10." if kept else "",
        f"The gain raises sigmoid's by a factor of {sigmoid:.1e}.",
        "That is not enough for {}: the slope is small wherever the sums are." if gone["gain"] else "",
        f"selu's own gain is {acts.gain('selu'):.6f}: nothing changes.",
        f"Trained from {INITS['lecun']}, the networks that read more than half of the digits are those of {{}};",
        f"from {INITS['gain']}, those of {{}}.",
    ]  # fmt: skip
    names = (gone["lecun"], kept, [], gone["gain"], [], learned["lecun"], learned["gain"])
    return [text.format(listed(of) if of else "no function") for text, of in zip(sentences, names, strict=True)]


def draw(found: dict, depth: int, file: Path) -> None:
    """Gradient norms by layer, without and with the gain; lines are the theory."""
    figure, panels = demonstration.figure_with(1, 2, width=5, height=3.9, sharey=True)
    layer = np.arange(1, depth + 1)
    for panel, init in zip(panels, INITS, strict=True):
        for name, color, marker in zip(FUNCTIONS, COLORS, MARKERS, strict=False):
            norms = np.array([run.norms / run.norms[-1] for run in found[name, init]])
            panel.semilogy(layer, theory(name, init, depth), "-", color=color, linewidth=1)
            middle = np.exp(np.log(norms).mean(axis=0))
            ends = np.abs([norms.min(axis=0), norms.max(axis=0)] - middle)
            panel.errorbar(layer, middle, ends, fmt=marker, markersize=3.5, linewidth=0.8, color=color, label=name)
        panel.set(xlabel="hidden layer, from the input on", title=INITS[init])
    panels[0].set(ylabel="norm of the gradient / that in the last layer")
    panels[0].legend(title="measured; line: theory", fontsize=8, title_fontsize=8)
    demonstration.save(figure, file)


def main(arguments: Sequence[str] | None = None) -> dict:
    given = demonstration.parsed(demonstration.parser(__doc__, seeds=3), arguments)
    data = digits.standardised(digits.load())
    depth, epochs, images = (10, 1, 8) if given.quick else (DEPTH, EPOCHS, IMAGES)
    with demonstration.progress() as bar:
        keys = [(name, init) for name in FUNCTIONS for init in INITS]
        found = {key: [run(*key, seed, depth, epochs, images, data) for seed in range(given.seeds)]
                 for key in bar.track(keys, description="networks")}  # fmt: skip
    rows = [
        [
            name,
            init,
            spread((math.log10(run.left()) for run in runs), ".2f"),
            f"{math.log10(theory(name, init, depth)[0]):.2f}",
            spread(100 * run.accuracy for run in runs),
        ]
        for (name, init), runs in found.items()
    ]
    demonstration.show(
        f"{depth} layers of {HIDDEN}: log10 of the first layer's gradient / the last one's; {given.seeds} seeds",
        ["function", "init", "log10, measured", "theory", "test accuracy, %"],
        rows,
    )
    demonstration.say(*conclusion(found, depth))
    if given.plot:
        draw(found, depth, given.plot)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
