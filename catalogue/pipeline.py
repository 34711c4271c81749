"""The whole flow on one screen: texts in, catalogue out. No network, no disk, no clock."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from .changes import RecordedState
from .launch import jupyterlite
from .launch.offers import offers
from .launch.refs import editions
from .merge import combine
from .model import (
    EXAMPLE_SUMMARY,
    Account,
    AccountSource,
    Catalogue,
    Facility,
    HarvestReport,
    Outcome,
    Site,
    Software,
    State,
    Statement,
)
from .observed import Observed, SeenRepository
from .problems import CatalogueError, Place, Problem, Severity, errors
from .repository import Provider, Repository
from .sources import facilities as facilities_yaml
from .sources import local as notebooks_yaml
from .sources import site as site_yaml
from .sources import synonyms as synonyms_yaml
from .sources.changes import read_changes
from .sources.guides import EXAMPLE_IDS, guides
from .sources.observed import read_observed
from .sources.ossr import site_of, statements
from .sources.repository_codemeta import repository_statement
from .sources.snapshot import Entry, Harvest, Omission, Snapshot, by_folded_doi, has_tombstone, read_snapshot
from .text import english_list, label_slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that a catalogue is made from, as texts.

    Mappings are from file name to text. `site` is None if it cannot be read, and `unread` says what is wrong with the
    files that are missing here. `extra` holds the paths of the files in `extra/`. `base_url` overrides that of the site.
    `built` is the ISO time to show as the build time, None for that of the snapshot. `not_after` is an ISO date: a later
    date in a YAML file is a mistake.
    """

    site: str | None
    facilities: Mapping[str, str]
    notebooks: Mapping[str, str]
    snapshot: Mapping[str, str]
    unread: tuple[Problem, ...] = ()
    observed: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)
    extra: frozenset[str] = frozenset()
    base_url: str | None = None
    built: str | None = None
    not_after: str | None = None
    synonyms: str = synonyms_yaml.NONE


def build_catalogue(inputs: Inputs) -> tuple[Catalogue | None, tuple[Problem, ...]]:
    """The catalogue, None if the site's settings are unusable, and all problems in the YAML files.

    Raises CatalogueError if the snapshot is missing, damaged or incomplete.
    """
    yaml_files = _read_yaml_files(inputs)
    site, local = yaml_files.site, yaml_files.local
    snapshot = read_snapshot(inputs.snapshot)
    if snapshot.harvest is None:
        raise CatalogueError("there is no snapshot yet: run `python build.py harvest` first")
    observed = read_observed(inputs.observed)
    software, merge_problems = merged(snapshot, local, site.community_short if site else "OSSR", observed)
    if site is None:
        return None, tuple(sorted((*yaml_files.problems, *merge_problems)))
    recorded, events = read_changes(inputs.changes)
    current = _in_order(each for each in software if each.state is not State.WITHDRAWN)
    current = with_editions(_with_uniform_keywords(current), observed)
    checks = _checks(inputs, yaml_files, site, software, current, merge_problems, recorded)
    problems = tuple(sorted((*yaml_files.problems, *merge_problems, *checks)))
    renamed = _renamed(software)
    site = replace(site, blank=renamed.get(site.blank or "", site.blank))
    if inputs.base_url:
        site = replace(site, base_url=facilities_yaml.with_slash(inputs.base_url))
    full_urls = (
        jupyterlite.with_full_url(replace(each, options=each.options.renamed(renamed)), site.base_url)
        for each in yaml_files.facilities
    )
    facilities = tuple(with_probes(full_urls, observed))
    catalogue = Catalogue(
        site=site,
        software=current,
        withdrawn=_withdrawn_with_page(
            software, snapshot, local, max(snapshot.harvest.harvested, observed.looked or "")
        ),
        facilities=facilities,
        offers=offers(current, facilities),
        related=_related(current),
        harvest=_harvest_report(snapshot.harvest, snapshot.entries, observed),
        accounts=_accounts(snapshot, snapshot.harvest, local, software),
        problems=problems,
        built=inputs.built or snapshot.harvest.harvested,
        observed=observed,
        synonyms=yaml_files.synonyms,
        recorded=recorded.at if recorded else None,
        changes=events,
        guides=guides(
            next(iter(sorted(inputs.facilities)), facilities_yaml.FILE),
            next(iter(sorted(inputs.notebooks)), notebooks_yaml.FILE),
        ),
    )
    return catalogue, problems


