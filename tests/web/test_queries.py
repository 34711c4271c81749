"""Queries with their right answers, in the real lunr.js, on the index that the build made, in a real browser."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from catalogue.model import Catalogue
from catalogue.outputs.search import BOOSTS
from tests.conftest import served
from tests.queries import Answer, misses, queries, slugs_by_name

from .visit import MODULE, reader

ASK = f"""async (queries) => {{
  const module = {MODULE};
  const {{ load }} = await module("load.js");
  const {{ rank, better }} = await module("rank.js");
  const {{ sorted }} = await module("narrow.js");
  const search = await load(new URL(document.getElementById("search").dataset.index, document.baseURI).pathname);
  const entries = [...document.querySelectorAll("#cards > li")].map((card, place) => ({{ slug: card.dataset.slug, place }}));
  return queries.map((query) => {{
    const found = rank(search, query);
    const order = found?.order ?? new Map();
    const shown = entries.filter((entry) => order.has(entry.slug));
    const slugs = (list) => sorted(list, "relevance", order, better).map((entry) => entry.slug);
    const first = slugs(shown);
    if (first.join() !== slugs([...shown].reverse()).join()) throw new Error("the order depends on the list: " + query);
    return [first, found?.similar ?? false];
  }});
}}"""


def ask(page: Page, asked: Iterable[str]) -> Mapping[str, Answer]:
    """The answers to queries, as the front page orders them."""
    asked = list(asked)
    return {
        q: Answer(tuple(slugs), similar) for q, (slugs, similar) in zip(asked, page.evaluate(ASK, asked), strict=True)
    }


QUERIES = queries()


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The front page of the real catalogue."""
    with reader(browser) as (page, wrong):
        page.goto(site)
        yield page
        assert wrong == []


@pytest.fixture(scope="module")
def answers(page: Page) -> Mapping[str, Answer]:
    """The answers to all queries."""
    return ask(page, (each["q"] for each in QUERIES))


def test_there_are_the_queries_that_were_given_and_forty_of_our_own() -> None:
    assert len(QUERIES) == 26 + 40
    assert len({each["q"] for each in QUERIES}) == len(QUERIES)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query["q"])
def test_a_query_has_its_right_answer(
    query: dict[str, Any], answers: Mapping[str, Answer], real_catalogue: Catalogue
) -> None:
    assert misses(query, answers, slugs_by_name(real_catalogue)) == []


def test_without_the_synonyms_queries_miss_and_the_report_names_them(
    browser: Browser, real_catalogue: Catalogue, tmp_path: Path
) -> None:
    fewer = tuple(group for group in real_catalogue.synonyms if "notebook" not in group and "command line" not in group)
    with served(replace(real_catalogue, synonyms=fewer), tmp_path) as address, reader(browser) as (page, _):
        page.goto(address)
        found = ask(page, (each["q"] for each in QUERIES))
    slugs = slugs_by_name(real_catalogue)
    missed = {each["q"]: misses(each, found, slugs) for each in QUERIES if misses(each, found, slugs)}
    assert sorted(missed) == ["cli", "notebook"]
    assert missed["cli"] == ["eossr is not found", "ctlearn is not found", "ossr-curation is not found"]


COMPARE = f"""async ([words, fields]) => {{
  const module = {MODULE};
  const {{ load }} = await module("load.js");
  const {{ singular }} = await module("words.js");
  const {{ exactAnswer }} = await module("postings.js");
  const {{ default: lunr }} = await module("../vendor/lunr.js");
  const search = await load(new URL(document.getElementById("search").dataset.index, document.baseURI).pathname);
  const {{ index, slugs }} = search.read;
  const differing = [];
  const asked = words ?? search.read.terms.flatMap((term) => [term, term.slice(0, 3), term.slice(0, 5)]);
  for (const word of new Set(asked)) {{
    const one = singular(word);
    const found = index.query((query) => {{
      query.term(word, {{ usePipeline: false, boost: 4 }});
      if (one !== word) query.term(one, {{ usePipeline: false, boost: 3 }});
      if (word.length >= 3) query.term(word, {{ usePipeline: false, wildcard: lunr.Query.wildcard.TRAILING, boost: 1 }});
    }});
    const isPlatform = (term) => Object.keys(index.invertedIndex[term]?.platform ?? {{}}).length > 0;
    const kept = found.filter(({{ matchData }}) =>
      !isPlatform(word) || Object.keys(matchData.metadata).some((term) => term === word || !isPlatform(term)));
    const theirs = kept.map(({{ ref, matchData }}) => {{
      const terms = Object.entries(matchData.metadata).filter(([term]) =>
        !isPlatform(word) || term === word || term === one || !isPlatform(term));
      return `${{ref}} ${{[...new Set(terms.flatMap(([, at]) => Object.keys(at)))].sort()}}`;
    }}).sort();
    const answer = exactAnswer(search.read, word);
    const ours = slugs.flatMap((slug, place) => answer.any[place]
      ? [`${{slug}} ${{fields.filter((_, number) => answer.any[place] & (1 << number)).sort()}}`] : []).sort();
    if (JSON.stringify(theirs) !== JSON.stringify(ours)) differing.push([word, theirs, ours]);
  }}
  return [asked.length, differing];
}}"""


def test_what_is_read_from_the_index_is_what_lunrs_own_query_finds(page: Page) -> None:
    """Every word of the index and its beginnings: the same entries, by the same fields."""
    count, differing = page.evaluate(COMPARE, [None, list(BOOSTS)])
    assert count > 3000
    assert differing == []
