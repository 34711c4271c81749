"""Catalogues for measurements: the frozen one of the tests, and synthetic ones of any size that resemble it."""

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from catalogue.edge import checkout
from catalogue.launch.offers import offers
from catalogue.model import Catalogue, Offer, Person, Software, Version
from catalogue.outputs.files import File, UnchangedFile
from catalogue.pipeline import build_catalogue
from catalogue.repository import Repository, parse_repository
from catalogue.sources.snapshot import Snapshot
from catalogue.text import clean_html, plain
from tests.world import entry, snapshot

PROJECT = Path(__file__).parents[1]
_SYLLABLES = [
    "ba", "co", "da", "fe", "ga", "hi", "jo", "ka", "lu", "me", "ni", "or", "pe", "qua", "ro", "si", "ta", "ul", "ve",
    "wo", "xi", "yo", "za", "py", "stra", "ton", "gen", "mir", "cel", "nor",
]  # fmt: skip


def frozen_catalogue() -> Catalogue:
    """The catalogue of tests/world_2026, with today's synonyms."""
    synonyms = (PROJECT / "synonyms.yaml").read_text("utf-8")
    catalogue, problems = build_catalogue(
        replace(checkout.read_inputs(PROJECT / "tests" / "world_2026"), synonyms=synonyms)
    )
    if catalogue is None:
        raise SystemExit(f"tests/world_2026 is wrong: {problems}")
    return catalogue


def synthetic_catalogue(count: int, seed: int = 2026, *, described: bool = False, alike: bool = False) -> Catalogue:
    """A synthetic catalogue of `count` entries, the same for the same arguments.

    Its words, kinds, languages and numbers of authors are those of the frozen catalogue; names, people and some rare words
    are its own. If `described`, entries have descriptions of 60 to 250 words, with word frequencies as in natural language,
    and one to twelve authors, some with diacritics in their names. If `alike`, each entry takes the offers of the frozen
    entry that it is modelled on: deciding 100,000 anew takes minutes.
    """
    chance = random.Random(seed)
    base = frozen_catalogue()
    common = [word for each in base.software for word in f"{each.summary} {plain(each.description)}".split()]
    rare = [_word(chance, 3) for _ in range(20 + count * 2)]
    people = [_person(chance) for _ in range(10 + count * 2)]
    software = tuple(
        sorted(
            (_entry(number, chance, base, common, rare, people) for number in range(count)), key=lambda s: s.sort_key
        )
    )
    if described:
        often = [1 / (rank + 1) for rank in range(len(common))]
        software = tuple(_described(each, chance, common, often, people) for each in software)
    return replace(
        base,
        site=replace(base.site, blank=None),
        software=software,
        withdrawn=(),
        offers=_alike(software, base) if alike else offers(software, base.facilities),
        related=(),
        accounts=(),
    )


def synthetic_snapshot(count: int, harvested: str, changed: str = "", authors: int = 12) -> Snapshot:
    """A synthetic snapshot of `count` records with descriptions of 60 to 250 words, and at most `authors` authors each.

    `changed` is appended to the description of one of them.
    """
    chance = random.Random(2026)
    common = [_word(chance, chance.randint(1, 4)) for _ in range(3000)]
    often = [1 / (rank + 1) for rank in range(len(common))]
    people = [_person(chance).sort_name for _ in range(10 + 2 * count)]
    keywords = [_word(chance, 3) for _ in range(200)]
    return snapshot(
        *(
            entry(
                1001 + 2 * number,
                title=f"{_word(chance, 2).title()} tool {number}",
                description=f"<p>{' '.join(chance.choices(common, often, k=chance.randint(60, 250)))}{changed if number == count // 2 else ''}</p>",
                creators=tuple(dict.fromkeys(chance.choices(people, k=chance.randint(1, authors)))),
                keywords=("jupyter-notebook", *dict.fromkeys(chance.choices(keywords, k=4))),
                licences=("mit",),
                related=(("isSupplementTo", f"https://github.com/stars/tool-{number}"),),
            )
            for number in range(count)
        ),
        harvested=harvested,
    )


def _alike(software: tuple[Software, ...], base: Catalogue) -> tuple[Offer, ...]:
    of: dict[str, list[Offer]] = {}
    for offer in base.offers:
        of.setdefault(offer.software, []).append(offer)
    like = [of.get(each.slug, []) for each in base.software]
    return tuple(
        replace(offer, software=each.slug)
        for each in software
        for offer in like[int(each.slug.removeprefix("entry-")) % len(like)]
    )


def _entry(
    number: int, chance: random.Random, base: Catalogue, common: list[str], rare: list[str], people: list[Person]
) -> Software:
    like = base.software[number % len(base.software)]
    name = (
        f"{_word(chance, 2)}{number}".title()
        if number % 3
        else f"{_word(chance, 2)} {_word(chance, 2)} {number}".title()
    )
    text = " ".join(chance.choice(common if chance.random() < 0.85 else rare) for _ in range(60))
    repository = parse_repository(f"https://github.com/owner{number % 97}/{name.lower().replace(' ', '-')}")
    return replace(
        like,
        identity=f"10.5281/zenodo.{1_000_000 + 10 * number}",
        slug=f"entry-{number}",
        name=name,
        alternate_names=(),
        former_slugs=(),
        summary=text[:200],
        description=type(like.description)(),
        keywords=(*like.keywords, chance.choice(rare), chance.choice(rare[:200])),
        authors=tuple(chance.choice(people) for _ in like.authors),
        doi=f"10.5281/zenodo.{1_000_001 + 10 * number}",
        concept_doi=f"10.5281/zenodo.{1_000_000 + 10 * number}",
        versions=tuple(Version(doi=f"10.5281/zenodo.{1_000_002 + 10 * number + step}") for step in range(2)),
        repository=repository if isinstance(repository, Repository) else None,
    )


def _described(
    software: Software, chance: random.Random, common: list[str], often: list[float], people: list[Person]
) -> Software:
    words = chance.choices(common, often, k=chance.randint(60, 250))
    authors = [chance.choice(people) for _ in range(chance.randint(1, 12))]
    return replace(
        software,
        description=clean_html(f"<p>{' '.join(words)}</p>"),
        authors=tuple(dict.fromkeys(_marked(each) if chance.random() < 0.3 else each for each in authors)),
    )


def _marked(person: Person) -> Person:
    marks = str.maketrans("aeioucsz", "áéíöüčšž")
    return Person(name=person.name.translate(marks), sort_name=person.sort_name.translate(marks))


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(syllables))


def _person(chance: random.Random) -> Person:
    given, family = _word(chance, 2).title(), _word(chance, 3).title()
    return Person(name=f"{given} {family}", sort_name=f"{family}, {given}")


def write_site(files: Iterable[File | UnchangedFile], folder: Path) -> None:
    """Write the files of a full build to a folder, without the check before publishing."""
    for file in files:
        if not isinstance(file, File):
            raise TypeError(f"{file.path} was not made")
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
