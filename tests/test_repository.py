"""Every spelling of a repository's URL, parsed into one value; and URLs that are not repositories."""

from dataclasses import replace
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.repository import GIT_PROVIDERS, NoRepository, Provider, Repository, doi_url, parse_repository
from tests.world import repository

SHA = "0123456789abcdef0123456789abcdef01234567"
GIST = "0123456789abcdef0123456789abcdef"
HCG = ("github.com", "AMIGA-IAA/hcg-16")

PULL = "https://hub.example.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2FAMIGA-IAA%2Fhcg-16"
PULLED = f"{PULL.rpartition('/')[2]}&urlpath=lab%2Ftree%2Fhcg-16%2Fnb%2Fx.ipynb&branch=main"

# URL; host, path; ref; file.
SPELLINGS: list[tuple[str, tuple[str, str], str | None, str | None]] = [
    # GitHub: the repository itself
    ("https://github.com/AMIGA-IAA/hcg-16", HCG, None, None),
    ("https://github.com/AMIGA-IAA/hcg-16/", HCG, None, None),
    ("https://github.com/AMIGA-IAA/hcg-16.git", HCG, None, None),
    ("https://github.com/AMIGA-IAA/hcg-16.git/", HCG, None, None),
    ("https://github.com/AMIGA-IAA/hcg-16.git.git", HCG, None, None),
    ("  https://github.com/AMIGA-IAA/hcg-16\n", HCG, None, None),
    ("http://www.github.com/AMIGA-IAA/hcg-16", HCG, None, None),
    ("HTTPS://GitHub.com/AMIGA-IAA/hcg-16", HCG, None, None),
    ("https://github.com./AMIGA-IAA/hcg-16", HCG, None, None),
    ("https://github.com:443/AMIGA-IAA/hcg-16", HCG, None, None),
    ("http://github.com:80/AMIGA-IAA/hcg-16", HCG, None, None),
    ("github.com/AMIGA-IAA/hcg-16", HCG, None, None),
    ("git@github.com:AMIGA-IAA/hcg-16.git", HCG, None, None),
    ("ssh://git@github.com/AMIGA-IAA/hcg-16.git", HCG, None, None),
    ("ssh://git@github.com:22/AMIGA-IAA/hcg-16.git", HCG, None, None),
    ("git://github.com/AMIGA-IAA/hcg-16.git", HCG, None, None),
    ("git+https://github.com/AMIGA-IAA/hcg-16.git", HCG, None, None),
    ("git+ssh://git@github.com/AMIGA-IAA/hcg-16.git", HCG, None, None),
    # GitHub: pages of it
    ("https://github.com/AMIGA-IAA/hcg-16#readme", HCG, None, None),
    ("https://github.com/AMIGA-IAA/hcg-16?next=//evil.example", HCG, None, None),
    ("https://github.com/AMIGA-IAA/hcg-16/issues/3", HCG, None, None),
    ("https://github.com/AMIGA-IAA/hcg-16/wiki", HCG, None, None),
    ("https://github.com/AMIGA-IAA/hcg-16/releases", HCG, None, None),
    ("https://github.com/AMIGA-IAA/hcg-16/tree/master", HCG, "master", None),
    ("https://github.com/AMIGA-IAA/hcg-16/tree/master/notebooks/", HCG, "master", "notebooks"),
    ("https://github.com/AMIGA-IAA/hcg-16/tree/HEAD/notebooks", HCG, None, "notebooks"),
    ("https://github.com/AMIGA-IAA/hcg-16/tree/feature%2Fx/notebooks", HCG, "feature/x", "notebooks"),
    ("https://github.com/AMIGA-IAA/hcg-16/blob/master/notebooks/a%20b.ipynb", HCG, "master", "notebooks/a b.ipynb"),
    ("https://github.com/AMIGA-IAA/hcg-16/blob/master/a%23b%3F.ipynb", HCG, "master", "a#b?.ipynb"),
    ("https://github.com/AMIGA-IAA/hcg-16/blob/master/été.ipynb", HCG, "master", "été.ipynb"),
    ("https://github.com/AMIGA-IAA/hcg-16/blob/master/README.md?plain=1#L3", HCG, "master", "README.md"),
    ("https://github.com/AMIGA-IAA/hcg-16/blob/refs/heads/main/a.ipynb", HCG, "main", "a.ipynb"),
    ("https://github.com/AMIGA-IAA/hcg-16/tree/master/v2/gh/someone/else", HCG, "master", "v2/gh/someone/else"),
    ("https://github.com/AMIGA-IAA/hcg-16/raw/main/a.ipynb", HCG, "main", "a.ipynb"),
    ("https://github.com/AMIGA-IAA/hcg-16/raw/refs/tags/v1/a.ipynb", HCG, "v1", "a.ipynb"),
    ("https://raw.githubusercontent.com/AMIGA-IAA/hcg-16/main/nb/a.ipynb", HCG, "main", "nb/a.ipynb"),
    ("https://raw.githubusercontent.com/AMIGA-IAA/hcg-16/refs/heads/main/nb/a.ipynb", HCG, "main", "nb/a.ipynb"),
    ("https://github.com/AMIGA-IAA/hcg-16/zipball/refs/tags/v1", HCG, "v1", None),
    ("https://github.com/AMIGA-IAA/hcg-16/tarball/refs/heads/feature/x", HCG, "feature/x", None),
    ("https://github.com/AMIGA-IAA/hcg-16/commits/refs/heads/main", HCG, "main", None),
    ("https://github.com/AMIGA-IAA/hcg-16/archive/refs/tags/v1.0.tgz", HCG, "v1.0", None),
    ("https://github.com/AMIGA-IAA/hcg-16/releases/tag/v1.0", HCG, "v1.0", None),
    ("https://github.com/AMIGA-IAA/hcg-16/releases/tag/pkg/v1.0", HCG, "pkg/v1.0", None),
    ("https://github.com/AMIGA-IAA/hcg-16/releases/download/v1.0/hcg.zip", HCG, "v1.0", None),
    ("https://github.com/AMIGA-IAA/hcg-16/archive/v1.0.zip", HCG, "v1.0", None),
    ("https://github.com/AMIGA-IAA/hcg-16/archive/v1.0.tar.gz", HCG, "v1.0", None),
    ("https://github.com/AMIGA-IAA/hcg-16/archive/refs/tags/v1.0.zip", HCG, "v1.0", None),
    ("https://github.com/AMIGA-IAA/hcg-16/archive/refs/heads/feature/x.tar.gz", HCG, "feature/x", None),
    ("https://github.com/AMIGA-IAA/hcg-16/archive/feature/x.zip", HCG, "feature/x", None),
    (f"https://github.com/AMIGA-IAA/hcg-16/archive/{SHA}.zip", HCG, SHA, None),
    ("https://github.com/AMIGA-IAA/hcg-16/zipball/v1.0", HCG, "v1.0", None),
    (f"https://github.com/AMIGA-IAA/hcg-16/commit/{SHA}", HCG, SHA, None),
    ("https://github.com/AMIGA-IAA/hcg-16/commits/master/", HCG, "master", None),
    (f"https://github.com/AMIGA-IAA/hcg-16/commit/{SHA.upper()}", HCG, SHA, None),
    (f"https://github.com/AMIGA-IAA/hcg-16/blob/{SHA.upper()}/A.ipynb", HCG, SHA, "A.ipynb"),
    ("https://github.com/AMIGA-IAA/hcg-16/commit/abc1234", HCG, "abc1234", None),
    ("https://github.com/AMIGA-IAA/hcg-16/commits/abc1234", HCG, "abc1234", None),
    # GitLab: gitlab.com, instances recognised by host name, instances in our list
    ("https://gitlab.com/astron-idg/idg-fpga.git", ("gitlab.com", "astron-idg/idg-fpga"), None, None),
    ("https://www.gitlab.com/astron-idg/idg-fpga", ("gitlab.com", "astron-idg/idg-fpga"), None, None),
    ("https://gitlab.com/g/sub/deep/r/-/tree/main/?ref_type=heads", ("gitlab.com", "g/sub/deep/r"), "main", None),
    ("https://gitlab.com/g/r/-/blob/dev%2Fnew/x.ipynb", ("gitlab.com", "g/r"), "dev/new", "x.ipynb"),
    ("https://gitlab.com/g/r/tree/main/x", ("gitlab.com", "g/r"), "main", "x"),
    ("https://gitlab.in2p3.fr/g/sub/r/blob/master/nb/x.ipynb", ("gitlab.in2p3.fr", "g/sub/r"), "master", "nb/x.ipynb"),
    ("https://gitlab.in2p3.fr/g/r/-/raw/v1/x.ipynb?inline=false", ("gitlab.in2p3.fr", "g/r"), "v1", "x.ipynb"),
    ("https://gitlab.in2p3.fr/g/r/-/archive/v1/r-v1.zip", ("gitlab.in2p3.fr", "g/r"), "v1", None),
    ("https://gitlab.in2p3.fr/g/r/-/tags/feature%2Fx", ("gitlab.in2p3.fr", "g/r"), "feature/x", None),
    ("https://gitlab.in2p3.fr/g/r/-/releases/v1", ("gitlab.in2p3.fr", "g/r"), "v1", None),
    ("https://gitlab.in2p3.fr/g/r/-/releases/rel/v1", ("gitlab.in2p3.fr", "g/r"), "rel/v1", None),
    ("https://gitlab.in2p3.fr/g/r/-/releases/v1/downloads/r.zip", ("gitlab.in2p3.fr", "g/r"), "v1", None),
    ("https://gitlab.in2p3.fr/g/r/-/releases/v1/downloads/x/r.zip", ("gitlab.in2p3.fr", "g/r"), "v1", None),
    ("https://gitlab.in2p3.fr/g/r/-/releases/permalink/latest", ("gitlab.in2p3.fr", "g/r"), None, None),
    ("https://gitlab.in2p3.fr/g/r/-/tags/rel/v1", ("gitlab.in2p3.fr", "g/r"), "rel/v1", None),
    ("https://gitlab.in2p3.fr/g/r/-/archive/rel/v1/r-rel-v1.zip", ("gitlab.in2p3.fr", "g/r"), "rel/v1", None),
    ("https://gitlab.in2p3.fr/g/r/-/tree/refs/heads/main/nb", ("gitlab.in2p3.fr", "g/r"), "main", "nb"),
    ("https://gitlab.in2p3.fr/g/r/-/commits/main/nb/x.ipynb", ("gitlab.in2p3.fr", "g/r"), "main", None),
    (f"https://gitlab.in2p3.fr/g/r/-/commit/{SHA}", ("gitlab.in2p3.fr", "g/r"), SHA, None),
    ("https://gitlab.in2p3.fr/g/r/-/commit/abc1234", ("gitlab.in2p3.fr", "g/r"), "abc1234", None),
    ("https://gitlab.in2p3.fr/g/r/-/issues", ("gitlab.in2p3.fr", "g/r"), None, None),
    ("https://gitlab.in2p3.fr/g/r.git", ("gitlab.in2p3.fr", "g/r.git"), None, None),
    ("https://gitlab.example.org:8443/g/r", ("gitlab.example.org:8443", "g/r"), None, None),
    ("https://git.astron.nl/astron-sdc/w/apertif/-/tree/dev", ("git.astron.nl", "astron-sdc/w/apertif"), "dev", None),
    ("git@git.astron.nl:astron-sdc/w/apertif.git", ("git.astron.nl", "astron-sdc/w/apertif.git"), None, None),
    ("https://renku.example.org/gitlab/g/r/-/tree/main", ("renku.example.org", "gitlab/g/r"), "main", None),
    ("https://gitlab.com/g/r/-/commits/refs/heads/main", ("gitlab.com", "g/r"), "main", None),
    ("https://gitlab.com/g/r/-/archive/refs/tags/v1/r-v1.zip", ("gitlab.com", "g/r"), "v1", None),
    # GitLab: instances whose host names say so less plainly
    (
        "https://gricad-gitlab.univ-grenoble-alpes.fr/g/r/-/blob/main/x.ipynb",
        ("gricad-gitlab.univ-grenoble-alpes.fr", "g/r"),
        "main",
        "x.ipynb",
    ),
    ("https://baltig.infn.it/g/r", ("baltig.infn.it", "g/r"), None, None),
    ("https://plmlab.math.cnrs.fr/g/r/tree/v1", ("plmlab.math.cnrs.fr", "g/r"), "v1", None),
    ("https://code.europa.eu/g/sub/r", ("code.europa.eu", "g/sub/r"), None, None),
    ("https://framagit.org/g/r/-/tags/v1", ("framagit.org", "g/r"), "v1", None),
    # Viewers of notebooks
    ("https://nbviewer.org/github/AMIGA-IAA/hcg-16/blob/main/a.ipynb", HCG, "main", "a.ipynb"),
    ("https://nbviewer.jupyter.org/github/AMIGA-IAA/hcg-16/tree/main", HCG, "main", None),
    (f"https://nbviewer.org/gist/user/{GIST}", ("gist.github.com", f"user/{GIST}"), None, None),
    ("https://colab.research.google.com/github/AMIGA-IAA/hcg-16/blob/main/a.ipynb#scrollTo=1", HCG, "main", "a.ipynb"),
    (
        "https://nbviewer.org/urls/git.astron.nl/g/r/-/raw/dev%2Fnew/a%20b%23c.ipynb",
        ("git.astron.nl", "g/r"),
        "dev/new",
        "a b#c.ipynb",
    ),
    (
        "https://nbviewer.org/urls/gitlab.example.org:8443/g/r/-/raw/main/a.ipynb/%3Finline=false",
        ("gitlab.example.org:8443", "g/r"),
        "main",
        "a.ipynb",
    ),
    (
        "https://nbviewer.jupyter.org/url/gitlab.in2p3.fr/g/r/raw/v1/a.ipynb",
        ("gitlab.in2p3.fr", "g/r"),
        "v1",
        "a.ipynb",
    ),
    ("https://nbviewer.org/urls/raw.githubusercontent.com/AMIGA-IAA/hcg-16/main/nb/a.ipynb", HCG, "main", "nb/a.ipynb"),
    # Gitea, Forgejo, Bitbucket
    ("https://codeberg.org/org/repo.git", ("codeberg.org", "org/repo.git"), None, None),
    ("https://codeberg.org/org/repo/src/branch/main/index.ipynb", ("codeberg.org", "org/repo"), "main", "index.ipynb"),
    ("https://codeberg.org/org/repo/src/tag/v1/nb", ("codeberg.org", "org/repo"), "v1", "nb"),
    (f"https://codeberg.org/org/repo/src/commit/{SHA}/a", ("codeberg.org", "org/repo"), SHA, "a"),
    ("https://codeberg.org/org/repo/releases/tag/v1", ("codeberg.org", "org/repo"), "v1", None),
    (f"https://codeberg.org/org/repo/commit/{SHA}", ("codeberg.org", "org/repo"), SHA, None),
    ("https://codeberg.org/org/repo/commit/abc1234", ("codeberg.org", "org/repo"), "abc1234", None),
    ("https://codeberg.org/org/repo/commits/commit/abc1234", ("codeberg.org", "org/repo"), "abc1234", None),
    ("https://codeberg.org/org/repo/commits/branch/main", ("codeberg.org", "org/repo"), "main", None),
    ("https://codeberg.org/org/repo/archive/v1.zip", ("codeberg.org", "org/repo"), "v1", None),
    ("https://codeberg.org/org/repo/archive/feature/x.tar.gz", ("codeberg.org", "org/repo"), "feature/x", None),
    ("https://bitbucket.org/team/repo/src/main/nb/", ("bitbucket.org", "team/repo"), "main", "nb"),
    ("https://bitbucket.org/team/repo/branch/feature/x", ("bitbucket.org", "team/repo"), "feature/x", None),
    ("https://bitbucket.org/team/repo/commits/branch/feature/x", ("bitbucket.org", "team/repo"), "feature/x", None),
    ("https://bitbucket.org/team/repo/commits/abc1234", ("bitbucket.org", "team/repo"), "abc1234", None),
    # Unknown hosts
    ("https://git.example.org/x/y/src/branch/main/nb/a.ipynb", ("git.example.org", "x/y"), "main", "nb/a.ipynb"),
    ("https://git.example.org/x/y", ("git.example.org", "x/y"), None, None),
    ("https://git.example.org:8443/x/y.git", ("git.example.org:8443", "x/y.git"), None, None),
    ("https://git.example.org/~user/tool(2).git", ("git.example.org", "~user/tool(2).git"), None, None),
    ("https://cgit.example.org/x.git/tree/a?h=main", ("cgit.example.org", "x.git"), None, None),
    ("git+https://example.org/x/y", ("example.org", "x/y"), None, None),
    ("someone@example.org:x/y", ("example.org", "x/y"), None, None),
    # Gists
    (f"https://gist.github.com/user/{GIST}", ("gist.github.com", f"user/{GIST}"), None, None),
    (f"https://gist.github.com/user/{GIST}.git", ("gist.github.com", f"user/{GIST}"), None, None),
    (f"https://gist.github.com/user/{GIST}/{SHA}", ("gist.github.com", f"user/{GIST}"), SHA, None),
    # Zenodo
    ("10.5281/zenodo.3242074", ("zenodo.org", "10.5281/zenodo.3242074"), None, None),
    ("doi:10.5281/zenodo.3242074", ("zenodo.org", "10.5281/zenodo.3242074"), None, None),
    ("DOI: 10.5281/ZENODO.3242074", ("zenodo.org", "10.5281/zenodo.3242074"), None, None),
    ("https://doi.org/10.5281/zenodo.3242074", ("zenodo.org", "10.5281/zenodo.3242074"), None, None),
    ("https://doi.org/10.5281%2Fzenodo.3242074/?x=1", ("zenodo.org", "10.5281/zenodo.3242074"), None, None),
    ("http://dx.doi.org/10.5281/zenodo.3242074", ("zenodo.org", "10.5281/zenodo.3242074"), None, None),
    ("doi.org/10.5281/zenodo.3242074", ("zenodo.org", "10.5281/zenodo.3242074"), None, None),
    ("https://zenodo.org/record/3242074", ("zenodo.org", "10.5281/zenodo.3242074"), None, None),
    (
        "https://www.zenodo.org/records/3242074/files/a.zip?download=1",
        ("zenodo.org", "10.5281/zenodo.3242074"),
        None,
        None,
    ),
    ("https://zenodo.org/doi/10.5281/zenodo.3242074", ("zenodo.org", "10.5281/zenodo.3242074"), None, None),
    # Software Heritage
    (f"swh:1:rev:{SHA};origin=https://github.com/AMIGA-IAA/hcg-16", HCG, SHA, None),
    (
        f"https://archive.softwareheritage.org/swh:1:rev:{SHA};origin=https://github.com/AMIGA-IAA/hcg-16/",
        HCG,
        SHA,
        None,
    ),
    (f"swh:1:rev:{SHA};origin=https://github.com/AMIGA-IAA/hcg-16;path=/nb/a.ipynb;lines=9", HCG, SHA, "nb/a.ipynb"),
    # Binder links
    ("https://mybinder.org/v2/gh/AMIGA-IAA/hcg-16/HEAD", HCG, None, None),
    ("https://mybinder.org/v2/gh/AMIGA-IAA/hcg-16/master?filepath=index.ipynb", HCG, "master", "index.ipynb"),
    (
        "https://mybinder.org/v2/gh/AMIGA-IAA/hcg-16/feature/x?labpath=nb%2Fa%20b.ipynb",
        HCG,
        "feature/x",
        "nb/a b.ipynb",
    ),
    ("https://mybinder.org/v2/gh/AMIGA-IAA/hcg-16/main?urlpath=lab%2Ftree%2Fa%2520b.ipynb", HCG, "main", "a b.ipynb"),
    ("https://mybinder.org/v2/gh/AMIGA-IAA/hcg-16/main?urlpath=%2Fdoc%2Ftree%2Fa.ipynb", HCG, "main", "a.ipynb"),
    ("https://mybinder.org/v2/gh/AMIGA-IAA/hcg-16/main?urlpath=lab", HCG, "main", None),
    ("http://jupyter.jive.nl/binderhub/v2/gh/AMIGA-IAA/hcg-16/main", HCG, "main", None),
    ("https://mybinder.org/v2/gl/g%2Fsub%2Fr/feature%2Fx", ("gitlab.com", "g/sub/r"), "feature/x", None),
    (
        "https://mybinder.org/v2/git/https%3A%2F%2Fgit.astron.nl%2Fa%2Fb/dev%2Fnew?urlpath=lab%2Ftree%2Fx.ipynb",
        ("git.astron.nl", "a/b"),
        "dev/new",
        "x.ipynb",
    ),
    ("https://mybinder.org/v2/git/https%3A%2F%2Fexample.org%2Fa%2Fb/main", ("example.org", "a/b"), "main", None),
    (f"https://mybinder.org/v2/gist/user/{GIST}/{SHA}", ("gist.github.com", f"user/{GIST}"), SHA, None),
    ("https://mybinder.org/v2/zenodo/10.5281/zenodo.3242074/", ("zenodo.org", "10.5281/zenodo.3242074"), None, None),
    # nbgitpuller links: what is pulled, not the environment that it is pulled into
    (
        f"https://mybinder.org/v2/gh/o/env/main?urlpath={quote(PULLED, safe='')}",
        HCG,
        "main",
        "nb/x.ipynb",
    ),
    (
        "https://mybinder.org/v2/figshare/10.6084/m9.figshare.9?urlpath=/git-pull?repo=https://github.com/AMIGA-IAA/hcg-16",
        HCG,
        None,
        None,
    ),
    (f"{PULL}&branch=feature%2Fx&urlpath=tree%2Fhcg-16%2Fa%2520b.ipynb", HCG, "feature/x", "a b.ipynb"),
    (f"{PULL}.git&urlpath=notebooks/hcg-16/x.ipynb", HCG, None, "x.ipynb"),
    (f"{PULL}&targetPath=data/hcg&urlpath=lab/tree/data/hcg/nb/x.ipynb", HCG, None, "nb/x.ipynb"),
    (f"{PULL}&urlpath=lab%2Ftree%2Fhcg-16%2F", HCG, None, None),
    (f"{PULL}&urlpath=rstudio%2F", HCG, None, None),
    (f"{PULL}&subPath=nb/x.ipynb&app=lab", HCG, None, "nb/x.ipynb"),
    (
        "https://hub.example.org/user/me/git-pull?repo=https%3A%2F%2Fexample.org%2Fa%2Fb",
        ("example.org", "a/b"),
        None,
        None,
    ),
]

