"""A reader brings data along: the field, the cell and the address say the same, and nothing that an address says breaks out."""

import ast
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from catalogue.outputs.my_data import BASKET_LINES, CELL, PLACEHOLDER

from .visit import quiet, reader

ENTRY = "software/apertif-visualization/"
DOI = "10.5281/zenodo.6352039"
FIELD = "A DOI, or the https address of a file"


def cell(page: Page) -> str:
    return page.locator("#my-data-cell").text_content() or ""


def filled(data: str) -> str:
    """The cell with this in its first line."""
    return CELL.replace(PLACEHOLDER, f'"{data}"')


def asked(page: Page) -> list[str]:
    """What the address of the page says of data."""
    return parse_qs(urlsplit(page.url).query).get("data", [])


def test_the_story_of_apertif_data_from_the_launches_to_the_copied_cell_and_to_another_browser(
    browser: Browser, site: str
) -> None:
    with reader(browser) as (page, wrong):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(site + ENTRY)
        expect(page.get_by_label(FIELD)).to_be_hidden()
        page.get_by_role("link", name="Bring your own data").click()
        section = page.get_by_role("region", name="With my data")
        assert f"fetches it: {', then '.join(BASKET_LINES)}. The host is the ESAP" in section.inner_text()
        assert "It also reads Apertif DR1." in section.inner_text()
        assert cell(page) == CELL
        page.get_by_label(FIELD).fill(f" https://doi.org/{DOI} ")
        page.keyboard.press("Enter")
        expect(page.locator("#my-data-said")).to_have_text(
            f"The cell names {DOI}, and so does the address of this page."
        )
        page.get_by_role("button", name="Copy the cell").click()
        page.locator("#copied", has_text="Cell copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == cell(page) == filled(DOI)
        assert asked(page) == [DOI]
        address = page.url
        assert wrong == []
    with reader(browser) as (page, wrong):
        page.goto(address)
        expect(page.get_by_label(FIELD)).to_have_value(DOI)
        assert cell(page) == filled(DOI)
        expect(page.get_by_role("link", name=f"The cell for {DOI}")).to_be_visible()
        page.get_by_label(FIELD).fill("")
        page.get_by_label(FIELD).blur()
        assert cell(page) == CELL
        assert asked(page) == []
        expect(page.get_by_role("link", name="Bring your own data")).to_be_visible()
        assert wrong == []


def test_a_click_on_the_button_while_the_field_has_the_focus_is_not_lost(browser: Browser, site: str) -> None:
    with quiet(browser, site + ENTRY) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("link", name="Bring your own data").click()
        page.get_by_label(FIELD).press_sequentially(DOI)
        button = page.get_by_role("button", name="Copy the cell")
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()  # the field loses the focus, and what it has to say appears
        expect(page.locator("#my-data-said")).to_contain_text(f"The cell names {DOI}")
        page.mouse.up()
        page.locator("#copied", has_text="Cell copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == filled(DOI)


def test_no_launch_link_is_another_for_it(browser: Browser, site: str) -> None:
    launches = "all => all.map(each => each.href)"
    with quiet(browser, site + ENTRY) as page:
        before = page.locator("#run a.button:visible").evaluate_all(launches)
        page.goto(f"{site}{ENTRY}?data={DOI}")
        assert cell(page) == filled(DOI)
        assert page.locator("#run a.button:visible").evaluate_all(launches) == before


def test_with_the_keyboard_alone_the_field_and_the_cell_are_reached(browser: Browser, site: str) -> None:
    with quiet(browser, site + ENTRY) as page:
        page.locator("summary", has_text="A cell that fetches").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_label(FIELD)).to_be_focused()
        page.keyboard.type(DOI)
        page.keyboard.press("Tab")
        expect(page.get_by_role("region", name="Cell to copy")).to_be_focused()
        assert cell(page) == filled(DOI)
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Copy the cell")).to_be_focused()


def test_without_scripts_the_cell_is_there_to_be_filled_in_by_hand(browser: Browser, site: str) -> None:
    with reader(browser, scripts=False) as (page, wrong):
        page.goto(f"{site}{ENTRY}?data={DOI}")
        expect(page.locator("#my-data-cell")).to_be_hidden()
        page.get_by_role("link", name="Bring your own data").click()
        page.locator("summary", has_text="A cell that fetches").click()
        expect(page.locator("#my-data-cell")).to_be_visible()
        assert cell(page) == CELL
        expect(page.locator("#my-data-field")).to_be_hidden()
        expect(page.get_by_text("Copy the cell")).to_be_hidden()
        assert wrong == []


def test_a_library_leads_to_a_blank_notebook_and_a_desktop_program_has_no_cell(browser: Browser, site: str) -> None:
    with reader(browser) as (page, wrong):
        page.goto(f"{site}software/gammapy/?data={DOI}")
        page.get_by_role("link", name="a blank one").click()
        page.wait_for_url("**/go/blank-notebook/")
        page.goto(f"{site}software/topcat/?data={DOI}")
        assert page.get_by_text("With my data").count() == 0
        assert wrong == []


HOSTILE = [
    '10.5281/zenodo.1"; import os; os.system("id") #',
    "10.5281/zenodo.1'; x = '",
    "10.5281/zenodo.1\\",
    "10.5281/zenodo.1\nimport os",
    '10.1234/"""+__import__("os").getcwd()+"""',
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "http://data.example.org/x",
    "file:///etc/passwd",
    "https://user:secret@data.example.org/x",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://localhost/x",
    "https://0x7f.1/x",
    "//data.example.org/x",
    "zenodo",
    "10.5281/",
    "https://data.example.org/" + "x" * 3000,
    "\u202e10.5281/zenodo.1",
]


@pytest.mark.case("H34")
@pytest.mark.parametrize("said", HOSTILE)
def test_what_is_no_doi_and_no_https_address_gets_a_sentence_and_not_into_the_cell(
    browser: Browser, site: str, said: str
) -> None:
    with quiet(browser, f"{site}{ENTRY}?data={quote(said)}") as page:
        expect(page.locator("#my-data-said")).to_have_text(
            "This is neither a DOI, such as 10.5281/zenodo.1234567, nor an https address, so it is not in the cell."
        )
        expect(page.get_by_label(FIELD)).to_have_attribute("aria-invalid", "true")
        assert cell(page) == CELL
        assert page.locator("#my-data-value *, main script, main img[src='x']").count() == 0
        assert asked(page) == []


@pytest.mark.parametrize(
    ("said", "data"),
    [
        ("doi:10.1234/Sky", "10.1234/Sky"),
        ("10.5281/zenodo.124.", "10.5281/zenodo.124"),
        ("https://doi.org/10.5281%2Fzenodo.124", "10.5281/zenodo.124"),
        ('https://doi.org/10.1234%2F"sky"', "https://doi.org/10.1234%2F%22sky%22"),
        ("10.1234/100%", "10.1234/100%"),
        ("dx.doi.org/10.1002/(SICI)1096-8644(199601)99:1<1::AID>3.0.CO;2-1", "10.1002/(SICI)1096-8644(199601)99:1<1::AID>3.0.CO;2-1"),
        ("HTTPS://Data.Example.ORG/a b.fits#part", "https://data.example.org/a%20b.fits"),
        ('https://data.example.org/"+x+"?q="\'</script>`', "https://data.example.org/%22+x+%22?q=%22%27%3C/script%3E`"),
        ("https://data.example.org/'\\..\\x", "https://data.example.org/x"),
        ("https://bücher.example/é", "https://xn--bcher-kva.example/%C3%A9"),
        ("https://zenodo.org/records/124", "https://zenodo.org/records/124"),
    ],
)  # fmt: skip
def test_a_doi_and_an_https_address_are_taken_in_any_spelling(
    browser: Browser, site: str, said: str, data: str
) -> None:
    with quiet(browser, f"{site}{ENTRY}?data={quote(said)}") as page:
        assert cell(page) == filled(data)
        assert asked(page) == [data]


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    with quiet(browser, site + ENTRY) as page:
        yield page


LETTERS = st.text(st.sampled_from("aZ09./-:?#%&=+ \"'\\`\n\r\t\0{}[]()<>;…é\u2028\ud7ff😀"), max_size=30)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.builds(str.__add__, st.sampled_from(["10.5281/", "https://data.example.org/", "https://", ""]), LETTERS),
        min_size=50,
        max_size=50,
    )
)
@example(HOSTILE)
def test_whatever_is_taken_is_one_string_of_python_and_whatever_is_not_leaves_the_cell(
    page: Page, texts: list[str]
) -> None:
    found = page.evaluate(
        """async (texts) => {
          const { dataAddress, pythonString } = await import(document.querySelector("script[src$='/my_data.js']").src);
          return texts.map(dataAddress).map((data) => [data, data && pythonString(data)]);
        }""",
        texts,
    )
    for data, string in found:
        if data is None:
            continue
        assert data.isascii()
        assert data.isprintable()
        assert data.startswith(("10.", "https://"))
        [line] = f"DATA = {string}  # a DOI, or the https address of a file".splitlines()
        [statement] = ast.parse(line).body
        assert isinstance(statement, ast.Assign)
        assert ast.literal_eval(statement.value) == data
