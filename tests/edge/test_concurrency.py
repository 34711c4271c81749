"""Hosts are asked concurrently."""

import threading

import pytest

from catalogue.edge.concurrency import ask_concurrently

HOSTS = ["a", "b", "c", "d", "e"]


def test_every_host_is_asked_once_with_limited_concurrency() -> None:
    both = threading.Barrier(2, timeout=10)
    told: list[str] = []

    def ask(host: str) -> str:
        if host in "ab":
            both.wait()  # passes only if two hosts are asked at the same time
        return host.upper()

    assert sorted(ask_concurrently(HOSTS, ask, workers=2, progress=told.append)) == ["A", "B", "C", "D", "E"]
    assert [words.partition(" hosts")[0] for words in told] == [f"{count} of 5" for count in range(1, 6)]
    assert ask_concurrently([], ask) == []


def test_an_exception_is_raised_and_no_further_host_is_asked() -> None:
    asked: list[str] = []

    def ask(host: str) -> None:
        asked.append(host)
        if host == "b":
            raise ValueError(host)

    with pytest.raises(ValueError, match="b"):
        ask_concurrently(HOSTS, ask, workers=1)
    assert asked == ["a", "b"]
