"""Untrusted text made safe: whatever comes in, the output is clean, short and harmless."""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from catalogue.text import (
    _TAG_NAME,
    HTML_LIMIT,
    _has_same_tags,
    as_sentence,
    clean,
    clean_html,
    clean_markdown,
    cut,
    english_list,
    first_sentences,
    fold,
    label_slug,
    links_in,
    plain,
    slugify,
    strip_controls,
    summary_of,
    unique,
    without_email,
)
from tests.outputs.test_check import found, page

anything = st.text(st.characters(exclude_categories=()))
"""Any text at all, including control characters, lone surrogates and unassigned characters."""


# --- strip_controls, clean


@pytest.mark.case("H16", "H17", "H18", "H19")
@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("a\x00b\x07c\x7fd\x85e", "abcde"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("lone \ud800 half", "lone  half"),
        ("non-character \ufffe\uffff\ufdd0\U0001ffff", "non-character "),
        ("evil\u202etxt.exe \u2066x\u2069", "eviltxt.exe x"),
        ("zero\u200bwidth, soft\u00adhyphen, \ufeffmark", "zerowidth, softhyphen, mark"),
        ("Cafe\u0301", "Café"),
        ("line\n\ttab", "line\n\ttab"),
        ("👩\u200d🚀 stays", "👩\u200d🚀 stays"),
        ("x" + "\u0335" * 200, "x" + "\u0335" * 4),
        ("ש" + "\u05b0" * 200, "ש" + "\u05b0" * 4),
    ],
    ids=ascii,
)
def test_controls_surrogates_and_overrides_are_taken_out(given_text: str, kept: str) -> None:
    assert strip_controls(given_text) == kept


def test_a_long_run_of_combining_marks_takes_linear_time() -> None:
    began = time.process_time()
    strip_controls("a" + "\u0301\u0316" * 100_000 + "b" + "\u05b0\u0591" * 100_000 + "c" + "\u0e48\u0e38" * 100_000)
    assert time.process_time() - began < 10  # it takes milliseconds; a minute, if the time grew with the square


@pytest.mark.case("H19")
@given(anything)
def test_stripped_text_can_be_written_and_stays_as_it_is(text: str) -> None:
    stripped = strip_controls(text)
    stripped.encode("utf-8")
    assert strip_controls(stripped) == stripped
    assert not set(stripped) & {chr(code) for code in [*range(9), *range(11, 32), *range(127, 160)]}


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("  a \n b\t c\u2028d ", "a b c d"),
        (" \u200b\ufeff ", ""),
        (3, "3"),
        (1.5, "1.5"),
        (True, ""),
        (None, ""),
        (["a"], ""),
        ({"a": "b"}, ""),
        (b"a", ""),
        ("a" * 300, "a" * 300),
        ("a" * 301, "a" * 299 + "…"),
        ("a" * 298 + " " + "b" * 9, "a" * 298 + "…"),
    ],
)
def test_a_value_becomes_one_line_of_at_most_300_letters(value: object, line: str) -> None:
    assert clean(value) == line


@given(anything, st.integers(1, 50))
def test_a_clean_line_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert len(line) <= limit
    assert line == " ".join(line.split())


# --- clean_html, clean_markdown, plain

