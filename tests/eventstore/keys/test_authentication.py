"""Keys over HTTP: what opens, and that all refusals look the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from eventstore import store
from eventstore.keys import issuing
from eventstore.keys.tokens import Token
from eventstore.models import ApiKey, TenantGrant
from tests.eventstore.keys.conftest import client_with
from tests.factories import new_event

pytestmark = pytest.mark.django_db

EVENTS = "/api/v1/events/"


def test_a_key_opens_what_it_is_granted(key_client: Callable[..., APIClient]) -> None:
    store.append_event(new_event(event_id="e-1"), "acme")
    store.append_event(new_event(event_id="e-2"), "foreign")
    client = key_client()
    rows = client.get(EVENTS).json()["results"]
    assert [row["event_id"] for row in rows] == ["e-1"]
    assert client.get(f"{EVENTS}e-2/").status_code == 404


def test_every_key_that_opens_nothing_is_refused_alike() -> None:
    key, text = issuing.create("good", role="reader", tenants=["acme"])
    answers = [client_with(Token.new().text).get(EVENTS)]
    answers.append(client_with(Token.new(key.prefix).text).get(EVENTS))
    answers.append(client_with(text[:-1]).get(EVENTS))
    for change in (
        {"revoked_at": timezone.now()},
        {"revoked_at": None, "expires_at": timezone.now()},
        {"expires_at": None, "networks": ["198.51.100.0/24"]},
    ):
        ApiKey.objects.update(**change)
        answers.append(client_with(text).get(EVENTS))
    bodies = set()
    for answer in answers:
        assert answer.status_code == 401
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge.startswith('Bearer realm="eventstore", error="invalid_token"')
        body = answer.json()
        body.pop("request_id", None)
        bodies.add(str(body))
    assert len(bodies) == 1
    ApiKey.objects.update(networks=[])
    assert client_with(text).get(EVENTS).status_code == 200


def test_the_refusals_take_the_same_queries() -> None:
    key, text = issuing.create("good", role="reader", tenants=["acme"])
    counts = []
    for given in (Token.new().text, Token.new(key.prefix).text, text):
        ApiKey.objects.update(revoked_at=timezone.now())
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client_with(given).get(EVENTS)
        counts.append(len(queries))
    assert counts == [1, 1, 1]


def test_both_secrets_are_good_until_the_former_one_lapses() -> None:
    key, former = issuing.create("rotating", role="reader", tenants=["acme"])
    fresh = issuing.rotate(key.prefix, overlap=timedelta(hours=1))
    for text in (former, fresh):
        assert client_with(text).get(EVENTS).status_code == 200
    ApiKey.objects.update(former_expires_at=timezone.now())
    assert client_with(former).get(EVENTS).status_code == 401
    assert client_with(fresh).get(EVENTS).status_code == 200


def test_the_secret_before_the_former_one_ends_at_once() -> None:
    key, first = issuing.create("rotating", role="reader", tenants=["acme"])
    for _ in range(2):
        issuing.rotate(key.prefix, overlap=timedelta(hours=1))
    assert client_with(first).get(EVENTS).status_code == 401


def test_other_bearer_tokens_are_left_to_the_host() -> None:
    answer = client_with("somebody-elses-token").get(EVENTS)
    assert answer.status_code == 401
    assert "invalid_token" not in answer.headers["WWW-Authenticate"]
    assert "Basic" in answer.headers["WWW-Authenticate"]


def test_a_key_is_no_user_of_the_host() -> None:
    key, text = issuing.create("same number", role="reader", tenants=["acme"])
    user = User.objects.create_user("ann", id=key.pk)
    TenantGrant.objects.create(user=user, tenant_id="globex")
    answer = client_with(text).get(f"{EVENTS}?tenant=globex")
    assert answer.status_code == 404
    principal = answer.wsgi_request.user
    assert principal.pk is None
    assert not principal.has_perm("eventstore.view_storedevent")


def test_a_key_is_noted_once_a_minute(
    django_capture_on_commit_callbacks: Any,
) -> None:
    key, text = issuing.create("used", role="reader", tenants=["acme"])

    def use() -> Any:
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            assert client_with(text).get(EVENTS).status_code == 200
        key.refresh_from_db()
        return key.last_used_at, len(callbacks)

    first, _ = use()
    assert timezone.now() - first < timedelta(minutes=1)
    assert use() == (first, 0)
    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    again, _ = use()
    assert again > first


def test_a_former_secret_in_use_is_seen(
    django_capture_on_commit_callbacks: Any,
) -> None:
    key, former = issuing.create("rotating", role="reader", tenants=["acme"])
    issuing.rotate(key.prefix, overlap=timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        client_with(former).get(EVENTS)
    key.refresh_from_db()
    assert key.former_used_at is not None
    assert key.last_used_at is None


def test_a_session_still_needs_its_csrf_token_where_a_key_needs_none() -> None:
    user = User.objects.create_user("ann", password="secret")
    TenantGrant.objects.create(user=user, tenant_id="acme", role="writer")
    _, text = issuing.create("writer", role="writer", tenants=["acme"])
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post(EVENTS, {}, format="json").status_code == 403
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    assert client.post(EVENTS, {}, format="json").status_code != 403
