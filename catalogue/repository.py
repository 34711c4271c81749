"""Parses the many spellings of a repository's URL into one value.

The rules are those of the launch cases in `tests/launch/cases.json`: never guess from a home page, never publish
credentials, keep what the forge needs.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qs, quote, unquote, urlsplit

COMMIT = re.compile(r"[0-9A-Fa-f]{40}")

_SCP = re.compile(r"(?:[\w.-]+@)(?P<host>[\w.-]+):(?P<path>[^/].*)")
_SSH = re.compile(r"(?:ssh|git)://(?:git@)?(?P<host>[\w.-]+)(?::\d+)?/(?P<path>.+)", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_PRIVATE_DOMAINS = (".internal", ".lan", ".local", ".localhost")
_SWHID_RESOLVER = "https://archive.softwareheritage.org/"
_BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/.+")
_DOI = re.compile(r"10\.\d{4,9}/[A-Za-z0-9._;()/:<>+-]+")
_ZENODO_DOI = re.compile(r"10\.5281/zenodo\.\d+", re.IGNORECASE)
_SWHID = re.compile(r"swh:1:(?P<kind>cnt|dir|rev|rel|snp):(?P<sha>[0-9a-f]{40})(?P<rest>(?:;[a-z]+=[^;]*)*)")
_BINDER = re.compile(r"/v2/(gh|gl|git|gist|zenodo|figshare|dataverse|hydroshare|ckan)/(.+)$")
_NOT_IN_ADDRESSES = re.compile(r'[\s<>"`\\]')
_GIST = re.compile(r"[0-9A-Fa-f]+")
_NAME = re.compile(r"[._-]*[A-Za-z0-9][A-Za-z0-9._-]*")

# GitLab instances whose host names do not say so.
_GITLAB_HOSTS = frozenset([
    "baltig.infn.it", "code.europa.eu", "framagit.org", "git.astron.nl", "git.gsi.de", "git.ligo.org",
    "git.rwth-aachen.de", "plmlab.math.cnrs.fr",
])  # fmt: skip
_GITEA_HOSTS = frozenset({"codeberg.org", "gitea.com", "git.disroot.org"})
# Sites that show notebooks of other hosts; people copy their URLs.
_VIEWERS = frozenset({"nbviewer.org", "nbviewer.jupyter.org", "colab.research.google.com"})
_PAPER_HOSTS = frozenset({"arxiv.org", "export.arxiv.org", "inspirehep.net", "ui.adsabs.harvard.edu"})
# Providers of Binder that serve no code repositories, with the name of what they open records of.
_OTHER_BINDER_PROVIDERS = {
    "figshare": "Figshare",
    "dataverse": "a Dataverse",
    "hydroshare": "HydroShare",
    "ckan": "a CKAN catalogue",
}
# First path segments that are pages of GitLab itself, not groups.
_GITLAB_PAGES = frozenset(
    {"-", "admin", "api", "dashboard", "explore", "groups", "help", "search", "snippets", "users"}
)
# Path segments of web pages about a repository, at hosts of which we do not know what forge they run.
_FORGE_PAGES = frozenset([
    "blob", "commit", "commits", "issues", "log", "merge_requests", "plain", "pulls", "raw", "refs", "releases", "src",
    "tags", "tree", "wiki",
])  # fmt: skip
# First path segments that are pages of GitHub itself, not accounts.
_GITHUB_PAGES = frozenset([
    "about", "apps", "collections", "contact", "customer-stories", "enterprise", "events", "explore", "features",
    "issues", "join", "login", "marketplace", "new", "notifications", "orgs", "pricing", "pulls", "search",
    "security", "settings", "site", "sponsors", "topics", "trending",
])  # fmt: skip


class Provider(StrEnum):
    """The service that hosts a repository, by BinderHub's identifiers."""

    GITHUB = "gh"
    GITLAB = "gl"
    GIT = "git"
    GIST = "gist"
    ZENODO = "zenodo"


#: Providers whose repositories are Git repositories that any Git client can clone.
GIT_PROVIDERS = frozenset({Provider.GITHUB, Provider.GITLAB, Provider.GIT})

