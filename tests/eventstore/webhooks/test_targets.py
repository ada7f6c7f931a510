from __future__ import annotations

import ipaddress
import socket

import pytest

from eventstore.exceptions import WebhookError
from eventstore.webhooks import targets
from eventstore.webhooks.targets import Target

INNER = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2001:0:7f00:1::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", INNER)
def test_private_loopback_link_local_and_metadata_addresses_are_inner(address):
    assert targets.is_inner(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"]
)
def test_public_addresses_are_not_inner(address):
    assert not targets.is_inner(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "0"],
)
def test_every_way_to_write_the_loopback_is_refused_after_it_was_resolved(host):
    target = targets.parse(f"https://{host}/")
    with pytest.raises(WebhookError, match="an address that is not public"):
        targets.addresses_of(target)


def names(monkeypatch, **hosts):
    """Have the resolver know these names, as a name server would answer."""
    real = socket.getaddrinfo

    def resolve(host, port, *args, **kwargs):
        if host not in hosts:
            return real(host, port, *args, **kwargs)
        answer = hosts[host].pop(0) if hosts[host] else []
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in answer
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_a_name_that_resolves_to_a_private_address_is_refused(monkeypatch):
    names(monkeypatch, inner=[["10.0.0.7"]])
    with pytest.raises(WebhookError, match="inner resolves to an address that is not"):
        targets.addresses_of(targets.parse("https://inner/"))


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    names(monkeypatch, mixed=[["8.8.8.8", "169.254.169.254"]])
    with pytest.raises(WebhookError, match="mixed resolves to an address that is not"):
        targets.addresses_of(targets.parse("https://mixed/"))


def test_public_addresses_are_returned_in_their_order(monkeypatch):
    names(monkeypatch, outside=[["8.8.8.8", "1.1.1.1", "8.8.8.8"]])
    found = targets.addresses_of(targets.parse("https://outside/"))
    assert found == ["8.8.8.8", "1.1.1.1"]


def test_an_unknown_name_is_an_error_of_the_endpoint():
    with pytest.raises(WebhookError, match=r"nowhere\.invalid cannot be resolved"):
        targets.addresses_of(targets.parse("https://nowhere.invalid/"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "https:///path",
        "https://user:pass@example.com/",
        "https://@example.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://[::1/",
        "https://exa mple.com/",
        "https://example.com/\r\nX: y",
        "https://exämple.com/",
        "https://example.com/" + "x" * 2048,
        "",
    ],
)
def test_a_url_that_may_not_be_called_is_refused(url):
    with pytest.raises(WebhookError):
        targets.parse(url)


def test_http_is_taken_where_the_setting_allows_it(settings):
    settings.EVENTSTORE = {"WEBHOOK_ALLOW_HTTP": True}
    assert targets.parse("http://example.com").port == 80


def test_a_url_is_taken_apart():
    assert targets.parse("https://Example.com:8443/a/b?c=d#e") == Target(
        "https", "example.com", 8443, "/a/b?c=d"
    )


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://example.com/", "example.com"),
        ("https://example.com:443/", "example.com"),
        ("https://example.com:8443/", "example.com:8443"),
        ("https://[2606:4700::1111]/", "[2606:4700::1111]"),
    ],
)
def test_the_host_header_names_the_port_only_where_it_is_unusual(url, authority):
    assert targets.parse(url).authority == authority
