"""Round trips: a link of each kind of facility, parsed by the grammar of the kind, gives what it was made from."""

import re
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from catalogue.launch.binderhub import BinderHubOptions
from catalogue.launch.kinds import KINDS, Kind, page_path
from catalogue.launch.link import Link, component, file_path, query_value, what_opens
from catalogue.model import Facility, Notebook, Reason, Software
from catalogue.repository import Provider, Repository, parse_repository
from catalogue.sources.drafts import front_page
from tests.world import facility, notebook, repository, software

BINDER = facility("binderhub", url="https://binder.example.org/prefix/")
HUB = facility("jupyterhub", url="https://hub.example.org/prefix/", options={"nbgitpuller": True})
ROSETTA = facility("rosetta", url="https://rosetta.example.org/")
LITE = facility("jupyterlite", url="https://lite.example.org/", options={"software": ["tool"]})
GIT = "https://github.com/o/r"


def link(at: Facility, of: Software) -> Link:
    found = KINDS[at.kind].launch_url(of, at)
    assert isinstance(found, Link), found
    return found


def link_to(at: Facility, found: Repository) -> Link:
    return link(at, software(repository=found))


# --- what opens


@pytest.mark.parametrize(
    ("at", "address", "opens"),
    [
        (BINDER, GIT, "JupyterLab, at the top of the repository"),
        (BINDER, f"{GIT}/blob/main/nb/a%20b.ipynb", "JupyterLab, the notebook nb/a b.ipynb"),
        (BINDER, f"{GIT}/tree/main/nb", "JupyterLab, at nb"),
        (BINDER, f"{GIT}/blob/main/nb/x%23y.ipynb", "JupyterLab, in the folder that holds x#y.ipynb"),
        (BINDER, f"{GIT}/blob/main/x%23y.ipynb", "JupyterLab, at the top of the repository"),
        (HUB, f"{GIT}/blob/main/nb/x%23y.ipynb", "JupyterLab, the notebook nb/x#y.ipynb"),
        (HUB, GIT, "JupyterLab, at the top of the repository"),
        (facility("jupyterhub"), GIT, "the hub's front page"),
        (ROSETTA, GIT, "a new task with an image built from the repository"),
        (ROSETTA, f"{GIT}/tree/dev%2Fx", "the platform's software, with its image added"),
        (
            facility("rosetta", options={"containers": {"tool": "3c0f3a5e-8f0c-4f2b-9d4e-1a2b3c4d5e6f"}}),
            GIT,
            "a new task with its container",
        ),
        (LITE, f"{GIT}/blob/main/nb/a.ipynb", "JupyterLab, the notebook nb/a.ipynb"),
        (facility("website"), GIT, "the facility's front page"),
    ],
)
def test_a_link_says_what_the_reader_sees_first(at: Facility, address: str, opens: str) -> None:
    assert link(at, notebook(repository=address)).opens == opens


def test_the_first_notebook_is_opened_where_the_address_names_no_file() -> None:
    notebooks = (Notebook(path="nb/first.ipynb"), Notebook(path="second.ipynb"))
    assert link(BINDER, notebook(notebooks=notebooks)).url.endswith("?urlpath=lab%2Ftree%2Fnb%2Ffirst.ipynb")
    named = notebook(notebooks=notebooks, repository=f"{GIT}/blob/main/own.ipynb")
    assert link(BINDER, named).url.endswith("?urlpath=lab%2Ftree%2Fown.ipynb")


# --- the grammar of each kind


@pytest.mark.parametrize(
    ("at", "address", "url"),
    [
        (BINDER, "https://codeberg.org/o/r/src/branch/main/a.ipynb",
         "https://binder.example.org/prefix/v2/git/https%3A%2F%2Fcodeberg.org%2Fo%2Fr/main?urlpath=lab%2Ftree%2Fa.ipynb"),
        (BINDER, "https://gitlab.com/g/s/r/-/tree/v1", "https://binder.example.org/prefix/v2/gl/g%2Fs%2Fr/v1?urlpath=lab"),
        (BINDER, f"https://gist.github.com/u/abc/{'0' * 40}",
         f"https://binder.example.org/prefix/v2/gist/u/abc/{'0' * 40}?urlpath=lab"),
        (BINDER, "doi:10.5281/ZENODO.1", "https://binder.example.org/prefix/v2/zenodo/10.5281/zenodo.1?urlpath=lab"),
        (HUB, f"{GIT}.git",
         "https://hub.example.org/prefix/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fo%2Fr&urlpath=lab%2Ftree%2Fr"),
        (HUB, f"{GIT}/tree/HEAD",
         "https://hub.example.org/prefix/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fo%2Fr&urlpath=lab%2Ftree%2Fr"),
        (ROSETTA, f"{GIT}/tree/v1", "https://rosetta.example.org/v2/git/https%3A%2F%2Fgithub.com%2Fo%2Fr/v1"),
        (ROSETTA, "https://github.com/HEAD/r",
         "https://rosetta.example.org/import_repository/?repository_url=https%3A%2F%2Fgithub.com%2FHEAD%2Fr&repository_tag=HEAD"),
        (LITE, f"{GIT}/blob/main/nb/a%26b%20c.ipynb", "https://lite.example.org/lab/index.html?path=nb%2Fa%26b%20c.ipynb"),
        (facility("website", url="https://renku.example.org"), GIT, "https://renku.example.org/"),
    ],
)  # fmt: skip
def test_an_address_follows_the_grammar_of_its_kind(at: Facility, address: str, url: str) -> None:
    assert link(at, notebook(repository=address)).url == url


