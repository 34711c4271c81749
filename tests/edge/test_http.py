"""The HTTP client over real sockets: requests, retries, limits, and messages."""

import re
import socket
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import stamina

from catalogue.edge.http import Client, JsonResponse, parse_json, retry_after, same_origin, user_agent
from catalogue.problems import CatalogueError, UpstreamError

from .zenodo_double import (
    Fault,
    Zenodo,
    answers,
    cut_off,
    cut_off_in_chunks,
    drips,
    reset,
    running,
    silent,
    zipped,
)

RECORD = "/api/records/1"
HTML = (
    b"<html><head><title>503</title><style>p {}</style></head><body><h1>Sorry</h1><p>We are <b>asleep</b>.</p></body>"
)


def client(**settings: Any) -> Client:
    return Client(user_agent("https://example.org/stars"), **{"pace": 0.0, **settings})


def failure(url: str, **settings: Any) -> str:
    with pytest.raises(UpstreamError) as caught:
        client(**settings).get_json(url)
    return str(caught.value)


@pytest.fixture
def record(zenodo: Zenodo) -> str:
    """The URL of an existing record."""
    zenodo.breaks(answers(200, b'{"id": 1}'), at=RECORD)
    return zenodo.url + RECORD


def faulty(zenodo: Zenodo, fault: Fault, times: int = 1_000_000) -> str:
    """The URL of an existing record whose first `times` requests fail."""
    zenodo.breaks(fault, at=RECORD, times=times)
    zenodo.breaks(answers(200, b'{"id": 1}'), at=RECORD)
    return zenodo.url + RECORD


def test_a_json_response_has_a_status_and_data(record: str) -> None:
    assert client().get_json(record) == JsonResponse(200, {"id": 1})


@pytest.mark.parametrize("status", [404, 410])
def test_a_json_404_is_a_response_and_not_an_error(zenodo: Zenodo, status: int) -> None:
    url = faulty(zenodo, answers(status, b'{"message": "gone"}'))
    assert client().get_json(url) == JsonResponse(status, {"message": "gone"})
    assert len(zenodo.asked) == 1


def test_an_html_404_is_an_error(zenodo: Zenodo) -> None:
    url = faulty(zenodo, answers(404, b"<h1>No such page</h1>"))
    assert failure(url) == f"Zenodo answered 404 Not Found with “No such page”, at {url}"


@pytest.mark.case("U13")
def test_user_agent_names_the_project_and_a_url(zenodo: Zenodo, record: str) -> None:
    client().get_json(record)
    assert zenodo.asked[0].headers["User-Agent"] == "esap-catalogue/1.0.0 (+https://example.org/stars)"
    assert zenodo.asked[0].headers["Accept"] == "application/json"


@pytest.mark.case("U4")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(answers(429), id="429"),
        pytest.param(answers(500), id="500"),
        pytest.param(answers(502, HTML), id="502"),
        pytest.param(answers(503, HTML), id="503"),
        pytest.param(answers(504), id="504"),
        pytest.param(answers(200, b'{"id": '), id="truncated JSON"),
        pytest.param(answers(200, HTML), id="web page"),
        pytest.param(answers(200, b'{"id": 1}', Content_Encoding="gzip"), id="not packed as it says"),
        pytest.param(cut_off, id="cut body"),
        pytest.param(cut_off_in_chunks, id="cut body in chunks"),
        pytest.param(reset, id="reset"),
    ],
)
def test_a_temporary_fault_is_retried(zenodo: Zenodo, fault: Fault) -> None:
    url = faulty(zenodo, fault, times=2)
    assert client().get_json(url) == JsonResponse(200, {"id": 1})
    assert len(zenodo.asked) == 3