WEB_PAGE = (
    "this looks like a web page, not a repository: give the address of a Git repository "
    "(if it is one, write git+https://…)"
)
ACCOUNT = "this is an organisation or account, not a repository: give the address of one repository"
GROUP = "this is a group or account, not a repository: give the address of one repository"
GITHUB_PAGE = "this page of GitHub is not a repository"
DOTS = "the path of the address has `.`, `..` or control characters in it"
ENCODED_SLASH = "the path of the address has an encoded slash where the repository's name should be"
LETTERS = "the address has spaces, quotes or control characters in it, or is too long"
CREDENTIALS = "the address has a user name or password in it, which must not be published"
NO_ADDRESS = "this is not an address: it must begin with https:// or the name of a host"
GISTS = "this is a page of gists, not one gist: give its address, user/id"
VIEWER = "this page of a notebook viewer does not name a repository: give the address of the repository"
SWHID = "a SWHID can be launched only as swh:1:rev:… with its origin, which names the repository"


def binder_record(of: str) -> str:
    return (
        f"this Binder link opens a record of {of}, from which the catalogue cannot launch: "
        "give the address of a Git repository that holds the same code, or a Zenodo DOI"
    )


REFUSED = [
    ("", "the address is empty"),
    (" \n", "the address is empty"),
    # home pages, press pages, organisations
    ("http://www.star.bris.ac.uk/~mbt/topcat/", WEB_PAGE),
    ("https://atlas.cern/updates/press-statement/open-data", WEB_PAGE),
    ("https://owner.github.io/tool", WEB_PAGE),
    ("https://git.example.org/x", WEB_PAGE),
    ("https://git.example.org/x/y/tree/main", WEB_PAGE),
    ("https://git.example.org/x/y/issues/3", WEB_PAGE),
    ("https://git.example.org/cgit/y/tree/?h=dev", WEB_PAGE),
    ("git+https://example.org/", WEB_PAGE),
    ("https://hub.example.org/hub/user-redirect/git-pull?branch=main", WEB_PAGE),
    ("https://github.com/AMIGA-IAA", ACCOUNT),
    ("https://codeberg.org/org", ACCOUNT),
    ("https://bitbucket.org/team", "this is an account, not a repository: give the address of one repository"),
    ("https://gitlab.com/astron-idg", GROUP),
    ("https://gitlab.com/groups/astron-idg", GROUP),
    ("https://gitlab.com/explore/projects", GROUP),
    ("https://gitlab.com/-/profile", GROUP),
    ("https://github.com/", GITHUB_PAGE),
    ("https://github.com/orgs/escape2020/repositories", GITHUB_PAGE),
    ("https://github.com/topics/astronomy", GITHUB_PAGE),
    ("https://github.com/owner/.git", "owner/ is not a name that GitHub allows"),
    ("https://github.com/ö/tool", "ö/tool is not a name that GitHub allows"),
    # gists
    ("https://gist.github.com/user", GISTS),
    (f"https://gist.github.com/{GIST}", GISTS),
    ("https://gist.github.com/user%3Furlpath=x/abc", GISTS),
    ("https://gist.github.com/user/not-hexadecimal", GISTS),
    # viewers of notebooks
    ("https://nbviewer.org/", VIEWER),
    ("https://nbviewer.org/urls/", VIEWER),
    ("https://nbviewer.org/faq/-/tree/main", VIEWER),
    ("git+https://nbviewer.org/format/slides", VIEWER),
    ("https://colab.research.google.com/drive/1aBcD", VIEWER),
    ("https://nbviewer.org/urls/www.example.org/a.ipynb", WEB_PAGE),
    ("https://nbviewer.org/urls/me%3Asecret@gitlab.com/g/r/-/raw/main/a.ipynb", CREDENTIALS),
    # Zenodo and other DOIs
    ("https://sandbox.zenodo.org/records/1001", "a sandbox record has no DOI that resolves, so nothing can fetch it"),
    ("https://zenodo.org/communities/escape2020", "this page of Zenodo is not a record"),
    ("https://zenodo.org/records/x", "this page of Zenodo is not a record"),
    ("10.5072/zenodo.1", "the DOI 10.5072/zenodo.1 is not one of Zenodo's, and only those can be opened"),
    (
        "https://doi.org/10.1051/0004-6361/202037850",
        "the DOI 10.1051/0004-6361/202037850 is not one of Zenodo's, and only those can be opened",
    ),
    # Software Heritage
    (f"swh:1:rev:{SHA}", SWHID),
    (f"swh:1:dir:{SHA};origin=https://github.com/o/r", SWHID),
    (f"swh:1:rev:{SHA};origin=swh:1:rev:{SHA}", SWHID),
    ("swh:1:rev:123", "this is not a SWHID"),
    # Binder links
    ("https://mybinder.org/v2/gh/owner", "this Binder link does not name a repository and a ref"),
    ("https://mybinder.org/v2/git/javascript%3Aalert(1)/main", "an address that begins with 'javascript:' is not a public repository"),
    ("https://mybinder.org/v2/git/https%3A%2F%2Fu%3Ap%40example.org%2Fr.git/main", CREDENTIALS),
    ("https://mybinder.org/v2/figshare/10.6084/m9.figshare.9782777.v3", binder_record("Figshare")),
    ("https://mybinder.org/v2/dataverse/10.7910/DVN/TJCLKP/", binder_record("a Dataverse")),
    ("https://mybinder.org/v2/hydroshare/abc", binder_record("HydroShare")),
    ("https://mybinder.org/v2/ckan/https%3A%2F%2Fdemo.ckan.org%2Fdataset%2Fx", binder_record("a CKAN catalogue")),
    (f"{PULL}&urlpath=lab/tree/hcg-16/../../x", "the path '../../x' leaves the repository or has control characters"),
    (PULL.replace("github.com", "u%3Ap%40github.com"), CREDENTIALS),
    (
        "https://mybinder.org/v2/gh/o/r/main?filepath=..%2F..%2Fetc%2Fpasswd",
        "the path '../../etc/passwd' leaves the repository or has control characters",
    ),
    # no public repository
    ("https://user:secret@git.example.org/x/y.git", CREDENTIALS),
    ("https://token@github.com/o/r", CREDENTIALS),
    ("https://127.0.0.1/o/r.git", "'127.0.0.1' is not the name of a public host"),
    ("https://[::1]/o/r.git", "'::1' is not the name of a public host"),
    ("https://forge.lan/o/r.git", "'forge.lan' is not the name of a public host"),
    ("https://localhost/o/r.git", "'localhost' is not the name of a public host"),
    ("https://0x7f000001/o/r.git", "'0x7f000001' is not the name of a public host"),
    ("https://bücher.example/o/r.git", "'bücher.example' is not the name of a public host"),
    ("https:/github.com/o/r", "'https:/github.com/o/r' is not the name of a public host"),
    ("javascript:alert(1)", "an address that begins with 'javascript:' is not a public repository"),
    ("javascript://github.com/%0aalert(1)", "an address that begins with 'javascript:' is not a public repository"),
    ("file:///srv/o/r.git", "an address that begins with 'file:' is not a public repository"),
    ("ftp://github.com/o/r", "an address that begins with 'ftp:' is not a public repository"),
    ("https://[x/o/r", "the address is malformed"),
    ("https://github.com:99999/o/r", "the address is malformed"),
    ("/srv/o/r.git", NO_ADDRESS),
    ("../r.git", NO_ADDRESS),
    ("o/r", NO_ADDRESS),
    ("//github.com/o/r", NO_ADDRESS),
    # H31 of the reliability facts
    ("https://github.com@127.0.0.1/o/r", CREDENTIALS),
    ("https://github.com/o/r/../../x", DOTS),
    ("https://github.com/o/..", DOTS),
    ("https://github.com/o/r/blob/main/%2e%2e/x", DOTS),
    ("https://github.com/o/r/blob/main/a%2F..%2Fx", DOTS),
    ("https://github.com/o/r/blob/main/a%00b.ipynb", DOTS),
    ("https://github.com/o%2Fr/x", ENCODED_SLASH),
    ("https://git.example.org/o%2Fr/x.git", ENCODED_SLASH),
    ("https://github.com/o/r x", LETTERS),
    ('https://github.com/o/"r"', LETTERS),
    ("https://github.com/o/<r>", LETTERS),
    ("https://github.com/o/\\r", LETTERS),
    ("https://git.example.org/o/\u202er.git", LETTERS),
    ("https://git.example.org/o/\ud800.git", LETTERS),
    ("https://git.example.org/o/\u2003r.git", LETTERS),
    ("https://github.com/o/" + "r" * 2000, LETTERS),
    # H32
    ("https://github.com/o/r/tree/feature%20x", "the ref 'feature x' has a character that Git does not allow in a ref"),
    ("https://github.com/o/r/tree/50%25", "the ref '50%' has a %, which no launch address can carry"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "where", "ref", "file"), SPELLINGS, ids=[each[0] for each in SPELLINGS])
