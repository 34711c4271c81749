"""The harvest over real sockets: all or nothing, every record accounted for, and no change without news."""

import gc
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import stamina
from click.testing import CliRunner

from catalogue.cli import main
from catalogue.edge import zenodo as edge_zenodo
from catalogue.edge.http import Client, user_agent
from catalogue.edge.snapshot_files import FolderTexts, load, save
from catalogue.edge.zenodo import harvest, harvest_by_oai
from catalogue.problems import CatalogueError, UpstreamError
from catalogue.sources.snapshot import (
    Entry,
    LeftOut,
    LostEntry,
    Omission,
    Repaired,
    Snapshot,
    Withdrawal,
    read_snapshot,
    write_snapshot,
)
from tests.world import SITE

from .oai_double import Oai
from .zenodo_double import COMMUNITY, Fault, Work, Zenodo, answers, cut_off, edits, inveniordm, running

EMPTY = Snapshot((), None)
CODEMETA = json.dumps({"name": "Comet", "programmingLanguage": ["Python", {"name": "Rust"}], "author": []}).encode()


def run(zenodo: Zenodo, before: Snapshot = EMPTY, **settings: Any) -> Snapshot:
    """A harvest of the fake Zenodo, with four records per page."""
    token = settings.pop("token", None)
    client = Client(user_agent("https://example.org/stars"), pace=0, token=token, token_host=zenodo.host)
    wanted: dict[str, Any] = {
        "api": zenodo.api,
        "community": COMMUNITY,
        "kinds": ("software",),
        "page_size": 4,
        "now": "2026-11-22T03:00:00Z",
    }
    return harvest(client, before=before, **{**wanted, **settings})


def refusal(zenodo: Zenodo, before: Snapshot = EMPTY, **settings: Any) -> str:
    with pytest.raises(UpstreamError) as caught:
        run(zenodo, before, **settings)
    return str(caught.value)


def numbers(snapshot: Snapshot) -> list[int]:
    return sorted(int(entry.record.id) for entry in snapshot.entries)


