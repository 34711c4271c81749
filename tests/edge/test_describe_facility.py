"""`describe-facility`: the entry that it drafts for each kind of server, and that the entry passes the check."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.edge.describe import checked_url, describe
from catalogue.links import may_launch
from catalogue.model import Facility, Login
from catalogue.problems import UpstreamError, errors
from catalogue.repository import Provider
from catalogue.sources.facilities import FILE, FOLDER, read_facilities
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE, entry, files

from .web_double import (
    ANYWHERE,
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
)
from .zenodo_double import Fault, Reply, drips

HOST, URL = "hub.example.org", "https://hub.example.org/"
TODAY = "2026-11-24"


def entry_of(web: Web, url: str = URL, **settings: Any) -> str:
    settings = {"pace": 0.0, "deadline": 5.0, **settings}
    agent = "esap-catalogue/1 (+https://example.org)"
    return describe(checked_url(url), today=TODAY, agent=agent, hosts=web.hosts(), **settings)


def described(web: Web, url: str = URL, **settings: Any) -> Facility:
    """The facility of the drafted entry, which has no errors and asks for a description."""
    found, problems = read_facilities(f"facilities:\n{entry_of(web, url, **settings)}")
    assert [each.text.partition(":")[0] for each in problems] == ["description"]
    assert errors(problems) == []
    return found[0]


@pytest.fixture(autouse=True)
def nothing_is_started(web: Web) -> Any:
    """After each test: no request may have launched anything or logged in."""
    yield
    assert [each.path for each in web.asked if may_launch(each.path) or "/login" in each.path] == []
    assert {each.cookie for each in web.asked} <= {None}


def test_a_binderhub_describes_itself(web: Web) -> None:
    web.says(HOST, binderhub())
    assert entry_of(web) == (
        "  - id: hub-example-org # the slug, part of its URLs: change it now or never\n"
        '    name: "hub.example.org" # the name that its users know\n'
        "    kind: binderhub\n"
        '    url: "https://hub.example.org/"\n'
        '    seen: "2026-11-24"\n'
        "    login: none\n"
        '    description: "BinderHub at hub.example.org, version 1.0.0.dev3700, as it answered on 2026-11-24. '
        'Its operator should say here what it is and for whom."\n'
        "    # it also takes code from figshare, which the catalogue does not use\n"
        "    providers: [gh, git, gl]\n"
        "    # operator: who runs it\n"
        "    # contact: where to ask, an e-mail address or a URL that begins with https://\n"
        "    # documentation: the address of its handbook\n"
        "    # limits: {memory: 2 GB, processors: '1', session: at most 6 hours, idle: 10 minutes}\n"
        "    # options: what only its kind has: tested, environment\n"
    )
    assert web.paths(HOST) == ["/", "/versions", "/api/repoproviders"]


def test_providers_that_are_the_usual_ones_are_left_out(web: Web) -> None:
    web.says(HOST, {**binderhub(), "/api/repoproviders": data([{"id": each.value} for each in Provider])})
    assert "providers:" not in entry_of(web)


def test_an_older_binderhub_below_a_prefix(web: Web) -> None:
    web.says(HOST, old_binderhub("/binderhub/"))
    found = described(web, f"{URL}binderhub/v2/gh/o/r/HEAD?urlpath=lab")
    assert (found.slug, found.kind, found.url) == ("hub-example-org-binderhub", "binderhub", f"{URL}binderhub/")
    assert (found.login, found.providers) == (Login.NONE, frozenset({Provider.GITHUB, Provider.GIST}))


@pytest.mark.parametrize("answer", [sends_to("/hub/api/oauth2/authorize?x=y"), page("Who?", 401), page("No", 403)])
def test_a_binderhub_behind_a_login_says_so(web: Web, answer: Reply) -> None:
    web.says(HOST, {**binderhub(), "/": answer})
    assert described(web).login is Login.REQUIRED


@pytest.mark.parametrize(
    "given", ["hub.example.org", "https://hub.example.org/hub/login?next=x", "HTTPS://Hub.Example.org"]
)
def test_a_jupyterhub_is_known_from_any_of_its_addresses(web: Web, given: str) -> None:
    web.says(HOST, jupyterhub())
    found = described(web, given)
    assert (found.kind, found.url, found.login) == ("jupyterhub", URL, Login.REQUIRED)
    assert found.summary.startswith("JupyterHub at hub.example.org, version 5.2.1, as it answered on 2026-11-24.")


def test_a_front_page_that_redirects_to_the_prefix_is_followed(web: Web) -> None:
    web.says(HOST, {**jupyterhub("/jupyterhub/"), "/": sends_to("/jupyterhub/")})
    assert described(web).url == f"{URL}jupyterhub/"


def test_a_prefix_that_is_called_like_a_page_is_a_prefix(web: Web) -> None:
    web.says(HOST, {"/": page("University"), **jupyterhub("/lab/")})
    found = described(web, f"{URL}lab")
    assert (found.kind, found.url, found.login) == ("jupyterhub", f"{URL}lab/", Login.REQUIRED)


def test_a_page_of_a_website_is_described_as_it_was_given(web: Web) -> None:
    web.says(HOST, {"/": page("University"), "/lab/": page("Our laboratory")})
    assert described(web, f"{URL}lab/").url == f"{URL}lab/"


def test_a_facility_that_has_moved_to_another_host_is_described_where_it_is(web: Web) -> None:
    web.says("new.example.org", binderhub())
    web.says(HOST, {"/": sends_to("https://new.example.org/", 301)})
    found = described(web)
    assert (found.slug, found.url) == ("new-example-org", "https://new.example.org/")


def test_a_jupyterlite_a_rosetta_and_a_website(web: Web) -> None:
    web.says("lite.example.org", jupyterlite("/notes/"))
    web.says("rosetta.example.org", rosetta())
    web.says("site.example.org", {"/": page("Rosetta stones")})
    kinds = {
        name: described(web, f"https://{name}.example.org/{path}")
        for name, path in (("lite", "notes/lab/index.html?path=a.ipynb"), ("rosetta", ""), ("site", ""))
    }
    assert {name: (each.kind, each.url, each.login) for name, each in kinds.items()} == {
        "lite": ("jupyterlite", "https://lite.example.org/notes/", Login.NONE),
        "rosetta": ("rosetta", "https://rosetta.example.org/", Login.REQUIRED),
        "site": ("website", "https://site.example.org/", Login.UNKNOWN),
    }


def test_a_site_behind_somebody_elses_login_is_a_website_that_asks_for_one(web: Web) -> None:
    web.says("sso.example.org", binderhub())
    web.says(HOST, {"/": sends_to("https://sso.example.org/auth?back=hub")})
    found = described(web)
    assert (found.kind, found.url, found.login) == ("website", URL, Login.REQUIRED)
    assert web.paths("sso.example.org") == []


def test_a_url_without_any_page_lists_what_was_tried(web: Web) -> None:
    web.says(HOST, {})
    with pytest.raises(UpstreamError) as caught:
        entry_of(web)
    assert str(caught.value) == (
        "https://hub.example.org/ has no page that the catalogue could send readers to. These addresses were tried:\n"
        "  https://hub.example.org/: it answered 404 Not Found\n"
        "  https://hub.example.org/versions: it answered 404 Not Found\n"
        "  https://hub.example.org/hub/api/: it answered 404 Not Found\n"
        "  https://hub.example.org/jupyter-lite.json: it answered 404 Not Found"
    )


@pytest.mark.parametrize(
    "answer",
    [
        sends_to("/"),
        sends_to("/user/ada/lab"),
        sends_to("/build/gh/o/r/HEAD"),
        sends_to("/v2/gh/o/r/HEAD"),
        sends_to("http://hub.example.org/"),
        sends_to("https://[::1/"),
        sends_to("https://%00/"),
        sends_to("https:///"),
        sends_to("//"),
        sends_to("#"),
        sends_to('https://other.example.org/"><script>'),
        data({"ok": True}),
        drips(b"HTTP/1.1 200 OK\r\n\r\n{"),
    ],
)
def test_an_odd_front_page_ends_in_a_clear_error_and_a_bounded_number_of_requests(
    web: Web, answer: Reply | Fault
) -> None:
    web.says(HOST, {ANYWHERE: answer})
    with pytest.raises(UpstreamError, match="has no page that the catalogue could send readers to"):
        entry_of(web, deadline=0.3)
    assert len(web.asked) <= 16


@pytest.mark.parametrize("kind", ["/", "/versions", "/hub/api/", "/jupyter-lite.json", "/api/repoproviders"])
def test_it_is_not_redirected_to_a_private_address(web: Web, kind: str) -> None:
    with running() as canary:
        web.says(HOST, {**binderhub(), kind: sends_to(f"https://127.0.0.1:{canary.port}/")})
        described(web)
        assert canary.asked == []


HOSTILE = [
    '1.0"\n    closed: 2026-01\n#',
    "1.0 # [click](https://evil.example.org)",
    "*anchor",
    "&x !!python/object/apply:os.system [id]",
    "<b>1</b>",
    "\u202e<b>1.0",
    "x" * 500,
    "",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_responses_do_not_break_out_of_the_yaml(web: Web, said: str) -> None:
    providers = [{"id": said}, {"id": "gh"}, {"id": "zenodo # x"}, {"id": "x: y"}, {"id": "a-b_c"}]
    web.says(HOST, {**binderhub(), "/versions": data({"binderhub": said}), "/api/repoproviders": data(providers)})
    found = described(web)
    assert (found.kind, found.closed, found.providers) == ("binderhub", None, frozenset({Provider.GITHUB}))
    assert found.summary.startswith("BinderHub at hub.example.org as it answered on 2026-11-24.")


# --- the command


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a small catalogue of one BinderHub."""
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / FILE).write_text(FACILITIES)
    (tmp_path / "notebooks.yaml").write_text(NO_NOTEBOOKS)
    (tmp_path / "snapshot").mkdir()
    for name, text in files(entry(1001, title="Sky tool")).items():
        (tmp_path / "snapshot" / name).write_text(text)
    return tmp_path


