"""Controlled vocabularies: the many spellings of licences, platforms, interfaces, people and titles -> the one used here."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import takewhile

from license_expression import ExpressionError, get_spdx_licensing

from ..model import Interface, Licence, Person
from ..text import clean, fold, unique, without_email
from ..words import is_east_asian

_SPDX = get_spdx_licensing()

# Usual ids of licences that the SPDX list does not know, even as names that it has given up.
_LICENCE_IDS = {
    "mit-license": "MIT", "apache2.0": "Apache-2.0", "apache-2": "Apache-2.0", "bsl1.0": "BSL-1.0", "cc-zero": "CC0-1.0",
    "cc0": "CC0-1.0", "eclipse-1.0": "EPL-1.0", "artistic-license-2.0": "Artistic-2.0", "isc-license": "ISC",
    "mozilla1.1": "MPL-1.1", "uoi-ncsa": "NCSA", "zlib-license": "Zlib",
}  # fmt: skip
# Zenodo's own ids, which say less than the licence that Zenodo means by them: from others, `apache` may be any version.
# Source: zenodo-rdm, legacy_to_rdm_map.json, but for its row `gpl-3.0`, which names version 2.
_ZENODO_LICENCES = {
    "apache": "Apache-1.0", "apgl-v3": "AGPL-3.0-only", "apl1.0": "APL-1.0", "attribution": "AAL",
    "bsd-license": "BSD-1-Clause", "ca-tosl1.1": "CATOSL-1.1", "canada-crown": "OGL-Canada-2.0", "cc-by": "CC-BY-1.0",
    "cc-by-sa": "CC-BY-SA-1.0", "cc-nc": "CC-BY-NC-2.0", "cddl1": "CDDL-1.0", "cpal_1.0": "CPAL-1.0",
    "cuaoffice": "CUA-OPL-1.0", "ecl2": "ECL-2.0", "eiffel": "EFL-1.0", "fal": "LAL-1.2", "frameworx": "Frameworx-1.0",
    "gfdl": "GFDL-1.1-only", "ibmpl": "IPL-1.0", "intel-osl": "Intel", "ipafont": "IPA", "lucent1.02": "LPL-1.02",
    "mozilla": "MPL-1.0", "nasa1.3": "NASA-1.3", "nethack": "NGPL", "nosl3.0": "NPOSL-3.0", "ntp-license": "NTP",
    "oclc2": "OCLC-2.0", "odc-by": "ODC-By-1.0", "odc-odbl": "ODbL-1.0", "odc-pddl": "PDDL-1.0", "openfont": "OFL-1.0",
    "opengroup": "OGTSL", "php": "PHP-3.0", "pythonpl": "Python-2.0", "pythonsoftfoundation": "PSF-2.0",
    "real": "RPSL-1.0", "ricohpl": "RSCPL", "rpl1.5": "RPL-1.5", "sun-issl": "SISSL", "sunpublic": "SPL-1.0",
    "sybase": "Watcom-1.0", "uk-ogl": "OGL-UK-1.0", "ver2_eiffel": "EFL-2.0", "vovidapl": "VSL-1.0", "zpl": "ZPL-1.1",
}  # fmt: skip
_CC_ADDRESS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/(?:licenses/(?P<terms>[a-z-]+)|publicdomain/zero)/(?P<version>\d\.\d)(?:/.*)?"
)
_LICENCE_ADDRESS = re.compile(
    r"https?://(?:www\.)?(?:spdx\.org/licenses|opensource\.org/licenses?|choosealicense\.com/licenses"
    r"|gnu\.org/(?:licenses|copyleft)(?:/old-licenses)?(?=/[a-z]+-\d))/([\w.+-]+?)(?:-license|-standalone|\.en)?(?:\.html|\.json|\.txt)?/?"
)


def licence(stated: object) -> Licence | None:
    """A licence from an SPDX id or expression, another usual id, or the URL of a licence; None if nothing is stated.

    Its `spdx` is None if the text is none of these.
    """
    words = clean(stated, 120)
    return _licence(words) if words else None


def zenodo_licence(stated: object) -> Licence | None:
    """A licence as a record of Zenodo states it: by an id of Zenodo's own, or as `licence` reads it."""
    words = clean(stated, 120)
    spdx = _ZENODO_LICENCES.get(words.lower())
    return Licence(spdx=spdx, stated=words) if spdx else licence(words)


