"""Choosing an activation: one network, every elementwise function, accuracy and time in one table.

    python examples/choosing.py
    python examples/choosing.py --only relu,gelu,silu,tanh --seeds 10
    python examples/choosing.py --plot choosing.png

Every function gets the same network of two hidden layers, the same digits of scikit-learn, the first weights that its
own gain asks for, and the best of three learning rates: that with the least loss in the last epoch of training, so the
test images have no say in it. prelu learns its slopes; other parameters keep their defaults, or an example value where
there is none. The time is that of a whole training step, backward pass and all, on one core.
"""

import argparse
import sys
import time
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

RATES, DEPTH, HIDDEN, EPOCHS = (0.03, 0.1, 0.3), 2, 64, 5
QUICK = ("identity", "relu", "gelu", "tanh", "step", "softplus_inverse")


class Run(NamedTuple):
    """One training: the mean loss of its last epoch, the accuracy after it, and seconds of CPU time per step."""

    loss: float
    accuracy: float
    seconds: float


def bound(name: str) -> acts.Activation:
    """The function with a value for every parameter; prelu's are learned."""
    found = acts.get(name)
    return found if found == acts.prelu else found.bind(**example_parameters(found))


def train(activation: acts.Activation, rate: float, seed: int, epochs: int, data: digits.Digits) -> Run:
    widths = [data.x.shape[1], *[HIDDEN] * DEPTH, digits.CLASSES]
    layers = digits_numpy.initial_layers(widths, activation, "gain", seed)
    losses = []
    start = time.process_time()
    with np.errstate(all="ignore"):
        for loss, after in digits_numpy.train(layers, digits.batches(data, epochs, seed), activation, rate):
            if not np.isfinite(loss):
                return Run(np.inf, np.nan, np.nan)
            losses.append(loss)
            layers = after
    seconds = (time.process_time() - start) / len(losses)
    accuracy = digits_numpy.accuracy(layers, activation, data.test_x, data.test_labels)
    return Run(float(np.mean(losses[-digits.steps_in(data, 1) :])), accuracy, seconds)


def best(name: str, seeds: int, epochs: int, data: digits.Digits) -> tuple[float, list[Run]] | str:
    """The rate with the least loss and its runs, one for each seed; or why there are none."""
    activation = bound(name)
    try:
        acts.gain(activation.bind(alpha=digits.FIRST_ALPHA) if activation == acts.prelu else activation)
    except ValueError:
        return "not defined for every x"
    runs = {rate: [train(activation, rate, seed, epochs, data) for seed in range(seeds)] for rate in RATES}
    rate = min(RATES, key=lambda rate: np.mean([run.loss for run in runs[rate]]))
    return (rate, runs[rate]) if np.isfinite([run.loss for run in runs[rate]]).any() else "the loss overflows"


def accuracies(runs: Sequence[Run]) -> np.ndarray:
    return 100 * np.array([run.accuracy for run in runs])


def micros(runs: Sequence[Run]) -> float:
    """Microseconds of a step: the least of the runs, which other work on the machine has disturbed the least."""
    return 1e6 * float(np.nanmin([run.seconds for run in runs]))


def ranked(found: dict) -> dict[str, tuple[float, list[Run]]]:
    """Those that were trained, the most accurate first."""
    done = {name: result for name, result in found.items() if not isinstance(result, str)}
    return dict(sorted(done.items(), key=lambda item: -np.nanmean(accuracies(item[1][1]))))


def conclusion(found: dict) -> list[str]:
    """What the numbers say."""
    order = ranked(found)
    mean = {name: np.nanmean(accuracies(runs)) for name, (_, runs) in order.items()}
    deviation = {name: np.nanstd(accuracies(runs)) for name, (_, runs) in order.items()}
    first = next(iter(order))
    tied = [name for name in order if mean[first] - mean[name] <= np.hypot(deviation[first], deviation[name])]
    cost = {name: micros(runs) for name, (_, runs) in order.items()}
    cheap, dear = min(tied, key=cost.get), max(order, key=cost.get)
    linear = [name for name in order if "identity" in mean and mean[name] <= mean["identity"] and name != "identity"]
    return [
        f"{first} is first with {mean[first]:.1f} %.",
        f"{len(tied) - 1} of {len(order) - 1} other functions are no further from it than the two standard deviations "
        f"together, so these seeds can't tell them apart: {listed(tied[1:])}." if tied[1:] else "No other is near.",
        f"The quickest of them is {cheap}, {cost[cheap]:.0f} µs a step; the slowest of all functions is {dear} with "
        f"{cost[dear]:.0f} µs.",
        f"No better than identity, which makes the network linear ({mean['identity']:.1f} %): {listed(linear)}."
        if linear else "",
    ]  # fmt: skip


def draw(found: dict, file: Path) -> None:
    """A line for each function, the most accurate on top: accuracy with its spread, and time."""
    order = ranked(found)
    figure, (left, right) = demonstration.figure_with(1, 2, width=4.2, height=1.2 + 0.15 * len(order), sharey=True)
    y = -np.arange(len(order))
    values = [accuracies(runs) for _, runs in order.values()]
    means = np.array([np.nanmean(v) for v in values])
    left.errorbar(means, y, xerr=[np.nanstd(v) for v in values], fmt="o", markersize=3.5, linewidth=1)
    left.set(xlabel="test accuracy, %, mean ± standard deviation", xlim=(max(0, np.quantile(means, 0.12) - 3), 100))
    below = means < left.get_xlim()[0]
    for mean, row in zip(means[below], y[below], strict=True):
        left.annotate(f"◂ {mean:.0f}", (0.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=8)
    left.set_yticks(y, order, fontsize=8)
    right.barh(y, [micros(runs) for _, runs in order.values()], color=COLORS[5])
    right.set(xlabel="training step, µs (least of the runs)")
    left.set_ylim(y[-1] - 1, 1)
    demonstration.save(figure, file)


def functions(text: str) -> list[str]:
    """What argparse calls to read names, separated by commas."""
    try:
        return [acts.get(name).__name__ for name in text.split(",")]
    except LookupError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def main(arguments: Sequence[str] | None = None) -> dict:
    options = demonstration.parser(__doc__, seeds=3)
    options.add_argument("--only", type=functions, metavar="NAMES", help="these functions alone: relu,gelu")
    given = demonstration.parsed(options, arguments)
    data = digits.standardised(digits.load())
    names = given.only or (QUICK if given.quick else acts.names())
    epochs = 1 if given.quick else EPOCHS
    with demonstration.progress() as bar:
        found = {name: best(name, given.seeds, epochs, data) for name in bar.track(names, description="functions")}
    rows = []
    for name, (rate, runs) in ranked(found).items():
        rows.append(
            [
                name,
                f"{rate:g}",
                spread(accuracies(runs)),
                f"{np.mean([run.loss for run in runs]):.3f}",
                f"{micros(runs):.0f}",
            ]
        )
    rows += [[name, "", result, "", ""] for name, result in found.items() if isinstance(result, str)]
    demonstration.show(
        f"64-{'-'.join([str(HIDDEN)] * DEPTH)}-{digits.CLASSES} network, {epochs} epochs, {given.seeds} seeds",
        ["function", "rate", "test accuracy, %", "training loss", "µs a step"],
        rows,
    )
    if ranked(found):
        demonstration.say(*conclusion(found))
        if given.plot:
            draw(found, given.plot)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
