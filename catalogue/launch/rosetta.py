"""Rosetta (INAF): containers, for desktop and command-line programs as well as notebooks, behind a login.

Source: rosetta-science/rosetta @ 4f4a5b1, urls.py and core_app/views.py. Its `v2/git` view takes the text after the
last `/` as the ref and deletes every `/REF` in the repository's URL, so some refs need `import_repository`.
"""

from collections.abc import Mapping
from typing import Annotated, Self
from urllib.parse import urlencode

from pydantic import Field, StringConstraints

from ..model import Facility, Interface, Options, Reason, Software
from ..repository import GIT_PROVIDERS
from .link import Link, component

KIND = "rosetta"
LABEL = "Rosetta"
DOES = "runs containers, also of desktop and command-line programs"
INTERFACES = frozenset({Interface.NOTEBOOK, Interface.DESKTOP, Interface.COMMAND_LINE})
# For these the platform may have a container, which needs no repository.
WITHOUT_CODE = frozenset({Interface.DESKTOP, Interface.COMMAND_LINE})
PROVIDERS = GIT_PROVIDERS
PAGES = ("import_repository", "new_task")
NOTES = (Reason("choose", "you then choose a computing resource and start the task"),)

UUID_PATTERN = r"^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"


class RosettaOptions(Options):
    """The options of a Rosetta."""

    containers: dict[str, Annotated[str, StringConstraints(pattern=UUID_PATTERN)]] = Field(
        default_factory=dict,
        description="Containers that everybody may start: slug of the software -> UUID.",
    )

    @property
    def holds(self) -> frozenset[str]:
        return frozenset(self.containers)

    def renamed(self, now: Mapping[str, str]) -> Self:
        by_former = {now[slug]: each for slug, each in self.containers.items() if slug in now}
        by_present = {slug: each for slug, each in self.containers.items() if slug not in now}
        return self.model_copy(update={"containers": {**by_former, **by_present}})


OPTIONS = RosettaOptions


def launch_url(software: Software, facility: Facility) -> Link | Reason:
    """A new task with a known container, else an image built from the repository, else the platform's software list."""
    options = facility.options
    container = options.containers.get(software.slug) if isinstance(options, RosettaOptions) else None
    if container:
        query = urlencode({"step": "two", "task_container_uuid": container})
        return Link(url=f"{facility.url}new_task/?{query}", opens="a new task with its container")
    repository = software.repository
    if repository is None or repository.provider not in facility.providers:
        return Link(
            url=f"{facility.url}software/?mode=new_task",
            opens="the platform's list of software",
            carries=False,
            doubts=(
                Reason(
                    "software-list",
                    "no container for it is known there: look for it in the platform's own list",
                ),
            ),
        )
    if any(letter in repository.url for letter in "&#"):
        return Reason("letters", "the repository's address has & or # in it, which Rosetta's page does not pass on")
    ref = repository.ref or "HEAD"
    doubts: tuple[Reason, ...] = ()
    if Interface.NOTEBOOK not in software.interfaces:
        doubts = (
            Reason(
                "image",
                "the platform builds an image from the repository: whether the program starts in it is not known",
            ),
        )
    if "/" in ref or f"/{ref}" in repository.url:
        query = urlencode({"repository_url": repository.url, "repository_tag": ref})
        return Link(
            url=f"{facility.url}import_repository/?{query}",
            opens="the platform's software, with its image added",
            builds=True,
            doubts=doubts,
        )
    return Link(
        url=f"{facility.url}v2/git/{component(repository.url)}/{component(ref)}",
        opens="a new task with an image built from the repository",
        builds=True,
        doubts=doubts,
    )
