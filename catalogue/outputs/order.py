"""The order of the list on the front page. Pages, cards and the search index all use it."""

from ..model import Catalogue, Software, Verdict


def list_order(catalogue: Catalogue) -> tuple[Software, ...]:
    """The current entries: first those that are sure to run at a facility, and web applications; each half by name."""
    runs = {offer.software for offer in catalogue.offers if offer.verdict is Verdict.YES}
    return tuple(
        sorted(catalogue.software, key=lambda each: (each.slug not in runs and not each.runs_at, each.sort_key))
    )
