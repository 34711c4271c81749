"""Which refs of which repositories links use: what an inspection has to look at."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..model import Software
from ..repository import GIT_PROVIDERS, NoRepository, Repository, parse_repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A repository to look at, and its refs; None is the default branch. Those that links may use only if they exist come last."""

    repository: Repository
    refs: tuple[str | None, ...]


def version_tags(version: str | None) -> tuple[str, ...]:
    """The names that the tag of a version usually has, likeliest first; none for a version that cannot be a tag."""
    stated = (version or "").strip()
    bare = stated.removeprefix("v")
    names = (stated, f"v{bare}", bare) if bare[:1].isdigit() else (stated,)
    return tuple(dict.fromkeys(name for name in names if name and _is_ref(name)))


def _is_ref(name: str) -> bool:
    found = parse_repository("https://github.com/owner/name", ref=name)
    return not isinstance(found, NoRepository) and found.ref == name


def wanted_refs(software: Software) -> tuple[str | None, ...]:
    """The refs of its repository that its links use or would use: its own, the newest code, the tag of its version."""
    repository = software.repository
    if repository is None:
        return ()
    if repository.provider not in GIT_PROVIDERS:
        return (repository.ref,)
    return tuple(dict.fromkeys((repository.ref, None, *version_tags(software.version))))


def subjects(software: Iterable[Software]) -> tuple[Subject, ...]:
    """What to look at for the links of all these entries, one subject a repository, in the order of their addresses."""
    wanted: dict[str, tuple[Repository, dict[str | None, None]]] = {}
    for each in software:
        for repository, refs in ((each.repository, wanted_refs(each)), (each.archive, (None,))):
            if repository is not None:
                plain = replace(repository, ref=None, file=None)
                wanted.setdefault(plain.url, (plain, {}))[1].update(dict.fromkeys(refs))
    return tuple(Subject(repository=plain, refs=tuple(refs)) for _, (plain, refs) in sorted(wanted.items()))
