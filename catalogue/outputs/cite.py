"""How to cite an entry, in words and as BibTeX."""

import re

from ..model import Person, Software
from ..repository import doi_url

AUTHORS_IN_A_LINE, AUTHORS_NAMED = 20, 200

_SPECIAL = str.maketrans({
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "&": r"\&", "%": r"\%",
    "$": r"\$", "#": r"\#", "_": r"\_", "{": "(", "}": ")",  # BibTeX counts braces, even after a backslash
})  # fmt: skip


def citation(software: Software, page: str) -> str:
    """The citation in one line: authors, year, name, version, DOI or URL; `page` is the URL of the entry's page."""
    authors = "; ".join(each.display_name for each in software.authors[:AUTHORS_IN_A_LINE])
    if len(software.authors) > AUTHORS_IN_A_LINE:
        authors += " et al."
    year = (software.published or software.created or ("n.d." if authors else ""))[:4]
    title = software.name + (f" ({software.version})" if software.version else "")
    dated = f"({year})." if year else ""
    return " ".join(
        part for part in (authors, dated, f"{title} [Computer software].", _cited_url(software, page)) if part
    )


def _cited_url(software: Software, page: str) -> str:
    """The URL to cite: of the DOI, else of the home page, the repository, or the page in the catalogue."""
    if software.doi:
        return doi_url(software.doi)
    return software.homepage or (software.repository.url if software.repository else page)


def bibtex(software: Software, page: str) -> str:
    """The entry as BibTeX, in UTF-8, so that names keep their accents; `page` is the URL of the entry's page."""
    authors = [_author(each) for each in software.authors[:AUTHORS_NAMED]]
    more = ["others"] if len(software.authors) > AUTHORS_NAMED else []
    date = re.match(r"(\d{4})(?:-(\d{2}))?", software.published or software.created or "")
    fields = (
        ("author", " and ".join([*authors, *more])),
        ("title", f"{{{_tex(software.name)}}}"),
        ("version", _tex(software.version or "")),
        ("year", date[1] if date else ""),
        ("month", str(int(date[2])) if date and date[2] else ""),
        ("publisher", "Zenodo" if (software.doi or "").startswith("10.5281/zenodo.") else ""),
        ("doi", _verbatim(software.doi or "")),
        ("url", _verbatim(_cited_url(software, page))),
    )
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value]
    return "\n".join([f"@software{{{software.slug},", *lines, "}"])


def _author(person: Person) -> str:
    """`Family, Given`; any other name, such as that of a collaboration, in braces, so that BibTeX does not split it."""
    parts = person.family_and_given
    return ", ".join(map(_tex, parts)) if parts else f"{{{_tex(person.name)}}}"


def _tex(text: str) -> str:
    return " ".join(text.split()).translate(_SPECIAL)


def _verbatim(address: str) -> str:
    """A URL or DOI, which is printed verbatim; braces and backslashes are percent-encoded."""
    return address.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")
