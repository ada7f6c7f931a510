"""People with grants, and requests of theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from eventstore import redaction, store
from eventstore.models import RedactionRequest, RedactionStep, TenantGrant
from eventstore.roles import Role
from eventstore.types import StoredDomainEvent
from tests.factories import new_event

TENANT = "acme"


def person(name: str, *roles: Role, tenant: str = TENANT, **more: Any) -> User:
    """Make a user with grants of their own."""
    user = User.objects.create(username=name, **more)
    for role in roles:
        TenantGrant.objects.create(user=user, tenant_id=tenant, role=role)
    return user


@pytest.fixture
def officer(db: None) -> User:
    """Somebody who may request."""
    return person("vera", Role.PRIVACY_OFFICER, first_name="Vera", last_name="Lind")


@pytest.fixture
def dpo(db: None) -> User:
    """Somebody who may approve."""
    return person("otto", Role.DPO)


@pytest.fixture
def events(db: None) -> list[StoredDomainEvent]:
    """Three events about a customer."""
    return [
        store.append_event(
            new_event("CustomerMoved", data={"name": "Ingrid", "city": city}), TENANT
        )
        for city in ("Bergen", "Oslo", "Moss")
    ]


@pytest.fixture
def drafted(
    officer: User, events: list[StoredDomainEvent]
) -> Callable[..., RedactionRequest]:
    """Make a draft of all three."""

    def run(user: User = officer, **more: Any) -> RedactionRequest:
        positions = [event.position for event in events]
        return redaction.draft(user, positions, reason="erasure", **more)

    return run


@pytest.fixture
def submitted(
    officer: User, dpo: User, drafted: Callable[..., RedactionRequest]
) -> RedactionRequest:
    """A request that waits for its approval."""
    request = drafted()
    redaction.submit(officer, request)
    return request


def fresh(request: RedactionRequest) -> RedactionRequest:
    """Return the request as the database has it now."""
    return RedactionRequest.objects.get(pk=request.pk)


def last_of(request: RedactionRequest) -> RedactionStep:
    """Return the newest line of the timeline."""
    return list(request.steps.all())[-1]


def payloads(events: list[StoredDomainEvent]) -> list[Any]:
    """Return what the events hold now."""
    return [store.get_event(event.event_id, TENANT).data for event in events]
