"""notebooks.yaml: local entries and overrides of harvested entries, each field with its line."""

import unicodedata

import pytest

from catalogue.model import Interface, Licence, Notebook, Person, Source, Statement
from catalogue.problems import Place, as_text
from catalogue.repository import Repository
from catalogue.sources.local import read_local

ENTRY = "software:\n  - id: a\n    name: A\n"
OVERRIDE = "software:\n  - ossr: 10.5281/zenodo.1000\n"


def only(text: str) -> Statement:
    (one,), problems = read_local(text)
    assert as_text(problems) == ""
    return one


def at(line: int, column: int = 5) -> Source:
    return Source(label=f"notebooks.yaml:{line}", place=Place(file="notebooks.yaml", line=line, column=column))


def test_a_local_entry_is_a_statement_with_the_line_of_each_field() -> None:
    text = """\
software:
  - id: apertif
    name: Apertif example
    also_known_as: [Apertif, apertif, WSRT]
    summary: Reads Apertif.
    description: Reads *Apertif*.
    interfaces: [notebook]
    platforms: [python3, Python 3.8]
    keywords: [radio, Radio]
    authors:
      - {name: Yan Grange, orcid: 0000-0002-1825-0097, affiliation: ASTRON}
    licence: mit-license
    repository: https://git.astron.nl/astron-sdc/apertif
    ref: dev/new
    notebooks:
      - {path: nb/a b.ipynb, title: First}
      - {path: c.ipynb}
    homepage: https://example.org/apertif
    documentation: [https://docs.example.org/]
    reads: [Apertif, VO]
    formerly: [apertif-vo]
"""
    found = only(text)
    assert (found.identity, found.slug, found.name) == ("apertif", "apertif", "Apertif example")
    assert found.former_slugs == ("apertif-vo",)
    assert found.alternate_names == ("Apertif", "WSRT")
    assert found.summary == "Reads Apertif."
    assert str(found.description) == "<p>Reads <em>Apertif</em>.</p>"
    assert found.interfaces == frozenset({Interface.NOTEBOOK})
    assert (found.runtimes, found.keywords) == (("Python",), ("radio",))
    assert found.authors == (
        Person(name="Yan Grange", sort_name="Grange, Yan", orcid="0000-0002-1825-0097", affiliation="ASTRON"),
    )
    assert found.licence == Licence(spdx="MIT", stated="mit-license")
    assert found.repository == Repository(host="git.astron.nl", path="astron-sdc/apertif", ref="dev/new")
    assert found.ref is None
    assert found.notebooks == (Notebook(path="nb/a b.ipynb", title="First"), Notebook(path="c.ipynb"))
    assert (found.homepage, found.documentation) == ("https://example.org/apertif", ("https://docs.example.org/",))
    assert found.reads == ("Apertif", "VO")
    assert found.source == at(2)
    places = dict(found.places)
    assert places["name"] == at(3)
    assert places["alternate_names"] == at(4)
    assert places["runtimes"] == at(8)
    assert places["repository"] == at(13)
    assert places["former_slugs"] == at(21)


def test_an_override_says_only_what_it_says() -> None:
    found = only(OVERRIDE + "    ref: HEAD\n")
    assert found == Statement(
        identity="10.5281/zenodo.1000",
        source=at(2),
        ref="HEAD",
        places=(("ossr", at(2)), ("ref", at(3))),
    )


def test_a_summary_that_is_not_given_is_taken_from_the_description_and_says_so() -> None:
    found = only(OVERRIDE + "    description: One. Two.\n")
    assert found.summary == "One. Two."
    assert dict(found.places)["summary"] == at(3)


def test_the_identity_of_an_override_is_its_doi_as_written() -> None:
    assert only(OVERRIDE.replace("zenodo", "ZENODO")).identity == "10.5281/ZENODO.1000"


@pytest.mark.parametrize("before", ["https://doi.org/", "http://dx.doi.org/", "doi:", "'DOI: "])
def test_the_doi_of_an_override_may_be_written_as_a_url(before: str) -> None:
    written = OVERRIDE.replace("10.5281/zenodo.1000", f"{before}10.5281/zenodo.1000{chr(39) * before.count(chr(39))}")
    assert only(written).identity == "10.5281/zenodo.1000"


