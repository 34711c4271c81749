"""What has changed from one recorded state of the catalogue to the next, field by field, and what does not count as a change."""

from typing import Any

from catalogue.changes import MOST_EVENTS, RecordedItem, RecordedState, changes, current_state, newest_first, week
from catalogue.model import Catalogue, Change, ChangeKind, Event, EventSubject, Source, Verdict
from catalogue.observed import Health, Observed, Presence, Probe, SeenRepository
from catalogue.sources.changes import read_changes, write_changes
from catalogue.sources.observed import write_observed
from tests.world import CODE_OF_TOOL, FACILITIES, catalogue, entry, look, observed, reworded, seen

MONDAY, TUESDAY = "2026-11-23T04:00:00Z", "2026-11-24T04:00:00Z"
SECOND = """\
  - id: second
    name: Second
    kind: binderhub
    url: https://second.example.org/
    description: Another one.
    seen: 2026-01
"""


def between(before: Catalogue, after: Catalogue) -> tuple[Event, ...]:
    return changes(current_state(before, MONDAY), current_state(after, TUESDAY))


def said(before: Catalogue, after: Catalogue) -> list[tuple[str, str | None, str | None, str | None, str]]:
    """The changes of the only event: what, which field or facility, old, new, source."""
    (event,) = between(before, after)
    return [
        (each.what.value, each.field or each.facility, each.old, each.new, each.source.label) for each in event.changes
    ]


def test_the_first_record_is_one_event_the_catalogue_has_opened() -> None:
    (event,) = changes(None, current_state(catalogue(entry(1001), entry(1003, title="Other")), MONDAY))
    assert (event.at, event.about, event.changes[0].what, event.changes[0].new) == (
        MONDAY,
        EventSubject.CATALOGUE,
        ChangeKind.OPENED,
        "2 entries and 1 facility",
    )
    assert (event.platforms, event.keywords, event.facilities) == ((), (), ())


def test_where_nothing_has_changed_there_is_nothing_to_tell() -> None:
    assert between(catalogue(entry(1001)), catalogue(entry(1001))) == ()


def test_each_changed_field_is_told_with_what_it_was_what_it_is_and_who_says_so() -> None:
    before = catalogue(entry(1001, version="1.0", licences=("mit",), published="2026-01-01"))
    after = catalogue(
        entry(1001, version="1.1", keywords=("sky",), published="2026-01-01"),
        notebooks="software:\n  - ossr: 10.5281/zenodo.1000\n    name: A better name\n",
    )
    record = "OSSR record 10.5281/zenodo.1001"
    assert said(before, after) == [
        ("field", "name", "Tool", "A better name", "notebooks.yaml:3"),
        ("field", "keywords", None, "sky", record),
        ("field", "version", "1.0", "1.1", record),
        ("field", "licence", "MIT", None, record),
    ]
    (event,) = between(before, after)
    assert (event.identity, event.slug, event.name) == ("10.5281/zenodo.1000", "tool", "A better name")


def test_a_source_that_only_moved_to_another_line_is_no_change() -> None:
    notebooks = "software:\n  - id: mine\n    name: Mine\n"
    assert between(catalogue(notebooks=notebooks), catalogue(notebooks=f"# A line.\n{notebooks}")) == ()


def test_a_change_beyond_the_part_of_a_text_that_is_kept_is_noticed() -> None:
    long = "word " * 100
    before, after = (catalogue(entry(1001, description=f"<p>{long}{end}</p>")) for end in ("one.", "two."))
    ((what, field, old, new, _),) = said(before, after)
    assert (what, field) == ("field", "description")
    assert old == new
    assert len(str(new)) <= 202


def test_another_spelling_of_keywords_that_a_new_entry_made_more_frequent_is_no_change() -> None:
    words = tuple(f"{word} of stars" for word in ("Age", "Birth", "Colour", "Death", "Energy", "Field", "Growth"))
    old = [
        entry(1001, keywords=("Astronomy",)),
        entry(1003, title="Other", keywords=words * 3 + ("Astronomy", "w" * 99)),
    ]
    new = [entry(number, title=f"New {number}", keywords=("astronomy", "Stars")) for number in (1005, 1007, 1009)]
    found = between(catalogue(*old), catalogue(*old, *new))
    assert [(each.name, each.changes[0].what) for each in found] == [
        (f"New {number}", ChangeKind.ADDED) for number in (1005, 1007, 1009)
    ]
    assert said(catalogue(old[0]), catalogue(entry(1001, keywords=("Astrophysics",))))[0][1] == "keywords"