@lru_cache(maxsize=1_000)
def _licence(words: str) -> Licence:
    key = words
    if match := _LICENCE_ADDRESS.fullmatch(words):
        key = match[1]
    elif match := _CC_ADDRESS.fullmatch(words.lower()):
        key = f"CC-{match['terms']}-{match['version']}" if match["terms"] else f"CC0-{match['version']}"
    spdx = _LICENCE_IDS.get(key.lower())
    if spdx is None:
        try:
            spdx = str(_SPDX.parse(key, validate=True, strict=True))
        except (
            ExpressionError,
            AssertionError,
            AttributeError,
            LookupError,
            ValueError,
            TypeError,
        ):  # the parser raises all of these on odd input
            spdx = None
    return Licence(spdx=spdx, stated=words)


# The usual licences of software, which are suggested first. Among all 600 of SPDX, something is similar to any text.
_FREQUENT = (
    "MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only",
    "GPL-3.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "AGPL-3.0-only",
    "AGPL-3.0-or-later", "MPL-2.0", "EUPL-1.2", "CECILL-2.1", "ISC", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0",
)  # fmt: skip
_OPERATOR = re.compile(r"(\s+(?:and|or|with)\s+|[()])", re.IGNORECASE)


def similar_licences(stated: str) -> list[str]:
    """What may be meant by a text that is no SPDX expression, likeliest first; empty if nothing is similar.

    Of an expression, only the one id that SPDX does not know is replaced.
    """
    parts = _OPERATOR.split(stated)
    unknown = [at for at, part in enumerate(parts[::2]) if part.strip() and not _is_spdx(part)]
    if len(parts) == 1 or len(unknown) != 1:
        return _similar_ids(stated)
    before, after = "".join(parts[: 2 * unknown[0]]), "".join(parts[2 * unknown[0] + 1 :])
    whole = (f"{before}{each}{after}" for each in _similar_ids(parts[2 * unknown[0]]))
    return [each for each in whole if _is_spdx(each)]


def _is_spdx(text: str) -> bool:
    found = licence(text)
    return found is not None and found.spdx is not None


def _similar_ids(stated: str) -> list[str]:
    """SPDX ids that may be meant, likeliest first: of the usual licences, else of the others."""
    given = _letters(_FILLER.sub("", stated))
    begun = [each for each in _FREQUENT if given and _letters(_FILLER.sub("", each)).startswith(given)]
    if begun:
        return begun
    # 0.66: of three letters, two are in the right order, as in MTI.
    for ids, likeness in ((_FREQUENT, 0.66), (_other_licences(), 0.8)):
        forms = {_letters(form): each for each in ids for form in (each, _FILLER.sub("", each))}
        near = [each for form in (_letters(stated), given) for each in get_close_matches(form, forms, 2, likeness)]
        if near:
            return list(unique(forms[each] for each in near))[:2]
    return []


_FILLER = re.compile(r"licen[cs]e|clause?|gnu|v(?=\d)", re.IGNORECASE)  # people write `BSD 3` and `GNU GPL v3`


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


@lru_cache(maxsize=1)
def _other_licences() -> tuple[str, ...]:
    """The ids of all licences of SPDX that are not deprecated."""
    known = {each.key for each in _SPDX.known_symbols.values() if not each.is_exception and not each.is_deprecated}
    return tuple(sorted(each for each in known if not each.startswith("LicenseRef-")))


_KEYWORD_PREFIX = re.compile(r"^(?:projects?|contents?|subjects?|topics?|keywords?)\s*:\s*", re.IGNORECASE)