def test_the_environment_of_a_binderhub_is_itself_built_not_pulled() -> None:
    at = facility("binderhub", options={"environment": f"{GIT}.git"})
    assert link(at, notebook(repository=GIT)).url == "https://hub.example.org/v2/gh/o/r/HEAD?urlpath=lab"


def test_an_environment_that_is_no_repository_is_refused() -> None:
    with pytest.raises(ValidationError, match="this is an organisation or account, not a repository"):
        BinderHubOptions(environment="https://github.com/owner")


@pytest.mark.parametrize("kind", ["binderhub", "jupyterhub", "jupyterlite"])
def test_a_kind_that_needs_a_repository_says_so_without_one(kind: str) -> None:
    at = {"binderhub": BINDER, "jupyterhub": HUB, "jupyterlite": LITE}[kind]
    found = KINDS[kind].launch_url(software(), at)
    assert isinstance(found, Reason)
    assert found.code == ("no-notebook" if kind == "jupyterlite" else "no-repository")


# --- the two encodings


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("group/sub", "group%2Fsub"),
        ("v2(rc)!~*'[]|", "v2(rc)!~*'[]|"),
        ("a b+c&d=e", "a%20b%2Bc%26d%3De"),
        ("été", "%C3%A9t%C3%A9"),
        ("100%", "100%25"),
    ],
)
def test_a_component_is_encoded_as_a_browser_writes_it(text: str, encoded: str) -> None:
    assert component(text) == encoded


def test_a_path_in_a_query_is_encoded_as_a_path_and_then_as_a_value() -> None:
    opened = file_path("nb/a b.ipynb")
    assert opened == "nb/a%20b.ipynb"
    assert query_value(f"lab/tree/{opened}") == "lab%2Ftree%2Fnb%2Fa%2520b.ipynb"


@pytest.mark.parametrize(
    ("file", "refused", "opened"),
    [
        (None, "", None),
        ("a/b#c/d", "", "a/b%23c/d"),
        ("a/b#c/d", "#?", "a"),
        ("b#c", "#?", None),
        ("a//b", "", "a"),
        ("é", "#", "%C3%A9"),
    ],
)
def test_the_longest_part_of_a_path_that_can_be_opened_is_opened(
    file: str | None, refused: str, opened: str | None
) -> None:
    assert file_path(file, refused) == opened


def test_what_opens_is_told_in_words() -> None:
    assert what_opens("RStudio", "doc/a.Rmd", "doc/a.Rmd") == "RStudio, at doc/a.Rmd"


# --- laws: a server that reads the link as its documentation says finds the same repository, ref and file

names = st.from_regex(r"\A[a-z][a-z0-9]{0,5}(?:[._-][a-z0-9]{1,3})?\Z").filter(lambda name: not name.endswith((".git", ".lock")))  # fmt: skip
refs = st.none() | st.text("abv1._-+/é,=@()&!]|'", min_size=1, max_size=10).filter(
    lambda ref: isinstance(parse_repository(GIT, ref=ref), Repository)
)
steps = st.text("aé19 #?%&+='()[]~;,@!$.-_", min_size=1, max_size=6).map(lambda step: f"x{step}x")
files = st.none() | st.lists(steps, min_size=1, max_size=3).map("/".join)
roots = st.one_of(
    st.tuples(names, names).map(lambda two: f"https://github.com/x{two[0]}/{two[1]}"),
    st.tuples(names, names, names).map(lambda two: f"https://gitlab.com/x{'/'.join(two)}"),
    st.tuples(names, names).map(lambda two: f"https://git.example.org/x{'/'.join(two)}"),
    st.tuples(names, steps).map(lambda two: f"https://git.example.org/{two[0]}/{component(two[1])}.git"),
)
git = st.builds(lambda root, ref, file: repository(root, ref=ref, file=file), roots, refs, files)


@given(git)
def test_a_binderhub_builds_the_repository_at_its_ref_and_opens_its_file(found: Repository) -> None:
    offered = KINDS["binderhub"].launch_url(software(repository=found), BINDER)
    if isinstance(offered, Reason):
        assert (offered.code, "%" in found.url) == ("letters", True)
        return
    url = offered.url
    read = parse_repository(url)
    assert isinstance(read, Repository)
    assert (read.host, read.path, read.ref) == (found.host, found.path, found.ref)
    asked = [*(found.file or "").split("/")]
    opened = [*(read.file or "").split("/")] if read.file else []
    assert opened == asked[: len(opened)]
    # only a name that the page cannot handle prevents the file from being opened
    assert opened == asked or found.file is None or any(letter in asked[len(opened)] for letter in "#?%\\")
    # the page decodes the path and encodes it again, which must give the form that BinderHub signed
    path = urlsplit(url).path
    assert not {unquote(code) for code in re.findall("%[0-9A-F]{2}", path)} & set("%-_.~!*'()[]|")
    assert not set(path) & set(' "<>`{}\\^#?')
    assert not path.endswith("/")
    assert "//" not in path