def test_a_new_orcid_is_a_change_of_the_authors() -> None:
    notebooks = "software:\n  - id: mine\n    name: Mine\n    authors: [{name: Ada%s}]\n"
    before, after = (catalogue(notebooks=notebooks % each) for each in ("", ", orcid: 0000-0002-1825-0097"))
    assert [each[1:4] for each in said(before, after)] == [("authors", "Ada", "Ada (0000-0002-1825-0097)")]


def test_an_entry_that_comes_is_one_change_with_its_platforms_keywords_and_where_it_launches() -> None:
    found = entry(1001, related=CODE_OF_TOOL, keywords=("sky", "notebook"), codemeta={"programmingLanguage": "Python"})
    ready = write_observed(observed(seen("https://github.com/owner/tool")))
    facilities = f"{FACILITIES}    seen: 2026-01\n"
    after = catalogue(found, facilities=facilities, observed=ready)
    (event,) = between(catalogue(facilities=facilities), after)
    assert [each.what for each in event.changes] == [ChangeKind.ADDED]
    assert (event.platforms, event.keywords, event.facilities) == (
        ("Python",),
        ("sky", "notebook"),
        ("binder",),
    )


def test_an_entry_that_is_withdrawn_that_comes_back_and_that_is_no_longer_listed() -> None:
    here = catalogue(entry(1001))
    gone = catalogue(entry(1001, withdrawn={"date": "2026-01-02", "reason": "retracted"}))
    record = "OSSR record 10.5281/zenodo.1001"
    assert said(here, gone) == [("withdrawn", None, None, "retracted (noticed on 2 January 2026)", record)]
    assert said(gone, here) == [("returned", None, None, None, record)]
    assert said(here, catalogue()) == [("removed", None, None, None, record)]
    assert between(gone, gone) == ()


def test_an_entry_of_which_zenodo_states_another_concept_is_neither_removed_nor_new() -> None:
    here = catalogue(entry(1001))
    moved = {"identity": "10.5281/zenodo.900", "concept_doi": "10.5281/zenodo.900"}
    there = catalogue(entry(1001, **moved, former_identities=("10.5281/zenodo.1000",)))
    assert [each[:4] for each in said(here, there)] == [
        ("field", "concept_doi", "10.5281/zenodo.1000", "10.5281/zenodo.900")
    ]
    (event,) = between(here, there)
    assert event.identity == "10.5281/zenodo.900"


def test_the_end_of_the_page_that_says_that_an_entry_is_gone_is_no_second_end_of_it() -> None:
    gone = catalogue(entry(1001, withdrawn={"date": "2026-01-02", "reason": "retracted"}))
    assert between(gone, catalogue()) == ()


NOW_OSSR = "software:\n  - {ossr: 10.5281/zenodo.1000, formerly: [old]}\n"
OLD = "software:\n  - {id: old, name: Tool, keywords: [sky]}\n"


def test_an_entry_with_a_new_id_is_the_same_one_at_another_address() -> None:
    after = catalogue(notebooks="software:\n  - {id: new, formerly: [old], name: Tool, keywords: [stars]}\n")
    assert said(catalogue(notebooks=OLD), after) == [
        ("moved", None, "old", "new", "notebooks.yaml:2"),
        ("field", "keywords", "sky", "stars", "notebooks.yaml:2"),
    ]
    (event,) = between(catalogue(notebooks=OLD), after)
    assert (event.identity, event.slug, event.keywords) == ("new", "new", ("stars", "sky"))
    recorded, _ = read_changes(write_changes(current_state(after, TUESDAY), [event]))
    assert changes(recorded, current_state(after, TUESDAY)) == ()  # it is reported once


