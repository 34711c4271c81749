"""The command line of `build.py`. Only this package prints."""

import gc
from pathlib import Path

import click

from .. import __version__
from ..edge import checkout
from . import building, contributing, nightly
from .common import Commands

PROJECT = Path(__file__).parents[2]

# Thresholds of the garbage collector. With Python's defaults, it would traverse a large catalogue again and again, which takes
# a third of the time that is needed to make the views.
GC_THRESHOLDS = 50_000, 20, 20
WITHOUT_ROOT = ("init", "compare")  # commands that use no --root


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=PROJECT,
    help="The folder with site.yaml, facilities.yaml, notebooks.yaml and snapshot/.  [default: the project]",
)
@click.version_option(__version__)
@click.pass_context
def main(ctx: click.Context, root: Path) -> None:
    """Build a static catalogue of research software that a reader can run.

    Without a command it builds the site. Exit codes: 0 done, 1 defect, 2 wrong usage, 3 a mistake in a YAML file, 4 upstream
    could not be read completely (the snapshot stays), 5 the new site is unfit (the old one stays), 130 and 143 stopped
    (Ctrl-C, SIGTERM).
    """
    gc.set_threshold(*GC_THRESHOLDS)
    if ctx.invoked_subcommand not in WITHOUT_ROOT and not checkout.holds_catalogue(root):
        raise click.UsageError(
            f"{root} holds no catalogue: name its folder with --root, or start one with `build.py init`"
        )
    ctx.obj = root
    if ctx.invoked_subcommand is None:
        ctx.invoke(building.build)


for command in (
    building.build,
    building.check,
    building.compare,
    building.get_published,
    building.serve,
    nightly.harvest,
    nightly.inspect,
    nightly.probe,
    nightly.links,
    nightly.record,
    nightly.run_night,
    nightly.health,
    nightly.age,
    contributing.new,
    contributing.describe_facility,
    contributing.explain,
    contributing.write_schemas,
    contributing.init,
):
    main.add_command(command)
