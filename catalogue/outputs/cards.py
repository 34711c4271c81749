"""The cards of a large catalogue for its search: a few in a file, in a folder that is named by their content.

A page of results fetches the cards that it shows and no others. Each carries what every facility can do for its entry, so
that its button can follow the reader's facility without the file of all launches there.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from ..model import Verdict
from .facets import Facet
from .files import File, Standing, json_file, json_text
from .launch_views import OfferView
from .page import Page
from .shards import CARDS, is_wide
from .views import PlaceView, SoftwareView

# Where the files stand until their content is known, which names their folder.
_UNNAMED = "0" * 12
UNNAMED_FOLDER = f"search/{_UNNAMED}/"


def card_pages(
    current: Sequence[SoftwareView], all_facets: Iterable[Facet], places: Sequence[PlaceView]
) -> Iterator[Page]:
    """The cards of all entries, in the order of the list, as pages of a folder that has no name yet."""
    labels = {facet.key: {each.slug: each.label for each in facet.values} for facet in all_facets if is_wide(facet)}
    slugs = {place.slug for place in places}

    def said(view: SoftwareView) -> str:
        """What the page cannot say to a script: the other names, and the values of facets that have too many for it."""
        values = {key: [of[slug] for slug in view.facets[key].split()] for key, of in labels.items()}
        return json_text({"names": view.software.alternate_names, **values})

    for number, first in enumerate(range(0, len(current), CARDS)):
        views = current[first : first + CARDS]
        yield Page(
            address=f"{UNNAMED_FOLDER}cards/{number}.html",
            template="cards",
            title=f"Entries {first + 1} to {first + len(views)}",
            description="",
            listed=False,
            values={
                "build": _UNNAMED,
                "first": first,
                "software": [
                    (
                        view,
                        said(view),
                        json_text({row.facility: _pair(row) for row in view.offers if row.facility in slugs}),
                    )
                    for view in views
                ],
            },
        )


def _first_launches(current: Sequence[SoftwareView], shown: int, places: Iterable[PlaceView]) -> Iterator[File]:
    """For each facility what it can do for the first entries, which the front page shows, and whose cards do not say it.

    A file has the form of `api/v1/launch/<facility>.json`, with the keys that a button needs. Its `counts` are of all entries:
    how many should run there, how many may, and how many there are.
    """
    rows: dict[str, list[OfferView]] = defaultdict(list)
    for view in current:
        for row in view.offers:
            rows[row.facility].append(row)
    first = {view.software.slug for view in current[:shown]}
    for place in places:
        here = rows[place.slug]
        count = Counter(row.verdict for row in here if row.carries)
        yield json_file(
            f"{UNNAMED_FOLDER}launches/{place.slug}.json",
            {
                "counts": {"yes": count[Verdict.YES], "maybe": count[Verdict.MAYBE], "of": len(current)},
                "warnings": [{"label": each.label, "level": each.level} for row in here[:1] for each in row.warnings],
                "pairs": {row.software: _pair(row) for row in here if row.software in first},
            },
        )


def _pair(row: OfferView) -> dict[str, str | bool | None]:
    """A pair as `api/v1/launch/` has it, without what a button needs not and what is empty."""
    pair = {
        "verdict": row.verdict.value,
        "url": row.url,
        "action": row.action,
        "carries_software": row.carries,
        "reason": row.short_reason,
        "in_short": row.in_short,
    }
    needed = pair if row.carries else ("url", "reason")
    return {key: pair[key] for key in needed if pair[key]}


def card_files(
    current: Sequence[SoftwareView],
    shown: int,
    all_facets: Iterable[Facet],
    places: Sequence[PlaceView],
    render: Callable[[Page], File],
) -> list[File]:
    """The cards of all entries in the order of the list, and the launches of those that the front page shows, the first `shown`."""
    return _named([*map(render, card_pages(current, all_facets, places)), *_first_launches(current, shown, places)])


def _named(files: Iterable[File]) -> list[File]:
    """The files in a folder with the name of their content, which the cards say, too: browsers may keep them for ever."""
    made = [*files]
    content = hashlib.sha256()
    for file in made:
        content.update(f"{file.path}\n{file.digest}\n".encode())
    name = content.hexdigest()[: len(_UNNAMED)]
    said = f'data-build="{_UNNAMED}"'.encode(), f'data-build="{name}"'.encode()
    for number, file in enumerate(made):  # one by one: of a large catalogue they take hundreds of megabytes
        path = file.path.replace(_UNNAMED, name, 1)
        made[number] = replace(file, path=path, content=file.content.replace(*said, 1))
    return made


def cards_folder(files: Iterable[File | Standing]) -> str:
    """The folder in which these files stand, with `/`."""
    return next(iter(files)).path[: len(UNNAMED_FOLDER)]
