"""Pages are carried over from the build before, and nobody can tell."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from catalogue.edge import checkout
from catalogue.model import Catalogue, Readiness, Strength
from catalogue.observed import Health, Probe
from catalogue.outputs.carried import NOTHING_EARLIER, Carried, Carrying, Earlier, Keys
from catalogue.outputs.check import Reading, page_of, site_problems
from catalogue.outputs.files import File, Standing, digest
from catalogue.outputs.search import ONE_FILE_AT_MOST, search_files, searched
from catalogue.outputs.site import site_files
from tests.conftest import PROJECT, TEMPLATES
from tests.world import catalogue, entry

WORDS = ["telescope", "gamma", "pulsar", "<b>Bold</b>", "Gál’s", "data & more"]


class Kept(dict[bytes, bytes]):
    """A memory that says how much was made, and the site that is published."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.site: dict[str, bytes] = {}
        self.is_kept = False

    def keep(self) -> None:
        self.is_kept = True

    def put(self, key: bytes, value: bytes) -> None:
        self.made += key not in self
        self[key] = value


def files(of: Catalogue, kept: Kept | None = None, index_at_most: int = ONE_FILE_AT_MOST) -> dict[str, bytes]:
    """The files of a site, which is then published."""
    earlier = NOTHING_EARLIER if kept is None else Earlier(memory=lambda _: kept, published=kept.site.get)
    found: dict[str, bytes] = {}
    for file in site_files(of, TEMPLATES, checkout.assets(), index_at_most=index_at_most, earlier=earlier):
        if isinstance(file, File):
            found[file.path] = file.content
        else:
            assert kept is not None
            found[file.path] = kept.site[file.path]
            assert (file.digest, file.size) == (digest(found[file.path]), len(found[file.path]))
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


@pytest.mark.parametrize("index_at_most", [0, ONE_FILE_AT_MOST])
def test_a_night_without_news_leaves_all_pages_but_those_that_tell_of_the_night(index_at_most: int) -> None:
    def seen(at: str) -> Catalogue:
        """All was asked again, and all is as it was."""
        of = world(first(), at)
        probes = {each.slug: Probe(facility=each.slug, url=each.url, asked=at, health=Health.HEALTHY, up=at) for each in of.facilities}  # fmt: skip
        looked = Readiness(
            strength=Strength.LOOSE,
            environment="Dockerfile",
            ref=None,
            commit=None,
            checks=(),
            asked="2026-01-01T03:04:05Z",  # the host has answered nothing new since
            seen="2026-01-01T03:04:05Z",
        )
        facilities = tuple(replace(each, probe=probes[each.slug]) for each in of.facilities)
        software = tuple(
            replace(each, editions=tuple(replace(edition, readiness=looked) for edition in each.editions))
            for each in of.software
        )
        observed = replace(of.observed, probed=at, inspected=at, probes=tuple(probes.values()))
        return replace(of, facilities=facilities, software=software, observed=observed)

    memory = Kept()
    before = files(seen("2026-01-02T03:04:05Z"), memory, index_at_most)
    made = memory.made
    after = files(seen("2026-01-03T03:04:05Z"), memory, index_at_most)
    assert before.keys() == after.keys()
    changed = {path for path in after if path.endswith(".html") and before[path] != after[path]}
    facilities = {f"facilities/{each.slug}/index.html" for each in world(first(), "").facilities}
    assert changed == {"index.html", "status/index.html", "facilities/index.html", *facilities}
    assert memory.made - made == len(changed)  # no other is made, to come out as it was
    assert json.loads(after["api/v1/age.json"])["harvested"]["words"] == "3 January 2026, 03:04 UTC"


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


def test_the_program_is_another_with_every_letter_of_a_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    for name, text in [("pages/a.html", "a"), ("b.html", "b")]:
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(checkout, "TEMPLATES", tmp_path)
    found = {checkout.program_digest()}
    (tmp_path / "pages" / "a.html").write_text("b")
    found.add(checkout.program_digest())
    (tmp_path / "b.html").rename(tmp_path / "c.html")
    found.add(checkout.program_digest())
    assert len(found) == 3
    (tmp_path / "notes.txt").write_text("of no page")
    assert checkout.program_digest() in found


PAGE = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>A</title></head><body><h1 id="here">A</h1><a href="b.txt">b</a></body></html>'
BASE = "https://catalogue.example.org/"


def test_what_a_carried_page_links_to_is_asked_in_each_site() -> None:
    page, other = File("a.html", PAGE.encode()), File("b.txt", b"b")
    kept = Kept()
    kept.site = {page.path: page.content}
    for make in (lambda: [page], never):
        carried = carried_by(kept)
        carried.files([1], make)
        assert site_problems([other], BASE, read=[carried.reading]) == []
        (problem,) = site_problems([], BASE, read=[carried.reading])
        assert problem.text == "a leads to b.txt, which is not in the site"


