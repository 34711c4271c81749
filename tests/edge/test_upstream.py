"""Faults of Zenodo against the `harvest` command: the outcome, the number of requests, the message, and no traceback.

Outcomes: *same*, as if nothing had happened; *repaired*, the valid parts are there and the faulty one is reported; *gone*, a
tombstone; *stale*, exit code 4 and an unchanged snapshot.
"""

import gzip
import json
import random
import re
import subprocess
import sys
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import stamina
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.edge.http import Client
from catalogue.problems import UpstreamError
from tests.conftest import PROJECT
from tests.test_determinism import digests
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE

from .clock import Clock
from .zenodo_double import (
    COMMUNITY,
    Fault,
    Reply,
    Work,
    Zenodo,
    answers,
    cut_off,
    cut_off_in_chunks,
    drips,
    edits,
    legacy,
    reset,
    running,
    silent,
    zipped,
)

case = pytest.mark.case
NAMES = ["Comet", "Nova", "Quasar", "Meteor", "Corona", "Eclipse", "Zenith"]
SEVEN = [name.lower() for name in sorted(NAMES)]
CODEMETA = json.dumps({"name": "Comet", "programmingLanguage": "Python"}).encode()
PAGE = b'{"hits": {"hits": [], "total": 7}}'


@pytest.fixture
def seven(zenodo: Zenodo) -> Zenodo:
    """A community of seven works on two pages."""
    zenodo.works = [Work(number=101 + 2 * index, title=name) for index, name in enumerate(NAMES)]
    return zenodo


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of four, no delay between requests, and timeouts of about a second instead of a minute."""
    monkeypatch.setattr(
        "catalogue.cli.nightly.Client", partial(Client, pace=0.0, deadline=1.5, read_timeout=0.4, max_retry_after=2.0)
    )
    monkeypatch.setattr("catalogue.edge.zenodo.PAGE_SIZE", 4)
    monkeypatch.setattr("catalogue.edge.zenodo.PAGE_SIZE_WITH_TOKEN", 4)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder without a snapshot."""
    for name, text in (("site.yaml", SITE), ("facilities.yaml", FACILITIES), ("notebooks.yaml", NO_NOTEBOOKS)):
        (tmp_path / name).write_text(text)
    return tmp_path


def night(checkout: Path, zenodo: Zenodo, *words: str, token: str = "") -> Result:
    """Run a harvest, which must not end in a traceback."""
    done = CliRunner().invoke(
        main,
        ["--root", str(checkout), "harvest", "--api", zenodo.api, "--community", COMMUNITY, *words],
        env={"ZENODO_TOKEN": token},
    )
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    assert "\x1b" not in done.output
    return done


def entries(checkout: Path) -> dict[str, Any]:
    """The entries of the snapshot by slug."""
    files = (checkout / "snapshot").glob("*.json")
    return {path.stem: json.loads(path.read_text("utf-8")) for path in files if path.stem != "harvest"}


