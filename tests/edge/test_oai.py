"""The harvest through OAI-PMH: expiring resumption tokens, deleted records, and incremental harvests."""

import gc
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.edge.http import Client
from catalogue.edge.snapshot_files import load
from catalogue.edge.zenodo import harvest_by_oai
from catalogue.sources.datacite import ListedRecord, OaiPage, read_page
from catalogue.sources.snapshot import Creator, HarvestedRecord, Repaired, Snapshot, read_snapshot
from catalogue.sources.zenodo import read_hit
from tests.test_determinism import digests
from tests.world import SITE

from .oai_double import Oai, page
from .zenodo_double import COMMUNITY, Fault, Reply, Work, Zenodo, answers, edits

CODEMETA = b'{"name": "Comet"}'


@pytest.fixture
def oai(zenodo: Zenodo) -> Oai:
    zenodo.works = [
        Work(number=101 + 2 * n, title=name) for n, name in enumerate(["Comet", "Nova", "Quasar", "Meteor", "Halo"])
    ]
    return Oai(zenodo)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "notebooks.yaml").write_text("software: []\n")
    monkeypatch.setattr("catalogue.cli.nightly.Client", partial(Client, pace=0.0))
    return tmp_path


def night(checkout: Path, zenodo: Zenodo, *words: str) -> Result:
    base = ["--root", str(checkout), "harvest", "--api", zenodo.api, "--community", COMMUNITY]
    done = CliRunner().invoke(main, [*base, *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_both_ways_give_the_same_snapshot(oai: Oai, zenodo: Zenodo, checkout: Path) -> None:
    zenodo.works[0].files = {"codemeta.json": CODEMETA}
    zenodo.works[1].kind = "software-computationalnotebook"
    zenodo.works[2].code = {"code:codeRepository": "https://github.com/stars/quasar"}
    assert night(checkout, zenodo, "--via", "oai").output == "5 records seen, 5 entries: 6 files of snapshot/ changed\n"
    by_list = digests(checkout / "snapshot")
    assert night(checkout, zenodo).output == "5 records seen, 5 entries: no news\n"
    assert {**digests(checkout / "snapshot"), "observed/harvest.json": ""} == {**by_list, "observed/harvest.json": ""}


def test_without_the_api_the_list_gives_everything_but_files(oai: Oai, zenodo: Zenodo, checkout: Path) -> None:
    zenodo.breaks(answers(404, b'{"status": 404}'), at="/api/records/")
    assert night(checkout, zenodo, "--via", "oai").exit_code == 0
    found = {each.slug: each for each in read_snapshot(load(checkout / "snapshot")).entries}
    record = found["comet"].record
    assert (record.doi, found["comet"].concept_doi, record.version) == (
        "10.5281/zenodo.101",
        "10.5281/zenodo.100",
        "1.0",
    )
    assert (record.title, record.kind, record.licences, record.keywords) == (
        "Comet",
        "software",
        ("mit",),
        ("light curves",),
    )
    assert record.description == "<p>Comet reads light curves.</p>"
    assert [(each.relation, each.identifier) for each in record.related] == [
        ("isSupplementTo", "https://github.com/stars/101")
    ]
    assert [(each.name, each.affiliation) for each in record.creators] == [("Ada Example", "Observatory")]
    assert (record.access, record.files) == ("open", ())


def test_a_computational_notebook_is_software_also_where_only_the_list_can_be_read(
    oai: Oai, zenodo: Zenodo, checkout: Path
) -> None:
    zenodo.works[0].kind = "software-computationalnotebook"
    zenodo.breaks(answers(404, b'{"status": 404}'), at="/api/records/")
    assert night(checkout, zenodo, "--via", "oai").exit_code == 0
    found = {each.slug: each for each in read_snapshot(load(checkout / "snapshot")).entries}
    assert found["comet"].record.kind == "software/computationalnotebook"


def test_an_expired_token_restarts_the_list(oai: Oai, zenodo: Zenodo, checkout: Path) -> None:
    slow = {"left": 1}
    answer = oai.answer

    def expires_once(handler: BaseHTTPRequestHandler, reply: Reply) -> Reply:
        if "resumptionToken=4" in handler.path and slow["left"]:
            slow["left"] -= 1
            oai.made.clear()
        return answer(handler, reply)

    zenodo.mends()
    zenodo.breaks(expires_once, at="/oai2d")
    assert night(checkout, zenodo, "--via", "oai").exit_code == 0
    assert len(oai.questions) == 3 + 3
    oai.life = -1.0
    oai.questions.clear()
    done = night(checkout, zenodo, "--via", "oai", "--whole")
    assert (done.exit_code, done.output) == (
        4,
        "Error: Zenodo forgot the list before it was read, 4 times over: nothing was changed\n",
    )
    assert len(oai.questions) == 4 * 2


def test_the_second_harvest_lists_only_changes(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.cli.clock.now", lambda: "2026-11-22T03:00:00Z")
    zenodo.works.append(Work(number=301, title="Slides", kind="presentation"))
    night(checkout, zenodo, "--via", "oai")
    monkeypatch.setattr("catalogue.cli.clock.now", lambda: "2026-11-23T03:00:00Z")
    oai.questions.clear()
    assert night(checkout, zenodo, "--via", "oai").output == "6 records seen, 5 entries: no news\n"
    assert oai.questions == [
        {"verb": "ListRecords", "set": "user-stars", "metadataPrefix": "oai_datacite", "from": "2026-11-21"}
    ]
    zenodo.works.append(Work(number=201, title="Comet", concept=100, version="2.0", index=1))
    oai.changed[201] = "2026-11-23"
    zenodo.gone[103] = {"removal_reason": {"id": "spam"}}
    oai.deleted[103] = "2026-11-23"
    zenodo.works = [work for work in zenodo.works if work.number not in (101, 103)]
    done = night(checkout, zenodo, "--via", "oai")
    assert done.exit_code == 0, done.output
    found = {each.slug: each for each in read_snapshot(load(checkout / "snapshot")).entries}
    assert found["comet"].record.version == "2.0"
    assert [each.doi for each in found["comet"].versions] == ["10.5281/zenodo.101"]
    gone = found["nova"].withdrawn
    assert gone is not None
    assert gone.reason == "Zenodo has withdrawn it: spam"
    assert sum(each.withdrawn is None for each in found.values()) == 4


def test_changes_are_not_lost_after_a_clock_was_ahead(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.cli.clock.now", lambda: "2036-01-01T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    monkeypatch.setattr("catalogue.cli.clock.now", lambda: "2026-11-23T03:00:00Z")
    zenodo.works[0] = Work(number=101, title="Comet and its tail")
    oai.changed[101] = "2026-11-23"
    assert night(checkout, zenodo, "--via", "oai").exit_code == 0
    found = {each.slug: each for each in read_snapshot(load(checkout / "snapshot")).entries}
    assert found["comet"].record.title == "Comet and its tail"


def test_an_unreadable_file_of_the_snapshot_causes_a_full_harvest(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.cli.clock.now", lambda: "2026-11-22T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    before = digests(checkout / "snapshot")
    (checkout / "snapshot" / "comet.json").write_text("{")
    done = night(checkout, zenodo, "--via", "oai")
    assert done.output.splitlines()[-1] == "5 records seen, 5 entries: 1 files of snapshot/ changed"
    assert digests(checkout / "snapshot") == before


def test_a_deleted_record_is_withdrawn_although_the_api_fails(oai: Oai, zenodo: Zenodo, checkout: Path) -> None:
    night(checkout, zenodo, "--via", "oai")
    oai.deleted[103] = "2026-11-23"
    zenodo.works = [work for work in zenodo.works if work.number != 103]
    zenodo.breaks(answers(503), at="/api/records/103")
    assert night(checkout, zenodo, "--via", "oai", "--whole").exit_code == 0
    found = {each.slug: each for each in read_snapshot(load(checkout / "snapshot")).entries}
    gone = found["nova"].withdrawn
    assert gone is not None
    assert gone.reason == "Zenodo has withdrawn it"


def test_a_community_too_large_for_the_search_is_read_by_oai_automatically(
    oai: Oai, zenodo: Zenodo, checkout: Path
) -> None:
    assert night(checkout, zenodo).output == "5 records seen, 5 entries: 6 files of snapshot/ changed\n"
    assert oai.questions == []
    zenodo.breaks(edits(lambda page: page["hits"].update(total=10_001)), at="page=")
    done = night(checkout, zenodo)
    assert done.exit_code == 0
    assert done.output == (
        "Zenodo says that there are 10,001 records, and its search lists 10,000 at most: asking by OAI-PMH\n"
        "5 records seen, 5 entries: no news\n"
    )
    assert [each.get("from", "") != "" for each in oai.questions] == [True]
    refused = night(checkout, zenodo, "--via", "search")
    assert (refused.exit_code, "its search lists 10,000 at most" in refused.output) == (4, True)


def test_no_page_of_a_list_is_kept_in_memory(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each new page of two records, the raw records of earlier pages are no longer in memory."""
    zenodo.works += [Work(number=1001 + 2 * n, title=f"Star {n}") for n in range(40)]
    alive: list[int] = []

    def counted(body: bytes) -> OaiPage:
        gc.collect()
        alive.append(sum(isinstance(each, ListedRecord) for each in gc.get_objects()))
        return read_page(body)

    monkeypatch.setattr("catalogue.edge.oai.read_page", counted)
    assert night(checkout, zenodo, "--via", "oai").exit_code == 0
    assert len(alive) == 23
    assert max(alive) <= 4


def test_an_increment_shares_every_record_that_has_not_changed_with_what_was_known(oai: Oai, zenodo: Zenodo) -> None:
    def ask(before: Snapshot, since: str | None, now: str) -> Snapshot:
        return harvest_by_oai(
            Client("stars/1", pace=0.0), api=zenodo.api, community=COMMUNITY, kinds=("software",), before=before,
            now=now, since=since,
        )  # fmt: skip

    first = ask(Snapshot((), None), None, "2026-11-22T03:00:00Z")
    zenodo.works[0].title = "Great comet"
    oai.changed[101] = "2026-11-23"
    second = ask(first, "2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z")
    old = {each.record.id: each.record for each in first.entries}
    assert {each.record.id: each.record is old[each.record.id] for each in second.entries} == {
        "101": False, "103": True, "105": True, "107": True, "109": True,
    }  # fmt: skip
    assert next(each for each in second.entries if each.record.id == "101").record.title == "Great comet"


def test_what_is_repaired_in_a_record_is_noted_whichever_way_it_is_read(
    oai: Oai, zenodo: Zenodo, checkout: Path
) -> None:
    zenodo.works.append(Work(number=301, title="Slides " * 10_000, kind="presentation"))
    zenodo.breaks(edits(lambda record: record["metadata"].update(creators="oops")), at="/api/records/101")
    assert night(checkout, zenodo, "--via", "oai").exit_code == 0
    harvest = read_snapshot(load(checkout / "snapshot")).harvest
    assert harvest is not None
    assert [(each.id, each.text) for each in harvest.repaired] == [
        ("101", "metadata.creators is not a list and was left out"),
        ("301", "metadata.description has 70,027 letters, of which 65,536 were kept"),
    ]


@pytest.mark.parametrize("listed", [False, True])
def test_an_increment_keeps_the_notes_on_the_rest_except_on_codemeta_files(
    oai: Oai, zenodo: Zenodo, listed: bool
) -> None:
    """Notes about CodeMeta files are made anew; they are recognised by their code, not by their text."""
    if listed:  # with the changes, although it has not changed since
        oai.changed |= {101: "2026-11-21", 103: "2026-11-21"}
    said = (
        Repaired(id="101", text="its CodeMeta file cannot be read", codemeta=True),
        Repaired(id="103", text="files.codemeta.json is not a mapping and was left out"),
    )
    ask = partial(
        harvest_by_oai, Client("stars/1", pace=0.0), api=zenodo.api, community=COMMUNITY, kinds=("software",),
    )  # fmt: skip
    first = ask(before=Snapshot((), None), now="2026-11-22T03:00:00Z")
    assert first.harvest is not None
    before = Snapshot(first.entries, first.harvest.model_copy(update={"repaired": said}))
    second = ask(before=before, now="2026-11-23T03:00:00Z", since="2026-11-22T03:00:00Z")
    assert second.harvest is not None
    assert second.harvest.repaired == said[1:]


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>"
FAULTS = [
    pytest.param(answers(503), "503", id="503"),
    pytest.param(answers(200, b"<html>Please log in"), "it is not XML", id="html"),
    pytest.param(answers(200, b"<a/>"), "it is not an answer of OAI-PMH", id="other XML"),
    pytest.param(answers(200, page("")), "it lists no records", id="nothing"),
    pytest.param(answers(200, b"\xff\xfe<"), "it is not in UTF-8", id="UTF-16"),
    pytest.param(answers(200, BOMB.encode() + page("&b;")), "it has a document type", id="entities"),
    pytest.param(
        answers(200, b"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><x>&f;</x>"), "a document type", id="file"
    ),
    pytest.param(answers(200, b"<a>" * 200_000), "it is not XML", id="deep"),
    pytest.param(answers(200, page("<error code='badArgument'>x</error>")), "the error badArgument", id="error"),
    pytest.param(answers(422), "does not understand the question", id="422"),
    pytest.param(
        answers(200, page("<ListRecords><resumptionToken>again</resumptionToken></ListRecords>")),
        "comes to no end", id="circle",
    ),
    pytest.param(
        answers(200, page("<ListRecords><resumptionToken completeListSize='9'/></ListRecords>")),
        "says that there are 9 records and lists 0", id="short",
    ),
    pytest.param(answers(200, page("<error code='noRecordsMatch'>x</error>")), "is empty, and it was not before", id="empty"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_an_invalid_list_leaves_the_snapshot_as_it_was(
    oai: Oai, zenodo: Zenodo, checkout: Path, fault: Fault, words: str
) -> None:
    night(checkout, zenodo, "--via", "oai")
    snapshot = digests(checkout / "snapshot")
    zenodo.mends()
    zenodo.breaks(fault, at="/oai2d")
    done = night(checkout, zenodo, "--via", "oai", "--whole")
    assert done.exit_code == 4
    assert words in done.output.splitlines()[-1]
    assert digests(checkout / "snapshot") == snapshot


@pytest.mark.parametrize("rights", ["restricted", "embargoed", "closed"])
def test_access_is_read_from_the_rights(rights: str) -> None:
    body = (
        "<ListRecords><record><header><identifier>oai:zenodo.org:1</identifier></header><metadata><resource>"
        f"<rightsList><rights rightsURI='info:eu-repo/semantics/{rights}Access'/></rightsList></resource></metadata></record></ListRecords>"
    )
    [record] = read_page(page(body)).records
    assert record.hit["access"]["status"] == ("embargoed" if rights == "embargoed" else "restricted")
    assert record.hit["metadata"]["rights"] == []


def test_an_organisation_is_told_from_a_person_by_its_type() -> None:
    creators = (
        "<creator><creatorName nameType='Organizational'>CERN</creatorName></creator>"
        "<creator><creatorName nameType='Personal'>Ada Example</creatorName></creator><creator/>"
    )
    body = (
        "<ListRecords><record><header><identifier>oai:zenodo.org:1</identifier></header><metadata><resource>"
        f"<identifier>10.5281/zenodo.1</identifier><creators>{creators}</creators></resource></metadata></record></ListRecords>"
    )
    [listed] = read_page(page(body)).records
    found, _ = read_hit(listed.hit, "")
    assert isinstance(found, HarvestedRecord)
    assert found.record.creators == (Creator(name="CERN", organisation=True), Creator(name="Ada Example"))
