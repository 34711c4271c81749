"""The statements of a record and of its CodeMeta file, from an entry of the snapshot."""

from dataclasses import replace
from typing import Any

import pytest
from markupsafe import Markup

from catalogue.model import Interface, Licence, Person, Source, State, Statement, Version
from catalogue.repository import Repository
from catalogue.sources.ossr import codemeta_facts, site_of, statements
from catalogue.sources.snapshot import OlderVersion, Withdrawal
from tests.world import entry

LIBRARY, NOTEBOOK = frozenset({Interface.LIBRARY}), frozenset({Interface.NOTEBOOK})
GITHUB = Repository(host="github.com", path="owner/tool")


def record(**says: Any) -> Statement:
    """The statement of a record with these fields."""
    (one,) = statements(entry(**says))
    return one


def codemeta(**says: Any) -> Statement:
    """The statement of a CodeMeta file with these keys."""
    found, _ = statements(entry(codemeta=codemeta_facts(says)))
    return found


# --- the record


@pytest.mark.case("U38")
def test_b5_a_record_with_only_a_title_states_little_and_nothing_is_made_up() -> None:
    assert record(title="Tool") == Statement(
        identity="10.5281/zenodo.1000",
        source=Source(label="OSSR record 10.5281/zenodo.1001", url="https://zenodo.org/records/1001"),
        slug="tool",
        name="Tool",
        doi="10.5281/zenodo.1001",
        concept_doi="10.5281/zenodo.1000",
        record_url="https://zenodo.org/records/1001",
        state=State.CURRENT,
    )


def test_a_record_states_its_facts_cleaned() -> None:
    found = record(
        title="owner/tool: Version 2",
        description="<h1>Tool</h1><p>Finds <b>things</b>. Fast.</p><script>x</script>",
        creators=["Doe, Jane <jane@x.org>"],
        keywords=["Projects: SKA; jupyter-notebook", "ska"],
        licences=["", "mit-license"],
        version="2.0",
        published="2024-05",
        created="2024-05-06T07:08:09+00:00",
        versions=(OlderVersion(doi="10.5281/zenodo.900", version="1.0", published="2023"),),
        related=[
            ("isSupplementTo", "https://github.com/owner/tool/tree/v2"),
            ("isDocumentedBy", "https://docs.example.org/"),
            ("isDocumentedBy", "javascript:alert(1)"),
            ("isDocumentedBy", "HTTPS://docs.example.org/"),
            ("isDocumentedBy", "https://user:token@docs.example.org/private"),
            ("isDocumentedBy", "https://token@docs.example.org/private"),
            ("isDocumentedBy", "https:///docs"),
            ("isDocumentedBy", "https://[docs"),
            ("isDocumentedBy", "ftp://docs.example.org/"),
            ("isDocumentedBy", "http://docs.example.org/@v2"),
        ],
    )
    assert (found.name, found.alternate_names) == ("tool", None)
    assert found.description == Markup("<h3>Tool</h3><p>Finds <b>things</b>. Fast.</p>")
    assert found.summary == "Finds things. Fast."
    assert found.authors == (Person(name="Doe, Jane", sort_name="Doe, Jane"),)
    assert found.keywords == ("SKA", "jupyter-notebook")
    assert found.licence == Licence(spdx="MIT", stated="mit-license")
    assert (found.version, found.published, found.created) == ("2.0", "2024-05", "2024-05-06")
    assert found.versions == (Version(doi="10.5281/zenodo.900", version="1.0", published="2023"),)
    assert found.documentation == ("https://docs.example.org/", "http://docs.example.org/@v2")


def test_badges_are_in_the_description_and_not_in_the_summary() -> None:
    badges = '<p><a href="https://x.org"><img src="a.svg" alt="DOI"></a> <img alt="Build Status" src="b.svg"></p>'
    found = record(description=f"<h1>Tool</h1>{badges}<p>Finds things.</p>")
    assert found.description is not None
    assert "> DOI </a>  Build Status <" in found.description
    assert found.summary == "Finds things."


def test_a_record_that_says_only_what_has_changed_leaves_the_summary_to_its_codemeta_file() -> None:
    weaker, stronger = statements(
        entry(description="<h2>What's Changed</h2><ul><li>Fix x</li></ul>", codemeta={"description": "Finds things."})
    )
    assert stronger.description == Markup("<h3>What's Changed</h3><ul><li>Fix x</li></ul>")
    assert (weaker.summary, stronger.summary) == ("Finds things.", None)


