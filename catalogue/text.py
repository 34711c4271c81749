"""Foreign text made safe: cleaned, sanitised, folded, cut. The order of defence against hostile text is kept here.

Nothing else in the project makes `Markup` of a text that came from outside.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

import nh3
import turbohtml
from markdown_it import MarkdownIt
from markupsafe import Markup

# Caps before any parsing: nh3 takes a minute for 500 kB of open <div>, two seconds for what passes here.
DESCRIPTION_LIMIT = 65_536
# What the longest sanitised description may take of a page, and the longest of its links.
HTML_LIMIT = 200_000
_ATTRIBUTE_LIMIT = 2_000
NAME_LIMIT = 300
SUMMARY_LIMIT = 280

_TAGS = {
    "p",
    "br",
    "hr",
    "strong",
    "b",
    "em",
    "i",
    "u",
    "s",
    "sub",
    "sup",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "a",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "caption",
}
_UNREAD = {
    "script",
    "style",
    "title",
    "textarea",
    "noscript",
    "template",
    "iframe",
    "svg",
    "math",
    "object",
    "select",
    "xmp",
    "noembed",
    "noframes",
}
# An address with a user name reads as another one's: `https://zenodo.org@evil.example/`.
_USER = re.compile(r"\s*https?:[\\/]*[^\\/?#]*@", re.IGNORECASE)


def _is_plain(value: str) -> bool:
    """Whether an attribute's value is neither too long nor an address with a user name in it."""
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
    clean_content_tags=_UNREAD,
    attribute_filter=lambda _element, _name, value: value if _is_plain(value) else None,
)
_WORDS = nh3.Cleaner(tags=set(), clean_content_tags=_UNREAD)
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_HEADING = re.compile(r"<(/?)h[12]\b", re.IGNORECASE)
# Blocks that are taken away, so that a blank must keep their words apart.
_OTHER_BLOCK = re.compile(r"</?(?:div|section|article|figure|figcaption|center|header|footer)\b", re.IGNORECASE)
# A parser repeats these in every paragraph that follows while they are open: three of each that look the same, but all
# that differ in an attribute, which makes gigabytes of 60 kB.
_FORMATTING = re.compile(r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/])[^>]*", re.IGNORECASE)
_PICTURE = re.compile(r"""<img\b[^<>]{0,2000}?\balt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')[^<>]{0,2000}>""", re.IGNORECASE)
_BLOCK_END = re.compile(r"</(?:p|li|h\d|tr|dd|dt|pre|blockquote|td|th|caption)>|<[bh]r\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_TAG_NAME = re.compile(r"</?[a-zA-Z][^\s/>]*")
_TAG_OR_NONE = re.compile(r"(/?[a-zA-Z][^\s/>]*)[\s/>]|(?!/?[a-zA-Z])")  # behind a `<`
_WEB = re.compile(r"https?:", re.IGNORECASE)
_TAG_OR_TEXT = re.compile(r"[^<>]+")
# Without a limit on the part before the sign, a text without one takes the square of its length.
_EMAIL = re.compile(r"[^\s<>()\[\],;:]{1,128}@[\w-]+(?:\.[\w-]+)+")
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"  # controls and surrogates
    "\ufdd0-\ufdef\ufffe\uffff"
    "\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\u200e\u200f"  # what turns the direction, or has no width
    "]"
)
# The non-characters of the other planes: a class that has them, too, is searched for fifteen times as slowly.
_UNSEEN_BEYOND = [chr(plane + last) for plane in range(0x10000, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)]
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]"
_MARKS = re.compile(rf"({_MARK}{_MARK}{{3}}){_MARK}+")  # a pattern that begins with a class is looked for faster

# Letters that Unicode does not decompose. The same table is served to the browser (words.py).
LETTERS = {
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i", "ŋ": "ng",
    "ς": "σ",
}  # fmt: skip
_LETTERS = str.maketrans(LETTERS)


