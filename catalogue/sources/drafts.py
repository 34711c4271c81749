"""Drafts of entries, as YAML: from a URL alone, or from what a server says about itself."""

import re
from collections.abc import Collection
from itertools import count, takewhile
from urllib.parse import unquote, urlsplit

import yaml

from ..launch import binderhub, jupyterhub, website
from ..launch.kinds import KINDS, Kind
from ..model import EXAMPLE_SUMMARY, Login
from ..problems import errors
from ..repository import NoRepository, Provider, Repository, binder_environment, parse_repository
from ..text import slugify
from .entry import public_url
from .facilities import DRAFT_NOTICE, read_facilities
from .local import read_local
from .snapshot import Entry, Snapshot, by_folded_doi
from .yaml_text import YamlDocument, read_yaml


def _first_steps(kind: Kind) -> frozenset[str]:
    """The path segments with which the pages of a kind of facility begin."""
    return frozenset(page.partition("/")[0] for page in kind.PAGES)


_BINDERHUB_PAGES, _JUPYTERHUB_PAGES = _first_steps(binderhub), _first_steps(jupyterhub)
# Path segments that most likely belong to pages of a facility; its front page is what comes before them.
_PAGES = frozenset(["build", "doc", "health", "versions"]).union(*map(_first_steps, KINDS.values()))


def folder(url: str) -> str:
    """The https URL of a page's folder: without query and fragment, and without the name of an HTML file."""
    parts = urlsplit(url)
    path = parts.path.strip("/")
    path = path.rpartition("/")[0] if path.endswith(".html") else path
    return f"https://{parts.netloc.lower()}/{path}/" if path else f"https://{parts.netloc.lower()}/"


def front_page(url: str) -> str:
    """The front page of a facility, from the URL of any of its pages."""
    parts = urlsplit(url)
    steps = list(takewhile(lambda step: step.lower() not in _PAGES, parts.path.strip("/").split("/")))
    return folder(f"https://{parts.netloc}/{'/'.join(steps)}")


def facility_item(
    kind: str,
    url: str,
    description: str,
    *,
    login: Login = Login.UNKNOWN,
    seen: str | None = None,
    providers: Collection[str] = (),
    taken: Collection[str] = (),
    kind_note: str = "",
) -> str:
    """An item to append to facilities.yaml. Untrusted text in it is quoted, or left out."""
    parts = urlsplit(url)
    name = f"{parts.netloc}{unquote(parts.path)}".rstrip("/").removeprefix("www.")
    name = name if name.isprintable() and len(name) <= 100 else parts.netloc
    slug = _free(slugify(name, "facility")[:50].strip("-"), taken)
    lines = [
        f"  - id: {_scalar(slug)} # the slug, part of its URLs: change it now or never",
        f"    name: {quoted(name)} # the name that its users know",
        f"    kind: {kind}{kind_note}",
        f"    url: {quoted(url)}",
        *([f"    seen: {quoted(seen)}"] if seen else []),
        f"    login: {login}" + (" # none or required" if login is Login.UNKNOWN else ""),
        f"    description: {quoted(description)}",
    ]
    if providers:
        lines += _provider_lines(frozenset(providers), KINDS[kind].PROVIDERS)
    lines += [
        "    # operator: who runs it",
        "    # contact: where to ask, an e-mail address or a URL that begins with https://",
        "    # documentation: the address of its handbook",
        "    # limits: {memory: 2 GB, processors: '1', session: at most 6 hours, idle: 10 minutes}",
    ]
    if options := KINDS[kind].OPTIONS.model_fields:
        lines.append(f"    # options: what only its kind has: {', '.join(options)}")
    return "\n".join(lines) + "\n"


def facility_draft(address: str, taken: Collection[str] = ()) -> str:
    """An item for facilities.yaml, from the URL of a facility alone. Raises ValueError with a sentence if that is impossible."""
    url = address if "://" in address else f"https://{address}"
    try:
        is_plain_http = public_url(url).startswith("http://")
    except ValueError as error:
        raise ValueError(f"this address {error}") from None
    if is_plain_http:
        raise ValueError(
            "this address must begin with https://; for plain http write the entry by hand, with `insecure: true`"
        )
    steps = {step.lower() for step in urlsplit(url).path.split("/")}
    known = binderhub.KIND if steps & _BINDERHUB_PAGES else jupyterhub.KIND if steps & _JUPYTERHUB_PAGES else None
    others = ", ".join(kind for kind in KINDS if kind != website.KIND)
    text = facility_item(
        known or website.KIND,
        front_page(url),
        f"{DRAFT_NOTICE[:1].upper()}{DRAFT_NOTICE[1:]}",
        taken=taken,
        kind_note="" if known else f" # or {others}: `build.py describe-facility` asks it",
    )
    if wrong := errors(read_facilities(f"facilities:\n{text}")[1]):
        raise ValueError(f"this address makes no entry: {'; '.join(each.text for each in wrong)}")
    return text