@pytest.mark.parametrize(
    ("stated", "licence"),
    [
        (["mit", "apache2.0"], Licence(spdx="MIT AND Apache-2.0", stated="MIT AND Apache-2.0")),
        (["MIT OR GPL-2.0-only", "cc-by-4.0"], Licence(spdx="(MIT OR GPL-2.0-only) AND CC-BY-4.0", stated="(MIT OR GPL-2.0-only) AND CC-BY-4.0")),
        (["mit-license", "MIT"], Licence(spdx="MIT", stated="mit-license")),
        (["our own", "MIT"], Licence(spdx=None, stated="our own")),
        (["", "our own"], Licence(spdx=None, stated="our own")),
        ([], None),
    ],
)  # fmt: skip
def test_several_licences_that_spdx_knows_are_one_expression(stated: list[str], licence: Licence | None) -> None:
    assert record(licences=stated).licence == licence


@pytest.mark.parametrize(
    ("api", "site"),
    [
        ("https://zenodo.org/api", "https://zenodo.org"),
        ("https://zenodo.org/api/", "https://zenodo.org"),
        ("https://sandbox.zenodo.org/api", "https://sandbox.zenodo.org"),
        ("https://proxy.example.org:8443/zenodo/api", "https://proxy.example.org:8443/zenodo"),
        ("https://proxy.example.org/zenodo/", "https://proxy.example.org/zenodo"),
    ],
)
def test_records_are_on_the_site_of_their_api(api: str, site: str) -> None:
    assert site_of(api) == site
    first, second = statements(entry(codemeta={"name": "Tool"}), site_of(api))
    assert first.source.url == second.source.url == second.record_url == f"{site}/records/1001"


@pytest.mark.case("H20")
@pytest.mark.parametrize("title", ["", "  ", "\u200b\u2060"])
def test_h20_a_record_without_a_title_is_called_by_its_number(title: str) -> None:
    found = record(title=title)
    assert (found.name, found.alternate_names, found.slug) == ("Untitled record 1001", None, "record-1001")


@pytest.mark.parametrize(
    ("says", "interfaces"),
    [
        ({"keywords": ["jupyter-notebook"]}, None),
        ({"keywords": ["jupyter-notebook"], "title": "A notebook of HCG 16"}, NOTEBOOK),
        ({"kind": "software/software-computationalnotebook"}, NOTEBOOK),
        ({"kind": "software", "keywords": ["library"]}, LIBRARY),
    ],
)
def test_how_it_is_used_is_read_from_kind_keywords_and_title(says: dict[str, Any], interfaces: object) -> None:
    assert record(**says).interfaces == interfaces


# --- its repository

PRESS = "https://atlas.cern/updates/press-statement"
WEB_PAGE = (
    "this looks like a web page, not a repository: give the address of a Git repository "
    "(if it is one, write git+https://…)"
)


@pytest.mark.parametrize(
    ("related", "repository"),
    [
        ([("isSupplementTo", "https://github.com/owner/tool/tree/v1.0")], Repository(host="github.com", path="owner/tool", ref="v1.0")),
        ([("isDerivedFrom", "git+https://github.com/owner/tool.git")], GITHUB),
        # the stronger relation wins, wherever it stands
        ([("isDerivedFrom", "https://gitlab.com/g/other"), ("isSupplementTo", "https://github.com/owner/tool")], GITHUB),
        ([("isCompiledBy", "https://gitlab.com/g/other"), ("isSourceOf", "https://github.com/owner/tool")], GITHUB),
        ([("codeRepository", "https://gitlab.com/g/other"), ("isCompiledBy", "https://github.com/owner/tool")], GITHUB),
        ([("codeRepository", "https://github.com/owner/tool")], GITHUB),
        # URLs that are not repositories are skipped
        ([("isSupplementTo", PRESS), ("isSupplementTo", "https://github.com/owner/tool")], GITHUB),
        ([("isSupplementTo", "10.5281/zenodo.5"), ("isDerivedFrom", "https://github.com/owner/tool")], GITHUB),
        # other relations do not name the code
        ([("cites", "https://github.com/owner/tool"), ("references", "https://github.com/a/b")], None),
        # a paper is no mistyped repository
        ([("isSupplementTo", "https://arxiv.org/abs/2210.02275")], None),
        ([("isSupplementTo", "http://www.arxiv.org/pdf/2210.02275v1")], None),
        ([("isSupplementTo", "https://ui.adsabs.harvard.edu/abs/2022arXiv221002275V/abstract")], None),
        ([("isSupplementTo", "https://doi.org/10.1051/0004-6361/202037850")], None),
        ([("isSupplementTo", "https://arxiv.org/abs/1"), ("isSupplementTo", "https://github.com/owner/tool")], GITHUB),
        ([], None),
    ],
)  # fmt: skip
def test_the_repository_is_read_from_the_related_identifiers(
    related: list[tuple[str, str]], repository: Repository | None
) -> None:
    found = record(related=related)
    assert (found.repository, found.no_repository) == (repository, None)