def entry(snapshot: Snapshot, slug: str) -> Entry:
    return next(each for each in snapshot.entries if each.slug == slug)


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    """The content and modification time of each file in a folder."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


@pytest.fixture
def seven(zenodo: Zenodo) -> Zenodo:
    """A community of seven works on two pages, numbered 101, 103, …, 113."""
    names = ["Comet", "Nova", "Quasar", "Meteor", "Corona", "Eclipse", "Zenith"]
    zenodo.works = [Work(number=101 + 2 * index, title=name) for index, name in enumerate(names)]
    return zenodo


SEVEN = [101, 103, 105, 107, 109, 111, 113]


# Pages


def test_two_pages_are_one_harvest(seven: Zenodo) -> None:
    snapshot = run(seven)
    assert numbers(snapshot) == SEVEN
    assert seven.pages == ["1", "2"]
    assert snapshot.harvest is not None
    assert (snapshot.harvest.seen, snapshot.harvest.left_out, snapshot.harvest.repaired) == (7, (), ())
    assert (snapshot.harvest.community, snapshot.harvest.harvested) == ("stars", "2026-11-22T03:00:00Z")


def test_both_formats_of_zenodo_give_the_same_files(seven: Zenodo) -> None:
    seven.works[0].files = {"z.txt": b"", "codemeta.json": CODEMETA}
    seven.works[0].creators = {"Ada Example": "Observatory", "Bea Example": "Planetarium"}
    files = write_snapshot(run(seven))
    seven.shape = inveniordm
    assert write_snapshot(run(seven)) == files


def test_the_request_is_for_the_records_of_the_community_newest_first(seven: Zenodo) -> None:
    run(seven, page_size=None)
    run(seven, page_size=None, token="secret")
    assert [asked.target for asked in seven.asked] == [
        "/api/communities/stars/records?size=25&page=1&sort=newest",
        "/api/communities/stars/records?size=100&page=1&sort=newest",
    ]


def test_progress_is_told(seven: Zenodo) -> None:
    heard: list[str] = []
    run(seven, progress=heard.append)
    assert heard == ["4 of 7 records", "7 of 7 records"]


@pytest.mark.case("U27", "U28")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(edits(lambda page: page.pop("links")), id="links.next missing"),
        pytest.param(edits(lambda page: page.update(links=None)), id="links null"),
        pytest.param(edits(lambda page: page["links"].update(next=5)), id="links.next a number"),
        pytest.param(edits(lambda page: page["links"].update(next="records?page=2&size=4")), id="links.next relative"),
        pytest.param(edits(lambda page: page["hits"].update(total={"value": 7})), id="total an object"),
        pytest.param(edits(lambda page: page["hits"].update(total="7")), id="total a text"),
    ],
)
def test_equivalent_pages_give_the_same_harvest(seven: Zenodo, fault: Fault) -> None:
    seven.breaks(fault, at="page=1", times=1)
    assert numbers(run(seven)) == SEVEN
    assert seven.pages == ["1", "2"]


@pytest.mark.case("U30", "U31")
def test_a_repeated_record_is_taken_once_and_the_higher_revision_wins(seven: Zenodo) -> None:
    def repeat(page: dict[str, Any]) -> None:
        again = {**page["hits"]["hits"][0], "revision": 2}
        again["metadata"] = {**again["metadata"], "title": "Zenith, corrected"}
        page["hits"]["hits"].append(again)

    seven.breaks(edits(repeat), at="page=1", times=1)
    snapshot = run(seven)
    assert numbers(snapshot) == SEVEN
    assert entry(snapshot, "zenith-corrected").record.title == "Zenith, corrected"
    assert snapshot.harvest is not None
    assert snapshot.harvest.seen == 7


@pytest.mark.case("U28", "U32")
def test_a_total_that_disagrees_once_causes_another_pass(seven: Zenodo) -> None:
    seven.breaks(edits(lambda page: page["hits"].update(total=8)), at="page=2", times=1)
    assert numbers(run(seven)) == SEVEN
    assert seven.pages == ["1", "2", "3", "1", "2"]


@pytest.mark.case("U32")
def test_a_record_deleted_between_two_pages_does_not_hide_another(seven: Zenodo) -> None:
    def deleted_meanwhile(page: dict[str, Any]) -> None:
        page["hits"]["hits"].pop(0)
        page["hits"]["total"] = 6

    seven.breaks(edits(deleted_meanwhile), at="page=2", times=1)
    assert numbers(run(seven)) == SEVEN


def test_a_total_that_always_disagrees_is_no_harvest(seven: Zenodo) -> None:
    seven.breaks(edits(lambda page: page["hits"].update(total=9)))
    words = "Zenodo says that the community has 9 records and lists 7, however often it is asked: nothing was changed"
    assert refusal(seven) == words


@pytest.mark.case("U29")
def test_a_loop_of_pages_is_stopped(seven: Zenodo) -> None:
    seven.breaks(edits(lambda page: page["links"].update(next="records?size=4&page=1&sort=newest")), at="page=1")
    seven.breaks(edits(lambda page: page["hits"].update(total=9)))
    assert refusal(seven) == "Zenodo lists page after page without end: nothing was changed"
    assert seven.pages == ["1"]


@pytest.mark.case("U29")
def test_endless_pages_are_capped(seven: Zenodo) -> None:
    seven.breaks(answers(200, json.dumps({"hits": {"hits": [{"id": 1}] * 4, "total": 7}}).encode()))
    assert refusal(seven) == "Zenodo lists page after page without end: nothing was changed"
    assert seven.pages == ["1", "2", "3", "4", "5"]


@pytest.mark.case("U37")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("null", "Zenodo answered with something other than a page of records: nothing was changed"),
        ("[]", "Zenodo answered with something other than a page of records: nothing was changed"),
        ('{"hits": null}', "Zenodo answered with something other than a page of records: nothing was changed"),
        ('{"hits": {"hits": {}, "total": 1}}', "Zenodo answered with something other than a page of records: nothing was changed"),
        ('{"hits": {"hits": [], "total": null}}', "Zenodo does not say how many records there are: nothing was changed"),
        ('{"hits": {"hits": [], "total": -1}}', "Zenodo does not say how many records there are: nothing was changed"),
        ('{"hits": {"hits": [], "total": true}}', "Zenodo does not say how many records there are: nothing was changed"),
        ('{"hits": {"hits": [], "total": 4000000}}', "Zenodo says that there are 4,000,000 records, and its search lists 10,000 at most"),
    ],
)  # fmt: skip
def test_a_response_that_is_no_page_fails_the_harvest(seven: Zenodo, body: str, words: str) -> None:
    seven.breaks(answers(200, body.encode()))
    assert refusal(seven) == words


def test_a_misspelt_community_is_named(seven: Zenodo) -> None:
    assert refusal(seven, community="starz/x") == ("Zenodo has no community 'starz/x': check `community` in site.yaml")


# Faults during the transfer


def test_a_429_is_retried_after_the_delay_of_retry_after(seven: Zenodo) -> None:
    stamina.set_testing(False)
    seven.breaks(answers(429, Retry_After="1"), at="page=2", times=1)
    assert numbers(run(seven)) == SEVEN
    assert seven.pages == ["1", "2", "2"]
    assert seven.asked[2].time - seven.asked[1].time >= 1


@pytest.mark.parametrize("fault", [pytest.param(answers(500), id="a 500"), pytest.param(cut_off, id="a cut body")])
def test_a_500_or_a_cut_body_before_a_valid_page_is_a_complete_harvest(seven: Zenodo, fault: Fault) -> None:
    seven.breaks(fault, at="page=2", times=1)
    assert numbers(run(seven)) == SEVEN
    assert seven.pages == ["1", "2", "2"]


@pytest.mark.case("U12", "U34")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(
            answers(200, b"<h1>Back soon</h1>"),
            "Zenodo did not answer in JSON but with “Back soon”",
            id="an HTML page with status 200",
        ),
        pytest.param(
            answers(503, b"<h1>Back soon</h1>"),
            "Zenodo answered 503 Service Unavailable with “Back soon”",
            id="page 2 fails for ever",
        ),
    ],
)
def test_a_page_that_cannot_be_read_leaves_the_snapshot_untouched(
    seven: Zenodo, tmp_path: Path, fault: Fault, words: str
) -> None:
    save(tmp_path, write_snapshot(run(seven)))
    old = state(tmp_path)
    seven.works.append(Work(number=115, title="Halo"))
    seven.breaks(fault, at="page=2")
    with pytest.raises(UpstreamError) as caught:
        save(tmp_path, write_snapshot(run(seven, read_snapshot(load(tmp_path)))))
    assert str(caught.value) == words
    assert state(tmp_path) == old


@pytest.mark.case("S3", "U26")
def test_a_next_page_on_another_host_is_refused_and_the_token_never_sent_there(seven: Zenodo) -> None:
    with running() as canary:
        seven.breaks(edits(lambda page: page["links"].update(next=f"{canary.api}/x")))
        words = refusal(seven, token="secret")
        assert words == f"Zenodo names a next page in another place, {canary.api}/x: not asked"
        assert canary.asked == []
    assert [asked.headers["Authorization"] for asked in seven.asked] == ["Bearer secret"]


@pytest.mark.case("S3", "U26")
def test_a_redirect_to_another_host_is_refused(seven: Zenodo) -> None:
    with running() as canary:
        seven.breaks(answers(302, b"", Location=f"{canary.api}/x"))
        assert refusal(seven, token="secret") == f"Zenodo sends on to another place, {canary.api}/x: not followed"
        assert canary.asked == []


# What is in the records


@pytest.mark.case("U37")
def test_a_hit_without_a_readable_record_is_accounted_for(seven: Zenodo) -> None:
    def spoil(page: dict[str, Any]) -> None:
        page["hits"]["hits"][0] = None
        page["hits"]["hits"][1]["metadata"]["keywords"] = "not a list"

    seven.breaks(edits(spoil), at="page=1")
    snapshot = run(seven)
    assert numbers(snapshot) == SEVEN[:-1]
    assert snapshot.harvest is not None
    assert snapshot.harvest.seen == 7
    assert snapshot.harvest.left_out == (
        LeftOut(id="hit 1 of page 1", title="", reason="not a record: the answer holds something else in its place"),
    )
    assert snapshot.harvest.repaired == (Repaired(id="111", text="metadata.keywords is not a list and was left out"),)


@pytest.mark.case("U36")
def test_records_of_another_community_are_left_out(seven: Zenodo) -> None:
    seven.works[0].community = "planets"
    snapshot = run(seven)
    assert numbers(snapshot) == SEVEN[1:]
    assert snapshot.harvest is not None
    assert snapshot.harvest.left_out == (
        LeftOut(id="101", title="Comet", reason="not of the community stars", code=Omission.OTHER_COMMUNITY),
    )


def test_a_known_record_stays_whatever_communities_it_names(seven: Zenodo) -> None:
    """Zenodo's list also has communities that were merely asked for; only the search knows who accepted a record."""
    first = run(seven)
    seven.works[0].community = "planets"
    assert run(seven, first, now="2026-11-23T03:00:00Z") == first
    seven.works[0] = Work(number=301, title="Comet", concept=100, version="2.0", index=1, community="planets")
    assert entry(run(seven, first, now="2026-11-23T03:00:00Z"), "comet").record.version == "2.0"


