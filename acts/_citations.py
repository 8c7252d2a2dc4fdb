"""BibTeX, from what each activation says of its source."""

import re
from collections.abc import Callable
from typing import Any

from ._registry import get

SOURCE = re.compile(r"(?:(?P<authors>[^']+), )?'(?P<title>.+)'(?:, (?P<rest>.*))?$")


def cite(*names: str | Callable[..., Any]) -> str:
    """BibTeX entries of the sources of these activations, named or given, under their names, to print or to write.

    An unknown name is a LookupError. Authors are given by surname. A source that is no paper becomes a @misc with its
    text as the title, and what was defined without a source its definition.

    >>> import acts
    >>> print(acts.cite("selu"))
    @misc{selu,
      author = {Klambauer and Unterthiner and Mayr and Hochreiter},
      title = {{Self-Normalizing Neural Networks}},
      year = {2017},
      eprint = {1706.02515},
      archivePrefix = {arXiv}
    }
    """
    return "\n\n".join(_entry(name) for name in names)


def _entry(name: Any) -> str:
    function = get(name)
    first, *others = re.split(r"; (?=\S)", function.paper)
    found = SOURCE.match(first)
    fields = {"title": f"{{{found['title']}}}" if found else f"{{{function.paper or function.definition}}}"}
    if found and found["authors"]:
        authors = re.split(r", (?:and )?", found["authors"].replace(" et al.", ", others"))
        fields = {"author": " and ".join(authors), **fields}
    for key, pattern in (("year", r"\b((?:19|20)\d\d)\b"), ("eprint", r"arXiv:(\d+\.\d+)"), ("doi", r"doi:(\S+)")):
        match = re.search(pattern, first)
        if found and match:
            fields[key] = match[1]
    if "eprint" in fields:
        fields["archivePrefix"] = "arXiv"
    rest = (found and found["rest"]) or ""
    venue = re.sub(r",? ?(?:(?<!/)\b(?:19|20)\d\d\b|arXiv:[\d.]+|doi:\S+)", "", rest).strip(", ")
    if venue:
        fields["howpublished"] = venue
    if others and found:
        fields["note"] = "; ".join(others)
    lines = ",\n".join(f"  {key} = {{{_escaped(key, value)}}}" for key, value in fields.items())
    return f"@misc{{{function.__name__},\n{lines}\n}}"


def _escaped(key: str, value: str) -> str:
    """What LaTeX would take for more than a character; a DOI or a number of arXiv is no text."""
    return value if key in ("doi", "eprint") else re.sub(r"[_&%#]", r"\\\g<0>", value)
