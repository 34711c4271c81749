"""The nightly run: `inspect` against fake forges, then `build`."""

from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.edge.inspection import InspectionLimits, inspect
from catalogue.observed import Failure
from catalogue.sources.observed import REPOSITORIES, read_observed
from tests.test_determinism import digests
from tests.world import FACILITIES, SITE, files

from ..zenodo_double import Reply, answers
from .conftest import harvested_entry
from .forges import GITHUB, GITLAB, HOSTS, RAW, ZENODO, Forge, Forges, zipped_files

NOTEBOOKS = """\
software:
  - id: comet
    name: Comet
    summary: Looks at comets.
    interfaces: [notebook]
    repository: https://github.com/stars/comet
    notebooks: [{path: orbit.ipynb}]
  - id: nova
    name: Nova
    summary: Looks at novae.
    interfaces: [notebook]
    repository: https://gitlab.com/stars/nova
"""
COMET, NOVA = "https://github.com/stars/comet", "https://gitlab.com/stars/nova"


@pytest.fixture
def checkout(tmp_path: Path, forges: Forges) -> Path:
    """A folder with two entries, whose repositories exist."""
    root = tmp_path / "checkout"
    (root / "snapshot").mkdir(parents=True)
    (root / "site.yaml").write_text(SITE)
    (root / "facilities.yaml").write_text(FACILITIES)
    (root / "notebooks.yaml").write_text(NOTEBOOKS)
    for name, text in files().items():
        (root / "snapshot" / name).write_text(text)
    for known, name in ((forges.github, "comet"), (forges.gitlab, "nova")):
        forge = known[f"stars/{name}"] = Forge(f"stars/{name}")
        forge.push("main", {"requirements.txt": "", "orbit.ipynb": "{}"})
    return root


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """No delay between requests to the local server; and the clock advances by a day with each run."""
    monkeypatch.setattr(
        "catalogue.cli.nightly.inspect_repositories", partial(inspect, limits=InspectionLimits(pace=0.0))
    )
    days = (f"2026-02-{day}T03:00:00Z" for day in range(10, 29))
    monkeypatch.setattr("catalogue.cli.clock.now", lambda: next(days))


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(
        main, ["--root", str(folder), *words], env={"SOURCE_DATE_EPOCH": "", "GITHUB_TOKEN": "ghp_secret"}
    )


def night(folder: Path, forges: Forges) -> Result:
    forges.asked.clear()
    words = [word for host in HOSTS for word in ("--loopback", f"{host}=127.0.0.1:{forges.port}")]
    return run(folder, "inspect", *words)


def observed(folder: Path) -> str:
    return (folder / "snapshot/observed" / REPOSITORIES).read_text()


def test_a_first_run_inspects_every_repository(checkout: Path, forges: Forges) -> None:
    assert night(checkout, forges).output == "2 repositories: 2 inspected anew, 0 unchanged, 0 could not be asked\n"
    assert run(checkout, "build").exit_code == 0


def test_what_the_codemeta_file_of_a_repository_states_is_on_the_page_the_next_day_and_stays_while_its_host_fails(
    checkout: Path, forges: Forges
) -> None:
    forges.gitlab["stars/nova"].push("main", {"codemeta.json": '{"programmingLanguage": "Julia 1.10"}'})
    night(checkout, forges)
    page = checkout / "site/software/nova/index.html"
    assert run(checkout, "build").exit_code == 0
    assert 'href="../../platform/julia/"' in page.read_text("utf-8")
    assert "codemeta.json in its repository" in page.read_text("utf-8")
    forges.breaks(answers(404), at=GITLAB)
    night(checkout, forges)
    assert run(checkout, "build").exit_code == 0
    assert 'href="../../platform/julia/"' in page.read_text("utf-8")


def test_a_run_without_news_changes_one_line_and_sends_one_request_each(checkout: Path, forges: Forges) -> None:
    night(checkout, forges)
    before = observed(checkout)
    assert night(checkout, forges).output == "2 repositories: 0 inspected anew, 2 unchanged, 0 could not be asked\n"
    after = observed(checkout)
    changed = [pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]]
    assert changed == [(' "inspected": "2026-02-10T03:00:00Z",', ' "inspected": "2026-02-11T03:00:00Z",')]
    assert sorted(forges.questions) == [
        f"{GITHUB}/repos/stars/comet",
        f"{GITLAB}/api/v4/projects/stars%2Fnova?license=true",
    ]
    assert all("If-None-Match" in each.headers for each in forges.asked)


def test_a_record_is_requested_only_if_the_harvest_says_that_its_files_have_changed(
    checkout: Path, forges: Forges
) -> None:
    def harvest(body: bytes) -> None:
        forges.records[7] = {"comet.zip": body}
        for name, text in files(harvested_entry(7, forges)).items():
            (checkout / "snapshot" / name).write_text(text)

    def requests() -> int:
        assert night(checkout, forges).exit_code == 0
        return sum(ZENODO in where for where in forges.questions)

    harvest(zipped_files({"x.ipynb": "{}"}))
    assert [requests(), requests()] == [2, 0]
    harvest(zipped_files({"x.ipynb": "{}", "requirements.txt": ""}))
    assert [requests(), requests()] == [2, 0]
    (record, *_) = read_observed({REPOSITORIES: observed(checkout)}).repositories
    assert record.repository == "https://doi.org/10.5281/zenodo.7"
    assert [look.files for look in record.looks] == [("requirements.txt",)]