@pytest.mark.case("U10")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(
            answers(503, HTML), "Zenodo answered 503 Service Unavailable with “Sorry We are asleep.”", id="503"
        ),
        pytest.param(answers(429, b""), "Zenodo answered 429 Too Many Requests with an empty page", id="429"),
        pytest.param(answers(200, HTML), "Zenodo did not answer in JSON but with “Sorry We are asleep.”", id="web page"),
        pytest.param(answers(200, b""), "Zenodo did not answer in JSON but with an empty page", id="nothing"),
        pytest.param(
            answers(200, b"[" * 100_000 + b"]" * 100_000), "Zenodo did not answer in JSON but with “" + "[" * 159 + "…”",
            id="nested too deeply",
        ),
        pytest.param(answers(200, '{"name": "Gál"}'.encode("latin-1")), "Zenodo did not answer in JSON but with “{\"name\": \"G\ufffdl\"}”", id="latin-1"),
        pytest.param(answers(200, b"not packed at all", Content_Encoding="gzip"), "Zenodo sent an answer that cannot be unpacked", id="packed"),
        pytest.param(cut_off, "Zenodo broke off its answer", id="cut body"),
        pytest.param(cut_off_in_chunks, "Zenodo broke off its answer", id="cut body in chunks"),
        pytest.param(reset, "Zenodo cannot be reached: connection reset by peer", id="reset"),
    ],
)  # fmt: skip
def test_a_permanent_fault_is_reported_after_five_attempts(zenodo: Zenodo, fault: Fault, words: str) -> None:
    assert failure(faulty(zenodo, fault)) == words
    assert len(zenodo.asked) == 5


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(
            answers(403, b"You are being blocked. Please contact us."),
            "Zenodo answered 403 Forbidden with “You are being blocked. Please contact us.”",
            id="403",
        ),
        pytest.param(answers(204, b""), "Zenodo answered 204 No Content with an empty page", id="204"),
        pytest.param(answers(304, b""), "Zenodo answered 304 Not Modified with an empty page", id="304"),
        pytest.param(
            answers(400, b'{"message": "A validation error occurred."}'),
            "Zenodo answered 400 Bad Request with “{\"message\": \"A validation error occurred.\"}”",
            id="400",
        ),
    ],
)  # fmt: skip
def test_a_fault_that_no_retry_would_fix_is_not_retried(zenodo: Zenodo, fault: Fault, words: str) -> None:
    assert failure(faulty(zenodo, fault)) == words
    assert len(zenodo.asked) == 1


@pytest.mark.case("U1")
def test_an_unreachable_service_is_reported_with_the_reason() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert failure(f"http://127.0.0.1:{port}/") == "Zenodo cannot be reached: connection refused"


@pytest.mark.case("U1")
def test_an_unknown_host_name_is_reported() -> None:
    assert failure("https://zenodo.invalid/") == "Zenodo cannot be reached: its host name was not found"


@pytest.mark.case("U2")
def test_a_silent_service_ends_in_a_read_timeout(zenodo: Zenodo) -> None:
    url = faulty(zenodo, silent)
    assert failure(url, read_timeout=0.2, attempts=2) == "Zenodo did not answer for 0.2 seconds"
    assert len(zenodo.asked) == 2


def test_https_never_falls_back_to_http(zenodo: Zenodo) -> None:
    message = failure(zenodo.url.replace("http:", "https:") + RECORD)
    assert message.startswith("Zenodo cannot be ")
    assert zenodo.asked == []


@pytest.mark.case("U3")
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n{", id="body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Long: ", id="header"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 999\r\n\r\n", id="body of a redirect"),
    ],
)
def test_a_trickling_response_is_stopped_by_the_deadline(zenodo: Zenodo, start: bytes) -> None:
    url = faulty(zenodo, drips(start), times=1)
    zenodo.breaks(drips(b"HTTP/1.1 200 OK\r\n\r\n{"))
    began = time.monotonic()
    assert failure(url, deadline=0.4) == "Zenodo did not finish its answer within 0.4 seconds"
    assert time.monotonic() - began < 1.5


@pytest.mark.case("U21")
def test_the_limit_of_a_gzip_bomb_applies_to_its_decompressed_size(zenodo: Zenodo) -> None:
    zenodo.breaks(zipped(b"[" + b" " * 64 * 2**20 + b"]"))
    assert failure(zenodo.url + RECORD) == "Zenodo sent more than 8 MiB: not read to the end"
    assert len(zenodo.asked) == 1


def test_the_rest_of_a_truncated_response_is_not_read(zenodo: Zenodo) -> None:
    zenodo.breaks(zipped(b"<p>" + b"x" * 64 * 2**20))
    reply = client(truncate=True, limit=1000).get(zenodo.url + RECORD)
    assert (reply.status, reply.body) == (200, b"<p>" + b"x" * 997)


def test_an_expected_redirect_is_returned_and_not_followed(zenodo: Zenodo) -> None:
    zenodo.breaks(answers(302, b"", Location="/elsewhere"))
    reply = client().get(zenodo.url + RECORD, expected=(200, 302))
    assert (reply.status, reply.headers["Location"], len(zenodo.asked)) == (302, "/elsewhere", 1)


def test_a_gzip_encoded_response_is_decoded(zenodo: Zenodo) -> None:
    zenodo.breaks(zipped(b'{"id": 1}'))
    assert client().get_json(zenodo.url + RECORD) == JsonResponse(200, {"id": 1})