@dataclass(frozen=True, slots=True, kw_only=True)
class _YamlFiles:
    """The contents of the YAML files, and all problems in them; `of_local` are those of the notebooks alone."""

    site: Site | None
    facilities: list[Facility]
    local: list[Statement]
    synonyms: tuple[tuple[str, ...], ...]
    problems: tuple[Problem, ...]
    of_local: list[Problem]


def _read_yaml_files(inputs: Inputs) -> _YamlFiles:
    site, of_site = (None, []) if inputs.site is None else site_yaml.read_site(inputs.site)
    facilities, of_facilities = facilities_yaml.read_facility_files(inputs.facilities, inputs.not_after)
    local, of_local = notebooks_yaml.read_local_files(inputs.notebooks)
    synonyms, of_synonyms = synonyms_yaml.read_synonyms(inputs.synonyms)
    return _YamlFiles(
        site=site,
        facilities=facilities,
        local=local,
        synonyms=synonyms,
        problems=(*inputs.unread, *of_site, *of_facilities, *of_local, *of_synonyms),
        of_local=of_local,
    )


def file_problems(inputs: Inputs) -> tuple[Problem, ...]:
    """The problems of each YAML file by itself, for when there is no snapshot to check them against."""
    return tuple(sorted(_read_yaml_files(inputs).problems))


def _in_order(software: Iterable[Software]) -> tuple[Software, ...]:
    return tuple(sorted(software, key=lambda each: each.sort_key))


def _withdrawn_with_page(
    software: Iterable[Software], snapshot: Snapshot, local: Iterable[Statement], latest: str
) -> tuple[Software, ...]:
    """The withdrawn entries that still have a page at the ISO time `latest`; those of local entries stay for ever."""
    with_page = {entry.identity for entry in snapshot.entries if not entry.withdrawn or has_tombstone(entry, latest)}
    with_page |= {each.identity for each in local if each.slug}
    return _in_order(each for each in software if each.state is State.WITHDRAWN and each.identity in with_page)


def _harvest_report(harvest: Harvest, entries: Iterable[Entry], observed: Observed) -> HarvestReport:
    return HarvestReport(
        api=harvest.api,
        community=harvest.community,
        harvested=harvest.harvested,
        looked=observed.looked,
        note=harvest.note,
        seen=harvest.seen,
        not_seen=harvest.not_seen,
        repaired=tuple((each.id, each.text) for each in harvest.repaired),
        titles=tuple((each.identity, each.record.title) for each in entries),
    )


def with_editions(software: Iterable[Software], observed: Observed) -> tuple[Software, ...]:
    """The entries, each with the launchable states of its code, its licence file and the count of its launches."""
    seen = {each.repository: each for each in observed.repositories}
    launched = {each.repository: each for each in observed.launches.counts}
    return tuple(
        replace(
            each,
            editions=editions(each, seen),
            launched=launched.get(each.repository.key) if each.repository else None,
            licence_file=there.licence if each.repository and (there := seen.get(each.repository.url)) else None,
        )
        for each in software
    )


def with_probes(facilities: Iterable[Facility], observed: Observed) -> list[Facility]:
    """The facilities with the results of their last checks, the preferred ones first.

    The providers that a facility reports restrict those in its entry. A result for another URL is ignored.
    """
    probes = {(each.facility, each.url): each for each in observed.current_probes}
    found = []
    for each in facilities:
        probe = probes.get((each.slug, each.url))
        if probe and probe.providers is not None:
            each = replace(
                each, providers=each.providers & {Provider(name) for name in probe.providers if name in _PROVIDERS}
            )
        found.append(replace(each, probe=probe))
    return sorted(found, key=lambda each: each.preference)


