"""The same input gives the same bytes, whatever the machine."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .conftest import PROJECT, YAML_FILES, our_texts


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def build(
    site: Path,
    project: Path = PROJECT,
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
    before: tuple[str, ...] = (),
    options: tuple[str, ...] = ("--full",),
) -> dict[str, str]:
    """The digests of the files of a site that is built in its own process."""
    done = subprocess.run(
        [*before, sys.executable, str(project / "build.py"), "build", "--site", str(site), *options],
        env={**os.environ, **(environment or {})},
        cwd=cwd or PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return digests(site)


def copied(project: Path) -> Path:
    """A copy of the project in another folder, without generated files."""
    project.mkdir()
    for name in ("catalogue", "templates", "snapshot"):
        shutil.copytree(PROJECT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "build.py", project / "build.py")
    for file in YAML_FILES:
        write(project, our_texts(file))
    return project


def write(folder: Path, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, "utf-8")


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return build(tmp_path_factory.mktemp("reference") / "site", environment={"PYTHONHASHSEED": "0"})


@pytest.mark.case("B8", "B9", "D1", "D2", "D8")
def test_two_builds_are_equal_under_another_hash_seed_locale_and_time_zone(
    tmp_path: Path, reference: dict[str, str]
) -> None:
    odd = {"PYTHONHASHSEED": "4242", "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "TZ": "Pacific/Kiritimati"}
    other = {"USER": "somebody", "LOGNAME": "somebody", "HOME": str(tmp_path)}
    one_core = ("taskset", "-c", "0") if shutil.which("taskset") else ("nice",)
    assert build(tmp_path / "site", environment=odd | other, before=one_core) == reference


def test_pages_stand_whatever_the_hash_seed_and_are_those_of_a_full_build(
    tmp_path: Path, reference: dict[str, str]
) -> None:
    project = copied(tmp_path / "project")
    pages = sum(path.endswith(".html") for path in reference)
    for seed in ("1", "2"):
        assert build(project / "site", project, environment={"PYTHONHASHSEED": seed}, options=()) == reference
    command = [sys.executable, "build.py", "build"]
    done = subprocess.run(command, cwd=project, env={**os.environ, "PYTHONHASHSEED": "3"}, capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.endswith(f", {pages} of them as they were\n")


@pytest.mark.case("B11", "D2")
def test_a_build_is_the_same_from_another_folder_with_blanks_and_marks_in_its_name(
    tmp_path: Path, reference: dict[str, str]
) -> None:
    project = copied(tmp_path / "ein Ordner für Größen")
    assert build(project / "site", project, cwd=tmp_path) == reference


@pytest.mark.case("Y22")
def test_b9_the_order_of_entries_in_the_files_does_not_matter(tmp_path: Path, reference: dict[str, str]) -> None:
    project = copied(tmp_path / "project")
    listed = {path: yaml.safe_load(text)["facilities"] or [] for path, text in our_texts("facilities.yaml").items()}
    write(project, {path: yaml.safe_dump({"facilities": each[::-1]}) for path, each in listed.items()})
    site = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "--root", str(project), "build", "--site", str(site)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Only the line numbers in links that edit a facility may differ.
    changed = {path for path, digest in digests(site).items() if reference.get(path) != digest}
    assert {path for path in changed if not path.startswith("facilities/")} <= {"build.json"}
