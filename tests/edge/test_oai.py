"""The harvest through OAI-PMH: expiring resumption tokens, deleted records, and incremental harvests."""

import gc
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.edge.http import Client
from catalogue.edge.snapshot_files import load
from catalogue.edge.zenodo import harvest_by_oai, is_whole_list_due
from catalogue.sources.datacite import ListedRecord, OaiPage, read_page
from catalogue.sources.snapshot import Creator, Entry, Harvest, HarvestedRecord, Repaired, Snapshot, read_snapshot
from catalogue.sources.zenodo import read_hit
from tests.test_determinism import digests
from tests.world import SITE

from . import oai_double
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


def at(monkeypatch: pytest.MonkeyPatch, now: str) -> None:
    """Set the clock of the commands that follow."""
    monkeypatch.setattr("catalogue.cli.clock.now", lambda: now)


@pytest.fixture
def long_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every community is too large for its list to be read as a whole every night."""
    monkeypatch.setattr("catalogue.edge.zenodo._LISTED_NIGHTLY", 0)


def stored(checkout: Path) -> dict[str, Entry]:
    return {each.slug: each for each in read_snapshot(load(checkout / "snapshot")).entries}


def notes(checkout: Path) -> list[tuple[str, str]]:
    harvest = read_snapshot(load(checkout / "snapshot")).harvest
    assert harvest is not None
    return [(each.id, each.text) for each in harvest.repaired]


def details(zenodo: Zenodo) -> list[str]:
    """The numbers of the records that were requested from the API since the last call, in order."""
    asked = [each.target.removeprefix("/api/records/") for each in zenodo.asked if "/api/records/" in each.target]
    zenodo.asked.clear()
    return asked


NO_DETAILS = "its files are not known, nor what else Zenodo's list does not state: a later harvest asks again"
NOT_RENEWED = "its changes could not be read, and it stays as it was: a later harvest asks again"


def test_both_ways_give_the_same_snapshot(oai: Oai, zenodo: Zenodo, checkout: Path) -> None:
    zenodo.works[0].files = {"codemeta.json": CODEMETA}
    zenodo.works[1].kind = "software-computationalnotebook"
    zenodo.works[2].code = {"code:codeRepository": "https://github.com/stars/quasar"}
    assert night(checkout, zenodo, "--via", "oai").output == "5 records seen, 5 entries: 6 files of snapshot/ changed\n"
    by_list = digests(checkout / "snapshot")
    assert night(checkout, zenodo).output == "5 records seen, 5 entries: no news\n"
    assert {**digests(checkout / "snapshot"), "observed/harvest.json": ""} == {**by_list, "observed/harvest.json": ""}


def test_without_the_api_the_list_gives_everything_but_files_and_access(
    oai: Oai, zenodo: Zenodo, checkout: Path
) -> None:
    zenodo.works[1].title = "Slides " * 10_000
    zenodo.breaks(answers(404, b'{"status": 404}'), at="/api/records/")
    assert night(checkout, zenodo, "--via", "oai").exit_code == 0
    found = stored(checkout)
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
    assert (record.access, record.files) == ("unknown", ())
    assert [text for number, text in notes(checkout) if number == "101"] == [NO_DETAILS]
    assert [text for number, text in notes(checkout) if number == "103"] == [
        NO_DETAILS,
        "metadata.description has 70,027 letters, of which 65,536 were kept",
    ]


def test_a_computational_notebook_is_software_also_where_only_the_list_can_be_read(
    oai: Oai, zenodo: Zenodo, checkout: Path
) -> None:
    zenodo.works[0].kind = "software-computationalnotebook"
    zenodo.breaks(answers(404, b'{"status": 404}'), at="/api/records/")
    assert night(checkout, zenodo, "--via", "oai").exit_code == 0
    found = {each.slug: each for each in read_snapshot(load(checkout / "snapshot")).entries}
    assert found["comet"].record.kind == "software/computationalnotebook"


@pytest.mark.parametrize(
    ("seen", "looked", "listed", "due"),
    [
        (15_000, "2026-11-22", "2026-11-22", True),  # its list is read every night
        (15_001, "2026-11-22", "2026-11-22", False),
        (15_001, "2026-11-22", "2026-11-17", False),
        (15_001, "2026-11-22", "2026-11-16", True),
        (15_001, "2026-11-22", None, True),  # so far it was read by the search
        (15_001, None, "2026-11-22", True),
        (15_001, "2036-01-01", "2026-11-22", True),  # by a clock that was wrong
        (15_001, "2026-11-22", "2036-01-01", True),
    ],
)
def test_the_whole_list_is_due_every_night_and_if_it_is_long_once_a_week(
    seen: int, looked: str | None, listed: str | None, due: bool
) -> None:
    """The time of day does not matter: a night may begin some minutes earlier than that of the week before."""
    harvest = Harvest(api="", community=COMMUNITY, harvested="2026-11-01T03:00:00Z", seen=seen)
    looked, listed = (day and f"{day}T03:21:00Z" for day in (looked, listed))
    assert is_whole_list_due(Snapshot((), harvest), looked, listed, "2026-11-23T03:20:00Z") is due


def test_before_the_first_harvest_the_whole_list_is_due() -> None:
    assert is_whole_list_due(Snapshot((), None), None, None, "2026-11-23T03:20:00Z")


def test_what_is_no_longer_listed_is_gone_the_next_morning(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zenodo does not list deleted records; of others, none is requested again."""
    zenodo.works += [Work(number=301 + 2 * n, title=f"Star {n}") for n in range(5)]
    zenodo.works.append(Work(number=401, title="Comet", concept=100, version="2.0", index=1))
    at(monkeypatch, "2026-11-22T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    details(zenodo)
    zenodo.gone[103] = {"removal_reason": {"id": "spam"}}
    zenodo.left[105] = zenodo.works[2]
    del zenodo.works[1:3]
    at(monkeypatch, "2026-11-23T03:00:00Z")
    done = night(checkout, zenodo, "--via", "oai")
    assert done.output == "9 records seen, 8 entries: 3 files of snapshot/ changed\n"
    assert {slug: each.withdrawn.reason for slug, each in stored(checkout).items() if each.withdrawn} == {
        "nova": "Zenodo has withdrawn it: spam",
        "quasar": "it is no longer part of the community",
    }
    assert sorted(details(zenodo)) == ["103", "105"]


def test_a_change_without_news_is_requested_once_although_the_snapshot_stays_as_it_is(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-22T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    details(zenodo)
    oai.changed[103] = "2026-11-22"
    for day in (23, 24, 25):
        at(monkeypatch, f"2026-11-{day}T03:00:00Z")
        assert night(checkout, zenodo, "--via", "oai").output == "5 records seen, 5 entries: no news\n"
    assert details(zenodo) == ["103"]


class Elsewhere(Work):
    """A record with a DOI of another registrant, for which a list states no concept."""

    @property
    def doi(self) -> str:
        return f"10.1234/mine.{self.number}"


def test_an_older_version_whose_concept_only_the_api_states_is_not_requested_every_night(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zenodo.works += [Elsewhere(number=201 + 2 * n, title="Own", concept=200, version=str(n), index=n) for n in range(3)]
    for day in (22, 23):
        at(monkeypatch, f"2026-11-{day}T03:00:00Z")
        night(checkout, zenodo, "--via", "oai")
    details(zenodo)
    at(monkeypatch, "2026-11-24T03:00:00Z")
    assert night(checkout, zenodo, "--via", "oai").output == "8 records seen, 6 entries: no news\n"
    assert details(zenodo) == []


def test_what_is_no_longer_in_a_long_list_is_gone_within_a_week(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch, long_list: None
) -> None:
    zenodo.works.append(Work(number=301, title="Pulsar"))
    gone = {}
    for day in range(16, 31):
        at(monkeypatch, f"2026-11-{day}T03:00:00Z")
        oai.questions.clear()
        assert night(checkout, zenodo, "--via", "oai").exit_code == 0
        if day == 17:
            zenodo.gone[103] = {"removal_reason": {"id": "spam"}}
            del zenodo.works[1]
        gone[day] = (len(oai.questions), bool(stored(checkout)["nova"].withdrawn))
    assert details(zenodo) == ["301", "109", "107", "105", "103", "101", "103"]
    assert gone == {
        16: (3, False),
        **dict.fromkeys(range(17, 23), (1, False)),
        23: (3, True),
        **dict.fromkeys(range(24, 30), (1, True)),
        30: (3, True),
    }


def test_what_became_of_a_record_is_asked_until_it_is_known(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch, long_list: None
) -> None:
    zenodo.works.append(Work(number=301, title="Pulsar"))
    at(monkeypatch, "2026-11-22T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    zenodo.gone[103] = {"removal_reason": {"id": "spam"}}
    del zenodo.works[1]
    zenodo.breaks(answers(503), at="/api/records/103", times=2 * 5)
    states = []
    for day, words in ((23, ["--whole"]), (24, []), (25, [])):
        at(monkeypatch, f"2026-11-{day}T03:00:00Z")
        night(checkout, zenodo, "--via", "oai", *words)
        states.append(stored(checkout)["nova"].withdrawn is None)
    assert states == [True, True, False]


def test_a_record_whose_listing_cannot_be_read_is_not_withdrawn_in_later_nights_either(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch, long_list: None
) -> None:
    at(monkeypatch, "2026-11-22T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    oai.changed[103] = "2026-11-23"
    for day in (23, 25, 26):
        at(monkeypatch, f"2026-11-{day}T03:00:00Z")
        with monkeypatch.context() as patch:
            lists(patch, "<identifier identifierType='DOI'>10.5281/zenodo.103</identifier>", "")
            assert night(checkout, zenodo, "--via", "oai").exit_code == 0
        harvest = read_snapshot(load(checkout / "snapshot")).harvest
        assert harvest is not None
        assert (stored(checkout)["nova"].withdrawn, harvest.not_seen) == (None, ("10.5281/zenodo.102",))
    oai.changed[103] = "2026-11-27"
    at(monkeypatch, "2026-11-27T03:00:00Z")
    assert night(checkout, zenodo, "--via", "oai").output == "5 records seen, 5 entries: 1 files of snapshot/ changed\n"


def lists(monkeypatch: pytest.MonkeyPatch, others: str, words: str) -> None:
    """List each record with `words` in the place of `others`."""
    original = oai_double.datacite
    monkeypatch.setattr(oai_double, "datacite", lambda work: original(work).replace(others, words))


def versions(*numbers: int) -> list[Work]:
    return [
        Work(number=number, title="Comet", concept=100, version=f"{index + 1}.0", index=index)
        for index, number in enumerate(numbers)
    ]


@pytest.mark.parametrize("words", [(), ("--whole",)])
def test_an_entry_stays_at_its_newest_version_if_an_older_one_is_edited(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch, long_list: None, words: tuple[str, ...]
) -> None:
    """All versions are listed, and only the newest one is requested."""
    zenodo.works += versions(201, 211, 221)
    del zenodo.works[0]
    at(monkeypatch, "2026-11-22T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    before = digests(checkout / "snapshot")
    assert sorted(details(zenodo)) == ["103", "105", "107", "109", "221"]
    oai.changed[211] = "2026-11-23"
    at(monkeypatch, "2026-11-23T03:00:00Z")
    assert night(checkout, zenodo, "--via", "oai", *words).output == "7 records seen, 5 entries: no news\n"
    assert stored(checkout)["comet"].record.version == "3.0"
    assert details(zenodo) == []
    assert before.keys() == digests(checkout / "snapshot").keys()


def test_a_new_version_replaces_the_old_one_before_its_details_are_known(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch, long_list: None
) -> None:
    at(monkeypatch, "2026-11-22T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    zenodo.works += versions(101, 201)[1:]
    zenodo.works[-1].files = {"comet.zip": b"PK"}
    oai.changed[201] = "2026-11-23"
    zenodo.breaks(answers(503), at="/api/records/201", times=5)
    found = []
    for day in (23, 26, 27):
        at(monkeypatch, f"2026-11-{day}T03:00:00Z")
        assert night(checkout, zenodo, "--via", "oai").exit_code == 0
        entry = stored(checkout)["comet"]
        found.append((entry.record.version, entry.record.access, len(entry.record.files), notes(checkout)))
        assert [each.doi for each in entry.versions] == ["10.5281/zenodo.101"]
    assert found == [("2.0", "unknown", 0, [("201", NO_DETAILS)]), *[("2.0", "open", 1, [])] * 2]
    assert details(zenodo).count("201") == 5 + 1


def test_when_the_newest_version_is_deleted_the_one_before_gets_its_details(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-22T03:00:00Z")
    zenodo.works += versions(101, 201)[1:]
    zenodo.works[0].files = {"comet.zip": b"PK"}
    night(checkout, zenodo, "--via", "oai")
    zenodo.gone[201] = {}
    del zenodo.works[-1]
    at(monkeypatch, "2026-11-23T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    record = stored(checkout)["comet"].record
    assert (record.version, [each.name for each in record.files]) == ("1.0", ["comet.zip"])


@pytest.mark.parametrize("words", [(), ("--whole",)])
def test_what_was_not_requested_one_night_is_requested_in_the_next_ones(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch, long_list: None, words: tuple[str, ...]
) -> None:
    """In another order each day, and after what is new."""
    monkeypatch.setattr("catalogue.edge.zenodo._MAX_DETAILS", 2)
    for work in zenodo.works:
        work.files = {"code.zip": b"PK"}
    counts, asked = [], []
    for day in range(22, 27):
        at(monkeypatch, f"2026-11-{day}T03:00:00Z")
        if day == 23:
            zenodo.works.append(Work(number=301, title="Pulsar", files={"code.zip": b"PK"}))
            oai.changed[301] = "2026-11-22"
        assert night(checkout, zenodo, "--via", "oai", *words).exit_code == 0
        counts.append((sum(bool(each.record.files) for each in stored(checkout).values()), len(notes(checkout))))
        asked.append(details(zenodo))
    assert counts == [(2, 3), (4, 2), (6, 0), (6, 0), (6, 0)]
    assert [asked[0], asked[1][0], asked[3:]] == [["109", "107"], "301", [[], []]]


def test_a_snapshot_from_before_there_were_notes_on_details_gets_them(oai: Oai, zenodo: Zenodo) -> None:
    ask = partial(
        harvest_by_oai, Client("stars/1", pace=0.0), api=zenodo.api, community=COMMUNITY, kinds=("software",),
    )  # fmt: skip
    first = ask(before=Snapshot((), None), now="2026-11-22T03:00:00Z")
    poor = first.entries[0].record.model_copy(update={"created": None})
    before = Snapshot((first.entries[0].model_copy(update={"record": poor}), *first.entries[1:]), first.harvest)
    second = ask(before=before, now="2026-11-23T03:00:00Z", changes_only=True)
    assert second.entries == first.entries


def test_a_known_record_keeps_what_only_the_api_states_until_that_answers_again(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch, long_list: None
) -> None:
    """It would become open, although it is restricted, and lose its repository and languages."""
    zenodo.works[1].code = {
        "code:codeRepository": "https://github.com/stars/nova",
        "code:programmingLanguage": [{"id": "python", "title": {"en": "Python"}}],
    }
    restricted = edits(lambda record: record["metadata"].update(access_right="restricted", creators="oops"))
    zenodo.breaks(restricted, at="/api/records/103", times=1)
    at(monkeypatch, "2026-11-22T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    before = stored(checkout)["nova"].record
    assert (before.access, before.code_languages, bool(before.created)) == ("restricted", ("Python",), True)
    zenodo.breaks(answers(503), at="/api/records/103", times=2 * 5)
    zenodo.works[1].title = "Supernova"
    oai.changed[103] = "2026-11-23"
    left_out = ("103", "metadata.creators is not a list and was left out")
    for day in (23, 26):
        at(monkeypatch, f"2026-11-{day}T03:00:00Z")
        night(checkout, zenodo, "--via", "oai")
        assert stored(checkout)["nova"].record == before
        assert notes(checkout) == [("103", NOT_RENEWED), left_out]
    zenodo.breaks(edits(lambda record: record["metadata"].update(access_right="restricted")), at="/api/records/103")
    at(monkeypatch, "2026-11-27T03:00:00Z")
    night(checkout, zenodo, "--via", "oai")
    after = stored(checkout)["nova"].record
    assert (after.title, after.access, after.created, notes(checkout)) == (
        "Supernova",
        "restricted",
        before.created,
        [],
    )


def test_the_concept_is_told_from_what_the_author_says_that_it_is_a_version_of(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zenodo lists its own last; otherwise these five would become one entry until their details can be read."""
    of_author = "<relatedIdentifier relatedIdentifierType='DOI' relationType='IsVersionOf'>10.5281/zenodo.999</relatedIdentifier>"
    lists(monkeypatch, "<relatedIdentifiers>", f"<relatedIdentifiers>{of_author}")
    zenodo.breaks(answers(503), at="/api/records/")
    night(checkout, zenodo, "--via", "oai")
    assert [each.identity for each in stored(checkout).values()] == [
        "10.5281/zenodo.100", "10.5281/zenodo.108", "10.5281/zenodo.106", "10.5281/zenodo.102", "10.5281/zenodo.104",
    ]  # fmt: skip


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


def test_the_second_harvest_of_a_large_community_lists_only_changes(
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch, long_list: None
) -> None:
    at(monkeypatch, "2026-11-22T03:00:00Z")
    zenodo.works.append(Work(number=301, title="Slides", kind="presentation"))
    night(checkout, zenodo, "--via", "oai")
    at(monkeypatch, "2026-11-23T03:00:00Z")
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
    oai: Oai, zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch, long_list: None
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


def test_a_record_that_is_listed_as_deleted_is_withdrawn_although_the_api_fails(
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


def test_a_community_too_large_for_the_search_is_read_by_oai_automatically(
    oai: Oai, zenodo: Zenodo, checkout: Path, long_list: None
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
    assert [each.get("from") for each in oai.questions] == [None] * 3  # the whole list, which it had never read
    oai.questions.clear()
    assert night(checkout, zenodo).exit_code == 0
    assert ["from" in each for each in oai.questions] == [True]
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
    def ask(before: Snapshot, now: str) -> Snapshot:
        return harvest_by_oai(
            Client("stars/1", pace=0.0), api=zenodo.api, community=COMMUNITY, kinds=("software",), before=before,
            now=now, changes_only=True,
        )  # fmt: skip

    first = ask(Snapshot((), None), "2026-11-22T03:00:00Z")
    zenodo.works[0].title = "Great comet"
    oai.changed[101] = "2026-11-23"
    second = ask(first, "2026-11-23T03:00:00Z")
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
    second = ask(before=before, now="2026-11-23T03:00:00Z", changes_only=True)
    assert second.harvest is not None
    assert second.harvest.repaired == said[1:]


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>"
FAULTS = [
    pytest.param(answers(503), "503", id="503"),
    pytest.param(answers(200, b"<html>Please log in"), "Zenodo answered with “Please log in”: it is not XML", id="html"),
    pytest.param(answers(200, b""), "Zenodo answered with an empty page: it is not XML", id="empty body"),
    pytest.param(answers(200, b"<a/>"), "it is not an answer of OAI-PMH", id="other XML"),
    pytest.param(answers(200, page("")), "it lists no records", id="nothing"),
    pytest.param(answers(200, b"\xff\xfe<"), "it is not in UTF-8", id="UTF-16"),
    pytest.param(answers(200, BOMB.encode() + page("&b;")), "it has a document type", id="entities"),
    pytest.param(
        answers(200, b"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><x>&f;</x>"), "a document type", id="file"
    ),
    pytest.param(answers(200, b"<a>" * 200_000), "it is not XML", id="deep"),
    pytest.param(answers(200, page("<error code='badArgument'>x</error>")), "the error badArgument", id="error"),
    pytest.param(answers(422), "rejects the request", id="422"),
    pytest.param(
        answers(200, page("<ListRecords><resumptionToken>again</resumptionToken></ListRecords>")),
        "without end", id="circle",
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


def hit(doi: str, inside: str) -> dict[str, Any]:
    """The hit of a record with this DOI."""
    body = (
        "<ListRecords><record><header><identifier>oai:zenodo.org:1</identifier></header><metadata><resource>"
        f"<identifier>{doi}</identifier>{inside}</resource></metadata></record></ListRecords>"
    )
    [listed] = read_page(page(body)).records
    return listed.hit


@pytest.mark.parametrize(
    ("doi", "stated", "concept"),
    [
        ("10.5281/zenodo.7", ["10.5281/zenodo.999", "10.5281/zenodo.6"], "10.5281/zenodo.6"),
        ("10.5281/zenodo.7", ["https://doi.org/10.5281/zenodo.6"], "10.5281/zenodo.6"),
        ("10.5281/zenodo.7", ["10.1234/other", "https://github.com/stars/nova"], ""),
        ("10.5281/zenodo.7", ["10.5072/zenodo.6"], ""),  # of the sandbox
        ("10.1234/mine", ["10.5281/zenodo.999"], ""),  # Zenodo makes no concept for a DOI that it did not make
        ("10.5281/zenodo.7", [], ""),
    ],
)
def test_only_a_doi_of_the_same_zenodo_is_a_concept(doi: str, stated: list[str], concept: str) -> None:
    related = "".join(f"<relatedIdentifier relationType='IsVersionOf'>{each}</relatedIdentifier>" for each in stated)
    found = hit(doi, f"<relatedIdentifiers>{related}</relatedIdentifiers>")
    assert found["parent"]["pids"]["doi"]["identifier"] == concept
    assert found["metadata"]["related_identifiers"] == []


@pytest.mark.parametrize(
    ("titles", "title"),
    [
        ("<title titleType='AlternativeTitle'>N</title><title>Nova</title>", "Nova"),
        ("<title titleType='AlternativeTitle'>N</title><title titleType='Subtitle'>Stars</title>", "N"),
        ("", ""),
    ],
)
def test_the_title_is_the_one_without_a_type(titles: str, title: str) -> None:
    assert hit("10.5281/zenodo.1", f"<titles>{titles}</titles>")["metadata"]["title"] == title


@pytest.mark.parametrize("body", [b"<html>Back soon", page("<ListRecords><record>")[:-20], b""])
def test_an_answer_that_is_no_list_is_asked_for_again(oai: Oai, zenodo: Zenodo, checkout: Path, body: bytes) -> None:
    zenodo.mends()
    zenodo.breaks(answers(200, body), at="/oai2d", times=1)
    zenodo.breaks(oai.answer, at="/oai2d")
    done = night(checkout, zenodo, "--via", "oai")
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        0,
        "5 records seen, 5 entries: 6 files of snapshot/ changed",
    )


@pytest.mark.parametrize("inside", ["<error code='noRecordsMatch'>none</error>", "<ListRecords/>"])
def test_a_first_harvest_of_a_community_without_records_is_refused(
    oai: Oai, zenodo: Zenodo, checkout: Path, inside: str
) -> None:
    """Its name may be misspelt: OAI-PMH does not tell a set that does not exist from an empty one."""
    zenodo.mends()
    zenodo.breaks(answers(200, page(inside)), at="/oai2d")
    done = night(checkout, zenodo, "--via", "oai")
    assert (done.exit_code, done.output) == (
        4,
        "Error: Zenodo lists no records of the community 'stars' by OAI-PMH: check `community` in site.yaml\n",
    )
    assert not (checkout / "snapshot").exists()
