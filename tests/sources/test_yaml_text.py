"""The strict YAML reader: every error is reported with line and column."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.problems import Place, Problem
from catalogue.sources.yaml_text import YamlDocument, read_yaml

NO_COLON = "no `: ` follows the key: write `key: value`, and indent a longer text further than its key"
HIDES = "a value that begins with # must be in quotes: else it hides the rest of its line"
DASH = "a space must follow the `-` of each item"
INDENTED = "this line is not indented like its neighbours: the keys of one entry must begin in the same column"


def read(text: str) -> object:
    """The data in a text, or its problem as printed."""
    found = read_yaml(text, "f.yaml")
    return str(found) if isinstance(found, Problem) else found.data


@pytest.mark.case("Y1", "Y2", "Y3", "Y6", "Y8", "Y9", "Y10", "Y16")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        # Y1 tags
        ("a: !!python/object/apply:os.system [x]", "1:4: error: the tag !!python/object/apply:os.system is not used here: write only the value"),
        ("a: !!python/name:os.system", "1:4: error: the tag !!python/name:os.system is not used here: write only the value"),
        ("a: !foo x", "1:4: error: the tag !foo is not used here: write only the value"),
        ("a: !!binary aGk=", "1:4: error: the tag !!binary is not used here: write only the value"),
        ("a: !!set {x}", "1:4: error: the tag !!set is not used here: write only the value"),
        ("a: !!int x", "1:4: error: the tag !!int is not used here: write only the value"),
        ("a: ! x", "1:4: error: the tag ! is not used here: write only the value"),
        # Y2 duplicate keys
        ("a: 1\nb: 2\na: 3", "3:1: error: key 'a' is given twice, first in line 1: remove one"),
        ("- b: 1\n  c:\n    d: 1\n    'd': 2", "4:5: error: key 'd' is given twice, first in line 3: remove one"),
        # Y3 anchors and aliases
        ("a: &x 1\nb: *x", "1:4: error: anchors (&) and aliases (*) are not used here: write the value out, or put it in quotes"),
        ("a: *x", "1:4: error: anchors (&) and aliases (*) are not used here: write the value out, or put it in quotes"),
        ("a: 1\nb: &a [*a]", "2:4: error: anchors (&) and aliases (*) are not used here: write the value out, or put it in quotes"),
        ("&a a: 1", "1:1: error: anchors (&) and aliases (*) are not used here: write the value out, or put it in quotes"),
        # Y6 typing mistakes
        ("a:\n\tb: 1", "2:1: error: a tab cannot indent: use spaces"),
        ("url: http://x: y", "1:14: error: a value with `: ` in it must be in quotes, as in 'one: two'"),
        ("a: “b”: c", "1:7: error: a value with `: ` in it must be in quotes, straight ones, as in 'one: two'"),
        ("a: [1, 2\nb: 3", "2:2: error: the bracket opened in line 1 is not closed before this, or a comma is missing"),
        ("a: 1\nb c\nd: 2", f"2:1: error: {NO_COLON}"),
        ("a:\n  - b: 1\n    c:2\n    d: 3", f"3:5: error: {NO_COLON}"),
        ("a:\n  - b 1\n    c: 2", f"2:5: error: {NO_COLON}"),
        ("a: |\nb\nc: d", f"2:1: error: {NO_COLON}"),
        ("title A\nb: 2", f"1:1: error: {NO_COLON}"),
        ("title:A\nb: 2", f"1:1: error: {NO_COLON}"),
        ("- a: 1\n- b:2\n  c: 3", f"2:3: error: {NO_COLON}"),
        ("a: {b: #12ab34, c: 'd'}", f"1:8: error: {HIDES}"),
        ("a: {b: #12ab34,\n  c: d}\ne: f", f"1:8: error: {HIDES}"),
        ("a: [b, # a note\n  c\nd: e", "3:2: error: the bracket opened in line 1 is not closed before this, or a comma is missing"),
        ("a: [1,", "1:4: error: the bracket opened in line 1 is not closed"),
        ("a: [1,\n  'x", "2:3: error: the quote opened in line 2 is not closed"),
        ("a: 1\n b: 2", f"2:2: error: {INDENTED}"),
        ("- a: 1\n   b: 2\n  c: 3", f"2:4: error: {INDENTED}"),
        ("- a: 1\n b: 2\n  c: 3", f"2:2: error: {INDENTED}"),
        ("x:\n  - a: 1\n    b: 2\n   - a: 3", "4:4: error: this line is not indented like its neighbours: the `- ` of every item must stand in the same column, and so must the keys of one item"),
        ("a:\n\u00a0\u00a0b: 1\n  c: 2", "2:1: error: this only looks like a space (it is U+00A0): indent with ordinary spaces"),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x", "2:1: error: an unresolved merge conflict: keep one side, and remove the lines with <<<<<<<, ======= and >>>>>>>"),
        ("a: 'it's b'", "1:8: error: more follows a closing quote or bracket: put the whole value in quotes, and write a quote inside it twice"),
        ('a: "b", c', "1:7: error: more follows the end of a value: put the whole value in quotes"),
        ("a: [b]]", "1:7: error: a bracket is closed that was not opened"),
        ('a: "C:\\Users"', "1:9: error: a backslash has a special meaning in double quotes: put the value in single quotes"),
        ("a: | b\n  c", "1:6: error: a text after | or > begins on the next line, indented"),
        ("a: >b", "1:5: error: a value that begins with > or | must be in quotes"),
        ("a: ? b", "1:4: error: a value that begins with ? must be in quotes"),
        ("a: - b", "1:4: error: a list begins on the next line, each item with `- `"),
        ("a:\n  b: [1, 2", "2:6: error: the bracket opened in line 2 is not closed"),
        ("a: {b", "1:4: error: the bracket opened in line 1 is not closed"),
        ("a: 1\nb: \"x\n\n", "2:4: error: the quote opened in line 2 is not closed"),
        ("a: @x", "1:4: error: a value that begins with @ ` or % must be in quotes"),
        ("a: *", "1:5: error: a value that begins with * or & must be in quotes"),
        # a dash without its space, at the line of the dash
        ("a:\n  -b: 1\n    c: 2", f"2:3: error: {DASH}"),
        ("a:\n  -b: 1\n\n    # a note\n   c: 2", f"2:3: error: {DASH}"),
        ("a:\n  - b: 1\n  -b: 2", f"3:3: error: {DASH}"),
        ("a:\n  - b\n  -c\n  - d", f"3:3: error: {DASH}"),
        ("a:\n-b\n-c", f"2:1: error: {DASH}"),
        ("a:\n  - b: |\n      Options:\n      -v: loud\n   c: 2", "5:4: error: this line is not indented like its neighbours: the `- ` of every item must stand in the same column, and so must the keys of one item"),
        # Y8 control characters
        ("a: 1\nb: x\x07", "2:5: error: the file has a control character here: remove it"),
        ("a\x00: 1", "1:2: error: the file has a control character here: remove it"),
        ("\ud800", "1:1: error: the file has a control character here: remove it"),
        # Y9 nothing, or too much
        ("", "1:1: error: the file is empty"),
        ("# only a comment\n", "1:1: error: the file is empty"),
        ("a: 1\n---\nb: 2", "2:1: error: a second document begins here (after ---): the file must hold only one"),
        ("? [a]\n: 1", "1:3: error: a key must be a word"),
        # Y10 numbers
        ("a: " + "9" * 5000, "1:4: error: the number is too long: put it in quotes if it is a name"),
        ("a: 0x" + "f" * 30, "1:4: error: the number is too long: put it in quotes if it is a name"),
        # Y16 characters that cannot be shown
        ('a: "\\uD800"', "1:4: error: half a character (a lone surrogate) cannot be shown: remove it"),
        ('a: "\\0"', "1:4: error: a control character cannot be shown: remove it"),
        ('a: "x\\x1b[31m"', "1:4: error: a control character cannot be shown: remove it"),
    ],
    ids=lambda text: ascii(text)[:40],
)  # fmt: skip
def test_a_fault_is_named_with_line_and_column(text: str, problem: str) -> None:
    assert read(text) == f"f.yaml:{problem}"


@pytest.mark.case("Y3", "Y10")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[" * 20_000, "f.yaml:1:51: error: the file is nested too deeply: are brackets missing or too many?"),
        ("{a: " * 20_000, "f.yaml:1:201: error: the file is nested too deeply: are brackets missing or too many?"),
        ("- " * 20_000, "f.yaml:1:101: error: the file is nested too deeply: are brackets missing or too many?"),
        ("a: b\n" * 2_000_000, "f.yaml: error: the file is longer than 1,000,000 letters: split it"),
        (
            "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n",
            "f.yaml:1:4: error: anchors (&) and aliases (*) are not used here: write the value out, or put it in quotes",
        ),
    ],
    ids=["brackets", "braces", "dashes", "10 MB", "alias bomb"],
)
def test_y10_a_file_made_to_hurt_is_refused_within_a_second(text: str, problem: str) -> None:
    # CPU time of this process, since the machine may be busy.
    began = time.process_time()
    assert read(text) == problem
    assert time.process_time() - began < 1


@pytest.mark.case("Y4", "Y7", "Y23")
@pytest.mark.parametrize(
    ("text", "data"),
    [
        # Y4: YAML 1.2 has no yes, no, on, off, times and dates
        ("country: no\non: x\nat: 12:30\nday: 2024-01-01", {"country": "no", "on": "x", "at": "12:30", "day": "2024-01-01"}),
        ("y: yes\nn: N", {"y": "yes", "n": "N"}),
        ("a: true\nb: null\nc: ~\nd:", {"a": True, "b": None, "c": None, "d": None}),
        ("a: 1\nb: -2\nc: 0x10\nd: 1.5", {"a": 1, "b": -2, "c": 16, "d": 1.5}),
        ("a: 1_000\nb: '1'", {"a": "1_000", "b": "1"}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),  # a merge key is a key like others, and no model has it
        ("1: a\ntrue: b", {"1": "a", "true": "b"}),
        # Y7
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("a: |\n  one\n  two", {"a": "one\ntwo"}),
        ("a: >-\n  one\n  two\n", {"a": "one two"}),
        ('a: "x\\n\\ty"', {"a": "x\n\ty"}),
        # Y9: for the models to judge
        ("- a", ["a"]),
        ("---\n", None),
        # Y23
        ("name: 王彦昭\nnom: Étoile\nשם: x", {"name": "王彦昭", "nom": "Étoile", "שם": "x"}),
    ],
    ids=lambda text: ascii(text)[:30],
)  # fmt: skip
def test_plain_values_are_read_as_yaml_1_2_says(text: str, data: object) -> None:
    assert read(text) == data


def marked(text: str) -> YamlDocument:
    found = read_yaml(text, "f.yaml")
    assert isinstance(found, YamlDocument)
    return found


def test_every_value_and_key_has_its_place() -> None:
    document = marked("facilities:\n  - id: a\n    limits: {memory: 1.10}\n")
    memory = ("facilities", 0, "limits", "memory")
    assert document.place(memory) == Place(file="f.yaml", line=3, column=22)
    assert document.key_place(memory) == Place(file="f.yaml", line=3, column=14)
    assert document.place(("facilities", 0)) == Place(file="f.yaml", line=2, column=5)
    assert document.scalars[memory] == "1.10"


def test_what_is_not_there_is_placed_at_what_is_around_it() -> None:
    document = marked("facilities:\n  - id: a\n")
    assert document.place(("facilities", 0, "url")) == Place(file="f.yaml", line=2, column=5)
    assert document.key_place(("facilities", 0, "url")) == Place(file="f.yaml", line=2, column=5)
    assert document.place(("nothing",)) == Place(file="f.yaml", line=1, column=1)


PIECES = ["a", ":", " ", "\n", "-", "- ", ": ", "[", "]", "{", "}", ",", "'", '"', "!", "!!int ", "&", "*", "#", "|", ">", "%", "@", "?", "\t", "\\x", "---", "..."]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=()), max_size=3)).map("".join))
def test_any_text_is_data_or_one_problem_with_its_place(text: str) -> None:
    found = read_yaml(text, "f.yaml")
    if isinstance(found, Problem):
        assert found.place.line >= 1
        assert found.place.column >= 1
        assert found.text
    else:
        assert found.place(()).line >= 1
