"""synonyms.yaml -> groups of words that the search treats as the same."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from ..problems import Place, Problem
from ..words import parts
from .entry import Entry, Line, optional, read_documents, required, validated_items

FILE, KEY = "synonyms.yaml", "synonyms"
NONE = "synonyms: []\n"


def _searchable(text: str) -> str:
    if not parts(text):
        raise ValueError(f"{text!r} has no letter or digit to search for")
    return text


def _several(words: list[str]) -> list[str]:
    if len({" ".join(parts(word)) for word in words}) < 2:
        raise ValueError("give at least two words that differ")
    return words


Word = Annotated[Line, StringConstraints(max_length=60), AfterValidator(_searchable)]


class SynonymsEntry(Entry):
    """Words and phrases with the same meaning: an entry that has one of them is found by the others, too."""

    words: Annotated[list[Word], AfterValidator(_several)] = required("The words or phrases, in any case.")
    note: Line | None = optional("Why they belong together, for the next contributor.")


def read_synonyms(text: str, file: str = FILE) -> tuple[tuple[tuple[str, ...], ...], list[Problem]]:
    """The groups in a file, and everything that is wrong with it. A word may be in one group only."""
    documents, unreadable = read_documents({file: text})
    entries, problems = validated_items(SynonymsEntry, documents, KEY)
    first: dict[str, Place] = {}
    for document, path, entry in entries:
        for number, word in enumerate(entry.words):
            place = document.place((*path, "words", number))
            if (before := first.setdefault(" ".join(parts(word)), place)) != place:
                problems.append(
                    Problem(place, f"{word!r} is given twice, first at {before}: put all these words into one group")
                )
    return tuple(tuple(entry.words) for *_, entry in entries), [*unreadable, *problems]
