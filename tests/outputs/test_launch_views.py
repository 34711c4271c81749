"""What pages say about launches: health of facilities, readiness of repositories, number of launches."""

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from catalogue import changes
from catalogue.launch.offers import offer_for
from catalogue.model import LIMIT_LABELS, Catalogue, Facility, Limits, Notebook, Pin
from catalogue.observed import Failure, Health, LaunchCount, Launches, Observed, Presence, Probe, SeenRepository
from catalogue.outputs.launch_views import (
    health_sentence,
    health_view,
    launched_words,
    limits_rows,
    offer_view,
    readiness_counts,
    readiness_view,
    warnings,
)
from catalogue.outputs.software_views import software_views
from catalogue.sources.observed import write_observed
from tests.world import (
    CODE_OF_TOOL,
    FACILITIES,
    NO_FACILITIES,
    catalogue,
    entry,
    facility,
    look,
    notebook,
    observed,
    seen,
    software,
)

BASE = "https://catalogue.example.org/"
GIT = "https://github.com/owner/tool"
ASKED = "2026-06-03T03:41:00Z"
DAYS = tuple((date(2026, 6, 3) - timedelta(days=back)).isoformat() for back in range(29, -1, -1))


def at(health: Health, **says: object) -> Facility:
    plain: dict[str, Any] = {"facility": "hub", "url": "https://hub.example.org/", "asked": ASKED, "health": health}
    return facility("binderhub", seen=None, probe=Probe(**(plain | says)))


@pytest.mark.parametrize(
    ("place", "sentence", "told"),
    [
        (at(Health.HEALTHY, up=ASKED), "Healthy at the last check (3 June 2026, 03:41 UTC).", ()),
        (
            at(Health.REACHABLE, up=ASKED),
            "Reachable at the last check (3 June 2026, 03:41 UTC); it says nothing about its health.",
            (),
        ),
        (
            at(Health.UNHEALTHY, detail="Pod quota failed", up="2026-06-01T03:41:00Z", since="2026-06-02T03:41:00Z"),
            (
                "Unhealthy at the last check (3 June 2026, 03:41 UTC): Pod quota failed. "
                "The last good answer was on 1 June 2026, 03:41 UTC."
            ),
            ("Unhealthy since 2 June",),
        ),
        (
            at(Health.SILENT, detail="no connection", up="2026-05-13T03:41:00Z", since="2026-05-14T03:41:00Z"),
            (
                "Not answering since 14 May 2026, 03:41 UTC (last asked on 3 June 2026, 03:41 UTC): no connection. "
                "The last good answer was on 13 May 2026, 03:41 UTC."
            ),
            ("Not answering since 14 May",),
        ),
        (
            at(Health.SILENT, since=ASKED),
            "Not answering since 3 June 2026, 03:41 UTC. Never seen working.",
            ("Not answering since 3 June",),
        ),
        (
            at(Health.SILENT, since="2025-05-14T03:41:00Z"),
            "Not answering since 14 May 2025, 03:41 UTC (last asked on 3 June 2026, 03:41 UTC). Never seen working.",
            ("Not answering since 14 May 2025",),
        ),
        (
            facility("binderhub", seen="2026-05"),
            "Seen working by a person in May 2026. Not yet checked by a program.",
            (),
        ),
        (
            facility("binderhub", seen="2026-05-02"),
            "Seen working by a person on 2 May 2026. Not yet checked by a program.",
            (),
        ),
        (facility("binderhub", seen=None), "Never checked.", ("Never checked",)),
        (
            facility("binderhub", url="http://hub.example.org/", seen=None),
            "Never checked: its address is not encrypted.",
            ("Never checked", "Plain http"),
        ),
        (facility("binderhub", closed="2026-01"), "Closed since January 2026.", ("Closed",)),
    ],
)
def test_the_health_of_a_facility_says_what_was_seen_and_when(
    place: Facility, sentence: str, told: tuple[str, ...]
) -> None:
    assert health_sentence(place) == sentence
    assert tuple(each.label for each in warnings(place)) == told


def test_the_strip_has_thirty_days_and_marks_those_without_a_check() -> None:
    history = ((DAYS[0], Health.HEALTHY), (DAYS[28], Health.SILENT), (DAYS[29], Health.HEALTHY))
    view = health_view(at(Health.HEALTHY, up=ASKED, history=history, versions=(("binderhub", "1.0"),)))
    assert [each.level for each in view.days] == ["up", *["unknown"] * 27, "down", "up"]
    assert (view.days[0].label, view.days[1].label) == ("5 May 2026: healthy", "6 May 2026: not asked")
    assert (view.first_day, view.last_day) == ("5 May", "3 June")
    assert view.tally == "A good answer on 2 of 3 days; 2 June 2026: not answering"
    assert view.versions == (("binderhub", "1.0"),)
    assert health_view(facility("binderhub")).days == ()