def notebook_draft(address: str, taken: Collection[str] = (), slug: str | None = None) -> str:
    """An item for notebooks.yaml, from the URL of a notebook or repository alone.

    Raises ValueError with a sentence if that is impossible.
    """
    found = parse_repository(address)
    if isinstance(found, NoRepository):
        raise ValueError(found.why)
    notebook = found.file if found.file and found.file.endswith(".ipynb") else None
    name = _words(notebook.rpartition("/")[2].removesuffix(".ipynb")) if notebook else _words(found.name)
    if found.provider in (Provider.ZENODO, Provider.GIST):
        name = _words(notebook.rpartition("/")[2].removesuffix(".ipynb")) if notebook else f"Code of {found.path}"
    slug = slug or _free(slugify(name, "notebook")[:50].strip("-"), taken)
    lines = [
        f"  - id: {_scalar(slug)} # the slug, part of its URLs: change it now or never",
        f"    name: {quoted(name)}",
        f"    # summary: {EXAMPLE_SUMMARY}",
        "    interfaces: [notebook] # or desktop, command-line, library, web, service",
        "    # platforms: [Python]",
        "    # keywords: [words, to find it by]",
        f"    repository: {quoted(_spelling(found))}",
    ]
    if environment := binder_environment(address):
        lines.append(
            f"    # the link took its environment from {environment.page}; here this repository must declare it"
        )
    if found.ref:
        lines.append(f"    ref: {quoted(found.ref)}")
    lines += (
        ["    notebooks:", f"      - path: {quoted(notebook)}", "        # title: what it shows"]
        if notebook
        else ["    # notebooks: [{path: first look.ipynb, title: A first look}]"]
    )
    lines += ["    # licence: an SPDX expression, as in BSD-3-Clause", "    # authors: [{name: Ada Lovelace}]"]
    text = "\n".join(lines) + "\n"
    if wrong := read_local(f"software:\n{text}")[1]:
        raise ValueError(f"this address makes no entry: {'; '.join(each.text for each in wrong)}")
    return text


def harvested_entry(address: str, snapshot: Snapshot) -> Entry | None:
    """The harvested entry that a Zenodo URL or DOI identifies, None if there is none or it was withdrawn."""
    found = parse_repository(address)
    if isinstance(found, NoRepository) or found.provider is not Provider.ZENODO:
        return None
    entry = by_folded_doi(snapshot).get(found.path.casefold())
    return None if entry is None or entry.withdrawn else entry


def _spelling(found: Repository) -> str:
    """A URL that parses as this repository; on an unknown host it gets the prefix `git+`."""
    plain = found.url
    again = parse_repository(plain)
    return plain if isinstance(again, Repository) and again.key == found.key else f"git+{plain}"


def _words(name: str) -> str:
    """The name of a file or folder as a title: `first_look-2` -> `First look 2`."""
    words = re.sub(r"[-_\s]+", " ", name).strip()
    return words[:1].upper() + words[1:] if words else name


def _provider_lines(reported: frozenset[str], usual: frozenset[Provider]) -> list[str]:
    ours = sorted(reported & {each.value for each in Provider})
    others = sorted(reported - {each.value for each in Provider})
    lines = [f"    # it also takes code from {', '.join(others)}, which the catalogue does not use"] if others else []
    if ours and frozenset(ours) != usual:
        lines.append(f"    providers: [{', '.join(ours)}]")
    return lines


def _free(slug: str, taken: Collection[str]) -> str:
    return next(each for number in count(1) if (each := slug if number == 1 else f"{slug}-{number}") not in taken)


def _scalar(text: str) -> str:
    """A text as a YAML scalar: in quotes only if some version of YAML would read something else without, as in `01` or `yes`."""
    plain = read_yaml(text, "")
    is_text = isinstance(plain, YamlDocument) and plain.data == text and yaml.safe_dump([text]) == f"- {text}\n"
    return text if is_text else quoted(text)


def quoted(text: str) -> str:
    """A text as a double-quoted YAML scalar, which every version of YAML reads as that text."""
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=1_000_000).strip()
