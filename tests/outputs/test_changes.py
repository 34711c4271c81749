"""Pages, feeds and JSON of changes: each change with its source and in the right feeds."""

import json
import re
from dataclasses import replace
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
import turbohtml

from catalogue.changes import changes, current_state
from catalogue.model import Catalogue, Change, ChangeKind, Event, EventSubject, Reason, Source
from catalogue.outputs.changes import IN_A_FEED, IN_JSON, feed_files, slices, weeks
from catalogue.outputs.check import site_problems
from catalogue.outputs.files import PAGE_LIMIT, File
from catalogue.text import as_sentence
from tests.conftest import built
from tests.test_golden import small_catalogue
from tests.world import CODE_OF_TOOL, FACILITIES, catalogue, entry

ATOM = "{http://www.w3.org/2005/Atom}"
MONDAY, TUESDAY = "2026-11-23T04:00:00Z", "2026-11-24T04:00:00Z"


@pytest.fixture(scope="module")
def small() -> Catalogue:
    return small_catalogue()


@pytest.fixture(scope="module")
def by_path(small: Catalogue) -> dict[str, File]:
    return {file.path: file for file in built(small)}


def feeds(found: Catalogue) -> dict[str, ElementTree.Element]:
    """Every feed by its path, read by a strict parser."""
    return {file.path: ElementTree.fromstring(file.content) for file in feed_files(found)}


def titles(feed: ElementTree.Element) -> list[str]:
    return [each.findtext(f"{ATOM}title") or "" for each in feed.iter(f"{ATOM}entry")]


def event(slug: str = "tool", text: str = "MIT", **says: Any) -> Event:
    change = Change(what=ChangeKind.FIELD, field="licence", source=Source(label="OSSR record"), new=text)
    plain = {"at": TUESDAY, "about": EventSubject.SOFTWARE, "identity": slug, "slug": slug, "name": slug.title()}
    return Event(**{**plain, "changes": (change,), **says})


def with_events(*events: Event) -> Catalogue:
    found = catalogue(entry(1001, keywords=("sky",), codemeta={"programmingLanguage": "Python"}))
    return replace(found, recorded=TUESDAY, changes=events)


def test_the_end_of_a_facility_is_told_as_such_and_comes_first() -> None:
    tool = entry(1001, related=CODE_OF_TOOL)
    before, after = (
        catalogue(tool, facilities=FACILITIES.replace("https://binder.", f"https://{host}.") + more)
        for host, more in (("old", ""), ("new", "    closed: 2026-10\n"))
    )
    (found,) = changes(current_state(before, MONDAY), current_state(after, TUESDAY))
    whole = replace(after, recorded=TUESDAY, changes=(found,))
    assert titles(feeds(whole)["feeds/all.atom"]) == ["Binder: Closed since October 2026 and 2 more changes"]


def test_there_is_a_feed_of_everything_and_one_for_each_facility_platform_and_keyword(small: Catalogue) -> None:
    assert sorted(feeds(small)) == [
        "feeds/all.atom",
        "feeds/facility/binder.atom",
        "feeds/facility/old-hub.atom",
        "feeds/facility/rosetta.atom",
        "feeds/keyword/gamma-ray.atom",
        "feeds/keyword/vo.atom",
        "feeds/platform/java.atom",
    ]


def test_a_new_facility_is_one_entry_in_its_own_feed_and_in_that_of_everything_and_in_no_other() -> None:
    tool = entry(
        1001, related=CODE_OF_TOOL, keywords=("sky", "jupyter-notebook"), codemeta={"programmingLanguage": "Python"}
    )
    second = "  - {id: second, name: Second, kind: binderhub, url: 'https://second.example.org/', description: Two.}\n"
    before, after = catalogue(tool), catalogue(tool, facilities=f"{FACILITIES}{second}")
    then, now = current_state(before, MONDAY), current_state(after, TUESDAY)
    found = replace(after, recorded=TUESDAY, changes=(*changes(then, now), *changes(None, then)))
    added = "Second: New facility: 0 entries should run there, 1 may"
    assert {path: titles(feed) for path, feed in feeds(found).items()} == {
        "feeds/all.atom": [added, "The catalogue opened with 1 entry and 1 facility"],
        "feeds/facility/binder.atom": [],
        "feeds/facility/second.atom": [added],
        "feeds/keyword/jupyter-notebook.atom": [],
        "feeds/keyword/sky.atom": [],
        "feeds/platform/python.atom": [],
    }


