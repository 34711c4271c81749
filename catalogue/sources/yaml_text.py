"""A strict reader of YAML: YAML 1.2, no duplicate keys, no anchors, no tags; it keeps the place of every value."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

import yaml
from yamlcore import CoreLoader

from ..problems import Place, Problem

# PyYAML reads about 80 kB a second, and slows down with the depth.
SIZE_LIMIT = 1_000_000
DEPTH_LIMIT = 50

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A document as plain values, with line and column (from 1) of each value and each key, and the raw scalars, all by path.

    `comments` has the beginnings of those comments that are most likely a part of the text before them.
    """

    file: str
    data: object
    values: dict[Path, tuple[int, int]]
    keys: dict[Path, tuple[int, int]]
    scalars: dict[Path, str]
    comments: dict[Path, str]

    def place(self, path: Path) -> Place:
        """The place of the value at a path, or of the nearest value around it."""
        return self._nearest(self.values, path)

    def key_place(self, path: Path) -> Place:
        """The place of the key at a path, or of the nearest value around it."""
        return (
            Place(file=self.file, line=self.keys[path][0], column=self.keys[path][1])
            if path in self.keys
            else self.place(path)
        )

    def _nearest(self, marks: dict[Path, tuple[int, int]], path: Path) -> Place:
        while path and path not in marks:
            path = path[:-1]
        line, column = marks.get(path, (1, 1))
        return Place(file=self.file, line=line, column=column)


_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)


def read_yaml(text: str, file: str) -> YamlDocument | Problem:
    """The document in `text`, or the first problem that prevents reading it."""
    if len(text) > SIZE_LIMIT:
        return Problem(Place(file=file), f"the file is longer than {SIZE_LIMIT:,} letters: split it")
    text = text.removeprefix("\ufeff")
    try:
        loader = CoreLoader(text)
        try:
            if problem := _unsupported(iter(loader.get_token, None), file):
                return problem
        finally:
            loader.dispose()
        loader = CoreLoader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return Problem(Place(file=file, line=1, column=1), "the file is empty")
            document = YamlDocument(file, None, {}, {}, {}, {})
            data = _Constructor(loader, document).read(node, ())
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        return _syntax_problem(file, error, text)
    except yaml.reader.ReaderError as error:
        line, column = text.count("\n", 0, error.position) + 1, error.position - text.rfind("\n", 0, error.position)
        return Problem(Place(file=file, line=line, column=column), "the file has a control character here: remove it")
    if isinstance(data, Problem):
        return data
    return YamlDocument(file, data, document.values, document.keys, document.scalars, document.comments)


def _unsupported(tokens: Iterable[yaml.Token], file: str) -> Problem | None:
    """The first use of a YAML feature that these files must not use, found before any node is constructed."""
    depth = 0
    for token in tokens:
        match token:
            case yaml.AnchorToken() | yaml.AliasToken():
                return _at(
                    file,
                    token.start_mark,
                    "anchors (&) and aliases (*) are not used here: write the value out, or put it in quotes",
                )
            case yaml.TagToken(value=(handle, suffix)):
                return _at(
                    file, token.start_mark, f"the tag {handle or ''}{suffix} is not used here: write only the value"
                )
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > DEPTH_LIMIT:
            return _at(file, token.start_mark, "the file is nested too deeply: are brackets missing or too many?")
    return None


def _at(file: str, mark: yaml.Mark | None, text: str) -> Problem:
    return Problem(Place(file=file, line=mark.line + 1 if mark else 0, column=mark.column + 1 if mark else 0), text)


_SAME_COLUMN = "the `- ` of every item must stand in the same column, and so must the keys of one item"
# As PyYAML counts lines.
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_CONFLICT = re.compile(r"(?:<{7}|={7}|>{7})(?: |$)")
_ODD_BLANK = re.compile(r" *([^\S \t])")
_KEY_FIRST = re.compile(r"(\s*(?:- +)*)[\w-]+ *")
_KEYLESS = re.compile(r"( *(?:- +)?)(?![ -])(?:[^:#]|:(?![ ]|$))+")
_NO_COLON = "no `: ` follows the key: write `key: value`, and indent a longer text further than its key"
SPACE_AFTER_DASH = "a space must follow the `-` of each item"
_DASH_WITHOUT_SPACE = re.compile(r" *-(?=[^\W\d_])")
# A colour without quotes: it begins a comment, which hides the closing bracket.
_ACCIDENTAL_COMMENT = re.compile(r"(?:[\[{,] *|: +)#(?=\w)")


