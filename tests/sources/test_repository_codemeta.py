"""The codemeta.json at the top of a repository: what is kept of it, and what it states about which entries."""

import json
from typing import Any

import pytest

from catalogue.changes import changes, current_state
from catalogue.explain import explanation
from catalogue.model import Catalogue, Interface, Licence, Source, Statement
from catalogue.observed import CodemetaFacts, SeenRepository
from catalogue.outputs.curation import board
from catalogue.sources.observed import write_observed
from catalogue.sources.repository_codemeta import kept_facts, repository_statement
from tests.world import CODE_OF_TOOL, COMMIT, LOOKED, catalogue, entry, look, observed, seen, software

URL = "https://github.com/owner/tool"
FILE = Source(label="codemeta.json in its repository", url=f"{URL}/blob/{COMMIT}/codemeta.json", in_repository=True)
FACTS: CodemetaFacts = (
    ("description", "Finds **things**. Fast."),
    ("keywords", ("gamma-ray", "library")),
    ("license", "https://spdx.org/licenses/MIT"),
    ("programmingLanguage", ("Python 3.11", "C++")),
)


def there(facts: CodemetaFacts = FACTS, **says: Any) -> SeenRepository:
    return seen(URL, look(codemeta=facts, **says))


def stated(found: Any, *repositories: SeenRepository) -> Statement | None:
    return repository_statement(found, {each.repository: each for each in repositories})


# --- what an inspection keeps


def test_what_is_read_is_kept_and_neither_the_name_nor_the_address_of_the_code() -> None:
    data = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": "Another name",
        "codeRepository": "https://github.com/someone/else",
        "author": [{"familyName": "Doe"}],
        "description": " Finds\n**things**. Fast. ",
        "keywords": ["gamma-ray", "library"],
        "license": {"@id": "https://spdx.org/licenses/MIT"},
        "programmingLanguage": [{"@type": "ComputerLanguage", "name": "Python 3.11"}, "C++"],
    }
    assert kept_facts(data) == FACTS


@pytest.mark.parametrize(
    "data", [None, 7, "x", [], [{"name": "x"}], {}, {"keywords": None}, {"keywords": [[[[[[["x"]]]]]]]}]
)
def test_of_anything_else_nothing_is_kept(data: object) -> None:
    assert kept_facts(data) == ()


def test_what_is_kept_is_clean_and_bounded() -> None:
    [(_, words)] = kept_facts({"keywords": ["gam\u202ema\x00", "\ud800", "x" * 9_000, *map(str, range(1_000))]})
    assert words[0] == "gamma"
    assert len(words) == 200
    assert max(map(len, words)) == 2_000
    json.dumps(words, ensure_ascii=False).encode()


# --- what it states


def test_it_states_what_readers_look_for_with_the_file_at_that_commit_as_the_source() -> None:
    found = stated(software(repository=URL), there())
    assert found is not None
    assert found.source == FILE
    assert found.runtimes == ("Python", "C++")
    assert found.interfaces == frozenset({Interface.LIBRARY})
    assert found.keywords == ("gamma-ray", "library")
    assert found.licence == Licence(spdx="MIT", stated="https://spdx.org/licenses/MIT")
    assert (found.summary, str(found.description)) == (
        "Finds things. Fast.",
        "<p>Finds <strong>things</strong>. Fast.</p>",
    )
    assert (found.name, found.repository) == (None, None)


@pytest.mark.parametrize(
    "says",
    [
        {},
        {"repository": "https://github.com/owner/other"},
        # one notebook or one folder of the repository
        {"repository": f"{URL}/tree/HEAD/notebooks"},
        {"repository": f"{URL}/blob/HEAD/a.ipynb"},
    ],
)
def test_it_states_nothing_about_other_code_or_a_part_of_the_repository(says: dict[str, Any]) -> None:
    assert stated(software(**says), there()) is None


def test_the_file_at_the_named_ref_is_read_else_that_on_the_default_branch() -> None:
    tool = software(repository=f"{URL}/tree/v1.0")
    old, new = look("v1.0", codemeta=(("keywords", "old"),)), look(codemeta=(("keywords", "new"),))
    for looks, words in [([new, old], "old"), ([new, look("v1.0")], "new"), ([new], "new")]:
        found = stated(tool, seen(URL, *looks))
        assert found is not None
        assert found.keywords == (words,)
        commit = old.commit if words == "old" else new.commit
        assert found.source.url == f"{URL}/blob/{commit}/codemeta.json"


