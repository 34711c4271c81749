"""The facets that filter lists. One entry in `FACETS` makes a facet: its filter, its pages, its counts.

The browser reads the facets from the page, so a new one needs no JavaScript.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..launch.offers import SINGULAR
from ..model import Catalogue, Interface, Login, Offer, Software, Verdict
from ..text import fold, label_slug
from .launch_views import LOGIN_LABELS, READINESS_LABELS, readiness_kind

INTERFACE_LABELS = {each: words[0].upper() + words[1:] for each, words in SINGULAR.items()}

# A filter shows all values of a facet with up to SHOWN_AT_MOST; else the first SHOWN, and a field to find others by typing.
SHOWN, SHOWN_AT_MOST = 7, 10
# Collaborations list thousands of authors; those beyond this limit have no facet value.
AUTHORS_AT_MOST = 200
NOT_GIVEN = "not-given"


# A slug and a label. Labels with the same slug are one value.
Value = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An entry with everything that facets are computed from: `names` of facilities by slug, `people` by ORCID."""

    software: Software
    offers: tuple[Offer, ...]
    names: Mapping[str, str]
    people: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A facet: `key` is for addresses, `values` gives those of an entry. `unfolded`: its filter is open at first.

    `order` is the order of slugs for a fixed vocabulary; other values are sorted by count. `every` is the heading of the page
    that lists all values; `maybe` gives further values, which an entry may have.
    """

    key: str
    label: str
    every: str
    values: Callable[[Subject], Iterable[Value]]
    unfolded: bool = False
    order: tuple[str, ...] | None = None
    maybe: Callable[[Subject], Iterable[Value]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value of a facet: `count` is the number of entries that have it, `href` the page that lists them.

    `maybe` is the number of further entries that may have it; `shown`: the filter shows it before readers look for it.
    """

    slug: str
    label: str
    count: int
    href: str
    maybe: int = 0
    shown: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A facet of the catalogue, with all of its values in order."""

    key: str
    label: str
    every: str
    href: str
    values: tuple[FacetValue, ...]
    unfolded: bool
    has_maybe: bool

    @property
    def typed(self) -> bool:
        """Whether there are so many values that readers look for them by typing."""
        return not all(value.shown for value in self.values)


def value_slug(label: str) -> str:
    """The slug of a facet's value."""
    return label_slug(label) if label else NOT_GIVEN


def licence_label(software: Software) -> str:
    """The licence to show and to filter by; empty if there is none."""
    return software.licence.label if software.licence else ""


