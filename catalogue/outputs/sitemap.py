"""sitemap.xml, robots.txt and the like: what machines ask for at the root."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from ..model import Catalogue
from .files import File, text_file
from .pages import Page


def root_files(catalogue: Catalogue, pages: Iterable[Page]) -> list[File]:
    """Files for crawlers and hosts. Nothing in them depends on the time of the build."""
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
        text_file("robots.txt", f"User-agent: *\nAllow: /\n\nSitemap: {base}sitemap.xml"),
        text_file(".nojekyll", ""),
        # Clickjacking protection cannot be said in a page; hosts that read this file send it.
        text_file(
            "_headers",
            "/*\n  X-Content-Type-Options: nosniff\n  Content-Security-Policy: frame-ancestors 'self'\n  Referrer-Policy: strict-origin-when-cross-origin",
        ),
    ]