def test_a_renamed_community_is_accepted(seven: Zenodo) -> None:
    for work in seven.works:
        work.community = "stars-and-planets"
    assert numbers(run(seven)) == SEVEN


@pytest.mark.case("U35")
def test_versions_and_other_kinds_are_accounted_for(seven: Zenodo) -> None:
    seven.works[0].kind = "dataset"
    seven.works.append(Work(number=115, title="Nova", concept=102, version="2.0", index=1))
    snapshot = run(seven)
    assert numbers(snapshot) == [105, 107, 109, 111, 113, 115]
    assert [each.doi for each in entry(snapshot, "nova").versions] == ["10.5281/zenodo.103"]
    assert snapshot.harvest is not None
    assert snapshot.harvest.seen == 8
    assert snapshot.harvest.left_out == (
        LeftOut(id="101", title="Comet", reason="not software: dataset", code=Omission.OTHER_KIND),
        LeftOut(id="103", title="Nova", reason="older version of 10.5281/zenodo.115", code=Omission.OLDER_VERSION),
    )


# Files


def test_a_codemeta_file_is_read_and_an_unchanged_one_is_not_fetched_again(seven: Zenodo) -> None:
    seven.works[0].files = {"a b/codemeta.json": CODEMETA, "comet.zip": b"PK"}
    first = run(seven)
    assert entry(first, "comet").codemeta == {"name": "Comet", "programmingLanguage": ["Python", "Rust"]}
    assert [asked.target for asked in seven.asked if "/files/" in asked.target] == [
        "/api/records/101/files/a%20b/codemeta.json/content"
    ]
    seven.asked.clear()
    assert run(seven, first) is first
    assert seven.pages == ["1", "2"]
    assert len(seven.asked) == 2


