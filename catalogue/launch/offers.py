"""The verdict for every pair of software and facility, with its reasons."""

from collections.abc import Iterable
from dataclasses import replace

from ..model import Facility, Interface, LaunchLink, Login, Offer, Reason, Software, State, Verdict
from ..problems import Place
from ..repository import Provider
from ..text import english_list, label_slug
from . import binderhub
from .kinds import KINDS
from .link import Link, accepts
from .readiness import as_reason

SINGULAR = {
    Interface.NOTEBOOK: "notebook",
    Interface.DESKTOP: "desktop program",
    Interface.COMMAND_LINE: "command-line tool",
    Interface.LIBRARY: "library",
    Interface.WEB: "web application",
    Interface.SERVICE: "service",
}
PLURAL = {
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
    Login.REQUIRED: Reason("login", "you log in first; then the link continues"),
}


def offers(software: Iterable[Software], facilities: Iterable[Facility]) -> tuple[Offer, ...]:
    """One offer for every pair: software in the order given, the offers of each sorted best first.

    Facilities that were down at the last check come after all others that have a link. Within these, the order is by
    verdict, then links that take the software along, then `Facility.preference`; after its first key, whether the facility
    was seen working, comes whether it holds data that the software reads. Data behind plain http do not count.
    """
    places = {facility.slug: facility for facility in facilities}
    rank = {slug: (place.down, place.insecure, place.preference) for slug, place in places.items()}
    notes = {slug: Notes(place) for slug, place in places.items()}

    def best_first(offer: Offer) -> tuple[object, ...]:
        down, insecure, (state, *preference) = rank[offer.facility]
        return (
            offer.verdict is Verdict.NO,
            down and offer.verdict is not Verdict.NO,
            _ORDER[offer.verdict],
            not offer.carries,
            state,
            insecure or not offer.data,
            preference,
        )

    return tuple(
        offer
        for entry in software
        for offer in sorted((offer_for(entry, place, notes[slug]) for slug, place in places.items()), key=best_first)
    )


_ORDER = {verdict: number for number, verdict in enumerate(Verdict)}


def offer_for(software: Software, facility: Facility, notes: "Notes | None" = None) -> Offer:
    """The offer for one pair: `yes` with a link, `maybe` with a link and what is not known, or `no` with the reason.

    `notes` are those of the facility, if the caller has them already.
    """
    link = _link(software, facility)
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
    doubts = _doubts(software, facility, link)
    of_code = link.carries and software.slug not in facility.options.holds
    data = _held_data(software, facility)
    return Offer(
        software=software.slug,
        facility=facility.slug,
        verdict=Verdict.MAYBE if doubts else Verdict.YES,
        url=link.url,
        reasons=doubts,
        notes=(*_data_notes(data), *(notes or Notes(facility)).of(link)),
        opens=link.opens,
        ref=software.repository.ref if software.repository else None,
        login=facility.login,
        carries=link.carries,
        file=link.file,
        pin=software.pin if of_code else None,
        editions=_editions(software, facility) if of_code else (),
        notebooks=_notebooks(software, facility) if link.carries else (),
        data=data,
    )


def _held_data(software: Software, facility: Facility) -> tuple[str, ...]:
    """The data that the software reads and the facility holds, as the software names them; names with the same slug are the same."""
    if not facility.data or not software.reads:
        return ()
    held = set(map(label_slug, facility.data))
    return tuple(each for each in software.reads if label_slug(each) in held)


def _data_notes(data: Iterable[str]) -> Iterable[Reason]:
    if data:
        yield Reason("data-here", f"data that it reads are held here: {english_list(data)}")


def _link(software: Software, facility: Facility) -> Link | Reason:
    refused = _refusal(software, facility)
    if refused:
        return refused
    link = KINDS[facility.kind].launch_url(software, facility)
    broken = software.readiness.broken if software.readiness else None
    if broken is None or isinstance(link, Reason) or software.slug in facility.options.holds:
        return link
    # A front page is useless if the code is not there; but the facility may have a container, which needs no code.
    needs_code = link.carries or not software.interfaces & KINDS[facility.kind].WITHOUT_CODE
    if needs_code and (link.builds or broken.code != "environment-broken"):
        return as_reason(broken)
    return link


def _editions(software: Software, facility: Facility) -> tuple[LaunchLink, ...]:
    """Links to the other states of the code that the facility can open."""
    found = []
    for edition in software.editions[1:]:
        at = software.at(edition)
        link = _link(at, facility)
        if isinstance(link, Link) and link.carries:
            doubts = _doubts(at, facility, link)
            found.append(
                LaunchLink(url=link.url, opens=link.opens, pin=edition.pin, ref=edition.repository.ref, doubts=doubts)
            )
    return tuple(found)


def _notebooks(software: Software, facility: Facility) -> tuple[LaunchLink, ...]:
    """A link to each notebook that the facility can open, if there are at least two notebooks."""
    notebooks = software.all_notebooks
    repository = software.repository
    if len(notebooks) < 2 or repository is None:
        return ()
    found = []
    for notebook in notebooks:
        at = replace(software, repository=replace(repository, file=notebook.path))
        link = KINDS[facility.kind].launch_url(at, facility)
        if isinstance(link, Link) and link.file == notebook.path:  # a missing notebook is not opened
            found.append(
                LaunchLink(url=link.url, opens=link.opens, pin=software.pin, ref=repository.ref, notebook=notebook)
            )
    return tuple(found)


