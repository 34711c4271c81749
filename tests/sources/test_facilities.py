"""facilities.yaml: the facilities in it, and every mistake with its place and remedy."""

import pytest

from catalogue.launch.binderhub import BinderHubOptions
from catalogue.launch.jupyterhub import JupyterHubOptions
from catalogue.launch.jupyterlite import JupyterLiteOptions
from catalogue.launch.kinds import KINDS
from catalogue.launch.rosetta import RosettaOptions
from catalogue.model import Facility, Interface, Limits, Login
from catalogue.problems import Place, as_text
from catalogue.repository import Provider
from catalogue.sources.facilities import FILE, read_facilities, read_facility_files, with_slash

ONE = """\
facilities:
  - id: one
    name: One
    kind: binderhub
    url: https://one.example.org
    description: First. Second.
"""
UUID = "3c0f3a5e-8f0c-4f2b-9d4e-1a2b3c4d5e6f"


def problems(text: str) -> str:
    return as_text(read_facilities(text)[1])


def only(text: str) -> Facility:
    found, wrong = read_facilities(text)
    assert as_text(wrong) == ""
    (one,) = found
    return one


@pytest.mark.case("Y2")
def test_a_doubled_key_is_reported_at_its_second_line() -> None:
    text = "facilities:\n- name: One\n  id: one\n  kind: binderhub\n  url: https://x.org\n\n  description: X.\n  name: Two\n"
    assert (
        problems(text)
        == "facilities.yaml:8:3: error: key 'name' is given twice, first in line 2: remove one, or put `- ` before it if a new item begins here"
    )


def test_a_facility_has_what_its_kind_gives_unless_it_says_otherwise() -> None:
    one = only(ONE)
    kind = KINDS["binderhub"]
    assert (one.slug, one.name, one.kind) == ("one", "One", "binderhub")
    assert one.url == "https://one.example.org/"
    assert (one.interfaces, one.providers) == (kind.INTERFACES, kind.PROVIDERS)
    assert (one.login, one.insecure, one.limits, one.ports) == (Login.UNKNOWN, False, Limits(), ())
    assert (one.summary, str(one.description)) == ("First. Second.", "<p>First. Second.</p>")
    assert one.place == Place(file="facilities.yaml", line=2, column=5)


def test_a_facility_says_what_differs_from_its_kind() -> None:
    one = only(
        ONE
        + """\
    operator: Somebody
    login: required
    interfaces: [notebook, desktop]
    providers: [gh, git]
    limits: {memory: 2 GB, idle: 10 minutes}
    ports: [443, 1094]
    data: [Zooniverse, Apertif, zooniverse]
    contact: help@one.example.org
    documentation: https://docs.one.example.org/
    options: {environment: https://github.com/owner/environment}
"""
    )
    assert (one.operator, one.login) == ("Somebody", Login.REQUIRED)
    assert one.interfaces == {Interface.NOTEBOOK, Interface.DESKTOP}
    assert one.providers == {Provider.GITHUB, Provider.GIT}
    assert one.limits == Limits(memory="2 GB", idle="10 minutes")
    assert (one.ports, one.data) == ((443, 1094), ("Apertif", "Zooniverse"))
    assert (one.contact, one.documentation) == ("help@one.example.org", "https://docs.one.example.org/")
    assert one.options == BinderHubOptions(environment="https://github.com/owner/environment")


@pytest.mark.parametrize(
    ("kind", "options", "read"),
    [
        ("jupyterhub", "nbgitpuller: true", JupyterHubOptions(nbgitpuller=True)),
        ("jupyterlite", "software: [a, b]", JupyterLiteOptions(software=frozenset({"a", "b"}))),
        ("rosetta", f"containers: {{topcat: {UUID}}}", RosettaOptions(containers={"topcat": UUID})),
    ],
)
def test_each_kind_has_options_of_its_own(kind: str, options: str, read: object) -> None:
    assert only(ONE.replace("binderhub", kind) + f"    options: {{{options}}}\n").options == read