def test_a_repository_without_such_a_file_states_nothing() -> None:
    assert stated(software(repository=URL), there(())) is None
    assert stated(software(repository=URL), seen(URL, look(found=False, commit=None))) is None


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://gitlab.in2p3.fr/g/tool/-/tree/v1", "https://gitlab.in2p3.fr/g/tool/-/blob/{commit}/codemeta.json"),
        ("https://git.example.org/g/tool.git", "https://git.example.org/g/tool.git"),
        ("10.5281/zenodo.1001", "https://doi.org/10.5281/zenodo.1001"),
    ],
)
def test_the_source_leads_to_the_file_or_at_least_to_its_repository(address: str, url: str) -> None:
    tool = software(repository=address)
    assert tool.repository is not None
    at = look(tool.repository.ref, codemeta=FACTS)
    found = stated(tool, seen(tool.repository.url, at))
    assert found is not None
    assert found.source.url == url.format(commit=at.commit)


# --- what becomes of it


def read(*entries: Any, facts: CodemetaFacts = FACTS, **says: Any) -> Catalogue:
    return catalogue(*entries, observed=write_observed(observed(there(facts))), **says)


def shown(found: Catalogue) -> dict[str, tuple[object, str]]:
    """The values of the only entry that come from the file, by field, each with the label of its source."""
    [tool] = found.software
    return {
        each.field: (getattr(tool, each.field), each.source.label)
        for each in tool.provenance
        if each.source.in_repository
    }


def test_a_record_takes_from_it_what_no_other_source_states() -> None:
    assert shown(read(entry(1001, related=CODE_OF_TOOL, description="A tool.", keywords=["SKA"]))) == {
        "interfaces": (frozenset({Interface.LIBRARY}), "derived from codemeta.json in its repository"),
        "runtimes": (("Python", "C++"), "codemeta.json in its repository"),
        "licence": (Licence(spdx="MIT", stated="https://spdx.org/licenses/MIT"), "codemeta.json in its repository"),
    }


def test_the_record_its_own_codemeta_file_and_our_files_are_all_believed_before_it() -> None:
    found = read(
        entry(
            1001,
            related=CODE_OF_TOOL,
            description="A tool.",
            licences=["gpl-3.0"],
            keywords=["SKA"],
            codemeta={"programmingLanguage": "Rust"},
        ),
        notebooks="software:\n  - ossr: 10.5281/zenodo.1000\n    interfaces: [desktop]\n",
    )
    assert shown(found) == {}
    [tool] = found.software
    [runtimes] = [each for each in tool.provenance if each.field == "runtimes"]
    assert [(other.value, other.source) for other in runtimes.instead_of] == [("Python, C++", FILE)]


def test_a_local_entry_for_a_whole_repository_takes_from_it_and_one_for_its_notebooks_does_not() -> None:
    own = f"software:\n  - id: own\n    name: Own\n    repository: {URL}\n"
    assert set(shown(read(notebooks=own))) == {
        "description", "interfaces", "keywords", "licence", "runtimes", "summary",
    }  # fmt: skip
    assert shown(read(notebooks=f"{own}    notebooks: [{{path: a.ipynb}}]\n")) == {}


def test_a_record_that_names_notebooks_is_still_about_the_whole_repository() -> None:
    notebooks = "software:\n  - ossr: 10.5281/zenodo.1000\n    notebooks: [{path: a.ipynb}]\n"
    assert "runtimes" in shown(read(entry(1001, related=CODE_OF_TOOL), notebooks=notebooks))


def test_what_it_newly_states_is_a_change_with_the_file_as_its_source_and_is_explained() -> None:
    tool = entry(1001, related=CODE_OF_TOOL)
    before, after = read(tool, facts=()), read(tool, facts=(("programmingLanguage", "Python"),))
    [event] = changes(current_state(before, "2026-11-23T04:00:00Z"), current_state(after, "2026-11-24T04:00:00Z"))
    assert [(each.field, each.new, each.source) for each in event.changes] == [("runtimes", "Python", FILE)]
    assert changes(current_state(after, LOOKED), current_state(after, LOOKED)) == ()
    explained = "Languages and platforms: Python\n    from: codemeta.json in its repository\n"
    assert explained in explanation(after.software[0], after)


def rows(found: Catalogue, key: str) -> list[tuple[str, str]]:
    [kind] = [each for each in board(found) if each.key == key]
    return [(each.text, each.fix.label) for each in kind.findings]


def test_the_board_counts_it_as_a_source_and_leads_to_the_repository_if_it_is_wrong() -> None:
    found = read(entry(1001, related=CODE_OF_TOOL, licences=["gpl-3.0"]))
    assert rows(found, "no-platform") == []
    words = "We show GPL-3.0-only (OSSR record 10.5281/zenodo.1001); other sources say “MIT” (codemeta.json in its repository)."
    assert rows(found, "other-licence") == [(words, "Edit record 1001")]
    own = f"software:\n  - id: own\n    name: Own\n    repository: {URL}\n    licence: MIT\n"
    found = read(notebooks=own, facts=(("description", "Fixed a bug."), ("license", "MIT")))
    assert rows(found, "change-lists") == [("Its description is a list of changes: “Fixed a bug.”.", "Its repository")]
    assert rows(found, "redundant") == [
        ("The same without this line: Licence, from codemeta.json in its repository.", "Edit notebooks.yaml:5")
    ]