def strip_controls(text: str) -> str:
    """The text without control characters, surrogates, non-characters and bidirectional overrides; NFC."""
    seen = text
    if not text.isprintable():  # nothing that is taken away is printable
        seen = _UNSEEN.sub("", text)
        for letter in _UNSEEN_BEYOND:
            seen = seen.replace(letter, "")
    return seen if seen.isascii() else _MARKS.sub(r"\1", unicodedata.normalize("NFC", seen))


def clean(value: object, limit: int = NAME_LIMIT) -> str:
    """One line of plain text, cut to `limit` letters; empty for what is not text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    words = " ".join(strip_controls(str(value)[: limit * 4]).split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def without_email(text: str) -> str:
    """The text without e-mail addresses and the brackets that held them."""
    return " ".join(re.sub(r"[<(\[]\s*[>)\]]", "", _EMAIL.sub("", text)).split()).strip(" ,;")


def clean_html(text: str) -> Markup:
    """Sanitised HTML: a short list of elements, links to http, https and mailto only, h1 and h2 moved down.

    Of a picture its alternative text stays. A strict parser finds nothing wrong in the result, which has at most
    `HTML_LIMIT` letters: where the sanitiser does not get there, the words are given in plain paragraphs.
    """
    text = _PICTURE.sub(r" \1\2 ", strip_controls(text[:DESCRIPTION_LIMIT]))
    text = _OTHER_BLOCK.sub(r" \g<0>", _HEADING.sub(r"<\1h3", _FORMATTING.sub(r"<\1", text)))
    cleaned = text
    # What the sanitiser writes of one tree may be read as another, so that it has to read it again.
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
    """Where HTML is not as it should be, counted from 1, and why."""

    line: int
    column: int
    text: str


def read_html(page: str) -> tuple[turbohtml.Document, list[Fault]]:
    """A page as a browser reads it, and what a strict parser finds wrong with it, in the order of the text.

    Wrong is what the HTML standard calls a parse error of the tokenizer, and every element that a browser would close, move,
    repeat or leave out by itself: the tags of what it has read are those of the text, one by one.
    """
    document = turbohtml.parse(page, positions=False)
    faults = [Fault(error.line, error.col + 1, error.code) for error in document.errors]
    if not faults:
        read = document.serialize()
        if not _has_same_tags(page, read):
            faults.extend(_misplaced(page.lower(), read.lower()))
    return document, faults


def _has_same_tags(page: str, read: str) -> bool:
    """Whether two texts have the same tags, which mostly is seen at once: few of the pieces between them differ at all."""
    here, there = page.split("<"), read.split("<")
    if len(here) == len(there):
        places = [place for place, (one, other) in enumerate(zip(here, there, strict=True)) if one != other]
        names = ((_TAG_OR_NONE.match(here[place]), _TAG_OR_NONE.match(there[place])) for place in places)
        # No name of a tag reaches from the piece before into one that differs.
        ended = all(place < 2 or (">" in here[place - 1] and ">" in there[place - 1]) for place in places)
        if ended and all(one and other and one[1] == other[1] for one, other in names):
            return True
    return _TAG_NAME.findall(page) == _TAG_NAME.findall(read)


def _misplaced(page: str, read: str) -> list[Fault]:
    """The first tag that is not where a browser reads it."""
    for here, instead in zip_longest(_TAG_NAME.finditer(page), _TAG_NAME.finditer(read)):
        if not (here and instead and here[0] == instead[0]):
            at = here.start() if here else len(page)
            stands, is_read = (f"{each[0]}>" if each else "the end" for each in (here, instead))
            place = page.count("\n", 0, at) + 1, at - page.rfind("\n", 0, at)
            return [Fault(*place, f"{stands} stands where a browser reads {is_read}")]
    return []


def _without_controls(cleaned: str) -> str:
    """Sanitised HTML without the controls that were written as character references.

    Tag by tag and text by text: NFC would make one letter of a `>` and a stroke that follows it.
    """
    if strip_controls(cleaned) == cleaned:
        return cleaned
    return _TAG_OR_TEXT.sub(lambda piece: strip_controls(piece[0]), cleaned)


def _is_sound(cleaned: str) -> bool:
    _, faults = read_html(f"<!doctype html><html><head></head><body><div>{cleaned}</div></body></html>")
    return not faults


def _paragraphs(text: str) -> Markup:
    """The words of any HTML in plain paragraphs, without an end where they are too many."""
    # A letter and the break after it become `<p>&amp;</p>` at worst: six for one.
    words = html.unescape(_WORDS.clean(_BLOCK_END.sub("\f", text)))[: HTML_LIMIT // 6]
    lines = (" ".join(strip_controls(part).split()) for part in words.split("\f"))
    return Markup().join(Markup("<p>{}</p>").format(line) for line in lines if line)


def clean_markdown(text: str) -> Markup:
    """What a contributor wrote in Markdown, as sanitised HTML."""
    return clean_html(_MARKDOWN.render(strip_controls(text[:DESCRIPTION_LIMIT])))


def plain(markup: Markup) -> str:
    """The words of sanitised HTML on one line."""
    return _words(str(markup))


def _words(cleaned: str) -> str:
    return " ".join(strip_controls(html.unescape(_TAG.sub("", _BLOCK_END.sub(" ", cleaned)))).split())


def links_in(markup: Markup) -> tuple[tuple[str, str], ...]:
    """The addresses on the web that sanitised HTML links to, in their order, each with the words of its link."""
    if "<a " not in markup:
        return ()
    found = turbohtml.parse(str(markup), positions=False).select("a[href]")
    return tuple((url, _words(each.inner_html)) for each in found if _WEB.match(url := str(each.attrs["href"])))


def cut(text: str, limit: int) -> str:
    """The text up to `limit` letters, ended at a word with an ellipsis where it was cut."""
    if len(text) <= limit:
        return text
    return text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.") + " …"


def first_sentences(text: str, limit: int = SUMMARY_LIMIT) -> str:
    """The first sentences of a text that fit into `limit` letters, at least one of them, cut if need be."""
    taken = ""
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ0-9(])", text):
        if taken and len(taken) + 1 + len(sentence) > limit:
            break
        taken = f"{taken} {sentence}".strip()
    return cut(taken, limit)


def fold(text: str) -> str:
    """The text for comparing: no marks, no case, special letters mapped (`Gál` → `gal`, `Løvås` → `lovas`)."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    bare = "".join(letter for letter in decomposed if not unicodedata.category(letter).startswith("M"))
    return bare.lower().translate(_LETTERS)


