"""What has been failing for too long is reported, and nothing sooner."""

import json
from dataclasses import replace

import pytest

from catalogue.nights import (
    FILE,
    PARTS,
    STEPS,
    Step,
    Trouble,
    as_json,
    as_markdown,
    is_due,
    new_troubles,
    read_nights,
    step_after,
    troubles,
    write_nights,
)
from catalogue.observed import Failure, Health, Observed, Probe
from catalogue.problems import CatalogueError
from tests.world import observed, seen

NOW = "2026-01-31T06:41:00Z"
NIGHTS = [f"2026-01-{day:02}T06:41:00Z" for day in range(1, 32)]


def test_a_step_that_fails_remembers_since_when_and_when_it_last_did_its_work() -> None:
    step = None
    for night, why in zip(NIGHTS, [None, "503", "timed out"], strict=False):
        step = step_after(step, night, why)
    assert step == Step(tried=NIGHTS[2], good=NIGHTS[0], failing_since=NIGHTS[1], why="timed out")
    assert step_after(step, NIGHTS[3], None) == Step(tried=NIGHTS[3], good=NIGHTS[3])


def test_what_is_known_of_the_nights_is_kept_as_it_is() -> None:
    steps = {"harvest": Step(tried=NOW, failing_since=NOW, why="“Back soon”"), "probe": Step(tried=NOW, good=NOW)}
    assert read_nights(write_nights(steps)) == steps
    assert read_nights({}) == {}
    with pytest.raises(CatalogueError, match=r"^snapshot/nights/steps\.json is damaged: remove it"):
        read_nights({FILE: '{"harvest": 1}'})


@pytest.mark.parametrize("time", ["yesterday", "2026-01-31", "2026-13-31T06:41:00Z", "2026-01-31T06:41:00"])
@pytest.mark.parametrize("key", ["tried", "good", "failing_since"])
def test_a_time_of_a_step_that_is_none_is_damage_and_is_reported_as_such(key: str, time: str) -> None:
    with pytest.raises(CatalogueError, match=r"^snapshot/nights/steps\.json is damaged: remove it"):
        read_nights({FILE: json.dumps({"harvest": {"tried": NOW, key: time}})})


def texts(*, steps: dict[str, Step] | None = None, known: Observed | None = None) -> list[str]:
    return [each.text for each in troubles(steps or {}, known or Observed(), NOW)]


def test_before_the_first_night_and_after_good_ones_all_is_well() -> None:
    assert texts() == []
    assert texts(steps={"harvest": Step(tried=NOW, good=NOW)}) == []


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(("since", "is_told"), [(NIGHTS[29], False), (NIGHTS[27], False), (NIGHTS[26], True)])
def test_a_step_may_fail_for_three_days(name: str, since: str, is_told: bool) -> None:
    step = Step(tried=NOW, good="2026-01-26T06:41:00Z", failing_since=since, why="Zenodo answered 503")
    words = f"build.py {name} has failed every time since 2026-01-27 (last done 2026-01-26): Zenodo answered 503"
    assert texts(steps={name: step}) == ([words] if is_told else [])


def test_a_nightly_run_that_has_stopped_is_told() -> None:
    assert texts(steps={"probe": Step(tried=NIGHTS[19], good=NIGHTS[19])}) == [
        "build.py probe was last run on 2026-01-20: is the nightly run switched off?"
    ]


@pytest.mark.parametrize(("since", "is_told"), [(NIGHTS[16], False), (NIGHTS[15], True), ("2026-01-16", True)])
@pytest.mark.parametrize(
    ("health", "fails", "unless"),
    [
        (Health.SILENT, "has not answered since 2026-01-16: no answer", "If it has moved or closed"),
        (Health.UNHEALTHY, "has not been well since 2026-01-16: no answer", "If it is not coming back"),
    ],
)
def test_a_facility_may_fail_for_two_weeks(health: Health, fails: str, unless: str, since: str, is_told: bool) -> None:
    probe = Probe(
        facility="hub", url="https://hub.example.org/", asked=NOW, health=health, since=since, detail="no answer"
    )
    words = f"The facility hub {fails}. {unless}: correct its url in facilities.yaml, or say since when it is `closed`."
    for probed in (NOW, None):
        assert texts(known=Observed(probed=probed, probes=(probe,))) == ([words] if is_told else [])


@pytest.mark.parametrize(("asked", "is_told"), [(NIGHTS[16], False), (NIGHTS[15], True)])
def test_a_facility_may_refuse_checks_for_two_weeks(asked: str, is_told: bool) -> None:
    probe = Probe(facility="hub", url="https://hub.example.org/", asked=asked, health=Health.HEALTHY, up=asked)
    words = (
        "The facility hub has refused every check after that of 2026-01-16, so nobody knows whether it is up. "
        "Ask its operator to let the checks through. "
        "If it has moved or closed: correct its url in facilities.yaml, or say since when it is `closed`."
    )
    assert texts(known=Observed(probed=NOW, probes=(probe,))) == ([words] if is_told else [])
    # If no facility was checked tonight, none has refused.
    assert texts(known=Observed(probed=asked, probes=(probe,))) == []


