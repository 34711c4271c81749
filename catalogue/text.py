"""Makes untrusted text safe: cleaning, sanitising, folding, cutting. The order of the defences matters.

No other module turns untrusted text into `Markup`.
"""

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

import nh3
import turbohtml
from markdown_it import MarkdownIt
from markupsafe import Markup

# Applied before any parsing: nh3 takes a minute for 500 kB of open <div>, two seconds for what passes here.
DESCRIPTION_LIMIT = 65_536
# The limits of a sanitised description and of one attribute in it, in characters.
HTML_LIMIT = 200_000
_ATTRIBUTE_LIMIT = 2_000
NAME_LIMIT = 300
SUMMARY_LIMIT = 280

_TAGS = {
    "p", "br", "hr", "strong", "b", "em", "i", "u", "s", "sub", "sup", "code", "pre", "blockquote", "ul", "ol", "li",
    "dl", "dt", "dd", "a", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "caption",
}  # fmt: skip
_DROPPED_WITH_CONTENT = {
    "script", "style", "title", "textarea", "noscript", "template", "iframe", "svg", "math", "object", "select", "xmp",
    "noembed", "noframes",
}  # fmt: skip
# A URL with a user name passes for another host: `https://zenodo.org@evil.example/`.
_USER = re.compile(r"\s*https?:[\\/]*[^\\/?#]*@", re.IGNORECASE)


def _is_plain(value: str) -> bool:
    """Whether an attribute's value is neither too long nor a URL with a user name in it."""
    return len(value) <= _ATTRIBUTE_LIMIT and not _USER.match(value)


_HTML = nh3.Cleaner(
    tags=_TAGS,
    attributes={
        "*": {"lang", "dir"},
        "a": {"href"},
        "th": {"colspan", "rowspan"},
        "td": {"colspan", "rowspan"},
    },
    generic_attribute_prefixes=set(),
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow noopener noreferrer",
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attribute_filter=lambda _element, _name, value: value if _is_plain(value) else None,
)
_WORDS = nh3.Cleaner(tags=set(), clean_content_tags=_DROPPED_WITH_CONTENT)
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_HEADING = re.compile(r"<(/?)h[12]\b", re.IGNORECASE)
# Block elements that the sanitiser removes: a space must keep their words apart.
_OTHER_BLOCK = re.compile(r"</?(?:div|section|article|figure|figcaption|center|header|footer)\b", re.IGNORECASE)
# A parser reopens these formatting elements in every following paragraph until they are closed: at most three that are
# equal, but all that differ in an attribute, which turns 60 kB into gigabytes. So their attributes are removed.
_FORMATTING = re.compile(r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/])[^>]*", re.IGNORECASE)
# A `div` that holds only text and formatting is used as a paragraph.
_TEXT_DIV = re.compile(
    r"<div\b[^<>]*>(?P<text>[^<]*(?:<(?!/?(?:div|p|h\d|[uod]l|li|d[dt]|pre|blockquote|table|section|article)\b)[^<]*)*)</div\s*>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"<[a-z/!]", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n\s*\n")
_PICTURE = re.compile(r"""<img\b[^<>]{0,2000}?\balt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')[^<>]{0,2000}>""", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|li|h\d|tr|dd|dt|pre|blockquote|td|th|caption|[bh]r)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_TAG_NAME = re.compile(r"</?[a-zA-Z][^\s/>]*")
_TAG_OR_NONE = re.compile(r"(/?[a-zA-Z][^\s/>]*)[\s/>]|(?!/?[a-zA-Z])")  # after a `<`
_WEB = re.compile(r"https?:", re.IGNORECASE)
_TAG_OR_TEXT = re.compile(r"[^<>]+")
# The limit on the part before the @ keeps the time linear: without it, a text that has no @ takes quadratic time.
_EMAIL = re.compile(r"[^\s<>()\[\],;:]{1,128}@[\w-]+(?:\.[\w-]+)+")
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"  # controls and surrogates
    "\ufdd0-\ufdef\ufffe\uffff"
    "\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\u200e\u200f"  # bidirectional controls, zero-width characters
    "]"
)
# The non-characters of the other planes. They are not in the class above, since it would be 15 times as slow.
_UNSEEN_BEYOND = [chr(plane + last) for plane in range(0x10000, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)]
# Marks of other scripts that NFC sorts, too.
_OTHER_MARKS = "".join(letter for letter in map(chr, range(0x900, 0xAC00)) if unicodedata.combining(letter))
_MARK = (
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u06d6-\u06ed"
    rf"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f{_OTHER_MARKS}]"
)
_MARKS = re.compile(rf"({_MARK}{_MARK}{{3}}){_MARK}+")  # `re` searches faster for a pattern that begins with a class

