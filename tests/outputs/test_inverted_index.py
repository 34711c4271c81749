"""The index is byte for byte what lunr.py serialises for the same words."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalogue.model import Catalogue
from catalogue.outputs import inverted_index
from catalogue.outputs.inverted_index import Document, index_text, index_text_by_lunr, number_terms
from catalogue.outputs.search import BOOSTS, LENGTH_COUNTS, fields
from tests.conftest import PROJECT

# Few letters, so that words are repeated across fields and documents; with capitals, and characters that JSON escapes.
WORD = st.text(st.sampled_from('abAßİ"\\\n\u2028é/'), max_size=3) | st.text(max_size=3)
FIELD = st.sampled_from(["name", "text", "_a", "_z", "Zed", "a b", 'q"'])


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[Document], dict[str, int]]:
    boosts = draw(st.dictionaries(FIELD, st.integers(1, 30), min_size=1, max_size=4))
    refs = draw(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=6, unique=True))
    words = st.fixed_dictionaries({field: st.lists(WORD, max_size=6) for field in boosts})
    return [(ref, draw(words)) for ref in refs], boosts


@given(corpora(), st.sampled_from([0, 0.3, 0.75, 1]))
@example(([("b", {"name": []}), ("a", {"name": ["x", "X", "x"]})], {"name": 3}), 0.3)
def test_any_words_give_the_same_bytes_as_lunr(corpus: tuple[list[Document], dict[str, int]], b: float) -> None:
    documents, boosts = corpus
    assert index_text(documents, boosts, b=b) == index_text_by_lunr(documents, boosts, b=b)


@given(corpora(), st.sampled_from([0, 0.3, 0.75, 1]))
def test_documents_decoded_from_their_numbers_give_the_same_index(
    corpus: tuple[list[Document], dict[str, int]], b: float
) -> None:
    documents, boosts = corpus
    assert index_text_by_lunr(number_terms(documents, boosts).documents(), boosts, b=b) == index_text_by_lunr(
        documents, boosts, b=b
    )


def test_the_real_catalogue_gives_the_same_bytes_as_lunr(real_catalogue: Catalogue) -> None:
    documents = [(each.slug, fields(each, real_catalogue.synonyms)) for each in real_catalogue.software]
    assert index_text(documents, BOOSTS, b=LENGTH_COUNTS) == index_text_by_lunr(documents, BOOSTS, b=LENGTH_COUNTS)


def test_with_an_unknown_version_lunr_itself_builds_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    documents: list[Document] = [("a", {"name": ["x"]})]
    monkeypatch.setattr(inverted_index, "version", lambda _: "9.0.0")
    monkeypatch.setattr(inverted_index, "index_text_by_lunr", lambda *_, **__: "by lunr")
    assert index_text(documents, {"name": 1}, b=0.3) == "by lunr"


def test_the_known_version_is_the_locked_one() -> None:
    assert f"lunr=={inverted_index.LUNR_VERSION} " in (PROJECT / "requirements.txt").read_text("utf-8")
    assert json.loads(index_text([("a", {"name": ["x"]})], {"name": 1}, b=0.3))["version"] == "2.3.9"
