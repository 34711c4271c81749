"""A page before it is rendered, pages in groups, and lists that go over several pages."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from . import jsonld
from .paging import Part, parts
from .views import LinkView

# Where the trail of what is about software begins.
HOME = LinkView(label="Software", href="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page before it is rendered. `address` is below the root and ends with `/`, but for 404.html.

    `asks` is the origin of a facility that a button of the page may ask, when it is pressed; `feeds` are Atom feeds of
    what the page is about. `at` is the facility at which its cards launch; without it, it is the best of each.
    """

    address: str
    template: str
    title: str
    description: str
    section: str = ""
    trail: tuple[LinkView, ...] = ()
    data: tuple[jsonld.Data, ...] = ()
    listed: bool = True
    forward: str | None = None
    asks: str | None = None
    feeds: tuple[LinkView, ...] = ()
    at: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pages that one function makes of these values, and of nothing else."""

    make: Callable[..., Iterable[Page]]
    values: tuple[object, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """What tells its pages from those of all other groups."""
        return self.make.__qualname__, *self.values

    def pages(self) -> Iterable[Page]:
        """The pages, made anew."""
        return self.make(*self.values)


def alone(page: Page) -> Group:
    """A group of one page."""
    return Group(make=_itself, values=(page,))


def _itself(page: Page) -> Iterable[Page]:
    return (page,)


def in_parts(
    page: Page,
    items: Iterable[Any],
    shown: Callable[[Part[Any]], dict[str, Any]],
    bytes_of: Callable[[Any], int] = lambda _: 0,
) -> Iterator[Page]:
    """A page for each part of a list; `shown` gives what the templates get of one, beside the part itself."""
    for part in parts(items, page.address, bytes_of=bytes_of):
        yield of_part(page, part, shown(part))


def of_part(page: Page, part: Part[Any], values: dict[str, Any]) -> Page:
    """The page of one part of a list, with what the templates get of that part."""
    return replace(
        page,
        address=part.address,
        title=f"{page.title}{part.title}",
        values={**page.values, "part": part, **values},
    )
