"""The file list of a repository -> whether an environment can be built from it, and its notebooks.

The rules are those of repo2docker 2026.4.0, with which BinderHub and Rosetta build: app.py `buildpacks`,
buildpacks/base.py `binder_dir` and `runtime`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..model import Check, Notebook, Readiness, Reason, Strength
from ..observed import Look, Presence, SeenRepository
from ..repository import Repository
from ..text import english_list, pluralize

FOLDERS = ("binder", ".binder")
MOST_IN_FOLDER = 50
MOST_NOTEBOOKS = 100

# The files by which repo2docker chooses how to build, in its order; those in _BESIDE only complement another file.
_DECIDING = (
    "Dockerfile", "Project.toml", "JuliaProject.toml", "REQUIRE", "default.nix", "runtime.txt", "DESCRIPTION",
    "environment.yml", "environment.yaml", "Pipfile", "Pipfile.lock", "requirements.txt", "setup.py", "pyproject.toml",
)  # fmt: skip
_BESIDE = ("apt.txt", "postBuild", "start", "install.R")
_INSTALLING = ("apt.txt", "postBuild")
# Files that look like an environment, which repo2docker does not read.
_NOT_READ = (
    "uv.lock", "pixi.toml", "pixi.lock", "poetry.lock", "conda-lock.yml", "renv.lock", "setup.cfg", "Environment.yml",
    "environments.yml", "Requirements.txt", "requirements-dev.txt",
)  # fmt: skip
_NAMES = frozenset({*_DECIDING, *_BESIDE, *_NOT_READ, ".gitattributes"})
_NOT_FOR_READERS = frozenset({".ipynb_checkpoints", "test", "tests"})


def environment_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Of all paths in a repository, those that `Look.files` keeps. A folder `binder` is kept as `binder/`."""
    kept: set[str] = set()
    inside: list[str] = []
    for path in paths:
        folder, _, rest = path.partition("/")
        if rest and folder in FOLDERS:
            kept.add(f"{folder}/")
            if "/" not in rest:
                inside.append(path)
        elif not rest and path in _NAMES:
            kept.add(path)
    # Known names first, so that the limit does not drop them.
    inside.sort(key=lambda path: (path.rpartition("/")[2] not in _NAMES, path))
    return tuple(sorted({*kept, *inside[:MOST_IN_FOLDER]}))


