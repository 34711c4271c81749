"""The check before publishing: everything that a site must not have."""

import re
import weakref
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
import turbohtml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.model import Catalogue
from catalogue.outputs.check import _is_on, _resolved, _target, site_problems
from catalogue.outputs.files import File, page_path, text_file
from catalogue.pipeline import build_catalogue
from catalogue.problems import as_text
from tests.conftest import built
from tests.test_golden import small_catalogue
from tests.world import entry, inputs

BASE = "https://catalogue.example.org/path/"


def page(path: str, body: str, title: str = "Title") -> File:
    html = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'
    return text_file(path, html)


def found(*files: File) -> str:
    return as_text(site_problems(files, BASE))


def test_a_valid_site_has_no_problems() -> None:
    files = (
        page(
            "index.html",
            "<h1 id=top>Home</h1><a href='a/'>A</a> <a href='#top'>Up</a> <a href='https://example.org/'>Out</a>",
        ),
        page("a/index.html", "<h1>A</h1><a href='../#top'>Home</a> <a href='../file.json'>Data</a>"),
        page("404.html", "<h1>Gone</h1><a href='/path/a/'>A</a>"),
        File("file.json", b"{}"),
    )
    assert found(*files) == ""


@pytest.mark.parametrize(
    "target",
    [
        "https://x.org/",
        "HTTPS://x.org/",
        "Http:x.org",
        "MAILTO:a@b.org",
        "Data:,x",
        " https://x.org/",
        # A browser follows it; urlsplit refuses it as a whole.
        "https://a\u2100b@x.org/",
    ],
)
def test_an_external_link_is_not_resolved(target: str) -> None:
    assert found(page("index.html", f"<h1>A</h1><a href='{target}'>B</a>")) == ""


@pytest.mark.case("B18")
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<h1>A</h1><a href='b/'>B</a>", "a leads to b/, which is not in the site"),
        ("<h1>A</h1><a href='#b'>B</a>", "a leads to #b, whose fragment is not on that page"),
        ("<h1>A</h1><a href=''>B</a>", "a leads to , which is empty"),
        ("<h1>A</h1><a href='/b'>B</a>", "a leads to /b, which is outside the site"),
        ("<h1>A</h1><a href='//other.example.org'>B</a>", "a leads to //other.example.org, which is outside the site"),
        ("<h1>A</h1><a href='FTP://x.org/'>B</a>", "a leads to FTP://x.org/, which is outside the site"),
        ("<h1>A</h1><a href='javascript:x'>B</a>", "a leads to javascript:x, which is outside the site"),
        ("<h1>A</h1><a href='https'>B</a>", "a leads to https, which is not in the site"),
        ("<h1>A</h1><a href='//[x'>B</a>", "a leads to //[x, which is not a valid address"),
        ("<h1>A</h1><img src='x.png' alt=''>", "img leads to x.png, which is not in the site"),
        ("<h1>A</h1><h1>B</h1>", "the page has 2 h1 elements: it needs exactly one"),
        ("<h2>A</h2>", "the page has 0 h1 elements: it needs exactly one"),
        ("<h1 id=a>A</h1><p id=a>B</p>", "the id 'a' is given 2 times"),
    ],
)
def test_an_invalid_page_is_reported_with_its_problem(body: str, problem: str) -> None:
    assert found(page("index.html", body)) == f"index.html: error: {problem}"


@pytest.mark.case("B18")
@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<div><p></div></p>", "</div> stands where a browser reads </p>"),
        ("<p>A<div>B</div></p>", "<div> stands where a browser reads </p>"),
        ("<div>A", "</body> stands where a browser reads </div>"),
        ("<b><i>A</b></i>", "</b> stands where a browser reads </i>"),
        ("<table><tr><td>A</td></tr></table>", "<tr> stands where a browser reads <tbody>"),
        ("<a href='#'>A<a href='#'>B</a></a>", "<a> stands where a browser reads </a>"),
        ("<p>A</p></p>", "</p> stands where a browser reads <p>"),
        ("<p title=a title=b>A</p>", "duplicate-attribute"),
        ("<p>&nosuch;</p>", "unknown-named-character-reference"),
        ('<p class="a"id="b">A</p>', "missing-whitespace-between-attributes"),
        ("<p>\0</p>", "unexpected-null-character"),
    ],
)
def test_invalid_markup_is_reported_with_line_and_column(body: str, fault: str) -> None:
    text = found(page("index.html", f"<h1>A</h1>\n{body}"))
    assert re.fullmatch(rf"index\.html:3:\d+: error: HTML: {re.escape(fault)}", text)


def test_a_missing_target_is_reported_once_with_the_number_of_other_pages() -> None:
    pages = [page(f"{name}/index.html", "<h1>A</h1><a href='../x/'>X</a>") for name in "abc"]
    assert found(*pages) == (
        "a/index.html: error: a leads to ../x/, which is not in the site; 2 other pages lead there, too"
    )


def test_files_are_released_while_the_site_is_checked() -> None:
    seen: list[weakref.ref[File]] = []

    def files() -> Iterator[File]:
        for number in range(9):
            file = Watched(f"{number}/index.html", page("", "<h1>A</h1>").content)
            seen.append(weakref.ref(file))
            yield file
            del file
            assert sum(each() is not None for each in seen) <= 2

    assert site_problems(files(), BASE) == []
    assert len(seen) == 9


class Watched(File):
    """A file that can be observed to be garbage collected."""


