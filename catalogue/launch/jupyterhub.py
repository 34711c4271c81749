"""JupyterHub: a personal server with a persistent home folder. nbgitpuller, if installed, clones a repository into it.

Grammar: `{hub}hub/user-redirect/git-pull?repo=…&urlpath=…[&branch=…][&targetPath=…]`.
"""

from pydantic import Field

from ..model import Facility, Interface, OwnEnvironmentOptions, Reason, Software
from ..repository import GIT_PROVIDERS
from .link import Link, file_path, what_opens
from .nbgitpuller import git_pull

KIND = "jupyterhub"
LABEL = "JupyterHub"
DOES = "starts a server of your own, with a home folder that stays"
INTERFACES = frozenset({Interface.NOTEBOOK})
WITHOUT_CODE: frozenset[Interface] = frozenset()
PROVIDERS = GIT_PROVIDERS
PAGES = (
    *(f"hub/{page}" for page in ("admin", "home", "login", "logout", "signup", "spawn", "token")),
    "hub/spawn*/*",
    "hub/user*/*",
    "user/*",
    "user-redirect/*",
)
NOTES = (Reason("stays", "your files stay there between sessions; the environment is the hub's own"),)


class JupyterHubOptions(OwnEnvironmentOptions):
    """The options of a JupyterHub."""

    nbgitpuller: bool = Field(False, description="Whether nbgitpuller is installed, which fetches a repository.")


OPTIONS = JupyterHubOptions


def launch_url(software: Software, facility: Facility) -> Link | Reason:
    """A git-pull link, the hub's front page if it has no nbgitpuller, or why there is no link."""
    options = facility.options
    if not (isinstance(options, JupyterHubOptions) and options.nbgitpuller):
        return Link(
            url=facility.url,
            opens="the hub's front page",
            carries=False,
            doubts=(
                Reason(
                    "front-page",
                    "this hub is not known to fetch repositories: the link opens its front page, and you clone the repository there",
                ),
            ),
        )
    repository = software.target
    if repository is None:
        return Reason("no-repository", "no code repository is known")
    pull = git_pull(repository, fresh=False)
    if isinstance(pull, Reason):
        return pull
    tag = Reason(
        "tag",
        f"if {repository.ref} is a tag, the link works only the first time: delete the folder before you use it again",
    )
    return Link(
        url=f"{facility.url}hub/user-redirect/git-pull?{pull}",
        opens=what_opens("JupyterLab", repository.file, file_path(repository.file)),
        file=repository.file,
        notes=(tag,) if repository.ref else (),
    )
