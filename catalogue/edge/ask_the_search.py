"""The search of a new site, asked with its own scripts and the real lunr.js, where this machine can run them."""

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
_SECONDS = 60
_OLDEST = 20  # what the scripts are written in is known from there on
_SHARE = 0.75  # of the names that must be met: one odd name alone keeps no site from its readers


def refusal(site: Path, asked: Sequence[Software]) -> str | None:
    """Why the search of the site in a folder is of no use: it does not find these entries by name. None where it does.

    None, too, where there is no Node.js of this decade to ask with: lunr.py is asked anyway (guards.py).
    """
    node = next(filter(_is_known, _nodes()), None)
    if not asked or node is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(site / "assets", Path(folder, "assets"))
        Path(folder, "package.json").write_text('{"type": "module"}', encoding="utf-8")
        try:
            done = subprocess.run(  # noqa: S603 - our own script
                [node, str(_SCRIPT), str(site), folder],
                input=json.dumps([[each.name, each.slug] for each in asked]),
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=_SECONDS,
                check=True,
            )
            silent = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            return f"its search did not answer {len(asked)} questions within {_SECONDS} seconds"
        except subprocess.CalledProcessError as error:
            said = [line.strip() for line in error.stderr.splitlines() if re.match(r"\s*\w*(?:Error|Failure)\b", line)]
            return f"its search cannot be used: {said[0] if said else f'exit code {error.returncode}'}"
    if len(silent) > (1 - _SHARE) * len(asked):
        return f"its search does not find {', '.join(repr(each) for each in silent[:3])} by name"
    return None


def _nodes() -> Iterator[str]:
    """The Node.js of this machine, and the one that Playwright brings, with which the tests drive a browser."""
    if found := shutil.which("node"):
        yield found
    if (package := find_spec("playwright")) and package.origin:
        yield str(Path(package.origin).parent / "driver" / "node")


def _is_known(node: str) -> bool:
    """Whether it is there and reads what the scripts are written in."""
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    version = re.match(r"v(\d{1,4})\.", done.stdout)
    return version is not None and int(version[1]) >= _OLDEST
