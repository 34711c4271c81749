"""snapshot/changes/: one file per week and one with the last recorded state; damaged files are refused."""

import pytest

from catalogue.changes import changes, current_state
from catalogue.problems import CatalogueError
from catalogue.sources.changes import RECORDED, read_changes, write_changes
from tests.world import catalogue, entry

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


def test_a_summary_that_went_with_its_description_is_told_of_no_record_old_or_new() -> None:
    """In an old file only the label of the source says that the summary was derived."""
    new = FILES[RECORDED]
    old = new.replace('"derived": true, ', "")
    assert old != new
    gone = current_state(catalogue(entry(1001, version="2")), MONDAY)
    for text in (old, new):
        recorded, _ = read_changes({RECORDED: text})
        assert recorded is not None
        assert write_changes(recorded, ())[RECORDED] == new
        assert [each.field for each in changes(recorded, gone)[0].changes] == ["description"]


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
            '{"schema_version": 1, "events": [{"at": "x"}]}',
            "snapshot/changes/2026-w48.json: events.0.about: field required",
        ),
        (
            "2026-w48.json",
            FILES["2026-w48.json"].replace(MONDAY, "2026-11-99T04:00:00Z"),
            "snapshot/changes/2026-w48.json: events.0: value error, '2026-11-99t04:00:00z' is no date or time",
        ),
        (
            RECORDED,
            FILES[RECORDED].replace(MONDAY, "someday"),
            "snapshot/changes/recorded.json: at: string should match pattern",
        ),
    ],
)
def test_a_damaged_file_is_refused_with_what_to_do(name: str, text: str, words: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_changes({**FILES, name: text})
    assert str(caught.value).startswith(words)
    assert str(caught.value).endswith("restore it from the repository's history")
