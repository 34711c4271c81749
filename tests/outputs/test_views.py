"""What pages show of an entry, a facility and a facet."""

from dataclasses import replace

import pytest
from markupsafe import Markup

from catalogue.model import Catalogue, Verdict
from catalogue.outputs.facility_views import facility_views
from catalogue.outputs.order import list_order
from catalogue.outputs.software_views import software_views
from catalogue.outputs.views import LinkView, contact_link, wish_link
from catalogue.pipeline import build_catalogue
from catalogue.sources.observed import write_observed
from catalogue.times import loose_date, when
from tests.conftest import built
from tests.world import FACILITIES, catalogue, entry, inputs, observed, seen

CODE = (("isSupplementTo", "https://github.com/o/tool"),)
NOTEBOOKS = "software:\n  - ossr: 10.5281/zenodo.1000\n    interfaces: [notebook]\n"


def tool(**says: object) -> Catalogue:
    found, problems = build_catalogue(inputs(entry(1001, related=CODE, **says), notebooks=NOTEBOOKS))
    assert found is not None
    assert problems == ()
    return found


def test_a_card_warns_of_a_facility_that_was_never_checked() -> None:
    [view] = software_views(tool())
    assert [(row.verdict, tuple(each.label for each in row.warnings), row.recommended) for row in view.best] == [
        (Verdict.MAYBE, ("Never checked",), False)
    ]


@pytest.mark.parametrize(
    ("description", "summary"),
    [
        ("<p>Reads maps.</p>", "Reads maps."),
        ("<h2>What's Changed</h2><p>It is faster.</p>", "Its description only says what has changed."),
        ("", "No description given."),
    ],
)
def test_a_list_says_why_an_entry_has_no_summary(description: str, summary: str) -> None:
    [view] = software_views(tool(description=description))
    assert view.summary == summary


def test_a_description_that_is_the_summary_is_shown_once_and_one_with_a_link_is_kept() -> None:
    [plain] = software_views(tool(description="<p>Reads maps.</p>"))
    [wrapped] = software_views(tool(description="<p>Reads Ada's maps\nof A &amp; B.</p>"))
    [linked] = software_views(tool(description="<p>Reads <a href='https://example.org/'>maps</a>.</p>"))
    assert plain.software.summary == linked.software.summary == "Reads maps."
    assert wrapped.software.summary == "Reads Ada's maps of A & B."
    assert (plain.description, wrapped.description) == (None, None)
    assert isinstance(linked.description, Markup)


@pytest.mark.parametrize(
    ("stated", "file", "note"),
    [
        ("cc-by-4.0", "BSD-3-Clause", "The licence file in its repository is BSD-3-Clause."),
        ("other-open", "MIT", "The licence file in its repository is MIT."),
        (None, "MIT", "The licence file in its repository is MIT."),
        ("mit-license", "MIT", None),
        ("GPL-3.0-or-later", "GPL-3.0-only", None),
        ("mit-license", None, None),
    ],
)
def test_a_licence_file_that_says_something_else_is_named(
    stated: str | None, file: str | None, note: str | None
) -> None:
    found = catalogue(
        entry(1001, related=CODE, licences=(stated,) if stated else ()),
        observed=write_observed(observed(seen("https://github.com/o/tool", licence=file))),
    )
    [view] = software_views(found)
    assert view.licence_file_note == note
    page = next(file.text for file in built(found) if file.path == "software/tool/index.html")
    assert page.count(note or "The licence file in") == (1 if note else 0)


def test_a_citation_has_the_names_the_year_and_the_doi() -> None:
    [view] = software_views(tool(creators=("Héctor Alvarez Pol", "Gál, T."), version="v2", published="2024-05"))
    assert view.citation == (
        "Héctor Alvarez Pol; T. Gál (2024). Tool (v2) [Computer software]. https://doi.org/10.5281/zenodo.1001"
    )


def test_a_link_to_the_newest_code_is_not_said_to_be_the_cited_version() -> None:
    [view] = software_views(tool(version="v2"))
    assert [row.ref for row in view.best] == ["today’s code, not version v2"]


