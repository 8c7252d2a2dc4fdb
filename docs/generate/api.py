"""The reference of the packages: what each module makes public, which must be documented."""

import ast
import importlib
import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

from . import functions

MODULES = {
    "acts": "NumPy",
    "acts.testing": "Checks, for your own kernel, too",
    "acts.plotting": "Pictures",
    "acts.dialects": "Names in other frameworks",
    "acts_jax": "JAX",
    "acts_jax.interchange": "Slopes from and to other frameworks",
    "acts_jax.initializers": "Initial weights",
}
LAYERS = ("acts_jax.nn", "acts_jax.nnx", "acts_jax.linen", "acts_jax.keras")
"""Modules that stand in for another framework's, or need one, which is not imported: their docstrings are read."""


class UndocumentedError(ValueError):
    """A public name without a docstring."""


def page(module_name: str) -> str:
    """The page of a module: its docstring, then every public name that is no activation; those have their own pages."""
    if module_name in LAYERS:
        return _as_read(module_name)
    lines = [f"# {module_name}", "```{eval-rst}", f".. automodule:: {module_name}", ""]
    for name, value in public(importlib.import_module(module_name)).items():
        kind = "class" if inspect.isclass(value) else "function"
        lines += [f".. auto{kind}:: {module_name}.{name}", *(["   :members:", ""] if kind == "class" else [""])]
    return "\n".join([*lines, "```", ""])


def _as_read(module_name: str) -> str:
    """The page of a module from its source alone."""
    found = importlib.util.find_spec(module_name)
    assert found is not None, module_name
    tree = ast.parse(Path(str(found.origin)).read_text(encoding="utf-8"))
    parts = [f"# {module_name}", prose(ast.get_docstring(tree) or "")]
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            parts += [f":::{{py:class}} {module_name}.{node.name}", prose(ast.get_docstring(node) or ""), ":::"]
    return "\n\n".join(parts) + "\n"


def prose(docstring: str) -> str:
    """A docstring as Markdown: paragraphs, and examples as code."""
    blocks = re.split(r"\n\s*\n", docstring.strip())
    return "\n\n".join(f"```pycon\n{b}\n```" if b.startswith(">>>") else functions.markdown(b) for b in blocks)


def public(module: ModuleType) -> dict[str, Any]:
    """The public names of a module that are its own, without activations; all must be documented."""
    named = {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and not inspect.ismodule(value) and _is_of(value, module.__name__)
    }
    without = [name for name, value in named.items() if len(inspect.getdoc(value) or "") < 20]
    if without:
        raise UndocumentedError(f"{module.__name__}: no docstring for {', '.join(without)}")
    return named


def _is_of(value: Any, module_name: str) -> bool:
    """Whether a class or function is defined in the module or below it; activations are not."""
    home = f"{getattr(value, '__module__', '')}."
    own = (inspect.isclass(value) or inspect.isroutine(value)) and home.startswith(f"{module_name}.")
    return own and ".families" not in home


def undocumented(name: str) -> None:
    """Raise for a member of a class that autodoc found without a docstring."""
    raise UndocumentedError(f"{name}: no docstring")