def test_what_several_have_read_is_the_same_in_whatever_order_it_comes() -> None:
    readings = []
    for path in ("b.html", "a.html"):
        reading = Reading()
        reading.add(path, page_of(File(path, PAGE.encode()), "/"))
        readings.append(reading)
    for order in (readings, readings[::-1]):
        (problem,) = site_problems([], BASE, read=order)
        assert str(problem.place) == "a.html"
        assert problem.text == "a leads to b.txt, which is not in the site; 1 other page leads there, too"


def test_a_page_with_a_problem_is_made_and_read_each_time() -> None:
    page = File("a.html", b"<p>no page")
    kept = Kept()
    kept.site = {page.path: page.content}
    found = []
    for _ in range(2):
        carried = carried_by(kept)
        assert carried.files([1], lambda: [page]) == [page]
        found.append(site_problems([], BASE, read=[carried.reading]))
    assert found[0] == found[1] == site_problems([page], BASE)
    assert len(found[0]) > 2
    assert kept.made == 0


@dataclass(frozen=True)
class Said:
    """Words in no order."""

    words: frozenset[str]


class Also(Said):
    """Another kind of them."""


def test_keys_are_those_of_equal_values_and_of_no_others() -> None:
    keys = Keys()
    one, same = (Said(frozenset(order)) for order in (WORDS, reversed(WORDS)))
    shared = [1, "two"]
    assert keys.of(one, [shared, shared]) == Keys().of(same, [[1, "two"], [1, "two"]])
    different = [
        keys.of(*each)
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
    assert len({*different}) == len(different)


KEYS = """
from catalogue.launch.kinds import KINDS
from catalogue.outputs.carried import Keys
from tests.world import facility, software
from catalogue.model import Interface
said = {"jupyterlite": {"software": ["alpha", "beta", "gamma", "delta"]}, "rosetta": {"containers": {"alpha": "1"}}}
every = [facility(kind, options=said.get(kind, {})) for kind in KINDS]
print(Keys().of(every, software("tool", interfaces=frozenset(Interface))).hex())
"""


def test_keys_of_one_value_are_one_in_every_process() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", KEYS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def never() -> list[File]:
    raise AssertionError("they are known")


def carried_by(kept: Kept, shared: bytes = b"") -> Carried:
    return Carried(Keys(), "/", shared, kept, lambda path: kept.site.get(path))


@pytest.mark.parametrize("damage", [{}, {"a.html": b"cut"}])
def test_a_published_file_that_is_gone_or_another_is_made_anew(damage: dict[str, bytes]) -> None:
    kept = Kept()
    carried = carried_by(kept)
    made = [File("a.html", PAGE.encode(), listed=True), File("b.txt", b"too")]
    kept.site = {each.path: each.content for each in made}
    assert carried.files([1], lambda: made) == made
    standing = [Standing(each.path, each.digest, each.size, each.listed) for each in made]
    assert carried.files([1], never) == standing
    kept.site = {"b.txt": b"too", **damage}
    assert carried.files([1], lambda: made) == made


def test_files_of_other_values_or_of_another_site_are_made_anew() -> None:
    kept = Kept()
    made = [File("a.txt", b"whole")]
    kept.site = {"a.txt": b"whole"}
    for carried, value in ((carried_by(kept), 1), (carried_by(kept), 2), (carried_by(kept, b"another"), 1)):
        assert carried.files([value], lambda: made) == made
        assert carried.files([value], never) != made


def test_what_a_maker_leaves_is_written_down_when_it_is_done() -> None:
    kept = Kept()
    earlier = Earlier(memory=lambda name: kept if name == "pages" else Kept(), published=kept.site.get)
    files = Carrying(earlier, "/", "all", []).maker(
        "pages", lambda carried: carried.files([1], lambda: [File("a.html", PAGE.encode())])
    )
    assert next(files).path == "a.html"
    assert (kept.made, kept.is_kept) == (1, False)
    with pytest.raises(StopIteration) as end:
        next(files)
    assert kept.is_kept
    assert end.value.value.ids == {"a.html": ("here",)}


def test_the_search_is_made_of_what_it_is_said_to_be_made_of(real_catalogue: Catalogue) -> None:
    """Nothing else changes it, and nothing of it is lost."""
    for at_most in (0, ONE_FILE_AT_MOST):
        assert [*search_files(searched(real_catalogue), at_most)] == [*search_files(real_catalogue, at_most)]
    later = replace(
        real_catalogue,
        harvest=replace(real_catalogue.harvest, looked="2026-12-24T03:00:00Z"),
        facilities=tuple(replace(each, probe=None) for each in real_catalogue.facilities),
        offers=tuple(replace(each, notes=()) for each in real_catalogue.offers),
    )
    assert later != real_catalogue
    assert searched(later) == searched(real_catalogue)