def test_a_change_is_in_the_feeds_that_it_concerns_with_the_same_id() -> None:
    found = with_events(event("tool", platforms=("Python",), keywords=("Sky",), facilities=("binder",)), event("other"))
    every = feeds(found)
    assert {path: len(titles(feed)) for path, feed in every.items()} == {
        "feeds/all.atom": 2,
        "feeds/facility/binder.atom": 1,
        "feeds/keyword/sky.atom": 1,
        "feeds/platform/python.atom": 1,
    }
    ids = {feed.findtext(f"{ATOM}entry/{ATOM}id") for feed in every.values()}
    assert ids == {"https://catalogue.example.org/changes/2026-w48/#software-tool-20261124040000"}


def test_events_under_a_former_slug_link_to_the_present_page() -> None:
    said = Change(what=ChangeKind.MOVED, source=Source(label="notebooks.yaml:2"), old="old", new="new")
    moved = event("new", changes=(said,))
    found = catalogue(notebooks="software:\n  - {id: new, name: New, formerly: [old]}\n")
    (page,) = (page for week in weeks(replace(found, changes=(moved, event("old", at=MONDAY)))) for page in week.pages)
    views = [view for _, each in page.days for view in each]
    assert [view.about.href for view in views] == ["software/new/", "software/new/"]
    assert views[0].changes[0].text == "Its address is software/new/ now; software/old/ leads there."


HERE = Source(label="decided by this catalogue")
GONE = Reason("repository-gone", "there is no such public repository on github.com: give its present address")
BARE = Reason("bare", "it launches, but installs nothing: add binder/requirements.txt")


def verdict(old: str, new: str, facility: str = "binder", **says: Any) -> Change:
    return Change(what=ChangeKind.VERDICT, source=HERE, facility=facility, old=old, new=new, **says)


def sentences(*said: Change, **says: Any) -> list[str]:
    """The changes of one event as its page shows them."""
    [page] = (page for week in weeks(with_events(event(changes=said, **says))) for page in week.pages)
    [view] = (view for _, views in page.days for view in views)
    return [each.text for each in view.changes]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            verdict("yes", "no", reason=GONE),
            "No longer launches at Binder. There is no such public repository on github.com: give its present address.",
        ),
        (
            verdict("yes", "maybe", reason=BARE),
            "No longer sure to launch at Binder. It launches, but installs nothing: add binder/requirements.txt.",
        ),
        (
            verdict("maybe", "no", reason=GONE, old_reason="bare"),
            "Can no longer be tried at Binder. There is no such public repository on github.com: give its present address.",
        ),
        (
            verdict("no", "maybe", reason=BARE, old_reason="repository-gone"),
            "May now launch at Binder — before: repository gone. It launches, but installs nothing: add binder/requirements.txt.",
        ),
        (verdict("maybe", "yes", old_reason="bare"), "Now launches at Binder — before: installs nothing."),
        (verdict("no", "yes", old_reason="a code of the past"), "Now launches at Binder."),
        # Events that were stored until November 2026 have no reasons.
        (verdict("yes", "no"), "No longer launches at Binder."),
        (verdict("yes", "maybe"), "No longer sure to launch at Binder."),
        (verdict("no", "maybe"), "May now launch at Binder."),
        (verdict("maybe", "yes"), "Now launches at Binder."),
    ],
)
def test_a_change_of_a_verdict_says_why(change: Change, text: str) -> None:
    assert sentences(change) == [text]
    found = with_events(event(changes=(change,)))
    exported = json.loads(next(each.text for each in built(found) if each.path == "api/v1/changes.json"))
    [said] = exported["events"][0]["changes"]
    assert said["text"] == text
    assert said["old_reason"] == change.old_reason
    assert said["reason"] == ({"code": change.reason.code, "text": change.reason.text} if change.reason else None)
    assert text in unescape(feeds(found)["feeds/all.atom"].findtext(f"{ATOM}entry/{ATOM}summary") or "")


