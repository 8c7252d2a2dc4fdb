"""Dying ReLU, measured: which units stop learning, at which learning rate, and which functions bring them back.

    python examples/dying_relu.py
    python examples/dying_relu.py --plot dying_relu.png

A unit of relu whose sum is negative on every image has the gradient 0: no step of training moves its weights. Two
experiments with a network of three hidden layers on scikit-learn's digits. First it is trained at several learning
rates; before, and after each epoch, the dead units are counted, those whose derivative is exactly 0 on every image, and
the zeros among the outputs. Then the biases of a fresh network's first layer are pushed down, far enough to kill all of
relu's units, and training shows whether the network learns again.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import demonstration
import digits
import digits_numpy
import numpy as np
from demonstration import COLORS, MARKERS, by_depth, listed, spread

import acts

FUNCTIONS = ("relu", "leaky_relu", "prelu", "elu", "silu", "gelu")
RATES, PUSHES = (0.1, 0.3, 0.6, 1.0), (0.0, 1.0, 2.0, 3.0, 6.0)
DEPTH, HIDDEN, EPOCHS, RATE_AFTER_PUSH = 3, 64, 10, 0.1
WIDTHS = [64, *[HIDDEN] * DEPTH, digits.CLASSES]


class Run(NamedTuple):
    """What one training showed before it and after every epoch, for each hidden layer."""

    dead: np.ndarray  # (1 + epochs, layers, units), whether the unit's gradient was 0 on every image
    zeros: np.ndarray  # (1 + epochs, layers), the share of exact zeros among the outputs
    accuracy: float  # NaN where the loss overflowed

    def finished(self) -> bool:
        """Whether the loss stayed finite."""
        return bool(np.isfinite(self.accuracy))

    def share_dead(self) -> np.ndarray:
        """The share of a layer's units: (1 + epochs, layers)."""
        return self.dead.mean(axis=2)

    def ever_dead(self) -> np.ndarray:
        """For each layer, how many units were dead at some time."""
        return self.dead.any(axis=0).sum(axis=1)

    def came_back(self) -> np.ndarray:
        """For each layer, how many of them had a gradient again at the end."""
        return (self.dead.any(axis=0) & ~self.dead[-1]).sum(axis=1)


def train(name: str, rate: float, seed: int, epochs: int, data: digits.Digits, push: float = 0.0) -> Run:
    activation = acts.get(name)
    layers = digits_numpy.initial_layers(WIDTHS, activation, "gain", seed)
    layers[0] = layers[0]._replace(b=layers[0].b - np.float32(push))
    dead, zeros = [], []

    def look(layers):
        _, inputs, _ = digits_numpy.forward(layers, activation, data.x)
        dead.append(digits_numpy.dead_units(layers, activation, data.x))
        zeros.append([(h == 0).mean() for h in inputs[1:]])

    look(layers)
    with np.errstate(all="ignore"):  # an overflow shows as a loss that is not finite
        steps = digits_numpy.train(layers, digits.batches(data, epochs, seed), activation, rate)
        for step, (loss, after) in enumerate(steps, 1):
            if not np.isfinite(loss):
                return Run(np.array(dead), np.array(zeros), np.nan)
            if step % digits.steps_in(data, 1) == 0:
                look(after)
            layers = after
    found = digits_numpy.accuracy(layers, activation, data.test_x, data.test_labels)
    return Run(np.array(dead), np.array(zeros), found)


def by_layer(arrays: Sequence[np.ndarray]) -> str:
    """Percentages after the last epoch, a mean over the runs for each layer."""
    last = np.array([array[-1] for array in arrays])
    return " ".join(f"{100 * share:5.1f}" for share in last.mean(axis=0)) if len(last) else ""


def conclusion(trained: dict, pushed: dict) -> list[str]:
    """What the numbers say."""
    rates = sorted({rate for _, rate in trained})
    done = {key: [run for run in runs if run.finished()] for key, runs in trained.items()}
    final = {key: np.mean([run.share_dead()[-1] for run in runs]) for key, runs in done.items() if runs}
    relu = [f"{final['relu', rate]:.0%} at {rate:g}" for rate in rates if ("relu", rate) in final]
    every = [run for rate in rates for run in done["relu", rate]]
    ever, back = np.sum([run.ever_dead() for run in every], axis=0), np.sum([run.came_back() for run in every], axis=0)
    zeros = [run.zeros[-1].mean() for run in done["relu", rates[0]]]
    others = [
        f"{name} {final[name, rate]:.0%} at {rate:g}" for name, rate in final if name != "relu" and final[name, rate]
    ]
    never = [name for name in FUNCTIONS if not any(share for (other, _), share in final.items() if other == name)]
    overflow = [
        f"{name} at {listed([f'{rate:g}' for rate in lost])}"
        for name in FUNCTIONS
        if (lost := [rate for rate in rates if len(done[name, rate]) < len(trained[name, rate])])
    ]
    learned = {name: np.mean([run.accuracy for run in pushed[name, 3.0]]) for name in FUNCTIONS}
    ranked = sorted(FUNCTIONS, key=learned.get, reverse=True)
    return [
        f"Of relu's units these are dead in the end, by learning rate: {listed(relu)}.",
        f"Of those in its first layer {ever[0]} were dead at some time and {back[0]} of them came back, for no step "
        f"changes what they see; in the deeper layers, whose inputs go on changing, {back[1:].sum()} of "
        f"{ever[1:].sum()} did.",
        f"Exact zeros are {np.mean(zeros):.0%} of relu's outputs at {rates[0]:g}." if zeros else "",
        f"Of other functions there were dead units, too: {listed(others)}." if others else "",
        f"Where the loss stayed finite, no unit was dead in the end with {listed(never)}." if never else "",
        f"Nothing cures a rate that is too large: the loss overflowed for {listed(overflow)}." if overflow else "",
        "Pushed down by 3 and trained, the networks reach this accuracy, where guessing has 10 %: "
        + listed([f"{name} {learned[name]:.0%}" for name in ranked]) + ".",
    ]  # fmt: skip


