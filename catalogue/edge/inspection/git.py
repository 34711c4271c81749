"""A repository on any other host: read with `git` itself, which fetches trees but not the contents of files.

Git ignores the configuration of the user and the machine, connects over https to the checked address only, follows no
redirect and never prompts for a password. It is stopped when it takes too long or writes too large a file; on Linux its memory is limited, too.
Its arguments are never part of a shell script: the shell only sets the memory limit and replaces itself by git.
"""

import hashlib
import os
import re
import resource
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ...launch.look import TEXT_LIMIT, ListedFile, Listing, listing_of
from ...launch.refs import Subject
from ...observed import Presence, SeenRepository
from ...problems import UpstreamError
from ...repository import COMMIT
from ...text import clean
from ..http import NoResponse
from .session import Session, UnknownCommit, gone_repository, inspect_refs, new_url, reuse_unchanged, url_path

STAMP = "git "
_OLDEST_VERSION = (2, 37)  # the first with http.curloptResolve
# Git holds the decompressed list of refs in memory. A limit that is set once git runs would be too late for its children;
# set on our own process, it would limit us.
_WITH_MEMORY_LIMIT = 'ulimit -d "$0" 2>/dev/null; exec git "$@"'
_LIST_LIMIT = 8 * 2**20  # bytes
_FETCH_OVERHEAD = 64 * 2**10  # bytes that git writes in addition to a blob that it fetches
_LOW_SPEED_TIME = 20  # seconds
_REFS_PATH = "/info/refs?service=git-upload-pack"
_NOT_PUBLIC = re.compile(r"^fatal: (?:repository '.*' not found|could not read Username for )", re.MULTILINE)
_REDIRECTED = re.compile(r"The requested URL returned error: 30\d|unable to update url base from redirection")
_UNREACHABLE = re.compile(
    r"Could not resolve host|Failed to connect|Connection (?:refused|reset|timed out)|Operation too slow"
)
_LIMIT_EXCEEDED = (f"signal {signal.SIGXFSZ.value}", "File too large", "Out of memory", "out of memory")
_NO_COMMIT = re.compile(r"not our ref|unadvertised object|no such remote ref|couldn't find remote ref", re.IGNORECASE)


def inspect(session: Session, subject: Subject, before: SeenRepository | None) -> SeenRepository:
    """The present state of the repository. If nothing has changed, only its refs are listed."""
    _check_git()
    url = subject.repository.url
    if subject.repository.is_gitlab:  # GitLab redirects a URL without it
        url = f"{url.removesuffix('.git')}.git"
    deadline = time.monotonic() + session.limits.git
    with TemporaryDirectory(prefix="inspect-") as folder:
        git = _Git(session, subject.repository.host, Path(folder), url, deadline)
        try:
            refs = _list_refs(git, subject.refs)
        except _NotPublic:
            return reuse_unchanged(gone_repository(subject, session.now), before)
        path = url_path(git.url).removesuffix(".git")
        new = SeenRepository(
            repository=subject.repository.url,
            asked=session.now,
            moved_to=new_url(subject.repository.host, path, subject.repository.path.removesuffix(".git")),
            stamp=STAMP + hashlib.sha256(repr(sorted(refs.items())).encode()).hexdigest()[:16],
        )
        # HEAD may name a branch that does not exist: that alone does not make a repository empty.
        if not refs and not git.has_refs():
            if before is None or before.presence is not Presence.EMPTY:
                _check_smart_http(session, subject.repository.host, git.url)
            return reuse_unchanged(replace(new, presence=Presence.EMPTY), before)
        remote = _Remote(git, refs)
        unchanged = before is not None and before.stamp == new.stamp
        found = inspect_refs(remote, subject.refs, before, session.now, unchanged=unchanged)
        return reuse_unchanged(replace(new, looks=found), before)


class _Redirected(UpstreamError):
    """The host redirects to another URL."""


class _NotPublic(UpstreamError):
    """The host has no such public repository."""


class _TooLarge(UpstreamError):
    """Git would exceed the limit on the size of a file, or on memory."""


class _NoCommit(UpstreamError):
    """The host does not serve this commit."""


