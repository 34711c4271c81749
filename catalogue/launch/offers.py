"""The verdict for every pair of software and facility, with its reasons."""

from collections.abc import Iterable

from ..model import Facility, Interface, Login, Offer, Reason, Software, State, Verdict
from ..repository import Provider
from ..text import english_list
from .kinds import KINDS
from .link import Link, accepts

ONE = {
    Interface.NOTEBOOK: "notebook",
    Interface.DESKTOP: "desktop program",
    Interface.COMMAND_LINE: "command-line tool",
    Interface.LIBRARY: "library",
    Interface.WEB: "web application",
    Interface.SERVICE: "service",
}
MANY = {
    Interface.NOTEBOOK: "notebooks",
    Interface.DESKTOP: "desktop programs",
    Interface.COMMAND_LINE: "command-line tools",
    Interface.LIBRARY: "libraries",
    Interface.WEB: "web applications",
    Interface.SERVICE: "services",
}
PROVIDER_NAMES = {
    Provider.GITHUB: "GitHub",
    Provider.GITLAB: "gitlab.com",
    Provider.GIT: "any Git host",
    Provider.GIST: "GitHub gists",
    Provider.ZENODO: "Zenodo records",
}

_LOGIN_NOTES = {
    Login.NONE: Reason("no-login", "no login needed"),
    Login.UNKNOWN: Reason("login-unknown", "whether it asks for a login is not known"),
    Login.REQUIRED: Reason("login", "you log in first; the link is followed afterwards"),
}


def offers(software: Iterable[Software], facilities: Iterable[Facility]) -> tuple[Offer, ...]:
    """One offer for every pair, software in the order given; for each the best first.

    Best is the best verdict, then a link that carries the software, then the facility that is preferred.
    """
    places = {facility.slug: facility for facility in facilities}

    def best_first(offer: Offer) -> tuple[object, ...]:
        return list(Verdict).index(offer.verdict), not offer.carries, places[offer.facility].preference

    return tuple(
        offer
        for entry in software
        for offer in sorted((decide(entry, place) for place in places.values()), key=best_first)
    )


def decide(software: Software, facility: Facility) -> Offer:
    """The verdict for one pair: `yes` with a link that opens the right thing, `maybe` with what is not known, `no` with why."""
    refused = _refusal(software, facility)
    link = refused or KINDS[facility.kind].launch_url(software, facility)
    if isinstance(link, Reason):
        return Offer(
            software=software.slug,
            facility=facility.slug,
            verdict=Verdict.NO,
            url=None,
            reasons=(link,),
            notes=(),
            opens="",
            ref=None,
            login=facility.login,
            carries=False,
        )
    doubts = (*_doubts(software, facility, link), *link.doubts)
    return Offer(
        software=software.slug,
        facility=facility.slug,
        verdict=Verdict.MAYBE if doubts else Verdict.YES,
        url=link.url,
        reasons=doubts,
        notes=(*_notes(software, facility, link), *link.notes),
        opens=link.opens,
        ref=software.repository.ref if software.repository else None,
        login=facility.login,
        carries=link.carries,
    )


def _refusal(software: Software, facility: Facility) -> Reason | None:
    """What rules the pair out before any address is built."""
    if facility.closed:
        return Reason("closed", "this facility has closed")
    if software.slug in facility.options.holds:
        return None  # what is there already is known to run and need not be fetched
    usable = software.interfaces | ({Interface.NOTEBOOK} if Interface.LIBRARY in software.interfaces else set())
    if software.interfaces and facility.interfaces and not usable & facility.interfaces:
        is_a = english_list([ONE[each] for each in Interface if each in software.interfaces])
        runs = english_list([MANY[each] for each in Interface if each in facility.interfaces])
        return Reason("interface", f"{is_a}: this facility runs {runs}")
    if software.interfaces & KINDS[facility.kind].WITHOUT_CODE:
        return None
    repository = software.repository
    if repository is None:
        where = "the record's related identifiers (isSupplementTo)" if software.record_url else "notebooks.yaml"
        why = software.no_repository or f"no code repository is known: name one in {where}"
        return Reason("no-repository", why)
    if not accepts(facility, repository.provider):
        takes = english_list([PROVIDER_NAMES[each] for each in Provider if each in facility.providers])
        return Reason("provider", f"its code is on {repository.host}: this facility takes {takes}")
    if software.state is State.RESTRICTED and repository.provider is Provider.ZENODO:
        return Reason("restricted", "the files of its record are restricted, so a facility cannot fetch them")
    return None


def _doubts(software: Software, facility: Facility, link: Link) -> tuple[Reason, ...]:
    """What is not known about the pair although there is an address."""
    if software.slug in facility.options.holds:
        return ()  # nothing is fetched from the repository, so nothing of it is in doubt
    found = []
    if not software.interfaces:
        found.append(Reason("interface-unknown", "how it is used is not stated: it may have nothing to open"))
    elif link.carries and Interface.LIBRARY in software.interfaces and not software.interfaces & facility.interfaces:
        found.append(
            Reason(
                "library",
                "library: its repository is opened, and whether it can be imported there is not known",
            )
        )
    if software.state is State.RESTRICTED:
        found.append(
            Reason("restricted", "the files of its record are restricted: what is in the repository may differ")
        )
    return tuple(found)


def _notes(software: Software, facility: Facility, link: Link) -> tuple[Reason, ...]:
    """What a reader should know before following the link."""
    notes = [_LOGIN_NOTES[facility.login]]
    if facility.seen is None:
        notes.append(Reason("never-checked", "nobody has checked whether this facility still answers"))
    if facility.insecure:
        notes.append(Reason("insecure", "plain http: the connection is not encrypted"))
    if link.carries:
        notes.extend(KINDS[facility.kind].NOTES)
    return tuple(notes)
