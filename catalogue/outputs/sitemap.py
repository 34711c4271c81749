"""sitemap.xml, robots.txt and the other files that machines look for at the root."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from ..changes import may_change_verdicts
from ..model import Catalogue, EventSubject
from ..text import cut
from .addresses import facility_page, software_page
from .embed import FRAMED
from .entry_pages import CODEMETA_PATH
from .files import HASHED_FOLDERS, IMMUTABLE, File, text_file

ADDRESSES_AT_MOST = 50_000  # in one sitemap, by the protocol
# A wildcard may be only at the end, hence all of the curation board and not just its CSVs, and launch pages besides badges.
_FOR_PROGRAMS = ("api/*", "badge.svg", "build.json", "curation/*", "feeds/*", "go/*", CODEMETA_PATH)
_SITEMAP = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<{0} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{1}</{0}>'
)


def root_files(catalogue: Catalogue, listed: Iterable[str], icon: str) -> list[File]:
    """Files for crawlers, browsers and hosts. None depends on the time of the build.

    `listed` are the addresses of the pages for the sitemap; `icon` is that of the site's icon.
    """
    base = catalogue.site.base_url
    return [
        *_sitemaps(base, sorted(listed), _last_changes(catalogue)),
        # Lets readers search the catalogue from the browser's address bar: browsers offer to add it.
        text_file(
            "opensearch.xml",
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
            f"<ShortName>{escape(cut(catalogue.site.title, 14))}</ShortName>\n"
            f"<LongName>{escape(cut(catalogue.site.title, 46))}</LongName>\n"
            f"<Description>{escape(catalogue.site.tagline)}</Description>\n"
            "<InputEncoding>UTF-8</InputEncoding>\n"
            f'<Image width="16" height="16" type="image/svg+xml">{escape(base + icon)}</Image>\n'
            f'<Url type="text/html" method="get" template="{escape(base)}?q={{searchTerms}}"/>\n'
            f'<Url type="application/opensearchdescription+xml" rel="self" template="{escape(base)}opensearch.xml"/>\n'
            "</OpenSearchDescription>",
        ),
        text_file("robots.txt", f"User-agent: *\nAllow: /\n\nSitemap: {base}sitemap.xml"),
        text_file(".nojekyll", ""),
        text_file("_headers", _headers(urlsplit(base).path)),
    ]


def _headers(root: str) -> str:
    """The `_headers` file, from which some hosts take HTTP headers that a page cannot set itself.

    Other sites may frame the lists of facilities and no other page, scripts of other sites may read the exports, and files at
    hashed paths are immutable. Hosts apply rules in this order. At Cloudflare a header of several rules has all values unless `!`
    takes the earlier ones away; at Netlify, which ignores that line, it has the last.
    """
    lines = [
        "/*",
        "  X-Content-Type-Options: nosniff",
        "  Content-Security-Policy: frame-ancestors 'self'",
        "  Referrer-Policy: strict-origin-when-cross-origin",
        f"{root}{FRAMED}",
        "  ! Content-Security-Policy",
        "  Content-Security-Policy: frame-ancestors *",
    ]
    for path in _FOR_PROGRAMS:
        lines += [f"{root}{path}", "  Access-Control-Allow-Origin: *"]
    for folder in HASHED_FOLDERS:
        lines += [f"{root}{folder}/*", f"  Cache-Control: {IMMUTABLE}"]
    return "\n".join(lines)


def _last_changes(catalogue: Catalogue) -> Mapping[str, str]:
    """The time of the last change by the address of the page, for software and facilities of which a change is recorded.

    Nothing is known of other pages: that a build makes a page anew does not mean that it says something new.
    """
    found: dict[str, str] = {}
    for event in catalogue.changes:  # newest first
        if event.about is EventSubject.SOFTWARE:
            found.setdefault(software_page(event.slug), event.at)
        for slug in event.facilities:
            found.setdefault(facility_page(slug), event.at)
    of_verdicts = next((event.at for event in catalogue.changes if may_change_verdicts(event)), "")
    for software in catalogue.software:
        page = software_page(software.slug)
        if at := max(found.get(page, ""), of_verdicts):
            found[page] = at
    return found


def _sitemaps(base: str, addresses: Sequence[str], changed: Mapping[str, str]) -> Iterator[File]:
    """`sitemap.xml` with all pages; if they are too many for one file, an index of the sitemaps that have them.

    Source: https://www.sitemaps.org/protocol.html#index
    """
    parts = [addresses[start : start + ADDRESSES_AT_MOST] for start in range(0, len(addresses), ADDRESSES_AT_MOST)]
    if len(parts) <= 1:
        yield text_file("sitemap.xml", _SITEMAP.format("urlset", _locations("url", base, addresses, changed)))
        return
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts, strict=True):
        yield text_file(name, _SITEMAP.format("urlset", _locations("url", base, part, changed)))
    yield text_file("sitemap.xml", _SITEMAP.format("sitemapindex", _locations("sitemap", base, names, {})))


def _locations(element: str, base: str, addresses: Iterable[str], changed: Mapping[str, str]) -> str:
    dates = {address: f"<lastmod>{escape(at)}</lastmod>" for address, at in changed.items()}
    return "".join(
        f"<{element}><loc>{escape(base + each)}</loc>{dates.get(each, '')}</{element}>\n" for each in addresses
    )