@given(git)
def test_nbgitpuller_pulls_the_repository_into_a_folder_of_its_ref_and_opens_its_file(found: Repository) -> None:
    offered = KINDS["jupyterhub"].launch_url(software(repository=found), HUB)
    assert isinstance(offered, Link)
    fields = dict(parse_qsl(urlsplit(offered.url).query, strict_parsing=True))
    assert fields["repo"] == found.url
    assert fields.get("branch") == found.ref
    folder = fields.get("targetPath", found.url.rpartition("/")[2])
    assert folder == (f"{found.name}-{found.ref.replace('/', '-')}" if found.ref else found.name)
    assert unquote(fields["urlpath"]) == "/".join(part for part in ("lab/tree", folder, found.file) if part)


@given(git)
def test_rosetta_imports_the_repository_at_its_ref(found: Repository) -> None:
    parts = urlsplit(link_to(ROSETTA, found).url)
    ref = found.ref or "HEAD"
    if parts.path == "/import_repository/":
        assert parse_qs(parts.query) == {"repository_url": [found.url], "repository_tag": [ref]}
    else:  # it takes the text after the last slash as the ref and deletes every /REF
        given_text = unquote(parts.path.removeprefix("/v2/git/"))
        tag = given_text.rpartition("/")[2]
        assert (given_text.replace(f"/{tag}", ""), tag) == (found.url, ref)


@given(git)
def test_jupyterlite_opens_the_file_from_its_own_contents(found: Repository) -> None:
    offered = KINDS["jupyterlite"].launch_url(software(repository=found), LITE)
    if isinstance(offered, Link):
        assert parse_qs(urlsplit(offered.url).query) == {"path": [found.file]}
    else:
        assert found.file is None or any(letter in found.file for letter in "#?%")


@given(git)
def test_what_is_pulled_into_an_environment_comes_out_after_two_decodings(found: Repository) -> None:
    at = facility("binderhub", options={"environment": "https://github.com/owner/environment"})
    offered = KINDS["binderhub"].launch_url(software(repository=found), at)
    if isinstance(offered, Reason):
        assert offered.code == "letters"
        return
    parts = urlsplit(offered.url)
    assert parts.path == "/v2/gh/owner/environment/HEAD"
    once = parse_qs(parts.query)["urlpath"][0]
    assert once.startswith("git-pull?")
    fields = dict(parse_qsl(once.removeprefix("git-pull?"), strict_parsing=True))
    assert fields["repo"] == found.url
    assert fields.get("branch") == found.ref
    # the page decodes the query twice; after that each part between two & must still be a single value
    twice = unquote(once).removeprefix("git-pull?").split("&")
    assert [pair.partition("=")[0] for pair in twice] == list(fields)


@pytest.mark.parametrize("kind", [KINDS["binderhub"], KINDS["jupyterhub"], KINDS["jupyterlite"], KINDS["rosetta"]])
def test_the_pages_of_a_kind_are_below_its_front_page(kind: Kind) -> None:
    for page in kind.PAGES:
        path = page.replace("*", "a/b")
        assert page_path(f"/prefix/{path}") == f"/{path}"
        assert page_path(f"/{path.upper()}/") == f"/{path.upper()}"
        assert front_page(f"https://hub.example.org/prefix/{path}") == "https://hub.example.org/prefix/"


@pytest.mark.parametrize("kind", ["binderhub", "jupyterhub", "rosetta", "jupyterlite"])
def test_a_launch_link_itself_is_no_front_page(kind: str) -> None:
    at = {"binderhub": BINDER, "jupyterhub": HUB, "jupyterlite": LITE, "rosetta": ROSETTA}[kind]
    url = link(at, notebook(repository=f"{GIT}/blob/main/a.ipynb")).url
    assert url.partition("?")[0] == f"{at.url.rstrip('/')}{page_path(urlsplit(url).path)}"


@pytest.mark.parametrize("path", ["", "/", "/hub/", "/hub/jupyter/", "/lab/", "/users/x/", "/v2x/"])
def test_a_path_that_may_be_that_of_a_front_page_is_no_page(path: str) -> None:
    assert page_path(path) == ""


def test_providers_of_a_kind_are_those_that_its_grammar_has() -> None:
    assert frozenset(Provider) == KINDS["binderhub"].PROVIDERS
    for kind in ("jupyterhub", "rosetta", "jupyterlite", "website"):
        assert {Provider.GITHUB, Provider.GITLAB, Provider.GIT} == KINDS[kind].PROVIDERS