@pytest.mark.parametrize(
    ("url", "ref", "becomes"),
    [
        ("", "main", "main"),
        ("", "feature/x", "feature/x"),
        ("", "HEAD", None),
        ("", "'1.0'", "1.0"),
        ("/tree/feature/x", "feature/x", "feature/x"),
        ("/tree/HEAD", "main", "main"),
        ("/tree/1A2B3C4D5E6F1A2B3C4D5E6F1A2B3C4D5E6F1A2B", "1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b", "1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b"),
    ],
)  # fmt: skip
def test_the_ref_of_a_stated_repository_is_that_repositorys(url: str, ref: str, becomes: str | None) -> None:
    found = only(f"{ENTRY}    repository: https://github.com/o/r{url}\n    ref: {ref}\n")
    assert found.repository == Repository(host="github.com", path="o/r", ref=becomes)
    assert found.ref is None


def test_the_notebook_of_the_url_may_stand_first_in_the_list() -> None:
    text = f"{ENTRY}    repository: https://github.com/o/r/blob/dev/x/nb/a.ipynb\n    ref: dev/x\n    notebooks: [{{path: nb/a.ipynb}}, {{path: c.ipynb}}]\n"
    found = only(text)
    assert found.repository == Repository(host="github.com", path="o/r", ref="dev/x", file="nb/a.ipynb")
    assert [each.path for each in found.notebooks or ()] == ["nb/a.ipynb", "c.ipynb"]


def test_a_mistaken_ref_does_not_accuse_the_list_of_notebooks() -> None:
    text = f"{ENTRY}    repository: https://github.com/o/r/blob/dev/x/nb/a.ipynb\n    ref: dev x\n    notebooks: [{{path: nb/a.ipynb}}]\n"
    assert [each.text.partition(":")[0] for each in read_local(text)[1]] == ["ref"]


def test_b3_two_notebooks_in_one_repository_are_two_entries() -> None:
    two = "software:\n" + "".join(
        f"  - id: {name}\n    name: {name}\n    repository: https://github.com/o/r/blob/main/{name}.ipynb\n"
        for name in ("one", "two")
    )
    found, problems = read_local(two)
    assert as_text(problems) == ""
    assert [each.identity for each in found] == ["one", "two"]
    assert [each.repository.file for each in found if each.repository] == ["one.ipynb", "two.ipynb"]