def test_a_harvest_of_sixty_records_without_news_needs_three_requests(zenodo: Zenodo) -> None:
    """At most five would be acceptable."""
    zenodo.works = [
        Work(number=101 + 2 * n, title=f"Star {n}", files={"codemeta.json": CODEMETA, "star.zip": b"PK"})
        for n in range(60)
    ]
    first = run(zenodo, page_size=None)
    assert len(zenodo.asked) == 3 + 60
    zenodo.asked.clear()
    assert run(zenodo, first, page_size=None) is first
    assert len(zenodo.asked) == 3


def test_a_changed_codemeta_file_is_fetched(seven: Zenodo) -> None:
    seven.works[0].files = {"codemeta.json": CODEMETA}
    first = run(seven)
    seven.works[0].files = {"codemeta.json": b'{"name": "Great comet"}'}
    assert entry(run(seven, first), "comet").codemeta == {"name": "Great comet"}


@pytest.mark.case("U42")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(answers(404), "Zenodo answered 404 Not Found with “{}”", id="missing"),
        pytest.param(answers(503), "Zenodo answered 503 Service Unavailable with “{}”", id="down"),
        pytest.param(answers(200, b"{" + b" " * 2**20), "Zenodo sent more than 1 MiB: not read to the end", id="huge"),
        pytest.param(answers(200, b"{}"), "it is not the file that its checksum was made of", id="another file"),
        pytest.param(answers(302, b"", Location="https://example.org/"), "Zenodo sends on to another place, https://example.org/: not followed", id="elsewhere"),
    ],
)  # fmt: skip
def test_a_codemeta_file_that_fails_does_not_fail_the_harvest(seven: Zenodo, fault: Fault, words: str) -> None:
    seven.works[0].files = seven.works[1].files = {"codemeta.json": CODEMETA}
    seven.breaks(fault, at="/101/files/")
    snapshot = run(seven)
    assert numbers(snapshot) == SEVEN
    assert entry(snapshot, "comet").codemeta is None
    assert entry(snapshot, "nova").codemeta is not None
    assert snapshot.harvest is not None
    assert snapshot.harvest.repaired == (
        Repaired(id="101", text=f"its codemeta.json was left out: {words}", codemeta=True),
    )


@pytest.mark.case("U42")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"not JSON", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[1, 2]", "it is not a CodeMeta file"),
        (b'"codemeta"', "it is not a CodeMeta file"),
    ],
)
def test_an_invalid_codemeta_file_is_left_out(seven: Zenodo, body: bytes, words: str) -> None:
    seven.works[0].files = {"codemeta.json": body}
    gc.collect()  # otherwise objects of other tests may be finalised at the recursion limit
    snapshot = run(seven)
    assert entry(snapshot, "comet").codemeta is None
    assert snapshot.harvest is not None
    assert snapshot.harvest.repaired == (
        Repaired(id="101", text=f"its codemeta.json was left out: {words}", codemeta=True),
    )


def test_a_deeply_nested_codemeta_file_is_read_to_a_small_depth(seven: Zenodo) -> None:
    nested = b'{"name": "Comet", "keywords": ' + b"[" * 600 + b"]" * 600 + b"}"
    seven.works[0].files = {"codemeta.json": nested}
    assert entry(run(seven), "comet").codemeta == {"name": "Comet"}


@pytest.mark.case("U42")
def test_a_codemeta_file_without_a_checksum_keeps_its_old_content_if_it_fails(seven: Zenodo) -> None:
    seven.works[0].files = {"codemeta.json": CODEMETA}
    seven.breaks(edits(lambda page: page["hits"]["hits"][-1]["files"][0].pop("checksum")), at="page=2")
    first = run(seven)
    seven.breaks(answers(404), at="/101/files/")
    second = run(seven, first)
    assert entry(second, "comet").codemeta == entry(first, "comet").codemeta
    assert second.harvest is not None
    assert second.harvest.repaired == (
        Repaired(
            id="101",
            text="its codemeta.json is kept from before: Zenodo answered 404 Not Found with “{}”",
            codemeta=True,
        ),
    )


