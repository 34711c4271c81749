"""Protection against server-side request forgery: each host name is resolved once, and only public addresses are used.

So neither a URL in a record, nor a redirect, nor DNS rebinding reaches the private network that the build runs in.
"""

import ipaddress
import socket
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ..problems import CatalogueError, UpstreamError

# IPv6 networks whose last four bytes are an IPv4 address (NAT64, SIIT, IPv4-compatible), besides those that `ipaddress` knows.
_EMBEDDING_IPV4 = tuple(ipaddress.IPv6Network(each) for each in ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96"))


# At Azure, where GitHub's runners are, this public address leads to the host of the virtual machine.
_AZURE = ipaddress.IPv4Address("168.63.129.16")
# Networks that are not globally reachable but count as global in older versions of Python: RFC 8215, 9637, 9602.
_NOT_GLOBAL = tuple(ipaddress.IPv6Network(each) for each in ("64:ff9b:1::/48", "3fff::/20", "5f00::/16"))
# Not EAI_AGAIN, which a machine without a network gets for every name.
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class HostNotFound(UpstreamError):
    """DNS has no such name, so it is more than a temporary failure."""


class PublicHosts:
    """Resolves host names to public addresses, each name once.

    `overrides` maps hosts to `127.0.0.1:port`, where they are contacted over plain http: for tests only. Raises
    CatalogueError if such an address is not a loopback address.
    """

    def __init__(self, overrides: Mapping[str, str] | None = None) -> None:
        self._overrides = {host.lower(): _loopback(address) for host, address in (overrides or {}).items()}
        self._known: dict[str, str | UpstreamError] = {}

    def loopback_for(self, host: str) -> tuple[str, int] | None:
        """The loopback address and port that replace a host; None if it is not overridden."""
        return self._overrides.get(host.lower())

    def resolve(self, host: str) -> str:
        """The IP address to connect to.

        Raises HostNotFound if DNS has no such name, UpstreamError if it cannot be resolved now or has a private address.
        """
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
        kind = HostNotFound if none else UpstreamError
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
        # An embedded IPv4 address is judged as such.
        inner = known.ipv4_mapped or known.sixtofour or (known.teredo[1] if known.teredo else None)
        if inner is None and any(known in network for network in _EMBEDDING_IPV4):
            inner = ipaddress.IPv4Address(int(known) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(str(inner))
        if known.is_site_local or any(known in network for network in _NOT_GLOBAL):
            return False
    return known.is_global and not known.is_multicast and known != _AZURE


class PublicAdapter(HTTPAdapter):
    """Connects to the checked address; certificates are still verified against the host name."""

    def __init__(self, hosts: PublicHosts) -> None:
        self._hosts = hosts
        super().__init__()

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        where, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        host = str(where["host"])
        if at := self._hosts.loopback_for(host):
            return {"scheme": "http", "host": at[0], "port": at[1]}, {}
        if where["scheme"] != "https":
            raise UpstreamError(f"{host} is asked over https only")
        named = host.strip("[]")
        return {**where, "host": self._hosts.resolve(named)}, {
            **tls,
            "server_hostname": named,
            "assert_hostname": named,
        }

    def add_headers(self, request: requests.PreparedRequest, **_: Any) -> None:
        """Set the Host header: the connection knows only the address."""
        request.headers["Host"] = request.url.partition("://")[2].partition("/")[0] if request.url else ""
