"""A catalogue whose index is divided answers as one whose index is one file, and fetches no more than it shows."""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from bench.worlds import synthetic_catalogue
from catalogue.edge.publish import publish
from catalogue.model import Catalogue, Person
from catalogue.outputs.order import list_order
from catalogue.outputs.paging import LISTED
from catalogue.outputs.shards import CARDS
from tests.conftest import built, served

from .front import few, hosted
from .test_queries import ASK
from .test_walks import followed_and_back, settled, shown, unfold
from .visit import come_to, reader

COUNT = LISTED + 100
ONE_FILE = 10**9
# What some entries have in scripts that are written without spaces.
UNSPACED: tuple[dict[str, Any], ...] = (
    {
        "name": "電波干渉計による観測",
        "keywords": ("電波天文学",),
        "authors": (Person(name="山田太郎", sort_name="山田太郎"),),
    },
    {"name": "X線天文衛星", "alternate_names": ("重力波解析ツール",), "summary": "Pythonによる電波データの処理"},
    {
        "name": "電波",
        "keywords": ("渉計",),
        "authors": (Person(name="鈴木 花子", sort_name="鈴木 花子"),),
        "summary": "干渉",
    },
)
# Queries and the names that they find, best first.
FOUND = {
    "電波": ["電波", "電波干渉計による観測", "X線天文衛星"],
    "電": ["電波干渉計による観測", "電波", "X線天文衛星"],
    "干渉計": ["電波干渉計による観測"],  # pairs in two fields are no match
    "電波天": ["電波干渉計による観測"],
    "山田": ["電波干渉計による観測"],
    "太郎": ["電波干渉計による観測"],
    "山田太郎": ["電波干渉計による観測"],
    "鈴木花子": ["電波"],
    "花子": ["電波"],
    "X線": ["X線天文衛星"],
    "Pythonによる": ["電波干渉計による観測", "X線天文衛星"],  # each part wherever it is: the first is in Python
    "電波 干渉": ["電波干渉計による観測", "電波"],
    "波解析": ["X線天文衛星"],
    "重力波解折ツール": ["X線天文衛星"],  # misspelt
    "解波": [],
    "電波干渉計による観測": ["電波干渉計による観測"],
    "電波干渉計による観測" + "処理" * 30: [],
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Some hundred entries, some with other names."""
    found = synthetic_catalogue(COUNT, alike=True)
    named = (
        replace(each, alternate_names=(f"{each.name} Suite", "The Tool")) if number % 9 == 0 else each
        for number, each in enumerate(found.software)
    )
    *others, one, two, three = named
    unspaced = (replace(each, **says) for each, says in zip((one, two, three), UNSPACED, strict=True))
    return replace(found, software=(*others, *unspaced))


@pytest.fixture(scope="module")
def site(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its site with the index divided."""
    with hosted(catalogue, tmp_path_factory.mktemp("divided"), 0) as address:
        yield address


@pytest.fixture(scope="module")
def whole(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its site with the index in one file."""
    with hosted(catalogue, tmp_path_factory.mktemp("whole"), ONE_FILE) as address:
        yield address


def field(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search software by name")


def asked_of(catalogue: Catalogue, count: int) -> list[str]:
    """Queries at random: words and beginnings of words of entries, pairs of them, whole names, identifiers, misspelt words."""
    chance = random.Random(7)
    texts = [
        text
        for each in catalogue.software
        for text in (each.name, *each.alternate_names, *each.keywords, *(a.name for a in each.authors), each.summary)
    ]
    words = [word for text in texts for word in text.split()]

    def word() -> str:
        found = chance.choice(words)
        way = chance.random()
        if way < 0.3:
            return found[: chance.randint(1, len(found))]
        if way < 0.5 and len(found) > 4:
            at = chance.randrange(len(found) - 1)
            return chance.choice([found[:at] + found[at + 1 :], found[:at] + "q" + found[at:], found[:at] + found[at + 1] + found[at] + found[at + 2 :], "x" + found[1:]])  # fmt: skip
        return found

    def query() -> str:
        way = chance.random()
        one = chance.choice(catalogue.software)
        if way < 0.1:
            return chance.choice([one.name, *one.alternate_names])
        if way < 0.2:
            address = one.repository.url if one.repository else ""
            return chance.choice(
                [one.doi or "", address, address.rpartition("/")[0], f"{address}/some/page", f"{one.doi} {word()}"]
            )
        return " ".join(word() for _ in range(chance.choice([1, 1, 2, 2, 3])))

    found = dict.fromkeys(query() for _ in range(count))
    return [each for each in found if each.strip()]


def test_any_query_has_the_same_answer_from_one_file_and_from_many(
    browser: Browser, catalogue: Catalogue, site: str, whole: str
) -> None:
    """The whole order, the tiers, whether a spelling was guessed, and what was left out."""
    asked = [*asked_of(catalogue, 400), *FOUND]
    answers = []
    for address in (whole, site):
        with reader(browser) as (page, wrong):
            page.goto(address)
            if address == whole:  # all cards, from which the one file's order is
                field(page).focus()
                expect(page.locator("#cards > li")).to_have_count(COUNT)
            answers.append(dict(zip(asked, page.evaluate(ASK, asked), strict=True)))
            assert wrong == []
    one, many = answers
    assert {q for q in asked if one[q] != many[q]} == set()
    names = [each.name for each in list_order(catalogue)]
    assert {q: [names[place] for place in one[q][0]] for q in FOUND} == FOUND
    assert len({q for q in asked if one[q][0]}) > 200
    assert len({q for q in asked if one[q][2] and one[q][0]}) > 20
    assert {tier for _, tiers, _, _ in one.values() for tier in tiers} == {0, 1, 2, 3, 4}


STATE = """() => [
  document.getElementById("count").textContent,
  [...document.querySelectorAll("#cards > li:not([hidden])")].map((card) => card.dataset.slug),
  [...document.querySelectorAll("#cards > li:not([hidden]) .matched")].map((each) => each.textContent),
  [...document.querySelectorAll("#cards > li:not([hidden]) mark")].map((each) => each.textContent),
  [...document.querySelectorAll("[data-facet]")].flatMap((facet) =>
    [...facet.querySelectorAll(".choice[data-value]:not([hidden])")].map((choice) =>
      [facet.dataset.facet, choice.dataset.value, choice.querySelector(".count").textContent, choice.querySelector("input").checked])),
  [...document.querySelectorAll("#nothing:not([hidden]) :is(button, a, strong, span):not(#wish)")].map((each) => each.textContent),
  document.getElementById("more").hidden ? "" : document.getElementById("more").textContent,
  location.search,
]"""
DO = """([kind, value]) => {
  const input = kind === "q" ? document.getElementById("q") : kind === "maybe" ? document.getElementById("maybe")
    : kind === "sort" ? document.getElementById("sort") : document.querySelector(`input[name="${kind}"][value="${value}"]`);
  if (input === null) return;
  if (kind === "q" || kind === "sort") input.value = value;
  else input.checked = !input.checked;
  input.dispatchEvent(new Event(kind === "q" ? "input" : "change", { bubbles: true }));
}"""
WORDS = [
    "",
    "python",
    "gamma",
    "the",
    "jupyter notebook",
    "xqzzyplugh",
    "da",
    "zoniverse",
    "cherenkov telescope array",
    "電波",
    "X線",
]


def state_of(page: Page) -> object:
    page.wait_for_timeout(350)  # the address is written after a pause
    expect(page.locator("#count")).not_to_contain_text("Loading")
    expect(page.locator("#cards")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#filters")).not_to_have_attribute("data-counting", "")
    return page.evaluate(STATE)


def test_on_any_state_the_page_shows_the_same(browser: Browser, catalogue: Catalogue, site: str, whole: str) -> None:
    """The list with its reasons and marks, all counts, and what can be done where nothing is found."""
    chance = random.Random(11)
    with reader(browser) as (one, wrong), reader(browser) as (many, also_wrong):
        for page, address in ((one, whole), (many, site)):
            page.goto(f"{address}?q=python")
            page.locator("details:not([open])").evaluate_all("all => all.forEach(each => { each.open = true })")
            expect(page.locator("#count")).to_contain_text("for “python”", timeout=30_000)
        values = [(facet, value) for facet, value, _, _ in one.evaluate(STATE)[4]]
        for _ in range(12):
            step = chance.choice(
                [
                    ("q", chance.choice(WORDS)),
                    chance.choice(values),
                    chance.choice(values),
                    ("maybe", ""),
                    ("sort", chance.choice(["relevance", "newest", "name"])),
                ]
            )
            for page in (one, many):
                page.evaluate(DO, step)
            found = state_of(many)
            if "?" not in str(many.url):
                continue  # a large catalogue shows the first part of its list then, as it came
            assert found == state_of(one), step
        assert wrong == also_wrong == []


EMPTY = ["pip install gamma", "gamma xqzzyplugh python how to", "zoniverse xqzzyplugh", "python " + "xqzzy " * 12, "licence:MIT", "mybinder"]  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "queries"),
    [("", EMPTY), ("&interface=notebook", EMPTY[:2]), ("&platform=java&maybe=1&sort=name", EMPTY[2:4])],
)
def test_an_empty_answer_offers_the_same_and_fetches_each_file_once(
    browser: Browser, site: str, whole: str, filters: str, queries: list[str]
) -> None:
    """The ways out, and how many entries each shows."""
    with reader(browser) as (one, wrong), reader(browser) as (many, also_wrong):
        fetched: list[str] = []
        many.on("request", lambda request: fetched.append(request.url))
        for text in queries:
            said = []
            for page, address in ((one, whole), (many, site)):
                fetched.clear()
                page.goto(f"{address}?q={text.replace(' ', '+')}{filters}")
                expect(page.locator("#nothing")).to_be_visible(timeout=30_000)
                said.append(page.locator("#nothing li").all_text_contents())
            assert said[0] == said[1], text
            assert said[0], text
            shards = [url for url in fetched if "/terms/" in url or "/near/" in url]
            assert len(shards) == len(set(shards))
        assert wrong == also_wrong == []


def test_a_search_fetches_the_cards_that_it_shows_and_no_list(
    browser: Browser, site: str, catalogue: Catalogue
) -> None:
    with reader(browser) as (page, wrong):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(site, wait_until="networkidle")
        assert page.locator("#cards > li").count() == LISTED
        # Where its files begin is known before the first key; nothing else is.
        assert [url for url in asked if "/search/" in url and not re.search(r"/search/[0-9a-f]+\.json$", url)] == []
        name = list_order(catalogue)[-1].name
        field(page).fill(name)
        settled(page, f"1 of {COUNT} entries for “{name}”")
        expect(page.locator("#cards > li")).to_have_count(1)
        expect(page.get_by_role("navigation", name="Pages of all software")).to_be_hidden()
        assert len([url for url in asked if "/cards/" in url]) == 1
        assert not [url for url in asked if "/page/" in url or "lunr" in url or "/near/" in url or "/values-" in url]
        field(page).fill("python")
        expect(page.locator("#count")).to_contain_text("for “python”")
        assert len(shown(page)) == 50
        assert len([url for url in asked if "/cards/" in url]) <= 51
        assert [url for url in asked if asked.count(url) > 1 and not url.endswith(".svg")] == []
        field(page).fill("")
        settled(page, f"{COUNT} entries, runnable ones first")
        expect(page.locator("#cards > li")).to_have_count(LISTED)
        expect(page.get_by_role("navigation", name="Pages of all software")).to_be_visible()
        assert wrong == []


def test_the_cards_of_an_answer_are_asked_for_together(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        held: list[Route] = []
        page.route("**/cards/*.html", lambda route: held.append(route))
        with page.expect_request("**/cards/*.html"):
            field(page).fill("python")
        page.wait_for_timeout(500)
        assert len(held) > 1  # six cards are more than a file has, and none has come yet
        for route in held:
            route.continue_()
        expect(page.locator("#count")).to_contain_text("for “python”")
        assert wrong == []


def test_more_of_an_answer_is_fetched_when_it_is_asked_for(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}?sort=name")
        assert len(shown(page)) == 50
        come_to(page.get_by_role("button", name=f"Show 50 more of {COUNT}")).click()
        expect(page.locator("#cards > li:visible")).to_have_count(100)
        assert (
            page.evaluate("[...document.querySelectorAll('#cards > li')].indexOf(document.activeElement.closest('li'))")
            == 50
        )
        names = [name.lower() for name in shown(page)]
        assert names == sorted(names)
        assert wrong == []


def test_a_value_that_the_page_does_not_have_is_found_by_typing_and_from_the_address(
    browser: Browser, site: str, catalogue: Catalogue
) -> None:
    author = max(catalogue.software, key=lambda each: each.slug).authors[0]
    having = sum(author in each.authors for each in catalogue.software)
    with reader(browser) as (page, wrong):
        page.goto(site)
        unfold(page, "author")
        facet = page.locator("[data-facet=author]")
        assert facet.locator(".choice").count() == 7
        find = facet.get_by_role("textbox", name="Find in Author")
        find.fill(author.name)
        choice = facet.locator(".choice:visible", has_text=author.name)
        expect(choice.locator(".count")).to_have_text(str(having))
        choice.locator("input").check()
        expect(page.locator("#count")).to_have_text(re.compile(f"^{having} of {COUNT} entr"))
        expect(page.get_by_role("button", name=f"Remove the filter Author: {author.name}")).to_be_visible()
        for part in ("山", "太郎"):
            find.fill(part)
            expect(facet.locator(".choice:visible", has_text="山田太郎")).to_be_visible()
        find.fill("zz")
        expect(facet.locator(".facet-hint")).to_have_text("Keep typing")
        find.fill("zzzz")
        expect(facet.locator(".facet-hint")).to_have_text("None found")
        find.fill("")
        expect(facet.locator(".choice:visible")).to_have_count(8)
        address = page.url
        slugs = page.locator("#cards > li").evaluate_all("all => all.map(card => card.dataset.slug)")
        page.goto("about:blank")
        page.goto(address)
        expect(page.locator("#chips")).to_contain_text(f"Author: {author.name}")
        assert page.locator("#cards > li").evaluate_all("all => all.map(card => card.dataset.slug)") == slugs
        page.goto(f"{site}?author=nobody-at-all&interface=notebook")
        expect(page.locator("#ignored")).to_have_text(
            "Not in this catalogue, and left out of the filters: Author “nobody-at-all”."
        )
        assert wrong == []


def test_back_restores_list_focus_and_scroll(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        followed_and_back(page, site, 20)
        assert wrong == []


def test_the_chosen_facility_is_followed_by_every_card_that_comes(browser: Browser, site: str) -> None:
    """Without the file of all launches there, which would be larger than the answers."""
    with reader(browser) as (page, wrong):
        pairs = json.loads(page.request.get(f"{site}api/v1/launch/jive.json").text())["pairs"]
        reached = {slug: pair["url"] for slug, pair in pairs.items() if pair["carries_software"]}
        yes = sum(pairs[slug]["verdict"] == "yes" for slug in reached)
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(site)
        page.locator("form.place select").select_option("jive")
        expect(page.locator("#place-said")).to_contain_text(f"{yes} of {COUNT} entries should run at JIVE BinderHub")
        field(page).fill("python")
        expect(page.locator("#count")).to_contain_text("for “python”")
        shown(page)
        said = page.locator("#cards > li .card-act")
        told = said.evaluate_all(
            "all => all.map((act) => [act.querySelector('[data-where]').textContent, act.querySelector('[data-why]').textContent])"
        )
        assert len(told) == 50
        assert all("at JIVE BinderHub" in where or "not at JIVE BinderHub" in why for where, why in told)
        links = page.locator("#cards > li").evaluate_all(
            "all => all.map((card) => [card.dataset.slug, card.querySelector('a.button').href])"
        )
        assert {slug: link for slug, link in links if slug in reached} == {
            slug: reached[slug] for slug, _ in links if slug in reached
        }
        assert 0 < len([slug for slug, _ in links if slug in reached]) <= 50
        assert [url for url in fetched if "/api/v1/launch/" in url] == []
        assert len([url for url in fetched if "/launches/" in url]) == 1
        page.locator("form.place select").select_option("")
        field(page).fill("pytho")
        expect(page.locator("#count")).to_contain_text("for “pytho”")
        shown(page)
        assert not [text for text in said.all_text_contents() if "not at JIVE" in text]
        assert wrong == []


def test_the_facility_of_the_filter_is_followed_by_every_card_and_let_go_with_it(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        where = page.locator("#cards > li [data-where]")
        before = where.all_text_contents()
        page.locator("input[name=facility][value=jive]").check()
        expect(page.locator("#place-said")).to_contain_text("Buttons launch at JIVE BinderHub")
        for typed in ("", "python"):
            field(page).fill(typed)
            expect(page.locator("#count")).to_contain_text(f"for “{typed}”" if typed else f"of {COUNT} entries")
            shown(page)
            assert set(where.all_text_contents()) == {"at JIVE BinderHub"}
        page.locator("input[name=facility][value=jive]").uncheck()
        expect(page.locator("#place-said")).to_have_text("")
        field(page).fill("")
        expect(page.locator("#cards > li")).to_have_count(LISTED)
        assert where.all_text_contents() == before
        assert wrong == []


def test_what_is_said_of_the_facility_is_said_however_late_its_launches_come(browser: Browser, site: str) -> None:
    """Cards that are shown meanwhile follow in silence, and do not silence it."""
    with reader(browser) as (page, wrong):
        held: list[Route] = []
        page.route("**/launches/jive.json", lambda route: held.append(route))
        page.goto(site)
        page.locator("input[name=facility][value=jive]").check()
        field(page).fill("python")
        expect(page.locator("#count")).to_contain_text("for “python”")
        shown(page)
        expect(page.locator("#place-said")).to_have_text("")
        assert held
        for route in held:
            route.continue_()
        expect(page.locator("#place-said")).to_contain_text("Buttons launch at JIVE BinderHub")
        assert set(page.locator("#cards > li [data-where]").all_text_contents()) == {"at JIVE BinderHub"}
        assert wrong == []


def test_launches_that_could_not_be_loaded_are_fetched_again_and_the_message_is_replaced(
    browser: Browser, site: str
) -> None:
    with reader(browser) as (page, wrong):
        down = ["down"]
        page.route("**/launches/jive.json", lambda route: route.abort() if down else route.continue_())
        page.goto(site)
        page.locator("form.place select").select_option("jive")
        said = page.locator("#place-said")
        expect(said).to_have_text(
            "The launches at JIVE BinderHub could not be loaded: buttons lead to the best facility."
        )
        down.clear()
        field(page).fill("python")
        expect(page.locator("#count")).to_contain_text("for “python”")
        expect(said).to_contain_text(f"of {COUNT} entries should run at JIVE BinderHub")
        assert {text for text in wrong if "/launches/jive.json" not in text and "ERR_FAILED" not in text} == set()


def test_a_page_that_is_older_than_the_launches_says_so_and_does_not_ask_again(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        asked: list[Route] = []

        def gone(route: Route) -> None:
            asked.append(route)
            route.fulfill(status=404)

        page.route("**/launches/jive.json", gone)
        page.goto(site)
        page.locator("form.place select").select_option("jive")
        said = page.locator("#place-said")
        expect(said).to_have_text("This page is older than the catalogue: reload it to launch at JIVE BinderHub.")
        for typed in ("python", "data"):
            field(page).fill(typed)
            expect(page.locator("#count")).to_contain_text(f"for “{typed}”")
            shown(page)
        expect(said).to_have_text("This page is older than the catalogue: reload it to launch at JIVE BinderHub.")
        assert len(asked) == 1
        assert [text for text in wrong if "404" not in text] == []


def test_what_was_typed_last_is_shown_whatever_comes_late(browser: Browser, site: str, catalogue: Catalogue) -> None:
    """The files of the first word are held back until the answer to the second is there."""
    name = list_order(catalogue)[0].name
    with reader(browser) as (page, wrong):
        held: list[Route] = []
        first = ["held back"]
        page.route("**/terms/*.json", lambda route: held.append(route) if first else route.continue_())
        page.goto(site)
        field(page).fill("xqz")
        page.wait_for_timeout(300)
        assert held
        first.clear()
        field(page).fill(name)
        settled(page, f"1 of {COUNT} entries for “{name}”")
        page.wait_for_timeout(500)  # nor does it say any more that it waits for the first
        expect(page.locator("#count")).to_have_text(f"1 of {COUNT} entries for “{name}”")
        for route in held:
            route.continue_()
        page.wait_for_timeout(300)
        expect(page.locator("#count")).to_have_text(f"1 of {COUNT} entries for “{name}”")
        assert wrong == []


# ---- files that fail


def body(route: Route) -> bytes:
    with urlopen(route.request.url, timeout=10) as answer:
        return bytes(answer.read())


def cut(route: Route) -> None:
    route.fulfill(status=200, content_type="application/json", body=body(route)[:-40])


def of_another_build(route: Route) -> None:
    text = body(route).decode()
    text = re.sub(r'(?<="build":")[0-9a-f]+|(?<=data-build=")[0-9a-f]+', "0123456789ab", text)
    route.fulfill(
        status=200, content_type="text/html" if route.request.url.endswith(".html") else "application/json", body=text
    )


def of_another_shape(route: Route) -> None:
    data = json.loads(body(route))
    route.fulfill(status=200, content_type="application/json", body=json.dumps({"build": data["build"]}))


COULD_NOT = "The search index could not be loaded."
GONE = "This page is older than the catalogue, whose search index has changed."
CUT = "The search index did not arrive whole."
OTHER = "The search index is of another build of this site."


FAULTS: dict[str, tuple[Callable[[Route], None], str]] = {
    "aborted": (lambda route: route.abort(), COULD_NOT),
    "refused": (lambda route: route.fulfill(status=503, body="no"), COULD_NOT),
    "missing": (lambda route: route.fulfill(status=404, body="no"), GONE),
    "cut": (cut, CUT),
    "another build": (of_another_build, OTHER),
    "another shape": (of_another_shape, CUT),
}


# All files are fetched by the same function: every fault of one kind, and one of every kind.
@pytest.mark.case("C3")
@pytest.mark.parametrize(
    ("files", "fault"),
    [
        *(("terms/*.json", fault) for fault in FAULTS),
        ("search/*.json", "another build"),
        ("cards/*.html", "another build"),
        ("cards/*.html", "cut"),
    ],
)
def test_a_file_that_fails_is_said_the_list_stays_and_a_new_try_mends_it(
    browser: Browser, site: str, files: str, fault: str
) -> None:
    answer, said = FAULTS[fault]
    if files.endswith(".html") and fault == "cut":
        answer, said = (lambda route: route.fulfill(status=200, content_type="text/html", body="<ol>")), CUT
    with reader(browser) as (page, wrong):
        page.route(f"**/{files}", answer)
        page.goto(site)
        field(page).fill("python")
        expect(page.locator("#failed-text")).to_have_text(said)
        expect(page.locator("#failed")).to_contain_text("The list goes on from page to page.")
        expect(page.locator("#count")).to_have_text(f"{COUNT} entries, not searched")
        assert page.locator("#cards > li:visible").count() in (50, LISTED)
        page.unroute(f"**/{files}")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#count")).to_contain_text(f"of {COUNT} entries for “python”")
        expect(page.locator("#failed")).to_be_hidden()
        expect(field(page)).to_be_focused()
        assert len(shown(page)) == 50
        assert [each for each in wrong if "exception" in each] == []


@pytest.mark.case("C3")
def test_counts_that_do_not_come_are_said_and_the_answer_stays(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.route("**/facet-interface.json", of_another_build)
        page.goto(site)
        field(page).fill("python")
        expect(page.locator("#failed-text")).to_have_text("The counts of the filters could not be loaded.")
        expect(page.get_by_role("button", name="Reload the page")).to_be_visible()
        expect(page.locator("#count")).to_contain_text(f"of {COUNT} entries for “python”")
        assert counts_of(page) == {"…"}
        field(page).press_sequentially(" g")  # what was not counted can be searched
        expect(page.locator("#count")).to_contain_text(f"of {COUNT} entries for “python g”")
        # They are asked for once more for the longer query, after its answer has been shown.
        expect(page.locator("#failed-text")).to_have_text("The counts of the filters could not be loaded.")
        page.unroute("**/facet-interface.json")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#failed")).to_be_hidden()
        expect(page.locator("#filters")).not_to_have_attribute("data-counting", "")
        assert all(each.isdecimal() for each in counts_of(page))


def counts_of(page: Page) -> set[str]:
    """What stands beside the values of a facet."""
    return set(page.locator("[data-facet=interface] .choice[data-value] .count").all_inner_texts())


@pytest.mark.case("C3")
def test_cards_that_do_not_come_after_the_first_ones_are_said(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.goto(f"{site}?sort=name")
        assert len(shown(page)) == 50
        page.route("**/cards/*.html", lambda route: route.fulfill(status=503, body="no"))
        come_to(page.get_by_role("button", name=re.compile("Show 50 more"))).click()
        expect(page.locator("#failed-text")).to_have_text(COULD_NOT)
        page.unroute("**/cards/*.html")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#failed")).to_be_hidden()
        assert len(shown(page)) == 100


@pytest.mark.case("C3")
def test_a_file_that_is_slow_is_waited_for_in_words_and_the_list_stays(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        waiting: list[Route] = []
        is_slow = [True]
        page.route("**/terms/*.json", lambda route: waiting.append(route) if is_slow else route.continue_())
        page.goto(site)
        field(page).fill("python")
        expect(page.locator("#count")).to_have_text("Loading the search index …")
        assert page.locator("#cards > li:visible").count() == LISTED
        is_slow.clear()
        for route in waiting:
            route.continue_()
        expect(page.locator("#count")).to_contain_text("for “python”")
        assert len(shown(page)) == 50
        assert wrong == []


@pytest.mark.case("C6")
def test_a_page_that_is_older_than_the_files_offers_to_reload(
    browser: Browser, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("older")
    small = few(catalogue, *(each.slug for each in catalogue.software[:9]))
    with served(small, folder, 0) as address, reader(browser) as (page, _):
        page.goto(address)
        first, *others = small.software
        for word in ("newer", "novelty"):  # of the site before the last one nothing is left
            software = (replace(first, keywords=(word,)), *others)
            newer = replace(small, site=replace(small.site, base_url=address), software=software)
            publish(built(newer, 0), folder / "some" / "path", address)
        field(page).fill("novelty")
        expect(page.locator("#failed-text")).to_have_text(GONE)
        page.get_by_role("button", name="Reload the page").click()
        expect(page.locator("#status")).to_have_text("1 of 9 entries for “novelty”", timeout=30_000)


# ---- without scripts


@pytest.mark.case("C4")
def test_without_scripts_every_entry_is_reached_from_page_to_page(
    browser: Browser, site: str, catalogue: Catalogue
) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(site)
        found = page.locator("#cards > li").evaluate_all("all => all.map(card => card.dataset.slug)")
        come_to(page.get_by_role("link", name="Next", exact=True)).click()
        found += page.locator("#cards > li").evaluate_all("all => all.map(card => card.dataset.slug)")
        assert found == [each.slug for each in list_order(catalogue)]
        assert wrong == []


def test_cards_are_few_in_a_file(site: str) -> None:
    assert CARDS <= 10