_PROVIDERS = frozenset(Provider)


_NOTHING_OBSERVED = Observed()


def merged(
    snapshot: Snapshot, local: Iterable[Statement], community: str = "OSSR", observed: Observed = _NOTHING_OBSERVED
) -> tuple[tuple[Software, ...], list[Problem]]:
    """One entry for each identity, and the problems of merging: harvested entries with their local overrides, then local entries.

    Each takes what no other source states from the CodeMeta file that was seen in its repository.
    """
    overrides: dict[str, list[Statement]] = defaultdict(list)
    own: list[Statement] = []
    first: dict[str, Statement] = {}
    problems = []
    known = by_folded_doi(snapshot)
    for statement in local:
        place = statement.source.place or Place(file=notebooks_yaml.FILE)
        if statement.slug:
            own.append(statement)
        elif entry := known.get(statement.identity.casefold()):
            overrides[entry.identity].append(replace(statement, identity=entry.identity))
            other = first.setdefault(entry.identity, statement)
            if other.identity.casefold() != statement.identity.casefold():  # else `read_local` has reported it
                text = f"ossr: {statement.identity!r} and {other.identity!r} are the same entry: put both into one"
                # A harvest may have made them one, and no build should fail for that: both apply.
                problems.append(Problem(place, text, Severity.WARNING))
        else:
            text = f"ossr: {statement.identity!r} is not in the last harvest: check the concept DOI, or give it an `id`"
            near = _nearest(statement.identity, [each.identity for each in snapshot.entries], 0.9)
            problems.append(Problem(place, f"{text}{near}"))
    entries = {slug: entry for entry in snapshot.entries for slug in (entry.slug, *entry.former_slugs)}
    for statement in own:
        if entry := entries.get(statement.slug or ""):
            what = "the slug" if entry.slug == statement.slug else "a former slug"
            text = f"id: {statement.slug!r} is {what} of the {community} entry {entry.identity}: choose another"
            problems.append(Problem(statement.source.place or Place(file=notebooks_yaml.FILE), text))
    site = site_of(snapshot.harvest.api) if snapshot.harvest else ""
    seen = {each.repository: each for each in observed.repositories}
    found = [
        _combined([*statements(entry, site, community), *overrides[entry.identity]], seen) for entry in snapshot.entries
    ]
    problems += _check_duplicates_of_harvested(own, snapshot.entries, found, community)
    found += [_combined([statement], seen) for statement in own if statement.slug not in entries]
    return tuple(found), problems + _check_former_slugs(found)


def _combined(stated: list[Statement], seen: Mapping[str, SeenRepository]) -> Software:
    """The entry of these statements, and of the CodeMeta file in the repository that they name, which is weaker than all."""
    found = combine(stated)
    of_repository = repository_statement(found, seen)
    return combine([of_repository, *stated]) if of_repository else found


def _check_duplicates_of_harvested(
    own: Iterable[Statement], entries: Iterable[Entry], harvested: Iterable[Software], community: str
) -> Iterator[Problem]:
    """Warns of local entries with the same repository as a harvested one, unless they are about a notebook or a folder in it."""
    by_key: dict[str, Software] = {}
    for entry, each in zip(entries, harvested, strict=True):
        if each.state is not State.WITHDRAWN:
            archives = (Repository(host="zenodo.org", path=doi) for doi in entry.dois)
            by_key |= {code.key: each for code in (each.repository, *archives) if code}
    for statement in own:
        code = statement.repository
        other = by_key.get(code.key) if code and not code.file and not statement.notebooks else None
        if other is None:
            continue
        source = dict(statement.places).get("repository", statement.source)
        ours = other.local_source
        remedy = (
            f"add to {ours.label} what it lacks" if ours else f"write `ossr: {other.identity}` in the place of `id`"
        )
        text = (
            f"repository: is that of the {community} entry {other.name!r}, and readers see both: if they are the same, "
            f"{remedy}, and put the id under `formerly`"
        )
        yield Problem(source.place or Place(file=notebooks_yaml.FILE), text, Severity.WARNING)


