"""How to cite an entry, in words and as BibTeX, and a badge that links to its launch page."""

import re

from markupsafe import escape

from ..model import Person, Site, Software
from ..text import cut, inert_markdown
from .files import File, text_file

AUTHORS_IN_A_LINE, AUTHORS_NAMED = 20, 200
BADGE = "badge.svg"

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
        return f"https://doi.org/{software.doi}"
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
    name = _tex(person.sort_name)
    parts = [part.strip() for part in name.split(",")]
    whole = len(parts) != 2 or not all(parts) or re.search(r"\band\b", name, re.IGNORECASE)
    return f"{{{_tex(person.name)}}}" if whole else ", ".join(parts)


def _tex(text: str) -> str:
    return " ".join(text.split()).translate(_SPECIAL)


def _verbatim(address: str) -> str:
    """A URL or DOI, which is printed verbatim; braces and backslashes are percent-encoded."""
    return address.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def badge_markdown(software: Software, site: Site) -> str:
    """The badge as Markdown; it links to the permanent launch page."""
    return f"[![Run it: {inert_markdown(site.title)}]({site.base_url}{BADGE})]({site.base_url}go/{software.slug}/)"


def badge_file(site: Site) -> File:
    """The badge. It names no facility, so that it never becomes wrong: the launch page says where the entry runs."""
    label, says = "run it", cut(site.title, 40)
    left, right = 12 + 7 * len(label), 12 + 7 * len(says)
    return text_file(
        BADGE,
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{escape(f"{label}: {says}")}">'
        f'<rect width="{left + right}" height="20" rx="3" fill="#24479c"/>'
        f'<path d="M3 0h{left - 3}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#3b4252"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="6" y="14" textLength="{left - 12}">{label}</text>'
        f'<text x="{left + 6}" y="14" textLength="{right - 12}">{escape(says)}</text></g></svg>',
    )
