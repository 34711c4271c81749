"""The old site or the new one, always complete."""

import ctypes
import errno
import hashlib
import json
import multiprocessing
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from catalogue.edge.publish import publish
from catalogue.outputs.files import File, UnchangedFile, digest, text_file
from catalogue.outputs.site import MANIFEST, manifest
from catalogue.problems import CatalogueError, GuardError
from tests.conftest import PROJECT, built
from tests.test_determinism import digests
from tests.world import catalogue, entry

BASE = "https://catalogue.example.org/"


def listed(*files: File) -> list[File]:
    return [*files, manifest({file.path: digest(file.content) for file in files})]


def site(word: str, *others: File) -> list[File]:
    html = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{word}</title></head><body><h1>{word}</h1></body></html>'
    files = [text_file("index.html", html), *others]
    return listed(*files)


def heading(folder: Path) -> str:
    return (folder / "index.html").read_text("utf-8").partition("<h1>")[2].partition("</h1>")[0]


def siblings(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir() if not path.name.endswith("-lock"))


@pytest.mark.case("B19")
def test_a_new_site_replaces_the_old_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish(site("old", text_file("deep/gone.txt", "x")), folder, BASE)
    (folder / ".DS_Store").write_text("somebody has looked at it on a Mac")
    publish(site("new"), folder, BASE)
    assert heading(folder) == "new"
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST, "index.html"]
    assert siblings(folder) == ["site"]


def test_the_gitignore_of_the_folder_stays(tmp_path: Path) -> None:
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
        publish(listed(bad), folder, BASE)
    assert str(refused.value) == (
        "the new site is not fit to be published, the old one stays:\n"
        "index.html: error: a leads to nowhere/, which is not in the site"
    )
    assert refused.value.exit_code == 5
    assert heading(folder) == "old"
    assert siblings(folder) == ["site"]


def with_assets(word: str) -> list[File]:
    """A site with an index and a script that have a hash of this word in their paths."""
    digest = hashlib.sha256(word.encode()).hexdigest()[:12]
    index, script = text_file(f"search/{digest}.json", word), text_file(f"assets/{digest}/js/home.js", word)
    return site(word, index, script, text_file("search/plain.json", word))


def kept(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / MANIFEST).read_text()).get("kept", {})
    return found


@pytest.mark.case("C6", "B19")
def test_assets_of_an_open_page_are_kept_for_one_more_build(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    one, two, three = (with_assets(word) for word in ("one", "two", "three"))
    paths = [{file.path for file in files if re.search("[0-9a-f]{12}", file.path)} for files in (one, two, three)]
    publish(one, folder, BASE)
    assert kept(folder) == {}
    publish(two, folder, BASE)
    assert kept(folder).keys() == paths[0]
    assert all((folder / path).read_text() == "one\n" for path in paths[0])
    again = digests(folder)
    publish(two, folder, BASE)  # the same site once more: not a byte changes
    assert digests(folder) == again
    publish(three, folder, BASE)
    assert kept(folder).keys() == paths[1]
    assert not any((folder / path).exists() for path in paths[0])
    assert (folder / "search" / "plain.json").read_text() == "three\n"


@pytest.mark.case("C6")
@pytest.mark.parametrize("harm", ["changed", "gone", "a link", "a folder above"])
def test_no_asset_is_kept_that_is_not_as_this_program_wrote_it(tmp_path: Path, harm: str) -> None:
    folder, secret = tmp_path / "site", tmp_path / "secret"
    secret.write_text("one\n")
    publish(with_assets("one"), folder, BASE)
    index = next((folder / "search").glob("*[0-9a-f].json"))
    if harm == "a folder above":
        data = json.loads((folder / MANIFEST).read_text())
        [of_one] = (folder / "assets").iterdir()
        data["sha256"] |= {f"assets/{of_one.name}/../../../secret": hashlib.sha256(b"one\n").hexdigest()}
        (folder / MANIFEST).write_text(json.dumps(data))
    elif harm == "changed":
        index.write_text("something else")
    else:
        index.unlink()
    if harm == "a link":
        index.symlink_to(secret)
    publish(with_assets("two"), folder, BASE)
    assert len(kept(folder)) == (2 if harm == "a folder above" else 1)
    assert not any(".." in path for path in kept(folder))


@pytest.mark.case("B2")
def test_an_error_while_pages_are_made_leaves_the_old_site(tmp_path: Path) -> None:
    def stops() -> Iterator[File]:
        yield site("new")[0]
        raise RuntimeError("in the fiftieth page")

    folder = tmp_path / "site"
    publish(site("old"), folder, BASE)
    with pytest.raises(RuntimeError, match="in the fiftieth page"):
        publish(stops(), folder, BASE)
    assert heading(folder) == "old"
    assert siblings(folder) == ["site"]


@pytest.mark.case("B1", "P11")
@pytest.mark.parametrize("stopped", ["while writing", "between the renames", "before tidying"])
def test_the_next_build_cleans_up_after_a_stopped_one(tmp_path: Path, stopped: str) -> None:
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
    assert siblings(folder) == ["site"]


@pytest.mark.case("B5")
def test_a_folder_that_this_program_did_not_make_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter1.tex").write_text("mine")
    with pytest.raises(CatalogueError, match=r"holds chapter1\.tex and no build\.json of this program: it is not repl"):
        publish(site("new"), folder, BASE)
    assert (folder / "chapter1.tex").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]  # and no lock beside it