@pytest.mark.parametrize(("since", "is_told"), [("2026-01-02T00:00:00Z", False), ("2025-12-31T00:00:00Z", True)])
def test_a_repository_may_fail_for_a_month(since: str, is_told: bool) -> None:
    failing = seen("https://github.com/o/r", failing=Failure(since=since, why="timed out"))
    words = "inspections of https://github.com/o/r have failed since 2025-12-31: timed out"
    assert texts(known=observed(failing)) == ([words] if is_told else [])


def test_a_part_that_failed_tonight_is_told_at_once_with_what_it_means_for_the_site() -> None:
    told = {part: troubles({}, Observed(), NOW, [part])[0].text for part in PARTS}
    stays = {part for part, text in told.items() if "the site that is published stays as it was" in text}
    assert stays == {"build", "publish"}  # after the others, a site is built and published
    assert told["ask"].startswith("Tonight's ask failed: nothing was read tonight, and the site is built from what is")
    assert told["commit"].startswith("Tonight's commit failed: what was read tonight is not in the repository. ")
    assert "run it once by hand with allow_shrink" in told["build"]
    assert all("Its log says why" in text for text in told.values())


def test_troubles_are_told_to_a_program_and_as_an_issue_that_mentions_nobody() -> None:
    found = [
        Trouble(code="step-harvest", text="<b>x</b> by\n@someone ![](https://evil.example/) &commat;him", since=NOW)
    ]
    assert json.loads(as_json(found)) == {
        "well": False,
        "troubles": [
            {
                "code": "step-harvest",
                "since": NOW,
                "text": "<b>x</b> by\n@someone ![](https://evil.example/) &commat;him",
            }
        ],
    }
    assert (
        as_markdown(found).splitlines()[2]
        == "- \\<b\\>x\\</b\\> by @\u200bsomeone \\!\\[\\]\\(https://evil.example/\\) \\&commat;him"
    )
    assert json.loads(as_json([])) == {"well": True, "troubles": []}
    assert as_markdown([]).splitlines()[2] == "All is well."


def test_what_an_issue_does_not_have_yet_is_told_once_whatever_the_reason_is_by_now() -> None:
    names = ["https://github.com/o/r--x", "https://git.example.org/a b>c"]
    failing = [seen(name, failing=Failure(since="2025-12-01T00:00:00Z", why="timed out")) for name in names]
    first = troubles({}, observed(failing[0]), NOW)
    both = troubles({}, observed(*failing), NOW, ["build"])
    assert new_troubles(first, "Written by an earlier version of this program.") == (
        "New on this list:\n\n- inspections of https://github.com/o/r--x have failed since 2025-12-01: timed out\n"
    )
    assert new_troubles(first, as_markdown(first)) == ""
    assert new_troubles([replace(each, text="another reason") for each in first], as_markdown(first)) == ""
    (line, *others) = new_troubles(both, as_markdown(first)).splitlines()[2:]
    assert line.startswith("- Tonight's build failed")
    assert others == ["- inspections of https://git.example.org/a b\\>c have failed since 2025-12-01: timed out"]
    assert new_troubles(both, as_markdown(both).replace("\n", "\r\n")) == ""
    assert new_troubles((), as_markdown(both)) == ""


def test_of_many_that_cannot_be_asked_an_issue_names_twenty_and_those_that_wait_are_counted() -> None:
    since = "2025-12-01T06:41:00Z"
    failing = [seen(f"https://github.com/o/r{n:03}", failing=Failure(since=since, why="timed out")) for n in range(300)]
    waiting = [
        seen(f"https://github.com/o/w{n}", failing=Failure(since=since, why="too late", tried=False, waiting=True))
        for n in range(9_000)
    ]
    told = texts(known=observed(*failing, *waiting))
    assert len(told) == 22
    assert told[0] == "inspections of https://github.com/o/r000 have failed since 2025-12-01: timed out"
    assert told[20:] == [
        "280 more repositories could not be inspected for more than 30 days.",
        (
            "9,000 repositories have waited for more than 30 days to be inspected: there are more than the nights have time for. "
            "Let `build.py inspect` run more often."
        ),
    ]
    body = as_markdown(troubles({}, observed(*failing, *waiting), NOW))
    assert len(body) < 65_536  # the limit of an issue


def test_links_are_followed_once_a_week_and_everything_else_each_night() -> None:
    step = Step(tried=NIGHTS[0], good=NIGHTS[0])
    assert [is_due("links", step, NIGHTS[night]) for night in (1, 6, 7)] == [False, False, True]
    assert is_due("links", None, NOW)
    assert is_due("record", step, NIGHTS[1])


def test_links_that_failed_are_followed_the_next_night() -> None:
    failed = step_after(step_after(None, NIGHTS[0], None), NIGHTS[7], "no host answers")
    assert is_due("links", failed, NIGHTS[8])
    assert not is_due("links", step_after(failed, NIGHTS[8], None), NIGHTS[9])


@pytest.mark.parametrize("name", ["harvest", "links"])
def test_a_clock_that_was_years_ahead_for_one_night_ends_no_step_for_years(name: str) -> None:
    assert is_due(name, Step(tried="2036-01-01T06:41:00Z"), NOW)


def test_links_that_rest_are_no_trouble() -> None:
    assert texts(steps={"links": Step(tried=NIGHTS[23], good=NIGHTS[23])}) == []
