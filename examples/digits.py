"""What the digits examples share: command line, data, first weights, batches and the running commentary.

The lesson itself is in digits_numpy.py and digits_jax.py. Needs scikit-learn (for its 1797 digits) and rich; both
are in the extra "test".
"""

import argparse
import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import acts

BATCH = 32
CLASSES = 10
FIRST_ALPHA = 0.25

Weights = list[Any]  # one entry for each layer

gain = functools.cache(acts.gain)  # every layer asks for it

INITS: dict[str, Callable[[acts.Activation, int, int], float]] = {
    "he": lambda activation, inputs, outputs: math.sqrt(2 / inputs),
    "lecun": lambda activation, inputs, outputs: math.sqrt(1 / inputs),
    "glorot": lambda activation, inputs, outputs: math.sqrt(2 / (inputs + outputs)),
    "gain": lambda activation, inputs, outputs: gain(activation) / math.sqrt(inputs),
}
"""The standard deviation of a layer's first weights: rules of He, LeCun and Glorot, and the activation's own gain."""


class Digits(NamedTuple):
    """Images as rows of pixels from 0 to 1, and the digit that each one shows."""

    x: np.ndarray
    test_x: np.ndarray
    labels: np.ndarray
    test_labels: np.ndarray


def load(upsample: bool = False, dtype: Any = np.float32) -> Digits:
    images = load_digits().images / 16  # (1797, 8, 8)
    if upsample:
        stretch = _interpolation(28, 8)
        images = stretch @ images @ stretch.T  # (1797, 28, 28)
    x = images.reshape(len(images), -1).astype(dtype)
    return Digits(*train_test_split(x, load_digits().target, test_size=0.25, random_state=0))


def _interpolation(large: int, small: int) -> np.ndarray:
    """The matrix of shape (large, small) that stretches a row of pixels by linear interpolation."""
    points = np.linspace(0, small - 1, large)
    return np.stack([np.interp(points, np.arange(small), unit) for unit in np.eye(small)], axis=1)


def standardised(data: Digits) -> Digits:
    """Every image with mean 0 and variance 1, as the rules for initial weights assume."""

    def standard(x: np.ndarray) -> np.ndarray:
        return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)

    return data._replace(x=standard(data.x), test_x=standard(data.test_x))


def first_weights(
    widths: Sequence[int], activation: acts.Activation, init: str = "he", seed: int = 0, dtype: Any = np.float32
) -> list[tuple[np.ndarray, np.ndarray]]:
    """A matrix, drawn from the normal distribution, and a bias of zeros for each layer, by a rule of INITS."""
    rng = np.random.default_rng(seed)
    return [
        ((rng.normal(size=(n, m)) * INITS[init](activation, n, m)).astype(dtype), np.zeros(m, dtype))
        for n, m in itertools.pairwise(widths)
    ]


def steps_in(data: Digits, epochs: int) -> int:
    return epochs * (len(data.x) // BATCH)


def batches(data: Digits, epochs: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Full batches of images and labels, in a new order every epoch; what is left over waits for the next one."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(data.x))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            yield data.x[chosen], data.labels[chosen]


def parser(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--depth", type=number(int, 1, 1_000), default=1, help="hidden layers (%(default)s)")
    parser.add_argument(
        "--hidden", type=number(int, 1, 10_000), default=256, help="units of a hidden layer (%(default)s)"
    )
    parser.add_argument("--init", choices=INITS, default="he", help="rule for the first weights (%(default)s)")
    parser.add_argument("--activation", type=_activation, default="prelu", help="its name in acts (%(default)s)")
    parser.add_argument("--epochs", type=number(int, 1, 1_000), default=40, help="passes over the data (%(default)s)")
    parser.add_argument("--lr", type=number(float, 1e-9, 1_000), default=0.1, help="learning rate (%(default)s)")
    parser.add_argument("--seed", type=number(int, 0, 2**32 - 1), default=0, help="of weights and order (%(default)s)")
    parser.add_argument("--upsample", action="store_true", help="resize the 8x8 images to 28x28")
    return parser


def widths(given: argparse.Namespace, data: Digits) -> list[int]:
    return [data.x.shape[1], *[given.hidden] * given.depth, CLASSES]


def number(kind: type[int] | type[float], low: float, high: float) -> Callable[[str], float]:
    """What argparse calls to read a number from low to high."""

    def read(text: str) -> float:
        noun = "a whole number" if kind is int else "a number"
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not {noun} from {low:,} to {high:,}")
        return value

    return read


def _activation(name: str) -> acts.Activation:
    """The activation, if it needs no parameters but those it has by default, or is prelu, whose alpha is learned."""
    try:
        found = acts.get(name)
        found(0.0, **({"alpha": FIRST_ALPHA} if found == acts.prelu else {}))
    except (LookupError, TypeError) as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return found


def announce(given: argparse.Namespace, data: Digits) -> None:
    if given.upsample:
        print("The 8x8 images were resized to 28x28 by linear interpolation; they hold no more detail than before.")
    shape = "-".join(map(str, widths(given, data)))
    print(
        f"{shape} network with {given.activation.__name__}: {len(data.x)} digits to learn, {len(data.test_x)} to test"
    )


def follow(steps: Iterable[tuple[Any, Weights]], total: int) -> Weights:
    """Take all steps behind a progress bar, and return the weights after the last one."""
    columns = (
        TextColumn("training"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[loss]}"),
    )
    weights: Weights = []
    with np.errstate(all="ignore"), Progress(*columns, console=Console(stderr=True)) as bar:  # the loss will tell
        task = bar.add_task("", total=total, loss="")
        for loss, after in steps:
            weights = after
            bar.update(task, advance=1, loss=f"loss {loss:.4f}")
            if not math.isfinite(loss):
                raise SystemExit(f"the loss became {loss}: try a smaller --lr")
    return weights


def report(accuracy: float, alpha: Any = ()) -> None:
    print(f"test accuracy: {accuracy:.2%}")
    alpha = np.ravel(alpha)
    if alpha.size:
        print(f"learned alphas, one per hidden unit ({len(alpha)}), all {FIRST_ALPHA} at first:")
        print(f"  min {alpha.min():.4f}, mean {alpha.mean():.4f}, max {alpha.max():.4f}")
        print(f"  the first: {' '.join(f'{a:.4f}' for a in alpha[:6])}")
