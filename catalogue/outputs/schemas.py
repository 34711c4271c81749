"""JSON Schemas (2020-12) of the exports. Each key is described once; the tables at /api/ are made from the schemas."""

import json
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from ..launch.codes import CHECKS, NOTES, REASONS
from ..launch.kinds import KINDS
from ..model import (
    AccountSource,
    ChangeKind,
    EventSubject,
    Interface,
    Key,
    Login,
    Outcome,
    Pin,
    State,
    Strength,
    Verdict,
)
from ..observed import Health
from ..repository import Provider
from .files import File, text_file

Schema = dict[str, Any]

# What each value of an enum means. A value that is missing here fails the build.
MEANINGS: dict[type[StrEnum], dict[str, str]] = {
    Verdict: {
        Verdict.YES: "it should run there, and the link opens the right thing",
        Verdict.MAYBE: "there is a link, and `reasons` say what is not known",
        Verdict.NO: "it cannot run there, and `reasons` say why",
    },
    Login: {
        Login.NONE: "none is needed",
        Login.UNKNOWN: "nobody knows",
        Login.REQUIRED: "one is needed",
    },
    Pin: {
        Pin.CITED: "the version that its page shows and its DOI means",
        Pin.LATEST: "the newest code there is, whatever the version shown",
        Pin.NAMED: "a branch, tag or commit that somebody named",
    },
    State: {
        State.CURRENT: "it can be had",
        State.RESTRICTED: "the files of its record are restricted",
        State.WITHDRAWN: "it is gone, and its page says so for a year",
    },
    Interface: {
        Interface.NOTEBOOK: "Jupyter notebooks",
        Interface.DESKTOP: "a program with windows",
        Interface.COMMAND_LINE: "a program for the terminal",
        Interface.LIBRARY: "something to be imported",
        Interface.WEB: "a page in the browser",
        Interface.SERVICE: "a service that programs ask",
    },
    Strength: {
        Strength.READY: "a file says what to install, or nothing is needed",
        Strength.DOCKERFILE: "a Dockerfile does, in which Jupyter need not start",
        Strength.BARE: "nothing does, and plain Python starts",
        Strength.BROKEN: "the build fails, or there is nothing to build",
    },
    Health: {
        Health.HEALTHY: "it says so itself",
        Health.REACHABLE: "it answers, and says nothing of its health",
        Health.UNHEALTHY: "it says so itself, or does not answer as its kind does",
        Health.SILENT: "it does not answer",
        Health.REFUSING: "it has refused every check for more than two weeks",
    },
    Provider: {
        Provider.GITHUB: "github.com",
        Provider.GITLAB: "gitlab.com",
        Provider.GIT: "any other Git host",
        Provider.GIST: "gists of GitHub",
        Provider.ZENODO: "a record of Zenodo",
    },
    AccountSource: {
        AccountSource.HARVEST: "a record of the last harvest",
        AccountSource.KEPT: "a record that it did not list",
        AccountSource.LOCAL: "a file of ours",
    },
    Outcome: {
        Outcome.PUBLISHED: "it is an entry",
        Outcome.MERGED: "it says something of an entry that has another source, too",
        Outcome.VERSION: "an older version of a record that is an entry",
        Outcome.LEFT_OUT: "it is not shown, and `detail` says why",
        Outcome.WITHDRAWN: "it was an entry, and is gone",
    },
    EventSubject: {
        EventSubject.CATALOGUE: "the catalogue as a whole",
        EventSubject.FACILITY: "a facility",
        EventSubject.SOFTWARE: "a piece of software",
    },
    ChangeKind: {
        ChangeKind.OPENED: "changes are recorded from here on",
        ChangeKind.ADDED: "it is new",
        ChangeKind.RETURNED: "it is back",
        ChangeKind.WITHDRAWN: "its record was withdrawn",
        ChangeKind.REMOVED: "it is no longer listed",
        ChangeKind.MOVED: "its address is another, and the earlier one leads there",
        ChangeKind.FIELD: "a field has another value",
        ChangeKind.VERDICT: "the verdict at a facility is another, where a link that takes no software along counts as `no`",
        ChangeKind.MORE: "a night had more changes than are kept",
    },
}


