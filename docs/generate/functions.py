"""The page of one function, as Markdown: all of it comes from the function's own record, code and measurements."""

import ast
import functools
import html
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

import acts
import acts_jax
from acts._grammar import head_of
from acts._mathml import equation, read_kinks, remarks
from acts.dialects import FRAMEWORKS, ROWS, Row, remark
from acts.testing.grids import example_parameters

from . import facts
from .calculus import derivative

LONGEST = {"first": 330, "second": 130}
"""How many characters of code a derivative may have to be typeset: one that is longer teaches nothing."""


def page(name: str, picture: str = "") -> str:
    """The page of the function of that name. picture: the SVG to show."""
    f = acts.get(name)
    rows = [row for row in ROWS if row.function == name]
    prose, examples = _docstring(f)
    curve = isinstance(f, acts.Activation)
    parts = [
        _front_matter(f, rows),
        _index(spellings(name, rows)),
        f"# {name}",
        _definition(f),
        prose,
        f'<div class="acts-picture">{picture}</div>' if picture else "",
        _at_a_glance(f, rows),
        _derivatives(f) if curve else "",
        _numbers(f) if curve else "",
        "## An example",
        _fenced(examples or _first_example(f), "pycon"),
        _signature(f),
        _code(f),
        _frameworks(rows),
        _measured(f) if curve else "",
        _source(f),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


@functools.cache
def group_of(f: Any) -> str:
    """The heading under which a function stands in the list of all: its family, or its shelf of the catalogue."""
    if f.kind == "literature":
        modules = [m for m in vars(acts.literature).values() if inspect.ismodule(m)]
        shelf = next(m.__name__.rpartition(".")[2] for m in modules if vars(m).get(f.__name__) is f)
        return f"Catalogue: {shelf.replace('_', ' ')}"
    return f.family.replace("_", " ").capitalize()  # type: ignore[no-any-return]


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a | in a cell is escaped."""
    lines = [list(header), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def spellings(name: str, rows: Iterable[Row]) -> list[str]:
    """Every name for the function: its own, its aliases, and those of the frameworks."""
    return list(dict.fromkeys([name, *acts.get(name).aliases, *(row.name for row in rows)]))


def _front_matter(f: Any, rows: list[Row]) -> str:
    words = ", ".join(spellings(f.__name__, rows))
    about = f"{f.__name__}: definition, derivative, errors, code in NumPy and JAX, and its names in other frameworks."
    return f'---\nmyst:\n  html_meta:\n    keywords: "{words}"\n    description: "{about}"\n---'


def _index(names: list[str]) -> str:
    """Entries of the index, which the search shows first."""
    return "\n".join(["```{eval-rst}", ".. index::", *(f"   single: {name}" for name in names), "```"])


def _definition(f: Any) -> str:
    """The definition, typeset if it is an expression; those of rows, which have indices, as code."""
    if isinstance(f, acts.AxisFunction):
        return _fenced(f.definition, "python")
    name, arguments, expression = head_of(f.definition)
    lines = [equation(f"{name}({', '.join(arguments)})", expression), "", f"In code: `{f.definition}`."]
    used = {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)}
    constants = {k: v for k, v in f.constants().items() if k in used - {"pi", "e", "nan"} and isinstance(v, float)}
    lines += [f"`{constant}` is {value!r}." for constant, value in constants.items()]
    return "\n".join([*lines, *remarks(expression)])


def _at_a_glance(f: Any, rows: list[Row]) -> str:
    lines = [("family", group_of(f))]
    lines += [("parameters", f"`{facts.settings(f)}`")] if isinstance(f, acts.Activation) and f.params else []
    lines += [("admitted", f"`{f.domain}`")] if getattr(f, "domain", "True") != "True" else []
    others = [f"`{word}`" for word in spellings(f.__name__, rows)[1:]]
    lines += [("also called", ", ".join(others))] if others else []
    if isinstance(f, acts.Activation):
        lines.append(("range", facts.range_of(f)))
        moments = facts.gaussian(f)
        if moments:
            mean, std, gain = moments
            lines.append(("of a standard normal variable", f"mean {mean}, standard deviation {std}"))
            lines.append(("gain for initial weights", f"{gain} ([what it is](../initialisation.md))"))
        lines.append(("kinks", ", ".join(f"`{kink}`" for kink in read_kinks(f.kinks)) or "none, it is smooth"))
    given = f"With `{facts.settings(f)}`" if isinstance(f, acts.Activation) and f.params else "At a glance"
    return table((given, ""), lines)


def _derivatives(f: acts.Activation) -> str:
    name, (x, *params), expression = head_of(f.definition)
    first = derivative(expression, x)
    shown = [(equation(f"derivative {x} {name}", first), first)]
    second = derivative(first, x)
    if len(second) <= LONGEST["second"]:
        shown.append((equation(f"second {x} {name}", second), second))
    for param in params:
        partial = derivative(expression, param)
        shown.append((equation(f"derivative {param} {name}", partial), partial))
    shown = [(typeset, code) for typeset, code in shown if len(code) <= LONGEST["first"]]
    if not shown:
        return "## Derivatives\n\nThey are too long to be read as one formula; the code below has them step by step."
    words = [text for text in remarks(*(code for _, code in shown)) if text not in remarks(expression)]
    between = " away from its kinks, where [the table](#kinks) says which slope is taken" if _has_kinks(f) else ""
    method = f"`acts.{name}.derivative`, `.second_derivative`" + ", `.partial(parameter, ...)`" * bool(params)
    text = f"As the rules of calculus give them{between}; computed by {method}, in a form that doesn't round them away."
    return "\n\n".join(["## Derivatives", text, *(typeset for typeset, _ in shown), *words])


def _has_kinks(f: acts.Activation) -> bool:
    return bool(f.kinks_at(**example_parameters(f)))


def _numbers(f: acts.Activation) -> str:
    head = ("kink", "at", "value", "slope to the left", "slope there", "slope to the right")
    parts = ["## Kinks", table(head, facts.kinks(f))] if _has_kinks(f) else []
    ends = ["## At infinity", table(("", "at -∞", "at ∞"), facts.limits(f))]
    return "\n\n".join([*parts, *ends])


def _docstring(f: Any) -> tuple[str, str]:
    """The prose and the examples of a docstring, without its first line, the definition."""
    _, _, rest = inspect.cleandoc(f.formula.__doc__ or "").partition("\n")
    if f._unbound is not f or f.kind == "literature":
        rest = ""
    blocks = re.split(r"\n\s*\n", rest.strip())
    examples = [block for block in blocks if block.startswith(">>>")]
    return "\n\n".join(map(markdown, (b for b in blocks if b not in examples))), "\n\n".join(examples)


def markdown(text: str) -> str:
    """Prose of a docstring as Markdown: what stands between backticks as it is, elsewhere no sign means anything."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if i % 2 else re.sub(r"([*<\[\]_$])", r"\\\1", piece) for i, piece in enumerate(pieces))


def _first_example(f: Any) -> str:
    """A call for a function whose docstring has none."""
    given = "".join(f", {name}={value:g}" for name, value in example_parameters(f).items())
    x = [-2.0, 0.5, 3.0]
    values = f(x, **example_parameters(f))
    slopes = f.derivative(x, **example_parameters(f))
    where = "acts.literature" if f.kind == "literature" else "acts"
    call = f"{where}.{f.__name__}"
    return "\n".join([f">>> {call}({x}{given})", repr(values), f">>> {call}.derivative({x}{given})", repr(slopes)])


def _signature(f: Any) -> str:
    """The call, where the index and the search find it, and the contract that its docstring ends with."""
    where = "acts.literature" if f.kind == "literature" else "acts"
    contract = inspect.cleandoc(f.__doc__ or "").rpartition("\n\n")[2].splitlines()
    lines = [f"- {markdown(line)}" for line in contract if not line.startswith(("Source: ", "Kinks: "))]
    signature = str(inspect.signature(f))
    return "\n".join(["## The call", "", f":::{{py:function}} {where}.{f.__name__}{signature}", "", *lines, ":::"])


def _code(f: Any) -> str:
    if f.kind == "literature":
        text = (
            "An entry of the catalogue is its definition: `acts.define` derives value, derivatives and partials from "
            "it, `acts_jax.define` the same in JAX."
        )
        return f"## In code\n\n{text}\n\n{_fenced(_entry(f), 'python')}"
    numpy = [*f.formulas().values()] if isinstance(f, acts.Activation) else [f.formula, *f.rules.values()]
    mirror = getattr(acts_jax, f.__name__)
    of_rows = getattr(acts_jax._rows, f.__name__, None)
    jax = (
        [*acts_jax.formulas(mirror).values()] if isinstance(f, acts.Activation) else [mirror, *filter(None, [of_rows])]
    )
    sides = {"NumPy": numpy, "JAX": jax}
    tabs = [f":::{{tab-item}} {side}\n{_listing(formulas)}\n:::" for side, formulas in sides.items()]
    text = "As it stands in the packages: the value, its derivatives, and the partial of each parameter."
    return "\n\n".join(["## In code", text, "::::{tab-set}", *tabs, "::::"])


def _listing(formulas: Iterable[Callable[..., Any]]) -> str:
    plain = [inspect.unwrap(formula) for formula in formulas]
    named = [formula for formula in plain if formula.__name__ != "<lambda>"]
    code = "\n\n".join(map(source, dict.fromkeys(named)))
    called = {name: helper for formula in named for name, helper in _helpers(formula)}
    called = dict(sorted((name, helper) for name, helper in called.items() if inspect.unwrap(helper) not in named))
    lines = [f"- `{name}({', '.join(_arguments(helper))})`: {_first_line(helper)}" for name, helper in called.items()]
    return "\n\n".join([_fenced(code, "python"), *(["What is called there:", "\n".join(lines)] if lines else [])])


def source(formula: Callable[..., Any]) -> str:
    """The code of a formula from its def on, without the docstring."""
    text = textwrap.dedent(inspect.getsource(formula))
    text = text[re.search(r"^def ", text, flags=re.M).start() :]  # type: ignore[union-attr]
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    lines = text.splitlines()
    if ast.get_docstring(function) is not None:
        first = function.body[0]
        del lines[first.lineno - 1 : first.end_lineno]
    return "\n".join(lines).strip()


def _helpers(formula: Callable[..., Any]) -> list[tuple[str, Callable[..., Any]]]:
    """What a formula calls of the packages, with a docstring to tell of it."""
    code = getattr(formula, "__code__", None)
    found = [(name, formula.__globals__.get(name)) for name in (code.co_names if code else ())]
    return [(n, f) for n, f in found if inspect.isfunction(f) and f.__module__.startswith("acts") and f.__doc__]


def _arguments(helper: Callable[..., Any]) -> list[str]:
    return [str(p.replace(annotation=p.empty)) for p in inspect.signature(helper).parameters.values()]


def _first_line(helper: Callable[..., Any]) -> str:
    return markdown(re.split(r"\n\s*\n", inspect.cleandoc(helper.__doc__ or ""))[0].replace("\n", " "))


def _entry(f: acts.Activation) -> str:
    given = {
        "defaults": f._defined.get("defaults"),
        "kinks": f._defined.get("kinks"),
        "domain": f._defined.get("domain"),
    }
    options = "".join(f",\n    {key}={value!r}" for key, value in given.items() if value and value != "True")
    return f'{f.__name__} = acts.define(\n    "{f.definition}"{options},\n)'


def _frameworks(rows: list[Row]) -> str:
    if not rows:
        return ""
    lines = [
        (FRAMEWORKS[row.framework].partition(",")[0].partition(";")[0], f"`{row.theirs}`", f"`{row.ours}`", remark(row))
        for row in rows
    ]
    text = "All of them side by side: [Coming from another framework](../porting.md)."
    return f"## In other frameworks\n\n{table(('framework', 'theirs', 'here', 'to know'), lines)}\n\n{text}"


@functools.cache
def _errors() -> tuple[Any, list[str]]:
    return facts.measured(), facts.libraries()


def _measured(f: acts.Activation) -> str:
    found, libraries = _errors()
    rows = [row for row in found.get(f.__name__, []) if row[0] in ("float32", "bfloat16")]
    command = f"`python -m acts accuracy acts acts_jax jax.nn torch --only {f.__name__}`"
    if not rows:
        return f"## How exact\n\nIts errors, side by side with those of other libraries, are measured by {command}."
    rows = [
        (f"{dtype} {quantity}", *(cell if cell != "-" else "" for cell in cells)) for dtype, quantity, *cells in rows
    ]
    text = (
        "The largest error in units in the last place, with the mean in brackets and where the largest is; then, if "
        f"there are any, NaN and false infinities at finite x, and wrong limits. Measured by {command}; "
        "[Numerics](../numerics.md) says why the usual formulas lose digits."
    )
    return f"## How exact\n\n{text}\n\n{table(('', *(f'`{name}`' for name in libraries)), rows)}"


def _source(f: Any) -> str:
    if not f.paper:
        return ""
    return f"## Source\n\n{markdown(f.paper)}.\n\n{_fenced(acts.cite(f.__name__), 'bibtex')}"


def _fenced(code: str, language: str) -> str:
    return f"```{language}\n{html.unescape(code).strip()}\n```"
