"""Probes of fake facilities: the requests for each kind, the resulting state, and requests that are never sent."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.edge.probe import binderhub_health, leads_to_login, probe, provider_ids
from catalogue.links import may_launch
from catalogue.model import Facility
from catalogue.observed import UP, Health, Launches, Observed, Probe, SeenRepository
from catalogue.problems import UpstreamError
from catalogue.sources.observed import FACILITIES, read_observed, write_observed
from tests.world import FACILITIES as FACILITIES_YAML
from tests.world import NO_NOTEBOOKS, SITE, entry, facility, files

from .web_double import (
    ANYWHERE,
    OLD_CONFIG,
    PROVIDERS,
    UNWELL,
    VERSIONS,
    Web,
    binderhub,
    data,
    jupyterhub,
    jupyterlite,
    old_binderhub,
    page,
    rosetta,
    running,
    sends_to,
    slow,
)
from .zenodo_double import Fault, Reply, drips, reset, zipped

NIGHT, NEXT_NIGHT = "2026-11-24T03:41:00Z", "2026-11-25T03:41:00Z"
HUB = facility("binderhub", "hub")
HOST = "hub.example.org"
TOLD = (("binderhub", "1.0.0.dev3700"), ("build_image", "jupyterhub/repo2docker:2026.4.0"))
A_PAGE = "answered with a web page where a BinderHub answers in JSON"


def night(
    web: Web, *facilities: Facility, before: Observed | None = None, now: str = NIGHT, **settings: Any
) -> Observed:
    settings = {"pace": 0.0, "deadline": 5.0, **settings}
    agent = "esap-catalogue/1 (+https://example.org/catalogue)"
    return probe(facilities, before or Observed(), now=now, agent=agent, hosts=web.hosts(), **settings)


def seen(web: Web, one: Facility = HUB, before: Observed | None = None, now: str = NIGHT, **settings: Any) -> Probe:
    (found,) = night(web, one, before=before, now=now, **settings).probes
    return found


@pytest.fixture(autouse=True)
def nothing_is_started(web: Web) -> Any:
    """After each test: no request may have launched anything, and no facility had more than three."""
    yield
    assert [each.path for each in web.asked if may_launch(each.path)] == []
    assert {each.cookie for each in web.asked} <= {None}


# --- the requests for each kind, and the meaning of the responses


def test_a_healthy_binderhub_tells_its_versions_and_providers_in_three_requests(web: Web) -> None:
    web.says(HOST, binderhub())
    assert seen(web) == Probe(
        facility="hub",
        url="https://hub.example.org/",
        asked=NIGHT,
        health=Health.HEALTHY,
        up=NIGHT,
        versions=TOLD,
        providers=("figshare", "gh", "git", "gl"),
        history=(("2026-11-24", Health.HEALTHY),),
    )
    assert web.paths(HOST) == ["/health", "/api/repoproviders", "/versions"]
    assert {each.agent for each in web.asked} == {"esap-catalogue/1 (+https://example.org/catalogue)"}


def test_a_binderhub_is_probed_below_its_prefix(web: Web) -> None:
    web.says(HOST, binderhub("/binderhub/"))
    assert seen(web, facility("binderhub", "hub", url=f"https://{HOST}/binderhub/")).health is Health.HEALTHY
    assert web.paths(HOST) == ["/binderhub/health", "/binderhub/api/repoproviders", "/binderhub/versions"]


def test_an_older_binderhub_tells_its_providers_at_another_address_and_its_versions_the_night_after(web: Web) -> None:
    web.says(HOST, old_binderhub())
    first = night(web, HUB)
    assert (first.probes[0].providers, first.probes[0].versions) == (("gh", "gist"), ())
    assert web.paths(HOST) == ["/health", "/api/repoproviders", "/_config"]
    second = night(web, HUB, before=first, now=NEXT_NIGHT)
    assert second.probes[0].providers == ("gh", "gist")
    assert second.probes[0].versions == (("binderhub", "0.2.0"), ("builder", "jupyter/repo2docker:2022"))
    assert web.paths(HOST)[3:] == ["/health", "/api/repoproviders", "/versions"]


def test_an_older_binderhub_whose_providers_change_is_noticed_within_two_nights(web: Web) -> None:
    web.says(HOST, old_binderhub())
    known = night(web, HUB, before=night(web, HUB), now=NEXT_NIGHT)
    web.says(HOST, {**old_binderhub(), "/_config": data({**OLD_CONFIG, "zenodo": {"text": "DOI"}})})
    for now in ("2026-11-26T03:41:00Z", "2026-11-27T03:41:00Z"):
        known = night(web, HUB, before=known, now=now)
    assert known.probes[0].providers == ("gh", "gist", "zenodo")


@pytest.mark.parametrize("status", [503, 200])
def test_a_binderhub_that_reports_a_failed_check_is_unhealthy(web: Web, status: int) -> None:
    web.says(HOST, binderhub(health=data(UNWELL, status)))
    found = seen(web)
    assert (found.health, found.detail) == (
        Health.UNHEALTHY,
        "its own checks fail: Docker registry, JupyterHub API",
    )
    assert (found.up, found.since, found.providers) == (None, NIGHT, ("figshare", "gh", "git", "gl"))


def test_a_binderhub_without_a_health_endpoint_is_only_reachable(web: Web) -> None:
    web.says(HOST, {**old_binderhub(), "/health": page("Binder")})
    found = seen(web)
    assert (found.health, found.detail, found.providers) == (Health.REACHABLE, "", ("gh", "gist"))
    assert web.paths(HOST) == ["/health", "/versions", "/_config"]


def test_a_jupyterhub_is_reachable_where_its_api_answers(web: Web) -> None:
    web.says(HOST, jupyterhub("/lab/"))
    found = seen(web, facility("jupyterhub", "hub", url=f"https://{HOST}/lab/"))
    assert (found.health, found.versions, found.providers) == (Health.REACHABLE, (("jupyterhub", "5.2.1"),), None)
    assert web.paths(HOST) == ["/lab/hub/api/"]


def test_a_rosetta_and_a_website_are_reachable_where_their_front_page_is_there(web: Web) -> None:
    web.says("rosetta.example.org", rosetta())
    web.says("site.example.org", {"/": Reply(200, b"<p>" + b"x" * 400_000, {"Content-Type": "text/html"})})
    found = night(web, facility("rosetta", "rosetta"), facility("website", "site"))
    assert [(each.facility, each.health) for each in found.probes] == [
        ("rosetta", Health.REACHABLE),
        ("site", Health.REACHABLE),
    ]
    assert [each.path for each in web.asked] == ["/", "/"]


def test_a_portal_that_redirects_to_its_login_is_reachable_and_the_login_is_not_requested(web: Web) -> None:
    web.says(HOST, {"/": sends_to("/start"), "/start": sends_to("https://sso.example.org/auth")})
    assert seen(web, facility("website", "hub")).health is Health.REACHABLE
    assert [each.path for each in web.asked] == ["/", "/start"]


def test_a_jupyterlite_is_reachable_where_its_settings_are(web: Web) -> None:
    web.says("lite.example.org", jupyterlite())
    web.says("empty.example.org", {"/": page("Parked"), ANYWHERE: page("Parked")})
    found = night(web, facility("jupyterlite", "lite"), facility("jupyterlite", "empty"))
    assert [(each.facility, each.health, each.detail) for each in found.probes] == [
        ("empty", Health.UNHEALTHY, "answered with a web page where a JupyterLite answers in JSON"),
        ("lite", Health.REACHABLE, ""),
    ]


# --- responses that do not fit the kind

NOT_AN_ANSWER: dict[str, tuple[dict[str, Reply | Fault], str]] = {
    "pages everywhere": ({ANYWHERE: page("Welcome")}, A_PAGE),
    "nothing there": ({}, "answered 404 Not Found"),
    "a proxy without its server": ({ANYWHERE: page("Sorry", 503)}, "answered 503 Service Unavailable"),
    "a bad gateway": ({ANYWHERE: page("Sorry", 502)}, "answered 502 Bad Gateway"),
    "JSON of something else": ({ANYWHERE: data({"status": "UP"})}, "answered with JSON of another kind where a BinderHub answers in JSON"),
    "a list": ({ANYWHERE: data([1])}, "answered with JSON of another kind where a BinderHub answers in JSON"),
    "JSON in the clothes of a page": ({ANYWHERE: data({"ok": True, "binderhub": "1"}, kind="text/html")}, A_PAGE),
    "garbage under the name of JSON": (
        {ANYWHERE: Reply(200, b"\x00\xff{", {"Content-Type": "application/json"})},
        "answered with something that is neither JSON nor a web page where a BinderHub answers in JSON",
    ),
    "nested without an end": (
        {ANYWHERE: Reply(200, b"[" * 60_000, {"Content-Type": "application/json"})},
        "answered with something that is neither JSON nor a web page where a BinderHub answers in JSON",
    ),
    "an answer without an end": (
        {ANYWHERE: Reply(200, b'{"ok": true, "x": "' + b"x" * 400_000 + b'"}', {"Content-Type": "application/json"})},
        "answered with more than 64 KiB where a BinderHub answers in JSON",
    ),
    "a bomb": ({ANYWHERE: zipped(b" " * 64 * 2**20)}, "answered with more than 64 KiB where a BinderHub answers in JSON"),
    "half an answer": (
        {ANYWHERE: Reply(200, b'{"ok": tr', {"Content-Type": "application/json", "Content-Length": "99"})},
        "broke off its answer",
    ),
    "a connection that is broken": ({ANYWHERE: reset}, "cannot be reached: connection reset by peer"),
    "going in circles": ({ANYWHERE: sends_to("/health")}, "sends from one address to the next"),
    "away from https": ({ANYWHERE: sends_to("http://other.example.org/")}, "sends on to http://other.example.org/: only https is followed"),
    "to a file": ({ANYWHERE: sends_to("file:///etc/passwd")}, "sends on to file:///etc/passwd: only https is followed"),
    "with a password": ({ANYWHERE: sends_to("https://me:secret@other.example.org/")}, "sends on to https://me:secret@other.example.org/: only https is followed"),
    "to a launch": ({ANYWHERE: sends_to("/%62uild/gh/o/r/HEAD")}, "sends on to https://hub.example.org/%62uild/gh/o/r/HEAD, which may start something: not asked"),
    "to an unknown name": ({ANYWHERE: sends_to("https://nowhere.invalid/")}, "nowhere.invalid cannot be reached: its host name was not found"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_AN_ANSWER)
def test_an_unexpected_response_of_a_binderhub_is_described_after_at_most_three_requests(web: Web, name: str) -> None:
    answers, words = NOT_AN_ANSWER[name]
    web.says(HOST, answers)
    found = seen(web)
    # A facility that responds is not silent, unless no response is complete.
    assert found.health is (Health.UNHEALTHY if words.startswith("answered") else Health.SILENT)
    assert found.detail == words
    assert (found.up, found.since) == (None, NIGHT)
    assert 1 <= len(web.asked) <= 3


@pytest.mark.parametrize("kind", ["binderhub", "jupyterhub", "rosetta", "jupyterlite", "website"])
@pytest.mark.parametrize("name", NOT_AN_ANSWER)
def test_no_fault_causes_more_than_three_requests_to_a_facility(web: Web, kind: str, name: str) -> None:
    web.says(HOST, NOT_AN_ANSWER[name][0])
    seen(web, facility(kind, "hub"))
    assert 1 <= len(web.asked) <= 3


@pytest.mark.parametrize("where", ["https://127.0.0.1:{}/", "https://localhost:{}/", "https://[::1]:{}/", "https://10.0.0.1/",
                                   "https://169.254.169.254/latest/", "https://[::ffff:127.0.0.1]:{}/", "https://2130706433:{}/"])  # fmt: skip
def test_a_redirect_to_a_private_address_is_not_followed(web: Web, where: str) -> None:
    with running() as canary:
        web.says(HOST, {ANYWHERE: sends_to(where.format(canary.port))})
        found = seen(web)
    assert found.health is Health.SILENT
    assert found.detail.endswith("is not a public host: it is not asked")
    assert canary.asked == []


@pytest.mark.parametrize("where", ["https://", "https:///", "https://[", f"https://{'a' * 300}.example.org/", "https://xn--/", "//", "https://.example.org/",
                                   "https://exa mple.org/", "https://例え.invalid/", "https://h:0/", "https://%00/", "https://h:99999/", "?", "#", "\\\\h\\x"])  # fmt: skip
def test_a_redirect_to_a_malformed_url_is_no_response(web: Web, where: str) -> None:
    place = where.encode().decode("latin-1")
    web.says(HOST, {ANYWHERE: sends_to(place)})
    assert seen(web).health not in UP
    assert len(web.asked) <= 3


def test_a_facility_at_a_private_address_is_not_contacted(web: Web) -> None:
    with running() as canary:
        found = seen(web, facility("binderhub", "hub", url=f"https://localhost:{canary.port}/"))
    assert (found.health, found.detail) == (
        Health.SILENT,
        "localhost is not a public host: it is not asked",
    )
    assert canary.asked == []


def test_a_redirect_to_another_public_host_is_followed(web: Web) -> None:
    web.says("new.example.org", binderhub())
    moved = {path: sends_to(f"https://new.example.org{path}", 308) for path in ("/health", "/versions")}
    web.says(HOST, moved)
    assert seen(web).health is Health.HEALTHY
    assert [(each.host, each.path) for each in web.asked][:2] == [(HOST, "/health"), ("new.example.org", "/health")]
    assert len(web.asked) == 3


@pytest.mark.parametrize("fault", [slow(1.5), drips(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")])
def test_a_slow_server_ends_in_a_timeout(web: Web, fault: Fault) -> None:
    web.says(HOST, {ANYWHERE: fault})
    began = time.monotonic()
    found = seen(web, deadline=0.3)
    assert time.monotonic() - began < 1.4
    assert (found.health, found.detail) in [
        (Health.SILENT, "did not answer for 0.3 seconds"),
        (Health.SILENT, "did not finish its answer within 0.3 seconds"),
    ]
    assert len(web.asked) == 2


def test_a_late_health_response_is_no_outage_if_the_versions_arrive(web: Web) -> None:
    web.says(HOST, {**binderhub(), "/health": slow(1.5)})
    found = seen(web, deadline=0.3)
    assert (found.health, found.versions, len(found.providers or ())) == (Health.REACHABLE, TOLD, 4)
    assert web.paths(HOST) == ["/health", "/versions", "/api/repoproviders"]


@pytest.mark.case("S6")
@pytest.mark.parametrize("kind", ["jupyterhub", "rosetta", "jupyterlite", "website"])
def test_one_failed_attempt_is_no_outage(web: Web, kind: str) -> None:
    right = {**jupyterhub(), **jupyterlite(), "/": page()}
    tries: list[int] = []

    def at_first(handler: Any, response: Reply) -> Reply | None:
        tries.append(1)
        found = right[handler.path]
        assert isinstance(found, Reply)
        return page("Sorry", 502) if len(tries) == 1 else found

    web.says(HOST, {ANYWHERE: at_first})
    assert seen(web, facility(kind, "hub")).health is Health.REACHABLE
    assert len(tries) == 2


HOSTILE = "\u202e<script>alert(1)</script>\x00\n" + "x" * 500


def test_what_a_server_says_is_cleaned_and_capped(web: Web) -> None:
    checks = [{"service": HOSTILE, "ok": False} for _ in range(1000)]
    versions = {f"{HOSTILE}{number}": HOSTILE for number in range(100)} | {"binderhub": HOSTILE}
    web.says(HOST, {"/health": data({"ok": False, "checks": checks[:60]}), "/versions": data({**versions, "n": 3})})
    web.sites[HOST]["/api/repoproviders"] = data([{"id": HOSTILE}, {"id": "gh"}, {"id": 3}, "git", None, {"id": "GL"}])
    found = seen(web)
    assert len(found.detail) <= 200
    assert found.providers == ("gh",)
    assert all(len(name) <= 40 and len(value) <= 100 for name, value in found.versions)
    shown = "".join([found.detail, *(part for pair in found.versions for part in pair)])
    assert not {*shown} & {"\u202e", "\x00", "\n"}


@pytest.mark.parametrize(
    ("told", "ids"),
    [
        (PROVIDERS, ("figshare", "gh", "git", "gl")),
        (OLD_CONFIG, ("gh", "gist")),
        ([], None),
        ({}, None),
        ({"error": {"code": 3}}, None),
        ({"message": "not found"}, None),
        (["gh", "gl"], None),
        ([{"id": ["gh"]}], None),
        ("gh", None),
        (None, None),
    ],
)
def test_providers_are_read_from_either_list_and_from_nothing_else(told: Any, ids: tuple[str, ...] | None) -> None:
    assert provider_ids(told) == ids


@pytest.mark.parametrize("told", [None, [], {}, {"ok": "true"}, {"ok": 1}, {"ok": None}, "ok", {"checks": []}])
def test_health_must_be_a_boolean(told: Any) -> None:
    assert binderhub_health(told) is None


@pytest.mark.parametrize("checks", [None, 3, "all", [], [1, None], [{"ok": False}], {"service": "hub"}])
def test_a_failed_check_without_a_name_is_still_unhealthy(checks: Any) -> None:
    told = binderhub_health({"ok": False, "checks": checks})
    assert told is not None
    assert (told.health, told.detail) == (Health.UNHEALTHY, "says that it is not well")


# --- several runs in a row


def test_the_last_good_answer_stays_while_a_facility_is_down(web: Web) -> None:
    web.says(HOST, binderhub())
    good = night(web, HUB)
    web.says(HOST, {ANYWHERE: page("Gone fishing", 502)})
    silent = night(web, HUB, before=good, now=NEXT_NIGHT)
    later = night(web, HUB, before=silent, now="2026-11-26T03:41:00Z")
    assert later.probes == (
        replace(
            good.probes[0],
            asked="2026-11-26T03:41:00Z",
            health=Health.UNHEALTHY,
            detail="answered 502 Bad Gateway",
            up=NIGHT,
            since=NEXT_NIGHT,
            history=(
                ("2026-11-24", Health.HEALTHY),
                ("2026-11-25", Health.UNHEALTHY),
                ("2026-11-26", Health.UNHEALTHY),
            ),
        ),
    )
    web.says(HOST, binderhub())
    back = seen(web, before=later, now="2026-11-27T03:41:00Z")
    assert (back.health, back.detail, back.up, back.since) == (Health.HEALTHY, "", "2026-11-27T03:41:00Z", None)


@pytest.mark.case("S6")
@pytest.mark.parametrize("refusal", [page("No", 403), page("Who?", 401), page("Slowly", 429)])
def test_a_facility_that_refuses_us_keeps_its_state(web: Web, refusal: Reply) -> None:
    web.says(HOST, {ANYWHERE: refusal})
    assert night(web, HUB).probes == ()
    web.says(HOST, binderhub())
    good = night(web, HUB)
    web.says(HOST, {ANYWHERE: refusal})
    again = night(web, HUB, before=good, now=NEXT_NIGHT)
    assert (again.probed, again.probes) == (NEXT_NIGHT, good.probes)


def test_a_facility_behind_a_login_page_is_reachable(web: Web) -> None:
    web.says(HOST, {ANYWHERE: sends_to("https://login.example.org/oauth2/authorize")})
    for kind in ("binderhub", "jupyterhub", "rosetta"):
        found = seen(web, facility(kind, "hub"))
        assert (found.health, found.up, found.detail) == (Health.REACHABLE, NIGHT, "")


def test_a_list_without_any_provider_that_is_known_says_nothing(web: Web) -> None:
    assert provider_ids([{"id": "x"}, {"id": "y"}]) is None
    assert provider_ids([{"id": "x"}, {"id": "gh"}]) == ("gh", "x")


def test_providers_behind_a_login_are_not_told_and_the_health_is(web: Web) -> None:
    web.says(
        HOST, {**binderhub(), "/api/repoproviders": sends_to("/hub/api/oauth2/authorize"), "/_config": page("", 403)}
    )
    found = seen(web)
    assert (found.health, found.providers) == (Health.HEALTHY, None)


def test_without_any_response_no_facility_changes(web: Web) -> None:
    two = [facility("binderhub", f"nowhere-{number}", url=f"https://nowhere-{number}.invalid/") for number in (1, 2)]
    assert [each.health for each in night(web, *two).probes] == [Health.SILENT, Health.SILENT]
    web.says(HOST, {ANYWHERE: reset})
    with pytest.raises(UpstreamError) as caught:
        night(web, HUB, *two)
    assert str(caught.value) == "none of 3 hosts answered: this machine may be offline"
    web.says(HOST, {})
    assert len(night(web, HUB, *two).probes) == 3


def test_a_day_has_one_entry_the_last_and_the_history_has_thirty_days(web: Web) -> None:
    web.says(HOST, binderhub())
    old = (("2026-10-25", Health.HEALTHY), ("2026-10-26", Health.SILENT), ("2026-11-24", Health.SILENT))
    known = Probe(facility="hub", url=HUB.url, asked=NIGHT, health=Health.SILENT, history=old)
    found = seen(web, before=Observed(probes=(known,)), now="2026-11-24T18:00:00Z")
    assert found.history == (("2026-10-26", Health.SILENT), ("2026-11-24", Health.HEALTHY))


def test_a_facility_with_a_new_url_starts_over_and_a_removed_one_is_dropped(web: Web) -> None:
    web.says(HOST, {})
    known = Probe(
        facility="hub", url="https://old.example.org/", asked=NIGHT, health=Health.HEALTHY, up=NIGHT, versions=TOLD
    )
    before = Observed(probes=(known, replace(known, facility="gone")))
    found = night(web, HUB, before=before, now=NEXT_NIGHT)
    assert [(each.facility, each.url, each.up, each.versions) for each in found.probes] == [("hub", HUB.url, None, ())]


def test_closed_facilities_and_those_with_plain_http_are_not_probed(web: Web) -> None:
    web.says(HOST, binderhub())
    web.says("open.example.org", binderhub())
    found = night(
        web,
        facility("binderhub", "hub", closed="2026-01"),
        facility("binderhub", "open", url="http://open.example.org/"),
        facility("website", "launch", url=f"https://{HOST}/v2/gh/o/r/"),
    )
    assert (found.probes, web.asked) == ((), [])


def test_other_observations_stay(web: Web) -> None:
    web.says(HOST, binderhub())
    before = Observed(
        inspected="2026-11-23T03:00:00Z",
        repositories=(SeenRepository(repository="https://github.com/o/r", asked="2026-11-23T03:00:00Z"),),
        launches=Launches(days=("2026-11-20",)),
    )
    after = night(web, HUB, before=before)
    assert replace(after, probed=None, probes=()) == before
    assert read_observed(write_observed(after)) == after


def test_two_facilities_on_one_host_share_its_pace(web: Web) -> None:
    web.says(HOST, {**binderhub("/binderhub/"), **jupyterhub("/jupyterhub/")})
    begun = time.monotonic()
    night(
        web,
        facility("binderhub", "one", url=f"https://{HOST}/binderhub/"),
        facility("jupyterhub", "two", url=f"https://{HOST}/jupyterhub/"),
        pace=0.2,
    )
    assert len(web.asked) == 4
    # A busy machine may record a request late, so only the total time is bounded.
    assert time.monotonic() - begun >= 3 * 0.2


@pytest.mark.parametrize(
    ("url", "login"),
    [
        ("https://hub.example.org/hub/login?next=%2Fhub%2F", True),
        ("https://hub.example.org/oauth2/start", True),
        ("https://login.example.org/", True),
        ("https://idp.example.org/realms/x/protocol/openid-connect/auth?x=y", True),
        ("https://hub.example.org/authors/", False),
        ("https://hub.example.org/hub/", False),
        ("https://blogin.example.org/", False),
    ],
)
def test_a_login_page_is_recognised_by_its_url(url: str, login: bool) -> None:
    assert leads_to_login(url) is login


# --- the command


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a small catalogue of one BinderHub."""
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "facilities.yaml").write_text(FACILITIES_YAML)
    (tmp_path / "notebooks.yaml").write_text(NO_NOTEBOOKS)
    (tmp_path / "snapshot").mkdir()
    for name, text in files(entry(1001, title="Sky tool")).items():
        (tmp_path / "snapshot" / name).write_text(text)
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(folder), "probe", *words])


