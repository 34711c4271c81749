"""api/v1/catalogue.json: everything the site knows, for programs. The keys are written out, since others depend on them.

Version 1 is stable: keys may be added, none is renamed or removed. `schemas.py` describes them.
"""

from collections import defaultdict
from typing import Any

from ..model import (
    Account,
    Catalogue,
    Facility,
    Interface,
    LaunchLink,
    Offer,
    Readiness,
    Software,
    Source,
)
from ..observed import LaunchCount, Probe
from ..repository import Provider, Repository
from ..times import when
from .addresses import facility_page, launch_page, software_page
from .files import File, json_file
from .freshness import as_of, looked
from .launch_views import action, in_short, short_reason, warnings

ADDRESS = "api/v1/catalogue.json"
AGE = "api/v1/age.json"

Data = dict[str, Any]


def api_file(catalogue: Catalogue) -> File:
    """The whole catalogue as one JSON file."""
    return json_file(ADDRESS, catalogue_v1(catalogue))


def age_file(catalogue: Catalogue) -> File:
    """When the records were read and when they were last requested. On the pages, these times would change all of them every night."""
    harvest = catalogue.harvest
    times = {"harvested": {"time": harvest.harvested, "words": as_of(catalogue)}}
    if time := looked(catalogue):
        times["looked"] = {"time": time, "words": when(time)}
    return json_file(AGE, times)


def launch_files(catalogue: Catalogue) -> list[File]:
    """`api/v1/launch/<facility>.json` for each facility: the verdict and the launch link of each entry.

    Buttons read it when a reader has chosen the facility.
    """
    of_facility: dict[str, list[Offer]] = defaultdict(list)
    software = {each.slug: each for each in catalogue.software}
    for offer in catalogue.offers:
        of_facility[offer.facility].append(offer)
    return [
        json_file(
            f"api/v1/launch/{facility.slug}.json",
            {
                "facility": facility.slug,
                "name": facility.name,
                "warnings": [{"label": each.label, "level": each.level} for each in warnings(facility)],
                "pairs": {each.software: _pair(each, software[each.software]) for each in of_facility[facility.slug]},
            },
        )
        for facility in catalogue.facilities
    ]


def _pair(offer: Offer, software: Software) -> Data:
    return {
        "verdict": offer.verdict.value,
        "url": offer.url,
        "action": action(offer) if offer.url else None,
        "carries_software": offer.carries,
        "login": offer.login.value,
        "reason": short_reason(offer) or None,
        "in_short": in_short(offer, software),
        "notebooks": {each.notebook.path: each.url for each in offer.notebooks if each.notebook},
    }


def catalogue_v1(catalogue: Catalogue) -> Data:
    """Software, facilities and offers with verdicts and reasons, and the accounting of the last harvest."""
    base = catalogue.site.base_url
    return {
        "schema": f"{base}api/v1/catalogue.schema.json",
        "title": catalogue.site.title,
        "url": base,
        "harvested": catalogue.harvest.harvested,
        "built": catalogue.built,
        "licence": "CC0-1.0",
        "counts": {
            "software": len(catalogue.software),
            "withdrawn": len(catalogue.withdrawn),
            "facilities": len(catalogue.facilities),
            "offers": len(catalogue.offers),
        },
        "software": [_software(each, base) for each in (*catalogue.software, *catalogue.withdrawn)],
        "facilities": [_facility(each, base) for each in catalogue.facilities],
        "offers": [_offer(each, base) for each in catalogue.offers],
        "harvest": {
            "api": catalogue.harvest.api,
            "community": catalogue.harvest.community,
            "records_seen": catalogue.harvest.seen,
            "note": catalogue.harvest.note,
            "accounts": [_account(each) for each in catalogue.accounts],
        },
    }