def _check_git() -> None:
    try:
        output = subprocess.run(
            ["git", "version"],  # noqa: S607
            env={"PATH": os.environ.get("PATH", os.defpath)},
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        output = ""
    version = re.match(r"git version (\d+)\.(\d+)", output)
    if version is None or (int(version[1]), int(version[2])) < _OLDEST_VERSION:
        raise UpstreamError("git 2.37 or newer is needed to inspect it, and this machine has none")


def _list_refs(git: "_Git", refs: tuple[str | None, ...]) -> dict[str, str]:
    """The commits by full name of the ref; a redirect within the host is followed, and changes the URL of `git`."""
    try:
        return git.list_refs(refs)
    except _Redirected:
        git.url = _redirect_target(git.session, git.host, git.url)
        return git.list_refs(refs)


def _redirect_target(session: Session, host: str, url: str) -> str:
    """The URL on the same host that a repository is redirected to."""
    response = session.client(host).get(f"{url}{_REFS_PATH}")
    if not response.url.endswith(_REFS_PATH):
        raise UpstreamError(f"{host} sends on to what is no repository: not followed")
    return response.url.removesuffix(_REFS_PATH)


def _check_smart_http(session: Session, host: str, url: str) -> None:
    """Raises UpstreamError for any other web page, which git takes for a repository without refs."""
    response = session.client(host).get(f"{url}{_REFS_PATH}")
    if not re.match(rb"[0-9a-f]{4}(?:# service=git-upload-pack|version 2)", response.body):
        raise UpstreamError(f"{host} did not answer as a host of Git repositories but with another page")


@dataclass(slots=True)
class _Git:
    """Runs git for one repository, in a folder of its own."""

    session: Session
    host: str
    folder: Path
    url: str
    deadline: float  # time.monotonic()

    def list_refs(self, refs: tuple[str | None, ...]) -> dict[str, str]:
        """The commits of those refs that exist, by full name (`HEAD`, `refs/heads/…`, `refs/tags/…`)."""
        patterns = ["HEAD"]
        for ref in refs:
            if ref and not COMMIT.fullmatch(ref):
                patterns += [f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/tags/{ref}^{{}}"]
        output = self.run("ls-remote", "--quiet", "--", self.url, *patterns)
        found: dict[str, str] = {}
        for line in output.decode("utf-8", "replace").splitlines():
            commit, _, name = line.partition("\t")
            # A pattern also matches longer names that end with it.
            if name not in patterns:
                continue
            if not COMMIT.fullmatch(commit):
                raise UpstreamError(f"{self.host} names commits in another way than is read here")
            found[name] = commit
        for name in [name for name in found if name.endswith("^{}")]:
            found[name.removesuffix("^{}")] = found.pop(name)
        return found

    def has_refs(self) -> bool:
        """Whether the repository has any branch or tag."""
        try:
            return bool(self.run("ls-remote", "--quiet", "--heads", "--tags", "--", self.url))
        except _TooLarge:
            return True

    def fetch(self, source: str) -> str:
        """Fetch the trees of a commit, given by its id or the full name of a ref, and return the id that was fetched."""
        if not (self.folder / "HEAD").exists():
            self.run("init", "--quiet", "--bare", "--template=", "--", str(self.folder))
            self.run("remote", "add", "origin", self.url)
        limit = self.session.limits.git_file
        self.run(
            "fetch", "--quiet", "--depth=1", "--filter=blob:none", "--no-tags", "--no-write-fetch-head", "--force",
            "origin", f"{source}:refs/seen", limit=limit,
        )  # fmt: skip
        return self.run("rev-parse", "--verify", "refs/seen^{commit}").decode().strip()

    def run(self, *arguments: str, limit: int = _LIST_LIMIT) -> bytes:
        """The output of git. Raises UpstreamError after the deadline, or if a file that it writes exceeds `limit` bytes."""
        remaining = self.deadline - time.monotonic()
        stdout, stderr = self.folder / "stdout", self.folder / "stderr"
        with stdout.open("wb") as out, stderr.open("wb") as err, _file_size_limit(limit):
            process = subprocess.Popen(  # noqa: S603
                [
                    "/bin/sh",
                    "-c",
                    _WITH_MEMORY_LIMIT,
                    str(self.session.limits.git_memory // 1024),
                    *self._settings(),
                    *arguments,
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
            )
        try:
            process.wait(max(remaining, 0.1))
        except subprocess.TimeoutExpired:
            raise NoResponse(f"{self.host} did not finish within {self.session.limits.git:g} seconds") from None
        finally:
            # With its children, which do the transfer. If they have ended, macOS answers with EPERM.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.returncode != 0:
            with stderr.open("rb") as file:
                raise self._error(process.returncode, file.read(20_000).decode("utf-8", "replace"))
        return stdout.read_bytes()

    def _settings(self) -> list[str]:
        name, _, port = self.host.partition(":")
        settings = {
            "protocol.allow": "never",
            "protocol.https.allow": "always",
            "protocol.version": "2",
            "http.followRedirects": "false",
            "http.lowSpeedLimit": "1000",
            "http.lowSpeedTime": str(_LOW_SPEED_TIME),
            "http.userAgent": self.session.agent,
            "http.proxy": "",
            "credential.helper": "",
            "core.askPass": "",
            "core.hooksPath": os.devnull,
            "core.bigFileThreshold": "1m",
            "pack.threads": "1",
            "gc.auto": "0",
            "maintenance.auto": "false",
        }
        if at := self.session.hosts.loopback_for(name):
            settings |= {
                "protocol.http.allow": "always",
                f"url.http://{at[0]}:{at[1]}/.insteadOf": f"https://{self.host}/",
            }
        else:
            public = self.session.hosts.resolve(name)
            public = f"[{public}]" if ":" in public else public
            settings["http.curloptResolve"] = f"{name}:{port or 443}:{public}"
        return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]

    def _environment(self) -> Mapping[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "",
            "GIT_CEILING_DIRECTORIES": str(self.folder.parent),
        }

    def _error(self, code: int, stderr: str) -> UpstreamError:
        if code == -signal.SIGXFSZ or any(each in stderr for each in _LIMIT_EXCEEDED):
            return _TooLarge(f"{self.host} sends more than is fetched to look at a repository")
        if _REDIRECTED.search(stderr):
            return _Redirected(f"{self.host} sends on to another place: not followed")
        if _NOT_PUBLIC.search(stderr):
            return _NotPublic(f"{self.host} has no such public repository")
        fatal = [line for line in stderr.splitlines() if line.startswith(("fatal: ", "error: "))]
        words = clean(fatal[-1].partition(": ")[2] if fatal else stderr, 200) or f"exit code {code}"
        kinds = ((_NO_COMMIT, _NoCommit), (_UNREACHABLE, NoResponse))
        kind = next((kind for pattern, kind in kinds if pattern.search(stderr)), UpstreamError)
        return kind(f"git says of {self.host}: {words}")


@contextmanager
def _file_size_limit(limit: int) -> Iterator[None]:
    """Processes that are started in the block write no file larger than `limit` bytes."""
    # A child process inherits the limit; preexec_fn is not safe in a program with threads.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    lowest = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@dataclass(slots=True)
class _Remote:
    """A repository that is read with git; `refs` are its commits by full name."""

    git: _Git
    refs: Mapping[str, str]
    fetched: str | None = None

    def commit(self, ref: str | None) -> str | None:
        """The commit that a ref names; None if there is no such ref."""
        if ref and COMMIT.fullmatch(ref):
            try:
                return self._fetch(ref)
            except _NoCommit as error:
                if "not our ref" in str(error):
                    return None
                raise UnknownCommit from None
        # Like git, prefer a tag to a branch of the same name.
        names = [f"refs/tags/{ref}", f"refs/heads/{ref}"] if ref else ["HEAD"]
        return next((self.refs[name] for name in names if name in self.refs), None)

    def _fetch(self, commit: str) -> str:
        if self.fetched != commit:
            name = next((name for name, each in self.refs.items() if each == commit), commit)
            self.fetched = self.git.fetch(name)
        return self.fetched

    def listing(self, commit: str) -> Listing:
        """All files at a commit."""
        if self._fetch(commit) != commit:
            raise UpstreamError(f"something was pushed to {self.git.host} while it was inspected")
        listed = self.git.run("ls-tree", "-r", "-z", "--full-tree", commit)
        files = []
        for entry in listed.split(b"\0"):
            about, _, path = entry.partition(b"\t")
            match about.split():
                case [mode, b"blob", blob]:
                    name = _decoded(path)
                    if name is not None:
                        files.append(ListedFile(name, blob=blob.decode("ascii", "replace"), link=mode == b"120000"))
        return listing_of(files, commit=commit)

    def read(self, listing: Listing, path: str) -> bytes | None:
        """The content of a small file; None if it is too large."""
        blob = listing.files[path].blob
        try:
            text = self.git.run("cat-file", "blob", str(blob), limit=TEXT_LIMIT + _FETCH_OVERHEAD)
        except _TooLarge:
            return None
        return text if len(text) <= TEXT_LIMIT else None


def _decoded(path: bytes) -> str | None:
    try:
        return path.decode("utf-8")
    except UnicodeDecodeError:
        return None
