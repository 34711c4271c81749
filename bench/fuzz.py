"""Fuzzes every parser of untrusted text: each must return a value or a problem, and raise nothing else.

    python bench/fuzz.py --seconds 60            every parser in turn, with randomly mutated input (seed 1)
    python bench/fuzz.py --atheris yaml -max_total_time=600    one parser, coverage-guided; needs `pip install atheris`

`make check` runs the first for a fixed number of rounds (tests/test_fuzz.py). The findings are in docs/threat-model.md.
"""

import argparse
import json
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from catalogue.edge.http import parse_json, retry_after, same_origin  # noqa: E402
from catalogue.launch.readiness import environment_paths, notebook_paths, paths_to_read  # noqa: E402
from catalogue.model import Software  # noqa: E402
from catalogue.observed import Look, Observed, SeenRepository  # noqa: E402
from catalogue.outputs.check import site_problems  # noqa: E402
from catalogue.outputs.files import File  # noqa: E402
from catalogue.problems import CatalogueError  # noqa: E402
from catalogue.repository import Repository, parse_repository  # noqa: E402
from catalogue.sources.facilities import read_facilities  # noqa: E402
from catalogue.sources.local import read_local  # noqa: E402
from catalogue.sources.observed import read_observed, write_observed  # noqa: E402
from catalogue.sources.ossr import codemeta_facts, statements  # noqa: E402
from catalogue.sources.repository_codemeta import kept_facts, repository_statement  # noqa: E402
from catalogue.sources.site import read_site  # noqa: E402
from catalogue.sources.snapshot import Entry, HarvestedRecord, read_snapshot  # noqa: E402
from catalogue.sources.vocabulary import interfaces, keywords, licence, name_from_title, person  # noqa: E402
from catalogue.sources.zenodo import communities_of, read_hit  # noqa: E402
from catalogue.text import clean, clean_html, clean_markdown, plain, slugify  # noqa: E402

Reader = Callable[[bytes], None]


