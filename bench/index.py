"""The time to build the search index: as one file, ours and lunr.py's alternately from the same words; and as shards.

    .venv/bin/python -m bench.index 1000 10000

Prints minimum, median and maximum of the rounds, the ratio of the medians, and whether the bytes are equal. All seconds
are CPU time, which depends less on what else the machine does.
"""

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

from bench.worlds import synthetic_catalogue
from catalogue.model import Catalogue
from catalogue.outputs.guards import not_found, sampled_entries
from catalogue.outputs.inverted_index import Document, index_text, index_text_by_lunr
from catalogue.outputs.search import BOOSTS, LENGTH_COUNTS, fields, search_file, search_files

ROUNDS = 3
ONE_FILE_AT_MOST = 10_000  # entries; larger indexes are always sharded, and lunr.py would take minutes
T = TypeVar("T")


def timed(work: Callable[[], T], clock: Callable[[], float] = time.perf_counter) -> tuple[float, T]:
    """The seconds that a call takes by a clock, and its result."""
    started = clock()
    found = work()
    return clock() - started, found


def cpu_timed(work: Callable[[], T]) -> tuple[float, T]:
    """The CPU seconds that a call takes in this process, and its result."""
    return timed(work, time.process_time)


def min_median_max(times: list[float]) -> str:
    """Minimum, median and maximum in seconds."""
    return f"{min(times):.2f} {median(times):.2f} {max(times):.2f}"


def main() -> None:
    """Measure each size given."""
    for count in [int(word) for word in sys.argv[1:]] or [1000]:
        if count <= ONE_FILE_AT_MOST:
            measure(synthetic_catalogue(count))
        measure_sharded(synthetic_catalogue(count, described=True, alike=True))


def measure_sharded(catalogue: Catalogue) -> None:
    """Measure the sharded index of one catalogue, the part of its time for the words, and the check before publishing."""
    whole, files = cpu_timed(lambda: list(search_files(catalogue)))
    asking, silent = cpu_timed(lambda: not_found(catalogue, files))
    words, _ = cpu_timed(lambda: sum(len(fields(each, catalogue.synonyms)) for each in catalogue.software))
    print(f"{len(catalogue.software)} entries with descriptions, divided into {len(files)} files")
    print(f"  the whole index: {whole:.2f} s")
    print(f"  once more the words of all fields, most of which are known by now: {words:.2f} s")
    print(f"  asking it for {len(sampled_entries(catalogue))} names, {len(silent)} not found: {asking:.2f} s")


def measure(catalogue: Catalogue) -> None:
    """Measure the index in one file for one catalogue: the words, the index from these by both, and everything together."""

    def words() -> list[Document]:
        return [(each.slug, fields(each, catalogue.synonyms)) for each in catalogue.software]

    before, documents = cpu_timed(words)
    print(f"{len(documents)} entries, {sum(len(found) for _, said in documents for found in said.values()):,} words")
    print(f"  the words of all fields: {before:.2f} s")
    compare(documents)
    print(f"  the whole file, words and index and names: {cpu_timed(lambda: search_file(catalogue))[0]:.2f} s")


def compare(documents: list[Document]) -> None:
    """Measure both indexers alternately on the same words."""
    ours: list[float] = []
    theirs: list[float] = []
    equal = True
    for _ in range(ROUNDS):
        mine, text = cpu_timed(lambda: index_text(documents, BOOSTS, b=LENGTH_COUNTS))
        reference, expected = cpu_timed(lambda: index_text_by_lunr(documents, BOOSTS, b=LENGTH_COUNTS))
        ours.append(mine)
        theirs.append(reference)
        equal = equal and text == expected
    print(f"  ours, minimum, median, maximum: {min_median_max(ours)} s")
    print(f"  lunr.py:                        {min_median_max(theirs)} s")
    print(
        f"  lunr.py takes {median(theirs) / median(ours):.1f} times as long; the bytes are {'equal' if equal else 'NOT EQUAL'}"
    )


if __name__ == "__main__":
    main()