def test_a_spelling_is_read(address: str, where: tuple[str, str], ref: str | None, file: str | None) -> None:
    assert parse_repository(address) == Repository(host=where[0], path=where[1], ref=ref, file=file)


@pytest.mark.parametrize(("address", "why"), REFUSED, ids=[ascii(each[0])[:60] for each in REFUSED])
def test_what_is_no_repository_is_refused_with_the_reason(address: str, why: str) -> None:
    assert parse_repository(address) == NoRepository(why)


@pytest.mark.parametrize(
    ("address", "ref", "file", "becomes"),
    [
        ("https://github.com/o/r", "feature/x", None, ("feature/x", None)),
        ("https://github.com/o/r", SHA.upper(), None, (SHA, None)),
        (f"https://github.com/o/r/blob/{SHA.upper()}/a.ipynb", SHA.upper(), None, (SHA, "a.ipynb")),
        ("https://github.com/o/r", " v1 ", " nb/a.ipynb ", ("v1", "nb/a.ipynb")),
        ("https://github.com/o/r/blob/main/a.ipynb", "dev", None, ("dev", "a.ipynb")),
        ("https://github.com/o/r/blob/main/a.ipynb", None, "b.ipynb", ("main", "b.ipynb")),
        ("https://github.com/o/r/blob/main/a.ipynb", "HEAD", None, (None, "a.ipynb")),
        # The URL alone cannot tell a ref with slashes from a folder; a caller who knows the ref can.
        ("https://github.com/o/r/tree/feature/x/nb", None, None, ("feature", "x/nb")),
        ("https://github.com/o/r/tree/feature/x/nb", "feature/x", None, ("feature/x", "nb")),
        ("https://github.com/o/r/tree/feature/x", "feature/x", None, ("feature/x", None)),
        ("https://gitlab.com/g/r/-/blob/dev/new/a.ipynb", "dev/new", None, ("dev/new", "a.ipynb")),
        ("https://codeberg.org/o/r/src/branch/dev/new/a.ipynb", "dev/new", None, ("dev/new", "a.ipynb")),
        ("https://github.com/o/r", None, "./nb//a.ipynb/", (None, "nb/a.ipynb")),
        ("https://github.com/o/r", None, "/", (None, None)),
        ("https://github.com/o/r", None, "what?#.ipynb", (None, "what?#.ipynb")),
    ],
)
def test_a_stated_ref_and_file_win_over_those_of_the_page(
    address: str, ref: str | None, file: str | None, becomes: tuple[str | None, str | None]
) -> None:
    found = parse_repository(address, ref=ref, file=file)
    assert isinstance(found, Repository)
    assert (found.ref, found.file) == becomes


