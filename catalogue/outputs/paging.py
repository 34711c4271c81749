"""Pagination: long lists in parts, each on a page that links to the others, so that every entry can be reached by links."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from .views import LinkView

LISTED = 200  # entries on one page
# Bytes of cards on one page: half of what a page may have. Two hundred average cards take three quarters of it.
CARDS_SIZE = 500_000
VALUES_LISTED = 500  # values of a facet on one page; each takes a line
_NEAR = 2  # how many pages before and after the current one are linked, besides the first and the last

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[T]):
    """One part of a list: its items, which are `first` to `last` of `total`, counted from 1, and links to other parts.

    It is part `number` of `count`. `pages` are links to numbered pages, with None where some are left out; `more` are the
    addresses of all other parts.
    """

    items: Sequence[T]
    address: str
    number: int
    count: int
    first: int
    last: int
    total: int
    pages: tuple[LinkView | None, ...]
    previous: str | None
    next: str | None
    more: tuple[str, ...]

    @property
    def words(self) -> str:
        """`201–400 of 3,412`; empty if there is only one part."""
        return f"{self.first:,}–{self.last:,} of {self.total:,}" if self.count > 1 else ""

    @property
    def title(self) -> str:
        """The suffix of the title of its page; empty for the first part."""
        return f", page {self.number} of {self.count}" if self.number > 1 else ""


def parts(
    items: Iterable[T], address: str, size: int = LISTED, bytes_of: Callable[[T], int] = lambda _: 0
) -> tuple[Part[T], ...]:
    """The list in parts of up to `size` items; an empty list has one empty part. The first part is at `address`.

    A part has fewer items if, by `bytes_of`, they would take more than CARDS_SIZE.
    """
    every = tuple(items)
    begins = _begins(every, size, bytes_of)
    count = len(begins)
    places = [part_address(address, number) for number in range(1, count + 1)]
    return tuple(
        Part(
            items=every[begin:end],
            address=places[number - 1],
            number=number,
            count=count,
            first=begin + 1,
            last=end,
            total=len(every),
            pages=_pages(places, number),
            previous=places[number - 2] if number > 1 else None,
            next=places[number] if number < count else None,
            more=(*places[: number - 1], *places[number:]),
        )
        for number, (begin, end) in enumerate(pairwise([*begins, len(every)]), 1)
    )


def _begins(every: Sequence[T], size: int, bytes_of: Callable[[T], int]) -> list[int]:
    """The indices at which the parts begin."""
    begins, taken = [0], 0
    for place, item in enumerate(every):
        more = bytes_of(item)
        if place > begins[-1] and (place - begins[-1] == size or taken + more > CARDS_SIZE):
            begins.append(place)
            taken = 0
        taken += more
    return begins


def part_address(address: str, number: int) -> str:
    """The address of a part of the list at an address. It cannot be that of a facet value: those are one level higher."""
    return f"{address}page/{number}/" if number > 1 else address


def _pages(places: Sequence[str], number: int) -> tuple[LinkView | None, ...]:
    shown = [
        each
        for each in range(1, len(places) + 1)
        if each in (1, len(places)) or abs(each - number) <= _NEAR or len(places) <= 2 * _NEAR + 3
    ]
    links: list[LinkView | None] = [LinkView(label="1", href=places[0])]
    for before, each in pairwise(shown):
        if each > before + 1:
            links.append(None)
        links.append(LinkView(label=str(each), href=places[each - 1]))
    return tuple(links)
