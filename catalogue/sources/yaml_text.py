"""YAML that people write, read strictly: YAML 1.2, no repeated keys, no anchors, no tags, every value with its place."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import yaml
from yamlcore import CoreLoader

from ..problems import Place, Problem

# PyYAML reads about 80 kB a second, and slows down with the depth.
SIZE_LIMIT = 1_000_000
DEPTH_LIMIT = 50

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """A document as plain values, with the place of each value and of each key by its path."""

    file: str
    data: object
    values: dict[Path, tuple[int, int]]
    keys: dict[Path, tuple[int, int]]
    scalars: dict[Path, str]

    def place(self, path: Path) -> Place:
        """Where the value at a path stands, or the nearest value around it."""
        return self._nearest(self.values, path)

    def key_place(self, path: Path) -> Place:
        """Where the key of a path stands, or the nearest value around it."""
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


def read_yaml(text: str, file: str) -> Marked | Problem:
    """The document in `text`, or the first thing that keeps it from being one, with its place."""
    if len(text) > SIZE_LIMIT:
        return Problem(Place(file=file), f"the file is longer than {SIZE_LIMIT:,} letters: split it")
    text = text.removeprefix("\ufeff")
    try:
        loader = CoreLoader(text)
        try:
            if problem := _refused(iter(loader.get_token, None), file):
                return problem
        finally:
            loader.dispose()
        loader = CoreLoader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return Problem(Place(file=file, line=1, column=1), "the file is empty")
            marked = Marked(file, None, {}, {}, {})
            data = _Values(loader, marked).read(node, ())
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        return _fault(file, error, text)
    except yaml.reader.ReaderError as error:
        line, column = text.count("\n", 0, error.position) + 1, error.position - text.rfind("\n", 0, error.position)
        return Problem(Place(file=file, line=line, column=column), "the file has a control character in it")
    if isinstance(data, Problem):
        return data
    return Marked(file, data, marked.values, marked.keys, marked.scalars)


def _refused(tokens: Iterable[yaml.Token], file: str) -> Problem | None:
    """The first thing that YAML has and these files do not, found before anything is built of it."""
    depth = 0
    for token in tokens:
        match token:
            case yaml.AnchorToken() | yaml.AliasToken():
                return _at(file, token.start_mark, "anchors and aliases are not used here: write the value out")
            case yaml.TagToken(value=(handle, suffix)):
                return _at(
                    file, token.start_mark, f"the tag {handle or ''}{suffix} is not used here: write the value only"
                )
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > DEPTH_LIMIT:
            return _at(file, token.start_mark, "the file is nested too deeply")
    return None


def _at(file: str, mark: yaml.Mark | None, text: str) -> Problem:
    return Problem(Place(file=file, line=mark.line + 1 if mark else 0, column=mark.column + 1 if mark else 0), text)


# As PyYAML counts lines.
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_CONFLICT = re.compile(r"(?:<{7}|={7}|>{7})(?: |$)")
_ODD_BLANK = re.compile(r" *([^\S \t])")
_KEY_FIRST = re.compile(r"(\s*(?:- +)*)[\w-]+ *")
_KEYLESS = re.compile(r"( *- +)[^:#]+")
_NO_COLON = "no `: ` follows the key: write `key: value`, and indent a longer text further than its key"


def _fault(file: str, error: yaml.MarkedYAMLError, text: str) -> Problem:
    """What keeps a text from being YAML, in words for somebody who has never read of YAML, where it was done."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(Place(file=file, line=1, column=1), _hint(error))
    lines = _LINE_END.split(text)[: mark.line + 1]
    for number, line in enumerate(lines, 1):
        if _CONFLICT.match(line):
            return Problem(
                Place(file=file, line=number, column=1),
                "a conflict of a merge was left here: keep one side, and remove the lines of <<<<<<<, ======= and >>>>>>>",
            )
    for number in (mark.line, mark.line + 1):
        if number and (odd := _ODD_BLANK.match(lines[number - 1])):
            place = Place(file=file, line=number, column=odd.start(1) + 1)
            return Problem(
                place, f"this only looks like a blank (it is U+{ord(odd[1]):04X}): indent with ordinary blanks"
            )
    if error.context == "while scanning a simple key":
        return _at(file, error.context_mark, _NO_COLON)
    if (error.problem or "").startswith("mapping values are not allowed"):
        key = _KEY_FIRST.fullmatch(lines[-1][: mark.column])
        if key is None:
            value = lines[-1].partition(": ")[2].lstrip()
            straight = ", straight ones" if value[:1] and value[:1] in "“”„‟«»‘’‚" else ""
            return _at(file, mark, f"a value with `: ` in it must be in quotes{straight}, as in 'one: two'")
        if above := _KEYLESS.fullmatch(lines[-2]) if len(lines) > 1 else None:
            return Problem(Place(file=file, line=len(lines) - 1, column=len(above[1]) + 1), _NO_COLON)
        line, column = _indented_otherwise(lines, len(key[1]))
        return Problem(
            Place(file=file, line=line, column=column),
            "this line is not indented as its neighbours are: keys of one entry begin below each other",
        )
    return _at(file, mark, _hint(error))


