from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse
from rest_framework.test import APIClient

from eventstore import event_migrations, store
from eventstore.api.operations.health import ReadyView
from eventstore.models import EventSubscription, EventWorker, TenantGrant
from tests.eventstore.conftest import Session
from tests.factories import new_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(ann: User, client: APIClient) -> APIClient:
    """Ann, who sees operations in acme and no payloads."""
    TenantGrant.objects.filter(user=ann).update(role="platform_admin")
    return client


@pytest.fixture
def partitions() -> None:
    for tenant in ("", "acme", "foreign"):
        EventSubscription.objects.create(
            tenant_id=tenant, name=f"of-{tenant or 'all'}", last_error="KeyError: hush"
        )


@pytest.mark.usefixtures("partitions")
def test_subscriptions_are_told_but_those_of_foreign_tenants(
    operator: APIClient,
) -> None:
    store.append_event(new_event(), "acme")
    rows = operator.get("/api/v1/subscriptions/").json()["results"]
    assert [row["name"] for row in rows] == ["of-all", "of-acme"]
    assert [row["waiting"] for row in rows] == [1, 1]
    assert [row["last_error"] for row in rows] == ["", "KeyError: hush"]
    assert operator.get("/api/v1/subscriptions/?tenant=foreign").status_code == 404


@pytest.mark.parametrize("address", ["/api/v1/subscriptions/", "/metrics"])
def test_operations_are_for_those_who_may_see_them(
    client: APIClient, address: str
) -> None:
    assert APIClient().get(address).status_code == 401
    assert client.get(address).status_code == 403


def samples(text: str, parser: Any) -> dict[Any, float]:
    return {
        (sample.name, sample.labels.get("subscription")): sample.value
        for family in parser(text)
        for sample in family.samples
    }


@pytest.mark.usefixtures("partitions")
@pytest.mark.parametrize(
    ("accept", "parser", "total"),
    [
        ("text/plain;version=0.0.4", parse, "_total"),
        ("*/*", parse, "_total"),
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3,*/*;q=0.2",
            parse_openmetrics,
            "_total",
        ),
    ],
)
def test_metrics_are_read_by_the_parsers_of_prometheus(
    operator: APIClient, accept: str, parser: Any, total: str
) -> None:
    stored = store.append_event(new_event(), "acme")
    answer = operator.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    found = samples(answer.content.decode(), parser)
    assert found[f"eventstore_position{total}", None] == stored.position
    assert found["eventstore_subscription_waiting", "of-all"] == 1
    assert found["eventstore_subscription_running", "of-acme"] == 1
    assert ("eventstore_subscription_waiting", "of-foreign") not in found
    assert found["eventstore_workers", None] == 0
    assert b"hush" not in answer.content


@pytest.mark.django_db(transaction=True)
def test_metrics_show_who_holds_the_log_back(
    operator: APIClient, session: Session
) -> None:
    session.begin()
    session.run(store.append_event, new_event(), "acme")
    found = samples(operator.get("/metrics").content.decode(), parse)
    session.roll_back()
    assert found["eventstore_open_appends", None] == 1
    assert found["eventstore_stable_position_lag", None] == 1
    assert found["eventstore_open_append_seconds", None] > 0


def test_life_asks_nobody(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = APIClient().get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readiness_is_terse_for_strangers_and_not_for_operators(
    client: APIClient, operator: APIClient
) -> None:
    EventWorker.objects.create(
        owner="w-1",
        started_at="2026-01-01T00:00:00Z",
        alive_until="2100-01-01T00:00:00Z",
    )
    assert APIClient().get("/health/ready").json() == {"status": "ok"}
    body = operator.get("/health/ready").json()
    assert body["checks"] == {"database": True, "migrations": True}
    assert body["workers"]["alive"] == 1


def test_a_migration_that_was_not_applied_is_not_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ReadyView, "is_migrated", False)
    newest = MigrationRecorder.Migration.objects.filter(app="eventstore").latest("name")
    newest.delete()
    answer = APIClient().get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_not_ready_and_no_secret_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    answer = APIClient().get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


def test_types_are_listed_by_tenant_with_their_first_and_last_event(
    client: APIClient, ann: User
) -> None:
    TenantGrant.objects.create(user=ann, tenant_id="beta")
    stored = [
        store.append_event(new_event(name, event_version=version), tenant)
        for name, version, tenant in (
            ("Born", "v1", "acme"),
            ("Born", "v2", "acme"),
            ("Aged", "v1", "acme"),
            ("Born", "v1", "beta"),
            ("Secret", "v1", "foreign"),
        )
    ]
    rows = client.get("/api/v1/event-types/").json()["results"]
    assert [(row["tenant_id"], row["event_type"]) for row in rows] == [
        ("acme", "Aged"),
        ("acme", "Born"),
        ("beta", "Born"),
    ]
    born = rows[1]
    assert born["first"]["position"] == stored[0].position
    assert born["last"]["position"] == stored[1].position
    assert (born["first"]["event_version"], born["last"]["event_version"]) == (
        "v1",
        "v2",
    )
    address = "/api/v1/event-types/?page_size=1"
    paged = []
    while address:
        body = client.get(address).json()
        paged += body["results"]
        address = body["next"]
    assert paged == rows


def test_migrations_are_listed_by_type(client: APIClient) -> None:
    event_migrations.register_migration("Zed", "v1", "v2", lambda data: data)
    try:
        rows = client.get("/api/v1/migrations/").json()["results"]
    finally:
        del event_migrations._steps["Zed"]
    assert {"event_type": "Zed", "from_version": "v1", "to_version": "v2"} in rows
