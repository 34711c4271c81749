"""The colours of a catalogue: they override the tokens, and are always legible."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.outputs.assets import SHEET
from catalogue.outputs.colours import PATH, colour_sheet
from catalogue.problems import as_text
from catalogue.sources.site import CONTRAST, DARK_BACKGROUND, LIGHT_BACKGROUND, contrast, read_site
from tests.conftest import PROJECT, built
from tests.world import SITE, catalogue, entry

COLOURS = "colours: {light: '#7a1f5c', dark: '#f0b3dc'}\n"
TOKENS = (PROJECT / "templates" / "static" / "css" / "tokens.css").read_text("utf-8")


def tokens(sheet: str) -> list[dict[str, str]]:
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in sheet.split("@media")]


@pytest.mark.parametrize(
    ("one", "other", "found"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)]
)
def test_contrast_is_computed_as_in_wcag(one: str, other: str, found: float) -> None:
    assert round(contrast(one, other), 2) == found
    assert contrast(one, other) == contrast(other, one)


def test_the_background_colours_are_those_of_the_tokens() -> None:
    light, dark = tokens(TOKENS)[:2]
    assert (light["sunken"], dark["sunken"]) == (LIGHT_BACKGROUND, DARK_BACKGROUND)
    assert min(contrast(LIGHT_BACKGROUND, "#000000"), contrast(light["paper"], "#000000")) == contrast(
        LIGHT_BACKGROUND, "#000000"
    )


def test_a_catalogue_with_colours_has_them_in_its_style_sheet_after_the_tokens() -> None:
    files = built(catalogue(entry(), site=SITE + COLOURS))
    (sheet,) = [file for file in files if file.path.endswith(SHEET)]
    ours, colours = sheet.text.split("/* Made from site.yaml")
    assert ours.startswith(TOKENS)
    light, dark = tokens(colours)
    assert (light["accent"], light["link"], light["on-accent"]) == ("#7a1f5c", "#7a1f5c", "#ffffff")
    assert (dark["accent"], dark["link"], dark["on-accent"]) == ("#f0b3dc", "#f0b3dc", "#0f131b")
    assert set(light) == set(dark) <= set(tokens(TOKENS)[0])


def test_a_catalogue_without_colours_has_the_default_ones() -> None:
    files = built(catalogue(entry()))
    assert not any("Made from site.yaml" in file.text for file in files if file.path.endswith(".css"))


PART = st.integers(0, 255)


@given(st.tuples(PART, PART, PART), st.tuples(PART, PART, PART))
def test_colours_that_pass_the_check_are_legible_in_every_state(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    text = f"{SITE}colours: {{light: '#{bytes(one).hex()}', dark: '#{bytes(other).hex()}'}}\n"
    site, problems = read_site(text)
    assert (site is None) == bool(as_text(problems))
    if site is None:
        return
    light, dark = tokens(colour_sheet(site)[PATH].decode())
    for found, paper in ((light, LIGHT_BACKGROUND), (dark, DARK_BACKGROUND)):
        for ink, on in (
            ("link", paper),
            ("link-hover", paper),
            ("on-accent", found["accent"]),
            ("on-accent", found["accent-hover"]),
        ):
            assert contrast(found[ink], on) >= CONTRAST
