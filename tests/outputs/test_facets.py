"""Facets: what values an entry has, how they are counted, named and ordered."""

import re
from dataclasses import replace

import pytest

from catalogue.model import Catalogue, Interface, Licence, Login, Offer, Person, Software, Verdict
from catalogue.outputs.facets import FACETS, Facet, facet_values, facets, sort_date, subjects, value_slug
from tests.world import catalogue, entry, facility, software


def world(*entries: Software, offers: tuple[Offer, ...] = ()) -> Catalogue:
    places = (facility(slug="hub", name="A Hub"), facility(slug="other", name="Other"))
    return replace(catalogue(entry(1001)), software=entries, offers=offers, facilities=places, related=())


def offer(slug: str, place: str, verdict: Verdict, login: Login = Login.NONE) -> Offer:
    return Offer(
        software=slug, facility=place, verdict=verdict, url=None, reasons=(), notes=(), opens="", ref=None, login=login,
        carries=True,
    )  # fmt: skip


def facet(key: str, found: Catalogue) -> Facet:
    return next(each for each in facets(found) if each.key == key)


def test_the_facets_and_their_order() -> None:
    assert [(each.key, each.unfolded) for each in FACETS] == [
        ("interface", True), ("facility", True), ("platform", True), ("licence", False), ("readiness", False),
        ("login", False), ("data", False), ("held-at", False), ("keyword", False),
        ("author", False),
    ]  # fmt: skip


def test_an_entry_counts_once_in_a_facet_however_it_spells_a_value() -> None:
    found = world(
        software("a", runtimes=("C++", "C ++"), licence=Licence(spdx=None, stated="None")),
        software("b", runtimes=("日本",)),
        software("c", runtimes=("한국", "C++"), licence=Licence(spdx="MIT")),
    )
    platforms = facet("platform", found).values
    assert [(value.label, value.count) for value in platforms] == [("C++", 2), ("한국", 1), ("日本", 1)]
    assert len({value.slug for value in platforms}) == 3
    assert [(value.label, value.slug) for value in facet("licence", found).values] == [
        ("MIT", "mit"),
        ("None", "none"),
        ("Not given", "not-given"),
    ]


def test_kinds_are_in_the_order_of_the_vocabulary_and_only_those_that_occur() -> None:
    found = world(
        software("a", interfaces=frozenset({Interface.SERVICE, Interface.LIBRARY})),
        software("b", interfaces=frozenset({Interface.SERVICE})),
    )
    assert [(value.label, value.count) for value in facet("interface", found).values] == [
        ("Library", 1),
        ("Service", 2),
    ]
    assert "data" not in [each.key for each in facets(found)]


def test_a_facility_counts_what_runs_there_and_separately_what_may() -> None:
    found = world(
        software("a"),
        software("b"),
        offers=(
            offer("a", "hub", Verdict.YES),
            offer("b", "hub", Verdict.MAYBE),
            offer("a", "other", Verdict.MAYBE),
            offer("b", "other", Verdict.NO),
        ),
    )
    assert [(value.label, value.count, value.maybe) for value in facet("facility", found).values] == [
        ("A Hub", 1, 1),
        ("Other", 0, 1),
    ]
    assert [(each["facility"], each["maybe-facility"]) for each in map(facet_values, subjects(found))] == [
        ("hub", "other"),
        ("", "hub"),
    ]


def test_login_is_that_of_the_facilities_with_the_verdict_yes() -> None:
    found = world(
        software("a"),
        software("b"),
        offers=(
            offer("a", "hub", Verdict.YES, Login.NONE),
            offer("a", "other", Verdict.YES, Login.REQUIRED),
            offer("b", "hub", Verdict.MAYBE, Login.REQUIRED),
        ),
    )
    assert [facet_values(each)["login"] for each in subjects(found)] == ["none required", ""]
    assert [(value.label, value.count) for value in facet("login", found).values] == [
        ("No login", 1),
        ("Login needed", 1),
    ]


def test_a_person_with_an_orcid_is_one_author_however_the_name_is_spelt() -> None:
    def gal(name: str, sort_name: str, orcid: str | None = "0000-0001-7821-8673") -> Person:
        return Person(name=name, sort_name=sort_name, orcid=orcid)

    found = world(
        software("a", authors=(gal("Tamás Gál", "Gál, Tamás"),)),
        software("b", authors=(gal("Gál, T.", "Gál, T."), gal("Someone", "Someone", None))),
        software("c", authors=(gal("Tamás Gál", "Gál, Tamás"),)),
    )
    assert [(value.slug, value.label, value.count) for value in facet("author", found).values] == [
        ("gal-tamas", "Tamás Gál", 3),
        ("someone", "Someone", 1),
    ]


