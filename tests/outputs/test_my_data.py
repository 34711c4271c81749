"""The cell that fetches a reader's own data is run unchanged, against test doubles of Zenodo, doi.org and other hosts."""

import ast
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from catalogue.model import Catalogue, Interface
from catalogue.outputs.my_data import BASKET, BASKET_LINES, CELL, PLACEHOLDER, MyDataView, my_data_view
from catalogue.outputs.views import LinkView
from tests.edge.web_double import Web, data, page, running, sends_to
from tests.edge.zenodo_double import Reply, Work, legacy
from tests.world import COMMAND_LINE, DESKTOP, LIBRARY, notebook, software

ZENODO = "zenodo.org"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Web]:
    """A local server that answers for every host, and an empty working folder."""
    with running() as double:

        class Here(HTTPConnection):
            def __init__(self, _host: str, **options: Any) -> None:
                super().__init__("127.0.0.1", double.port, timeout=options["timeout"])

        class Https(urllib.request.HTTPSHandler):
            def https_open(self, request: urllib.request.Request) -> Any:
                return self.do_open(Here, request)

        opener = urllib.request.build_opener(Https, urllib.request.ProxyHandler({}))
        monkeypatch.setattr(urllib.request, "_opener", opener)
        monkeypatch.chdir(tmp_path)
        yield double


Run = Callable[..., tuple[str, list[str]]]


@pytest.fixture
def run(web: Web, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the cell; gives what it prints, and the paths that the next cell finds."""

    def ran(of: str, files: str | None = None, at_most: float | None = None) -> tuple[str, list[str]]:
        cell = CELL.replace(PLACEHOLDER, json.dumps(of))
        if files is not None:
            cell = cell.replace('FILES = "*"', f"FILES = {files!r}")
        if at_most is not None:
            cell = cell.replace("AT_MOST = 2", f"AT_MOST = {at_most}")
        names: dict[str, Any] = {}
        exec(compile(cell, "cell", "exec"), names)
        return capsys.readouterr().out, names["my_files"]

    return ran


STARS = {"owner/stars-v1.zip": b"zip", "a b.FITS": b"light" * 300, "table.csv": b"1,2\n"}


def record(number: int = 124, files: dict[str, bytes] = STARS, **metadata: str) -> dict[str, Any]:
    """A record as Zenodo's API gives it."""
    found = legacy(Work(number=number, title="Star catalogue", files=files))
    for each in found["files"]:
        address = f"https://zenodo.org/api/records/{number}/files/{quote(each['key'])}/content"
        each["links"] = {"self": address}
    found["metadata"].update(metadata)
    return found


def at_zenodo(web: Web, found: dict[str, Any], files: dict[str, bytes] = STARS) -> None:
    """Puts a record on the test double of Zenodo: itself, its concept, and its files."""
    number = found["id"]
    contents = {
        each["links"]["self"].removeprefix("https://zenodo.org"): Reply(200, files[each["key"]])
        for each in found["files"]
    }
    latest = sends_to(f"https://zenodo.org/api/records/{number}", 301)
    web.says(ZENODO, {f"/api/records/{number}": data(found), f"/api/records/{number - 1}": latest, **contents})


def test_the_cell_is_python_of_3_8_and_has_the_placeholder_once() -> None:
    ast.parse(CELL, feature_version=(3, 8))
    assert CELL.count(PLACEHOLDER) == 1
    assert CELL.startswith(f"DATA = {PLACEHOLDER}")


def test_it_needs_nothing_but_the_standard_library() -> None:
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(CELL))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }
    assert imported == {"fnmatch", "json", "os", "re", "urllib"}
    assert imported <= sys.stdlib_module_names


