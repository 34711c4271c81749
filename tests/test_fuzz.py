"""Fuzzes every parser for a fixed number of rounds; bench/fuzz.py does so for any time."""

import pytest

from bench.fuzz import READERS, rounds


@pytest.mark.case("U19", "Y10", "U38")
@pytest.mark.parametrize("reader", READERS)
def test_damaged_input_gives_a_value_or_a_problem(reader: str) -> None:
    done, data, why, _ = rounds(reader, seed=20261122, count=8 if reader == "yaml" else 80)
    assert data is None, f"after {done} inputs {data!r}\n{why}"