# --- proven launches


def read_on(*days: str, probed: str = ASKED) -> Observed:
    """An archive of which these days were read."""
    return Observed(probed=probed, launches=Launches(days=days))


def launched(
    *days: tuple[str, int],
    last: str | None = None,
    read: tuple[str, ...] = DAYS,
    since: str = "2026-01-01",
    **says: Any,
) -> str:
    count = LaunchCount(repository="github.com/owner/tool", since=since, days=days, last=last)
    return launched_words(replace(notebook(), launched=count), read_on(*read, **says))


def test_launches_are_counted_with_the_last_day() -> None:
    assert launched((DAYS[3], 13), (DAYS[20], 1), last=DAYS[20]) == (
        "Launched 14 times in the last 30 days on mybinder.org, last on 25 May 2026"
    )
    assert launched((DAYS[20], 1), last=DAYS[20]).startswith("Launched once in the last 30 days")


def test_a_repository_that_was_not_counted_is_not_said_to_have_no_launches() -> None:
    assert launched() == "No launch seen on mybinder.org in the last 30 days"
    assert launched(last="2026-03-02") == (
        "No launch seen on mybinder.org in the last 30 days; the last was on 2 March 2026"
    )
    assert launched(read=()) == ""  # nobody has looked
    assert launched_words(notebook(), read_on(*DAYS)) == ""  # it was not counted
    assert launched_words(software(), read_on(*DAYS)) == ""


def test_if_not_all_days_were_read_or_counted_the_sentence_says_which() -> None:
    assert launched((DAYS[29], 2), last=DAYS[29], read=DAYS[28:]) == (
        "Launched 2 times on the 2 days of the last 30 that were read on mybinder.org, last on 3 June 2026"
    )
    assert launched(since=DAYS[25]) == ("No launch seen on mybinder.org since 30 May 2026, when counting began")


def test_if_the_archive_is_not_current_the_days_are_named() -> None:
    assert launched((DAYS[29], 2), last=DAYS[29], probed="2026-08-01T03:41:00Z") == (
        "Launched 2 times in the 30 days up to 3 June 2026 on mybinder.org, last on 3 June 2026"
    )


def test_the_count_is_shown_only_at_the_facility_that_counts() -> None:
    for url, shown in (("https://mybinder.org/", True), ("https://mybinder.org.example.org/", False)):
        place = facility("binderhub", url=url)
        counted = replace(notebook(), launched=LaunchCount(repository="github.com/owner/tool", since="2026-01-01"))
        view = offer_view(offer_for(counted, place), counted, place, read_on(*DAYS), BASE)
        assert bool(view.launched) is shown


# --- the checklist


def test_a_repository_that_was_not_inspected_yet() -> None:
    view = readiness_view(notebook(seen=None))
    assert view is not None
    assert (view.label, view.checks) == ("Not inspected yet", ())
    assert readiness_view(software()) is None


def test_the_checklist_says_what_was_seen_and_what_to_do() -> None:
    known = seen(GIT, look(files=("uv.lock",), notebooks=("a.ipynb",), large_files=True), archived=True)
    view = readiness_view(notebook(seen=known))
    assert view is not None
    assert (view.label, view.as_of) == (
        "It starts, but installs nothing",
        "The same at every inspection since 1 January 2026, at its default branch.",
    )
    assert [(each.sign, each.text, each.fix) for each in view.checks] == [
        ("✓", "The repository is there at 1a2b3c4d5e", ""),
        ("!", "It is archived: its owner no longer changes it", ""),
        ("!", "Files are kept in Git LFS: a facility without LFS shows small pointer files in their place", ""),
        (
            "!",
            "It launches, but installs nothing: no environment file at the top",
            "add binder/requirements.txt with the packages that it imports; uv.lock is not read",
        ),
        ("✓", "1 notebook in it", ""),
    ]


def test_if_the_host_does_not_answer_the_last_inspection_stays_with_its_age() -> None:
    known = seen(
        GIT,
        look(),
        asked="2026-01-05T03:41:00Z",
        failing=Failure(since="2026-01-06T03:41:00Z", why="GitHub did not answer"),
    )
    view = readiness_view(notebook(seen=known))
    assert view is not None
    assert view.label == "Ready"
    assert view.as_of == (
        "As last seen on 5 January 2026 at its default branch; inspections have failed since 6 January 2026: "
        "GitHub did not answer."
    )