HOSTILE = [
    ("<script>alert(1)</script>x", "x"),
    ("<scr<script>ipt>alert(1)</script>x", "ipt&gt;alert(1)x"),
    ("<img src=x onerror=alert(1)>after", "after"),
    ('<img src="https://spy.example/p.gif" alt="A plot">after', "<p>A plot after</p>"),
    ('<img alt="&lt;script&gt;x&lt;/script&gt;">', "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
    ('<p onclick="x" style="color:red" class="site-header" id="search" name="getElementById">y</p>', "<p>y</p>"),
    ('<a href="javascript:alert(1)">x</a>', '<a rel="nofollow noopener noreferrer">x</a>'),
    ('<a href="jAvA&#x09;script:alert(1)">x</a>', '<a rel="nofollow noopener noreferrer">x</a>'),
    ('<a href=" &#1;javascript:alert(1)">x</a>', '<a rel="nofollow noopener noreferrer">x</a>'),
    ('<a href="vbscript:x">x</a>', '<a rel="nofollow noopener noreferrer">x</a>'),
    ('<a href="data:text/html,x">x</a>', '<a rel="nofollow noopener noreferrer">x</a>'),
    ('<a href="//evil.example/x">x</a>', '<a rel="nofollow noopener noreferrer">x</a>'),
    ('<a href="/relative">x</a>', '<a rel="nofollow noopener noreferrer">x</a>'),
    (
        '<a href="https://x.org/?a>b&c" target=_blank rel=opener>x</a>',
        '<a href="https://x.org/?a&gt;b&amp;c" rel="nofollow noopener noreferrer">x</a>',
    ),
    ('<a href="mailto:a@b.org">x</a>', '<a href="mailto:a@b.org" rel="nofollow noopener noreferrer">x</a>'),
    ('<a href="https://zenodo.org@evil.example/">x</a>', '<a rel="nofollow noopener noreferrer">x</a>'),
    ('<a href=" HTTP:\\\\user:secret@evil.example/">x</a>', '<a rel="nofollow noopener noreferrer">x</a>'),
    (
        '<a href="https://x.org/@user?a@b">x</a>',
        '<a href="https://x.org/@user?a@b" rel="nofollow noopener noreferrer">x</a>',
    ),
    ("<h1>One</h1><H2 class=x>Two</H2><h3>Three</h3>", "<h3>One</h3><h3>Two</h3><h3>Three</h3>"),
    ("<svg onload=alert(1)></svg>z", "z"),
    ("<math><mtext><style><img src=x onerror=x></style></mtext></math>z", "z"),
    ("<style>p{}</style><title>t</title><textarea><p>x</textarea>z", "z"),
    ("<noscript><p></noscript><template><p>x</template><select><option>y</select>z", "z"),
    ('<iframe srcdoc="<script>x</script>">y</iframe><object data=x>o</object>z', "z"),
    ("<meta http-equiv=refresh content='0;url=https://evil.example'>z", "z"),
    ("<base href=https://evil.example><link rel=stylesheet href=x><embed src=x>z", "z"),
    ("<form id=lunr action=https://evil.example><input name=q><button>b</button></form>z", "bz"),
    ("<!-- comment --><![CDATA[x]]>z", "z"),
    ("{{ 7*7 }} {% x %} ${7*7} <%= 7 %>", "<p>{{ 7*7 }} {% x %} ${7*7} &lt;%= 7 %&gt;</p>"),
    ("a < b > c & d", "<p>a &lt; b &gt; c &amp; d</p>"),
    ("<div>one<p>two", "one<p>two</p>"),
    ("<div>one</div><div>two</div>", "<p>one</p><p>two</p>"),
    ("<div>one <b>two</b><div>three</div></div>", "one <b>two</b><p>three</p>"),
    ("One,\nstill.\n \nTwo &amp; three.", "<p>One, still.</p><p>Two &amp; three.</p>"),
    ("<td>loose cell</td>", "loose cell"),
    ("a\x00b\u202ec", "<p>abc</p>"),
    ('<p lang="ar" dir="rtl">x</p>', '<p lang="ar" dir="rtl">x</p>'),
    ('<em lang="fr" class=x>x</em><b\n/>y', "<em>x</em><b>y</b>"),
    # control characters are removed however they are written
    ("a&#1;b&#xFFFE;c&#x202e;d&shy;e&lrm;f&#173g", "<p>abcdefg</p>"),
    ("&amp;#x202e;", "<p>&amp;#x202e;</p>"),
    ("<p>&#x338;x</p>", "<p>\u0338x</p>"),
    ("<p>x" + "&#x335;" * 200 + "</p>", "<p>x" + "\u0335" * 4 + "</p>"),
    (
        '<a href="https://x.org/&#1;&#x202e;y">x</a>',
        '<a href="https://x.org/y" rel="nofollow noopener noreferrer">x</a>',
    ),
    ('<a href="java&#x202e;script:x">x</a>', '<a rel="nofollow noopener noreferrer">x</a>'),
    # the sanitiser's output is sanitised again until a strict parser accepts it
    ("<b><p><marquee><ol lang=a>one</ol>two", '<b><p></p><ol lang="a">one</ol>two<p></p></b>'),
]


@pytest.mark.case("H2", "H3", "H5", "H6", "H7", "H8", "H9", "H12")
@pytest.mark.parametrize(("text", "harmless"), HOSTILE, ids=[each[0][:40] for each in HOSTILE])
def test_b4_a_description_is_sanitised(text: str, harmless: str) -> None:
    assert clean_html(text) == Markup(harmless)


ELEMENTS = re.findall(
    r"\w+",
    "p br hr strong b em i u s sub sup code pre blockquote ul ol li dl dt dd a h3 h4 h5 h6 "
    "table thead tbody tr th td caption",
)
pieces = st.lists(
    st.sampled_from(
        ["<", ">", "</", "<!--", "-->", '"', "'", "=", "&", ";", " ", "<p", "<a href=", "javascript:", "<script>", "</script>",
         "<style>", "<svg>", "<math>", "<img alt=", " onerror=x", "<h1>", "<div>", "</div>", "<table>", "<td>", "&lt;", "&#0;", "\x00", "x"]
    )
    | anything,
    max_size=12,
).map("".join)  # fmt: skip


@pytest.mark.case("H2", "H3")
@given(pieces)
def test_whatever_comes_in_only_listed_elements_and_attributes_go_out(text: str) -> None:
    html = str(clean_html(text))
    html.encode("utf-8")
    for element, attributes in re.findall(r"<(/?\w+)([^>]*)>", html):
        assert element.lstrip("/") in ELEMENTS
        names = re.findall(r"([\w-]+)=\"[^\"]*\"", attributes)
        assert set(names) <= {"href", "rel", "lang", "dir", "colspan", "rowspan"}
    assert "<" not in re.sub(r"</?\w+(?: [\w-]+=\"[^\"]*\")*>", "", html)
    assert "javascript:" not in " ".join(re.findall(r'href="([^"]*)"', html))


@pytest.mark.case("H10", "H11")
@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 100_000,
        "<b>" * 166_000,
        "&" * 1_000_000,
        "<a " + "x=1 " * 200_000 + ">",
        '<img alt="' * 50_000,
        "<table>" * 50_000,
        "<p>" + "".join(f"<b lang=a{n}>" for n in range(2_500)) + "<p>x" * 6_000,
        "<p>" + "<b><i><u><s><em><code><strong><small>" * 3 + "<p>x" * 16_000,
        "<p><a href=https://x.org/" + "a" * 30_000 + ">" + "<p>x" * 8_000,
        "<b " * 20_000,
    ],
    ids=lambda text: str(text)[:10],
)
def test_a_description_is_cut_before_it_can_slow_the_sanitiser(text: str) -> None:
    began = time.process_time()
    html = clean_html(text)
    assert time.process_time() - began < 10  # it takes about one; a minute without the caps
    assert len(html) <= HTML_LIMIT


