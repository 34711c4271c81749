"""A Zenodo record that is a single zip: its list of files is read from the end of the zip."""

import os
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.observed import Failure, Look, Presence, SeenNotebook, SeenRepository
from catalogue.sources.snapshot import Withdrawal, file_stamps
from tests.world import entry, snapshot

from ..zenodo_double import Fault, answers, cut_off
from .conftest import Nights, harvested, subject
from .forges import ZENODO, Forges, running, zipped_files

URL = "https://doi.org/10.5281/zenodo.7"
FIRST, SECOND = "2026-02-10T03:00:00Z", "2026-02-11T03:00:00Z"
NOTEBOOK = '{"cells": [{"cell_type": "markdown", "source": "# Orbit"}]}'
NOISE = os.urandom(300_000).hex()


def seen_in(forges: Forges, body: bytes, name: str = "comet.zip") -> SeenRepository:
    forges.records[7] = {name: body}
    return Nights(forges, subject(URL)).see()


def test_a_single_top_level_folder_is_stripped(forges: Forges) -> None:
    files = {"comet-1.0/runtime.txt": "python-3.12", "comet-1.0/a b.ipynb": NOTEBOOK, "comet-1.0/data.bin": NOISE}
    assert seen_in(forges, zipped_files(files)) == SeenRepository(
        repository=URL,
        asked=FIRST,
        stamp=harvested(7, forges).stamp,
        looks=(
            Look(
                seen=FIRST,
                files=("runtime.txt",),
                runtime="python-3.12",
                notebooks=(SeenNotebook(path="a b.ipynb", title="Orbit"),),
            ),
        ),
    )


def test_two_entries_at_the_top_are_not_stripped(forges: Forges) -> None:
    look = seen_in(forges, zipped_files({"comet/setup.py": "", "README.md": "", "x.ipynb": NOTEBOOK})).at(None)
    assert look == Look(seen=FIRST, notebooks=(SeenNotebook(path="x.ipynb", title="Orbit"),))


@pytest.mark.parametrize("second", ["comets/x.ipynb", "b/x.ipynb"])
def test_two_folders_at_the_top_are_not_stripped(forges: Forges, second: str) -> None:
    look = seen_in(forges, zipped_files({"comet/setup.py": "", second: NOTEBOOK})).at(None)
    assert look == Look(seen=FIRST, notebooks=(SeenNotebook(path=second, title="Orbit"),))


def test_few_bytes_of_a_large_zip_are_requested(forges: Forges) -> None:
    body = zipped_files({"c/big": NOISE, "c/x.ipynb": NOTEBOOK, "c/runtime.txt": "r-4.4", "c/big2": NOISE})
    seen_in(forges, body)
    ranges = [each.headers["Range"] for each in forges.asked if "/files/" in each.target]
    sizes = [int(end) - int(start) + 1 for start, end in (each.removeprefix("bytes=").split("-") for each in ranges)]
    assert len(ranges) == 3
    assert sum(sizes) < 70_000 < len(body)
    assert {each.headers["Accept-Encoding"] for each in forges.asked if "Range" in each.headers} == {"identity"}


def test_a_directory_longer_than_the_first_range_is_read(forges: Forges) -> None:
    body = zipped_files({f"c/{number:04}-{'x' * 60}.py": "" for number in range(1500)} | {"c/setup.py": ""})
    look = seen_in(forges, body).at(None)
    assert look == Look(seen=FIRST, files=("setup.py",))


def test_a_record_is_inspected_again_if_its_files_have_changed_and_without_a_harvest_that_costs_one_request(
    forges: Forges,
) -> None:
    forges.records[7] = {"comet.zip": zipped_files({"c/x.ipynb": NOTEBOOK})}
    nights = Nights(forges, subject(URL))
    first = nights.see()
    assert nights.see() == first
    assert forges.questions == [f"{ZENODO}/api/records/7"]
    forges.records[7] = {"comet.zip": zipped_files({"c/x.ipynb": NOTEBOOK, "c/requirements.txt": ""})}
    again = nights.see()
    assert (again.asked, again.looks) == (
        nights.now,
        (Look(seen=nights.now, files=("requirements.txt",), notebooks=(SeenNotebook(path="x.ipynb", title="Orbit"),)),),
    )


def test_a_record_whose_files_are_as_the_harvest_knows_them_is_not_requested(forges: Forges) -> None:
    forges.records[7] = {"comet.zip": zipped_files({"setup.py": ""})}
    nights = Nights(forges, harvested(7, forges))
    first = nights.see()
    assert nights.see() == first
    assert forges.asked == []
    forges.records[7] = {"comet.zip": zipped_files({"requirements.txt": ""})}
    nights.subjects = (harvested(7, forges),)
    assert nights.see().at(None) == Look(seen=nights.now, files=("requirements.txt",))
    assert len(forges.asked) == 2
    last = nights.see()
    assert (last.stamp, forges.asked) == (harvested(7, forges).stamp, [])


