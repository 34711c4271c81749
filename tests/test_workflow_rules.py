"""The limits of the workflows: no secrets for pull requests, no untrusted text in a shell, every action pinned."""

import re
from inspect import signature
from pathlib import Path

import pytest
import yaml

from catalogue.edge.inspection import InspectionLimits
from catalogue.edge.links import check_links
from catalogue.edge.oai import _MAX_PAGES
from catalogue.edge.zenodo import _MAX_DETAILS, _MAX_DISAPPEARED, _MAX_FILES
from catalogue.nights import STEPS, TIMEOUT_MINUTES

from .conftest import PROJECT

GITHUB = PROJECT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
REQUIREMENTS = (PROJECT / "requirements.txt").read_text("utf-8")


@pytest.mark.case("S7", "H40")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_value_is_written_into_a_shell(path: Path) -> None:
    jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"]
    for job in jobs.values():
        for step in job.get("steps", []):
            assert "${{" not in step.get("run", ""), step


@pytest.mark.case("S7", "S8")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_pull_request_has_no_right_and_no_secret(path: Path) -> None:
    text = path.read_text("utf-8")
    workflow = yaml.safe_load(text)
    assert "pull_request_target" not in text
    assert "workflow_run" not in text
    assert workflow["permissions"] == {}
    if "pull_request" in workflow[True]:  # YAML 1.1 reads the key `on` as true
        assert "secrets." not in text
        for job in workflow["jobs"].values():
            assert set(job.get("permissions", {}).values()) <= {"read"}


@pytest.mark.case("S9")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_commit(path: Path) -> None:
    for used in re.findall(r"uses:\s*(\S+)", path.read_text("utf-8")):
        assert used.startswith("./") or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used), used


@pytest.mark.case("S9")
def test_updates_of_actions_and_packages_wait_before_they_are_offered() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text("utf-8"))["updates"]
    assert {each["package-ecosystem"] for each in updates} >= {"github-actions"}
    assert all(each["cooldown"]["default-days"] >= 7 for each in updates)


@pytest.mark.case("S8")
def test_what_runs_with_rights_has_owners() -> None:
    owned = (GITHUB / "CODEOWNERS").read_text("utf-8")
    for path in ("/.github/", "/Makefile", "/build.py", "/requirements.txt", "/catalogue/edge/"):
        assert re.search(rf"^{re.escape(path)}\s+@\S+", owned, re.MULTILINE), path


def test_who_requires_reviews_is_told_how_the_nightly_commit_is_pushed_all_the_same() -> None:
    told = (PROJECT / "README.md").read_text("utf-8").partition("## Publishing it")[2]
    assert "`ssh-key` to the checkout of the job `commit`" in " ".join(told.split())
    assert '"Publishing it"' in (GITHUB / "CODEOWNERS").read_text("utf-8")
    header = (PROJECT / ".gitlab-ci.yml").read_text("utf-8").partition("workflow:")[0]
    assert "`write_repository`" in header and "Maintainer" in header


@pytest.mark.case("S10")
def test_every_package_is_locked_with_its_hashes_and_installed_so() -> None:
    lines = [line for line in REQUIREMENTS.splitlines() if re.match(r"[a-zA-Z0-9]", line)]
    assert lines
    assert all(re.match(r"[\w.\[\]-]+==\S+", line) for line in lines)
    assert REQUIREMENTS.count("--hash=sha256:") >= len(lines)
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    assert makefile.count("--require-hashes") == 2
    assert "--with-requirements" not in makefile


@pytest.mark.case("S11")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_cache_is_shared(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "actions/cache" not in text
    assert not re.search(r"^\s*(?:cache|enable-cache):\s*(?!false)", text, re.MULTILINE)


@pytest.mark.case("S12", "S13")
def test_the_nightly_job_runs_once_at_a_time_and_in_one_repository() -> None:
    workflow = yaml.safe_load((GITHUB / "workflows" / "nightly.yml").read_text("utf-8"))
    assert workflow["concurrency"]["cancel-in-progress"] is False
    # In a fork it is off.
    assert (
        "`NIGHTLY`" in re.findall(r"^\| S13 \|.*", (PROJECT / "docs" / "cases.md").read_text("utf-8"), re.MULTILINE)[0]
    )
    for job in workflow["jobs"].values():
        assert "vars.NIGHTLY == 'on'" in job.get("if", "") or job.get("needs")


def test_a_night_in_which_every_step_needs_all_its_time_ends_before_its_job_is_stopped() -> None:
    """A job that is stopped loses the night's results, and the next night would start from the same state."""
    assert TIMEOUT_MINUTES.keys() == set(STEPS)
    ready = 10  # minutes to install everything and to store the artefact
    ask = yaml.safe_load((GITHUB / "workflows" / "nightly.yml").read_text("utf-8"))["jobs"]["ask"]
    assert sum(TIMEOUT_MINUTES.values()) + ready <= ask["timeout-minutes"]
    gitlab = yaml.safe_load((PROJECT / ".gitlab-ci.yml").read_text("utf-8"))["ask"]
    assert gitlab["timeout"] == "3 hours"
    assert sum(TIMEOUT_MINUTES.values()) + ready <= 180
    # At 25 requests a minute, the longest list, and all that is requested one by one.
    assert TIMEOUT_MINUTES["harvest"] > (_MAX_PAGES + _MAX_DETAILS + _MAX_FILES + _MAX_DISAPPEARED) / 25
    # Each stops of its own accord before it would be stopped, and so keeps what it has.
    assert (InspectionLimits().run + InspectionLimits().repository) / 60 < TIMEOUT_MINUTES["inspect"]
    assert signature(check_links).parameters["run"].default / 60 < TIMEOUT_MINUTES["links"]
