"""Updates of snapshot/observed/, where several commands, which may run at the same time, each keep a part of the observations."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ..observed import UP, Launches, LinkState, Observed, SeenLink, SeenRepository
from ..sources.observed import recover_observed, write_observed
from .checkout import OBSERVED
from .snapshot_files import FolderTexts, save, snapshot_lock

T = TypeVar("T")


def update_observed(root: Path, before: Observed, **parts: Any) -> bool:
    """Update these parts, which a command has derived from `before`; return whether another command has done so meanwhile.

    If it has, the results of both are merged: for each repository, facility or link, what only one of them has learnt is kept;
    of two, an answer takes precedence over none, then the later one over the earlier one. All other parts keep their present state on disk, which is read under the lock.
    A file that cannot be read is left alone, unless it holds one of these parts. Raises CatalogueError if the folder cannot
    be read or written.
    """
    folder = root / OBSERVED
    with snapshot_lock(root, OBSERVED):
        present, unread = recover_observed(FolderTexts(folder))
        by_another = {
            name: value for name in parts if (value := getattr(present, name)) and value != getattr(before, name)
        }
        merged = {name: _MERGED[name](getattr(before, name), value, parts[name]) for name, value in by_another.items()}
        save(folder, write_observed(replace(present, **parts | merged)), keep=unread)
    return bool(by_another)


def _later(_before: str | None, theirs: str, ours: str) -> str:
    return max(theirs, ours)


def _more_days(_before: Launches, theirs: Launches, ours: Launches) -> Launches:
    """The counts of more days: a day that is not in them is read again by the next run, since the archive keeps it."""
    return max(ours, theirs, key=lambda each: len(each.days))


def _merged_by(identity: Callable[[T], str], rank: Callable[[T], Any]) -> Callable[..., tuple[T, ...]]:
    """A function that merges two results that were derived from the same one, each a collection of T.

    Of two with the same identity, the one that was changed is kept; if both were, that of higher rank. What only the other
    command has is kept if it is new: otherwise this one has left it out, because the catalogue does not contain it any more.
    """

    def merged(before: Iterable[T], theirs: Iterable[T], ours: Iterable[T]) -> tuple[T, ...]:
        known = {identity(each): each for each in before}
        found = {identity(each): each for each in ours}
        for each in theirs:
            name = identity(each)
            old = known.get(name)
            if each == old:  # the other command has learnt nothing of it
                continue
            if name in found:
                found[name] = each if found[name] == old else max(found[name], each, key=rank)
            elif old is None:
                found[name] = each
        return tuple(found.values())

    return merged


def _rank_of_repository(seen: SeenRepository) -> tuple[bool, bool, str]:
    failing = seen.failing
    return failing is None, failing is not None and failing.tried and not failing.waiting, seen.asked


def _rank_of_link(seen: SeenLink) -> tuple[str, bool, str]:
    """A result of today that says nothing of the page does not replace another one of today."""
    return seen.asked[:10], seen.state is not LinkState.UNKNOWN, seen.asked


#: How each part is merged: a function of its value before, the other command's result and this one's.
_MERGED: dict[str, Callable[..., Any]] = {
    "looked": _later,
    "listed": _later,
    "inspected": _later,
    "repositories": _merged_by(lambda seen: seen.repository, _rank_of_repository),
    "probed": _later,
    "probes": _merged_by(lambda probe: probe.facility, lambda probe: (probe.health in UP, probe.asked)),
    "launches": _more_days,
    "followed": _later,
    "links": _merged_by(lambda seen: seen.url, _rank_of_link),
}
