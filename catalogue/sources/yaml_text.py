"""YAML that people write, read strictly: YAML 1.2, no repeated keys, no anchors, no tags, every value with its place."""

from dataclasses import dataclass

import yaml
from yamlcore import CoreLoader

from ..problems import Place, Problem

SIZE_LIMIT = 4_000_000

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


class _Strict(CoreLoader):  # type: ignore[misc]
    """yamlcore's loader, which refuses tags it does not know; anchors are refused here."""


def read_yaml(text: str, file: str) -> Marked | Problem:
    """The document in `text`, or the first thing that keeps it from being one, with its place."""
    if len(text) > SIZE_LIMIT:
        return Problem(Place(file=file), f"the file is longer than {SIZE_LIMIT:,} letters: split it")
    text = text.removeprefix("\ufeff")
    try:
        loader = _Strict(text)
        try:
            for token in iter(loader.get_token, None):
                if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                    return _at(file, token.start_mark, "anchors and aliases are not used here: write the value out")
        finally:
            loader.dispose()
        loader = _Strict(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return Problem(Place(file=file, line=1, column=1), "the file is empty")
            marked = Marked(file, None, {}, {}, {})
            problem = _Values(loader, marked).read(node, ())
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return _at(file, mark, _hint(error.problem or error.context or "not YAML"))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return Problem(Place(file=file, line=line), "the file has a control character in it")
    except RecursionError:
        return Problem(Place(file=file), "the file is nested too deeply")
    if isinstance(problem, Problem):
        return problem
    return Marked(file, problem, marked.values, marked.keys, marked.scalars)


def _at(file: str, mark: yaml.Mark | None, text: str) -> Problem:
    return Problem(Place(file=file, line=mark.line + 1 if mark else 0, column=mark.column + 1 if mark else 0), text)


def _hint(text: str) -> str:
    if "cannot start any token" in text and "\\t" in text:
        return "a tab cannot indent: use blanks"
    if "mapping values are not allowed here" in text:
        return "a value with `: ` in it must be in quotes"
    return text


class _Values:
    """Turns nodes into values, keeping their places."""

    def __init__(self, loader: CoreLoader, marked: Marked) -> None:
        self.loader, self.marked = loader, marked

    def read(self, node: yaml.Node, path: Path) -> object:
        """The value of a node, or the first problem in it."""
        self.marked.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        match node:
            case yaml.MappingNode(tag="tag:yaml.org,2002:map"):
                return self._mapping(node, path)
            case yaml.SequenceNode(tag="tag:yaml.org,2002:seq"):
                items = []
                for index, child in enumerate(node.value):
                    value = self.read(child, (*path, index))
                    if isinstance(value, Problem):
                        return value
                    items.append(value)
                return items
            case yaml.ScalarNode():
                return self._scalar(node, path)
        return _at(self.marked.file, node.start_mark, f"the tag {node.tag} is not used here")

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

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> object:
        self.marked.scalars[path] = node.value
        if any(0xD800 <= ord(letter) <= 0xDFFF for letter in node.value):
            return _at(self.marked.file, node.start_mark, "half a character (a lone surrogate) cannot be shown")
        if node.tag == "tag:yaml.org,2002:int" and len(node.value) > 18:
            return _at(self.marked.file, node.start_mark, "the number is too long: put it in quotes if it is a name")
        if node.tag not in {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null")}:
            return _at(self.marked.file, node.start_mark, f"the tag {node.tag} is not used here")
        return self.loader.construct_object(node, deep=True)
