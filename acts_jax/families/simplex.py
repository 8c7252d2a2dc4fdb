"""Sparse softmaxes: sparsemax, entmax15 and entmax, with exact zeros for what is far below the maximum."""

from .. import _rows
from .._axis import axis_function


@axis_function(has_rule=True)
def sparsemax(x, axis=-1, *, where=None):
    return _rows.entmax(x, 2.0, axis, where)


@axis_function(has_rule=True)
def entmax15(x, axis=-1, *, where=None):
    return _rows.entmax(x, 1.5, axis, where)


@axis_function(has_rule=True)
def entmax(x, alpha=1.5, axis=-1, *, where=None):
    return _rows.entmax(x, alpha, axis, where)