@pytest.mark.case("H31", "Y19")
@pytest.mark.parametrize(
    ("related", "why"),
    [
        ([("isSupplementTo", PRESS)], f"its record names {PRESS} (isSupplementTo): {WEB_PAGE}"),
        ([("isDerivedFrom", PRESS), ("isSupplementTo", "10.1051/x")], f"its record names {PRESS} (isDerivedFrom): {WEB_PAGE}"),
        (
            [("isSupplementTo", "https://github.com/owner")],
            ("its record names https://github.com/owner (isSupplementTo): this is an organisation or account, "
            "not a repository: give the address of one repository"),
        ),
        (
            [("isSupplementTo", "https://me:secret@github.com/o/r")],
            ("its record names https://github.com/o/r (isSupplementTo): the address has a user name or password in it, "
            "which must not be published"),
        ),
    ],
)  # fmt: skip
def test_b10_a_record_without_a_repository_says_why_and_never_a_password(
    related: list[tuple[str, str]], why: str
) -> None:
    found = record(related=related)
    assert (found.repository, found.no_repository) == (None, why)


@pytest.mark.parametrize(
    ("files", "repository"),
    [
        (["tool.zip"], Repository(host="zenodo.org", path="10.5281/zenodo.1001")),
        (["tool.zip", "codemeta.json"], None),
        (["tool.tar.gz"], None),
        ([], None),
    ],
)
def test_a_record_of_exactly_one_zip_can_itself_be_opened(files: list[str], repository: Repository | None) -> None:
    assert record(files=files).repository == repository


def test_a_code_repository_is_better_than_the_zip() -> None:
    assert (
        record(files=["tool.zip"], related=[("isSupplementTo", "https://github.com/owner/tool")]).repository == GITHUB
    )


def test_values_of_the_fields_on_software_name_the_field() -> None:
    found = record(
        code_languages=["Python", "Jupyter Notebook"], related=[("codeRepository", "https://github.com/owner/tool")]
    )
    said = record().source
    fields = {"repository": "code:codeRepository", "runtimes": "code:programmingLanguage"}
    assert found.runtimes == ("Python", "Jupyter")
    assert found.places == tuple(
        (field, replace(said, label=f"{said.label} ({name})")) for field, name in fields.items()
    )


# --- its state


@pytest.mark.case("U41")
@pytest.mark.parametrize(
    ("says", "state", "note"),
    [
        ({}, State.CURRENT, None),
        ({"access": "unknown"}, State.CURRENT, None),
        ({"access": "restricted"}, State.RESTRICTED, "the files of its record are restricted"),
        (
            {"access": "embargoed", "embargo_until": "2027-01-01"},
            State.RESTRICTED,
            "the files of its record are embargoed until 1 January 2027",
        ),
        (
            {"access": "restricted", "withdrawn": Withdrawal(date="2026-02-03", reason="Spam")},
            State.WITHDRAWN,
            "Spam (noticed on 3 February 2026)",
        ),
    ],
)
def test_the_state_of_a_record_says_what_can_still_be_had(says: dict[str, Any], state: State, note: str | None) -> None:
    found = record(**says)
    assert (found.state, found.state_note) == (state, note)


def test_what_is_concluded_from_a_record_is_not_said_by_it() -> None:
    derived = Source(
        label="derived from OSSR record 10.5281/zenodo.1001", url="https://zenodo.org/records/1001", derived=True
    )
    found = record(
        title="owner/tool: v2",
        description="A tool.",
        keywords=["library"],
        related=[("isSupplementTo", "https://github.com/owner/tool")],
    )
    assert found.places == (("interfaces", derived), ("name", derived), ("summary", derived))
    assert record(title="Tool", description="A tool.").places == (("summary", derived),)


# --- the CodeMeta file


def test_a_codemeta_file_is_the_weaker_voice_and_names_its_record() -> None:
    first, second = statements(entry(codemeta={"name": "Tool"}))
    assert first.source == Source(label="CodeMeta file of 10.5281/zenodo.1001", url="https://zenodo.org/records/1001")
    assert (first.name, first.slug) == ("Tool", None)
    assert second.source.label == "OSSR record 10.5281/zenodo.1001"


