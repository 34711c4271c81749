"""A reader chooses where to run things, once, and every button follows."""

import json
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.conftest import served
from tests.world import CODE_OF_TOOL, catalogue, entry

from .test_walks import shown
from .visit import reader

CHOICE = "form.place select"


def act(page: Page, slug: str) -> tuple[str, str, str]:
    """The button of a card, whether it is in the window or not: its address, its word, and where it leads."""
    card = page.locator(f".card[data-slug='{slug}'] .card-act")
    link = card.locator("a.button")
    return (
        link.get_attribute("href") or "",
        link.evaluate("link => link.firstChild.data"),
        card.locator("[data-where]").text_content() or "",
    )


def test_the_chosen_facility_is_followed_by_every_button_and_remembered_on_every_page(
    browser: Browser, site: str
) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        assert act(page, "mocpy")[2] == "at MyBinder"
        page.locator(CHOICE).select_option("jive")
        page.locator(".card[data-slug='mocpy'] [data-where]", has_text="at JIVE BinderHub").wait_for()
        pairs = json.loads(page.request.get(f"{site}api/v1/launch/jive.json").text())["pairs"]
        reached = dict.fromkeys(("yes", "maybe"), 0)
        for card in page.locator(".card").all():
            slug = card.get_attribute("data-slug") or ""
            href, _, where = act(page, slug)
            if pairs[slug]["url"] and pairs[slug]["carries_software"]:
                reached[pairs[slug]["verdict"]] += 1
                assert (href, where) == (pairs[slug]["url"], "at JIVE BinderHub")
            else:
                assert "not at JIVE BinderHub" in (card.locator("[data-why]").text_content() or "")
        said = page.locator("#place-said").inner_text()
        assert said == (
            f"{reached['yes']} of 37 entries should run at JIVE BinderHub, {reached['maybe']} may; "
            "the other buttons stay. This browser remembers the choice."
        )
        beside = page.locator("[data-facet=facility] [data-value=jive] .count").inner_text()
        assert beside == str(reached["yes"])  # one number for the same thing
        assert page.locator(".card[data-slug='mocpy'] .card-act .warn").all_text_contents() == [
            "Never checked",
            "Plain http",
        ]

        page.goto(f"{site}software/mocpy/")
        first = page.locator("[data-offers] > .offer").first
        assert page.locator(CHOICE).input_value() == "jive"
        page.locator(".offer-mine").wait_for()
        assert first.get_attribute("id") == "at-jive"
        assert (first.locator("a.button").get_attribute("href") or "").startswith(
            "http://jupyter.jive.nl/binderhub/v2/"
        )

        page.locator(CHOICE).select_option("")
        assert page.locator("[data-offers] > .offer").first.get_attribute("id") == "at-mybinder"
        page.goto(site)
        assert act(page, "mocpy")[2] == "at MyBinder"
        assert wrong == []


def places(page: Page) -> set[str]:
    """Where the buttons of the list lead."""
    shown(page)
    return set(page.locator("#cards > li:visible [data-where]").all_text_contents())


def test_with_one_facility_as_filter_the_buttons_lead_there_and_nothing_is_remembered(
    browser: Browser, site: str
) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}?facility=jive")  # an address that somebody has sent
        expect(page.locator("#place-said")).to_have_text(
            "Buttons launch at JIVE BinderHub, as the list is filtered by it."
        )
        assert places(page) == {"at JIVE BinderHub"}
        pairs = json.loads(page.request.get(f"{site}api/v1/launch/jive.json").text())["pairs"]
        assert act(page, "mocpy")[0] == pairs["mocpy"]["url"]
        assert page.evaluate("localStorage.length") == 0
        assert page.locator(CHOICE).input_value() == ""

        skao = page.locator("input[name=facility][value=skao-binderhub]")
        skao.check()  # of two, neither is meant more than the other
        expect(page.locator("#place-said")).to_have_text("")
        assert act(page, "mocpy")[2] == "at MyBinder"
        page.go_back()
        expect(page.locator("#place-said")).to_contain_text("Buttons launch at JIVE BinderHub")
        assert places(page) == {"at JIVE BinderHub"}
        page.get_by_role("link", name="MOCPy", exact=True).click()
        page.locator("#run").wait_for()
        page.go_back()
        expect(page.locator("#place-said")).to_contain_text("Buttons launch at JIVE BinderHub")
        page.locator("input[name=facility][value=jive]").uncheck()
        expect(page.locator("#place-said")).to_have_text("")
        assert act(page, "mocpy")[2] == "at MyBinder"
        assert wrong == []


