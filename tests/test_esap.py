"""Known facts about ESAP's own entries, on the frozen catalogue."""

import pytest

from catalogue.model import Catalogue, Offer, Verdict

# The entries of ESAP's own list in 2022, by their names there.
ESAPS_OWN = [
    "CSIC-IAA HCG-16 workflow",
    "CDS MOCPy",
    "ASTRON VO Apertif",
    "Apertif Visualization",
    "Zooniverse Muon Hunters",
    "CTA gammapy Example",
    "TOPCAT",
    "HESS DR3 analysis with gammapy",
    "Empty Binder",
]


def offer(catalogue: Catalogue, slug: str, facility: str) -> Offer:
    return next(each for each in catalogue.offers if (each.software, each.facility) == (slug, facility))


def test_there_are_esaps_seven_facilities_each_of_its_true_kind(real_catalogue: Catalogue) -> None:
    assert {each.slug: each.kind for each in real_catalogue.facilities} == {
        "mybinder": "binderhub",
        "jive": "binderhub",
        "skao-binderhub": "binderhub",
        "rosetta-inaf": "rosetta",
        "skao-dlaas": "jupyterhub",
        "cscs-cta": "binderhub",
        "renkulab": "website",
    }


def test_only_the_facility_with_plain_http_is_marked_insecure(real_catalogue: Catalogue) -> None:
    assert [each.slug for each in real_catalogue.facilities if each.insecure] == ["jive"]


@pytest.mark.parametrize("name", ESAPS_OWN)
def test_what_esap_listed_is_found_by_its_name(real_catalogue: Catalogue, name: str) -> None:
    assert [each.slug for each in real_catalogue.software if name in (each.name, *each.alternate_names)] != []


def test_an_entry_that_is_known_from_esap_waits_for_its_record(real_catalogue: Catalogue) -> None:
    names = {each.slug: each.name for each in real_catalogue.software}
    assert names["zooniverse-advanced-project-building"] == "Zooniverse: Advanced Project Building"


def test_b1_the_blank_notebook_opens_itself(real_catalogue: Catalogue) -> None:
    assert real_catalogue.site.blank == "blank-notebook"
    blank = offer(real_catalogue, "blank-notebook", "mybinder")
    assert blank.verdict is Verdict.YES
    assert blank.url == "https://mybinder.org/v2/gh/ESAP-WP5/binder-empty/HEAD?urlpath=lab"


def test_b2_a_notebook_in_a_folder_keeps_its_path(real_catalogue: Catalogue) -> None:
    assert offer(real_catalogue, "cta-gammapy-example", "mybinder").url == (
        "https://mybinder.org/v2/git/https%3A%2F%2Fgit.astron.nl%2Fastron-sdc%2Fescape-wp5%2Fworkflows%2Fcta-example/master"
        "?urlpath=lab%2Ftree%2Fgammapy-tutorials%2Fnotebooks-0.18.2%2Fcta.ipynb"
    )


def test_a_desktop_program_is_refused_by_mybinder_with_the_reason(real_catalogue: Catalogue) -> None:
    refused = offer(real_catalogue, "topcat", "mybinder")
    assert (refused.verdict, refused.url) == (Verdict.NO, None)
    assert [reason.text for reason in refused.reasons] == ["desktop program: this facility runs notebooks"]