def keywords(stated: Iterable[object]) -> tuple[str, ...]:
    """The separate keywords, without prefixes such as `Projects:` and without duplicates, whatever their case; at most 200.

    They are split at `;`, and a single one with several commas at these. The dot at the end of an abbreviation stays.
    """
    given = [clean(each, 5000) for each in stated]
    if len(given) == 1 and ";" not in given[0] and given[0].count(",") >= 2:
        given = given[0].split(",")
    parts = (_without_full_stop(part.strip(" ,")) for each in given for part in each.split(";"))
    return unique(clean(_KEYWORD_PREFIX.sub("", part), 80) for part in parts)[:200]


def _without_full_stop(words: str) -> str:
    """The words without a dot at their end, unless the last of them has another, as in `H.E.S.S.`."""
    bare = words.rstrip(" .,")
    return words if "." in bare.rpartition(" ")[2] and words == f"{bare}." else bare


# The usual names of languages and platforms, which the facet shows. Others stay as they were stated.
_RUNTIMES = {
    "python": "Python", "py": "Python", "cpython": "Python", "ipython": "Python", "jupyter": "Jupyter",
    "jupyter notebook": "Jupyter", "jupyter notebooks": "Jupyter", "jupyterlab": "Jupyter", "ipython notebook": "Jupyter",
    "c++": "C++", "cpp": "C++", "cxx": "C++", "c": "C", "c#": "C#", "r": "R", "rust": "Rust", "java": "Java",
    "jvm": "Java", "javascript": "JavaScript", "js": "JavaScript", "ecmascript": "JavaScript", "typescript": "TypeScript",
    "julia": "Julia", "fortran": "Fortran", "go": "Go", "golang": "Go", "bash": "Shell", "sh": "Shell", "shell": "Shell",
    "unix shell": "Shell", "docker": "Docker", "singularity": "Apptainer", "apptainer": "Apptainer", "root": "ROOT",
    "matlab": "MATLAB", "idl": "IDL", "webassembly": "WebAssembly", "wasm": "WebAssembly", "conda": "Conda",
}  # fmt: skip
_VERSIONED = re.compile(r"^(?P<name>[A-Za-z+#][A-Za-z+# ]*?)\s*(?:[-:/ ]?\s*(?:[<>=~!]=?|v)?\s*\d[\w.*,<>=~!+ ]*)$")


def runtime(stated: object) -> str:
    """The usual name of a language or platform: `python3`, `Python 3.8`, `Python>=3.8` -> `Python`."""
    words = clean(stated, 60)
    if (known := _RUNTIMES.get(words.lower())) is not None:
        return known
    match = _VERSIONED.match(words)
    return _RUNTIMES.get(match["name"].lower(), words) if match else words


def runtimes(stated: Iterable[object]) -> tuple[str, ...]:
    """The usual names of languages and platforms, each once; at most twenty, since every card shows them.

    A text may list several: `Python, C++`; with a slash, if it is between known names: `C/C++`, but not `PL/SQL`.
    """
    return unique(runtime(part) for each in stated for part in _listed(clean(each, 5000)))[:20]


_KNOWN_RUNTIMES = frozenset(_RUNTIMES.values())


def _listed(words: str) -> Iterator[str]:
    for at, part in enumerate(re.split(r"[,;|]", words)):
        if at and re.match(r"\s*[\d<>=~!]", part):  # goes on with the version before it: `Python>=3.8,<3.11`
            continue
        between = part.split("/")
        yield from between if all(runtime(each) in _KNOWN_RUNTIMES for each in between) else [part]


def meant_runtime(stated: str) -> str | None:
    """The usual name of which an unknown one is most likely a slip of the keyboard, None if it may be another name."""
    words = runtime(stated)
    match = _VERSIONED.match(words)
    given = (match["name"] if match else words).casefold()
    known = (each for each in unique(_RUNTIMES.values()) if len(each) > 4 and each.casefold() != given)
    return next((each for each in known if _is_slip(given, each.casefold())), None)


