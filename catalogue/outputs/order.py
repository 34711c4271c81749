"""The order of the list on the front page, which the search has, too: one for the pages, the cards and the index."""

from ..model import Catalogue, Software, Verdict


def list_order(catalogue: Catalogue) -> tuple[Software, ...]:
    """The current entries: what is sure to run somewhere, or runs by itself, first; each half by name."""
    runs = {offer.software for offer in catalogue.offers if offer.verdict is Verdict.YES}
    return tuple(
        sorted(catalogue.software, key=lambda each: (each.slug not in runs and not each.runs_at, each.sort_key))
    )
