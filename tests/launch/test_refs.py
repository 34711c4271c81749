"""Which refs of which repositories are inspected."""

import pytest

from catalogue.launch.refs import subjects, version_tags, wanted_refs
from tests.world import notebook, repository, software

URL = "https://github.com/stars/comet"


@pytest.mark.parametrize(
    ("version", "tags"),
    [
        ("1.0", ("1.0", "v1.0")),
        ("v1.0", ("v1.0", "1.0")),
        (" v1.0 ", ("v1.0", "1.0")),
        ("2024-06", ("2024-06", "v2024-06")),
        ("may24", ("may24",)),
        ("version 1", ()),
        ("release/1", ("release/1",)),
        ("-x", ()),
        ("1..2", ("1..2", "v1..2")[:0]),
        ("HEAD", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_the_names_that_the_tag_of_a_version_usually_has(version: str | None, tags: tuple[str, ...]) -> None:
    assert version_tags(version) == tags


@pytest.mark.parametrize(
    ("address", "ref", "version", "refs"),
    [
        (URL, None, None, (None,)),
        (URL, None, "1.0", (None, "1.0", "v1.0")),
        (URL, "dev/new", "1.0", ("dev/new", None, "1.0", "v1.0")),
        (URL, "v1.0", "1.0", ("v1.0", None, "1.0")),
        ("https://git.example.org/stars/comet.git", None, "1.0", (None, "1.0", "v1.0")),
        ("https://gist.github.com/stars/abc", None, "1.0", (None,)),
        ("https://doi.org/10.5281/zenodo.7", None, "1.0", (None,)),
    ],
)
def test_the_refs_that_links_use(
    address: str, ref: str | None, version: str | None, refs: tuple[str | None, ...]
) -> None:
    assert wanted_refs(software(repository=repository(address, ref=ref), version=version)) == refs


def test_software_without_a_repository_wants_none() -> None:
    assert wanted_refs(software()) == ()
    assert subjects([software()]) == ()


def test_one_repository_of_many_entries_is_one_subject_with_all_their_refs() -> None:
    found = subjects(
        [
            notebook("b", repository=repository(URL, ref="v2", file="b.ipynb")),
            notebook("a", repository=repository(URL, ref="v1", file="a.ipynb")),
            notebook("c", repository="https://github.com/stars/aurora"),
        ]
    )
    assert [(each.repository.url, each.refs) for each in found] == [
        ("https://github.com/stars/aurora", (None,)),
        (URL, ("v2", None, "v1")),
    ]
    assert found[1].repository == repository(URL)


def test_the_archived_copy_is_looked_at_too() -> None:
    archive = repository("https://doi.org/10.5281/zenodo.7")
    found = subjects([notebook("a", repository=URL, archive=archive)])
    assert [(each.repository.url, each.refs) for each in found] == [
        ("https://doi.org/10.5281/zenodo.7", (None,)),
        (URL, (None,)),
    ]
