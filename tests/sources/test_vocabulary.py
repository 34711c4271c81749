"""The many spellings of licences, platforms, interfaces, people and titles -> the one that the catalogue uses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.model import Interface, Licence, Person
from catalogue.sources.vocabulary import (
    interfaces,
    keywords,
    licence,
    meant_runtime,
    name_from_title,
    people,
    person,
    runtime,
    runtimes,
    similar_licences,
    zenodo_licence,
)

anything = st.text(st.characters(exclude_categories=()), max_size=60)
DESKTOP, NOTEBOOK, COMMAND_LINE = Interface.DESKTOP, Interface.NOTEBOOK, Interface.COMMAND_LINE


# --- licences


@pytest.mark.parametrize(
    ("stated", "spdx"),
    [
        # usual ids
        ("mit-license", "MIT"),
        ("apache2.0", "Apache-2.0"),
        ("gpl-2.0", "GPL-2.0-only"),
        ("gpl-3.0", "GPL-3.0-only"),
        ("gpl-3.0+", "GPL-3.0-or-later"),
        ("lgpl-2.1", "LGPL-2.1-only"),
        ("agpl-3.0", "AGPL-3.0-only"),
        ("bsl1.0", "BSL-1.0"),
        ("eclipse-1.0", "EPL-1.0"),
        ("artistic-license-2.0", "Artistic-2.0"),
        ("zlib-license", "Zlib"),
        ("uoi-ncsa", "NCSA"),
        ("isc-license", "ISC"),
        ("mozilla1.1", "MPL-1.1"),
        ("apache-2", "Apache-2.0"),
        ("cc0", "CC0-1.0"),
        ("cc-zero", "CC0-1.0"),
        # SPDX, whatever its case
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("cc-by-4.0", "CC-BY-4.0"),
        ("cecill-b", "CECILL-B"),
        ("GPL-3.0", "GPL-3.0-only"),
        ("MIT or apache-2.0", "MIT OR Apache-2.0"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        # addresses
        ("https://spdx.org/licenses/MIT", "MIT"),
        ("https://spdx.org/licenses/BSD-3-Clause.html", "BSD-3-Clause"),
        ("https://opensource.org/licenses/Apache-2.0", "Apache-2.0"),
        ("http://www.opensource.org/license/mit/", "MIT"),
        ("https://choosealicense.com/licenses/gpl-3.0/", "GPL-3.0-only"),
        ("https://www.gnu.org/licenses/gpl-3.0.html", "GPL-3.0-only"),
        ("http://www.gnu.org/licenses/old-licenses/lgpl-2.1.en.html", "LGPL-2.1-only"),
        ("https://www.gnu.org/licenses/gpl-3.0-standalone.html", "GPL-3.0-only"),
        ("https://gnu.org/licenses/agpl-3.0.txt", "AGPL-3.0-only"),
        # not known: shown as stated, never guessed
        ("https://www.gnu.org/licenses/gpl.html", None),
        ("apache", None),
        ("bsd-license", None),
        ("cc-by", None),
        ("other-closed", None),
        ("./COPYRIGHT", None),
        ("GNU General Public License v3", None),
        ("https://example.org/licence", None),
        ("MIT AND", None),
        ("( )", None),
        ("( AND x", None),
        ("AND", None),
    ],
)
def test_a_licence_is_an_spdx_expression_beside_what_was_stated(stated: str, spdx: str | None) -> None:
    assert licence(stated) == Licence(spdx=spdx, stated=stated)


# What Zenodo's legacy format states, beside the id in InvenioRDM, which is that of SPDX in lower case.
ZENODO_LICENCES = """
    cc-zero cc0-1.0, apache2.0 apache-2.0, apl1.0 apl-1.0, bsl1.0 bsl-1.0, cpal_1.0 cpal-1.0, ca-tosl1.1 catosl-1.1,
    nasa1.3 nasa-1.3, rpl1.5 rpl-1.5, apgl-v3 agpl-3.0-only, apache apache-1.0, artistic-license-2.0 artistic-2.0,
    attribution aal, bsd-license bsd-1-clause, cuaoffice cua-opl-1.0, canada-crown ogl-canada-2.0, cddl1 cddl-1.0,
    cc-by-sa cc-by-sa-1.0, cc-by cc-by-1.0, cc-nc cc-by-nc-2.0, eclipse-1.0 epl-1.0, ecl2 ecl-2.0, ver2_eiffel efl-2.0,
    eiffel efl-1.0, frameworx frameworx-1.0, fal lal-1.2, gfdl gfdl-1.1-only, gpl-2.0 gpl-2.0-only, gpl-3.0 gpl-3.0-only,
    lgpl-2.1 lgpl-2.1-only, lgpl-3.0 lgpl-3.0-only, ibmpl ipl-1.0, ipafont ipa, isc-license isc, intel-osl intel,
    lucent1.02 lpl-1.02, mit-license mit, mozilla mpl-1.0, mozilla1.1 mpl-1.1, ntp-license ntp, nethack ngpl,
    nosl3.0 nposl-3.0, oclc2 oclc-2.0, odc-by odc-by-1.0, odc-odbl odbl-1.0, odc-pddl pddl-1.0, openfont ofl-1.0,
    opengroup ogtsl, php php-3.0, pythonsoftfoundation psf-2.0, pythonpl python-2.0, real rpsl-1.0, ricohpl rscpl,
    sun-issl sissl, sunpublic spl-1.0, sybase watcom-1.0, uk-ogl ogl-uk-1.0, uoi-ncsa ncsa, vovidapl vsl-1.0, zpl zpl-1.1,
    zlib-license zlib