def test_of_a_record_that_the_last_harvest_did_not_see_nothing_is_known() -> None:
    known = entry(7, files=["comet.zip"])
    assert file_stamps(snapshot(known)).keys() == {"10.5281/zenodo.7"}
    assert file_stamps(snapshot(known, not_seen=[known.identity])) == {}
    gone = known.model_copy(update={"withdrawn": Withdrawal(date="2026-01-01", reason="")})
    assert file_stamps(snapshot(gone)) == {}
    assert file_stamps(snapshot(entry(7))) == {}


def test_a_failure_is_retried_in_the_next_run(forges: Forges) -> None:
    forges.records[7] = {"comet.zip": zipped_files({"setup.py": ""})}
    forges.breaks(answers(500), at=ZENODO)
    nights = Nights(forges, subject(URL))
    assert nights.see().failing is not None
    forges.mends()
    second = nights.see()
    assert (second.asked, second.failing) == (SECOND, None)
    assert second.at(None) == Look(seen=SECOND, files=("setup.py",))


def test_a_concept_doi_is_requested_in_each_run_and_inspected_after_a_new_version(forges: Forges) -> None:
    forges.records[8] = {"comet.zip": zipped_files({"setup.py": ""})}
    forges.records[9] = {"comet.zip": zipped_files({"requirements.txt": ""})}
    forges.newest[7] = 8
    nights = Nights(forges, subject(URL))
    first = nights.see()
    assert nights.see() == first
    assert forges.questions == [f"{ZENODO}/api/records/7", f"{ZENODO}/api/records/8"]
    forges.newest[7] = 9
    assert nights.see().at(None) == Look(seen=nights.now, files=("requirements.txt",))


@pytest.mark.parametrize(
    "files",
    [
        {"codemeta.json": b"{}", "comet.zip": b"x"},
        {"comet.tar.gz": b"x"},
        {"a.zip": b"x", "b.zip": b"x"},
        {},
    ],
)
def test_a_record_that_is_not_one_zip_is_a_result(forges: Forges, files: dict[str, bytes]) -> None:
    forges.records[7] = files
    nights = Nights(forges, subject(URL))
    first = nights.see()
    assert (first.presence, first.looks, first.failing) == (Presence.NOT_ONE_ZIP, (), None)
    assert nights.see() == first
    forges.records[7] = {"comet.zip": zipped_files({"setup.py": ""})}
    mended = nights.see()
    assert (mended.presence, mended.at(None)) == (Presence.THERE, Look(seen=nights.now, files=("setup.py",)))


@pytest.mark.parametrize("status", [404, 410])
def test_a_record_that_is_gone_is_a_result(forges: Forges, status: int) -> None:
    forges.breaks(answers(status, b'{"message": "gone"}'), at=ZENODO)
    assert Nights(forges, subject(URL)).see().presence is Presence.GONE


def test_a_server_without_ranges_is_read_only_if_the_zip_is_small(forges: Forges) -> None:
    forges.ranges = False
    assert seen_in(forges, zipped_files({"setup.py": ""})).at(None) == Look(seen=FIRST, files=("setup.py",))
    large = zipped_files({"x.bin": os.urandom(5 * 2**20)}, zipfile.ZIP_STORED)
    why = "Zenodo sent more than 4 MiB: not read to the end"
    assert seen_in(forges, large).failing == Failure(since=FIRST, why=why)


# Hostile and damaged zips


def with_directory_size(size: int) -> bytes:
    """A zip that states a wrong size of its central directory."""
    body = bytearray(zipped_files({"setup.py": ""}))
    body[:0] = b"\0" * 5 * 2**20
    body[-10:-6] = struct.pack("<I", size)
    return bytes(body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"PK\x05\x06", "the zip cannot be read"),
        (b"not a zip at all" * 100, "the zip cannot be read"),
        (zipped_files({"a": "b"})[:-5], "the zip cannot be read"),
        (with_directory_size(2**32 - 2), "the zip cannot be read"),
        (with_directory_size(5 * 2**20), "the zip has a directory of more than 4 MiB: not read"),
        (b"PK\x05\x06" + b"\xff" * 18, "the zip cannot be read"),
    ],
    ids=["end only", "other text", "cut", "directory of 4 GiB", "directory of 5 MiB", "end of all ones"],
)
def test_a_damaged_zip_is_a_failure(forges: Forges, body: bytes, why: str) -> None:
    assert seen_in(forges, body).failing == Failure(since=FIRST, why=why)


def test_an_offset_beyond_the_end_is_a_failure(forges: Forges) -> None:
    body = zipped_files({"runtime.txt": "r-4.4"})
    at = body.index(b"PK\x01\x02") + 42
    body = body[:at] + struct.pack("<I", 10_000) + body[at + 4 :]
    assert seen_in(forges, body).failing == Failure(since=FIRST, why="the zip cannot be read")


