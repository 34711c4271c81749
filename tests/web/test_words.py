"""The browser makes the same words of a text as the build does."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from catalogue.text import fold
from catalogue.words import identifier, singular, tokens
from tests.test_words import TABLES

from .visit import MODULE, quiet


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page from which the site's own modules can be imported."""
    with quiet(browser, site) as page:
        yield page


def made(page: Page, function: str, texts: list[str]) -> list[object]:
    """What a function of words.js makes of each text."""
    return page.evaluate(  # type: ignore[no-any-return]
        f"async ([name, texts]) => {{ const found = await ({MODULE})('words.js'); return texts.map((text) => found[name](text)); }}",
        [function, texts],
    )


@pytest.mark.parametrize(
    ("table", "function"),
    [
        ("tokens", "tokens"),
        ("singulars", "singular"),
        ("identifiers", "identifier"),
    ],
)
def test_the_browser_makes_what_the_table_says(page: Page, table: str, function: str) -> None:
    assert made(page, function, [given for given, _ in TABLES[table]]) == [wanted for _, wanted in TABLES[table]]


# What Python's Unicode does not know yet, a newer browser may fold.
LETTERS = st.characters(exclude_categories=("Cs", "Cn"))
# Half of them of what the rules speak of, which pure chance would seldom bring.
TEXTS = st.lists(
    st.one_of(
        st.text(LETTERS, max_size=40),
        st.lists(st.sampled_from([*"cC+#.-/:@ ßŁİσςΣş²½'’()\u0301\u0085\ufeff\u2028電波𠮷かガーｶﾞ々・、\u3099㍿한", "10.5281/", "zenodo.", "http://", ".git", "s", "ies", "ss"]), max_size=12).map("".join),
    ),
    min_size=40,
    max_size=40,
)  # fmt: skip
THOROUGHLY = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.mark.case("Y23")
def test_of_a_text_without_spaces_the_matched_parts_are_marked(page: Page) -> None:
    cases = [
        ("電波干渉計の電波 (電)", ["電波"], ["電波", "電波"]),
        ("電波干渉計", ["干渉", "渉計"], ["干渉計"]),
        ("新X線天文衛星", ["x", "線"], ["X線"]),
        ("Pythonによる、処理", ["python"], ["Python"]),
        ("ｶﾞﾝﾏ線ｶﾞ", ["カンマ", "カ"], ["ｶﾞﾝﾏ", "ｶﾞ"]),
        ("か\u3099線", ["か"], ["か\u3099"]),
        ("𠮷野家", ["野"], ["野"]),
        ("解析用C++コード", ["cplusplus"], ["C++"]),
        ("解析用C++コード", ["解析用"], ["解析用"]),
        ("C++による", ["cplusplus"], ["C++"]),
        ("gamma-ray 電波", ["gammaray"], ["gamma-ray"]),
    ]
    found = page.evaluate(
        f"""async (cases) => {{
          const {{ cutUp, marks }} = await ({MODULE})("why.js");
          return cases.map(([text, terms]) => marks(cutUp(text), new Set(terms)));
        }}""",
        cases,
    )
    assert [[piece for piece, is_marked in pieces if is_marked] for pieces in found] == [wanted for *_, wanted in cases]
    assert ["".join(piece for piece, _ in pieces) for pieces in found] == [text for text, *_ in cases]


@THOROUGHLY
@given(texts=TEXTS)
def test_any_text_is_folded_alike(page: Page, texts: list[str]) -> None:
    assert made(page, "fold", texts) == [fold(text) for text in texts]


@THOROUGHLY
@given(texts=TEXTS)
def test_any_text_becomes_the_same_words(page: Page, texts: list[str]) -> None:
    assert made(page, "tokens", texts) == [tokens(text) for text in texts]


@THOROUGHLY
@given(texts=TEXTS)
def test_any_text_has_the_same_singular_and_the_same_spelling_as_an_identifier(page: Page, texts: list[str]) -> None:
    assert made(page, "singular", texts) == [singular(text) for text in texts]
    assert made(page, "identifier", texts) == [identifier(text) for text in texts]
