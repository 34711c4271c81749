"""The build as a process: killed, interrupted, run twice at a time, with missing parts; and what it leaves behind."""

import getpass
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from bench.worlds import write_site
from catalogue.cli import main
from catalogue.edge import checkout as edge_checkout
from catalogue.edge import search_check
from catalogue.edge.publish import publish
from catalogue.edge.snapshot_files import load, save
from catalogue.outputs import guards
from catalogue.outputs.files import File, json_file
from catalogue.outputs.guards import Tally, always_refused, not_found, tallied
from catalogue.outputs.renderer import Renderer
from catalogue.outputs.site import site_files
from catalogue.pipeline import build_catalogue
from catalogue.problems import CatalogueError, GuardError
from catalogue.sources.facilities import FacilityEntry
from catalogue.sources.snapshot import read_snapshot, write_snapshot
from tests.world import FACILITIES, NO_NOTEBOOKS, SITE, catalogue, entry, inputs, snapshot

from .conftest import PROJECT, built
from .test_determinism import digests

BASE = "https://catalogue.example.org/"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a small catalogue of twenty entries."""
    for name, text in (("site.yaml", SITE), ("facilities.yaml", FACILITIES), ("notebooks.yaml", NO_NOTEBOOKS)):
        (tmp_path / name).write_text(text)
    of_twenty = snapshot(*(entry(1001 + 2 * n, title=f"Tool {n}") for n in range(20)))
    save(tmp_path / "snapshot", write_snapshot(of_twenty))
    return tmp_path


def started(checkout: Path, *words: str, **settings: object) -> "subprocess.Popen[str]":
    """A build in its own process."""
    command = [sys.executable, str(PROJECT / "build.py"), "--root", str(checkout), *words]
    running: subprocess.Popen[str] = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **settings,  # type: ignore[call-overload]
    )
    return running  # fmt: skip


@pytest.mark.case("B10")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_build_leaves_the_old_site_and_no_traceback(checkout: Path, how: signal.Signals) -> None:
    assert started(checkout, "build").wait(60) == 0
    old = digests(checkout / "site")
    (checkout / "site.yaml").write_text(SITE.replace("Small catalogue", "Other catalogue"))
    running = started(checkout, "build")
    while running.poll() is None and not (checkout / ".site-new").exists():
        time.sleep(0.01)
    running.send_signal(how)
    _, said = running.communicate(timeout=60)
    assert running.returncode != 0
    assert "Traceback" not in said
    assert digests(checkout / "site") == old
    assert started(checkout, "build").wait(60) == 0
    assert digests(checkout / "site") != old


@pytest.mark.case("B10")
def test_a_reader_of_the_output_who_leaves_is_no_traceback(checkout: Path) -> None:
    running = started(checkout, "explain", "tool-1")
    assert running.stdout
    running.stdout.close()
    assert running.stderr
    said = running.stderr.read()
    running.wait(60)
    assert "Traceback" not in said


@pytest.mark.case("B1")
def test_a_harvest_that_is_killed_while_it_writes_leaves_whole_files(tmp_path: Path) -> None:
    """Each file is replaced atomically; the next harvest repairs a snapshot that is between two states."""
    folder = tmp_path / "snapshot"
    texts = [
        write_snapshot(snapshot(*(entry(1001 + 2 * n, title=f"Star x{n}", version=word) for n in range(60))))
        for word in ("1", "2")
    ]
    save(folder, texts[0])
    program = (
        "import sys, json; from pathlib import Path; from catalogue.edge.snapshot_files import save\n"
        "texts = json.loads(sys.stdin.read())\nprint('ready', flush=True)\n"
        "while True:\n    for text in texts: save(Path(sys.argv[1]), text)"
    )
    moments = random.Random(7)
    for _ in range(6):
        running = subprocess.Popen(
            [sys.executable, "-c", program, str(folder)], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        assert running.stdin
        assert running.stdout
        running.stdin.write(json.dumps(texts))
        running.stdin.close()
        running.stdout.readline()
        time.sleep(moments.uniform(0, 0.2))
        running.kill()
        running.wait()
        running.stdout.close()
        found = load(folder)
        assert all(text in (texts[0][name], texts[1][name]) for name, text in found.items())
        assert read_snapshot(found).harvest is not None
    save(folder, texts[1])
    assert load(folder) == texts[1]


@pytest.mark.case("B6")
def test_a_second_build_waits_or_says_that_another_one_is_writing(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = [started(checkout, "build") for _ in range(2)]
    assert [each.wait(120) for each in running] == [0, 0]
    whole = digests(checkout / "site")
    assert json.loads((checkout / "site" / "build.json").read_text())["sha256"].keys() == whole.keys() - {"build.json"}
    impatient = lambda path, timeout: FileLock(path, timeout=0.1)  # noqa: E731
    monkeypatch.setattr("catalogue.edge.publish.FileLock", impatient)
    with FileLock(checkout / ".site-lock"), pytest.raises(CatalogueError) as refused:
        publish(built(catalogue(entry())), checkout / "site", BASE)
    assert str(refused.value) == "another build is writing site/: wait for it to end"
    assert digests(checkout / "site") == whole


@pytest.mark.case("B7")
def test_the_lock_of_a_dead_build_holds_nobody_up(checkout: Path) -> None:
    running = started(checkout, "build")
    while running.poll() is None and not (checkout / ".site-lock").exists():
        time.sleep(0.01)
    running.kill()
    running.wait()
    assert started(checkout, "build").wait(60) == 0


@pytest.mark.case("B2", "B17")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ pgae.title }}", "'pgae' is undefined"),
        ("{{ page.titel }}", "'titel'"),
        ("{{ to(*page.trail) }}", "no more than the values that stand there"),
        ("{% if %}", "Expected an expression"),
        ("{% include 'none.html' %}", "none.html"),
    ],
)
def test_a_template_that_is_wrong_is_named_with_the_page(tmp_path: Path, text: str, words: str) -> None:
    folder = tmp_path / "templates"
    shutil.copytree(edge_checkout.TEMPLATES, folder)
    page = folder / "pages" / "software.html"
    page.write_text(page.read_text("utf-8").replace("{% block main %}", "{% block main %}" + text), encoding="utf-8")
    with pytest.raises(CatalogueError) as wrong:
        list(site_files(catalogue(entry()), edge_checkout.templates(folder), edge_checkout.assets()))
    assert str(wrong.value).startswith("templates/pages/software.html cannot make software/tool/index.html:")
    assert words in str(wrong.value)


@pytest.mark.case("B21")
def test_a_missing_dependency_is_named_with_what_to_do(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "build.py", tmp_path / "build.py")
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "__init__.py").write_text("")
    (tmp_path / "catalogue" / "cli.py").write_text("import no_such_library")
    done = subprocess.run([sys.executable, "build.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == "no_such_library is not installed: run `make build`, or use .venv/bin/python build.py\n"
    assert done.returncode == 1


@pytest.mark.case("B16")
@pytest.mark.parametrize("count", [0, 1, 103])
def test_any_number_of_records_makes_a_sound_site(tmp_path: Path, count: int) -> None:
    entries = [entry(1001 + 2 * n, title=f"Tool {n}") for n in range(count)]
    publish(built(catalogue(*entries)), tmp_path / "site", BASE)
    assert len(list((tmp_path / "site" / "software").glob("*/index.html"))) == count
    home = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert home.count("data-slug=") == count
    assert ("1 entry of" if count == 1 else f"{count} entries of") in home


@pytest.mark.case("Y17")
def test_a_facility_that_was_removed_leaves_no_link_to_it(checkout: Path) -> None:
    assert started(checkout, "build").wait(60) == 0
    (checkout / "facilities.yaml").write_text("facilities: []\n")
    assert started(checkout, "build").wait(60) == 0  # no dead link: the check before publishing would refuse it
    assert not (checkout / "site" / "go" / "tool-1" / "binder").exists()
    for path in (checkout / "site").rglob("*.html"):
        assert "facilities/binder/" not in path.read_text("utf-8")


def tally_of(files: Iterable[File], old: Mapping[str, bytes] | None = None) -> Tally:
    tally = Tally()
    assert list(tallied(files, tally, (old or {}).get)) == list(files)
    return tally


@pytest.mark.case("P8")
def test_an_index_that_does_not_find_what_is_there_is_not_published() -> None:
    whole = catalogue(*(entry(1001 + 2 * n, title=f"Tool {n}") for n in range(5)))
    made = built(whole)
    assert not_found(whole, made) == []
    assert always_refused(whole, tally_of(made)) == []
    index = next(file for file in made if file.path.startswith("search/"))
    without = [file for file in made if file is not index]
    for broken in (b"{}", b"{", b'{"index": {"invertedIndex": 1, "fieldVectors": [], "fields": []}}'):
        assert not_found(whole, [*without, File(index.path, broken)]) == [each.name for each in whole.software]
    other = built(catalogue(entry(title="Something else")))
    assert always_refused(
        whole, tally_of([*without, *(each for each in other if each.path.startswith("search/"))])
    ) == ["its search index does not find 'Tool 0', 'Tool 1', 'Tool 2' by name"]


@pytest.mark.case("P8")
@pytest.mark.parametrize(
    ("path", "change", "words"),
    [
        ("search/", lambda text: text.replace(b'"build"', b'"built"'), "its search cannot be used: "),
        ("search/", lambda text: text[: len(text) // 2], "its search cannot be used: "),
        ("js/rank.js", lambda text: text + b"\nexport const oops = ;", "its search cannot be used: SyntaxError"),
        ("js/words.js", lambda text: text.replace(b"return text.toLowerCase();", b"return text.toLowerCase() + 'x';"), "its search does not find "),
        ("vendor/lunr.js", lambda text: b"throw new Error('no lunr')", "its search cannot be used: "),
    ],
    ids=["another shape", "cut", "a script that is none", "other words", "no lunr"],
)  # fmt: skip
def test_a_search_that_does_not_answer_in_the_browsers_own_scripts_is_not_published(
    checkout: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    change: Callable[[bytes], bytes],
    words: str,
) -> None:
    """lunr.py accepts some of these."""
    whole = catalogue(*(entry(1001 + 2 * n, title=f"Tool {n}") for n in range(5)))
    made = built(whole)
    asked = guards.sampled_entries(whole)
    write_site(made, tmp_path / "sound")
    assert search_check.search_failure(tmp_path / "sound", asked) is None
    broken = [File(file.path, change(file.content)) if path in file.path else file for file in made]
    assert broken != made
    site = tmp_path / "broken"
    write_site(broken, site)
    assert (search_check.search_failure(site, asked) or "").startswith(words)
    monkeypatch.setattr("catalogue.cli.building.site_files", lambda *_, **__: iter(broken))
    done = CliRunner().invoke(main, ["--root", str(checkout), "build"])
    assert done.exit_code == 5
    assert f"- {words}" in done.output
    monkeypatch.setenv("PATH", "")
    assert search_check.search_failure(site, asked) is not None  # Playwright brings one
    monkeypatch.setattr(search_check, "find_spec", lambda _: None)
    assert search_check.search_failure(site, asked) is None  # without any nobody can say


@pytest.mark.case("P9")
@pytest.mark.parametrize(
    ("size", "limit", "refused"), [(900, 900, False), (901, 900, True), (901, 901, False), (5_001, 5_000, True)]
)
def test_a_site_that_is_larger_than_its_host_takes_is_not_published(size: int, limit: int, refused: bool) -> None:
    whole = catalogue(entry())
    of_host = replace(whole, site=replace(whole.site, size_limit=limit))
    gone_by = replace(tally_of(built(whole)), size=size * 10**6)
    words = f"it has {size:,} MB: at most {limit:,} MB are allowed by size_limit in site.yaml"
    assert always_refused(of_host, gone_by) == ([words] if refused else [])


@pytest.mark.case("P9")
def test_a_page_that_is_too_large_is_not_published(tmp_path: Path) -> None:
    made = built(catalogue(entry()))
    [page] = [file for file in made if file.path == "software/tool/index.html"]
    large = File(page.path, page.content.replace(b"</main>", b"<p>" + b"x" * 1_000_000 + b"</p></main>"))
    with pytest.raises(
        GuardError, match=r"software/tool/index\.html: error: the page has 1,\d{3},\d{3} bytes: 1,000,000 at most"
    ):
        publish([large if file is page else file for file in made], tmp_path / "site", BASE)
    assert not (tmp_path / "site").exists()


@pytest.mark.case("P6")
@pytest.mark.parametrize(("count", "refused"), [(20_000, False), (20_001, True)])
def test_a_growth_beyond_belief_is_refused(count: int, refused: bool) -> None:
    def of(entries: int) -> guards.Figures:
        names = {f"tool-{n}": f"Tool {n}" for n in range(entries)}
        return guards.Figures(
            community="stars",
            entries=names,
            facilities={},
            described=entries,
            licensed=entries,
            authored=entries,
            launching=entries,
        )

    words = "it has 20,001 entries, but 2,000 are published: at most 20,000 are believed"
    assert guards.refusals(of(count), of(2_000)) == ([words] if refused else [])


def test_links_to_front_pages_are_no_launch_links() -> None:
    """A site on which every link leads to a page of a facility only has lost all launches of one that had some."""
    launching, visits = (
        catalogue(entry(related=(("isSupplementTo", "https://github.com/o/sky"),)), facilities=text)
        for text in (FACILITIES, FACILITIES.replace("kind: binderhub", "kind: website"))
    )
    assert [offer.url is not None for offer in visits.offers] == [True]
    words = "it has no launch link, but 1 are published"
    assert words in guards.refusals(guards.figures(visits), guards.figures(launching))
    [published] = [file.content for file in built(visits) if file.path == "api/v1/catalogue.json"]
    assert guards.published_figures(published) == guards.figures(visits)


@pytest.mark.case("P10")
def test_pages_that_say_something_else_on_every_line_are_noticed() -> None:
    whole = catalogue(*(entry(1001 + 2 * n, title=f"Tool {n}") for n in range(3)))
    pages = {file.path: file.content for file in built(whole) if file.path.endswith(".html")}
    again = built(replace(whole, harvest=replace(whole.harvest, harvested="2026-05-05T00:00:00Z")))
    assert 0 < tally_of(again, pages).changed_share < 0.05
    assert tally_of(again, dict.fromkeys(pages, b"something else")).changed_share > 0.5
    assert (
        tally_of(again).changed_share == tally_of(again, {file.path: file.content for file in again}).changed_share == 0
    )


@pytest.mark.case("D5", "H21")
def test_entries_of_like_names_have_a_total_order_and_addresses_that_differ_on_every_disk() -> None:
    titles = ["Collider Tool", "collider tool", "COLLIDER TOOL", "Café", "Cafe\u0301"]
    from catalogue.sources.snapshot import HarvestedRecord, HarvestResult, Snapshot, next_snapshot
    from catalogue.sources.zenodo import read_hit
    from tests.edge.zenodo_double import Work, legacy

    seen = [found for n, title in enumerate(titles)
            if isinstance(found := read_hit(legacy(Work(number=101 + 2 * n, title=title)), "x")[0], HarvestedRecord)]  # fmt: skip
    orders = []
    for each in (seen, seen[::-1]):
        taken = next_snapshot(
            HarvestResult(seen=tuple(each), codemeta={}, withdrawn={}), Snapshot((), None), kinds=["software"],
            api="https://zenodo.org/api", community="small", now="2026-01-01T00:00:00Z",
        )  # fmt: skip
        assert len({entry.slug.casefold() for entry in taken.entries}) == len(titles)
        made, _ = build_catalogue(inputs(snapshot=write_snapshot(taken)))
        assert made is not None
        orders.append([(software.slug, software.identity) for software in made.software])
    assert orders[0] == orders[1]


@pytest.mark.case("H17", "H24")
def test_a_name_with_hidden_letters_and_one_that_only_looks_like_another_are_found_as_what_they_are(
    tmp_path: Path,
) -> None:
    """Invisible characters are removed from page and index alike; a Cyrillic а is not a Latin a, so these stay two entries."""
    from catalogue.outputs.search import fields
    from catalogue.sources.snapshot import HarvestedRecord, HarvestResult, Snapshot, next_snapshot
    from catalogue.sources.zenodo import read_hit
    from tests.edge.zenodo_double import Work, legacy

    titles = ["astropy", "\u0430stropy", "Ze\u200bn\u00adi\ufeffth"]
    seen = [found for n, title in enumerate(titles)
            if isinstance(found := read_hit(legacy(Work(number=101 + 2 * n, title=title)), "x")[0], HarvestedRecord)]  # fmt: skip
    taken = next_snapshot(
        HarvestResult(seen=tuple(seen), codemeta={}, withdrawn={}), Snapshot((), None), kinds=["software"],
        api="https://zenodo.org/api", community="small", now="2026-01-01T00:00:00Z",
    )  # fmt: skip
    made, _ = build_catalogue(inputs(snapshot=write_snapshot(taken)))
    assert made is not None
    names = {each.name: each for each in made.software}
    assert names.keys() == {"astropy", "\u0430stropy", "Zenith"}
    assert {name: fields(each)["name"] for name, each in names.items()} == {
        "astropy": ["astropy"], "\u0430stropy": ["\u0430stropy"], "Zenith": ["zenith"],
    }  # fmt: skip
    files = built(made)
    assert not_found(made, files) == []
    write_site(files, tmp_path)
    assert search_check.search_failure(tmp_path, made.software) is None
    slugs = {each.slug for each in made.software}
    assert len(slugs) == 3
    for slug in slugs:
        page = next(file.text for file in files if file.path == f"software/{slug}/index.html")
        assert not re.search("[\u200b\u00ad\ufeff]", page)


@pytest.mark.case("H22", "H23", "H16")
@settings(max_examples=60)
@given(st.sampled_from(["index", "404", "assets", "search", "__proto__", "constructor", "CON", "aux.h", "nul", "..", ".", "a/b",
                        "..\\..", "%2e%2e", "x.", "x ", "harvest", "\u202eevil"]) | st.text(max_size=30))  # fmt: skip
def test_no_title_takes_the_place_of_a_page_of_ours_or_leaves_the_site(title: str) -> None:
    from catalogue.text import slugify

    slug = slugify(title, "record-1")
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug)
    assert slug not in {"con", "prn", "aux", "nul", "com1", "lpt1"}


@pytest.mark.case("H23")
def test_entries_called_as_our_own_pages_are_have_pages_of_their_own(tmp_path: Path) -> None:
    titles = ["index", "404", "assets", "search", "constructor", "status"]
    made = catalogue(
        *(entry(1001 + 2 * n, title=title, keywords=("__proto__", title)) for n, title in enumerate(titles))
    )
    publish(built(made), tmp_path / "site", BASE)
    assert sorted(path.name for path in (tmp_path / "site" / "software").iterdir() if path.is_dir()) == sorted(titles)


@pytest.mark.case("H25")
def test_a_keyword_of_any_kind_has_a_page_at_a_safe_address(tmp_path: Path) -> None:
    words = ["a/b/../c", "#x?y=1", "k" * 5000, "%2e%2e", "<b>", "Jupyter", "jupyter"]
    made = catalogue(*(entry(1001 + 2 * n, title=f"Tool {n}", keywords=tuple(words)) for n in range(4)))
    publish(built(made), tmp_path / "site", BASE)  # every link leads somewhere
    for path in (tmp_path / "site").rglob("*"):
        assert re.fullmatch(r"[A-Za-z0-9._-]+", path.name)


@pytest.mark.case("H28")
def test_the_sitemap_is_xml_whatever_the_address(real_files: list[File]) -> None:
    from xml.etree import ElementTree

    [sitemap] = [file for file in real_files if file.path == "sitemap.xml"]
    assert len(ElementTree.fromstring(sitemap.content)) > 30
    odd = catalogue(entry(title="A & B <c> \x01"), base_url="https://example.org/a&b/")
    [sitemap] = [file for file in built(odd) if file.path == "sitemap.xml"]
    assert ElementTree.fromstring(sitemap.content)[0][0].text == "https://example.org/a&b/"


@pytest.mark.case("H38")
def test_no_page_shows_a_picture_that_is_not_our_own(real_files: list[File]) -> None:
    assert not {"logo", "image", "icon", "picture"} & FacilityEntry.model_fields.keys()
    for file in real_files:
        if file.path.endswith(".html"):
            assert all(
                re.fullmatch(r"(?:\.\./)*(?:assets/.*|go/.*/badge\.svg)|/assets/.*", found)
                for found in re.findall(r"<(?:img|source|video)[^>]*src=\"([^\"]*)\"", file.text)
            )


@pytest.mark.case("H39")
def test_a_description_that_imitates_a_notice_of_ours_stands_in_its_own_box() -> None:
    text = '<p class="note">Verified by ESAP: launches everywhere.</p>' + "<p>More of it, at length.</p>" * 20
    made = built(catalogue(entry(description=text)))
    page = next(file.text for file in made if file.path == "software/tool/index.html")
    before, _, rest = page.partition('<div class="foreign"')
    assert "launches everywhere.</p>" in rest
    assert '<p class="note">Verified' not in page
    assert "launches everywhere.</p>" not in before


@pytest.mark.case("H40")
def test_what_a_record_says_reaches_no_shell_and_no_message_of_a_commit() -> None:
    for path in (PROJECT / ".github" / "workflows").glob("*.yml"):
        for line in path.read_text("utf-8").splitlines():
            assert "commit" not in line or "$(" not in line, line
    for path in (PROJECT / "catalogue").rglob("*.py"):
        assert "shell=True" not in path.read_text("utf-8"), path
        assert "os.system" not in path.read_text("utf-8"), path


@pytest.mark.case("D6", "D9")
def test_every_json_file_has_sorted_keys_fixed_separators_one_newline_and_no_floats(real_files: list[File]) -> None:
    for file in real_files:
        if not file.path.endswith(".json"):
            continue
        assert file.text.endswith("\n"), file.path
        assert not file.text.endswith("\n\n"), file.path
        data = json.loads(file.text)
        ways = [json.dumps(data, ensure_ascii=False, sort_keys=True, **style) + "\n"
                for style in ({"indent": 1}, {"separators": (",", ":")})]  # fmt: skip
        assert file.text in [*ways, json_file(file.path, data).text], file.path
    # Only the weights of lunr are floats, and lunr rounds them itself: the same under any hash seed (test_determinism.py).
    api = json.loads(next(file.text for file in real_files if file.path == "api/v1/catalogue.json"))
    assert not re.search(r"\d\.\d{6,}", json.dumps({**api, "software": [], "offers": []}))


@pytest.mark.case("D10")
def test_one_new_record_changes_its_pages_the_lists_and_the_index_and_nothing_else() -> None:
    entries = [entry(1001 + 2 * n, title=f"Tool {n}") for n in range(3)]
    old, new = (
        {file.path: re.sub(rb'search/\w+\.json|<time datetime=.*?</time>', b"", file.content) for file in built(catalogue(*each))}
        for each in (entries, [*entries, entry(2001, title="Zebra")])
    )  # fmt: skip
    changed = {path for path in new if path not in old or new[path] != old[path]}
    alone = {path for path in changed if "zebra" in path}
    assert {"software/zebra/index.html", "go/zebra/index.html"} <= alone
    lists = re.compile(
        r"index\.html|matrix/|status/|facilities/|api/v1/|search/|sitemap\.xml|build\.json|interface/|platform/|licence/|newest/|"
        r"a-z/|curation/|readiness/|login/|facility/|keyword/|author/|data/"
    )
    assert [path for path in changed - alone if not lists.match(path)] == []


@pytest.mark.case("S14")
def test_nothing_of_this_machine_or_of_a_secret_is_in_the_site(checkout: Path) -> None:
    (checkout / ".env").write_text("TOKEN=ghp_x")
    assert started(checkout, "build", env={**os.environ, "ZENODO_TOKEN": "ghp_secret"}).wait(60) == 0
    user = getpass.getuser()
    bad = [str(PROJECT), str(checkout), str(Path.home()) + "/", "ghp_", "Bearer ", socket.gethostname() + "."]
    bad += [f"/home/{user}", f"/Users/{user}"]
    for path in (checkout / "site").rglob("*"):
        assert not path.name.startswith((".git", ".env", ".DS_Store", "~")), path
        if path.is_file() and "vendor" not in path.parts:
            text = path.read_text("utf-8", "replace")
            assert not [each for each in bad if each in text], path


def test_the_environment_of_templates_is_strict_and_escapes() -> None:
    found = edge_checkout.templates()
    assert isinstance(found, Environment)
    assert callable(Renderer)
    assert found.from_string("{{ '<b>' }}").render() == "&lt;b&gt;"