@pytest.fixture
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """No delay between requests to the local server."""
    monkeypatch.setattr("catalogue.cli.contributing.describe", partial(describe, pace=0.0))


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(folder), *words])


KINDS: dict[str, dict[str, Reply | Fault]] = {
    "binderhub": binderhub(),
    "older binderhub": old_binderhub(),
    "jupyterhub": jupyterhub(),
    "jupyterlite": jupyterlite(),
    "rosetta": rosetta(),
    "website": {"/": page("A portal")},
}


@pytest.mark.usefixtures("without_pauses")
@pytest.mark.parametrize("name", KINDS)
def test_what_is_printed_passes_the_check_unchanged_at_the_end_of_the_file(web: Web, checkout: Path, name: str) -> None:
    web.says(HOST, KINDS[name])
    done = run(checkout, "describe-facility", URL, *web.loopback())
    assert done.exit_code == 0
    with (checkout / FILE).open("a", encoding="utf-8") as file:
        file.write(done.output)
    checked = run(checkout, "check")
    assert (checked.stdout, checked.exit_code) == (
        "No errors in the YAML files or in snapshot/: 1 entry\n",
        0,
    )
    assert run(checkout, "build").exit_code == 0


@pytest.mark.usefixtures("without_pauses")
@pytest.mark.parametrize("name", [FILE, f"{FOLDER}/all.yaml"])
def test_it_writes_to_the_end_of_the_file_or_into_the_folder(web: Web, checkout: Path, name: str) -> None:
    web.says(HOST, binderhub())
    (checkout / FILE).unlink()
    (checkout / name).parent.mkdir(exist_ok=True)
    (checkout / name).write_text(FACILITIES.rstrip("\n"))  # without a newline at its end
    written = f"{FOLDER}/hub-example-org.yaml" if "/" in name else FILE
    done = run(checkout, "describe-facility", URL, "--write", *web.loopback())
    assert re.fullmatch(rf"{written}:\d+: edit it, then run `python build\.py check`\n", done.output)
    assert "  - id: hub-example-org #" in (checkout / written).read_text("utf-8")
    assert (checkout / FILE).exists() == (written == FILE)
    assert run(checkout, "check").exit_code == 0


