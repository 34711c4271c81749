"""Which states of the code links open, and which refs of which repositories must therefore be inspected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..model import Edition, Pin, Software
from ..observed import SeenRepository
from ..repository import GIT_PROVIDERS, NoRepository, Provider, Repository, parse_repository
from .readiness import readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A repository to inspect, and its refs; None is the default branch. Guessed tags, used only if they exist, come last.

    `stamp` is the one that a Zenodo record has now, if the harvest knows it: see `SeenRepository.stamp`.
    """

    repository: Repository
    refs: tuple[str | None, ...]
    stamp: str | None = None


def version_tags(version: str | None) -> tuple[str, ...]:
    """The usual names of a version's tag, likeliest first; empty for a version that cannot be a tag."""
    stated = (version or "").strip()
    if stated.casefold() in _BRANCHES:
        return ()
    bare = stated.removeprefix("v")
    names = (stated, f"v{bare}", bare) if bare[:1].isdigit() else (stated,)
    return tuple(dict.fromkeys(name for name in names if name and _is_ref(name)))


# Usual names of branches, which do not identify a version.
_BRANCHES = frozenset({"dev", "develop", "devel", "head", "latest", "main", "master", "stable", "trunk"})


def _is_ref(name: str) -> bool:
    found = parse_repository("https://github.com/owner/name", ref=name)
    return not isinstance(found, NoRepository) and found.ref == name


def wanted_refs(software: Software) -> tuple[str | None, ...]:
    """The refs of its repository that links use or may use: its own, the default branch, the tags its version may have."""
    repository = software.repository
    if repository is None:
        return ()
    if repository.provider not in GIT_PROVIDERS:
        return (repository.ref,)
    return tuple(dict.fromkeys((repository.ref, None, *version_tags(software.version))))


def subjects(software: Iterable[Software], stamps: Mapping[str, str] = MappingProxyType({})) -> tuple[Subject, ...]:
    """The repositories to inspect for the links of these entries, each once, sorted by URL.

    `stamps` are those of the records of the last harvest, by DOI.
    """
    wanted: dict[str, tuple[Repository, dict[str | None, None]]] = {}
    for each in software:
        if each.repository is None:
            continue
        archived = each.archive if _pin(each, each.repository) is not Pin.CITED else None
        for repository, refs in ((each.repository, wanted_refs(each)), (archived, (None,))):
            if repository is not None:
                plain = replace(repository, ref=None, file=None)
                wanted.setdefault(plain.url, (plain, {}))[1].update(dict.fromkeys(refs))
    return tuple(
        Subject(repository=plain, refs=tuple(refs), stamp=stamps.get(plain.path))
        for _, (plain, refs) in sorted(wanted.items())
    )


def editions(software: Software, seen: Mapping[str, SeenRepository]) -> tuple[Edition, ...]:
    """The launchable states of its code, first the one that links open; empty if no repository is known.

    The cited version is among them if its tag exists, or if its record is a single zip. The newest code is among them if
    the code is in Git, unless it is known to be the same commit. `seen` maps the https URL of a repository to its state.
    """
    repository = software.repository
    if repository is None:
        return ()

    def edition(pin: Pin, at: Repository) -> Edition:
        named = [path for path in (at.file, *(each.path for each in software.notebooks)) if path]
        found = readiness(seen.get(at.url), at, named=named, bare_is_enough=not software.needs_packages)
        return Edition(pin=pin, repository=at, readiness=found)

    first = edition(_pin(software, repository), repository)
    every = [first]
    if repository.ref and repository.provider in GIT_PROVIDERS:
        latest = edition(Pin.LATEST, replace(repository, ref=None))
        if not _same_commit(first, latest):
            every.append(latest)
    if first.pin is not Pin.CITED and software.doi:
        tags = (edition(Pin.CITED, replace(repository, ref=tag)) for tag in version_tags(software.version))
        tagged = next((each for each in tags if each.readiness and each.readiness.commit), None)
        if tagged and repository.provider in GIT_PROVIDERS:
            every.append(tagged)
        elif software.archive:
            every.append(edition(Pin.CITED, software.archive))
    return tuple(every)


def _same_commit(one: Edition, other: Edition) -> bool:
    commits = {each.readiness.commit if each.readiness else None for each in (one, other)}
    return len(commits) == 1 and None not in commits


def _pin(software: Software, repository: Repository) -> Pin:
    """Which state of the code the links of an entry open."""
    if repository.provider is Provider.ZENODO:
        return Pin.CITED if repository.path == software.doi else Pin.NAMED
    if repository.ref is None:
        return Pin.LATEST
    return Pin.CITED if repository.ref in version_tags(software.version) else Pin.NAMED
