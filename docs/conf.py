"""Sphinx' configuration of the site; CONTRIBUTING.md says how to build it."""

import os
import re
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

import generate  # noqa: E402
from docutils import nodes  # noqa: E402
from latex2mathml.converter import convert  # noqa: E402
from nbclient import NotebookClient  # noqa: E402

import acts  # noqa: E402

project = "acts"
author = copyright = "the acts authors"
version = release = acts.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx_design"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "generate", "**.ipynb_checkpoints"]
suppress_warnings = ["misc.highlighting_failure"]
default_role = "code"

# Every build executes the notebooks: a cell that fails, or that writes to stderr, fails the build.
nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_output_stderr = "error"
NotebookClient.coalesce_streams = True  # what is printed in two pieces is one output, and no line is broken
nb_code_prompt_show, nb_code_prompt_hide = "Show an answer", "Hide it"
html_math_renderer = "mathml"  # browsers draw it without a script
os.environ["PYTHONPATH"] = os.pathsep.join([sys.path[0], os.environ.get("PYTHONPATH", "")])  # where notebooks find acts

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
add_module_names = False
toc_object_entries = False

html_theme = "pydata_sphinx_theme"
html_title = "acts"
html_static_path = ["_static"]
html_css_files = ["acts.css"]
html_copy_source = html_show_sourcelink = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": False,
    "header_links_before_dropdown": 6,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "footer_start": ["copyright"],
    "footer_end": [],
}


def as_rst(app, what, name, obj, options, lines):
    """Docstrings are plain text: outside of code and examples no sign has a meaning. None at all is a warning."""
    if not any(lines):
        generate.api.undocumented(name)
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            pieces = re.split(r"(`[^`]*`)", line)
            lines[i] = "".join(p if j % 2 else re.sub(r"([*|_])", r"\\\1", p) for j, p in enumerate(pieces))


def read(app, docname, source):
    """The pages of docs/ link to files beside them on a code host, and to their pages here."""
    source[0] = generate.relinked(source[0])


def math(display):
    """A visitor that writes a formula as MathML, which needs no script and no network."""

    def visit(self, node):
        text = convert(node.astext(), display=display)
        prime = r"<msup>((?:(?!</?msup>).)*?)<mi>(&#x0203[2-4];)</mi></msup>"  # as an exponent it is tiny and too high
        self.body.append(re.sub(prime, r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', text))
        raise nodes.SkipNode

    return visit, None


def setup(app):
    """Write the generated pages first."""
    app.add_html_math_renderer("mathml", math("inline"), math("block"))
    app.connect("builder-inited", lambda app: generate.write())
    app.connect("autodoc-process-docstring", as_rst)
    app.connect("source-read", read)
