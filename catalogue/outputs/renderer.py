"""Pages -> files, by the templates."""

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
from .entry_pages import lighter_page
from .files import PAGE_LIMIT, File, page_path, relative, text_file
from .freshness import banner
from .launch_views import OfferView
from .page import Group, Page
from .views import SoftwareView, contact_link, is_sure

WRITTEN_KEPT = 50_000  # of what stands on many pages, as cards: some kilobytes each

# The sections of the site: what pages name them by, what readers see, where they begin.
MENU = (
    ("software", "Software", ""),
    ("facilities", "Facilities", "facilities/"),
    ("matrix", "Matrix", "matrix/"),
    ("status", "Status", "status/"),
    ("about", "About", "about/"),
)
_IN_MENU = frozenset(address for _, _, address in MENU)


class Renderer:
    """Makes files of the pages of one catalogue. Links are relative, so the site works under any address; but 404.html's.

    What all pages have around their content is made once for each depth and section, of `shared`. A template is given that,
    and what its page has, and nothing else.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        templates: Environment,
        assets: str,
        needed: Callable[[Sequence[str]], Sequence[str]],
    ) -> None:
        """`assets` is the address of their folder, `needed` gives the modules that scripts import."""
        self.templates = templates
        self.assets = assets
        self.needed = needed
        self.site = catalogue.site
        self.root = urlsplit(catalogue.site.base_url).path
        self.shared = {
            "site": catalogue.site,
            "banner": banner(catalogue),
            "contact": contact_link(catalogue.site.contact),
        }
        self.around: dict[object, dict[str, Markup]] = {}
        self.written: dict[object, Markup] = {}

    def files(self, group: Group) -> Iterator[File]:
        """The pages of a group as files."""
        return map(self, group.pages())

    def __call__(self, page: Page) -> File:
        """One page as a file; that of an entry is made anew where it is too large to be published.

        Raises CatalogueError where a template cannot make it.
        """
        file = self._file(page)
        is_too_large = page.template == "software" and len(file.content) > PAGE_LIMIT
        return self._file(lighter_page(page, self.site)) if is_too_large else file

    def _file(self, page: Page) -> File:
        to = self._links(page)
        around = self._around(page, to)
        text = self._made(page, to, around)
        return replace(text_file(page_path(page.address), text), listed=page.listed)

    def _made(self, page: Page, to: Callable[[str], str], around: Mapping[str, Markup]) -> str:
        def once(macro: str, key: tuple[object, ...], *given: object) -> Markup:
            """What a macro makes of what the key stands for, which is the same on all pages of one depth."""
            known = (macro, to(""), *key)
            if known not in self.written:
                self.written[known] = getattr(self._macros, macro)(*given, to)
            return self.written[known]

        def terms(row: OfferView, said: tuple[str, ...]) -> Markup:
            """What a row says of a launch: the page of an entry and that of its choice, which follows it, say the same."""
            key = ("terms", to(""), row.address, said)
            known = self.written.pop(key, None)
            if known is None:
                known = self.written[key] = self._macros.terms(row, said, to)
            return known

        values = {
            "site": self.site,
            "page": page,
            "part": None,
            "to": to,
            "asset": lambda path: to(self.assets + path),
            "scripts": lambda *paths: self._scripts(paths, to),
            "place": lambda places, pairs="api/v1/launch/": once("place", (places, pairs), places, pairs),
            "siblings": lambda facet, others: once(
                "siblings", (facet.href, *(each.href for each in others)), facet, others
            ),
            "terms": terms,
            "card": lambda view, level=3: self._card(view, page.at, to, level),
            "data": page.data or (jsonld.page_data(page.title, page.description, page.address, self.site.base_url),),
            **page.values,
        }
        name = f"pages/{page.template}.html"
        try:
            return self.templates.get_template(name).render(values, around=around)
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
        """One entry in a list. It stands in many lists, and looks the same in all of one depth, but for its launch."""
        best, opens = (_best_at(at, view), None) if at else (view.best, view.opens)
        if len(self.written) >= WRITTEN_KEPT:
            self.written.clear()
        about = (to(""), level, view.href)
        if about not in self.written:
            self.written[about] = self._macros.about(view, to, level)
        act = (to(""), view.href, opens, *(row.facility for row in best))
        if act not in self.written:
            self.written[act] = self._macros.act(view, best, is_sure(best), to, opens)
        return self.written[about] + self.written[act]

    def _scripts(self, paths: Sequence[str], to: Callable[[str], str]) -> Markup:
        """The elements of the head that load scripts, and at the same time all that they import."""
        key = ("scripts", to(""), *paths)
        if key not in self.written:
            ours, others = ([to(self.assets + path) for path in each] for each in (paths, self.needed(paths)))
            self.written[key] = self._macros.scripts(ours, others).rstrip()
        return self.written[key]

    @cached_property
    def _macros(self) -> Any:
        return self.templates.get_template("parts/macros.html").module

    def _around(self, page: Page, to: Callable[[str], str]) -> dict[str, Markup]:
        here = page.address if page.address in _IN_MENU else None
        key = (to(""), page.section, here, page.template == "home")
        if key not in self.around:
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
            self.around[key] = {
                part: escape(self.templates.get_template(f"parts/{part}.html").make_module(values)).rstrip()
                for part in ("head", "top", "bottom")
            }
        return self.around[key]


def _best_at(facility: str, view: SoftwareView) -> tuple[OfferView, ...]:
    """Where to launch an entry, first at this facility: who looks at what runs there wants it to run there."""
    here = tuple(row for row in view.offers if row.facility == facility)
    others = tuple(row for row in view.best if row.facility != facility)
    return (*here, *others)[: max(1, len(view.best))]