def test_a_new_version_does_not_get_the_codemeta_file_of_the_one_before(seven: Zenodo) -> None:
    def without_checksums(page: dict[str, Any]) -> None:
        for hit in page["hits"]["hits"]:
            for file in hit["files"]:
                file.pop("checksum")

    seven.breaks(edits(without_checksums), at="page=")
    seven.works[0].files = {"codemeta.json": CODEMETA}
    first = run(seven)
    assert entry(first, "comet").codemeta is not None
    seven.works[0] = Work(number=301, title="Comet", concept=100, index=1, files={"codemeta.json": CODEMETA})
    seven.breaks(answers(404), at="/files/")
    assert entry(run(seven, first), "comet").codemeta is None


def test_files_that_always_fail_do_not_use_up_the_limit_for_the_same_others_every_day(
    seven: Zenodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_zenodo, "_MAX_FILES", 1)
    seven.works[0].files = seven.works[1].files = {"codemeta.json": CODEMETA}
    seven.breaks(answers(404), at="/files/")
    for day in range(10, 15):
        run(seven, now=f"2026-11-{day}T03:00:00Z")
    asked = [each.target.split("/")[3] for each in seven.asked if "/files/" in each.target]
    assert (len(asked), set(asked)) == (5, {"101", "103"})


@pytest.mark.case("U42")
def test_after_too_much_time_on_failures_no_more_files_are_requested(
    seven: Zenodo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_zenodo, "_FAILURE_BUDGET", 0)
    seven.works[0].files = seven.works[1].files = {"codemeta.json": CODEMETA}
    seven.breaks(answers(503), at="/files/")
    snapshot = run(seven)
    assert len({asked.target for asked in seven.asked if "/files/" in asked.target}) == 1
    assert snapshot.harvest is not None
    assert sorted(line.text for line in snapshot.harvest.repaired) == [
        "its codemeta.json was left out: Zenodo answered 503 Service Unavailable with “{}”",
        "its codemeta.json was left out: it was not asked for, since too much time had been lost with others",
    ]


# Several harvests in a row


def gone_with(tombstone: dict[str, Any] | None) -> Callable[[Zenodo], None]:
    return lambda zenodo: zenodo.gone.update({101: tombstone})


@pytest.mark.case("U40")
@pytest.mark.parametrize(
    ("leave", "reason"),
    [
        pytest.param(
            gone_with({"removal_reason": {"id": "duplicate"}, "note": "see 103, ada@example.org"}),
            "Zenodo has withdrawn it: duplicate: see 103",
            id="a 410 with a tombstone",
        ),
        pytest.param(gone_with({}), "Zenodo has withdrawn it", id="a 410 without a reason"),
        pytest.param(gone_with(None), "Zenodo does not have it any more", id="a 404"),
        pytest.param(
            lambda zenodo: zenodo.left.update({101: Work(number=101, title="Comet")}),
            "it is no longer part of the community",
            id="a record that left the community",
        ),
    ],
)
def test_a_record_that_disappears_becomes_a_tombstone(
    seven: Zenodo, leave: Callable[[Zenodo], None], reason: str
) -> None:
    first = run(seven)
    del seven.works[0]
    leave(seven)
    second = run(seven, first, now="2026-11-23T03:00:00Z")
    assert entry(second, "comet").withdrawn == Withdrawal(date="2026-11-23", reason=reason)
    assert [each.slug for each in second.entries if each.withdrawn] == ["comet"]
    assert second.harvest is not None
    assert (second.harvest.seen, second.harvest.not_seen) == (6, ())
    seven.asked.clear()
    assert run(seven, second) is second
    assert len(seven.asked) == 2


def test_an_entry_whose_fate_is_unknown_is_kept(seven: Zenodo) -> None:
    first = run(seven)
    del seven.works[0]
    seven.breaks(answers(503), at="/api/records/101")
    second = run(seven, first)
    assert entry(second, "comet") == entry(first, "comet")
    assert second.harvest is not None
    assert second.harvest.not_seen == ("10.5281/zenodo.100",)


def test_a_404_from_a_captive_portal_withdraws_nothing(seven: Zenodo) -> None:
    first = run(seven)
    del seven.works[0]
    seven.breaks(answers(404, b"<h1>Please sign in</h1>"), at="/api/records/101")
    assert entry(run(seven, first), "comet").withdrawn is None