def test_a_file_without_a_name_is_left_out(forges: Forges) -> None:
    body = zipped_files({"x": "", "setup.py": ""})
    at = body.index(b"PK\x01\x02") + 46
    assert body[at : at + 1] == b"x"
    look = seen_in(forges, body[:at] + b"\0" + body[at + 1 :]).at(None)  # a name ends at a null byte
    assert look == Look(seen=FIRST, files=("setup.py",))


@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=150)
def test_a_damaged_zip_is_inspected_or_fails_with_a_reason(places: list[tuple[float, int]]) -> None:
    body = bytearray(zipped_files({"c/runtime.txt": "r-4.4", "c/é/x.ipynb": NOTEBOOK, "c/.gitattributes": ""}))
    for place, byte in places:
        body[int(place * (len(body) - 1))] = byte
    with running(Path()) as forges:
        seen = seen_in(forges, bytes(body))
    assert (seen.failing is None) == bool(seen.looks)


def test_a_zip_bomb_is_not_decompressed(forges: Forges) -> None:
    bomb = b"[" + b" " * 50_000_000
    for packing in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        look = seen_in(forges, zipped_files({"runtime.txt": "python-3.12"}, packing)).at(None)
        assert look is not None
        assert look.runtime == ("python-3.12" if packing == zipfile.ZIP_DEFLATED else None)
    # Its stated size is too small.
    body = zipped_files({"x.ipynb": bomb, "y.ipynb": NOTEBOOK})
    look = seen_in(forges, body.replace(struct.pack("<I", len(bomb)), struct.pack("<I", 1000))).at(None)
    assert look == Look(
        seen=FIRST, notebooks=(SeenNotebook(path="x.ipynb"), SeenNotebook(path="y.ipynb", title="Orbit"))
    )


def test_names_that_lead_out_of_the_folder_are_left_out(forges: Forges) -> None:
    names = ["../x.ipynb", "/etc/x.ipynb", "a/../../x.ipynb", "ok.ipynb", "a\n.ipynb", "x" * 600 + ".ipynb"]
    look = seen_in(forges, zipped_files(dict.fromkeys(names, "{}"))).at(None)
    assert look == Look(seen=FIRST, notebooks=(SeenNotebook(path="ok.ipynb"),))


@pytest.mark.parametrize(
    ("fault", "at", "why"),
    [
        (answers(200, b"{}"), "/api/records/7", "Zenodo does not list the files of the record"),
        (answers(200, b"[]"), "/api/records/7", "Zenodo does not list the files of the record"),
        (
            answers(200, b'{"id": 7, "files": [{"key": "x.zip", "size": "many"}]}'),
            "/api/records/7",
            "Zenodo does not say how large the zip is",
        ),
        (
            answers(200, b'{"id": "../x", "files": [{"key": "x.zip", "size": 9}]}'),
            "/api/records/7",
            "Zenodo answered with something other than a record",
        ),
        (answers(206, b"short"), "/files/", "Zenodo does not give parts of a file as they are asked for"),
        (cut_off, "/files/", "Zenodo broke off its answer"),
        (
            answers(302, b"", Location="https://169.254.169.254/x"),
            "/files/",
            "169.254.169.254 is not a public host: it is not asked",
        ),
        (
            answers(302, b"", Location="http://127.0.0.1/x"),
            "/files/",
            "Zenodo sends on to another place, http://127.0.0.1/x: not followed",
        ),
    ],
)
def test_a_wrong_answer_is_a_failure(forges: Forges, fault: Fault, at: str, why: str) -> None:
    forges.breaks(fault, at=at)
    assert seen_in(forges, zipped_files({"setup.py": ""})).failing == Failure(since=FIRST, why=why)


def test_a_file_name_that_no_url_can_hold_is_replaced(forges: Forges) -> None:
    forges.breaks(answers(404, b"{}"), at="/files/")
    forges.breaks(answers(200, b'{"id": 7, "files": [{"key": "\\ud800/../x.zip", "size": 9}]}'), at="/api/records/7")
    why = "Zenodo answered 404 Not Found with “{}”"
    assert seen_in(forges, b"", "?/../x.zip").failing == Failure(since=FIRST, why=why)
    assert forges.questions == [f"{ZENODO}/api/records/7", f"{ZENODO}/api/records/7/files/%3F%2F..%2Fx.zip/content"]


def test_the_codemeta_file_in_the_top_level_folder_is_read(forges: Forges) -> None:
    files = {"comet-1.0/codemeta.json": '{"keywords": ["tail"]}', "comet-1.0/data.bin": NOISE}
    look = seen_in(forges, zipped_files(files)).at(None)
    assert look == Look(seen=FIRST, codemeta=(("keywords", ("tail",)),))