@pytest.mark.case("B5")
@pytest.mark.parametrize("name", ["CNAME", "about/notes.txt", "about/.gitignore", "link"])
def test_a_file_that_somebody_put_into_the_site_by_hand_is_never_lost(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "site"
    publish(site("old", text_file("about/index.txt", "x")), folder, BASE)
    if name == "link":
        (folder / name).symlink_to(tmp_path)
    else:
        (folder / name).write_text("catalogue.example.org\n")
    with pytest.raises(CatalogueError) as refused:
        publish(site("new"), folder, BASE)
    assert str(refused.value) == (
        f"{folder} holds {name}, which this program did not make: the old site is not replaced, as that file would be lost;"
        " move it away or name another folder with --site"
    )
    assert (folder / name).exists()
    assert heading(folder) == "old"
    assert siblings(folder) == ["site"]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"sha256": 5}', "\xff", "[" * 100_000], ids=["empty", "list", "number", "no UTF-8", "deep"]
)
def test_with_an_unreadable_manifest_no_file_counts_as_ours(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / MANIFEST).write_text(text, encoding="latin-1")
    with pytest.raises(CatalogueError, match=r"holds build\.json and no build\.json of this program"):
        publish(site("new"), folder, BASE)
    assert (folder / MANIFEST).read_text(encoding="latin-1") == text


class NoLibrary:
    """A system that cannot exchange two folders atomically."""

    def __init__(self, _name: None) -> None:
        raise OSError("there is none")


@pytest.mark.case("B20")
def test_a_system_without_an_exchange_swaps_by_two_renames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", NoLibrary)
    folder = tmp_path / "site"
    for word in ("old", "new"):
        publish(site(word), folder, BASE)
        assert heading(folder) == word
        assert siblings(folder) == ["site"]


