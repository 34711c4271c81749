"""A divided index, decoded: it has everything of every entry, and its files belong together."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate

import pytest

from bench.worlds import synthetic_catalogue
from catalogue.model import Catalogue, Person
from catalogue.outputs.check import site_problems
from catalogue.outputs.facets import facet_values, facets, subjects
from catalogue.outputs.files import File, text_file
from catalogue.outputs.guards import not_found
from catalogue.outputs.order import list_order
from catalogue.outputs.packed import numbers, read_numbers, read_words, sort_key
from catalogue.outputs.paging import LISTED
from catalogue.outputs.search import BOOSTS, ONE_FILE_AT_MOST, fields, identifiers, search_file, search_files
from catalogue.outputs.shards import CARDS, TITLE, VALUES_AT_MOST, finds, is_wide
from catalogue.words import parts
from tests.conftest import built


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Enough entries for wide facets and several files of terms; some have alternate names."""
    found = synthetic_catalogue(300, alike=True)
    named = (
        replace(each, alternate_names=(f"{each.name} Suite", "The Tool")) if number % 9 == 0 else each
        for number, each in enumerate(found.software)
    )
    *others, last = named
    return replace(
        found, software=(*others, replace(last, authors=(Person(name="山田太郎", sort_name="山田太郎"), *last.authors)))
    )


@pytest.fixture(scope="module")
def files(catalogue: Catalogue) -> dict[str, File]:
    """The files of its divided index by their paths, the manifest first."""
    return {file.path: file for file in search_files(catalogue, 0)}


@pytest.fixture(scope="module")
def site(catalogue: Catalogue) -> list[File]:
    """Its whole site."""
    return built(catalogue, 0)


def read_terms(text: str) -> dict[str, list[tuple[int, int]]]:
    """Decodes a file of terms: for each term, the places of the entries that have it, with the fields as bits."""
    data = json.loads(text)
    found = {}
    for term, places, masks in zip(read_words(data["terms"]), data["places"], data["fields"], strict=True):
        decoded = accumulate(read_numbers(places), lambda last, gap: last + gap + 1)
        found[term] = list(zip(decoded, (data["masks"][number] for number in read_numbers(masks)), strict=True))
    return found


def manifest_of(files: Iterable[str]) -> str:
    return next(iter(files))


def test_an_index_up_to_the_limit_is_one_file(catalogue: Catalogue) -> None:
    whole = search_file(catalogue)
    size = len(gzip.compress(whole.content))
    assert list(search_files(catalogue, size)) == [whole]
    assert len(list(search_files(catalogue, size - 1))) > 10
    assert size < ONE_FILE_AT_MOST == 300_000


def test_all_files_have_the_hash_of_their_content_in_path_and_file(
    catalogue: Catalogue, files: dict[str, File]
) -> None:
    manifest = manifest_of(files)
    build = re.fullmatch(r"search/([0-9a-f]{12})\.json", manifest)
    assert build
    assert {json.loads(file.content)["build"] for file in files.values()} == {build[1]}
    assert {path.split("/")[1].removesuffix(".json") for path in files} == {build[1]}
    assert {file.path: file for file in search_files(catalogue, 0)} == files
    one, *others = catalogue.software
    other = next(search_files(replace(catalogue, software=(replace(one, keywords=("novelty",)), *others)), 0))
    assert other.path != manifest


def test_the_manifest_has_the_first_key_of_each_file(files: dict[str, File]) -> None:
    data = json.loads(files[manifest_of(files)].content)
    folder = manifest_of(files).removesuffix(".json")
    for name in ("terms", "near", "tails", "identifiers"):
        numbered = sorted(path for path in files if path.startswith(f"{folder}/{name}/"))
        assert len(numbered) == len(data[name])
        assert data[name][0] == ""
        assert data[name] == sorted(set(data[name]), key=sort_key)
    assert len(data["terms"]) > 1


def test_every_word_of_every_entry_is_where_the_entry_is(catalogue: Catalogue, files: dict[str, File]) -> None:
    found: dict[str, dict[int, int]] = {}
    for path, file in files.items():
        if "/terms/" in path:
            for term, where in read_terms(file.text).items():
                assert term not in found
                found[term] = {place: mask & ~(1 << TITLE) for place, mask in where if mask & ~(1 << TITLE)}
    expected: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for place, software in enumerate(list_order(catalogue)):
        for bit, field in enumerate(BOOSTS):
            for word in fields(software, catalogue.synonyms)[field]:
                expected[word][place] |= 1 << bit
    assert {term: where for term, where in found.items() if where} == expected


def test_every_name_written_as_one_word_is_a_term(catalogue: Catalogue, files: dict[str, File]) -> None:
    titles: dict[str, set[int]] = defaultdict(set)
    for path, file in files.items():
        if "/terms/" in path:
            for term, where in read_terms(file.text).items():
                titles[term] |= {place for place, mask in where if mask & 1 << TITLE}
    for place, software in enumerate(list_order(catalogue)):
        for name in (software.name, *software.alternate_names):
            assert place in titles["".join(parts(name))]