@pytest.mark.parametrize(
    ("ref", "why"),
    [
        ("feature/x y", "the ref 'feature/x y' has a character that Git does not allow in a ref"),
        ("a\nb", "the ref 'a\\nb' has a character that Git does not allow in a ref"),
        ("a\u202eb", "the ref 'a\\u202eb' has a character that Git does not allow in a ref"),
        ("a\ud800b", "the ref 'a\\ud800b' has a character that Git does not allow in a ref"),
        ("v1?x=1", "the ref 'v1?x=1' has a character that Git does not allow in a ref"),
        ("v1^", "the ref 'v1^' has a character that Git does not allow in a ref"),
        ("<b>", "the ref '<b>' has a character that Git does not allow in a ref"),
        ("%2F", "the ref '%2F' has a %, which no launch address can carry"),
        ("a/../b", "'a/../b' is not a Git ref"),
        ("a/./b", "'a/./b' is not a Git ref"),
        (".hidden", "'.hidden' is not a Git ref"),
        ("-x", "'-x' is not a Git ref"),
        ("/a", "'/a' is not a Git ref"),
        ("a/", "'a/' is not a Git ref"),
        ("a//b", "'a//b' is not a Git ref"),
        ("a.lock", "'a.lock' is not a Git ref"),
        ("x" * 251, "the ref is longer than 250 letters"),
    ],
    ids=ascii,
)
def test_a_ref_that_git_would_not_take_is_refused(ref: str, why: str) -> None:
    assert parse_repository("https://github.com/o/r", ref=ref) == NoRepository(why)


