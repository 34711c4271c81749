"""Which states of the code an entry's links open, and their readiness."""

from typing import Any

import pytest

from catalogue.launch.offers import offer_for
from catalogue.launch.refs import Subject, editions, subjects, version_tags
from catalogue.model import Notebook, Pin, Software, Verdict
from catalogue.observed import Presence, SeenRepository
from tests.world import facility, look, notebook, repository, seen, software

GIT = "https://github.com/owner/tool"
ZIP = repository("10.5281/zenodo.1001")


def cited(**says: Any) -> Software:
    """A notebook with a version and a DOI."""
    return notebook(**{"version": "1.2", "doi": "10.5281/zenodo.1001", "seen": None, **says})


def pins(of: Software, *known: SeenRepository) -> list[tuple[Pin, str, str | None]]:
    return [
        (e.pin, e.repository.url, e.repository.ref) for e in editions(of, {each.repository: each for each in known})
    ]


def test_a_version_has_the_tags_that_versions_have() -> None:
    assert version_tags("1.2") == ("1.2", "v1.2")
    assert version_tags("v1.2") == ("v1.2", "1.2")
    assert version_tags("may24") == ("may24",)
    assert version_tags("Release 0.14: fixes") == ()
    assert version_tags(None) == version_tags("") == ()


def test_beside_todays_code_the_tag_of_the_cited_version_can_be_launched_once_it_was_seen() -> None:
    known = seen(GIT, look(), look("1.2", found=False, commit=None), look("v1.2"))
    assert pins(cited(), known) == [(Pin.LATEST, GIT, None), (Pin.CITED, GIT, "v1.2")]
    assert pins(cited()) == pins(cited(doi=None), known) == [(Pin.LATEST, GIT, None)]


def test_where_no_tag_was_seen_the_record_itself_is_the_cited_version_if_it_is_one_zip() -> None:
    known = seen(GIT, look(), look("1.2", found=False, commit=None), look("v1.2", found=False, commit=None))
    assert pins(cited(archive=ZIP), known) == [(Pin.LATEST, GIT, None), (Pin.CITED, ZIP.url, None)]
    assert pins(cited(), known) == [(Pin.LATEST, GIT, None)]


def test_beside_the_cited_tag_todays_code_can_be_launched() -> None:
    assert pins(cited(repository=f"{GIT}/tree/v1.2", archive=ZIP)) == [
        (Pin.CITED, GIT, "v1.2"),
        (Pin.LATEST, GIT, None),
    ]


def test_a_branch_that_somebody_named_is_neither() -> None:
    assert [pin for pin, _, _ in pins(cited(repository=f"{GIT}/tree/dev"))] == [Pin.NAMED, Pin.LATEST]


def test_each_link_says_which_state_of_the_code_it_opens() -> None:
    known = seen(GIT, look(), look("v1.2", files=()))
    of = notebook(version="1.2", doi="10.5281/zenodo.1001", seen=known)
    offer = offer_for(of, facility("binderhub"))
    assert (offer.pin, offer.ref, offer.url) == (
        Pin.LATEST,
        None,
        "https://hub.example.org/v2/gh/owner/tool/HEAD?urlpath=lab",
    )
    [exact] = offer.editions
    assert (exact.pin, exact.ref, exact.url) == (
        Pin.CITED,
        "v1.2",
        "https://hub.example.org/v2/gh/owner/tool/v1.2?urlpath=lab",
    )
    # the doubt is about that state of the code, not about the one that the main link opens
    assert (offer.reasons, [each.code for each in exact.doubts]) == ((), ["bare"])


def test_a_facility_without_zenodo_does_not_offer_the_archived_version() -> None:
    of = notebook(version="1.2", doi="10.5281/zenodo.1001", archive=ZIP, seen=seen(GIT))
    assert [each.url for each in offer_for(of, facility("binderhub")).editions] == [
        "https://hub.example.org/v2/zenodo/10.5281/zenodo.1001?urlpath=lab"
    ]
    assert offer_for(of, facility("jupyterhub", options={"nbgitpuller": True})).editions == ()
    assert offer_for(of, facility("rosetta")).editions == ()  # its list of software is no edition


# --- notebooks


