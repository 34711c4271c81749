"""Helpers that make Git repositories."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in
       (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2026-01-01T00:00:00Z"))},
}  # fmt: skip


def git(folder: Path, *words: str, said: bytes = b"") -> str:
    """The output of git in a folder, which is created if needed."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["git", *words], cwd=folder, env=ENVIRONMENT, input=said, capture_output=True, check=True)
    return done.stdout.decode().strip()


def bare(root: Path, path: str, *, filters: bool = True) -> Path:
    """An empty bare repository; `filters` is whether it supports partial clones."""
    folder = root / path
    git(folder, "init", "--bare", "--quiet", "--initial-branch=main", str(folder))
    git(folder, "config", "uploadpack.allowFilter", str(filters).lower())
    return folder


def commit(folder: Path, branch: str, files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> str:
    """Commit exactly these files to a branch of a bare repository, and return the id of the commit."""
    lines = []
    for mode, each in (("100644", files), ("120000", {path: to.encode() for path, to in (links or {}).items()})):
        for path, text in each.items():
            blob = git(folder, "hash-object", "-w", "--stdin", said=text)
            lines.append(f"{mode} {blob}\t{path}")
    git(folder, "read-tree", "--empty")
    git(folder, "update-index", "-z", "--index-info", said="".join(f"{line}\0" for line in lines).encode())
    made = git(folder, "commit-tree", git(folder, "write-tree"), "-m", f"on {branch}")
    git(folder, "update-ref", f"refs/heads/{branch}", made)
    return made
