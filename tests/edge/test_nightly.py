"""A night as the nightly run has it: the harvest command against a Zenodo on this machine, then the build."""

from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.edge.http import Client
from tests.test_determinism import digests
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE

from .zenodo_double import COMMUNITY, Work, Zenodo, answers


@pytest.fixture
def checkout(tmp_path: Path, zenodo: Zenodo) -> Path:
    """A folder that has been harvested and built once."""
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "facilities.yaml").write_text(FACILITIES)
    (tmp_path / "notebooks.yaml").write_text(NO_NOTEBOOKS)
    zenodo.works = [Work(number=101 + 2 * index, title=name) for index, name in enumerate(["Comet", "Nova", "Quasar"])]
    assert harvest(tmp_path, zenodo).output == "3 records seen, 3 entries: 4 files of snapshot/ changed\n"
    assert run(tmp_path, "build").exit_code == 0
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(folder), *words], env={"SOURCE_DATE_EPOCH": ""})


def harvest(folder: Path, zenodo: Zenodo) -> Result:
    return run(folder, "harvest", "--api", zenodo.api, "--community", COMMUNITY)


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions to this machine need no pause between them."""
    monkeypatch.setattr("catalogue.cli.Client", partial(Client, pace=0.0))


def test_b8_an_outage_costs_freshness_and_never_the_site(checkout: Path, zenodo: Zenodo) -> None:
    snapshot, site = digests(checkout / "snapshot"), digests(checkout / "site")
    zenodo.breaks(answers(503, b"<h1>Back soon</h1>"))
    night = harvest(checkout, zenodo)
    assert night.exit_code == 4
    assert night.output.splitlines()[-1] == "Error: Zenodo answered 503 Service Unavailable with “Back soon”"
    assert digests(checkout / "snapshot") == snapshot
    assert run(checkout, "build").exit_code == 0
    assert digests(checkout / "site") == site


def test_a_night_without_news_changes_no_byte(checkout: Path, zenodo: Zenodo) -> None:
    snapshot = digests(checkout / "snapshot")
    for work in zenodo.works:
        work.views += 100
    assert harvest(checkout, zenodo).output == "3 records seen, 3 entries: no news, nothing was written\n"
    assert digests(checkout / "snapshot") == snapshot


def test_a_withdrawn_record_is_gone_the_next_morning_with_a_page_that_says_so(checkout: Path, zenodo: Zenodo) -> None:
    for number in range(201, 211, 2):
        zenodo.works.append(Work(number=number, title=f"Star {number}"))
    harvest(checkout, zenodo)
    zenodo.gone[101] = {"removal_reason": {"id": "retracted"}, "note": "wrong units"}
    del zenodo.works[0]
    assert harvest(checkout, zenodo).exit_code == 0
    assert run(checkout, "build").exit_code == 0
    site = checkout / "site"
    page = (site / "software" / "comet" / "index.html").read_text("utf-8")
    assert "Zenodo has withdrawn it: retracted: wrong units" in page
    assert "Launch" not in page
    for name in ("index.html", "sitemap.xml", "matrix/index.html"):
        assert "software/nova/" in (site / name).read_text("utf-8")
        assert "software/comet/" not in (site / name).read_text("utf-8")
    assert "comet" not in next((site / "search").iterdir()).read_text("utf-8")


def test_what_every_record_of_the_night_became_is_on_the_status_page(checkout: Path, zenodo: Zenodo) -> None:
    zenodo.works.append(Work(number=301, title="Slides", kind="presentation"))
    harvest(checkout, zenodo)
    run(checkout, "build")
    page = (checkout / "site" / "status" / "index.html").read_text("utf-8")
    assert "4 records seen, 4 accounted for" in page
    assert 'Left out: <span dir="auto">not software: presentation</span>' in page
