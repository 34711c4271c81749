"""A repository on GitHub: what is read, with how many requests, and the requests of a run without news."""

import json
from dataclasses import replace

import pytest

from catalogue.edge.inspection import InspectionLimits, inspect, summary
from catalogue.observed import Failure, Look, Observed, Presence, SeenNotebook, SeenRepository

from ..zenodo_double import answers
from .conftest import Nights, subject
from .forges import GITHUB, RAW, Forge, Forges

URL = "https://github.com/stars/comet"
FIRST, SECOND = "2026-02-10T03:00:00Z", "2026-02-11T03:00:00Z"


def notebook(title: str) -> str:
    return json.dumps({"cells": [{"cell_type": "markdown", "source": [f"# {title}\n", "words"]}]})


@pytest.fixture
def comet(forges: Forges) -> Forge:
    """A repository with a tag, and newer code on its default branch."""
    forge = forges.github["stars/comet"] = Forge("stars/comet")
    forge.push("v1.0", {"requirements.txt": "numpy", "orbit.ipynb": notebook("Orbit")})
    forge.push(
        "main", {"environment.yml": "", "orbit.ipynb": notebook("Orbit"), "a b/#%20é.ipynb": notebook("*Tail* & `x`")}
    )
    return forge


def test_each_ref_is_inspected_and_a_missing_ref_is_a_result(forges: Forges, comet: Forge) -> None:
    seen = Nights(forges, subject(URL, None, "v1.0", "1.0", "feature/x")).see()
    assert seen == SeenRepository(
        repository=URL,
        asked=FIRST,
        stamp="2026-01-01T00:00:02Z main",
        etag=seen.etag,
        looks=(
            Look(
                seen=FIRST,
                commit=comet.refs["main"],
                files=("environment.yml",),
                notebooks=(
                    SeenNotebook(path="a b/#%20é.ipynb", title="Tail & x"),
                    SeenNotebook(path="orbit.ipynb", title="Orbit"),
                ),
            ),
            Look(
                seen=FIRST,
                ref="v1.0",
                commit=comet.refs["v1.0"],
                files=("requirements.txt",),
                notebooks=(SeenNotebook(path="orbit.ipynb", title="Orbit"),),
            ),
            Look(seen=FIRST, ref="1.0", found=False),
            Look(seen=FIRST, ref="feature/x", found=False),
        ),
    )


def test_the_requests_of_a_first_inspection(forges: Forges, comet: Forge) -> None:
    Nights(forges, subject(URL, None, "v1.0", "feature/x")).see()
    main = comet.refs["main"]
    assert [each.partition("?")[0] for each in forges.questions if each.startswith(RAW)] == [
        f"{RAW}/stars/comet/{main}/orbit.ipynb",
        f"{RAW}/stars/comet/{main}/a%20b/%23%2520%C3%A9.ipynb",
    ]  # but not again at the tag, where the blob is the same
    api = [each.removeprefix(f"{GITHUB}/repos/stars/comet") for each in forges.questions if each.startswith(GITHUB)]
    trees = [each for each in api if each.startswith("/git/trees/")]
    assert [each for each in api if each not in trees] == [
        "",
        "/commits/HEAD?per_page=1",
        "/commits/v1.0?per_page=1",
        "/commits/feature/x?per_page=1",
    ]
    assert len(trees) == 2


def test_a_run_without_news_sends_one_conditional_request(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL, None, "v1.0"))
    first = nights.see()
    assert nights.see() == first
    assert forges.questions == [f"{GITHUB}/repos/stars/comet"]
    assert forges.asked[0].headers["If-None-Match"] == first.etag


def test_a_new_star_is_no_change(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL, None, "v1.0"))
    first = nights.see()
    comet.stars += 1
    second = nights.see()
    assert len(forges.asked) == 1
    assert second.etag != first.etag
    assert replace(second, etag=first.etag) == first


