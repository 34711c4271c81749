"""Launch counts from a fake archive: which days are read, what is counted, and which files are rejected."""

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from catalogue.cli import main
from catalogue.edge.launches import ARCHIVE, _key, read_launches
from catalogue.observed import LaunchCount, Launches, Observed
from catalogue.problems import UpstreamError
from catalogue.repository import Repository
from catalogue.sources.observed import LAUNCHES, read_observed, write_observed
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE, entry, files, repository

from .web_double import ANYWHERE, Web, data, lines, page, sends_to
from .web_double import running as another_web
from .zenodo_double import Fault, Reply

HOST = "archive.analytics.mybinder.org"
NIGHT = "2026-11-24T07:41:00Z"
YESTERDAY, BEFORE_THAT, OLDEST = "2026-11-23", "2026-11-22", "2026-10-25"
SKY = repository("https://github.com/Owner/Sky")


def launch(spec: Any = "owner/sky/main", provider: Any = "GitHub", version: Any = 6, **says: Any) -> dict[str, Any]:
    """A line of the archive, in version 6 of its schema."""
    plain = {
        "timestamp": "2026-11-23T10:11:00+00:00",
        "schema": "binderhub.jupyter.org/launch",
        "version": version,
        "provider": provider,
        "spec": spec,
        "status": "success",
        "ref": "0" * 40,
        "build_token": True,
        "origin": "2i2c.mybinder.org",
        "request_origin": "https://mybinder.org",
    }
    return {**plain, **says}


def archive(web: Web, days: dict[str, Iterable[Any] | Reply | Fault], **counts: Any) -> None:
    """Fill the archive with these days; `counts` replace the numbers of lines in its index."""
    answers: dict[str, Reply | Fault] = {}
    index = []
    for day, found in days.items():
        told: Any = list(found) if not isinstance(found, Reply) and isinstance(found, Iterable) else found
        answers[f"/events-{day}.jsonl"] = lines(*told) if isinstance(told, list) else told
        count = counts.get(day, len(told) if isinstance(told, list) else 1)
        index.append({"name": f"events-{day}.jsonl", "date": day, "count": str(count)})
    answers["/index.jsonl"] = lines(*index, end="")
    web.says(HOST, answers)


def night(
    web: Web, *repositories: Repository, before: Launches | None = None, now: str = NIGHT, **settings: Any
) -> tuple[Launches, list[str]]:
    """The known launches after a run, and the logged messages."""
    told: list[str] = []
    found = read_launches(
        repositories or (SKY,),
        before or Launches(),
        now=now,
        agent="esap-catalogue/1 (+https://example.org)",
        hosts=web.hosts(),
        log=told.append,
        **{"pace": 0.0, **settings},
    )
    return found, told


# --- what is counted


def test_a_day_with_two_launches_of_a_repository_counts_two(web: Web) -> None:
    archive(web, {YESTERDAY: [launch(), launch("other/repo/HEAD"), launch("OWNER/sky.git/v1/x")]})
    found, told = night(web)
    assert found == Launches(
        days=(YESTERDAY,),
        counts=(
            LaunchCount(repository="github.com/owner/sky", since=YESTERDAY, days=((YESTERDAY, 2),), last=YESTERDAY),
        ),
    )
    assert told == []
    assert web.paths(HOST) == ["/index.jsonl", f"/events-{YESTERDAY}.jsonl"]


def test_a_repository_without_launches_has_an_empty_count_with_its_first_day(
    web: Web,
) -> None:
    archive(web, {YESTERDAY: [launch("other/repo/HEAD")], BEFORE_THAT: []}, **{BEFORE_THAT: 0})
    assert night(web)[0] == Launches(
        days=(BEFORE_THAT, YESTERDAY), counts=(LaunchCount(repository="github.com/owner/sky", since=BEFORE_THAT),)
    )


def test_a_new_repository_is_counted_from_its_first_day_on(web: Web) -> None:
    archive(web, {YESTERDAY: [launch()]})
    first, _ = night(web)
    archive(web, {YESTERDAY: [launch()], "2026-11-24": [launch("owner/new/HEAD")]})
    new = repository("https://github.com/owner/new")
    second, _ = night(web, SKY, new, before=first, now="2026-11-25T07:41:00Z")
    assert [(each.repository, each.since) for each in second.counts] == [
        ("github.com/owner/new", "2026-11-24"),
        ("github.com/owner/sky", YESTERDAY),
    ]


NEW = repository("https://github.com/owner/new")