def test_of_two_spellings_of_a_name_that_are_equally_frequent_the_one_with_accents_is_shown() -> None:
    orcid = "0000-0001-7821-8673"
    spelt = [Person(name=name, sort_name="Gal, Tamas", orcid=orcid) for name in ("Tamas Gal", "Tamás Gál")]
    found = world(*(software(f"tool-{n}", authors=(person,)) for n, person in enumerate(spelt)))
    assert [value.label for value in facet("author", found).values] == ["Tamás Gál"]


WEI, OTHER_WEI = "0000-0002-1825-0097", "0000-0001-5109-3700"


def wang(orcid: str | None = None) -> Person:
    return Person(name="Wei Wang", sort_name="Wang, Wei", orcid=orcid)


@pytest.mark.parametrize("others", [(WEI, OTHER_WEI, None), (None, OTHER_WEI, WEI), (OTHER_WEI, WEI, None)])
def test_people_with_one_name_are_distinguished_by_their_orcids_in_any_order(
    others: tuple[str | None, ...],
) -> None:
    found = world(*(software(f"tool-{n}", authors=(wang(orcid),)) for n, orcid in enumerate(others)))
    assert {(value.slug, value.label, value.count) for value in facet("author", found).values} == {
        ("wang-wei-0097", f"Wei Wang ({WEI})", 1),
        ("wang-wei-3700", f"Wei Wang ({OTHER_WEI})", 1),
        ("wang-wei", "Wei Wang", 1),
    }
    assert {each["author"] for each in map(facet_values, subjects(found))} == {
        "wang-wei-0097",
        "wang-wei-3700",
        "wang-wei",
    }


def test_a_name_with_a_single_orcid_needs_no_suffix() -> None:
    found = world(software("a", authors=(wang(WEI),)), software("b", authors=(wang(),)))
    assert [(value.slug, value.label, value.count) for value in facet("author", found).values] == [
        ("wang-wei", "Wei Wang", 2)
    ]


def test_people_whose_orcids_end_alike_are_distinguished_by_all_digits() -> None:
    alike = ("0000-0001-2222-000X", "0000-0002-1111-000X")
    found = world(software("a", authors=tuple(wang(orcid) for orcid in alike)))
    assert {value.slug for value in facet("author", found).values} == {
        "wang-wei-0000-0001-2222-000x",
        "wang-wei-0000-0002-1111-000x",
    }


def test_keywords_that_differ_only_after_the_limit_of_a_slug_are_two_values() -> None:
    long = "imaging atmospheric Cherenkov telescopes and their calibration in"
    one, other = f"{long} Namibia", f"{long} Chile"
    found = facet("keyword", world(software("a", keywords=(one, other)), software("b", keywords=(one.upper(),))))
    assert [(value.label, value.count) for value in found.values] == [(one.upper(), 2), (other, 1)]
    begin = "imaging-atmospheric-cherenkov-telescopes-and"
    assert all(re.fullmatch(rf"{begin}[a-z-]*-[0-9a-f]{{8}}", value.slug) for value in found.values)
    assert value_slug("x" * 60) == "x" * 60


def test_of_many_values_only_the_most_frequent_are_shown_at_first() -> None:
    few = facet("keyword", world(software("a", keywords=tuple(f"word {n}" for n in range(10)))))
    many = facet("keyword", world(software("a", keywords=tuple(f"word {n}" for n in range(11)))))
    assert (few.typed, sum(value.shown for value in few.values)) == (False, 10)
    assert (many.typed, sum(value.shown for value in many.values)) == (True, 7)


def test_every_value_has_a_page_below_its_facet() -> None:
    [value] = facet("keyword", world(software("a", keywords=("Gamma-ray",)))).values
    assert (value.href, facet("keyword", world(software("a", keywords=("x",)))).href) == (
        "keyword/gamma-ray/",
        "keyword/",
    )


def test_a_value_without_latin_letters_has_a_slug_of_its_own() -> None:
    assert value_slug("日本") != value_slug("한국")


@pytest.mark.parametrize(
    ("published", "created", "date"),
    [
        ("2024-05-06", "2020-01-01T00:00:00Z", "2024-05-06"),
        ("2024-05", None, "2024-05"),
        ("2019/2021", None, "2019"),
        (None, "2020-01-02T03:04:05Z", "2020-01-02"),
        ("spring", None, ""),
        (None, None, ""),
    ],
)
def test_a_date_to_sort_by_is_as_precise_as_it_is_known(published: str, created: str, date: str) -> None:
    assert sort_date(software(published=published, created=created)) == date