def test_a_push_is_inspected_and_unchanged_looks_are_kept(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL, None, "v1.0"))
    first = nights.see()
    comet.push("main", {"environment.yml": ""})
    second = nights.see()
    assert second.asked == SECOND
    assert second.at(None) == Look(seen=SECOND, commit=comet.refs["main"], files=("environment.yml",))
    assert second.at("v1.0") == first.at("v1.0")
    assert len(forges.asked) == 4  # the repository, a commit for each ref, one tree


def test_another_default_branch_is_a_change_without_a_push(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL))
    nights.see()
    comet.default = "v1.0"
    assert nights.see().at(None) == Look(
        seen=SECOND,
        commit=comet.refs["v1.0"],
        files=("requirements.txt",),
        notebooks=(SeenNotebook(path="orbit.ipynb", title="Orbit"),),
    )


def test_only_a_new_ref_is_inspected(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL))
    first = nights.see()
    nights.subjects = (subject(URL, None, "v1.0"),)
    second = nights.see()
    assert (second.at(None), second.at("v1.0") is None) == (first.at(None), False)
    assert len(forges.asked) == 3 + 1  # the notebook of the tag
    nights.subjects = (subject(URL),)
    assert nights.see() == replace(first, asked=nights.now)
    assert len(forges.asked) == 1


def test_a_moved_repository_has_its_new_url(forges: Forges, comet: Forge) -> None:
    forges.github["stars/old"] = Forge("stars/old", moved_to="stars/comet")
    nights = Nights(forges, subject("https://github.com/stars/old"))
    seen = nights.see()
    assert (seen.moved_to, seen.at(None) is None) == (URL, False)
    assert [each for each in forges.questions if each.startswith(GITHUB)][:3] == [
        f"{GITHUB}/repos/stars/old",
        f"{GITHUB}/repositories/0",
        f"{GITHUB}/repos/stars/comet/commits/HEAD?per_page=1",
    ]
    assert nights.see() == seen
    assert forges.questions == [f"{GITHUB}/repos/stars/old", f"{GITHUB}/repositories/0"]


def test_another_letter_case_is_no_move(forges: Forges, comet: Forge) -> None:
    forges.github["Stars/COMET"] = comet
    assert Nights(forges, subject("https://github.com/Stars/COMET")).see().moved_to is None


def test_an_archived_repository_is_marked(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL))
    first = nights.see()
    comet.archived = True
    assert nights.see() == replace(first, archived=True, asked=SECOND, etag=nights.observed.repositories[0].etag)
    assert len(forges.asked) == 1


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_repository_that_is_gone_is_a_result(forges: Forges, comet: Forge, status: int) -> None:
    forges.breaks(answers(status, b'{"message": "no"}'), at=GITHUB)
    nights = Nights(forges, subject(URL))
    gone = SeenRepository(repository=URL, asked=FIRST, presence=Presence.GONE)
    assert nights.see() == gone
    assert nights.see() == gone
    assert len(forges.asked) == 1
    forges.mends()
    assert nights.see().at(None) is not None


def test_a_known_repository_is_gone_only_after_three_days(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL))
    first = nights.see()
    forges.breaks(answers(404, b'{"message": "no"}'), at=GITHUB)
    for days in (["2026-02-11"], ["2026-02-11", "2026-02-12"]):
        seen = nights.see()
        assert (seen.presence, seen.looks, seen.missing) == (Presence.THERE, first.looks, tuple(days))
        why = "github.com has no such public repository, which is believed after 3 days"
        assert seen.failing == Failure(since=SECOND, why=why)
        assert not summary(nights.observed).all_failed  # the host has responded
    forges.mends()
    assert nights.see() == replace(first, asked="2026-02-13T03:00:00Z")  # the count of days starts again
    forges.breaks(answers(404, b'{"message": "no"}'), at=GITHUB)
    assert [nights.see().presence for _ in range(3)] == [Presence.THERE, Presence.THERE, Presence.GONE]