@pytest.mark.parametrize(
    ("stated", "shown", "fetched"),
    [
        ("https://gitlab.in2p3.fr/g/r.git", "gitlab.in2p3.fr/g/r", "https://gitlab.in2p3.fr/g/r.git"),
        ("https://git.example.org/x/y.git", "git.example.org/x/y", "https://git.example.org/x/y.git"),
        ("https://github.com/o/tool", "github.com/o/tool", "https://github.com/o/tool"),
        ("10.5281/zenodo.7", "Zenodo record 10.5281/zenodo.7", "https://doi.org/10.5281/zenodo.7"),
    ],
)
def test_a_repository_is_shown_without_git_and_fetched_as_stated(stated: str, shown: str, fetched: str) -> None:
    notebooks = f"software:\n  - {{id: tool, name: Tool, repository: {stated}}}\n"
    [view] = software_views(catalogue(notebooks=notebooks))
    assert view.software.repository is not None
    assert (view.repository_label, view.software.repository.url) == (shown, fetched)


def test_authors_and_data_lead_to_their_pages_in_one_form_of_each_name() -> None:
    [view] = software_views(tool(creators=("Héctor Alvarez Pol", "Gál, T.", "Gál, T.", "CTA Consortium")))
    assert [(each.name, each.href) for each in view.authors] == [
        ("Héctor Alvarez Pol", "author/pol-hector-alvarez/"),
        ("T. Gál", "author/gal-t/"),
        ("T. Gál", "author/gal-t/"),
        ("CTA Consortium", "author/cta-consortium/"),
    ]
    assert view.short_authors == "Héctor Alvarez Pol; T. Gál; T. Gál and 1 more"
    reading = "software:\n  - ossr: 10.5281/zenodo.1000\n    reads: [FITS, VO Table]\n"
    [view] = software_views(catalogue(entry(1001), notebooks=reading))
    assert [(each.label, each.href) for each in view.reads_links] == [
        ("FITS", "data/fits/"),
        ("VO Table", "data/vo-table/"),
    ]


def test_data_beside_the_compute_is_on_the_pages_of_the_entry_the_facility_and_the_data() -> None:
    holds = f"{FACILITIES}    data: [Apertif DR1, LoTSS]\n"
    reads = "software:\n  - ossr: 10.5281/zenodo.1000\n    interfaces: [notebook]\n    reads: [apertif DR1, FITS]\n"
    found = catalogue(entry(1001, title="Aper", related=CODE), facilities=holds, notebooks=reads)
    pages = {file.path.removesuffix("index.html"): file.text for file in built(found) if file.path.endswith(".html")}
    [view] = software_views(found)
    assert view.offers[0].data == ("apertif DR1",)
    assert view.offers[0].short[0] == "data held here"
    assert (
        '<p>Data that it reads are held at <a href="#at-binder" dir="auto">Binder</a>: <span dir="auto">apertif DR1</span>.</p>'
        in pages["software/aper/"]
    )
    about = pages["facilities/binder/"]
    assert (
        '<a href="../../data/apertif-dr1/" dir="auto">Apertif DR1</a> <span class="quiet">1 entry reads it</span>'
        in about
    )
    assert '<dd><span dir="auto">LoTSS</span></dd>' in about  # nothing reads it, so it has no page
    held = 'The data are held at <a href="../../facilities/binder/" dir="auto">Binder</a>.'
    assert held in pages["data/apertif-dr1/"]
    assert "The data are held" not in pages["data/fits/"]
    assert ">Aper</a>" in pages["held-at/binder/"]
    closed = catalogue(
        entry(1001, title="Aper", related=CODE), facilities=f"{holds}    closed: 2026-01\n", notebooks=reads
    )
    pages = {file.path.removesuffix("index.html"): file.text for file in built(closed) if file.path.endswith(".html")}
    assert "The data are held" not in pages["data/apertif-dr1/"]
    assert "held-at/binder/" not in pages


def test_a_reason_at_several_facilities_is_shown_once() -> None:
    others = "".join(
        f"  - id: {slug}\n    name: {slug}\n    kind: {kind}\n    url: https://{slug}.example.org/\n    description: Runs.\n"
        for slug, kind in [("hub", "jupyterhub"), ("other", "binderhub")]
    )
    [view] = software_views(catalogue(entry(1001), facilities=f"{FACILITIES}{others}"))
    assert [[row.facility for row in each.rows] for each in view.refusals] == [["binder", "hub", "other"]]
    assert view.refusals[0].reasons.startswith("No code repository is known")


