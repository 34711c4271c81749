"""Pages are carried over from the build before, and nobody can tell."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from catalogue.edge import checkout
from catalogue.model import Catalogue
from catalogue.outputs.carried import Carried, Earlier, Keys, filled, mark
from catalogue.outputs.check import site_problems
from catalogue.outputs.files import File
from catalogue.outputs.search import ONE_FILE_AT_MOST, search_files, searched
from catalogue.outputs.site import site_files
from tests.world import catalogue, entry

WORDS = ["telescope", "gamma", "pulsar", "<b>Bold</b>", "Gál’s", "data & more"]


class Kept(dict[bytes, bytes]):
    """A memory that says how much was made, and the site that is published."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.site: dict[str, bytes] = {}

    def put(self, key: bytes, value: bytes) -> None:
        self.made += key not in self
        self[key] = value


def files(
    of: Catalogue, kept: Kept | None = None, index_at_most: int = ONE_FILE_AT_MOST, program: str = ""
) -> dict[str, bytes]:
    """The files of a site, which is then published."""
    earlier = Earlier(memory=kept, published=kept.site.get, program=program) if kept is not None else None
    made = site_files(of, checkout.templates(), checkout.assets(), index_at_most=index_at_most, earlier=earlier)
    found = {file.path: file.content for file in made}
    if kept is not None:
        kept.site = found
    return found


Says = dict[str, object]


def world(entries: dict[int, Says], harvested: str) -> Catalogue:
    of = catalogue(*(entry(number, **each) for number, each in entries.items()))
    return replace(of, harvest=replace(of.harvest, harvested=harvested, looked=harvested))


def described(chance: random.Random, entries: dict[int, Says]) -> None:
    entries[chance.choice([*entries])]["description"] = f"<p>{' '.join(chance.choices(WORDS, k=5))}</p>"


def renamed(chance: random.Random, entries: dict[int, Says]) -> None:
    entries[chance.choice([*entries])]["title"] = f"{chance.choice(WORDS)} {chance.randrange(100)}"


def added(chance: random.Random, entries: dict[int, Says]) -> None:
    number = max(entries) + 2
    entries[number] = {"title": f"New {number}", "slug": f"new-{number}", "keywords": (chance.choice(WORDS),)}


def dropped(chance: random.Random, entries: dict[int, Says]) -> None:
    if len(entries) > 3:
        del entries[chance.choice([*entries])]


def tagged(chance: random.Random, entries: dict[int, Says]) -> None:
    found = entries[chance.choice([*entries])]
    found["keywords"] = tuple(chance.sample(WORDS[:3], k=2))
    found["creators"] = (chance.choice(["Gál, Tamás", "Doe, Jane"]),)


EDITS: list[Callable[[random.Random, dict[int, Says]], None]] = [described, renamed, added, dropped, tagged]


def first() -> dict[int, Says]:
    return {
        number: {
            "title": f"Tool {number}",
            "slug": f"tool-{number}",
            "keywords": ("jupyter-notebook", "gamma"),
            "related": (("isSupplementTo", f"https://github.com/stars/tool-{number}"),),
        }
        for number in range(1001, 1017, 2)
    }


@pytest.mark.parametrize("index_at_most", [0, ONE_FILE_AT_MOST])
def test_after_edits_at_random_the_site_is_that_of_a_full_build(index_at_most: int) -> None:
    chance = random.Random(index_at_most)
    entries, memory = first(), Kept()
    for night in range(1, 10):
        harvested = f"2026-01-{night:02}T03:04:05Z"
        for _ in range(chance.randrange(3)):
            chance.choice(EDITS)(chance, entries)
        now = world(entries, harvested)
        if chance.random() < 0.3:
            now = replace(now, facilities=now.facilities[:1], offers=tuple(each for each in now.offers if each.facility == now.facilities[0].slug))  # fmt: skip
        if chance.random() < 0.3:
            now = replace(
                now, site=replace(now.site, tagline=f"The tagline of night {night}", contact="ask@example.org")
            )
        if chance.random() < 0.3:
            now = replace(now, built="2026-02-20T00:00:00Z")  # the banner of old data
        carried = files(now, memory, index_at_most)
        assert carried == files(now, index_at_most=index_at_most)
        assert not [path for path, content in carried.items() if "\ufdd0" in content.decode(errors="ignore")]


@pytest.mark.parametrize("index_at_most", [0, ONE_FILE_AT_MOST])
def test_a_night_without_news_makes_no_page_and_still_says_its_time(index_at_most: int) -> None:
    memory = Kept()
    before = files(world(first(), "2026-01-02T03:04:05Z"), memory, index_at_most)
    made = memory.made
    assert made > 50
    after = files(world(first(), "2026-01-03T03:04:05Z"), memory, index_at_most)
    assert memory.made - made == 2  # the pages of status and changes tell of the harvest
    assert before.keys() == after.keys()
    assert b"as of <strong>3 January 2026" in after["software/tool-1001/index.html"]
    assert b"2 January 2026" not in after["software/tool-1001/index.html"]


def test_a_changed_entry_makes_the_pages_that_show_it() -> None:
    memory = Kept()
    entries = first()
    files(world(entries, "2026-01-02T03:04:05Z"), memory)
    made = memory.made
    entries[1001]["description"] = "<p>Another one.</p>"
    after = files(world(entries, "2026-01-02T03:04:05Z"), memory)
    assert b"Another one." in after["software/tool-1001/index.html"]
    pages = sum(path.endswith(".html") for path in after)
    assert 5 < memory.made - made < pages / 2


