"""What is missing or doubtful in the catalogue, each with a link to where it is corrected; as a board and as CSV."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..launch.readiness import as_reason
from ..links import outward_links
from ..model import Catalogue, Facility, Offer, Provenance, Software, Source, Strength
from ..text import as_sentence, cut, english_list, fold, plain, pluralize, summary_of
from ..times import day, loose_date
from .addresses import facility_page, software_page
from .files import File, csv_file
from .views import FIELD_LABELS, LinkView, source_link

OLD_YEARS = 3
_OTHERS_NAMED = 5  # entries that may be the same as another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of the board: what it is about, what is wrong, where it is corrected."""

    about: LinkView
    text: str
    fix: LinkView


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of finding: `key` for addresses, `label` as a heading, `why` it matters; `href` is a list of the same entries."""

    key: str
    label: str
    why: str
    findings: tuple[Finding, ...]
    href: str | None = None

    @property
    def csv(self) -> str:
        """The address of its rows as CSV."""
        return f"curation/{self.key}.csv"


def board(catalogue: Catalogue) -> tuple[Kind, ...]:
    """All kinds of findings in a fixed order, including those without any."""
    return tuple(
        Kind(key=key, label=label, why=why, findings=findings, href=href if findings else None)
        for key, label, why, find, href in _KINDS
        for findings in [tuple(find(catalogue))]
    )


# --- where things are corrected


def _yaml(software: Software, catalogue: Catalogue) -> LinkView | None:
    """The entry's own lines in our YAML; None if it has none."""
    return _edit_link(software.local_source, catalogue) if software.local_source else None


def _edit_link(source: Source, catalogue: Catalogue) -> LinkView:
    return LinkView(label=f"Edit {source.label}", href=source_link(source, catalogue.site).href)


def _record(software: Software) -> LinkView | None:
    """The page on which the owner of the record edits it; None if there is no record."""
    site, path, number = (software.record_url or "").partition("/records/")
    return LinkView(label=f"Edit record {number}", href=f"{site}/uploads/{number}") if path else None


def _upstream(software: Software, catalogue: Catalogue) -> LinkView:
    """Where a missing fact is added: in the record, else in our YAML."""
    return _record(software) or _yaml(software, catalogue) or _page(software)


def _where_stated(stated: Provenance | None, software: Software, catalogue: Catalogue) -> LinkView:
    """Where a wrong fact is corrected: on its line in our YAML, in the repository if a file there states it, else in the record."""
    if stated and stated.source.place:
        return _edit_link(stated.source, catalogue)
    if stated and stated.source.in_repository:
        return _code(software, catalogue)
    return _upstream(software, catalogue)


def _code(software: Software, catalogue: Catalogue) -> LinkView:
    """Where the code is changed: in the repository, else as for a missing fact."""
    repository = software.repository
    if repository is None:
        return _upstream(software, catalogue)
    return LinkView(label="Its repository", href=repository.page)


# The field whose statement is corrected, by the code of a check or a reason. For all others it is the code that has to change.
WRONG_FIELDS = {
    "commit": "repository",
    "gist-ref": "repository",
    "interface": "interfaces",
    "moved": "repository",
    "no-notebook": "notebooks",
    "notebook-gone": "notebooks",
    "ref-gone": "repository",
    "repository-gone": "repository",
    "short-commit": "repository",
}


def _where_fixed(code: str, software: Software, catalogue: Catalogue) -> LinkView:
    """Where a check or a reason with this code is dealt with: where the field at fault is stated, else in the repository."""
    if field := WRONG_FIELDS.get(code):
        return _where_stated(_by_field(software).get(field), software, catalogue)
    return _code(software, catalogue)


def _page(software: Software) -> LinkView:
    return LinkView(label=software.name, href=software_page(software.slug))


def _finding(software: Software, text: str, fix: LinkView) -> Finding:
    return Finding(about=_page(software), text=text, fix=fix)


def _by_field(software: Software) -> dict[str, Provenance]:
    """The provenance of an entry by field."""
    return {each.field: each for each in software.provenance}


# --- what is missing


def _lacking(text: str, lacks: Callable[[Software], bool]) -> Callable[[Catalogue], Iterator[Finding]]:
    def find(catalogue: Catalogue) -> Iterator[Finding]:
        for each in catalogue.software:
            if lacks(each):
                yield _finding(each, text, _upstream(each, catalogue))

    return find


def _no_repository(catalogue: Catalogue) -> Iterator[Finding]:
    for each in catalogue.software:
        if each.repository is None:
            yield _finding(
                each, as_sentence(each.no_repository or "no source says where its code is"), _upstream(each, catalogue)
            )


def _other_licence(catalogue: Catalogue) -> Iterator[Finding]:
    for each in catalogue.software:
        stated = _by_field(each).get("licence")
        if stated is None or each.licence is None:
            continue
        others = [f"“{other.value}” ({other.source.label})" for other in stated.instead_of]
        if each.conflicting_licence_file:
            others.append(f"“{each.conflicting_licence_file}” (the licence file of its repository)")
        if others:
            text = f"We show {each.licence.label} ({stated.source.label}); other sources say {english_list(others)}."
            yield _finding(each, text, _record(each) or _where_stated(stated, each, catalogue))