def _refusal(software: Software, facility: Facility) -> Reason | None:
    """Why the pair is ruled out without building a link, None if it is not."""
    if facility.closed:
        return Reason("closed", "this facility has closed")
    if software.slug in facility.options.holds:
        return None  # the facility has it already: it is known to run, and nothing is fetched
    usable = software.interfaces | ({Interface.NOTEBOOK} if Interface.LIBRARY in software.interfaces else set())
    if software.interfaces and facility.interfaces and not usable & facility.interfaces:
        is_a = english_list([SINGULAR[each] for each in Interface if each in software.interfaces])
        runs = english_list([PLURAL[each] for each in Interface if each in facility.interfaces])
        return Reason("interface", f"{is_a}: this facility runs {runs}")
    if software.interfaces & KINDS[facility.kind].WITHOUT_CODE:
        return None
    repository = software.repository
    if repository is None:
        where = "the record's related identifiers (isSupplementTo)" if software.record_url else "notebooks.yaml"
        why = software.no_repository or f"no code repository is known: name one in {where}"
        return Reason("no-repository", why)
    if not accepts(facility, repository.provider):
        hosts = english_list([PROVIDER_NAMES[each] for each in Provider if each in facility.providers])
        takes = f"takes code only from {hosts}" if hosts else "takes no code"
        return Reason("provider", f"its code is on {repository.host}, and this facility {takes}")
    if software.state is State.RESTRICTED and repository.provider is Provider.ZENODO:
        return Reason("restricted", "the files of its record are restricted, so a facility cannot fetch them")
    return None


def _doubts(software: Software, facility: Facility, link: Link) -> tuple[Reason, ...]:
    """What is not known about a pair that has a link."""
    if software.slug in facility.options.holds:
        return link.doubts  # nothing is fetched from the repository, so its state does not matter
    found: list[Reason] = []
    if software.slug not in facility.options.equipped_for:
        found.extend(_doubts_about_use(software, facility, link))
    if software.state is State.RESTRICTED:
        found.append(
            Reason("restricted", "the files of its record are restricted: what is in the repository may differ")
        )
    if link.carries:
        found.extend(_doubts_about_code(software, facility, link))
    return (*found, *link.doubts)


def _doubts_about_use(software: Software, facility: Facility, link: Link) -> Iterable[Reason]:
    if not software.interfaces:
        yield Reason("interface-unknown", "no source says how it is used: there may be nothing to open")
    elif link.carries and Interface.LIBRARY in software.interfaces and not software.interfaces & facility.interfaces:
        yield Reason(
            "library",
            "it is a library: the link opens its repository, but whether it can be imported there is not known",
        )


def _doubts_about_code(software: Software, facility: Facility, link: Link) -> Iterable[Reason]:
    seen = software.readiness
    if seen is None and link.builds and software.needs_packages:
        yield NOT_LOOKED
    if seen:
        codes = {"notebook-gone"} | ({"bare"} if link.builds else set())
        yield from (as_reason(each) for each in seen.checks if each.code in codes)
    if not link.builds and software.needs_packages and software.slug not in facility.options.equipped_for:
        yield OWN_ENVIRONMENT
    blocked = sorted(set(software.ports) - set(facility.ports)) if facility.ports else []
    if blocked:
        ports = english_list([str(port) for port in blocked])
        yield Reason(
            "ports",
            f"it needs the outgoing port{'' if len(blocked) == 1 else 's'} {ports}, which this facility blocks",
        )


OWN_ENVIRONMENT = Reason(
    "own-environment",
    "its packages are not installed: the environment is the facility's own, and some of them may be missing",
)
NOT_LOOKED = Reason(
    "not-looked",
    "the code behind the link has not been inspected yet, so it is not known whether it declares what to install",
)


class Notes:
    """The notes that a reader should see before following a link to a facility."""

    def __init__(self, facility: Facility) -> None:
        notes = [_LOGIN_NOTES[facility.login]]
        if not facility.checked and not facility.down:
            notes.append(Reason("never-checked", "nobody has checked whether this facility still answers"))
        if facility.insecure:
            notes.append(Reason("insecure", "plain http: the connection is not encrypted"))
        self._visit = tuple(notes)
        self._launch = (*notes, *KINDS[facility.kind].NOTES, *_bounds(facility))

    def of(self, link: Link) -> tuple[Reason, ...]:
        """The notes of one link."""
        return (self._launch if link.carries else self._visit) + link.notes


def _bounds(facility: Facility) -> Iterable[Reason]:
    """Notes on the limits of a session, as far as they are known."""
    limits = facility.limits
    sizes = (
        ("memory", limits.memory),
        ("processors", limits.processors),
        ("storage", limits.storage),
    )
    if known := [f"{what}: {size}" for what, size in sizes if size]:
        yield Reason("limits", f"a session has {'; '.join(known)}")
    times = (("lasts", limits.session), ("ends when idle for", limits.idle))
    if known := [f"{what} {time}" for what, time in times if time]:
        yield Reason("time", f"a session {english_list(known)}")
    if facility.ports:
        ports = english_list([str(port) for port in facility.ports])
        yield Reason("open-ports", f"outgoing connections work on these ports only: {ports}")


def own_binderhub(url: str = "https://binderhub.invalid/") -> Facility:
    """A BinderHub of which only the URL is known: readers may enter one of their own."""
    return Facility(
        slug="own",
        name="Your BinderHub",
        kind=binderhub.KIND,
        url=url,
        insecure=False,
        interfaces=binderhub.INTERFACES,
        providers=binderhub.PROVIDERS,
        login=Login.UNKNOWN,
        options=binderhub.OPTIONS(),
        place=Place(file=""),
    )