def test_of_a_record_it_is_said_when_it_is_inspected_again_and_if_that_fails() -> None:
    known = seen("https://doi.org/10.5281/zenodo.7", look(), asked="2026-01-05T03:41:00Z")
    view = readiness_view(notebook(repository=known.repository, seen=known))
    assert view is not None
    assert view.as_of == "Inspected on 5 January 2026; it is inspected again when the files of the record change."
    failing = Failure(since="2026-01-06T03:41:00Z", why="Zenodo did not answer")
    view = readiness_view(notebook(repository=known.repository, seen=replace(known, failing=failing)))
    assert view is not None
    assert view.as_of == (
        "As last seen on 5 January 2026; inspections have failed since 6 January 2026: Zenodo did not answer."
    )


# --- what happens at a button, and exactly the cited version


def test_the_text_at_the_button_says_what_to_expect() -> None:
    place = facility("binderhub", limits=Limits(memory="2 GB", session="at most 6 hours"), ports=(80, 443))
    view = offer_view(offer_for(notebook(), place), notebook(), place, Observed(), BASE)
    assert view.short == (
        "first start takes minutes",
        "nothing is kept",
        "2 GB of memory",
        "at most 6 hours",
        "only some outgoing ports",
    )
    assert view.notes[-3:] == (
        "A session has memory: 2 GB.",
        "A session lasts at most 6 hours.",
        "Outgoing connections work on these ports only: 80 and 443.",
    )


def test_the_copied_citation_and_launch_link_are_of_the_same_version() -> None:
    known = seen(GIT, look(), look("v2"))
    found = catalogue(
        entry(1001, related=CODE_OF_TOOL, version="v2", published="2026-01-02"),
        notebooks="software:\n  - ossr: 10.5281/zenodo.1000\n    interfaces: [notebook]\n",
        observed=write_observed(Observed(inspected=ASKED, repositories=(known,))),
    )
    [view] = software_views(found)
    assert view.exact is not None
    assert view.exact.text == (
        "(2026). Tool (v2) [Computer software]. https://doi.org/10.5281/zenodo.1001\n"
        "Launch this version: https://binder.example.org/v2/gh/owner/tool/v2?urlpath=lab\n"
        "Other places to run it: https://catalogue.example.org/go/tool/"
    )
    assert [(each.label, each.pin) for each in view.best[0].editions] == [("v2, the cited version", Pin.CITED)]
    assert view.best[0].ref == "today’s code, not version v2"
    assert view.exact.doubts == ()


def test_what_is_wrong_with_the_cited_version_stands_beside_its_launch_link() -> None:
    known = seen(GIT, look(notebooks=("a.ipynb",)), look("v2", notebooks=("b.ipynb",)))
    found = catalogue(
        entry(1001, related=CODE_OF_TOOL, version="v2"),
        notebooks=(
            "software:\n  - ossr: 10.5281/zenodo.1000\n    interfaces: [notebook]\n    notebooks: [{path: a.ipynb}]\n"
        ),
        observed=write_observed(Observed(inspected=ASKED, repositories=(known,))),
    )
    [view] = software_views(found)
    assert view.exact is not None
    assert view.exact.doubts == ("The notebook a.ipynb is not in the repository: name one that exists.",)


def test_the_links_of_a_notebook_say_what_is_wrong_with_their_facility() -> None:
    known = seen(GIT, look(notebooks=("a.ipynb", "b.ipynb")))
    found = catalogue(
        entry(1001, related=CODE_OF_TOOL),
        notebooks="software:\n  - ossr: 10.5281/zenodo.1000\n    interfaces: [notebook]\n",
        observed=write_observed(Observed(inspected=ASKED, repositories=(known,))),
    )
    [view] = software_views(found)
    assert {(link.label, link.note) for each in view.notebooks for link in each.links} == {("Binder", "never checked")}


def test_if_the_cited_version_cannot_be_launched_nothing_is_offered_for_copying() -> None:
    found = catalogue(entry(1001, related=CODE_OF_TOOL, version="v2"))
    [view] = software_views(found)
    assert view.exact is None