@pytest.mark.case("Y11")
@pytest.mark.parametrize(
    ("kind", "line", "remedy"),
    [
        ("jupyterhub", "nbgitpuller: true", "put it under options: `options: {nbgitpuller: true}`"),
        ("jupyterhub", "nbgitpuller:", "put it under options: `options: {nbgitpuller: …}`"),
        ("jupyterlite", "software: [a, b]", "put it under options: `options: {software: […]}`"),
        ("rosetta", f"containers: {{topcat: {UUID}}}", "put it under options: `options: {containers: {…}}`"),
        ("website", "software: [a]", "it is an option of jupyterlite, and this is a website: leave it out"),
    ],
)
def test_an_option_that_stands_beside_options_is_told_where_to_stand(kind: str, line: str, remedy: str) -> None:
    key = line.partition(":")[0]
    assert problems(ONE.replace("binderhub", kind) + f"    {line}\n") == (
        f"facilities.yaml:7:5: error: {key}: unknown key; {remedy}"
    )


@pytest.mark.parametrize("kind", ["binder", "[binderhub]"])
def test_an_option_beside_an_unknown_kind_is_told_where_to_stand(kind: str) -> None:
    text = ONE.replace("kind: binderhub", f"kind: {kind}") + "    nbgitpuller: true\n"
    assert problems(text).splitlines()[1:] == [
        "facilities.yaml:7:5: error: nbgitpuller: unknown key; put it under options: `options: {nbgitpuller: true}`"
    ]


def test_a_kind_without_options_says_that_it_has_none() -> None:
    assert problems(ONE.replace("binderhub", "website") + "    options: {software: [a]}\n") == (
        "facilities.yaml:7:15: error: options.software: unknown key; no key is allowed here"
    )


def test_plain_http_must_be_said_on_purpose() -> None:
    one = only(ONE.replace("https:", "http:") + "    insecure: true\n")
    assert (one.url, one.insecure) == ("http://one.example.org/", True)


def test_facilities_stand_in_the_order_of_their_names_whatever_the_file_says() -> None:
    two = ONE.partition("\n")[2].replace("one", "two").replace("One", "Éin")
    found, wrong = read_facilities(ONE + two)
    assert as_text(wrong) == ""
    assert [each.name for each in found] == ["Éin", "One"]


def test_an_empty_list_has_no_facilities() -> None:
    assert read_facilities("facilities: []\n") == ([], [])
    assert read_facilities("facilities:\n") == ([], [])


def changed(line: str, to: str) -> str:
    """ONE with the line of a key replaced, or appended if it has none."""
    key = f"    {line}: " if line != "id" else "  - id: "
    lines = [f"{key}{to}" if each.startswith(key) else each for each in ONE.splitlines()]
    text = "\n".join(lines) + "\n"
    return text if text != ONE else ONE + f"{key}{to}\n"