def test_an_entry_that_has_become_one_of_the_ossr_is_the_same_one_whether_that_was_listed_or_not() -> None:
    found = entry(1001, keywords=("stars",))
    after = catalogue(found, notebooks=NOW_OSSR)
    moved = ("moved", None, "old", "tool", "notebooks.yaml:2")
    assert said(catalogue(found, notebooks=OLD), after) == [moved]
    (event,) = between(catalogue(found, notebooks=OLD), after)
    assert (event.slug, event.keywords) == ("tool", ("stars", "sky"))
    first, *others = said(catalogue(notebooks=OLD), after)
    assert first == moved
    assert ("field", "keywords", "sky", "stars", "OSSR record 10.5281/zenodo.1001") in others
    assert {each[0] for each in others} == {"field"}


def test_the_end_of_an_entry_that_was_renamed_the_same_night_is_told_as_its_end() -> None:
    gone = entry(1001, withdrawn={"date": "2026-01-02", "reason": "retracted"})
    after = catalogue(gone, notebooks=NOW_OSSR)
    assert [each[0] for each in said(catalogue(notebooks=OLD), after)] == ["withdrawn"]
    was_gone = catalogue(notebooks="software:\n  - {id: old, name: Tool, left_out: a copy}\n")
    assert [each[0] for each in said(was_gone, catalogue(entry(1001), notebooks=NOW_OSSR))] == ["returned"]


def test_a_file_that_was_added_to_a_repository_makes_the_pair_yes_and_the_change_says_so() -> None:
    tool = entry(1001, related=CODE_OF_TOOL, keywords=("notebook",))
    facilities = f"{FACILITIES}    seen: 2026-01\n"
    before, after = (
        catalogue(tool, facilities=facilities, observed=write_observed(observed(seen("https://github.com/owner/tool", look(files=each)))))
        for each in ((), ("requirements.txt",))
    )  # fmt: skip
    assert said(before, after) == [("verdict", "binder", "maybe", "yes", "decided by this catalogue")]
    assert between(before, after)[0].facilities == ("binder",)
    assert said(after, before) == [("verdict", "binder", "yes", "maybe", "decided by this catalogue")]


AT_OWNER = "https://github.com/owner/tool"
HUB = """\
  - id: hub
    name: Hub
    kind: jupyterhub
    url: https://hub.example.org/
    description: A hub.
    seen: 2026-01
"""
PAGE = "  - {id: page, name: Page, kind: website, url: 'https://page.example.org/', description: A site.}\n"
PULLS = f"{HUB}    options: {{nbgitpuller: true, tested: [tool]}}\n"


def with_tool(*states: SeenRepository, interface: str = "notebook", facilities: str = FACILITIES) -> Catalogue:
    """One entry that is used so, at these facilities, whose repository was last seen in this state."""
    tool = entry(1001, related=CODE_OF_TOOL)
    notebooks = f"software:\n  - {{ossr: 10.5281/zenodo.1000, interfaces: [{interface}]}}\n"
    return catalogue(
        tool, notebooks=notebooks, facilities=facilities, observed=write_observed(observed(*(states or (seen(AT_OWNER),))))
    )  # fmt: skip


def verdicts(before: Catalogue, after: Catalogue) -> list[tuple[Any, ...]]:
    """The changes of verdicts of the only event: facility, old, new, why the old one was not better, why the new one is not."""
    (event,) = between(before, after)
    return [
        (each.facility, each.old, each.new, each.old_reason, each.reason and each.reason.text)
        for each in event.changes
        if each.what is ChangeKind.VERDICT
    ]


def test_a_verdict_that_gets_worse_has_its_reason_and_one_that_gets_better_the_code_of_the_old_one() -> None:
    ready = with_tool()
    bare = with_tool(seen(AT_OWNER, look(files=())))
    gone = with_tool(seen(AT_OWNER, presence=Presence.GONE))
    installs_nothing = (
        "it launches, but installs nothing: no environment file at the top: "
        "add binder/requirements.txt with the packages that it imports"
    )
    absent = "there is no such public repository on github.com: give its present address"
    assert verdicts(ready, bare) == [("binder", "yes", "maybe", None, installs_nothing)]
    assert verdicts(ready, gone) == [("binder", "yes", "no", None, absent)]
    assert verdicts(bare, gone) == [("binder", "maybe", "no", "bare", absent)]
    assert verdicts(gone, bare) == [("binder", "no", "maybe", "repository-gone", installs_nothing)]
    assert verdicts(bare, ready) == [("binder", "maybe", "yes", "bare", None)]


