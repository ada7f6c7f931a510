"""Endpoints themselves: added, looked up, pinged."""

from __future__ import annotations

import pytest

from eventstore.exceptions import WebhookError
from eventstore.webhooks import endpoints, subscribing

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("intranet"),
]


def test_a_ping_is_signed_and_can_be_sent_to_a_disabled_endpoint(receiver):
    endpoint, secret = subscribing.add("acme", receiver.url)
    endpoints.disable(endpoint.pk, "for now")
    attempt = subscribing.ping(endpoint.pk)
    assert attempt.status == 200
    assert receiver.requests[0].is_signed_with(secret)
    assert receiver.requests[0].event["type"] == "eventstore.WebhookPing"


@pytest.mark.parametrize(
    "act",
    [
        endpoints.get,
        endpoints.enable,
        endpoints.rotate,
        subscribing.ping,
        lambda number: endpoints.disable(number, "x"),
    ],
)
def test_an_endpoint_that_does_not_exist_is_an_error(act):
    with pytest.raises(WebhookError, match="There is no webhook 4711"):
        act(4711)


def test_another_tenants_endpoint_is_not_found(receiver):
    endpoint, _ = subscribing.add("acme", receiver.url)
    assert endpoints.get(endpoint.pk, "acme") == endpoint
    with pytest.raises(WebhookError):
        endpoints.get(endpoint.pk, "globex")


@pytest.mark.parametrize(
    ("tenant", "url", "fields"),
    [
        ("", "http://127.0.0.1/", {}),
        ("acme", "gopher://127.0.0.1/", {}),
        ("acme", "http://nowhere.invalid/", {}),
        ("acme", "http://127.0.0.1/", {"partitions": 0}),
        ("acme", "http://127.0.0.1/", {"partitions": 33}),
    ],
)
def test_what_cannot_be_used_is_not_added(tenant, url, fields):
    with pytest.raises(WebhookError):
        subscribing.add(tenant, url, **fields)
    assert not endpoints.listing().exists()


def test_an_inner_address_is_not_even_added(receiver, settings):
    settings.EVENTSTORE = {**settings.EVENTSTORE, "WEBHOOK_ALLOW_PRIVATE": False}
    with pytest.raises(WebhookError, match="an address that is not public"):
        subscribing.add("acme", receiver.url)
