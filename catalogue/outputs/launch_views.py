"""What pages show about launches: offers, the health of facilities, the readiness of repositories."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..launch.kinds import KINDS
from ..launch.readiness import as_reason
from ..links import count_not_followed, not_followed_text, outward_links
from ..model import (
    LIMIT_LABELS,
    Catalogue,
    Check,
    Facility,
    LaunchLink,
    Limits,
    Login,
    Offer,
    Pin,
    Readiness,
    Software,
    Strength,
    Verdict,
)
from ..observed import STRIKES, Health, LinkState, Observed, Probe
from ..repository import Provider
from ..text import as_sentence, pluralize
from ..times import day, days_until, loose_date, when
from .addresses import facility_page, launch_page, software_page

VERDICT_LABELS = {Verdict.YES: "Should run here", Verdict.MAYBE: "May run here", Verdict.NO: "Not here"}
LOGIN_LABELS = {Login.NONE: "No login", Login.UNKNOWN: "Login not known", Login.REQUIRED: "Login needed"}
STRIP_DAYS = 30
_FRESH_DAYS = 5  # an archive whose last day is older than this is not current
_BAD_DAYS_NAMED = 3

# The host whose launches are counted.
_COUNTED_HOST = "mybinder.org"

# For cells of the matrix, which have no room for a sentence; the page of the entry has the sentence.
_SHORT_REASONS = {
    "interface": "another kind of software",
    "no-repository": "no repository known",
    "provider": "code on another host",
    "restricted": "restricted files",
    "commit": "pinned to a commit",
    "library": "library",
    "interface-unknown": "use not stated",
    "front-page": "front page only",
    "software-list": "software list only",
    "image": "image untried",
    "contents": "not held there",
    "closed": "closed",
    "not-looked": "not inspected yet",
    "own-environment": "packages may be missing",
    "bare": "installs nothing",
    "environment-broken": "cannot be built",
    "repository-gone": "repository gone",
    "repository-empty": "repository empty",
    "not-one-zip": "not one zip",
    "ref-gone": "version gone",
    "notebook-gone": "notebook gone",
    "ports": "port blocked",
    "letters": "letters in its address",
    "gist-ref": "a gist at a branch",
    "git-only": "not in Git",
    "short-commit": "pinned to a commit",
    "no-notebook": "no notebook named",
}

# For the text beside a button, where there is no room for a sentence; the notes of the offer have the sentence.
_SHORT_NOTES = {
    "data-here": "data held here",
    "slow-start": "first start takes minutes",
    "temporary": "nothing is kept",
    "stays": "your files stay",
    "in-browser": "runs in your browser",
    "choose": "you choose a resource there",
    "insecure": "not encrypted",
    "tag": "works the first time",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchView:
    """A link besides the main one, to another version of the code or to a notebook.

    `path` is that of the notebook; `pin` names the version for scripts.
    """

    label: str
    url: str
    path: str = ""
    pin: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningView:
    """A warning about a facility; `level` is weak, down or unknown, as in HealthView."""

    label: str
    level: str

    @property
    def words(self) -> str:
        """The label as it is written within a sentence."""
        return self.label[0].lower() + self.label[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """One row of a launch block, or one cell of the matrix.

    `data` is what the facility holds of the data that the entry reads; `warnings` must be seen before a launch; `health` is
    that of the facility; `short` is what to expect, in a few words; `pin` says which state of the code opens, and `file` is
    the file that opens, if one does; `launched` says how often the repository was launched there, if known; `in_short` is for
    cards; `address` is the permanent URL; `carries`: the link opens the software, and not a page of the facility;
    `recommended`: it should run, and there is no warning to be read first, so its button stands out and its page redirects at
    once.
    """

    software: str
    software_name: str
    software_href: str
    facility: str
    facility_name: str
    facility_href: str
    facility_kind: str
    verdict: Verdict
    verdict_label: str
    action: str
    url: str | None
    go: str
    opens: str
    file: str | None
    pin: Pin | None
    ref: str
    reasons: tuple[str, ...]
    short_reason: str
    notes: tuple[str, ...]
    login_label: str
    warnings: tuple[WarningView, ...]
    health: str
    short: tuple[str, ...]
    launched: str
    in_short: str
    address: str
    editions: tuple[LaunchView, ...]
    notebooks: tuple[LaunchView, ...]
    data: tuple[str, ...]
    carries: bool
    recommended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalView:
    """Why software cannot run, and the pairs of software and facility to which these reasons apply."""

    reasons: str
    rows: tuple[OfferView, ...]


def refusals(rows: Iterable[OfferView]) -> tuple[RefusalView, ...]:
    """The refusals among these rows; those with the same reasons are grouped."""
    by_reasons: dict[str, list[OfferView]] = defaultdict(list)
    for row in rows:
        if row.verdict is Verdict.NO:
            by_reasons[" ".join(row.reasons)].append(row)
    return tuple(RefusalView(reasons=reasons, rows=tuple(each)) for reasons, each in by_reasons.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """The health of a facility on one day: `level` is up, reach, weak, down or unknown; `place` counts from the oldest day."""

    label: str
    level: str
    place: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """The health of a facility at its last check, in a word and in a sentence, and on each of the last days."""

    label: str
    level: str
    sentence: str
    days: tuple[DayView, ...]
    first_day: str
    last_day: str
    tally: str
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """A line of the checklist: a sign, its meaning for screen readers, what was found, what to do; `in_full` is the last two."""

    sign: str
    level: str
    meaning: str
    text: str
    fix: str
    in_full: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessView:
    """What was found in a repository, as a checklist; `as_of` says when and at which ref."""

    label: str
    checks: tuple[CheckView, ...]
    as_of: str


def warnings(facility: Facility) -> tuple[WarningView, ...]:
    """What readers must know before a launch at a facility."""
    found = []
    probe = facility.probe
    if facility.closed:
        found.append(WarningView(label="Closed", level="down"))
    elif probe and probe.health is Health.SILENT:
        found.append(WarningView(label=f"Not answering since {_failing_since(probe)}", level="down"))
    elif probe and probe.health is Health.UNHEALTHY:
        found.append(WarningView(label=f"Unhealthy since {_failing_since(probe)}", level="weak"))
    elif probe and probe.health is Health.REFUSING:
        found.append(WarningView(label=f"Refusing checks since {day(probe.asked)}", level="weak"))
    elif not facility.checked:
        found.append(WarningView(label="Never checked", level="unknown"))
    if facility.insecure:
        found.append(WarningView(label="Plain http", level="weak"))
    return tuple(found)


def _failing_since(probe: Probe) -> str:
    return _short_day(probe.since or probe.asked, probe.asked)


def _short_day(iso: str, seen: str) -> str:
    """`14 May`, with the year if that is not the year in which it was `seen`."""
    return day(iso).removesuffix(f" {seen[:4]}")


def health_label(facility: Facility) -> str:
    """The health of a facility, in a word or two, at the last check. Only a reader's browser can say what it is now."""
    if facility.closed:
        return "Closed"
    if facility.probe:
        return _HEALTH_LABELS[facility.probe.health]
    return "Seen working" if facility.seen else "Never checked"


