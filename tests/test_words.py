"""The tokenizer. The browser's must give the same tokens: tests/web/test_words.py runs the same tables there."""

import json

import pytest

from catalogue.words import identifier, neighbours, parts, singular, tokens, tokens_with_singulars, with_singulars

from .conftest import PROJECT

TABLES = json.loads((PROJECT / "tests" / "words.json").read_text("utf-8"))


@pytest.mark.case("H24", "Y23")
@pytest.mark.parametrize(("text", "words"), TABLES["tokens"])
def test_a_text_becomes_these_words(text: str, words: list[str]) -> None:
    assert tokens(text) == words


@pytest.mark.parametrize(("word", "one"), TABLES["singulars"])
def test_a_plural_becomes_its_singular_and_other_words_stay(word: str, one: str) -> None:
    assert singular(word) == one


@pytest.mark.parametrize(("text", "joined"), TABLES["neighbours"])
def test_two_words_side_by_side_are_also_one(text: str, joined: list[str]) -> None:
    assert neighbours(text) == joined


@pytest.mark.parametrize(("text", "spelling"), TABLES["identifiers"])
def test_an_identifier_has_one_spelling(text: str, spelling: str) -> None:
    assert identifier(text) == spelling


@pytest.mark.parametrize("spelling", sorted({spelling for _, spelling in TABLES["identifiers"]}))
def test_that_spelling_is_its_own(spelling: str) -> None:
    assert identifier(spelling) == spelling


def test_parts_are_words_that_are_not_joined() -> None:
    assert parts("gamma-ray tool C++") == ["gamma", "ray", "tool", "cplusplus"]


def test_parts_of_a_script_without_spaces_are_its_runs_and_not_their_pairs() -> None:
    assert parts("X線天文衛星の観測 (電波)") == ["x", "線天文衛星の観測", "電波"]


def test_a_singular_stands_behind_its_plural_once() -> None:
    assert with_singulars(["rays", "ray", "class"]) == ["rays", "ray", "ray", "class"]
    assert tokens_with_singulars("gamma-rays class") == ["gammarays", "gammaray", "gamma", "rays", "ray", "class"]