def test_an_empty_repository_is_a_result_and_costs_one_request(forges: Forges) -> None:
    forges.github["stars/comet"] = Forge("stars/comet")
    nights = Nights(forges, subject(URL, None, "v1"))
    first = nights.see()
    assert (first.presence, first.looks) == (Presence.EMPTY, ())
    assert len(forges.asked) == 2
    assert nights.see() == first
    assert len(forges.asked) == 1
    forges.github["stars/comet"].push("main", {"setup.py": ""})
    assert nights.see().presence is Presence.THERE


def test_the_folders_of_repo2docker_are_read_separately_of_a_truncated_tree(forges: Forges, comet: Forge) -> None:
    comet.truncated = True
    comet.push(
        "main",
        {"a/x.py": "", "binder/runtime.txt": "python-3.12\n", "binder/deep/x": "", "z.ipynb": "{}", "setup.py": ""},
    )
    seen = Nights(forges, subject(URL)).see()
    assert seen.at(None) == Look(
        seen=FIRST,
        commit=comet.refs["main"],
        files=("binder/", "binder/runtime.txt", "setup.py"),
        runtime="python-3.12",
        notebooks=(SeenNotebook(path="z.ipynb"),),
        cut=True,
    )


def test_the_environment_files_are_read(forges: Forges, comet: Forge) -> None:
    comet.push(
        "main",
        {
            "runtime.txt": "r-4.4-2026-01-31\n",
            "pyproject.toml": "[project]\nname='x'\n[tool.poetry]\n",
            ".gitattributes": "*.fits filter=lfs diff=lfs\n",
        },
    )
    look = Nights(forges, subject(URL)).see().at(None)
    assert look is not None
    assert (look.runtime, look.pyproject, look.large_files) == ("r-4.4-2026-01-31", ("project", "tool.poetry"), True)


def test_a_symbolic_link_is_not_read_and_a_large_notebook_has_no_title(forges: Forges, comet: Forge) -> None:
    comet.links = frozenset({"runtime.txt"})
    comet.push("main", {"runtime.txt": "other/runtime.txt", "big.ipynb": notebook("Big" + " " * 210_000)})
    look = Nights(forges, subject(URL)).see().at(None)
    assert look is not None
    assert (look.runtime, look.notebooks) == (None, (SeenNotebook(path="big.ipynb"),))
    assert not any(each.startswith(RAW) for each in forges.questions)


def test_ten_notebooks_are_read_and_a_hundred_kept(forges: Forges, comet: Forge) -> None:
    comet.push("main", {f"{number:03}.ipynb": notebook(f"No {number}") for number in range(120)})
    look = Nights(forges, subject(URL)).see().at(None)
    assert look is not None
    assert [each.title for each in look.notebooks] == [*(f"No {number}" for number in range(10)), *[None] * 90]
    assert look.more_notebooks == 20
    assert sum(each.startswith(RAW) for each in forges.questions) == 10


def test_a_missing_title_does_not_fail_the_inspection(forges: Forges, comet: Forge) -> None:
    comet.push("main", {f"{number}.ipynb": notebook(f"No {number}") for number in range(5)})
    forges.breaks(answers(500, b"oh"), at=f"{RAW}/stars/comet/{comet.refs['main']}/1")
    look = Nights(forges, subject(URL)).see().at(None)
    assert look is not None
    assert [each.title for each in look.notebooks] == ["No 0", None, "No 2", "No 3", "No 4"]


def test_the_token_goes_to_the_api_alone(forges: Forges, comet: Forge) -> None:
    forges.gitlab["stars/nova"] = Forge("stars/nova")
    nights = Nights(
        forges, subject(URL), subject("https://gitlab.com/stars/nova"), subject("https://doi.org/10.5281/zenodo.1")
    )
    nights.token = "ghp_secret"
    nights.inspect()
    with_token = {each.host for each in forges.asked if "Authorization" in each.headers}
    assert {each.host for each in forges.asked} > with_token == {GITHUB}
    assert "secret" not in repr(nights.observed)


