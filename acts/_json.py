"""What JSON can hold."""

import math
from typing import Any


def plain(value: Any) -> Any:
    """The value for JSON, which has no infinities and no NaN: they become the strings "inf", "-inf" and "nan"."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(float(value)) if isinstance(value, float) and not math.isfinite(value) else value
