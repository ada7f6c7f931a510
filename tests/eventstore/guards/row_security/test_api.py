"""The REST API on a walled database: a forgotten filter shows nothing of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from eventstore import sql, store
from eventstore.api.viewsets import EventViewSet
from eventstore.conf import store_settings
from eventstore.models import StoredEvent, TenantGrant
from tests.eventstore.guards.conftest import World
from tests.eventstore.guards.row_security.test_scopes import seen, setting
from tests.factories import new_event


@pytest.fixture(autouse=True)
def _as_application(db: None, walled: World) -> Iterator[None]:
    with walled.store():
        yield


@pytest.fixture
def ann() -> User:
    """Writer of two tenants, one of them with a name that breaks lists."""
    user = User.objects.create_user("ann")
    for tenant in ("initech", "a,b"):
        TenantGrant.objects.create(user=user, tenant_id=tenant, role="writer")
        TenantGrant.objects.create(user=user, tenant_id=tenant, role="reader")
        TenantGrant.objects.create(user=user, tenant_id=tenant, role="auditor")
    return user


@pytest.fixture
def client(ann: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(ann)
    return client


def tenants_in(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["tenant_id"] for row in answer.json()["results"]}


@pytest.mark.parametrize("resource", ["events", "aggregates", "snapshots"])
def test_lists_show_the_caller_s_tenants(client: APIClient, resource: str) -> None:
    found = tenants_in(client.get(f"/api/v1/{resource}/"))
    assert found == {"initech", "a,b"}


def test_one_tenant_can_be_chosen(client: APIClient) -> None:
    assert tenants_in(client.get("/api/v1/events/?tenant=a,b")) == {"a,b"}


def test_a_single_event_and_a_history_are_found(client: APIClient) -> None:
    [event] = client.get("/api/v1/events/?tenant=a,b").json()["results"]
    assert client.get(event["url"]).json()["event_id"] == event["event_id"]
    history = client.get("/api/v1/aggregates/Note/note-1/events/?tenant=a,b")
    assert len(history.json()["results"]) == 1


def test_a_foreign_event_is_not_found(client: APIClient, walled: World) -> None:
    with walled.superuser() as cursor:
        cursor.execute(
            "SELECT event_id FROM stored_domain_events WHERE tenant_id = 'globex'"
        )
        [(event_id,)] = cursor.fetchall()
    assert client.get(f"/api/v1/events/{event_id}/").status_code == 404


def test_an_append_is_stored(client: APIClient, walled: World) -> None:
    answer = client.post(
        "/api/v1/events/?tenant=a,b",
        {
            "event_type": "Added",
            "aggregate_type": "Sum",
            "aggregate_id": "over-http",
            "data": {},
        },
        format="json",
    )
    assert answer.status_code == 201, answer.content
    with walled.superuser(autocommit=True) as cursor:
        cursor.execute(
            "SELECT tenant_id FROM event_aggregates WHERE aggregate_id = 'over-http'"
        )
        assert cursor.fetchall() == [("a,b",)]


def test_a_streamed_download_reads_in_scopes_of_its_own(client: APIClient) -> None:
    answer = client.get("/api/v1/bulk/events/")
    lines = [json.loads(line) for line in b"".join(answer).splitlines()]
    assert {line["tenant_id"] for line in lines} == {"initech", "a,b"}


def test_a_bulk_upload_is_stored_in_its_tenant(
    client: APIClient, walled: World
) -> None:
    line = {
        "event_id": "uploaded-1",
        "event_type": "Added",
        "aggregate_type": "Sum",
        "aggregate_id": "in-bulk",
        "data": {},
    }
    answer = client.post(
        "/api/v1/bulk/events/?tenant=a,b",
        json.dumps(line) + "\n",
        content_type="application/x-ndjson",
    )
    assert answer.status_code == 200, answer.content
    with walled.superuser(autocommit=True) as cursor:
        cursor.execute(
            "SELECT tenant_id FROM event_aggregates WHERE aggregate_id = 'in-bulk'"
        )
        assert cursor.fetchall() == [("a,b",)]


def test_a_redaction_is_recorded(client: APIClient) -> None:
    tenant = "redacted in the scope"
    TenantGrant.objects.create(
        user=User.objects.get(username="ann"), tenant_id=tenant, role="redactor"
    )
    event = store.append_event(new_event(), tenant)
    address = f"/api/v1/events/{event.event_id}/redactions/"
    answer = client.post(address, {"reason": "asked for"}, format="json")
    assert answer.status_code == 201, answer.content
    assert len(client.get(address).json()["results"]) == 1


class Forgetful(EventViewSet):
    """A view whose author forgot the tenant, in each of the ways that there are."""

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        match request.query_params["past"]:
            case "models":
                alias = store_settings().DATABASE
                rows = StoredEvent.objects.using(alias)
                return Response(sorted(rows.values_list("tenant_id", flat=True)))
            case "statements":
                found = sql.fetch_all("feed_news", _EVERYTHING)
                return Response(sorted({row[2] for row in found}))
            case "containment":
                found = sql.fetch_all("contains", _EVERYTHING | {"contained": "{}"})
                return Response(len(found))
            case "append":
                store.append_event(new_event(), "globex")
        raise AssertionError


_EVERYTHING = {
    "tenants": ["globex", "initech", 'say "hi"'],
    "after": 0,
    "up_to": 10_000,
    "limit": 1000,
}


def forget(user: User, way: str) -> HttpResponse:
    request = APIRequestFactory().get("/", {"past": way})
    force_authenticate(request, user)
    answer: HttpResponse = Forgetful.as_view({"get": "list"})(request)
    return answer


@pytest.mark.parametrize(
    ("way", "shown"),
    [
        ("models", {"initech", "a,b"}),
        ("statements", {"initech"}),
    ],
)
def test_a_view_that_forgets_the_tenant_shows_nothing_of_others(
    ann: User, way: str, shown: set[str]
) -> None:
    assert set(forget(ann, way).data) == shown  # type: ignore[attr-defined]  # a Response


def test_containment_without_a_filter_finds_nothing_of_others(ann: User) -> None:
    own = len(store_events("initech"))
    assert forget(ann, "containment").data == own  # type: ignore[attr-defined]  # as above


def store_events(tenant: str) -> list[Any]:
    from eventstore.tenancy import scoped

    with scoped({tenant}):
        return list(store.get_events_after(tenant, 0))


def test_a_view_that_appends_to_another_tenant_is_refused(ann: User) -> None:
    assert forget(ann, "append").status_code >= 400
    assert [event.event_type for event in store_events("globex")] == ["Noted"]


def test_after_an_answer_the_connection_has_no_scope(client: APIClient) -> None:
    for address in ("/api/v1/events/", "/api/v1/events/none/", "/api/v1/none/"):
        client.get(address)
        assert not setting()
        assert seen() == set()