def test_every_notebook_is_listed_with_its_links_and_a_note() -> None:
    known: SeenRepository = seen(GIT, look(notebooks=("b.ipynb", "c#.ipynb"), more_notebooks=0))
    found = catalogue(
        entry(1001, related=CODE_OF_TOOL),
        notebooks=(
            "software:\n  - ossr: 10.5281/zenodo.1000\n    interfaces: [notebook]\n"
            "    notebooks: [{path: gone.ipynb, title: Was here}, {path: b.ipynb, title: Maps}]\n"
        ),
        observed=write_observed(Observed(inspected=ASKED, repositories=(known,))),
    )
    [view] = software_views(found)
    assert [(each.title, each.path, each.note, len(each.links)) for each in view.notebooks] == [
        ("Was here", "gone.ipynb", "not in the repository any more", 0),
        ("Maps", "b.ipynb", "", 1),
        (None, "c#.ipynb", "its name has letters that no facility here opens: open the folder around it", 0),
    ]
    assert Notebook(path="b.ipynb", title="Maps") in found.software[0].all_notebooks


@pytest.mark.parametrize(
    ("says", "facilities", "note"),
    [
        ({}, FACILITIES, "Launch opens it"),
        ({"presence": Presence.GONE}, FACILITIES, ""),
        ({"looks": (look(found=False),)}, FACILITIES, ""),
        ({}, f"{FACILITIES}    closed: 2025-01\n", ""),
        ({}, NO_FACILITIES, ""),
        # These open another page than the notebook.
        ({}, FACILITIES.replace("binderhub", "jupyterhub"), ""),
        ({}, FACILITIES.replace("binderhub", "rosetta"), ""),
    ],
)
def test_a_launch_is_said_to_open_a_notebook_only_where_one_does(
    says: dict[str, Any], facilities: str, note: str
) -> None:
    found = catalogue(
        notebooks=f"software:\n  - id: a\n    name: A\n    interfaces: [notebook]\n    repository: {GIT}/blob/HEAD/a.ipynb\n"
        "    notebooks: [{path: a.ipynb}]\n",
        facilities=facilities,
        observed=write_observed(observed(seen(GIT, look(notebooks=["a.ipynb"]), **says))),
    )
    [view] = software_views(found)
    assert [(each.path, each.note) for each in view.notebooks] == [("a.ipynb", note)]


def test_no_notebook_is_blamed_for_its_letters_where_nothing_launches() -> None:
    two = f"software:\n  - id: a\n    name: A\n    repository: {GIT}\n    notebooks: [{{path: a.ipynb}}, {{path: b.ipynb}}]\n"
    gone = write_observed(observed(seen(GIT, presence=Presence.GONE)))
    [view] = software_views(catalogue(notebooks=two, observed=gone))
    assert [(each.path, each.note, each.links) for each in view.notebooks] == [("a.ipynb", "", ()), ("b.ipynb", "", ())]


def test_a_reason_that_all_facilities_share_is_shown_once() -> None:
    other = FACILITIES.partition("\n")[2].replace("id: binder", "id: other").replace("Binder\n", "Other\n")
    two = FACILITIES + other.replace("binder.example", "other.example")
    [view] = software_views(
        catalogue(
            entry(1001, related=CODE_OF_TOOL),
            facilities=two,
            notebooks="software:\n  - ossr: 10.5281/zenodo.1000\n    interfaces: [notebook]\n",
        )
    )
    assert view.said == (
        "The code behind the link has not been inspected yet, so it is not known whether it declares what to install.",
    )
    assert [row.reasons for row in view.offers] == [view.said] * 2


def test_a_card_says_if_its_button_opens_another_version_than_the_one_shown() -> None:
    place = facility("binderhub")
    newest, tagged = notebook(version="2"), notebook(version="v2", repository=f"{GIT}/tree/v2")
    assert offer_view(offer_for(newest, place), newest, place, Observed(), BASE).in_short == "no login, today’s code"
    assert offer_view(offer_for(tagged, place), tagged, place, Observed(), BASE).in_short == "no login"


def test_every_limit_has_a_label_and_is_shown_and_followed() -> None:
    limits = Limits(**{each.name: f"so much {each.name}" for each in fields(Limits)})
    assert limits_rows(limits) == tuple((label, f"so much {name}") for name, label in LIMIT_LABELS.items())
    assert [*LIMIT_LABELS] == [each.name for each in fields(Limits)]
    with_limits = replace(catalogue(), facilities=(facility(limits=limits),))
    told = {fact.field for each in changes.current_state(with_limits, ASKED).facilities for fact in each.facts}
    assert told >= LIMIT_LABELS.keys()


def test_a_name_within_the_words_of_what_a_repository_is_keeps_its_capital(real_catalogue: Catalogue) -> None:
    words = {kind: label for kind, label, _ in readiness_counts(real_catalogue.software)}
    assert (words["ready"], words["dockerfile"]) == ("says what to install", "has a Dockerfile")