_PROVIDER_OF_HOST = {
    "github.com": Provider.GITHUB,
    "gitlab.com": Provider.GITLAB,
    "gist.github.com": Provider.GIST,
    "zenodo.org": Provider.ZENODO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A place that code can be fetched from, at a ref, with the file or folder to open.

    `path` is decoded: `group/sub/name` on a forge, `user/id` for a gist, the DOI for a Zenodo record.
    `ref` is a branch, tag or commit, None if none is given. `file` is None for the whole repository.
    """

    host: str
    path: str
    ref: str | None = None
    file: str | None = None

    @property
    def provider(self) -> Provider:
        """The provider that serves it; an unknown host counts as plain Git."""
        return _PROVIDER_OF_HOST.get(self.host, Provider.GIT)

    @property
    def is_gitlab(self) -> bool:
        """Whether its host runs GitLab: the first part of its name contains `gitlab`, or it is in our list."""
        return _is_gitlab(self.host)

    @property
    def url(self) -> str:
        """The https URL of the repository itself: the one that a Git client clones, or that of the DOI."""
        if self.provider is Provider.ZENODO:
            return doi_url(self.path)
        return f"https://{self.host}/{quote(self.path, safe=_PATH_SAFE)}"

    @property
    def name(self) -> str:
        """The last segment of its path, without `.git`: the name of the folder that a clone makes."""
        return self.path.rpartition("/")[2].removesuffix(".git")

    @property
    def key(self) -> str:
        """Equal for two spellings of the same repository, whatever the ref, file, case or `.git`."""
        return f"{self.host}/{self.path}".removesuffix(".git").casefold()

    @property
    def page(self) -> str:
        """The URL of its web page, at its ref and file if the forge has such pages."""
        words = _page_words(self.host)
        if words is None or self.ref is None:
            return self.url.removesuffix(".git") if words else self.url
        if self.host in _GITEA_HOSTS and COMMIT.fullmatch(self.ref):
            words = "/src/commit/", "/src/commit/"
        file = f"/{quote(self.file, safe='/')}" if self.file else ""
        is_file = bool(self.file) and "." in (self.file or "").rpartition("/")[2]
        root = self.url.removesuffix(".git")
        return f"{root}{words[is_file]}{quote(self.ref, safe='')}{file}"

    def at(self, ref: str | None, file: str | None = None) -> "Repository":
        """The same repository at another ref and file; None keeps the present one."""
        return replace(self, ref=ref or self.ref, file=file or self.file)


def is_public_name(host: str) -> bool:
    """Whether a host may be on the public internet by its name: not an IP address, nor in a domain for private networks."""
    try:
        name = host.rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return False
    return _HOST.fullmatch(name) is not None and not name.endswith(_PRIVATE_DOMAINS)


def doi_url(doi: str) -> str:
    """The URL that a DOI resolves at."""
    return f"https://doi.org/{quote(doi, safe='/:;()')}"


@dataclass(frozen=True, slots=True)
class NoRepository:
    """Why no code can be fetched from a URL, as a sentence for its author."""

    why: str


_PATH_SAFE = "/~()!*'"


def _page_words(host: str) -> tuple[str, str] | None:
    """What stands between the repository and the ref in a forge's URLs, for folders and for files; None if unknown."""
    if host == "github.com":
        return "/tree/", "/blob/"
    if _is_gitlab(host):
        return "/-/tree/", "/-/blob/"
    if host in _GITEA_HOSTS:
        return "/src/branch/", "/src/branch/"
    return None


def _is_gitlab(host: str) -> bool:
    return "gitlab" in host.partition(".")[0] or host in _GITLAB_HOSTS


def parse_repository(text: str, *, ref: str | None = None, file: str | None = None) -> Repository | NoRepository:
    """Parse any spelling of a repository: web page, clone URL, scp-like, DOI, SWHID, link of Binder or nbgitpuller, `git+https`.

    A `ref` or `file` given by the caller takes precedence over that in the URL. The prefix `git+` declares that a URL is
    a Git repository if its host does not tell.
    """
    found = _parse(text.strip(), ref)
    if isinstance(found, NoRepository):
        return found
    clean_file = _clean_file(file or found.file or "")
    if isinstance(clean_file, NoRepository):
        return clean_file
    stated = (ref or found.ref or "").strip()
    stated = stated.lower() if COMMIT.fullmatch(stated) else stated
    # HEAD means the same as no ref, and nbgitpuller refuses it.
    found = replace(found, ref=None if stated in ("", "HEAD") else stated, file=clean_file or None)
    if found.ref and (why := _bad_ref(found.ref)):
        return NoRepository(why)
    return found


def _bad_ref(ref: str) -> str | None:
    # git-check-ref-format(1), as far as it matters in a URL
    if _unprintable(ref) or any(letter in ' ~^:?*[\\"<>`{}' for letter in ref):
        return f"the ref {ref!r} has a character that Git does not allow in a ref"
    if "%" in ref:
        return f"the ref {ref!r} has a %, which no launch address can carry"
    if (
        ".." in ref
        or "/." in f"/{ref}"
        or ref.startswith(("/", "-"))
        or ref.endswith(("/", ".", ".lock"))
        or "//" in ref
    ):
        return f"{ref!r} is not a Git ref"
    if len(ref) > 250:
        return "the ref is longer than 250 letters"
    return None


def _unprintable(text: str) -> bool:
    """Whether the text has control characters, surrogates, or characters that hide others or change their direction."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return not text.isprintable() and any(unicodedata.category(letter) in hidden for letter in text)


def _clean_file(file: str) -> str | NoRepository | None:
    parts = [part for part in file.strip().split("/") if part not in ("", ".")]
    if ".." in parts or _unprintable(file):
        return NoRepository(f"the path {file!r} leaves the repository or has control characters")
    return "/".join(parts) or None


def _parse(text: str, ref: str | None) -> Repository | NoRepository:
    if not text:
        return NoRepository("the address is empty")
    if (doi := _doi_in(text)) is not None:
        return _from_doi(doi)
    if len(text) > 2000 or _unprintable(text) or _NOT_IN_ADDRESSES.search(text):
        return NoRepository("the address has spaces, quotes or control characters in it, or is too long")
    if (bare := text.removeprefix(_SWHID_RESOLVER)).startswith("swh:"):
        return _from_swhid(bare)
    declared = text.startswith("git+")
    text = text.removeprefix("git+")
    if match := _SCP.fullmatch(text) or _SSH.fullmatch(text):
        text, declared = f"https://{match['host']}/{match['path'].lstrip('/')}", True
    elif "://" not in text and _BARE.fullmatch(text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return NoRepository("the address is malformed")
    if not parts.scheme:
        return NoRepository("this is not an address: it must begin with https:// or the name of a host")
    if parts.scheme.lower() not in ("http", "https"):
        return NoRepository(f"an address that begins with {text.split(':')[0] + ':'!r} is not a public repository")
    if parts.username is not None or parts.password is not None:
        return NoRepository("the address has a user name or password in it, which must not be published")
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii() or not is_public_name(host):
        return NoRepository(f"{host or text!r} is not the name of a public host")
    bare = host.removeprefix("www.")
    if bare in _PROVIDER_OF_HOST or bare in _GITEA_HOSTS or bare == "bitbucket.org":
        host = bare
    host = host if port in (None, 80, 443) else f"{host}:{port}"
    forge = host in _PROVIDER_OF_HOST or host in _GITEA_HOSTS or host == "bitbucket.org" or _is_gitlab(host)
    if not forge:
        launched = _from_binder(parts.path, parts.query) or _from_git_pull(f"{parts.path}?{parts.query}")
        if launched is not None:
            return launched
    # An encoded slash (%2F) stays within its segment, so it can only be part of a ref or a file.
    segments = [unquote(part) for part in parts.path.split("/") if part]
    if any(step in (".", "..") for part in segments for step in part.split("/")) or _unprintable("".join(segments)):
        return NoRepository("the path of the address has `.`, `..` or control characters in it")
    return _from_page(host, segments, declared, ref)


def _from_page(host: str, segments: list[str], declared: bool, ref: str | None) -> Repository | NoRepository:
    if not host.endswith("zenodo.org") and any("/" in part for part in segments[:2]):
        return NoRepository("the path of the address has an encoded slash where the repository's name should be")
    match host:
        case "github.com":
            return _from_github(segments, ref)
        case "raw.githubusercontent.com":
            return _from_github([*segments[:2], "raw", *segments[2:]], ref)
        case "gist.github.com":
            return _from_gist(segments)
        case "zenodo.org" | "sandbox.zenodo.org":
            return _from_zenodo(host, segments)
        case "bitbucket.org":
            return _from_bitbucket(segments, ref)
    if host in _VIEWERS:
        return _from_viewer(segments, ref)
    if host in _GITEA_HOSTS:
        return _from_gitea(host, segments, ref)
    return _from_any_host(host, segments, declared, ref)


def _from_viewer(segments: list[str], ref: str | None) -> Repository | NoRepository:
    match segments:
        case ["github", *rest]:
            return _from_github(rest, ref)
        case ["gist", *rest]:
            return _from_gist(rest)
        case ["url" | "urls", *rest] if rest:
            # nbviewer appends the query of the other URL as a segment of its own.
            path = rest[:-1] if rest[-1].startswith("?") else rest
            return _parse("https://" + "/".join(quote(part, safe=":@") for part in path), ref)
    return NoRepository("this page of a notebook viewer does not name a repository: give the address of the repository")


def _from_gist(segments: list[str]) -> Repository | NoRepository:
    match [*segments[:1], *(part.removesuffix(".git") for part in segments[1:2]), *segments[2:3]]:
        case [user, name, *at] if _NAME.fullmatch(user) and _GIST.fullmatch(name):
            ref = at[0] if at and COMMIT.fullmatch(at[0]) else None
            return Repository(host="gist.github.com", path=f"{user}/{name}", ref=ref)
    return NoRepository("this is a page of gists, not one gist: give its address, user/id")


def _ref_and_file(rest: list[str], ref: str | None) -> tuple[str | None, str | None]:
    """Split `REF/PATH`: the ref is the first segment, unless the path begins with the ref that the caller knows."""
    rest = _without_ref_kind(rest)
    joined = "/".join(rest)
    if ref and (joined == ref or joined.startswith(f"{ref}/")):
        return ref, joined[len(ref) + 1 :] or None
    return (rest[0] if rest else None), "/".join(rest[1:]) or None


def _without_ref_kind(segments: list[str]) -> list[str]:
    """Without `refs/heads` or `refs/tags` before a ref, which only say whether it is a branch or a tag."""
    return segments[2:] if segments[:2] in (["refs", "heads"], ["refs", "tags"]) and segments[2:] else segments


def _without_git(name: str) -> str:
    return re.sub(r"(?:\.git)+$", "", name)


def _ref_of_archive(segments: list[str]) -> str:
    """The ref in the path of an archive to download, `REF.zip`."""
    name = "/".join(_without_ref_kind(segments))
    for suffix in (".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar"):
        name = name.removesuffix(suffix)
    return name


def _from_github(segments: list[str], ref: str | None) -> Repository | NoRepository:
    if not segments or segments[0].lower() in _GITHUB_PAGES:
        return NoRepository("this page of GitHub is not a repository")
    if len(segments) < 2:
        return NoRepository("this is an organisation or account, not a repository: give the address of one repository")
    owner, name = segments[0], _without_git(segments[1])
    if not _NAME.fullmatch(owner) or not _NAME.fullmatch(name):
        return NoRepository(f"{owner}/{name} is not a name that GitHub allows")
    found = Repository(host="github.com", path=f"{owner}/{name}")
    match segments[2:]:
        case ["tree" | "blob" | "raw" | "edit" | "blame", *rest] if rest:
            at, file = _ref_and_file(rest, ref)
            return replace(found, ref=at, file=file)
        case ["releases", "tag", *rest] if rest:
            return replace(found, ref="/".join(rest))
        case ["releases", "download", tag, *_]:
            return replace(found, ref=tag)
        case ["archive" | "zipball" | "tarball", *rest] if rest:
            return replace(found, ref=_ref_of_archive(rest))
        case ["commit" | "commits", *rest] if rest:
            return replace(found, ref=_ref_and_file(rest, ref)[0])
    return found


def _from_gitlab(host: str, segments: list[str], ref: str | None) -> Repository | NoRepository:
    pages = {"tree", "blob", "raw", "blame", "tags", "releases", "commit", "commits", "archive"}
    if "-" in segments:
        cut = segments.index("-")
        rest = segments[cut + 1 :]
    else:  # URLs from before GitLab 12 have no /-/
        cut = next((i for i, part in enumerate(segments) if i >= 2 and part in pages), len(segments))
        rest = segments[cut:]
    namespace = segments[:cut]
    if len(namespace) < 2 or namespace[0] in _GITLAB_PAGES:
        return NoRepository("this is a group or account, not a repository: give the address of one repository")
    path = "/".join(namespace)
    found = Repository(host=host, path=_without_git(path) if host == "gitlab.com" else path)
    match rest:
        case ["tree" | "blob" | "raw" | "blame", *tail] if tail:
            at, file = _ref_and_file(tail, ref)
            return replace(found, ref=at, file=file)
        case ["releases" | "tags", *tag] if tag and tag[:2] != ["permalink", "latest"]:
            end = tag.index("downloads", 1) if "downloads" in tag[1:] else len(tag)
            return replace(found, ref="/".join(tag[:end]))
        case ["archive", *at, _] if at:
            return replace(found, ref="/".join(_without_ref_kind(at)))
        case ["commit" | "commits", *tail] if tail:
            return replace(found, ref=_ref_and_file(tail, ref)[0])
    return found


def _from_gitea(host: str, segments: list[str], ref: str | None) -> Repository | NoRepository:
    if len(segments) < 2:
        return NoRepository("this is an organisation or account, not a repository: give the address of one repository")
    found = Repository(host=host, path="/".join(segments[:2]))
    match segments[2:]:
        case ["src" | "raw", "branch" | "tag" | "commit", *rest] if rest:
            at, file = _ref_and_file(rest, ref)
            return replace(found, ref=at, file=file)
        case ["releases", "tag", *rest] if rest:
            return replace(found, ref="/".join(rest))
        case ["archive", *rest] if rest:
            return replace(found, ref=_ref_of_archive(rest))
        case ["commit", at, *_] | ["commits", "branch" | "tag" | "commit", at, *_]:
            return replace(found, ref=at)
    return found


def _from_bitbucket(segments: list[str], ref: str | None) -> Repository | NoRepository:
    if len(segments) < 2:
        return NoRepository("this is an account, not a repository: give the address of one repository")
    found = Repository(host="bitbucket.org", path="/".join(segments[:2]))
    match segments[2:]:
        case ["src", *rest] if rest:
            at, file = _ref_and_file(rest, ref)
            return replace(found, ref=at, file=file)
        case ["branch", *rest] | ["commits", "branch" | "tag", *rest] if rest:
            return replace(found, ref="/".join(rest))
        case ["commits", at, *_]:
            return replace(found, ref=at)
    return found


def _from_any_host(host: str, segments: list[str], declared: bool, ref: str | None) -> Repository | NoRepository:
    suffixed = next((i for i, part in enumerate(segments) if part.endswith(".git") and part != ".git"), None)
    if suffixed is not None:
        path = "/".join(segments[: suffixed + 1])
        return Repository(host=host, path=_without_git(path) if host == "gitlab.com" else path)
    if _is_gitlab(host) or "-" in segments:
        return _from_gitlab(host, segments, ref)
    if declared and segments:
        return Repository(host=host, path="/".join(segments))
    if host.startswith("git.") and len(segments) >= 2:
        if segments[2:3] == ["src"] and segments[3:4] in (["branch"], ["tag"], ["commit"]):
            return _from_gitea(host, segments, ref)
        if not _FORGE_PAGES & set(segments[2:]):
            return Repository(host=host, path="/".join(segments))
    return NoRepository(
        "this looks like a web page, not a repository: give the address of a Git repository "
        "(if it is one, write git+https://…)"
    )


def is_paper(address: str) -> bool:
    """Whether a URL or DOI leads to a paper, not to code: one of arXiv, ADS or INSPIRE, or a DOI that is not one of Zenodo's."""
    if (doi := _doi_in(address)) is not None:
        return not _ZENODO_DOI.fullmatch(doi)
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return host.removeprefix("www.") in _PAPER_HOSTS


def _doi_in(text: str) -> str | None:
    """The DOI in any of its usual spellings, None if the text is not a DOI."""
    bare = re.sub(r"^(?:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)", "", text, flags=re.IGNORECASE)
    bare = unquote(re.sub(r"[?#].*", "", bare)).rstrip("/")
    return bare if len(bare) <= 300 and _DOI.fullmatch(bare) else None


def _from_doi(doi: str) -> Repository | NoRepository:
    if _ZENODO_DOI.fullmatch(doi):
        return Repository(host="zenodo.org", path=doi.lower())
    return NoRepository(f"the DOI {doi} is not one of Zenodo's, and only those can be opened")


def _from_zenodo(host: str, segments: list[str]) -> Repository | NoRepository:
    if host.startswith("sandbox."):
        return NoRepository("a sandbox record has no DOI that resolves, so nothing can fetch it")
    match segments:
        case ["record" | "records", number, *_] if number.isascii() and number.isdigit():
            return _from_doi(f"10.5281/zenodo.{number}")
        case ["doi", *rest]:
            return _from_doi("/".join(rest))
    return NoRepository("this page of Zenodo is not a record")


def _from_swhid(text: str) -> Repository | NoRepository:
    match = _SWHID.fullmatch(text)
    if match is None:
        return NoRepository("this is not a SWHID")
    qualifiers = dict(part.split("=", 1) for part in match["rest"].split(";") if part)
    if match["kind"] != "rev" or "origin" not in qualifiers:
        return NoRepository("a SWHID can be launched only as swh:1:rev:… with its origin, which names the repository")
    found = _parse(unquote(qualifiers["origin"]), None)
    if isinstance(found, NoRepository):
        return found
    return replace(found, ref=match["sha"], file=qualifiers.get("path", "").strip("/") or found.file)


def _from_binder(path: str, query: str) -> Repository | NoRepository | None:
    """The repository of a Binder link; None if the path is not one.

    If the link opens nbgitpuller, that is what it pulls: the other repository is only the environment for it.
    """
    match = _BINDER.search(path)
    if match is None:
        return None
    if (pulled := _from_git_pull(_first_values(query).get("urlpath", ""))) is not None:
        return pulled
    provider, spec = match.groups()
    if provider in _OTHER_BINDER_PROVIDERS:
        return NoRepository(
            f"this Binder link opens a record of {_OTHER_BINDER_PROVIDERS[provider]}, from which the catalogue cannot "
            "launch: give the address of a Git repository that holds the same code, or a Zenodo DOI"
        )
    parts = spec.rstrip("/").split("/")
    at: str | None = None
    match provider:
        case "gh" if len(parts) >= 2:
            address, at = f"https://github.com/{parts[0]}/{parts[1]}", "/".join(parts[2:])
        case "gl" if len(parts) >= 2:
            address, at = f"https://gitlab.com/{unquote(parts[0])}", "/".join(parts[1:])
        case "git" if len(parts) >= 2:
            address, at = f"git+{unquote(parts[0])}", "/".join(parts[1:])
        case "gist" if len(parts) >= 2:
            address, at = f"https://gist.github.com/{parts[0]}/{parts[1]}", "/".join(parts[2:])
        case "zenodo":
            address = unquote(spec).rstrip("/")
        case _:
            return NoRepository("this Binder link does not name a repository and a ref")
    found = _parse(address, None)
    if isinstance(found, NoRepository):
        return found
    at = unquote(at) if at else None
    return replace(found, ref=None if at == "HEAD" else at, file=_file_of_query(query))


def _from_git_pull(address: str) -> Repository | NoRepository | None:
    """The repository that nbgitpuller pulls, with the file that it opens; None if this is no link to nbgitpuller.

    `address` is a path with a query, as in `hub/user-redirect/git-pull?repo=…`.
    """
    path, _, query = address.partition("?")
    # nbgitpuller takes some of them in lower case, too.
    values = {key.lower(): value for key, value in _first_values(query).items()}
    if path.rstrip("/").rpartition("/")[2] != "git-pull" or "repo" not in values:
        return None
    found = _parse(values["repo"], None)
    if isinstance(found, NoRepository):  # it does not look like a repository, but nbgitpuller takes it for one
        found = _parse(f"git+{values['repo']}", None)
    if isinstance(found, NoRepository):
        return found
    file = values.get("subpath")
    if "urlpath" in values:
        # It begins with the folder that the repository is pulled into.
        folders = values.get("targetpath", "").strip("/").count("/") + 1
        file = "/".join((_file_of_urlpath(values["urlpath"]) or "").split("/")[folders:])
    return replace(found, ref=values.get("branch"), file=file or None)


def binder_environment(address: str) -> Repository | None:
    """The repository whose environment a Binder link starts for nbgitpuller to pull another one into; None if there is none."""
    page, _, query = address.strip().partition("?")
    pulled = _from_git_pull(_first_values(query).get("urlpath", ""))
    found = parse_repository(page)
    if not isinstance(pulled, Repository) or not isinstance(found, Repository):
        return None
    return None if found.key == pulled.key and found.ref in (None, pulled.ref) else found


def _first_values(query: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(query).items()}


def _file_of_query(query: str) -> str | None:
    """The file that a Binder link opens, from whichever of the three parameters names it."""
    values = _first_values(query)
    for key in ("filepath", "labpath"):
        if key in values:
            return unquote(values[key]).strip("/") or None
    return _file_of_urlpath(values.get("urlpath", ""))


def _file_of_urlpath(urlpath: str) -> str | None:
    """The file or folder that a page of Jupyter shows."""
    opens = unquote(urlpath).lstrip("/")
    for prefix in ("lab/tree/", "doc/tree/", "tree/", "notebooks/"):
        if opens.startswith(prefix):
            return opens.removeprefix(prefix).strip("/") or None
    return None
