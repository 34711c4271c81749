"""Numbers and sorted words encoded as compact text that JSON need not escape.

The browser decodes it with `templates/static/js/packed.js`. A digit is one of 92 printable ASCII characters, so the text is
about as dense as bytes would be, and it needs no new file type: hosts that compress JSON compress it, too.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain, pairwise, repeat
from typing import Final, TypeVar

DIGITS: Final = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\')
_HALF: Final = len(DIGITS) // 2  # variable length: after a digit of at least this value another one follows
_DIGITS_ONLY = re.compile(f"[{re.escape(DIGITS)}]*")
_WRITTEN_NUMBER = re.compile(f"[{re.escape(DIGITS[_HALF:])}]*[{re.escape(DIGITS[:_HALF])}]")

# The weights that a match can have, in thousandths, each a tenth above the one before, so that one digit encodes a weight.
# Both kinds of index round to them, so that they rank alike.
LEVELS: Final = tuple(accumulate(repeat(0, len(DIGITS) - 1), lambda value, _: value + value // 10, initial=100))

T = TypeVar("T")


def level(thousandths: int) -> int:
    """The number of the greatest level that is not above a weight; 0 for a weight below all levels."""
    return max(0, bisect_right(LEVELS, thousandths) - 1)


@lru_cache(maxsize=100_000)
def _number(value: int) -> str:
    found = ""
    while value >= _HALF:
        found += DIGITS[_HALF + value % _HALF]
        value //= _HALF
    return found + DIGITS[value]


def numbers(values: Iterable[int]) -> str:
    """Encodes non-negative integers; small ones take one digit."""
    return "".join(map(_number, values))


def gaps(values: Iterable[int]) -> str:
    """Encodes strictly increasing non-negative integers by the gaps between them."""
    return numbers([value - last - 1 for last, value in pairwise(chain((-1,), values))])


def deltas(values: Iterable[int]) -> str:
    """Encodes any integers by the differences between neighbours (delta encoding, zigzag for the sign)."""
    steps = (value - last for last, value in pairwise(chain((0,), values)))
    return numbers(2 * step if step >= 0 else -2 * step - 1 for step in steps)


def words(ordered: Iterable[str]) -> str:
    """Encodes words without blanks, each as the length of the prefix shared with the word before, and the rest (front coding)."""
    found = []
    last = ""
    for word in ordered:
        shared = 0
        for letter, before in zip(word, last, strict=False):
            # In JavaScript a character above U+FFFF has length 2, so it is never part of the prefix.
            if letter != before or letter > "\uffff" or shared == len(DIGITS) - 1:
                break
            shared += 1
        found.append(DIGITS[shared] + word[shared:])
        last = word
    return " ".join(found)


def sort_key(text: str) -> bytes:
    """A key to sort by as JavaScript does, which compares UTF-16 code units."""
    return text.encode("utf-16-be", "surrogatepass")


def ranges(
    items: Iterable[tuple[str, T]], weight: Callable[[str, T], int], most: int
) -> Iterator[tuple[str, Sequence[tuple[str, T]]]]:
    """Sorted items divided into runs of a total weight of up to `most`, each run with the key at which it begins.

    That key is the shortest prefix of the first key of a run that is greater than the last key of the run before; it is
    empty for the first run. An item of a greater weight than `most` is a run of its own.
    """
    run: list[tuple[str, T]] = []
    begins, last, size = "", "", 0
    for key, value in items:
        more = weight(key, value)
        if run and size + more > most:
            yield begins, run
            run, size = [], 0
            begins = next(key[:end] for end in range(1, len(key) + 1) if sort_key(key[:end]) > sort_key(last))
        run.append((key, value))
        last = key
        size += more
    yield begins, run


def read_numbers(text: str) -> Iterator[int]:
    """Decodes what `numbers` has encoded. Raises ValueError for a character that is no digit."""
    if not _DIGITS_ONLY.fullmatch(text):
        raise ValueError("numbers are written in other characters")
    return map(_read_number, _WRITTEN_NUMBER.findall(text))


@lru_cache(maxsize=100_000)
def _read_number(written: str) -> int:
    value = 0
    for letter in reversed(written):
        value = value * _HALF + DIGITS.index(letter) % _HALF
    return value


def read_words(text: str) -> Iterator[str]:
    """Decodes what `words` has encoded."""
    last = ""
    for each in text.split(" ") if text else ():
        last = last[: DIGITS.index(each[0])] + each[1:]
        yield last
