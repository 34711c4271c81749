"""The output of `explain`: every field with its source and the values it overrides, and each facility with its reasons."""

from catalogue.explain import explanation
from catalogue.sources.observed import write_observed
from tests.world import CODE_OF_TOOL, FACILITIES, catalogue, entry, observed, seen

CLOSED = """\
  - id: old
    name: Old
    kind: binderhub
    url: https://old.example.org/
    description: It was for everyone.
    closed: 2026-01
"""
EXPLAINED = """\
A better name  (10.5281/zenodo.1000)

Name: A better name
    from: notebooks.yaml:3
    instead of: Tool  (OSSR record 10.5281/zenodo.1001)
How it is used: notebook
    from: derived from OSSR record 10.5281/zenodo.1001
Keywords: notebook
    from: OSSR record 10.5281/zenodo.1001
DOI: 10.5281/zenodo.1001
    from: OSSR record 10.5281/zenodo.1001
DOI of all versions: 10.5281/zenodo.1000
    from: OSSR record 10.5281/zenodo.1001
Repository: https://github.com/owner/tool
    from: OSSR record 10.5281/zenodo.1001
Record: https://zenodo.org/records/1001
    from: OSSR record 10.5281/zenodo.1001
State: current
    from: OSSR record 10.5281/zenodo.1001

No source states: Earlier addresses, Also known as, Summary, Description, Languages and platforms, Authors, Licence, Version, Earlier DOIs, \
Why there is no repository, Archived copy, Notebooks, Ports that it needs, Needs packages, Home page, Documentation, \
Published, Record created, Older versions, Data it reads, About its state

Its repository: Ready. The same at every inspection since 1 January 2026, at its default branch.
  ✓ The repository is there at 1a2b3c4d5e
  ✓ The file requirements.txt says what to install
  Its licence file: MIT

Where it runs:
  yes   Binder: https://binder.example.org/v2/gh/owner/tool/HEAD?urlpath=lab
  no    Old
        this facility has closed"""


def test_an_entry_is_explained_field_by_field_with_its_repository_and_where_it_runs() -> None:
    found = catalogue(
        entry(1001, related=CODE_OF_TOOL, keywords=("notebook",)),
        facilities=f"{FACILITIES}{CLOSED}",
        notebooks="software:\n  - ossr: 10.5281/zenodo.1000\n    name: A better name\n",
        observed=write_observed(observed(seen("https://github.com/owner/tool", licence="MIT"))),
    )
    assert explanation(found.software[0], found) == EXPLAINED


def test_a_facility_that_holds_data_of_the_entry_is_said_to_do_so() -> None:
    reads = "software:\n  - ossr: 10.5281/zenodo.1000\n    reads: [Apertif DR1, FITS]\n"
    found = catalogue(entry(1001), facilities=f"{FACILITIES}    data: [Apertif DR1]\n", notebooks=reads)
    assert "holds" not in explanation(found.software[0], found)  # no code is known, so nothing runs there
    found = catalogue(
        entry(1001, related=CODE_OF_TOOL), facilities=f"{FACILITIES}    data: [Apertif DR1]\n", notebooks=reads
    )
    assert "        holds Apertif DR1" in explanation(found.software[0], found).splitlines()
