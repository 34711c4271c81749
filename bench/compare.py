"""Compares how many queries of tests/ each search answers correctly: lunr as shipped, MiniSearch with prefix and fuzzy, ours.

`.venv/bin/python -m bench.compare` needs node and npm; it installs MiniSearch into a temporary folder. It prints every miss,
and the table of docs/search.md.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from catalogue.edge import checkout
from catalogue.outputs.search import TEXT_LENGTH
from catalogue.outputs.site import site_files
from catalogue.text import cut, plain
from tests.queries import Answer, misses, queries, slugs_by_name

from .worlds import frozen_catalogue, write_site

GIVEN = 26  # the first queries, which were given with the task


def main() -> None:
    """Print the queries that each search misses, and the table."""
    catalogue = frozen_catalogue()
    asked = queries()
    documents = [
        {
            "slug": each.slug,
            "name": each.name,
            "alias": " · ".join(each.alternate_names),
            "author": ", ".join(person.name for person in each.authors),
            "platform": ", ".join(each.runtimes),
            "interface": ", ".join(sorted(each.interfaces)),
            "keyword": ", ".join(each.keywords),
            "data": ", ".join(each.reads),
            "licence": each.licence.label if each.licence else "",
            "text": cut(f"{each.summary} {plain(each.description)}", TEXT_LENGTH),
            "affiliation": " · ".join(dict.fromkeys(person.affiliation or "" for person in each.authors)),
        }
        for each in catalogue.software
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_site(site_files(catalogue, checkout.templates(), checkout.assets()), folder / "site")
        (folder / "package.json").write_text('{"type": "module"}')
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "minisearch"], cwd=folder, check=True)
        script = folder / "compare.mjs"
        script.write_bytes((Path(__file__).parent / "compare.mjs").read_bytes())
        done = subprocess.run(
            ["node", str(script), str(folder / "site")],
            input=json.dumps({"documents": documents, "queries": [each["q"] for each in asked]}),
            capture_output=True,
            text=True,
            cwd=folder,
            check=True,
        )
    slugs = slugs_by_name(catalogue)
    table = []
    for engine, found in json.loads(done.stdout).items():
        answers = {each["q"]: Answer(tuple(got), similar) for each, (got, similar) in zip(asked, found, strict=True)}
        right: Counter[str] = Counter()
        for number, query in enumerate(asked):
            # Only ours says whether it guessed the spelling, so the others are not judged by that.
            judged = query if engine == "ours" else {key: value for key, value in query.items() if key != "label"}
            wrong = misses(judged, answers, slugs)
            right["given" if number < GIVEN else "own"] += not wrong
            for each in wrong:
                sys.stdout.write(f"{engine}: {query['q']}: {each}\n")
        table.append(f"| {engine} | {right['given']} of {GIVEN} | {right['own']} of {len(asked) - GIVEN} |")
    sys.stdout.write("\n".join(["", "| search | given queries | our queries |", "| --- | --- | --- |", *table, ""]))


if __name__ == "__main__":
    main()