_HEALTH_LABELS = {
    Health.HEALTHY: "Healthy",
    Health.REACHABLE: "Reachable",
    Health.UNHEALTHY: "Unhealthy",
    Health.SILENT: "Not answering",
    Health.REFUSING: "Refusing checks",
}
_LEVELS = {
    Health.HEALTHY: "up",
    Health.REACHABLE: "reach",
    Health.UNHEALTHY: "weak",
    Health.SILENT: "down",
    Health.REFUSING: "weak",
}

_HEIGHTS = {"up": 20, "reach": 20, "weak": 14, "down": 8, "unknown": 2}


def health_sentence(facility: Facility, *, dated: bool = True) -> str:
    """The health of a facility as a sentence; if `dated`, with the time of the last check, which changes every night."""
    if facility.closed:
        return f"Closed since {loose_date(facility.closed)}."
    at = "on" if facility.seen and facility.seen.count("-") == 2 else "in"  # a day, or a month or year
    by_person = f"Seen working by a person {at} {loose_date(facility.seen)}." if facility.seen else ""
    probe = facility.probe
    if probe is None:
        unchecked = f"{by_person} Not yet checked by a program" if by_person else "Never checked"
        return f"{unchecked}: its address is not encrypted." if facility.insecure else f"{unchecked}."
    detail = f": {probe.detail.rstrip('.')}" if probe.detail else ""
    last = f" The last good answer was on {when(probe.up)}." if probe.up else f" {by_person or 'Never seen working.'}"
    seen = f" ({when(probe.asked)})" if dated else ""
    match probe.health:
        case Health.HEALTHY:
            return f"Healthy at the last check{seen}."
        case Health.REACHABLE:
            return f"Reachable at the last check{seen}; it says nothing about its health."
        case Health.UNHEALTHY:
            return f"Unhealthy at the last check{seen}{detail}.{last}"
        case Health.SILENT:
            since = probe.since or probe.asked
            asked = f" (last asked on {when(probe.asked)})" if dated and since != probe.asked else ""
            return f"Not answering since {when(since)}{asked}{detail}.{last}"
        case Health.REFUSING:
            return f"Has refused every check since the one on {day(probe.asked)}: whether it is up is not known.{last}"


