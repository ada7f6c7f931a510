"""How often a principal may ask."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from eventstore.models import ApiKey, TenantGrant

pytestmark = pytest.mark.django_db

EVENTS = "/api/v1/events/"


@pytest.fixture(autouse=True)
def _middle_of_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no window end while a test counts."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_010.0)


def test_the_limit_is_told_and_then_kept(
    key_client: Callable[..., APIClient], settings: Any
) -> None:
    settings.EVENTSTORE = {"API_RATE": "2/min"}
    client = key_client()
    for left in (1, 0):
        answer = client.get(EVENTS)
        assert answer.status_code == 200
        assert answer.headers["RateLimit-Policy"] == '"default";q=2;w=60'
        assert answer.headers["RateLimit"] == f'"default";r={left};t=50'
    refused = client.get(EVENTS)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "50"
    assert refused.headers["RateLimit"] == '"default";r=0;t=50'


def test_the_next_window_begins_anew(
    key_client: Callable[..., APIClient],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.EVENTSTORE = {"API_RATE": "1/min"}
    client = key_client()
    assert [client.get(EVENTS).status_code for _ in range(2)] == [200, 429]
    monkeypatch.setattr(time, "time", lambda: 1_800_000_060.0)
    assert client.get(EVENTS).status_code == 200


def test_each_principal_has_its_own_count(
    key_client: Callable[..., APIClient], settings: Any
) -> None:
    settings.EVENTSTORE = {"API_RATE": "1/min"}
    user = User.objects.create_user("ann")
    TenantGrant.objects.create(user=user, tenant_id="acme")
    ann = APIClient()
    ann.force_authenticate(user)
    for client in (key_client(), key_client(), ann):
        assert [client.get(EVENTS).status_code for _ in range(2)] == [200, 429]


def test_a_key_may_have_a_rate_of_its_own(
    key_client: Callable[..., APIClient], settings: Any
) -> None:
    settings.EVENTSTORE = {"API_RATE": ""}
    assert "RateLimit" not in key_client().get(EVENTS).headers
    client = key_client(rate="1/h")
    assert ApiKey.objects.filter(rate="1/h").exists()
    assert [client.get(EVENTS).status_code for _ in range(2)] == [200, 429]
    assert re.search(r"w=3600", client.get(EVENTS).headers["RateLimit-Policy"])


@pytest.mark.parametrize("tenants", [["acme"], []])
def test_what_is_refused_is_counted_too(
    key_client: Callable[..., APIClient], settings: Any, tenants: list[str]
) -> None:
    settings.EVENTSTORE = {"API_RATE": "2/min"}
    client = key_client(tenants=tenants)
    answers: list[Any] = [client.get("/api/v1/subscriptions/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]
    assert answers[0].headers["RateLimit"] == '"default";r=1;t=50'
