"""The parameters of nbgitpuller's `git-pull`, as its own link generator writes them.

Source: nbgitpuller 1.3.0, docs/_static/link_gen/link.js `generateRegularUrl`; pull.py for what it refuses.
"""

from urllib.parse import urlencode

from ..model import Reason
from ..repository import Repository
from .link import file_path, is_commit

NO_COMMIT = Reason(
    "commit",
    "the entry names a commit, and nbgitpuller takes only branches and tags: name a branch or tag instead",
)


def git_pull(repository: Repository, *, fresh: bool) -> str | Reason:
    """The query of a `git-pull` link, or why nbgitpuller cannot pull the repository.

    If the home folder is persistent (`fresh` is false), each ref gets a folder of its own: clones are shallow, and
    pulling another branch into the same folder fails.
    """
    if is_commit(repository):
        return NO_COMMIT
    cloned = repository.url.rpartition("/")[2]
    folder = repository.name
    if repository.ref and not fresh:
        folder = f"{folder}-{repository.ref.replace('/', '-')}"
    opened = file_path(repository.file)
    fields = {
        "repo": repository.url,
        "urlpath": "/".join(part for part in ("lab/tree", file_path(folder), opened) if part),
    }
    if repository.ref:
        fields["branch"] = repository.ref
    if folder != cloned:
        fields["targetPath"] = folder
    return urlencode(fields)
