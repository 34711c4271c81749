"""Runs every command of the workflows, in a small checkout, against test doubles of Zenodo and `gh`."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from catalogue.cli import main
from catalogue.nights import PARTS
from tests.edge.zenodo_double import COMMUNITY, Work, Zenodo, running
from tests.world import FACILITIES, SITE, entry, files

from .conftest import PROJECT

GITHUB = {path.stem: path for path in sorted((PROJECT / ".github" / "workflows").glob("*.yml"))}
GITLAB = PROJECT / ".gitlab-ci.yml"
PAGES = "github-pages"
STARS = "software:\n  - id: stars\n    name: Stars\n    repository: https://github.com/o/stars\n"


def loaded(path: Path) -> dict[Any, Any]:
    found = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.fixture
def zenodo() -> Iterator[Zenodo]:
    """A Zenodo with two records."""
    with running() as server:
        server.works = [Work(number=101, title="Comet"), Work(number=103, title="Nova")]
        yield server


@dataclass
class Runner:
    """Runs the scripts of jobs as GitHub and GitLab do, and passes artefacts from one job to another."""

    project: Path
    remote: Path
    tools: Path
    artifacts: Path

    def script(self, text: str, **environment: str) -> str:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
            cwd=self.project,
            env={
                "PATH": f"{self.tools}:{os.environ['PATH']}",
                "HOME": str(self.tools),
                "GITHUB_STEP_SUMMARY": str(self.artifacts / "summary.md"),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def git(self, *words: str) -> str:
        return self.script(f"git {' '.join(words)}")

    def job(self, workflow: str, name: str, **known: str) -> str:
        """Run one job of a GitHub workflow; `known` are the values of expressions, by names with `_` for other characters.

        After a step that fails, only those are run that say so. Raises AssertionError at the end if one has failed.
        """
        said = []
        has_failed = False
        for step in loaded(GITHUB[workflow])["jobs"][name]["steps"]:
            if has_failed and "!cancelled()" not in step.get("if", ""):
                continue
            if "uses" in step:
                self.uses(step["uses"].partition("@")[0], step.get("with", {}))
                continue
            environment = {key: value_of(text, known) for key, text in step.get("env", {}).items()}
            try:
                said.append(self.script(step["run"], **environment))
            except AssertionError as error:
                has_failed |= not step.get("continue-on-error")
                said.append(str(error))
        assert not has_failed, "\n".join(said)
        return "\n".join(said)

    def gitlab(self, name: str, **known: str) -> str:
        """Run one GitLab job: in its own checkout of the pipeline's commit, with the artefacts of earlier jobs."""
        job = loaded(GITLAB)[name]
        here = Runner(self.tools / f"job-{name}", self.remote, self.tools, self.artifacts)
        shutil.rmtree(here.project, ignore_errors=True)
        shutil.copytree(self.project, here.project, symlinks=True)
        for path in self.artifacts.iterdir():
            if path.is_dir():
                shutil.copytree(path, here.project / path.name, dirs_exist_ok=True)
            else:
                shutil.copy(path, here.project / path.name)
        said = [here.script(line, **known) for line in job["script"]]
        for left in job.get("artifacts", {}).get("paths", []):
            path = here.project / left
            if path.is_dir():
                shutil.copytree(path, self.artifacts / path.name)
            elif path.is_file():
                shutil.copy(path, self.artifacts / path.name)
        return "\n".join(said)

    def uses(self, action: str, values: dict[str, Any]) -> None:
        path = self.project / str(values.get("path", "."))
        match action.partition("/")[2]:
            case "checkout":
                if "path" in values:
                    self.git("clone", "--quiet", str(self.remote), str(path))
            case "upload-artifact" | "upload-pages-artifact":
                assert path.is_dir(), path
                shutil.copytree(path, self.artifacts / values.get("name", PAGES), dirs_exist_ok=True)
            case "download-artifact":
                assert not path.exists()
                shutil.copytree(self.artifacts / values["name"], path)
            case other:
                assert other == "deploy-pages"

    def calls(self) -> list[str]:
        """The calls of `gh`."""
        log = self.tools / "gh.log"
        return log.read_text().splitlines() if log.exists() else []


