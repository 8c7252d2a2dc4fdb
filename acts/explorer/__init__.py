"""The explorer: one HTML page with every function that has a curve, which needs no network and no server.

Its curves are the definitions themselves: `_javascript` translates them by the grammar, `mathematics.js` evaluates and
differentiates them, `distribution.js` sends a Gaussian through them; `panels.js` draws, `page.js` and `controls.js` are
the page. `python -m acts explore` writes and opens it.
"""

import inspect
import json
import re
import webbrowser
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from .._activation import Activation
from .._axis import AxisFunction
from .._grammar import DefinitionError, head_of
from .._mathml import read_kinks, remarks, typeset
from .._registry import get, names
from ..dialects import FRAMEWORKS, ROWS, remark
from ..testing.accuracy import Truth
from ..testing.grids import example_parameters
from ..testing.ulp import largest, ulp_distance
from ._javascript import javascript
from ._rows import curve_of, first_output


def explore(path: str | Path = "acts-explorer.html", *, show: bool = True) -> Path:
    """Write the page to a file and, with show, open it in a browser; the path of the file.

    >>> from acts.explorer import explore
    >>> explore("acts-explorer.html", show=False)  # doctest: +SKIP
    PosixPath('acts-explorer.html')
    """
    path = Path(path)
    path.write_text(page(), encoding="utf-8")
    if show:
        webbrowser.open(path.resolve().as_uri())
    return path


def page() -> str:
    """The page, with every registered function whose definition is of the grammar.

    >>> page()[:15]
    '<!DOCTYPE html>'
    """
    parts = {file: files(__package__).joinpath(file).read_text("utf-8") for file in FILES}
    data = [
        f"const FUNCTIONS = {{\n{''.join(map(_entry, curves()))}}};",
        f"const LEGENDRE = {_nodes()}, GRID = {[_short(x, 6) for x in GRID]};",
    ]
    absent = ", ".join(name for name in names("all") if name not in {f.__name__ for f in curves()})
    parts |= {"functions.js": "\n".join(data).replace("</", "<\\/"), "version": __version__, "absent": absent}
    text = parts.pop("page.html")
    for part, content in parts.items():
        text = text.replace(f"/* {part} */", content)
    return text


FILES = ("page.html", "page.css", "mathematics.js", "panels.js", "distribution.js", "page.js", "controls.js")
GRID = np.sinh(np.linspace(-5.3, 5.3, 241))  # from -100 to 100, closer near 0


def curves() -> list[Activation]:
    """What the page has: the functions of one array, the gates, and those of rows that can be written out for three."""
    known = [get(name) for name in names("all")]
    found = [curve_of(f) if isinstance(f, AxisFunction) else f for f in known]
    return [f for f in found if f is not None and _is_of_the_grammar(f)]


def _is_of_the_grammar(f: Activation) -> bool:
    try:
        _code(f)
    except DefinitionError:
        return False
    return True


def _entry(f: Activation) -> str:
    """A property of the object FUNCTIONS: what is to be read of a function, and what is to be run."""
    known = get(f.__name__)
    about = inspect.cleandoc(known.formula.__doc__ or "").split("\n\n")
    expression = head_of(f.definition)[2]
    used = {name: value for name, value in _numbers(f).items() if name.isupper() and name in expression}
    rows = [(_framework(r.framework), r.theirs, r.ours, remark(r)) for r in ROWS if r.function == f.__name__]
    facts = {
        "group": _group(known),
        "definition": f.definition,
        "typeset": typeset(f.definition),
        "about": " ".join(about[1].split()) if len(about) > 1 else "",
        "notes": [f"{name} = {value!r}" for name, value in used.items()]
        + [text.replace("`", "") for text in remarks(expression)]
        + ([f"{known.definition}; here the first output, over the first of three inputs."] if known != f else []),
        "argument": f.argument,
        "params": _example(f),
        "kinks": read_kinks(f.kinks),
        "domain": "" if f.domain == "True" else f.domain,
        "aliases": list(f.aliases),
        "paper": f.paper,
        "rows": rows,
        "measured": (measured := _measured(f)),
        "largest": max(filter(None, measured), default=0.0),
    }
    written = ", ".join(f"{key}: {code}" for key, code in _code(f).items())
    return f"{json.dumps(f.__name__)}: {{...{json.dumps(facts, ensure_ascii=False)}, {written}}},\n"


def _measured(f: Activation, points: int = 32) -> list[float | None]:
    """The largest error of f in float32, in ulp, on so many points between each two numbers of GRID.

    As in `acts.testing.measure`, away from roots, subnormal results and kinks that are rounded; None where no point is.
    """
    share = np.linspace(0, 1, points, endpoint=False)
    x = (GRID[:-1, None] + share * np.diff(GRID)[:, None]).astype(np.float32).ravel()
    bound = f.bind(**{name: float(np.float32(value)) for name, value in _example(f).items()})
    known = get(f.__name__)
    compute = partial(first_output, known) if isinstance(known, AxisFunction) else bound
    high = compute(x.astype(np.float64))
    truth = Truth(x, high, np.zeros_like(high), compute, kinks=bound.kinks_at())
    counted = truth.headline & (np.abs(high) <= largest(np.float32))
    errors = np.where(counted, ulp_distance(compute(x), high, np.float32), -1)
    return [None if error < 0 else _short(error, 2) for error in errors.reshape(-1, points).max(axis=1)]


def _short(x: float, digits: int) -> float:
    return float(f"{x:.{digits}g}")


def _example(f: Activation) -> dict[str, float]:
    """The parameters that the page begins with; a gate is seen at value = 1."""
    return example_parameters(f) | ({"value": 1.0} if f.kind == "gated" else {})


def _framework(key: str) -> str:
    return re.split("[,;]", FRAMEWORKS[key])[0]


def _group(f: Activation | AxisFunction) -> str:
    kinds = {"gated": "gates of two arrays", "axis": "functions of rows", "literature": "literature"}
    return kinds.get(f.kind, f.family.replace("_", " ") if f.family != "_definitions" else "your own")


def _numbers(f: Activation) -> dict[str, float]:
    return {name: value for name, value in f.constants().items() if isinstance(value, float)}


def _code(f: Activation) -> dict[str, str]:
    """The definition, the kinks and the domain in JavaScript."""
    _, arguments, expression = head_of(f.definition)
    numbers = _numbers(f)
    kinks = ", ".join(javascript(kink, f.params, numbers) for kink in f.kinks)
    admits = "() => true" if f.domain == "True" else javascript(f.domain, f.params)
    return {"f": javascript(expression, arguments, numbers), "kinksAt": f"[{kinks}]", "admits": admits}


def _nodes() -> list[list[Any]]:
    """The points and weights of the quadrature that `acts.moments` uses, too."""
    return [part.tolist() for part in np.polynomial.legendre.leggauss(16)]
