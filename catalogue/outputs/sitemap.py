"""sitemap.xml, robots.txt and the like: what machines ask for at the root."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from ..model import Catalogue
from ..text import cut
from .files import File, text_file
from .pages import Page


def root_files(catalogue: Catalogue, pages: Iterable[Page], icon: str) -> list[File]:
    """Files for crawlers, browsers and hosts. `icon` is the address of the site's mark. Nothing in them depends on the time of the build."""
    base = catalogue.site.base_url
    urls = "".join(
        f"<url><loc>{escape(base + page.address)}</loc></url>\n"
        for page in sorted(pages, key=lambda page: page.address)
        if page.listed
    )
    return [
        text_file(
            "sitemap.xml",
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>',
        ),
        # The browser's own bar searches here. A browser that finds it offers to add it.
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
        # Clickjacking protection cannot be said in a page; hosts that read this file send it.
        text_file(
            "_headers",
            "/*\n  X-Content-Type-Options: nosniff\n  Content-Security-Policy: frame-ancestors 'self'\n  Referrer-Policy: strict-origin-when-cross-origin",
        ),
    ]
