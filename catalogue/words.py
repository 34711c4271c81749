"""The words of a text as the search knows them, and one spelling of each identifier.

The rules are data, and the browser gets the same data (`outputs/search.py` serves `RULES` as a module of JavaScript), so
what is typed becomes the same words as what was indexed. Both sides run the tables of `tests/words.json`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final

from .text import LETTERS, fold

# Names that folding would lose.
SYMBOLS: Final = {"c++": "cplusplus", "c#": "csharp", "f#": "fsharp"}

# What ends a plural, what stands there in the singular, and how many letters such a word has at least. The first ending
# that a word has decides; most of them are here so that the last one leaves them alone.
PLURALS: Final = (
    ("ss", "ss", 2),
    ("us", "us", 2),
    ("is", "is", 2),
    ("yses", "ysis", 6),
    ("ies", "y", 5),
    ("sses", "ss", 6),
    ("ches", "ch", 6),
    ("shes", "sh", 6),
    ("xes", "x", 5),
    ("s", "", 4),
)

# Words that hold a sentence together, and words that are true of all that a catalogue of software lists. They are asked
# for like any other; where no entry has them all, once more without.
SMALL: Final = (
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "is", "of", "on", "or", "that", "the", "this", "to",
    "using", "via", "which", "with",
    "code", "codes", "package", "packages", "program", "programs", "software", "tool", "tools",
)  # fmt: skip

# Applied in this order to a text in small letters. What they leave is looked up; what is not found there is words.
# Both Python and JavaScript must read them: plain classes, no look-behind, `$1` for a group.
IDENTIFIERS: Final = (
    # Signs around it, as in a sentence or in Markdown.
    (r"^[<(\[{'“”‘’]+", ""),
    (r"[>)\]}'“”‘’.,;:!]+$", ""),
    (r"%2f", "/"),
    (r"%3a", ":"),
    (r"^(?:doi|url|orcid|git)[:+ ]+", ""),
    # The scheme, the user, the port of nobody's interest.
    (r"^(?:ssh://)?git@([^:/]+)[:/]", "$1/"),
    (r"^[a-z][a-z0-9+.-]*://(?:[^@/]*@)?", ""),
    (r"^www\.", ""),
    # Launch addresses hold a repository.
    (r"^.*/v2/gh/([^/]+/[^/?#]+).*$", "github.com/$1"),
    (r"^raw\.githubusercontent\.com/([^/]+/[^/]+).*$", "github.com/$1"),
    (r"^nbviewer\.(?:jupyter\.)?org/github/", "github.com/"),
    (r"[?#].*$", ""),
    # A DOI in all the ways that Zenodo and its readers write it.
    (r"^(?:dx\.)?doi\.org/(?:doi:)?", ""),
    (r"^zenodo\.org/(?:api/)?(?:records?|deposit|uploads)/([0-9]+).*$", "10.5281/zenodo.$1"),
    (r"^zenodo\.org/(?:badge/)?doi/(10\.[0-9]+/.+?)(?:\.svg)?$", "$1"),
    (r"^(?:10\.5281/)?zenodo\.([0-9]+).*$", "10.5281/zenodo.$1"),
    # A page of a repository is about that repository.
    (r"/-/.*$", ""),
    (r"^([^/]+/[^/]+/[^/]+)/(?:tree|blob|raw|releases|issues|pulls?|wiki|commits?|actions|archive|src)(?:/.*)?$", "$1"),
    (r"^(?:orcid\.org/)?([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9x])$", "orcid.org/$1"),
    (r"/+$", ""),
    (r"\.git$", ""),
)  # fmt: skip

# A beginning of a word counts from so many letters on, another spelling from so many.
PREFIX_FROM: Final = 3
SIMILAR_FROM: Final = 5

RULES: Final = {
    "letters": LETTERS,
    "symbols": SYMBOLS,
    "plurals": PLURALS,
    "small": SMALL,
    "identifiers": IDENTIFIERS,
    "prefixFrom": PREFIX_FROM,
    "similarFrom": SIMILAR_FROM,
}

_SYMBOL = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(each) for each in SYMBOLS)})", re.IGNORECASE)
_SIGNS = frozenset(name[1:] for name in SYMBOLS)
_RUN = re.compile(r"[^\W_]+")
# Most addresses meet few of the rules, and to see that one is not met is quicker than to replace nothing.
_IDENTIFIERS = tuple(
    (each.match if pattern.startswith("^") else each.search, each.sub, replacement.replace("$1", r"\g<1>"))
    for pattern, replacement in IDENTIFIERS
    for each in [re.compile(pattern)]
)


# Few words make up most of all texts: what each becomes is worked out once.
cached = lru_cache(maxsize=100_000)


def tokens(text: str) -> list[str]:
    """The words of a text as the index knows them: folded, a joined word also in its parts (`gamma-ray`)."""
    return list(chain.from_iterable(map(_tokens, _stretches(text))))


def parts(text: str) -> list[str]:
    """The words of a text in their parts only: `gamma-ray tool` is three."""
    return list(chain.from_iterable(map(_parts, _stretches(text))))


def neighbours(text: str) -> list[str]:
    """Each two words that stand side by side, joined: `Aper tif` is also `apertif`."""
    return ["".join(pair) for pair in pairwise(parts(text))]


@cached
def singular(word: str) -> str:
    """The word without the ending of a plural, by a light rule; the word itself where it has none."""
    for ending, other, least in PLURALS:
        if word.endswith(ending) and len(word) >= least:
            return word[: len(word) - len(ending)] + other
    return word


def with_singulars(words: Iterable[str]) -> list[str]:
    """The words, each followed by its singular where that is another word."""
    return [form for word in words for form in dict.fromkeys((word, singular(word)))]


def tokens_with_singulars(text: str) -> list[str]:
    """The words of a text as the index knows them, each followed by its singular where that is another word."""
    return list(chain.from_iterable(map(_forms, _stretches(text))))


@cached
def _forms(word: str) -> tuple[str, ...]:
    return tuple(with_singulars(_tokens(word)))


def identifier(text: str) -> str:
    """The one spelling of a DOI, a repository, a page or an ORCID, however it was written.

    Of any other text it gives something that is the spelling of nothing.
    """
    found = " ".join(_between_blanks(text)).lower()
    for is_met, replaced, replacement in _IDENTIFIERS:
        if is_met(found):
            found = replaced(replacement, found)
    return found


def _between_blanks(text: str) -> list[str]:
    # JavaScript's idea of white space differs from Python's: this is both.
    return text.replace("\ufeff", " ").split()


def _stretches(text: str) -> list[str]:
    """What stands between blanks; the signs of a language that stand alone belong to the letter before them: `C ++`."""
    found = _between_blanks(text)
    if not _SIGNS.isdisjoint(found):
        for at in range(len(found) - 1, 0, -1):
            if found[at] in _SIGNS and (name := f"{found[at - 1]}{found[at]}").lower() in SYMBOLS:
                found[at - 1 : at + 1] = [name]
    return found


@cached
def _tokens(word: str) -> tuple[str, ...]:
    return tuple(chain.from_iterable(("".join(each), *each) if len(each) > 1 else each for each in _chunks(word)))


@cached
def _parts(word: str) -> tuple[str, ...]:
    return tuple(chain.from_iterable(_chunks(word)))


def _chunks(word: str) -> list[list[str]]:
    """What stands between blanks in its parts, without what divides them. The name of a language is a chunk of its own."""
    spelt = _SYMBOL.sub(lambda match: f" {SYMBOLS[match[0].lower()]} ", word)
    found = (_RUN.findall(fold(each)) for each in spelt.split())
    return [chunk for chunk in found if chunk]
