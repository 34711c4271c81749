"""The tokenizer of the search, and the canonical spelling of identifiers.

The rules are data. `outputs/search.py` serves the same data to the browser as a JavaScript module (`RULES`), so that a
query is tokenized exactly as the indexed text was. Both implementations are tested with the tables of `tests/words.json`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final

from .text import LETTERS, fold

# Names of languages whose signs folding would lose.
SYMBOLS: Final = {"c++": "cplusplus", "c#": "csharp", "f#": "fsharp"}

# The ending of a plural, that of the singular, and the least length of such a word. The first matching rule applies; most
# rules are here to keep the last one from applying.
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

# Stop words, and words that are true of everything in a catalogue of software. A query needs them like any other word;
# only if no entry has them all, it is repeated without them.
SMALL: Final = (
    "a", "an", "and", "as", "at", "by", "for", "from", "how", "in", "into", "is", "of", "on", "or", "that", "the", "this",
    "to", "using", "via", "what", "where", "which", "with",
    "code", "codes", "package", "packages", "program", "programs", "software", "tool", "tools",
)  # fmt: skip

# Applied in this order to a text in lower case. The result is looked up as an identifier; if there is none, the text is
# searched for as words. Python and JavaScript must both understand the patterns: plain classes, no look-behind, `$1` for
# a group.
IDENTIFIERS: Final = (
    # Punctuation around it, as in a sentence or in Markdown.
    (r"^[<(\[{'“”‘’]+", ""),
    (r"[>)\]}'“”‘’.,;:!]+$", ""),
    # Launch links name a repository: that which nbgitpuller pulls, else that which is built.
    (r"%25", "%"),
    (r"%26", "&"),
    (r"%3d", "="),
    (r"%3f", "?"),
    (r"^.*git-pull\?(?:.*&)?repo=([^&#]+).*$", "$1"),
    (r"^.*/v2/git/([^/?#]+).*$", "$1"),
    (r"^.*/v2/gl/([^/?#]+).*$", "gitlab.com/$1"),
    (r"^.*/v2/zenodo/([^?#]+).*$", "$1"),
    (r"%2f", "/"),
    (r"%3a", ":"),
    (r"^(?:doi|url|orcid|git)[:+ ]+", ""),
    # The scheme and the user.
    (r"^(?:ssh://)?git@([^:/]+)[:/]", "$1/"),
    (r"^[a-z][a-z0-9+.-]*://(?:[^@/]*@)?", ""),
    (r"^www\.", ""),
    (r"^.*/v2/gh/([^/]+/[^/?#]+).*$", "github.com/$1"),
    (r"^raw\.githubusercontent\.com/([^/]+/[^/]+).*$", "github.com/$1"),
    (r"^nbviewer\.(?:jupyter\.)?org/github/", "github.com/"),
    (r"[?#].*$", ""),
    # A DOI, in every spelling that Zenodo and its users have for it.
    (r"^(?:dx\.)?doi\.org/(?:doi:)?", ""),
    (r"^zenodo\.org/(?:api/)?(?:records?|deposit|uploads)/([0-9]+).*$", "10.5281/zenodo.$1"),
    (r"^zenodo\.org/(?:badge/)?doi/(10\.[0-9]+/.+?)(?:\.svg)?$", "$1"),
    (r"^(?:10\.5281/)?zenodo\.([0-9]+).*$", "10.5281/zenodo.$1"),
    # A page of a repository stands for the repository.
    (r"/-/.*$", ""),
    (r"^([^/]+/[^/]+/[^/]+)/(?:tree|blob|raw|releases|issues|pulls?|wiki|commits?|actions|archive|src)(?:/.*)?$", "$1"),
    (r"^(?:orcid\.org/)?([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9x])$", "orcid.org/$1"),
    (r"/+$", ""),
    (r"\.git$", ""),
)  # fmt: skip

# The letters of scripts that are written without spaces, as ranges of code points: Han, Hiragana and Katakana. Ranges, since
# the classes of Unicode grow from version to version, and Python and the browser need not have the same one. Hangul is written with
# spaces. So are names in Thai, Lao, Khmer and Burmese; their running text needs a dictionary, and a run of it is one word.
UNSPACED_RANGES: Final = (
    (0x3005, 0x3007),  # 々 〆 〇
    (0x3041, 0x3096),
    (0x309D, 0x309F),
    (0x30A1, 0x30FA),
    (0x30FC, 0x30FF),  # ー and the iteration marks; the dot before them separates words
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x3FFFD),  # planes 2 and 3
)
UNSPACED: Final = "".join(f"{chr(first)}-{chr(last)}" for first, last in UNSPACED_RANGES)

# The least number of letters for a match by prefix, and for one by a similar spelling. With a letter of an unspaced script, any
# number of letters is enough for a prefix.
PREFIX_FROM: Final = 3
SIMILAR_FROM: Final = 5

RULES: Final = {
    "letters": LETTERS,
    "symbols": SYMBOLS,
    "plurals": PLURALS,
    "small": SMALL,
    "identifiers": IDENTIFIERS,
    "unspaced": UNSPACED,
    "prefixFrom": PREFIX_FROM,
    "similarFrom": SIMILAR_FROM,
}

# A letter before it belongs to another word only in a script without spaces: `解析用C++`.
_SYMBOL = re.compile(rf"(?<![^\W{UNSPACED}])(?:{'|'.join(re.escape(each) for each in SYMBOLS)})", re.IGNORECASE)
_SIGNS = frozenset(name[1:] for name in SYMBOLS)
_RUN = re.compile(rf"[{UNSPACED}]+|[^\W_{UNSPACED}]+")
_IS_UNSPACED = re.compile(rf"[{UNSPACED}]+")
_IS_EAST_ASIAN = re.compile(rf"[{UNSPACED}\u1100-\u11ff]+")  # folding decomposes Hangul into these letters
# For each rule a test, the substitution and its replacement: few rules match, and a test is quicker than a substitution.
_IDENTIFIERS = tuple(
    (each.match if pattern.startswith("^") else each.search, each.sub, replacement.replace("$1", r"\g<1>"))
    for pattern, replacement in IDENTIFIERS
    for each in [re.compile(pattern)]
)


# Most of any text is made up of few distinct words, so the results for single words are cached.
cached = lru_cache(maxsize=100_000)


def tokens(text: str) -> list[str]:
    """The tokens of a text, folded; a compound gives itself and its parts (`gamma-ray`: `gammaray gamma ray`).

    A run of an unspaced script gives itself and its pairs of adjacent letters.
    """
    return list(chain.from_iterable(map(_tokens, _stretches(text))))


def parts(text: str) -> list[str]:
    """The words of a text, compounds only in their parts: `gamma-ray tool` gives three."""
    return list(chain.from_iterable(map(_parts, _stretches(text))))


def neighbours(text: str) -> list[str]:
    """Each pair of adjacent words, joined: `Aper tif` gives `apertif`."""
    return ["".join(pair) for pair in pairwise(parts(text))]


def is_unspaced(word: str) -> bool:
    """Whether a folded word is one of a script that is written without spaces."""
    return _IS_UNSPACED.fullmatch(word) is not None


def is_east_asian(word: str) -> bool:
    """Whether a folded word is in Han, Hiragana, Katakana or Hangul: the names of a person are written with or without a space."""
    return _IS_EAST_ASIAN.fullmatch(word) is not None


@cached
def singular(word: str) -> str:
    """The singular of a word by a few simple rules; the word itself if none applies."""
    for ending, other, least in PLURALS:
        if word.endswith(ending) and len(word) >= least:
            return word[: len(word) - len(ending)] + other
    return word


def with_singulars(words: Iterable[str]) -> list[str]:
    """The words, each followed by its singular if that differs."""
    return [form for word in words for form in dict.fromkeys((word, singular(word)))]


def tokens_with_singulars(text: str) -> list[str]:
    """The tokens of a text, each followed by its singular if that differs."""
    return list(chain.from_iterable(map(_forms, _stretches(text))))


@cached
def _forms(word: str) -> tuple[str, ...]:
    return tuple(with_singulars(_tokens(word)))


def identifier(text: str) -> str:
    """The canonical spelling of a DOI, a repository, a page or an ORCID, however it was written.

    For any other text the result is the spelling of nothing.
    """
    found = " ".join(_between_blanks(text)).lower()
    for is_met, replaced, replacement in _IDENTIFIERS:
        if is_met(found):
            found = replaced(replacement, found)
    return found


def _between_blanks(text: str) -> list[str]:
    # White space of Python or of JavaScript: only the latter counts U+FEFF.
    return text.replace("\ufeff", " ").split()


def _stretches(text: str) -> list[str]:
    """The text split at white space; the signs of a language are joined to the letter before them (`C ++`)."""
    found = _between_blanks(text)
    if not _SIGNS.isdisjoint(found):
        for at in range(len(found) - 1, 0, -1):
            if found[at] in _SIGNS and (name := f"{found[at - 1]}{found[at]}").lower() in SYMBOLS:
                found[at - 1 : at + 1] = [name]
    return found


@cached
def _tokens(word: str) -> tuple[str, ...]:
    found: list[str] = []
    for chunk in _chunks(word):
        if len(chunk) > 1:
            found.append("".join(chunk))
        for part in chunk:
            found.append(part)
            if len(part) > 2 and is_unspaced(part):
                found += map("".join, pairwise(part))
    return tuple(found)


@cached
def _parts(word: str) -> tuple[str, ...]:
    return tuple(chain.from_iterable(_chunks(word)))


def _chunks(word: str) -> list[list[str]]:
    """A piece of text without white space, as chunks of parts without punctuation. The name of a language is its own chunk.

    A run of letters is divided where an unspaced script begins or ends: `X線天文` is `x` and `線天文`.
    """
    spelt = _SYMBOL.sub(lambda match: f" {SYMBOLS[match[0].lower()]} ", word)
    found = (_RUN.findall(fold(each)) for each in spelt.split())
    return [chunk for chunk in found if chunk]
