"""Pages before they are rendered, groups of pages, and lists that are divided into several pages."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from . import jsonld
from .files import File
from .paging import Part, parts
from .views import LinkView

# The first breadcrumb of every page about software.
HOME = LinkView(label="Software", href="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page before it is rendered. `address` is below the root: empty for the front page, else it ends with `/`, except for
    404.html and the files of cards.

    `trail` are its breadcrumbs; `data` is its JSON-LD; `listed`: it is in the sitemap; `forward` is the target of a redirect.
    `asks` is the origin of a facility to which a button of the page may send a request; `feeds` are Atom feeds about the
    same subject. `canonical` is the page that search engines should list instead. `at` is the slug of the facility at which its
    cards launch; without it, each card offers its best one.
    """

    address: str
    template: str
    title: str
    description: str
    section: str = ""
    trail: tuple[LinkView, ...] = ()
    data: tuple[jsonld.Data, ...] = ()
    listed: bool = True
    canonical: str | None = None
    forward: str | None = None
    asks: str | None = None
    feeds: tuple[LinkView, ...] = ()
    at: str | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def canonical_address(self) -> str:
        """The address under which search engines should list it: its own, unless `canonical` is another."""
        return self.address if self.canonical is None else self.canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class PageGroup:
    """Pages, and files that need no template, which one function makes of these values and of nothing else.

    They are cached together.
    """

    make: Callable[..., Iterable[Page | File]]
    values: tuple[object, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """What identifies the group, to make a cache key of."""
        return self.make.__qualname__, *self.values

    def pages(self) -> Iterable[Page | File]:
        """The pages and files. Each call makes them again."""
        return self.make(*self.values)


def group_of_one(page: Page | File) -> PageGroup:
    """A group of one page."""
    return PageGroup(make=_only, values=(page,))


def _only(page: Page | File) -> Iterable[Page | File]:
    return (page,)


def paginated(
    page: Page,
    items: Iterable[Any],
    shown: Callable[[Part[Any]], dict[str, Any]],
    bytes_of: Callable[[Any], int] = lambda _: 0,
) -> Iterator[Page]:
    """A page for each part of a list. `shown` gives the template's values for a part, which it gets along with the part."""
    for part in parts(items, page.address, bytes_of=bytes_of):
        yield page_of_part(page, part, shown(part))


def page_of_part(page: Page, part: Part[Any], values: dict[str, Any]) -> Page:
    """The page of one part of a list, with additional values for the template."""
    return replace(
        page,
        address=part.address,
        title=f"{page.title}{part.title}",
        values={**page.values, "part": part, **values},
    )
