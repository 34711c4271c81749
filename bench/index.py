"""How long the index takes: in one file ours and lunr.py, from the same words, in one run and in turn; and divided.

    .venv/bin/python -m bench.index 1000 10000

Prints minimum, median and maximum of some rounds, the ratio of the medians, and whether the bytes are equal. All seconds
are those of the processor, which what else a machine does changes less.
"""

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

from bench.worlds import synthetic_catalogue
from catalogue.model import Catalogue
from catalogue.outputs.guards import asked_for, unanswered
from catalogue.outputs.inverted_index import Document, by_lunr, index_text
from catalogue.outputs.search import BOOSTS, LENGTH_COUNTS, fields, search_file, search_files

ROUNDS = 3
ONE_FILE_AT_MOST = 10_000  # entries: of more nobody has one file, and lunr.py would take minutes
T = TypeVar("T")


def timed(work: Callable[[], T], clock: Callable[[], float] = time.perf_counter) -> tuple[float, T]:
    """The seconds that a piece of work takes by a clock, and its result."""
    started = clock()
    found = work()
    return clock() - started, found


def worked(work: Callable[[], T]) -> tuple[float, T]:
    """The seconds that a piece of work takes of the processor, in this process, and its result."""
    return timed(work, time.process_time)


def spread(times: list[float]) -> str:
    """Minimum, median and maximum in seconds."""
    return f"{min(times):.2f} {median(times):.2f} {max(times):.2f}"


def main() -> None:
    """Measure each size that is named."""
    for count in [int(word) for word in sys.argv[1:]] or [1000]:
        if count <= ONE_FILE_AT_MOST:
            measured(synthetic_catalogue(count))
        divided(synthetic_catalogue(count, described=True, alike=True))


def divided(catalogue: Catalogue) -> None:
    """The divided index of one catalogue, of which the words are a part, and what is asked of it before it is published."""
    whole, files = worked(lambda: list(search_files(catalogue)))
    asking, silent = worked(lambda: unanswered(catalogue, files))
    words, _ = worked(lambda: sum(len(fields(each, catalogue.synonyms)) for each in catalogue.software))
    print(f"{len(catalogue.software)} entries with descriptions, divided into {len(files)} files")
    print(f"  the whole index: {whole:.2f} s")
    print(f"  once more the words of all fields, most of which are known by now: {words:.2f} s")
    print(f"  asking it for {len(asked_for(catalogue))} names, {len(silent)} not found: {asking:.2f} s")


def measured(catalogue: Catalogue) -> None:
    """Both ways for the words of one catalogue, and what goes before and after."""

    def words() -> list[Document]:
        return [(each.slug, fields(each, catalogue.synonyms)) for each in catalogue.software]

    before, documents = worked(words)
    print(f"{len(documents)} entries, {sum(len(found) for _, said in documents for found in said.values()):,} words")
    print(f"  the words of all fields: {before:.2f} s")
    compared(documents)
    print(f"  the whole file, words and index and names: {worked(lambda: search_file(catalogue))[0]:.2f} s")


def compared(documents: list[Document]) -> None:
    """Both ways for the same words."""
    ours: list[float] = []
    theirs: list[float] = []
    equal = True
    for _ in range(ROUNDS):
        mine, text = worked(lambda: index_text(documents, BOOSTS, b=LENGTH_COUNTS))
        reference, expected = worked(lambda: by_lunr(documents, BOOSTS, b=LENGTH_COUNTS))
        ours.append(mine)
        theirs.append(reference)
        equal = equal and text == expected
    print(f"  ours, minimum, median, maximum: {spread(ours)} s")
    print(f"  lunr.py:                        {spread(theirs)} s")
    print(
        f"  lunr.py takes {median(theirs) / median(ours):.1f} times as long; the bytes are {'equal' if equal else 'NOT EQUAL'}"
    )


if __name__ == "__main__":
    main()
