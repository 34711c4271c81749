"""Numbers and sorted words as text that is short, that JSON need not escape, and that hosts compress like any other.

The browser reads it with `templates/static/js/packed.js`. A digit is one of 92 printable ASCII characters, so text is as
dense as bytes would be, and no host has to know a new kind of file: those that compress JSON compress this.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain, pairwise, repeat
from typing import Final, TypeVar

DIGITS: Final = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\')
_HALF: Final = len(DIGITS) // 2  # a digit from here on says that another one follows
_DIGITS_ONLY = re.compile(f"[{re.escape(DIGITS)}]*")
_WRITTEN_NUMBER = re.compile(f"[{re.escape(DIGITS[_HALF:])}]*[{re.escape(DIGITS[:_HALF])}]")

# What a match weighs, in thousandths, in steps of a tenth: one digit. Both kinds of index know no finer difference, so
# that they give the same order.
LEVELS: Final = tuple(accumulate(repeat(0, len(DIGITS) - 1), lambda value, _: value + value // 10, initial=100))

T = TypeVar("T")


def level(thousandths: int) -> int:
    """The greatest level that is not above a weight; the lowest for what is below all."""
    return max(0, bisect_right(LEVELS, thousandths) - 1)


@lru_cache(maxsize=100_000)
def _number(value: int) -> str:
    found = ""
    while value >= _HALF:
        found += DIGITS[_HALF + value % _HALF]
        value //= _HALF
    return found + DIGITS[value]


def numbers(values: Iterable[int]) -> str:
    """Whole numbers from 0 on, small ones in one digit."""
    return "".join(map(_number, values))


def rising(values: Iterable[int]) -> str:
    """Numbers of which each is greater than the one before, as how many are left out between them."""
    return numbers([value - last - 1 for last, value in pairwise(chain((-1,), values))])


def changing(values: Iterable[int]) -> str:
    """Any whole numbers, as the differences from one to the next."""
    found = []
    last = 0
    for value in values:
        change = value - last
        found.append(2 * change if change >= 0 else -2 * change - 1)
        last = value
    return numbers(found)


def words(ordered: Iterable[str]) -> str:
    """Words without blanks, each as the number of letters that it shares with the one before and the others."""
    found = []
    last = ""
    for word in ordered:
        shared = 0
        for letter, before in zip(word, last, strict=False):
            # JavaScript counts letters outside of the first 65,536 twice: none of them is shared.
            if letter != before or letter > "\uffff" or shared == len(DIGITS) - 1:
                break
            shared += 1
        found.append(DIGITS[shared] + word[shared:])
        last = word
    return " ".join(found)


def sort_key(text: str) -> bytes:
    """For sorting as JavaScript does, which compares halves of what stands outside of the first 65,536 letters."""
    return text.encode("utf-16-be", "surrogatepass")


def ranges(
    items: Iterable[tuple[str, T]], weight: Callable[[str, T], int], most: int
) -> Iterator[tuple[str, Sequence[tuple[str, T]]]]:
    """Sorted items in runs of up to `most` by their weights, each run with where it begins.

    It begins with as few letters as tell its first key from the last of the run before, the first run with none. One item
    that weighs more is a run of its own.
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
    """The numbers that `numbers` has written."""
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
    """The words that `words` has written."""
    last = ""
    for each in text.split(" ") if text else ():
        last = last[: DIGITS.index(each[0])] + each[1:]
        yield last
