"""The link check against fake hosts: which pages count as missing, which do not, and which requests are never sent."""

import socket
import time
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from catalogue.cli import main
from catalogue.edge.http import Client
from catalogue.edge.links import check_links
from catalogue.links import outward_links
from catalogue.model import Catalogue
from catalogue.observed import LinkState, Observed, SeenLink
from catalogue.problems import UpstreamError
from catalogue.sources.observed import LINKS, read_observed
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE, catalogue, entry, files

from .clock import Clock
from .web_double import ANYWHERE, Web, page, sends_to, slow
from .zenodo_double import Reply

MONDAY, TUESDAY = "2026-11-23T04:00:00Z", "2026-11-24T04:00:00Z"
HOST = "docs.example.org"
URL = f"https://{HOST}/guide"


def seen(web: Web, *urls: str, before: tuple[SeenLink, ...] = (), now: str = MONDAY, **says: Any) -> list[SeenLink]:
    settings = {"pace": 0.0, "deadline": 3.0, **says}
    agent = "esap-catalogue/1 (+https://example.org/catalogue)"
    return [*check_links(urls, Observed(links=before), now=now, agent=agent, hosts=web.hosts(), **settings)]


def test_an_existing_page_is_requested_once_with_our_user_agent(web: Web) -> None:
    web.says(HOST, {"/guide": page()})
    assert seen(web, URL, URL) == [SeenLink(url=URL, asked=MONDAY, state=LinkState.THERE, there=MONDAY)]
    assert [(each.path, each.agent) for each in web.asked] == [
        ("/guide", "esap-catalogue/1 (+https://example.org/catalogue)")
    ]


def test_a_redirect_in_bytes_of_utf_8_leads_where_a_browser_goes(web: Web) -> None:
    web.says(HOST, {"/guide": sends_to("/übersicht".encode().decode("latin-1")), "/%C3%BCbersicht": page()})
    assert [each.state for each in seen(web, URL)] == [LinkState.THERE]


@pytest.mark.case("S6")
def test_a_page_missing_on_three_days_is_dead_until_it_is_seen_again(web: Web) -> None:
    web.says(HOST, {})
    known: tuple[SeenLink, ...] = ()
    for day, dead in [("23", False), ("24", False), ("24", False), ("25", True)]:
        known = tuple(seen(web, URL, before=known, now=f"2026-11-{day}T04:00:00Z"))
        assert known[0].dead is dead
    assert known[0].missing == ("2026-11-23", "2026-11-24", "2026-11-25")
    assert known[0].detail == "answered 404 Not Found"
    web.says(HOST, {"/guide": page()})
    (found,) = seen(web, URL, before=known, now="2026-11-26T04:00:00Z")
    assert (found.dead, found.missing) == (False, ())


