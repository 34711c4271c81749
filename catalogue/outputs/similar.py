"""Which entries are similar: those that share keywords or data which few others have; a name counts as a keyword."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from math import log

from ..model import Software
from .facets import value_slug

SIMILAR_AT_MOST = 4
# What more entries have says little of any two of them; the limit also bounds the work for a large catalogue.
_HAVING_AT_MOST, _HAVING_ANYWAY, _SHARE_AT_MOST = 50, 3, 0.1

# The slug of an entry, and the labels that it shares.
Similar = tuple[str, tuple[str, ...]]


def similar_entries(every: Sequence[Software]) -> Iterator[tuple[str, tuple[Similar, ...]]]:
    """Each entry's slug with those of the most similar ones, the best first; without those of the same repository.

    A shared label counts the more, the fewer entries have it: by the logarithm of their share (inverse document frequency).
    """
    labels = [{value_slug(each): each for each in (entry.name, *entry.keywords, *entry.reads)} for entry in every]
    having: dict[str, list[int]] = defaultdict(list)
    for number, of_entry in enumerate(labels):
        for label in of_entry:
            having[label].append(number)
    most = min(_HAVING_AT_MOST, max(_HAVING_ANYWAY, int(_SHARE_AT_MOST * len(every))))
    weights = {label: log(len(every) / len(entries)) for label, entries in having.items() if 2 <= len(entries) <= most}
    for number, of_entry in enumerate(labels):
        telling = [label for label in of_entry if label in weights]
        scores: dict[int, float] = defaultdict(float)
        for label in telling:
            for other in having[label]:
                scores[other] += weights[label]
        for other in _same_code(number, every, scores):
            scores.pop(other)
        best = nsmallest(SIMILAR_AT_MOST, scores, key=lambda other: (-scores[other], every[other].sort_key))
        yield (
            every[number].slug,
            tuple(
                (every[each].slug, tuple(of_entry[label] for label in telling if label in labels[each]))
                for each in best
            ),
        )


def _same_code(number: int, every: Sequence[Software], others: Iterable[int]) -> list[int]:
    """Of some entries, this one itself and those with the same repository."""
    code = every[number].repository
    return [
        other
        for other in others
        if other == number or (code and (at := every[other].repository) and at.key == code.key)
    ]