def _is_slip(given: str, meant: str) -> bool:
    """Whether one letter is missing, added or another, or two are exchanged. The first one must be right: Cython is not Python."""
    start = _equal_letters(given, meant)
    rest, other = given[start:], meant[start:]
    end = _equal_letters(rest[::-1], other[::-1])
    rest, other = rest[: len(rest) - end], other[: len(other) - end]
    return start > 0 and (max(len(rest), len(other)) <= 1 or (len(rest) == 2 and rest == other[::-1]))


def _equal_letters(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


_INTERFACE_WORDS = {
    "desktop": Interface.DESKTOP, "desktop application": Interface.DESKTOP, "gui": Interface.DESKTOP,
    "graphical user interface": Interface.DESKTOP, "cli": Interface.COMMAND_LINE, "command line": Interface.COMMAND_LINE,
    "command-line": Interface.COMMAND_LINE, "command line tool": Interface.COMMAND_LINE,
    "command line interface": Interface.COMMAND_LINE, "library": Interface.LIBRARY, "software library": Interface.LIBRARY,
    "python library": Interface.LIBRARY, "python package": Interface.LIBRARY, "web application": Interface.WEB,
    "web app": Interface.WEB, "webapp": Interface.WEB, "web service": Interface.SERVICE, "web-service": Interface.SERVICE,
}  # fmt: skip
_ONE_KEYWORD = "jupyter-notebook"  # libraries have it, too, so it proves nothing by itself
_NOTEBOOK_WORDS = re.compile(r"\b(?:jupyter|ipython)?[ -]?notebooks?\b|\bjupyter(?:lab)?\b", re.IGNORECASE)


def interfaces(words: Iterable[str], title: str = "") -> frozenset[Interface]:
    """How software is used, inferred from keywords, categories and platforms, and from the title.

    The keyword `jupyter-notebook` alone does not make a notebook; it takes another sign, such as the title.
    """
    given = {fold(word) for word in words}
    found = {_INTERFACE_WORDS[word] for word in given if word in _INTERFACE_WORDS}
    signs = sum(bool(_NOTEBOOK_WORDS.search(word)) for word in given - {_ONE_KEYWORD})
    signs += bool(_NOTEBOOK_WORDS.search(title))
    if signs:
        found.add(Interface.NOTEBOOK)
    return frozenset(found)


_PARTICLES = frozenset(
    ["von", "van", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ten", "ter", "zu"]
)


_TEX_BLANK = re.compile(r"\\ ")  # some records were filled from TeX, where `\ ` is a blank


_ORCID = re.compile(r"(?:https?://orcid\.org/)?([0-9]{15})([0-9X])", re.IGNORECASE)
# The blocks of ISNI that ORCID gives out, without the check digit. https://support.orcid.org, structure of the identifier
_ORCID_BLOCKS = (range(15_000_000, 35_000_001), range(900_000_000_000, 900_100_000_001))


def orcid(stated: str) -> str | None:
    """An ORCID in its usual form, from any spelling; None if it is not one or its check digit is wrong (ISO 7064, mod 11-2)."""
    # Not by idutils, whose import takes half a second, a third of the time of `build.py check`.
    match = _ORCID.fullmatch(re.sub(r"[ -]", "", stated))
    if match is None or not any(int(match[1]) in block for block in _ORCID_BLOCKS):
        return None
    total = 0
    for digit in match[1]:
        total = (total + int(digit)) * 2
    if "0123456789X"[(12 - total % 11) % 11] != match[2].upper():
        return None
    digits = match[1] + match[2].upper()
    return "-".join(digits[at : at + 4] for at in range(0, 16, 4))


def person(
    name: object,
    orcid_given: object = None,
    affiliation: object = None,
    family: object = None,
    organisation: bool = False,
) -> Person | None:
    """An author: the name as given, without e-mail addresses; the ORCID only if it is valid. None without a name.

    Without being told, it recognises an organisation by words such as `Collaboration`.
    """
    return _person(clean(name, 200), clean(orcid_given, 60), clean(affiliation), clean(family, 200), organisation)


@lru_cache(maxsize=10_000)  # the same people write several pieces of software
def _person(name: str, orcid_given: str, affiliation: str, family: str, organisation: bool) -> Person | None:
    shown = without_email(name)
    if not shown:
        return None
    bare = re.sub(r"\s*\([^)]*\)", "", shown).strip() or shown.strip("()")
    organisation = organisation or ("," not in bare and not _GROUPS.isdisjoint(_WORD.findall(bare.casefold())))
    return Person(
        name=shown,
        sort_name=bare if organisation else _sort_name(bare, family),
        orcid=orcid(orcid_given),
        affiliation=without_email(_TEX_BLANK.sub(" ", affiliation)) or None,
        organisation=organisation,
    )


_WORD = re.compile(r"\w+")
_GROUPS = frozenset([
    "collaboration", "consortium", "team", "group", "developers", "contributors", "project", "institute", "university",
    "observatory", "agency",
])  # fmt: skip
_TITLES = re.compile(r"(^|, )(?:(?:prof|professor|dr)(?:\.(?:-ing\.)? ?| ))+(?=\S)", re.IGNORECASE)


def _sort_name(name: str, family: str) -> str:
    """A person's name to sort by, without titles."""
    bare = _TITLES.sub(r"\1", name)
    if "," in bare or (not family and " " not in bare):
        return bare
    if family and bare.endswith(family):
        return f"{family}, {bare.removesuffix(family).strip()}".strip(", ")
    words = bare.split()
    if is_east_asian(fold("".join(words))):
        return f"{words[0]}, {' '.join(words[1:])}"
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return f"{' '.join(words[start:])}, {' '.join(words[:start])}".strip(", ")


def people(stated: Iterable[Mapping[str, object]]) -> tuple[Person, ...]:
    """The authors that have a name, in the order given."""
    found = (
        person(
            each.get("name"),
            each.get("orcid"),
            each.get("affiliation"),
            each.get("family"),
            each.get("organisation") is True,
        )
        for each in stated
    )
    return tuple(each for each in found if each is not None)


_BETWEEN = " ,:;/@=|–—_-"  # what may stand between a name and its version
_MARKER = r"(?P<marker>(?:(?:version|release|ver|v)\.? ?)?v?)$"
_BEFORE_VERSION = re.compile(rf"(?:^|[{_BETWEEN}]){_MARKER}", re.IGNORECASE)
_BEFORE_BRACKETED = re.compile(rf"\({_MARKER}", re.IGNORECASE)
_HOOK_TITLE = re.compile(r"^(?P<path>[\w.-]+/(?P<name>[\w.-]+))(?::\s.*)?$")


def name_from_title(title: str, version: str | None = None, addresses: Iterable[str] = ()) -> str:
    """The name in a record's title, without the version at its end.

    A title `owner/repo: tag`, as Zenodo's GitHub integration writes it, gives `repo` if one of the record's URLs is that
    of the repository. Otherwise it may be a title such as `TCP/IP: an introduction`.
    """
    words = clean(title)
    if match := _HOOK_TITLE.match(words):
        path = f"/{match['path']}/".casefold()
        if any(path in f"{address.removesuffix('.git')}/".casefold() for address in addresses):
            return match["name"]
    return _without_version(words, (version or "").removeprefix("v"))


def _without_version(words: str, version: str) -> str:
    """The words without the version at their end. A lone number may belong to the name, unless it is said to be a version."""
    whole = words.removesuffix(")")
    if not version or not whole.endswith(version):
        return words
    before = _BEFORE_VERSION if whole == words else _BEFORE_BRACKETED
    match = before.search(whole.removesuffix(version))
    if match is None or (version.isdecimal() and not match["marker"]):
        return words
    return whole[: match.start()].rstrip(_BETWEEN) or words