"""


@pytest.mark.parametrize(("stated", "id_in_rdm"), [row.split() for row in ZENODO_LICENCES.split(",")])
def test_a_licence_is_the_same_in_either_format_of_zenodo(stated: str, id_in_rdm: str) -> None:
    known = licence(id_in_rdm)
    assert known is not None
    assert known.spdx is not None
    assert zenodo_licence(stated) == Licence(spdx=known.spdx, stated=stated)


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("MTI", ["MIT"]),
        ("MIT License", ["MIT"]),
        ("BSD", ["BSD-2-Clause", "BSD-3-Clause"]),
        ("BSD-3-Cluase", ["BSD-3-Clause", "BSD-2-Clause"]),
        ("Apche-2.0", ["Apache-2.0"]),
        ("GNU GPL v3", ["GPL-3.0-only", "GPL-3.0-or-later"]),
        # Of the rare ones, only what is very similar; no usual one is.
        ("Artistic-2", ["Artistic-2.0", "ClArtistic"]),
        ("Unlicence", ["Unlicense"]),
        # An expression keeps what is right in it.
        ("(MIT OR Apche-2.0) AND ISC", ["(MIT OR Apache-2.0) AND ISC"]),
        ("MIT or BSD", ["MIT or BSD-2-Clause", "MIT or BSD-3-Clause"]),
        ("MIT AND", ["MIT"]),
        # Nothing is guessed for what is no misspelling.
        ("proprietary", []),
        ("public domain", []),
        ("free", []),
        ("", []),
    ],
)
def test_the_nearest_licences_of_a_misspelt_one(stated: str, meant: list[str]) -> None:
    assert similar_licences(stated) == meant


@pytest.mark.parametrize("nothing", ["", "  ", "\u200b", None, True, ["MIT"], {"id": "mit"}])
def test_no_licence_is_made_of_nothing(nothing: object) -> None:
    assert licence(nothing) is None
    assert zenodo_licence(nothing) is None


@pytest.mark.parametrize(
    ("known", "label"),
    [
        (Licence(spdx="MIT", stated="mit-license"), "MIT"),
        (Licence(spdx=None, stated="other-closed"), "other-closed"),
        (Licence(spdx=None), ""),
    ],
)
def test_the_label_of_a_licence_is_its_expression_else_what_was_stated(known: Licence, label: str) -> None:
    assert known.label == label


# --- keywords


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (["Projects: WISE"], ("WISE",)),
        (["SKA; Content: Astronomy"], ("SKA", "Astronomy")),
        (["Projects: EXPLORE", "Topics :  x"], ("EXPLORE", "x")),
        (["a; b", "b", "B"], ("a", "b")),
        (["one, two, three"], ("one", "two", "three")),
        (["one, two"], ("one, two",)),
        (["one, two, three", "four"], ("one, two, three", "four")),
        (["Jupyter", "jupyter", "JUPYTER"], ("Jupyter",)),
        (["  spaced \n out. "], ("spaced out",)),
        (["Keywords:", ";", "", None, ["x"], {"a": "b"}], ()),
        (
            ["H.E.S.S.", "Astronomy.", "S.N.R.,", ".net", "e.g.", "..."],
            ("H.E.S.S.", "Astronomy", "S.N.R.", ".net", "e.g."),
        ),
        (["#x?y=1", "a/b/../c"], ("#x?y=1", "a/b/../c")),
        (["x" * 5000], ("x" * 79 + "…",)),
        ([f"word {n}" for n in range(300)], tuple(f"word {n}" for n in range(200))),
    ],
)
def test_keywords_are_taken_apart(stated: list[object], words: tuple[str, ...]) -> None:
    assert keywords(stated) == words


# --- languages and platforms


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("python3", "Python"),
        ("Python 3", "Python"),
        ("Python 3.8", "Python"),
        ("Python 3.8+", "Python"),
        ("Python v3.8", "Python"),
        ("Python 3.*", "Python"),
        ("python3.*", "Python"),
        ("python-3.8", "Python"),
        ("Python>=3.8", "Python"),
        ("Python>=3.8,<3.11", "Python"),
        ("C++17", "C++"),
        ("cpp", "C++"),
        ("C99", "C"),
        ("C#", "C#"),
        ("ROOT 6", "ROOT"),
        ("Fortran 90", "Fortran"),
        ("R", "R"),
        ("R 4.1", "R"),
        ("Rust", "Rust"),
        ("rust 1.70", "Rust"),
        ("Singularity", "Apptainer"),
        ("unix shell", "Shell"),
        ("Jupyter Notebook", "Jupyter"),
        # what is not known stays as it was given
        ("CUDA 11", "CUDA 11"),
        ("C/C++", "C/C++"),
        ("Cython", "Cython"),
        ("Rocket", "Rocket"),
        (">=3.8", ">=3.8"),
        ("  Qt   5 ", "Qt 5"),
        ("", ""),
    ],
)
def test_a_platform_has_its_usual_name(stated: str, name: str) -> None:
    assert runtime(stated) == name


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("Pyhton", "Python"), ("pythn", "Python"), ("Pythoon", "Python"), ("Pithon", "Python"), ("Pyhton 3.8", "Python"), ("Fotran", "Fortran"),
        ("Dokcer", "Docker"), ("Juila", "Julia"), ("Javascritp", "JavaScript"), ("Python", None), ("python 3", None), ("Cython", None),
        ("Jython", None), ("PyPy", None), ("Pythran", None), ("JupyterLab", None), ("Fortran IV", None), ("Scala", None), ("Perl", None),
        ("CUDA", None), ("Jav", None), ("Ruby", None), ("Mamba", None), ("Condor", None), ("", None),
    ],
)  # fmt: skip
def test_a_slip_of_the_keyboard_is_told_from_another_platform(stated: str, meant: str | None) -> None:
    assert meant_runtime(stated) == meant


def test_platforms_are_named_once() -> None:
    assert runtimes(["python3", None, "Python >= 3.9", "c++", "C++17", ""]) == ("Python", "C++")


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ("Python, C++", ("Python", "C++")),
        ("Python; R | Julia", ("Python", "R", "Julia")),
        ("C/C++", ("C", "C++")),
        ("Python 3.8 / JavaScript", ("Python", "JavaScript")),
        ("PL/SQL, Python", ("PL/SQL", "Python")),
        ("https://www.python.org/", ("https://www.python.org/",)),
        ("Python>=3.8,<3.11", ("Python",)),
        ("python 2.7, 3.6, Fortran", ("Python", "Fortran")),
        (">=3.8", (">=3.8",)),
        (" , ;|", ()),
    ],
)
def test_a_text_may_list_several_languages(stated: str, names: tuple[str, ...]) -> None:
    assert runtimes([stated]) == names


def test_of_many_languages_twenty_are_taken() -> None:
    assert runtimes(f"lang{number}x" for number in range(200)) == tuple(f"lang{number}x" for number in range(20))


# --- interfaces


@pytest.mark.parametrize(
    ("words", "title", "found"),
    [
        ([], "", set()),
        (["astronomy"], "Tool", set()),
        # eossr and gLike carry it and are libraries
        (["jupyter-notebook"], "", set()),
        (["Jupyter-Notebook"], "eossr", set()),
        (["jupyter-notebook", "Jupyter"], "", {NOTEBOOK}),
        (["jupyter-notebook"], "A notebook for HCG 16", {NOTEBOOK}),
        (["Jupyter Notebook"], "", {NOTEBOOK}),
        (["notebooks"], "", {NOTEBOOK}),
        (["JupyterLab"], "", {NOTEBOOK}),
        ([], "IPython notebooks of the school", {NOTEBOOK}),
        (["GUI"], "", {DESKTOP}),
        (["Desktop application", "CLI"], "", {DESKTOP, COMMAND_LINE}),
        (["Command line"], "", {COMMAND_LINE}),
        (["Python package", "library"], "", {Interface.LIBRARY}),
        (["web app", "web service"], "", {Interface.WEB, Interface.SERVICE}),
    ],
)
def test_how_software_is_used_is_read_from_words_and_title(words: list[str], title: str, found: set[Interface]) -> None:
    assert interfaces(words, title) == found


# --- people

ORCID = "0000-0002-1825-0097"


@pytest.mark.parametrize(
    ("stated", "orcid"),
    [
        (ORCID, ORCID),
        ("0000-0002 -1825-0097", ORCID),
        ("0000 0002 1825 0097", ORCID),
        ("0000000218250097", ORCID),
        (f"https://orcid.org/{ORCID}", ORCID),
        (f"http://orcid.org/{ORCID}", ORCID),
        ("0000-0002-1694-233x", "0000-0002-1694-233X"),
        ("0000-0002-1825-0098", None),  # wrong check digit
        ("٠٠٠٠-0002-1825-0097", None),
        ("https://evil.example/0000-0002-1825-0097", None),
        ("0000-0002-1825", None),
        ("0009-0000-0000-0009", "0009-0000-0000-0009"),
        ("0000-0001-2103-2034", None),  # right digits, of an ISNI that is no ORCID
        ("0000-0000-0000-0000", None),
        ("javascript:alert(1)", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_an_orcid_is_repaired_or_dropped(stated: object, orcid: str | None) -> None:
    assert person("Josiah Carberry", stated) == Person(
        name="Josiah Carberry", sort_name="Carberry, Josiah", orcid=orcid
    )


@pytest.mark.parametrize(
    ("name", "shown", "sort_name"),
    [
        ("Gál, Tamás", "Gál, Tamás", "Gál, Tamás"),
        ("Tamás Gál", "Tamás Gál", "Gál, Tamás"),
        ("Mark B. Taylor", "Mark B. Taylor", "Taylor, Mark B."),
        ("Ludwig van Beethoven", "Ludwig van Beethoven", "van Beethoven, Ludwig"),
        ("Anna von der Leyen", "Anna von der Leyen", "von der Leyen, Anna"),
        ("Van Morrison", "Van Morrison", "Morrison, Van"),
        ("van der Berg, A.", "van der Berg, A.", "van der Berg, A."),
        ("mbt65", "mbt65", "mbt65"),
        ("王彦昭", "王彦昭", "王彦昭"),
        ("(王彦昭)", "(王彦昭)", "王彦昭"),
        ("Yanzhao Wang (王彦昭)", "Yanzhao Wang (王彦昭)", "Wang, Yanzhao"),
        ("Jane Doe <jane@x.org>", "Jane Doe", "Doe, Jane"),
        ("Doe, Jane (jane@x.org)", "Doe, Jane", "Doe, Jane"),
        ("  Jane \u202e Doe  ", "Jane Doe", "Doe, Jane"),
        # titles
        ("Dr. Rachael Ainsworth", "Dr. Rachael Ainsworth", "Ainsworth, Rachael"),
        ("Ainsworth, Dr. Rachael", "Ainsworth, Dr. Rachael", "Ainsworth, Rachael"),
        ("Prof. Dr.-Ing. Jane Doe", "Prof. Dr.-Ing. Jane Doe", "Doe, Jane"),
        ("DR JANE DOE", "DR JANE DOE", "DOE, JANE"),
        ("Dr.Jane Doe", "Dr.Jane Doe", "Doe, Jane"),
        ("Dr. Doe", "Dr. Doe", "Doe"),
        ("Drew Barry", "Drew Barry", "Barry, Drew"),
        ("Prof", "Prof", "Prof"),
        ("Dr-Smith, Jane", "Dr-Smith, Jane", "Dr-Smith, Jane"),
        ("Jane Dr", "Jane Dr", "Dr, Jane"),
    ],
)
def test_a_name_is_shown_as_given_and_sorted_by_family(name: str, shown: str, sort_name: str) -> None:
    assert person(name) == Person(name=shown, sort_name=sort_name)


@pytest.mark.parametrize(
    ("name", "family", "sort_name"),
    [
        ("Ludwig van Beethoven", "van Beethoven", "van Beethoven, Ludwig"),
        ("Gabriel García Márquez", "García Márquez", "García Márquez, Gabriel"),
        ("Dr. Rachael Ainsworth", "Ainsworth", "Ainsworth, Rachael"),
        ("Beethoven", "Beethoven", "Beethoven"),
        ("Jane Doe", "Smith", "Doe, Jane"),
    ],
)
def test_a_stated_family_name_decides_the_order(name: str, family: str, sort_name: str) -> None:
    assert person(name, family=family) == Person(name=name, sort_name=sort_name)


@pytest.mark.parametrize(
    "name",
    [
        "ATLAS Collaboration", "The LIGO Scientific Collaboration", "the astropy collaboration", "Gammapy developers",
        "ESCAPE project", "European Space Agency", "Max Planck Institute for Physics", "University of Oslo",
        "European Southern Observatory", "CTA Consortium", "H.E.S.S.-Collaboration", "KM3NeT Collaboration.",
    ],
)  # fmt: skip
def test_an_organisation_is_recognised_by_its_words(name: str) -> None:
    assert person(name, family=name) == Person(name=name, sort_name=name, organisation=True)


def test_what_a_record_says_to_be_an_organisation_is_one() -> None:
    [found] = people([{"name": "CERN, Geneva", "organisation": True}])
    assert found == Person(name="CERN, Geneva", sort_name="CERN, Geneva", organisation=True)
    assert (found.display_name, found.family_and_given) == ("CERN, Geneva", None)


def test_a_collaboration_that_is_written_like_a_person_is_shown_in_the_right_order() -> None:
    found = person("Collaboration, ATLAS")
    assert found is not None
    assert found.display_name == "ATLAS Collaboration"


@pytest.mark.parametrize(
    ("name", "shown", "to_sort"),
    [
        ("山田, 太郎", "山田 太郎", "山田, 太郎"),
        ("山田 太郎", "山田 太郎", "山田, 太郎"),
        ("김 철수", "김 철수", "김, 철수"),
        ("王彦昭", "王彦昭", "王彦昭"),
        ("山田, Taro", "Taro 山田", "山田, Taro"),
    ],
)
def test_an_east_asian_name_has_its_family_name_first(name: str, shown: str, to_sort: str) -> None:
    found = person(name)
    assert found is not None
    assert (found.display_name, found.sort_name) == (shown, to_sort)


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "jane@x.org", "<jane@x.org>", None, ["Jane"]])
def test_nobody_has_no_name(name: object) -> None:
    assert person(name, ORCID) is None


def test_people_keep_their_order_and_the_nameless_are_left_out() -> None:
    stated: list[dict[str, object]] = [
        {"name": "Zoe Z", "affiliation": "INAF, zoe@inaf.example"},
        {"name": ""},
        {"name": "Abe A", "orcid": ORCID},
    ]
    assert people(stated) == (
        Person(name="Zoe Z", sort_name="Z, Zoe", affiliation="INAF"),
        Person(name="Abe A", sort_name="A, Abe", orcid=ORCID),
    )


# --- names


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("AMIGA-IAA/hcg-16: HCG-16 workflow", "hcg-16"),
        ("km3net/km3pipe: 9.0", "km3pipe"),
        ("owner/repo", "repo"),
        ("TCP/IP: an introduction", "TCP/IP: an introduction"),
        ("Timewise pipeline v1.2", "Timewise pipeline"),
        ("Version 1.2", "Version 1.2"),
        ("Gammapy: a toolbox", "Gammapy: a toolbox"),
        ("A/B tests of x", "A/B tests of x"),
        ("  Tool \n", "Tool"),
        ("", ""),
    ],
)
def test_a_title_of_the_github_hook_gives_the_repositorys_name(title: str, name: str) -> None:
    addresses = ["https://github.com/amiga-iaa/hcg-16.git", "https://github.com/km3net/km3pipe/tree/9.0"]
    assert name_from_title(title, "v1.2", [*addresses, "https://github.com/owner/repo"]) == name


@pytest.mark.parametrize(
    ("title", "version", "name"),
    [
        ("HEALPix C++ 3.82", "3.82", "HEALPix C++"),
        ("C# 1.0", "1.0", "C#"),
        ("Tool version 1.2", "1.2", "Tool"),
        ("Tool, version 1.2", "v1.2", "Tool"),
        ("Tool: release 1.2", "1.2", "Tool"),
        ("Tool - Release v1.2", "v1.2", "Tool"),
        ("Tool ver. 1.2", "1.2", "Tool"),
        ("Tool v. 1.2", "1.2", "Tool"),
        ("Tool (v1.2)", "v1.2", "Tool"),
        ("Tool (version 1.2)", "1.2", "Tool"),
        ("Tool – 1.2.0", "v1.2.0", "Tool"),
        ("Tool_v1.2", "1.2", "Tool"),
        ("Tool-1.2", "1.2", "Tool"),
        ("Tool v2", "v2", "Tool"),
        ("Tool v2", "2", "Tool"),
        ("Tool version 2", "2", "Tool"),
        ("Tool 1.2 beta", "1.2 beta", "Tool"),
        ("Subversion 1.2", "1.2", "Subversion"),
        ("Prerelease 1.2", "1.2", "Prerelease"),
        ("Tool (beta) 1.2", "1.2", "Tool (beta)"),
        ("Tool (edition 1.2)", "1.2", "Tool (edition 1.2)"),
        ("HEALPix C++3.82", "3.82", "HEALPix C++3.82"),
        # A number without a dot may belong to the name.
        ("Catalogue of 2024", "2024", "Catalogue of 2024"),
        ("ESCAPE 2020", "2020", "ESCAPE 2020"),
        ("Gaia DR3", "3", "Gaia DR3"),
        # What does not end with the version stays, and what is nothing else, too.
        ("Tool 11.2", "1.2", "Tool 11.2"),
        ("Tool 1.2 beta", "1.2", "Tool 1.2 beta"),
        ("Release v1.2 of Tool", "v1.2", "Release v1.2 of Tool"),
        ("v1.2", "v1.2", "v1.2"),
        ("Tool", None, "Tool"),
        ("Tool v", "v", "Tool v"),
    ],
)
def test_a_name_has_no_version_at_its_end(title: str, version: str | None, name: str) -> None:
    assert name_from_title(title, version) == name


@given(anything)
def test_no_text_makes_a_reader_raise(text: str) -> None:
    assert runtime(text) == runtime(runtime(text))
    found = licence(text)
    assert found is None or found.stated
    assert all(similar_licences(text))
    assert all(words.strip() for words in keywords([text]))
    assert interfaces([text], text) <= frozenset(Interface)
    author = person(text, text, text, text)
    assert author is None or (author.name and author.sort_name)