# Letters that Unicode does not decompose. The browser gets the same table (words.py).
LETTERS = {
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i", "ŋ": "ng",
    "ς": "σ",
}  # fmt: skip
_LETTERS = str.maketrans(LETTERS)


def strip_controls(text: str) -> str:
    """The text in NFC, without control characters, surrogates, non-characters and bidirectional overrides.

    Of a run of combining marks four are kept.
    """
    seen = text
    if not text.isprintable():  # none of the characters to remove is printable
        seen = _UNSEEN.sub("", text)
        for letter in _UNSEEN_BEYOND:
            seen = seen.replace(letter, "")
    if seen.isascii():
        return seen
    # Before, too: the time that NFC takes grows with the square of a run of marks.
    return _MARKS.sub(r"\1", unicodedata.normalize("NFC", _MARKS.sub(r"\1", seen)))


def clean(value: object, limit: int = NAME_LIMIT) -> str:
    """One line of plain text, cut to `limit` characters; empty for a value that is neither text nor a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    words = " ".join(strip_controls(str(value)[: limit * 4]).split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def without_email(text: str) -> str:
    """The text without e-mail addresses and the brackets around them."""
    return " ".join(re.sub(r"[<(\[]\s*[>)\]]", "", _EMAIL.sub("", text)).split()).strip(" ,;")


def clean_html(text: str) -> Markup:
    """Sanitised HTML: an allowlist of elements, links to http, https and mailto only, h1 and h2 turned into h3.

    An image is replaced by its alternative text. Text without any tag becomes paragraphs, divided at blank lines, and so does
    a `div` that is used as a paragraph. The result has at most `HTML_LIMIT` characters, and a strict parser
    finds no error in it. If the sanitiser cannot produce that, the result is the bare text in paragraphs.
    """
    text = _PICTURE.sub(r" \1\2 ", strip_controls(text[:DESCRIPTION_LIMIT]))
    if not _ANY_TAG.search(text):
        return _paragraphs(_BLANK_LINES.sub("\f", text))
    text = _TEXT_DIV.sub(r"<p>\g<text></p>", text)
    text = _OTHER_BLOCK.sub(r" \g<0>", _HEADING.sub(r"<\1h3", _FORMATTING.sub(r"<\1", text)))
    cleaned = text
    # Parsing the sanitiser's output may give another tree than the one it wrote, so its output is sanitised again.
    for _ in range(3):
        before, cleaned = cleaned, _HTML.clean(cleaned)
        if len(cleaned) > HTML_LIMIT:
            break
        cleaned = _without_controls(cleaned).strip()
        if len(cleaned) <= HTML_LIMIT and _is_sound(cleaned):
            return Markup(cleaned)  # noqa: S704 - made by the sanitiser
        if cleaned == before:
            break
    return _paragraphs(text)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error in HTML: its line and column, counted from 1, and what is wrong."""

    line: int
    column: int
    text: str


def read_html(page: str) -> tuple[turbohtml.Document, list[Fault]]:
    """A page as a browser parses it, and its errors in the order of the text.

    Errors are the tokenizer's parse errors as the HTML standard defines them, and every element that a browser would
    implicitly close, move, repeat or drop: the tags of the parsed document, serialised, must be those of the text.
    """
    document = turbohtml.parse(page, positions=False)
    faults = [Fault(error.line, error.col + 1, error.code) for error in document.errors]
    if not faults:
        read = document.serialize()
        if not _has_same_tags(page, read):
            faults.extend(_misplaced(page.lower(), read.lower()))
    return document, faults


def _has_same_tags(page: str, read: str) -> bool:
    """Whether two texts have the same tags. Usually a fast comparison suffices: few of the pieces between `<` differ."""
    here, there = page.split("<"), read.split("<")
    if len(here) == len(there):
        places = [place for place, (one, other) in enumerate(zip(here, there, strict=True)) if one != other]
        names = ((_TAG_OR_NONE.match(here[place]), _TAG_OR_NONE.match(there[place])) for place in places)
        # A tag's name may reach into the next piece only if the piece before has no `>`.
        ended = all(place < 2 or (">" in here[place - 1] and ">" in there[place - 1]) for place in places)
        if ended and all(one and other and one[1] == other[1] for one, other in names):
            return True
    return _TAG_NAME.findall(page) == _TAG_NAME.findall(read)