@pytest.mark.case("B20")
@pytest.mark.parametrize("fails", [{".site-new"}, {".site-new", ".site-old"}], ids=["once", "twice"])
def test_if_the_second_rename_fails_the_old_site_is_put_back_or_the_error_says_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: set[str]
) -> None:
    folder = tmp_path / "site"
    publish(site("old"), folder, BASE)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name in fails:
            raise OSError(errno.EACCES, "Permission denied", str(self), None, str(target))
        return rename(self, target)

    with monkeypatch.context() as broken:
        broken.setattr(ctypes, "CDLL", NoLibrary)
        broken.setattr(Path, "rename", failing)
        with pytest.raises(CatalogueError) as refused:
            publish(site("new"), folder, BASE)
    if len(fails) == 1:
        assert str(refused.value) == f"{folder} cannot be written: Permission denied; the old site is untouched"
        assert heading(folder) == "old"
        assert siblings(folder) == ["site"]
    else:
        assert str(refused.value) == (
            f"{folder} cannot be written: Permission denied; the old site is whole in {tmp_path / '.site-old'}, "
            "and the next build puts it back"
        )
        assert heading(tmp_path / ".site-old") == "old"
    publish(site("new"), folder, BASE)
    assert heading(folder) == "new"
    assert siblings(folder) == ["site"]


@pytest.mark.case("B5")
def test_a_link_or_a_file_in_its_place_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").write_text("mine")
    for name in ("link", "file"):
        with pytest.raises(CatalogueError, match="is not a folder: it is not replaced"):
            publish(site("new"), tmp_path / name, BASE)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "file", "link"]


@pytest.mark.case("B5")
def test_the_folder_may_be_given_relative_to_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "site"
    publish(site("old", text_file("deep/page.txt", "x")), folder, BASE)
    monkeypatch.chdir(folder / "deep")
    publish(site("new"), Path(".."), BASE)
    assert heading(folder) == "new"
    assert siblings(folder) == ["site"]
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST, "index.html"]


@pytest.mark.case("B5")
def test_the_root_folder_is_not_replaced() -> None:
    with pytest.raises(CatalogueError, match=r"^/ is not a folder in another one: it is not replaced"):
        publish(site("new"), Path("/"), BASE)


@pytest.mark.case("B4")
def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogueError, match=r"cannot be written: .*; the old site is untouched"):
        publish(site("new"), tmp_path / "file" / "site", BASE)


@pytest.mark.case("B4")
def test_where_no_lock_can_be_made_the_real_error_is_reported_and_no_other_build_is_blamed() -> None:
    with pytest.raises(CatalogueError, match=r"cannot be written: .*; the old site is untouched"):
        publish(site("new"), Path("/proc/x"), BASE)


@pytest.mark.case("B3")
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
    assert siblings(folder) == ["site"]


# --- unchanged files are not written again


def with_unchanged(files: Iterable[File], folder: Path) -> Iterator[File | UnchangedFile]:
    """The files; those that are the same in the published site as unchanged."""
    for file in files:
        path = folder / file.path
        stands = path.is_file() and path.read_bytes() == file.content
        yield UnchangedFile(file.path, file.digest, file.size) if stands else file