MISTAKES = [
    # Y11
    ("license: MIT", "4:5: error: license: unknown key; did you mean 'licence'?"),
    ("notebooks: [{pth: a}]", "4:18: error: notebooks.pth: unknown key; did you mean 'path'?"),
    # Y12
    ("interfaces: [noteboks]", "4:18: error: interfaces: unknown value 'noteboks'; one of notebook, desktop, command-line, library, web, service; did you mean 'notebook'?"),
    ("notebooks: first.ipynb", "4:16: error: notebooks: must be a list, as in `[{path: first.ipynb}]`"),
    ("notebooks: [a.ipynb, '/b.ipynb']", "4:17: error: notebooks: must be keys with values, as in `{path: a.ipynb}`\nnotebooks.yaml:4:26: error: notebooks: must be keys with values, as in `{path: …}`"),
    ("notebooks: {path: first.ipynb}", "4:16: error: notebooks: must be a list, as in `[{path: …}]`"),
    ("authors: Ada Lovelace", "4:14: error: authors: must be a list, as in `[{name: Ada Lovelace}]`"),
    ("authors: Ada Lovelace, Jane Doe", "4:14: error: authors: must be a list, as in `[{name: …}]`"),
    ("keywords: []", "4:15: error: keywords: is empty: give it a value, or leave the key out"),
    ("notebooks: []", "4:16: error: notebooks: is empty: give it a value, or leave the key out"),
    ("keywords: radio", "4:15: error: keywords: must be a list, as in `[radio]`"),
    ("keywords: [a, 3]", "4:19: error: keywords: put it in quotes: '3'"),
    ("authors: [Jane]", "4:15: error: authors: must be keys with values, as in `{name: Jane}`"),
    ("keywords: [a: b]", "4:16: error: keywords: must be text: a value with `: ` in it must be in quotes"),
    ("keywords:\n      -a", "5:7: error: keywords: must be a list: a space must follow the `-` of each item"),
    ("notebooks:\n      -path: a.ipynb", "5:7: error: notebooks: must be a list: a space must follow the `-` of each item"),
    ("ref: 1.10\n    repository: https://github.com/o/r", "4:10: error: ref: put it in quotes: '1.10'"),
    ("summary: |\n      a\n      b", "4:14: error: summary: must be one line, without spaces at its ends and without control characters"),
    # a mistake that was in ESAP's list for months
    ("ref: 'HEAD,'\n    repository: https://github.com/o/r", "4:10: error: ref: the ref 'HEAD,' ends with a comma"),
    ("notebooks: [{path: None}]", "4:24: error: notebooks.path: `None` would be the name of a file: leave the key out if there is no notebook to name"),
    # refs, paths
    ("ref: a b\n    repository: https://github.com/o/r", "4:10: error: ref: the ref 'a b' has a character that Git does not allow in a ref"),
    ("notebooks: [{path: ../a.ipynb}]", "4:24: error: notebooks.path: must be a path inside the repository, without `/` before or after it and without `..`"),
    ("notebooks: [{path: 'nb\\a.ipynb'}]", "4:24: error: notebooks.path: has a backslash in it: write `/` between folders, even on Windows"),
    ("notebooks: [{path: /a.ipynb}]", "4:24: error: notebooks.path: must be a path inside the repository, without `/` before or after it and without `..`"),
    ("notebooks: [{path: a/}]", "4:24: error: notebooks.path: must be a path inside the repository, without `/` before or after it and without `..`"),
    # what the URL of the repository says, too
    ("ref: main\n    repository: https://github.com/o/r/tree/dev", "4:10: error: ref: is 'main', and the URL of the repository names 'dev': leave one out"),
    ("ref: HEAD\n    repository: https://github.com/o/r/blob/feature/x/a.ipynb", "4:10: error: ref: is 'HEAD', and the URL of the repository names 'feature': leave one out"),
    ("notebooks: [{path: c.ipynb}]\n    repository: https://github.com/o/r/blob/main/a.ipynb", "4:16: error: notebooks: the list begins with 'c.ipynb', and the URL of the repository names 'a.ipynb', which would be opened: leave one out"),
    ("notebooks: [{path: nb/c.ipynb}]\n    repository: https://github.com/o/r/tree/main/nb", "4:16: error: notebooks: the list begins with 'nb/c.ipynb', and the URL of the repository names 'nb', which would be opened: leave one out"),
    ("notebooks: [{path: 'https://github.com/o/r/blob/main/nb/a.ipynb'}]", "4:24: error: notebooks.path: is a URL: write the path inside the repository, as in 'nb/a.ipynb'"),
    ("notebooks: [{path: 'https://example.org/a.ipynb'}]", "4:24: error: notebooks.path: is a URL: write the path inside the repository"),
    # Y15, Y19 addresses
    ("repository: https://github.com/owner", "4:17: error: repository: this is an organisation or account, not a repository: give the address of one repository"),
    ("repository: https://me:secret@github.com/o/r", "4:17: error: repository: the address has a user name or password in it, which must not be published"),
    ("repository: file:///srv/r.git", "4:17: error: repository: an address that begins with 'file:' is not a public repository"),
    ("homepage: example.org", "4:15: error: homepage: must begin with https://"),
    ("documentation: [javascript:alert(1)]", "4:21: error: documentation: must begin with https://"),
    # fields with their own validation
    ("authors: [{name: Jane, orcid: 0000-0002-1825-0098}]", "4:35: error: authors.orcid: '0000-0002-1825-0098' is not an ORCID: check its sixteen digits"),
    ("licence: GPLv3", "4:14: error: licence: 'GPLv3' is not an SPDX licence: did you mean 'GPL-3.0-only' or 'GPL-3.0-or-later'?"),
    ("licence: BSD 3", "4:14: error: licence: 'BSD 3' is not an SPDX licence: did you mean 'BSD-3-Clause'?"),
    ("licence: MTI", "4:14: error: licence: 'MTI' is not an SPDX licence: did you mean 'MIT'?"),
    ("licence: MIT OR Apche-2.0", "4:14: error: licence: 'MIT OR Apche-2.0' is not an SPDX licence: did you mean 'MIT OR Apache-2.0'?"),
    ("licence: proprietary", "4:14: error: licence: 'proprietary' is not an SPDX licence: see https://spdx.org/licenses/, or leave it out if there is none"),
    ("licence: MIT/Apache-2.0", "4:14: error: licence: 'MIT/Apache-2.0' is not an SPDX licence: write 'MIT OR Apache-2.0' if one may choose, 'MIT AND Apache-2.0' if all of them apply"),
    ("licence: GPL-2.0+ + MIT", "4:14: error: licence: 'GPL-2.0+ + MIT' is not an SPDX licence: write 'GPL-2.0-or-later OR MIT' if one may choose, 'GPL-2.0-or-later AND MIT' if all of them apply"),
    ("licence: MIT, apache2.0", "4:14: error: licence: 'MIT, apache2.0' is not an SPDX licence: write 'MIT OR Apache-2.0' if one may choose, 'MIT AND Apache-2.0' if all of them apply"),
    ("formerly: [A B]", "4:16: error: formerly: 'A B' is not a slug: use lower-case letters, digits and single hyphens only, since it becomes part of a URL"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "problem"), MISTAKES, ids=[each[0][:40] for each in MISTAKES])
