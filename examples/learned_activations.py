"""Learned activations: what training makes of PReLU's slopes, swish's beta, snake's a and a rational function.

    python examples/learned_activations.py
    python examples/learned_activations.py --plot learned_activations.png

A network of two hidden layers on scikit-learn's digits, each unit with parameters of its own, which are learned like
the weights; and the same network with the parameters held where they began. The table says where they went in each
layer and whether the accuracy followed, the picture what the functions look like afterwards.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import demonstration
import digits
import digits_numpy
import numpy as np
from demonstration import COLORS, listed, spread

import acts
from acts.testing import example_parameters

BEGIN = {
    "prelu": {"alpha": 0.25},
    "swish": {"beta": 1.0},
    "snake": {"a": 1.0},
    "rational": example_parameters(acts.get("rational")),
}
DEPTH, HIDDEN, EPOCHS, RATE = 2, 32, 12, 0.2


class Run(NamedTuple):
    """The parameters that each hidden layer learned, {name: one value for each unit}, and the accuracy."""

    learned: list[dict[str, np.ndarray]]
    accuracy: float


def train(name: str, seed: int, epochs: int, data: digits.Digits, fixed: bool = False) -> Run:
    begin = BEGIN[name]
    activation, begin = (acts.get(name, **begin), {}) if fixed else (acts.get(name), begin)
    widths = [data.x.shape[1], *[HIDDEN] * DEPTH, digits.CLASSES]
    layers = digits_numpy.initial_layers(widths, activation, "gain", seed, learned=begin)
    with np.errstate(all="ignore"):
        for loss, after in digits_numpy.train(layers, digits.batches(data, epochs, seed), activation, RATE):
            if not np.isfinite(loss):
                return Run([], np.nan)
            layers = after
    accuracy = digits_numpy.accuracy(layers, activation, data.test_x, data.test_labels)
    return Run([layer.learned for layer in layers[:-1]], accuracy)


def values(runs: Sequence[Run], layer: int, parameter: str) -> np.ndarray:
    """Of all units and runs."""
    return np.concatenate([run.learned[layer][parameter] for run in runs if run.learned] or [[np.nan]])


def accuracies(runs: Sequence[Run]) -> np.ndarray:
    return 100 * np.array([run.accuracy for run in runs])


def conclusion(learned: dict, fixed: dict) -> list[str]:
    """What the numbers say."""
    sentences = []
    for name, parameter, start in (("prelu", "alpha", 0.25), ("swish", "beta", 1.0), ("snake", "a", 1.0)):
        layers = [values(learned[name], layer, parameter) for layer in range(DEPTH)]
        widest = max(range(DEPTH), key=lambda layer: layers[layer].std())
        every = np.concatenate(layers)
        sentences.append(
            f"{name}'s {parameter} went from {start:g} to between {every.min():.2f} and {every.max():.2f}, and spread "
            f"most in hidden layer {widest + 1}, to {spread(layers[widest], '.2f')}."
        )
    slopes = values(learned["prelu"], 0, "alpha")
    if np.any(slopes < 0):
        sentences.append(f"{np.mean(slopes < 0):.1%} of the first layer's slopes turned negative.")
    gains = {name: accuracies(learned[name]) - accuracies(fixed[name]) for name in BEGIN}
    for sign, what in ((1, "more"), (-1, "less")):
        names = [name for name, gain in gains.items() if sign * gain.mean() > 2 * gain.std()]
        sentences.append(
            f"Learning made the network {what} accurate with "
            + listed([f"{name} ({gains[name].mean():+.1f} points)" for name in names]) + "."
            if names else ""
        )  # fmt: skip
    rest = [name for name, gain in gains.items() if not abs(gain.mean()) > 2 * gain.std()]
    sentences.append(
        f"The difference in accuracy is within twice its standard deviation for {listed(rest)}." if rest else ""
    )
    return sentences


def draw(learned: dict, file: Path) -> None:
    """The function of each unit of one run, pale, their mean, and the one that they began with."""
    figure, panels = demonstration.figure_with(DEPTH, len(BEGIN), width=3.2, height=2.9, sharex=True, sharey="col")
    x = np.linspace(-4, 4, 201)
    for column, name in enumerate(BEGIN):
        run = next((run for run in learned[name] if run.learned), None)
        for layer in range(DEPTH):
            panel = panels[layer, column]
            if run:
                curves = acts.get(name)(np.repeat(x[:, None], HIDDEN, axis=1), **run.learned[layer])  # (points, units)
                panel.plot(x, curves, color=COLORS[0], alpha=0.15, linewidth=0.8)
                panel.plot(x, curves.mean(axis=1), color=COLORS[0], linewidth=2, label="mean of the units")
            panel.plot(x, acts.get(name)(x, **BEGIN[name]), "--", color=COLORS[1], label="before training")
            panel.set(title=f"{name}, hidden layer {layer + 1}")
    for panel in panels[-1]:
        panel.set(xlabel="x")
    panels[0, 0].legend(fontsize=8)
    demonstration.save(figure, file)


def main(arguments: Sequence[str] | None = None) -> tuple[dict, dict]:
    given = demonstration.parsed(demonstration.parser(__doc__, seeds=3), arguments)
    data = digits.standardised(digits.load())
    epochs, seeds = 1 if given.quick else EPOCHS, range(given.seeds)
    with demonstration.progress() as bar:
        learned, fixed = (
            {name: [train(name, seed, epochs, data, held) for seed in seeds]
             for name in bar.track(BEGIN, description=what)}
            for held, what in ((False, "learned"), (True, "held"))
        )  # fmt: skip
    rows = []
    for name, begin in BEGIN.items():
        for number, (parameter, start) in enumerate(begin.items()):
            rows.append(
                [
                    name if number == 0 else "",
                    parameter,
                    f"{start:.3g}",
                    *(spread(values(learned[name], layer, parameter), ".3f") for layer in range(DEPTH)),
                    *(spread(accuracies(runs[name])) if number == 0 else "" for runs in (learned, fixed)),
                ]
            )
    demonstration.show(
        f"After {epochs} epochs, {given.seeds} seeds; parameters: mean ± standard deviation over all units and seeds",
        ["function", "learned", "before", "layer 1", "layer 2", "test accuracy, %", "if held"],
        rows,
    )
    demonstration.say(*conclusion(learned, fixed))
    if given.plot:
        draw(learned, given.plot)
    return learned, fixed


if __name__ == "__main__":
    main(sys.argv[1:])