def test_the_failure_of_one_repository_is_reported_and_fails_nothing(checkout: Path, forges: Forges) -> None:
    night(checkout, forges)
    forges.breaks(answers(500, b"<h1>Sorry</h1>"), at=GITLAB)
    done = night(checkout, forges)
    why = "gitlab.com answered 500 Internal Server Error with “Sorry”"
    assert (done.exit_code, done.output.splitlines()[-2:]) == (
        0,
        [f"{why}: {NOVA}", "2 repositories: 0 inspected anew, 1 unchanged, 1 could not be asked"],
    )
    (_, nova) = read_observed({REPOSITORIES: observed(checkout)}).repositories
    assert nova.failing == Failure(since="2026-02-11T03:00:00Z", why=why)
    assert [look.files for look in nova.looks] == [("requirements.txt",)]
    assert run(checkout, "build").exit_code == 0


def test_of_two_inspections_at_once_neither_loses_what_the_other_has_seen(checkout: Path, forges: Forges) -> None:
    """The later one does not reach a repository that the earlier one has inspected, and does not know a new one."""
    ended: list[Result] = []

    def meanwhile(_handler: object, _reply: Reply) -> Reply:
        late = forges.gitlab["stars/late"] = Forge("stars/late")
        late.push("main", {"requirements.txt": ""})
        with (checkout / "notebooks.yaml").open("a") as file:
            file.write("  - {id: late, name: Late, repository: 'https://gitlab.com/stars/late'}\n")
        ended.append(night(checkout, forges))
        return Reply(500, b"<h1>Sorry</h1>")

    forges.breaks(meanwhile, at=f"{GITLAB}/api/v4/projects/stars%2Fnova", times=1)
    done = night(checkout, forges)
    merged = "another command has updated snapshot/observed/ since this one began: the results of both were merged"
    assert [each.exit_code for each in (done, *ended)] == [0, 0]
    assert [merged in each.output.splitlines() for each in (done, *ended)] == [True, False]
    found = read_observed({REPOSITORIES: observed(checkout)}).repositories
    assert [(each.repository, each.failing) for each in found] == [
        (COMET, None),
        ("https://gitlab.com/stars/late", None),
        (NOVA, None),
    ]


def test_without_any_response_nothing_is_changed(checkout: Path, forges: Forges) -> None:
    night(checkout, forges)
    before = digests(checkout)
    forges.breaks(answers(403, b"<h1>Proxy</h1>"))
    done = night(checkout, forges)
    github, gitlab = (f"{name} answered 403 Forbidden with “Proxy”" for name in ("GitHub", "gitlab.com"))
    assert (done.exit_code, done.output.splitlines()) == (
        4,
        [
            f"{github}: {COMET}",
            f"{gitlab}: {NOVA}",
            f"Error: no repository could be asked, out of 2 ({github}; {gitlab}): nothing was changed",
        ],
    )
    assert digests(checkout) == before


def test_without_a_network_the_last_line_is_short_and_each_reason_lists_its_repositories(
    checkout: Path, forges: Forges
) -> None:
    hosts = ["github.com", "gitlab.com", "codeberg.org"]
    entries = [
        f"  - {{id: tool-{number}, name: Tool {number}, repository: 'https://{host}/stars/tool-{number:02}'}}\n"
        for number, host in enumerate([hosts[0]] * 12 + hosts[1:])
    ]
    (checkout / "notebooks.yaml").write_text("".join(["software:\n", *entries]))
    forges.breaks(answers(403, b"<h1>Proxy</h1>"))
    words = [word for host in (*HOSTS, "codeberg.org") for word in ("--loopback", f"{host}=127.0.0.1:{forges.port}")]
    done = run(checkout, "inspect", *words)
    *listed, last = done.stderr.splitlines()
    five = ", ".join(f"https://github.com/stars/tool-{number:02}" for number in range(5))
    answered = "answered 403 Forbidden with “Proxy”"
    assert listed[0] == f"GitHub {answered}: {five} and 7 more"
    assert len(listed) == 3
    assert last.startswith(f"Error: no repository could be asked, out of 14 (GitHub {answered}; ")
    assert last.endswith("; and others): nothing was changed")


def test_the_token_goes_to_the_api_only_and_is_written_nowhere(checkout: Path, forges: Forges) -> None:
    done = night(checkout, forges)
    assert {each.host for each in forges.asked if "Authorization" in each.headers} == {GITHUB}
    assert {each.host for each in forges.asked} == {GITHUB, GITLAB, RAW}
    assert "secret" not in done.output + observed(checkout)


def test_the_loopback_option_accepts_loopback_addresses_only(checkout: Path) -> None:
    done = run(checkout, "inspect", "--loopback", "github.com=10.0.0.1:80")
    assert (done.exit_code, done.output) == (
        1,
        "Error: '10.0.0.1:80' is not an address of this machine, as in 127.0.0.1:8000\n",
    )
