"""The cards that show the search results of a large catalogue: a few in a file, in a folder with a hash of their content in its name.

A page of results fetches only the cards that it shows. Each has the launch links of its entry at every facility, so that its
button can follow the reader's facility without the file of all launches there.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from ..model import Verdict
from .facets import Facet
from .facility_views import PlaceView
from .files import File, UnchangedFile, json_file, json_text
from .launch_views import OfferView
from .page import Page
from .shards import CARDS, is_wide
from .software_views import SoftwareView

# The name of the folder until the hash of its content is known.
_UNNAMED = "0" * 12
UNNAMED_FOLDER = f"search/{_UNNAMED}/"


def card_pages(
    current: Sequence[SoftwareView], all_facets: Iterable[Facet], places: Sequence[PlaceView]
) -> Iterator[Page]:
    """The cards of all entries in the order of the front page, as pages in UNNAMED_FOLDER."""
    labels = {facet.key: {each.slug: each.label for each in facet.values} for facet in all_facets if is_wide(facet)}
    slugs = {place.slug for place in places}

    def said(view: SoftwareView) -> str:
        """JSON for the script, of what is not on the front page: the other names, and the values of wide facets."""
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
    """For each facility, its launches of the first `shown` entries: their cards on the front page do not have them.

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
    """A pair as in `api/v1/launch/`, without empty keys and those that a button does not need."""
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
    """The cards of all entries in the order of the front page, and the launches of the first `shown`, which are in the page itself."""
    return _named([*map(render, card_pages(current, all_facets, places)), *_first_launches(current, shown, places)])


def _named(files: Iterable[File]) -> list[File]:
    """The files, moved to a folder with the hash of their content as its name. Cards have that hash, too; the files are immutable."""
    made = [*files]
    content = hashlib.sha256()
    for file in made:
        content.update(f"{file.path}\n{file.digest}\n".encode())
    name = content.hexdigest()[: len(_UNNAMED)]
    said = f'data-build="{_UNNAMED}"'.encode(), f'data-build="{name}"'.encode()
    for number, file in enumerate(made):  # in place: the files of a large catalogue take hundreds of megabytes
        path = file.path.replace(_UNNAMED, name, 1)
        made[number] = replace(file, path=path, content=file.content.replace(*said, 1))
    return made


def cards_folder(files: Iterable[File | UnchangedFile]) -> str:
    """The folder of these files, with `/`."""
    return next(iter(files)).path[: len(UNNAMED_FOLDER)]
