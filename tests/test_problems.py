"""Problems as text, as GitHub annotations, and as SARIF."""

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalogue.problems import (
    CatalogueError,
    GuardError,
    Place,
    Problem,
    Severity,
    UpstreamError,
    as_sarif,
    as_text,
    errors,
)

from .sarif import faults

HERE = Place(file="facilities.yaml", line=12, column=9)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (HERE, "facilities.yaml:12:9"),
        (Place(file="facilities.yaml", line=12), "facilities.yaml:12"),
        (Place(file="facilities.yaml"), "facilities.yaml"),
    ],
)
def test_a_place_is_written_as_editors_read_it(place: Place, text: str) -> None:
    assert str(place) == text


def test_a_problem_names_its_place_its_weight_and_what_is_wrong() -> None:
    assert str(Problem(HERE, "unknown kind 'binder'")) == "facilities.yaml:12:9: error: unknown kind 'binder'"
    assert str(Problem(HERE, "old", Severity.WARNING)) == "facilities.yaml:12:9: warning: old"


def test_problems_are_listed_in_the_order_of_their_places() -> None:
    places = [Place(file="b.yaml", line=1), Place(file="a.yaml", line=10), Place(file="a.yaml", line=9, column=2)]
    assert as_text(Problem(place, "wrong") for place in places) == (
        "a.yaml:9:2: error: wrong\na.yaml:10: error: wrong\nb.yaml:1: error: wrong"
    )


def test_no_problems_are_no_text() -> None:
    assert as_text([]) == ""


def test_only_errors_stop_a_build() -> None:
    grave, light = Problem(HERE, "grave"), Problem(HERE, "light", Severity.WARNING)
    assert errors([light, grave]) == [grave]


@pytest.mark.case("H40", "Y24")
@pytest.mark.parametrize(
    ("problem", "annotation"),
    [
        (Problem(HERE, "wrong"), "::error file=facilities.yaml,line=12,col=9::wrong"),
        (Problem(HERE, "old", Severity.WARNING), "::warning file=facilities.yaml,line=12,col=9::old"),
        (Problem(Place(file="site.yaml"), "wrong"), "::error file=site.yaml::wrong"),
        (
            Problem(HERE, "50% of\r\n::error::x"),
            "::error file=facilities.yaml,line=12,col=9::50%25 of%0D%0A::error::x",
        ),
        (
            Problem(Place(file="a:b,c%\n.yaml", line=1, column=1), "x"),
            "::error file=a%3Ab%2Cc%25%0A.yaml,line=1,col=1::x",
        ),
    ],
)
def test_an_annotation_cannot_be_broken_out_of(problem: Problem, annotation: str) -> None:
    assert problem.annotation == annotation
    assert "\n" not in annotation


@pytest.mark.case("B22")
@pytest.mark.parametrize(("error", "code"), [(CatalogueError, 1), (UpstreamError, 4), (GuardError, 5)])
def test_an_error_that_ends_the_run_has_its_exit_code(error: type[CatalogueError], code: int) -> None:
    assert error("why").exit_code == code
    assert isinstance(error("why"), CatalogueError)


PLACES = st.builds(
    Place,
    file=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), min_size=1).filter(
        lambda name: name not in (".", "..")
    ),
    line=st.integers(0, 10**6),
    column=st.integers(0, 10**4),
)


@given(st.lists(st.builds(Problem, PLACES, st.text(min_size=1).filter(str.strip), st.sampled_from(Severity))))
@example([Problem(Place(file="a b:c%41/ä.yaml"), "\udcff \ud800"), Problem(HERE, "x", Severity.WARNING)])
def test_any_problems_are_a_report_in_sarif_that_names_the_same_places(problems: list[Problem]) -> None:
    report = json.loads(as_sarif(problems, "1.0.0").encode("utf-8"))
    assert faults(report) == []
    for problem, result in zip(sorted(problems), report["runs"][0]["results"], strict=True):
        where = result["locations"][0]["physicalLocation"]
        assert unquote(where["artifactLocation"]["uri"]) == problem.place.file
        assert where["region"]["startLine"] == (problem.place.line or 1)
        assert where["region"].get("startColumn", 0) == problem.place.column
        assert result["level"] == problem.severity.value


def _changed(path: str, value: object) -> object:
    """A valid report with another value at a path; None removes it."""
    report: Any = json.loads(as_sarif([Problem(HERE, "wrong")], "1.0.0"))
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    part = report
    for step in steps:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return report


WHERE = "runs/0/results/0/locations/0/physicalLocation"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", "2.1"),
        ("runs", []),
        ("runs/0/tool/driver/name", None),
        ("runs/0/tool/driver/rules", []),
        ("runs/0/columnKind", "bytes"),
        ("runs/0/originalUriBaseIds", {}),
        ("runs/0/results/0/ruleId", "another"),
        ("runs/0/results/0/level", "fatal"),
        ("runs/0/results/0/message/text", ""),
        ("runs/0/results/0/message", "wrong"),
        ("runs/0/results/0/locations", []),
        ("runs/0/results/0/place", "here"),
        (f"{WHERE}/region/startLine", 0),
        (f"{WHERE}/region/startColumn", 0),
        (f"{WHERE}/artifactLocation/uriBaseId", None),
        (f"{WHERE}/artifactLocation/uri", "/etc/passwd"),
        (f"{WHERE}/artifactLocation/uri", "../site.yaml"),
        (f"{WHERE}/artifactLocation/uri", "a b.yaml"),
        (f"{WHERE}/artifactLocation/uri", "file:site.yaml"),
    ],
)
def test_what_sarif_does_not_allow_is_found(path: str, value: object) -> None:
    assert len(faults(_changed(path, value))) == 1