@pytest.mark.case("U40")
def test_a_withdrawn_record_that_is_listed_as_a_tombstone_is_withdrawn(seven: Zenodo) -> None:
    first = run(seven)
    seven.gone[101] = {"removal_reason": {"id": "spam"}}
    seven.breaks(edits(lambda page: page["hits"]["hits"][-1].update(tombstone={})), at="page=2")
    second = run(seven, first)
    assert entry(second, "comet").withdrawn == Withdrawal(date="2026-11-22", reason="Zenodo has withdrawn it: spam")
    assert second.harvest is not None
    assert second.harvest.left_out == (LeftOut(id="101", title="Comet", reason="it has been withdrawn"),)


def test_a_listed_record_that_cannot_be_read_is_kept(seven: Zenodo) -> None:
    first = run(seven)
    spoilt = {"doi": "none", "metadata": {"title": "Comet"}}
    seven.breaks(edits(lambda page: page["hits"]["hits"][-1].update(spoilt)), at="page=2")
    second = run(seven, first)
    assert entry(second, "comet") == entry(first, "comet")
    assert second.harvest is not None
    assert second.harvest.left_out == (LeftOut(id="101", title="Comet", reason="it has no DOI"),)


def test_a_record_with_another_doi_that_is_listed_for_another_community_has_left(seven: Zenodo) -> None:
    first = run(seven)
    record = entry(first, "comet").record.model_copy(update={"doi": "10.9999/comet.2"})
    comet = entry(first, "comet").model_copy(
        update={"identity": "10.9999/comet", "concept_doi": "10.9999/comet", "record": record}
    )
    known = Snapshot((comet, *(each for each in first.entries if each.slug != "comet")), first.harvest)
    seven.works[0].community = "planets"
    assert entry(run(seven, known), "comet").withdrawn == Withdrawal(
        date="2026-11-22", reason="it is no longer part of the community"
    )


def test_a_record_that_changed_its_kind_is_withdrawn_without_a_request(seven: Zenodo) -> None:
    first = run(seven)
    seven.works[0].kind = "dataset"
    seven.asked.clear()
    second = run(seven, first)
    assert entry(second, "comet").withdrawn == Withdrawal(
        date="2026-11-22", reason="its record is no longer of a kind that is listed here"
    )
    assert len(seven.asked) == 2


def test_a_record_that_no_longer_states_its_kind_is_kept(seven: Zenodo) -> None:
    first = run(seven)
    seven.breaks(edits(lambda page: page["hits"]["hits"][-1]["metadata"].pop("resource_type")), at="page=2")
    second = run(seven, first)
    assert entry(second, "comet") == entry(first, "comet")
    assert second.harvest is not None
    assert second.harvest.not_seen == ("10.5281/zenodo.100",)


def test_a_record_that_comes_back_is_no_longer_withdrawn(seven: Zenodo) -> None:
    first = run(seven)
    comet = seven.works.pop(0)
    second = run(seven, first)
    seven.works.insert(0, comet)
    assert run(seven, second).entries == first.entries


@pytest.mark.case("D4")
def test_a_second_harvest_without_news_leaves_every_file_as_it_is(seven: Zenodo, tmp_path: Path) -> None:
    seven.works[0].files = {"codemeta.json": CODEMETA}
    assert len(save(tmp_path, write_snapshot(run(seven)))) == 8
    old = state(tmp_path)
    for work in seven.works:  # counts of views and downloads are not metadata
        work.views += 1000
    second = run(seven, read_snapshot(load(tmp_path)), now="2026-11-23T03:00:00Z")
    assert save(tmp_path, write_snapshot(second)) == ()
    assert state(tmp_path) == old


@pytest.mark.case("D10")
def test_one_new_record_touches_its_own_file_and_the_accounting(seven: Zenodo, tmp_path: Path) -> None:
    save(tmp_path, write_snapshot(run(seven)))
    seven.works.append(Work(number=115, title="Halo"))
    second = run(seven, read_snapshot(load(tmp_path)))
    assert save(tmp_path, write_snapshot(second)) == ("halo.json", "harvest.json")


@pytest.mark.case("D4")
def test_another_order_of_files_is_no_change(seven: Zenodo) -> None:
    seven.works[0].files = {"z.txt": b"z", "a.txt": b"a"}
    first = run(seven)
    seven.works[0].files = {"a.txt": b"a", "z.txt": b"z"}
    assert run(seven, first) is first


def test_a_snapshot_of_another_community_or_api_is_refused(seven: Zenodo) -> None:
    first = run(seven)
    seven.asked.clear()
    use = "use another --root (or remove snapshot/) to harvest"
    assert refusal(seven, first, community="planets", allow_shrink=True) == (
        f"the snapshot holds the community 'stars' of {seven.api}; {use} 'planets' of {seven.api}"
    )
    with running() as other:
        other.works = seven.works
        assert refusal(other, first, allow_shrink=True) == (
            f"the snapshot holds the community 'stars' of {seven.api}; {use} 'stars' of {other.api}"
        )
        assert other.asked == seven.asked == []