def accounting(checkout: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((checkout / "snapshot" / "harvest.json").read_text("utf-8"))
    return found


# Faults of this file


def raw(text: bytes) -> Fault:
    """Raw bytes instead of an HTTP response."""

    def fault(handler: BaseHTTPRequestHandler, _reply: Reply) -> None:
        handler.wfile.write(text)

    return fault


def after(seconds: float) -> Fault:
    """The correct response, late."""

    def fault(_handler: BaseHTTPRequestHandler, reply: Reply) -> Reply:
        time.sleep(seconds)
        return reply

    return fault


def body(change: Callable[[bytes], bytes], **headers: str) -> Fault:
    """The correct response with another body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _handler, reply: Reply(reply.status, change(reply.body), {**reply.headers, **named})


def reset_in_body(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + reply.body[:50])
    handler.wfile.flush()
    reset(handler, reply)


def hit(change: Callable[[dict[str, Any]], object], which: int = 0) -> Fault:
    """One hit of a page changed."""
    return edits(lambda page: change(page["hits"]["hits"][which]))


def each_hit(change: Callable[[dict[str, Any]], object]) -> Fault:
    return edits(lambda page: [change(each) for each in page["hits"]["hits"]])


def shuffled(_handler: BaseHTTPRequestHandler, reply: Reply) -> Reply:
    """The hits of a page in random order."""
    data = json.loads(reply.body)
    random.shuffle(data["hits"]["hits"])
    return Reply(reply.status, json.dumps(data).encode())


def one_more(handler: BaseHTTPRequestHandler, _reply: Reply) -> Reply:
    """An endless chain of redirects, each to a URL that is one letter longer."""
    return Reply(302, b"", {"Location": f"{handler.path}x"})


def agent_guard(handler: BaseHTTPRequestHandler, reply: Reply) -> Reply:
    """A host that refuses requests without a proper User-Agent."""
    named = re.fullmatch(r"[\w-]+/[\d.]+ \(\+https://\S+\)", handler.headers["User-Agent"] or "")
    return reply if named else Reply(403, b"python-requests is blocked")


def once_more_gzipped(text: bytes) -> bytes:
    return gzip.compress(text)


# --- same: as if nothing had happened

SAME = [
    pytest.param(reset, 3, id="U4 reset", marks=case("U4")),
    pytest.param(cut_off, 3, id="U4 short", marks=case("U4")),
    pytest.param(answers(500), 3, id="U4 500", marks=case("U4")),
    pytest.param(answers(502, b"<h1>Bad gateway</h1>"), 3, id="U4 502", marks=case("U4")),
    pytest.param(answers(503), 3, id="U4 503", marks=case("U4")),
    pytest.param(answers(504), 3, id="U4 504", marks=case("U4")),
    pytest.param(body(lambda text: text[:-9]), 3, id="U4 no JSON", marks=case("U4")),
    pytest.param(answers(200, b"<h1>Back soon</h1>"), 3, id="U4 a page", marks=case("U4")),
    pytest.param(after(0.3), 9, id="U5 slow", marks=case("U5")),
    pytest.param(answers(429, Retry_After="0"), 2, id="U6 429", marks=case("U6")),
    pytest.param(answers(429, X_RateLimit_Reset="1"), 1, id="U7 reset only", marks=case("U7")),
    pytest.param(answers(429, Retry_After="-5"), 2, id="U8 negative", marks=case("U8")),
    pytest.param(answers(429, Retry_After="soon"), 2, id="U8 nonsense", marks=case("U8")),
    pytest.param(agent_guard, 99, id="U13 agent guard", marks=case("U13")),
    pytest.param(body(lambda text: b"\xef\xbb\xbf" + text), 99, id="U16 byte order mark", marks=case("U16")),
    pytest.param(edits(lambda page: page.update(took=float("nan"))), 99, id="U18 NaN", marks=case("U18")),
    pytest.param(body(lambda text: b'{"big": ' + b"9" * 5000 + b"," + text[1:]), 99, id="U19 big number", marks=case("U19")),
    pytest.param(
        body(lambda text: b'{"hits": 1, "links": 1,' + text[1:]), 99, id="U20 repeated keys", marks=case("U20")
    ),
    pytest.param(each_hit(lambda hit: hit.update(new={"field": [1]}, stats=None)), 99, id="U20 more fields", marks=case("U20")),
    pytest.param(edits(lambda page: page["links"].update(next="records?page=2&size=4&sort=newest")), 1, id="U27 relative", marks=case("U27")),
    pytest.param(edits(lambda page: page["hits"].update(total={"value": 7, "relation": "eq"})), 99, id="U27 object", marks=case("U27")),
    pytest.param(edits(lambda page: page["hits"].update(total="7")), 99, id="U27 text", marks=case("U27")),
    pytest.param(edits(lambda page: page.pop("links")), 1, id="U28 no next", marks=case("U28")),
    pytest.param(edits(lambda page: page["hits"].update(total=9)), 1, id="U28 wrong total once", marks=case("U28")),
    pytest.param(edits(lambda page: page["hits"]["hits"].append(page["hits"]["hits"][0])), 99, id="U30 twice", marks=case("U30")),
    pytest.param(shuffled, 99, id="U33 any order on a page", marks=case("U33")),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "times"), SAME)
def test_a_temporary_or_harmless_fault_leaves_no_trace(seven: Zenodo, checkout: Path, fault: Fault, times: int) -> None:
    night(checkout, seven)
    quiet, snapshot = len(seven.asked), digests(checkout / "snapshot")
    seven.asked.clear()
    seven.breaks(fault, at="page=", times=times)
    done = night(checkout, seven)
    assert done.exit_code == 0, done.output
    after_it = digests(checkout / "snapshot")
    assert {name for name in after_it if after_it[name] != snapshot[name]} <= {"observed/harvest.json"}
    assert len(seven.asked) <= 4 * quiet


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(lambda: {"Retry_After": http_date(2)}, id="U6 date", marks=case("U6")),
        pytest.param(lambda: {"X_RateLimit_Reset": "1"}, id="U7 seconds", marks=case("U7")),
        pytest.param(lambda: {"X_RateLimit_Reset": str(int(time.time()) + 2)}, id="U7 time", marks=case("U7")),
    ],
)
def test_the_requested_delay_is_kept(seven: Zenodo, checkout: Path, header: Callable[[], dict[str, str]]) -> None:
    stamina.set_testing(False)
    seven.breaks(answers(429, b"{}", **header()), at="page=", times=1)
    assert night(checkout, seven).exit_code == 0
    first, second = (each.time for each in seven.asked[:2])
    assert second - first >= 0.9


def http_date(ahead: float) -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + ahead))


@case("U11")
def test_the_default_pace_is_below_thirty_requests_a_minute(
    zenodo: Zenodo, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch, "catalogue.edge.http")
    asked_at: list[float] = []

    def counted(_handler: BaseHTTPRequestHandler, reply: Reply) -> Reply:
        asked_at.append(clock.now)
        recent = sum(clock.now - 60 < each for each in asked_at)
        return reply if recent <= 30 else Reply(429, b'{"status": 429}')

    monkeypatch.setattr("catalogue.cli.nightly.Client", Client)  # with its default pace
    monkeypatch.setattr("catalogue.edge.zenodo.PAGE_SIZE", 25)
    zenodo.works = [Work(number=101 + 2 * n, title=f"Star {n}", files={"codemeta.json": CODEMETA}) for n in range(103)]
    zenodo.breaks(counted)
    assert night(checkout, zenodo).exit_code == 0
    assert len(asked_at) == len(zenodo.asked) == 5 + 100  # five pages, and the maximum number of files
    assert max(sum(begin <= each < begin + 60 for each in asked_at) for begin in asked_at) == 25
    assert asked_at[-1] - asked_at[0] <= 300
    zenodo.asked.clear()
    assert night(checkout, zenodo).exit_code == 0
    assert len(zenodo.asked) == 5 + 3  # the remaining files
    assert sum("codemeta" in each for each in entries(checkout).values()) == 103


@case("U27")
@pytest.mark.parametrize("named", [True, False], ids=["with links to the next", "by number"])
def test_pages_shorter_than_requested_are_read_to_the_end(seven: Zenodo, checkout: Path, named: bool) -> None:
    def short(handler: BaseHTTPRequestHandler, _reply: Reply) -> Reply:
        reply = seven.reply(handler.path.replace("size=4", "size=2"), False)
        data = json.loads(reply.body)
        return reply if named else Reply(200, json.dumps({**data, "links": {}}).encode())

    seven.breaks(short, at="page=")
    assert night(checkout, seven).exit_code == 0
    assert sorted(entries(checkout)) == SEVEN
    assert seven.pages == ["1", "2", "3", "4"]


@case("U28")
def test_a_total_of_the_first_page_only_does_not_end_the_harvest(seven: Zenodo, checkout: Path) -> None:
    seven.breaks(edits(lambda page: page["hits"].update(total=4)), at="page=")
    done = night(checkout, seven)
    assert done.exit_code == 4
    assert "says that the community has 4 records and lists 7" in done.output
    assert not (checkout / "snapshot").exists()


@case("U33")
@pytest.mark.parametrize("seed", range(5))
def test_an_order_that_differs_per_page_gives_the_whole_community_or_nothing(
    seven: Zenodo, checkout: Path, seed: int
) -> None:
    chance = random.Random(seed)

    def another_order(_handler: BaseHTTPRequestHandler, reply: Reply) -> Reply:
        data = json.loads(reply.body)
        data["hits"]["hits"] = [legacy(work) for work in chance.sample(seven.works, len(data["hits"]["hits"]))]
        return Reply(200, json.dumps(data).encode())

    seven.breaks(another_order, at="page=")
    done = night(checkout, seven)
    whole = done.exit_code == 0
    assert done.exit_code in (0, 4)
    assert (checkout / "snapshot").exists() == whole
    assert not whole or sorted(entries(checkout)) == SEVEN
    assert len(seven.asked) <= 4 * 3


@case("U31")
def test_the_highest_revision_of_a_repeated_record_is_taken(seven: Zenodo, checkout: Path) -> None:
    def again(page: dict[str, Any]) -> None:
        first = page["hits"]["hits"][0]
        newer = {**first, "revision": 9, "metadata": {**first["metadata"], "version": "9.0"}}
        page["hits"]["hits"] += [newer, first]

    seven.breaks(edits(again), at="page=1")
    assert night(checkout, seven).exit_code == 0
    assert entries(checkout)["zenith"]["record"]["version"] == "9.0"


@case("U32")
@pytest.mark.parametrize("change", ["insert", "delete"])
def test_a_community_that_changes_between_two_pages_causes_another_pass(
    seven: Zenodo, checkout: Path, change: str
) -> None:
    def meanwhile(_handler: BaseHTTPRequestHandler, reply: Reply) -> Reply:
        if change == "insert":
            seven.works.append(Work(number=301, title="Halo"))
        else:
            seven.works.pop()
        return reply

    seven.breaks(meanwhile, at="page=1", times=1)
    assert night(checkout, seven).exit_code == 0
    assert sorted(entries(checkout)) == (sorted([*SEVEN, "halo"]) if change == "insert" else SEVEN[:-1])
    assert len(seven.asked) <= 4 * 2


@case("U35")
def test_the_newest_of_mixed_versions_is_taken(seven: Zenodo, checkout: Path) -> None:
    seven.works += [
        Work(number=201, title="Comet", concept=100, version="2.0", index=1),
        Work(number=55, title="Comet", concept=100, version="0.5", index=0),
    ]
    assert night(checkout, seven).exit_code == 0
    assert entries(checkout)["comet"]["record"]["version"] == "2.0"
    assert len(entries(checkout)) == 7


@case("U36")
def test_records_of_other_communities_are_left_out_and_counted(seven: Zenodo, checkout: Path) -> None:
    seven.works.append(Work(number=301, title="Stranger", community="others"))
    assert night(checkout, seven).exit_code == 0
    assert sorted(entries(checkout)) == SEVEN
    assert "not of the community" in accounting(checkout)["left_out"][0]["reason"]


# --- stale: the old snapshot stays, and the run says why

STALE = [
    pytest.param(reset, "connection reset", id="U2 reset", marks=case("U2")),
    pytest.param(reset_in_body, "connection reset", id="U2 reset in the body", marks=case("U2")),
    pytest.param(silent, "did not answer for", id="U2 hang", marks=case("U2")),
    pytest.param(raw(b"\x00\xff garbage \r\n\r\n"), "cannot be", id="U2 garbage", marks=case("U2")),
    pytest.param(drips(b"HTTP/1.1 200 OK\r\n\r\n{"), "did not finish its answer within", id="U3 drip", marks=case("U3")),
    pytest.param(answers(429, Retry_After="86400"), "asks to wait 86,400 seconds", id="U9 huge", marks=case("U9")),
    pytest.param(answers(429, Retry_After="Fri, 01 Jan 2100 00:00:00 GMT"), "asks to wait", id="U9 date", marks=case("U9")),
    pytest.param(answers(429), "429 Too Many Requests", id="U10 429", marks=case("U10")),
    pytest.param(answers(500), "500 Internal Server Error", id="U10 500", marks=case("U10")),
    pytest.param(answers(503), "503 Service Unavailable", id="U10 503", marks=case("U10")),
    pytest.param(answers(200, b"<h1>Please log in</h1>", Content_Type="text/html"), "Please log in", id="U12 html", marks=case("U12")),
    pytest.param(answers(200, b"<h1>Please log in</h1>"), "Please log in", id="U12 html as json", marks=case("U12")),
    pytest.param(answers(400, b"<h1>Odd</h1>\x1b[31m"), "400 Bad Request with “Odd [31m”", id="U12 error", marks=case("U12")),
    pytest.param(answers(403, b"You are being blocked."), "You are being blocked.", id="U12 blocked", marks=case("U12")),
    pytest.param(answers(200, b""), "an empty page", id="U14 empty", marks=case("U14")),
    pytest.param(answers(204, b""), "204 No Content", id="U14 204", marks=case("U14")),
    pytest.param(answers(304, b""), "304 Not Modified", id="U14 304", marks=case("U14")),
    pytest.param(body(lambda text: text[: len(text) // 2]), "did not answer in JSON", id="U15 truncated", marks=case("U15")),
    pytest.param(body(lambda text: text.replace(b"reads", b"liest sch\xf6n")), "did not answer in JSON", id="U17 latin-1", marks=case("U17")),
    pytest.param(answers(200, b"[" * 200_000), "did not answer in JSON", id="U19 deep", marks=case("U19")),
    pytest.param(answers(200, b" " * (9 * 2**20)), "sent more than 8 MiB", id="U21 huge", marks=case("U21")),
    pytest.param(body(lambda text: b"\x1f\x8b\x08" + text, Content_Encoding="gzip"), "cannot be unpacked", id="U22 corrupt", marks=case("U22")),
    pytest.param(body(lambda text: gzip.compress(text)[:-30], Content_Encoding="gzip"), "did not answer in JSON", id="U22 truncated", marks=case("U22")),
    pytest.param(body(lambda text: text, Content_Encoding="gzip"), "cannot be unpacked", id="U22 mislabelled", marks=case("U22")),
    pytest.param(body(zlib.compress, Content_Encoding="br, gzip"), "cannot be unpacked", id="U22 unknown", marks=case("U22")),
    pytest.param(body(once_more_gzipped, Content_Encoding="gzip, " * 20 + "gzip"), "cannot be unpacked", id="U22 many", marks=case("U22")),
    pytest.param(raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n"), "cannot be understood: got more than 65536 bytes", id="U23 header", marks=case("U23")),
    pytest.param(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc"), "broke off its answer", id="U23 chunk", marks=case("U23")),
    pytest.param(cut_off_in_chunks, "broke off its answer", id="U23 chunks without an end", marks=case("U23")),
    pytest.param(answers(302, b"", Location="/api/loop"), "sends from one address to the next, more than 5 times", id="U25 loop", marks=case("U25")),
    pytest.param(one_more, "sends from one address to the next, more than 5 times", id="U25 chain", marks=case("U25")),
    pytest.param(answers(302, b"", Location="file:///etc/passwd"), "sends on to another place", id="U25 file", marks=case("U25")),
    pytest.param(edits(lambda page: page["links"].update(next="file:///etc/passwd")), "names a next page in another place", id="U26 next file", marks=case("U26")),
    pytest.param(edits(lambda page: page["hits"].update(total=9)), "says that the community has 9 records", id="U28 wrong total", marks=case("U28")),
    pytest.param(edits(lambda page: page["links"].update(next="records?page=1&size=4&sort=newest")), "without end", id="U29 loop", marks=case("U29")),
    pytest.param(answers(200, json.dumps({"hits": {"hits": [{"id": 1}] * 4, "total": 7}}).encode()), "without end", id="U29 endless", marks=case("U29")),
    pytest.param(answers(200, b"[]"), "something other than a page", id="U37 array", marks=case("U37")),
    pytest.param(answers(200, b"null"), "something other than a page", id="U37 null", marks=case("U37")),
    pytest.param(answers(200, b'"text"'), "something other than a page", id="U37 text", marks=case("U37")),
    pytest.param(answers(200, b"{}"), "something other than a page", id="U37 no hits", marks=case("U37")),
    pytest.param(answers(200, b'{"hits": null}'), "something other than a page", id="U37 hits null", marks=case("U37")),
    pytest.param(answers(200, PAGE), "lists 0", id="U37 no records", marks=case("U37")),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "words"), STALE)
def test_a_permanent_fault_leaves_the_snapshot_as_it_was(
    seven: Zenodo, checkout: Path, fault: Fault, words: str
) -> None:
    night(checkout, seven)
    quiet, snapshot = len(seven.asked), digests(checkout / "snapshot")
    seven.works.append(Work(number=301, title="Halo"))
    seven.asked.clear()
    seven.breaks(fault, at="page=")
    seven.breaks(answers(302, b"", Location="/api/loop"), at="/api/loop")
    began = time.monotonic()
    done = night(checkout, seven)
    assert done.exit_code == 4
    assert words in done.output.splitlines()[-1]
    assert done.output.splitlines()[-1].startswith("Error: ")
    assert digests(checkout / "snapshot") == snapshot
    assert len(seven.asked) <= 4 * (quiet + 1)  # a total of nine needs one more page
    assert time.monotonic() - began < 15


@case("U15", "U34")
@pytest.mark.parametrize(
    "fault", [answers(503), cut_off, body(lambda text: text[:-1])], ids=["503", "cut", "truncated"]
)
@pytest.mark.parametrize("page", ["page=1", "page=2"])
def test_a_failing_page_fails_the_harvest(seven: Zenodo, checkout: Path, fault: Fault, page: str) -> None:
    night(checkout, seven)
    snapshot = digests(checkout / "snapshot")
    seven.works.append(Work(number=301, title="Halo"))
    seven.breaks(fault, at=page)
    assert night(checkout, seven).exit_code == 4
    assert digests(checkout / "snapshot") == snapshot


@case("U1")
@pytest.mark.parametrize(
    ("api", "words"),
    [
        ("http://127.0.0.1:9/api", "Error: Zenodo cannot be reached: connection refused"),
        ("https://zenodo.invalid/api", "Error: Zenodo cannot be reached: its host name was not found"),
    ],
)
def test_an_unreachable_zenodo_is_reported(checkout: Path, api: str, words: str) -> None:
    began = time.monotonic()
    done = CliRunner().invoke(main, ["--root", str(checkout), "harvest", "--api", api, "--community", COMMUNITY])
    assert (done.exit_code, done.output.splitlines()[-1]) == (4, words)
    assert time.monotonic() - began < 60
    assert not (checkout / "snapshot").exists()


@case("U24")
def test_a_redirect_on_the_same_host_is_followed(seven: Zenodo, checkout: Path) -> None:
    seven.breaks(
        lambda handler, _: Reply(301, b"", {"Location": handler.path + "&moved=1"}), at="page=1&sort=newest", times=1
    )
    assert night(checkout, seven).exit_code == 0
    assert sorted(entries(checkout)) == SEVEN


@pytest.fixture
def canary() -> Iterator[Zenodo]:
    """A host that must not receive any request."""
    with running() as other:
        yield other
        assert other.asked == []


@case("U26", "S1", "S3")
@pytest.mark.parametrize("how", ["redirect", "next", "next with a user"])
def test_no_other_host_gets_a_request_or_the_token(seven: Zenodo, checkout: Path, canary: Zenodo, how: str) -> None:
    address = canary.api + "/x"
    if how == "next with a user":
        address = f"http://{seven.host}@{canary.host}/x"
    fault = (
        answers(302, b"", Location=address)
        if how == "redirect"
        else edits(lambda page: page["links"].update(next=address))
    )
    seven.breaks(fault, at="page=")
    done = night(checkout, seven, token="t0ken-of-the-night")
    assert done.exit_code == 4
    assert "t0ken" not in done.output
    assert {each.headers["Authorization"] for each in seven.asked} == {"Bearer t0ken-of-the-night"}
    assert "t0ken" not in "".join(each.target for each in seven.asked)
    assert not (checkout / "snapshot").exists()


@case("S1", "S2", "S4")
def test_the_token_is_written_nowhere_and_none_is_needed(seven: Zenodo, checkout: Path) -> None:
    seven.breaks(answers(503), at="page=2", times=2)
    with_one = night(checkout, seven, token="t0ken-of-the-night")
    assert with_one.exit_code == 0
    assert "t0ken" not in with_one.output
    for path in (checkout / "snapshot").rglob("*.json"):
        assert "t0ken" not in path.read_text("utf-8")
    seven.asked.clear()
    assert night(checkout, seven).exit_code == 0
    assert {each.headers["Authorization"] for each in seven.asked} == {None}


@case("U21")
def test_a_bomb_of_256_mebibytes_costs_less_than_300_of_memory(seven: Zenodo, checkout: Path) -> None:
    seven.breaks(zipped(b"[" + b" " * 256 * 2**20 + b"]"), at="page=")
    program = (
        "import resource, sys; from pathlib import Path; from catalogue.cli import main\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        # On Linux ru_maxrss includes the memory of the process before exec.
        "status = Path('/proc/self/status')\n"
        "now = lambda: int(status.read_text().partition('VmHWM:')[2].split()[0]) if status.exists() else peak()\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(now(), file=sys.stderr)"
    )
    words = ["--root", str(checkout), "harvest", "--api", seven.api, "--community", COMMUNITY]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    *_, said, peak = done.stderr.splitlines()
    assert said == "Error: Zenodo sent more than 8 MiB: not read to the end"
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(peak) * unit < 300 * 2**20


# --- repaired: valid parts are there, the others are reported


def metadata(**says: Any) -> Fault:
    """The first hit of page 1, Zenith, with other metadata; None takes a field out."""

    def change(found: dict[str, Any]) -> None:
        for name, value in says.items():
            if value is ...:
                del found["metadata"][name]
            else:
                found["metadata"][name] = value

    return hit(change)


REPAIRED = [
    pytest.param(edits(lambda page: page["hits"]["hits"].__setitem__(0, None)), "hit 1 of page 1: not a record: the answer holds something else in its place", 0, id="U37 a record null", marks=case("U37")),
    pytest.param(metadata(title=None, description=None, creators=None, license=None, keywords=None), "", 3, id="U38 null fields", marks=case("U38")),
    pytest.param(metadata(title=..., description=..., creators=..., license=..., keywords=...), "", 3, id="U38 missing fields", marks=case("U38")),
    pytest.param(metadata(title=["a"], description=5, creators="x", license=7, keywords={"a": 1}, related_identifiers=True), "113: metadata.creators is not a list and was left out", 4, id="U38 wrong types", marks=case("U38")),
    pytest.param(metadata(publication_date="31. Feb 20xx", embargo_date="never"), "113: metadata.publication_date is not a date and was left out", 1, id="U38 bad dates", marks=case("U38")),
    pytest.param(hit(lambda found: (found.pop("title"), found["metadata"].pop("title"))), "", 1, id="U38 no title", marks=case("U38")),
    pytest.param(hit(lambda found: (found.pop("id"), found.pop("recid"))), "hit 1 of page 1: it has no number", 0, id="U38 no id", marks=case("U38")),
    pytest.param(metadata(description="<p>x</p>" * 200_000), "113: metadata.description has 1,600,000 letters, of which 65,536 were kept", 1, id="U39 huge", marks=case("U39")),
    pytest.param(metadata(creators=[{"name": f"Author {n}", "affiliation": "Place"} for n in range(5017)]), "113: metadata.creators has 5,017 items, of which 1,000 were kept", 1, id="U39 many authors", marks=case("U39")),
    pytest.param(metadata(keywords=[f"word {n}" for n in range(5000)]), "113: metadata.keywords has 5,000 items, of which 200 were kept", 1, id="U39 many words", marks=case("U39")),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "said", "not_given"), REPAIRED)
def test_an_invalid_part_of_a_record_affects_only_itself(
    seven: Zenodo, checkout: Path, fault: Fault, said: str, not_given: int
) -> None:
    """`said` is in the report of the harvest; the page of the record shows `not_given` fields as not given."""
    seven.breaks(fault, at="page=1")
    done = night(checkout, seven)
    assert done.exit_code == 0, done.output
    found = entries(checkout)
    assert set(SEVEN) - {"zenith"} <= set(found)
    report = accounting(checkout)
    assert len(found) + len(report.get("left_out", [])) == report["seen"] == 7
    lines = [f"{each['id']}: {each['text']}" for each in report.get("repaired", [])]
    lines += [f"{each['id']}: {each['reason']}" for each in report.get("left_out", [])]
    assert said in lines or said == "" == "".join(lines)
    built = CliRunner().invoke(main, ["--root", str(checkout), "build"])
    assert built.exit_code == 0, built.output
    [entry] = set(found) - set(SEVEN) | set(found) & {"zenith"} or {""}
    assert bool(entry) == (not_given > 0)
    if entry:
        page = (checkout / "site" / "software" / entry / "index.html").read_text("utf-8")
        assert page.count(">Not given<") == not_given
        assert ("Untitled record 113" in page) == (entry != "zenith")
    for path in (checkout / "site").rglob("*.html"):
        page = path.read_text("utf-8")
        assert len(page) < 300 * 1024, path
        words = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
        if path.parent.name != "api":  # whose schema allows null
            assert not re.search(r"\bNone\b(?!\.)|\bnull\b|\bundefined\b|\[object|\bnan\b", words), path


@case("U39")
def test_of_many_authors_the_first_are_shown_and_the_rest_counted(seven: Zenodo, checkout: Path) -> None:
    seven.breaks(metadata(creators=[{"name": f"Author {n}"} for n in range(5017)]), at="page=1")
    night(checkout, seven)
    assert CliRunner().invoke(main, ["--root", str(checkout), "build"]).exit_code == 0
    page = (checkout / "site" / "software" / "zenith" / "index.html").read_text("utf-8")
    assert "and 4,997 more" in page
    assert "; and 4,817 whom the record names" in page
    assert any(
        "creators has 5,017 items, of which 1,000 were kept" in each["text"]
        for each in accounting(checkout)["repaired"]
    )


@case("U40")
def test_a_deleted_record_is_gone_and_one_that_is_listed_as_deleted_too(seven: Zenodo, checkout: Path) -> None:
    night(checkout, seven)
    seven.gone[101] = {"removal_reason": {"id": "retracted"}, "note": "wrong units"}
    del seven.works[0]
    assert night(checkout, seven).exit_code == 0
    assert entries(checkout)["comet"]["withdrawn"]["reason"] == "Zenodo has withdrawn it: retracted: wrong units"
    seven.gone[103] = {"note": "spam"}
    seven.breaks(hit(lambda found: found.update(tombstone={"note": "spam"}), which=-1), at="page=2")
    assert night(checkout, seven).exit_code == 0
    assert entries(checkout)["nova"]["withdrawn"]["reason"] == "Zenodo has withdrawn it: spam"


@case("U41")
@pytest.mark.parametrize(
    ("access", "words"),
    [
        ("open", ""),
        ("restricted", "the files of its record are restricted"),
        ("embargoed", "the files of its record are embargoed until 1 January 2030"),
    ],
)
def test_a_record_whose_files_are_closed_stays_listed_and_says_so(
    seven: Zenodo, checkout: Path, access: str, words: str
) -> None:
    """Its only file, a zip, is what Binder would open if it were public; there is no other repository."""
    seven.works[-1].files = {"zenith.zip": b"PK"}
    seven.breaks(metadata(access_right=access, embargo_date="2030-01-01", related_identifiers=[]), at="page=1")
    assert night(checkout, seven).exit_code == 0
    assert CliRunner().invoke(main, ["--root", str(checkout), "build"]).exit_code == 0
    page = (checkout / "site" / "software" / "zenith" / "index.html").read_text("utf-8")
    assert "software/zenith/" in (checkout / "site" / "index.html").read_text("utf-8")
    assert words in page
    assert ("Restricted" in page) == bool(words)
    assert ("https://binder.example.org/v2/zenodo/10.5281/zenodo.113" in page) == (access == "open")


FILE_FAULTS = [
    pytest.param(answers(404), id="404"),
    pytest.param(answers(403), id="403"),
    pytest.param(answers(500), id="500"),
    pytest.param(answers(429, Retry_After="86400"), id="429"),
    pytest.param(answers(200, b""), id="empty"),
    pytest.param(answers(200, b"{" * 100_000), id="deep"),
    pytest.param(answers(200, b"\xff\xfe{"), id="not UTF-8"),
    pytest.param(answers(200, b"[]"), id="another file"),
    pytest.param(answers(200, b" " * (2**20 + 1)), id="huge"),
    pytest.param(silent, id="hang"),
    pytest.param(drips(b"HTTP/1.1 200 OK\r\n\r\n{"), id="drip"),
    pytest.param(cut_off, id="cut"),
    pytest.param(answers(302, b"", Location="https://canary.example.org/"), id="elsewhere"),
]


@case("U42")
@pytest.mark.parametrize("fault", FILE_FAULTS)
def test_a_file_that_fails_keeps_its_old_content_while_its_checksum_is_listed(
    seven: Zenodo, checkout: Path, fault: Fault
) -> None:
    seven.works[0].files = {"codemeta.json": CODEMETA}
    night(checkout, seven)
    known = entries(checkout)["comet"]["codemeta"]
    seven.works[1].files = {"codemeta.json": CODEMETA + b" "}
    seven.breaks(fault, at="/files/")
    assert night(checkout, seven).exit_code == 0
    found = entries(checkout)
    assert found["comet"]["codemeta"] == known
    assert "codemeta" not in found["nova"]
    assert "its codemeta.json was left out" in accounting(checkout)["repaired"][0]["text"]
    assert sorted(found) == SEVEN


@case("H30")
def test_the_json_ld_context_of_a_codemeta_file_is_not_fetched(seven: Zenodo, checkout: Path, canary: Zenodo) -> None:
    context = [f"{canary.url}/context.jsonld", {"@import": f"{canary.url}/more.jsonld"}]
    text = {"@context": context, "@id": canary.url, "name": "Comet", "author": {"@id": f"{canary.url}/me"}}
    seven.works[0].files = {"codemeta.json": json.dumps(text).encode()}
    assert night(checkout, seven).exit_code == 0
    assert entries(checkout)["comet"]["codemeta"]["name"] == "Comet"
    assert CliRunner().invoke(main, ["--root", str(checkout), "build"]).exit_code == 0


@case("U1")
def test_https_does_not_fall_back_to_http(seven: Zenodo, checkout: Path) -> None:
    api = seven.api.replace("http:", "https:")
    words = ["--root", str(checkout), "harvest", "--api", api, "--community", COMMUNITY]
    done = CliRunner().invoke(main, words, env={"ZENODO_TOKEN": "t0ken-of-the-night"})
    assert done.exit_code == 4
    assert done.output.splitlines()[-1].startswith("Error: Zenodo cannot be")
    assert seven.asked == []
    assert not (checkout / "snapshot").exists()


@case("U9")
@pytest.mark.parametrize("pause", ["86400", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_delay_of_days_is_reported_and_not_waited(seven: Zenodo, checkout: Path, pause: str) -> None:
    seven.breaks(answers(429, Retry_After=pause), at="page=")
    done = night(checkout, seven)
    assert done.exit_code == 4
    assert re.search(r"asks to wait [\d,]{6,} seconds, and 2 are the most that are waited", done.output)
    assert len(seven.asked) == 1


@case("S2")
def test_not_even_a_traceback_with_all_values_shows_the_token(seven: Zenodo) -> None:
    seven.breaks(answers(403, b"no"))
    client = Client("stars/1", pace=0.0, token="t0ken-of-the-night", token_host=seven.host)
    for fault in (answers(403, b"no"), reset, cut_off):
        seven.mends()
        seven.breaks(fault)
        with pytest.raises(UpstreamError) as caught:
            client.get_json(f"{seven.api}/x")
        shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
        assert "client" in shown
        assert "t0ken" not in shown
    assert {each.headers["Authorization"] for each in seven.asked} == {"Bearer t0ken-of-the-night"}
