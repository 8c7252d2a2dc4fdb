"""The values of several functions side by side, in the terminal."""

import numpy as np
from numpy.typing import ArrayLike

from .._activation import Activation
from .._install import install_command
from ._curves import activation, all_kinks, rule, settings


def print_table(first: str | Activation, *more: str | Activation, x: ArrayLike | None = None) -> None:
    """Print values and both derivatives of several functions side by side; needs rich.

    first, more: as for `compare`. x: the inputs; by default -100, -1, the kinks, 0, 1 and 100.

    >>> from acts.plotting import print_table
    >>> print_table("relu", "tanh", x=[-1, 1])
    ┏━━━━━━━━┳━━━━┳━━━━━━┳━━━━━━━━━━━┓
    ┃        ┃ x  ┃ relu ┃      tanh ┃
    ┡━━━━━━━━╇━━━━╇━━━━━━╇━━━━━━━━━━━┩
    │ f(x)   │ -1 │    0 │ -0.761594 │
    │        │ 1  │    1 │  0.761594 │
    ├────────┼────┼──────┼───────────┤
    │ f'(x)  │ -1 │    0 │  0.419974 │
    │        │ 1  │    1 │  0.419974 │
    ├────────┼────┼──────┼───────────┤
    │ f''(x) │ -1 │    0 │    0.6397 │
    │        │ 1  │    0 │   -0.6397 │
    └────────┴────┴──────┴───────────┘
    """
    try:
        from rich.console import Console
        from rich.table import Table
    except ImportError as error:
        raise ModuleNotFoundError(f"the table needs rich: {install_command('rich')}", name="rich") from error
    functions = [activation(f) for f in (first, *more)]
    inputs = np.unique([-100, -1, *all_kinks(functions), 0, 1, 100]) if x is None else np.ravel(x)
    table = Table("", "x")
    for f in functions:
        table.add_column("\n".join([f.__name__, *settings(f)]), justify="right")
    for order, title in enumerate(("f(x)", "f'(x)", "f''(x)")):
        rows = zip(inputs, *(np.atleast_1d(rule(f, order)(inputs)) for f in functions), strict=True)
        for i, row in enumerate(rows):
            table.add_row(title if i == 0 else "", *(f"{number + 0:.6g}" for number in row))
        table.add_section()
    console = Console()
    whole = console.measure(table, options=console.options.update(max_width=10_000)).maximum
    console.width = max(console.width, whole)  # rather a long line than a cut number
    console.print(table)
