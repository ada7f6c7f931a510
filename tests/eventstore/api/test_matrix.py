"""Who may do what over HTTP: each role at each address, in own and foreign tenants.

The addresses are those of the URLconf: one without a row here fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urljoin

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from rest_framework.test import APIClient

from eventstore import store
from eventstore.grants import may
from eventstore.keys import issuing
from eventstore.models import TenantGrant
from eventstore.roles import PERMISSIONS, Role
from tests.eventstore.api.test_permissions import OPEN, OTHERWISE, routes
from tests.factories import new_event

pytestmark = pytest.mark.django_db

OWN, FOREIGN, MISSING = "acme", "foreign", "missing"


@dataclass(frozen=True)
class Request:
    """One address and method.

    Attributes:
        permission: what it takes.
        path: with the tenant's name in the ids; below the API if it is relative.
        body: of the request, as it is sent.
        status: of the answer to those who may.
        names_tenant: whether it asks for something of one tenant.
    """

    permission: str
    path: str
    body: str | None = None
    status: int = 200
    names_tenant: bool = True
    media_type: str = "application/json"


def _event(tenant: str = "{t}") -> dict[str, Any]:
    return {
        "event_type": "RequirementCreated",
        "aggregate_type": "Requirement",
        "aggregate_id": f"{tenant}-new",
        "data": {},
    }


def _json(document: Any) -> str:
    return json.dumps(document).replace("{", "{{").replace("}", "}}")


REQUESTS = {
    "event-list get": Request("view_event", "events/?tenant={t}"),
    "event-list post": Request("append", "events/?tenant={t}", _json(_event("x")), 201),
    "event-detail get": Request("view_event", "events/{t}-2/"),
    "event-cause get": Request("view_event", "events/{t}-2/cause/"),
    "event-effects get": Request("view_event", "events/{t}-1/effects/"),
    "event-redactions get": Request("view_event", "events/{t}-2/redactions/"),
    "event-redactions post": Request(
        "redact", "events/{t}-2/redactions/", _json({"reason": "asked for"}), 201
    ),
    "aggregate-list get": Request("view_event", "aggregates/?tenant={t}"),
    "aggregate-detail get": Request("view_event", "aggregates/Requirement/{t}-R/"),
    "aggregate-events get": Request(
        "view_event", "aggregates/Requirement/{t}-R/events/"
    ),
    "aggregate-events post": Request(
        "append",
        "aggregates/Requirement/{t}-R/events/?tenant={t}",
        _json({"event_type": "RequirementApproved", "data": {}}),
        201,
    ),
    "aggregate-snapshots get": Request(
        "view_event", "aggregates/Requirement/{t}-R/snapshots/"
    ),
    "aggregate-state get": Request(
        "view_payload", "aggregates/Requirement/{t}-R/state/"
    ),
    "aggregate-diff get": Request(
        "view_payload", "aggregates/Requirement/{t}-R/diff/?from=1&to=2"
    ),
    "snapshot-list get": Request("view_event", "snapshots/?tenant={t}"),
    "snapshot-detail get": Request("view_event", "snapshots/{t}-S/"),
    "event-types get": Request("view_event", "event-types/?tenant={t}"),
    "migrations get": Request("view_event", "migrations/", names_tenant=False),
    "subscriptions get": Request("view_operations", "subscriptions/?tenant={t}"),
    "metrics get": Request("view_operations", "/metrics", names_tenant=False),
    "bulk-events get": Request("export", "bulk/events/?tenant={t}"),
    "bulk-events post": Request(
        "append",
        "bulk/events/?tenant={t}",
        _json({**_event("x"), "event_id": "x-1"}),
        media_type="application/x-ndjson",
    ),
}


def _of_the_urlconf() -> Iterator[str]:
    for route in routes():
        view: Any = getattr(route.callback, "cls", None)
        if route.callback.__name__ in OPEN or (view and view.__name__ in OTHERWISE):
            continue
        methods = getattr(route.callback, "actions", None) or [
            method
            for method in view.http_method_names
            if method != "options" and hasattr(view, method)
        ]
        for method in methods:
            if method != "head":
                yield f"{route.name} {method}"


def test_each_address_has_its_row_and_each_row_its_address() -> None:
    assert sorted(REQUESTS) == sorted(_of_the_urlconf())


@pytest.fixture
def _logs() -> None:
    for tenant in (OWN, FOREIGN):
        for number in (1, 2):
            event = new_event(
                event_id=f"{tenant}-{number}",
                aggregate_id=f"{tenant}-R",
                metadata={"causation_id": f"{tenant}-1"} if number > 1 else {},
            )
            store.append_event(event, tenant)
        store.record_snapshot(
            f"{tenant}-R", tenant, f"{tenant}-S", f"{tenant}-2", state={"n": 1}
        )


def client_of(kind: str, role: Role) -> APIClient:
    client = APIClient()
    if kind == "key":
        _, text = issuing.create("k", role=role, tenants=[OWN])
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client
    user = User.objects.create_user(f"{kind}-{role}")
    holder: dict[str, Any] = {"user": user}
    if kind == "group":
        holder = {"group": Group.objects.create(name=role)}
        user.groups.add(holder["group"])
    TenantGrant.objects.create(tenant_id=OWN, role=role, **holder)
    client.force_authenticate(user)
    return client


def ask(client: APIClient, name: str, tenant: str) -> tuple[int, bytes]:
    """Return status and body of the answer; what it stored is taken back."""
    request = REQUESTS[name]
    sent = None if request.body is None else request.body.format(t=tenant)
    with transaction.atomic():
        answer = client.generic(
            name.split()[1].upper(),
            urljoin("/api/v1/", request.path.format(t=tenant)),
            sent or "",
            content_type=request.media_type,
            headers={"X-Request-ID": "r-1"},
        )
        body = (
            answer.getvalue() if getattr(answer, "streaming", False) else answer.content
        )
        transaction.set_rollback(True)
    return answer.status_code, body.replace(tenant.encode(), b"TENANT")


@pytest.mark.usefixtures("_logs")
@pytest.mark.parametrize(
    ("kind", "role"),
    [
        *(("user", role) for role in Role),
        *product(("group", "key"), (Role.WRITER, Role.REDACTOR, Role.SECURITY)),
    ],
)
def test_a_role_does_what_it_may_in_its_tenant_and_finds_no_other(
    kind: str, role: Role, settings: Any
) -> None:
    settings.EVENTSTORE = {"API_RATE": ""}
    client = client_of(kind, role)
    for name, request in REQUESTS.items():
        allowed = request.permission in PERMISSIONS[role]
        status, body = ask(client, name, OWN)
        assert status == (request.status if allowed else 403), (name, body)

        if not request.names_tenant:
            continue
        foreign, missing = (ask(client, name, tenant) for tenant in (FOREIGN, MISSING))
        assert foreign == missing, name
        assert foreign[0] in ({404} if allowed else {403, 404}), (name, foreign)


@pytest.mark.usefixtures("_logs")
@pytest.mark.parametrize("kind", ["nobody", "stranger", "superuser", "revoked"])
def test_without_a_grant_nothing_is_done(kind: str) -> None:
    client = APIClient()
    if kind == "revoked":
        key, text = issuing.create("k", role="dpo", tenants=[OWN])
        issuing.revoke(key.prefix)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    elif kind == "superuser":
        client.force_authenticate(User.objects.create_superuser("root"))
    elif kind == "stranger":
        client.force_authenticate(User.objects.create_user("ann"))
    expected = 401 if kind in {"nobody", "revoked"} else 403
    for name in REQUESTS:
        for tenant in (OWN, FOREIGN, MISSING):
            assert ask(client, name, tenant)[0] == expected, name


@pytest.mark.usefixtures("_logs")
def test_scopes_take_from_a_key_what_its_role_gives(settings: Any) -> None:
    settings.EVENTSTORE = {"API_RATE": ""}
    for scope in ("view_event", "append", "export"):
        key, text = issuing.create("k", role="writer", tenants=[OWN], scopes=[scope])
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        for name, request in REQUESTS.items():
            allowed = may(key, request.permission, OWN)
            assert allowed is (request.permission == scope)
            status, body = ask(client, name, OWN)
            assert status == (request.status if allowed else 403), (name, body)
