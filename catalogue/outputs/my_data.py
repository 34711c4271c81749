"""A reader's own data: the section of an entry's page with a notebook cell that downloads it, and what the section says.

No launch link can pass data, since its query does not reach the notebook. A cell that the reader pastes does.
"""

from dataclasses import dataclass

from ..model import Interface, Software
from ..text import english_list
from .addresses import launch_page
from .views import LinkView

PLACEHOLDER = '"10.5281/zenodo.…"'
"""The string in the cell that readers replace, or the script of the page does."""

CELL = r"""DATA = "10.5281/zenodo.…"  # a DOI, or the https address of a file
FILES = "*"  # which files of a record at Zenodo, as in "*.fits"
AT_MOST = 2  # GB: if there is more, nothing is fetched, and you are told


def fetch_my_data(data, pattern, at_most):
    import fnmatch, json, os, re
    from urllib.error import HTTPError, URLError
    from urllib.parse import quote, unquote, urlsplit
    from urllib.request import Request, urlopen

    paths = []

    def ask(address, accept="*/*"):
        headers = {"Accept": accept, "User-Agent": "fetch-my-data/1 (cell of a software catalogue)"}
        address = quote(address, safe="%/:=&?~#+!$,;'@()*[]")  # blanks and letters of other alphabets
        return urlopen(Request(address, headers=headers), timeout=60)

    def sized(number):
        for unit in ("bytes", "kB", "MB"):
            if number < 1000:
                return f"{number:.0f} {unit}"
            number /= 1000
        return f"{number:.1f} GB"

    def fetch(address, folder, name, size=0):
        name = re.sub(r"[^\w .()+,=@~-]", "_", name)[-100:].strip(". ") or "data"
        path = os.path.join(folder, name)
        if size and os.path.isfile(path) and os.path.getsize(path) == size:
            paths.append(path)
            return print(f"{path} is here already.")
        with ask(address) as answer:
            size = size or int(answer.headers.get("Content-Length") or 0)
            if size > at_most * 1e9:
                raise ValueError(f"{name} has {sized(size)}: raise AT_MOST if there is room for it")
            os.makedirs(folder, exist_ok=True)
            with open(path + ".part", "wb") as file:
                for block in iter(lambda: answer.read(1 << 20), b""):
                    file.write(block)
                    if file.tell() > at_most * 1e9:
                        break
            here = os.path.getsize(path + ".part")
            if here > at_most * 1e9 or size not in (0, here):
                os.remove(path + ".part")
                what = "is too large: raise AT_MOST" if here > at_most * 1e9 else "broke off: run this cell again"
                raise ValueError(f"{name} {what}")
            os.replace(path + ".part", path)
            paths.append(path)
            print(f"{path}: {sized(here)}")
            if answer.headers.get_content_type() == "text/html":
                print("This is a web page. If you wanted a file, look on that page for its address.")

    def from_zenodo(number):
        with ask(f"https://zenodo.org/api/records/{number}", "application/json") as answer:
            record = json.load(answer)
        files = record.get("files") or []
        if not files:
            access = record["metadata"].get("access_right", "open")
            closed = "" if access == "open" else f"; its access is {access}"
            raise ValueError(f"the record “{record['title']}” has no files that everybody may fetch{closed}")
        chosen = [each for each in files if fnmatch.fnmatch(each["key"].lower(), pattern.lower())]
        total = sum(each["size"] for each in chosen)
        print(f"{record['title']} ({record['doi']}): {len(chosen)} of {len(files)} files, {sized(total)}")
        if not chosen or total > at_most * 1e9:
            for each in files[:50]:
                print(f"  {each['key']}: {sized(each['size'])}")
            if not chosen:
                raise ValueError(f"no file is called {pattern}: change FILES")
            raise ValueError(f"that is more than {at_most} GB: choose fewer with FILES, or raise AT_MOST")
        for each in chosen:
            fetch(each["links"]["self"], f"zenodo-{record['id']}", each["key"], each["size"])

    def lead(doi):
        with ask(f"https://doi.org/api/handles/{quote(doi)}?type=URL", "application/json") as answer:
            pages = [each["data"]["value"] for each in json.load(answer).get("values", [])]
        print(f"{doi} leads to a page and not to a file: {pages[0] if pages else 'no address is registered'}")
        try:  # where DataCite knows addresses of files, it tells them
            with ask(f"https://doi.org/{quote(doi)}", "application/vnd.schemaorg.ld+json") as answer:
                told = json.loads(answer.read(1_000_000)).get("contentUrl") or []
        except Exception:
            told = []
        for each in [told] if isinstance(told, str) else told:
            print(f"  DataCite names a file: {each}")
        print("Put the https address of a file between the quotes of DATA, and run this cell again.")

    doi = re.match(r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}[.\d]*/\S+)$", unquote(data), re.I)
    of_record = r"(?:10\.5281/zenodo\.|//(?:www\.)?zenodo\.org/records?/)(\d+)/?(?:[?#].*)?$"
    record = re.search(of_record, doi[1] if doi else data, re.I)
    try:
        if "…" in data or not data:
            raise ValueError("write your DOI or address between the quotes of DATA, in the first line")
        if record:
            from_zenodo(record[1])
        elif doi:
            lead(doi[1])
        elif data.lower().startswith("https://"):
            fetch(data, urlsplit(data).hostname, unquote(urlsplit(data).path).rsplit("/", 1)[-1])
        else:
            raise ValueError("DATA is neither a DOI, as 10.5281/zenodo.1234567, nor an https address")
    except HTTPError as error:
        why = {401: "it is not open to everybody", 403: "it is not open to everybody", 404: "nothing is there",
               410: "it was withdrawn", 429: "too much was asked for: run this cell again in a minute"}
        print(f"{data}: {why.get(error.code, f'the server answered {error.code}: try again later')}.")
    except URLError as error:
        print(f"{data} cannot be reached from here: {error.reason}.")
    except Exception as error:
        print(f"Not fetched: {error}.")
    if paths:
        print(f"{len(paths)} fetched; `my_files` has the paths.")
    return paths


my_files = fetch_my_data(DATA.strip(), FILES, AT_MOST)
"""

