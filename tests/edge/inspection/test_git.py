"""A repository on any other host, read with git: real repositories behind `git http-backend`."""

import os
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from catalogue.edge.inspection import InspectionLimits, inspect
from catalogue.edge.inspection.git import _Git
from catalogue.edge.inspection.session import Session
from catalogue.edge.public_hosts import PublicHosts
from catalogue.launch.refs import Subject
from catalogue.observed import Failure, Look, Observed, Presence, SeenNotebook, SeenRepository
from catalogue.problems import UpstreamError
from catalogue.repository import Repository

from ..zenodo_double import Reply, answers, drips
from .conftest import Nights, subject
from .forges import GIT, Forges
from .git_repositories import bare, commit, git

URL = f"https://{GIT}/stars/comet.git"
FIRST, SECOND = "2026-02-10T03:00:00Z", "2026-02-11T03:00:00Z"
NOTEBOOK = b'{"cells": [{"cell_type": "markdown", "source": "# Orbit"}]}'


@pytest.fixture
def comet(forges: Forges) -> Path:
    """A repository with an unusual file name, and branches whose names have the same ending."""
    folder = bare(forges.git_root, "stars/comet.git")
    commit(folder, "foo/main", {"setup.py": b""})
    commit(folder, "main", {"runtime.txt": b"python-3.12\n", "a#b%20.ipynb": NOTEBOOK, "z.py": b"x" * 100_000})
    return folder


def head(folder: Path, ref: str) -> str:
    return git(folder, "rev-parse", f"{ref}^{{commit}}")


def test_branches_tags_and_commits_are_inspected(forges: Forges, comet: Path) -> None:
    git(comet, "tag", "v1", "foo/main")
    git(comet, "tag", "-a", "-m", "signed", "v2", "foo/main")
    old = head(comet, "main")
    new = commit(comet, "main", {"environment.yml": b""})
    seen = Nights(forges, subject(URL, None, "main", "foo/main", "v1", "v2", "v3", "foo", old)).see()
    assert seen.failing is None
    main, foo = ("environment.yml",), ("setup.py",)
    assert [(each.ref, each.found, each.commit, each.files) for each in seen.looks] == [
        (None, True, new, main),
        ("main", True, new, main),
        ("foo/main", True, head(comet, "foo/main"), foo),
        ("v1", True, head(comet, "foo/main"), foo),
        ("v2", True, head(comet, "foo/main"), foo),
        ("v3", False, None, ()),
        ("foo", False, None, ()),
        (old, True, old, ("runtime.txt",)),
    ]


def test_texts_and_titles_are_fetched_and_other_contents_are_not(forges: Forges, comet: Path) -> None:
    seen = Nights(forges, subject(URL)).see()
    assert seen == SeenRepository(
        repository=URL,
        asked=FIRST,
        stamp=seen.stamp,
        looks=(
            Look(
                seen=FIRST,
                commit=head(comet, "main"),
                files=("runtime.txt",),
                runtime="python-3.12",
                notebooks=(SeenNotebook(path="a#b%20.ipynb", title="Orbit"),),
            ),
        ),
    )


def test_a_run_without_news_only_lists_the_refs(forges: Forges, comet: Path) -> None:
    nights = Nights(forges, subject(URL, None, "v1"))
    first = nights.see()
    assert nights.see() == first
    assert [each.target for each in forges.asked] == [
        "/stars/comet.git/info/refs?service=git-upload-pack",
        "/stars/comet.git/git-upload-pack",
    ]  # one `git ls-remote`
    git(comet, "tag", "v1", "foo/main")
    third = nights.see()
    assert third.at(None) == first.at(None)
    assert third.at("v1") == Look(seen=nights.now, ref="v1", commit=head(comet, "foo/main"), files=("setup.py",))


def test_a_missing_commit_is_a_result(forges: Forges, comet: Path) -> None:
    assert Nights(forges, subject(URL, "f" * 40)).see().looks == (Look(seen=FIRST, ref="f" * 40, found=False),)


@pytest.mark.parametrize(
    "ref", ["--upload-pack=touch owned", "-v", "--output=owned", "refs/heads/main", "$(touch owned)", "*"]
)
def test_a_hostile_ref_is_a_missing_ref(forges: Forges, comet: Path, tmp_path: Path, ref: str) -> None:
    wanted = Subject(repository=Repository(host=GIT, path="stars/comet.git"), refs=(ref,))
    assert Nights(forges, wanted).see().looks == (Look(seen=FIRST, ref=ref, found=False),)
    assert not list(tmp_path.rglob("owned"))


