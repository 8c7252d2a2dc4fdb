"""The conformance kit: check acts, or your own kernel or framework, against definitions with hundreds of digits.

`oracle` needs mpmath, `check` needs jax where JAX functions are checked; the rest needs only NumPy.
"""

from typing import Any

from .grids import all_patterns as all_patterns
from .grids import example_parameters as example_parameters
from .grids import grid as grid
from .grids import neighbours as neighbours
from .grids import parameter_sets as parameter_sets
from .ulp import smallest_normal as smallest_normal
from .ulp import ulp_distance as ulp_distance
from .ulp import ulp_size as ulp_size


def __getattr__(name: str) -> Any:
    if name in ("oracle", "Jet"):
        from . import definitions

        return getattr(definitions, name)
    raise AttributeError(f"module 'acts.testing' has no attribute {name!r}")
