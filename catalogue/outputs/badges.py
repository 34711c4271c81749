"""Badges for README files: where an entry runs, as SVG and as JSON, and whether it runs at one facility, as SVG.

They are static files beside the launch pages. A badge says the verdict: a facility that is down changes the order on the
pages, but no badge.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import escape

from ..model import Site, Verdict
from ..text import cut, inert_markdown, pluralize
from .files import File, json_text, text_file
from .launch_views import OfferView

_SVG, _JSON = "badge.svg", "badge.json"  # below a launch address; badge.svg at the root is that of the whole catalogue
_LABEL = "run it"
_NAME_LIMIT = 40  # characters of a name

# The verdicts in the colours of the pages, as light as white text permits: its contrast is 5 or more.
_COLOURS = {Verdict.YES: "#177a47", Verdict.MAYBE: "#8a5a00", Verdict.NO: "#5f6a80"}
_CATALOGUE_COLOUR, _LABEL_COLOUR = "#24479c", "#3b4252"
_AT_FACILITY = {Verdict.YES: "should run", Verdict.MAYBE: "may run", Verdict.NO: "not here"}

# The widths of characters in Verdana of 11 pixels; where another font is used, the text is stretched to the same width.
_WIDTHS = {
    letter: width
    for width, letters in {
        3: "',.IJijl",
        4: " !()-/:;[\\]ft|",
        5: '"r',
        6: "*?FL_`cksz",
        8: "ABCDHNRUVXZ",
        9: "#&+<=>GMOQ^w~",
        10: "%",
        11: "@Wm",
    }.items()
    for letter in letters
}
_OTHER_WIDTH, _WIDE_WIDTH, _PADDING = 7, 11, 6


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says on its left and on its right, and the colour of the right, as in `#177a47`."""

    label: str
    message: str
    colour: str

    @property
    def words(self) -> str:
        """All that it says, for people who do not see it."""
        return f"{self.label}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeView:
    """A badge as a page offers it: its image, what that says, the launch address that it links to, and Markdown to copy."""

    image: str
    words: str
    go: str
    markdown: str


WITHDRAWN = Badge(_LABEL, "withdrawn", _COLOURS[Verdict.NO])


def entry_badge(offers: Iterable[OfferView], *, on_the_web: bool) -> Badge:
    """Where an entry runs: how many facilities should run it, else how many may; `on_the_web`: it is a web application."""
    if on_the_web:
        return Badge(_LABEL, "on the web", _COLOURS[Verdict.YES])
    verdicts = [each.verdict for each in offers if each.carries]
    if count := verdicts.count(Verdict.YES):
        return Badge(_LABEL, f"at {_facilities(count)}", _COLOURS[Verdict.YES])
    if count := verdicts.count(Verdict.MAYBE):
        return Badge(_LABEL, f"maybe at {_facilities(count)}", _COLOURS[Verdict.MAYBE])
    return Badge(_LABEL, "nowhere yet", _COLOURS[Verdict.NO])


def _facilities(count: int) -> str:
    return pluralize(count, "facility", "facilities")


def pair_badge(offer: OfferView) -> Badge:
    """Whether an entry runs at one facility."""
    message = _AT_FACILITY[offer.verdict] if offer.carries or not offer.url else "front page only"
    return Badge(cut(offer.facility_name, _NAME_LIMIT), message, _COLOURS[offer.verdict])


def catalogue_badge(site: Site) -> File:
    """The badge of the whole catalogue, which has its title. It is in README files, so it stays."""
    return File(_SVG, _svg(Badge(_LABEL, cut(site.title, _NAME_LIMIT), _CATALOGUE_COLOUR)))


def badge_files(go: str, badge: Badge, at: Mapping[str, Badge]) -> Iterator[File]:
    """The badges at a launch address of an entry: its own as SVG and as JSON, and as SVG those `at` facilities, by slug."""
    yield File(go + _SVG, _svg(badge))
    yield File(go + _JSON, _json(badge))
    for facility, here in at.items():
        yield File(f"{go}{facility}/{_SVG}", _svg(here))


def badge_views(
    offers: Iterable[OfferView], best: Sequence[OfferView], site: Site, go: str, *, on_the_web: bool
) -> tuple[BadgeView, ...]:
    """What the page of an entry offers: its badge, and that of its best facility if there is one."""
    own = entry_badge(offers, on_the_web=on_the_web)
    views = [_badge_view(own, f"Run it: {site.title}", go, site)]
    views += [_badge_view(pair_badge(row), f"Run it at {row.facility_name}", row.go, site) for row in best[:1]]
    return tuple(views)


def _badge_view(badge: Badge, says: str, go: str, site: Site) -> BadgeView:
    return BadgeView(image=go + _SVG, words=badge.words, go=go, markdown=badge_markdown(says, site.base_url + go))


def badge_markdown(says: str, url: str) -> str:
    """The badge at the URL of a launch page as Markdown that links to the page; `says` is its text where no image is shown.

    The text must not be what the badge says today, since it stays as it is.
    """
    return f"[![{inert_markdown(says)}]({url}{_SVG})]({url})"


# Many badges say the same: there are as many as facilities times verdicts, and a few more.
@lru_cache(maxsize=1_000)
def _svg(badge: Badge) -> bytes:
    label, message, words = escape(badge.label), escape(badge.message), escape(badge.words)
    left, right = (_width(each) for each in (badge.label, badge.message))
    middle = left + 2 * _PADDING
    width = middle + right + 2 * _PADDING
    # `spacingAndGlyphs` keeps the letters of connected scripts together.
    return text_file(
        _SVG,
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" viewBox="0 0 {width} 20" role="img" '
        f'aria-label="{words}"><title>{words}</title>'
        f'<rect width="{width}" height="20" rx="3" fill="{badge.colour}"/>'
        f'<path d="M3 0h{middle - 3}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="{_LABEL_COLOUR}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{_PADDING}" y="14" textLength="{left}" lengthAdjust="spacingAndGlyphs">{label}</text>'
        f'<text x="{middle + _PADDING}" y="14" textLength="{right}" lengthAdjust="spacingAndGlyphs">{message}</text>'
        "</g></svg>",
    ).content


@lru_cache(maxsize=1_000)
def _json(badge: Badge) -> bytes:
    """What shields.io reads to draw a badge in another style. Source: https://shields.io/badges/endpoint-badge"""
    said = {"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": badge.colour.removeprefix("#")}
    return text_file(_JSON, json_text(said)).content


def _width(text: str) -> int:
    """The width of a text in pixels, about; there is no font to measure it with."""
    return sum(_WIDTHS.get(letter) or _other_width(letter) for letter in text)


def _other_width(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0  # drawn onto the letter before it, or not at all
    return _WIDE_WIDTH if unicodedata.east_asian_width(letter) in "WF" else _OTHER_WIDTH