def test_another_program_carries_nothing_over() -> None:
    of = world(first(), "2026-01-02T03:04:05Z")
    memory = Kept()
    for program in ("one", "two"):
        before = memory.made
        pages = sum(path.endswith(".html") for path in files(of, memory, program=program))
        assert memory.made - before == pages + 1  # and the search


def test_the_program_is_another_with_every_letter_of_a_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    for name, text in [("pages/a.html", "a"), ("b.html", "b")]:
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(checkout, "TEMPLATES", tmp_path)
    found = {checkout.program()}
    (tmp_path / "pages" / "a.html").write_text("b")
    found.add(checkout.program())
    (tmp_path / "b.html").rename(tmp_path / "c.html")
    found.add(checkout.program())
    assert len(found) == 3
    (tmp_path / "notes.txt").write_text("of no page")
    assert checkout.program() in found


def test_what_a_carried_page_links_to_is_asked_in_each_site() -> None:
    html = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>A</title></head><body><h1 id="here">A</h1><a href="b.txt">b</a></body></html>'
    page, other = File("a.html", html.encode(), b"key"), File("b.txt", b"b")
    memory = Kept()
    base = "https://catalogue.example.org/"
    assert site_problems([page, other], base, memory=memory) == []
    assert memory.made == 1
    assert site_problems([page, other], base, memory=memory) == []
    assert memory.made == 1
    (problem,) = site_problems([page], base, memory=memory)
    assert problem.text == "a leads to b.txt, which is not in the site"


def test_a_page_with_a_problem_is_read_each_time() -> None:
    page = File("a.html", b"<p>no page", b"key")
    memory = Kept()
    found = [site_problems([page], "https://catalogue.example.org/", memory=memory) for _ in range(2)]
    assert found[0] == found[1]
    assert len(found[0]) > 2
    assert memory.made == 0


@dataclass(frozen=True)
class Said:
    """Words in no order."""

    words: frozenset[str]


class Also(Said):
    """Another kind of them."""


def test_keys_are_those_of_equal_values_and_of_no_others() -> None:
    keys = Keys("program")
    one, same = (Said(frozenset(order)) for order in (WORDS, reversed(WORDS)))
    shared = [1, "two"]
    assert keys.of_page(one, [shared, shared]) == Keys("program").of_page(same, [[1, "two"], [1, "two"]])
    different = [
        keys.of_page(*each)
        for each in (
            [1],
            ["1"],
            [1, 2],
            [[1, 2]],
            [None],
            [{"a": 1}],
            [{"a": 2}],
            [one],
            [Also(one.words)],
            [one.words],
        )
    ]
    assert len({*different, Keys("another").of_page(1)}) == len(different) + 1


def carried_by(kept: Kept) -> Carried:
    return Carried(Earlier(memory=kept, published=lambda path: kept.site.get(path), program=""))


def never() -> str:
    raise AssertionError("it is known")


def test_late_words_stand_where_their_marks_were_and_others_take_their_places() -> None:
    html = f"<p>É {mark('day')}, {mark('year')}, {mark('day')}{mark('other')}</p>\n"
    kept = Kept()
    carried = carried_by(kept)
    words = {"day": "Friday", "year": "2026 &amp; on"}
    kept.site["a.html"] = carried.page(b"key", "a.html", words, lambda: html)
    assert kept.site["a.html"].decode() == f"<p>É Friday, 2026 &amp; on, Friday{mark('other')}</p>\n"
    for words in ({"day": "Samedi, é", "year": ""}, {"day": "", "year": "2027"}, {"day": "", "year": "2027"}):
        kept.site["a.html"] = carried.page(b"key", "a.html", words, never)
        assert kept.site["a.html"] == filled(html, words)[0]


def test_a_page_that_moves_with_its_build_is_known_at_its_new_place() -> None:
    kept = Kept()
    carried = carried_by(kept)
    for path in ("1/a.html", "2/a.html", "3/a.html"):
        kept.site = {path: carried.page(b"key", path, {}, never if kept else lambda: "whole")}


@pytest.mark.parametrize("damage", [{}, {"a.html": b"cut"}])
def test_a_published_file_that_is_gone_or_another_is_made_anew(damage: dict[str, bytes]) -> None:
    kept = Kept()
    carried = carried_by(kept)
    made = [File("a.html", b"whole"), File("b.html", b"too")]
    kept.site = {"a.html": carried.page(b"key", "a.html", {}, lambda: "whole"), "b.html": b"too"}
    assert carried.files(b"both", lambda: made) == made
    assert carried.page(b"key", "a.html", {}, never) == b"whole"
    assert carried.files(b"both", list) == made
    kept.site = {"b.html": b"too", **damage}
    assert carried.page(b"key", "a.html", {}, lambda: "anew") == b"anew"
    assert carried.files(b"both", lambda: made[1:]) == made[1:]


def test_the_search_is_made_of_what_it_is_said_to_be_made_of(real_catalogue: Catalogue) -> None:
    """Nothing else changes it, and nothing of it is lost."""
    for at_most in (0, ONE_FILE_AT_MOST):
        assert [*search_files(searched(real_catalogue), at_most)] == [*search_files(real_catalogue, at_most)]
    later = replace(
        real_catalogue,
        harvest=replace(real_catalogue.harvest, looked="2026-12-24T03:00:00Z"),
        offers=tuple(replace(each, notes=()) for each in real_catalogue.offers),
    )
    assert later != real_catalogue
    assert searched(later) == searched(real_catalogue)