def _indented_otherwise(lines: list[str], column: int) -> tuple[int, int]:
    """Line and column of the key that stands out: the last one, or the one above it where that one has no like."""
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
    indented = "this line is not indented as its neighbours are: what belongs together begins below each other"
    for sign, hint in (
        ("'\\t' that cannot start any token", "a tab cannot indent: use blanks"),
        ("that cannot start any token", "a value that begins with @ ` or % must be in quotes"),
        ("expected alphabetic or numeric character", "a value that begins with * or & must be in quotes"),
        ("found unexpected end of stream", f"the quote {opened} is not closed"),
        ("'<stream end>'", f"the bracket {opened} is not closed"),
        ("expected ',' or", f"the bracket {opened} is not closed before this, or a comma is missing"),
        ("found another document", "a second document begins here: the file must hold one"),
        ("expected a comment or a line break", "a text after | or > begins in the next line, indented"),
        ("sequence entries are not allowed here", "a list begins in the next line, each item with `- `"),
        ("mapping keys are not allowed", "a value that begins with ? must be in quotes"),
        ("expected chomping", "a value that begins with > or | must be in quotes"),
        ("escape", "a backslash in double quotes means something: put the value in single quotes"),
        ("found '<scalar>'", "more follows a closing quote: put all of it in quotes, and write a quote inside twice"),
        ("found ','", "more follows the end of a value: put all of it in quotes"),
        ("found '<block", indented),
        ("found '-'", indented),
        ("found ']'", "a bracket is closed that was not opened"),
        ("found '}'", "a bracket is closed that was not opened"),
    ):
        if sign in text:
            return hint
    return text


class _Values:
    """Turns nodes into values, keeping their places."""

    def __init__(self, loader: CoreLoader, marked: Marked) -> None:
        self.loader, self.marked = loader, marked

    def read(self, node: yaml.Node, path: Path) -> object:
        """The value of a node, or the first problem in it."""
        self.marked.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
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
                return _at(self.marked.file, key_node.start_mark, "a key must be a word")
            if key in found:
                first = self.marked.keys[(*path, key)][0]
                return _at(
                    self.marked.file,
                    key_node.start_mark,
                    f"key {key!r} is given twice, first in line {first}",
                )
            self.marked.keys[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            value = self.read(child, (*path, key))
            if isinstance(value, Problem):
                return value
            found[key] = value
        return found

    def _scalar(self, node: yaml.Node, path: Path) -> object:
        self.marked.scalars[path] = node.value
        if any(0xD800 <= ord(letter) <= 0xDFFF for letter in node.value):
            return _at(self.marked.file, node.start_mark, "half a character (a lone surrogate) cannot be shown")
        if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in node.value):
            return _at(self.marked.file, node.start_mark, "a control character cannot be shown: leave it out")
        if node.tag == "tag:yaml.org,2002:int" and len(node.value) > 18:
            return _at(self.marked.file, node.start_mark, "the number is too long: put it in quotes if it is a name")
        return self.loader.construct_object(node, deep=True)