def test_a_description_that_multiplies_is_given_as_its_words() -> None:
    open_elements = "<b><i><u><s><em><code><strong><small><big><tt>" * 3
    text = f"<p>{open_elements}" + "<p>x &lt;b&gt; &amp; &#x202e;y</p>" * 1_500
    assert clean_html(text) == Markup("<p>x &lt;b&gt; &amp; y</p>" * 1_500)


markup = st.lists(
    st.sampled_from(
        [f"<{name}>" for name in (*ELEMENTS, "marquee", "nobr", "font", "form", "button", "option", "center", "svg", "math", "mi")]
        + [f"</{name}>" for name in (*ELEMENTS, "marquee", "nobr", "body", "html")]
        + ["<a href=https://x.org/>", "<a href=HTTPS://x.org/>", "<a href=MAILTO:a@b.org>", "<a href=https://a&#x2100;b@x.org/>",
           "<a href='/x'>", "<ol lang=a>", "<p dir=rtl>", "<td colspan=2>", "\n", "x", "&#1;", "&#x202e;", "&#xfdd0;", "&#x338;", "&amp"]
    )
    | anything,
    max_size=30,
).map("".join)  # fmt: skip


@pytest.mark.case("H5", "H10")
@settings(max_examples=200)
@given(markup)
@example("<b><p><marquee><ol lang=a>")
@example("<a href=HTTPS://x.org/>x</a>")
@example("<a href=https://a&#x2100;b@x.org/>x</a>")
@example("<p>" + "".join(f"<b lang=a{n}>" for n in range(100)) + "<p>x" * 1_000)
def test_whatever_comes_in_a_page_that_holds_it_can_be_published(text: str) -> None:
    html = clean_html(text)
    assert strip_controls(plain(html)) == plain(html)
    assert found(page("index.html", f"<h1>A</h1><div>{html}</div>")) == ""