@pytest.mark.parametrize("file", ["../x", "nb/../../x", "..", "a\x00b", "a\x1bb", "a\ud800b", "a\u202eb"], ids=ascii)
def test_a_file_outside_of_the_repository_is_refused(file: str) -> None:
    why = f"the path {file!r} leaves the repository or has control characters"
    assert parse_repository("https://github.com/o/r", file=file) == NoRepository(why)


def test_b2_a_gitlab_page_gives_repository_ref_and_path_of_the_notebook() -> None:
    found = parse_repository("https://gitlab.in2p3.fr/escape2020/wp3/eossr/-/blob/master/examples/x.ipynb")
    assert found == Repository(
        host="gitlab.in2p3.fr", path="escape2020/wp3/eossr", ref="master", file="examples/x.ipynb"
    )
    assert found.url == "https://gitlab.in2p3.fr/escape2020/wp3/eossr"


@pytest.mark.parametrize(
    ("address", "provider", "url", "name"),
    [
        ("git@github.com:o/r.git", Provider.GITHUB, "https://github.com/o/r", "r"),
        ("https://gitlab.com/g/s/r.git", Provider.GITLAB, "https://gitlab.com/g/s/r", "r"),
        ("http://git.example.org/x/y.git", Provider.GIT, "https://git.example.org/x/y.git", "y"),
        ("https://git.example.org/a%20b/é.git", Provider.GIT, "https://git.example.org/a%20b/%C3%A9.git", "é"),
        (f"https://gist.github.com/u/{GIST}", Provider.GIST, f"https://gist.github.com/u/{GIST}", GIST),
        ("10.5281/zenodo.1", Provider.ZENODO, "https://doi.org/10.5281/zenodo.1", "zenodo.1"),
    ],
)
def test_a_repository_knows_its_provider_address_and_name(
    address: str, provider: Provider, url: str, name: str
) -> None:
    found = repository(address)
    assert (found.provider, found.url, found.name) == (provider, url, name)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r"),
        ("https://github.com/o/r/tree/feature%2Fx", "https://github.com/o/r/tree/feature%2Fx"),
        ("https://github.com/o/r/blob/main/nb/a%20b.ipynb", "https://github.com/o/r/blob/main/nb/a%20b.ipynb"),
        ("https://github.com/o/r/blob/main/nb", "https://github.com/o/r/tree/main/nb"),
        ("https://gitlab.com/g/r/blob/main/a.ipynb", "https://gitlab.com/g/r/-/blob/main/a.ipynb"),
        ("https://git.astron.nl/g/r/-/tree/main/nb", "https://git.astron.nl/g/r/-/tree/main/nb"),
        ("https://codeberg.org/o/r/src/branch/main/a.py", "https://codeberg.org/o/r/src/branch/main/a.py"),
        (f"https://codeberg.org/o/r/commit/{SHA}", f"https://codeberg.org/o/r/src/commit/{SHA}"),
        ("https://git.example.org/x/y.git", "https://git.example.org/x/y.git"),
        ("10.5281/zenodo.1", "https://doi.org/10.5281/zenodo.1"),
    ],
)
def test_the_page_of_a_repository_is_where_a_person_reads_it(address: str, page: str) -> None:
    assert repository(address).page == page


