"""BinderHub: builds an image from a repository and opens it in a temporary session.

Grammar: `{facility}v2/{provider}/{spec}?urlpath={path}`. Source: jupyterhub/binderhub @ b9fad99, repoproviders.py.
The page signs the raw path, so it must be encoded exactly as encodeURIComponent does.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from ..model import Facility, Interface, OwnEnvironmentOptions, Pin, Reason, Software
from ..repository import COMMIT, GIT_PROVIDERS, NoRepository, Provider, Repository, parse_repository
from .link import Link, component, file_path, is_commit, opened_file, query_value, what_opens
from .nbgitpuller import git_pull

KIND = "binderhub"
LABEL = "BinderHub"
DOES = "builds an environment from the repository and opens it in the browser"
INTERFACES = frozenset({Interface.NOTEBOOK})
WITHOUT_CODE: frozenset[Interface] = frozenset()
PROVIDERS = frozenset(Provider)
PAGES = ("v2", "v2/*")
NOTES = (
    Reason("slow-start", "a first start builds the environment and can take minutes"),
    Reason("temporary", "everything is gone when the session ends: download what you want to keep"),
)

# File names with these do not open reliably, neither on the current page, which decodes the query twice, nor on older ones.
_UNOPENABLE = "#?%\\"


def _environment(text: str) -> str:
    found = parse_repository(text)
    if isinstance(found, NoRepository):
        raise ValueError(found.why)
    return text


class BinderHubOptions(OwnEnvironmentOptions):
    """The options of a BinderHub."""

    environment: Annotated[str, AfterValidator(_environment)] | None = Field(
        None,
        description="A repository with nbgitpuller in its environment: software is pulled into it instead of being built.",
    )


OPTIONS = BinderHubOptions


def launch_url(software: Software, facility: Facility) -> Link | Reason:
    """A `/v2/` link to the software's repository, or why there is none."""
    repository = software.target
    if repository is None:
        return Reason("no-repository", "no code repository is known")
    options = facility.options
    if isinstance(options, BinderHubOptions) and options.environment:
        environment = parse_repository(options.environment)
        if isinstance(environment, Repository) and environment.key != repository.key:
            return _through_environment(repository, environment, facility)
    seen = software.readiness
    spec = _spec(repository, facility, seen.commit if seen and software.pin is Pin.CITED else None)
    if isinstance(spec, Reason):
        return spec
    if "%25" in spec:  # the page decodes it once too often, and requests another URL than the one that is signed
        return Reason("letters", "the repository's address has letters in it that BinderHub does not pass on")
    opened = file_path(repository.file, refused=_UNOPENABLE)
    urlpath = query_value(f"lab/tree/{opened}" if opened else "lab")
    if not opened and software.readiness and software.readiness.rstudio:
        return Link(url=f"{facility.url}v2/{spec}?urlpath=rstudio", opens="RStudio", builds=True)
    return Link(
        url=f"{facility.url}v2/{spec}?urlpath={urlpath}",
        opens=what_opens("JupyterLab", repository.file, opened),
        builds=True,
        file=opened_file(repository.file, opened),
    )


def _spec(repository: Repository, facility: Facility, commit: str | None = None) -> str | Reason:
    """The part `{provider}/{spec}`, or why there is none. `commit` is the commit of the ref, for a ref that never moves."""
    ref = repository.ref or "HEAD"  # the default branch, whatever its name
    # A Git host that this hub has no provider for is plain Git to it.
    known = repository.provider in facility.providers or repository.provider not in GIT_PROVIDERS
    match repository.provider if known else Provider.GIT:
        case Provider.GITHUB:  # the hub splits it into three parts and decodes none, so the slashes of a ref stay
            return f"gh/{repository.path}/{'/'.join(component(part) for part in ref.split('/'))}"
        case Provider.GITLAB:
            return f"gl/{component(repository.path)}/{component(ref)}"
        case Provider.GIT:
            if is_commit(repository) and not COMMIT.fullmatch(ref):
                return Reason(
                    "short-commit", f"{ref} is a shortened commit, which Git cannot ask for: name all 40 digits"
                )
            # The hub finds a ref by the end of its name, so `v1` may match `foo/v1` first: a commit is exact.
            exact = commit if commit and COMMIT.fullmatch(commit) else ref
            return f"git/{component(repository.url)}/{component(exact)}"
        case Provider.GIST:
            if not re.fullmatch(r"[0-9a-f]{40}|HEAD|main|master", ref):
                return Reason("gist-ref", "a gist can be opened at a commit or at its newest state, not at a branch")
            return f"gist/{repository.path}/{ref}"
        case Provider.ZENODO:  # the slash of the DOI stays raw; no ref, since a DOI is a version
            return f"zenodo/{repository.path}"


def _through_environment(repository: Repository, environment: Repository, facility: Facility) -> Link | Reason:
    if repository.provider not in GIT_PROVIDERS:
        return Reason(
            "git-only", "this facility pulls software with nbgitpuller, which takes neither gists nor Zenodo records"
        )
    spec = _spec(environment, facility)
    pull = git_pull(repository, fresh=True)
    if isinstance(spec, Reason):
        return spec
    if isinstance(pull, Reason):
        return pull
    if any(
        letter in value for value in (repository.path, repository.ref, repository.file) if value for letter in "+&#"
    ):
        return Reason("letters", "the address or a file name has + & or # in it, which BinderHub loses on the way")
    return Link(
        url=f"{facility.url}v2/{spec}?urlpath={query_value(f'git-pull?{pull}')}",
        opens=what_opens("JupyterLab", repository.file, file_path(repository.file)),
        file=repository.file,
    )