def test_pasted_unchanged_into_a_blank_notebook_it_says_what_to_do(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-X", "utf8", "-c", CELL],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert ran.stdout == "Not fetched: write your DOI or address between the quotes of DATA, in the first line.\n"
    assert ran.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "spelling",
    [
        "10.5281/zenodo.124",
        "https://doi.org/10.5281/zenodo.124",
        "https://doi.org/10.5281%2Fzenodo.124",
        "doi:10.5281/zenodo.124",
        " 10.5281/ZENODO.124 ",
        "https://zenodo.org/records/124",
        "https://zenodo.org/record/124?preview=1#x",
        "10.5281/zenodo.123",
    ],
)
def test_of_a_record_at_zenodo_all_files_are_fetched_into_a_folder_of_its_own(
    web: Web, run: Run, spelling: str
) -> None:
    at_zenodo(web, record())
    said, paths = run(spelling)
    assert said == (
        "Star catalogue (10.5281/zenodo.124): 3 of 3 files, 2 kB\n"
        "zenodo-124/owner_stars-v1.zip: 3 bytes\n"
        "zenodo-124/a b.FITS: 2 kB\n"
        "zenodo-124/table.csv: 4 bytes\n"
        "3 fetched; `my_files` has the paths.\n"
    )
    assert [Path(each).read_bytes() for each in paths] == list(STARS.values())
    assert len(list(Path("zenodo-124").iterdir())) == 3


def test_files_are_chosen_by_a_pattern_and_not_fetched_twice(web: Web, run: Run) -> None:
    at_zenodo(web, record())
    said, _ = run("10.5281/zenodo.124", files="*.fits")
    assert said.startswith("Star catalogue (10.5281/zenodo.124): 1 of 3 files, 2 kB\nzenodo-124/a b.FITS: 2 kB\n")
    said, paths = run("10.5281/zenodo.124", files="*.fits")
    assert "zenodo-124/a b.FITS is here already.\n" in said
    assert paths == ["zenodo-124/a b.FITS"]
    assert [each for each in web.paths(ZENODO) if "content" in each] == ["/api/records/124/files/a%20b.FITS/content"]


def test_if_no_file_matches_the_existing_ones_are_listed(web: Web, run: Run) -> None:
    at_zenodo(web, record())
    said, paths = run("10.5281/zenodo.124", files="*.root")
    assert said == (
        "Star catalogue (10.5281/zenodo.124): 0 of 3 files, 0 bytes\n"
        "  owner/stars-v1.zip: 3 bytes\n  a b.FITS: 2 kB\n  table.csv: 4 bytes\n"
        "Not fetched: no file is called *.root: change FILES.\n"
    )
    assert paths == []


def test_files_above_the_limit_are_listed_and_not_fetched(web: Web, run: Run) -> None:
    found = record()
    found["files"][0]["size"] = 50_000_000_000
    at_zenodo(web, found)
    said, paths = run("10.5281/zenodo.124")
    assert "3 of 3 files, 50.0 GB\n  owner/stars-v1.zip: 50.0 GB\n" in said
    assert said.endswith("Not fetched: that is more than 2 GB: choose fewer with FILES, or raise AT_MOST.\n")
    assert paths == []
    assert not Path("zenodo-124").exists()


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (404, "nothing is there"),
        (410, "it was withdrawn"),
        (403, "it is not open to everybody"),
        (429, "too much was asked for: run this cell again in a minute"),
        (503, "the server answered 503: try again later"),
    ],
)
def test_a_refusal_is_a_sentence(web: Web, run: Run, status: int, why: str) -> None:
    web.says(ZENODO, {"/api/records/124": data({"status": status}, status)})
    assert run("10.5281/zenodo.124") == (f"10.5281/zenodo.124: {why}.\n", [])


@pytest.mark.parametrize(
    ("access", "closed"),
    [("open", ""), ("restricted", "; its access is restricted"), ("embargoed", "; its access is embargoed")],
)
def test_a_record_without_files_that_everybody_may_fetch_says_so(web: Web, run: Run, access: str, closed: str) -> None:
    at_zenodo(web, record(files={}, access_right=access))
    assert run("10.5281/zenodo.124") == (
        f"Not fetched: the record “Star catalogue” has no files that everybody may fetch{closed}.\n",
        [],
    )


def test_html_instead_of_json_is_reported_in_a_sentence(web: Web, run: Run) -> None:
    web.says(ZENODO, {"/api/records/124": page("You are being blocked")})
    said, paths = run("10.5281/zenodo.124")
    assert said.startswith("Not fetched: ")
    assert paths == []