@pytest.mark.parametrize(
    "other",
    [
        "https://github.com/AMIGA-IAA/HCG-16.git",
        "git@github.com:amiga-iaa/hcg-16",
        "https://github.com/AMIGA-IAA/hcg-16/blob/dev/x.ipynb",
    ],
)
def test_two_spellings_of_one_repository_have_one_key(other: str) -> None:
    assert (
        repository(other).key == repository("https://github.com/AMIGA-IAA/hcg-16").key == "github.com/amiga-iaa/hcg-16"
    )


def test_the_keys_of_two_hosts_differ() -> None:
    assert repository("https://gitlab.com/o/r").key != repository("https://github.com/o/r").key


# Properties of every repository.

PAGE_WORDS = {"-", "tree", "blob", "raw", "blame", "tags", "releases", "commit", "commits", "archive", "src", "v2"}
SITE_PAGES = {"new", "join", "orgs", "site", "apps", "help", "api", "admin", "login", "about", "groups", "users"}

names = st.from_regex(r"\A[A-Za-z][A-Za-z0-9]{0,6}(?:[._-][A-Za-z0-9]{1,5})?\Z").filter(
    lambda name: not name.endswith((".git", ".lock")) and name.lower() not in PAGE_WORDS | SITE_PAGES
)
odd_names = st.text("ab1~()!'é% +&=@:,;", min_size=1, max_size=6).map(lambda name: f"x{name}")
namespaces = st.lists(names, min_size=2, max_size=4).map("/".join)
refs = st.text("abXY09._-+/é,=@()&", min_size=1, max_size=12).filter(
    lambda ref: ref != "refs" and isinstance(parse_repository("https://github.com/o/r", ref=ref), Repository)
)
steps = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), exclude_characters="/"), min_size=1, max_size=8
)
paths = (
    st.lists(steps.filter(lambda step: step not in (".", "..")), min_size=1, max_size=3)
    .map("/".join)
    .filter(lambda path: path == path.strip())
)