MISTAKES = [
    # Y11
    ("urll", "x", "7:5: error: urll: unknown key; did you mean 'url'?"),
    ("limits", "{memry: 1 GB}", "7:14: error: limits.memry: unknown key; did you mean 'memory'?"),
    ("options", "{environmet: x}", "7:15: error: options.environmet: unknown key; did you mean 'environment'?"),
    ("options", "{nbgitpuller: true}", "7:15: error: options.nbgitpuller: unknown key; allowed are tested, environment"),
    ("Login", "none", "7:5: error: Login: unknown key; did you mean 'login'?"),
    ("seen", "2026", "7:11: error: seen: '2026' is not a month or a day: write 2026-08 or 2026-08-31"),
    # Options of a kind
    ("environment", "https://github.com/o/r", "7:5: error: environment: unknown key; put it under options: `options: {environment: https://github.com/o/r}`"),
    ("nbgitpuller", "true", "7:5: error: nbgitpuller: unknown key; it is an option of jupyterhub, and this is a binderhub: leave it out"),
    ("colour", "red", "7:5: error: colour: unknown key; allowed are id, name, kind, description, insecure, url, operator, seen, closed, login, interfaces, providers, limits, ports, data, contact, documentation, options"),
    # Y12 wrong types and choices
    ("kind", "binder", "4:11: error: kind: unknown value 'binder'; one of binderhub, jupyterhub, rosetta, jupyterlite, website; did you mean 'binderhub'?"),
    ("kind", "[x]", "4:11: error: kind: must be one text, not a list"),
    ("login", "maybe", "7:12: error: login: unknown value 'maybe'; one of none, unknown, required"),
    ("interfaces", "[notebok]", "7:18: error: interfaces: unknown value 'notebok'; one of notebook, desktop, command-line, library, web, service; did you mean 'notebook'?"),
    ("interfaces", "notebook", "7:17: error: interfaces: must be a list, as in `[notebook]`"),
    ("providers", "[]", "7:16: error: providers: is empty: give it a value, or leave the key out"),
    ("interfaces", "[]", "7:17: error: interfaces: is empty: give it a value, or leave the key out"),
    ("providers", "github", "7:16: error: providers: must be a list, as in `[one, two]`"),
    ("seen", "true", "7:11: error: seen: 'true' is not a month or a day: write 2026-08 or 2026-08-31"),
    ("providers", "[github]", "7:17: error: providers: unknown value 'github'; one of gh, gl, git, gist, zenodo; did you mean 'gh'?"),
    ("providers", "[GitLab]", "7:17: error: providers: unknown value 'GitLab'; one of gh, gl, git, gist, zenodo; did you mean 'gl'?"),
    ("interfaces", "[NOTEBOOKS]", "7:18: error: interfaces: unknown value 'NOTEBOOKS'; one of notebook, desktop, command-line, library, web, service; did you mean 'notebook'?"),
    ("login", "true", "7:12: error: login: unknown value 'true'; one of none, unknown, required"),
    ("ports", "[0, https]", "7:13: error: ports: must be at least 1\nfacilities.yaml:7:16: error: ports: must be a whole number"),
    ("ports", "['80', 70000]", "7:13: error: ports: must be a whole number: leave out the quotes\nfacilities.yaml:7:19: error: ports: must be at most 65535"),
    ("insecure", "yes", "7:15: error: insecure: must be true or false"),
    ("limits", "[a]", "7:13: error: limits: must be keys with values, as in `{memory: …}`"),
    ("name", "", "3:10: error: name: is empty: give it a value (a value that begins with # must be in quotes)"),
    ("operator", "#1 in Europe", "7:14: error: operator: is empty: give it a value, or leave the key out (a value that begins with # must be in quotes)"),
    ("name", "{a: b}", "3:11: error: name: must be one text, not keys with values"),
    ("name", '""', "3:11: error: name: is empty: give it a value"),
    ("options", "{environment: https://github.com/owner}", "7:28: error: options.environment: this is an organisation or account, not a repository: give the address of one repository"),
    # Y4, Y5 numbers and Booleans that were meant as text
    ("name", "1.10", "3:11: error: name: put it in quotes: '1.10'"),
    ("name", "true", "3:11: error: name: must be text: if it is meant as text, put it in quotes: 'true'"),
    ("name", ".nan", "3:11: error: name: put it in quotes: '.nan'"),
    ("id", "014", "2:9: error: id: put it in quotes: '014'"),
    ("limits", "{memory: 2}", "7:22: error: limits.memory: put it in quotes: '2'"),
    # ids
    ("id", "One Two", "2:9: error: id: 'One Two' is not a slug: use lower-case letters, digits and single hyphens only, since it becomes part of a URL"),
    ("id", "con", "2:9: error: id: 'con' is a reserved name on Windows: choose a longer one"),
    ("id", "../x", "2:9: error: id: '../x' is not a slug: use lower-case letters, digits and single hyphens only, since it becomes part of a URL"),
    ("id", "x" * 61, "2:9: error: id: must have at most 60 letters, and has 61"),
    # Y15, H33 addresses
    ("url", "http://one.example.org/", "5:10: error: url: plain http is not encrypted: use https, or add `insecure: true`, and readers are told"),
    ("url", "HTTP://one.example.org/", "5:10: error: url: must begin with https://"),
    ("url", "one.example.org", "5:10: error: url: must begin with https://"),
    ("url", "javascript:alert(1)", "5:10: error: url: must begin with https://"),
    ("url", "file:///srv", "5:10: error: url: must begin with https://"),
    ("url", "https://one.example.org/a b", "5:10: error: url: must not contain spaces, quotes or control characters"),
    ("url", '"https://one.example.org/\\u202E"', "5:10: error: url: must not contain spaces, quotes or control characters"),
    ("url", "https://me:secret@one.example.org/", "5:10: error: url: must not contain a user name or password"),
    ("url", "https://127.0.0.1/", "5:10: error: url: must name a public host, not '127.0.0.1'"),
    ("url", "https://192.168.1.1/", "5:10: error: url: must name a public host, not '192.168.1.1'"),
    ("url", "https://[::1]/", "5:10: error: url: must name a public host, not '::1'"),
    ("url", "https://localhost/", "5:10: error: url: must name a public host, not 'localhost'"),
    ("url", "https://hub.lan/", "5:10: error: url: must name a public host, not 'hub.lan'"),
    ("url", "https://127.0.0.1./", "5:10: error: url: must name a public host, not '127.0.0.1.'"),
    ("url", "https://hub.local/", "5:10: error: url: must name a public host, not 'hub.local'"),
    ("url", "https://", "5:10: error: url: has no host name"),
    ("url", "https://one.example.org:99999/", "5:10: error: url: is not an address: its host or port is malformed"),
    ("url", '"https://[x"', "5:10: error: url: is not an address: its host or port is malformed"),
    ("url", "https://one.example.org/?x=1", "5:10: error: url: must be the address of the front page, without ? or #"),
    # pages of a facility, which people copy from their browser
    ("url", "https://one.example.org/x/hub/login", "5:10: error: url: must be the address of the front page: leave out '/hub/login'"),
    ("url", "https://one.example.org/x/hub/login/?next=x", "5:10: error: url: must be the address of the front page: leave out '/hub/login' and what follows it"),
    ("url", "https://one.example.org/v2/gh/o/r/HEAD", "5:10: error: url: must be the address of the front page: leave out '/v2/gh/o/r/HEAD'"),
    ("url", "https://one.example.org/user/jane/lab", "5:10: error: url: must be the address of the front page: leave out '/user/jane/lab'"),
    ("url", "https://one.example.org/demo/lab/index.html", "5:10: error: url: must be the address of the front page: leave out '/lab/index.html'"),
    ("insecure", "true", "5:10: error: url: the address is https: leave `insecure` out"),
    ("documentation", "docs", "7:20: error: documentation: must begin with https://"),
    # contacts
    ("contact", "the help desk", "7:14: error: contact: 'the help desk' must be an e-mail address, as in help@example.org, or a URL that begins with https://"),
    ("contact", "http://one.example.org/help", "7:14: error: contact: 'http://one.example.org/help' must be an e-mail address, as in help@example.org, or a URL that begins with https://"),
    ("contact", "https://intranet/help", "7:14: error: contact: must name a public host, not 'intranet'"),
    # months and days
    ("seen", "August 2026", "7:11: error: seen: 'August 2026' is not a month or a day: write 2026-08 or 2026-08-31"),
    ("seen", "2026-13", "7:11: error: seen: '2026-13' is not a month or a day: write 2026-08 or 2026-08-31"),
    ("closed", "2026-02-30", "7:13: error: closed: '2026-02-30' is not a real date: write 2026-08 or 2026-08-31"),
    # Y16
    ("name", "x" * 5000, "3:11: error: name: must have at most 300 letters, and has 5,000"),
    ("name", '" x"', "3:11: error: name: must be one line, without spaces at its ends and without control characters"),
    ("name", '"a\\nb"', "3:11: error: name: must be one line, without spaces at its ends and without control characters"),
    ("name", '"\\u202Eevil"', "3:11: error: name: must be one line, without spaces at its ends and without control characters"),
]  # fmt: skip


