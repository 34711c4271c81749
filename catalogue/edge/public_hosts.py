"""Hosts of the open network: a name is looked up once, and connections go only to the public address that it gave.

So neither an address that somebody wrote, nor a redirect, nor a name that answers otherwise the second time reaches
inside the network that the build runs in.
"""

import ipaddress
import socket
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ..problems import CatalogueError, UpstreamError

# IPv6 networks whose last four bytes are an IPv4 address, beside those that `ipaddress` knows: of NAT64, of SIIT, and of old.
_HOLDING_IPV4 = tuple(ipaddress.IPv6Network(each) for each in ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96"))


# At Azure, where GitHub's runners are, the machine below; everywhere else nobody.
_AZURE = ipaddress.IPv4Address("168.63.129.16")
# Networks that lead inside or nowhere, and that older versions of Python take for public ones: RFC 8215, 9637, 9602.
_INSIDE = tuple(ipaddress.IPv6Network(each) for each in ("64:ff9b:1::/48", "3fff::/20", "5f00::/16"))
# Not EAI_AGAIN, which a machine without a network says of every name.
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class UnknownName(UpstreamError):
    """The network's directory of names has none like this, which is more than that it cannot be reached now."""


class PublicHosts:
    """The public addresses of hosts, each looked up once.

    `instead` names hosts that are asked on this machine instead, in the clear, as `host` -> `127.0.0.1:port`: a switch
    for tests. Raises CatalogueError where such an address is not one of this machine.
    """

    def __init__(self, instead: Mapping[str, str] | None = None) -> None:
        self._instead = {host.lower(): _loopback(address) for host, address in (instead or {}).items()}
        self._known: dict[str, str | UpstreamError] = {}

    def instead_of(self, host: str) -> tuple[str, int] | None:
        """The address and port on this machine that stand for a host, None where it is asked itself."""
        return self._instead.get(host.lower())

    def address(self, host: str) -> str:
        """The IP address to connect to. Raises UpstreamError where the name is not known or leads inside."""
        known = self._known.get(host)
        if known is None:
            try:
                known = _public_address(host)
            except UpstreamError as error:
                known = error
            self._known[host] = known
        if isinstance(known, UpstreamError):
            raise known
        return known


def _loopback(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    try:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError
        return host, int(port)
    except ValueError:
        raise CatalogueError(f"{address!r} is not an address of this machine, as in 127.0.0.1:8000") from None


def _public_address(host: str) -> str:
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        none = isinstance(error, socket.gaierror) and error.errno in _NO_SUCH_NAME
        kind = UnknownName if none else UpstreamError
        raise kind(f"{host} cannot be reached: its host name was not found") from None
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not all(_is_public(each) for each in addresses):
        raise UpstreamError(f"{host} is not a public host: it is not asked")
    return addresses[0]


def _is_public(address: str) -> bool:
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(known, ipaddress.IPv6Address):
        # An IPv4 address in the clothes of an IPv6 one is judged by what it is.
        inner = known.ipv4_mapped or known.sixtofour or (known.teredo[1] if known.teredo else None)
        if inner is None and any(known in network for network in _HOLDING_IPV4):
            inner = ipaddress.IPv4Address(int(known) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(str(inner))
        if known.is_site_local or any(known in network for network in _INSIDE):
            return False
    return known.is_global and not known.is_multicast and known != _AZURE


class PublicAdapter(HTTPAdapter):
    """Carries requests to the checked addresses; certificates are still judged by the host's name."""

    def __init__(self, hosts: PublicHosts) -> None:
        self._hosts = hosts
        super().__init__()

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        where, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        host = str(where["host"])
        if at := self._hosts.instead_of(host):
            return {"scheme": "http", "host": at[0], "port": at[1]}, {}
        if where["scheme"] != "https":
            raise UpstreamError(f"{host} is asked over https only")
        named = host.strip("[]")
        return {**where, "host": self._hosts.address(named)}, {
            **tls,
            "server_hostname": named,
            "assert_hostname": named,
        }

    def add_headers(self, request: requests.PreparedRequest, **_: Any) -> None:
        """The host's name, which the connection does not know any more."""
        request.headers["Host"] = request.url.partition("://")[2].partition("/")[0] if request.url else ""