def test_an_incomplete_download_is_an_error(web: Web, run: Run) -> None:
    at_zenodo(web, record(files={"a.csv": b"1,2", "b.csv": b"3,4"}), {"a.csv": b"1,2", "b.csv": b"3"})
    said, paths = run("10.5281/zenodo.124")
    assert said.endswith("Not fetched: b.csv broke off: run this cell again.\n1 fetched; `my_files` has the paths.\n")
    assert paths == ["zenodo-124/a.csv"]
    assert [each.name for each in Path("zenodo-124").iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../.bashrc", "_.._.bashrc"),
        ("/etc/passwd", "_etc_passwd"),
        (".ipython", "ipython"),
        ("..", "data"),
        ("a\x00b\nc.csv", "a_b_c.csv"),
        ("x" * 300 + ".fits", "x" * 95 + ".fits"),
    ],
)
def test_no_file_name_escapes_from_the_folder(web: Web, run: Run, name: str, kept: str) -> None:
    at_zenodo(web, record(files={name: b"1"}), {name: b"1"})
    assert run("10.5281/zenodo.124")[1] == [f"zenodo-124/{kept}"]
    assert [each.name for each in Path.cwd().iterdir()] == ["zenodo-124"]


def test_a_file_at_an_address_is_fetched_into_a_folder_named_for_its_host(web: Web, run: Run) -> None:
    web.says("data.example.org", {"/a/sky%20map.fits?download=1": Reply(200, b"sky", {"Content-Type": "image/fits"})})
    assert run("https://data.example.org/a/sky%20map.fits?download=1") == (
        "data.example.org/sky map.fits: 3 bytes\n1 fetched; `my_files` has the paths.\n",
        ["data.example.org/sky map.fits"],
    )
    assert Path("data.example.org/sky map.fits").read_bytes() == b"sky"


def test_an_address_may_have_blanks_and_letters_of_any_alphabet(web: Web, run: Run) -> None:
    web.says("data.example.org", {"/a%20b/%C3%A9.csv?x=%2F": Reply(200, b"1")})
    assert run("https://data.example.org/a b/é.csv?x=%2F")[1] == ["data.example.org/é.csv"]


def test_html_instead_of_a_file_is_pointed_out(web: Web, run: Run) -> None:
    web.says("data.example.org", {"/": page()})
    said, paths = run("https://data.example.org/")
    assert "This is a web page. If you wanted a file, look on that page for its address.\n" in said
    assert paths == ["data.example.org/data"]