def notebook_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Of all paths in a repository, its notebooks, sorted, without checkpoint copies and tests."""
    return tuple(
        sorted(path for path in set(paths) if path.endswith(".ipynb") and not _NOT_FOR_READERS & set(path.split("/")))
    )


def paths_to_read(files: Iterable[str]) -> tuple[str, ...]:
    """Of these paths, those whose contents are needed: for the others it suffices that they exist."""
    kept = set(files)
    folder = _folder(kept)
    wanted = ["runtime.txt" if folder is None else f"{folder}/runtime.txt", ".gitattributes"]
    return tuple(path for path in ([*wanted, "pyproject.toml"] if folder is None else wanted) if path in kept)


def _folder(files: set[str]) -> str | None:
    return next((folder for folder in FOLDERS if f"{folder}/" in files), None)


@dataclass(frozen=True, slots=True)
class _Environment:
    """The file that defines the environment, and how well; or in `broken`, why the build fails and what to do about it."""

    file: str | None
    strength: Strength
    broken: tuple[str, str] | None = None
    rstudio: bool = False


def _environment(look: Look) -> _Environment:
    files = set(look.files)
    if all(f"{folder}/" in files for folder in FOLDERS):
        both = "there is a folder binder and a folder .binder"
        return _Environment(None, Strength.BROKEN, (both, "remove one of them"))
    folder = _folder(files)
    here = {path.removeprefix(f"{folder}/") for path in files if path.startswith(f"{folder}/")} if folder else files

    def named(name: str) -> str:
        return f"{folder}/{name}" if folder else name

    for name in ("Dockerfile", "Project.toml", "JuliaProject.toml", "REQUIRE", "default.nix"):
        if name in here and name == "REQUIRE":
            why = f"{named(name)} is for a Julia that is no longer built"
            return _Environment(named(name), Strength.BROKEN, (why, "write a Project.toml instead"))
        if name in here:
            return _Environment(named(name), Strength.DOCKERFILE if name == "Dockerfile" else Strength.READY)
    language = None
    if "runtime.txt" in here and look.runtime is not None:
        runtime = _runtime(look.runtime)
        if runtime is None:
            why = f"{named('runtime.txt')} cannot be read"
            fix = "write it as python-3.12, or r-4.4-2026-01-31"
            return _Environment(named("runtime.txt"), Strength.BROKEN, (why, fix))
        language, dated = runtime
        if language == "r" and dated:
            return _Environment(named("runtime.txt"), Strength.READY, rstudio=True)
    if not folder and "DESCRIPTION" in here:
        return _Environment("DESCRIPTION", Strength.READY, rstudio=True)
    for name in ("environment.yml", "environment.yaml"):
        if name in here:
            return _Environment(named(name), Strength.READY)
    if language not in (None, "python"):
        return _Environment(None, Strength.BARE)
    for name in ("Pipfile", "Pipfile.lock", "requirements.txt"):
        if name in here:
            return _Environment(named(name), Strength.READY)
    if not folder and "setup.py" in here:
        return _Environment("setup.py", Strength.READY)
    if not folder and "pyproject.toml" in here and {"project", "build-system"} <= set(look.pyproject):
        return _Environment("pyproject.toml", Strength.READY)
    return _Environment(named("runtime.txt") if language else None, Strength.BARE)


def _runtime(text: str) -> tuple[str, bool] | None:
    """The language that `runtime.txt` names, and whether it also names a date; None if repo2docker rejects it."""
    parts = text.strip().split("-")
    if len(parts) not in (2, 4, 5) or not all(parts):
        return None
    if len(parts) == 2:
        return parts[0], False
    day = "-".join(parts[-3:])
    try:
        if not re.match(r"\d{4}-\d{2}-\d{2}", day):
            return None
        date.fromisoformat(day)
    except ValueError:
        return None
    return parts[0], True


def readiness(
    seen: SeenRepository | None,
    repository: Repository,
    *,
    named: Iterable[str] = (),
    bare_is_enough: bool = False,
) -> Readiness | None:
    """The readiness of a repository at the ref of `repository`, None if that was not inspected.

    `named` are the notebooks that sources say are in it. `bare_is_enough` is whether a source says that it needs nothing
    but Python.
    """
    if seen is None:
        return None
    look = seen.at(repository.ref)
    if seen.presence is not Presence.THERE:
        return _broken_readiness(_absence_check(seen.presence, repository.host), seen, look)
    if look is None:
        return None
    if not look.found:
        text = f"the repository has no {f'branch, tag or commit {look.ref}' if look.ref else 'default branch'}"
        return _broken_readiness(Check(code="ref-gone", ok=False, text=text, fix="name one that exists"), seen, look)
    environment = _environment(look)
    known = {each.path for each in look.notebooks}
    complete = not look.cut and not look.more_notebooks
    # Notebooks that a look leaves out, such as those of tests, cannot be checked.
    missing = [path for path in notebook_paths(named) if path not in known and complete]
    bare = environment.strength is Strength.BARE and not bare_is_enough
    return Readiness(
        strength=Strength.READY if environment.strength is Strength.BARE and not bare else environment.strength,
        environment=environment.file,
        ref=look.ref,
        commit=look.commit,
        asked=seen.asked,
        seen=look.seen,
        checks=(
            *_about_repository(seen, look),
            *_about_environment(environment, look, bare_is_enough),
            *_about_notebooks(look, missing),
        ),
        notebooks=tuple(Notebook(path=each.path, title=each.title) for each in look.notebooks),
        more_notebooks=look.more_notebooks,
        rstudio=environment.rstudio and not look.notebooks,
        missing=frozenset(missing),
        failing=seen.failing,
    )


def _absence_check(presence: Presence, host: str) -> Check:
    """The failed check of a repository that is gone, empty, or not a single zip."""
    code, text, fix = {
        Presence.GONE: ("repository-gone", f"there is no such public repository on {host}", "give its present address"),
        Presence.EMPTY: ("repository-empty", "the repository is empty", "put the code into it"),
        Presence.NOT_ONE_ZIP: (
            "not-one-zip",
            "the record does not consist of exactly one zip, and nothing else can be unpacked",
            "publish the code as one zip, or name its repository",
        ),
    }[presence]
    return Check(code=code, ok=False, text=text, fix=fix)


def _broken_readiness(check: Check, seen: SeenRepository, look: Look | None) -> Readiness:
    return Readiness(
        strength=Strength.BROKEN,
        environment=None,
        ref=look.ref if look else None,
        commit=None,
        asked=seen.asked,
        seen=look.seen if look else seen.asked,
        checks=(check,),
        failing=seen.failing,
    )


def _about_repository(seen: SeenRepository, look: Look) -> Iterable[Check]:
    at = f" at {look.commit[:10]}" if look.commit else ""
    yield Check(code="there", ok=True, text=f"the repository is there{at}")
    if seen.moved_to:
        yield Check(
            code="moved",
            ok=None,
            text=f"the repository has moved to {seen.moved_to}: the old address leads there for now",
            fix="give the new address as a related identifier of the record, or as “repository” in notebooks.yaml",
        )
    if seen.archived:
        yield Check(code="archived", ok=None, text="it is archived: its owner no longer changes it")
    if look.large_files:
        yield Check(
            code="large-files",
            ok=None,
            text="files are kept in Git LFS: a facility without LFS shows small pointer files in their place",
            fix="",
        )


def _about_environment(environment: _Environment, look: Look, bare_is_enough: bool) -> Iterable[Check]:
    names = [path for path in look.files if path.rpartition("/")[2] in _NOT_READ]
    if environment.broken:
        why, fix = environment.broken
        yield Check(code="environment-broken", ok=False, text=f"its environment cannot be built: {why}", fix=fix)
        return
    match environment.strength:
        case Strength.READY:
            yield Check(code="environment", ok=True, text=f"the file {environment.file} says what to install")
        case Strength.DOCKERFILE:
            text = (
                f"the file {environment.file} makes the environment: whether Jupyter starts in it depends on its author"
            )
            yield Check(code="dockerfile", ok=None, text=text)
        case _ if bare_is_enough:
            yield Check(code="bare-is-enough", ok=True, text="it needs nothing but Python")
        case _:
            yield Check(code="bare", ok=None, text=_bare(look), fix=_remedy(look, names))
    if environment.strength is not Strength.BARE and names:
        one = len(names) == 1
        text = f"the file{'' if one else 's'} {english_list(names)} {'is' if one else 'are'} there, too, and {'is' if one else 'are'} not read"
        yield Check(code="not-read", ok=None, text=text, fix="")


def _bare(look: Look) -> str:
    if look.cut:
        return "no environment file was found, but its host did not list all files"
    folder = _folder(set(look.files))
    where = f"in {folder}/, and if that folder exists, nothing else is read" if folder else "at the top"
    runs = [path for path in look.files if path in [f"{folder}/{name}" if folder else name for name in _INSTALLING]]
    if runs:
        return f"no environment file {where}; {english_list(runs)} may still install something"
    return f"it launches, but installs nothing: no environment file {where}"


def _remedy(look: Look, not_read: list[str]) -> str:
    folder = _folder(set(look.files)) or "binder"
    fix = f"add {folder}/requirements.txt with the packages that it imports"
    instead = [*not_read]
    if "pyproject.toml" in look.files and not {"project", "build-system"} <= set(look.pyproject):
        instead.append("pyproject.toml without [project] and [build-system]")
    return f"{fix}; {english_list(instead)} {'is' if len(instead) == 1 else 'are'} not read" if instead else fix


def _about_notebooks(look: Look, missing: Iterable[str]) -> Iterable[Check]:
    for path in missing:
        yield Check(
            code="notebook-gone",
            ok=None,
            text=f"the notebook {path} is not in the repository",
            fix="name one that exists",
        )
    if count := len(look.notebooks) + look.more_notebooks:
        yield Check(code="notebooks", ok=True, text=f"{pluralize(count, 'notebook', 'notebooks')} in it")


def as_reason(check: Check) -> Reason:
    """A check as the reason for a verdict: what was found, and what the author can do about it."""
    return Reason(check.code, f"{check.text}: {check.fix}" if check.fix else check.text)
