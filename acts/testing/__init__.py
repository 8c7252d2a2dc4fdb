"""The conformance kit: check acts, or your own kernel or framework, against definitions with hundreds of digits.

`oracle`, `row_oracle` and `cases` need mpmath, `from_acts_jax` and JAX functions need jax; the rest needs only NumPy.

>>> import numpy as np
>>> from acts.testing import check
>>> report = check(lambda x: x * (x > 0), "relu", derivative=lambda x: (x > 0).astype(x.dtype), level="ulp")
>>> report.passed
False
>>> report.failures[0].worst["not finite"].x  # 0 * inf is NaN
-inf
"""

from typing import Any

from .accuracy import Accuracy as Accuracy
from .accuracy import Truth as Truth
from .accuracy import fast_oracle as fast_oracle
from .accuracy import measure as measure
from .candidates import Candidate as Candidate
from .candidates import from_acts as from_acts
from .candidates import from_acts_jax as from_acts_jax
from .candidates import from_callable as from_callable
from .conformance import compare as compare
from .conforms import assert_conforms as assert_conforms
from .conforms import check as check
from .exhaustive import check_exhaustively as check_exhaustively
from .gradients import GradCheck as GradCheck
from .gradients import check_grad as check_grad
from .gradients import taylor_order as taylor_order
from .grids import all_patterns as all_patterns
from .grids import example_parameters as example_parameters
from .grids import grid as grid
from .grids import neighbours as neighbours
from .grids import parameter_sets as parameter_sets
from .grids import walk as walk
from .ulp import conditioned_ulp as conditioned_ulp
from .ulp import largest as largest
from .ulp import smallest_normal as smallest_normal
from .ulp import ulp_distance as ulp_distance
from .ulp import ulp_size as ulp_size
from .verdicts import Report as Report


def __getattr__(name: str) -> Any:
    if name in ("oracle", "Jet"):
        from . import definitions

        return getattr(definitions, name)
    if name in ("cases", "Cases"):
        from . import vectors

        return getattr(vectors, name)
    if name in ("row_oracle", "RowTruth"):
        from . import rows

        return getattr(rows, name)
    raise AttributeError(f"module 'acts.testing' has no attribute {name!r}")