def test_symbolic_links_submodules_and_undecodable_names_are_not_read(forges: Forges, comet: Path) -> None:
    made = commit(comet, "main", {"x.ipynb": NOTEBOOK}, {"runtime.txt": "/etc/passwd", "y.ipynb": "x.ipynb"})
    look = Nights(forges, subject(URL)).see().at(None)
    assert look == Look(
        seen=FIRST,
        commit=made,
        files=("runtime.txt",),
        notebooks=(SeenNotebook(path="x.ipynb", title="Orbit"), SeenNotebook(path="y.ipynb")),
    )


@pytest.mark.parametrize("scheme", ["file://", "", "ext::cat "])
def test_git_speaks_https_and_nothing_else(forges: Forges, comet: Path, tmp_path: Path, scheme: str) -> None:
    session = Session(agent="stars/1", hosts=forges.hosts, now=FIRST, limits=InspectionLimits())
    asked = _Git(session, GIT, tmp_path, f"{scheme}{comet}", time.monotonic() + 30)
    with pytest.raises(UpstreamError, match=r"transport '\w+' not allowed"):
        asked.list_refs((None,))


def test_an_empty_repository_is_a_result(forges: Forges) -> None:
    bare(forges.git_root, "stars/comet.git")
    nights = Nights(forges, subject(URL))
    first = nights.see()
    assert (first.presence, first.failing) == (Presence.EMPTY, None)
    assert nights.see() == first


def test_a_repository_whose_default_branch_is_gone_is_seen_at_its_other_refs(forges: Forges, comet: Path) -> None:
    git(comet, "update-ref", "-d", "refs/heads/main")
    looks = Nights(forges, subject(URL, None, "foo/main")).see().looks
    assert [(each.ref, each.found) for each in looks] == [(None, False), ("foo/main", True)]


def test_a_repository_whose_default_branch_is_gone_is_not_empty(forges: Forges, comet: Path) -> None:
    git(comet, "update-ref", "-d", "refs/heads/main")
    nights = Nights(forges, subject(URL))
    first = nights.see()
    assert (first.presence, first.failing) == (Presence.THERE, None)
    assert [(each.ref, each.found) for each in first.looks] == [(None, False)]
    assert nights.see() == first


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(None, id="404"),
        pytest.param(answers(401, b"", WWW_Authenticate='Basic realm="stars"'), id="401"),
    ],
)
def test_a_repository_that_is_not_public_is_gone(forges: Forges, fault: object) -> None:
    if callable(fault):
        forges.breaks(fault)
    seen = Nights(forges, subject(URL)).see()
    assert seen == SeenRepository(repository=URL, asked=FIRST, presence=Presence.GONE)


def test_a_server_without_filters_is_read_up_to_a_limit(forges: Forges) -> None:
    folder = bare(forges.git_root, "stars/comet.git", filters=False)
    made = commit(folder, "main", {"setup.py": b"", "x.bin": os.urandom(200_000)})
    assert Nights(forges, subject(URL)).see().looks == (Look(seen=FIRST, commit=made, files=("setup.py",)),)
    failing = Nights(forges, subject(URL), git_file=100_000).see().failing
    assert failing == Failure(since=FIRST, why=f"{GIT} sends more than is fetched to look at a repository")


def test_a_host_without_the_smart_protocol_cannot_be_inspected(forges: Forges, comet: Path) -> None:
    git(comet, "update-server-info")
    forges.smart = False
    why = f"git says of {GIT}: dumb http transport does not support shallow capabilities"
    assert Nights(forges, subject(URL)).see().failing == Failure(since=FIRST, why=why)


def test_unknown_commit_ids_are_a_failure_and_not_an_empty_repository(forges: Forges) -> None:
    folder = forges.git_root / "stars/comet.git"
    git(folder, "init", "--bare", "--quiet", "--initial-branch=main", "--object-format=sha256", str(folder))
    commit(folder, "main", {"setup.py": b""})
    why = f"{GIT} names commits in another way than is read here"
    assert Nights(forges, subject(URL)).see().failing == Failure(since=FIRST, why=why)