def health_view(facility: Facility) -> HealthView:
    """The health of a facility, with a strip of the last 30 days if it was checked on any of them."""
    probe = facility.probe
    days: tuple[DayView, ...] = ()
    tally = ""
    if probe and probe.history:
        known = dict(probe.history)
        days = tuple(
            DayView(
                label=f"{day(date)}: {_HEALTH_LABELS[known[date]].lower() if date in known else 'not asked'}",
                level=_LEVELS[known[date]] if date in known else "unknown",
                place=place,
                height=_HEIGHTS[_LEVELS[known[date]] if date in known else "unknown"],
            )
            for place, date in enumerate(days_until(probe.asked, STRIP_DAYS))
        )
        asked = [each for each in days if each.level != "unknown"]
        well = sum(each.level in ("up", "reach") for each in asked)
        tally = f"A good answer on {well} of {pluralize(len(asked), 'day', 'days')}"
        bad = [each.label for each in asked if each.level not in ("up", "reach")]
        if 0 < len(bad) <= _BAD_DAYS_NAMED:
            tally += f"; {', '.join(bad)}"
    return HealthView(
        label=health_label(facility),
        level=_LEVELS[probe.health] if probe and not facility.closed else "unknown",
        sentence=health_sentence(facility),
        days=days,
        first_day=_short_day(days_until(probe.asked, STRIP_DAYS)[0], probe.asked) if probe else "",
        last_day=_short_day(probe.asked, probe.asked) if probe else "",
        tally=tally,
        versions=probe.versions if probe else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityFacts:
    """What all rows of a facility have in common; `counted`: its launches are counted."""

    kind: str
    warnings: tuple[WarningView, ...]
    health: str
    counted: bool


def facility_facts(facility: Facility) -> FacilityFacts:
    """What all rows of a facility have in common."""
    return FacilityFacts(
        kind=KINDS[facility.kind].LABEL,
        warnings=warnings(facility),
        health=health_sentence(facility, dated=False),
        counted=urlsplit(facility.url).hostname == _COUNTED_HOST,
    )


def offer_view(
    offer: Offer,
    software: Software,
    facility: Facility,
    observed: Observed,
    base_url: str,
    facts: FacilityFacts | None = None,
) -> OfferView:
    """One offer, ready for display; `facts` is what the rows of its facility have in common, if computed already."""
    facts = facts or facility_facts(facility)
    return OfferView(
        software=software.slug,
        software_name=software.name,
        software_href=software_page(software.slug),
        facility=facility.slug,
        facility_name=facility.name,
        facility_href=facility_page(facility.slug),
        facility_kind=facts.kind,
        verdict=offer.verdict,
        verdict_label=VERDICT_LABELS[offer.verdict],
        action=action(offer),
        url=offer.url,
        go=launch_page(software.slug, facility.slug),
        opens=offer.opens,
        file=offer.file,
        pin=offer.pin,
        ref=edition_label(software, offer.pin, offer.ref),
        reasons=tuple(as_sentence(each.text) for each in offer.reasons),
        short_reason=short_reason(offer),
        notes=tuple(as_sentence(each.text) for each in offer.notes),
        login_label=LOGIN_LABELS[offer.login],
        warnings=facts.warnings,
        health=facts.health,
        short=_short(offer, facility),
        launched=launched_words(software, observed) if offer.url and facts.counted else "",
        in_short=in_short(offer, software),
        address=f"{base_url}{launch_page(software.slug, facility.slug)}",
        editions=tuple(
            LaunchView(
                label=edition_label(software, each.pin, each.ref),
                url=each.url,
                pin=str(each.pin),
                doubts=tuple(as_sentence(doubt.text) for doubt in each.doubts if doubt not in offer.reasons),
            )
            for each in offer.editions
        ),
        notebooks=tuple(_notebook_view(each) for each in offer.notebooks),
        data=offer.data,
        carries=offer.carries,
        recommended=offer.verdict is Verdict.YES and not facts.warnings,
    )


def _notebook_view(launch: LaunchLink) -> LaunchView:
    notebook = launch.notebook
    path = notebook.path if notebook else ""
    return LaunchView(label=(notebook.title if notebook else None) or path, url=launch.url, path=path)


def in_short(offer: Offer, software: Software) -> str:
    """The text beside the launch button of a card whose verdict is yes.

    That is the login, whether it opens another version, and whether data that it reads are held there.
    """
    words = [LOGIN_LABELS[offer.login].lower()]
    if offer.pin is Pin.LATEST and software.version:
        words.append("today’s code")
    if offer.data:
        words.append(_SHORT_NOTES["data-here"])
    return ", ".join(words)


def short_reason(offer: Offer) -> str:
    """Why a verdict is not better, in two or three words; empty if there is no reason."""
    first = offer.reasons[0] if offer.reasons else None
    return (code_in_short(first.code) or first.text) if first else ""


def code_in_short(code: str) -> str:
    """A reason by its code, in two or three words; empty if no such code is known."""
    return _SHORT_REASONS.get(code, "")


def action(offer: Offer) -> str:
    """The label of the button: a link to a front page is not called a launch."""
    if offer.verdict is Verdict.YES:
        return "Launch"
    return "Try it" if offer.carries else "Visit"


def _short(offer: Offer, facility: Facility) -> tuple[str, ...]:
    """What to expect of a launch besides its login, in a few words each."""
    words = [_SHORT_NOTES[each.code] for each in offer.notes if each.code in _SHORT_NOTES]
    if offer.carries:
        words += [f"{facility.limits.memory} of memory"] if facility.limits.memory else []
        words += [limit for limit in (facility.limits.session, facility.limits.users) if limit]
        words += ["only some outgoing ports"] if facility.ports else []
    return tuple(words)


def edition_label(software: Software, pin: Pin | None, ref: str | None) -> str:
    """Which version of the code a link opens, compared with the version on the page; empty if it is not known."""
    match pin:
        case Pin.CITED if ref is None:
            return "the archived version"
        case Pin.CITED:
            return f"{ref}, the cited version"
        case Pin.LATEST:
            return f"today’s code, not version {software.version}" if software.version else "today’s code"
        case Pin.NAMED:
            return f"the branch or tag {ref}" if ref else ""
    return ""


def launched_words(software: Software, observed: Observed) -> str:
    """How often the repository of an entry was launched lately; empty if that was not counted, or there is no repository."""
    count, known = software.launched, observed.launches.days
    if count is None or not known or software.repository is None:
        return ""
    days = f"in the last {STRIP_DAYS} days"
    if count.since > min(known):
        days = f"since {day(count.since)}, when counting began"
    elif observed.probed and max(known) < days_until(observed.probed, _FRESH_DAYS)[0]:
        days = f"in the {STRIP_DAYS} days up to {day(max(known))}"
    elif len(known) < STRIP_DAYS:
        days = f"on the {pluralize(len(known), 'day', 'days')} of the last {STRIP_DAYS} that were read"
    number = sum(each for _, each in count.days)
    seen = day(count.last) if count.last else ""
    if not number:
        return f"No launch seen on {_COUNTED_HOST} {days}" + (f"; the last was on {seen}" if seen else "")
    return f"Launched {'once' if number == 1 else f'{number:,} times'} {days} on {_COUNTED_HOST}, last on {seen}"


def readiness_view(software: Software) -> ReadinessView | None:
    """The checklist of an entry's repository; None if there is no repository.

    When it was last inspected is on the status page: that time changes every night.
    """
    if software.repository is None:
        return None
    seen = software.readiness
    if seen is None:
        return ReadinessView(
            label="Not inspected yet",
            checks=(),
            as_of="The nightly inspection has not reached its repository yet. It looks for a file that says what to install.",
        )
    return ReadinessView(
        label=_readiness_label(seen),
        checks=tuple(_check_view(each) for each in seen.checks),
        as_of=_as_of(software, seen),
    )


def _readiness_label(seen: Readiness) -> str:
    match seen.strength:
        case Strength.BROKEN:
            return "Not ready"
        case Strength.BARE:
            return "It starts, but installs nothing"
        case Strength.DOCKERFILE:
            return "It has a Dockerfile: whether Jupyter starts in it is not known"
    return (
        "Ready, but something could be better" if any(each.ok is None and each.fix for each in seen.checks) else "Ready"
    )


def _check_view(check: Check) -> CheckView:
    sign, level, meaning = {
        True: ("✓", "yes", "OK"),
        None: ("!", "maybe", "note"),
        False: ("✗", "bad", "problem"),
    }[check.ok]
    text, in_full = (each[0].upper() + each[1:] for each in (check.text, as_reason(check).text))
    return CheckView(sign=sign, level=level, meaning=meaning, text=text, fix=check.fix, in_full=in_full)


def _as_of(software: Software, seen: Readiness) -> str:
    is_record = software.repository is not None and software.repository.provider is Provider.ZENODO
    at = "" if is_record else f" at {seen.ref}" if seen.ref else " at its default branch"
    if seen.failing:
        why = seen.failing.why.rstrip(".")
        return f"As last seen on {day(seen.asked)}{at}; inspections have failed since {day(seen.failing.since)}: {why}."
    if is_record:
        return f"Inspected on {day(seen.asked)}; it is inspected again when the files of the record change."
    return f"The same at every inspection since {day(seen.seen)},{at}."


def limits_rows(limits: Limits) -> tuple[tuple[str, str], ...]:
    """The limits of a session, as labels and values."""
    return tuple((label, value) for key, label in LIMIT_LABELS.items() if (value := getattr(limits, key)))


# What a repository can be, by slug, from ready to unknown.
READINESS_LABELS = {
    "ready": "Says what to install",
    "dockerfile": "Has a Dockerfile",
    "bare": "Installs nothing",
    "broken": "Cannot be launched from",
    "not-looked-at": "Not inspected yet",
    "no-repository": "No repository known",
}


def readiness_kind(software: Software) -> str:
    """What the repository of an entry is, as a slug of READINESS_LABELS."""
    if software.repository is None:
        return "no-repository"
    return software.readiness.strength.value if software.readiness else "not-looked-at"


def readiness_counts(software: Iterable[Software]) -> list[tuple[str, str, int]]:
    """How many entries have which kind of repository: slug, label and count of each kind that occurs."""
    counts = Counter(readiness_kind(each) for each in software)
    return [
        (kind, label[0].lower() + label[1:], counts[kind]) for kind, label in READINESS_LABELS.items() if counts[kind]
    ]


def looked_words(catalogue: Catalogue) -> str:
    """When repositories were last inspected, as the beginning of a paragraph."""
    if catalogue.observed.inspected is None:
        return "No repository has been inspected yet."
    if catalogue.harvest.note and catalogue.observed.inspected == catalogue.harvest.harvested:
        count = len(catalogue.observed.repositories)
        return f"{count} repositories were inspected by hand before {day(catalogue.observed.inspected)}."
    return f"Repositories were last inspected on {when(catalogue.observed.inspected)}."


def probed_words(catalogue: Catalogue) -> str:
    """When facilities were last checked, and up to when the archive of launches was read."""
    observed = catalogue.observed
    asked = (
        f"Facilities were last checked on {when(observed.probed)}"
        if observed.probed
        else "No facility has been checked yet"
    )
    days = observed.launches.days
    if not days:
        return f"{asked}; the archive of launches has not been read yet."
    return f"{asked}; the archive of launches on {_COUNTED_HOST} was read up to {day(max(days))}."


def followed_words(catalogue: Catalogue) -> str:
    """When links to other sites were last followed and with what results, and which are never followed, with the reasons."""
    observed = catalogue.observed
    links = outward_links(catalogue)
    out = count_not_followed(links)
    left_out = f" {words}." if (words := not_followed_text(out)) else ""
    asked = len(links) - out.total()
    if observed.followed is None:
        return f"Links to other sites ({asked:,}) have not been followed yet.{left_out}"
    seen = [each for each in observed.links if each.url in links]
    counts = Counter(each.state for each in seen)
    dead = sum(each.dead for each in seen)
    left = asked - len(seen)
    waiting = f", {left:,} {'has not had its' if left == 1 else 'have not had their'} turn yet" if left else ""
    return (
        f"Links to other sites were last followed on {when(observed.followed)}: of {asked:,}, "
        f"{counts[LinkState.THERE]:,} lead to a page, {counts[LinkState.MISSING]:,} to none ({dead:,} of them dead, "
        f"missing on {STRIKES} days), and {counts[LinkState.UNKNOWN]:,} got no clear answer{waiting}.{left_out}"
    )
