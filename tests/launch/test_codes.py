"""Every code in the exports is explained, and every explained code occurs."""

import ast
import re
from pathlib import Path

from catalogue import launch
from catalogue.launch.codes import CHECKS, NOTES, REASONS
from catalogue.launch.readiness import as_reason, readiness
from catalogue.model import Catalogue, Check
from catalogue.observed import Presence
from catalogue.outputs.curation import WRONG_FIELDS
from tests.test_golden import small_catalogue
from tests.world import repository, seen


def given(name: str) -> set[str]:
    """The codes that the package's source passes to the constructor of this name."""
    found = set()
    for path in Path(launch.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=called), args=[ast.Constant(value=str(code)), *_]) if called == name:
                    found.add(code)
                case ast.Call(
                    func=ast.Name(id=called),
                    keywords=[ast.keyword(arg="code", value=ast.Constant(value=str(code))), *_],
                ) if called == name:
                    found.add(code)
    return found


def absent(presence: Presence) -> Check:
    at = repository("https://github.com/o/tool")
    found = readiness(seen(at.url, presence=presence), at)
    assert found is not None
    [check] = found.checks
    return check


def test_every_check_is_explained() -> None:
    gone = {absent(each).code for each in Presence if each is not Presence.THERE}
    assert given("Check") | gone == set(CHECKS)


def test_every_reason_and_note_is_explained() -> None:
    own = given("Reason")
    assert len(own) > 20
    # A check may become a reason.
    assert own <= REASONS.keys() | NOTES.keys() <= own | CHECKS.keys()
    assert not REASONS.keys() & NOTES.keys()


def test_the_curation_board_knows_the_codes_of_checks_and_reasons() -> None:
    assert WRONG_FIELDS.keys() <= REASONS.keys() | CHECKS.keys()


def test_reasons_are_among_the_reasons_and_notes_among_the_notes(real_catalogue: Catalogue) -> None:
    for catalogue in (real_catalogue, small_catalogue()):
        for offer in catalogue.offers:
            doubts = [each for edition in offer.editions for each in edition.doubts]
            assert {each.code for each in (*offer.reasons, *doubts)} <= REASONS.keys()
            assert {each.code for each in offer.notes} <= NOTES.keys()
    assert all(as_reason(absent(each)).code in REASONS for each in Presence if each is not Presence.THERE)


def test_what_becomes_a_sentence_does_not_begin_with_a_host(real_catalogue: Catalogue) -> None:
    # A page begins it with a capital letter: “Git.example.org has …”.
    texts = {absent(each).text for each in Presence if each is not Presence.THERE}
    for catalogue in (real_catalogue, small_catalogue()):
        texts |= {check.text for each in catalogue.software if each.readiness for check in each.readiness.checks}
        texts |= {said.text for each in catalogue.offers for said in (*each.reasons, *each.notes)}
    assert len(texts) > 20
    assert {text for text in texts if not re.match(r"(?:[a-z’'-]+|[0-9]+|JupyterLite)[,:]?\s", text)} == set()