def test_every_notebook_has_a_link_of_its_own_named_ones_first_and_titles_from_either_side() -> None:
    known = seen(GIT, look(notebooks=("a.ipynb", "deep/b c.ipynb", "z.ipynb")))
    of = notebook(notebooks=(Notebook(path="z.ipynb", title="The end"),), seen=known)
    offer = offer_for(of, facility("binderhub"))
    hub = "https://hub.example.org/v2/gh/owner/tool/HEAD?urlpath=lab%2Ftree%2F"
    assert [(each.notebook and each.notebook.path, each.url) for each in offer.notebooks] == [
        ("z.ipynb", f"{hub}z.ipynb"),
        ("a.ipynb", f"{hub}a.ipynb"),
        ("deep/b c.ipynb", f"{hub}deep%2Fb%2520c.ipynb"),
    ]
    assert offer.url == f"{hub}z.ipynb"


def test_a_notebook_whose_name_a_facility_cannot_open_has_no_link_there_instead_of_a_wrong_one() -> None:
    known = seen(GIT, look(notebooks=("a#b%20.ipynb", "b.ipynb")))
    of = notebook(seen=known)
    at_binder = offer_for(of, facility("binderhub")).notebooks
    assert [each.notebook and each.notebook.path for each in at_binder] == ["b.ipynb"]
    at_hub = offer_for(of, facility("jupyterhub", options={"nbgitpuller": True})).notebooks
    assert at_hub[0].url == (
        "https://hub.example.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fowner%2Ftool"
        "&urlpath=lab%2Ftree%2Ftool%2Fa%2523b%252520.ipynb"
    )
    assert offer_for(of, facility("rosetta")).notebooks == ()


def test_where_nobody_named_a_notebook_the_only_one_the_index_or_the_only_one_at_the_top_opens() -> None:
    def opened(*paths: str) -> str | None:
        target = notebook(seen=seen(GIT, look(notebooks=paths))).target
        return target.file if target else None

    assert opened("deep/a.ipynb") == "deep/a.ipynb"
    assert opened("a.ipynb", "index.ipynb") == "index.ipynb"
    assert opened("deep/a.ipynb", "deep/b.ipynb", "top.ipynb") == "top.ipynb"
    assert opened("a.ipynb", "b.ipynb") is None
    assert opened() is None


def test_a_notebook_that_is_not_there_any_more_is_not_opened_and_its_author_is_told() -> None:
    of = notebook(notebooks=(Notebook(path="gone.ipynb"),), seen=seen(GIT, look(notebooks=("a.ipynb", "b.ipynb"))))
    offer = offer_for(of, facility("binderhub"))
    assert offer.url == "https://hub.example.org/v2/gh/owner/tool/HEAD?urlpath=lab"
    assert (offer.verdict, [each.text for each in offer.reasons]) == (
        Verdict.MAYBE,
        ["the notebook gone.ipynb is not in the repository: name one that exists"],
    )
    assert [each.notebook and each.notebook.path for each in offer.notebooks] == ["a.ipynb", "b.ipynb"]


@pytest.mark.parametrize("part", [{"cut": True}, {"more_notebooks": 1}], ids=str)
def test_of_a_list_that_is_not_complete_no_notebook_is_said_to_be_missing(part: dict[str, Any]) -> None:
    of = notebook(notebooks=(Notebook(path="far.ipynb"),), seen=seen(GIT, look(notebooks=("a.ipynb",), **part)))
    assert offer_for(of, facility("binderhub")).verdict is Verdict.YES
    assert of.target is not None
    assert of.target.file == "far.ipynb"


# --- what to look at


def test_one_subject_a_repository_with_every_ref_that_its_links_use() -> None:
    one = cited(repository=f"{GIT}/tree/v1.2")
    two = software("other", repository=f"{GIT}/blob/dev/a.ipynb", seen=None)
    assert subjects([one, two, software("none")]) == (
        Subject(repository=repository(GIT), refs=("v1.2", None, "1.2", "dev")),
    )