def test_a_file_has_a_limit_of_its_own(zenodo: Zenodo) -> None:
    zenodo.breaks(answers(200, b"\x00" * 2**20), times=1)
    assert client().get_file(f"{zenodo.url}/x", limit=2**20) == b"\x00" * 2**20
    zenodo.breaks(answers(200, b"\x00" * (2**20 + 1)))
    with pytest.raises(UpstreamError) as caught:
        client().get_file(f"{zenodo.url}/x", limit=2**20)
    assert str(caught.value) == "Zenodo sent more than 1 MiB: not read to the end"


# Delays


@pytest.mark.case("U6")
def test_the_delay_is_at_least_that_of_retry_after(zenodo: Zenodo) -> None:
    stamina.set_testing(False)
    url = faulty(zenodo, answers(429, Retry_After="1"), times=1)
    heard: list[str] = []
    assert client(log=heard.append).get_json(url) == JsonResponse(200, {"id": 1})
    first, second = (asked.time for asked in zenodo.asked)
    assert 1 <= second - first < 3
    assert heard == ["Zenodo answered 429 Too Many Requests with “{}” (it asks to wait 1 s)"]


@pytest.mark.case("U6", "U7", "U8")
@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "9" * 40}, None),
        ({"Retry-After": formatdate(1_800_000_060, usegmt=True)}, 60),
        ({"Retry-After": formatdate(1_700_000_000, usegmt=True)}, None),
        ({"X-RateLimit-Reset": "1800000030"}, 30),
        ({"X-RateLimit-Reset": "30"}, 30),
        ({"X-RateLimit-Reset": "1700000000"}, None),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "30"}, 30),
        ({"Retry-After": "7", "X-RateLimit-Reset": "30"}, 7),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], pause: float | None) -> None:
    assert retry_after(headers, now=1_800_000_000, too_many=True) == pause


@pytest.mark.parametrize(
    ("headers", "pause"),
    [({"X-RateLimit-Reset": "1800000030"}, None), ({"Retry-After": "7", "X-RateLimit-Reset": "30"}, 7)],
)
def test_the_rate_limit_reset_is_no_delay_unless_the_limit_is_exceeded(
    headers: dict[str, str], pause: float | None
) -> None:
    assert retry_after(headers, now=1_800_000_000) == pause


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_fault_is_retried_although_the_rate_limit_resets_in_an_hour(zenodo: Zenodo, status: int) -> None:
    in_an_hour = str(int(time.time()) + 3600)
    url = faulty(zenodo, answers(status, X_RateLimit_Remaining="4873", X_RateLimit_Reset=in_an_hour), times=1)
    assert client().get_json(url) == JsonResponse(200, {"id": 1})
    assert len(zenodo.asked) == 2


@pytest.mark.parametrize("status", [403, 429])
def test_no_request_is_sent_before_an_exhausted_rate_limit_resets(zenodo: Zenodo, status: int) -> None:
    in_an_hour = str(int(time.time()) + 3600)
    url = faulty(zenodo, answers(status, X_RateLimit_Remaining="0", X_RateLimit_Reset=in_an_hour))
    assert re.fullmatch(r"Zenodo asks to wait 3,\d{3} seconds, and 300 are the most .*", failure(url))
    assert len(zenodo.asked) == 1


@pytest.mark.case("U9")
def test_a_delay_above_the_maximum_is_an_error_at_once(zenodo: Zenodo) -> None:
    url = faulty(zenodo, answers(503, Retry_After="86400"))
    words = "Zenodo asks to wait 86,400 seconds, and 300 are the most that are waited: try again later"
    assert failure(url) == words
    assert len(zenodo.asked) == 1


@pytest.mark.case("U11")
def test_requests_keep_the_pace(zenodo: Zenodo, record: str) -> None:
    paced = client(pace=0.2)
    began = time.monotonic()
    for _ in range(3):
        paced.get_json(record)
    assert 0.4 <= time.monotonic() - began < 2
    assert len(zenodo.asked) == 3


# Redirects and the token


@pytest.mark.case("U24")
def test_a_redirect_on_the_same_host_is_followed(zenodo: Zenodo, record: str) -> None:
    zenodo.breaks(answers(301, b"", Location=RECORD), at="/old")
    assert client().get_json(f"{zenodo.url}/old") == JsonResponse(200, {"id": 1})


