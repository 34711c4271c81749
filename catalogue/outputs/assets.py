"""Style sheets, scripts and images, in a folder with a hash of their content in its name.

So a page from a browser's cache loads the assets that it was built with or none, never a mix of two builds.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from posixpath import dirname, join, normpath

from .colours import PATH as COLOURS
from .files import File

SHEET = "css/site.css"  # served with these put together
_SHEETS = ("css/tokens.css", SHEET, COLOURS)
_IMPORT = re.compile(rb"""^(?:import|export)\b[^;]*?\bfrom\s+["'](\.[^"']+)["'];""", re.MULTILINE)
_LUNR = "vendor/lunr-2.3.9.js"
LUNR_MODULE = "vendor/lunr.js"


def asset_files(assets: Mapping[str, bytes]) -> tuple[str, list[File]]:
    """The folder (`assets/<hash>/`) and its files; `assets` are the contents of `templates/static/` by path."""
    served = {path: content for path, content in assets.items() if path not in (_LUNR, *_SHEETS)}
    if sheets := [assets[path] for path in _SHEETS if path in assets]:
        served[SHEET] = b"".join(sheets)
    if _LUNR in assets:
        served[LUNR_MODULE] = _as_module(assets[_LUNR])
    digest = hashlib.sha256()
    for path in sorted(served):
        digest.update(f"{path}\0{len(served[path])}\0".encode())
        digest.update(served[path])
    folder = f"assets/{digest.hexdigest()[:12]}/"
    return folder, [File(folder + path, served[path]) for path in sorted(served)]


def _as_module(script: bytes) -> bytes:
    """lunr.js as published, wrapped in a module so that it can be loaded on demand by `import()`."""
    return (
        b"const module = { exports: {} }, exports = module.exports;\n" + script + b"\nexport default module.exports;\n"
    )


def imported_modules(scripts: Iterable[str], assets: Mapping[str, bytes]) -> list[str]:
    """The modules that these scripts import, directly or not. A page preloads them, so that they are fetched in parallel."""
    modules = list(dict.fromkeys(scripts))
    given = len(modules)
    for path in modules:  # which grows on the way
        for relative in _IMPORT.findall(assets.get(path, b"")):
            module = normpath(join(dirname(path), relative.decode()))
            if module not in modules:
                modules.append(module)
    return modules[given:]