def test_a_token_that_is_refused_appears_nowhere(forges: Forges, comet: Forge) -> None:
    forges.breaks(answers(401, b'{"message": "Bad credentials"}'), at=GITHUB)
    nights = Nights(forges, subject(URL))
    nights.token = "ghp_secret"
    seen = nights.see()
    assert seen.failing is not None
    assert seen.failing.why == 'GitHub answered 401 Unauthorized with “{"message": "Bad credentials"}”'
    assert "secret" not in repr((seen, nights.heard))


def test_a_repository_that_is_no_longer_listed_is_removed(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL))
    nights.inspect()
    nights.subjects = ()
    assert nights.inspect() == Observed(inspected=SECOND)


def test_other_observations_stay(forges: Forges) -> None:
    before = Observed(probed="2026-02-09T03:00:00Z", inspected=None)
    after = inspect((), before, now=FIRST, agent="stars/1", hosts=forges.hosts, limits=InspectionLimits(pace=0))
    assert after == replace(before, inspected=FIRST)


@pytest.mark.parametrize(("said", "licence"), [("MIT", "MIT"), ("NOASSERTION", None), (None, None)])
def test_the_licence_file_that_the_host_found_is_kept(
    forges: Forges, comet: Forge, said: str | None, licence: str | None
) -> None:
    comet.licence = said
    nights = Nights(forges, subject(URL))
    assert nights.see().licence == licence
    assert nights.see().licence == licence  # also without news from the host


CODEMETA = json.dumps({"name": "Comet", "programmingLanguage": "Python", "keywords": ["tail"]})
FACTS = (("keywords", ("tail",)), ("programmingLanguage", "Python"))


def test_the_codemeta_file_at_the_top_is_read_at_each_commit(forges: Forges, comet: Forge) -> None:
    comet.push("main", {"codemeta.json": CODEMETA, "docs/codemeta.json": "{}"})
    nights = Nights(forges, subject(URL, None, "v1.0"))
    first = nights.see()
    assert [each.codemeta for each in first.looks] == [FACTS, ()]
    assert [each for each in forges.questions if each.endswith("codemeta.json")] == [
        f"{RAW}/stars/comet/{comet.refs['main']}/codemeta.json"
    ]
    assert nights.see() == first
    assert forges.questions == [f"{GITHUB}/repos/stars/comet"]
    comet.push("main", {"codemeta.json": json.dumps({"keywords": "sky"})})
    assert nights.see().looks[0].codemeta == (("keywords", "sky"),)


def test_a_codemeta_file_that_could_not_be_read_loses_nothing_and_is_read_in_the_next_run(
    forges: Forges, comet: Forge
) -> None:
    comet.push("main", {"codemeta.json": CODEMETA})
    nights = Nights(forges, subject(URL))
    first = nights.see()
    comet.push("main", {"codemeta.json": CODEMETA, "setup.py": ""})
    forges.breaks(answers(500), at=RAW)
    second = nights.see()
    assert second.looks == first.looks
    assert second.failing is not None
    forges.mends()
    third = nights.see()
    assert (third.looks[0].files, third.looks[0].codemeta, third.failing) == (("setup.py",), FACTS, None)


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[]", "7", b"\xff", "[" * 100_000, json.dumps({"keywords": "x" * 300_000})],
    ids=["empty", "a text", "a list", "a number", "no UTF-8", "nested too deeply", "too large"],
)
def test_what_is_no_codemeta_file_is_as_if_it_were_not_there(forges: Forges, comet: Forge, text: str | bytes) -> None:
    comet.push("main", {"codemeta.json": text, "setup.py": ""})
    seen = Nights(forges, subject(URL)).see()
    assert seen.failing is None
    assert (seen.looks[0].files, seen.looks[0].codemeta) == (("setup.py",), ())
