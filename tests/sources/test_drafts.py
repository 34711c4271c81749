"""Drafts of entries from a URL alone, which pass the check as they are."""

import pytest
import yaml

from catalogue.problems import as_text, errors
from catalogue.sources.drafts import facility_draft, notebook_draft
from catalogue.sources.facilities import read_facilities
from catalogue.sources.local import read_local

PULLED = (
    "https://mybinder.org/v2/gh/o/env/main?urlpath=git-pull%3Frepo%3Dhttps%253A%252F%252Fgithub.com%252Fu%252Fcontent"
    "%26urlpath%3Dlab%252Ftree%252Fcontent%252Fx.ipynb%26branch%3Dmain"
)


@pytest.mark.parametrize(
    ("address", "slug", "kind", "url"),
    [
        ("hub.example.org", "hub-example-org", "website", "https://hub.example.org/"),
        ("https://www.example.org/portal/index.html", "example-org-portal", "website", "https://www.example.org/portal/"),
        ("https://hub.example.org/jupyter/hub/login?next=x", "hub-example-org-jupyter", "jupyterhub", "https://hub.example.org/jupyter/"),
        ("https://b.example.org/v2/gh/o/r/HEAD?urlpath=lab", "b-example-org", "binderhub", "https://b.example.org/"),
        ("https://hub.example.org/user-redirect/git-pull?repo=x", "hub-example-org", "jupyterhub", "https://hub.example.org/"),
    ],
)  # fmt: skip
def test_a_facility_of_an_address(address: str, slug: str, kind: str, url: str) -> None:
    (found,), problems = read_facilities(f"facilities:\n{facility_draft(address)}")
    assert as_text(problems).endswith(
        "warning: description: replace the words of the draft with your own: readers see them"
    )
    assert errors(problems) == []
    assert (found.slug, found.kind, found.url, found.seen) == (slug, kind, url, None)


@pytest.mark.parametrize(
    ("address", "slug", "name", "repository", "ref", "path"),
    [
        ("https://github.com/o/my_tool", "my-tool", "My tool", "https://github.com/o/my_tool", None, None),
        ("https://github.com/o/r/blob/v1.0/nb/first%20look.ipynb", "first-look", "First look", "https://github.com/o/r", "v1.0", "nb/first look.ipynb"),
        ("https://gitlab.example.org/g/s/p/-/blob/main/a%23b.ipynb", "a-sharp-b", "A#b", "https://gitlab.example.org/g/s/p", "main", "a#b.ipynb"),
        ("https://github.com/o/r/tree/main/examples", "r", "R", "https://github.com/o/r", "main", None),
        ("git+https://code.example.org/deep/er/tool.git", "tool", "Tool", "https://code.example.org/deep/er/tool.git", None, None),
        ("https://nbviewer.org/github/o/r/blob/main/nb/a.ipynb", "a", "A", "https://github.com/o/r", "main", "nb/a.ipynb"),
        ("https://nbviewer.org/urls/git.astron.nl/g/r/-/raw/main/a.ipynb", "a", "A", "https://git.astron.nl/g/r", "main", "a.ipynb"),
        ("https://colab.research.google.com/github/o/r/blob/main/a.ipynb#scrollTo=1", "a", "A", "https://github.com/o/r", "main", "a.ipynb"),
        ("https://mybinder.org/v2/gh/o/r/main?labpath=a.ipynb", "a", "A", "https://github.com/o/r", "main", "a.ipynb"),
        (PULLED, "x", "X", "https://github.com/u/content", "main", "x.ipynb"),
        ("10.5281/zenodo.123", "code-of-10-5281-zenodo-123", "Code of 10.5281/zenodo.123", "https://doi.org/10.5281/zenodo.123", None, None),
    ],
)  # fmt: skip
def test_a_notebook_of_an_address(
    address: str, slug: str, name: str, repository: str, ref: str | None, path: str | None
) -> None:
    (found,), problems = read_local(f"software:\n{notebook_draft(address)}")
    assert as_text(problems) == ""
    assert found.repository is not None
    assert (found.slug, found.name, found.repository.url, found.repository.ref) == (slug, name, repository, ref)
    assert [each.path for each in found.notebooks or ()] == ([path] if path else [])


@pytest.mark.parametrize(
    ("name", "slug"), [("01", '"01"'), ("1e5", '"1e5"'), ("null", '"null"'), ("yes", '"yes"'), ("2024-13-32", '"2024-13-32"'), ("a1", "a1")]
)  # fmt: skip
def test_an_id_that_yaml_would_not_read_as_text_is_in_quotes(name: str, slug: str) -> None:
    for draft in (
        notebook_draft(f"https://github.com/o/{name}"),
        notebook_draft(f"https://github.com/o/r/blob/main/{name}.ipynb"),
    ):
        assert draft.startswith(f"  - id: {slug} #")
        assert yaml.safe_load(draft)[0]["id"] == name
        ((found,), problems) = read_local(f"software:\n{draft}")
        assert (found.slug, problems) == (name, [])


def test_of_a_binder_link_with_nbgitpuller_the_draft_says_where_its_environment_came_from() -> None:
    said = "    # the link took its environment from https://github.com/o/env/tree/main; here this repository must declare it\n"
    assert said in notebook_draft(PULLED)


def test_an_id_that_is_taken_is_not_given_again() -> None:
    assert "- id: hub-example-org-3 " in facility_draft("hub.example.org", {"hub-example-org", "hub-example-org-2"})
    assert "- id: r-2 " in notebook_draft("https://github.com/o/r", {"r"})
    assert "- id: mine " in notebook_draft("https://github.com/o/r", {"r"}, "mine")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ftp://example.org", "must begin with https://"),
        ("http://example.org", "must begin with https://; for plain http write the entry by hand, with `insecure: true`"),
        ("https://localhost/", "must name a public host, not 'localhost'"),
        ("https://me:secret@example.org/", "must not contain a user name or password"),
        ("https:///hub", "has no host name"),
        ("https://hub.example.org:x/", "is not an address: its host or port is malformed"),
        ('https://example.org/"', "must not contain spaces, quotes or control characters"),
    ],
)  # fmt: skip
def test_an_address_of_no_facility_is_refused_in_words(address: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        facility_draft(address)
    assert str(caught.value) == f"this address {words}"


@pytest.mark.parametrize("address", ["https://github.com/owner", "https://example.org", "nonsense", ""])
def test_an_address_of_no_code_is_refused_in_words(address: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        notebook_draft(address)


def test_an_id_of_the_wrong_form_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^this address makes no entry: id: 'My Id' is not a slug: use lower-case letters"
    ):
        notebook_draft("https://github.com/o/r", slug="My Id")