@pytest.mark.case("H33", "Y5", "Y10", "Y11", "Y12", "Y15", "Y16", "Y24")
@pytest.mark.parametrize(("key", "value", "problem"), MISTAKES, ids=[f"{each[0]}: {each[1]}"[:50] for each in MISTAKES])
def test_a_mistake_is_named_with_its_place_and_remedy(key: str, value: str, problem: str) -> None:
    assert problems(changed(key, value)) == f"facilities.yaml:{problem}"


@pytest.mark.parametrize("container", ["abc", f"x{UUID}", UUID.replace("-", "")])
def test_the_id_of_a_container_is_a_uuid(container: str) -> None:
    text = ONE.replace("binderhub", "rosetta") + f"    options: {{containers: {{topcat: {container}}}}}\n"
    assert problems(text) == (
        f"facilities.yaml:7:36: error: options.containers.topcat: {container!r} is not a UUID: copy the 32 digits with their "
        "hyphens from the address of the container's page"
    )


@pytest.mark.case("Y12")
@pytest.mark.parametrize("key", ["id", "name", "kind", "url", "description"])
def test_a_missing_key_is_named_where_the_entry_begins(key: str) -> None:
    lines = [line for line in ONE.replace("  - id: one", "  -\n    id: one").splitlines() if f"    {key}: " not in line]
    assert problems("\n".join(lines)) == f"facilities.yaml:3:5: error: {key}: is missing"


