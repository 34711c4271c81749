"""synonyms.yaml: groups of words, and every mistake in them."""

import pytest

from catalogue.problems import as_text
from catalogue.sources.synonyms import NONE, read_synonyms


def test_groups_are_read_as_they_are_written() -> None:
    text = 'synonyms:\n  - words: [notebook, Jupyter]\n  - words: ["H.E.S.S.", HESS survey]\n    note: one telescope\n'
    assert read_synonyms(text) == ((("notebook", "Jupyter"), ("H.E.S.S.", "HESS survey")), [])


def test_a_word_that_a_number_sign_cuts_off_is_told() -> None:
    text = "synonyms:\n  - words:\n      - C #1\n      - C sharp\n"
    groups, problems = read_synonyms(text)
    assert groups == (("C", "C sharp"),)
    assert as_text(problems).startswith("synonyms.yaml:3:9: warning: words: the text ends before '#1'")


def test_a_catalogue_may_have_none() -> None:
    assert read_synonyms(NONE) == ((), [])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("  - words: [one]", "2:12: error: words: give at least two words that differ"),
        ("  - words: [one, ONE]", "2:12: error: words: give at least two words that differ"),
        ("  - words: [one, '!?']", "2:18: error: words: '!?' has no letter or digit to search for"),
        ("  - words: one", "2:12: error: words: must be a list, as in `[one, two]`"),
        ("  - words: [one, 2]", "2:18: error: words: put it in quotes: '2'"),
        (f"  - words: [one, {'x' * 61}]", "2:18: error: words: must have at most 60 letters, and has 61"),
        ("  - word: [one, two]", "2:5: error: word: unknown key; did you mean 'words'?"),
        ("  - note: nothing", "2:5: error: words: is missing"),
        (
            "  - words: [VO, virtual observatory]\n  - words: [ivoa, Virtual-Observatory]",
            "3:19: error: 'Virtual-Observatory' is given twice, first at synonyms.yaml:2:17: put all these words into one group",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(line: str, problem: str) -> None:
    _, problems = read_synonyms(f"synonyms:\n{line}\n")
    assert f"synonyms.yaml:{problem}" in as_text(problems).splitlines()


def test_a_file_that_is_no_list_is_said_to_be_none() -> None:
    assert as_text(read_synonyms("words: []\n")[1]) == (
        "synonyms.yaml:1:1: error: the file must be a list under the key 'synonyms', as in `synonyms:`"
    )
