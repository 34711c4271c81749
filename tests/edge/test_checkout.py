"""The YAML files on disk: each is read, or reported; none is ignored silently."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.edge.checkout import read_inputs
from catalogue.pipeline import build_catalogue
from catalogue.problems import as_text
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE, entry, files

SECOND = FACILITIES.replace("id: binder", "id: second").replace("name: Binder", "name: Second")
SECOND = SECOND.replace("binder.example", "second.example")
STARS = "software:\n  - id: stars\n    name: Stars\n"
DUST = "software:\n  - id: dust\n    name: Dust\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a small catalogue."""
    root = tmp_path / "root"
    (root / "snapshot").mkdir(parents=True)
    (root / "site.yaml").write_text(SITE)
    (root / "facilities.yaml").write_text(FACILITIES)
    (root / "notebooks.yaml").write_text(NO_NOTEBOOKS)
    for name, text in files(entry(1001, title="Sky tool")).items():
        (root / "snapshot" / name).write_text(text)
    return root


def put(root: Path, path: str, content: str | bytes) -> None:
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())


def problems(root: Path) -> str:
    return as_text(build_catalogue(read_inputs(root))[1])


def slugs(root: Path) -> tuple[list[str], list[str]]:
    catalogue, wrong = build_catalogue(read_inputs(root))
    assert as_text(wrong) == ""
    assert catalogue is not None
    return [each.slug for each in catalogue.facilities], [each.slug for each in catalogue.software]


def test_a_folder_can_be_used_beside_the_file(root: Path) -> None:
    put(root, "facilities/second.yaml", SECOND)
    put(root, "notebooks/a.yaml", STARS)
    put(root, "notebooks/b.yaml", DUST)
    assert slugs(root) == (["binder", "second"], ["dust", "sky-tool", "stars"])


def test_a_folder_can_replace_the_file(root: Path) -> None:
    put(root, "notebooks/a.yaml", STARS)
    (root / "notebooks.yaml").unlink()
    put(root, "notebooks/README.md", "Words for people.")
    put(root, "notebooks/.gitkeep", "")
    assert slugs(root) == (["binder"], ["sky-tool", "stars"])


def test_the_place_of_an_entry_names_its_own_file(root: Path) -> None:
    put(root, "notebooks/stars.yaml", STARS.replace("name", "nam"))
    assert problems(root) == ("notebooks/stars.yaml:3:5: error: nam: unknown key; did you mean 'name'?")


@pytest.mark.case("Y12")
def test_y12_all_mistakes_of_all_files_are_named_in_one_run(root: Path) -> None:
    put(root, "site.yaml", SITE + "colour: red\n")
    put(root, "facilities.yaml", FACILITIES.replace("binderhub", "binder"))
    put(root, "facilities/second.yaml", SECOND.replace("url", "urll"))
    put(root, "facilities/third.yml", SECOND)
    put(root, "notebooks.yaml", "software: [\n")
    put(root, "notebooks/latin.yaml", STARS.replace("Stars", "Größe").encode("latin-1"))
    assert [line.partition(" error: ")[0] for line in problems(root).splitlines()] == [
        "facilities.yaml:4:11:",
        "facilities/second.yaml:5:5:",
        "facilities/third.yml:",
        "notebooks.yaml:1:11:",
        "notebooks/latin.yaml:3:1:",
        "site.yaml:9:1:",
    ]


@pytest.mark.case("Y13")
def test_y13_one_id_in_two_files_is_refused_with_both_places(root: Path) -> None:
    put(root, "facilities/again.yaml", FACILITIES.replace("id: binder", "id: Binder"))
    put(root, "notebooks/a.yaml", STARS)
    put(root, "notebooks/b.yaml", STARS)
    assert problems(root).splitlines() == [
        "facilities/again.yaml:2:9: error: id: 'Binder' is given twice, first at facilities.yaml:2:9: change one of them",
        (
            "facilities/again.yaml:2:9: error: id: 'Binder' is not a slug: use lower-case letters, digits and single hyphens only, "
            "since it becomes part of a URL"
        ),
        "notebooks/b.yaml:2:9: error: id: 'stars' is given twice, first at notebooks/a.yaml:2:9: change one of them",
    ]


def test_one_ossr_entry_in_two_files_is_refused_with_both_places(root: Path) -> None:
    override = "software:\n  - ossr: 10.5281/zenodo.1000\n    name: Sky\n"
    put(root, "notebooks.yaml", override)
    put(root, "notebooks/again.yaml", override)
    assert problems(root) == (
        "notebooks/again.yaml:2:11: error: ossr: '10.5281/zenodo.1000' is given twice, "
        "first at notebooks.yaml:2:11: put both into one entry"
    )