def test_a_web_application_opens_at_its_home_page_and_counts_as_runnable() -> None:
    def found(says: str) -> Catalogue:
        named = "software:\n  - id: atlas\n    name: Atlas\n    homepage: https://atlas.example.org/now/\n"
        return catalogue(entry(1001, title="A tool", related=CODE), notebooks=f"{named}{says}")

    web, page = found("    interfaces: [web]\n"), found("    interfaces: [desktop]\n")
    assert [each.slug for each in list_order(web)] == ["atlas", "a-tool"]
    assert [each.slug for each in list_order(page)] == ["a-tool", "atlas"]
    [atlas] = [each for each in software_views(web) if each.software.slug == "atlas"]
    assert atlas.opens == LinkView(label="atlas.example.org", href="https://atlas.example.org/now/")
    assert atlas.runs
    assert atlas.elsewhere == ()
    [desktop] = [each for each in software_views(page) if each.software.slug == "atlas"]
    assert (desktop.opens, desktop.runs) == (None, False)
    pages = {file.path: file.text for file in built(web) if file.path.endswith(".html")}
    link = '<a class="button button-main" href="https://atlas.example.org/now/" rel="noopener">Open'
    for path in ("index.html", "interface/web/index.html", "software/atlas/index.html", "go/atlas/index.html"):
        assert link in pages[path], path


def test_a_long_list_of_authors_is_cut_and_the_rest_is_not_lost() -> None:
    [view] = software_views(tool(creators=tuple(f"Author {n}" for n in range(30))))
    assert (len(view.authors), len(view.more_authors)) == (20, 10)
    assert "Author 19 et al. (n.d.)." in view.citation


def test_a_facility_that_has_closed_keeps_its_page_and_launches_nothing() -> None:
    closed = """\
facilities:
  - id: old
    name: Old
    kind: binderhub
    url: https://old.example.org/
    closed: 2026-01
    description: Was a hub.
"""
    found = catalogue(entry(1001, related=CODE), facilities=closed)
    [view] = facility_views(found, software_views(found))
    assert (view.health.sentence, [each.label for each in view.warnings]) == ("Closed since January 2026.", ["Closed"])
    assert [row.reasons for row in view.no] == [("This facility has closed.",)]


@pytest.mark.parametrize(
    ("stated", "shown"),
    [("2024-05-06", "6 May 2024"), ("2024-05", "May 2024"), ("2024", "2024"), ("2019/2021", "2019/2021"), (None, "")],
)
def test_a_date_is_as_precise_as_it_was_stated(stated: str | None, shown: str) -> None:
    assert loose_date(stated) == shown


def test_a_time_is_in_utc() -> None:
    assert when("2026-11-22T03:41:00Z") == "22 November 2026, 03:41 UTC"


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://docs.example.org/", "docs.example.org"),
        ("https://example.org/a//", "example.org/a/"),
        ("http://example.org/a?b=/c", "http://example.org/a?b=/c"),
    ],
)
def test_every_link_that_shows_its_url_shows_it_in_the_same_way(url: str, label: str) -> None:
    facilities = f"{FACILITIES}    documentation: {url}\n"
    notebooks = f"software:\n  - id: tool\n    name: Tool\n    homepage: {url}\n    documentation: ['{url}']\n"
    found = catalogue(facilities=facilities, notebooks=notebooks)
    entries = software_views(found)
    [facility], [tool] = facility_views(found, entries), entries
    every = (facility.documentation, tool.homepage_link, *tool.documentation_links)
    assert every == (LinkView(label=label, href=url),) * 3
    assert facility.address == LinkView(label="binder.example.org", href="https://binder.example.org/")


@pytest.mark.parametrize(("contact", "label"), [("https://a.org/b/", "a.org/b"), ("help@a.org", "help@a.org")])
def test_a_contact_is_shown_as_other_urls_are(contact: str, label: str) -> None:
    assert contact_link(contact).label == label


@pytest.mark.parametrize(
    ("repository", "contact", "wish"),
    [
        ("https://github.com/o/c", "x@example.org", ("https://github.com/o/c/issues/new", "title", "body")),
        (
            "https://gitlab.example.org/o/c",
            "x@example.org",
            ("https://gitlab.example.org/o/c/-/issues/new", "issue[title]", "issue[description]"),
        ),
        (
            "https://git.astron.nl/o/c",
            "x@example.org",
            ("https://git.astron.nl/o/c/-/issues/new", "issue[title]", "issue[description]"),
        ),
        ("https://code.example.org/c", "x@example.org", ("mailto:x@example.org", "subject", "body")),
        ("https://code.example.org/c", "https://example.org/ask", ("https://example.org/ask", "", "")),
    ],
)
def test_missing_software_is_requested_in_an_issue_if_the_host_has_issues(
    repository: str, contact: str, wish: tuple[str, str, str]
) -> None:
    found = wish_link(replace(tool().site, repository=repository, contact=contact))
    assert (found.href, found.title, found.text) == wish