def test_a_choice_of_ones_own_goes_before_the_filter(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}?facility=jive")
        page.locator(CHOICE).select_option("skao-binderhub")
        expect(page.locator("#place-said")).to_contain_text("should run at SKAO BinderHub")
        assert act(page, "mocpy")[2] == "at SKAO BinderHub"
        page.locator(CHOICE).select_option("")
        expect(page.locator("#place-said")).to_contain_text("Buttons launch at JIVE BinderHub")
        assert act(page, "mocpy")[2] == "at JIVE BinderHub"
        assert wrong == []


def test_a_binderhub_of_ones_own_works_with_every_entry_that_a_binderhub_can_open(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        page.locator(CHOICE).select_option("/own")
        page.locator("#place-url").fill("hub.example.org/binder")
        page.keyboard.press("Enter")
        assert act(page, "cds-tutorials") == (
            "https://hub.example.org/binder/v2/gh/cds-astro/tutorials/v1.0.3?urlpath=lab",
            "Launch",
            "at hub.example.org",
        )
        why = page.locator(".card[data-slug='topcat'] [data-why]").text_content()
        assert why == "not at hub.example.org: Desktop program: this facility runs notebooks"
        state = "today’s code, not version 0.4.0"
        assert page.locator(".card[data-slug='agnpy'] [data-why]").text_content() == state

        page.goto(f"{site}software/agnpy/")
        opened = page.locator("[data-own-offer] [data-own-opened]")
        assert opened.inner_text() == f"Opens JupyterLab, at the top of the repository ({state})."
        listed = page.locator("#at-mybinder .offer-body p", has_text="Opens JupyterLab").inner_text()
        assert listed.startswith(opened.inner_text())  # the same words

        page.goto(f"{site}software/astron-vo-apertif/")
        mine = page.locator("[data-own-offer]")
        assert mine.is_visible()
        assert mine.locator("a.button").get_attribute("href") == (
            "https://hub.example.org/binder/v2/git/https%3A%2F%2Fgit.astron.nl%2Fastron-sdc%2Fescape-wp5%2Fworkflows"
            "%2Fapertif-vo-example/HEAD?urlpath=lab%2Ftree%2FPyVO.ipynb"
        )
        assert mine.locator("[data-own-verdict]").inner_text() == "Should run here"

        page.goto(f"{site}software/topcat/")
        assert mine.locator("a.button").is_hidden()
        assert mine.locator("[data-own-opened]").is_hidden()
        assert mine.locator("[data-own-reason]").inner_text() == "Desktop program: this facility runs notebooks."
        assert wrong == []


def test_a_facility_that_is_called_own_is_not_taken_for_the_readers_own_hub(browser: Browser, tmp_path: Path) -> None:
    facilities = (
        "facilities:\n"
        "  - {id: own, name: Own, kind: binderhub, url: https://own.example.org/, description: A}\n"
        "  - {id: binder, name: Binder, kind: binderhub, url: https://b.example.org/, description: B, login: none}\n"
    )
    world = catalogue(entry(1001, related=CODE_OF_TOOL), facilities=facilities)
    with served(world, tmp_path) as address, reader(browser) as (page, wrong):
        page.goto(address)
        page.locator(CHOICE).select_option("own")
        page.locator("#place-said", has_text="0 of 1 entries should run at Own, 1 may").wait_for()
        assert page.locator(".place-own").is_hidden()
        page.reload()
        page.locator("[data-where]", has_text="at Own").wait_for()
        assert page.locator(CHOICE).input_value() == "own"
        assert wrong == []


def test_where_the_browser_keeps_nothing_a_choice_holds_for_the_page(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('off', 'SecurityError'); } })"
        )
        page.goto(site)
        page.locator(CHOICE).select_option("jive")
        page.locator(".card[data-slug='mocpy'] [data-where]", has_text="at JIVE BinderHub").wait_for()
        page.locator("#slash-key").press(" ")
        page.locator("main h1").click()
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") != "q"
        page.goto(site)
        assert act(page, "mocpy")[2] == "at MyBinder"
        assert page.locator("#slash-key").is_checked()
        assert wrong == []


