"""Which URLs may be called, and which addresses behind their names.

An endpoint's URL comes from outside. Without these checks it could have the worker call
what only the worker can reach: the database's neighbours, the cloud's metadata service.
The addresses are judged after the name was resolved, and the connection is made to the
very address that was judged: a second answer of the name server changes nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from eventstore.conf import store_settings
from eventstore.exceptions import WebhookError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = {"http": 80, "https": 443}
_MAX_LENGTH = 2048
#: Printable ASCII: names with other letters are written in their ASCII form (xn--).
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
#: Ways to write an IPv4 address into an IPv6 one that a gateway translates.
_NAT64 = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
)
#: Inner ones that not every version of Python takes for such: Azure's platform address,
#: the protocol assignments (a metadata service of Oracle's among them), and Teredo.
_INNER = (
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("2001::/32"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, taken apart.

    Attributes:
        path: with the query; never shown, since either may hold a token.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return the value of the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def parse(url: str) -> Target:
    """Return the target of ``url``.

    Raises:
        WebhookError: it is no URL that may be called; names are not resolved here.
    """
    if len(url) > _MAX_LENGTH or not _PRINTABLE.fullmatch(url):
        raise WebhookError(
            f"A webhook's URL has at most {_MAX_LENGTH} printable ASCII characters."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebhookError(f"The webhook's URL cannot be read: {error}.") from None
    if parts.scheme not in _allowed_schemes():
        raise WebhookError(
            "A webhook's URL begins with https:// (the setting WEBHOOK_ALLOW_HTTP "
            "allows http:// for tests and intranets)."
        )
    if not parts.hostname or "@" in parts.netloc or port == 0:
        raise WebhookError(
            "A webhook's URL names a host, and neither a user nor a password."
        )
    query = f"?{parts.query}" if parts.query else ""
    return Target(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        path=(parts.path or "/") + query,
    )


def addresses_of(target: Target) -> list[str]:
    """Return the addresses of the target's host, all of which may be reached.

    Raises:
        WebhookError: the name is unknown, or one of its addresses is an inner one.
    """
    try:
        found = socket.getaddrinfo(
            target.host, target.port, proto=socket.IPPROTO_TCP, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError) as error:
        raise WebhookError(f"{target.host} cannot be resolved: {error}.") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not store_settings().WEBHOOK_ALLOW_PRIVATE:
        _refuse_inner(target.host, addresses)
    return addresses


def _refuse_inner(host: str, addresses: Sequence[str]) -> None:
    if any(is_inner(ipaddress.ip_address(address)) for address in addresses):
        # Without the address: whoever adds webhooks need not learn the inner ones.
        raise WebhookError(
            f"{host} resolves to an address that is not public (the setting "
            "WEBHOOK_ALLOW_PRIVATE allows it for intranets)."
        )


def is_inner(address: _Address) -> bool:
    """Return whether ``address`` is private, loopback, link-local, or of a cloud."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = _embedded(address)
        if inside is not None:
            return is_inner(inside)
        if address.is_site_local:
            return True
    return (
        not address.is_global
        or address.is_multicast
        or any(address in network for network in _INNER)
    )


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if int(address) >> 32 == 0 and int(address) > 1:
        # The old "IPv4-compatible" form, ::a.b.c.d.
        return ipaddress.IPv4Address(int(address))
    return address.ipv4_mapped or address.sixtofour


def _allowed_schemes() -> tuple[str, ...]:
    return ("https", "http") if store_settings().WEBHOOK_ALLOW_HTTP else ("https",)