@pytest.mark.parametrize("sent", ["/größe".encode().decode("latin-1"), "/gr%C3%B6%C3%9Fe"], ids=["bytes", "quoted"])
def test_a_redirect_in_utf_8_is_followed_as_a_browser_does(zenodo: Zenodo, sent: str) -> None:
    zenodo.breaks(answers(301, b"", Location=sent), at="/old")
    zenodo.breaks(answers(200, b'{"id": 1}'), at="/gr%C3%B6%C3%9Fe")
    assert client().get_json(f"{zenodo.url}/old") == JsonResponse(200, {"id": 1})


@pytest.mark.case("U25")
def test_a_redirect_loop_is_followed_five_times(zenodo: Zenodo) -> None:
    zenodo.breaks(answers(302, b"", Location="/round"))
    assert failure(zenodo.url + "/round") == "Zenodo sends from one address to the next, more than 5 times"
    assert len(zenodo.asked) == 6


@pytest.mark.case("S3", "U26")
def test_a_redirect_to_another_host_is_refused_and_the_token_is_not_sent_there(zenodo: Zenodo) -> None:
    with running() as canary:
        zenodo.breaks(answers(302, b"", Location=f"{canary.url}/x"))
        message = failure(zenodo.url + "/x", token="secret", token_host=zenodo.host)
        assert message == f"Zenodo sends on to another place, {canary.url}/x: not followed"
        assert canary.asked == []


@pytest.mark.case("U25", "U26")
@pytest.mark.parametrize("target", ["file:///etc/passwd", "https://[", "//example.org/x"])
def test_a_redirect_outside_the_service_is_refused(zenodo: Zenodo, target: str) -> None:
    zenodo.breaks(answers(302, b"", Location=target))
    assert failure(zenodo.url + "/x") == f"Zenodo sends on to another place, {target}: not followed"


@pytest.mark.parametrize("target", ["https://[bad/", "https://[", "file:///etc/passwd", "https://user@example.org/"])
def test_a_cross_host_redirect_to_a_malformed_url_is_refused(zenodo: Zenodo, target: str) -> None:
    zenodo.breaks(answers(302, b"", Location=target))
    assert failure(zenodo.url + "/x", cross_host=True) == f"Zenodo sends on to another place, {target}: not followed"


@pytest.mark.case("S1")
def test_the_token_is_sent_as_a_header_only(zenodo: Zenodo, record: str) -> None:
    client(token="secret\n", token_host=zenodo.host).get_json(record)
    assert zenodo.asked[0].headers["Authorization"] == "Bearer secret"
    assert "secret" not in zenodo.asked[0].target


@pytest.mark.case("S1")
@pytest.mark.parametrize(
    ("host", "url", "sent"),
    [
        ("zenodo.org", "https://zenodo.org/api", True),
        ("zenodo.org", "http://zenodo.org/api", False),
        ("zenodo.org", "https://zenodo.org.example/api", False),
        ("zenodo.org", "https://zenodo.org@example.org/api", False),
        ("zenodo.org", "https://zenodo.org:8443/api", False),
        ("127.0.0.1:80", "http://127.0.0.1:80/api", True),
        ("127.0.0.1:80", "http://127.0.0.1:81/api", False),
        ("", "https://zenodo.org/api", False),
    ],
)
def test_the_token_is_sent_to_one_host_only(host: str, url: str, sent: bool) -> None:
    assert client(token="secret", token_host=host).sends_token_to(url) is sent


@pytest.mark.case("S2")
def test_a_token_with_a_line_break_is_refused_without_being_shown() -> None:
    with pytest.raises(CatalogueError) as caught:
        client(token="sec\nret", token_host="zenodo.org")
    assert str(caught.value) == "the token has a character in it that no token has: set it again"


@pytest.mark.case("S1")
def test_netrc_is_not_read(zenodo: Zenodo, record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    client().get_json(record)
    assert "Authorization" not in zenodo.asked[0].headers


# Reading


@pytest.mark.case("U16", "U18", "U19")
@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b"[NaN, Infinity, -Infinity, 1e999, 1.5]", [None, None, None, None, 1.5]),
        (b"[" + b"9" * 5000 + b", 12]", [None, 12]),
        (b'{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_json_with_unusual_numbers_and_repeated_keys_is_read(body: bytes, value: object) -> None:
    assert parse_json(body) == value


@pytest.mark.case("U14", "U19")
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_malformed_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(body)


@pytest.mark.parametrize(
    ("target", "same"),
    [("/x", True), ("x?y", True), ("http://a:1/x", True), ("https://a:1/", False), ("http://a:2/", False)],
)
def test_same_origin(target: str, same: bool) -> None:
    assert same_origin("http://a:1/b", target) is same