def test_an_unchanged_file_is_the_same_inode_in_each_site_and_is_not_written(tmp_path: Path) -> None:
    folder, spare = tmp_path / "site", tmp_path / "cache" / "spare"
    same = text_file("deep/er/same.txt", "same")
    publish(site("0", same), folder, BASE, spare=spare)
    first = (folder / same.path).stat()
    for word in "1234":
        publish(with_unchanged(site(word, same), folder), folder, BASE, spare=spare)
        now = (folder / same.path).stat()
        assert (now.st_ino, now.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
        assert (heading(folder), heading(spare)) == (word, str(int(word) - 1))
        assert siblings(folder) == ["cache", "site"]


CONTENTS = ["one", "two", "three"]
# Some paths are a file in one site and a folder in another.
PATHS = ["a", "a/b", "a/b/c", "a/d", "e", "e/f", "g/h/i", "j.txt"]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_in_the_spare_folder_the_site_is_the_old_one_and_then_the_new_one(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    folder, spare, outside = tmp_path / "site", tmp_path / "spare", tmp_path / "outside"
    outside.mkdir()
    before: dict[str, str] = {}
    for night in range(8):
        paths = [path for path in PATHS if chance.random() < 0.5]
        paths = [path for path in paths if not any(other.startswith(f"{path}/") for other in paths)]
        files = site(str(night), *(text_file(path, chance.choice(CONTENTS)) for path in paths))

        def untouched(_new: Path, before: dict[str, str] = before) -> None:
            assert not before or digests(folder) == before

        chosen = with_unchanged(files, folder) if chance.random() < 0.8 else files
        publish(chosen, folder, BASE, guard=untouched, spare=spare)
        before = digests(folder)
        assert before == {file.path: hashlib.sha256(file.content).hexdigest() for file in files}
        if spare.exists() and chance.random() < 0.5:
            harmed(spare, outside, chance)
    assert list(outside.iterdir()) == []


def harmed(spare: Path, outside: Path, chance: random.Random) -> None:
    """Damages the spare folder."""
    path = spare / chance.choice(PATHS)
    with suppress(OSError):  # its folder does not exist, or is a link
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        match chance.randrange(3):
            case 0:
                path.symlink_to(outside)
            case 1:
                path.write_text("something else")
            case 2:
                path.mkdir()


@pytest.mark.parametrize("kind", ["a file", "a link to a folder", "a dangling link"])
def test_something_else_in_the_place_of_the_spare_folder_is_left_alone(tmp_path: Path, kind: str) -> None:
    folder, spare, outside = tmp_path / "site", tmp_path / "spare", tmp_path / "outside"
    if kind == "a file":
        spare.write_text("in its way")
    else:
        spare.symlink_to(outside)
    if kind == "a link to a folder":
        outside.mkdir()
    before = {each.name for each in tmp_path.rglob("*")}
    for word in ("old", "new"):
        publish(site(word), folder, BASE, spare=spare)
        assert heading(folder) == word
    assert siblings(folder) == sorted({*before, "site"})
    assert spare.is_symlink() or spare.read_text() == "in its way"
    assert [*outside.glob("*")] == []


def test_without_hard_links_and_a_spare_folder_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_self: Path, _target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    folder, spare = tmp_path / "site", tmp_path / "a file" / "spare"
    spare.parent.write_text("in its way")
    same = text_file("deep/same.txt", "same")
    for word in ("old", "new", "newest"):
        publish(with_unchanged(site(word, same), folder), folder, BASE, spare=spare)
        assert heading(folder) == word
        assert (folder / same.path).read_text() == "same\n"
    assert siblings(folder) == ["a file", "site"]


def publish_for_ever(sites: Sequence[list[File]], folder: Path, spare: Path) -> None:
    for files in cycle(sites):
        publish(with_unchanged(files, folder), folder, BASE, spare=spare)


@pytest.mark.case("B1")
def test_a_build_that_is_killed_at_any_moment_leaves_a_complete_site(tmp_path: Path) -> None:
    """On Linux in its place; elsewhere, between the two renames, the old one in a sibling folder for the next build."""
    folder, spare = tmp_path / "site", tmp_path / "cache" / "site"
    small = catalogue(entry(1001), entry(1003, title="Other tool"))
    sites = [built(replace(small, site=replace(small.site, title=title))) for title in ("One", "Two")]
    started = time.monotonic()
    wholes = []
    for files in sites:
        publish(files, folder, BASE)
        wholes.append(digests(folder))
    once = (time.monotonic() - started) / 2
    fresh = multiprocessing.get_context("forkserver")
    fresh.set_forkserver_preload([__name__])
    moments = random.Random(20261122)
    found = []
    for _ in range(30):
        running = fresh.Process(target=publish_for_ever, args=(sites, folder, spare))
        running.start()
        time.sleep(moments.uniform(0, 3 * once))
        running.kill()
        running.join()
        place = folder if sys.platform == "linux" or folder.exists() else folder.with_name(".site-old")
        found.append(digests(place))
        assert found[-1] in wholes
    assert wholes[0] in found
    publish(sites[0], folder, BASE)
    assert digests(folder) == wholes[0]
    assert siblings(folder) == ["cache", "site"]
