"""An incremental build gives the same site as a full one."""

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
from catalogue.model import Catalogue, Readiness, Software, Strength
from catalogue.observed import Health, Probe
from catalogue.outputs import software_views
from catalogue.outputs.check import SiteCheck, check_page, site_problems
from catalogue.outputs.cite import bibtex
from catalogue.outputs.files import File, UnchangedFile, digest
from catalogue.outputs.incremental import NO_PREVIOUS_BUILD, CacheKeys, IncrementalBuild, PreviousBuild, ReusableFiles
from catalogue.outputs.search import ONE_FILE_AT_MOST, search_files, searched
from catalogue.outputs.site import site_files
from tests.conftest import PROJECT, TEMPLATES
from tests.world import catalogue, entry

WORDS = ["telescope", "gamma", "pulsar", "<b>Bold</b>", "Gál’s", "data & more"]


class CountingCache(dict[bytes, bytes]):
    """A cache that counts how many groups were made, with the published site."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.site: dict[str, bytes] = {}
        self.is_committed = False

    def commit(self) -> None:
        self.is_committed = True

    def put(self, key: bytes, value: bytes) -> None:
        self.made += key not in self
        self[key] = value


def files(of: Catalogue, cache: CountingCache | None = None, index_at_most: int = ONE_FILE_AT_MOST) -> dict[str, bytes]:
    """Builds and publishes a site; gives its files."""
    previous = NO_PREVIOUS_BUILD if cache is None else PreviousBuild(cache=lambda _: cache, published=cache.site.get)
    found: dict[str, bytes] = {}
    for file in site_files(of, TEMPLATES, checkout.assets(), index_at_most=index_at_most, previous=previous):
        if isinstance(file, File):
            found[file.path] = file.content
        else:
            assert cache is not None
            found[file.path] = cache.site[file.path]
            assert (file.digest, file.size) == (digest(found[file.path]), len(found[file.path]))
    if cache is not None:
        cache.site = found
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
def test_after_random_edits_the_site_is_that_of_a_full_build(index_at_most: int) -> None:
    chance = random.Random(index_at_most)
    entries, cache = first(), CountingCache()
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
        incremental = files(now, cache, index_at_most)
        assert incremental == files(now, index_at_most=index_at_most)


def test_what_only_a_page_needs_is_not_derived_for_a_page_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[str] = []

    def noted(software: Software, page: str) -> str:
        derived.append(software.slug)
        return bibtex(software, page)

    monkeypatch.setattr(software_views, "bibtex", noted)
    entries, cache = first(), CountingCache()
    files(world(entries, "2026-01-01T03:04:05Z"), cache)
    assert sorted(derived) == sorted(f"tool-{number}" for number in entries)
    derived.clear()
    entries[1001]["description"] = "<p>Another.</p>"
    files(world(entries, "2026-01-02T03:04:05Z"), cache)
    assert derived == ["tool-1001"]


@pytest.mark.parametrize("index_at_most", [0, ONE_FILE_AT_MOST])
def test_a_night_without_news_reuses_all_pages_but_those_with_its_time(index_at_most: int) -> None:
    def seen(at: str) -> Catalogue:
        """A catalogue after a night in which everything was checked again, and nothing had changed."""
        of = world(first(), at)
        probes = {each.slug: Probe(facility=each.slug, url=each.url, asked=at, health=Health.HEALTHY, up=at) for each in of.facilities}  # fmt: skip
        looked = Readiness(
            strength=Strength.DOCKERFILE,
            environment="Dockerfile",
            ref=None,
            commit=None,
            checks=(),
            asked="2026-01-01T03:04:05Z",  # nothing new since
            seen="2026-01-01T03:04:05Z",
        )
        facilities = tuple(replace(each, probe=probes[each.slug]) for each in of.facilities)
        software = tuple(
            replace(each, editions=tuple(replace(edition, readiness=looked) for edition in each.editions))
            for each in of.software
        )
        observed = replace(of.observed, probed=at, inspected=at, probes=tuple(probes.values()))
        return replace(of, facilities=facilities, software=software, observed=observed)

    cache = CountingCache()
    before = files(seen("2026-01-02T03:04:05Z"), cache, index_at_most)
    made = cache.made
    after = files(seen("2026-01-03T03:04:05Z"), cache, index_at_most)
    assert before.keys() == after.keys()
    changed = {path for path in after if path.endswith(".html") and before[path] != after[path]}
    facilities = {f"facilities/{each.slug}/index.html" for each in world(first(), "").facilities}
    assert changed == {"index.html", "status/index.html", "facilities/index.html", *facilities}
    assert cache.made - made == len(changed)  # no page is made that does not change
    assert json.loads(after["api/v1/age.json"])["harvested"]["words"] == "3 January 2026, 03:04 UTC"


def test_a_changed_entry_makes_the_pages_that_show_it() -> None:
    cache = CountingCache()
    entries = first()
    files(world(entries, "2026-01-02T03:04:05Z"), cache)
    made = cache.made
    entries[1001]["description"] = "<p>Another one.</p>"
    after = files(world(entries, "2026-01-02T03:04:05Z"), cache)
    assert b"Another one." in after["software/tool-1001/index.html"]
    pages = sum(path.endswith(".html") for path in after)
    assert 5 < cache.made - made < pages / 2


def test_every_change_of_a_template_changes_the_digest_of_the_program(
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


def test_the_links_of_a_reused_page_are_checked_in_each_site() -> None:
    page, other = File("a.html", PAGE.encode()), File("b.txt", b"b")
    cache = CountingCache()
    cache.site = {page.path: page.content}
    for make in (lambda: [page], never):
        reusable = reusable_files(cache)
        reusable.get_or_make([1], make)
        assert site_problems([other], BASE, checked=[reusable.check]) == []
        (problem,) = site_problems([], BASE, checked=[reusable.check])
        assert problem.text == "a leads to b.txt, which is not in the site"


def test_the_order_in_which_checks_are_merged_makes_no_difference() -> None:
    checks = []
    for path in ("b.html", "a.html"):
        check = SiteCheck()
        check.add(path, check_page(File(path, PAGE.encode()), "/"))
        checks.append(check)
    for order in (checks, checks[::-1]):
        (problem,) = site_problems([], BASE, checked=order)
        assert str(problem.place) == "a.html"
        assert problem.text == "a leads to b.txt, which is not in the site; 1 other page leads there, too"


def test_a_page_with_a_problem_is_made_and_checked_each_time() -> None:
    page = File("a.html", b"<p>no page")
    cache = CountingCache()
    cache.site = {page.path: page.content}
    found = []
    for _ in range(2):
        reusable = reusable_files(cache)
        assert reusable.get_or_make([1], lambda: [page]) == [page]
        found.append(site_problems([], BASE, checked=[reusable.check]))
    assert found[0] == found[1] == site_problems([page], BASE)
    assert len(found[0]) > 2
    assert cache.made == 0


@dataclass(frozen=True)
class Said:
    """A value with a set."""

    words: frozenset[str]


class Also(Said):
    """Another class with the same fields."""


def test_equal_values_have_equal_keys_and_others_have_not() -> None:
    keys = CacheKeys()
    one, same = (Said(frozenset(order)) for order in (WORDS, reversed(WORDS)))
    shared = [1, "two"]
    assert keys.of(one, [shared, shared]) == CacheKeys().of(same, [[1, "two"], [1, "two"]])
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
from catalogue.outputs.incremental import CacheKeys
from tests.world import facility, software
from catalogue.model import Interface
said = {"jupyterlite": {"software": ["alpha", "beta", "gamma", "delta"]}, "rosetta": {"containers": {"alpha": "3c0f3a5e-8f0c-4f2b-9d4e-1a2b3c4d5e6f"}}}
every = [facility(kind, options=said.get(kind, {})) for kind in KINDS]
print(CacheKeys().of(every, software("tool", interfaces=frozenset(Interface))).hex())
"""