@pytest.mark.case("Y9")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a\n", "1:1: error: the file must be a list under the key 'facilities', as in `facilities:`"),
        ("facilities:\n  id: b\n", "2:3: error: facilities: the keys of each item begin with `- `, as in `- id: …`"),
        ("facilities:\n  -id: b\n", "2:3: error: facilities: a space must follow the `-` of each item"),
        ("facility: []\n", "1:1: error: the file must be a list under the key 'facilities', as in `facilities:`"),
        ("text", "1:1: error: the file must be a list under the key 'facilities', as in `facilities:`"),
        ("---\n", "2:1: error: the file must be a list under the key 'facilities', as in `facilities:`"),
        ("", "1:1: error: the file is empty"),
        ("facilities: [a]\n", "1:14: error: facilities: must be keys with values, as in `{id: …}`"),
        (f"{ONE}software: []\n", "7:1: error: software: unknown key; the only one is 'facilities'"),
    ],
)
def test_y9_a_file_of_another_shape_is_refused_in_words(text: str, problem: str) -> None:
    assert problems(text) == f"facilities.yaml:{problem}"


@pytest.mark.case("Y12", "Y24")
def test_y12_all_mistakes_of_a_file_are_named_at_once_and_sound_entries_stay() -> None:
    text = ONE + "  - id: two\n    nam: Two\n    kind: x\n    url: ftp://x\n    description: 3\n"
    found, wrong = read_facilities(text, "places.yaml")
    assert [each.slug for each in found] == ["one"]
    assert as_text(wrong) == (
        "places.yaml:8:5: error: nam: unknown key; did you mean 'name'?\n"
        "places.yaml:9:11: error: kind: unknown value 'x'; one of binderhub, jupyterhub, rosetta, jupyterlite, website\n"
        "places.yaml:10:10: error: url: must begin with https://\n"
        "places.yaml:11:18: error: description: put it in quotes: '3'"
    )


@pytest.mark.case("Y12")
def test_y12_mistakes_in_options_and_dates_are_named_with_those_of_other_keys() -> None:
    text = f"{ONE.replace('name', 'nam')}    login: maybe\n    seen: 2026-12\n    options: {{environmet: x}}\n"
    assert as_text(read_facility_files({FILE: text}, "2026-11-26")[1]) == (
        "facilities.yaml:3:5: error: nam: unknown key; did you mean 'name'?\n"
        "facilities.yaml:7:12: error: login: unknown value 'maybe'; one of none, unknown, required\n"
        "facilities.yaml:8:11: error: seen: 2026-12 is in the future: write when somebody last saw it working, 2026-11 at the latest\n"
        "facilities.yaml:9:15: error: options.environmet: unknown key; did you mean 'environment'?"
    )


@pytest.mark.parametrize("kind", ["binder", "[binderhub]"])
def test_options_are_not_judged_while_the_kind_is_unknown(kind: str) -> None:
    text = ONE.replace("kind: binderhub", f"kind: {kind}") + "    options: {environmet: x}\n"
    assert [each.text.partition(":")[0] for each in read_facilities(text)[1]] == ["kind"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            ONE.replace("binderhub", "jupyterlit").replace("https://one.example.org", "lite/"),
            "4:11: error: kind: unknown value 'jupyterlit'; one of binderhub, jupyterhub, rosetta, jupyterlite, website; did you mean 'jupyterlite'?",
        ),
        (ONE.replace("https:", "http:") + "    insecure: yes\n", "7:15: error: insecure: must be true or false"),
    ],
)
def test_an_address_is_not_blamed_for_the_key_that_it_depends_on(text: str, problem: str) -> None:
    assert problems(text) == f"facilities.yaml:{problem}"