def test_facilities_with_the_same_change_for_the_same_reason_share_a_sentence() -> None:
    said = (
        verdict("yes", "no", "binder", reason=GONE),
        verdict("yes", "no", "other", reason=GONE),
        verdict("yes", "no", "third", reason=Reason("provider", "its code is on a host that it takes nothing from")),
    )
    assert sentences(*said) == [
        "No longer launches at Binder and other. There is no such public repository on github.com: give its present address.",
        "No longer launches at third. Its code is on a host that it takes nothing from.",
    ]


def test_the_title_of_a_feed_entry_has_room_for_the_reason_however_many_facilities_there_are() -> None:
    def title(*facilities: str) -> str:
        said = tuple(verdict("yes", "no", each, reason=GONE) for each in facilities)
        return titles(feeds(with_events(event(changes=said)))["feeds/all.atom"])[0]

    why = "There is no such public repository on github.com: give its present address"
    assert title("binder", "other") == f"Tool: No longer launches at Binder and other. {why}"
    assert title("binder", "other", "third") == f"Tool: No longer launches at 3 facilities. {why}"


def test_the_title_of_a_feed_entry_tells_the_weightiest_change_and_at_a_facility_the_verdict_there() -> None:
    field = event().changes[0]
    moved = Change(what=ChangeKind.MOVED, source=HERE, old="old", new="tool")
    launches = (verdict("no", "yes", "other"), verdict("yes", "no", reason=GONE))
    found = with_events(
        event(changes=(field, *launches), facilities=("binder", "other"), keywords=("sky",)),
        event(changes=(field, *launches, moved), at=MONDAY, keywords=("sky",)),
    )
    every = feeds(found)
    assert titles(every["feeds/facility/binder.atom"]) == [
        f"Tool: No longer launches at Binder. {as_sentence(GONE.text)[:-1]} and 2 more changes"
    ]
    assert titles(every["feeds/keyword/sky.atom"]) == [
        "Tool: Now launches at other and 2 more changes",
        "Tool: Its address is software/tool/ now; software/old/ leads there and 3 more changes",
    ]


def test_an_entry_that_comes_says_where_it_launches_and_where_it_may() -> None:
    added = Change(what=ChangeKind.ADDED, source=Source(label="OSSR record"))
    both = ("binder", "other", "third")
    assert sentences(added, facilities=both, unsure=("other", "third")) == [
        "New in the catalogue; launches at Binder; may launch at other and third."
    ]
    assert sentences(added, facilities=("binder",), unsure=("binder",)) == [
        "New in the catalogue; may launch at Binder."
    ]
    assert sentences(added, facilities=("binder",)) == ["New in the catalogue; launches at Binder."]
    assert sentences(added) == ["New in the catalogue."]


def test_an_entry_that_comes_is_in_the_feed_of_a_facility_at_which_it_may_run_and_not_of_a_mere_link() -> None:
    tool = entry(1001, related=CODE_OF_TOOL, keywords=("jupyter-notebook",))
    page = "  - {id: page, name: Page, kind: website, url: 'https://page.example.org/', description: A site.}\n"
    before, after = (catalogue(*each, facilities=f"{FACILITIES}{page}") for each in ((), (tool,)))
    now = current_state(after, TUESDAY)
    found = feeds(replace(after, recorded=TUESDAY, changes=changes(current_state(before, MONDAY), now)))
    assert titles(found["feeds/facility/binder.atom"]) == ["Tool: New in the catalogue; may launch at Binder"]
    assert titles(found["feeds/facility/page.atom"]) == []


def test_a_feed_has_what_rfc_4287_requires(small: Catalogue) -> None:
    base = small.site.base_url
    for path, feed in feeds(small).items():
        assert feed.get("{http://www.w3.org/XML/1998/namespace}base") == base
        links = {each.get("rel"): each.get("href") or "" for each in feed.findall(f"{ATOM}link")}
        assert links["self"] == f"{base}{path}" == feed.findtext(f"{ATOM}id")
        assert links["alternate"].startswith(base)
        times = [each.text for each in feed.iter(f"{ATOM}updated")]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", each or "") for each in times)
        assert times[0] == max(each or "" for each in times)
        assert feed.findtext(f"{ATOM}author/{ATOM}name")
        ids = [each.text for each in feed.iter(f"{ATOM}id")]
        assert len(ids) == len(set(ids))