def _no_licence(catalogue: Catalogue) -> Iterator[Finding]:
    for each in catalogue.software:
        if each.licence is None:
            file = f" The licence file in its repository is {each.licence_file}." if each.licence_file else ""
            yield _finding(each, f"No source states its licence.{file}", _upstream(each, catalogue))


def _no_environment(catalogue: Catalogue) -> Iterator[Finding]:
    for each in catalogue.software:
        seen = each.readiness
        if seen and seen.strength is Strength.BARE:
            check = next((check for check in seen.checks if check.code == "bare"), None)
            text = as_reason(check).text if check else "it installs nothing"
            yield _finding(each, as_sentence(text), _code(each, catalogue))


def _repository_problems(catalogue: Catalogue) -> Iterator[Finding]:
    for each in catalogue.software:
        for check in each.readiness.checks if each.readiness else ():
            if check.ok is False or check.code in ("moved", "notebook-gone"):
                text = as_sentence(as_reason(check).text)
                yield _finding(each, text, _where_fixed(check.code, each, catalogue))


def _launchable_nowhere(catalogue: Catalogue) -> Iterator[Finding]:
    offers: dict[str, list[Offer]] = defaultdict(list)
    for offer in catalogue.offers:
        offers[offer.software].append(offer)
    for each in catalogue.software:
        if each.runs_at or any(offer.url and offer.carries for offer in offers[each.slug]):
            continue
        reasons = Counter(offer.reasons[0] for offer in offers[each.slug] if offer.reasons and not offer.url)
        text, fix = "no facility can open it", _code(each, catalogue)
        if reasons:
            (reason, count) = reasons.most_common(1)[0]
            text = f"{reason.text} (at {count} of {pluralize(len(offers[each.slug]), 'facility', 'facilities')})"
            fix = _where_fixed(reason.code, each, catalogue)
        yield _finding(each, as_sentence(text), fix)


# --- what is doubtful


def _opened(software: Software) -> set[str]:
    """The paths in its repository that an entry is about: its notebooks, and what the URL names; empty if it is about all of it."""
    named = software.repository.file if software.repository else None
    return {each.path for each in software.notebooks} | ({named} if named else set())


def _duplicates(catalogue: Catalogue) -> Iterator[Finding]:
    names = {each.slug: each.name for each in catalogue.software}
    same: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    opened = {each.slug: _opened(each) for each in catalogue.software}
    for slug, others in catalogue.related:
        for other in others:
            if not (opened[slug] and opened[other] and opened[slug].isdisjoint(opened[other])):
                same[slug][other].append("the same repository")
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in catalogue.software:
        alike["the same name", fold(each.name)].append(each.slug)
        if each.doi:
            alike["the same DOI", each.doi].append(each.slug)
    for (words, _), group in alike.items():
        for slug in group:
            for other in group:
                if other != slug:
                    same[slug][other].append(words)
    for each in catalogue.software:
        if found := same.get(each.slug):
            pairs = [f"{names[other]} ({english_list(why)})" for other, why in sorted(found.items())]
            if len(pairs) > _OTHERS_NAMED + 1:
                pairs[_OTHERS_NAMED:] = [f"{len(pairs) - _OTHERS_NAMED:,} more"]
            fix = _yaml(each, catalogue) or _upstream(each, catalogue)
            yield _finding(each, f"May be the same as {english_list(pairs)}.", fix)


def _dead_links(catalogue: Catalogue) -> Iterator[Finding]:
    dead = [link for link in catalogue.observed.links if link.dead]
    mentions = outward_links(catalogue) if dead else {}
    for link in dead:
        since = f"since {day(link.missing[0])}" + (f", last there on {day(link.there)}" if link.there else "")
        for each in mentions.get(link.url, ()):
            text = f"{as_sentence(each.words)[:-1]} {link.url}: {link.detail}, missing {since}."
            if each.software:
                fix = _where_stated(_by_field(each.software).get(each.field), each.software, catalogue)
                yield _finding(each.software, text, fix)
            elif each.facility:
                yield Finding(about=_facility(each.facility), text=text, fix=_at_facility(each.facility, catalogue))


def _facility(facility: Facility) -> LinkView:
    return LinkView(label=facility.name, href=facility_page(facility.slug))


def _at_facility(facility: Facility, catalogue: Catalogue) -> LinkView:
    place = facility.place
    return _edit_link(Source(label=f"{place.file}:{place.line}", place=place), catalogue)


def _stale(catalogue: Catalogue) -> Iterator[Finding]:
    # The age at the harvest, not by the clock: the same snapshot gives the same board.
    this_year = int(catalogue.harvest.harvested[:4])
    for each in catalogue.software:
        published = each.published or ""  # a day, a month or a year
        limit = f"{this_year - OLD_YEARS}{catalogue.harvest.harvested[4:10]}"
        if re.match(r"\d{4}\b", published) and limit[: len(published)] > published:
            what = f"version {each.version}" if each.version else "its newest version"
            text = f"No new version for {OLD_YEARS} years: {what} dates from {loose_date(published)}."
            yield _finding(each, text, _code(each, catalogue))