def _words(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _yaml(data: bytes) -> None:
    text = _words(data)
    for read in (read_facilities, read_local):
        _, problems = read(text)
        assert all(str(problem) for problem in problems)
    read_site(text)


def _hit(data: bytes) -> None:
    try:
        hit = parse_json(data)
    except ValueError:
        return
    communities_of(hit)
    found, repaired = read_hit(hit, "hit 1 of page 1")
    assert all(line.text for line in repaired)
    if isinstance(found, HarvestedRecord):
        record = found.record
        entry = Entry(identity=record.doi, slug="x", record=record)
        assert Entry.model_validate_json(entry.model_dump_json()) == entry
        statements(entry)


def _codemeta(data: bytes) -> None:
    try:
        parsed = parse_json(data)
    except ValueError:
        return
    code = Repository(host="github.com", path="o/r")
    look = Look(seen="2026-01-01T00:00:00Z", codemeta=kept_facts(parsed))
    there = SeenRepository(repository=code.url, asked=look.seen, looks=(look,))
    observed = Observed(inspected=look.seen, repositories=(there,))
    assert read_observed(write_observed(observed)) == observed
    repository_statement(Software(identity="x", slug="x", name="x", repository=code), {code.url: there})
    facts = codemeta_facts(parsed)
    if facts is not None:
        record = {"id": "1", "doi": "10.5281/zenodo.1", "title": "x"}
        statements(Entry.model_validate({"identity": "x", "slug": "x", "record": record, "codemeta": facts}))


def _snapshot(data: bytes) -> None:
    for read in (read_snapshot, read_observed):
        for name in ("harvest.json", "x.json", "repositories.json"):
            try:
                read({name: _words(data)})
            except CatalogueError as error:
                assert str(error)


def _address(data: bytes) -> None:
    found = parse_repository(_words(data))
    if isinstance(found, Repository):
        assert found.url.startswith("https://"), found
    same_origin("https://zenodo.org/api", _words(data))
    retry_after({"Retry-After": _words(data)}, 1.8e9)


def _text(data: bytes) -> None:
    text = _words(data)
    assert len(clean(text)) <= 300
    assert slugify(text, "other").isascii()
    name_from_title(text, text, [text])
    keywords([text])
    licence(text)
    person(text, text, text)
    interfaces([text], text)
    assert "\x1b" not in clean(text)


def _page(markup: str) -> bytes:
    return f'<!doctype html><html lang="en"><head><title>t</title></head><body><h1>t</h1><div>{markup}</div></body></html>'.encode()


def _html(data: bytes) -> None:
    for read in (clean_html, clean_markdown):
        markup = read(_words(data))
        plain(markup)
        assert len(markup) <= 200_000
        problems = site_problems([File("index.html", _page(str(markup)))], "https://x.example/")
        assert not problems, problems[0]


def _files(data: bytes) -> None:
    paths = _words(data).splitlines()
    environment_paths(paths)
    notebook_paths(paths)
    paths_to_read(paths)


READERS: Mapping[str, Reader] = {
    "yaml": _yaml,
    "hit": _hit,
    "codemeta": _codemeta,
    "snapshot": _snapshot,
    "address": _address,
    "text": _text,
    "html": _html,
    "files": _files,
}

_PIECES = [
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", "\u202e".encode(), "\u0301".encode() * 9, b"<", b"</p>", b"<svg>",
    b"<table>", b"&#0;", b"&#x1b;", b"]]>", b"<!--", b"javascript:", b"://", b"@", b"..", b"%2e", b"null", b"NaN", b"1e999",
    b"9" * 5000, b"[" * 60, b"{", b"}", b"\"", b"'", b": ", b"- ", b"&a", b"*a", b"!!x", b"<<: ", b"\t", b"\r", b"\n\n",
]  # fmt: skip


def seeds() -> dict[str, list[bytes]]:
    """Valid input for each parser to start from, taken from the frozen catalogue of the tests."""
    world = PROJECT / "tests" / "world_2026"
    entries = [path.read_bytes() for path in sorted((world / "snapshot").glob("*.json"))]
    records = [json.loads(each).get("record") or {} for each in entries]
    hits = [
        json.dumps({"id": 1, "doi": each.get("doi"), "conceptrecid": "1", "title": each.get("title"),
                    "metadata": {**each, "creators": each.get("creators", [])}, "files": each.get("files", [])}).encode()
        for each in records
    ]  # fmt: skip
    descriptions = [str(each.get("description", "")).encode() for each in records]
    corpus = PROJECT / "tests" / "corpora" / "hostile.json"
    strings = [
        text.encode("utf-8", "replace")
        for group in (json.loads(corpus.read_text("utf-8")) if corpus.exists() else {}).values()
        for text in group
    ]
    codemeta = [json.dumps(json.loads(each).get("codemeta") or {}).encode() for each in entries]
    return {
        "yaml": [(world / name).read_bytes() for name in ("facilities.yaml", "notebooks.yaml", "site.yaml")],
        "hit": hits,
        "codemeta": codemeta,
        "snapshot": entries,
        "address": [b"https://github.com/o/r/blob/main/a.ipynb", b"git@gitlab.com:a/b/c.git", b"10.5281/zenodo.1", *strings],
        "text": [b"owner/repo: v1.0", b"Python, Jupyter; C++", *strings],
        "html": [*descriptions, *strings],
        "files": [b"binder/environment.yml\npostBuild\na/b.ipynb", *strings],
    }  # fmt: skip


def damaged(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """The input after a few random mutations."""
    body = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(body))
        length = chance.choice((1, 4, 40, 400))
        match chance.randint(0, 5):
            case 0:
                del body[at : at + length]
            case 1:
                body[at:at] = chance.choice(_PIECES)
            case 2:
                body[at:at] = body[at : at + length] * chance.choice((1, 2, 50))
            case 3:
                body[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
            case 4:
                other = chance.choice(others)
                start = chance.randint(0, len(other))
                body[at : at + length] = other[start : start + length]
            case 5:
                body[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(body[:200_000])


def rounds(name: str, seed: int, count: int | None = None, until: float = 0.0) -> tuple[int, bytes | None, str, float]:
    """Mutated input for one parser: the number tried, the first that failed and its traceback, the longest time in seconds."""
    chance = random.Random(f"{name} {seed}")
    begin = seeds()[name]
    done, slowest = 0, 0.0
    while done != count and (count is not None or time.monotonic() < until):
        data = damaged(chance.choice(begin), begin, chance)
        started = time.monotonic()
        try:
            READERS[name](data)
        except Exception:  # noqa: BLE001 - finding any exception is the purpose
            return done, data, traceback.format_exc(), slowest
        slowest = max(slowest, time.monotonic() - started)
        done += 1
    return done, None, "", slowest


def _guided(name: str, arguments: list[str]) -> None:
    """Fuzz one parser with libFuzzer, starting from the same seeds. Does not return."""
    import atheris  # optional, so not in requirements.txt

    corpus = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    for number, seed in enumerate(seeds()[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *arguments, str(corpus)], READERS[name])
    atheris.Fuzz()


def main() -> None:
    """Fuzz for the time given and print the findings; exit code 1 if there are any."""
    parser = argparse.ArgumentParser(description="Fuzz the parsers of untrusted text.")
    parser.add_argument("readers", nargs="*", help=f"of {', '.join(READERS)}; all by default")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--atheris", metavar="READER", choices=[*READERS])
    known, more = parser.parse_known_args()
    if known.atheris:
        _guided(known.atheris, [*more, *known.readers])
        return
    names = known.readers or [*READERS]
    failed = False
    for name in names:
        done, data, why, slowest = rounds(name, known.seed, until=time.monotonic() + known.seconds / len(names))
        print(f"{name}: {done:,} inputs, the slowest took {slowest:.2f} s")
        if data is not None:
            failed = True
            print(f"it failed with {data[:2000]!r}\n{why}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