def test_a_codemeta_file_states_its_facts_cleaned() -> None:
    found = codemeta(
        name=" Tool ",
        description="Finds *things*. <script>x</script>",
        license="https://spdx.org/licenses/MIT",
        codeRepository="git+https://github.com/owner/tool.git",
        programmingLanguage=[{"@type": "ComputerLanguage", "name": "Python", "version": "3"}, "C++"],
        runtimePlatform="Python 3.8",
        keywords="radio, SKA, vo",
        applicationCategory=["library"],
    )
    assert found.name == "Tool"
    assert found.description == Markup("<p>Finds <em>things</em>. &lt;script&gt;x&lt;/script&gt;</p>")
    assert found.licence == Licence(spdx="MIT", stated="https://spdx.org/licenses/MIT")
    assert found.repository == GITHUB
    assert found.runtimes == ("Python", "C++")
    assert found.keywords == ("radio", "SKA", "vo")
    assert found.interfaces == LIBRARY
    derived = Source(
        label="derived from CodeMeta file of 10.5281/zenodo.1001", url="https://zenodo.org/records/1001", derived=True
    )
    assert found.places == (("interfaces", derived), ("summary", derived))


@pytest.mark.parametrize(
    ("stated", "repository"),
    [
        ("https://atlas.cern/press", None),
        (["https://atlas.cern/press", "https://github.com/owner/tool"], GITHUB),
        ({"@id": "https://github.com/owner/tool"}, GITHUB),
        ("https://doi.org/10.5281/zenodo.1", None),
        (7, None),
    ],
)
def test_the_repository_of_a_codemeta_file_is_its_first_that_is_one(stated: object, repository: object) -> None:
    assert codemeta(name="Tool", codeRepository=stated).repository == repository


@pytest.mark.parametrize(
    ("stated", "spdx", "label"),
    [
        ({"name": "MIT License", "url": "https://spdx.org/licenses/MIT"}, "MIT", "https://spdx.org/licenses/MIT"),
        ({"name": "MIT", "url": "https://tool.example.org/terms"}, "MIT", "MIT"),
        ({"@type": "CreativeWork", "name": "Our terms"}, None, "Our terms"),
        (["our own", "MIT"], "MIT", "MIT"),
        ("https://www.gnu.org/licenses/gpl-3.0.html", "GPL-3.0-only", "https://www.gnu.org/licenses/gpl-3.0.html"),
        ("./COPYRIGHT", None, None),
        ("LICENSE.md", None, None),
        (["../LICENCE", "MIT"], "MIT", "MIT"),
    ],
)
def test_the_licence_of_a_codemeta_file_is_its_first_that_is_known(
    stated: object, spdx: str | None, label: str | None
) -> None:
    expected = Licence(spdx=spdx, stated=label) if label else None
    assert codemeta(name="Tool", license=stated).licence == expected


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("radio, SKA", ("radio", "SKA")),
        ("radio; SKA, vo", ("radio", "SKA", "vo")),
        (["radio, SKA", "vo"], ("radio, SKA", "vo")),
    ],
)
def test_keywords_in_one_text_are_separated_by_commas(stated: object, words: tuple[str, ...]) -> None:
    assert codemeta(name="Tool", keywords=stated).keywords == words


@pytest.mark.parametrize(
    ("data", "facts"),
    [
        ({"name": "Tool", "@context": "https://spy.example/", "funder": "EU"}, {"name": "Tool"}),
        ({"keywords": ["b", "a"], "name": ["Tool"]}, {"keywords": ["b", "a"], "name": ["Tool"]}),
        ({"license": {"@id": "https://spdx.org/licenses/MIT"}}, {"license": "https://spdx.org/licenses/MIT"}),
        (
            {"license": {"name": "MIT License", "url": "https://spdx.org/licenses/MIT"}},
            {"license": ["https://spdx.org/licenses/MIT", "MIT License"]},
        ),
        ({"name": None, "description": "", "keywords": [None, {}, []], "license": True}, {}),
        ({"description": "x" * 9000}, {"description": "x" * 2000}),
        ({"keywords": ["k"] * 900}, {"keywords": ["k"] * 200}),
        ({}, {}),
        ([], None),
        ("text", None),
        (None, None),
    ],
)
def test_the_snapshot_keeps_of_a_codemeta_file_only_what_is_read(data: object, facts: object) -> None:
    assert codemeta_facts(data) == facts


@pytest.mark.parametrize("nothing", ["<p>&nbsp;</p>", "<p></p>", "<p><br></p>", ""])
def test_an_empty_description_is_none_and_hides_no_other(nothing: str) -> None:
    codemeta, record = statements(entry(1001, description=nothing, codemeta={"description": "Finds stars."}))
    assert (record.description, record.summary) == (None, None)
    assert codemeta.summary == "Finds stars."


@pytest.mark.parametrize(
    ("stated", "keywords"),
    [("Galaxies, spiral", ("Galaxies", "spiral")), (["Galaxies, spiral"], ("Galaxies, spiral",))],
)
def test_a_text_of_keywords_is_split_at_commas_and_a_list_is_not(stated: object, keywords: tuple[str, ...]) -> None:
    kept = codemeta_facts({"keywords": stated})
    found, _ = statements(entry(1001, codemeta=kept))
    assert found.keywords == keywords
