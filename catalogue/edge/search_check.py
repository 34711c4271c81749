"""A check of a new site's search with its own scripts and the real lunr.js, if this machine has Node.js."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from ..model import Software

_SCRIPT = Path(__file__).with_suffix(".mjs")
_TIMEOUT = 60  # seconds
_OLDEST_NODE = 20  # supports the syntax of the scripts
_FOUND_SHARE = 0.75  # of the names that must be found: a single odd name must not block a site


def search_failure(site: Path, expected: Sequence[Software]) -> str | None:
    """What is wrong with the search of the site in a folder, such as that it does not find these entries by name.

    None if nothing is, or without a recent Node.js: guards.py checks the index with lunr.py in any case.
    """
    node = next(filter(_is_recent, _nodes()), None)
    if not expected or node is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(site / "assets", Path(folder, "assets"))
        Path(folder, "package.json").write_text('{"type": "module"}', encoding="utf-8")
        try:
            done = subprocess.run(  # noqa: S603 - our own script
                [node, str(_SCRIPT), str(site), folder],
                input=json.dumps([[each.name, each.slug] for each in expected]),
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=_TIMEOUT,
                check=True,
            )
            not_found = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            return f"its search did not answer {len(expected)} questions within {_TIMEOUT} seconds"
        except subprocess.CalledProcessError as error:
            messages = [
                line.strip() for line in error.stderr.splitlines() if re.match(r"\s*\w*(?:Error|Failure)\b", line)
            ]
            return f"its search cannot be used: {messages[0] if messages else f'exit code {error.returncode}'}"
    if len(not_found) > (1 - _FOUND_SHARE) * len(expected):
        return f"its search does not find {', '.join(repr(each) for each in not_found[:3])} by name"
    return None


def _nodes() -> Iterator[str]:
    """The paths of Node.js: the one on this machine, and the one that comes with Playwright."""
    if found := shutil.which("node"):
        yield found
    if (package := find_spec("playwright")) and package.origin:
        yield str(Path(package.origin).parent / "driver" / "node")


def _is_recent(node: str) -> bool:
    """Whether this Node.js can be started and supports the syntax of the scripts."""
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=_TIMEOUT, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    version = re.match(r"v(\d{1,4})\.", done.stdout)
    return version is not None and int(version[1]) >= _OLDEST_NODE
