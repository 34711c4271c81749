"""The files that machines look for at the root of the site."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from catalogue.model import Catalogue, Change, ChangeKind, Event, EventSubject, Source
from catalogue.outputs import sitemap
from catalogue.outputs.facets import FACETS
from catalogue.outputs.files import File, page_path
from tests.conftest import built
from tests.host_rules import HOSTS, sent
from tests.test_golden import small_catalogue

LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture(params=["real", "small"])
def catalogue(request: pytest.FixtureRequest, real_catalogue: Catalogue) -> Catalogue:
    """The real catalogue, and the small one, which has a withdrawn entry and one that has moved."""
    return real_catalogue if request.param == "real" else small_catalogue()


def test_the_sitemap_has_the_full_url_of_every_listed_page(catalogue: Catalogue) -> None:
    by_path = {file.path: file for file in built(catalogue)}
    named = [each.text or "" for each in ElementTree.fromstring(by_path["sitemap.xml"].text).iter(LOC)]
    base = catalogue.site.base_url
    assert all(address.startswith(base) for address in named)
    paths = [page_path(address.removeprefix(base)) for address in named]
    assert len(paths) == len(set(paths))
    hidden = {path for path, file in by_path.items() if path.endswith(".html") and 'content="noindex"' in file.text}
    assert set(paths) == {path for path in by_path if path.endswith(".html")} - hidden
    gone = {each.slug for each in catalogue.withdrawn}
    moved = {slug for each in (*catalogue.software, *catalogue.withdrawn) for slug in each.former_slugs}
    not_software = {path for path in hidden if not path.startswith("software/")}
    assert hidden - not_software == {"software/index.html", *(f"software/{slug}/index.html" for slug in gone | moved)}
    # The list of a value that only one entry has is not in the sitemap.
    kinds = ("feeds/", "go/", *(f"{each.key}/" for each in FACETS))
    framed = {path for path in not_software if path.endswith("/embed/index.html")}
    assert framed == {f"facilities/{each.slug}/embed/index.html" for each in catalogue.facilities}
    assert all(path.startswith(kinds) or path == "404.html" for path in not_software - framed)


def test_the_sitemap_says_when_software_or_a_facility_last_changed_if_a_change_is_recorded(
    real_catalogue: Catalogue,
) -> None:
    def event(at: str, about: EventSubject, slug: str, *facilities: str) -> Event:
        return Event(at=at, about=about, identity=slug, slug=slug, name=slug, changes=(), facilities=facilities)

    newest = event("2026-06-03T03:41:00Z", EventSubject.SOFTWARE, "gammapy")
    verdict = event("2026-06-02T03:41:00Z", EventSubject.SOFTWARE, "gammapy", "jive")
    older = event("2026-06-01T03:41:00Z", EventSubject.FACILITY, "jive", "jive")
    opened = event("2026-05-01T03:41:00Z", EventSubject.CATALOGUE, "catalogue")
    of = replace(real_catalogue, changes=(newest, verdict, older, opened))
    listed = ["software/gammapy/", "software/agnpy/", "facilities/jive/", "facilities/mybinder/", "changes/"]
    file = next(file for file in sitemap.root_files(of, listed, "mark.svg") if file.path == "sitemap.xml")
    dated = {
        (each.findtext(LOC) or "").removeprefix(of.site.base_url): each.findtext(LOC.replace("loc", "lastmod"))
        for each in ElementTree.fromstring(file.text)
    }
    assert dated == {
        "changes/": None,
        "facilities/jive/": verdict.at,
        "facilities/mybinder/": None,
        "software/agnpy/": None,
        "software/gammapy/": newest.at,
    }


def test_what_changes_verdicts_at_a_facility_changes_the_page_of_every_entry(real_catalogue: Catalogue) -> None:
    def event(at: str, about: EventSubject, identity: str, *changed: Change) -> Event:
        return Event(
            at=at,
            about=about,
            identity=identity,
            slug=identity,
            name=identity,
            changes=changed,
            facilities=("jive",) if changed else (),
        )

    closed = Change(what=ChangeKind.FIELD, source=Source(label="facilities.yaml:1"), field="closed", new="2026-06")
    other = Change(what=ChangeKind.FIELD, source=Source(label="facilities.yaml:1"), field="description", new="Another.")
    newest = event("2026-06-03T03:41:00Z", EventSubject.SOFTWARE, "gammapy")
    for change, of_others in ((closed, "2026-06-02T03:41:00Z"), (other, None)):
        older = event("2026-06-02T03:41:00Z", EventSubject.FACILITY, "jive", change)
        of = replace(real_catalogue, changes=(newest, older))
        file = next(
            each
            for each in sitemap.root_files(of, ["software/gammapy/", "software/agnpy/"], "mark.svg")
            if each.path == "sitemap.xml"
        )
        times = [each.findtext(LOC.replace("loc", "lastmod")) for each in ElementTree.fromstring(file.text)]
        assert sorted(times, key=str) == sorted([newest.at, of_others], key=str)


def test_robots_are_told_where_the_sitemap_is(real_catalogue: Catalogue, real_files: list[File]) -> None:
    robots = next(file for file in real_files if file.path == "robots.txt")
    assert robots.text == f"User-agent: *\nAllow: /\n\nSitemap: {real_catalogue.site.base_url}sitemap.xml\n"


def test_scripts_of_other_sites_may_read_the_exports(real_files: list[File]) -> None:
    lines = next(file for file in real_files if file.path == "_headers").text.splitlines()
    opened = [lines[at - 1] for at, line in enumerate(lines) if line == "  Access-Control-Allow-Origin: *"]
    assert opened == [
        "/api/*",
        "/badge.svg",
        "/build.json",
        "/curation/*",
        "/feeds/*",
        "/go/*",
        "/software/:software/codemeta.json",
    ]
    paths = {file.path for file in real_files}
    assert {
        "api/v1/catalogue.json",
        "badge.svg",
        "build.json",
        "curation/all.csv",
        "feeds/all.atom",
        "go/gammapy/badge.json",
        "software/gammapy/codemeta.json",
    } <= paths


@pytest.mark.parametrize("host", HOSTS)
def test_other_sites_may_frame_the_lists_of_facilities_and_no_other_page(real_files: list[File], host: str) -> None:
    rules = next(file.text for file in real_files if file.path == "_headers")
    policies = {
        file.path: sent(rules, f"/{file.path.removesuffix('index.html')}", host)["Content-Security-Policy"]
        for file in real_files
        if file.path.endswith(".html")
    }
    framed = {path for path, policy in policies.items() if policy == "frame-ancestors *"}
    assert framed == {
        path for path in policies if path.startswith("facilities/") and path.endswith("/embed/index.html")
    }
    assert len(framed) == 7
    assert {policies[path] for path in policies.keys() - framed} == {"frame-ancestors 'self'"}


def test_the_address_bar_of_a_browser_can_search_the_site(real_catalogue: Catalogue, real_files: list[File]) -> None:
    by_path = {file.path: file for file in real_files}
    said = ElementTree.fromstring(by_path["opensearch.xml"].text)
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    name = said.findtext(f"{space}ShortName")
    assert name is not None
    assert 0 < len(name) <= 16
    urls = {each.get("type"): each.get("template") for each in said.iter(f"{space}Url")}
    base = real_catalogue.site.base_url
    assert urls == {
        "text/html": f"{base}?q={{searchTerms}}",
        "application/opensearchdescription+xml": f"{base}opensearch.xml",
    }
    image = said.findtext(f"{space}Image") or ""
    assert image.removeprefix(base) in by_path
    for path in ("index.html", "software/gammapy/index.html"):
        assert '<link rel="search" type="application/opensearchdescription+xml"' in by_path[path].text


def test_more_addresses_than_one_sitemap_may_have_are_in_several_with_an_index(
    monkeypatch: pytest.MonkeyPatch, real_catalogue: Catalogue
) -> None:
    monkeypatch.setattr(sitemap, "ADDRESSES_AT_MOST", 3)
    addresses = [f"{name}/" for name in "gfedcba"]
    files = {file.path: file.text for file in sitemap.root_files(real_catalogue, addresses, "mark.svg")}
    base = real_catalogue.site.base_url
    index = ElementTree.fromstring(files["sitemap.xml"])
    assert index.tag == LOC.replace("loc", "sitemapindex")
    parts = [(each.text or "").removeprefix(base) for each in index.iter(LOC)]
    assert parts == ["sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml"]
    named = [[each.text for each in ElementTree.fromstring(files[part]).iter(LOC)] for part in parts]
    assert named == [[f"{base}{name}/" for name in names] for names in ("abc", "def", "g")]
