"""Bad or odd URLs, refs and file names give the right link or the stated reason, at every kind of facility."""

from urllib.parse import unquote, urlsplit

import pytest

from catalogue.launch.kinds import KINDS
from catalogue.launch.offers import offer_for
from catalogue.model import Verdict
from catalogue.repository import NoRepository, parse_repository
from tests.world import facility, look, notebook, repository, seen, software

OPTIONS = {"jupyterhub": {"nbgitpuller": True}, "jupyterlite": {"software": ["tool"]}}
EVERY_KIND = [facility(kind, options=OPTIONS.get(kind, {})) for kind in KINDS if kind != "website"]


@pytest.mark.case("H31", "Y19")
@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://user:secret@github.com/o/r", "user name or password"),
        ("https://github.com@127.0.0.1/o/r", "user name or password"),
        ("javascript:alert(1)//github.com/o/r", "not a public repository"),
        ("file:///etc/passwd", "not a public repository"),
        ("ftp://github.com/o/r", "not a public repository"),
        ("https://127.0.0.1/o/r.git", "not the name of a public host"),
        ("https://localhost/o/r.git", "not the name of a public host"),
        ("https://hub.local/o/r.git", "not the name of a public host"),
        ("https://www.example.org/our-software", "looks like a web page"),
        ("https://github.com/o/r/../../x", "`.`, `..` or control characters"),
        ("https://github.com/o/%2e%2e", "`.`, `..` or control characters"),
        ("https://github.com/o/r\nhttps://evil.example.org", "spaces, quotes or control characters"),
    ],
)
def test_an_address_that_is_none_has_no_link_anywhere_and_its_reason_everywhere(address: str, why: str) -> None:
    found = parse_repository(address)
    assert isinstance(found, NoRepository)
    assert why in found.why
    for place in EVERY_KIND:
        if place.kind == "jupyterlite":
            continue  # it holds the file itself and fetches nothing
        offer = offer_for(software(interfaces=notebook().interfaces, no_repository=found.why), place)
        assert (offer.verdict, offer.url, offer.reasons[0].text) == (Verdict.NO, None, found.why)


@pytest.mark.case("H32")
@pytest.mark.parametrize("ref", ["feature/x", "v1.0+build", "a@b", "1.0", "release-ü", "x'y", "(x)", "HEAD"])
def test_an_odd_ref_comes_back_out_of_every_link(ref: str) -> None:
    of = notebook(repository=repository("https://github.com/owner/tool", ref=ref))
    for place in EVERY_KIND:
        offer = offer_for(of, place)
        if offer.url is None or place.kind == "jupyterlite":
            assert offer.reasons
            continue
        wanted = "" if ref == "HEAD" else ref
        assert wanted in unquote(
            offer.url.replace("+", "%20") if "?" in offer.url and place.kind != "binderhub" else offer.url
        )
        assert urlsplit(offer.url).hostname == urlsplit(place.url).hostname


@pytest.mark.case("H32")
@pytest.mark.parametrize("ref", ["a b", "a..b", "-x", "x~1", "x^", "x:y", "%2F", "a" * 300, "x\\y", "x\x00y"])
def test_what_is_no_ref_has_no_link_but_a_reason(ref: str) -> None:
    assert isinstance(parse_repository("https://github.com/owner/tool", ref=ref), NoRepository)


ODD_FILES = [
    "a#b%20.ipynb",
    "what?.ipynb",
    "déjà vu.ipynb",
    "a&b=c+d.ipynb",
    "x'y(z)!.ipynb",
    "back\\slash.ipynb",
    "100%.ipynb",
]


@pytest.mark.case("H32")
@pytest.mark.parametrize("file", ODD_FILES)
def test_an_odd_file_name_is_opened_or_the_folder_around_it_and_never_another_file(file: str) -> None:
    path = f"nb/{file}"
    known = seen("https://github.com/owner/tool", look(notebooks=(path, "nb/other.ipynb")))
    of = notebook(repository=repository("https://github.com/owner/tool", file=path), seen=known)
    for place in EVERY_KIND:
        offer = offer_for(of, place)
        if offer.url is None:
            assert offer.reasons[0].code == "letters"
            continue
        opened = unquote(unquote(offer.url.rpartition("path=")[2].partition("&")[0]))
        says_the_file = offer.opens.endswith(f"the notebook {path}")
        match place.kind:
            case "rosetta":
                assert not says_the_file
            case "jupyterlite":
                assert (says_the_file, opened) == (True, path)
            case _ if says_the_file:
                assert opened.endswith(f"/{path}")
            case _:
                assert offer.opens == f"JupyterLab, in the folder that holds {file}"
                assert opened == "lab/tree/nb"
        by_path = {each.notebook.path: each.url for each in offer.notebooks if each.notebook}
        assert (path in by_path) == says_the_file or place.kind == "rosetta"
