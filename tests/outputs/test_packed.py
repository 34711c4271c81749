"""Numbers and words survive a round trip, and every sorted item is in one run."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.outputs.packed import (
    DIGITS,
    LEVELS,
    deltas,
    gaps,
    level,
    numbers,
    ranges,
    read_numbers,
    read_words,
    sort_key,
    words,
)

LETTERS = st.text(st.sampled_from("abcé日𝛾9"), min_size=1, max_size=6)


def test_no_digit_takes_more_than_a_byte_in_json() -> None:
    assert len(DIGITS) == len(set(DIGITS)) == 92
    assert json.dumps(DIGITS) == f'"{DIGITS}"'


@given(st.lists(st.integers(0, 10**7)))
def test_numbers_survive_a_round_trip(values: list[int]) -> None:
    assert list(read_numbers(numbers(values))) == values


def test_characters_that_are_no_digits_are_an_error() -> None:
    with pytest.raises(ValueError, match="numbers are written in other characters"):
        read_numbers('!!"!')


def test_small_numbers_take_one_digit() -> None:
    assert [len(numbers([value])) for value in (0, 45, 46, 2115, 2116)] == [1, 1, 2, 2, 3]


@given(st.sets(st.integers(0, 10**6)))
def test_rising_numbers_are_encoded_by_gaps(values: set[int]) -> None:
    found, last = [], -1
    for gap in read_numbers(gaps(sorted(values))):
        last += gap + 1
        found.append(last)
    assert found == sorted(values)


@given(st.lists(st.integers(0, 10**6)))
def test_changing_numbers_are_encoded_by_differences(values: list[int]) -> None:
    found, last = [], 0
    for change in read_numbers(deltas(values)):
        last += -(change + 1) // 2 if change % 2 else change // 2
        found.append(last)
    assert found == values


@given(st.lists(LETTERS))
def test_words_survive_a_round_trip(given_words: list[str]) -> None:
    assert list(read_words(words(given_words))) == given_words


@given(st.sets(LETTERS), st.integers(1, 20))
def test_runs_have_all_items_and_each_key_is_in_the_last_run_that_begins_before_it(keys: set[str], most: int) -> None:
    items = [(key, len(key)) for key in sorted(keys, key=sort_key)]
    runs = list(ranges(items, lambda _, size: size, most))
    assert [item for _, run in runs for item in run] == items
    begins = [sort_key(begin) for begin, _ in runs]
    assert begins == sorted(set(begins))
    assert begins[0] == b""
    for number, (_, run) in enumerate(runs):
        for key, _ in run:
            assert max(place for place, begin in enumerate(begins) if begin <= sort_key(key)) == number
        assert sum(size for _, size in run) <= most or len(run) == 1


def test_a_level_is_the_greatest_that_is_not_above_a_weight() -> None:
    assert len(LEVELS) == len(DIGITS)
    assert [LEVELS[level(value)] for value in LEVELS] == list(LEVELS)
    assert [level(value) for value in (0, 99, 100, 109, 110, 10**9)] == [0, 0, 0, 0, 1, len(LEVELS) - 1]
