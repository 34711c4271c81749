"""Renders pages to files with the templates."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, TemplateError, TemplateSyntaxError
from markupsafe import Markup, escape

from ..model import Catalogue
from ..problems import CatalogueError
from . import jsonld
from .entry_pages import shortened_page
from .files import PAGE_LIMIT, File, page_path, relative, text_file
from .freshness import banner
from .launch_views import OfferView
from .page import Page, PageGroup
from .software_views import SoftwareView
from .views import contact_link

MAX_FRAGMENTS = 50_000  # in the cache of HTML fragments; some kilobytes each

# The sections of the site: key, label, address of the first page.
MENU = (
    ("software", "Software", ""),
    ("facilities", "Facilities", "facilities/"),
    ("matrix", "Matrix", "matrix/"),
    ("status", "Status", "status/"),
    ("about", "About", "about/"),
)
_IN_MENU = frozenset(address for _, _, address in MENU)


class Renderer:
    """Renders the pages of one catalogue. Links are relative, so that the site works under any URL, except in 404.html.

    The frame around the content, made from `shared`, is rendered once for each depth and section, and fragments that are on many
    pages, such as cards, are rendered once for each depth. A template gets nothing else but the values of its page.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        templates: Environment,
        assets: str,
        imported: Callable[[Sequence[str]], Sequence[str]],
    ) -> None:
        """`assets` is the address of the folder of assets; `imported` gives the modules that scripts import."""
        self.templates = templates
        self.assets = assets
        self.imported = imported
        self.site = catalogue.site
        self.root = urlsplit(catalogue.site.base_url).path
        self.shared = {
            "site": catalogue.site,
            "banner": banner(catalogue),
            "contact": contact_link(catalogue.site.contact),
        }
        self.frames: dict[object, dict[str, Markup]] = {}
        self.fragments: dict[object, Markup] = {}

    def files(self, group: PageGroup) -> Iterator[File]:
        """The pages of a group, rendered, and its other files."""
        return (each if isinstance(each, File) else self(each) for each in group.pages())

    def __call__(self, page: Page) -> File:
        """One page, rendered. The page of an entry that is too large to be published is cut short.

        Raises CatalogueError if its template fails.
        """
        file = self._file(page)
        is_too_large = page.template == "software" and len(file.content) > PAGE_LIMIT
        return self._file(shortened_page(page)) if is_too_large else file

    def _file(self, page: Page) -> File:
        to = self._links(page)
        text = self._text(page, to, self._frame(page, to))
        return replace(text_file(page_path(page.address), text), listed=page.listed)

    def _text(self, page: Page, to: Callable[[str], str], frame: Mapping[str, Markup]) -> str:
        def cached(macro: str, key: tuple[object, ...], *arguments: object) -> Markup:
            """The output of a macro, which is the same for this key on all pages of one depth."""
            key = (macro, to(""), *key)
            if key not in self.fragments:
                self.fragments[key] = getattr(self._macros, macro)(*arguments, to)
            return self.fragments[key]

        def terms(row: OfferView, said: tuple[str, ...]) -> Markup:
            """The terms of a launch. They are on two pages, one after the other: of the entry, and of its launch choice."""
            key = ("terms", to(""), row.address, said)
            fragment = self.fragments.pop(key, None)
            if fragment is None:
                fragment = self.fragments[key] = self._macros.terms(row, said, to)
            return fragment

        values = {
            "site": self.site,
            "page": page,
            "part": None,
            "to": to,
            "asset": lambda path: to(self.assets + path),
            "scripts": lambda *paths: self._scripts(paths, to),
            "place": lambda places, pairs="api/v1/launch/": cached("place", (places, pairs), places, pairs),
            "siblings": lambda facet, others: cached(
                "siblings", (facet.href, *(each.href for each in others)), facet, others
            ),
            "terms": terms,
            "card": lambda view, level=3: self._card(view, page.at, to, level),
            "data": page.data or (jsonld.page_data(page.title, page.description, page.address, self.site.base_url),),
            **page.values,
        }
        name = f"pages/{page.template}.html"
        try:
            return self.templates.get_template(name).render(values, around=frame)
        except (TemplateError, AttributeError) as error:
            at = f" line {error.lineno} of {error.name}:" if isinstance(error, TemplateSyntaxError) else ""
            why = error.message if isinstance(error, TemplateError) else error
            raise CatalogueError(
                f"templates/{name} cannot make {page_path(page.address)}:{at} {why}; the old site is untouched"
            ) from error

    def _links(self, page: Page) -> Callable[[str], str]:
        up = self.root if page.address == "404.html" else relative(page.address, "").removeprefix("./")

        def to(address: str) -> str:
            if address.startswith(("https://", "http://", "mailto:", "#")):
                return address
            return up + address or "./"

        return to

    def _card(self, view: SoftwareView, at: str | None, to: Callable[[str], str], level: int) -> Markup:
        """The card of an entry in a list. In all lists of one depth only its launch button may differ."""
        best, opens = (_best_at(at, view), None) if at else (view.best, view.opens)
        if len(self.fragments) >= MAX_FRAGMENTS:
            self.fragments.clear()
        about = (to(""), level, view.href)
        if about not in self.fragments:
            self.fragments[about] = self._macros.about(view, to, level)
        act = (to(""), view.href, opens, *(row.facility for row in best))
        if act not in self.fragments:
            self.fragments[act] = self._macros.act(view, best, to, opens)
        return self.fragments[about] + self.fragments[act]

    def _scripts(self, paths: Sequence[str], to: Callable[[str], str]) -> Markup:
        """The elements of the head that load scripts, and preload the modules that they import."""
        key = ("scripts", to(""), *paths)
        if key not in self.fragments:
            ours, others = ([to(self.assets + path) for path in each] for each in (paths, self.imported(paths)))
            self.fragments[key] = self._macros.scripts(ours, others).rstrip()
        return self.fragments[key]

    @cached_property
    def _macros(self) -> Any:
        return self.templates.get_template("parts/macros.html").module

    def _frame(self, page: Page, to: Callable[[str], str]) -> dict[str, Markup]:
        """What is around the content of a page."""
        here = page.address if page.address in _IN_MENU else None
        key = (to(""), page.section, here, page.template == "home")
        if key not in self.frames:
            values = {
                **self.shared,
                "to": to,
                "assets": self.assets,
                "asset": lambda path: to(self.assets + path),
                "scripts": lambda *paths: self._scripts(paths, to),
                "section": page.section,
                "here": here,
                "is_home": page.template == "home",
                "menu": MENU,
            }
            self.frames[key] = {
                part: escape(self.templates.get_template(f"parts/{part}.html").make_module(values)).rstrip()
                for part in ("head", "top", "bottom")
            }
        return self.frames[key]


def _best_at(facility: str, view: SoftwareView) -> tuple[OfferView, ...]:
    """Where to launch an entry on a list of what runs at one facility: there first."""
    here = tuple(row for row in view.offers if row.facility == facility)
    others = tuple(row for row in view.best if row.facility != facility)
    return (*here, *others)[: max(1, len(view.best))]
