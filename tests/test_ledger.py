"""Every case in docs/cases.md has a test, or a reason why it needs none. `python -m tests.test_ledger` lists them."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
CASES = TESTS.parent / "docs" / "cases.md"
_CASE = re.compile(r"[A-Z]\d+")
GROUPS = {"U": 42, "H": 40, "Y": 24, "B": 22, "P": 12, "D": 10, "S": 14, "C": 8}

DOES_NOT_FIT = {
    "D7": "no archive is published; every file of the site is a plain one",
}
"""Cases that cannot occur in this design, and why. None of them may have a test, too."""

NOT_YET: dict[str, str] = {}
"""Cases that are not covered yet, and what is missing. It should be empty."""


def listed() -> list[str]:
    """The numbers in the first column of docs/cases.md, in their order."""
    return re.findall(r"^\| ([A-Z]\d+) \|", CASES.read_text("utf-8"), re.MULTILINE)


@cache
def marked() -> dict[str, set[str]]:
    """The tests of each case, as `tests/file.py::function`, from the marks in the source of all test files."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(TESTS.rglob("test_*.py")):
        module = ast.parse(path.read_text("utf-8"))
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for case in {each for decorator in node.decorator_list for each in _cases(decorator)}:
                    found[case].add(f"{path.relative_to(TESTS.parent).as_posix()}::{node.name}")
        # A table of cases above a test counts for the test that is parametrised with it.
        tables = {
            target.id: set(_cases(node.value))
            for node in module.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                names = {
                    each.id
                    for decorator in node.decorator_list
                    for each in ast.walk(decorator)
                    if isinstance(each, ast.Name)
                }
                for case in {case for name in names for case in tables.get(name, ())}:
                    found[case].add(f"{path.relative_to(TESTS.parent).as_posix()}::{node.name}")
    return found


def _cases(node: ast.AST) -> Iterator[str]:
    """The numbers in every `case(…)` of a decorator or table."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            name = each.func.attr if isinstance(each.func, ast.Attribute) else getattr(each.func, "id", "")
            if name == "case":
                for word in each.args:
                    if isinstance(word, ast.Constant) and isinstance(word.value, str) and _CASE.fullmatch(word.value):
                        yield word.value


def test_the_list_has_all_172_cases_in_their_order() -> None:
    assert listed() == [f"{group}{number}" for group, most in GROUPS.items() for number in range(1, most + 1)]
    assert len(listed()) == 172


def test_every_case_has_a_test_or_a_reason_why_it_has_none() -> None:
    assert [
        case for case in listed() if case not in marked() and case not in DOES_NOT_FIT and case not in NOT_YET
    ] == []


def test_no_test_names_a_case_that_there_is_not() -> None:
    assert sorted(marked().keys() - set(listed())) == []


def test_what_does_not_fit_has_a_reason_and_no_test() -> None:
    assert DOES_NOT_FIT.keys() | NOT_YET.keys() <= set(listed())
    assert all(len(reason.split()) > 5 for reason in (*DOES_NOT_FIT.values(), *NOT_YET.values()))
    assert (DOES_NOT_FIT.keys() | NOT_YET.keys()) & marked().keys() == set()


if __name__ == "__main__":
    for number in listed():
        print(
            number, DOES_NOT_FIT.get(number) or NOT_YET.get(number) or " ".join(sorted(marked()[number])) or "NOTHING"
        )
