"""Hosts that respond wrongly, slowly or not at all: the last result stays, with its age; no private address is contacted."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import stamina

from catalogue.edge.http import NoResponse
from catalogue.edge.inspection import Summary, _CircuitBreaker, summary
from catalogue.edge.inspection.session import OutOfTime, Session
from catalogue.observed import Failure, SeenRepository
from catalogue.problems import UpstreamError

from ..zenodo_double import Fault, answers, cut_off, drips, reset
from .conftest import Nights, harvested, subject
from .forges import GITHUB, RAW, Forge, Forges, zipped_files

URL = "https://github.com/stars/comet"
FIRST, SECOND, THIRD = (f"2026-02-{day}T03:00:00Z" for day in (10, 11, 12))
HTML = b"<html><body><h1>Please log in</h1></body></html>"


@pytest.fixture
def comet(forges: Forges) -> Forge:
    forge = forges.github["stars/comet"] = Forge("stars/comet")
    forge.push("main", {"requirements.txt": "numpy", "pyproject.toml": ""})
    return forge


def test_a_failure_keeps_the_last_result_with_its_age(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL))
    first = nights.see()
    nights.see()
    forges.breaks(answers(500, HTML), at=GITHUB)
    why = "GitHub answered 500 Internal Server Error with “Please log in”"
    # The second run got a response, although without news.
    third = replace(first, asked=SECOND, failing=Failure(since=THIRD, why=why))
    assert nights.see() == third
    assert nights.see() == third
    forges.mends()
    assert nights.see() == replace(first, asked=nights.now)
    assert len(forges.asked) == 1


def test_a_repository_that_never_answered_fails_since_the_first_run(forges: Forges, comet: Forge) -> None:
    forges.breaks(answers(200, HTML), at=GITHUB)
    nights = Nights(forges, subject(URL))
    why = "GitHub did not answer in JSON but with another page"
    never = SeenRepository(repository=URL, asked=FIRST, failing=Failure(since=FIRST, why=why))
    assert nights.see() == never
    assert nights.see() == never
    forges.mends()
    assert nights.see().failing is None


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        pytest.param(answers(200, HTML), "GitHub did not answer in JSON but with another page", id="HTML"),
        pytest.param(answers(404, HTML), "GitHub did not answer in JSON but with another page", id="404 in HTML"),
        pytest.param(answers(200, b"\x00\xff" * 100), "GitHub did not answer in JSON but with another page", id="garbage"),
        pytest.param(answers(200, b"[" * 100_000), "GitHub did not answer in JSON but with another page", id="deep"),
        pytest.param(answers(200, b"[]"), "GitHub answered with something other than a repository", id="list"),
        pytest.param(answers(200, b'{"full_name": 7}'), "GitHub answered with something other than a repository", id="types"),
        pytest.param(answers(200, b"x" * (9 * 2**20)), "GitHub sent more than 8 MiB: not read to the end", id="huge"),
        pytest.param(answers(304, b""), "GitHub answered 304 Not Modified with an empty page", id="304 unasked"),
        pytest.param(answers(403, HTML), "GitHub answered 403 Forbidden with “Please log in”", id="403"),
        pytest.param(answers(503, HTML), "GitHub answered 503 Service Unavailable with “Please log in”", id="503"),
        pytest.param(cut_off, "GitHub broke off its answer", id="cut"),
        pytest.param(reset, "GitHub cannot be reached: connection reset by peer", id="reset"),
        pytest.param(
            drips(b"HTTP/1.1 200 OK\r\n\r\n{"), "GitHub did not finish its answer within 0.3 seconds", id="drip"
        ),
        pytest.param(
            drips(b"HTTP/1.1 200 OK\r\nX-Long: "), "GitHub did not finish its answer within 0.3 seconds", id="drip of headers"
        ),
    ],
)  # fmt: skip
def test_a_wrong_response_is_a_failure_with_a_reason(forges: Forges, comet: Forge, fault: Fault, why: str) -> None:
    forges.breaks(fault, at=GITHUB)
    failing = Nights(forges, subject(URL), deadline=0.3).see().failing
    assert failing == Failure(since=FIRST, why=why)


@pytest.mark.parametrize(
    ("at", "body", "why"),
    [
        ("/commits/", b'{"sha": "../../x", "commit": {"tree": {"sha": "y"}}}', "GitHub answered with something other than a commit"),
        ("/commits/", b"[]", "GitHub answered with something other than a commit"),
        ("/git/trees/", b'{"tree": 3}', "GitHub answered with something other than a list of files"),
        ("/git/trees/", b"[]", "GitHub answered with something other than a list of files"),
    ],
)  # fmt: skip
def test_a_wrong_later_response_is_a_failure_too(forges: Forges, comet: Forge, at: str, body: bytes, why: str) -> None:
    forges.breaks(answers(200, body), at=at)
    assert Nights(forges, subject(URL)).see().failing == Failure(since=FIRST, why=why)


def test_an_unreadable_environment_file_is_a_failure(forges: Forges, comet: Forge) -> None:
    forges.breaks(answers(500, HTML), at=RAW)
    assert Nights(forges, subject(URL)).see().failing == Failure(
        since=FIRST, why="GitHub answered 500 Internal Server Error with “Please log in”"
    )


def test_hostile_paths_are_left_out(forges: Forges, comet: Forge) -> None:
    paths = [
        "ok.ipynb", "../x.ipynb", "a/../x.ipynb", "/etc/x.ipynb", "a//x.ipynb", "a\0.ipynb", "a\n.ipynb", "a\u202egpj.ipynb",
        "\ud800.ipynb", f"{'x' * 500}.ipynb", "a\\b.ipynb", "", 7, None,
    ]  # fmt: skip
    tree = json.dumps({"tree": [{"type": "blob", "path": path} for path in paths] + [7]})
    forges.breaks(answers(200, tree.encode()), at="/git/trees/")
    look = Nights(forges, subject(URL)).see().at(None)
    assert look is not None
    assert [each.path for each in look.notebooks] == ["ok.ipynb"]


# Requests to private addresses


@pytest.fixture
def canary() -> Iterator[tuple[int, list[str]]]:
    """A listening local port, and the connections to it."""
    came: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                came.append("somebody")
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], came
        done.set()
        thread.join()


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/latest/meta-data",
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://[::1]:{port}/",
        "http://169.254.169.254/latest/meta-data",
        "//127.0.0.1:{port}/",
        "https://api.github.com@127.0.0.1:{port}/",
        "file:///etc/passwd",
    ],
)
@pytest.mark.parametrize("at", [GITHUB, RAW, "/commits/"])
def test_a_redirect_to_a_private_address_is_not_followed(
    forges: Forges, comet: Forge, canary: tuple[int, list[str]], at: str, target: str
) -> None:
    port, came = canary
    target = target.format(port=port)
    forges.breaks(answers(302, b"", Location=target), at=at)
    failing = Nights(forges, subject(URL)).see().failing
    assert failing == Failure(since=FIRST, why=f"GitHub sends on to another place, {target}: not followed")
    assert came == []


@pytest.mark.parametrize("address", ["https://localhost.localdomain.example:8/x.git", "https://git.zz/x.git"])
def test_a_private_host_is_not_contacted(
    forges: Forges, canary: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    port, came = canary
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr("catalogue.edge.public_hosts.socket.getaddrinfo", lambda *_, **__: inside)
    host = address.split("/")[2].partition(":")[0]
    failing = Nights(forges, subject(address)).see().failing
    assert failing == Failure(since=FIRST, why=f"{host} is not a public host: it is not asked")
    assert came == []


# Rate limits


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(answers(403, b"{}", X_RateLimit_Remaining="0", X_RateLimit_Reset="4000000000"), id="used up"),
        pytest.param(answers(429, b"{}", Retry_After="3600"), id="a long pause"),
        pytest.param(answers(403, b"{}", Retry_After="3600"), id="too fast"),
        pytest.param(answers(429, b"{}"), id="429 again and again"),
        pytest.param(answers(403, b"{}", X_RateLimit_Remaining="0"), id="used up, until nobody says when"),
    ],
)
def test_a_host_that_limits_the_rate_gets_no_more_requests(forges: Forges, fault: Fault) -> None:
    for name in "abcde":
        forges.github[f"stars/{name}"] = Forge(f"stars/{name}")
        forges.github[f"stars/{name}"].push("main", {})
    forges.gitlab["stars/nova"] = Forge("stars/nova")
    forges.gitlab["stars/nova"].push("main", {})
    nights = Nights(
        forges,
        *(subject(f"https://github.com/stars/{name}") for name in "abcde"),
        subject("https://gitlab.com/stars/nova"),
    )
    forges.breaks(lambda handler, reply: fault(handler, reply), at="/repos/stars/c")
    seen = {each.repository.rpartition("/")[2]: each for each in nights.inspect().repositories}
    assert [name for name, each in seen.items() if each.failing] == ["c", "d", "e"]
    assert [seen[name].failing for name in "de"] == [
        Failure(since=FIRST, why="github.com allows no more questions for now", tried=False)
    ] * 2
    assert not any("/stars/d" in each for each in forges.questions)
    assert seen["nova"].looks


def test_a_fault_does_not_end_the_requests_although_the_rate_limit_resets_in_an_hour(forges: Forges) -> None:
    for name in "abcde":
        forges.github[f"stars/{name}"] = Forge(f"stars/{name}")
        forges.github[f"stars/{name}"].push("main", {})
    in_an_hour = str(int(time.time()) + 3600)
    fault = answers(502, b"{}", X_RateLimit_Remaining="4873", X_RateLimit_Reset=in_an_hour)
    forges.breaks(fault, at="/repos/stars/b", times=1)
    forges.breaks(fault, at="/repos/stars/d")
    nights = Nights(forges, *(subject(f"https://github.com/stars/{name}") for name in "abcde"))
    why = "GitHub answered 502 Bad Gateway with “{}”"
    failing = {each.repository[-1]: each.failing for each in nights.inspect().repositories if each.failing}
    assert failing == {"d": Failure(since=FIRST, why=why)}


def test_a_short_requested_delay_is_kept(forges: Forges, comet: Forge) -> None:
    stamina.set_testing(False)
    forges.breaks(answers(429, b"{}", Retry_After="1"), at=GITHUB, times=1)
    began = time.monotonic()
    assert Nights(forges, subject(URL)).see().failing is None
    assert 1 <= time.monotonic() - began < 10


def test_those_inspected_longest_ago_come_first(forges: Forges) -> None:
    names = "abcd"
    for name in names:
        forges.github[f"stars/{name}"] = Forge(f"stars/{name}")
        forges.github[f"stars/{name}"].push("main", {})
    nights = Nights(forges, *(subject(f"https://github.com/stars/{name}") for name in names))

    def night(allowed: int) -> str:
        """The repositories that do not fail in a run with this limit of requests."""
        forges.mends()
        forges.breaks(lambda _, reply: reply, at=GITHUB, times=allowed)
        forges.breaks(answers(429, b"{}", Retry_After="3600"), at=GITHUB)
        return "".join(each.repository[-1] for each in nights.inspect().repositories if not each.failing)

    assert night(6) == "ab"
    assert night(6) == "cd"
    assert night(2) == "ab"
    assert night(2) == "cd"
    assert night(4) == names
    assert {each.failing for each in nights.observed.repositories} == {None}


def test_a_host_that_does_not_respond_three_times_is_skipped(forges: Forges) -> None:
    nights = Nights(forges, *(subject(f"https://github.com/stars/{name}") for name in "abcde"))
    forges.breaks(reset, at=GITHUB)
    whys = [each.failing.why for each in nights.inspect().repositories if each.failing]
    assert whys == [
        *["GitHub cannot be reached: connection reset by peer"] * 3,
        *["github.com had not answered 3 times one after the other, and was left alone"] * 2,
    ]
    assert len(forges.asked) == 3 * 2  # two attempts each


def test_repositories_that_always_fail_do_not_block_the_others(forges: Forges) -> None:
    for name in "abcde":
        forges.github[f"stars/{name}"] = Forge(f"stars/{name}")
        forges.github[f"stars/{name}"].push("main", {})
    for name in "abcd":
        forges.breaks(answers(500, HTML), at=f"/stars/{name}")
    nights = Nights(forges, *(subject(f"https://github.com/stars/{name}") for name in "abcde"))
    nights.inspect()
    assert [each.repository[-1] for each in nights.inspect().repositories if not each.failing] == ["e"]


def test_on_a_host_with_three_that_never_respond_the_others_get_their_turn(forges: Forges) -> None:
    for name in ("x", "y", "z"):
        forges.github[f"stars/{name}"] = Forge(f"stars/{name}")
        forges.github[f"stars/{name}"].push("main", {})
    for name in "abc":
        forges.breaks(reset, at=f"/stars/{name}")
    nights = Nights(forges, *(subject(f"https://github.com/stars/{name}") for name in "abcxyz"))
    for _ in range(3):
        nights.inspect()
    assert [each.repository[-1] for each in nights.observed.repositories if each.looks] == ["x", "y", "z"]


def test_when_the_time_of_the_run_is_up_the_rest_keep_their_last_result(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL), run=-1.0)
    why = "there was no time left for it in this run"
    assert nights.see().failing == Failure(since=FIRST, why=why, tried=False, waiting=True)
    assert forges.asked == []


def test_without_time_for_all_successive_runs_take_turns(forges: Forges, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve repositories, and time for three per run: each is inspected once in four runs, and again in the next four."""
    names = [f"r{n:02}" for n in range(12)]
    for name in names:
        forges.github[f"stars/{name}"] = Forge(f"stars/{name}")
        forges.github[f"stars/{name}"].push("main", {})
    nights = Nights(forges, *(subject(f"https://github.com/stars/{name}") for name in names))
    begin = Session.begin_repository
    begun = 0

    def three_only(session: Session) -> None:
        nonlocal begun
        begun += 1
        if begun > 3:
            raise OutOfTime("the night is over")
        begin(session)

    monkeypatch.setattr(Session, "begin_repository", three_only)

    def night() -> set[str]:
        nonlocal begun
        begun = 0
        found = nights.inspect()
        assert summary(found).waiting == 9
        assert summary(found).failing == ()
        return {each.repository.rpartition("/")[2] for each in found.repositories if not each.failing}

    first = [night() for _ in range(4)]
    assert sorted(name for turn in first for name in turn) == names
    assert [night() for _ in range(4)] == first
    assert all(each.looks for each in nights.observed.repositories)