# Windows cannot have folders of these names, whatever their extension.
DEVICE_NAMES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})


SLUG_LIMIT = 60


def slug_words(text: str) -> list[str]:
    """The words that an address made of a name can have, however many: of `a-z` and `0-9`."""
    return re.findall(r"[a-z0-9]+", fold(text.replace("+", " plus ").replace("#", " sharp ")))


def slugify(text: str, otherwise: str) -> str:
    """A part of an address made of a name: `a-z 0-9 -`, at most 60 letters; `otherwise` where nothing is left."""
    slug = ""
    for word in slug_words(text):
        if len(slug) + len(word) >= SLUG_LIMIT and slug:
            break
        slug = f"{slug}-{word[:SLUG_LIMIT]}".strip("-")
    return f"{slug}-{otherwise}" if slug in DEVICE_NAMES else slug or otherwise


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """The non-empty values in their order, each once whatever its case."""
    seen: dict[str, str] = {}
    for value in values:
        if value:
            seen.setdefault(value.casefold(), value)
    return tuple(seen.values())


def pluralize(count: int, one: str, more: str) -> str:
    """`1 entry`, `2 entries`."""
    return f"{count} {one if count == 1 else more}"


def english_list(words: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    *most, end = list(words) or [""]
    return f"{', '.join(most)} {last} {end}" if most else end


def inert_markdown(text: str) -> str:
    """A text that others had a part in, for Markdown on a forge: one line, no markup, no HTML, nobody is mentioned.

    Nor can it be a command to the machine that prints it, since nothing of it begins a line.
    """
    line = re.sub(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text)
    return re.sub(r"([\\`*_{}\[\]<>()#|!~&])", r"\\\1", line).replace("@", "@\u200b")