def test_another_spelling_of_the_api_is_the_same(seven: Zenodo) -> None:
    first = run(seven)
    assert run(seven, first, api=f"{seven.api}/") is first
    assert first.harvest is not None
    spelt = first.harvest.model_copy(update={"api": f"{seven.api}/"})
    assert run(seven, Snapshot(first.entries, spelt)).entries == first.entries


def test_a_new_entry_does_not_get_the_slug_of_a_local_one(seven: Zenodo) -> None:
    first = run(seven, reserved={"comet", "zenith"})
    assert {"comet-101", "zenith-113"} <= {each.slug for each in first.entries}
    assert run(seven, first, reserved={"nova"}) is first


def test_the_slugs_in_notebooks_yaml_are_reserved_although_other_entries_have_errors(
    seven: Zenodo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.cli.nightly.Client", partial(Client, pace=0.0))
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "notebooks.yaml").write_text(
        "software:\n  - {id: comet, name: Comet, formerly: [nova]}\n  - {id: quasar, nmae: Quasar}\n"
    )
    words = ["--root", str(tmp_path), "harvest", "--api", seven.api, "--community", COMMUNITY]
    done = CliRunner().invoke(main, words)
    assert done.output == "7 records seen, 7 entries: 8 files of snapshot/ changed\n"
    slugs = {each.slug for each in read_snapshot(load(tmp_path / "snapshot")).entries}
    assert slugs == {"comet-101", "nova-103", "quasar", "meteor", "corona", "eclipse", "zenith"}


def questions(zenodo: Zenodo) -> list[str]:
    """The records that were requested one by one."""
    return [each.target for each in zenodo.asked if each.target.startswith("/api/records/")]


def test_at_most_25_entries_that_disappeared_are_requested_in_a_harvest(seven: Zenodo) -> None:
    lost = [Work(number=201 + 2 * index, title=f"Star {index}") for index in range(30)]
    seven.works += lost
    first = run(seven)
    del seven.works[7:]
    seven.asked.clear()
    second = run(seven, first, allow_shrink=True)
    assert len(questions(seven)) == len(set(questions(seven))) == 25
    assert second.harvest is not None
    assert (sum(each.withdrawn is not None for each in second.entries), len(second.harvest.not_seen)) == (25, 5)
    third = run(seven, second, allow_shrink=True)
    assert len(questions(seven)) == 30
    assert sum(each.withdrawn is not None for each in third.entries) == 30


def test_entries_without_a_concept_are_requested_once_and_count_among_the_25(seven: Zenodo) -> None:
    seven.works += [Work(number=201 + 2 * index, title=f"Star {index}") for index in range(30)]
    first = run(seven)
    nameless = (each.model_copy(update={"identity": each.record.doi, "concept_doi": None}) for each in first.entries)
    del seven.works[7:]
    seven.asked.clear()
    second = run(seven, Snapshot(tuple(nameless), first.harvest), allow_shrink=True)
    assert len(questions(seven)) == len(set(questions(seven))) == 25
    assert sum(each.withdrawn is not None for each in second.entries) == 25


@pytest.mark.case("P1")
def test_an_empty_community_that_was_not_empty_is_refused(seven: Zenodo) -> None:
    first = run(seven)
    seven.works.clear()
    words = "Zenodo says that the community 'stars' is empty, and it was not before: nothing was changed"
    assert refusal(seven, first) == words


@pytest.mark.case("P2")
def test_a_harvest_of_less_than_four_fifths_is_refused_unless_it_is_allowed(seven: Zenodo) -> None:
    first = run(seven)
    del seven.works[:2]
    assert refusal(seven, first) == (
        "Zenodo lists 5 entries in the community 'stars', where there were 7: "
        "that is too few to be believed, nothing was changed"
    )
    allowed = run(seven, first, allow_shrink=True)
    assert [each.slug for each in allowed.entries if each.withdrawn] == ["comet", "nova"]


def test_a_harvest_in_which_more_than_a_fifth_of_the_records_have_lost_something_is_refused(seven: Zenodo) -> None:
    first = run(seven)
    seven.works[0].creators = {}
    assert entry(run(seven, first), "comet").record.creators == ()
    seven.works[1].creators = {}
    assert refusal(seven, first) == (
        "71 % of the records have authors, where 100 % had: that is too few to be believed, nothing was changed"
    )


