"""The site: every function has a page that says what is true, every public name is documented; built, all is found."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import acts
from acts.__main__ import main
from acts._grammar import head_of, on_arrays
from acts._record import ON_NUMBERS
from acts.dialects import ROWS
from acts.testing import example_parameters

DOCS = Path(__file__).parents[1] / "docs"
HTML = DOCS / "_build" / "html"
CURVES = [name for name in acts.names("all") if isinstance(acts.get(name), acts.Activation)]
HELPERS = {
    "_choose": np.where,
    "_softplus": lambda u: np.logaddexp(0, u),
    **{"_log1p": np.log1p, "_expm1": np.expm1},
    "_log_add": lambda a, u: np.log(a + np.exp(u)),
}  # what a definition calls when it has become one on arrays
RANGES = {
    **{"relu": "[0, ∞)", "tanh": "(-1, 1)", "gelu": "[-0.1699712, ∞)", "hard_sigmoid": "[0, 1]", "siren": "[-1, 1]"},
    **{"gaussian": "(0, 1]", "elu": "(-1, ∞)", "step": "[0, 1]", "identity": "(-∞, ∞)", "isru": "(-1, 1)"},
}


@pytest.fixture(scope="session")
def generate():
    sys.path.insert(0, str(DOCS))
    try:
        import generate

        yield generate
    finally:
        sys.path.remove(str(DOCS))


@pytest.fixture(scope="session")
def pages(generate):
    return dict(generate.pages(pictures=False))


def test_every_function_has_a_page_and_is_listed(pages):
    for name in acts.names("all"):
        assert f"functions/{name}.md" in pages
        assert f"[{name}]({name}.md)" in pages["functions/index.md"]


@pytest.mark.parametrize("name", acts.names("all"))
def test_a_page_tells_all_that_is_known(name, pages):
    f, page = acts.get(name), pages[f"functions/{name}.md"]
    assert f.definition in page
    assert all(heading in page for heading in ("## An example", "## The call", "## In code"))
    assert ("@misc{" + name in page) == bool(f.paper)
    for row in ROWS:
        if row.function == name:
            assert f"`{row.theirs}`".replace("|", "\\|") in page
    if f.kind != "literature":
        assert {":::{tab-item} NumPy", ":::{tab-item} JAX"} < set(page.splitlines())
        assert page.count(f"def {name}(") >= 2
    if name in CURVES:
        assert all(heading in page for heading in ("| range |", "## Derivatives", "## At infinity", "## How exact"))
        assert ("## Kinks" in page) == bool(f.kinks_at(**example_parameters(f)))


@pytest.mark.parametrize("name", CURVES)
def test_the_derivatives_that_are_typeset_are_those_of_the_function(name, generate):
    f = acts.get(name)
    _, names, expression = head_of(f.definition)
    params = example_parameters(f)
    x = np.random.default_rng(0).uniform(-4, 4, 200)
    values = {**ON_NUMBERS, **f.constants(), **params, **HELPERS, names[0]: x}
    first = generate.calculus.derivative(expression, names[0])
    second = generate.calculus.derivative(first, names[0])
    wanted = {first: f.derivative(x, **params), second: f.second_derivative(x, **params)}
    for param in names[1:]:
        wanted[generate.calculus.derivative(expression, param)] = f.partial(param, x, **params)
    for text, truth in wanted.items():
        with np.errstate(all="ignore"):
            found = on_arrays(text, (*names, *f.constants()))(values)
        np.testing.assert_allclose(np.broadcast_to(found, x.shape), truth, rtol=1e-7, atol=1e-9, err_msg=text)


@pytest.mark.parametrize(("name", "range_"), RANGES.items())
def test_ranges(name, range_, generate):
    assert generate.facts.range_of(acts.get(name)) == range_


def test_the_numbers_of_a_page_are_those_of_the_measurement(pages, generate):
    assert "| float32 f' | 12 (0.089) at -0.8239 |" in pages["functions/gelu.md"]
    assert generate.facts.libraries()[:2] == ["acts", "acts_jax"]
    assert len(generate.facts.measured()["gelu"]) >= 8


def test_kinks_have_the_slopes_of_both_sides(generate):
    assert generate.facts.kinks(acts.relu6) == [("`0`", "0", "0", "0", "0", "1"), ("`6`", "6", "6", "1", "0", "0")]


def test_every_public_name_is_in_the_reference(pages, generate):
    for name in ("gain", "define", "Activation"):
        assert f"acts.{name}\n" in pages["reference/acts.md"]
    assert "acts.testing.check\n" in pages["reference/acts.testing.md"]
    assert "acts_jax.PReLU\n" in pages["reference/acts_jax.md"]


def test_a_public_name_without_documentation_is_an_error(generate, monkeypatch):
    def bare():
        return None

    bare.__module__ = "acts._gaussian"
    monkeypatch.setattr(acts, "bare", bare, raising=False)
    with pytest.raises(generate.api.UndocumentedError, match="acts: no docstring for bare"):
        generate.api.page("acts")


def test_links_of_pages_lead_to_pages(pages):
    written = [*DOCS.glob("*.md"), *DOCS.glob("notebooks/*.md")]
    every = {path.relative_to(DOCS).as_posix() for path in written} | set(pages)
    relinked = sys.modules["generate"].relinked
    texts = {name: relinked((DOCS / name).read_text()) if name not in pages else pages[name] for name in every}
    for name, text in texts.items():
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+\.md)", prose):
            found = (Path("/") / Path(name).parent / target).as_posix().split("/")
            while ".." in found:
                at = found.index("..")
                del found[at - 1 : at + 1]
            assert "/".join(found).lstrip("/") in every, f"{name}: {target}"


def test_the_picture_takes_the_colours_of_the_page(generate):
    from generate.pictures import CURVES as COLORS
    from generate.pictures import picture

    svg = picture("elu")
    assert all(f"var(--acts-curve-{i}" in svg for i in range(len(COLORS)))
    assert "currentColor" in svg
    assert "#000000" not in svg
    assert "\n" not in svg  # Markdown would go on in the middle of it
    assert len(svg) < 100_000


def test_docs_opens_the_page_or_says_what_to_install(monkeypatch, tmp_path, capsys):
    from acts.cli import docs

    monkeypatch.setattr(docs, "SITE", tmp_path)
    monkeypatch.setattr(docs.importlib.util, "find_spec", lambda name: None)
    assert main(["docs", "gelu"]) == 2
    assert "pip install -e '.[docs]'" in capsys.readouterr().err
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "hard_swish.html").touch()
    opened = []
    monkeypatch.setattr(docs.webbrowser, "open", opened.append)
    assert main(["docs", "hardswish"]) == 0
    assert opened == [(tmp_path / "functions" / "hard_swish.html").as_uri()]
    assert main(["docs", "gleu"]) == 2
    assert "gelu" in capsys.readouterr().err


@pytest.mark.site
def test_search_finds_a_function_by_every_name_of_it():
    from sphinx.search.en import SearchEnglish

    text = (HTML / "searchindex.js").read_text()
    index = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    stem = SearchEnglish({}).stem
    for row in ROWS:
        if row.function not in acts.names("all"):
            continue
        page = index["docnames"].index(f"functions/{row.function}")
        for word in (row.name, row.function):
            found = [index[terms].get(stem(word.lower()), []) for terms in ("terms", "titleterms")]
            assert page in [number for one in found for number in ([one] if isinstance(one, int) else one)], (row, word)


@pytest.mark.site
def test_the_built_pages_need_no_network_and_no_mathjax():
    for path in [HTML / "index.html", *(HTML / "functions").glob("*.html")]:
        assert "&lt;path" not in path.read_text(), f"{path.name} shows a picture's source"
        loaded = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"(https?:[^\"]+)", path.read_text())
        assert not loaded, f"{path.name} loads {loaded}"
    assert len(list((HTML / "functions").glob("*.html"))) == len(acts.names("all")) + 1