@pytest.mark.usefixtures("without_pauses")
def test_an_existing_id_is_not_reused_and_a_listed_url_is_reported(web: Web, checkout: Path) -> None:
    web.says(HOST, binderhub())
    first = run(checkout, "describe-facility", URL, *web.loopback()).stdout
    (checkout / FILE).write_text(FACILITIES + first)
    again = run(checkout, "describe-facility", URL, *web.loopback())
    assert again.stdout.startswith("  - id: hub-example-org-2 #")
    assert again.stderr == "facilities.yaml has this address already: hub-example-org\n"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("http://hub.example.org/", "must begin with https://: an answer over an open line could be anybody's"),
        ("ftp://hub.example.org/", "must begin with https://: an answer over an open line could be anybody's"),
        ("https://me:secret@hub.example.org/", "must not contain a user name or password"),
        ("https://localhost/", "must name a public host, as in https://hub.example.org/"),
        ("https://hub.example.org:99999/", "is not an address: its host or port is malformed"),
        ("https://hub.example.org/a b", "must not contain spaces, quotes or control characters"),
        ("", "must name a public host, as in https://hub.example.org/"),
    ],
)
def test_a_wrong_address_is_wrong_usage(checkout: Path, given: str, words: str) -> None:
    done = run(checkout, "describe-facility", given)
    assert done.output.splitlines()[-1] == f"Error: Invalid value for URL: {given!r} {words}"
    assert done.exit_code == 2


@pytest.mark.usefixtures("without_pauses")
@pytest.mark.parametrize("given", ["https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/"])
def test_a_private_address_is_not_contacted(checkout: Path, given: str) -> None:
    done = run(checkout, "describe-facility", given)
    assert "is not a public host: it is not asked" in done.output
    assert done.exit_code == 4
