"""All that the catalogue knows about one entry, as plain text: which source states what, and where it runs."""

from .merge import VALUE_LIMIT, display_text
from .model import Catalogue, Software
from .outputs.launch_views import edition_label, readiness_view
from .outputs.views import FIELD_LABELS
from .text import cut


def explanation(software: Software, catalogue: Catalogue) -> str:
    """Each field of an entry with its source and the values it overrides, the repository's checks, and every offer with its reasons."""
    lines = [f"{software.name}  ({software.identity})", ""]
    for each in software.provenance:
        value = cut(display_text(getattr(software, each.field)), VALUE_LIMIT)
        lines.append(f"{FIELD_LABELS[each.field]}: {value}")
        lines.append(f"    from: {each.source.label}")
        lines.extend(f"    instead of: {other.value}  ({other.source.label})" for other in each.instead_of)
    missing = [
        label for name, label in FIELD_LABELS.items() if name not in {each.field for each in software.provenance}
    ]
    lines += ["", f"No source states: {', '.join(missing)}"]
    if view := readiness_view(software):
        lines += ["", f"Its repository: {view.label}. {view.as_of}"]
        lines += [f"  {each.sign} {each.in_full}" for each in view.checks]
    if software.licence_file:
        lines.append(f"  Its licence file: {software.licence_file}")
    lines += ["", "Where it runs:"]
    names = {each.slug: each.name for each in catalogue.facilities}
    for offer in catalogue.offers:
        if offer.software == software.slug:
            lines.append(f"  {offer.verdict:<5} {names[offer.facility]}: {offer.url or ''}".rstrip().rstrip(":"))
            lines.extend(f"        {reason.text}" for reason in offer.reasons)
            lines.extend(f"        holds {data}" for data in offer.data)
            lines.extend(
                f"        {edition_label(software, each.pin, each.ref)}: {each.url}" for each in offer.editions
            )
    return "\n".join(lines)
