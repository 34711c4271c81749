"""The second way to the community: OAI-PMH, with tokens that expire, deleted records, and increments."""

import time
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.edge.http import Client
from catalogue.edge.snapshot_files import load
from catalogue.sources.datacite import read_page
from catalogue.sources.snapshot import read_snapshot
from tests.test_determinism import digests
from tests.world import SITE

from .zenodo_double import COMMUNITY, Fault, Reply, Work, Zenodo, answers

CODEMETA = b'{"name": "Comet"}'


def datacite(work: Work) -> str:
    creators = "".join(
        f"<creator><creatorName nameType='Personal'>{escape(name)}</creatorName><affiliation>{escape(place)}</affiliation></creator>"
        for name, place in work.creators.items()
    )
    return (
        "<metadata><oai_datacite xmlns='http://schema.datacite.org/oai/oai-1.1/'><payload>"
        "<resource xmlns='http://datacite.org/schema/kernel-4'>"
        f"<identifier identifierType='DOI'>{work.doi}</identifier><creators>{creators}</creators>"
        f"<titles><title>{escape(work.title)}</title></titles><publicationYear>2026</publicationYear>"
        f"<subjects><subject>light curves</subject></subjects><dates><date dateType='Issued'>2026-01-01</date></dates>"
        f"<resourceType resourceTypeGeneral='{work.kind.title()}'/>"
        f"<relatedIdentifiers><relatedIdentifier relatedIdentifierType='DOI' relationType='IsVersionOf'>{work.concept_doi}</relatedIdentifier>"
        f"<relatedIdentifier relatedIdentifierType='URL' relationType='IsSupplementTo'>https://github.com/stars/{work.number}</relatedIdentifier>"
        f"</relatedIdentifiers><version>{work.version}</version><rightsList>"
        "<rights rightsURI='info:eu-repo/semantics/openAccess'>Open Access</rights>"
        "<rights rightsURI='https://opensource.org/licenses/MIT' rightsIdentifier='mit'>MIT</rights></rightsList>"
        f"<descriptions><description descriptionType='Abstract'>{escape(f'<p>{work.title} reads light curves.</p>')}</description></descriptions>"
        "</resource></payload></oai_datacite></metadata>"
    )


class Oai:
    """A list in pages of two; its tokens live as long as they are told to."""

    def __init__(self, zenodo: Zenodo) -> None:
        self.zenodo, self.life = zenodo, 120.0
        self.changed: dict[int, str] = {}
        self.deleted: dict[int, str] = {}
        self.made: dict[str, float] = {}
        self.questions: list[dict[str, str]] = []
        zenodo.breaks(self.answer, at="/oai2d")

    def answer(self, handler: BaseHTTPRequestHandler, _reply: Reply) -> Reply:
        asked = {key: values[0] for key, values in parse_qs(urlsplit(handler.path).query).items()}
        self.questions.append(asked)
        token = asked.get("resumptionToken")
        start, since = 0, asked.get("from", "")
        if token:
            if time.monotonic() - self.made.get(token, 0.0) > self.life:
                return Reply(422, b"<html>Invalid resumption token</html>", {"Content-Type": "text/html"})
            begin, _, since = token.partition("~")
            start = int(begin)
        else:
            assert (asked["set"], asked["metadataPrefix"]) == (f"user-{COMMUNITY}", "oai_datacite")
        every = [
            *((work.number, self.changed.get(work.number, "2026-01-01"), datacite(work)) for work in self.zenodo.works),
            *((number, day, "") for number, day in self.deleted.items()),
        ]
        every = [each for each in every if each[1] >= since]
        if not every:
            return Reply(200, page("<error code='noRecordsMatch'>none</error>"))
        deleted = " status='deleted'"
        records = "".join(
            f"<record><header{deleted if not body else ''}><identifier>oai:zenodo.org:{number}</identifier>"
            f"<datestamp>{day}T00:00:00Z</datestamp></header>{body}</record>"
            for number, day, body in every[start : start + 2]
        )
        more = start + 2 < len(every)
        following = f"{start + 2}~{since}" if more else ""
        self.made[following] = time.monotonic()
        end = f"<resumptionToken completeListSize='{len(every)}'>{following}</resumptionToken>"
        return Reply(200, page(f"<ListRecords>{records}{end}</ListRecords>"), {"Content-Type": "text/xml"})


def page(inside: str) -> bytes:
    return f"<?xml version='1.0' encoding='UTF-8'?><OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'>{inside}</OAI-PMH>".encode()


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
    monkeypatch.setattr("catalogue.cli.Client", partial(Client, pace=0.0))
    return tmp_path


def night(checkout: Path, zenodo: Zenodo, *words: str) -> Result:
    base = ["--root", str(checkout), "harvest", "--api", zenodo.api, "--community", COMMUNITY]
    done = CliRunner().invoke(main, [*base, *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_both_ways_give_the_same_snapshot(oai: Oai, zenodo: Zenodo, checkout: Path) -> None:
    zenodo.works[0].files = {"codemeta.json": CODEMETA}
    assert night(checkout, zenodo, "--via", "oai").output == "5 records seen, 5 entries: 6 files of snapshot/ changed\n"
    by_list = digests(checkout / "snapshot")
    assert night(checkout, zenodo).output == "5 records seen, 5 entries: no news\n"
    assert {**digests(checkout / "snapshot"), "observed/harvest.json": ""} == {**by_list, "observed/harvest.json": ""}


def test_where_the_api_says_nothing_the_list_says_all_but_the_files(oai: Oai, zenodo: Zenodo, checkout: Path) -> None:
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


def test_a_token_that_has_expired_begins_the_walk_anew(oai: Oai, zenodo: Zenodo, checkout: Path) -> None:
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


def test_the_second_night_asks_for_what_has_changed(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.cli._now", lambda: "2026-11-22T03:00:00Z")
    zenodo.works.append(Work(number=301, title="Slides", kind="presentation"))
    night(checkout, zenodo, "--via", "oai")
    monkeypatch.setattr("catalogue.cli._now", lambda: "2026-11-23T03:00:00Z")
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


def test_a_deleted_record_of_which_nothing_else_can_be_learnt_is_withdrawn(
    oai: Oai, zenodo: Zenodo, checkout: Path
) -> None:
    night(checkout, zenodo, "--via", "oai")
    oai.deleted[103] = "2026-11-23"
    zenodo.works = [work for work in zenodo.works if work.number != 103]
    zenodo.breaks(answers(503), at="/api/records/103")
    assert night(checkout, zenodo, "--via", "oai", "--whole").exit_code == 0
    found = {each.slug: each for each in read_snapshot(load(checkout / "snapshot")).entries}
    gone = found["nova"].withdrawn
    assert gone is not None
    assert gone.reason == "Zenodo has withdrawn it"


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
def test_a_list_that_is_none_leaves_the_snapshot_as_it_was(
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
def test_who_has_access_is_read_from_the_rights(rights: str) -> None:
    body = (
        "<ListRecords><record><header><identifier>oai:zenodo.org:1</identifier></header><metadata><resource>"
        f"<rightsList><rights rightsURI='info:eu-repo/semantics/{rights}Access'/></rightsList></resource></metadata></record></ListRecords>"
    )
    [record] = read_page(page(body)).records
    assert record.hit["access"]["status"] == ("embargoed" if rights == "embargoed" else "restricted")
    assert record.hit["metadata"]["rights"] == []
