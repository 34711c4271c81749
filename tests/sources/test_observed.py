"""snapshot/observed/: equal observations give equal files; damaged files are refused."""

import json
from dataclasses import replace

import pytest

from catalogue.observed import (
    Failure,
    Health,
    LaunchCount,
    Launches,
    LinkState,
    Look,
    Observed,
    Presence,
    Probe,
    SeenLink,
    SeenNotebook,
    SeenRepository,
)
from catalogue.problems import CatalogueError
from catalogue.sources.observed import FACILITIES, HARVEST, LAUNCHES, LINKS, REPOSITORIES, read_observed, write_observed

NOW = "2026-06-03T03:41:00Z"
SEEN = Observed(
    looked=NOW,
    listed="2026-06-01T03:41:00Z",
    inspected=NOW,
    repositories=(
        SeenRepository(
            repository="https://github.com/o/a",
            asked=NOW,
            archived=True,
            moved_to="https://github.com/o/b",
            looks=(
                Look(
                    seen=NOW,
                    files=("Dockerfile",),
                    notebooks=(SeenNotebook(path="a.ipynb", title="Täler"),),
                    codemeta=(("keywords", ("Täler", "sky")), ("license", "MIT")),
                ),
                Look(seen=NOW, ref="v1", found=False),
            ),
            stamp="x",
            failing=Failure(since=NOW, why="no answer", waiting=True),
        ),
        SeenRepository(repository="https://github.com/o/c", asked=NOW, presence=Presence.GONE),
    ),
    probed=NOW,
    probes=(
        Probe(
            facility="hub",
            url="https://hub.example.org/",
            asked=NOW,
            health=Health.HEALTHY,
            up=NOW,
            versions=(("binderhub", "1.0"),),
            providers=("gh",),
            history=(("2026-06-03", Health.HEALTHY),),
        ),
    ),
    launches=Launches(
        days=("2026-06-02",),
        counts=(
            LaunchCount(repository="github.com/o/a", since="2026-06-02", days=(("2026-06-02", 3),), last="2026-06-02"),
        ),
    ),
    followed=NOW,
    links=(
        SeenLink(
            url="https://a.org/", asked=NOW, state=LinkState.MISSING, detail="answered 404", missing=("2026-06-03",)
        ),
        SeenLink(url="https://b.org/", asked=NOW, state=LinkState.THERE, there=NOW),
    ),
)


def test_what_is_written_is_read_again() -> None:
    files = write_observed(SEEN)
    assert sorted(files) == [FACILITIES, HARVEST, LAUNCHES, LINKS, REPOSITORIES]
    assert read_observed(files) == SEEN
    assert write_observed(read_observed(files)) == files


def test_a_file_of_before_codemeta_files_were_read_is_read_still() -> None:
    text = f'{{"inspected": "{NOW}", "repositories": [{{"repository": "u", "asked": "{NOW}", "looks": [{{"seen": "{NOW}"}}]}}]}}'
    [found] = read_observed({REPOSITORIES: text}).repositories
    assert found.looks == (Look(seen=NOW),)


def test_a_link_takes_one_line_in_the_order_of_the_addresses() -> None:
    turned = replace(SEEN, links=tuple(reversed(SEEN.links)))
    assert write_observed(turned)[LINKS].splitlines() == [
        "{",
        '"schema_version": 1,',
        f'"followed": "{NOW}",',
        '"links": [',
        f'{{"asked": "{NOW}", "detail": "answered 404", "missing": ["2026-06-03"], "state": "missing", "url": "https://a.org/"}},',
        f'{{"asked": "{NOW}", "url": "https://b.org/"}}',
        "]",
        "}",
    ]


def test_a_day_of_a_link_that_is_none_is_refused() -> None:
    text = write_observed(SEEN)[LINKS].replace('["2026-06-03"]', '["someday"]')
    with pytest.raises(CatalogueError, match=r"links\.json: links\.0\.missing\.0: value error, 'someday' is no day"):
        read_observed({LINKS: text})


def test_a_day_of_a_repository_that_is_none_is_refused() -> None:
    text = json.dumps(
        {"inspected": NOW, "repositories": [{"repository": "u", "asked": NOW, "missing": ["2026-06-31"]}]}
    )
    with pytest.raises(CatalogueError, match=r"repositories\.0\.missing\.0: value error, '2026-06-31' is no day"):
        read_observed({REPOSITORIES: text})


def test_a_time_of_a_harvest_that_no_calendar_has_is_refused() -> None:
    with pytest.raises(CatalogueError, match=r"harvest\.json: looked: value error, '2026-13-45t99:00:00z' is no time"):
        read_observed({HARVEST: '{"looked": "2026-13-45T99:00:00Z"}'})


def test_before_anybody_looked_there_is_no_file_and_nothing_is_known() -> None:
    assert write_observed(Observed()) == {}
    assert read_observed({}) == Observed()


def test_each_file_stands_alone() -> None:
    files = write_observed(SEEN)
    alone = read_observed({FACILITIES: files[FACILITIES]})
    assert (alone.probes, alone.repositories, alone.launches) == (SEEN.probes, (), Launches())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '{"probed": "yesterday", "facilities": []}',
            "snapshot/observed/facilities.json: probed: value error, 'yesterday' is no time, as in 2026-11-22t03:41:00z: remove the file",
        ),
        ("{", "snapshot/observed/facilities.json: the file: invalid json: eof while parsing"),
        (
            "{}",
            "snapshot/observed/facilities.json: probed: field required: remove the file, and the next run looks anew",
        ),
        (
            '{"schema_version": 2, "probed": "x", "facilities": []}',
            "snapshot/observed/facilities.json is of another version of this program (this one reads schema 1): use that version, or remove",
        ),
        (
            '{"probed": "2026-06-03T04:00:00Z", "facilities": [{"facility": "a", "url": "u", "asked": "2026-06-03T04:00:00Z", "health": "fine"}]}',
            "snapshot/observed/facilities.json: facilities.0.health: input should be 'healthy'",
        ),
    ],
)
def test_a_damaged_file_is_refused_with_what_to_do(text: str, words: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_observed({FACILITIES: text})
    assert str(caught.value).startswith(words)