def test_the_command_prints_and_stores_the_state_of_each_facility(web: Web, checkout: Path) -> None:
    web.says("binder.example.org", binderhub())
    done = run(checkout, "--no-launches", *web.loopback())
    assert (done.output, done.exit_code) == ("Binder: healthy\n", 0)
    kept = read_observed({FACILITIES: (checkout / "snapshot" / "observed" / FACILITIES).read_text("utf-8")})
    assert [(each.facility, each.health) for each in kept.probes] == [("binder", Health.HEALTHY)]
    assert [path.name for path in (checkout / "snapshot" / "observed").iterdir()] == [FACILITIES]


@pytest.mark.case("S6")
def test_a_facility_that_is_down_does_not_fail_the_command(web: Web, checkout: Path) -> None:
    web.says("binder.example.org", {ANYWHERE: page("Welcome")})
    done = run(checkout, "--no-launches", *web.loopback())
    assert done.output == f"Binder: not healthy: {A_PAGE}\n"
    assert done.exit_code == 0


@pytest.mark.case("S6")
def test_without_any_response_the_command_fails(web: Web, checkout: Path) -> None:
    three = "".join(
        f"  - {{id: hub-{number}, name: Hub {number}, kind: binderhub, url: 'https://hub-{number}.invalid/', description: A hub.}}\n"
        for number in range(3)
    )
    (checkout / "facilities.yaml").write_text(f"facilities:\n{three}")
    done = run(checkout, "--no-launches", *web.loopback())
    assert done.output.endswith(
        "Error: none of 3 hosts answered: this machine may be offline; what was known of facilities stays\n"
    )
    assert done.exit_code == 4
    assert not (checkout / "snapshot" / "observed" / FACILITIES).exists()


def test_the_option_for_tests_accepts_loopback_addresses_only(checkout: Path) -> None:
    done = run(checkout, "--loopback", "binder.example.org=10.0.0.1:80")
    assert done.output == "Error: '10.0.0.1:80' is not an address of this machine, as in 127.0.0.1:8000\n"
    assert run(checkout, "--loopback", "nonsense").exit_code == 2


def test_a_damaged_file_of_observations_is_reported_before_any_request(web: Web, checkout: Path) -> None:
    web.says("binder.example.org", binderhub())
    (checkout / "snapshot" / "observed").mkdir()
    (checkout / "snapshot" / "observed" / FACILITIES).write_text("{")
    done = run(checkout, *web.loopback())
    assert done.output.startswith("Error: snapshot/observed/facilities.json: ")
    assert (done.exit_code, web.asked) == (1, [])


def test_the_versions_are_those_of_the_fake_server() -> None:
    assert dict(TOLD)["binderhub"] == VERSIONS["binderhub"]