@pytest.mark.case("B18")
def test_a_page_without_a_title_is_a_problem() -> None:
    assert found(page("index.html", "<h1>A</h1>", title="")) == "index.html: error: the page has no title"


@pytest.mark.case("P1")
def test_an_empty_site_is_never_fit() -> None:
    assert found() == "site: error: there is nothing to publish"


@pytest.mark.case("B12")
@pytest.mark.parametrize(
    "base_url", ["https://a.example.org/", "https://a.example.org/b/", "https://a.example.org/b/c/"]
)
def test_every_link_of_the_real_site_is_valid_under_any_base_url(real_catalogue: Catalogue, base_url: str) -> None:
    from dataclasses import replace

    here = replace(real_catalogue, site=replace(real_catalogue.site, base_url=base_url))
    assert as_text(site_problems(built(here), base_url)) == ""


@pytest.mark.case("U39", "P9")
@pytest.mark.parametrize("letter", ["<", "\\", "😀"])
def test_a_record_that_is_too_large_for_one_page_gets_a_shortened_page_and_does_not_block_the_site(letter: str) -> None:
    words = letter * 990
    record = entry(
        1001,
        title="Flood",
        description=f"<p>Floods.</p>{f'<p>{words}</p>' * 60}",
        creators=tuple(f"Author {number} {words[:180]}" for number in range(1000)),
        related=tuple(("isDocumentedBy", f"https://example.org/{number}/{words[:900]}") for number in range(500)),
        keywords=tuple(f"word{number} {words[:60]}" for number in range(200)),
    )
    found, problems = build_catalogue(inputs(record, entry(2001, title="Sky")))
    assert found is not None
    files = built(found)
    assert as_text([*problems, *site_problems(files, found.site.base_url)]) == ""
    flood = next(file for file in files if file.path == "software/flood/index.html")
    assert len(flood.content) < 300_000
    page = turbohtml.parse(flood.text)
    assert "There is more of it than a page can hold; its record has all." in page.text
    assert "and 980 more" in page.text


# Names that the site uses: folders, ids of elements, values of fields, files; and properties of every JavaScript object.
OURS = re.findall(
    r"\S+",
    """
    own own-offer at-own mine place place-url place-said title main q top-q chosen now slash-key results filters list more run
    ready notebooks description related versions cite citation bibtex badge badge-at copied copy-field letter-0 yes no maybe none
    unknown required not-given page 2 404 index feed feeds all harvest records software facilities facility go api add
    about changes status curation matrix newest assets search build age catalogue launch keyword author a-z
    constructor prototype valueof
""",
)


def facility(name: str) -> str:
    return f"  - {{id: '{name}', name: 'At {name}', kind: binderhub, url: 'https://{name}.example.org/', description: A}}\n"


def software(name: str, formerly: str = "[]") -> str:
    return f"  - {{id: '{name}', name: '{name}', keywords: ['{name}'], formerly: {formerly}, repository: 'https://github.com/o/{name}'}}\n"


@pytest.mark.parametrize(
    ("facilities", "entries"),
    [
        ("".join(map(facility, OURS)), software("tool")),
        (facility("hub"), "".join(map(software, OURS))),
        (facility("hub"), software("tool", formerly=str(OURS))),
    ],
    ids=["facilities", "entries", "earlier names"],
)
def test_an_id_may_be_any_name_that_the_site_uses_itself(facilities: str, entries: str) -> None:
    catalogue, problems = build_catalogue(
        inputs(facilities=f"facilities:\n{facilities}", notebooks=f"software:\n{entries}")
    )
    assert catalogue is not None, as_text(problems)
    made = built(catalogue)
    assert as_text(site_problems(made, catalogue.site.base_url)) == ""
    assert len({file.path for file in made}) == len(made)


# What a parser accepts and the HTML standard forbids.
REFUSED = {
    "autocomplete says nothing at a tick": "input:is([type=checkbox], [type=radio])[autocomplete]",
    "a time without words or datetime is none": "time:not([datetime])",
}


def test_no_page_has_what_the_html_standard_forbids() -> None:
    pages = [file for file in built(small_catalogue()) if file.path.endswith(".html")]
    assert pages
    found = [
        (file.path, why)
        for file in pages
        for why, selector in REFUSED.items()
        if turbohtml.parse(file.text).select(selector)
    ]
    assert found == []
    forwards = {
        str(each.attrs["content"]).partition("url=")[0]
        for file in pages
        for each in turbohtml.parse(file.text).select("meta[http-equiv=refresh]")
    }
    assert forwards == {"0; "}


_SEGMENTS = st.lists(
    st.sampled_from(["a", "b", "b-c", "index.html", "x.json", "..", ".", "", "%61", "é", "a:b"]), max_size=3
)


@settings(max_examples=500)
@given(
    _SEGMENTS,
    st.sampled_from(["", "/"]),
    st.sampled_from(["", "#", "#run", "#%72un", "?q=1"]),
    st.sampled_from(["a/b/index.html", "a/index.html", "index.html"]),
)
def test_the_target_of_a_link_is_the_one_that_a_browser_resolves(
    segments: list[str], end: str, fragment: str, path: str
) -> None:
    """However the link is written: most are recognised without being resolved."""
    address = "../" * path.count("/") + "/".join(segments) + end + fragment
    resolved = _resolved.__wrapped__(path, address, "/some/path/")
    assert _target(path, address, "/some/path/") == resolved
    if isinstance(resolved, str):
        assert _is_on(resolved, path) == (page_path(unquote(resolved.partition("#")[0])) == path)
