"""Style sheets, scripts and pictures, in a folder that is named by their content.

A page that was cached yesterday finds either its own assets or none, never a mix of two builds.
"""

import hashlib
from collections.abc import Mapping

from .files import File

_LUNR = "vendor/lunr-2.3.9.js"
LUNR_MODULE = "vendor/lunr.js"


def asset_files(assets: Mapping[str, bytes]) -> tuple[str, list[File]]:
    """The folder (`assets/<hash>/`) and the files in it, from the contents of `templates/static/` by path."""
    served = {path: content for path, content in assets.items() if path != _LUNR}
    if _LUNR in assets:
        served[LUNR_MODULE] = _as_module(assets[_LUNR])
    digest = hashlib.sha256()
    for path in sorted(served):
        digest.update(f"{path}\0{len(served[path])}\0".encode())
        digest.update(served[path])
    folder = f"assets/{digest.hexdigest()[:12]}/"
    return folder, [File(folder + path, served[path]) for path in sorted(served)]


def _as_module(script: bytes) -> bytes:
    """lunr.js as it was published, wrapped so that `import` can fetch it when it is first needed."""
    return (
        b"const module = { exports: {} }, exports = module.exports;\n" + script + b"\nexport default module.exports;\n"
    )