def test_one_repository_has_a_time_limit(forges: Forges, comet: Forge) -> None:
    nights = Nights(forges, subject(URL), repository=-1.0)
    assert nights.see().failing == Failure(since=FIRST, why="it could not be inspected within -1 seconds", tried=False)


def test_the_summary_of_an_inspection(forges: Forges, comet: Forge) -> None:
    forges.records[7] = {"comet.zip": zipped_files({"setup.py": ""})}
    record = harvested(7, forges)
    nights = Nights(forges, subject(URL), subject("https://gitlab.com/stars/nova"), record)
    assert summary(nights.inspect()) == Summary(changed=3, unchanged=0, failing=(), waiting=0, all_failed=False)
    forges.breaks(answers(500), at="gitlab.com")
    nights.inspect()
    failing = tuple(seen for seen in nights.observed.repositories if "nova" in seen.repository)
    assert summary(nights.observed) == Summary(changed=0, unchanged=2, failing=failing, waiting=0, all_failed=False)
    forges.breaks(answers(500))
    assert summary(nights.inspect()).all_failed  # the harvest knows the record of Zenodo, so it was not requested
    nights.subjects = (record,)
    assert summary(nights.inspect()) == Summary(changed=0, unchanged=1, failing=(), waiting=0, all_failed=False)


def test_a_response_in_between_resets_the_failures_of_a_host() -> None:
    stopped = _CircuitBreaker()
    silence = NoResponse("github.com does not answer")
    for _ in range(2):
        stopped.failed("github.com", silence)
    stopped.answered("github.com")
    for _ in range(2):
        stopped.failed("github.com", silence)
        stopped.check("github.com")
    stopped.failed("github.com", silence)
    with pytest.raises(UpstreamError, match="was left alone"):
        stopped.check("github.com")
