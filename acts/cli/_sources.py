"""The source of a formula, whole, and what the functions and constants that it uses are."""

import ast
import inspect
import textwrap
from collections.abc import Iterable
from types import CodeType
from typing import Any

from acts._record import Record


def source_of(formula: Any) -> str:
    """The function's lines, without decorators and docstring."""
    lines = textwrap.dedent(inspect.getsource(formula)).splitlines()
    (function,) = ast.parse("\n".join(lines)).body
    assert isinstance(function, ast.FunctionDef)
    first, rest = function.body[0], lines
    if ast.get_docstring(function) is not None:
        rest = [*lines[: first.lineno - 1], *lines[first.end_lineno :]]
    return "\n".join(rest[function.lineno - 1 :]).rstrip()


def explained(formulas: Iterable[Any]) -> tuple[dict[str, str], dict[str, str]]:
    """(what is said of each helper and constant, the source of each helper that says nothing), by name."""
    said: dict[str, str] = {}
    shown: dict[str, str] = {}
    left = [inspect.unwrap(formula) for formula in formulas]
    known, own = {id(formula) for formula in left}, {formula.__name__ for formula in left}
    while left:
        for name, value in _used(left.pop(0)):
            function = inspect.unwrap(value) if callable(value) else value
            if id(function) in known:
                continue
            known.add(id(function))
            if isinstance(value, float):
                said[name] = f"{value!r}"
            elif isinstance(value, Record):
                said[name] = value.definition
            elif inspect.isfunction(function):
                paragraph = inspect.cleandoc(function.__doc__ or "").partition("\n\n")[0]
                if paragraph and name not in own:  # else it is where the formula stands
                    said[f"{name}({', '.join(inspect.signature(function).parameters)})"] = " ".join(paragraph.split())
                else:
                    shown[name] = source_of(function)
                    left.append(function)
    return said, shown


def _used(function: Any) -> list[tuple[str, Any]]:
    """The functions of acts and the float constants that a function uses, by name, in order."""
    names, known = _names(function.__code__), function.__globals__
    modules = [known[name] for name in names if _is_ours(known.get(name)) and inspect.ismodule(known[name])]
    found = [(name, next((vars(m)[name] for m in modules if name in vars(m)), known.get(name))) for name in names]
    return [(name, value) for name, value in found if isinstance(value, float) or (callable(value) and _is_ours(value))]


def _is_ours(value: Any) -> bool:
    module = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None) or ""
    return module.partition(".")[0] in ("acts", "acts_jax")


def _names(code: CodeType) -> list[str]:
    """The global names that a function and those within it use, in order."""
    inner = [name for constant in code.co_consts if isinstance(constant, CodeType) for name in _names(constant)]
    return list(dict.fromkeys([*code.co_names, *inner]))