def _checks(
    inputs: Inputs,
    yaml_files: _YamlFiles,
    site: Site,
    software: Collection[Software],
    current: Iterable[Software],
    merge_problems: Iterable[Problem],
    recorded: RecordedState | None,
) -> Iterator[Problem]:
    """The problems that show only if the YAML files are read together, or with the snapshot."""
    facilities = yaml_files.facilities
    # If the blank notebook's entry may be one that was dropped for a mistake, that is reported already: it is not reported
    # as missing, too.
    mistaken = "\n".join(inputs.notebooks.values()) if errors([*yaml_files.of_local, *merge_problems]) else ""
    if not inputs.unread:
        if site.blank and site.blank not in mistaken:
            yield from _check_blank(site.blank, inputs.site or "", software)
        yield from _check_contents(facilities, software, inputs.facilities)
        yield from _check_data(facilities, current, inputs.facilities)
    for key, problem in site_yaml.placeholders(site, inputs.site or "").items():
        if key != "base_url" or not inputs.base_url:
            yield problem
    yield from _check_examples(facilities, yaml_files.local)
    if recorded and not errors(yaml_files.problems):
        yield from _check_lost(recorded, facilities, software, inputs)
    yield from _check_extra(facilities, current, inputs.extra, inputs.facilities)


def _check_examples(facilities: Iterable[Facility], local: Iterable[Statement]) -> Iterator[Problem]:
    """Warns of what was copied from the guides and stays where readers see it: ids, which can never be changed, and a summary."""
    ids = [*((each.slug, each.place) for each in facilities), *((each.slug, each.source.place) for each in local)]
    for slug, place in ids:
        if slug in EXAMPLE_IDS and place:
            text = f"id: {slug!r} is that of the example, and would stay in its addresses for ever: choose another"
            yield Problem(place, text, Severity.WARNING)
    for each in local:
        place = dict(each.places).get("summary", each.source).place
        if each.summary == EXAMPLE_SUMMARY and place:
            text = "summary: is that of the example, and readers would see it: write another, or remove the line"
            yield Problem(place, text, Severity.WARNING)


_GIVE_A_SLUG = ": give the slug of an entry, as in its URL /software/<slug>/"


