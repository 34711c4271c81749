"""api/v1/software.csv and software.bib: all software that is not withdrawn, as a table and as BibTeX.

The columns are stable, like the keys of the JSON: new ones may come at the end, none is renamed or removed.
"""

from collections.abc import Iterable

from ..model import Catalogue, Interface, Offer, Software
from .addresses import launch_page, software_page
from .cite import bibtex
from .files import File, csv_file, text_file

CSV, BIBTEX = "api/v1/software.csv", "api/v1/software.bib"
SEPARATOR = "; "  # of several values in one cell

COLUMNS = (
    "slug", "name", "version", "doi", "concept_doi", "licence", "interfaces", "platforms", "keywords", "authors", "repository",
    "homepage", "published", "verdict", "facility", "url", "launch_url", "more_authors",
    "summary", "state",
)  # fmt: skip


def software_csv(catalogue: Catalogue) -> File:
    """One row for each entry, with its best verdict, and the facility where a link launches it, if there is one."""
    best: dict[str, Offer] = {}
    for offer in catalogue.offers:
        best.setdefault(offer.software, offer)
    base = catalogue.site.base_url
    return csv_file(CSV, [COLUMNS, *(_row(each, best.get(each.slug), base) for each in catalogue.software)])


def _row(software: Software, best: Offer | None, base: str) -> tuple[str, ...]:
    return (
        software.slug,
        software.name,
        software.version or "",
        software.doi or "",
        software.concept_doi or "",
        software.licence.label if software.licence else "",
        _joined(each.value for each in Interface if each in software.interfaces),
        _joined(software.runtimes),
        _joined(software.keywords),
        _joined(each.display_name for each in software.authors),
        software.repository.url if software.repository else "",
        software.homepage or "",
        software.published or "",
        best.verdict.value if best else "",
        best.facility if best and best.carries else "",
        f"{base}{software_page(software.slug)}",
        f"{base}{launch_page(software.slug)}",
        str(software.more_authors),
        software.summary or "",
        software.state.value,
    )


def _joined(values: Iterable[str]) -> str:
    return SEPARATOR.join(each.replace(SEPARATOR.strip(), ",") for each in values)


def software_bib(catalogue: Catalogue) -> File:
    """The BibTeX of all entries, as their pages have it."""
    base = catalogue.site.base_url
    return text_file(
        BIBTEX, "\n\n".join(bibtex(each, f"{base}{software_page(each.slug)}") for each in catalogue.software)
    )
