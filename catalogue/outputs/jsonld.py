"""schema.org descriptions of the pages, for search engines and for programs that read pages; of entries also as CodeMeta.

Vocabulary: schema.org SoftwareSourceCode with CodeMeta's use of it; the catalogue is a DataCatalog.
"""

import re
from typing import Any

from ..model import Catalogue, Facility, Licence, Person, Software
from ..repository import Provider, doi_url
from ..text import plain
from .addresses import facility_page, software_page
from .api import ADDRESS
from .software_files import CSV

Data = dict[str, Any]

_CODEMETA_CONTEXT = "https://w3id.org/codemeta/3.0"
_AUTHORS_LINKED = 24  # in the head of a page


def software_data(software: Software, base_url: str) -> Data:
    """An entry as SoftwareSourceCode. Its `@id` is the DOI if there is one, else the URL of its page."""
    page = f"{base_url}{software_page(software.slug)}"
    return _without_empty(
        {
            "@context": "https://schema.org",
            "@type": "SoftwareSourceCode",
            "@id": doi_url(software.doi) if software.doi else page,
            "name": software.name,
            "alternateName": list(software.alternate_names),
            "description": software.summary,
            "url": page,
            "identifier": [doi_url(doi) for doi in (software.doi, software.concept_doi) if doi],
            "author": [_person(each) for each in software.authors],
            "license": _licences(software.licence),
            "version": software.version,
            "datePublished": software.published,
            "keywords": list(software.keywords),
            "programmingLanguage": list(software.runtimes),
            "codeRepository": _code_repository(software),
            "sameAs": [address for address in (software.homepage, software.record_url) if address],
            "isPartOf": {"@id": base_url},
        }
    )


def codemeta_data(software: Software, base_url: str) -> Data:
    """An entry as CodeMeta 3.0: what `software_data` says, with its documentation, and family and given names of authors.

    A summary that ends in an ellipsis is replaced by the whole description, if there is one.

    Other names of the software are left out: CodeMeta has no term for them.
    """
    said = software_data(software, base_url)
    said.pop("alternateName", None)
    return _without_empty(
        {
            **said,
            "@context": _CODEMETA_CONTEXT,
            "author": [_person(each) | _parts_of_name(each) for each in software.authors],
            "description": (software.summary.endswith("…") and plain(software.description)) or software.summary,
            "license": _licences(software.licence, "schema:CreativeWork"),  # CodeMeta has no short name for this type
            "softwareHelp": list(software.documentation),
        }
    )


def signposts(data: Data) -> tuple[tuple[str, str], ...]:
    """The typed links of an entry's page, as relation and URL, from what `software_data` says of the entry.

    They follow the profile of FAIR Signposting, https://signposting.org/FAIR/, in which `author` and `license` are those of
    what the page is about. It has `cite-as` only for the page to which the DOI leads, which is not ours: it has `describes`.
    """
    people = [each["@id"] for each in data.get("author", ()) if "@id" in each]
    licence = data.get("license")
    return (
        *([("describes", data["@id"])] if data["@id"] != data["url"] else []),
        *(("author", each) for each in people[:_AUTHORS_LINKED]),
        *([("license", licence)] if isinstance(licence, str) else []),  # the profile has one at most
        ("type", f"https://schema.org/{data['@type']}"),
        ("type", "https://schema.org/AboutPage"),
    )


def facility_data(facility: Facility, base_url: str) -> Data:
    """A facility as a Service. For a WebApplication, search engines would require a price and a rating."""
    return _without_empty(
        {
            "@context": "https://schema.org",
            "@type": "Service",
            "@id": f"{base_url}{facility_page(facility.slug)}",
            "name": facility.name,
            "description": facility.summary,
            "url": facility.url,
            "serviceType": "Compute facility",
            "provider": {"@type": "Organization", "name": facility.operator} if facility.operator else None,
            "subjectOf": {"@type": "CreativeWork", "url": facility.documentation} if facility.documentation else None,
        }
    )


def site_data(catalogue: Catalogue) -> list[Data]:
    """The site with its search, and the catalogue as a dataset with its download."""
    site = catalogue.site
    return [
        {
            "@context": "https://schema.org",
            "@type": "WebSite",
            "@id": f"{site.base_url}#site",
            "name": site.title,
            "url": site.base_url,
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": f"{site.base_url}?q={{search_term_string}}"},
                "query-input": "required name=search_term_string",
            },
        },
        {
            "@context": "https://schema.org",
            "@type": "DataCatalog",
            "@id": site.base_url,
            "name": site.title,
            "description": site.tagline,
            "url": site.base_url,
            "dataset": {
                "@type": "Dataset",
                "name": f"{site.title}: all software, facilities and launch links",
                "description": f"Software of the {site.community_title} with a verdict for every facility.",
                "license": "https://creativecommons.org/publicdomain/zero/1.0/",
                "dateModified": catalogue.harvest.harvested,
                "distribution": [
                    {
                        "@type": "DataDownload",
                        "encodingFormat": encoding,
                        "contentUrl": f"{site.base_url}{address}",
                    }
                    for encoding, address in (("application/json", ADDRESS), ("text/csv", CSV))
                ],
            },
        },
    ]


def page_data(title: str, description: str, address: str, base_url: str) -> Data:
    """Any other page, as a WebPage of the site."""
    return {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": title,
        "description": description,
        "url": base_url + address,
        "isPartOf": {"@id": f"{base_url}#site"},
    }


def _code_repository(software: Software) -> str | None:
    """The URL of its repository; None for a Zenodo record, which is an archive of code, not where it is developed."""
    code = software.repository
    return None if code is None or code.provider is Provider.ZENODO else code.url


def _licences(licence: Licence | None, work_type: str = "CreativeWork") -> str | Data | list[str | Data] | None:
    """Each licence and exception in the SPDX expression; a list if there are several, None if no expression is known.

    `work_type` is what the context calls schema.org's CreativeWork.
    """
    named = re.findall(r"[^\s()]+", licence.spdx or "") if licence else []
    every = [_licence(each, work_type) for each in named if each not in ("AND", "OR", "WITH")]
    return every[0] if len(every) == 1 else every or None


def _licence(spdx: str, work_type: str) -> str | Data:
    """The URL of a licence at SPDX; a description for a LicenseRef, for which SPDX has no page."""
    if spdx.startswith(("LicenseRef-", "DocumentRef-")):
        return {"@type": work_type, "name": spdx}
    return f"https://spdx.org/licenses/{spdx}"


def _person(person: Person) -> Data:
    return _without_empty(
        {
            "@type": "Organization" if person.organisation else "Person",
            "@id": f"https://orcid.org/{person.orcid}" if person.orcid else None,
            "name": person.display_name,
            "affiliation": {"@type": "Organization", "name": person.affiliation} if person.affiliation else None,
        }
    )


def _parts_of_name(person: Person) -> Data:
    parts = person.family_and_given
    return dict(zip(("familyName", "givenName"), parts, strict=True)) if parts else {}


def _without_empty(data: Data) -> Data:
    return {key: value for key, value in data.items() if value not in (None, "", [])}
