"""Only public hosts are contacted, each at the address to which its name was first resolved."""

import socket
from pathlib import Path
from typing import Any

import pytest
import requests

from catalogue.edge.http import Client
from catalogue.edge.public_hosts import PublicAdapter, PublicHosts
from catalogue.problems import CatalogueError, UpstreamError

from .zenodo_double import Zenodo, answers

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700::6810:84e5", "::ffff:8.8.8.8", "64:ff9b::808:808"]
NOT_PUBLIC = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "2002:a00:1::",
    "64:ff9b:1::7f00:1", "fec0::1", "3fff::1", "5f00::1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "::127.0.0.1",
    "::ffff:0:127.0.0.1", "168.63.129.16", "::ffff:168.63.129.16",
]  # fmt: skip


def resolves(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Resolve every name to these addresses, and return the list of names that are looked up."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr("catalogue.edge.public_hosts.socket.getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_accepted(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolves(monkeypatch, address)
    assert PublicHosts().resolve("stars.example") == address


@pytest.mark.case("S5")
@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolves(monkeypatch, address)
    with pytest.raises(UpstreamError) as caught:
        PublicHosts().resolve("stars.example")
    assert str(caught.value) == "stars.example is not a public host: it is not asked"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "::1", "10.0.0.1"])
def test_every_notation_of_loopback_is_refused(host: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        PublicHosts().resolve(host)
    assert str(caught.value) in (
        f"{host} is not a public host: it is not asked",
        f"{host} cannot be reached: its host name was not found",  # not every resolver accepts this notation
    )


@pytest.mark.case("S5")
def test_a_name_with_a_public_and_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, "8.8.8.8", "127.0.0.1")
    with pytest.raises(UpstreamError):
        PublicHosts().resolve("stars.example")


@pytest.mark.parametrize("host", ["zenodo.invalid", "x" * 300 + ".example", "a..b", ""])
def test_an_unresolvable_name_is_reported(host: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        PublicHosts().resolve(host)
    assert str(caught.value).startswith(host)


@pytest.mark.case("S5")
def test_a_name_is_resolved_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolves(monkeypatch, "8.8.8.8")
    hosts = PublicHosts()
    assert hosts.resolve("stars.example") == "8.8.8.8"
    later = resolves(monkeypatch, "127.0.0.1")
    assert hosts.resolve("stars.example") == "8.8.8.8"
    assert (asked, later) == (["stars.example"], [])


def test_a_name_that_was_refused_stays_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolves(monkeypatch, "127.0.0.1")
    hosts = PublicHosts()
    for _ in range(2):
        with pytest.raises(UpstreamError):
            hosts.resolve("stars.example")
    assert asked == ["stars.example"]


@pytest.mark.parametrize("address", ["8.8.8.8:80", "10.0.0.1:80", "localhost:80", "127.0.0.1", "127.0.0.1:x", ""])
def test_an_override_must_be_a_loopback_address(address: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        PublicHosts({"zenodo.org": address})
    assert str(caught.value) == f"{address!r} is not an address of this machine, as in 127.0.0.1:8000"


# Over real sockets


def client(hosts: PublicHosts) -> Client:
    return Client("stars/1", name="Stars", pace=0.0, hosts=hosts, cross_host=True, attempts=1)


def failure(url: str, hosts: PublicHosts) -> str:
    with pytest.raises(UpstreamError) as caught:
        client(hosts).get(url)
    return str(caught.value)


def test_an_overridden_host_gets_its_own_name_in_the_host_header(zenodo: Zenodo) -> None:
    zenodo.breaks(answers(200, b"{}"))
    hosts = PublicHosts({"Stars.Example": zenodo.host})
    assert client(hosts).get("https://stars.example/x?y=1").status == 200
    assert (zenodo.asked[0].target, zenodo.asked[0].headers["Host"]) == ("/x?y=1", "stars.example")


def test_an_override_applies_to_its_host_only(zenodo: Zenodo) -> None:
    hosts = PublicHosts({"stars.example": zenodo.host})
    assert failure(f"https://{zenodo.host}/", hosts) == "127.0.0.1 is not a public host: it is not asked"
    assert failure(f"http://{zenodo.host}/", hosts) == "127.0.0.1 is asked over https only"
    assert zenodo.asked == []


def test_proxies_of_the_environment_are_ignored(zenodo: Zenodo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("https_proxy", zenodo.url)
    assert (
        failure("https://stars.invalid/", PublicHosts())
        == "stars.invalid cannot be reached: its host name was not found"
    )
    assert zenodo.asked == []


@pytest.mark.case("S5")
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("https://localhost/", "localhost is not a public host: it is not asked"),
        ("https://[::1]/", "::1 is not a public host: it is not asked"),
        ("https://169.254.169.254/", "169.254.169.254 is not a public host: it is not asked"),
        ("http://stars.example/", "Stars sends on to another place, http://stars.example/: not followed"),
    ],
)
def test_a_redirect_leads_to_public_hosts_only(zenodo: Zenodo, target: str, words: str) -> None:
    zenodo.breaks(answers(302, b"", Location=target))
    assert failure("https://stars.example/", PublicHosts({"stars.example": zenodo.host})) == words
    assert len(zenodo.asked) == 1


@pytest.mark.case("U1")
def test_a_certificate_is_verified_against_the_host_name_and_not_the_address(
    tls: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The client takes it for a public address, but it is this machine.
    monkeypatch.setattr(PublicHosts, "resolve", lambda *_: "127.0.0.1")
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", PublicAdapter(PublicHosts()))
    right, wrong = (f"https://{name}.example.org:{tls}/" for name in ("git", "other"))
    assert session.get(right, verify=str(certificate), timeout=5).status_code == 200
    with pytest.raises(requests.exceptions.SSLError) as caught:
        session.get(wrong, verify=str(certificate), timeout=5)
    assert "other.example.org" in str(caught.value)


@pytest.mark.case("U1")
def test_a_self_signed_certificate_is_refused(tls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PublicHosts, "resolve", lambda *_: "127.0.0.1")
    words = failure(f"https://git.example.org:{tls}/", PublicHosts())
    assert words == "Stars cannot be trusted: self-signed certificate"
