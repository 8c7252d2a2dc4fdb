"""How an entry of the catalogue is made."""

from typing import Any

from .._activation import Activation
from .._definitions import define


def entry(
    definition: str,
    paper: str,
    *,
    kinks: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    domain: str = "True",
    **defaults: Any,
) -> Activation:
    """The activation of a definition, registered as literature; defaults are those of its parameters."""
    options = {"kinks": kinks, "aliases": aliases, "domain": domain, "defaults": defaults}
    return define(definition, paper=paper, register=True, kind="literature", **options)  # type: ignore[arg-type]