def test_markdown_of_contributors_is_rendered_without_its_html() -> None:
    text = "Reads *FITS*.\n\n# Title\n\n- one\n- [bad](javascript:alert(1)) [good](https://x.org) <b>raw</b>"
    assert clean_markdown(text) == Markup(
        "<p>Reads <em>FITS</em>.</p>\n<h3>Title</h3>\n<ul>\n<li>one</li>\n"
        '<li>[bad](javascript:alert(1)) <a href="https://x.org" rel="nofollow noopener noreferrer">good</a> '
        "&lt;b&gt;raw&lt;/b&gt;</li>\n</ul>"
    )


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("<ul><li>a</li><li>b</li></ul>", "a b"),
        ("a<br>b<hr>c", "a b c"),
        ("<table><caption>Cap</caption><tr><td>1</td><td>2</td></tr></table>", "Cap 1 2"),
        ("<b>bo</b>ld", "bold"),
        ("Fast:<ul><li>one<ul><li>nested</li></ul></li></ul>", "Fast: one nested"),
        ("&lt;b&gt; &amp;amp; é", "<b> &amp; é"),
        ('<a href="https://x.org/?a>b">link</a>', "link"),
        ("a &#1; b &#x202e;c", "a b c"),
    ],
)
def test_the_words_of_a_description_are_kept_apart(html: str, words: str) -> None:
    assert plain(clean_html(html)) == words


def test_the_words_of_any_markup_are_without_controls() -> None:
    assert plain(Markup("<p>a&#1;b&#x202e;c</p> &#xFFFE; d")) == "abc d"


# --- cut, first_sentences, summary_of


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("one two", 7, "one two"),
        ("one two three", 9, "one two …"),
        ("one, two", 5, "one …"),
        ("onetwothree", 5, "onetw …"),
    ],
)
def test_a_text_is_cut_at_a_word(text: str, limit: int, short: str) -> None:
    assert cut(text, limit) == short


@pytest.mark.parametrize(
    ("text", "limit", "first"),
    [
        ("", 20, ""),
        ("No full stop", 20, "No full stop"),
        ("One. Two. Three.", 9, "One. Two."),
        ("One. Two. Three.", 8, "One."),
        ("One! Two? Three.", 9, "One! Two?"),
        ("Uses e.g. numpy. Then more.", 16, "Uses e.g. numpy."),
        ("Version 1.2 is out. Next.", 19, "Version 1.2 is out."),
        ("A first sentence that is long. B.", 15, "A first …"),
    ],
)
def test_a_summary_is_whole_sentences_where_one_fits(text: str, limit: int, first: str) -> None:
    assert first_sentences(text, limit) == first


@given(anything)
def test_a_summary_never_raises_and_stays_short(text: str) -> None:
    assert len(first_sentences(plain(clean_html(text)))) <= 282
    assert len(summary_of(clean_html(f"<p>{text}"))) <= 282


