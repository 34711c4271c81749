"""What commands share: error handling, output of problems, reading of inputs, and common options."""

import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import current_thread, main_thread

import click

from .. import __version__, pipeline
from ..edge import checkout
from ..edge.public_hosts import PublicHosts
from ..model import Catalogue, Site
from ..problems import CatalogueError, Place, Problem, as_sarif, errors
from ..sources.site import FILE as SITE_FILE
from ..sources.site import read_site, web_root
from ..sources.snapshot import HARVEST_FILE
from ..text import pluralize
from . import clock

# For tests, which have no public network: contact HOST at this loopback address.
loopback_option = click.option("--loopback", metavar="HOST=127.0.0.1:PORT", multiple=True, hidden=True)


class Failure(click.ClickException):
    """A CatalogueError as click reports it: its message, and its exit code."""

    def __init__(self, error: CatalogueError) -> None:
        super().__init__(str(error))
        self.error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The exit code of the error; each kind of failure has its own."""
        return self.error.exit_code


class Commands(click.Group):
    """Reports errors, Ctrl-C and SIGTERM as one message with the right exit code."""

    def invoke(self, ctx: click.Context) -> object:
        received = [signal.SIGINT]

        def stop(number: int, _frame: object) -> None:
            received[0] = signal.Signals(number)
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGTERM, stop) if current_thread() is main_thread() else None
        try:
            return super().invoke(ctx)
        except CatalogueError as error:
            raise Failure(error) from None
        except KeyboardInterrupt:
            click.echo("\nStopped: nothing is half-written.", err=True)
            # The convention of shells.
            ctx.exit(128 + received[0])
        finally:
            if before is not None:
                signal.signal(signal.SIGTERM, before)


class ContributorError(CatalogueError):
    """A mistake in a YAML file."""

    exit_code = 3


def show(problems: tuple[Problem, ...], form: str | None = None) -> None:
    """Print problems as text, as annotations (the default on GitHub), or as one SARIF document."""
    if form == "sarif":
        click.echo(as_sarif(problems, __version__))
        return
    annotate = form == "github" or (form is None and os.environ.get("GITHUB_ACTIONS") == "true")
    for problem in sorted(problems):
        click.echo(problem.annotation if annotate else str(problem), err=not annotate)


def read_catalogue(root: Path, base_url: str | None = None, form: str | None = None) -> Catalogue:
    """The catalogue of a checkout. Problems are printed; raises ContributorError if any of them is an error."""
    latest = clock.latest_day(datetime.now(UTC))
    try:
        inputs = checkout.read_inputs(root, base_url=base_url, built=clock.build_time(), not_after=latest)
        catalogue, problems = pipeline.build_catalogue(inputs)
    except CatalogueError as error:
        # Report mistakes of contributors although the snapshot is damaged; and always print a SARIF document.
        found = pipeline.file_problems(checkout.read_yaml_files(root, not_after=latest))
        damaged = Problem(Place(file=f"{checkout.SNAPSHOT}/{HARVEST_FILE}"), str(error))
        show((*found, damaged) if form == "sarif" else found, form)
        raise
    show(problems, form)
    wrong = errors(problems)
    if wrong or catalogue is None:
        where = "files above" if form != "sarif" else "YAML files"
        raise ContributorError(f"{pluralize(len(wrong), 'error', 'errors')} in the {where}: nothing was built")
    return catalogue


def read_settings(root: Path, says: str) -> Site:
    """The settings in site.yaml. Problems are printed.

    Raises ContributorError if they are invalid; `says` is what the command needs to know from them.
    """
    texts, unread = checkout.yaml_texts(root, SITE_FILE)
    settings, problems = read_site(texts[SITE_FILE]) if texts else (None, [])
    show((*unread, *problems))
    if settings is None:
        raise ContributorError(f"{SITE_FILE} says {says}, and it has errors: nothing was asked")
    return settings


def yaml_texts(root: Path, file: str, folder: str) -> dict[str, str]:
    """The texts of YAML files, by path. Raises ContributorError if none can be read; `check` reports the rest."""
    texts, unread = checkout.yaml_texts(root, file, folder)
    if unread and not texts:
        show(tuple(unread))
        raise ContributorError(f"{file} cannot be read: nothing was done")
    return texts


def checked_web_root(_ctx: click.Context, _parameter: click.Parameter, address: str | None) -> str | None:
    """The URL given as an option, checked like those in site.yaml."""
    try:
        return address if address is None else web_root(address)
    except ValueError as error:
        raise click.BadParameter(f"{address!r} {error}") from None


def public_hosts(values: Sequence[str]) -> PublicHosts:
    """The resolver for public hosts, with the overrides of --loopback, each as `HOST=127.0.0.1:PORT`."""
    pairs = [value.partition("=") for value in values]
    if wrong := [value for value, pair in zip(values, pairs, strict=True) if not (pair[0] and pair[2])]:
        raise click.UsageError(f"--loopback takes HOST=127.0.0.1:PORT, not {wrong[0]!r}")
    return PublicHosts({host: address for host, _, address in pairs})


def progress(text: str) -> None:
    """Show a line of progress that overwrites the previous one, on a terminal only."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{text}", nl=False, err=True)
