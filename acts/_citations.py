"""BibTeX, from what each activation says of its source."""

import re

from ._registry import get

SOURCE = re.compile(r"(?:(?P<authors>[^']+), )?'(?P<title>.+)'(?:, (?P<rest>.*))?$")


def cite(*names: str) -> str:
    """BibTeX entries of the sources of these activations, each under the function's name, to print or to write.

    An unknown name is a LookupError. Authors are given by surname. A source that is no paper becomes a @misc with its
    text as the title.

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


def _entry(name: str) -> str:
    function = get(name)
    first, *others = re.split(r"; (?=\S)", function.paper)
    found = SOURCE.match(first)
    fields = {"title": f"{{{found['title']}}}" if found else f"{{{function.paper}}}"}
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
    lines = ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items())
    return f"@misc{{{function.__name__},\n{lines}\n}}"
