"""The search index: lunr.py builds it, lunr.js answers from it in the browser.

Tokens are made by our own rules, the same in `templates/static/js/words.js`; lunr gets them ready-made, without stemmer,
stop words or trimmer.
"""

import hashlib
import re

from lunr.builder import Builder

from ..model import Catalogue, Software
from ..text import LETTERS, cut, fold, plain
from .files import File, json_text

# What a match in a field weighs.
BOOSTS = {"name": 20, "author": 10, "platform": 10, "kind": 10, "keyword": 8, "alias": 4, "text": 1}
TEXT_LENGTH = 400

# Names that folding would lose. The browser gets the same table with the index.
SYMBOLS = {"c++": "cplusplus", "c#": "csharp", "f#": "fsharp"}
_SYMBOL = re.compile(r"(?<!\w)(?:c\+\+|[cf]#)", re.IGNORECASE)


def tokens(text: str) -> list[str]:
    """The words of a text as the index knows them: folded, a joined word also in its parts (`gamma-ray`)."""
    found = []
    for word in _SYMBOL.sub(lambda match: f" {SYMBOLS[match[0].lower()]} ", text).split():
        parts = _parts(fold(word))
        if len(parts) > 1:
            found.append("".join(parts))
        found.extend(parts)
    return found


def _parts(word: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in word).split()


def fields(software: Software) -> dict[str, list[str]]:
    """What is searched of an entry, as tokens by field."""
    kinds = [word for each in sorted(software.interfaces) for word in tokens(each)]
    host = [software.repository.path.rpartition("/")[2]] if software.repository else []
    aliases = [*software.alternate_names, software.slug, *host, *software.reads]
    return {
        "name": tokens(software.name),
        "author": [word for person in software.authors for word in tokens(person.name)],
        "platform": [word for each in software.runtimes for word in tokens(each)],
        "kind": kinds,
        "keyword": [word for each in software.keywords for word in tokens(each)],
        "alias": [word for each in aliases for word in tokens(each)],
        "text": tokens(cut(f"{software.summary} {plain(software.description)}", TEXT_LENGTH)),
    }


def search_file(catalogue: Catalogue) -> File:
    """The index with the tables that a query needs, in a file that is named by its content.

    Without entries there is no index: lunr would divide by their number.
    """
    builder = Builder()
    builder.ref("slug")
    for field, boost in BOOSTS.items():
        builder.field(field, boost=boost)
    builder.b(0.3)
    for software in catalogue.software:
        builder.add({"slug": software.slug, **fields(software)})
    data = {
        "letters": LETTERS,
        "symbols": SYMBOLS,
        "count": len(catalogue.software),
        "index": builder.build().serialize() if catalogue.software else None,
    }
    content = (json_text(data) + "\n").encode("utf-8")
    return File(f"search/{hashlib.sha256(content).hexdigest()[:12]}.json", content)