def test_every_identifier_leads_to_its_entries(catalogue: Catalogue, files: dict[str, File]) -> None:
    known = {
        key: [tuple(each) for each in found]
        for path, file in files.items()
        if "/identifiers/" in path
        for key, found in json.loads(file.content)["known"]
    }
    expected: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for place, software in enumerate(list_order(catalogue)):
        for key, what in identifiers(software).items():
            expected[key].append((place, what))
    assert known == expected


def test_the_values_of_each_facet_are_those_of_the_entries(catalogue: Catalogue, files: dict[str, File]) -> None:
    folder = manifest_of(files).removesuffix(".json")
    asked = {each.software.slug: each for each in subjects(catalogue)}
    stated = [facet_values(asked[each.slug]) for each in list_order(catalogue)]
    wide = set()
    for facet in facets(catalogue):
        if not is_wide(facet):
            data = json.loads(files[f"{folder}/facet-{facet.key}.json"].content)
            for number, said in zip(read_numbers(data["column"]), stated, strict=True):
                sure, unsure = ([facet.values[value].slug for value in values] for values in data["sets"][number])
                assert set(sure) == set(said[facet.key].split())
                assert set(unsure) == set(said.get(f"maybe-{facet.key}", "").split())
            continue
        wide.add(facet.key)
        by_word = [
            (word, each)
            for path, file in files.items()
            if path.startswith(f"{folder}/values-{facet.key}/") and not path.endswith("shown.json")
            for word, found in json.loads(file.content)["words"]
            for each in found
        ]
        shown = json.loads(files[f"{folder}/values-{facet.key}/shown.json"].content)["values"]
        assert [each[1] for each in shown] == [value.slug for value in facet.values if value.shown]
        for value in facet.values:
            mine = {word: each for word, each in by_word if each[1] == value.slug}
            ends = {"田太郎", "太郎", "郎"} if value.label == "山田太郎" else set()
            assert set(mine) == {*parts(value.label), *ends, value.slug.partition("-")[0]}
            for number, _, label, where in mine.values():
                assert (facet.values[number], label) == (value, value.label)
                assert sum(gap + 1 for gap in read_numbers(where)) - 1 == max(
                    place for place, said in enumerate(stated) if value.slug in said[facet.key].split()
                )
                assert len(list(read_numbers(where))) == value.count
    assert wide == {"keyword", "author"}


def test_the_page_has_all_values_of_short_facets_and_the_shown_ones_of_long_facets(
    catalogue: Catalogue, site: list[File]
) -> None:
    home = next(file for file in site if file.path == "index.html").text
    filters = home[home.index('<form id="filters"') : home.index("</form>", home.index('<form id="filters"'))]
    for facet in facets(catalogue):
        of_facet = filters[filters.index(f'data-facet="{facet.key}"') :].partition("</details>")[0]
        values = re.findall(r'class="choice" data-value="([^"]+)"', of_facet)
        assert values == [value.slug for value in facet.values if value.shown or len(facet.values) <= VALUES_AT_MOST]


def test_the_cards_are_in_the_order_of_the_list_and_valid_pages(catalogue: Catalogue, site: list[File]) -> None:
    assert [str(each) for each in site_problems(site, "https://catalogue.example.org/")] == []
    cards = re.compile(r'<li class="card" data-slug="([^"]+)".*?\n</li>', re.DOTALL)
    home = {each[1]: each[0] for each in cards.finditer(next(file.text for file in site if file.path == "index.html"))}
    files = sorted(
        (file for file in site if "/cards/" in file.path),
        key=lambda file: int(re.findall(r"(\d+)\.html", file.path)[0]),
    )
    found = [(each[1], each[0]) for file in files for each in cards.finditer(file.text)]
    assert [slug for slug, _ in found] == [each.slug for each in list_order(catalogue)]
    assert list(home) == [slug for slug, _ in found[:LISTED]]
    for slug, card in found[:LISTED]:
        assert re.sub(r' data-(said|launches)="[^"]*"', "", card).replace('"../../../', '"') == home[slug]
    assert all(file.text.count('class="card"') <= CARDS for file in files)
    assert not any("/cards/" in line for file in site if file.path == "sitemap.xml" for line in file.text.splitlines())


def test_a_divided_index_that_does_not_find_an_entry_by_its_name_is_refused(
    catalogue: Catalogue, files: dict[str, File]
) -> None:
    assert not_found(catalogue, files.values()) == []
    manifest = manifest_of(files)
    first = list_order(catalogue)[0]
    assert 0 in finds(files, manifest, parts(first.name)[0])
    other = {path: moved(file) if "/terms/" in path else file for path, file in files.items()}
    assert len(not_found(catalogue, other.values())) > 5
    assert len(not_found(catalogue, [files[manifest]])) > 5


def moved(file: File) -> File:
    """A file of terms in which each has other entries."""
    data = json.loads(file.content)
    for number, places in enumerate(data["places"]):
        first, *gaps = read_numbers(places)
        data["places"][number] = numbers([first + 1000, *gaps])
    return text_file(file.path, json.dumps(data))


def test_without_entries_there_is_one_file(catalogue: Catalogue) -> None:
    assert len(list(search_files(replace(catalogue, software=(), offers=(), related=()), 0))) == 1