def test_links_that_a_run_had_no_time_for_keep_their_state_and_come_first_in_the_next(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    Clock(monkeypatch, "catalogue.edge.http", "catalogue.edge.links")
    urls = [f"https://{HOST}/{n}" for n in range(6)]
    web.says(HOST, {ANYWHERE: page()})
    known = tuple(seen(web, *urls))
    web.asked.clear()
    after = tuple(seen(web, *urls, before=known[:3], now=TUESDAY, pace=10.0, run=5.0))
    # New ones come first.
    assert web.paths(HOST) == ["/3", "/4"]
    assert [(each.url[-1], each.asked) for each in after] == [
        *[(n, MONDAY) for n in "012"], ("3", TUESDAY), ("4", TUESDAY),
    ]  # fmt: skip
    web.asked.clear()
    seen(web, *urls, before=after, now=TUESDAY)
    assert web.paths(HOST) == ["/5", "/0", "/1", "/2", "/3", "/4"]


def test_of_a_long_absence_the_first_day_is_kept_and_the_last_few(web: Web) -> None:
    web.says(HOST, {})
    known: tuple[SeenLink, ...] = ()
    for day in range(10, 20):
        known = tuple(seen(web, URL, before=known, now=f"2026-11-{day}T04:00:00Z"))
    assert known[0].missing == ("2026-11-10", "2026-11-17", "2026-11-18", "2026-11-19")


@pytest.mark.parametrize("status", [404, 410])
def test_a_404_or_410_counts_as_missing(web: Web, status: int) -> None:
    web.says(HOST, {"/guide": page("Gone", status)})
    assert seen(web, URL)[0].missing == ("2026-11-23",)


@pytest.mark.case("S6")
@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_response_that_says_nothing_about_the_page_is_unclear(web: Web, status: int) -> None:
    web.says(HOST, {"/guide": page("Not for you", status)})
    before = SeenLink(
        url=URL, asked=MONDAY, state=LinkState.MISSING, missing=("2026-11-23",), there="2026-11-01T00:00:00Z"
    )
    (found,) = seen(web, URL, before=(before,), now=TUESDAY)
    assert (found.state, found.missing, found.there) == (LinkState.UNKNOWN, ("2026-11-23",), before.there)
    assert found.detail.startswith(f"answered {status} ")
    assert len(web.asked) == 1  # there is no further request


def test_a_slow_host_or_a_redirect_loop_does_not_count_as_missing(web: Web) -> None:
    web.says(HOST, {"/guide": slow(2.0), "/a": sends_to("/b"), "/b": sends_to("/a")})
    found = seen(web, URL, f"https://{HOST}/a", deadline=0.5)
    assert [each.state for each in found] == [LinkState.UNKNOWN] * 2
    assert found[0].detail.startswith("sends from one address to the next")
    assert "0.5 seconds" in found[1].detail


@pytest.mark.case("S5")
def test_a_link_is_followed_to_another_host_and_to_no_private_one(web: Web) -> None:
    web.says(HOST, {"/guide": sends_to("https://new.example.org/guide"), "/in": sends_to("https://127.0.0.1/admin")})
    web.says("new.example.org", {"/guide": page()})
    found = {each.url: each for each in seen(web, URL, f"https://{HOST}/in", f"https://{HOST}/clear")}
    assert found[URL].state is LinkState.THERE
    assert found[f"https://{HOST}/in"].state is LinkState.UNKNOWN
    assert found[f"https://{HOST}/in"].detail == "127.0.0.1 is not a public host: it is not asked"


@pytest.mark.case("S5")
@pytest.mark.parametrize("path", ["/build/gh/o/r/HEAD", "/v2/gh/o/r/HEAD", "/hub/%73pawn", "/user/x/lab"])
def test_a_redirect_to_a_url_that_may_launch_something_is_not_followed(web: Web, path: str) -> None:
    hub = "hub.example.org"
    web.says(HOST, {"/guide": sends_to(f"https://{hub}{path}")})
    web.says(hub, {ANYWHERE: page()})
    (found,) = seen(web, URL)
    why = f"sends on to https://{hub}{path}, which is not followed: of a kind that may start something"
    assert (found.state, found.detail) == (LinkState.UNKNOWN, why)
    assert web.paths(hub) == []


def test_no_more_than_the_first_64_kib_of_a_page_are_read(web: Web) -> None:
    sent = 0

    def endless(handler: BaseHTTPRequestHandler, _reply: Reply) -> None:
        nonlocal sent
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        with suppress(OSError):
            while sent < 2**28:
                sent += handler.wfile.write(b"x" * 2**16)

    web.says(HOST, {"/guide": endless})
    assert seen(web, URL)[0].state is LinkState.THERE
    # More may have been sent, and is still in the buffers of the kernel.
    assert sent < 2**26


@pytest.mark.case("S5")
def test_the_default_pace_is_a_second_and_the_deadline_ten(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, Any]] = []

    class Noted(Client):
        def __init__(self, agent: str, **says: Any) -> None:
            made.append(says)
            super().__init__(agent, **says)

    monkeypatch.setattr("catalogue.edge.probe.Client", Noted)
    clock = Clock(monkeypatch, "catalogue.edge.http", "catalogue.edge.links")
    begun = clock.now
    web.says(HOST, {ANYWHERE: page()})
    # All ports share one rate limit.
    urls = [URL, f"{URL}/more", f"https://{HOST}:8443/"]
    check_links(urls, Observed(), now=MONDAY, agent="x", hosts=web.hosts())
    assert clock.now - begun == 2.0
    assert [(each["deadline"], each["limit"], each["attempts"]) for each in made] == [(10.0, 65_536, 1)]