def after_a_late_day(web: Web, late: dict[str, Iterable[Any]], *tonight: str) -> Launches:
    """The known launches after a run with a new repository, in which an earlier day is read late."""
    read: dict[str, Any] = {f"2026-11-{number}": [launch()] for number in (18, 20, 21, 22)}
    archive(web, read)
    first, _ = night(web, now="2026-11-23T07:41:00Z")
    archive(web, {**read, **late, **{day: [launch("owner/new/HEAD")] for day in tonight}})
    return night(web, SKY, NEW, before=first)[0]


def test_a_day_read_late_is_not_the_first_day_of_a_new_repository(web: Web) -> None:
    found = after_a_late_day(web, {"2026-11-19": [launch("owner/new/HEAD")] * 5}, YESTERDAY)
    new, sky = found.counts
    assert new == LaunchCount(
        repository="github.com/owner/new", since=YESTERDAY, days=((YESTERDAY, 1),), last=YESTERDAY
    )
    assert sky.since == "2026-11-18"


def test_the_last_launch_of_a_new_repository_may_be_on_a_day_read_late(web: Web) -> None:
    found = after_a_late_day(web, {"2026-11-19": [launch("owner/new/HEAD")], YESTERDAY: [launch()]})
    assert found.counts[0] == LaunchCount(repository="github.com/owner/new", since=YESTERDAY, last="2026-11-19")


def test_a_new_repository_has_no_count_if_only_a_late_day_was_read(web: Web) -> None:
    found = after_a_late_day(web, {"2026-11-19": [launch("owner/new/HEAD")]})
    assert "2026-11-19" in found.days
    assert [each.repository for each in found.counts] == ["github.com/owner/sky"]


def test_consecutive_days_of_one_run_count_for_a_new_repository(web: Web) -> None:
    archive(web, {"2026-11-20": [launch()]})
    first, _ = night(web, now="2026-11-21T07:41:00Z")
    days = ("2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", YESTERDAY)
    archive(web, {day: [launch("owner/new/HEAD")] for day in days})
    new = night(web, SKY, NEW, before=first)[0].counts[0]
    assert (new.since, [day for day, _ in new.days]) == ("2026-11-21", ["2026-11-21", "2026-11-22", YESTERDAY])


def test_an_earlier_day_becomes_the_first_only_without_a_gap(web: Web) -> None:
    known = LaunchCount(repository=SKY.key, since=BEFORE_THAT, days=((BEFORE_THAT, 2),), last=BEFORE_THAT)
    before = Launches(days=("2026-11-20", BEFORE_THAT), counts=(known,))
    archive(web, {"2026-11-19": [launch()], "2026-11-21": [launch()] * 3, YESTERDAY: []}, **{YESTERDAY: 0})
    (found,) = night(web, before=before)[0].counts
    assert (found.since, found.days) == ("2026-11-21", (("2026-11-21", 3), (BEFORE_THAT, 2)))


SPECS = [
    ("GitHub", "owner/sky/main", "https://github.com/owner/sky"),
    ("GitHub", "owner/sky/feature/with/slashes", "https://github.com/owner/sky"),
    ("GitHub", "owner/sky", "https://github.com/owner/sky"),
    ("GitLab", "group%2Fsub%2Fsky/main", "https://gitlab.com/group/sub/sky"),
    ("Git", "https%3A%2F%2Fgit.example.org%2Fa%2Fsky/main", "https://git.example.org/a/sky"),
    ("Git", "https%3A%2F%2Fgit.example.org%2Fa%2Fsky.git/refs%2Fheads%2Fmain", "https://git.example.org/a/sky"),
    ("Git", "https%3A%2F%2Fgithub.com%2Fowner%2Fsky/main", "https://github.com/owner/sky"),
    ("Git", "git%40github.com%3Aowner%2Fsky/main", "https://github.com/owner/sky"),
    ("Gist", "user/abcdef0123", "https://gist.github.com/user/abcdef0123"),
    ("Gist", "user/abcdef0123/HEAD", "https://gist.github.com/user/abcdef0123"),
    ("Zenodo", "10.5281/zenodo.3242074", "https://doi.org/10.5281/zenodo.3242074"),
]


@pytest.mark.parametrize(("provider", "spec", "address"), SPECS)
def test_every_provider_of_the_catalogue_is_matched(web: Web, provider: str, spec: str, address: str) -> None:
    archive(web, {YESTERDAY: [launch(spec, provider)]})
    one = repository(address, ref="v1", file="a.ipynb")
    assert night(web, one)[0].counts == (
        LaunchCount(repository=one.key, since=YESTERDAY, days=((YESTERDAY, 1),), last=YESTERDAY),
    )