@pytest.mark.parametrize(
    ("html", "summary"),
    [
        ("Finds things", "Finds things"),
        ("<h1>Tool</h1><p>Finds things.</p>", "Finds things."),
        ("<h1>Tool</h1>\n<h2>What it does</h2><p>Finds things.</p>", "Finds things."),
        ("<p><strong>The great tool</strong></p><p>Finds things.</p>", "Finds things."),
        ("<b>The great tool</b><br><br>Finds things.", "Finds things."),
        ("<p><b>Finds things.</b></p><p>Fast.</p>", "Finds things. Fast."),
        ("<p><b>Tool</b> finds things.</p>", "Tool finds things."),
        ("<p><b>Tool</b> finds <b>things</b></p><p>Fast.</p>", "Tool finds things. Fast."),
        ("<p>Finds things.</p><h2>Installation</h2><p>pip install x</p>", "Finds things."),
        ("<p>Finds things</p><p>Fast</p>", "Finds things. Fast"),
        ("<p>Finds:</p><ul><li>stars</li><li>comets</li></ul><p>Fast</p>", "Finds: stars; comets. Fast"),
        ("<p>Finds<br>things</p>", "Finds things"),
        ("<p></p><p>&nbsp;</p><p>Finds things</p>", "Finds things"),
        # only titles: better than nothing
        ("<h1>A tool that finds things</h1>", "A tool that finds things"),
        # what has changed is no summary
        ("<h2>What's Changed</h2><ul><li>x by @y</li></ul>", ""),
        ("<p><strong>Full Changelog</strong>: https://x.org/compare/1...2</p>", ""),
        ("<h2>v1.2</h2><p>Fixed a bug.</p>", ""),
        ("<p>Updated links in the README file.</p>", ""),
        ("<p>Changes since v1.2</p>", ""),
        *(
            (f"<p>{words}</p>", words)
            for words in (
                "Fixed-order cross sections.",
                "Fixed target experiments.",
                "Bump hunting in spectra.",
                "Updated ephemerides of stars.",
                "Added value products.",
                "Changes in the solar cycle: a tool.",
                "Adds noise to spectra.",
            )
        ),
        # a full stop may be in quotes or brackets
        ("<p>Finds “things.”</p><p>Fast</p>", "Finds “things.” Fast"),
        ("<p>Finds things (and more.)</p><p>Fast</p>", "Finds things (and more.) Fast"),
        ("<p>Finds things –</p><p>fast</p>", "Finds things – fast"),
        ("", ""),
    ],
)
def test_a_summary_begins_below_the_title(html: str, summary: str) -> None:
    assert summary_of(clean_html(html)) == summary


# --- without_email


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Jane Doe <jane@x.org>", "Jane Doe"),
        ("Doe, Jane (jane.doe@inst.example.eu)", "Doe, Jane"),
        ("[jane@x.org] Jane", "Jane"),
        ("Jane, jane@x.org", "Jane"),
        ("a@b.org; c@d.org", ""),
        ("@handle and a @ b", "@handle and a @ b"),
    ],
)
def test_mail_addresses_are_left_out_with_their_brackets(text: str, shown: str) -> None:
    assert without_email(text) == shown


def test_a_text_of_any_length_is_looked_through_for_mail_addresses() -> None:
    """In quadratic time this would take minutes."""
    text = "a" * 200_000
    assert without_email(f"{text} <jane@x.org>") == text