def _misplaced(page: str, read: str) -> list[Fault]:
    """The first tag that differs from what a browser parses."""
    for here, instead in zip_longest(_TAG_NAME.finditer(page), _TAG_NAME.finditer(read)):
        if not (here and instead and here[0] == instead[0]):
            at = here.start() if here else len(page)
            stands, is_read = (f"{each[0]}>" if each else "the end" for each in (here, instead))
            place = page.count("\n", 0, at) + 1, at - page.rfind("\n", 0, at)
            return [Fault(*place, f"{stands} stands where a browser reads {is_read}")]
    return []


def _without_controls(cleaned: str) -> str:
    """Sanitised HTML without the control characters that were written as character references.

    Tags and texts are cleaned one by one: NFC would compose a `>` and a combining stroke after it into one character.
    """
    if strip_controls(cleaned) == cleaned:
        return cleaned
    return _TAG_OR_TEXT.sub(lambda piece: strip_controls(piece[0]), cleaned)


def _is_sound(cleaned: str) -> bool:
    _, faults = read_html(f"<!doctype html><html><head></head><body><div>{cleaned}</div></body></html>")
    return not faults


def _paragraphs(text: str) -> Markup:
    """The text of any HTML in plain paragraphs, cut off if it is too long."""
    # In the worst case two characters, a letter and a break, become the 12 of `<p>&amp;</p>`.
    words = html.unescape(_WORDS.clean(_BLOCK.sub("\f\\g<0>", text)))[: HTML_LIMIT // 6]
    lines = (" ".join(strip_controls(part).split()) for part in words.split("\f"))
    return Markup().join(Markup("<p>{}</p>").format(line) for line in lines if line)


def clean_markdown(text: str) -> Markup:
    """What a contributor wrote in Markdown, as sanitised HTML."""
    return clean_html(_MARKDOWN.render(strip_controls(text[:DESCRIPTION_LIMIT])))


def plain(markup: Markup) -> str:
    """The text of sanitised HTML on one line."""
    return _words(str(markup))


def _words(cleaned: str) -> str:
    return " ".join(strip_controls(html.unescape(_TAG.sub("", _BLOCK.sub(r" \g<0>", cleaned)))).split())


def links_in(markup: Markup) -> tuple[tuple[str, str], ...]:
    """The http and https links of sanitised HTML in their order, each as URL and link text."""
    if "<a " not in markup:
        return ()
    found = turbohtml.parse(str(markup), positions=False).select("a[href]")
    return tuple((url, _words(each.inner_html)) for each in found if _WEB.match(url := str(each.attrs["href"])))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of the text; if it was cut, it ends after a whole word, with an ellipsis."""
    if len(text) <= limit:
        return text
    return text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.") + " …"


def url_label(url: str) -> str:
    """A URL as readers see it: without `https://` and a final slash. Other schemes stay: plain http is worth knowing."""
    return url.removeprefix("https://").removesuffix("/")


def first_sentences(text: str, limit: int = SUMMARY_LIMIT) -> str:
    """The first sentences of a text that fit into `limit` characters; at least one, which is cut if necessary."""
    taken = ""
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ0-9(])", text):
        if taken and len(taken) + 1 + len(sentence) > limit:
            break
        taken = f"{taken} {sentence}".strip()
    return cut(taken, limit)


# Not what physics and programs say of themselves: “fixed-order”, “bump hunting”, “updates its ephemerides”.
_CHANGE_LIST = re.compile(
    r"(?:full )?(?:change ?log|release notes|what['’]?s (?:new|changed)|bug ?fix(?:es)?|hotfix|merge (?:pull|branch)"
    r"|changes (?:in|since|from) (?:(?:the )?(?:last|previous)|(?:version |release )?v?\d)"
    r"|bump(?:ed|s)?(?! hunt)|fix(?:ed)?(?!-| (?:order|target|point))|added(?! value)|removed"
    r"|updated (?:the|to|links?|readme|docs?|documentation|versions?|dependenc(?:y|ies)|requirements?|licen[cs]e|metadata))\b",
    re.IGNORECASE,
)


def _is_change_list(text: str) -> bool:
    """Whether a text says what has changed rather than what something is: many records describe only their last release."""
    return _CHANGE_LIST.match(text) is not None


_BLOCK_END = re.compile(r"</(p|li|h\d|tr|dd|dt|pre|blockquote|caption)>|<hr\s*/?>|<br\s*/?>\s*<br\s*/?>", re.IGNORECASE)
_BOLD_TITLE = re.compile(r"(?:<p\b[^>]*>\s*)?<(strong|b)\b[^>]*>(?:(?!</?\1\b).)*</\1>", re.DOTALL)
_STOPS = (".", "!", "?", "…", ":", ";", ",", "–", "—")
_CLOSING = "”’»\"')]"  # a full stop before one of these is one, too


def without_pictures(text: str) -> str:
    """HTML without images and their alternative texts, such as those of badges."""
    return _PICTURE.sub("", text)


def summary_of(description: Markup) -> str:
    """The first sentences of sanitised HTML, from below its title to the next heading; empty for a list of changes.

    Paragraphs and items of lists end as sentences do, even where their authors write no full stop.
    """
    if _is_change_list(plain(description)):
        return ""
    summary, before = "", ""
    for piece, kind in _blocks(str(description)):
        words = _words(piece)
        is_bold = not words.endswith(".") and _BOLD_TITLE.fullmatch(piece.strip())
        if words and (kind.startswith("h") or is_bold):
            if summary:
                break
        elif words:
            stop = (
                ""
                if not summary or summary.rstrip(_CLOSING).endswith(_STOPS)
                else ";"
                if kind == before == "li"
                else "."
            )
            summary, before = f"{summary}{stop} {words}".strip(), kind
            if len(summary) > SUMMARY_LIMIT:
                break
    return "" if _is_change_list(summary) else first_sentences(summary or plain(description))


def _blocks(cleaned: str) -> Iterator[tuple[str, str]]:
    """The blocks of sanitised HTML, each with the name of the element that ends with it, empty if none does."""
    start = 0
    for end in _BLOCK_END.finditer(cleaned):
        yield cleaned[start : end.start()], (end[1] or "").lower()
        start = end.end()
    yield cleaned[start:], ""


def fold(text: str) -> str:
    """The text for comparisons: lower case, without marks, special letters mapped (`Gál` → `gal`, `Løvås` → `lovas`)."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    bare = "".join(letter for letter in decomposed if not unicodedata.category(letter).startswith("M"))
    return bare.lower().translate(_LETTERS)


# Windows reserves these names, whatever their extension.
DEVICE_NAMES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})


