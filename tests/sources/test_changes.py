"""snapshot/changes/: one file per week and one with the last recorded state; damaged files are refused."""

import json

import pytest

from catalogue.changes import RecordedState, changes, current_state
from catalogue.observed import Look
from catalogue.problems import CatalogueError
from catalogue.sources.changes import RECORDED, read_changes, write_changes
from catalogue.sources.observed import write_observed
from tests.world import catalogue, entry, look, observed, seen

SUNDAY, MONDAY = "2026-11-22T04:00:00Z", "2026-11-23T04:00:00Z"
BEFORE = current_state(catalogue(entry(1001, version="1")), SUNDAY)
AFTER = current_state(catalogue(entry(1001, version="2", description="<p>“Größe” \u2028 &amp; more</p>")), MONDAY)
OPENED = changes(None, BEFORE)
NEWS = changes(BEFORE, AFTER)
FILES = write_changes(AFTER, (*NEWS, *OPENED))


def test_each_week_has_its_file_and_what_is_written_is_read_again() -> None:
    assert sorted(FILES) == ["2026-w47.json", "2026-w48.json", RECORDED]
    recorded, events = read_changes(FILES)
    assert events == (*NEWS, *OPENED)
    assert recorded is not None
    assert recorded.at == MONDAY
    assert write_changes(recorded, events) == FILES


def test_what_was_recorded_compares_as_what_was_shown() -> None:
    recorded, _ = read_changes(FILES)
    assert changes(recorded, AFTER) == ()
    assert recorded is not None
    back = {(each.what, each.field, each.old, each.new) for each in changes(recorded, BEFORE)[0].changes}
    assert back == {(each.what, each.field, each.new, each.old) for each in NEWS[0].changes}


def test_a_summary_that_went_with_its_description_is_not_reported() -> None:
    recorded, _ = read_changes(FILES)
    gone = current_state(catalogue(entry(1001, version="2")), MONDAY)
    assert [each.field for each in changes(recorded, gone)[0].changes] == ["description"]


SKY = """\
software:
  - {id: sky, name: Sky, interfaces: [%s], repository: https://github.com/owner/sky}
"""
PLACES = """\
facilities:
  - {id: binder, name: Binder, kind: binderhub, url: https://binder.example.org/, description: Builds.}
  - {id: page, name: Page, kind: website, url: https://page.example.org/, interfaces: [notebook], description: A site.}
"""


def state(interface: str, *looks: Look, at: str = SUNDAY) -> RecordedState:
    """One entry that is used so, at a BinderHub and at a web site."""
    repositories = observed(seen("https://github.com/owner/sky", *looks)) if looks else observed()
    return current_state(
        catalogue(notebooks=SKY % interface, facilities=PLACES, observed=write_observed(repositories)), at
    )


def test_of_the_reason_for_a_verdict_the_code_is_stored() -> None:
    text = write_changes(state("notebook"), ())[RECORDED]
    assert '"codes": [["binder", "not-looked"], ["page", "front-page"]]' in text
    assert '"verdicts": [["binder", "maybe"], ["page", "no"]]' in text
    assert "has not been inspected" not in text
    assert '"codes": [["page", "front-page"]]' in write_changes(state("notebook", look()), ())[RECORDED]


def test_an_event_that_was_stored_without_reasons_is_still_read() -> None:
    verdict = (
        '{"facility": "binder", "new": "no", "old": "maybe", "source": {"label": "decided by this catalogue"}, '
        '"what": "verdict"}'
    )
    text = (
        f'{{"schema_version": 1, "events": [{{"about": "software", "at": "{MONDAY}", "changes": [{verdict}], '
        '"facilities": ["binder"], "identity": "sky", "name": "Sky", "slug": "sky"}]}'
    )
    _, (event,) = read_changes({"2026-w48.json": text})
    assert (event.unsure, event.changes[0].reason, event.changes[0].old_reason) == ((), None, None)
    assert json.loads(write_changes(BEFORE, [event])["2026-w48.json"]) == json.loads(text)  # and written as it was


def test_an_event_with_reasons_is_read_as_it_was_written() -> None:
    events = changes(state("notebook"), state("desktop", at=MONDAY))
    assert [each.reason.code for event in events for each in event.changes if each.reason] == ["interface"]
    _, back = read_changes(write_changes(BEFORE, events))
    assert back == events


def test_before_anything_was_recorded_nothing_is_known() -> None:
    assert read_changes({}) == (None, ())


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (RECORDED, "{", "snapshot/changes/recorded.json: the file: invalid json"),
        (RECORDED, '{"schema_version": 1}', "snapshot/changes/recorded.json: at: field required"),
        (
            "2026-w48.json",
            '{"schema_version": 2, "happened": []}',
            "snapshot/changes/2026-w48.json is of another version",
        ),
        (
            "2026-w48.json",
            '{"schema_version": 1, "events": [{}]}',
            "snapshot/changes/2026-w48.json: events.0.at: field required",
        ),
        (
            "2026-w48.json",
            FILES["2026-w48.json"].replace(MONDAY, "2026-11-99T04:00:00Z"),
            "snapshot/changes/2026-w48.json: events.0.at: value error, '2026-11-99t04:00:00z' is no time",
        ),
        (
            RECORDED,
            FILES[RECORDED].replace(MONDAY, "someday"),
            "snapshot/changes/recorded.json: at: value error, 'someday' is no time, as in 2026-11-22t03:41:00z",
        ),
    ],
)
def test_a_damaged_file_is_refused_with_what_to_do(name: str, text: str, words: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_changes({**FILES, name: text})
    assert str(caught.value).startswith(words)
    assert str(caught.value).endswith("restore it from the repository's history")