def test_a_large_notebook_has_no_title_and_costs_no_more_than_the_limit(forges: Forges, comet: Path) -> None:
    large = os.urandom(600_000).hex().encode()
    made = commit(comet, "main", {"a.ipynb": large, "b.ipynb": b" " * 300_000 + NOTEBOOK, "c.ipynb": NOTEBOOK})
    look = Nights(forges, subject(URL)).see().at(None)
    assert look == Look(
        seen=FIRST,
        commit=made,
        notebooks=(
            SeenNotebook(path="a.ipynb"),
            SeenNotebook(path="b.ipynb"),
            SeenNotebook(path="c.ipynb", title="Orbit"),
        ),
    )


def test_a_trickling_server_is_stopped(forges: Forges, comet: Path) -> None:
    forges.breaks(drips(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n0"))
    nights = Nights(forges, subject(URL), git=0.5)
    assert nights.see().failing == Failure(since=FIRST, why=f"{GIT} did not finish within 0.5 seconds")


def without_end(handler: BaseHTTPRequestHandler, _reply: Reply) -> None:
    """An endless list of refs with long names."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n")
    handler.wfile.write(b"001e# service=git-upload-pack\n0000")
    line = b"1" * 40 + b" refs/heads/" + b"x" * 60_000 + b"\n"
    with suppress(OSError):
        while True:
            handler.wfile.write(b"%04x" % (len(line) + 4) + line)


def test_an_endless_list_of_refs_does_not_exhaust_the_memory(forges: Forges, comet: Path) -> None:
    forges.breaks(without_end)
    failing = Nights(forges, subject(URL), git_memory=64 * 2**20).see().failing
    assert failing == Failure(since=FIRST, why=f"{GIT} sends more than is fetched to look at a repository")


def test_files_are_listed_and_hooks_submodules_and_filters_are_not_run(
    forges: Forges, comet: Path, tmp_path: Path
) -> None:
    owned = tmp_path / "owned"
    modules = f'[submodule "x"]\n path = x\n url = ext::touch {owned}\n update = !touch {owned}\n'
    hook = f"#!/bin/sh\ntouch {owned}\n".encode()
    files = {".gitmodules": modules.encode(), "hooks/post-checkout": hook, "--upload-pack=x.ipynb": NOTEBOOK}
    commit(comet, "main", {**files, ".gitattributes": b"* filter=owned\n", ".lfsconfig": modules.encode()})
    look = Nights(forges, subject(URL)).see().at(None)
    assert look is not None
    assert look.notebooks == (SeenNotebook(path="--upload-pack=x.ipynb", title="Orbit"),)
    assert not owned.exists()


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b"<html>Sign in</html>", "text/html", "git.example.org did not answer as a host of Git repositories but with another page"),
        (b"\x00\xff" * 999, "text/html", "git.example.org did not answer as a host of Git repositories but with another page"),
        (b"", "text/html", "git.example.org did not answer as a host of Git repositories but with another page"),
        (
            b"<html>Sign in</html>",
            "application/x-git-upload-pack-advertisement",
            "git says of git.example.org: protocol error: bad line length character: <htm",
        ),
    ],
)  # fmt: skip
def test_a_page_instead_of_git_is_a_failure_and_not_an_empty_repository(
    forges: Forges, comet: Path, body: bytes, kind: str, why: str
) -> None:
    forges.breaks(answers(200, body, Content_Type=kind))
    assert Nights(forges, subject(URL)).see().failing == Failure(since=FIRST, why=why)


def test_an_unreachable_host_is_skipped_after_three_repositories() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        hosts = PublicHosts({GIT: f"127.0.0.1:{taken.getsockname()[1]}"})
        subjects = [subject(f"https://{GIT}/stars/{name}.git") for name in "abcd"]
        seen = inspect(subjects, Observed(), now=FIRST, agent="stars/1", hosts=hosts, limits=InspectionLimits(pace=0))
    whys = [each.failing.why for each in seen.repositories if each.failing]
    assert all("Failed to connect" in why for why in whys[:3])
    assert whys[3:] == [f"{GIT} had not answered 3 times one after the other, and was left alone"]


def test_a_failure_keeps_the_last_result(forges: Forges, comet: Path) -> None:
    nights = Nights(forges, subject(URL))
    first = nights.see()
    forges.breaks(answers(500, b""))
    second = nights.see()
    assert second.failing is not None
    assert second == replace(first, failing=second.failing)
    forges.mends()
    assert nights.see() == replace(first, asked=nights.now)


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/", "https://127.0.0.1:9/x.git/info/refs", "file:///etc/passwd", "ext::sh -c x"]
)
def test_a_redirect_to_another_host_is_not_followed(forges: Forges, comet: Path, target: str) -> None:
    forges.breaks(answers(301, b"", Location=target))
    failing = Nights(forges, subject(URL)).see().failing
    assert failing == Failure(since=FIRST, why=f"{GIT} sends on to another place, {target}: not followed")


def test_a_redirect_on_the_same_host_is_a_move(forges: Forges, comet: Path) -> None:
    tail = "/info/refs?service=git-upload-pack"
    forges.breaks(answers(301, b"", Location=f"/stars/comet.git{tail}"), at="/old/comet.git/")
    nights = Nights(forges, subject(f"https://{GIT}/old/comet.git"))
    seen = nights.see()
    assert seen.moved_to == f"https://{GIT}/stars/comet"
    assert seen.at(None) is not None
    assert nights.see() == seen


def test_a_redirect_to_the_url_with_git_at_its_end_is_no_move(forges: Forges, comet: Path) -> None:
    tail = "/info/refs?service=git-upload-pack"
    forges.breaks(answers(301, b"", Location=f"/stars/comet.git{tail}"), at="/stars/comet/")
    seen = Nights(forges, subject(f"https://{GIT}/stars/comet")).see()
    assert (seen.moved_to, seen.at(None) is None) == (None, False)


def test_git_ignores_the_configuration_of_this_machine(
    forges: Forges, comet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned = tmp_path / "owned"
    (tmp_path / ".gitconfig").write_text(f'[url "file://{tmp_path}/"]\n insteadOf = https://{GIT}/\n')
    for name, value in {
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": str(tmp_path / ".gitconfig"),
        "GIT_SSH_COMMAND": f"touch {owned}",
        "GIT_ASKPASS": f"touch {owned}",
        "GIT_DIR": str(tmp_path / "elsewhere"),
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
        "GIT_TRACE": str(owned),
    }.items():
        monkeypatch.setenv(name, value)
    assert Nights(forges, subject(URL)).see().failing is None
    assert not owned.exists()


def test_no_folder_and_no_process_is_left_behind(
    forges: Forges, comet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "temporary"
    own.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(own))
    Nights(forges, subject(URL)).see()
    forges.breaks(drips(b"HTTP/1.1 200 OK\r\n\r\n0"))
    Nights(forges, subject(URL), git=0.3).see()
    assert list(own.iterdir()) == []


def test_an_old_git_is_reported(forges: Forges, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho git version 2.30.2\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}:/bin:/usr/bin")
    failing = Nights(forges, subject(URL)).see().failing
    assert failing == Failure(since=FIRST, why="git 2.37 or newer is needed to inspect it, and this machine has none")


def test_git_connects_to_the_checked_address_and_verifies_the_host_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, self_signed: ssl.SSLContext
) -> None:
    names: list[str | None] = []
    self_signed.sni_callback = lambda _socket, name, _context: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def greet() -> None:
            connection, _ = server.accept()
            try:
                self_signed.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()

        threading.Thread(target=greet, daemon=True).start()
        # The inspection takes it for a public address, but it is this machine.
        monkeypatch.setattr(PublicHosts, "resolve", lambda *_: "127.0.0.1")
        wanted = Subject(repository=Repository(host=f"git.example.org:{port}", path="x.git"), refs=(None,))
        observed = inspect(
            (wanted,),
            Observed(),
            now=FIRST,
            agent="stars/1",
            hosts=PublicHosts(),
            limits=InspectionLimits(pace=0, git=10),
        )
    failing = observed.repositories[0].failing
    assert names == ["git.example.org"]
    assert failing is not None
    assert "certificate" in failing.why


def test_the_codemeta_file_is_read(forges: Forges, comet: Path) -> None:
    commit(comet, "main", {"codemeta.json": b'{"keywords": ["tail"]}'})
    assert Nights(forges, subject(URL)).see().looks[0].codemeta == (("keywords", ("tail",)),)
