"""Queries with their right answers, in the real lunr.js, on the index that the build made, in a real browser."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from catalogue.model import Catalogue
from catalogue.outputs.order import list_order
from catalogue.outputs.search import BOOSTS, ONE_FILE_AT_MOST
from tests.queries import MISSED, Answer, misses, queries, slugs_by_name

from .front import hosted
from .visit import MODULE, reader

# A function of a function that asks the search of the page: what it gives once all is there that it needs.
OPENED = f"""const module = {MODULE};
  const {{ MissingParts, partCache }} = await module("parts.js");
  const {{ sharded }} = await module("shards.js");
  const {{ load }} = await module("whole_index.js");
  const form = document.getElementById("search");
  const address = new URL(form.dataset.index, document.baseURI).pathname;
  const parts = partCache();
  const slugs = [...document.querySelectorAll("#cards > li")].map((card) => card.dataset.slug);
  const whole = form.dataset.cards ? null : (await load(address, slugs)).value;
  const files = sharded(parts, address);
  const asked = async (question) => {{
    for (;;) {{
      parts.begin();
      try {{
        return question(whole ?? files.search());
      }} catch (error) {{
        if (!(error instanceof MissingParts)) throw error;
        await parts.fetchMissing();
      }}
    }}
  }};"""

ASK = f"""async (queries) => {{
  {OPENED}
  const {{ rank, tierOf }} = await module("rank.js");
  const {{ sorted }} = await module("narrow.js");
  const answers = [];
  for (const query of queries) {{
    const found = await asked((search) => rank(search, query));
    const {{ places = [], ranks = [] }} = found?.order ?? {{}};
    const order = [...sorted(places, ranks)];
    if (order.join() !== [...sorted([...places].reverse(), ranks)].join()) throw new Error("the order depends on the list: " + query);
    answers.push([order, order.map((place) => tierOf(found, place)), found?.similar ?? false, found?.left ?? []]);
  }}
  return answers;
}}"""


def ask(page: Page, asked: Iterable[str], catalogue: Catalogue) -> Mapping[str, Answer]:
    """The answers to queries, as the front page orders them."""
    asked = list(asked)
    slugs = [each.slug for each in list_order(catalogue)]
    return {
        q: Answer(tuple(slugs[place] for place in order), similar)
        for q, (order, _, similar, _) in zip(asked, page.evaluate(ASK, asked), strict=True)
    }


QUERIES = queries()
ALL = [*QUERIES, *queries(MISSED)]


@pytest.fixture(scope="module", params=["one file", "divided"])
def page(
    request: pytest.FixtureRequest,
    browser: Browser,
    real_catalogue: Catalogue,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """The front page of the real catalogue, with its index in one file, and divided."""
    at_most = ONE_FILE_AT_MOST if request.param == "one file" else 0
    with hosted(real_catalogue, tmp_path_factory.mktemp("host"), at_most) as address, reader(browser) as (page, wrong):
        page.goto(address)
        yield page
        assert wrong == []


@pytest.fixture(scope="module")
def answers(page: Page, real_catalogue: Catalogue) -> Mapping[str, Answer]:
    """The answers to all queries."""
    return ask(page, (each["q"] for each in ALL), real_catalogue)


def test_there_are_the_queries_that_were_given_and_forty_of_our_own() -> None:
    assert len(QUERIES) == 26 + 40
    assert len({each["q"] for each in ALL}) == len(ALL)


@pytest.mark.parametrize("query", ALL, ids=lambda query: query["q"])
def test_a_query_has_its_right_answer(
    query: dict[str, Any], answers: Mapping[str, Answer], real_catalogue: Catalogue
) -> None:
    assert misses(query, answers, slugs_by_name(real_catalogue)) == []


def test_without_the_synonyms_queries_miss_and_the_report_names_them(
    browser: Browser, real_catalogue: Catalogue, tmp_path: Path
) -> None:
    fewer = tuple(group for group in real_catalogue.synonyms if "notebook" not in group and "command line" not in group)
    with hosted(replace(real_catalogue, synonyms=fewer), tmp_path) as address, reader(browser) as (page, _):
        page.goto(address)
        found = ask(page, (each["q"] for each in QUERIES), real_catalogue)
    slugs = slugs_by_name(real_catalogue)
    missed = {each["q"]: misses(each, found, slugs) for each in QUERIES if misses(each, found, slugs)}
    assert sorted(missed) == ["cli", "notebook"]
    assert missed["cli"] == ["eossr is not found", "ctlearn is not found", "ossr-curation is not found"]


COMPARE = f"""async (fields) => {{
  {OPENED}
  const {{ singular }} = await module("words.js");
  const {{ exactAnswer }} = await module("postings.js");
  const {{ default: lunr }} = await module("../vendor/lunr.js");
  const {{ index }} = whole;
  const differing = [];
  const words = new Set(Object.keys(index.invertedIndex).flatMap((term) => [term, term.slice(0, 3), term.slice(0, 5)]));
  for (const word of words) {{
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
    const answer = exactAnswer(whole, word);
    const ours = slugs.flatMap((slug, place) => answer.any[place]
      ? [`${{slug}} ${{fields.filter((_, number) => answer.any[place] & (1 << number)).sort()}}`] : []).sort();
    if (JSON.stringify(theirs) !== JSON.stringify(ours)) differing.push([word, theirs, ours]);
  }}
  return [words.size, differing];
}}"""


def test_what_is_read_from_the_index_is_what_lunrs_own_query_finds(browser: Browser, site: str) -> None:
    """Every word of the index and its beginnings: the same entries, by the same fields."""
    with reader(browser) as (page, wrong):
        page.goto(site)
        count, differing = page.evaluate(COMPARE, list(BOOSTS))
        assert count > 2000
        assert differing == []
        assert wrong == []
