"""How old each source is, compared with the newest, and what in it is older."""

from dataclasses import replace

from catalogue.model import Catalogue
from catalogue.observed import Failure, Health, Launches, LinkState, Observed, Probe, SeenLink
from catalogue.outputs.freshness import ages
from tests.world import catalogue, entry, seen


def rows(found: Catalogue) -> list[tuple[str | None, str, tuple[str, ...]]]:
    return [(each.read, each.behind, each.kept) for each in ages(found)]


def test_a_source_that_was_never_read_is_listed_as_such() -> None:
    assert rows(catalogue(entry(1001))) == [
        ("2 January 2026, 03:04 UTC", "", ()),
        *([(None, "", ())] * 5),
    ]


def test_records_are_as_old_as_the_last_harvest_even_if_it_brought_no_news() -> None:
    found = catalogue(entry(1001))
    read_last_night = replace(found, harvest=replace(found.harvest, looked="2026-11-27T03:00:00Z"))
    probed = replace(read_last_night, observed=Observed(probed="2026-11-27T03:30:00Z"))
    assert rows(probed)[0] == ("27 November 2026, 03:00 UTC", "", ())


def test_each_source_has_its_time_how_far_that_is_behind_and_what_was_kept_with_the_reason() -> None:
    probe = Probe(
        facility="binder", url="https://binder.example.org/", asked="2026-01-03T03:00:00Z", health=Health.HEALTHY
    )
    found = replace(
        catalogue(entry(1001), entry(1003, title="Other"), not_seen=("10.5281/zenodo.1002",), seen=1),
        recorded="2026-01-05T05:00:00Z",
        observed=Observed(
            inspected="2026-01-05T03:00:00Z",
            repositories=(
                seen("https://github.com/o/a", failing=Failure(since="2026-01-04T03:00:00Z", why="no answer")),
            ),
            probed="2026-01-04T03:00:00Z",
            probes=(probe,),
            launches=Launches(days=("2026-01-01", "2026-01-03")),
            followed="2026-01-05T04:00:00Z",
            links=(SeenLink(url="https://a.org/", asked="2026-01-05T04:00:00Z", state=LinkState.UNKNOWN),),
        ),
    )
    assert rows(found) == [
        (
            "2 January 2026, 03:04 UTC",
            "3 days before the newest",
            ("1 entry as before: not listed by the last harvest",),
        ),
        ("5 January 2026, 03:00 UTC", "", ("1 repository as before: the host did not answer",)),
        ("4 January 2026, 03:00 UTC", "1 day before the newest", ("1 facility as before: the check was refused",)),
        ("3 January 2026", "2 days before the newest", ()),
        ("5 January 2026, 04:00 UTC", "", ("1 link as before: no clear answer",)),
        ("5 January 2026, 05:00 UTC", "", ()),
    ]