def test_the_metadata_of_another_record_is_not_taken_for_those_of_a_listed_one(seven: Zenodo) -> None:
    Oai(seven)
    seven.breaks(answers(200, json.dumps(seven.shape(seven.works[1])).encode()), at="/api/records/101")
    found = harvest_by_oai(
        Client("stars/1", pace=0.0), api=seven.api, community=COMMUNITY, kinds=("software",), before=EMPTY,
        now="2026-11-22T03:00:00Z",
    )  # fmt: skip
    assert numbers(found) == SEVEN


# Files on disk


def test_no_folder_is_no_snapshot(tmp_path: Path) -> None:
    assert load(tmp_path / "snapshot") == {}


def test_saved_files_can_be_loaded_and_others_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "snapshot"
    assert save(folder, {"b.json": "Gál\n", "harvest.json": "1", "a.json": "2"}) == ("a.json", "b.json", "harvest.json")
    assert load(folder) == {"b.json": "Gál\n", "harvest.json": "1", "a.json": "2"}
    assert save(folder, {"b.json": "Gál\n", "harvest.json": "3"}) == ("harvest.json", "a.json")
    assert sorted(path.name for path in folder.iterdir()) == ["b.json", "harvest.json"]


def test_other_files_in_the_folder_are_neither_read_nor_removed(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("about")
    (tmp_path / "._a.json").write_bytes(b"\xff")
    (tmp_path / ".a.json.part").write_text("left behind by a run that was stopped")
    save(tmp_path, {"a.json": "1"})
    assert load(tmp_path) == {"a.json": "1"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["._a.json", "README.md", "a.json"]


def test_texts_are_written_and_read_one_at_a_time(tmp_path: Path) -> None:
    """So the texts of a snapshot are never all in memory, however large it is."""

    def texts() -> Iterator[tuple[str, str]]:
        for name in ("a.json", "b.json", "c.json"):
            yield name, f"{name}, new"
            assert (tmp_path / f".{name}.part").read_text() == f"{name}, new"
            assert (tmp_path / name).read_text() == "old"

    save(tmp_path, dict.fromkeys(["a.json", "b.json", "c.json"], "old"))
    assert save(tmp_path, texts()) == ("a.json", "b.json", "c.json")
    found = FolderTexts(tmp_path)
    (tmp_path / "b.json").write_text("newer")
    assert (list(found), found["b.json"]) == (["a.json", "b.json", "c.json"], "newer")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff")
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path.name}/a.json is not UTF-8: restore it from the repository's history"


def test_a_file_instead_of_the_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "snapshot").write_text("")
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path / "snapshot")
    assert str(caught.value) == "snapshot/ cannot be read: not a directory"


def test_a_file_of_the_snapshot_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "comet.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path / "snapshot")
    assert str(caught.value) == "snapshot/comet.json is a link: put the file itself there, or remove it"


@pytest.mark.case("B3")
def test_a_disk_that_fails_while_writing_leaves_the_old_files(tmp_path: Path) -> None:
    save(tmp_path, {"a.json": "1", "b.json": "1"})
    old = state(tmp_path)
    with pytest.raises(CatalogueError) as caught:
        save(tmp_path, {"a.json": "2", f"{'b' * 300}.json": "2"})
    assert str(caught.value) == f"{tmp_path.name}/ cannot be written: file name too long"
    assert state(tmp_path) == old


def test_a_new_version_of_an_entry_without_a_concept_is_the_same_entry(seven: Zenodo) -> None:
    first = run(seven)
    comet = entry(first, "comet").model_copy(update={"identity": "10.5281/zenodo.101", "concept_doi": None})
    known = Snapshot((comet, *(each for each in first.entries if each.slug != "comet")), first.harvest)
    seven.left[101] = Work(number=101, title="Comet", concept=100)
    seven.works[0] = Work(number=201, title="Comet 2", concept=100, index=1)
    found = entry(run(seven, known), "comet")
    assert (found.identity, found.record.doi) == ("10.5281/zenodo.100", "10.5281/zenodo.201")
    assert [each.doi for each in found.versions] == ["10.5281/zenodo.101"]
    assert found.withdrawn is None


def test_the_slug_of_an_unreadable_file_stays_if_its_concept_becomes_known(seven: Zenodo) -> None:
    first = run(seven)
    comet = entry(first, "comet").model_copy(update={"identity": "10.5281/zenodo.101", "concept_doi": None})
    others = (each for each in first.entries if each.slug not in ("comet", "nova"))
    seven.left[101] = Work(number=101, title="Comet", concept=100)
    seven.works[0] = Work(number=201, title="Comet 2", concept=100, index=1)
    known = Snapshot(
        (comet, *others), first.harvest, lost=(LostEntry(identity=entry(first, "nova").identity, slug="earlier-name"),)
    )
    assert entry(run(seven, known), "earlier-name").record == entry(first, "nova").record