def unending(handler: BaseHTTPRequestHandler, _reply: Reply) -> None:
    """An answer without a Content-Length."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 5000)


def test_a_file_that_is_too_large_is_not_fetched_whether_it_says_so_or_not(web: Web, run: Run) -> None:
    told = Reply(200, b"", {"Content-Length": "3000000000"})
    web.says("data.example.org", {"/told.h5": told, "/untold.h5": unending})
    assert run("https://data.example.org/told.h5") == (
        "Not fetched: told.h5 has 3.0 GB: raise AT_MOST if there is room for it.\n",
        [],
    )
    assert run("https://data.example.org/untold.h5", at_most=0.000001) == (
        "Not fetched: untold.h5 is too large: raise AT_MOST.\n",
        [],
    )
    assert list(Path("data.example.org").iterdir()) == []


def test_a_host_that_cannot_be_reached_is_a_sentence(run: Run, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "port", 1)
    said, paths = run("https://data.example.org/x.csv")
    assert said.startswith("https://data.example.org/x.csv cannot be reached from here: ")
    assert paths == []


def registered(address: str) -> Reply:
    """What doi.org answers for a registered DOI."""
    said = {"index": 1, "type": "URL", "data": {"format": "string", "value": address}, "ttl": 86400}
    return data({"responseCode": 1, "handle": "10.1234/sky", "values": [said]})


LEADS = "10.1234/sky leads to a page and not to a file: https://archive.example.org/sky\n"
NEXT = "Put the https address of a file between the quotes of DATA, and run this cell again.\n"


@pytest.mark.parametrize(
    "spelling", ["10.1234/sky", "https://doi.org/10.1234/sky", "https://doi.org/10.1234%2Fsky", "doi: 10.1234/sky"]
)
@pytest.mark.parametrize(
    ("answer", "files"),
    [
        (data({"@type": "Dataset", "contentUrl": "https://archive.example.org/sky.fits"}), ["sky.fits"]),
        (data({"contentUrl": [f"https://archive.example.org/{each}" for each in "ab"]}), ["a", "b"]),
        (data({"@type": "Dataset"}), []),
        (sends_to("https://archive.example.org/sky"), []),
        (data({}, 406), []),
    ],
)
def test_any_other_doi_gives_its_page_and_the_files_that_datacite_names(
    web: Web, run: Run, spelling: str, answer: Reply, files: list[str]
) -> None:
    at_registry = registered("https://archive.example.org/sky")
    web.says("doi.org", {"/api/handles/10.1234/sky?type=URL": at_registry, "/10.1234/sky": answer})
    web.says("archive.example.org", {"/sky": page("The sky")})
    named = "".join(f"  DataCite names a file: https://archive.example.org/{each}\n" for each in files)
    assert run(spelling) == (LEADS + named + NEXT, [])


def test_an_unregistered_doi_is_reported_in_a_sentence(web: Web, run: Run) -> None:
    web.says("doi.org", {"/api/handles/10.1234/none?type=URL": data({"responseCode": 100}, 404)})
    assert run("10.1234/none") == ("10.1234/none: nothing is there.\n", [])


@pytest.mark.parametrize(
    "wrong", ["http://data.example.org/x", "file:///etc/passwd", "ftp://x.org/y", "my data", "10.5/x"]
)
def test_neither_a_doi_nor_an_https_url_sends_no_request(web: Web, run: Run, wrong: str) -> None:
    assert run(wrong) == (
        "Not fetched: DATA is neither a DOI, as 10.5281/zenodo.1234567, nor an https address.\n",
        [],
    )
    assert web.asked == []


# --- which pages have it, and what they say

PYTHON = ("Python",)


def view(of: Any, blank: str | None = "blank", launches: bool = True) -> MyDataView:
    found = my_data_view(of, blank, launches)
    assert found is not None
    return found


def test_the_cell_comes_in_three_pieces_of_which_the_middle_one_is_replaced() -> None:
    assert view(notebook()).cell == ("DATA = ", PLACEHOLDER, CELL.removeprefix(f"DATA = {PLACEHOLDER}"))


def test_a_notebook_of_its_own_takes_the_cell_and_a_library_a_blank_one() -> None:
    assert view(notebook()).blank is None
    library = software(interfaces=LIBRARY, runtimes=PYTHON)
    assert view(library).blank == LinkView(label="a blank one", href="go/blank/")
    assert view(library, blank=None).blank is None
    assert view(library, launches=False)


@pytest.mark.parametrize(
    ("of", "blank", "launches"),
    [
        (software(interfaces=DESKTOP, runtimes=PYTHON), "blank", True),
        (software(interfaces=COMMAND_LINE, runtimes=PYTHON), "blank", True),
        (software(interfaces=LIBRARY, runtimes=("C++",)), "blank", True),
        (software(interfaces=LIBRARY, runtimes=PYTHON), None, False),
        (software(interfaces=frozenset({Interface.NOTEBOOK})), "blank", False),
    ],
)
def test_without_a_notebook_for_the_cell_there_is_no_section(of: Any, blank: str | None, launches: bool) -> None:
    assert my_data_view(of, blank, launches) is None


def test_the_section_says_what_the_entry_reads_and_how_to_read_the_basket() -> None:
    plain = view(notebook(reads=("FITS", "VOTable")))
    assert (plain.reads, plain.basket) == ("FITS and VOTable", ())
    basket = view(notebook(reads=(BASKET, "Apertif DR1")))
    assert (basket.reads, basket.basket) == ("Apertif DR1", BASKET_LINES)


def test_of_many_kinds_of_data_only_some_are_named() -> None:
    assert view(notebook(reads=tuple(f"set {each}" for each in range(20)))).reads.endswith("set 11 and 8 more")


def test_the_entries_that_read_the_basket_are_those_of_the_file(real_catalogue: Catalogue) -> None:
    reading = {each.slug for each in real_catalogue.software if BASKET in each.reads}
    assert reading == {"apertif-visualization", "zooniverse-muon-hunters"}
