"""Problems as text for people, and as annotations for the pages of a pull request."""

import pytest

from catalogue.problems import (
    CatalogueError,
    GuardError,
    Place,
    Problem,
    Severity,
    UpstreamError,
    as_text,
    errors,
)

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
