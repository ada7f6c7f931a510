"""Each address asks for a permission; what grants do not show is hidden and named."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import IsAuthenticated
from rest_framework.test import APIClient

from eventstore import store
from eventstore.api.permissions import GrantedView, HasPermission
from eventstore.keys import issuing
from eventstore.models import TenantGrant
from eventstore.roles import Permission
from tests.factories import new_event

pytestmark = pytest.mark.django_db

#: Addresses that tell nothing of any event, and are open.
OPEN = {"problem_page", "unknown_address", "live"}
#: Views that have a rule of their own, and tell nothing of any event either.
OTHERWISE = {
    "SchemaView": (IsAuthenticated,),
    "SwaggerView": (IsAuthenticated,),
    "RedocView": (IsAuthenticated,),
    "ReadyView": (),
}


def routes() -> list[URLPattern]:
    """Return every route of the API and of its operations."""
    return [
        route
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver)
        and entry.namespace in {"eventstore-api", "eventstore-operations"}
        for route in entry.url_patterns
        if isinstance(route, URLPattern)
    ]


def client_of(role: str, tenant: str = "acme") -> APIClient:
    user = User.objects.create_user(role)
    TenantGrant.objects.create(user=user, tenant_id=tenant, role=role)
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_every_action_of_every_address_names_its_permission() -> None:
    for route in routes():
        if route.callback.__name__ in OPEN:
            continue
        view: Any = getattr(route.callback, "cls", None)
        assert view is not None, f"{route.pattern} is no view of the REST framework"
        assert issubclass(view, GrantedView), route.pattern
        if view.__name__ in OTHERWISE:
            assert view.permission_classes == OTHERWISE[view.__name__]
            continue
        assert view.permission_classes == (HasPermission,), route.pattern
        actions = getattr(route.callback, "actions", None) or {
            method: method for method in view.http_method_names if hasattr(view, method)
        }
        for action in set(actions.values()) - {"options"}:
            assert isinstance(view.needs.get(action), Permission), (
                f"{route.pattern}: {view.__name__}.needs lacks {action!r}"
            )


def test_an_action_that_names_no_permission_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from eventstore.api.viewsets import EventViewSet

    client = client_of("reader")
    assert client.get("/api/v1/events/").status_code == 200
    monkeypatch.setattr(EventViewSet, "needs", {})
    assert client.get("/api/v1/events/").status_code == 403


def test_a_key_is_told_whether_its_grants_or_its_scopes_do_not_allow_it() -> None:
    key, text = issuing.create(
        "k", role="reader", tenants=["acme"], scopes=["view_event"]
    )
    client = APIClient(headers={"Authorization": f"Bearer {text}"})
    for address in ("bulk/events/", "events/?tenant=acme&event_type=A&payload=/a=1"):
        answer = client.get(f"/api/v1/{address}")
        assert answer.status_code == 403
        assert "scopes of your key" in answer.json()["detail"]
    key.scopes = None
    key.save()
    assert client.get("/api/v1/bulk/events/").status_code == 200
    detail = client.get("/api/v1/subscriptions/").json()["detail"]
    assert detail.startswith("None of your grants gives you view_operations")


@pytest.fixture
def event() -> str:
    """The address of an event that says where it came from."""
    metadata = {"ip": "192.0.2.1", "reason": "R"}
    store.append_event(
        new_event(event_id="e-1", data={"n": 1}, metadata=metadata), "acme"
    )
    store.record_snapshot("R-1", "acme", "s-1", "e-1", state={"n": 1})
    return "/api/v1/events/e-1/"


def test_a_role_without_payloads_sees_that_they_are_hidden(event: str) -> None:
    client = client_of("security")
    body = client.get(event).json()
    assert body["data"] is None
    assert body["metadata"] == {"ip": None, "reason": "R"}
    assert body["hidden"] == ["/data", "/metadata/ip"]
    assert client.get("/api/v1/events/").json()["results"] == [body]
    history = client.get("/api/v1/aggregates/Requirement/R-1/events/")
    assert history.json()["results"] == [body]

    snapshot = client.get("/api/v1/snapshots/s-1/").json()
    assert (snapshot["state"], snapshot["hidden"]) == (None, ["/state"])


def test_a_reader_sees_payloads_without_what_is_personal(event: str) -> None:
    body = client_of("reader").get(event).json()
    assert body["data"] == {"n": 1}
    assert body["metadata"] == {"ip": None, "reason": "R"}
    assert body["hidden"] == ["/metadata/ip"]


def test_whoever_may_sees_all(event: str) -> None:
    body = client_of("dpo").get(event).json()
    assert body["metadata"]["ip"] == "192.0.2.1"
    assert body["hidden"] == []


def test_what_is_hidden_is_decided_tenant_by_tenant(event: str) -> None:
    store.append_event(new_event(data={"n": 2}), "globex")
    client = client_of("security")
    user = User.objects.get(username="security")
    TenantGrant.objects.create(user=user, tenant_id="globex", role="reader")

    rows = client.get("/api/v1/events/").json()["results"]
    assert {row["tenant_id"]: row["data"] for row in rows} == {
        "acme": None,
        "globex": {"n": 2},
    }


@pytest.mark.parametrize("name", ["a\0b", "\x00"])
def test_an_id_that_postgresql_cannot_hold_is_not_found(name: str) -> None:
    client = client_of("reader")
    assert client.get(f"/api/v1/events/{name}/").status_code == 404
    assert client.get(f"/api/v1/aggregates/Order/{name}/").status_code == 404
    assert client.get("/api/v1/events/", {"tenant": name}).status_code == 404