def test_another_reason_for_the_same_verdict_is_no_change() -> None:
    gone, empty = (with_tool(seen(AT_OWNER, presence=each)) for each in (Presence.GONE, Presence.EMPTY))
    assert between(gone, empty) == ()


def test_a_link_to_a_front_page_that_comes_or_goes_is_no_launch_that_comes_or_goes() -> None:
    with_page = with_tool(facilities=f"facilities:\n{HUB}")
    without = with_tool(interface="desktop", facilities=f"facilities:\n{HUB}")
    assert {each.verdict for each in with_page.offers} == {Verdict.MAYBE}
    assert {each.verdict for each in without.offers} == {Verdict.NO}
    for before, after in ((with_page, without), (without, with_page)):
        (event,) = between(before, after)
        assert [each.field for each in event.changes] == ["interfaces"]
        assert event.facilities == ()


def test_a_launch_of_which_only_a_link_to_a_front_page_is_left_is_lost() -> None:
    launches, page = (with_tool(facilities=f"facilities:\n{each}") for each in (PULLS, HUB))
    only_page = (
        "this hub is not known to fetch repositories: the link opens its front page, and you clone the repository there"
    )
    assert verdicts(launches, page) == [("hub", "yes", "no", None, only_page)]
    assert verdicts(page, launches) == [("hub", "no", "yes", "front-page", None)]


def test_the_reason_for_a_mere_link_to_a_front_page_is_not_another_doubt() -> None:
    tool = entry(1001, related=CODE_OF_TOOL, access="restricted")
    ready = write_observed(observed(seen(AT_OWNER)))
    launches, page = (catalogue(tool, facilities=f"facilities:\n{each}", observed=ready) for each in (PULLS, HUB))
    assert [each.code for each in page.offers[0].reasons] == ["interface-unknown", "restricted", "front-page"]
    (event,) = between(launches, page)
    assert [(each.old_reason, each.reason and each.reason.code) for each in event.changes] == [
        ("restricted", "front-page")
    ]


def test_an_entry_that_comes_is_told_to_each_facility_at_which_it_should_or_may_run() -> None:
    ready = seen(AT_OWNER, look(files=()))
    facilities = f"{FACILITIES}{PAGE}{PULLS}{SECOND}"
    before = catalogue(facilities=facilities.replace(", tested: [tool]", ""))
    after = with_tool(ready, facilities=facilities)
    (event,) = between(before, after)
    assert (event.facilities, event.unsure) == (("binder", "hub", "second"), ("binder", "second"))
    (event,) = between(after, before)
    assert (event.facilities, event.unsure) == (("binder", "hub", "second"), ())


def test_an_entry_that_comes_is_told_to_a_facility_that_is_edited_the_same_night() -> None:
    edited = f"{FACILITIES}    ports: [80, 443]\n"
    _, event = between(catalogue(), with_tool(facilities=edited))
    assert (event.about, event.facilities) == (EventSubject.SOFTWARE, ("binder",))


def test_a_launch_that_is_lost_is_told_even_if_the_facility_got_another_description_the_same_night() -> None:
    gone = seen(AT_OWNER, presence=Presence.GONE)
    described, event = between(with_tool(), with_tool(gone, facilities=FACILITIES.replace("Builds", "Makes")))
    assert [each.field for each in described.changes] == ["summary", "pairs"]
    assert [(each.facility, each.reason and each.reason.code) for each in event.changes] == [
        ("binder", "repository-gone")
    ]
    # If it no longer runs notebooks, that is what its own event reports.
    (event,) = between(with_tool(), with_tool(gone, facilities=f"{FACILITIES}    interfaces: [desktop]\n"))
    assert event.about is EventSubject.FACILITY