SLUG_LIMIT = 60


def slug_words(text: str) -> list[str]:
    """The words of a slug that is made from a name, without a limit on their number; only `a-z` and `0-9`."""
    return re.findall(r"[a-z0-9]+", fold(text.replace("+", " plus ").replace("#", " sharp ")))


def slugify(text: str, otherwise: str) -> str:
    """A slug made from a name: `a-z 0-9 -`, at most 60 characters; `otherwise` if nothing is left of the name."""
    slug = ""
    for word in slug_words(text):
        if len(slug) + len(word) >= SLUG_LIMIT and slug:
            break
        slug = f"{slug}-{word[:SLUG_LIMIT]}".strip("-")
    return f"{slug}-{otherwise}" if slug in DEVICE_NAMES else slug or otherwise


@lru_cache(maxsize=200_000)
def label_slug(label: str) -> str:
    """The slug of a label. Labels that differ only in case, in marks, or in what separates their words have the same one.

    A label without a Latin letter or digit gets a slug of its hash. A hash is also added to a slug that is cut, since two
    long labels may differ only at the end, and to one that lacks letters of another script: Hα is not Hβ.
    """
    whole = "-".join(slug_words(label))
    slug = slugify(label, f"{_HASHED}{_digest(label.casefold())}")
    letters = "".join(letter for letter in fold(label) if letter.isalnum())
    if whole and not letters.isascii():
        return f"{slug}-{_digest(letters)}"
    return slug if len(whole) <= SLUG_LIMIT else f"{slug}-{_digest(whole)}"


_HASHED = "value-"


def is_hashed_slug(slug: str) -> bool:
    """Whether this slug of a label is only a hash: the label has no Latin letter or digit, so the slug sorts nowhere."""
    return re.match(rf"{_HASHED}[0-9a-f]{{8}}(?:-|$)", slug) is not None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """The non-empty values in their order, without duplicates; case is ignored, and the first spelling kept."""
    seen: dict[str, str] = {}
    for value in values:
        if value:
            seen.setdefault(value.casefold(), value)
    return tuple(seen.values())


def pluralize(count: int, one: str, more: str) -> str:
    """The count with the noun in the right number: `1 entry`, `2,000 entries`."""
    return f"{count:,} {one if count == 1 else more}"


def as_sentence(text: str) -> str:
    """A text with a capital letter and a full stop. It must not begin with a name that has no capital, such as that of a host."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?', '…')) else '.'}"


def english_list(words: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    *most, end = list(words) or [""]
    return f"{', '.join(most)} {last} {end}" if most else end


def inert_markdown(text: str) -> str:
    """Untrusted text for Markdown on a forge: one line, without effect as markup, HTML or a mention of a user.

    Printed in a CI log after other text, it cannot be a workflow command either, since it never begins a line.
    """
    line = re.sub(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text)
    return re.sub(r"([\\`*_{}\[\]<>()#|!~&])", r"\\\1", line).replace("@", "@\u200b")
