"""What is kept of a repository's file list and of the contents of a few files."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.launch.look import (
    MOST_TITLES,
    TEXT_LIMIT,
    ListedFile,
    files_to_read,
    listing_of,
    look_of,
    notebook_title,
    notebooks_to_read,
    pyproject_tables,
)
from catalogue.observed import Look

NOW = "2026-02-10T03:00:00Z"


def cells(*sources: object, kind: str = "markdown") -> bytes:
    return json.dumps({"cells": [{"cell_type": kind, "source": source} for source in sources]}).encode()


@pytest.mark.parametrize(
    ("notebook", "title"),
    [
        (cells("# Orbit"), "Orbit"),
        (cells(["# Orbit\n", "words"]), "Orbit"),
        (cells("words", "more", "### A _deep_ `heading` & [link](https://example.org/) ###"), "A deep heading & link"),
        (cells("Orbit\n=====\nwords"), "Orbit"),
        (cells("<center><h1>Orbit <b>two</b></h1></center>"), "Orbit two"),
        (cells("![logo](x.png)\n\n# ![](x.png)\n\n## Orbit"), "Orbit"),
        (cells('# <a id="top"></a> <font color="red">Orbit</font>'), "Orbit"),
        (cells("```\n# no heading\n```\n# Orbit"), "Orbit"),
        (cells("# <script>alert(1)</script>Orbit"), "Orbit"),
        (cells("# <img src=x onerror=alert(1)>Orbit & 1 < 2"), "Orbit & 1 < 2"),
        (cells("# Or\u202ebit\x00"), "Orbit"),
        (cells("# " + "long " * 100), "long " * 29 + "long…"),
        (json.dumps({"worksheets": [{"cells": [{"cell_type": "heading", "source": "Orbit"}]}]}).encode(), "Orbit"),
        (b"\xef\xbb\xbf" + cells("# Orbit"), "Orbit"),
        (cells("# Orbit", kind="code"), None),
        (cells("no heading"), None),
        (cells("#hashtag"), None),
        (cells(*["words"] * 10, "# Too late"), None),
        (cells(7, None, {"a": 1}, [1, None]), None),
        (b"", None),
        (b"[]", None),
        (b'{"cells": 7}', None),
        (b'{"cells": [7, null]}', None),
        (b'{"worksheets": [7]}', None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
        (b'{"cells": ' + b"9" * 5000 + b"}", None),
    ],
)
def test_the_title_of_a_notebook_is_its_first_heading(notebook: bytes, title: str | None) -> None:
    assert notebook_title(notebook) == title


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: cells(f"# {text}")))
def test_no_notebook_breaks_it_and_every_title_is_one_clean_line(raw: bytes) -> None:
    title = notebook_title(raw)
    assert title is None or (title == " ".join(title.split()) and 0 < len(title) <= 150)


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("[project]\n[build-system]\n[tool.poetry]\n[tool.x]\n", ("project", "build-system", "tool.poetry")),
        ("[project.scripts]\nx = 'y'\n", ("project",)),
        ("tool = 7\n", ()),
        ("[project\n", ()),
        ("x = " + "[" * 100_000, ()),
        ("[project]\nversion = '1.2.3'\nx" + ".a" * 199 + " = 1\n", ("project",)),
        ("[project]\nx" + ".a" * 1000 + " = 1\n", ()),  # 100,000 would take gigabytes
        ("", ()),
    ],
)
def test_the_tables_that_decide_about_a_pyproject(text: str, tables: tuple[str, ...]) -> None:
    assert pyproject_tables(text.encode()) == tables


def test_a_pyproject_that_is_no_text_has_no_tables() -> None:
    assert pyproject_tables(b"\xff") == ()


def test_only_small_files_that_are_no_links_are_read() -> None:
    listing = listing_of(
        [
            ListedFile("runtime.txt", size=TEXT_LIMIT + 1),
            ListedFile(".gitattributes", size=TEXT_LIMIT),
            ListedFile("pyproject.toml", link=True),
            ListedFile("a.ipynb", size=TEXT_LIMIT + 1),
            ListedFile("b.ipynb", link=True),
            ListedFile("c.ipynb"),
            ListedFile("codemeta.json", size=TEXT_LIMIT + 1),
        ]
    )
    assert files_to_read(listing) == (".gitattributes",)
    assert notebooks_to_read(listing) == ("c.ipynb",)


def test_the_codemeta_file_is_read_at_the_top_only() -> None:
    assert files_to_read(listing_of(map(ListedFile, ["setup.py", "docs/codemeta.json"]))) == ()
    assert files_to_read(listing_of(map(ListedFile, ["codemeta.json", "runtime.txt"]))) == (
        "runtime.txt",
        "codemeta.json",
    )
    assert files_to_read(listing_of([ListedFile("codemeta.json", link=True)])) == ()


def test_the_notebook_that_opens_by_itself_is_read_first_then_those_near_the_top() -> None:
    paths = ["a/b/c.ipynb", "a/b.ipynb", "z.ipynb", "index.ipynb", *(f"deep/{number:02}.ipynb" for number in range(20))]
    assert notebooks_to_read(listing_of(map(ListedFile, paths))) == (
        "index.ipynb",
        "z.ipynb",
        "a/b.ipynb",
        *(f"deep/{number:02}.ipynb" for number in range(MOST_TITLES - 3)),
    )


def test_a_text_that_could_not_be_read_is_as_if_it_were_unknown() -> None:
    listing = listing_of([ListedFile("runtime.txt"), ListedFile("pyproject.toml")], commit="c" * 40, cut=True)
    assert look_of("v1", listing, {}, NOW) == Look(
        seen=NOW, ref="v1", commit="c" * 40, files=("pyproject.toml", "runtime.txt"), cut=True
    )


def test_a_runtime_is_kept_clean_and_short() -> None:
    listing = listing_of([ListedFile("runtime.txt")])
    look = look_of(None, listing, {"runtime.txt": b"\x1b\xffpython-3.12\x00\n" + b"x" * 5000}, NOW)
    assert look.runtime is not None
    assert (look.runtime[:12], len(look.runtime) <= 200) == ("\ufffdpython-3.12", True)


def test_a_runtime_without_a_word_is_not_the_same_as_none() -> None:
    assert look_of(None, listing_of([ListedFile("runtime.txt")]), {"runtime.txt": b""}, NOW).runtime == ""


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "../a",
        "a/../b",
        "./a",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\u202eb",
        "\ud800",
        "x" * 501,
        "漢" * 170,
    ],
)
def test_what_is_no_sound_path_is_left_out(path: str) -> None:
    assert listing_of([ListedFile(path)]).files == {}


@pytest.mark.parametrize(
    "path", ["a b/ü#%20?.ipynb", "e\u0301.ipynb", "…/日本.ipynb", "x" * 500, ".binder/x", "-x", "a..b"]
)
def test_an_odd_path_is_kept_letter_by_letter(path: str) -> None:
    assert list(listing_of([ListedFile(path)]).files) == [path]
