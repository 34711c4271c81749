"""The environment that a file list defines: the rules of repo2docker, line by line.

The table agrees with what repo2docker 2026.4.0 itself detects: 4,000 made-up repositories were shown to both.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.launch.look import ListedFile as File
from catalogue.launch.look import files_to_read, listing_of, look_of
from catalogue.launch.readiness import (
    MOST_IN_FOLDER,
    as_reason,
    environment_paths,
    notebook_paths,
    paths_to_read,
    readiness,
)
from catalogue.model import Check, Readiness, Strength, default_notebook
from catalogue.observed import Failure, Look, Presence, SeenNotebook, SeenRepository
from tests.world import repository

URL = "https://github.com/stars/comet"
NOW = "2026-02-10T03:00:00Z"
READY, DOCKERFILE, BARE, BROKEN = Strength.READY, Strength.DOCKERFILE, Strength.BARE, Strength.BROKEN
PACKAGE = '[project]\nname = "x"\n[build-system]\nrequires = []\n'


def known_of(files: dict[str, str]) -> Readiness:
    """The readiness of a repository with these files."""
    listing = listing_of(File(path) for path in files)
    texts = {path: files[path].encode() for path in files_to_read(listing)}
    seen = SeenRepository(repository=URL, asked=NOW, looks=(look_of(None, listing, texts, NOW),))
    found = readiness(seen, repository(URL))
    assert found is not None
    return found


def files(*paths: str, **texts: str) -> dict[str, str]:
    """Empty files; `runtime` and `pyproject` are the contents of these two at the top level."""
    named = {"runtime": "runtime.txt", "pyproject": "pyproject.toml"}
    return dict.fromkeys(paths, "") | {named[name]: text for name, text in texts.items()}


@pytest.mark.parametrize(
    ("there", "decides", "strength"),
    [
        # each file alone
        (files("Dockerfile"), "Dockerfile", DOCKERFILE),
        (files("Project.toml"), "Project.toml", READY),
        (files("JuliaProject.toml"), "JuliaProject.toml", READY),
        (files("REQUIRE"), "REQUIRE", BROKEN),
        (files("default.nix"), "default.nix", READY),
        (files("DESCRIPTION"), "DESCRIPTION", READY),
        (files("environment.yml"), "environment.yml", READY),
        (files("environment.yaml"), "environment.yaml", READY),
        (files("Pipfile"), "Pipfile", READY),
        (files("Pipfile.lock"), "Pipfile.lock", READY),
        (files("requirements.txt"), "requirements.txt", READY),
        (files("setup.py"), "setup.py", READY),
        (files(pyproject=PACKAGE), "pyproject.toml", READY),
        (files(), None, BARE),
        # the order: of two neighbours the first
        (files("Dockerfile", "Project.toml"), "Dockerfile", DOCKERFILE),
        (files("Project.toml", "JuliaProject.toml"), "Project.toml", READY),
        (files("JuliaProject.toml", "REQUIRE"), "JuliaProject.toml", READY),
        (files("REQUIRE", "default.nix"), "REQUIRE", BROKEN),
        (files("default.nix", runtime="r-4.4-2026-01-31"), "default.nix", READY),
        (files("DESCRIPTION", runtime="r-4.4-2026-01-31"), "runtime.txt", READY),
        (files("DESCRIPTION", "environment.yml"), "DESCRIPTION", READY),
        (files("environment.yml", "environment.yaml"), "environment.yml", READY),
        (files("environment.yaml", "Pipfile"), "environment.yaml", READY),
        (files("Pipfile", "Pipfile.lock"), "Pipfile", READY),
        (files("Pipfile.lock", "requirements.txt"), "Pipfile.lock", READY),
        (files("requirements.txt", "setup.py"), "requirements.txt", READY),
        (files("setup.py", pyproject=PACKAGE), "setup.py", READY),
        # runtime.txt
        (files(runtime="python-3.12\n"), "runtime.txt", BARE),
        (files("requirements.txt", runtime="python-3.12"), "requirements.txt", READY),
        (files(runtime="r-2026-01-31"), "runtime.txt", READY),
        (files(runtime="r-4.4"), None, BARE),
        (files("requirements.txt", runtime="r-4.4"), None, BARE),
        (files("setup.py", runtime="julia-1.6"), None, BARE),
        (files("Pipfile", runtime="julia-1.6"), None, BARE),
        (files("environment.yml", runtime="julia-1.6"), "environment.yml", READY),
        (files("requirements.txt", runtime="python-3.12-2026-01-31"), "requirements.txt", READY),
        (files(runtime="python"), "runtime.txt", BROKEN),
        (files(runtime="python 3.12"), "runtime.txt", BROKEN),
        (files(runtime="python-"), "runtime.txt", BROKEN),
        (files(runtime=""), "runtime.txt", BROKEN),
        (files(runtime="r-4.4-2026-13-31"), "runtime.txt", BROKEN),
        (files(runtime="r-4.4-26-1-31"), "runtime.txt", BROKEN),
        (files("environment.yml", runtime="python"), "runtime.txt", BROKEN),
        (files("Dockerfile", runtime="python"), "Dockerfile", DOCKERFILE),
        # pyproject.toml
        (files(pyproject="[project]\nname = 'x'\n"), None, BARE),
        (files(pyproject="[build-system]\nrequires = []\n"), None, BARE),
        (files(pyproject="[tool.poetry]\nname = 'x'\n[build-system]\nrequires = []\n"), None, BARE),
        (files(pyproject="[project\n"), None, BARE),
        # the builder's folder, and then nothing else
        (files("binder/requirements.txt"), "binder/requirements.txt", READY),
        (files(".binder/environment.yml", "Dockerfile"), ".binder/environment.yml", READY),
        (files("binder/README.md", "requirements.txt"), None, BARE),
        (files("binder/deep/requirements.txt", "requirements.txt"), None, BARE),
        (files("binder/setup.py"), None, BARE),
        (files("binder/pyproject.toml", pyproject=PACKAGE), None, BARE),
        (files("binder/DESCRIPTION"), None, BARE),
        ({"binder/runtime.txt": "r-4.4-2026-01-31", "runtime.txt": "python"}, "binder/runtime.txt", READY),
        ({"binder/runtime.txt": "python"}, "binder/runtime.txt", BROKEN),
        (files("binder/postBuild", ".binder/postBuild", "requirements.txt"), None, BROKEN),
        # beside others, never alone
        (files("apt.txt"), None, BARE),
        (files("postBuild", "start", "install.R"), None, BARE),
        # not known to the builder
        (files("uv.lock", "pixi.toml", "poetry.lock", "conda-lock.yml", "renv.lock", "setup.cfg"), None, BARE),
        # names are exact, and at the top
        (files("Environment.yml"), None, BARE),
        (files("Requirements.txt", "dockerfile", "PIPFILE"), None, BARE),
        (files("sub/requirements.txt", "sub/setup.cfg", "docs/environment.yml"), None, BARE),
        (files("Binder/requirements.txt", "binders/requirements.txt", "x/binder/requirements.txt"), None, BARE),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else None,
)
def test_the_file_that_decides(there: dict[str, str], decides: str | None, strength: Strength) -> None:
    known = known_of(there)
    assert (known.environment, known.strength) == (decides, strength)


def reasons(there: dict[str, str]) -> list[str]:
    return [f"{check.ok}: {as_reason(check).text}" for check in known_of(there).checks]


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (files("requirements.txt"), ["True: the file requirements.txt says what to install"]),
        (files("Dockerfile"), ["None: the file Dockerfile makes the environment: whether Jupyter starts in it depends on its author"]),
        (
            files(),
            [
                ("None: it launches, but installs nothing: no environment file at the top: "
                "add binder/requirements.txt with the packages that it imports")
            ],
        ),
        (
            files(".binder/x", "requirements.txt"),
            [
                ("None: it launches, but installs nothing: no environment file in .binder/, and if that folder exists, "
                "nothing else is read: add .binder/requirements.txt with the packages that it imports")
            ],
        ),
        (
            files("uv.lock", "setup.cfg", pyproject="[tool.poetry]\n"),
            [
                ("None: it launches, but installs nothing: no environment file at the top: add binder/requirements.txt with "
                "the packages that it imports; setup.cfg, uv.lock and pyproject.toml without [project] and [build-system] "
                "are not read")
            ],
        ),
        (
            files("setup.py", "uv.lock"),
            ["True: the file setup.py says what to install", "None: the file uv.lock is there, too, and is not read"],
        ),
        (
            files(runtime="python 3.12"),
            [
                ("False: its environment cannot be built: runtime.txt cannot be read: "
                "write it as python-3.12, or r-4.4-2026-01-31")
            ],
        ),
        (
            files("REQUIRE"),
            [
                ("False: its environment cannot be built: REQUIRE is for a Julia that is no longer built: "
                "write a Project.toml instead")
            ],
        ),
        (
            files("binder/x", ".binder/x"),
            [
                ("False: its environment cannot be built: there is a folder binder and a folder .binder: "
                "remove one of them")
            ],
        ),
        (
            files("setup.py", "a.ipynb", "b.ipynb"),
            ["True: the file setup.py says what to install", "True: 2 notebooks in it"],
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_it(there: dict[str, str], words: list[str]) -> None:
    assert reasons(there) == ["True: the repository is there", *words]


def test_rstudio_opens_where_r_is_and_no_notebook() -> None:
    assert known_of(files(runtime="r-4.4-2026-01-31")).rstudio
    assert known_of(files("DESCRIPTION")).rstudio
    assert not known_of(files("DESCRIPTION", "a.ipynb")).rstudio
    assert not known_of(files("requirements.txt")).rstudio


# Findings in the repository


def seen(**says: object) -> SeenRepository:
    look = Look(seen=NOW, commit="c" * 40, files=("requirements.txt",))
    return SeenRepository(**{"repository": URL, "asked": NOW, "looks": (look,), **says})  # type: ignore[arg-type]


def test_of_what_nobody_has_looked_at_nothing_is_known() -> None:
    assert readiness(None, repository(URL)) is None
    assert readiness(seen(), repository(URL, ref="v1")) is None
    assert readiness(seen(looks=(), failing=Failure(since=NOW, why="x")), repository(URL)) is None


@pytest.mark.parametrize(
    ("presence", "code", "text"),
    [
        (
            Presence.GONE,
            "repository-gone",
            "there is no such public repository on github.com: give its present address",
        ),
        (Presence.EMPTY, "repository-empty", "the repository is empty: put the code into it"),
        (
            Presence.NOT_ONE_ZIP,
            "not-one-zip",
            (
                "the record does not consist of exactly one zip, and nothing else can be unpacked: "
                "publish the code as one zip, or name its repository"
            ),
        ),
    ],
)
def test_a_repository_that_is_not_there_is_broken(presence: Presence, code: str, text: str) -> None:
    known = readiness(seen(presence=presence, looks=()), repository(URL))
    assert known is not None
    assert known.strength is BROKEN
    assert [(check.code, as_reason(check).text) for check in known.checks] == [(code, text)]


def test_a_ref_that_is_not_there_is_broken() -> None:
    earlier = "2026-02-01T03:00:00Z"
    known = readiness(seen(looks=(Look(seen=earlier, ref="v1", found=False),)), repository(URL, ref="v1"))
    assert known is not None
    assert (known.asked, known.seen) == (NOW, earlier)
    assert [(known.strength, as_reason(check).text) for check in known.checks] == [
        (BROKEN, "the repository has no branch, tag or commit v1: name one that exists")
    ]


def test_a_default_branch_that_is_not_there_is_broken() -> None:
    known = readiness(seen(looks=(Look(seen=NOW, found=False),)), repository(URL))
    assert known is not None
    assert [as_reason(check).text for check in known.checks] == [
        "the repository has no default branch: name one that exists"
    ]


def test_what_is_said_of_the_repository() -> None:
    look = Look(
        seen=NOW,
        commit="c" * 40,
        files=("requirements.txt",),
        large_files=True,
        notebooks=(SeenNotebook(path="a.ipynb"),),
    )
    known = readiness(seen(looks=(look,), archived=True, moved_to=f"{URL}2"), repository(URL), named=["b.ipynb"])
    assert known is not None
    assert known.missing == {"b.ipynb"}
    assert [(check.code, check.ok) for check in known.checks] == [
        ("there", True),
        ("moved", None),
        ("archived", None),
        ("large-files", None),
        ("environment", True),
        ("notebook-gone", None),
        ("notebooks", True),
    ]
    assert known.checks[0] == Check(code="there", ok=True, text="the repository is there at cccccccccc")


def test_a_list_that_was_cut_promises_nothing_of_what_is_not_in_it() -> None:
    known = readiness(seen(looks=(Look(seen=NOW, cut=True),)), repository(URL), named=["b.ipynb"])
    assert known is not None
    assert [check.code for check in known.checks] == ["there", "bare"]
    assert known.checks[1].text == "no environment file was found, but its host did not list all files"


def test_python_alone_is_enough_where_somebody_said_so() -> None:
    known = readiness(seen(looks=(Look(seen=NOW),)), repository(URL), bare_is_enough=True)
    assert known is not None
    assert (known.strength, [check.code for check in known.checks]) == (READY, ["there", "bare-is-enough"])


# Which paths are kept


def test_checkpoints_and_tests_are_no_notebooks_for_readers() -> None:
    paths = [
        "z.ipynb", "a/b.ipynb", ".ipynb_checkpoints/z.ipynb", "a/.ipynb_checkpoints/b.ipynb", "tests/x.ipynb", "a/test/x.ipynb",
        "testing/x.ipynb", "x.IPYNB", "x.ipynb.txt", "README.md",
    ]  # fmt: skip
    assert notebook_paths(paths) == ("a/b.ipynb", "testing/x.ipynb", "z.ipynb")


@pytest.mark.parametrize(
    ("paths", "opens"),
    [
        ([], None),
        (["deep/a.ipynb"], "deep/a.ipynb"),
        (["a.ipynb", "index.ipynb"], "index.ipynb"),
        (["a.ipynb", "deep/index.ipynb", "deep/b.ipynb"], "a.ipynb"),
        (["a.ipynb", "b.ipynb"], None),
        (["x/a.ipynb", "x/index.ipynb"], None),
    ],
)
def test_the_notebook_that_opens_by_itself(paths: list[str], opens: str | None) -> None:
    assert default_notebook(paths) == opens


def test_a_crowd_in_the_folder_hides_no_file_that_decides() -> None:
    crowd = [f"binder/{number:03}.txt" for number in range(200)]
    kept = environment_paths([*crowd, "binder/zz.txt", "binder/requirements.txt", "binder/sub/x"])
    assert len(kept) == MOST_IN_FOLDER + 1
    assert {"binder/", "binder/requirements.txt"} <= set(kept)


@pytest.mark.parametrize(
    ("there", "needed"),
    [
        (["runtime.txt", "pyproject.toml", ".gitattributes", "setup.py"], ("runtime.txt", ".gitattributes", "pyproject.toml")),
        (["binder/", "binder/runtime.txt", "runtime.txt", "pyproject.toml"], ("binder/runtime.txt",)),
        (["requirements.txt"], ()),
    ],
)  # fmt: skip
def test_the_texts_that_a_list_of_files_is_not_enough_without(there: list[str], needed: tuple[str, ...]) -> None:
    assert paths_to_read(there) == needed


_STEP = st.sampled_from(
    ["binder", ".binder", "a", "test", ".ipynb_checkpoints", "Dockerfile", "x.ipynb", "runtime.txt"]
)
_PATHS = st.lists(st.lists(_STEP, min_size=1, max_size=4).map("/".join), max_size=30)


@given(_PATHS)
def test_what_is_kept_has_no_order_and_comes_from_the_list(paths: list[str]) -> None:
    kept, notebooks = environment_paths(paths), notebook_paths(paths)
    assert kept == environment_paths(reversed(paths)) == environment_paths([*paths, *paths])
    assert notebooks == notebook_paths(reversed(paths))
    assert {*notebooks, *(path for path in kept if not path.endswith("/"))} <= set(paths)
    assert set(paths_to_read(kept)) <= set(kept)
    assert environment_paths([path for path in kept if not path.endswith("/")]) == tuple(
        path for path in kept if not path.endswith("/") or any(each != path and each.startswith(path) for each in kept)
    )