def test_what_is_no_address_is_said_to_be_none_and_changes_nothing(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        before = act(page, "mocpy")
        page.locator(CHOICE).select_option("/own")
        page.locator("#place-url").fill("javascript:alert(1)")
        page.keyboard.press("Enter")
        said = "This is not the address of a BinderHub. It looks like https://hub.example.org/."
        assert page.locator("#place-said").inner_text() == said
        assert act(page, "mocpy") == before
        assert wrong == []


def test_an_address_that_stays_shows_everyone_the_same_unless_it_is_asked(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        page.evaluate("localStorage.setItem('place', JSON.stringify({ facility: 'skao-binderhub' }))")
        page.goto(f"{site}go/mocpy/")
        assert page.locator("[data-offers] > .offer").first.get_attribute("id") == "at-mybinder"
        page.get_by_role("link", name="Put SKAO BinderHub first, as you chose").click()
        page.locator(".offer-mine").wait_for()
        assert page.url == f"{site}go/mocpy/?at=mine"
        assert page.locator("[data-offers] > .offer").first.get_attribute("id") == "at-skao-binderhub"
        assert wrong == []


def test_what_somebody_else_left_in_the_browser_is_not_followed(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        for left in (
            '{"own":"javascript:alert(1)"}',
            '{"facility":"../../x"}',
            '{"facility":"gone"}',
            "[",
            "null",
            "7",
        ):
            page.evaluate("left => localStorage.setItem('place', left)", left)
            page.goto(site)
            assert act(page, "mocpy")[2] == "at MyBinder"
            assert page.locator(CHOICE).input_value() == ""
        assert wrong == []


def test_where_the_launches_of_a_facility_cannot_be_had_the_buttons_stay(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.route("**/api/v1/launch/jive.json", lambda route: route.abort())
        page.goto(site)
        before = act(page, "mocpy")
        page.locator(CHOICE).select_option("jive")
        page.locator("#place-said", has_text="could not be loaded").wait_for()
        assert act(page, "mocpy") == before


def test_a_facility_is_chosen_on_its_own_page(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}facilities/skao-binderhub/")
        button = page.get_by_role("button", name="Prefer this facility")
        button.press("Enter")
        assert button.get_attribute("aria-pressed") == "true"
        assert "Launch buttons now lead here" in page.locator("#chosen").inner_text()
        page.goto(site)
        page.locator(".card[data-slug='mocpy'] [data-where]", has_text="at SKAO BinderHub").wait_for()
        assert wrong == []


def kept_while(page: Page, chosen: dict[str, str]) -> None:
    """The reader leaves the page, chooses on another one, and comes back to the page as the browser has kept it.

    The browser of the tests keeps no pages: this tells the page what a browser that does would tell it.
    """
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    page.evaluate("(chosen) => localStorage.setItem('place', JSON.stringify(chosen))", chosen)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")


def test_a_page_that_the_browser_has_kept_follows_what_was_chosen_meanwhile(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        said = page.locator("#place-said")
        kept_while(page, {"facility": "jive"})
        expect(said).to_contain_text("entries should run at JIVE BinderHub")
        expect(page.locator(CHOICE)).to_have_value("jive")
        assert act(page, "mocpy")[2] == "at JIVE BinderHub"
        kept_while(page, {"own": "https://hub.example.org/"})
        expect(said).to_contain_text("entries should run at hub.example.org")
        expect(page.locator("#place-url")).to_have_value("https://hub.example.org/")
        kept_while(page, {})
        expect(said).to_have_text("Back to the best facility.")
        expect(page.locator(CHOICE)).to_have_value("")
        expect(page.locator(".place-own")).to_be_hidden()
        assert act(page, "mocpy")[2] == "at MyBinder"

        page.goto(f"{site}go/mocpy/")
        kept_while(page, {"facility": "jive"})
        expect(said).to_have_text("Put JIVE BinderHub first, as you chose")
        kept_while(page, {})
        expect(said).to_have_text("")
        assert wrong == []


def test_a_kept_page_of_a_facility_shows_whether_it_is_still_the_chosen_one(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}facilities/jive/")
        button = page.get_by_role("button", name="Prefer this facility")
        button.click()
        kept_while(page, {"facility": "mybinder"})
        expect(button).to_have_attribute("aria-pressed", "false")
        expect(page.locator("#chosen")).to_have_text("")
        assert wrong == []


def test_a_kept_page_holds_its_choice_where_the_browser_remembers_nothing(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        page.locator(CHOICE).select_option("jive")
        page.locator(".card[data-slug='mocpy'] [data-where]", has_text="at JIVE BinderHub").wait_for()
        page.evaluate("localStorage.clear()")
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        page.wait_for_timeout(300)
        assert act(page, "mocpy")[2] == "at JIVE BinderHub"
        assert wrong == []


def test_whether_a_facility_is_reachable_now_is_asked_only_when_the_reader_asks(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        asked: list[str] = []
        answers = [
            {"status": 200, "json": {"binderhub": "1"}, "headers": {"Access-Control-Allow-Origin": "*"}},
            {"status": 200, "body": "<html>", "headers": {"Access-Control-Allow-Origin": "*"}},
        ]

        def facility(route: object) -> None:
            asked.append(route.request.url)  # type: ignore[attr-defined]
            if len(asked) > len(answers):
                route.abort()  # type: ignore[attr-defined]
            else:
                route.fulfill(**answers[len(asked) - 1])  # type: ignore[attr-defined]

        page.route("https://mybinder.org/**", facility)
        page.goto(f"{site}facilities/mybinder/")
        assert asked == []
        button = page.get_by_role("button", name="Is it reachable now?")
        button.click()
        page.locator("#now", has_text="Reachable now, from your browser").wait_for()
        button.click()
        page.locator("#now", has_text="It answers now, but not as it should.").wait_for()
        assert wrong == []
        button.click()
        page.locator("#now", has_text="got no answer").wait_for()
        assert asked == ["https://mybinder.org/versions"] * 3


def test_a_facility_page_may_ask_no_other_host_than_its_facility(browser: Browser, site: str) -> None:
    with reader(browser) as (page, _):
        page.goto(f"{site}facilities/mybinder/")
        refused = page.evaluate("fetch('https://other.example.org/').then(() => false, () => true)")
        assert refused
        policy = page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content") or ""
        assert "connect-src 'self' https://mybinder.org;" in policy
        page.goto(f"{site}facilities/jive/")  # plain http: a page over https could not ask it
        assert page.get_by_role("button", name="Is it reachable now?").count() == 0


def test_a_facility_that_is_down_is_marked_in_the_filter_and_in_the_matrix(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        beside = page.locator("[data-facet=facility] .choice")
        expect(beside.filter(has_text="CSCS")).to_have_text("CSCS CTA BinderHub (not answering since 14 May) 16")
        expect(beside.filter(has_text="MyBinder")).to_have_text("MyBinder 16")
        page.get_by_role("checkbox", name="CSCS CTA BinderHub (not answering since 14 May)").check()
        expect(page.locator(".chip")).to_have_text("Can be launched at: CSCS CTA BinderHub×")

        page.goto(f"{site}matrix/")
        paper = "(link) => getComputedStyle(link).backgroundColor"
        row = page.locator("tr", has=page.get_by_role("link", name="agnpy", exact=True))
        filled, outlined = (
            row.get_by_role("link", name=f"Launch agnpy at {name}") for name in ("MyBinder", "CSCS CTA BinderHub")
        )
        assert filled.evaluate(paper) != "rgba(0, 0, 0, 0)"
        assert outlined.evaluate(paper) == "rgba(0, 0, 0, 0)"
        assert outlined.evaluate("(link) => getComputedStyle(link).borderTopStyle") == "solid"
        assert wrong == []


def test_a_facility_that_is_down_stays_marked_where_it_was_chosen(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(site)
        options = page.locator(f"{CHOICE} option").all_text_contents()
        assert "CSCS CTA BinderHub (not answering since 14 May)" in options
        page.locator(CHOICE).select_option("cscs-cta")
        card = page.locator(".card[data-slug='mocpy'] .card-act")
        card.locator(".warn", has_text="Not answering since 14 May").wait_for()
        assert "button-second" in (card.locator("a.button").get_attribute("class") or "")
        page.goto(f"{site}software/gammalearn/")
        page.locator("#place-said", has_text="It does not run at CSCS CTA BinderHub").wait_for()
        assert wrong == []