# --- the parts of a schema


def _text(words: str, form: str | None = None) -> Schema:
    return {"type": "string", "description": words, **({"format": form} if form else {})}


def _address(words: str) -> Schema:
    return _text(words, "uri")


def _time(words: str) -> Schema:
    return _text(words, "date-time")


def _number(words: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": words}


def _flag(words: str) -> Schema:
    return {"type": "boolean", "description": words}


def _or_null(of: Schema) -> Schema:
    """The same schema, or null. It stays one flat schema: editors look for description and format at the top."""
    if "enum" in of:
        return {**of, "enum": [*of["enum"], None]}
    return {**of, "type": [of["type"], "null"]}


def _one_of(kind: type[StrEnum], words: str) -> Schema:
    return _values({each.value: MEANINGS[kind][each] for each in kind}, words)


def _values(meanings: Mapping[str, str], words: str) -> Schema:
    explained = "; ".join(f"`{value}`: {meaning}" for value, meaning in meanings.items())
    return {"enum": [*meanings], "description": f"{words} {explained}."}


def _many(items: Schema, words: str) -> Schema:
    return {"type": "array", "items": items, "description": words}


def _by(key: str, value: Schema, words: str) -> Schema:
    """An object whose keys are data: `key` says what they are."""
    return {
        "type": "object",
        "propertyNames": {"description": key},
        "additionalProperties": value,
        "description": words,
    }


def _object(words: str, properties: Schema, optional: Iterable[str] = ()) -> Schema:
    required = sorted({*properties} - {*optional})
    return {"type": "object", "properties": properties, "required": required, "description": words}


# --- parts that several schemas share


def _reason(what: str, meanings: Mapping[str, str]) -> Schema:
    codes = f"What it is, for programs: one of the codes of {what} at /api/, of which there may be more."
    return _object(
        f"One of the {what}.",
        {"code": {**_text(codes), "examples": [*meanings][:3]}, "text": _text("The same for people, of this pair.")},
    )


def _source() -> Schema:
    return _object(
        "Who says so.",
        {
            "label": _text("The source in a few words."),
            "url": _or_null(_address("Where it can be read.")),
            "place": _or_null(_text("The place in a file of this catalogue’s repository: `file:line:column`.")),
        },
    )


def _interfaces(words: str) -> Schema:
    return _many(_one_of(Interface, "How a person uses it."), words)


def _ports(words: str) -> Schema:
    return _many(_number("A port."), words)


def _slug(words: str) -> Schema:
    return {**_text(words), "pattern": "^[a-z0-9][a-z0-9-]*$"}


# A year, a month, a day or a time, as precise as it was stated.
_DATE = r"^\d{4}(-\d{2}(-\d{2}(T.*)?)?)?$"


def _date(words: str) -> Schema:
    return _or_null({**_text(f"{words} A year, a month or a day, as precise as it was stated."), "pattern": _DATE})


# --- catalogue.json


def _software() -> Schema:
    return _object(
        "One piece of software.",
        {
            "id": _text("What stays: the concept DOI of a record, or the `id` of an entry of this catalogue’s own."),
            "slug": _slug("The part of its URLs that names it, which stays, too; `offers` refer to it."),
            "url": _address("Its page."),
            "launch_url": _address("The page with the choice of facilities, best first: an address that stays."),
            "name": _text("What it is called."),
            "alternate_names": _many(_text("A name."), "Other names, under which it is found, too."),
            "summary": _text("What it does, in a sentence or two; empty if no source says so."),
            "description_html": _text("The description as HTML, with no scripts, forms or pictures; may be empty."),
            "interfaces": _interfaces("How it is used; empty if no source says so."),
            "platforms": _many(_text("A name."), "Languages that it is written in, and platforms that it runs on."),
            "keywords": _many(_text("A keyword."), "Keywords."),
            "authors": _many(
                _object(
                    "An author.",
                    {
                        "name": _text("The name as it was given."),
                        "sort_name": _text("The name to sort by: `Family, Given`."),
                        "orcid": _or_null(_text("Sixteen digits with hyphens.")),
                        "affiliation": _or_null(_text("Where the author works or worked.")),
                    },
                ),
                "Who made it, in the order of the source.",
            ),
            "licence": _or_null(
                _object(
                    "Its licence; null if no source states one.",
                    {
                        "spdx": _or_null(_text("As an SPDX expression; null where it is none that SPDX knows.")),
                        "stated": _or_null(_text("In the words of the source.")),
                    },
                )
            ),
            "version": _or_null(_text("The newest version that is known.")),
            "doi": _or_null(_text("The DOI of that version.")),
            "concept_doi": _or_null(_text("The DOI of all versions.")),
            "former_dois": _many(_text("A DOI."), "DOIs that meant it before Zenodo joined or moved its versions."),
            "repository": _or_null(
                _object(
                    "Where its code is; null if no source says so.",
                    {
                        "url": _address("Its address on the web."),
                        "provider": _one_of(Provider, "What serves it, as BinderHub calls it."),
                        "path": _text("Its path at the host; of Zenodo, its DOI."),
                        "ref": _or_null(
                            _text("The branch, tag or commit that somebody named; null is the default branch.")
                        ),
                        "file": _or_null(_text("The path of a file or folder that its address names.")),
                    },
                )
            ),
            "notebooks": _many(
                _object(
                    "A notebook.",
                    {"path": _text("Its path in the repository."), "title": _or_null(_text("Its first heading."))},
                ),
                "Its notebooks: those that somebody named, then those that were seen in the repository.",
            ),
            "readiness": _or_null(_readiness()),
            "launched": _or_null(
                _object(
                    "Launches of its repository at mybinder.org; null where they were not counted.",
                    {
                        "since": _text("The day from which on they were counted on every day that was read.", "date"),
                        "days": _by(
                            "A day.", _number("How many."), "How many on each of the last 30 days that had any."
                        ),
                        "last": _or_null(_text("The last day on which there was one.", "date")),
                    },
                )
            ),
            "ports": _ports("Outgoing TCP ports that it needs beyond those of the web."),
            "homepage": _or_null(_text("The address of its home page.")),
            "documentation": _many(_text("An address."), "Where it is documented."),
            "published": _date("When the version was published."),
            "record_created": _date("When its first record was made."),
            "older_versions": _many(
                _object(
                    "A version.",
                    {
                        "doi": _text("Its DOI."),
                        "version": _or_null(_text("What it is called.")),
                        "published": _date("When it was published."),
                    },
                ),
                "Earlier versions with DOIs of their own.",
            ),
            "reads": _many(_text("A data collection, format or protocol."), "Data that it reads."),
            "record_url": _or_null(_address("Its record.")),
            "state": _one_of(State, "Whether it can still be had."),
            "state_note": _or_null(_text("Why not, in words.")),
            "provenance": _by(
                "A field as the catalogue calls it: `runtimes` are the `platforms`, `created` is `record_created`, "
                "`versions` are `older_versions`, and some have no key here.",
                _source(),
                "By field, who says the value that is shown. A field without a value has no source.",
            ),
        },
    )


def _readiness() -> Schema:
    return _object(
        "What was seen in its repository at the ref that links use; null if it has not been inspected.",
        {
            "strength": _one_of(Strength, "How much is known to be installed where the repository is built."),
            "environment": _or_null(_text("The path of the file that decides what is installed.")),
            "ref": _or_null(_text("Where it was inspected; null is the default branch.")),
            "commit": _or_null(_text("The commit that this was.")),
            "asked": _time("When the host last answered."),
            "seen": _time("When the repository was first seen as it is now."),
            "failing_since": _or_null(_time("Since when the host cannot be asked; null where it can.")),
            "checks": _many(
                _object(
                    "Something that was inspected.",
                    {
                        "code": _text(
                            "What it is, for programs: one of the codes of checks at /api/, of which there may be more."
                        ),
                        "ok": _or_null(
                            _flag("Whether it is as it should be; null where it is worth knowing and stops nothing.")
                        ),
                        "text": _text("The same for people."),
                        "fix": _text("What its author can do about it; empty where there is nothing to do."),
                    },
                ),
                "What was inspected.",
            ),
        },
    )


def _facility() -> Schema:
    kinds = {name: f"{kind.LABEL}, which {kind.DOES}" for name, kind in KINDS.items()}
    return _object(
        "A place where software can run.",
        {
            "slug": _slug("The part of its URLs that names it, which stays; `offers` refer to it."),
            "url": _address("Its page in this catalogue."),
            "name": _text("What it is called."),
            "kind": _values(kinds, "How its launch addresses are made."),
            "address": _address("Where it is itself."),
            "insecure": _flag("Whether that is plain http."),
            "seen": _date("When a person last saw it at work."),
            "closed": _date("When it ended; null where it has not."),
            "summary": _text("What it is, in a sentence."),
            "description_html": _text("What it is, as HTML; may be empty."),
            "operator": _or_null(_text("Who runs it.")),
            "interfaces": _interfaces("The kinds of software that it runs; empty where that is not known."),
            "providers": _many(_one_of(Provider, "A kind of host."), "Where it takes code from."),
            "login": _one_of(Login, "Whether a login is needed."),
            "limits": _object(
                "What a session may use, in the operator’s words; null where that is not known.",
                {
                    "memory": _or_null(_text("Memory.")),
                    "processors": _or_null(_text("Processors.")),
                    "session": _or_null(_text("How long it lasts.")),
                    "idle": _or_null(_text("How long it may stand idle.")),
                    "storage": _or_null(_text("Storage.")),
                    "users": _or_null(_text("How many people may use it at the same time.")),
                },
            ),
            "ports": _ports(
                "The only outgoing TCP ports that it lets through; empty where it is not known to block any."
            ),
            "data": _many(_text("A data collection."), "Data that is there already."),
            "health": _or_null(
                _object(
                    "How it was at the last check; null where it was never asked.",
                    {
                        "state": _one_of(Health, "How it was."),
                        "detail": _text("What was wrong, in words; empty where nothing was."),
                        "asked": _time("When that was; where it refuses checks, the last one that it did not refuse."),
                        "last_up": _or_null(_time("The last check at which it was of use.")),
                        "down_since": _or_null(_time("Since when it is not known to be of use; null where it is.")),
                        "versions": _by("A program.", _text("Its version."), "What it says that it runs."),
                        "providers": _or_null(
                            _many(
                                _text("A kind of host."),
                                "Where it says that it takes code from; null where it never told.",
                            )
                        ),
                        "history": _by(
                            "A day.",
                            _one_of(Health, "How it was on that day."),
                            "How it was on each of the last 30 days on which it was asked.",
                        ),
                    },
                )
            ),
            "contact": _or_null(
                _text("Where its operators can be asked: an e-mail address, or a URL that begins with https://.")
            ),
            "documentation": _or_null(_text("The address of its documentation.")),
        },
    )


def _pin() -> Schema:
    return _or_null(_one_of(Pin, "Which state of the code the link opens; null where it carries no code."))


def _offer() -> Schema:
    edition = _object(
        "A link.",
        {
            "url": _address("The address that launches."),
            "opens": _text("What is seen first, in words."),
            "pin": _pin(),
            "ref": _or_null(_text("The branch, tag or commit; null is the default branch.")),
            "doubts": _many(
                _reason("reasons", REASONS),
                "What is not known of this state of the code; empty where the link is as sure as a `yes`.",
            ),
        },
    )
    return _object(
        "What one facility can do for one piece of software.",
        {
            "software": _slug("The `slug` of the software."),
            "facility": _slug("The `slug` of the facility."),
            "verdict": _one_of(Verdict, "Whether it runs there. It is one of these three, in all of version 1."),
            "url": _or_null(_address("The address that launches; null exactly where the verdict is `no`.")),
            "permanent_url": _address("The page of this pair, for papers and READMEs: it stays when the facility moves or ends."),
            "opens": _or_null(_text("What is seen first, in words.")),
            "carries_software": _flag("Whether the link carries the software there; where not, it leads to a page of the facility only."),
            "ref": _or_null(_text("The branch, tag or commit that the link opens; null is the default branch.")),
            "pin": _pin(),
            "editions": _many(edition, "Links to other states of the code at the same facility, such as the version that is cited."),
            "login": _one_of(Login, "Whether a login is needed."),
            "reasons": _many(_reason("reasons", REASONS), "Why the verdict is not better; empty exactly where it is `yes`."),
            "notes": _many(_reason("notes", NOTES), "What to expect of the launch; they change no verdict."),
            "data": _many(_text("A data collection, format or protocol."), "Those of the data that the software `reads` that are held at the facility; empty where the verdict is `no`."),
        },
    )  # fmt: skip


def _account() -> Schema:
    return _object(
        "What became of one record or local entry.",
        {
            "id": _text("The concept DOI, the number of a record, or the `id` of an entry."),
            "title": _text("What it calls itself."),
            "source": _one_of(AccountSource, "Where it was seen."),
            "outcome": _one_of(Outcome, "What became of it."),
            "detail": _text("More of it, in words."),
            "software": _or_null(_text("The `slug` of the entry that it became; null where it became none.")),
        },
    )  # fmt: skip


def _catalogue() -> Schema:
    return _object(
        "All software, facilities and offers.",
        {
            "schema": _address("The address of this schema."),
            "title": _text("What the catalogue is called."),
            "url": _address("Its front page."),
            "harvested": _time("When the records were last read with news."),
            "built": _time("The time that this build was given, or that of the records."),
            "licence": _text("The licence of this file, as an SPDX id."),
            "counts": _object(
                "How many there are.",
                {
                    "software": _number("Entries that are not withdrawn."),
                    "withdrawn": _number("Withdrawn entries, which are last among `software`."),
                    "facilities": _number("Facilities, closed ones too."),
                    "offers": _number("One for each of that software at each facility."),
                },
            ),
            "software": _many(_software(), "Every entry, by its name; behind them those that were withdrawn within a year."),
            "facilities": _many(_facility(), "Every facility, the preferred ones first: at work, without a login, encrypted."),
            "offers": _many(_offer(), "Every pair. Those of one entry stand together, and the best of them is first."),
            "harvest": _object(
                "The accounting of the last harvest.",
                {
                    "api": _address("Whom it asked."),
                    "community": _text("The community that it read."),
                    "records_seen": _number("How many records it saw: as many `accounts` are of the source `harvest`."),
                    "note": _or_null(_text("How the records were read, where that was no harvest.")),
                    "accounts": _many(_account(), "What became of each record and of each local entry."),
                },
            ),
        },
    )  # fmt: skip


# --- the other exports


def _launch() -> Schema:
    pair = _object(
        "What is there for one piece of software.",
        {
            "verdict": _one_of(Verdict, "Whether it runs there."),
            "url": _or_null(_address("The address that launches; null exactly where the verdict is `no`.")),
            "action": _or_null(_text("The word for a button; null where there is no address.")),
            "carries_software": _flag("Whether the link carries the software there, and does not lead to a page of the facility only."),
            "login": _one_of(Login, "Whether a login is needed."),
            "reason": _or_null(_text("Why the verdict is not better, in a few words; null where it is `yes`.")),
            "in_short": _text("What to expect, in a few words."),
            "notebooks": _by("The path of a notebook.", _address("The address that opens it."), "Links to single notebooks."),
        },
    )  # fmt: skip
    levels = {"down": "of no use now", "weak": "something is wrong", "unknown": "nobody has looked"}
    return _object(
        "What one facility can do, for buttons that launch.",
        {
            "facility": _slug("The `slug` of the facility."),
            "name": _text("What it is called."),
            "warnings": _many(
                _object(
                    "A warning.",
                    {"label": _text("In a few words."), "level": _values(levels, "How bad it is.")},
                ),
                "What must be seen before going there.",
            ),
            "pairs": _by("The `slug` of the software.", pair, "Every entry that is not withdrawn."),
        },
    )


def _changes() -> Schema:
    change = _object(
        "One change, and who says so.",
        {
            "what": _one_of(ChangeKind, "What happened."),
            "field": _or_null(_text("The field that changed, as `provenance` of catalogue.json calls it.")),
            "facility": _or_null(_text("The `slug` of the facility at which the verdict changed.")),
            "old": _or_null(_text("What it was, as text; null is nothing.")),
            "new": _or_null(_text("What it is, as text; null is nothing.")),
            "reason": {
                **_or_null(_reason("reasons", REASONS)),
                "description": "Why a new verdict is not better; null where it is `yes`, or the reason is not known.",
            },
            "old_reason": _or_null(
                _text(
                    "The code of the reason why the old verdict was not better; null where it was `yes`, or is not known."
                )
            ),
            "text": _text("The same as a sentence."),
            "source": _source(),
        },
    )
    event = _object(
        "All that changed at one entry or facility from one record of the catalogue to the next.",
        {
            "at": _time("When it was noticed."),
            "about": _one_of(EventSubject, "What it is about."),
            "id": _text("The `id` of the software, or the `slug` of the facility."),
            "slug": _text("Its `slug`."),
            "name": _text("What it is called."),
            "url": _address("Where the changes are shown."),
            "platforms": _many(_text("A name."), "Platforms that the entry has or had."),
            "keywords": _many(_text("A keyword."), "Keywords that the entry has or had."),
            "facilities": _many(
                _slug("A `slug`."),
                "The facilities at which something about it changed; all at which it should or may run, if it is new or back.",
            ),
            "unsure": _many(
                _slug("A `slug`."), "Of these, the facilities at which an entry that is new or back may run."
            ),
            "changes": _many(change, "The changes."),
        },
    )
    return _object(
        "What has changed.",
        {
            "title": _text("What the catalogue is called."),
            "recorded": _or_null(_time("When changes were last noted; null where they never were.")),
            "events": _many(
                event, "The newest 1,000, the newest first; what was noted with the last of them is not cut."
            ),
        },
    )


def _age() -> Schema:
    def moment(words: str) -> Schema:
        return _object(words, {"time": _time("The time."), "words": _text("The same for people.")})

    return _object(
        "How old the records are.",
        {
            "harvested": moment("When the records were last read with news."),
            "looked": moment("When all records were last asked for, with news or without; where known."),
        },
        optional=["looked"],
    )


def _build() -> Schema:
    digest = {**_text("The digest in hexadecimal digits."), "pattern": "^[0-9a-f]{64}$"}
    return _object(
        "The files of this build.",
        {
            "generator": _text("The program that made them, and its version."),
            "sha256": _by("The path of a file.", digest, "The SHA-256 digest of every file of the site but this one."),
        },
    )


_FOLDER = "api/v1/"
_SCHEMAS = {"catalogue": _catalogue, "launch": _launch, "changes": _changes, "age": _age, "build": _build}


def schema(name: str, base: str) -> Schema:
    """The schema of one export; `base` is the URL of the site."""
    made = _SCHEMAS[name]()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}{_FOLDER}{name}.schema.json",
        "title": made["description"].rstrip("."),
        **made,
    }