# --- fold, slugify


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Gál", "gal"),
        ("Ga\u0301l", "gal"),
        ("Løvås", "lovas"),
        ("ŁÓDŹ", "lodz"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("Ærø", "aero"),
        ("İstanbul", "istanbul"),
        ("ﬁle ①", "file 1"),
        ("Ελλάς", "ελλασ"),
        ("аstropy", "аstropy"),
        ("王", "王"),
    ],
)
def test_folding_forgets_case_and_marks(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(anything)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.case("H16", "H22", "Y23")
@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Collider Tool", "collider-tool"),
        ("collider tool", "collider-tool"),
        ("Café", "cafe"),
        ("Cafe\u0301", "cafe"),
        ("C++ tools", "c-plus-plus-tools"),
        ("C# and F#", "c-sharp-and-f-sharp"),
        ("astro-py_2.0", "astro-py-2-0"),
        ("trailing. ", "trailing"),
        ("a/b", "a-b"),
        ("%2e%2e", "2e-2e"),
        ("__proto__", "proto"),
        # nothing that a slug can be made from
        ("", "record-1"),
        (".", "record-1"),
        ("..", "record-1"),
        ("..\\..", "record-1"),
        ("王彦昭", "record-1"),
        ("🚀", "record-1"),
        # names that Windows reserves
        ("CON", "con-record-1"),
        ("nul.", "nul-record-1"),
        ("COM¹", "com1-record-1"),
        ("LPT9", "lpt9-record-1"),
        ("aux.h", "aux-h"),
        ("console", "console"),
        # long
        ("x" * 100, "x" * 60),
        ("word " * 30, "-".join(["word"] * 12)),
    ],
)
def test_an_address_is_made_of_a_name(name: str, slug: str) -> None:
    assert slugify(name, "record-1") == slug


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hα", "Hβ"),
        ("Hα", "H"),
        ("α decay", "β decay"),
        ("μSR", "SR"),
        ("李 Wei", "王 Wei"),
        ("光", "電"),
        ("C", "C++"),
    ],
)
def test_labels_with_other_letters_have_other_addresses(one: str, other: str) -> None:
    assert label_slug(one) != label_slug(other)
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", label_slug(one))


@pytest.mark.parametrize(
    ("one", "other"), [("HΑ", "Hα"), ("Gál", "gal"), ("α–Decay", "α decay"), ("X² fit", "x2-fit"), ("Con", "con")]
)
def test_labels_that_differ_in_case_marks_or_separators_have_one_address(one: str, other: str) -> None:
    assert label_slug(one) == label_slug(other)


@pytest.mark.case("H22")
@given(anything)
def test_an_address_is_short_and_safe_on_every_disk(name: str) -> None:
    slug = slugify(name, "record-1")
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug)
    assert len(slug) <= 60
    assert slug not in {"con", "nul", "prn", "aux", "com1", "lpt1"}
    assert slugify(slug, "record-1") == slug


# --- unique, as_sentence, english_list


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("the repository is empty", "The repository is empty."),
        ("is it there?", "Is it there?"),
        ("its title ends with …", "Its title ends with …"),
    ],
)
def test_a_sentence_has_a_capital_letter_and_a_full_stop(text: str, sentence: str) -> None:
    assert as_sentence(text) == sentence


def test_values_are_kept_once_whatever_their_case() -> None:
    assert unique(["Jupyter", "", "SKA", "jupyter", "ska"]) == ("Jupyter", "SKA")


@pytest.mark.parametrize(
    ("words", "sentence"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_listed_as_in_a_sentence(words: list[str], sentence: str) -> None:
    assert english_list(words) == sentence


def test_the_links_of_a_text_are_those_that_a_browser_finds() -> None:
    text = clean_html(
        '<p>A <a href="https://a.org/?x=1&amp;y=%3C">first<br>line &lt;b&gt;</a>, <a href="HTTP://B.org">B</a>, '
        '<a title="<a href=https://no.org/>" href="https://c.org/">c</a>, <a href="javascript:x">j</a>, <a>none</a>, '
        '<a href="mailto:a@b.org">mail</a>, &lt;a href="https://text.org/"&gt;</p>'
    )
    assert links_in(text) == (
        ("https://a.org/?x=1&y=%3C", "first line <b>"),
        ("HTTP://B.org", "B"),
        ("https://c.org/", "c"),
    )
    assert links_in(Markup("<p>None.</p>")) == ()


_MARKS = st.text("<a/ >b!", max_size=9)


@settings(max_examples=300)
@given(_MARKS, _MARKS, _MARKS, _MARKS)
@example("<b", "<!!<", "<!<", "")  # a name may reach beyond a `<`
@example("<!doctype html><br", ">", "/>", "<p>")
def test_the_tags_of_two_texts_are_compared_as_if_each_were_named(
    before: str, here: str, there: str, after: str
) -> None:
    one, other = before + here + after, before + there + after
    assert _has_same_tags(one, other) == (_TAG_NAME.findall(one) == _TAG_NAME.findall(other))
