"""A repository on gitlab.com or on a self-hosted GitLab."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalogue.observed import Failure, Look, Presence, SeenNotebook, SeenRepository

from ..zenodo_double import Fault, answers
from .conftest import Nights, subject
from .forges import GIT, GITLAB, OWN_GITLAB, Forge, Forges
from .git_repositories import commit, git

PATH = "stars/deep/comet"
URL = f"https://gitlab.com/{PATH}"
OWN = f"https://{OWN_GITLAB}/{PATH}"
FIRST, SECOND = "2026-02-10T03:00:00Z", "2026-02-11T03:00:00Z"
API = f"{GITLAB}/api/v4/projects/stars%2Fdeep%2Fcomet"


@pytest.fixture
def comet(forges: Forges) -> Forge:
    forge = forges.gitlab[PATH] = Forge(PATH)
    forge.push("v1.0", {"requirements.txt": ""})
    forge.push("dev/new", {"a#b%20.ipynb": '{"cells": [{"cell_type": "markdown", "source": "# New"}]}'})
    forge.push("main", {"binder/runtime.txt": "python-3.12", "x.py": ""})
    return forge


def test_each_ref_is_inspected(forges: Forges, comet: Forge) -> None:
    seen = Nights(forges, subject(URL, None, "v1.0", "dev/new", "1.0")).see()
    assert seen == SeenRepository(
        repository=URL,
        asked=FIRST,
        stamp="2026-01-01T00:00:03Z main",
        etag=seen.etag,
        looks=(
            Look(
                seen=FIRST,
                commit=comet.refs["main"],
                files=("binder/", "binder/runtime.txt"),
                runtime="python-3.12",
            ),
            Look(seen=FIRST, ref="v1.0", commit=comet.refs["v1.0"], files=("requirements.txt",)),
            Look(
                seen=FIRST,
                ref="dev/new",
                commit=comet.refs["dev/new"],
                notebooks=(SeenNotebook(path="a#b%20.ipynb", title="New"),),
            ),
            Look(seen=FIRST, ref="1.0", found=False),
        ),
    )
    assert forges.questions[0] == f"{API}?license=true"
    assert f"{API}/repository/commits/dev%2Fnew?stats=false" in forges.questions
    assert forges.questions[-2].startswith(f"{API}/repository/files/a%23b%2520.ipynb/raw?ref=")


def test_a_run_without_news_sends_one_conditional_request(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL, None, "v1.0"))
    first = nights.see()
    assert nights.see() == first
    assert forges.questions == [f"{API}?license=true"]
    assert forges.asked[0].headers["If-None-Match"] == first.etag


def test_a_push_is_inspected(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL, None, "v1.0"))
    first = nights.see()
    comet.push("main", {"setup.py": ""})
    second = nights.see()
    assert second.at(None) == Look(seen=SECOND, commit=comet.refs["main"], files=("setup.py",))
    assert second.at("v1.0") == first.at("v1.0")


def test_within_an_hour_of_a_push_the_next_run_inspects_again(forges: Forges, comet: Forge) -> None:
    comet.active = "2026-02-10T02:30:00.123Z"
    nights = Nights(forges, subject(URL))
    first = nights.see()
    assert (first.stamp, first.etag) == (None, None)
    comet.push("main", {"setup.py": ""})  # and `active` stays
    second = nights.see()
    assert second.at(None) == Look(seen=SECOND, commit=comet.refs["main"], files=("setup.py",))
    assert second.stamp == "2026-02-10T02:30:00.123Z main"
    nights.see()
    assert forges.questions == [f"{API}?license=true"]


def test_a_moved_project_has_its_new_url(forges: Forges, comet: Forge) -> None:
    forges.gitlab["old/comet"] = Forge("old/comet", moved_to=PATH)
    nights = Nights(forges, subject("https://gitlab.com/old/comet"))
    seen = nights.see()
    assert (seen.moved_to, seen.at(None) is None) == (URL, False)
    assert nights.see() == seen


def test_a_project_that_is_gone_or_private_is_a_result(forges: Forges) -> None:
    nights = Nights(forges, subject(URL))
    gone = SeenRepository(repository=URL, asked=FIRST, presence=Presence.GONE)
    assert nights.see() == gone
    assert nights.see() == gone


def test_a_project_whose_code_is_for_members_only_is_gone(forges: Forges) -> None:
    forges.breaks(answers(200, b'{"path_with_namespace": "stars/deep/comet"}'), at=GITLAB)
    assert Nights(forges, subject(URL)).see().presence is Presence.GONE


@pytest.mark.parametrize("default", [None, "main"])
def test_a_project_without_a_commit_is_empty(forges: Forges, default: str | None) -> None:
    forges.gitlab[PATH] = Forge(PATH, default=default)
    nights = Nights(forges, subject(URL))
    first = nights.see()
    assert first.presence is Presence.EMPTY
    assert nights.see() == first
    assert len(forges.asked) == 1


def test_all_pages_of_the_files_are_read(forges: Forges, comet: Forge) -> None:
    comet.push("main", {**{f"src/{number:03}.py": "" for number in range(250)}, "z.ipynb": "{}"})
    look = Nights(forges, subject(URL)).see().at(None)
    assert look == Look(seen=FIRST, commit=comet.refs["main"], notebooks=(SeenNotebook(path="z.ipynb"),))
    assert sum("/repository/tree?" in each for each in forges.questions) == 3


def test_beyond_fifty_pages_the_folders_of_repo2docker_are_read_separately(forges: Forges, comet: Forge) -> None:
    comet.push(
        "main", {**{f"a/{number:04}.py": "" for number in range(5100)}, "binder/runtime.txt": "r-4.4", "setup.py": ""}
    )
    look = Nights(forges, subject(URL)).see().at(None)
    assert look == Look(
        seen=FIRST,
        commit=comet.refs["main"],
        files=("binder/", "binder/runtime.txt", "setup.py"),
        runtime="r-4.4",
        cut=True,
    )
    assert sum("/repository/tree?" in each for each in forges.questions) == 52


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("https://evil.example/", "gitlab.com names a next page in another place: not asked"),
        ("https://127.0.0.1/", "gitlab.com names a next page in another place: not asked"),
        ("https://[x/", "gitlab.com names a next page in another place: not asked"),
        ("", "gitlab.com names a next page in another place: not asked"),  # the same page again
        (f"https://{API}", "gitlab.com answered with something other than a list of files"),
    ],
)
def test_a_next_page_on_another_host_is_not_requested(forges: Forges, comet: Forge, link: str, why: str) -> None:
    forges.breaks(answers(200, b"[]", Link=f'<{link}>; rel="next"'), at="/repository/tree")
    assert Nights(forges, subject(URL)).see().failing == Failure(since=FIRST, why=why)
    assert {each.host for each in forges.asked} == {GITLAB}
    assert len(forges.asked) < 5


def test_a_self_hosted_gitlab_is_read_through_its_api(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(f"{OWN}.git"))
    seen = nights.see()
    assert (seen.repository, seen.moved_to, seen.failing) == (f"{OWN}.git", None, None)
    assert seen.at(None) is not None
    assert {each.host for each in forges.asked} == {OWN_GITLAB}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(answers(200, b"<html>Sign in</html>"), id="HTML"),
        pytest.param(answers(403, b'{"message": "403 Forbidden"}'), id="refused"),
        pytest.param(answers(302, b"", Location="https://127.0.0.1/users/sign_in"), id="sent on"),
    ],
)
def test_if_the_api_of_a_gitlab_refuses_git_is_used(forges: Forges, comet: Forge, fault: Fault) -> None:
    folder = Path(forges.git_root) / f"{PATH}.git"
    git(folder, "init", "--bare", "--initial-branch=main", "--quiet", str(folder))
    made = commit(folder, "main", {"setup.py": b""})
    forges.breaks(fault, at=OWN_GITLAB)
    nights = Nights(forges, subject(OWN))
    first = nights.see()
    assert first == SeenRepository(
        repository=OWN,
        asked=FIRST,
        stamp=first.stamp,
        looks=(Look(seen=FIRST, commit=made, files=("setup.py",)),),
    )
    assert nights.see() == first
    assert not any(each.startswith(OWN_GITLAB) for each in forges.questions)
    forges.mends()
    forges.breaks(answers(500), at=GIT)
    assert nights.see().at(None) is not None
    assert forges.questions[-1].startswith(OWN_GITLAB)


def test_gitlab_com_is_read_through_its_api_only(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL))
    first = nights.see()
    forges.breaks(answers(200, b"<html>Sign in</html>"), at=GITLAB)
    why = "gitlab.com did not answer in JSON but with another page"
    assert nights.see() == replace(first, asked=FIRST, failing=Failure(since=SECOND, why=why))


def test_the_licence_file_that_the_host_found_is_kept(forges: Forges, comet: Forge) -> None:
    comet.licence = "MIT"
    assert Nights(forges, subject(URL)).see().licence == "MIT"


def test_a_codemeta_file_is_read_unless_it_is_too_large_which_only_reading_shows(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL))
    comet.push("main", {"codemeta.json": '{"keywords": ["tail"]}'})
    assert nights.see().looks[0].codemeta == (("keywords", ("tail",)),)
    comet.push("main", {"codemeta.json": '{"keywords": "' + "x" * 300_000 + '"}', "setup.py": ""})
    seen = nights.see()
    assert seen.failing is None
    assert (seen.looks[0].files, seen.looks[0].codemeta) == (("setup.py",), ())
