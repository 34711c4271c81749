"""The codemeta.json at the top of a repository: what an inspection keeps of it, and the statement that this makes."""

from collections.abc import Mapping

from ..launch.look import CODEMETA
from ..model import Software, Source, Statement
from ..observed import CodemetaFacts, SeenRepository
from .ossr import codemeta_facts, codemeta_statement

# A repository does not decide what an entry is called, nor which repository is its own.
_NOT_KEPT = frozenset({"name", "codeRepository"})


def kept_facts(data: object) -> CodemetaFacts:
    """What an inspection keeps of a CodeMeta file; empty if it is not a JSON object, or states nothing that is read here."""
    found = codemeta_facts(data) or {}
    return tuple(
        (key, tuple(map(str, value)) if isinstance(value, list) else str(value))
        for key, value in found.items()
        if key not in _NOT_KEPT
    )


def repository_statement(software: Software, seen: Mapping[str, SeenRepository]) -> Statement | None:
    """The statement of the file in the repository of an entry; None if none was seen there.

    It is that at the ref that the entry names, else that on the default branch, so that an author need not wait for the
    next release. The file is about the whole repository: of an entry that is one notebook or folder in it, it states
    nothing. `seen` maps the https URL of a repository to its state.
    """
    code = software.repository
    if code is None or code.file or (software.notebooks and not software.record_url):
        return None
    there = seen.get(code.url)
    looks = (there.at(code.ref), there.at(None)) if there else ()
    look = next((each for each in looks if each and each.codemeta), None)
    if look is None:
        return None
    facts = {key: words if isinstance(words, str) else list(words) for key, words in look.codemeta}
    source = Source(label=f"{CODEMETA} in its repository", url=code.at(look.commit, CODEMETA).page, in_repository=True)
    return codemeta_statement(software.identity, facts, source)