def test_a_host_that_two_others_redirect_to_gets_one_request_at_a_time(web: Web) -> None:
    at_once, most = 0, 0

    def busy(_handler: BaseHTTPRequestHandler, _reply: Reply) -> Reply:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.05)
        at_once -= 1
        return page()

    web.says("doi.example.org", {ANYWHERE: busy})
    for host in ("a.example.org", "b.example.org"):
        web.says(host, {ANYWHERE: sends_to("https://doi.example.org/x")})
    found = seen(web, *(f"https://{host}/{n}" for host in ("a.example.org", "b.example.org") for n in range(3)))
    assert {each.state for each in found} == {LinkState.THERE}
    assert (len(web.paths("doi.example.org")), most) == (6, 1)


def test_the_requests_to_a_host_are_limited_and_the_next_run_continues(web: Web) -> None:
    web.says(HOST, {ANYWHERE: page()})
    web.says("short.example.org", {"/": sends_to(f"https://{HOST}/far")})
    urls = [f"https://{HOST}/{n}" for n in range(5)]
    monday = tuple(seen(web, *urls, max_per_host=3))
    assert web.paths(HOST) == ["/0", "/1", "/2"]
    tuesday = tuple(seen(web, *urls, before=monday, now=TUESDAY, max_per_host=3))
    assert web.paths(HOST)[3:] == ["/3", "/4", "/0"]
    assert [each.asked for each in tuesday] == [TUESDAY, MONDAY, MONDAY, TUESDAY, TUESDAY]
    # Nor is a redirect to it followed: the link keeps its state.
    assert seen(web, *urls[:2], "https://short.example.org/", max_per_host=2)[2:] == []


@pytest.mark.case("S6")
@pytest.mark.parametrize("busy", [page("Slower", 429), Reply(503, b"", {"Retry-After": "120"})])
def test_a_host_that_limits_the_rate_is_skipped_in_this_run(web: Web, busy: Reply) -> None:
    web.says(HOST, {"/0": page(), "/1": busy, ANYWHERE: page()})
    known = SeenLink(url=f"https://{HOST}/3", asked="2026-11-09T04:00:00Z", state=LinkState.THERE)
    found = seen(web, *(f"https://{HOST}/{n}" for n in range(4)), before=(replace(known, asked=MONDAY),), now=TUESDAY)
    assert web.paths(HOST) == ["/0", "/1"]
    assert [(each.url[-1], each.state) for each in found] == [
        ("0", LinkState.THERE), ("1", LinkState.UNKNOWN), ("3", LinkState.THERE),
    ]  # fmt: skip
    assert found[2].asked == MONDAY


def test_a_host_that_is_silent_three_times_in_a_row_is_skipped_in_this_run(web: Web) -> None:
    web.says(HOST, {"/1": page(), ANYWHERE: slow(1.0)})
    found = seen(web, *(f"https://{HOST}/{n}" for n in range(8)), deadline=0.1)
    assert web.paths(HOST) == ["/0", "/1", "/2", "/3", "/4"]
    assert [each.state for each in found] == [LinkState.UNKNOWN, LinkState.THERE, *[LinkState.UNKNOWN] * 3]


def test_a_missing_page_comes_first_until_it_is_dead(web: Web) -> None:
    web.says(HOST, {ANYWHERE: page()})
    there = SeenLink(url=f"https://{HOST}/there", asked="2026-11-01T04:00:00Z", state=LinkState.THERE)
    missing = replace(there, asked=MONDAY, state=LinkState.MISSING, missing=("2026-11-16", "2026-11-23"))
    before = (
        there,
        replace(missing, url=f"https://{HOST}/doubted"),
        replace(missing, url=f"https://{HOST}/dead", missing=("2026-11-09", *missing.missing)),
        replace(missing, url=f"https://{HOST}/asked-today", asked=TUESDAY),
    )
    seen(web, f"https://{HOST}/new", *(each.url for each in before), before=before, now=TUESDAY)
    assert web.paths(HOST) == ["/doubted", "/new", "/there", "/dead", "/asked-today"]


@pytest.mark.case("S5")
@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("http://new.example.org/", "plain http"),
        ("https://me:secret@new.example.org/", "with a user's name"),
        ("mailto:help@example.org", "no address"),
        ("https://new.example.org:0/", "no address"),
    ],
)
def test_a_redirect_to_a_url_that_is_not_checked_is_not_followed(web: Web, target: str, why: str) -> None:
    web.says(HOST, {ANYWHERE: sends_to(target)})
    web.says("new.example.org", {ANYWHERE: page()})
    (found,) = seen(web, URL)
    assert (found.state, found.missing) == (LinkState.UNKNOWN, ())
    assert found.detail == f"sends on to {target}, which is not followed: {why}"
    assert web.paths("new.example.org") == []