def test_a_record_is_looked_at_where_its_tag_may_not_be_there() -> None:
    assert subjects([cited(archive=ZIP)]) == (
        Subject(repository=ZIP, refs=(None,)),
        Subject(repository=repository(GIT), refs=(None, "1.2", "v1.2")),
    )
    at_its_tag = cited(repository=f"{GIT}/tree/v1.2", archive=ZIP)
    assert subjects([at_its_tag]) == (Subject(repository=repository(GIT), refs=("v1.2", None, "1.2")),)
    assert subjects([software(repository=ZIP, archive=ZIP, doi=ZIP.path, seen=None)]) == (
        Subject(repository=ZIP, refs=(None,)),
    )


# --- a repository that cannot be launched from


def test_a_repository_that_is_gone_is_launched_nowhere_and_one_without_the_ref_neither() -> None:
    gone = notebook(seen=SeenRepository(repository=GIT, asked="2026-01-01T03:41:00Z", presence=Presence.GONE))
    lost = notebook(repository=f"{GIT}/tree/v9", seen=seen(GIT, look("v9", found=False, commit=None)))
    for kind, options in (("binderhub", {}), ("jupyterhub", {"nbgitpuller": True}), ("rosetta", {})):
        at = facility(kind, options=options)
        assert [each.code for each in offer_for(gone, at).reasons] == ["repository-gone"]
        assert (
            offer_for(lost, at).reasons[0].text
            == "the repository has no branch, tag or commit v9: name one that exists"
        )
        assert (offer_for(gone, at).verdict, offer_for(gone, at).url) == (Verdict.NO, None)


def test_two_binder_folders_stop_only_those_who_build() -> None:
    of = notebook(seen=seen(GIT, look(files=("binder/", ".binder/"))))
    assert offer_for(of, facility("binderhub")).reasons[0].text == (
        "its environment cannot be built: there is a folder binder and a folder .binder: remove one of them"
    )
    pulled = offer_for(of, facility("jupyterhub", options={"nbgitpuller": True}))
    assert [each.code for each in pulled.reasons] == ["own-environment"]


def test_todays_code_is_not_offered_beside_a_branch_where_it_was_seen_to_be_the_same_commit() -> None:
    same = seen(GIT, look("main"), look(commit=look("main").commit))
    assert [pin for pin, _, _ in pins(notebook(repository=f"{GIT}/tree/main", seen=None), same)] == [Pin.NAMED]
    differs = seen(GIT, look("main"), look())
    assert [pin for pin, _, _ in pins(notebook(repository=f"{GIT}/tree/main", seen=None), differs)] == [
        Pin.NAMED,
        Pin.LATEST,
    ]


def test_a_branch_is_never_said_to_be_the_cited_version() -> None:
    assert version_tags("master") == version_tags("Main") == version_tags("latest") == ()
    for version in ("master", "2.1", None):
        of = cited(version=version, repository=f"{GIT}/tree/master")
        assert [pin for pin, _, _ in pins(of)] == [Pin.NAMED, Pin.LATEST]
    older = cited(version="2.0", repository=f"{GIT}/tree/v1.0")
    assert [pin for pin, _, _ in pins(older)] == [Pin.NAMED, Pin.LATEST]


def test_a_version_is_asked_of_a_git_host_by_its_commit_since_a_tag_is_looked_up_by_the_end_of_its_name() -> None:
    git = "https://git.example.org/o/tool.git"
    of = notebook(repository=git, version="1.0", doi="10.5281/zenodo.1001", seen=seen(git, look(), look("1.0")))
    offer = offer_for(of, facility("binderhub"))
    base = "https://hub.example.org/v2/git/https%3A%2F%2Fgit.example.org%2Fo%2Ftool.git/"
    assert offer.url == f"{base}HEAD?urlpath=lab"
    assert [(each.ref, each.url) for each in offer.editions] == [("1.0", f"{base}{look('1.0').commit}?urlpath=lab")]
    branch = notebook(repository=f"{git}", seen=seen(git, look()))
    assert offer_for(branch, facility("binderhub")).url == f"{base}HEAD?urlpath=lab"


def test_of_notebooks_that_an_inspection_leaves_out_nothing_is_said() -> None:
    of = notebook(notebooks=(Notebook(path="tests/run.ipynb"),), seen=seen(GIT, look(notebooks=("a.ipynb",))))
    assert offer_for(of, facility("binderhub")).verdict is Verdict.YES
    assert of.target is not None
    assert of.target.file == "tests/run.ipynb"
