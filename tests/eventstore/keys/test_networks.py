"""Where a request comes from."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from eventstore.keys.networks import client_address, is_within, parse_network


def address_of(remote: str = "10.0.0.1", forwarded: str | None = None) -> str:
    given: dict[str, Any] = {"REMOTE_ADDR": remote}
    if forwarded is not None:
        given["HTTP_X_FORWARDED_FOR"] = forwarded
    found = client_address(RequestFactory().get("/", **given))
    return str(found)


def test_without_trusted_proxies_the_header_is_not_read() -> None:
    assert address_of("192.0.2.1", "198.51.100.7") == "192.0.2.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (2, "198.51.100.7", "None"),
        (1, None, "None"),
        (1, "unknown", "None"),
        (1, "198.51.100.7:4711", "198.51.100.7"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
    ],
)
def test_what_a_client_wrote_itself_is_not_believed(
    settings: Any, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.EVENTSTORE = {"API_TRUSTED_PROXIES": proxies}
    assert address_of(forwarded=forwarded) == address


@pytest.mark.parametrize(
    ("remote", "networks", "outcome"),
    [
        ("192.0.2.77", ["192.0.2.0/24"], True),
        ("192.0.3.1", ["192.0.2.0/24", "192.0.3.1/32"], True),
        ("192.0.4.1", ["192.0.2.0/24"], False),
        ("::ffff:192.0.2.77", ["192.0.2.0/24"], True),
        ("2001:db8::7", ["2001:db8::/32"], True),
        ("2001:db9::7", ["2001:db8::/32", "0.0.0.0/0"], False),
        ("", ["0.0.0.0/0", "::/0"], False),
        ("", [], True),
    ],
)
def test_a_key_is_good_in_its_networks_alone(
    remote: str, networks: list[str], outcome: bool
) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=remote)
    assert is_within(request, networks) is outcome


def test_a_network_is_written_in_its_usual_form() -> None:
    assert parse_network(" 192.0.2.7 ") == "192.0.2.7/32"
    assert parse_network("2001:DB8::/32") == "2001:db8::/32"
    for text in ("192.0.2.7/24", "acme", "::ffff:192.0.2.0/120"):
        with pytest.raises(ValueError, match=r".+"):
            parse_network(text)