def _software(software: Software, base: str) -> Data:
    return {
        "id": software.identity,
        "slug": software.slug,
        "url": f"{base}{software_page(software.slug)}",
        "launch_url": f"{base}{launch_page(software.slug)}",
        "name": software.name,
        "alternate_names": list(software.alternate_names),
        "summary": software.summary,
        "description_html": str(software.description),
        "interfaces": [each.value for each in Interface if each in software.interfaces],
        "platforms": list(software.runtimes),
        "keywords": list(software.keywords),
        "authors": [
            {"name": each.name, "sort_name": each.sort_name, "orcid": each.orcid, "affiliation": each.affiliation}
            for each in software.authors
        ],
        "licence": {"spdx": software.licence.spdx, "stated": software.licence.stated} if software.licence else None,
        "version": software.version,
        "doi": software.doi,
        "concept_doi": software.concept_doi,
        "former_dois": list(software.former_dois),
        "repository": _repository(software.repository),
        "notebooks": [{"path": each.path, "title": each.title} for each in software.all_notebooks],
        "readiness": _readiness(software.readiness),
        "launched": _launched(software.launched),
        "ports": list(software.ports),
        "homepage": software.homepage,
        "documentation": list(software.documentation),
        "published": software.published,
        "record_created": software.created,
        "older_versions": [
            {"doi": each.doi, "version": each.version, "published": each.published} for each in software.versions
        ],
        "reads": list(software.reads),
        "record_url": software.record_url,
        "state": software.state.value,
        "state_note": software.state_note,
        "provenance": {each.field: _source(each.source) for each in software.provenance},
    }


def _readiness(seen: Readiness | None) -> Data | None:
    if seen is None:
        return None
    return {
        "strength": seen.strength.value,
        "environment": seen.environment,
        "ref": seen.ref,
        "commit": seen.commit,
        "asked": seen.asked,
        "seen": seen.seen,
        "failing_since": seen.failing.since if seen.failing else None,
        "checks": [{"code": each.code, "ok": each.ok, "text": each.text, "fix": each.fix} for each in seen.checks],
    }


def _launched(count: LaunchCount | None) -> Data | None:
    if count is None:
        return None
    return {"since": count.since, "days": dict(count.days), "last": count.last}


def _repository(repository: Repository | None) -> Data | None:
    if repository is None:
        return None
    return {
        "url": repository.url,
        "provider": repository.provider.value,
        "path": repository.path,
        "ref": repository.ref,
        "file": repository.file,
    }


def _source(source: Source) -> Data:
    return {"label": source.label, "url": source.url, "place": str(source.place) if source.place else None}


def _facility(facility: Facility, base: str) -> Data:
    return {
        "slug": facility.slug,
        "url": f"{base}{facility_page(facility.slug)}",
        "name": facility.name,
        "kind": facility.kind,
        "address": facility.url,
        "insecure": facility.insecure,
        "seen": facility.seen,
        "closed": facility.closed,
        "summary": facility.summary,
        "description_html": str(facility.description),
        "operator": facility.operator,
        "interfaces": [each.value for each in Interface if each in facility.interfaces],
        "providers": [each.value for each in Provider if each in facility.providers],
        "login": facility.login.value,
        "limits": {
            "memory": facility.limits.memory,
            "processors": facility.limits.processors,
            "session": facility.limits.session,
            "idle": facility.limits.idle,
            "storage": facility.limits.storage,
            "users": facility.limits.users,
        },
        "ports": list(facility.ports),
        "data": list(facility.data),
        "health": _health(facility.probe),
        "contact": facility.contact,
        "documentation": facility.documentation,
    }


def _health(probe: Probe | None) -> Data | None:
    if probe is None:
        return None
    return {
        "state": probe.health.value,
        "detail": probe.detail,
        "asked": probe.asked,
        "last_up": probe.up,
        "down_since": probe.since,
        "versions": dict(probe.versions),
        "providers": None if probe.providers is None else list(probe.providers),
        "history": {day: health.value for day, health in probe.history},
    }


def _launch(launch: LaunchLink) -> Data:
    return {
        "url": launch.url,
        "opens": launch.opens,
        "pin": launch.pin.value if launch.pin else None,
        "ref": launch.ref,
        "doubts": [{"code": each.code, "text": each.text} for each in launch.doubts],
    }


def _offer(offer: Offer, base: str) -> Data:
    return {
        "software": offer.software,
        "facility": offer.facility,
        "verdict": offer.verdict.value,
        "url": offer.url,
        "permanent_url": f"{base}{launch_page(offer.software, offer.facility)}",
        "opens": offer.opens or None,
        "carries_software": offer.carries,
        "ref": offer.ref,
        "pin": offer.pin.value if offer.pin else None,
        "editions": [_launch(each) for each in offer.editions],
        "login": offer.login.value,
        "reasons": [{"code": each.code, "text": each.text} for each in offer.reasons],
        "notes": [{"code": each.code, "text": each.text} for each in offer.notes],
        "data": list(offer.data),
    }


def _account(account: Account) -> Data:
    return {
        "id": account.identity,
        "title": account.title,
        "source": account.source,
        "outcome": account.outcome.value,
        "detail": account.detail,
        "software": account.slug,
    }
