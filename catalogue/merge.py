"""Several statements about one piece of software -> one entry, each field with the source that it was taken from."""

from collections.abc import Iterable
from dataclasses import fields, replace
from itertools import takewhile
from operator import attrgetter

from markupsafe import Markup

from .model import Licence, Person, Provenance, Software, Source, StatedValue, Statement
from .problems import CatalogueError
from .repository import Repository
from .text import cut, plain, unique

_NOT_STATED = frozenset({"identity", "source", "places", "slug", "ref"})
FIELDS = tuple(each.name for each in fields(Statement) if each.name not in _NOT_STATED)
_values = attrgetter(*FIELDS)
VALUE_LIMIT = 300  # characters of a value that readers are shown beside its source


def combine(statements: Iterable[Statement]) -> Software:
    """One entry from several statements. For each field the last statement that has it wins; former slugs add up.

    A `ref` that is stated without a repository applies to the repository that another statement gives.
    """
    ordered = tuple(statements)
    values: dict[str, object] = {}
    provenance: dict[str, Provenance] = {}
    for name, *given in zip(FIELDS, *map(_values, ordered), strict=True):
        stated = [each for each in zip(ordered, given, strict=True) if each[1] is not None]
        if not stated:
            continue
        winner, values[name] = stated[-1]
        if name == "former_slugs":  # all of them redirect
            values[name] = unique(slug for _, slugs in stated for slug in slugs)
            stated = stated[-1:]
        if len(stated) == 1:
            provenance[name] = Provenance(field=name, source=_source(winner, name))
            continue
        taken = display_text(values[name])
        others = tuple(
            StatedValue(source=_source(statement, name), value=cut(words, VALUE_LIMIT))
            for statement, value in stated[:-1]
            if (words := display_text(value)) != taken
        )
        provenance[name] = Provenance(
            field=name, source=_source(winner, name), instead_of=others, also=_also(name, values[name], stated[:-1])
        )
    known = values.get("repository")
    with_ref = next((statement for statement in reversed(ordered) if statement.ref), None)
    if with_ref and isinstance(known, Repository):
        was, source = provenance["repository"], _source(with_ref, "ref")
        values["repository"] = moved = replace(known, ref=None if with_ref.ref == "HEAD" else with_ref.ref)
        if moved == known:
            provenance["repository"] = replace(was, also=(*was.also, source))
        else:
            others = (*was.instead_of, StatedValue(source=was.source, value=cut(display_text(known), VALUE_LIMIT)))
            provenance["repository"] = replace(was, source=source, instead_of=others, also=())
    more = provenance.pop("more_authors", None)
    if more and ("authors" not in provenance or more.source != provenance["authors"].source):
        values.pop("more_authors")  # the authors come from another source, which names them all
    if known:  # a weaker source said why it has none
        values.pop("no_repository", None)
        provenance.pop("no_repository", None)
    return Software(
        identity=ordered[-1].identity,
        slug=_slug(ordered),
        sources=tuple(statement.source for statement in ordered),
        provenance=tuple(provenance.values()),
        **values,  # type: ignore[arg-type]
    )


def _slug(statements: tuple[Statement, ...]) -> str:
    for statement in statements:
        if statement.slug:
            return statement.slug
    raise CatalogueError(f"no source gives a slug to {statements[0].identity!r}")


def _source(statement: Statement, name: str) -> Source:
    return next((place for field, place in statement.places if field == name), statement.source)


def _also(name: str, taken: object, weaker: list[tuple[Statement, object]]) -> tuple[Source, ...]:
    """The sources that state the same value as the winner, from the next weaker one down to the first that differs."""
    same = takewhile(lambda each: _says_the_same(each[1], taken), reversed(weaker))
    return tuple(_source(statement, name) for statement, _ in same)


def _says_the_same(one: object, other: object) -> bool:
    """Whether two stated values are equal; a licence may be spelt in two ways."""
    if isinstance(one, Licence) and isinstance(other, Licence):
        return one.label == other.label
    return one == other


def display_text(value: object) -> str:
    """A stated value as plain text on one line, whole, for readers to compare."""
    match value:
        case Markup():
            return plain(value)
        case str():
            return " ".join(str(value).split())
        case bool():
            return "yes" if value else "no"
        case Person(orcid=str(orcid)):
            return f"{value.name} ({orcid})"
        case tuple() | frozenset():
            words = [display_text(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
            return ("; " if any("," in each for each in words) else ", ").join(words)
    for attribute in ("label", "page", "name", "path", "doi"):
        if isinstance(shown := getattr(value, attribute, None), str):
            return shown
    return str(value)