def at(hosts: list[str], path: st.SearchStrategy[str]) -> st.SearchStrategy[Repository]:
    return st.builds(Repository, host=st.sampled_from(hosts), path=path, ref=st.none() | refs, file=st.none() | paths)


two_names = st.tuples(names, names).map("/".join)
with_pages = (
    at(["github.com", "codeberg.org", "gitea.com"], two_names)
    | at(["gitlab.com", "gitlab.in2p3.fr", "gitlab.example.org:8443", "git.astron.nl", "baltig.infn.it"], namespaces)
)  # fmt: skip
without_pages = (
    at(["bitbucket.org"], two_names)
    | at(["git.example.org"], namespaces)
    | at(["example.org", "git.example.org:3000"], st.tuples(names, odd_names).map(lambda two: f"{two[0]}/{two[1]}.git"))
    | at(["gist.github.com"], st.tuples(names, st.text("0123456789abcdef", min_size=1)).map("/".join))
    | at(["zenodo.org"], st.integers(1, 10**8).map(lambda number: f"10.5281/zenodo.{number}"))
)


@given(with_pages | without_pages)
def test_the_address_of_a_repository_gives_it_back_without_ref_and_file(found: Repository) -> None:
    assert parse_repository(found.url) == replace(found, ref=None, file=None)