def sort_date(software: Software) -> str:
    """The date to sort by, as precise as it is known: `2024-05-06`, `2024-05`, `2024`; empty if there is none."""
    stated = software.published or software.created or ""
    match = re.match(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", stated)
    return match[0] if match else ""


def _labelled(labels: Iterable[str]) -> Iterable[Value]:
    return ((value_slug(label), label) for label in labels)


def _kinds(subject: Subject) -> Iterable[Value]:
    stated = [(each.value, INTERFACE_LABELS[each]) for each in Interface if each in subject.software.interfaces]
    return stated or _labelled([""])


def _places(verdict: Verdict) -> Callable[[Subject], Iterable[Value]]:
    def values(subject: Subject) -> Iterable[Value]:
        return (
            (each.facility, subject.names[each.facility]) for each in subject.offers if each.launch_verdict is verdict
        )

    return values


def _logins(subject: Subject) -> Iterable[Value]:
    return (
        (each.login.value, LOGIN_LABELS[each.login]) for each in subject.offers if each.launch_verdict is Verdict.YES
    )


def _holders(subject: Subject) -> Iterable[Value]:
    return ((each.facility, subject.names[each.facility]) for each in subject.offers if each.data)


def authors(subject: Subject) -> Iterable[Value]:
    """The slug and label of each author of an entry, in order; of up to AUTHORS_AT_MOST."""
    for person in subject.software.authors[:AUTHORS_AT_MOST]:
        yield subject.people.get(person.orcid or "") or (value_slug(person.sort_name), person.display_name)


FACETS = (
    Definition(
        key="interface",
        label="Kind",
        every="All kinds",
        values=_kinds,
        unfolded=True,
        order=(*(each.value for each in Interface), NOT_GIVEN),
    ),
    Definition(
        key="facility",
        label="Can be launched at",
        every="All facilities by what runs there",
        values=_places(Verdict.YES),
        maybe=_places(Verdict.MAYBE),
        unfolded=True,
    ),
    Definition(
        key="platform",
        label="Language or platform",
        every="All languages and platforms",
        values=lambda subject: _labelled(subject.software.runtimes or [""]),
        unfolded=True,
    ),
    Definition(
        key="licence",
        label="Licence",
        every="All licences",
        values=lambda subject: _labelled([licence_label(subject.software)]),
    ),
    Definition(
        key="readiness",
        label="Repository",
        every="What repositories say of their environment",
        values=lambda subject: [(kind := readiness_kind(subject.software), READINESS_LABELS[kind])],
        order=tuple(READINESS_LABELS),
    ),
    Definition(
        key="login",
        label="Login",
        every="Launches with and without a login",
        values=_logins,
        order=tuple(each.value for each in (Login.NONE, Login.REQUIRED, Login.UNKNOWN)),
    ),
    Definition(
        key="data",
        label="Data it reads",
        every="All data",
        values=lambda subject: _labelled(subject.software.reads),
    ),
    Definition(
        key="held-at",
        label="Data held at",
        every="Facilities with data that entries read",
        values=_holders,
    ),
    Definition(
        key="keyword",
        label="Keyword",
        every="All keywords",
        values=lambda subject: _labelled(subject.software.keywords),
    ),
    Definition(key="author", label="Author", every="All authors", values=authors),
)


def subjects(catalogue: Catalogue) -> tuple[Subject, ...]:
    """The current entries with what facets are computed from, in the catalogue's order."""
    offers: dict[str, list[Offer]] = defaultdict(list)
    for offer in catalogue.offers:
        offers[offer.software].append(offer)
    names = {each.slug: each.name for each in catalogue.facilities}
    people = _people(catalogue)
    return tuple(
        Subject(software=each, offers=tuple(offers[each.slug]), names=names, people=people)
        for each in catalogue.software
    )


def _people(catalogue: Catalogue) -> dict[str, Value]:
    """The slug and label of the author with each ORCID, in the most frequent spelling of the name.

    If several have the same name, the slugs of all of them end with the last four digits of the ORCID, or all digits, and the
    labels contain it, so that none depends on who came first. The plain slug is left to authors without an ORCID.
    """
    spelt: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for software in catalogue.software:
        for person in software.authors:
            if person.orcid:
                spelt[person.orcid][value_slug(person.sort_name), person.display_name] += 1
    # Of two equally frequent spellings, the one with accents.
    people = {
        orcid: min(names, key=lambda each: (-names[each], each[1].isascii(), each)) for orcid, names in spelt.items()
    }
    alike = Counter(slug for slug, _ in people.values())
    ends = Counter((slug, orcid[-4:]) for orcid, (slug, _) in people.items())

    def told_apart(orcid: str, slug: str, name: str) -> Value:
        if alike[slug] == 1:
            return slug, name
        end = orcid[-4:] if ends[slug, orcid[-4:]] == 1 else orcid
        return f"{slug}-{end.lower()}", f"{name} ({orcid})"

    return {orcid: told_apart(orcid, *value) for orcid, value in people.items()}


def facet_values(subject: Subject) -> dict[str, str]:
    """The slugs of an entry's values by facet key, separated by blanks; under `maybe-…` those that it may have."""
    found = {}
    for facet in FACETS:
        found[facet.key] = " ".join(dict(facet.values(subject)))
        if facet.maybe:
            found[f"maybe-{facet.key}"] = " ".join(dict(facet.maybe(subject)))
    return found


def facets(catalogue: Catalogue) -> tuple[Facet, ...]:
    """The facets of the whole catalogue with counts. A facet without values is left out."""
    every = subjects(catalogue)
    found = (_facet(definition, every) for definition in FACETS)
    return tuple(facet for facet in found if facet.values)


def _facet(definition: Definition, every: Iterable[Subject]) -> Facet:
    stated: list[Value] = []
    sure_slugs: list[str] = []
    maybe_slugs: list[str] = []
    for subject in every:
        sure = list(definition.values(subject))
        unsure = list(definition.maybe(subject)) if definition.maybe else []
        stated += sure
        stated += unsure
        # An entry counts once, even if it has a value in two spellings.
        sure_slugs += dict(sure)
        maybe_slugs += dict(unsure)
    counts, maybe = Counter(sure_slugs), Counter(maybe_slugs)
    rarest_first = sorted(Counter(stated).items(), key=lambda each: (-each[1], each[0][1]), reverse=True)
    label_of = {slug: label for (slug, label), _ in rarest_first}  # of several labels, the most frequent one wins

    def place(slug: str) -> tuple[int, int, str, str]:
        if definition.order is not None:
            return definition.order.index(slug), 0, "", slug
        return int(slug == NOT_GIVEN), -counts[slug], fold(label_of[slug]), slug

    ordered = sorted(label_of, key=place)
    shown = len(ordered) if len(ordered) <= SHOWN_AT_MOST else SHOWN
    return Facet(
        key=definition.key,
        label=definition.label,
        every=definition.every,
        href=f"{definition.key}/",
        unfolded=definition.unfolded,
        has_maybe=definition.maybe is not None,
        values=tuple(
            FacetValue(
                slug=slug,
                label=label_of[slug] or "Not given",
                count=counts[slug],
                maybe=maybe[slug],
                href=f"{definition.key}/{slug}/",
                shown=number < shown,
            )
            for number, slug in enumerate(ordered)
        ),
    )
