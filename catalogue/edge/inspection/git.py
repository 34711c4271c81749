"""A repository at any other host: asked by `git` itself, which fetches the list of files and no contents.

Git runs without the settings of its user or this machine, over https to the one address that was checked, follows no
redirect, asks nobody for a password, and is stopped when it takes too long, writes too much or, on Linux, holds too much.
No shell reads any word that it is given: the one that starts it knows a limit and nothing else.
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
from ..http import NoAnswer
from .asking import Asking, UnknownCommit, address, gone, looks, path_of, settled

STAMP = "git "
_OLDEST = (2, 37)  # knows http.curloptResolve
# Git keeps a list of refs whole, unpacked where it comes packed. A limit that is set from here once it runs comes too late
# for its children; on our own process it would be ours.
_WITHIN = 'ulimit -d "$0" 2>/dev/null; exec git "$@"'
_LIST_LIMIT = 8 * 2**20
_TEXT_SPARE = 64 * 2**10  # what git writes beside a text that it fetches
_SILENCE = 20
_TAIL = "/info/refs?service=git-upload-pack"
_NOT_PUBLIC = re.compile(r"^fatal: (?:repository '.*' not found|could not read Username for )", re.MULTILINE)
_SENT_ON = re.compile(r"The requested URL returned error: 30\d|unable to update url base from redirection")
_UNREACHED = re.compile(
    r"Could not resolve host|Failed to connect|Connection (?:refused|reset|timed out)|Operation too slow"
)
_TOO_MUCH = (f"signal {signal.SIGXFSZ.value}", "File too large", "Out of memory", "out of memory")
_NO_COMMIT = re.compile(r"not our ref|unadvertised object|no such remote ref|couldn't find remote ref", re.IGNORECASE)


def look(asking: Asking, subject: Subject, before: SeenRepository | None) -> SeenRepository:
    """The repository as it is now. Nothing is asked but what its refs name, where there is no news."""
    _check_git()
    url = subject.repository.url
    if subject.repository.is_gitlab:  # which sends on from an address without it
        url = f"{url.removesuffix('.git')}.git"
    until = time.monotonic() + asking.bounds.git
    with TemporaryDirectory(prefix="inspect-") as folder:
        git = _Git(asking, subject.repository.host, Path(folder), url, until)
        try:
            named = _named(git, subject.refs)
        except _NotPublic:
            return settled(gone(subject, asking.now), before)
        path = path_of(git.url).removesuffix(".git")
        new = SeenRepository(
            repository=subject.repository.url,
            asked=asking.now,
            moved_to=address(subject.repository.host, path, subject.repository.path.removesuffix(".git")),
            stamp=STAMP + hashlib.sha256(repr(sorted(named.items())).encode()).hexdigest()[:16],
        )
        # A HEAD that names a branch which is not there is not an empty repository.
        if not named and not git.has_refs():
            if before is None or before.presence is not Presence.EMPTY:
                _check_smart(asking, subject.repository.host, git.url)
            return settled(replace(new, presence=Presence.EMPTY), before)
        remote = _Remote(git, named)
        unchanged = before is not None and before.stamp == new.stamp
        found = looks(remote, subject.refs, before, asking.now, unchanged=unchanged)
        return settled(replace(new, looks=found), before)


class _SentOn(UpstreamError):
    """The host sends on to another address."""


class _NotPublic(UpstreamError):
    """The host has no such repository for everybody."""


class _TooLarge(UpstreamError):
    """More would be written than is allowed."""


class _NoCommit(UpstreamError):
    """The host does not give this commit."""


def _check_git() -> None:
    try:
        said = subprocess.run(
            ["git", "version"],  # noqa: S607
            env={"PATH": os.environ.get("PATH", os.defpath)},
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    version = re.match(r"git version (\d+)\.(\d+)", said)
    if version is None or (int(version[1]), int(version[2])) < _OLDEST:
        raise UpstreamError("git 2.37 or newer is needed to inspect it, and this machine has none")


def _named(git: "_Git", refs: tuple[str | None, ...]) -> dict[str, str]:
    """What the refs name at the address, or at the one at the same host that it sends on to."""
    try:
        return git.named(refs)
    except _SentOn:
        git.url = _where_to(git.asking, git.host, git.url)
        return git.named(refs)


def _where_to(asking: Asking, host: str, url: str) -> str:
    """The address at the same host that a repository is sent on to."""
    reply = asking.client(host).ask(f"{url}{_TAIL}")
    if not reply.url.endswith(_TAIL):
        raise UpstreamError(f"{host} sends on to what is no repository: not followed")
    return reply.url.removesuffix(_TAIL)


def _check_smart(asking: Asking, host: str, url: str) -> None:
    """Refuses a page of something else, which git takes for a repository without refs."""
    reply = asking.client(host).ask(f"{url}{_TAIL}")
    if not re.match(rb"[0-9a-f]{4}(?:# service=git-upload-pack|version 2)", reply.body):
        raise UpstreamError(f"{host} did not answer as a host of Git repositories but with another page")


@dataclass(slots=True)
class _Git:
    """Git with a folder of its own, for one repository."""

    asking: Asking
    host: str
    folder: Path
    url: str
    until: float

    def named(self, refs: tuple[str | None, ...]) -> dict[str, str]:
        """The commits of those full names of refs that there are."""
        patterns = ["HEAD"]
        for ref in refs:
            if ref and not COMMIT.fullmatch(ref):
                patterns += [f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/tags/{ref}^{{}}"]
        said = self.run("ls-remote", "--quiet", "--", self.url, *patterns)
        found: dict[str, str] = {}
        for line in said.decode("utf-8", "replace").splitlines():
            commit, _, name = line.partition("\t")
            # A pattern also finds names that only end like it.
            if name not in patterns:
                continue
            if not COMMIT.fullmatch(commit):
                raise UpstreamError(f"{self.host} names commits in another way than is read here")
            found[name] = commit
        for name in [name for name in found if name.endswith("^{}")]:
            found[name.removesuffix("^{}")] = found.pop(name)
        return found

    def has_refs(self) -> bool:
        """Whether it has any branch or tag."""
        try:
            return bool(self.run("ls-remote", "--quiet", "--heads", "--tags", "--", self.url))
        except _TooLarge:
            return True

    def fetch(self, what: str) -> str:
        """Fetch the list of files at a full name or a commit; the commit that came."""
        if not (self.folder / "HEAD").exists():
            self.run("init", "--quiet", "--bare", "--template=", "--", str(self.folder))
            self.run("remote", "add", "origin", self.url)
        limit = self.asking.bounds.git_file
        self.run(
            "fetch", "--quiet", "--depth=1", "--filter=blob:none", "--no-tags", "--no-write-fetch-head", "--force",
            "origin", f"{what}:refs/seen", limit=limit,
        )  # fmt: skip
        return self.run("rev-parse", "--verify", "refs/seen^{commit}").decode().strip()

    def run(self, *words: str, limit: int = _LIST_LIMIT) -> bytes:
        """What git prints, if it is done in time and no file that it writes grows past `limit` bytes."""
        left = self.until - time.monotonic()
        said, complaint = self.folder / "said", self.folder / "complaint"
        with said.open("wb") as out, complaint.open("wb") as err, _largest_file(limit):
            process = subprocess.Popen(  # noqa: S603
                ["/bin/sh", "-c", _WITHIN, str(self.asking.bounds.git_memory // 1024), *self._settings(), *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
            )
        try:
            process.wait(max(left, 0.1))
        except subprocess.TimeoutExpired:
            raise NoAnswer(f"{self.host} did not finish within {self.asking.bounds.git:g} seconds") from None
        finally:
            # Its children, too: git leaves the talking to them. macOS says of those that have ended that it is forbidden.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.returncode != 0:
            with complaint.open("rb") as file:
                raise self._fault(process.returncode, file.read(20_000).decode("utf-8", "replace"))
        return said.read_bytes()

    def _settings(self) -> list[str]:
        name, _, port = self.host.partition(":")
        settings = {
            "protocol.allow": "never",
            "protocol.https.allow": "always",
            "protocol.version": "2",
            "http.followRedirects": "false",
            "http.lowSpeedLimit": "1000",
            "http.lowSpeedTime": str(_SILENCE),
            "http.userAgent": self.asking.agent,
            "http.proxy": "",
            "credential.helper": "",
            "core.askPass": "",
            "core.hooksPath": os.devnull,
            "core.bigFileThreshold": "1m",
            "pack.threads": "1",
            "gc.auto": "0",
            "maintenance.auto": "false",
        }
        if at := self.asking.hosts.instead_of(name):
            settings |= {
                "protocol.http.allow": "always",
                f"url.http://{at[0]}:{at[1]}/.insteadOf": f"https://{self.host}/",
            }
        else:
            public = self.asking.hosts.address(name)
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

    def _fault(self, code: int, complaint: str) -> UpstreamError:
        if code == -signal.SIGXFSZ or any(each in complaint for each in _TOO_MUCH):
            return _TooLarge(f"{self.host} sends more than is fetched to look at a repository")
        if _SENT_ON.search(complaint):
            return _SentOn(f"{self.host} sends on to another place: not followed")
        if _NOT_PUBLIC.search(complaint):
            return _NotPublic(f"{self.host} has no such public repository")
        fatal = [line for line in complaint.splitlines() if line.startswith(("fatal: ", "error: "))]
        words = clean(fatal[-1].partition(": ")[2] if fatal else complaint, 200) or f"exit code {code}"
        kinds = ((_NO_COMMIT, _NoCommit), (_UNREACHED, NoAnswer))
        kind = next((kind for pattern, kind in kinds if pattern.search(complaint)), UpstreamError)
        return kind(f"git says of {self.host}: {words}")


@contextmanager
def _largest_file(limit: int) -> Iterator[None]:
    """Whatever is started inside writes no file larger than `limit`."""
    # A program that is started takes the limit over; preexec_fn would be no good beside threads.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    lowest = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@dataclass(slots=True)
class _Remote:
    """A repository through git."""

    git: _Git
    refs: Mapping[str, str]
    fetched: str | None = None

    def commit(self, ref: str | None) -> str | None:
        """The commit that a ref names, None where there is no such ref."""
        if ref and COMMIT.fullmatch(ref):
            try:
                return self._fetch(ref)
            except _NoCommit as error:
                if "not our ref" in str(error):
                    return None
                raise UnknownCommit from None
        # A tag first, as git itself takes it where a branch has the same name.
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
                    with_name = _decoded(path)
                    if with_name is not None:
                        files.append(
                            ListedFile(with_name, blob=blob.decode("ascii", "replace"), link=mode == b"120000")
                        )
        return listing_of(files, commit=commit)

    def read(self, listing: Listing, path: str) -> bytes | None:
        """The text of a small file."""
        blob = listing.files[path].blob
        try:
            text = self.git.run("cat-file", "blob", str(blob), limit=TEXT_LIMIT + _TEXT_SPARE)
        except _TooLarge:
            return None
        return text if len(text) <= TEXT_LIMIT else None


def _decoded(path: bytes) -> str | None:
    try:
        return path.decode("utf-8")
    except UnicodeDecodeError:
        return None
