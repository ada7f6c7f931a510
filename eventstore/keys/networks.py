"""Where a request comes from, and whether a key may come from there."""

from __future__ import annotations

import re
from ipaddress import (
    IPv4Address,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TYPE_CHECKING

from eventstore.conf import store_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

#: Some proxies write the port of the client too.
_PORT = re.compile(r"(?:\[(?P<v6>[^]]+)\]|(?P<v4>[0-9.]+)):\d+|\[(?P<bare>[^]]+)\]")


def parse_network(text: str) -> str:
    """Return ``text`` in its usual form; a single address is a network of one.

    Raises:
        ValueError: it is no network; the message says why.
    """
    network = ip_network(text.strip())
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped:
        raise ValueError(f"{text!r} is an IPv4 network written as IPv6: use IPv4.")
    return str(network)


def client_address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Return the address that ``request`` comes from, ``None`` when nobody knows.

    ``REMOTE_ADDR``, or with ``API_TRUSTED_PROXIES`` proxies the entry of
    ``X-Forwarded-For`` that the outermost of them wrote: counted from the right, for
    what stands further left, a client can have written itself.
    """
    proxies = store_settings().API_TRUSTED_PROXIES
    if not proxies:
        return _parse(request.META.get("REMOTE_ADDR") or "")
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return _parse(hops[-proxies]) if len(hops) >= proxies else None


def is_within(request: HttpRequest, networks: Iterable[str]) -> bool:
    """Return whether ``request`` comes from one of ``networks``; none, no limit."""
    wanted = [ip_network(network) for network in networks]
    if not wanted:
        return True
    address = client_address(request)
    return address is not None and any(address in network for network in wanted)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip()
    found = _PORT.fullmatch(text)
    if found is not None:
        text = found["v6"] or found["v4"] or found["bare"]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A server that listens on both writes IPv4 clients as ::ffff:192.0.2.1.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