def _syntax_problem(file: str, error: yaml.MarkedYAMLError, text: str) -> Problem:
    """A syntax error, at the place of its cause, in words for somebody who does not know YAML."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(Place(file=file, line=1, column=1), _hint(error))
    lines = _LINE_END.split(text)[: mark.line + 1]
    for number, line in enumerate(lines, 1):
        if _CONFLICT.match(line):
            return Problem(
                Place(file=file, line=number, column=1),
                "an unresolved merge conflict: keep one side, and remove the lines with <<<<<<<, ======= and >>>>>>>",
            )
    for number in (mark.line, mark.line + 1):
        if number and (odd := _ODD_BLANK.match(lines[number - 1])):
            place = Place(file=file, line=number, column=odd.start(1) + 1)
            return Problem(
                place, f"this only looks like a space (it is U+{ord(odd[1]):04X}): indent with ordinary spaces"
            )
    for number in sorted({mark.line, (error.context_mark or mark).line, *_lines_of_plain_text(text, mark)[-2:]}):
        if dash := _DASH_WITHOUT_SPACE.match(lines[number]):
            return Problem(Place(file=file, line=number + 1, column=dash.end()), SPACE_AFTER_DASH)
    if error.context == "while scanning a simple key":
        return _at(file, error.context_mark, _NO_COLON)
    if (error.problem or "").startswith("mapping values are not allowed"):
        key = _KEY_FIRST.fullmatch(lines[-1][: mark.column])
        if key is None:
            value = lines[-1].partition(": ")[2].lstrip()
            straight = ", straight ones" if value[:1] and value[:1] in "“”„‟«»‘’‚" else ""
            return _at(file, mark, f"a value with `: ` in it must be in quotes{straight}, as in 'one: two'")
        above = _KEYLESS.fullmatch(lines[-2]) if len(lines) > 1 else None
        if above and len(above[1]) == len(key[1]):
            return Problem(Place(file=file, line=len(lines) - 1, column=len(above[1]) + 1), _NO_COLON)
        line, column = _misindented(lines, len(key[1]))
        return Problem(
            Place(file=file, line=line, column=column),
            "this line is not indented like its neighbours: "
            + (
                _SAME_COLUMN
                if "- " in lines[line - 1][:column]
                else "the keys of one entry must begin in the same column"
            ),
        )
    at_the_end = any(sign in (error.problem or "") for sign in ("unexpected end of stream", "<stream end>"))
    in_quotes = "quoted scalar" in (error.context or "")
    if not in_quotes and (opened := _open_bracket(text, mark)):
        for number, line in enumerate(lines[opened.line :], opened.line + 1):
            if hidden := _ACCIDENTAL_COMMENT.search(line, opened.column if number == opened.line + 1 else 0):
                place = Place(file=file, line=number, column=hidden.end())
                return Problem(
                    place, "a value that begins with # must be in quotes: else it hides the rest of its line"
                )
        error.context_mark = opened
    return _at(file, (at_the_end and error.context_mark) or mark, _hint(error))


def _tokens(text: str, until: yaml.Mark) -> Iterator[yaml.Token]:
    """The tokens up to a mark, as far as they can be read."""
    loader = CoreLoader(text)
    try:
        yield from takewhile(lambda token: token.start_mark.index <= until.index, iter(loader.get_token, None))
    except yaml.MarkedYAMLError:
        return
    finally:
        loader.dispose()


def _lines_of_plain_text(text: str, until: yaml.Mark) -> list[int]:
    """The lines, counted from 0, on which a text without quotes begins, up to a mark."""
    return [each.start_mark.line for each in _tokens(text, until) if isinstance(each, yaml.ScalarToken) and each.plain]


def _open_bracket(text: str, until: yaml.Mark) -> yaml.Mark | None:
    """The start of the innermost bracket that is open at a mark."""
    opened: list[yaml.Mark] = []
    for token in _tokens(text, until):
        if isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
            opened.append(token.start_mark)
        elif isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken) and opened:
            opened.pop()
    return opened[-1] if opened else None


def _misindented(lines: list[str], column: int) -> tuple[int, int]:
    """Line and column of the misindented key: the last one, or the one above it if only that one differs from its neighbours."""
    keys = [
        (number, len(key[1]))
        for number, line in enumerate(lines[:-1], 1)
        if (key := _KEY_FIRST.match(line)) and line[key.end() : key.end() + 1] == ":"
    ]
    if len(keys) > 1 and keys[-1][1] != column == keys[-2][1]:
        return keys[-1][0], keys[-1][1] + 1
    return len(lines), column + 1


def _hint(error: yaml.MarkedYAMLError) -> str:
    text = error.problem or error.context or "not YAML"
    opened = f"opened in line {error.context_mark.line + 1}" if error.context_mark else "that was opened"
    indented = f"this line is not indented like its neighbours: {_SAME_COLUMN}"
    for sign, hint in (
        ("'\\t' that cannot start any token", "a tab cannot indent: use spaces"),
        ("that cannot start any token", "a value that begins with @ ` or % must be in quotes"),
        ("expected alphabetic or numeric character", "a value that begins with * or & must be in quotes"),
        ("found unexpected end of stream", f"the quote {opened} is not closed"),
        ("'<stream end>'", f"the bracket {opened} is not closed"),
        ("expected ',' or", f"the bracket {opened} is not closed before this, or a comma is missing"),
        ("found another document", "a second document begins here (after ---): the file must hold only one"),
        ("expected a comment or a line break", "a text after | or > begins on the next line, indented"),
        ("sequence entries are not allowed here", "a list begins on the next line, each item with `- `"),
        ("mapping keys are not allowed", "a value that begins with ? must be in quotes"),
        ("expected chomping", "a value that begins with > or | must be in quotes"),
        ("escape", "a backslash has a special meaning in double quotes: put the value in single quotes"),
        (
            "found '<scalar>'",
            "more follows a closing quote or bracket: put the whole value in quotes, and write a quote inside it twice",
        ),
        ("found ','", "more follows the end of a value: put the whole value in quotes"),
        ("found '<block", indented),
        ("found '-'", indented),
        ("found ']'", "a bracket is closed that was not opened"),
        ("found '}'", "a bracket is closed that was not opened"),
    ):
        if sign in text:
            return hint
    return text


# `#1` after a text: a comment has a space after its #.
_NUMBER_SIGN = re.compile(r"[ \t]+(#\d+)")


class _Constructor:
    """Constructs plain values from nodes, and records their places."""

    def __init__(self, loader: CoreLoader, document: YamlDocument) -> None:
        self.loader, self.document = loader, document

    def read(self, node: yaml.Node, path: Path) -> object:
        """The value of a node, or the first problem in it."""
        self.document.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                items = []
                for index, child in enumerate(node.value):
                    value = self.read(child, (*path, index))
                    if isinstance(value, Problem):
                        return value
                    items.append(value)
                return items
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> object:
        found: dict[str, object] = {}
        for key_node, child in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or not isinstance(key, str):
                return _at(self.document.file, key_node.start_mark, "a key must be a word")
            if key in found:
                first = self.document.keys[(*path, key)][0]
                item = ", or put `- ` before it if a new item begins here" if path and isinstance(path[-1], int) else ""
                return _at(
                    self.document.file,
                    key_node.start_mark,
                    f"key {key!r} is given twice, first in line {first}: remove one{item}",
                )
            self.document.keys[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            value = self.read(child, (*path, key))
            if isinstance(value, Problem):
                return value
            found[key] = value
        return found

    def _scalar(self, node: yaml.Node, path: Path) -> object:
        self.document.scalars[path] = node.value
        if any(0xD800 <= ord(letter) <= 0xDFFF for letter in node.value):
            return _at(
                self.document.file, node.start_mark, "half a character (a lone surrogate) cannot be shown: remove it"
            )
        if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in node.value):
            return _at(self.document.file, node.start_mark, "a control character cannot be shown: remove it")
        if node.tag == "tag:yaml.org,2002:int" and len(node.value) > 18:
            return _at(self.document.file, node.start_mark, "the number is too long: put it in quotes if it is a name")
        value = self.loader.construct_object(node, deep=True)
        end = node.end_mark
        is_plain = isinstance(node, yaml.ScalarNode) and node.style is None
        if is_plain and isinstance(value, str) and (cut := _NUMBER_SIGN.match(end.buffer or "", end.pointer)):
            self.document.comments[path] = cut[1]
        return value