@pytest.mark.case("Y8", "Y9")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (STARS.encode("utf-16"), "1:1: error: the file is in UTF-16: save it in UTF-8"),
        (STARS.replace("Stars", "Größe").encode("latin-1"), "3:1: error: the file is in another encoding, as Latin-1: save it in UTF-8"),
        (b"software:\0", "1:10: error: the file has a control character here: remove it"),
        (b"", "1:1: error: the file is empty"),
        (b"# a comment\n", "1:1: error: the file is empty"),
    ],
)  # fmt: skip
def test_y8_y9_an_encoding_or_an_empty_file_is_named(root: Path, content: bytes, words: str) -> None:
    put(root, "notebooks/a.yaml", content)
    assert problems(root) == f"notebooks/a.yaml:{words}"


@pytest.mark.case("Y7")
def test_y7_a_byte_order_mark_crlf_and_a_missing_last_line_end_are_accepted(root: Path) -> None:
    put(root, "notebooks/a.yaml", b"\xef\xbb\xbf" + STARS.rstrip().replace("\n", "\r\n").encode())
    assert slugs(root)[1] == ["sky-tool", "stars"]


def _folder(path: Path) -> None:
    path.mkdir(parents=True)


def _link_to_nothing(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.symlink_to("/nowhere/at/all.yaml")


def _link_to_itself(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(path.name)


def _link_out(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    outside = path.parents[2] / "outside.yaml"
    outside.write_text(STARS)
    path.symlink_to(outside)


@pytest.mark.case("Y18", "Y21")
@pytest.mark.parametrize(
    ("path", "make", "words"),
    [
        ("notebooks/a.yaml", _folder, "a.yaml is a folder: only the files beside it are read"),
        ("notebooks/more", _folder, "more is a folder: only the files beside it are read"),
        ("notebooks/a.yaml", _link_out, "a.yaml is a link that leads out of this checkout: put the file itself here"),
        ("notebooks/a.yaml", _link_to_nothing, "a.yaml is a link that leads out of this checkout: put the file itself here"),
        ("notebooks/a.yaml", _link_to_itself, "a.yaml cannot be read: Too many levels of symbolic links"),
        ("notebooks/a.yml", lambda path: put(path.parents[1], "notebooks/a.yml", STARS), "a.yml is not read: name it a.yaml, or move it away"),
        ("notebooks/a.json", lambda path: put(path.parents[1], "notebooks/a.json", "{}"), "a.json is not read: name it a.yaml, or move it away"),
    ],
)  # fmt: skip
def test_y18_y21_other_files_in_the_folder_are_reported(
    root: Path, path: str, make: Callable[[Path], None], words: str
) -> None:
    make(root / path)
    assert problems(root) == f"{path}: error: {words}"


@pytest.mark.case("Y18")
def test_y18_a_folder_instead_of_a_file_and_a_link_to_an_outside_folder_are_refused(root: Path) -> None:
    (root / "facilities.yaml").unlink()
    (root / "facilities.yaml").mkdir()
    (root.parent / "elsewhere").mkdir()
    (root / "notebooks").symlink_to(root.parent / "elsewhere")
    assert problems(root) == (
        "facilities.yaml: error: facilities.yaml is a folder: only the files beside it are read\n"
        "notebooks: error: notebooks must be a folder of this checkout, with files that end in .yaml"
    )


@pytest.mark.case("Y21")
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("facilities.yml", "facilities.yaml"),
        ("facility.yaml", "facilities.yaml"),
        ("notebook.yaml", "notebooks.yaml"),
        ("Site.YAML", "site.yaml"),
        ("synonyms.yml", "synonyms.yaml"),
        ("software.yaml", None),
        ("mkdocs.yml", None),
    ],
)
def test_y21_a_misspelt_file_name_is_reported(root: Path, name: str, meant: str | None) -> None:
    put(root, name, "x: y\n")
    words = f"{name}: error: {name} is not read: did you mean {meant}?" if meant else ""
    assert problems(root) == words


@pytest.mark.case("Y12")
def test_a_missing_file_is_reported_and_hides_no_other_mistake(root: Path) -> None:
    (root / "notebooks.yaml").unlink()
    (root / "site.yaml").unlink()
    put(root, "facilities.yaml", FACILITIES.replace("binderhub", "x"))
    history = "restore it from the repository's history"
    assert problems(root).splitlines() == [
        "facilities.yaml:4:11: error: kind: unknown value 'x'; one of binderhub, jupyterhub, rosetta, jupyterlite, website",
        f"notebooks.yaml: error: notebooks.yaml is missing, and there is no folder notebooks/: {history}",
        f"site.yaml: error: site.yaml is missing: {history}",
    ]


@pytest.mark.case("Y22")
def test_y22_one_file_or_many_and_their_order_make_no_difference(root: Path) -> None:
    one = "software:\n" + STARS.partition("\n")[2] + DUST.partition("\n")[2]
    put(root, "notebooks.yaml", one)
    together = slugs(root)
    put(root, "notebooks/z.yaml", STARS)
    put(root, "notebooks/a.yaml", DUST)
    (root / "notebooks.yaml").unlink()
    assert slugs(root) == together
