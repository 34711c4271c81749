"""The files of a checkout -> values: what people wrote, the snapshot, templates and assets."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ..pipeline import Inputs
from ..problems import CatalogueError, Place, Problem
from ..sources import facilities, local, site
from .snapshot_files import load

TEMPLATES = Path(__file__).parents[2] / "templates"
SNAPSHOT = "snapshot"
OBSERVED = "snapshot/observed"
EXTRA = "extra"


def read_inputs(root: Path, *, base_url: str | None = None, built: str | None = None) -> Inputs:
    """The texts that a catalogue is made of, from the folder that holds `site.yaml`."""
    return Inputs(
        site=read_text(root / site.FILE),
        facilities=read_text(root / facilities.FILE),
        notebooks=read_text(root / local.FILE),
        snapshot=load(root / SNAPSHOT),
        observed=load(root / OBSERVED),
        extra=frozenset(_paths(root / EXTRA)),
        base_url=base_url,
        built=built,
    )


def misnamed(root: Path) -> list[Problem]:
    """Files that somebody wrote for this program, and that it does not read for their names."""
    return [
        Problem(Place(file=path.name), f"the file is not read: call it {wanted}")
        for wanted in (site.FILE, facilities.FILE, local.FILE)
        for path in sorted(root.glob("*.y*ml"))
        if path.name != wanted and path.stem.casefold() == wanted.partition(".")[0]
    ]


def read_text(path: Path) -> str:
    """The text of a file in UTF-8. Raises CatalogueError that says why it cannot be had."""
    try:
        if not path.resolve().is_relative_to(path.parent.resolve()):
            raise CatalogueError(f"{path.name} is a link that leads out of {path.parent}: put the file itself there")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CatalogueError(f"{path.name} is missing in {path.parent}") from None
    except UnicodeDecodeError:
        raise CatalogueError(f"{path.name} is not in UTF-8: save it in that encoding") from None
    except OSError as error:
        raise CatalogueError(f"{path.name} cannot be read: {error.strerror}") from None


def templates(folder: Path = TEMPLATES) -> Environment:
    """The templates. A name that a template misspells is an error; every value is escaped."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def others(root: Path) -> dict[str, bytes]:
    """The files of `extra/` by path: what others made, such as a JupyterLite, to be published as it is."""
    return _contents(root / EXTRA)


def assets(folder: Path = TEMPLATES / "static") -> dict[str, bytes]:
    """Style sheets, scripts and pictures by path below `templates/static/`."""
    return _contents(folder)


def _paths(folder: Path) -> dict[str, Path]:
    """The files in a folder by path; links that lead elsewhere are not among them."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def _contents(folder: Path) -> dict[str, bytes]:
    try:
        return {name: path.read_bytes() for name, path in _paths(folder).items()}
    except OSError as error:
        raise CatalogueError(f"{folder.name}/ cannot be read: {error.strerror}") from None