def test_links_to_a_front_page_are_not_counted_among_what_may_run_at_a_facility() -> None:
    (event,) = between(with_tool(), with_tool(facilities=f"{FACILITIES}{HUB}"))
    assert [each.new for each in event.changes] == ["0 entries should run there, 0 may"]


def test_a_new_facility_is_one_event_of_its_own_and_none_of_the_entries_that_run_there() -> None:
    tool = entry(1001, related=CODE_OF_TOOL, keywords=("notebook",))
    ready = write_observed(observed(seen("https://github.com/owner/tool")))
    after = catalogue(tool, facilities=f"{FACILITIES}{SECOND}", observed=ready)
    (event,) = between(catalogue(tool, observed=ready), after)
    assert (event.about, event.slug, event.facilities, event.platforms, event.keywords) == (
        EventSubject.FACILITY,
        "second",
        ("second",),
        (),
        (),
    )
    assert [(each.what, each.new) for each in event.changes] == [(ChangeKind.ADDED, "1 entry should run there, 0 may")]


def test_a_facility_that_closes_is_one_event_whatever_ran_there() -> None:
    tool = entry(1001, related=CODE_OF_TOOL, keywords=("notebook",))
    ready = write_observed(observed(seen("https://github.com/owner/tool")))
    before, after = (
        catalogue(tool, facilities=f"{FACILITIES}    seen: 2026-01\n{more}", observed=ready)
        for more in ("", "    closed: 2026-11\n")
    )
    assert said(before, after) == [
        ("field", "closed", None, "2026-11", "facilities.yaml:2"),
        ("field", "pairs", "1 entry should run there, 0 may", "0 entries should run there, 0 may", "decided by this catalogue"),
    ]  # fmt: skip
    assert said(before, catalogue(tool, facilities="facilities: []\n", observed=ready))[0][0] == "removed"


def test_how_a_facility_is_tonight_is_no_change() -> None:
    def with_health(health: Health) -> Catalogue:
        probe = Probe(facility="binder", url="https://binder.example.org/", asked=MONDAY, health=health)
        return catalogue(
            entry(1001, related=CODE_OF_TOOL), observed=write_observed(Observed(probed=MONDAY, probes=(probe,)))
        )

    assert between(with_health(Health.HEALTHY), with_health(Health.SILENT)) == ()


def test_a_night_that_turns_everything_upside_down_is_told_up_to_a_bound() -> None:
    def recorded(at: str, count: int) -> RecordedState:
        things = tuple(RecordedItem(identity=f"{n:04}", slug=f"s{n}", name=f"S{n}") for n in range(count))
        return RecordedState(at=at, software=things, facilities=())

    found = changes(recorded(MONDAY, 0), recorded(TUESDAY, MOST_EVENTS + 7))
    assert len(found) == MOST_EVENTS + 1
    assert (found[-1].changes[0].what, found[-1].changes[0].new) == (ChangeKind.MORE, "7 more")


def test_a_summary_that_follows_its_description_is_not_told_beside_it() -> None:
    before, after = (catalogue(entry(1001, description=f"<p>{each}</p>")) for each in ("One.", "Two."))
    assert [each[1] for each in said(before, after)] == ["description"]
    assert [each[1] for each in said(before, reworded(after))] == ["description"]


def test_weeks_are_those_of_iso_8601() -> None:
    assert [week(day) for day in ("2026-11-23T00:00:00Z", "2026-01-01", "2027-01-01", "2024-12-30")] == [
        "2026-w48",
        "2026-w01",
        "2026-w53",
        "2025-w01",
    ]


def test_the_newest_comes_first_and_one_record_keeps_its_order() -> None:
    def event(at: str, slug: str) -> Any:
        change = Change(what=ChangeKind.ADDED, source=Source(label="x"))
        return Event(at=at, about=EventSubject.SOFTWARE, identity=slug, slug=slug, name=slug, changes=(change,))

    one = event(MONDAY, "a")
    two, three = event(TUESDAY, "b"), event(TUESDAY, "c")
    assert newest_first([one, two, three]) == (two, three, one)
