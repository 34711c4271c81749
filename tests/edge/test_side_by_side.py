"""Hosts asked at the same time."""

import threading

import pytest

from catalogue.edge.side_by_side import asked_side_by_side

HOSTS = ["a", "b", "c", "d", "e"]


def test_every_host_is_asked_once_so_many_at_a_time_and_each_answer_is_told() -> None:
    both = threading.Barrier(2, timeout=10)
    told: list[str] = []

    def ask(host: str) -> str:
        if host in "ab":
            both.wait()  # passes only where two are asked at once
        return host.upper()

    assert sorted(asked_side_by_side(HOSTS, ask, 2, told.append)) == ["A", "B", "C", "D", "E"]
    assert [words.partition(" hosts")[0] for words in told] == [f"{count} of 5" for count in range(1, 6)]
    assert asked_side_by_side([], ask, 2) == []


def test_what_is_raised_for_one_host_is_raised_and_no_other_is_begun_with() -> None:
    asked: list[str] = []

    def ask(host: str) -> None:
        asked.append(host)
        if host == "b":
            raise ValueError(host)

    with pytest.raises(ValueError, match="b"):
        asked_side_by_side(HOSTS, ask, 1)
    assert asked == ["a", "b"]