BASKET = "ESAP shopping basket"
"""The value in `reads` of an entry that reads ESAP's basket, which is each reader's own, behind a login."""

BASKET_LINES = (
    "%pip install git+https://git.astron.nl/astron-sdc/esap-userprofile-python-client.git",
    "from shopping_client import shopping_client",
    'shopping_client(host="https://ADDRESS OF YOUR ESAP/").get_basket()',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MyDataView:
    """The section: the cell in three pieces, of which the middle one is the placeholder, and what comes before it.

    `reads` says what data the entry reads, or is empty; `basket` is the lines that read ESAP's basket, or is empty; `blank`
    links to a blank notebook, or is None, as for an entry with a notebook of its own.
    """

    cell: tuple[str, str, str]
    reads: str
    basket: tuple[str, ...]
    blank: LinkView | None


_NAMED = 12  # kinds of data in the sentence; the page lists all of them elsewhere


def my_data_view(software: Software, blank: str | None, launches: bool) -> MyDataView | None:
    """The section on a reader's own data; None if there is no notebook into which the cell could be pasted.

    `launches`: a facility may run the entry; `blank` is the slug of the entry that is a blank notebook.
    """
    is_notebook = Interface.NOTEBOOK in software.interfaces or bool(software.all_notebooks)
    if is_notebook:
        if not launches and not software.all_notebooks:
            return None
    elif "Python" not in software.runtimes or not _may_be_imported(software) or not (launches or blank):
        return None
    others = [each for each in software.reads if each != BASKET]
    more = len(others) - _NAMED
    return MyDataView(
        cell=CELL.partition(PLACEHOLDER),
        reads=english_list(others[:_NAMED] + ([f"{more} more"] if more > 0 else [])),
        basket=BASKET_LINES if BASKET in software.reads else (),
        blank=LinkView(label="a blank one", href=launch_page(blank)) if blank and not is_notebook else None,
    )


def _may_be_imported(software: Software) -> bool:
    """Whether a notebook may import it: it is a library, or no source says how it is used."""
    return Interface.LIBRARY in software.interfaces or not software.interfaces
