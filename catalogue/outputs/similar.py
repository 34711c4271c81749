"""Which entries are similar: those that share keywords or data which few others have; a name counts as a keyword."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import islice
from math import log

from ..model import Software
from .facets import value_slug

SIMILAR_AT_MOST = 4
_SHARED_AT_MOST = 5
# What more entries have says little of any two of them; the limit also bounds the work for a large catalogue.
_HAVING_AT_MOST, _HAVING_ANYWAY, _SHARE_AT_MOST = 50, 3, 0.1

# The slug of an entry, and the labels that it shares, rare ones first; not all if there are many.
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

    def shared(telling: Iterable[str], other: int, own: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(islice((own[label] for label in telling if label in labels[other]), _SHARED_AT_MOST))

    most = min(_HAVING_AT_MOST, max(_HAVING_ANYWAY, int(_SHARE_AT_MOST * len(every))))
    weights = {label: log(len(every) / len(entries)) for label, entries in having.items() if 2 <= len(entries) <= most}
    codes = [entry.repository.key if entry.repository else None for entry in every]
    rank = {place: number for number, place in enumerate(sorted(range(len(every)), key=lambda at: every[at].sort_key))}
    for number, of_entry in enumerate(labels):
        telling = sorted((label for label in of_entry if label in weights), key=lambda label: (-weights[label], label))
        scores: dict[int, float] = defaultdict(float)
        for label in telling:
            for other in having[label]:
                if other != number and (codes[other] is None or codes[other] != codes[number]):
                    scores[other] += weights[label]
        best = nsmallest(SIMILAR_AT_MOST, scores, key=lambda other: (-scores[other], rank[other]))
        yield every[number].slug, tuple((every[other].slug, shared(telling, other, of_entry)) for other in best)
