"""The old site or the new one, whole, always."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue.edge.publish import publish
from catalogue.outputs.files import File, text_file
from catalogue.outputs.site import MANIFEST
from catalogue.problems import CatalogueError, GuardError
from tests.conftest import PROJECT
from tests.test_determinism import digests

BASE = "https://catalogue.example.org/"


def site(word: str) -> list[File]:
    html = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{word}</title></head><body><h1>{word}</h1></body></html>'
    return [text_file("index.html", html), text_file(MANIFEST, "{}")]


def heading(folder: Path) -> str:
    return (folder / "index.html").read_text("utf-8").partition("<h1>")[2].partition("</h1>")[0]


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir() if not path.name.endswith("-lock"))


def test_a_new_site_takes_the_place_of_the_old_one_and_nothing_else_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish([*site("old"), text_file("gone.txt", "x")], folder, BASE)
    publish(site("new"), folder, BASE)
    assert heading(folder) == "new"
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST, "index.html"]
    assert beside(folder) == ["site"]


def test_the_file_that_keeps_the_folder_out_of_git_stays(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / ".gitignore").write_text("*\n")
    publish(site("new"), folder, BASE)
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_site_that_is_not_fit_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish(site("old"), folder, BASE)
    bad = text_file("index.html", site("new")[0].text.replace("</h1>", '</h1><a href="nowhere/">x</a>'))
    with pytest.raises(GuardError) as refused:
        publish([bad, text_file(MANIFEST, "{}")], folder, BASE)
    assert str(refused.value) == (
        "the new site is not fit to be published, the old one stays:\n"
        "index.html: error: a leads to nowhere/, which is not in the site"
    )
    assert refused.value.exit_code == 5
    assert heading(folder) == "old"
    assert beside(folder) == ["site"]


def test_an_error_while_pages_are_made_leaves_the_old_site(tmp_path: Path) -> None:
    def stops() -> Iterator[File]:
        yield site("new")[0]
        raise RuntimeError("in the fiftieth page")

    folder = tmp_path / "site"
    publish(site("old"), folder, BASE)
    with pytest.raises(RuntimeError, match="in the fiftieth page"):
        publish(stops(), folder, BASE)
    assert heading(folder) == "old"
    assert beside(folder) == ["site"]


@pytest.mark.parametrize("stopped", ["while writing", "between the renames", "before tidying"])
def test_what_a_stopped_build_left_is_put_right_by_the_next(tmp_path: Path, stopped: str) -> None:
    folder = tmp_path / "site"
    publish(site("old"), folder, BASE)
    if stopped == "between the renames":
        folder.rename(tmp_path / ".site-old")
    if stopped == "before tidying":
        (tmp_path / ".site-old").mkdir()
    else:
        (tmp_path / ".site-new").mkdir()
    with pytest.raises(GuardError):
        publish([text_file("index.html", "broken")], folder, BASE)
    assert heading(folder) == "old"
    publish(site("new"), folder, BASE)
    assert heading(folder) == "new"
    assert beside(folder) == ["site"]


def test_a_folder_that_this_program_did_not_make_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter1.tex").write_text("mine")
    with pytest.raises(
        CatalogueError, match=r"holds chapter1\.tex and no build\.json, so this program did not make it"
    ):
        publish(site("new"), folder, BASE)
    assert (folder / "chapter1.tex").read_text() == "mine"


def test_a_link_or_a_file_in_its_place_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").write_text("mine")
    for name in ("link", "file"):
        with pytest.raises(CatalogueError, match="is not a folder: it is not replaced"):
            publish(site("new"), tmp_path / name, BASE)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogueError, match=r"cannot be written: .*; the old site is untouched"):
        publish(site("new"), tmp_path / "file" / "site", BASE)


def test_a_full_disk_leaves_the_old_site(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish(site("old"), folder, BASE)
    program = (
        "import resource, signal, sys; from pathlib import Path; from catalogue.edge.publish import publish;"
        "from catalogue.outputs.files import File; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        f"publish([File('big.bin', b'x' * 100_000)], Path(sys.argv[1]), {BASE!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert "cannot be written: File too large; the old site is untouched" in done.stderr
    assert heading(folder) == "old"
    assert beside(folder) == ["site"]


def test_a_build_that_is_killed_at_any_moment_leaves_a_whole_site(tmp_path: Path) -> None:
    """The old one, the new one, or, between the two renames, the old one beside its place for the next build."""
    folder = tmp_path / "site"
    build = [sys.executable, str(PROJECT / "build.py"), "build", "--site", str(folder), "--base-url"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    wholes = []
    started = time.monotonic()
    for address in ("https://one.example.org/", "https://two.example.org/"):
        subprocess.run([*build, address], check=True, capture_output=True, env=environment)
        wholes.append(digests(folder))
    longest = (time.monotonic() - started) / 2
    moments = random.Random(20261122)
    for turn in range(8):
        running = subprocess.Popen(
            [*build, ("https://one.example.org/", "https://two.example.org/")[turn % 2]],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        time.sleep(moments.uniform(longest * 0.4, longest))
        running.send_signal(signal.SIGKILL)
        running.wait()
        place = folder if folder.exists() else folder.with_name(".site-old")
        assert digests(place) in wholes
    subprocess.run([*build, "https://one.example.org/"], check=True, capture_output=True, env=environment)
    assert digests(folder) == wholes[0]
    assert beside(folder) == ["site"]