def value_of(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ *([\w.]+) *\}\}", lambda found: known.get(found[1].replace(".", "_"), ""), str(text))


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program's code in a checkout, compiled, so that the many commands of a job need not do it again."""
    folder = tmp_path_factory.mktemp("program")
    for name in ("catalogue", "templates"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    # Requests to this machine need neither rate limiting nor backoff.
    for path in (folder / "catalogue" / "edge").rglob("*.py"):
        text = re.sub(r"pace: float = [\d.]+", "pace: float = 0.0", path.read_text("utf-8"))
        path.write_text(re.sub(r"(wait_(?:initial|max|jitter))=[\d.]+", r"\1=0.01", text), encoding="utf-8")
    how = ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run([sys.executable, *how], env={"PATH": os.environ["PATH"]}, check=True)
    return folder


@pytest.fixture
def runner(tmp_path: Path, zenodo: Zenodo, program: Path) -> Runner:
    """A checkout with a remote. The night queries this machine; all other hosts lead to a closed port."""
    made = Runner(tmp_path / "project", tmp_path / "remote.git", tmp_path / "tools", tmp_path / "artifacts")
    shutil.copytree(program, made.project)
    for folder in (made.tools, made.artifacts):
        folder.mkdir()
    for name in ("build.py", "Makefile", ".gitignore"):
        shutil.copy(PROJECT / name, made.project / name)
    (made.project / "site.yaml").write_text(SITE.replace("community: small", f"community: {COMMUNITY}"))
    (made.project / "facilities.yaml").write_text(FACILITIES)
    (made.project / "notebooks.yaml").write_text(STARS)
    hosts = ["github.com", "api.github.com", "binder.example.org", "archive.analytics.mybinder.org"]
    here = " ".join(f"--loopback {host}=127.0.0.1:9" for host in hosts)
    elsewhere = f'case "$*" in "build.py night") set -- "$@" --api {zenodo.api} {here};; esac'
    executable(made.project / ".venv/bin/python", f'{elsewhere}\nexec {sys.executable} "$@"')
    executable(made.tools / "make", 'case "$*" in .venv/.ready|check) exit 0;; esac; exit 2')
    executable(
        made.tools / "gh",
        f'echo "$@" >> {made.tools}/gh.log\ncd {made.tools}\n'
        'case "$1 $2" in "api "*) [ -f no-issues ] && echo false || echo true;;\n'
        '"issue list") cat open 2>/dev/null || true;;\n"label create") [ ! -f broken ];; esac',
    )
    (made.tools / ".gitconfig").write_text("[user]\n name = A\n email = a@b.example\n[init]\n defaultBranch = main\n")
    made.git("init", "--quiet")
    made.git("init", "--quiet", "--bare", str(made.remote))
    made.git("remote", "add", "origin", str(made.remote))
    made.script("git add --all && git commit --quiet -m first && git push --quiet --set-upstream origin main")
    return made


@contextmanager
def published_at(runner: Runner) -> Iterator[None]:
    """Serve the last published site at the checkout's URL."""
    handler = partial(SimpleHTTPRequestHandler, directory=runner.artifacts / PAGES)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        path = runner.project / "site.yaml"
        address = f"http://127.0.0.1:{server.server_port}/"
        path.write_text(path.read_text().replace("https://catalogue.example.org/", address))
        yield
        server.shutdown()


def merged(runner: Runner, entries: int) -> None:
    """Commit that many notebooks to the main branch, in place of the present ones."""
    every = "".join(f"  - id: star-{number}\n    name: Star {number}\n" for number in range(entries))
    (runner.project / "notebooks.yaml").write_text(f"software:\n{every}")
    runner.script("git add --all && git commit --quiet -m merged && git push --quiet")
    shutil.rmtree(runner.project / "site", ignore_errors=True)


def test_a_site_that_has_lost_much_is_refused_although_it_is_committed_by_then(runner: Runner) -> None:
    harvested(runner, days_ago=1)
    lost = "it has 4 entries, but 10 are published"
    with published_at(runner):
        merged(runner, 9)
        assert "Nothing is published at http://127.0.0.1" in runner.job("nightly", "build")
        merged(runner, 3)
        with pytest.raises(AssertionError, match=lost):
            runner.job("nightly", "build", inputs_allow_shrink="false")
        assert lost in runner.gitlab("pages", ALLOW_SHRINK="on")
        assert f"allowed by --allow-shrink: {lost}" in runner.job("nightly", "build", inputs_allow_shrink="true")
        # If the URL serves something else, such as a login page, the site is compared with what is committed.
        (runner.artifacts / PAGES / "api" / "v1" / "catalogue.json").write_text("<title>Who are you?</title>")
        merged(runner, 1)
        (runner.project / "published.json").unlink()
        assert "is no list of entries" in runner.job("nightly", "build")


def test_the_night_is_asked_for_committed_and_built(runner: Runner) -> None:
    said = runner.job("nightly", "ask", github_token="t")
    assert "2 records seen, 2 entries" in said
    assert "inspect failed: no repository could be asked" in said  # and nothing else fell with it
    runner.job("nightly", "commit")
    changed = runner.git("--git-dir", str(runner.remote), "show", "--name-only", "--format=%an:%s", "main").split()
    assert changed[:2] == ["nightly", "harvest:What"]
    assert {"snapshot/comet.json", "snapshot/nights/steps.json"} <= set(changed)
    assert [path for path in changed if "/" in path and not path.startswith("snapshot/")] == []
    runner.job("nightly", "build")
    assert "Comet" in (runner.artifacts / PAGES / "index.html").read_text("utf-8")
    steps = json.loads((runner.project / "snapshot/nights/steps.json").read_text())
    assert {name: "failing_since" in step for name, step in steps.items()} == {
        "harvest": False,
        "inspect": True,
        "probe": False,
        "links": False,
        "record": False,
    }


def harvested(runner: Runner, days_ago: int) -> None:
    """Put a snapshot that was made some days ago into the checkout."""
    moment = datetime.now(UTC) - timedelta(days=days_ago)
    (runner.project / "snapshot").mkdir()
    made = files(entry(1001, title="Comet"), community=COMMUNITY, harvested=moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    for name, text in made.items():
        (runner.project / "snapshot" / name).write_text(text)


def test_a_night_is_red_where_no_harvest_was_whole_for_two_weeks(runner: Runner) -> None:
    harvested(runner, days_ago=15)
    with pytest.raises(AssertionError, match="15 days ago; 14 are allowed"):
        runner.job("nightly", "tell", needs_build_result="success")


@pytest.mark.parametrize(
    ("wrong", "told", "asked"),
    [
        (False, None, []),
        (True, None, ["--data labels=nightly --data-urlencode title=The nightly run needs somebody"]),
        (True, "", ["--data-urlencode body@news.md", "--request PUT --data-urlencode description@health.md"]),
        (True, "<!-- codes: step-harvest -->", ["--request PUT --data-urlencode description@health.md"]),
        (False, "<!-- codes: step-harvest -->", ["--request PUT --data state_event=close"]),
    ],
)
def test_on_a_gitlab_too_one_issue_is_opened_mended_and_closed(
    runner: Runner, wrong: bool, told: str | None, asked: list[str]
) -> None:
    harvested(runner, days_ago=1)
    if wrong:
        (runner.project / "snapshot" / "nights").mkdir()
        (runner.project / "snapshot" / "nights" / "steps.json").write_text(
            json.dumps(
                {"harvest": {"tried": "2026-01-09T04:00:00Z", "failing_since": "2026-01-01T04:00:00Z", "why": "no"}}
            )
        )
    shutil.copytree(runner.project / "snapshot", runner.project / "night")
    (runner.project / "public").mkdir()
    (runner.project / "committed").touch()
    issues = "[]" if told is None else json.dumps([{"iid": 7, "description": f"- It stays.\n\n{told}\n"}])
    (runner.tools / "issues.json").write_text(issues.replace("<", r"\u003c"))  # as a GitLab writes it
    log = runner.tools / "curl.log"
    answer = f'case "$*" in *state=opened*) cat {runner.tools}/issues.json;; esac'
    executable(runner.tools / "curl", f'echo "$@" >> {log}\n{answer}')
    known = {"CI_API_V4_URL": "https://gitlab.example.org/api/v4", "CI_PROJECT_ID": "9"}
    job = loaded(GITLAB)["tell"]["script"]
    for line in job:
        runner.script(line, **known, ISSUE_TOKEN="secret")
    _, *others = log.read_text().splitlines()
    assert [start in call for call, start in zip(others, asked, strict=True)] == [True] * len(asked)
    number = "" if told is None else "/7"
    address = f"https://gitlab.example.org/api/v4/projects/9/issues{number}"
    assert all(call.endswith(f"{address}/notes" if "news.md" in call else address) for call in others)
    if told == "":
        assert "build.py harvest has failed" in (runner.project / "news.md").read_text("utf-8")
    log.unlink()
    said = [runner.script(line, **known) for line in job]
    assert any("There is no ISSUE_TOKEN" in each for each in said)
    assert not log.exists()


@pytest.mark.parametrize(
    ("build", "told", "asked"),
    [
        ("success", None, []),
        ("cancelled", None, ["label create nightly", "issue create --label nightly"]),
        ("failure", None, ["label create nightly", "issue create --label nightly"]),
        ("failure", "failed-ask", ["issue comment 7 --body-file news.md", "issue edit 7 --body-file health.md"]),
        ("failure", "failed-ask failed-build", ["issue edit 7 --body-file health.md"]),
        ("success", "failed-build", ["issue close 7"]),
    ],
)
def test_one_issue_is_opened_mended_and_closed(runner: Runner, build: str, told: str | None, asked: list[str]) -> None:
    harvested(runner, days_ago=1)
    if told:
        (runner.tools / "open").write_text(f"7\nThe nightly run keeps this list.\r\n<!-- codes: {told} -->\r\n")
    runner.job("nightly", "tell", needs_build_result=build, needs_ask_result="success", github_repository="o/r")
    asks, first, *others = runner.calls()
    assert asks == "api repos/o/r --jq .has_issues"
    assert first.startswith("issue list --label nightly --state open")
    assert [call.startswith(start) for call, start in zip(others, asked, strict=True)] == [True] * len(asked)
    is_told = "Tonight's build failed" in (runner.project / "health.md").read_text("utf-8")
    assert is_told == (build != "success")
    if "issue comment 7 --body-file news.md" in asked:
        assert (
            (runner.project / "news.md").read_text("utf-8").startswith("New on this list:\n\n- Tonight's build failed")
        )


def test_where_issues_are_switched_off_none_is_kept(runner: Runner) -> None:
    harvested(runner, days_ago=1)
    (runner.tools / "no-issues").touch()
    said = runner.job("nightly", "tell", needs_build_result="failure", github_repository="o/r")
    assert "Issues are switched off: no issue is kept\n" in said
    assert "Tonight's build failed" in said
    assert runner.calls() == ["api repos/o/r --jq .has_issues"]


def test_a_night_is_red_where_no_harvest_was_whole_although_nobody_can_be_told(runner: Runner) -> None:
    harvested(runner, days_ago=15)
    (runner.tools / "broken").touch()
    with pytest.raises(AssertionError, match="15 days ago; 14 are allowed"):
        runner.job("nightly", "tell", needs_build_result="failure")
    assert runner.calls()[-1].startswith("label create nightly")


def test_a_pull_request_gets_a_site_and_what_changes_for_readers(runner: Runner) -> None:
    (runner.project / "snapshot").mkdir()
    for name, text in files(entry(1001, title="Comet"), community=COMMUNITY).items():
        (runner.project / "snapshot" / name).write_text(text)
    runner.script("git add --all && git commit --quiet -m night && git push --quiet")
    with (runner.project / "notebooks.yaml").open("a") as stream:
        stream.write("  - id: dust\n    name: Dust\n")
    said = runner.job("check", "preview")
    assert "No errors in the YAML files or in snapshot/: 3 entries" in said
    summary = (runner.artifacts / "summary.md").read_text("utf-8")
    assert "### Entries added\n\n- Dust (`dust`)\n" in summary
    assert "Stars" not in summary
    assert summary.endswith(
        "serve that: `python3 -m http.server --directory FOLDER`, then open http://localhost:8000/\n"
    )
    assert "Dust" in (runner.artifacts / "site" / "software" / "dust" / "index.html").read_text("utf-8")


def test_the_jobs_for_a_gitlab_do_the_same(runner: Runner) -> None:
    address = "https://nightly:t@gitlab.example.org/group/catalogue.git"
    runner.git("config", f"url.{runner.remote}.insteadOf", address)
    known = {
        "CI_SERVER_HOST": "gitlab.example.org",
        "CI_PROJECT_PATH": "group/catalogue",
        "CI_COMMIT_BRANCH": "main",
        "SNAPSHOT_TOKEN": "t",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": runner.git("rev-parse", "HEAD").strip(),
    }
    (runner.project / "snapshot" / "observed").mkdir(parents=True)
    (runner.project / "snapshot" / "observed" / "gone.json").write_text("{}\n")  # of an earlier night, and then removed
    runner.script("git add --all && git commit --quiet -m before && git push --quiet")
    for name in ("check", "ask"):
        runner.gitlab(name, **known)
    # What is merged during the night is kept.
    elsewhere = runner.tools / "elsewhere"
    runner.git("clone", "--quiet", str(runner.remote), str(elsewhere))
    runner.script(
        f"cd {elsewhere} && touch merged && git add merged && git commit --quiet -m merged && git push --quiet"
    )
    for name in ("commit", "pages"):
        runner.gitlab(name, **known)
    runner.git("pull", "--quiet")
    shutil.rmtree(runner.artifacts / "night")
    runner.gitlab("preview", **known)
    log = runner.git("--git-dir", str(runner.remote), "log", "-2", "--format=%s", "main").splitlines()
    assert log == ["What the night brought [skip ci]", "merged"]
    committed = runner.git("--git-dir", str(runner.remote), "ls-tree", "-r", "--name-only", "main", "snapshot/").split()
    assert "snapshot/comet.json" in committed
    assert "snapshot/observed/gone.json" not in committed
    assert "Comet" in (runner.artifacts / "public" / "index.html").read_text("utf-8")
    assert "Comet" in (runner.artifacts / "changes.md").read_text("utf-8")  # the base had no snapshot yet
    told = runner.gitlab("tell", **known)
    assert "Tonight's ask failed" in told  # its artefact is no longer there
    assert "Tonight's build failed" not in told
    shutil.rmtree(runner.artifacts / "public")
    (runner.artifacts / "committed").unlink()
    told = runner.gitlab("tell", **known)
    assert "Tonight's build failed" in told
    assert "Tonight's commit failed" not in told  # there was nothing to commit
    shutil.copytree(runner.project / "snapshot", runner.artifacts / "night")
    told = runner.gitlab("tell", **known)
    assert "Tonight's ask failed" not in told
    assert "Tonight's commit failed" in told


def scripts() -> list[str]:
    found = [
        step["run"]
        for path in GITHUB.values()
        for job in loaded(path)["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]
    jobs = [job for job in loaded(GITLAB).values() if isinstance(job, dict) and "script" in job]
    return [*found, *(line for job in jobs for line in job["script"])]


def test_every_command_that_a_workflow_names_is_one_of_ours() -> None:
    named = {word for text in scripts() for word in re.findall(r"build\.py (\w+)", text)}
    assert named == {"age", "build", "check", "compare", "health", "night", "published"}
    assert named <= set(main.commands)
    assert {word for text in scripts() for word in re.findall(r"^make (\S+)", text)} == {".venv/.ready", "check"}


def test_what_is_published_or_reviewed_takes_nothing_from_a_cache_that_a_pull_request_could_bring() -> None:
    texts = [path.read_text("utf-8") for path in (*GITHUB.values(), GITLAB)]
    builds = [line for text in texts for line in re.findall(r"\S*build\.py build\b.*", text)]
    assert len(builds) == 6
    # The state before the pull request is built by its own code.
    ours = [line for line in builds if "before" not in line]
    assert len(ours) == 4
    assert all(" --full" in line for line in ours)


def test_every_job_whose_failure_is_told_is_one_that_is_known_and_a_failure_before_the_build_stops_no_build() -> None:
    github, gitlab = loaded(GITHUB["nightly"])["jobs"], loaded(GITLAB)
    assert tuple(github["tell"]["needs"]) == PARTS
    assert "!cancelled()" in github["build"]["if"]
    assert {word for line in gitlab["tell"]["script"] for word in re.findall(r"--failed (\w+)", line)} < set(PARTS)
    assert gitlab["pages"]["rules"][0] == gitlab["tell"]["rules"][0]  # always, at night


def test_only_jobs_that_ask_nobody_may_write() -> None:
    jobs = loaded(GITHUB["nightly"])["jobs"]
    rights = {
        name: sorted(key for key, value in job["permissions"].items() if value == "write") for name, job in jobs.items()
    }
    assert rights == {
        "ask": [],
        "commit": ["contents"],
        "build": [],
        "publish": ["id-token", "pages"],
        "tell": ["issues"],
    }
    assert not any("build.py" in step.get("run", "") for step in jobs["commit"]["steps"])
    check = loaded(GITHUB["check"])
    assert {tuple(job["permissions"].items()) for job in check["jobs"].values()} == {(("contents", "read"),)}
    assert "secrets." not in GITHUB["check"].read_text() and "github.token" not in GITHUB["check"].read_text()
    assert "pull_request_target" not in check[True]  # `on` is true to YAML 1.1


def test_every_job_ends_in_time_and_the_schedule_is_at_an_odd_minute() -> None:
    for path in GITHUB.values():
        assert all(job["timeout-minutes"] <= 180 for job in loaded(path)["jobs"].values())
    (schedule,) = loaded(GITHUB["nightly"])[True]["schedule"]
    minute, hour = schedule["cron"].split()[:2]
    assert int(minute) % 2 == 1
    assert int(hour) >= 6
