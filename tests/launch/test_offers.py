"""The verdict for every pair, each reason in the words on the page, and the order of the offers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.launch.kinds import KINDS
from catalogue.launch.offers import offer_for, offers
from catalogue.model import Facility, Interface, Login, Reason, Software, State, Verdict
from catalogue.observed import UP, Health, Presence, Probe
from catalogue.repository import Provider
from tests.world import (
    COMMAND_LINE,
    DESKTOP,
    LIBRARY,
    LOOKED,
    NOTEBOOK,
    facility,
    look,
    notebook,
    repository,
    seen,
    software,
)

PULLING = {"nbgitpuller": True}
THROUGH = {"environment": "https://github.com/owner/environment"}
CONTAINER = {"containers": {"tool": "3c0f3a5e-8f0c-4f2b-9d4e-1a2b3c4d5e6f"}}
ZIP = "10.5281/zenodo.1001"


def verdict(of: Software, at: Facility) -> tuple[Verdict, list[tuple[str, str]]]:
    offer = offer_for(of, at)
    return offer.verdict, [(reason.code, reason.text) for reason in offer.reasons]


# --- yes


@pytest.mark.parametrize(
    ("of", "at"),
    [
        (notebook(), facility("binderhub")),
        (notebook(repository="https://gitlab.com/g/tool"), facility("binderhub")),
        (notebook(repository="https://git.example.org/x/tool.git"), facility("binderhub")),
        (notebook(repository=ZIP), facility("binderhub")),
        # nothing is installed there, but somebody has run it, or it needs nothing
        (notebook(), facility("jupyterhub", options={**PULLING, "tested": ["tool"]})),
        (notebook(), facility("binderhub", options={**THROUGH, "tested": ["tool"]})),
        (
            software("tool", interfaces=LIBRARY, repository="https://github.com/o/tool"),
            facility("jupyterhub", options={**PULLING, "tested": ["tool"]}),
        ),
        (notebook(needs_packages=False), facility("jupyterhub", options=PULLING)),
        (notebook(), facility("rosetta")),
        (software("tool", interfaces=DESKTOP), facility("rosetta", options=CONTAINER)),
        (software("tool", interfaces=COMMAND_LINE), facility("rosetta", options=CONTAINER)),
        # what the facility has already need not be fetched
        (software("tool", interfaces=DESKTOP, repository=ZIP), facility("rosetta", options=CONTAINER)),
        (
            notebook(repository="https://github.com/owner/tool/blob/main/a.ipynb"),
            facility("jupyterlite", options={"software": ["tool"]}),
        ),
    ],
)
def test_yes_needs_no_reasons(of: Software, at: Facility) -> None:
    assert verdict(of, at) == (Verdict.YES, [])
    assert offer_for(of, at).url is not None


# --- maybe

LIBRARY_DOUBT = (
    "library",
    "it is a library: the link opens its repository, but whether it can be imported there is not known",
)
UNKNOWN = ("interface-unknown", "no source says how it is used: there may be nothing to open")
HUB_FRONT_PAGE = (
    "front-page",
    "this hub is not known to fetch repositories: the link opens its front page, and you clone the repository there",
)
WEBSITE_FRONT_PAGE = (
    "front-page",
    "the link opens the front page: add the repository's address to a project there yourself",
)
IMAGE = ("image", "the platform builds an image from the repository: whether the program starts in it is not known")
SOFTWARE_LIST = ("software-list", "no container for it is known there: look for it in the platform's own list")
RESTRICTED = ("restricted", "the files of its record are restricted: what is in the repository may differ")


@pytest.mark.parametrize(
    ("of", "at", "reasons"),
    [
        (notebook(interfaces=LIBRARY), facility("binderhub"), [LIBRARY_DOUBT]),
        (notebook(interfaces=frozenset()), facility("binderhub"), [UNKNOWN]),
        (notebook(interfaces=frozenset()), facility("rosetta"), [UNKNOWN, IMAGE]),
        (notebook(state=State.RESTRICTED), facility("binderhub"), [RESTRICTED]),
        (notebook(interfaces=LIBRARY, state=State.RESTRICTED), facility("binderhub"), [LIBRARY_DOUBT, RESTRICTED]),
        (notebook(), facility("jupyterhub"), [HUB_FRONT_PAGE]),
        (notebook(interfaces=LIBRARY), facility("jupyterhub"), [HUB_FRONT_PAGE]),
        (notebook(), facility("website"), [WEBSITE_FRONT_PAGE]),
        (notebook(interfaces=LIBRARY), facility("website"), [WEBSITE_FRONT_PAGE]),
        (notebook(interfaces=DESKTOP), facility("rosetta"), [IMAGE]),
        (software(interfaces=DESKTOP), facility("rosetta"), [SOFTWARE_LIST]),
        (software(interfaces=COMMAND_LINE), facility("rosetta"), [SOFTWARE_LIST]),
    ],
)
def test_maybe_says_what_is_not_known(of: Software, at: Facility, reasons: list[tuple[str, str]]) -> None:
    assert verdict(of, at) == (Verdict.MAYBE, reasons)
    assert offer_for(of, at).url is not None


def test_a_library_that_has_notebooks_is_a_notebook_where_notebooks_run() -> None:
    assert verdict(notebook(interfaces=LIBRARY | NOTEBOOK), facility("binderhub")) == (Verdict.YES, [])


# --- no

NO_REPOSITORY = "no code repository is known: name one in "
RELATED = "the record's related identifiers (isSupplementTo)"


@pytest.mark.parametrize(
    ("of", "at", "code", "text"),
    [
        # interfaces
        (notebook(interfaces=DESKTOP), facility("binderhub"), "interface", "desktop program: this facility runs notebooks"),
        (
            notebook(interfaces=DESKTOP | COMMAND_LINE), facility("jupyterhub", options=PULLING),
            "interface", "desktop program and command-line tool: this facility runs notebooks",
        ),
        (
            notebook(interfaces=frozenset({Interface.WEB, Interface.SERVICE})), facility("rosetta"),
            "interface", "web application and service: this facility runs notebooks, desktop programs and command-line tools",
        ),
        (notebook(interfaces=LIBRARY), facility("rosetta", interfaces=DESKTOP), "interface", "library: this facility runs desktop programs"),
        # repositories
        (software(interfaces=NOTEBOOK), facility("binderhub"), "no-repository", f"{NO_REPOSITORY}notebooks.yaml"),
        (
            software(interfaces=NOTEBOOK, record_url="https://zenodo.org/records/1"), facility("binderhub"),
            "no-repository", f"{NO_REPOSITORY}{RELATED}",
        ),
        (
            software(interfaces=NOTEBOOK, no_repository="its record names a page (isSupplementTo)"), facility("binderhub"),
            "no-repository", "its record names a page (isSupplementTo)",
        ),
        (software(interfaces=NOTEBOOK), facility("website"), "no-repository", f"{NO_REPOSITORY}notebooks.yaml"),
        (software(interfaces=NOTEBOOK), facility("rosetta"), "no-repository", f"{NO_REPOSITORY}notebooks.yaml"),
        (software(interfaces=DESKTOP), facility("binderhub", interfaces=DESKTOP), "no-repository", f"{NO_REPOSITORY}notebooks.yaml"),
        (
            notebook(state=State.RESTRICTED, repository=ZIP), facility("binderhub"),
            "restricted", "the files of its record are restricted, so a facility cannot fetch them",
        ),
        # providers
        (
            notebook(repository=ZIP), facility("jupyterhub", options=PULLING),
            "provider", "its code is on zenodo.org, and this facility takes code only from GitHub, gitlab.com and any Git host",
        ),
        (
            notebook(repository="https://git.example.org/x/tool.git"), facility("binderhub", providers=frozenset({Provider.GITHUB})),
            "provider", "its code is on git.example.org, and this facility takes code only from GitHub",
        ),
        (
            notebook(repository="https://gist.github.com/user/abc"), facility("website"),
            "provider", "its code is on gist.github.com, and this facility takes code only from GitHub, gitlab.com and any Git host",
        ),
        (
            notebook(), facility("binderhub", providers=frozenset({Provider.ZENODO, Provider.GIST})),
            "provider", "its code is on github.com, and this facility takes code only from GitHub gists and Zenodo records",
        ),
        # refs and files that a kind cannot open
        (
            notebook(repository="https://mybinder.org/v2/gist/user/abc/dev"), facility("binderhub"),
            "gist-ref", "a gist can be opened at a commit or at its newest state, not at a branch",
        ),
        (
            notebook(repository=f"https://github.com/o/r/commit/{'0' * 40}"), facility("jupyterhub", options=PULLING),
            "commit", "the entry names a commit, and nbgitpuller takes only branches and tags: name a branch or tag instead",
        ),
        (
            notebook(repository="https://git.example.org/x/a%20b.git"), facility("binderhub"),
            "letters", "the repository's address has letters in it that BinderHub does not pass on",
        ),
        (
            notebook(), facility("jupyterlite"),
            "contents", "this facility holds a few chosen notebooks only, and this is not one of them",
        ),
        (
            notebook(), facility("jupyterlite", options={"software": ["tool"]}),
            "no-notebook", "no notebook is named for it, and only files can be opened here",
        ),
        (
            notebook(repository="https://github.com/o/r/blob/main/a%23b.ipynb"), facility("jupyterlite", options={"software": ["tool"]}),
            "letters", "JupyterLite does not open files with # ? or % in their names",
        ),
        (
            notebook(repository="https://github.com/o/r/blob/main/a%26b.ipynb"),
            facility("binderhub", options={"environment": "https://github.com/owner/environment"}),
            "letters", "the address or a file name has + & or # in it, which BinderHub loses on the way",
        ),
        (
            notebook(repository=ZIP), facility("binderhub", options={"environment": "https://github.com/owner/environment"}),
            "git-only", "this facility pulls software with nbgitpuller, which takes neither gists nor Zenodo records",
        ),
    ],
)  # fmt: skip
def test_no_says_why_in_a_sentence_to_act_on(of: Software, at: Facility, code: str, text: str) -> None:
    assert verdict(of, at) == (Verdict.NO, [(code, text)])
    offer = offer_for(of, at)
    assert (offer.url, offer.notes, offer.opens, offer.ref) == (None, (), "", None)


def test_b7_the_verdict_on_one_program_differs_from_kind_to_kind() -> None:
    places = [
        facility("binderhub", "binder"),
        facility("jupyterhub", "hub", options=PULLING),
        facility("rosetta", "rosetta", options=CONTAINER),
        facility("website", "renku"),
    ]
    desktop = software("tool", interfaces=DESKTOP, repository="https://github.com/owner/tool")
    assert {each.facility: each.verdict for each in offers([desktop], places)} == {
        "binder": Verdict.NO,
        "hub": Verdict.NO,
        "rosetta": Verdict.YES,
        "renku": Verdict.MAYBE,
    }


def test_b7_no_two_kinds_give_the_same_link() -> None:
    same = {"url": "https://hub.example.org/"}
    places = [facility(kind, kind, options=PULLING if kind == "jupyterhub" else {}, **same) for kind in KINDS]
    links = [offer.url for offer in offers([notebook()], places) if offer.url]
    assert len(links) == len(set(links)) == 4


# --- notes, login, ref

NO_LOGIN = Reason("no-login", "no login needed")
SLOW = Reason("slow-start", "a first start builds the environment and can take minutes")
TEMPORARY = Reason("temporary", "everything is gone when the session ends: download what you want to keep")
STAYS = Reason("stays", "your files stay there between sessions; the environment is the hub's own")


@pytest.mark.parametrize(
    ("of", "at", "notes"),
    [
        (notebook(), facility("binderhub"), [NO_LOGIN, SLOW, TEMPORARY]),
        (
            notebook(),
            facility("binderhub", login=Login.REQUIRED),
            [Reason("login", "you log in first; then the link continues"), SLOW, TEMPORARY],
        ),
        (
            notebook(),
            facility("binderhub", login=Login.UNKNOWN),
            [Reason("login-unknown", "whether it asks for a login is not known"), SLOW, TEMPORARY],
        ),
        (
            notebook(),
            facility("binderhub", url="http://binder.example.org/"),
            [NO_LOGIN, Reason("insecure", "plain http: the connection is not encrypted"), SLOW, TEMPORARY],
        ),
        (
            notebook(),
            facility("binderhub", seen=None),
            [
                NO_LOGIN,
                Reason("never-checked", "nobody has checked whether this facility still answers"),
                SLOW,
                TEMPORARY,
            ],
        ),
        (notebook(), facility("jupyterhub", options=PULLING), [NO_LOGIN, STAYS]),
        (
            notebook(repository="https://github.com/o/r/tree/v1.0"),
            facility("jupyterhub", options=PULLING),
            [
                NO_LOGIN,
                STAYS,
                Reason(
                    "tag",
                    "if v1.0 is a tag, the link works only the first time: delete the folder before you use it again",
                ),
            ],
        ),
        # a link to a front page launches nothing, so it has no notes about launches
        (notebook(), facility("jupyterhub"), [NO_LOGIN]),
        (notebook(), facility("website"), [NO_LOGIN]),
    ],
)
def test_notes_say_what_to_expect_of_the_launch(of: Software, at: Facility, notes: list[Reason]) -> None:
    assert list(offer_for(of, at).notes) == notes


def test_an_offer_says_at_which_ref_and_behind_which_login() -> None:
    offer = offer_for(notebook(repository="https://github.com/o/r/tree/dev"), facility(login=Login.REQUIRED))
    assert (offer.software, offer.facility, offer.ref, offer.login) == ("tool", "hub", "dev", Login.REQUIRED)


# --- the order


def order(*places: Facility) -> list[str]:
    return [offer.facility for offer in offers([notebook()], places)]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        # the verdict
        (facility("binderhub", "z"), facility("website", "a")),
        (facility("website", "z"), facility("jupyterlite", "a")),
        (facility("binderhub", "z", login=Login.REQUIRED), facility("website", "a")),
        # a link that takes the software along, before a front page
        (facility("rosetta", "z", login=Login.REQUIRED), facility("jupyterhub", "a")),
        # seen working
        (facility("binderhub", "z", login=Login.REQUIRED), facility("binderhub", "a", seen=None)),
        # the lesser login
        (facility("binderhub", "z"), facility("binderhub", "a", login=Login.UNKNOWN)),
        (facility("binderhub", "z", login=Login.UNKNOWN), facility("binderhub", "a", login=Login.REQUIRED)),
        (facility("binderhub", "z", url="http://z.example.org/"), facility("binderhub", "a", login=Login.REQUIRED)),
        # encrypted
        (facility("binderhub", "z"), facility("binderhub", "a", url="http://a.example.org/")),
        # the name, then the slug
        (facility("binderhub", "z", name="Älpha"), facility("binderhub", "a", name="Beta")),
        (facility("binderhub", "a", name="Same"), facility("binderhub", "z", name="Same")),
    ],
)
def test_the_better_offer_stands_first_whatever_the_order_given(better: Facility, worse: Facility) -> None:
    assert order(better, worse) == order(worse, better) == [better.slug, worse.slug]


def test_a_facility_that_holds_data_which_the_software_reads_comes_first_among_equals_and_says_so() -> None:
    of = notebook(reads=("Apertif DR1", "FITS"))
    far, near = facility("binderhub", "a"), facility("binderhub", "z", data=("apertif-dr1", "LoTSS"))
    best, other = offers([of], [far, near])
    assert [(each.facility, each.verdict, each.data) for each in (best, other)] == [
        ("z", Verdict.YES, ("Apertif DR1",)),
        ("a", Verdict.YES, ()),
    ]
    assert best.notes[0] == Reason("data-here", "data that it reads are held here: Apertif DR1")
    assert "data-here" not in {each.code for each in other.notes}
    # The verdict and the health of a facility count for more, and a login for less; data behind plain http do not count.
    for better, worse in (
        (far, facility("binderhub", "z", data=near.data, probe=probed(Health.SILENT, "z"))),
        (far, facility("binderhub", "z", data=near.data, seen=None)),
        (far, facility("binderhub", "z", data=near.data, url="http://z.example.org/")),
        (facility("binderhub", "z", data=near.data, login=Login.REQUIRED), far),
    ):
        assert [each.facility for each in offers([of], [worse, better])] == [better.slug, worse.slug]
    # Names in other scripts are compared, too; where nothing can run, the data are not mentioned.
    japanese = notebook(reads=("星表",))
    held, another = (facility("binderhub", "z", data=data) for data in (("星表",), ("目録",)))
    assert [offer_for(japanese, at).data for at in (held, another)] == [("星表",), ()]
    assert offer_for(of, facility("binderhub", "z", data=near.data, closed="2026")).data == ()


def test_of_two_uncertain_offers_a_front_page_stands_last() -> None:
    builds, points = facility("binderhub", "z", login=Login.REQUIRED), facility("website", "a")
    library = notebook(interfaces=LIBRARY)
    found = offers([library], [points, builds])
    assert [(each.facility, each.verdict) for each in found] == [("z", Verdict.MAYBE), ("a", Verdict.MAYBE)]


def test_software_stands_in_the_order_given_with_one_offer_for_every_pair() -> None:
    found = offers([notebook("b"), software("a")], [facility("website", "x"), facility("binderhub", "y")])
    assert [(each.software, each.facility) for each in found] == [("b", "y"), ("b", "x"), ("a", "x"), ("a", "y")]


# --- laws

ADDRESSES: list[Any] = [
    None, "https://github.com/o/tool", "https://gitlab.com/g/s/tool/-/blob/dev%2Fx/a%20%23b.ipynb", "https://git.example.org/x/y.git",
    "https://codeberg.org/o/r/src/branch/main/nb", "https://gist.github.com/u/abc", ZIP, f"https://github.com/o/r/commit/{'0' * 40}",
    "https://github.com/o/r/blob/main/a%26b.ipynb", "https://github.com/org/v1tools/tree/v1",
]  # fmt: skip
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "binderhub": [{}, {"environment": "https://github.com/owner/environment"}],
    "jupyterhub": [{}, PULLING],
    "rosetta": [{}, CONTAINER],
    "jupyterlite": [{}, {"software": ["tool"]}],
}


def known(address: str | None, look_of: dict[str, Any] | None, **says: Any) -> Software:
    """Software whose repository was inspected, or was not."""
    found = repository(address) if address else None
    if found and look_of is not None:
        says["seen"] = seen(found.url, look(found.ref, **look_of))
    return software(repository=found, **({"seen": None} | says))


any_software = st.builds(
    known,
    st.sampled_from(ADDRESSES),
    st.sampled_from(
        [
            None,
            {},
            {"files": ()},
            {"files": ("binder/", ".binder/")},
            {"files": ("Dockerfile",), "notebooks": ("a.ipynb", "b c.ipynb", "d#e%20.ipynb")},
            {"found": False, "commit": None},
        ]
    ),
    interfaces=st.frozensets(st.sampled_from(Interface), max_size=3),
    state=st.sampled_from([State.CURRENT, State.RESTRICTED]),
    ports=st.sampled_from([(), (21,)]),
)
any_facility = st.sampled_from(sorted(KINDS)).flatmap(
    lambda kind: st.builds(
        lambda options, providers, login, scheme: facility(
            kind, options=options, providers=providers, login=login, url=f"{scheme}://hub.example.org/prefix"
        ),
        st.sampled_from(OPTIONS.get(kind, [{}])),
        st.frozensets(st.sampled_from(Provider), min_size=1),
        st.sampled_from(Login),
        st.sampled_from(["https", "http"]),
    )
)


@given(any_software, any_facility)
def test_a_link_is_missing_exactly_when_the_answer_is_no_and_yes_has_no_reasons(of: Software, at: Facility) -> None:
    offer = offer_for(of, at)
    assert (offer.url is None) == (offer.verdict is Verdict.NO)
    assert (offer.reasons == ()) == (offer.verdict is Verdict.YES)
    if offer.url is not None:
        assert offer.url.startswith(at.url)
        assert offer.opens
        assert offer.url.isascii()
    for url in (offer.url, *(each.url for each in (*offer.editions, *offer.notebooks))):
        assert url is None or not set(url) & set(" \"<>`\\'")


# --- what is known of the code and of the place


def test_more_knowledge_of_a_desktop_program_does_not_make_it_worse() -> None:
    """Code that the platform cannot fetch is no worse than no code: it may have a container."""
    zenodo = software(interfaces=DESKTOP, repository="10.5281/zenodo.1001")
    nowhere = software(interfaces=DESKTOP)
    at = facility("rosetta", url="https://r.example.org/")
    assert offer_for(zenodo, at).url == offer_for(nowhere, at).url == "https://r.example.org/software/?mode=new_task"
    assert offer_for(zenodo, at).verdict is Verdict.MAYBE


def test_a_container_that_the_platform_has_runs_whatever_the_software_is() -> None:
    web = software(interfaces=frozenset({Interface.WEB}))
    offer = offer_for(
        web, facility("rosetta", options={"containers": {"tool": "3c0f3a5e-8f0c-4f2b-9d4e-1a2b3c4d5e6f"}})
    )
    assert offer.verdict is Verdict.YES


def test_a_hub_that_takes_any_git_host_takes_those_it_does_not_know_by_name() -> None:
    at = facility("binderhub", providers=frozenset({Provider.GITHUB, Provider.GIT}))
    offer = offer_for(notebook(repository="https://gitlab.com/group/tool"), at)
    assert offer.url == "https://hub.example.org/v2/git/https%3A%2F%2Fgitlab.com%2Fgroup%2Ftool/HEAD?urlpath=lab"


@pytest.mark.parametrize("commit", ["0123abc", "0123456789abcdef0123456789abcdef01234567"])
def test_nbgitpuller_takes_no_commit_whole_or_shortened(commit: str) -> None:
    of = notebook(repository=f"https://github.com/o/tool/commit/{commit}")
    assert verdict(of, facility("jupyterhub", options=PULLING))[0] is Verdict.NO
    assert offer_for(of, facility("binderhub")).url == f"https://hub.example.org/v2/gh/o/tool/{commit}?urlpath=lab"


def test_a_shortened_commit_cannot_be_asked_for_with_git() -> None:
    of = notebook(repository="https://gitlab.in2p3.fr/group/tool/-/commit/0123abc")
    assert verdict(of, facility("binderhub")) == (
        Verdict.NO,
        [("short-commit", "0123abc is a shortened commit, which Git cannot ask for: name all 40 digits")],
    )


@pytest.mark.parametrize("tag", ["20240613", "deadbeefcafe", "v1.0"])
def test_a_date_or_a_word_is_no_shortened_commit(tag: str) -> None:
    assert offer_for(
        notebook(repository=f"https://github.com/o/tool/tree/{tag}"), facility("jupyterhub", options=PULLING)
    ).url


def test_a_facility_that_has_closed_says_so_first() -> None:
    assert verdict(notebook(), facility("binderhub", closed="2026-01")) == (
        Verdict.NO,
        [("closed", "this facility has closed")],
    )


@pytest.mark.parametrize("interfaces", [LIBRARY, frozenset()])
def test_of_a_container_that_the_platform_has_nothing_is_in_doubt(interfaces: frozenset[Interface]) -> None:
    of = software(interfaces=interfaces, repository="https://github.com/o/tool", state=State.RESTRICTED)
    assert verdict(of, facility("rosetta", options=CONTAINER)) == (Verdict.YES, [])


def test_which_state_of_the_code_a_copy_at_the_facility_is_of_is_not_known() -> None:
    of = notebook(version="1.2", doi=ZIP, repository="https://github.com/o/tool/blob/v1.2/a.ipynb")
    for at in (facility("rosetta", options=CONTAINER), facility("jupyterlite", options={"software": ["tool"]})):
        offer = offer_for(of, at)
        assert (offer.verdict, offer.pin, offer.editions) == (Verdict.YES, None, ())


# --- what was seen of the code


def test_a_repository_at_which_nobody_looked_is_not_said_to_be_ready() -> None:
    not_looked = (
        "not-looked",
        "the code behind the link has not been inspected yet, so it is not known whether it declares what to install",
    )
    assert verdict(notebook(seen=None), facility("binderhub")) == (Verdict.MAYBE, [not_looked])
    assert verdict(notebook(seen=None), facility("rosetta")) == (Verdict.MAYBE, [not_looked])
    # the environment of a hub is the hub's own, whatever the repository says
    packages = (
        "own-environment",
        "its packages are not installed: the environment is the facility's own, and some of them may be missing",
    )
    for at in (facility("jupyterhub", options=PULLING), facility("binderhub", options=THROUGH)):
        assert verdict(notebook(seen=None), at) == verdict(notebook(), at) == (Verdict.MAYBE, [packages])
    assert verdict(notebook(seen=None, needs_packages=False), facility("binderhub")) == (Verdict.YES, [])


def test_what_is_known_to_be_wrong_comes_before_what_may_be_missing() -> None:
    code = repository("https://github.com/owner/tool", file="gone.ipynb")
    of = notebook(repository=code, seen=seen(code.url, look(files=("requirements.txt",))))
    found = offer_for(of, facility("jupyterhub", options=PULLING))
    assert [each.code for each in found.reasons] == ["notebook-gone", "own-environment"]


def test_a_repository_that_installs_nothing_may_run_and_its_author_is_told_what_to_add() -> None:
    of = notebook(seen=seen("https://github.com/owner/tool", look(files=("setup.cfg", "uv.lock"))))
    assert verdict(of, facility("binderhub")) == (
        Verdict.MAYBE,
        [
            (
                "bare",
                (
                    "it launches, but installs nothing: no environment file at the top: add binder/requirements.txt with the "
                    "packages that it imports; setup.cfg and uv.lock are not read"
                ),
            )
        ],
    )
    own = verdict(of, facility("jupyterhub", options=PULLING))[1]
    assert [code for code, _ in own] == ["own-environment"]  # a hub that builds nothing does not miss the file
    bare = notebook(seen=seen("https://github.com/owner/tool", look(files=())), needs_packages=False)
    assert verdict(bare, facility("binderhub")) == (Verdict.YES, [])


def test_a_port_that_it_needs_and_a_facility_blocks_keeps_the_verdict_at_maybe() -> None:
    of = notebook(ports=(21, 8443))
    assert verdict(of, facility("binderhub", ports=(80, 443, 8443))) == (
        Verdict.MAYBE,
        [("ports", "it needs the outgoing port 21, which this facility blocks")],
    )
    assert verdict(of, facility("binderhub")) == (Verdict.YES, [])


def test_rstudio_opens_where_r_is_installed_and_there_is_no_notebook() -> None:
    r = look(files=("runtime.txt",), runtime="r-4.4-2026-01-31")
    offer = offer_for(notebook(seen=seen("https://github.com/owner/tool", r)), facility("binderhub"))
    assert (offer.url, offer.opens) == ("https://hub.example.org/v2/gh/owner/tool/HEAD?urlpath=rstudio", "RStudio")


# --- how the facilities are


def probed(health: Health, slug: str = "hub") -> Probe:
    up = LOOKED if health in UP else None
    return Probe(facility=slug, url=f"https://{slug}.example.org/", asked=LOOKED, health=health, up=up)


def test_a_facility_that_is_down_stands_behind_the_others_and_stays_offered() -> None:
    well = facility("binderhub", "z-well", probe=probed(Health.REACHABLE), seen=None, login=Login.REQUIRED)
    never = facility("binderhub", "m-never", seen=None)
    ill = facility("binderhub", "a-ill", probe=probed(Health.UNHEALTHY))
    silent = facility("binderhub", "b-silent", probe=probed(Health.SILENT), seen=None)
    found = offers([notebook()], [silent, ill, never, well])
    assert [(each.facility, each.verdict) for each in found] == [
        ("z-well", Verdict.YES),
        ("m-never", Verdict.YES),
        ("a-ill", Verdict.YES),
        ("b-silent", Verdict.YES),
    ]
    assert all(each.url for each in found)
    assert [each.facility for each in found if "never-checked" in {note.code for note in each.notes}] == ["m-never"]


def test_of_facilities_that_cannot_run_it_one_that_is_down_stands_before_one_that_has_closed() -> None:
    closed = facility("website", "a", closed="2026-01")
    down = facility("binderhub", "z", probe=probed(Health.SILENT))
    assert [each.facility for each in offers([notebook(interfaces=DESKTOP)], [closed, down])] == ["z", "a"]


def test_what_is_down_stands_behind_what_may_run_and_else_the_verdict_goes_first() -> None:
    may = facility("binderhub", "a", ports=(80,), probe=probed(Health.HEALTHY))
    login = facility("binderhub", "b", login=Login.REQUIRED, probe=probed(Health.HEALTHY))
    ill = facility("binderhub", "c", probe=probed(Health.UNHEALTHY))
    assert [each.facility for each in offers([notebook(ports=(21,))], [may, ill, login])] == ["b", "a", "c"]


def test_for_code_that_is_not_there_a_front_page_is_of_no_use_and_a_container_may_be() -> None:
    gone = seen("https://github.com/owner/tool", presence=Presence.GONE)
    assert verdict(notebook(seen=gone), facility("website"))[0] is Verdict.NO
    assert verdict(notebook(seen=gone), facility("jupyterhub"))[0] is Verdict.NO
    desktop = software(interfaces=DESKTOP, repository="https://github.com/owner/tool", seen=gone)
    assert verdict(desktop, facility("rosetta", options=CONTAINER))[0] is Verdict.YES
    assert [code for code, _ in verdict(desktop, facility("rosetta"))[1]] == ["repository-gone"]
    many_files = software(
        interfaces=DESKTOP, repository=ZIP, seen=seen(repository(ZIP).url, presence=Presence.NOT_ONE_ZIP)
    )
    assert verdict(many_files, facility("rosetta")) == (Verdict.MAYBE, [SOFTWARE_LIST])