def _redundant(catalogue: Catalogue) -> Iterator[Finding]:
    for each in catalogue.software:
        lines: dict[str, tuple[Source, list[str]]] = {}
        for stated in each.provenance:
            sources = (stated.source, *stated.also)
            ours = next((source for source in sources if source.place), None)
            theirs = next((source for source in sources if not source.place), None)
            if ours and theirs:
                words = theirs.label if theirs.derived else f"from {theirs.label}"
                lines.setdefault(ours.label, (ours, []))[1].append(f"{FIELD_LABELS[stated.field]}, {words}")
        for ours, what in lines.values():
            yield _finding(each, f"The same without this line: {english_list(what)}.", _edit_link(ours, catalogue))


_RELEASE_TITLE = re.compile(
    r"[\w.-]+/[\w.-]+:\s+v?\d.*"  # as GitHub's hook writes it
    r"|(?:(?:release|version)\s+)?v?\d+(?:\.\d+)+\b.*"
    r"|(?:release notes|change ?log|what['’]?s (?:new|changed)|merge (?:pull|branch)|bump|fix(?:es|ed)?|hotfix)\b.*",
    re.IGNORECASE,
)


def _change_lists(catalogue: Catalogue) -> Iterator[Finding]:
    titles = dict(catalogue.harvest.titles)
    for each in catalogue.software:
        title = titles.get(each.identity, "")
        path = each.repository.path.removesuffix(".git") if each.repository else ""
        of_the_hook = bool(path) and title.partition(":")[0].casefold() == path.casefold()
        if of_the_hook or _RELEASE_TITLE.fullmatch(title):
            shown = "" if title == each.name else f"; we show {each.name}"
            yield _finding(each, f"Its record is called “{title}”{shown}.", _upstream(each, catalogue))
        if each.description and not summary_of(each.description):
            text = f"Its description is a list of changes: “{cut(plain(each.description), 60)}”."
            yield _finding(each, text, _where_stated(_by_field(each).get("description"), each, catalogue))


Find = Callable[[Catalogue], Iterable[Finding]]

_KINDS: tuple[tuple[str, str, str, Find, str | None], ...] = (
    (
        "no-repository",
        "No repository",
        "Nothing can be launched, inspected or linked to.",
        _no_repository,
        "readiness/no-repository/",
    ),
    (
        "no-licence",
        "No licence",
        "Readers do not know what they may do with it.",
        _no_licence,
        "licence/not-given/",
    ),
    (
        "other-licence",
        "Licences that differ",
        "The record, its CodeMeta file, the repository and our files disagree.",
        _other_licence,
        None,
    ),
    (
        "no-platform",
        "No platform",
        "Readers cannot find it by its language.",
        _lacking("No source says in which language it is written or what it runs on.", lambda each: not each.runtimes),
        "platform/not-given/",
    ),
    (
        "no-kind",
        "Use not stated",
        "Whether it is a notebook, a library or a desktop program decides where it can run.",
        _lacking("No source says how it is used.", lambda each: not each.interfaces),
        "interface/not-given/",
    ),
    ("no-environment", "No environment file", "A launch would install nothing.", _no_environment, "readiness/bare/"),
    (
        "broken",
        "Repository in doubt",
        "What its links should open is missing or has moved.",
        _repository_problems,
        None,
    ),
    (
        "nowhere",
        "Launchable nowhere",
        "No facility in this catalogue runs it; the most common reason is given.",
        _launchable_nowhere,
        None,
    ),
    ("duplicates", "Probable duplicates", "Two entries that may be the same thing.", _duplicates, None),
    ("dead-links", "Dead links", "Missing every time they were followed, on at least three days.", _dead_links, None),
    ("stale", "Stale", "No new version for years.", _stale, None),
    ("redundant", "Redundant overrides", "Lines of our files that no longer differ from upstream.", _redundant, None),
    (
        "change-lists",
        "Change lists",
        "Titles and descriptions that say what changed, not what the software is.",
        _change_lists,
        None,
    ),
)


# --- as CSV

_HEADER = ("kind", "entry", "page", "finding", "mend", "mend_url")


def csv_files(kinds: Iterable[Kind], base: str) -> list[File]:
    """One file for each kind, and `curation/all.csv` with all of them."""
    rows = {kind: [_row(kind, finding, base) for finding in kind.findings] for kind in kinds}
    files = [csv_file(kind.csv, [_HEADER, *found]) for kind, found in rows.items()]
    return [*files, csv_file("curation/all.csv", [_HEADER, *(row for found in rows.values() for row in found)])]


def _row(kind: Kind, finding: Finding, base: str) -> tuple[str, ...]:
    fix = finding.fix.href or ""
    return (
        kind.label,
        finding.about.label,
        f"{base}{finding.about.href}",
        finding.text,
        finding.fix.label,
        fix if fix.startswith("https://") or not fix else f"{base}{fix}",
    )
