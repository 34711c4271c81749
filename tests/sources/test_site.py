"""site.yaml: the settings, and every mistake in them."""

import pytest

from catalogue.model import Site
from catalogue.problems import as_text
from catalogue.sources.site import read_site

SITE = """\
title: Small catalogue
tagline: Two tools and a hub.
base_url: https://catalogue.example.org/path
community: small
community_title: Small community
community_url: https://zenodo.org/communities/small
contact: help@example.org
repository: https://github.com/small/catalogue.git
"""


def test_the_settings_are_read_with_their_defaults() -> None:
    assert read_site(SITE) == (
        Site(
            title="Small catalogue",
            tagline="Two tools and a hub.",
            base_url="https://catalogue.example.org/path/",
            community="small",
            community_title="Small community",
            community_url="https://zenodo.org/communities/small",
            api="https://zenodo.org/api",
            kinds=("software", "workflow"),
            contact="help@example.org",
            repository="https://github.com/small/catalogue",
            branch="main",
            blank=None,
            community_short="OSSR",
            local_title=None,
            examples=(),
            colours=None,
            size_limit=900,
        ),
        [],
    )


def test_a_title_that_a_number_sign_cuts_off_is_told() -> None:
    site, problems = read_site(SITE.replace("Small catalogue", "The #1 catalogue"))
    assert site is not None
    assert site.title == "The"
    assert as_text(problems) == (
        "site.yaml:1:8: warning: title: the text ends before '#1', which begins a comment: put the text in quotes, or a space "
        "after the #"
    )


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("api: https://zenodo.example.org/api//", "api", "https://zenodo.example.org/api"),
        # InvenioRDM allows letters, digits, - and _ (`^[-\w]+$`)
        ("community: Stars_2", "community", "Stars_2"),
        ("kinds: [software]", "kinds", ("software",)),
        ("contact: a.b+catalogue@mail.example.org", "contact", "a.b+catalogue@mail.example.org"),
        ("contact: https://example.org/ask?about=a#form", "contact", "https://example.org/ask?about=a#form"),
        ("branch: trunk", "branch", "trunk"),
        ("blank: empty-notebook", "blank", "empty-notebook"),
        ("community_short: stars", "community_short", "stars"),
        ("local_title: ESAP", "local_title", "ESAP"),
        ("examples: [C++]", "examples", ("C++",)),
        ("colours: {light: '#24479C', dark: '#9dbcff'}", "colours", ("#24479c", "#9dbcff")),
        ("size_limit: 5000", "size_limit", 5000),
    ],
)
def test_a_setting_may_differ_from_its_default(line: str, name: str, value: object) -> None:
    kept = "".join(each for each in SITE.splitlines(True) if not each.startswith(f"{name}:"))
    site, problems = read_site(f"{kept}{line}\n")
    assert problems == []
    assert getattr(site, name) == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: error: the file is empty"),
        ("- a\n", "1:1: error: the file: must be keys with values, as in `{title: …}`"),
        ("text", "1:1: error: the file: must be keys with values, as in `{title: …}`"),
        (f"{SITE}title: Two\n", "9:1: error: key 'title' is given twice, first in line 1: remove one"),
        (f"{SITE}apii: x\n", "9:1: error: apii: unknown key; did you mean 'api'?"),
        (f"{SITE}kinds: software\n", "9:8: error: kinds: must be a list, as in `[software]`"),
        (
            f"{SITE}api: http://zenodo.org/api\n",
            "9:6: error: api: 'http://zenodo.org/api' must begin with https:// and have no ?, # or space",
        ),
        (
            f"{SITE}colours: {{light: '#ffcc00', dark: '#333333'}}\n",
            (
                "9:18: error: colours.light: '#ffcc00' has a contrast of 1.36 with the background #f1f3f8, and 4.5 is needed to read it: choose a darker colour\n"
                "site.yaml:9:35: error: colours.dark: '#333333' has a contrast of 1.23 with the background #1d2431, and 4.5 is needed to read it: choose a lighter colour"
            ),
        ),
        (
            f"{SITE}colours: {{light: blue, dark: '#9dbcff'}}\n",
            "9:18: error: colours.light: 'blue' is not a colour: write it as '#24479c', in quotes",
        ),
        (
            f"{SITE}colours: {{light: {{accent: red}}, dark: '#9dbcff'}}\n",
            "9:18: error: colours.light: must be one text, not keys with values",
        ),
        (
            f"{SITE}colours: {{light: '#24479c'}}\n",
            "9:10: error: colours.dark: is missing",
        ),
        (f"{SITE}size_limit: 1 GB\n", "9:13: error: size_limit: must be a whole number"),
        (f"{SITE}size_limit: 0\n", "9:13: error: size_limit: must be at least 1"),
        (
            f"{SITE}blank: Empty Notebook\n",
            "9:8: error: blank: 'Empty Notebook' is not a slug: use lower-case letters, digits and single hyphens only, since it becomes part of a URL",
        ),
        (
            SITE.replace("https://catalogue.example.org/path", "catalogue.example.org"),
            "3:11: error: base_url: 'catalogue.example.org' must begin with https:// or http:// and have no ?, # or space",
        ),
        (
            SITE.replace("https://github.com/small/catalogue.git", "javascript:alert(1)"),
            "8:13: error: repository: must begin with https://",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_there_are_no_settings(text: str, problem: str) -> None:
    site, problems = read_site(text)
    assert site is None
    assert as_text(problems) == f"site.yaml:{problem}"


@pytest.mark.parametrize(
    "contact",
    [
        "help#desk@example.org",
        "ask at the help desk",
        "help@localhost",
        "mailto:help@example.org",
        "Help <help@example.org>",
        "help@example.org, more@example.org",
        "help@example.org?subject=Catalogue",
        "http://example.org/ask",
        "javascript:alert(1)",
    ],
)
def test_a_contact_is_an_e_mail_address_or_a_url(contact: str) -> None:
    site, problems = read_site(SITE.replace("contact: help@example.org", f"contact: '{contact}'"))
    assert site is None
    assert as_text(problems) == (
        f"site.yaml:7:10: error: contact: {contact!r} must be an e-mail address, as in help@example.org, "
        "or a URL that begins with https://"
    )


@pytest.mark.parametrize(
    ("contact", "words"),
    [
        ("https://intranet/ask", "must name a public host, not 'intranet'"),
        ("https://example.org/<b>", "must not contain spaces, quotes or control characters"),
    ],
)
def test_the_url_of_a_contact_is_one_that_every_reader_can_open(contact: str, words: str) -> None:
    _, problems = read_site(SITE.replace("help@example.org", contact))
    assert as_text(problems) == f"site.yaml:7:10: error: contact: {words}"


def test_all_missing_settings_are_named_at_once() -> None:
    site, problems = read_site("title: T\nbranch: main\n")
    assert site is None
    assert as_text(problems) == "\n".join(
        f"site.yaml:1:1: error: {key}: is missing"
        for key in ["base_url", "community", "community_title", "community_url", "contact", "repository", "tagline"]
    )