VERSIONS = [
    {"version": 1, "ref": None, "origin": None, "build_token": None, "request_origin": None},
    {"version": 2, "ref": None, "build_token": None, "request_origin": None},
    {"version": 3, "ref": None, "build_token": None, "request_origin": None},
    {"version": 4, "build_token": None, "request_origin": None},
    {"version": 5, "request_origin": None},
    {"version": 6},
    {"version": 6, "another": {"field": 1}},
]


@pytest.mark.parametrize("says", VERSIONS)
def test_every_known_version_of_the_schema_is_counted(web: Web, says: dict[str, Any]) -> None:
    line = {name: value for name, value in launch(**says).items() if value is not None}
    archive(web, {YESTERDAY: [line]})
    assert [each.days for each in night(web)[0].counts] == [((YESTERDAY, 1),)]


NOT_COUNTED: list[Any] = [
    launch(status="failure"),
    launch(status=None),
    launch(version=7),
    launch(version="6"),
    launch(version=0),
    launch(schema="binderhub.jupyter.org/build"),
    launch(spec=None),
    launch(spec=["owner/sky/main"]),
    launch(provider=None),
    launch(provider="Figshare"),
    launch(provider="git"),
    launch(spec=""),
    launch(spec="owner"),
    launch(spec="../../owner/sky"),
    launch(spec="owner/sky/main?x=/v2/gh/owner/sky/main", provider="Zenodo"),
    launch(spec="https%3A%2F%2Fme%3Asecret%40github.com%2Fowner%2Fsky/main", provider="Git"),
    launch(spec="x" * 100_000),
    launch(spec="\ud800/sky"),
    launch(spec="[::1/sky/main"),
    "{",
    "null",
    "[]",
    '"owner/sky/main"',
    "[" * 10_000,
    '{"version": ' + "9" * 5000 + "}",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("line", NOT_COUNTED)
def test_an_unknown_line_is_ignored(web: Web, line: Any) -> None:
    archive(web, {YESTERDAY: [line, *[launch()] * 10]})
    found, told = night(web)
    assert found.counts == (
        LaunchCount(repository="github.com/owner/sky", since=YESTERDAY, days=((YESTERDAY, 10),), last=YESTERDAY),
    )
    assert told == []


@given(st.text(max_size=80), st.sampled_from(["GitHub", "GitLab", "Git", "Gist", "Zenodo", "Dataverse", ""]))
def test_unusual_specs_are_read(spec: str, provider: str) -> None:
    key = _key(provider, spec)
    assert key is None or key


# --- which days are read


def test_the_first_night_reads_the_thirty_days_that_are_over_newest_first(web: Web) -> None:
    first = date(2026, 10, 1)
    archive(web, {(first + timedelta(days=each)).isoformat(): [launch()] for each in range(55)})
    found, told = night(web)
    assert (found.days[0], found.days[-1], len(found.days)) == (OLDEST, YESTERDAY, 30)
    assert found.counts[0].days == tuple((day, 1) for day in found.days)
    assert web.paths(HOST) == ["/index.jsonl", *(f"/events-{day}.jsonl" for day in sorted(found.days, reverse=True))]
    assert told == []


def test_the_second_run_reads_one_new_day_and_a_run_without_news_only_the_index(web: Web) -> None:
    archive(web, {OLDEST: [launch()], BEFORE_THAT: [launch()] * 2, YESTERDAY: [launch()] * 3})
    first, _ = night(web)
    archive(web, {OLDEST: [launch()], BEFORE_THAT: [launch()], YESTERDAY: [launch()], "2026-11-24": [launch()] * 4})
    web.asked.clear()
    assert night(web, before=first) == (first, [])
    assert web.paths(HOST) == ["/index.jsonl"]
    second, _ = night(web, before=first, now="2026-11-25T07:41:00Z")
    assert web.paths(HOST)[1:] == ["/index.jsonl", "/events-2026-11-24.jsonl"]
    assert second == Launches(
        days=(BEFORE_THAT, YESTERDAY, "2026-11-24"),
        counts=(
            LaunchCount(
                repository="github.com/owner/sky",
                since=OLDEST,
                days=((BEFORE_THAT, 2), (YESTERDAY, 3), ("2026-11-24", 4)),
                last="2026-11-24",
            ),
        ),
    )


def test_a_day_is_read_once_its_file_is_final(web: Web) -> None:
    archive(web, {BEFORE_THAT: [launch()], YESTERDAY: [launch()]})
    assert night(web, now="2026-11-24T05:59:00Z")[0].days == (BEFORE_THAT,)
    assert night(web, now="2026-11-24T06:00:00Z")[0].days == (BEFORE_THAT, YESTERDAY)


def test_the_last_launch_is_kept_after_its_day_has_left_the_window(web: Web) -> None:
    archive(web, {YESTERDAY: [launch("other/repo/HEAD")]})
    old = Launches(
        days=("2026-10-24",),
        counts=(
            LaunchCount(
                repository="github.com/owner/sky", since="2026-10-01", days=(("2026-10-24", 5),), last="2026-10-24"
            ),
        ),
    )
    found, _ = night(web, before=old)
    assert found == Launches(
        days=(YESTERDAY,),
        counts=(LaunchCount(repository="github.com/owner/sky", since="2026-10-01", last="2026-10-24"),),
    )
    only_the_last = replace(found, days=())
    assert read_observed(write_observed(Observed(launches=only_the_last))).launches == only_the_last


def test_a_repository_that_left_the_catalogue_is_not_counted_any_more(web: Web) -> None:
    archive(web, {})
    web.sites[HOST]["/index.jsonl"] = lines({"name": "events-2018-11-03.jsonl", "date": "2018-11-03", "count": 7057})
    old = Launches(
        days=(YESTERDAY,), counts=(LaunchCount(repository="github.com/o/gone", since=OLDEST, last=YESTERDAY),)
    )
    assert night(web, before=old)[0] == Launches(days=(YESTERDAY,))


# --- files that are rejected

WHOLE = "\n".join(json.dumps(launch()) for _ in range(20)) + "\n"
NOT_A_DAY: dict[str, tuple[Any, str]] = {
    "HTML": (page("Sorry"), "the archive of mybinder.org sent 1 of 20 launches"),
    "HTML of many lines": (lines(*["<p>Sorry</p>"] * 30), "the archive of mybinder.org sent 30 of 30 lines that are not understood"),
    "nothing": (lines(end=""), "the archive of mybinder.org sent 0 of 20 launches"),
    "a line less": (lines(*[launch()] * 19), "the archive of mybinder.org sent 19 of 20 launches"),
    "the next version": (lines(*[launch(version=7)] * 20), "the archive of mybinder.org sent 20 of 20 lines that are not understood"),
    "half of the next version": (lines(*[launch(), launch(version=7)] * 10), "the archive of mybinder.org sent 10 of 20 lines that are not understood"),
    "broken off": (Reply(200, WHOLE[:900].encode(), {"Content-Length": "9000"}), "the archive of mybinder.org broke off its answer"),
    "not there": (page("Not found", 404), "the archive of mybinder.org answered 404 Not Found with “Not found”"),
    "elsewhere": (sends_to("https://elsewhere.example.org/"), "the archive of mybinder.org sends on to another place, https://elsewhere.example.org/: not followed"),
    "without an end": (Reply(200, b"x" * (33 * 2**20), {}), "the archive of mybinder.org sent more than 32 MiB: not read to the end"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_A_DAY)
def test_an_incomplete_day_is_logged_and_retried_in_the_next_run(web: Web, name: str) -> None:
    answer, words = NOT_A_DAY[name]
    counts = {YESTERDAY: 20}
    archive(web, {BEFORE_THAT: [launch()], YESTERDAY: answer}, **counts)
    found, told = night(web)
    assert found.days == (BEFORE_THAT,)
    assert told[-1] == f"{YESTERDAY}: {words}: tried again the next time"
    archive(web, {BEFORE_THAT: [launch()], YESTERDAY: [launch()] * 20}, **counts)
    assert night(web, before=found)[0].days == (BEFORE_THAT, YESTERDAY)


def test_a_truncated_last_line_rejects_the_day(web: Web) -> None:
    archive(web, {YESTERDAY: lines(WHOLE[:-30], end="")}, **{YESTERDAY: 21})
    assert night(web)[0].days == ()


def test_an_index_older_than_the_file_is_accepted(web: Web) -> None:
    archive(web, {YESTERDAY: [launch()] * 3}, **{YESTERDAY: 2})
    assert night(web)[0].counts[0].days == ((YESTERDAY, 3),)


NO_INDEX: dict[str, Reply | Fault] = {
    "HTML": page("Sorry"),
    "nothing": lines(end=""),
    "JSON of another kind": data({"days": []}),
    "names that lead elsewhere": lines(
        {"name": "../../events-2026-11-23.jsonl", "date": YESTERDAY, "count": 1},
        {"name": "https://elsewhere.example.org/", "date": YESTERDAY, "count": 1},
        {"name": "events-2026-11-23.jsonl", "date": "2026-11-23/..", "count": 1},
        {"name": "events-2026-11-23.jsonl", "date": YESTERDAY, "count": "many"},
        {"name": "events-2026-11-23.jsonl", "date": YESTERDAY, "count": -1},
        {"name": ["events-2026-11-23.jsonl"], "date": YESTERDAY, "count": 1},
    ),
}


@pytest.mark.parametrize("name", NO_INDEX)
def test_an_invalid_index_is_an_error(web: Web, name: str) -> None:
    web.says(HOST, {ANYWHERE: NO_INDEX[name]})
    with pytest.raises(UpstreamError, match=r"^the archive of mybinder\.org has no list of its days where it was$"):
        night(web)
    assert web.paths(HOST) == ["/index.jsonl"]


def test_the_archive_cannot_redirect_to_a_private_address(web: Web) -> None:
    with another_web() as canary:
        web.says(HOST, {ANYWHERE: sends_to(f"http://127.0.0.1:{canary.port}/index.jsonl")})
        with pytest.raises(UpstreamError, match="sends on to another place"):
            night(web)
        assert canary.asked == []


def test_a_slow_archive_takes_a_bounded_time_and_keeps_what_was_read(web: Web) -> None:
    def late(_handler: object, _reply: Reply) -> Reply:
        time.sleep(0.3)
        return lines(launch())

    archive(web, {f"2026-11-{day:02}": late for day in range(1, 24)})
    found, told = night(web, budget=0.5)
    assert found.days == (BEFORE_THAT, YESTERDAY)
    assert told == ["the archive of mybinder.org takes too long: 21 days are left for later"]


def test_the_archive_is_asked_over_https_by_its_name() -> None:
    assert f"https://{HOST}/" == ARCHIVE


# --- the command


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a small catalogue of one entry on GitHub, and no facility that is probed."""
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "facilities.yaml").write_text(FACILITIES + "    closed: 2026-01\n")
    (tmp_path / "notebooks.yaml").write_text(NO_NOTEBOOKS)
    (tmp_path / "snapshot").mkdir()
    related = (("isSupplementTo", "https://github.com/Owner/Sky"),)
    for name, text in files(entry(1001, title="Sky tool", related=related)).items():
        (tmp_path / "snapshot" / name).write_text(text)
    return tmp_path


def run(folder: Path, web: Web, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(folder), "probe", *web.loopback(), *words])


def two_days_ago() -> str:
    return (datetime.now(UTC) - timedelta(days=2)).date().isoformat()


def test_the_command_stores_and_prints_the_launches(web: Web, checkout: Path) -> None:
    archive(web, {two_days_ago(): [launch(), launch(), launch("other/repo/HEAD")]})
    done = run(checkout, web)
    assert done.output == (
        "Binder: closed in 2026-01, not asked\n"
        "Launches at mybinder.org: 2 of 1 repositories on the 1 days that are known, 1 of them new\n"
    )
    kept = read_observed({LAUNCHES: (checkout / "snapshot" / "observed" / LAUNCHES).read_text("utf-8")})
    assert [(each.repository, each.last) for each in kept.launches.counts] == [("github.com/owner/sky", two_days_ago())]


def test_an_unreadable_archive_is_reported_and_the_stored_counts_stay(web: Web, checkout: Path) -> None:
    archive(web, {two_days_ago(): [launch()]})
    run(checkout, web)
    kept = (checkout / "snapshot" / "observed" / LAUNCHES).read_bytes()
    web.says(HOST, {ANYWHERE: page("Sorry")})
    done = run(checkout, web)
    assert done.exit_code == 0
    assert (
        "the archive of mybinder.org has no list of its days where it was; what was known of launches stays\n"
        in done.output
    )
    assert (checkout / "snapshot" / "observed" / LAUNCHES).read_bytes() == kept


def test_the_option_no_launches_sends_no_request(web: Web, checkout: Path) -> None:
    archive(web, {two_days_ago(): [launch()]})
    assert run(checkout, web, "--no-launches").output == "Binder: closed in 2026-01, not asked\n"
    assert web.asked == []