def test_a_mistake_is_named_with_its_place_and_remedy(line: str, problem: str) -> None:
    found, problems = read_local(f"{ENTRY}    {line}\n")
    assert as_text(problems) == f"notebooks.yaml:{problem}"
    assert found == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("  - name: A\n", "2:5: error: id: give either `id` (a local entry) or `ossr` (an OSSR entry's concept DOI)"),
        (
            "  - id: a\n    ossr: 10.5281/zenodo.1\n    name: A\n",
            "2:5: error: id: give either `id` (a local entry) or `ossr` (an OSSR entry's concept DOI), not both",
        ),
        (
            "  - id:\n    name: A\n",
            "2:8: error: id: is empty: give it a value, or leave the key out (a value that begins with # must be in quotes)",
        ),
        ("  - id: a\n", "2:5: error: name: is missing"),
        ("  - ossr: zenodo.1\n", "2:11: error: ossr: 'zenodo.1' is not a DOI: write 10.5281/zenodo.…"),
        ("  - ossr: 76\n", "2:11: error: ossr: '76' is a record of Zenodo, not its DOI: write 10.5281/zenodo.76"),
        ("  - ossr: '76'\n", "2:11: error: ossr: '76' is a record of Zenodo, not its DOI: write 10.5281/zenodo.76"),
        (
            "  - ossr: https://zenodo.org/records/76/files/a.zip?download=1\n",
            "2:11: error: ossr: 'https://zenodo.org/records/76/files/a.zip?download=1' is a record of Zenodo, not its DOI: write 10.5281/zenodo.76",
        ),
        (
            "  - ossr: https://zenodo.org/communities/escape2020\n",
            "2:11: error: ossr: 'https://zenodo.org/communities/escape2020' is not a DOI: write 10.5281/zenodo.…",
        ),
    ],
)
def test_an_entry_must_say_what_it_speaks_of(text: str, problem: str) -> None:
    assert as_text(read_local(f"software:\n{text}")[1]) == f"notebooks.yaml:{problem}"


def test_a_platform_that_is_most_likely_misspelt_is_told_and_kept() -> None:
    found, problems = read_local(f"{ENTRY}    platforms: [Cython, Pyhton]\n")
    assert [each.runtimes for each in found] == [("Cython", "Pyhton")]
    assert as_text(problems) == (
        "notebooks.yaml:4:25: warning: platforms: unknown name 'Pyhton'; did you mean 'Python'?"
    )


def test_each_platform_of_a_text_with_several_is_compared() -> None:
    found, problems = read_local(f"{ENTRY}    platforms: ['Python, Fortan', 'Java,']\n")
    assert [each.runtimes for each in found] == [("Python", "Fortan", "Java")]
    assert as_text(problems) == (
        "notebooks.yaml:4:17: warning: platforms: unknown name 'Fortan'; did you mean 'Fortran'?"
    )


def test_a_name_is_composed_but_the_path_of_a_file_stays_as_it_is() -> None:
    decomposed = unicodedata.normalize("NFD", "Gál")
    found = only(
        f"software:\n  - id: a\n    name: {decomposed}\n    repository: https://github.com/o/r\n"
        f"    notebooks: [{{path: {decomposed}.ipynb}}]\n"
    )
    assert found.name == "Gál"
    assert found.notebooks == (Notebook(path=f"{decomposed}.ipynb"),)