def test_a_page_that_redirects_to_an_unknown_host_is_missing(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    there = socket.getaddrinfo

    def getaddrinfo(host: str, *more: Any, **says: Any) -> list[Any]:
        if host == "gone.example.org":
            raise socket.gaierror(socket.EAI_NONAME, "no")
        return there(host, *more, **says)

    monkeypatch.setattr("catalogue.edge.public_hosts.socket.getaddrinfo", getaddrinfo)
    web.says(HOST, {ANYWHERE: sends_to("https://gone.example.org/")})
    (found,) = seen(web, URL)
    assert (found.state, found.detail) == (
        LinkState.MISSING,
        "the name gone.example.org, to which it sends on, is not known",
    )


@pytest.mark.parametrize(
    "url", ["http://docs.example.org/", "https://me:secret@docs.example.org/", "https://hub.example.org/v2/gh/o/r/HEAD"]
)
def test_urls_with_http_a_password_or_a_launch_are_not_checked(web: Web, url: str) -> None:
    web.says(HOST, {ANYWHERE: page()})
    assert seen(web, url) == []
    assert web.asked == []


@pytest.mark.parametrize(
    ("errno", "state"), [(socket.EAI_NONAME, LinkState.MISSING), (socket.EAI_AGAIN, LinkState.UNKNOWN)]
)
def test_an_unknown_host_is_missing_but_a_dns_failure_is_unclear(
    web: Web, monkeypatch: pytest.MonkeyPatch, errno: int, state: LinkState
) -> None:
    def getaddrinfo(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(errno, "no")

    monkeypatch.setattr("catalogue.edge.public_hosts.socket.getaddrinfo", getaddrinfo)
    assert [each.state for each in seen(web, "https://gone.example.org/")] == [state]


def test_without_any_response_the_run_fails(web: Web) -> None:
    for host in ("a.example.org", "b.example.org", "c.example.org"):
        web.says(host, {ANYWHERE: slow(1.0)})
    with pytest.raises(UpstreamError, match="none of 3 hosts answered"):
        seen(web, *(f"https://{host}/" for host in web.sites), deadline=0.2)


NOTEBOOKS = """\
software:
  - id: plotter
    name: Plotter
    homepage: https://plotter.example.org/
    documentation: [https://plotter.example.org/#use, https://docs.example.org/]
"""


def mentioned(found: Catalogue) -> dict[str, list[tuple[str, str]]]:
    """By URL, the entries or facilities that link to it, and in which field."""
    named = {}
    for url, by in outward_links(found).items():
        named[url] = [((each.software or each.facility).slug, each.words) for each in by]  # type: ignore[union-attr]
    return named


def test_each_link_is_listed_with_the_entries_that_contain_it() -> None:
    facilities = f"{FACILITIES}    documentation: https://docs.example.org/\n    contact: https://help.example.org/\n"
    # The link to the record is not checked: the harvest reads it.
    assert mentioned(catalogue(entry(1001), notebooks=NOTEBOOKS, facilities=facilities)) == {
        "https://docs.example.org/": [("plotter", "documentation"), ("binder", "documentation")],
        "https://help.example.org/": [("binder", "contact")],
        "https://plotter.example.org/": [("plotter", "home page"), ("plotter", "documentation")],
    }


def test_the_links_of_a_description_are_listed_with_their_text() -> None:
    description = (
        '<p>See <a href="https://a.org/x#1">the <b>guide</b></a>, <a href="https://a.org/x#2">the guide</a> and '
        '<a href="https://a.org/x">its end</a>; <a href="http://old.org/">old</a>, <a href="mailto:a@b.org">mail</a>, '
        '<a href="https://a.org/">a.org</a>, <a href="#top">top</a>, <a href="https://b.org/?a=1&amp;b=2"></a></p>'
    )
    facilities = FACILITIES.replace("For everyone.", "For [everyone](https://a.org/).")
    assert mentioned(catalogue(entry(1001, description=description), facilities=facilities)) == {
        "http://old.org/": [("tool", "description, link “old”")],
        "https://a.org/": [("tool", "description, link"), ("binder", "description, link “everyone”")],
        "https://a.org/x": [("tool", "description, link “the guide”"), ("tool", "description, link “its end”")],
        "https://b.org/?a=1&b=2": [("tool", "description, link")],
    }


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "facilities.yaml").write_text(FACILITIES)
    (tmp_path / "notebooks.yaml").write_text(NOTEBOOKS.replace("https://docs.example.org/", "http://old.example.org/"))
    (tmp_path / "snapshot").mkdir()
    described = '<a href="https://docs.example.org/guide">guide</a> <a href="https://docs.example.org/user/">more</a>'
    for name, text in files(entry(1001, description=described), entry(1003, title="B", description=described)).items():
        (tmp_path / "snapshot" / name).write_text(text)
    return tmp_path


def links(folder: Path, web: Web) -> Any:
    return CliRunner().invoke(main, ["--root", str(folder), "links", *web.loopback()])


@pytest.mark.case("S6")
def test_the_command_reports_and_stores_the_state_and_succeeds(checkout: Path, web: Web) -> None:
    web.says("plotter.example.org", {})
    web.says(HOST, {"/guide": page()})
    done = links(checkout, web)
    assert done.output == (
        "https://plotter.example.org/: missing on 1 day: answered 404 Not Found\n"
        "2 links followed: 1 there, 1 missing (0 dead), 0 unclear; 2 are never followed: "
        "1 of a kind that may start something and 1 plain http\n"
    )
    assert done.exit_code == 0
    # Two entries have it.
    assert web.paths(HOST) == ["/guide"]
    kept = read_observed({LINKS: (checkout / "snapshot/observed/links.json").read_text("utf-8")})
    assert [(each.url, each.state.value) for each in kept.links] == [
        ("https://docs.example.org/guide", "there"),
        ("https://plotter.example.org/", "missing"),
    ]
    assert CliRunner().invoke(main, ["--root", str(checkout), "build"]).exit_code == 0
    board = (checkout / "site/curation/index.html").read_text("utf-8")
    assert "of 2, 1 lead to a page, 1 to none (0 of them dead" in board
    assert "2 are never followed: 1 of a kind that may start something and 1 plain http." in board


def test_the_command_says_how_many_have_to_wait(checkout: Path, web: Web) -> None:
    web.says("plotter.example.org", {ANYWHERE: page()})
    web.says(HOST, {ANYWHERE: page("Slower", 429)})
    notebooks = (checkout / "notebooks.yaml").read_text()
    (checkout / "notebooks.yaml").write_text(notebooks.replace("http://old", f"https://{HOST}/old, http://old"))
    assert links(checkout, web).output == (
        "2 links followed: 1 there, 0 missing (0 dead), 1 unclear; 1 waits for another time; 2 are never followed: "
        "1 of a kind that may start something and 1 plain http\n"
    )
    assert CliRunner().invoke(main, ["--root", str(checkout), "build"]).exit_code == 0
    assert "1 got no clear answer, 1 has not had its turn yet." in (checkout / "site/curation/index.html").read_text()


def test_without_any_response_the_command_fails_and_the_stored_state_stays(checkout: Path, web: Web) -> None:
    notebooks = (checkout / "notebooks.yaml").read_text()
    (checkout / "notebooks.yaml").write_text(notebooks.replace("http://old.example.org/", "https://third.invalid/"))
    web.says("plotter.example.org", {ANYWHERE: page()})
    links(checkout, web)
    kept = (checkout / "snapshot/observed/links.json").read_bytes()
    web.sites.clear()
    done = links(checkout, web)
    assert done.output == (
        "Error: none of 3 hosts answered: this machine may be offline; what was known of links stays\n"
    )
    assert done.exit_code == 4
    assert (checkout / "snapshot/observed/links.json").read_bytes() == kept


def test_a_url_that_is_no_longer_linked_to_is_removed(checkout: Path, web: Web) -> None:
    web.says("plotter.example.org", {ANYWHERE: page()})
    web.says(HOST, {ANYWHERE: page()})
    links(checkout, web)
    (checkout / "notebooks.yaml").write_text(NO_NOTEBOOKS)
    links(checkout, web)
    text = (checkout / "snapshot/observed/links.json").read_text("utf-8")
    assert [each.url for each in read_observed({LINKS: text}).links] == [f"https://{HOST}/guide"]