def schema_files(base: str) -> Iterator[File]:
    """The files of all schemas: `api/v1/catalogue.schema.json`, and so on."""
    for name in _SCHEMAS:
        text = json.dumps(schema(name, base), ensure_ascii=False, sort_keys=True, indent=1)
        yield text_file(f"{_FOLDER}{name}.schema.json", text)


# --- the tables at /api/


def described() -> tuple[Key, ...]:
    """The exports by the names of their schemas, each with all keys."""
    return tuple(_key(name, make()) for name, make in _SCHEMAS.items())


def codes() -> tuple[Key, ...]:
    """The codes of reasons, of notes and of checks, with what they mean."""
    tables = {"reasons": REASONS, "notes": NOTES, "checks": CHECKS}
    return tuple(
        _named(what, "", tuple(_named(code, meaning) for code, meaning in meanings.items()))
        for what, meanings in tables.items()
    )


def _key(name: str, of: Schema) -> Key:
    words = of["description"]
    inside = of
    while "properties" not in inside and ("items" in inside or "additionalProperties" in inside):
        inside = inside.get("items") or inside["additionalProperties"]
        if "enum" in inside and "properties" not in inside:
            words = f"{words} {inside['description']}"
    if by := of.get("propertyNames"):
        words = f"{words} By: {by['description'][0].lower()}{by['description'][1:]}"
    return _named(name, words, tuple(_key(each, part) for each, part in inside.get("properties", {}).items()))


def _named(name: str, words: str, inside: tuple[Key, ...] = ()) -> Key:
    return Key(name=name, description=words, required=False, values=(), inside=inside)