def test_a_value_has_the_same_key_in_every_process() -> None:
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


def reusable_files(cache: CountingCache, shared: bytes = b"") -> ReusableFiles:
    return ReusableFiles(CacheKeys(), "/", shared, cache, lambda path: cache.site.get(path))


@pytest.mark.parametrize("damage", [{}, {"a.html": b"cut"}])
def test_a_published_file_that_is_missing_or_changed_is_made_again(damage: dict[str, bytes]) -> None:
    cache = CountingCache()
    reusable = reusable_files(cache)
    made = [File("a.html", PAGE.encode(), listed=True), File("b.txt", b"too")]
    cache.site = {each.path: each.content for each in made}
    assert reusable.get_or_make([1], lambda: made) == made
    unchanged = [UnchangedFile(each.path, each.digest, each.size, each.listed) for each in made]
    assert reusable.get_or_make([1], never) == unchanged
    cache.site = {"b.txt": b"too", **damage}
    assert reusable.get_or_make([1], lambda: made) == made


def test_files_of_other_values_or_of_another_site_are_made_again() -> None:
    cache = CountingCache()
    made = [File("a.txt", b"whole")]
    cache.site = {"a.txt": b"whole"}
    for reusable, value in (
        (reusable_files(cache), 1),
        (reusable_files(cache), 2),
        (reusable_files(cache, b"another"), 1),
    ):
        assert reusable.get_or_make([value], lambda: made) == made
        assert reusable.get_or_make([value], never) != made


def test_the_cache_of_a_task_is_committed_when_the_task_is_done() -> None:
    cache = CountingCache()
    previous = PreviousBuild(cache=lambda name: cache if name == "pages" else CountingCache(), published=cache.site.get)
    files = IncrementalBuild(previous, "/", "all", []).task(
        "pages", lambda reusable: reusable.get_or_make([1], lambda: [File("a.html", PAGE.encode())])
    )
    assert next(files).path == "a.html"
    assert (cache.made, cache.is_committed) == (1, False)
    with pytest.raises(StopIteration) as end:
        next(files)
    assert cache.is_committed
    assert end.value.value.ids == {"a.html": ("here",)}


def test_the_search_is_made_of_what_it_is_said_to_be_made_of(real_catalogue: Catalogue) -> None:
    """`searched` keeps everything that the search depends on, and nothing else."""
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
