"""The scaffold of a new catalogue: files that pass the check as they are, to be filled."""

from ..problems import as_text
from .drafts import quoted
from .facilities import FILE as FACILITIES_FILE
from .facilities import KEY as FACILITIES_KEY
from .guides import FACILITY_EXAMPLE, NOTEBOOK_EXAMPLE, SYNONYM_EXAMPLE
from .local import FILE as NOTEBOOKS_FILE
from .local import KEY as NOTEBOOKS_KEY
from .schemas import FOLDER, schema_line, schemas
from .site import FILE as SITE_FILE
from .site import read_site
from .snapshot import Harvest, Snapshot, write_snapshot
from .synonyms import FILE as SYNONYMS_FILE
from .synonyms import KEY as SYNONYMS_KEY

NOT_YET = "Nothing was harvested yet."
# Synonyms for any research software. Each community adds those of its own field.
_SYNONYMS = """\
  - words: [notebook, jupyter, jupyter notebook, ipynb, ipython notebook]
  - words: [command line, command line tool, command line interface, cli, terminal, shell script]
  - words: [desktop, desktop program, gui, graphical user interface]
  - words: [library, software library, python package]
  - words: [web application, web app, webapp]
  - words: [web service, rest api]
  - words: [C++, cpp, cxx]
  - words: [JavaScript, js, ecmascript]
  - words: [Apptainer, Singularity]
  - words: [container, docker image]
"""


def new_catalogue(
    *, title: str, community: str, base_url: str, repository: str, contact: str, now: str
) -> dict[str, str]:
    """The texts of a new catalogue's files by path. Raises ValueError that says what is wrong with a setting."""
    site = f"""\
{schema_line(SITE_FILE)}
# What the catalogue is called, where it is published, and which community it shows.

title: {quoted(title)}
tagline: {quoted(f"Research software of {title}, and where it runs.")}

# Where the site is published, with its path: the sitemap and the machine-readable data need it.
base_url: {quoted(base_url)}

community: {quoted(community)}
community_title: {quoted(title)}
community_short: {quoted(community)}
community_url: {quoted(f"https://zenodo.org/communities/{community}")}

# The repository that holds these files: pages link there for edits and questions.
repository: {quoted(repository)}
contact: {quoted(contact)}

# The colours of links and buttons; the check says if they would be hard to read.
# colours: {{light: '#24479c', dark: '#9dbcff'}}
"""
    settings, problems = read_site(site)
    if settings is None:
        raise ValueError(as_text(problems))
    harvest = Harvest(api=settings.api, community=community, harvested=now, seen=0, note=NOT_YET)
    return {
        SITE_FILE: site,
        FACILITIES_FILE: _list(FACILITIES_FILE, FACILITIES_KEY, "Where software can run.", FACILITY_EXAMPLE),
        NOTEBOOKS_FILE: _list(
            NOTEBOOKS_FILE,
            NOTEBOOKS_KEY,
            "Software that is not in the harvest, and corrections to what is.",
            NOTEBOOK_EXAMPLE,
        ),
        SYNONYMS_FILE: _list(
            SYNONYMS_FILE,
            SYNONYMS_KEY,
            "Words that the search treats as the same.",
            SYNONYM_EXAMPLE,
        )
        + _SYNONYMS,
        **{f"{FOLDER}/{name}": text for name, text in schemas().items()},
        **{f"snapshot/{name}": text for name, text in write_snapshot(Snapshot((), harvest)).items()},
    }


def _list(file: str, key: str, purpose: str, example: str) -> str:
    comment = "".join(f"# {line}\n" for line in example.splitlines())
    return (
        f"{schema_line(file)}\n# {purpose} `build.py check` reports mistakes with their lines.\n#\n"
        f"# To add an item, copy these lines to the end of the file and change them:\n#\n{comment}\n{key}:\n"
    )