def _nearest(given: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The end of a message that names the most similar of the known words, whatever their case; empty if none is similar."""
    by_fold = {each.casefold(): each for each in sorted(known)}
    near = get_close_matches(given.casefold(), by_fold, n=1, cutoff=likeness)
    return f"; did you mean {by_fold[near[0]]!r}?" if near else ""


def _check_former_slugs(software: Iterable[Software]) -> list[Problem]:
    """An earlier slug must not be the slug of an entry, nor redirect to two of them."""
    owner: dict[str, Software] = {each.slug: each for each in software}
    problems = []
    for each in software:
        for slug in each.former_slugs:
            if slug in owner:
                sources = {field.field: field.source for field in each.provenance}
                source = sources.get("former_slugs", each.sources[-1])
                place = source.place or Place(file=notebooks_yaml.FILE)
                other = owner[slug]
                whose = "this entry" if other is each else repr(other.name)
                what = "the slug" if other.slug == slug else "a former slug"
                problems.append(Problem(place, f"formerly: {slug!r} is already {what} of {whose}: remove it here"))
            owner.setdefault(slug, each)
    return problems


def _renamed(software: Iterable[Software]) -> dict[str, str]:
    """The slug that each former slug was replaced by."""
    return {former: each.slug for each in software for former in each.former_slugs}


def _no_entry(slug: str, slugs: Collection[str], renamed: Mapping[str, str]) -> str:
    """What is wrong with a slug that no entry has."""
    if now := renamed.get(slug):
        return f"the slug of the entry {slug!r} is {now!r} now"
    return f"there is no entry {slug!r}{_nearest(slug, slugs) or _GIVE_A_SLUG}"


def _check_blank(blank: str, settings: str, software: Collection[Software]) -> Iterator[Problem]:
    """The blank notebook of the settings must be an entry. If its slug has changed, that is only a warning."""
    slugs, renamed = {each.slug for each in software}, _renamed(software)
    if blank not in slugs:
        severity = Severity.WARNING if blank in renamed else Severity.ERROR
        yield Problem(site_yaml.place_of("blank", settings), f"blank: {_no_entry(blank, slugs, renamed)}", severity)


def _check_contents(
    facilities: Iterable[Facility], software: Collection[Software], texts: Mapping[str, str]
) -> Iterator[Problem]:
    """What a facility is said to hold or to have run must be entries. A missing one is only a warning, since entries may be withdrawn."""
    slugs, renamed = {each.slug for each in software}, _renamed(software)
    for facility in facilities:
        for slug in sorted((facility.options.holds | facility.options.equipped_for) - slugs):
            place = facilities_yaml.place_of_word(facility, "options", slug, texts)
            text = f"options of {facility.slug}: {_no_entry(slug, slugs, renamed)}"
            yield Problem(place, text, Severity.WARNING)


_DATA_LIKENESS = 0.9  # “simulated SKA data” is no misspelling of “simulated CTA data”
_NUMBERS = re.compile(r"[0-9]+")


def _check_data(
    facilities: Iterable[Facility], software: Iterable[Software], texts: Mapping[str, str]
) -> Iterator[Problem]:
    """Warns of data at a facility that are spelt almost as data which software reads. Data that nothing reads yet are no mistake."""
    read = {label_slug(each): each for entry in software for each in entry.reads}
    in_one_word = {slug.replace("-", ""): each for slug, each in read.items()}
    # Another number makes it other data: DR2 is no misspelling of DR1.
    with_numbers: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for each in read.values():
        with_numbers[tuple(_NUMBERS.findall(each))].append(each)
    for facility in facilities:
        for each in facility.data:
            if label_slug(each) in read:
                continue
            same = in_one_word.get(label_slug(each).replace("-", ""))
            alike = with_numbers.get(tuple(_NUMBERS.findall(each)), [])
            if near := f"; did you mean {same!r}?" if same else _nearest(each, alike, _DATA_LIKENESS):
                place = facilities_yaml.place_of_word(facility, "data", each, texts)
                yield Problem(place, f"data: no software reads {each!r}{near}", Severity.WARNING)


def _check_lost(
    recorded: RecordedState, facilities: Iterable[Facility], software: Iterable[Software], inputs: Inputs
) -> Iterator[Problem]:
    """An entry that was published must not be removed from a YAML file: papers cite its URLs, which must keep working."""
    there = {each.slug for each in facilities}
    file = next(iter(sorted(inputs.facilities)), facilities_yaml.FILE)
    for lost in recorded.facilities:
        if lost.slug not in there:
            text = f"id: {lost.slug!r} was published, and its addresses must stay: put {lost.name!r} back and say when it `closed`"
            yield Problem(Place(file=file), text)
    slugs = {slug for each in software for slug in (each.slug, *each.former_slugs)}
    file = next(iter(sorted(inputs.notebooks)), notebooks_yaml.FILE)
    for each in recorded.software:
        if each.identity == each.slug and each.slug not in slugs:
            text = (
                f"id: {each.slug!r} was published, and its addresses must stay: put it under `formerly` of the entry that "
                f"{each.name!r} is now, or put it back and say why it is `left_out`"
            )
            yield Problem(Place(file=file), text)


def _check_extra(
    facilities: Iterable[Facility], software: Iterable[Software], extra: frozenset[str], texts: Mapping[str, str]
) -> list[Problem]:
    """A JupyterLite of this site must be in `extra/`, with the notebooks that it is said to hold."""
    by_slug = {each.slug: each for each in software}
    problems = []
    for facility in facilities:
        if not jupyterlite.is_on_this_site(facility):
            continue
        if f"{facility.url}lab/index.html" not in extra:
            text = f"url: there is no extra/{facility.url}lab/index.html: make it with `jupyter lite build --output-dir extra/{facility.url}`"
            problems.append(Problem(facility.place, text))
            continue
        for slug in sorted(facility.options.holds & by_slug.keys()):
            target = by_slug[slug].target
            if target and target.file and f"{facility.url}files/{target.file}" not in extra:
                text = f"options: the notebook of {slug!r} is not in it: there is no extra/{facility.url}files/{target.file}"
                problems.append(Problem(facilities_yaml.place_of_word(facility, "options", slug, texts), text))
    return problems


def _with_uniform_keywords(software: tuple[Software, ...]) -> tuple[Software, ...]:
    """The entries, with keywords that differ only in case in their most frequent spelling."""
    uses = Counter(word for each in software for word in each.keywords)
    best: dict[str, str] = {}
    for word in sorted(uses, key=lambda word: (-uses[word], word)):
        best.setdefault(word.casefold(), word)
    spelt = (tuple(dict.fromkeys(best[word.casefold()] for word in each.keywords)) for each in software)
    return tuple(
        each if words == each.keywords else replace(each, keywords=words)
        for each, words in zip(software, spelt, strict=True)
    )


def _related(software: tuple[Software, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each entry whose repository has others, as its slug with those of the others."""
    groups: dict[str, list[str]] = defaultdict(list)
    for each in software:
        if each.repository:
            groups[each.repository.key].append(each.slug)
    return tuple(
        (slug, tuple(other for other in group if other != slug))
        for group in groups.values()
        if len(group) > 1
        for slug in group
    )


def _accounts(
    snapshot: Snapshot, harvest: Harvest, local: Iterable[Statement], software: Iterable[Software]
) -> tuple[Account, ...]:
    """What became of each record and local entry, one line each.

    Raises CatalogueError if the lines of the harvest do not add up to the records that it saw.
    """
    shown = {each.identity: each for each in software}
    not_seen = set(harvest.not_seen)
    lines = [_account(entry, shown[entry.identity], not_seen) for entry in snapshot.entries]
    for each in harvest.left_out:
        outcome = Outcome.VERSION if each.code is Omission.OLDER_VERSION else Outcome.LEFT_OUT
        lines.append(
            Account(
                identity=each.id,
                title=each.title,
                source=AccountSource.HARVEST,
                outcome=outcome,
                detail=each.reason.removeprefix("older version "),
            )
        )
    known = by_folded_doi(snapshot)
    for statement in local:
        entry = None if statement.slug else known.get(statement.identity.casefold())
        target = shown.get(entry.identity if entry else statement.identity)
        if target is None:
            continue
        lines.append(
            Account(
                identity=statement.identity,
                title=statement.name or target.name,
                source=AccountSource.LOCAL,
                outcome=Outcome.MERGED if entry else Outcome.PUBLISHED,
                detail=f"{statement.source.label} into {target.name}" if entry else statement.source.label,
                slug=target.slug,
            )
        )
    accounted = sum(each.source is AccountSource.HARVEST for each in lines)
    if accounted != harvest.seen:
        raise CatalogueError(
            f"the snapshot is not whole: its harvest saw {harvest.seen} records, and {accounted} are accounted for: "
            "restore snapshot/ from the repository's history, or harvest again"
        )
    return tuple(lines)


def _account(entry: Entry, software: Software, not_seen: set[str]) -> Account:
    detail = f"record {entry.record.id}"
    if entry.merged:
        detail = f"{detail}, merged with what was listed as {english_list(entry.former_slugs)}"
    outcome = Outcome.PUBLISHED
    if entry.withdrawn:
        outcome, detail = Outcome.WITHDRAWN, software.state_note or ""
    elif software.state is State.WITHDRAWN:
        outcome, detail = Outcome.LEFT_OUT, software.state_note or ""
    elif entry.identity in not_seen:
        detail = f"{detail}, kept from before: the last harvest did not list it"
    return Account(
        identity=entry.identity,
        title=software.name,
        source=AccountSource.KEPT if entry.withdrawn or entry.identity in not_seen else AccountSource.HARVEST,
        outcome=outcome,
        detail=detail,
        slug=software.slug,
    )
