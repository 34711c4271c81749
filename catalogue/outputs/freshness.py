"""How old the data of each source is, and what was kept from earlier runs, with the reason."""

from dataclasses import dataclass
from datetime import datetime

from ..model import Catalogue
from ..observed import Health, LinkState
from ..text import pluralize
from ..times import days_between, when

_HARVEST, _INSPECT, _PROBE, _LAUNCHES, _LINKS, _CHANGES = (
    "Records (harvest)",
    "Repositories (inspection)",
    "Facilities (probe)",
    "Launches (archive of mybinder.org)",
    "Links to other sites",
    "Changes",
)


OLD = 3  # days without a complete harvest after which all pages say so


def as_of(catalogue: Catalogue) -> str:
    """When a harvest last found something new, in words, with the time; of a snapshot made by hand only the day."""
    return when(catalogue.harvest.harvested[: 10 if catalogue.harvest.note else None])


def looked(catalogue: Catalogue) -> str | None:
    """When all records were last requested, as an ISO time; None before the first harvest.

    A snapshot made by hand is labelled as such, and its age does not mean that upstream has failed.
    """
    return catalogue.harvest.looked or (None if catalogue.harvest.note else catalogue.harvest.harvested)


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """Says that the data could not be updated for more than `days`. `since` is set if that was so at the time of the build.

    Otherwise a script in the browser reads the time from a separate file, so that pages do not change with every harvest.
    """

    days: int
    since: str
    words: str


def banner(catalogue: Catalogue) -> Banner | None:
    """The banner of all pages; None before the first harvest."""
    time = looked(catalogue)
    if time is None:
        return None
    is_old = days_between(time, catalogue.built) > OLD
    return Banner(days=OLD, since=time if is_old else "", words=when(time) if is_old else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """One source: when it was last read, if ever, how far that is behind the newest, and sentences about older data in it."""

    source: str
    read: str | None
    behind: str
    kept: tuple[str, ...]


def ages(catalogue: Catalogue) -> tuple[Age, ...]:
    """The sources in the order in which the nightly run reads them."""
    observed = catalogue.observed
    read = {
        _HARVEST: looked(catalogue),
        _INSPECT: observed.inspected,
        _PROBE: observed.probed,
        _LAUNCHES: max(observed.launches.days, default=None),
        _LINKS: observed.followed,
        _CHANGES: catalogue.recorded,
    }
    newest = max((_moment(each) for each in read.values() if each), default=_moment(catalogue.harvest.harvested))
    kept = {
        _HARVEST: _kept_records(catalogue),
        _INSPECT: _kept_repositories(catalogue),
        _PROBE: _kept_probes(catalogue),
        _LINKS: _kept_links(catalogue),
    }
    return tuple(
        Age(
            source=source,
            read=when(time) if time else None,
            behind=_behind((newest - _moment(time)).days) if time else "",
            kept=tuple(kept.get(source, ())),
        )
        for source, time in read.items()
    )


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso if "T" in iso else f"{iso}T00:00:00Z")


def _behind(days: int) -> str:
    return f"{pluralize(days, 'day', 'days')} before the newest" if days else ""


def _kept_records(catalogue: Catalogue) -> list[str]:
    count = len(catalogue.harvest.not_seen)
    return [f"{pluralize(count, 'entry', 'entries')} as before: not listed by the last harvest"] if count else []


def _kept_repositories(catalogue: Catalogue) -> list[str]:
    failing = sum(each.failing is not None for each in catalogue.observed.repositories)
    return [f"{pluralize(failing, 'repository', 'repositories')} as before: the host did not answer"] if failing else []


def _kept_probes(catalogue: Catalogue) -> list[str]:
    observed = catalogue.observed
    listed = {(each.slug, each.url) for each in catalogue.facilities if not each.closed}
    older = sum(
        (each.facility, each.url) in listed and each.asked != observed.probed and each.health is not Health.REFUSING
        for each in observed.current_probes
    )
    return [f"{pluralize(older, 'facility', 'facilities')} as before: the check was refused"] if older else []


def _kept_links(catalogue: Catalogue) -> list[str]:
    silent = sum(each.state is LinkState.UNKNOWN for each in catalogue.observed.links)
    return [f"{pluralize(silent, 'link', 'links')} as before: no clear answer"] if silent else []
