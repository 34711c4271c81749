"""Enforces the direction of dependencies by reading the imports and calls of every module."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from catalogue.launch.kinds import KINDS, Kind

ROOT = Path(__file__).parents[1]
TEMPLATES = [
    path for path in sorted((ROOT / "templates").rglob("*")) if path.suffix in (".html", ".xml", ".svg", ".txt")
]
SCRIPTS = sorted((ROOT / "templates" / "static" / "js").rglob("*.js"))


def module_name(path: Path) -> str:
    """The dotted name of a file's module, as in `catalogue.launch.kinds`; a package has the name of its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path.read_text("utf-8") for path in sorted((ROOT / "catalogue").rglob("*.py"))}
PACKAGES = {module_name(path.parent / "__init__.py") for path in (ROOT / "catalogue").rglob("__init__.py")}


def imports(name: str, source: str, *, package: bool = False) -> set[str]:
    """Every module that a module imports at run time, and every name imported from one, dotted."""
    found: set[str] = set()
    for node in running(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {each.name for each in names}
            case ast.ImportFrom(module=module, names=names, level=level):
                base = name.split(".")[: len(name.split(".")) - level + package] if level else []
                taken = ".".join([*base, *([module] if module else [])])
                found |= {taken} | {f"{taken}.{each.name}" for each in names}
    return found


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Every node except those under `if TYPE_CHECKING`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from running(child)


def calls(source: str) -> set[str]:
    """The names of everything that is called, and of all attributes that are read, without their prefixes."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name)) | ast.Attribute(attr=name):
                found.add(name)
    return found


def below(module: str, *names: str) -> bool:
    """Whether a dotted name is one of these or inside one."""
    return any(module == name or module.startswith(f"{name}.") for name in names)


def is_edge(module: str) -> bool:
    return below(module, "catalogue.edge", "catalogue.cli")


PURE = sorted(module for module in SOURCES if not is_edge(module))

# Network, disk, clock, chance, processes and the terminal.
OUTSIDE = (
    "asyncio", "click", "filelock", "ftplib", "getpass", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib",
    "random", "requests", "secrets", "shutil", "signal", "smtplib", "socket", "ssl", "stamina", "subprocess", "sys", "tempfile",
    "threading", "time", "urllib.request", "urllib3", "uuid", "watchfiles", "webbrowser",
)  # fmt: skip
OUTSIDE_CALLS = {
    "open", "input", "print", "exec", "eval", "now", "today", "utcnow", "read_text", "read_bytes", "write_text", "write_bytes",
    "environ", "getenv",
}  # fmt: skip

# In addition to what no pure module may import.
NOT_FROM = {
    "catalogue.text": ["catalogue"],
    "catalogue.problems": ["catalogue"],
    "catalogue.repository": ["catalogue"],
    "catalogue.times": ["catalogue"],
    "catalogue.observed": [
        "catalogue.model", "catalogue.text", "catalogue.problems", "catalogue.repository", "catalogue.launch",
        "catalogue.sources", "catalogue.merge", "catalogue.outputs", "catalogue.pipeline",
    ],
    "catalogue.model": ["catalogue.launch", "catalogue.sources", "catalogue.merge", "catalogue.outputs", "catalogue.pipeline"],
    "catalogue.sources": ["catalogue.merge", "catalogue.pipeline", "catalogue.outputs"],
    "catalogue.merge": ["catalogue.launch", "catalogue.outputs", "catalogue.pipeline"],
    "catalogue.links": ["catalogue.sources", "catalogue.outputs", "catalogue.pipeline"],
    "catalogue.changes": ["catalogue.sources", "catalogue.outputs", "catalogue.pipeline"],
    "catalogue.launch": ["catalogue.sources", "catalogue.outputs", "catalogue.merge", "catalogue.pipeline"],
    "catalogue.pipeline": ["catalogue.outputs"],
    "catalogue.outputs": ["catalogue.sources", "catalogue.pipeline", "catalogue.merge"],
}  # fmt: skip


def wrong_imports(module: str, source: str) -> list[str]:
    """The imports of a module that violate the design."""
    found = imports(module, source, package=module in PACKAGES)
    forbidden = [] if is_edge(module) else [*OUTSIDE, "catalogue.edge"]
    forbidden += [each for part, others in NOT_FROM.items() if below(module, part) for each in others]
    if not below(module, "catalogue.cli"):
        forbidden.append("catalogue.cli")
    return sorted(each for each in found if below(each, *forbidden))


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_a_module_imports_only_along_the_arrows(module: str) -> None:
    assert wrong_imports(module, SOURCES[module]) == []


@pytest.mark.parametrize("module", PURE)
def test_nothing_outside_of_edge_touches_disk_clock_or_terminal(module: str) -> None:
    assert calls(SOURCES[module]) & OUTSIDE_CALLS == set()


@pytest.mark.parametrize("module", sorted(module for module in SOURCES if not below(module, "catalogue.cli")))
def test_only_the_command_line_prints(module: str) -> None:
    assert "print" not in calls(SOURCES[module])


@pytest.mark.case("H13")
@pytest.mark.parametrize("module", sorted(module for module in SOURCES if module != "catalogue.text"))
def test_markup_is_made_in_one_place_only(module: str) -> None:
    """`Markup` may be used in types and as an empty default; calling it with a text would trust that text."""
    assert "Markup" not in calls(SOURCES[module])


@pytest.mark.case("H13")
@pytest.mark.parametrize("module", sorted(SOURCES))
def test_no_template_is_made_of_a_text(module: str) -> None:
    assert calls(SOURCES[module]) & {"Template", "from_string"} == set()


@pytest.mark.case("H13")
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_trusts_a_text(path: Path) -> None:
    assert re.findall(r"\|\s*safe\b|autoescape\s+false|\bMarkup\b", path.read_text("utf-8")) == []


@pytest.mark.case("H13")
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_draws_a_text_as_markup(path: Path) -> None:
    pattern = r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|eval|new Function)\b"
    assert re.findall(pattern, path.read_text("utf-8")) == []


def test_there_are_modules_templates_and_scripts_to_read() -> None:
    assert {"catalogue.model", "catalogue.launch.kinds", "catalogue.sources.ossr", "catalogue.pipeline"} <= set(PURE)
    assert {"catalogue.edge", "catalogue.launch", "catalogue.sources", "catalogue.outputs"} <= PACKAGES
    assert TEMPLATES
    assert SCRIPTS


def test_the_door_opens_the_command_line_and_nothing_else() -> None:
    source = (ROOT / "build.py").read_text("utf-8")
    assert {each for each in imports("build", source) if below(each, "catalogue")} == {
        "catalogue.cli",
        "catalogue.cli.main",
    }


# --- the kinds of facility

SAID_OF_A_KIND = sorted(name for name in vars(Kind) if name.isupper() or name == "launch_url")
KIND_MODULES = sorted(
    module
    for module, source in SOURCES.items()
    if below(module, "catalogue.launch")
    and any(
        (isinstance(node, ast.FunctionDef) and node.name == "launch_url")
        or (isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "KIND" for t in node.targets))
        for node in ast.parse(source).body
    )
)


def test_what_is_said_of_a_kind() -> None:
    assert SAID_OF_A_KIND == [
        "DOES",
        "INTERFACES",
        "KIND",
        "LABEL",
        "NOTES",
        "OPTIONS",
        "PAGES",
        "PROVIDERS",
        "WITHOUT_CODE",
        "launch_url",
    ]


@pytest.mark.parametrize("name", KIND_MODULES)
def test_a_kind_says_all_that_the_protocol_asks_and_stands_in_the_table(name: str) -> None:
    module = import_module(name)
    assert [each for each in SAID_OF_A_KIND if not hasattr(module, each)] == []
    assert KINDS[module.KIND] is module


def test_the_table_of_kinds_has_a_module_for_each_line() -> None:
    assert sorted(KINDS) == sorted(import_module(name).KIND for name in KIND_MODULES)
    assert [kind.KIND for kind in KINDS.values()] == list(KINDS)


# --- these tests can fail


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("catalogue.merge", "import requests", ["requests"]),
        ("catalogue.merge", "def f():\n    from time import sleep", ["time", "time.sleep"]),
        ("catalogue.sources.local", "from pathlib import PurePath", ["pathlib", "pathlib.PurePath"]),
        ("catalogue.sources.local", "import urllib.request", ["urllib.request"]),
        ("catalogue.sources.local", "from ..merge import combine", ["catalogue.merge", "catalogue.merge.combine"]),
        ("catalogue.sources.local", "from .. import pipeline", ["catalogue.pipeline"]),
        ("catalogue.launch", "from ..sources import local", ["catalogue.sources", "catalogue.sources.local"]),
        ("catalogue.launch", "from . import kinds", []),
        ("catalogue.outputs.pages", "from ..edge import http", ["catalogue.edge", "catalogue.edge.http"]),
        ("catalogue.nights", "from .edge import http", ["catalogue.edge", "catalogue.edge.http"]),
        ("catalogue", "from .edge import http", ["catalogue.edge", "catalogue.edge.http"]),
        ("catalogue.outputs.pages", "from jinja2 import Environment", []),
        ("catalogue.text", "from .model import Software", ["catalogue.model", "catalogue.model.Software"]),
        ("catalogue.edge.http", "import requests, time", []),
        ("catalogue.edge.http", "from ..cli import main", ["catalogue.cli", "catalogue.cli.main"]),
        ("catalogue.cli", "import click", []),
        ("catalogue.cli.nightly", "from .common import show", []),
        ("catalogue.model", "if TYPE_CHECKING:\n    from .launch.link import Options", []),
        ("catalogue.model", "from .launch.link import Options", ["catalogue.launch.link", "catalogue.launch.link.Options"]),
        ("catalogue.sources.local", "from urllib.parse import quote", []),
    ],
)  # fmt: skip
def test_a_wrong_import_is_found(module: str, source: str, found: list[str]) -> None:
    assert wrong_imports(module, source) == found


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("open('x')", "open"),
        ("datetime.now(UTC)", "now"),
        ("date.today()", "today"),
        ("Path('x').read_text()", "read_text"),
        ("os.environ['HOME']", "environ"),
        ("print('x')", "print"),
        ("def f():\n    return Markup(text)", "Markup"),
        ("markupsafe.Markup(text)", "Markup"),
    ],
)
def test_a_call_is_found(source: str, name: str) -> None:
    assert name in calls(source)


def test_a_type_and_a_default_are_no_calls() -> None:
    assert "Markup" not in calls("x: Markup = field(default_factory=Markup)")
