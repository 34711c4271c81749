"""What machines ask for at the root of the site."""

from xml.etree import ElementTree

from catalogue.model import Catalogue
from catalogue.outputs.files import File, page_path

LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def test_the_sitemap_names_every_page_that_is_meant_to_be_found_by_its_full_address(
    real_catalogue: Catalogue, real_files: list[File]
) -> None:
    by_path = {file.path: file for file in real_files}
    named = [each.text or "" for each in ElementTree.fromstring(by_path["sitemap.xml"].text).iter(LOC)]
    base = real_catalogue.site.base_url
    assert all(address.startswith(base) for address in named)
    paths = [page_path(address.removeprefix(base)) for address in named]
    assert len(paths) == len(set(paths))
    hidden = {path for path, file in by_path.items() if path.endswith(".html") and 'content="noindex"' in file.text}
    assert set(paths) == {path for path in by_path if path.endswith(".html")} - hidden
    assert all(path.startswith("go/") or path == "404.html" for path in hidden)


def test_robots_are_told_where_the_sitemap_is(real_catalogue: Catalogue, real_files: list[File]) -> None:
    robots = next(file for file in real_files if file.path == "robots.txt")
    assert robots.text == f"User-agent: *\nAllow: /\n\nSitemap: {real_catalogue.site.base_url}sitemap.xml\n"
