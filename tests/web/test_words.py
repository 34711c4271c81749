"""The browser makes the same words of a text as the build does."""

from playwright.sync_api import Browser

from catalogue.outputs.search import SYMBOLS
from catalogue.text import LETTERS
from tests.outputs.test_search import WORDS

from .visit import reader


def test_the_browser_folds_and_splits_as_the_build_does(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        made = page.evaluate(
            """async ([texts, tables]) => {
                const home = document.querySelector("script[src$='/home.js']").src;
                const { typedWords } = await import(home.replace("home.js", "words.js"));
                return texts.map((text) => typedWords(text, tables).flat(2));
            }""",
            [[text for text, _ in WORDS], {"letters": LETTERS, "symbols": SYMBOLS}],
        )
        assert made == [words for _, words in WORDS]
        assert wrong == []
