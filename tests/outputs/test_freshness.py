"""How old each source is, counted from the newest of them, and what in it is older still."""

from dataclasses import replace

from catalogue.model import Catalogue
from catalogue.observed import Failure, Health, Launches, LinkSeen, LinkState, Observed, Probe
from catalogue.outputs.freshness import ages
from tests.world import catalogue, entry, reworded, seen


def rows(found: Catalogue) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.read, each.age, each.kept) for each in ages(found)]


def test_what_was_never_read_is_said_to_be_so() -> None:
    assert rows(catalogue(entry(1001))) == [
        ("2 January 2026, 03:04 UTC", "less than a day", ()),
        *([("not yet", "", ())] * 5),
    ]


def test_each_source_has_its_time_its_age_and_what_was_kept_with_the_reason() -> None:
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
            links=(LinkSeen(url="https://a.org/", asked="2026-01-05T04:00:00Z", state=LinkState.UNKNOWN),),
        ),
    )
    assert rows(found) == [
        ("2 January 2026, 03:04 UTC", "3 days", ("1 entry as before: the last harvest did not list them",)),
        ("5 January 2026, 03:00 UTC", "less than a day", ("1 repository as before: the host did not answer",)),
        ("4 January 2026, 03:00 UTC", "1 day", ("1 facility as before: it did not tell how it is",)),
        ("3 January 2026", "2 days", ()),
        ("5 January 2026, 04:00 UTC", "less than a day", ("1 link as before: the host did not tell",)),
        ("5 January 2026, 05:00 UTC", "less than a day", ()),
    ]


def test_facts_from_an_earlier_version_are_counted_however_it_is_called() -> None:
    found = catalogue(entry(1001, licences=("mit",), kept={"licences": "10.5281/zenodo.900"}))
    words = "Facts of 1 entry from an earlier version: the newest is silent"
    assert rows(reworded(found))[0][2] == (words,)


def test_the_time_of_the_build_counts_where_it_is_given() -> None:
    assert rows(catalogue(entry(1001), built="2026-02-01T00:00:00Z"))[0][1] == "29 days"