@given(with_pages)
def test_the_page_of_a_repository_at_a_ref_gives_back_ref_and_file(found: Repository) -> None:
    expected = found if found.ref else replace(found, file=None)
    assert parse_repository(found.page) == expected


@given(with_pages | without_pages)
def test_a_stated_ref_and_file_are_kept(found: Repository) -> None:
    assert parse_repository(found.url, ref=found.ref, file=found.file) == found


FRAGMENTS = [
    "https://", "http://", "git+", "ssh://git@", "git@", "//", "/", "..", ".", ":", "@", "%", "%2F", "%00", "%2e%2e", "?", "#",
    " ", "\n", "\x00", "\ud800", "\u202e", "é", "-", "[", "]", ":443", ":99999", ".git", "github.com", "gitlab.com", "gist.github.com",
    "codeberg.org", "bitbucket.org", "zenodo.org", "doi.org/", "git.example.org", "example.org", "127.0.0.1", "raw.githubusercontent.com",
    "nbviewer.org/urls/", "mybinder.org", "/v2/gh/", "/v2/git/https%3A%2F%2F", "/v2/gl/", "/v2/gist/", "/v2/zenodo/", "/owner/name", "/tree/main", "/-/blob/main/x",
    "/src/branch/main", "/archive/", "/releases/tag/v1", "/records/1", "10.5281/zenodo.1", "swh:1:rev:", SHA, ";origin=", ";path=/x",
    "?filepath=", "?urlpath=lab%2Ftree%2F", "?urlpath=", "git-pull?repo=", "/v2/ckan/", "&branch=", "user:secret@", "javascript:", "orgs", "0", "a",
]  # fmt: skip
hostile = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(st.characters(exclude_categories=()), max_size=4), max_size=9
).map("".join)


@pytest.mark.case("H4", "H31")
@given(hostile, st.none() | hostile, st.none() | hostile)
def test_any_text_gives_a_safe_repository_or_a_reason(text: str, ref: str | None, file: str | None) -> None:
    found = parse_repository(text, ref=ref, file=file)
    if isinstance(found, NoRepository):
        assert found.why
        return
    for address in (found.url, found.page):
        parts = urlsplit(address)
        assert parts.scheme == "https"
        assert parts.username is parts.password is None
        assert parts.netloc == ("doi.org" if found.provider is Provider.ZENODO else found.host)
        assert parts.query == parts.fragment == ""
        assert address.isascii()
    declared = f"git+{found.url}" if found.provider in GIT_PROVIDERS else found.url
    assert parse_repository(declared) == replace(found, ref=None, file=None)
    assert parse_repository(declared, ref=found.ref, file=found.file) == found


def test_an_old_doi_with_angle_brackets_makes_a_url() -> None:
    assert (
        doi_url("10.1002/(SICI)1521<1::AID-1>3.0.CO;2-#")
        == "https://doi.org/10.1002/(SICI)1521%3C1::AID-1%3E3.0.CO;2-%23"
    )