def draw(trained: dict, pushed: dict, file: Path) -> None:
    """Dead units and zeros of relu, layer by layer; then all functions."""
    rates, pushes = (sorted({key[1] for key in runs}) for runs in (trained, pushed))
    figure, panels = demonstration.figure_with(3, DEPTH, width=3.9, height=3.0)
    for row, (what, label) in enumerate((("dead", "relu's dead units, %"), ("zeros", "relu's exact zeros, %"))):
        for layer, panel in enumerate(panels[row]):
            for rate, color in zip(rates, by_depth(len(rates)), strict=True):
                runs = [
                    run.share_dead() if what == "dead" else run.zeros for run in trained["relu", rate] if run.finished()
                ]
                if runs:
                    shares = 100 * np.array(runs)[:, :, layer]
                    epochs = np.arange(shares.shape[1])
                    panel.plot(epochs, shares.mean(axis=0), ".-", color=color, label=f"rate {rate:g}")
                    panel.fill_between(
                        epochs, shares.min(axis=0), shares.max(axis=0), color=color, alpha=0.15, linewidth=0
                    )
            panel.set(title=f"hidden layer {layer + 1}", xlabel="epoch", ylabel=label, ylim=(-3, 103))
            panel.xaxis.get_major_locator().set_params(integer=True)
    panels[0, 0].legend(fontsize=8)
    dead, accuracy, after = panels[2]
    for name, color, marker in zip(FUNCTIONS, COLORS, MARKERS, strict=True):
        style = {"color": color, "marker": marker, "label": name, "markerfacecolor": "none", "linewidth": 1.2}
        for panel, x, runs, of in (
            (dead, rates, trained, lambda run: run.share_dead()[-1].mean() if run.finished() else np.nan),
            (accuracy, rates, trained, lambda run: run.accuracy),
            (after, pushes, pushed, lambda run: run.accuracy),
        ):
            values = 100 * np.array([[of(run) for run in runs[name, at]] for at in x])
            panel.plot(x, values.mean(axis=1), **style)  # no point where a run overflowed
    dead.set(
        xlabel="learning rate", ylabel="dead units in the end, %", ylim=(-3, 103), title="dead units of all layers"
    )
    accuracy.set(xlabel="learning rate", ylabel="test accuracy, %", ylim=(0, 103), title="no point: a loss overflowed")
    after.set(
        xlabel="first layer pushed down by", ylabel="test accuracy, %", ylim=(0, 103), title="which functions come back"
    )
    dead.legend(fontsize=8)
    demonstration.save(figure, file)


def main(arguments: Sequence[str] | None = None) -> tuple[dict, dict]:
    given = demonstration.parsed(demonstration.parser(__doc__, seeds=3), arguments)
    data = digits.load()
    rates, pushes, epochs = (RATES[::2], PUSHES[3:4], 2) if given.quick else (RATES, PUSHES, EPOCHS)
    seeds = range(given.seeds)
    with demonstration.progress() as bar:
        at = {
            key: [train(*key, seed, epochs, data) for seed in seeds]
            for key in bar.track([(name, rate) for name in FUNCTIONS for rate in rates], description="learning rates")
        }
        keys = [(name, push) for name in FUNCTIONS for push in pushes]
        pushed = {(name, push): [train(name, RATE_AFTER_PUSH, seed, epochs, data, push) for seed in seeds]
                  for name, push in bar.track(keys, description="pushed down")}  # fmt: skip
    rows = []
    for (name, rate), runs in at.items():
        done = [run for run in runs if run.finished()]
        dead = [run.share_dead() for run in done]
        ever, back = (sum(int(getattr(run, what)().sum()) for run in done) for what in ("ever_dead", "came_back"))
        zeros = [run.zeros for run in done]
        rows.append([name, f"{rate:g}", by_layer(dead), f"{back} of {ever}" if ever else "", by_layer(zeros),
                     spread(100 * run.accuracy for run in runs)])  # fmt: skip
    demonstration.show(
        f"After {epochs} epochs, {given.seeds} seeds: mean ± standard deviation",
        ["function", "rate", "dead, %, layers 1 2 3", "came back", "exact zeros, %", "test accuracy, %"], rows,
    )  # fmt: skip
    demonstration.show(
        f"Test accuracy in %: biases of the first layer pushed down, then {epochs} epochs at {RATE_AFTER_PUSH:g}",
        ["function", *(f"by {push:g}" for push in pushes)],
        [[name, *(spread(100 * run.accuracy for run in pushed[name, push]) for push in pushes)] for name in FUNCTIONS],
    )
    demonstration.say(*conclusion(at, pushed))
    if given.plot:
        draw(at, pushed, given.plot)
    return at, pushed


if __name__ == "__main__":
    main(sys.argv[1:])