def test_a_text_that_a_number_sign_cuts_off_is_told() -> None:
    lines = [
        "    summary: Tool for C# and F #1 use",
        "    keywords: # words",
        "      - F  #2",
        "      - 'F' #2",
        "    platforms: [C#] #2",
        "    needs_packages: false #2",
        "    description: | #2",
        "      The #2 tool.",
        "    repository: https://github.com/o/r #the code",
    ]
    found, problems = read_local(ENTRY + "\n".join(lines))
    assert [each.summary for each in found] == ["Tool for C# and F"]
    why = "which begins a comment: put the text in quotes, or a space after the #"
    assert as_text(problems) == (
        f"notebooks.yaml:4:14: warning: summary: the text ends before '#1', {why}\n"
        f"notebooks.yaml:6:9: warning: keywords: the text ends before '#2', {why}"
    )


@pytest.mark.case("Y12")
def test_y12_all_mistakes_of_an_entry_are_named_at_once_and_sound_entries_stay() -> None:
    found, problems = read_local(f"{ENTRY}  - nam: B\n    keywords: x\n  - ossr: 10.5281/zenodo.1\n")
    assert [each.identity for each in found] == ["a", "10.5281/zenodo.1"]
    assert as_text(problems) == (
        "notebooks.yaml:4:5: error: id: give either `id` (a local entry) or `ossr` (an OSSR entry's concept DOI)\n"
        "notebooks.yaml:4:5: error: nam: unknown key; did you mean 'name'?\n"
        "notebooks.yaml:5:15: error: keywords: must be a list, as in `[x]`"
    )


@pytest.mark.case("Y12")
def test_y12_mistakes_in_several_keys_or_entries_are_named_while_another_key_is_wrong() -> None:
    twice = "  - ossr: 10.5281/zenodo.1\n  - ossr: 10.5281/zenodo.1\n    ports: x\n"
    assert as_text(read_local(f"{ENTRY}    ref: main\n    licence: MTI\n{twice}")[1]) == (
        "notebooks.yaml:4:10: error: ref: a ref needs a `repository`: add one, or leave the ref out\n"
        "notebooks.yaml:5:14: error: licence: 'MTI' is not an SPDX licence: did you mean 'MIT'?\n"
        "notebooks.yaml:7:11: error: ossr: '10.5281/zenodo.1' is given twice, first at notebooks.yaml:6:11: put both into one entry\n"
        "notebooks.yaml:8:12: error: ports: must be a list, as in `[one, two]`"
    )


def test_a_ref_beside_a_misspelt_repository_has_one() -> None:
    assert as_text(read_local(f"{ENTRY}    ref: main\n    repositry: https://github.com/o/r\n")[1]) == (
        "notebooks.yaml:5:5: error: repositry: unknown key; did you mean 'repository'?"
    )


@pytest.mark.case("Y13")
def test_y13_an_entry_that_is_given_twice_is_refused_with_both_places() -> None:
    assert as_text(read_local(ENTRY + "  - id: a\n    name: B\n")[1]) == (
        "notebooks.yaml:4:9: error: id: 'a' is given twice, first at notebooks.yaml:2:9: change one of them"
    )
    for again in ("10.5281/ZENODO.1000", "https://doi.org/10.5281/zenodo.1000"):
        assert as_text(read_local(f"{OVERRIDE}  - ossr: {again}\n")[1]) == (
            f"notebooks.yaml:3:11: error: ossr: {again!r} is given twice, "
            "first at notebooks.yaml:2:11: put both into one entry"
        )


@pytest.mark.case("Y9")
def test_y9_a_file_of_another_shape_is_refused_in_words() -> None:
    assert as_text(read_local("notebooks: []\n")[1]) == (
        "notebooks.yaml:1:1: error: the file must be a list under the key 'software', as in `software:`"
    )
    assert as_text(read_local("")[1]) == "notebooks.yaml:1:1: error: the file is empty"
    assert read_local("software: []\n") == ([], [])


@pytest.mark.case("H37")
def test_h37_markdown_of_contributors_is_inert() -> None:
    found = only(ENTRY + "    description: '[x](javascript:alert(1)) <b>raw</b>'\n")
    assert str(found.description) == "<p>[x](javascript:alert(1)) &lt;b&gt;raw&lt;/b&gt;</p>"