@pytest.mark.case("Y13")
def test_y13_two_facilities_with_one_id_are_refused_with_both_places() -> None:
    again = ONE.partition("\n")[2]
    assert problems(ONE + again) == (
        "facilities.yaml:7:9: error: id: 'one' is given twice, first at facilities.yaml:2:9: change one of them"
    )
    assert problems(ONE + again.replace("id: one", "id: ONE")) == (
        "facilities.yaml:7:9: error: id: 'ONE' is given twice, first at facilities.yaml:2:9: change one of them\n"
        "facilities.yaml:7:9: error: id: 'ONE' is not a slug: use lower-case letters, digits and single hyphens only, "
        "since it becomes part of a URL"
    )


@pytest.mark.parametrize("again", ["https://one.example.org/", "https://ONE.example.org", "https://one.example.org"])
def test_two_facilities_with_one_address_are_told_at_the_second(again: str) -> None:
    two = (
        ONE.partition("\n")[2]
        .replace("id: one", "id: two")
        .replace("One", "Two")
        .replace("https://one.example.org", again)
    )
    texts = {"facilities/a.yaml": ONE, "facilities/b.yaml": f"facilities:\n{two}"}
    found, wrong = read_facility_files(texts)
    assert as_text(wrong) == (
        "facilities/b.yaml:5:10: warning: url: is also that of 'one', at facilities/a.yaml:5:10, and "
        "readers see both: keep one entry"
    )
    assert [each.slug for each in found] == ["one", "two"]


def test_two_facilities_with_one_name_are_told_at_the_second() -> None:
    two = (
        ONE.partition("\n")[2]
        .replace("id: one", "id: two")
        .replace("One", "ONE")
        .replace("one.example.org", "two.example.org")
    )
    assert problems(ONE + two) == (
        "facilities.yaml:8:11: warning: name: is also that of 'one', at facilities.yaml:3:11, and readers cannot tell them "
        "apart: change one of them"
    )


def test_a_facility_may_stand_where_another_has_closed() -> None:
    two = ONE.partition("\n")[2].replace("id: one", "id: two")
    assert problems(f"{ONE}    closed: 2025-01\n{two}") == ""


@pytest.mark.case("H37")
def test_h37_markdown_in_a_description_is_inert() -> None:
    one = only(changed("description", "'[x](javascript:alert(1)) <img src=x onerror=alert(1)>'"))
    assert str(one.description) == ("<p>[x](javascript:alert(1)) &lt;img src=x onerror=alert(1)&gt;</p>")


@pytest.mark.parametrize(
    "url", ["https://one.example.org/hub/", "https://one.example.org/hub/jupyter/", "https://one.example.org/users/"]
)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_folder_with_the_name_of_a_page_may_be_a_front_page(kind: str, url: str) -> None:
    assert only(ONE.replace("https://one.example.org", url).replace("binderhub", kind)).url == url


def test_any_page_may_be_linked_to_where_no_address_is_built_on_it() -> None:
    url = "https://one.example.org/user/guide/"
    assert only(ONE.replace("https://one.example.org", url).replace("binderhub", "website")).url == url


@pytest.mark.parametrize("url", ["https://one.example.org/hub", "https://one.example.org/hub/"])
def test_the_address_of_a_facility_ends_with_a_slash(url: str) -> None:
    assert with_slash(url) == "https://one.example.org/hub/"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("seen: 2026-12", "seen: 2026-12 is in the future: write when somebody last saw it working, 2026-11 at the latest"),
        ("seen: 2026-11-27", "seen: 2026-11-27 is in the future: write when somebody last saw it working, 2026-11-26 at the latest"),
        ("closed: 2027-01", "closed: 2027-01 is in the future: write when it closed, once it has, 2026-11 at the latest"),
    ],
)  # fmt: skip
def test_nothing_was_seen_in_the_future(line: str, text: str) -> None:
    written = f"{ONE}    {line}\n"
    wrong = read_facility_files({FILE: written}, "2026-11-26")[1]
    assert as_text(wrong) == f"facilities.yaml:7:{len(line.partition(' ')[0]) + 6}: error: {text}"
    # The same text is valid at a later date, and if the date is not known.
    assert read_facility_files({FILE: written}, "2027-01-01")[1] == []
    assert read_facility_files({FILE: written})[1] == []


@pytest.mark.parametrize("line", ["seen: 2026-11", "seen: 2026-11-26", "closed: 2026-11-26", "closed: 2025-12"])
def test_what_was_seen_today_is_right(line: str) -> None:
    assert read_facility_files({FILE: f"{ONE}    {line}\n"}, "2026-11-26")[1] == []