def test_the_time_of_a_feed_is_that_of_its_newest_entry_and_of_an_empty_one_that_of_the_opening() -> None:
    opened = changes(None, current_state(catalogue(entry(1001)), MONDAY))
    found = feeds(with_events(event("tool", facilities=("binder",)), *opened))
    assert found["feeds/facility/binder.atom"].findtext(f"{ATOM}updated") == "2026-11-24T04:00:00+00:00"
    assert found["feeds/keyword/sky.atom"].findtext(f"{ATOM}updated") == "2026-11-23T04:00:00+00:00"


def test_the_id_of_every_feed_entry_is_the_url_of_an_element_on_a_page(
    small: Catalogue, by_path: dict[str, File]
) -> None:
    for feed in feeds(small).values():
        for each in feed.iter(f"{ATOM}entry"):
            page, _, anchor = (each.findtext(f"{ATOM}id") or "").removeprefix(small.site.base_url).partition("#")
            assert f'id="{anchor}"' in by_path[f"{page}index.html"].text


def nights(*counts: int) -> Catalogue:
    """A catalogue with so many events in each night, the newest first."""
    return with_events(
        *(
            event(f"tool-{number:03}", at=f"2026-11-{24 - night:02}T04:00:00Z", keywords=("sky",))
            for night, count in enumerate(counts)
            for number in range(count)
        )
    )


@pytest.mark.parametrize(
    ("counts", "kept"),
    [
        ((49, 1, 1), 50),
        ((5,) * 20, 50),
        ((7,) * 20, 56),
        ((300, 1), 300),
        ((3, 300, 1), 303),
        ((50,), 50),
        ((300,), 300),
    ],
)
def test_a_feed_holds_the_newest_fifty_and_never_a_part_of_a_night(counts: tuple[int, ...], kept: int) -> None:
    every = feeds(nights(*counts))
    assert [len(titles(every[path])) for path in ("feeds/all.atom", "feeds/keyword/sky.atom")] == [kept, kept]


def test_a_feed_without_older_entries_links_to_them() -> None:
    def said(found: Catalogue) -> tuple[list[str], str | None]:
        feed = feeds(found)["feeds/keyword/sky.atom"]
        links = [each.get("href") or "" for each in feed.findall(f"{ATOM}link") if each.get("rel") == "archives"]
        return links, feed.findtext(f"{ATOM}subtitle")

    older = "https://catalogue.example.org/changes/"
    assert said(nights(IN_A_FEED)) == ([], None)
    assert said(nights(IN_A_FEED, 1)) == ([older], f"The newest changes. Those before them: {older}")


def test_the_json_export_never_has_a_part_of_a_night() -> None:
    files = {file.path: file for file in built(nights(IN_JSON - 1, 7, 1))}
    assert len(json.loads(files["api/v1/changes.json"].text)["events"]) == IN_JSON + 6


def test_a_feed_that_has_ended_keeps_its_entries_and_links_to_all_changes() -> None:
    ended = event(text="Gone", keywords=("sky", "Dark Matter"), platforms=("Fortran",), facilities=("old-hub",))
    hub = Change(what=ChangeKind.REMOVED, source=Source(label="facilities.yaml:2"))
    removed = event("old-hub", about=EventSubject.FACILITY, name="Old Hub", changes=(hub,), facilities=("old-hub",))
    found = with_events(removed, ended)
    every = feeds(found)
    label = {path: feed.findtext(f"{ATOM}title") for path, feed in every.items()}
    page = {path: feed.find(f"{ATOM}link[@rel='alternate']") for path, feed in every.items()}
    for path, title, count in [
        ("feeds/keyword/dark-matter.atom", "Changes for Dark Matter", 1),
        ("feeds/platform/fortran.atom", "Changes for Fortran", 1),
        ("feeds/facility/old-hub.atom", "Changes at Old Hub", 2),
    ]:
        link = page[path]
        assert link is not None
        assert (label[path], len(titles(every[path])), link.get("href")) == (
            title,
            count,
            "https://catalogue.example.org/changes/",
        )
    files = {file.path: file for file in built(found)}
    assert [str(each) for each in site_problems(files.values(), found.site.base_url)] == []
    listed = files["changes/index.html"].text  # the page with the list of feeds
    assert "feeds/keyword/sky.atom" in listed
    assert "feeds/keyword/dark-matter.atom" not in listed


