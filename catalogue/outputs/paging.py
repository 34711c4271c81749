"""Long lists in parts, each on a page of its own that leads to the others: every entry is reached by links."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from .views import LinkView

# So many entries stand on one page. A list of up to so many is not divided.
LISTED = 200
# So many bytes of cards stand on one page: the half of what a page may have. Two hundred usual cards have three quarters of it.
CARDS_SIZE = 500_000
# Values of a facet take a line each.
VALUES_LISTED = 500
_NEAR = 2  # so many pages on each side of the present one are linked, with the first and the last

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[T]):
    """One part of a list: its items, which of all they are (`first` to `last` of `total`), and the pages around it.

    `pages` are links to pages by their numbers, None for those that are left out between them; `more` are the addresses
    of all other parts.
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
        """`201–400 of 3,412`; empty where there is one part only."""
        return f"{self.first:,}–{self.last:,} of {self.total:,}" if self.count > 1 else ""

    @property
    def title(self) -> str:
        """What the title of its page ends with; empty for the first."""
        return f", page {self.number} of {self.count}" if self.number > 1 else ""


def parts(
    items: Iterable[T], address: str, size: int = LISTED, bytes_of: Callable[[T], int] = lambda _: 0
) -> tuple[Part[T], ...]:
    """The list in parts of `size`, at least one, the first of which stands at `address`.

    A part whose items, as `bytes_of` counts them, take more than CARDS_SIZE has fewer.
    """
    every = tuple(items)
    begins = _begins(every, size, bytes_of)
    count = len(begins)
    ends = [*begins[1:], len(every)]
    places = [part_address(address, number) for number in range(1, count + 1)]
    return tuple(
        Part(
            items=every[begins[number - 1] : ends[number - 1]],
            address=places[number - 1],
            number=number,
            count=count,
            first=begins[number - 1] + 1,
            last=ends[number - 1],
            total=len(every),
            pages=_pages(places, number),
            previous=places[number - 2] if number > 1 else None,
            next=places[number] if number < count else None,
            more=(*places[: number - 1], *places[number:]),
        )
        for number in range(1, count + 1)
    )


def _begins(every: Sequence[T], size: int, bytes_of: Callable[[T], int]) -> list[int]:
    """The places in the list at which its parts begin."""
    begins, taken = [0], 0
    for place, item in enumerate(every):
        more = bytes_of(item)
        if place > begins[-1] and (place - begins[-1] == size or taken + more > CARDS_SIZE):
            begins.append(place)
            taken = 0
        taken += more
    return begins


def part_address(address: str, number: int) -> str:
    """Where a part of the list at an address stands. No value of a facet has such an address: theirs are a step less deep."""
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