HOSTILE = [
    "</title><script>alert(1)</script>",
    "]]><!-- &amp; <b",
    "a\x00b\x0bc\ufffe\ud800",
    "=cmd|' /C calc'!A0",
    "é ‮ gnirts",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_feeds_and_pages(text: str) -> None:
    shown_text = "".join(each for each in text if each not in "\x00\x0b\ufffe\ud800\u202e")
    found = with_events(event(text=text, name=text, keywords=("sky",)))
    feed = feeds(found)["feeds/all.atom"]
    assert titles(feed) == [f"{shown_text}: Licence added: {shown_text}"]
    summary = turbohtml.parse_fragment(feed.findtext(f"{ATOM}entry/{ATOM}summary") or "")
    assert {element.tag for element in summary.select("*")} == {"ul", "li", "small"}
    assert f"Licence added: {shown_text} " in unescape(" ".join(summary.strings)) or text == HOSTILE[1]
    if "\ud800" not in text:  # text from files has none
        page = next(each for each in built(found) if each.path == "changes/2026-w48/index.html")
        assert "<script>alert" not in page.text


def test_every_change_names_its_source_and_links_to_it(small: Catalogue) -> None:
    events = [view for week in weeks(small) for page in week.pages for _, views in page.days for view in views]
    every = [change for view in events for change in view.changes]
    assert len(every) > 10
    assert all(each.source.label for each in every)
    unlinked = {each.text for each in every if each.source.href is None}
    assert unlinked == {"The catalogue opened with 3 entries and 2 facilities."}


def test_every_event_is_on_one_page_of_one_week(small: Catalogue, by_path: dict[str, File]) -> None:
    found = [
        anchor
        for week in weeks(small)
        for anchor in re.findall(r'<li id="([^"]+)"', by_path[f"{week.href}index.html"].text)
    ]
    assert len(found) == len(set(found)) == len(small.changes) == sum(week.count for week in weeks(small))


def busy_week(*nights: int, text: str = "MIT") -> tuple[Event, ...]:
    """The events of a week with so many changes in each night, the newest first."""
    times = [f"2026-11-{23 + number}T04:00:00Z" for number in range(len(nights))]
    return tuple(
        event(f"tool-{number:03}", text, at=at, name=f"Tool {number} {text[:280]}", keywords=("sky",) * (number == 0))
        for at, count in reversed([*zip(times, nights, strict=True)])
        for number in range(count)
    )


def addresses(files: dict[str, File]) -> list[str]:
    """Every published address of an event, in the JSON file and in all feeds."""
    found = [each["url"] for each in json.loads(files["api/v1/changes.json"].text)["events"]]
    for path in sorted(files):
        if path.endswith(".atom"):
            for each in ElementTree.fromstring(files[path].content).iter(f"{ATOM}entry"):
                link = each.find(f"{ATOM}link")
                assert link is not None
                found += [link.get("href") or "", each.findtext(f"{ATOM}id") or ""]
    return found


@pytest.mark.parametrize(("nights", "text", "pages"), [((250, 250, 250), "MIT", 4), ((40, 300), "<😀" * 400, 5)])
def test_every_address_of_a_change_leads_to_it_however_much_changed_in_its_week(
    nights: tuple[int, ...], text: str, pages: int
) -> None:
    found = with_events(*busy_week(*nights, text=text))
    base = found.site.base_url
    files = {file.path: file for file in built(found)}
    assert [str(each) for each in site_problems(files.values(), base)] == []
    of_the_week = [path for path in files if path.startswith("changes/2026-w48/")]
    assert len(of_the_week) == pages
    ids = {path: re.findall(r'<li id="([^"]+)"', files[path].text) for path in of_the_week}
    assert sum(map(len, ids.values())) == sum(nights)
    published = addresses(files)
    assert len(published) > sum(nights)
    for each in published:
        page, _, anchor = each.removeprefix(base).partition("#")
        assert anchor in ids[f"{page}index.html"]


def test_new_entries_at_many_facilities_make_no_page_too_large() -> None:
    added = Change(what=ChangeKind.ADDED, source=Source(label="OSSR record"))
    slugs = tuple(f"{'a-long-name-of-a-facility-' * 3}{number:03}" for number in range(60))
    events = (replace(each, changes=(added,), facilities=slugs) for each in busy_week(200))
    found = with_events(*events)
    of_the_week = [file for file in built(found) if file.path.startswith("changes/2026-w48/")]
    assert len(of_the_week) > 1
    assert max(len(file.content) for file in of_the_week) < PAGE_LIMIT


def test_a_change_keeps_its_address_when_more_changes_in_its_week() -> None:
    nights = (150, 90, 300, 20)
    known: list[str] = []
    for count in range(1, len(nights) + 1):
        files = {file.path: file for file in built(with_events(*busy_week(*nights[:count])))}
        found = [each["url"] for each in json.loads(files["api/v1/changes.json"].text)["events"]]
        assert found[len(found) - len(known) :] == known
        known = found


def test_the_changes_of_a_busy_week_begin_with_the_newest_and_go_on_page_by_page() -> None:
    files = {file.path: file.text for file in built(with_events(*busy_week(150, 90))) if file.path.endswith(".html")}
    shown_first = re.findall(r'<li id="([^"]+)"', files["changes/index.html"])
    newest = re.findall(r'<li id="([^"]+)"', files["changes/2026-w48/page/2/index.html"])
    oldest = re.findall(r'<li id="([^"]+)"', files["changes/2026-w48/index.html"])
    assert shown_first == newest
    assert [*newest, *oldest] == [
        *(f"software-tool-{number:03}-20261124040000" for number in range(90)),
        *(f"software-tool-{number:03}-20261123040000" for number in range(150)),
    ]
    assert '<a href="../changes/2026-w48/page/2/">Week 48 of 2026</a>' in files["changes/index.html"]
    assert '<a href="../changes/2026-w48/" rel="prev">Previous</a>' in files["changes/index.html"]


def test_a_page_links_to_the_feeds_of_its_subject(by_path: dict[str, File]) -> None:
    def named(path: str) -> list[str]:
        return re.findall(r'<link rel="alternate" type="application/atom\+xml" href="([^"]+)"', by_path[path].text)

    assert named("software/sky/index.html") == ["../../feeds/all.atom"]
    assert named("facilities/binder/index.html") == ["../../feeds/facility/binder.atom", "../../feeds/all.atom"]
    assert named("platform/java/index.html") == ["../../feeds/platform/java.atom", "../../feeds/all.atom"]
    assert named("licence/mit/index.html") == ["../../feeds/all.atom"]


def test_feeds_are_listed_with_full_names() -> None:
    found = catalogue(entry(1001, keywords=("Changes for the better",)))
    page = next(each.text for each in built(found) if each.path == "changes/index.html")
    assert re.findall(r'<span class="feed"><a [^>]+>([^<]+)</a>', page) == ["Binder", "Changes for the better"]


def test_each_slice_belongs_to_an_existing_page(small: Catalogue, by_path: dict[str, File]) -> None:
    for found in slices(small).values():
        for each in found:
            assert f"{each.page}index.html" in by_path
            assert each.path in by_path


def test_the_json_export_has_old_and_new_values_and_sources(small: Catalogue, by_path: dict[str, File]) -> None:
    found = json.loads(by_path["api/v1/changes.json"].text)
    assert found["recorded"] == "2026-01-09T04:00:00Z"
    assert [each["name"] for each in found["events"]] == [each.name for each in small.changes]
    version = next(
        change for each in found["events"] for change in each["changes"] if change["field"] == "version"
    )  # fmt: skip
    assert version == {
        "what": "field",
        "field": "version",
        "facility": None,
        "old": "v0.9",
        "new": "v1.0",
        "reason": None,
        "old_reason": None,
        "text": "Version: v1.0 — before: v0.9",
        "source": {
            "label": "OSSR record 10.5281/zenodo.1001",
            "url": "https://zenodo.org/records/1001",
            "place": None,
        },
    }


def test_before_the_first_record_pages_and_feeds_exist_and_are_empty(real_files: list[File]) -> None:
    files = {file.path: file for file in built(catalogue(entry(1001)))}
    assert "No changes have been recorded yet." in files["changes/index.html"].text
    assert titles(ElementTree.fromstring(files["feeds/all.atom"].content)) == []
    assert any(file.path == "feeds/all.atom" for file in real_files)
